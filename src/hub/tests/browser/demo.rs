//! A fleet in all states, obviously for show.

use hub_store::{HubStore, raw::Appended};
use journal::{Head, LogId, LogKey};
use wire::{Batch, BundleHeld, Bytes32, EnrolRequest, Report, Token};

/// A moment in November 2026.
pub const NOW_S: i64 = 1_795_500_000;
const DAY_S: i64 = 24 * 60 * 60;
const DEPOTS: [&str; 3] = ["Depå Norr", "Depå Syd", "Depå Väst"];
const PLACES: [&str; 5] = ["Hallsberg", "Stockholm C", "Göteborg C", "Malmö C", "Sundsvall C"];

/// A till, as far as a hub sees it.
pub struct Till {
    pub unit: String,
    seed: [u8; 32],
}

impl Till {
    pub fn new(unit: &str, key: u8) -> Self {
        Self { unit: unit.into(), seed: [key; 32] }
    }

    fn key(&self) -> LogKey {
        LogKey::from_seed(&self.seed)
    }

    pub fn log(&self) -> LogId {
        self.key().log_id()
    }

    pub fn enrol(&self, store: &HubStore, at_s: i64) {
        let token = Token { secret: [self.seed[0]; 16], pin: [0; 16] };
        store.new_token(&self.unit, &token.secret, "demo", at_s).expect("a token");
        let (public, board) = (Bytes32(self.key().public()), Some(format!("demo{:04}", self.seed[0])));
        let request = EnrolRequest { token: token.to_string(), public, unit: None, board, program: "Trolley 0.1.0".into() };
        store.enrol(&request, at_s).expect("enrolled");
    }

    /// Sends so many entries, from the first.
    pub fn post(&self, store: &HubStore, entries: u64, report: &Report, at_s: i64) {
        self.post_other(store, "demo", entries, report, at_s);
    }

    /// The same from a card whose entries differ.
    pub fn post_other(&self, store: &HubStore, what: &str, entries: u64, report: &Report, at_s: i64) {
        let entries: Vec<Vec<u8>> = (1..=entries).map(|seq| format!("{what} {seq}").into_bytes()).collect();
        let first = Head::of_log(&self.log());
        let head = entries.iter().fold(first, |head, entry| head.next(entry));
        let proof = self.key().sign(entries.len() as u64, &head);
        let last_seq = report.last_seq.max(entries.len() as u64);
        let batch = Batch {
            public: proof.public,
            first_seq: 1,
            prev: Bytes32(first.0),
            entries,
            head: Bytes32(head.0),
            signature: proof.signature,
            report: Report { last_seq, ..report.clone() },
        };
        let appended = store.append(&batch, at_s).expect("the store answers");
        assert!(matches!(appended, Appended::Taken(_)), "{appended:?}");
    }
}

/// A report of a till that is well.
pub fn well(now_s: i64) -> Report {
    let held = |role: &str, version| BundleHeld { role: role.into(), version };
    Report {
        wall_s: now_s + 2,
        program: "Trolley 0.1.0".into(),
        bundles: vec![held("prices", 14), held("staff", 3)],
        image: Some("demo-7".into()),
        place: Some(PLACES[0].into()),
        ..Report::default()
    }
}

/// Forty units: 0101 to 0124 are well; the rest are not, each in its own way.
pub fn fleet(store: &HubStore) -> Vec<Till> {
    let mut tills = Vec::new();
    for n in 1..=40_u8 {
        let till = Till::new(&format!("01{n:02}"), n);
        let depot = DEPOTS[usize::from(n) % DEPOTS.len()];
        store.set_unit(&till.unit, depot, if n % 9 == 0 { "Demo: reserv" } else { "" }, true, NOW_S - 40 * DAY_S).expect("a unit");
        one(store, &till, n);
        tills.push(till);
    }
    tills
}

fn one(store: &HubStore, till: &Till, n: u8) {
    if n >= 39 {
        return;
    }
    till.enrol(store, NOW_S - 30 * DAY_S + i64::from(n));
    if n == 25 || n == 26 {
        till.post(store, 2, &well(NOW_S - 600), NOW_S - 600);
        return;
    }
    store.confirm(&till.log(), "demo", NOW_S - 29 * DAY_S).expect("confirmed");
    let seen_s = NOW_S - 60 - i64::from(n) * 137;
    let mut report = Report { place: Some(PLACES[usize::from(n) % PLACES.len()].into()), ..well(seen_s) };
    match n {
        27 => {
            till.post(store, 3, &report, seen_s);
            till.post_other(store, "another card", 3, &report, seen_s + 9);
        }
        28 => report.troubles = vec!["printer.no-paper".into()],
        29 => report.wall_s = seen_s - 3 * 3_600,
        30 => {
            (report.last_seq, report.sales_unsent) = (40, 37);
            till.post(store, 3, &report, NOW_S - 5 * 3_600);
        }
        31..=36 => {
            let long_ago_s = NOW_S - i64::from(n - 26) * DAY_S;
            return till.post(store, 3, &well(long_ago_s), long_ago_s);
        }
        37 | 38 => return,
        _ => {}
    }
    if n != 27 {
        till.post(store, 3, &report, seen_s);
    }
}
