//! The touch screen: one thread for the till, one for the window, and between them questions, answers and snapshots.
//!
//! State flows one way: the [`backroom::Backroom`] carries out a command and sends a [`backroom::Snapshot`]; the [`face::Face`] turns it
//! into strings for the window. Intents flow the other way. The window never waits.

use std::{cell::RefCell, path::Path, rc::Rc};

use crate::{clock::Clock, error::Failure, start::Start};

pub mod backroom;
pub mod entry;
pub mod face;
pub mod list;
pub mod present;
mod wire;

use backroom::{Ask, Backroom, Reply};
use face::{Face, Link};
use hw::power::{Backlight, KICK_EVERY, Watchdog};
use slint::{ComponentHandle as _, PhysicalSize};

/// How often the clock of the strip and delays are looked at.
const TICK: std::time::Duration = std::time::Duration::from_secs(1);

thread_local! {
    /// The face of this thread's window: replies arrive as closures on the event loop and find it here.
    static FACE: RefCell<Option<Rc<RefCell<Face>>>> = const { RefCell::new(None) };
}

/// Opens the window and works until it is closed.
///
/// # Errors
/// [`Failure`].
pub fn run(start: Start, size: Option<(u32, u32)>, night: bool) -> Result<(), Failure> {
    let failure = |error: slint::PlatformError| Failure::Screen(error.to_string());
    let window = ui::AppWindow::new().map_err(failure)?;
    if let Some((width, height)) = size {
        window.window().set_size(PhysicalSize::new(width, height));
    }
    let paper = start.dir.join("paper");
    let power = start.config.plan.power.clone();
    let backroom = Backroom::open(start, Clock::proven_by(&power.chip()))?.leaving_paper_in(paper);
    // A till without a watchdog or a light of its own sells all the same.
    let watchdog = power.watchdog.as_deref().and_then(|path| said(path, Watchdog::start(path, backroom.heart(), KICK_EVERY)));
    let backlight = power.backlight.as_deref().and_then(|path| said(path, Backlight::open(path)));
    let asks = backroom.work(|reply| {
        // After the window is gone there is nobody to tell.
        drop(slint::invoke_from_event_loop(move || take(reply)));
    });
    let face = Face::new(&window, Link::Thread(asks), night);
    FACE.with(|slot| *slot.borrow_mut() = Some(face.clone()));
    face.borrow_mut().dim(power.dim_after_s, backlight);
    face.borrow_mut().ask(Ask::Look);
    let ticking = slint::Timer::default();
    let ticked = face;
    ticking.start(slint::TimerMode::Repeated, TICK, move || ticked.borrow_mut().tick());
    let ran = window.run().map_err(failure);
    if let Some(watchdog) = watchdog {
        watchdog.end();
    }
    ran
}

/// What is missing is said once, where the one who set the machine up looks.
fn said<T>(path: &Path, opened: std::io::Result<T>) -> Option<T> {
    opened.inspect_err(|error| eprintln!("till: {}: {error}", path.display())).ok()
}

fn take(reply: Reply) {
    FACE.with(|slot| {
        if let Some(face) = slot.borrow().as_ref() {
            face.borrow_mut().take(reply);
        }
    });
}
