//! The driver of Skattedosan.
//!
//! The receipt's running number is the unit's serial number: the same receipt is sent again with the same one, by this process or a later.
//! `ver` goes before each receipt: it is the probe that the rules ask for, and a late answer comes before its answer and is thrown away.
//! The unit has no word for "busy" and none for "nearly full".
//! **Not tried on a unit:** that it knows a receipt sent twice for one, and the sign of VAT in a return.

use heapless::String;

use super::asking::{Asking, Miss};
use super::skattedosan::{Decoder, ReturnCode, Words, read_registered, read_version};
use super::wire::{Heard, Loss, UnitDeadlines, Wire};
use super::{CODE_CHARS_MAX, ControlCode, ControlState, ControlTrouble, ControlUnit, ReceiptRecord, UNIT_CHARS_MAX};
use crate::port::Port;

/// A Skattedosan behind a line.
#[derive(Debug)]
pub struct Skattedosan<P> {
    wire: Wire<P>,
    deadlines: UnitDeadlines,
    unit: String<UNIT_CHARS_MAX>,
    asking: Asking,
}

impl<P: Port> Skattedosan<P> {
    /// A unit on this line, with the usual deadlines.
    pub fn new(port: P) -> Self {
        Self::with_deadlines(port, UnitDeadlines::default())
    }

    /// The same with deadlines of one's own.
    pub fn with_deadlines(port: P, deadlines: UnitDeadlines) -> Self {
        Self { wire: Wire::new(port), deadlines, unit: String::new(), asking: Asking::default() }
    }

    /// The probe: who are you?
    fn greet(&mut self) -> Result<(), ControlTrouble> {
        let request = Words::version().to_request();
        let mut trouble = ControlTrouble::Silent;
        for _ in 0..self.deadlines.attempts {
            let mut ear = Decoder::new();
            let heard = self.wire.ask(&request, &self.deadlines, self.deadlines.answer, |byte| listen(&mut ear, byte, read_version));
            match heard {
                Ok(Ok(unit)) => {
                    self.unit = unit;
                    return Ok(());
                }
                Ok(Err(ReturnCode::LENGTH | ReturnCode::CRC)) | Err(Loss::Noise) => trouble = ControlTrouble::Garbled,
                Ok(Err(code)) => return Err(trouble_of(code)),
                Err(Loss::Unplugged | Loss::Broken) => return Err(ControlTrouble::Unplugged),
                Err(Loss::Silence) => trouble = ControlTrouble::Silent,
            }
        }
        Err(trouble)
    }

    fn record(&mut self, record: &ReceiptRecord) -> Result<String<CODE_CHARS_MAX>, ControlTrouble> {
        let words = Words::register(record).map_err(|error| ControlTrouble::Refused(ReturnCode::of(error).0))?;
        let request = words.to_request();
        self.greet()?;
        let mut trouble = ControlTrouble::Silent;
        for _ in 0..self.deadlines.attempts {
            match self.send(&request) {
                Ok(code) if self.asking.is_stale(record, &code) => trouble = ControlTrouble::Garbled,
                Ok(code) => return Ok(code),
                Err(Miss::Again(why)) => trouble = why,
                Err(Miss::Final(why)) => return Err(why),
                // There are no message numbers here.
                Err(Miss::Sequence) => return Err(ControlTrouble::Garbled),
            }
        }
        Err(trouble)
    }

    /// Sends the receipt, once.
    fn send(&mut self, request: &[u8]) -> Result<String<CODE_CHARS_MAX>, Miss> {
        let mut ear = Decoder::new();
        let heard = self.wire.ask(request, &self.deadlines, self.deadlines.record, |byte| listen(&mut ear, byte, read_registered));
        // A refusal did nothing, except that of a unit that was cut off: it does not say how far it came.
        if !matches!(heard, Ok(Ok(_)) | Err(Loss::Unplugged)) && !matches!(heard, Ok(Err(code)) if code != ReturnCode::POWER_FAIL) {
            self.asking.leave_open();
        }
        match heard {
            Ok(Ok(code)) => Ok(code),
            Ok(Err(ReturnCode::LENGTH | ReturnCode::CRC)) | Err(Loss::Noise) => Err(Miss::Again(ControlTrouble::Garbled)),
            Ok(Err(ReturnCode::POWER_FAIL)) | Err(Loss::Silence) => Err(Miss::Again(ControlTrouble::Silent)),
            Ok(Err(code)) => Err(Miss::Final(trouble_of(code))),
            Err(Loss::Unplugged) => Err(Miss::Final(ControlTrouble::Unplugged)),
            Err(Loss::Broken) => Err(Miss::Final(ControlTrouble::Silent)),
        }
    }
}

/// What a byte completes: an answer, or noise. An answer to something else is skipped.
fn listen<T>(ear: &mut Decoder, byte: u8, read: impl Fn(&Words) -> Option<T>) -> Heard<T> {
    match ear.push(byte)? {
        Err(_) => Some(Err(())),
        Ok(line) => read(&line).map(Ok),
    }
}

const fn trouble_of(code: ReturnCode) -> ControlTrouble {
    match code {
        ReturnCode::LENGTH | ReturnCode::CRC => ControlTrouble::Garbled,
        // Its form was checked before it was sent, so it is the register that the unit does not take.
        ReturnCode::REGISTER => ControlTrouble::NotEnrolled(code.0),
        ReturnCode::LOG_FULL => ControlTrouble::StorageFull,
        ReturnCode::POWER_FAIL | ReturnCode::COUNTER => ControlTrouble::Fault(code.0),
        ReturnCode(own) if own >= ReturnCode::INTERNAL_FIRST.0 && own <= ReturnCode::INTERNAL_LAST.0 => ControlTrouble::Fault(own),
        ReturnCode(other) => ControlTrouble::Refused(other),
    }
}

impl<P: Port> ControlUnit for Skattedosan<P> {
    fn register(&mut self, record: &ReceiptRecord) -> Result<ControlCode, ControlTrouble> {
        self.asking.begin(record);
        let result = self.record(record);
        self.asking.settle(result, &self.unit)
    }

    fn state(&mut self) -> Result<ControlState, ControlTrouble> {
        self.greet()?;
        Ok(ControlState { unit: self.unit.clone(), is_ready: true, storage_low: false })
    }
}
