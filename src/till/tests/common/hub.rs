//! A hub in memory behind a till's uplink: it reads real batches, keeps every branch, and lies when it is told to.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard},
};

use journal::{Head, LogId, LogKey, Proof, vouched};
use till::desk::{Appended, Uplink, UplinkTrouble};
use wire::{Ack, Batch, BundleNews, Bytes32, Report};

/// What the hub has and how it behaves.
#[derive(Default)]
pub struct Shelf {
    pub logs: BTreeMap<LogId, Vec<Vec<Vec<u8>>>>,
    pub forked: BTreeSet<LogId>,
    /// Logs that a sealed one vouched for.
    pub vouched: Vec<(LogId, LogId)>,
    /// Every report, in order.
    pub reports: Vec<Report>,
    /// Batches by first and last entry.
    pub batches: Vec<(u64, u64)>,
    /// What it answers instead.
    pub trouble: Option<UplinkTrouble>,
    /// It says of every log that somebody else writes it.
    pub cries_wolf: bool,
    pub bundles: Vec<(BundleNews, Vec<u8>)>,
}

/// A line to the hub.
#[derive(Clone, Default)]
pub struct Hub(Arc<Mutex<Shelf>>);

impl Hub {
    pub fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.0.lock().expect("nobody panicked")
    }

    /// The first branch of a log.
    pub fn has(&self, log: &LogId) -> Vec<Vec<u8>> {
        self.shelf().logs.get(log).and_then(|branches| branches.first()).cloned().unwrap_or_default()
    }

    /// Somebody else wrote this behind entry `seq` of the log.
    pub fn hear_clone(&self, log: LogId, seq: usize, bytes: &[u8]) {
        let mut shelf = self.shelf();
        let branches = shelf.logs.get_mut(&log).expect("the log is known");
        branches[0].truncate(seq);
        branches[0].push(bytes.to_vec());
    }
}

fn head_of(log: &LogId, entries: &[Vec<u8>]) -> Head {
    entries.iter().fold(Head::of_log(log), |head, bytes| head.next(bytes))
}

impl Uplink for Hub {
    fn append(&mut self, key: &LogKey, bytes: &[u8]) -> Result<Appended, UplinkTrouble> {
        let mut shelf = self.shelf();
        if let Some(trouble) = &shelf.trouble {
            return Err(trouble.clone());
        }
        let batch = Batch::decode(bytes).expect("a till sends batches");
        let proof = Proof { public: batch.public, seq: batch.last_seq(), head: Head(batch.head.0), signature: batch.signature };
        let chained = batch.entries.iter().fold(Head(batch.prev.0), |head, bytes| head.next(bytes));
        assert!(proof.holds() && chained == proof.head && batch.public == key.public(), "a till signs what it sends");
        let log = proof.log_id();
        shelf.batches.push((batch.first_seq, batch.last_seq()));
        shelf.reports.push(batch.report.clone());
        if let Some(from) = &batch.report.successor {
            assert!(vouched(&from.public, &log, &from.signature), "the old log vouches for the new one");
            let old = Proof { public: from.public, ..proof }.log_id();
            shelf.vouched.push((old, log));
        }
        let before = usize::try_from(batch.first_seq - 1).expect("small");
        let branches = shelf.logs.entry(log).or_insert_with(|| vec![Vec::new()]);
        let fits = |branch: &&mut Vec<Vec<u8>>| branch.len() >= before && head_of(&log, &branch[..before]).0 == batch.prev.0;
        let (branch, taken, fork) = match branches.iter_mut().rev().find(fits) {
            None => (branches[0].clone(), false, false),
            Some(branch) => {
                let known = branch[before..].iter().zip(&batch.entries).take_while(|(old, new)| old == new).count();
                let fork = before + known < branch.len() && known < batch.entries.len();
                if fork {
                    let mut other = branch[..before + known].to_vec();
                    other.extend(batch.entries[known..].iter().cloned());
                    branches.push(other.clone());
                    (other, true, true)
                } else {
                    branch.extend(batch.entries[known..].iter().cloned());
                    (branch.clone(), true, false)
                }
            }
        };
        if fork {
            shelf.forked.insert(log);
        }
        let ack = Ack {
            seq: branch.len() as u64,
            head: Bytes32(head_of(&log, &branch).0),
            sealed: shelf.forked.contains(&log) || shelf.cries_wolf,
            confirmed: true,
            // Far from any clock of a till.
            hub_s: 4_000_000_000,
            bundles: shelf.bundles.iter().map(|(news, _)| news.clone()).collect(),
        };
        Ok(if taken { Appended::Taken(ack) } else { Appended::Behind(ack) })
    }

    fn fetch(&mut self, _: &LogKey, news: &BundleNews) -> Result<Vec<u8>, UplinkTrouble> {
        let shelf = self.shelf();
        shelf.bundles.iter().find(|(known, _)| known == news).map(|(_, bytes)| bytes.clone()).ok_or(UplinkTrouble::Unreadable)
    }
}
