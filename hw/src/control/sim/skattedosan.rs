//! A Skattedosan on a line.

use std::time::Duration;

use super::memory::NotRecorded;
use super::receipt::{Recorded, read_amount, read_kind, read_number, read_org_no, read_register, read_stamp, read_vat};
use super::{ControlFault, Outbox, SimulatedUnit, spoil};
use crate::control::skattedosan::{BAUD, Decoder, LineError, ReturnCode, Words};
use crate::port::FarEnd;

/// A simulated unit that speaks Skattedosan's protocol. Code 22 and errors in counters are not simulated.
#[derive(Debug)]
pub struct SkattedosanSimulator {
    unit: SimulatedUnit,
    ear: Decoder,
    outbox: Outbox,
    power_cuts: u32,
}

impl SkattedosanSimulator {
    /// A unit with the memory and the faults of that handle.
    #[must_use]
    pub fn new(unit: SimulatedUnit) -> Self {
        Self { unit, ear: Decoder::new(), outbox: Outbox::default(), power_cuts: 0 }
    }

    /// After a power cut the memory is still there, the talk is forgotten.
    fn wake(&mut self) {
        let power_cuts = self.unit.lock().power_cuts;
        if power_cuts != self.power_cuts {
            self.power_cuts = power_cuts;
            self.ear.clear();
            self.outbox.clear();
        }
    }

    fn hear(&mut self, line: Result<Words, LineError>) {
        let fault = self.unit.fault();
        if matches!(fault, ControlFault::Silent | ControlFault::Unplugged) {
            return;
        }
        let line = match line {
            Ok(line) => line,
            Err(LineError::Shape) => return self.answer(Err(ReturnCode::LENGTH)),
            Err(LineError::Crc) => return self.answer(Err(ReturnCode::CRC)),
        };
        let words: Vec<&str> = line.words().collect();
        match words.as_slice() {
            ["ver"] => self.answer(Ok(format!("Skattedosan simulator 1 0 {}", self.unit.number()))),
            ["kd", ..] if fault == ControlFault::Busy => {}
            ["kd", ..] if fault == ControlFault::PowerFail => {
                self.unit.fail_power();
                self.wake();
                self.answer(Err(ReturnCode::POWER_FAIL));
            }
            ["kd", fields @ ..] => {
                let answer = read_receipt(fields).and_then(|receipt| self.record(receipt, fault));
                if fault != ControlFault::LostAnswer || answer.is_err() {
                    self.answer(answer);
                }
            }
            _ => self.answer(Err(ReturnCode::UNKNOWN_COMMAND)),
        }
    }

    fn record(&self, receipt: Recorded, fault: ControlFault) -> Result<String, ReturnCode> {
        match fault {
            ControlFault::NotEnrolled => Err(ReturnCode::REGISTER),
            ControlFault::Refused => Err(ReturnCode::SOLD),
            ControlFault::Fatal => Err(ReturnCode::INTERNAL_FIRST),
            _ => self.unit.record(receipt).map_err(|why| match why {
                NotRecorded::Other => ReturnCode::SERIAL,
                NotRecorded::Full => ReturnCode::LOG_FULL,
                NotRecorded::Broken => ReturnCode::INTERNAL_LAST,
            }),
        }
    }

    fn answer(&mut self, answer: Result<String, ReturnCode>) {
        let text = match answer {
            Ok(words) => format!("0 {words}"),
            Err(ReturnCode(code)) => code.to_string(),
        };
        let Some(words) = Words::new(&text) else { return };
        let mut bytes = words.to_answer();
        let unit = self.unit.lock();
        if unit.fault == ControlFault::Garbled {
            spoil(&mut bytes);
        }
        self.outbox.put(&bytes, unit.delay);
    }
}

/// Eleven words: date, organisation, register, number, kind, returns, sales, four of VAT.
fn read_receipt(words: &[&str]) -> Result<Recorded, ReturnCode> {
    let &[at, org_no, register, number, kind, returned, sold, ref vat @ ..] = words else { return Err(ReturnCode::ARGUMENTS) };
    let vat: &[&str; 4] = vat.try_into().map_err(|_| ReturnCode::ARGUMENTS)?;
    let mut receipt = Recorded {
        at: read_stamp(at).ok_or(ReturnCode::DATE)?,
        org_no: read_org_no(org_no).ok_or(ReturnCode::ORG_NO)?,
        register: read_register(register).ok_or(ReturnCode::REGISTER)?,
        number: read_number(number).ok_or(ReturnCode::SERIAL)?,
        kind: read_kind(kind).ok_or(ReturnCode::KIND)?,
        returned_minor: read_amount(returned).filter(|minor| *minor >= 0).ok_or(ReturnCode::RETURNED)?,
        sold_minor: read_amount(sold).filter(|minor| *minor >= 0).ok_or(ReturnCode::SOLD)?,
        vat_minor: [0; 4],
        code: String::new(),
    };
    for ((place, word), code) in vat.iter().enumerate().zip(ReturnCode::VAT_A.0..) {
        receipt.vat_minor[place] = read_vat(word, place).ok_or(ReturnCode(code))?;
    }
    if receipt.returned_minor > 0 && receipt.sold_minor > 0 {
        return Err(ReturnCode::MIXED);
    }
    Ok(receipt)
}

impl FarEnd for SkattedosanSimulator {
    fn receive(&mut self, bytes: &[u8]) -> usize {
        for (at, &byte) in bytes.iter().enumerate() {
            self.wake();
            if self.is_unplugged() {
                return at;
            }
            if let Some(line) = self.ear.push(byte) {
                self.hear(line);
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
