//! Whether to believe a bundle.

use sha2::{Digest as _, Sha256};

use crate::{Envelope, Files, Header, Refusal, Role, Trust, unpack};

/// A bundle that a reader holds already: what must not be undercut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// Its version.
    pub version: u64,
    /// The root it was made under.
    pub min_root: u64,
}

/// Who reads.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reader<'a> {
    /// The role that was asked for, where one was.
    pub role: Option<Role>,
    /// The label of the unit; none where no unit reads, as at the hub and the depot.
    pub unit: Option<&'a str>,
    /// What is held of the bundle's role.
    pub held: Option<Held>,
}

/// A bundle that enough people have signed, for this reader, newer than what is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified<'a> {
    envelope: Envelope<'a>,
}

/// Checks everything there is to check, in this order: sizes, shape, signatures, payload, then whether it is for this reader and new to it.
///
/// Roots are not taken this way but by [`Trust::step`].
///
/// # Errors
/// [`Refusal`].
pub fn verify<'a>(bytes: &'a [u8], trust: &Trust, reader: Reader<'_>) -> Result<Verified<'a>, Refusal> {
    let envelope = Envelope::read(bytes)?;
    let (header, root) = (&envelope.header, trust.root());
    if header.role == Role::Root {
        return Err(Refusal::WrongRole { asked: reader.role.unwrap_or(Role::Prices), found: Role::Root });
    }
    if header.min_root > root.version {
        // Its keys may be ones that this root does not know yet.
        return Err(Refusal::RootBehind { needed: header.min_root, held: root.version });
    }
    root.check_signed(&envelope, header.role)?;
    if header.large_change {
        root.check_signed(&envelope, Role::Root)?;
    }
    envelope.check_payload()?;
    if let Some(asked) = reader.role.filter(|asked| *asked != header.role) {
        return Err(Refusal::WrongRole { asked, found: header.role });
    }
    if header.operator != root.operator {
        return Err(Refusal::WrongOperator { asked: root.operator.clone(), found: header.operator.clone() });
    }
    if let Some(unit) = reader.unit
        && !header.units.is_empty()
        && !header.units.iter().any(|known| known == unit)
    {
        return Err(Refusal::WrongUnit(unit.to_owned()));
    }
    let since = root.grant(header.role).map_or(1, |grant| grant.since_root);
    if header.min_root < since {
        return Err(Refusal::BeforeRestart { since, found: header.min_root });
    }
    if let Some(held) = reader.held.filter(|held| root.counts(header.role, *held)) {
        match header.version {
            found if found == held.version => return Err(Refusal::Known(found)),
            found if found < held.version => return Err(Refusal::Older { held: held.version, found }),
            _ => {}
        }
    }
    Ok(Verified { envelope })
}

impl Verified<'_> {
    /// What it says of itself.
    #[must_use]
    pub const fn header(&self) -> &Header {
        &self.envelope.header
    }

    /// Whether it is past its date. It is good nevertheless: a stale list warns, it stops nobody.
    #[must_use]
    pub const fn is_stale(&self, now_s: i64) -> bool {
        now_s > self.envelope.header.stale_after_s
    }

    /// Its files.
    ///
    /// # Errors
    /// [`Refusal::Bomb`], [`Refusal::Files`].
    pub fn files(&self) -> Result<Files, Refusal> {
        unpack(self.envelope.header.role, self.envelope.payload)
    }
}

impl Envelope<'_> {
    /// Whether the payload is the one that is signed.
    ///
    /// # Errors
    /// [`Refusal::PayloadWrong`].
    pub fn check_payload(&self) -> Result<(), Refusal> {
        if <[u8; 32]>::from(Sha256::digest(self.payload)) == self.payload_sha256 { Ok(()) } else { Err(Refusal::PayloadWrong) }
    }
}
