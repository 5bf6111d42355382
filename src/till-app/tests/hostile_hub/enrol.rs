//! `till enrol`: what it changes when it works, and that it changes nothing when it does not.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::Output,
    sync::{Arc, atomic::Ordering},
};

use serde_json::Value;

use crate::{
    common::{Till, path, run},
    hub::{Honest, Server, http, refusal},
};

fn enrol(dir: &Path, url: &str, token: &str) -> Output {
    run(&["enrol", "--data", path(dir), "--hub", url, "--token", token])
}

fn said(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("UTF-8")
}

/// Enrols a till that must not be, and gives what it says.
fn fails(dir: &Path, arguments: &[&str]) -> String {
    let output = run(&[&["enrol", "--data", path(dir)], arguments].concat());
    assert_eq!(output.status.code(), Some(1), "{arguments:?}: {output:?}");
    assert!(output.stdout.is_empty(), "{output:?}");
    assert!(!dir.join("hub.json").exists(), "nothing is kept");
    let said = said(&output);
    assert!(said.starts_with("till: ") && !said.contains("panicked"), "{said}");
    said
}

fn kept(dir: &Path) -> Value {
    serde_json::from_slice(&fs::read(dir.join("hub.json")).expect("hub.json")).expect("JSON")
}

#[test]
fn a_fresh_till_is_enrolled_before_its_first_start_and_is_born_with_that_key_and_label() {
    let (hub, dir) = (Honest::default(), tempfile::tempdir().expect("a folder"));
    let server = Server::start(hub.behaviour());
    let token = hub.token(&server, 1);
    let output = enrol(dir.path(), &server.url(), &token);
    assert!(output.status.success(), "{}", said(&output));
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(printed.contains("unit 0142") && printed.contains("271828") && printed.contains(&server.url()), "{printed}");
    let kept = kept(dir.path());
    assert_eq!((&kept["unit"], &kept["short_code"], &kept["url"]), (&"0142".into(), &"271828".into(), &server.url().into()));
    for file in ["hub.json", "log.key"] {
        let mode = fs::metadata(dir.path().join(file)).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
    let mut till = Till::demo(dir.path());
    let status = till.ok("status");
    assert_eq!((&status["log"], &status["register"]), (&kept["log"], &"0142-1".into()), "the log that the hub knows");
    assert!(!dir.path().join("log.key").exists(), "from its birth on the key is in the store alone");
    till.ready_to_sell();
}

#[test]
fn a_till_that_has_sold_is_enrolled_with_the_log_that_it_has() {
    let (hub, dir) = (Honest::default(), tempfile::tempdir().expect("a folder"));
    let server = Server::start(hub.behaviour());
    let log = Till::demo(dir.path()).ok("status")["log"].clone();
    let output = enrol(dir.path(), &server.url(), &hub.token(&server, 1));
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(kept(dir.path())["log"], log);
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(printed.contains("receipts say unit 0000"), "another label than the hub's is told: {printed}");
    assert!(!dir.path().join("log.key").exists());
    assert_eq!(Till::demo(dir.path()).ok("status")["log"], log);
}

#[test]
fn no_file_of_the_till_holds_the_token() {
    let (hub, dir) = (Honest::default(), tempfile::tempdir().expect("a folder"));
    let server = Server::start(hub.behaviour());
    let token = server.token(0xe7);
    let text = hub.token(&server, 0xe7);
    assert!(enrol(dir.path(), &server.url(), &text.to_lowercase().replace('-', " ")).status.success(), "typed as people type");
    let mut till = Till::demo(dir.path());
    till.ok("evidence");
    till.end();
    let mut folders = vec![dir.path().to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder").flatten() {
            if entry.path().is_dir() {
                folders.push(entry.path());
                continue;
            }
            let bytes = fs::read(entry.path()).expect("a file");
            let holds = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
            assert!(!holds(&token.secret) && !holds(text.as_bytes()) && !holds(&text.as_bytes()[..20]), "{:?}", entry.path());
        }
    }
}

#[test]
fn a_token_file_is_deleted_when_it_has_served_and_only_then() {
    let (hub, dir) = (Honest::default(), tempfile::tempdir().expect("a folder"));
    let server = Server::start(hub.behaviour());
    for (secret, name) in [(1, "token.toml"), (2, "token.json")] {
        let (data, file) = (dir.path().join(name.replace('.', "-")), dir.path().join(name));
        let (url, token) = (server.url(), server.token(secret).to_string());
        let text = match name {
            "token.toml" => format!("hub = \"{url}\"\ntoken = \"{token}\"\nunit = \"0142\"\n"),
            _ => serde_json::json!({"hub": url, "token": token}).to_string(),
        };
        fs::write(&file, text).expect("a file");
        let said = fails(&data, &["--token-file", path(&file)]);
        assert!(said.contains("token.unknown") && file.exists(), "{said}");
        hub.token(&server, secret);
        let output = run(&["enrol", "--data", path(&data), "--token-file", path(&file), "--json"]);
        assert!(output.status.success(), "{output:?}");
        let told: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        assert_eq!(told["enrolled"]["short_code"], "271828");
        assert!(!file.exists(), "its token is used up");
    }
    let file = dir.path().join("broken.toml");
    for text in ["hub = 5", "token = \"secret-thing\"", "{\"hub\": \"h\"", "", "\u{0}", &"x".repeat(10_000)] {
        fs::write(&file, text).expect("a file");
        let said = fails(&dir.path().join("broken"), &["--token-file", path(&file)]);
        assert!(said.contains("broken.toml") && !said.contains("secret-thing"), "{said}");
    }
}

#[test]
fn a_token_that_was_used_or_is_none_enrols_nobody() {
    let (hub, dir) = (Honest::default(), tempfile::tempdir().expect("a folder"));
    let server = Server::start(hub.behaviour());
    let token = hub.token(&server, 1);
    assert!(enrol(&dir.path().join("first"), &server.url(), &token).status.success());
    let second = dir.path().join("second");
    let refused = fails(&second, &["--hub", &server.url(), "--token", &token]);
    assert!(refused.contains("token.unknown") && refused.contains("Do this."), "{refused}");
    for wrong in ["", "ABCD", &token[..20], "not a token at all!"] {
        let said = fails(&second, &["--hub", &server.url(), "--token", wrong]);
        assert!(said.contains("no token"), "{wrong:?}: {said}");
    }
    assert_eq!(Till::demo(&second).ok("status")["register"], "0000-1", "it sells under the label that it has");
}

#[test]
fn somebody_else_in_the_hubs_place_is_told_no_token() {
    let (hub, dir) = (Honest::default(), tempfile::tempdir().expect("a folder"));
    let (right, wrong) = (Server::start(hub.behaviour()), Server::start(hub.behaviour()));
    let token = hub.token(&right, 1);
    let said = fails(dir.path(), &["--hub", &wrong.url(), "--token", &token]);
    assert!(said.contains("somebody else"), "{said}");
    assert_eq!(hub.tokens.lock().expect("tokens").len(), 1, "the token is still good");
    let portal = Server::plain(Arc::new(|stream, _| drop(stream.write_all(&http("200 OK", "", b"<html>Sign in</html>")))));
    assert!(fails(dir.path(), &["--hub", &portal.url(), "--token", &token]).contains("somebody else"));
    assert!(enrol(dir.path(), &right.url(), &token).status.success(), "and the right hub takes it");
}

#[test]
fn an_enrolment_that_fails_says_what_to_do() {
    let dir = tempfile::tempdir().expect("a folder");
    let server = Server::start(Arc::new(|stream, _| drop(stream.write_all(&refusal("403 Forbidden", "token.expired")))));
    let token = server.token(1).to_string();
    assert!(fails(dir.path(), &["--hub", &server.url(), "--token", &token]).contains("token.expired"));
    server.becomes(Arc::new(|stream, _| drop(stream.write_all(&http("200 OK", "", b"{\"unit\":\"\\u001b[2J\",\"short_code\":\"1\"}")))));
    assert!(fails(dir.path(), &["--hub", &server.url(), "--token", &token]).contains("makes no sense"));
    server.becomes(Arc::new(|stream, _| stream.cut()));
    assert!(fails(dir.path(), &["--hub", &server.url(), "--token", &token]).contains("did not answer"));
    let url = server.url();
    let came = server.connections.load(Ordering::SeqCst);
    drop(server);
    assert!(came >= 3 && fails(dir.path(), &["--hub", &url, "--token", &token]).contains("no way to the hub"));
    for (arguments, named) in [
        (&["--hub", "hub/path", "--token", &token][..], "no address"),
        (&["--token", &token], "--hub"),
        (&["--hub", "hub"], "--token"),
        (&["--hub", "hub", "--token", &token, "--unit", "a b"], "label"),
        (&["--token-file", "/nowhere/token"], "/nowhere/token"),
    ] {
        let said = fails(dir.path(), arguments);
        assert!(said.contains(named), "{arguments:?}: {said}");
    }
}

#[test]
fn a_folder_in_use_is_not_enrolled() {
    let (hub, dir) = (Honest::default(), tempfile::tempdir().expect("a folder"));
    let server = Server::start(hub.behaviour());
    let token = hub.token(&server, 1);
    let mut till = Till::demo(dir.path());
    till.ready_to_sell();
    assert!(fails(dir.path(), &["--hub", &server.url(), "--token", &token]).contains("another till"));
    till.ok("add 1001");
    till.ok("pay cash 29.00");
    till.end();
    assert!(enrol(dir.path(), &server.url(), &token).status.success(), "the token is still good");
}

#[test]
fn a_till_whose_hub_file_makes_no_sense_sells() {
    let dir = tempfile::tempdir().expect("a folder");
    for text in ["", "{", "{\"url\":\"https://hub\"}", "\u{0}\u{1}"] {
        fs::write(dir.path().join("hub.json"), text).expect("a file");
        let mut till = Till::demo(dir.path());
        assert_eq!(till.ok("status")["register"], "0000-1");
    }
}
