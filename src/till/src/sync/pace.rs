//! When to try again.

/// New entries wait so long for more to come with them.
pub const GATHER_MS: u64 = 2_000;
/// With nothing to send, the hub is asked so often where it stands.
pub const IDLE_MS: u64 = 60_000;
/// The longest back-off at a station, or while the last success is fresh.
pub const BACK_OFF_STATION_MS_MAX: u64 = 5_000;
/// The longest back-off elsewhere, before jitter.
pub const BACK_OFF_MS_MAX: u64 = 120_000;
/// A success is fresh for so long: the window may still be open.
pub const SUCCESS_FRESH_MS: u64 = 60_000;
/// Nothing on its way takes longer: the uplink gives up earlier.
pub const FLIGHT_MS_MAX: u64 = 60_000;
/// So often in [`RESEND_WINDOW_MS`] a hub may lose what it had and get it again at full speed; beyond that, one batch a minute.
pub const RESEND_FREE_MAX: usize = 2;
/// A day.
const RESEND_WINDOW_MS: u64 = 24 * 60 * 60 * 1_000;
/// The first back-off.
const BACK_OFF_MS_MIN: u64 = 1_000;

/// Failures, and what follows from them.
#[derive(Clone, Debug, Default)]
pub(super) struct Pace {
    failures: u32,
    failed_ms: u64,
    succeeded_ms: Option<u64>,
    /// Something is unsent since.
    unsent_ms: Option<u64>,
    again: bool,
    was_at_station: bool,
    sent_ms: u64,
    /// When the hub's cursor went back, the last times.
    went_back_ms: Vec<u64>,
}

impl Pace {
    /// When to try next.
    pub(super) fn due_ms(&mut self, now_ms: u64, at_station: bool, unsent: bool, jitter: u32) -> u64 {
        let arrived = !core::mem::replace(&mut self.was_at_station, at_station) && at_station;
        self.unsent_ms = if unsent { Some(self.unsent_ms.unwrap_or(now_ms)) } else { None };
        if self.again {
            return now_ms;
        }
        if arrived && self.failures > 0 {
            self.failures = 1;
        }
        if self.failures > 0 {
            return self.failed_ms.saturating_add(self.back_off_ms(now_ms, at_station, jitter));
        }
        let idle_ms = self.succeeded_ms.map_or(now_ms, |at_ms| at_ms.saturating_add(IDLE_MS));
        self.unsent_ms.map_or(idle_ms, |at_ms| idle_ms.min(at_ms.saturating_add(GATHER_MS)))
    }

    /// Whether the last success is fresh.
    pub(super) fn is_fresh(&self, now_ms: u64) -> bool {
        self.failures == 0 && self.has_window(now_ms)
    }

    pub(super) const fn succeeded(&mut self, now_ms: u64) {
        self.failures = 0;
        self.again = false;
        self.succeeded_ms = Some(now_ms);
    }

    pub(super) const fn failed(&mut self, now_ms: u64) {
        self.failures = self.failures.saturating_add(1);
        self.again = false;
        self.failed_ms = now_ms;
    }

    /// The answer was well formed; ask once more without waiting.
    pub(super) const fn again(&mut self) {
        self.again = true;
    }

    pub(super) const fn failures(&self) -> u32 {
        self.failures
    }

    pub(super) const fn sent(&mut self, now_ms: u64) {
        self.again = false;
        self.sent_ms = now_ms;
    }

    /// The hub has less than it said before.
    pub(super) fn went_back(&mut self, now_ms: u64) {
        self.went_back_ms.retain(|at_ms| now_ms.saturating_sub(*at_ms) < RESEND_WINDOW_MS);
        if self.went_back_ms.len() <= RESEND_FREE_MAX {
            self.went_back_ms.push(now_ms);
        }
    }

    /// A person stands behind it: what the hub lost before does not count.
    pub(super) fn forgive(&mut self) {
        self.went_back_ms.clear();
    }

    /// When what the hub had before may be sent again; `None` at once.
    pub(super) fn resend_due_ms(&self, now_ms: u64) -> Option<u64> {
        let recent = self.went_back_ms.iter().filter(|at_ms| now_ms.saturating_sub(**at_ms) < RESEND_WINDOW_MS).count();
        let due_ms = self.sent_ms.saturating_add(IDLE_MS);
        (recent > RESEND_FREE_MAX && due_ms > now_ms).then_some(due_ms)
    }

    /// No wait that there was counts any more.
    pub(super) const fn hurry(&mut self) {
        self.again = true;
    }

    fn has_window(&self, now_ms: u64) -> bool {
        self.succeeded_ms.is_some_and(|at_ms| now_ms.saturating_sub(at_ms) <= SUCCESS_FRESH_MS)
    }

    /// Doubles with each failure. The jitter takes up to a quarter off, so that tills that lost the hub together do not come back together.
    fn back_off_ms(&self, now_ms: u64, at_station: bool, jitter: u32) -> u64 {
        let cap_ms = if at_station || self.has_window(now_ms) { BACK_OFF_STATION_MS_MAX } else { BACK_OFF_MS_MAX };
        let doubled_ms = BACK_OFF_MS_MIN.saturating_mul(1 << self.failures.saturating_sub(1).min(20)).min(cap_ms);
        doubled_ms - doubled_ms / 4 * u64::from(jitter) / u64::from(u32::MAX)
    }
}
