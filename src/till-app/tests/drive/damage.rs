//! A damaged database: it is set aside untouched, what is readable is carried out, and selling goes on in a new log.

use std::{
    fs::{self, OpenOptions},
    os::unix::fs::FileExt as _,
    path::{Path, PathBuf},
};

use serde_json::json;

use crate::common::Till;

/// A folder on which a till has sold ten times and ended.
fn sold_ten() -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    let mut till = Till::demo(dir.path());
    till.ready_to_sell();
    for _ in 0..10 {
        till.ok("add 1001");
        till.ok("pay cash 29.00");
    }
    till.end();
    dir
}

fn database(dir: &Path) -> PathBuf {
    dir.join("store").join("till.db")
}

fn write_ahead_log(dir: &Path) -> PathBuf {
    dir.join("store").join("till.db-wal")
}

fn flip(file: &Path, at: u64, bytes: usize) {
    let open = OpenOptions::new().read(true).write(true).open(file).expect("the database");
    let mut found = vec![0; bytes];
    open.read_exact_at(&mut found, at).expect("bytes there");
    found.iter_mut().for_each(|byte| *byte = !*byte);
    open.write_all_at(&found, at).expect("writable");
}

/// A till on a folder with a damaged database sells on in a new log.
fn sells_on_in_a_new_log(dir: &Path, what: &str) {
    let before = fs::read(database(dir)).expect("the database");
    let mut till = Till::demo(dir);
    let status = till.ok("status");
    assert_eq!(json!([status["store"], status["register"]]), json!(["set_aside", "0000-2"]), "{what}: {status}");
    assert_eq!(fs::read(dir.join("damaged-1/till.db")).expect("the damaged one"), before, "{what}: set aside untouched");
    assert!(dir.join("salvage-1.journal").exists(), "{what}: what can be read is carried out");
    till.ready_to_sell();
    till.ok("add 1001");
    assert_eq!(till.ok("pay cash 29.00")["receipt_no"], 1, "{what}: a new series");
    till.ok("verify");
    till.end();
    let status = Till::demo(dir).ok("status");
    assert_eq!(json!([status["store"], status["register"]]), json!(["whole", "0000-2"]), "{what}: and it stays so");
}

#[test]
fn files_cut_short_are_set_aside() {
    let dir = sold_ten();
    for file in [database(dir.path()), write_ahead_log(dir.path())] {
        OpenOptions::new().write(true).open(file).and_then(|file| file.set_len(5000)).expect("cut");
    }
    sells_on_in_a_new_log(dir.path(), "cut short");
}

#[test]
fn files_with_broken_heads_are_set_aside() {
    let dir = sold_ten();
    flip(&database(dir.path()), 0, 16);
    flip(&write_ahead_log(dir.path()), 0, 16);
    sells_on_in_a_new_log(dir.path(), "broken heads");
}

#[test]
fn a_database_whose_every_page_is_in_the_write_ahead_log_loses_nothing_by_its_own_damage() {
    let dir = sold_ten();
    flip(&database(dir.path()), 0, 16);
    let mut till = Till::demo(dir.path());
    let sold = till.ok("receipts")["receipts"].as_array().map_or(0, Vec::len);
    assert!(sold == 10 || till.ok("status")["store"] == "set_aside", "ten sales or a new log, and nothing between");
    till.ok("verify");
}

#[test]
fn a_file_that_is_no_database_is_set_aside() {
    let dir = sold_ten();
    fs::write(database(dir.path()), "Not a database at all. ".repeat(500)).expect("written");
    fs::remove_file(write_ahead_log(dir.path())).expect("the write-ahead log");
    sells_on_in_a_new_log(dir.path(), "no database");
}

#[test]
fn a_write_ahead_log_without_its_database_is_not_thrown_away() {
    let dir = sold_ten();
    fs::write(database(dir.path()), []).expect("emptied");
    sells_on_in_a_new_log(dir.path(), "an empty database beside its log");
}

#[test]
fn a_flipped_journal_is_found_and_what_is_whole_is_salvaged() {
    let dir = sold_ten();
    // Where the newest entries stand is up to SQLite, so everything behind the first pages of both files is turned over.
    for name in ["till.db", "till.db-wal"] {
        let file = dir.path().join("store").join(name);
        let length = fs::metadata(&file).map_or(0, |found| found.len());
        let mut at = 8192;
        while at + 64 < length {
            flip(&file, at, 64);
            at += 2048;
        }
    }
    let mut till = Till::demo(dir.path());
    let status = till.ok("status");
    assert!(["set_aside", "repaired", "whole"].iter().any(|known| status["store"] == *known), "{status}");
    if status["store"] != "set_aside" {
        till.ok("verify");
        assert_eq!(till.ok("receipts")["receipts"].as_array().map(Vec::len), Some(10), "what is called whole is whole");
    }
    if status["crew"].is_null() {
        till.ready_to_sell();
    }
    till.ok("add 1001");
    till.ok("pay cash 29.00");
    till.ok("verify");
}

#[test]
fn damage_anywhere_never_stops_selling_and_never_shows_half_a_store() {
    let dir = sold_ten();
    let length = fs::metadata(database(dir.path())).expect("the database").len();
    let pages = length / 2048;
    for page in (0..pages.min(24)).chain([pages / 2, pages - 1]) {
        let trial = tempfile::tempdir().expect("a folder");
        fs::create_dir(trial.path().join("store")).expect("a folder");
        for name in ["till.db", "till.db-wal"] {
            fs::copy(dir.path().join("store").join(name), trial.path().join("store").join(name)).expect("a copy");
        }
        flip(&database(trial.path()), page * 2048 + 300, 1500);
        let mut till = Till::demo(trial.path());
        let status = till.ok("status");
        if status["store"] == "set_aside" {
            assert_eq!(status["register"], "0000-2");
            till.ready_to_sell();
        } else {
            assert_eq!(till.ok("receipts")["receipts"].as_array().map(Vec::len), Some(10), "page {page}: {status}");
        }
        till.ok("add 1001");
        till.ok("pay cash 29.00");
    }
}
