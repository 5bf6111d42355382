//! Dots as a PNG file: lit, dark, and a frame around.

/// What a pixel of the picture belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dot {
    /// Shines.
    Lit,
    /// Is off.
    Dark,
    /// No dot is there.
    Gap,
}

/// The look of a display.
pub(super) struct Look {
    pub(super) pixels_per_dot: u32,
    pub(super) lit: [u8; 3],
    pub(super) dark: [u8; 3],
    pub(super) gap: [u8; 3],
}

const FRAME_PIXELS: u32 = 18;
const FRAME: [u8; 3] = [0x1b, 0x1d, 0x21];

/// The picture of so many dots.
pub(super) fn png(look: &Look, width_dots: u32, height_dots: u32, dot: impl Fn(u32, u32) -> Dot) -> Vec<u8> {
    let step = look.pixels_per_dot;
    let width = width_dots * step + 2 * FRAME_PIXELS;
    let height = height_dots * step + 2 * FRAME_PIXELS;
    let mut pixels = Vec::with_capacity(width as usize * height as usize * 3);
    let inside = |at: u32, dots: u32| at.checked_sub(FRAME_PIXELS).filter(|&at| at < dots * step);
    for y in 0..height {
        for x in 0..width {
            pixels.extend(match (inside(x, width_dots), inside(y, height_dots)) {
                (Some(x), Some(y)) if x % step == 0 || y % step == 0 => look.gap,
                (Some(x), Some(y)) => match dot(x / step, y / step) {
                    Dot::Lit => look.lit,
                    Dot::Dark => look.dark,
                    Dot::Gap => look.gap,
                },
                _ => FRAME,
            });
        }
    }
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let written = encoder.write_header().and_then(|mut writer| writer.write_image_data(&pixels));
    assert!(written.is_ok(), "a picture of known size goes into memory");
    file
}
