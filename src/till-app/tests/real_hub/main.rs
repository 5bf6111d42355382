//! Till and hub as people start them: the two programs, a token typed in, sales that reach the hub once whatever happens to it.
#![allow(clippy::disallowed_methods, reason = "tests run the programs")]

#[path = "../common/mod.rs"]
mod common;
mod program;

use std::{collections::BTreeSet, fs, path::Path};

use serde_json::Value;

use common::{Till, path, run};
use program::HubProgram;

/// A till that is enrolled as unit 0142, with a shift open.
fn enrolled(hub: &HubProgram, dir: &Path) -> Till {
    let output = run(&["enrol", "--data", path(dir), "--hub", &hub.url(), "--token", &hub.token("0142")]);
    assert!(output.status.success(), "{output:?}");
    let mut till = Till::demo(dir);
    till.ready_to_sell();
    till
}

fn sell(till: &mut Till) {
    till.ok("add 1001");
    till.ok("pay cash 29.00");
}

/// A sale as the hub has it: log, branch and entry.
fn place(sale: &Value) -> (String, u64, u64) {
    (sale["log"].as_str().expect("a log").into(), sale["branch"].as_u64().expect("a branch"), sale["seq"].as_u64().expect("a seq"))
}

/// So many sales are at the hub, each once.
fn arrived(hub: &HubProgram, wanted: usize) -> Vec<Value> {
    let sales = hub.sales_until("0142", wanted);
    assert_eq!(sales.iter().map(place).collect::<BTreeSet<_>>().len(), wanted, "each once: {sales:?}");
    assert!(sales.iter().all(|sale| sale["total"] == "29.00"), "{sales:?}");
    sales
}

#[test]
fn sales_reach_the_hub_once_also_when_it_is_killed_or_was_away() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut hub = HubProgram::start(&dir.path().join("hub"));
    let mut till = enrolled(&hub, &dir.path().join("till"));
    for _ in 0..3 {
        sell(&mut till);
    }
    let done = till.ok("sync");
    let status = till.ok("status");
    assert_eq!(
        (&done["cursor"]["seq"], &done["cursor"]["head"], &status["unsent"]),
        (&status["seq"], &status["head"], &0.into()),
        "{done}"
    );
    let sales = arrived(&hub, 3);
    let numbers: BTreeSet<u64> = sales.iter().filter_map(|sale| sale["receipt_no"].as_u64()).collect();
    assert_eq!(numbers, BTreeSet::from([1, 2, 3]));
    assert!(sales.iter().all(|sale| sale["register"] == "0142-1" && sale["log"] == status["log"]), "{sales:?}");
    hub.kill();
    sell(&mut till);
    till.refused("sync", "sync.away");
    sell(&mut till);
    hub.again();
    let done = till.ok("sync");
    assert_eq!(done["cursor"]["seq"], till.ok("status")["seq"]);
    arrived(&hub, 5);
    till.ok("sync");
    arrived(&hub, 5);
}

#[test]
fn a_hub_that_was_restored_from_an_old_backup_gets_the_gap_from_the_till() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut hub = HubProgram::start(&dir.path().join("hub"));
    let mut till = enrolled(&hub, &dir.path().join("till"));
    sell(&mut till);
    till.ok("sync");
    let backup = dir.path().join("backup");
    hub.run(&["backup", path(&backup)]);
    sell(&mut till);
    sell(&mut till);
    till.ok("sync");
    arrived(&hub, 3);
    hub.kill();
    hub.run(&["restore", path(&backup), "--replace"]);
    hub.again();
    arrived(&hub, 1);
    sell(&mut till);
    till.ok("sync");
    arrived(&hub, 4);
    assert_eq!(till.ok("status")["sync"]["sealed_logs"], 0, "a hub that lost something is no fork");
}

#[test]
fn a_token_enrols_one_till_and_the_hubs_code_is_the_tills() {
    let dir = tempfile::tempdir().expect("a folder");
    let hub = HubProgram::start(&dir.path().join("hub"));
    let token = hub.token("0142");
    let enrol = |name: &str| run(&["enrol", "--data", path(&dir.path().join(name)), "--hub", &hub.url(), "--token", &token, "--json"]);
    let first = enrol("first");
    assert!(first.status.success(), "{first:?}");
    let second = enrol("second");
    assert_eq!(second.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&second.stderr).contains("token.used"), "{second:?}");
    let again = enrol("first");
    assert_eq!(again.stdout, first.stdout, "whose answer was lost asks again and is told the same");
    let mut till = Till::demo(&dir.path().join("first"));
    let told = till.ok("hub");
    assert_eq!((&told["unit"], &told["confirmed"], &told["url"]), (&"0142".into(), &false.into(), &hub.url().into()));
    let code = told["short_code"].as_str().expect("a code");
    assert!(code.len() == 6 && String::from_utf8_lossy(&first.stdout).contains(code), "{told}");
}

#[test]
fn two_fresh_cards_of_one_unit_print_two_designations() {
    let dir = tempfile::tempdir().expect("a folder");
    let hub = HubProgram::start(&dir.path().join("hub"));
    for name in ["first", "second"] {
        let mut till = enrolled(&hub, &dir.path().join(name));
        sell(&mut till);
        till.ok("sync");
    }
    let mut registers: Vec<String> = arrived(&hub, 2).iter().filter_map(|sale| Some(sale["register"].as_str()?.to_owned())).collect();
    registers.sort_unstable();
    assert_eq!(registers, ["0142-1", "0142-2"]);
}

#[test]
fn a_copied_card_loses_no_sale_and_both_tills_go_on_in_logs_of_their_own() {
    let dir = tempfile::tempdir().expect("a folder");
    let hub = HubProgram::start(&dir.path().join("hub"));
    let (one, two) = (dir.path().join("one"), dir.path().join("two"));
    let mut till = enrolled(&hub, &one);
    sell(&mut till);
    till.ok("sync");
    till.end();
    copy(&one, &two);
    let (mut till, mut copy) = (Till::demo(&one), Till::demo(&two));
    for _ in 0..2 {
        sell(&mut till);
        sell(&mut copy);
    }
    // Who is told that somebody else writes its log is told so more than once before it seals it.
    for _ in 0..4 {
        till.ask("sync");
        copy.ask("sync");
    }
    let logs: BTreeSet<String> = [&mut till, &mut copy].map(|till| till.ok("status")["log"].as_str().expect("a log").to_owned()).into();
    assert_eq!(logs.len(), 2, "each writes a log of its own");
    sell(&mut till);
    sell(&mut copy);
    till.ok("sync");
    copy.ok("sync");
    let sales = arrived(&hub, 7);
    for log in &logs {
        assert!(sales.iter().any(|sale| sale["log"] == *log.as_str()), "{log} goes on at the hub: {sales:?}");
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder").flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() { copy(&entry.path(), &target) } else { assert!(fs::copy(entry.path(), target).is_ok(), "a copy") }
    }
}
