//! Devices that fail: no sale waits for paper, and no card is charged twice.

use serde_json::{Value, json};

use crate::common::{Till, minor, run};

fn selling() -> (tempfile::TempDir, Till) {
    let dir = tempfile::tempdir().expect("a folder");
    let mut till = Till::demo(dir.path());
    till.ready_to_sell();
    till.status_until("the devices are heard", |status| status["devices"]["printer"] == "ok" && status["devices"]["terminal"] == "ready");
    (dir, till)
}

fn no_paper_waits(status: &Value) -> bool {
    status["paper"] == json!({"waiting": 0, "doubted": []})
}

#[test]
fn a_receipt_comes_out_after_the_paper_was_changed() {
    let (_dir, mut till) = selling();
    till.ok("device printer paper-out");
    till.status_until("the printer says so", |status| status["devices"]["printer"] != "ok");
    for receipt_no in 1..=3 {
        till.ok("add 1001");
        assert_eq!(till.ok("pay cash 29.00")["receipt_no"], receipt_no, "selling goes on without paper");
    }
    assert_eq!(till.ok("status")["paper"]["waiting"], 3);
    till.ok("device printer ok");
    till.status_until("all three are printed", no_paper_waits);
    assert_eq!(till.ok("verify")["receipts"], 3);
}

#[test]
fn every_fault_of_the_printer_delays_only_paper() {
    let (_dir, mut till) = selling();
    let mut receipt_no = 0;
    for fault in ["paper-out", "cover-open", "cutter-stuck", "slow", "deaf", "unplugged"] {
        till.ok(&format!("device printer {fault}"));
        for _ in 0..20 {
            receipt_no += 1;
            till.ok("add 1001");
            assert_eq!(till.ok("pay cash 29.00")["receipt_no"], receipt_no, "with the printer {fault}");
        }
        till.ok("x");
        till.ok("device printer ok");
        let status = till.status_until("what can be printed is printed", |status| {
            status["paper"]["waiting"] == 0 && status["devices"]["printer"] == "ok"
        });
        for job in status["paper"]["doubted"].as_array().expect("a list") {
            till.ok(&format!("paper {job} yes"));
        }
        till.status_until("nothing is in doubt", no_paper_waits);
    }
    assert_eq!(till.ok("verify")["receipts"], receipt_no);
}

#[test]
fn paper_that_was_on_its_way_when_the_till_was_cut_is_asked_about_and_printed_again() {
    let (dir, mut till) = selling();
    let mut tries = 0;
    // The receipt may be out before the cut; then the next one is tried.
    let job = loop {
        till.ok("add 1001");
        till.ok("pay cash 29.00");
        till.kill();
        till = Till::demo(dir.path());
        if let Some(job) = till.ok("status")["paper"]["doubted"].get(0) {
            break job.clone();
        }
        tries += 1;
        assert!(tries < 50, "no cut ever met a receipt on its way");
    };
    till.ok(&format!("paper {job} no"));
    till.status_until("it is printed", no_paper_waits);
    till.refused(&format!("paper {job} no"), "print.unknown_job");
    let entries = till.ok("journal")["entries"].clone();
    let reprints = entries.as_array().expect("a list").iter().filter(|entry| entry["kind"] == "ReceiptReprinted").count();
    assert_eq!(reprints, 1, "a second printing is a fact of its own");
}

#[test]
fn a_drawer_that_does_not_open_is_shown_and_stops_nothing() {
    let (_dir, mut till) = selling();
    till.ok("device drawer unplugged");
    till.ok("no-sale");
    till.status_until("the drawer failed", |status| status["devices"]["drawer"] == "failed");
    till.ok("add 1001");
    till.ok("pay cash 29.00");
    till.ok("device drawer ok");
    till.status_until("the printer is back", |status| status["devices"]["printer"] == "ok");
    till.ok("no-sale");
    till.status_until("the drawer opened", |status| status["devices"]["drawer"] == "ok");
}

#[test]
fn the_customer_display_comes_and_goes() {
    let (_dir, mut till) = selling();
    till.ok("device display unplugged");
    till.ok("add 1001");
    till.status_until("it is gone", |status| status["devices"]["display"] == false);
    till.ok("device display ok");
    till.status_until("it is back", |status| status["devices"]["display"] == true);
}

#[test]
fn a_declined_card_leaves_the_sale_open() {
    let (_dir, mut till) = selling();
    till.ok("add 1001");
    let sale = till.ok("sale");
    till.ok("device terminal decline");
    till.refused("pay card 29.00", "card.declined");
    assert_eq!(till.ok("sale"), sale);
    till.ok("device terminal ok");
    assert_eq!(till.ok("pay card 29.00")["receipt_no"], 1);
    assert_eq!(till.ok("verify")["receipts"], 1);
}

#[test]
fn a_terminal_approving_offline_is_written_on_the_slip() {
    let (_dir, mut till) = selling();
    till.ok("device terminal approve-offline");
    till.ok("add 1001");
    till.ok("pay card 29.00");
    assert!(till.ok("receipt 1")["text"].as_str().is_some_and(|text| text.contains("offline")));
}

#[test]
fn an_unplugged_terminal_takes_no_money_and_cash_still_works() {
    let (_dir, mut till) = selling();
    till.ok("device terminal unplugged");
    till.ok("add 1001");
    let answer = till.ask("pay card 29.00");
    let code = answer["refused"]["code"].as_str().unwrap_or_default().to_owned();
    assert!(["card.unknown", "card.terminal_away"].contains(&code.as_str()), "{answer}");
    till.ok("device terminal ok");
    till.status_until("no payment is open", |status| status["card"] == Value::Null && status["control"] == Value::Null);
    assert_eq!(till.ok("sale")["to_pay"], "29.00", "no money was taken");
    assert_eq!(till.ok("pay cash 29.00")["receipt_no"], 1);
}

#[test]
fn a_payment_without_an_answer_is_unknown_and_never_declined() {
    let (_dir, mut till) = selling();
    till.ok("device terminal silent-after-approval");
    till.ok("add 1001");
    let unknown = till.refused("pay card 29.00", "card.unknown");
    assert!(unknown["reference"].is_string(), "{unknown}");
    for line in ["add 1001", "abandon", "park", "pay cash 29.00", "pay card 29.00"] {
        till.refused(line, "card.pending");
    }
    till.refused("card-status", "card.unknown");
    till.ok("device terminal ok");
    till.status_until("the terminal told what became of it", |status| status["card"] == Value::Null && status["control"] == Value::Null);
    let receipts = till.ok("receipts")["receipts"].clone();
    assert_eq!(json!([receipts[0]["receipt_no"], receipts[0]["total"]]), json!([1, "29.00"]));
    till.refused("card-status", "card.not_pending");
}

/// What the terminal took in all, by the lines of its own memory.
fn taken_by_the_terminal(dir: &std::path::Path) -> i64 {
    let memory = std::fs::read_to_string(dir.join("simulated-terminal")).unwrap_or_default();
    let approved = memory.lines().map(|line| line.split(' ').collect::<Vec<_>>()).filter(|words| words[3] == "true");
    approved.map(|words| words[1].parse::<i64>().expect("an amount")).sum()
}

#[test]
fn a_card_payment_cut_in_the_middle_becomes_exactly_one_sale() {
    for mode in ["silent", "silent-after-approval", "decline", "ok"] {
        let (dir, mut till) = selling();
        till.ok("add 1001");
        till.ok(&format!("device terminal {mode}"));
        // Killed without the answer read: before, while or after the terminal is asked.
        assert!(till.tell(b"pay card 29.00"));
        if mode != "ok" {
            till.answer().expect("an answer");
        }
        till.kill();
        let mut till = Till::demo(dir.path());
        till.status_until("the payment is settled", |status| status["card"] == Value::Null && status["control"] == Value::Null);
        let receipts = till.ok("receipts")["receipts"].clone();
        let receipts = receipts.as_array().expect("a list");
        let sold: i64 = receipts.iter().map(|receipt| minor(&receipt["total"])).sum();
        assert_eq!(sold, taken_by_the_terminal(dir.path()), "after {mode} the till sold what the terminal took");
        if mode == "silent-after-approval" {
            assert_eq!(receipts.len(), 1);
        }
        if receipts.is_empty() {
            assert_eq!(till.ok("pay card 29.00")["receipt_no"], 1, "the sale is still there after {mode}");
        }
        let sold = till.ok("receipts")["receipts"].as_array().map(Vec::len);
        assert_eq!(sold, Some(1), "exactly one sale after {mode}");
        assert_eq!(taken_by_the_terminal(dir.path()), 2900, "the card is charged once after {mode}");
        till.ok("verify");
    }
}

#[test]
fn a_card_refund_goes_back_to_the_card_once() {
    let (dir, mut till) = selling();
    till.ok("add 1001 2");
    till.ok("pay card 58.00");
    assert_eq!(till.ok("refund 1 1 1")["total"], "-29.00");
    assert_eq!(taken_by_the_terminal(dir.path()), 2900);
    till.ok("device terminal silent-after-approval");
    till.refused("refund 1", "card.unknown");
    till.kill();
    let mut till = Till::demo(dir.path());
    till.status_until("the refund is settled", |status| status["card"] == Value::Null && status["control"] == Value::Null);
    assert_eq!(till.ok("receipts")["receipts"].as_array().map(Vec::len), Some(3));
    assert_eq!(taken_by_the_terminal(dir.path()), 0);
}

#[test]
fn every_fault_that_help_names_can_be_set() {
    let (_dir, mut till) = selling();
    let help = String::from_utf8(run(&["--help"]).stdout).expect("UTF-8");
    let mut set = 0;
    for line in help.lines().filter_map(|line| line.trim().strip_prefix("device ")) {
        let (device, faults) = line.split_once(' ').expect("a device and its faults");
        for fault in faults.trim().split('|') {
            let answer = till.ok(&format!("device {device} {fault}"));
            assert_eq!(json!([answer["device"], answer["state"]]), json!([device, fault]));
            set += 1;
        }
        till.ok(&format!("device {device} ok"));
    }
    assert!(set >= 15, "--help names the faults of four devices, not {set}");
}
