//! What the till's logs have for the hub: batches, cursors, the report of how the till is.

use journal::{ClockTrust, Head, LogId, LogKey};
use store::{Batch, Durability, Fault, KeptChange, SealedLog};
use wire::{Bytes32, Report};

use crate::{
    command::{Now, Wrong},
    sync::{Cursor, Logs, Unread, decode_cursors, encode_cursors},
    till::Till,
};

/// Under this name the store keeps how far the hub has the logs.
const KEPT_CURSORS: &str = "cursors";

/// What only this till has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OnlyHere {
    /// Sales, refunds and voids; practice does not count.
    pub sales: u64,
    /// Entries.
    pub entries: u64,
    /// When the oldest of the sales was closed, seconds since 1970, UTC.
    pub oldest_s: Option<i64>,
}

impl Logs for Till {
    fn ids(&self) -> Vec<LogId> {
        self.store.log().map(|log| log.log_id).into_iter().chain(self.sealed.iter().map(SealedLog::log_id)).collect()
    }

    fn last_seq(&self, log: &LogId) -> u64 {
        self.sealed_log(log).map_or_else(|| self.store.seq(), SealedLog::seq)
    }

    fn head_at(&self, log: &LogId, seq: u64) -> Result<Option<Head>, Unread> {
        self.head_of(log, seq).map_err(|_| Unread)
    }
}

impl Till {
    /// The key of a log that this till has.
    pub(crate) fn key_of(&self, log: &LogId) -> Option<LogKey> {
        let written = self.store.log().filter(|written| written.log_id == *log).map(|written| written.key.clone());
        written.or_else(|| self.sealed_log(log).map(|sealed| sealed.key().clone()))
    }

    /// Entries of a log from `first_seq` on, with the signature over where they lead. `report` counts the unsent sales of the other logs; those
    /// above the batch are added.
    ///
    /// # Errors
    /// A fault of the store; [`Fault::Chain`] when the entries do not lead where the store says.
    pub(crate) fn batch(
        &self,
        log: &LogId,
        first_seq: u64,
        limits: (usize, usize),
        mut report: Report,
    ) -> Result<Option<wire::Batch>, Fault> {
        let Some(key) = self.key_of(log) else { return Ok(None) };
        let (entries_max, bytes_max) = limits;
        let stored = match self.sealed_log(log) {
            Some(sealed) => sealed.entries(first_seq, entries_max)?,
            None => self.store.entries(first_seq, entries_max)?,
        };
        let before = first_seq.saturating_sub(1);
        let chain = |seq| Fault::Chain { seq };
        let prev = self.head_of(log, before)?.ok_or_else(|| chain(before))?;
        let (mut head, mut bytes) = (prev, 0);
        let mut entries = Vec::with_capacity(stored.len());
        for (seq, entry) in stored {
            bytes += entry.len();
            if !entries.is_empty() && bytes > bytes_max {
                break;
            }
            if seq != first_seq.saturating_add(u64::try_from(entries.len()).unwrap_or(u64::MAX)) {
                return Err(chain(seq));
            }
            head = head.next(&entry);
            entries.push(entry);
        }
        let last_seq = before.saturating_add(u64::try_from(entries.len()).unwrap_or(u64::MAX));
        if self.head_of(log, last_seq)? != Some(head) {
            return Err(chain(last_seq));
        }
        report.last_seq = self.last_seq(log);
        report.sales_unsent = report.sales_unsent.saturating_add(self.sales_above(log, last_seq)?.0);
        if before == 0 {
            report.successor = self.successor(self.sealed_log(log));
        }
        let signature = key.sign(last_seq, &head).signature;
        Ok(Some(wire::Batch { public: key.public(), first_seq, prev: Bytes32(prev.0), entries, head: Bytes32(head.0), signature, report }))
    }

    /// Sales above the cursors in every log but this one.
    pub(crate) fn sales_elsewhere(&self, log: &LogId, cursor: impl Fn(&LogId) -> u64) -> Result<u64, Fault> {
        let others = self.ids().into_iter().filter(|other| other != log);
        others.map(|other| self.sales_above(&other, cursor(&other)).map(|(sales, _)| sales)).sum()
    }

    /// How the till is, without what belongs to a batch.
    pub(crate) fn report(&self, now: Now) -> Report {
        let (wall_s, _) = self.wall(now);
        let trust = self.clock_trust();
        let trust = ClockTrust::ALL.iter().position(|known| *known == trust).and_then(|place| u8::try_from(place).ok());
        Report { wall_s, clock_trust: trust.unwrap_or_default(), program: self.setup.program.clone(), ..Report::default() }
    }

    /// How far the hub had the logs when that was kept last.
    pub(crate) fn kept_cursors(&self) -> Result<Vec<Cursor>, Wrong> {
        Ok(self.store.kept(KEPT_CURSORS)?.map(|bytes| decode_cursors(&bytes)).unwrap_or_default())
    }

    /// Keeps how far the hub has the logs. It is a hint, so nothing waits for it to be durable.
    pub(crate) fn keep_cursors(&mut self, cursors: &[Cursor]) -> Result<(), Wrong> {
        if self.store.log().is_none() {
            return Ok(());
        }
        let kept = vec![KeptChange { name: KEPT_CURSORS, bytes: Some(encode_cursors(cursors)) }];
        self.store.commit(&Batch { kept, ..Batch::default() }, Durability::Relaxed)?;
        Ok(())
    }

    /// What lies above the cursors. `first_no` is where to look from in the written log, and is moved on: delivered receipts are not counted
    /// through again and again.
    pub(crate) fn only_here(&self, cursor: impl Fn(&LogId) -> u64, first_no: &mut u64) -> Result<OnlyHere, Fault> {
        let mut here = OnlyHere::default();
        for log in self.ids() {
            let seq = cursor(&log);
            here.entries += self.last_seq(&log).saturating_sub(seq);
            let (sales, oldest_s) = match self.sealed_log(&log) {
                Some(sealed) if sealed.seq() > seq => sealed.sales_above(seq)?,
                Some(_) => (0, None),
                None => {
                    let (sales, oldest_s, first) = self.store.sales_above(seq, *first_no)?;
                    *first_no = first.unwrap_or(self.books().receipt_no + 1);
                    (sales, oldest_s)
                }
            };
            here.sales += sales;
            here.oldest_s = here.oldest_s.into_iter().chain(oldest_s).min();
        }
        Ok(here)
    }

    fn sealed_log(&self, log: &LogId) -> Option<&SealedLog> {
        self.sealed.iter().find(|sealed| sealed.log_id() == *log)
    }

    fn head_of(&self, log: &LogId, seq: u64) -> Result<Option<Head>, Fault> {
        match self.sealed_log(log) {
            Some(sealed) => sealed.head_at(seq),
            None if seq == 0 => Ok(Some(Head::of_log(log))),
            None => self.store.head_at(seq),
        }
    }

    fn sales_above(&self, log: &LogId, seq: u64) -> Result<(u64, Option<i64>), Fault> {
        match self.sealed_log(log) {
            Some(sealed) if sealed.seq() <= seq => Ok((0, None)),
            Some(sealed) => sealed.sales_above(seq),
            None => self.store.sales_above(seq, 0).map(|(sales, oldest_s, _)| (sales, oldest_s)),
        }
    }
}
