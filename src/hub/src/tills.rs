//! What tills ask: to be known, to have entries taken, to get bundles. Nothing here tells a till to do anything.

use std::{sync::Arc, time::Duration};

use axum::{
    Extension, Json, Router,
    body::{Body, Bytes},
    extract::{Path, Request, State},
    http::{HeaderMap, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use http_body_util::BodyExt as _;
use hub_store::{AppendRefusal, Appended, Cursor};
use sha2::{Digest as _, Sha256};
use tokio::sync::OwnedSemaphorePermit;
use wire::{Ack, BATCH_BYTES_MAX, Batch, Bytes32, Unreadable};

use crate::{Hub, Live, answer::No, listen::Peer, patient};

mod enrol;
mod handed;

/// How much more than allowed is read and dropped, so that the refusal reaches whoever is still sending.
const DROPPED_BYTES_MAX: usize = 4 * 1024 * 1024;

/// All that tills ask.
pub fn routes() -> Router<Arc<Hub>> {
    Router::new()
        .route("/v1/enrol", post(enrol::enrol))
        .route("/v1/logs/{log_id}/append", post(append))
        .route("/v1/bundles/{role}/{version}", get(handed::bundle))
        .route_layer(middleware::from_fn(keyed))
}

/// Who has proven no key is refused before anything of a body is waited for.
async fn keyed(request: Request, next: Next) -> Response {
    let refusal = match request.extensions().get::<Peer>() {
        Some(peer) => proven(peer).err(),
        None => Some(no_key()),
    };
    match refusal {
        None => next.run(request).await,
        Some(no) => ([(header::CONNECTION, "close")], no).into_response(),
    }
}

async fn append(
    State(hub): State<Arc<Hub>>,
    Extension(peer): Extension<Peer>,
    Path(log): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, No> {
    let (public, log) = match asked(&peer, &log) {
        Ok(asked) => asked,
        Err(no) => {
            hub.metrics.batch("refused", 0, Duration::ZERO);
            // Whoever is still sending hears why only when it was listened to.
            drop(read(&hub, body, &headers, 0).await);
            return Err(no);
        }
    };
    let result = take(&hub, public, body, &headers).await;
    let ack = result.map_err(|no| {
        hub.metrics.batch("refused", 0, Duration::ZERO);
        if no.about.is_none() { no.about(log) } else { no }
    })?;
    Ok(ack)
}

/// Whose log it is and which.
fn asked(peer: &Peer, log: &str) -> Result<([u8; 32], Bytes32), No> {
    let log = Bytes32::parse(log).ok_or_else(|| {
        No::new(StatusCode::NOT_FOUND, "log.unreadable", "This is no log's identity.", "A log's identity is 64 hexadecimal digits.")
    })?;
    let public = proven(peer)?;
    if Sha256::digest(public)[..] != log.0 {
        return Err(not_yours(log));
    }
    Ok((public, log))
}

/// The key that the connection has proven.
fn proven(peer: &Peer) -> Result<[u8; 32], No> {
    peer.public.ok_or_else(no_key)
}

fn no_key() -> No {
    No::new(
        StatusCode::UNAUTHORIZED,
        "till.no-key",
        "The connection has not proven a log's key.",
        "Connect by TLS 1.3 with a certificate made from the log's Ed25519 key.",
    )
}

fn not_yours(log: Bytes32) -> No {
    No::new(
        StatusCode::FORBIDDEN,
        "batch.not-yours",
        "The key that the connection has proven is not this log's.",
        "A till writes its own log and no other.",
    )
    .about(log)
}

async fn take(hub: &Arc<Hub>, public: [u8; 32], body: Body, headers: &HeaderMap) -> Result<Response, No> {
    let (bytes, room) = read(hub, body, headers, BATCH_BYTES_MAX).await?;
    let turn = Arc::clone(&hub.appends).acquire_owned().await.map_err(|_| busy())?;
    let begun = tokio::time::Instant::now();
    let now_s = hub.clock.now_s();
    let done = hub
        .ask(move |store| {
            let batch = Batch::decode(&bytes).map_err(unreadable)?;
            drop(bytes);
            if batch.public != public {
                return Err(not_yours(Bytes32(Sha256::digest(batch.public).into())));
            }
            let appended = store.append(&batch, now_s)?;
            let news = match &appended {
                Appended::Taken(cursor) | Appended::Behind(cursor) => store.bundle_news(&cursor.unit)?,
                Appended::Refused(_) => Vec::new(),
            };
            Ok((appended, news))
        })
        .await;
    drop((turn, room));
    let (appended, bundles) = done?;
    let took = begun.elapsed();
    let (status, cursor, result) = match appended {
        Appended::Taken(cursor) => (StatusCode::OK, cursor, true),
        Appended::Behind(cursor) => (StatusCode::CONFLICT, cursor, false),
        Appended::Refused(refusal) => return Err(refused(refusal)),
    };
    hub.metrics.batch(result_word(&cursor, result), cursor.new_entries, took);
    if cursor.new_entries > 0 {
        hub.committed.notify_one();
    }
    if cursor.forked_now {
        hub.tell(Live::Alert);
    }
    hub.tell(Live::Unit(cursor.unit));
    let ack = Ack { seq: cursor.seq, head: cursor.head, sealed: cursor.sealed, confirmed: cursor.confirmed, hub_s: now_s, bundles };
    Ok((status, Json(ack)).into_response())
}

const fn result_word(cursor: &Cursor, taken: bool) -> &'static str {
    match (taken, cursor.forked_now, cursor.new_entries) {
        (false, _, _) => "behind",
        (true, true, _) => "forked",
        (true, false, 0) => "known",
        (true, false, _) => "appended",
    }
}

/// The body, at most `max` bytes, and the room that it takes until it is done with.
async fn read(hub: &Hub, mut body: Body, headers: &HeaderMap, max: usize) -> Result<(Vec<u8>, Option<OwnedSemaphorePermit>), No> {
    let told: usize = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok()).unwrap_or(0);
    let mut bytes = Vec::with_capacity(told.min(max));
    let mut room: Option<OwnedSemaphorePermit> = None;
    let mut dropped = 0;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| match patient::is_time_up(&error) {
            true => slow(),
            false => No::new(StatusCode::BAD_REQUEST, "batch.cut-off", "The batch broke off.", "Send it again."),
        })?;
        let Ok(chunk): Result<Bytes, _> = frame.into_data() else { continue };
        if dropped > 0 || bytes.len() + chunk.len() > max {
            (bytes, room) = (Vec::new(), None);
            dropped += chunk.len();
            if dropped > DROPPED_BYTES_MAX {
                break;
            }
            continue;
        }
        let kib = u32::try_from(chunk.len().div_ceil(1024)).unwrap_or(u32::MAX);
        let more = Arc::clone(&hub.arriving).try_acquire_many_owned(kib).map_err(|_| busy())?;
        match &mut room {
            Some(room) => room.merge(more),
            None => room = Some(more),
        }
        bytes.extend_from_slice(&chunk);
    }
    if dropped > 0 {
        return Err(too_large());
    }
    Ok((bytes, room))
}

fn busy() -> No {
    No::new(StatusCode::SERVICE_UNAVAILABLE, "hub.busy", "The hub has its hands full.", "Try again in a moment.")
}

fn slow() -> No {
    No::new(StatusCode::REQUEST_TIMEOUT, "batch.slow", "The batch did not arrive in time.", "Send a smaller one.")
}

fn too_large() -> No {
    let what = format!("A batch has at most {BATCH_BYTES_MAX} bytes.");
    No::new(StatusCode::PAYLOAD_TOO_LARGE, "batch.too-large", what, "Send fewer entries at once.")
}

fn unreadable(error: Unreadable) -> No {
    match error {
        Unreadable::TooLarge => too_large(),
        Unreadable::TooMany => {
            No::new(StatusCode::PAYLOAD_TOO_LARGE, "batch.too-large", sentence(&error.to_string()), "Send fewer entries at once.")
        }
        Unreadable::Malformed(_) => No::new(
            StatusCode::BAD_REQUEST,
            "batch.unreadable",
            sentence(&error.to_string()),
            "Nothing was stored. The till keeps its entries.",
        ),
    }
}

fn refused(refusal: AppendRefusal) -> No {
    let (status, todo) = match refusal {
        AppendRefusal::Unknown => (StatusCode::FORBIDDEN, "Enrol the till with a token from `hub token`. It keeps its entries until then."),
        AppendRefusal::Revoked => (StatusCode::FORBIDDEN, "Its sales come by its card: take the card to the depot."),
        AppendRefusal::Chain | AppendRefusal::Signature => {
            (StatusCode::UNPROCESSABLE_ENTITY, "Nothing was stored. Have the till looked at; it keeps its entries.")
        }
        AppendRefusal::Branches => (StatusCode::FORBIDDEN, "The key is in too many hands: revoke it and take the card to the depot."),
    };
    No::new(status, refusal.code(), sentence(&refusal.to_string()), todo)
}

/// With a capital letter and a stop.
fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| format!("{}{}.", first.to_uppercase(), chars.as_str()))
}
