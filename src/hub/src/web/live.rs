//! News for open pages, as they come.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    extract::State,
    http::StatusCode,
    response::{
        IntoResponse as _, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures_util::stream;
use tokio::{
    sync::{Semaphore, broadcast::error::RecvError},
    time::{Instant, timeout_at},
};

use super::{
    page::{Page, Wrong},
    rights::Right,
    route::Pages,
};
use crate::{Hub, Live};

/// So many pages listen at once; further ones show what they showed when they were loaded.
const STREAMS_MAX: usize = 256;
static STREAMS: Semaphore = Semaphore::const_new(STREAMS_MAX);
/// A stream ends after so long and is begun anew, so that whoever was signed out hears nothing for longer.
const STREAM_S_MAX: u64 = 10 * 60;
/// A sign of life after so long.
const ALIVE_S: u64 = 15;

/// The pages here.
pub(super) fn pages() -> Pages {
    Pages::default().get("/live", Right::See, live)
}

/// Tells kinds of news alone; a page that wants to know more asks for itself, and is looked at by the guard when it does.
async fn live(_: Page, State(hub): State<Arc<Hub>>) -> Result<Response, Wrong> {
    let Ok(seat) = STREAMS.try_acquire() else {
        return Err(Wrong::say(StatusCode::SERVICE_UNAVAILABLE, "live.full"));
    };
    let (news, stopped) = (hub.live.subscribe(), Box::pin(hub.stopped()));
    let until = Instant::now() + Duration::from_secs(STREAM_S_MAX);
    let events = stream::unfold((news, stopped, seat), move |(mut news, mut stopped, seat)| async move {
        let told = tokio::select! {
            () = &mut stopped => return None,
            told = timeout_at(until, news.recv()) => told.ok()?,
        };
        let kind = match told {
            Ok(Live::Unit(_)) => "unit",
            Ok(Live::Sales) => "sales",
            Ok(Live::Alert) => "alert",
            // Whoever lagged behind has missed something, whatever it was.
            Err(RecvError::Lagged(_)) => "unit",
            Err(RecvError::Closed) => return None,
        };
        Some((Ok::<_, Infallible>(Event::default().event(kind).data("news")), (news, stopped, seat)))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(Duration::from_secs(ALIVE_S))).into_response())
}
