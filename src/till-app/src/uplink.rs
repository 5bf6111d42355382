//! The way to the hub: HTTP/1.1 over TLS, one request at a time, from the till to the hub and never the other way.
//!
//! **Invariant.** Whatever comes back is an [`Ack`], the bytes of a bundle, or an [`UplinkTrouble`]: sizes and times are limited, no redirect
//! is followed, no proxy and no cookie is known, and nothing of an answer is written anywhere.

mod address;
mod pinned;
mod resolve;
mod switch;

use std::{sync::Arc, time::Duration};

use journal::{LogId, LogKey};
use rustls::{ClientConfig, pki_types::ServerName};
use sha2::{Digest as _, Sha256};
use till::desk::{Appended, Uplink, UplinkTrouble};
use ureq::{
    Agent, Body, Error, Timeout,
    config::Config,
    http::Response,
    unversioned::transport::{Connector as _, TcpConnector},
};
use wire::{ANSWER_BYTES_MAX, Ack, BATCH_TYPE, BundleNews, EnrolAnswer, EnrolRequest, Refused};

pub use address::HubAddress;
pub use pinned::Pin;
use pinned::{OtherHub, PinnedTls};
use resolve::Remembered;
pub use switch::UplinkSwitch;

/// The most news of bundles in one answer; there are fewer roles.
pub const BUNDLES_MAX: usize = 8;
/// How often one call goes on with a bundle that was cut off. The next call goes on from there.
const FETCH_ATTEMPTS_MAX: usize = 3;
/// The most bytes of an answer's headers.
const HEADER_BYTES_MAX: usize = 16 * 1024;
/// The most characters of a code that a hub gives.
const CODE_CHARS_MAX: usize = 48;
/// The most characters of a sentence that a hub says.
const SENTENCE_CHARS_MAX: usize = 200;
/// A connection that has been quiet for so long is not used again.
const IDLE_MAX: Duration = Duration::from_secs(10);

/// How long the till waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// For the connection to stand.
    pub connect: Duration,
    /// For the handshake.
    pub handshake: Duration,
    /// For all of a request, connection and answer included.
    pub whole: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connect: Duration::from_secs(3), handshake: Duration::from_secs(5), whole: Duration::from_secs(13) }
    }
}

/// The way to one hub.
pub struct HttpUplink {
    address: HubAddress,
    pin: Pin,
    limits: Limits,
    remembered: Remembered,
    /// What the log that spoke last proves itself with; its certificate is made once.
    settings: Option<(LogId, Arc<ClientConfig>)>,
    /// Its connections.
    agent: Option<(LogId, Agent)>,
    /// A connection may stand from before.
    warm: bool,
    part: Option<Part>,
}

/// A bundle that is under way.
struct Part {
    news: BundleNews,
    bytes: Vec<u8>,
}

impl HttpUplink {
    /// A way to the hub at `address` whose key is pinned. Nothing is connected yet.
    #[must_use]
    pub fn new(address: HubAddress, pin: Pin, limits: Limits) -> Self {
        Self { address, pin, limits, remembered: Remembered::default(), settings: None, agent: None, warm: false, part: None }
    }

    /// Asks the hub to know the log of `key`.
    ///
    /// # Errors
    /// [`UplinkTrouble`]; the hub may know the log all the same.
    pub fn enrol(&mut self, key: &LogKey, request: &EnrolRequest) -> Result<EnrolAnswer, UplinkTrouble> {
        let body = serde_json::to_vec(request).unwrap_or_else(|error| panic!("a request is JSON: {error}"));
        match self.post(key, "/v1/enrol", "application/json", &body)? {
            (200, answer) => serde_json::from_slice(&answer).map_err(|_| UplinkTrouble::Unreadable),
            (status, answer) => Err(refused(status, &answer)),
        }
    }

    /// Sends a body; gives status and body of the answer. Every request may be made twice: where a connection that stood was just being closed
    /// by the other side, a new one is tried at once.
    fn post(&mut self, key: &LogKey, path: &str, media_type: &str, body: &[u8]) -> Result<(u16, Vec<u8>), UplinkTrouble> {
        let was_warm = self.warm;
        let mut answer = self.post_once(key, path, media_type, body);
        if was_warm && answer.as_ref().is_err_and(is_cut) {
            self.forget_connection();
            answer = self.post_once(key, path, media_type, body);
        }
        match &answer {
            Ok((200 | 409, _)) => self.warm = true,
            // Who says anything else may be about to hang up.
            _ => self.forget_connection(),
        }
        answer.map_err(|error| self.trouble(&error))
    }

    fn post_once(&mut self, key: &LogKey, path: &str, media_type: &str, body: &[u8]) -> Result<(u16, Vec<u8>), Error> {
        let url = format!("{}{path}", self.address);
        let mut response = self.agent(key).post(url).header("content-type", media_type).send(body)?;
        Ok((response.status().as_u16(), small_body(&mut response)?))
    }

    fn forget_connection(&mut self) {
        self.agent = None;
        self.warm = false;
    }

    fn agent(&mut self, key: &LogKey) -> Agent {
        let log_id = key.log_id();
        if let Some((_, agent)) = self.agent.as_ref().filter(|(of, _)| *of == log_id) {
            return agent.clone();
        }
        let config = Config::builder()
            .proxy(None)
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .user_agent(concat!("trolley/", env!("CARGO_PKG_VERSION")))
            .accept("")
            .accept_encoding("")
            .max_response_header_size(HEADER_BYTES_MAX)
            .max_idle_connections(1)
            .max_idle_connections_per_host(1)
            .max_idle_age(IDLE_MAX)
            .timeout_resolve(Some(self.limits.connect))
            .timeout_connect(Some(self.limits.connect))
            .timeout_global(Some(self.limits.whole))
            .build();
        let tls = PinnedTls { settings: self.settings(key), name: server_name(&self.address), handshake: self.limits.handshake };
        let agent = Agent::with_parts(config, ().chain(TcpConnector::default()).chain(tls), self.remembered.clone());
        self.agent = Some((log_id, agent.clone()));
        self.warm = false;
        agent
    }

    fn settings(&mut self, key: &LogKey) -> Arc<ClientConfig> {
        let log_id = key.log_id();
        if let Some((_, settings)) = self.settings.as_ref().filter(|(of, _)| *of == log_id) {
            return settings.clone();
        }
        let settings = Arc::new(pinned::settings(self.pin, key));
        self.settings = Some((log_id, settings.clone()));
        settings
    }

    /// What went wrong, in the till's words.
    fn trouble(&mut self, error: &Error) -> UplinkTrouble {
        let trouble = match error {
            Error::Other(why) if why.is::<OtherHub>() => UplinkTrouble::OtherHub,
            Error::HostNotFound | Error::ConnectionFailed | Error::Timeout(Timeout::Resolve) => UplinkTrouble::Away,
            Error::Timeout(_) => UplinkTrouble::TimedOut,
            Error::Io(error) => of_io(error),
            _ => UplinkTrouble::Unreadable,
        };
        // The address may be what is wrong, and a connection that went wrong is not used again.
        self.remembered.forget();
        self.forget_connection();
        trouble
    }

    /// Goes on with the bundle under way, from where it was cut off.
    fn fetch_more(&mut self, key: &LogKey, part: &mut Part) -> Result<(), UplinkTrouble> {
        let url = format!("{}/v1/bundles/{}/{}", self.address, part.news.role, part.news.version);
        let mut request = self.agent(key).get(url);
        if !part.bytes.is_empty() {
            request = request.header("range", format!("bytes={}-", part.bytes.len()));
        }
        let mut response = request.call().map_err(|error| self.trouble(&error))?;
        match response.status().as_u16() {
            200 => part.bytes.clear(),
            206 if continues(&response, part.bytes.len()) => {}
            status @ 400.. => {
                let answer = small_body(&mut response).map_err(|error| self.trouble(&error))?;
                return Err(refused(status, &answer));
            }
            _ => return Err(UplinkTrouble::Unreadable),
        }
        self.read_part(response, part)
    }

    /// Keeps what came, also when the rest did not.
    fn read_part(&mut self, mut response: Response<Body>, part: &mut Part) -> Result<(), UplinkTrouble> {
        use std::io::Read as _;
        let left = part.news.bytes.saturating_sub(part.bytes.len() as u64);
        // One byte more, to see whether there is more than was told.
        let read = response.body_mut().as_reader().take(left + 1).read_to_end(&mut part.bytes);
        if part.bytes.len() as u64 > part.news.bytes {
            part.bytes.clear();
            self.forget_connection();
            return Err(UplinkTrouble::Unreadable);
        }
        read.map(drop).map_err(|error| self.trouble(&error.into()))
    }
}

impl Uplink for HttpUplink {
    fn append(&mut self, key: &LogKey, batch: &[u8]) -> Result<Appended, UplinkTrouble> {
        let (status, answer) = self.post(key, &format!("/v1/logs/{}/append", key.log_id()), BATCH_TYPE, batch)?;
        match (status, ack(&answer)) {
            (200, Some(ack)) => Ok(Appended::Taken(ack)),
            (409, Some(ack)) => Ok(Appended::Behind(ack)),
            _ => Err(refused(status, &answer)),
        }
    }

    fn fetch(&mut self, key: &LogKey, news: &BundleNews) -> Result<Vec<u8>, UplinkTrouble> {
        if !is_news(news) {
            return Err(UplinkTrouble::Unreadable);
        }
        let mut part = self.part.take().filter(|part| part.news == *news).unwrap_or_else(|| Part { news: news.clone(), bytes: Vec::new() });
        let mut trouble = UplinkTrouble::TimedOut;
        for _ in 0..FETCH_ATTEMPTS_MAX {
            let had = part.bytes.len();
            let came = self.fetch_more(key, &mut part);
            if part.bytes.len() as u64 == news.bytes {
                let is_it = Sha256::digest(&part.bytes).as_slice() == news.sha256.0;
                return if is_it { Ok(part.bytes) } else { Err(UplinkTrouble::Unreadable) };
            }
            trouble = came.err().unwrap_or(UplinkTrouble::TimedOut);
            if part.bytes.len() <= had {
                break;
            }
        }
        self.part = Some(part);
        Err(trouble)
    }
}

/// Whether there can be such a bundle: of a role that the till knows, no larger than that role's may be.
fn is_news(news: &BundleNews) -> bool {
    bundle::Role::named(&news.role).is_some_and(|role| (1..=role.bytes_max() as u64).contains(&news.bytes))
}

/// Whether a partial answer begins where the till's part ends.
fn continues(response: &Response<Body>, from: usize) -> bool {
    let range = response.headers().get("content-range").and_then(|range| range.to_str().ok()).unwrap_or_default();
    let start = range.strip_prefix("bytes ").and_then(|range| range.split_once('-')).and_then(|(start, _)| start.parse().ok());
    start == Some(from)
}

/// A name to put into the handshake; nobody checks it.
fn server_name(address: &HubAddress) -> ServerName<'static> {
    let name = ServerName::try_from(address.bare_host().to_owned()).or_else(|_| ServerName::try_from("hub"));
    name.unwrap_or_else(|error| panic!("\"hub\" is a name: {error}"))
}

fn small_body(response: &mut Response<Body>) -> Result<Vec<u8>, Error> {
    response.body_mut().with_config().limit(ANSWER_BYTES_MAX as u64).read_to_vec()
}

/// An acknowledgement, with no more news than there can be.
fn ack(answer: &[u8]) -> Option<Ack> {
    let mut ack: Ack = serde_json::from_slice(answer).ok()?;
    ack.bundles.retain(is_news);
    ack.bundles.truncate(BUNDLES_MAX);
    Some(ack)
}

/// No, and why. A status that says no without a reason makes no sense, and neither does a reason without one.
fn refused(status: u16, answer: &[u8]) -> UplinkTrouble {
    let told = serde_json::from_slice::<Refused>(answer).ok().filter(|_| status >= 400).and_then(|refused| {
        let code = refused.code;
        let is_code = !code.is_empty()
            && code.len() <= CODE_CHARS_MAX
            && code.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'_'));
        is_code.then(|| Refused { code, what: tame(&refused.what), todo: tame(&refused.todo) })
    });
    told.map_or(UplinkTrouble::Unreadable, UplinkTrouble::Refused)
}

/// A hub's sentence as it may be shown: one line, no more than fits, nothing that moves a cursor.
fn tame(sentence: &str) -> String {
    sentence.chars().filter(|char| !char.is_control()).take(SENTENCE_CHARS_MAX).collect()
}

/// The connection ended before its answer did.
fn is_cut(error: &Error) -> bool {
    matches!(error, Error::Io(error) if of_io(error) == UplinkTrouble::TimedOut && error.kind() != std::io::ErrorKind::TimedOut)
}

fn of_io(error: &std::io::Error) -> UplinkTrouble {
    use std::io::ErrorKind as Kind;
    match error.kind() {
        Kind::ConnectionRefused
        | Kind::HostUnreachable
        | Kind::NetworkUnreachable
        | Kind::NetworkDown
        | Kind::AddrNotAvailable
        | Kind::PermissionDenied => UplinkTrouble::Away,
        Kind::UnexpectedEof | Kind::ConnectionReset | Kind::ConnectionAborted | Kind::BrokenPipe | Kind::NotConnected | Kind::TimedOut => {
            UplinkTrouble::TimedOut
        }
        _ => UplinkTrouble::Unreadable,
    }
}
