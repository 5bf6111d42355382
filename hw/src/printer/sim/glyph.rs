//! The printer's type: the bitmap font of `embedded-graphics` in a cell of 12 × 24 dots, strokes as heavy as heat makes them.

use std::collections::BTreeMap;

use embedded_graphics::mono_font::MonoTextStyle;
use embedded_graphics::mono_font::iso_8859_15::FONT_10X20;
use embedded_graphics::pixelcolor::BinaryColor;
use embedded_graphics::prelude::*;
use embedded_graphics::text::{Baseline, Text};

use crate::raster::Canvas;

/// Width of a character.
pub(super) const CELL_WIDTH_DOTS: u32 = 12;
/// Height of a character.
pub(super) const CELL_HEIGHT_DOTS: u32 = 24;
const STRIDE_BYTES: usize = 2;
const LEFT_DOTS: i32 = 1;
const TOP_DOTS: i32 = 2;

/// The characters that were drawn before: drawing one is slow, and receipts repeat themselves.
#[derive(Debug, Default)]
pub(super) struct Glyphs(BTreeMap<char, Cell>);

impl Glyphs {
    /// Calls `set` with each black dot of a character.
    pub(super) fn for_each_dot(&mut self, character: char, strokes: Strokes, mut set: impl FnMut(u32, u32)) {
        let cell = self.0.entry(character).or_insert_with(|| cell(character));
        let view = cell.as_bitmap();
        for y in 0..CELL_HEIGHT_DOTS {
            let underlined = strokes.underline && y == CELL_HEIGHT_DOTS - 2;
            for x in 0..CELL_WIDTH_DOTS {
                let struck = view.is_black(x, y) || strokes.bold && x > 0 && view.is_black(x - 1, y) || underlined;
                if struck != strokes.reverse {
                    set(x, y);
                }
            }
        }
    }
}

/// How the strokes of a character are struck.
#[derive(Clone, Copy, Debug)]
pub(super) struct Strokes {
    pub(super) bold: bool,
    pub(super) underline: bool,
    pub(super) reverse: bool,
}

type Cell = Canvas<[u8; STRIDE_BYTES * CELL_HEIGHT_DOTS as usize]>;

fn cell(character: char) -> Cell {
    let blank = [0; STRIDE_BYTES * CELL_HEIGHT_DOTS as usize];
    let mut cell = Canvas::over(CELL_WIDTH_DOTS, CELL_HEIGHT_DOTS, blank).expect("the cell's own size");
    if !draw_stroke(character, &mut cell) {
        let mut text = [0; 4];
        let text = Text::with_baseline(
            character.encode_utf8(&mut text),
            Point::new(LEFT_DOTS, TOP_DOTS),
            MonoTextStyle::new(&FONT_10X20, BinaryColor::On),
            Baseline::Top,
        );
        match text.draw(&mut cell) {
            Ok(_) => {}
        }
    }
    cell
}

/// Frames and blocks, which the font lacks, the comma, and a box for what nobody knows; whether it was one.
fn draw_stroke(character: char, cell: &mut Cell) -> bool {
    if character == ',' {
        // The font's own comma has no tail and reads as a point: not in an amount.
        for (y, columns) in (15..).zip([5..8, 5..8, 5..8, 6..8, 5..8, 4..6]) {
            columns.for_each(|x| cell.set(x, y, true));
        }
        return true;
    }
    if character == '\u{fffd}' {
        for at in 4..20 {
            [2, 9].into_iter().for_each(|x| cell.set(x, at, true));
        }
        for x in 2..10 {
            [4, 19].into_iter().for_each(|y| cell.set(x, y, true));
        }
        return true;
    }
    let (columns, rows) = match character {
        '─' => (0..12, 11..13),
        '│' => (5..7, 0..24),
        '═' => (0..12, 9..15),
        '█' => (0..12, 0..24),
        '▀' => (0..12, 0..12),
        '▄' => (0..12, 12..24),
        '■' => (2..10, 8..16),
        _ => return false,
    };
    for y in rows {
        for x in columns.clone() {
            let hollow = character == '═' && (11..13).contains(&y);
            cell.set(x, y, !hollow);
        }
    }
    true
}
