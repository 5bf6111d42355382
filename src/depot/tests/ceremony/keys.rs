use std::{fs, os::unix::fs::PermissionsExt as _};

use crate::bench::Bench;

#[test]
fn a_secret_key_is_for_its_owner_alone_and_a_public_one_for_everybody() {
    let bench = Bench::new();
    bench.does("keygen --out . --name anna --no-passphrase");
    let mode = |name: &str| fs::metadata(bench.path(name)).expect("a file").permissions().mode() & 0o777;
    assert_eq!(mode("anna.key"), 0o600);
    assert_eq!(mode("anna.pub") & 0o444, 0o444);
    let public = String::from_utf8(bench.read("anna.pub")).expect("text");
    assert!(!public.contains("secret"), "{public}");
}

#[test]
fn two_keys_are_never_the_same_and_none_is_overwritten() {
    let bench = Bench::new();
    bench.does("keygen --out . --name anna --no-passphrase");
    bench.does("keygen --out . --name bertil --no-passphrase");
    let line = |name: &str| String::from_utf8(bench.read(name)).expect("text").lines().nth(2).expect("the public half").to_owned();
    assert_ne!(line("anna.pub"), line("bertil.pub"));
    bench.refuses("keygen --out . --name anna --no-passphrase", "is there already");
    bench.refuses("keygen --out . --name ../anna --no-passphrase", "no name for a key");
}

#[test]
fn a_passphrase_hides_the_key_and_opens_it_again() {
    let bench = Bench::ready();
    let phrase = "correct horse battery";
    let (done, _) = bench.run("keygen --out . --name dag", &[phrase, phrase]);
    done.expect("a key");
    assert!(!String::from_utf8(bench.read("dag.key")).expect("text").contains("secret:"));
    bench.does("root rotate root.bundle --add prices=dag.pub --out next.bundle");
    bench.does("root sign next.bundle --root root.bundle --key anna.key --yes");
    bench.does("root sign next.bundle --root root.bundle --key bertil.key --yes");
    let sign = "sign --role prices list --root next.bundle --first --key dag.key --out prices.bundle";
    let (wrong, _) = bench.run(sign, &["correct horse battery staple"]);
    let said = wrong.expect_err("a wrong passphrase").to_string();
    assert!(said.contains("the passphrase is wrong"), "{said}");
    bench.run(sign, &[phrase, "yes"]).0.expect("signed");
    bench.put("phrase.txt", "correct horse battery\n");
    bench.does("sign --role prices list --root next.bundle --first --key dag.key --passphrase-file phrase.txt --yes --out again.bundle");
    bench.does("verify prices.bundle --root next.bundle");
    let (short, _) = bench.run("keygen --out . --name eva", &["short"]);
    assert!(short.expect_err("too short").to_string().contains("fewer than 12"));
}

#[test]
fn the_two_halves_are_not_taken_for_each_other() {
    let bench = Bench::ready();
    bench.refuses("root rotate root.bundle --add prices=anna.key --out next.bundle", "keep this one to yourself");
    bench.refuses("sign --role prices list --root root.bundle --first --key anna.pub --out prices.bundle", "signing takes the .key file");
    bench.put("nonsense.key", "hello");
    bench.refuses("sign --role prices list --root root.bundle --first --key nonsense.key --out prices.bundle", "no key file");
}
