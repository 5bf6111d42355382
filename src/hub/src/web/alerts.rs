//! What somebody must look at.

use std::sync::Arc;

use askama::Template;
use axum::{
    Form,
    extract::{Query, State},
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use hub_store::{Fault, audit::Note, fleet::Alert};
use journal::LogId;
use serde::Deserialize;
use wire::Bytes32;

use super::{
    page::{Page, Wrong, show},
    rights::Right,
    route::{Pages, local, query_safe},
    words::FleetWords,
};
use crate::{Hub, Live};

/// The most alerts that are shown.
const ALERTS_SHOWN: u32 = 300;

/// The pages here.
pub(super) fn pages() -> Pages {
    Pages::default().get("/alerts", Right::See, alerts).post("/alerts/settle", Right::Mend, settle)
}

/// An alert as pages show it.
pub(super) struct AlertShown {
    pub(super) code: String,
    pub(super) word: String,
    pub(super) unit: String,
    pub(super) href: String,
    pub(super) log: String,
    pub(super) short: String,
    pub(super) since: String,
    pub(super) last: String,
    pub(super) count: u64,
    pub(super) details: String,
    pub(super) settled: Option<String>,
}

/// An alert in words.
pub(super) fn shown(alert: &Alert, page: &Page, f: &FleetWords) -> AlertShown {
    AlertShown {
        word: f.alert_word(&alert.code),
        code: alert.code.clone(),
        unit: alert.unit.clone(),
        href: format!("/units/{}", query_safe(&alert.unit)),
        log: alert.log.map_or_else(String::new, |log| log.to_string()),
        short: alert.log.map_or_else(String::new, |log| super::unit::short(&log)),
        since: page.clock(alert.raised_s),
        last: page.ago(alert.last_s),
        count: alert.count,
        details: alert.details.clone(),
        settled: alert.settled.as_ref().map(|(at, by)| format!("{by}, {}", page.clock(at))),
    }
}

#[derive(Template)]
#[template(path = "fleet/alerts.html")]
struct AlertsPage {
    page: Page,
    f: &'static FleetWords,
    alerts: Vec<AlertShown>,
    all: bool,
    here: &'static str,
}

#[derive(Deserialize)]
struct Asked {
    all: Option<u8>,
}

async fn alerts(page: Page, State(hub): State<Arc<Hub>>, Query(asked): Query<Asked>) -> Result<Response, Wrong> {
    let all = asked.all.is_some();
    let alerts = hub.ask(move |store| store.alerts(!all, ALERTS_SHOWN)).await?;
    let f = FleetWords::of(page.lang);
    let alerts = alerts.iter().map(|alert| shown(alert, &page, f)).collect();
    show(&AlertsPage { page, f, alerts, all, here: if all { "/alerts?all=1" } else { "/alerts" } })
}

#[derive(Deserialize)]
struct Settle {
    alert: String,
    #[serde(default)]
    log: String,
    #[serde(default)]
    unit: String,
    #[serde(default)]
    to: String,
}

async fn settle(page: Page, State(hub): State<Arc<Hub>>, Form(form): Form<Settle>) -> Result<Response, Wrong> {
    let log = if form.log.is_empty() { None } else { Some(LogId(Bytes32::parse(&form.log).ok_or_else(Wrong::missing)?.0)) };
    let (by, now_s, to) = (page.login().to_owned(), page.now_s, local(&form.to).to_owned());
    let settled = hub.ask(move |store| {
        let settled = store.settle_alert(&form.alert, log.as_ref(), &form.unit, &by, now_s)?;
        if settled {
            store.add_note(&Note::new(&by, "alert-settled", &form.unit, &form.alert), now_s)?;
        }
        Ok::<_, Fault>(settled)
    });
    if !settled.await? {
        return Err(Wrong::say(StatusCode::NOT_FOUND, "alert.settled"));
    }
    hub.tell(Live::Alert);
    Ok(Redirect::to(&to).into_response())
}
