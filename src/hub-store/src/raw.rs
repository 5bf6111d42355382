//! What tills sent, byte for byte: the truth that everything else here is a projection of.
//!
//! A log is a tree of branches. Branch 0 is the first seen; an entry that differs from a known one at the same place begins a branch, so that
//! no validly signed sale is ever refused or dropped. Each batch keeps the signature that it came under.

mod intake;
mod packing;
mod plan;
mod together;

pub use plan::{Branch, Plan, Post, plan_append};

use journal::{Head, LogId};
use wire::Bytes32;

pub(crate) use together::Together;

use crate::{
    Fault, HubStore,
    engine::{Row, Tx},
    params,
};

/// The most branches of one log. Each needs its own signature, so only whoever holds the key can make them.
pub const BRANCHES_MAX: usize = 64;
/// The most logs that one log vouches for. A till makes one, its clone another.
pub const SUCCESSORS_MAX: u64 = 8;

pub(crate) const SCHEMA: &[&str] = &[
    "CREATE TABLE IF NOT EXISTS logs (log_id {BLOB} PRIMARY KEY, public {BLOB} NOT NULL, unit TEXT NOT NULL, board TEXT, \
     program TEXT NOT NULL, enrolled_at BIGINT NOT NULL, confirmed_at BIGINT, confirmed_by TEXT, revoked_at BIGINT, revoked_by TEXT, \
     revoked_why TEXT, forked_at BIGINT, succeeds {BLOB}, succeeded_by {BLOB})",
    "CREATE INDEX IF NOT EXISTS logs_of_unit ON logs (unit)",
    "CREATE TABLE IF NOT EXISTS branches (log_id {BLOB} NOT NULL, branch BIGINT NOT NULL, parent BIGINT, first_own_seq BIGINT NOT NULL, \
     last_seq BIGINT NOT NULL, head {BLOB} NOT NULL, begun_at BIGINT NOT NULL, PRIMARY KEY (log_id, branch))",
    "CREATE TABLE IF NOT EXISTS batches (log_id {BLOB} NOT NULL, branch BIGINT NOT NULL, first_seq BIGINT NOT NULL, \
     last_seq BIGINT NOT NULL, prev {BLOB} NOT NULL, head {BLOB} NOT NULL, signature {BLOB} NOT NULL, raw {BLOB} NOT NULL, \
     received_at BIGINT NOT NULL, PRIMARY KEY (log_id, branch, first_seq))",
    "CREATE TABLE IF NOT EXISTS forerunners (forerunner {BLOB} NOT NULL, log_id {BLOB} NOT NULL, PRIMARY KEY (forerunner, log_id))",
];

/// How far the hub has the branch that a till writes, committed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The unit that the log belongs to.
    pub unit: String,
    /// The branch.
    pub branch: u64,
    /// Its last entry, 0 for none.
    pub seq: u64,
    /// The head after it.
    pub head: Bytes32,
    /// The log is forked, or another has taken its place.
    pub sealed: bool,
    /// A clerk has confirmed the log's key.
    pub confirmed: bool,
    /// Entries that this post added.
    pub new_entries: u64,
    /// This post began a branch.
    pub forked_now: bool,
}

/// What became of a post.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Appended {
    /// Everything in it is committed.
    Taken(Cursor),
    /// Nothing of it can be placed: the till is to come again from behind this cursor.
    Behind(Cursor),
    /// No.
    Refused(AppendRefusal),
}

/// Why a post is not taken. It has been counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AppendRefusal {
    /// Nobody has enrolled this log, no log that is known vouches for it, and none goes on in its place.
    #[error("this log is not enrolled")]
    Unknown,
    /// Its key has been revoked.
    #[error("this log's key has been revoked")]
    Revoked,
    /// Its head does not follow from its entries.
    #[error("the entries do not lead to the head that came with them")]
    Chain,
    /// The signature is not the log's.
    #[error("the signature under the head is not the log's")]
    Signature,
    /// The log has as many branches as a log may have.
    #[error("the log has {BRANCHES_MAX} branches and gets no more")]
    Branches,
}

impl AppendRefusal {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unknown => "log.unknown",
            Self::Revoked => "log.revoked",
            Self::Chain => "batch.chain",
            Self::Signature => "batch.signature",
            Self::Branches => "log.branches",
        }
    }
}

/// A batch as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawBatch {
    /// The branch.
    pub branch: u64,
    /// `seq` of the first entry.
    pub first_seq: u64,
    /// The head before it.
    pub prev: Head,
    /// The entries, verbatim.
    pub entries: Vec<Vec<u8>>,
    /// The head after the last.
    pub head: Head,
    /// The log's signature over it.
    pub signature: [u8; 64],
    /// When it came.
    pub received_s: i64,
}

/// A log with everything that proves it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogEvidence {
    /// Its public key.
    pub public: [u8; 32],
    /// Its branches.
    pub branches: Vec<Branch>,
    /// Its batches, by branch and place.
    pub batches: Vec<RawBatch>,
}

impl HubStore {
    /// Entries of a branch from `from_seq`, its parents' included, with their places; at most `limit`.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn entries(&self, log: &LogId, branch: u64, from_seq: u64, limit: usize) -> Result<Vec<(u64, Vec<u8>)>, Fault> {
        let mut tx = self.engine.read()?;
        let branches = branches(&mut *tx, log)?;
        let mut found = Vec::new();
        let mut seq = from_seq.max(1);
        while found.len() < limit {
            let Some(batch) = batch_at(&mut *tx, log, &branches, branch, seq)? else { break };
            let skip = usize::try_from(seq - batch.first_seq).unwrap_or(usize::MAX);
            let last_own = owner(&branches, branch, seq).map_or(0, |(_, last)| last);
            for entry in batch.entries.into_iter().skip(skip) {
                if seq > last_own || found.len() == limit {
                    break;
                }
                found.push((seq, entry));
                seq += 1;
            }
        }
        Ok(found)
    }

    /// The branches of a log, in the order of their numbers.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn branches(&self, log: &LogId) -> Result<Vec<Branch>, Fault> {
        branches(&mut *self.engine.read()?, log)
    }

    /// Everything that a log sent and what proves it; none when it is not known.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn export_log(&self, log: &LogId) -> Result<Option<LogEvidence>, Fault> {
        let mut tx = self.engine.read()?;
        let known = tx.query("SELECT public FROM logs WHERE log_id = $1", params![log.0])?;
        let Some(known) = known.first() else { return Ok(None) };
        let sql =
            "SELECT first_seq, prev, head, signature, raw, received_at, branch FROM batches WHERE log_id = $1 ORDER BY branch, first_seq";
        let batches = tx.query(sql, params![log.0])?.iter().map(raw_batch).collect::<Result<_, _>>()?;
        Ok(Some(LogEvidence { public: known.fixed(0)?, branches: branches(&mut *tx, log)?, batches }))
    }
}

pub(crate) fn branches(tx: &mut dyn Tx, log: &LogId) -> Result<Vec<Branch>, Fault> {
    let sql = "SELECT branch, parent, first_own_seq, last_seq, head FROM branches WHERE log_id = $1 ORDER BY branch";
    let rows = tx.query(sql, params![log.0])?;
    let branch = |row: &Row| {
        Ok(Branch {
            branch: row.count(0)?,
            parent: row.maybe_int(1)?.and_then(|parent| u64::try_from(parent).ok()),
            first_own_seq: row.count(2)?,
            last_seq: row.count(3)?,
            head: Head(row.fixed(4)?),
        })
    };
    rows.iter().map(branch).collect()
}

fn find(branches: &[Branch], branch: u64) -> Result<&Branch, Fault> {
    branches.iter().find(|one| one.branch == branch).ok_or_else(|| Fault::Damaged(format!("there is no branch {branch}")))
}

/// Which branch's batch holds an entry of `branch`, and the last entry that `branch` takes from there.
fn owner(branches: &[Branch], branch: u64, seq: u64) -> Option<(u64, u64)> {
    let mut own = branches.iter().find(|one| one.branch == branch)?;
    let mut last = own.last_seq;
    while seq < own.first_own_seq {
        last = own.first_own_seq - 1;
        own = branches.iter().find(|one| Some(one.branch) == own.parent)?;
    }
    (seq <= last).then_some((own.branch, last))
}

/// The stored batch that holds an entry of `branch`.
fn batch_at(tx: &mut dyn Tx, log: &LogId, branches: &[Branch], branch: u64, seq: u64) -> Result<Option<RawBatch>, Fault> {
    let Some((own, _)) = owner(branches, branch, seq) else { return Ok(None) };
    let sql = "SELECT first_seq, prev, head, signature, raw, received_at, branch FROM batches \
               WHERE log_id = $1 AND branch = $2 AND first_seq <= $3 ORDER BY first_seq DESC LIMIT 1";
    tx.query(sql, params![log.0, own, seq])?.first().map(raw_batch).transpose()
}

/// Heads by hashing again what is stored; the batch that was looked at last is kept, since the next question is mostly about it.
struct Stored<'a> {
    log: &'a LogId,
    branches: &'a [Branch],
    last: Option<(u64, u64, Vec<Head>)>,
}

impl Stored<'_> {
    /// The head of a branch after an entry.
    fn head_at(&mut self, tx: &mut dyn Tx, branch: u64, seq: u64) -> Result<Head, Fault> {
        if seq == 0 {
            return Ok(Head::of_log(self.log));
        }
        let missing = || Fault::Damaged(format!("entry {seq} of log {} is missing", self.log));
        let (own, _) = owner(self.branches, branch, seq).ok_or_else(missing)?;
        let place = |first_seq: u64| seq.checked_sub(first_seq).and_then(|place| usize::try_from(place).ok());
        if let Some((of, first_seq, heads)) = &self.last
            && let Some(head) = place(*first_seq).filter(|_| *of == own).and_then(|place| heads.get(place))
        {
            return Ok(*head);
        }
        let batch = batch_at(tx, self.log, self.branches, branch, seq)?.ok_or_else(missing)?;
        let after = batch.entries.iter().scan(batch.prev, |head, entry| {
            *head = head.next(entry);
            Some(*head)
        });
        let heads: Vec<Head> = after.collect();
        let head = place(batch.first_seq).and_then(|place| heads.get(place)).copied().ok_or_else(missing)?;
        self.last = Some((own, batch.first_seq, heads));
        Ok(head)
    }
}

/// The head of a branch after an entry.
pub(crate) fn head_at(tx: &mut dyn Tx, log: &LogId, branches: &[Branch], branch: u64, seq: u64) -> Result<Head, Fault> {
    Stored { log, branches, last: None }.head_at(tx, branch, seq)
}

fn raw_batch(row: &Row) -> Result<RawBatch, Fault> {
    Ok(RawBatch {
        first_seq: row.count(0)?,
        prev: Head(row.fixed(1)?),
        head: Head(row.fixed(2)?),
        signature: row.fixed(3)?,
        entries: packing::unpack(row.bytes(4)?)?,
        received_s: row.int(5)?,
        branch: row.count(6)?,
    })
}
