//! Trips, and one train's day leg by leg.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use chrono::NaiveDate;
use hub_store::{
    Fault,
    project::day_number,
    views::{LEDGER_SALES_MAX, LedgerLeg, LedgerSale, Measure, TRIPS_MAX, TripRow, TripsFilter},
};
use serde::Deserialize;

use super::{
    Asked, Filter, Period,
    csv::{Cell, Csv},
    day_text, given, money, or_dash, trains, wall, wall_time,
};
use crate::{
    Hub,
    web::{
        page::{Page, Wrong, show},
        rights::Right,
        route::{Pages, query_safe},
        words::{ReportWords, fill},
    },
};

/// The pages here.
pub(super) fn pages() -> Pages {
    Pages::default().get("/trips", Right::Reports, trips).get("/trips/csv", Right::Reports, table).get(
        "/trips/{day}/{train}",
        Right::Reports,
        ledger,
    )
}

/// A trip as a list shows it.
struct Line {
    href: String,
    train: String,
    day: String,
    route: String,
    unit: String,
    unit_href: String,
    started: String,
    ended: Option<String>,
    sales: i64,
    returns: i64,
    gross: String,
}

#[derive(Template)]
#[template(path = "reports/trips.html")]
struct TripsPage {
    page: Page,
    w: &'static ReportWords,
    filter: Filter,
    lines: Vec<Line>,
    is_cut: Option<String>,
    never: bool,
}

async fn trips(page: Page, State(hub): State<Arc<Hub>>, Query(asked): Query<Asked>) -> Result<Response, Wrong> {
    let w = ReportWords::of(page.lang);
    let last_day = hub.ask(hub_store::HubStore::last_day).await?;
    let period = Period::of(&asked, last_day, &page)?;
    let wanted =
        TripsFilter { from_day: period.first_day(), to_day: period.last_day(), train: given(&asked.train), unit: given(&asked.unit) };
    let (trips, trains) = hub.ask(move |store| Ok::<_, Fault>((store.trips(&wanted)?, trains(store, period)?))).await?;
    show(&TripsPage {
        w,
        filter: Filter::new("/trips", &asked, period, trains),
        lines: trips.iter().map(line).collect(),
        is_cut: (trips.len() >= TRIPS_MAX).then(|| fill(w.cut_list, &[("n", &TRIPS_MAX.to_string())])),
        never: last_day.is_none(),
        page,
    })
}

fn line(trip: &TripRow) -> Line {
    let ends: Vec<&str> = [trip.calls.first(), trip.calls.last()].into_iter().flatten().map(String::as_str).collect();
    let (sum, amounts) = summed(&trip.sums);
    Line {
        href: format!("/trips/{}/{}", day_text(trip.day), query_safe(&trip.train)),
        train: trip.train.clone(),
        day: day_text(trip.day),
        route: ends.join(" – "),
        unit: trip.unit.clone(),
        unit_href: format!("/units/{}", query_safe(&trip.unit)),
        started: clock(trip.started_s),
        ended: trip.ended_s.map(clock),
        sales: sum.sales,
        returns: sum.returns,
        gross: amounts,
    }
}

/// A moment of a trip, by the clock in Stockholm.
fn clock(at_s: i64) -> String {
    let moment = chrono::DateTime::from_timestamp(at_s, 0).unwrap_or_default().with_timezone(&chrono_tz::Europe::Stockholm);
    moment.format("%Y-%m-%d %H:%M").to_string()
}

/// Counts of all currencies, and an amount for each.
fn summed(sums: &[(String, Measure)]) -> (Measure, String) {
    let mut all = Measure::default();
    for (_, sum) in sums {
        all.sales += sum.sales;
        all.returns += sum.returns;
    }
    let amounts: Vec<String> = sums.iter().map(|(currency, sum)| money(sum.gross_minor, currency)).collect();
    (all, or_dash(&amounts.join(", ")))
}

/// A leg as the ledger shows it.
struct Leg {
    name: String,
    sales: i64,
    returns: i64,
    gross: String,
    shown: Option<String>,
    late: Option<String>,
    lines: Vec<Sold>,
}

/// A sale in it.
struct Sold {
    at: String,
    time: String,
    arrived: String,
    is_late: bool,
    register: String,
    receipt_no: u64,
    kind: &'static str,
    is_back: bool,
    crew: String,
    payment: &'static str,
    gross: String,
}

#[derive(Template)]
#[template(path = "reports/ledger.html")]
struct LedgerPage {
    page: Page,
    w: &'static ReportWords,
    title: String,
    trips: Vec<Line>,
    legs: Vec<Leg>,
    sales: i64,
    returns: i64,
    gross: String,
    is_cut: Option<String>,
    csv: String,
}

async fn ledger(page: Page, State(hub): State<Arc<Hub>>, Path((day, train)): Path<(String, String)>) -> Result<Response, Wrong> {
    let w = ReportWords::of(page.lang);
    let date = NaiveDate::parse_from_str(&day, "%Y-%m-%d").map_err(|_| Wrong::missing())?;
    let wanted = train.clone();
    let ledger = hub.ask(move |store| store.trip_ledger(&wanted, day_number(date))).await?;
    if ledger.trips.is_empty() {
        return Err(Wrong::missing());
    }
    let mut sums: Vec<(String, Measure)> = Vec::new();
    for (currency, sum) in ledger.legs.iter().flat_map(|leg| &leg.sums) {
        let place = sums.iter().position(|(known, _)| known == currency).unwrap_or_else(|| {
            sums.push((currency.clone(), Measure::default()));
            sums.len() - 1
        });
        let all = &mut sums[place].1;
        (all.sales, all.returns) = (all.sales + sum.sales, all.returns + sum.returns);
        all.gross_minor += sum.gross_minor;
    }
    let (sum, gross) = summed(&sums);
    show(&LedgerPage {
        w,
        title: fill(w.ledger, &[("train", &train), ("day", &day)]),
        trips: ledger.trips.iter().map(line).collect(),
        legs: ledger.legs.iter().map(|leg| leg_shown(leg, w)).collect(),
        sales: sum.sales,
        returns: sum.returns,
        gross,
        is_cut: ledger.is_cut.then(|| fill(w.ledger_cut, &[("n", &LEDGER_SALES_MAX.to_string())])),
        csv: format!("/trips/csv?day={day}&train={}", query_safe(&train)),
        page,
    })
}

fn leg_shown(leg: &LedgerLeg, w: &'static ReportWords) -> Leg {
    let (sum, gross) = summed(&leg.sums);
    let late = leg.sales.iter().filter(|sale| sale.is_late()).count();
    Leg {
        name: if leg.name.is_empty() { w.no_leg.to_owned() } else { leg.name.clone() },
        sales: sum.sales,
        returns: sum.returns,
        gross,
        shown: (!leg.sales.is_empty()).then(|| fill(w.show_sales, &[("n", &leg.sales.len().to_string())])),
        late: (late > 0).then(|| fill(w.late_n, &[("n", &late.to_string())])),
        lines: leg.sales.iter().map(|sale| sold(sale, w)).collect(),
    }
}

fn sold(entry: &LedgerSale, w: &'static ReportWords) -> Sold {
    let sale = &entry.sale;
    Sold {
        at: sale.at().to_string(),
        time: wall_time(sale.wall_s, sale.offset_min),
        arrived: entry.received_s.map_or_else(String::new, clock),
        is_late: entry.is_late(),
        register: sale.register.clone(),
        receipt_no: sale.receipt_no,
        kind: w.kind_word(&sale.kind),
        is_back: sale.corrects.is_some(),
        crew: or_dash(&sale.crew),
        payment: w.paid(&sale.payment),
        gross: money(sale.total_minor, &sale.currency),
    }
}

#[derive(Deserialize)]
struct OneTrain {
    day: String,
    train: String,
}

async fn table(_: Page, State(hub): State<Arc<Hub>>, Query(asked): Query<OneTrain>) -> Result<Response, Wrong> {
    let date = NaiveDate::parse_from_str(&asked.day, "%Y-%m-%d").map_err(|_| Wrong::missing())?;
    let train = asked.train.clone();
    let ledger = hub.ask(move |store| store.trip_ledger(&train, day_number(date))).await?;
    if ledger.trips.is_empty() {
        return Err(Wrong::missing());
    }
    let columns = ["operating_day", "train", "leg", "sold_at", "received_at", "late", "unit", "register", "receipt_no", "kind", "corrects"];
    let mut csv = Csv::new(&[&columns[..], &["crew", "payment", "currency", "gross", "vat", "log", "seq"]].concat());
    for (leg, entry) in ledger.legs.iter().flat_map(|leg| leg.sales.iter().map(move |sale| (leg, sale))) {
        let sale = &entry.sale;
        csv.row(&[
            Cell::Text(&day_text(sale.day)),
            Cell::Text(&asked.train),
            Cell::Text(&leg.name),
            Cell::Text(&wall(sale.wall_s, sale.offset_min)),
            Cell::Text(&entry.received_s.map_or_else(String::new, clock)),
            Cell::Int(entry.is_late().into()),
            Cell::Text(&sale.unit),
            Cell::Text(&sale.register),
            Cell::Text(&sale.receipt_no.to_string()),
            Cell::Text(&sale.kind),
            Cell::Text(&sale.corrects.map_or_else(String::new, |no| no.to_string())),
            Cell::Text(&sale.crew),
            Cell::Text(&sale.payment),
            Cell::Text(&sale.currency),
            Cell::Minor(sale.total_minor),
            Cell::Minor(sale.vat_minor),
            Cell::Text(&sale.log.to_string()),
            Cell::Text(&sale.seq.to_string()),
        ]);
    }
    // A train's number is letters and digits; what came in the query found a trip.
    Ok(csv.answer(&format!("trip-{}-{date}", asked.train)))
}
