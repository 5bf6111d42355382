//! The devices of this till: real ones by configuration, simulated ones otherwise. Every line but the card terminal's keeps a trace.

mod list;
mod simulated;

use std::{path::Path, time::Duration};

use hw::{
    control::{CleanCash, CleanCashVersion, ControlUnit, Skattedosan},
    display::{CustomerDisplay, PoleDisplay, open_oled, pole::PoleSettings},
    port::{Port, SerialPort, SerialSettings},
    position::{NmeaReceiver, Position},
    power::{SupplyInput, SupplyMonitor, SupplySettings},
    printer::EscPosPrinter,
    scanner::{EvdevKeys, KeyDevice, KeyScanner, LineScanner, Scan, Scanner, ScannerLost},
    trace::{Trace, Traced},
};
use till::desk::Devices;

pub use list::{Listed, display_place, list, place, scanner_place};
pub use simulated::Simulated;

use crate::{
    config::{Config, DisplayPlan, Line, PrinterPlan, SIMULATED, ScannerAt, ScannerPlan, SupplyPlan, UnitPlan},
    error::Failure,
};
use simulated::DrawerCable;

/// A line to a device, traced.
type AnyLine = Traced<Box<dyn Port>>;

/// What is kept of a device's line.
#[derive(Clone, Debug)]
pub struct DeviceTrace {
    /// The device's name.
    pub device: &'static str,
    /// Where it is: a path, or "simulated".
    pub place: String,
    /// Its last events.
    pub trace: Trace,
}

/// Puts devices together and keeps their traces.
struct Wiring<'a> {
    simulated: &'a Simulated,
    traces: Vec<DeviceTrace>,
}

/// Makes the devices for a till with its data in `dir`; the way to the hub is not one of them.
///
/// # Errors
/// [`Failure::Simulator`] when the memory of a simulated device cannot be read.
pub fn open(config: &Config, dir: &Path) -> Result<(Devices, Simulated), Failure> {
    let plan = &config.plan;
    let mut simulated = Simulated::new(plan, dir).map_err(Failure::Simulator)?;
    let mut wiring = Wiring { simulated: &simulated, traces: Vec::new() };
    let devices = Devices {
        printer: Some(wiring.printer(&plan.printer)),
        terminal: Some(Box::new(simulated.terminal.clone())),
        display: wiring.display(&plan.display),
        control: wiring.control(&plan.control.unit),
        scanners: plan.scanners.iter().map(|plan| wiring.scanner(plan)).collect(),
        position: Some(wiring.position(&plan.gps)),
        supply: wiring.supply(plan.power.supply.as_ref()),
        uplink: None,
    };
    simulated.traces = wiring.traces;
    Ok((devices, simulated))
}

impl Wiring<'_> {
    fn line(&mut self, device: &'static str, line: &Line, simulated: impl FnOnce(&Simulated) -> Box<dyn Port>) -> AnyLine {
        match line {
            Line::Serial(settings) => self.serial(device, settings),
            Line::Simulated => Traced::new(simulated(self.simulated), self.trace(device, SIMULATED.into())),
        }
    }

    fn serial(&mut self, device: &'static str, settings: &SerialSettings) -> AnyLine {
        Traced::new(Box::new(SerialPort::new(settings.clone())), self.trace(device, settings.path.display().to_string()))
    }

    fn trace(&mut self, device: &'static str, place: String) -> Trace {
        let trace = Trace::new();
        self.traces.push(DeviceTrace { device, place, trace: trace.clone() });
        trace
    }

    fn printer(&mut self, plan: &PrinterPlan) -> Box<dyn till::desk::PrinterWithDrawer> {
        let line = self.line("printer", &plan.line, |simulated| Box::new(simulated.printer.port()));
        let printer = EscPosPrinter::new(line, plan.profile);
        match plan.line {
            Line::Serial(_) => Box::new(printer),
            Line::Simulated => Box::new(DrawerCable::new(printer, self.simulated)),
        }
    }

    fn display(&mut self, plan: &DisplayPlan) -> Option<Box<dyn CustomerDisplay>> {
        Some(match plan {
            DisplayPlan::Nothing => return None,
            DisplayPlan::Simulated => Box::new(self.simulated.display.clone()),
            DisplayPlan::Pole { line, page, page_number } => {
                let usual = PoleSettings::default();
                let settings = PoleSettings { page: *page, page_number: page_number.unwrap_or(usual.page_number), ..usual };
                Box::new(PoleDisplay::new(self.line("display", line, |simulated| Box::new(simulated.pole.port())), settings))
            }
            DisplayPlan::Oled { bus, address, panel } => Box::new(open_oled(bus, *address, *panel)),
        })
    }

    fn control(&mut self, plan: &UnitPlan) -> Option<Box<dyn ControlUnit>> {
        let cleancash = |wiring: &mut Self, line: &Line, version: CleanCashVersion| {
            CleanCash::new(wiring.line("control", line, |simulated| Box::new(simulated.cleancash(version))), version)
        };
        Some(match plan {
            UnitPlan::Nothing => return None,
            UnitPlan::Simulated => Box::new(cleancash(self, &Line::Simulated, CleanCashVersion::V2)),
            UnitPlan::CleanCash1(line) => Box::new(cleancash(self, line, CleanCashVersion::V1)),
            UnitPlan::CleanCash2(line) => Box::new(cleancash(self, line, CleanCashVersion::V2)),
            UnitPlan::Skattedosan(line) => {
                Box::new(Skattedosan::new(self.line("control", line, |simulated| Box::new(simulated.skattedosan()))))
            }
        })
    }

    fn scanner(&mut self, plan: &ScannerPlan) -> Box<dyn Scanner> {
        let settings = plan.settings.clone();
        let (place, device) = match &plan.at {
            ScannerAt::Line(line) => {
                let line = self.line("scanner", line, |simulated| Box::new(simulated.scanner.wall_port()));
                return Box::new(LineScanner::new(line, settings));
            }
            ScannerAt::Usb(vendor, product) => {
                (format!("{vendor:04x}:{product:04x}"), KeyDevice::Usb { vendor: *vendor, product: *product })
            }
            ScannerAt::Physical(place) => (place.clone(), KeyDevice::Place(place.clone())),
        };
        let trace = self.trace("scanner", place);
        Box::new(TracedScanner { scanner: KeyScanner::new(EvdevKeys::new(device), settings), trace, at: Duration::ZERO, there: None })
    }

    /// Without an input the supply is simulated, for the demo: nothing tells a real till without one.
    fn supply(&self, plan: Option<&SupplyPlan>) -> Option<Box<dyn SupplyMonitor>> {
        Some(match plan {
            Some(plan) => {
                Box::new(SupplyInput::new(SupplySettings { chip: plan.chip.clone(), line: plan.line, active_low: plan.active_low }))
            }
            None => Box::new(self.simulated.supply.clone()),
        })
    }

    fn position(&mut self, line: &Line) -> Box<dyn Position> {
        match line {
            Line::Simulated => Box::new(self.simulated.position.clone()),
            Line::Serial(settings) => Box::new(NmeaReceiver::new(self.serial("gps", settings))),
        }
    }
}

/// A scanner that types has keys and no line: what it read is traced whole. Its clock counts what it was listened to.
struct TracedScanner<S> {
    scanner: S,
    trace: Trace,
    at: Duration,
    there: Option<bool>,
}

impl<S: Scanner> Scanner for TracedScanner<S> {
    fn next(&mut self, wait: Duration) -> Result<Option<Scan>, ScannerLost> {
        let heard = self.scanner.next(wait);
        self.at += wait;
        if self.there.replace(heard.is_ok()) != Some(heard.is_ok()) {
            self.trace.note(self.at, if heard.is_ok() { "opened" } else { "away" });
        }
        if let Ok(Some(scan)) = &heard {
            self.trace.heard(self.at, scan.as_str().as_bytes());
        }
        heard
    }
}
