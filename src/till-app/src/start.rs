//! Putting a till together: store, setup, devices, counter.

use std::path::PathBuf;

use store::{Options, Store};
use till::{
    Counter, Till,
    desk::{Desk, Event},
};

use crate::{
    clock::Clock,
    config::Config,
    devices::{self, Simulated},
    enrol::{self, Enrolled},
    error::Failure,
    uplink::{HttpUplink, Limits},
};

/// What a till is started with.
#[derive(Clone, Debug)]
pub struct Start {
    /// The data folder.
    pub dir: PathBuf,
    /// Its configuration.
    pub config: Config,
    /// The key of a log that is born at this start; random in every till, given in tests.
    pub seed: [u8; 32],
}

impl Start {
    /// A start with a random key.
    ///
    /// # Errors
    /// [`Failure::Random`].
    pub fn new(dir: PathBuf, config: Config) -> Result<Self, Failure> {
        Ok(Self { dir, config, seed: random()? })
    }

    /// Opens the store and the devices and puts the till to work. Devices tell into `tell`, from their own threads.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn counter(&self, clock: &Clock, tell: impl Fn(Event) + Clone + Send + 'static) -> Result<(Counter, Simulated), Failure> {
        let enrolled = self.enrolled();
        let mut setup = self.config.setup()?;
        if let (None, Some(unit)) = (&self.config.unit, enrolled.as_ref().and_then(Enrolled::register_unit)) {
            unit.clone_into(&mut setup.unit);
        }
        let (store, opened) =
            Store::open(&self.dir, Options::default()).map_err(|fault| Failure::Store { dir: self.dir.clone(), fault })?;
        let seed = enrol::seed(&self.dir, &opened).unwrap_or(self.seed);
        let till = Till::start(store, opened, setup, seed, clock.now())?;
        enrol::born(&self.dir);
        let (mut devices, mut simulated) = devices::open(&self.config, &self.dir)?;
        if let Some(enrolled) = enrolled {
            let address = self.config.hub.clone().unwrap_or_else(|| enrolled.hub.clone());
            let uplink = HttpUplink::new(address, enrolled.pin, Limits::default());
            devices.uplink = Some(Box::new(simulated.uplink.around(uplink)));
            simulated.enrolled = Some(enrolled);
        }
        let mut counter = Counter::open(till, Desk::open(devices, tell));
        counter.reserve(random()?);
        Ok((counter, simulated))
    }

    /// Where the till is enrolled. A file that makes no sense costs the way to the hub, never a sale.
    fn enrolled(&self) -> Option<Enrolled> {
        Enrolled::read(&self.dir).unwrap_or_else(|failure| {
            eprintln!("till: {failure}\nUntil then it sells and keeps everything, and sends nothing.");
            None
        })
    }
}

fn random() -> Result<[u8; 32], Failure> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|error| Failure::Random(error.to_string()))?;
    Ok(seed)
}
