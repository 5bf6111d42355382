//! A line to a simulated printer within the process.

use std::time::Duration;

use super::{PrinterFault, SimulatedPrinter, byte_time};
use crate::port::{Port, PortTrouble};

/// A line on its own clock: bytes take the time that the line's speed gives them, waiting takes no time of the wall's.
#[derive(Debug)]
pub struct PipePort {
    printer: SimulatedPrinter,
    now: Duration,
}

impl PipePort {
    pub(super) fn new(printer: SimulatedPrinter) -> Self {
        Self { printer, now: Duration::ZERO }
    }
}

impl Port for PipePort {
    fn now(&self) -> Duration {
        self.now
    }

    fn write(&mut self, bytes: &[u8], wait: Duration) -> Result<usize, PortTrouble> {
        let mut printer = self.printer.lock();
        if printer.fault() == PrinterFault::Unplugged {
            return Err(PortTrouble::Lost);
        }
        let taken = printer.receive(bytes);
        self.now += if taken == 0 { wait } else { byte_time(printer.baud()).saturating_mul(u32::try_from(taken).unwrap_or(u32::MAX)) };
        Ok(taken)
    }

    fn read(&mut self, into: &mut [u8], wait: Duration) -> Result<usize, PortTrouble> {
        let mut printer = self.printer.lock();
        if printer.fault() == PrinterFault::Unplugged {
            return Err(PortTrouble::Lost);
        }
        let replies = printer.take_replies(into.len());
        if replies.is_empty() {
            self.now += wait;
        }
        into[..replies.len()].copy_from_slice(&replies);
        Ok(replies.len())
    }

    fn write_urgent(&mut self, bytes: &[u8]) -> Result<(), PortTrouble> {
        let mut printer = self.printer.lock();
        if printer.fault() == PrinterFault::Unplugged {
            return Err(PortTrouble::Lost);
        }
        if printer.receive(bytes) == bytes.len() { Ok(()) } else { Err(PortTrouble::Unusable) }
    }
}
