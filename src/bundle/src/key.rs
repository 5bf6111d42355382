//! Keys: who signs.

use core::fmt;

use data_encoding::HEXLOWER;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest as _, Sha256};

use crate::Refusal;

/// What stands before the signed bytes, so that no signature means anything elsewhere.
const DOMAIN: &[u8] = b"trolley-bundle-1";

/// Identity of a key: the SHA-256 of its public half. It is always computed, never told, so no two keys share one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(pub [u8; 32]);

/// The public half of a key. One that anybody can sign for, or that has a second spelling, is none.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

/// The secret half. It is born at the depot, on a machine without a network, and never leaves it.
pub struct SecretKey(SigningKey);

impl PublicKey {
    /// Takes 32 bytes for a key.
    ///
    /// # Errors
    /// [`Refusal::RootUnusable`].
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, Refusal> {
        let key = VerifyingKey::from_bytes(bytes).map_err(|_| Refusal::RootUnusable("a key is none"))?;
        if key.is_weak() {
            return Err(Refusal::RootUnusable("a key is one that anybody can sign for"));
        }
        if key.to_edwards().compress().as_bytes() != bytes {
            return Err(Refusal::RootUnusable("a key is spelt in a second way"));
        }
        Ok(Self(key))
    }

    /// Its bytes.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; 32] {
        self.0.to_bytes()
    }

    /// Its identity.
    #[must_use]
    pub fn id(&self) -> KeyId {
        KeyId(Sha256::digest(self.to_bytes()).into())
    }

    pub(crate) fn has_signed(&self, bytes: &[u8], signature: &[u8; 64]) -> bool {
        self.0.verify_strict(&[DOMAIN, bytes].concat(), &Signature::from_bytes(signature)).is_ok()
    }
}

impl SecretKey {
    /// The key that grows from 32 random bytes.
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key())
    }

    pub(crate) fn sign(&self, bytes: &[u8]) -> [u8; 64] {
        self.0.sign(&[DOMAIN, bytes].concat()).to_bytes()
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({self})")
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", HEXLOWER.encode(&self.to_bytes()))
    }
}

/// The secret stays out of every log line.
impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretKey({})", self.public().id())
    }
}
