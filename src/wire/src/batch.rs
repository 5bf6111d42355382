//! Entries on their way to the hub.

mod coder;
mod item;
mod model;
mod packed;
mod sums;

use minicbor::{Decode, Encode};

use crate::Bytes32;

/// The media type of an encoded batch.
pub const BATCH_TYPE: &str = "application/trolley-batch";
/// The most entries of a batch.
pub const BATCH_ENTRIES_MAX: usize = 4096;
/// The most bytes of an encoded batch.
pub const BATCH_BYTES_MAX: usize = 1024 * 1024;
/// The most bytes of a batch when it is unpacked.
pub const BATCH_UNPACKED_BYTES_MAX: usize = 8 * 1024 * 1024;
/// The most bytes of one entry, as in the journal.
pub const ENTRY_BYTES_MAX: usize = 256 * 1024;

/// Entries of one log, one after the other, and the signature over where they lead. An empty one asks how far the hub is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// The log's public key.
    pub public: [u8; 32],
    /// `seq` of the first entry; what would be next where there is none.
    pub first_seq: u64,
    /// The head before the first entry.
    pub prev: Bytes32,
    /// The entries, verbatim.
    pub entries: Vec<Vec<u8>>,
    /// The head after the last entry; equal to `prev` where there is none.
    pub head: Bytes32,
    /// The log's signature over log, last `seq` and head, as `journal::LogKey::sign` makes it.
    pub signature: [u8; 64],
    /// How the till is.
    pub report: Report,
}

/// What a till tells of itself. No sale depends on it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Report {
    /// Its wall clock, seconds since 1970, UTC.
    #[n(0)]
    pub wall_s: i64,
    /// How far the clock is trusted, by its place in `journal::ClockTrust::ALL`.
    #[n(1)]
    pub clock_trust: u8,
    /// Program and version.
    #[n(2)]
    pub program: String,
    /// The last entry there is: what lies above the batch is still to come.
    #[n(3)]
    pub last_seq: u64,
    /// Sales above the batch, still to come.
    #[n(4)]
    pub sales_unsent: u64,
    /// The bundles it holds.
    #[n(5)]
    pub bundles: Vec<BundleHeld>,
    /// Version of the card image; none on a PC.
    #[n(6)]
    pub image: Option<String>,
    /// Where the train stands, as far as is known: a station's name.
    #[n(7)]
    pub place: Option<String>,
    /// Codes of what is wrong with devices: `printer.no-paper`.
    #[n(8)]
    pub troubles: Vec<String>,
    /// The sealed log that this one goes on for, until the hub has taken the first batch of it.
    #[n(9)]
    pub successor: Option<Successor>,
}

/// A sealed log's word for the one that goes on in its place.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Successor {
    /// The sealed log's public key.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub public: [u8; 32],
    /// Its signature, as `journal::LogKey::vouch` makes it.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub signature: [u8; 64],
}

/// A bundle that a till holds.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct BundleHeld {
    /// Its role.
    #[n(0)]
    pub role: String,
    /// Its version.
    #[n(1)]
    pub version: u64,
}

/// Bytes that are no batch.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// More bytes than a batch may have.
    #[error("the batch is larger than {BATCH_BYTES_MAX} bytes, or unpacks to more than {BATCH_UNPACKED_BYTES_MAX}")]
    TooLarge,
    /// More entries than a batch may have, or a longer one than an entry may be.
    #[error("the batch has more than {BATCH_ENTRIES_MAX} entries, or one longer than {ENTRY_BYTES_MAX} bytes")]
    TooMany,
    /// Not what a batch looks like.
    #[error("these bytes are no batch: {0}")]
    Malformed(String),
}

impl Batch {
    /// `seq` of the last entry; the one before `first_seq` where there is none.
    #[must_use]
    pub const fn last_seq(&self) -> u64 {
        self.first_seq + self.entries.len() as u64 - 1
    }

    /// The bytes to send.
    ///
    /// # Panics
    /// When it is larger than a batch may be; whoever makes one keeps to the limits.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let bytes: usize = self.entries.iter().map(Vec::len).sum();
        let fits = self.entries.len() <= BATCH_ENTRIES_MAX && bytes <= BATCH_UNPACKED_BYTES_MAX;
        assert!(fits && self.entries.iter().all(|entry| entry.len() <= ENTRY_BYTES_MAX), "a batch keeps to its limits");
        let packed = packed::pack(self);
        assert!(packed.len() <= BATCH_BYTES_MAX, "a batch keeps to its limits");
        packed
    }

    /// Reads what was sent. Nothing is unpacked beyond the limits, whatever the bytes say of themselves.
    ///
    /// # Errors
    /// [`Unreadable`].
    pub fn decode(bytes: &[u8]) -> Result<Self, Unreadable> {
        if bytes.len() > BATCH_BYTES_MAX {
            return Err(Unreadable::TooLarge);
        }
        packed::unpack(bytes)
    }
}

#[cfg(test)]
mod tests;
