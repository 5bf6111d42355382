//! Who the hub is and who speaks to it: TLS 1.3 with keys that are pinned, not vouched for.
//!
//! Tills know the hub by the hash of its public key; the hub knows a till by the public key of its log. Names and dates of expiry in
//! certificates are not looked at, so nothing stops selling because something expired.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
    sync::Arc,
};

use hub_store::HubStore;
use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair, PublicKeyData as _};
use rustls::{
    DigitallySignedStruct, DistinguishedName as Hint, Error, ServerConfig, SignatureScheme,
    client::danger::HandshakeSignatureValid,
    crypto::{CryptoProvider, WebPkiSupportedAlgorithms, ring, verify_tls13_signature},
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, UnixTime},
    server::{
        ParsedCertificate,
        danger::{ClientCertVerified, ClientCertVerifier},
    },
};
use sha2::{Digest as _, Sha256};

use crate::failure::Failure;

/// The hub's key in its folder, PEM.
pub const KEY_FILE: &str = "tls.key";
/// The hub's certificate in its folder, PEM.
pub const CERTIFICATE_FILE: &str = "tls.crt";
/// The hub's key in its database: every hub on it is the same hub to a till, and so is one that was restored from a backup.
const KEY_SETTING: &str = "tls.key";

/// What stands in front of the 32 bytes of an Ed25519 key in a certificate (RFC 8410).
const ED25519_SPKI: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// The hub's key and certificate.
pub struct Identity {
    key: KeyPair,
    certificate: CertificateDer<'static>,
}

impl Identity {
    /// The hub's identity. It is made when there is none, kept in the database and laid beside it in the folder.
    ///
    /// # Errors
    /// [`Failure`], also when the folder holds the key of another hub.
    pub fn of_hub(store: &HubStore, dir: &Path) -> Result<Self, Failure> {
        fs::create_dir_all(dir)?;
        let in_folder = match fs::read_to_string(dir.join(KEY_FILE)) {
            Ok(pem) => Some(pem),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(Failure::Tls(format!("{} cannot be read: {error}", dir.join(KEY_FILE).display()))),
        };
        let wanted = match &in_folder {
            Some(pem) => pem.clone(),
            None => KeyPair::generate().map_err(|error| Failure::Tls(error.to_string()))?.serialize_pem(),
        };
        // Two hubs that start at once agree on one key: the first.
        let kept = store.setting_or(KEY_SETTING, wanted.as_bytes())?;
        if in_folder.is_some() && kept != wanted.as_bytes() {
            return Err(Failure::Tls(format!(
                "{} is the key of another hub than the one whose database this is. Move it away to go on as the database's hub",
                dir.join(KEY_FILE).display()
            )));
        }
        let pem = String::from_utf8(kept).map_err(|_| Failure::Tls("the key in the database is not PEM".into()))?;
        let identity = Self::of_pem(&pem)?;
        if in_folder.is_none() {
            write_secret(&dir.join(KEY_FILE), &pem)?;
        }
        if !dir.join(CERTIFICATE_FILE).exists() {
            write_secret(&dir.join(CERTIFICATE_FILE), &identity.certificate_pem())?;
        }
        Ok(identity)
    }

    fn of_pem(pem: &str) -> Result<Self, Failure> {
        let unusable = |error: rcgen::Error| Failure::Tls(format!("the hub's key cannot be used: {error}"));
        let key = KeyPair::from_pem(pem).map_err(unusable)?;
        let mut params = CertificateParams::new(vec!["localhost".to_owned()]).map_err(unusable)?;
        let mut name = DistinguishedName::new();
        name.push(DnType::CommonName, "Trolley hub");
        params.distinguished_name = name;
        let certificate = params.self_signed(&key).map_err(unusable)?.der().clone();
        Ok(Self { key, certificate })
    }

    /// SHA-256 over the public key (SPKI, DER): what tills pin.
    #[must_use]
    pub fn pin(&self) -> [u8; 32] {
        Sha256::digest(self.key.subject_public_key_info()).into()
    }

    /// The public key (SPKI, DER).
    #[must_use]
    pub fn spki(&self) -> Vec<u8> {
        self.key.subject_public_key_info()
    }

    /// The certificate, for browsers that are to know it.
    #[must_use]
    pub fn certificate(&self) -> &CertificateDer<'static> {
        &self.certificate
    }

    fn certificate_pem(&self) -> String {
        let base64 = data_encoding::BASE64.encode(&self.certificate);
        let lines: Vec<&str> = base64.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap_or_default()).collect();
        format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
    }

    /// How the hub speaks TLS.
    ///
    /// # Errors
    /// [`Failure::Tls`].
    pub fn server(&self) -> Result<Arc<ServerConfig>, Failure> {
        let provider = Arc::new(ring::default_provider());
        let anybody = Arc::new(Anybody(provider.signature_verification_algorithms));
        let unusable = |error: Error| Failure::Tls(error.to_string());
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(self.key.serialize_der()));
        let mut config = versions(provider)?
            .with_client_cert_verifier(anybody)
            .with_single_cert(vec![self.certificate.clone()], key)
            .map_err(unusable)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }
}

fn versions(provider: Arc<CryptoProvider>) -> Result<rustls::ConfigBuilder<ServerConfig, rustls::WantsVerifier>, Failure> {
    ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(|error| Failure::Tls(error.to_string()))
}

fn write_secret(path: &Path, text: &str) -> Result<(), Failure> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    Ok(())
}

/// The raw Ed25519 key of a till's certificate; none for any other kind of key.
#[must_use]
pub fn till_key(certificate: &CertificateDer<'_>) -> Option<[u8; 32]> {
    let parsed = ParsedCertificate::try_from(certificate).ok()?;
    let spki = parsed.subject_public_key_info();
    spki.as_ref().strip_prefix(&ED25519_SPKI[..])?.try_into().ok()
}

/// Lets in any client that proves the key in its certificate, and clients without one. Who may do what is decided where the key is known.
#[derive(Debug)]
struct Anybody(WebPkiSupportedAlgorithms);

impl ClientCertVerifier for Anybody {
    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn root_hint_subjects(&self) -> &[Hint] {
        &[]
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        ParsedCertificate::try_from(end_entity).map(|_| ClientCertVerified::assertion())
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
        verify_tls13_signature(message, certificate, signed, &self.0)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_schemes()
    }
}
