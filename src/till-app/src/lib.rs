//! The till: configuration, clocks, threads, real and simulated devices, one adapter per screen, and the headless face.
//!
//! **Invariant.** This is the edge. Clocks, randomness, the command line and ports are met here and handed down as arguments; rules are not
//! made here.
//!
//! **Entry points.** [`start::Start`] puts a till together; `drive::Drive` is its headless face; `screen` its touch screen.

pub mod clock;
pub mod config;
pub mod devices;
pub mod drive;
pub mod enrol;
pub mod error;
pub mod evidence;
pub mod help;
pub mod look;
#[cfg(feature = "screen")]
pub mod screen;
pub mod start;
pub mod uplink;
