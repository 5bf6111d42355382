use super::*;
use crate::{error::Failure, talk::Talk};

const TIMES: Times = Times {
    write: 1_200,
    rescue: 300,
    boot: 300,
    self_test: 200,
    insert: 100,
    fetch: 600,
    swap: 900,
    look: 300,
    confirm: 200,
    unsent_per_mille: 250,
};

fn plan(units: u32, people: u32, readers: u32) -> Plan {
    Plan { units, people, readers, open: 4, times: TIMES }
}

#[test]
fn one_person_with_one_unit_takes_every_step_one_after_another() {
    let alone = Plan { times: Times { unsent_per_mille: 0, ..TIMES }, ..plan(1, 1, 1) };
    let outcome = alone.run();
    // In, write, out, fetch and swap, boot and test, look, confirm.
    assert_eq!(outcome.end, 100 + 1_200 + 100 + 1_500 + 500 + 300 + 200);
    assert_eq!(outcome.confirmed, 1);
}

#[test]
fn the_end_is_never_before_what_hands_and_readers_need() {
    for (units, people, readers) in [(1, 1, 1), (7, 3, 2), (50, 4, 1), (50, 4, 8), (800, 20, 4)] {
        let outcome = plan(units, people, readers).run();
        let hands = u64::from(units) * (2 * 100 + 1_500 + 300 + 200) + u64::from(outcome.rescued) * 200;
        let reading = u64::from(units) * 1_200 + u64::from(outcome.rescued) * 300;
        assert!(outcome.end * u64::from(people) >= hands, "{units} units by {people}");
        assert!(outcome.end * u64::from(people * readers) >= reading, "{units} units by {people}");
        assert_eq!(outcome.confirmed, units);
        assert_eq!(outcome.rescued, units / 4, "a quarter of the old cards hold unsent sales");
        assert!(outcome.hands_per_mille <= 1_000 && outcome.readers_per_mille <= 1_000);
        assert!(outcome.half <= outcome.end);
    }
}

#[test]
fn more_people_and_more_readers_are_never_slower_by_more_than_a_unit() {
    let a_unit = 4_000;
    for people in 1..12 {
        assert!(plan(120, people + 1, 2).run().end <= plan(120, people, 2).run().end + a_unit);
    }
    for readers in 1..6 {
        assert!(plan(120, 4, readers + 1).run().end <= plan(120, 4, readers).run().end + a_unit);
    }
}

#[test]
fn with_one_reader_the_readers_are_the_narrow_place_and_with_eight_the_hands_are() {
    let slow_cards = |readers| Plan { times: Times { write: 6_000, ..TIMES }, ..plan(200, 5, readers) };
    let narrow = slow_cards(1).run();
    assert!(narrow.readers_per_mille > 900 && narrow.hands_per_mille < 600, "{narrow:?}");
    let wide = slow_cards(8).run();
    assert!(wide.hands_per_mille > 900, "{wide:?}");
    assert!(wide.end < narrow.end);
}

#[test]
fn the_same_plan_gives_the_same_hours() {
    assert_eq!(plan(313, 7, 3).run(), plan(313, 7, 3).run());
}

#[test]
fn unsent_sales_are_spread_as_asked() {
    for per_mille in [0, 1, 250, 999, 1_000] {
        let count = (1..=1_000).filter(|unit| has_unsent(*unit, per_mille)).count();
        assert_eq!(count, per_mille as usize);
    }
}

/// Keeps what is said.
#[derive(Default)]
struct Heard(Vec<String>);

impl Talk for Heard {
    fn say(&mut self, line: &str) {
        self.0.push(line.to_owned());
    }

    fn ask(&mut self, _: &str) -> Result<String, Failure> {
        Err(Failure::NotSigned)
    }

    fn ask_hidden(&mut self, _: &str) -> Result<String, Failure> {
        Err(Failure::NotSigned)
    }

    fn now_s(&self) -> i64 {
        0
    }
}

#[test]
fn measured_times_are_taken_and_nonsense_is_refused_by_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("times.json");
    let run = |json: &str, words: &[&str]| {
        std::fs::write(&file, json).unwrap();
        let mut heard = Heard::default();
        let times = ["--times", file.to_str().unwrap()];
        drill(words.iter().chain(&times).map(std::ffi::OsString::from), &mut heard).map(|()| heard.0.join("\n"))
    };
    let good =
        run(r#"{"card_bytes": 400e6, "write_bytes_per_s": 40e6, "read_bytes_per_s": 80e6, "boot_s": 12.5}"#, &["--units", "3"]).unwrap();
    assert!(good.contains("3 units"), "{good}");
    assert!(good.contains("a card is written and read back in 15 s (400 MB at 40 and 80 MB/s), boot 12.5 s"), "{good}");
    for (json, wrong) in [
        ("[]", "is no JSON object"),
        (r#"{"boot_s": "soon"}"#, "boot_s is no number"),
        (r#"{"boot_s": 90000}"#, "longer than a day"),
        (r#"{"boots_s": 9}"#, "is no time of a drill"),
        (r#"{"unsent_per_mille": 1001}"#, "above 1000"),
    ] {
        let failure = run(json, &[]).unwrap_err().to_string();
        assert!(failure.contains(wrong), "{failure}");
    }
    assert!(run("{}", &["--people", "0"]).unwrap_err().to_string().contains("--people takes 1 to 1000"));
}
