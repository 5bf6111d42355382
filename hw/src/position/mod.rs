//! Where the train is and what time it is, as a receiver of satellites tells. A hint for people and for sync, never for VAT or trust.
//!
//! [`sentence`] reads what receivers say, NMEA 0183; [`NmeaReceiver`] is one on a line.

#[cfg(feature = "std")]
mod receiver;
pub mod sentence;
#[cfg(feature = "sim")]
pub(crate) mod sim;

#[cfg(feature = "std")]
use core::time::Duration;

#[cfg(feature = "std")]
pub use receiver::{BAUDS, NmeaReceiver, SILENCE_MAX};

/// One message of a receiver that knows where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fix {
    /// Millionths of a degree north, WGS 84.
    pub latitude_udeg: i32,
    /// Millionths of a degree east, WGS 84.
    pub longitude_udeg: i32,
    /// Speed over ground, millimetres a second.
    pub speed_mmps: u32,
    /// The receiver's time in seconds since 1970, UTC.
    pub utc_s: i64,
}

/// The receiver is not there, or says nothing that can be understood. It opens again by itself at a later call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PositionLost;

/// A source of positions. Calls block for at most `wait`: give it a thread.
#[cfg(feature = "std")]
pub trait Position: Send {
    /// The next valid fix; `None` when none came within `wait`, as in a tunnel.
    ///
    /// # Errors
    /// When the receiver is not there.
    fn next(&mut self, wait: Duration) -> Result<Option<Fix>, PositionLost>;
}
