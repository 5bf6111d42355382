//! What a simulated unit remembers. A real one keeps it for years and through every power cut, so it can live in a file.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

use super::receipt::{Recorded, read_amount, read_kind, read_number, read_org_no, read_register, read_stamp};
use crate::control::fields::kind_word;

/// Receipts that a simulated unit holds; then it is full.
pub const RECORDED_MAX: usize = 200_000;
/// Characters of a code. Codes of 30 and up to 30 more characters are known.
const CODE_CHARS: usize = 59;
const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Why a receipt was not recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NotRecorded {
    /// Another receipt has this number.
    Other,
    /// No room.
    Full,
    /// The file could not be written: the unit is broken.
    Broken,
}

#[derive(Debug, Default)]
pub(super) struct Memory {
    recorded: Vec<Recorded>,
    places: BTreeMap<(String, u64, &'static str), usize>,
    file: Option<File>,
}

impl Memory {
    /// Reads a memory; a last line that was cut off was never answered for and goes.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let mut text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(error),
        };
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        text.truncate(whole);
        let mut memory = Self::default();
        for line in text.lines() {
            memory.insert(read_line(line).ok_or_else(|| io::Error::other("not a control unit's memory"))?);
        }
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        file.set_len(u64::try_from(whole).unwrap_or(u64::MAX))?;
        memory.file = Some(file);
        Ok(memory)
    }

    pub(super) fn recorded(&self) -> &[Recorded] {
        &self.recorded
    }

    /// The code of this receipt, which is recorded if it was not before.
    pub(super) fn record(&mut self, mut receipt: Recorded, unit: &str, is_full: bool) -> Result<String, NotRecorded> {
        receipt.code.clear();
        if let Some(code) = self.look(&receipt, is_full)? {
            return Ok(code);
        }
        receipt.code = code(&write_line(&receipt), unit);
        if let Some(file) = &mut self.file {
            let line = write_line(&receipt) + "\n";
            file.write_all(line.as_bytes()).and_then(|()| file.sync_data()).map_err(|_| NotRecorded::Broken)?;
        }
        let code = receipt.code.clone();
        self.insert(receipt);
        Ok(code)
    }

    /// The code of this receipt if it is recorded, and whether it could be if not.
    pub(super) fn look(&self, receipt: &Recorded, is_full: bool) -> Result<Option<String>, NotRecorded> {
        match self.places.get(&key(receipt)).and_then(|&place| self.recorded.get(place)) {
            Some(known) if Recorded { code: receipt.code.clone(), ..known.clone() } == *receipt => Ok(Some(known.code.clone())),
            Some(_) => Err(NotRecorded::Other),
            None if is_full || self.recorded.len() >= RECORDED_MAX => Err(NotRecorded::Full),
            None => Ok(None),
        }
    }

    fn insert(&mut self, receipt: Recorded) {
        self.places.insert(key(&receipt), self.recorded.len());
        self.recorded.push(receipt);
    }
}

fn key(receipt: &Recorded) -> (String, u64, &'static str) {
    (receipt.register.clone(), receipt.number, kind_word(receipt.kind))
}

fn write_line(receipt: &Recorded) -> String {
    let Recorded { register, number, kind, at, org_no, returned_minor, sold_minor, vat_minor, code } = receipt;
    let mut line = format!("{register} {number} {} {at} {org_no}", kind_word(*kind));
    for minor in [returned_minor, sold_minor].into_iter().chain(vat_minor) {
        let _ = write!(line, " {}{},{:02}", if *minor < 0 { "-" } else { "" }, minor.unsigned_abs() / 100, minor.unsigned_abs() % 100);
    }
    let _ = write!(line, " {code}");
    line
}

fn read_line(line: &str) -> Option<Recorded> {
    let mut words = line.split(' ');
    let mut word = || words.next();
    let receipt = Recorded {
        register: read_register(word()?)?,
        number: read_number(word()?)?,
        kind: read_kind(word()?)?,
        at: read_stamp(word()?)?,
        org_no: read_org_no(word()?)?,
        returned_minor: read_amount(word()?)?,
        sold_minor: read_amount(word()?)?,
        vat_minor: [read_amount(word()?)?, read_amount(word()?)?, read_amount(word()?)?, read_amount(word()?)?],
        code: word()?.to_owned(),
    };
    words.next().is_none().then_some(receipt)
}

/// A code that depends on the receipt and the unit and on nothing else. It proves nothing: FNV-1a, stirred for each character.
fn code(receipt: &str, unit: &str) -> String {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in unit.bytes().chain([b'/']).chain(receipt.bytes()) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    let mut letters = String::with_capacity(CODE_CHARS);
    for _ in 0..CODE_CHARS {
        hash = (hash ^ (hash >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9).wrapping_add(1);
        let letter = usize::try_from(hash >> 59).unwrap_or(0);
        letters.push(char::from(LETTERS[letter]));
    }
    letters
}
