//! The store itself: opening, beginning a log, flushing, checkpoints.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicI32, Ordering},
    },
};

use journal::{Books, Head, LogId, LogKey};
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior, config::DbConfig};

use crate::{
    Batch, Committed, Durability, Fault, FaultKind, HeldBundle, KeptChange, carve,
    commit::Born,
    file_control,
    raw::{Files, Part},
    reads::JobId,
    schema,
    sealed::SealedLog,
    set_aside::{self, Aside},
    startup,
};

/// How to open a store. [`Options::default`] is what a till uses.
#[derive(Clone, Debug)]
pub struct Options {
    /// Name of a registered SQLite file system, for tests. A store on one never touches real files and sets nothing aside.
    pub vfs: Option<String>,
    /// Bytes per database page, taken when the database is made.
    pub page_bytes: u32,
    /// How far a new store grows its write-ahead log and database beforehand, in pages. Growing file by file costs flushes later.
    pub pregrow_pages: u32,
    /// After how many pages in the write-ahead log a commit moves them into the database.
    pub checkpoint_pages: u32,
    /// A wrong setting that the power-cut proof must catch.
    #[cfg(feature = "crash-vfs")]
    pub mutant: Option<Mutant>,
}

/// A wrong way to keep sales, to prove that the proof finds it.
#[cfg(feature = "crash-vfs")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mutant {
    /// WAL with `synchronous=NORMAL`: commits are not flushed.
    WalNormal,
    /// WAL with `synchronous=OFF`: nothing is flushed.
    WalOff,
    /// Rollback journal with `synchronous=FULL`: the directory is not flushed when the journal is deleted.
    DeleteFull,
    /// Each statement its own transaction.
    NoTransaction,
}

/// The log that a store holds.
#[derive(Debug)]
pub struct Log {
    /// Its identity.
    pub log_id: LogId,
    /// Its secret key.
    pub key: LogKey,
}

/// What a start found.
#[derive(Debug)]
pub enum Opened {
    /// Nothing: no log yet. [`Store::begin_log`] is next.
    Fresh,
    /// A log, and all in order.
    Whole,
    /// A log whose projections did not match it; they are rebuilt from the journal.
    Repaired {
        /// What did not match.
        why: Fault,
    },
    /// A damaged database was set aside, now or at an earlier start that did not come to begin a log. No log yet.
    SetAside(Aside),
    /// A sealed log was set aside, and its successor did not begin yet. No log yet.
    Sealed(SealedLog),
}

/// A till's journal and what hangs on it. One per data folder; a second one gets [`FaultKind::Transient`].
#[derive(Debug)]
pub struct Store {
    pub(crate) connection: Connection,
    pub(crate) options: Options,
    /// The database file.
    path: PathBuf,
    /// The data folder; `None` on a file system for tests.
    pub(crate) dir: Option<PathBuf>,
    pub(crate) log: Option<Log>,
    pub(crate) seq: u64,
    pub(crate) head: Head,
    pub(crate) books: Books,
    /// The entry up to which the stored books go.
    pub(crate) snapshot_seq: u64,
    pub(crate) job_last: JobId,
    /// Commits that the next flush makes durable.
    pub(crate) unsettled: bool,
    /// A flush failed: what it was to bring to the card must be written again.
    pub(crate) flush_failed: bool,
    /// Frames in the write-ahead log. SQLite holds a pointer to it until the connection, which stands above, is dropped.
    frames: Arc<AtomicI32>,
}

const FIRST_GOOD_ENGINE: i32 = 3_051_003;
const WITHDRAWN_ENGINE: i32 = 3_052_000;
const PREGROW_BLOB_BYTES: u32 = 16 * 1024;
/// Growing beforehand leaves so much room on the card: without it selling is only slower, but without room it stops.
const RESERVE_BYTES: u64 = 16 * 1024 * 1024;
/// How long the write-ahead log was when the journal began. It is never shortened.
pub(crate) const WAL_LENGTH: &str = "wal_bytes";

impl Store {
    /// Opens the store in `dir`, which is made when it is missing, and checks the chain's tail, the books and the newest rows.
    ///
    /// # Errors
    /// [`Fault`] when the world around the database is wrong: no room, no permission, another till on the same folder.
    /// Damage to the database is no error but [`Opened::SetAside`]; only with [`Options::vfs`] it is returned as a fault.
    pub fn open(dir: &Path, options: Options) -> Result<(Self, Opened), Fault> {
        let engine = rusqlite::version_number();
        if engine < FIRST_GOOD_ENGINE || engine == WITHDRAWN_ENGINE {
            return Err(Fault::Engine { found: engine });
        }
        if options.vfs.is_some() {
            let (mut store, repaired) = Self::open_database(&set_aside::database(dir), options)?;
            store.root();
            let opened = store.opened(repaired);
            return Ok((store, opened));
        }
        set_aside::prepare(dir)?;
        let found = Self::open_trusted(dir, &options);
        let (store, repaired, why) = match found {
            Ok((store, repaired)) => (store, repaired, None),
            Err(fault) if fault.is_damage() || (is_unopenable(&fault) && set_aside::database(dir).exists()) => {
                set_aside::check_unused(dir)?;
                set_aside::move_aside(dir)?;
                set_aside::prepare(dir)?;
                let (store, repaired) = Self::open_trusted(dir, &options)?;
                (store, repaired, Some(fault))
            }
            Err(fault) => return Err(fault),
        };
        let mut opened = store.opened(repaired);
        if store.log.is_none() {
            if let Some(number) = set_aside::latest_sealed(dir)? {
                opened = match SealedLog::open(dir, number) {
                    Ok(sealed) => Opened::Sealed(sealed),
                    Err(fault) => Opened::SetAside(set_aside::sealed_as_damaged(dir, number, fault)),
                };
            } else if let Some(aside) = set_aside::latest(dir, why)? {
                opened = Opened::SetAside(aside);
            }
        }
        Ok((store, opened))
    }

    /// Begins the log with its key and its first entry, in one durable transaction.
    ///
    /// # Errors
    /// [`Fault`]; then there is still no log, and the same call may be repeated.
    ///
    /// # Panics
    /// When there is a log already: a log is never replaced.
    pub fn begin_log(&mut self, seed: [u8; 32], first_entry: &[u8]) -> Result<Head, Fault> {
        self.begin_log_with(seed, vec![first_entry.to_vec()], Vec::new(), Vec::new())
    }

    pub(crate) fn begin_log_with(
        &mut self,
        seed: [u8; 32],
        entries: Vec<Vec<u8>>,
        carried: Vec<(String, Vec<u8>)>,
        bundles: Vec<(HeldBundle, Vec<u8>)>,
    ) -> Result<Head, Fault> {
        assert!(self.log.is_none(), "a log is begun once");
        let key = LogKey::from_seed(&seed);
        let log_id = key.log_id();
        self.head = Head::of_log(&log_id);
        let files = Files::new(self.path.clone(), &self.options);
        let length = KeptChange { name: WAL_LENGTH, bytes: files.length(Part::Wal).map(|length| length.to_be_bytes().to_vec()) };
        let batch = Batch { entries, kept: vec![length], ..Batch::default() };
        let born = Born { log_id, seed, carried, bundles };
        let committed = self.commit_with(&batch, Durability::Durable, Some(&born))?;
        self.log = Some(Log { log_id, key });
        self.root();
        Ok(committed.head)
    }

    /// Writes a batch in one transaction: entries, their rows, print jobs and kept bytes, all or nothing.
    ///
    /// With [`Durability::Durable`] it is flushed to the card when this returns, and so is everything before it.
    ///
    /// # Errors
    /// [`Fault`]; then nothing of the batch is there and the store works on. [X
    ///
    /// # Panics
    /// When there is no log yet, or SQLite loses `synchronous=FULL`.
    pub fn commit(&mut self, batch: &Batch, durability: Durability) -> Result<Committed, Fault> {
        assert!(self.log.is_some(), "a log is begun before it is written");
        self.commit_with(batch, durability, None)
    }

    /// Makes every relaxed commit durable. Costs one flush, and nothing when there is nothing to flush.
    ///
    /// # Errors
    /// [`Fault`] when the card does not flush.
    pub fn settle(&mut self) -> Result<(), Fault> {
        self.mend()?;
        if self.unsettled && self.options.ways().journal == "wal" {
            let flushed = file_control::sync_wal(&self.connection);
            self.note_flush(flushed)?;
        }
        self.unsettled = false;
        Ok(())
    }

    /// Moves the write-ahead log into the database. For idle moments and the end of a shift, so that no sale has to.
    ///
    /// # Errors
    /// [`Fault`]; nothing is lost by it, and a later commit tries again.
    pub fn checkpoint(&mut self) -> Result<(), Fault> {
        self.mend()?;
        let moved = self.connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
        let moved = moved.map_err(Fault::database("move the write-ahead log into the database"));
        let moved = self.note_flush(moved);
        self.suspect_on_damage(moved)
    }

    /// Writes again what a failed flush may have left behind.
    pub(crate) fn mend(&mut self) -> Result<(), Fault> {
        if self.flush_failed {
            file_control::rewrite_wal(&self.connection)?;
            self.flush_failed = false;
            self.unsettled = false;
        }
        Ok(())
    }

    /// Remembers a failed write or flush, here and for the next start.
    pub(crate) fn note_flush<T>(&mut self, outcome: Result<T, Fault>) -> Result<T, Fault> {
        if outcome.as_ref().is_err_and(Fault::is_flush_failure) && self.options.ways().journal == "wal" {
            self.flush_failed = true;
            self.dir.iter().for_each(|dir| set_aside::suspect(dir));
        }
        outcome
    }

    /// Moves the write-ahead log into the database when it has grown long. The commit stands whatever comes of it.
    pub(crate) fn checkpoint_when_long(&mut self) {
        let long = i32::try_from(self.options.checkpoint_pages).unwrap_or(i32::MAX);
        if self.frames.load(Ordering::Relaxed) >= long {
            // What failed is remembered and mended before the next commit.
            drop(self.checkpoint());
        }
    }

    /// The log; `None` before [`Store::begin_log`].
    #[must_use]
    pub const fn log(&self) -> Option<&Log> {
        self.log.as_ref()
    }

    /// The place of the last entry, 0 when there is none.
    #[must_use]
    pub const fn seq(&self) -> u64 {
        self.seq
    }

    /// The head after the last entry. Meaningless before [`Store::begin_log`].
    #[must_use]
    pub const fn head(&self) -> Head {
        self.head
    }

    /// The last print job, 0 when there was none.
    #[must_use]
    pub const fn job_last(&self) -> JobId {
        self.job_last
    }

    /// What the journal adds up to.
    #[must_use]
    pub const fn books(&self) -> &Books {
        &self.books
    }

    pub(crate) fn transaction(&self) -> rusqlite::Result<Transaction<'_>> {
        Transaction::new_unchecked(&self.connection, TransactionBehavior::Immediate)
    }

    /// Leaves a note for the next start when a running store meets damage. That the note cannot be written must not hide the fault.
    pub(crate) fn suspect_on_damage<T>(&self, outcome: Result<T, Fault>) -> Result<T, Fault> {
        if let (Err(fault), Some(dir)) = (&outcome, &self.dir)
            && fault.is_damage()
        {
            set_aside::suspect(dir);
        }
        outcome
    }

    fn opened(&self, repaired: Option<Fault>) -> Opened {
        match (&self.log, repaired) {
            (None, _) => Opened::Fresh,
            (Some(_), None) => Opened::Whole,
            (Some(_), Some(why)) => Opened::Repaired { why },
        }
    }

    /// Opens the database on real files; after a note of an earlier till, verifies all of it.
    pub(crate) fn open_trusted(dir: &Path, options: &Options) -> Result<(Self, Option<Fault>), Fault> {
        let (mut store, mut repaired) = Self::open_database(&set_aside::database(dir), options.clone())?;
        store.dir = Some(dir.to_path_buf());
        if set_aside::is_suspect(dir) {
            file_control::rewrite_wal(&store.connection)?;
            match store.verify() {
                Ok(_) => {}
                Err(fault @ Fault::Projection { .. }) => {
                    startup::rebuild(&mut store)?;
                    store.verify()?;
                    repaired = Some(fault);
                }
                Err(fault) => {
                    store.leave_files_alone(true)?;
                    return Err(fault);
                }
            }
            set_aside::trust(dir)?;
        }
        store.root();
        Ok((store, repaired))
    }

    pub(crate) fn open_database(path: &Path, options: Options) -> Result<(Self, Option<Fault>), Fault> {
        let keeps_wal = options.ways().journal == "wal";
        let files = Files::new(path.to_path_buf(), &options);
        if keeps_wal {
            files.check()?;
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = match &options.vfs {
            Some(vfs) => Connection::open_with_flags_and_vfs(path, flags, vfs.as_str()),
            None => Connection::open_with_flags(path, flags),
        };
        let connection = connection.map_err(Fault::database("open the database"))?;
        let mut store = Self {
            connection,
            options,
            path: path.to_path_buf(),
            dir: None,
            log: None,
            seq: 0,
            head: Head([0; 32]),
            books: Books::default(),
            snapshot_seq: 0,
            job_last: JobId(0),
            unsettled: false,
            flush_failed: false,
            frames: Arc::default(),
        };
        store.leave_files_alone(true)?;
        schema::settle_connection(&store.connection, &store.options)?;
        file_control::count_frames(&store.connection, &store.frames);
        schema::migrate(&store.connection)?;
        let repaired = startup::load(&mut store)?;
        if keeps_wal {
            store.check_tail(&files)?;
        }
        store.leave_files_alone(false)?;
        if store.log.is_none() {
            store.pregrow();
        }
        Ok((store, repaired))
    }

    /// Finds entries that SQLite does not show, though they were durable.
    fn check_tail(&self, files: &Files) -> Result<(), Fault> {
        let length = files.length(Part::Wal).unwrap_or(0);
        let born = self.kept(WAL_LENGTH)?.and_then(|bytes| bytes.try_into().ok()).map_or(0, u64::from_be_bytes);
        if length < born {
            return Err(Fault::Shape { what: format!("a write-ahead log of {length} bytes that once had {born}") });
        }
        let head = self.log.is_some().then_some(self.head);
        carve::lost_tail(&files.whole(Part::Wal), self.seq, head).map_or(Ok(()), |seq| Err(Fault::Chain { seq }))
    }

    /// Moves what the log holds into the database, at birth and at each start, so that neither file is the only one to know of the log.
    /// What fails here is remembered and tried again: everything is durable already.
    fn root(&mut self) {
        if self.log.is_some() && self.options.ways().journal == "wal" {
            drop(self.checkpoint());
        }
    }

    /// Whether growing beforehand leaves the card its reserve.
    #[allow(clippy::useless_conversion, reason = "the system counts in 32 bits on some boards")]
    pub(crate) fn has_room_to_grow(&self) -> bool {
        let Some(folder) = self.path.parent().filter(|_| self.options.vfs.is_none()) else { return true };
        let grown = 2 * u64::from(self.options.pregrow_pages) * u64::from(self.options.page_bytes);
        // Where the system cannot say how much there is, growing itself will tell.
        nix::sys::statvfs::statvfs(folder).map_or(true, |card| {
            u64::from(card.blocks_available()).saturating_mul(u64::from(card.fragment_size())) >= grown + RESERVE_BYTES
        })
    }

    /// Whether closing writes nothing: a database that turns out damaged is set aside as it was found.
    fn leave_files_alone(&self, on: bool) -> Result<(), Fault> {
        let set = self.connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, on);
        set.map(|_| ()).map_err(Fault::database("choose what closing does"))
    }

    /// Grows the write-ahead log and the database once, so that selling does not. Without it selling is only slower, so a failure is let go.
    fn pregrow(&self) {
        let pages = u64::from(self.options.pregrow_pages) * u64::from(self.options.page_bytes) / u64::from(PREGROW_BLOB_BYTES);
        let small = schema::pragma::<i64>(&self.connection, "page_count").is_ok_and(|count| count < i64::from(self.options.pregrow_pages));
        if pages == 0 || !small || !self.has_room_to_grow() {
            return;
        }
        let grow = format!(
            "BEGIN; CREATE TABLE scratch(bytes BLOB);
             WITH RECURSIVE blobs(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM blobs WHERE n < {pages})
             INSERT INTO scratch SELECT zeroblob({PREGROW_BLOB_BYTES}) FROM blobs;
             COMMIT; PRAGMA wal_checkpoint(RESTART); DROP TABLE scratch; PRAGMA wal_checkpoint(RESTART);"
        );
        if self.connection.execute_batch(&grow).is_err() {
            // Without room there is nothing to grow into; the tables that matter are there already.
            drop(self.connection.execute_batch("ROLLBACK"));
            drop(self.connection.execute_batch("DROP TABLE IF EXISTS scratch"));
        }
    }
}

impl Drop for Store {
    /// A log that could not be flushed must not be moved into the database: a cut in the middle would find neither whole.
    fn drop(&mut self) {
        if self.flush_failed {
            drop(self.leave_files_alone(true));
        }
    }
}

/// A till never meets this in a running store: the name is one of ours, but the file behind it does not open.
fn is_unopenable(fault: &Fault) -> bool {
    matches!(fault, Fault::Database { source, .. } if source.sqlite_error_code() == Some(rusqlite::ErrorCode::CannotOpen))
        && fault.kind() == FaultKind::NeedsHands
}

/// The settings that a way of keeping sales consists of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ways {
    pub locking: &'static str,
    pub journal: &'static str,
    pub durable: &'static str,
    pub relaxed: &'static str,
    pub transaction: bool,
}

impl Options {
    #[cfg(not(feature = "crash-vfs"))]
    pub(crate) const fn ways(&self) -> Ways {
        Ways::SOUND
    }

    #[cfg(feature = "crash-vfs")]
    pub(crate) const fn ways(&self) -> Ways {
        match self.mutant {
            None => Ways::SOUND,
            Some(Mutant::WalNormal) => Ways { durable: "NORMAL", ..Ways::SOUND },
            Some(Mutant::WalOff) => Ways { durable: "OFF", relaxed: "OFF", ..Ways::SOUND },
            // With exclusive locking SQLite keeps the journal file and the mutant would be sound.
            Some(Mutant::DeleteFull) => Ways { locking: "NORMAL", journal: "delete", relaxed: "FULL", ..Ways::SOUND },
            Some(Mutant::NoTransaction) => Ways { transaction: false, ..Ways::SOUND },
        }
    }
}

impl Ways {
    const SOUND: Self = Self { locking: "EXCLUSIVE", journal: "wal", durable: "FULL", relaxed: "NORMAL", transaction: true };
}

impl Default for Options {
    fn default() -> Self {
        Self {
            vfs: None,
            page_bytes: schema::PAGE_BYTES,
            pregrow_pages: 1200,
            checkpoint_pages: 1000,
            #[cfg(feature = "crash-vfs")]
            mutant: None,
        }
    }
}
