//! When to send what to the hub, and what to make of its answers: a state machine without I/O.
//!
//! **Invariant.** What a hub says is a hint. It moves a cursor, which is compared with the till's own chain first; it never deletes, never
//! sets a clock, and never makes the till write more than one new log a day. Whatever the answers are, the till waits between them unless
//! they bring it further.
//!
//! **Entry points.** [`Sync::next`] says what to do now, [`Sync::sent`] that it was done, [`Sync::answered`] what came of it. What is unsent is
//! derived: everything above the cursor.

mod pace;
mod track;

use journal::{Head, LogId, SealCause};
use wire::{Ack, BundleNews, Refused};

use crate::desk::{Appended, UplinkTrouble};
use pace::Pace;
pub use pace::{BACK_OFF_MS_MAX, BACK_OFF_STATION_MS_MAX, FLIGHT_MS_MAX, GATHER_MS, IDLE_MS, RESEND_FREE_MAX, SUCCESS_FRESH_MS};
use track::Track;
pub use track::{Cursor, KEPT_CURSORS_MAX, decode_cursors, encode_cursors};

/// The most bytes of entries in a batch, before packing: some 200 sales, and at most 64 kB when packed, for entries as tills write them.
pub const BATCH_PLAIN_BYTES_MAX: usize = 160 * 1024;
/// The most entries of a batch.
pub const BATCH_ENTRIES_MAX: usize = 400;
/// The first batch after trouble is small, so that a short window brings something home.
pub const FIRST_BATCH_ENTRIES_MAX: usize = 40;
/// The most bytes of that one.
pub const FIRST_BATCH_PLAIN_BYTES_MAX: usize = 16 * 1024;
/// So many answers in a row must say it before a hub is believed that somebody else writes the log.
pub const CLAIMS_NEEDED: u8 = 2;
/// A hub's word seals no log that is younger: 24 hours.
pub const SEAL_EVERY_S: i64 = 24 * 60 * 60;
/// A sealed log that brings nothing further is left alone for so long: ten minutes.
pub const HOLD_MS: u64 = 600_000;
/// A sealed log that the hub has is asked about so often: once an hour.
pub const SEALED_ASK_MS: u64 = 3_600_000;
/// What a hub says of a log that it does not know.
const LOG_UNKNOWN: &str = "log.unknown";
/// After so many answers in a row that were well formed and brought nothing further, the till waits.
const STALLS_MAX: u8 = 2;

/// The logs that a till has, as the engine asks for them. The first is the one that is written; the others are sealed.
pub trait Logs {
    /// Their identities.
    fn ids(&self) -> Vec<LogId>;
    /// The place of the last entry.
    fn last_seq(&self, log: &LogId) -> u64;
    /// The head after an entry; before the first that is the log's identity. `None` where there is no such entry.
    ///
    /// # Errors
    /// [`Unread`]: nobody can tell.
    fn head_at(&self, log: &LogId, seq: u64) -> Result<Option<Head>, Unread>;
}

/// The till's own store does not tell. That is no word against anybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the journal could not be read")]
pub struct Unread;

/// Entries above the cursors.
pub(crate) fn unsent(logs: &impl Logs, cursor: impl Fn(&LogId) -> u64) -> u64 {
    logs.ids().iter().map(|log| logs.last_seq(log).saturating_sub(cursor(log))).sum()
}

/// What to do now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Send entries of a log from `first_seq` on, at most so many; none where none are there.
    Append {
        /// The log.
        log: LogId,
        /// The first entry.
        first_seq: u64,
        /// At most so many entries.
        entries_max: usize,
        /// At most so many bytes of them, but at least one entry.
        bytes_max: usize,
    },
    /// Fetch a bundle.
    Fetch(BundleNews),
    /// Nothing before this uptime, in milliseconds, unless something happens.
    Wait(u64),
}

/// What a hub says against a log: somebody else writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Why it is to be sealed.
    pub why: SealCause,
    /// How far the hub says that it has the log.
    pub seq: u64,
    /// The head it names there.
    pub head: Head,
}

/// How the last try ended, where it did not end well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SyncTrouble {
    /// The way to the hub, or the hub.
    Uplink(UplinkTrouble),
    /// The hub's answers do not fit the till's own entries, and a seal is not due.
    Contradicts,
    /// The hub says yes and has nothing more than before.
    Stalls,
    /// The till's own store does not give its entries.
    Journal,
}

impl SyncTrouble {
    /// The stable code, with words for people.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Uplink(UplinkTrouble::NotEnrolled) => "sync.not_enrolled",
            Self::Uplink(UplinkTrouble::Away) => "sync.away",
            Self::Uplink(UplinkTrouble::TimedOut) => "sync.timed_out",
            Self::Uplink(UplinkTrouble::OtherHub) => "sync.other_hub",
            Self::Uplink(UplinkTrouble::Unreadable) => "sync.unreadable",
            Self::Uplink(UplinkTrouble::Refused(refused)) => match refused.code.as_str() {
                LOG_UNKNOWN => LOG_UNKNOWN,
                "log.revoked" => "log.revoked",
                _ => "sync.refused",
            },
            Self::Contradicts => "sync.contradicts",
            Self::Stalls => "sync.stalls",
            Self::Journal => "journal.broken",
        }
    }

    /// Whether a person has to do something: waiting alone does not help.
    #[must_use]
    pub const fn needs_hands(&self) -> bool {
        match self {
            Self::Uplink(UplinkTrouble::Away | UplinkTrouble::TimedOut | UplinkTrouble::Unreadable) | Self::Stalls => false,
            Self::Uplink(UplinkTrouble::NotEnrolled | UplinkTrouble::OtherHub | UplinkTrouble::Refused(_))
            | Self::Contradicts
            | Self::Journal => true,
        }
    }
}

/// A round: from the first batch until the hub has everything, or something came between.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Round {
    /// Entries that were acknowledged in it.
    pub entries: u64,
    /// Why it ended early.
    pub trouble: Option<SyncTrouble>,
}

/// A round that is under way.
#[derive(Clone, Copy, Debug, Default)]
struct Running {
    entries: u64,
    /// Somebody asked for it and waits.
    asked: bool,
    /// The hub has answered in it.
    heard: bool,
}

#[derive(Clone, Copy, Debug)]
struct Flight {
    log: LogId,
    first_seq: u64,
    last_seq: u64,
    since_ms: u64,
}

/// The engine.
#[derive(Debug, Default)]
pub struct Sync {
    tracks: Vec<Track>,
    flight: Option<Flight>,
    fetching: Option<BundleNews>,
    wanted: Vec<BundleNews>,
    news: Vec<BundleNews>,
    pace: Pace,
    followed: bool,
    trouble: Option<SyncTrouble>,
    round: Option<Running>,
    ended: Option<Round>,
    claim: Option<(Claim, u8)>,
    confirmed: bool,
    contact_ms: Option<u64>,
}

impl Sync {
    /// An engine that starts at kept cursors, which may be stale or wrong.
    #[must_use]
    pub fn new(cursors: &[Cursor]) -> Self {
        Self { tracks: cursors.iter().map(|cursor| Track::at(*cursor)).collect(), ..Self::default() }
    }

    /// What to do at this uptime. `at_station` hints that there may be a network; `jitter` spreads tills that wait.
    pub fn next(&mut self, now_ms: u64, at_station: bool, jitter: u32, logs: &impl Logs) -> Next {
        self.follow(logs);
        if self.flight.is_some() || self.fetching.is_some() {
            return Next::Wait(now_ms.saturating_add(FLIGHT_MS_MAX));
        }
        self.end_round_when_done(now_ms, logs);
        let unsent = self.tracks.iter().any(|track| track.hold_until_ms <= now_ms && track.unsent(logs) > 0);
        let due_ms = self.pace.due_ms(now_ms, at_station, unsent, jitter);
        let asked = self.round.is_some_and(|round| round.asked);
        if !asked && due_ms > now_ms {
            return Next::Wait(due_ms);
        }
        let fresh = self.pace.is_fresh(now_ms);
        let Some(track) = self.turn(now_ms, logs) else { return Next::Wait(now_ms.saturating_add(GATHER_MS)) };
        if let Some(slow_ms) = self.pace.resend_due_ms(now_ms).filter(|_| track.is_behind_itself()) {
            return Next::Wait(slow_ms);
        }
        let (log, first_seq, nothing_unsent) = (track.cursor.log, track.cursor.seq + 1, track.unsent(logs) == 0);
        if nothing_unsent && let Some(news) = self.wanted.pop() {
            self.fetching = Some(news.clone());
            return Next::Fetch(news);
        }
        let (entries_max, bytes_max) =
            if fresh { (BATCH_ENTRIES_MAX, BATCH_PLAIN_BYTES_MAX) } else { (FIRST_BATCH_ENTRIES_MAX, FIRST_BATCH_PLAIN_BYTES_MAX) };
        Next::Append { log, first_seq, entries_max, bytes_max }
    }

    /// A batch is on its way: entries `first_seq` to `last_seq`, which is one less where there are none.
    pub fn sent(&mut self, log: LogId, first_seq: u64, last_seq: u64, now_ms: u64) {
        self.flight = Some(Flight { log, first_seq, last_seq, since_ms: now_ms });
        self.round.get_or_insert_default();
        self.pace.sent(now_ms);
    }

    /// What to send could not be passed on.
    pub fn not_sent(&mut self, now_ms: u64) {
        self.fetching = None;
        self.fail(SyncTrouble::Uplink(UplinkTrouble::Away), now_ms);
    }

    /// The till's own store did not give what to send.
    pub fn not_made(&mut self, log: LogId, now_ms: u64, logs: &impl Logs) {
        self.hold(log, SyncTrouble::Journal, now_ms, logs);
    }

    /// What came of a batch. An answer that nothing waits for changes nothing.
    pub fn answered(&mut self, log: LogId, answer: Result<Appended, UplinkTrouble>, now_ms: u64, logs: &impl Logs) {
        let Some(flight) = self.flight.filter(|flight| flight.log == log) else { return };
        self.flight = None;
        let (ack, taken) = match answer {
            Ok(Appended::Taken(ack)) => (ack, true),
            Ok(Appended::Behind(ack)) => (ack, false),
            Err(UplinkTrouble::Refused(refused)) => return self.refused(log, refused, now_ms, logs),
            Err(trouble) => return self.fail(SyncTrouble::Uplink(trouble), now_ms),
        };
        if ack.seq == 0 && ack.head.0 != log.0 {
            self.fail(SyncTrouble::Uplink(UplinkTrouble::Unreadable), now_ms);
            return;
        }
        self.contact_ms = Some(now_ms);
        self.round.iter_mut().for_each(|round| round.heard = true);
        let last_seq = logs.last_seq(&log);
        let own = if ack.seq > last_seq { Ok(None) } else { logs.head_at(&log, ack.seq) };
        let Ok(own) = own else { return self.hold(log, SyncTrouble::Journal, now_ms, logs) };
        let is_current = logs.ids().first() == Some(&log);
        let agrees = own == Some(Head(ack.head.0));
        if agrees {
            self.agree(flight, &ack, taken, now_ms, logs);
        } else if taken && ack.seq > flight.last_seq && self.took(flight, now_ms, logs) {
            self.go_on(now_ms);
        } else {
            self.track(&log).into_iter().for_each(|track| track.step_back(logs));
            self.stall(log, SyncTrouble::Contradicts, now_ms, logs);
        }
        if is_current {
            self.news.clear();
            self.news.extend(ack.bundles.iter().take(NEWS_MAX).cloned());
            self.confirmed = ack.confirmed;
            self.heed(agrees, &ack, last_seq);
        }
    }

    /// A bundle came, or did not. `false` when nothing waited for it.
    pub fn fetched(&mut self, trouble: Option<UplinkTrouble>, now_ms: u64) -> bool {
        let was = self.fetching.take().is_some();
        match trouble {
            Some(trouble) if was => self.fail(SyncTrouble::Uplink(trouble), now_ms),
            _ if was => self.go_on(now_ms),
            _ => {}
        }
        was
    }

    /// Somebody asks for a round now, whatever the waits.
    pub fn ask(&mut self) {
        self.round = Some(Running { asked: true, ..Running::default() });
        self.pace.hurry();
        self.pace.forgive();
        for track in &mut self.tracks {
            track.hold_until_ms = 0;
            // A full round asks about the sealed logs too.
            track.heard_ms = None;
        }
    }

    /// Bundles to fetch once there is nothing else to send.
    pub fn want(&mut self, news: Vec<BundleNews>) {
        self.wanted = news;
    }

    /// What the hub has for this till, as it said last.
    #[must_use]
    pub fn news(&self) -> &[BundleNews] {
        &self.news
    }

    /// A round that has ended since the last look.
    pub const fn take_ended(&mut self) -> Option<Round> {
        self.ended.take()
    }

    /// What the hub says against the log that is written, once it has said so often enough.
    /// Whether the log is sealed for it is the till's to decide: see [`SEAL_EVERY_S`].
    #[must_use]
    pub fn claim(&self) -> Option<Claim> {
        let (claim, count) = self.claim?;
        (count >= CLAIMS_NEEDED).then_some(claim)
    }

    /// The log was sealed, and another one goes on.
    pub fn sealed(&mut self, logs: &impl Logs) {
        self.claim = None;
        self.follow(logs);
        self.pace.hurry();
    }

    /// The cursor of a log: how far the hub has it, as far as is known.
    #[must_use]
    pub fn cursor(&self, log: &LogId) -> Cursor {
        let known = self.tracks.iter().find(|track| track.cursor.log == *log);
        known.map_or_else(|| Cursor::none(*log), |track| track.cursor)
    }

    /// All cursors, to keep.
    #[must_use]
    pub fn cursors(&self) -> Vec<Cursor> {
        self.tracks.iter().map(|track| track.cursor).collect()
    }

    /// Why the last try did not end well; `None` when it did, or there was none.
    #[must_use]
    pub const fn trouble(&self) -> Option<&SyncTrouble> {
        self.trouble.as_ref()
    }

    /// Entries are on their way right now.
    #[must_use]
    pub fn is_sending(&self) -> bool {
        self.flight.is_some_and(|flight| flight.last_seq >= flight.first_seq)
    }

    /// Since when something is under way, in milliseconds of uptime.
    #[must_use]
    pub fn under_way_since_ms(&self) -> Option<u64> {
        self.flight.map(|flight| flight.since_ms)
    }

    /// When the hub answered last, in milliseconds of uptime.
    #[must_use]
    pub const fn contact_ms(&self) -> Option<u64> {
        self.contact_ms
    }

    /// A clerk has confirmed the log's key, as the hub said last.
    #[must_use]
    pub const fn is_confirmed(&self) -> bool {
        self.confirmed
    }

    /// Keeps one track per log, the written one first.
    fn follow(&mut self, logs: &impl Logs) {
        let ids = logs.ids();
        if core::mem::replace(&mut self.followed, true)
            && self.tracks.len() == ids.len()
            && self.tracks.iter().zip(&ids).all(|(track, log)| track.cursor.log == *log)
        {
            return;
        }
        let known = core::mem::take(&mut self.tracks);
        let track = |log: &LogId| {
            let kept = known.iter().find(|track| track.cursor.log == *log).filter(|track| track.fits(logs));
            kept.cloned().unwrap_or_else(|| Track::at(Cursor::none(*log)))
        };
        self.tracks = ids.iter().map(track).collect();
    }

    /// Whose turn it is: the first log with something unsent; then a sealed one that the hub has not been asked about for long, since a hub
    /// that was restored may lack it; then the written one. Where the hub does not know the written one, its forerunners come first: it is
    /// their word that lets it in.
    fn turn(&self, now_ms: u64, logs: &impl Logs) -> Option<&Track> {
        let free = |track: &&Track| track.hold_until_ms <= now_ms;
        let forgotten = |track: &&Track| track.heard_ms.is_none_or(|at_ms| now_ms.saturating_sub(at_ms) >= SEALED_ASK_MS);
        let mut all = self.tracks.iter().filter(free);
        let with_work = all.clone().find(|track| track.unsent(logs) > 0);
        let forerunner = self.tracks.iter().skip(1).filter(free).find(forgotten);
        let stranger = self.tracks.first().is_some_and(|track| track.unknown);
        if stranger { forerunner.or(with_work) } else { with_work.or(forerunner) }.or_else(|| all.next())
    }

    fn track(&mut self, log: &LogId) -> Option<&mut Track> {
        self.tracks.iter_mut().find(|track| track.cursor.log == *log)
    }

    /// The hub has the log as far as it says, and no further.
    fn agree(&mut self, flight: Flight, ack: &Ack, taken: bool, now_ms: u64, logs: &impl Logs) {
        let Some(track) = self.track(&flight.log) else { return };
        let before = track.cursor.seq;
        track.move_to(ack.seq, Head(ack.head.0));
        track.took_seq = 0;
        track.heard(now_ms);
        let further = ack.seq > before || (taken && ack.seq >= flight.last_seq);
        if further {
            track.stalls = 0;
        }
        self.let_strangers_try();
        if ack.seq < before {
            self.pace.went_back(now_ms);
            // What it lost of one log it may have lost of the others.
            self.tracks.iter_mut().for_each(|track| track.heard_ms = None);
        }
        if let Some(round) = &mut self.round {
            round.entries = round.entries.saturating_add(ack.seq.saturating_sub(before));
        }
        if further {
            self.go_on(now_ms);
        } else {
            self.stall(flight.log, SyncTrouble::Stalls, now_ms, logs);
        }
    }

    /// The hub took a batch of what it has in common with a log that parted further on, and named the end of the other part. So this much is
    /// there, and the next batch comes nearer to where they part. `false` when that brings nothing further.
    fn took(&mut self, flight: Flight, now_ms: u64, logs: &impl Logs) -> bool {
        let Ok(Some(head)) = logs.head_at(&flight.log, flight.last_seq) else { return false };
        // A sealed log that is the beginning of another card's: the hub knows its end, and that is all there is.
        let asked = flight.last_seq < flight.first_seq && logs.ids().first() != Some(&flight.log);
        let Some(track) = self.track(&flight.log).filter(|track| asked || flight.last_seq > track.took_seq) else { return false };
        let before = track.cursor.seq;
        track.move_to(flight.last_seq, head);
        track.took_seq = flight.last_seq;
        track.stalls = 0;
        track.heard(now_ms);
        if let Some(round) = &mut self.round {
            round.entries = round.entries.saturating_add(flight.last_seq.saturating_sub(before));
        }
        self.let_strangers_try();
        true
    }

    /// The hub knows a log: its word may let in one that was refused.
    fn let_strangers_try(&mut self) {
        self.tracks.iter_mut().filter(|track| track.unknown).for_each(|track| track.hold_until_ms = 0);
    }

    /// An answer that brought nothing further: once or twice that is a hub that lost something, more often it is no help.
    fn stall(&mut self, log: LogId, trouble: SyncTrouble, now_ms: u64, logs: &impl Logs) {
        let Some(track) = self.track(&log) else { return };
        track.stalls = track.stalls.saturating_add(1);
        if track.stalls > STALLS_MAX {
            self.hold(log, trouble, now_ms, logs);
        } else {
            self.pace.again();
        }
    }

    /// The hub says no. One that was restored does not know a log that has gone on for a sealed one since: from its beginning on, the sealed
    /// one's word lets it in.
    fn refused(&mut self, log: LogId, refused: Refused, now_ms: u64, logs: &impl Logs) {
        let unknown = refused.code == LOG_UNKNOWN;
        let trouble = SyncTrouble::Uplink(UplinkTrouble::Refused(refused));
        let mut forgotten = false;
        if let Some(track) = self.track(&log).filter(|_| unknown) {
            forgotten = track.cursor.seq > 0;
            let new = !core::mem::replace(&mut track.unknown, true);
            track.cursor = Cursor::none(log);
            if forgotten || new {
                // What it lost of one log it may have lost of the others.
                self.tracks.iter_mut().for_each(|track| track.heard_ms = None);
            }
        }
        if forgotten {
            self.stall(log, trouble, now_ms, logs);
        } else {
            self.hold(log, trouble, now_ms, logs);
        }
    }

    /// Nothing comes of this log for now. Where it is a sealed one, the written one goes on.
    fn hold(&mut self, log: LogId, trouble: SyncTrouble, now_ms: u64, logs: &impl Logs) {
        if logs.ids().first() == Some(&log) {
            return self.fail(trouble, now_ms);
        }
        if let Some(track) = self.track(&log) {
            track.hold_until_ms = now_ms.saturating_add(HOLD_MS);
            track.took_seq = 0;
        }
    }

    /// Everything that can be sent is sent, and everything that is wanted is there.
    fn end_round_when_done(&mut self, now_ms: u64, logs: &impl Logs) {
        let heard = self.round.is_some_and(|round| round.heard);
        let done = self.tracks.iter().all(|track| track.unsent(logs) == 0 || track.hold_until_ms > now_ms);
        // What was heard once is asked about again before it is over.
        let open_claim = self.claim.is_some_and(|(_, count)| count < CLAIMS_NEEDED);
        let asked = self.round.is_some_and(|round| round.asked);
        let unheard = asked && self.tracks.iter().any(|track| track.heard_ms.is_none() && track.hold_until_ms <= now_ms);
        if heard && done && !open_claim && !unheard && self.wanted.is_empty() {
            self.end_round(None);
        }
    }

    fn go_on(&mut self, now_ms: u64) {
        self.trouble = None;
        self.pace.succeeded(now_ms);
    }

    fn fail(&mut self, trouble: SyncTrouble, now_ms: u64) {
        self.pace.failed(now_ms);
        self.trouble = Some(trouble.clone());
        self.end_round(Some(trouble));
    }

    fn end_round(&mut self, trouble: Option<SyncTrouble>) {
        if let Some(round) = self.round.take() {
            self.ended = Some(Round { entries: round.entries, trouble });
        }
    }

    /// What the hub says of other writers of the written log. It is forgotten as soon as an answer does not repeat it.
    fn heed(&mut self, agrees: bool, ack: &Ack, last_seq: u64) {
        let why = match agrees {
            true if ack.sealed => SealCause::Told,
            true => {
                self.claim = None;
                return;
            }
            false if ack.seq > last_seq => SealCause::Ahead,
            false => SealCause::Fork,
        };
        let count = self.claim.map_or(0, |(_, count)| count).saturating_add(1);
        self.claim = Some((Claim { why, seq: ack.seq, head: Head(ack.head.0) }, count));
        if count < CLAIMS_NEEDED && self.pace.failures() == 0 {
            // Heard once it may be a slip: ask again.
            self.pace.again();
        }
    }
}

/// The most bundles that a hub can name.
pub const NEWS_MAX: usize = 8;

#[cfg(test)]
mod tests;
