//! The card terminal's thread.

use std::sync::mpsc::{Receiver, RecvTimeoutError};

use hw::terminal::{CardTerminal, PaymentAnswer, PaymentReference, TerminalState};

use super::{Device, Event, POLL_EVERY};

pub(super) enum TerminalOrder {
    Pay { reference: String, amount_minor: i64, original: Option<String>, currency: &'static str },
    Status(String),
    Test,
    Look,
}

pub(super) fn run_terminal(mut terminal: Box<dyn CardTerminal>, orders: &Receiver<TerminalOrder>, tell: &dyn Fn(Event)) {
    let mut last = None;
    let mut tested = false;
    loop {
        match orders.recv_timeout(POLL_EVERY) {
            Ok(TerminalOrder::Pay { reference, amount_minor, original, currency }) => {
                let answer = ask(&mut *terminal, &reference, amount_minor, original, currency);
                tell(Event::CardAnswered(reference, answer));
            }
            Ok(TerminalOrder::Status(reference)) => {
                let answer = PaymentReference::new(reference.clone()).map_or(PaymentAnswer::NotFound, |named| terminal.status(&named));
                tell(Event::CardAnswered(reference, answer));
            }
            Ok(TerminalOrder::Test) => tested = true,
            Ok(TerminalOrder::Look) | Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        let state = terminal.state();
        if core::mem::take(&mut tested) {
            tell(Event::Tested(Device::Terminal, state == TerminalState::Ready));
        }
        if last != Some(state) {
            last = Some(state);
            tell(Event::Terminal(state));
        }
    }
}

fn ask(terminal: &mut dyn CardTerminal, reference: &str, amount_minor: i64, original: Option<String>, currency: &str) -> PaymentAnswer {
    let Some(named) = PaymentReference::new(reference) else { return PaymentAnswer::NotFound };
    if amount_minor >= 0 {
        return terminal.pay(&named, amount_minor, currency);
    }
    match original.and_then(PaymentReference::new) {
        Some(original) => terminal.refund(&named, &original, -amount_minor, currency),
        None => PaymentAnswer::NotFound,
    }
}
