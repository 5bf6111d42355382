//! Format 1 of a batch.
//!
//! | bytes | what |
//! |---|---|
//! | 1 | the format: 1 |
//! | 32, 32, 32, 64 | public key, `prev`, `head`, signature |
//! | LEB128 | `first_seq` |
//! | LEB128 | how many entries |
//! | LEB128, LEB128 | bytes of the entries that are packed as bytes: plain, packed |
//! | as said | those entries one after the other, by zstd |
//! | the rest | the report, then each entry: one bit whether it is foretold; if so its tree, if not its length |
//!
//! The rest comes from an arithmetic coder ([`super::coder`]) over what a model foretells ([`super::model`]).
//! An entry is foretold if it is CBOR that a plain writer would write again byte for byte; any other is packed as bytes.

use super::{
    BATCH_ENTRIES_MAX, BATCH_UNPACKED_BYTES_MAX, Batch, ENTRY_BYTES_MAX, Unreadable,
    coder::{Broken, Coder},
    item::parse,
    model::{FORETOLD_ENTRY_BYTES_MAX, Model},
};
use crate::Bytes32;

const FORMAT: u8 = 1;
/// The most bytes of a batch's entries that are foretold: it costs more time than packing.
const FORETOLD_BYTES_MAX: usize = 1024 * 1024;
/// Bytes are packed so hard; entries of the usual kind are not among them.
const LEVEL: i32 = 9;
const IS_FORETOLD: u64 = 1 << 40;
const LENGTH: u64 = 2 << 40;

pub(super) fn pack(batch: &Batch) -> Vec<u8> {
    let report = minicbor::to_vec(&batch.report).unwrap_or_else(|error| panic!("writing to memory does not fail: {error}"));
    let mut model = Model::new(Coder::writing());
    let mut plain = Vec::new();
    let mut foretold = 0;
    for entry in core::iter::once(&report).chain(&batch.entries) {
        foretold += entry.len();
        if !foretell(&mut model, entry, foretold) {
            foretold -= entry.len();
            plain.extend_from_slice(entry);
        }
    }
    let packed = zstd::bulk::compress(&plain, LEVEL).unwrap_or_else(|error| panic!("packing in memory does not fail: {error}"));
    let packed = if plain.is_empty() { Vec::new() } else { packed };
    let mut bytes = vec![FORMAT];
    for part in [&batch.public[..], &batch.prev.0, &batch.head.0, &batch.signature] {
        bytes.extend_from_slice(part);
    }
    for number in [batch.first_seq, batch.entries.len() as u64, plain.len() as u64, packed.len() as u64] {
        write_number(&mut bytes, number);
    }
    bytes.extend_from_slice(&packed);
    bytes.extend_from_slice(&model.into_coder().written());
    bytes
}

/// Whether the entry could be foretold; if not, its length was written.
fn foretell(model: &mut Model<'_>, entry: &[u8], total: usize) -> bool {
    // The margin is a head's length, which a reader keeps free.
    let fits = entry.len() + 9 <= FORETOLD_ENTRY_BYTES_MAX && total <= FORETOLD_BYTES_MAX;
    let tree = if fits { parse(entry) } else { None };
    model.coder().bit(IS_FORETOLD, tree.is_some());
    match &tree {
        Some(tree) => {
            let written = model.entry(Some(tree));
            assert_eq!(written.as_deref(), Ok(entry), "what parses is written again byte for byte");
            true
        }
        None => {
            model.coder().number(LENGTH, entry.len() as u64);
            false
        }
    }
}

pub(super) fn unpack(bytes: &[u8]) -> Result<Batch, Unreadable> {
    let mut from = bytes;
    match from.split_off_first() {
        Some(&FORMAT) => {}
        Some(other) => return Err(Unreadable::Malformed(format!("format {other} is not known"))),
        None => return Err(Unreadable::Malformed("there is nothing".into())),
    }
    let (public, prev, head, signature) = (fixed(&mut from)?, fixed(&mut from)?, fixed(&mut from)?, fixed(&mut from)?);
    let first_seq = number(&mut from)?;
    let count = number(&mut from)?;
    let count = usize::try_from(count).ok().filter(|count| *count <= BATCH_ENTRIES_MAX).ok_or(Unreadable::TooMany)?;
    if first_seq == 0 || first_seq.checked_add(count as u64).is_none_or(|last| i64::try_from(last).is_err()) {
        return Err(Unreadable::Malformed("there is no such seq".into()));
    }
    let plain = unpack_plain(&mut from)?;
    let mut reader = Entries { plain: &plain, foretold: 0, total: 0, model: Model::new(Coder::reading(from)) };
    let report = reader.next()?;
    let report = minicbor::decode(&report).map_err(|error| Unreadable::Malformed(error.to_string()))?;
    reader.total = 0;
    let mut entries = Vec::with_capacity(count);
    for _ in 0..count {
        entries.push(reader.next()?);
    }
    if !reader.plain.is_empty() || !reader.model.coder().is_read() {
        return Err(Unreadable::Malformed("something follows".into()));
    }
    Ok(Batch { public, first_seq, prev: Bytes32(prev), entries, head: Bytes32(head), signature, report })
}

fn unpack_plain(from: &mut &[u8]) -> Result<Vec<u8>, Unreadable> {
    let (plain, packed) = (number(from)?, number(from)?);
    let plain = usize::try_from(plain).ok().filter(|plain| *plain <= BATCH_UNPACKED_BYTES_MAX).ok_or(Unreadable::TooLarge)?;
    let packed = usize::try_from(packed).ok().and_then(|packed| from.split_off(..packed)).ok_or_else(too_short)?;
    if packed.is_empty() && plain == 0 {
        return Ok(Vec::new());
    }
    let bytes = zstd::bulk::decompress(packed, plain).map_err(|error| Unreadable::Malformed(error.to_string()))?;
    if bytes.len() == plain { Ok(bytes) } else { Err(Unreadable::Malformed("packed bytes are not as long as they say".into())) }
}

/// Entries as they are read.
struct Entries<'a> {
    plain: &'a [u8],
    foretold: usize,
    total: usize,
    model: Model<'a>,
}

impl Entries<'_> {
    fn next(&mut self) -> Result<Vec<u8>, Unreadable> {
        let entry = if self.model.coder().bit(IS_FORETOLD, false) {
            let entry = self.model.entry(None).map_err(|Broken(why)| Unreadable::Malformed(why.into()))?;
            self.foretold += entry.len();
            entry
        } else {
            let length = usize::try_from(self.model.coder().number(LENGTH, 0)).unwrap_or(usize::MAX);
            if length > ENTRY_BYTES_MAX {
                return Err(Unreadable::TooMany);
            }
            self.plain.split_off(..length).ok_or_else(too_short)?.to_vec()
        };
        self.total += entry.len();
        if self.foretold > FORETOLD_BYTES_MAX || self.total > BATCH_UNPACKED_BYTES_MAX {
            return Err(Unreadable::TooLarge);
        }
        if self.model.coder().is_short() { Err(too_short()) } else { Ok(entry) }
    }
}

fn too_short() -> Unreadable {
    Unreadable::Malformed("it ends too early".into())
}

fn fixed<const N: usize>(from: &mut &[u8]) -> Result<[u8; N], Unreadable> {
    let (bytes, rest) = from.split_first_chunk().ok_or_else(too_short)?;
    *from = rest;
    Ok(*bytes)
}

pub(super) fn write_number(to: &mut Vec<u8>, mut number: u64) {
    while number > 0x7f {
        to.push(0x80 | number.to_le_bytes()[0]);
        number >>= 7;
    }
    to.push(number.to_le_bytes()[0]);
}

fn number(from: &mut &[u8]) -> Result<u64, Unreadable> {
    let mut number = 0_u64;
    for shift in (0..64).step_by(7) {
        let byte = *from.split_off_first().ok_or_else(too_short)?;
        let digit = u64::from(byte & 0x7f);
        if digit << shift >> shift != digit {
            break;
        }
        number |= digit << shift;
        if byte < 0x80 {
            return Ok(number);
        }
    }
    Err(Unreadable::Malformed("a number that is too large".into()))
}
