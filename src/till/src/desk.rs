//! The devices desk: one thread per device, a bounded queue to each, and events back. A device that hangs delays nothing but itself.

mod control;
mod device;
mod display;
mod listen;
mod printer;
mod terminal;
mod uplink;

use std::{
    sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    thread,
    time::Duration,
};

use hw::{
    control::{ControlCode, ControlState, ControlTrouble, ControlUnit, ReceiptRecord},
    display::CustomerDisplay,
    document::DocumentBuf,
    drawer::CashDrawer,
    position::{Fix, Position},
    power::{Supply, SupplyMonitor},
    printer::{PrintOutcome, PrinterState, ReceiptPrinter},
    scanner::{Scan, Scanner},
    terminal::{AbortHandle, CardTerminal, PaymentAnswer, TerminalState},
};

use journal::LogKey;

use control::{ControlOrder, run_control};
pub use device::Device;
use display::{DisplayOrder, run_display};
use listen::Ears;
use printer::{PrinterOrder, run_printer};
use terminal::{TerminalOrder, run_terminal};
pub use uplink::{Appended, Uplink, UplinkTrouble, Uplinked};
use uplink::{UplinkOrder, run_uplink};

/// The most jobs that wait before a device; more stay in the store's queue.
pub const QUEUE_MAX: usize = 16;
/// How often an idle device is asked how it is.
pub const POLL_EVERY: Duration = Duration::from_secs(2);

/// A printer that has the drawer on its port, as receipt printers do.
pub trait PrinterWithDrawer: ReceiptPrinter + CashDrawer {}
impl<T: ReceiptPrinter + CashDrawer> PrinterWithDrawer for T {}

/// The devices of a till. A missing one is `None`.
#[derive(Default)]
pub struct Devices {
    /// Receipt printer and drawer.
    pub printer: Option<Box<dyn PrinterWithDrawer>>,
    /// Card terminal.
    pub terminal: Option<Box<dyn CardTerminal>>,
    /// Customer display.
    pub display: Option<Box<dyn CustomerDisplay>>,
    /// Fiscal control unit.
    pub control: Option<Box<dyn ControlUnit>>,
    /// Scanners; more than one may lie on the counter.
    pub scanners: Vec<Box<dyn Scanner>>,
    /// Receiver of satellites.
    pub position: Option<Box<dyn Position>>,
    /// What tells that the supply fails.
    pub supply: Option<Box<dyn SupplyMonitor>>,
    /// The way to the hub.
    pub uplink: Option<Box<dyn Uplink>>,
}

/// What devices tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A print job ended.
    JobEnded(store::JobId, PrintOutcome),
    /// The printer is in another state than before.
    Printer(PrinterState),
    /// The terminal answered for a reference.
    CardAnswered(String, PaymentAnswer),
    /// The terminal is in another state than before.
    Terminal(TerminalState),
    /// The drawer opened, as far as it can tell, or is within reach again (`true`); or it did not open.
    Drawer(bool),
    /// The customer display came (`true`) or went.
    Display(bool),
    /// The control unit answered for a receipt.
    ControlAnswered(Box<ReceiptRecord>, Result<ControlCode, ControlTrouble>),
    /// The control unit is in another state than before.
    Control(Result<ControlState, ControlTrouble>),
    /// Something was scanned.
    Scanned(Box<Scan>),
    /// A scanner came (`true`) or went.
    Scanner(bool),
    /// The train is somewhere.
    Fixed(Fix),
    /// The receiver of satellites came (`true`) or went.
    Position(bool),
    /// A test ended, well or not.
    Tested(Device, bool),
    /// The machine's supply fails, or is steady again.
    Supply(Supply),
    /// What tells of the supply went away: nobody knows whether it fails. That it is back, [`Event::Supply`] says.
    SupplyLost,
    /// The hub answered, or nobody did.
    Uplink(Box<Uplinked>),
}

/// What the customer display shows: two lines, left and right.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// First line.
    pub top: (String, String),
    /// Second line.
    pub bottom: (String, String),
}

/// The till's side of its devices.
pub struct Desk {
    printer: Option<SyncSender<PrinterOrder>>,
    terminal: Option<SyncSender<TerminalOrder>>,
    display: Option<SyncSender<DisplayOrder>>,
    control: Option<SyncSender<ControlOrder>>,
    uplink: Option<SyncSender<UplinkOrder>>,
    _ears: Ears,
    abort: Option<AbortHandle>,
    columns: usize,
}

/// Paper of 80 mm, when no printer says otherwise.
const COLUMNS_DEFAULT: usize = 42;

impl Desk {
    /// Starts a thread per device. `tell` is called from those threads.
    pub fn open(devices: Devices, tell: impl Fn(Event) + Clone + Send + 'static) -> Self {
        let abort = devices.terminal.as_ref().map(|terminal| terminal.abort_handle());
        let columns = devices.printer.as_ref().map_or(COLUMNS_DEFAULT, |printer| printer.columns());
        let printer =
            devices.printer.map(|printer| spawn("printer", tell.clone(), move |orders, tell| run_printer(printer, &orders, &tell)));
        let terminal =
            devices.terminal.map(|terminal| spawn("terminal", tell.clone(), move |orders, tell| run_terminal(terminal, &orders, &tell)));
        let display =
            devices.display.map(|display| spawn("display", tell.clone(), move |orders, tell| run_display(display, &orders, &tell)));
        let control = devices.control.map(|unit| spawn("control", tell.clone(), move |orders, tell| run_control(unit, &orders, &tell)));
        let uplink = devices.uplink.map(|uplink| spawn("uplink", tell.clone(), move |orders, tell| run_uplink(uplink, &orders, &tell)));
        let mut ears = Ears::default();
        for scanner in devices.scanners {
            ears.scanner(scanner, tell.clone());
        }
        if let Some(position) = devices.position {
            ears.position(position, tell.clone());
        }
        if let Some(supply) = devices.supply {
            ears.supply(supply, tell);
        }
        Self { printer, terminal, display, control, uplink, _ears: ears, abort, columns }
    }

    /// Columns of the printer's paper.
    #[must_use]
    pub const fn columns(&self) -> usize {
        self.columns
    }

    /// Hands a document to the printer. `false` when there is no room: the job waits in the store.
    pub fn print(&self, job_id: store::JobId, document: DocumentBuf) -> bool {
        send(self.printer.as_ref(), PrinterOrder::Print(job_id, document))
    }

    /// A job broke off in an earlier run: before anything else is printed, what hangs from the printer is marked void.
    pub fn paper_broke_off(&self) {
        send(self.printer.as_ref(), PrinterOrder::BrokeOff);
    }

    /// Opens the drawer. `false` when the order cannot be passed on.
    pub fn open_drawer(&self) -> bool {
        send(self.printer.as_ref(), PrinterOrder::OpenDrawer)
    }

    /// Opens the drawer for a test. `false` when the order cannot be passed on.
    pub fn test_drawer(&self) -> bool {
        send(self.printer.as_ref(), PrinterOrder::TestDrawer)
    }

    /// Asks the terminal for a payment, or with `original` for a refund of it. `false` when the order cannot be passed on.
    pub fn pay(&self, reference: String, amount_minor: i64, original: Option<String>, currency: &'static str) -> bool {
        send(self.terminal.as_ref(), TerminalOrder::Pay { reference, amount_minor, original, currency })
    }

    /// Asks the terminal what became of a payment. `false` when the order cannot be passed on.
    pub fn payment_status(&self, reference: String) -> bool {
        send(self.terminal.as_ref(), TerminalOrder::Status(reference))
    }

    /// Asks the terminal to stop the payment under way. Its own answer says whether it did.
    pub fn abort_payment(&self) {
        if let Some(abort) = &self.abort {
            abort.abort();
        }
    }

    /// Shows lines to the customer; older ones that are still waiting may be skipped. `false` when the order cannot be passed on.
    pub fn show(&self, shown: Shown) -> bool {
        send(self.display.as_ref(), DisplayOrder::Show(shown))
    }

    /// Prints a page that belongs to no sale. `false` when the order cannot be passed on.
    pub fn test_print(&self, page: DocumentBuf) -> bool {
        send(self.printer.as_ref(), PrinterOrder::Test(page))
    }

    /// Shows a page for a moment, unless something else is to be shown. `false` when the order cannot be passed on.
    pub fn test_show(&self, page: Shown) -> bool {
        send(self.display.as_ref(), DisplayOrder::Test(page))
    }

    /// Asks terminal or control unit how it is, for a test. `false` when the order cannot be passed on.
    pub fn test_state(&self, device: Device) -> bool {
        match device {
            Device::Terminal => send(self.terminal.as_ref(), TerminalOrder::Test),
            Device::Control => send(self.control.as_ref(), ControlOrder::Test),
            Device::Printer | Device::Drawer | Device::Display | Device::Scanner => false,
        }
    }

    /// Has the control unit record a receipt. `false` when the order cannot be passed on.
    pub fn register(&self, record: ReceiptRecord) -> bool {
        send(self.control.as_ref(), ControlOrder::Register(Box::new(record)))
    }

    /// Asks printer, terminal and control unit how they are; the answer comes as an event if anything has changed.
    pub fn look(&self) {
        send(self.printer.as_ref(), PrinterOrder::Look);
        send(self.terminal.as_ref(), TerminalOrder::Look);
        send(self.control.as_ref(), ControlOrder::Look);
    }

    /// Sends a batch to the hub. `false` when the order cannot be passed on.
    pub fn append(&self, key: LogKey, batch: wire::Batch) -> bool {
        send(self.uplink.as_ref(), UplinkOrder::Append { key, batch: Box::new(batch) })
    }

    /// Fetches a bundle from the hub. `false` when the order cannot be passed on.
    pub fn fetch(&self, key: LogKey, news: wire::BundleNews) -> bool {
        send(self.uplink.as_ref(), UplinkOrder::Fetch { key, news })
    }

    /// Whether there is a way to a hub at all.
    #[must_use]
    pub const fn has_uplink(&self) -> bool {
        self.uplink.is_some()
    }

    /// Whether there is a control unit at all.
    #[must_use]
    pub const fn has_control(&self) -> bool {
        self.control.is_some()
    }

    /// Which devices there are at all: printer, terminal, display.
    #[must_use]
    pub const fn has(&self) -> (bool, bool, bool) {
        (self.printer.is_some(), self.terminal.is_some(), self.display.is_some())
    }
}

fn spawn<O: Send + 'static, T: Fn(Event) + Send + 'static>(
    name: &str,
    tell: T,
    run: impl FnOnce(Receiver<O>, T) + Send + 'static,
) -> SyncSender<O> {
    let (sender, orders) = sync_channel(QUEUE_MAX);
    let spawned = thread::Builder::new().name(name.into()).spawn(move || run(orders, tell));
    // Without threads there is no till; the program restarts and resumes from the journal.
    assert!(spawned.is_ok(), "a device thread starts");
    sender
}

fn send<O>(queue: Option<&SyncSender<O>>, order: O) -> bool {
    match queue.map(|queue| queue.try_send(order)) {
        Some(Ok(())) => true,
        None | Some(Err(TrySendError::Full(_) | TrySendError::Disconnected(_))) => false,
    }
}
