//! The till's store: one SQLite file, one writer, one transaction per fact.
//!
//! **Invariant.** An entry is either wholly there, with its read-model rows and print jobs, or not at all; what [`Store::commit`]
//! acknowledged as [`Durability::Durable`] survives a power cut at any write. The journal is the truth: receipts, links and books are
//! projections of it and are rebuilt from nothing whenever they do not match. A damaged database never stops selling: it is set aside
//! untouched, what can be read of it is carried into a salvage file, and a new log begins.
//!
//! **Limit.** What was committed since the last checkpoint stands in the write-ahead log alone. When a card destroys the end of that log, so
//! that behind the loss at most one commit can be read, it looks like a commit that a power cut left unfinished, and the store stands where
//! the loss begins. Likewise a folder from which both files are gone is a new one. Everything else that is missing is noticed.
//!
//! **Entry points.** [`Store::open`], [`Store::begin_log`], [`Store::commit`]; [`Salvage::read`] for a salvage file.
//!
//! # Files below the data folder
//!
//! | path | what |
//! |---|---|
//! | `store/till.db`, `store/till.db-wal` | the database and its pre-grown write-ahead log |
//! | `damaged-<n>/` | a `store` folder that could not be trusted, exactly as it was found |
//! | `sealed-<n>/` | a `store` folder whose log is sealed, see [`SealedLog`]; numbers are shared with `damaged-<n>` |
//! | `store-next/` | the store after a sealed one while it is made; it never holds a log |
//! | `salvage-<n>.journal` | the entries that could be read of it, see [`Salvage`] |
//! | `suspect` | a running till met damage: the next start verifies everything |

mod bundles;
mod carve;
mod commit;
#[cfg(feature = "crash-vfs")]
pub mod crash;
mod fault;
mod file_control;
mod raw;
mod reads;
mod salvage;
mod schema;
mod sealed;
mod set_aside;
mod startup;
mod store;
mod verify;

pub use bundles::{BUNDLE_BYTES_MAX, HeldBundle, NewBundle};
pub use commit::{BATCH_ENTRIES_MAX, Batch, Committed, Durability, JOBS_KEPT, JobChange, KEPT_BYTES_MAX, KeptChange, NewJob};
pub use fault::{Fault, FaultKind};
pub use reads::{Job, JobId, JobState, Receipt};
pub use salvage::{SALVAGE_MAGIC, Salvage, SalvagedEntry, Unreadable};
pub use sealed::{SEALED_MAX, SealedLog};
pub use set_aside::Aside;
#[cfg(feature = "crash-vfs")]
pub use store::Mutant;
pub use store::{Log, Opened, Options, Store};
pub use verify::Verified;

#[cfg(test)]
mod bundle_tests;
#[cfg(test)]
mod tests;
