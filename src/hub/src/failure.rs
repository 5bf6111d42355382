//! Why the program stops.

use hub_store::Fault;

/// What the hub cannot do, for the person at the console.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The command line is not understood.
    #[error("{0}\nTry `hub --help`.")]
    Usage(String),
    /// The rules say no, and nothing has changed.
    #[error("{0}")]
    Refused(String),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] Fault),
    /// The hub's key or certificate.
    #[error("{0}")]
    Tls(String),
    /// The address, the folder, a file.
    #[error("{0}")]
    Io(#[from] std::io::Error),
}

impl Failure {
    /// The exit code: 2 for a command line that is not understood, 1 for the rest.
    #[must_use]
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) => 2,
            _ => 1,
        }
    }
}
