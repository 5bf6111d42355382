//! Which devices the file asks for, checked: nothing here can be half of a device.

use std::{
    collections::BTreeMap,
    fmt,
    path::{Path, PathBuf},
};

use hw::{
    control::{ccsp, skattedosan},
    display::OledPanel,
    port::{Flow, SerialSettings},
    printer::{
        code_page::CodePage,
        profile::{EPSON_80MM, Profile},
    },
    scanner::{AFFIX_CHARS_MAX, ScannerSettings},
};

use super::sections::{ControlSection, DisplaySection, GpsSection, PowerSection, PrinterSection, ScannerSection, SupplySection};

/// The most scanners on one counter.
pub const SCANNERS_MAX: usize = 4;
/// The port of a device that is made of software.
pub const SIMULATED: &str = "simulated";

const PRINTER_BAUD: u32 = 38_400;
const SCANNER_BAUD: u32 = 9_600;
const DISPLAY_BAUD: u32 = 9_600;
const GPS_BAUD: u32 = 9_600;
/// The usual address of a small OLED.
const OLED_ADDRESS: u8 = 0x3c;
/// Addresses of I2C devices; the others are reserved.
const I2C_ADDRESSES: std::ops::RangeInclusive<u8> = 0x08..=0x77;
/// What to do about two scanners at one place.
const TWICE: &str = "leave one out, or write where the other is; physical = \"…\" tells two of one kind apart";
/// Numbers that `ESC t` knows by name.
const PAGES: [(&str, CodePage); 5] = [
    ("pc437", CodePage::Pc437),
    ("pc850", CodePage::Pc850),
    ("pc858", CodePage::Pc858),
    ("pc865", CodePage::Pc865),
    ("windows-1252", CodePage::Windows1252),
];

/// Which devices a till has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The receipt printer, and the drawer on its cable.
    pub printer: PrinterPlan,
    /// Scanners.
    pub scanners: Vec<ScannerPlan>,
    /// The customer display.
    pub display: DisplayPlan,
    /// The control unit.
    pub control: ControlPlan,
    /// The receiver of satellites.
    pub gps: Line,
    /// Supply, watchdog, screen's light, clock chip.
    pub power: PowerPlan,
}

/// Where a device is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// In this program.
    Simulated,
    /// On a serial port.
    Serial(SerialSettings),
}

/// The receipt printer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrinterPlan {
    /// Where it is.
    pub line: Line,
    /// What it can do, the file's own words about it included.
    pub profile: Profile,
}

/// One scanner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScannerPlan {
    /// Where it is.
    pub at: ScannerAt,
    /// What it sends around each code.
    pub settings: ScannerSettings,
}

/// Where a scanner is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScannerAt {
    /// On a line.
    Line(Line),
    /// It says that it is a keyboard, of this maker and product.
    Usb(u16, u16),
    /// It says that it is a keyboard, at this physical place.
    Physical(String),
}

/// The customer display.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DisplayPlan {
    /// None.
    Nothing,
    /// In this program.
    Simulated,
    /// Two lines of letters on a pole.
    Pole {
        /// Where.
        line: Line,
        /// Its code page.
        page: CodePage,
        /// The page's number on this model.
        page_number: Option<u8>,
    },
    /// A small matrix of dots.
    Oled {
        /// The bus, such as `/dev/i2c-1`.
        bus: PathBuf,
        /// Its address.
        address: u8,
        /// How high it is.
        panel: OledPanel,
    },
}

/// The control unit and the rule that asks for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ControlPlan {
    /// Which unit.
    pub unit: UnitPlan,
    /// Whether Sweden's rule holds: no sale is closed without the unit's code.
    pub is_required: bool,
}

/// Which control unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UnitPlan {
    /// None.
    Nothing,
    /// In this program: a CleanCash.
    Simulated,
    /// A CleanCash with the first protocol.
    CleanCash1(Line),
    /// A CleanCash with the second protocol.
    CleanCash2(Line),
    /// A Skattedosan.
    Skattedosan(Line),
}

/// Supply, watchdog, screen's light, clock chip. What is left out is not there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PowerPlan {
    /// The input that says that the supply fails.
    pub supply: Option<SupplyPlan>,
    /// The watchdog's device.
    pub watchdog: Option<PathBuf>,
    /// The backlight's folder below `/sys/class/backlight`.
    pub backlight: Option<PathBuf>,
    /// The clock chip's device.
    pub rtc: Option<PathBuf>,
    /// After so many seconds without a touch the screen is dimmed.
    pub dim_after_s: Option<u32>,
}

impl PowerPlan {
    /// Where the kernel tells what the clock chip shows: that of the named device, or of the first.
    #[must_use]
    pub fn chip(&self) -> PathBuf {
        let name = self.rtc.as_deref().and_then(Path::file_name).unwrap_or("rtc0".as_ref());
        Path::new("/sys/class/rtc").join(name)
    }
}

/// A line of a GPIO chip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SupplyPlan {
    /// The chip, such as `/dev/gpiochip0`.
    pub chip: PathBuf,
    /// The line's number.
    pub line: u32,
    /// The line is low while the supply fails.
    pub active_low: bool,
}

impl Default for Plan {
    /// Everything simulated, no rule: the demo.
    fn default() -> Self {
        Self {
            printer: PrinterPlan { line: Line::Simulated, profile: EPSON_80MM },
            scanners: vec![ScannerPlan { at: ScannerAt::Line(Line::Simulated), settings: ScannerSettings::default() }],
            display: DisplayPlan::Simulated,
            control: ControlPlan { unit: UnitPlan::Simulated, is_required: false },
            gps: Line::Simulated,
            power: PowerPlan::default(),
        }
    }
}

/// What the file says, by section.
pub(super) struct Sections<'a> {
    pub printer: Option<&'a PrinterSection>,
    pub scanners: &'a [ScannerSection],
    pub display: Option<&'a DisplaySection>,
    pub control: Option<&'a ControlSection>,
    pub gps: Option<&'a GpsSection>,
    pub power: Option<&'a PowerSection>,
}

impl Plan {
    /// What the sections come to. A section that is left out is simulated.
    ///
    /// # Errors
    /// Section, key, what stands there, and what to write instead.
    pub(super) fn of(sections: &Sections<'_>) -> Result<Self, String> {
        let mut plan = Self::default();
        if let Some(section) = sections.printer {
            plan.printer = printer(section)?;
        }
        if sections.scanners.len() > SCANNERS_MAX {
            return Err(format!("{} times [[scanner]]: write at most {SCANNERS_MAX}", sections.scanners.len()));
        }
        if !sections.scanners.is_empty() {
            plan.scanners = sections.scanners.iter().map(scanner).collect::<Result<_, _>>()?;
        }
        if let Some(section) = sections.display {
            plan.display = display(section)?;
        }
        if let Some(section) = sections.control {
            plan.control = control(section)?;
        }
        if let Some(section) = sections.gps {
            plan.gps = line(section.port.as_deref(), section.baud, GPS_BAUD, "gps")?.unwrap_or(Line::Simulated);
        }
        if let Some(section) = sections.power {
            plan.power = power(section)?;
        }
        plan.no_port_twice()?;
        plan.no_scanner_twice()?;
        Ok(plan)
    }

    /// The serial line of each device that has one, by the device's name.
    pub fn serial_lines(&self) -> impl Iterator<Item = (&'static str, &SerialSettings)> {
        let display = match &self.display {
            DisplayPlan::Pole { line, .. } => Some(line),
            DisplayPlan::Nothing | DisplayPlan::Simulated | DisplayPlan::Oled { .. } => None,
        };
        let scanners = self.scanners.iter().filter_map(|scanner| match &scanner.at {
            ScannerAt::Line(line) => Some(("scanner", line)),
            ScannerAt::Usb(..) | ScannerAt::Physical(_) => None,
        });
        let lines =
            [("printer", Some(&self.printer.line)), ("display", display), ("control", self.control.unit.line()), ("gps", Some(&self.gps))];
        let named = lines.into_iter().filter_map(|(name, line)| Some((name, line?))).chain(scanners);
        named.filter_map(|(name, line)| match line {
            Line::Serial(settings) => Some((name, settings)),
            Line::Simulated => None,
        })
    }

    fn no_port_twice(&self) -> Result<(), String> {
        let mut users = BTreeMap::new();
        for (name, settings) in self.serial_lines() {
            if let Some(other) = users.insert(&settings.path, name) {
                let path = settings.path.display();
                if other == name {
                    return Err(format!("two [[{name}]] with port = \"{path}\": {TWICE}"));
                }
                return Err(format!("[{name}] port = \"{path}\": that is the port of the {other}; write the port of the {name}"));
            }
        }
        Ok(())
    }

    /// Two that type and are named by the same words would both be the first one found.
    fn no_scanner_twice(&self) -> Result<(), String> {
        let mut seen = Vec::new();
        for scanner in &self.scanners {
            let at = match &scanner.at {
                ScannerAt::Line(_) => continue,
                ScannerAt::Usb(vendor, product) => format!("usb = \"{vendor:04x}:{product:04x}\""),
                ScannerAt::Physical(place) => format!("physical = {place:?}"),
            };
            if seen.contains(&at) {
                return Err(format!("two [[scanner]] with {at}: {TWICE}"));
            }
            seen.push(at);
        }
        Ok(())
    }
}

impl UnitPlan {
    /// Where it is, if there is one outside of this program.
    #[must_use]
    pub const fn line(&self) -> Option<&Line> {
        match self {
            Self::Nothing | Self::Simulated => None,
            Self::CleanCash1(line) | Self::CleanCash2(line) | Self::Skattedosan(line) => Some(line),
        }
    }
}

fn instead(section: &str, key: &str, stands: impl fmt::Debug, write: impl fmt::Display) -> String {
    format!("[{section}] {key} = {stands:?}: write {write}")
}

/// A key of a line stands there and the line does not.
fn portless(section: &str, key: &str) -> String {
    format!("[{section}] {key} without a port: write port too, a path or \"simulated\"")
}

/// A file of the system by its whole path: what is relative would be looked for wherever the till was started.
fn whole(path: Option<&PathBuf>, section: &str, key: &str, such_as: &str) -> Result<Option<PathBuf>, String> {
    match path {
        Some(path) if !path.is_absolute() => Err(instead(section, key, path, format_args!("a whole path, such as {such_as:?}"))),
        path => Ok(path.cloned()),
    }
}

/// The line of a section; `None` without a port.
fn line(port: Option<&str>, baud: Option<u32>, baud_default: u32, section: &str) -> Result<Option<Line>, String> {
    if baud == Some(0) {
        return Err(instead(section, "baud", 0, format_args!("the speed that the device is set to, such as {baud_default}")));
    }
    let flow = Flow::None;
    match port {
        // A till whose printer is only made of software would print nothing and say that it is well.
        None if baud.is_some() => Err(portless(section, "baud")),
        None => Ok(None),
        Some(SIMULATED) => Ok(Some(Line::Simulated)),
        Some(path) if path.starts_with('/') => {
            Ok(Some(Line::Serial(SerialSettings { path: PathBuf::from(path), baud: baud.unwrap_or(baud_default), flow })))
        }
        Some(other) => Err(instead(
            section,
            "port",
            other,
            "a whole path, best one of /dev/serial/by-id (`till devices` lists them), or \"simulated\"",
        )),
    }
}

fn page(name: Option<&str>, section: &str) -> Result<Option<CodePage>, String> {
    let Some(name) = name else { return Ok(None) };
    let names = || PAGES.map(|(name, _)| name).join(", ");
    let page = PAGES.iter().find(|(known, _)| *known == name).map(|(_, page)| *page);
    page.map(Some).ok_or_else(|| instead(section, "page", name, format_args!("one of {}", names())))
}

fn printer(section: &PrinterSection) -> Result<PrinterPlan, String> {
    let mut profile = match section.profile.as_deref() {
        None => EPSON_80MM,
        Some(name) => Profile::named(name).ok_or_else(|| {
            let names: Vec<_> = Profile::ALL.iter().map(|profile| profile.name).collect();
            instead("printer", "profile", name, format_args!("one of {}", names.join(", ")))
        })?,
    };
    if let Some(page) = page(section.page.as_deref(), "printer")? {
        profile.page = page;
        profile.page_number = section.page_number.ok_or_else(|| {
            "[printer] page_number is missing: write the number that this model has for the page, from its manual or set-up page".to_owned()
        })?;
    } else if let Some(number) = section.page_number {
        profile.page_number = number;
    }
    if let Some(number) = section.page_line {
        if section.page.is_some() || section.page_number.is_some() {
            return Err("[printer] page_line says all about the page: leave page and page_number out".into());
        }
        let lines = profile.page_lines().count();
        let line = profile.page_line(number);
        let line = line.ok_or_else(|| {
            instead("printer", "page_line", number, format_args!("the number of a line of its set-up page, 1 to {lines}"))
        })?;
        profile = profile.with_page(line);
    }
    if let Some(high) = section.drawer_open_high {
        profile.drawer_open_level_high = Some(high);
    }
    let flow = match section.flow.as_deref() {
        None | Some("hardware") => Flow::Hardware,
        Some("software") => Flow::Software,
        Some("none") => Flow::None,
        Some(other) => return Err(instead("printer", "flow", other, "\"hardware\", \"software\" or \"none\"")),
    };
    let line = match line(section.port.as_deref(), section.baud, PRINTER_BAUD, "printer")? {
        Some(Line::Serial(settings)) => Line::Serial(SerialSettings { flow, ..settings }),
        None if section.flow.is_some() => return Err(portless("printer", "flow")),
        Some(Line::Simulated) | None => Line::Simulated,
    };
    Ok(PrinterPlan { line, profile })
}

fn scanner(section: &ScannerSection) -> Result<ScannerPlan, String> {
    let at = match (&section.port, &section.usb, &section.physical) {
        (_, None, None) => {
            let line = line(section.port.as_deref(), section.baud, SCANNER_BAUD, "scanner")?;
            ScannerAt::Line(line.ok_or("[[scanner]] has no place: write port = \"…\" for one on a serial line, or usb = \"VID:PID\" or physical = \"…\" for one that types")?)
        }
        (None, Some(usb), None) => {
            let (vendor, product) = usb_ids(usb).ok_or_else(|| {
                instead(
                    "scanner",
                    "usb",
                    usb,
                    "maker and product as four hexadecimal digits each, such as \"05e0:1200\" (`till devices` lists them)",
                )
            })?;
            ScannerAt::Usb(vendor, product)
        }
        (None, None, Some(physical)) if physical.is_empty() => {
            return Err(instead(
                "scanner",
                "physical",
                physical,
                "the place as `till devices` lists it, such as \"usb-0000:01:00.0-1.2/input0\"",
            ));
        }
        (None, None, Some(physical)) => ScannerAt::Physical(physical.clone()),
        _ => return Err("[[scanner]] says more than one of port, usb and physical: write one".into()),
    };
    if section.baud.is_some() && !matches!(at, ScannerAt::Line(_)) {
        return Err("[[scanner]] baud: a scanner that types has none; leave it out".into());
    }
    let (prefix, suffix) = (section.prefix.as_deref().unwrap_or_default(), section.suffix.as_deref().unwrap_or_default());
    let too_long = || instead("scanner", "prefix and suffix", [prefix, suffix], format_args!("at most {AFFIX_CHARS_MAX} characters each"));
    Ok(ScannerPlan { at, settings: ScannerSettings::new(prefix, suffix).ok_or_else(too_long)? })
}

fn usb_ids(text: &str) -> Option<(u16, u16)> {
    // The sign that a number may have is no digit.
    let is_id = |text: &str| text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let id = |text: &str| is_id(text).then(|| u16::from_str_radix(text, 16).ok()).flatten();
    let (vendor, product) = text.split_once(':')?;
    Some((id(vendor)?, id(product)?))
}

fn display(section: &DisplaySection) -> Result<DisplayPlan, String> {
    let on_line = section.port.is_some() || section.baud.is_some() || section.page.is_some() || section.page_number.is_some();
    let on_bus = section.bus.is_some() || section.address.is_some() || section.rows.is_some();
    match section.kind.as_deref() {
        Some(kind @ ("none" | SIMULATED)) => {
            if on_line || on_bus {
                return Err(instead("display", "kind", kind, "\"pole\" or \"oled\", or leave the other keys out"));
            }
            Ok(if kind == "none" { DisplayPlan::Nothing } else { DisplayPlan::Simulated })
        }
        Some("pole") => {
            if on_bus {
                return Err("[display] bus, address and rows are an OLED's: leave them out, or write kind = \"oled\"".into());
            }
            let line = line(section.port.as_deref(), section.baud, DISPLAY_BAUD, "display")?;
            let line = line.ok_or("[display] port is missing: write the port of the pole display, or \"simulated\"")?;
            let page = page(section.page.as_deref(), "display")?;
            if page.is_some() && section.page_number.is_none() {
                return Err("[display] page_number is missing: write the number that this model has for the page, from its manual".into());
            }
            Ok(DisplayPlan::Pole { line, page: page.unwrap_or_default(), page_number: section.page_number })
        }
        Some("oled") => {
            if on_line {
                return Err("[display] port, baud, page and page_number are a pole's: leave them out, or write kind = \"pole\"".into());
            }
            let bus = whole(section.bus.as_ref(), "display", "bus", "/dev/i2c-1")?;
            let bus = bus.ok_or("[display] bus is missing: write the I2C bus, such as \"/dev/i2c-1\"")?;
            let address = section.address.unwrap_or(OLED_ADDRESS);
            if !I2C_ADDRESSES.contains(&address) {
                return Err(instead("display", "address", address, "an I2C address from 0x08 to 0x77, mostly 0x3c or 0x3d"));
            }
            let panel = match section.rows {
                None | Some(64) => OledPanel::Tall,
                Some(32) => OledPanel::Flat,
                Some(other) => return Err(instead("display", "rows", other, "64 or 32, the panel's height in dots")),
            };
            Ok(DisplayPlan::Oled { bus, address, panel })
        }
        other => Err(instead("display", "kind", other.unwrap_or_default(), "\"pole\", \"oled\", \"simulated\" or \"none\"")),
    }
}

fn control(section: &ControlSection) -> Result<ControlPlan, String> {
    let with = |unit: fn(Line) -> UnitPlan, baud: u32| {
        let line = line(section.port.as_deref(), section.baud, baud, "control")?;
        line.map(unit).ok_or_else(|| "[control] port is missing: write the port of the unit, or \"simulated\"".to_owned())
    };
    let unit = match section.unit.as_deref() {
        Some("cleancash-1") => with(UnitPlan::CleanCash1, ccsp::BAUD)?,
        Some("cleancash-2") => with(UnitPlan::CleanCash2, ccsp::BAUD)?,
        Some("skattedosan") => with(UnitPlan::Skattedosan, skattedosan::BAUD)?,
        Some(none @ (SIMULATED | "none")) => {
            if section.port.is_some() || section.baud.is_some() {
                return Err(instead("control", "unit", none, "the unit on that port: \"cleancash-1\", \"cleancash-2\" or \"skattedosan\""));
            }
            if none == "none" { UnitPlan::Nothing } else { UnitPlan::Simulated }
        }
        other => {
            let known = "\"cleancash-1\", \"cleancash-2\", \"skattedosan\", \"simulated\" or \"none\"";
            return Err(instead("control", "unit", other.unwrap_or_default(), known));
        }
    };
    let is_required = match section.rule.as_deref() {
        None => !matches!(unit, UnitPlan::Nothing),
        Some("sweden") => true,
        Some("none") => false,
        Some(other) => return Err(instead("control", "rule", other, "\"sweden\" or \"none\"")),
    };
    if is_required && unit == UnitPlan::Nothing {
        return Err(instead("control", "rule", "sweden", "which unit too: Sweden's rule closes no sale without one"));
    }
    Ok(ControlPlan { unit, is_required })
}

fn power(section: &PowerSection) -> Result<PowerPlan, String> {
    if section.dim_after_s == Some(0) {
        return Err(instead("power", "dim_after_s", 0, "seconds such as 120, or leave it out: a screen that is always dim helps nobody"));
    }
    if section.dim_after_s.is_some() && section.backlight.is_none() {
        return Err(
            "[power] backlight is missing: write whose light dim_after_s dims, such as \"/sys/class/backlight/rpi_backlight\"".into()
        );
    }
    let supply = |supply: &SupplySection| {
        let chip = whole(Some(&supply.chip), "power.supply", "chip", "/dev/gpiochip0")?.unwrap_or_default();
        Ok::<_, String>(SupplyPlan { chip, line: supply.line, active_low: supply.active_low })
    };
    let path = |path: &Option<PathBuf>, key: &str, such_as: &str| whole(path.as_ref(), "power", key, such_as);
    Ok(PowerPlan {
        supply: section.supply.as_ref().map(supply).transpose()?,
        watchdog: path(&section.watchdog, "watchdog", "/dev/watchdog")?,
        backlight: path(&section.backlight, "backlight", "/sys/class/backlight/rpi_backlight")?,
        rtc: path(&section.rtc, "rtc", "/dev/rtc0")?,
        dim_after_s: section.dim_after_s,
    })
}
