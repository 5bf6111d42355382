//! Reads QR and bar codes off a picture, by `zbarimg`.

use std::path::Path;
use std::process::Command;

use crate::{missing, run};

/// The codes on a picture, each as `kind:what it says`, in the order of the alphabet. Nothing where no reader is installed, after saying so.
///
/// # Panics
/// In the gate, when `zbarimg` is not installed.
#[must_use]
pub fn codes_on(picture: &Path) -> Option<Vec<String>> {
    if Command::new("zbarimg").arg("--version").output().is_err() {
        return missing("zbarimg is not installed: Debian has it in zbar-tools");
    }
    let output = run(Command::new("zbarimg").arg("--quiet").arg(picture), b"");
    let mut codes: Vec<String> = String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect();
    codes.sort();
    Some(codes)
}
