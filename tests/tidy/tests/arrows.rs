//! Who may name whom.

use std::collections::BTreeSet;

use tidy::{cargo, output_of, workspace_packages};

/// For each crate the workspace crates that it may name. An arrow in any other place is a fault of design: move the code, or change
/// ARCHITECTURE.md and this table in the same commit and say why.
const ARROWS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("hw", &[]),
    ("ui", &[]),
    ("tidy", &[]),
    ("bench", &["domain", "hw", "journal", "store", "till", "till-app", "ui", "wire"]),
    ("powercut", &["domain", "journal", "store", "till"]),
    ("referees", &["hw"]),
    ("sim", &["domain", "hub-store", "journal", "powercut", "store", "till", "wire"]),
    ("journal", &["domain"]),
    ("store", &["domain", "journal"]),
    ("wire", &[]),
    ("bundle", &[]),
    ("till", &["bundle", "domain", "hw", "journal", "store", "wire"]),
    ("till-app", &["bundle", "domain", "hw", "journal", "store", "till", "ui", "wire"]),
    ("hub-store", &["domain", "journal", "wire"]),
    ("hub", &["bundle", "domain", "hub-store", "hw", "journal", "till", "wire"]),
    ("depot", &["bundle", "domain", "till", "wire"]),
    ("e2e", &["domain", "hw", "journal", "store", "till", "till-app", "ui"]),
];

/// Outside crates that only these workspace crates may name.
const OWNERS: &[(&str, &[&str])] = &[
    ("rusqlite", &["store", "powercut", "hub-store"]),
    ("postgres", &["hub-store"]),
    ("axum", &["hub"]),
    ("ureq", &["till-app"]),
    ("slint", &["ui", "till-app", "bench", "e2e"]),
    ("serialport", &["hw"]),
    ("serde", &["till", "till-app", "wire", "hub", "depot"]),
    ("argon2", &["till", "hub", "depot"]),
];

/// What must never come into the till, however far down.
const BANNED: &[&str] = &["tokio", "async-std", "axum", "hyper", "reqwest", "postgres", "tokio-postgres", "sqlx", "openssl-sys"];

/// The normal dependencies of each workspace crate.
fn dependencies() -> Vec<(String, BTreeSet<String>)> {
    workspace_packages()
        .iter()
        .map(|package| {
            let normal = package["dependencies"].as_array().into_iter().flatten().filter(|dependency| dependency["kind"].is_null());
            let names = normal.filter_map(|dependency| dependency["name"].as_str()).map(str::to_owned).collect();
            (package["name"].as_str().unwrap_or_default().to_owned(), names)
        })
        .collect()
}

#[test]
fn crates_name_only_what_lies_to_their_left() {
    let known: BTreeSet<&str> = ARROWS.iter().map(|(name, _)| *name).collect();
    for (name, dependencies) in dependencies() {
        let (_, allowed) = ARROWS.iter().find(|(known, _)| *known == name).unwrap_or_else(|| panic!("{name} has no row in ARROWS"));
        for dependency in dependencies.iter().filter(|dependency| known.contains(dependency.as_str())) {
            assert!(allowed.contains(&dependency.as_str()), "{name} may not depend on {dependency}: see Directions in ARCHITECTURE.md");
        }
    }
}

#[test]
fn each_tool_has_its_owners() {
    for (name, dependencies) in dependencies() {
        for (tool, owners) in OWNERS {
            let trespasses = dependencies.contains(*tool) && !owners.contains(&name.as_str());
            assert!(!trespasses, "{name} names {tool}, which belongs to {owners:?}: ask one of them for what you need");
        }
    }
}

#[test]
fn no_async_runtime_server_or_client_comes_into_the_till() {
    for features in [&["--features", "default"][..], &["--no-default-features", "--features", "kms-software"][..]] {
        let fixed = ["tree", "--locked", "-p", "till-app", "-e", "normal", "--prefix", "none", "--format", "{p}"];
        let tree = output_of(cargo(), &[&fixed[..], features].concat());
        let names: BTreeSet<&str> = tree.lines().filter_map(|line| line.split_whitespace().next()).collect();
        assert!(names.contains("rusqlite") && names.contains("slint"), "the tree of {features:?} was not read: {names:?}");
        for banned in BANNED {
            assert!(!names.contains(banned), "{banned} is in the till with {features:?}: see `cargo tree -p till-app -i {banned}`");
        }
    }
}

#[test]
fn the_rules_have_no_serialisation_even_far_down() {
    for name in ["domain", "journal"] {
        let tree = output_of(cargo(), &["tree", "--locked", "-p", name, "-e", "normal", "--prefix", "none", "--format", "{p}"]);
        assert!(!tree.lines().any(|line| line.starts_with("serde ") || line.starts_with("rusqlite ")), "{name} knows serde or SQLite");
    }
}

#[test]
fn what_only_tests_need_stays_out_of_the_till() {
    let tree = output_of(cargo(), &["tree", "--locked", "-p", "till-app", "-e", "normal", "--prefix", "none", "--format", "{p} [{f}]"]);
    assert!(tree.lines().any(|line| line.starts_with("store ")), "the tree was not read");
    assert!(!tree.contains("crash-vfs"), "the disk that breaks on purpose is in the till: only tests may ask for store/crash-vfs");
}

#[test]
fn the_codecs_of_the_devices_need_no_std_and_no_allocator() {
    let target = tidy::target_folder().join("tidy");
    let target = target.to_str().expect("a readable path");
    // A staticlib without an allocator is not linked when any crate below it asks for one.
    drop(output_of(cargo(), &["build", "--locked", "--quiet", "--manifest-path", "tests/bare/Cargo.toml", "--target-dir", target]));
    let source = tidy::text("tests/bare/src/lib.rs").expect("tests/bare has a lib.rs");
    assert!(source.contains("#![no_std]") && !source.contains("extern crate"), "tests/bare/src/lib.rs is not bare any more");
}

#[test]
fn every_dependency_has_a_licence_that_fits_ours() {
    let deny = tidy::text("deny.toml").expect("deny.toml");
    let list = deny.split("allow = [").nth(1).and_then(|rest| rest.split(']').next()).expect("deny.toml has a list of licences");
    let allowed: BTreeSet<&str> = list.split('"').skip(1).step_by(2).collect();
    let json = output_of(cargo(), &["metadata", "--format-version", "1", "--locked", "--filter-platform", "x86_64-unknown-linux-gnu"]);
    let metadata: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    assert!(packages.len() > 100, "the packages were not read");
    for package in packages {
        // Old manifests write a stroke for OR.
        let licence = package["license"].as_str().unwrap_or_default().replace('/', " OR ");
        let fits = |part: &str| part.trim_matches(['(', ')', ' ']).split(" OR ").any(|one| allowed.contains(one.trim()));
        assert!(licence.split(" AND ").all(fits), "{} is under {licence:?}, which deny.toml does not allow", package["id"]);
    }
}
