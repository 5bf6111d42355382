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
    /// What the machine's log says beside the code: a log's identity, what failed. Never a name, never a token.
    pub about: Option<String>,
}

/// What a response carries for those who count and write lines.
#[derive(Clone, Debug)]
pub struct Told {
    /// The stable code.
    pub code: String,
    /// See [`No::about`].
    pub about: Option<String>,
}

impl No {
    /// A refusal.
    #[must_use]
    pub fn new(status: StatusCode, code: &str, what: impl Into<String>, todo: impl Into<String>) -> Self {
        Self { status, refused: Refused { code: code.into(), what: what.into(), todo: todo.into() }, about: None }
    }

    /// With a word for the machine's log.
    #[must_use]
    pub fn about(self, about: impl ToString) -> Self {
        Self { about: Some(about.to_string()), ..self }
    }
}

impl From<Fault> for No {
    fn from(fault: Fault) -> Self {
        let (status, code) = match fault {
            Fault::Busy(_) | Fault::Postgres(_) => (StatusCode::SERVICE_UNAVAILABLE, "hub.busy"),
            Fault::Sqlite(_) | Fault::Damaged(_) | Fault::Newer { .. } | Fault::Folder(_) | Fault::Unwritable { .. } => {
                (StatusCode::INTERNAL_SERVER_ERROR, "hub.store")
            }
        };
        // What exactly failed is for the machine's log, not for whoever asks.
        let what = "The hub's database did not answer as it should.";
        Self::new(status, code, what, "Try again in a moment. Nothing that was acknowledged is lost.").about(fault)
    }
}

impl IntoResponse for No {
    fn into_response(self) -> Response {
        let told = Told { code: self.refused.code.clone(), about: self.about };
        let mut response = (self.status, Json(self.refused)).into_response();
        response.extensions_mut().insert(told);
        response
    }
}
