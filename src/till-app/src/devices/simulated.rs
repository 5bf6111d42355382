//! The devices that are made of software: to give them faults, and to see what they did.

use std::{
    io,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use domain::Refusal;
use hw::{
    control::CleanCashVersion,
    document::DocumentBuf,
    drawer::{CashDrawer, DrawerState},
    port::{PipePort, Port},
    power::Supply,
    printer::{JobId, PrintOutcome, PrinterState, PrinterTrouble, ReceiptPrinter, escpos, profile::Profile},
    scanner::ScannerSettings,
    sim::{
        CleanCashSimulator, ControlFault, DisplaySimulator, PoleFault, PositionSimulator, PrinterFault, PrinterSimulator, ScannerFault,
        SimulatedPole, SimulatedPrinter, SimulatedScanner, SimulatedUnit, SkattedosanSimulator, SupplySimulator, TerminalMode,
        TerminalSimulator,
    },
};

use super::DeviceTrace;
use crate::{
    config::{DisplayPlan, Line, Plan, ScannerAt},
    enrol::Enrolled,
    uplink::UplinkSwitch,
};

/// Dots of the customer display.
const DISPLAY_DOTS: (u32, u32) = (256, 64);
/// Where the simulated card terminal remembers its payments, below the data folder: a terminal does not forget when the till is cut.
const TERMINAL_MEMORY: &str = "simulated-terminal";
/// Where the simulated control unit remembers its receipts: it does not forget either.
const CONTROL_MEMORY: &str = "simulated-control";

/// The simulated devices, and what was kept of every line, simulated or not.
#[derive(Clone, Debug)]
pub struct Simulated {
    /// The printer.
    pub printer: SimulatedPrinter,
    /// The card terminal.
    pub terminal: TerminalSimulator,
    /// The customer display, as a matrix of dots.
    pub display: DisplaySimulator,
    /// The customer display, as a pole.
    pub pole: SimulatedPole,
    /// The control unit.
    pub control: SimulatedUnit,
    /// The scanner.
    pub scanner: SimulatedScanner,
    /// The receiver of satellites.
    pub position: PositionSimulator,
    /// The supply.
    pub supply: SupplySimulator,
    /// The way to the hub, which can be given a fault.
    pub uplink: UplinkSwitch,
    /// Where the till is enrolled.
    pub enrolled: Option<Enrolled>,
    /// The traces of all lines.
    pub traces: Vec<DeviceTrace>,
    /// Which devices there are.
    pub plan: Plan,
    /// The data folder.
    pub dir: PathBuf,
    drawer_unplugged: Arc<AtomicBool>,
}

impl Simulated {
    /// Simulated devices for a till with its data in `dir`. They have no lines yet.
    pub(super) fn new(plan: &Plan, dir: &Path) -> io::Result<Self> {
        let scanner = plan.scanners.iter().find(|scanner| scanner.at == ScannerAt::Line(Line::Simulated));
        Ok(Self {
            printer: SimulatedPrinter::new(plan.printer.profile),
            terminal: TerminalSimulator::with_memory(dir.join(TERMINAL_MEMORY))?,
            display: DisplaySimulator::new(DISPLAY_DOTS.0, DISPLAY_DOTS.1),
            pole: SimulatedPole::new(),
            control: SimulatedUnit::with_memory(dir.join(CONTROL_MEMORY))?,
            scanner: SimulatedScanner::new(scanner.map_or_else(ScannerSettings::default, |plan| plan.settings.clone())),
            position: PositionSimulator::new(),
            supply: SupplySimulator::new(),
            uplink: UplinkSwitch::default(),
            enrolled: None,
            traces: Vec::new(),
            plan: plan.clone(),
            dir: dir.to_path_buf(),
            drawer_unplugged: Arc::new(AtomicBool::new(false)),
        })
    }

    pub(super) fn cleancash(&self, version: CleanCashVersion) -> impl Port + use<> {
        PipePort::new(Arc::new(Mutex::new(CleanCashSimulator::new(version, self.control.clone()))))
    }

    pub(super) fn skattedosan(&self) -> impl Port + use<> {
        PipePort::new(Arc::new(Mutex::new(SkattedosanSimulator::new(self.control.clone()))))
    }

    /// Gives a device a fault, or none with `ok`.
    ///
    /// # Errors
    /// [`Refusal::DeviceUnknown`] for a device or fault that is not simulated.
    pub fn set(&mut self, device: &str, fault: &str) -> Result<(), Refusal> {
        match device {
            "printer" => self.printer.set_fault(PrinterFault::named(fault).ok_or(Refusal::DeviceUnknown)?),
            "drawer" => self.drawer_unplugged.store(is_unplugged(fault)?, Ordering::SeqCst),
            "terminal" => self.terminal.set_mode(TerminalMode::named(fault).ok_or(Refusal::DeviceUnknown)?),
            "display" if matches!(self.plan.display, DisplayPlan::Pole { .. }) => {
                self.pole.set_fault(PoleFault::named(fault).ok_or(Refusal::DeviceUnknown)?);
            }
            "display" => self.display.set_unplugged(is_unplugged(fault)?),
            "control" => self.control.set_fault(ControlFault::named(fault).ok_or(Refusal::DeviceUnknown)?),
            "scanner" => self.scanner.set_fault(ScannerFault::named(fault).ok_or(Refusal::DeviceUnknown)?),
            "supply" => match fault {
                "ok" => {
                    self.supply.set_unplugged(false);
                    self.supply.set(Supply::Steady);
                }
                "failing" => self.supply.set(Supply::Failing),
                "unplugged" => self.supply.set_unplugged(true),
                _ => return Err(Refusal::DeviceUnknown),
            },
            "uplink" => self.uplink.set(fault)?,
            "gps" => self.position.set_unplugged(is_unplugged(fault)?),
            _ => return Err(Refusal::DeviceUnknown),
        }
        Ok(())
    }

    /// The text of a document as this printer puts it on paper: through its own bytes and back.
    #[must_use]
    pub fn as_printed(&self, document: &DocumentBuf) -> String {
        self.press(document).strips().iter().map(hw::sim::PaperStrip::text).collect::<Vec<_>>().join("\n")
    }

    /// The picture of a document as this printer puts it on paper, PNG.
    #[must_use]
    pub fn picture(&self, document: &DocumentBuf) -> Vec<u8> {
        self.press(document).strips().last().map(hw::sim::PaperStrip::png).unwrap_or_default()
    }

    fn press(&self, document: &DocumentBuf) -> PrinterSimulator {
        let profile: Profile = self.plan.printer.profile;
        let mut bytes = Vec::new();
        let written = escpos::encode(&profile, document.elements(), &mut bytes);
        assert!(written.is_ok(), "writing to memory does not fail");
        let mut press = PrinterSimulator::new(profile);
        let mut rest = bytes.as_slice();
        while !rest.is_empty() {
            rest = rest.get(press.receive(rest)..).unwrap_or_default();
            drop(press.take_replies(usize::MAX));
        }
        press
    }
}

/// For devices that can only be pulled.
fn is_unplugged(fault: &str) -> Result<bool, Refusal> {
    match fault {
        "ok" => Ok(false),
        "unplugged" => Ok(true),
        _ => Err(Refusal::DeviceUnknown),
    }
}

/// A printer whose drawer hangs on a cable of its own, which can be pulled.
pub(super) struct DrawerCable<P> {
    printer: P,
    unplugged: Arc<AtomicBool>,
}

impl<P> DrawerCable<P> {
    pub(super) fn new(printer: P, simulated: &Simulated) -> Self {
        Self { printer, unplugged: simulated.drawer_unplugged.clone() }
    }
}

impl<P: ReceiptPrinter> ReceiptPrinter for DrawerCable<P> {
    fn print(&mut self, job: JobId, document: &DocumentBuf) -> PrintOutcome {
        self.printer.print(job, document)
    }

    fn broke_off(&mut self) {
        self.printer.broke_off();
    }

    fn state(&mut self) -> PrinterState {
        self.printer.state()
    }

    fn columns(&self) -> usize {
        self.printer.columns()
    }
}

impl<P: CashDrawer> CashDrawer for DrawerCable<P> {
    fn open(&mut self) -> Result<(), PrinterTrouble> {
        if self.unplugged.load(Ordering::SeqCst) { Err(PrinterTrouble::Unplugged) } else { self.printer.open() }
    }

    fn open_and_look(&mut self) -> Result<DrawerState, PrinterTrouble> {
        if self.unplugged.load(Ordering::SeqCst) { Err(PrinterTrouble::Unplugged) } else { self.printer.open_and_look() }
    }

    fn state(&mut self) -> DrawerState {
        if self.unplugged.load(Ordering::SeqCst) { DrawerState::Unknown } else { self.printer.state() }
    }
}
