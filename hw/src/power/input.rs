//! A line of a GPIO chip, by its character device.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use gpiocdev::Request;
use gpiocdev::line::{EdgeDetection, Value};

use super::{Debounce, Supply, SupplyLost, SupplyMonitor};
use crate::port::clock::Clock;

/// Pause between attempts to open a chip that is away.
const REOPEN: Duration = Duration::from_secs(5);
/// Edges that are read in one go at most: a line that chatters must not hold up the answer.
const EDGES_MAX: usize = 64;
/// Who holds the line, as the system shows it.
const CONSUMER: &str = "trolley-supply";

/// Which line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SupplySettings {
    /// The chip, such as `/dev/gpiochip0`.
    pub chip: PathBuf,
    /// The line's offset on it.
    pub line: u32,
    /// The line is low while the supply fails.
    pub active_low: bool,
}

/// A supply-fail input. Opens when it is first used, and again after it was lost.
pub struct SupplyInput {
    settings: SupplySettings,
    clock: Clock,
    request: Option<Request>,
    retry_at: Duration,
    debounce: Debounce,
}

impl SupplyInput {
    /// An input that is opened at the first use.
    #[must_use]
    pub fn new(settings: SupplySettings) -> Self {
        Self { settings, clock: Clock::start(), request: None, retry_at: Duration::ZERO, debounce: Debounce::new() }
    }

    fn request(&mut self) -> Result<&Request, SupplyLost> {
        if self.request.is_none() {
            if self.clock.now() < self.retry_at {
                return Err(SupplyLost);
            }
            let mut builder = Request::builder();
            builder.on_chip(&self.settings.chip).with_consumer(CONSUMER).with_line(self.settings.line).as_input();
            if self.settings.active_low {
                builder.as_active_low();
            }
            match builder.with_edge_detection(EdgeDetection::BothEdges).request() {
                Ok(request) => self.request = Some(request),
                Err(_) => self.retry_at = self.clock.now() + REOPEN,
            }
        }
        self.request.as_ref().ok_or(SupplyLost)
    }

    /// What the line shows now.
    fn level(&mut self) -> Result<Supply, SupplyLost> {
        let line = self.settings.line;
        match self.request()?.value(line) {
            Ok(Value::Active) => Ok(Supply::Failing),
            Ok(Value::Inactive) => Ok(Supply::Steady),
            Err(_) => self.lose(),
        }
    }

    /// Sleeps until the line moves, at most for `wait`.
    fn rest(&mut self, wait: Duration) -> Result<(), SupplyLost> {
        let request = self.request()?;
        let Ok(moved) = request.wait_edge_event(wait) else { return self.lose() };
        if moved {
            for _ in 0..EDGES_MAX {
                if !matches!(request.has_edge_event(), Ok(true)) || request.read_edge_event().is_err() {
                    break;
                }
            }
        }
        Ok(())
    }

    fn lose<T>(&mut self) -> Result<T, SupplyLost> {
        self.request = None;
        self.retry_at = self.clock.now() + REOPEN;
        // What the line shows when it is back is news, whatever was told before.
        self.debounce = Debounce::new();
        Err(SupplyLost)
    }
}

impl fmt::Debug for SupplyInput {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SupplyInput").field("settings", &self.settings).field("is_open", &self.request.is_some()).finish()
    }
}

impl SupplyMonitor for SupplyInput {
    fn next(&mut self, wait: Duration) -> Result<Option<Supply>, SupplyLost> {
        let deadline = self.clock.now() + wait;
        loop {
            let level = self.level()?;
            let now = self.clock.now();
            if let Some(supply) = self.debounce.see(level, now) {
                return Ok(Some(supply));
            }
            if now >= deadline {
                return Ok(None);
            }
            let until = self.debounce.due().map_or(deadline, |due| due.min(deadline));
            self.rest(until.saturating_sub(now))?;
        }
    }
}
