//! Every device with where it is and how it is, for people and for the evidence file.

use hw::{power::Supply, printer::Contact, terminal::TerminalState};
use till::Counter;

use super::Simulated;
use crate::config::{DisplayPlan, Line, Plan, SIMULATED, ScannerAt, UnitPlan};

/// A device and how it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its name.
    pub device: &'static str,
    /// Where it is: a path, or "simulated".
    pub place: String,
    /// `ok`, `unknown` before it was heard, or the code of what is wrong.
    pub state: &'static str,
}

/// Every device of the till, as it was heard last.
#[must_use]
pub fn list(simulated: &Simulated, counter: &Counter) -> Vec<Listed> {
    let (states, plan) = (counter.states(), &simulated.plan);
    let printer = match states.printer.contact {
        Contact::Unasked => "unknown",
        _ => states.printer.trouble().map_or("ok", |trouble| trouble.code()),
    };
    let terminal = match states.terminal {
        None => "unknown",
        Some(TerminalState::Ready) => "ok",
        Some(TerminalState::Silent) => "terminal.silent",
        Some(TerminalState::Unplugged) => "terminal.away",
    };
    let mut all = vec![
        Listed { device: "printer", place: place(&plan.printer.line), state: printer },
        Listed { device: "drawer", place: "on the printer's cable".into(), state: if states.drawer_failed { "drawer.away" } else { "ok" } },
        Listed { device: "terminal", place: SIMULATED.into(), state: terminal },
    ];
    if let Some(place) = display_place(plan) {
        all.push(Listed { device: "display", place, state: there(states.display, "display.away") });
    }
    all.extend(plan.scanners.iter().map(|scanner| Listed {
        device: "scanner",
        place: scanner_place(&scanner.at),
        state: there(states.scanner, "scanner.away"),
    }));
    if plan.control.unit != UnitPlan::Nothing {
        all.push(Listed { device: "control", place: plan.control.unit.line().map_or(SIMULATED.into(), place), state: control(counter) });
    }
    all.push(Listed { device: "gps", place: place(&plan.gps), state: there(states.position, "gps.away") });
    let supply = match states.supply {
        None if states.supply_lost => "supply.away",
        None => "unknown",
        Some(Supply::Steady) => "ok",
        Some(Supply::Failing) => "supply.failing",
    };
    let input = plan.power.supply.as_ref().map(|input| format!("{} line {}", input.chip.display(), input.line));
    all.push(Listed { device: "supply", place: input.unwrap_or_else(|| SIMULATED.into()), state: supply });
    all
}

/// The control unit as it was heard last.
#[must_use]
pub fn control(counter: &Counter) -> &'static str {
    match counter.till().control_seen_last() {
        None => "unknown",
        Some(Err(trouble)) => trouble.code(),
        Some(Ok(state)) if state.storage_low => "control.storage_low",
        Some(Ok(state)) if !state.is_ready => "control.busy",
        Some(Ok(_)) => "ok",
    }
}

fn there(there: Option<bool>, away: &'static str) -> &'static str {
    match there {
        None => "unknown",
        Some(true) => "ok",
        Some(false) => away,
    }
}

/// Where a line's device is.
#[must_use]
pub fn place(line: &Line) -> String {
    match line {
        Line::Serial(settings) => settings.path.display().to_string(),
        Line::Simulated => SIMULATED.into(),
    }
}

/// Where the customer display is; `None` when there is none.
#[must_use]
pub fn display_place(plan: &Plan) -> Option<String> {
    match &plan.display {
        DisplayPlan::Nothing => None,
        DisplayPlan::Simulated => Some(SIMULATED.into()),
        DisplayPlan::Pole { line, .. } => Some(place(line)),
        DisplayPlan::Oled { bus, address, .. } => Some(format!("{} address 0x{address:02x}", bus.display())),
    }
}

/// Where a scanner is.
#[must_use]
pub fn scanner_place(at: &ScannerAt) -> String {
    match at {
        ScannerAt::Line(line) => place(line),
        ScannerAt::Usb(vendor, product) => format!("usb {vendor:04x}:{product:04x}"),
        ScannerAt::Physical(place) => place.clone(),
    }
}
