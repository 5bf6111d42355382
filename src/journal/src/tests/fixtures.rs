//! A made-up till on a made-up day: one entry of every kind, and builders for the rest.

use chrono::NaiveDate;
use domain::{
    Currency, Money,
    catalogue::{CategoryId, ProductKind, Sku},
    report::{GrandTotals, Tally, Totals},
    sale::{ClosedSale, Control, Line, LineNo, OpenSale, RefundScope, SaleKind, TenderKind, Terms, Voided, refund},
    trip::{Call, DayTime, Exchange, Station, TrainNo, Trip},
    vat::{Country, Supply, VatClass, VatRate},
};

use crate::{
    BundleInstalled, CardAnswer, CardPurpose, ClockChanged, ClockTrust, Context, ControlKind, ControlRequest, DrawerOpening, Entry, Fact,
    LogKey, LogOpened, LogSealed, LogSucceeded, SealCause, ShiftClosed, ShiftRead, Stamp, TillStarted, TripStarted, UnknownFact,
};

/// 2026-06-01 08:00:00 UTC.
pub(super) const MORNING_S: i64 = 1_780_300_800;
/// The seed of the made-up till's key.
pub(super) const SEED: [u8; 32] = [7; 32];

pub(super) fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 6, 1).expect("a day")
}

/// Entry `seq`, one minute after the one before, in the middle of a trip and a shift.
pub(super) fn entry(seq: u64, fact: Fact) -> Entry {
    let since_s = i64::try_from(seq).expect("a small log").saturating_mul(60);
    let stamp = Stamp {
        wall_s: MORNING_S.saturating_add(since_s),
        offset_min: 120,
        boot: 3,
        uptime_ms: seq.saturating_mul(60_000),
        trust: ClockTrust::Network,
    };
    let reason = matches!(fact, Fact::PaidOut(_)).then(|| "purchase".into());
    let context = Context { trip: Some(7), leg: Some(2), shift: Some(4), crew: Some("demo-anna".into()), reason };
    Entry::new(seq, stamp, context, fact)
}

/// The facts as a log from 1.
pub(super) fn log(facts: impl IntoIterator<Item = Fact>) -> Vec<Entry> {
    (1..).zip(facts).map(|(seq, fact)| entry(seq, fact)).collect()
}

/// An entry that leaves out everything it may.
pub(super) fn bare_entry(seq: u64, fact: Fact) -> Entry {
    Entry::new(seq, Stamp::default(), Context::default(), fact)
}

pub(super) fn line(no: u32, sku: &str, name: &str, unit_minor: i64, qty: i64) -> Line {
    Line {
        no: LineNo(no),
        sku: Sku::new(sku).expect("a SKU"),
        name: name.into(),
        category: CategoryId("hot".into()),
        kind: ProductKind::Goods,
        qty,
        unit_minor,
        vat_class: VatClass::Food,
        supply: Supply::Served,
        rate: VatRate::from_basis_points(1200),
        linked_to: None,
    }
}

/// A can and its deposit: the fields that most lines leave out.
pub(super) fn can() -> [Line; 2] {
    let can = Line {
        category: CategoryId("cold".into()),
        vat_class: VatClass::Drink,
        supply: Supply::TakeAway,
        ..line(3, "COLA-33", "Demo cola 33 cl", 2_900, 2)
    };
    let deposit = Line {
        no: LineNo(4),
        sku: Sku::new("PANT-1").expect("a SKU"),
        name: "Pant".into(),
        kind: ProductKind::Deposit,
        unit_minor: 100,
        linked_to: Some(LineNo(3)),
        ..can.clone()
    };
    [can, deposit]
}

pub(super) fn open_sale(training: bool) -> OpenSale {
    let terms = Terms { currency: Currency::Sek, country: Country::Se, on: day(), training };
    let lines = vec![line(1, "COFFEE", "Bryggkaffe", 2_950, 2), line(2, "BUN-CIN", "Kanelbulle", 3_500, 1)];
    OpenSale { lines, next_line: 3, ..OpenSale::new(terms) }
}

/// The typical sale: two lines on one card.
pub(super) fn card_sale(receipt_no: u64) -> ClosedSale {
    let mut sale = open_sale(false);
    sale.tender_card(sale.total(), "0142-3-118", "Demo VISA ************1234 AID A0000000031010 Auth 123456")
        .expect("a card takes the total");
    sale.close(receipt_no, Money::zero(Currency::Sek), Money::zero(Currency::Sek))
}

/// 94.50 paid with a hundred: 5 back and half a krona of rounding.
pub(super) fn cash_sale(receipt_no: u64, training: bool) -> ClosedSale {
    let mut sale = open_sale(training);
    sale.lines.truncate(1);
    sale.lines.push(line(2, "BUN-CIN", "Kanelbulle", 3_550, 1));
    sale.voided = Voided { count: 1, gross_minor: 2_900 };
    settle_in_cash(sale, 10_000, receipt_no)
}

pub(super) fn settle_in_cash(mut sale: OpenSale, given_minor: i64, receipt_no: u64) -> ClosedSale {
    let currency = sale.terms.currency;
    let settled = sale.tender_cash(Money::new(given_minor, currency)).expect("cash is always taken");
    let domain::sale::Tendered::Settled { rounding, change } = settled else { panic!("{given_minor} is not enough") };
    sale.close(receipt_no, rounding, change)
}

pub(super) fn trip_started() -> TripStarted {
    let call = |code: &str, name: &str, country, arrival: Option<i32>, departure: Option<i32>| Call {
        station: Station { code: code.into(), name: name.into() },
        country,
        arrival: arrival.map(DayTime::from_minutes),
        departure: departure.map(DayTime::from_minutes),
        exchange: Exchange::Both,
    };
    let mut calls = vec![
        call("CST", "Stockholm C", Country::Se, None, Some(500)),
        call("M", "Malmö C", Country::Se, Some(770), Some(775)),
        call("KH", "København H", Country::Dk, Some(1_510), None),
    ];
    if let Some(last) = calls.last_mut() {
        last.exchange = Exchange::Alighting;
    }
    let trip = Trip::new(TrainNo::parse("541").expect("a train"), day(), calls).expect("a trip");
    TripStarted { trip, catalogue_version: 12 }
}

/// A Z report with another number in every field.
pub(super) fn shift_closed() -> ShiftClosed {
    let tally = |count: u64, minor: i64| Tally { count, minor };
    let totals = Totals {
        float_minor: 50_000,
        sales: tally(31, 410_050),
        refunds: tally(2, 9_400),
        voids: tally(1, 2_950),
        goods_count: 66,
        services_count: 3,
        vat: [
            ((Country::Se, VatRate::from_basis_points(1200)), (300_000, 32_143)),
            ((Country::Dk, VatRate::from_basis_points(2500)), (97_700, 19_540)),
        ]
        .into(),
        categories: [(CategoryId("hot".into()), (40, 250_000)), (CategoryId("cold".into()), (29, 147_700))].into(),
        tenders: [(TenderKind::Cash, 97_650), (TenderKind::Card, 300_000)].into(),
        rounding_minor: -50,
        copies: tally(4, 37_800),
        training: tally(5, 47_250),
        drawer_openings: 17,
        no_sales: 6,
        burned_numbers: 0,
        discounts: tally(7, 3_500),
        voided_lines: tally(8, 23_200),
        abandoned: tally(9, 81_000),
        cash_drops: tally(10, 60_000),
        paid_in: tally(11, 20_000),
        paid_out: tally(12, 12_000),
    };
    ShiftClosed {
        z_no: 4,
        shift_no: 4,
        totals,
        grand: GrandTotals { sales_minor: 9_410_050, returns_minor: 112_350 },
        parked: tally(2, 12_300),
        counted_minor: 95_600,
        expected_minor: 95_650,
        pieces: vec![(50_000, 1), (10_000, 4), (500, 11), (100, 1)],
        currency: Currency::Sek,
    }
}

/// An X report of the same shift.
pub(super) fn shift_read() -> ShiftRead {
    let ShiftClosed { shift_no, totals, grand, parked, currency, .. } = shift_closed();
    ShiftRead { shift_no, totals, grand, parked, currency }
}

pub(super) fn control_request(number: u64, kind: ControlKind) -> ControlRequest {
    ControlRequest {
        number,
        kind,
        org_no: "5560000000".into(),
        register: "0142-3".into(),
        returned_minor: 0,
        sold_minor: 9_400,
        vat: vec![(VatRate::from_basis_points(2500), 700), (VatRate::from_basis_points(1200), 632)],
    }
}

pub(super) fn control() -> Control {
    Control { unit: "DEMO0000000000001".into(), code: "DEMOKOD234567".into(), at_s: MORNING_S }
}

fn log_sealed() -> LogSealed {
    LogSealed { why: SealCause::Fork, foreign_seq: 812, foreign_head: [8; 32], shift: Some(shift_read()), expected_minor: 61_250 }
}

/// The log of the made-up till: every kind, and every shape that a kind can take.
pub(super) fn every_kind() -> Vec<Entry> {
    let sale = card_sale(118);
    let refunded = refund(&sale, &[], RefundScope::line(LineNo(1), 1), SaleKind::Refund, 119, "0142-3-119").expect("a refund");
    let mut foreign = open_sale(false);
    foreign.terms.country = Country::Dk;
    foreign.terms.currency = Currency::Eur;
    foreign.lines = can().into();
    let foreign = settle_in_cash(foreign, 6_000, 121);
    let mut parked = open_sale(true);
    parked.supply = Some(Supply::TakeAway);
    parked.voided = Voided { count: 2, gross_minor: 5_900 };
    let opened = LogOpened {
        public: LogKey::from_seed(&SEED).public(),
        unit: "0142".into(),
        register: "0142-3".into(),
        program: "till 0.1.0".into(),
        previous: None,
    };
    let refund_of = |scope, kind| CardPurpose::Refund { receipt_no: 118, scope, kind };
    log([
        Fact::LogOpened(LogOpened { previous: Some(([9; 32], 4_711)), ..opened.clone() }),
        Fact::LogOpened(opened),
        Fact::TillStarted(TillStarted { program: "till 0.1.0".into(), catalogue_version: 12, clock_suspect: true }),
        Fact::ClockChanged(ClockChanged { old_s: -1, new_s: MORNING_S }),
        Fact::CrewSignedIn("demo-anna".into()),
        Fact::CrewSignedOut("demo-anna".into()),
        Fact::PinRefused("demo-bo".into()),
        Fact::TripStarted(trip_started()),
        Fact::TripEnded,
        Fact::ShiftOpened(4, 50_000),
        Fact::CashDropped(60_000),
        Fact::PaidIn(20_000),
        Fact::PaidOut(12_000),
        Fact::DrawerOpened(DrawerOpening::NoSale),
        Fact::DrawerOpened(DrawerOpening::Service),
        Fact::XRead(Box::new(shift_read())),
        Fact::ZClosed(Box::new(shift_closed())),
        Fact::SaleClosed(Box::new(sale)),
        Fact::SaleClosed(Box::new(refunded)),
        Fact::SaleClosed(Box::new(cash_sale(120, false))),
        Fact::SaleClosed(Box::new(cash_sale(1, true))),
        Fact::SaleClosed(Box::new(foreign)),
        Fact::SaleParked(6, Box::new(parked)),
        Fact::SaleResumed(6),
        Fact::SaleAbandoned { lines: 2, gross_minor: 9_400, voided: Voided { count: 1, gross_minor: 2_900 }, training: false },
        Fact::CardRequested("0142-3-118".into(), 9_400, CardPurpose::Sale),
        Fact::CardRequested("0142-3-119".into(), -2_950, refund_of(RefundScope::line(LineNo(1), 1), SaleKind::Refund)),
        Fact::CardRequested("0142-3-122".into(), -9_400, refund_of(RefundScope::Rest, SaleKind::Void)),
        Fact::CardAnswered("0142-3-118".into(), CardAnswer::Approved("Demo VISA ************1234".into())),
        Fact::CardAnswered("0142-3-118".into(), CardAnswer::Declined),
        Fact::CardAnswered("0142-3-118".into(), CardAnswer::Unknown),
        Fact::CardAnswered("0142-3-118".into(), CardAnswer::NotFound),
        Fact::CopyPrinted(false, 118, 9_400, None),
        Fact::ReceiptReprinted(true, 1),
        Fact::TrainingSwitched(true),
        Fact::Unknown(UnknownFact { kind: 4_000, body: vec![0xa2, 0x00, 0x63, b'n', b'e', b'w', 0x18, 0x63, 0x9f, 0x01, 0xff] }),
        Fact::ControlRequested(Box::new(control_request(122, ControlKind::Receipt))),
        Fact::ControlRequested(Box::new(ControlRequest {
            returned_minor: 2_950,
            sold_minor: 0,
            vat: vec![(VatRate::from_basis_points(1200), -316)],
            ..control_request(1, ControlKind::Training)
        })),
        Fact::ControlGivenUp { number: 122, kind: ControlKind::Receipt, burned: true },
        Fact::ControlGivenUp { number: 1, kind: ControlKind::Training, burned: false },
        Fact::SaleClosed(Box::new(ClosedSale { control: Some(control()), ..card_sale(123) })),
        Fact::CopyPrinted(false, 123, 9_400, Some(Box::new(control()))),
        Fact::LogSealed(Box::new(log_sealed())),
        Fact::LogSealed(Box::new(LogSealed { why: SealCause::Told, shift: None, expected_minor: 0, ..log_sealed() })),
        Fact::LogSucceeded(Box::new(LogSucceeded { public: [9; 32], signature: [10; 64], seq: 4_711, head: [11; 32] })),
        Fact::BundleInstalled(BundleInstalled { role: "prices".into(), version: 12, sha256: [7; 32] }),
    ])
}
