//! The counter: a till and its devices together. Commands and device events go in; what they cause is done here, after the commit.

mod bundles;
mod service;
mod sync;

use hw::{
    control::ControlTrouble,
    position::Fix,
    power::Supply,
    printer::{PrintOutcome, PrinterState},
    terminal::{PaymentAnswer, TerminalState},
};

use domain::{Refusal, trip::DayTime};
use journal::ClockTrust;
use store::JobState;

use crate::{
    bundles::BundleWrong,
    command::{Answer, Command, Effect, Now, Wrong},
    customer::Customer,
    desk::{Desk, Device, Event, QUEUE_MAX},
    place::{PlaceSense, Sensed},
    satellites::SatelliteTime,
    sync::Round,
    till::Till,
};

use sync::Delivery;
pub use sync::SyncState;

/// What is known of the devices.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeviceStates {
    /// The printer's last word; nothing known before it spoke.
    pub printer: PrinterState,
    /// The terminal's last word.
    pub terminal: Option<TerminalState>,
    /// The drawer did not open when it was last told to, and its printer has not come back since.
    pub drawer_failed: bool,
    /// Whether the customer display is there; `None` before it was used.
    pub display: Option<bool>,
    /// Whether the scanner is there, the one that came or went last where there are several; `None` before it was heard of.
    pub scanner: Option<bool>,
    /// What was scanned for a test.
    pub scanned_in_test: Option<String>,
    /// Whether the receiver of satellites is there; `None` before it spoke or failed to.
    pub position: Option<bool>,
    /// Where the receiver was last, as it says itself.
    pub fix: Option<Fix>,
    /// The machine's supply; `None` where nothing tells.
    pub supply: Option<Supply>,
    /// What told of the supply went away.
    pub supply_lost: bool,
}

/// What came of a device's event, where a person should know.
#[derive(Debug)]
pub enum Happened {
    /// Nothing in particular.
    Nothing,
    /// The card terminal's answer to a reference did this, or the control unit's to the number of a receipt.
    Answered(String, Answer),
    /// This was scanned, and its command did this or was refused.
    Scanned(String, Result<Answer, Wrong>),
    /// A test ended, well or not.
    Tested(Device, bool),
    /// A round of sync ended.
    Synced(Round),
}

/// A till at work.
pub struct Counter {
    till: Till,
    desk: Desk,
    states: DeviceStates,
    printing: usize,
    paper_waits: bool,
    scan_test: bool,
    /// The drawer is to be opened for a test, and its order is not passed on yet.
    drawer_test: bool,
    customer: Customer,
    display_waits: bool,
    sense: PlaceSense,
    satellites: SatelliteTime,
    time_heard: Option<(i64, ClockTrust)>,
    bundle_wrong: Option<BundleWrong>,
    delivery: Delivery,
}

impl Counter {
    /// Puts a till and its devices together and does what the till's start asks for.
    pub fn open(till: Till, desk: Desk) -> Self {
        let delivery = Delivery::new(&till);
        let mut counter = Self {
            delivery,
            till,
            desk,
            states: DeviceStates::default(),
            printing: 0,
            paper_waits: false,
            customer: Customer::default(),
            display_waits: false,
            scan_test: false,
            drawer_test: false,
            sense: PlaceSense::default(),
            satellites: SatelliteTime::default(),
            time_heard: None,
            bundle_wrong: None,
        };
        if counter.till.paper_broke_off() {
            counter.desk.paper_broke_off();
        }
        counter.follow_trip();
        counter.desk.look();
        if !counter.desk.has_control() {
            drop(counter.till.control_seen(Err(ControlTrouble::Unplugged)));
        }
        drop(counter.perform());
        counter.show();
        counter.count_unsent();
        counter
    }

    /// Random bytes that stand on no card, for the key of a log that may begin in this run. Without them no log is sealed.
    pub const fn reserve(&mut self, seed: [u8; 32]) {
        self.till.reserve(seed);
    }

    /// The till.
    #[must_use]
    pub const fn till(&self) -> &Till {
        &self.till
    }

    /// The devices' side.
    #[must_use]
    pub const fn desk(&self) -> &Desk {
        &self.desk
    }

    /// What is known of the devices.
    #[must_use]
    pub const fn states(&self) -> &DeviceStates {
        &self.states
    }

    /// Carries out a command and what follows from it.
    ///
    /// # Errors
    /// As [`Till::handle`].
    pub fn command(&mut self, command: Command, now: Now) -> Result<Answer, Wrong> {
        self.customer.asked(&command);
        if service::ends_test(&command) {
            self.end_test();
        }
        let answer = self.till.handle(command, now);
        let away = self.perform();
        self.follow_trip();
        if self.states.supply == Some(Supply::Failing) {
            // Seconds are left: nothing waits for a quiet moment. A fault meets the next command too.
            drop(self.till.settle());
        }
        let answer = match (answer, away) {
            (Ok(Answer::CardAsked(_) | Answer::ControlAsked(_)), Some(away)) => away,
            (answer, _) => answer,
        };
        if let Ok(answer) = &answer {
            self.customer.answered(answer, &self.till);
        }
        self.count_unsent();
        self.show();
        answer
    }

    /// Takes in what a device told, and says what came of it.
    ///
    /// # Errors
    /// A fault of the store; that of a scan's command comes in [`Happened::Scanned`].
    pub fn event(&mut self, event: Event, now: Now) -> Result<Happened, Wrong> {
        match event {
            Event::JobEnded(job_id, outcome) => {
                self.printing = self.printing.saturating_sub(1);
                self.paper_waits |= matches!(outcome, PrintOutcome::NotPrinted { .. });
                self.command(Command::JobEnded { job_id, outcome }, now)?;
            }
            Event::Printer(state) => {
                self.states.printer = state;
                if state.is_ready() {
                    self.command(Command::PrinterReady, now)?;
                }
            }
            Event::CardAnswered(reference, answer) => {
                let pending = self.till.books().card.as_ref().is_some_and(|card| card.reference == reference);
                if pending {
                    let answer = self.command(Command::CardAnswered { reference: reference.clone(), answer }, now)?;
                    return Ok(Happened::Answered(reference, answer));
                }
            }
            Event::Terminal(state) => {
                self.states.terminal = Some(state);
                if state == TerminalState::Ready && self.till.books().card.as_ref().is_some_and(|card| card.unknown) {
                    self.command(Command::AskCardAgain, now)?;
                }
            }
            Event::Drawer(well) => self.states.drawer_failed = !well,
            Event::Display(there) => self.states.display = Some(there),
            Event::ControlAnswered(record, result) => {
                let number = record.number;
                // A unit that answers for a receipt that was given up meanwhile says nothing about the next one.
                return match self.command(Command::ControlAnswered { record, result }, now) {
                    Ok(answer) => Ok(Happened::Answered(number.to_string(), answer)),
                    Err(Wrong::Refused(Refusal::ControlNotPending)) => Ok(Happened::Nothing),
                    Err(wrong) => Err(wrong),
                };
            }
            Event::Control(state) => {
                self.command(Command::ControlSeen(state), now)?;
            }
            Event::Scanned(scan) if self.scanned_in_test(scan.as_str()) => return Ok(Happened::Tested(Device::Scanner, true)),
            Event::Scanned(scan) => {
                let text = scan.as_str().to_owned();
                let done = self.command(Command::Scan(text.clone()), now);
                return Ok(Happened::Scanned(text, done));
            }
            Event::Scanner(there) => self.states.scanner = Some(there),
            Event::Tested(device, well) => return Ok(Happened::Tested(device, well)),
            Event::Fixed(fix) => {
                self.states.fix = Some(fix);
                self.sense.fixed(fix, now.uptime_ms);
                self.time_heard = self.satellites.heard(fix.utc_s, now.uptime_ms).or(self.time_heard);
            }
            Event::Position(there) => self.states.position = Some(there),
            Event::Supply(supply) => {
                (self.states.supply, self.states.supply_lost) = (Some(supply), false);
                if supply == Supply::Failing {
                    self.till.settle()?;
                }
            }
            Event::Uplink(told) => return Ok(self.uplink_told(*told, now)?.map_or(Happened::Nothing, Happened::Synced)),
            Event::SupplyLost => (self.states.supply, self.states.supply_lost) = (None, true),
        }
        Ok(Happened::Nothing)
    }

    /// Where the train is, for people and for sync. No rule asks for it.
    #[must_use]
    pub fn place(&self, now: Now) -> Sensed {
        let Some(trip) = self.till.books().trip.as_ref().map(|trip| &trip.started.trip) else { return Sensed::default() };
        let (wall_s, offset_min) = self.till.wall(now);
        self.sense.place(trip, DayTime::of(trip.operating_day(), wall_s, i32::from(offset_min) * 60), now.uptime_ms)
    }

    /// A time that satellites proved since the last look. The edge hands it back as [`Command::ClockHeard`] and sets its clock by the answer.
    pub const fn take_time_heard(&mut self) -> Option<(i64, ClockTrust)> {
        self.time_heard.take()
    }

    fn follow_trip(&mut self) {
        let trip = self.till.books().trip.as_ref().map(|trip| (trip.seq, &trip.started.trip));
        self.sense.follow(trip, |station| self.till.setup().timetable.site(station));
    }

    /// For a quiet moment: flushes what is not flushed, tidies the store.
    ///
    /// # Errors
    /// A fault of the store.
    pub fn settle(&mut self) -> Result<(), Wrong> {
        if core::mem::take(&mut self.paper_waits) && self.states.printer.is_ready() {
            self.till.printer_ready()?;
            drop(self.perform());
        }
        if self.display_waits {
            self.show();
        }
        self.till.settle()
    }

    /// Whether a print job is with the printer right now.
    #[must_use]
    pub const fn paper_under_way(&self) -> bool {
        self.printing > 0
    }

    /// Hands out what there is to do. Where the terminal cannot be asked at all, that is known at once, and comes back.
    fn perform(&mut self) -> Option<Result<Answer, Wrong>> {
        let mut prints = false;
        let mut away = None;
        for effect in self.till.take_effects() {
            match effect {
                Effect::Print(_) => prints = true,
                Effect::OpenDrawer if self.drawer_test => {
                    self.drawer_test = !self.desk.test_drawer();
                    self.states.drawer_failed |= self.drawer_test;
                }
                Effect::OpenDrawer => self.states.drawer_failed |= !self.desk.open_drawer(),
                Effect::AskTerminal { reference, amount_minor, original, currency } => {
                    let unplugged = self.states.terminal == Some(TerminalState::Unplugged);
                    if unplugged || !self.desk.pay(reference.clone(), amount_minor, original, currency) {
                        away = Some(self.terminal_away(&reference));
                    }
                }
                Effect::AskTerminalStatus(reference) => {
                    self.desk.payment_status(reference);
                }
                Effect::Register(record) => {
                    if !self.desk.register((*record).clone()) {
                        // The order never left the till.
                        away = Some(self.till.control_answered(&record, Err(ControlTrouble::Unplugged)));
                    }
                }
            }
        }
        if prints {
            self.print_waiting();
        }
        away
    }

    /// What waits for the printer goes out in order, whichever job brought it up: no receipt overtakes an earlier one.
    /// A job leaves the store's queue only when the printer's queue has room for it, and only to a printer that is not known to be stuck.
    fn print_waiting(&mut self) {
        let known_stuck = self.states.printer.contact != hw::printer::Contact::Unasked && !self.states.printer.is_ready();
        if known_stuck || !self.desk.has().0 {
            return;
        }
        let Ok(jobs) = self.till.store().unfinished_jobs() else { return };
        for job in jobs.into_iter().filter(|job| job.state == JobState::Queued) {
            if self.printing >= QUEUE_MAX {
                self.paper_waits = true;
                return;
            }
            let Ok(document) = self.till.job_document(job.job_id, self.desk.columns()) else { continue };
            if self.till.job_begins(job.job_id).is_err() {
                continue;
            }
            if self.desk.print(job.job_id, document) {
                self.printing += 1;
                continue;
            }
            // The printer never saw it: back into the store's queue, and the later ones stay behind it.
            let back = PrintOutcome::NotPrinted { why: hw::printer::PrinterTrouble::Stalled, started: false };
            self.paper_waits = true;
            drop(self.till.job_ended(job.job_id, back));
            return;
        }
    }

    /// The order never left the till, so no money can have been taken.
    fn terminal_away(&mut self, reference: &str) -> Result<Answer, Wrong> {
        self.states.terminal = Some(TerminalState::Unplugged);
        self.desk.look();
        self.till.card_answered(reference, PaymentAnswer::NotFound)
    }

    /// The customer sees where things stand. A display that is too busy to be told is told in a quiet moment.
    fn show(&mut self) {
        self.display_waits = self.desk.has().2 && !self.desk.show(self.customer.shown(&self.till));
    }
}
