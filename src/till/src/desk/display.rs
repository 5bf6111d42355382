//! The customer display's thread.

use std::sync::mpsc::{Receiver, RecvTimeoutError};

use hw::display::{CustomerDisplay, Page};

use super::{Event, POLL_EVERY, Shown};

pub(super) fn run_display(mut display: Box<dyn CustomerDisplay>, orders: &Receiver<Shown>, tell: &dyn Fn(Event)) {
    let mut there = None;
    let mut shown = Shown::default();
    loop {
        match orders.recv_timeout(POLL_EVERY) {
            Ok(next) => shown = orders.try_iter().last().unwrap_or(next),
            // A display that went is missed although nothing has changed, and one that came back shows what it should.
            Err(RecvTimeoutError::Timeout) if there.is_some() => {}
            Err(RecvTimeoutError::Timeout) => continue,
            Err(RecvTimeoutError::Disconnected) => return,
        }
        let page = Page { top_left: &shown.top.0, top_right: &shown.top.1, bottom_left: &shown.bottom.0, bottom_right: &shown.bottom.1 };
        let works = display.show(&page).is_ok();
        if there != Some(works) {
            there = Some(works);
            tell(Event::Display(works));
        }
    }
}
