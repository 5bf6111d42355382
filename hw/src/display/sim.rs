//! A customer display made of software.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{CustomerDisplay, DisplayLost, Page, draw_page};
use crate::raster::BitmapBuf;

/// Screen pixels for one dot of the picture.
const PIXELS_PER_DOT: u32 = 3;
const FRAME_PIXELS: u32 = 18;
const LIT: [u8; 3] = [0x7d, 0xf3, 0xff];
const DARK: [u8; 3] = [0x08, 0x10, 0x14];
const GRID: [u8; 3] = [0x05, 0x0a, 0x0d];
const FRAME: [u8; 3] = [0x1b, 0x1d, 0x21];

/// A handle to a simulated display; clones share it.
#[derive(Clone, Debug)]
pub struct DisplaySimulator(Arc<Mutex<Screen>>);

#[derive(Debug)]
struct Screen {
    dots: BitmapBuf,
    lines: [String; 4],
    is_unplugged: bool,
}

impl Default for DisplaySimulator {
    fn default() -> Self {
        Self::new(256, 64)
    }
}

impl DisplaySimulator {
    /// A dark display of so many dots; 256 × 64 and 128 × 64 are common.
    #[must_use]
    pub fn new(width_dots: u32, height_dots: u32) -> Self {
        let screen = Screen { dots: BitmapBuf::white(width_dots, height_dots), lines: Default::default(), is_unplugged: false };
        Self(Arc::new(Mutex::new(screen)))
    }

    /// Pulls the cable or plugs it in again.
    pub fn set_unplugged(&self, is_unplugged: bool) {
        self.lock().is_unplugged = is_unplugged;
    }

    /// What was shown last: top left, top right, bottom left, bottom right.
    #[must_use]
    pub fn texts(&self) -> [String; 4] {
        self.lock().lines.clone()
    }

    /// The lit dots.
    #[must_use]
    pub fn dots(&self) -> BitmapBuf {
        self.lock().dots.clone()
    }

    /// What it looks like, as a PNG file.
    #[must_use]
    pub fn png(&self) -> Vec<u8> {
        let dots = self.dots();
        let view = dots.as_bitmap();
        let width = view.width_dots() * PIXELS_PER_DOT + 2 * FRAME_PIXELS;
        let height = view.height_dots() * PIXELS_PER_DOT + 2 * FRAME_PIXELS;
        let mut pixels = Vec::with_capacity(width as usize * height as usize * 3);
        for y in 0..height {
            for x in 0..width {
                let inside = |at: u32, dots: u32| at.checked_sub(FRAME_PIXELS).filter(|&at| at < dots * PIXELS_PER_DOT);
                pixels.extend(match (inside(x, view.width_dots()), inside(y, view.height_dots())) {
                    (Some(x), Some(y)) if x % PIXELS_PER_DOT == 0 || y % PIXELS_PER_DOT == 0 => GRID,
                    (Some(x), Some(y)) if view.is_black(x / PIXELS_PER_DOT, y / PIXELS_PER_DOT) => LIT,
                    (Some(_), Some(_)) => DARK,
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

    fn lock(&self) -> MutexGuard<'_, Screen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl CustomerDisplay for DisplaySimulator {
    fn show(&mut self, page: &Page<'_>) -> Result<(), DisplayLost> {
        let mut screen = self.lock();
        if screen.is_unplugged {
            return Err(DisplayLost);
        }
        screen.lines = [page.top_left, page.top_right, page.bottom_left, page.bottom_right].map(str::to_owned);
        match draw_page(page, &mut screen.dots) {
            Ok(()) => Ok(()),
        }
    }
}
