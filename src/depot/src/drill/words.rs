//! `depot drill`: the plan from the command line, the outcome in words.

use std::{ffi::OsString, path::Path};

use super::{Outcome, PEOPLE_MAX, Plan, READERS_MAX, Times, UNITS_MAX};
use crate::{error::Failure, files, talk::Talk};

/// Of a file with measured times.
const TIMES_BYTES_MAX: usize = 64 * 1024;
/// A time that a step may take: a day.
const STEP_S_MAX: f64 = 86_400.0;
/// Hours in one working day.
const DAY_H: u64 = 8;
/// What a person brings back in a day at least; below it the plan is called too slow.
const PER_DAY_TARGET: u64 = 50;

/// The steps of hands, as somebody with a screwdriver and a box of cards does them; nobody has measured them on a train yet.
const ASSUMED: Times = Times {
    write: 0,
    rescue: 600,
    boot: 300,
    self_test: 200,
    insert: 150,
    fetch: 1_200,
    swap: 900,
    look: 400,
    confirm: 200,
    unsent_per_mille: 250,
};

/// Says how long it takes to bring a fleet back.
///
/// # Errors
/// [`Failure`] with a command line or a file of times that makes no sense.
pub(crate) fn drill(args: impl IntoIterator<Item = OsString>, talk: &mut dyn Talk) -> Result<(), Failure> {
    let asked = Asked::parse(args)?;
    let mut times = asked.times;
    // Written once and read back once, at the pace of the card.
    let (bytes, write, read) = (asked.card_bytes, asked.write_bytes_per_s, asked.read_bytes_per_s);
    times.write = (bytes * 10).div_ceil(write) + (bytes * 10).div_ceil(read);
    let plan = Plan { times, ..asked.plan };
    talk.say(&format!(
        "{} units, {} people with {} card readers each, {} units open at once",
        plan.units, plan.people, plan.readers, plan.open
    ));
    talk.say(&format!(
        "machines: a card is written and read back in {} ({} MB at {} and {} MB/s), boot {}, self test {}, rescue {} for {} of 1000 old cards",
        seconds(times.write),
        bytes / 1_000_000,
        write / 1_000_000,
        read / 1_000_000,
        seconds(times.boot),
        seconds(times.self_test),
        seconds(times.rescue),
        times.unsent_per_mille
    ));
    talk.say(&format!(
        "hands (assumed): card in or out {}, fetch {}, swap {}, look {}, confirm {}",
        seconds(times.insert),
        seconds(times.fetch),
        seconds(times.swap),
        seconds(times.look),
        seconds(times.confirm)
    ));
    tell(&plan, &plan.run(), talk);
    Ok(())
}

fn tell(plan: &Plan, outcome: &Outcome, talk: &mut dyn Talk) {
    let per_hour = plan.per_person_hour_hundredths(outcome);
    let per_day = per_hour * DAY_H / 100;
    talk.say(&format!("zero after {}; half of them after {}", hours(outcome.end), hours(outcome.half)));
    talk.say(&format!(
        "{}.{:02} units per person and hour, {per_day} in a day of {DAY_H} hours; {} old cards rescued",
        per_hour / 100,
        per_hour % 100,
        outcome.rescued
    ));
    talk.say(&format!("hands are busy {} % of the time, readers {} %", outcome.hands_per_mille / 10, outcome.readers_per_mille / 10));
    if per_day < PER_DAY_TARGET {
        let what = if outcome.readers_per_mille > outcome.hands_per_mille { "more card readers" } else { "shorter ways, or more people" };
        talk.say(&format!("that is below {PER_DAY_TARGET} a day; what would help: {what}"));
    }
}

struct Asked {
    plan: Plan,
    times: Times,
    card_bytes: u64,
    write_bytes_per_s: u64,
    read_bytes_per_s: u64,
}

impl Asked {
    fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Self, Failure> {
        use lexopt::prelude::*;
        let usage = |error: lexopt::Error| Failure::Usage(error.to_string());
        let mut parser = lexopt::Parser::from_args(args);
        let mut asked = Self {
            plan: Plan { units: 800, people: 10, readers: 4, open: 4, times: ASSUMED },
            times: ASSUMED,
            card_bytes: 600_000_000,
            // The slowest card that may call itself class 10.
            write_bytes_per_s: 10_000_000,
            read_bytes_per_s: 20_000_000,
        };
        while let Some(arg) = parser.next().map_err(usage)? {
            let Long(name) = arg else { return Err(usage(arg.unexpected())) };
            let name = name.to_owned();
            let value = parser.value().map_err(usage)?;
            match name.as_str() {
                "units" => asked.plan.units = count(&name, &value, UNITS_MAX)?,
                "people" => asked.plan.people = count(&name, &value, PEOPLE_MAX)?,
                "readers" => asked.plan.readers = count(&name, &value, READERS_MAX)?,
                "open" => asked.plan.open = count(&name, &value, READERS_MAX)?,
                "times" => asked.times_of(Path::new(&value))?,
                other => return Err(Failure::Usage(format!("drill has no --{other}"))),
            }
        }
        Ok(asked)
    }

    /// Takes over what was measured: a JSON object of `NAME: number`.
    fn times_of(&mut self, path: &Path) -> Result<(), Failure> {
        let wrong = |why: String| Failure::File { path: path.to_path_buf(), why };
        let bytes = files::read(path, TIMES_BYTES_MAX)?;
        let read: serde_json::Map<String, serde_json::Value> =
            serde_json::from_slice(&bytes).map_err(|error| wrong(format!("is no JSON object of times: {error}")))?;
        for (name, value) in &read {
            let number = value.as_f64().filter(|number| *number > 0.0).ok_or_else(|| wrong(format!("{name} is no number above 0")))?;
            let size = || to_whole(number);
            let tenths = || {
                if number > STEP_S_MAX {
                    return Err(wrong(format!("{name} is longer than a day")));
                }
                Ok(to_whole(number * 10.0))
            };
            match name.as_str() {
                "card_bytes" => self.card_bytes = size(),
                "write_bytes_per_s" => self.write_bytes_per_s = size().max(1),
                "read_bytes_per_s" => self.read_bytes_per_s = size().max(1),
                "rescue_s" => self.times.rescue = tenths()?,
                "boot_s" => self.times.boot = tenths()?,
                "self_test_s" => self.times.self_test = tenths()?,
                "insert_s" => self.times.insert = tenths()?,
                "fetch_s" => self.times.fetch = tenths()?,
                "swap_s" => self.times.swap = tenths()?,
                "look_s" => self.times.look = tenths()?,
                "confirm_s" => self.times.confirm = tenths()?,
                "unsent_per_mille" if number <= 1_000.0 => {
                    self.times.unsent_per_mille = u32::try_from(size()).unwrap_or(1_000);
                }
                "unsent_per_mille" => return Err(wrong("unsent_per_mille is above 1000".into())),
                other => return Err(wrong(format!("{other:?} is no time of a drill"))),
            }
        }
        Ok(())
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded below a hundred terabytes, and above zero")]
fn to_whole(number: f64) -> u64 {
    number.clamp(0.0, 1e14).round() as u64
}

fn count(name: &str, value: &OsString, max: u32) -> Result<u32, Failure> {
    let text = value.to_string_lossy();
    text.parse()
        .ok()
        .filter(|count| (1..=max).contains(count))
        .ok_or_else(|| Failure::Usage(format!("--{name} takes 1 to {max}, not {text:?}")))
}

fn seconds(tenths: u64) -> String {
    if tenths.is_multiple_of(10) { format!("{} s", tenths / 10) } else { format!("{}.{} s", tenths / 10, tenths % 10) }
}

fn hours(tenths: u64) -> String {
    let minutes = tenths.div_ceil(600);
    format!("{} h {:02} min", minutes / 60, minutes % 60)
}
