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
    error::Failure,
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
        let setup = self.config.setup()?;
        let (store, opened) =
            Store::open(&self.dir, Options::default()).map_err(|fault| Failure::Store { dir: self.dir.clone(), fault })?;
        let till = Till::start(store, opened, setup, self.seed, clock.now())?;
        let (devices, simulated) = devices::open(&self.config, &self.dir)?;
        let mut counter = Counter::open(till, Desk::open(devices, tell));
        counter.reserve(random()?);
        Ok((counter, simulated))
    }
}

fn random() -> Result<[u8; 32], Failure> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|error| Failure::Random(error.to_string()))?;
    Ok(seed)
}
