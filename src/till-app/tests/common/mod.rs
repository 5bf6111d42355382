//! A till as its user has it: the real program on a real folder, spoken to over pipes.
#![allow(dead_code, reason = "each test program uses its own part of this")]
#![allow(clippy::disallowed_methods, reason = "tests run the program and wait for it")]

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    path::Path,
    process::{Child, ChildStdin, Command, Output, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
    time::Duration,
};

use serde_json::Value;

/// A till that has not answered after this hangs. Nothing here measures time.
const HANGS_AFTER: Duration = Duration::from_secs(120);

/// A running `till drive`.
pub struct Till {
    child: Child,
    stdin: Option<ChildStdin>,
    answers: Receiver<String>,
}

/// `till` with these arguments, not yet started.
pub fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_till"));
    command.args(arguments);
    command
}

/// Runs `till` to its end with nothing on standard input.
pub fn run(arguments: &[&str]) -> Output {
    program(arguments).stdin(Stdio::null()).output().expect("the till starts")
}

/// Runs `till drive` over a whole text and gives back its answers.
pub fn drive_over(dir: &Path, input: &[u8]) -> Vec<Value> {
    let mut child =
        program(&["drive", "--demo", "--data", path(dir)]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the till starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    let input = input.to_vec();
    let writer = thread::spawn(move || drop(stdin.write_all(&input)));
    let mut text = String::new();
    child.stdout.take().expect("a pipe").read_to_string(&mut text).expect("answers are UTF-8");
    writer.join().expect("the input is written");
    assert!(child.wait().expect("it ends").success(), "the till ends well when its input does");
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
}

/// A path that is UTF-8, as temporary folders are.
pub fn path(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}

impl Till {
    /// Starts the demo till on a folder.
    pub fn demo(dir: &Path) -> Self {
        Self::start(&["drive", "--demo", "--data", path(dir)])
    }

    /// Starts `till` with these arguments.
    pub fn start(arguments: &[&str]) -> Self {
        let mut child = program(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the till starts");
        let mut stdout = BufReader::new(child.stdout.take().expect("a pipe"));
        let (sender, answers) = channel();
        thread::spawn(move || {
            let mut line = String::new();
            // Without its end a line is no answer: the till was killed while it wrote.
            while stdout.read_line(&mut line).is_ok() && line.ends_with('\n') {
                if sender.send(std::mem::take(&mut line)).is_err() {
                    return;
                }
            }
        });
        Self { stdin: child.stdin.take(), child, answers }
    }

    /// Sends a line without waiting for its answer. `false` when the till is gone.
    pub fn tell(&mut self, line: &[u8]) -> bool {
        let stdin = self.stdin.as_mut().expect("the input is open");
        stdin.write_all(line).and_then(|()| stdin.write_all(b"\n")).and_then(|()| stdin.flush()).is_ok()
    }

    /// The next answer; `None` when the till is gone.
    pub fn answer(&mut self) -> Option<Value> {
        use std::sync::mpsc::RecvTimeoutError::{Disconnected, Timeout};
        match self.answers.recv_timeout(HANGS_AFTER) {
            Ok(line) => Some(serde_json::from_str(&line).unwrap_or_else(|error| panic!("an answer is one JSON object: {error}: {line}"))),
            Err(Disconnected) => None,
            Err(Timeout) => panic!("the till does not answer"),
        }
    }

    /// Sends a line and waits for its answer.
    pub fn ask(&mut self, line: &str) -> Value {
        assert!(self.tell(line.as_bytes()), "the till reads {line:?}");
        self.answer().unwrap_or_else(|| panic!("the till answers {line:?}"))
    }

    /// Sends a line that must be done; gives what stands under `ok`.
    pub fn ok(&mut self, line: &str) -> Value {
        let answer = self.ask(line);
        assert!(answer["ok"].is_object(), "{line}: {answer}");
        answer["ok"].clone()
    }

    /// Sends a line that must be refused with this code.
    pub fn refused(&mut self, line: &str, code: &str) -> Value {
        let answer = self.ask(line);
        assert_eq!(answer["refused"]["code"], code, "{line}: {answer}");
        assert_said(&answer);
        answer["refused"].clone()
    }

    /// Signs the demo's first crew member in, starts a trip and opens a shift.
    pub fn ready_to_sell(&mut self) {
        self.ok("sign-in 101 1101");
        self.ok("start-trip 171 2026-10-05");
        self.ok("open-shift 1000.00");
    }

    /// Asks for the status until it is as wanted: devices answer from threads of their own.
    pub fn status_until(&mut self, wanted: &str, is_so: impl Fn(&Value) -> bool) -> Value {
        const LOOKS_MAX: usize = 600;
        for _ in 0..LOOKS_MAX {
            let status = self.ok("status");
            if is_so(&status) {
                return status;
            }
            thread::sleep(Duration::from_millis(50));
        }
        panic!("{wanted} never came to be: {}", self.ok("status"));
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Kills the till as a power button kills a program: at once.
    pub fn kill(&mut self) {
        self.child.kill().expect("it can be killed");
        self.child.wait().expect("it ends");
    }

    /// Ends the input and waits for the end of the till.
    pub fn end(mut self) {
        drop(self.stdin.take());
        assert!(self.child.wait().expect("it ends").success(), "the till ends well when its input does");
    }
}

impl Drop for Till {
    fn drop(&mut self) {
        drop(self.stdin.take());
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// A refusal or fault says what happened, what is safe and what to do.
pub fn assert_said(answer: &Value) {
    let told = if answer["fault"].is_object() { &answer["fault"] } else { &answer["refused"] };
    for key in ["code", "says", "safe", "do"] {
        assert!(told[key].as_str().is_some_and(|text| !text.is_empty()), "{key} is missing in {answer}");
    }
}

/// Amount in minor units.
pub fn minor(amount: &Value) -> i64 {
    let text = amount.as_str().unwrap_or_else(|| panic!("an amount is a decimal in a string: {amount}"));
    let (major, cents) = text.split_once('.').expect("two decimals");
    assert_eq!(cents.len(), 2, "two decimals: {text}");
    format!("{major}{cents}").parse().expect("a number")
}
