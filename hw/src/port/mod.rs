//! A line to a device: bytes both ways, each call bounded in time.

#[cfg(feature = "sim")]
pub(crate) mod far_end;
#[cfg(feature = "sim")]
mod pipe;
#[cfg(feature = "sim")]
mod pty;
#[cfg(feature = "port")]
mod serial;

#[cfg(feature = "sim")]
pub use far_end::{FarEnd, Shared};
#[cfg(feature = "sim")]
pub use pipe::PipePort;
#[cfg(feature = "sim")]
pub use pty::PtyLine;

#[cfg(feature = "port")]
pub use serial::{Flow, SerialPort, SerialSettings};

use std::time::Duration;

/// Why a line carries nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PortTrouble {
    /// No device of that name.
    NotFound,
    /// Another program holds it.
    Held,
    /// It was there and went away.
    Lost,
    /// It is there and is no serial line, or refuses its settings.
    Unusable,
}

/// A line to a device.
///
/// A line that is lost opens itself again at a later call, with growing pauses between attempts.
/// The call that finds the loss fails, so that nobody takes the new line for the old one.
pub trait Port: Send {
    /// Time on the line's own clock. Deadlines are counted on it, so a simulated line can be faster than the wall.
    fn now(&self) -> Duration;

    /// Hands over as many bytes as the line takes within `wait`; 0 says busy.
    ///
    /// # Errors
    /// When there is no line.
    fn write(&mut self, bytes: &[u8], wait: Duration) -> Result<usize, PortTrouble>;

    /// Takes what arrives, waiting at most `wait` for the first byte; 0 says nothing came.
    ///
    /// # Errors
    /// When there is no line.
    fn read(&mut self, into: &mut [u8], wait: Duration) -> Result<usize, PortTrouble>;

    /// Throws away what was handed over and not yet sent, and sends these few bytes even if the device says that it is busy.
    ///
    /// # Errors
    /// When there is no line, or it takes nothing within the driver's patience for single commands.
    fn write_urgent(&mut self, bytes: &[u8]) -> Result<(), PortTrouble>;
}

/// A line behind a pointer is a line.
impl<P: Port + ?Sized> Port for Box<P> {
    fn now(&self) -> Duration {
        (**self).now()
    }

    fn write(&mut self, bytes: &[u8], wait: Duration) -> Result<usize, PortTrouble> {
        (**self).write(bytes, wait)
    }

    fn read(&mut self, into: &mut [u8], wait: Duration) -> Result<usize, PortTrouble> {
        (**self).read(into, wait)
    }

    fn write_urgent(&mut self, bytes: &[u8]) -> Result<(), PortTrouble> {
        (**self).write_urgent(bytes)
    }
}

/// The time of real lines. The one place in this crate that reads a clock or sleeps.
#[cfg(any(feature = "port", feature = "sim"))]
#[allow(clippy::disallowed_methods, reason = "real devices live in real time; this is the edge")]
pub(crate) mod clock {
    use std::time::Duration;

    /// Counts from its own start, never backwards.
    #[derive(Clone, Copy, Debug)]
    pub(crate) struct Clock(std::time::Instant);

    impl Clock {
        /// A clock that begins at zero now.
        pub(crate) fn start() -> Self {
            Self(std::time::Instant::now())
        }

        /// Time since the start.
        pub(crate) fn now(&self) -> Duration {
            self.0.elapsed()
        }
    }

    /// Lets the thread rest.
    pub(crate) fn pause(time: Duration) {
        std::thread::sleep(time);
    }
}
