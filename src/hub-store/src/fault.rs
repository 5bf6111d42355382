//! What can fail.

/// The database failed.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// SQLite said no.
    #[error("the hub's database: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// PostgreSQL said no, or is away.
    #[error("the hub's PostgreSQL: {0}")]
    Postgres(#[from] postgres::Error),
    /// Nothing failed but the moment: try again. Another hub held the row, or the server is being replaced.
    #[error("the hub's database is busy: {0}")]
    Busy(String),
    /// A row does not hold what it should.
    #[error("the hub's database holds what it should not: {0}")]
    Damaged(String),
    /// The folder cannot be used.
    #[error("the hub's folder: {0}")]
    Folder(#[from] std::io::Error),
}
