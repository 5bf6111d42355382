//! What the wire calls things, and that `journal.cddl` says the same.

use domain::{
    Currency,
    catalogue::ProductKind,
    sale::{SaleKind, TenderKind},
    trip::Exchange,
    vat::{Country, Supply, VatClass},
};
use expect_test::{Expect, expect};

use super::fixtures::every_kind;
use crate::{ClockTrust, ControlKind, DrawerOpening, FORMAT_VERSION, Fact};

const CDDL: &str = include_str!("../../journal.cddl");

fn check(codes: &[impl core::fmt::Debug], expected: &Expect) {
    let line: Vec<String> = codes.iter().enumerate().map(|(code, value)| format!("{code} {value:?}")).collect();
    expected.assert_eq(&line.join(", "));
    let rule: Vec<String> = codes.iter().enumerate().map(|(code, value)| format!("{value:?}: {code}")).collect();
    let rule = format!("&( {} )", rule.join(", "));
    assert!(CDDL.contains(&rule), "journal.cddl lacks {rule}");
}

/// A code's place is its meaning: a new value goes to the end, and none ever leaves.
#[test]
fn codes_on_the_wire_are_frozen() {
    check(&Currency::ALL, &expect!["0 Sek, 1 Dkk, 2 Nok, 3 Eur"]);
    check(&Country::ALL, &expect!["0 Se, 1 Dk, 2 No, 3 De, 4 Fi"]);
    check(&VatClass::ALL, &expect!["0 Food, 1 Drink, 2 MilkDrink, 3 TapWater, 4 LightBeer, 5 Alcohol, 6 Standard"]);
    check(&Supply::ALL, &expect!["0 Served, 1 TakeAway"]);
    check(&ProductKind::ALL, &expect!["0 Goods, 1 Service, 2 Deposit, 3 DepositReturn"]);
    check(&TenderKind::ALL, &expect!["0 Cash, 1 Card"]);
    check(&SaleKind::ALL, &expect!["0 Sale, 1 Refund, 2 Void"]);
    check(&Exchange::ALL, &expect!["0 Both, 1 Boarding, 2 Alighting"]);
    check(&ClockTrust::ALL, &expect!["0 NotProven, 1 CarriedOver, 2 Crew, 3 Rtc, 4 Gps, 5 Network"]);
    check(&DrawerOpening::ALL, &expect!["0 NoSale, 1 Service"]);
    check(&ControlKind::ALL, &expect!["0 Receipt, 1 Copy, 2 Training"]);
}

#[test]
fn the_numbers_of_the_kinds_are_frozen() {
    let mut kinds: Vec<(u16, &str)> = every_kind().iter().map(|entry| (entry.fact.kind(), entry.fact.name())).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let kinds: Vec<String> =
        kinds.into_iter().filter(|(_, name)| *name != "Unknown").map(|(kind, name)| format!("{kind} {name}")).collect();
    expect![[r#"
        1 LogOpened
        2 TillStarted
        3 ClockChanged
        10 CrewSignedIn
        11 CrewSignedOut
        12 PinRefused
        20 TripStarted
        21 TripEnded
        30 ShiftOpened
        31 CashDropped
        32 PaidIn
        33 PaidOut
        34 DrawerOpened
        35 XRead
        36 ZClosed
        40 SaleClosed
        41 SaleParked
        42 SaleResumed
        43 SaleAbandoned
        50 CardRequested
        51 CardAnswered
        52 ControlRequested
        53 ControlGivenUp
        60 CopyPrinted
        61 ReceiptReprinted
        70 TrainingSwitched
        80 LogSealed
        81 LogSucceeded
        90 BundleInstalled"#]]
    .assert_eq(&kinds.join("\n"));
}

#[test]
fn every_kind_there_is_has_an_entry_in_the_frozen_log() {
    let frozen = every_kind();
    for kind in 0..=u16::MAX {
        // A kind that this program knows refuses a body that is no map; a foreign one keeps it. One kind carries nothing and looks at nothing.
        let known = Fact::decode_body(kind, &[0x00]).map(|fact| fact.name() != "Unknown").unwrap_or(true);
        assert!(!known || frozen.iter().any(|entry| entry.fact.kind() == kind), "kind {kind}");
    }
}

#[test]
fn the_shape_is_written_down() {
    assert!(CDDL.contains(&format!("0 => {FORMAT_VERSION},")));
    for entry in every_kind() {
        let (kind, name) = (entry.fact.kind(), entry.fact.name());
        if name != "Unknown" {
            let rule = format!("2 => {kind}, entry-middle, 12 => {name}");
            assert!(CDDL.lines().any(|line| line.contains(&rule)), "journal.cddl lacks {rule}");
            assert!(CDDL.lines().any(|line| line.starts_with(&format!("{name} = "))), "journal.cddl lacks the body of {name}");
        }
    }
}
