//! What can fail.

use crate::engine;

/// The database failed.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// SQLite said no.
    #[error("the hub's database: {0}")]
    Sqlite(#[source] rusqlite::Error),
    /// PostgreSQL said no.
    #[error("the hub's PostgreSQL: {}", engine::sentence(.0))]
    Postgres(#[source] postgres::Error),
    /// Nothing failed but the moment: try again. Another hub held the row, or the server is being replaced.
    #[error("the hub's database is busy: {0}")]
    Busy(String),
    /// A row does not hold what it should.
    #[error("the hub's database holds what it should not: {0}")]
    Damaged(String),
    /// A newer program has been here.
    #[error("the hub's database is of version {found} and this program knows versions up to {known}: start the newer program")]
    Newer {
        /// The database's version.
        found: i64,
        /// The newest that is known.
        known: i64,
    },
    /// The folder cannot be used.
    #[error("the hub's folder: {0}")]
    Folder(#[from] std::io::Error),
    /// A file that was asked for cannot be written. What stands there is as it was.
    #[error("{}: {why}. Name a file in a folder that can be written", path.display())]
    Unwritable {
        /// Which file.
        path: std::path::PathBuf,
        /// Why.
        why: String,
    },
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked) => Self::Busy(error.to_string()),
            _ => Self::Sqlite(error),
        }
    }
}

impl From<postgres::Error> for Fault {
    fn from(error: postgres::Error) -> Self {
        if engine::passes(&error) { Self::Busy(engine::sentence(&error)) } else { Self::Postgres(error) }
    }
}
