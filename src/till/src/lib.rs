//! The till without a face: use cases, receipts and reports, print queue, devices desk, sync.
//!
//! **Invariant.** A command's answer and its effects are seen only after its facts are committed. Time, randomness and devices are
//! arguments; there is no screen, no serial port and no network in here. What a hub says is a hint.
//!
//! **Entry points.** [`Till::start`] and [`Till::handle`] for the state machine, [`Counter`] for a till and its devices together,
//! [`sync::Sync`] for when to send what, [`data::Provision`] for what is sold, by whom and where, [`words`] for what is said to people.

mod bundles;
mod card;
mod command;
mod control;
mod counter;
mod customer;
pub mod data;
mod delivery;
pub mod desk;
pub mod paper;
pub mod place;
mod printing;
mod receipts;
mod satellites;
mod scanning;
mod seal;
mod selling;
mod setup;
mod shift;
pub mod sync;
mod till;
pub mod words;

pub use bundles::BundleWrong;
pub use command::{Answer, Command, Effect, Now, Paid, Wrong, fault_code};
pub use control::ORG_NO_CHARS;
pub use counter::{Counter, DeviceStates, Happened, SyncState};
pub use delivery::OnlyHere;
pub use printing::{JobKind, PRINT_AGAIN_MAX};
pub use selling::PARKED_MAX;
pub use setup::{ControlRule, Setup};
pub use till::{CLOCK_AHEAD_S_MAX, CLOCK_SET_S_MAX, CLOCK_SET_S_MIN, CLOCK_STEP_S_MAX, Till};
