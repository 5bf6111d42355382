//! One till: its logs, its keys, what it told last; and how a new one is let in.

use std::sync::Arc;

use askama::Template;
use axum::{
    Form,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use hub_store::{
    Fault,
    fleet::{Alert, FleetRefusal, LastReport, LogRow, UnitRow},
    raw::Branch,
};
use journal::LogId;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use wire::{Bytes32, Token};

use super::{
    fleet::{Line, line},
    page::{Page, Wrong, show},
    rights::Right,
    route::{Pages, query_safe},
    secret,
    words::{FleetWords, fill},
};
use crate::{Hub, Live, answer::No};

/// The most alerts of a unit that are shown.
const ALERTS_SHOWN: u32 = 50;
/// The most unreadable entries of a unit that are shown.
const SHELVED_SHOWN: usize = 50;

/// The pages here.
pub(super) fn pages() -> Pages {
    Pages::default()
        .get("/units/{unit}", Right::See, unit_page)
        .post("/units/{unit}", Right::Mend, set_unit)
        .post("/units/{unit}/logs/{log}/confirm", Right::Confirm, confirm)
        .post("/units/{unit}/logs/{log}/revoke", Right::Revoke, revoke)
        .get("/enrol", Right::Enrol, enrol_page)
        .post("/enrol", Right::Enrol, enrol)
}

#[derive(Template)]
#[template(path = "fleet/unit.html")]
struct UnitPage {
    page: Page,
    f: &'static FleetWords,
    line: Line,
    row: UnitRow,
    logs: Vec<LogShown>,
    alerts: Vec<super::alerts::AlertShown>,
    shelved: Vec<ShelvedShown>,
    here: String,
}

/// A log as the page shows it.
struct LogShown {
    log: String,
    short: String,
    entries: u64,
    head: String,
    enrolled: String,
    heard: String,
    board: String,
    branches: Vec<String>,
    confirmed: Option<String>,
    revoked: Option<String>,
    forked: Option<String>,
    succeeded: bool,
    current: bool,
    /// The hub's half of the comparison, where the key waits for it.
    code: Option<String>,
}

struct ShelvedShown {
    log: String,
    seq: u64,
    why: String,
}

/// Everything about a unit, read at once.
struct Read {
    row: UnitRow,
    logs: Vec<(LogRow, LastReport, Vec<Branch>)>,
    alerts: Vec<Alert>,
    shelved: Vec<ShelvedShown>,
}

async fn unit_page(page: Page, State(hub): State<Arc<Hub>>, Path(unit): Path<String>) -> Result<Response, Wrong> {
    let (now_s, asked) = (page.now_s, unit.clone());
    let read = hub.ask(move |store| read(store, &asked, now_s)).await?.ok_or_else(Wrong::missing)?;
    let f = FleetWords::of(page.lang);
    let in_use = read.row.log_id();
    let logs = read.logs.iter().map(|log| log_shown(log, in_use, &page, f, &hub)).collect();
    let alerts = read.alerts.iter().map(|alert| super::alerts::shown(alert, &page, f)).collect();
    let line = line(&read.row, &page, f);
    let here = format!("/units/{}", query_safe(&unit));
    show(&UnitPage { f, line, row: read.row, logs, alerts, shelved: read.shelved, here, page })
}

fn read(store: &hub_store::HubStore, unit: &str, now_s: i64) -> Result<Option<Read>, Fault> {
    let Some(row) = store.fleet(now_s)?.units.into_iter().find(|row| row.unit == unit) else { return Ok(None) };
    let mut logs = Vec::new();
    for log in store.logs_of(unit)? {
        let report = store.last_report(&log.log)?.unwrap_or_default();
        let branches = store.branches(&log.log)?;
        logs.push((log, report, branches));
    }
    // The newest first: the one in use is what people come for.
    logs.reverse();
    let ours = |shelved: &hub_store::views::Shelved| logs.iter().any(|(log, ..)| log.log == shelved.log);
    let shelved = store.shelved()?.into_iter().filter(ours).take(SHELVED_SHOWN);
    let shelved = shelved.map(|shelved| ShelvedShown { log: short(&shelved.log), seq: shelved.seq, why: shelved.why }).collect();
    Ok(Some(Read { row, logs, alerts: store.alerts_of(unit, ALERTS_SHOWN)?, shelved }))
}

fn log_shown(
    (log, report, branches): &(LogRow, LastReport, Vec<Branch>),
    in_use: Option<LogId>,
    page: &Page,
    f: &FleetWords,
    hub: &Hub,
) -> LogShown {
    let first = branches.iter().find(|branch| branch.branch == 0);
    let fork = |branch: &&Branch| branch.branch > 0;
    let branch = |branch: &Branch| {
        let values = [branch.branch.to_string(), branch.first_own_seq.to_string(), branch.last_seq.to_string()];
        fill(f.branch, &[("n", &values[0]), ("seq", &values[1]), ("last", &values[2])])
    };
    let waits = log.confirmed.is_none() && log.revoked.is_none();
    LogShown {
        log: log.log.to_string(),
        short: short(&log.log),
        entries: first.map_or(0, |branch| branch.last_seq),
        head: first.map_or_else(String::new, |branch| Bytes32(branch.head.0).to_string().chars().take(8).collect()),
        enrolled: page.clock(log.enrolled_s),
        heard: report.seen_s.map_or_else(|| page.w.never.to_owned(), |seen| page.ago(seen)),
        board: log.board.clone().unwrap_or_default(),
        branches: branches.iter().filter(fork).map(branch).collect(),
        confirmed: log.confirmed.as_ref().map(|(at, by)| format!("{}, {by}", page.clock(at))),
        revoked: log.revoked.as_ref().map(|(at, by, why)| format!("{}, {by}: {why}", page.clock(at))),
        forked: log.forked_s.map(|at| page.clock(at)),
        succeeded: log.succeeded_by.is_some(),
        current: in_use == Some(log.log) && log.revoked.is_none(),
        code: waits.then(|| hub.short_code(&log.public)),
    }
}

/// The beginning of a log's identity, as people name it.
pub(super) fn short(log: &LogId) -> String {
    log.to_string().chars().take(8).collect()
}

#[derive(Deserialize)]
struct About {
    depot: String,
    note: String,
    expected: Option<String>,
}

async fn set_unit(page: Page, State(hub): State<Arc<Hub>>, Path(unit): Path<String>, Form(form): Form<About>) -> Result<Response, Wrong> {
    let (now_s, by, asked) = (page.now_s, page.login().to_owned(), unit.clone());
    let set = hub.ask(move |store| {
        if store.logs_of(&asked)?.is_empty() && !store.fleet(now_s)?.units.iter().any(|row| row.unit == asked) {
            return Err(FleetRefusal::UnitUnknown);
        }
        store.set_unit(&asked, form.depot.trim(), form.note.trim(), form.expected.is_some(), now_s)?;
        let expected = if form.expected.is_some() { "expected" } else { "not expected" };
        Ok(store.add_note(&hub_store::audit::Note::new(&by, "unit", &asked, expected), now_s)?)
    });
    set.await.map_err(wrong)?;
    hub.tell(Live::Unit(unit.clone()));
    Ok(Redirect::to(&format!("/units/{}", query_safe(&unit))).into_response())
}

#[derive(Deserialize)]
struct Confirm {
    digits: String,
}

async fn confirm(
    page: Page,
    State(hub): State<Arc<Hub>>,
    Path((unit, log)): Path<(String, String)>,
    Form(form): Form<Confirm>,
) -> Result<Response, Wrong> {
    let (log, known) = log_of(&hub, &unit, &log).await?;
    let typed: String = form.digits.chars().filter(char::is_ascii_digit).collect();
    if !secret::equal(&typed, &hub.short_code(&known.public)) {
        return Err(Wrong::say(StatusCode::UNPROCESSABLE_ENTITY, "log.short-code"));
    }
    let (by, now_s) = (page.login().to_owned(), page.now_s);
    hub.ask(move |store| store.confirm(&log, &by, now_s)).await.map_err(wrong)?;
    Ok(changed(&hub, &unit))
}

#[derive(Deserialize)]
struct Revoke {
    why: String,
}

async fn revoke(
    page: Page,
    State(hub): State<Arc<Hub>>,
    Path((unit, log)): Path<(String, String)>,
    Form(form): Form<Revoke>,
) -> Result<Response, Wrong> {
    let (log, _) = log_of(&hub, &unit, &log).await?;
    let why = form.why.trim().to_owned();
    if why.is_empty() {
        return Err(Wrong::say(StatusCode::UNPROCESSABLE_ENTITY, "page.form"));
    }
    let (by, now_s) = (page.login().to_owned(), page.now_s);
    hub.ask(move |store| store.revoke(&log, &by, &why, now_s)).await.map_err(wrong)?;
    Ok(changed(&hub, &unit))
}

/// A log of this unit.
async fn log_of(hub: &Hub, unit: &str, log: &str) -> Result<(LogId, LogRow), Wrong> {
    let log = LogId(Bytes32::parse(log).ok_or_else(Wrong::missing)?.0);
    let known = hub.ask(move |store| store.log(&log)).await?;
    let known = known.filter(|known| known.unit == unit).ok_or_else(Wrong::missing)?;
    Ok((log, known))
}

fn changed(hub: &Hub, unit: &str) -> Response {
    hub.tell(Live::Unit(unit.to_owned()));
    hub.tell(Live::Alert);
    Redirect::to(&format!("/units/{}", query_safe(unit))).into_response()
}

/// What the fleet refuses, on a page.
fn wrong(refusal: FleetRefusal) -> Wrong {
    let (status, code) = match refusal {
        FleetRefusal::Fault(fault) => return No::from(fault).into(),
        FleetRefusal::UnitUnknown | FleetRefusal::LogUnknown => return Wrong::missing(),
        FleetRefusal::UnitLabel => (StatusCode::UNPROCESSABLE_ENTITY, "unit.label"),
        FleetRefusal::LogRevoked => (StatusCode::CONFLICT, "log.revoked"),
        FleetRefusal::TextLong => (StatusCode::UNPROCESSABLE_ENTITY, "page.form"),
    };
    Wrong::say(status, code)
}

#[derive(Template)]
#[template(path = "fleet/enrol.html")]
struct EnrolPage {
    page: Page,
    f: &'static FleetWords,
    token: Option<(String, String)>,
}

async fn enrol_page(page: Page) -> Result<Response, Wrong> {
    show(&EnrolPage { f: FleetWords::of(page.lang), page, token: None })
}

#[derive(Deserialize)]
struct Enrol {
    unit: String,
}

async fn enrol(page: Page, State(hub): State<Arc<Hub>>, Form(form): Form<Enrol>) -> Result<Response, Wrong> {
    let (unit, by, now_s) = (form.unit.trim().to_owned(), page.login().to_owned(), page.now_s);
    let spki = hub.spki.get().ok_or_else(|| Wrong::say(StatusCode::SERVICE_UNAVAILABLE, "hub.no-key"))?;
    let key: [u8; 32] = Sha256::digest(spki).into();
    let mut pin = [0; 16];
    pin.copy_from_slice(&key[..16]);
    let token = Token { secret: secret::random(), pin };
    let asked = unit.clone();
    hub.ask(move |store| store.new_token(&asked, &token.secret, &by, now_s)).await.map_err(wrong)?;
    hub.tell(Live::Unit(unit.clone()));
    let f = FleetWords::of(page.lang);
    show(&EnrolPage { f, token: Some((fill(f.token, &[("unit", &unit)]), token.to_string())), page })
}
