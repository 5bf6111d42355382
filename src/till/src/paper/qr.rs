//! The signed receipt as a QR code.
//!
//! The text is `TROLLEY1:` and, in base32 without padding (so that QR's compact alphanumeric mode holds it): public key (32 bytes),
//! `seq` (8, big endian), head (32), signature (64). Whoever holds the journal can find the entry and check the head; whoever holds only
//! the receipt can check that the key signed this head.

use data_encoding::BASE32_NOPAD;
use journal::{Head, Proof};

/// What the text begins with.
pub const QR_PREFIX: &str = "TROLLEY1:";

const PROOF_BYTES: usize = 32 + 8 + 32 + 64;

pub(super) fn write_proof(proof: &Proof) -> String {
    let bytes = [&proof.public[..], &proof.seq.to_be_bytes(), &proof.head.0, &proof.signature].concat();
    format!("{QR_PREFIX}{}", BASE32_NOPAD.encode(&bytes))
}

/// Reads the text of a receipt's QR code. `None` for any other text; whether the signature holds is [`Proof::holds`]'s to say.
#[must_use]
pub fn read_proof(text: &str) -> Option<Proof> {
    let bytes = BASE32_NOPAD.decode(text.strip_prefix(QR_PREFIX)?.as_bytes()).ok()?;
    if bytes.len() != PROOF_BYTES {
        return None;
    }
    let (public, rest) = bytes.split_first_chunk::<32>()?;
    let (seq, rest) = rest.split_first_chunk::<8>()?;
    let (head, rest) = rest.split_first_chunk::<32>()?;
    let signature = rest.first_chunk::<64>()?;
    Some(Proof { public: *public, seq: u64::from_be_bytes(*seq), head: Head(*head), signature: *signature })
}
