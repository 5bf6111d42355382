//! The devices of this till: real ones by configuration, simulated ones otherwise.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use domain::Refusal;
use hw::{
    control::CleanCashVersion,
    document::DocumentBuf,
    drawer::{CashDrawer, DrawerState},
    port::SerialPort,
    printer::{EscPosPrinter, JobId, PrintOutcome, PrinterState, PrinterTrouble, ReceiptPrinter, escpos, profile::Profile},
    scanner::{EvdevKeys, KeyDevice, KeyScanner, LineScanner, Scanner, ScannerSettings},
    sim::{
        ControlFault, DisplaySimulator, PrinterFault, PrinterSimulator, ScannerFault, SimulatedControl, SimulatedPrinter, SimulatedScanner,
        SimulatedUnit, TerminalMode, TerminalSimulator,
    },
};
use till::desk::Devices;

use crate::{
    config::{Config, Line, ScannerAt, ScannerPlan},
    error::Failure,
};

/// Dots of the customer display.
const DISPLAY_DOTS: (u32, u32) = (256, 64);
/// Where the simulated card terminal remembers its payments, below the data folder: a terminal does not forget when the till is cut.
const TERMINAL_MEMORY: &str = "simulated-terminal";

/// Where the simulated control unit remembers what it recorded, below the data folder.
const CONTROL_MEMORY: &str = "simulated-control";

/// The simulated devices, to give them faults and to see what they did.
#[derive(Clone, Debug)]
pub struct Simulated {
    /// The printer.
    pub printer: SimulatedPrinter,
    /// The card terminal.
    pub terminal: TerminalSimulator,
    /// The customer display.
    pub display: DisplaySimulator,
    /// The scanner.
    pub scanner: SimulatedScanner,
    /// The control unit.
    pub control: SimulatedUnit,
    profile: Profile,
    drawer_unplugged: Arc<AtomicBool>,
}

/// Makes the devices for a till with its data in `dir`.
///
/// # Errors
/// [`Failure::Simulator`] when the memory of the simulated terminal or control unit cannot be read; [`Failure::Config`] cannot happen for a configuration that
/// was read.
pub fn open(config: &Config, dir: &Path) -> Result<(Devices, Simulated), Failure> {
    let profile = config.plan.printer.profile;
    let printer = SimulatedPrinter::new(profile);
    let terminal = TerminalSimulator::with_memory(dir.join(TERMINAL_MEMORY)).map_err(Failure::Simulator)?;
    let display = DisplaySimulator::new(DISPLAY_DOTS.0, DISPLAY_DOTS.1);
    let control = SimulatedUnit::with_memory(dir.join(CONTROL_MEMORY)).map_err(Failure::Simulator)?;
    let drawer_unplugged = Arc::new(AtomicBool::new(false));
    let simulated = Simulated {
        printer: printer.clone(),
        terminal: terminal.clone(),
        display: display.clone(),
        scanner: SimulatedScanner::default(),
        control: control.clone(),
        profile,
        drawer_unplugged: drawer_unplugged.clone(),
    };
    let on_counter: Box<dyn till::desk::PrinterWithDrawer> = match config.plan.printer.line.clone() {
        Line::Serial(settings) => Box::new(EscPosPrinter::new(SerialPort::new(settings), profile)),
        Line::Simulated => Box::new(DrawerCable { printer: EscPosPrinter::new(printer.port(), profile), unplugged: drawer_unplugged }),
    };
    let scanners = config.plan.scanners.iter().map(|plan| {
        let too_long = || Failure::Config { path: dir.to_path_buf(), why: "[[scanner]] prefix or suffix is too long".into() };
        scanner(plan, &simulated.scanner).ok_or_else(too_long)
    });
    let devices = Devices {
        printer: Some(on_counter),
        terminal: Some(Box::new(terminal)),
        display: Some(Box::new(display)),
        control: Some(Box::new(SimulatedControl::cleancash(CleanCashVersion::V2, &control))),
        scanners: scanners.collect::<Result<_, _>>()?,
        ..Devices::default()
    };
    Ok((devices, simulated))
}

/// A scanner by plan; `None` when what it sends around a code is longer than a scanner's settings hold.
fn scanner(plan: &ScannerPlan, simulated: &SimulatedScanner) -> Option<Box<dyn Scanner>> {
    let settings = ScannerSettings::new(&plan.prefix, &plan.suffix)?;
    let keys = |device| KeyScanner::new(EvdevKeys::new(device), settings.clone());
    Some(match &plan.at {
        ScannerAt::Line(Line::Serial(line)) => Box::new(LineScanner::new(SerialPort::new(line.clone()), settings)),
        ScannerAt::Line(Line::Simulated) => Box::new(LineScanner::new(simulated.wall_port(), settings)),
        ScannerAt::Usb(vendor, product) => Box::new(keys(KeyDevice::Usb { vendor: *vendor, product: *product })),
        ScannerAt::Physical(place) => Box::new(keys(KeyDevice::Place(place.clone()))),
    })
}

/// A printer whose drawer hangs on a cable of its own, which can be pulled.
struct DrawerCable<P> {
    printer: P,
    unplugged: Arc<AtomicBool>,
}

impl<P: ReceiptPrinter> ReceiptPrinter for DrawerCable<P> {
    fn print(&mut self, job: JobId, document: &DocumentBuf) -> PrintOutcome {
        self.printer.print(job, document)
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

    fn state(&mut self) -> DrawerState {
        if self.unplugged.load(Ordering::SeqCst) { DrawerState::Unknown } else { self.printer.state() }
    }
}

impl Simulated {
    /// Gives a device a fault, or none with `ok`.
    ///
    /// # Errors
    /// [`Refusal::DeviceUnknown`] for a device or fault that is not simulated.
    pub fn set(&mut self, device: &str, fault: &str) -> Result<(), Refusal> {
        match device {
            "printer" => self.printer.set_fault(PrinterFault::named(fault).ok_or(Refusal::DeviceUnknown)?),
            "drawer" => match fault {
                "ok" => self.drawer_unplugged.store(false, Ordering::SeqCst),
                "unplugged" => self.drawer_unplugged.store(true, Ordering::SeqCst),
                _ => return Err(Refusal::DeviceUnknown),
            },
            "scanner" => self.scanner.set_fault(ScannerFault::named(fault).ok_or(Refusal::DeviceUnknown)?),
            "terminal" => self.terminal.set_mode(TerminalMode::named(fault).ok_or(Refusal::DeviceUnknown)?),
            "display" => match fault {
                "ok" => self.display.set_unplugged(false),
                "unplugged" => self.display.set_unplugged(true),
                _ => return Err(Refusal::DeviceUnknown),
            },
            "control" => self.control.set_fault(ControlFault::named(fault).ok_or(Refusal::DeviceUnknown)?),
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
        let mut bytes = Vec::new();
        let written = escpos::encode(&self.profile, document.elements(), &mut bytes);
        assert!(written.is_ok(), "writing to memory does not fail");
        let mut press = PrinterSimulator::new(self.profile);
        let mut rest = bytes.as_slice();
        while !rest.is_empty() {
            rest = rest.get(press.receive(rest)..).unwrap_or_default();
            drop(press.take_replies(usize::MAX));
        }
        press
    }
}
