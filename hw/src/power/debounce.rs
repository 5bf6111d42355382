//! A contact bounces and a section gap lasts some milliseconds: a state counts once it has stayed.

use core::time::Duration;

use super::Supply;

/// A supply that is away for so long fails. Changeovers of a train's own supply last up to 30 ms. Source: EN 50155, class C2 (unverified).
pub const FAILING_AFTER: Duration = Duration::from_millis(40);
/// A supply that is back for so long is steady again.
pub const STEADY_AFTER: Duration = Duration::from_secs(2);

/// Tells when a state has stayed long enough. Time is an argument.
#[derive(Clone, Copy, Debug, Default)]
pub struct Debounce {
    told: Option<Supply>,
    seen: Option<(Supply, Duration)>,
}

impl Debounce {
    /// Nothing seen and nothing told.
    #[must_use]
    pub const fn new() -> Self {
        Self { told: None, seen: None }
    }

    /// The input shows `supply` at `now`; answers a state that is new and has stayed.
    pub fn see(&mut self, supply: Supply, now: Duration) -> Option<Supply> {
        let since = match self.seen {
            Some((seen, since)) if seen == supply => since,
            _ => {
                self.seen = Some((supply, now));
                now
            }
        };
        if self.told == Some(supply) || now.saturating_sub(since) < stays(supply) {
            return None;
        }
        self.told = Some(supply);
        Some(supply)
    }

    /// When a state that was seen and not told yet will have stayed long enough.
    #[must_use]
    pub fn due(&self) -> Option<Duration> {
        let (supply, since) = self.seen?;
        (self.told != Some(supply)).then(|| since + stays(supply))
    }
}

const fn stays(supply: Supply) -> Duration {
    match supply {
        Supply::Failing => FAILING_AFTER,
        Supply::Steady => STEADY_AFTER,
    }
}
