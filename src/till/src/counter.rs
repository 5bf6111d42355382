//! The counter: a till and its devices together. Commands and device events go in; what they cause is done here, after the commit.

use hw::{
    power::Supply,
    printer::{PrintOutcome, PrinterState},
    terminal::{PaymentAnswer, TerminalState},
};

use domain::trip::DayTime;
use journal::ClockTrust;
use store::JobState;

use crate::{
    command::{Answer, Command, Effect, Now, Wrong},
    desk::{Desk, Event, QUEUE_MAX, Shown},
    place::{PlaceSense, Sensed},
    satellites::SatelliteTime,
    till::Till,
    words,
};

/// What is known of the devices.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeviceStates {
    /// The printer's last word; nothing known before it spoke.
    pub printer: PrinterState,
    /// The terminal's last word.
    pub terminal: Option<TerminalState>,
    /// The drawer did not open when it was last told to.
    pub drawer_failed: bool,
    /// Whether the customer display is there; `None` before it was used.
    pub display: Option<bool>,
    /// Whether the receiver of satellites is there; `None` before it spoke or failed to.
    pub position: Option<bool>,
    /// The machine's supply; `None` where nothing tells.
    pub supply: Option<Supply>,
}

/// A till at work.
pub struct Counter {
    till: Till,
    desk: Desk,
    states: DeviceStates,
    printing: usize,
    paper_waits: bool,
    sense: PlaceSense,
    satellites: SatelliteTime,
    time_heard: Option<(i64, ClockTrust)>,
}

impl Counter {
    /// Puts a till and its devices together and does what the till's start asks for.
    pub fn open(till: Till, desk: Desk) -> Self {
        let mut counter = Self {
            till,
            desk,
            states: DeviceStates::default(),
            printing: 0,
            paper_waits: false,
            sense: PlaceSense::default(),
            satellites: SatelliteTime::default(),
            time_heard: None,
        };
        counter.follow_trip();
        counter.desk.look();
        drop(counter.perform());
        counter.show();
        counter
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
        let answer = self.till.handle(command, now);
        let away = self.perform();
        self.follow_trip();
        if self.states.supply == Some(Supply::Failing) {
            // Seconds are left: nothing waits for a quiet moment. A fault meets the next command too.
            drop(self.till.settle());
        }
        self.show();
        match (answer, away) {
            (Ok(Answer::CardAsked(_)), Some(away)) => away,
            (answer, _) => answer,
        }
    }

    /// Takes in what a device told. An answer of the card terminal comes back as what it did, with its reference.
    ///
    /// # Errors
    /// A fault of the store.
    pub fn event(&mut self, event: Event, now: Now) -> Result<Option<(String, Answer)>, Wrong> {
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
                    return Ok(Some((reference, answer)));
                }
            }
            Event::Terminal(state) => {
                self.states.terminal = Some(state);
                if state == TerminalState::Ready && self.till.books().card.as_ref().is_some_and(|card| card.unknown) {
                    self.command(Command::AskCardAgain, now)?;
                }
            }
            Event::DrawerFailed => self.states.drawer_failed = true,
            Event::Display(there) => self.states.display = Some(there),
            Event::ControlAnswered(..) | Event::Control(_) => {}
            Event::Scanned(_) | Event::Scanner(_) => {}
            Event::Fixed(fix) => {
                self.sense.fixed(fix, now.uptime_ms);
                self.time_heard = self.satellites.heard(fix.utc_s, now.uptime_ms).or(self.time_heard);
            }
            Event::Position(there) => self.states.position = Some(there),
            Event::Supply(supply) => {
                self.states.supply = Some(supply);
                if supply == Supply::Failing {
                    self.till.settle()?;
                }
            }
        }
        Ok(None)
    }

    /// Where the train is, for people and for sync. No rule asks for it.
    #[must_use]
    pub fn place(&self, now: Now) -> Sensed {
        let Some(trip) = self.till.books().trip.as_ref().map(|trip| &trip.started.trip) else { return Sensed::default() };
        let (wall_s, offset_min) = self.till.wall(now);
        self.sense.place(trip, DayTime::of(trip.operating_day(), wall_s, i32::from(offset_min) * 60), now.uptime_ms)
    }

    /// The depot has just answered: a hint of where the train is. Nothing calls this before there is a sync engine.
    pub const fn uplinked(&mut self, now: Now) {
        self.sense.uplinked(now.uptime_ms);
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
                Effect::OpenDrawer => self.states.drawer_failed = !self.desk.open_drawer(),
                Effect::AskTerminal { reference, amount_minor, original, currency } => {
                    let unplugged = self.states.terminal == Some(TerminalState::Unplugged);
                    if unplugged || !self.desk.pay(reference.clone(), amount_minor, original, currency) {
                        away = Some(self.terminal_away(&reference));
                    }
                }
                Effect::AskTerminalStatus(reference) => {
                    self.desk.payment_status(reference);
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

    /// The customer sees the last line and the total.
    fn show(&self) {
        let shown = match self.till.open_sale() {
            Some(sale) => {
                let paper = words::paper(words::Language::Sv);
                let line = sale.lines.last().map(|line| {
                    (
                        format!("{} {}", line.qty, line.name),
                        words::paper_amount(domain::Money::new(line.gross_minor(), sale.terms.currency)),
                    )
                });
                Shown { top: line.unwrap_or_default(), bottom: (paper.to_pay.into(), words::paper_amount(sale.due())) }
            }
            None => Shown { top: (self.till.setup().operator.company.clone(), String::new()), bottom: Default::default() },
        };
        self.desk.show(shown);
    }
}
