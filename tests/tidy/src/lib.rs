//! The architecture as a test: what ARCHITECTURE.md promises is executed here.
//!
//! **Invariant.** Every failure names the place and what to do about it.
//!
//! **Entry points.** The files in `tests/`: `arrows` for dependencies, `tree` for folders and texts, `messages` for words.
#![expect(clippy::disallowed_methods, reason = "a test: it asks cargo and git about the tree")]

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

/// The root of the workspace.
///
/// # Panics
/// When this package has been moved out of `tests/tidy`.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("tests/tidy lies two folders below the root").to_owned()
}

/// What a command prints on standard output, run in the root.
///
/// # Panics
/// When it cannot be run or fails; the message carries its standard error.
#[must_use]
pub fn output_of(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).current_dir(root()).output().unwrap_or_else(|error| panic!("{program}: {error}"));
    assert!(output.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

/// Cargo, as it runs this test.
#[must_use]
pub fn cargo() -> &'static str {
    option_env!("CARGO").unwrap_or("cargo")
}

/// Where cargo builds. A build inside a test needs a folder of its own below it, since the outer cargo may hold the lock.
#[must_use]
pub fn target_folder() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |folder| root().join(folder))
}

/// The packages of the workspace as `cargo metadata` knows them.
///
/// # Panics
/// When cargo does not answer with its JSON.
#[must_use]
pub fn workspace_packages() -> Vec<Value> {
    let json = output_of(cargo(), &["metadata", "--format-version", "1", "--no-deps", "--locked"]);
    let mut metadata: Value = serde_json::from_str(&json).expect("JSON");
    match metadata["packages"].take() {
        Value::Array(packages) => packages,
        other => panic!("packages are {other}"),
    }
}

/// The files that belong to the project: tracked, or new and not ignored. Paths are relative to the root.
#[must_use]
pub fn files() -> Vec<String> {
    let listed = output_of("git", &["ls-files", "--cached", "--others", "--exclude-standard"]);
    listed.lines().filter(|path| root().join(path).is_file()).map(str::to_owned).collect()
}

/// The text of a file of the project; `None` for one that is no text.
#[must_use]
pub fn text(path: &str) -> Option<String> {
    std::fs::read_to_string(root().join(path)).ok()
}
