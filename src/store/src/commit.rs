//! Writing: one batch, one transaction.

use journal::{Entry, Head, LogId, Rows, rows};
use rusqlite::{Connection, params};

use crate::{
    Fault, Store,
    bundles::{self, BUNDLE_BYTES_MAX, HeldBundle, NewBundle},
    reads::{JobId, JobState},
    schema, startup,
};

/// How soon a commit must be on the card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// Before the call returns.
    Durable,
    /// With the next durable commit or [`Store::settle`]. A power cut may lose it, whole and last first, never in part.
    Relaxed,
}

/// What is written together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// Entries as `journal` encoded them, in order, from `seq + 1`.
    pub entries: Vec<Vec<u8>>,
    /// Print jobs that begin.
    pub new_jobs: Vec<NewJob>,
    /// Print jobs that went on.
    pub job_changes: Vec<JobChange>,
    /// Kept bytes that change.
    pub kept: Vec<KeptChange>,
    /// A bundle that is installed.
    pub bundle: Option<NewBundle>,
}

/// A print job that begins as [`JobState::Queued`] with attempt 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewJob {
    /// The entry to print. It may be of the same batch.
    pub seq: u64,
    /// What to print of it, in the words of the till.
    pub kind: u8,
}

/// How a print job went on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JobChange {
    /// The job.
    pub job_id: JobId,
    /// Its state from now on.
    pub state: JobState,
    /// How many times it was begun.
    pub attempt: u32,
}

/// New bytes under a name, or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptChange {
    /// The name.
    pub name: &'static str,
    /// The bytes; `None` forgets them.
    pub bytes: Option<Vec<u8>>,
}

/// What a commit left behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Committed {
    /// The place of the last entry.
    pub seq: u64,
    /// The head after it.
    pub head: Head,
    /// The new print jobs, in the order of the batch.
    pub jobs: Vec<JobId>,
}

/// The most entries one batch may hold.
pub const BATCH_ENTRIES_MAX: usize = 256;
/// The most bytes kept under one name.
pub const KEPT_BYTES_MAX: usize = 256 * 1024;
/// The books are stored whole after so many entries. A start folds at most so many; a sale is spared the bytes.
pub(crate) const SNAPSHOT_EVERY_ENTRIES: u64 = 64;
/// Printed jobs older than so many are forgotten: all jobs then stand on one page, which is all that a change of one writes.
pub const JOBS_KEPT: u64 = 100;

/// A log that is born with this commit.
pub(crate) struct Born {
    pub(crate) log_id: LogId,
    pub(crate) seed: [u8; 32],
    /// Kept bytes of the log before it.
    pub(crate) carried: Vec<(String, Vec<u8>)>,
    /// Bundles of the log before it.
    pub(crate) bundles: Vec<(HeldBundle, Vec<u8>)>,
}

/// An entry that fits behind the log.
struct Next {
    entry: Entry,
    head: Head,
}

impl Store {
    pub(crate) fn commit_with(&mut self, batch: &Batch, durability: Durability, born: Option<&Born>) -> Result<Committed, Fault> {
        let next = self.fit(batch, durability)?;
        self.mend()?;
        let (seq, head) = next.last().map_or((self.seq, self.head), |last| (last.entry.seq, last.head));
        let snapshot = seq.saturating_sub(self.snapshot_seq) >= SNAPSHOT_EVERY_ENTRIES || born.is_some();
        let mut books = snapshot.then(|| self.books.clone());
        if let Some(books) = &mut books {
            next.iter().for_each(|next| books.apply(&next.entry));
        }
        let jobs: Vec<JobId> = (1..).map(|step| JobId(self.job_last.0 + step)).take(batch.new_jobs.len()).collect();
        let ways = self.options.ways();
        if durability == Durability::Relaxed {
            self.set_synchronous(ways.relaxed)?;
        }
        let write = || -> rusqlite::Result<()> {
            let transaction = if ways.transaction { Some(self.transaction()?) } else { None };
            let connection = &self.connection;
            if let Some(born) = born {
                connection.prepare_cached("INSERT INTO log VALUES (1, ?1, ?2)")?.execute(params![born.log_id.0, born.seed])?;
                for (held, bytes) in &born.bundles {
                    bundles::carry(connection, held, bytes)?;
                }
                for (name, bytes) in &born.carried {
                    connection.prepare_cached("INSERT INTO kept VALUES (?1, ?2)")?.execute(params![name, bytes])?;
                }
            }
            for (next, bytes) in next.iter().zip(&batch.entries) {
                insert_entry(connection, next.entry.seq, next.head, bytes)?;
                insert_rows(connection, next.entry.seq, &rows(&next.entry))?;
            }
            write_jobs(connection, batch, &jobs)?;
            write_kept(connection, batch)?;
            if let Some(bundle) = &batch.bundle {
                bundles::write(connection, bundle)?;
            }
            if let Some(books) = &books {
                startup::write_snapshot(connection, head, books)?;
            }
            transaction.map_or(Ok(()), rusqlite::Transaction::commit)
        };
        let written = write().map_err(Fault::database("write to the journal"));
        if durability == Durability::Relaxed {
            self.set_synchronous(ways.durable)?;
        }
        let written = self.note_flush(written);
        self.suspect_on_damage(written)?;
        match books {
            Some(books) => (self.books, self.snapshot_seq) = (books, seq),
            None => next.iter().for_each(|next| self.books.apply(&next.entry)),
        }
        (self.seq, self.head) = (seq, head);
        self.job_last = jobs.last().copied().unwrap_or(self.job_last);
        self.unsettled = durability == Durability::Relaxed;
        self.checkpoint_when_long();
        Ok(Committed { seq, head, jobs })
    }

    /// Decodes the entries and sees that they follow.
    fn fit(&self, batch: &Batch, durability: Durability) -> Result<Vec<Next>, Fault> {
        let refuse = |what: String| Err(Fault::Batch { what });
        if durability == Durability::Relaxed && !(batch.entries.is_empty() && batch.new_jobs.is_empty()) {
            return refuse("entries and new jobs are always durable".into());
        }
        if batch.entries.len() > BATCH_ENTRIES_MAX {
            return refuse(format!("{} entries at once, at most {BATCH_ENTRIES_MAX}", batch.entries.len()));
        }
        if let Some(large) = batch.kept.iter().find(|change| change.bytes.as_ref().is_some_and(|bytes| bytes.len() > KEPT_BYTES_MAX)) {
            return refuse(format!("more than {KEPT_BYTES_MAX} bytes to keep as {}", large.name));
        }
        if batch.bundle.as_ref().is_some_and(|bundle| bundle.bytes.len() > BUNDLE_BYTES_MAX || batch.entries.is_empty()) {
            return refuse(format!("a bundle of more than {BUNDLE_BYTES_MAX} bytes, or one without its entry"));
        }
        let mut head = self.head;
        let mut fitting = Vec::with_capacity(batch.entries.len());
        for (seq, bytes) in (self.seq + 1..).zip(&batch.entries) {
            let entry = match Entry::decode(bytes) {
                Ok(entry) if entry.seq == seq => entry,
                Ok(entry) => return refuse(format!("entry {} where {seq} is next", entry.seq)),
                Err(malformed) => return refuse(format!("entry {seq}: {malformed}")),
            };
            head = head.next(bytes);
            fitting.push(Next { entry, head });
        }
        let last = self.seq + u64::try_from(fitting.len()).unwrap_or(u64::MAX);
        if batch.new_jobs.iter().any(|job| job.seq == 0 || job.seq > last) {
            return refuse("a print job for an entry that is not there".into());
        }
        Ok(fitting)
    }

    /// Switches between flushing at each commit and not. SQLite acts on it while it prepares, so it is never cached.
    fn set_synchronous(&self, level: &str) -> Result<(), Fault> {
        let attempt = "choose when to flush";
        self.connection.execute_batch(&format!("PRAGMA synchronous={level}")).map_err(Fault::database(attempt))?;
        let found: i64 = schema::pragma(&self.connection, "synchronous").map_err(Fault::database(attempt))?;
        let wanted = ["OFF", "NORMAL", "FULL"].iter().position(|name| *name == level);
        assert!(usize::try_from(found).ok() == wanted, "SQLite flushes as {found} where {level} was asked for");
        Ok(())
    }
}

pub(crate) fn insert_rows(connection: &Connection, seq: u64, rows: &Rows) -> rusqlite::Result<()> {
    if let Some(receipt) = rows.receipt {
        connection.prepare_cached("INSERT INTO receipts VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?.execute(params![
            receipt.training,
            receipt.receipt_no,
            seq,
            receipt.kind,
            receipt.total_minor,
            receipt.wall_s
        ])?;
    }
    if let Some((training, receipt_no)) = rows.refers_to {
        connection.prepare_cached("INSERT INTO links VALUES (?1, ?2, ?3)")?.execute(params![training, receipt_no, seq])?;
    }
    Ok(())
}

fn insert_entry(connection: &Connection, seq: u64, head: Head, bytes: &[u8]) -> rusqlite::Result<()> {
    connection.prepare_cached("INSERT INTO journal VALUES (?1, ?2, ?3)")?.execute(params![seq, head.0, bytes])?;
    Ok(())
}

fn write_jobs(connection: &Connection, batch: &Batch, jobs: &[JobId]) -> rusqlite::Result<()> {
    for (job, job_id) in batch.new_jobs.iter().zip(jobs) {
        let state = JobState::Queued.code();
        connection.prepare_cached("INSERT INTO jobs VALUES (?1, ?2, ?3, ?4, 0)")?.execute(params![job_id.0, job.seq, job.kind, state])?;
    }
    if let Some(oldest) = jobs.last().and_then(|newest| newest.0.checked_sub(JOBS_KEPT)) {
        let printed = JobState::Printed.code();
        connection.prepare_cached("DELETE FROM jobs WHERE job_id <= ?1 AND state = ?2")?.execute(params![oldest, printed])?;
    }
    for change in &batch.job_changes {
        let mut update = connection.prepare_cached("UPDATE jobs SET state = ?2, attempt = ?3 WHERE job_id = ?1")?;
        update.execute(params![change.job_id.0, change.state.code(), change.attempt])?;
    }
    Ok(())
}

fn write_kept(connection: &Connection, batch: &Batch) -> rusqlite::Result<()> {
    for change in &batch.kept {
        match &change.bytes {
            Some(bytes) => {
                let mut keep = connection
                    .prepare_cached("INSERT INTO kept VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET bytes = excluded.bytes")?;
                keep.execute(params![change.name, bytes])?;
            }
            None => {
                connection.prepare_cached("DELETE FROM kept WHERE name = ?1")?.execute([change.name])?;
            }
        }
    }
    Ok(())
}
