use std::path::Path;

use domain::{
    Currency,
    sale::{ClosedSale, SaleKind, Voided},
    vat::Country,
};
use journal::{Context, Entry, Fact, LogOpened, Stamp};
use proptest::prelude::*;
use rusqlite::params;

use crate::{
    BATCH_ENTRIES_MAX, Batch, Durability, Fault, JOBS_KEPT, JobChange, JobId, JobState, KEPT_BYTES_MAX, KeptChange, NewJob, Opened,
    Options, Salvage, Store, schema,
};

const SEED: [u8; 32] = [4; 32];

fn entry(seq: u64, fact: Fact) -> Vec<u8> {
    Entry::new(seq, Stamp { wall_s: 1_780_000_000, ..Stamp::default() }, Context::default(), fact).encode()
}

fn sale(receipt_no: u64, training: bool, corrects: Option<u64>) -> Fact {
    Fact::SaleClosed(Box::new(ClosedSale {
        receipt_no,
        training,
        kind: if corrects.is_some() { SaleKind::Refund } else { SaleKind::Sale },
        corrects,
        currency: Currency::Sek,
        country: Country::Se,
        lines: Vec::new(),
        vat: Vec::new(),
        rounding_minor: 0,
        tenders: Vec::new(),
        change_minor: 0,
        voided: Voided::default(),
        control: None,
    }))
}

fn open(dir: &Path) -> (Store, Opened) {
    Store::open(dir, Options { pregrow_pages: 16, ..Options::default() }).expect("a store")
}

fn begun(dir: &Path) -> Store {
    let (mut store, opened) = open(dir);
    assert!(matches!(opened, Opened::Fresh), "{opened:?}");
    let public = journal::LogKey::from_seed(&SEED).public();
    let first = LogOpened { public, unit: "0142".into(), register: "0142-1".into(), program: "test".into(), previous: None };
    store.begin_log(SEED, &entry(1, Fact::LogOpened(first))).expect("a log");
    store
}

fn put(store: &mut Store, fact: Fact) {
    let entries = vec![entry(store.seq() + 1, fact)];
    store.commit(&Batch { entries, ..Batch::default() }, Durability::Durable).expect("a commit");
}

fn synchronous(store: &Store) -> i64 {
    schema::pragma(&store.connection, "synchronous").expect("a setting")
}

#[test]
fn a_store_is_set_up_as_durability_asks() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = begun(dir.path());
    let text = |name: &str| schema::pragma::<String>(&store.connection, name).expect("a setting");
    assert_eq!((text("journal_mode").as_str(), text("locking_mode").as_str()), ("wal", "exclusive"));
    assert_eq!(synchronous(&store), 2);
    let number = |name: &str| schema::pragma::<i64>(&store.connection, name).expect("a setting");
    assert_eq!(number("page_size"), i64::from(schema::PAGE_BYTES));
    assert_eq!(number("journal_size_limit"), -1);
}

#[test]
fn growing_beforehand_leaves_the_card_its_reserve() {
    let dir = tempfile::tempdir().expect("a folder");
    // More than any card holds: a till that tried would take the last byte.
    let options = Options { pregrow_pages: u32::MAX, ..Options::default() };
    let (store, opened) = Store::open(dir.path(), options).expect("a store");
    assert!(matches!(opened, Opened::Fresh) && !store.has_room_to_grow(), "{opened:?}");
    let wal = std::fs::metadata(dir.path().join("store/till.db-wal")).expect("a log").len();
    assert!(wal < 100_000, "nothing has grown: {wal} bytes");
    drop(store);
    let mut store = begun(dir.path());
    put(&mut store, sale(1, false, None));
    store.verify().expect("and the till sells");
}

#[test]
fn a_log_stands_in_the_database_from_birth_on() {
    let dir = tempfile::tempdir().expect("a folder");
    let _store = begun(dir.path());
    let database = std::fs::read(dir.path().join("store/till.db")).expect("the database");
    for bytes in [&journal::LogKey::from_seed(&SEED).log_id().0[..], &SEED, b"CREATE TABLE journal"] {
        assert!(database.windows(bytes.len()).any(|window| window == bytes), "the log, its key and its tables need no write-ahead log");
    }
}

#[test]
fn a_relaxed_commit_leaves_full_flushing_behind_and_settles_once() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut store = begun(dir.path());
    let kept = vec![KeptChange { name: "open_sale", bytes: Some(b"one coffee".to_vec()) }];
    store.commit(&Batch { kept, ..Batch::default() }, Durability::Relaxed).expect("a draft");
    assert_eq!(synchronous(&store), 2);
    assert!(store.unsettled);
    store.settle().expect("a flush");
    assert!(!store.unsettled);
    assert_eq!(store.kept("open_sale").expect("a read").as_deref(), Some(b"one coffee".as_slice()));
    let forget = vec![KeptChange { name: "open_sale", bytes: None }];
    store.commit(&Batch { kept: forget, ..Batch::default() }, Durability::Durable).expect("forgetting");
    assert_eq!(store.kept("open_sale").expect("a read"), None);
}

#[test]
fn what_was_committed_is_there_after_a_restart() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut store = begun(dir.path());
    put(&mut store, sale(1, false, None));
    put(&mut store, sale(1, true, None));
    put(&mut store, sale(2, false, Some(1)));
    put(&mut store, Fact::CopyPrinted(false, 1, 4900, None));
    let (seq, head, books) = (store.seq(), store.head(), store.books().clone());
    drop(store);
    let (store, opened) = open(dir.path());
    assert!(matches!(opened, Opened::Whole), "{opened:?}");
    assert_eq!((store.seq(), store.head(), store.books()), (seq, head, &books));
    assert_eq!(store.log().map(|log| log.key.log_id()), Some(journal::LogKey::from_seed(&SEED).log_id()));
    let numbers = |training, before| -> Vec<u64> {
        store.receipts(training, before, 10).expect("a list").into_iter().map(|receipt| receipt.receipt_no).collect()
    };
    assert_eq!((numbers(false, None), numbers(true, None), numbers(false, Some(2))), (vec![2, 1], vec![1], vec![1]));
    assert_eq!(store.receipt(false, 2).expect("a read").map(|receipt| receipt.seq), Some(4));
    assert_eq!(store.links(false, 1).expect("links"), vec![4, 5]);
    assert_eq!(store.entry_bytes(5).expect("a read"), Some(entry(5, Fact::CopyPrinted(false, 1, 4900, None))));
    assert_eq!(store.entries(4, 1).expect("entries").len(), 1);
    assert_eq!(store.head_at(5).expect("a head"), Some(head));
}

#[test]
fn a_batch_that_does_not_fit_leaves_no_trace() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut store = begun(dir.path());
    put(&mut store, sale(1, false, None));
    let before = (store.seq(), store.head(), store.books().clone());
    let with = |entries: Vec<Vec<u8>>| Batch { entries, ..Batch::default() };
    let large = vec![KeptChange { name: "open_sale", bytes: Some(vec![0; KEPT_BYTES_MAX + 1]) }];
    let refused = [
        (with(vec![entry(4, Fact::TripEnded)]), Durability::Durable),
        (with(vec![entry(3, Fact::TripEnded), entry(3, Fact::TripEnded)]), Durability::Durable),
        (with(vec![b"no entry".to_vec()]), Durability::Durable),
        (with(vec![entry(3, Fact::TripEnded)]), Durability::Relaxed),
        (with(vec![Vec::new(); BATCH_ENTRIES_MAX + 1]), Durability::Durable),
        (Batch { kept: large, ..Batch::default() }, Durability::Durable),
        (Batch { new_jobs: vec![NewJob { seq: 3, kind: 1 }], ..Batch::default() }, Durability::Durable),
    ];
    for (batch, durability) in refused {
        let fault = store.commit(&batch, durability).expect_err("it does not fit");
        assert!(matches!(fault, Fault::Batch { .. }), "{fault:?}");
    }
    // A receipt number that is taken fails in the middle of the transaction.
    let twice = store.commit(&with(vec![entry(3, Fact::TripEnded), entry(4, sale(1, false, None))]), Durability::Durable);
    assert!(twice.is_err());
    assert_eq!((store.seq(), store.head(), store.books().clone()), before);
    store.verify().expect("a whole log");
    put(&mut store, sale(2, false, None));
    store.verify().expect("a whole log");
}

#[test]
fn print_jobs_survive_a_restart_until_they_are_printed() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut store = begun(dir.path());
    let new_jobs = vec![NewJob { seq: 1, kind: 7 }, NewJob { seq: 1, kind: 8 }];
    let committed = store.commit(&Batch { new_jobs, ..Batch::default() }, Durability::Durable).expect("jobs");
    assert_eq!(committed.jobs, vec![JobId(1), JobId(2)]);
    let change = |job_id, state| JobChange { job_id: JobId(job_id), state, attempt: 1 };
    let job_changes = vec![change(1, JobState::Printed), change(2, JobState::Sending)];
    store.commit(&Batch { job_changes, ..Batch::default() }, Durability::Relaxed).expect("changes");
    drop(store);
    let (mut store, _) = open(dir.path());
    let unfinished = store.unfinished_jobs().expect("jobs");
    assert_eq!(
        unfinished.iter().map(|job| (job.job_id, job.kind, job.state, job.attempt)).collect::<Vec<_>>(),
        vec![(JobId(2), 8, JobState::Sending, 1)]
    );
    for job_id in 3..=JOBS_KEPT + 2 {
        store.commit(&Batch { new_jobs: vec![NewJob { seq: 1, kind: 1 }], ..Batch::default() }, Durability::Durable).expect("a job");
        let job_changes = vec![change(job_id, JobState::Printed)];
        store.commit(&Batch { job_changes, ..Batch::default() }, Durability::Relaxed).expect("a change");
    }
    assert_eq!(store.job(JobId(1)).expect("a read"), None, "an old printed job is forgotten");
    assert_eq!(store.job(JobId(2)).expect("a read").map(|job| job.state), Some(JobState::Sending), "an open one never is");
    assert_eq!(store.jobs_of(1).expect("jobs").len() as u64, JOBS_KEPT + 1);
    store.verify().expect("a whole log");
}

#[test]
fn projections_that_do_not_match_are_rebuilt_at_the_start() {
    let spoil = [
        "UPDATE receipts SET total_minor = 1 WHERE receipt_no = 3",
        "DELETE FROM receipts WHERE receipt_no = 3",
        "DELETE FROM links",
        "DELETE FROM books",
        "UPDATE books SET bytes = x'a0'",
        "UPDATE books SET seq = 2",
        "INSERT INTO receipts VALUES (0, 99, 99, 0, 0, 0)",
    ];
    for statement in spoil {
        let dir = tempfile::tempdir().expect("a folder");
        let mut store = begun(dir.path());
        (1..=3).for_each(|receipt_no| put(&mut store, sale(receipt_no, false, None)));
        put(&mut store, Fact::CopyPrinted(false, 3, 0, None));
        let (head, books) = (store.head(), store.books().clone());
        store.connection.execute_batch(statement).expect("spoiling");
        assert!(statement.contains("books") || store.verify().is_err(), "{statement}");
        drop(store);
        let (store, opened) = open(dir.path());
        assert!(matches!(opened, Opened::Repaired { why: Fault::Projection { .. } }), "{statement}: {opened:?}");
        assert_eq!((store.head(), store.books()), (head, &books), "{statement}");
        store.verify().expect("a whole log");
    }
}

#[test]
fn a_broken_chain_sets_the_store_aside_and_a_new_log_begins() {
    let spoil = [
        "UPDATE journal SET bytes = x'00' WHERE seq = 3",
        "UPDATE journal SET head = zeroblob(32) WHERE seq = 3",
        "DELETE FROM journal WHERE seq = 3",
        "DELETE FROM log",
        "UPDATE log SET seed = zeroblob(32)",
        "DROP TABLE receipts",
        "PRAGMA user_version = 99",
    ];
    for statement in spoil {
        let dir = tempfile::tempdir().expect("a folder");
        let mut store = begun(dir.path());
        (1..=4).for_each(|receipt_no| put(&mut store, sale(receipt_no, false, None)));
        store.connection.execute_batch(statement).expect("spoiling");
        drop(store);
        let (mut store, opened) = open(dir.path());
        let Opened::SetAside(aside) = opened else { panic!("{statement}: {opened:?}") };
        assert!(aside.damaged.ends_with("damaged-1") && aside.why.is_some(), "{statement}: {aside:?}");
        assert_eq!(aside.old_log, Some(journal::LogKey::from_seed(&SEED).log_id()), "{statement}");
        let salvage = Salvage::read(aside.salvage.as_deref().expect("a salvage file")).expect("a salvage file");
        assert_eq!(salvage.entries.iter().filter(|one| one.seq != 3).count(), 4, "{statement}: the other entries are there");
        let public = journal::LogKey::from_seed(&[5; 32]).public();
        let first = LogOpened { public, unit: "0142".into(), register: "0142-2".into(), program: "test".into(), previous: None };
        store.begin_log([5; 32], &entry(1, Fact::LogOpened(first))).expect("a new log");
        put(&mut store, sale(1, false, None));
        store.verify().expect("a whole log");
    }
}

/// The damage lies behind the tail that a start checks.
#[test]
fn damage_that_a_running_till_meets_is_set_aside_at_the_next_start() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut store = begun(dir.path());
    (1..=200).for_each(|receipt_no| put(&mut store, sale(receipt_no, false, None)));
    store.connection.execute("UPDATE journal SET bytes = ?1 WHERE seq = 5", params![entry(5, Fact::TripEnded)]).expect("spoiling");
    drop(store);
    let (store, opened) = open(dir.path());
    assert!(matches!(opened, Opened::Whole), "{opened:?}");
    assert!(matches!(store.verify(), Err(Fault::Chain { seq: 5 })));
    drop(store);
    let (_, opened) = open(dir.path());
    assert!(matches!(opened, Opened::SetAside(aside) if aside.entries_readable == 201));
}

fn any_fact() -> impl Strategy<Value = u8> {
    0..12_u8
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn projections_equal_a_fold_from_nothing(kinds in prop::collection::vec(any_fact(), 1..200), batch in 1..5_usize, stop in 0..200_usize) {
        let dir = tempfile::tempdir().expect("a folder");
        let mut store = begun(dir.path());
        let mut next = [0, 0];
        let facts: Vec<Fact> = kinds.iter().map(|kind| {
            let training = kind % 2 == 1;
            let last = next[usize::from(training)];
            match kind {
                0..6 => {
                    next[usize::from(training)] += 1;
                    sale(last + 1, training, (*kind > 3 && last > 0).then_some(last))
                }
                6 | 7 if last > 0 => Fact::CopyPrinted(training, last, 100, None),
                8 | 9 if last > 0 => Fact::ReceiptReprinted(training, last),
                10 => Fact::PaidIn(500),
                _ => Fact::PinRefused("astrid".into()),
            }
        }).collect();
        for (place, facts) in facts.chunks(batch).enumerate() {
            let entries = (store.seq() + 1..).zip(facts).map(|(seq, fact)| entry(seq, fact.clone())).collect();
            store.commit(&Batch { entries, ..Batch::default() }, Durability::Durable).expect("a commit");
            if place == stop {
                drop(store);
                store = open(dir.path()).0;
            }
        }
        store.verify().expect("projections match");
        let bytes = store.entries(1, 1000).expect("entries");
        let log_id = store.log().expect("a log").log_id;
        let (books, head) = journal::verify(&log_id, bytes.iter().map(|(_, bytes)| bytes.as_slice())).expect("a whole chain");
        prop_assert_eq!((&books, head), (store.books(), store.head()));
        drop(store);
        let (store, opened) = open(dir.path());
        prop_assert!(matches!(opened, Opened::Whole), "{:?}", opened);
        prop_assert_eq!(&books, store.books());
    }
}
