//! The drawer on the printer's cable.

use super::{EscPosPrinter, LOOK};
use crate::drawer::{CashDrawer, DrawerState};
use crate::port::Port;
use crate::printer::escpos::{pulse, real_time_pulse, real_time_request};
use crate::printer::{Contact, PrinterState, PrinterTrouble, ReceiptPrinter};

impl<P: Port> CashDrawer for EscPosPrinter<P> {
    fn open(&mut self) -> Result<(), PrinterTrouble> {
        self.empty_input()?;
        if !self.profile.has_real_time_status {
            return self.send_all(&pulse(&self.profile));
        }
        let trouble = self.ask_real_time()?;
        if self.profile.has_real_time_pulse {
            // The drawer opens even while the printer waits for paper.
            self.send_all(&real_time_pulse(self.profile.drawer_pin))?;
            return if self.state.contact == Contact::Heard { Ok(()) } else { Err(PrinterTrouble::Silent) };
        }
        if let Some(trouble) = trouble {
            // The pulse would wait in the buffer and open the drawer when nobody expects it.
            return Err(trouble);
        }
        self.send_all(&pulse(&self.profile))
    }

    fn open_and_look(&mut self) -> Result<DrawerState, PrinterTrouble> {
        self.open()?;
        if self.profile.drawer_open_level_high.is_none() {
            return Ok(DrawerState::Unknown);
        }
        let deadline = self.port.now() + self.deadlines.drawer;
        loop {
            let state = self.look()?;
            if state != DrawerState::Closed || self.port.now() >= deadline {
                return Ok(state);
            }
            self.listen(LOOK)?;
        }
    }

    fn state(&mut self) -> DrawerState {
        let state = ReceiptPrinter::state(self);
        self.read(&state)
    }
}

impl<P: Port> EscPosPrinter<P> {
    /// The switch, by one question where the printer answers at once.
    fn look(&mut self) -> Result<DrawerState, PrinterTrouble> {
        if !self.profile.has_real_time_status {
            return Ok(self.read(&self.state));
        }
        self.heard.real_time = None;
        self.send_all(&real_time_request(1))?;
        self.listen_until(|heard| heard.real_time.is_some())?;
        self.state.drawer_pin_high = self.heard.real_time.map(|answer| answer & 0x04 != 0);
        Ok(self.read(&self.state))
    }

    const fn read(&self, state: &PrinterState) -> DrawerState {
        match (self.profile.drawer_open_level_high, state.drawer_pin_high) {
            (Some(open_level), Some(level)) if open_level == level => DrawerState::Open,
            (Some(_), Some(_)) => DrawerState::Closed,
            _ => DrawerState::Unknown,
        }
    }
}
