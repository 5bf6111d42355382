//! The program's words at the console, as people type them.
#![expect(clippy::disallowed_methods, reason = "an edge: it starts the program")]

use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Output, Stdio},
};

fn hub(dir: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hub"));
    command.args(words).arg("--data").arg(dir).env_remove("HUB_POSTGRES");
    command
}

fn said(dir: &Path, words: &[&str]) -> Output {
    hub(dir, words).output().expect("the program runs")
}

fn refused(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A hub that serves until it is dropped.
struct Serving(Child);

impl Serving {
    fn from(dir: &Path) -> Self {
        let mut child =
            hub(dir, &["serve", "--listen", "127.0.0.1:0"]).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("its words")).read_line(&mut line).expect("a line");
        assert!(line.starts_with("hub listens on https://127.0.0.1:"), "{line}");
        Self(child)
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        drop(self.0.kill().and_then(|()| self.0.wait()));
    }
}

#[test]
fn a_folder_that_was_mistyped_is_no_new_hub() {
    let place = tempfile::tempdir().expect("a folder");
    let (dir, mistyped) = (place.path().join("hub"), place.path().join("hbu"));
    for words in [
        &["api-token", "--name", "report"][..],
        &["api-token", "--list"],
        &["first-account"],
        &["rebuild"],
        &["root"],
        &["webhook", "--off"],
    ] {
        let why = refused(&said(&mistyped, words));
        assert!(why.contains("There is no hub in") && why.contains("hub serve --data"), "{words:?}: {why}");
        assert!(!mistyped.exists(), "{words:?} made nothing");
    }
    let serving = Serving::from(&dir);
    assert!(said(&dir, &["token", "--unit", "0142"]).status.success(), "while it serves");
    drop(serving);
    assert!(said(&dir, &["token", "--unit", "0143"]).status.success(), "and afterwards");
}

#[test]
fn a_hub_that_serves_is_not_replaced_under_its_feet() {
    let place = tempfile::tempdir().expect("a folder");
    let (dir, other, file) = (place.path().join("hub"), place.path().join("other"), place.path().join("backup"));
    let backup = file.to_str().expect("text");
    let serving = Serving::from(&dir);
    assert!(said(&dir, &["api-token", "--name", "kept"]).status.success());
    assert!(said(&dir, &["backup", backup]).status.success());
    assert!(said(&dir, &["api-token", "--name", "later"]).status.success());
    let why = refused(&said(&dir, &["restore", backup, "--replace"]));
    assert!(why.contains("A hub serves from") && why.contains("Stop it first"), "{why}");
    let names = |dir: &Path| String::from_utf8(said(dir, &["api-token", "--list"]).stdout).expect("text");
    assert_eq!(names(&dir), "kept\nlater\n", "nothing has changed");
    drop(serving);
    assert!(said(&dir, &["restore", backup, "--replace"]).status.success(), "stopped, it may be");
    assert_eq!(names(&dir), "kept\n");
    assert!(said(&other, &["restore", backup]).status.success(), "a restore may begin a hub");
    assert_eq!(names(&other), "kept\n");
}
