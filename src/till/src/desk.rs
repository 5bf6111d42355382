//! The devices desk: one thread per device, a bounded queue to each, and events back. A device that hangs delays nothing but itself.

use std::{
    sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel},
    thread,
    time::Duration,
};

use hw::{
    display::{CustomerDisplay, Page},
    document::DocumentBuf,
    drawer::CashDrawer,
    printer::{JobId, PrintOutcome, PrinterState, ReceiptPrinter},
    terminal::{AbortHandle, CardTerminal, PaymentAnswer, PaymentReference, TerminalState},
};

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
    /// The drawer could not be opened.
    DrawerFailed,
    /// The customer display came (`true`) or went.
    Display(bool),
}

/// What the customer display shows: two lines, left and right.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// First line.
    pub top: (String, String),
    /// Second line.
    pub bottom: (String, String),
}

enum PrinterOrder {
    Print(store::JobId, DocumentBuf),
    OpenDrawer,
    Look,
}

enum TerminalOrder {
    Pay { reference: String, amount_minor: i64, original: Option<String>, currency: &'static str },
    Status(String),
    Look,
}

/// The till's side of its devices.
pub struct Desk {
    printer: Option<SyncSender<PrinterOrder>>,
    terminal: Option<SyncSender<TerminalOrder>>,
    display: Option<SyncSender<Shown>>,
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
        let display = devices.display.map(|display| spawn("display", tell, move |orders, tell| run_display(display, &orders, &tell)));
        Self { printer, terminal, display, abort, columns }
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

    /// Opens the drawer. `false` when the order cannot be passed on.
    pub fn open_drawer(&self) -> bool {
        send(self.printer.as_ref(), PrinterOrder::OpenDrawer)
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

    /// Shows lines to the customer; older ones that are still waiting may be skipped.
    pub fn show(&self, shown: Shown) {
        send(self.display.as_ref(), shown);
    }

    /// Asks printer and terminal how they are; the answer comes as an event if anything has changed.
    pub fn look(&self) {
        send(self.printer.as_ref(), PrinterOrder::Look);
        send(self.terminal.as_ref(), TerminalOrder::Look);
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

fn run_printer(mut printer: Box<dyn PrinterWithDrawer>, orders: &Receiver<PrinterOrder>, tell: &dyn Fn(Event)) {
    let mut last = None;
    loop {
        match orders.recv_timeout(POLL_EVERY) {
            Ok(PrinterOrder::Print(job_id, document)) => {
                let outcome = printer.print(JobId(job_id.0), &document);
                tell(Event::JobEnded(job_id, outcome));
            }
            Ok(PrinterOrder::OpenDrawer) => {
                if printer.open().is_err() {
                    tell(Event::DrawerFailed);
                }
                continue;
            }
            Ok(PrinterOrder::Look) | Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        let state = ReceiptPrinter::state(&mut *printer);
        if last != Some(state) {
            last = Some(state);
            tell(Event::Printer(state));
        }
    }
}

fn run_terminal(mut terminal: Box<dyn CardTerminal>, orders: &Receiver<TerminalOrder>, tell: &dyn Fn(Event)) {
    let mut last = None;
    loop {
        match orders.recv_timeout(POLL_EVERY) {
            Ok(TerminalOrder::Pay { reference, amount_minor, original, currency }) => {
                let answer = ask(&mut *terminal, &reference, amount_minor, original, currency);
                tell(Event::CardAnswered(reference, answer));
            }
            Ok(TerminalOrder::Status(reference)) => {
                let answer = PaymentReference::new(reference.clone()).map_or(PaymentAnswer::NotFound, |named| terminal.status(&named));
                tell(Event::CardAnswered(reference, answer));
            }
            Ok(TerminalOrder::Look) | Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        let state = terminal.state();
        if last != Some(state) {
            last = Some(state);
            tell(Event::Terminal(state));
        }
    }
}

fn ask(terminal: &mut dyn CardTerminal, reference: &str, amount_minor: i64, original: Option<String>, currency: &str) -> PaymentAnswer {
    let Some(named) = PaymentReference::new(reference) else { return PaymentAnswer::NotFound };
    if amount_minor >= 0 {
        return terminal.pay(&named, amount_minor, currency);
    }
    match original.and_then(PaymentReference::new) {
        Some(original) => terminal.refund(&named, &original, -amount_minor, currency),
        None => PaymentAnswer::NotFound,
    }
}

fn run_display(mut display: Box<dyn CustomerDisplay>, orders: &Receiver<Shown>, tell: &dyn Fn(Event)) {
    let mut there = None;
    let mut shown = Shown::default();
    loop {
        match orders.recv_timeout(POLL_EVERY) {
            Ok(next) => shown = orders.try_iter().last().unwrap_or(next),
            // A display that came back shows what it should.
            Err(RecvTimeoutError::Timeout) if there == Some(false) => {}
            Err(RecvTimeoutError::Timeout) => continue,
            Err(RecvTimeoutError::Disconnected) => return,
        }
        let page = Page { top_left: &shown.top.0, top_right: &shown.top.1, bottom_left: &shown.bottom.0, bottom_right: &shown.bottom.1 };
        let works = display.show(&page).is_ok();
        if there != Some(works) {
            there = Some(works);
            tell(Event::Display(works));
        }
    }
}
