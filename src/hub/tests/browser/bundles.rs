//! A price in a real Chromium: changed on the page, signed by somebody else's hand, uploaded, handed out.

use bundle::{Grant, KeyId, PublicKey, Role, Root, SecretKey, sign};

use crate::Bench;

fn keys() -> [SecretKey; 2] {
    [1, 2].map(|seed| SecretKey::from_seed(&[seed; 32]))
}

fn root(now_s: i64) -> Vec<u8> {
    let mut publics: Vec<_> = keys().iter().map(SecretKey::public).collect();
    publics.sort_by_key(PublicKey::id);
    let ids: Vec<KeyId> = publics.iter().map(PublicKey::id).collect();
    let grants = Role::ALL.map(|role| Grant { role, threshold: 1, keys: ids.clone(), since_root: 1 }).to_vec();
    let root = Root { version: 1, operator: "Demo".into(), keys: publics, grants };
    sign(&root.seal(now_s, now_s + 1_000_000).expect("a root"), &keys()[0]).expect("signed")
}

#[test]
fn a_price_is_changed_on_the_page_signed_elsewhere_and_handed_out() {
    let mut bench = Bench::new();
    hub::bundles::take_root(&bench.hub.store, &root(bench.now_s()), "console", bench.now_s()).expect("a root");
    bench.take_first_account();
    bench.sign_in();
    let browser = &bench.browser;
    browser.open("/bundles");
    browser.pictures("bundles-none");
    browser.click("a[href='/bundles/draft/prices']");
    browser.click("a[href='/bundles/product?sku=1001']");
    browser.wait_for("h1", "Bryggkaffe");
    browser.type_in("input[name=from]", "2026-01-01");
    browser.type_in("input[name=SEK]", "32,00");
    browser.pictures("product");
    browser.click("button.main");
    browser.wait_for("h1", "Draft: Prices");
    let (_, first) = hub::bundles::export(&bench.hub.store, Role::Prices, bench.now_s()).expect("a draft");
    let dir = tempfile::tempdir().expect("a stick");
    let file = dir.path().join("prices.bundle");
    std::fs::write(&file, sign(&first, &keys()[1]).expect("signed")).expect("written");
    browser.open("/bundles");
    browser.choose_file("input[type=file]", &file);
    browser.click("form[enctype] button.main");
    browser.wait_for("td.lead strong", "Prices");
    browser.pictures("bundles");
    let news = bench.hub.store.bundle_news("0101").expect("read");
    assert!(news.iter().any(|news| (news.role.as_str(), news.version) == ("prices", 1)), "tills are told of it");
    // The next change is shown against what is published.
    browser.open("/bundles/product?sku=1002");
    browser.type_in("input[name=from]", "2026-01-01");
    browser.type_in("input[name=SEK]", "38,00");
    browser.click("button.main");
    browser.wait_for("h1", "Draft: Prices");
    assert!(browser.text("#changes").starts_with("1 price changes, largest +5 % (Stort bryggkaffe [1002] 36,00 → 38,00)"));
    browser.pictures("draft");
    let csv = dir.path().join("bad.csv");
    std::fs::write(&csv, "sku,from,SEK\n1001,someday,cheap\n").expect("written");
    browser.choose_file("input[accept='.csv,text/csv']", &csv);
    browser.click("form[action^='/bundles/draft/prices/csv'] button");
    browser.wait_for("h1", "The file was not taken");
    browser.pictures("csv-bad");
    browser.open("/bundles/draft/staff");
    browser.pictures("draft-staff");
    browser.open("/bundles/person?crew=101");
    browser.pictures("person");
    // The refused file's page is the one complaint that there may be: a status of 422.
    let complaints: Vec<String> = browser.complaints().into_iter().filter(|line| !line.contains("422")).collect();
    assert_eq!(complaints, Vec::<String>::new());
}
