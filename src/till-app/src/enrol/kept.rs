//! What stays of an enrolment: which hub, and the key of a log that is not born yet.

use std::{
    fs,
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

use data_encoding::HEXLOWER;
use journal::LogKey;
use serde::{Deserialize, Serialize};
use store::Opened;
use wire::Bytes32;

use super::{NotEnrolled, folder};
use crate::{
    config::is_unit,
    uplink::{HubAddress, Pin},
};

/// Below the data folder: which hub.
pub const HUB_FILE: &str = "hub.json";
/// Below the data folder: what the log's key grows from, until the log is born.
pub const SEED_FILE: &str = "log.key";
/// Files are their owner's alone.
const FILE_MODE: u32 = 0o600;
/// The longest label that a hub gives.
const LABEL_CHARS_MAX: usize = 32;
/// The most bytes of either file.
const FILE_BYTES_MAX: u64 = 4096;

/// Where the till is enrolled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enrolled {
    /// Where the hub is.
    pub hub: HubAddress,
    /// Its key.
    pub pin: Pin,
    /// The label by which the hub knows the unit.
    pub unit: String,
    /// What a clerk compares: six digits.
    pub short_code: String,
    /// The log that was enrolled; the one that the till writes may be a later one.
    pub log: Bytes32,
    /// How many registers the unit had before this log, by the hub's count.
    pub registers_before: u32,
}

/// The file as it is written.
#[derive(Serialize, Deserialize)]
struct Written {
    url: String,
    pin: String,
    unit: String,
    short_code: String,
    log: Bytes32,
    #[serde(default)]
    registers_before: u32,
}

impl Enrolled {
    /// What is kept in a data folder; `None` where there is nothing.
    ///
    /// # Errors
    /// [`NotEnrolled::Folder`] for a file that cannot be read, [`NotEnrolled::Kept`] for one that makes no sense. The till sells without it.
    pub fn read(dir: &Path) -> Result<Option<Self>, NotEnrolled> {
        let path = dir.join(HUB_FILE);
        let Some(text) = read(&path).map_err(folder(&path))? else { return Ok(None) };
        let understood = || {
            let written: Written = serde_json::from_str(&text).ok()?;
            Some(Self {
                hub: HubAddress::parse(&written.url).ok()?,
                pin: HEXLOWER.decode(written.pin.as_bytes()).ok()?.try_into().ok()?,
                unit: Some(written.unit).filter(|unit| is_label(unit))?,
                short_code: written.short_code,
                log: written.log,
                registers_before: written.registers_before,
            })
        };
        understood().map(Some).ok_or_else(|| NotEnrolled::Kept { path: path.clone() })
    }

    /// The hub's label, where a register can be named by it.
    #[must_use]
    pub fn register_unit(&self) -> Option<&str> {
        Some(self.unit.as_str()).filter(|unit| is_unit(unit))
    }

    /// Keeps it, in place of what was kept before.
    pub(super) fn write(&self, dir: &Path) -> Result<(), NotEnrolled> {
        let written = Written {
            url: self.hub.to_string(),
            pin: HEXLOWER.encode(&self.pin),
            unit: self.unit.clone(),
            short_code: self.short_code.clone(),
            log: self.log,
            registers_before: self.registers_before,
        };
        let text = serde_json::to_string_pretty(&written).unwrap_or_else(|error| panic!("what is kept is JSON: {error}"));
        replace(dir, HUB_FILE, &format!("{text}\n"))
    }
}

/// Whether a hub's text can be shown as a unit's label.
pub(super) fn is_label(text: &str) -> bool {
    (1..=LABEL_CHARS_MAX).contains(&text.chars().count())
        && text.chars().all(|char| char.is_alphanumeric() || matches!(char, '-' | '_' | '.'))
}

/// What the key of the log grows from that is not born yet; `None` where nothing is kept.
/// A seed that has already grown into the log of a damaged store is not used again: one key writes one log.
#[must_use]
pub fn seed(dir: &Path, opened: &Opened) -> Option<[u8; 32]> {
    let text = read(&dir.join(SEED_FILE)).ok()??;
    let seed: [u8; 32] = HEXLOWER.decode(text.trim().as_bytes()).ok()?.try_into().ok()?;
    let log_id = LogKey::from_seed(&seed).log_id();
    let is_used = matches!(opened, Opened::SetAside(aside) if aside.old_log == Some(log_id));
    (!is_used).then_some(seed)
}

/// The log is born: its key is in the store, and nowhere else from here on.
pub fn born(dir: &Path) {
    let gone = fs::remove_file(dir.join(SEED_FILE));
    if gone.is_ok() {
        // The next start removes what a cut brings back.
        drop(fs::File::open(dir).and_then(|dir| dir.sync_all()));
    }
}

pub(super) fn write_seed(dir: &Path, seed: &[u8; 32]) -> Result<(), NotEnrolled> {
    replace(dir, SEED_FILE, &format!("{}\n", HEXLOWER.encode(seed)))
}

fn read(path: &Path) -> io::Result<Option<String>> {
    use io::Read as _;
    let file = match fs::File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        file => file?,
    };
    let mut text = String::new();
    file.take(FILE_BYTES_MAX).read_to_string(&mut text)?;
    Ok(Some(text))
}

/// Writes a file beside, flushes it, and puts it in the place of the old one: a cut leaves the one or the other.
fn replace(dir: &Path, name: &str, text: &str) -> Result<(), NotEnrolled> {
    let (path, beside) = (dir.join(name), dir.join(format!("{name}.new")));
    let write = || {
        drop(fs::remove_file(&beside));
        let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(FILE_MODE).open(&beside)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&beside, &path)?;
        fs::File::open(dir)?.sync_all()
    };
    write().map_err(|error| {
        drop(fs::remove_file(&beside));
        folder(&path)(error)
    })
}
