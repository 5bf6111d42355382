//! A mechanism slower than the line, and a receive buffer as small as a real one's.
//! Figures: Epson TM-T88III, 4 kB, busy at 138 bytes left, free again at 256.

use std::time::Duration;

use super::PrinterSimulator;

/// The receive buffer of a printer that has a pace.
pub const PACED_BYTES_MAX: usize = 4096;
/// Busy when fewer bytes than this are left.
const BUSY_BELOW: usize = 138;
/// Free again when so many are left.
const FREE_FROM: usize = 256;
const XON: u8 = 0x11;
const XOFF: u8 = 0x13;

/// How the printer says that it wants no more bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Busy {
    /// By a wire that the line obeys.
    Wire,
    /// By XOFF and XON among its replies.
    XonXoff,
    /// By a wire that nobody connected: what does not fit is lost.
    Unheard,
}

/// How fast it works, and how it stops the till.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Bytes that it prints in a second.
    pub bytes_per_s: u32,
    /// How it says that it wants no more.
    pub busy: Busy,
}

/// What a paced printer has still to do.
#[derive(Clone, Copy, Debug)]
pub(super) struct Work {
    pace: Pace,
    /// Time worked and not used yet, in billionths of a byte.
    credit: u64,
    is_busy: bool,
    waiting: usize,
    lost: usize,
}

const BYTE: u64 = 1_000_000_000;

impl Work {
    pub(super) fn room(&self) -> usize {
        match self.pace.busy {
            Busy::Wire if self.is_busy => 0,
            Busy::Wire => PACED_BYTES_MAX - self.waiting,
            Busy::XonXoff | Busy::Unheard => usize::MAX,
        }
    }
}

impl PrinterSimulator {
    /// Gives it the mechanism and the small buffer of a real one. Time comes with `FarEnd::pass`.
    pub fn set_pace(&mut self, pace: Pace) {
        self.pace = Some(Work { pace, credit: 0, is_busy: false, waiting: self.buffer.len(), lost: 0 });
    }

    /// Bytes that found its buffer full and are lost.
    #[must_use]
    pub fn bytes_lost(&self) -> usize {
        self.pace.map_or(0, |work| work.lost)
    }

    /// Puts a byte into the buffer; whether it found no place.
    pub(super) fn has_lost(&mut self, byte: u8) -> bool {
        if let Some(work) = &mut self.pace {
            if work.waiting >= PACED_BYTES_MAX {
                work.lost += 1;
                return true;
            }
            work.waiting += 1;
            if !work.is_busy && PACED_BYTES_MAX - work.waiting < BUSY_BELOW {
                work.is_busy = true;
                if work.pace.busy == Busy::XonXoff {
                    self.reply(&[XOFF]);
                }
            }
        }
        self.buffer.push_back(byte);
        false
    }

    pub(super) fn may_work(&self) -> bool {
        self.pace.is_none_or(|work| work.credit >= BYTE)
    }

    pub(super) fn has_worked(&mut self) {
        let Some(work) = &mut self.pace else { return };
        work.credit -= BYTE;
        work.waiting = self.buffer.len();
        self.free();
    }

    pub(super) fn clear_buffer(&mut self) {
        self.buffer.clear();
        if let Some(work) = &mut self.pace {
            work.waiting = 0;
        }
        self.free();
    }

    pub(super) fn gain(&mut self, time: Duration) {
        let Some(work) = &mut self.pace else { return };
        let nanos = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        // An idle mechanism saves nothing up.
        let most = BYTE * (self.buffer.len() as u64 + 1);
        work.credit = work.credit.saturating_add(nanos.saturating_mul(u64::from(work.pace.bytes_per_s))).min(most);
        self.work();
    }

    fn free(&mut self) {
        let Some(work) = &mut self.pace else { return };
        if work.is_busy && PACED_BYTES_MAX - work.waiting >= FREE_FROM {
            work.is_busy = false;
            if work.pace.busy == Busy::XonXoff {
                self.reply(&[XON]);
            }
        }
    }
}
