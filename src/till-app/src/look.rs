//! `till devices`: what is attached, which configured device uses which, and whether each answers.

use std::{fmt::Write as _, path::Path, time::Duration};

use hw::{
    control::{CleanCash, CleanCashVersion, ControlState, ControlTrouble, ControlUnit, Skattedosan},
    display::{Page, open_oled},
    find::{self, Attached, Sort},
    port::{Port as _, PortTrouble, SerialPort, SerialSettings},
    printer::{EscPosPrinter, ReceiptPrinter as _},
};
use serde_json::{Value, json};

use crate::{
    config::{Config, DisplayPlan, Line, PrinterPlan, ScannerAt, UnitPlan},
    devices::{display_place, place, scanner_place},
};

/// How long a line is listened to, to see whether it is there.
const LISTEN: Duration = Duration::from_millis(50);

/// One configured device, asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Its name.
    pub device: &'static str,
    /// Where the file says that it is.
    pub place: String,
    /// Whether it can be used.
    pub is_usable: bool,
    /// What it said, or what is wrong and what to do.
    pub says: String,
}

/// What is attached and what the configured devices said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// Attached things, and the configured device that uses each.
    pub attached: Vec<(Attached, Option<&'static str>)>,
    /// The configured devices.
    pub configured: Vec<Asked>,
}

impl Look {
    /// Looks below `root`, which is `/` but in tests, and asks what the configuration names.
    #[must_use]
    pub fn of(root: &Path, config: &Config) -> Self {
        let attached = find::attached(root);
        let configured = configured(config, &attached);
        let user = |thing: &Attached| configured.iter().find(|asked| uses(asked, thing)).map(|asked| asked.device);
        let attached = attached.into_iter().map(|thing| (user(&thing), thing)).map(|(user, thing)| (thing, user)).collect();
        Self { attached, configured }
    }

    /// Whether every configured device can be used.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        self.configured.iter().all(|asked| asked.is_usable)
    }

    /// As JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        let attached = |(thing, user): &(Attached, Option<&str>)| {
            json!({
                "sort": thing.sort.name(), "path": thing.path, "is_stable": thing.is_stable, "paths": thing.paths, "name": thing.name,
                "usb": thing.usb.map(|(vendor, product)| format!("{vendor:04x}:{product:04x}")), "physical": thing.physical, "used_by": user,
            })
        };
        let configured =
            |asked: &Asked| json!({"device": asked.device, "place": asked.place, "is_usable": asked.is_usable, "says": asked.says});
        json!({
            "attached": self.attached.iter().map(attached).collect::<Vec<_>>(),
            "configured": self.configured.iter().map(configured).collect::<Vec<_>>(),
        })
    }

    /// As a table.
    #[must_use]
    pub fn text(&self) -> String {
        let attached = self.attached.iter().map(|(thing, user)| {
            let ids = thing.usb.map(|(vendor, product)| format!("usb {vendor:04x}:{product:04x}"));
            let moves = (!thing.is_stable).then(|| "this path may change when it is plugged in again".to_owned());
            let name = Some(thing.name.clone()).filter(|name| !name.is_empty());
            let about: Vec<String> = [name, ids, thing.physical.clone(), moves].into_iter().flatten().collect();
            [thing.sort.name().to_owned(), thing.path.display().to_string(), user.unwrap_or("-").to_owned(), about.join(", ")]
        });
        let configured = self.configured.iter().map(|asked| {
            let verdict = if asked.is_usable { "usable" } else { "NOT USABLE" };
            [asked.device.to_owned(), asked.place.clone(), verdict.to_owned(), asked.says.clone()]
        });
        let mut out = table("ATTACHED", ["sort", "path to write into the configuration", "used by", "what it is"], attached.collect());
        out.push('\n');
        out.push_str(&table("CONFIGURED", ["device", "where", "", "what it says"], configured.collect()));
        out
    }
}

fn table(title: &str, heads: [&str; 4], rows: Vec<[String; 4]>) -> String {
    if rows.is_empty() {
        return format!("{title}\n  nothing\n");
    }
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).chain([heads[column].len()]).max().unwrap_or(0);
    let widths = [width(0), width(1), width(2)];
    let mut out = format!("{title}\n");
    let heads = heads.map(str::to_owned);
    for [one, two, three, four] in core::iter::once(&heads).chain(&rows) {
        let line = format!("  {one:<a$}  {two:<b$}  {three:<c$}  {four}", a = widths[0], b = widths[1], c = widths[2]);
        let written = writeln!(out, "{}", line.trim_end());
        assert!(written.is_ok(), "writing to memory does not fail");
    }
    out
}

fn uses(asked: &Asked, thing: &Attached) -> bool {
    let path = asked.place.split(" address ").next().and_then(|place| place.split(" line ").next()).unwrap_or_default();
    let usb = || thing.usb.map(|(vendor, product)| format!("usb {vendor:04x}:{product:04x}"));
    thing.is_at(Path::new(path))
        || (thing.sort == Sort::Keyboard
            && asked.device == "scanner"
            && (thing.physical.as_deref() == Some(path) || usb().as_deref() == Some(path)))
}

fn configured(config: &Config, attached: &[Attached]) -> Vec<Asked> {
    let plan = &config.plan;
    let mut all = vec![asked("printer", place(&plan.printer.line), printer(&plan.printer))];
    if let Some(place) = display_place(plan) {
        all.push(asked("display", place, display(&plan.display)));
    }
    all.extend(plan.scanners.iter().map(|scanner| {
        let answer = match &scanner.at {
            ScannerAt::Line(line) => opened(line),
            ScannerAt::Usb(vendor, product) => keyboard(attached, |thing| thing.usb == Some((*vendor, *product))),
            ScannerAt::Physical(place) => keyboard(attached, |thing| thing.physical.as_deref() == Some(place)),
        };
        asked("scanner", scanner_place(&scanner.at), answer)
    }));
    if plan.control.unit != UnitPlan::Nothing {
        let place = plan.control.unit.line().map_or_else(|| crate::config::SIMULATED.into(), place);
        all.push(asked("control", place, control(&plan.control.unit)));
    }
    all.push(asked("gps", place(&plan.gps), opened(&plan.gps)));
    let power = &plan.power;
    if let Some(supply) = &power.supply {
        let answer = on_list(attached, Sort::Gpio, &supply.chip);
        all.push(asked("supply", format!("{} line {}", supply.chip.display(), supply.line), answer));
    }
    for (device, sort, path) in
        [("watchdog", Sort::Watchdog, &power.watchdog), ("backlight", Sort::Backlight, &power.backlight), ("rtc", Sort::Clock, &power.rtc)]
    {
        if let Some(path) = path {
            all.push(asked(device, path.display().to_string(), on_list(attached, sort, path)));
        }
    }
    all
}

fn asked(device: &'static str, place: String, answer: Result<String, String>) -> Asked {
    let is_usable = answer.is_ok();
    Asked { device, place, is_usable, says: answer.unwrap_or_else(|why| why) }
}

/// Opens a line and listens for a moment.
fn open(settings: &SerialSettings) -> Result<SerialPort, String> {
    let mut port = SerialPort::new(settings.clone());
    port.read(&mut [0; 64], LISTEN).map_err(|trouble| why_not(trouble).to_owned())?;
    Ok(port)
}

const fn why_not(trouble: PortTrouble) -> &'static str {
    match trouble {
        PortTrouble::NotFound => "is not there. Is it plugged in and switched on, and is the path right?",
        PortTrouble::Held => "is held by another program, perhaps the till. Close that and look again.",
        PortTrouble::Lost => "went away while it was asked. Check its cable.",
        PortTrouble::Unusable => "is no serial line, or this user may not open it. Is the user in the group dialout?",
    }
}

const MADE_OF_SOFTWARE: &str = "is simulated";

fn opened(line: &Line) -> Result<String, String> {
    match line {
        Line::Simulated => Ok(MADE_OF_SOFTWARE.into()),
        Line::Serial(settings) => open(settings).map(|_| "the line opens; whether the device listens only a test tells".into()),
    }
}

fn printer(plan: &PrinterPlan) -> Result<String, String> {
    let Line::Serial(settings) = &plan.line else { return Ok(MADE_OF_SOFTWARE.into()) };
    let mut printer = EscPosPrinter::new(open(settings)?, plan.profile);
    let state = printer.state();
    if let Some(trouble) = state.trouble() {
        let message = till::words::message(till::words::Language::En, trouble.code()).map(|message| message.plain());
        return Err(message.map_or_else(|| trouble.code().into(), |message| format!("{} {}", message.happened, message.todo)));
    }
    let identity = printer.identify().unwrap_or_default();
    let words: Vec<String> = [identity.maker, identity.model, identity.firmware].into_iter().flatten().collect();
    Ok(match words.is_empty() {
        true => format!("is ready; profile {}", plan.profile.name),
        false => format!("is ready: {}; profile {}", words.join(" "), plan.profile.name),
    })
}

fn display(plan: &DisplayPlan) -> Result<String, String> {
    match plan {
        DisplayPlan::Nothing | DisplayPlan::Simulated => Ok(MADE_OF_SOFTWARE.into()),
        // A display never answers; and what hangs on the printer's line is not to be written to beside the printer's driver.
        DisplayPlan::Pole { line, .. } => opened(line),
        DisplayPlan::Oled { bus, address, panel } => match open_oled(bus, *address, *panel).show(&Page::default()) {
            Ok(()) => Ok("answers".into()),
            Err(_) => Err("does not answer. Is the bus switched on, and is the address right?".into()),
        },
    }
}

fn control(plan: &UnitPlan) -> Result<String, String> {
    let state = |line: &Line, ask: &dyn Fn(SerialPort) -> Result<ControlState, ControlTrouble>| match line {
        Line::Simulated => Ok(MADE_OF_SOFTWARE.into()),
        Line::Serial(settings) => match ask(open(settings)?) {
            Ok(state) if state.is_ready => Ok(format!("is ready: unit {}", state.unit)),
            Ok(state) => Err(format!("unit {} is not ready. Look at its lamps.", state.unit)),
            Err(trouble) => {
                let message = till::words::message(till::words::Language::En, trouble.code()).map(|message| message.plain());
                Err(message.map_or_else(|| trouble.code().into(), |message| format!("{} {}", message.happened, message.todo)))
            }
        },
    };
    match plan {
        UnitPlan::Nothing | UnitPlan::Simulated => Ok(MADE_OF_SOFTWARE.into()),
        UnitPlan::CleanCash1(line) => state(line, &|port| CleanCash::new(port, CleanCashVersion::V1).state()),
        UnitPlan::CleanCash2(line) => state(line, &|port| CleanCash::new(port, CleanCashVersion::V2).state()),
        UnitPlan::Skattedosan(line) => state(line, &|port| Skattedosan::new(port).state()),
    }
}

fn keyboard(attached: &[Attached], is_it: impl Fn(&Attached) -> bool) -> Result<String, String> {
    let found = attached.iter().find(|thing| thing.sort == Sort::Keyboard && is_it(thing));
    found.map(|thing| format!("is attached: {}", thing.name)).ok_or_else(|| "is not attached. Choose one of the keyboards above.".into())
}

fn on_list(attached: &[Attached], sort: Sort, path: &Path) -> Result<String, String> {
    let found = attached.iter().find(|thing| thing.sort == sort && thing.is_at(path));
    found
        .map(|thing| format!("is there {}", thing.name).trim_end().to_owned())
        .ok_or_else(|| format!("is not there. Choose one of the things of sort {} above, or leave the key out.", sort.name()))
}

/// Prints the page that shows which code page reads right.
///
/// # Errors
/// What is in the way, for people.
pub fn print_set_up_page(config: &Config) -> Result<(), String> {
    let Line::Serial(settings) = &config.plan.printer.line else { return Err("the printer is simulated: name its port first".into()) };
    let mut printer = EscPosPrinter::new(open(settings).map_err(|why| format!("the printer {why}"))?, config.plan.printer.profile);
    printer.print_page_test().map_err(|trouble| format!("the printer does not print: {}", trouble.code()))
}
