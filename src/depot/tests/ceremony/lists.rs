use crate::bench::Bench;

/// A published list 1, and a folder that has become list 2: coffee dearer, one product gone, one new.
fn changed() -> Bench {
    let bench = Bench::ready();
    bench.does("sign --role prices list --root root.bundle --first --key anna.key --yes --out published.bundle");
    bench.change("list/catalogue.json", "\"version\": 1", "\"version\": 2");
    bench.change(
        "list/catalogue.json",
        "{\"from\": \"2026-01-01\", \"SEK\": \"29.00\", \"DKK\": \"20.00\", \"NOK\": \"30.00\"}, {\"from\": \"2027-01-01\", \"SEK\": \"30.00\"",
        "{\"from\": \"2026-01-01\", \"SEK\": \"32.00\", \"DKK\": \"20.00\", \"NOK\": \"30.00\"}, {\"from\": \"2027-01-01\", \"SEK\": \"32.00\"",
    );
    bench.change("list/catalogue.json", "\"sku\": \"1002\"", "\"sku\": \"1902\"");
    bench
}

#[test]
fn a_person_sees_what_changes_before_signing() {
    let bench = changed();
    let sign = "sign --role prices list --root root.bundle --previous published.bundle --key bertil.key --out prices.bundle";
    let (done, shown) = bench.run(sign, &["no"]);
    assert!(done.expect_err("not signed").to_string().contains("nothing was signed") && !bench.path("prices.bundle").exists());
    let summary = "1 price changes, largest +10 % (Bryggkaffe [1001] 29,00 → 32,00), 1 product new, 1 gone, 0 otherwise changed; VAT: none";
    assert!(shown.contains(summary), "{shown}");
    assert!(shown.contains("price     Bryggkaffe [1001] 29.00 → 32.00 SEK (+10 %) from 2026-01-01"), "{shown}");
    assert!(shown.contains("new       Stort bryggkaffe [1902]") && shown.contains("gone      Stort bryggkaffe [1002]"), "{shown}");
    assert!(shown.contains("prices 2 of Demo, for all units"), "{shown}");
    assert!(bench.run(sign, &["yes"]).1.contains("that is enough"));
    assert!(bench.does("verify prices.bundle --root root.bundle --previous published.bundle").contains("good: prices 2"));
}

#[test]
fn a_draft_from_elsewhere_is_shown_and_signed_the_same() {
    let bench = changed();
    bench.does("draft --role prices list --root root.bundle --previous published.bundle --out prices.draft");
    bench.refuses("verify prices.draft --root root.bundle", "nobody has signed it");
    let shown = bench.does("sign prices.draft --root root.bundle --previous published.bundle --key anna.key --yes --out prices.bundle");
    assert!(shown.contains("largest +10 %"), "{shown}");
    let again = bench.does("sign --add prices.bundle --root root.bundle --previous published.bundle --key bertil.key --yes");
    assert!(again.contains("signed by"), "{again}");
    let json = bench.does("inspect prices.bundle --json");
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!((&json["role"], &json["version"], json["signed_by"].as_array().map(Vec::len)), (&"prices".into(), &2.into(), Some(2)));
    assert_eq!(json["files"]["catalogue.json"], bench.read("list/catalogue.json").len());
}

#[test]
fn a_version_that_tills_would_refuse_is_not_signed() {
    let bench = Bench::ready();
    bench.does("sign --role prices list --root root.bundle --first --key anna.key --yes --out published.bundle");
    let again = "sign --role prices list --root root.bundle --previous published.bundle --key anna.key --yes --out again.bundle";
    bench.refuses(again, "Write \"version\": 2 in catalogue.json");
    bench.refuses("sign published.bundle --root root.bundle --previous published.bundle --key bertil.key --yes", "is not newer");
}

#[test]
fn data_that_no_till_can_read_is_not_signed() {
    let bench = Bench::ready();
    let sign = "sign --role prices list --root root.bundle --first --key anna.key --yes --out prices.bundle";
    bench.change("list/catalogue.json", "\"vat_class\": \"drink\"", "\"vat_class\": \"drunk\"");
    bench.refuses(sign, "product 1 (sku 1001): vat_class \"drunk\" is not known");
    bench.put("list/catalogue.json", till::data::DEMO.catalogue);
    bench.put("list/notes.txt", "hello");
    bench.refuses(sign, "is no file of a prices bundle");
    std::fs::remove_file(bench.path("list/notes.txt")).expect("removed");
    bench.put("list/vat.json", r#"{"rows": [{"country": "SE", "class": "food", "rate": "6", "from": "2026-04-01"}]}"#);
    bench.refuses(sign, "SE has no rate for");
    std::fs::remove_file(bench.path("list/vat.json")).expect("removed");
    std::fs::remove_file(bench.path("list/timetable.json")).expect("removed");
    bench.refuses(sign, "it is missing");
}

#[test]
fn the_tills_own_vat_table_can_be_sent_as_a_file() {
    let bench = changed();
    bench.put("list/vat.json", &till::data::write_vat(&domain::vat::VatTable::nordic_2026()));
    let sign = "sign --role prices list --root root.bundle --previous published.bundle --key anna.key --yes --out prices.bundle";
    let shown = bench.does(sign);
    assert!(shown.contains("VAT: none"), "the same rates change nothing: {shown}");
}

#[test]
fn a_large_change_takes_the_root_too_and_an_absurd_price_is_never_signed() {
    let bench = changed();
    let sign = "sign --role prices list --root root.bundle --previous published.bundle --key anna.key --yes --out prices.bundle";
    bench.change("list/catalogue.json", "\"SEK\": \"32.00\"", "\"SEK\": \"290.00\"");
    bench.refuses(sign, "bundle.change");
    let one = bench.does(&format!("{sign} --large-change"));
    assert!(one.contains("LARGE CHANGE") && one.contains("not enough yet: 1 of the 2 signatures that root needs"), "{one}");
    let two = bench.does("sign --add prices.bundle --root root.bundle --previous published.bundle --key cecilia.key --yes");
    assert!(two.contains("that is enough"), "{two}");
    bench.change("list/catalogue.json", "\"SEK\": \"290.00\"", "\"SEK\": \"29000.00\"");
    bench.refuses(&format!("{} --large-change", sign.replace("prices.bundle", "absurd.bundle")), "no product may cost more than");
}

#[test]
fn a_staff_list_shows_who_comes_and_goes_and_never_a_pin() {
    let bench = Bench::ready();
    bench.does("sign --role staff crew --root root.bundle --first --key anna.key --yes --out staff.bundle");
    bench.change("crew/crew.json", "\"crew\": \"103\"", "\"crew\": \"104\"");
    bench.change("crew/crew.json", "LR5Vc25r+XgbU8qERMF/8Q", "LR5Vc25r+XgbU8qERMF/9Q");
    let shown = bench.does("sign --role staff crew --root root.bundle --previous staff.bundle --key bertil.key --yes --out next.bundle");
    for line in ["staff 2 of Demo", "PIN       101 Demo Alva", "new       104 Demo Cleo, crew", "gone      103 Demo Cleo"] {
        assert!(shown.contains(line), "{line} is missing: {shown}");
    }
    assert!(!shown.contains("argon2") && !shown.contains("LR5Vc25r"), "{shown}");
    bench.refuses("verify next.bundle --root root.bundle --role prices", "bundle.role");
}

#[test]
fn what_is_signed_can_be_taken_apart_again() {
    let bench = changed();
    bench.does("sign --role prices list --root root.bundle --first --key anna.key --yes --unit 0142 --out prices.bundle");
    bench.does("unpack prices.bundle --out out");
    assert_eq!(bench.read("out/catalogue.json"), bench.read("list/catalogue.json"));
    bench.refuses("unpack prices.bundle --out out", "is there already");
    assert!(bench.does("inspect prices.bundle").contains("for units 0142"));
    bench.refuses("verify prices.bundle --root root.bundle --unit 0143", "bundle.unit");
    assert!(bench.does("verify prices.bundle --root root.bundle --unit 0142").contains("good"));
}

#[test]
fn a_draft_cannot_paint_over_what_the_signer_reads() {
    let bench = Bench::ready();
    let hidden = ["1\u{1b}[2K\r", "\n\0\u{9b}", "\u{202e}\u{2066}"];
    let header = bundle::Header {
        role: bundle::Role::Prices,
        version: 1,
        created_s: crate::bench::NOW_S,
        stale_after_s: crate::bench::NOW_S + 1,
        min_root: 1,
        large_change: false,
        operator: "Demo".into(),
        units: hidden.map(String::from).to_vec(),
    };
    let files = ["catalogue.json", "timetable.json", "operator.json"];
    let files = files.into_iter().map(|name| (name.to_owned(), bench.read(&format!("list/{name}")))).collect();
    let packed = bundle::pack(bundle::Role::Prices, &files).expect("packed");
    std::fs::write(bench.path("evil.draft"), bundle::seal(&header, &packed).expect("sealed")).expect("a file");
    let shown = bench.does("inspect evil.draft --root root.bundle");
    assert!(shown.contains(r"for units 1\u001b[2K\u000d, \u000a\u0000\u009b, \u202e\u2066"), "{shown}");
    assert!(shown.chars().all(|char| char == '\n' || !char.is_control()), "{shown:?}");
    let json = bench.does("inspect evil.draft --json");
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json["units"], serde_json::json!(hidden), "programs read the text itself");
}

#[test]
fn nothing_is_signed_without_saying_against_what_it_is_compared() {
    let bench = changed();
    bench.refuses("draft --role prices list --root root.bundle --out prices.draft", "--previous FILE is missing");
    bench.refuses("sign --role prices list --root root.bundle --key bertil.key --yes --out prices.bundle", "say --first");
    bench.does("draft --role prices list --root root.bundle --previous published.bundle --out prices.draft");
    bench.refuses("sign prices.draft --root root.bundle --key bertil.key --yes", "--previous FILE is missing");
    let both = "sign prices.draft --root root.bundle --first --previous published.bundle --key bertil.key --yes";
    bench.refuses(both, "contradict each other");
    let first = bench.does("sign prices.draft --root root.bundle --first --key bertil.key --yes --out first.bundle");
    assert!(first.contains("the first one: "), "{first}");
    // A stranger's bundle of the same root is no measure.
    bench.does("keygen --out . --name mallory --no-passphrase");
    bench.refuses("draft --role prices list --root root.bundle --previous prices.draft --out b.draft", "nobody has signed it");
}
