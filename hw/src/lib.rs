//! Devices of a till: receipt printer, cash drawer, scanner, customer display, card terminal, control unit, position, power.
//!
//! **Invariant.** This crate prints a [`Document`](document::Document), not a sale; it knows nothing of the other crates.
//! Silence of a device never reads as "ok", and nothing that a device sends can panic.
//! Codecs are `no_std`, without an allocator; traits, ports and drivers need `std`, simulators need `sim`, serial ports need `port`.
//!
//! **Entry points.** [`document::Document`] is what is printed, [`printer::escpos::encode`] turns it into bytes.
//! With `std`: `document::DocumentBuf` builds one and `printer::ReceiptPrinter` prints it.
#![cfg_attr(not(feature = "std"), no_std)]

pub mod control;
pub mod display;
pub mod document;
#[cfg(feature = "std")]
pub mod drawer;
#[cfg(feature = "std")]
pub mod find;
pub mod logo;
#[cfg(feature = "std")]
pub mod port;
pub mod position;
pub mod power;
pub mod printer;
pub mod raster;
pub mod scanner;
#[cfg(feature = "std")]
pub mod terminal;
#[cfg(feature = "std")]
pub mod trace;

/// The simulators, all in one place. They ship: `till drive` and the demonstration run on them.
#[cfg(feature = "sim")]
pub mod sim {
    pub use crate::control::sim::{CleanCashSimulator, ControlFault, Recorded, SimulatedControl, SimulatedUnit, SkattedosanSimulator};
    pub use crate::display::sim::{DisplaySimulator, OledFault, OledSimulator, PoleFault, PoleSimulator, SimulatedOled, SimulatedPole};
    pub use crate::drawer::sim::DrawerSimulator;
    pub use crate::port::{FarEnd, PipePort, PtyLine, Shared};
    pub use crate::position::sim::{NmeaSimulator, PositionSimulator, ReceiverFault};
    pub use crate::power::sim::SupplySimulator;
    pub use crate::printer::sim::{Busy, Pace, PaperEnd, PaperStrip, PrinterFault, PrinterSimulator, SimulatedPrinter};
    pub use crate::scanner::sim::{ScannerFault, ScannerSimulator, SimulatedScanner};
    pub use crate::terminal::sim::{TerminalMode, TerminalSimulator};
}
