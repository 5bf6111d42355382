//! A small OLED with an SSD1306 controller on I2C. Pure over `embedded-hal`, without an allocator.

use embedded_graphics::prelude::*;
use embedded_graphics::primitives::Rectangle;
use embedded_hal::i2c::I2c;
use ssd1306::command::{AddrMode, Command};
use ssd1306::prelude::{DisplayConfig, DisplayRotation, DisplaySize, DisplaySize128x32, DisplaySize128x64, WriteOnlyDataCommand};
use ssd1306::{I2CDisplayInterface, Ssd1306};

use super::{DisplayLost, Page, draw_page};
use crate::raster::{Canvas, bytes_len};

/// The address that most modules have; the others have `0x3d`.
pub const OLED_ADDRESS: u8 = 0x3c;

const WIDTH_DOTS: u32 = 128;
const HEIGHT_DOTS_MAX: u32 = 64;
const DOTS_BYTES_MAX: usize = bytes_len(WIDTH_DOTS, HEIGHT_DOTS_MAX);

/// Which panel hangs on the controller.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OledPanel {
    /// 128 × 64 dots.
    #[default]
    Tall,
    /// 128 × 32 dots.
    Flat,
}

impl OledPanel {
    /// Height in dots; both are 128 wide.
    #[must_use]
    pub const fn height_dots(self) -> u32 {
        match self {
            Self::Tall => 64,
            Self::Flat => 32,
        }
    }
}

/// An OLED on a bus.
///
/// It sends when a dot has changed, and asks the module for a sign of life otherwise. After an error it is initialised anew by the next page.
#[derive(Debug)]
pub struct Oled<I> {
    bus: I,
    address: u8,
    panel: OledPanel,
    shown: Option<Dots>,
}

type Dots = Canvas<[u8; DOTS_BYTES_MAX]>;

impl<I: I2c> Oled<I> {
    /// A module at this address of the bus. It is initialised when it first shows something.
    #[must_use]
    pub const fn new(bus: I, address: u8, panel: OledPanel) -> Self {
        Self { bus, address, panel, shown: None }
    }

    /// Shows a page until the next one.
    ///
    /// # Errors
    /// When the module does not acknowledge or the bus fails; try again in some seconds.
    pub fn show(&mut self, page: &Page<'_>) -> Result<(), DisplayLost> {
        let mut dots = Canvas::over(WIDTH_DOTS, HEIGHT_DOTS_MAX, [0; DOTS_BYTES_MAX]).ok_or(DisplayLost)?;
        match draw_page(page, &mut dots.cropped(&Rectangle::new(Point::zero(), Size::new(WIDTH_DOTS, self.panel.height_dots())))) {
            Ok(()) => {}
        }
        let shown = self.shown.take();
        if shown.as_ref() == Some(&dots) {
            self.look()?;
        } else {
            let first = shown.is_none();
            match self.panel {
                OledPanel::Tall => self.send(DisplaySize128x64, page, first)?,
                OledPanel::Flat => self.send(DisplaySize128x32, page, first)?,
            }
        }
        self.shown = Some(dots);
        Ok(())
    }

    /// Whether the module acknowledges.
    fn look(&mut self) -> Result<(), DisplayLost> {
        let mut line = I2CDisplayInterface::new_custom_address(&mut self.bus, self.address);
        Command::Noop.send(&mut line).map_err(|_| DisplayLost)
    }

    fn send<S: DisplaySize>(&mut self, size: S, page: &Page<'_>, first: bool) -> Result<(), DisplayLost> {
        if !first {
            let mut line = I2CDisplayInterface::new_custom_address(&mut self.bus, self.address);
            keep_awake(&mut line, self.panel)?;
        }
        let line = I2CDisplayInterface::new_custom_address(&mut self.bus, self.address);
        let mut module = Ssd1306::new(line, size, DisplayRotation::Rotate0).into_buffered_graphics_mode();
        if first {
            // Switches the panel off and on; its memory holds noise until then.
            module.init().map_err(lost)?;
        } else {
            module.set_addr_mode(AddrMode::Horizontal).map_err(lost)?;
        }
        draw_page(page, &mut module).map_err(lost)?;
        module.flush().map_err(lost)
    }
}

/// What the start has set already, without switching the panel off: a module whose supply dipped is right again with the next page.
fn keep_awake<L: WriteOnlyDataCommand>(line: &mut L, panel: OledPanel) -> Result<(), DisplayLost> {
    let is_tall = panel == OledPanel::Tall;
    let settings = [
        Command::Multiplex(if is_tall { 63 } else { 31 }),
        Command::StartLine(0),
        Command::DisplayOffset(0),
        Command::ChargePump(true),
        Command::ComPinConfig(is_tall, false),
        Command::SegmentRemap(true),
        Command::ReverseComDir(true),
        Command::DisplayOn(true),
    ];
    settings.into_iter().try_for_each(|command| command.send(line).map_err(lost))
}

/// Whatever the bus says: the module is not there for us.
fn lost<E>(_: E) -> DisplayLost {
    DisplayLost
}

#[cfg(feature = "std")]
impl<I: I2c + Send> super::CustomerDisplay for Oled<I> {
    fn show(&mut self, page: &Page<'_>) -> Result<(), DisplayLost> {
        Self::show(self, page)
    }
}
