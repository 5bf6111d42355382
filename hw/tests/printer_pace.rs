//! A printer slower than its line, with the small buffer of a real one.

mod common;

use std::time::Duration;

use common::{Rig, long_receipt, whole_on};
use hw::port::{Port, PortTrouble};
use hw::printer::profile::{EPSON_TM_T88, GENERIC_80MM, GENERIC_80MM_MUTE, Profile};
use hw::printer::sim::PrinterSimulator;
use hw::printer::{EscPosPrinter, JobId, PrintOutcome, PrinterTrouble, ReceiptPrinter};
use hw::sim::{Busy, Pace, PaperStrip, PipePort, PrinterFault, SimulatedPrinter};

/// A long receipt, more than the buffer holds.
fn very_long_receipt() -> hw::document::DocumentBuf {
    let mut receipt = long_receipt();
    let lines = receipt.clone();
    receipt.append(&lines);
    receipt
}

fn count<P>(rig: &Rig<P>) -> usize {
    rig.simulated.tear();
    let strips = rig.simulated.strips();
    strips.iter().map(PaperStrip::text).filter(|text| whole_on(text, &long_receipt(), rig.columns)).count()
}

/// 9600 baud bring 960 bytes a second; this printer prints fewer.
fn slow(profile: Profile, busy: Busy) -> Rig<PipePort<PrinterSimulator>> {
    let rig = Rig::pipe(profile);
    rig.simulated.set_fault(PrinterFault::Slow { baud: 9_600 });
    rig.simulated.set_pace(Pace { bytes_per_s: 300, busy });
    rig
}

#[test]
fn sixty_lines_at_9600_baud_fit_a_printer_that_says_when_it_is_busy() {
    for profile in [EPSON_TM_T88, GENERIC_80MM] {
        let mut rig = slow(profile, Busy::Wire);
        assert_eq!(rig.printer.print(JobId(1), &very_long_receipt()), PrintOutcome::Printed, "{}", profile.name);
        assert_eq!(rig.simulated.bytes_lost(), 0);
        assert_eq!(count(&rig), 2, "two receipts' worth of lines, with a cut between");
    }
}

#[test]
fn without_flow_control_bytes_are_lost_and_the_test_printer_tells() {
    let mut rig = slow(GENERIC_80MM_MUTE, Busy::Unheard);
    let outcome = rig.printer.print(JobId(1), &very_long_receipt());
    assert_eq!(outcome, PrintOutcome::Uncertain { why: PrinterTrouble::CannotConfirm }, "the crew is asked");
    assert!(rig.simulated.bytes_lost() > 100, "{} bytes", rig.simulated.bytes_lost());
}

/// A line that obeys XOFF as a computer's own serial line does: it holds its bytes back, and swallows the two signs.
/// A pseudo-terminal cannot stand in here: it lets thousands of bytes pass before it obeys. That ours obeys at all is `tests/port.rs`.
struct Obeying {
    inner: PipePort<PrinterSimulator>,
    heard: Vec<u8>,
    is_stopped: bool,
}

impl Obeying {
    fn gather(&mut self, wait: Duration) -> Result<(), PortTrouble> {
        let mut bytes = [0; 64];
        let count = self.inner.read(&mut bytes, wait)?;
        for &byte in &bytes[..count] {
            match byte {
                0x13 => self.is_stopped = true,
                0x11 => self.is_stopped = false,
                byte => self.heard.push(byte),
            }
        }
        Ok(())
    }
}

impl Port for Obeying {
    fn now(&self) -> Duration {
        self.inner.now()
    }

    fn write(&mut self, bytes: &[u8], wait: Duration) -> Result<usize, PortTrouble> {
        self.gather(Duration::ZERO)?;
        if self.is_stopped {
            self.gather(wait)?;
            return Ok(0);
        }
        self.inner.write(&bytes[..bytes.len().min(16)], wait)
    }

    fn read(&mut self, into: &mut [u8], wait: Duration) -> Result<usize, PortTrouble> {
        self.gather(if self.heard.is_empty() { wait } else { Duration::ZERO })?;
        let count = self.heard.len().min(into.len());
        for (place, byte) in into.iter_mut().zip(self.heard.drain(..count)) {
            *place = byte;
        }
        Ok(count)
    }

    fn write_urgent(&mut self, bytes: &[u8]) -> Result<(), PortTrouble> {
        self.inner.write_urgent(bytes)
    }
}

#[test]
fn xon_and_xoff_lose_nothing() {
    for profile in [EPSON_TM_T88, GENERIC_80MM] {
        let simulated = SimulatedPrinter::new(profile);
        simulated.set_pace(Pace { bytes_per_s: 300, busy: Busy::XonXoff });
        let line = Obeying { inner: simulated.port(), heard: Vec::new(), is_stopped: false };
        let mut rig = Rig { printer: EscPosPrinter::new(line, profile), simulated, columns: usize::from(profile.columns) };
        assert_eq!(rig.printer.print(JobId(1), &very_long_receipt()), PrintOutcome::Printed, "{}", profile.name);
        assert_eq!((rig.simulated.bytes_lost(), count(&rig)), (0, 2), "{}", profile.name);
    }
}

#[test]
fn a_clear_finds_its_way_into_a_full_printer() {
    let mut rig = slow(EPSON_TM_T88, Busy::XonXoff);
    rig.simulated.set_fault_after(700, PrinterFault::PaperOut);
    let stopped = PrintOutcome::NotPrinted { why: PrinterTrouble::PaperOut, started: true };
    assert_eq!(rig.printer.print(JobId(1), &very_long_receipt()), stopped);
}
