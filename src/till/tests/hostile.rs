//! Commands in the wrong state and absurd values: the right refusal, and nothing is different afterwards.

mod common;

use chrono::NaiveDate;
use common::{Bench, DAY, add, card, cash, declined, part, rest, sek, served, sign_in, z};
use domain::{Currency, Money, sale::LineNo, vat::Supply};
use store::JobId;
use till::{Answer, Command};

#[test]
fn nothing_is_possible_before_somebody_signs_in() {
    let mut bench = Bench::new();
    for command in [
        Command::SignOut,
        Command::StartTrip { train: "171".into(), operating_day: DAY },
        Command::EndTrip,
        Command::OpenShift(sek(0)),
        add("1001", 1),
        Command::SetQty(LineNo(1), 1),
        Command::VoidLine(LineNo(1)),
        served(),
        Command::ServeLine(LineNo(1), Supply::Served),
        Command::Park,
        Command::Resume(1),
        Command::Abandon,
        cash(100),
        card(100),
        Command::Void(1),
        rest(1),
        Command::Copy(1),
        Command::CashDrop(sek(1)),
        Command::PaidIn(sek(1)),
        Command::PaidOut(sek(1)),
        Command::NoSale,
        Command::XReport,
        z(0),
        Command::Training(true),
    ] {
        bench.refuses(command, "crew.not_signed_in");
    }
    bench.refuses(Command::Scan("9520000020040".into()), "crew.not_signed_in");
    bench.refuses(Command::AskCardAgain, "card.not_pending");
    bench.refuses(Command::CardAnswered { reference: "x".into(), answer: declined() }, "card.not_pending");
}

#[test]
fn nobody_signs_in_with_a_made_up_number() {
    let mut bench = Bench::new();
    for crew in ["", "0", "999", "101 ", "1".repeat(1_000).as_str(), "10\u{0}1", "å"] {
        bench.refuses(Command::SignIn { crew: crew.into(), pin: "1101".into() }, "crew.unknown");
    }
    for pin in ["", "1101 ", "1".repeat(10_000).as_str()] {
        bench.wait(3_600);
        bench.refuses(Command::SignIn { crew: "101".into(), pin: pin.into() }, "crew.pin_wrong");
    }
    bench.wait(3_600);
    bench.does(sign_in());
    bench.refuses(sign_in(), "crew.signed_in");
}

#[test]
fn without_an_open_sale_there_is_nothing_to_change_or_pay() {
    let mut bench = Bench::selling();
    for command in [
        Command::SetQty(LineNo(1), 1),
        Command::VoidLine(LineNo(1)),
        Command::ServeLine(LineNo(1), Supply::Served),
        Command::Park,
        Command::Abandon,
        cash(100),
        card(100),
        Command::VoidTender(0),
    ] {
        bench.refuses(command, "sale.not_open");
    }
    bench.refuses(Command::StartTrip { train: "171".into(), operating_day: DAY }, "trip.running");
    bench.refuses(Command::OpenShift(sek(0)), "shift.open");
}

#[test]
fn absurd_quantities_and_amounts_are_refused() {
    let mut bench = Bench::selling();
    bench.does(add("1001", 1));
    for qty in [i64::MIN, -1, 0, 1_000, i64::MAX] {
        bench.refuses(add("1001", qty), "line.quantity");
    }
    bench.refuses(add("1001", 999), "line.quantity");
    for qty in [i64::MIN, -1, 1_000, i64::MAX] {
        bench.refuses(Command::SetQty(LineNo(1), qty), "line.quantity");
    }
    for line in [0, 2, u32::MAX] {
        bench.refuses(Command::SetQty(LineNo(line), 1), "line.unknown");
        bench.refuses(Command::VoidLine(LineNo(line)), "line.unknown");
    }
    for minor in [i64::MIN, -1, 0] {
        bench.refuses(cash(minor), "amount.not_positive");
        bench.refuses(card(minor), "amount.not_positive");
    }
    bench.refuses(cash(i64::MAX), "amount.too_large");
    bench.refuses(card(i64::MAX), "amount.too_large");
    bench.refuses(Command::PayCash(Money::new(2_900, Currency::Nok)), "amount.currency");
    bench.refuses(add("0000", 1), "product.unknown_sku");
    bench.refuses(add("3012", 1), "product.sold_out");
    for code in ["", "9520000020041", "abc", "952000002004012345", "９５２００００"] {
        bench.refuses(Command::Scan(code.into()), "product.unreadable_gtin");
    }
    bench.refuses(Command::Scan("9520000099992".into()), "product.unknown_gtin");
    for place in [0, usize::MAX] {
        bench.refuses(Command::VoidTender(place), "line.unknown");
    }
    bench.till().store().verify().expect("chain and projections hold");
}

#[test]
fn the_drawer_takes_no_absurd_amounts() {
    let mut bench = Bench::selling();
    for minor in [i64::MIN, -1, 0] {
        for command in [Command::CashDrop(sek(minor)), Command::PaidIn(sek(minor)), Command::PaidOut(sek(minor))] {
            bench.refuses(command, "amount.not_positive");
        }
    }
    bench.refuses(Command::PaidIn(sek(i64::MAX)), "amount.too_large");
    bench.refuses(Command::PaidOut(sek(100_001)), "shift.drawer_short");
    bench.refuses(Command::CashDrop(Money::new(100, Currency::Eur)), "amount.currency");
    bench.refuses(z(i64::MAX), "amount.too_large");
    bench.refuses(z(-1), "amount.not_positive");
    let count = |pieces| Command::ZReport { counted: sek(100), pieces };
    bench.refuses(count(vec![(i64::MAX, u32::MAX)]), "cash.denomination");
    bench.refuses(count(vec![(100_000, u32::MAX)]), "amount.too_large");
    bench.refuses(count(vec![(100, 2)]), "cash.count_unequal");
}

#[test]
fn receipts_that_are_not_there_cannot_be_copied_or_taken_back() {
    let mut bench = Bench::selling();
    bench.does(add("1001", 2));
    bench.does(cash(5_800));
    bench.effects.clear();
    for receipt_no in [0, 2, u64::MAX] {
        for command in [Command::Copy(receipt_no), Command::Void(receipt_no), rest(receipt_no), part(receipt_no, 1, 1)] {
            bench.refuses(command, "receipt.unknown");
        }
    }
    for qty in [i64::MIN, -1, 0, 1_000, i64::MAX] {
        bench.refuses(part(1, 1, qty), "line.quantity");
    }
    bench.refuses(part(1, 1, 3), "refund.exceeds_sold");
    bench.refuses(part(1, 0, 1), "line.unknown");
    bench.refuses(Command::JobDecided { job_id: JobId(u64::MAX), came_out: true }, "print.unknown_job");
    bench.refuses(Command::Resume(u32::MAX), "sale.parked_unknown");
}

#[test]
fn a_sale_has_a_last_line_and_a_largest_total() {
    let mut bench = Bench::selling();
    for _ in 0..till::PARKED_MAX {
        bench.does(add("1001", 1));
        bench.does(Command::Park);
    }
    bench.does(add("1001", 1));
    bench.refuses(Command::Park, "sale.parked_too_many");
    bench.does(cash(2_900));
    bench.does(Command::Resume(7));
    assert_eq!(bench.till().open_sale().expect("a sale").lines.len(), 1);
}

#[test]
fn trains_that_do_not_run_start_no_trip() {
    let mut bench = Bench::new();
    bench.does(sign_in());
    let far = NaiveDate::from_ymd_opt(2100, 1, 1).expect("a day");
    for (train, day) in [("", DAY), ("9999", DAY), ("171", far), ("171", NaiveDate::MIN), ("171", NaiveDate::MAX), ("å", DAY)] {
        bench.refuses(Command::StartTrip { train: train.into(), operating_day: day }, "trip.unknown");
    }
}

#[test]
fn choosing_serve_before_the_first_line_opens_nothing_that_must_be_closed() {
    let mut bench = Bench::selling();
    bench.does(served());
    bench.does(Command::Training(true));
    bench.does(Command::Training(false));
    bench.does(served());
    bench.does(add("1001", 1));
    assert_eq!(bench.till().open_sale().expect("a sale").lines[0].rate.basis_points(), 1200);
    assert!(!bench.till().open_sale().expect("a sale").terms.training, "the terms are those of the first line");
    bench.does(Command::VoidLine(LineNo(1)));
    assert_eq!(bench.till().open_sale(), None);
    bench.does(served());
    assert!(matches!(bench.does(z(100_000)), Answer::Closed { .. }));
    bench.does(Command::EndTrip);
    bench.does(Command::SignOut);
}

#[test]
fn one_crew_member_does_not_sell_on_anothers_shift() {
    let mut bench = Bench::selling();
    bench.does(Command::SignOut);
    bench.does(Command::SignIn { crew: "102".into(), pin: "1202".into() });
    bench.refuses(add("1001", 1), "shift.other_crew");
    bench.refuses(Command::NoSale, "shift.other_crew");
    bench.refuses(z(100_000), "crew.role");
    bench.does(Command::SignOut);
    bench.does(Command::SignIn { crew: "900".into(), pin: "909090".into() });
    bench.refuses(add("1001", 1), "shift.other_crew");
    assert!(matches!(bench.does(z(100_000)), Answer::Closed { z_no: 1, .. }), "a purser closes a shift left behind");
}
