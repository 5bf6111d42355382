//! Entries as one value of a column: each behind its length, all packed. What comes out is byte for byte what went in.

use crate::Fault;

/// The first byte: the plain length in four bytes follows, then what zstd made.
const ZSTD: u8 = 1;
/// Quick: the tills have already packed hard what had to travel.
const LEVEL: i32 = 1;
/// The most bytes that come out: what a batch may have, and a length before each entry.
const UNPACKED_BYTES_MAX: usize = wire::BATCH_UNPACKED_BYTES_MAX + 4 * wire::BATCH_ENTRIES_MAX;

/// One value.
pub fn pack(entries: &[Vec<u8>]) -> Result<Vec<u8>, Fault> {
    let mut plain = Vec::with_capacity(entries.iter().map(|entry| entry.len() + 4).sum());
    for entry in entries {
        let length = u32::try_from(entry.len()).map_err(|_| Fault::Damaged("an entry is longer than 4 GB".into()))?;
        plain.extend_from_slice(&length.to_be_bytes());
        plain.extend_from_slice(entry);
    }
    let length = u32::try_from(plain.len()).map_err(|_| Fault::Damaged("a batch is longer than 4 GB".into()))?;
    let mut packed = vec![ZSTD];
    packed.extend_from_slice(&length.to_be_bytes());
    packed.append(&mut zstd::bulk::compress(&plain, LEVEL)?);
    Ok(packed)
}

/// The entries in it.
pub fn unpack(packed: &[u8]) -> Result<Vec<Vec<u8>>, Fault> {
    let damaged = || Fault::Damaged("a raw batch cannot be unpacked".into());
    let Some((&ZSTD, packed)) = packed.split_first() else { return Err(damaged()) };
    let (length, packed) = packed.split_first_chunk::<4>().ok_or_else(damaged)?;
    let plain = zstd::bulk::decompress(packed, (u32::from_be_bytes(*length) as usize).min(UNPACKED_BYTES_MAX))?;
    let mut rest = plain.as_slice();
    let mut entries = Vec::new();
    while !rest.is_empty() {
        let (length, behind) = rest.split_first_chunk::<4>().ok_or_else(damaged)?;
        let (entry, behind) = behind.split_at_checked(u32::from_be_bytes(*length) as usize).ok_or_else(damaged)?;
        entries.push(entry.to_vec());
        rest = behind;
    }
    Ok(entries)
}
