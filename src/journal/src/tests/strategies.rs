//! Random facts, well-formed and as wild as their types allow.

use chrono::NaiveDate;
use domain::{
    Currency,
    catalogue::{CategoryId, ProductKind, Sku},
    report::{GrandTotals, Tally, Totals},
    sale::{ClosedSale, Control, Line, LineNo, OpenSale, RefundScope, SaleKind, Tender, TenderKind, Terms, VatSum, Voided},
    trip::{Call, DayTime, Exchange, Station, TrainNo, Trip},
    vat::{Country, Supply, VatClass, VatRate},
};
use proptest::{collection::vec, option, prelude::*, sample::select};

use crate::{
    BundleInstalled, CardAnswer, CardPurpose, ClockChanged, ClockTrust, Context, ControlKind, ControlRequest, DrawerOpening, Entry, Fact,
    LogOpened, ShiftClosed, ShiftRead, Stamp, TillStarted, TripStarted, UnknownFact,
};

/// Any entry in its place `seq`.
pub(super) fn entry(seq: u64) -> impl Strategy<Value = Entry> {
    (stamp(), context(), fact()).prop_map(move |(stamp, context, fact)| Entry::new(seq, stamp, context, fact))
}

/// A log of up to `length_max` entries.
pub(super) fn log(length_max: usize) -> impl Strategy<Value = Vec<Entry>> {
    vec(entry(0), 0..=length_max).prop_map(|mut entries| {
        (1..).zip(&mut entries).for_each(|(seq, entry)| entry.seq = seq);
        entries
    })
}

pub(super) fn open_sale() -> impl Strategy<Value = OpenSale> {
    let terms = (select(&Currency::ALL[..]), select(&Country::ALL[..]), day(), any::<bool>())
        .prop_map(|(currency, country, on, training)| Terms { currency, country, on, training });
    let supply = option::of(select(&Supply::ALL[..]));
    (terms, supply, vec(line(), 0..4), vec(tender(), 0..3), voided(), any::<u32>())
        .prop_map(|(terms, supply, lines, tenders, voided, next_line)| OpenSale { terms, supply, lines, tenders, voided, next_line })
}

fn fact() -> impl Strategy<Value = Fact> {
    prop_oneof![till_fact(), drawer_fact(), sale_fact(), card_fact(), unknown()]
}

fn till_fact() -> impl Strategy<Value = Fact> {
    let previous = option::of((any::<[u8; 32]>(), any::<u64>()));
    let opened = (any::<[u8; 32]>(), text(), text(), text(), previous).prop_map(|(public, unit, register, program, previous)| LogOpened {
        public,
        unit,
        register,
        program,
        previous,
    });
    let started = (text(), any::<u64>(), any::<bool>()).prop_map(|(program, catalogue_version, clock_suspect)| TillStarted {
        program,
        catalogue_version,
        clock_suspect,
    });
    prop_oneof![
        opened.prop_map(Fact::LogOpened),
        started.prop_map(Fact::TillStarted),
        any::<(i64, i64)>().prop_map(|(old_s, new_s)| Fact::ClockChanged(ClockChanged { old_s, new_s })),
        crew().prop_map(Fact::CrewSignedIn),
        crew().prop_map(Fact::CrewSignedOut),
        crew().prop_map(Fact::PinRefused),
        trip().prop_map(Fact::TripStarted),
        Just(Fact::TripEnded),
        any::<bool>().prop_map(Fact::TrainingSwitched),
        (text(), any::<u64>(), any::<[u8; 32]>()).prop_map(|(role, version, sha256)| Fact::BundleInstalled(BundleInstalled {
            role,
            version,
            sha256
        })),
    ]
}

fn drawer_fact() -> impl Strategy<Value = Fact> {
    prop_oneof![
        any::<(u32, i64)>().prop_map(|(no, minor)| Fact::ShiftOpened(no, minor)),
        any::<i64>().prop_map(Fact::CashDropped),
        any::<i64>().prop_map(Fact::PaidIn),
        any::<i64>().prop_map(Fact::PaidOut),
        select(&DrawerOpening::ALL[..]).prop_map(Fact::DrawerOpened),
        shift_closed().prop_map(|ShiftClosed { shift_no, totals, grand, parked, currency, .. }| {
            Fact::XRead(Box::new(ShiftRead { shift_no, totals, grand, parked, currency }))
        }),
        shift_closed().prop_map(|closed| Fact::ZClosed(Box::new(closed))),
    ]
}

fn sale_fact() -> impl Strategy<Value = Fact> {
    prop_oneof![
        closed_sale().prop_map(|sale| Fact::SaleClosed(Box::new(sale))),
        (0..4_u32, open_sale()).prop_map(|(ticket, sale)| Fact::SaleParked(ticket, Box::new(sale))),
        (0..4_u32).prop_map(Fact::SaleResumed),
        (any::<u32>(), any::<i64>(), voided(), any::<bool>()).prop_map(|(lines, gross_minor, voided, training)| Fact::SaleAbandoned {
            lines,
            gross_minor,
            voided,
            training
        }),
        (any::<(bool, u64, i64)>(), option::of(control())).prop_map(|((training, receipt_no, minor), control)| Fact::CopyPrinted(
            training,
            receipt_no,
            minor,
            control.map(Box::new)
        )),
        control_request().prop_map(|request| Fact::ControlRequested(Box::new(request))),
        (any::<u64>(), select(&ControlKind::ALL[..]), any::<bool>()).prop_map(|(number, kind, burned)| Fact::ControlGivenUp {
            number,
            kind,
            burned
        }),
        any::<(bool, u64)>().prop_map(|(training, receipt_no)| Fact::ReceiptReprinted(training, receipt_no)),
        (select(&crate::SealCause::ALL[..]), any::<u64>(), any::<[u8; 32]>()).prop_map(|(why, foreign_seq, foreign_head)| {
            Fact::LogSealed(Box::new(crate::LogSealed { why, foreign_seq, foreign_head, shift: None, expected_minor: 0 }))
        }),
        (any::<[u8; 32]>(), any::<u64>()).prop_map(|(public, seq)| {
            Fact::LogSucceeded(Box::new(crate::LogSucceeded { public, signature: [seq.to_be_bytes()[7]; 64], seq, head: public }))
        }),
    ]
}

fn card_fact() -> impl Strategy<Value = Fact> {
    let scope = prop_oneof![Just(RefundScope::Rest), any::<(u32, i64)>().prop_map(|(no, qty)| RefundScope::line(LineNo(no), qty))];
    let purpose = prop_oneof![
        Just(CardPurpose::Sale),
        (any::<u64>(), scope, select(&SaleKind::ALL[..])).prop_map(|(receipt_no, scope, kind)| CardPurpose::Refund {
            receipt_no,
            scope,
            kind
        }),
    ];
    let answer = prop_oneof![
        text().prop_map(CardAnswer::Approved),
        Just(CardAnswer::Declined),
        Just(CardAnswer::Unknown),
        Just(CardAnswer::NotFound),
    ];
    prop_oneof![
        ("[12]", any::<i64>(), purpose).prop_map(|(reference, minor, purpose)| Fact::CardRequested(reference, minor, purpose)),
        ("[12]", answer).prop_map(|(reference, answer)| Fact::CardAnswered(reference, answer)),
    ]
}

/// A kind that nobody has given a meaning to, around CBOR that nobody has written as we would.
fn unknown() -> impl Strategy<Value = Fact> {
    let body = prop_oneof![
        vec(any::<u8>(), 0..200).prop_map(|bytes| {
            let length = u8::try_from(bytes.len()).expect("under 200");
            [&[0x58, length], bytes.as_slice()].concat()
        }),
        Just(vec![0xbf, 0x00, 0x9f, 0xff, 0xff]),
        Just(vec![0x1b, 0, 0, 0, 0, 0, 0, 0, 1]),
    ];
    (1_000..=u16::MAX, body).prop_map(|(kind, body)| Fact::Unknown(UnknownFact { kind, body }))
}

fn stamp() -> impl Strategy<Value = Stamp> {
    (any::<i64>(), any::<i16>(), any::<u32>(), any::<u64>(), select(&ClockTrust::ALL[..]))
        .prop_map(|(wall_s, offset_min, boot, uptime_ms, trust)| Stamp { wall_s, offset_min, boot, uptime_ms, trust })
}

fn context() -> impl Strategy<Value = Context> {
    (any::<Option<u64>>(), any::<Option<u16>>(), any::<Option<u32>>(), option::of(crew()), option::of(text()))
        .prop_map(|(trip, leg, shift, crew, reason)| Context { trip, leg, shift, crew, reason })
}

fn text() -> impl Strategy<Value = String> {
    "\\PC{0,40}"
}

/// Few enough that the same one comes again.
fn crew() -> impl Strategy<Value = String> {
    "demo-[a-c]"
}

fn day() -> impl Strategy<Value = NaiveDate> {
    (1..3_000_000_i32).prop_map(|days| NaiveDate::from_num_days_from_ce_opt(days).expect("a day"))
}

fn rate() -> impl Strategy<Value = VatRate> {
    (0..=VatRate::BASIS_POINTS_MAX).prop_map(VatRate::from_basis_points)
}

fn voided() -> impl Strategy<Value = Voided> {
    any::<(u32, i64)>().prop_map(|(count, gross_minor)| Voided { count, gross_minor })
}

fn line() -> impl Strategy<Value = Line> {
    let text = ("[A-Za-z0-9.-]{1,24}", text(), "[a-c]", any::<Option<u32>>(), any::<u32>());
    let law = (select(&ProductKind::ALL[..]), select(&VatClass::ALL[..]), select(&Supply::ALL[..]), rate());
    (text, law, any::<i64>(), any::<i64>()).prop_map(
        |((sku, name, category, linked_to, no), (kind, vat_class, supply, rate), qty, unit_minor)| Line {
            no: LineNo(no),
            sku: Sku::new(&sku).expect("a SKU"),
            name: name.into(),
            category: CategoryId(category.into()),
            kind,
            qty,
            unit_minor,
            vat_class,
            supply,
            rate,
            linked_to: linked_to.map(LineNo),
        },
    )
}

fn tender() -> impl Strategy<Value = Tender> {
    (select(&TenderKind::ALL[..]), any::<i64>(), text(), text()).prop_map(|(kind, amount_minor, reference, slip)| Tender {
        kind,
        amount_minor,
        reference: reference.into(),
        slip: slip.into(),
    })
}

fn closed_sale() -> impl Strategy<Value = ClosedSale> {
    let vat = (rate(), any::<i64>(), any::<i64>()).prop_map(|(rate, gross_minor, vat_minor)| VatSum { rate, gross_minor, vat_minor });
    let head = (any::<u64>(), any::<bool>(), select(&SaleKind::ALL[..]), any::<Option<u64>>());
    let place = (select(&Currency::ALL[..]), select(&Country::ALL[..]));
    let money = (vec(vat, 0..3), any::<i64>(), vec(tender(), 0..3), any::<i64>(), voided());
    (head, place, vec(line(), 0..4), money, option::of(control())).prop_map(
        |(head, (currency, country), lines, (vat, rounding_minor, tenders, change_minor, voided), control)| {
            let (receipt_no, training, kind, corrects) = head;
            ClosedSale {
                receipt_no,
                training,
                kind,
                corrects,
                currency,
                country,
                lines,
                vat,
                rounding_minor,
                tenders,
                change_minor,
                voided,
                control,
            }
        },
    )
}

fn control() -> impl Strategy<Value = Control> {
    (text(), text(), any::<i64>()).prop_map(|(unit, code, at_s)| Control { unit: unit.into(), code: code.into(), at_s })
}

fn control_request() -> impl Strategy<Value = ControlRequest> {
    let amounts = (any::<i64>(), any::<i64>(), vec((rate(), any::<i64>()), 0..5));
    (any::<u64>(), select(&ControlKind::ALL[..]), text(), text(), amounts).prop_map(
        |(number, kind, org_no, register, (returned_minor, sold_minor, vat))| ControlRequest {
            number,
            kind,
            org_no,
            register,
            returned_minor,
            sold_minor,
            vat,
        },
    )
}

fn trip() -> impl Strategy<Value = TripStarted> {
    let call = (text(), text(), select(&Country::ALL[..]), 0..20_i32, 0..20_i32);
    ("[A-Z0-9]{1,8}", day(), vec(call, 2..9), any::<u64>()).prop_map(|(train, day, drafts, catalogue_version)| {
        let mut minutes = 0_i32;
        let mut later = |by: i32| {
            minutes = minutes.saturating_add(by);
            Some(DayTime::from_minutes(minutes))
        };
        let call = |(code, name, country, ride, stop): (String, String, Country, i32, i32)| {
            let (arrival, departure) = (later(ride), later(stop));
            Call { station: Station { code, name }, country, arrival, departure, exchange: Exchange::Both }
        };
        let mut calls: Vec<Call> = drafts.into_iter().map(call).collect();
        if let [first, middle @ .., last] = calls.as_mut_slice() {
            (first.arrival, last.departure) = (None, None);
            (first.exchange, last.exchange) = (Exchange::Boarding, Exchange::Alighting);
            middle.iter_mut().zip(Exchange::ALL).for_each(|(call, exchange)| call.exchange = exchange);
        }
        let trip = Trip::new(TrainNo::parse(&train).expect("a train"), day, calls).expect("a trip");
        TripStarted { trip, catalogue_version }
    })
}

fn tally() -> impl Strategy<Value = Tally> {
    any::<(u64, i64)>().prop_map(|(count, minor)| Tally { count, minor })
}

fn totals() -> impl Strategy<Value = Totals> {
    let vat = proptest::collection::btree_map((select(&Country::ALL[..]), rate()), any::<(i64, i64)>(), 0..4);
    let categories = proptest::collection::btree_map("[a-c]".prop_map(|id| CategoryId(id.into())), any::<(i64, i64)>(), 0..3);
    let tenders = proptest::collection::btree_map(select(&TenderKind::ALL[..]), any::<i64>(), 0..3);
    let counts = any::<(i64, i64, i64, i64, u64, u64, u64)>();
    (counts, vat, categories, tenders, vec(tally(), 11)).prop_map(|(counts, vat, categories, tenders, tallies)| {
        let (float_minor, goods_count, services_count, rounding_minor, drawer_openings, no_sales, burned_numbers) = counts;
        let mut tallies = tallies.into_iter();
        let mut next = || tallies.next().expect("eleven");
        Totals {
            float_minor,
            sales: next(),
            refunds: next(),
            voids: next(),
            goods_count,
            services_count,
            vat,
            categories,
            tenders,
            rounding_minor,
            copies: next(),
            training: next(),
            drawer_openings,
            no_sales,
            burned_numbers,
            discounts: next(),
            voided_lines: next(),
            abandoned: next(),
            cash_drops: next(),
            paid_in: next(),
            paid_out: next(),
        }
    })
}

fn shift_closed() -> impl Strategy<Value = ShiftClosed> {
    let grand = any::<(i64, i64)>().prop_map(|(sales_minor, returns_minor)| GrandTotals { sales_minor, returns_minor });
    let cash = (any::<i64>(), any::<i64>(), vec(any::<(i64, u32)>(), 0..12), select(&Currency::ALL[..]));
    (any::<u64>(), any::<u32>(), totals(), (grand, tally()), cash).prop_map(|(z_no, shift_no, totals, (grand, parked), cash)| {
        let (counted_minor, expected_minor, pieces, currency) = cash;
        ShiftClosed { z_no, shift_no, totals, grand, parked, counted_minor, expected_minor, pieces, currency }
    })
}
