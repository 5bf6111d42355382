//! The keys of one configured keyboard of this computer, taken away from everybody else.
//!
//! The kernel keeps only some ten keys for a reader that is late, fewer than one code has.
//! So a thread of its own reads all the time, and the till's threads may be as slow as they are.

use core::fmt;
use core::time::Duration;
use std::fs;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TryRecvError, TrySendError, sync_channel};
use std::thread::{self, JoinHandle};

use evdev::raw_stream::RawDevice;
use evdev::{EventType, SynchronizationCode};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::{KeyEvent, KeySource, TimedKey};
use crate::port::PortTrouble;
use crate::port::clock::{Clock, pause};

/// The most events that wait for the caller: some hundred codes.
const KEYS_WAIT_MAX: usize = 8192;
/// Pauses between attempts to find a keyboard that is away.
const REOPEN_FIRST: Duration = Duration::from_millis(200);
const REOPEN_LAST: Duration = Duration::from_secs(5);
/// How soon the thread notices that nobody wants its keys any more.
const TURN_MS: u16 = 200;
/// What the kernel tells of its input devices; reading it opens none of them.
const INPUT_CLASS: &str = "/sys/class/input";
/// Where the devices are.
const INPUT_DEVICES: &str = "/dev/input";
/// A keyboard that types codes has the keys 1 and Enter.
const NEEDED_KEYS: [u32; 2] = [2, 28];

/// Which keyboard is the scanner. There is no word for "any".
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyDevice {
    /// By maker and model, whichever socket it is in.
    Usb {
        /// USB vendor id.
        vendor: u16,
        /// USB product id.
        product: u16,
    },
    /// By the socket it is in, as the kernel calls it: `usb-0000:01:00.0-1.3/input0`.
    Place(String),
}

impl KeyDevice {
    /// Reads `05e0:1200` or a physical path.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let hex = |part: &str| (part.len() == 4).then(|| u16::from_str_radix(part, 16).ok()).flatten();
        match text.split_once(':').map(|(vendor, product)| (hex(vendor), hex(product))) {
            Some((Some(vendor), Some(product))) => Some(Self::Usb { vendor, product }),
            _ if text.contains('/') => Some(Self::Place(text.to_owned())),
            _ => None,
        }
    }

    /// The device files of the keyboards that this names, in order, by what stands in the kernel's folder.
    fn find(&self, class: &Path) -> Vec<PathBuf> {
        let Ok(folder) = fs::read_dir(class) else { return Vec::new() };
        let mut names: Vec<String> = folder
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .filter(|name| name.starts_with("event") && self.is(&class.join(name).join("device")))
            .collect();
        names.sort_unstable_by_key(|name| (name.len(), name.clone()));
        names.into_iter().map(|name| Path::new(INPUT_DEVICES).join(name)).collect()
    }

    fn is(&self, device: &Path) -> bool {
        let text = |file: &str| fs::read_to_string(device.join(file)).map(|text| text.trim().to_owned()).unwrap_or_default();
        let named = match self {
            Self::Usb { vendor, product } => {
                let id = |file: &str| u16::from_str_radix(&text(file), 16).ok();
                id("id/vendor") == Some(*vendor) && id("id/product") == Some(*product)
            }
            Self::Place(place) => text("phys") == *place,
        };
        // Words of bits, the lowest last.
        let keys = text("capabilities/key");
        let lowest = keys.split_whitespace().last().and_then(|word| u64::from_str_radix(word, 16).ok()).unwrap_or(0);
        named && NEEDED_KEYS.iter().all(|key| lowest & (1 << key) != 0)
    }
}

/// What the thread tells.
enum Told {
    Opened,
    Key(TimedKey),
    Away(PortTrouble),
}

/// The keys of one keyboard. Finds it, grabs it so that nobody else gets its keys, and finds it again after it was unplugged.
pub struct EvdevKeys {
    clock: Clock,
    told: Receiver<Told>,
    state: Result<(), PortTrouble>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl EvdevKeys {
    /// The keys of this keyboard. It is looked for from now on, and released when this is dropped.
    ///
    /// # Panics
    /// When the system starts no thread.
    #[must_use]
    pub fn new(device: KeyDevice) -> Self {
        let clock = Clock::start();
        let stop = Arc::new(AtomicBool::new(false));
        let (sender, told) = sync_channel(KEYS_WAIT_MAX);
        let reader = Reader { device, clock, queue: sender, stop: Arc::clone(&stop), is_missed: false };
        let spawned = thread::Builder::new().name("scanner-keys".to_owned()).spawn(move || reader.run());
        assert!(spawned.is_ok(), "a device thread starts");
        Self { clock, told, state: Err(PortTrouble::NotFound), stop, thread: spawned.ok() }
    }
}

impl Drop for EvdevKeys {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl fmt::Debug for EvdevKeys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("EvdevKeys").field("state", &self.state).finish_non_exhaustive()
    }
}

impl KeySource for EvdevKeys {
    fn now(&self) -> Duration {
        self.clock.now()
    }

    fn next_key(&mut self, wait: Duration) -> Result<Option<TimedKey>, PortTrouble> {
        loop {
            let told = match self.told.try_recv() {
                Ok(told) => told,
                Err(TryRecvError::Disconnected) => return Err(PortTrouble::Lost),
                // Away is known at once.
                Err(TryRecvError::Empty) => {
                    self.state?;
                    match self.told.recv_timeout(wait) {
                        Ok(told) => told,
                        Err(RecvTimeoutError::Timeout) => return Ok(None),
                        Err(RecvTimeoutError::Disconnected) => return Err(PortTrouble::Lost),
                    }
                }
            };
            match told {
                Told::Opened => self.state = Ok(()),
                Told::Key(key) => return Ok(Some(key)),
                Told::Away(trouble) => {
                    self.state = Err(trouble);
                    return Err(trouble);
                }
            }
        }
    }
}

struct Reader {
    device: KeyDevice,
    clock: Clock,
    queue: SyncSender<Told>,
    stop: Arc<AtomicBool>,
    is_missed: bool,
}

impl Reader {
    fn run(mut self) {
        let mut retry = REOPEN_FIRST;
        while !self.is_stopped() {
            let trouble = match self.open() {
                Ok(keyboard) => {
                    retry = REOPEN_FIRST;
                    self.tell(Told::Opened);
                    self.read(keyboard)
                }
                Err(trouble) => trouble,
            };
            self.tell(Told::Away(trouble));
            let until = self.clock.now() + retry;
            while self.clock.now() < until && !self.is_stopped() {
                pause(REOPEN_FIRST);
            }
            retry = (retry * 2).min(REOPEN_LAST);
        }
    }

    fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::SeqCst)
    }

    /// The first keyboard of that name that nobody else has grabbed.
    fn open(&self) -> Result<RawDevice, PortTrouble> {
        let mut trouble = PortTrouble::NotFound;
        for path in self.device.find(Path::new(INPUT_CLASS)) {
            match RawDevice::open(path) {
                Ok(mut keyboard) => match keyboard.grab() {
                    Ok(()) => return Ok(keyboard),
                    Err(_) => trouble = PortTrouble::Held,
                },
                Err(_) => trouble = PortTrouble::Unusable,
            }
        }
        Err(trouble)
    }

    /// Passes on keys until the keyboard is gone or nobody wants them.
    fn read(&mut self, mut keyboard: RawDevice) -> PortTrouble {
        while !self.is_stopped() {
            let mut looked_for = [PollFd::new(keyboard.as_fd(), PollFlags::POLLIN)];
            match poll(&mut looked_for, PollTimeout::from(TURN_MS)) {
                Ok(0) | Err(nix::errno::Errno::EINTR) => continue,
                Ok(_) => {}
                Err(_) => break,
            }
            let at = self.clock.now();
            let Ok(events) = keyboard.fetch_events() else { break };
            for event in events {
                let event = match (event.event_type(), event.value()) {
                    (EventType::KEY, 0) => KeyEvent::Up(event.code()),
                    (EventType::KEY, 1) => KeyEvent::Down(event.code()),
                    (EventType::SYNCHRONIZATION, _) if event.code() == SynchronizationCode::SYN_DROPPED.0 => KeyEvent::Missed,
                    _ => continue,
                };
                self.pass(TimedKey { at, event });
            }
        }
        PortTrouble::Lost
    }

    /// What finds no room is missing, and the caller is told so before anything else.
    fn pass(&mut self, key: TimedKey) {
        if self.is_missed {
            self.is_missed = !self.offer(Told::Key(TimedKey { at: key.at, event: KeyEvent::Missed }));
        }
        self.is_missed = self.is_missed || !self.offer(Told::Key(key));
    }

    fn offer(&self, told: Told) -> bool {
        !matches!(self.queue.try_send(told), Err(TrySendError::Full(_)))
    }

    /// Coming and going must be told; a caller that is late is waited for.
    fn tell(&self, told: Told) {
        let mut told = told;
        while !self.is_stopped() {
            match self.queue.try_send(told) {
                Err(TrySendError::Full(back)) => told = back,
                _ => return,
            }
            pause(REOPEN_FIRST);
        }
    }
}

#[cfg(test)]
mod tests;
