//! What a till is told by a file: its label, its data, its devices.

use std::{
    fs,
    path::{Path, PathBuf},
};

use hw::{
    port::{Flow, SerialSettings},
    power::SupplySettings,
    printer::profile::{EPSON_80MM, Profile},
};
use serde::Deserialize;
use till::{
    Setup,
    data::{self, Provision, Sources},
};

use crate::error::Failure;

/// The label of a unit that nobody has labelled.
const UNIT_DEFAULT: &str = "0000";
/// With a hyphen and the number of the log it fits the 16 characters of a register designation. Source: SKVFS 2009:2.
const UNIT_CHARS_MAX: usize = 10;
const BAUD_DEFAULT: u32 = 38_400;

/// The configuration file, TOML. Every key may be left out; paths are relative to the file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The unit's label.
    pub unit: Option<String>,
    /// Price list, JSON.
    pub catalogue: Option<PathBuf>,
    /// Trains, JSON.
    pub timetable: Option<PathBuf>,
    /// Who may sign in, JSON.
    pub crew: Option<PathBuf>,
    /// Who sells, JSON.
    pub operator: Option<PathBuf>,
    /// The receipt printer; a simulated one without.
    pub printer: Option<PrinterConfig>,
    /// Supply, watchdog, light and clock chip of the machine.
    #[serde(default)]
    pub power: PowerConfig,
    #[serde(skip)]
    folder: PathBuf,
}

/// A receipt printer on a serial port.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrinterConfig {
    /// The port; best one of `/dev/serial/by-id`, which stays the same after unplugging. Without, the printer is simulated.
    pub port: Option<PathBuf>,
    /// Bits per second.
    pub baud: Option<u32>,
    /// `hardware`, `software` or `none`.
    pub flow: Option<String>,
    /// Name of a profile of the `hw` crate.
    pub profile: Option<String>,
}

/// Supply, watchdog, light and clock chip of the machine. Each that is not named is not used, but for the clock chip.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PowerConfig {
    /// The input that says that the supply fails.
    pub supply: Option<SupplyConfig>,
    /// The watchdog, such as `/dev/watchdog`.
    pub watchdog: Option<PathBuf>,
    /// The screen's light: a folder of `/sys/class/backlight`.
    pub backlight: Option<PathBuf>,
    /// The clock chip; `/sys/class/rtc/rtc0` when nothing else is said.
    pub rtc: Option<PathBuf>,
    /// After so many seconds without a touch the screen dims. Never, when nothing is said.
    pub dim_after_s: Option<u32>,
}

/// A line of a GPIO chip.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SupplyConfig {
    /// The chip, such as `/dev/gpiochip0`.
    pub chip: PathBuf,
    /// The line's offset on it.
    pub line: u32,
    /// The line is low while the supply fails.
    #[serde(default)]
    pub active_low: bool,
}

impl PowerConfig {
    /// The supply-fail input, if there is one.
    pub(crate) fn supply(&self) -> Option<SupplySettings> {
        let supply = self.supply.clone()?;
        Some(SupplySettings { chip: supply.chip, line: supply.line, active_low: supply.active_low })
    }

    /// The clock chip.
    #[must_use]
    pub fn chip(&self) -> &Path {
        self.rtc.as_deref().unwrap_or(Path::new("/sys/class/rtc/rtc0"))
    }
}

impl Config {
    /// Reads a file.
    ///
    /// # Errors
    /// [`Failure::Config`].
    pub fn read(path: &Path) -> Result<Self, Failure> {
        let failure = |why: String| Failure::Config { path: path.to_path_buf(), why };
        let text = fs::read_to_string(path).map_err(|error| failure(error.to_string()))?;
        let mut config: Self = toml::from_str(&text).map_err(|error| failure(error.to_string()))?;
        config.folder = path.parent().map(Path::to_path_buf).unwrap_or_default();
        if let Some(unit) = &config.unit
            && (unit.is_empty() || unit.len() > UNIT_CHARS_MAX || !unit.bytes().all(|byte| byte.is_ascii_alphanumeric()))
        {
            return Err(failure(format!("a unit's label is 1 to {UNIT_CHARS_MAX} letters and digits, not {unit:?}")));
        }
        config.profile().map_err(&failure)?;
        config.serial().map_err(&failure)?;
        Ok(config)
    }

    /// What the till is set up with. Data that the file does not name is the demo's.
    ///
    /// # Errors
    /// [`Failure::Config`] for a file that cannot be read, [`Failure::Data`] for one that makes no sense.
    pub fn setup(&self) -> Result<Setup, Failure> {
        let read = |named: &Option<PathBuf>, demo: &'static str| match named {
            None => Ok(demo.to_owned()),
            Some(path) => {
                let path = self.folder.join(path);
                fs::read_to_string(&path).map_err(|error| Failure::Config { path, why: error.to_string() })
            }
        };
        let (catalogue, timetable) = (read(&self.catalogue, data::DEMO.catalogue)?, read(&self.timetable, data::DEMO.timetable)?);
        let (crew, operator) = (read(&self.crew, data::DEMO.crew)?, read(&self.operator, data::DEMO.operator)?);
        let provision = Provision::read(Sources { catalogue: &catalogue, timetable: &timetable, crew: &crew, operator: &operator })?;
        let program = concat!("Trolley SE ", env!("CARGO_PKG_VERSION"));
        let mut setup = Setup::nordic(provision, program, self.unit.as_deref().unwrap_or(UNIT_DEFAULT));
        setup.machine_boot = machine_boot();
        Ok(setup)
    }

    /// The printer's profile.
    pub(crate) fn profile(&self) -> Result<Profile, String> {
        match self.printer.as_ref().and_then(|printer| printer.profile.as_deref()) {
            None => Ok(EPSON_80MM),
            Some(name) => Profile::named(name).ok_or_else(|| format!("no printer profile is called {name:?}")),
        }
    }

    /// The printer's port, if it has one.
    pub(crate) fn serial(&self) -> Result<Option<SerialSettings>, String> {
        let Some(printer) = &self.printer else { return Ok(None) };
        let Some(path) = printer.port.clone() else { return Ok(None) };
        let flow = match printer.flow.as_deref() {
            None | Some("hardware") => Flow::Hardware,
            Some("software") => Flow::Software,
            Some("none") => Flow::None,
            Some(other) => return Err(format!("flow is hardware, software or none, not {other:?}")),
        };
        let baud = printer.baud.unwrap_or(BAUD_DEFAULT);
        if baud == 0 {
            return Err("a line of 0 baud never prints".into());
        }
        Ok(Some(SerialSettings { path, baud, flow }))
    }
}

/// Which run of the machine this is. Empty where the kernel does not say.
fn machine_boot() -> Vec<u8> {
    fs::read("/proc/sys/kernel/random/boot_id").unwrap_or_default()
}
