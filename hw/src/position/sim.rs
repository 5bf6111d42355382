//! Receivers made of software.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::{Fix, Position, PositionLost};
use crate::port::FarEnd;

/// Bytes that wait for the till at most; like a real receiver it drops what nobody takes.
const QUEUE_BYTES_MAX: usize = 4096;
/// Fixes that wait for the till at most.
const FIXES_MAX: usize = 64;
/// Millionths of a degree of latitude that a wrong jump leaps: some 50 km.
const JUMP_UDEG: i32 = 450_000;
/// Millimetres in a millionth of a degree of latitude.
const MM_PER_UDEG: i64 = 111;

/// What is wrong with the receiver.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReceiverFault {
    /// Nothing: it sees the sky.
    #[default]
    Ok,
    /// It sees no sky and says so: status V, with a time that nobody confirms.
    NoSky,
    /// A wire picks up noise: every checksum is wrong.
    WrongChecksum,
    /// It says nothing.
    Silent,
    /// It is far off, and sure of it.
    Jump,
    /// It is at another line speed: noise.
    Garbage,
    /// The cable is pulled.
    Unplugged,
}

impl ReceiverFault {
    /// Every fault with the name by which configuration and a person at a prompt call it.
    pub const NAMED: &'static [(&'static str, Self)] = &[
        ("ok", Self::Ok),
        ("no-sky", Self::NoSky),
        ("wrong-checksum", Self::WrongChecksum),
        ("silent", Self::Silent),
        ("jump", Self::Jump),
        ("garbage", Self::Garbage),
        ("unplugged", Self::Unplugged),
    ];

    /// The fault of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::NAMED.iter().find(|(known, _)| *known == name).map(|&(_, fault)| fault)
    }
}

/// One piece of a journey.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stretch {
    seconds: u32,
    north_udeg_per_s: i32,
    east_udeg_per_s: i32,
    speed_mmps: u32,
    fault: ReceiverFault,
}

/// A receiver on a train, at the far end of a line. Says two sentences a second and travels by a script.
#[derive(Debug)]
pub struct NmeaSimulator {
    baud: u32,
    utc_s: i64,
    passed: Duration,
    latitude_udeg: i32,
    longitude_udeg: i32,
    script: VecDeque<Stretch>,
    fault: ReceiverFault,
    queue: VecDeque<u8>,
}

impl NmeaSimulator {
    /// A receiver that stands here at this time, seconds since 1970, UTC, at 4800 baud.
    #[must_use]
    pub fn new(latitude_udeg: i32, longitude_udeg: i32, utc_s: i64) -> Self {
        Self {
            baud: super::BAUDS[0],
            utc_s,
            passed: Duration::ZERO,
            latitude_udeg,
            longitude_udeg,
            script: VecDeque::new(),
            fault: ReceiverFault::Ok,
            queue: VecDeque::new(),
        }
    }

    /// Stands for so long.
    pub fn stand(&mut self, seconds: u32) -> &mut Self {
        self.stretch(seconds, (0, 0), 0, ReceiverFault::Ok)
    }

    /// Stands for so long with a fault.
    pub fn stand_with(&mut self, seconds: u32, fault: ReceiverFault) -> &mut Self {
        self.stretch(seconds, (0, 0), 0, fault)
    }

    /// Travels north (or south, when negative) at this speed for so long.
    pub fn travel_north(&mut self, seconds: u32, speed_mmps: i32, fault: ReceiverFault) -> &mut Self {
        let udeg = i32::try_from(i64::from(speed_mmps) / MM_PER_UDEG).unwrap_or_default();
        self.stretch(seconds, (udeg, 0), speed_mmps.unsigned_abs(), fault)
    }

    /// The fault outside of the script; [`ReceiverFault::Ok`] for none.
    pub const fn set_fault(&mut self, fault: ReceiverFault) {
        self.fault = fault;
    }

    /// The receiver believes that it is this time.
    pub const fn set_utc_s(&mut self, utc_s: i64) {
        self.utc_s = utc_s;
    }

    /// Bits per second of its line.
    pub const fn set_baud(&mut self, baud: u32) {
        self.baud = baud;
    }

    fn stretch(&mut self, seconds: u32, (north, east): (i32, i32), speed_mmps: u32, fault: ReceiverFault) -> &mut Self {
        self.script.push_back(Stretch { seconds, north_udeg_per_s: north, east_udeg_per_s: east, speed_mmps, fault });
        self
    }

    fn second(&mut self) {
        self.utc_s += 1;
        let mut now = Stretch { seconds: 0, north_udeg_per_s: 0, east_udeg_per_s: 0, speed_mmps: 0, fault: ReceiverFault::Ok };
        if let Some(stretch) = self.script.front_mut() {
            now = *stretch;
            stretch.seconds = stretch.seconds.saturating_sub(1);
            if stretch.seconds == 0 {
                self.script.pop_front();
            }
        }
        self.latitude_udeg += now.north_udeg_per_s;
        self.longitude_udeg += now.east_udeg_per_s;
        let fault = if self.fault == ReceiverFault::Ok { now.fault } else { self.fault };
        self.say(fault, now.speed_mmps);
    }

    fn say(&mut self, fault: ReceiverFault, speed_mmps: u32) {
        let jump = if fault == ReceiverFault::Jump { JUMP_UDEG } else { 0 };
        let fix = Fix { latitude_udeg: self.latitude_udeg + jump, longitude_udeg: self.longitude_udeg, speed_mmps, utc_s: self.utc_s };
        let text = match fault {
            ReceiverFault::Silent | ReceiverFault::Unplugged => return,
            ReceiverFault::Garbage => "\u{fffd}$GP\u{1}RMC,1*".repeat(6),
            ReceiverFault::NoSky => framed(&rmc(fix, 'V')),
            // In front of it something that no driver needs to know.
            ReceiverFault::Ok | ReceiverFault::Jump => framed("GPTXT,01,01,02,ANTSTATUS=OK") + &framed(&rmc(fix, 'A')),
            ReceiverFault::WrongChecksum => {
                let mut text = framed(&rmc(fix, 'A'));
                let digit = text.len() - 3;
                let wrong = if text.as_bytes()[digit] == b'0' { "1" } else { "0" };
                text.replace_range(digit..=digit, wrong);
                text
            }
        };
        let room = QUEUE_BYTES_MAX.saturating_sub(self.queue.len());
        self.queue.extend(text.bytes().take(room));
    }
}

impl FarEnd for NmeaSimulator {
    /// A receiver on a train is not spoken to.
    fn receive(&mut self, bytes: &[u8]) -> usize {
        bytes.len()
    }

    fn take_replies(&mut self, count_max: usize) -> Vec<u8> {
        let count = count_max.min(self.queue.len());
        self.queue.drain(..count).collect()
    }

    fn baud(&self) -> u32 {
        self.baud
    }

    fn is_unplugged(&self) -> bool {
        self.fault == ReceiverFault::Unplugged
    }

    fn pass(&mut self, time: Duration) {
        const SECOND: Duration = Duration::from_secs(1);
        self.passed += time;
        while self.passed >= SECOND {
            self.passed -= SECOND;
            self.second();
        }
    }
}

/// The recommended minimum sentence of a fix, without its frame.
fn rmc(fix: Fix, status: char) -> String {
    let (days, of_day) = (fix.utc_s.div_euclid(86_400), fix.utc_s.rem_euclid(86_400));
    let (day, month, year) = date(days);
    let mut text = format!("GNRMC,{:02}{:02}{:02}.00,{status},", of_day / 3600, of_day / 60 % 60, of_day % 60);
    if status == 'A' {
        degrees(&mut text, fix.latitude_udeg, 2, ['N', 'S']);
        degrees(&mut text, fix.longitude_udeg, 3, ['E', 'W']);
        // Hundredths of a knot.
        let knots = (u64::from(fix.speed_mmps) * 90 + 231) / 463;
        let _ = write!(text, "{}.{:02},,", knots / 100, knots % 100);
    } else {
        text.push_str(",,,,,,");
    }
    let mode = if status == 'A' { 'A' } else { 'N' };
    let _ = write!(text, "{day:02}{month:02}{:02},,,{mode}", year.rem_euclid(100));
    text
}

fn degrees(text: &mut String, udeg: i32, digits: usize, [plus, minus]: [char; 2]) {
    let whole = udeg.unsigned_abs() / 1_000_000;
    // Hundred-thousandths of a minute, rounded to the nearest.
    let minutes = (u64::from(udeg.unsigned_abs() % 1_000_000) * 60 + 5) / 10;
    let _ = write!(text, "{whole:0digits$}{:02}.{:05},{},", minutes / 100_000, minutes % 100_000, if udeg < 0 { minus } else { plus });
}

/// Day, month and year of a number of days since 1970.
fn date(mut days: i64) -> (i64, i64, i64) {
    let leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let mut year = 1970;
    while days >= 365 + i64::from(leap(year)) {
        days -= 365 + i64::from(leap(year));
        year += 1;
    }
    let lengths = [31, 28 + i64::from(leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 1;
    for length in lengths {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    (days + 1, month, year)
}

fn framed(body: &str) -> String {
    let sum = body.bytes().fold(0, |sum, byte| sum ^ byte);
    format!("${body}*{sum:02X}\r\n")
}

/// A handle to a simulated receiver without a line; clones share it, so that one hand feeds fixes and another takes them.
#[derive(Clone, Debug, Default)]
pub struct PositionSimulator(Arc<(Mutex<Sky>, Condvar)>);

#[derive(Debug, Default)]
struct Sky {
    fixes: VecDeque<Fix>,
    is_unplugged: bool,
}

impl PositionSimulator {
    /// A receiver that sees no sky yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The receiver's next fix. Beyond a limit the oldest ones go.
    pub fn feed(&self, fix: Fix) {
        let mut sky = self.sky();
        if sky.fixes.len() >= FIXES_MAX {
            sky.fixes.pop_front();
        }
        sky.fixes.push_back(fix);
        self.0.1.notify_all();
    }

    /// Pulls the cable or plugs it in again.
    pub fn set_unplugged(&self, is_unplugged: bool) {
        self.sky().is_unplugged = is_unplugged;
        self.0.1.notify_all();
    }

    fn sky(&self) -> MutexGuard<'_, Sky> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Position for PositionSimulator {
    fn next(&mut self, wait: Duration) -> Result<Option<Fix>, PositionLost> {
        let idle = |sky: &mut Sky| sky.fixes.is_empty() && !sky.is_unplugged;
        let waited = self.0.1.wait_timeout_while(self.sky(), wait, idle);
        let (mut sky, _) = waited.unwrap_or_else(PoisonError::into_inner);
        if sky.is_unplugged { Err(PositionLost) } else { Ok(sky.fixes.pop_front()) }
    }
}
