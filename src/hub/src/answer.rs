//! How the hub says no.

use axum::{
    Json,
    http::{HeaderName, StatusCode, header},
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

    /// What a refusal that says nothing but its status becomes.
    #[must_use]
    pub fn of_status(status: StatusCode) -> Self {
        let (code, what, todo) = match status {
            StatusCode::NOT_FOUND => ("hub.no-such-page", "There is nothing here.", "Begin at /."),
            StatusCode::METHOD_NOT_ALLOWED => ("hub.method", "This cannot be asked in this way.", "See /api/v1/openapi.json."),
            StatusCode::PAYLOAD_TOO_LARGE => ("request.too-large", "The request is too large.", "Send less at once."),
            StatusCode::UNSUPPORTED_MEDIA_TYPE => {
                ("request.media", "The hub does not read this kind of content here.", "Send it as the page or /api/v1/openapi.json says.")
            }
            StatusCode::RANGE_NOT_SATISFIABLE => ("request.range", "There is nothing from that byte on.", "Ask for it from the beginning."),
            _ => ("request.unreadable", "The request could not be read.", "See /api/v1/openapi.json."),
        };
        Self::new(status, code, what, todo)
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

/// What a bare refusal's headers tell beside its status.
const KEPT: [HeaderName; 2] = [header::ALLOW, header::CONTENT_RANGE];

/// Whether a response refuses without saying why in our words: a framework's, with a plain sentence or nothing.
#[must_use]
pub fn is_bare(response: &Response) -> bool {
    let media = response.headers().get(header::CONTENT_TYPE).and_then(|media| media.to_str().ok()).unwrap_or_default();
    let drawn = media.starts_with("text/html") || media.starts_with("application/json");
    response.status().is_client_error() && !drawn && response.extensions().get::<Told>().is_none()
}

/// The same response, but a bare refusal says what is wrong and what to do.
#[must_use]
pub fn in_words(response: Response) -> Response {
    if !is_bare(&response) {
        return response;
    }
    let mut said = No::of_status(response.status()).into_response();
    for name in KEPT {
        if let Some(value) = response.headers().get(&name) {
            said.headers_mut().insert(name, value.clone());
        }
    }
    said
}
