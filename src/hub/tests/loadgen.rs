//! The program itself, as people start it: a hub, a small fleet, and every sale there in the end.
#![expect(clippy::disallowed_methods, reason = "an edge: it starts the program")]

use std::process::Command;

use hub_store::testing;

/// What `hub loadgen` says, on SQLite or on this PostgreSQL.
fn loadgen(postgres: Option<&str>) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = Command::new(env!("CARGO_BIN_EXE_hub"));
    command.args(["loadgen", "--tills", "3", "--sales", "25", "--batch", "10", "--lines", "2", "--data"]).arg(folder.path().join("hub"));
    match postgres {
        Some(url) => command.env("HUB_POSTGRES", url),
        None => command.env_remove("HUB_POSTGRES"),
    };
    let output = command.output().expect("the program runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

#[test]
fn a_small_fleet_delivers_everything_to_sqlite() {
    let said = loadgen(None);
    assert!(said.starts_with("SQLite, 3 tills") && said.contains("| Sales in a second, 75 in "), "{said}");
    assert!(said.contains("the same 9 rows"), "{said}");
}

#[test]
fn a_small_fleet_delivers_everything_to_postgresql() {
    let said = loadgen(Some(&testing::shared().database()));
    assert!(said.starts_with("PostgreSQL, 3 tills") && said.contains("| Sales in a second, 75 in "), "{said}");
    assert!(said.contains("the same 9 rows"), "{said}");
}
