//! What the till asks of the system while it is enrolled and sends: no child, no listening socket, no file outside its folder.

use std::{fs, io::Write as _, os::unix::fs::PermissionsExt as _, path::Path, process::Command, process::Stdio};

use crate::{
    common::{path, run},
    hub::{Honest, Server},
};

const CALLS: &str = "trace=execve,execveat,fork,vfork,clone,clone3,bind,listen,accept,accept4,open,openat,openat2,creat,rename,renameat,renameat2,\
                     link,linkat,symlink,symlinkat,mkdir,mkdirat,unlink,unlinkat,truncate,chmod,fchmod,fchmodat,memfd_create,ptrace";

/// Runs the till under strace with these lines on standard input, and gives what it asked for.
fn traced(dir: &Path, arguments: &[&str], lines: &str) -> Vec<String> {
    let trace = dir.join("trace");
    let mut command = Command::new("strace");
    command
        .args(["-f", "-y", "-s", "4096", "-e", CALLS, "-e", "signal=none", "-o"])
        .arg(&trace)
        .arg(env!("CARGO_BIN_EXE_till"))
        .args(arguments);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("strace starts: it is Debian's package strace");
    child.stdin.take().expect("a pipe").write_all(lines.as_bytes()).expect("the till reads");
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{output:?}");
    let answers = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(!answers.contains("\"refused\"") && !answers.contains("\"fault\""), "{answers}");
    let text = fs::read_to_string(trace).expect("a trace");
    // Without the thread's number in front.
    text.lines().filter_map(|line| line.split_once(' ')).map(|(_, call)| call.trim_start().to_owned()).collect()
}

/// Fails for a call that a till never makes.
fn harmless(calls: &[String], data: &Path) {
    let below = path(data);
    let of = |name: &str| calls.iter().filter(|call| call.starts_with(&format!("{name}("))).collect::<Vec<_>>();
    assert_eq!(of("execve").len(), 1, "the till itself, and nothing after it: {:?}", of("execve"));
    for never in
        ["execveat", "fork", "vfork", "listen", "accept", "accept4", "memfd_create", "ptrace", "symlink", "symlinkat", "link", "linkat"]
    {
        assert!(of(never).is_empty(), "{:?}", of(never));
    }
    for call in of("clone").into_iter().chain(of("clone3")) {
        assert!(call.contains("CLONE_THREAD"), "threads, no children: {call}");
    }
    // The resolver asks the kernel over a socket of its own kind which addresses the machine has.
    assert!(of("bind").iter().all(|call| call.contains("AF_NETLINK")), "{:?}", of("bind"));
    let is_write = |call: &&String| {
        let opens = call.starts_with("open") && ["O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC"].iter().any(|flag| call.contains(flag));
        let changes = ["creat(", "rename", "mkdir", "unlink", "truncate(", "chmod", "fchmod"].iter().any(|name| call.starts_with(name));
        opens || changes
    };
    let mut writes = 0;
    for call in calls.iter().filter(is_write) {
        writes += 1;
        assert!(call.contains(below), "nothing is written outside {below}: {call}");
    }
    assert!(writes > 0, "the trace shows what the till writes");
}

fn no_program_in(folder: &Path) {
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        if entry.path().is_dir() {
            no_program_in(&entry.path());
        } else {
            assert_eq!(entry.metadata().expect("a file").permissions().mode() & 0o111, 0, "{:?} can be run", entry.path());
        }
    }
}

#[test]
fn enrolling_starts_no_child_listens_nowhere_and_writes_below_the_data_folder_alone() {
    let (hub, dir) = (Honest::default(), tempfile::tempdir().expect("a folder"));
    let server = Server::start(hub.behaviour());
    let (data, token) = (dir.path().join("data"), hub.token(&server, 1));
    let calls = traced(dir.path(), &["enrol", "--data", path(&data), "--hub", &server.url(), "--token", &token], "");
    harmless(&calls, &data);
    assert!(data.join("hub.json").exists());
    no_program_in(&data);
}

#[test]
fn sending_starts_no_child_listens_nowhere_and_writes_below_the_data_folder_alone() {
    let (hub, dir) = (Honest::default(), tempfile::tempdir().expect("a folder"));
    let server = Server::start(hub.behaviour());
    let (data, token) = (dir.path().join("data"), hub.token(&server, 1));
    assert!(run(&["enrol", "--data", path(&data), "--hub", &server.url(), "--token", &token]).status.success());
    let sale = "add 1001\npay cash 29.00\nsync\n";
    let lines = format!("sign-in 101 1101\nstart-trip 171 2026-10-05\nopen-shift 1000.00\n{sale}{sale}");
    let calls = traced(dir.path(), &["drive", "--demo", "--data", path(&data)], &lines);
    harmless(&calls, &data);
    assert_eq!(hub.sales(), 2, "it did send");
    no_program_in(&data);
}
