//! Finding a receipt, and showing it as it was printed.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
};
use domain::{Currency, Money};
use hub_store::{
    Fault,
    views::{RECEIPTS_MAX, ReceiptQuery, SaleAt, SaleRow, StoredReceipt},
};
use serde::Deserialize;

use super::{Asked, Period, day_text, given, money, or_dash, paper, wall};
use crate::{
    Hub,
    web::{
        page::{Page, Wrong, show},
        rights::Right,
        route::{Pages, query_safe},
        words::{ReportWords, fill},
    },
};

/// The most characters of a search.
const TEXT_CHARS_MAX: usize = 600;

/// The pages here.
pub(super) fn pages() -> Pages {
    Pages::default().get("/receipts", Right::Reports, search).get("/receipts/{at}", Right::Reports, receipt).get(
        "/receipts/{at}/paper.png",
        Right::Reports,
        picture,
    )
}

#[derive(Deserialize)]
struct Wanted {
    #[serde(default)]
    register: String,
    #[serde(default)]
    no: String,
    #[serde(default)]
    qr: String,
    #[serde(default)]
    amount: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
}

/// A receipt in a list.
struct Line {
    at: String,
    time: String,
    register: String,
    receipt_no: u64,
    unit: String,
    unit_href: String,
    kind: &'static str,
    training: bool,
    branch: Option<String>,
    crew: String,
    payment: &'static str,
    gross: String,
}

#[derive(Template)]
#[template(path = "reports/receipts.html")]
struct ReceiptsPage {
    page: Page,
    w: &'static ReportWords,
    wanted: Wanted,
    from: String,
    to: String,
    /// Whether somebody searched.
    searched: bool,
    lines: Vec<Line>,
    is_cut: Option<String>,
}

async fn search(page: Page, State(hub): State<Arc<Hub>>, Query(wanted): Query<Wanted>) -> Result<Response, Wrong> {
    let w = ReportWords::of(page.lang);
    let last_day = hub.ask(hub_store::HubStore::last_day).await?;
    let asked = Asked { from: wanted.from.clone(), to: wanted.to.clone(), ..Asked::default() };
    let period = Period::of(&asked, last_day, &page)?;
    let query = query_of(&wanted, period, w)?;
    let searched = query.is_some();
    let found = match query {
        Some(query) => hub.ask(move |store| store.find_receipts(&query)).await?,
        None => Vec::new(),
    };
    show(&ReceiptsPage {
        w,
        from: period.from.to_string(),
        to: period.to.to_string(),
        searched,
        is_cut: (found.len() >= RECEIPTS_MAX).then(|| fill(w.cut_list, &[("n", &RECEIPTS_MAX.to_string())])),
        lines: found.iter().map(|sale| line(sale, w)).collect(),
        wanted,
        page,
    })
}

/// What is looked for; none when nothing was written.
fn query_of(wanted: &Wanted, period: Period, w: &ReportWords) -> Result<Option<ReceiptQuery>, Wrong> {
    let wrong = |code, what, todo| Wrong::new(StatusCode::BAD_REQUEST, code, what, todo);
    let short = |text: &str| given(text).filter(|text| text.len() <= TEXT_CHARS_MAX);
    if let Some(qr) = short(&wanted.qr) {
        let proof = till::paper::read_proof(&qr).ok_or_else(|| wrong("receipt.qr", w.qr_wrong, w.qr_todo))?;
        return Ok(Some(ReceiptQuery::Entry(proof.log_id(), proof.seq)));
    }
    if let Some(no) = short(&wanted.no) {
        // `0142-3 118`, as people say it.
        let digits = no.rsplit([' ', '/', '#']).next().unwrap_or_default();
        let before =
            no.strip_suffix(digits).map(|before| before.trim_end_matches([' ', '/', '#']).to_owned()).and_then(|text| given(&text));
        let receipt_no = digits.parse().map_err(|_| wrong("receipt.number", w.number_wrong, w.number_todo))?;
        return Ok(Some(ReceiptQuery::Number { register: short(&wanted.register).or(before), receipt_no }));
    }
    if let Some(amount) = short(&wanted.amount) {
        let plain: String = amount.chars().filter(|char| !char.is_whitespace()).collect();
        let plain = plain.trim_end_matches("kr").replace(',', ".").replace('−', "-");
        let (sign, size) = plain.strip_prefix('-').map_or((1, &*plain), |size| (-1, size));
        let read = Money::parse(size, Currency::Sek).map_err(|_| wrong("receipt.amount", w.amount_wrong, w.amount_todo))?;
        return Ok(Some(ReceiptQuery::Amount { minor: sign * read.minor(), from_day: period.first_day(), to_day: period.last_day() }));
    }
    Ok(None)
}

fn line(sale: &SaleRow, w: &'static ReportWords) -> Line {
    Line {
        at: sale.at().to_string(),
        time: wall(sale.wall_s, sale.offset_min),
        register: sale.register.clone(),
        receipt_no: sale.receipt_no,
        unit: sale.unit.clone(),
        unit_href: format!("/units/{}", query_safe(&sale.unit)),
        kind: w.kind_word(&sale.kind),
        training: sale.training,
        branch: (sale.branch > 0).then(|| fill(w.branch, &[("n", &sale.branch.to_string())])),
        crew: or_dash(&sale.crew),
        payment: w.paid(&sale.payment),
        gross: money(sale.total_minor, &sale.currency),
    }
}

#[derive(Template)]
#[template(path = "reports/receipt.html")]
struct ReceiptPage {
    page: Page,
    w: &'static ReportWords,
    title: String,
    line: Line,
    log: String,
    seq: u64,
    head: String,
    program: String,
    trusted: bool,
    received: String,
    trip: Option<(String, String)>,
    leg: String,
    vat: String,
    corrects: Option<(u64, String)>,
    taken_back: Vec<Line>,
    doubles: Vec<Line>,
    text: String,
    knows_operator: bool,
}

async fn stored(hub: &Hub, at: SaleAt) -> Result<(StoredReceipt, Option<till::data::Operator>), Wrong> {
    let found = hub.ask(move |store| Ok::<_, Fault>((store.receipt(&at)?, paper::operator(store)?))).await?;
    Ok((found.0.ok_or_else(Wrong::missing)?, found.1))
}

async fn receipt(page: Page, State(hub): State<Arc<Hub>>, Path(at): Path<String>) -> Result<Response, Wrong> {
    let w = ReportWords::of(page.lang);
    let (receipt, operator) = stored(&hub, at.parse().map_err(|_| Wrong::missing())?).await?;
    let sale = &receipt.sale;
    let knows_operator = operator.is_some();
    let strip = paper::strip(&receipt, operator);
    let leg = receipt.trip.as_ref().zip(u16::try_from(sale.leg).ok());
    show(&ReceiptPage {
        w,
        title: fill(w.picture_of, &[("no", &sale.receipt_no.to_string()), ("register", &sale.register)]),
        line: line(sale, w),
        log: sale.log.to_string(),
        seq: sale.seq,
        head: receipt.head.short(),
        program: receipt.program.clone(),
        trusted: sale.trusted,
        received: receipt.received_s.map_or_else(String::new, |received_s| page.clock(received_s)),
        trip: receipt.trip.as_ref().map(|trip| {
            let day = day_text(trip.day);
            (format!("{} {}, {day}", w.train, trip.train), format!("/trips/{day}/{}", query_safe(&trip.train)))
        }),
        leg: leg.map_or_else(String::new, |(trip, leg)| hub_store::project::leg_name(&trip.calls, leg)),
        vat: money(sale.vat_minor, &sale.currency),
        corrects: sale.corrects.map(|no| (no, format!("/receipts?register={}&no={no}", query_safe(&sale.register)))),
        taken_back: receipt.taken_back.iter().map(|sale| line(sale, w)).collect(),
        doubles: receipt.doubles.iter().map(|sale| line(sale, w)).collect(),
        text: strip.map_or_else(String::new, |strip| strip.text().to_owned()),
        knows_operator,
        page,
    })
}

async fn picture(_: Page, State(hub): State<Arc<Hub>>, Path(at): Path<String>) -> Result<Response, Wrong> {
    let (receipt, operator) = stored(&hub, at.parse().map_err(|_| Wrong::missing())?).await?;
    let png = paper::strip(&receipt, operator).ok_or_else(Wrong::missing)?.png();
    Ok(([(header::CONTENT_TYPE, "image/png")], png).into_response())
}
