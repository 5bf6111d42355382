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
    document::DocumentBuf,
    drawer::{CashDrawer, DrawerState},
    port::SerialPort,
    power::{Supply, SupplyInput, SupplyMonitor},
    printer::{EscPosPrinter, JobId, PrintOutcome, PrinterState, PrinterTrouble, ReceiptPrinter, escpos, profile::Profile},
    sim::{
        DisplaySimulator, PositionSimulator, PrinterFault, PrinterSimulator, SimulatedPrinter, SupplySimulator, TerminalMode,
        TerminalSimulator,
    },
};
use till::desk::Devices;

use crate::{config::Config, error::Failure};

/// Dots of the customer display.
const DISPLAY_DOTS: (u32, u32) = (256, 64);
/// Where the simulated card terminal remembers its payments, below the data folder: a terminal does not forget when the till is cut.
const TERMINAL_MEMORY: &str = "simulated-terminal";

/// The simulated devices, to give them faults and to see what they did.
#[derive(Clone, Debug)]
pub struct Simulated {
    /// The printer.
    pub printer: SimulatedPrinter,
    /// The card terminal.
    pub terminal: TerminalSimulator,
    /// The customer display.
    pub display: DisplaySimulator,
    /// The receiver of satellites.
    pub position: PositionSimulator,
    /// The supply.
    pub supply: SupplySimulator,
    profile: Profile,
    drawer_unplugged: Arc<AtomicBool>,
}

/// Makes the devices for a till with its data in `dir`.
///
/// # Errors
/// [`Failure::Simulator`] when the simulated terminal's memory cannot be read; [`Failure::Config`] cannot happen for a configuration that
/// was read.
pub fn open(config: &Config, dir: &Path) -> Result<(Devices, Simulated), Failure> {
    let wrong = |why: String| Failure::Config { path: dir.to_path_buf(), why };
    let profile = config.profile().map_err(wrong)?;
    let printer = SimulatedPrinter::new(profile);
    let terminal = TerminalSimulator::with_memory(dir.join(TERMINAL_MEMORY)).map_err(Failure::Simulator)?;
    let display = DisplaySimulator::new(DISPLAY_DOTS.0, DISPLAY_DOTS.1);
    let drawer_unplugged = Arc::new(AtomicBool::new(false));
    let simulated = Simulated {
        printer: printer.clone(),
        terminal: terminal.clone(),
        display: display.clone(),
        position: PositionSimulator::new(),
        supply: SupplySimulator::new(),
        profile,
        drawer_unplugged: drawer_unplugged.clone(),
    };
    let on_counter: Box<dyn till::desk::PrinterWithDrawer> = match config.serial().map_err(wrong)? {
        Some(settings) => Box::new(EscPosPrinter::new(SerialPort::new(settings), profile)),
        None => Box::new(DrawerCable { printer: EscPosPrinter::new(printer.port(), profile), unplugged: drawer_unplugged }),
    };
    let supply: Box<dyn SupplyMonitor> = match config.power.supply() {
        Some(settings) => Box::new(SupplyInput::new(settings)),
        None => Box::new(simulated.supply.clone()),
    };
    let devices = Devices {
        printer: Some(on_counter),
        terminal: Some(Box::new(terminal)),
        display: Some(Box::new(display)),
        position: Some(Box::new(simulated.position.clone())),
        supply: Some(supply),
        ..Devices::default()
    };
    Ok((devices, simulated))
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
            "terminal" => self.terminal.set_mode(TerminalMode::named(fault).ok_or(Refusal::DeviceUnknown)?),
            "display" => match fault {
                "ok" => self.display.set_unplugged(false),
                "unplugged" => self.display.set_unplugged(true),
                _ => return Err(Refusal::DeviceUnknown),
            },
            "position" => match fault {
                "ok" => self.position.set_unplugged(false),
                "unplugged" => self.position.set_unplugged(true),
                _ => return Err(Refusal::DeviceUnknown),
            },
            "supply" => match fault {
                "ok" => self.supply.set(Supply::Steady),
                "failing" => self.supply.set(Supply::Failing),
                _ => return Err(Refusal::DeviceUnknown),
            },
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
