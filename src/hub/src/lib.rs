//! The hub: takes in what tills have sold, shows the fleet, hands out signed bundles.
//!
//! **Invariant.** A batch is committed before it is acknowledged. The hub has no key that a till obeys and no command that a till takes; what
//! it says can make no till forget. Beside its database it keeps no state, so several can run on one.
//!
//! **Entry points.** [`Hub`] is the state that every handler shares, [`router`] what is served, [`serve::start`] a hub at work,
//! [`Clock`] the time as an argument.

mod alerts;
pub mod answer;
pub mod api;
pub mod bundles;
pub mod cli;
pub mod commands;
pub mod failure;
mod health;
pub mod help;
pub mod listen;
pub mod loadgen;
pub mod log;
pub mod metrics;
mod patient;
mod projector;
pub mod serve;
pub mod state;
mod tills;
pub mod tls;
pub mod web;
mod webhook;

pub use failure::Failure;
pub use listen::{Limits, Peer};
pub use state::{Clock, Hub, Live, short_code};

use std::sync::Arc;

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse as _, Response},
};

use crate::{
    answer::{No, Told},
    log::Level,
};

/// The hub's folder when none is named.
pub const DATA_DEFAULT: &str = "hub-data";

/// What every answer carries, unless it says otherwise itself: nothing foreign is loaded, nothing runs that is not the hub's own file, nobody
/// frames it, nobody keeps it.
const HEADERS: [(HeaderName, &str); 7] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; \
         manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "same-origin"),
    (header::CACHE_CONTROL, "no-store"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()"),
];

/// Everything that is served.
pub fn router(hub: Arc<Hub>) -> Router {
    Router::new()
        .merge(health::routes())
        .merge(tills::routes())
        .merge(api::routes())
        .merge(web::routes())
        .fallback(nothing_here)
        .method_not_allowed_fallback(async || No::of_status(StatusCode::METHOD_NOT_ALLOWED))
        .layer(middleware::from_fn_with_state(Arc::clone(&hub), tell))
        .layer(middleware::map_response(guard))
        .with_state(hub)
}

/// A browser sees a page, a program an object.
async fn nothing_here(State(hub): State<Arc<Hub>>, request: Request) -> Response {
    let of_programs = ["/api/", "/v1/"].iter().any(|begin| request.uri().path().starts_with(begin));
    let accepted = request.headers().get(header::ACCEPT).and_then(|accepted| accepted.to_str().ok()).unwrap_or_default();
    if of_programs || !accepted.contains("text/html") {
        return No::of_status(StatusCode::NOT_FOUND).into_response();
    }
    web::missing(&hub, request).await
}

/// Counts what was refused and writes a line about it.
async fn tell(State(hub): State<Arc<Hub>>, request: Request, next: Next) -> Response {
    let response = answer::in_words(next.run(request).await);
    if let Some(told) = response.extensions().get::<Told>() {
        hub.metrics.refused(&told.code);
        let level = if response.status().is_server_error() { Level::Error } else { Level::Warn };
        let mut fields = vec![("code", told.code.as_str().into()), ("status", response.status().as_u16().into())];
        fields.extend(told.about.as_deref().map(|about| ("about", about.into())));
        hub.log.line(level, "refused", &fields);
    }
    response
}

async fn guard(mut response: Response) -> Response {
    for (name, value) in HEADERS {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}
