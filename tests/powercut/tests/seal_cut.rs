//! A till that is killed while it seals logs: it comes up again on a sealed log or its successor, and no entry is gone.
#![expect(
    clippy::disallowed_methods,
    reason = "the till that is killed is another process: this test once more, told so by its environment"
)]

use std::{
    collections::BTreeMap,
    env,
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Command, Stdio},
};

use journal::{Fact, Head, LogKey, LogOpened, LogSealed, SealCause};
use powercut::{
    cut::Dice,
    trip::{entry, sale},
};
use store::{Batch, Durability, Opened, Options, SealedLog, Store};

const FOLDER: &str = "TROLLEY_TEST_SEAL_FOLDER";
const KILLS: u64 = 16;
/// More sealed logs than a till may have would prove nothing more.
const SEALS_MAX: u64 = 200;

fn open(dir: &Path) -> (Store, Opened) {
    Store::open(dir, Options { pregrow_pages: 16, checkpoint_pages: 40, ..Options::default() }).expect("a till always comes up")
}

fn commit(store: &mut Store, fact: Fact) {
    let entries = vec![entry(store.seq() + 1, fact)];
    store.commit(&Batch { entries, ..Batch::default() }, Durability::Durable).expect("a commit");
}

/// The first entry of log number `number`, and its key.
fn born(number: u64) -> ([u8; 32], Vec<u8>) {
    let seed = Head([9; 32]).next(&number.to_be_bytes()).0;
    let public = LogKey::from_seed(&seed).public();
    let register = format!("0142-{number}");
    let opened = LogOpened { public, unit: "0142".into(), register, program: "powercut 1".into(), previous: None };
    (seed, entry(1, Fact::LogOpened(opened)))
}

fn succeed(store: &mut Store, sealed: &SealedLog) {
    let (seed, first) = born(sealed.number() + 1);
    store.begin_successor(seed, vec![first], sealed, |_| true).expect("a log");
}

/// Brings the store to a log that can be written, from wherever it was cut.
fn resume(dir: &Path) -> Store {
    let (mut store, opened) = open(dir);
    match opened {
        Opened::Sealed(sealed) => succeed(&mut store, &sealed),
        Opened::Fresh => {
            let (seed, first) = born(1);
            store.begin_log(seed, &first).expect("a log");
        }
        Opened::Whole if store.books().sealed => {
            let sealed = store.set_sealed_aside().expect("it moves");
            succeed(&mut store, &sealed);
        }
        Opened::Whole | Opened::Repaired { .. } => {}
        Opened::SetAside(aside) => panic!("nothing was damaged: {aside:?}"),
    }
    store
}

/// Sells, seals, and goes on, and says so line by line, until it is killed.
fn seal_on(dir: &Path) {
    let mut store = resume(dir);
    let mut dice = Dice(7);
    for _ in 0..SEALS_MAX {
        for _ in 0..2 {
            let receipt_no = store.books().receipt_no + 1;
            commit(&mut store, Fact::SaleClosed(Box::new(sale(receipt_no, 2, &mut dice))));
            println!("\nhas {} {}", store.books().register, store.seq());
        }
        store.prepare_successor().expect("there is room");
        println!("\nprepared");
        let seal = LogSealed { why: SealCause::Told, foreign_seq: 1, foreign_head: [1; 32], shift: None, expected_minor: 0 };
        commit(&mut store, Fact::LogSealed(Box::new(seal)));
        println!("\nhas {} {}", store.books().register, store.seq());
        let sealed = store.set_sealed_aside().expect("it moves");
        println!("\nmoved");
        succeed(&mut store, &sealed);
        println!("\nbegun");
    }
}

/// Runs such a till until it has said so many lines; what it had said by its end.
fn killed_after(dir: &Path, lines: u64) -> Vec<String> {
    let mut till = Command::new(env::current_exe().expect("this test"));
    till.args(["--exact", "a_till_that_is_killed_while_it_seals_loses_no_entry", "--nocapture"]).env(FOLDER, dir);
    let mut till = till.stdout(Stdio::piped()).spawn().expect("a till");
    let mut said = Vec::new();
    for line in BufReader::new(till.stdout.take().expect("its words")).lines().map_while(Result::ok) {
        said.push(line);
        if said.len() as u64 == lines {
            till.kill().expect("it is killed");
        }
    }
    till.wait().expect("its end");
    said
}

#[test]
fn a_till_that_is_killed_while_it_seals_loses_no_entry() {
    if let Some(dir) = env::var_os(FOLDER) {
        return seal_on(Path::new(&dir));
    }
    let dir = tempfile::tempdir().expect("a folder");
    let mut dice = Dice(20);
    let mut promised: BTreeMap<String, u64> = BTreeMap::new();
    for _ in 0..KILLS {
        let said = killed_after(dir.path(), 6 + dice.roll() % 40);
        for words in said.iter().map(|line| line.split(' ').collect::<Vec<_>>()) {
            if let ["has", register, seq] = words[..] {
                promised.insert(register.to_owned(), seq.parse().expect("a place"));
            }
        }
        let store = resume(dir.path());
        store.verify().expect("a sound log");
        let mut kept = BTreeMap::from([(store.books().register.clone(), store.seq())]);
        for sealed in store.sealed_logs().expect("they list") {
            let books = sealed.books().expect("a sound log");
            assert!(books.sealed, "{} is sealed", books.register);
            let twice = kept.insert(books.register.clone(), sealed.seq());
            assert_eq!(twice, None, "{} stands once", books.register);
        }
        for (register, seq) in &promised {
            assert!(kept.get(register).is_some_and(|kept| kept >= seq), "{register} has {:?} of {seq}", kept.get(register));
        }
    }
    assert!(promised.len() > 10, "{} logs were sealed", promised.len());
}
