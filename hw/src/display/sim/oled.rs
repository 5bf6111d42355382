//! An OLED module made of software: what an SSD1306 makes of the bytes on its bus.
//!
//! Source: Solomon Systech, SSD1306 data sheet, chapters 8 to 10. The panel is wired as modules are: upright when segments and rows are both
//! reversed. It is strict: a command that the data sheet does not give is noted as unknown.

use std::sync::{Arc, MutexGuard};

use embedded_hal::i2c::{ErrorKind, ErrorType, I2c, NoAcknowledgeSource, Operation};

use super::oled_png;
use crate::display::oled::{OLED_ADDRESS, OledPanel};
use crate::port::Shared;
use crate::port::far_end::lock;
use crate::raster::BitmapBuf;

/// Unknown commands that are remembered.
pub const UNKNOWN_MAX: usize = 64;

const COLUMNS: u8 = 128;
const PAGES: u8 = 8;

/// What is wrong with the module.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OledFault {
    /// Nothing.
    #[default]
    Ok,
    /// It is not there: nobody acknowledges.
    Unplugged,
    /// It acknowledges so many more bytes, then no more.
    AwayAfter {
        /// How many.
        bytes: usize,
    },
}

impl OledFault {
    /// Every fault with the name by which configuration and a person at a prompt call it.
    pub const NAMED: &'static [(&'static str, Self)] =
        &[("ok", Self::Ok), ("unplugged", Self::Unplugged), ("away-soon", Self::AwayAfter { bytes: 200 })];

    /// The fault of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::NAMED.iter().find(|(known, _)| *known == name).map(|&(_, fault)| fault)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Addressing {
    Horizontal,
    Vertical,
    Page,
}

/// Registers and memory as power-on leaves them, but for the memory, which then holds noise.
#[derive(Clone, Debug)]
struct Chip {
    memory: [[u8; COLUMNS as usize]; PAGES as usize],
    is_on: bool,
    has_charge_pump: bool,
    all_on: bool,
    inverted: bool,
    segments_reversed: bool,
    rows_reversed: bool,
    rows_alternate: bool,
    rows_max: u8,
    start_line: u8,
    offset: u8,
    addressing: Addressing,
    columns: (u8, u8),
    pages: (u8, u8),
    column: u8,
    page: u8,
}

impl Default for Chip {
    fn default() -> Self {
        Self {
            memory: core::array::from_fn(|page| core::array::from_fn(|column| NOISE[(page * 5 + column * 3) % NOISE.len()])),
            is_on: false,
            has_charge_pump: false,
            all_on: false,
            inverted: false,
            segments_reversed: false,
            rows_reversed: false,
            rows_alternate: true,
            rows_max: 63,
            start_line: 0,
            offset: 0,
            addressing: Addressing::Page,
            columns: (0, COLUMNS - 1),
            pages: (0, PAGES - 1),
            column: 0,
            page: 0,
        }
    }
}

const NOISE: [u8; 7] = [0xa5, 0x13, 0x88, 0x5c, 0x00, 0xee, 0x31];

/// The module's state machine.
#[derive(Debug)]
pub struct OledSimulator {
    panel: OledPanel,
    chip: Chip,
    command: Vec<u8>,
    fault: OledFault,
    unknown: Vec<Vec<u8>>,
    received: u64,
}

impl OledSimulator {
    /// A module that has just been switched on.
    #[must_use]
    pub fn new(panel: OledPanel) -> Self {
        Self { panel, chip: Chip::default(), command: Vec::new(), fault: OledFault::Ok, unknown: Vec::new(), received: 0 }
    }

    /// Breaks or mends the module. Unplugged, it forgets everything.
    pub fn set_fault(&mut self, fault: OledFault) {
        self.fault = fault;
        if fault == OledFault::Unplugged {
            self.switch_off();
        }
    }

    /// Its supply dips, too short for anybody to see it away: everything is forgotten.
    pub fn switch_off(&mut self) {
        self.chip = Chip::default();
        self.command.clear();
    }

    /// Commands that this simulator does not know, the first [`UNKNOWN_MAX`].
    #[must_use]
    pub fn unknown_commands(&self) -> &[Vec<u8>] {
        &self.unknown
    }

    /// How many bytes came in since it was made.
    #[must_use]
    pub const fn received(&self) -> u64 {
        self.received
    }

    /// The lit dots.
    #[must_use]
    pub fn dots(&self) -> BitmapBuf {
        let height = self.panel.height_dots();
        let mut dots = BitmapBuf::white(u32::from(COLUMNS), height);
        for row in (0..64).take_while(|&row| u32::from(row) < height) {
            for column in 0..COLUMNS {
                dots.set(u32::from(column), u32::from(row), self.chip.is_lit(self.panel, column, row));
            }
        }
        dots
    }

    /// What it looks like, as a PNG file.
    #[must_use]
    pub fn png(&self) -> Vec<u8> {
        oled_png(&self.dots())
    }

    /// One write on the bus after the address. Each control byte says what follows: one byte or all of them, command or memory.
    fn write(&mut self, bytes: &[u8]) -> Result<(), ErrorKind> {
        let (mut control, mut streams) = (None, false);
        for &byte in bytes {
            if let OledFault::AwayAfter { bytes } = &mut self.fault {
                match bytes.checked_sub(1) {
                    Some(left) => *bytes = left,
                    None => return Err(ErrorKind::NoAcknowledge(NoAcknowledgeSource::Data)),
                }
            }
            self.received += 1;
            match control {
                None => {
                    control = Some(byte & 0x40 != 0);
                    streams = byte & 0x80 == 0;
                    if byte & 0x3f != 0 {
                        self.note_unknown(&[byte]);
                    }
                }
                Some(is_memory) => {
                    if is_memory {
                        self.chip.store(byte)
                    } else {
                        self.take_command(byte)
                    }
                    control = control.filter(|_| streams);
                }
            }
        }
        Ok(())
    }

    fn take_command(&mut self, byte: u8) {
        self.command.push(byte);
        if self.command.len() > parameters(self.command[0]) {
            let command = core::mem::take(&mut self.command);
            if !self.chip.obey(&command) {
                self.note_unknown(&command);
            }
        }
    }

    fn note_unknown(&mut self, bytes: &[u8]) {
        if self.unknown.len() < UNKNOWN_MAX {
            self.unknown.push(bytes.to_vec());
        }
    }
}

/// How many bytes follow a command.
const fn parameters(command: u8) -> usize {
    match command {
        0x20 | 0x81 | 0x8d | 0xa8 | 0xd3 | 0xd5 | 0xd9 | 0xda | 0xdb => 1,
        0x21 | 0x22 | 0xa3 => 2,
        0x29 | 0x2a => 5,
        0x26 | 0x27 => 6,
        _ => 0,
    }
}

impl Chip {
    /// Carries out a whole command; whether the data sheet knows it.
    fn obey(&mut self, command: &[u8]) -> bool {
        match *command {
            [low @ 0x00..=0x0f] => self.column = self.column & 0xf0 | low,
            [high @ 0x10..=0x17] => self.column = self.column & 0x0f | (high & 0x07) << 4,
            [0x20, mode @ 0..=2] => {
                self.addressing = [Addressing::Horizontal, Addressing::Vertical, Addressing::Page][usize::from(mode)];
            }
            [0x21, first, last] if first <= last && last < COLUMNS => (self.columns, self.column) = ((first, last), first),
            [0x22, first, last] if first <= last && last < PAGES => (self.pages, self.page) = ((first, last), first),
            [line @ 0x40..=0x7f] => self.start_line = line & 0x3f,
            [0x8d, pump @ (0x10 | 0x14)] => self.has_charge_pump = pump == 0x14,
            [0xa0 | 0xa1] => self.segments_reversed = command[0] == 0xa1,
            [0xa4 | 0xa5] => self.all_on = command[0] == 0xa5,
            [0xa6 | 0xa7] => self.inverted = command[0] == 0xa7,
            [0xa8, rows @ 15..=63] => self.rows_max = rows,
            [0xae | 0xaf] => self.is_on = command[0] == 0xaf,
            [page @ 0xb0..=0xb7] => self.page = page & 0x07,
            [0xc0 | 0xc8] => self.rows_reversed = command[0] == 0xc8,
            [0xd3, offset @ 0..=63] => self.offset = offset,
            [0xda, pins @ (0x02 | 0x12 | 0x22 | 0x32)] => self.rows_alternate = pins & 0x10 != 0,
            // Contrast, timing, no scrolling, nothing: no dot changes its place.
            [0x81 | 0xd5, _] | [0xd9, 0x11..=0xff] | [0xdb, 0x00 | 0x10 | 0x20 | 0x30 | 0x40] | [0x2e | 0xe3] => {}
            _ => return false,
        }
        true
    }

    /// One byte into the memory: eight dots of a column, the lowest bit above.
    fn store(&mut self, byte: u8) {
        self.memory[usize::from(self.page % PAGES)][usize::from(self.column % COLUMNS)] = byte;
        let next = |at: u8, (first, last): (u8, u8)| if at >= last { (first, true) } else { (at + 1, false) };
        match self.addressing {
            Addressing::Horizontal => {
                let (column, is_wrapped) = next(self.column, self.columns);
                self.column = column;
                if is_wrapped {
                    self.page = next(self.page, self.pages).0;
                }
            }
            Addressing::Vertical => {
                let (page, is_wrapped) = next(self.page, self.pages);
                self.page = page;
                if is_wrapped {
                    self.column = next(self.column, self.columns).0;
                }
            }
            Addressing::Page => self.column = next(self.column, (0, COLUMNS - 1)).0,
        }
    }

    /// Whether the dot that a person sees there shines.
    fn is_lit(&self, panel: OledPanel, column: u8, row: u8) -> bool {
        if !(self.is_on && self.has_charge_pump) || row > self.rows_max {
            return false;
        }
        // The rows of a tall panel go to the chip's pins by turns; told otherwise, the chip drives the wrong ones.
        if self.rows_alternate != (panel == OledPanel::Tall) && row % 2 == 1 {
            return false;
        }
        let column = if self.segments_reversed { column } else { COLUMNS - 1 - column };
        let row = if self.rows_reversed { row } else { self.rows_max - row };
        let line = (row + self.offset + self.start_line) % (PAGES * 8);
        let bit = self.memory[usize::from(line / 8)][usize::from(column)] >> (line % 8) & 1 == 1;
        self.all_on || bit != self.inverted
    }
}

/// A handle to a simulated OLED, and a bus with nothing else on it; clones share it.
#[derive(Clone, Debug)]
pub struct SimulatedOled(Shared<OledSimulator>);

impl SimulatedOled {
    /// A module that has just been switched on.
    #[must_use]
    pub fn new(panel: OledPanel) -> Self {
        Self(Arc::new(std::sync::Mutex::new(OledSimulator::new(panel))))
    }

    /// Breaks or mends it.
    pub fn set_fault(&self, fault: OledFault) {
        self.lock().set_fault(fault);
    }

    /// Its supply dips.
    pub fn switch_off(&self) {
        self.lock().switch_off();
    }

    /// Commands that the simulator does not know.
    #[must_use]
    pub fn unknown_commands(&self) -> Vec<Vec<u8>> {
        self.lock().unknown_commands().to_vec()
    }

    /// How many bytes came in since it was made.
    #[must_use]
    pub fn received(&self) -> u64 {
        self.lock().received()
    }

    /// The lit dots.
    #[must_use]
    pub fn dots(&self) -> BitmapBuf {
        self.lock().dots()
    }

    /// What it looks like, as a PNG file.
    #[must_use]
    pub fn png(&self) -> Vec<u8> {
        self.lock().png()
    }

    fn lock(&self) -> MutexGuard<'_, OledSimulator> {
        lock(&self.0)
    }
}

impl ErrorType for SimulatedOled {
    type Error = ErrorKind;
}

impl I2c for SimulatedOled {
    fn transaction(&mut self, address: u8, operations: &mut [Operation<'_>]) -> Result<(), ErrorKind> {
        let mut module = self.lock();
        if address != OLED_ADDRESS || module.fault == OledFault::Unplugged {
            return Err(ErrorKind::NoAcknowledge(NoAcknowledgeSource::Address));
        }
        operations.iter_mut().try_for_each(|operation| match operation {
            Operation::Write(bytes) => module.write(bytes),
            Operation::Read(_) => Err(ErrorKind::Other),
        })
    }
}
