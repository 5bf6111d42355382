//! Three people with keys, who sign what a till takes.
#![allow(dead_code, reason = "each test file uses a part of it")]

use bundle::{Files, Grant, Header, KeyId, PublicKey, Role, Root, SecretKey, pack, seal, sign};
use till::data::DEMO;

use crate::common::NOON_S;

pub struct Depot {
    pub keys: [SecretKey; 3],
}

impl Depot {
    pub fn new() -> Self {
        Self::of([1, 2, 3])
    }

    pub fn of(seeds: [u8; 3]) -> Self {
        Self { keys: seeds.map(|seed| SecretKey::from_seed(&[seed; 32])) }
    }

    pub fn root(&self, version: u64) -> Vec<u8> {
        let mut keys: Vec<_> = self.keys.iter().map(SecretKey::public).collect();
        keys.sort_by_key(PublicKey::id);
        let ids: Vec<KeyId> = keys.iter().map(PublicKey::id).collect();
        let threshold = |role| if matches!(role, Role::Root | Role::Image) { 2 } else { 1 };
        let grants = Role::ALL.into_iter().map(|role| Grant { role, threshold: threshold(role), keys: ids.clone(), since_root: 1 });
        let root = Root { version, operator: "Demo".into(), keys, grants: grants.collect() };
        let bytes = root.seal(NOON_S, NOON_S + 1_000_000).expect("a root");
        self.signed(&bytes, 2)
    }

    pub fn signed(&self, bytes: &[u8], signatures: usize) -> Vec<u8> {
        self.keys.iter().take(signatures).fold(bytes.to_vec(), |bytes, key| sign(&bytes, key).expect("a signature"))
    }

    pub fn header(role: Role, version: u64) -> Header {
        Header {
            role,
            version,
            created_s: NOON_S,
            stale_after_s: NOON_S + 86_400,
            min_root: 1,
            large_change: false,
            operator: "Demo".into(),
            units: vec![],
        }
    }

    pub fn list(&self, header: &Header, change: impl Fn(String) -> String) -> Vec<u8> {
        let catalogue = DEMO.catalogue.replace("\"version\": 1,", &format!("\"version\": {},", header.version));
        let files =
            [("catalogue.json", change(catalogue)), ("timetable.json", DEMO.timetable.into()), ("operator.json", DEMO.operator.into())];
        let files: Files = files.map(|(name, text): (&str, String)| (name.to_owned(), text.into_bytes())).into();
        self.signed(&seal(header, &pack(header.role, &files).expect("files")).expect("a bundle"), 1)
    }

    /// The demo's price list with coffee at this price.
    pub fn prices(&self, version: u64, coffee: &str) -> Vec<u8> {
        self.list(&Self::header(Role::Prices, version), |list| list.replace("\"SEK\": \"29.00\"", &format!("\"SEK\": \"{coffee}\"")))
    }

    /// The demo's crew without 103.
    pub fn staff(&self, version: u64) -> Vec<u8> {
        let crew = DEMO.crew.lines().filter(|line| !line.contains("\"103\"")).collect::<Vec<_>>().join("\n");
        let files: Files = [("crew.json".to_owned(), crew.into_bytes())].into();
        self.signed(&seal(&Self::header(Role::Staff, version), &pack(Role::Staff, &files).expect("files")).expect("a bundle"), 1)
    }
}
