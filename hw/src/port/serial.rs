//! A serial line of this computer. Pseudo-terminals and USB adapters are serial lines too.
//!
//! Measured with `serialport` 4.10.1 on Linux: its time-outs do not bound a write and its flush does not return while a device is busy.
//! So the line is set non-blocking, written in slices, never flushed, and emptied before it is closed.

use std::fmt;
use std::io::{ErrorKind, Read, Write};
use std::os::fd::{AsRawFd, BorrowedFd};
use std::path::PathBuf;
use std::time::Duration;

use nix::fcntl::{FcntlArg, OFlag, fcntl};
use serialport::{ClearBuffer, FlowControl, SerialPort as _, TTYPort};

use super::clock::{Clock, pause};
use super::{Port, PortTrouble};
use crate::printer::profile::FlowHint;

/// Bytes that wait in the system's own queue at most, so that a status is not overtaken by 4 kB of receipt.
const QUEUE_BYTES_MAX: u32 = 512;
/// Bytes of one write.
const SLICE_BYTES: usize = 256;
/// Pauses between attempts to open a line that is away.
const REOPEN_FIRST: Duration = Duration::from_millis(200);
const REOPEN_LAST: Duration = Duration::from_secs(5);
/// One look at a full queue.
const LOOK: Duration = Duration::from_millis(5);
/// How long a single urgent command may take.
const URGENT: Duration = Duration::from_millis(300);

/// How the device says that it wants no more bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Flow {
    /// Not at all.
    None,
    /// By a wire: the printer's DTR or RTS on the computer's CTS.
    #[default]
    Hardware,
    /// By XON and XOFF.
    Software,
}

impl From<FlowHint> for Flow {
    fn from(hint: FlowHint) -> Self {
        match hint {
            FlowHint::Wire => Self::Hardware,
            FlowHint::XonXoff => Self::Software,
        }
    }
}

/// Which line, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SerialSettings {
    /// The device, best by `/dev/serial/by-id` or `by-path`: numbers change when an adapter is plugged in again.
    pub path: PathBuf,
    /// Bits per second.
    pub baud: u32,
    /// Flow control.
    pub flow: Flow,
}

/// A serial line. Opens when it is first used, and again after it was lost.
pub struct SerialPort {
    settings: SerialSettings,
    clock: Clock,
    line: Option<TTYPort>,
    retry_at: Duration,
    retry_pause: Duration,
    trouble: PortTrouble,
}

impl SerialPort {
    /// A line that is opened at the first use.
    #[must_use]
    pub fn new(settings: SerialSettings) -> Self {
        Self {
            settings,
            clock: Clock::start(),
            line: None,
            retry_at: Duration::ZERO,
            retry_pause: REOPEN_FIRST,
            trouble: PortTrouble::NotFound,
        }
    }

    fn line(&mut self) -> Result<&mut TTYPort, PortTrouble> {
        if self.line.is_none() {
            let now = self.clock.now();
            if now < self.retry_at {
                return Err(self.trouble);
            }
            match open(&self.settings) {
                Ok(line) => {
                    self.retry_pause = REOPEN_FIRST;
                    self.line = Some(line);
                }
                Err(trouble) => {
                    self.trouble = trouble;
                    self.retry_at = now + self.retry_pause;
                    self.retry_pause = (self.retry_pause * 2).min(REOPEN_LAST);
                }
            }
        }
        self.line.as_mut().ok_or(self.trouble)
    }

    /// What an operation came to; a line that failed is closed.
    fn settle(&mut self, result: std::io::Result<usize>) -> Result<usize, PortTrouble> {
        match result {
            Ok(count) => Ok(count),
            Err(error) if matches!(error.kind(), ErrorKind::TimedOut | ErrorKind::WouldBlock | ErrorKind::Interrupted) => Ok(0),
            Err(_) => {
                self.close();
                self.trouble = PortTrouble::Lost;
                self.retry_at = self.clock.now() + self.retry_pause;
                Err(PortTrouble::Lost)
            }
        }
    }

    /// Closing a line with bytes in its queue can take half a minute, so they go first.
    fn close(&mut self) {
        if let Some(line) = self.line.take() {
            let _ = line.clear(ClearBuffer::Output);
        }
    }
}

impl fmt::Debug for SerialPort {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SerialPort").field("settings", &self.settings).field("is_open", &self.line.is_some()).finish()
    }
}

impl Drop for SerialPort {
    fn drop(&mut self) {
        self.close();
    }
}

impl Port for SerialPort {
    fn now(&self) -> Duration {
        self.clock.now()
    }

    fn write(&mut self, bytes: &[u8], wait: Duration) -> Result<usize, PortTrouble> {
        let deadline = self.clock.now() + wait;
        // A device without a queue that can be asked, such as a pseudo-terminal, bounds the write itself.
        while self.line()?.bytes_to_write().is_ok_and(|queued| queued > QUEUE_BYTES_MAX) {
            if self.clock.now() >= deadline {
                return Ok(0);
            }
            pause(LOOK);
        }
        let left = deadline.saturating_sub(self.clock.now());
        let line = self.line()?;
        let result = line.set_timeout(left).map_err(Into::into).and_then(|()| line.write(&bytes[..bytes.len().min(SLICE_BYTES)]));
        self.settle(result)
    }

    fn read(&mut self, into: &mut [u8], wait: Duration) -> Result<usize, PortTrouble> {
        let line = self.line()?;
        let result = line.set_timeout(wait).map_err(Into::into).and_then(|()| line.read(into));
        let result = match result {
            // A serial line never ends; nothing although bytes were announced is a line that hangs up.
            Ok(0) if !into.is_empty() => Err(ErrorKind::BrokenPipe.into()),
            result => result,
        };
        self.settle(result)
    }

    fn write_urgent(&mut self, bytes: &[u8]) -> Result<(), PortTrouble> {
        let deadline = self.clock.now() + URGENT;
        let flow = flow_control(self.settings.flow);
        let line = self.line()?;
        let _ = line.clear(ClearBuffer::Output);
        // Not every line has modem wires; then there is no flow control to leave.
        let _ = line.set_flow_control(FlowControl::None);
        let mut sent = 0;
        while sent < bytes.len() && self.clock.now() < deadline {
            sent += self.write(&bytes[sent..], LOOK)?;
        }
        while self.line()?.bytes_to_write().is_ok_and(|queued| queued > 0) && self.clock.now() < deadline {
            pause(LOOK);
        }
        let _ = self.line()?.set_flow_control(flow);
        if sent == bytes.len() { Ok(()) } else { Err(PortTrouble::Unusable) }
    }
}

fn open(settings: &SerialSettings) -> Result<TTYPort, PortTrouble> {
    if settings.baud == 0 {
        return Err(PortTrouble::Unusable);
    }
    let builder = serialport::new(settings.path.to_string_lossy(), settings.baud).flow_control(flow_control(settings.flow)).timeout(LOOK);
    let line = builder.open_native().map_err(|error| match error.kind {
        serialport::ErrorKind::Io(ErrorKind::NotFound) => PortTrouble::NotFound,
        serialport::ErrorKind::NoDevice => PortTrouble::Held,
        _ => PortTrouble::Unusable,
    })?;
    set_non_blocking(&line).map_err(|_| PortTrouble::Unusable)?;
    let _ = line.clear(ClearBuffer::Input);
    Ok(line)
}

#[expect(unsafe_code, reason = "serialport lends its descriptor only as a number")]
fn set_non_blocking(line: &TTYPort) -> nix::Result<()> {
    // SAFETY: the descriptor belongs to `line`, which outlives the borrow.
    let descriptor = unsafe { BorrowedFd::borrow_raw(line.as_raw_fd()) };
    let flags = OFlag::from_bits_truncate(fcntl(descriptor, FcntlArg::F_GETFL)?);
    fcntl(descriptor, FcntlArg::F_SETFL(flags | OFlag::O_NONBLOCK)).map(|_| ())
}

const fn flow_control(flow: Flow) -> FlowControl {
    match flow {
        Flow::None => FlowControl::None,
        Flow::Hardware => FlowControl::Hardware,
        Flow::Software => FlowControl::Software,
    }
}
