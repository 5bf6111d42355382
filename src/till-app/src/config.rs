//! What a till is told by a file: its label, its data, its devices. `till.example.toml` shows every key.

mod plan;
mod sections;
#[cfg(test)]
mod tests;

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde::Deserialize;
use till::{
    ControlRule, ORG_NO_CHARS, Setup,
    data::{self, Provision, Sources},
};

use plan::Sections;
pub use plan::{
    ControlPlan, DisplayPlan, Line, Plan, PowerPlan, PrinterPlan, SCANNERS_MAX, SIMULATED, ScannerAt, ScannerPlan, SupplyPlan, UnitPlan,
};
use sections::{ControlSection, DisplaySection, GpsSection, HubSection, PowerSection, PrinterSection, ScannerSection};

use crate::{error::Failure, uplink::HubAddress};

/// The label of a unit that nobody has labelled.
pub const UNIT_DEFAULT: &str = "0000";
/// With a hyphen and the number of the log it fits the 16 characters of a register designation. Source: SKVFS 2009:2.
const UNIT_CHARS_MAX: usize = 10;
/// Program and version, as receipts and the hub see them.
pub const PROGRAM: &str = concat!("Trolley SE ", env!("CARGO_PKG_VERSION"));
/// The example, for people and for the test that it is understood.
pub const EXAMPLE: &str = include_str!("../till.example.toml");

/// The configuration file, TOML. Every key may be left out; paths are relative to the file.
#[derive(Clone, Debug, Default)]
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
    /// Where the hub is, in place of where the till was enrolled.
    pub hub: Option<HubAddress>,
    /// Which devices there are.
    pub plan: Plan,
    folder: PathBuf,
}

/// The file as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    unit: Option<String>,
    catalogue: Option<PathBuf>,
    timetable: Option<PathBuf>,
    crew: Option<PathBuf>,
    operator: Option<PathBuf>,
    printer: Option<PrinterSection>,
    #[serde(default)]
    scanner: Vec<ScannerSection>,
    display: Option<DisplaySection>,
    control: Option<ControlSection>,
    gps: Option<GpsSection>,
    power: Option<PowerSection>,
    hub: Option<HubSection>,
}

impl Config {
    /// The invented bistro on simulated devices, under Sweden's rules.
    #[must_use]
    pub fn demo() -> Self {
        let mut demo = Self::default();
        demo.plan.control.is_required = true;
        demo
    }

    /// Reads a file.
    ///
    /// # Errors
    /// [`Failure::Config`].
    pub fn read(path: &Path) -> Result<Self, Failure> {
        let failure = |why: String| Failure::Config { path: path.to_path_buf(), why };
        let text = fs::read_to_string(path).map_err(|error| failure(error.to_string()))?;
        let mut config = Self::understand(&text).map_err(failure)?;
        config.folder = path.parent().map(Path::to_path_buf).unwrap_or_default();
        Ok(config)
    }

    /// Understands the text of a file.
    ///
    /// # Errors
    /// Which key is wrong, and what to write instead.
    fn understand(text: &str) -> Result<Self, String> {
        let written: Written = toml::from_str(text).map_err(|error| {
            let single = toml::from_str::<toml::Table>(text).is_ok_and(|table| table.get("scanner").is_some_and(toml::Value::is_table));
            if single { "[scanner]: write [[scanner]], for there may be more than one".to_owned() } else { error.to_string() }
        })?;
        if let Some(unit) = &written.unit
            && !is_unit(unit)
        {
            return Err(format!("unit = {unit:?}: write the unit's label, 1 to {UNIT_CHARS_MAX} letters and digits"));
        }
        let plan = Plan::of(&Sections {
            printer: written.printer.as_ref(),
            scanners: &written.scanner,
            display: written.display.as_ref(),
            control: written.control.as_ref(),
            gps: written.gps.as_ref(),
            power: written.power.as_ref(),
        })?;
        let hub = written.hub.as_ref().map(|hub| HubAddress::parse(&hub.url).map_err(|failure| format!("[hub] {failure}"))).transpose()?;
        let Written { unit, catalogue, timetable, crew, operator, .. } = written;
        Ok(Self { unit, catalogue, timetable, crew, operator, hub, plan, folder: PathBuf::new() })
    }

    /// What the till is set up with. Data that the file does not name is the demo's.
    ///
    /// # Errors
    /// [`Failure::File`] for a file that cannot be read, [`Failure::Data`] for one that makes no sense.
    pub fn setup(&self) -> Result<Setup, Failure> {
        let read = |named: &Option<PathBuf>, demo: &'static str| match named {
            None => Ok(demo.to_owned()),
            Some(path) => {
                let path = self.folder.join(path);
                fs::read_to_string(&path).map_err(|error| Failure::File { path, why: error.to_string() })
            }
        };
        let (catalogue, timetable) = (read(&self.catalogue, data::DEMO.catalogue)?, read(&self.timetable, data::DEMO.timetable)?);
        let (crew, operator) = (read(&self.crew, data::DEMO.crew)?, read(&self.operator, data::DEMO.operator)?);
        let provision = Provision::read(Sources { catalogue: &catalogue, timetable: &timetable, crew: &crew, operator: &operator });
        let provision = provision.map_err(|fault| Failure::Data { path: self.named(fault.file), fault })?;
        let mut setup = Setup::nordic(provision, PROGRAM, self.unit.as_deref().unwrap_or(UNIT_DEFAULT));
        setup.machine_boot = machine_boot();
        setup.control = if self.plan.control.is_required { ControlRule::Sweden } else { ControlRule::None };
        self.controllable(&setup)?;
        Ok(setup)
    }

    /// Where the data was read from that is known by the name `file`.
    fn named(&self, file: &str) -> PathBuf {
        let files = [&self.catalogue, &self.timetable, &self.crew, &self.operator];
        let named = data::FILES.iter().zip(files).find(|(name, _)| **name == file).and_then(|(_, path)| path.as_ref());
        named.map_or_else(|| file.into(), |path| self.folder.join(path))
    }

    /// A control unit knows an operator by ten digits.
    fn controllable(&self, setup: &Setup) -> Result<(), Failure> {
        let digits = setup.operator.org_no.chars().filter(char::is_ascii_digit).count();
        if setup.control == ControlRule::Sweden && digits != ORG_NO_CHARS {
            let path = self.operator.as_ref().map(|path| self.folder.join(path)).unwrap_or_default();
            let why = format!("org_no {:?}: a control unit needs its {ORG_NO_CHARS} digits", setup.operator.org_no);
            return Err(Failure::File { path, why });
        }
        Ok(())
    }
}

/// Whether a text can be a unit's label.
#[must_use]
pub fn is_unit(text: &str) -> bool {
    (1..=UNIT_CHARS_MAX).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Which run of the machine this is. Empty where the kernel does not say.
fn machine_boot() -> Vec<u8> {
    fs::read("/proc/sys/kernel/random/boot_id").unwrap_or_default()
}
