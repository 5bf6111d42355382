//! The customer display: two lines that the passenger reads. Pole displays on a serial line, and OLEDs on I2C.

mod draw;
#[cfg(feature = "port")]
mod i2c_bus;
mod oled;
pub mod pole;
#[cfg(feature = "std")]
mod pole_display;
#[cfg(feature = "sim")]
pub mod sim;

pub use draw::draw_page;
#[cfg(feature = "port")]
pub use i2c_bus::{I2cBus, open_oled};
pub use oled::{OLED_ADDRESS, Oled, OledPanel};
#[cfg(feature = "std")]
pub use pole_display::PoleDisplay;

/// What the display shows. Two lines, each with a left and a right text; the till finds the words.
///
/// While a sale goes on that is its last line and the total; then what was paid and the change; or what the card terminal asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Page<'a> {
    /// First line, left: an article, or a greeting when the right text is empty.
    pub top_left: &'a str,
    /// First line, right: its amount.
    pub top_right: &'a str,
    /// Second line, left: "Total".
    pub bottom_left: &'a str,
    /// Second line, right: the amount to pay.
    pub bottom_right: &'a str,
}

impl Page<'_> {
    /// No amounts: the texts stand in the middle.
    #[must_use]
    pub const fn is_greeting(&self) -> bool {
        !self.top_left.is_empty() && self.top_right.is_empty() && self.bottom_right.is_empty()
    }
}

/// The display is not there. It never holds up a sale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DisplayLost;

/// A customer display.
#[cfg(feature = "std")]
pub trait CustomerDisplay: Send {
    /// Shows a page until the next one.
    ///
    /// # Errors
    /// When the display is not there; try again in some seconds.
    fn show(&mut self, page: &Page<'_>) -> Result<(), DisplayLost>;

    /// Shows nothing.
    ///
    /// # Errors
    /// As [`show`](Self::show).
    fn clear(&mut self) -> Result<(), DisplayLost> {
        self.show(&Page::default())
    }
}
