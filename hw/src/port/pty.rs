//! A simulated device on a pseudo-terminal: to a driver it is a serial line like any other.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use nix::fcntl::{FcntlArg, FdFlag, OFlag, fcntl};
use nix::pty::openpty;
use nix::sys::termios::{SetArg, cfmakeraw, tcgetattr, tcsetattr};
use nix::unistd::ttyname;

use super::clock::pause;
use super::far_end::{FarEnd, Shared, byte_time, lock};

/// One turn of the device's thread.
const TURN: Duration = Duration::from_millis(5);

/// The device's thread. Ends when this is dropped.
#[derive(Debug)]
pub struct PtyLine {
    link: PathBuf,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl PtyLine {
    /// Puts a device on a pseudo-terminal and a symbolic link to that at `link`.
    /// While the device is unplugged the link is gone, as a device file would be.
    ///
    /// # Errors
    /// When the system gives no pseudo-terminal or the link cannot be made.
    pub fn start<F: FarEnd + 'static>(far: Shared<F>, link: impl AsRef<Path>) -> io::Result<Self> {
        let link = link.as_ref().to_path_buf();
        let stop = Arc::new(AtomicBool::new(false));
        let line = Line::open(&link)?;
        let thread = {
            let (link, stop) = (link.clone(), Arc::clone(&stop));
            thread::Builder::new().name("device-simulator".to_owned()).spawn(move || serve(&far, &link, Some(line), &stop))?
        };
        Ok(Self { link, stop, thread: Some(thread) })
    }

    /// The path that a driver opens.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.link
    }
}

impl Drop for PtyLine {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Both ends of the pseudo-terminal. The device keeps the far end open too: without it the line hangs up whenever the driver closes.
struct Line {
    near: File,
    _far: OwnedFd,
    link: PathBuf,
}

impl Line {
    fn open(link: &Path) -> io::Result<Self> {
        let pair = openpty(None, None)?;
        // A program that is started meanwhile must not hold the line: it would never hang up.
        for end in [&pair.master, &pair.slave] {
            fcntl(end, FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC))?;
        }
        let mut settings = tcgetattr(&pair.slave)?;
        cfmakeraw(&mut settings);
        tcsetattr(&pair.slave, SetArg::TCSANOW, &settings)?;
        let flags = OFlag::from_bits_truncate(fcntl(&pair.master, FcntlArg::F_GETFL)?);
        fcntl(&pair.master, FcntlArg::F_SETFL(flags | OFlag::O_NONBLOCK))?;
        let device = ttyname(&pair.slave)?;
        match fs::remove_file(link) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        symlink(device, link)?;
        Ok(Self { near: File::from(pair.master), _far: pair.slave, link: link.to_path_buf() })
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.link);
    }
}

fn serve<F: FarEnd>(far: &Shared<F>, link: &Path, mut line: Option<Line>, stop: &AtomicBool) {
    while !stop.load(Ordering::SeqCst) {
        if lock(far).is_unplugged() {
            line = None;
        } else if line.is_none() {
            line = Line::open(link).ok();
        }
        let moved = line.as_mut().map_or(0, |line| turn(far, &mut line.near));
        let mut rest = TURN;
        if moved > 0 {
            rest = byte_time(lock(far).baud()).saturating_mul(u32::try_from(moved).unwrap_or(u32::MAX));
        }
        pause(rest);
        lock(far).pass(rest);
    }
}

/// Moves what one turn's time allows, both ways; how many bytes came from the driver.
fn turn<F: FarEnd>(far: &Shared<F>, near: &mut File) -> usize {
    let mut far = lock(far);
    let mut bytes = [0; 256];
    let per_turn = TURN.as_nanos() / byte_time(far.baud()).as_nanos().max(1);
    let allowance = usize::try_from(per_turn).unwrap_or(bytes.len()).clamp(1, bytes.len()).min(far.room());
    let count = if allowance == 0 { 0 } else { near.read(&mut bytes[..allowance]).unwrap_or(0) };
    let _ = far.receive(&bytes[..count]);
    let replies = far.take_replies(usize::MAX);
    // Nobody listening is the driver's affair, as on a real line.
    let _ = near.write(&replies);
    count
}
