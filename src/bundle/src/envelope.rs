//! The envelope: header, signatures, payload.

use sha2::{Digest as _, Sha256};

use crate::{KeyId, Refusal, Role, SecretKey};

/// The highest version. Far above anything that people will sign, and far below where numbers end.
pub const VERSION_MAX: u64 = 0xffff_ffff;
/// The most bytes of an operator's name.
pub const OPERATOR_BYTES_MAX: usize = 64;
/// The most units that a bundle names; beyond it, it is for all.
pub const UNITS_MAX: usize = 1000;
/// The most bytes of a unit's label.
pub const UNIT_BYTES_MAX: usize = 16;
/// The most signatures on one bundle.
pub const SIGNATURES_MAX: usize = 16;

const MAGIC: &[u8; 8] = b"TRBUNDL1";
const LARGE_CHANGE: u8 = 1;

/// What a bundle says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// What it is for.
    pub role: Role,
    /// Its version, from 1.
    pub version: u64,
    /// When it was made, seconds since 1970, UTC. Nothing depends on it.
    pub created_s: i64,
    /// From when on it warns. It never stops being good.
    pub stale_after_s: i64,
    /// The root it was made under: a reader whose root is older fetches that first.
    pub min_root: u64,
    /// It changes more than a till takes from one role: the keys of the root have signed too.
    pub large_change: bool,
    /// Whose it is.
    pub operator: String,
    /// The units it is for; empty for all.
    pub units: Vec<String>,
}

/// One signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signed {
    /// Whose.
    pub key: KeyId,
    /// Ed25519.
    pub signature: [u8; 64],
}

/// A bundle taken apart, and nothing believed yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope<'a> {
    /// What it says of itself.
    pub header: Header,
    /// SHA-256 of the payload, as it says.
    pub payload_sha256: [u8; 32],
    /// Who says to have signed, ids ascending.
    pub signatures: Vec<Signed>,
    /// The payload, packed.
    pub payload: &'a [u8],
    /// The bytes that are signed.
    pub(crate) signed: &'a [u8],
}

impl<'a> Envelope<'a> {
    /// Takes bytes apart. Sizes are checked first; nothing is unpacked and no signature is looked at.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn read(bytes: &'a [u8]) -> Result<Self, Refusal> {
        let largest = Role::ALL.into_iter().max_by_key(|role| role.bytes_max()).unwrap_or(Role::Prices);
        within(bytes, largest)?;
        let mut from = Cursor { bytes, at: 0 };
        if from.fixed::<8>()? != *MAGIC {
            return Err(Refusal::Unreadable("it does not begin like one"));
        }
        let role = Role::numbered(from.byte()?).ok_or(Refusal::Unreadable("its role is not known"))?;
        within(bytes, role)?;
        let header = read_header(&mut from, role)?;
        let length = usize::try_from(u32::from_be_bytes(from.fixed()?)).map_err(|_| Refusal::CutOff)?;
        let payload_sha256 = from.fixed()?;
        let signed = bytes.get(..from.at).ok_or(Refusal::CutOff)?;
        let count = usize::from(from.byte()?);
        if count > SIGNATURES_MAX {
            return Err(Refusal::Unreadable("it has too many signatures"));
        }
        let mut signatures: Vec<Signed> = Vec::with_capacity(count);
        for _ in 0..count {
            let next = Signed { key: KeyId(from.fixed()?), signature: from.fixed()? };
            if signatures.last().is_some_and(|last| last.key >= next.key) {
                return Err(Refusal::SignatureTwice);
            }
            signatures.push(next);
        }
        let payload = from.take(length)?;
        if from.at != bytes.len() {
            return Err(Refusal::Trailing);
        }
        Ok(Self { header, payload_sha256, signatures, payload, signed })
    }

    /// SHA-256 of what was signed: equal for two bundles that differ in their signatures alone.
    #[must_use]
    pub fn identity(&self) -> [u8; 32] {
        Sha256::digest(self.signed).into()
    }

    fn write(&self) -> Vec<u8> {
        let mut bytes = self.signed.to_vec();
        bytes.push(u8::try_from(self.signatures.len()).unwrap_or(u8::MAX));
        for signed in &self.signatures {
            bytes.extend(signed.key.0);
            bytes.extend(signed.signature);
        }
        bytes.extend(self.payload);
        bytes
    }
}

/// Puts a payload under a header, not signed by anybody yet.
///
/// # Errors
/// [`Refusal`]: a header that breaks a limit, or a payload that is larger than its role may have.
pub fn seal(header: &Header, payload: &[u8]) -> Result<Vec<u8>, Refusal> {
    let mut bytes = MAGIC.to_vec();
    bytes.push(header.role.number());
    bytes.extend(header.version.to_be_bytes());
    bytes.extend(header.created_s.to_be_bytes());
    bytes.extend(header.stale_after_s.to_be_bytes());
    bytes.extend(header.min_root.to_be_bytes());
    bytes.push(if header.large_change { LARGE_CHANGE } else { 0 });
    write_text(&mut bytes, &header.operator)?;
    bytes.extend(u16::try_from(header.units.len()).map_err(|_| Refusal::Unreadable("it names too many units"))?.to_be_bytes());
    for unit in &header.units {
        write_text(&mut bytes, unit)?;
    }
    let too_large = || Refusal::TooLarge { role: header.role, max: header.role.bytes_max() };
    bytes.extend(u32::try_from(payload.len()).map_err(|_| too_large())?.to_be_bytes());
    bytes.extend(<[u8; 32]>::from(Sha256::digest(payload)));
    bytes.push(0);
    bytes.extend(payload);
    // What is written can be read: every limit is checked by the reader.
    Envelope::read(&bytes)?;
    Ok(bytes)
}

/// The bundle with one more signature. A key that has signed already signs no second time.
///
/// # Errors
/// [`Refusal`]: bytes that are no bundle, or that have as many signatures as there may be.
pub fn sign(bytes: &[u8], key: &SecretKey) -> Result<Vec<u8>, Refusal> {
    let mut envelope = Envelope::read(bytes)?;
    let signed = Signed { key: key.public().id(), signature: key.sign(envelope.signed) };
    match envelope.signatures.binary_search_by_key(&signed.key, |known| known.key) {
        Ok(_) => return Err(Refusal::SignatureTwice),
        Err(place) => envelope.signatures.insert(place, signed),
    }
    let bytes = envelope.write();
    Envelope::read(&bytes)?;
    Ok(bytes)
}

fn within(bytes: &[u8], role: Role) -> Result<(), Refusal> {
    let max = role.bytes_max();
    if bytes.len() > max { Err(Refusal::TooLarge { role, max }) } else { Ok(()) }
}

fn read_header(from: &mut Cursor<'_>, role: Role) -> Result<Header, Refusal> {
    let version = u64::from_be_bytes(from.fixed()?);
    if version == 0 || version > VERSION_MAX {
        return Err(Refusal::VersionAbsurd(version));
    }
    let created_s = i64::from_be_bytes(from.fixed()?);
    let stale_after_s = i64::from_be_bytes(from.fixed()?);
    let min_root = u64::from_be_bytes(from.fixed()?);
    if min_root > VERSION_MAX {
        return Err(Refusal::VersionAbsurd(min_root));
    }
    let large_change = match from.byte()? {
        0 => false,
        LARGE_CHANGE => true,
        _ => return Err(Refusal::Unreadable("it has flags that are not known")),
    };
    let operator = from.text(OPERATOR_BYTES_MAX)?;
    let count = usize::from(u16::from_be_bytes(from.fixed()?));
    if count > UNITS_MAX {
        return Err(Refusal::Unreadable("it names too many units"));
    }
    let units = (0..count).map(|_| from.text(UNIT_BYTES_MAX)).collect::<Result<_, _>>()?;
    Ok(Header { role, version, created_s, stale_after_s, min_root, large_change, operator, units })
}

fn write_text(bytes: &mut Vec<u8>, text: &str) -> Result<(), Refusal> {
    bytes.push(u8::try_from(text.len()).map_err(|_| Refusal::Unreadable("a text is too long"))?);
    bytes.extend(text.as_bytes());
    Ok(())
}

struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], Refusal> {
        let end = self.at.checked_add(count).ok_or(Refusal::CutOff)?;
        let taken = self.bytes.get(self.at..end).ok_or(Refusal::CutOff)?;
        self.at = end;
        Ok(taken)
    }

    fn fixed<const N: usize>(&mut self) -> Result<[u8; N], Refusal> {
        self.take(N)?.try_into().map_err(|_| Refusal::CutOff)
    }

    fn byte(&mut self) -> Result<u8, Refusal> {
        self.fixed::<1>().map(|[byte]| byte)
    }

    fn text(&mut self, bytes_max: usize) -> Result<String, Refusal> {
        let length = usize::from(self.byte()?);
        if length == 0 || length > bytes_max {
            return Err(Refusal::Unreadable("a text is empty or too long"));
        }
        String::from_utf8(self.take(length)?.to_vec()).map_err(|_| Refusal::Unreadable("a text is none"))
    }
}
