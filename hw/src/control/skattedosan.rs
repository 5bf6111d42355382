//! Skattedosan's protocol: lines of words over a serial line, 57600 8N1.
//!
//! A request is words with one space after each, `0x` and a CRC-16/XMODEM over all before it in four upper-case hexadecimal digits, CR LF.
//! An answer is a return code, words, a CRC of the same kind, CR.
//! Source: fiscal facts, wire protocol C, and the public driver named there. Not tried on a unit.

use core::fmt::{self, Write};

use heapless::{String, Vec};

use super::fields::{RATES, RecordError, check, kind_word, write_amount, write_stamp};
use super::{CODE_CHARS_MAX, RATES_MAX, ReceiptRecord, UNIT_CHARS_MAX};

/// Bits per second of the line: 8 data bits, no parity, one stop bit, no flow control.
pub const BAUD: u32 = 57_600;
/// The longest line that is sent or taken.
pub const LINE_BYTES_MAX: usize = 320;
/// The CRC's word.
const CRC_CHARS: usize = 6;
/// Room for the words: a line less its CRC, CR and LF.
pub const WORDS_BYTES_MAX: usize = LINE_BYTES_MAX - CRC_CHARS - 2;
/// A shorter word than this is no control code. It keeps the answer to another question from being taken for one.
pub const CODE_CHARS_MIN: usize = 16;
/// Which word after the return code is the unit's number in the answer to `ver`.
const UNIT_WORD: usize = 4;

/// The bytes of one line.
pub type Bytes = Vec<u8, LINE_BYTES_MAX>;

/// CRC-16/XMODEM: polynomial 1021, begins at 0.
#[must_use]
pub fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc, &byte| {
        (0..8).fold(crc ^ (u16::from(byte) << 8), |crc, _| if crc & 0x8000 == 0 { crc << 1 } else { (crc << 1) ^ 0x1021 })
    })
}

/// Words, each with a space after it, that a CRC guards on the line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words(String<WORDS_BYTES_MAX>);

impl Words {
    /// These words, or `None` when they are too long or hold other than printable ASCII.
    #[must_use]
    pub fn new(words: &str) -> Option<Self> {
        if !words.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
            return None;
        }
        let mut out = String::new();
        for word in words.split_ascii_whitespace() {
            out.push_str(word).ok()?;
            out.push(' ').ok()?;
        }
        Some(Self(out))
    }

    /// Who are you?
    #[must_use]
    pub fn version() -> Self {
        let mut words = String::new();
        let _ = words.push_str("ver ");
        Self(words)
    }

    /// The receipt. Rates without VAT are written too, with no VAT on them.
    ///
    /// # Errors
    /// What no unit could take.
    pub fn register(record: &ReceiptRecord) -> Result<Self, RecordError> {
        let vat = check(record)?;
        let mut out = String::new();
        // A checked record has bounded fields, far shorter together than a line.
        write_receipt(&mut out, record, &vat).map_err(|_| RecordError::Number)?;
        Ok(Self(out))
    }

    /// The words.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.0.split_ascii_whitespace()
    }

    /// All of a request's line.
    #[must_use]
    pub fn to_request(&self) -> Bytes {
        self.to_line("\r\n")
    }

    /// All of an answer's line.
    #[must_use]
    pub fn to_answer(&self) -> Bytes {
        self.to_line("\r")
    }

    fn to_line(&self, end: &str) -> Bytes {
        let mut line = String::<LINE_BYTES_MAX>::new();
        let _ = write!(line, "{}0x{:04X}{end}", self.0, crc16(self.0.as_bytes()));
        line.into_bytes()
    }
}

fn write_receipt(out: &mut impl Write, record: &ReceiptRecord, vat: &[Option<i64>; RATES_MAX]) -> fmt::Result {
    out.write_str("kd ")?;
    write_stamp(out, record.at)?;
    write!(out, " {} {} {} {} ", record.org_no, record.register, record.number, kind_word(record.kind))?;
    write_amount(out, record.returned_minor)?;
    out.write_char(' ')?;
    write_amount(out, record.sold_minor)?;
    out.write_char(' ')?;
    for (rate, vat_minor) in RATES.into_iter().zip(vat) {
        write_amount(out, i64::from(rate))?;
        out.write_char(';')?;
        write_amount(out, vat_minor.unwrap_or(0))?;
        out.write_char(' ')?;
    }
    Ok(())
}

/// Why a line is none of this protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineError {
    /// It is too long, has no CRC, or holds signs that no line has.
    Shape,
    /// The CRC is another.
    Crc,
}

/// Finds lines in what arrives, one byte at a time, in any split.
#[derive(Clone, Debug, Default)]
pub struct Decoder {
    line: Vec<u8, LINE_BYTES_MAX>,
    is_too_long: bool,
}

impl Decoder {
    /// A decoder that has seen nothing.
    #[must_use]
    pub const fn new() -> Self {
        Self { line: Vec::new(), is_too_long: false }
    }

    /// Takes a byte. Says what a line was when its CR arrives; an empty line is nothing.
    pub fn push(&mut self, byte: u8) -> Option<Result<Words, LineError>> {
        match byte {
            b'\n' if self.line.is_empty() && !self.is_too_long => None,
            b'\r' => {
                let is_empty = self.line.is_empty() && !self.is_too_long;
                let found = if self.is_too_long { Err(LineError::Shape) } else { read_line(&self.line) };
                self.clear();
                if is_empty { None } else { Some(found) }
            }
            _ => {
                self.is_too_long |= self.line.push(byte).is_err();
                None
            }
        }
    }

    /// Forgets the line that has begun.
    pub fn clear(&mut self) {
        self.line.clear();
        self.is_too_long = false;
    }
}

fn read_line(line: &[u8]) -> Result<Words, LineError> {
    let (words, crc) = line.split_last_chunk::<CRC_CHARS>().ok_or(LineError::Shape)?;
    let mut expected = String::<CRC_CHARS>::new();
    let _ = write!(expected, "0x{:04X}", crc16(words));
    if !crc.starts_with(b"0x") || !words.ends_with(b" ") {
        return Err(LineError::Shape);
    }
    if expected.as_bytes() != crc {
        return Err(LineError::Crc);
    }
    core::str::from_utf8(words).ok().and_then(Words::new).ok_or(LineError::Shape)
}

/// What the unit says of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReturnCode(pub i16);

impl ReturnCode {
    /// Done.
    pub const OK: Self = Self(0);
    /// The line's length is wrong.
    pub const LENGTH: Self = Self(-1);
    /// The line's CRC was another.
    pub const CRC: Self = Self(-2);
    /// It knows no such command.
    pub const UNKNOWN_COMMAND: Self = Self(-3);
    /// Too few words or too many.
    pub const ARGUMENTS: Self = Self(1);
    /// The date or time is none.
    pub const DATE: Self = Self(2);
    /// The organisation number is none.
    pub const ORG_NO: Self = Self(3);
    /// The register's designation is none that it takes.
    pub const REGISTER: Self = Self(4);
    /// The running number is none that it takes.
    pub const SERIAL: Self = Self(5);
    /// The kind of receipt is none.
    pub const KIND: Self = Self(6);
    /// The sum of returns is no amount.
    pub const RETURNED: Self = Self(8);
    /// The sum of sales is no amount.
    pub const SOLD: Self = Self(9);
    /// The first of four places of VAT is none.
    pub const VAT_A: Self = Self(10);
    /// The first of five errors of its own.
    pub const INTERNAL_FIRST: Self = Self(15);
    /// The last of five errors of its own.
    pub const INTERNAL_LAST: Self = Self(19);
    /// A power failure ended what it did.
    pub const POWER_FAIL: Self = Self(20);
    /// Sales and returns do not go together.
    pub const MIXED: Self = Self(21);
    /// An error in a counter of its own.
    pub const COUNTER: Self = Self(23);
    /// Its log is full.
    pub const LOG_FULL: Self = Self(24);

    /// The code that the unit would give for a record that cannot be sent.
    #[must_use]
    pub const fn of(error: RecordError) -> Self {
        match error {
            RecordError::Date => Self::DATE,
            RecordError::OrgNo => Self::ORG_NO,
            RecordError::Register => Self::REGISTER,
            RecordError::Number => Self::SERIAL,
            RecordError::Returned => Self::RETURNED,
            RecordError::Sold => Self::SOLD,
            RecordError::Mixed => Self::MIXED,
            RecordError::Vat(_) => Self::VAT_A,
        }
    }
}

/// What a line answers to `ver`: the unit's manufacturing number, a refusal, or `None` when it is no such answer.
#[must_use]
pub fn read_version(line: &Words) -> Option<Result<String<UNIT_CHARS_MAX>, ReturnCode>> {
    let (code, mut words) = split(line)?;
    if code != ReturnCode::OK {
        return Some(Err(code));
    }
    words.nth(UNIT_WORD).and_then(|word| String::try_from(word).ok()).map(Ok)
}

/// What a line answers to `kd`: the control code, a refusal, or `None` when it is no such answer.
#[must_use]
pub fn read_registered(line: &Words) -> Option<Result<String<CODE_CHARS_MAX>, ReturnCode>> {
    let (code, mut words) = split(line)?;
    if code != ReturnCode::OK {
        return Some(Err(code));
    }
    let word = words.next().filter(|word| word.len() >= CODE_CHARS_MIN)?;
    String::try_from(word).ok().map(Ok)
}

fn split(line: &Words) -> Option<(ReturnCode, impl Iterator<Item = &str>)> {
    let mut words = line.words();
    let code = words.next()?.parse().ok()?;
    Some((ReturnCode(code), words))
}

#[cfg(test)]
#[path = "skattedosan_tests.rs"]
mod tests;
