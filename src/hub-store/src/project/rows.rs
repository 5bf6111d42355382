//! From an entry to rows, without a database.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike as _, NaiveDate};
use domain::{
    Money,
    sale::{ClosedSale, SaleKind, TenderKind, line_vat_minor, vat_sums},
    vat::{Supply, spread},
};
use journal::{ClockTrust, ControlKind, Entry, FORMAT_VERSION, Fact, ShiftClosed, TripStarted};

use super::tables::ADDED;
use crate::engine::Value;

/// The most characters of a text from a till that a projection keeps; the journal keeps all of it.
const TEXT_CHARS_MAX: usize = 200;

/// The highest amount that a projection takes; what is above is shelved.
const AMOUNT_MAX: i64 = Money::MINOR_MAX;

/// Where an entry stands: whose log, and which branch of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The log.
    pub log_id: [u8; 32],
    /// The branch: 0 for the one that counts, higher ones are in quarantine.
    pub branch: u64,
}

/// The trip that runs at some place of a log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunningTrip {
    /// `seq` of its start; 0 for none.
    pub seq: u64,
    /// The train.
    pub train: String,
    /// The operating day, as 20260601.
    pub day: i64,
    /// Names of the calls.
    pub calls: Vec<String>,
}

/// What must be known of the entries before, to make rows of the next.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// The last entry taken in.
    pub seq: u64,
    /// The unit's label, as the log says.
    pub unit: String,
    /// The register designation on its receipts.
    pub register: String,
    /// The program that wrote it.
    pub program: String,
    /// The trip.
    pub trip: RunningTrip,
    /// The last receipt number.
    pub receipt_no: u64,
    /// The shift; 0 for none.
    pub shift_no: u32,
    /// `seq` of its opening.
    pub shift_seq: u64,
    /// Receipts of the shift so far.
    pub shift_receipts: u64,
    /// Their sum, returns taken off.
    pub shift_net_minor: i64,
    /// What they put into the drawer.
    pub shift_cash_minor: i64,
    /// Sales and returns of this branch.
    pub sales: u64,
    /// Their sum, returns taken off, whatever the currency; only to be compared with itself.
    pub gross_minor: i64,
    /// Entries that were shelved.
    pub shelved: u64,
}

/// How many and how much.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Measure {
    /// Sales, or lines of sales.
    pub sales: i64,
    /// Refunds and voids, or lines of them.
    pub returns: i64,
    /// Pieces, returns taken off.
    pub qty: i64,
    /// Gross, returns taken off.
    pub gross_minor: i64,
    /// VAT, returns taken off.
    pub vat_minor: i64,
}

impl Measure {
    pub(crate) fn add(&mut self, other: &Self) {
        self.sales = self.sales.saturating_add(other.sales);
        self.returns = self.returns.saturating_add(other.returns);
        self.qty = self.qty.saturating_add(other.qty);
        self.gross_minor = self.gross_minor.saturating_add(other.gross_minor);
        self.vat_minor = self.vat_minor.saturating_add(other.vat_minor);
    }
}

/// What a sum is over.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SumKey {
    /// Which question it answers: `all`, `train`, `log`, `leg`, `crew`, `sku`, `category`, `vat`.
    pub dim: &'static str,
    /// The operating day.
    pub day: i64,
    /// The trip, for sums per trip.
    pub trip: u64,
    /// Which of its kind.
    pub item: String,
    /// Its name, where the item is a code.
    pub name: String,
    /// How it was paid: `cash`, `card`, `mixed`, `none`.
    pub payment: &'static str,
    /// The currency.
    pub currency: &'static str,
}

/// What happened to a trip.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TripChange {
    /// When it ended.
    pub ended_s: Option<i64>,
    /// The last entry in it.
    pub last_seq: u64,
}

/// Rows to add, and what to add to sums.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rows {
    /// Rows per table, in the order of [`ADDED`].
    pub(crate) tables: [Vec<Vec<Value>>; ADDED.len()],
    /// Sums over everybody; branch 0 only.
    pub(crate) day_sums: BTreeMap<SumKey, Measure>,
    /// Sums per trip.
    pub(crate) trip_sums: BTreeMap<SumKey, Measure>,
    /// Trips that went on or ended.
    pub(crate) trips: BTreeMap<u64, TripChange>,
    /// Receipts that were taken back, whose sums are to be looked at.
    pub(crate) taken_back: Vec<u64>,
    /// Receipt numbers that stand there twice.
    pub(crate) doubled: Vec<u64>,
    /// Numbers that are missing: from, how many, seen at.
    pub(crate) gaps: Vec<(u64, u64, u64)>,
    /// Z reports whose sums are not those of the receipts: number, `seq`, currency, the report's net, the receipts' net.
    pub(crate) differing: Vec<(u64, u64, &'static str, i64, i64)>,
    /// Entries read.
    pub(crate) entries: u64,
    /// Sales and returns among them, practice left out.
    pub(crate) sales: u64,
}

const SALES_AT: usize = 0;
const LINES_AT: usize = 1;
const TENDERS_AT: usize = 2;
const TRIPS_AT: usize = 3;
const Z_AT: usize = 4;
const MOVES_AT: usize = 5;
const CORRECTIONS_AT: usize = 6;
const SHELVED_AT: usize = 7;

/// Takes the bytes at `seq` in. Whatever they are, the next ones can follow.
pub fn take_in(place: Place, seq: u64, bytes: &[u8], state: &mut State, rows: &mut Rows) {
    match Entry::decode(bytes) {
        Ok(entry) if entry.seq == seq => rows_of(place, &entry, bytes.len(), state, rows),
        Ok(entry) => shelve(place, (seq, state.trip.day, None, bytes.len()), &format!("says that it is entry {}", entry.seq), state, rows),
        Err(malformed) => shelve(place, (seq, state.trip.day, None, bytes.len()), &malformed.to_string(), state, rows),
    }
    state.seq = seq;
    rows.entries += 1;
}

/// Takes an entry in.
fn rows_of(place: Place, entry: &Entry, length: usize, state: &mut State, rows: &mut Rows) {
    let day = state.day_of(entry);
    if entry.version > FORMAT_VERSION {
        shelve(place, (entry.seq, day, Some(entry.fact.kind()), length), "in a newer shape: read as far as it is known", state, rows);
    }
    match &entry.fact {
        Fact::LogOpened(opened) => {
            state.unit = cut(&opened.unit);
            state.register = cut(&opened.register);
            state.program = cut(&opened.program);
        }
        Fact::TillStarted(started) => state.program = cut(&started.program),
        Fact::TripStarted(started) => trip(place, entry, started, state, rows),
        Fact::TripEnded => {
            if state.trip.seq != 0 {
                let change = rows.trips.entry(state.trip.seq).or_default();
                change.ended_s = Some(entry.stamp.wall_s);
                change.last_seq = entry.seq;
            }
            state.trip = RunningTrip::default();
        }
        Fact::ShiftOpened(no, float_minor) => {
            state.shift_no = *no;
            state.shift_seq = entry.seq;
            (state.shift_receipts, state.shift_net_minor, state.shift_cash_minor) = (0, 0, 0);
            cash_move(place, entry, day, ("float", *float_minor), rows);
        }
        Fact::CashDropped(minor) => cash_move(place, entry, day, ("drop", minor.saturating_neg()), rows),
        Fact::PaidIn(minor) => cash_move(place, entry, day, ("paid_in", *minor), rows),
        Fact::PaidOut(minor) => cash_move(place, entry, day, ("paid_out", minor.saturating_neg()), rows),
        Fact::DrawerOpened(_) => cash_move(place, entry, day, ("no_sale", 0), rows),
        Fact::ZClosed(closed) => z_report(place, entry, day, closed, state, rows),
        Fact::SaleClosed(closed) => sale(place, entry, day, closed, state, rows),
        Fact::ControlGivenUp { number, kind: ControlKind::Receipt, burned: true } => state.receipt_no = state.receipt_no.max(*number),
        Fact::Unknown(unknown) => {
            shelve(place, (entry.seq, day, Some(unknown.kind), length), "of a kind that this hub does not know", state, rows);
        }
        _ => {}
    }
}

impl State {
    /// The trip an entry belongs to by its own context; `None` when it belongs to none, or to one that is not known.
    fn trip_of(&self, entry: &Entry) -> Option<&RunningTrip> {
        entry.context.trip.filter(|seq| *seq == self.trip.seq && *seq != 0).map(|_| &self.trip)
    }

    /// The operating day: the trip's, or else the local date.
    fn day_of(&self, entry: &Entry) -> i64 {
        self.trip_of(entry).map_or_else(|| local_day(entry.stamp.wall_s, entry.stamp.offset_min), |trip| trip.day)
    }
}

/// A date as a number that reads as one: 20260601.
#[must_use]
pub fn day_number(date: NaiveDate) -> i64 {
    i64::from(date.year()) * 10_000 + i64::from(date.month()) * 100 + i64::from(date.day())
}

/// The date behind such a number.
#[must_use]
pub fn day_date(day: i64) -> Option<NaiveDate> {
    let part = |part: i64| u32::try_from(part).ok();
    NaiveDate::from_ymd_opt(i32::try_from(day / 10_000).ok()?, part(day / 100 % 100)?, part(day % 100)?)
}

/// What a leg is called: from where to where.
#[must_use]
pub fn leg_name(calls: &[String], leg: u16) -> String {
    let at = |place: usize| calls.get(place).map(String::as_str);
    match (at(leg.into()), at(usize::from(leg) + 1)) {
        (Some(from), Some(to)) => format!("{from} – {to}"),
        _ => String::new(),
    }
}

fn local_day(wall_s: i64, offset_min: i16) -> i64 {
    let local = DateTime::from_timestamp(wall_s.saturating_add(i64::from(offset_min) * 60), 0);
    local.map_or(0, |local| day_number(local.date_naive()))
}

/// Text of a till, no longer than is of use, and without what PostgreSQL cannot hold.
fn cut(text: &str) -> String {
    text.chars().filter(|char| *char != '\0').take(TEXT_CHARS_MAX).collect()
}

fn trip(place: Place, entry: &Entry, started: &TripStarted, state: &mut State, rows: &mut Rows) {
    let trip = &started.trip;
    // A name is one line: calls are kept as lines.
    let calls: Vec<String> = trip.calls().iter().map(|call| cut(&call.station.name).replace('\n', " ")).collect();
    let day = day_number(trip.operating_day());
    state.trip = RunningTrip { seq: entry.seq, train: trip.train().as_str().into(), day, calls };
    let trip = &state.trip;
    rows.tables[TRIPS_AT].push(keyed(
        place,
        entry.seq,
        vec![
            trip.train.as_str().into(),
            day.into(),
            trip.calls.join("\n").into(),
            entry.stamp.wall_s.into(),
            Value::Null,
            entry.seq.into(),
        ],
    ));
}

fn cash_move(place: Place, entry: &Entry, day: i64, (kind, minor): (&str, i64), rows: &mut Rows) {
    let shift_no = match &entry.fact {
        Fact::ShiftOpened(no, _) => *no,
        _ => entry.context.shift.unwrap_or(0),
    };
    rows.tables[MOVES_AT].push(keyed(
        place,
        entry.seq,
        vec![
            day.into(),
            entry.stamp.wall_s.into(),
            shift_no.into(),
            kind.into(),
            minor.into(),
            crew_of(entry).into(),
            cut(entry.context.reason.as_deref().unwrap_or_default()).into(),
        ],
    ));
}

fn z_report(place: Place, entry: &Entry, day: i64, closed: &ShiftClosed, state: &mut State, rows: &mut Rows) {
    let totals = &closed.totals;
    let net_minor = totals.net_minor();
    let currency = closed.currency.code();
    rows.tables[Z_AT].push(keyed(
        place,
        entry.seq,
        vec![
            count(closed.z_no),
            closed.shift_no.into(),
            state.shift_seq.into(),
            day.into(),
            entry.stamp.wall_s.into(),
            i64::from(entry.stamp.offset_min).into(),
            crew_of(entry).into(),
            currency.into(),
            count(totals.receipts()),
            net_minor.into(),
            totals.tenders.get(&TenderKind::Cash).copied().unwrap_or(0).into(),
            closed.counted_minor.into(),
            closed.expected_minor.into(),
            state.shift_receipts.into(),
            state.shift_net_minor.into(),
            state.shift_cash_minor.into(),
        ],
    ));
    if net_minor != state.shift_net_minor || totals.receipts() != state.shift_receipts {
        rows.differing.push((closed.z_no, entry.seq, currency, net_minor, state.shift_net_minor));
    }
    (state.shift_no, state.shift_seq) = (0, 0);
    (state.shift_receipts, state.shift_net_minor, state.shift_cash_minor) = (0, 0, 0);
}

fn sale(place: Place, entry: &Entry, day: i64, sale: &ClosedSale, state: &mut State, rows: &mut Rows) {
    if !is_within_reason(sale) {
        let what = (entry.seq, day, Some(entry.fact.kind()), 0);
        return shelve(place, what, "a sale with amounts beyond all reason", state, rows);
    }
    let payment = payment_of(sale);
    let trip = state.trip_of(entry).map_or(0, |trip| trip.seq);
    let leg = entry.context.leg.map_or(-1, i64::from);
    let kind = kind_name(sale.kind);
    rows.tables[SALES_AT].push(keyed(
        place,
        entry.seq,
        vec![
            count(sale.receipt_no),
            sale.training.into(),
            kind.into(),
            sale.corrects.map(count).unwrap_or(Value::Null),
            day.into(),
            entry.stamp.wall_s.into(),
            i64::from(entry.stamp.offset_min).into(),
            (entry.stamp.trust != ClockTrust::NotProven).into(),
            trip.into(),
            leg.into(),
            entry.context.shift.unwrap_or(0).into(),
            crew_of(entry).into(),
            payment.into(),
            sale.currency.code().into(),
            sale.country.code().into(),
            sale.total_minor().into(),
            sale.rounding_minor.into(),
            sale.vat_minor().into(),
            sale.cash_minor().into(),
            sale.tendered_minor(TenderKind::Card).into(),
        ],
    ));
    if sale.training {
        return;
    }
    rows.sales += 1;
    number(entry.seq, sale.receipt_no, state, rows);
    state.sales += 1;
    state.gross_minor = state.gross_minor.saturating_add(sale.total_minor());
    state.shift_receipts += 1;
    state.shift_net_minor = state.shift_net_minor.saturating_add(sale.total_minor());
    state.shift_cash_minor = state.shift_cash_minor.saturating_add(sale.cash_minor());
    if let Some(corrects) = sale.corrects {
        let values = vec![
            day.into(),
            kind.into(),
            count(sale.receipt_no),
            count(corrects),
            sale.currency.code().into(),
            sale.total_minor().saturating_neg().into(),
        ];
        rows.tables[CORRECTIONS_AT].push(keyed(place, entry.seq, values));
        rows.taken_back.push(corrects);
    }
    let vat = line_vat(sale);
    lines_and_tenders(place, entry.seq, day, sale, &vat, rows);
    add_up(place, entry, (day, trip, payment), sale, &vat, state, rows);
}

/// Receipt numbers run without a gap; what does not is found.
fn number(seq: u64, receipt_no: u64, state: &mut State, rows: &mut Rows) {
    let next = state.receipt_no.saturating_add(1);
    if receipt_no < next {
        rows.doubled.push(receipt_no);
    } else if receipt_no > next {
        rows.gaps.push((next, receipt_no - next, seq));
    }
    state.receipt_no = state.receipt_no.max(receipt_no);
}

fn lines_and_tenders(place: Place, seq: u64, day: i64, sale: &ClosedSale, vat: &[i64], rows: &mut Rows) {
    for ((no, line), vat_minor) in (1_u32..).zip(&sale.lines).zip(vat) {
        let values = vec![
            no.into(),
            day.into(),
            cut(line.sku.as_str()).into(),
            cut(&line.name).into(),
            cut(&line.category.0).into(),
            line.qty.into(),
            line.unit_minor.into(),
            line.gross_minor().into(),
            line.rate.basis_points().into(),
            (*vat_minor).into(),
            (line.supply == Supply::Served).into(),
        ];
        rows.tables[LINES_AT].push(keyed(place, seq, values));
    }
    for (no, tender) in (1_u32..).zip(&sale.tenders) {
        let kind = match tender.kind {
            TenderKind::Cash => "cash",
            TenderKind::Card => "card",
        };
        let values =
            vec![no.into(), day.into(), kind.into(), tender.amount_minor.into(), cut(&tender.reference).into(), cut(&tender.slip).into()];
        rows.tables[TENDERS_AT].push(keyed(place, seq, values));
    }
}

/// Adds a sale to all the sums it belongs to.
fn add_up(
    place: Place,
    entry: &Entry,
    (day, trip, payment): (i64, u64, &'static str),
    sale: &ClosedSale,
    vat: &[i64],
    state: &State,
    rows: &mut Rows,
) {
    let currency = sale.currency.code();
    let mut put = |dim: &'static str, item: String, name: String, measure: &Measure| {
        let key = SumKey { dim, day, trip, item, name, payment, currency };
        if place.branch == 0 {
            rows.day_sums.entry(SumKey { trip: 0, ..key.clone() }).or_default().add(measure);
        }
        // A trip has one train and one till.
        if dim != "train" && dim != "log" {
            rows.trip_sums.entry(key).or_default().add(measure);
        }
    };
    let one = |qty: i64, gross_minor: i64, vat_minor: i64| {
        let (sales, returns) = if sale.kind == SaleKind::Sale { (1, 0) } else { (0, 1) };
        Measure { sales, returns, qty, gross_minor, vat_minor }
    };
    let pieces = sale.lines.iter().filter(|line| line.linked_to.is_none()).fold(0_i64, |sum, line| sum.saturating_add(line.qty));
    let whole = one(pieces, sale.total_minor(), sale.vat_minor());
    let running = state.trip_of(entry);
    let leg = running.zip(entry.context.leg).map(|(trip, leg)| leg_name(&trip.calls, leg)).unwrap_or_default();
    put("all", String::new(), String::new(), &whole);
    put("train", running.map(|trip| trip.train.clone()).unwrap_or_default(), String::new(), &whole);
    put("log", data_encoding::HEXLOWER.encode(&place.log_id), String::new(), &whole);
    put("leg", leg, String::new(), &whole);
    put("crew", crew_of(entry), String::new(), &whole);
    for (line, vat_minor) in sale.lines.iter().zip(vat) {
        let measure = one(line.qty, line.gross_minor(), *vat_minor);
        put("sku", cut(line.sku.as_str()), cut(&line.name), &measure);
        put("category", cut(&line.category.0), String::new(), &measure);
    }
    for sum in &sale.vat {
        let item = format!("{} {:05}", sale.country.code(), sum.rate.basis_points());
        put("vat", item, String::new(), &one(0, sum.gross_minor, sum.vat_minor));
    }
    if trip != 0 {
        rows.trips.entry(trip).or_default().last_seq = entry.seq;
    }
}

/// One till's amounts must not make everybody's sums overflow.
fn is_within_reason(sale: &ClosedSale) -> bool {
    let lines = sale.lines.iter().flat_map(|line| [line.qty, line.unit_minor, line.gross_minor()]);
    let vat = sale.vat.iter().flat_map(|sum| [sum.gross_minor, sum.vat_minor]);
    let tenders = sale.tenders.iter().map(|tender| tender.amount_minor);
    let whole = [sale.total_minor(), sale.rounding_minor, sale.change_minor];
    lines.chain(vat).chain(tenders).chain(whole).all(|minor| minor.unsigned_abs() <= AMOUNT_MAX.unsigned_abs())
}

/// The VAT of each line. A refund's VAT per rate is what is left of the sale's, so it is spread as it stands.
fn line_vat(sale: &ClosedSale) -> Vec<i64> {
    if sale.vat == vat_sums(&sale.lines) {
        return line_vat_minor(&sale.lines);
    }
    let mut vat = vec![0; sale.lines.len()];
    for sum in &sale.vat {
        let of_rate: Vec<usize> = (0..sale.lines.len()).filter(|place| sale.lines[*place].rate == sum.rate).collect();
        let weights: Vec<i64> = of_rate.iter().map(|place| sale.lines[*place].gross_minor()).collect();
        for (place, share) in of_rate.iter().zip(spread(sum.vat_minor, &weights)) {
            vat[*place] = share;
        }
    }
    vat
}

fn payment_of(sale: &ClosedSale) -> &'static str {
    let has = |kind: TenderKind| sale.tenders.iter().any(|tender| tender.kind == kind);
    match (has(TenderKind::Cash), has(TenderKind::Card)) {
        (true, true) => "mixed",
        (true, false) => "cash",
        (false, true) => "card",
        (false, false) => "none",
    }
}

/// The stable name of a kind of sale.
const fn kind_name(kind: SaleKind) -> &'static str {
    match kind {
        SaleKind::Sale => "sale",
        SaleKind::Refund => "refund",
        SaleKind::Void => "void",
    }
}

fn crew_of(entry: &Entry) -> String {
    cut(entry.context.crew.as_deref().unwrap_or_default())
}

fn shelve(place: Place, (seq, day, kind, length): (u64, i64, Option<u16>, usize), why: &str, state: &mut State, rows: &mut Rows) {
    state.shelved += 1;
    let kind = kind.map_or(Value::Null, |kind| Value::from(u32::from(kind)));
    let values = vec![day.into(), kind, count(length as u64), cut(why).into()];
    rows.tables[SHELVED_AT].push(keyed(place, seq, values));
}

fn keyed(place: Place, seq: u64, rest: Vec<Value>) -> Vec<Value> {
    let mut row = vec![place.log_id.into(), place.branch.into(), seq.into()];
    row.extend(rest);
    row
}

/// A number that a till wrote: one beyond the database's reach is shown as the highest there is.
fn count(number: u64) -> Value {
    Value::Int(i64::try_from(number).unwrap_or(i64::MAX))
}
