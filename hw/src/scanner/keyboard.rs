//! A scanner that poses as a keyboard.

use core::time::Duration;

use super::{Debounce, KeyDecoder, KeyEvent, Scan, Scanner, ScannerLost, ScannerSettings};
use crate::port::PortTrouble;

/// After this much time without a key the rest of a code is not coming any more.
const SILENCE_MAX: Duration = Duration::from_secs(1);
/// The most keys of one call.
const KEYS_MAX: usize = 4096;

/// A key, and when it moved on the source's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimedKey {
    /// When.
    pub at: Duration,
    /// What.
    pub event: KeyEvent,
}

/// Where keys come from.
pub trait KeySource: Send {
    /// Time on the source's clock.
    fn now(&self) -> Duration;

    /// The next event, in order; `None` when none came within `wait`.
    ///
    /// # Errors
    /// When there is no keyboard. The call that finds a loss fails once what came before it was told.
    fn next_key(&mut self, wait: Duration) -> Result<Option<TimedKey>, PortTrouble>;
}

/// A scanner that poses as a keyboard.
#[derive(Debug)]
pub struct KeyScanner<S> {
    source: S,
    decoder: KeyDecoder,
    debounce: Debounce,
    last_key_at: Duration,
}

impl<S: KeySource> KeyScanner<S> {
    /// A scanner whose keys come from here.
    #[must_use]
    pub fn new(source: S, settings: ScannerSettings) -> Self {
        Self { source, decoder: KeyDecoder::new(settings), debounce: Debounce::default(), last_key_at: Duration::ZERO }
    }

    /// How many scans were dropped whole so far.
    #[must_use]
    pub const fn dropped(&self) -> u32 {
        self.decoder.dropped()
    }

    fn take(&mut self, key: TimedKey) -> Option<Scan> {
        if key.at.saturating_sub(self.last_key_at) >= SILENCE_MAX {
            self.decoder.reset();
        }
        self.last_key_at = key.at;
        let scan = self.decoder.push(key.event)?;
        self.debounce.admits(&scan, key.at).then_some(scan)
    }
}

impl<S: KeySource> Scanner for KeyScanner<S> {
    fn next(&mut self, wait: Duration) -> Result<Option<Scan>, ScannerLost> {
        let began = self.source.now();
        for _ in 0..KEYS_MAX {
            let left = wait.saturating_sub(self.source.now().saturating_sub(began));
            match self.source.next_key(left) {
                Ok(Some(key)) => {
                    if let Some(scan) = self.take(key) {
                        return Ok(Some(scan));
                    }
                }
                Ok(None) => return Ok(None),
                Err(_) => {
                    self.decoder.restart();
                    self.debounce.forget();
                    return Err(ScannerLost);
                }
            }
        }
        Ok(None)
    }
}
