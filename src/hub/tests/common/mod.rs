//! A real hub on a free port of loopback, and tills that speak to it by TLS.
#![expect(clippy::disallowed_methods, reason = "a test: it waits for a real server")]
#![allow(dead_code, reason = "each test file uses its part")]

use std::{
    io::{self, Read, Write},
    net::{SocketAddr, TcpStream},
    path::Path,
    sync::Arc,
    time::Duration,
};

use hub::{Clock, Hub, Limits, commands, log::Log, serve, tls::Identity};
use hub_store::HubStore;
use journal::{Head, LogKey};
use rustls::{
    ClientConfig, ClientConnection, DigitallySignedStruct, SignatureScheme, StreamOwned,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{ring, verify_tls13_signature},
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName, UnixTime},
    server::ParsedCertificate,
};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tokio::runtime::Runtime;
use wire::{Batch, Bytes32, EnrolRequest, Report, Token};

/// When it is, for every hub here.
pub const NOW_S: i64 = 1_790_000_000;
/// What stands before the 32 bytes of an Ed25519 key in PKCS #8 (RFC 8410).
const PKCS8_BEFORE_SEED: [u8; 16] = [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];
/// Longer than any answer takes.
const ANSWER_MAX: Duration = Duration::from_secs(60);

/// A hub at work.
pub struct TestHub {
    pub hub: Arc<Hub>,
    pub identity: Identity,
    pub addr: SocketAddr,
    running: Option<serve::Running>,
    runtime: Runtime,
}

impl TestHub {
    pub fn on(dir: &Path) -> Self {
        Self::with(HubStore::sqlite(dir).expect("a store"), dir, Limits::default())
    }

    pub fn with(store: HubStore, dir: &Path, limits: Limits) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
        let identity = Identity::of_hub(&store, dir).expect("an identity");
        let clock = Clock::told_by(|| NOW_S);
        let log = Log::to(Box::new(io::sink()), clock.clone());
        let hub = Hub::with_log(store, dir.to_owned(), clock, log);
        let running = runtime.block_on(async {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
            serve::start(&hub, &identity, listener, limits).expect("a hub")
        });
        Self { addr: running.addr, hub, identity, running: Some(running), runtime }
    }

    pub fn token(&self, unit: &str) -> Token {
        commands::new_token(&self.hub.store, &self.identity, unit, &self.hub.clock).expect("a token")
    }

    pub fn api_token(&self, name: &str) -> String {
        commands::new_api_token(&self.hub.store, name, &self.hub.clock).expect("a token")
    }

    /// A till that this hub knows.
    pub fn enrolled(&self, seed: u8, unit: &str) -> Till {
        let till = Till::new(seed, &self.identity);
        let answer = till.enrol(self.addr, &self.token(unit));
        assert_eq!((answer.status, answer.json()["unit"].as_str()), (200, Some(unit)), "{answer:?}");
        till
    }

    pub fn get(&self, path: &str, token: Option<&str>) -> Answer {
        let authorization = token.map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default();
        let head = format!("GET {path} HTTP/1.1\r\nHost: hub\r\n{authorization}Connection: close\r\n\r\n");
        exchange(plain(self.addr), head.as_bytes())
    }

    /// As SIGTERM would.
    pub fn stop(mut self) {
        let running = self.running.take().expect("it runs");
        self.runtime.block_on(running.stop());
    }

    pub fn wait_until(&self, what: &str, mut is: impl FnMut(&Self) -> bool) {
        for _ in 0..600 {
            if is(self) {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("{what} did not come");
    }
}

pub fn plain(addr: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(addr).expect("a connection");
    stream.set_read_timeout(Some(ANSWER_MAX)).expect("a time-out");
    stream
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).expect("text")
    }

    /// Status and code.
    pub fn refused(&self) -> (u16, String) {
        let json = self.json();
        let says = |key: &str| json[key].as_str().is_some_and(|text| text.ends_with('.') && text.len() > 8);
        assert!(says("what") && says("todo"), "a refusal says what and what to do: {json}");
        (self.status, json["code"].as_str().unwrap_or_default().to_owned())
    }

    pub fn seq(&self) -> u64 {
        self.json()["seq"].as_u64().expect("a cursor")
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let status = head.split(' ').nth(1)?.parse().ok()?;
        Some(Self { status, head, body: bytes[end + 4..].to_vec() })
    }
}

pub fn exchange(stream: impl Read + Write, request: &[u8]) -> Answer {
    try_exchange(stream, request).expect("an answer")
}

/// None when the connection ended without one.
pub fn try_exchange(mut stream: impl Read + Write, request: &[u8]) -> Option<Answer> {
    // The hub may have answered and hung up before all was sent.
    drop(stream.write_all(request).and_then(|()| stream.flush()));
    let mut bytes = Vec::new();
    if let Err(error) = stream.read_to_end(&mut bytes) {
        assert!(!matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut), "the hub neither answers nor hangs up");
    }
    Answer::read(&bytes)
}

/// A till with a log of its own.
pub struct Till {
    pub key: LogKey,
    pub entries: Vec<Vec<u8>>,
    settings: Arc<ClientConfig>,
}

impl Till {
    pub fn new(seed: u8, hub: &Identity) -> Self {
        let key = LogKey::from_seed(&[seed; 32]);
        let provider = Arc::new(ring::default_provider());
        let secret = PrivatePkcs8KeyDer::from([&PKCS8_BEFORE_SEED[..], &[seed; 32]].concat());
        let pair = rcgen::KeyPair::from_pkcs8_der_and_sign_algo(&secret, &rcgen::PKCS_ED25519).expect("a key");
        let certificate = rcgen::CertificateParams::new(Vec::new()).and_then(|params| params.self_signed(&pair)).expect("a certificate");
        let settings = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13])
            .expect("TLS 1.3")
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Pinned(hub.pin())))
            .with_client_auth_cert(vec![certificate.der().clone()], PrivateKeyDer::Pkcs8(secret))
            .expect("a client");
        Self { key, entries: Vec::new(), settings: Arc::new(settings) }
    }

    /// The same key on another card.
    pub fn clone_of(&self) -> Self {
        Self { key: LogKey::from_seed(&self.key.secret()), entries: self.entries.clone(), settings: Arc::clone(&self.settings) }
    }

    pub fn log(&self) -> String {
        self.key.log_id().to_string()
    }

    pub fn writes(&mut self, texts: &[&str]) {
        self.entries.extend(texts.iter().map(|text| text.as_bytes().to_vec()));
    }

    pub fn head(&self, seq: u64) -> Head {
        let count = usize::try_from(seq).expect("a count");
        self.entries[..count].iter().fold(Head::of_log(&self.key.log_id()), |head, entry| head.next(entry))
    }

    /// Everything from `first_seq` on.
    pub fn batch(&self, first_seq: u64) -> Batch {
        let last_seq = self.entries.len() as u64;
        let head = self.head(last_seq);
        let skip = usize::try_from(first_seq - 1).expect("a count");
        Batch {
            public: self.key.public(),
            first_seq,
            prev: Bytes32(self.head(first_seq - 1).0),
            entries: self.entries[skip..].to_vec(),
            head: Bytes32(head.0),
            signature: self.key.sign(last_seq, &head).signature,
            report: Report { wall_s: NOW_S, program: "till of a test".into(), last_seq, ..Report::default() },
        }
    }

    pub fn stream(&self, addr: SocketAddr) -> StreamOwned<ClientConnection, TcpStream> {
        self.try_stream(addr).expect("a connection")
    }

    /// None when nobody listens any more.
    pub fn try_stream(&self, addr: SocketAddr) -> Option<StreamOwned<ClientConnection, TcpStream>> {
        let name = ServerName::try_from("hub").expect("a name");
        let stream = TcpStream::connect(addr).ok()?;
        stream.set_read_timeout(Some(ANSWER_MAX)).expect("a time-out");
        Some(StreamOwned::new(ClientConnection::new(Arc::clone(&self.settings), name).expect("a client"), stream))
    }

    pub fn enrol(&self, addr: SocketAddr, token: &Token) -> Answer {
        let public = Bytes32(self.key.public());
        let request = EnrolRequest { token: token.to_string(), public, unit: None, board: None, program: "till of a test".into() };
        self.post(addr, "/v1/enrol", &serde_json::to_vec(&request).expect("JSON"))
    }

    pub fn post(&self, addr: SocketAddr, path: &str, body: &[u8]) -> Answer {
        exchange(self.stream(addr), &post(path, body))
    }

    pub fn append(&self, addr: SocketAddr, batch: &Batch) -> Answer {
        self.post(addr, &format!("/v1/logs/{}/append", self.log()), &batch.encode())
    }
}

pub fn post(path: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("POST {path} HTTP/1.1\r\nHost: hub\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

#[derive(Debug)]
struct Pinned([u8; 32]);

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let spki = ParsedCertificate::try_from(end_entity)?.subject_public_key_info();
        assert_eq!(Sha256::digest(spki.as_ref())[..], self.0, "it is the hub");
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Err(rustls::Error::General("TLS 1.3 only".into()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signed, &ring::default_provider().signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        ring::default_provider().signature_verification_algorithms.supported_schemes()
    }
}
