//! Putting a till together: store, setup, devices, counter.

use std::path::{Path, PathBuf};

use bundle::Refusal;

use store::{Options, Store};
use till::{
    BundleWrong, Command, Counter, Till, Wrong,
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

/// Below the data folder: the root whose bundles this till takes. A person puts it there, with the card or when the till is enrolled.
pub const ROOT_FILE: &str = "root.bundle";
/// Bundles that may stand beside it, so that a fresh card sells by today's lists at once.
const CARD_FILES: [&str; 2] = ["prices.bundle", "staff.bundle"];

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
        setup.registers_before = enrolled.as_ref().map_or(0, |enrolled| enrolled.registers_before);
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
        self.take_from_card(&mut counter, clock);
        Ok((counter, simulated))
    }

    /// The root and the bundles that a person put on the card. One that is wrong or known already changes nothing, and the till starts.
    fn take_from_card(&self, counter: &mut Counter, clock: &Clock) {
        if let Some(root) = bundle_file(&self.dir.join(ROOT_FILE)) {
            self.take(ROOT_FILE, Command::PinRoot(root), counter, clock);
        }
        for name in CARD_FILES {
            if let Some(bytes) = bundle_file(&self.dir.join(name)) {
                self.take(name, Command::InstallBundle(bytes), counter, clock);
            }
        }
        counter.install_bundles(clock.now());
    }

    fn take(&self, name: &str, command: Command, counter: &mut Counter, clock: &Clock) {
        match counter.command(command, clock.now()) {
            Ok(_) => {}
            Err(Wrong::Bundle(BundleWrong::Refused(Refusal::Known(_) | Refusal::Older { .. }))) => {}
            Err(wrong) => eprintln!("till: {}: {wrong} ({})\nIt sells on without.", self.dir.join(name).display(), wrong.code()),
        }
    }

    /// Where the till is enrolled. A file that makes no sense costs the way to the hub, never a sale.
    fn enrolled(&self) -> Option<Enrolled> {
        Enrolled::read(&self.dir).unwrap_or_else(|failure| {
            eprintln!("till: {failure}\nUntil then it sells and keeps everything, and sends nothing.");
            None
        })
    }
}

/// The bytes of a file that may be a bundle; `None` for one that is not there, is too large or does not read.
#[must_use]
pub fn bundle_file(path: &Path) -> Option<Vec<u8>> {
    let bytes_max = u64::try_from(store::BUNDLE_BYTES_MAX).unwrap_or(u64::MAX);
    let is_small = std::fs::metadata(path).is_ok_and(|file| file.is_file() && file.len() <= bytes_max);
    if is_small { std::fs::read(path).ok() } else { None }
}

fn random() -> Result<[u8; 32], Failure> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|error| Failure::Random(error.to_string()))?;
    Ok(seed)
}
