//! A scanner made of software, for any line.

use core::time::Duration;
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use super::ScannerSettings;
use crate::port::clock::Clock;
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
    /// The wall's time, for a line in it; every other line counts its own.
    wall: Option<Clock>,
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
        self.catch_up();
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

    /// On a line in the wall's time it is as late as the wall's clock says.
    fn catch_up(&mut self) {
        if let Some(clock) = &self.wall {
            self.now = clock.now();
        }
    }

    /// The next byte that is through by now, and when it was.
    fn next_due(&mut self) -> Option<(Duration, u8)> {
        let is_due = self.bytes.front().is_some_and(|(at, _)| *at <= self.now);
        if is_due { self.bytes.pop_front() } else { None }
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
pub struct SimulatedScanner {
    far: Shared<ScannerSimulator>,
    changed: Arc<Condvar>,
}

impl SimulatedScanner {
    /// A scanner that puts this before and after each code.
    #[must_use]
    pub fn new(settings: ScannerSettings) -> Self {
        Self { far: Arc::new(Mutex::new(ScannerSimulator::new(settings))), changed: Arc::default() }
    }

    /// A line to it within the process. Its clock runs as fast as nobody waits.
    #[must_use]
    pub fn port(&self) -> PipePort<ScannerSimulator> {
        PipePort::new(self.far_end())
    }

    /// A line to it within the process that waits as long as it says, for a thread that listens all the time.
    #[must_use]
    pub fn wall_port(&self) -> impl Port + use<> {
        let clock = *lock(&self.far).wall.get_or_insert_with(Clock::start);
        InWallTime { scanner: self.clone(), clock, now: Duration::ZERO }
    }

    /// The device itself, for a line to sit at its end.
    #[must_use]
    pub fn far_end(&self) -> Shared<ScannerSimulator> {
        Arc::clone(&self.far)
    }

    /// Somebody holds a code in front of it.
    pub fn scan(&self, text: &str) {
        lock(&self.far).scan(text);
        self.changed.notify_all();
    }

    /// Sends bytes as they are.
    pub fn send(&self, bytes: &[u8]) {
        lock(&self.far).send(bytes);
        self.changed.notify_all();
    }

    /// Breaks or mends it.
    pub fn set_fault(&self, fault: ScannerFault) {
        lock(&self.far).set_fault(fault);
        self.changed.notify_all();
    }
}

/// A line whose waiting takes the time that it says. It sleeps until the scanner has something to say.
struct InWallTime {
    scanner: SimulatedScanner,
    clock: Clock,
    now: Duration,
}

impl Port for InWallTime {
    fn now(&self) -> Duration {
        self.now
    }

    fn write(&mut self, bytes: &[u8], _wait: Duration) -> Result<usize, PortTrouble> {
        let mut far = lock(&self.scanner.far);
        if far.is_unplugged() { Err(PortTrouble::Lost) } else { Ok(far.receive(bytes)) }
    }

    fn read(&mut self, into: &mut [u8], wait: Duration) -> Result<usize, PortTrouble> {
        let deadline = self.clock.now() + wait;
        let mut far = lock(&self.scanner.far);
        loop {
            far.catch_up();
            if far.is_unplugged() {
                return Err(PortTrouble::Lost);
            }
            let mut count = 0;
            while count < into.len()
                && let Some((at, byte)) = far.next_due()
            {
                into[count] = byte;
                count += 1;
                // When it was sent, however late this thread comes to it.
                self.now = self.now.max(at);
            }
            let now = self.clock.now();
            if count > 0 {
                return Ok(count);
            }
            if now >= deadline {
                self.now = self.now.max(now);
                return Ok(0);
            }
            let until = far.bytes.front().map_or(deadline, |(at, _)| deadline.min(*at));
            let waited = self.scanner.changed.wait_timeout(far, until.saturating_sub(now));
            (far, _) = waited.unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn write_urgent(&mut self, bytes: &[u8]) -> Result<(), PortTrouble> {
        self.write(bytes, Duration::ZERO).map(|_| ())
    }
}
