//! Tests of devices, the list of them, and the evidence file.

use serde_json::{Value, json};

use crate::common::Till;

fn started() -> (tempfile::TempDir, Till) {
    let dir = tempfile::tempdir().expect("a folder");
    let mut till = Till::demo(dir.path());
    till.ok("sign-in 101 1101");
    till.status_until("the devices are heard", |status| status["devices"]["printer"] == "ok" && status["devices"]["terminal"] == "ready");
    (dir, till)
}

fn state(till: &mut Till, device: &str) -> Value {
    let devices = till.ok("devices")["devices"].clone();
    let row = devices.as_array().expect("a list").iter().find(|row| row["device"] == device).cloned();
    row.unwrap_or_else(|| panic!("{device} is listed"))["state"].clone()
}

fn becomes(till: &mut Till, device: &str, wanted: &str) {
    for _ in 0..600 {
        if state(till, device) == wanted {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("{device} never is {wanted}");
}

#[test]
fn every_device_is_tested_and_nothing_is_sold() {
    let (_dir, mut till) = started();
    for device in ["printer", "terminal", "display", "control"] {
        assert_eq!(till.ok(&format!("test {device}")), json!({"device": device, "test": "well", "text": null}));
    }
    let status = till.ok("status");
    assert_eq!(status["paper"], json!({"waiting": 0, "doubted": []}), "a test print is no job of the store");
    assert_eq!(till.ok("receipts")["receipts"], json!([]));
    till.refused("test kettle", "device.unknown");
}

#[test]
fn a_device_with_a_fault_fails_its_test_and_is_listed_with_it() {
    let (_dir, mut till) = started();
    for (device, fault, code) in [
        ("printer", "cover-open", "printer.cover_open"),
        ("terminal", "unplugged", "terminal.away"),
        ("drawer", "unplugged", "drawer.away"),
        ("display", "unplugged", "display.away"),
        ("control", "unplugged", "control.unplugged"),
    ] {
        till.ok(&format!("device {device} {fault}"));
        assert_eq!(till.ok(&format!("test {device}"))["test"], "failed", "{device} {fault}");
        becomes(&mut till, device, code);
        till.ok(&format!("device {device} ok"));
        assert_eq!(till.ok(&format!("test {device}"))["test"], "well", "{device} mended");
        becomes(&mut till, device, "ok");
    }
}

#[test]
fn a_supply_that_nobody_tells_of_is_away_and_neither_failing_nor_well() {
    let (_dir, mut till) = started();
    for (fault, code) in [("failing", "supply.failing"), ("unplugged", "supply.away"), ("failing", "supply.away"), ("ok", "ok")] {
        till.ok(&format!("device supply {fault}"));
        becomes(&mut till, "supply", code);
    }
}

#[test]
fn the_drawers_test_is_in_the_journal_and_needs_the_right() {
    let (_dir, mut till) = started();
    till.ok("sign-out");
    till.refused("test drawer", "crew.not_signed_in");
    till.ok("sign-in 101 1101");
    assert_eq!(till.ok("test drawer")["test"], "well");
    let entries = till.ok("journal")["entries"].clone();
    let last = entries.as_array().and_then(|entries| entries.last()).expect("an entry");
    assert_eq!((&last["kind"], &last["fact"]), (&json!("DrawerOpened"), &json!({"cause": "service"})));
    till.ok("start-trip 171 2026-10-05");
    till.ok("open-shift 1000.00");
    till.ok("sign-out");
    till.ok("sign-in 102 1202");
    till.refused("test drawer", "shift.other_crew");
}

#[test]
fn a_drawer_on_a_printer_that_is_away_fails_its_test_and_is_back_with_the_printer() {
    let (_dir, mut till) = started();
    till.ok("device printer unplugged");
    assert_eq!(till.ok("test drawer")["test"], "failed");
    assert_eq!(state(&mut till, "drawer"), "drawer.away");
    becomes(&mut till, "printer", "printer.unplugged");
    till.ok("device printer ok");
    becomes(&mut till, "drawer", "ok");
}

#[test]
fn what_is_scanned_in_a_test_is_shown_and_not_sold() {
    let (_dir, mut till) = started();
    till.ok("start-trip 171 2026-10-05");
    till.ok("open-shift 1000.00");
    assert_eq!(till.ok("test scanner")["test"], "waits");
    assert!(till.tell(b"hold-up 7300000010018"));
    let (mut held_up, mut news) = (Value::Null, Value::Null);
    while held_up.is_null() || news.is_null() {
        let answer = till.answer().expect("the till answers");
        if answer["event"] == "test" { news = answer } else { held_up = answer }
    }
    assert_eq!(news["ok"], json!({"device": "scanner", "test": "well", "text": "7300000010018"}));
    assert_eq!(till.ok("sale")["lines"], json!([]), "what was scanned in a test is not sold");
}

#[test]
fn the_evidence_file_tells_program_devices_and_bytes() {
    let (dir, mut till) = started();
    till.ok("test printer");
    let path = till.ok("evidence")["evidence"].as_str().expect("a path").to_owned();
    assert!(path.starts_with(dir.path().to_str().expect("UTF-8")), "below the data folder: {path}");
    let text = std::fs::read_to_string(&path).expect("the evidence");
    for wanted in [
        "evidence of   Trolley SE",
        "unit          0000",
        "DEVICES",
        "printer       ok",
        "LINE OF PRINTER (simulated)",
        "-- opened",
        ">> ",
        "<< ",
    ] {
        assert!(text.contains(wanted), "{wanted:?} is missing in\n{text}");
    }
    assert_ne!(till.ok("evidence")["evidence"], json!(path), "a second file does not overwrite the first");
}

#[test]
fn the_oldest_evidence_makes_room_whatever_the_clock_said_and_other_files_stay() {
    use std::os::unix::fs::PermissionsExt as _;
    let (dir, mut till) = started();
    let folder = dir.path().join("evidence");
    let first = till.ok("evidence")["evidence"].as_str().expect("a path").to_owned();
    std::fs::write(folder.join("notes.txt"), "a technician's own").expect("a file");
    // The clock goes back: names by time alone would call the newest file the oldest.
    till.ok("time 2026-01-01T12:00:00Z");
    let mut last = String::new();
    for _ in 0..21 {
        last = till.ok("evidence")["evidence"].as_str().expect("a path").to_owned();
    }
    let mut kept: Vec<String> = std::fs::read_dir(&folder)
        .expect("the folder")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8"))
        .collect();
    kept.sort();
    assert_eq!(kept.len(), 21, "twenty and the technician's: {kept:?}");
    assert!(kept[0].starts_with("0003-20260101") && kept[19].starts_with("0022-") && kept[20] == "notes.txt", "{kept:?}");
    assert!(!std::path::Path::new(&first).exists() && std::path::Path::new(&last).exists());
    let mode = std::fs::metadata(&last).expect("the file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "it is its owner's alone");
}
