//! Paper and what is on it.

use super::STRIPS_MAX;
use super::glyph::{CELL_HEIGHT_DOTS, CELL_WIDTH_DOTS, Glyphs, Strokes};
use super::pages::Page;
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
    page: Option<Page>,
    spacing_dots: Option<u32>,
    /// Left of what is printed, and the width of it; all of the paper unless set.
    margin_dots: u32,
    width_dots: u32,
}

const PLAIN: Look = Look {
    align: Align::Left,
    strokes: Strokes { bold: false, underline: false, reverse: false },
    scale_x: 1,
    scale_y: 1,
    page: Some(Page::Ours(CodePage::Pc437)),
    spacing_dots: None,
    margin_dots: 0,
    width_dots: u32::MAX,
};

/// A character in the line being set.
#[derive(Clone, Copy, Debug)]
struct Placed {
    left_dots: u32,
    character: char,
    look: Look,
}

/// Columns of dots in the line being set, each with its top at the highest bit.
#[derive(Clone, Debug)]
struct Stripe {
    left_dots: u32,
    scale_x: u32,
    scale_y: u32,
    bytes_a_column: usize,
    bits: Vec<u8>,
}

impl Stripe {
    fn width_dots(&self) -> u32 {
        u32::try_from(self.bits.len() / self.bytes_a_column).unwrap_or(0) * self.scale_x
    }

    fn height_dots(&self) -> u32 {
        u32::try_from(self.bytes_a_column * 8).unwrap_or(0) * self.scale_y
    }
}

/// The printing mechanism: one line being set, one strip in the printer, and those that left it.
#[derive(Debug)]
pub(super) struct Press {
    look: Look,
    line: Vec<Placed>,
    stripes: Vec<Stripe>,
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
            stripes: Vec::new(),
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

    pub(super) fn set_page(&mut self, page: Option<Page>) {
        self.look.page = page;
    }

    pub(super) fn set_spacing(&mut self, dots: Option<u32>) {
        self.look.spacing_dots = dots;
    }

    pub(super) fn set_margin(&mut self, dots: u32) {
        self.look.margin_dots = dots.min(self.strip.width_dots.saturating_sub(CELL_WIDTH_DOTS));
    }

    pub(super) fn set_width(&mut self, dots: u32) {
        self.look.width_dots = dots.max(CELL_WIDTH_DOTS);
    }

    pub(super) fn initialise(&mut self) {
        self.line.clear();
        self.stripes.clear();
        self.cursor_dots = 0;
        self.look = PLAIN;
    }

    /// Drops what was read and is not on paper yet.
    pub(super) fn forget_line(&mut self) {
        self.initialise();
    }

    pub(super) fn print(&mut self, byte: u8) {
        if self.cursor_dots + CELL_WIDTH_DOTS * self.look.scale_x > self.area_dots() {
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
        if left_dots < self.area_dots() {
            self.cursor_dots = left_dots;
        }
    }

    /// Moves the place in the line.
    pub(super) fn move_by(&mut self, dots: i16) {
        self.move_to(self.cursor_dots.saturating_add_signed(i32::from(dots)));
    }

    pub(super) fn line_feed(&mut self) {
        let line = core::mem::take(&mut self.line);
        let stripes = core::mem::take(&mut self.stripes);
        let width_dots = core::mem::take(&mut self.cursor_dots);
        let scale_y = line.iter().map(|placed| placed.look.scale_y).max().unwrap_or(1);
        let glyphs_dots = stripes.iter().map(Stripe::height_dots).fold(CELL_HEIGHT_DOTS * scale_y, u32::max);
        let top = self.strip.height_dots;
        let is_empty = line.is_empty() && stripes.is_empty();
        self.feed_paper(self.look.spacing_dots.unwrap_or(glyphs_dots + LINE_GAP_DOTS).max(if is_empty { 0 } else { glyphs_dots }));
        let indent = self.indent_dots(width_dots);
        for stripe in &stripes {
            self.stamp_stripe(stripe, indent + stripe.left_dots, top + glyphs_dots - stripe.height_dots());
        }
        if line.is_empty() && !stripes.is_empty() {
            return self.mark("[logo]");
        }
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
        if self.cursor_dots > 0 {
            self.line_feed();
        }
        for _ in 0..lines {
            self.line_feed();
        }
    }

    pub(super) fn feed_dots(&mut self, dots: u32) {
        if self.cursor_dots > 0 {
            self.line_feed();
        }
        self.feed_paper(dots);
    }

    /// Draws a picture of `width` × `height` cells of `scale` dots, where lines stand, and marks it in the text.
    /// Slices that follow each other are one picture.
    pub(super) fn draw(&mut self, width: u32, height: u32, scale: (u32, u32), mark: &str, is_black: impl Fn(u32, u32) -> bool) {
        if self.cursor_dots > 0 {
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

    /// Puts columns of dots into the line, as `ESC *` with that mode does.
    pub(super) fn print_columns(&mut self, mode: u8, columns: &[u8]) {
        let (bytes_a_column, scale_y) = if mode >= 32 { (3, 1) } else { (1, 3) };
        let scale_x = if mode & 1 == 1 { 1 } else { 2 };
        let stripe = Stripe { left_dots: self.cursor_dots, scale_x, scale_y, bytes_a_column, bits: columns.to_vec() };
        self.cursor_dots += stripe.width_dots();
        self.stripes.push(stripe);
    }

    /// Sets digits as a line of their own, in the middle of a code of that width.
    pub(super) fn caption(&mut self, digits: &str, width_dots: u32) {
        let look = self.look;
        self.look = Look { strokes: PLAIN.strokes, scale_x: 1, scale_y: 1, spacing_dots: None, ..look };
        let free = width_dots.saturating_sub(u32::try_from(digits.len()).unwrap_or(0) * CELL_WIDTH_DOTS);
        self.cursor_dots = free / 2;
        digits.bytes().for_each(|digit| self.print(digit));
        // The line is as wide as the code, so that both are aligned alike.
        self.cursor_dots = width_dots.max(self.cursor_dots);
        self.line_feed();
        self.look = look;
    }

    pub(super) fn mark(&mut self, mark: &str) {
        if self.strip.text.lines().last().map(str::trim) != Some(mark) {
            let columns = (self.strip.width_dots / CELL_WIDTH_DOTS) as usize;
            let indent = " ".repeat(columns.saturating_sub(mark.len()) / 2);
            self.strip.text.push_str(&format!("{indent}{mark}\n"));
        }
    }

    pub(super) fn end_strip(&mut self, end: PaperEnd) {
        if self.cursor_dots > 0 && end == PaperEnd::Cut {
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
        let free = self.area_dots().saturating_sub(width_dots);
        let indent = match self.look.align {
            Align::Left => 0,
            Align::Center => free / 2,
            Align::Right => free,
        };
        self.look.margin_dots + indent
    }

    fn area_dots(&self) -> u32 {
        self.look.width_dots.min(self.strip.width_dots.saturating_sub(self.look.margin_dots))
    }

    fn feed_paper(&mut self, dots: u32) {
        if self.strip.height_dots + dots > STRIP_DOTS_MAX {
            self.end_strip(PaperEnd::Torn);
        }
        self.strip.height_dots += dots.min(STRIP_DOTS_MAX);
        self.strip.bits.resize(self.strip.height_dots as usize * stride_bytes(self.strip.width_dots), 0);
    }

    fn stamp_stripe(&mut self, stripe: &Stripe, left: u32, top: u32) {
        let columns = stripe.bits.chunks_exact(stripe.bytes_a_column);
        for (column, x) in columns.zip((left..).step_by(stripe.scale_x as usize)) {
            for (byte, y) in column.iter().zip((top..).step_by(8 * stripe.scale_y as usize)) {
                for bit in (0..8).filter(|bit| byte & (0x80 >> bit) != 0) {
                    for dot in 0..stripe.scale_x * stripe.scale_y {
                        set(&mut self.strip, x + dot % stripe.scale_x, y + bit * stripe.scale_y + dot / stripe.scale_x);
                    }
                }
            }
        }
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
