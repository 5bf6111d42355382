//! The threads of devices that speak by themselves: scanner and position. They end with the desk.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use hw::{position::Position, power::SupplyMonitor, scanner::Scanner};

use super::Event;

/// How long one look at such a device lasts.
const LOOK: Duration = Duration::from_millis(200);

/// Tells the threads to end when the desk is gone.
#[derive(Debug, Default)]
pub(super) struct Ears(Arc<AtomicBool>);

impl Drop for Ears {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

impl Ears {
    /// Starts a scanner's thread.
    pub(super) fn scanner(&self, mut scanner: Box<dyn Scanner>, tell: impl Fn(Event) + Send + 'static) {
        let mut there = None;
        self.listen("scanner", move || {
            let heard = scanner.next(LOOK);
            let is_there = heard.is_ok();
            if there.replace(is_there) != Some(is_there) {
                tell(Event::Scanner(is_there));
            }
            match heard {
                Ok(Some(scan)) => tell(Event::Scanned(Box::new(scan))),
                Ok(None) => {}
                Err(_) => pause(),
            }
        });
    }

    /// Starts a receiver's thread.
    pub(super) fn position(&self, mut position: Box<dyn Position>, tell: impl Fn(Event) + Send + 'static) {
        let mut there = None;
        self.listen("position", move || {
            let heard = position.next(LOOK);
            let is_there = heard.is_ok();
            if there.replace(is_there) != Some(is_there) {
                tell(Event::Position(is_there));
            }
            match heard {
                Ok(Some(fix)) => tell(Event::Fixed(fix)),
                Ok(None) => {}
                Err(_) => pause(),
            }
        });
    }

    /// Starts the thread of what tells that the supply fails. An input that is away tells nothing: the supply is as it was told last.
    pub(super) fn supply(&self, mut supply: Box<dyn SupplyMonitor>, tell: impl Fn(Event) + Send + 'static) {
        self.listen("supply", move || match supply.next(LOOK) {
            Ok(Some(supply)) => tell(Event::Supply(supply)),
            Ok(None) => {}
            Err(_) => pause(),
        });
    }

    fn listen(&self, name: &str, mut turn: impl FnMut() + Send + 'static) {
        let stop = self.0.clone();
        let spawned = thread::Builder::new().name(name.into()).spawn(move || {
            while !stop.load(Ordering::SeqCst) {
                turn();
            }
        });
        assert!(spawned.is_ok(), "a device thread starts");
    }
}

/// A device that is not there answers at once; its line has a back-off of its own.
#[expect(clippy::disallowed_methods, reason = "a listening thread rests between two looks at a device that is away")]
fn pause() {
    thread::sleep(LOOK);
}
