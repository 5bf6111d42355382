//! What can go wrong at the depot, and what to do.

use std::path::{Path, PathBuf};

use bundle::Refusal;
use till::data::{DataFault, Excess};

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The command line is not understood.
    #[error("{0}\n  `depot --help` shows how it is written")]
    Usage(String),
    /// A file cannot be read or written.
    #[error("{path}: {why}", path = .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// A file is there already, and is kept.
    #[error("{path} is there already, and is left as it is\n  Name another file with --out", path = .0.display())]
    Exists(PathBuf),
    /// A file is no bundle, or none to believe.
    #[error("{path}: {refusal} ({code})\n  {todo}", path = .path.display(), code = .refusal.code())]
    Bundle {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        refusal: Refusal,
        /// What to do.
        todo: &'static str,
    },
    /// The data in it cannot be used by a till.
    #[error("{0} ({code})", code = DataFault::CODE)]
    Data(DataFault),
    /// It changes more than a till takes.
    #[error("{excess} (bundle.change)\n  {todo}")]
    Change {
        /// What.
        excess: Excess,
        /// What to do.
        todo: &'static str,
    },
    /// A key file cannot be used.
    #[error("{path}: {why}", path = .path.display())]
    Key {
        /// The file.
        path: PathBuf,
        /// Why, and what to do.
        why: String,
    },
    /// Something does not fit together.
    #[error("{what}\n  {todo}")]
    Unfit {
        /// What.
        what: String,
        /// What to do.
        todo: String,
    },
    /// The person did not say yes.
    #[error("nothing was signed")]
    NotSigned,
}

impl Failure {
    pub(crate) fn file(path: &Path, error: &std::io::Error) -> Self {
        Self::File { path: path.to_path_buf(), why: error.to_string() }
    }

    pub(crate) fn bundle(path: &Path, refusal: Refusal) -> Self {
        let todo = match refusal {
            Refusal::Unsigned | Refusal::BelowThreshold { .. } => {
                "Let a further person who holds a key of that role sign it: depot sign FILE --key KEY."
            }
            Refusal::RootBehind { .. } => "Name the newer root with --root.",
            Refusal::RootSkipped { .. } => "Begin with the root that follows the one you have.",
            Refusal::Known(_) | Refusal::Older { .. } => "Name the newest published one with --previous, and raise the version.",
            Refusal::WrongOperator { .. } => "Check that bundle and root belong together.",
            Refusal::SignatureTwice => "Somebody else has to sign: one key counts once.",
            Refusal::VersionAbsurd(_) => "Take the version that follows the published one.",
            _ => "Fetch it again from where it was made; do not use it as it is.",
        };
        Self::Bundle { path: path.to_path_buf(), refusal, todo }
    }

    pub(crate) fn unfit(what: impl Into<String>, todo: impl Into<String>) -> Self {
        Self::Unfit { what: what.into(), todo: todo.into() }
    }
}
