//! A hub in memory that keeps every branch, and cards that write logs.

use std::collections::BTreeMap;

use journal::{Head, LogId, LogKey, Proof};
use wire::{Ack, Batch, Bytes32, Refused, Report};

use super::super::{Cursor, Logs, Next, Sync, Unread};
use crate::desk::{Appended, UplinkTrouble};

/// A log on a card.
#[derive(Clone)]
pub(super) struct Card {
    pub(super) key: LogKey,
    pub(super) entries: Vec<Vec<u8>>,
}

/// The logs of a till, the written one first.
#[derive(Clone)]
pub(super) struct Cards(pub(super) Vec<Card>);

impl Card {
    pub(super) fn new(seed: u8, entries: u64) -> Self {
        let mut card = Self { key: LogKey::from_seed(&[seed; 32]), entries: Vec::new() };
        (0..entries).for_each(|_| card.write("entry"));
        card
    }

    pub(super) fn write(&mut self, what: &str) {
        self.entries.push(format!("{what} {}", self.entries.len() + 1).into_bytes());
    }

    pub(super) fn head(&self, seq: u64) -> Option<Head> {
        let entries = self.entries.get(..usize::try_from(seq).ok()?)?;
        Some(entries.iter().fold(Head::of_log(&self.key.log_id()), |head, bytes| head.next(bytes)))
    }

    pub(super) fn last_seq(&self) -> u64 {
        self.entries.len() as u64
    }

    pub(super) fn batch(&self, first_seq: u64, entries_max: usize) -> Batch {
        let entries: Vec<Vec<u8>> =
            self.entries.iter().skip(usize::try_from(first_seq - 1).expect("small")).take(entries_max).cloned().collect();
        let last_seq = first_seq - 1 + entries.len() as u64;
        let head = self.head(last_seq).expect("a place in the log");
        Batch {
            public: self.key.public(),
            first_seq,
            prev: Bytes32(self.head(first_seq - 1).expect("a place in the log").0),
            entries,
            head: Bytes32(head.0),
            signature: self.key.sign(last_seq, &head).signature,
            report: Report::default(),
        }
    }
}

impl Cards {
    pub(super) fn card(&self, log: &LogId) -> &Card {
        self.0.iter().find(|card| card.key.log_id() == *log).expect("a log of this till")
    }

    pub(super) fn log(&self) -> LogId {
        self.0[0].key.log_id()
    }
}

impl Logs for Cards {
    fn ids(&self) -> Vec<LogId> {
        self.0.iter().map(|card| card.key.log_id()).collect()
    }

    fn last_seq(&self, log: &LogId) -> u64 {
        self.card(log).last_seq()
    }

    fn head_at(&self, log: &LogId, seq: u64) -> Result<Option<Head>, Unread> {
        Ok(self.card(log).head(seq))
    }
}

/// What a hub has of one log: branches of entries, each from the log's beginning.
#[derive(Clone, Default)]
pub(super) struct Shelf {
    pub(super) branches: Vec<Vec<Vec<u8>>>,
    pub(super) forked: bool,
}

/// An honest hub.
#[derive(Clone, Default)]
pub(super) struct Hub {
    pub(super) logs: BTreeMap<LogId, Shelf>,
    pub(super) revoked: Vec<LogId>,
    pub(super) batches: usize,
}

fn head_of(log: &LogId, entries: &[Vec<u8>]) -> Head {
    entries.iter().fold(Head::of_log(log), |head, bytes| head.next(bytes))
}

impl Hub {
    pub(super) fn append(&mut self, batch: &Batch) -> Result<Appended, UplinkTrouble> {
        self.batches += 1;
        let refuse = |code: &str| Err(UplinkTrouble::Refused(Refused { code: code.into(), what: "No.".into(), todo: "Nothing.".into() }));
        let proof = Proof { public: batch.public, seq: batch.last_seq(), head: Head(batch.head.0), signature: batch.signature };
        let chained = batch.entries.iter().fold(Head(batch.prev.0), |head, bytes| head.next(bytes));
        if !proof.holds() || chained != proof.head {
            return refuse("batch.signature");
        }
        let log = proof.log_id();
        if self.revoked.contains(&log) {
            return refuse("log.revoked");
        }
        let shelf = self.logs.entry(log).or_default();
        if shelf.branches.is_empty() {
            shelf.branches.push(Vec::new());
        }
        let before = usize::try_from(batch.first_seq - 1).expect("small");
        let fits = |branch: &&mut Vec<Vec<u8>>| branch.len() >= before && head_of(&log, &branch[..before]).0 == batch.prev.0;
        let (branch, taken) = match shelf.branches.iter_mut().rev().find(fits) {
            None => (shelf.branches[0].clone(), false),
            Some(branch) => {
                let known = branch[before..].iter().zip(&batch.entries).take_while(|(old, new)| old == new).count();
                if before + known == branch.len() {
                    branch.extend(batch.entries[known..].iter().cloned());
                    (branch.clone(), true)
                } else if known == batch.entries.len() {
                    (branch.clone(), true)
                } else {
                    let mut other = branch[..before + known].to_vec();
                    other.extend(batch.entries[known..].iter().cloned());
                    shelf.forked = true;
                    shelf.branches.push(other.clone());
                    (other, true)
                }
            }
        };
        let ack = Ack {
            seq: branch.len() as u64,
            head: Bytes32(head_of(&log, &branch).0),
            sealed: shelf.forked,
            confirmed: true,
            hub_s: 0,
            bundles: Vec::new(),
        };
        Ok(if taken { Appended::Taken(ack) } else { Appended::Behind(ack) })
    }

    pub(super) fn has(&self, log: &LogId) -> &[Vec<u8>] {
        self.logs.get(log).and_then(|shelf| shelf.branches.first()).map_or(&[], Vec::as_slice)
    }
}

/// A till's engine at its uptime.
pub(super) struct Sender {
    pub(super) sync: Sync,
    pub(super) now_ms: u64,
    pub(super) at_station: bool,
    /// Batches that went out.
    pub(super) sent: usize,
}

impl Sender {
    pub(super) fn new(cursors: &[Cursor]) -> Self {
        Self { sync: Sync::new(cursors), now_ms: 1_000, at_station: false, sent: 0 }
    }

    /// The batch that is due now.
    pub(super) fn due(&mut self, cards: &Cards) -> Option<Batch> {
        match self.sync.next(self.now_ms, self.at_station, 0, cards) {
            Next::Append { log, first_seq, entries_max, .. } => {
                let batch = cards.card(&log).batch(first_seq, entries_max);
                self.sync.sent(log, first_seq, batch.last_seq(), self.now_ms);
                self.sent += 1;
                Some(batch)
            }
            Next::Fetch(_) | Next::Wait(_) => None,
        }
    }

    pub(super) fn hear(&mut self, batch: &Batch, answer: Result<Appended, UplinkTrouble>, cards: &Cards) {
        let log = LogKeyOf(batch).log_id();
        self.sync.answered(log, answer, self.now_ms, cards);
    }

    /// Works with `answer` for so long, second by second, and as fast as answers come within each.
    pub(super) fn work(&mut self, seconds: u64, cards: &Cards, mut answer: impl FnMut(&Batch) -> Result<Appended, UplinkTrouble>) {
        for _ in 0..seconds {
            // Half a second a round trip: no more fit into a second.
            for _ in 0..2 {
                if let Some(batch) = self.due(cards) {
                    let said = answer(&batch);
                    self.hear(&batch, said, cards);
                }
                self.now_ms += 500;
            }
        }
    }
}

/// Whose batch it is.
struct LogKeyOf<'a>(&'a Batch);

impl LogKeyOf<'_> {
    fn log_id(&self) -> LogId {
        Proof { public: self.0.public, seq: 0, head: Head([0; 32]), signature: [0; 64] }.log_id()
    }
}
