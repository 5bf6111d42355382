//! Why a bundle is not believed.

use crate::{KeyId, Role, VERSION_MAX};

/// Why bytes are no bundle for this reader. Nothing has changed then.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// More bytes than its role may have.
    #[error("a {role} bundle has at most {max} bytes")]
    TooLarge {
        /// Whose limit it is; the largest of all where the role cannot be read.
        role: Role,
        /// The limit.
        max: usize,
    },
    /// Not what a bundle looks like.
    #[error("these bytes are no bundle: {0}")]
    Unreadable(&'static str),
    /// The bytes end before the bundle does.
    #[error("the bundle is cut off")]
    CutOff,
    /// Something follows the bundle.
    #[error("something follows the bundle")]
    Trailing,
    /// There is no such version.
    #[error("version {0} is not between 1 and {VERSION_MAX}")]
    VersionAbsurd(u64),
    /// Nobody signed.
    #[error("nobody has signed it")]
    Unsigned,
    /// Fewer different keys of the role than it takes.
    #[error("{signed} of the {needed} signatures that {role} needs")]
    BelowThreshold {
        /// The role that asks for them.
        role: Role,
        /// Different keys of the role that signed.
        signed: usize,
        /// How many it takes.
        needed: usize,
    },
    /// A key's signature is not its own, or not over these bytes.
    #[error("the signature of key {0} is wrong")]
    SignatureWrong(KeyId),
    /// A key signs twice, or signatures are out of order.
    #[error("a key signs twice, or signatures are out of order")]
    SignatureTwice,
    /// The payload is not the one that was signed.
    #[error("the payload is not the one that was signed")]
    PayloadWrong,
    /// Another role than was asked for.
    #[error("it is a {found} bundle, not a {asked} bundle")]
    WrongRole {
        /// What was asked for.
        asked: Role,
        /// What it is.
        found: Role,
    },
    /// Another operator's.
    #[error("it is {found:?}'s bundle, not {asked:?}'s")]
    WrongOperator {
        /// Whose it should be.
        asked: String,
        /// Whose it is.
        found: String,
    },
    /// Not meant for this unit.
    #[error("it is not meant for unit {0}")]
    WrongUnit(String),
    /// The reader has it already.
    #[error("version {0} is held already")]
    Known(u64),
    /// The reader has a newer one.
    #[error("version {found} is older than version {held}, which is held")]
    Older {
        /// What is held.
        held: u64,
        /// What came.
        found: u64,
    },
    /// The reader's root is older than the one the bundle was made under.
    #[error("it was made under root {needed}, and root {held} is held")]
    RootBehind {
        /// What it needs.
        needed: u64,
        /// What is held.
        held: u64,
    },
    /// It was made before its role began anew.
    #[error("it was made under root {found}, before its role began anew with root {since}")]
    BeforeRestart {
        /// The root that began anew.
        since: u64,
        /// The root it was made under.
        found: u64,
    },
    /// A root does not follow the one that is held.
    #[error("root {found} does not follow root {held}: roots come one at a time")]
    RootSkipped {
        /// What is held.
        held: u64,
        /// What came.
        found: u64,
    },
    /// A root that cannot be obeyed.
    #[error("the root cannot be used: {0}")]
    RootUnusable(&'static str),
    /// It unpacks to more than its role may have.
    #[error("it unpacks to more than {0} bytes")]
    Bomb(usize),
    /// The files in it are not those of its role.
    #[error("the files in it: {0}")]
    Files(&'static str),
}

impl Refusal {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "bundle.too_large",
            Self::Unreadable(_) => "bundle.unreadable",
            Self::CutOff => "bundle.cut_off",
            Self::Trailing => "bundle.trailing",
            Self::VersionAbsurd(_) => "bundle.version",
            Self::Unsigned => "bundle.unsigned",
            Self::BelowThreshold { .. } => "bundle.below_threshold",
            Self::SignatureWrong(_) => "bundle.signature",
            Self::SignatureTwice => "bundle.signed_twice",
            Self::PayloadWrong => "bundle.payload",
            Self::WrongRole { .. } => "bundle.role",
            Self::WrongOperator { .. } => "bundle.operator",
            Self::WrongUnit(_) => "bundle.unit",
            Self::Known(_) => "bundle.known",
            Self::Older { .. } => "bundle.older",
            Self::RootBehind { .. } => "bundle.root_behind",
            Self::BeforeRestart { .. } => "bundle.before_restart",
            Self::RootSkipped { .. } => "bundle.root_skipped",
            Self::RootUnusable(_) => "bundle.root",
            Self::Bomb(_) => "bundle.bomb",
            Self::Files(_) => "bundle.files",
        }
    }

    /// Every code.
    pub const CODES: [&'static str; 21] = [
        "bundle.too_large",
        "bundle.unreadable",
        "bundle.cut_off",
        "bundle.trailing",
        "bundle.version",
        "bundle.unsigned",
        "bundle.below_threshold",
        "bundle.signature",
        "bundle.signed_twice",
        "bundle.payload",
        "bundle.role",
        "bundle.operator",
        "bundle.unit",
        "bundle.known",
        "bundle.older",
        "bundle.root_behind",
        "bundle.before_restart",
        "bundle.root_skipped",
        "bundle.root",
        "bundle.bomb",
        "bundle.files",
    ];
}
