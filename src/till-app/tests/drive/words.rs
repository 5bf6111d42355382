//! Every word does what `--help` says and answers what it promises.

use serde_json::{Value, json};

use crate::common::{Till, minor, path, run};

fn selling() -> (tempfile::TempDir, Till) {
    let dir = tempfile::tempdir().expect("a folder");
    let mut till = Till::demo(dir.path());
    till.ready_to_sell();
    (dir, till)
}

fn keys(value: &Value, wanted: &[&str]) {
    for key in wanted {
        assert!(value.get(key).is_some(), "{key} is missing in {value}");
    }
}

#[test]
fn help_names_every_word_and_the_demo_data() {
    let help = String::from_utf8(run(&["--help"]).stdout).expect("UTF-8");
    let words = "sign-in sign-out start-trip end-trip open-shift add scan void-line set-qty serve serve-line park resume abandon pay \
                 card-status void refund copy cash-drop paid-in paid-out no-sale x z training sale products receipts status journal verify \
                 receipt paper time device hold-up";
    for word in words.split_whitespace().chain(["1101", "909090", "171", "391", "1000.00", "--data", "--demo", "--config"]) {
        assert!(
            help.split(|letter: char| letter.is_whitespace()).any(|found| found.trim_end_matches(',') == word),
            "{word} is not in --help"
        );
    }
}

#[test]
fn a_finished_payment_tells_receipt_total_rounding_change_and_seq() {
    let (_dir, mut till) = selling();
    assert_eq!(till.ok("add 1001")["to_pay"], "29.00");
    till.ok("add 2001 2");
    let paid = till.ok("pay cash 100.00");
    let wanted = json!({"receipt_no": 1, "total": "91.00", "rounding": "0.00", "change": "9.00", "seq": 7, "training": false});
    assert_eq!(paid, wanted);
    assert_eq!(till.ok("status")["seq"], 7, "a sale is two entries: asked, and closed with the control unit's code");
}

#[test]
fn cash_is_rounded_on_what_the_card_left_over() {
    let (_dir, mut till) = selling();
    till.ok("add 1001");
    assert_eq!(till.ok("pay card 10.60")["due"], "18.40");
    assert_eq!(till.ok("sale")["to_pay_cash"], "18.00");
    let paid = till.ok("pay cash 20.00");
    assert_eq!((&paid["total"], &paid["rounding"], &paid["change"]), (&json!("29.00"), &json!("-0.40"), &json!("2.00")));
}

#[test]
fn cash_in_two_steps_says_what_is_still_due() {
    let (_dir, mut till) = selling();
    till.ok("add 1001");
    assert_eq!(till.ok("pay cash 20.00")["due"], "9.00");
    till.refused("park", "sale.partly_paid");
    let paid = till.ok("pay cash 10.00");
    assert_eq!((&paid["total"], &paid["change"]), (&json!("29.00"), &json!("1.00")));
}

#[test]
fn products_are_listed_with_price_rate_barcode_and_deposit() {
    let (_dir, mut till) = selling();
    let answer = till.ok("products");
    let products = answer["products"].as_array().expect("a list");
    assert!(products.len() >= 55, "about sixty demo products, not {}", products.len());
    for product in products {
        keys(product, &["sku", "name", "price", "vat_rate", "gtin", "deposit"]);
        minor(&product["price"]);
    }
    let of = |sku: &str| products.iter().find(|product| product["sku"] == sku).expect("a demo product").clone();
    let water = of("2001");
    assert_eq!(
        json!([water["name"], water["price"], water["vat_rate"], water["gtin"], water["deposit"]]),
        json!(["Mineralvatten 50 cl", "29.00", "6", "9520000020019", "2.00"])
    );
    assert_eq!(json!([of("1001")["gtin"], of("1001")["deposit"]]), json!([null, null]));
}

#[test]
fn every_listed_product_that_is_not_sold_out_can_be_added() {
    let (_dir, mut till) = selling();
    let answer = till.ok("products");
    for product in answer["products"].as_array().expect("a list") {
        let sku = product["sku"].as_str().expect("text");
        if product["sold_out"] == true {
            till.refused(&format!("add {sku}"), "product.sold_out");
            continue;
        }
        // What is paid back cannot stand alone in a cash sale, so each goes beside a coffee.
        till.ok("add 1001");
        till.ok(&format!("add {sku}"));
        let sale = till.ok("sale");
        let gross: i64 = sale["lines"].as_array().expect("lines").iter().map(|line| minor(&line["gross"])).sum();
        assert_eq!(gross, minor(&sale["to_pay"]), "{sale}");
        till.ok("abandon");
    }
}

#[test]
fn the_open_sale_lists_lines_and_what_is_to_pay() {
    let (_dir, mut till) = selling();
    assert_eq!(till.ok("sale"), json!({"lines": [], "to_pay": "0.00"}));
    till.ok("scan 9520000020019");
    till.ok("add 1001 3");
    let sale = till.ok("sale");
    let row = |line: &Value| json!([line["sku"], line["qty"], line["gross"], line["vat_rate"], line["vat"]]);
    let rows: Vec<Value> = sale["lines"].as_array().expect("lines").iter().map(row).collect();
    assert_eq!(
        rows,
        [json!(["2001", 1, "29.00", "6", "1.64"]), json!(["9002", 1, "2.00", "6", "0.11"]), json!(["1001", 3, "87.00", "6", "4.93"])]
    );
    assert_eq!(sale["to_pay"], "118.00");
    let vat: i64 = sale["lines"].as_array().expect("lines").iter().map(|line| minor(&line["vat"])).sum();
    assert_eq!(vat, minor(&sale["vat"][0]["vat"]), "VAT is reckoned once per rate and spread over the lines");
}

#[test]
fn serving_changes_the_rate_for_the_sale_or_for_one_line() {
    let (_dir, mut till) = selling();
    till.ok("add 1001");
    till.ok("add 1003");
    till.ok("serve on");
    let rates = |sale: &Value| sale["lines"].as_array().expect("lines").iter().map(|line| line["vat_rate"].clone()).collect::<Vec<_>>();
    assert_eq!(rates(&till.ok("sale")), ["12", "12"]);
    till.ok("serve-line 2 off");
    assert_eq!(rates(&till.ok("sale")), ["12", "6"]);
    till.ok("serve off");
    assert_eq!(rates(&till.ok("sale")), ["6", "6"]);
}

#[test]
fn lines_are_changed_and_voided_and_a_voided_last_line_ends_the_sale() {
    let (_dir, mut till) = selling();
    till.ok("add 2001");
    till.ok("add 1001");
    till.ok("set-qty 1 3");
    assert_eq!(till.ok("sale")["to_pay"], "122.00");
    till.refused("void-line 2", "line.linked");
    assert_eq!(till.ok("void-line 1")["to_pay"], "29.00");
    till.refused("void-line 1", "line.unknown");
    till.ok("void-line 3");
    assert_eq!(till.ok("status")["open_sale"], Value::Null);
}

#[test]
fn a_parked_sale_comes_back_whole() {
    let (_dir, mut till) = selling();
    till.ok("add 1001 2");
    let ticket = till.ok("park")["ticket"].clone();
    assert_eq!(till.ok("status")["parked"], json!([{"ticket": ticket, "total": "58.00"}]));
    till.refused("resume 99", "sale.parked_unknown");
    till.ok("add 1003");
    till.refused(&format!("resume {ticket}"), "sale.open");
    till.ok("abandon");
    assert_eq!(till.ok(&format!("resume {ticket}"))["to_pay"], "58.00");
    assert_eq!(till.ok("status")["parked"], json!([]));
}

#[test]
fn receipts_are_listed_newest_first_with_their_kind() {
    let (_dir, mut till) = selling();
    for sku in ["1001", "1002", "1003"] {
        till.ok(&format!("add {sku}"));
        till.ok("pay cash 100.00");
    }
    assert_eq!(till.ok("void 1")["total"], "-29.00");
    assert_eq!(till.ok("refund 2")["total"], "-36.00");
    let answer = till.ok("receipts");
    let row = |receipt: &Value| json!([receipt["receipt_no"], receipt["total"], receipt["kind"]]);
    let rows: Vec<Value> = answer["receipts"].as_array().expect("a list").iter().map(row).collect();
    let wanted = [
        json!([5, "-36.00", "refund"]),
        json!([4, "-29.00", "void"]),
        json!([3, "42.00", "sale"]),
        json!([2, "36.00", "sale"]),
        json!([1, "29.00", "sale"]),
    ];
    assert_eq!(rows, wanted);
}

#[test]
fn nothing_is_taken_back_twice_or_beyond_what_was_sold() {
    let (_dir, mut till) = selling();
    till.ok("add 1001 3");
    till.ok("pay cash 100.00");
    till.refused("refund 1 1 4", "refund.exceeds_sold");
    assert_eq!(till.ok("refund 1 1 2")["total"], "-58.00");
    till.refused("refund 1 1 2", "refund.exceeds_sold");
    assert_eq!(till.ok("refund 1")["total"], "-29.00", "a refund of the rest");
    for line in ["refund 1", "void 1", "refund 1 1 1"] {
        assert!(till.ask(line)["refused"].is_object(), "{line} after everything was taken back");
    }
    till.refused("refund 2", "refund.not_refundable");
    till.refused("refund 77", "receipt.unknown");
}

#[test]
fn one_copy_and_no_more() {
    let (_dir, mut till) = selling();
    till.ok("add 1001");
    till.ok("pay cash 29.00");
    assert_eq!(till.ok("copy 1")["receipt_no"], 1);
    till.refused("copy 1", "receipt.copied");
}

#[test]
fn a_receipt_is_shown_as_it_is_printed() {
    let (_dir, mut till) = selling();
    till.ok("add 2001");
    till.ok("pay cash 50.00");
    let receipt = till.ok("receipt 1");
    let text = receipt["text"].as_str().expect("text");
    for wanted in [
        "Kvitto nr",
        "0000-1",
        "556000-0000",
        "Mineralvatten 50 cl",
        "Pant",
        "31,00",
        "50,00",
        "19,00",
        "6 %",
        "Journal 7",
        "Kontrollenhet",
        "SIM0001",
    ] {
        assert!(text.contains(wanted), "{wanted:?} is not on the receipt:\n{text}");
    }
    till.refused("receipt 2", "receipt.unknown");
}

#[test]
fn a_shift_from_float_to_z_adds_up() {
    let (_dir, mut till) = selling();
    till.ok("add 1001");
    till.ok("pay cash 50.00");
    till.ok("add 1001");
    till.ok("pay card 29.00");
    till.ok("cash-drop 100.00");
    till.ok("paid-in 20.00");
    till.ok("paid-out 5.50");
    till.ok("no-sale");
    till.refused("cash-drop 5000.00", "shift.drawer_short");
    let x = till.ok("x")["x"].clone();
    assert_eq!(json!([x["shift"], x["totals"]["sales"]["count"], x["totals"]["net"], x["totals"]["no_sales"]]), json!([1, 2, "58.00", 1]));
    assert_eq!(till.ok("add 1001").get("x"), None, "an X report is told once");
    till.refused("z 900.00", "sale.open");
    till.ok("abandon");
    let z = till.ok("z 943.00");
    assert_eq!(json!([z["z_no"], z["expected"], z["variance"]]), json!([1, "943.50", "-0.50"]));
    till.refused("z 943.00", "shift.not_open");
    till.refused("add 1001", "shift.not_open");
    assert_eq!(till.ok("open-shift 500.00")["shift"], 2);
}

#[test]
fn a_trip_ends_and_the_crew_signs_out() {
    let (_dir, mut till) = selling();
    till.refused("start-trip 172 2026-10-05", "trip.running");
    till.refused("sign-in 102 1202", "crew.signed_in");
    till.ok("end-trip");
    till.refused("end-trip", "trip.not_started");
    till.refused("start-trip 9999 2026-10-05", "trip.unknown");
    till.refused("start-trip 171 2026-13-05", "command.time_unreadable");
    till.ok("sign-out");
    till.refused("sign-out", "crew.not_signed_in");
    till.refused("add 1001", "crew.not_signed_in");
    till.refused("sign-in 102 9999", "crew.pin_wrong");
    till.refused("sign-in 777 1101", "crew.unknown");
    till.ok("sign-in 102 1202");
    till.ok("start-trip 172 2026-10-05");
    till.refused("add 1001", "shift.other_crew");
}

#[test]
fn training_has_receipts_of_its_own_and_touches_no_total() {
    let (_dir, mut till) = selling();
    till.ok("training on");
    till.ok("add 1001");
    till.refused("training off", "training.busy");
    let paid = till.ok("pay cash 29.00");
    assert_eq!(json!([paid["receipt_no"], paid["training"]]), json!([1, true]));
    assert!(till.ok("receipt 1")["text"].as_str().is_some_and(|text| text.contains("Ö V N I N G")), "{}", till.ok("receipt 1"));
    till.ok("training off");
    assert_eq!(till.ok("receipts")["receipts"], json!([]));
    assert_eq!(till.ok("x")["x"]["totals"]["net"], "0.00");
    till.ok("add 1001");
    assert_eq!(till.ok("pay cash 29.00")["receipt_no"], 1, "the true series begins at 1");
}

#[test]
fn the_journal_lists_every_entry_and_verify_counts_them() {
    let (_dir, mut till) = selling();
    till.ok("add 1001");
    till.ok("pay cash 29.00");
    let status = till.ok("status");
    let entries = till.ok("journal")["entries"].clone();
    let entries = entries.as_array().expect("a list");
    let seqs: Vec<u64> = entries.iter().filter_map(|entry| entry["seq"].as_u64()).collect();
    assert_eq!(seqs, (1..=status["seq"].as_u64().expect("a number")).collect::<Vec<_>>());
    let last = entries.last().expect("entries");
    assert_eq!(json!([last["kind"], last["fact"]["total"], last["crew"], last["shift"]]), json!(["SaleClosed", "29.00", "101", 1]));
    assert_eq!(till.ok("journal 7")["entries"], json!([last]));
    assert_eq!(till.ok("journal 8")["entries"], json!([]));
    let verified = till.ok("verify");
    assert_eq!(json!([verified["entries"], verified["receipts"], verified["head"]]), json!([7, 1, status["head"]]));
}

#[test]
fn the_status_tells_how_everything_stands() {
    let (_dir, mut till) = selling();
    till.ok("add 1001");
    let status = till
        .status_until("the devices are heard", |status| status["devices"]["printer"] == "ok" && status["devices"]["terminal"] == "ready");
    keys(
        &status,
        &["seq", "head", "unsent", "open_sale", "devices", "versions", "crew", "trip", "shift", "time", "store", "register", "paper"],
    );
    assert_eq!(status["unsent"], status["seq"], "there is no hub yet, so nothing was sent");
    assert_eq!(status["head"].as_str().map(str::len), Some(64));
    assert_eq!(status["open_sale"]["to_pay"], "29.00");
    assert_eq!(json!([status["crew"], status["shift"], status["trip"]["train"], status["store"]]), json!(["101", 1, "171", "fresh"]));
    keys(&status["versions"], &["program", "catalogue"]);
    assert_eq!(status["devices"]["drawer"], "ok");
}

#[test]
fn time_sets_the_clock_forwards_and_back() {
    let (_dir, mut till) = selling();
    assert_eq!(till.ok("time 2031-10-05T12:30:00+02:00")["time"], "2031-10-05T12:30:00+02:00");
    assert_eq!(till.ok("time 2026-10-05T10:30:00Z")["time"], "2026-10-05T12:30:00+02:00", "shown in local time");
    till.ok("add 1001");
    let seq = till.ok("pay cash 29.00")["seq"].clone();
    let entry = till.ok(&format!("journal {seq}"))["entries"][0].clone();
    assert!(entry["time"].as_str().is_some_and(|time| time.starts_with("2026-10-05T12:3")), "{entry}");
    for unreadable in ["time now", "time 2026-10-05", "time 2026-10-05T25:00:00Z", "time 99999-10-05T12:00:00Z"] {
        till.refused(unreadable, "command.time_unreadable");
    }
    for implausible in ["time 0001-01-01T00:00:00Z", "time 9999-12-31T23:59:59Z"] {
        till.refused(implausible, "command.time_unreadable");
    }
    assert!(till.ok("status")["time"].as_str().is_some_and(|time| time.starts_with("2026-10-05")), "the clock is unchanged");
    till.ok("add 1001");
    till.ok("pay cash 29.00");
    till.ok("verify");
}

#[test]
fn the_leg_follows_the_clock_and_the_country_the_direction() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut till = Till::demo(dir.path());
    till.ok("time 2026-10-05T06:00:00+02:00");
    till.ok("sign-in 101 1101");
    till.ok("start-trip 171 2026-10-05");
    assert_eq!(till.ok("status")["trip"]["leg"], 0);
    till.ok("time 2026-10-05T13:10:00+02:00");
    assert_eq!(till.ok("status")["trip"]["leg"], 2);
    till.ok("open-shift 1000.00");
    till.ok("end-trip");
    till.ok("start-trip 392 2026-10-05");
    till.ok("add 1001");
    let sale = till.ok("sale");
    assert_eq!(json!([sale["country"], sale["lines"][0]["vat_rate"]]), json!(["DK", "25"]), "from Copenhagen the Danish rate holds");
}

#[test]
fn shift_crew_and_open_sale_survive_a_restart() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut till = Till::demo(dir.path());
    till.ready_to_sell();
    till.ok("add 1001 2");
    let before = till.ok("sale");
    till.end();
    let mut till = Till::start(&["drive", "--data", path(dir.path()), "--demo"]);
    assert_eq!(till.ok("sale"), before, "the open sale is as it was left");
    assert_eq!(till.ok("status")["store"], "whole");
    assert_eq!(till.ok("pay cash 58.00")["receipt_no"], 1);
}

#[test]
fn guessing_pins_is_slowed_down_and_a_restart_does_not_help() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut till = Till::demo(dir.path());
    let mut wrong = 0;
    let delayed = loop {
        let answer = till.ask("sign-in 101 0000");
        match answer["refused"]["code"].as_str() {
            Some("crew.pin_wrong") => wrong += 1,
            Some("crew.pin_delayed") => break answer,
            _ => panic!("{answer}"),
        }
        assert!(wrong < 20, "twenty guesses in a row");
    };
    let told = format!("{}{}", delayed["refused"]["says"], delayed["refused"]["do"]);
    assert!(told.contains(|letter: char| letter.is_ascii_digit()) && !told.contains(['{', '[']), "it says how long: {told}");
    till.kill();
    let mut till = Till::demo(dir.path());
    till.refused("sign-in 101 1101", "crew.pin_delayed");
    till.ok("sign-in 102 1202");
    till.ok("sign-out");
    // Nor does a clock that somebody sets.
    till.ok("time 2099-01-01T00:00:00Z");
    till.refused("sign-in 101 1101", "crew.pin_delayed");
}
