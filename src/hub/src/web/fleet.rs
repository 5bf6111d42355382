//! The start page: every unit is good, bad or not heard from, and the three add up.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Query, State},
    response::Response,
};
use hub_store::fleet::{FleetCounts, Reason, UnitRow, UnitState};
use serde::Deserialize;

use super::{
    page::{Page, Wrong, show},
    rights::Right,
    route::{Pages, query_safe},
    words::{FleetWords, fill},
};
use crate::Hub;

/// Units on one page of the board.
const UNITS_SHOWN: usize = 100;

/// The pages here.
pub(super) fn pages() -> Pages {
    Pages::default().get("/", Right::See, board)
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    q: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    from: usize,
}

#[derive(Template)]
#[template(path = "fleet/board.html")]
struct BoardPage {
    page: Page,
    f: &'static FleetWords,
    counts: FleetCounts,
    q: String,
    states: Vec<Count>,
    units: Vec<Line>,
    empty: bool,
    /// Where the page lies among all that match.
    span: Option<String>,
    earlier: Option<String>,
    later: Option<String>,
    here: String,
}

/// A figure of the head line, which is a filter too.
struct Count {
    word: &'static str,
    class: &'static str,
    n: u64,
    href: String,
    chosen: bool,
    name: &'static str,
}

/// A unit as the board shows it.
pub(super) struct Line {
    pub(super) unit: String,
    pub(super) href: String,
    pub(super) depot: String,
    pub(super) state: Shown,
    pub(super) why: Vec<&'static str>,
    pub(super) heard: String,
    pub(super) heard_at: String,
    pub(super) place: String,
    pub(super) unsent: String,
    pub(super) unsent_since: String,
    pub(super) versions: Vec<String>,
    pub(super) clock: String,
}

/// A state with its class and icon.
#[derive(Clone, Copy)]
pub(super) struct Shown {
    pub(super) class: &'static str,
    pub(super) word: &'static str,
    /// Paths of an icon in a square of 16.
    pub(super) icon: &'static str,
}

impl Shown {
    pub(super) const fn of(state: UnitState, f: &'static FleetWords) -> Self {
        let word = f.state_word(state);
        match state {
            UnitState::Good => Self { class: "good", word, icon: "M2 8l4 5 8-10" },
            UnitState::Bad => Self { class: "bad", word, icon: "M8 1l7 13H1zM8 6v4M8 11.5v1" },
            UnitState::NotHeardFrom => {
                Self { class: "warn", word, icon: "M8 1a7 7 0 1 0 .1 0M5.5 6a2.5 2.5 0 1 1 3.5 2.3q-1 .5-1 1.7M8 11v1" }
            }
        }
    }
}

async fn board(page: Page, State(hub): State<Arc<Hub>>, Query(asked): Query<Asked>) -> Result<Response, Wrong> {
    let now_s = page.now_s;
    let board = hub.ask(move |store| store.fleet(now_s)).await?;
    let f = FleetWords::of(page.lang);
    let q = asked.q.trim().to_lowercase();
    let wanted = state_of(&asked.state);
    let empty = board.units.is_empty();
    let mut matching: Vec<&UnitRow> =
        board.units.iter().filter(|unit| wanted.is_none_or(|state| unit.state == state) && has(unit, &q, f)).collect();
    matching.sort_by_key(|unit| (weight(unit.state), unit.reasons.first().copied(), &unit.unit));
    let from = if asked.from < matching.len() { asked.from } else { 0 };
    let to = (from + UNITS_SHOWN).min(matching.len());
    let units = matching[from..to].iter().map(|unit| line(unit, &page, f)).collect();
    let url = |state: &str, from: usize| {
        let mut url = format!("/?state={state}&q={}", query_safe(&asked.q));
        if from > 0 {
            url.push_str(&format!("&from={from}"));
        }
        url
    };
    let span = (matching.len() > UNITS_SHOWN).then(|| {
        let values = [(from + 1).to_string(), to.to_string(), matching.len().to_string()];
        fill(f.place_of, &[("from", &values[0]), ("to", &values[1]), ("all", &values[2])])
    });
    let count = |class, state: UnitState, name, n| Count {
        word: f.state_word(state),
        class,
        n,
        href: url(name, 0),
        chosen: wanted == Some(state),
        name,
    };
    let states = vec![
        count("good", UnitState::Good, "good", board.counts.good),
        count("bad", UnitState::Bad, "bad", board.counts.bad),
        count("warn", UnitState::NotHeardFrom, "silent", board.counts.not_heard_from),
    ];
    show(&BoardPage {
        f,
        counts: board.counts,
        earlier: (from > 0).then(|| url(&asked.state, from.saturating_sub(UNITS_SHOWN))),
        later: (to < matching.len()).then(|| url(&asked.state, to)),
        here: url(&asked.state, from),
        q: asked.q,
        states,
        units,
        empty,
        span,
        page,
    })
}

fn state_of(name: &str) -> Option<UnitState> {
    match name {
        "good" => Some(UnitState::Good),
        "bad" => Some(UnitState::Bad),
        "silent" => Some(UnitState::NotHeardFrom),
        _ => None,
    }
}

/// What needs somebody comes first.
const fn weight(state: UnitState) -> u8 {
    match state {
        UnitState::Bad => 0,
        UnitState::NotHeardFrom => 1,
        UnitState::Good => 2,
    }
}

fn has(unit: &UnitRow, q: &str, f: &FleetWords) -> bool {
    let texts = [&unit.unit, &unit.depot, &unit.note, &unit.report.program].into_iter().map(String::as_str);
    let more = unit.report.place.as_deref().into_iter().chain(unit.report.image.as_deref());
    let reasons = unit.reasons.iter().map(|reason| f.reason(*reason));
    q.is_empty() || texts.chain(more).chain(reasons).any(|text| text.to_lowercase().contains(q))
}

/// A unit in words.
pub(super) fn line(unit: &UnitRow, page: &Page, f: &'static FleetWords) -> Line {
    let report = &unit.report;
    let mut versions = Vec::new();
    versions.extend((!report.program.is_empty()).then(|| report.program.clone()));
    versions.extend(report.image.as_ref().map(|image| format!("{} {image}", f.image)));
    let held: Vec<String> = report.bundles.iter().map(|held| format!("{} {}", held.role, held.version)).collect();
    versions.extend((!held.is_empty()).then(|| held.join(", ")));
    let heard_once = report.seen_s.is_some();
    let unsent = match (heard_once, report.sales_unsent) {
        (false, _) => f.unsent_unknown.to_owned(),
        (true, 0) if report.last_seq <= unit.seq => f.unsent_none.to_owned(),
        (true, n) => fill(f.unsent_sales, &[("n", &n.to_string())]),
    };
    let why = |reason: &Reason| f.reason(*reason);
    Line {
        href: format!("/units/{}", query_safe(&unit.unit)),
        unit: unit.unit.clone(),
        depot: unit.depot.clone(),
        state: Shown::of(unit.state, f),
        why: unit.reasons.iter().map(why).collect(),
        heard: report.seen_s.map_or_else(|| page.w.never.to_owned(), |seen| page.ago(seen)),
        heard_at: report.seen_s.map_or_else(String::new, |seen| page.clock(seen)),
        place: report.place.clone().unwrap_or_default(),
        unsent,
        unsent_since: report.behind_since_s.map_or_else(String::new, |since| fill(f.unsent_since, &[("ago", &page.ago(since))])),
        versions,
        clock: report.clock_off_s.map_or_else(String::new, |off_s| clock(off_s, f)),
    }
}

/// How far a clock is off.
fn clock(off_s: i64, f: &FleetWords) -> String {
    /// Less than this is how long a request takes, in seconds.
    const RIGHT_S: i64 = 10;
    if off_s.abs() < RIGHT_S {
        return f.clock_right.to_owned();
    }
    fill(if off_s > 0 { f.clock_ahead } else { f.clock_late }, &[("n", &long(off_s.abs(), f))])
}

/// A length of time in its largest unit.
pub(super) fn long(s: i64, f: &FleetWords) -> String {
    let (text, n) = match s {
        ..120 => (f.seconds, s),
        120..7_200 => (f.minutes, s / 60),
        7_200..172_800 => (f.hours, s / 3_600),
        _ => (f.days, s / 86_400),
    };
    fill(text, &[("n", &n.to_string())])
}
