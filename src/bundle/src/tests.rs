//! Attacks, one test each, and what is left when there is none.

mod attacks;
mod roots;
mod shape;

use crate::{Files, Grant, Header, Held, KeyId, Reader, Role, Root, SecretKey, Trust, pack, seal, sign, verify};

/// Three people with a key each hold the root, the first two of them prices and staff.
pub(crate) struct Depot {
    pub keys: [SecretKey; 3],
    pub trust: Trust,
}

pub(crate) const NOW_S: i64 = 1_790_000_000;
pub(crate) const STALE_S: i64 = NOW_S + 90 * 24 * 3600;

impl Depot {
    pub fn new() -> Self {
        Self::of([1, 2, 3])
    }

    pub fn of(seeds: [u8; 3]) -> Self {
        let keys = seeds.map(|seed| SecretKey::from_seed(&[seed; 32]));
        let bytes = root(1, &keys).seal(NOW_S, STALE_S).expect("a root");
        let trust = Trust::pin(&signed(&bytes, &[&keys[0], &keys[1]])).expect("a root to trust");
        Self { keys, trust }
    }

    /// A price list of this version, signed by the first key.
    pub fn prices(&self, version: u64) -> Vec<u8> {
        signed(&sealed(&header(version)), &[&self.keys[0]])
    }

    /// The code with which these bytes are refused.
    #[track_caller]
    pub fn refuses(&self, bytes: &[u8], reader: Reader<'_>) -> &'static str {
        verify(bytes, &self.trust, reader).expect_err("a refusal").code()
    }

    pub fn next_root(&self, change: impl FnOnce(&mut Root)) -> Root {
        let mut next = self.trust.root().clone();
        next.version += 1;
        change(&mut next);
        next
    }
}

pub(crate) fn ids(keys: &[&SecretKey]) -> Vec<KeyId> {
    let mut ids: Vec<KeyId> = keys.iter().map(|key| key.public().id()).collect();
    ids.sort_unstable();
    ids
}

pub(crate) fn root(version: u64, keys: &[SecretKey; 3]) -> Root {
    let mut publics: Vec<_> = keys.iter().map(SecretKey::public).collect();
    publics.sort_by_key(crate::PublicKey::id);
    let grant = |role, threshold, keys: &[&SecretKey]| Grant { role, threshold, keys: ids(keys), since_root: 1 };
    let [a, b, c] = keys;
    let grants = vec![
        grant(Role::Root, 2, &[a, b, c]),
        grant(Role::Prices, 1, &[a, b]),
        grant(Role::Staff, 1, &[a, b]),
        grant(Role::Image, 2, &[a, b, c]),
    ];
    Root { version, operator: "Demo Tågservering AB".into(), keys: publics, grants }
}

pub(crate) fn header(version: u64) -> Header {
    Header {
        role: Role::Prices,
        version,
        created_s: NOW_S,
        stale_after_s: STALE_S,
        min_root: 1,
        large_change: false,
        operator: "Demo Tågservering AB".into(),
        units: Vec::new(),
    }
}

pub(crate) fn files() -> Files {
    Files::from([("catalogue.json".to_owned(), b"{}".to_vec())])
}

pub(crate) fn sealed(header: &Header) -> Vec<u8> {
    let files = if header.role == Role::Staff { Files::from([("crew.json".to_owned(), b"{}".to_vec())]) } else { files() };
    seal(header, &pack(header.role, &files).expect("files")).expect("a bundle")
}

pub(crate) fn signed(bytes: &[u8], keys: &[&SecretKey]) -> Vec<u8> {
    keys.iter().fold(bytes.to_vec(), |bytes, key| sign(&bytes, key).expect("a signature"))
}

pub(crate) const fn held(version: u64) -> Reader<'static> {
    Reader { role: None, unit: None, held: Some(Held { version, min_root: 1 }) }
}
