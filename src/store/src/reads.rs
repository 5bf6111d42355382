//! Reading: entries by place, receipts by number, print jobs, kept bytes.

use rusqlite::{OptionalExtension as _, Row, params};

use crate::{Fault, Store};

/// Identity of a print job, from 1 in each log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobId(pub u64);

/// How far a print job has come. After a restart the till decides what to make of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobState {
    /// Nothing was sent.
    Queued,
    /// Bytes may be on their way.
    Sending,
    /// All bytes are sent; the printer has not confirmed.
    AwaitProof,
    /// The paper is out, as far as anybody can know.
    Printed,
    /// It may or may not have come out.
    Uncertain,
    /// It did not come out.
    Failed,
}

impl JobState {
    /// All of them, in the order of their numbers in the database.
    pub const ALL: [Self; 6] = [Self::Queued, Self::Sending, Self::AwaitProof, Self::Printed, Self::Uncertain, Self::Failed];

    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Queued => 0,
            Self::Sending => 1,
            Self::AwaitProof => 2,
            Self::Printed => 3,
            Self::Uncertain => 4,
            Self::Failed => 5,
        }
    }

    /// A number that nobody wrote is not believed to be paper.
    fn of_code(code: u8) -> Self {
        Self::ALL.get(usize::from(code)).copied().unwrap_or(Self::Uncertain)
    }
}

/// A print job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Job {
    /// Its identity.
    pub job_id: JobId,
    /// The entry to print.
    pub seq: u64,
    /// What to print of it, in the words of the till.
    pub kind: u8,
    /// How far it has come.
    pub state: JobState,
    /// How many times it was begun.
    pub attempt: u32,
}

/// A line of the receipt list and the entry behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Practice only: a series of its own.
    pub training: bool,
    /// Number in its series.
    pub receipt_no: u64,
    /// The entry that closed it.
    pub seq: u64,
    /// Place of the kind among the domain's kinds of sale.
    pub kind: u8,
    /// Gross total in minor units.
    pub total_minor: i64,
    /// When, in seconds since 1970, UTC.
    pub wall_s: i64,
}

impl Store {
    /// The bytes of one entry, as they were written.
    ///
    /// # Errors
    /// [`Fault::Database`].
    pub fn entry_bytes(&self, seq: u64) -> Result<Option<Vec<u8>>, Fault> {
        self.read("read an entry", || {
            self.connection.prepare_cached("SELECT bytes FROM journal WHERE seq = ?1")?.query_row([seq], |row| row.get(0)).optional()
        })
    }

    /// At most `limit` entries from place `from` on: place and bytes.
    ///
    /// # Errors
    /// [`Fault::Database`].
    pub fn entries(&self, from: u64, limit: usize) -> Result<Vec<(u64, Vec<u8>)>, Fault> {
        self.read("read entries", || {
            let mut select = self.connection.prepare_cached("SELECT seq, bytes FROM journal WHERE seq >= ?1 ORDER BY seq LIMIT ?2")?;
            select.query_map(params![from, limit], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
        })
    }

    /// The head after entry `seq`.
    ///
    /// # Errors
    /// [`Fault::Database`].
    pub fn head_at(&self, seq: u64) -> Result<Option<journal::Head>, Fault> {
        self.read("read a head", || {
            let mut select = self.connection.prepare_cached("SELECT head FROM journal WHERE seq = ?1")?;
            select.query_row([seq], |row| Ok(journal::Head(row.get(0)?))).optional()
        })
    }

    /// A receipt by its series and number.
    ///
    /// # Errors
    /// [`Fault::Database`].
    pub fn receipt(&self, training: bool, receipt_no: u64) -> Result<Option<Receipt>, Fault> {
        self.read("find a receipt", || {
            let mut select = self.connection.prepare_cached("SELECT * FROM receipts WHERE training = ?1 AND receipt_no = ?2")?;
            select.query_row(params![training, receipt_no], receipt).optional()
        })
    }

    /// At most `limit` receipts of a series, newest first, older than number `before`.
    ///
    /// # Errors
    /// [`Fault::Database`].
    pub fn receipts(&self, training: bool, before: Option<u64>, limit: usize) -> Result<Vec<Receipt>, Fault> {
        self.read("list receipts", || {
            let mut select = self.connection.prepare_cached(
                "SELECT * FROM receipts WHERE training = ?1 AND receipt_no < ?2 ORDER BY training DESC, receipt_no DESC LIMIT ?3",
            )?;
            let before = before.and_then(|number| i64::try_from(number).ok()).unwrap_or(i64::MAX);
            select.query_map(params![training, before, limit], receipt)?.collect()
        })
    }

    /// The entries that speak of a receipt, oldest first: copies, reprints, refunds, voids.
    ///
    /// # Errors
    /// [`Fault::Database`].
    pub fn links(&self, training: bool, receipt_no: u64) -> Result<Vec<u64>, Fault> {
        self.read("find what speaks of a receipt", || {
            let mut select =
                self.connection.prepare_cached("SELECT seq FROM links WHERE training = ?1 AND receipt_no = ?2 ORDER BY seq")?;
            select.query_map(params![training, receipt_no], |row| row.get(0))?.collect()
        })
    }

    /// A print job; `None` also for one that was printed more than [`crate::JOBS_KEPT`] jobs ago.
    ///
    /// # Errors
    /// [`Fault::Database`].
    pub fn job(&self, job_id: JobId) -> Result<Option<Job>, Fault> {
        self.read("find a print job", || {
            self.connection.prepare_cached("SELECT * FROM jobs WHERE job_id = ?1")?.query_row([job_id.0], job).optional()
        })
    }

    /// The print jobs that are not [`JobState::Printed`], oldest first.
    ///
    /// # Errors
    /// [`Fault::Database`].
    pub fn unfinished_jobs(&self) -> Result<Vec<Job>, Fault> {
        self.read("list the print jobs", || {
            let mut select = self.connection.prepare_cached("SELECT * FROM jobs WHERE state <> ?1 ORDER BY job_id")?;
            select.query_map([JobState::Printed.code()], job)?.collect()
        })
    }

    /// The print jobs of one entry that are still known, oldest first.
    ///
    /// # Errors
    /// [`Fault::Database`].
    pub fn jobs_of(&self, seq: u64) -> Result<Vec<Job>, Fault> {
        self.read("find the print jobs of an entry", || {
            let mut select = self.connection.prepare_cached("SELECT * FROM jobs WHERE seq = ?1 ORDER BY job_id")?;
            select.query_map([seq], job)?.collect()
        })
    }

    /// The bytes kept under a name.
    ///
    /// # Errors
    /// [`Fault::Database`].
    pub fn kept(&self, name: &str) -> Result<Option<Vec<u8>>, Fault> {
        self.read("read what was kept", || {
            self.connection.prepare_cached("SELECT bytes FROM kept WHERE name = ?1")?.query_row([name], |row| row.get(0)).optional()
        })
    }

    pub(crate) fn read<T>(&self, attempt: &'static str, read: impl FnOnce() -> rusqlite::Result<T>) -> Result<T, Fault> {
        self.suspect_on_damage(read().map_err(Fault::database(attempt)))
    }
}

pub(crate) fn receipt(row: &Row<'_>) -> rusqlite::Result<Receipt> {
    Ok(Receipt {
        training: row.get(0)?,
        receipt_no: row.get(1)?,
        seq: row.get(2)?,
        kind: row.get(3)?,
        total_minor: row.get(4)?,
        wall_s: row.get(5)?,
    })
}

fn job(row: &Row<'_>) -> rusqlite::Result<Job> {
    let state: u8 = row.get(3)?;
    Ok(Job { job_id: JobId(row.get(0)?), seq: row.get(1)?, kind: row.get(2)?, state: JobState::of_code(state), attempt: row.get(4)? })
}
