//! The hub: takes in what tills have sold, shows the fleet, hands out signed bundles.
//!
//! **Invariant.** A batch is committed before it is acknowledged. The hub has no key that a till obeys and no command that a till takes; what
//! it says can make no till forget. Beside its database it keeps no state, so several can run on one.
//!
//! **Entry points.** [`Hub`] is the state that every handler shares, [`router`] what is served, [`Clock`] the time as an argument.

pub mod answer;
pub mod state;
pub mod web;

pub use state::{Clock, Hub, Live};

use std::sync::Arc;

use axum::{Router, routing::get};

/// Everything that is served.
pub fn router(hub: Arc<Hub>) -> Router {
    Router::new().route("/health", get(|| async { "well\n" })).merge(web::routes()).with_state(hub)
}
