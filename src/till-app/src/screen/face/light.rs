//! The light of the screen: as bright as the crew want it, low when nobody touches it for a while or the supply fails.

use hw::power::{Backlight, Supply};
use slint::Global as _;

use super::Face;

/// A screen that shows nothing cannot be turned up again.
const DARKEST_PERCENT: i16 = 20;
/// How bright a screen is that nobody touches.
const IDLE_PERCENT: u8 = 10;
/// How bright a screen is at most while the machine lives on what is stored.
const FAILING_PERCENT: u8 = 40;

/// How bright the screen is, and why.
#[derive(Debug)]
pub struct Light {
    /// As the crew want it.
    wanted_percent: u8,
    /// After so many seconds without a touch it dims.
    dim_after_s: Option<u32>,
    idle_s: u32,
    asleep: bool,
    /// The panel's own light. Without one, a shade lies over the picture.
    backlight: Option<Backlight>,
    /// What the panel was told last.
    told_percent: Option<u8>,
}

impl Default for Light {
    fn default() -> Self {
        Self { wanted_percent: 100, dim_after_s: None, idle_s: 0, asleep: false, backlight: None, told_percent: None }
    }
}

impl Light {
    /// As the crew want it.
    pub(super) const fn percent(&self) -> u8 {
        self.wanted_percent
    }
}

impl Face {
    /// Dims the screen after so many seconds without a touch, and by the panel's own light where it has one.
    pub fn dim(&mut self, after_s: Option<u32>, backlight: Option<Backlight>) {
        self.light.dim_after_s = after_s;
        self.light.backlight = backlight;
        self.show();
    }

    /// Somebody touched the screen.
    pub(in crate::screen) fn touched(&mut self) {
        self.light.idle_s = 0;
    }

    /// The light goes on again. The touch that did it does nothing else.
    pub(in crate::screen) fn wake(&mut self) {
        self.light.idle_s = 0;
        self.light.asleep = false;
    }

    pub(in crate::screen) fn step_brightness(&mut self, step: i16) {
        let next = (i16::from(self.light.wanted_percent) + step).clamp(DARKEST_PERCENT, 100);
        self.light.wanted_percent = u8::try_from(next).unwrap_or(100);
    }

    /// A second without a touch. While a card terminal owes an answer somebody is waiting for it.
    pub(super) fn second_idle(&mut self) {
        let waits = self.shot.as_ref().is_some_and(|shot| shot.books.card.is_some());
        self.light.idle_s = if waits { 0 } else { self.light.idle_s.saturating_add(1) };
        if !self.light.asleep && self.light.dim_after_s.is_some_and(|after_s| self.light.idle_s >= after_s) {
            self.light.asleep = true;
            if let Some(window) = self.window() {
                self.show_light(&window);
            }
        }
    }

    pub(super) fn show_light(&mut self, window: &ui::AppWindow) {
        let failing = self.shot.as_ref().is_some_and(|shot| shot.states.supply == Some(Supply::Failing));
        let light = &mut self.light;
        let awake = if failing { light.wanted_percent.min(FAILING_PERCENT) } else { light.wanted_percent };
        let percent = if light.asleep { IDLE_PERCENT.min(awake) } else { awake };
        let stage = ui::Stage::get(window);
        stage.set_asleep(light.asleep);
        let by_panel = match &mut light.backlight {
            // A panel that takes no orders is shaded like one without light of its own.
            Some(backlight) if light.told_percent != Some(percent) => backlight.set_percent(percent).is_ok(),
            Some(_) => true,
            None => false,
        };
        light.told_percent = by_panel.then_some(percent);
        stage.set_dim(if by_panel { 0.0 } else { f32::from(100 - percent) / 100.0 });
    }
}
