//! Signed bundles, handed out as they were uploaded, from any byte on.

use std::sync::Arc;

use axum::{
    Extension,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use journal::LogId;
use sha2::{Digest as _, Sha256};

use crate::{Hub, answer::No, listen::Peer};

/// What a bundle is, on the way.
const MEDIA: &str = "application/octet-stream";

/// A bundle for a till whose log is known and not revoked: a staff list holds hashes of PINs.
pub(super) async fn bundle(
    State(hub): State<Arc<Hub>>,
    Extension(peer): Extension<Peer>,
    Path((role, version)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, No> {
    let log = LogId(Sha256::digest(super::proven(&peer)?).into());
    let missing =
        || No::new(StatusCode::NOT_FOUND, "bundles.missing", "There is no such bundle.", "Ask for one that the last answer named.");
    let version: u64 = version.parse().map_err(|_| missing())?;
    let bytes = hub
        .ask(move |store| {
            let known = store.log(&log)?.ok_or_else(|| unknown(&log))?;
            if known.revoked.is_some() {
                return Err(No::new(
                    StatusCode::FORBIDDEN,
                    "log.revoked",
                    "The log's key was taken away.",
                    "Make a new card for the unit.",
                )
                .about(log));
            }
            Ok::<_, No>(store.bundle(&role, version)?)
        })
        .await?
        .ok_or_else(missing)?;
    Ok(part(bytes, headers.get(header::RANGE).and_then(|range| range.to_str().ok())))
}

/// All of it, or what follows a place: `bytes=100-`. A range that is not understood gets all, as HTTP has it.
fn part(bytes: Vec<u8>, range: Option<&str>) -> Response {
    let from = range.and_then(|range| range.strip_prefix("bytes=")?.strip_suffix('-')?.parse::<usize>().ok());
    let all = bytes.len();
    match from {
        None | Some(0) => ([(header::CONTENT_TYPE, MEDIA), (header::ACCEPT_RANGES, "bytes")], bytes).into_response(),
        Some(from) if from < all => {
            let range = format!("bytes {from}-{}/{all}", all - 1);
            let rest = bytes.get(from..).unwrap_or_default().to_vec();
            (StatusCode::PARTIAL_CONTENT, [(header::CONTENT_TYPE, MEDIA.to_owned()), (header::CONTENT_RANGE, range)], rest).into_response()
        }
        Some(_) => (StatusCode::RANGE_NOT_SATISFIABLE, [(header::CONTENT_RANGE, format!("bytes */{all}"))]).into_response(),
    }
}

fn unknown(log: &LogId) -> No {
    No::new(StatusCode::FORBIDDEN, "log.unknown", "The hub does not know this log.", "Enrol the till: till enrol.").about(log)
}
