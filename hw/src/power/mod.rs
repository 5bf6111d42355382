//! Power and clock of the machine: the input that says that the supply fails, the watchdog, the screen's light, the clock chip.
//!
//! Every path is an argument, so that a test gives a folder where a till gives `/sys` and `/dev`.

#[cfg(feature = "std")]
mod backlight;
#[cfg(feature = "std")]
mod clocks;
mod debounce;
#[cfg(feature = "port")]
mod input;
#[cfg(feature = "sim")]
pub(crate) mod sim;
#[cfg(feature = "std")]
mod watchdog;

#[cfg(feature = "std")]
pub use backlight::Backlight;
#[cfg(feature = "port")]
pub use clocks::network_time_holds;
#[cfg(feature = "std")]
pub use clocks::{CHIP_SKEW_S_MAX, chip_proves, chip_time_s};
pub use debounce::{Debounce, FAILING_AFTER, STEADY_AFTER};
#[cfg(feature = "port")]
pub use input::{SupplyInput, SupplySettings};
#[cfg(feature = "std")]
pub use watchdog::{Heartbeat, KICK_EVERY, Pulse, Watchdog};

#[cfg(feature = "std")]
use core::time::Duration;

/// Whether the machine is supplied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Supply {
    /// From outside.
    Steady,
    /// From what is stored: seconds are left.
    Failing,
}

/// The input that tells of the supply is not there. It opens again by itself at a later call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SupplyLost;

/// Something that tells when the supply fails. Calls block for at most `wait`: give it a thread.
#[cfg(feature = "std")]
pub trait SupplyMonitor: Send {
    /// The supply's new state, once it has settled; `None` when it is as it was told last. The first call that can tell does.
    ///
    /// # Errors
    /// When the input is not there.
    fn next(&mut self, wait: Duration) -> Result<Option<Supply>, SupplyLost>;
}
