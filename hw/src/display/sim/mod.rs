//! Customer displays made of software: one that is a picture only, one behind a line, one behind an I2C bus.

mod oled;
mod picture;
mod pole;

pub use oled::{OledFault, OledSimulator, SimulatedOled};
pub use pole::{PoleFault, PoleSimulator, SimulatedPole};

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{CustomerDisplay, DisplayLost, Page, draw_page};
use crate::raster::BitmapBuf;
use picture::{Dot, Look};

/// Light blue on black glass.
const OLED_LOOK: Look = Look { pixels_per_dot: 3, lit: [0x7d, 0xf3, 0xff], dark: [0x08, 0x10, 0x14], gap: [0x05, 0x0a, 0x0d] };

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
        oled_png(&self.dots())
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

/// The picture of an OLED's dots.
fn oled_png(dots: &BitmapBuf) -> Vec<u8> {
    let view = dots.as_bitmap();
    let dot = |x, y| if view.is_black(x, y) { Dot::Lit } else { Dot::Dark };
    picture::png(&OLED_LOOK, view.width_dots(), view.height_dots(), dot)
}
