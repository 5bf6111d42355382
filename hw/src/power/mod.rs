//! Power and clock of the machine: the input that says that the supply fails, the watchdog, the screen's light, the clock chip.

/// Whether the machine is supplied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Supply {
    /// From outside.
    Steady,
    /// From what is stored: seconds are left.
    Failing,
}
