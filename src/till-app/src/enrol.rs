//! Enrolment: a one-time token lets a log in at one hub, and tells the till that hub's key.
//!
//! **Invariant.** The key is born here and stays here. The token is used once and never kept. What is kept is written whole or not at all,
//! and nothing of it stands in the way of selling.

mod kept;

use std::{
    fmt, fs,
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use journal::{Entry, Fact, LogKey};
use serde::Deserialize;
use store::{Opened, Options, Store};
use till::desk::UplinkTrouble;
use wire::{Bytes32, EnrolAnswer, EnrolRequest, Refused, Token};

use crate::{
    config::{Config, PROGRAM, UNIT_DEFAULT},
    error::Failure,
    uplink::{HttpUplink, HubAddress, Limits},
};

use kept::is_label;
pub use kept::{Enrolled, HUB_FILE, SEED_FILE, born, seed};

/// The most bytes of a file with a token.
const TOKEN_FILE_BYTES_MAX: u64 = 4096;
/// Where a board tells its serial number.
const BOARD_SERIAL: &str = "/proc/device-tree/serial-number";
/// The most characters of it.
const BOARD_CHARS_MAX: usize = 64;
/// Digits of a short code.
const SHORT_CODE_DIGITS: usize = 6;
/// The most registers that a hub counts of one unit.
const REGISTERS_MAX: u32 = 9_999;

/// What an enrolment needs.
#[derive(Clone, Debug)]
pub struct Enrolment {
    /// The data folder.
    pub dir: PathBuf,
    /// Its configuration, for the unit's label.
    pub config: Config,
    /// Where the hub is.
    pub hub: HubAddress,
    /// The token.
    pub token: Token,
    /// How long to wait.
    pub limits: Limits,
}

/// A token and where it is good, as a file on the card's boot partition has it: TOML or JSON.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct TokenFile {
    /// Where the hub is.
    pub hub: String,
    /// The token.
    pub token: String,
    /// The unit's label, where the card has one.
    pub unit: Option<String>,
}

/// Why the till is not enrolled. Nothing has changed; what it sells is kept all the same.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotEnrolled {
    /// The token is none.
    #[error("{0}")]
    Token(#[from] wire::TokenUnreadable),
    /// A file with a token cannot be used.
    #[error("the token file {}: {why}\nIt needs two lines: hub = \"https://host:port\" and token = \"…\".", path.display())]
    TokenFile {
        /// Which file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// A label that is none.
    #[error("unit {0:?}: a unit's label is 1 to 10 letters and digits")]
    Unit(String),
    /// Nobody there.
    #[error("no way to the hub at {0}\nIs the address right, and is there a network? Then try again with the same token.")]
    Away(String),
    /// No answer.
    #[error("the hub at {0} did not answer in time\nTry again with the same token; if the hub says that it was used, ask for a new one.")]
    TimedOut(String),
    /// Not the hub that made the token.
    #[error(
        "somebody else answers at {0}, not the hub that made this token; it was not shown the token\nIs the address right? Does a sign-in page stand in front of the network? Otherwise ask for a new token."
    )]
    OtherHub(String),
    /// The hub says no.
    #[error("the hub says no ({}): {}\n{}", .0.code, .0.what, .0.todo)]
    Refused(Refused),
    /// Not the answer of a hub.
    #[error("what the hub at {0} answers makes no sense to this till\nAre hub and till of the same version?")]
    Unreadable(String),
    /// What was kept of an enrolment makes no sense.
    #[error("{} does not say which hub is the right one\nEnrol the till again, with a new token.", path.display())]
    Kept {
        /// Which file.
        path: PathBuf,
    },
    /// The folder cannot be written.
    #[error("{}: {why}\nIs the folder writable, and is there room? Then try again with the same token.", path.display())]
    Folder {
        /// Which file.
        path: PathBuf,
        /// Why.
        why: String,
    },
}

/// What came of an enrolment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// What is kept from now on.
    pub enrolled: Enrolled,
    /// The label on the till's own receipts, where it is another than the hub's.
    pub other_unit: Option<String>,
}

impl Outcome {
    /// For programs, one line.
    #[must_use]
    pub fn json(&self) -> String {
        let Enrolled { hub, unit, short_code, log, .. } = &self.enrolled;
        let own = &self.other_unit;
        serde_json::json!({"enrolled": {"hub": hub.to_string(), "unit": unit, "short_code": short_code, "log": log, "own_unit": own}})
            .to_string()
    }
}

/// For people: who the till is now, and what to do next.
impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Enrolled { hub, unit, short_code, log, .. } = &self.enrolled;
        writeln!(f, "enrolled as unit {unit} at {hub}")?;
        writeln!(f, "log   {log}")?;
        writeln!(f, "code  {short_code}")?;
        if let Some(own) = &self.other_unit {
            writeln!(f, "This till's receipts say unit {own}. Is it the right till? A label for receipts has 1 to 10 letters and digits.")?;
        }
        write!(f, "Compare the code with the one on the hub's page for unit {unit}, and confirm it there.")
    }
}

impl TokenFile {
    /// Reads a file, at most 4096 bytes.
    ///
    /// # Errors
    /// [`NotEnrolled::TokenFile`].
    pub fn read(path: &Path) -> Result<Self, NotEnrolled> {
        let failure = |why: String| NotEnrolled::TokenFile { path: path.to_path_buf(), why };
        let mut text = String::new();
        let file = fs::File::open(path).map_err(|error| failure(error.to_string()))?;
        file.take(TOKEN_FILE_BYTES_MAX + 1).read_to_string(&mut text).map_err(|error| failure(error.to_string()))?;
        if text.len() as u64 > TOKEN_FILE_BYTES_MAX {
            return Err(failure(format!("larger than {TOKEN_FILE_BYTES_MAX} bytes")));
        }
        // The parsers' own words would show the line, and the token with it.
        let parsed = if text.trim_start().starts_with('{') { serde_json::from_str(&text).ok() } else { toml::from_str(&text).ok() };
        parsed.ok_or_else(|| failure("it is neither TOML nor JSON with hub, token and, if you like, unit".into()))
    }
}

impl Enrolment {
    /// Enrols the log in the data folder, or the one that is born there at the first start.
    /// Holds the folder meanwhile, so that no till works on it.
    ///
    /// # Errors
    /// [`Failure`]; then the till is enrolled where it was before, or nowhere.
    pub fn run(&self) -> Result<Outcome, Failure> {
        let (store, opened) =
            Store::open(&self.dir, Options::default()).map_err(|fault| Failure::Store { dir: self.dir.clone(), fault })?;
        let own_unit = own_unit(&store);
        let key = self.key(&store, &opened)?;
        let request = EnrolRequest {
            token: self.token.to_string(),
            public: Bytes32(key.public()),
            unit: own_unit.clone().or_else(|| self.config.unit.clone()),
            board: board(),
            program: PROGRAM.to_owned(),
        };
        let mut uplink = HttpUplink::new(self.hub.clone(), self.token.pin, self.limits);
        let answer = uplink.enrol(&key, &request).map_err(|trouble| self.trouble(trouble))?;
        if !is_answer(&answer) {
            return Err(NotEnrolled::Unreadable(self.hub.to_string()).into());
        }
        let enrolled = Enrolled {
            hub: self.hub.clone(),
            pin: self.token.pin,
            unit: answer.unit,
            short_code: answer.short_code,
            log: Bytes32(key.log_id().0),
            registers_before: answer.logs,
        };
        enrolled.write(&self.dir)?;
        // A log that is not born yet takes the hub's label, where a register can be named by it.
        let label =
            own_unit.or_else(|| self.config.unit.clone()).unwrap_or_else(|| enrolled.register_unit().unwrap_or(UNIT_DEFAULT).to_owned());
        let other_unit = Some(label).filter(|unit| *unit != enrolled.unit);
        Ok(Outcome { enrolled, other_unit })
    }

    /// The log's key. One that is not born yet is kept before the hub hears of it: a cut in between must not cost the token.
    fn key(&self, store: &Store, opened: &Opened) -> Result<LogKey, Failure> {
        if let Some(log) = store.log() {
            return Ok(log.key.clone());
        }
        let seed = match seed(&self.dir, opened) {
            Some(seed) => seed,
            None => {
                let mut seed = [0; 32];
                getrandom::fill(&mut seed).map_err(|error| Failure::Random(error.to_string()))?;
                kept::write_seed(&self.dir, &seed)?;
                seed
            }
        };
        Ok(LogKey::from_seed(&seed))
    }

    fn trouble(&self, trouble: UplinkTrouble) -> NotEnrolled {
        let hub = self.hub.to_string();
        match trouble {
            UplinkTrouble::Away | UplinkTrouble::NotEnrolled => NotEnrolled::Away(hub),
            UplinkTrouble::TimedOut => NotEnrolled::TimedOut(hub),
            UplinkTrouble::OtherHub => NotEnrolled::OtherHub(hub),
            UplinkTrouble::Refused(refused) => NotEnrolled::Refused(refused),
            UplinkTrouble::Unreadable => NotEnrolled::Unreadable(hub),
        }
    }
}

/// The label that the log carries, where there is one.
fn own_unit(store: &Store) -> Option<String> {
    let first = store.entry_bytes(1).ok()??;
    match Entry::decode(&first).ok()?.fact {
        Fact::LogOpened(opened) => Some(opened.unit),
        _ => None,
    }
}

fn is_answer(answer: &EnrolAnswer) -> bool {
    let code = answer.short_code.as_bytes();
    let is_count = answer.logs <= REGISTERS_MAX;
    is_count && is_label(&answer.unit) && code.len() == SHORT_CODE_DIGITS && code.iter().all(u8::is_ascii_digit)
}

/// The board's serial number, where the machine has one.
fn board() -> Option<String> {
    let told = fs::read_to_string(BOARD_SERIAL).ok()?;
    let serial: String = told.chars().filter(char::is_ascii_alphanumeric).take(BOARD_CHARS_MAX).collect();
    (!serial.is_empty()).then_some(serial)
}

fn folder(path: &Path) -> impl FnOnce(io::Error) -> NotEnrolled {
    let path = path.to_path_buf();
    move |error| NotEnrolled::Folder { path, why: error.to_string() }
}

#[cfg(test)]
mod tests;
