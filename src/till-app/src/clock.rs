//! The clocks of the machine. The one place of the program that reads them.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use journal::ClockTrust;
use till::Now;

/// The machine's clocks, and by how much the wall clock was set since.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    started: Instant,
    ahead_s: i64,
    set: bool,
}

impl Clock {
    /// The clocks as the machine has them.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the edge where clocks are read")]
    pub fn of_machine() -> Self {
        Self { started: Instant::now(), ahead_s: 0, set: false }
    }

    /// Now.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the edge where clocks are read")]
    pub fn now(&self) -> Now {
        let machine_s = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(i64::MAX));
        let uptime_ms = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let trust = if self.set { ClockTrust::Crew } else { ClockTrust::CarriedOver };
        Now { wall_s: machine_s.saturating_add(self.ahead_s), uptime_ms, trust }
    }

    /// Makes the wall clock show `wall_s`, seconds since 1970, UTC.
    pub fn set(&mut self, wall_s: i64) {
        self.ahead_s += wall_s - self.now().wall_s;
        self.set = true;
    }
}
