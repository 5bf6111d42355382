//! Reads entries out of a damaged database without SQLite.
//!
//! Rows of the journal never change, so every copy of one counts, wherever it lies: in the database, in the write-ahead log, in a page that
//! is no longer in use. The hash chain tells a true copy from an altered one. Nothing is written and nothing of the file's own structure is
//! believed but the shape of a row and the links of its overflow pages.
//! Source: the SQLite database file format, sections 1.5 (b-tree pages), 1.6 (overflow), 2.1 (records) and 4.1 (write-ahead log).

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    io::{self, Read as _, Seek as _},
    path::Path,
};

use journal::{Entry, Fact, Head, LogId, LogKey};
use sha2::{Digest as _, Sha256};

use crate::{
    Salvage, SalvagedEntry,
    raw::{self, FRAME_HEADER_BYTES, WAL_HEADER_BYTES},
    schema,
};

/// Blocks of a card that does not read them count as zeros, each by itself.
const BLOCK_BYTES: usize = 4096;
const HEAD_BYTES: usize = 32;
/// The serial type of a blob of 32 bytes.
const TYPE_OF_HEAD: u8 = 12 + 2 * 32;

/// Everything that can be read of the journal in the database at `path` and its write-ahead log. The files are not touched.
pub(crate) fn carve(path: &Path) -> Salvage {
    let database = read_what_reads(path);
    let wal = read_what_reads(&path.with_extension("db-wal"));
    let page_bytes = page_bytes(&database, &wal);
    let pages = Pages::new(&database, &wal, page_bytes);
    let mut finds = Finds::default();
    for page in &pages.all {
        for at in 0..page.len() {
            finds.look(&pages, page, at);
        }
    }
    finds.into_salvage()
}

/// The first entry that was durable and that SQLite no longer shows: its frame in the write-ahead log is damaged, or one before it.
/// `head` is `None` while there is no log.
///
/// SQLite takes the log up to the first frame that does not hold and believes the rest to be unfinished. But an entry is written only when
/// the commit before it has been flushed. So where one entry stands behind a finished commit with another one that SQLite does not show
/// either, that commit was durable. A power cut on an honest card never leaves that.
///
/// What cannot be told: when of all that was committed since a place in the log at most one commit can still be read, the rest looks like
/// a commit that a cut left unfinished. What stands in the database, from the last checkpoint on, is not concerned.
pub(crate) fn lost_tail(wal: &[u8], seq: u64, head: Option<Head>) -> Option<u64> {
    head.and_then(|head| lost_in_chain(wal, seq, head)).or_else(|| lost_behind_a_hole(wal, seq))
}

/// One entry continues the chain at `head`, and another one stands behind a finished commit after it.
fn lost_in_chain(wal: &[u8], seq: u64, head: Head) -> Option<u64> {
    let page_bytes = page_bytes(&[], wal);
    let (mut seq, mut head, mut lost, mut committed) = (seq, head, None, false);
    // Frames of one round of the log carry the same salts; older rounds lie behind it and prove nothing.
    let mut round = None;
    for frame in wal.get(WAL_HEADER_BYTES..)?.chunks_exact(FRAME_HEADER_BYTES + page_bytes) {
        let (header, page) = frame.split_at(FRAME_HEADER_BYTES);
        if round.is_some() && round != header.get(8..16) {
            continue;
        }
        while let Some((next, bytes)) = find_next(page, page_bytes, head) {
            if committed {
                return lost;
            }
            seq += 1;
            lost.get_or_insert(seq);
            round = header.get(8..16);
            debug_assert!(Entry::decode(&bytes).is_ok_and(|entry| entry.seq == seq), "the chain binds the place");
            head = next;
        }
        committed |= lost.is_some() && header.get(4..8) != Some(&[0; 4]);
    }
    None
}

/// The entries that would continue the chain are gone, but frames of this round that follow from one another hold two later commits.
fn lost_behind_a_hole(wal: &[u8], seq: u64) -> Option<u64> {
    let page_bytes = page_bytes(&[], wal);
    let (big, salts) = (wal.get(3)? & 1 == 1, wal.get(16..24)?);
    let mut before: Option<[u32; 2]> = None;
    let (mut newest, mut committed) = (seq, seq);
    for frame in wal.get(WAL_HEADER_BYTES..)?.chunks_exact(FRAME_HEADER_BYTES + page_bytes) {
        let (header, page) = frame.split_at(FRAME_HEADER_BYTES);
        let stored = raw::frame_sums(header)?;
        let follows = before.is_some_and(|sums| raw::next_sums(header, page, sums, big) == stored);
        before = (header.get(8..16) == Some(salts)).then_some(stored);
        if !follows || before.is_none() {
            // Frames of a commit that failed may lie behind a later one that took their place.
            (newest, committed) = (seq, seq);
        }
        if before.is_none() {
            continue;
        }
        let found = newest_entry(page, page_bytes).unwrap_or(0);
        if committed > seq && found > committed {
            return Some(seq + 1);
        }
        newest = newest.max(found);
        if header.get(4..8) != Some(&[0; 4]) {
            committed = newest;
        }
    }
    None
}

/// The highest place among the entries that stand whole on a page.
fn newest_entry(page: &[u8], page_bytes: usize) -> Option<u64> {
    let nothing = HashMap::new();
    let entries = (0..page.len()).filter_map(|at| {
        let payload = Record::at(page, at)?.payload(page, &nothing, page_bytes)?;
        Entry::decode(payload.get(HEAD_BYTES..)?).ok().map(|entry| entry.seq)
    });
    entries.max()
}

/// The row on a page that continues the chain at `head`.
fn find_next(page: &[u8], page_bytes: usize, head: Head) -> Option<(Head, Vec<u8>)> {
    let nothing = HashMap::new();
    (0..page.len()).find_map(|at| {
        let payload = Record::at(page, at)?.payload(page, &nothing, page_bytes)?;
        let (stored, bytes) = payload.split_first_chunk::<HEAD_BYTES>()?;
        (head.next(bytes).0 == *stored).then(|| (Head(*stored), bytes.to_vec()))
    })
}

/// What was found, not yet put in order.
#[derive(Default)]
struct Finds {
    log: Option<(LogId, [u8; 32])>,
    rows: BTreeMap<u64, Vec<(Head, Vec<u8>)>>,
}

impl Finds {
    /// Takes up a row whose record begins at `at`, if one does.
    fn look(&mut self, pages: &Pages<'_>, page: &[u8], at: usize) {
        let Some(record) = Record::at(page, at) else { return };
        let chosen = [&pages.newest, &pages.database];
        for overflow in chosen {
            let Some(payload) = record.payload(page, overflow, pages.page_bytes) else { continue };
            let Some((head, bytes)) = payload.split_first_chunk::<HEAD_BYTES>() else { continue };
            if let Ok(seed) = <[u8; 32]>::try_from(bytes) {
                let key = LogKey::from_seed(&seed);
                if key.log_id().0 == *head {
                    self.log = Some((LogId(*head), key.public()));
                    return;
                }
            }
            let Ok(entry) = Entry::decode(bytes) else { continue };
            if let (Fact::LogOpened(opened), None) = (&entry.fact, &self.log) {
                self.log = Some((LogId(Sha256::digest(opened.public).into()), opened.public));
            }
            let copies = self.rows.entry(entry.seq).or_default();
            if !copies.iter().any(|(known, same)| known.0 == *head && same == bytes) {
                copies.push((Head(*head), bytes.to_vec()));
            }
        }
    }

    fn into_salvage(self) -> Salvage {
        let mut before: Vec<Head> = self.log.iter().map(|(log_id, _)| Head::of_log(log_id)).collect();
        let mut due = 1;
        let mut entries = Vec::with_capacity(self.rows.len());
        for (seq, mut copies) in self.rows {
            if seq != due {
                before.clear();
            }
            let proven = copies.iter().position(|(head, bytes)| before.iter().any(|before| before.next(bytes) == *head));
            before = copies.iter().map(|(head, _)| *head).collect();
            let (head, bytes) = copies.swap_remove(proven.unwrap_or(0));
            entries.push(SalvagedEntry { seq, head, bytes, chained: proven.is_some() });
            due = seq.saturating_add(1);
        }
        let (log_id, public) = self.log.unzip();
        Salvage { log_id, public, entries, torn: false }
    }
}

/// The beginning of a row of `journal` or `log`: nothing, a blob of 32 bytes, a blob.
struct Record {
    /// Where the row's values begin in the page.
    values: usize,
    /// Where the record begins.
    start: usize,
    /// Bytes of the record in all.
    record_bytes: usize,
}

impl Record {
    fn at(page: &[u8], start: usize) -> Option<Self> {
        let [header_bytes @ 4..=6, 0, TYPE_OF_HEAD, types @ ..] = page.get(start..)? else { return None };
        let header_bytes = usize::from(*header_bytes);
        let (kind, kind_bytes) = varint(types)?;
        let blob_bytes = kind.checked_sub(12).filter(|twice| twice % 2 == 0)? / 2;
        if kind_bytes + 3 != header_bytes || blob_bytes > Entry::BYTES_MAX {
            return None;
        }
        Some(Self { values: start + header_bytes, start, record_bytes: header_bytes + HEAD_BYTES + blob_bytes })
    }

    /// Head and blob, put together from the page and its overflow pages.
    fn payload(&self, page: &[u8], overflow: &HashMap<usize, &[u8]>, page_bytes: usize) -> Option<Vec<u8>> {
        let here = local_bytes(self.record_bytes, page_bytes);
        let mut payload = page.get(self.values..self.start + here)?.to_vec();
        let mut missing = self.record_bytes - here;
        let mut next = page.get(self.start + here..).and_then(<[u8]>::first_chunk::<4>);
        while missing > 0 {
            let number = usize::try_from(u32::from_be_bytes(*next?)).ok()?;
            let (link, content) = overflow.get(&number)?.split_first_chunk::<4>()?;
            let taken = missing.min(content.len());
            payload.extend_from_slice(content.get(..taken)?);
            missing -= taken;
            next = Some(link);
        }
        Some(payload)
    }
}

/// How much of a record stands in its leaf page; the rest overflows.
fn local_bytes(record_bytes: usize, page_bytes: usize) -> usize {
    let most = page_bytes - 35;
    if record_bytes <= most {
        return record_bytes;
    }
    let least = (page_bytes - 12) * 32 / 255 - 23;
    let even = least + (record_bytes - least) % (page_bytes - 4);
    if even <= most { even } else { least }
}

/// Every page image there is.
struct Pages<'a> {
    page_bytes: usize,
    all: Vec<&'a [u8]>,
    /// By page number, the last one written.
    newest: HashMap<usize, &'a [u8]>,
    /// By page number, as the database file has it.
    database: HashMap<usize, &'a [u8]>,
}

impl<'a> Pages<'a> {
    fn new(database: &'a [u8], wal: &'a [u8], page_bytes: usize) -> Self {
        let in_database: HashMap<usize, &[u8]> = (1..).zip(database.chunks(page_bytes)).collect();
        let mut newest = in_database.clone();
        let mut all: Vec<&[u8]> = database.chunks(page_bytes).collect();
        for frame in wal.get(WAL_HEADER_BYTES..).unwrap_or_default().chunks(FRAME_HEADER_BYTES + page_bytes) {
            let Some((header, page)) = frame.split_at_checked(FRAME_HEADER_BYTES) else { break };
            all.push(page);
            if let Some(number) = header.first_chunk::<4>().and_then(|number| usize::try_from(u32::from_be_bytes(*number)).ok()) {
                newest.insert(number, page);
            }
        }
        Self { page_bytes, all, newest, database: in_database }
    }
}

fn page_bytes(database: &[u8], wal: &[u8]) -> usize {
    let fit = |bytes: &usize| bytes.is_power_of_two() && (512..=65536).contains(bytes);
    let in_database = database.get(16..18).and_then(<[u8]>::first_chunk::<2>).map(|size| usize::from(u16::from_be_bytes(*size)));
    let in_wal = wal.get(8..12).and_then(<[u8]>::first_chunk::<4>).and_then(|size| usize::try_from(u32::from_be_bytes(*size)).ok());
    // A damaged header may name a wrong size that looks right, so what the till itself would have chosen comes first.
    let usual = usize::try_from(schema::PAGE_BYTES).ok();
    let found = [in_database, in_wal];
    usual.filter(|usual| found.contains(&Some(*usual))).or_else(|| found.into_iter().flatten().find(fit)).or(usual).unwrap_or(BLOCK_BYTES)
}

fn varint(bytes: &[u8]) -> Option<(usize, usize)> {
    let mut value = 0;
    for (place, byte) in bytes.iter().take(3).enumerate() {
        value = value << 7 | usize::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Some((value, place + 1));
        }
    }
    None
}

/// The file's bytes, with zeros where the card does not read. A file that does not open is empty.
pub(crate) fn read_what_reads(path: &Path) -> Vec<u8> {
    fs::read(path).or_else(|_| read_in_blocks(path)).unwrap_or_default()
}

fn read_in_blocks(path: &Path) -> io::Result<Vec<u8>> {
    let mut file = fs::File::open(path)?;
    let length = usize::try_from(file.metadata()?.len()).map_err(io::Error::other)?;
    let mut bytes = vec![0; length];
    for (at, block) in (0_u64..).step_by(BLOCK_BYTES).zip(bytes.chunks_mut(BLOCK_BYTES)) {
        let read = file.seek(io::SeekFrom::Start(at)).and_then(|_| file.read_exact(block));
        if read.is_err() {
            block.fill(0);
        }
    }
    Ok(bytes)
}
