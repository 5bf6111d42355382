//! A cash drawer made of software.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{CashDrawer, DrawerState};
use crate::printer::PrinterTrouble;

/// A handle to a simulated drawer with a cable of its own; clones share it.
#[derive(Clone, Debug, Default)]
pub struct DrawerSimulator(Arc<Mutex<Drawer>>);

#[derive(Clone, Copy, Debug, Default)]
struct Drawer {
    pulses: u32,
    is_open: bool,
    is_unplugged: bool,
    is_stuck: bool,
}

impl DrawerSimulator {
    /// A closed drawer.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many pulses it got.
    #[must_use]
    pub fn pulses(&self) -> u32 {
        self.lock().pulses
    }

    /// Pushes it shut.
    pub fn close(&self) {
        self.lock().is_open = false;
    }

    /// Pulls the cable or plugs it in again.
    pub fn set_unplugged(&self, is_unplugged: bool) {
        self.lock().is_unplugged = is_unplugged;
    }

    /// Locks it or frees it: a locked drawer gets its pulse and stays shut.
    pub fn set_stuck(&self, is_stuck: bool) {
        self.lock().is_stuck = is_stuck;
    }

    fn lock(&self) -> MutexGuard<'_, Drawer> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl CashDrawer for DrawerSimulator {
    fn open(&mut self) -> Result<(), PrinterTrouble> {
        let mut drawer = self.lock();
        if drawer.is_unplugged {
            return Err(PrinterTrouble::Unplugged);
        }
        drawer.pulses = drawer.pulses.saturating_add(1);
        drawer.is_open |= !drawer.is_stuck;
        Ok(())
    }

    fn state(&mut self) -> DrawerState {
        let drawer = self.lock();
        match (drawer.is_unplugged, drawer.is_open) {
            (true, _) => DrawerState::Unknown,
            (false, true) => DrawerState::Open,
            (false, false) => DrawerState::Closed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drawer_opens_closes_and_is_unknown_without_its_cable() {
        let drawer = DrawerSimulator::new();
        let mut hand = drawer.clone();
        assert_eq!(hand.state(), DrawerState::Closed);
        assert_eq!(hand.open(), Ok(()));
        assert_eq!((hand.state(), drawer.pulses()), (DrawerState::Open, 1));
        drawer.close();
        drawer.set_stuck(true);
        assert_eq!((hand.open_and_look(), drawer.pulses()), (Ok(DrawerState::Closed), 2));
        drawer.set_unplugged(true);
        assert_eq!(hand.open(), Err(PrinterTrouble::Unplugged));
        assert_eq!((hand.state(), drawer.pulses()), (DrawerState::Unknown, 2));
    }
}
