//! The customer display: two lines that the passenger reads.

mod draw;
#[cfg(feature = "sim")]
pub mod sim;

pub use draw::draw_page;

/// What the display shows. Two lines, each with a left and a right text; the till finds the words.
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
