//! A write-ahead log that is gone, cut short or broken at its head: SQLite alone would take it for an empty one and write over the sales.

use std::{
    collections::BTreeMap,
    env, fs,
    io::{self, BufRead as _, BufReader, Read as _},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::LazyLock,
};

use journal::{Fact, LogKey, LogOpened};
use powercut::{
    cut::Dice,
    trip::{entry, sale},
};
use store::{Aside, Batch, Durability, FaultKind, NewJob, Opened, Options, Salvage, Store};

const WAL: &str = "till.db-wal";
const WAL_HEADER_BYTES: usize = 32;
/// From one that has only ever written to the log, to one that has moved it into the database several times.
const SALES: [usize; 4] = [1, 10, 40, 340];

fn options() -> Options {
    Options { pregrow_pages: 160, checkpoint_pages: 250, ..Options::default() }
}

fn open(dir: &Path) -> (Store, Opened) {
    Store::open(dir, options()).unwrap_or_else(|fault| panic!("a till always comes up: {fault}"))
}

fn begin(store: &mut Store, register: u8) -> Vec<u8> {
    let seed = [register; 32];
    let public = LogKey::from_seed(&seed).public();
    let register = format!("0142-{register}");
    let opened = LogOpened { public, unit: "0142".into(), register, program: "powercut 1".into(), previous: None };
    let first = entry(1, Fact::LogOpened(opened));
    store.begin_log(seed, &first).expect("a log");
    first
}

fn sell(store: &mut Store, receipt_no: u64, dice: &mut Dice) -> Vec<u8> {
    let seq = store.seq() + 1;
    let bytes = entry(seq, Fact::SaleClosed(Box::new(sale(receipt_no, 2, dice))));
    let batch = Batch { entries: vec![bytes.clone()], new_jobs: vec![NewJob { seq, kind: 1 }], ..Batch::default() };
    store.commit(&batch, Durability::Durable).expect("a sale");
    bytes
}

fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let list = fs::read_dir(dir).expect("a folder").map(|item| item.expect("a file").path());
    list.map(|path| (path.file_name().unwrap_or_default().to_string_lossy().into_owned(), fs::read(&path).expect("bytes"))).collect()
}

/// The files of a till that was killed while it sold, and what it had acknowledged.
struct Killed {
    sales: usize,
    files: BTreeMap<String, Vec<u8>>,
    entries: Vec<Vec<u8>>,
}

static KILLED: LazyLock<Vec<Killed>> = LazyLock::new(|| SALES.into_iter().map(|sales| Killed::after(sales, false)).collect());

impl Killed {
    fn after(sales: usize, moved: bool) -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let mut dice = Dice(9);
        let (mut store, opened) = open(dir.path());
        assert!(matches!(opened, Opened::Fresh), "{opened:?}");
        let mut entries = vec![begin(&mut store, 1)];
        entries.extend((1..).take(sales).map(|receipt_no| sell(&mut store, receipt_no, &mut dice)));
        if moved {
            store.checkpoint().expect("a checkpoint");
        }
        Self { sales, files: files(&dir.path().join("store")), entries }
    }

    fn put(&self, dir: &Path) -> PathBuf {
        let folder = dir.join("store");
        fs::create_dir_all(&folder).expect("a folder");
        for (name, bytes) in &self.files {
            fs::write(folder.join(name), bytes).expect("a file");
        }
        folder
    }

    fn wal(&self) -> Vec<u8> {
        self.files[WAL].clone()
    }

    /// Starts on a damaged log, sees it set aside as it was found, and sells on in a new one. Returns how many entries were carried out.
    fn set_aside(&self, what: &str, wal: Option<&[u8]>) -> usize {
        let what = format!("{} sales, {what}", self.sales);
        let dir = tempfile::tempdir().expect("a folder");
        let wal_path = self.put(dir.path()).join(WAL);
        match wal {
            Some(bytes) => fs::write(wal_path, bytes).expect("damage"),
            None => fs::remove_file(wal_path).expect("damage"),
        }
        let found = files(&dir.path().join("store"));
        let (mut store, opened) = open(dir.path());
        let Opened::SetAside(Aside { damaged, salvage, old_log, why, .. }) = opened else { panic!("{what}: {opened:?}") };
        assert!(why.is_some() && files(&damaged) == found, "{what}: the files are as they were found");
        assert_eq!(old_log, Some(LogKey::from_seed(&[1; 32]).log_id()), "{what}: the old log is known");
        let salvage = Salvage::read(&salvage.expect("a salvage file")).expect("a salvage file");
        for (salvaged, place) in salvage.entries.iter().zip(0..) {
            assert!(salvaged.chained && self.entries.get(place) == Some(&salvaged.bytes), "{what}: entry {} is true", salvaged.seq);
        }
        begin(&mut store, 2);
        sell(&mut store, 1, &mut Dice(10));
        store.verify().expect("a whole log");
        drop(store);
        assert!(matches!(open(dir.path()).1, Opened::Whole), "{what}: and it stays so");
        salvage.entries.len()
    }
}

#[test]
fn a_flipped_bit_anywhere_in_the_head_of_the_log_loses_no_sale() {
    for killed in KILLED.iter() {
        for at in 0..WAL_HEADER_BYTES {
            let mut wal = killed.wal();
            wal[at] ^= 1 << (at % 8);
            let carried = killed.set_aside(&format!("byte {at} of the log"), Some(&wal));
            assert_eq!(carried, killed.entries.len(), "byte {at}: every sale is carried out");
        }
    }
}

#[test]
fn a_log_that_is_gone_is_missed() {
    for killed in KILLED.iter() {
        let carried = killed.set_aside("no log", None);
        assert!(carried >= 1 && (killed.sales < 340 || carried > 100), "the database's own entries are carried out: {carried}");
    }
    let stopped = Killed::after(40, true);
    assert_eq!(stopped.set_aside("no log, but all of it in the database", None), stopped.entries.len());
}

#[test]
fn a_log_full_of_noise_is_no_empty_log() {
    for killed in KILLED.iter() {
        let mut dice = Dice(11);
        let mut wal = killed.wal();
        wal.fill_with(|| dice.roll().to_le_bytes()[0]);
        assert!(killed.set_aside("noise", Some(&wal)) >= 1);
        wal.fill(0);
        assert!(killed.set_aside("zeros", Some(&wal)) >= 1);
    }
}

#[test]
fn a_log_that_was_cut_short_is_noticed() {
    for killed in KILLED.iter() {
        let wal = killed.wal();
        for kept in [0, 31, 32, 1000, 2104, wal.len() / 3, wal.len() / 2] {
            assert!(killed.set_aside(&format!("cut to {kept} bytes"), Some(&wal[..kept])) >= 1);
        }
    }
    let killed = &KILLED[0];
    let wal = killed.wal();
    assert_eq!(killed.set_aside("one byte short", Some(&wal[..wal.len() - 1])), killed.entries.len());
}

/// When all of the log stands in the database, the next write begins the log anew with its head, and a cut may tear that.
#[test]
fn a_head_torn_while_a_log_begins_anew_is_no_damage() {
    let moved = Killed::after(40, true);
    for at in 0..WAL_HEADER_BYTES {
        let dir = tempfile::tempdir().expect("a folder");
        let folder = moved.put(dir.path());
        let mut wal = moved.wal();
        wal[at..WAL_HEADER_BYTES].fill(0x5a);
        fs::write(folder.join(WAL), wal).expect("a torn head");
        let (mut store, opened) = open(dir.path());
        assert!(matches!(opened, Opened::Whole), "from byte {at} on: {opened:?}");
        assert_eq!(store.seq(), moved.entries.len() as u64, "and nothing is missing");
        sell(&mut store, 41, &mut Dice(12));
        store.verify().expect("a whole log");
    }
}

#[test]
fn frames_lost_in_the_middle_of_the_log_are_missed() {
    let killed = &KILLED[2];
    let frame = 24 + usize::try_from(Options::default().page_bytes).expect("a page");
    // Ten frames are some commits; behind them stand others that prove them.
    for first in [0, 5, 20, 40] {
        let mut wal = killed.wal();
        let at = WAL_HEADER_BYTES + first * frame;
        wal[at..at + 10 * frame].fill(0);
        assert!(killed.set_aside(&format!("frames from {first} on are zeros"), Some(&wal)) >= 1);
    }
}

/// The known limit: when nothing readable stands behind the loss, it looks like a commit that a cut left unfinished.
#[test]
fn a_loss_up_to_the_end_of_the_log_leaves_what_was_before_it() {
    let dir = tempfile::tempdir().expect("a folder");
    let killed = &KILLED[2];
    let folder = killed.put(dir.path());
    let mut wal = killed.wal();
    wal[WAL_HEADER_BYTES + 60 * 2072..].fill(0);
    fs::write(folder.join(WAL), wal).expect("damage");
    let (store, opened) = open(dir.path());
    assert!(matches!(opened, Opened::Whole), "{opened:?}");
    assert!(store.seq() > 1 && store.seq() < killed.entries.len() as u64);
    store.verify().expect("a whole log");
}

/// What a second till reads while the first one writes may look like damage.
#[test]
#[expect(clippy::disallowed_methods, reason = "another till is another process: this test once more, told so by its environment")]
fn a_store_on_which_another_till_runs_is_never_set_aside() {
    const FOLDER: &str = "TROLLEY_TEST_FOLDER";
    if let Some(dir) = env::var_os(FOLDER) {
        let (mut store, _) = open(Path::new(&dir));
        begin(&mut store, 1);
        sell(&mut store, 1, &mut Dice(13));
        println!("\nsells");
        io::stdin().read_to_end(&mut Vec::new()).expect("the other one closes it");
        return;
    }
    let dir = tempfile::tempdir().expect("a folder");
    let mut other = Command::new(env::current_exe().expect("this test"));
    other.args(["--exact", "a_store_on_which_another_till_runs_is_never_set_aside", "--nocapture"]).env(FOLDER, dir.path());
    let mut other = other.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("another till");
    let mut says = BufReader::new(other.stdout.take().expect("its words")).lines();
    assert!(says.any(|line| line.is_ok_and(|line| line == "sells")), "the other till sells");
    let wal = dir.path().join("store").join(WAL);
    let mut torn = fs::read(&wal).expect("the log");
    torn[..WAL_HEADER_BYTES].fill(0x5a);
    fs::write(&wal, torn).expect("a torn head");
    let fault = Store::open(dir.path(), options()).expect_err("one till at a time");
    assert_eq!(fault.kind(), FaultKind::Transient, "{fault}");
    assert!(dir.path().join("store").exists() && !dir.path().join("damaged-1").exists());
    drop(other.stdin.take());
    other.wait().expect("its end");
    let (_, opened) = open(dir.path());
    assert!(matches!(opened, Opened::Whole | Opened::SetAside(_)), "{opened:?}");
}
