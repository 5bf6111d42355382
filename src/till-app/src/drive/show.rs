//! What the headless face shows: facts, sales and states as JSON. Amounts are decimals in strings.

use domain::{
    Currency, Money,
    report::{GrandTotals, Tally, Totals},
    sale::{ClosedSale, Control, Line, OpenSale, RefundScope, SaleKind, TenderKind, VatSum, line_vat_minor, vat_sums},
    vat::{Supply, VatRate},
};
use journal::{CardAnswer, CardPurpose, ControlKind, DrawerOpening, Entry, Fact, SealCause, ShiftClosed, ShiftRead};
use serde_json::{Value, json};
use till::place::{Basis, Place, Sensed};

/// An amount as a decimal.
pub fn amount(minor: i64) -> String {
    Money::new(minor, Currency::Sek).to_string()
}

/// A VAT rate in per cent, such as `12` or `25.5`.
pub fn rate(rate: VatRate) -> String {
    rate.to_string()
}

/// The open sale.
pub fn open_sale(sale: &OpenSale) -> Value {
    json!({
        "lines": lines(&sale.lines),
        "total": amount(sale.total().minor()),
        "to_pay": amount(sale.due().minor()),
        "to_pay_cash": amount(sale.due_in_cash().minor()),
        "vat": vat_sums(&sale.lines).iter().map(vat_sum).collect::<Vec<_>>(),
        "tenders": sale.tenders.iter().map(|tender| json!({"kind": tender_kind(tender.kind), "amount": amount(tender.amount_minor)})).collect::<Vec<_>>(),
        "country": sale.terms.country.code(),
        "currency": sale.terms.currency.code(),
        "training": sale.terms.training,
    })
}

/// A closed sale.
pub fn closed_sale(sale: &ClosedSale) -> Value {
    json!({
        "receipt_no": sale.receipt_no,
        "kind": sale_kind(sale.kind),
        "corrects": sale.corrects,
        "training": sale.training,
        "country": sale.country.code(),
        "currency": sale.currency.code(),
        "lines": lines(&sale.lines),
        "vat": sale.vat.iter().map(vat_sum).collect::<Vec<_>>(),
        "total": amount(sale.total_minor()),
        "rounding": amount(sale.rounding_minor),
        "tenders": sale.tenders.iter().map(|tender| json!({
            "kind": tender_kind(tender.kind), "amount": amount(tender.amount_minor), "reference": tender.reference, "slip": tender.slip,
        })).collect::<Vec<_>>(),
        "change": amount(sale.change_minor),
        "voided_lines": {"count": sale.voided.count, "amount": amount(sale.voided.gross_minor)},
        "control": sale.control.as_ref().map(control),
    })
}

/// An entry.
pub fn entry(entry: &Entry) -> Value {
    json!({
        "seq": entry.seq,
        "kind": entry.fact.name(),
        "time": time(entry.stamp.wall_s, entry.stamp.offset_min),
        "trust": format!("{:?}", entry.stamp.trust),
        "boot": entry.stamp.boot,
        "trip": entry.context.trip,
        "leg": entry.context.leg,
        "shift": entry.context.shift,
        "crew": entry.context.crew,
        "reason": entry.context.reason,
        "fact": fact(&entry.fact),
    })
}

/// Local time in RFC 3339.
pub fn time(wall_s: i64, offset_min: i16) -> String {
    let offset = chrono::FixedOffset::east_opt(i32::from(offset_min) * 60);
    let local = chrono::DateTime::from_timestamp(wall_s, 0).zip(offset).map(|(utc, offset)| utc.with_timezone(&offset).to_rfc3339());
    local.unwrap_or_else(|| wall_s.to_string())
}

/// The word for a kind of sale.
pub const fn sale_kind(kind: SaleKind) -> &'static str {
    match kind {
        SaleKind::Sale => "sale",
        SaleKind::Refund => "refund",
        SaleKind::Void => "void",
    }
}

/// The word for what a control unit records.
pub const fn control_kind(kind: ControlKind) -> &'static str {
    match kind {
        ControlKind::Receipt => "receipt",
        ControlKind::Copy => "copy",
        ControlKind::Training => "training",
    }
}

/// The word for why a log was sealed.
const fn seal_cause(why: SealCause) -> &'static str {
    match why {
        SealCause::Told => "told",
        SealCause::Ahead => "ahead",
        SealCause::Fork => "fork",
    }
}

/// How sync stands.
pub fn sync(state: &till::SyncState) -> Value {
    json!({
        "code": state.code,
        "needs_hands": state.needs_hands,
        "sending": state.sending,
        "sales": state.here.sales,
        "entries": state.here.entries,
        "oldest": state.here.oldest_s.map(|wall_s| time(wall_s, 0)),
        "answered_s_ago": state.contact_ms.map(|contact_ms| contact_ms / 1_000),
        "confirmed": state.confirmed,
        "cursor": {"seq": state.cursor.seq, "head": state.cursor.head.to_string()},
        "sealed_logs": state.sealed_logs,
        "next_chance": state.chance.as_ref().map(|(station, time)| json!({"station": station, "time": time.to_string()})),
        "hub_says": state.refused.as_ref().map(|refused| json!({"code": refused.code, "what": refused.what, "todo": refused.todo})),
    })
}

fn control(control: &Control) -> Value {
    json!({"unit": control.unit, "code": control.code, "at": time(control.at_s, 0)})
}

fn fact(fact: &Fact) -> Value {
    match fact {
        Fact::LogOpened(opened) => json!({
            "unit": opened.unit, "register": opened.register, "program": opened.program, "public_key": hex(&opened.public),
            "previous": opened.previous.map(|(log, entries)| json!({"log": hex(&log), "entries": entries})),
        }),
        Fact::TillStarted(started) => json!({
            "program": started.program, "catalogue_version": started.catalogue_version, "clock_suspect": started.clock_suspect,
        }),
        Fact::ClockChanged(change) => json!({"from": time(change.old_s, 0), "to": time(change.new_s, 0)}),
        Fact::CrewSignedIn(crew) | Fact::CrewSignedOut(crew) | Fact::PinRefused(crew) => json!({"crew": crew}),
        Fact::TripStarted(started) => json!({
            "train": started.trip.train().as_str(), "operating_day": started.trip.operating_day().to_string(),
            "catalogue_version": started.catalogue_version,
            "calls": started.trip.calls().iter().map(|call| call.station.name.as_str()).collect::<Vec<_>>(),
        }),
        Fact::TripEnded => json!({}),
        Fact::ShiftOpened(no, float) => json!({"shift": no, "float": amount(*float)}),
        Fact::CashDropped(minor) | Fact::PaidIn(minor) | Fact::PaidOut(minor) => json!({"amount": amount(*minor)}),
        Fact::DrawerOpened(DrawerOpening::NoSale) => json!({"cause": "no_sale"}),
        Fact::DrawerOpened(DrawerOpening::Service) => json!({"cause": "service"}),
        Fact::XRead(read) => shift_read(read),
        Fact::ZClosed(closed) => shift_closed(closed),
        Fact::SaleClosed(sale) => closed_sale(sale),
        Fact::SaleParked(ticket, sale) => json!({"ticket": ticket, "sale": open_sale(sale)}),
        Fact::SaleResumed(ticket) => json!({"ticket": ticket}),
        Fact::SaleAbandoned { lines, gross_minor, voided, training } => json!({
            "lines": lines, "amount": amount(*gross_minor), "training": training,
            "voided_lines": {"count": voided.count, "amount": amount(voided.gross_minor)},
        }),
        Fact::CardRequested(reference, minor, purpose) => {
            json!({"reference": reference, "amount": amount(*minor), "for": card_purpose(purpose)})
        }
        Fact::CardAnswered(reference, answer) => {
            let (answer, slip) = match answer {
                CardAnswer::Approved(slip) => ("approved", Some(slip)),
                CardAnswer::Declined => ("declined", None),
                CardAnswer::Unknown => ("unknown", None),
                CardAnswer::NotFound => ("not_found", None),
            };
            json!({"reference": reference, "answer": answer, "slip": slip})
        }
        Fact::ControlRequested(request) => json!({
            "receipt_no": request.number, "kind": control_kind(request.kind),
            "sold": amount(request.sold_minor), "returned": amount(request.returned_minor),
            "vat": request.vat.iter().map(|(vat_rate, minor)| json!({"rate": rate(*vat_rate), "vat": amount(*minor)})).collect::<Vec<_>>(),
        }),
        Fact::ControlGivenUp { number, kind, burned } => json!({"receipt_no": number, "kind": control_kind(*kind), "burned": burned}),
        Fact::CopyPrinted(training, receipt_no, minor, proof) => {
            json!({"receipt_no": receipt_no, "total": amount(*minor), "training": training, "control": proof.as_deref().map(control)})
        }
        Fact::ReceiptReprinted(training, receipt_no) => json!({"receipt_no": receipt_no, "training": training}),
        Fact::TrainingSwitched(on) => json!({"on": on}),
        Fact::LogSealed(sealed) => json!({
            "why": seal_cause(sealed.why), "hub_seq": sealed.foreign_seq, "hub_head": hex(&sealed.foreign_head),
            "shift": sealed.shift.as_ref().map(shift_read), "expected": amount(sealed.expected_minor),
        }),
        Fact::LogSucceeded(from) => json!({"public_key": hex(&from.public), "entries": from.seq, "head": hex(&from.head)}),
        Fact::BundleInstalled(installed) => {
            json!({"role": installed.role, "version": installed.version, "sha256": data_encoding::HEXLOWER.encode(&installed.sha256)})
        }
        Fact::Unknown(unknown) => json!({"kind": unknown.kind, "bytes": unknown.body.len()}),
    }
}

/// The figures of an X report.
pub fn shift_read(read: &ShiftRead) -> Value {
    json!({
        "shift": read.shift_no,
        "totals": totals(&read.totals),
        "grand_totals": grand(read.grand),
        "parked": tally(read.parked),
        "currency": read.currency.code(),
    })
}

/// The figures of a Z report.
pub fn shift_closed(closed: &ShiftClosed) -> Value {
    json!({
        "z_no": closed.z_no,
        "shift": closed.shift_no,
        "totals": totals(&closed.totals),
        "grand_totals": grand(closed.grand),
        "parked": tally(closed.parked),
        "counted": amount(closed.counted_minor),
        "expected": amount(closed.expected_minor),
        "variance": amount(closed.counted_minor - closed.expected_minor),
        "pieces": closed.pieces.iter().map(|(value, pieces)| json!({"value": amount(*value), "pieces": pieces})).collect::<Vec<_>>(),
        "currency": closed.currency.code(),
    })
}

fn totals(totals: &Totals) -> Value {
    json!({
        "float": amount(totals.float_minor),
        "sales": tally(totals.sales),
        "refunds": tally(totals.refunds),
        "voids": tally(totals.voids),
        "net": amount(totals.net_minor()),
        "goods": totals.goods_count,
        "services": totals.services_count,
        "vat": totals.vat.iter().map(|((country, vat_rate), (gross, vat))| json!({
            "country": country.code(), "rate": rate(*vat_rate), "gross": amount(*gross), "vat": amount(*vat), "net": amount(gross - vat),
        })).collect::<Vec<_>>(),
        "categories": totals.categories.iter().map(|(id, (pieces, gross))| json!({"category": id.0, "pieces": pieces, "gross": amount(*gross)})).collect::<Vec<_>>(),
        "tenders": totals.tenders.iter().map(|(kind, minor)| json!({"kind": tender_kind(*kind), "amount": amount(*minor)})).collect::<Vec<_>>(),
        "rounding": amount(totals.rounding_minor),
        "copies": tally(totals.copies),
        "training": tally(totals.training),
        "drawer_openings": totals.drawer_openings,
        "no_sales": totals.no_sales,
        "burned_numbers": totals.burned_numbers,
        "discounts": tally(totals.discounts),
        "voided_lines": tally(totals.voided_lines),
        "abandoned": tally(totals.abandoned),
        "cash_drops": tally(totals.cash_drops),
        "paid_in": tally(totals.paid_in),
        "paid_out": tally(totals.paid_out),
    })
}

fn grand(grand: GrandTotals) -> Value {
    json!({"sales": amount(grand.sales_minor), "returns": amount(grand.returns_minor), "net": amount(grand.net_minor())})
}

fn tally(tally: Tally) -> Value {
    json!({"count": tally.count, "amount": amount(tally.minor)})
}

fn lines(lines: &[Line]) -> Vec<Value> {
    let vat = line_vat_minor(lines);
    let line = |(line, vat): (&Line, i64)| {
        json!({
            "line": line.no.0,
            "sku": line.sku.as_str(),
            "name": line.name,
            "qty": line.qty,
            "unit": amount(line.unit_minor),
            "gross": amount(line.gross_minor()),
            "vat_rate": rate(line.rate),
            "vat": amount(vat),
            "supply": match line.supply { Supply::Served => "served", Supply::TakeAway => "take_away" },
            "linked_to": line.linked_to.map(|no| no.0),
        })
    };
    lines.iter().zip(vat).map(line).collect()
}

fn vat_sum(sum: &VatSum) -> Value {
    json!({"rate": rate(sum.rate), "gross": amount(sum.gross_minor), "net": amount(sum.net_minor()), "vat": amount(sum.vat_minor)})
}

const fn tender_kind(kind: TenderKind) -> &'static str {
    match kind {
        TenderKind::Cash => "cash",
        TenderKind::Card => "card",
    }
}

fn card_purpose(purpose: &CardPurpose) -> Value {
    match purpose {
        CardPurpose::Sale => json!("sale"),
        CardPurpose::Refund { receipt_no, scope, kind } => {
            let lines = match scope {
                RefundScope::Rest => None,
                RefundScope::Lines(lines) => Some(lines.iter().map(|(no, qty)| json!({"line": no.0, "qty": qty})).collect::<Vec<_>>()),
            };
            json!({"kind": sale_kind(*kind), "receipt_no": receipt_no, "lines": lines})
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Where the train is, and who says so.
#[must_use]
pub fn place(sensed: &Sensed) -> Value {
    let by = match sensed.by {
        Basis::Timetable => "timetable",
        Basis::Uplink => "uplink",
        Basis::Satellites => "satellites",
    };
    match &sensed.place {
        Place::Unknown => Value::Null,
        Place::At { station, until } => json!({"at": station.name, "until": until.map(|until| until.to_string()), "by": by}),
        Place::Between { from, to } => json!({"from": from.name, "to": to.name, "by": by}),
    }
}
