//! The driver of a pole display: a line, and what is on the display by now.

use std::time::Duration;

use super::pole::{Brightness, FRAME_BYTES_MAX, PoleSettings, Screen, frame};
use super::{CustomerDisplay, DisplayLost, Page};
use crate::port::Port;

/// How long a whole frame may take: at 2400 baud it takes 300 ms.
const FRAME_WAIT: Duration = Duration::from_secs(1);

/// A pole display on a line.
///
/// It sends when something has changed, and all of both lines then. The display never answers, so only the line itself can tell a loss;
/// after one the display is initialised anew. A line that is away opens again by itself, with growing pauses.
#[derive(Debug)]
pub struct PoleDisplay<P> {
    port: P,
    settings: PoleSettings,
    /// What is on it, if it is known to be initialised.
    shown: Option<Screen>,
}

impl<P: Port> PoleDisplay<P> {
    /// A display on this line. It is initialised when it first shows something.
    #[must_use]
    pub const fn new(port: P, settings: PoleSettings) -> Self {
        Self { port, settings, shown: None }
    }

    /// The brightness from the next page on.
    pub fn set_brightness(&mut self, brightness: Brightness) {
        if self.settings.brightness != brightness {
            self.settings.brightness = brightness;
            self.shown = None;
        }
    }

    fn send(&mut self, mut rest: &[u8]) -> Result<(), DisplayLost> {
        let deadline = self.port.now() + FRAME_WAIT;
        while !rest.is_empty() {
            let left = deadline.saturating_sub(self.port.now());
            let taken = self.port.write(rest, left).map_err(|_| DisplayLost)?;
            if taken == 0 {
                return Err(DisplayLost);
            }
            rest = rest.get(taken..).unwrap_or_default();
        }
        Ok(())
    }

    /// Whether the line is still there. On the printer's line the printer's driver sees to that, and what comes in is the printer's.
    fn look(&mut self) -> Result<(), DisplayLost> {
        if self.settings.pass_through {
            return Ok(());
        }
        self.port.read(&mut [0; 16], Duration::ZERO).map(|_| ()).map_err(|_| DisplayLost)
    }
}

impl<P: Port> CustomerDisplay for PoleDisplay<P> {
    fn show(&mut self, page: &Page<'_>) -> Result<(), DisplayLost> {
        let screen = Screen::of(page, self.settings.page);
        let shown = self.shown.take();
        if shown == Some(screen) {
            self.look()?;
        } else {
            let mut bytes = heapless::Vec::<u8, FRAME_BYTES_MAX>::new();
            let framed = frame(&self.settings, &screen, shown.is_none(), &mut bytes);
            debug_assert!(framed.is_ok(), "a frame has a known size");
            self.send(&bytes)?;
        }
        self.shown = Some(screen);
        Ok(())
    }
}
