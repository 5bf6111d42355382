//! The control unit: no receipt without its code, one number with one content, and no money taken that could not be receipted.

use std::{collections::BTreeSet, path::Path};

use serde_json::{Value, json};

use crate::common::{Till, path};

fn selling() -> (tempfile::TempDir, Till) {
    let dir = tempfile::tempdir().expect("a folder");
    let mut till = Till::demo(dir.path());
    till.ready_to_sell();
    (dir, till)
}

/// Register, number and kind of everything that the simulated unit recorded, by its own memory.
fn recorded(dir: &Path) -> Vec<String> {
    let memory = std::fs::read_to_string(format!("{}/simulated-control", path(dir))).unwrap_or_default();
    memory.lines().map(|line| line.split(' ').take(3).collect::<Vec<_>>().join(" ")).collect()
}

fn unit_says(till: &mut Till, state: &str) {
    till.status_until(state, |status| status["devices"]["control"] == state);
}

fn settled(till: &mut Till) -> Value {
    till.status_until("the receipt has its code", |status| status["control"] == Value::Null)
}

#[test]
fn everything_that_is_closed_stands_in_the_unit() {
    let (dir, mut till) = selling();
    till.ok("add 1001 2");
    till.ok("pay cash 100.00");
    till.ok("add 1001");
    till.ok("pay card 29.00");
    till.ok("refund 1 1 1");
    till.ok("void 2");
    till.ok("copy 1");
    till.ok("training on");
    till.ok("add 1001");
    till.ok("pay cash 29.00");
    let wanted = ["1 normal", "2 normal", "3 normal", "4 normal", "1 kopia", "1 ovning"].map(|what| format!("0000-1 {what}"));
    assert_eq!(recorded(dir.path()), wanted);
}

#[test]
fn no_money_is_taken_while_the_unit_does_not_work() {
    let (dir, mut till) = selling();
    till.ok("add 1001");
    till.ok("pay cash 29.00");
    till.ok("add 1001");
    for (fault, code) in [
        ("unplugged", "control.unplugged"),
        ("silent", "control.silent"),
        ("garbled", "control.garbled"),
        ("busy", "control.busy"),
        ("fatal", "control.busy"),
    ] {
        till.ok(&format!("device control {fault}"));
        unit_says(&mut till, code);
        for pay in ["pay cash 29.00", "pay card 29.00", "pay cash 1.00"] {
            till.refused(pay, code);
        }
        assert_eq!(
            till.ok("park")["ticket"].as_u64().map(|ticket| format!("resume {ticket}")).map(|resume| till.ok(&resume)["to_pay"].clone()),
            Some(json!("29.00"))
        );
        till.ok("device control ok");
        unit_says(&mut till, "ok");
    }
    assert_eq!(till.ok("pay cash 29.00")["receipt_no"], 2);
    assert_eq!(recorded(dir.path()).len(), 2);
}

#[test]
fn a_sale_whose_answer_was_lost_closes_with_the_same_number_when_the_unit_is_back() {
    let (dir, mut till) = selling();
    till.ok("add 1001");
    till.ok("device control lost-answer");
    let waits = till.refused("pay cash 50.00", "control.silent");
    assert_eq!(waits["waits"], 1);
    assert!(waits["safe"].as_str().is_some_and(|safe| safe.contains("receipt 1")), "{waits}");
    till.refused("add 1001", "control.pending");
    assert_eq!(till.ok("status")["control"], json!({"receipt_no": 1, "kind": "receipt", "trouble": "control.silent"}));
    till.ok("device control ok");
    // The till asks again by itself too, and may be first.
    let answer = till.ask("control-status");
    match answer.get("ok") {
        Some(paid) => {
            assert_eq!(json!([paid["receipt_no"], paid["change"]]), json!([1, "21.00"]));
            till.refused("control-status", "control.not_pending");
        }
        None => assert_eq!(answer["refused"]["code"], "control.not_pending", "{answer}"),
    }
    assert_eq!(till.ok("verify")["receipts"], 1);
    assert_eq!(recorded(dir.path()), ["0000-1 1 normal"]);
}

#[test]
fn a_till_that_was_cut_while_the_receipt_waited_closes_it_once() {
    for fault in ["lost-answer", "storage-full", "refused", "not-enrolled"] {
        let (dir, mut till) = selling();
        till.ok("add 1001");
        till.ok(&format!("device control {fault}"));
        let code = till.ask("pay card 29.00")["refused"]["code"].clone();
        assert!(code.as_str().is_some_and(|code| code.starts_with("control.")), "{fault}: {code}");
        till.refused("control-give-up", "control.card_paid");
        till.kill();
        // The unit that comes with the new run is well.
        let mut till = Till::demo(dir.path());
        let status = settled(&mut till);
        assert_eq!(status["open_sale"], Value::Null, "{fault}");
        assert_eq!(till.ok("verify")["receipts"], 1, "{fault}");
        assert_eq!(recorded(dir.path()), ["0000-1 1 normal"], "{fault}");
    }
}

#[test]
fn a_receipt_that_the_unit_refused_is_given_up_and_its_number_used_again() {
    let (dir, mut till) = selling();
    till.ok("add 1001");
    till.ok("device control refused");
    till.refused("pay cash 50.00", "control.refused");
    let given_up = till.ok("control-give-up");
    assert_eq!(
        json!([given_up["given_up"], given_up["burned"], given_up["back"], given_up["to_pay"]]),
        json!([1, false, "50.00", "29.00"])
    );
    till.ok("device control ok");
    till.ok("add 1001");
    assert_eq!(till.ok("pay cash 58.00")["receipt_no"], 1);
    assert_eq!(recorded(dir.path()).len(), 1);
    till.ok("verify");
}

#[test]
fn a_receipt_that_the_unit_may_have_recorded_takes_its_number_with_it() {
    let (dir, mut till) = selling();
    till.ok("add 1001");
    till.ok("device control lost-answer");
    till.refused("pay cash 50.00", "control.silent");
    assert_eq!(till.ok("control-give-up")["burned"], true);
    till.ok("device control ok");
    till.kill();
    let mut till = Till::demo(dir.path());
    assert_eq!(till.ok("sale")["to_pay"], "29.00", "the sale outlives the cut");
    till.ok("add 1001");
    assert_eq!(till.ok("pay cash 58.00")["receipt_no"], 2);
    let numbers: BTreeSet<String> = recorded(dir.path()).into_iter().collect();
    assert_eq!(numbers.into_iter().collect::<Vec<_>>(), ["0000-1 1 normal", "0000-1 2 normal"]);
}

#[test]
fn storage_that_fills_up_is_told_and_stops_nothing() {
    let (_dir, mut till) = selling();
    till.ok("device control storage-low");
    till.ok("add 1001");
    assert_eq!(till.ok("pay cash 29.00")["receipt_no"], 1);
    unit_says(&mut till, "control.storage_low");
}

#[test]
fn without_the_rule_nothing_asks_for_a_code() {
    let dir = tempfile::tempdir().expect("a folder");
    let config = dir.path().join("till.toml");
    std::fs::write(&config, "unit = \"0142\"\n").expect("a file");
    let data = dir.path().join("data");
    let mut till = Till::start(&["drive", "--config", path(&config), "--data", path(&data)]);
    till.ready_to_sell();
    till.ok("device control silent");
    till.ok("add 1001");
    assert_eq!(till.ok("pay cash 29.00")["receipt_no"], 1);
    assert_eq!(recorded(&data), [""; 0]);
}
