//! Z reports, and every line behind a difference.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use domain::{report::Tally, sale::TenderKind};
use hub_store::views::{SaleAt, ZReport, ZRow, ZS_MAX, ZsFilter};
use journal::DrawerCause;

use super::{
    Asked, Filter, Period,
    csv::{Cell, Csv},
    day_text, given, money, or_dash, wall, wall_time,
};
use crate::{
    Hub,
    web::{
        page::{Page, Wrong, show},
        rights::Right,
        route::Pages,
        words::{ReportWords, fill},
    },
};

/// The pages here.
pub(super) fn pages() -> Pages {
    Pages::default().get("/z", Right::Reports, zs).get("/z/csv", Right::Reports, table).get("/z/{at}", Right::Reports, z)
}

/// A report as the list shows it.
struct Line {
    at: String,
    z_no: u64,
    register: String,
    closed: String,
    shift: u64,
    crew: String,
    net: String,
    counted: String,
    expected: String,
    variance: String,
    has_variance: bool,
    fits_receipts: bool,
    branch: Option<String>,
}

#[derive(Template)]
#[template(path = "reports/zs.html")]
struct ZsPage {
    page: Page,
    w: &'static ReportWords,
    filter: Filter,
    lines: Vec<Line>,
    csv: String,
    is_cut: Option<String>,
}

fn wanted(asked: &Asked, period: Period) -> ZsFilter {
    ZsFilter { from_day: period.first_day(), to_day: period.last_day(), unit: given(&asked.unit), differing: !asked.differing.is_empty() }
}

async fn zs(page: Page, State(hub): State<Arc<Hub>>, Query(asked): Query<Asked>) -> Result<Response, Wrong> {
    let w = ReportWords::of(page.lang);
    let last_day = hub.ask(hub_store::HubStore::last_day).await?;
    let period = Period::of(&asked, last_day, &page)?;
    let wanted = wanted(&asked, period);
    let zs = hub.ask(move |store| store.z_reports(&wanted)).await?;
    let mut filter = Filter::new("/z", &Asked { train: String::new(), ..asked.clone() }, period, Vec::new());
    filter.has_train = false;
    filter.differing = Some(!asked.differing.is_empty());
    show(&ZsPage {
        w,
        csv: filter.link("/z/csv", ""),
        filter,
        lines: zs.iter().map(|row| line(row, w)).collect(),
        is_cut: (zs.len() >= ZS_MAX).then(|| fill(w.cut_list, &[("n", &ZS_MAX.to_string())])),
        page,
    })
}

fn line(row: &ZRow, w: &ReportWords) -> Line {
    let sum = |minor| money(minor, &row.currency);
    Line {
        at: SaleAt { log: row.log, branch: row.branch, seq: row.seq }.to_string(),
        z_no: row.z_no,
        register: row.register.clone(),
        closed: wall(row.wall_s, row.offset_min),
        shift: row.shift_no,
        crew: or_dash(&row.crew),
        net: sum(row.net_minor),
        counted: sum(row.counted_minor),
        expected: sum(row.expected_minor),
        variance: sum(row.variance_minor()),
        has_variance: row.variance_minor() != 0,
        fits_receipts: row.fits_receipts(),
        branch: (row.branch > 0).then(|| fill(w.branch, &[("n", &row.branch.to_string())])),
    }
}

/// A line behind the drawer.
struct Moved {
    time: String,
    what: String,
    href: Option<String>,
    amount: String,
    in_drawer: String,
}

#[derive(Template)]
#[template(path = "reports/z.html")]
struct ZPage {
    page: Page,
    w: &'static ReportWords,
    title: String,
    line: Line,
    receipts: String,
    moved: Vec<Moved>,
    figures: Vec<(String, String, String)>,
    pieces: Vec<(String, u32, String)>,
}

async fn z(page: Page, State(hub): State<Arc<Hub>>, Path(at): Path<String>) -> Result<Response, Wrong> {
    let w = ReportWords::of(page.lang);
    let at: SaleAt = at.parse().map_err(|_| Wrong::missing())?;
    let report = hub.ask(move |store| store.z_report(&at)).await?.ok_or_else(Wrong::missing)?;
    let row = &report.row;
    let sum = |minor| money(minor, &row.currency);
    let count = |count: i64| count.to_string();
    let receipts = if row.fits_receipts() {
        fill(w.z_receipts_fit, &[("count", &count(row.hub_receipts)), ("sum", &sum(row.hub_net_minor))])
    } else {
        let said = [("count", count(row.receipts)), ("sum", sum(row.net_minor))];
        let has = [("hub_count", count(row.hub_receipts)), ("hub_sum", sum(row.hub_net_minor))];
        let values: Vec<(&str, &str)> = said.iter().chain(&has).map(|(name, value)| (*name, value.as_str())).collect();
        fill(w.z_receipts_differ, &values)
    };
    let mut in_drawer = 0_i64;
    let moved = report.lines.iter().map(|line| {
        in_drawer = in_drawer.saturating_add(line.minor);
        let (what, is_receipt) = match line.cause {
            DrawerCause::Float => (w.z_line_float.to_owned(), false),
            DrawerCause::Receipt(no) => (format!("{} {no}", w.receipt), true),
            DrawerCause::Drop => (w.z_line_drop.to_owned(), false),
            DrawerCause::PaidIn => (w.z_line_in.to_owned(), false),
            DrawerCause::PaidOut => (w.z_line_out.to_owned(), false),
        };
        Moved {
            time: wall_time(line.wall_s, row.offset_min),
            what,
            href: is_receipt.then(|| format!("/receipts/{}", SaleAt { seq: line.seq, ..at })),
            amount: sum(line.minor),
            in_drawer: sum(in_drawer),
        }
    });
    show(&ZPage {
        w,
        title: fill(w.z, &[("no", &row.z_no.to_string()), ("register", &row.register)]),
        line: line(row, w),
        receipts,
        moved: moved.collect(),
        figures: figures(&report, w),
        pieces: report
            .closed
            .pieces
            .iter()
            .map(|(value, pieces)| (sum(*value), *pieces, sum(value.saturating_mul((*pieces).into()))))
            .collect(),
        page,
    })
}

/// What the report says, as name, count and amount.
fn figures(report: &ZReport, w: &ReportWords) -> Vec<(String, String, String)> {
    let (totals, grand, currency) = (&report.closed.totals, report.closed.grand, report.row.currency.as_str());
    let sum = |minor| money(minor, currency);
    let plain = |name: &str, minor: i64| (name.to_owned(), String::new(), sum(minor));
    let tally = |name: &str, tally: Tally| (name.to_owned(), tally.count.to_string(), sum(tally.minor));
    let count = |name: &str, count: u64| (name.to_owned(), count.to_string(), String::new());
    let mut rows = vec![
        tally(w.z_sales, totals.sales),
        tally(w.z_refunds, totals.refunds),
        tally(w.z_voids, totals.voids),
        (w.z_net.to_owned(), totals.receipts().to_string(), sum(totals.net_minor())),
    ];
    for ((country, rate), (gross_minor, vat_minor)) in &totals.vat {
        let rate = till::words::percent(rate.basis_points());
        rows.push((format!("{} {} {rate}", w.by_vat, country.code()), sum(*gross_minor), sum(*vat_minor)));
    }
    for (category, (pieces, minor)) in &totals.categories {
        let pieces = fill(w.pieces_n, &[("n", &pieces.to_string())]);
        rows.push((format!("{} {}", w.by_category, category.0), pieces, sum(*minor)));
    }
    for kind in TenderKind::ALL {
        let name = if kind == TenderKind::Cash { w.cash } else { w.card };
        rows.push(plain(name, totals.tenders.get(&kind).copied().unwrap_or(0)));
    }
    rows.extend([
        plain(w.z_rounding, totals.rounding_minor),
        tally(w.z_discounts, totals.discounts),
        tally(w.z_voided, totals.voided_lines),
        tally(w.z_abandoned, totals.abandoned),
        tally(w.z_parked, report.closed.parked),
        tally(w.z_copies, totals.copies),
        tally(w.z_training, totals.training),
        tally(w.z_line_drop, totals.cash_drops),
        tally(w.z_line_in, totals.paid_in),
        tally(w.z_line_out, totals.paid_out),
        count(w.z_openings, totals.drawer_openings),
        count(w.z_no_sales, totals.no_sales),
        count(w.z_burned, totals.burned_numbers),
        plain(w.z_grand_sales, grand.sales_minor),
        plain(w.z_grand_returns, grand.returns_minor),
        plain(w.z_grand_net, grand.net_minor()),
    ]);
    rows
}

async fn table(page: Page, State(hub): State<Arc<Hub>>, Query(asked): Query<Asked>) -> Result<Response, Wrong> {
    let last_day = hub.ask(hub_store::HubStore::last_day).await?;
    let period = Period::of(&asked, last_day, &page)?;
    let wanted = wanted(&asked, period);
    let zs = hub.ask(move |store| store.z_reports(&wanted)).await?;
    let columns = ["operating_day", "closed_at", "unit", "register", "z_no", "shift_no", "crew", "currency", "receipts", "net", "cash"];
    let more = ["counted", "expected", "variance", "hub_receipts", "hub_net", "hub_cash", "branch", "log", "seq"];
    let mut csv = Csv::new(&[&columns[..], &more].concat());
    for row in &zs {
        csv.row(&[
            Cell::Text(&day_text(row.day)),
            Cell::Text(&wall(row.wall_s, row.offset_min)),
            Cell::Text(&row.unit),
            Cell::Text(&row.register),
            Cell::Text(&row.z_no.to_string()),
            Cell::Text(&row.shift_no.to_string()),
            Cell::Text(&row.crew),
            Cell::Text(&row.currency),
            Cell::Int(row.receipts),
            Cell::Minor(row.net_minor),
            Cell::Minor(row.cash_minor),
            Cell::Minor(row.counted_minor),
            Cell::Minor(row.expected_minor),
            Cell::Minor(row.variance_minor()),
            Cell::Int(row.hub_receipts),
            Cell::Minor(row.hub_net_minor),
            Cell::Minor(row.hub_cash_minor),
            Cell::Text(&row.branch.to_string()),
            Cell::Text(&row.log.to_string()),
            Cell::Text(&row.seq.to_string()),
        ]);
    }
    Ok(csv.answer(&format!("z-reports-{}-{}", period.from, period.to)))
}
