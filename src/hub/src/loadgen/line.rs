//! A till's way to the hub: TLS 1.3 by pinned keys on loopback, HTTP/1.1, one request at a time.

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    sync::Arc,
    time::Duration,
};

use journal::LogKey;
use rustls::{
    ClientConfig, ClientConnection, DigitallySignedStruct, Error, SignatureScheme, StreamOwned,
    client::{
        Resumption,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{WebPkiSupportedAlgorithms, ring, verify_tls13_signature},
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName, UnixTime},
    server::ParsedCertificate,
};
use sha2::{Digest as _, Sha256};

use crate::failure::Failure;

/// What stands before the 32 bytes of an Ed25519 key in PKCS #8 (RFC 8410).
const PKCS8_BEFORE_SEED: [u8; 16] = [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];
/// How long a hub may take over one answer.
const ANSWER_WAIT: Duration = Duration::from_secs(60);

/// A connection.
pub(super) struct Line {
    stream: StreamOwned<ClientConnection, TcpStream>,
}

/// How a till's connections are made.
#[derive(Clone)]
pub(super) struct Way {
    hub: SocketAddr,
    settings: Arc<ClientConfig>,
}

impl Way {
    /// From the log of `key` to the hub whose key has this SHA-256.
    pub(super) fn new(hub: SocketAddr, pin: [u8; 32], key: &LogKey) -> Result<Self, Failure> {
        let tls = |error: Error| Failure::Tls(error.to_string());
        let provider = Arc::new(ring::default_provider());
        let verifier = Arc::new(Pinned(pin, provider.signature_verification_algorithms));
        let secret = PrivatePkcs8KeyDer::from([&PKCS8_BEFORE_SEED[..], &key.secret()].concat());
        let certificate = certificate(&secret).map_err(|error| Failure::Tls(error.to_string()))?;
        let mut settings = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13])
            .map_err(tls)?
            .dangerous()
            .with_custom_certificate_verifier(verifier)
            .with_client_auth_cert(vec![certificate], PrivateKeyDer::Pkcs8(secret))
            .map_err(tls)?;
        settings.resumption = Resumption::disabled();
        Ok(Self { hub, settings: Arc::new(settings) })
    }

    /// Connects, up to the end of the handshake.
    pub(super) fn connect(&self) -> Result<Line, Failure> {
        let mut tcp = TcpStream::connect(self.hub)?;
        tcp.set_nodelay(true)?;
        tcp.set_read_timeout(Some(ANSWER_WAIT))?;
        let name = ServerName::from(self.hub.ip());
        let mut connection = ClientConnection::new(Arc::clone(&self.settings), name).map_err(|error| Failure::Tls(error.to_string()))?;
        connection.complete_io(&mut tcp)?;
        Ok(Line { stream: StreamOwned::new(connection, tcp) })
    }
}

fn certificate(secret: &PrivatePkcs8KeyDer<'_>) -> Result<CertificateDer<'static>, rcgen::Error> {
    let pair = rcgen::KeyPair::from_pkcs8_der_and_sign_algo(secret, &rcgen::PKCS_ED25519)?;
    Ok(rcgen::CertificateParams::new(Vec::new())?.self_signed(&pair)?.der().clone())
}

impl Line {
    /// Posts, and waits for the whole answer: status and body.
    pub(super) fn post(&mut self, path: &str, kind: &str, body: &[u8]) -> Result<(u16, Vec<u8>), Failure> {
        let head = format!("POST {path} HTTP/1.1\r\nhost: hub\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n", body.len());
        self.stream.write_all(&[head.as_bytes(), body].concat())?;
        self.stream.flush()?;
        let mut bytes = Vec::new();
        loop {
            if let Some(answer) = answer(&bytes)? {
                return Ok(answer);
            }
            let mut more = [0; 4096];
            let read = self.stream.read(&mut more)?;
            if read == 0 || bytes.len() > wire::ANSWER_BYTES_MAX {
                return Err(unreadable());
            }
            bytes.extend_from_slice(&more[..read]);
        }
    }
}

/// The answer, once it is whole.
fn answer(bytes: &[u8]) -> Result<Option<(u16, Vec<u8>)>, Failure> {
    let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else { return Ok(None) };
    let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or_else(unreadable)?;
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:")).ok_or_else(unreadable)?;
    let length: usize = length.trim().parse().map_err(|_| unreadable())?;
    Ok(bytes[end + 4..].get(..length).map(|body| (status, body.to_vec())))
}

fn unreadable() -> Failure {
    Failure::Refused("The hub's answer is not understood.".into())
}

/// Believes one public key.
#[derive(Debug)]
struct Pinned([u8; 32], WebPkiSupportedAlgorithms);

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let spki = ParsedCertificate::try_from(end_entity)?.subject_public_key_info();
        match Sha256::digest(spki.as_ref())[..] == self.0 {
            true => Ok(ServerCertVerified::assertion()),
            false => Err(Error::InvalidCertificate(rustls::CertificateError::UnknownIssuer)),
        }
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(Error::General("TLS 1.3 only".into()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.1)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.1.supported_schemes()
    }
}
