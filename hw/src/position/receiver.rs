//! A receiver on a line.

use std::fmt;
use std::time::Duration;

use super::sentence::{Heard, SentenceReader};
use super::{Fix, Position, PositionLost};
use crate::port::Port;

/// Line speeds of receivers, the common ones first.
pub const BAUDS: [u32; 2] = [4_800, 9_600];
/// A receiver speaks every second, also in a tunnel. One that was not understood for so long is not there, or at another speed.
pub const SILENCE_MAX: Duration = Duration::from_secs(5);
/// Bytes of one look.
const LOOK_BYTES: usize = 256;

/// A receiver that speaks NMEA 0183.
pub struct NmeaReceiver<P> {
    port: P,
    reader: SentenceReader,
    heard_at: Duration,
}

impl<P: Port> NmeaReceiver<P> {
    /// A receiver at the end of this line.
    pub fn new(port: P) -> Self {
        let heard_at = port.now();
        Self { port, reader: SentenceReader::new(), heard_at }
    }

    /// The newest fix among these bytes: an older one is of no use to anybody.
    fn take(&mut self, bytes: &[u8]) -> Option<Fix> {
        let mut newest = None;
        for &byte in bytes {
            if let Some(heard) = self.reader.push(byte) {
                self.heard_at = self.port.now();
                if let Heard::Fix(fix) = heard {
                    newest = Some(fix);
                }
            }
        }
        newest
    }
}

impl<P> fmt::Debug for NmeaReceiver<P> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("NmeaReceiver").field("heard_at", &self.heard_at).finish_non_exhaustive()
    }
}

impl<P: Port> Position for NmeaReceiver<P> {
    fn next(&mut self, wait: Duration) -> Result<Option<Fix>, PositionLost> {
        let deadline = self.port.now() + wait;
        loop {
            let mut bytes = [0; LOOK_BYTES];
            let left = deadline.saturating_sub(self.port.now());
            let count = self.port.read(&mut bytes, left).map_err(|_| {
                // Half a sentence from before the loss is no beginning of one after it.
                self.reader = SentenceReader::new();
                PositionLost
            })?;
            if let Some(fix) = self.take(bytes.get(..count).unwrap_or_default()) {
                return Ok(Some(fix));
            }
            if self.port.now() >= deadline {
                let silent = self.port.now().saturating_sub(self.heard_at) > SILENCE_MAX;
                return if silent { Err(PositionLost) } else { Ok(None) };
            }
        }
    }
}
