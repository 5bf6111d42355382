//! Bytes of a scanner into scans. No allocation, no clock, no way to panic.

use core::time::Duration;

use super::{SCAN_CHARS_MAX, Scan};

/// The most bytes of a prefix or suffix.
pub const AFFIX_CHARS_MAX: usize = 16;
/// The same code again within this time is the same pull of the trigger. Source: hardware facts, scanner.
pub const SAME_CODE_WITHIN: Duration = Duration::from_millis(300);

/// Raw bytes of a line: a scan and what stands around it.
const LINE_BYTES_MAX: usize = SCAN_CHARS_MAX + 2 * AFFIX_CHARS_MAX + 2;
/// Ends a line besides CR, LF and tab: end of text, as scanners with STX and ETX frames send it.
const ETX: u8 = 0x03;

/// What a scanner puts before or after each code.
pub type Affix = heapless::String<AFFIX_CHARS_MAX>;

/// How a scanner was set up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScannerSettings {
    /// Taken away from the front of a code where it stands there. A scanner back at its factory settings, without it, still sells.
    pub prefix: Affix,
    /// Taken away from the end of a code where it stands there.
    pub suffix: Affix,
}

impl ScannerSettings {
    /// Settings with this prefix and suffix; `None` when one of them is too long.
    #[must_use]
    pub fn new(prefix: &str, suffix: &str) -> Option<Self> {
        Some(Self { prefix: Affix::try_from(prefix).ok()?, suffix: Affix::try_from(suffix).ok()? })
    }
}

/// Puts scans together from bytes, in whatever pieces they come.
///
/// CR, LF, both, tab or ETX end a scan. Control characters around it (STX, NUL of a line that was just plugged in) are taken away;
/// one in the middle, or bytes that are no UTF-8, or more than [`SCAN_CHARS_MAX`] of them, spoil it, and a spoilt scan is dropped whole.
#[derive(Clone, Debug, Default)]
pub struct ScanDecoder {
    settings: ScannerSettings,
    line: heapless::Vec<u8, LINE_BYTES_MAX>,
    is_spoilt: bool,
    dropped: u32,
}

impl ScanDecoder {
    /// A decoder that has heard nothing.
    #[must_use]
    pub const fn new(settings: ScannerSettings) -> Self {
        Self { settings, line: heapless::Vec::new(), is_spoilt: false, dropped: 0 }
    }

    /// Takes one byte; a scan when this byte ends one.
    pub fn push(&mut self, byte: u8) -> Option<Scan> {
        match byte {
            b'\r' | b'\n' | b'\t' | ETX => self.end(),
            byte => {
                self.is_spoilt |= self.line.push(byte).is_err();
                None
            }
        }
    }

    /// Something of the scan under way is missing: all of it is dropped at its end.
    pub const fn spoil(&mut self) {
        self.is_spoilt = true;
    }

    /// Forgets the scan under way.
    pub fn reset(&mut self) {
        if self.is_within() {
            self.dropped = self.dropped.saturating_add(1);
        }
        self.line.clear();
        self.is_spoilt = false;
    }

    /// Whether a scan has begun and not ended.
    #[must_use]
    pub fn is_within(&self) -> bool {
        self.is_spoilt || !self.line.is_empty()
    }

    /// How many scans were dropped whole so far.
    #[must_use]
    pub const fn dropped(&self) -> u32 {
        self.dropped
    }

    fn end(&mut self) -> Option<Scan> {
        let read = if self.is_spoilt { None } else { self.read() };
        match read {
            Some("") => {
                self.line.clear();
                None
            }
            Some(text) => {
                let scan = Scan(heapless::String::try_from(text).ok()?);
                self.line.clear();
                Some(scan)
            }
            None => {
                self.reset_spoilt();
                None
            }
        }
    }

    /// The text of the line; `None` when it makes no scan.
    fn read(&self) -> Option<&str> {
        let text = core::str::from_utf8(&self.line).ok()?;
        let text = text.strip_prefix(self.settings.prefix.as_str()).unwrap_or(text);
        let text = text.strip_suffix(self.settings.suffix.as_str()).unwrap_or(text);
        let text = text.trim_matches(char::is_control);
        (text.len() <= SCAN_CHARS_MAX && !text.contains(char::is_control)).then_some(text)
    }

    fn reset_spoilt(&mut self) {
        self.is_spoilt = true;
        self.reset();
    }
}

/// Leaves out a code that comes again within [`SAME_CODE_WITHIN`] of its last time, however often.
#[derive(Clone, Debug, Default)]
pub struct Debounce(Option<(Scan, Duration)>);

impl Debounce {
    /// Whether a scan that came at this time counts.
    pub fn admits(&mut self, scan: &Scan, at: Duration) -> bool {
        let again = self.0.as_ref().is_some_and(|(last, then)| last == scan && at.saturating_sub(*then) < SAME_CODE_WITHIN);
        self.0 = Some((scan.clone(), at));
        !again
    }

    /// Forgets the last code: the next one counts, whatever it is.
    pub fn forget(&mut self) {
        self.0 = None;
    }
}
