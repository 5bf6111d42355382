//! A server made for tests: real TLS on a loopback port, a behaviour that can be changed while it runs, and honest books.

use std::{
    io::{self, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use journal::{Head, LogId, Proof};
use rcgen::PublicKeyData as _;
use rustls::{
    DigitallySignedStruct, DistinguishedName, ServerConfig, ServerConnection, SignatureScheme, StreamOwned,
    client::danger::HandshakeSignatureValid,
    crypto::{ring, verify_tls13_signature},
    pki_types::{CertificateDer, PrivateKeyDer, UnixTime},
    server::{
        ParsedCertificate,
        danger::{ClientCertVerified, ClientCertVerifier},
    },
};
use sha2::{Digest as _, Sha256};
use wire::{Ack, Batch, Bytes32, EnrolAnswer, EnrolRequest, Refused, Token};

/// A client that says nothing for so long is gone.
const READ_PATIENCE: Duration = Duration::from_secs(60);

/// What came in.
pub struct Request {
    /// `POST /v1/…`
    pub line: String,
    /// The other lines.
    pub headers: String,
    /// The body.
    pub body: Vec<u8>,
    /// Raw public key of the client's certificate.
    pub client: Option<[u8; 32]>,
}

/// A connection, TLS or not.
pub trait Stream: Read + Write {
    /// Ends it without a word.
    fn cut(&mut self);
}

impl Stream for TcpStream {
    fn cut(&mut self) {
        drop(self.shutdown(std::net::Shutdown::Both));
    }
}

impl Stream for StreamOwned<ServerConnection, TcpStream> {
    fn cut(&mut self) {
        drop(self.sock.shutdown(std::net::Shutdown::Both));
    }
}

/// What a server does with a request.
pub type Behaviour = Arc<dyn Fn(&mut dyn Stream, &Request) + Send + Sync>;

/// A server.
pub struct Server {
    /// Its port on loopback.
    pub port: u16,
    /// The pin of its key.
    pub pin: [u8; 16],
    /// Connections that came.
    pub connections: Arc<AtomicU64>,
    behaviour: Arc<Mutex<Option<Behaviour>>>,
    config: Option<Arc<ServerConfig>>,
}

impl Server {
    /// Starts one that speaks TLS with a key of its own.
    pub fn start(behaviour: Behaviour) -> Self {
        let (config, pin) = tls();
        Self::serve(Some(config), pin, behaviour)
    }

    /// Starts another one with the same key at another port.
    pub fn moved(&self, behaviour: Behaviour) -> Self {
        Self::serve(self.config.clone(), self.pin, behaviour)
    }

    /// Starts one that speaks no TLS.
    pub fn plain(behaviour: Behaviour) -> Self {
        Self::serve(None, [0; 16], behaviour)
    }

    fn serve(config: Option<Arc<ServerConfig>>, pin: [u8; 16], behaviour: Behaviour) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let behaviour = Arc::new(Mutex::new(Some(behaviour)));
        let connections = Arc::new(AtomicU64::new(0));
        let (current, counted, own) = (behaviour.clone(), connections.clone(), config.clone());
        thread::spawn(move || {
            for plain in listener.incoming().flatten() {
                if current.lock().expect("a behaviour").is_none() {
                    return;
                }
                counted.fetch_add(1, Ordering::SeqCst);
                let (config, current) = (config.clone(), current.clone());
                thread::spawn(move || drop(serve(plain, config, &current)));
            }
        });
        Self { port, pin, connections, behaviour, config: own }
    }

    /// Does something else from the next request on.
    pub fn becomes(&self, behaviour: Behaviour) {
        *self.behaviour.lock().expect("a behaviour") = Some(behaviour);
    }

    /// For `--hub`.
    pub fn url(&self) -> String {
        format!("https://127.0.0.1:{}", self.port)
    }

    /// A token for this server.
    pub fn token(&self, secret: u8) -> Token {
        Token { secret: [secret; 16], pin: self.pin }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        *self.behaviour.lock().expect("a behaviour") = None;
        drop(TcpStream::connect(("127.0.0.1", self.port)));
    }
}

fn serve(plain: TcpStream, config: Option<Arc<ServerConfig>>, current: &Mutex<Option<Behaviour>>) -> io::Result<()> {
    let now = || current.lock().expect("a behaviour").clone().ok_or(io::ErrorKind::NotConnected);
    plain.set_read_timeout(Some(READ_PATIENCE))?;
    plain.set_write_timeout(Some(READ_PATIENCE))?;
    plain.set_nodelay(true)?;
    let Some(config) = config else {
        let mut plain = plain;
        let mut first = [0; 512];
        // What a client of TLS says first is no request to this one.
        let read = plain.read(&mut first)?;
        let line = String::from_utf8_lossy(&first[..read.min(16)]).into_owned();
        now()?(&mut plain, &Request { line, headers: String::new(), body: Vec::new(), client: None });
        return Ok(());
    };
    let mut stream = StreamOwned::new(ServerConnection::new(config).map_err(io::Error::other)?, plain);
    loop {
        let request = request(&mut stream)?;
        now()?(&mut stream, &request);
        stream.flush()?;
    }
}

fn request(stream: &mut StreamOwned<ServerConnection, TcpStream>) -> io::Result<Request> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let (line, headers) = head.split_once("\r\n").unwrap_or((&head, ""));
    let length = headers.lines().filter_map(|line| line.split_once(':')).find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let mut body = vec![0; length.and_then(|(_, length)| length.trim().parse().ok()).unwrap_or(0)];
    stream.read_exact(&mut body)?;
    let certificate = stream.conn.peer_certificates().and_then(|certificates| certificates.first());
    let client = certificate.and_then(|certificate| {
        let spki = ParsedCertificate::try_from(certificate).ok()?.subject_public_key_info();
        spki.as_ref().last_chunk::<32>().copied()
    });
    Ok(Request { line: line.to_owned(), headers: headers.to_owned(), body, client })
}

fn tls() -> (Arc<ServerConfig>, [u8; 16]) {
    let key = rcgen::KeyPair::generate().expect("a key");
    let certificate = rcgen::CertificateParams::new(Vec::new()).and_then(|params| params.self_signed(&key)).expect("a certificate");
    let pin = Sha256::digest(key.subject_public_key_info()).first_chunk().copied().expect("32 bytes");
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .expect("TLS 1.3")
        .with_client_cert_verifier(Arc::new(AnyClient))
        .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::try_from(key.serialize_der()).expect("a key"))
        .expect("a server");
    (Arc::new(config), pin)
}

/// Takes every client that has the key of its certificate.
#[derive(Debug)]
struct AnyClient;

impl ClientCertVerifier for AnyClient {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Err(rustls::Error::General("TLS 1.2".into()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signature, &ring::default_provider().signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        ring::default_provider().signature_verification_algorithms.supported_schemes()
    }
}

/// An answer in HTTP.
pub fn http(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n{headers}\r\n", body.len());
    [head.as_bytes(), body].concat()
}

/// A refusal.
pub fn refusal(status: &str, code: &str) -> Vec<u8> {
    let refused = Refused { code: code.into(), what: "This is what is wrong.".into(), todo: "Do this.".into() };
    http(status, "content-type: application/json\r\n", &serde_json::to_vec(&refused).expect("JSON"))
}

/// A log as an honest hub has it.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    /// Its entries.
    pub entries: Vec<Vec<u8>>,
    /// Heads after each, the log's identity first.
    heads: Vec<Head>,
}

/// A hub that keeps the protocol, in memory.
#[derive(Clone, Default)]
pub struct Honest {
    /// Its logs.
    pub logs: Arc<Mutex<std::collections::BTreeMap<[u8; 32], Kept>>>,
    /// Tokens that are good.
    pub tokens: Arc<Mutex<Vec<String>>>,
}

impl Honest {
    /// What it does.
    pub fn behaviour(&self) -> Behaviour {
        let hub = self.clone();
        Arc::new(move |stream, request| {
            let answer = hub.answer(request);
            drop(stream.write_all(&answer).and_then(|()| stream.flush()));
        })
    }

    /// A token that is good once.
    pub fn token(&self, server: &Server, secret: u8) -> String {
        let token = server.token(secret).to_string();
        self.tokens.lock().expect("tokens").push(token.clone());
        token
    }

    /// The answer to a request.
    pub fn answer(&self, request: &Request) -> Vec<u8> {
        if request.line.starts_with("POST /v1/enrol ") {
            return self.enrol(request);
        }
        let path = request.line.strip_prefix("POST /v1/logs/").and_then(|rest| rest.split_once("/append "));
        match path.and_then(|(log, _)| Bytes32::parse(log)) {
            Some(log) => self.append(log, request),
            None => refusal("404 Not Found", "path.unknown"),
        }
    }

    fn enrol(&self, request: &Request) -> Vec<u8> {
        let Ok(asked) = serde_json::from_slice::<EnrolRequest>(&request.body) else {
            return refusal("400 Bad Request", "enrol.unreadable");
        };
        assert_eq!(request.client, Some(asked.public.0), "the connection is the log's own");
        let mut tokens = self.tokens.lock().expect("tokens");
        let Some(place) = tokens.iter().position(|token| *token == asked.token) else { return refusal("403 Forbidden", "token.unknown") };
        tokens.remove(place);
        self.logs.lock().expect("logs").entry(Sha256::digest(asked.public.0).into()).or_default();
        let answer = EnrolAnswer { unit: "0142".into(), short_code: "271828".into(), logs: 0 };
        http("200 OK", "content-type: application/json\r\n", &serde_json::to_vec(&answer).expect("JSON"))
    }

    fn append(&self, log: Bytes32, request: &Request) -> Vec<u8> {
        let Ok(batch) = Batch::decode(&request.body) else { return refusal("400 Bad Request", "batch.unreadable") };
        assert_eq!(request.client, Some(batch.public), "the connection is the log's own");
        let log_id = LogId(Sha256::digest(batch.public).into());
        assert_eq!(log_id.0, log.0, "the path names the log");
        let mut logs = self.logs.lock().expect("logs");
        let vouched = batch.report.successor.as_ref().is_some_and(|successor| {
            let known = logs.contains_key(&<[u8; 32]>::from(Sha256::digest(successor.public)));
            known && journal::vouched(&successor.public, &log_id, &successor.signature)
        });
        if vouched {
            logs.entry(log.0).or_default();
        }
        let Some(kept) = logs.get_mut(&log.0) else { return refusal("403 Forbidden", "log.unknown") };
        if kept.heads.is_empty() {
            kept.heads.push(Head::of_log(&log_id));
        }
        let known = usize::try_from(batch.first_seq - 1).expect("a place");
        let Some(before) = kept.heads.get(known).copied() else { return kept.ack("409 Conflict") };
        assert_eq!(before.0, batch.prev.0, "the till goes on from where the hub is");
        let mut head = before;
        let mut fresh = Vec::new();
        for entry in &batch.entries {
            head = head.next(entry);
            fresh.push((head, entry.clone()));
        }
        let proof = Proof { public: batch.public, seq: batch.last_seq(), head: Head(batch.head.0), signature: batch.signature };
        assert!(head.0 == batch.head.0 && proof.holds(), "chain and signature hold");
        for (place, (head, entry)) in (known..).zip(fresh) {
            match kept.heads.get(place + 1) {
                Some(there) => assert_eq!(*there, head, "nothing changes afterwards"),
                None => {
                    kept.heads.push(head);
                    kept.entries.push(entry);
                }
            }
        }
        kept.ack("200 OK")
    }

    /// The acknowledgement that it would give now.
    pub fn ack_of(&self, log: &[u8; 32]) -> Ack {
        let logs = self.logs.lock().expect("logs");
        let kept = &logs[log];
        Ack {
            seq: kept.entries.len() as u64,
            head: kept.heads.last().map_or(Bytes32(*log), |head| Bytes32(head.0)),
            sealed: false,
            confirmed: true,
            hub_s: 1_800_000_000,
            bundles: Vec::new(),
        }
    }

    /// Sales in all logs, each log recomputed from nothing.
    pub fn sales(&self) -> usize {
        let logs = self.logs.lock().expect("logs");
        let in_log = |(log, kept): (&[u8; 32], &Kept)| {
            let (_, head) = journal::verify(&LogId(*log), kept.entries.iter().map(Vec::as_slice)).expect("a whole log");
            assert_eq!(kept.heads.last().copied().unwrap_or(head), head);
            let facts = kept.entries.iter().map(|bytes| journal::Entry::decode(bytes).expect("an entry").fact);
            facts.filter(|fact| matches!(fact, journal::Fact::SaleClosed(_))).count()
        };
        logs.iter().map(in_log).sum()
    }

    /// Entries and last head of a log.
    pub fn stands(&self, log: &str) -> (u64, String) {
        let log = Bytes32::parse(log).expect("a log");
        let logs = self.logs.lock().expect("logs");
        let kept = &logs[&log.0];
        (kept.entries.len() as u64, kept.heads.last().map(ToString::to_string).unwrap_or_default())
    }
}

impl Kept {
    fn ack(&self, status: &str) -> Vec<u8> {
        let head = self.heads.last().map_or(Bytes32::default(), |head| Bytes32(head.0));
        let ack = Ack { seq: self.entries.len() as u64, head, sealed: false, confirmed: true, hub_s: 1_800_000_000, bundles: Vec::new() };
        http(status, "content-type: application/json\r\n", &serde_json::to_vec(&ack).expect("JSON"))
    }
}
