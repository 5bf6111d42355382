//! The hash chain over a log and the signature under its head.

use core::fmt;

use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest as _, Sha256};

const CHAIN_DOMAIN: &[u8] = b"trolley-chain-1";
const HEAD_DOMAIN: &[u8] = b"trolley-head-1";
const SUCCESSOR_DOMAIN: &[u8] = b"trolley-successor-1";

/// Identity of a log: the SHA-256 of its public key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LogId(pub [u8; 32]);

/// The hash that stands for a log up to one entry.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Head(pub [u8; 32]);

impl Head {
    /// The head of a log without entries.
    #[must_use]
    pub const fn of_log(log: &LogId) -> Self {
        Self(log.0)
    }

    /// The head after one more entry: `SHA-256("trolley-chain-1" || head || bytes)`.
    #[must_use]
    pub fn next(&self, bytes: &[u8]) -> Self {
        let mut hash = Sha256::new();
        hash.update(CHAIN_DOMAIN);
        hash.update(self.0);
        hash.update(bytes);
        Self(hash.finalize().into())
    }

    /// The first eight hexadecimal digits, for receipts.
    #[must_use]
    pub fn short(&self) -> String {
        self.to_string().chars().take(8).collect()
    }
}

/// A log's secret key. It is born on the till and never leaves it.
#[derive(Clone)]
pub struct LogKey(SigningKey);

impl LogKey {
    /// The key that grows from 32 random bytes.
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> [u8; 32] {
        self.0.verifying_key().to_bytes()
    }

    /// The secret half, for the certificate that proves a connection to be this log's.
    #[must_use]
    pub fn secret(&self) -> [u8; 32] {
        self.0.to_bytes()
    }

    /// The log that this key writes.
    #[must_use]
    pub fn log_id(&self) -> LogId {
        LogId(Sha256::digest(self.public()).into())
    }

    /// Signs that the log stands at `head` after entry `seq`.
    #[must_use]
    pub fn sign(&self, seq: u64, head: &Head) -> Proof {
        let message = signed_bytes(&self.log_id(), seq, head);
        Proof { public: self.public(), seq, head: *head, signature: self.0.sign(&message).to_bytes() }
    }

    /// Signs that `new` goes on in the place of this log: Ed25519 over `"trolley-successor-1" || this log's id || id of the new one`.
    #[must_use]
    pub fn vouch(&self, new: &LogId) -> [u8; 64] {
        self.0.sign(&successor_bytes(&self.log_id(), new)).to_bytes()
    }
}

/// Whether the log of `old` (its public key) names `new` as the log that goes on in its place.
#[must_use]
pub fn vouched(old: &[u8; 32], new: &LogId, signature: &[u8; 64]) -> bool {
    let Ok(key) = VerifyingKey::from_bytes(old) else { return false };
    let old_log = LogId(Sha256::digest(old).into());
    key.verify_strict(&successor_bytes(&old_log, new), &Signature::from_bytes(signature)).is_ok()
}

/// A signed head: who, how far, what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// The log's public key.
    pub public: [u8; 32],
    /// The last entry covered.
    pub seq: u64,
    /// The head after it.
    pub head: Head,
    /// Ed25519 over log id, seq and head.
    pub signature: [u8; 64],
}

impl Proof {
    /// The log that the proof speaks of.
    #[must_use]
    pub fn log_id(&self) -> LogId {
        LogId(Sha256::digest(self.public).into())
    }

    /// Whether the signature is the log's own.
    #[must_use]
    pub fn holds(&self) -> bool {
        let Ok(key) = VerifyingKey::from_bytes(&self.public) else { return false };
        let message = signed_bytes(&self.log_id(), self.seq, &self.head);
        key.verify_strict(&message, &Signature::from_bytes(&self.signature)).is_ok()
    }
}

fn signed_bytes(log: &LogId, seq: u64, head: &Head) -> Vec<u8> {
    [HEAD_DOMAIN, &log.0, &seq.to_be_bytes(), &head.0].concat()
}

fn successor_bytes(old: &LogId, new: &LogId) -> Vec<u8> {
    [SUCCESSOR_DOMAIN, &old.0, &new.0].concat()
}

fn write_hex(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
}

impl fmt::Display for LogId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(&self.0, f)
    }
}

impl fmt::Debug for LogId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LogId({self})")
    }
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(&self.0, f)
    }
}

impl fmt::Debug for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Head({self})")
    }
}

/// The secret stays out of every log line.
impl fmt::Debug for LogKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LogKey({})", self.log_id())
    }
}
