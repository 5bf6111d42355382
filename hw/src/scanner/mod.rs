//! The barcode scanner: what it read, as text. What the text means is another's affair.

#[cfg(feature = "std")]
use core::time::Duration;

/// The most characters of one scan. Our own codes are shorter; what is longer is dropped whole.
pub const SCAN_CHARS_MAX: usize = 512;

/// One thing scanned: printable characters without prefix, suffix and line end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scan(pub heapless::String<SCAN_CHARS_MAX>);

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
