//! What can go wrong in the world of a store.

use std::{io, path::PathBuf};

use journal::Malformed;
use rusqlite::ErrorCode;

/// What a fault asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// Passes by itself: the same call may work in a moment.
    Transient,
    /// A person must do something, such as make room on the card. The store works on afterwards.
    NeedsHands,
    /// This database will not get better. Open the store anew: the next start verifies everything and sets damage aside.
    Permanent,
}

/// The world failed. Nothing is half written: a commit that ends in a fault has left no trace that the store itself would show.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// SQLite failed.
    #[error("could not {attempt}: {source}")]
    Database {
        /// What was attempted, to follow "could not".
        attempt: &'static str,
        /// What SQLite says.
        source: rusqlite::Error,
    },
    /// The file system failed.
    #[error("could not {attempt} {}: {source}", path.display())]
    Disk {
        /// What was attempted, to follow "could not".
        attempt: &'static str,
        /// With which path.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The SQLite below is not one that this store is proven with.
    #[error("SQLite {found} is not fit for a till: it must be 3.51.3 or later and not 3.52.0")]
    Engine {
        /// Its version number, as in 3051003.
        found: i32,
    },
    /// SQLite did not take a setting that durability rests on.
    #[error("SQLite did not accept {setting}: it says {found:?}")]
    Setting {
        /// The setting.
        setting: &'static str,
        /// What it is instead.
        found: String,
    },
    /// The database is none of ours, or its tables are not as this till makes them.
    #[error("the database's shape is wrong: {what}")]
    Shape {
        /// What is wrong.
        what: String,
    },
    /// The log's key is missing or belongs to another log.
    #[error("the key does not belong to the log")]
    Key,
    /// The chain is broken at this entry: missing, altered, or out of place.
    #[error("journal entry {seq} does not continue the chain")]
    Chain {
        /// The first place that is wrong.
        seq: u64,
    },
    /// Bytes that are no entry.
    #[error("journal entry {seq}: {malformed}")]
    Entry {
        /// Its place.
        seq: u64,
        /// Why.
        malformed: Malformed,
    },
    /// A projection does not say what the journal says. It can be rebuilt.
    #[error("the {table} do not match journal entry {seq}")]
    Projection {
        /// Which projection.
        table: &'static str,
        /// The entry it was compared with.
        seq: u64,
    },
    /// SQLite's own check of the file found damage.
    #[error("the database file is damaged: {what}")]
    Integrity {
        /// Its first finding.
        what: String,
    },
    /// The caller's batch breaks a limit or a rule of the store. Nothing was written.
    #[error("the store cannot take this: {what}")]
    Batch {
        /// Which.
        what: String,
    },
}

impl Fault {
    /// What the fault asks for.
    #[must_use]
    pub fn kind(&self) -> FaultKind {
        match self {
            Self::Database { source, .. } => match code(source) {
                Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::OperationInterrupted | ErrorCode::OutOfMemory) => {
                    FaultKind::Transient
                }
                Some(ErrorCode::DiskFull | ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => {
                    FaultKind::NeedsHands
                }
                Some(ErrorCode::SystemIoFailure) if !is_read_failure(source) => FaultKind::NeedsHands,
                _ => FaultKind::Permanent,
            },
            Self::Disk { .. } => FaultKind::NeedsHands,
            _ => FaultKind::Permanent,
        }
    }

    /// Whether there was no room on the card.
    #[must_use]
    pub fn is_disk_full(&self) -> bool {
        matches!(self, Self::Database { source, .. } if code(source) == Some(ErrorCode::DiskFull))
    }

    /// Whether the database is to be set aside, rather than the world around it to be mended.
    #[must_use]
    pub fn is_damage(&self) -> bool {
        match self {
            Self::Database { .. } => self.kind() == FaultKind::Permanent,
            Self::Shape { .. } | Self::Key | Self::Chain { .. } | Self::Entry { .. } | Self::Integrity { .. } => true,
            Self::Projection { .. } | Self::Disk { .. } | Self::Engine { .. } | Self::Setting { .. } | Self::Batch { .. } => false,
        }
    }

    pub(crate) fn is_flush_failure(&self) -> bool {
        matches!(self, Self::Database { source, .. } if code(source) == Some(ErrorCode::SystemIoFailure))
    }

    pub(crate) fn database(attempt: &'static str) -> impl FnOnce(rusqlite::Error) -> Self {
        move |source| Self::Database { attempt, source }
    }

    pub(crate) fn disk(attempt: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Disk { attempt, path: path.into(), source }
    }
}

fn code(error: &rusqlite::Error) -> Option<ErrorCode> {
    match error {
        rusqlite::Error::SqliteFailure(failure, _) => Some(failure.code),
        _ => None,
    }
}

/// A sector that cannot be read is damage; a sector that cannot be written asks for hands.
fn is_read_failure(error: &rusqlite::Error) -> bool {
    use rusqlite::ffi::{SQLITE_IOERR_DATA, SQLITE_IOERR_READ, SQLITE_IOERR_SHORT_READ};
    error
        .sqlite_error()
        .is_some_and(|failure| [SQLITE_IOERR_READ, SQLITE_IOERR_SHORT_READ, SQLITE_IOERR_DATA].contains(&failure.extended_code))
}
