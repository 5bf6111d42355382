//! The driver of CleanCash units, for both versions of their protocol.
//!
//! **Numbers.** What makes a receipt the same is the register, its running number and its kind: they never change when it is sent again.
//! Version 2 also numbers its messages. The driver counts them from 1 when it starts, gives the next number to each other receipt and the
//! same number to the same one; the one public driver known to work counts so, and starts at 1 whenever it is started.
//! When the unit does not agree (`NAK` 011), the driver begins a new count once, with the same receipt.
//! A unit that was restarted, or a till that was, is served by that.
//! **Not tried on a unit:** that it knows a receipt sent twice for one.
//!
//! A question about the unit goes before each receipt: it is the probe that the rules ask for, and whatever an earlier receipt's late
//! answer was, it comes before the answer to that question and is thrown away with it.

use heapless::String;

use super::asking::{Asking, Miss};
use super::ccsp::{Answer, CleanCashVersion, Decoder, MainStatus, Message, Nak, Storage};
use super::wire::{Heard, Loss, UnitDeadlines, Wire};
use super::{CODE_CHARS_MAX, ControlCode, ControlState, ControlTrouble, ControlUnit, ReceiptRecord, UNIT_CHARS_MAX};
use super::{RecordKind, fields::RecordError};
use crate::port::Port;

/// A CleanCash unit behind a line.
#[derive(Debug)]
pub struct CleanCash<P> {
    wire: Wire<P>,
    version: CleanCashVersion,
    deadlines: UnitDeadlines,
    unit: String<UNIT_CHARS_MAX>,
    storage_low: bool,
    /// Which of the two status questions the unit understands.
    status_word: CleanCashVersion,
    sequence: u32,
    asking: Asking,
}

impl<P: Port> CleanCash<P> {
    /// A unit of this version on this line, with the usual deadlines.
    pub fn new(port: P, version: CleanCashVersion) -> Self {
        Self::with_deadlines(port, version, UnitDeadlines::default())
    }

    /// The same with deadlines of one's own.
    pub fn with_deadlines(port: P, version: CleanCashVersion, deadlines: UnitDeadlines) -> Self {
        Self {
            wire: Wire::new(port),
            version,
            deadlines,
            unit: String::new(),
            storage_low: false,
            status_word: version,
            sequence: 0,
            asking: Asking::default(),
        }
    }

    /// Asks about the unit, as often as it takes.
    fn inquire<T>(
        &mut self,
        question: &Message,
        read: impl Fn(Answer) -> Option<Result<T, Nak>>,
    ) -> Result<Result<T, Nak>, ControlTrouble> {
        let mut trouble = ControlTrouble::Silent;
        for _ in 0..self.deadlines.attempts {
            let mut ear = Decoder::new();
            let heard = self.wire.ask(&question.to_bytes(), &self.deadlines, self.deadlines.answer, |byte| listen(&mut ear, byte, &read));
            match heard {
                Ok(Err(Nak::CHECK)) => trouble = ControlTrouble::Garbled,
                Ok(answer) => return Ok(answer),
                Err(Loss::Unplugged | Loss::Broken) => return Err(ControlTrouble::Unplugged),
                Err(Loss::Silence) => trouble = ControlTrouble::Silent,
                Err(Loss::Noise) => trouble = ControlTrouble::Garbled,
            }
        }
        Err(trouble)
    }

    fn learn_identity(&mut self) -> Result<(), ControlTrouble> {
        let read = |answer| match answer {
            Answer::Identity { unit, .. } => Some(Ok(unit)),
            Answer::Refused(nak) => Some(Err(nak)),
            _ => None,
        };
        self.unit = self.inquire(&Message::identity(), read)?.map_err(trouble_of)?;
        Ok(())
    }

    fn main_status(&mut self) -> Result<MainStatus, ControlTrouble> {
        let read = |answer| match answer {
            Answer::Status { main, .. } => Some(Ok(main)),
            Answer::Refused(nak) => Some(Err(nak)),
            _ => None,
        };
        let mut answer = self.inquire(&Message::status(self.status_word), read)?;
        if answer == Err(Nak::UNKNOWN_MESSAGE) {
            self.status_word = match self.status_word {
                CleanCashVersion::V1 => CleanCashVersion::V2,
                CleanCashVersion::V2 => CleanCashVersion::V1,
            };
            answer = self.inquire(&Message::status(self.status_word), read)?;
        }
        answer.map_err(trouble_of)
    }

    /// The probe before a receipt.
    fn greet(&mut self) -> Result<(), ControlTrouble> {
        if self.unit.is_empty() {
            self.learn_identity()?;
        }
        match self.main_status()? {
            MainStatus::Busy => Err(ControlTrouble::Busy),
            // The unit's own word for it comes with its refusal; it is not asked for one.
            MainStatus::Fatal => Err(ControlTrouble::Fault(Nak::NOT_OPERATIONAL.0)),
            MainStatus::Ok | MainStatus::Warning | MainStatus::ProtocolError | MainStatus::NonFatal => Ok(()),
        }
    }

    fn record(&mut self, record: &ReceiptRecord) -> Result<String<CODE_CHARS_MAX>, ControlTrouble> {
        self.greet()?;
        let mut trouble = ControlTrouble::Silent;
        let mut may_recount = true;
        let mut attempt = 0;
        while attempt < self.deadlines.attempts {
            let result = match self.version {
                CleanCashVersion::V1 => self.record_v1(record),
                CleanCashVersion::V2 => self.record_v2(record),
            };
            match result {
                Ok(code) => return Ok(code),
                Err(Miss::Final(why)) => return Err(why),
                Err(Miss::Again(why)) => {
                    trouble = why;
                    attempt += 1;
                }
                Err(Miss::Sequence) if may_recount => {
                    may_recount = false;
                    self.sequence = if self.sequence == 1 { 2 } else { 1 };
                }
                Err(Miss::Sequence) => return Err(ControlTrouble::Fault(Nak::SEQUENCE.0)),
            }
        }
        Err(trouble)
    }

    fn record_v2(&mut self, record: &ReceiptRecord) -> Result<String<CODE_CHARS_MAX>, Miss> {
        let message = Message::register(self.sequence, record).map_err(refused)?;
        let heard = self.send(&message, |answer| match answer {
            Answer::Registered { code, unit, storage, .. } => Some(Ok((code, unit, storage))),
            Answer::Refused(nak) => Some(Err(nak)),
            _ => None,
        })?;
        let (code, unit, storage) = heard;
        if self.asking.is_stale(record, &code) {
            return Err(Miss::Again(ControlTrouble::Garbled));
        }
        self.unit = unit;
        self.storage_low = storage.is_some_and(|storage| storage != Storage::Ok);
        Ok(code)
    }

    fn record_v1(&mut self, record: &ReceiptRecord) -> Result<String<CODE_CHARS_MAX>, Miss> {
        let header = Message::header(record).map_err(refused)?;
        let accepted = |answer| match answer {
            Answer::Accepted => Some(Ok(())),
            Answer::Refused(nak) => Some(Err(nak)),
            _ => None,
        };
        self.send(&Message::start(), accepted)?;
        self.send(&header, accepted)?;
        // Some units may write a receipt down when they have its header, others with the code.
        self.asking.leave_open();
        if matches!(record.kind, RecordKind::Training | RecordKind::ProForma) {
            return Ok(String::new());
        }
        let code = self.send(&Message::signature(), |answer| match answer {
            Answer::Signature { code } => Some(Ok(code)),
            Answer::Refused(nak) => Some(Err(nak)),
            _ => None,
        })?;
        if self.asking.is_stale(record, &code) { Err(Miss::Again(ControlTrouble::Garbled)) } else { Ok(code) }
    }

    /// Sends one message of a receipt, once.
    fn send<T>(&mut self, message: &Message, read: impl Fn(Answer) -> Option<Result<T, Nak>>) -> Result<T, Miss> {
        let mut ear = Decoder::new();
        let heard = self.wire.ask(&message.to_bytes(), &self.deadlines, self.deadlines.record, |byte| listen(&mut ear, byte, &read));
        // A message that was refused did nothing; one that was answered is settled by its caller; all else is open.
        if !matches!(heard, Ok(_) | Err(Loss::Unplugged)) && message.name() != "ST" {
            self.asking.leave_open();
        }
        match heard {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(Nak::SEQUENCE)) => Err(Miss::Sequence),
            Ok(Err(Nak::CHECK)) => Err(Miss::Again(ControlTrouble::Garbled)),
            Ok(Err(nak @ Nak::ORDER)) => Err(Miss::Again(trouble_of(nak))),
            Ok(Err(nak)) => Err(Miss::Final(trouble_of(nak))),
            Err(Loss::Unplugged) => Err(Miss::Final(ControlTrouble::Unplugged)),
            Err(Loss::Broken) => Err(Miss::Final(ControlTrouble::Silent)),
            Err(Loss::Silence) => Err(Miss::Again(ControlTrouble::Silent)),
            Err(Loss::Noise) => Err(Miss::Again(ControlTrouble::Garbled)),
        }
    }
}

/// What a byte completes: an answer that is wanted, or noise. An answer to something else is skipped.
fn listen<T>(ear: &mut Decoder, byte: u8, read: &impl Fn(Answer) -> Option<T>) -> Heard<T> {
    match ear.push(byte)? {
        Err(_) => Some(Err(())),
        Ok(message) => match Answer::read(&message) {
            None => Some(Err(())),
            Some(answer) => read(answer).map(Ok),
        },
    }
}

const fn refused(_: RecordError) -> Miss {
    Miss::Final(ControlTrouble::Refused(Nak::DATA.0))
}

const fn trouble_of(nak: Nak) -> ControlTrouble {
    match nak {
        Nak::CHECK => ControlTrouble::Garbled,
        Nak::UNKNOWN_MESSAGE | Nak::DATA => ControlTrouble::Refused(nak.0),
        Nak::POS_ID | Nak::LICENCE => ControlTrouble::NotEnrolled(nak.0),
        Nak::STORAGE_FULL => ControlTrouble::StorageFull,
        Nak(code) => ControlTrouble::Fault(code),
    }
}

impl<P: Port> ControlUnit for CleanCash<P> {
    fn register(&mut self, record: &ReceiptRecord) -> Result<ControlCode, ControlTrouble> {
        if self.asking.begin(record) {
            self.sequence = self.sequence.wrapping_add(1).max(1);
        }
        let result = self.record(record);
        self.asking.settle(result, &self.unit)
    }

    fn state(&mut self) -> Result<ControlState, ControlTrouble> {
        self.learn_identity()?;
        let main = self.main_status()?;
        // Version 1 has no word for storage: its only sign is a warning.
        let warns = self.version == CleanCashVersion::V1 && main == MainStatus::Warning;
        Ok(ControlState {
            unit: self.unit.clone(),
            is_ready: !matches!(main, MainStatus::Fatal | MainStatus::Busy),
            storage_low: self.storage_low || warns,
        })
    }
}
