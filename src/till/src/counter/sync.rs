//! Sync at the counter: the engine's words become batches on the desk, and answers become cursors.

use domain::trip::DayTime;
use hw::power::Supply;
use wire::{BundleHeld, BundleNews, Refused, Report};

use super::Counter;
use crate::{
    command::{Now, Wrong},
    delivery::OnlyHere,
    desk::{UplinkTrouble, Uplinked},
    place::Place,
    sync::{Cursor, FLIGHT_MS_MAX, HOLD_MS, Next, Round, Sync, SyncTrouble},
    till::Till,
};

/// What the counter knows of sync.
#[derive(Debug, Default)]
pub(super) struct Delivery {
    pub(super) engine: Sync,
    here: OnlyHere,
    /// What [`OnlyHere`] was counted at: last receipt, cursors, and where the next count begins.
    counted: Option<(u64, Vec<Cursor>)>,
    first_no: u64,
    /// The bundles that the till holds; none until somebody tells, and then none is fetched.
    held: Option<Vec<BundleHeld>>,
    /// Bundles that came, for whoever verifies them.
    came: Vec<(BundleNews, Vec<u8>)>,
    /// Bundles that came in this run: what was fetched once is not fetched again, whatever became of it.
    fetched: Vec<BundleNews>,
    contradicted: bool,
    /// A seal failed: it is not tried again before this uptime, in milliseconds.
    seal_not_before_ms: u64,
}

/// The most bundles of which it is remembered that they came.
const FETCHED_MAX: usize = 64;

/// What people see of sync.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncState {
    /// Its stable code, with words for people.
    pub code: &'static str,
    /// Waiting alone does not help: a person has to do something.
    pub needs_hands: bool,
    /// Entries are on their way right now.
    pub sending: bool,
    /// What only this till has.
    pub here: OnlyHere,
    /// How long ago the hub answered, in milliseconds; `None` where it did not in this run.
    pub contact_ms: Option<u64>,
    /// A clerk has confirmed the log's key, as the hub said last.
    pub confirmed: bool,
    /// How far the hub has the written log, as far as is known.
    pub cursor: Cursor,
    /// Sealed logs on this card.
    pub sealed_logs: usize,
    /// The next station and its time, where there may be a network; `None` when nobody knows.
    pub chance: Option<(String, DayTime)>,
    /// The hub's own words, where it refused.
    pub refused: Option<Refused>,
}

impl Delivery {
    pub(super) fn new(till: &Till) -> Self {
        // Cursors that cannot be read are no loss: the hub says where it stands.
        Self { engine: Sync::new(&till.kept_cursors().unwrap_or_default()), ..Self::default() }
    }
}

impl Counter {
    /// For a quiet moment: sends what is due. Batches follow each other by the uplink's events.
    /// `Some` is a round that ended because nothing can be sent at all.
    ///
    /// # Errors
    /// A fault of the store.
    pub fn tick(&mut self, now: Now) -> Result<Option<Round>, Wrong> {
        self.install_bundles(now);
        self.pump(now)?;
        self.count_unsent();
        Ok(self.delivery.engine.take_ended())
    }

    /// A full round now, whatever the waits. It ends at once with `Some`, or later with
    /// [`Happened::Synced`](super::Happened::Synced).
    ///
    /// # Errors
    /// A fault of the store.
    pub fn sync_now(&mut self, now: Now) -> Result<Option<Round>, Wrong> {
        if !self.desk.has_uplink() {
            return Ok(Some(Round { entries: 0, trouble: Some(SyncTrouble::Uplink(UplinkTrouble::NotEnrolled)) }));
        }
        drop(self.delivery.engine.take_ended());
        self.delivery.engine.ask();
        self.tick(now)
    }

    /// How sync stands.
    #[must_use]
    pub fn sync_state(&self, now: Now) -> SyncState {
        let engine = &self.delivery.engine;
        let here = self.delivery.here;
        let slow = engine.under_way_since_ms().is_some_and(|since_ms| now.uptime_ms.saturating_sub(since_ms) > FLIGHT_MS_MAX);
        let hung = SyncTrouble::Uplink(UplinkTrouble::TimedOut);
        let trouble = if slow { Some(&hung) } else { engine.trouble() };
        let code = match trouble {
            _ if !self.desk.has_uplink() => "sync.not_enrolled",
            _ if self.delivery.contradicted => SyncTrouble::Contradicts.code(),
            Some(trouble) => trouble.code(),
            None if engine.is_sending() => "sync.sending",
            None if engine.contact_ms().is_none() => "sync.only_here",
            None if here.entries == 0 => "sync.all_sent",
            None => "sync.only_here",
        };
        let log = self.till.store().log().map(|log| log.log_id);
        SyncState {
            code,
            needs_hands: self.delivery.contradicted || trouble.is_some_and(SyncTrouble::needs_hands),
            sending: engine.is_sending() && trouble.is_none(),
            here,
            contact_ms: engine.contact_ms().map(|at_ms| now.uptime_ms.saturating_sub(at_ms)),
            confirmed: engine.is_confirmed(),
            cursor: log.map_or_else(|| Cursor::none(journal::LogId([0; 32])), |log| engine.cursor(&log)),
            sealed_logs: self.till.sealed.len(),
            chance: self.next_chance(now),
            refused: match engine.trouble() {
                Some(SyncTrouble::Uplink(UplinkTrouble::Refused(refused))) => Some(refused.clone()),
                _ => None,
            },
        }
    }

    /// The bundles that the till holds from now on. Newer ones that the hub names are fetched, and come with [`Counter::take_bundles`].
    pub fn hold_bundles(&mut self, held: Vec<BundleHeld>) {
        self.delivery.held = Some(held);
    }

    /// Bundles that came since the last look, as the hub handed them out: nothing of them is verified.
    pub fn take_bundles(&mut self) -> Vec<(BundleNews, Vec<u8>)> {
        core::mem::take(&mut self.delivery.came)
    }

    /// Takes in what came of an order to the uplink. A round may have ended with it.
    pub(super) fn uplink_told(&mut self, told: Uplinked, now: Now) -> Result<Option<Round>, Wrong> {
        let engine = &mut self.delivery.engine;
        match told {
            Uplinked::Appended(log, answer) => {
                let before = (engine.contact_ms(), engine.cursors());
                engine.answered(log, answer, now.uptime_ms, &self.till);
                if engine.contact_ms() != before.0 {
                    self.sense.uplinked(now.uptime_ms);
                }
                if self.delivery.engine.cursors() != before.1 {
                    // A hint that is not kept costs a few batches more after a restart.
                    drop(self.till.keep_cursors(&self.delivery.engine.cursors()));
                }
                self.want_bundles();
            }
            Uplinked::Fetched(news, answer) => {
                let (bytes, trouble) = match answer {
                    Ok(bytes) => (Some(bytes), None),
                    Err(trouble) => (None, Some(trouble)),
                };
                if engine.fetched(trouble, now.uptime_ms)
                    && let Some(bytes) = bytes
                {
                    if self.delivery.fetched.len() >= FETCHED_MAX {
                        self.delivery.fetched.clear();
                    }
                    self.delivery.fetched.push(news.clone());
                    self.delivery.came.push((news, bytes));
                }
            }
        }
        self.tick(now)
    }

    /// Counts anew what only this till has, where anything has changed.
    pub(super) fn count_unsent(&mut self) {
        let cursors = self.delivery.engine.cursors();
        let at = (self.till.books().receipt_no, cursors);
        let entries_moved = self.delivery.counted.as_ref() == Some(&at);
        let written = self.till.store().log().map(|log| log.log_id);
        let engine = &self.delivery.engine;
        if !entries_moved {
            let cursor_of =
                |cursors: &[Cursor]| cursors.first().filter(|cursor| Some(cursor.log) == written).map_or(0, |cursor| cursor.seq);
            let went_back = self.delivery.counted.as_ref().is_none_or(|(_, before)| cursor_of(before) > cursor_of(&at.1));
            if went_back || self.delivery.counted.as_ref().is_some_and(|(no, _)| *no > at.0) {
                self.delivery.first_no = 0;
            }
        }
        let mut first_no = self.delivery.first_no;
        let counted = if entries_moved {
            let entries = crate::sync::unsent(&self.till, |log| engine.cursor(log).seq);
            Ok(OnlyHere { entries, ..self.delivery.here })
        } else {
            self.till.only_here(|log| engine.cursor(log).seq, &mut first_no)
        };
        // A count that fails leaves the last one; the fault meets the next command.
        if let Ok(here) = counted {
            self.delivery.here = here;
            self.delivery.first_no = first_no;
            self.delivery.counted = Some(at);
        }
    }

    fn pump(&mut self, now: Now) -> Result<(), Wrong> {
        if !self.desk.has_uplink() || self.till.store().log().is_none() {
            return Ok(());
        }
        self.heed_claim(now)?;
        let at_station = matches!(self.place(now).place, Place::At { .. });
        let jitter = self.jitter();
        match self.delivery.engine.next(now.uptime_ms, at_station, jitter, &self.till) {
            Next::Append { log, first_seq, entries_max, bytes_max } => {
                let mut report = self.report(now);
                // A count that fails costs the hub a figure, never a sale.
                report.sales_unsent = self.till.sales_elsewhere(&log, |other| self.delivery.engine.cursor(other).seq).unwrap_or(0);
                let made = self.till.batch(&log, first_seq, (entries_max, bytes_max), report);
                let key = self.till.key_of(&log);
                let (Ok(Some(batch)), Some(key)) = (made, key) else {
                    self.delivery.engine.not_made(log, now.uptime_ms, &self.till);
                    return Ok(());
                };
                let last_seq = batch.last_seq();
                if self.desk.append(key, batch) {
                    self.delivery.engine.sent(log, first_seq, last_seq, now.uptime_ms);
                } else {
                    self.delivery.engine.not_sent(now.uptime_ms);
                }
            }
            Next::Fetch(news) => {
                let key = self.till.store().log().map(|log| log.key.clone());
                if !key.is_some_and(|key| self.desk.fetch(key, news)) {
                    self.delivery.engine.not_sent(now.uptime_ms);
                }
            }
            Next::Wait(_) => {}
        }
        Ok(())
    }

    /// A hub that says, and says again, that somebody else writes the log: it is sealed in a moment when nothing is half done.
    /// Where that cannot be done, selling goes on and it is tried again later.
    fn heed_claim(&mut self, now: Now) -> Result<(), Wrong> {
        let claim = self.delivery.engine.claim();
        let later = now.uptime_ms < self.delivery.seal_not_before_ms;
        self.delivery.contradicted = claim.is_some() && (later || !self.till.may_seal(now));
        let Some(claim) = claim.filter(|_| !self.delivery.contradicted && !self.delivery.engine.is_sending()) else { return Ok(()) };
        if self.printing > 0 || !self.till.is_between_sales(self.desk.has().0)? {
            // Paper that nobody has answered for holds the seal up until somebody does, so it is said.
            self.delivery.contradicted = self.desk.has().0 && self.till.waits_for_paper_answer()?;
            return Ok(());
        }
        let sealed = self.till.seal(claim, now);
        if sealed.is_err() {
            self.delivery.seal_not_before_ms = now.uptime_ms.saturating_add(HOLD_MS);
            self.delivery.contradicted = true;
            return Ok(());
        }
        self.delivery.engine.sealed(&self.till);
        self.delivery.counted = None;
        drop(self.till.keep_cursors(&self.delivery.engine.cursors()));
        self.follow_trip();
        self.show();
        Ok(())
    }

    fn want_bundles(&mut self) {
        let Some(held) = &self.delivery.held else { return };
        let is_newer = |news: &&BundleNews| held.iter().all(|bundle| bundle.role != news.role || bundle.version < news.version);
        let is_new = |news: &&BundleNews| !self.delivery.fetched.contains(news);
        let wanted = self.delivery.engine.news().iter().filter(is_newer).filter(is_new).cloned().collect();
        self.delivery.engine.want(wanted);
    }

    fn report(&self, now: Now) -> Report {
        let place = match self.place(now).place {
            Place::At { station, .. } => Some(station.name),
            Place::Between { .. } | Place::Unknown => None,
        };
        Report {
            bundles: self.delivery.held.clone().unwrap_or_default(),
            place,
            troubles: self.trouble_codes(now),
            ..self.till.report(now)
        }
    }

    fn trouble_codes(&self, now: Now) -> Vec<String> {
        let states = &self.states;
        let printer = if self.desk.has().0 { states.printer.trouble().map(hw::printer::PrinterTrouble::code) } else { None };
        let known = [
            printer,
            (states.terminal == Some(hw::terminal::TerminalState::Unplugged)).then_some("terminal.away"),
            (states.terminal == Some(hw::terminal::TerminalState::Silent)).then_some("terminal.silent"),
            states.drawer_failed.then_some("drawer.away"),
            (states.display == Some(false)).then_some("display.away"),
            (states.scanner == Some(false)).then_some("scanner.away"),
            (states.position == Some(false)).then_some("gps.away"),
            (states.supply == Some(Supply::Failing)).then_some("supply.failing"),
            states.supply_lost.then_some("supply.away"),
            self.till.control_trouble().map(hw::control::ControlTrouble::code),
            (self.till.clock_trust() == journal::ClockTrust::NotProven).then_some("clock.suspect"),
            matches!(self.till.opened(), store::Opened::SetAside(_)).then_some("store.set_aside"),
            matches!(self.till.opened(), store::Opened::Repaired { .. }).then_some("store.repaired"),
            self.delivery.contradicted.then_some("sync.contradicts"),
            self.bundle_wrong().map(crate::BundleWrong::code),
            self.till.stale_bundle(now).map(|_| "bundle.stale"),
        ];
        known.into_iter().flatten().map(str::to_owned).collect()
    }

    /// The next call of the trip, where the train is not standing already.
    fn next_chance(&self, now: Now) -> Option<(String, DayTime)> {
        let trip = &self.till.books().trip.as_ref()?.started.trip;
        let (wall_s, offset_min) = self.till.wall(now);
        let call = trip.next_call_at(DayTime::of(trip.operating_day(), wall_s, i32::from(offset_min) * 60))?;
        Some((call.station.name.clone(), call.arrival.or(call.departure)?))
    }

    /// The same for a till for ever, and another for each till.
    fn jitter(&self) -> u32 {
        self.till.store().log().map_or(0, |log| u32::from_be_bytes([log.log_id.0[0], log.log_id.0[1], log.log_id.0[2], log.log_id.0[3]]))
    }
}
