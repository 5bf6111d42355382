//! What the drivers of control units share: sending a request, waiting for its answer, and not taking a late answer for a new one.

use std::time::Duration;

use crate::port::{Port, PortTrouble};

/// How long one look at the line lasts.
const LOOK: Duration = Duration::from_millis(20);
/// Bytes taken from the line at once.
const TAKE_BYTES: usize = 64;

/// How long a driver waits for what, and how often it asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnitDeadlines {
    /// For the line to take a request.
    pub send: Duration,
    /// For the answer to a question about the unit.
    pub answer: Duration,
    /// For the answer to a receipt: the unit writes it down first.
    pub record: Duration,
    /// Quiet on the line that shows that nothing late comes any more.
    pub quiet: Duration,
    /// How long that quiet is waited for.
    pub quiet_wait: Duration,
    /// How often the same request is sent.
    pub attempts: u8,
}

impl Default for UnitDeadlines {
    fn default() -> Self {
        Self {
            send: Duration::from_secs(1),
            answer: Duration::from_secs(1),
            record: Duration::from_secs(3),
            quiet: Duration::from_millis(300),
            quiet_wait: Duration::from_secs(2),
            attempts: 3,
        }
    }
}

/// Why an exchange gave no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Loss {
    /// There is no line, and nothing of the request was sent.
    Unplugged,
    /// The line broke after something was sent.
    Broken,
    /// Nothing came.
    Silence,
    /// Something came that was no answer.
    Noise,
}

/// What a decoder makes of a byte: nothing yet, an answer, or noise.
pub(super) type Heard<T> = Option<Result<T, ()>>;

#[derive(Debug)]
pub(super) struct Wire<P> {
    port: P,
    /// An answer was missed: it may still come.
    is_owed: bool,
}

impl<P: Port> Wire<P> {
    pub(super) const fn new(port: P) -> Self {
        Self { port, is_owed: false }
    }

    /// Sends a request and waits until the decoder has an answer that is wanted.
    pub(super) fn ask<T>(
        &mut self,
        request: &[u8],
        deadlines: &UnitDeadlines,
        wait: Duration,
        mut hear: impl FnMut(u8) -> Heard<T>,
    ) -> Result<T, Loss> {
        self.drain(deadlines)?;
        self.is_owed = true;
        self.send(request, deadlines.send)?;
        let deadline = self.port.now() + wait;
        let mut is_noisy = false;
        let mut bytes = [0; TAKE_BYTES];
        loop {
            let count = self.port.read(&mut bytes, LOOK).map_err(|_| Loss::Broken)?;
            for &byte in &bytes[..count] {
                match hear(byte) {
                    None => {}
                    Some(Err(())) => is_noisy = true,
                    Some(Ok(answer)) => {
                        self.is_owed = false;
                        return Ok(answer);
                    }
                }
            }
            if self.port.now() >= deadline {
                return Err(if is_noisy { Loss::Noise } else { Loss::Silence });
            }
            if is_noisy && count == 0 {
                // The answer came and was spoiled: asking again is quicker than waiting for what will not come.
                return Err(Loss::Noise);
            }
        }
    }

    fn send(&mut self, request: &[u8], wait: Duration) -> Result<(), Loss> {
        let deadline = self.port.now() + wait;
        let mut sent = 0;
        while sent < request.len() {
            sent += self.port.write(&request[sent..], LOOK).map_err(|_| if sent == 0 { Loss::Unplugged } else { Loss::Broken })?;
            if sent < request.len() && self.port.now() >= deadline {
                return Err(Loss::Silence);
            }
        }
        Ok(())
    }

    /// Throws away what came unasked. After a missed answer it waits for quiet first.
    fn drain(&mut self, deadlines: &UnitDeadlines) -> Result<(), Loss> {
        let begin = self.port.now();
        let mut quiet_since = begin;
        let mut bytes = [0; TAKE_BYTES];
        loop {
            let wait = if self.is_owed { LOOK } else { Duration::ZERO };
            let count = self.port.read(&mut bytes, wait).map_err(|_: PortTrouble| Loss::Unplugged)?;
            let now = self.port.now();
            if count > 0 {
                quiet_since = now;
            }
            let is_quiet = if self.is_owed { now - quiet_since >= deadlines.quiet } else { count == 0 };
            if is_quiet || now - begin >= deadlines.quiet_wait {
                return Ok(());
            }
        }
    }
}
