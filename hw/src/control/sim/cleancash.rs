//! A CleanCash unit on a line.

use std::time::Duration;

use super::memory::NotRecorded;
use super::receipt::{Recorded, digits, read_amount, read_kind, read_number, read_org_no, read_register, read_stamp, read_vat};
use super::{ControlFault, Outbox, SimulatedUnit, spoil};
use crate::control::RecordKind;
use crate::control::ccsp::{BAUD, CleanCashVersion, Decoder, FrameError, Message, Nak};
use crate::port::FarEnd;

/// A simulated unit that speaks CCSP.
#[derive(Debug)]
pub struct CleanCashSimulator {
    version: CleanCashVersion,
    unit: SimulatedUnit,
    ear: Decoder,
    outbox: Outbox,
    /// Version 2: the last message's number and what it said.
    last: Option<(u32, String)>,
    /// Version 1: what was begun.
    begun: Begun,
    power_cuts: u32,
}

#[derive(Debug, Default)]
enum Begun {
    #[default]
    Nothing,
    Receipt,
    Header(Recorded),
}

impl CleanCashSimulator {
    /// A unit of this version with the memory and the faults of that handle.
    #[must_use]
    pub fn new(version: CleanCashVersion, unit: SimulatedUnit) -> Self {
        Self { version, unit, ear: Decoder::new(), outbox: Outbox::default(), last: None, begun: Begun::Nothing, power_cuts: 0 }
    }

    /// After a power cut the memory is still there, the talk is forgotten.
    fn wake(&mut self) {
        let power_cuts = self.unit.lock().power_cuts;
        if power_cuts == self.power_cuts {
            return;
        }
        self.power_cuts = power_cuts;
        self.ear.clear();
        self.outbox.clear();
        self.last = None;
        self.begun = Begun::Nothing;
    }

    fn hear(&mut self, message: &Message) {
        let fault = self.unit.fault();
        if matches!(fault, ControlFault::Silent | ControlFault::Unplugged) {
            return;
        }
        let is_receipt = matches!(message.name(), "RR" | "RH");
        if fault == ControlFault::PowerFail && is_receipt {
            self.unit.fail_power();
            return;
        }
        let fields: Vec<&str> = message.fields().collect();
        let answer = match (message.name(), fields.as_slice(), self.version) {
            ("IQ", [], version) => Ok(self.identity(version)),
            ("SIQ", [], CleanCashVersion::V2) => Ok(status("SIR", fault)),
            ("SQX", [], CleanCashVersion::V1) => Ok(status("SRX", fault)),
            ("RR", fields, CleanCashVersion::V2) => self.register(fields, fault),
            ("ST", [], CleanCashVersion::V1) => {
                self.begun = Begun::Receipt;
                Ok("ACK".to_owned())
            }
            ("RH", fields, CleanCashVersion::V1) => self.header(fields, fault),
            ("SQ", [], CleanCashVersion::V1) => self.sign(fault),
            _ => Err(Nak::UNKNOWN_MESSAGE),
        };
        let is_proof = matches!(message.name(), "RR" | "SQ");
        if fault == ControlFault::LostAnswer && is_proof && answer.is_ok() {
            return;
        }
        self.answer(answer);
    }

    fn answer(&mut self, answer: Result<String, Nak>) {
        let payload = answer.unwrap_or_else(|Nak(code)| format!("NAK#{code:03}"));
        let Some(message) = Message::new(&payload) else { return };
        let mut bytes = message.to_bytes();
        let unit = self.unit.lock();
        if unit.fault == ControlFault::Garbled {
            spoil(&mut bytes);
        }
        self.outbox.put(&bytes, unit.delay);
    }

    fn identity(&self, version: CleanCashVersion) -> String {
        let version = match version {
            CleanCashVersion::V1 => 1,
            CleanCashVersion::V2 => 2,
        };
        format!("IR#{}#{version}#SIMULATOR", self.unit.number())
    }

    fn register(&mut self, fields: &[&str], fault: ControlFault) -> Result<String, Nak> {
        let (sequence, rest) = fields.split_first().ok_or(Nak::DATA)?;
        let sequence = digits(sequence).and_then(|word| word.parse().ok()).ok_or(Nak::DATA)?;
        self.check_sequence(sequence, &rest.join("#"))?;
        let code = self.record(read_receipt(rest)?, fault)?;
        let storage = u8::from(fault == ControlFault::StorageLow);
        Ok(format!("RRR#{code}#{}#{storage}#{storage}", self.unit.number()))
    }

    /// 1 begins a count; else the next number, or the last one with the same words again.
    fn check_sequence(&mut self, sequence: u32, words: &str) -> Result<(), Nak> {
        let is_good =
            sequence == 1 || self.last.as_ref().is_some_and(|(last, said)| sequence == last + 1 || (sequence == *last && said == words));
        if !is_good {
            return Err(Nak::SEQUENCE);
        }
        self.last = Some((sequence, words.to_owned()));
        Ok(())
    }

    fn header(&mut self, fields: &[&str], fault: ControlFault) -> Result<String, Nak> {
        if !matches!(self.begun, Begun::Receipt) {
            return Err(Nak::ORDER);
        }
        self.begun = Begun::Nothing;
        let [at, number, register, " ", " ", rest @ ..] = fields else { return Err(Nak::DATA) };
        let words: Vec<&str> = [at, number, register].into_iter().chain(rest).copied().collect();
        let receipt = read_receipt(&words)?;
        check_fault(fault)?;
        self.unit.look(&receipt).map_err(nak)?;
        if matches!(receipt.kind, RecordKind::Training | RecordKind::ProForma) {
            // Practice has no code to ask for: it ends here.
            self.record(receipt, fault)?;
        } else {
            self.begun = Begun::Header(receipt);
        }
        Ok("ACK".to_owned())
    }

    fn sign(&mut self, fault: ControlFault) -> Result<String, Nak> {
        let Begun::Header(receipt) = std::mem::take(&mut self.begun) else { return Err(Nak::ORDER) };
        Ok(format!("SR#{}", self.record(receipt, fault)?))
    }

    fn record(&self, receipt: Recorded, fault: ControlFault) -> Result<String, Nak> {
        check_fault(fault)?;
        self.unit.record(receipt).map_err(nak)
    }
}

const fn nak(why: NotRecorded) -> Nak {
    match why {
        NotRecorded::Other => Nak::DATA,
        NotRecorded::Full => Nak::STORAGE_FULL,
        NotRecorded::Broken => Nak::INTERNAL,
    }
}

const fn check_fault(fault: ControlFault) -> Result<(), Nak> {
    match fault {
        ControlFault::Busy | ControlFault::Fatal => Err(Nak::NOT_OPERATIONAL),
        ControlFault::NotEnrolled => Err(Nak::POS_ID),
        ControlFault::Refused => Err(Nak::DATA),
        _ => Ok(()),
    }
}

fn status(name: &str, fault: ControlFault) -> String {
    let (main, condition) = match fault {
        ControlFault::StorageLow | ControlFault::StorageFull => (1, "1010"),
        ControlFault::Fatal => (4, "4006"),
        ControlFault::Busy => (5, "0000"),
        _ => (0, "0000"),
    };
    format!("{name}#{main}#{condition}")
}

/// Eleven fields: date, number, register, organisation, total, negative total, kind, four of VAT.
fn read_receipt(fields: &[&str]) -> Result<Recorded, Nak> {
    let [at, number, register, org_no, total, negative, kind, vat @ ..] = fields else { return Err(Nak::DATA) };
    let register = read_register(register).ok_or(Nak::POS_ID)?;
    let vat: &[&str; 4] = vat.try_into().map_err(|_| Nak::DATA)?;
    let read = || {
        let total = read_amount(total)?;
        let returned_minor = read_amount(negative)?;
        // A return's total says the same as its negative total: sales and returns are not mixed.
        if returned_minor != (-total).max(0) {
            return None;
        }
        let mut vat_minor = [0; 4];
        for (place, word) in vat.iter().enumerate().filter(|(_, word)| **word != " ") {
            vat_minor[place] = read_vat(word, place)?;
        }
        Some(Recorded {
            register,
            number: read_number(number)?,
            kind: read_kind(kind)?,
            at: read_stamp(at)?,
            org_no: read_org_no(org_no)?,
            returned_minor,
            sold_minor: total.max(0),
            vat_minor,
            code: String::new(),
        })
    };
    read().ok_or(Nak::DATA)
}

impl FarEnd for CleanCashSimulator {
    fn receive(&mut self, bytes: &[u8]) -> usize {
        for (at, &byte) in bytes.iter().enumerate() {
            self.wake();
            if self.is_unplugged() {
                return at;
            }
            let heard = self.ear.push(byte);
            match heard {
                None => {}
                Some(Ok(message)) => self.hear(&message),
                Some(Err(FrameError::Check)) if !matches!(self.unit.fault(), ControlFault::Silent) => self.answer(Err(Nak::CHECK)),
                // What is no frame is no message to answer.
                Some(Err(_)) => {}
            }
            self.unit.count_byte();
        }
        self.wake();
        bytes.len()
    }

    fn take_replies(&mut self, count_max: usize) -> Vec<u8> {
        self.wake();
        self.outbox.take(count_max)
    }

    fn baud(&self) -> u32 {
        BAUD
    }

    fn is_unplugged(&self) -> bool {
        self.unit.fault() == ControlFault::Unplugged
    }

    fn pass(&mut self, time: Duration) {
        self.outbox.pass(time);
    }
}
