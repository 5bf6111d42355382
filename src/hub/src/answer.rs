//! How the hub says no.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use hub_store::Fault;
use wire::Refused;

/// A refusal on its way out: status, stable code, what is wrong, what to do.
#[derive(Debug)]
pub struct No {
    /// The status.
    pub status: StatusCode,
    /// The body.
    pub refused: Refused,
}

impl No {
    /// A refusal.
    #[must_use]
    pub fn new(status: StatusCode, code: &str, what: impl Into<String>, todo: impl Into<String>) -> Self {
        Self { status, refused: Refused { code: code.into(), what: what.into(), todo: todo.into() } }
    }
}

impl From<Fault> for No {
    fn from(fault: Fault) -> Self {
        let (status, code) = match fault {
            Fault::Busy(_) | Fault::Postgres(_) => (StatusCode::SERVICE_UNAVAILABLE, "hub.busy"),
            Fault::Sqlite(_) | Fault::Damaged(_) | Fault::Newer { .. } | Fault::Folder(_) => (StatusCode::INTERNAL_SERVER_ERROR, "hub.store"),
        };
        Self::new(status, code, fault.to_string(), "Try again in a moment. Nothing that was acknowledged is lost.")
    }
}

impl IntoResponse for No {
    fn into_response(self) -> Response {
        (self.status, Json(self.refused)).into_response()
    }
}
