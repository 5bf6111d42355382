//! A supply made of software.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use super::{Supply, SupplyLost, SupplyMonitor};

/// A handle to a simulated supply; clones share it, so that one hand pulls the plug and another hears of it.
#[derive(Debug)]
pub struct SupplySimulator {
    mains: Arc<(Mutex<Mains>, Condvar)>,
    told: Option<Supply>,
}

#[derive(Clone, Copy, Debug)]
struct Mains {
    supply: Supply,
    is_unplugged: bool,
}

/// A clone has been told nothing yet.
impl Clone for SupplySimulator {
    fn clone(&self) -> Self {
        Self { mains: Arc::clone(&self.mains), told: None }
    }
}

impl Default for SupplySimulator {
    fn default() -> Self {
        Self { mains: Arc::new((Mutex::new(Mains { supply: Supply::Steady, is_unplugged: false }), Condvar::new())), told: None }
    }
}

impl SupplySimulator {
    /// A supply that is steady.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The supply fails or comes back.
    pub fn set(&self, supply: Supply) {
        self.change(|mains| mains.supply = supply);
    }

    /// Pulls the input's cable or plugs it in again.
    pub fn set_unplugged(&self, is_unplugged: bool) {
        self.change(|mains| mains.is_unplugged = is_unplugged);
    }

    fn change(&self, change: impl FnOnce(&mut Mains)) {
        change(&mut self.mains.0.lock().unwrap_or_else(PoisonError::into_inner));
        self.mains.1.notify_all();
    }
}

impl SupplyMonitor for SupplySimulator {
    fn next(&mut self, wait: Duration) -> Result<Option<Supply>, SupplyLost> {
        let told = self.told;
        let mains = self.mains.0.lock().unwrap_or_else(PoisonError::into_inner);
        let idle = |mains: &mut Mains| !mains.is_unplugged && told == Some(mains.supply);
        let (mains, _) = self.mains.1.wait_timeout_while(mains, wait, idle).unwrap_or_else(PoisonError::into_inner);
        if mains.is_unplugged {
            // What it tells when it is back is news, whatever it told before.
            self.told = None;
            return Err(SupplyLost);
        }
        let new = (told != Some(mains.supply)).then_some(mains.supply);
        self.told = Some(mains.supply);
        Ok(new)
    }
}
