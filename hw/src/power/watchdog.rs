//! The watchdog of the machine: it restarts a machine whose till has stopped.
//!
//! The till's own thread beats a [`Heartbeat`] in every turn. A small thread writes to the watchdog's file only while that heart beats,
//! so a till that hangs is found even though the rest of the program lives.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// Between two kicks. Watchdogs of Pi-class machines wait 10 s and longer.
pub const KICK_EVERY: Duration = Duration::from_secs(2);
/// Any byte but the magic one keeps the machine running.
const KICK: &[u8] = b"\0";
/// An orderly end: the watchdog is to let the machine be. Source: Linux kernel, watchdog API, "magic close".
const MAGIC_CLOSE: &[u8] = b"V";

/// The heart of the thread that is watched. Clones are the same heart.
#[derive(Clone, Debug, Default)]
pub struct Heartbeat(Arc<AtomicU64>);

impl Heartbeat {
    /// One more beat.
    pub fn beat(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// Beats so far.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Tells whether a heart has beaten since the last look.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pulse(u64);

impl Pulse {
    /// Looks.
    pub fn moved(&mut self, count: u64) -> bool {
        core::mem::replace(&mut self.0, count) != count
    }
}

/// The thread that kicks. Dropped without [`Watchdog::end`], as in a crash, it leaves the watchdog armed and the machine restarts.
#[derive(Debug)]
pub struct Watchdog {
    end: SyncSender<()>,
    thread: JoinHandle<()>,
}

impl Watchdog {
    /// Arms the watchdog at `path`, such as `/dev/watchdog`, and kicks it `every` so often while `heart` beats.
    ///
    /// # Errors
    /// When it cannot be opened (another program may hold it), or the system gives no thread.
    pub fn start(path: &Path, heart: Heartbeat, every: Duration) -> io::Result<Self> {
        let file = OpenOptions::new().write(true).open(path)?;
        let (end, ends) = sync_channel(1);
        let thread = thread::Builder::new().name("watchdog".to_owned()).spawn(move || kick(file, &heart, every, &ends))?;
        Ok(Self { end, thread })
    }

    /// An orderly end of the till: the machine keeps running without it.
    pub fn end(self) {
        let _ = self.end.send(());
        let _ = self.thread.join();
    }
}

fn kick(mut file: File, heart: &Heartbeat, every: Duration, ends: &Receiver<()>) {
    let mut pulse = Pulse::default();
    loop {
        match ends.recv_timeout(every) {
            Err(RecvTimeoutError::Timeout) => {
                if pulse.moved(heart.count()) {
                    // A kick that fails is a kick too few: the machine restarts, which is what a watchdog is for.
                    let _ = file.write_all(KICK);
                }
            }
            Ok(()) => {
                let _ = file.write_all(MAGIC_CLOSE);
                return;
            }
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}
