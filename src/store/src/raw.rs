//! What stands in the files before SQLite opens them.
//!
//! SQLite takes a write-ahead log that is gone, or whose header does not hold, for an empty one, and writes over it. The store never deletes nor
//! shortens its log and fills the database from nothing else, so beside a database of more than one page there is always a log. Its header
//! is written anew when every frame of the round before stands in the database: only then may a cut leave it broken.
//! Source: the SQLite database file format, section 4 (write-ahead log), and the recovery in its `wal.c`.

use std::{collections::HashMap, fs, os::unix::fs::FileExt as _, path::PathBuf};

use crate::{Fault, carve, schema, store::Options};

pub(crate) const WAL_HEADER_BYTES: usize = 32;
pub(crate) const FRAME_HEADER_BYTES: usize = 24;
const DATABASE_HEADER_BYTES: usize = 100;
const DATABASE_MAGIC: &[u8; 16] = b"SQLite format 3\0";
const PAGE_BYTES_MAX: u32 = 65_536;
const WAL_MAGIC: u32 = 0x377f_0682;
const WAL_VERSION: u32 = 3_007_000;
/// What of a header or a frame its checksum covers.
const WAL_HEADER_CHECKED_BYTES: usize = 24;
const FRAME_HEADER_CHECKED_BYTES: usize = 8;

/// The files of a store, past SQLite: on a card, or on a disk in memory.
#[derive(Debug)]
pub(crate) struct Files {
    database: PathBuf,
    #[cfg(feature = "crash-vfs")]
    disk: Option<crate::crash::Disk>,
}

/// Which of them.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Part {
    Database,
    Wal,
    Rollback,
}

impl Files {
    pub(crate) fn new(
        database: PathBuf,
        #[cfg_attr(not(feature = "crash-vfs"), expect(unused_variables, reason = "only a disk in memory needs them"))] options: &Options,
    ) -> Self {
        Self {
            database,
            #[cfg(feature = "crash-vfs")]
            disk: options.vfs.is_some().then(crate::crash::disk),
        }
    }

    /// How long the file is; `None` when it is not there.
    pub(crate) fn length(&self, part: Part) -> Option<u64> {
        #[cfg(feature = "crash-vfs")]
        if let Some(disk) = &self.disk {
            return disk.files.get(&*self.path(part).to_string_lossy()).map(|file| u64::try_from(file.length()).unwrap_or(u64::MAX));
        }
        fs::metadata(self.path(part)).ok().map(|found| found.len())
    }

    /// The bytes at a place; `None` when they are not all there or do not read.
    fn read(&self, part: Part, at: u64, amount: usize) -> Option<Vec<u8>> {
        let mut bytes = vec![0; amount];
        #[cfg(feature = "crash-vfs")]
        if let Some(disk) = &self.disk {
            let file = disk.files.get(&*self.path(part).to_string_lossy())?;
            return (file.read(usize::try_from(at).ok()?, &mut bytes) == amount).then_some(bytes);
        }
        fs::File::open(self.path(part)).and_then(|file| file.read_exact_at(&mut bytes, at)).ok().map(|()| bytes)
    }

    /// The whole file, with zeros where the card does not read. A file that does not open is empty.
    pub(crate) fn whole(&self, part: Part) -> Vec<u8> {
        #[cfg(feature = "crash-vfs")]
        if self.disk.is_some() {
            let length = self.length(part).and_then(|length| usize::try_from(length).ok()).unwrap_or(0);
            return self.read(part, 0, length).unwrap_or_default();
        }
        carve::read_what_reads(&self.path(part))
    }

    fn path(&self, part: Part) -> PathBuf {
        match part {
            Part::Database => self.database.clone(),
            Part::Wal => self.database.with_extension("db-wal"),
            Part::Rollback => self.database.with_extension("db-journal"),
        }
    }

    /// Finds what SQLite must not even open, because it would silently throw entries away.
    ///
    /// # Errors
    /// [`Fault::Shape`]: damage.
    pub(crate) fn check(&self) -> Result<(), Fault> {
        let damage = |what: &str| Err(Fault::Shape { what: what.into() });
        let length = self.length(Part::Database).unwrap_or(0);
        let wal_length = self.length(Part::Wal).unwrap_or(0);
        let header = self.read(Part::Database, 0, DATABASE_HEADER_BYTES);
        let wal_header = self.read(Part::Wal, 0, WAL_HEADER_BYTES).unwrap_or_default();
        let begins = header.as_deref().is_some_and(|header| header.starts_with(DATABASE_MAGIC));
        let page_bytes = if begins { header.as_deref().and_then(page_bytes) } else { number_at(&wal_header, 8).filter(is_page) };
        let page_bytes = page_bytes.unwrap_or(schema::PAGE_BYTES);
        // Only a checkpoint makes the database longer than the one page it is born with, and it flushes the log first.
        let grown = length > u64::from(page_bytes);
        let holds = grown || wal_length > as_length(WAL_HEADER_BYTES);
        // SQLite rolls a journal back when its first byte says that it holds something.
        if self.read(Part::Rollback, 0, 1).is_some_and(|first| first != [0]) {
            return if holds { damage("a rollback journal beside a database that has none") } else { Ok(()) };
        }
        if length < as_length(DATABASE_HEADER_BYTES) && wal_length > as_length(WAL_HEADER_BYTES) {
            return damage("a write-ahead log without its database");
        }
        let page = usize::try_from(page_bytes).unwrap_or(usize::MAX);
        // A cut while the log is moved into the database tears the first page there, and SQLite takes it from the log.
        if header.is_some() && !begins && !self.log_holds_first_page(&wal_header, page_bytes) {
            return damage("the file does not begin as a database");
        }
        if !holds {
            return Ok(());
        }
        if wal_length < as_length(WAL_HEADER_BYTES + FRAME_HEADER_BYTES + page) && grown {
            return damage("a database without its write-ahead log");
        }
        if wal_header_holds(&wal_header, page_bytes) {
            return Ok(());
        }
        let wal = self.whole(Part::Wal);
        if self.holds_round(&wal, page) {
            Ok(())
        } else {
            damage("the write-ahead log's header does not hold, and the log is not wholly in the database")
        }
    }

    fn log_holds_first_page(&self, wal_header: &[u8], page_bytes: u32) -> bool {
        let (Some(sums), Ok(page)) = (wal_header.get(8..).and_then(frame_sums), usize::try_from(page_bytes)) else { return false };
        let big = wal_header[3] & 1 == 1;
        wal_header_holds(wal_header, page_bytes)
            && Round::first(&self.whole(Part::Wal), page, big, Some((&wal_header[16..24], sums)))
                .is_some_and(|round| round.pages.contains_key(&1))
    }

    /// Whether the round that a broken header leaves behind stands in the database, page by page.
    fn holds_round(&self, wal: &[u8], page_bytes: usize) -> bool {
        let rounds = [false, true].map(|big| Round::first(wal, page_bytes, big, None));
        match rounds.into_iter().flatten().max_by_key(|round| round.frames) {
            Some(round) => self.holds(&round, page_bytes),
            None => [false, true]
                .into_iter()
                .filter_map(|big| Round::overwritten(wal, page_bytes, big))
                .any(|round| self.holds(&round, page_bytes)),
        }
    }

    fn holds(&self, round: &Round<'_>, page_bytes: usize) -> bool {
        round.pages.iter().filter(|(number, _)| **number <= round.database_pages).all(|(number, page)| {
            let at = u64::from(number.saturating_sub(1)) * as_length(page_bytes);
            *number > 0 && self.read(Part::Database, at, page_bytes).is_some_and(|stored| stored == *page)
        })
    }
}

/// A commit that was cut off has written at most so many frames: the largest bundle, twice.
const OVERWRITTEN_FRAMES_MAX: usize = 4096;

/// What the finished commits of a log's first frames come to.
struct Round<'a> {
    /// So many frames up to the last finished commit.
    frames: usize,
    /// How many pages the database has after it.
    database_pages: u32,
    /// Each page as it was written last.
    pages: HashMap<u32, &'a [u8]>,
}

impl<'a> Round<'a> {
    /// The frames from the first on that carry its salts and whose checksums follow from one another. The first follows from `before`, the salts
    /// and checksums of the header; when that is broken, the first is taken on trust.
    fn first(wal: &'a [u8], page_bytes: usize, big: bool, mut before: Option<(&'a [u8], [u32; 2])>) -> Option<Self> {
        let (mut finished, mut unfinished): (Option<Self>, HashMap<u32, &[u8]>) = (None, HashMap::new());
        let frames = wal.get(WAL_HEADER_BYTES..)?.chunks_exact(FRAME_HEADER_BYTES + page_bytes);
        for (place, frame) in frames.enumerate() {
            let (header, page) = frame.split_at(FRAME_HEADER_BYTES);
            let stored = frame_sums(header)?;
            if before.is_some_and(|(salts, sums)| salts != &header[8..16] || next_sums(header, page, sums, big) != stored) {
                break;
            }
            before = Some((&header[8..16], stored));
            unfinished.insert(number_at(header, 0)?, page);
            let database_pages = number_at(header, 4)?;
            if database_pages > 0 {
                let mut pages = finished.map_or_else(HashMap::new, |round| round.pages);
                pages.extend(unfinished.drain());
                finished = Some(Self { frames: place + 1, database_pages, pages });
            }
        }
        finished
    }

    /// What is left of a round whose first frames a commit wrote over without coming to its end, before a further cut broke the header:
    /// the finished commits behind the first frames. A round is only written over when the database holds all of it.
    fn overwritten(wal: &'a [u8], page_bytes: usize, big: bool) -> Option<Self> {
        let frame_bytes = FRAME_HEADER_BYTES + page_bytes;
        (1..=OVERWRITTEN_FRAMES_MAX).find_map(|frames| {
            let rest = wal.get(frames.checked_mul(frame_bytes)?..)?;
            // One frame alone is taken on trust, and noise may look like it.
            Self::first(rest, page_bytes, big, None).filter(|round| round.frames > 1)
        })
    }
}

/// The checksums that stand in a frame's header.
pub(crate) fn frame_sums(header: &[u8]) -> Option<[u32; 2]> {
    Some([number_at(header, 16)?, number_at(header, 20)?])
}

/// The checksums that a frame must have behind one with `sums`.
pub(crate) fn next_sums(header: &[u8], page: &[u8], sums: [u32; 2], big: bool) -> [u32; 2] {
    checksum(page, checksum(header.get(..FRAME_HEADER_CHECKED_BYTES).unwrap_or_default(), sums, big), big)
}

/// Whether SQLite would believe the header.
fn wal_header_holds(header: &[u8], page_bytes: u32) -> bool {
    let number = |at| number_at(header, at);
    let Some(magic) = number(0).filter(|magic| magic & !1 == WAL_MAGIC) else { return false };
    let checked = header.get(..WAL_HEADER_CHECKED_BYTES).unwrap_or_default();
    let sums = checksum(checked, [0, 0], magic & 1 == 1);
    number(4) == Some(WAL_VERSION) && number(8) == Some(page_bytes) && [number(24), number(28)] == sums.map(Some)
}

/// SQLite's checksum over bytes in pairs of words.
fn checksum(bytes: &[u8], [mut first, mut second]: [u32; 2], big: bool) -> [u32; 2] {
    let word = |word: &[u8; 4]| if big { u32::from_be_bytes(*word) } else { u32::from_le_bytes(*word) };
    for pair in bytes.as_chunks::<8>().0 {
        let ([one, other], _) = pair.as_chunks::<4>() else { continue };
        first = first.wrapping_add(word(one)).wrapping_add(second);
        second = second.wrapping_add(word(other)).wrapping_add(first);
    }
    [first, second]
}

fn page_bytes(header: &[u8]) -> Option<u32> {
    let stored = header.get(16..18).and_then(<[u8]>::first_chunk::<2>).map(|stored| u32::from(u16::from_be_bytes(*stored)));
    stored.map(|stored| if stored == 1 { PAGE_BYTES_MAX } else { stored }).filter(is_page)
}

fn is_page(bytes: &u32) -> bool {
    bytes.is_power_of_two() && (512..=PAGE_BYTES_MAX).contains(bytes)
}

fn number_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk::<4>().map(|number| u32::from_be_bytes(*number))
}

fn as_length(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}
