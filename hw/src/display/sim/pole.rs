//! A pole display made of software: DM-D110 commands in, 20 × 2 characters out.
//!
//! It is strict: what the manual does not give, or gives with other parameters, is noted as unknown and does nothing.

use std::sync::{Arc, MutexGuard};

use embedded_graphics::mono_font::MonoTextStyle;
use embedded_graphics::mono_font::iso_8859_15::FONT_6X10;
use embedded_graphics::pixelcolor::BinaryColor;
use embedded_graphics::prelude::*;
use embedded_graphics::text::{Baseline, Text};

use super::picture::{self, Dot, Look};
use crate::display::pole::{COLUMNS, ROWS};
use crate::port::far_end::lock;
use crate::port::{FarEnd, PipePort, Shared};
use crate::printer::code_page::CodePage;
use crate::raster::BitmapBuf;

/// Unknown commands that are remembered.
pub const UNKNOWN_MAX: usize = 64;
/// Bytes to the printer behind the display that are remembered.
pub const PASSED_BYTES_MAX: usize = 4096;
/// Line speed of a pole display as delivered.
const BAUD: u32 = 9_600;

const GLYPH_WIDTH_DOTS: u32 = 5;
/// Real ones have seven; three more give letters their accents and tails.
const GLYPH_HEIGHT_DOTS: u32 = 10;
/// No dots between the characters of a line, and between the lines.
const GAP_X_DOTS: u32 = 2;
const GAP_Y_DOTS: u32 = 4;
const MARGIN_DOTS: u32 = 3;
/// From one character and one line to the next.
const FIRST: i32 = 3;
const STEP_X: i32 = 7;
const STEP_Y: i32 = 14;
const WIDTH_DOTS: u32 = 2 * MARGIN_DOTS + 20 * (GLYPH_WIDTH_DOTS + GAP_X_DOTS) - GAP_X_DOTS;
const HEIGHT_DOTS: u32 = 2 * MARGIN_DOTS + 2 * (GLYPH_HEIGHT_DOTS + GAP_Y_DOTS) - GAP_Y_DOTS;

/// The green of a vacuum fluorescent display behind its filter, by brightness.
const LIT: [[u8; 3]; 4] = [[0x1c, 0x5c, 0x4c], [0x2f, 0x93, 0x78], [0x46, 0xc9, 0xa4], [0x66, 0xff, 0xd2]];
const DARK: [u8; 3] = [0x0b, 0x19, 0x18];
const GLASS: [u8; 3] = [0x06, 0x10, 0x10];

/// What is wrong with the display.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PoleFault {
    /// Nothing.
    #[default]
    Ok,
    /// The line is there, and takes no byte.
    Deaf,
    /// Cable and power are pulled.
    Unplugged,
}

impl PoleFault {
    /// Every fault with the name by which configuration and a person at a prompt call it.
    pub const NAMED: &'static [(&'static str, Self)] = &[("ok", Self::Ok), ("deaf", Self::Deaf), ("unplugged", Self::Unplugged)];

    /// The fault of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::NAMED.iter().find(|(known, _)| *known == name).map(|&(_, fault)| fault)
    }
}

/// What the display does with a character at the end of a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Mode {
    #[default]
    Overwrite,
    ScrollUp,
    ScrollLeft,
}

/// Who is listening, as `ESC =` says it: bit 0 the printer behind the display, bit 1 the display.
const FOR_PRINTER: u8 = 1;
const FOR_DISPLAY: u8 = 2;

/// What power-on sets.
#[derive(Clone, Debug)]
struct Glass {
    cells: [[u8; COLUMNS]; ROWS],
    x: usize,
    y: usize,
    mode: Mode,
    page: CodePage,
    brightness: u8,
}

impl Default for Glass {
    fn default() -> Self {
        Self { cells: [[b' '; COLUMNS]; ROWS], x: 0, y: 0, mode: Mode::Overwrite, page: CodePage::Pc437, brightness: 4 }
    }
}

/// The display's state machine: bytes in, characters out. Knows no time and no line.
#[derive(Debug)]
pub struct PoleSimulator {
    glass: Glass,
    listening: u8,
    command: Vec<u8>,
    fault: PoleFault,
    unknown: Vec<Vec<u8>>,
    passed: Vec<u8>,
    received: u64,
}

impl Default for PoleSimulator {
    fn default() -> Self {
        Self {
            glass: Glass::default(),
            listening: FOR_DISPLAY,
            command: Vec::new(),
            fault: PoleFault::Ok,
            unknown: Vec::new(),
            passed: Vec::new(),
            received: 0,
        }
    }
}

impl PoleSimulator {
    /// Breaks or mends the display. Unplugged, it forgets everything.
    pub fn set_fault(&mut self, fault: PoleFault) {
        self.fault = fault;
        if fault == PoleFault::Unplugged {
            self.switch_off();
        }
    }

    /// Power fails for a moment, while the line stays: everything is forgotten.
    pub fn switch_off(&mut self) {
        self.glass = Glass::default();
        self.listening = FOR_DISPLAY;
        self.command.clear();
    }

    /// Takes bytes from the line; none while it is broken.
    pub fn receive(&mut self, bytes: &[u8]) -> usize {
        if self.fault != PoleFault::Ok {
            return 0;
        }
        for &byte in bytes {
            self.received += 1;
            self.take(byte);
        }
        bytes.len()
    }

    /// The two lines.
    #[must_use]
    pub fn lines(&self) -> [String; ROWS] {
        self.glass.cells.map(|cells| cells.iter().map(|&cell| self.glass.page.decode(cell)).collect())
    }

    /// Brightness, 1 to 4.
    #[must_use]
    pub const fn brightness(&self) -> u8 {
        self.glass.brightness
    }

    /// Commands that this simulator does not know, the first [`UNKNOWN_MAX`].
    #[must_use]
    pub fn unknown_commands(&self) -> &[Vec<u8>] {
        &self.unknown
    }

    /// What went through to a printer behind the display, the last [`PASSED_BYTES_MAX`] bytes.
    #[must_use]
    pub fn passed(&self) -> &[u8] {
        &self.passed
    }

    /// How many bytes came in since it was made.
    #[must_use]
    pub const fn received(&self) -> u64 {
        self.received
    }

    /// The lit dots.
    #[must_use]
    pub fn dots(&self) -> BitmapBuf {
        let mut dots = BitmapBuf::white(WIDTH_DOTS, HEIGHT_DOTS);
        for (row, line) in (0..).zip(self.lines()) {
            for (column, character) in (0..).zip(line.chars()) {
                let at = Point::new(FIRST + column * STEP_X, FIRST + row * STEP_Y);
                let mut bytes = [0; 4];
                let style = MonoTextStyle::new(&FONT_6X10, BinaryColor::On);
                match Text::with_baseline(character.encode_utf8(&mut bytes), at, style, Baseline::Top).draw(&mut dots) {
                    Ok(_) => {}
                }
            }
        }
        dots
    }

    /// What it looks like, as a PNG file.
    #[must_use]
    pub fn png(&self) -> Vec<u8> {
        let dots = self.dots();
        let lit = LIT[usize::from(self.glass.brightness.clamp(1, 4)) - 1];
        let look = Look { pixels_per_dot: 4, lit, dark: DARK, gap: GLASS };
        picture::png(&look, WIDTH_DOTS, HEIGHT_DOTS, |x, y| match dots.as_bitmap().is_black(x, y) {
            true => Dot::Lit,
            false if is_dot(x, GLYPH_WIDTH_DOTS, GAP_X_DOTS) && is_dot(y, GLYPH_HEIGHT_DOTS, GAP_Y_DOTS) => Dot::Dark,
            false => Dot::Gap,
        })
    }

    fn take(&mut self, byte: u8) {
        self.command.push(byte);
        // Who is listening is heard by the display whoever listens.
        match self.command[..] {
            [0x1b] | [0x1b, b'='] => return,
            [0x1b, b'=', devices @ 1..=3] => {
                self.listening = devices;
                return self.command.clear();
            }
            _ => {}
        }
        let done = self.listening & FOR_DISPLAY == 0 || self.obey();
        if done {
            let command = core::mem::take(&mut self.command);
            if self.listening & FOR_PRINTER != 0 {
                self.pass_on(&command);
            }
        }
    }

    /// Carries out the command if it is whole; whether it was.
    fn obey(&mut self) -> bool {
        let glass = &mut self.glass;
        match self.command[..] {
            [0x1f | 0x1b] | [0x1f, b'$' | b'X' | b'E' | b'r' | b'C'] | [0x1f, b'$', _] | [0x1b, b't' | b'R'] => return false,
            [0x0c] => {
                glass.cells = Glass::default().cells;
                (glass.x, glass.y) = (0, 0);
            }
            [0x0b] => (glass.x, glass.y) = (0, 0),
            [0x18] => {
                glass.cells[glass.y] = [b' '; COLUMNS];
                glass.x = 0;
            }
            [0x1b, b'@'] => *glass = Glass::default(),
            [0x1b, b'R', 0..=17] | [0x1f, b'E', _] | [0x1f, b'r' | b'C', 0 | 1] => {}
            [0x1b, b't', number] if page_of(number).is_some() => glass.page = page_of(number).unwrap_or_default(),
            [0x1f, 1] => glass.mode = Mode::Overwrite,
            [0x1f, 2] => glass.mode = Mode::ScrollUp,
            [0x1f, 3] => glass.mode = Mode::ScrollLeft,
            [0x1f, b'X', brightness @ 1..=4] => glass.brightness = brightness,
            [0x1f, b'$', x @ 1..=20, y @ 1..=2] => (glass.x, glass.y) = (usize::from(x) - 1, usize::from(y) - 1),
            [character @ 0x20..=0xff] => glass.write(character),
            _ if self.unknown.len() < UNKNOWN_MAX => self.unknown.push(self.command.clone()),
            _ => {}
        }
        true
    }

    fn pass_on(&mut self, bytes: &[u8]) {
        self.passed.extend(bytes);
        let surplus = self.passed.len().saturating_sub(PASSED_BYTES_MAX);
        self.passed.drain(..surplus);
    }
}

impl Glass {
    fn write(&mut self, character: u8) {
        if self.x == COLUMNS {
            match self.mode {
                Mode::Overwrite => (self.x, self.y) = (0, (self.y + 1) % ROWS),
                Mode::ScrollUp => {
                    self.x = 0;
                    if self.y + 1 < ROWS {
                        self.y += 1;
                    } else {
                        self.cells = [self.cells[1], [b' '; COLUMNS]];
                    }
                }
                Mode::ScrollLeft => {
                    self.cells[self.y].rotate_left(1);
                    self.x -= 1;
                }
            }
        }
        self.cells[self.y][self.x] = character;
        self.x += 1;
    }
}

/// Epson's numbers of the pages that can be told apart here.
const fn page_of(number: u8) -> Option<CodePage> {
    match number {
        0 => Some(CodePage::Pc437),
        2 => Some(CodePage::Pc850),
        5 => Some(CodePage::Pc865),
        16 => Some(CodePage::Windows1252),
        19 => Some(CodePage::Pc858),
        _ => None,
    }
}

/// Whether a dot of the glass belongs to a character, along one axis.
const fn is_dot(at: u32, glyph_dots: u32, gap_dots: u32) -> bool {
    at >= MARGIN_DOTS && (at - MARGIN_DOTS) % (glyph_dots + gap_dots) < glyph_dots
}

impl FarEnd for PoleSimulator {
    fn receive(&mut self, bytes: &[u8]) -> usize {
        Self::receive(self, bytes)
    }

    fn room(&self) -> usize {
        if self.fault == PoleFault::Ok { usize::MAX } else { 0 }
    }

    fn take_replies(&mut self, _: usize) -> Vec<u8> {
        Vec::new()
    }

    fn baud(&self) -> u32 {
        BAUD
    }

    fn is_unplugged(&self) -> bool {
        self.fault == PoleFault::Unplugged
    }
}

/// A handle to a simulated pole display; clones share it.
#[derive(Clone, Debug, Default)]
pub struct SimulatedPole(Shared<PoleSimulator>);

impl SimulatedPole {
    /// A display that has just been switched on.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A line to it within the process. Its clock runs as fast as nobody waits.
    #[must_use]
    pub fn port(&self) -> PipePort<PoleSimulator> {
        PipePort::new(self.far_end())
    }

    /// The device itself, for a line to sit at its end.
    #[must_use]
    pub fn far_end(&self) -> Shared<PoleSimulator> {
        Arc::clone(&self.0)
    }

    /// Breaks or mends it.
    pub fn set_fault(&self, fault: PoleFault) {
        self.lock().set_fault(fault);
    }

    /// Power fails for a moment, while the line stays.
    pub fn switch_off(&self) {
        self.lock().switch_off();
    }

    /// The two lines.
    #[must_use]
    pub fn lines(&self) -> [String; ROWS] {
        self.lock().lines()
    }

    /// Brightness, 1 to 4.
    #[must_use]
    pub fn brightness(&self) -> u8 {
        self.lock().brightness()
    }

    /// Commands that the simulator does not know.
    #[must_use]
    pub fn unknown_commands(&self) -> Vec<Vec<u8>> {
        self.lock().unknown_commands().to_vec()
    }

    /// What went through to a printer behind the display.
    #[must_use]
    pub fn passed(&self) -> Vec<u8> {
        self.lock().passed().to_vec()
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

    fn lock(&self) -> MutexGuard<'_, PoleSimulator> {
        lock(&self.0)
    }
}
