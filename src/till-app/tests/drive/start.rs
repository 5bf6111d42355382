//! Starting: what a till needs, and what it says when it does not get it.

use std::{fs, io::Write as _, path::Path, process::Stdio};

use serde_json::{Value, json};

use crate::common::{Till, path, program, run};

/// Starts a till that must not start, and gives what it says.
fn fails(arguments: &[&str]) -> String {
    let output = run(arguments);
    assert!(!output.status.success(), "{arguments:?} must fail");
    assert!(output.stdout.is_empty(), "a failure is not an answer");
    let said = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(said.starts_with("till: ") && !said.contains("panicked"), "{said}");
    said
}

fn write(dir: &Path, name: &str, text: &str) -> String {
    let file = dir.join(name);
    fs::write(&file, text).expect("a file");
    path(&file).to_owned()
}

#[test]
fn wrong_command_lines_are_answered_with_the_way_to_help() {
    let dir = tempfile::tempdir().expect("a folder");
    let data = path(dir.path());
    for arguments in [
        &[][..],
        &["sell"],
        &["drive"],
        &["drive", "--data"],
        &["drive", "--demo"],
        &["drive", "--data", data],
        &["drive", "--bogus", "--data", data],
        &["run", "--demo", "--data", data, "--size", "big"],
    ] {
        assert!(fails(arguments).contains("till --help"), "{arguments:?}");
    }
    let version = run(&["--version"]);
    assert_eq!(String::from_utf8_lossy(&version.stdout), concat!("till ", env!("CARGO_PKG_VERSION"), "\n"));
}

#[test]
fn a_second_till_on_the_same_folder_is_turned_away_and_the_first_goes_on() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut till = Till::demo(dir.path());
    till.ready_to_sell();
    till.ok("add 1001");
    for _ in 0..3 {
        let said = fails(&["drive", "--demo", "--data", path(dir.path())]);
        assert!(said.contains("another till") && said.contains(path(dir.path())), "{said}");
    }
    assert_eq!(till.ok("pay cash 29.00")["receipt_no"], 1);
    assert_eq!(till.ok("verify")["receipts"], 1);
    assert!(!dir.path().join("damaged-1").exists(), "a store in use is not a damaged one");
    till.end();
    assert_eq!(Till::demo(dir.path()).ok("status")["store"], "whole");
}

#[test]
fn a_data_folder_that_cannot_be_made_is_named() {
    let dir = tempfile::tempdir().expect("a folder");
    let file = write(dir.path(), "file", "");
    let inside = format!("{file}/data");
    assert!(fails(&["drive", "--demo", "--data", &inside]).contains(&inside));
}

#[test]
fn a_wrong_configuration_is_named_with_what_is_wrong() {
    let dir = tempfile::tempdir().expect("a folder");
    let wrong = [
        ("unit = 5", "unit"),
        ("unti = \"0142\"", "unti"),
        ("unit = \"0142", "unit"),
        ("[printer]\nprofile = \"nosuch\"", "nosuch"),
        ("[printer]\nport = \"/dev/null\"\nflow = \"tidal\"", "tidal"),
        ("[printer]\nport = \"/dev/null\"\nbaud = 0", "baud"),
        ("[printer]\nspeed = 9600", "speed"),
        ("catalogue = \"nosuch.json\"", "nosuch.json"),
        ("crew = \"config.toml\"", "config.toml, line 1 column 1"),
        ("\u{0}\u{1}", "config.toml"),
    ];
    for (text, named) in wrong {
        let config = write(dir.path(), "config.toml", text);
        let said = fails(&["drive", "--data", path(&dir.path().join("data")), "--config", &config]);
        assert!(said.contains(named), "{text:?}: {said}");
    }
    assert!(
        fails(&["drive", "--data", path(&dir.path().join("data")), "--config", "/nowhere/config.toml"]).contains("/nowhere/config.toml")
    );
}

#[test]
fn a_wrong_catalogue_is_refused_by_its_row() {
    let dir = tempfile::tempdir().expect("a folder");
    let row = |price: &str| {
        format!(
            "{{\"version\": 7, \"categories\": [{{\"id\": \"a\", \"name\": {{\"sv\": \"A\", \"en\": \"A\"}}, \"article_group\": 1}}], \"products\": [\
             {{\"sku\": \"77\", \"name\": {{\"sv\": \"A\", \"en\": \"A\"}}, \"category\": \"a\", \"vat_class\": \"food\", \
             \"prices\": [{{\"from\": \"2026-01-01\", \"SEK\": \"{price}\"}}]}}]}}"
        )
    };
    let config = write(dir.path(), "config.toml", "catalogue = \"catalogue.json\"\nunit = \"0142\"");
    write(dir.path(), "catalogue.json", &row("cheap"));
    let said = fails(&["drive", "--data", path(&dir.path().join("data")), "--config", &config]);
    assert!(said.contains("77") && said.contains("cheap"), "{said}");
    let broken = dir.path().join("broken.toml");
    for key in ["catalogue", "timetable", "crew", "operator"] {
        let mine = write(dir.path(), "mine.json", "{");
        for (named, file) in [("mine.json", mine.as_str()), ("nosuch.json", path(&dir.path().join("nosuch.json")))] {
            write(dir.path(), "broken.toml", &format!("{key} = \"{named}\""));
            let said = fails(&["drive", "--data", path(&dir.path().join("data")), "--config", path(&broken)]);
            assert!(said.starts_with(&format!("till: {file}")) && !said.contains("without --config"), "{key}: {said}");
            let looked = run(&["devices", "--config", path(&broken)]);
            assert!(!looked.status.success(), "{key}: a till that cannot start is not well");
            assert!(String::from_utf8_lossy(&looked.stderr).contains(file), "{looked:?}");
            assert!(String::from_utf8_lossy(&looked.stdout).contains("CONFIGURED"), "its devices are listed all the same");
        }
    }
    write(dir.path(), "catalogue.json", &row("12.00"));
    let mut till = Till::start(&["drive", "--data", path(&dir.path().join("data")), "--config", &config]);
    let status = till.ok("status");
    assert_eq!(json!([status["register"], status["versions"]["catalogue"]]), json!(["0142-1", 7]));
    assert_eq!(till.ok("products")["products"].as_array().map(Vec::len), Some(1));
}

#[test]
fn odd_names_stay_valid_json_and_are_told_unchanged() {
    let dir = tempfile::tempdir().expect("a folder");
    let odd = "\"\\ é\u{1F950}</x>'";
    let catalogue = json!({
        "version": 1,
        "categories": [{"id": "a\"b", "name": {"sv": "A", "en": "A"}, "article_group": 1}],
        "products": [{"sku": "77", "name": {"sv": odd, "en": odd}, "category": "a\"b", "vat_class": "food", "prices": [{"from": "2026-01-01", "SEK": "12.00"}]}],
    });
    write(dir.path(), "catalogue.json", &catalogue.to_string());
    let config = write(dir.path(), "config.toml", "catalogue = \"catalogue.json\"");
    let data = dir.path().join("da ta\"å");
    let mut till = Till::start(&["drive", "--data", path(&data), "--config", &config]);
    till.ready_to_sell();
    assert_eq!(till.ok("products")["products"][0]["name"], odd);
    till.ok("add 77");
    assert_eq!(till.ok("sale")["lines"][0]["name"], odd);
    till.ok("pay cash 12.00");
    assert!(till.ok("receipt 1")["text"].is_string());
    assert!(
        till.ok("journal")["entries"]
            .as_array()
            .is_some_and(|entries| entries.iter().any(|entry| entry["fact"]["lines"][0]["name"] == odd))
    );
    till.ok("verify");
}

#[test]
fn a_till_opens_no_listening_socket_and_writes_only_below_its_folder() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut till = Till::demo(dir.path());
    till.ready_to_sell();
    let open = fs::read_dir(format!("/proc/{}/fd", till.id())).expect("a running process");
    for file in open.flatten() {
        let Ok(target) = fs::read_link(file.path()) else { continue };
        // Where its standard error goes is its caller's choice.
        if file.file_name() == "2" {
            continue;
        }
        let name = target.to_string_lossy().into_owned();
        assert!(!name.starts_with("socket:"), "the till holds {name}");
        let flags = fs::read_to_string(format!("/proc/{}/fdinfo/{}", till.id(), file.file_name().to_string_lossy())).unwrap_or_default();
        let writes = flags.lines().find_map(|line| line.strip_prefix("flags:")).is_some_and(|flags| !flags.trim().ends_with('0'));
        if target.is_absolute() && writes && !name.starts_with("/dev/") {
            assert!(target.starts_with(dir.path()), "the till may write {name}");
        }
    }
}

#[test]
fn a_restart_counts_itself_and_keeps_the_register() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut logs = Vec::new();
    for start in 1..=3_u64 {
        let mut till = Till::demo(dir.path());
        let status = till.ok("status");
        assert_eq!(status["seq"], start + 1, "each start is one entry");
        logs.push(json!([status["log"], status["register"]]));
        till.end();
    }
    assert!(logs.windows(2).all(|pair| pair[0] == pair[1]), "{logs:?}");
    assert_ne!(logs[0][0], Value::Null);
}

#[test]
fn a_till_whose_answers_nobody_can_read_stops_with_a_reason_and_a_whole_store() {
    let dir = tempfile::tempdir().expect("a folder");
    let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("a device without room");
    let mut child = program(&["drive", "--demo", "--data", path(dir.path())])
        .stdin(Stdio::piped())
        .stdout(full)
        .stderr(Stdio::piped())
        .spawn()
        .expect("the till starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(b"status\n").expect("written");
    let output = child.wait_with_output().expect("it ends");
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("cannot write an answer"));
    assert_eq!(Till::demo(dir.path()).ok("status")["store"], "whole");
}

#[test]
fn a_printer_port_that_is_not_there_stops_nothing() {
    let dir = tempfile::tempdir().expect("a folder");
    let config = write(dir.path(), "config.toml", "[printer]\nport = \"/dev/serial/by-id/nothing-there\"");
    let mut till = Till::start(&["drive", "--data", path(&dir.path().join("data")), "--config", &config]);
    till.ready_to_sell();
    till.status_until("the printer is missed", |status| status["devices"]["printer"] == "printer.unplugged");
    till.ok("add 1001");
    assert_eq!(till.ok("pay cash 29.00")["receipt_no"], 1);
    assert_eq!(till.ok("status")["paper"]["waiting"], 1, "the receipt waits for a printer");
}
