//! Sums of sales, each way.

use std::sync::Arc;

use askama::Template;
use axum::{
    Json,
    extract::{Query, State},
    response::{IntoResponse as _, Response},
};
use hub_store::{
    Fault,
    views::{By, Measure, TOTALS_MAX, Total, TotalsFilter},
};
use serde::Serialize;

use super::{
    Asked, Filter, Period,
    csv::{Cell, Csv},
    day_text, given, money, or_dash, trains,
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
    Pages::default().get("/sales", Right::Reports, sales).get("/sales/chart", Right::Reports, chart).get(
        "/sales/csv",
        Right::Reports,
        table,
    )
}

/// A row of the table.
struct Line {
    name: String,
    detail: String,
    href: Option<String>,
    sales: i64,
    returns: i64,
    pieces: i64,
    gross: String,
    vat: String,
    /// Hundredths of the largest.
    share: i64,
}

/// The sum of one currency.
struct Sum {
    currency: String,
    sales: i64,
    returns: i64,
    gross: String,
    vat: String,
    net: String,
}

#[derive(Template)]
#[template(path = "reports/sales.html")]
struct SalesPage {
    page: Page,
    w: &'static ReportWords,
    filter: Filter,
    bys: Vec<(&'static str, String, bool)>,
    by_word: &'static str,
    lines: Vec<Line>,
    sums: Vec<Sum>,
    chart: Option<String>,
    csv: String,
    quarantine: Option<String>,
    is_cut: Option<String>,
    never: bool,
}

fn filter_of(asked: &Asked, period: Period) -> TotalsFilter {
    TotalsFilter {
        from_day: period.first_day(),
        to_day: period.last_day(),
        train: given(&asked.train),
        unit: given(&asked.unit),
        payment: given(&asked.payment),
        quarantine: false,
    }
}

async fn sales(page: Page, State(hub): State<Arc<Hub>>, Query(asked): Query<Asked>) -> Result<Response, Wrong> {
    let w = ReportWords::of(page.lang);
    let by = By::from_code(&asked.by).unwrap_or(By::Day);
    let last_day = hub.ask(hub_store::HubStore::last_day).await?;
    let period = Period::of(&asked, last_day, &page)?;
    let totals_filter = filter_of(&asked, period);
    let (totals, heads, apart, trains) = hub
        .ask(move |store| {
            let apart = TotalsFilter { quarantine: true, ..totals_filter.clone() };
            // Products and rates count lines; the head of the page counts receipts.
            let heads = store.totals(&totals_filter, By::Payment)?;
            Ok::<_, Fault>((store.totals(&totals_filter, by)?, heads, store.totals(&apart, By::Payment)?, trains(store, period)?))
        })
        .await?;
    let mut filter = Filter::new("/sales", &asked, period, trains);
    filter.by = by.code().to_owned();
    filter.payments = ["cash", "card", "mixed"].map(|code| (code, w.paid(code))).to_vec();
    let sums = sums(&heads);
    let largest = totals.iter().map(|total| total.measure.gross_minor).max().unwrap_or(0).max(1);
    let quarantine = (!apart.is_empty()).then(|| {
        let count: i64 = apart.iter().map(|total| total.measure.sales + total.measure.returns).sum();
        let amounts: Vec<String> = self::sums(&apart).into_iter().map(|sum| sum.gross).collect();
        fill(w.quarantine, &[("count", &count.to_string()), ("sum", &amounts.join(", "))])
    });
    show(&SalesPage {
        w,
        bys: By::ALL.iter().map(|way| (w.by(*way), filter.link("/sales", way.code()), *way == by)).collect(),
        by_word: w.by(by),
        lines: totals.iter().map(|total| line(total, by, largest, &filter, w)).collect(),
        chart: (by == By::Day && totals.len() > 1).then(|| filter.link("/sales/chart", "")),
        csv: filter.link("/sales/csv", by.code()),
        is_cut: (totals.len() >= TOTALS_MAX).then(|| fill(w.cut_list, &[("n", &TOTALS_MAX.to_string())])),
        never: last_day.is_none(),
        quarantine,
        sums,
        filter,
        page,
    })
}

fn sums(totals: &[Total]) -> Vec<Sum> {
    let mut sums: Vec<(&str, Measure)> = Vec::new();
    for total in totals {
        let place = sums.iter().position(|(currency, _)| *currency == total.currency).unwrap_or_else(|| {
            sums.push((&total.currency, Measure::default()));
            sums.len() - 1
        });
        let sum = &mut sums[place].1;
        let of = &total.measure;
        sum.sales += of.sales;
        sum.returns += of.returns;
        sum.qty += of.qty;
        sum.gross_minor += of.gross_minor;
        sum.vat_minor += of.vat_minor;
    }
    let sum = |(currency, sum): &(&str, Measure)| Sum {
        currency: (*currency).to_owned(),
        sales: sum.sales,
        returns: sum.returns,
        gross: money(sum.gross_minor, currency),
        vat: money(sum.vat_minor, currency),
        net: money(sum.gross_minor - sum.vat_minor, currency),
    };
    sums.iter().map(sum).collect()
}

/// The name of a row, a word below it, and where it leads.
fn line(total: &Total, by: By, largest: i64, filter: &Filter, w: &ReportWords) -> Line {
    let item = total.item.as_str();
    let (name, detail) = match by {
        By::Day => (day_text(item.parse().unwrap_or(0)), String::new()),
        By::Trip if total.name.is_empty() => (w.outside.to_owned(), day_text(item.parse().unwrap_or(0))),
        By::Trip => (format!("{} {}", w.train, total.name), day_text(item.parse().unwrap_or(0))),
        By::Train if item.is_empty() => (w.outside.to_owned(), String::new()),
        By::Leg if item.is_empty() => (w.no_leg.to_owned(), String::new()),
        By::Product => (total.name.clone(), item.to_owned()),
        By::Payment => (w.paid(item).to_owned(), String::new()),
        By::Vat => (vat_name(item), String::new()),
        _ if item.is_empty() => (w.unnamed.to_owned(), String::new()),
        _ => (item.to_owned(), String::new()),
    };
    let href = match by {
        By::Trip if !total.name.is_empty() => Some(format!("/trips/{}/{}", day_text(item.parse().unwrap_or(0)), query_safe(&total.name))),
        By::Day => Some(format!("/trips?from={name}&to={name}")),
        By::Train if !item.is_empty() => Some(format!("/trips?from={}&to={}&train={}", filter.from, filter.to, query_safe(item))),
        By::Unit if !item.is_empty() => Some(format!("/units/{}", query_safe(item))),
        _ => None,
    };
    let Measure { sales, returns, qty, gross_minor, vat_minor } = total.measure;
    Line {
        name,
        detail,
        href,
        sales,
        returns,
        pieces: qty,
        gross: money(gross_minor, &total.currency),
        vat: money(vat_minor, &total.currency),
        share: gross_minor.max(0).saturating_mul(100) / largest,
    }
}

/// `SE 01200` as `SE 12 %`.
fn vat_name(item: &str) -> String {
    let rate = item.split_once(' ').and_then(|(country, rate)| Some((country, rate.parse::<u32>().ok()?)));
    rate.map_or_else(|| or_dash(item), |(country, rate)| format!("{country} {}", till::words::percent(rate)))
}

/// What the chart draws: a bar per label, in minor units.
#[derive(Serialize)]
struct Chart {
    labels: Vec<String>,
    minor: Vec<i64>,
    currency: String,
}

async fn chart(page: Page, State(hub): State<Arc<Hub>>, Query(asked): Query<Asked>) -> Result<Response, Wrong> {
    let last_day = hub.ask(hub_store::HubStore::last_day).await?;
    let filter = filter_of(&asked, Period::of(&asked, last_day, &page)?);
    let totals = hub.ask(move |store| store.totals(&filter, By::Day)).await?;
    // One axis, one currency: the one with the most days.
    let currency =
        totals.iter().map(|total| &total.currency).max_by_key(|currency| totals.iter().filter(|one| one.currency == **currency).count());
    let currency = currency.cloned().unwrap_or_default();
    let days: Vec<&Total> = totals.iter().filter(|total| total.currency == currency).collect();
    let labels = days.iter().map(|total| day_text(total.item.parse().unwrap_or(0))).collect();
    let minor = days.iter().map(|total| total.measure.gross_minor).collect();
    Ok(Json(Chart { labels, minor, currency }).into_response())
}

async fn table(page: Page, State(hub): State<Arc<Hub>>, Query(asked): Query<Asked>) -> Result<Response, Wrong> {
    let by = By::from_code(&asked.by).unwrap_or(By::Day);
    let last_day = hub.ask(hub_store::HubStore::last_day).await?;
    let period = Period::of(&asked, last_day, &page)?;
    let filter = filter_of(&asked, period);
    let totals = hub.ask(move |store| store.totals(&filter, by)).await?;
    let mut csv = Csv::new(&[by.code(), "name", "currency", "sales", "returns", "pieces", "gross", "vat", "net"]);
    for total in &totals {
        let Measure { sales, returns, qty, gross_minor, vat_minor } = total.measure;
        let item = match by {
            By::Day | By::Trip => day_text(total.item.parse().unwrap_or(0)),
            By::Vat => total
                .item
                .split_once(' ')
                .map_or_else(String::new, |(country, rate)| format!("{country} {}", super::csv::decimal(rate.parse().unwrap_or(0)))),
            _ => total.item.clone(),
        };
        csv.row(&[
            Cell::Text(&item),
            Cell::Text(&total.name),
            Cell::Text(&total.currency),
            Cell::Int(sales),
            Cell::Int(returns),
            Cell::Int(qty),
            Cell::Minor(gross_minor),
            Cell::Minor(vat_minor),
            Cell::Minor(gross_minor.saturating_sub(vat_minor)),
        ]);
    }
    Ok(csv.answer(&format!("sales-by-{}-{}-{}", by.code(), period.from, period.to)))
}
