//! Paper and what is on it.

use super::STRIPS_MAX;
use super::glyph::{CELL_HEIGHT_DOTS, CELL_WIDTH_DOTS, Glyphs, Strokes};
use crate::document::Align;
use crate::printer::code_page::CodePage;
use crate::printer::profile::Profile;
use crate::raster::{Bitmap, stride_bytes};

/// From one line's top to the next one's, unless set otherwise.
const LINE_DOTS: u32 = 30;
/// Paper between a tall line and the next.
const LINE_GAP_DOTS: u32 = LINE_DOTS - CELL_HEIGHT_DOTS;
/// A strip longer than this ends by itself: about 4 m.
const STRIP_DOTS_MAX: u32 = 32_000;
const TAB_COLUMNS: u32 = 8;

/// How a strip left the printer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaperEnd {
    /// By the cutter.
    Cut,
    /// By hand.
    Torn,
    /// The roll ended.
    RollEnd,
    /// Not yet.
    InPrinter,
}

/// A piece of paper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaperStrip {
    pub(super) width_dots: u32,
    pub(super) height_dots: u32,
    pub(super) bits: Vec<u8>,
    text: String,
    end: PaperEnd,
}

impl PaperStrip {
    /// What is on it as text; pictures and QR codes stand as a word in brackets.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// How it left the printer.
    #[must_use]
    pub const fn end(&self) -> PaperEnd {
        self.end
    }

    /// What is on it as a picture of the printable width.
    #[must_use]
    pub fn bitmap(&self) -> Option<Bitmap<'_>> {
        Bitmap::new(self.width_dots, self.height_dots, &self.bits)
    }

    /// What it looks like, as a PNG file.
    #[must_use]
    pub fn png(&self) -> Vec<u8> {
        super::picture::png(self)
    }

    fn blank(width_dots: u32) -> Self {
        Self { width_dots, height_dots: 0, bits: Vec::new(), text: String::new(), end: PaperEnd::InPrinter }
    }
}

#[derive(Clone, Copy, Debug)]
struct Look {
    align: Align,
    strokes: Strokes,
    scale_x: u32,
    scale_y: u32,
    /// Nothing for a page that the simulator does not know: its letters come out as boxes.
    page: Option<CodePage>,
    spacing_dots: Option<u32>,
}

const PLAIN: Look = Look {
    align: Align::Left,
    strokes: Strokes { bold: false, underline: false, reverse: false },
    scale_x: 1,
    scale_y: 1,
    page: Some(CodePage::Pc437),
    spacing_dots: None,
};

/// A character in the line being set.
#[derive(Clone, Copy, Debug)]
struct Placed {
    left_dots: u32,
    character: char,
    look: Look,
}

/// The printing mechanism: one line being set, one strip in the printer, and those that left it.
#[derive(Debug)]
pub(super) struct Press {
    look: Look,
    line: Vec<Placed>,
    /// Where the next character of the line goes.
    cursor_dots: u32,
    strip: PaperStrip,
    strips: Vec<PaperStrip>,
    glyphs: Glyphs,
}

impl Press {
    pub(super) fn new(profile: &Profile) -> Self {
        Self {
            look: PLAIN,
            line: Vec::new(),
            cursor_dots: 0,
            strip: PaperStrip::blank(u32::from(profile.width_dots).max(CELL_WIDTH_DOTS)),
            strips: Vec::new(),
            glyphs: Glyphs::default(),
        }
    }

    pub(super) fn strips(&self) -> &[PaperStrip] {
        &self.strips
    }

    pub(super) fn in_progress(&self) -> Option<PaperStrip> {
        (self.strip.height_dots > 0).then(|| self.strip.clone())
    }

    pub(super) fn set_align(&mut self, align: Align) {
        self.look.align = align;
    }

    pub(super) fn set_bold(&mut self, bold: bool) {
        self.look.strokes.bold = bold;
    }

    pub(super) fn set_underline(&mut self, underline: bool) {
        self.look.strokes.underline = underline;
    }

    pub(super) fn set_reverse(&mut self, reverse: bool) {
        self.look.strokes.reverse = reverse;
    }

    pub(super) fn set_scale(&mut self, scale_x: u32, scale_y: u32) {
        (self.look.scale_x, self.look.scale_y) = (scale_x, scale_y);
    }

    pub(super) fn set_page(&mut self, page: Option<CodePage>) {
        self.look.page = page;
    }

    pub(super) fn set_spacing(&mut self, dots: Option<u32>) {
        self.look.spacing_dots = dots;
    }

    pub(super) fn initialise(&mut self) {
        self.line.clear();
        self.cursor_dots = 0;
        self.look = PLAIN;
    }

    /// Drops what was read and is not on paper yet.
    pub(super) fn forget_line(&mut self) {
        self.initialise();
    }

    pub(super) fn print(&mut self, byte: u8) {
        if self.cursor_dots + CELL_WIDTH_DOTS * self.look.scale_x > self.strip.width_dots {
            self.line_feed();
        }
        let character = match self.look.page {
            Some(page) => page.decode(byte),
            None if byte.is_ascii() => char::from(byte),
            None => '\u{fffd}',
        };
        self.line.push(Placed { left_dots: self.cursor_dots, character, look: self.look });
        self.cursor_dots += CELL_WIDTH_DOTS * self.look.scale_x;
    }

    pub(super) fn tab(&mut self) {
        let column = self.cursor_dots / CELL_WIDTH_DOTS;
        for _ in 0..TAB_COLUMNS - column % TAB_COLUMNS {
            self.print(b' ');
        }
    }

    /// Sets the place in the line, from the left margin; beyond the paper nothing happens.
    pub(super) fn move_to(&mut self, left_dots: u32) {
        if left_dots < self.strip.width_dots {
            self.cursor_dots = left_dots;
        }
    }

    /// Moves the place in the line.
    pub(super) fn move_by(&mut self, dots: i16) {
        self.move_to(self.cursor_dots.saturating_add_signed(i32::from(dots)));
    }

    pub(super) fn line_feed(&mut self) {
        let line = core::mem::take(&mut self.line);
        self.cursor_dots = 0;
        let scale_y = line.iter().map(|placed| placed.look.scale_y).max().unwrap_or(1);
        let glyphs_dots = CELL_HEIGHT_DOTS * scale_y;
        let top = self.strip.height_dots;
        self.feed_paper(self.look.spacing_dots.unwrap_or(glyphs_dots + LINE_GAP_DOTS).max(if line.is_empty() { 0 } else { glyphs_dots }));
        let width_dots = line.iter().map(|placed| placed.left_dots + CELL_WIDTH_DOTS * placed.look.scale_x).max().unwrap_or(0);
        let indent = self.indent_dots(width_dots);
        let mut text = String::new();
        let mut columns = 0;
        for Placed { left_dots, character, look } in line {
            let left = indent + left_dots;
            self.stamp(character, look, left, top + glyphs_dots - CELL_HEIGHT_DOTS * look.scale_y);
            let column = left / CELL_WIDTH_DOTS;
            text.extend(core::iter::repeat_n(' ', column.saturating_sub(columns) as usize));
            text.push(character);
            columns = columns.max(column) + 1;
        }
        self.strip.text.push_str(text.trim_end());
        self.strip.text.push('\n');
    }

    pub(super) fn feed_lines(&mut self, lines: u8) {
        if !self.line.is_empty() {
            self.line_feed();
        }
        for _ in 0..lines {
            self.line_feed();
        }
    }

    pub(super) fn feed_dots(&mut self, dots: u32) {
        if !self.line.is_empty() {
            self.line_feed();
        }
        self.feed_paper(dots);
    }

    /// Draws a picture of `width` × `height` cells of `scale` dots, where lines stand, and marks it in the text.
    /// Slices that follow each other are one picture.
    pub(super) fn draw(&mut self, width: u32, height: u32, scale: (u32, u32), mark: &str, is_black: impl Fn(u32, u32) -> bool) {
        if !self.line.is_empty() {
            self.line_feed();
        }
        let left = self.indent_dots(width * scale.0);
        let top = self.strip.height_dots;
        self.feed_paper(height * scale.1);
        for y in 0..height {
            for x in (0..width).filter(|&x| is_black(x, y)) {
                for dot in 0..scale.0 * scale.1 {
                    set(&mut self.strip, left + x * scale.0 + dot % scale.0, top + y * scale.1 + dot / scale.0);
                }
            }
        }
        self.mark(mark);
    }

    pub(super) fn mark(&mut self, mark: &str) {
        if self.strip.text.lines().last().map(str::trim) != Some(mark) {
            let columns = (self.strip.width_dots / CELL_WIDTH_DOTS) as usize;
            let indent = " ".repeat(columns.saturating_sub(mark.len()) / 2);
            self.strip.text.push_str(&format!("{indent}{mark}\n"));
        }
    }

    pub(super) fn end_strip(&mut self, end: PaperEnd) {
        if !self.line.is_empty() && end == PaperEnd::Cut {
            self.line_feed();
        }
        if self.strip.height_dots == 0 {
            return;
        }
        if self.strips.len() >= STRIPS_MAX {
            self.strips.remove(0);
        }
        let blank = PaperStrip::blank(self.strip.width_dots);
        let strip = core::mem::replace(&mut self.strip, blank);
        self.strips.push(PaperStrip { end, ..strip });
    }

    fn indent_dots(&self, width_dots: u32) -> u32 {
        let free = self.strip.width_dots.saturating_sub(width_dots);
        match self.look.align {
            Align::Left => 0,
            Align::Center => free / 2,
            Align::Right => free,
        }
    }

    fn feed_paper(&mut self, dots: u32) {
        if self.strip.height_dots + dots > STRIP_DOTS_MAX {
            self.end_strip(PaperEnd::Torn);
        }
        self.strip.height_dots += dots.min(STRIP_DOTS_MAX);
        self.strip.bits.resize(self.strip.height_dots as usize * stride_bytes(self.strip.width_dots), 0);
    }

    fn stamp(&mut self, character: char, look: Look, left: u32, top: u32) {
        let (glyphs, strip) = (&mut self.glyphs, &mut self.strip);
        glyphs.for_each_dot(character, look.strokes, |x, y| {
            for dot in 0..look.scale_x * look.scale_y {
                set(strip, left + x * look.scale_x + dot % look.scale_x, top + y * look.scale_y + dot / look.scale_x);
            }
        });
    }
}

fn set(strip: &mut PaperStrip, x: u32, y: u32) {
    if x < strip.width_dots && y < strip.height_dots {
        strip.bits[y as usize * stride_bytes(strip.width_dots) + x as usize / 8] |= 0x80 >> (x % 8);
    }
}
