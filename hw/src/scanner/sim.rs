//! A scanner made of software, for any line.

use core::time::Duration;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use super::ScannerSettings;
use crate::port::clock::pause;
use crate::port::far_end::{byte_time, lock};
use crate::port::{FarEnd, PipePort, Port, PortTrouble, Shared};

/// Bits per second. Serial scanners come set to this.
const BAUD: u32 = 9_600;
/// Between the bytes of a scanner that dribbles.
const DRIBBLE: Duration = Duration::from_millis(50);
/// Between the two times that a scanner sends a code that it should send once.
const TWICE_AFTER: Duration = Duration::from_millis(100);
/// Noise: no UTF-8, control characters, and no end of line.
const NOISE: [u8; 8] = [0x00, 0xff, 0x1b, b'7', 0xc3, 0x28, 0x80, 0x07];
/// How often a line in the wall's time looks whether something came.
const LOOK: Duration = Duration::from_millis(20);

/// What can be wrong with a scanner.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ScannerFault {
    /// Nothing.
    #[default]
    None,
    /// The cable is pulled.
    Unplugged,
    /// Noise in the middle of each code.
    Garbage,
    /// Each code is sent twice.
    Double,
    /// The bytes of a code come one by one.
    Dribbling,
}

impl ScannerFault {
    /// The fault of that name; `ok` is none.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "ok" => Self::None,
            "unplugged" => Self::Unplugged,
            "garbage" => Self::Garbage,
            "double" => Self::Double,
            "dribbling" => Self::Dribbling,
            _ => return None,
        })
    }
}

/// A serial scanner: sends codes, listens to nothing.
#[derive(Clone, Debug, Default)]
pub struct ScannerSimulator {
    settings: ScannerSettings,
    fault: ScannerFault,
    now: Duration,
    /// When the last byte so far is through.
    sent_until: Duration,
    bytes: VecDeque<(Duration, u8)>,
}

impl ScannerSimulator {
    /// A scanner that puts this before and after each code, and CR and LF at the end.
    #[must_use]
    pub fn new(settings: ScannerSettings) -> Self {
        Self { settings, ..Self::default() }
    }

    /// Somebody holds a code in front of it. Without a cable nobody hears of it.
    pub fn scan(&mut self, text: &str) {
        if self.is_unplugged() {
            return;
        }
        let half = text.len() / 2;
        let noise: &[u8] = if self.fault == ScannerFault::Garbage { &NOISE } else { &[] };
        let (front, back) = text.as_bytes().split_at(half);
        let line = [self.settings.prefix.as_bytes(), front, noise, back, self.settings.suffix.as_bytes(), b"\r\n"].concat();
        self.send(&line);
        if self.fault == ScannerFault::Double {
            self.sent_until += TWICE_AFTER;
            self.send(&line);
        }
    }

    /// Sends bytes as they are.
    pub fn send(&mut self, bytes: &[u8]) {
        let apart = if self.fault == ScannerFault::Dribbling { DRIBBLE } else { byte_time(BAUD) };
        for byte in bytes {
            self.sent_until = self.sent_until.max(self.now) + apart;
            self.bytes.push_back((self.sent_until, *byte));
        }
    }

    /// Breaks or mends it.
    pub fn set_fault(&mut self, fault: ScannerFault) {
        self.fault = fault;
        if self.is_unplugged() {
            self.bytes.clear();
            self.sent_until = self.now;
        }
    }
}

impl FarEnd for ScannerSimulator {
    fn receive(&mut self, bytes: &[u8]) -> usize {
        bytes.len()
    }

    fn take_replies(&mut self, count_max: usize) -> Vec<u8> {
        let due = self.bytes.iter().take(count_max).take_while(|(at, _)| *at <= self.now).count();
        self.bytes.drain(..due).map(|(_, byte)| byte).collect()
    }

    fn baud(&self) -> u32 {
        BAUD
    }

    fn is_unplugged(&self) -> bool {
        self.fault == ScannerFault::Unplugged
    }

    fn pass(&mut self, time: Duration) {
        self.now += time;
    }
}

/// A handle to a simulated scanner; clones share it.
#[derive(Clone, Debug, Default)]
pub struct SimulatedScanner(Shared<ScannerSimulator>);

impl SimulatedScanner {
    /// A scanner that puts this before and after each code.
    #[must_use]
    pub fn new(settings: ScannerSettings) -> Self {
        Self(Arc::new(Mutex::new(ScannerSimulator::new(settings))))
    }

    /// A line to it within the process. Its clock runs as fast as nobody waits.
    #[must_use]
    pub fn port(&self) -> PipePort<ScannerSimulator> {
        PipePort::new(self.far_end())
    }

    /// A line to it within the process that waits as long as it says, for a thread that listens all the time.
    #[must_use]
    pub fn wall_port(&self) -> impl Port + use<> {
        InWallTime(self.port())
    }

    /// The device itself, for a line to sit at its end.
    #[must_use]
    pub fn far_end(&self) -> Shared<ScannerSimulator> {
        Arc::clone(&self.0)
    }

    /// Somebody holds a code in front of it.
    pub fn scan(&self, text: &str) {
        lock(&self.0).scan(text);
    }

    /// Sends bytes as they are.
    pub fn send(&self, bytes: &[u8]) {
        lock(&self.0).send(bytes);
    }

    /// Breaks or mends it.
    pub fn set_fault(&self, fault: ScannerFault) {
        lock(&self.0).set_fault(fault);
    }
}

/// A line whose waiting takes the time that it says.
struct InWallTime<P>(P);

impl<P: Port> Port for InWallTime<P> {
    fn now(&self) -> Duration {
        self.0.now()
    }

    fn write(&mut self, bytes: &[u8], wait: Duration) -> Result<usize, PortTrouble> {
        self.0.write(bytes, wait)
    }

    fn read(&mut self, into: &mut [u8], wait: Duration) -> Result<usize, PortTrouble> {
        let mut left = wait;
        loop {
            let look = left.min(LOOK);
            pause(look);
            let count = self.0.read(into, look)?;
            left -= look;
            if count > 0 || left.is_zero() {
                return Ok(count);
            }
        }
    }

    fn write_urgent(&mut self, bytes: &[u8]) -> Result<(), PortTrouble> {
        self.0.write_urgent(bytes)
    }
}
