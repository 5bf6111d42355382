//! What all handlers share.

use std::{
    path::PathBuf,
    sync::{Arc, OnceLock},
};

use hub_store::{Fault, HubStore};
use sha2::{Digest as _, Sha256};
use tokio::sync::{Notify, Semaphore, broadcast, watch};

use crate::{log::Log, metrics::Metrics};

/// How many news a page that does not listen may lag behind.
const LIVE_MAX: usize = 256;
/// How many batches are unpacked and committed at once; further ones wait their turn.
const APPENDS_MAX: usize = 16;
/// How many bytes of unfinished batches the hub holds, in KiB.
const ARRIVING_KIB_MAX: usize = 64 * 1024;

/// Where the time comes from.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> i64 + Send + Sync>);

impl Clock {
    /// The machine's.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "an edge: the hub's one look at the clock")]
    pub fn of_machine() -> Self {
        let since = || std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_secs());
        Self(Arc::new(move || i64::try_from(since()).unwrap_or(i64::MAX)))
    }

    /// One for tests.
    pub fn told_by(tell: impl Fn() -> i64 + Send + Sync + 'static) -> Self {
        Self(Arc::new(tell))
    }

    /// Seconds since 1970, UTC.
    #[must_use]
    pub fn now_s(&self) -> i64 {
        (self.0)()
    }
}

/// News for pages that are open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Live {
    /// Something about a unit changed: a batch came, a key was confirmed, an incident went on.
    Unit(String),
    /// Sales were projected.
    Sales,
    /// An alert was raised or settled.
    Alert,
}

/// A hub at work.
pub struct Hub {
    /// Its database.
    pub store: Arc<HubStore>,
    /// Its folder.
    pub dir: PathBuf,
    /// Its time.
    pub clock: Clock,
    /// News for open pages.
    pub live: broadcast::Sender<Live>,
    /// What it counts.
    pub metrics: Metrics,
    /// What it tells its machine.
    pub log: Log,
    /// The hub's public key (SPKI, DER), from the moment that it serves.
    pub spki: OnceLock<Vec<u8>>,
    /// Wakes the projector.
    pub(crate) committed: Notify,
    /// Turns for batches.
    pub(crate) appends: Arc<Semaphore>,
    /// Room for batches that are still arriving, a permit a KiB.
    pub(crate) arriving: Arc<Semaphore>,
    stopping: watch::Sender<bool>,
}

impl Hub {
    /// A hub on this database.
    #[must_use]
    pub fn new(store: HubStore, dir: PathBuf, clock: Clock) -> Arc<Self> {
        let log = Log::to_stderr(clock.clone());
        Self::with_log(store, dir, clock, log)
    }

    /// A hub that writes its lines elsewhere.
    #[must_use]
    pub fn with_log(store: HubStore, dir: PathBuf, clock: Clock, log: Log) -> Arc<Self> {
        Arc::new(Self {
            store: Arc::new(store),
            dir,
            clock,
            live: broadcast::channel(LIVE_MAX).0,
            metrics: Metrics::default(),
            log,
            spki: OnceLock::new(),
            committed: Notify::new(),
            appends: Arc::new(Semaphore::new(APPENDS_MAX)),
            arriving: Arc::new(Semaphore::new(ARRIVING_KIB_MAX)),
            stopping: watch::Sender::new(false),
        })
    }

    /// Six digits that till and page both show, for a clerk to compare; they stand for the hub's key and the log's.
    #[must_use]
    pub fn short_code(&self, public: &[u8; 32]) -> String {
        short_code(self.spki.get().map_or(&[], Vec::as_slice), public)
    }

    /// Tells everything that runs to finish.
    pub fn stop(&self) {
        self.stopping.send_replace(true);
    }

    /// Ends when the hub is told to stop. Whatever would go on for ever ends with it.
    pub fn stopped(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut stopping = self.stopping.subscribe();
        async move { drop(stopping.wait_for(|stopping| *stopping).await) }
    }

    /// Asks the database, on a thread that may wait.
    ///
    /// # Errors
    /// What `ask` says; [`Fault::Busy`] when the hub is stopping.
    pub async fn ask<T, E>(&self, ask: impl FnOnce(&HubStore) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Fault> + Send + 'static,
    {
        let store = Arc::clone(&self.store);
        let asked = tokio::task::spawn_blocking(move || ask(&store)).await;
        asked.unwrap_or_else(|error| Err(Fault::Busy(error.to_string()).into()))
    }

    /// Tells open pages. Nobody need be listening.
    pub fn tell(&self, live: Live) {
        drop(self.live.send(live));
    }
}

/// The first eight bytes of SHA-256 over the hub's key (SPKI, DER) and the log's public key, as a number; its last six decimal digits.
#[must_use]
pub fn short_code(spki: &[u8], public: &[u8; 32]) -> String {
    let hash: [u8; 32] = Sha256::new().chain_update(spki).chain_update(public).finalize().into();
    let number = hash.iter().take(8).fold(0_u64, |number, byte| (number << 8) | u64::from(*byte));
    format!("{:06}", number % 1_000_000)
}
