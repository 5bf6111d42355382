//! A strip of paper as a PNG file: paper, margins, ink, and an edge that shows how it left the printer.

use super::press::{PaperEnd, PaperStrip};

const MARGIN_DOTS: u32 = 32;
const TOP_DOTS: u32 = 40;
const BOTTOM_DOTS: u32 = 28;
/// Width of one tooth of the cutter's and the tear bar's edge.
const TOOTH_DOTS: u32 = 12;
const PAPER: [u8; 4] = [0xfc, 0xfb, 0xf8, 0xff];
const INK: [u8; 4] = [0x22, 0x22, 0x28, 0xff];
const EDGE: [u8; 4] = [0xd6, 0xd4, 0xce, 0xff];
const CLEAR: [u8; 4] = [0, 0, 0, 0];

/// The strip as PNG, one pixel a dot.
pub(super) fn png(strip: &PaperStrip) -> Vec<u8> {
    let width = strip.width_dots + 2 * MARGIN_DOTS;
    let height = strip.height_dots + TOP_DOTS + BOTTOM_DOTS;
    let mut pixels = Vec::with_capacity(width as usize * height as usize * 4);
    for y in 0..height {
        for x in 0..width {
            pixels.extend(pixel(strip, width, height, x, y));
        }
    }
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    let written = encoder.write_header().and_then(|mut writer| writer.write_image_data(&pixels));
    assert!(written.is_ok(), "a picture of known size goes into memory");
    file
}

fn pixel(strip: &PaperStrip, width: u32, height: u32, x: u32, y: u32) -> [u8; 4] {
    let top_edge = tooth(x, 5);
    let bottom_edge = height
        - 1
        - match strip.end() {
            PaperEnd::Cut => tooth(x, 5),
            PaperEnd::Torn | PaperEnd::RollEnd => ragged(x),
            PaperEnd::InPrinter => 0,
        };
    if y < top_edge || y > bottom_edge {
        return CLEAR;
    }
    if y == top_edge || y == bottom_edge || x == 0 || x == width - 1 {
        return EDGE;
    }
    let inked = x >= MARGIN_DOTS && y >= TOP_DOTS && is_black(strip, x - MARGIN_DOTS, y - TOP_DOTS);
    if inked { INK } else { PAPER }
}

fn is_black(strip: &PaperStrip, x: u32, y: u32) -> bool {
    strip.bitmap().is_some_and(|bitmap| bitmap.is_black(x, y))
}

fn tooth(x: u32, depth: u32) -> u32 {
    let within = x % TOOTH_DOTS;
    within.min(TOOTH_DOTS - within) * depth / (TOOTH_DOTS / 2)
}

/// An uneven edge, the same each time.
fn ragged(x: u32) -> u32 {
    tooth(x, 4) + tooth(x.wrapping_mul(3) / 5 + 7, 5) + (x / 31 * 7) % 5
}
