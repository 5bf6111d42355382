//! Whatever happens to the files, the till sells, nothing readable is lost, and the damaged files stay as they were found.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use journal::{Fact, Head, LogKey, LogOpened};
use powercut::{
    cut::Dice,
    trip::{Account, Step, Trip, entry},
};
use store::{Batch, Durability, Fault, FaultKind, Opened, Options, Salvage, Store};

/// Small, so that a random place is likely to hit something that matters.
fn options() -> Options {
    Options { pregrow_pages: 24, checkpoint_pages: 60, ..Options::default() }
}

fn open(dir: &Path) -> (Store, Opened) {
    Store::open(dir, options()).unwrap_or_else(|fault| panic!("a till always comes up: {fault}"))
}

fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let list = fs::read_dir(dir).expect("a folder");
    list.map(|item| item.expect("a file").path())
        .map(|path| (path.file_name().unwrap_or_default().to_string_lossy().into_owned(), fs::read(&path).expect("bytes")))
        .collect()
}

/// A till that was switched off in the middle of a trip, as a copy of its files while it ran.
struct Stopped {
    files: BTreeMap<String, Vec<u8>>,
    account: Account,
    entries: Vec<Vec<u8>>,
}

impl Stopped {
    fn after(steps: usize) -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let trip = Trip::ride(3);
        let (mut store, _) = open(dir.path());
        for step in &trip.steps[..steps] {
            step.take(&mut store).expect("a step");
        }
        let entries = store.entries(1, 1000).expect("entries").into_iter().map(|(_, bytes)| bytes).collect();
        Self { files: files(&dir.path().join("store")), account: trip.accounts[steps].clone(), entries }
    }

    fn put(&self, dir: &Path) -> PathBuf {
        let folder = dir.join("store");
        fs::create_dir_all(&folder).expect("a folder");
        for (name, bytes) in &self.files {
            fs::write(folder.join(name), bytes).expect("a file");
        }
        folder
    }
}

/// A new log begins and takes a further entry.
fn sells(store: &mut Store) {
    if store.log().is_none() {
        let seed = [9; 32];
        let public = LogKey::from_seed(&seed).public();
        let opened = LogOpened { public, unit: "0142".into(), register: "0142-2".into(), program: "powercut 1".into(), previous: None };
        store.begin_log(seed, &entry(1, Fact::LogOpened(opened))).expect("a new log");
    }
    let entries = vec![entry(store.seq() + 1, Fact::PaidIn(100))];
    store.commit(&Batch { entries, ..Batch::default() }, Durability::Durable).expect("a further commit");
    store.verify().expect("a whole log");
}

/// What a start made of damage.
#[derive(Debug, Default)]
struct Outcomes {
    whole: usize,
    repaired: usize,
    aside: usize,
    fresh: usize,
    /// The most entries that were gone without the store noticing.
    lost_unseen_max: u64,
}

/// Opens a damaged till as its crew would, and once more after a check of everything.
fn check(stopped: &Stopped, what: &str, damage: impl Fn(&Path), outcomes: &mut Outcomes) {
    let dir = tempfile::tempdir().expect("a folder");
    let folder = stopped.put(dir.path());
    damage(&folder);
    let found = files(&folder);
    let (mut store, mut opened) = open(dir.path());
    // Damage to an old page shows when it is read: the till notes it, starts anew, and sets the store aside then.
    if store.log().is_some() && store.verify().is_err() {
        drop(store);
        (store, opened) = open(dir.path());
    }
    match &opened {
        Opened::Whole => outcomes.whole += 1,
        Opened::Repaired { .. } => outcomes.repaired += 1,
        Opened::Fresh => outcomes.fresh += 1,
        Opened::Sealed(_) => panic!("{what}: nothing was sealed"),
        Opened::SetAside(aside) => {
            outcomes.aside += 1;
            let kept = files(&aside.damaged);
            // A start that finds the damage late has used the database until then; one that finds it at once has not.
            for (name, bytes) in &found {
                assert!(kept.get(name).is_some_and(|kept| kept.len() >= bytes.len().min(1)), "{what}: {name} is gone");
            }
            let salvage = Salvage::read(aside.salvage.as_ref().expect("room for a salvage file")).expect("a salvage file");
            assert_eq!((salvage.torn, salvage.entries.len() as u64), (false, aside.entries_readable), "{what}");
            for salvaged in salvage.entries.iter().filter(|salvaged| salvaged.chained) {
                let place = usize::try_from(salvaged.seq).expect("a place") - 1;
                assert_eq!(stopped.entries.get(place), Some(&salvaged.bytes), "{what}: entry {} is true", salvaged.seq);
            }
        }
    }
    if store.log().is_some() {
        let before = stopped.account.seq;
        assert!(store.seq() <= before, "{what}: {} entries of {before}", store.seq());
        outcomes.lost_unseen_max = outcomes.lost_unseen_max.max(before - store.seq());
    }
    sells(&mut store);
}

#[test]
fn flipped_bytes_never_stop_a_till() {
    let stopped = Stopped::after(190);
    let mut dice = Dice(71);
    let mut outcomes = Outcomes::default();
    for file in ["till.db", "till.db-wal"] {
        let length = stopped.files[file].len();
        for _ in 0..120 {
            let (at, bit) = (dice.below(length), dice.below(8));
            let damage = |folder: &Path| {
                let mut bytes = fs::read(folder.join(file)).expect("bytes");
                bytes[at] ^= 1 << bit;
                fs::write(folder.join(file), bytes).expect("damage");
            };
            check(&stopped, &format!("{file}: bit {bit} of byte {at}"), damage, &mut outcomes);
        }
    }
    println!("flipped bits: {outcomes:?}");
    // The last entry has nothing behind it that could prove it; the one before has nothing left when its only copy is what was hit.
    assert!(outcomes.lost_unseen_max <= 2, "{outcomes:?}");
    assert!(outcomes.aside > 0 && outcomes.whole > 0, "{outcomes:?}");
}

#[test]
fn a_damaged_write_ahead_log_is_never_taken_for_an_unfinished_one() {
    let stopped = Stopped::after(190);
    let mut outcomes = Outcomes::default();
    // Header, checksums and salts of the log, and the first frames: SQLite alone would start from an older state and say nothing.
    for at in (0..56).chain((56..12_000).step_by(499)) {
        let damage = |folder: &Path| {
            let mut bytes = fs::read(folder.join("till.db-wal")).expect("bytes");
            bytes[at] ^= 0x10;
            fs::write(folder.join("till.db-wal"), bytes).expect("damage");
        };
        check(&stopped, &format!("byte {at} of the log"), damage, &mut outcomes);
    }
    println!("damaged logs: {outcomes:?}");
    assert!(outcomes.aside > 20 && outcomes.lost_unseen_max <= 1, "{outcomes:?}");
}

#[test]
fn zeroed_pages_never_stop_a_till() {
    let stopped = Stopped::after(190);
    let page = usize::try_from(Options::default().page_bytes).expect("a page");
    let mut outcomes = Outcomes::default();
    for at in (0..stopped.files["till.db"].len()).step_by(page) {
        let damage = |folder: &Path| {
            let mut bytes = fs::read(folder.join("till.db")).expect("bytes");
            bytes[at..at + page].fill(0);
            fs::write(folder.join("till.db"), bytes).expect("damage");
        };
        check(&stopped, &format!("page at {at}"), damage, &mut outcomes);
    }
    println!("zeroed pages: {outcomes:?}");
    assert!(outcomes.aside > 3, "{outcomes:?}");
}

#[test]
fn shortened_files_never_stop_a_till() {
    let stopped = Stopped::after(190);
    let mut outcomes = Outcomes::default();
    for file in ["till.db", "till.db-wal"] {
        let length = stopped.files[file].len();
        for twelfth in 0..12 {
            let kept = length * twelfth / 12;
            let damage = |folder: &Path| {
                let bytes = fs::read(folder.join(file)).expect("bytes");
                fs::write(folder.join(file), &bytes[..kept]).expect("damage");
            };
            check(&stopped, &format!("{file} cut to {kept} bytes"), damage, &mut outcomes);
        }
    }
    println!("shortened files: {outcomes:?}");
    assert!(outcomes.aside > 0, "{outcomes:?}");
}

#[test]
fn what_can_be_read_is_carried_over_whole_and_the_damaged_files_stay_untouched() {
    let stopped = Stopped::after(190);
    let dir = tempfile::tempdir().expect("a folder");
    let folder = stopped.put(dir.path());
    // The first page holds the header and the schema: SQLite reads nothing any more.
    let mut database = stopped.files["till.db"].clone();
    database[..2048].fill(0xff);
    fs::write(folder.join("till.db"), &database).expect("damage");
    let mut wal = stopped.files["till.db-wal"].clone();
    wal[..32].fill(0xff);
    fs::write(folder.join("till.db-wal"), &wal).expect("damage");
    let found = files(&folder);
    let (mut store, opened) = open(dir.path());
    let Opened::SetAside(aside) = opened else { panic!("{opened:?}") };
    for (name, bytes) in files(&aside.damaged) {
        assert!(found.get(&name) == Some(&bytes), "{name} is no longer as it was found");
    }
    let salvage = Salvage::read(&aside.salvage.expect("a salvage file")).expect("a salvage file");
    let salvaged: Vec<Vec<u8>> = salvage.entries.iter().map(|salvaged| salvaged.bytes.clone()).collect();
    assert!(salvaged == stopped.entries, "every entry is carried over: {} of {}", salvaged.len(), stopped.entries.len());
    assert!(salvage.entries.iter().all(|salvaged| salvaged.chained), "and proven by the chain");
    assert_eq!((aside.seq_last, aside.old_head), (stopped.account.seq, stopped.account.head));
    let head = salvage.entries.iter().fold(Head::of_log(&aside.old_log.expect("the old log")), |head, one| head.next(&one.bytes));
    assert_eq!(Some(head), stopped.account.head);
    sells(&mut store);
}

#[test]
fn a_start_that_is_cut_before_a_new_log_begins_still_says_what_was_set_aside() {
    let stopped = Stopped::after(60);
    let dir = tempfile::tempdir().expect("a folder");
    let folder = stopped.put(dir.path());
    fs::write(folder.join("till.db"), [0x55; 6000]).expect("damage");
    let (store, opened) = open(dir.path());
    assert!(matches!(&opened, Opened::SetAside(aside) if aside.why.is_some()), "{opened:?}");
    drop(store);
    fs::remove_file(dir.path().join("salvage-1.journal")).expect("the cut came before the salvage file");
    let (mut store, opened) = open(dir.path());
    assert!(matches!(&opened, Opened::SetAside(aside) if aside.why.is_none() && aside.salvage.is_some()), "{opened:?}");
    sells(&mut store);
    drop(store);
    let (_, opened) = open(dir.path());
    assert!(matches!(opened, Opened::Whole), "{opened:?}");
}

#[test]
fn a_second_till_on_the_same_folder_is_told_to_wait() {
    let dir = tempfile::tempdir().expect("a folder");
    let (_first, _) = open(dir.path());
    let second = Store::open(dir.path(), options());
    let fault = second.expect_err("one till at a time");
    assert_eq!(fault.kind(), FaultKind::Transient, "{fault}");
    assert!(!fault.is_damage() && matches!(fault, Fault::Database { .. }));
    assert!(dir.path().join("store").exists(), "and sets nothing aside");
}

#[test]
fn a_store_on_real_files_takes_a_whole_trip_through_restarts() {
    let dir = tempfile::tempdir().expect("a folder");
    let trip = Trip::ride(5);
    let mut store = open(dir.path()).0;
    for (place, step) in trip.steps.iter().enumerate() {
        if place % 29 == 0 {
            drop(store);
            let (again, opened) = open(dir.path());
            assert!(matches!(opened, Opened::Whole | Opened::Fresh), "{opened:?}");
            store = again;
        }
        step.take(&mut store).expect("a step");
        assert_eq!(Account::of(&store).expect("an account"), trip.accounts[place + 1]);
        if matches!(step, Step::Checkpoint) {
            store.verify().expect("a whole log");
        }
    }
    let wal = fs::metadata(dir.path().join("store/till.db-wal")).expect("a write-ahead log").len();
    drop(store);
    let kept = fs::metadata(dir.path().join("store/till.db-wal")).expect("the write-ahead log stays when the till stops").len();
    assert_eq!(kept, wal);
}
