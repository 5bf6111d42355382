//! The cash drawer.

#[cfg(feature = "sim")]
pub mod sim;

use crate::printer::PrinterTrouble;

/// What is known about the drawer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DrawerState {
    /// No switch, or not heard.
    #[default]
    Unknown,
    /// Closed.
    Closed,
    /// Open.
    Open,
}

/// A cash drawer. Most hang on the printer's cable and can neither be asked nor confirm.
pub trait CashDrawer: Send {
    /// Sends the pulse that opens the drawer. `Ok` says that the pulse was sent, not that the drawer moved.
    ///
    /// # Errors
    /// What kept the pulse from being sent.
    fn open(&mut self) -> Result<(), PrinterTrouble>;

    /// Opens it and looks whether it sprang open: `Closed` is a drawer that is stuck or locked, `Unknown` one without a switch.
    ///
    /// # Errors
    /// What kept the pulse from being sent.
    fn open_and_look(&mut self) -> Result<DrawerState, PrinterTrouble> {
        self.open()?;
        Ok(self.state())
    }

    /// Whether it stands open.
    fn state(&mut self) -> DrawerState;
}
