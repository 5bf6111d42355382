//! What lies where, and what may stand in it.

use std::collections::BTreeSet;

use tidy::{files, root, text, workspace_packages};

/// What the root may hold. A further entry needs a reason in ARCHITECTURE.md.
const ROOT: &[&str] = &[
    ".cargo",
    ".ci",
    ".gitattributes",
    ".gitignore",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "Cargo.lock",
    "Cargo.toml",
    "DECISIONS.md",
    "LICENSE",
    "README.md",
    "clippy.toml",
    "deny.toml",
    "docs",
    "fuzz",
    "hw",
    "rust-toolchain.toml",
    "rustfmt.toml",
    "scripts",
    "src",
    "tests",
    "ui",
];

/// Longer than this, a source file wants to be two.
const LINES_MAX: usize = 600;
/// Files that may be longer, each with its reason.
const LONG: &[(&str, &str)] = &[];

/// What only the edges may call. Clippy knows the same list with replacements; this finds what a cfg or a macro hides from it.
const EDGE_CALLS: &[&str] = &["SystemTime::now", "Instant::now", "thread::sleep", "env::var", "Command::new", "TcpListener", "UdpSocket"];
/// Folders of crates that are no edge.
const INSIDE: &[&str] = &["src/domain/src/", "src/journal/src/", "src/store/src/", "src/till/src/", "ui/src/"];

fn is_test(path: &str) -> bool {
    path.split('/').any(|part| part == "tests" || part == "tests.rs" || part.ends_with("_tests.rs"))
}

#[test]
fn the_root_holds_what_it_should_and_no_more() {
    let there: BTreeSet<String> = files().iter().filter_map(|path| path.split('/').next()).map(str::to_owned).collect();
    for entry in &there {
        assert!(ROOT.contains(&entry.as_str()), "{entry} does not belong in the root");
    }
    for entry in ["LICENSE", "README.md", "ARCHITECTURE.md", "DECISIONS.md", "CHANGELOG.md", "Cargo.lock"] {
        assert!(there.contains(entry), "{entry} is missing");
    }
}

#[test]
fn the_map_shows_every_crate_and_nothing_else() {
    let map = text("ARCHITECTURE.md").expect("there is a map");
    let rows = map.lines().skip_while(|line| !line.starts_with("| crate ")).skip(2).take_while(|line| line.starts_with('|'));
    let mapped: BTreeSet<(String, String)> = rows
        .map(|row| {
            let mut cells = row.split('|').map(|cell| cell.trim().trim_matches('`').to_owned()).skip(1);
            (cells.next().unwrap_or_default(), cells.next().unwrap_or_default())
        })
        .collect();
    let on_disk: BTreeSet<(String, String)> = workspace_packages()
        .iter()
        .map(|package| {
            let manifest = std::path::Path::new(package["manifest_path"].as_str().unwrap_or_default());
            let folder = manifest.parent().and_then(|folder| folder.strip_prefix(root()).ok()).map(|folder| folder.display().to_string());
            (package["name"].as_str().unwrap_or_default().to_owned(), folder.unwrap_or_default())
        })
        .collect();
    assert_eq!(mapped, on_disk, "the table `| crate | folder |` in ARCHITECTURE.md differs from the workspace");
}

#[test]
fn every_crate_has_the_licence_the_lints_and_a_sentence() {
    for package in workspace_packages() {
        let name = package["name"].as_str().unwrap_or_default();
        assert_eq!(package["license"].as_str(), Some("GPL-3.0-only"), "{name}: write license.workspace = true");
        assert!(package["description"].as_str().is_some_and(|text| text.ends_with('.')), "{name}: write a description");
        let manifest = std::fs::read_to_string(package["manifest_path"].as_str().unwrap_or_default()).expect("a manifest");
        assert!(manifest.contains("[lints]\nworkspace = true"), "{name}: add [lints] workspace = true");
    }
    assert!(text("LICENSE").is_some_and(|text| text.contains("GNU GENERAL PUBLIC LICENSE") && text.contains("Version 3, 29 June 2007")));
}

#[test]
fn no_source_file_is_longer_than_a_reader_can_hold() {
    let mut long = Vec::new();
    for path in files() {
        let lines = if path.ends_with(".rs") || path.ends_with(".slint") { text(&path).map_or(0, |text| text.lines().count()) } else { 0 };
        let excused = LONG.iter().any(|(known, _)| *known == path);
        if lines > LINES_MAX && !excused {
            long.push(format!("{path} has {lines} lines"));
        }
        assert!(!(excused && lines <= LINES_MAX), "{path} is short again: remove it from LONG");
    }
    assert!(long.is_empty(), "more than {LINES_MAX} lines, split by subject:\n{}", long.join("\n"));
}

#[test]
fn only_the_edges_read_clocks_and_the_environment() {
    let mut found = Vec::new();
    for path in files() {
        if !path.ends_with(".rs") || is_test(&path) || !INSIDE.iter().any(|folder| path.starts_with(folder)) {
            continue;
        }
        for (number, line) in text(&path).unwrap_or_default().lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            if EDGE_CALLS.iter().any(|call| code.contains(call)) {
                found.push(format!("{path}:{}: {}", number + 1, line.trim()));
            }
        }
    }
    assert!(
        found.is_empty(),
        "take it as an argument instead; only till-app, the std side of hw and tests are edges:\n{}",
        found.join("\n")
    );
}

#[test]
fn nothing_names_a_machine() {
    // Put together here, so that this file does not find itself.
    let machine = [
        "/wo".to_owned() + "rk/",
        "/tmp/w".to_owned() + "t/",
        "/ro".to_owned() + "ot/",
        "/ho".to_owned() + "me/",
        ".cargo/reg".to_owned() + "istry",
    ];
    let mut found = Vec::new();
    for path in files() {
        let Some(text) = text(&path) else { continue };
        for (number, line) in text.lines().enumerate() {
            if machine.iter().any(|piece| line.contains(piece.as_str())) {
                found.push(format!("{path}:{}: {}", number + 1, line.trim().chars().take(120).collect::<String>()));
            }
            // The lock file names the one registry; a mirror or a fork of it would stand here.
            let foreign = path == "Cargo.lock" && line.starts_with("source = ") && !line.contains("github.com/rust-lang/crates.io-index");
            if foreign {
                found.push(format!("{path}:{}: {line}", number + 1));
            }
        }
    }
    assert!(found.is_empty(), "write it relative to the root or as an argument:\n{}", found.join("\n"));
}

#[test]
fn the_package_scripts_and_the_gate_are_executable_texts() {
    for path in [".ci/run", "scripts/test", "scripts/lib/packages", "scripts/lib/referees"] {
        let script = text(path).unwrap_or_else(|| panic!("{path} is missing"));
        assert!(script.starts_with("#!/usr/bin/env bash\n"), "{path} does not begin as a bash script");
    }
}
