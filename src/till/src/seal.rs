//! The end of a log that somebody else writes too, and the log that goes on for it: same trip, same shift, same crew, another key.
//!
//! **Invariant.** A log is sealed only when the store after it already stands on the card, and only with nothing half done: no open sale,
//! no payment, no receipt that waits for a code or for paper. A cut at any point ends on the sealed log alone or on its successor with
//! everything carried over.

use journal::{Books, Context, Entry, Fact, Head, LogKey, LogOpened, LogSealed, LogSucceeded, ShiftRead, Stamp, TillStarted};
use store::{JobState, Opened, SEALED_MAX, SealedLog};

use crate::{
    command::{Now, Wrong},
    sync::{Claim, SEAL_EVERY_S},
    till::{Doing, KEPT_OPEN_SALE, Till},
};

/// What is kept beside a log and belongs to it alone.
const STAYS_BEHIND: [&str; 2] = [KEPT_OPEN_SALE, crate::control::KEPT_SETTLED];

/// A sealed log whose successor has not begun.
pub(crate) struct Ended {
    log: SealedLog,
    books: Books,
}

impl Till {
    /// Random bytes that stand on no card: the key of a log that begins in this run grows from them.
    pub const fn reserve(&mut self, seed: [u8; 32]) {
        self.reserve = Some(seed);
    }

    /// Whether a hub's word may seal the log: it is no successor that is younger than a day, there is room for another sealed one, and there
    /// is randomness for its key.
    pub(crate) fn may_seal(&self, now: Now) -> bool {
        let (wall_s, _) = self.wall(now);
        let old_enough = self.succeeded_s.is_none_or(|began_s| wall_s.saturating_sub(began_s) >= SEAL_EVERY_S);
        let has_room = self.sealed.len() < SEALED_MAX;
        old_enough && has_room && self.reserve.is_some()
    }

    /// Whether nothing is half done. Paper counts where there is a printer.
    pub(crate) fn is_between_sales(&self, has_printer: bool) -> Result<bool, Wrong> {
        let books = self.books();
        if self.open_sale.is_some() || books.card.is_some() || books.control.is_some() {
            return Ok(false);
        }
        Ok(!has_printer || self.store.unfinished_jobs()?.iter().all(|job| job.state == JobState::Failed))
    }

    /// Whether crew have yet to say if a paper came out.
    pub(crate) fn waits_for_paper_answer(&self) -> Result<bool, Wrong> {
        let jobs = self.store.unfinished_jobs()?;
        Ok(jobs.iter().any(|job| job.state == JobState::Uncertain))
    }

    /// Nothing may be written: the log is sealed, and the one after it has not begun.
    pub(crate) fn is_ended(&self) -> bool {
        self.books().sealed || self.ended.is_some()
    }

    /// Seals the log and goes on in another one.
    pub(crate) fn seal(&mut self, claim: Claim, now: Now) -> Result<(), Wrong> {
        self.set_now(now);
        if self.is_ended() {
            return self.go_on_after_seal();
        }
        self.store.prepare_successor()?;
        let books = self.books();
        let shift = books.shift.as_ref().map(|shift| ShiftRead {
            shift_no: shift.no,
            totals: books.totals.clone(),
            grand: books.grand,
            parked: self.parked_tally(),
            currency: self.setup.operator.currency,
        });
        let expected_minor = shift.as_ref().map_or(0, |_| books.totals.drawer_minor());
        let sealed = LogSealed { why: claim.why, foreign_seq: claim.seq, foreign_head: claim.head.0, shift, expected_minor };
        self.commit(Doing::fact(Fact::LogSealed(Box::new(sealed))))?;
        self.go_on_after_seal()
    }

    /// What is left to do of a seal. Every command comes by here first.
    pub(crate) fn go_on_after_seal(&mut self) -> Result<(), Wrong> {
        if self.books().sealed {
            let books = self.books().clone();
            let log = self.store.set_sealed_aside()?;
            self.ended = Some(Ended { log, books });
        }
        let Some(ended) = &self.ended else { return Ok(()) };
        let Some(seed) = self.reserve else { return Err(store::Fault::Key.into()) };
        // One way only: the new key tells nothing of the reserve, and neither do they of the next.
        let [key, next] = [b"log", b"all"].map(|what| Head(seed).next(what).next(&ended.log.log_id().0).0);
        let began_s = self.now().wall_s.max(ended.books.last_wall_s);
        let entries = self.carried(ended, &key, began_s);
        self.store.begin_successor(key, entries, &ended.log, |name| !STAYS_BEHIND.contains(&name))?;
        self.reserve = Some(next);
        self.succeeded_s = Some(began_s);
        if let Some(ended) = self.ended.take() {
            self.sealed.push(ended.log);
        }
        self.begin_boot(TillStarted {
            program: self.setup.program.clone(),
            catalogue_version: self.setup.catalogue.version(),
            clock_suspect: false,
        });
        Ok(())
    }

    /// At the start: a seal that a cut interrupted is carried through, with this run's seed.
    pub(crate) fn resume_seal(&mut self, seed: [u8; 32]) -> Result<(), Wrong> {
        if let Opened::Sealed(_) = &self.opened
            && let Opened::Sealed(log) = core::mem::replace(&mut self.opened, Opened::Whole)
        {
            // A log that went bad after it was sealed carries nothing over. It still has a successor.
            let books = log.books().unwrap_or_default();
            self.ended = Some(Ended { log, books });
        }
        if self.ended.is_some() || self.books().sealed {
            self.reserve = Some(seed);
            self.go_on_after_seal()?;
            // The seed was given for one key.
            self.reserve = None;
        }
        self.succeeded_s = self.successor_entry()?.map(|entry| entry.stamp.wall_s);
        self.sealed = self.store.sealed_logs()?;
        Ok(())
    }

    /// The forerunner's word for a sealed log, or for the written one; none where the log goes on for no other.
    pub(crate) fn successor(&self, sealed: Option<&SealedLog>) -> Option<wire::Successor> {
        let fact = match sealed {
            Some(sealed) => Entry::decode(&sealed.entries(2, 1).ok()?.first()?.1).ok()?.fact,
            None => self.successor_entry().ok()??.fact,
        };
        match fact {
            Fact::LogSucceeded(from) => Some(wire::Successor { public: from.public, signature: from.signature }),
            _ => None,
        }
    }

    /// It is the second entry, right behind the log's birth.
    fn successor_entry(&self) -> Result<Option<Entry>, Wrong> {
        if self.store.seq() < 2 {
            return Ok(None);
        }
        let entry = self.entry(2)?;
        Ok(matches!(entry.fact, Fact::LogSucceeded(_)).then_some(entry))
    }

    /// The first entries of the log that goes on: its birth, the old log's word for it, and what was under way.
    fn carried(&self, ended: &Ended, seed: &[u8; 32], began_s: i64) -> Vec<Vec<u8>> {
        let (log, old) = (&ended.log, &ended.books);
        let key = LogKey::from_seed(seed);
        let vouched =
            LogSucceeded { public: log.key().public(), signature: log.key().vouch(&key.log_id()), seq: log.seq(), head: log.head().0 };
        let opened = LogOpened {
            public: key.public(),
            unit: self.setup.unit.clone(),
            register: format!("{}-{}", self.setup.unit, self.number_after(&old.register, log.number())),
            program: self.setup.program.clone(),
            previous: Some((log.log_id().0, log.seq())),
        };
        let mut facts = vec![(None, Fact::LogOpened(opened)), (None, Fact::LogSucceeded(Box::new(vouched)))];
        facts.extend(old.crew.iter().map(|crew| (None, Fact::CrewSignedIn(crew.clone()))));
        facts.extend(old.trip.iter().map(|trip| (None, Fact::TripStarted(trip.started.clone()))));
        // Whose shift it is stands in the entry's context, and that may be somebody else than who is signed in.
        facts.extend(old.shift.iter().map(|shift| (Some(shift.crew.clone()), Fact::ShiftOpened(1, old.totals.drawer_minor()))));
        facts.extend(old.training.then_some((None, Fact::TrainingSwitched(true))));
        facts.extend(old.parked.iter().map(|(ticket, parked)| (None, Fact::SaleParked(*ticket, Box::new(parked.sale.clone())))));
        let stamp = Stamp {
            wall_s: began_s,
            offset_min: self.offset_min(began_s),
            boot: 0,
            uptime_ms: self.now().uptime_ms,
            trust: self.clock_trust(),
        };
        let mut books = Books::default();
        let entry = |(crew, fact): (Option<String>, Fact)| {
            let context = Context {
                trip: books.trip.as_ref().map(|trip| trip.seq),
                leg: None,
                shift: books.shift.as_ref().map(|shift| shift.no),
                crew: crew.or_else(|| books.crew.clone()),
                reason: None,
            };
            let entry = Entry::new(books.seq + 1, stamp, context, fact);
            books.apply(&entry);
            entry.encode()
        };
        facts.into_iter().map(entry).collect()
    }

    /// The register number of the log that goes on: above its forerunner's, above every log of the card, and above what the hub has counted.
    fn number_after(&self, register: &str, logs_before: u64) -> u64 {
        let own = register.rsplit('-').next().and_then(|digits| digits.parse::<u32>().ok()).unwrap_or(0);
        u64::from(own.max(self.setup.registers_before)).max(logs_before) + 1
    }

    /// The first log of a card, or the one after a damaged store.
    pub(crate) fn open_log(&mut self, seed: [u8; 32]) -> Result<(), Wrong> {
        let key = LogKey::from_seed(&seed);
        let (previous, logs_before) = match &self.opened {
            Opened::SetAside(aside) => (aside.old_log.map(|log| (log.0, aside.entries_readable)), number_of(&aside.damaged)),
            _ => (None, 0),
        };
        let opened = LogOpened {
            public: key.public(),
            unit: self.setup.unit.clone(),
            register: format!("{}-{}", self.setup.unit, u64::from(self.setup.registers_before) + logs_before + 1),
            program: self.setup.program.clone(),
            previous,
        };
        let entry = Entry::new(1, self.stamp(), Context::default(), Fact::LogOpened(opened));
        self.store.begin_log(seed, &entry.encode())?;
        Ok(())
    }
}

/// How many stores were set aside before: the number at the end of the folder's name.
fn number_of(damaged: &std::path::Path) -> u64 {
    let name = damaged.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    name.rsplit('-').next().and_then(|digits| digits.parse().ok()).unwrap_or(1)
}
