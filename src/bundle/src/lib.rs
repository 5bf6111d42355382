//! Signed bundles: what the depot's people sign with keys that never touch a network, and what a till checks before it believes a word of it.
//!
//! **Invariant.** Nothing of a payload is unpacked before enough different keys of its role have signed the header that names its hash; sizes
//! are checked before bytes are believed; whatever is wrong has one [`Refusal`] with a stable code. Nothing in here knows the time, a file or
//! what a payload means: a bundle that is past its date is [`Verified::is_stale`] and still good.
//!
//! **Entry points.** [`verify`] for a till and a hub, [`Trust::pin`] and [`Trust::step`] for roots, [`seal`] and [`sign`] for the depot's tool,
//! [`Envelope::read`] for whoever only wants to look.
//!
//! # Bytes
//!
//! All numbers are big-endian. A text is one byte of length and so many bytes of UTF-8.
//!
//! | part | bytes |
//! |---|---|
//! | magic | 8: `TRBUNDL1` |
//! | role | 1: 1 root, 2 prices, 3 staff, 4 image |
//! | version | 8, from 1 to [`VERSION_MAX`] |
//! | created, stale after | 8 and 8: seconds since 1970, UTC |
//! | least root version that a reader must have | 8 |
//! | flags | 1: bit 0, a large change that root keys sign too |
//! | operator | text |
//! | units | 2: how many, 0 for all; then a text each |
//! | payload | 4: length; 32: SHA-256 |
//! | signatures | 1: how many; then 32 bytes of key id and 64 of Ed25519 each, ids ascending |
//! | payload | so many bytes, and nothing behind them |
//!
//! What is signed is `trolley-bundle-1` and every byte before the signatures. The payload of a root is a [`Root`]; that of other roles is a
//! map of file names to bytes in CBOR, packed with zstd.

mod envelope;
mod key;
mod payload;
mod refusal;
mod role;
mod root;
mod verify;

pub use envelope::{Envelope, Header, OPERATOR_BYTES_MAX, SIGNATURES_MAX, Signed, UNIT_BYTES_MAX, UNITS_MAX, VERSION_MAX, seal, sign};
pub use key::{KeyId, PublicKey, SecretKey};
pub use payload::{FILE_NAME_BYTES_MAX, Files, pack, unpack};
pub use refusal::Refusal;
pub use role::Role;
pub use root::{Grant, KEYS_MAX, Root, Trust};
pub use verify::{Held, Reader, Verified, verify};

#[cfg(test)]
mod tests;
