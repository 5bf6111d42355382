//! What the hub tells the machine it runs on: one JSON object per line on standard error.
//!
//! A line carries codes, log identities and counts; never a name, a token or a price.

use std::{
    collections::BTreeMap,
    io::Write,
    sync::{Mutex, PoisonError},
};

use chrono::{DateTime, SecondsFormat};
use serde_json::{Map, Value};

use crate::Clock;

/// The most lines about one subject in a minute; what is beyond is counted and told with the next line.
const LINES_PER_MINUTE_MAX: u32 = 20;
/// The most subjects that are told apart.
const SUBJECTS_MAX: usize = 256;

/// How much a line matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// The depot must look.
    Error,
    /// Unexpected, and handled.
    Warn,
    /// A normal change of state.
    Info,
}

impl Level {
    const fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
        }
    }
}

/// Where lines go.
pub struct Log {
    clock: Clock,
    state: Mutex<State>,
}

struct State {
    sink: Box<dyn Write + Send>,
    subjects: BTreeMap<String, Subject>,
}

#[derive(Default)]
struct Subject {
    minute: i64,
    lines: u32,
    left_out: u64,
}

impl Log {
    /// Lines on standard error.
    #[must_use]
    pub fn to_stderr(clock: Clock) -> Self {
        Self::to(Box::new(std::io::stderr()), clock)
    }

    /// Lines to anywhere, for tests.
    #[must_use]
    pub fn to(sink: Box<dyn Write + Send>, clock: Clock) -> Self {
        Self { clock, state: Mutex::new(State { sink, subjects: BTreeMap::new() }) }
    }

    /// Writes a line about a subject, unless there were too many of them in this minute.
    pub fn line(&self, level: Level, what: &str, fields: &[(&str, Value)]) {
        let now_s = self.clock.now_s();
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let code = fields.iter().find(|(name, _)| *name == "code").and_then(|(_, code)| code.as_str()).unwrap_or_default();
        let Some(left_out) = state.admit(&format!("{what} {code}"), now_s) else { return };
        let at = DateTime::from_timestamp(now_s, 0).map_or_else(String::new, |at| at.to_rfc3339_opts(SecondsFormat::Secs, true));
        let mut line = Map::new();
        line.insert("at".into(), at.into());
        line.insert("level".into(), level.word().into());
        line.insert("what".into(), what.into());
        line.extend(fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        if left_out > 0 {
            line.insert("left_out".into(), left_out.into());
        }
        // Nobody reads it any more: that is no reason to stop.
        drop(writeln!(state.sink, "{}", Value::Object(line)));
    }
}

impl State {
    /// How many lines about it were left out before this one; none when this one is left out too.
    fn admit(&mut self, subject: &str, now_s: i64) -> Option<u64> {
        if self.subjects.len() >= SUBJECTS_MAX && !self.subjects.contains_key(subject) {
            self.subjects.clear();
        }
        let known = self.subjects.entry(subject.to_owned()).or_default();
        let minute = now_s.div_euclid(60);
        if known.minute != minute {
            (known.minute, known.lines) = (minute, 0);
        }
        if known.lines >= LINES_PER_MINUTE_MAX {
            known.left_out += 1;
            return None;
        }
        known.lines += 1;
        Some(std::mem::take(&mut known.left_out))
    }
}

#[cfg(test)]
mod tests;
