//! What tills sent, byte for byte: the truth that everything else here is a projection of.
//!
//! A log is a tree of branches. Branch 0 is the first seen; an entry that differs from a known one at the same place begins a branch, so that
//! no validly signed sale is ever refused or dropped. Each batch keeps the signature that it came under.

mod packing;
mod plan;

pub use plan::{Branch, Plan, Post, plan_append};

use journal::{Head, LogId, Proof, vouched};
use wire::{Batch, Bytes32};

use crate::{
    Fault, HubStore,
    engine::{Row, Tx},
    fleet::{self, alert_code},
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
    /// Nobody has enrolled this log, and no log that is known vouches for it.
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

/// A post whose chain and signature hold.
struct Verified<'a> {
    log: LogId,
    batch: &'a Batch,
    post: Post,
    /// The log whose key says that this one goes on in its place.
    vouched_by: Option<LogId>,
}

impl HubStore {
    /// Takes in a batch: verified, placed, committed, and only then answered.
    ///
    /// # Errors
    /// [`Fault`]; then it may or may not be there, and the same post again tells.
    pub fn append(&self, batch: &Batch, received_s: i64) -> Result<Appended, Fault> {
        let verified = match verify(batch) {
            Ok(verified) => verified,
            Err(refusal) => {
                self.refused(batch, refusal, received_s)?;
                return Ok(Appended::Refused(refusal));
            }
        };
        let mut tx = self.engine.write()?;
        match place(&mut *tx, &verified, received_s)? {
            Appended::Refused(refusal) => {
                drop(tx);
                self.refused(batch, refusal, received_s)?;
                Ok(Appended::Refused(refusal))
            }
            appended => {
                tx.commit()?;
                Ok(appended)
            }
        }
    }

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

    fn refused(&self, batch: &Batch, refusal: AppendRefusal, received_s: i64) -> Result<(), Fault> {
        let log = log_of(batch);
        self.count_refusal(refusal.code(), Some(&log), &refusal.to_string(), received_s).map(drop)
    }
}

fn log_of(batch: &Batch) -> LogId {
    proof_of(batch).log_id()
}

fn proof_of(batch: &Batch) -> Proof {
    Proof { public: batch.public, seq: batch.last_seq(), head: Head(batch.head.0), signature: batch.signature }
}

/// The chain from `prev` to the head, and the signature under it. Before any lock.
fn verify(batch: &Batch) -> Result<Verified<'_>, AppendRefusal> {
    let proof = proof_of(batch);
    let log = proof.log_id();
    let mut head = Head(batch.prev.0);
    let mut heads = vec![head];
    for entry in &batch.entries {
        head = head.next(entry);
        heads.push(head);
    }
    let begins = batch.first_seq > 1 || batch.prev.0 == log.0;
    if batch.first_seq == 0 || !begins || head.0 != batch.head.0 {
        return Err(AppendRefusal::Chain);
    }
    if !proof.holds() {
        return Err(AppendRefusal::Signature);
    }
    let word = batch.report.successor.as_ref().filter(|word| vouched(&word.public, &log, &word.signature));
    let vouched_by = word.map(|word| fleet::log_of(&word.public));
    Ok(Verified { log, batch, post: Post { first_seq: batch.first_seq, heads }, vouched_by })
}

/// Lets a log in that a known one vouches for: same unit, not confirmed, and people hear of it. A revoked key vouches for nobody.
fn adopt(tx: &mut dyn Tx, verified: &Verified<'_>, received_s: i64) -> Result<Option<fleet::Known>, Fault> {
    let Some(old) = verified.vouched_by else { return Ok(None) };
    let Some(known) = fleet::lock_log(tx, &old)?.filter(|known| !known.revoked) else { return Ok(None) };
    let others = tx.query("SELECT COUNT(*) FROM logs WHERE succeeds = $1", params![old.0])?;
    if others.first().map_or(Ok(0), |row| row.count(0))? >= SUCCESSORS_MAX {
        return Ok(None);
    }
    let (log, program) = (&verified.log, verified.batch.report.program.as_str());
    let new = fleet::NewLog { log, public: &verified.batch.public, unit: &known.unit, board: None, program, succeeds: Some(old) };
    if !fleet::add_log(tx, &new, received_s)? {
        return Err(Fault::Busy("another hub is letting this log in".into()));
    }
    tx.execute("UPDATE logs SET succeeded_by = $1 WHERE log_id = $2 AND succeeded_by IS NULL", params![log.0, old.0])?;
    fleet::raise(tx, alert_code::VOUCHED, log, &known.unit, &format!("by={old}"), received_s)?;
    fleet::lock_log(tx, log)
}

/// Finds the post's place under the lock of its log, and writes what is new.
fn place(tx: &mut dyn Tx, verified: &Verified<'_>, received_s: i64) -> Result<Appended, Fault> {
    let log = &verified.log;
    let known = match fleet::lock_log(tx, log)? {
        Some(known) => Some(known),
        None => adopt(tx, verified, received_s)?,
    };
    let Some(known) = known else { return Ok(Appended::Refused(AppendRefusal::Unknown)) };
    if known.revoked {
        return Ok(Appended::Refused(AppendRefusal::Revoked));
    }
    let branches = branches(tx, log)?;
    let mut stored = Stored { log, branches: &branches, last: None };
    let plan = plan_append(&branches, &verified.post, |branch, seq| stored.head_at(tx, branch.branch, seq))?;
    let mut cursor = Cursor {
        unit: known.unit.clone(),
        branch: 0,
        seq: 0,
        head: Bytes32(log.0),
        sealed: known.sealed,
        confirmed: known.confirmed,
        new_entries: 0,
        forked_now: false,
    };
    let behind = matches!(plan, Plan::Behind { .. });
    match plan {
        Plan::Known { branch } => {
            let branch = find(&branches, branch)?;
            (cursor.branch, cursor.seq, cursor.head) = (branch.branch, branch.last_seq, Bytes32(branch.head.0));
        }
        Plan::Behind { branch, seq } => {
            (cursor.branch, cursor.seq) = (branch, seq);
            cursor.head = Bytes32(stored.head_at(tx, branch, seq)?.0);
        }
        Plan::Extend { branch, skip } => {
            write(tx, verified, branch, skip, received_s)?;
            let sql = "UPDATE branches SET last_seq = $1, head = $2 WHERE log_id = $3 AND branch = $4";
            tx.execute(sql, params![verified.batch.last_seq(), verified.batch.head.0, log.0, branch])?;
            end(&mut cursor, verified, branch, skip);
        }
        Plan::Fork { parent, skip } => {
            if branches.len() >= BRANCHES_MAX {
                return Ok(Appended::Refused(AppendRefusal::Branches));
            }
            let branch = branches.len() as u64;
            let first_own_seq = verified.batch.first_seq + skip as u64;
            let sql = "INSERT INTO branches (log_id, branch, parent, first_own_seq, last_seq, head, begun_at) VALUES ($1, $2, $3, $4, $5, $6, $7)";
            let (last_seq, head) = (verified.batch.last_seq(), verified.batch.head.0);
            tx.execute(sql, params![log.0, branch, parent, first_own_seq, last_seq, head, received_s])?;
            write(tx, verified, branch, skip, received_s)?;
            tx.execute("UPDATE logs SET forked_at = $1 WHERE log_id = $2 AND forked_at IS NULL", params![received_s, log.0])?;
            let details = format!("branch={branch} parent={parent} seq={first_own_seq}");
            fleet::raise(tx, alert_code::FORK, log, &known.unit, &details, received_s)?;
            end(&mut cursor, verified, branch, skip);
            (cursor.sealed, cursor.forked_now) = (true, true);
        }
    }
    fleet::heard(tx, log, &known, &verified.batch.report, (!behind).then_some(cursor.seq), received_s)?;
    Ok(if behind { Appended::Behind(cursor) } else { Appended::Taken(cursor) })
}

fn end(cursor: &mut Cursor, verified: &Verified<'_>, branch: u64, skip: usize) {
    (cursor.branch, cursor.seq, cursor.head) = (branch, verified.batch.last_seq(), verified.batch.head);
    cursor.new_entries = (verified.batch.entries.len() - skip) as u64;
}

/// Keeps the entries behind the first `skip`, under the signature that they came with.
fn write(tx: &mut dyn Tx, verified: &Verified<'_>, branch: u64, skip: usize, received_s: i64) -> Result<(), Fault> {
    let batch = verified.batch;
    let raw = packing::pack(&batch.entries[skip..])?;
    let sql = "INSERT INTO batches (log_id, branch, first_seq, last_seq, prev, head, signature, raw, received_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    let (first_seq, prev) = (batch.first_seq + skip as u64, verified.post.heads[skip].0);
    let place = params![verified.log.0, branch, first_seq, batch.last_seq(), prev, batch.head.0, batch.signature, raw, received_s];
    tx.execute(sql, place).map(drop)
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
