//! The threads of devices that speak by themselves: scanner and position. They end with the desk.

use std::{
    sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel},
    thread,
    time::Duration,
};

use hw::{position::Position, power::SupplyMonitor, scanner::Scanner};

use super::Event;

/// How long one look at such a device lasts.
const LOOK: Duration = Duration::from_millis(200);

/// Whether a thread looks again at once.
enum Next {
    Look,
    /// A device that is not there answers at once; its line has a back-off of its own.
    Rest,
}

/// The threads' way to know that the desk is gone: their ends of these hang up.
#[derive(Debug, Default)]
pub(super) struct Ears(Vec<SyncSender<()>>);

impl Ears {
    /// Starts a scanner's thread.
    pub(super) fn scanner(&mut self, mut scanner: Box<dyn Scanner>, tell: impl Fn(Event) + Send + 'static) {
        let mut there = None;
        self.listen("scanner", move || {
            let heard = scanner.next(LOOK);
            let is_there = heard.is_ok();
            if there.replace(is_there) != Some(is_there) {
                tell(Event::Scanner(is_there));
            }
            let Ok(scan) = heard else { return Next::Rest };
            if let Some(scan) = scan {
                tell(Event::Scanned(Box::new(scan)));
            }
            Next::Look
        });
    }

    /// Starts a receiver's thread.
    pub(super) fn position(&mut self, mut position: Box<dyn Position>, tell: impl Fn(Event) + Send + 'static) {
        let mut there = None;
        self.listen("position", move || {
            let heard = position.next(LOOK);
            let is_there = heard.is_ok();
            if there.replace(is_there) != Some(is_there) {
                tell(Event::Position(is_there));
            }
            let Ok(fix) = heard else { return Next::Rest };
            if let Some(fix) = fix {
                tell(Event::Fixed(fix));
            }
            Next::Look
        });
    }

    /// Starts the thread of what tells that the supply fails. An input that came back tells anew how it is.
    pub(super) fn supply(&mut self, mut supply: Box<dyn SupplyMonitor>, tell: impl Fn(Event) + Send + 'static) {
        let mut is_lost = false;
        self.listen("supply", move || {
            let Ok(told) = supply.next(LOOK) else {
                if !core::mem::replace(&mut is_lost, true) {
                    tell(Event::SupplyLost);
                }
                return Next::Rest;
            };
            is_lost = false;
            if let Some(supply) = told {
                tell(Event::Supply(supply));
            }
            Next::Look
        });
    }

    fn listen(&mut self, name: &str, mut turn: impl FnMut() -> Next + Send + 'static) {
        let (desk, gone) = sync_channel(0);
        let spawned = thread::Builder::new().name(name.into()).spawn(move || {
            loop {
                let rest = match turn() {
                    Next::Look => Duration::ZERO,
                    Next::Rest => LOOK,
                };
                if is_over(&gone, rest) {
                    return;
                }
            }
        });
        assert!(spawned.is_ok(), "a device thread starts");
        self.0.push(desk);
    }
}

/// Waits so long, unless the desk goes.
fn is_over(gone: &Receiver<()>, rest: Duration) -> bool {
    gone.recv_timeout(rest) == Err(RecvTimeoutError::Disconnected)
}
