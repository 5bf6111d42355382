//! The till's own thread: it owns the counter, and everything the window knows comes from here as a snapshot.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    },
    thread,
    time::Duration,
};

use domain::sale::OpenSale;
use hw::{
    control::{ControlState, ControlTrouble},
    document::DocumentBuf,
    power::Heartbeat,
};
use journal::{Books, ClockTrust, DrawerLine, Entry, ShiftClosed, drawer_lines};
use till::{
    Answer, Command, Counter, DeviceStates, Happened, Setup, SyncState, Wrong,
    desk::{Device, Event},
    place::Sensed,
};

use crate::{
    clock::Clock,
    devices::{Listed, Simulated, list},
    error::Failure,
    evidence,
    start::Start,
};

/// After this much quiet, what is not flushed is flushed.
const QUIET: Duration = Duration::from_millis(500);
/// Receipts in the list of the receipts screen.
const RECEIPTS_LISTED: usize = 200;
/// Entries read at once when the lines behind a drawer are looked for.
const ENTRIES_AT_ONCE: usize = 500;

/// What the window asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Ask {
    /// How everything stands, nothing else.
    Look,
    /// Carry out a command.
    Command(Command),
    /// The list of receipts.
    Receipts,
    /// One receipt in full.
    Receipt(u64),
    /// Stop the card payment that is under way.
    AbortCard,
    /// Test a device, by its name, or the "store".
    Test(String),
    /// No test waits for anybody any more.
    EndTest,
    /// Save the evidence file.
    Evidence,
    /// The clock is right as it is, or set it: seconds since 1970, UTC.
    SetClock(i64),
}

/// Something the window asked for, done.
#[derive(Debug)]
pub enum Told {
    /// Nothing in particular.
    Nothing,
    /// What a command did, or why not.
    Did(Command, Result<Answer, Wrong>),
    /// The answer of the card terminal or the control unit, and what it did.
    Card(Answer),
    /// A scanner read this. Nothing has been done with it: where the crew stands decides.
    Heard(String),
    /// The list of receipts, newest first.
    Receipts(Vec<store::Receipt>),
    /// One receipt.
    Receipt(Box<Receipt>),
    /// A test ended: device, well or not.
    Tested(String, bool),
    /// A device may not be tested now.
    TestRefused(String, Wrong),
    /// The evidence file was saved here.
    Evidence(PathBuf),
    /// The store failed outside of a command.
    Fault(Wrong),
}

/// One receipt in full.
#[derive(Clone, Debug)]
pub struct Receipt {
    /// The entry it stands in.
    pub entry: Entry,
    /// The sale.
    pub sale: domain::sale::ClosedSale,
    /// Refunds and voids of it.
    pub before: Vec<domain::sale::ClosedSale>,
    /// Its one copy was printed.
    pub copied: bool,
    /// What its paper says.
    pub document: DocumentBuf,
    /// Its picture as printed, PNG.
    pub picture: Vec<u8>,
}

/// An answer to the window, with how everything stands after it.
#[derive(Debug)]
pub struct Reply {
    /// What was asked for.
    pub told: Told,
    /// How everything stands.
    pub snapshot: Snapshot,
}

/// How everything stands.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// What the till was set up with.
    pub setup: Arc<Setup>,
    /// What the journal adds up to.
    pub books: Books,
    /// The open sale.
    pub open_sale: Option<OpenSale>,
    /// What is known of the devices.
    pub states: DeviceStates,
    /// The control unit, and the receipt that may wait for it.
    pub control: ControlShot,
    /// Every device, where it is and how it is.
    pub devices: Vec<Listed>,
    /// The control unit's manufacturing number, once it was heard.
    pub control_unit: Option<String>,
    /// Wall time in seconds since 1970, UTC, and what to add for local time in minutes.
    pub wall: (i64, i16),
    /// How far the clock is trusted.
    pub trust: ClockTrust,
    /// The leg the train is on.
    pub leg: Option<usize>,
    /// Where the train is, for people.
    pub place: Sensed,
    /// Nothing waits for a quiet moment to become durable.
    pub saved: bool,
    /// The last entry.
    pub seq: u64,
    /// The log's identity, hexadecimal.
    pub log: String,
    /// The store as it was found at the start.
    pub store: StoreFound,
    /// Print jobs that ask whether the paper came out: job and receipt, where it is one.
    pub doubted: Vec<(store::JobId, Option<u64>)>,
    /// Print jobs that wait for the printer.
    pub paper_waiting: usize,
    /// How sync stands, and what only this till has.
    pub sync: SyncState,
    /// The last Z report of this start, and every line behind its drawer.
    pub closed: Option<Arc<(ShiftClosed, Vec<DrawerLine>)>>,
}

/// What is known of the control unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ControlShot {
    /// Its last word; none before it spoke.
    pub seen: Option<Result<ControlState, ControlTrouble>>,
    /// What keeps the receipt that waits for it; none while it is being asked.
    pub trouble: Option<ControlTrouble>,
    /// That receipt can be given up.
    pub can_give_up: bool,
}

/// How the store was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreFound {
    /// In order, or new.
    Whole,
    /// With projections that had to be rebuilt.
    Repaired,
    /// Damaged, and set aside.
    SetAside,
}

enum Work {
    Ask(Ask),
    Event(Event),
}

/// The till behind the window.
pub struct Backroom {
    counter: Counter,
    simulated: Simulated,
    clock: Clock,
    setup: Arc<Setup>,
    work: Receiver<Work>,
    asks: Sender<Work>,
    closed: Option<Arc<(ShiftClosed, Vec<DrawerLine>)>>,
    paper: Option<Paper>,
    heart: Heartbeat,
    /// Where the window believes the train to be.
    place_told: Option<Sensed>,
    /// What the window knows of sync.
    sync_told: Option<SyncState>,
}

/// Where the paper of a simulated printer goes.
struct Paper {
    folder: PathBuf,
    strips: usize,
}

/// The window's way to the backroom.
#[derive(Clone, Debug)]
pub struct Asks(Sender<Work>);

impl Asks {
    /// Asks; the reply comes later.
    pub fn ask(&self, ask: Ask) {
        // A backroom that is gone has ended the program.
        drop(self.0.send(Work::Ask(ask)));
    }
}

impl Backroom {
    /// Opens the till.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn open(start: Start, clock: Clock) -> Result<Self, Failure> {
        let (asks, work) = channel();
        let events = asks.clone();
        let (counter, simulated) = start.counter(&clock, move |event| drop(events.send(Work::Event(event))))?;
        let setup = Arc::new(counter.till().setup().clone());
        let heart = Heartbeat::default();
        Ok(Self { counter, simulated, clock, setup, work, asks, closed: None, paper: None, heart, place_told: None, sync_told: None })
    }

    /// Leaves a picture of every paper that the simulated printer prints in `folder`, numbered by time of the till's start.
    #[must_use]
    pub fn leaving_paper_in(mut self, folder: PathBuf) -> Self {
        self.paper = Some(Paper { folder, strips: 0 });
        self
    }

    /// Beats while the till's thread works: what a watchdog watches.
    #[must_use]
    pub fn heart(&self) -> Heartbeat {
        self.heart.clone()
    }

    /// Works in a thread of its own, until the window is gone.
    #[must_use]
    pub fn work(mut self, reply: impl Fn(Reply) + Send + 'static) -> Asks {
        let asks = Asks(self.asks.clone());
        let worker = thread::Builder::new().name("till".into()).spawn(move || {
            loop {
                self.heart.beat();
                match self.work.recv_timeout(QUIET) {
                    Ok(Work::Ask(ask)) => reply(self.answer(ask)),
                    Ok(Work::Event(event)) => self.event(event).into_iter().for_each(&reply),
                    Err(RecvTimeoutError::Timeout) => match self.quiet() {
                        Ok(false) => {}
                        Ok(true) => reply(self.reply(Told::Nothing)),
                        Err(wrong) => reply(self.reply(Told::Fault(wrong))),
                    },
                    Err(RecvTimeoutError::Disconnected) => return,
                }
            }
        });
        assert!(worker.is_ok(), "the till's thread starts");
        asks
    }

    /// Device events that came in meanwhile, for a backroom without a thread. Waits up to `patience` for the first.
    pub fn events(&mut self, patience: Duration) -> Vec<Reply> {
        let mut replies = Vec::new();
        let mut patience = patience;
        while let Ok(Work::Event(event)) = self.work.recv_timeout(patience) {
            replies.extend(self.event(event));
            patience = Duration::ZERO;
        }
        replies
    }

    /// The simulated devices.
    #[must_use]
    pub const fn simulated(&mut self) -> &mut Simulated {
        &mut self.simulated
    }

    /// The counter.
    #[must_use]
    pub const fn counter(&self) -> &Counter {
        &self.counter
    }

    /// The clocks, to set them in tests.
    #[must_use]
    pub const fn clock(&mut self) -> &mut Clock {
        &mut self.clock
    }

    /// Answers the window.
    pub fn answer(&mut self, ask: Ask) -> Reply {
        let told = match ask {
            Ask::Look => Told::Nothing,
            Ask::Command(command) => {
                let opened = self.counter.till().books().shift.as_ref().map_or(1, |shift| shift.seq);
                let done = self.counter.command(command.clone(), self.clock.now());
                if let (Command::ZReport { .. }, Ok(Answer::Closed { .. })) = (&command, &done) {
                    self.closed = self.lines_behind_z(opened).ok().map(Arc::new);
                }
                Told::Did(command, done)
            }
            Ask::Receipts => {
                let till = self.counter.till();
                match till.store().receipts(till.books().training, None, RECEIPTS_LISTED) {
                    Ok(receipts) => Told::Receipts(receipts),
                    Err(fault) => Told::Fault(fault.into()),
                }
            }
            Ask::Receipt(receipt_no) => match self.receipt(receipt_no) {
                Ok(receipt) => Told::Receipt(Box::new(receipt)),
                Err(wrong) => Told::Fault(wrong),
            },
            Ask::AbortCard => {
                self.counter.desk().abort_payment();
                Told::Nothing
            }
            Ask::Test(device) => self.test(device),
            Ask::EndTest => {
                self.counter.end_test();
                Told::Nothing
            }
            Ask::Evidence => match evidence::save(&self.counter, &self.simulated, self.clock.now()) {
                Ok(path) => Told::Evidence(path),
                Err(fault) => Told::Fault(fault.into()),
            },
            Ask::SetClock(wall_s) => {
                let command = Command::SetClock(wall_s);
                let done = self.counter.command(command.clone(), self.clock.now());
                if done.is_ok() {
                    self.clock.set(wall_s);
                }
                Told::Did(command, done)
            }
        };
        self.reply(told)
    }

    /// A quiet moment: what is not flushed is flushed, and a better clock is heard. Whether that is news for the window.
    fn quiet(&mut self) -> Result<bool, Wrong> {
        self.counter.settle()?;
        self.counter.tick(self.clock.now())?;
        Ok(self.clock.keep(&mut self.counter)? || self.sync_is_news())
    }

    /// Whether the window shows sync otherwise than it stands. That time passes is no news.
    fn sync_is_news(&self) -> bool {
        let now = self.counter.sync_state(self.clock.now());
        self.sync_told.as_ref().is_none_or(|told| SyncState { contact_ms: told.contact_ms, ..now } != *told)
    }

    /// A fix comes every second, and mostly tells what is known: only news goes to the window.
    fn event(&mut self, event: Event) -> Option<Reply> {
        let is_fix = matches!(event, Event::Fixed(_));
        if matches!(event, Event::JobEnded(..)) {
            self.leave_paper();
        }
        if let Event::Scanned(scan) = &event
            && !self.counter.waits_for_test_scan()
        {
            let text = scan.as_str().to_owned();
            return Some(self.reply(Told::Heard(text)));
        }
        let told = match self.counter.event(event, self.clock.now()) {
            Ok(Happened::Answered(_, answer)) => Told::Card(answer),
            Ok(Happened::Scanned(text, done)) => Told::Did(Command::Scan(text), done),
            Ok(Happened::Tested(device, well)) => Told::Tested(device.name().into(), well),
            Ok(Happened::Nothing | Happened::Synced(_)) => Told::Nothing,
            Err(wrong) => Told::Fault(wrong),
        };
        let (told, kept) = match self.clock.keep(&mut self.counter) {
            Ok(kept) => (told, kept),
            Err(wrong) => (Told::Fault(wrong), true),
        };
        let is_news = kept || !is_fix || self.place_told != Some(self.counter.place(self.clock.now()));
        is_news.then(|| self.reply(told))
    }

    /// A picture that cannot be written is missed by nobody but the onlooker.
    fn leave_paper(&mut self) {
        let Some(paper) = &mut self.paper else { return };
        let wall_s = self.clock.now().wall_s;
        for (number, strip) in self.simulated.printer.strips().iter().enumerate().skip(paper.strips) {
            let name = format!("{wall_s}-{:03}.png", number + 1);
            drop(std::fs::create_dir_all(&paper.folder).and_then(|()| std::fs::write(paper.folder.join(name), strip.png())));
            paper.strips = number + 1;
        }
    }

    fn reply(&mut self, told: Told) -> Reply {
        let snapshot = self.snapshot();
        self.place_told = Some(snapshot.place.clone());
        self.sync_told = Some(snapshot.sync.clone());
        Reply { told, snapshot }
    }

    fn snapshot(&mut self) -> Snapshot {
        let now = self.clock.now();
        let till = self.counter.till();
        let books = till.books().clone();
        let doubted = till.doubted_jobs().unwrap_or_default();
        let unfinished = till.store().unfinished_jobs().map_or(0, |jobs| jobs.len());
        let receipt_of = |job: &store::Job| match till.entry(job.seq).map(|entry| entry.fact) {
            Ok(journal::Fact::SaleClosed(sale)) => Some(sale.receipt_no),
            Ok(journal::Fact::CopyPrinted(_, receipt_no, ..)) => Some(receipt_no),
            _ => None,
        };
        Snapshot {
            setup: self.setup.clone(),
            open_sale: till.open_sale().cloned(),
            states: self.counter.states().clone(),
            control: ControlShot {
                seen: till.control_seen_last().cloned(),
                trouble: till.control_trouble(),
                can_give_up: till.may_give_up_control().is_ok(),
            },
            devices: list(&self.simulated, &self.counter),
            control_unit: match till.control_seen_last() {
                Some(Ok(state)) => Some(state.unit.as_str().to_owned()),
                Some(Err(_)) | None => None,
            },
            wall: till.wall(now),
            trust: till.clock_trust(),
            leg: till.leg(now),
            place: self.counter.place(now),
            saved: !till.is_unsettled(),
            seq: till.store().seq(),
            log: till.store().log().map(|log| log.log_id.to_string()).unwrap_or_default(),
            store: match till.opened() {
                store::Opened::Fresh | store::Opened::Whole | store::Opened::Sealed(_) => StoreFound::Whole,
                store::Opened::Repaired { .. } => StoreFound::Repaired,
                store::Opened::SetAside(_) => StoreFound::SetAside,
            },
            paper_waiting: unfinished - doubted.len(),
            doubted: doubted.iter().map(|job| (job.job_id, receipt_of(job))).collect(),
            sync: self.counter.sync_state(now),
            closed: self.closed.clone(),
            books,
        }
    }

    fn receipt(&self, receipt_no: u64) -> Result<Receipt, Wrong> {
        let till = self.counter.till();
        let training = till.books().training;
        let (entry, sale) = till.receipt(training, receipt_no)?;
        let mentions = till.mentions(training, receipt_no)?;
        let copied = mentions.iter().any(|entry| matches!(entry.fact, journal::Fact::CopyPrinted(..)));
        let back = |entry: Entry| match entry.fact {
            journal::Fact::SaleClosed(sale) => Some(*sale),
            _ => None,
        };
        let document = till.receipt_document(training, receipt_no, self.counter.desk().columns())?;
        let picture = self.simulated.picture(&document);
        Ok(Receipt { entry, sale, before: mentions.into_iter().filter_map(back).collect(), copied, document, picture })
    }

    fn lines_behind_z(&self, opened: u64) -> Result<(ShiftClosed, Vec<DrawerLine>), Wrong> {
        let till = self.counter.till();
        let journal::Fact::ZClosed(closed) = till.entry(till.store().seq())?.fact else {
            return Err(domain::Refusal::ShiftNotOpen.into());
        };
        let mut entries = Vec::new();
        let mut from = opened;
        loop {
            let page = till.store().entries(from, ENTRIES_AT_ONCE)?;
            let Some((last, _)) = page.last() else { break };
            from = last + 1;
            entries.extend(page.into_iter().filter_map(|(_, bytes)| Entry::decode(&bytes).ok()));
        }
        entries.retain(|entry| entry.context.shift == Some(closed.shift_no) || opens(entry, closed.shift_no));
        Ok((*closed, drawer_lines(&entries)))
    }

    /// A test that takes its time ends with an event.
    fn test(&mut self, name: String) -> Told {
        let Some(device) = Device::named(&name) else {
            let well = name == "store" && self.counter.till().store().verify().is_ok();
            return Told::Tested(name, well);
        };
        match self.counter.test(device, self.clock.now()) {
            Ok(None) => Told::Nothing,
            Ok(Some(well)) => Told::Tested(name, well),
            Err(wrong) => Told::TestRefused(name, wrong),
        }
    }
}

fn opens(entry: &Entry, shift_no: u32) -> bool {
    matches!(entry.fact, journal::Fact::ShiftOpened(no, _) if no == shift_no)
}
