//! Incidents: which tills must be made anew, and how many are left.

mod evidence;

use std::sync::Arc;

use askama::Template;
use axum::{
    Form,
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use data_encoding::HEXLOWER;
use hub_store::{
    audit::Noted,
    fleet::UnitState,
    incidents::{INCIDENT_UNITS_MAX, Incident, IncidentBoard, IncidentRefusal, IncidentUnit, Step},
};
use serde::Deserialize;

use super::{
    fleet::Shown,
    page::{Page, Wrong, show},
    rights::Right,
    route::{Pages, query_safe},
    secret,
    words::{IncidentWords, fill},
};
use crate::{Hub, Live, answer::No};

/// Units on one page of an incident.
const UNITS_SHOWN: usize = 100;
/// The most labels that a refusal repeats.
const UNKNOWN_SHOWN: usize = 50;
/// The most characters of each.
const LABEL_CHARS_SHOWN: usize = 40;

/// The pages here.
pub(super) fn pages() -> Pages {
    Pages::default()
        .get("/incidents", Right::See, list)
        .post("/incidents", Right::Mend, open)
        .get("/incidents/{id}", Right::See, incident)
        .post("/incidents/{id}/mark", Right::Mend, mark)
        .post("/incidents/{id}/aside", Right::Mend, aside)
        .post("/incidents/{id}/back", Right::Mend, back)
        .post("/incidents/{id}/close", Right::Mend, close)
        .get("/incidents/{id}/evidence.json", Right::See, evidence::json)
        .get("/incidents/{id}/evidence.csv", Right::See, evidence::csv)
}

#[derive(Template)]
#[template(path = "incidents/list.html")]
struct ListPage {
    page: Page,
    i: &'static IncidentWords,
    incidents: Vec<Incident>,
    all: String,
    bad: String,
}

async fn list(page: Page, State(hub): State<Arc<Hub>>) -> Result<Response, Wrong> {
    let now_s = page.now_s;
    let (incidents, counts) = hub
        .ask(move |store| {
            store.advance_incidents(now_s)?;
            Ok::<_, hub_store::Fault>((store.incidents()?, store.fleet(now_s)?.counts))
        })
        .await?;
    let i = IncidentWords::of(page.lang);
    let all = fill(i.which_all, &[("n", &counts.total().to_string())]);
    let bad = fill(i.which_bad, &[("n", &counts.bad.to_string())]);
    show(&ListPage { page, i, incidents, all, bad })
}

#[derive(Deserialize)]
struct Open {
    title: String,
    #[serde(default)]
    note: String,
    which: String,
    #[serde(default)]
    units: String,
}

async fn open(page: Page, State(hub): State<Arc<Hub>>, Form(form): Form<Open>) -> Result<Response, Wrong> {
    let id = HEXLOWER.encode(&secret::random::<6>());
    let (by, now_s, asked) = (page.login().to_owned(), page.now_s, id.clone());
    let opened = hub.ask(move |store| {
        let fleet = || store.fleet(now_s).map(|board| board.units);
        let units = match form.which.as_str() {
            "all" => fleet()?.into_iter().map(|unit| unit.unit).collect(),
            "bad" => fleet()?.into_iter().filter(|unit| unit.state == UnitState::Bad).map(|unit| unit.unit).collect(),
            _ => labels(&form.units),
        };
        store.open_incident(&asked, form.title.trim(), form.note.trim(), &units, &by, now_s)
    });
    opened.await.map_err(|refusal| wrong(refusal, &page))?;
    Ok(changed(&hub, &id))
}

/// What people typed or pasted as labels.
fn labels(text: &str) -> Vec<String> {
    let labels = text.split(|char: char| char.is_whitespace() || matches!(char, ',' | ';')).filter(|label| !label.is_empty());
    labels.take(INCIDENT_UNITS_MAX + 1).map(str::to_owned).collect()
}

#[derive(Template)]
#[template(path = "incidents/incident.html")]
struct IncidentPage {
    page: Page,
    i: &'static IncidentWords,
    incident: Incident,
    counts: Vec<Count>,
    bar: Vec<Part>,
    rate: String,
    forecast: String,
    units: Vec<UnitShown>,
    chosen: String,
    shown_of: String,
    later: Option<String>,
    notes: Vec<Noted>,
    here: String,
    base: String,
    live: bool,
}

struct Count {
    name: &'static str,
    word: &'static str,
    class: &'static str,
    n: u64,
    href: String,
    chosen: bool,
}

/// A part of the bar, in thousandths of its length.
struct Part {
    class: &'static str,
    x: u64,
    width: u64,
}

struct UnitShown {
    unit: String,
    href: String,
    state: Shown,
    since: String,
    steps: Vec<String>,
    why: String,
    can_aside: bool,
    is_aside: bool,
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    step: String,
    #[serde(default)]
    from: usize,
}

async fn incident(page: Page, State(hub): State<Arc<Hub>>, Path(id): Path<String>, Query(asked): Query<Asked>) -> Result<Response, Wrong> {
    let (now_s, of) = (page.now_s, id.clone());
    let (board, notes) = hub
        .ask(move |store| {
            store.advance_incidents(now_s)?;
            Ok::<_, hub_store::Fault>((store.incident(&of, now_s)?, store.notes_about(&of)?))
        })
        .await?;
    let board = board.ok_or_else(Wrong::missing)?;
    let i = IncidentWords::of(page.lang);
    let base = format!("/incidents/{}", query_safe(&id));
    let chosen = Step::parse(&asked.step);
    let counts = &board.incident.counts;
    let count = |step: Step| Count {
        name: step.name(),
        word: i.step_word(step),
        class: class(step),
        n: counts.at(step),
        href: format!("{base}?step={}", step.name()),
        chosen: chosen == Some(step),
    };
    let matching: Vec<&IncidentUnit> = board.units.iter().filter(|unit| chosen.is_none_or(|step| unit.at == step)).collect();
    let from = if asked.from < matching.len() { asked.from } else { 0 };
    let to = (from + UNITS_SHOWN).min(matching.len());
    let is_open = board.incident.closed.is_none();
    let (rate, forecast) = outlook(&board, &page, i);
    let span = format!("{}–{}", (from + 1).min(to), to);
    show(&IncidentPage {
        counts: Step::ALL.into_iter().map(count).collect(),
        bar: bar(&board),
        rate,
        forecast,
        units: matching[from..to].iter().map(|unit| unit_shown(unit, &page, i)).collect(),
        shown_of: fill(i.shown_of, &[("n", &span), ("all", &matching.len().to_string())]),
        later: (to < matching.len()).then(|| format!("{base}?step={}&from={to}", asked.step)),
        here: format!("{base}?step={}&from={from}", query_safe(&asked.step)),
        chosen: asked.step,
        incident: board.incident,
        notes,
        base,
        live: is_open,
        page,
        i,
    })
}

/// How quickly it goes and when it may be over, in words.
fn outlook(board: &IncidentBoard, page: &Page, i: &IncidentWords) -> (String, String) {
    let tenths = board.rate_tenths_per_hour();
    let comma = if page.lang.code() == "sv" { "," } else { "." };
    let rate = match board.rate_done {
        0 => i.rate_none.to_owned(),
        _ => fill(i.rate_per_hour, &[("n", &format!("{}{comma}{}", tenths / 10, tenths % 10))]),
    };
    let forecast = match board.forecast_s() {
        Some(s) => page.clock(page.now_s + s),
        None if board.incident.counts.left() == 0 => i.forecast_done.to_owned(),
        None => i.forecast_none.to_owned(),
    };
    (rate, forecast)
}

const fn class(step: Step) -> &'static str {
    match step {
        Step::Affected => "bad",
        Step::Reimaged | Step::Tested => "warn",
        Step::Done => "good",
        Step::Aside => "muted",
    }
}

fn bar(board: &IncidentBoard) -> Vec<Part> {
    let counts = &board.incident.counts;
    let total = counts.total().max(1);
    let parts = [("done", counts.done), ("some", counts.tested + counts.reimaged), ("left", counts.affected), ("aside", counts.aside)];
    let mut before = 0;
    let mut part = |(class, n): (&'static str, u64)| {
        let x = before * 1_000 / total;
        before += n;
        Part { class, x, width: before * 1_000 / total - x }
    };
    parts.into_iter().map(&mut part).collect()
}

fn unit_shown(unit: &IncidentUnit, page: &Page, i: &'static IncidentWords) -> UnitShown {
    let icon = match unit.at {
        Step::Affected => "M8 1l7 13H1zM8 6v4M8 11.5v1",
        Step::Reimaged => "M3 2h7l3 3v9H3zM6 2v4",
        Step::Tested => "M8 1a7 7 0 1 0 .1 0M8 4v4l3 2",
        Step::Done => "M2 8l4 5 8-10",
        Step::Aside => "M3 8h10",
    };
    let latest = unit.steps.iter().find(|taken| taken.step == unit.at);
    let step = |taken: &hub_store::incidents::StepTaken| {
        format!("{} {} {}", i.step_word(taken.step), page.clock(taken.at_s), fill(i.by, &[("who", &taken.by)]))
    };
    UnitShown {
        href: format!("/units/{}", query_safe(&unit.unit)),
        unit: unit.unit.clone(),
        state: Shown { class: class(unit.at), word: i.step_word(unit.at), icon },
        since: latest.map_or_else(String::new, |taken| page.ago(taken.at_s)),
        steps: unit.steps.iter().map(step).collect(),
        why: latest.map_or_else(String::new, |taken| taken.detail.clone()),
        can_aside: !matches!(unit.at, Step::Done | Step::Aside),
        is_aside: unit.at == Step::Aside,
    }
}

#[derive(Deserialize)]
struct Mark {
    units: String,
}

async fn mark(page: Page, State(hub): State<Arc<Hub>>, Path(id): Path<String>, Form(form): Form<Mark>) -> Result<Response, Wrong> {
    let (by, now_s, of) = (page.login().to_owned(), page.now_s, id.clone());
    hub.ask(move |store| store.mark_units(&of, &labels(&form.units), &by, now_s)).await.map_err(|refusal| wrong(refusal, &page))?;
    Ok(changed(&hub, &id))
}

#[derive(Deserialize)]
struct Aside {
    unit: String,
    why: String,
}

async fn aside(page: Page, State(hub): State<Arc<Hub>>, Path(id): Path<String>, Form(form): Form<Aside>) -> Result<Response, Wrong> {
    let (by, now_s, of) = (page.login().to_owned(), page.now_s, id.clone());
    hub.ask(move |store| store.set_aside(&of, &form.unit, form.why.trim(), &by, now_s)).await.map_err(|refusal| wrong(refusal, &page))?;
    Ok(changed(&hub, &id))
}

#[derive(Deserialize)]
struct Back {
    unit: String,
}

async fn back(page: Page, State(hub): State<Arc<Hub>>, Path(id): Path<String>, Form(form): Form<Back>) -> Result<Response, Wrong> {
    let (by, now_s, of) = (page.login().to_owned(), page.now_s, id.clone());
    hub.ask(move |store| store.take_back(&of, &form.unit, &by, now_s)).await.map_err(|refusal| wrong(refusal, &page))?;
    Ok(changed(&hub, &id))
}

async fn close(page: Page, State(hub): State<Arc<Hub>>, Path(id): Path<String>) -> Result<Response, Wrong> {
    let (by, now_s, of) = (page.login().to_owned(), page.now_s, id.clone());
    let closed = hub.ask(move |store| {
        store.advance_incidents(now_s)?;
        store.close_incident(&of, &by, now_s)
    });
    closed.await.map_err(|refusal| wrong(refusal, &page))?;
    Ok(changed(&hub, &id))
}

fn changed(hub: &Hub, id: &str) -> Response {
    hub.tell(Live::Unit(String::new()));
    Redirect::to(&format!("/incidents/{}", query_safe(id))).into_response()
}

fn wrong(refusal: IncidentRefusal, page: &Page) -> Wrong {
    let code = refusal.code();
    let status = match refusal {
        IncidentRefusal::Fault(fault) => return No::from(fault).into(),
        IncidentRefusal::Unknown => return Wrong::missing(),
        IncidentRefusal::UnknownUnits(labels) => {
            let i = IncidentWords::of(page.lang);
            let mut list =
                labels.iter().take(UNKNOWN_SHOWN).map(|label| label.chars().take(LABEL_CHARS_SHOWN).collect()).collect::<Vec<String>>();
            if labels.len() > UNKNOWN_SHOWN {
                list.push(format!("… (+{})", labels.len() - UNKNOWN_SHOWN));
            }
            let what = fill(i.unknown_units, &[("labels", &list.join(", "))]);
            return Wrong::new(StatusCode::UNPROCESSABLE_ENTITY, code, what, i.unknown_units_todo);
        }
        IncidentRefusal::Closed | IncidentRefusal::Left(_) => StatusCode::CONFLICT,
        IncidentRefusal::NoUnit | IncidentRefusal::Text | IncidentRefusal::Units => StatusCode::UNPROCESSABLE_ENTITY,
    };
    Wrong::say(status, code)
}
