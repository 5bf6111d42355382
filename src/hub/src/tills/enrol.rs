//! A log asks to be known, once in its life.

use std::sync::Arc;

use axum::{
    Extension, Json,
    body::Body,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use hub_store::fleet::EnrolRefusal;
use wire::{EnrolAnswer, EnrolRequest};

use super::{proven, read};
use crate::{Hub, Live, answer::No, listen::Peer, log::Level};

/// The most bytes of a request to be known.
const REQUEST_BYTES_MAX: usize = 8 * 1024;

pub(super) async fn enrol(
    State(hub): State<Arc<Hub>>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<EnrolAnswer>, No> {
    let public = proven(&peer)?;
    let (bytes, _room) = read(&hub, body, &headers, REQUEST_BYTES_MAX).await?;
    let request: EnrolRequest = serde_json::from_slice(&bytes).map_err(|error| {
        let what = format!("The request to be known is not understood: {error}.");
        No::new(StatusCode::BAD_REQUEST, "enrol.unreadable", what, "Use the till program that came with this hub.")
    })?;
    if request.public.0 != public {
        return Err(No::new(
            StatusCode::FORBIDDEN,
            "enrol.not-yours",
            "The key that asks to be known is not the one that the connection has proven.",
            "A till enrols its own log and no other.",
        ));
    }
    let now_s = hub.clock.now_s();
    let enrolled = hub.ask(move |store| store.enrol(&request, now_s)).await.map_err(refused)?;
    let log = ("log", enrolled.log.to_string().into());
    hub.log.line(Level::Info, "a log is enrolled and waits to be confirmed", &[("unit", enrolled.unit.clone().into()), log]);
    hub.tell(Live::Unit(enrolled.unit.clone()));
    hub.tell(Live::Alert);
    Ok(Json(EnrolAnswer { unit: enrolled.unit, short_code: hub.short_code(&public), logs: enrolled.logs }))
}

fn refused(refusal: EnrolRefusal) -> No {
    let (status, what, todo) = match &refusal {
        EnrolRefusal::TokenUnknown => {
            (StatusCode::FORBIDDEN, "This hub made no such token.", "Copy the token whole, or make a new one with `hub token`.")
        }
        EnrolRefusal::TokenUsed => (StatusCode::FORBIDDEN, "This token has been used.", "Make a new one with `hub token`."),
        EnrolRefusal::TokenExpired => (StatusCode::FORBIDDEN, "This token has expired.", "Make a new one with `hub token`."),
        EnrolRefusal::KeyTaken => (
            StatusCode::CONFLICT,
            "This key belongs to another unit, or has been revoked.",
            "Begin with a fresh card: a new card makes a new key.",
        ),
        EnrolRefusal::Fault(_) => (StatusCode::SERVICE_UNAVAILABLE, "", ""),
    };
    let code = refusal.code();
    match refusal {
        EnrolRefusal::Fault(fault) => fault.into(),
        _ => No::new(status, code, what, todo),
    }
}
