//! The state machine: one command in, one answer and its effects out, and everything committed before either is seen.

use std::collections::BTreeMap;

use chrono::{Offset as _, TimeZone as _, Utc};
use domain::{
    Money, Refusal,
    catalogue::Catalogue,
    crew::{CrewId, CrewMember, Right},
    sale::{Offer, OpenSale, Terms},
    trip::DayTime,
    vat::VatTable,
};
use journal::{Books, ClockChanged, ClockTrust, Context, ControlKind, Entry, Fact, Stamp, TillStarted, decode_draft, encode_draft};
use store::{Batch, Durability, FaultKind, JobChange, JobId, JobState, KeptChange, NewBundle, NewJob, Opened, SealedLog, Store};

use crate::{
    bundles::Bundles,
    command::{Answer, Command, Effect, Now, Wrong},
    control::ControlWatch,
    printing::JobKind,
    seal::Ended,
    setup::Setup,
};

/// Under this name the store keeps the open sale.
pub(crate) const KEPT_OPEN_SALE: &str = "open_sale";
/// Under this name the store keeps which run of the machine wrote last.
const KEPT_MACHINE_BOOT: &str = "machine_boot";
/// A wall clock this far ahead of the last entry is not believed. Source: hardware facts, clock.
pub const CLOCK_AHEAD_S_MAX: i64 = 30 * 24 * 60 * 60;
/// In a quiet moment the write-ahead log is moved into the database after this many entries, so that no sale has to.
const CHECKPOINT_EVERY_ENTRIES: u64 = 50;
/// Why a clock was changed by no hand, as the entry says it.
const REASON_SATELLITES: &str = "gps";
const REASON_NETWORK: &str = "network";
/// The most characters of a reason.
pub const REASON_CHARS_MAX: usize = 40;
/// A step of the clock larger than this is journaled.
pub const CLOCK_STEP_S_MAX: i64 = 2;
/// The earliest time a clock can be set to: 2020-01-01, before any till of this kind.
pub const CLOCK_SET_S_MIN: i64 = 1_577_836_800;
/// The latest time a clock can be set to: 2100-01-01.
pub const CLOCK_SET_S_MAX: i64 = 4_102_444_800;

/// A till without a face.
pub struct Till {
    pub(crate) store: Store,
    pub(crate) setup: Setup,
    pub(crate) open_sale: Option<OpenSale>,
    pub(crate) effects: Vec<Effect>,
    pub(crate) opened: Opened,
    pub(crate) control: ControlWatch,
    pub(crate) bundles: Bundles,
    trust: ClockTrust,
    /// The last entry's time before this run: what a clock that is not proven wrote since is no measure for a better one.
    believed_s: i64,
    /// What a better clock can be so far ahead of at most: wall time and uptime in milliseconds of one moment.
    /// Fixed for the run, so that many small steps lead no further than one large one.
    base: (i64, u64),
    /// When the run began and when each crew member last gave a wrong PIN in it: uptime in milliseconds.
    /// Delays go by this clock, which nobody can set.
    pub(crate) began_ms: u64,
    pub(crate) pin_refused_ms: BTreeMap<String, u64>,
    boot: u32,
    now: Now,
    drafted: bool,
    reason: Option<String>,
    /// A start that the journal does not know yet.
    start_due: Option<TillStarted>,
    checkpoint_seq: u64,
    /// The machine has not been restarted since the till last wrote: nothing that was written can be lost, flushed or not.
    pub(crate) same_boot: bool,
    /// Paper was under way when the till stopped.
    pub(crate) paper_broke_off: bool,
    /// Sealed logs of this data folder.
    pub(crate) sealed: Vec<SealedLog>,
    /// A sealed log whose successor is still to begin.
    pub(crate) ended: Option<Ended>,
    /// What the key of a log that begins in this run grows from.
    pub(crate) reserve: Option<[u8; 32]>,
    /// When this log began, where it goes on for a sealed one: seconds since 1970, UTC.
    pub(crate) succeeded_s: Option<i64>,
}

/// Entries and jobs on their way into one transaction.
#[derive(Default)]
pub(crate) struct Doing {
    facts: Vec<Fact>,
    jobs: Vec<(u64, JobKind)>,
    job_changes: Vec<JobChange>,
    effects: Vec<Effect>,
    sale: Option<Option<OpenSale>>,
    kept: Vec<KeptChange>,
    bundle: Option<NewBundle>,
}

impl Doing {
    /// One fact and nothing else.
    pub(crate) fn fact(fact: Fact) -> Self {
        Self::default().and(fact)
    }

    /// A further fact.
    pub(crate) fn and(mut self, fact: Fact) -> Self {
        self.facts.push(fact);
        self
    }

    /// A print job that the last fact causes.
    pub(crate) fn print(mut self, kind: JobKind) -> Self {
        assert!(!self.facts.is_empty(), "a job is caused by a fact");
        self.jobs.push((self.facts.len() as u64, kind));
        self
    }

    /// A print job's new state.
    pub(crate) fn job(mut self, job_id: JobId, state: JobState, attempt: u32) -> Self {
        self.job_changes.push(JobChange { job_id, state, attempt });
        self
    }

    /// The open sale from here on.
    pub(crate) fn sale(mut self, sale: Option<OpenSale>) -> Self {
        self.sale = Some(sale);
        self
    }

    /// Bytes to keep under a name.
    pub(crate) fn keep(mut self, name: &'static str, bytes: Vec<u8>) -> Self {
        self.kept.push(KeptChange { name, bytes: Some(bytes) });
        self
    }

    /// A bundle that the last fact installs.
    pub(crate) fn bundle(mut self, bundle: NewBundle) -> Self {
        self.bundle = Some(bundle);
        self
    }

    /// Nothing is kept under this name any more.
    pub(crate) fn forget(mut self, name: &'static str) -> Self {
        self.kept.push(KeptChange { name, bytes: None });
        self
    }

    /// How many numbers of receipts it uses up.
    fn numbers(&self) -> u64 {
        let uses = |fact: &&Fact| match fact {
            Fact::SaleClosed(_) => true,
            Fact::ControlGivenUp { kind, burned, .. } => *burned && *kind != ControlKind::Copy,
            _ => false,
        };
        self.facts.iter().filter(uses).count() as u64
    }

    /// Whether anything of it belongs into the journal.
    pub(crate) const fn has_facts(&self) -> bool {
        !self.facts.is_empty()
    }

    /// Something for a device to do after the commit.
    pub(crate) fn then(mut self, effect: Effect) -> Self {
        self.effects.push(effect);
        self
    }
}

impl Till {
    /// Starts a till on a store. A store without a log gets one, from `seed`, 32 random bytes.
    ///
    /// # Errors
    /// [`Wrong::Fault`] when the store cannot be written.
    pub fn start(store: Store, opened: Opened, setup: Setup, seed: [u8; 32], now: Now) -> Result<Self, Wrong> {
        let mut till = Self {
            store,
            setup,
            open_sale: None,
            effects: Vec::new(),
            opened,
            control: ControlWatch::default(),
            bundles: Bundles::default(),
            trust: now.trust,
            believed_s: 0,
            base: (0, now.uptime_ms),
            began_ms: now.uptime_ms,
            pin_refused_ms: BTreeMap::new(),
            boot: 0,
            now,
            drafted: false,
            reason: None,
            start_due: None,
            checkpoint_seq: 0,
            same_boot: false,
            paper_broke_off: false,
            sealed: Vec::new(),
            ended: None,
            reserve: None,
            succeeded_s: None,
        };
        till.resume_seal(seed)?;
        if till.store.log().is_none() {
            till.open_log(seed)?;
        }
        till.load_bundles()?;
        let last_s = till.books().last_wall_s;
        let suspect = now.wall_s < last_s - CLOCK_STEP_S_MAX || (till.books().boot > 0 && now.wall_s - last_s > CLOCK_AHEAD_S_MAX);
        if suspect {
            till.trust = ClockTrust::NotProven;
        }
        till.believed_s = last_s;
        till.base.0 = last_s;
        till.boot = till.books().boot + 1;
        let machine_boot = till.setup.machine_boot.clone();
        // Where the machine tells no boot id, nothing proves that it has kept running.
        till.same_boot = !machine_boot.is_empty() && till.store.kept(KEPT_MACHINE_BOOT)?.is_some_and(|kept| kept == machine_boot);
        let started =
            TillStarted { program: till.setup.program.clone(), catalogue_version: till.setup.catalogue.version(), clock_suspect: suspect };
        till.start_due = Some(started);
        match till.note_start() {
            // Without room nothing can be sold, but what was sold can be seen, and the next command says what is wrong.
            Err(Wrong::Fault(fault)) if fault.kind() == FaultKind::NeedsHands => {}
            noted => noted?,
        }
        till.open_sale = match till.store.kept(KEPT_OPEN_SALE)? {
            Some(bytes) => kept_draft(&bytes, till.books()),
            None => None,
        };
        match till.resume_devices() {
            Err(Wrong::Fault(fault)) if fault.kind() == FaultKind::NeedsHands => {}
            resumed => resumed?,
        }
        Ok(till)
    }

    /// Carries out one command.
    ///
    /// # Errors
    /// [`Wrong`]; nothing has changed then.
    pub fn handle(&mut self, command: Command, now: Now) -> Result<Answer, Wrong> {
        self.now = now;
        self.go_on_after_seal()?;
        match command {
            Command::SignIn { crew, pin } => self.sign_in(&crew, &pin),
            Command::SignOut => self.sign_out(),
            Command::StartTrip { train, operating_day } => self.start_trip(&train, operating_day),
            Command::EndTrip => self.end_trip(),
            Command::OpenShift(float) => self.open_shift(float),
            Command::Add { sku, qty } => self.sell(|sale, offer| sale.add(offer, &sku, qty)).map(Answer::Line),
            Command::Scan(text) => self.scan(&text),
            Command::SetQty(no, qty) => self.set_qty(no, qty),
            Command::VoidLine(no) => self.void_line(no),
            Command::Serve(supply) => self.sell(|sale, offer| sale.serve(offer.vat, supply)).map(|()| Answer::Done),
            Command::ServeLine(no, supply) => self.correct(|sale, offer| sale.serve_line(offer.vat, no, supply)),
            Command::Park => self.park(),
            Command::Resume(ticket) => self.resume(ticket),
            Command::Abandon => self.abandon(),
            Command::PayCash(amount) => self.pay_cash(amount),
            Command::VoidTender(place) => self.void_tender(place),
            Command::PayCard(amount) => self.pay_card(amount),
            Command::CardAnswered { reference, answer } => self.card_answered(&reference, answer),
            Command::CardSettled(paid) => self.card_settled(paid),
            Command::AskCardAgain => self.ask_card_again(),
            Command::ControlAnswered { record, result } => self.control_answered(&record, result),
            Command::ControlSeen(state) => self.control_seen(state),
            Command::AskControlAgain => self.ask_control_again(),
            Command::GiveUpControl => self.give_up_control(),
            Command::Void(receipt_no) => self.void(receipt_no),
            Command::Refund(receipt_no, scope) => self.refund(receipt_no, scope),
            Command::Copy(receipt_no) => self.copy(receipt_no),
            Command::CashDrop(amount) => self.cash_drop(amount),
            Command::PaidIn(amount) => self.paid_in(amount),
            Command::PaidOut(amount) => self.paid_out(amount),
            Command::NoSale => self.no_sale(),
            Command::TestDrawer => self.test_drawer(),
            Command::XReport => self.x_report(),
            Command::ZReport { counted, pieces } => self.z_report(counted, pieces),
            Command::Training(on) => self.switch_training(on),
            Command::JobEnded { job_id, outcome } => self.job_ended(job_id, outcome),
            Command::JobDecided { job_id, came_out } => self.job_decided(job_id, came_out),
            Command::PrinterReady => self.printer_ready(),
            Command::Because(reason, command) => {
                self.reason = Some(reason.chars().take(REASON_CHARS_MAX).collect());
                let answer = self.handle(*command, now);
                self.reason = None;
                answer
            }
            Command::SetClock(wall_s) => self.set_clock(wall_s),
            Command::ClockHeard { utc_s, source } => self.clock_heard(utc_s, source),
            Command::InstallBundle(bytes) => self.install(bytes),
            Command::PinRoot(bytes) => self.pin_root(bytes),
        }
    }

    /// What devices are to do now. Each effect is told once.
    pub fn take_effects(&mut self) -> Vec<Effect> {
        core::mem::take(&mut self.effects)
    }

    /// Makes the open sale and the states of print jobs durable, if they are not yet. To be called in a quiet moment.
    ///
    /// # Errors
    /// [`Wrong::Fault`].
    pub fn settle(&mut self) -> Result<(), Wrong> {
        if core::mem::take(&mut self.drafted) {
            self.store.settle()?;
        }
        if self.store.seq() - self.checkpoint_seq >= CHECKPOINT_EVERY_ENTRIES {
            self.store.checkpoint()?;
            self.checkpoint_seq = self.store.seq();
        }
        Ok(())
    }

    /// Whether [`Till::settle`] has something to do.
    #[must_use]
    pub const fn is_unsettled(&self) -> bool {
        self.drafted
    }

    /// The state that the journal tells of.
    #[must_use]
    pub fn books(&self) -> &Books {
        self.store.books()
    }

    /// The store, for reading.
    #[must_use]
    pub const fn store(&self) -> &Store {
        &self.store
    }

    /// What the till was set up with.
    #[must_use]
    pub const fn setup(&self) -> &Setup {
        &self.setup
    }

    /// Whether paper was under way when the till stopped last: half of it may hang from the printer.
    #[must_use]
    pub const fn paper_broke_off(&self) -> bool {
        self.paper_broke_off
    }

    /// How the store was found at the start.
    #[must_use]
    pub const fn opened(&self) -> &Opened {
        &self.opened
    }

    /// The sale that is open.
    #[must_use]
    pub const fn open_sale(&self) -> Option<&OpenSale> {
        self.open_sale.as_ref()
    }

    /// How far the clock is trusted now.
    #[must_use]
    pub const fn clock_trust(&self) -> ClockTrust {
        self.trust
    }

    /// Wall time as entries will show it: never before the last entry. Seconds since 1970, UTC, and what to add for local time in minutes.
    #[must_use]
    pub fn wall(&self, now: Now) -> (i64, i16) {
        let wall_s = now.wall_s.max(self.books().last_wall_s);
        (wall_s, self.offset_min(wall_s))
    }

    /// The leg the train is on by its timetable, from 0.
    #[must_use]
    pub fn leg(&self, now: Now) -> Option<usize> {
        let trip = &self.books().trip.as_ref()?.started.trip;
        let (wall_s, offset_min) = self.wall(now);
        Some(trip.leg_at(DayTime::of(trip.operating_day(), wall_s, i32::from(offset_min) * 60)))
    }

    /// The crew member with this number.
    #[must_use]
    pub fn member(&self, id: &str) -> Option<&CrewMember> {
        self.setup.roster.find(&CrewId::parse(id).ok()?).map(|entry| &entry.member)
    }

    /// Who is signed in.
    #[must_use]
    pub fn crew(&self) -> Option<&CrewMember> {
        self.member(self.books().crew.as_deref()?)
    }

    /// Satellites or the network tell a time. It raises the trust in a clock that agrees with it and corrects one that does not;
    /// what lies before an entry that is believed, or too far behind it, is not believed itself.
    fn clock_heard(&mut self, utc_s: i64, source: ClockTrust) -> Result<Answer, Wrong> {
        let close = |one: i64, other: i64| one.abs_diff(other) <= CLOCK_STEP_S_MAX.unsigned_abs();
        let measure_s = if self.trust == ClockTrust::NotProven { self.believed_s } else { self.books().last_wall_s };
        let possible = (CLOCK_SET_S_MIN..=CLOCK_SET_S_MAX).contains(&utc_s) && utc_s >= measure_s - CLOCK_STEP_S_MAX;
        if source < self.trust || !possible {
            return Ok(Answer::Done);
        }
        let agrees = close(utc_s, self.now.wall_s);
        let near = utc_s.saturating_sub(self.base_s()) <= CLOCK_AHEAD_S_MAX;
        // The first run of a log has nothing to measure by but its own clock, which is the one in question until it is proven or sold by.
        let unmeasured = self.boot == 1 && self.trust < ClockTrust::Gps && closed_sales(self.books()) == 0;
        // The network sets the machine's clock, so only satellites are a second witness.
        let witnessed = agrees && source == ClockTrust::Gps;
        if !(near || unmeasured || witnessed) {
            return Ok(Answer::Done);
        }
        let (old_s, _) = self.wall(self.now);
        let answer = if agrees && close(utc_s, old_s) {
            self.trust = source;
            Answer::Done
        } else {
            self.reason = Some(if source == ClockTrust::Gps { REASON_SATELLITES } else { REASON_NETWORK }.to_owned());
            let changed = self.change_clock(old_s, utc_s, source);
            self.reason = None;
            changed?;
            Answer::ClockSet(utc_s)
        };
        if !near {
            // The old base was wrong: what is believed now is the only measure.
            self.base = (utc_s, self.now.uptime_ms);
        }
        Ok(answer)
    }

    /// What the wall clock would show now if it had only counted since its base.
    fn base_s(&self) -> i64 {
        let (wall_s, uptime_ms) = self.base;
        wall_s.saturating_add(i64::try_from(self.now.uptime_ms.saturating_sub(uptime_ms) / 1_000).unwrap_or(i64::MAX))
    }

    /// Takes `new_s` for true because `source` said so, and commits that it did.
    pub(crate) fn change_clock(&mut self, old_s: i64, new_s: i64, source: ClockTrust) -> Result<(), Wrong> {
        let before = self.trust;
        self.now.wall_s = new_s;
        self.trust = source;
        let committed = self.commit(Doing::fact(Fact::ClockChanged(ClockChanged { old_s, new_s })));
        if committed.is_err() {
            self.trust = before;
        } else if source == ClockTrust::Crew {
            self.base = (new_s, self.now.uptime_ms);
        }
        committed.map(|_| ())
    }

    pub(crate) const fn now(&self) -> Now {
        self.now
    }

    pub(crate) const fn set_now(&mut self, now: Now) {
        self.now = now;
    }

    /// The log that goes on has seen no start yet. Its own note of one is written with the next commit.
    pub(crate) fn begin_boot(&mut self, started: TillStarted) {
        self.boot = self.books().boot + 1;
        self.start_due = Some(started);
        self.checkpoint_seq = 0;
        self.drafted = false;
    }

    pub(crate) fn offset_min(&self, wall_s: i64) -> i16 {
        let Some(at) = Utc.timestamp_opt(wall_s, 0).single() else { return 0 };
        let offset_s = at.with_timezone(&self.setup.zone).offset().fix().local_minus_utc();
        i16::try_from(offset_s / 60).unwrap_or(0)
    }

    pub(crate) const fn money(&self, minor: i64) -> Money {
        Money::new(minor, self.setup.operator.currency)
    }

    pub(crate) const fn offer(&self) -> Offer<'_> {
        let catalogue: &Catalogue = &self.setup.catalogue;
        let vat: &VatTable = &self.setup.vat;
        Offer { catalogue, vat }
    }

    /// Who is signed in, if their role gives them `right`.
    pub(crate) fn require(&self, right: Right) -> Result<&CrewMember, Refusal> {
        let member = self.crew().ok_or(Refusal::NotSignedIn)?;
        member.role.require(right)?;
        Ok(member)
    }

    /// What a sale would be sold under now.
    pub(crate) fn terms(&self) -> Result<Terms, Refusal> {
        let crew = self.require(Right::Sell)?;
        let trip = &self.books().trip.as_ref().ok_or(Refusal::TripNotStarted)?.started.trip;
        let shift = self.books().shift.as_ref().ok_or(Refusal::ShiftNotOpen)?;
        if shift.crew != crew.id.as_str() {
            return Err(Refusal::ShiftOfOther);
        }
        Ok(Terms {
            currency: self.setup.operator.currency,
            country: trip.vat_country(self.leg(self.now).unwrap_or(0)),
            on: trip.operating_day(),
            training: self.books().training,
        })
    }

    /// Commits everything in one durable transaction, then takes over the open sale and queues the effects. Answers the last `seq`.
    pub(crate) fn commit(&mut self, doing: Doing) -> Result<u64, Wrong> {
        self.note_start()?;
        self.commit_now(doing)
    }

    /// The till's start is a fact; where it could not be written, it is written as soon as there is room.
    fn note_start(&mut self) -> Result<(), Wrong> {
        let Some(started) = self.start_due.clone() else { return Ok(()) };
        let machine_boot = self.setup.machine_boot.clone();
        self.commit_now(Doing::fact(Fact::TillStarted(started)).keep(KEPT_MACHINE_BOOT, machine_boot))?;
        self.start_due = None;
        Ok(())
    }

    fn commit_now(&mut self, doing: Doing) -> Result<u64, Wrong> {
        if self.is_ended() {
            return Err(store::Fault::Batch { what: "the log is sealed".into() }.into());
        }
        let mut seq = self.store.seq();
        let first = seq + 1;
        let kept_sale = doing.sale.as_ref().map(|sale| kept_sale(closed_sales(self.books()) + doing.numbers(), sale));
        let mut batch = Batch::default();
        for fact in doing.facts {
            seq += 1;
            let entry = Entry::new(seq, self.stamp(), self.context(), fact);
            batch.entries.push(entry.encode());
        }
        batch.new_jobs = doing.jobs.into_iter().map(|(place, kind)| NewJob { seq: first - 1 + place, kind: kind.code() }).collect();
        batch.job_changes = doing.job_changes;
        batch.kept = doing.kept;
        batch.bundle = doing.bundle;
        batch.kept.extend(kept_sale);
        let committed = self.store.commit(&batch, Durability::Durable)?;
        self.drafted = false;
        if let Some(sale) = doing.sale {
            self.open_sale = sale;
        }
        self.effects.extend(doing.effects);
        self.effects.extend(committed.jobs.into_iter().map(Effect::Print));
        Ok(seq)
    }

    /// Keeps the open sale and the states of print jobs: safe against the program's end at once, against a power cut with the next
    /// commit or [`Till::settle`].
    pub(crate) fn keep(&mut self, doing: Doing) -> Result<(), Wrong> {
        assert!(doing.facts.is_empty(), "facts are committed durably");
        let kept = doing.sale.as_ref().map(|sale| kept_sale(closed_sales(self.books()), sale)).into_iter().collect();
        let batch = Batch { job_changes: doing.job_changes, kept, ..Batch::default() };
        if batch == Batch::default() {
            self.effects.extend(doing.effects);
            return Ok(());
        }
        self.store.commit(&batch, Durability::Relaxed)?;
        self.drafted = true;
        if let Some(sale) = doing.sale {
            self.open_sale = sale;
        }
        self.effects.extend(doing.effects);
        Ok(())
    }

    pub(crate) fn stamp(&self) -> Stamp {
        let (wall_s, offset_min) = self.wall(self.now);
        Stamp { wall_s, offset_min, boot: self.boot, uptime_ms: self.now.uptime_ms, trust: self.trust }
    }

    fn context(&self) -> Context {
        let books = self.books();
        Context {
            trip: books.trip.as_ref().map(|trip| trip.seq),
            leg: self.leg(self.now).and_then(|leg| u16::try_from(leg).ok()),
            shift: books.shift.as_ref().map(|shift| shift.no),
            crew: books.crew.clone(),
            reason: self.reason.clone(),
        }
    }
}

/// The open sale as the store keeps it, behind the number of sales that were closed before it.
fn kept_sale(closed_before: u64, sale: &Option<OpenSale>) -> KeptChange {
    let bytes = |sale: &OpenSale| [&closed_before.to_be_bytes()[..], &encode_draft(sale)].concat();
    KeptChange { name: KEPT_OPEN_SALE, bytes: sale.as_ref().map(bytes) }
}

/// Reads what [`kept_sale`] wrote. A card that lies can bring back the draft of a sale that is closed by now: it is not offered again.
fn kept_draft(bytes: &[u8], books: &Books) -> Option<OpenSale> {
    let (closed, draft) = bytes.split_first_chunk::<8>()?;
    let sale = decode_draft(draft).ok()?;
    (u64::from_be_bytes(*closed) == closed_sales(books)).then_some(sale)
}

/// How many numbers of receipts the log has used, practice included.
const fn closed_sales(books: &Books) -> u64 {
    books.receipt_no + books.training_no
}
