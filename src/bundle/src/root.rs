//! Roots: who may sign what.

use minicbor::{Decoder, Encoder};

use crate::{Envelope, Header, KeyId, PublicKey, Refusal, Role, verify::Held};

/// The most keys of a root.
pub const KEYS_MAX: usize = 32;

/// Who may sign a role's bundles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The role.
    pub role: Role,
    /// How many different keys it takes.
    pub threshold: u8,
    /// The keys, ids ascending.
    pub keys: Vec<KeyId>,
    /// Bundles made under an older root than this are not accepted any more, and versions count anew. 1 at the beginning.
    pub since_root: u64,
}

/// Who may sign what: the payload of a root bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Root {
    /// Its version, from 1, one at a time.
    pub version: u64,
    /// Whose it is.
    pub operator: String,
    /// All keys, ids ascending.
    pub keys: Vec<PublicKey>,
    /// One grant for each role, in the order of [`Role::ALL`].
    pub grants: Vec<Grant>,
}

/// A root that a reader believes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trust {
    root: Root,
}

impl Trust {
    /// Believes a root because a person brought it: the first one. It must still be signed by its own threshold.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn pin(bytes: &[u8]) -> Result<Self, Refusal> {
        let envelope = Envelope::read(bytes)?;
        let root = Root::of(&envelope)?;
        root.check_signed(&envelope, Role::Root)?;
        Ok(Self { root })
    }

    /// Believes the next root: signed by the thresholds of the root that is believed and of its own, of the same operator, one version on.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn step(&self, bytes: &[u8]) -> Result<Self, Refusal> {
        let envelope = Envelope::read(bytes)?;
        self.root.check_signed(&envelope, Role::Root)?;
        let next = Root::of(&envelope)?;
        next.check_signed(&envelope, Role::Root)?;
        let (held, found) = (self.root.version, next.version);
        if next.operator != self.root.operator {
            return Err(Refusal::WrongOperator { asked: self.root.operator.clone(), found: next.operator });
        }
        let began = |root: &Root, role| root.grant(role).map_or(0, |grant| grant.since_root);
        if Role::ALL.into_iter().any(|role| began(&next, role) < began(&self.root, role)) {
            return Err(Refusal::RootUnusable("a role's beginning moves back"));
        }
        match found {
            _ if found == held => Err(Refusal::Known(held)),
            _ if found < held => Err(Refusal::Older { held, found }),
            _ if found != held + 1 => Err(Refusal::RootSkipped { held, found }),
            _ => Ok(Self { root: next }),
        }
    }

    /// The root.
    #[must_use]
    pub const fn root(&self) -> &Root {
        &self.root
    }
}

impl Root {
    /// The grant of a role.
    #[must_use]
    pub fn grant(&self, role: Role) -> Option<&Grant> {
        self.grants.iter().find(|grant| grant.role == role)
    }

    /// The key with this identity.
    #[must_use]
    pub fn key(&self, id: &KeyId) -> Option<&PublicKey> {
        self.keys.iter().find(|key| key.id() == *id)
    }

    /// The bytes of a root bundle, not signed by anybody yet.
    ///
    /// # Errors
    /// [`Refusal::RootUnusable`] for a root that nobody could obey.
    pub fn seal(&self, created_s: i64, stale_after_s: i64) -> Result<Vec<u8>, Refusal> {
        self.check()?;
        let header = Header {
            role: Role::Root,
            version: self.version,
            created_s,
            stale_after_s,
            min_root: self.version.saturating_sub(1),
            large_change: false,
            operator: self.operator.clone(),
            units: Vec::new(),
        };
        crate::seal(&header, &self.encode())
    }

    /// Reads the payload of a root bundle without believing anybody: for people who are about to sign it.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn of(envelope: &Envelope<'_>) -> Result<Self, Refusal> {
        if envelope.header.role != Role::Root {
            return Err(Refusal::WrongRole { asked: Role::Root, found: envelope.header.role });
        }
        envelope.check_payload()?;
        let root = Self::decode(envelope.payload)?;
        root.check()?;
        if root.version != envelope.header.version || root.operator != envelope.header.operator || !envelope.header.units.is_empty() {
            return Err(Refusal::RootUnusable("envelope and content differ"));
        }
        Ok(root)
    }

    /// Whether enough different keys of `role` have signed, each one rightly.
    pub(crate) fn check_signed(&self, envelope: &Envelope<'_>, role: Role) -> Result<(), Refusal> {
        let grant = self.grant(role).ok_or(Refusal::RootUnusable("a role is missing"))?;
        if envelope.signatures.is_empty() {
            return Err(Refusal::Unsigned);
        }
        let mut signed = 0;
        // Ids ascend and each is computed from its key, so a key is met once.
        for signature in &envelope.signatures {
            let Some(key) = self.key(&signature.key).filter(|_| grant.keys.contains(&signature.key)) else { continue };
            if !key.has_signed(envelope.signed, &signature.signature) {
                return Err(Refusal::SignatureWrong(signature.key));
            }
            signed += 1;
        }
        let needed = usize::from(grant.threshold);
        if signed < needed { Err(Refusal::BelowThreshold { role, signed, needed }) } else { Ok(()) }
    }

    /// What of a role counts as held: what was made before the role began anew does not.
    pub(crate) fn counts(&self, role: Role, held: Held) -> bool {
        self.grant(role).is_some_and(|grant| held.min_root >= grant.since_root)
    }

    fn check(&self) -> Result<(), Refusal> {
        let wrong = |what| Err(Refusal::RootUnusable(what));
        if self.keys.len() > KEYS_MAX {
            return wrong("it has too many keys");
        }
        let ids: Vec<KeyId> = self.keys.iter().map(PublicKey::id).collect();
        if ids.iter().zip(ids.iter().skip(1)).any(|(one, next)| one >= next) {
            return wrong("a key stands there twice, or keys are out of order");
        }
        if self.grants.len() != Role::ALL.len() || self.grants.iter().zip(Role::ALL).any(|(grant, role)| grant.role != role) {
            return wrong("a role is missing or out of order");
        }
        for grant in &self.grants {
            if grant.keys.iter().zip(grant.keys.iter().skip(1)).any(|(one, next)| one >= next) {
                return wrong("a role has a key twice, or keys are out of order");
            }
            if grant.keys.iter().any(|id| !ids.contains(id)) {
                return wrong("a role has a key that is not there");
            }
            if grant.threshold == 0 || usize::from(grant.threshold) > grant.keys.len() {
                return wrong("a role needs no signature, or more than it has keys");
            }
            if grant.since_root == 0 || grant.since_root > self.version {
                return wrong("a role begins with a root that is still to come");
            }
        }
        Ok(())
    }

    fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut to = Encoder::new(&mut bytes);
        let written = (|| {
            to.array(4)?.u64(self.version)?.str(&self.operator)?.array(self.keys.len() as u64)?;
            for key in &self.keys {
                to.bytes(&key.to_bytes())?;
            }
            to.array(self.grants.len() as u64)?;
            for grant in &self.grants {
                to.array(4)?.u8(grant.role.number())?.u8(grant.threshold)?.u64(grant.since_root)?.array(grant.keys.len() as u64)?;
                for key in &grant.keys {
                    to.bytes(&key.0)?;
                }
            }
            Ok::<_, minicbor::encode::Error<core::convert::Infallible>>(())
        })();
        assert!(written.is_ok(), "writing to memory does not fail");
        bytes
    }

    fn decode(bytes: &[u8]) -> Result<Self, Refusal> {
        let unreadable = |_: minicbor::decode::Error| Refusal::RootUnusable("it cannot be read");
        let mut from = Decoder::new(bytes);
        array(&mut from, 4)?;
        let version = from.u64().map_err(unreadable)?;
        let operator = from.str().map_err(unreadable)?.to_owned();
        let keys = (0..count(&mut from)?).map(|_| PublicKey::from_bytes(&fixed(&mut from)?)).collect::<Result<_, _>>()?;
        let grants = (0..count(&mut from)?)
            .map(|_| {
                array(&mut from, 4)?;
                let role = Role::numbered(from.u8().map_err(unreadable)?).ok_or(Refusal::RootUnusable("a role is not known"))?;
                let threshold = from.u8().map_err(unreadable)?;
                let since_root = from.u64().map_err(unreadable)?;
                let keys = (0..count(&mut from)?).map(|_| fixed(&mut from).map(KeyId)).collect::<Result<_, _>>()?;
                Ok(Grant { role, threshold, keys, since_root })
            })
            .collect::<Result<_, Refusal>>()?;
        if from.position() != bytes.len() {
            return Err(Refusal::RootUnusable("something follows it"));
        }
        Ok(Self { version, operator, keys, grants })
    }
}

fn array(from: &mut Decoder<'_>, parts: u64) -> Result<(), Refusal> {
    if from.array().is_ok_and(|found| found == Some(parts)) { Ok(()) } else { Err(Refusal::RootUnusable("it cannot be read")) }
}

/// The length of a list, within the limit.
fn count(from: &mut Decoder<'_>) -> Result<usize, Refusal> {
    let found = from.array().ok().flatten().and_then(|count| usize::try_from(count).ok());
    found.filter(|count| *count <= KEYS_MAX).ok_or(Refusal::RootUnusable("it cannot be read"))
}

fn fixed(from: &mut Decoder<'_>) -> Result<[u8; 32], Refusal> {
    from.bytes().ok().and_then(|bytes| bytes.try_into().ok()).ok_or(Refusal::RootUnusable("it cannot be read"))
}
