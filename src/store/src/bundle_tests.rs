use journal::{BundleInstalled, Context, Entry, Fact, LogOpened, Stamp};

use crate::{BUNDLE_BYTES_MAX, Batch, Durability, Fault, HeldBundle, NewBundle, Opened, Options, Store};

const SEED: [u8; 32] = [4; 32];

fn entry(seq: u64, fact: Fact) -> Vec<u8> {
    Entry::new(seq, Stamp { wall_s: 1_780_000_000, ..Stamp::default() }, Context::default(), fact).encode()
}

fn open(dir: &std::path::Path) -> (Store, Opened) {
    Store::open(dir, Options { pregrow_pages: 16, ..Options::default() }).expect("a store")
}

fn begun(dir: &std::path::Path) -> Store {
    let (mut store, _) = open(dir);
    let public = journal::LogKey::from_seed(&SEED).public();
    let first = LogOpened { public, unit: "0142".into(), register: "0142-1".into(), program: "test".into(), previous: None };
    store.begin_log(SEED, &entry(1, Fact::LogOpened(first))).expect("a log");
    store
}

fn batch(store: &Store, role: &'static str, version: u64, keeps: Vec<u64>) -> Batch {
    let sha256 = [u8::try_from(version).expect("small"); 32];
    let fact = Fact::BundleInstalled(BundleInstalled { role: role.into(), version, sha256 });
    let bytes = vec![sha256[0]; 5_000];
    let bundle = NewBundle { role, version, min_root: 1, installed_at: 7, sha256, bytes, keeps };
    Batch { entries: vec![entry(store.seq() + 1, fact)], bundle: Some(bundle), ..Batch::default() }
}

fn install(store: &mut Store, role: &'static str, version: u64, keeps: Vec<u64>) {
    let batch = batch(store, role, version, keeps);
    store.commit(&batch, Durability::Durable).expect("a commit");
}

fn held(store: &Store) -> Vec<(u64, String, u64)> {
    let row = |bundle: HeldBundle| (bundle.no, bundle.role, bundle.version);
    store.bundles().expect("the bundles").into_iter().map(row).collect()
}

#[test]
fn what_is_installed_is_there_after_opening_again_with_its_bytes() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut store = begun(dir.path());
    install(&mut store, "root", 1, vec![]);
    install(&mut store, "prices", 7, vec![]);
    drop(store);
    let (store, opened) = open(dir.path());
    assert!(matches!(opened, Opened::Whole), "{opened:?}");
    assert_eq!(held(&store), [(1, "root".into(), 1), (2, "prices".into(), 7)]);
    assert_eq!(store.bundle_bytes(2).expect("read"), Some(vec![7; 5_000]));
    assert_eq!(store.bundle_bytes(3).expect("read"), None);
    store.verify().expect("a whole log");
}

#[test]
fn what_nothing_goes_by_any_more_is_forgotten_and_other_roles_are_left_alone() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut store = begun(dir.path());
    install(&mut store, "staff", 1, vec![]);
    install(&mut store, "prices", 7, vec![]);
    install(&mut store, "prices", 8, vec![2]);
    install(&mut store, "prices", 9, vec![2]);
    assert_eq!(held(&store), [(1, "staff".into(), 1), (2, "prices".into(), 7), (4, "prices".into(), 9)]);
    install(&mut store, "prices", 10, vec![]);
    assert_eq!(held(&store), [(1, "staff".into(), 1), (5, "prices".into(), 10)]);
}

#[test]
fn a_bundle_comes_with_its_entry_or_not_at_all() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut store = begun(dir.path());
    let alone = Batch { entries: Vec::new(), ..batch(&store, "prices", 7, vec![]) };
    assert!(matches!(store.commit(&alone, Durability::Durable), Err(Fault::Batch { .. })));
    let mut large = batch(&store, "prices", 7, vec![]);
    large.bundle.as_mut().expect("a bundle").bytes = vec![0; BUNDLE_BYTES_MAX + 1];
    assert!(matches!(store.commit(&large, Durability::Durable), Err(Fault::Batch { .. })));
    let mut wrong = batch(&store, "prices", 7, vec![]);
    wrong.entries = vec![b"no entry".to_vec()];
    assert!(matches!(store.commit(&wrong, Durability::Durable), Err(Fault::Batch { .. })));
    assert_eq!((held(&store), store.seq()), (vec![], 1));
}

#[test]
fn a_card_from_before_there_were_bundles_opens_with_all_its_entries() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut store = begun(dir.path());
    for _ in 0..3 {
        let entries = vec![entry(store.seq() + 1, Fact::PaidIn(500))];
        store.commit(&Batch { entries, ..Batch::default() }, Durability::Durable).expect("a commit");
    }
    let (head, books) = (store.head(), store.books().clone());
    store.connection.execute_batch("DROP TABLE bundles; PRAGMA user_version = 1").expect("an older card");
    drop(store);
    let (mut store, opened) = open(dir.path());
    assert!(matches!(opened, Opened::Whole), "{opened:?}");
    assert_eq!((store.head(), store.books(), held(&store)), (head, &books, vec![]));
    install(&mut store, "prices", 7, vec![]);
    store.verify().expect("a whole log");
}
