//! What all handlers share.

use std::{path::PathBuf, sync::Arc};

use hub_store::{Fault, HubStore};
use tokio::sync::broadcast;

/// How many news a page that does not listen may lag behind.
const LIVE_MAX: usize = 256;

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
}

impl Hub {
    /// A hub on this database.
    #[must_use]
    pub fn new(store: HubStore, dir: PathBuf, clock: Clock) -> Arc<Self> {
        Arc::new(Self { store: Arc::new(store), dir, clock, live: broadcast::channel(LIVE_MAX).0 })
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
