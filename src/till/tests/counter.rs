//! A till with its devices: what happens on the counter, device threads and all. Nothing here waits for a clock: every step waits for
//! the event that ends it.

mod common;

use std::sync::{
    Arc, Mutex,
    mpsc::{Receiver, Sender, channel},
};

use common::{BOOT, DAY, NOON_S, add, card, cash, code, sek, sign_in};
use domain::sale::LineNo;
use hw::{
    control::{ControlCode, ControlState, ControlTrouble, ControlUnit, ReceiptRecord},
    document::DocumentBuf,
    drawer::{CashDrawer, DrawerState},
    printer::{Contact, Cover, JobId, Paper, PrintOutcome, PrinterState, PrinterTrouble, ReceiptPrinter},
    scanner::{LineScanner, ScannerSettings},
    sim::{ScannerFault, SimulatedScanner},
    terminal::{AbortHandle, CardTerminal, PaymentAnswer, PaymentReference, TerminalState},
};
use journal::ClockTrust;
use store::{JobState, Options, Store};
use tempfile::TempDir;
use till::{
    Answer, Command, ControlRule, Counter, Happened, Now, Setup, Till,
    data::Provision,
    desk::{Desk, Device, Devices, Event},
};

/// What a printer does with its next job.
#[derive(Clone, Copy)]
enum Does {
    Print,
    RunOut,
    /// Waits until the test lets it go, then prints.
    Hang,
}

#[derive(Default)]
struct Seen {
    printed: Vec<String>,
    drawer: usize,
    asked: Vec<(String, i64)>,
    statuses: usize,
    registered: Vec<ReceiptRecord>,
    unit_lost: bool,
    broke_off: usize,
}

struct ScriptedPrinter {
    seen: Arc<Mutex<Seen>>,
    script: Receiver<Does>,
    release: Receiver<()>,
    paper: Paper,
}

impl ReceiptPrinter for ScriptedPrinter {
    fn print(&mut self, _: JobId, document: &DocumentBuf) -> PrintOutcome {
        match self.script.try_recv().unwrap_or(Does::Print) {
            Does::Hang => drop(self.release.recv()),
            Does::RunOut => {
                self.paper = Paper::Out;
                return PrintOutcome::NotPrinted { why: PrinterTrouble::PaperOut, started: true };
            }
            Does::Print => {}
        }
        if self.paper == Paper::Out {
            return PrintOutcome::NotPrinted { why: PrinterTrouble::PaperOut, started: false };
        }
        self.seen.lock().expect("not poisoned").printed.push(document.to_text(42));
        PrintOutcome::Printed
    }

    fn broke_off(&mut self) {
        self.seen.lock().expect("not poisoned").broke_off += 1;
    }

    fn state(&mut self) -> PrinterState {
        if self.release.try_recv().is_ok() {
            self.paper = Paper::Present;
        }
        PrinterState { contact: Contact::Heard, online: true, paper: self.paper, cover: Cover::Closed, ..PrinterState::default() }
    }

    fn columns(&self) -> usize {
        42
    }
}

impl CashDrawer for ScriptedPrinter {
    fn open(&mut self) -> Result<(), PrinterTrouble> {
        self.seen.lock().expect("not poisoned").drawer += 1;
        Ok(())
    }

    fn state(&mut self) -> DrawerState {
        DrawerState::Unknown
    }
}

struct ScriptedTerminal {
    seen: Arc<Mutex<Seen>>,
    answers: Receiver<PaymentAnswer>,
}

impl ScriptedTerminal {
    fn answer(&self) -> PaymentAnswer {
        self.answers.try_recv().unwrap_or(PaymentAnswer::Unknown)
    }
}

impl CardTerminal for ScriptedTerminal {
    fn pay(&mut self, reference: &PaymentReference, amount_minor: i64, _: &str) -> PaymentAnswer {
        self.seen.lock().expect("not poisoned").asked.push((reference.as_str().into(), amount_minor));
        self.answer()
    }

    fn refund(&mut self, reference: &PaymentReference, _: &PaymentReference, amount_minor: i64, _: &str) -> PaymentAnswer {
        self.seen.lock().expect("not poisoned").asked.push((reference.as_str().into(), -amount_minor));
        self.answer()
    }

    fn status(&mut self, _: &PaymentReference) -> PaymentAnswer {
        self.seen.lock().expect("not poisoned").statuses += 1;
        self.answer()
    }

    fn abort_handle(&self) -> AbortHandle {
        AbortHandle::default()
    }

    fn state(&mut self) -> TerminalState {
        TerminalState::Ready
    }
}

/// A control unit that remembers what it was asked; its answers come from a script, and codes when that is over.
struct ScriptedUnit {
    seen: Arc<Mutex<Seen>>,
    troubles: Receiver<ControlTrouble>,
}

impl ControlUnit for ScriptedUnit {
    fn register(&mut self, record: &ReceiptRecord) -> Result<ControlCode, ControlTrouble> {
        self.seen.lock().expect("not poisoned").registered.push(record.clone());
        self.troubles.try_recv().map_or_else(|_| Ok(code(record)), Err)
    }

    fn state(&mut self) -> Result<ControlState, ControlTrouble> {
        let lost = self.seen.lock().expect("not poisoned").unit_lost;
        let state = ControlState { unit: "DEMO0000000000001".try_into().expect("a number"), is_ready: true, storage_low: false };
        if lost { Err(ControlTrouble::Silent) } else { Ok(state) }
    }
}

/// A counter, the ends of its devices' scripts, and what they saw.
struct Shop {
    counter: Counter,
    events: Receiver<Event>,
    seen: Arc<Mutex<Seen>>,
    script: Sender<Does>,
    release: Sender<()>,
    answers: Sender<PaymentAnswer>,
    troubles: Sender<ControlTrouble>,
    scanner: SimulatedScanner,
    scanned: Vec<(String, Result<Answer, &'static str>)>,
    dir: TempDir,
}

const NOW: Now = Now { wall_s: NOON_S, uptime_ms: 1_000, trust: ClockTrust::Rtc };

impl Shop {
    fn open(with_terminal: bool) -> Self {
        Self::under(ControlRule::None, with_terminal, false)
    }

    fn under(control: ControlRule, with_terminal: bool, with_unit: bool) -> Self {
        let mut shop = Self::start(tempfile::tempdir().expect("a folder"), control, with_terminal, with_unit);
        shop.does(sign_in());
        shop.does(Command::StartTrip { train: "171".into(), operating_day: DAY });
        shop.does(Command::OpenShift(sek(100_000)));
        shop.until(|shop| shop.counter.states().printer.is_ready());
        if control == ControlRule::Sweden {
            shop.until(|shop| shop.counter.till().control_seen_last().is_some());
        }
        shop
    }

    /// A till on what stands in `dir`, and new devices.
    fn start(dir: TempDir, control: ControlRule, with_terminal: bool, with_unit: bool) -> Self {
        let (store, opened) = Store::open(dir.path(), Options::default()).expect("the store opens");
        let setup = Setup { machine_boot: BOOT.to_vec(), control, ..Setup::nordic(Provision::demo(), "trolley 0.1.0", "0042") };
        let till = Till::start(store, opened, setup, [7; 32], NOW).expect("the till starts");
        let seen = Arc::new(Mutex::new(Seen::default()));
        let ((script, todo), (release, held), (answers, told)) = (channel(), channel(), channel());
        let (troubles, trouble) = channel();
        let unit = ScriptedUnit { seen: Arc::clone(&seen), troubles: trouble };
        let scanner = SimulatedScanner::default();
        let printer = ScriptedPrinter { seen: Arc::clone(&seen), script: todo, release: held, paper: Paper::Present };
        let terminal = ScriptedTerminal { seen: Arc::clone(&seen), answers: told };
        let devices = Devices {
            printer: Some(Box::new(printer)),
            terminal: with_terminal.then(|| Box::new(terminal) as Box<dyn CardTerminal>),
            control: with_unit.then(|| Box::new(unit) as Box<dyn ControlUnit>),
            scanners: vec![Box::new(LineScanner::new(scanner.wall_port(), ScannerSettings::default()))],
            ..Devices::default()
        };
        let (tell, events) = channel();
        let desk = Desk::open(devices, move |event| drop(tell.send(event)));
        Self { counter: Counter::open(till, desk), events, seen, script, release, answers, troubles, scanner, scanned: Vec::new(), dir }
    }

    /// The till ends in the middle of everything and starts again.
    fn killed(self) -> Self {
        let Self { counter, dir, .. } = self;
        drop(counter);
        Self::start(dir, ControlRule::None, false, false)
    }

    fn does(&mut self, command: Command) -> Answer {
        self.counter.command(command, NOW).expect("the command is carried out")
    }

    fn sells(&mut self) {
        self.does(add("1001", 1));
        assert!(matches!(self.does(cash(2_900)), Answer::Paid(_)));
    }

    /// Takes in events until `reached`. A device that never speaks again fails the test.
    fn until(&mut self, reached: impl Fn(&Self) -> bool) -> Vec<Answer> {
        let mut answers = Vec::new();
        while !reached(self) {
            let event = self.events.recv().expect("the devices speak");
            match self.counter.event(event, NOW).expect("the event is taken in") {
                Happened::Answered(_, answer) => answers.push(answer),
                Happened::Scanned(text, done) => self.scanned.push((text, done.map_err(|wrong| wrong.code()))),
                Happened::Nothing | Happened::Tested(..) | Happened::Synced(_) => {}
            }
            self.counter.settle().expect("the store settles");
        }
        answers
    }

    fn printed(&self) -> Vec<String> {
        self.seen.lock().expect("not poisoned").printed.clone()
    }

    fn waiting(&self) -> usize {
        self.counter.till().store().unfinished_jobs().expect("the jobs").len()
    }
}

fn receipt_no(text: &str) -> u64 {
    let line = text.lines().find(|line| line.starts_with("Kvitto nr")).expect("a receipt number");
    line.rsplit(' ').next().and_then(|number| number.parse().ok()).expect("a number")
}

#[test]
fn a_printer_that_hangs_delays_no_sale() {
    let mut shop = Shop::open(false);
    shop.script.send(Does::Hang).expect("the printer listens");
    // The printer lets nobody go before all of this is done.
    for _ in 0..30 {
        shop.sells();
    }
    assert!(shop.printed().is_empty());
    assert_eq!(shop.counter.till().books().receipt_no, 30);
    shop.release.send(()).expect("the printer listens");
    shop.until(|shop| shop.waiting() == 0);
    let printed: Vec<u64> = shop.printed().iter().map(|text| receipt_no(text)).collect();
    assert_eq!(printed, (1..=30).collect::<Vec<u64>>(), "each once and in order");
}

#[test]
fn what_waits_for_a_new_roll_comes_out_in_order_and_only_the_torn_one_is_marked() {
    let mut shop = Shop::open(false);
    shop.script.send(Does::RunOut).expect("the printer listens");
    shop.sells();
    shop.until(|shop| shop.counter.states().printer.paper == Paper::Out && !shop.counter.paper_under_way());
    shop.sells();
    shop.sells();
    assert_eq!(shop.waiting(), 3);
    assert!(shop.printed().is_empty());
    shop.release.send(()).expect("the printer listens");
    shop.counter.desk().look();
    shop.until(|shop| shop.waiting() == 0);
    let printed = shop.printed();
    assert_eq!(printed.iter().map(|text| receipt_no(text)).collect::<Vec<_>>(), [1, 2, 3]);
    let marked: Vec<bool> = printed.iter().map(|text| text.replace(' ', "").contains("Utskrivetpånytt")).collect();
    assert_eq!(marked, [true, false, false]);
    let job = shop.counter.till().store().job(store::JobId(1)).expect("the store reads").expect("the job");
    assert_eq!((job.state, job.attempt), (JobState::Printed, 1));
}

#[test]
fn what_a_killed_till_left_in_the_printer_is_marked_void_before_anything_else_is_printed() {
    let mut shop = Shop::open(false);
    shop.script.send(Does::Hang).expect("the printer listens");
    shop.sells();
    assert!(shop.counter.paper_under_way());
    let mut shop = shop.killed();
    let job_id = store::JobId(1);
    assert_eq!(shop.counter.till().store().job(job_id).expect("the store reads").expect("the job").state, JobState::Uncertain);
    shop.until(|shop| shop.counter.states().printer.is_ready());
    shop.sells();
    shop.until(|shop| shop.printed().len() == 1);
    assert_eq!(shop.seen.lock().expect("not poisoned").broke_off, 1, "before the next customer's receipt");
    shop.does(Command::JobDecided { job_id, came_out: false });
    shop.until(|shop| shop.printed().len() == 2);
    assert_eq!(shop.seen.lock().expect("not poisoned").broke_off, 1, "once a start");
    assert!(shop.printed()[1].replace(' ', "").contains("Utskrivetpånytt"));
}

#[test]
fn cash_opens_the_drawer_and_training_does_not() {
    let mut shop = Shop::open(false);
    shop.sells();
    shop.does(Command::Training(true));
    shop.sells();
    shop.until(|shop| shop.waiting() == 0);
    assert_eq!(shop.seen.lock().expect("not poisoned").drawer, 2, "the float and one sale");
}

#[test]
fn a_silent_terminal_is_asked_again_by_reference_and_the_sale_closes_once() {
    let mut shop = Shop::open(true);
    shop.answers.send(PaymentAnswer::Unknown).expect("the terminal listens");
    shop.does(add("1001", 1));
    shop.does(card(2_900));
    let told = shop.until(|shop| shop.counter.till().books().card.as_ref().is_some_and(|card| card.unknown));
    assert!(matches!(&told[..], [Answer::CardUnknown(_)]));
    shop.answers.send(common::approved(2_900)).expect("the terminal listens");
    shop.does(Command::AskCardAgain);
    let told = shop.until(|shop| shop.counter.till().books().card.is_none());
    assert!(matches!(told.last(), Some(Answer::Paid(paid)) if paid.receipt_no == 1));
    let seen = shop.seen.lock().expect("not poisoned");
    assert_eq!(seen.asked.len(), 1, "the money is asked for once");
    assert!(seen.statuses >= 1);
    drop(seen);
    assert_eq!(shop.counter.till().books().receipt_no, 1);
}

#[test]
fn without_a_terminal_the_sale_stays_open_for_cash() {
    let mut shop = Shop::open(false);
    shop.does(add("1001", 1));
    shop.does(card(2_900));
    assert_eq!(shop.counter.till().books().card, None);
    assert_eq!(shop.counter.states().terminal, Some(TerminalState::Unplugged));
    assert!(matches!(shop.does(cash(2_900)), Answer::Paid(_)));
}

#[test]
fn the_receipt_comes_out_when_the_unit_has_given_its_code() {
    let mut shop = Shop::under(ControlRule::Sweden, true, true);
    shop.does(add("1001", 1));
    assert_eq!(shop.does(cash(5_000)), Answer::ControlAsked(1));
    let told = shop.until(|shop| shop.printed().len() == 1);
    assert!(matches!(&told[..], [Answer::Paid(paid)] if paid.receipt_no == 1));
    assert!(shop.printed()[0].contains("KODNormal1"));
    shop.does(add("1001", 1));
    shop.answers.send(common::approved(2_900)).expect("the terminal listens");
    shop.does(card(2_900));
    let told = shop.until(|shop| shop.printed().len() == 2);
    assert!(matches!(&told[..], [Answer::ControlAsked(2), Answer::Paid(paid)] if paid.receipt_no == 2));
}

#[test]
fn a_unit_that_comes_back_is_asked_again_by_itself_with_the_same_record() {
    let mut shop = Shop::under(ControlRule::Sweden, false, true);
    shop.troubles.send(ControlTrouble::Silent).expect("the unit listens");
    shop.seen.lock().expect("not poisoned").unit_lost = true;
    shop.does(add("1001", 1));
    shop.does(cash(2_900));
    shop.until(|shop| matches!(shop.counter.till().control_seen_last(), Some(Err(ControlTrouble::Silent))));
    assert_eq!(shop.counter.till().control_trouble(), Some(ControlTrouble::Silent));
    assert!(shop.printed().is_empty(), "no paper without a code");
    shop.seen.lock().expect("not poisoned").unit_lost = false;
    shop.counter.desk().look();
    let told = shop.until(|shop| shop.counter.till().books().control.is_none());
    assert!(matches!(told.last(), Some(Answer::Paid(_))));
    let registered = shop.seen.lock().expect("not poisoned").registered.clone();
    assert_eq!(registered.len(), 2);
    assert_eq!(registered[0], registered[1]);
}

#[test]
fn where_the_law_wants_a_unit_and_there_is_none_no_money_is_taken() {
    let mut shop = Shop::under(ControlRule::Sweden, true, false);
    shop.does(add("1001", 1));
    for pay in [cash(2_900), card(2_900)] {
        let wrong = shop.counter.command(pay, NOW).expect_err("nothing is taken");
        assert_eq!(wrong.code(), "control.unplugged");
    }
    assert!(shop.seen.lock().expect("not poisoned").asked.is_empty(), "no terminal was asked");
}

#[test]
fn what_the_scanner_reads_goes_into_the_sale_and_a_refusal_comes_back() {
    let mut shop = Shop::open(false);
    shop.until(|shop| shop.counter.states().scanner == Some(true));
    for code in ["9520000020019", "9520000099992", "12345"] {
        shop.scanner.scan(code);
        shop.until(|shop| shop.scanned.last().is_some_and(|(text, _)| text == code));
    }
    let told: Vec<_> = shop.scanned.iter().map(|(_, done)| done.clone()).collect();
    assert_eq!(told, [Ok(Answer::Line(LineNo(1))), Err("product.unknown_gtin"), Err("product.unreadable_gtin")]);
    let sale = shop.counter.till().open_sale().expect("a sale");
    assert_eq!(sale.lines.iter().map(|line| line.sku.as_str()).collect::<Vec<_>>(), ["2001", "9002"]);
}

#[test]
fn a_scanners_test_ends_with_whatever_a_person_does_next() {
    let mut shop = Shop::open(false);
    for next in [add("1001", 1), Command::Abandon, Command::SignOut, sign_in()] {
        assert!(matches!(shop.counter.test(Device::Scanner, NOW), Ok(None) | Err(_)));
        shop.does(next.clone());
        assert!(!shop.counter.waits_for_test_scan(), "{next:?}");
    }
    assert!(matches!(shop.counter.test(Device::Scanner, NOW), Ok(None)));
    shop.counter.event(Event::Printer(PrinterState::default()), NOW).expect("the event is taken in");
    shop.does(Command::PrinterReady);
    assert!(shop.counter.waits_for_test_scan(), "what devices tell does not end it");
    shop.does(Command::SignOut);
    shop.does(sign_in());
    shop.scanner.scan("9520000020019");
    shop.until(|shop| !shop.scanned.is_empty());
    assert!(shop.scanned[0].1.is_ok(), "the next person's scan is sold");
}

#[test]
fn a_scan_while_the_terminal_owes_an_answer_is_refused_and_changes_nothing() {
    let mut shop = Shop::open(true);
    shop.answers.send(PaymentAnswer::Unknown).expect("the terminal listens");
    shop.does(add("1001", 1));
    shop.does(card(2_900));
    shop.until(|shop| shop.counter.till().books().card.as_ref().is_some_and(|card| card.unknown));
    let before = shop.counter.till().open_sale().cloned();
    shop.scanner.scan("9520000020019");
    shop.until(|shop| !shop.scanned.is_empty());
    assert_eq!(shop.scanned, [("9520000020019".to_owned(), Err("card.pending"))]);
    assert_eq!(shop.counter.till().open_sale(), before.as_ref());
}

#[test]
fn a_scanner_that_is_pulled_out_is_shown_and_comes_back() {
    let mut shop = Shop::open(false);
    shop.until(|shop| shop.counter.states().scanner == Some(true));
    shop.scanner.set_fault(ScannerFault::Unplugged);
    shop.until(|shop| shop.counter.states().scanner == Some(false));
    shop.scanner.set_fault(ScannerFault::None);
    shop.until(|shop| shop.counter.states().scanner == Some(true));
    shop.scanner.scan("9520000020026");
    shop.until(|shop| !shop.scanned.is_empty());
    assert!(shop.scanned[0].1.is_ok());
}
