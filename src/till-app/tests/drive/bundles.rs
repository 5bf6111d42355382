//! A root on the card and a bundle on a stick.

use bundle::{Files, Grant, Header, PublicKey, Role, Root, SecretKey, pack, seal, sign};
use serde_json::json;
use till::data::DEMO;

use crate::common::{Till, path};

const FAR_S: i64 = 4_000_000_000;

fn keys() -> [SecretKey; 2] {
    [1, 2].map(|seed| SecretKey::from_seed(&[seed; 32]))
}

fn root() -> Vec<u8> {
    let mut publics: Vec<_> = keys().iter().map(SecretKey::public).collect();
    publics.sort_by_key(PublicKey::id);
    let ids: Vec<_> = publics.iter().map(PublicKey::id).collect();
    let grants = Role::ALL.map(|role| Grant { role, threshold: 1, keys: ids.clone(), since_root: 1 }).to_vec();
    let root = Root { version: 1, operator: "Demo".into(), keys: publics, grants };
    sign(&root.seal(0, FAR_S).expect("a root"), &keys()[0]).expect("signed")
}

fn prices(version: u64) -> Vec<u8> {
    let catalogue =
        DEMO.catalogue.replace("\"version\": 1,", &format!("\"version\": {version},")).replace("\"SEK\": \"29.00\"", "\"SEK\": \"32.00\"");
    let texts = [("catalogue.json", catalogue.as_str()), ("timetable.json", DEMO.timetable), ("operator.json", DEMO.operator)];
    let files: Files = texts.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec())).into();
    let header = Header {
        role: Role::Prices,
        version,
        created_s: 0,
        stale_after_s: FAR_S,
        min_root: 1,
        large_change: false,
        operator: "Demo".into(),
        units: vec![],
    };
    sign(&seal(&header, &pack(Role::Prices, &files).expect("files")).expect("a bundle"), &keys()[1]).expect("signed")
}

#[test]
fn a_bundle_on_a_stick_is_sold_by_from_the_next_trip_and_after_a_restart() {
    let dir = tempfile::tempdir().expect("a folder");
    let stick = tempfile::tempdir().expect("a stick");
    let file = stick.path().join("new prices.bundle");
    std::fs::write(&file, prices(7)).expect("written");
    let line = format!("install-bundle {}", path(&file));
    let mut till = Till::demo(dir.path());
    till.refused(&line, "bundle.no_root");
    till.refused("install-bundle /nowhere", "command.unreadable");
    till.refused("install-bundle", "command.unreadable");
    till.end();
    std::fs::write(dir.path().join("root.bundle"), root()).expect("written");
    let mut till = Till::demo(dir.path());
    till.ready_to_sell();
    let installed = till.ok(&line);
    assert_eq!((&installed["bundle"], &installed["version"], &installed["in_force"]), (&json!("prices"), &json!(7), &json!(false)));
    till.ok("add 1001");
    assert_eq!(till.ok("pay cash 50.00")["total"], "29.00");
    till.ok("end-trip");
    till.ok("start-trip 171 2026-10-05");
    till.end();
    let mut till = Till::demo(dir.path());
    till.ok("add 1001");
    assert_eq!(till.ok("pay cash 50.00")["total"], "32.00");
    assert_eq!(
        till.ok("hub")["bundles"],
        json!({"held": {"root": 1, "prices": 7}, "in_force": {"prices": 7, "staff": null}, "stale": null, "refused": null})
    );
    till.refused(&line, "bundle.known");
    till.end();
}

#[test]
fn a_fresh_card_sells_by_the_bundles_that_stand_on_it() {
    let dir = tempfile::tempdir().expect("a folder");
    std::fs::write(dir.path().join("root.bundle"), root()).expect("written");
    std::fs::write(dir.path().join("prices.bundle"), prices(7)).expect("written");
    std::fs::write(dir.path().join("staff.bundle"), b"nonsense").expect("written");
    let mut till = Till::demo(dir.path());
    till.ready_to_sell();
    till.ok("add 1001");
    assert_eq!(till.ok("pay cash 50.00")["total"], "32.00");
    till.end();
}
