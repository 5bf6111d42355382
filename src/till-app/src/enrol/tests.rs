//! What is kept of an enrolment.

use std::fs;

use journal::LogKey;
use store::{Options, Store};

use super::*;

fn enrolled() -> Enrolled {
    Enrolled {
        hub: HubAddress::parse("hub.demo.example:8443").expect("an address"),
        pin: [0xa5; 16],
        unit: "0142".into(),
        short_code: "012345".into(),
        log: Bytes32([7; 32]),
        registers_before: 3,
    }
}

#[test]
fn what_is_kept_is_read_back_and_replaced_whole() {
    let dir = tempfile::tempdir().expect("a folder");
    assert_eq!(Enrolled::read(dir.path()), Ok(None));
    enrolled().write(dir.path()).expect("written");
    assert_eq!(Enrolled::read(dir.path()), Ok(Some(enrolled())));
    let moved = Enrolled { unit: "0143".into(), ..enrolled() };
    // What a cut left beside is no obstacle.
    fs::write(dir.path().join("hub.json.new"), "{\"url\"").expect("a file");
    moved.write(dir.path()).expect("written");
    assert_eq!(Enrolled::read(dir.path()), Ok(Some(moved)));
    let names: Vec<_> = fs::read_dir(dir.path()).expect("a folder").flatten().map(|entry| entry.file_name()).collect();
    assert_eq!(names, [HUB_FILE], "nothing is left beside");
}

#[test]
fn a_folder_that_cannot_be_written_keeps_what_it_had() {
    let dir = tempfile::tempdir().expect("a folder");
    enrolled().write(dir.path()).expect("written");
    fs::create_dir(dir.path().join("hub.json.new")).expect("something in the way");
    let failed = Enrolled { unit: "0143".into(), ..enrolled() }.write(dir.path());
    assert!(matches!(failed, Err(NotEnrolled::Folder { .. })), "{failed:?}");
    assert_eq!(Enrolled::read(dir.path()), Ok(Some(enrolled())));
}

#[test]
fn a_label_that_no_register_can_have_stays_the_hubs_own() {
    assert_eq!(enrolled().register_unit(), Some("0142"));
    assert_eq!(Enrolled { unit: "kök-12".into(), ..enrolled() }.register_unit(), None);
    assert!(!is_label("") && !is_label("a b") && !is_label("\u{1b}[2J") && !is_label(&"x".repeat(33)));
}

#[test]
fn a_seed_waits_for_its_log_and_is_not_used_for_a_second_one() {
    let dir = tempfile::tempdir().expect("a folder");
    let (store, opened) = Store::open(dir.path(), Options::default()).expect("a store");
    assert_eq!(seed(dir.path(), &opened), None);
    kept::write_seed(dir.path(), &[9; 32]).expect("written");
    assert_eq!(seed(dir.path(), &opened), Some([9; 32]), "until it is born, it waits");
    drop(store);
    let aside = |old_log| {
        Opened::SetAside(store::Aside {
            damaged: dir.path().join("damaged-1"),
            salvage: None,
            old_log,
            entries_readable: 1,
            seq_last: 1,
            old_head: None,
            why: None,
        })
    };
    assert_eq!(seed(dir.path(), &aside(None)), Some([9; 32]), "another log was damaged");
    assert_eq!(seed(dir.path(), &aside(Some(LogKey::from_seed(&[9; 32]).log_id()))), None, "one key writes one log");
    born(dir.path());
    assert_eq!(seed(dir.path(), &opened), None);
    fs::write(dir.path().join(SEED_FILE), "no seed").expect("a file");
    assert_eq!(seed(dir.path(), &opened), None, "what is no seed is none");
}
