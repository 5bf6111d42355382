//! The clocks of the machine. The one place of the program that reads them.
//!
//! The wall clock is read once; from then on the till counts its own time, so that nobody who sets the machine's clock sets the till's.
//! A better clock is heard and the till decides; see [`Clock::keep`].

use std::path::Path;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use hw::power::{chip_proves, network_time_holds};
use journal::ClockTrust;
use till::{Answer, CLOCK_SET_S_MIN, CLOCK_STEP_S_MAX, Command, Counter, Now, Wrong};

/// Between two looks at what the kernel says of network time.
const LOOK_EVERY_MS: u64 = 10_000;

/// The machine's clocks, and what the till's own shows.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    started: Instant,
    /// What the wall clock showed at the start, as known by now: milliseconds since 1970, UTC.
    start_ms: i64,
    trust: ClockTrust,
    /// When to look at network time next; `None` for a clock that does not follow it.
    look_ms: Option<u64>,
}

impl Clock {
    /// The wall clock as the machine has it, believed as one that was carried over from before the last stop, and whatever becomes of
    /// network time.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the edge where clocks are read")]
    pub fn of_machine() -> Self {
        Self { started: Instant::now(), start_ms: system_ms(), trust: ClockTrust::CarriedOver, look_ms: None }
    }

    /// The wall clock as the machine has it, believed as far as network time or the clock chip in the folder `chip` stand for it.
    /// Follows network time from here on.
    #[must_use]
    pub fn proven_by(chip: &Path) -> Self {
        let clock = Self { look_ms: Some(LOOK_EVERY_MS), ..Self::of_machine() };
        let trust = if network_time_holds() {
            ClockTrust::Network
        } else if chip_proves(chip, clock.start_ms / 1_000, CLOCK_SET_S_MIN) {
            ClockTrust::Rtc
        } else {
            ClockTrust::CarriedOver
        };
        Self { trust, ..clock }
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> Now {
        let uptime_ms = self.uptime_ms();
        let wall_ms = self.start_ms.saturating_add(i64::try_from(uptime_ms).unwrap_or(i64::MAX));
        Now { wall_s: wall_ms.div_euclid(1_000), uptime_ms, trust: self.trust }
    }

    /// Makes the wall clock show `wall_s`, seconds since 1970, UTC, because a crew member said so.
    pub fn set(&mut self, wall_s: i64) {
        self.set_by(wall_s, ClockTrust::Crew);
    }

    /// Lets satellites and network time be heard by the till, and goes by them where the till does. Whether anything has changed.
    ///
    /// # Errors
    /// A fault of the store: then the clock is as it was.
    pub fn keep(&mut self, counter: &mut Counter) -> Result<bool, Wrong> {
        let heard = counter.take_time_heard().or_else(|| self.network_s().map(|wall_s| (wall_s, ClockTrust::Network)));
        let Some((utc_s, source)) = heard else { return Ok(false) };
        let before = counter.till().clock_trust();
        if let Answer::ClockSet(wall_s) = counter.command(Command::ClockHeard { utc_s, source }, self.now())? {
            self.set_by(wall_s, source);
            return Ok(true);
        }
        let raised = counter.till().clock_trust() != before;
        if raised {
            self.trust = source;
        }
        Ok(raised)
    }

    fn set_by(&mut self, wall_s: i64, source: ClockTrust) {
        self.start_ms = wall_s.saturating_mul(1_000).saturating_sub(i64::try_from(self.uptime_ms()).unwrap_or(i64::MAX));
        self.trust = source;
    }

    /// What network time shows, where it holds and is news.
    fn network_s(&mut self) -> Option<i64> {
        let uptime_ms = self.uptime_ms();
        let look_ms = self.look_ms.as_mut()?;
        if uptime_ms < *look_ms {
            return None;
        }
        *look_ms = uptime_ms.saturating_add(LOOK_EVERY_MS);
        if !network_time_holds() {
            return None;
        }
        let system_s = system_ms().div_euclid(1_000);
        let known = self.trust == ClockTrust::Network && system_s.abs_diff(self.now().wall_s) <= CLOCK_STEP_S_MAX.unsigned_abs();
        (!known).then_some(system_s)
    }

    fn uptime_ms(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the edge where clocks are read")]
fn system_ms() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
