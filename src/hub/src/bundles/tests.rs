//! Uploads, drafts and CSV, without a network and without pages.

use bundle::{Files, Grant, Header, KeyId, PublicKey, Role, Root, SecretKey, pack, seal, sign};
use hub_store::HubStore;

use super::*;
use crate::bundles::csv::{BadCell, export_crew, export_products, import_crew, import_products};

const NOW_S: i64 = 1_790_000_000;

struct Depot([SecretKey; 3]);

impl Depot {
    fn new() -> Self {
        Self([1, 2, 3].map(|seed| SecretKey::from_seed(&[seed; 32])))
    }

    fn root(&self, version: u64) -> Vec<u8> {
        let mut keys: Vec<_> = self.0.iter().map(SecretKey::public).collect();
        keys.sort_by_key(PublicKey::id);
        let ids: Vec<KeyId> = keys.iter().map(PublicKey::id).collect();
        let grant = |role| Grant { role, threshold: if role == Role::Root { 2 } else { 1 }, keys: ids.clone(), since_root: 1 };
        let root = Root { version, operator: "Demo".into(), keys, grants: Role::ALL.map(grant).to_vec() };
        self.signed(&root.seal(NOW_S, NOW_S + 1_000).expect("a root"), 2)
    }

    fn signed(&self, bytes: &[u8], signatures: usize) -> Vec<u8> {
        self.0.iter().take(signatures).fold(bytes.to_vec(), |bytes, key| sign(&bytes, key).expect("a signature"))
    }

    fn prices(&self, version: u64, coffee: &str) -> Vec<u8> {
        let catalogue = data::DEMO.catalogue.replace("\"version\": 1,", &format!("\"version\": {version},"));
        let catalogue = catalogue.replace("\"SEK\": \"29.00\"", &format!("\"SEK\": \"{coffee}\""));
        let texts =
            [("catalogue.json", catalogue), ("timetable.json", data::DEMO.timetable.into()), ("operator.json", data::DEMO.operator.into())];
        let files: Files = texts.map(|(name, text): (&str, String)| (name.to_owned(), text.into_bytes())).into();
        let header = Header {
            role: Role::Prices,
            version,
            created_s: NOW_S,
            stale_after_s: NOW_S + 1_000,
            min_root: 1,
            large_change: false,
            operator: "Demo".into(),
            units: vec![],
        };
        self.signed(&seal(&header, &pack(Role::Prices, &files).expect("files")).expect("a bundle"), 1)
    }
}

fn hub() -> (tempfile::TempDir, HubStore, Depot) {
    let dir = tempfile::tempdir().expect("a folder");
    let store = HubStore::sqlite(dir.path()).expect("a store");
    (dir, store, Depot::new())
}

fn code<T: core::fmt::Debug>(done: Result<T, No>) -> String {
    done.expect_err("a refusal").refused.code
}

#[test]
fn only_what_the_root_vouches_for_is_kept() {
    let (_dir, store, depot) = hub();
    assert_eq!(code(take(&store, &depot.prices(1, "29.00"), "anna", NOW_S)), "bundle.no_root");
    take_root(&store, &depot.root(1), "console", NOW_S).expect("the first root");
    take(&store, &depot.prices(1, "29.00"), "anna", NOW_S).expect("a price list");
    let stranger = Depot([7, 8, 9].map(|seed| SecretKey::from_seed(&[seed; 32])));
    assert_eq!(code(take(&store, &stranger.prices(2, "30.00"), "anna", NOW_S)), "bundle.below_threshold");
    assert_eq!(code(take(&store, &depot.prices(1, "29.00"), "anna", NOW_S)), "bundle.known");
    assert_eq!(code(take(&store, &depot.prices(2, "59.00"), "anna", NOW_S)), "bundle.change");
    assert_eq!(code(take(&store, b"hello", "anna", NOW_S)), "bundle.cut_off");
    assert_eq!(code(take(&store, &depot.root(3), "anna", NOW_S)), "bundle.root_skipped");
    assert_eq!(code(take_root(&store, &stranger.root(1), "console", NOW_S)), "bundle.below_threshold");
    take(&store, &depot.root(2), "anna", NOW_S).expect("the next root");
    assert_eq!(store.bundles().expect("read").len(), 3, "what was refused is not there");
}

/// Rule 5: whoever has the hub, root and all, has nothing that a till obeys.
#[test]
fn everything_that_the_hub_holds_makes_no_bundle_that_is_accepted() {
    let (dir, store, depot) = hub();
    take_root(&store, &depot.root(1), "console", NOW_S).expect("the first root");
    take(&store, &depot.prices(1, "29.00"), "anna", NOW_S).expect("a price list");
    let trust = trust(&store).expect("read").expect("a root");
    // Every run of 32 bytes in the hub's files, tried as a key.
    let mut tried = 0_u32;
    for entry in std::fs::read_dir(dir.path()).expect("a folder") {
        let bytes = std::fs::read(entry.expect("an entry").path()).unwrap_or_default();
        for run in bytes.windows(32).filter(|run| run.iter().filter(|byte| **byte == 0).count() < 8).step_by(7).take(4_000) {
            let key = SecretKey::from_seed(run.try_into().expect("32 bytes"));
            assert!(trust.root().key(&key.public().id()).is_none(), "the hub holds a key");
            tried += 1;
        }
    }
    assert!(tried > 1_000, "{tried}");
    // What it can make are drafts, and nobody has signed them.
    let (_, draft) = export(&store, Role::Prices, NOW_S).expect("a draft");
    let refusal = verify(&draft, &trust, Reader::default()).expect_err("refused");
    assert_eq!(refusal.code(), "bundle.unsigned");
    let own = sign(&draft, &SecretKey::from_seed(&[42; 32])).expect("a key of its own");
    assert_eq!(verify(&own, &trust, Reader::default()).expect_err("refused").code(), "bundle.below_threshold");
}

#[test]
fn a_draft_begins_with_what_is_published_and_goes_out_with_the_next_version() {
    let (_dir, store, depot) = hub();
    take_root(&store, &depot.root(1), "console", NOW_S).expect("the first root");
    take(&store, &depot.prices(5, "29.00"), "anna", NOW_S).expect("a price list");
    let mut texts = draft(&store, Role::Prices).expect("a draft");
    let catalogue = texts.get_mut("catalogue.json").expect("a catalogue");
    let edit = edit::ProductEdit {
        sku: "1001".into(),
        from: "2026-01-01".into(),
        prices: ["32.00", "", "", ""].map(str::to_owned),
        ..Default::default()
    };
    *catalogue = edit::with_products(catalogue, &[edit]).expect("an edit");
    let what = change(&store, Role::Prices, &texts, "anna", NOW_S).expect("changed");
    assert!(what[0].starts_with("1 price changes, largest +10 % (Bryggkaffe [1001] 29,00 → 32,00)"), "{what:?}");
    let history = store.draft_changes("prices", 10).expect("read");
    assert!(history.iter().any(|change| change.name == "catalogue.json" && change.who == "anna" && change.what.contains("Bryggkaffe")));
    let (version, bytes) = export(&store, Role::Prices, NOW_S).expect("a draft");
    assert_eq!(version, 6);
    let signed = depot.signed(&bytes, 1);
    let seen = take(&store, &signed, "bo", NOW_S).expect("signed and uploaded");
    assert_eq!((seen.version, seen.uploaded_by.as_str()), (6, "bo"));
    assert_eq!(published(&store, Role::Prices).expect("read").map(|texts| texts["catalogue.json"].contains("32.00")), Some(true));
}

#[test]
fn a_draft_that_no_till_could_read_is_refused_with_its_row() {
    let (_dir, store, _) = hub();
    let mut texts = draft(&store, Role::Prices).expect("a draft");
    let catalogue = texts.get_mut("catalogue.json").expect("a catalogue");
    *catalogue = catalogue.replacen("\"vat_class\": \"drink\"", "\"vat_class\": \"drunk\"", 1);
    let no = change(&store, Role::Prices, &texts, "anna", NOW_S).expect_err("refused");
    assert!(no.refused.what.contains("product 1 (sku 1001)") && no.refused.todo.starts_with("Write food"), "{no:?}");
    assert!(store.draft("prices").expect("read").is_empty(), "nothing has changed");
}

#[test]
fn products_go_out_as_csv_and_come_back_the_same() {
    let csv = export_products(data::DEMO.catalogue).expect("CSV");
    let again = import_products(data::DEMO.catalogue, csv.as_bytes()).expect("the same");
    let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).expect("JSON");
    let (before, after) = (data::read_catalogue(data::DEMO.catalogue).expect("read"), data::read_catalogue(&again).expect("read"));
    assert_eq!(before.products(), after.products());
    assert_eq!(value(&again)["version"], 1);
}

#[test]
fn a_swedish_spreadsheet_is_understood() {
    let csv = "\u{feff}sku;from;SEK;sold_out\n1001;2026-07-01;31,50;nej\n";
    let after = import_products(data::DEMO.catalogue, csv.as_bytes()).expect("imported");
    let catalogue = data::read_catalogue(&after).expect("read");
    let coffee = catalogue.by_sku(&domain::catalogue::Sku::new("1001").expect("a SKU")).expect("coffee");
    assert!(coffee.prices.iter().any(|row| row.from.to_string() == "2026-07-01" && row.price.minor() == 3_150));
}

#[test]
fn each_bad_cell_is_told_with_line_and_column_and_nothing_is_taken() {
    let csv = "sku,from,SEK,vat_class,gtin\n1001,2026-07-01,32.00,,\n1002,yesterday,cheap,drunk,123\nx x,,5.00,,\n";
    let bad = import_products(data::DEMO.catalogue, csv.as_bytes()).expect_err("refused");
    let told: Vec<(u64, &str)> = bad.cells.iter().map(|cell| (cell.line, cell.column.as_str())).collect();
    assert_eq!(
        told,
        [
            (3, "from"),
            (3, "SEK"),
            (3, "vat_class"),
            (3, "gtin"),
            (4, "name_sv"),
            (4, "name_en"),
            (4, "category"),
            (4, "vat_class"),
            (4, "sku"),
            (4, "from")
        ]
    );
    assert!(bad.cells.iter().all(|BadCell { what, todo, .. }| !what.is_empty() && todo.ends_with('.')));
    let shape = |csv: &str| import_products(data::DEMO.catalogue, csv.as_bytes()).expect_err("refused").cells[0].clone();
    assert_eq!(shape("sku,colour\n1001,red\n").column, "colour");
    assert_eq!(shape("name_sv\nKaffe\n").column, "sku");
    assert_eq!((shape("sku\n").what.as_str(), shape("").column.as_str()), ("there is no row", "sku"));
    assert_eq!(shape("sku,from\n1001,2026-01-01,too many\n").line, 2);
    assert!(import_products(data::DEMO.catalogue, b"sku\n\xff\xfe\n").is_err());
    assert_eq!(shape("sku,name_sv,category,vat_class\n9999,Ny,hot,drink\n").column, "name_en", "a new product is whole");
    let lost = shape("sku,name_sv,name_en,category,vat_class,from,SEK\n9999,Ny,New,nowhere,drink,2026-01-01,5\n");
    assert!(lost.what.contains("category \"nowhere\" is not known"), "what shows only in the whole: {lost:?}");
}

#[test]
fn people_come_by_csv_and_their_pins_are_hashed_as_tills_check_them() {
    let csv = "crew,name,initials,role,language,pin\n104,Demo Eva,DE,crew,sv,4321\n101,,,,,998877\n";
    let after = import_crew(data::DEMO.crew, csv.as_bytes()).expect("imported");
    assert!(!after.contains("4321") && !after.contains("998877"));
    let files: Files = [("crew.json".to_owned(), after.clone().into_bytes())].into();
    let roster = Roster::of_files(&files).expect("a roster");
    let eva = roster.entries().last().expect("somebody");
    assert_eq!((eva.member.id.as_str(), eva.member.name.as_str()), ("104", "Demo Eva"));
    assert!(eva.pin_hash.starts_with("$argon2id$v=19$m=8192,t=2,p=1$"), "{}", eva.pin_hash);
    let out = export_crew(&after).expect("CSV");
    assert!(out.contains("104,Demo Eva,DE,crew,sv,\n") && !out.contains("argon2"), "{out}");
}

#[test]
fn a_bad_pin_is_told_and_never_shown() {
    let csv =
        "crew,name,initials,role,language,pin\n900,,,,,1234\n105,Demo Frej,DF,crew,sv,\n106,Demo Gun,DG,chef,sv,12345\n101,,,,,12a4\n";
    let bad = import_crew(data::DEMO.crew, csv.as_bytes()).expect_err("refused");
    let told: Vec<(u64, &str)> = bad.cells.iter().map(|cell| (cell.line, cell.column.as_str())).collect();
    assert_eq!(told, [(2, "pin"), (3, "pin"), (4, "role"), (5, "pin")]);
    assert!(!format!("{bad:?}").contains("12a4"));
}

#[test]
fn garbled_csv_never_does_harm() {
    // A small generator of its own: the same bytes in every run.
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut roll = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let csv = export_products(data::DEMO.catalogue).expect("CSV");
    let mut taken = 0;
    for _ in 0..400 {
        let mut bytes = csv.clone().into_bytes();
        for _ in 0..1 + roll() % 6 {
            let place = usize::try_from(roll()).unwrap_or(0) % bytes.len();
            match roll() % 3 {
                0 => bytes[place] = u8::try_from(roll() % 256).expect("a byte"),
                1 => drop(bytes.drain(place..)),
                _ => bytes.insert(place, b"\",;\n\r\0x9"[usize::try_from(roll() % 8).expect("small")]),
            }
            if bytes.is_empty() {
                break;
            }
        }
        match import_products(data::DEMO.catalogue, &bytes) {
            Ok(after) => {
                taken += 1;
                assert!(data::read_catalogue(&after).is_ok(), "what is taken can be read by a till");
            }
            Err(bad) => assert!(bad.count >= bad.cells.len() && !bad.cells.is_empty()),
        }
    }
    assert!(taken > 10, "{taken}");
}
