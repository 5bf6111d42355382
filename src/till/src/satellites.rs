//! The time of satellites: believed once several fixes in a row agree with the machine's uptime, never on the word of one.

use journal::ClockTrust;

use crate::till::CLOCK_STEP_S_MAX;

/// So many fixes in a row must agree.
pub const AGREEING_FIXES: u8 = 5;
/// The same second told again and again proves nothing: the fixes must span so long.
const SPAN_MS_MIN: u64 = 3_000;

/// Watches the time that fixes tell.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SatelliteTime {
    first: Option<(i64, u64)>,
    agreeing: u8,
}

impl SatelliteTime {
    /// A fix told `utc_s` at `uptime_ms`. Answers the time once it is proven, and begins anew.
    pub(crate) fn heard(&mut self, utc_s: i64, uptime_ms: u64) -> Option<(i64, ClockTrust)> {
        let (first_s, first_ms) = self.first.unwrap_or((utc_s, uptime_ms));
        let span_ms = uptime_ms.saturating_sub(first_ms);
        let passed_s = i64::try_from(span_ms / 1_000).unwrap_or(i64::MAX);
        let drift_s = utc_s.saturating_sub(first_s).saturating_sub(passed_s);
        if self.first.is_none() || drift_s.saturating_abs() > CLOCK_STEP_S_MAX {
            *self = Self { first: Some((utc_s, uptime_ms)), agreeing: 1 };
            return None;
        }
        self.agreeing = self.agreeing.saturating_add(1);
        if self.agreeing < AGREEING_FIXES || span_ms < SPAN_MS_MIN {
            return None;
        }
        *self = Self::default();
        Some((utc_s, ClockTrust::Gps))
    }
}
