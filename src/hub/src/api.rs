//! The JSON API: what the pages show, for programs. It changes nothing.
#![expect(unused_qualifications, reason = "the macro that describes a path writes them")]

mod openapi;
mod shapes;

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{FromRequestParts, Path, Query, State, rejection::QueryRejection},
    http::{StatusCode, header, request::Parts},
    routing::get,
};
use hub_store::{SaleAt, SalesFilter, fleet::UnitRow};
use journal::LogId;
use serde::Deserialize;
use utoipa::IntoParams;
use wire::Bytes32;

use crate::{Hub, answer::No};
use shapes::{Alert, Alerts, Entries, Entry, Fleet, Log, Sale, Sales, Unit, UnitPage};

/// The most sales of one answer, and how many when nothing is said.
const SALES_MAX: usize = 1_000;
/// The most alerts of one answer.
const ALERTS_MAX: u32 = 1_000;
/// The most entries of one answer, and how many when nothing is said.
const ENTRIES_MAX: usize = 1_000;

/// All of it.
pub fn routes() -> Router<Arc<Hub>> {
    Router::new()
        .route("/api/v1/sales", get(sales))
        .route("/api/v1/fleet", get(fleet))
        .route("/api/v1/units/{unit}", get(unit))
        .route("/api/v1/alerts", get(alerts))
        .route("/api/v1/entries", get(entries))
        .route("/api/v1/openapi.json", get(openapi::document))
}

/// Whoever shows a token of `hub api-token`.
pub struct ApiToken {
    /// The token's name.
    pub name: String,
}

impl FromRequestParts<Arc<Hub>> for ApiToken {
    type Rejection = No;

    async fn from_request_parts(parts: &mut Parts, hub: &Arc<Hub>) -> Result<Self, No> {
        let no = |what: &str| {
            let todo = "Make a token with `hub api-token --name NAME` and send it as `Authorization: Bearer TOKEN`.";
            No::new(StatusCode::UNAUTHORIZED, "api.token", what, todo)
        };
        let shown = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = shown.and_then(|shown| shown.strip_prefix("Bearer ")).ok_or_else(|| no("This asks for a token."))?.trim().to_owned();
        let name = hub.ask(move |store| store.api_token_name(&token)).await?;
        name.map(|name| Self { name }).ok_or_else(|| no("The token is not good, or no longer."))
    }
}

/// What a query that is not understood is answered.
fn asked<T>(query: Result<Query<T>, QueryRejection>) -> Result<T, No> {
    query.map(|Query(query)| query).map_err(|error| unprocessable(format!("The question is not understood: {}.", error.body_text())))
}

fn unprocessable(what: impl Into<String>) -> No {
    No::new(StatusCode::UNPROCESSABLE_ENTITY, "api.query", what, "See /api/v1/openapi.json.")
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct SalesAsked {
    /// Of this unit alone.
    unit: Option<String>,
    /// Behind this one: `next` of the answer before.
    after: Option<String>,
    /// At most so many, up to 1000.
    limit: Option<usize>,
}

/// Sales, refunds, voids and practice receipts, in the order of log, branch and entry, as far as the hub has projected them.
#[utoipa::path(get, path = "/api/v1/sales", params(SalesAsked),
    responses((status = 200, body = Sales), (status = 401, body = shapes::Refused), (status = 503, body = shapes::Refused), (status = 422, body = shapes::Refused)))]
async fn sales(State(hub): State<Arc<Hub>>, _: ApiToken, query: Result<Query<SalesAsked>, QueryRejection>) -> Result<Json<Sales>, No> {
    let asked = asked(query)?;
    let after = asked.after.map(|after| after.parse::<SaleAt>()).transpose();
    let after = after.map_err(|_| unprocessable("`after` is the `next` of an answer before."))?;
    let limit = asked.limit.unwrap_or(SALES_MAX).clamp(1, SALES_MAX);
    let filter = SalesFilter { unit: asked.unit, after, limit };
    let found = hub.ask(move |store| store.sales(&filter)).await?;
    let next = if found.len() == limit { found.last().map(|sale| sale.at().to_string()) } else { None };
    Ok(Json(Sales { sales: found.iter().map(Sale::of).collect(), next }))
}

/// The fleet: how many units are good, bad and not heard from, and each of them.
#[utoipa::path(get, path = "/api/v1/fleet", responses((status = 200, body = Fleet), (status = 401, body = shapes::Refused), (status = 503, body = shapes::Refused)))]
async fn fleet(State(hub): State<Arc<Hub>>, _: ApiToken) -> Result<Json<Fleet>, No> {
    let now_s = hub.clock.now_s();
    let board = hub.ask(move |store| store.fleet(now_s)).await?;
    Ok(Json(Fleet::of(&board)))
}

/// One unit with all its logs and alerts.
#[utoipa::path(get, path = "/api/v1/units/{unit}", params(("unit" = String, Path, description = "The unit's label")),
    responses((status = 200, body = UnitPage), (status = 400, body = shapes::Refused), (status = 401, body = shapes::Refused), (status = 503, body = shapes::Refused), (status = 404, body = shapes::Refused)))]
async fn unit(State(hub): State<Arc<Hub>>, _: ApiToken, Path(label): Path<String>) -> Result<Json<UnitPage>, No> {
    let now_s = hub.clock.now_s();
    let found = hub
        .ask(move |store| {
            let board = store.fleet(now_s)?;
            let Some(row) = board.units.into_iter().find(|row| row.unit == label) else { return Ok::<_, No>(None) };
            let mut logs = Vec::new();
            for log in store.logs_of(&row.unit)? {
                logs.push((store.branches(&log.log)?, log));
            }
            let alerts = store.alerts_of(&row.unit, ALERTS_MAX)?;
            Ok(Some((row, logs, alerts)))
        })
        .await?;
    let unknown = || No::new(StatusCode::NOT_FOUND, "unit.unknown", "There is no such unit.", "See /api/v1/fleet for all of them.");
    let (row, logs, alerts): (UnitRow, Vec<_>, Vec<_>) = found.ok_or_else(unknown)?;
    Ok(Json(UnitPage {
        unit: Unit::of(&row),
        logs: logs.iter().map(|(branches, log)| Log::of(log, branches)).collect(),
        alerts: alerts.iter().map(Alert::of).collect(),
    }))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct AlertsAsked {
    /// Also those that are settled.
    #[serde(default)]
    all: bool,
}

/// Alerts, newest first, at most 1000: those that stand open, or all.
#[utoipa::path(get, path = "/api/v1/alerts", params(AlertsAsked),
    responses((status = 200, body = Alerts), (status = 401, body = shapes::Refused), (status = 503, body = shapes::Refused), (status = 422, body = shapes::Refused)))]
async fn alerts(State(hub): State<Arc<Hub>>, _: ApiToken, query: Result<Query<AlertsAsked>, QueryRejection>) -> Result<Json<Alerts>, No> {
    let all = asked(query)?.all;
    let found = hub.ask(move |store| store.alerts(!all, ALERTS_MAX)).await?;
    Ok(Json(Alerts { alerts: found.iter().map(Alert::of).collect() }))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct EntriesAsked {
    /// The log's identity, 64 hexadecimal digits.
    log: String,
    /// The first entry, 1 when nothing is said.
    #[serde(default)]
    from: u64,
    /// The branch, 0 when nothing is said.
    #[serde(default)]
    branch: u64,
    /// At most so many, up to 1000.
    limit: Option<usize>,
}

/// Entries of a log as they came, byte for byte.
#[utoipa::path(get, path = "/api/v1/entries", params(EntriesAsked),
    responses((status = 200, body = Entries), (status = 401, body = shapes::Refused), (status = 503, body = shapes::Refused),
        (status = 404, body = shapes::Refused), (status = 422, body = shapes::Refused)))]
async fn entries(
    State(hub): State<Arc<Hub>>,
    _: ApiToken,
    query: Result<Query<EntriesAsked>, QueryRejection>,
) -> Result<Json<Entries>, No> {
    let asked = asked(query)?;
    let id = Bytes32::parse(&asked.log).ok_or_else(|| unprocessable("`log` is 64 hexadecimal digits."))?;
    let log = LogId(id.0);
    let limit = asked.limit.unwrap_or(ENTRIES_MAX).min(ENTRIES_MAX);
    let known = hub.ask(move |store| store.log(&log)).await?;
    let known =
        known.ok_or_else(|| No::new(StatusCode::NOT_FOUND, "log.unknown", "There is no such log.", "See the units for their logs."))?;
    let found = hub.ask(move |store| store.entries(&log, asked.branch, asked.from, limit)).await?;
    let next = if found.len() == limit { found.last().map(|(seq, _)| seq + 1) } else { None };
    let entries = found.iter().map(|(seq, bytes)| Entry { seq: *seq, bytes: data_encoding::BASE64.encode(bytes) }).collect();
    Ok(Json(Entries { log: id.to_string(), public: data_encoding::HEXLOWER.encode(&known.public), branch: asked.branch, entries, next }))
}
