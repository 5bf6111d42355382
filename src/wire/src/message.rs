//! The messages that are JSON: small, rare, and read by people who look for a fault.

use serde::{Deserialize, Serialize};

use crate::Bytes32;

/// The most bytes of an answer that a till reads; a bundle has a limit of its own.
pub const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// How far the hub has a log, committed. To a till it is a hint: it deletes nothing, and what it says is compared with the till's own chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ack {
    /// The last entry of the branch that this till writes, 0 for none.
    pub seq: u64,
    /// The head after it; the log's identity for none.
    pub head: Bytes32,
    /// The log is forked or sealed: somebody else writes it too. The till is to seal it and begin another.
    #[serde(default)]
    pub sealed: bool,
    /// A clerk has confirmed the log's key.
    #[serde(default)]
    pub confirmed: bool,
    /// The hub's clock, seconds since 1970, UTC. A hint.
    pub hub_s: i64,
    /// The newest signed bundle of each role that this unit is meant to hold.
    #[serde(default)]
    pub bundles: Vec<BundleNews>,
}

/// There is a bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BundleNews {
    /// Its role: `root`, `prices`, `staff`.
    pub role: String,
    /// Its version.
    pub version: u64,
    /// Its size in bytes.
    pub bytes: u64,
    /// SHA-256 of its bytes.
    pub sha256: Bytes32,
}

/// No, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// The stable code: `log.unknown`, `batch.unreadable`, `batch.signature`.
    pub code: String,
    /// What is wrong, a sentence.
    pub what: String,
    /// What to do, a sentence.
    pub todo: String,
}

/// A log asks to be known. It comes over a connection that its key has proven itself on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrolRequest {
    /// The one-time token, as [`crate::Token`] shows it.
    pub token: String,
    /// The log's public key.
    pub public: Bytes32,
    /// The label that the till carries itself, where it carries one.
    pub unit: Option<String>,
    /// The board's serial number, where it has one.
    pub board: Option<String>,
    /// Program and version.
    pub program: String,
}

/// The log is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrolAnswer {
    /// The unit's label.
    pub unit: String,
    /// What till and page both show, for a clerk to compare: six digits.
    pub short_code: String,
    /// How many registers the unit had before this log, by the hub's count: the next one's number is higher. 0 from a hub that does not say.
    #[serde(default)]
    pub logs: u32,
}
