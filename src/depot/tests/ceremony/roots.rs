use crate::bench::Bench;

#[test]
fn a_root_counts_when_two_of_three_have_signed() {
    let bench = Bench::new();
    for name in ["anna", "bertil", "cecilia"] {
        bench.does(&format!("keygen --out . --name {name} --no-passphrase"));
    }
    let holders = "--root anna.pub --root bertil.pub --root cecilia.pub --prices anna.pub --staff anna.pub";
    bench.does(&format!("root init --operator Demo {holders} --out root.bundle"));
    bench.does("root add prices=bertil.pub root.bundle");
    bench.refuses("verify root.bundle --root root.bundle", "nobody has signed it");
    let first = bench.does("root sign root.bundle --key anna.key --yes");
    assert!(first.contains("not enough yet: 1 of the 2 signatures that root needs"), "{first}");
    bench.refuses("root sign root.bundle --key anna.key --yes", "bundle.signed_twice");
    bench.refuses("root add staff=bertil.pub root.bundle", "is signed already");
    let second = bench.does("root sign root.bundle --key cecilia.key --yes");
    assert!(second.contains("that is enough"), "{second}");
    assert!(bench.does("verify root.bundle --root root.bundle").contains("good: root 1"));
    let shown = bench.does("inspect root.bundle");
    assert!(shown.contains("prices  1 of 2") && shown.contains("root    2 of 3") && shown.contains("image   2 of 3"), "{shown}");
}

#[test]
fn a_root_that_nobody_could_obey_is_not_made() {
    let bench = Bench::new();
    bench.does("keygen --out . --name anna --no-passphrase");
    bench
        .refuses("root init --operator Demo --root anna.pub --prices anna.pub --staff anna.pub --out root.bundle", "more than it has keys");
    bench.refuses("root init --operator Demo --out root.bundle", "more than it has keys");
}

#[test]
fn the_next_root_takes_keys_of_both_and_can_put_a_thief_out() {
    let bench = Bench::ready();
    bench.does("sign --role prices list --root root.bundle --first --key anna.key --yes --out old.bundle");
    bench.does("keygen --out . --name dag --no-passphrase");
    bench.does("root rotate root.bundle --add prices=dag.pub --remove prices=anna.pub --restart prices --out next.bundle");
    bench.refuses("root sign next.bundle --root root.bundle --key dag.key --yes", "may not sign root bundles");
    bench.does("root sign next.bundle --root root.bundle --key cecilia.key --yes");
    bench.refuses("verify next.bundle --root root.bundle", "bundle.below_threshold");
    bench.does("root sign next.bundle --root root.bundle --key bertil.key --yes");
    assert!(bench.does("verify next.bundle --root root.bundle").contains("good: root 2"));
    bench.refuses("verify old.bundle --root next.bundle", "bundle.below_threshold");
    bench
        .refuses("sign --role prices list --root next.bundle --first --key anna.key --yes --out new.bundle", "may not sign prices bundles");
    bench.does("sign --role prices list --root next.bundle --first --key dag.key --yes --out new.bundle");
    bench.refuses("verify new.bundle --root root.bundle", "bundle.root_behind");
    let sign = "sign --role prices list --root next.bundle --previous old.bundle --key dag.key --yes --out newer.bundle";
    bench.change("list/catalogue.json", "\"SEK\": \"29.00\"", "\"SEK\": \"290.00\"");
    bench.refuses(sign, "bundle.change");
    bench.change("list/catalogue.json", "\"SEK\": \"290.00\"", "\"SEK\": \"32.00\"");
    let shown = bench.does(sign);
    assert!(shown.contains("compared with prices 1, which root 2 does not believe any more"), "{shown}");
    assert!(shown.contains("price     Bryggkaffe [1001] 29.00 → 32.00 SEK"), "{shown}");
    let signed = "sign newer.bundle --root next.bundle --previous old.bundle --key bertil.key --yes";
    assert!(bench.does(signed).contains("does not believe any more"), "versions begin anew with the role");
}

#[test]
fn words_that_make_no_sense_are_told_so() {
    let bench = Bench::ready();
    bench.refuses("", "what should be done?");
    bench.refuses("sell coffee", "depot cannot");
    bench.refuses("sign --role prices list --root root.bundle --first --out a.bundle", "--key FILE is missing");
    bench.refuses("sign --role prices list --key anna.key --out a.bundle", "--root FILE is missing");
    bench.refuses("sign --role bananas list", "is no role");
    bench.refuses("inspect root.bundle --valid-days 0", "--valid-days takes");
    bench.refuses("inspect missing.bundle", "missing.bundle");
    assert!(bench.does("--help").contains("depot keygen"));
    assert!(bench.does("--version").starts_with("depot "));
}
