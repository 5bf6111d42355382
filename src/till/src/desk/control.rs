//! The control unit's thread.

use std::sync::mpsc::{Receiver, RecvTimeoutError};

use hw::control::{ControlTrouble, ControlUnit, ReceiptRecord};

use super::{Device, Event, POLL_EVERY};

pub(super) enum ControlOrder {
    Register(Box<ReceiptRecord>),
    Test,
    Look,
}

pub(super) fn run_control(mut unit: Box<dyn ControlUnit>, orders: &Receiver<ControlOrder>, tell: &dyn Fn(Event)) {
    let mut last = None;
    let mut tested = false;
    // A receipt that it owes a code for is asked for again at each look, until it comes.
    let mut owes = false;
    loop {
        match orders.recv_timeout(POLL_EVERY) {
            Ok(ControlOrder::Register(record)) => {
                let answer = unit.register(&record);
                owes = answer.as_ref().is_err_and(|trouble| trouble.may_be_recorded() || *trouble == ControlTrouble::Busy);
                if owes {
                    // It needs a moment.
                    tell(Event::ControlAnswered(record, answer));
                    continue;
                }
                tell(Event::ControlAnswered(record, answer));
            }
            Ok(ControlOrder::Test) => tested = true,
            Ok(ControlOrder::Look) | Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        let state = unit.state();
        if core::mem::take(&mut tested) {
            tell(Event::Tested(Device::Control, state.as_ref().is_ok_and(|state| state.is_ready)));
        }
        if last.as_ref() != Some(&state) || core::mem::take(&mut owes) {
            last = Some(state.clone());
            tell(Event::Control(state));
        }
    }
}
