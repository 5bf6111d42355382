//! Whether the hub is well, for balancers and for Prometheus.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
    routing::get,
};
use hub_store::{
    Fault,
    engine::Dialect,
    fleet::{FleetBoard, UnitRow},
};
use serde::Serialize;

use crate::{
    Hub,
    answer::No,
    metrics::{METRICS_TYPE, Page, resident_bytes},
};

pub(crate) fn routes() -> Router<Arc<Hub>> {
    Router::new().route("/health", get(health)).route("/metrics", get(metrics))
}

#[derive(Serialize)]
struct Health {
    ok: bool,
    database: &'static str,
    program: &'static str,
}

async fn health(State(hub): State<Arc<Hub>>) -> Result<Json<Health>, No> {
    let database = match hub.ask(|store| store.is_well()).await? {
        Dialect::Sqlite => "sqlite",
        Dialect::Postgres => "postgres",
    };
    Ok(Json(Health { ok: true, database, program: concat!("hub ", env!("CARGO_PKG_VERSION")) }))
}

async fn metrics(State(hub): State<Arc<Hub>>) -> Result<Response, No> {
    let now_s = hub.clock.now_s();
    let (board, lag) = hub.ask(move |store| Ok::<_, Fault>((store.fleet(now_s)?, store.projection_lag()?))).await?;
    let mut page = Page::default();
    hub.metrics.write(&mut page);
    page.family("hub_projection_lag_entries", "gauge", "Entries committed and not yet projected.");
    page.sample("hub_projection_lag_entries", &[], i128::from(lag));
    fleet(&mut page, &board);
    if let Some(bytes) = resident_bytes() {
        page.family("process_resident_memory_bytes", "gauge", "Resident memory.");
        page.sample("process_resident_memory_bytes", &[], i128::from(bytes));
    }
    Ok(([(header::CONTENT_TYPE, METRICS_TYPE)], page.into_text()).into_response())
}

/// What tills told of themselves last.
fn fleet(page: &mut Page, board: &FleetBoard) {
    page.family("hub_units", "gauge", "Units, by where they stand; the sum is the fleet.");
    let counts = board.counts;
    for (state, count) in [("good", counts.good), ("bad", counts.bad), ("not_heard_from", counts.not_heard_from)] {
        page.sample("hub_units", &[("state", state)], i128::from(count));
    }
    let each = |page: &mut Page, name: &str, help: &str, value: &dyn Fn(&UnitRow) -> Option<i128>| {
        page.family(name, "gauge", help);
        for unit in &board.units {
            if let Some(value) = value(unit) {
                page.sample(name, &[("unit", &unit.unit)], value);
            }
        }
    };
    each(page, "till_unsent_sales", "Sales that a till had still to send when it was last heard from.", &|unit| {
        unit.report.seen_s.map(|_| i128::from(unit.report.sales_unsent))
    });
    each(page, "till_last_sync_timestamp_seconds", "When a till was last heard from.", &|unit| unit.report.seen_s.map(i128::from));
    each(page, "till_clock_skew_seconds", "How far a till's clock is ahead of the hub's.", &|unit| unit.report.clock_off_s.map(i128::from));
    page.family("till_bundle_version", "gauge", "The version of a bundle that a till holds.");
    for unit in &board.units {
        for held in &unit.report.bundles {
            page.sample("till_bundle_version", &[("unit", &unit.unit), ("role", &held.role)], i128::from(held.version));
        }
    }
}
