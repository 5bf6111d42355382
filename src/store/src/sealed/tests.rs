use std::{fs, path::Path};

use journal::{Context, Entry, Fact, LogKey, LogOpened, LogSealed, SealCause, Stamp};

use crate::{Batch, Durability, Fault, KeptChange, Opened, Options, SealedLog, Store};

const SEED: [u8; 32] = [4; 32];

fn entry(seq: u64, fact: Fact) -> Vec<u8> {
    Entry::new(seq, Stamp { wall_s: 1_780_000_000, ..Stamp::default() }, Context::default(), fact).encode()
}

fn open(dir: &Path) -> (Store, Opened) {
    Store::open(dir, Options { pregrow_pages: 16, ..Options::default() }).expect("a store")
}

fn opened(seed: [u8; 32]) -> Fact {
    let public = LogKey::from_seed(&seed).public();
    Fact::LogOpened(LogOpened { public, unit: "0142".into(), register: "0142-1".into(), program: "test".into(), previous: None })
}

/// A log of five entries, the last of which seals it.
fn sealed(dir: &Path) -> Store {
    let (mut store, _) = open(dir);
    store.begin_log(SEED, &entry(1, opened(SEED))).expect("a log");
    let seal = LogSealed { why: SealCause::Told, foreign_seq: 3, foreign_head: [1; 32], shift: None, expected_minor: 0 };
    let facts = [Fact::CrewSignedIn("demo-anna".into()), Fact::ShiftOpened(1, 5), Fact::CashDropped(5), Fact::LogSealed(Box::new(seal))];
    let entries = (2..).zip(facts).map(|(seq, fact)| entry(seq, fact)).collect();
    let kept = [("bundle", 1), ("open_sale", 2)].map(|(name, byte)| KeptChange { name, bytes: Some(vec![byte]) }).into();
    store.commit(&Batch { entries, kept, ..Batch::default() }, Durability::Durable).expect("a commit");
    store
}

fn begin_next(store: &mut Store, sealed: &SealedLog) {
    store.begin_successor([5; 32], vec![entry(1, opened([5; 32]))], sealed, |name| name != "open_sale").expect("a log");
}

#[test]
fn a_sealed_log_is_set_aside_whole_and_the_next_one_stands_in_its_place() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut store = sealed(dir.path());
    let (head, books) = (store.head(), store.books().clone());
    store.prepare_successor().expect("there is room");
    let aside = store.set_sealed_aside().expect("it moves");
    assert_eq!((aside.number(), aside.seq(), aside.head()), (1, 5, head));
    assert_eq!(aside.books().expect("it reads"), books);
    assert_eq!(aside.entries(2, 2).expect("they read").iter().map(|(seq, _)| *seq).collect::<Vec<_>>(), [2, 3]);
    begin_next(&mut store, &aside);
    assert_eq!(store.seq(), 1);
    assert_eq!(store.kept("bundle").expect("it reads"), Some(vec![1]), "what is kept goes along");
    assert_eq!(store.kept("open_sale").expect("it reads"), None, "but for what belongs to the old log");
    drop(store);
    let (store, found) = open(dir.path());
    assert!(matches!(found, Opened::Whole), "{found:?}");
    assert_eq!(store.sealed_logs().expect("they list").len(), 1);
    store.verify().expect("a sound log");
}

#[test]
fn a_cut_before_the_move_finds_the_sealed_log_in_its_place() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = sealed(dir.path());
    store.prepare_successor().expect("there is room");
    drop(store);
    let (mut store, found) = open(dir.path());
    assert!(matches!(found, Opened::Whole), "{found:?}");
    assert!(store.books().sealed);
    assert_eq!(store.set_sealed_aside().expect("it moves").seq(), 5);
}

#[test]
fn a_cut_after_the_move_finds_the_sealed_log_beside_an_empty_store() {
    for (what, empty) in [("between the two renames", false), ("after both", true)] {
        let dir = tempfile::tempdir().expect("a folder");
        let mut store = sealed(dir.path());
        store.set_sealed_aside().expect("it moves");
        drop(store);
        if !empty {
            fs::remove_dir_all(dir.path().join("store")).expect("gone");
        }
        let (mut store, found) = open(dir.path());
        let Opened::Sealed(aside) = found else { panic!("{what}: {found:?}") };
        assert_eq!((aside.number(), aside.seq()), (1, 5), "{what}");
        begin_next(&mut store, &aside);
        drop(store);
        assert!(matches!(open(dir.path()).1, Opened::Whole), "{what}");
    }
}

#[test]
fn a_sealed_store_that_went_bad_stops_nothing_and_keeps_its_number() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut store = sealed(dir.path());
    store.set_sealed_aside().expect("it moves");
    drop(store);
    fs::write(dir.path().join("sealed-1/till.db"), b"nothing that was").expect("written");
    let (store, found) = open(dir.path());
    let Opened::SetAside(aside) = found else { panic!("{found:?}") };
    assert!(aside.damaged.ends_with("sealed-1") && aside.why.is_some());
    assert!(store.sealed_logs().expect("they list").is_empty());
}

#[test]
fn damaged_and_sealed_stores_share_their_numbers() {
    let dir = tempfile::tempdir().expect("a folder");
    fs::create_dir_all(dir.path().join("damaged-6")).expect("a folder");
    let mut store = sealed(dir.path());
    assert_eq!(store.set_sealed_aside().expect("it moves").number(), 7);
}

#[test]
fn what_an_attempt_left_behind_is_no_obstacle() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut store = sealed(dir.path());
    fs::create_dir_all(dir.path().join("store-next")).expect("a folder");
    fs::write(dir.path().join("store-next/till.db"), b"half of a store").expect("written");
    store.prepare_successor().expect("it is made anew");
    assert_eq!(store.set_sealed_aside().expect("it moves").seq(), 5);
}

#[test]
fn a_store_that_cannot_move_works_on() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut store = sealed(dir.path());
    // Something that is no folder stands where the next store is to be made.
    fs::write(dir.path().join("store-next"), b"").expect("written");
    assert!(matches!(store.set_sealed_aside(), Err(Fault::Disk { .. })));
    assert_eq!(store.entry_bytes(5).expect("it reads").map(|bytes| bytes.is_empty()), Some(false));
    fs::remove_file(dir.path().join("store-next")).expect("gone");
    assert_eq!(store.set_sealed_aside().expect("it moves").number(), 1);
}

#[test]
#[should_panic(expected = "only a sealed log is set aside")]
fn a_log_that_goes_on_is_never_set_aside() {
    let dir = tempfile::tempdir().expect("a folder");
    let (mut store, _) = open(dir.path());
    store.begin_log(SEED, &entry(1, opened(SEED))).expect("a log");
    drop(store.set_sealed_aside());
}
