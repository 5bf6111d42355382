//! Files, packed.

use std::collections::BTreeMap;

use minicbor::{Decoder, Encoder};

use crate::{Refusal, Role};

/// Files by name.
pub type Files = BTreeMap<String, Vec<u8>>;

/// The most bytes of a file's name.
pub const FILE_NAME_BYTES_MAX: usize = 32;
/// Bundles are made rarely and read by many.
const LEVEL: i32 = 19;
/// The most memory that unpacking may look back on, as a power of two: as much as the largest role unpacks to.
const WINDOW_LOG_MAX: u32 = 24;
/// Room for names and lengths beside the files.
const FRAME_BYTES_MAX: usize = 1024;

/// Packs files.
///
/// # Errors
/// [`Refusal::Files`] for one that its role does not have, [`Refusal::Bomb`] when they are larger than they may be.
pub fn pack(role: Role, files: &Files) -> Result<Vec<u8>, Refusal> {
    let mut plain = Vec::new();
    let mut to = Encoder::new(&mut plain);
    let written = (|| {
        to.map(files.len() as u64)?;
        for (name, bytes) in files {
            to.str(name)?.bytes(bytes)?;
        }
        Ok::<_, minicbor::encode::Error<core::convert::Infallible>>(())
    })();
    assert!(written.is_ok(), "writing to memory does not fail");
    let packed = zstd::bulk::compress(&plain, LEVEL).unwrap_or_else(|error| panic!("packing in memory does not fail: {error}"));
    unpack(role, &packed)?;
    Ok(packed)
}

/// Unpacks files that somebody signed. No more is unpacked than the role may have, whatever the bytes say of themselves.
///
/// # Errors
/// [`Refusal::Bomb`], [`Refusal::Files`].
pub fn unpack(role: Role, packed: &[u8]) -> Result<Files, Refusal> {
    let max = role.unpacked_bytes_max();
    let plain = unpack_bytes(packed, max + FRAME_BYTES_MAX).map_err(|wrong| match wrong {
        Wrong::TooLarge => Refusal::Bomb(max),
        Wrong::Garbled => Refusal::Files("they do not unpack"),
    })?;
    let unreadable = |_: minicbor::decode::Error| Refusal::Files("they are no map of names to bytes");
    let mut from = Decoder::new(&plain);
    let count = from.map().map_err(unreadable)?.ok_or(Refusal::Files("they are no map of names to bytes"))?;
    if count > role.files().len() as u64 {
        return Err(Refusal::Files("there are more than its role has"));
    }
    let mut files = Files::new();
    let mut size = 0_usize;
    for _ in 0..count {
        let name = from.str().map_err(unreadable)?;
        if !role.files().contains(&name) {
            return Err(Refusal::Files("one of them is not of its role"));
        }
        if files.last_key_value().is_some_and(|(last, _)| last.as_str() >= name) {
            return Err(Refusal::Files("one stands there twice, or they are out of order"));
        }
        let bytes = from.bytes().map_err(unreadable)?;
        size = size.saturating_add(bytes.len());
        files.insert(name.to_owned(), bytes.to_vec());
    }
    if size > max {
        return Err(Refusal::Bomb(max));
    }
    if from.position() != plain.len() {
        return Err(Refusal::Files("something follows them"));
    }
    Ok(files)
}

enum Wrong {
    TooLarge,
    Garbled,
}

/// Unpacks step by step into a buffer that never grows beyond the limit.
fn unpack_bytes(packed: &[u8], bytes_max: usize) -> Result<Vec<u8>, Wrong> {
    use std::io::Read as _;
    let mut plain = Vec::new();
    let mut decoder = zstd::stream::read::Decoder::with_buffer(packed).map_err(|_| Wrong::Garbled)?;
    decoder.window_log_max(WINDOW_LOG_MAX).map_err(|_| Wrong::Garbled)?;
    let limit = u64::try_from(bytes_max).unwrap_or(u64::MAX).saturating_add(1);
    decoder.take(limit).read_to_end(&mut plain).map_err(|_| Wrong::Garbled)?;
    if plain.len() > bytes_max { Err(Wrong::TooLarge) } else { Ok(plain) }
}
