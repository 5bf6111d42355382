//! The hub's address, looked up once and remembered while it works: a look-up costs a round trip, and on bad Wi-Fi often more.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use ureq::{
    Error,
    config::Config,
    http::Uri,
    unversioned::{
        resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver},
        transport::NextTimeout,
    },
};

/// Addresses remembered; shared between the connections of one uplink.
#[derive(Clone, Debug, Default)]
pub(super) struct Remembered(Arc<Mutex<Vec<SocketAddr>>>);

impl Remembered {
    /// The next connection looks the name up anew.
    pub fn forget(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

impl Resolver for Remembered {
    fn resolve(&self, uri: &Uri, config: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
        let mut remembered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if remembered.is_empty() {
            let found = DefaultResolver::default().resolve(uri, config, timeout).map_err(|error| match error {
                // What the system's resolver says of a name comes as an error of no kind.
                Error::Io(_) => Error::HostNotFound,
                other => other,
            })?;
            remembered.extend(found.iter());
        }
        let mut addresses = self.empty();
        remembered.iter().for_each(|address| addresses.push(*address));
        Ok(addresses)
    }
}
