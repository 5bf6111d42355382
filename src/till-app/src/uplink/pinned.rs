//! TLS that knows one hub by its key and shows the hub one log by its key. Names, dates and public roots play no part: a train that stood in
//! a shed for a month with a dead clock still knows its hub.

use std::{
    fmt,
    io::{self, Read as _, Write as _},
    sync::Arc,
    time::Duration,
};

use journal::LogKey;
use rustls::{
    ClientConfig, ClientConnection, DigitallySignedStruct, SignatureScheme, StreamOwned,
    client::{
        Resumption,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, WebPkiSupportedAlgorithms, ring, verify_tls13_signature},
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName, UnixTime},
    server::ParsedCertificate,
    version::TLS13,
};
use sha2::{Digest as _, Sha256};
use ureq::{
    Error, Timeout,
    unversioned::transport::{Buffers, ConnectionDetails, Connector, LazyBuffers, NextTimeout, Transport, TransportAdapter},
};

/// The first bits of the SHA-256 over the hub's public key (SPKI, DER), as a token carries them.
pub type Pin = [u8; 16];

/// What stands before the 32 bytes of an Ed25519 key in PKCS #8 (RFC 8410).
const PKCS8_BEFORE_SEED: [u8; 16] = [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

/// Somebody answered who is not the hub that is pinned.
#[derive(Debug)]
pub(super) struct OtherHub(rustls::Error);

impl fmt::Display for OtherHub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not the hub: {}", self.0)
    }
}

impl std::error::Error for OtherHub {}

/// The settings for connections from the log of `key` to the hub with `pin`: TLS 1.3 and nothing older.
pub(super) fn settings(pin: Pin, key: &LogKey) -> ClientConfig {
    let provider = Arc::new(ring::default_provider());
    let (certificate, secret) = certificate(key);
    let verifier = Arc::new(PinVerifier { pin, algorithms: provider.signature_verification_algorithms });
    // The provider has TLS 1.3, and the key is one of the kinds it knows, whatever its bytes are.
    let mut settings = only_tls13(provider)
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_client_auth_cert(vec![certificate], secret)
        .unwrap_or_else(|error| panic!("a log's key serves TLS: {error}"));
    // A ticket would save bytes but no round trip, and would be one more thing to keep.
    settings.resumption = Resumption::disabled();
    settings
}

fn only_tls13(provider: Arc<CryptoProvider>) -> rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier> {
    let builder = ClientConfig::builder_with_provider(provider).with_protocol_versions(&[&TLS13]);
    builder.unwrap_or_else(|error| panic!("the provider has TLS 1.3: {error}"))
}

/// The self-signed certificate by which the hub knows the log.
fn certificate(key: &LogKey) -> (CertificateDer<'static>, PrivateKeyDer<'static>) {
    let secret = PrivatePkcs8KeyDer::from([&PKCS8_BEFORE_SEED[..], &key.secret()].concat());
    let made = rcgen::KeyPair::from_pkcs8_der_and_sign_algo(&secret, &rcgen::PKCS_ED25519).and_then(|pair| {
        let mut certificate = rcgen::CertificateParams::new(Vec::new())?;
        certificate.distinguished_name.push(rcgen::DnType::CommonName, key.log_id().to_string());
        certificate.self_signed(&pair)
    });
    let made = made.unwrap_or_else(|error| panic!("every 32 bytes are an Ed25519 key: {error}"));
    (made.der().clone(), PrivateKeyDer::Pkcs8(secret))
}

/// Believes one public key. The signature of the handshake proves that the other side has its secret half.
#[derive(Debug)]
struct PinVerifier {
    pin: Pin,
    algorithms: WebPkiSupportedAlgorithms,
}

impl ServerCertVerifier for PinVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let spki = ParsedCertificate::try_from(end_entity)?.subject_public_key_info();
        if Sha256::digest(spki.as_ref()).starts_with(&self.pin) {
            Ok(ServerCertVerified::assertion())
        } else {
            Err(rustls::Error::InvalidCertificate(rustls::CertificateError::UnknownIssuer))
        }
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Err(rustls::Error::General("TLS 1.2 is not spoken".into()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// Puts TLS around a connection that stands.
#[derive(Debug)]
pub(super) struct PinnedTls {
    pub settings: Arc<ClientConfig>,
    pub name: ServerName<'static>,
    /// How long the handshake may take.
    pub handshake: Duration,
}

impl<In: Transport> Connector<In> for PinnedTls {
    type Out = PinnedTransport;

    fn connect(&self, details: &ConnectionDetails<'_>, chained: Option<In>) -> Result<Option<PinnedTransport>, Error> {
        let Some(plain) = chained else { return Err(Error::ConnectionFailed) };
        let mut sock = TransportAdapter::new(plain.boxed(), details.current_time.clone());
        sock.set_timeout(NextTimeout { after: self.handshake.into(), reason: Timeout::Connect, ..NextTimeout::default() });
        let mut connection = ClientConnection::new(self.settings.clone(), self.name.clone()).map_err(other_hub)?;
        connection.complete_io(&mut sock).map_err(handshake_failed)?;
        let buffers = LazyBuffers::new(details.config.input_buffer_size(), details.config.output_buffer_size());
        Ok(Some(PinnedTransport { buffers, stream: StreamOwned::new(connection, sock) }))
    }
}

/// Until the handshake is through, what makes no sense came from somebody else.
fn handshake_failed(error: io::Error) -> Error {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        Some(why) => other_hub(why.clone()),
        None => error.into(),
    }
}

fn other_hub(why: rustls::Error) -> Error {
    Error::Other(Box::new(OtherHub(why)))
}

/// A connection to the hub.
pub(super) struct PinnedTransport {
    buffers: LazyBuffers,
    stream: StreamOwned<ClientConnection, TransportAdapter>,
}

impl fmt::Debug for PinnedTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PinnedTransport")
    }
}

impl Transport for PinnedTransport {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        self.stream.sock.set_timeout(timeout);
        let output = self.buffers.output().get(..amount).unwrap_or_default();
        self.stream.write_all(output)?;
        Ok(())
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.stream.sock.set_timeout(timeout);
        let read = self.stream.read(self.buffers.input_append_buf())?;
        self.buffers.input_appended(read);
        Ok(read > 0)
    }

    fn is_open(&mut self) -> bool {
        self.stream.sock.get_mut().is_open()
    }

    fn is_tls(&self) -> bool {
        true
    }
}
