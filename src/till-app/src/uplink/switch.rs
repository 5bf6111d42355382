//! Faults for the way to the hub, given by hand: no route, a captive portal, a hub that hangs.

use std::sync::{Arc, Mutex, PoisonError};

use domain::Refusal;
use journal::LogKey;
use till::desk::{Appended, Uplink, UplinkTrouble};
use wire::BundleNews;

/// Gives every way that is put behind it the same fault, or none.
#[derive(Clone, Debug, Default)]
pub struct UplinkSwitch(Arc<Mutex<Option<UplinkTrouble>>>);

impl UplinkSwitch {
    /// Puts a way behind the switch.
    pub fn around<U: Uplink>(&self, uplink: U) -> impl Uplink + use<U> {
        Switched { switch: self.clone(), uplink }
    }

    /// `ok`, `away`, `captive`, `silent` or `garbled`.
    ///
    /// # Errors
    /// [`Refusal::DeviceUnknown`] for any other word.
    pub fn set(&self, fault: &str) -> Result<(), Refusal> {
        let trouble = match fault {
            "ok" => None,
            "away" => Some(UplinkTrouble::Away),
            "captive" => Some(UplinkTrouble::OtherHub),
            "silent" => Some(UplinkTrouble::TimedOut),
            "garbled" => Some(UplinkTrouble::Unreadable),
            _ => return Err(Refusal::DeviceUnknown),
        };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = trouble;
        Ok(())
    }

    fn passes(&self) -> Result<(), UplinkTrouble> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone().map_or(Ok(()), Err)
    }
}

struct Switched<U> {
    switch: UplinkSwitch,
    uplink: U,
}

impl<U: Uplink> Uplink for Switched<U> {
    fn append(&mut self, key: &LogKey, batch: &[u8]) -> Result<Appended, UplinkTrouble> {
        self.switch.passes()?;
        self.uplink.append(key, batch)
    }

    fn fetch(&mut self, key: &LogKey, news: &BundleNews) -> Result<Vec<u8>, UplinkTrouble> {
        self.switch.passes()?;
        self.uplink.fetch(key, news)
    }
}
