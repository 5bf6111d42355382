//! A fleet from a seed.
//!
//! **Invariant.** Nothing here asks till or hub what they should hold: [`audit::Auditor`] keeps its own books of what was acknowledged on a till's
//! screen and of what a hub promised, and compares. The tills' stores and the hubs' databases are the real ones on disks in memory that lose
//! power; the engine that sends is the till's own; time and network belong to the scheduler, so one seed gives one run.
//!
//! **Entry points.** [`world::World::run`] for a run, [`world::Mutant`] for wrong ways that a run must catch.

pub mod audit;
pub mod disk;
pub mod hub;
pub mod unit;
pub mod world;
