//! The real program on a real file system, killed at random moments while commands stream in.
//!
//! After each restart the till must stand where its last answer left it, or one command further: what was in flight has happened
//! wholly or not at all. The seed is printed; `TROLLEY_KILL_SEED` runs one again, `TROLLEY_KILLS` sets how many kills: at most some three
//! thousand, since `receipts` lists a thousand for each of the tills.
#![allow(clippy::disallowed_methods, reason = "the test runs the program, waits a random while, and takes its seed from outside")]

#[path = "../common/mod.rs"]
mod common;
mod model;

use std::{
    env,
    hash::{BuildHasher as _, Hasher as _, RandomState},
    path::Path,
    thread,
    time::Duration,
};

use serde_json::Value;

use common::{Till, path};
use model::{Model, Seen};

/// How many tills are killed side by side, each on a folder of its own.
const TILLS: u64 = 4;
/// How often in all, unless the environment says otherwise.
const KILLS: u64 = 600;
/// The most commands that are on their way at once.
const STREAM_MAX: u64 = 40;
/// The longest time from the first command to the kill.
const ALIVE_US_MAX: u64 = 50_000;
/// The same, where the stream comes before the till is up.
const BIRTH_US_MAX: u64 = 90_000;

/// Small and seeded: xorshift64*.
pub struct Dice(u64);

impl Dice {
    /// A number below `limit`.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % limit
    }
}

/// What a run met, so that a run that met nothing does not pass for a proof.
#[derive(Debug, Default)]
struct Met {
    kills: u64,
    sales: usize,
    refunds: usize,
    cards: usize,
    in_flight_done: u64,
    in_flight_undone: u64,
    open_sales: u64,
}

fn number(name: &str) -> Option<u64> {
    env::var(name).ok()?.parse().ok()
}

#[test]
fn no_kill_loses_doubles_or_halves_anything() {
    let seed = number("TROLLEY_KILL_SEED").unwrap_or_else(|| RandomState::new().build_hasher().finish() >> 16);
    let kills = number("TROLLEY_KILLS").unwrap_or(KILLS).div_ceil(TILLS);
    eprintln!("TROLLEY_KILL_SEED={seed}");
    let mets: Vec<Met> = thread::scope(|scope| {
        let tills: Vec<_> =
            (1..=TILLS).map(|till| scope.spawn(move || kill_one(Dice(seed.wrapping_mul(31).wrapping_add(till) | 1), kills))).collect();
        tills.into_iter().map(|till| till.join().unwrap_or_else(|_| panic!("TROLLEY_KILL_SEED={seed} failed"))).collect()
    });
    let sum = |count: fn(&Met) -> u64| mets.iter().map(count).sum::<u64>();
    eprintln!("{mets:#?}");
    assert!(sum(|met| met.kills) >= kills * TILLS);
    if kills * TILLS >= KILLS {
        for (what, count) in [
            ("a command that was carried out but not answered", sum(|met| met.in_flight_done)),
            ("a command that was sent and not carried out", sum(|met| met.in_flight_undone)),
            ("an open sale that came back", sum(|met| met.open_sales)),
            ("a sale", sum(|met| met.sales as u64)),
            ("a refund", sum(|met| met.refunds as u64)),
            ("a card payment", sum(|met| met.cards as u64)),
        ] {
            assert!(count > 0, "no kill met {what}");
        }
    }
}

/// Kills one till again and again.
fn kill_one(mut dice: Dice, kills: u64) -> Met {
    let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let mut till = Till::demo(dir.path());
    till.ready_to_sell();
    till.kill();
    let mut met = Met { kills: 1, ..Met::default() };
    let mut model = Model::default();
    let mut next: Option<Model> = None;
    while met.kills < kills {
        let mut till = Till::demo(dir.path());
        model = compare(&mut till, model, next.take(), &mut met);
        settle_paper(&mut till, &mut dice);
        let at_birth = dice.below(5) == 0;
        if at_birth {
            till.kill();
            met.kills += 1;
            till = Till::demo(dir.path());
        }
        next = stream(&mut till, &mut model, &mut dice, if at_birth { BIRTH_US_MAX } else { ALIVE_US_MAX });
        met.kills += 1;
    }
    let mut till = Till::demo(dir.path());
    let model = compare(&mut till, model, next, &mut met);
    whole_journal(&mut till, &model);
    assert_eq!(model.taken_by_card_minor(), taken_by_the_terminal(dir.path()), "the till sold by card what the terminal took");
    met.sales = model.count("sale");
    met.refunds = model.count("refund") + model.count("void");
    met.cards = model.cards();
    till.end();
    met
}

/// Streams commands, kills the till at a random moment, and takes in every answer that it gave.
/// What comes back is how things stand if the command in flight was carried out too.
fn stream(till: &mut Till, model: &mut Model, dice: &mut Dice, alive_us_max: u64) -> Option<Model> {
    let mut planned = model.clone();
    let mut states = Vec::new();
    let mut lines = Vec::new();
    for _ in 0..=dice.below(STREAM_MAX) {
        lines.push(planned.act(dice));
        states.push(planned.clone());
    }
    // The lines fit into the pipe, so this does not wait for the till.
    for line in &lines {
        till.tell(line.as_bytes());
    }
    thread::sleep(Duration::from_micros(dice.below(alive_us_max)));
    till.kill();
    let mut answered = 0;
    while let Some(answer) = till.answer() {
        assert!(answer["ok"].is_object(), "{}: {answer}", lines[answered]);
        states[answered].check_answer(&answer["ok"], &lines[answered]);
        let seq = answer["ok"]["seq"].as_u64();
        let is_payment = answer["ok"]["receipt_no"].is_u64() && answer["ok"]["total"].is_string();
        for state in states.iter_mut().skip(answered).filter(|_| is_payment) {
            state.acknowledge(answer["ok"]["receipt_no"].as_u64(), seq);
        }
        answered += 1;
    }
    if answered > 0 {
        *model = states[answered - 1].clone();
    }
    states.get(answered).cloned()
}

/// The till stands where its last answer left it, or after the command in flight, and nowhere else.
fn compare(till: &mut Till, answered: Model, in_flight: Option<Model>, met: &mut Met) -> Model {
    let status = till.status_until("what was under way is settled", |status| status["card"].is_null() && status["control"].is_null());
    assert_eq!(status["store"], "whole", "a kill damages nothing: {status}");
    let receipts = till.ok("receipts")["receipts"].clone();
    let seen = Seen::of(&status, &receipts);
    let verified = till.ok("verify");
    assert_eq!(verified["entries"], status["seq"]);
    assert_eq!(verified["receipts"].as_u64(), Some(seen.receipts.len() as u64));
    met.open_sales += u64::from(seen.open.is_some());
    let Some(next) = in_flight else {
        assert!(answered.matches(&seen), "the till shows\n{seen:#?}\nits answers said\n{answered:#?}");
        return answered.learn(&seen);
    };
    match (answered.matches(&seen), next.matches(&seen)) {
        (false, false) => panic!("the till shows\n{seen:#?}\nits answers said\n{answered:#?}\nor in flight\n{next:#?}"),
        (true, false) => {
            met.in_flight_undone += 1;
            answered.learn(&seen)
        }
        (is_same, true) => {
            met.in_flight_done += u64::from(!is_same);
            next.learn(&seen)
        }
    }
}

/// The crew answers what the till asks about paper that was on its way.
fn settle_paper(till: &mut Till, dice: &mut Dice) {
    let doubted = till.ok("status")["paper"]["doubted"].clone();
    for job in doubted.as_array().expect("a list") {
        till.ok(&format!("paper {job} {}", if dice.below(3) == 0 { "no" } else { "yes" }));
    }
}

/// The journal from its first entry: places unbroken, receipts numbered from 1, each there once.
fn whole_journal(till: &mut Till, model: &Model) {
    let mut entries: Vec<Value> = Vec::new();
    loop {
        let page = till.ok(&format!("journal {}", entries.len() + 1))["entries"].clone();
        let page = page.as_array().expect("a list").clone();
        if page.is_empty() {
            break;
        }
        entries.extend(page);
    }
    let places: Vec<u64> = entries.iter().filter_map(|entry| entry["seq"].as_u64()).collect();
    assert_eq!(places, (1..=entries.len() as u64).collect::<Vec<_>>());
    let closed: Vec<u64> =
        entries.iter().filter(|entry| entry["kind"] == "SaleClosed").filter_map(|entry| entry["fact"]["receipt_no"].as_u64()).collect();
    assert_eq!(closed, (1..=model.receipts.len() as u64).collect::<Vec<_>>(), "receipt numbers are unbroken from 1");
}

/// What the simulated terminal took in all, less what it gave back, by its own memory.
fn taken_by_the_terminal(dir: &Path) -> i64 {
    let memory = std::fs::read_to_string(format!("{}/simulated-terminal", path(dir))).unwrap_or_default();
    let approved = memory.lines().map(|line| line.split(' ').collect::<Vec<_>>()).filter(|words| words[3] == "true");
    approved.map(|words| words[1].parse::<i64>().expect("an amount")).sum()
}
