//! The hub's database.
//!
//! **Invariant.** A raw batch is durable before anybody hears of it, is kept byte for byte, and is never changed or dropped; everything else is
//! a projection of raw batches that [`HubStore::rebuild`] makes anew and equal. An entry that differs from a known one at the same place is kept
//! on a branch of its own. What is written once here runs on both engines: the texts of SQL are shared, the contract suite runs on both.
//!
//! **Entry points.** [`HubStore::sqlite`], [`HubStore::postgres`], then [`HubStore::append`]; each concern has a module with its tables and its
//! methods on [`HubStore`]. [`HubStore::backup_to`] and [`HubStore::restore_from`] carry everything from one database to another.
//!
//! All calls block; whoever serves many at once calls them from threads meant for that.

pub mod accounts;
mod api_tokens;
pub mod audit;
mod backup;
pub mod bundles;
pub mod drafts;
pub mod engine;
mod fault;
pub mod fleet;
pub mod incidents;
#[cfg(any(test, feature = "testing"))]
pub mod made;
pub mod project;
pub mod raw;
mod settings;
mod store;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod views;

#[cfg(test)]
mod contract;

pub use api_tokens::{ApiTokenSeen, NAME_CHARS_MAX};
pub use backup::{Held, RestoreRefusal};
pub use fault::Fault;
pub use project::Projected;
pub use raw::{AppendRefusal, Appended, Cursor};
pub use store::{HubStore, SQLITE_FILE};
pub use views::{SaleAt, SaleRow, SalesFilter};
