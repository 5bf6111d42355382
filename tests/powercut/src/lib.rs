//! The power-cut proof of the till's store.
//!
//! **Invariant.** Nothing here asks the store what it should contain: [`trip`] keeps its own account of every step, and [`proof`]
//! compares. A store that loses, doubles or tears one step of one trip at one cut fails.
//!
//! **Entry points.** [`trip::Trip::ride`] for a day's work, [`proof::Recording::of`] for what it writes, [`proof::Recording::cut_everywhere`]
//! for all the cuts.
//!
//! A till on a train loses power when the driver lowers the pantograph, so every write is a place to be cut at. The SQLite that runs
//! here is the real one, over a disk in memory; the cut keeps, drops, tears and reorders what had not been flushed.

pub mod cut;
pub mod proof;
pub mod shortage;
pub mod trip;
