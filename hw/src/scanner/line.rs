//! A scanner on a serial line.

use core::time::Duration;
use std::collections::VecDeque;

use super::{Debounce, SAME_CODE_WITHIN, Scan, ScanDecoder, Scanner, ScannerLost, ScannerSettings};
use crate::port::Port;

/// The most scans that wait for the caller. Beyond them the bytes stay in the line, whose queue holds thousands.
pub const SCANS_WAIT_MAX: usize = 64;
/// Bytes of one look.
const LOOK_BYTES: usize = 256;
/// The most looks of one call, so that a line of noise does not hold the caller.
const LOOKS_MAX: usize = 64;
/// After this much silence the rest of a code is not coming any more.
const SILENCE_MAX: Duration = Duration::from_secs(1);

/// A scanner on a serial line, USB-COM included.
///
/// Each call first takes in all that has come, so a caller that is late loses nothing.
/// What came while nobody looked is told whole: without a time of its own, one code twice may be two things.
#[derive(Debug)]
pub struct LineScanner<P> {
    port: P,
    decoder: ScanDecoder,
    debounce: Debounce,
    waiting: VecDeque<Scan>,
    looked_at: Duration,
    silence: Duration,
    is_late: bool,
    is_lost: bool,
}

impl<P: Port> LineScanner<P> {
    /// A scanner at the end of this line. The line opens when it is first used.
    #[must_use]
    pub fn new(port: P, settings: ScannerSettings) -> Self {
        Self {
            looked_at: port.now(),
            port,
            decoder: ScanDecoder::new(settings),
            debounce: Debounce::default(),
            waiting: VecDeque::with_capacity(SCANS_WAIT_MAX),
            silence: Duration::ZERO,
            is_late: false,
            is_lost: false,
        }
    }

    /// How many scans were dropped whole so far: spoilt by noise or too long.
    #[must_use]
    pub const fn dropped(&self) -> u32 {
        self.decoder.dropped()
    }

    /// The line, for tests that play its far end.
    #[cfg(test)]
    pub(super) const fn line_mut(&mut self) -> &mut P {
        &mut self.port
    }

    /// One look at the line; how many bytes came.
    fn look(&mut self, wait: Duration) -> usize {
        let mut bytes = [0; LOOK_BYTES];
        let from = self.port.now();
        let Ok(count) = self.port.read(&mut bytes, wait) else {
            self.decoder.reset();
            self.debounce.forget();
            self.is_lost = true;
            return 0;
        };
        let now = self.port.now();
        if count == 0 {
            self.is_late = false;
            // Only silence that was listened to counts, not the time that the caller was away.
            self.silence += now.saturating_sub(from);
            if self.silence >= SILENCE_MAX && self.decoder.is_within() {
                self.decoder.reset();
            }
        } else {
            self.silence = Duration::ZERO;
        }
        for byte in bytes.iter().take(count) {
            let Some(scan) = self.decoder.push(*byte) else { continue };
            if self.is_late {
                self.debounce.forget();
            }
            if self.debounce.admits(&scan, now) {
                self.waiting.push_back(scan);
            }
        }
        if count < LOOK_BYTES {
            self.is_late = false;
        }
        count
    }
}

impl<P: Port> Scanner for LineScanner<P> {
    fn next(&mut self, wait: Duration) -> Result<Option<Scan>, ScannerLost> {
        let began = self.port.now();
        self.is_late |= began.saturating_sub(self.looked_at) >= SAME_CODE_WITHIN;
        let mut looks = 0;
        while !self.is_lost && looks < LOOKS_MAX && self.waiting.len() < SCANS_WAIT_MAX {
            looks += 1;
            let left = wait.saturating_sub(self.port.now().saturating_sub(began));
            // With something to tell, only what has come already is taken in.
            let left = if self.waiting.is_empty() { left } else { Duration::ZERO };
            if self.look(left) == 0 && (left.is_zero() || !self.waiting.is_empty()) {
                break;
            }
        }
        self.looked_at = self.port.now();
        match self.waiting.pop_front() {
            Some(scan) => Ok(Some(scan)),
            None if core::mem::take(&mut self.is_lost) => Err(ScannerLost),
            None => Ok(None),
        }
    }
}
