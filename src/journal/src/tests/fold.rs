//! The books by example: what each entry does to them.

use domain::{
    sale::{LineNo, RefundScope, SaleKind, TenderKind, Voided, refund},
    vat::Country,
};

use super::fixtures::{
    MORNING_S, card_sale, cash_sale, control, control_request, entry, log, open_sale, shift_closed, shift_read, trip_started,
};
use crate::{
    Books, CardAnswer, CardPurpose, CardRequest, ClockChanged, ControlKind, ControlPending, DrawerOpening, Entry, Fact, LogOpened,
    OpenShift, Parked, PinState, RunningTrip, ShiftClosed, TillStarted, UnknownFact, rows,
};

fn fold(facts: impl IntoIterator<Item = Fact>) -> Books {
    fold_entries(&log(facts))
}

fn fold_entries(entries: &[Entry]) -> Books {
    let mut books = Books::default();
    entries.iter().for_each(|entry| books.apply(entry));
    books
}

fn closed(sale: domain::sale::ClosedSale) -> Fact {
    Fact::SaleClosed(Box::new(sale))
}

fn x() -> Fact {
    Fact::XRead(Box::new(shift_read()))
}

fn z_of(books: &Books) -> Fact {
    Fact::ZClosed(Box::new(ShiftClosed {
        z_no: books.z_no.saturating_add(1),
        totals: books.totals.clone(),
        grand: books.grand,
        ..shift_closed()
    }))
}

#[test]
fn a_log_says_whose_it_is_and_how_often_the_till_was_started() {
    let opened = LogOpened { public: [1; 32], unit: "0142".into(), register: "0142-3".into(), program: "till".into(), previous: None };
    let books = fold([
        Fact::LogOpened(opened),
        Fact::TillStarted(TillStarted { program: "till".into(), catalogue_version: 1, clock_suspect: false }),
    ]);
    assert_eq!((books.unit.as_str(), books.register.as_str(), books.boot, books.seq), ("0142", "0142-3", 3, 2));
}

#[test]
fn wrong_pins_add_up_until_the_right_one() {
    let wrong = || Fact::PinRefused("demo-bo".into());
    let books = fold([wrong(), Fact::PinRefused("demo-anna".into()), wrong()]);
    assert_eq!(books.pins.get("demo-bo"), Some(&PinState { wrong: 2, last_wrong_s: MORNING_S + 180 }));
    assert_eq!(books.crew, None);
    let books = fold([wrong(), Fact::PinRefused("demo-anna".into()), wrong(), Fact::CrewSignedIn("demo-bo".into())]);
    assert_eq!(books.pins.keys().collect::<Vec<_>>(), ["demo-anna"]);
    assert_eq!(books.crew.as_deref(), Some("demo-bo"));
    assert_eq!(fold([Fact::CrewSignedIn("demo-bo".into()), Fact::CrewSignedOut("demo-bo".into())]).crew, None);
}

#[test]
fn nobody_waits_longer_because_the_clock_went_back() {
    let wrong = || Fact::PinRefused("demo-bo".into());
    let set = |new_s| Fact::ClockChanged(ClockChanged { old_s: MORNING_S, new_s });
    let last_wrong_s = |facts: [Fact; 2]| fold(facts).pins.get("demo-bo").map(|pin| (pin.wrong, pin.last_wrong_s));
    assert_eq!(last_wrong_s([wrong(), set(1_000)]), Some((1, 1_000)));
    assert_eq!(last_wrong_s([wrong(), set(MORNING_S + 9_000)]), Some((1, MORNING_S + 60)));
}

#[test]
fn the_latest_wall_time_stays_unless_the_clock_was_set() {
    let mut entries = log([x(), x(), x()]);
    if let Some(last) = entries.last_mut() {
        last.stamp.wall_s = 5;
    }
    assert_eq!(fold_entries(&entries).last_wall_s, MORNING_S + 120);
    let back = Fact::ClockChanged(ClockChanged { old_s: MORNING_S, new_s: 1_000 });
    assert_eq!(fold([x(), back]).last_wall_s, 1_000);
}

#[test]
fn a_trip_runs_from_its_start_to_its_end() {
    let start = || Fact::TripStarted(trip_started());
    assert_eq!(fold([x(), start()]).trip, Some(RunningTrip { seq: 2, started: trip_started() }));
    assert_eq!(fold([start(), Fact::TripEnded]).trip, None);
}

#[test]
fn a_shift_begins_with_its_float_and_counts_what_happens_in_it() {
    let refunded = refund(&card_sale(1), &[], RefundScope::line(LineNo(1), 1), SaleKind::Refund, 3, "r").expect("a refund");
    let voided = refund(&cash_sale(2, false), &[], RefundScope::Rest, SaleKind::Void, 4, "").expect("a void");
    let abandoned = Fact::SaleAbandoned { lines: 2, gross_minor: 9_400, voided: Voided { count: 1, gross_minor: 500 }, training: false };
    let books = fold([
        Fact::ShiftOpened(4, 50_000),
        closed(card_sale(1)),
        closed(cash_sale(2, false)),
        closed(refunded),
        closed(voided),
        Fact::CashDropped(30_000),
        Fact::PaidIn(2_000),
        Fact::PaidOut(700),
        Fact::DrawerOpened(DrawerOpening::NoSale),
        Fact::CopyPrinted(false, 1, 9_400, None),
        Fact::ReceiptReprinted(false, 1),
        abandoned,
        x(),
    ]);
    assert_eq!(books.shift, Some(OpenShift { no: 4, seq: 1, crew: "demo-anna".into(), opened_s: MORNING_S + 60 }));
    assert_eq!((books.shift_no, books.receipt_no), (4, 4));
    let totals = &books.totals;
    assert_eq!((totals.float_minor, totals.sales.count, totals.sales.minor), (50_000, 2, 9_400 + 9_450));
    assert_eq!((totals.refunds.minor, totals.voids.minor), (2_950, 9_450));
    assert_eq!((totals.cash_drops.minor, totals.paid_in.minor, totals.paid_out.minor), (30_000, 2_000, 700));
    assert_eq!((totals.copies.count, totals.copies.minor), (1, 9_400));
    assert_eq!((totals.abandoned.count, totals.abandoned.minor), (1, 9_400));
    // One correction in the cash sale, one in the abandoned sale.
    assert_eq!((totals.voided_lines.count, totals.voided_lines.minor), (2, 2_900 + 500));
    // The shift's opening, cash sale, cash void, drop, paid in, paid out, no sale.
    assert_eq!((totals.drawer_openings, totals.no_sales), (7, 1));
    assert_eq!(totals.tenders.get(&TenderKind::Card), Some(&(9_400 - 2_950)));
    assert_eq!(totals.vat.keys().map(|(country, _)| *country).collect::<Vec<_>>(), [Country::Se]);
}

#[test]
fn a_z_report_ends_the_shift_and_its_totals_and_never_the_grand_totals() {
    let mut facts = vec![Fact::ShiftOpened(4, 50_000), closed(card_sale(1)), closed(cash_sale(2, false))];
    let before = fold(facts.clone());
    assert_eq!((before.grand.sales_minor, before.grand.returns_minor), (9_400 + 9_450, 0));
    facts.push(z_of(&before));
    let after = fold(facts.clone());
    assert_eq!((after.shift.clone(), after.z_no, after.shift_no, after.receipt_no), (None, 1, 4, 2));
    assert_eq!(after.totals, domain::report::Totals::default());
    assert_eq!(after.grand, before.grand);
    let back = refund(&card_sale(1), &[], RefundScope::Rest, SaleKind::Refund, 3, "r").expect("a refund");
    facts.extend([Fact::ShiftOpened(5, 1_000), closed(back)]);
    let next = fold(facts);
    assert_eq!((next.grand.sales_minor, next.grand.returns_minor, next.grand.net_minor()), (18_850, 9_400, 9_450));
    assert_eq!((next.totals.sales.count, next.totals.float_minor, next.shift_no), (0, 1_000, 5));
}

#[test]
fn training_has_its_own_numbers_and_touches_no_sum() {
    let practice = [
        Fact::ShiftOpened(4, 50_000),
        Fact::TrainingSwitched(true),
        closed(cash_sale(1, true)),
        closed(cash_sale(2, true)),
        Fact::CopyPrinted(true, 2, 9_450, None),
        Fact::SaleAbandoned { lines: 1, gross_minor: 5, voided: Voided { count: 3, gross_minor: 9 }, training: true },
    ];
    let books = fold(practice);
    assert_eq!((books.training, books.training_no, books.receipt_no), (true, 2, 0));
    assert_eq!((books.totals.training.count, books.totals.training.minor), (2, 18_900));
    let mut without = books.totals.clone();
    without.training = domain::report::Tally::default();
    let mut opened = domain::report::Totals::opened(50_000);
    opened.open_drawer();
    assert_eq!(without, opened);
    assert_eq!(books.grand, domain::report::GrandTotals::default());
    assert!(!fold([Fact::TrainingSwitched(true), Fact::TrainingSwitched(false)]).training);
}

fn requested(reference: &str) -> Fact {
    Fact::CardRequested(reference.into(), 9_400, CardPurpose::Sale)
}

fn answered(reference: &str, answer: CardAnswer) -> Fact {
    Fact::CardAnswered(reference.into(), answer)
}

#[test]
fn a_card_payment_stays_open_until_its_own_answer_is_known() {
    let request = |unknown| CardRequest { reference: "a".into(), amount_minor: 9_400, purpose: CardPurpose::Sale, unknown };
    assert_eq!(fold([requested("a")]).card, Some(request(false)));
    assert_eq!(fold([requested("a"), answered("a", CardAnswer::Unknown)]).card, Some(request(true)));
    assert_eq!(fold([requested("a"), answered("a", CardAnswer::Unknown), answered("a", CardAnswer::Unknown)]).card, Some(request(true)));
    for answer in [CardAnswer::Approved("slip".into()), CardAnswer::Declined, CardAnswer::NotFound] {
        assert_eq!(fold([requested("a"), answered("a", CardAnswer::Unknown), answered("a", answer.clone())]).card, None);
        assert_eq!(fold([requested("a"), answered("b", answer)]).card, Some(request(false)));
    }
    assert_eq!(fold([requested("a"), answered("b", CardAnswer::Unknown)]).card, Some(request(false)));
    assert_eq!(fold([answered("a", CardAnswer::Unknown)]).card, None);
}

#[test]
fn the_purpose_of_an_open_card_payment_survives_a_snapshot() {
    for scope in [RefundScope::Rest, RefundScope::line(LineNo(2), 3)] {
        let purpose = CardPurpose::Refund { receipt_no: 118, scope, kind: SaleKind::Void };
        let books = fold([Fact::CardRequested("a".into(), -1, purpose), answered("a", CardAnswer::Unknown)]);
        assert!(books.card.as_ref().is_some_and(|card| card.unknown));
        assert_eq!(Books::decode(&books.encode()), Ok(books));
    }
}

#[test]
fn a_parked_sale_waits_under_its_ticket() {
    let park = |ticket, training| Fact::SaleParked(ticket, Box::new(open_sale(training)));
    let books = fold([park(1, false), park(2, true)]);
    assert_eq!(books.ticket_no, 2);
    assert_eq!(books.parked.get(&1), Some(&Parked { parked_s: MORNING_S + 60, sale: open_sale(false) }));
    let books = fold([park(1, false), park(2, true), Fact::SaleResumed(1), Fact::SaleResumed(9)]);
    assert_eq!(books.parked.keys().collect::<Vec<_>>(), [&2]);
    assert_eq!(books.ticket_no, 2, "a ticket's number is not given twice");
}

#[test]
fn a_fact_from_a_newer_till_counts_and_changes_nothing_else() {
    let facts = [Fact::ShiftOpened(4, 50_000), closed(card_sale(1))];
    let unknown = Fact::Unknown(UnknownFact { kind: 4_000, body: vec![0xa0] });
    let mut with = fold(facts.iter().cloned().chain([unknown]));
    assert_eq!((with.seq, with.last_wall_s), (3, MORNING_S + 180));
    let without = fold(facts);
    (with.seq, with.last_wall_s) = (without.seq, without.last_wall_s);
    assert_eq!(with, without);
}

#[test]
fn a_receipt_is_listed_and_points_to_the_one_it_takes_back() {
    let back = refund(&card_sale(118), &[], RefundScope::Rest, SaleKind::Refund, 119, "r").expect("a refund");
    let rows = rows(&entry(2, closed(back)));
    let row = rows.receipt.expect("a receipt");
    assert_eq!((row.training, row.receipt_no, row.kind, row.total_minor, row.wall_s), (false, 119, 1, -9_400, MORNING_S + 120));
    assert_eq!(rows.refers_to, Some((false, 118)));
}

#[test]
fn a_receipt_waits_for_the_control_unit_until_it_is_closed_or_given_up() {
    let request = |number, kind| Fact::ControlRequested(Box::new(control_request(number, kind)));
    let receipt = || request(1, ControlKind::Receipt);
    let pending = ControlPending { request: control_request(1, ControlKind::Receipt), at_s: MORNING_S + 60, offset_min: 120 };
    let books = fold([receipt()]);
    assert_eq!((books.control.as_ref(), books.receipt_no), (Some(&pending), 0));
    assert_eq!(Books::decode(&books.encode()).as_ref(), Ok(&books), "the snapshot keeps it");
    let books = fold([receipt(), closed(domain::sale::ClosedSale { control: Some(control()), ..card_sale(1) })]);
    assert_eq!((books.control, books.receipt_no, books.totals.burned_numbers), (None, 1, 0));
    let given_up = |kind, burned| Fact::ControlGivenUp { number: 1, kind, burned };
    let books = fold([receipt(), given_up(ControlKind::Receipt, false)]);
    assert_eq!((books.control, books.receipt_no, books.totals.burned_numbers), (None, 0, 0), "the number is used again");
    let books = fold([receipt(), given_up(ControlKind::Receipt, true)]);
    assert_eq!((books.control, books.receipt_no, books.totals.burned_numbers), (None, 1, 1), "the number is gone");
    let books = fold([request(1, ControlKind::Training), given_up(ControlKind::Training, true)]);
    assert_eq!((books.receipt_no, books.training_no), (0, 1));
    let books = fold([request(1, ControlKind::Copy), given_up(ControlKind::Copy, true)]);
    assert_eq!((books.control, books.receipt_no, books.totals.copies.count), (None, 0, 0));
    let copy = Fact::CopyPrinted(false, 1, 9_400, Some(Box::new(control())));
    let books = fold([request(1, ControlKind::Copy), copy]);
    assert_eq!((books.control, books.totals.copies.count), (None, 1));
}

#[test]
fn a_sealed_log_stays_sealed_and_keeps_its_sums() {
    let sealed = crate::LogSealed { why: crate::SealCause::Ahead, foreign_seq: 9, foreign_head: [1; 32], shift: None, expected_minor: 0 };
    let books = fold([Fact::ShiftOpened(1, 50_000), Fact::LogSealed(Box::new(sealed))]);
    assert!(books.sealed);
    assert_eq!(books.totals.drawer_minor(), 50_000);
    assert_eq!(Books::decode(&books.encode()), Ok(books));
}
