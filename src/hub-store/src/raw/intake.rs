//! A post on its way in: verified, placed under its log's lock, written.

use journal::{Entry, Fact, Head, LogId, Proof, vouched};
use wire::{Batch, Bytes32, Report};

use super::{AppendRefusal, Appended, BRANCHES_MAX, Cursor, Plan, Post, SUCCESSORS_MAX, Stored, branches, find, packing, plan_append};
use crate::{
    Fault,
    engine::Tx,
    fleet::{self, alert_code},
    params,
};

/// A post whose chain and signature hold, with its entries packed as they will be kept if all of them are new.
pub struct Verified {
    pub log: LogId,
    public: [u8; 32],
    post: Post,
    last_seq: u64,
    signature: [u8; 64],
    packed: Vec<u8>,
    report: Report,
    /// The log whose key says that this one goes on in its place.
    vouched_by: Option<LogId>,
    /// The log in whose place this one goes on, by its own second entry and that log's signature in it.
    forerunner: Option<LogId>,
    received_s: i64,
}

/// Where a post was placed.
pub enum Placed {
    /// It has its answer.
    Done(Appended),
    /// Some of its entries are known and others are not: it needs the entries themselves.
    NeedsEntries,
}

pub fn proof_of(batch: &Batch) -> Proof {
    Proof { public: batch.public, seq: batch.last_seq(), head: Head(batch.head.0), signature: batch.signature }
}

/// The chain from `prev` to the head, and the signature under it. Before any lock.
pub fn verify(batch: &Batch, received_s: i64) -> Result<Result<Verified, AppendRefusal>, Fault> {
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
        return Ok(Err(AppendRefusal::Chain));
    }
    if !proof.holds() {
        return Ok(Err(AppendRefusal::Signature));
    }
    let word = batch.report.successor.as_ref().filter(|word| vouched(&word.public, &log, &word.signature));
    Ok(Ok(Verified {
        log,
        public: batch.public,
        post: Post { first_seq: batch.first_seq, heads },
        last_seq: batch.last_seq(),
        signature: batch.signature,
        packed: packing::pack(&batch.entries)?,
        report: batch.report.clone(),
        vouched_by: word.map(|word| fleet::log_of(&word.public)),
        forerunner: forerunner(&log, batch),
        received_s,
    }))
}

/// The second entry of a log that took another's place bears the other's word.
fn forerunner(log: &LogId, batch: &Batch) -> Option<LogId> {
    let place = usize::try_from(2_u64.checked_sub(batch.first_seq)?).ok()?;
    match Entry::decode(batch.entries.get(place)?).ok()?.fact {
        Fact::LogSucceeded(from) => vouched(&from.public, log, &from.signature).then(|| fleet::log_of(&from.public)),
        _ => None,
    }
}

impl Verified {
    fn head(&self) -> Head {
        self.post.heads.last().copied().unwrap_or(Head(self.log.0))
    }

    /// Lets a log in that a known one vouches for: same unit, not confirmed, and people hear of it. A revoked key vouches for nobody.
    fn adopt(&self, tx: &mut dyn Tx) -> Result<Option<fleet::Known>, Fault> {
        let Some(old) = self.vouched_by else { return self.adopt_forerunner(tx) };
        let Some(known) = fleet::lock_log(tx, &old)?.filter(|known| !known.revoked) else { return Ok(None) };
        let others = tx.query("SELECT COUNT(*) FROM logs WHERE succeeds = $1", params![old.0])?;
        if others.first().map_or(Ok(0), |row| row.count(0))? >= SUCCESSORS_MAX {
            return Ok(None);
        }
        let (log, program) = (&self.log, self.report.program.as_str());
        let new = fleet::NewLog { log, public: &self.public, unit: &known.unit, board: None, program, succeeds: Some(old) };
        if !fleet::add_log(tx, &new, self.received_s)? {
            return Err(Fault::Busy("another hub is letting this log in".into()));
        }
        tx.execute("UPDATE logs SET succeeded_by = $1 WHERE log_id = $2 AND succeeded_by IS NULL", params![log.0, old.0])?;
        fleet::raise(tx, alert_code::VOUCHED, log, &known.unit, &format!("by={old}"), self.received_s)?;
        fleet::lock_log(tx, log)
    }

    /// Lets a sealed log in whose word a known log bears: a hub that lost its database hears of the later log first. Same unit, not confirmed,
    /// and people hear of it. A revoked key brings nobody along.
    fn adopt_forerunner(&self, tx: &mut dyn Tx) -> Result<Option<fleet::Known>, Fault> {
        let log = &self.log;
        let sql = "SELECT f.log_id FROM forerunners f JOIN logs l ON l.log_id = f.log_id \
                   WHERE f.forerunner = $1 AND l.revoked_at IS NULL ORDER BY l.enrolled_at, f.log_id LIMIT 1";
        let rows = tx.query(sql, params![log.0])?;
        let Some(later) = rows.first().map(|row| row.fixed(0).map(LogId)).transpose()? else { return Ok(None) };
        let Some(known) = fleet::lock_log(tx, &later)?.filter(|known| !known.revoked) else { return Ok(None) };
        let new = fleet::NewLog {
            log,
            public: &self.public,
            unit: &known.unit,
            board: None,
            program: self.report.program.as_str(),
            succeeds: None,
        };
        if !fleet::add_log(tx, &new, self.received_s)? {
            return Err(Fault::Busy("another hub is letting this log in".into()));
        }
        tx.execute("UPDATE logs SET succeeded_by = $1 WHERE log_id = $2", params![later.0, log.0])?;
        tx.execute("UPDATE logs SET succeeds = $1 WHERE log_id = $2 AND succeeds IS NULL", params![log.0, later.0])?;
        fleet::raise(tx, alert_code::VOUCHED, log, &known.unit, &format!("before={later}"), self.received_s)?;
        fleet::lock_log(tx, log)
    }

    /// Finds the post's place under the lock of its log, and writes what is new. A refusal has written nothing.
    pub fn place(&self, tx: &mut dyn Tx, entries: Option<&[Vec<u8>]>) -> Result<Placed, Fault> {
        let log = &self.log;
        let known = match fleet::lock_log(tx, log)? {
            Some(known) => Some(known),
            None => self.adopt(tx)?,
        };
        let Some(known) = known else { return Ok(Placed::Done(Appended::Refused(AppendRefusal::Unknown))) };
        if known.revoked {
            return Ok(Placed::Done(Appended::Refused(AppendRefusal::Revoked)));
        }
        let branches = branches(tx, log)?;
        let mut stored = Stored { log, branches: &branches, last: None };
        let plan = plan_append(&branches, &self.post, |branch, seq| stored.head_at(tx, branch.branch, seq))?;
        if entries.is_none() && matches!(plan, Plan::Extend { skip, .. } | Plan::Fork { skip, .. } if skip > 0) {
            return Ok(Placed::NeedsEntries);
        }
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
                self.write(tx, branch, skip, entries)?;
                let sql = "UPDATE branches SET last_seq = $1, head = $2 WHERE log_id = $3 AND branch = $4";
                tx.execute(sql, params![self.last_seq, self.head().0, log.0, branch])?;
                self.end(&mut cursor, branch, skip);
            }
            Plan::Fork { parent, skip } => {
                if branches.len() >= BRANCHES_MAX {
                    return Ok(Placed::Done(Appended::Refused(AppendRefusal::Branches)));
                }
                let branch = branches.len() as u64;
                self.fork(tx, &known.unit, parent, branch, skip)?;
                self.write(tx, branch, skip, entries)?;
                self.end(&mut cursor, branch, skip);
                (cursor.sealed, cursor.forked_now) = (true, true);
            }
        }
        fleet::heard(tx, log, &known, &self.report, (!behind).then_some(cursor.seq), self.received_s)?;
        Ok(Placed::Done(if behind { Appended::Behind(cursor) } else { Appended::Taken(cursor) }))
    }

    fn fork(&self, tx: &mut dyn Tx, unit: &str, parent: u64, branch: u64, skip: usize) -> Result<(), Fault> {
        let (log, at_s) = (&self.log, self.received_s);
        let first_own_seq = self.post.first_seq + skip as u64;
        let sql =
            "INSERT INTO branches (log_id, branch, parent, first_own_seq, last_seq, head, begun_at) VALUES ($1, $2, $3, $4, $5, $6, $7)";
        tx.execute(sql, params![log.0, branch, parent, first_own_seq, self.last_seq, self.head().0, at_s])?;
        tx.execute("UPDATE logs SET forked_at = $1 WHERE log_id = $2 AND forked_at IS NULL", params![at_s, log.0])?;
        fleet::raise(tx, alert_code::FORK, log, unit, &format!("branch={branch} parent={parent} seq={first_own_seq}"), at_s)
    }

    fn end(&self, cursor: &mut Cursor, branch: u64, skip: usize) {
        (cursor.branch, cursor.seq, cursor.head) = (branch, self.last_seq, Bytes32(self.head().0));
        cursor.new_entries = (self.post.heads.len() - 1 - skip) as u64;
    }

    /// Keeps the entries behind the first `skip`, under the signature that they came with.
    fn write(&self, tx: &mut dyn Tx, branch: u64, skip: usize, entries: Option<&[Vec<u8>]>) -> Result<(), Fault> {
        let packed;
        let raw = match entries {
            Some(entries) if skip > 0 => {
                packed = packing::pack(&entries[skip..])?;
                packed.as_slice()
            }
            _ => self.packed.as_slice(),
        };
        let sql = "INSERT INTO batches (log_id, branch, first_seq, last_seq, prev, head, signature, raw, received_at) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
        let (first_seq, prev) = (self.post.first_seq + skip as u64, self.post.heads[skip].0);
        let (head, signature) = (self.head().0, self.signature);
        let place = params![self.log.0, branch, first_seq, self.last_seq, prev, head, signature, raw, self.received_s];
        tx.execute(sql, place)?;
        if let Some(forerunner) = &self.forerunner {
            let sql = "INSERT INTO forerunners (forerunner, log_id) VALUES ($1, $2) ON CONFLICT (forerunner, log_id) DO NOTHING";
            tx.execute(sql, params![forerunner.0, self.log.0])?;
        }
        Ok(())
    }
}
