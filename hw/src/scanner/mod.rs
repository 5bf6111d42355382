//! The barcode scanner: what it read, as text. What the text means is another's affair.
//!
//! **Invariant.** A scan is told whole or not at all: no digit is lost because nobody was listening, and half a code is never told as one.
//!
//! **Entry points.** [`LineScanner`] for a scanner on a serial line (USB-COM included), [`KeyScanner`] for one that poses as a keyboard.
//! [`ScanDecoder`] and [`KeyDecoder`] are the codecs below them.

mod codec;
#[cfg(feature = "port")]
mod evdev_keys;
#[cfg(feature = "std")]
mod keyboard;
mod keys;
#[cfg(feature = "std")]
mod line;
#[cfg(feature = "sim")]
pub(crate) mod sim;
#[cfg(test)]
mod tests;

#[cfg(feature = "std")]
use core::time::Duration;

pub use codec::{AFFIX_CHARS_MAX, Affix, Debounce, SAME_CODE_WITHIN, ScanDecoder, ScannerSettings};
#[cfg(feature = "port")]
pub use evdev_keys::{EvdevKeys, KeyDevice};
#[cfg(feature = "std")]
pub use keyboard::{KeyScanner, KeySource, TimedKey};
pub use keys::{KeyDecoder, KeyEvent};
#[cfg(feature = "std")]
pub use line::{LineScanner, SCANS_WAIT_MAX};

/// The most bytes of one scan. Our own codes are shorter; what is longer is dropped whole.
pub const SCAN_CHARS_MAX: usize = 512;

/// One thing scanned: printable characters without prefix, suffix and line end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scan(pub heapless::String<SCAN_CHARS_MAX>);

impl Scan {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The scanner is not there. It opens again by itself at a later call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScannerLost;

/// A barcode scanner. Calls block for at most `wait`: give it a thread.
#[cfg(feature = "std")]
pub trait Scanner: Send {
    /// The next thing scanned, in order; `None` when nothing came within `wait`. The same code again within a moment is left out.
    ///
    /// # Errors
    /// When the scanner is not there.
    fn next(&mut self, wait: Duration) -> Result<Option<Scan>, ScannerLost>;
}
