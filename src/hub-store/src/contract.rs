//! What both engines promise: each test runs on SQLite and on a PostgreSQL server of its own.

mod appending;
mod backup;
mod fleet;
mod servers;

use std::sync::Barrier;

use journal::{Head, LogId, LogKey};
use wire::{Batch, Bytes32, EnrolRequest, Report, Token};

use crate::{AppendRefusal, Appended, Cursor, HubStore, testing};

/// A moment in 2026.
pub(crate) const NOW_S: i64 = 1_790_000_000;

/// Runs a check on an empty database of each engine.
pub(crate) fn on_both(check: impl Fn(&HubStore)) {
    on_two(|open| check(&open()));
}

/// Runs a check on a database of each engine that can be opened several times, as by several hubs.
pub(crate) fn on_two(check: impl Fn(&(dyn Fn() -> HubStore + Sync))) {
    let dir = tempfile::tempdir().expect("a folder");
    check(&|| HubStore::sqlite(dir.path()).expect("SQLite opens"));
    let url = testing::shared().database();
    check(&|| HubStore::postgres(&url).expect("PostgreSQL opens"));
}

/// A till, as far as a hub sees it.
#[derive(Clone)]
pub(crate) struct Till {
    seed: [u8; 32],
    pub entries: Vec<Vec<u8>>,
}

impl Till {
    /// A till with a key of its own and this many entries.
    pub fn new(key: u8, entries: usize) -> Self {
        let mut till = Self { seed: [key; 32], entries: Vec::new() };
        till.sell("sale", entries);
        till
    }

    /// More entries, told apart by `what`.
    pub fn sell(&mut self, what: &str, entries: usize) {
        let next = self.entries.len() + 1;
        self.entries.extend((next..next + entries).map(|seq| format!("{what} {seq}").into_bytes()));
    }

    pub fn key(&self) -> LogKey {
        LogKey::from_seed(&self.seed)
    }

    pub fn log(&self) -> LogId {
        self.key().log_id()
    }

    pub fn head(&self, seq: usize) -> Head {
        self.entries[..seq].iter().fold(Head::of_log(&self.log()), |head, entry| head.next(entry))
    }

    /// The entries above `from`, up to `to`.
    pub fn batch(&self, from: usize, to: usize) -> Batch {
        let head = self.head(to);
        let proof = self.key().sign(to as u64, &head);
        let report = Report { wall_s: NOW_S, program: "Trolley 0.1".into(), last_seq: self.entries.len() as u64, ..Report::default() };
        Batch {
            public: proof.public,
            first_seq: from as u64 + 1,
            prev: Bytes32(self.head(from).0),
            entries: self.entries[from..to].to_vec(),
            head: Bytes32(head.0),
            signature: proof.signature,
            report,
        }
    }

    /// Everything there is.
    pub fn all(&self) -> Batch {
        self.batch(0, self.entries.len())
    }

    pub fn enrol_request(&self, secret: u8) -> EnrolRequest {
        EnrolRequest {
            token: Token { secret: [secret; 16], pin: [9; 16] }.to_string(),
            public: Bytes32(self.key().public()),
            unit: None,
            board: Some("board-1".into()),
            program: "Trolley 0.1".into(),
        }
    }

    /// Makes a token and enrols with it.
    pub fn enrol(&self, store: &HubStore, unit: &str) {
        let secret = self.seed[0];
        store.new_token(unit, &[secret; 16], "anna", NOW_S).expect("a token");
        let enrolled = store.enrol(&self.enrol_request(secret), NOW_S).expect("enrolled");
        assert_eq!((enrolled.unit.as_str(), enrolled.log), (unit, self.log()));
    }
}

pub(crate) fn taken(appended: Appended) -> Cursor {
    match appended {
        Appended::Taken(cursor) => cursor,
        other => panic!("it should be taken: {other:?}"),
    }
}

pub(crate) fn behind(appended: Appended) -> Cursor {
    match appended {
        Appended::Behind(cursor) => cursor,
        other => panic!("the hub should be behind: {other:?}"),
    }
}

pub(crate) fn refused(appended: Appended) -> AppendRefusal {
    match appended {
        Appended::Refused(refusal) => refusal,
        other => panic!("it should be refused: {other:?}"),
    }
}

/// The entries of a branch, without their places.
pub(crate) fn entries(store: &HubStore, till: &Till, branch: u64) -> Vec<Vec<u8>> {
    let found = store.entries(&till.log(), branch, 1, usize::MAX).expect("read");
    assert!(found.iter().enumerate().all(|(place, (seq, _))| *seq == place as u64 + 1), "without a gap");
    found.into_iter().map(|(_, entry)| entry).collect()
}
