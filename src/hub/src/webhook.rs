//! Alerts on their way to whoever is on call: one POST each, repeated until it is taken.
//!
//! A receiver may see an alert twice, after a restart or from two hubs; `id` tells.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use axum::http::Uri;
use hub_store::{Fault, fleet::Alert};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    sync::broadcast::error::RecvError,
    time::{sleep, timeout},
};

use crate::{Hub, Live, failure::Failure, log::Level};

/// The setting that holds the address.
pub const URL_SETTING: &str = "webhook.url";
/// The setting that holds what has been taken.
const POSTED_SETTING: &str = "webhook.posted";
/// How many open alerts are looked at.
const ALERTS_MAX: u32 = 1_000;
/// How long one POST may take.
const POST_MAX: Duration = Duration::from_secs(10);
/// Without news it looks all the same: another hub may have raised one.
const LOOK_EVERY: Duration = Duration::from_secs(30);
/// The first wait after a failure; it doubles.
const BACK_OFF_MIN: Duration = Duration::from_secs(1);
/// The longest wait after a failure.
const BACK_OFF_MAX: Duration = Duration::from_secs(300);
/// How much of an answer is read: the status line.
const ANSWER_BYTES_MAX: u64 = 64;

/// What is posted.
#[derive(Serialize)]
struct Posted<'a> {
    id: String,
    code: &'a str,
    unit: &'a str,
    log: Option<String>,
    at: i64,
    details: &'a str,
}

/// Checks an address before it is kept.
///
/// # Errors
/// [`Failure::Refused`].
pub fn check(url: &str) -> Result<(), Failure> {
    target(url).map(drop)
}

/// Posts until the hub stops.
pub async fn run(hub: Arc<Hub>) {
    let stopped = hub.stopped();
    tokio::pin!(stopped);
    let mut news = hub.live.subscribe();
    let mut back_off = BACK_OFF_MIN;
    loop {
        let wait = tokio::select! {
            () = &mut stopped => return,
            posted = post_new(&hub) => match posted {
                Ok(()) => {
                    back_off = BACK_OFF_MIN;
                    None
                }
                Err(failure) => {
                    hub.log.line(Level::Warn, "an alert could not be posted, trying again", &[("about", failure.into())]);
                    let wait = back_off;
                    back_off = (back_off * 2).min(BACK_OFF_MAX);
                    Some(wait)
                }
            },
        };
        let woken = async {
            match wait {
                Some(wait) => sleep(wait).await,
                None => drop(timeout(LOOK_EVERY, alerted(&mut news)).await),
            }
        };
        tokio::select! {
            () = &mut stopped => return,
            () = woken => {}
        }
    }
}

async fn alerted(news: &mut tokio::sync::broadcast::Receiver<Live>) {
    loop {
        match news.recv().await {
            Ok(Live::Alert) | Err(RecvError::Lagged(_)) => return,
            Ok(_) => {}
            Err(RecvError::Closed) => return std::future::pending().await,
        }
    }
}

async fn post_new(hub: &Arc<Hub>) -> Result<(), String> {
    let known = hub
        .ask(|store| {
            let Some(url) = store.setting(URL_SETTING)? else { return Ok::<_, Fault>(None) };
            let posted = store.setting(POSTED_SETTING)?.unwrap_or_default();
            Ok(Some((url, posted, store.alerts(true, ALERTS_MAX)?)))
        })
        .await
        .map_err(|fault| fault.to_string())?;
    let Some((url, posted, open)) = known else { return Ok(()) };
    let url = String::from_utf8(url).map_err(|error| error.to_string())?;
    let posted: BTreeSet<String> = String::from_utf8_lossy(&posted).lines().map(str::to_owned).collect();
    // What is settled is forgotten here; raised again it has another id.
    let mut taken: BTreeSet<String> = open.iter().map(id).filter(|id| posted.contains(id)).collect();
    for alert in open.iter().rev().filter(|alert| !posted.contains(&id(alert))) {
        post(&url, alert).await?;
        taken.insert(id(alert));
        let lines = taken.iter().map(String::as_str).collect::<Vec<_>>().join("\n");
        hub.ask(move |store| store.set_setting(POSTED_SETTING, lines.as_bytes())).await.map_err(|fault| fault.to_string())?;
    }
    Ok(())
}

fn id(alert: &Alert) -> String {
    let log = alert.log.map_or([0; 32], |log| log.0);
    let text = format!("{} {} {}", alert.code, alert.unit, alert.raised_s);
    let hash = Sha256::new().chain_update(log).chain_update(text).finalize();
    data_encoding::HEXLOWER.encode(&hash[..16])
}

/// Host with port, and path.
fn target(url: &str) -> Result<(String, String), Failure> {
    let no = |why: &str| Failure::Refused(format!("{url} is no address to post to: {why}"));
    let uri: Uri = url.parse().map_err(|_| no("it cannot be read"))?;
    if uri.scheme_str() != Some("http") {
        return Err(no("the hub speaks http:// alone; have a relay on this machine where https is needed"));
    }
    let host = uri.host().ok_or_else(|| no("it has no host"))?;
    if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
        return Err(no("a name and password in it would travel readable"));
    }
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    Ok((format!("{host}:{}", uri.port_u16().unwrap_or(80)), path.to_owned()))
}

async fn post(url: &str, alert: &Alert) -> Result<(), String> {
    let (host, path) = target(url).map_err(|failure| failure.to_string())?;
    let log = alert.log.map(|log| log.to_string());
    let body = Posted { id: id(alert), code: &alert.code, unit: &alert.unit, log, at: alert.raised_s, details: &alert.details };
    let body = serde_json::to_string(&body).map_err(|error| error.to_string())?;
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    let exchange = async {
        let mut stream = TcpStream::connect(&host).await?;
        stream.write_all(head.as_bytes()).await?;
        stream.write_all(body.as_bytes()).await?;
        let mut answer = Vec::new();
        stream.take(ANSWER_BYTES_MAX).read_to_end(&mut answer).await?;
        Ok::<_, std::io::Error>(answer)
    };
    let answer = timeout(POST_MAX, exchange).await.map_err(|_| "no answer in time".to_owned())?.map_err(|error| error.to_string())?;
    match answer.strip_prefix(b"HTTP/1.1 2").or_else(|| answer.strip_prefix(b"HTTP/1.0 2")) {
        Some(_) => Ok(()),
        None => Err(String::from_utf8_lossy(&answer).lines().next().unwrap_or("an empty answer").to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_http_and_carries_no_password() {
        assert_eq!(target("http://127.0.0.1:9/a?b=c").expect("an address"), ("127.0.0.1:9".into(), "/a?b=c".into()));
        assert_eq!(target("http://relay").expect("an address"), ("relay:80".into(), "/".into()));
        for bad in ["https://relay/", "relay", "http://", "ftp://relay/", "http://a:b@relay/", "http://relay /x"] {
            assert!(check(bad).is_err(), "{bad}");
        }
    }
}
