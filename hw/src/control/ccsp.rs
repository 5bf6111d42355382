//! CleanCash's own protocol, CCSP, versions 1 and 2: frames over a serial line, 9600 8N1, half duplex.
//!
//! `#!#` length `#` payload `#` check CR. The length is that of the whole frame with its CR, in three hexadecimal digits;
//! the check is the exclusive or of every byte before it, in two.
//! Source: fiscal facts, wire protocol A; order of the version 1 messages and its `ACK` and `SR`: two public drivers of other tills. Not tried on a unit.

use core::fmt::{self, Write};

use heapless::{String, Vec};

use super::fields::{RATES, RecordError, check, kind_word, write_amount, write_stamp};
use super::{CODE_CHARS_MAX, RATES_MAX, ReceiptRecord, UNIT_CHARS_MAX};

/// Bits per second of the line: 8 data bits, no parity, one stop bit, no flow control.
pub const BAUD: u32 = 9_600;
/// The longest frame that is sent or taken.
pub const FRAME_BYTES_MAX: usize = 320;
/// What a frame has besides its payload.
pub const FRAME_BYTES_AROUND: usize = 11;
/// The longest payload.
pub const PAYLOAD_BYTES_MAX: usize = FRAME_BYTES_MAX - FRAME_BYTES_AROUND;

/// Which of the two versions a unit speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CleanCashVersion {
    /// `ST`, `RH`, `SQ`: three messages for a receipt.
    V1,
    /// `RR`: one numbered message for a receipt.
    V2,
}

/// The bytes of one frame.
pub type Bytes = Vec<u8, FRAME_BYTES_MAX>;

/// What stands between the frame's signs: fields separated by `#`, the first names the message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message(String<PAYLOAD_BYTES_MAX>);

impl Message {
    /// A message of these fields, or `None` when it is too long or holds other than printable ASCII.
    #[must_use]
    pub fn new(payload: &str) -> Option<Self> {
        if !payload.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
            return None;
        }
        String::try_from(payload).ok().map(Self)
    }

    /// Who and which version are you?
    #[must_use]
    pub fn identity() -> Self {
        Self::short("IQ")
    }

    /// How are you? Each version has its own word.
    #[must_use]
    pub fn status(version: CleanCashVersion) -> Self {
        Self::short(match version {
            CleanCashVersion::V1 => "SQX",
            CleanCashVersion::V2 => "SIQ",
        })
    }

    /// Version 1: a receipt begins.
    #[must_use]
    pub fn start() -> Self {
        Self::short("ST")
    }

    /// Version 1: the code, please.
    #[must_use]
    pub fn signature() -> Self {
        Self::short("SQ")
    }

    /// Version 1: the receipt. Two fields after the register stay blank.
    ///
    /// # Errors
    /// What no unit could take.
    pub fn header(record: &ReceiptRecord) -> Result<Self, RecordError> {
        Self::receipt(record, |out| out.write_str("RH#"), " # #")
    }

    /// Version 2: the receipt, with the message's number.
    ///
    /// # Errors
    /// What no unit could take.
    pub fn register(sequence: u32, record: &ReceiptRecord) -> Result<Self, RecordError> {
        Self::receipt(record, |out| write!(out, "RR#{sequence}#"), "")
    }

    fn receipt(
        record: &ReceiptRecord,
        head: impl FnOnce(&mut String<PAYLOAD_BYTES_MAX>) -> fmt::Result,
        blanks: &str,
    ) -> Result<Self, RecordError> {
        let vat = check(record)?;
        let mut out = String::new();
        // A checked record has bounded fields, far shorter together than a payload.
        head(&mut out).and_then(|()| write_receipt(&mut out, record, &vat, blanks)).map_err(|_| RecordError::Number)?;
        Ok(Self(out))
    }

    /// A message of a few letters: it fits.
    fn short(name: &str) -> Self {
        let mut payload = String::new();
        let _ = payload.push_str(name);
        Self(payload)
    }

    /// All of it, fields separated by `#`.
    #[must_use]
    pub fn payload(&self) -> &str {
        &self.0
    }

    /// What the message is called.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.split('#').next().unwrap_or_default()
    }

    /// The fields after the name.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        self.0.split('#').skip(1)
    }

    /// The frame around it.
    #[must_use]
    pub fn to_bytes(&self) -> Bytes {
        let mut text = String::<FRAME_BYTES_MAX>::new();
        let _ = write!(text, "#!#{:03X}#{}#", self.0.len() + FRAME_BYTES_AROUND, self.0);
        let check = xor(text.as_bytes());
        let _ = write!(text, "{check:02X}\r");
        text.into_bytes()
    }
}

fn write_receipt(out: &mut impl Write, record: &ReceiptRecord, vat: &[Option<i64>; RATES_MAX], blanks: &str) -> fmt::Result {
    write_stamp(out, record.at)?;
    write!(out, "#{}#{}#{blanks}{}#", record.number, record.register, record.org_no)?;
    write_amount(out, record.sold_minor - record.returned_minor)?;
    out.write_char('#')?;
    write_amount(out, record.returned_minor)?;
    write!(out, "#{}", kind_word(record.kind))?;
    for (rate, vat_minor) in RATES.into_iter().zip(vat) {
        out.write_char('#')?;
        match vat_minor {
            None => out.write_char(' ')?,
            Some(vat_minor) => {
                write_amount(out, i64::from(rate))?;
                out.write_char(';')?;
                write_amount(out, *vat_minor)?;
            }
        }
    }
    Ok(())
}

/// The check of these bytes.
#[must_use]
pub fn xor(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |check, byte| check ^ byte)
}

/// Why a line is no frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameError {
    /// No frame begins in it, or its length is another, or it holds signs that none has.
    Shape,
    /// The check is another.
    Check,
}

/// Twice the longest frame: when it is full, what is in its older half can no longer belong to a frame.
const LINE_BYTES_MAX: usize = 2 * FRAME_BYTES_MAX;

/// Finds frames in what arrives, one byte at a time, in any split and after any garbage.
#[derive(Clone, Debug, Default)]
pub struct Decoder {
    line: Vec<u8, LINE_BYTES_MAX>,
}

impl Decoder {
    /// A decoder that has seen nothing.
    #[must_use]
    pub const fn new() -> Self {
        Self { line: Vec::new() }
    }

    /// Takes a byte. Says what a line was when its CR arrives; an empty line is nothing.
    pub fn push(&mut self, byte: u8) -> Option<Result<Message, FrameError>> {
        if self.line.is_full() {
            self.line.copy_within(FRAME_BYTES_MAX.., 0);
            self.line.truncate(LINE_BYTES_MAX - FRAME_BYTES_MAX);
        }
        let _ = self.line.push(byte);
        if byte != b'\r' {
            return None;
        }
        let found = read_line(&self.line);
        let is_empty = self.line.iter().all(|byte| matches!(byte, b'\r' | b'\n'));
        self.line.clear();
        if is_empty { None } else { Some(found) }
    }

    /// Forgets the line that has begun.
    pub fn clear(&mut self) {
        self.line.clear();
    }
}

/// The frame at the end of a line; garbage may stand before it.
fn read_line(line: &[u8]) -> Result<Message, FrameError> {
    let mut error = FrameError::Shape;
    for begin in 0..line.len() {
        match read_frame(&line[begin..]) {
            Ok(message) => return Ok(message),
            Err(FrameError::Check) => error = FrameError::Check,
            Err(FrameError::Shape) => {}
        }
    }
    Err(error)
}

fn read_frame(frame: &[u8]) -> Result<Message, FrameError> {
    let rest = frame.strip_prefix(b"#!#").ok_or(FrameError::Shape)?;
    let (length, rest) = rest.split_at_checked(3).ok_or(FrameError::Shape)?;
    if hex(length) != Some(frame.len()) {
        return Err(FrameError::Shape);
    }
    let rest = rest.strip_prefix(b"#").ok_or(FrameError::Shape)?;
    let rest = rest.strip_suffix(b"\r").ok_or(FrameError::Shape)?;
    let (rest, check) = rest.split_last_chunk::<2>().ok_or(FrameError::Shape)?;
    let payload = rest.strip_suffix(b"#").ok_or(FrameError::Shape)?;
    if hex(check) != Some(usize::from(xor(&frame[..frame.len() - 3]))) {
        return Err(FrameError::Check);
    }
    core::str::from_utf8(payload).ok().and_then(Message::new).ok_or(FrameError::Shape)
}

/// Upper-case hexadecimal digits only: a lower-case one is a flipped bit.
fn hex(digits: &[u8]) -> Option<usize> {
    digits.iter().try_fold(0, |sum, &digit| match digit {
        b'0'..=b'9' => Some(sum * 16 + usize::from(digit - b'0')),
        b'A'..=b'F' => Some(sum * 16 + usize::from(digit - b'A') + 10),
        _ => None,
    })
}

/// How the unit is, all in all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MainStatus {
    /// Well.
    Ok,
    /// Something to look after.
    Warning,
    /// It was spoken to wrongly.
    ProtocolError,
    /// Something is broken, and it works on.
    NonFatal,
    /// Broken.
    Fatal,
    /// At work.
    Busy,
}

impl MainStatus {
    fn read(field: &str) -> Option<Self> {
        Some(match field {
            "0" => Self::Ok,
            "1" => Self::Warning,
            "2" => Self::ProtocolError,
            "3" => Self::NonFatal,
            "4" => Self::Fatal,
            "5" => Self::Busy,
            _ => return None,
        })
    }
}

/// How full the storage is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Storage {
    /// Room enough.
    Ok,
    /// Somebody has to see to it.
    High,
    /// No room.
    Full,
}

impl Storage {
    fn read(field: &str) -> Option<Self> {
        Some(match field {
            "0" => Self::Ok,
            "1" => Self::High,
            "2" => Self::Full,
            _ => return None,
        })
    }
}

/// How bad a condition is. Its place in the condition's text is not certain, so the driver decides by [`MainStatus`] alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// For information.
    Information,
    /// A warning.
    Warning,
    /// It was spoken to wrongly.
    ProtocolError,
    /// An error that it lives with.
    NonFatal,
    /// An error that it does not live with.
    Fatal,
}

/// What the unit refuses a message for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nak(pub i16);

impl Nak {
    /// The frame's check was another.
    pub const CHECK: Self = Self(1);
    /// It knows no such message.
    pub const UNKNOWN_MESSAGE: Self = Self(2);
    /// A field is wrong.
    pub const DATA: Self = Self(3);
    /// The message is not the next in order.
    pub const ORDER: Self = Self(4);
    /// It does not work.
    pub const NOT_OPERATIONAL: Self = Self(6);
    /// It does not know this register.
    pub const POS_ID: Self = Self(7);
    /// An error of its own.
    pub const INTERNAL: Self = Self(8);
    /// No licence is left for this register.
    pub const LICENCE: Self = Self(9);
    /// Its storage is full.
    pub const STORAGE_FULL: Self = Self(10);
    /// The message's number is not the next.
    pub const SEQUENCE: Self = Self(11);
}

/// The most characters of a condition or a firmware's name that are kept.
pub const TEXT_CHARS_MAX: usize = 32;

/// What the unit answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// `IR`
    Identity {
        /// Manufacturing number.
        unit: String<UNIT_CHARS_MAX>,
        /// Version of the protocol, as the unit writes it.
        protocol: String<TEXT_CHARS_MAX>,
    },
    /// `SIR` or `SRX`
    Status {
        /// All in all.
        main: MainStatus,
        /// Severity and code of the worst condition.
        condition: String<TEXT_CHARS_MAX>,
    },
    /// `RRR`
    Registered {
        /// Control code.
        code: String<CODE_CHARS_MAX>,
        /// Manufacturing number.
        unit: String<UNIT_CHARS_MAX>,
        /// All in all.
        main: Option<MainStatus>,
        /// How full it is.
        storage: Option<Storage>,
    },
    /// `SR`
    Signature {
        /// Control code.
        code: String<CODE_CHARS_MAX>,
    },
    /// `ACK`
    Accepted,
    /// `NAK`
    Refused(Nak),
}

impl Answer {
    /// Reads a message of the unit; `None` when it is none that we know or a field is missing or too long.
    #[must_use]
    pub fn read(message: &Message) -> Option<Self> {
        let mut fields = message.fields();
        Some(match message.name() {
            "IR" => Self::Identity { unit: text(fields.next()?)?, protocol: fields.next().and_then(text).unwrap_or_default() },
            "SIR" | "SRX" => {
                Self::Status { main: MainStatus::read(fields.next()?)?, condition: fields.next().and_then(text).unwrap_or_default() }
            }
            "RRR" => Self::Registered {
                code: text(fields.next()?)?,
                unit: text(fields.next()?)?,
                main: fields.next().and_then(MainStatus::read),
                storage: fields.next().and_then(Storage::read),
            },
            "SR" => Self::Signature { code: text(fields.next()?)? },
            "ACK" => Self::Accepted,
            "NAK" => Self::Refused(Nak(fields.next()?.parse().ok()?)),
            _ => return None,
        })
    }
}

/// A field that must say something.
fn text<const N: usize>(field: &str) -> Option<String<N>> {
    if field.trim().is_empty() { None } else { String::try_from(field.trim()).ok() }
}

impl Severity {
    /// The severity of that digit.
    #[must_use]
    pub const fn read(digit: u8) -> Option<Self> {
        Some(match digit {
            b'0' => Self::Information,
            b'1' => Self::Warning,
            b'2' => Self::ProtocolError,
            b'3' => Self::NonFatal,
            b'4' => Self::Fatal,
            _ => return None,
        })
    }
}

#[cfg(test)]
#[path = "ccsp_tests.rs"]
mod tests;
