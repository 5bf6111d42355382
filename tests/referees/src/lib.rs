//! Referees that nobody here wrote, started by the tests of this package: hosts, producers of receipts, readers of codes.
//!
//! **Invariant.** A referee that is missing never reads as agreement: in the gate (`CI=true`) the test fails, elsewhere it says what to do.
//!
//! **Entry points.** [`Referees::find`] starts the programs, [`NetworkPrinter`] is a simulated printer on a network address,
//! [`codes_on`] reads QR and bar codes off a picture.
#![expect(clippy::disallowed_methods, reason = "an edge: it starts other programs and listens on a loopback address for them")]

mod network;
mod producers;
mod reader;

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread;

pub use network::NetworkPrinter;
pub use producers::{ENCODINGS, Encoding, Sample, sample};
pub use reader::codes_on;

/// The programs that `scripts/lib/referees` has installed.
#[derive(Clone, Debug)]
pub struct Referees {
    home: PathBuf,
}

impl Referees {
    /// The installed programs below the target folder; `scratch` is the `CARGO_TARGET_TMPDIR` of the test that asks.
    /// Nothing where they are not installed, after saying so.
    ///
    /// # Panics
    /// In the gate, when they are not installed.
    #[must_use]
    pub fn find(scratch: &str) -> Option<Self> {
        let home = Path::new(scratch).parent().expect("the scratch folder lies in the target folder").join("referees");
        let is_there = home.join("installed").is_file();
        is_there.then_some(Self { home }).or_else(|| missing("the referees are not installed: run scripts/lib/referees"))
    }

    /// Prints a document in receipt markdown on the printer at a network address; what became of it, in receiptio's own word.
    ///
    /// # Panics
    /// When receiptio cannot be started.
    #[must_use]
    pub fn receiptio(&self, arguments: &[&str], markdown: &str) -> String {
        let program = self.home.join("node_modules/.bin/receiptio");
        let output = run(Command::new("node").arg(program).args(arguments), markdown.as_bytes());
        String::from_utf8_lossy(&output.stderr).trim().to_owned()
    }

    /// The sample receipt as bytes for a printer.
    ///
    /// # Panics
    /// When the producer fails.
    #[must_use]
    pub fn produce(&self, encoding: &Encoding) -> Vec<u8> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("producers").join(encoding.script);
        let program = if encoding.script.ends_with(".py") { self.home.join("python/bin/python") } else { PathBuf::from("node") };
        let mut command = Command::new(program);
        command.arg(script).args(encoding.arguments).env("NODE_PATH", self.home.join("node_modules"));
        let output = run(&mut command, b"");
        assert!(output.status.success(), "{encoding:?}: {}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    }
}

/// Says that a referee is missing.
fn missing<T>(what: &str) -> Option<T> {
    assert!(std::env::var_os("CI").is_none_or(|value| value != "true"), "{what}");
    println!("SKIPPED: {what}");
    None
}

/// Runs a program to its end.
fn run(command: &mut Command, input: &[u8]) -> Output {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    // A program that needs no input may be gone before it was given any.
    let _ = child.stdin.take().expect("piped").write_all(input);
    let mut errors = child.stderr.take().expect("piped");
    let errors = thread::spawn(move || {
        let mut text = Vec::new();
        errors.read_to_end(&mut text).map(|_| text).unwrap_or_default()
    });
    let mut output = child.wait_with_output().expect("a program that was started ends");
    output.stderr = errors.join().expect("a reader of text");
    output
}
