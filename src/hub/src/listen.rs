//! The one port, for tills and browsers.
//!
//! A connection that begins as TLS does is TLS; anything else is plain HTTP, which only this machine may speak. Whoever is slow, silent or
//! too many is cut off; every wait and every number has a limit. Strangers, who have proven no key, can neither take all places nor keep one
//! for long: tills always find some.

use std::{
    collections::HashMap,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    extract::Request,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::{GracefulShutdown, Watcher},
};
use rustls::ServerConfig;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time::{sleep, timeout},
};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt as _;

use crate::{
    answer::No,
    patient::{Grant, Patient, Timed},
    tls,
};

/// The first byte of a TLS record that begins a handshake.
const TLS_HANDSHAKE: u8 = 0x16;
/// The longest head of a request, in bytes.
const HEAD_BYTES_MAX: usize = 32 * 1024;
/// The most headers of a request.
const HEADERS_MAX: usize = 64;

/// How many may be connected and how long they may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections at once; further ones wait in the kernel's queue.
    pub connections_max: usize,
    /// So many of them only for peers that have proven a key, and for handshakes.
    pub kept_for_keys: usize,
    /// Connections at once from one address other than this machine. A railway's tills may share one.
    pub per_address_max: usize,
    /// Until the first byte, and until the handshake is done.
    pub handshake_max: Duration,
    /// Until a request's head is complete, and between two requests.
    pub head_max: Duration,
    /// Until a request's body is complete.
    pub body_max: Duration,
    /// The same for a peer that has proven no key, unless its body comes steadily.
    pub stranger_body_max: Duration,
    /// Without the peer taking anything.
    pub write_max: Duration,
    /// For what runs when the hub is told to stop.
    pub stop_max: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections_max: 768,
            kept_for_keys: 192,
            per_address_max: 256,
            handshake_max: Duration::from_secs(10),
            head_max: Duration::from_secs(15),
            body_max: Duration::from_secs(60),
            stranger_body_max: Duration::from_secs(5),
            write_max: Duration::from_secs(30),
            stop_max: Duration::from_secs(10),
        }
    }
}

/// Who is at the other end. Every request carries it as an extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer {
    /// The raw Ed25519 key that the connection has proven, where it has.
    pub public: Option<[u8; 32]>,
    /// Its address.
    pub addr: SocketAddr,
    /// Whether the connection is encrypted.
    pub tls: bool,
}

impl Peer {
    /// Whether it is on this machine.
    #[must_use]
    pub fn is_here(&self) -> bool {
        is_here(self.addr.ip())
    }
}

fn is_here(ip: IpAddr) -> bool {
    ip.to_canonical().is_loopback()
}

struct Doors {
    tls: TlsAcceptor,
    router: Router,
    limits: Limits,
    /// Places for peers that have proven no key.
    strangers: Semaphore,
    open: Mutex<HashMap<IpAddr, usize>>,
}

/// Serves until told to stop, then finishes what runs.
pub async fn listen(listener: TcpListener, tls: Arc<ServerConfig>, router: Router, limits: Limits, stop: impl Future<Output = ()> + Send) {
    let strangers = Semaphore::new(limits.connections_max.saturating_sub(limits.kept_for_keys));
    let doors = Arc::new(Doors { tls: TlsAcceptor::from(tls), router, limits, strangers, open: Mutex::default() });
    let places = Arc::new(Semaphore::new(limits.connections_max));
    let graceful = GracefulShutdown::new();
    tokio::pin!(stop);
    loop {
        let accepted = tokio::select! {
            () = &mut stop => break,
            accepted = async {
                let place = Arc::clone(&places).acquire_owned().await;
                (place, listener.accept().await)
            } => accepted,
        };
        let (Ok(place), Ok((stream, addr))) = accepted else {
            // Out of file descriptors, or a peer that was gone at once: neither ends the hub.
            sleep(Duration::from_millis(50)).await;
            continue;
        };
        let Some(seat) = Seat::take(&doors, addr.ip()) else { continue };
        let (doors, watcher) = (Arc::clone(&doors), graceful.watcher());
        tokio::spawn(async move {
            converse(stream, addr, &doors, watcher).await;
            drop((seat, place));
        });
    }
    drop(listener);
    drop(timeout(limits.stop_max, graceful.shutdown()).await);
}

/// A connection that counts for its address.
struct Seat {
    doors: Arc<Doors>,
    ip: IpAddr,
}

impl Seat {
    fn take(doors: &Arc<Doors>, ip: IpAddr) -> Option<Self> {
        let mut open = doors.open.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = open.entry(ip).or_default();
        if *taken >= doors.limits.per_address_max && !is_here(ip) {
            return None;
        }
        *taken += 1;
        drop(open);
        Some(Self { doors: Arc::clone(doors), ip })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut open = self.doors.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(taken) = open.get_mut(&self.ip) {
            *taken -= 1;
            if *taken == 0 {
                open.remove(&self.ip);
            }
        }
    }
}

async fn converse(stream: TcpStream, addr: SocketAddr, doors: &Doors, watcher: Watcher) {
    let limits = doors.limits;
    drop(stream.set_nodelay(true));
    let mut first = [0];
    let Ok(Ok(1)) = timeout(limits.handshake_max, stream.peek(&mut first)).await else { return };
    let stream = Patient::new(stream, limits.write_max);
    if first != [TLS_HANDSHAKE] {
        return http(stream, Peer { public: None, addr, tls: false }, doors, watcher).await;
    }
    let Ok(Ok(stream)) = timeout(limits.handshake_max, doors.tls.accept(stream)).await else { return };
    let certificate = stream.get_ref().1.peer_certificates().and_then(<[_]>::first);
    let public = certificate.and_then(tls::till_key);
    http(stream, Peer { public, addr, tls: true }, doors, watcher).await;
}

async fn http(stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static, peer: Peer, doors: &Doors, watcher: Watcher) {
    let limits = doors.limits;
    // Whoever waited for a place would hold one of those that are kept.
    let place = if peer.public.is_none() { Some(doors.strangers.try_acquire()) } else { None };
    if let Some(Err(_)) = place {
        return;
    }
    let service = service_fn(|request| answer(request, peer, doors));
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(limits.head_max).max_buf_size(HEAD_BYTES_MAX).max_headers(HEADERS_MAX);
    // What goes wrong on a connection is the peer's to hear, and it has.
    drop(watcher.watch(builder.serve_connection(TokioIo::new(stream), service)).await);
}

async fn answer(request: hyper::Request<Incoming>, peer: Peer, doors: &Doors) -> Result<Response, std::convert::Infallible> {
    if let Some(no) = too_open(&peer) {
        return Ok(no.into_response());
    }
    let limits = doors.limits;
    let first = if peer.public.is_some() { limits.body_max } else { limits.stranger_body_max };
    let grant = Grant { first, max: limits.body_max };
    let mut request: Request = request.map(|body| Body::new(Timed::new(body, grant)));
    request.extensions_mut().insert(peer);
    doors.router.clone().oneshot(request).await
}

/// Without encryption the hub speaks to its own machine alone.
fn too_open(peer: &Peer) -> Option<No> {
    let no = || {
        No::new(
            StatusCode::MISDIRECTED_REQUEST,
            "hub.tls-only",
            "The hub answers without encryption only to its own machine.",
            "Use https:// and the same address.",
        )
    };
    (!peer.tls && !peer.is_here()).then(no)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(addr: &str, tls: bool) -> bool {
        let peer = Peer { public: None, addr: addr.parse().expect("an address"), tls };
        too_open(&peer).is_some_and(|no| no.status == StatusCode::MISDIRECTED_REQUEST)
    }

    #[test]
    fn only_this_machine_is_answered_without_encryption() {
        for here in ["127.0.0.1:9", "127.8.7.6:9", "[::1]:9", "[::ffff:127.0.0.1]:9"] {
            assert!(!refused(here, false), "{here}");
        }
        for elsewhere in ["10.0.0.7:9", "192.168.1.2:9", "[fe80::1]:9", "[::ffff:10.0.0.7]:9", "0.0.0.0:9"] {
            assert!(refused(elsewhere, false), "{elsewhere}");
            assert!(!refused(elsewhere, true), "{elsewhere}");
        }
    }
}
