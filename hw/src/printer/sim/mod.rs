//! A receipt printer made of software: real ESC/POS in, paper and replies out.
//!
//! The core is a pure state machine ([`PrinterSimulator`]); [`SimulatedPrinter`] is a handle that a till, a test and a line share;
//! [`PipePort`] is a line to it within the process, [`PtyLine`](crate::port::PtyLine) one on a pseudo-terminal.

mod barcode;
mod command;
mod glyph;
mod pace;
mod pages;
mod picture;
mod press;

pub use pace::{Busy, Pace};
pub use press::{PaperEnd, PaperStrip};

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use super::profile::{Cutter, Profile};
use crate::port::far_end::lock;
use crate::port::{FarEnd, PipePort, Shared};
use command::Interpreter;
use press::Press;

/// The receive buffer. Twice that of a real printer, the second half standing for what is still in the cable and its drivers.
pub const RECEIVE_BYTES_MAX: usize = 8192;
/// Strips that are kept; the oldest go first.
pub const STRIPS_MAX: usize = 256;
/// Unknown commands that are remembered.
pub const UNKNOWN_MAX: usize = 64;
/// Line speed when nothing else is set.
pub const BAUD_DEFAULT: u32 = 115_200;

/// What is wrong with the printer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PrinterFault {
    /// Nothing. Paper is put in and the cover closed.
    #[default]
    Ok,
    /// The roll is used up.
    PaperOut,
    /// The cover is open.
    CoverOpen,
    /// The cutter is stuck at the next cut.
    CutterStuck,
    /// Well, on a slow line.
    Slow {
        /// Bits per second; a byte takes ten.
        baud: u32,
    },
    /// Prints, and never answers.
    Deaf,
    /// Cable and power are pulled.
    Unplugged,
    /// Switched off: its memory is lost, the line is there and it takes nothing.
    PowerOff,
    /// The cable is out: it keeps its memory and prints what it holds, and what it says is lost.
    CableOut,
    /// The roll ends soon; it prints.
    PaperNearEnd,
    /// The drawer gets its pulse and stays shut.
    DrawerStuck,
}

impl PrinterFault {
    /// Every fault with the name by which configuration and a person at a prompt call it.
    pub const NAMED: &'static [(&'static str, Self)] = &[
        ("ok", Self::Ok),
        ("paper-out", Self::PaperOut),
        ("cover-open", Self::CoverOpen),
        ("cutter-stuck", Self::CutterStuck),
        ("slow", Self::Slow { baud: 9_600 }),
        ("deaf", Self::Deaf),
        ("unplugged", Self::Unplugged),
        ("power-off", Self::PowerOff),
        ("cable-out", Self::CableOut),
        ("paper-near-end", Self::PaperNearEnd),
        ("drawer-stuck", Self::DrawerStuck),
    ];

    /// The fault of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::NAMED.iter().find(|(known, _)| *known == name).map(|&(_, fault)| fault)
    }
}

/// The printer's state machine: bytes in, paper and replies out. Knows no time and no line.
#[derive(Debug)]
pub struct PrinterSimulator {
    profile: Profile,
    fault: PrinterFault,
    planned: Option<(usize, PrinterFault)>,
    baud: u32,
    buffer: VecDeque<u8>,
    recent: VecDeque<u8>,
    replies: VecDeque<u8>,
    status_mask: u8,
    reported: Option<[u8; 4]>,
    cutter_stuck: bool,
    interpreter: Interpreter,
    press: Press,
    drawer_pulses: u32,
    is_drawer_open: bool,
    unknown: Vec<Vec<u8>>,
    pace: Option<pace::Work>,
}

impl PrinterSimulator {
    /// A printer of this model with paper in it.
    #[must_use]
    pub fn new(profile: Profile) -> Self {
        Self {
            profile,
            fault: PrinterFault::Ok,
            planned: None,
            baud: BAUD_DEFAULT,
            buffer: VecDeque::new(),
            recent: VecDeque::new(),
            replies: VecDeque::new(),
            status_mask: 0,
            reported: None,
            cutter_stuck: false,
            interpreter: Interpreter::default(),
            press: Press::new(&profile),
            drawer_pulses: 0,
            is_drawer_open: false,
            unknown: Vec::new(),
            pace: None,
        }
    }

    /// Breaks or mends the printer, now.
    pub fn set_fault(&mut self, fault: PrinterFault) {
        self.planned = None;
        self.enter(fault);
    }

    /// Breaks or mends the printer when it has worked off so many more bytes.
    pub fn set_fault_after(&mut self, bytes: usize, fault: PrinterFault) {
        self.planned = Some((bytes, fault));
        self.trip();
    }

    /// What is wrong at present.
    #[must_use]
    pub const fn fault(&self) -> PrinterFault {
        self.fault
    }

    /// Takes bytes from the line; how many, less than all when the buffer is full.
    pub fn receive(&mut self, bytes: &[u8]) -> usize {
        let mut taken = 0;
        for &byte in bytes {
            if self.room() == 0 {
                break;
            }
            taken += 1;
            self.watch_real_time(byte);
            if self.has_lost(byte) {
                continue;
            }
            self.work();
        }
        taken
    }

    /// How many bytes it would take now.
    #[must_use]
    pub fn room(&self) -> usize {
        if self.is_away() {
            return 0;
        }
        self.pace.as_ref().map_or(RECEIVE_BYTES_MAX - self.buffer.len(), pace::Work::room)
    }

    /// Takes the replies that wait for the line.
    pub fn take_replies(&mut self, count_max: usize) -> Vec<u8> {
        let count = count_max.min(self.replies.len());
        self.replies.drain(..count).collect()
    }

    /// Every strip that left the printer, oldest first.
    #[must_use]
    pub fn strips(&self) -> &[PaperStrip] {
        self.press.strips()
    }

    /// The strip that still hangs in the printer, if anything is on it.
    #[must_use]
    pub fn strip_in_progress(&self) -> Option<PaperStrip> {
        self.press.in_progress()
    }

    /// Tears off what hangs in the printer.
    pub fn tear(&mut self) {
        self.press.end_strip(PaperEnd::Torn);
    }

    /// How many pulses the drawer got.
    #[must_use]
    pub const fn drawer_pulses(&self) -> u32 {
        self.drawer_pulses
    }

    /// Whether the drawer stands open.
    #[must_use]
    pub const fn is_drawer_open(&self) -> bool {
        self.is_drawer_open
    }

    /// Pushes the drawer shut.
    pub fn close_drawer(&mut self) {
        self.is_drawer_open = false;
        self.report_changes();
    }

    /// Commands that this simulator does not know, the first [`UNKNOWN_MAX`], as they began.
    #[must_use]
    pub fn unknown_commands(&self) -> &[Vec<u8>] {
        &self.unknown
    }

    fn enter(&mut self, fault: PrinterFault) {
        let was = core::mem::replace(&mut self.fault, fault);
        self.baud = match fault {
            PrinterFault::Slow { baud } => baud.max(300),
            _ => BAUD_DEFAULT,
        };
        if was == PrinterFault::PaperOut && fault != PrinterFault::PaperOut {
            // The old roll's end was pulled out to put a new one in.
            self.press.end_strip(PaperEnd::RollEnd);
        }
        if fault == PrinterFault::Ok {
            self.cutter_stuck = false;
        }
        if matches!(fault, PrinterFault::Unplugged | PrinterFault::PowerOff) {
            self.forget_everything();
        }
        if fault == PrinterFault::CableOut {
            self.replies.clear();
        }
        self.report_changes();
        self.work();
    }

    /// Power off: what is in memory is gone, what is on paper stays.
    fn forget_everything(&mut self) {
        self.clear_buffer();
        self.recent.clear();
        self.replies.clear();
        self.status_mask = 0;
        self.reported = None;
        self.interpreter = Interpreter::default();
        self.press.forget_line();
    }

    fn is_offline(&self) -> bool {
        self.cutter_stuck || matches!(self.fault, PrinterFault::PaperOut | PrinterFault::CoverOpen) || self.has_no_power()
    }

    const fn has_no_power(&self) -> bool {
        matches!(self.fault, PrinterFault::Unplugged | PrinterFault::PowerOff)
    }

    /// Whether no byte reaches it, and none of its own reaches the till.
    const fn is_away(&self) -> bool {
        self.has_no_power() || matches!(self.fault, PrinterFault::CableOut)
    }

    fn pulse_drawer(&mut self) {
        self.drawer_pulses += 1;
        self.is_drawer_open |= self.fault != PrinterFault::DrawerStuck;
        self.report_changes();
    }

    fn is_drawer_pin_high(&self) -> bool {
        self.profile.drawer_open_level_high.is_some_and(|open_level| open_level == self.is_drawer_open)
    }

    fn trip(&mut self) {
        if let Some((0, fault)) = self.planned {
            self.planned = None;
            self.enter(fault);
        }
    }

    /// Works off the buffer as long as the printer is online.
    fn work(&mut self) {
        while !self.is_offline() && self.may_work() {
            let Some(byte) = self.buffer.pop_front() else { return };
            self.has_worked();
            command::take(self, byte);
            if let Some((left, _)) = &mut self.planned {
                *left = left.saturating_sub(1);
            }
            self.trip();
        }
    }

    /// Real-time commands act when they arrive, wherever they stand and however full the buffer is.
    fn watch_real_time(&mut self, byte: u8) {
        self.recent.push_back(byte);
        if self.recent.len() > super::escpos::CLEAR.len() {
            self.recent.pop_front();
        }
        let recent = self.recent.make_contiguous();
        match *recent {
            [.., 0x10, 0x04, n @ 1..=4] if self.profile.has_real_time_status => {
                let answer = self.real_time_answer(n);
                self.reply(&[answer]);
            }
            [.., 0x10, 0x14, 0x01, 0 | 1, 1..=8] if self.profile.has_real_time_pulse => self.pulse_drawer(),
            _ if self.profile.has_clear && recent == super::escpos::CLEAR => {
                self.clear_buffer();
                self.recent.clear();
                self.interpreter = Interpreter::default();
                self.press.forget_line();
                self.reply(&[0x37, 0x25, 0x00]);
            }
            _ => {}
        }
    }

    fn real_time_answer(&self, n: u8) -> u8 {
        let paper_out = self.fault == PrinterFault::PaperOut;
        let cover_open = self.fault == PrinterFault::CoverOpen;
        let bit = |is_set: bool, mask: u8| if is_set { mask } else { 0 };
        0x12 | match n {
            1 => bit(self.is_offline(), 0x08) | bit(self.is_drawer_pin_high(), 0x04),
            2 => bit(cover_open, 0x04) | bit(paper_out, 0x20) | bit(self.cutter_stuck, 0x40),
            3 => bit(self.cutter_stuck, 0x08),
            _ => bit(paper_out, 0x6c) | bit(self.fault == PrinterFault::PaperNearEnd, 0x0c),
        }
    }

    fn automatic_status(&self) -> [u8; 4] {
        let bit = |is_set: bool, mask: u8| if is_set { mask } else { 0 };
        let cover_open = self.fault == PrinterFault::CoverOpen;
        [
            0x10 | bit(self.is_offline(), 0x08) | bit(cover_open, 0x20) | bit(self.is_drawer_pin_high(), 0x04),
            bit(self.cutter_stuck, 0x08),
            bit(self.fault == PrinterFault::PaperOut, 0x0c) | bit(self.fault == PrinterFault::PaperNearEnd, 0x03),
            0,
        ]
    }

    fn report_changes(&mut self) {
        let status = self.automatic_status();
        if self.status_mask != 0 && self.reported != Some(status) {
            self.report();
        }
    }

    fn report(&mut self) {
        let status = self.automatic_status();
        self.reported = Some(status);
        self.reply(&status);
    }

    fn reply(&mut self, bytes: &[u8]) {
        if self.fault != PrinterFault::Deaf && !self.is_away() {
            self.replies.extend(bytes);
        }
    }

    fn cut(&mut self, feed_dots: u32) {
        self.press.feed_dots(feed_dots);
        if self.fault == PrinterFault::CutterStuck {
            self.cutter_stuck = true;
            self.report_changes();
            return;
        }
        self.press.end_strip(PaperEnd::Cut);
    }

    /// A new job on a printer without a cutter: somebody has torn off the last one.
    fn initialise(&mut self) {
        if self.profile.cutter == Cutter::TearBar {
            self.press.end_strip(PaperEnd::Torn);
        }
        self.press.initialise();
    }

    fn note_unknown(&mut self, bytes: &[u8]) {
        if self.unknown.len() < UNKNOWN_MAX {
            self.unknown.push(bytes.to_vec());
        }
    }
}

impl FarEnd for PrinterSimulator {
    fn receive(&mut self, bytes: &[u8]) -> usize {
        Self::receive(self, bytes)
    }

    fn room(&self) -> usize {
        Self::room(self)
    }

    fn take_replies(&mut self, count_max: usize) -> Vec<u8> {
        Self::take_replies(self, count_max)
    }

    fn baud(&self) -> u32 {
        self.baud
    }

    fn is_unplugged(&self) -> bool {
        matches!(self.fault, PrinterFault::Unplugged | PrinterFault::CableOut)
    }

    fn pass(&mut self, time: Duration) {
        self.gain(time);
    }
}

/// A handle to a simulated printer; clones share it.
#[derive(Clone, Debug)]
pub struct SimulatedPrinter(Shared<PrinterSimulator>);

impl SimulatedPrinter {
    /// A printer of this model with paper in it.
    #[must_use]
    pub fn new(profile: Profile) -> Self {
        Self(Arc::new(Mutex::new(PrinterSimulator::new(profile))))
    }

    /// A line to it within the process. Its clock runs as fast as nobody waits.
    #[must_use]
    pub fn port(&self) -> PipePort<PrinterSimulator> {
        PipePort::new(self.far_end())
    }

    /// The device itself, for a line to sit at its end.
    #[must_use]
    pub fn far_end(&self) -> Shared<PrinterSimulator> {
        Arc::clone(&self.0)
    }

    /// Breaks or mends it, now.
    pub fn set_fault(&self, fault: PrinterFault) {
        self.lock().set_fault(fault);
    }

    /// Breaks or mends it when it has worked off so many more bytes.
    pub fn set_fault_after(&self, bytes: usize, fault: PrinterFault) {
        self.lock().set_fault_after(bytes, fault);
    }

    /// What is wrong at present.
    #[must_use]
    pub fn fault(&self) -> PrinterFault {
        self.lock().fault()
    }

    /// Every strip that left the printer, oldest first.
    #[must_use]
    pub fn strips(&self) -> Vec<PaperStrip> {
        self.lock().strips().to_vec()
    }

    /// The strip that still hangs in the printer, if anything is on it.
    #[must_use]
    pub fn strip_in_progress(&self) -> Option<PaperStrip> {
        self.lock().strip_in_progress()
    }

    /// Tears off what hangs in the printer.
    pub fn tear(&self) {
        self.lock().tear();
    }

    /// How many pulses the drawer got.
    #[must_use]
    pub fn drawer_pulses(&self) -> u32 {
        self.lock().drawer_pulses()
    }

    /// Whether the drawer stands open.
    #[must_use]
    pub fn is_drawer_open(&self) -> bool {
        self.lock().is_drawer_open()
    }

    /// Pushes the drawer shut.
    pub fn close_drawer(&self) {
        self.lock().close_drawer();
    }

    /// Gives it the mechanism and the small buffer of a real one.
    pub fn set_pace(&self, pace: Pace) {
        self.lock().set_pace(pace);
    }

    /// Bytes that found its buffer full and are lost.
    #[must_use]
    pub fn bytes_lost(&self) -> usize {
        self.lock().bytes_lost()
    }

    /// Commands that the simulator does not know.
    #[must_use]
    pub fn unknown_commands(&self) -> Vec<Vec<u8>> {
        self.lock().unknown_commands().to_vec()
    }

    fn lock(&self) -> MutexGuard<'_, PrinterSimulator> {
        lock(&self.0)
    }
}

#[cfg(test)]
mod tests;
