//! The far end of a line: a device made of software.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A device that sits at the other end of a line. [`PipePort`](super::PipePort) is a line to it within the process,
/// [`PtyLine`](super::PtyLine) puts it on a pseudo-terminal: the same device code serves both.
pub trait FarEnd: Send {
    /// Takes bytes that the till sent; how many, less than all when its buffer is full.
    fn receive(&mut self, bytes: &[u8]) -> usize;

    /// How many bytes it would take now.
    fn room(&self) -> usize {
        usize::MAX
    }

    /// Takes at most so many of the bytes that it has for the till.
    fn take_replies(&mut self, count_max: usize) -> Vec<u8>;

    /// Bits per second of the line; a byte takes ten.
    fn baud(&self) -> u32;

    /// Whether the cable is pulled: then there is no line.
    fn is_unplugged(&self) -> bool {
        false
    }

    /// Time has passed on the line. A device that answers late, or speaks by itself, counts it here.
    fn pass(&mut self, time: Duration) {
        let _ = time;
    }
}

/// A device that a line, a test and a person at a prompt share.
pub type Shared<F> = Arc<Mutex<F>>;

pub(crate) fn lock<F>(far: &Mutex<F>) -> MutexGuard<'_, F> {
    far.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How long a byte takes on the line.
pub(crate) fn byte_time(baud: u32) -> Duration {
    Duration::from_nanos(10_000_000_000 / u64::from(baud.max(1)))
}
