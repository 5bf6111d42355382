//! A scanner that reads by itself: what came of it is told on a line of its own, and no line of an answer is taken for it.

use serde_json::{Value, json};

use crate::common::{Till, assert_said};

fn selling() -> (tempfile::TempDir, Till) {
    let dir = tempfile::tempdir().expect("a folder");
    let mut till = Till::demo(dir.path());
    till.ready_to_sell();
    till.status_until("the scanner is heard", |status| status["devices"]["scanner"] == true);
    (dir, till)
}

/// Holds a code in front of the scanner and waits for the line about it.
fn hold_up(till: &mut Till, code: &str) -> Value {
    assert_eq!(till.ok(&format!("hold-up {code}")), json!({"device": "scanner", "text": code}));
    let event = till.answer().expect("the scanner is heard");
    assert_eq!((&event["event"], &event["text"]), (&json!("scan"), &json!(code)), "{event}");
    event
}

#[test]
fn what_the_scanner_reads_is_sold_and_told() {
    let (_dir, mut till) = selling();
    assert_eq!(hold_up(&mut till, "9520000020019")["ok"]["line"], 1);
    assert_eq!(till.ok("sale")["lines"][0]["sku"], "2001");
    let unknown = hold_up(&mut till, "9520000099992");
    assert_eq!(unknown["refused"]["code"], "product.unknown_gtin");
    assert_said(&unknown);
    assert_eq!(hold_up(&mut till, "95200000")["refused"]["code"], "product.unreadable_gtin");
    assert_eq!(till.ok("sale")["to_pay"], "31.00", "nothing else was sold");
}

#[test]
fn a_scanner_that_is_unplugged_is_shown_and_one_that_sends_twice_sells_once() {
    let (_dir, mut till) = selling();
    till.ok("device scanner unplugged");
    till.status_until("the loss is shown", |status| status["devices"]["scanner"] == false);
    till.ok("device scanner ok");
    till.status_until("it is back", |status| status["devices"]["scanner"] == true);
    till.ok("device scanner dribbling");
    assert_eq!(hold_up(&mut till, "9520000020019")["ok"]["line"], 1);
    till.refused("device scanner deaf", "device.unknown");
}

#[test]
fn the_code_of_a_receipt_finds_it_by_word_too() {
    let (_dir, mut till) = selling();
    till.ok("add 1001");
    till.ok("pay cash 29.00");
    till.refused("scan TROLLEY1:AAAA", "receipt.code_unreadable");
    till.ok("scan 9520000020019");
}
