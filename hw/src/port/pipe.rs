//! A line to a simulated device within the process.

use std::time::Duration;

use super::far_end::{FarEnd, Shared, byte_time, lock};
use super::{Port, PortTrouble};

/// A line on its own clock: bytes take the time that the line's speed gives them, waiting takes no time of the wall's.
#[derive(Debug)]
pub struct PipePort<F> {
    far: Shared<F>,
    now: Duration,
}

impl<F: FarEnd> PipePort<F> {
    /// A line to this device. Its clock begins at zero.
    #[must_use]
    pub const fn new(far: Shared<F>) -> Self {
        Self { far, now: Duration::ZERO }
    }
}

impl<F: FarEnd> Port for PipePort<F> {
    fn now(&self) -> Duration {
        self.now
    }

    fn write(&mut self, bytes: &[u8], wait: Duration) -> Result<usize, PortTrouble> {
        let mut far = lock(&self.far);
        if far.is_unplugged() {
            return Err(PortTrouble::Lost);
        }
        let taken = far.receive(bytes);
        let took = if taken == 0 { wait } else { byte_time(far.baud()).saturating_mul(u32::try_from(taken).unwrap_or(u32::MAX)) };
        self.now += took;
        far.pass(took);
        Ok(taken)
    }

    fn read(&mut self, into: &mut [u8], wait: Duration) -> Result<usize, PortTrouble> {
        let mut far = lock(&self.far);
        if far.is_unplugged() {
            return Err(PortTrouble::Lost);
        }
        let mut replies = far.take_replies(into.len());
        if replies.is_empty() {
            self.now += wait;
            far.pass(wait);
            replies = far.take_replies(into.len());
        }
        into[..replies.len()].copy_from_slice(&replies);
        Ok(replies.len())
    }

    fn write_urgent(&mut self, bytes: &[u8]) -> Result<(), PortTrouble> {
        let mut far = lock(&self.far);
        if far.is_unplugged() {
            return Err(PortTrouble::Lost);
        }
        if far.receive(bytes) == bytes.len() { Ok(()) } else { Err(PortTrouble::Unusable) }
    }
}
