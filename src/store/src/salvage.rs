//! The salvage file: what could be read of a damaged store, in a shape that any computer can read.

use std::{
    fs,
    io::{self, Write as _},
    path::Path,
};

use journal::{Head, LogId};
use sha2::{Digest as _, Sha256};

/// The first bytes of a salvage file.
pub const SALVAGE_MAGIC: [u8; 8] = *b"TRLYSLV1";

/// The entries of a damaged store.
///
/// The file is plain bytes; all numbers are big-endian:
///
/// ```text
/// file  = "TRLYSLV1" log_id[32] public_key[32] frame*     (ids of zeros: not known)
/// frame = length:u32 seq:u64 chained:u8 head[32] entry[length] check[32]
/// check = SHA-256 of the frame before it
/// end   = a frame of length 0 and seq 0, with its check    (without it the file is torn)
/// ```
///
/// `chained` is 1 when `head = SHA-256("trolley-chain-1" || head of the entry before || entry)`, with `log_id` before the first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Salvage {
    /// The log, when it can still be told.
    pub log_id: Option<LogId>,
    /// Its public key.
    pub public: Option<[u8; 32]>,
    /// What could be read, by place. Places may be missing.
    pub entries: Vec<SalvagedEntry>,
    /// The file ends early. What was read stands.
    pub torn: bool,
}

/// One entry that could be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SalvagedEntry {
    /// Its place in the log.
    pub seq: u64,
    /// The head that was stored with it.
    pub head: Head,
    /// Its bytes, as they were found.
    pub bytes: Vec<u8>,
    /// The hash chain proves it, from the head of the entry before. Otherwise that one is missing, or a byte is wrong.
    pub chained: bool,
}

/// No salvage file.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// The file does not open.
    #[error("could not read the salvage file: {0}")]
    Disk(#[from] io::Error),
    /// It begins with other bytes.
    #[error("this is no salvage file")]
    Magic,
}

const FRAME_HEADER_BYTES: usize = 4 + 8 + 1 + 32;
const CHECK_BYTES: usize = 32;

impl Salvage {
    /// Reads a salvage file up to its end or the first frame that does not hold.
    ///
    /// # Errors
    /// [`Unreadable`].
    pub fn read(path: &Path) -> Result<Self, Unreadable> {
        let bytes = fs::read(path)?;
        let body = bytes.strip_prefix(&SALVAGE_MAGIC).ok_or(Unreadable::Magic)?;
        let (log_id, body) = body.split_first_chunk::<32>().ok_or(Unreadable::Magic)?;
        let (public, mut body) = body.split_first_chunk::<32>().ok_or(Unreadable::Magic)?;
        let known = |id: &[u8; 32]| (*id != [0; 32]).then_some(*id);
        let mut salvage = Self { log_id: known(log_id).map(LogId), public: known(public), entries: Vec::new(), torn: true };
        while let Some((entry, rest)) = read_frame(body) {
            if entry.seq == 0 {
                salvage.torn = false;
                break;
            }
            salvage.entries.push(entry);
            body = rest;
        }
        Ok(salvage)
    }

    pub(crate) fn write(&self, path: &Path) -> io::Result<()> {
        let mut file = io::BufWriter::new(fs::File::create(path)?);
        file.write_all(&SALVAGE_MAGIC)?;
        file.write_all(&self.log_id.map_or([0; 32], |log_id| log_id.0))?;
        file.write_all(&self.public.unwrap_or([0; 32]))?;
        let end = SalvagedEntry { seq: 0, head: Head([0; 32]), bytes: Vec::new(), chained: false };
        for entry in self.entries.iter().chain([&end]) {
            file.write_all(&frame(entry)?)?;
        }
        file.into_inner()?.sync_all()
    }
}

fn frame(entry: &SalvagedEntry) -> io::Result<Vec<u8>> {
    let length = u32::try_from(entry.bytes.len()).map_err(io::Error::other)?;
    let mut frame = Vec::with_capacity(FRAME_HEADER_BYTES + entry.bytes.len() + CHECK_BYTES);
    frame.extend_from_slice(&length.to_be_bytes());
    frame.extend_from_slice(&entry.seq.to_be_bytes());
    frame.push(u8::from(entry.chained));
    frame.extend_from_slice(&entry.head.0);
    frame.extend_from_slice(&entry.bytes);
    let check = Sha256::digest(&frame);
    frame.extend_from_slice(&check);
    Ok(frame)
}

fn read_frame(body: &[u8]) -> Option<(SalvagedEntry, &[u8])> {
    let (length, rest) = body.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    let (seq, rest) = rest.split_first_chunk::<8>()?;
    let (chained, rest) = rest.split_first()?;
    let (head, rest) = rest.split_first_chunk::<32>()?;
    let (bytes, rest) = rest.split_at_checked(length)?;
    let (check, rest) = rest.split_first_chunk::<CHECK_BYTES>()?;
    let framed = body.get(..FRAME_HEADER_BYTES.checked_add(length)?)?;
    let holds = Sha256::digest(framed).as_slice() == check;
    let entry = SalvagedEntry { seq: u64::from_be_bytes(*seq), head: Head(*head), bytes: bytes.to_vec(), chained: *chained == 1 };
    holds.then_some((entry, rest))
}
