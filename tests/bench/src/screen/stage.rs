//! The real screen on a picture in memory, with the till in a thread of its own as in `till run`.

use std::{
    cell::RefCell,
    path::Path,
    rc::Rc,
    sync::mpsc::{Receiver, channel},
    thread,
    time::{Duration, Instant},
};

use domain::{Currency, Money};
use slint::{
    ComponentHandle as _, Global as _, LogicalPosition, Model as _, ModelRc, PhysicalSize, PlatformError,
    platform::{
        Platform, PointerEventButton, WindowAdapter, WindowEvent,
        software_renderer::{MinimalSoftwareWindow, RepaintBufferType, Rgb565Pixel},
        update_timers_and_animations,
    },
};
use till::Command;
use till_app::{
    clock::Clock,
    config::Config,
    screen::{
        backroom::{Ask, Backroom, Reply, Told},
        face::{Face, Link},
    },
    start::Start,
};

use crate::Outcome;

/// The longest wait for the till's thread.
const PATIENCE: Duration = Duration::from_secs(20);
/// The drawer's first content.
const FLOAT: Money = Money::new(100_000, Currency::Sek);
/// Before a touch, as a hand does; a loop without it would lose its processor to others in the middle of frames.
const PAUSE: Duration = Duration::from_millis(4);
/// Frames until nothing moves any more.
const STILL_AFTER: u32 = 5;

/// A point of the screen.
pub type Place = LogicalPosition;

/// A frame: how long from the event to its last pixel, the size of what was drawn, and how long filling as many pixels takes.
#[derive(Clone, Copy, Debug)]
pub struct Frame {
    /// From the event to the last pixel.
    pub took: Duration,
    /// Width and height of the box around what was drawn; 0 when nothing was.
    pub dirty: (u32, u32),
    /// Filling that box with one colour, measured right after.
    pub floor: Duration,
}

/// A screen and a till.
pub struct Stage {
    surface: Rc<MinimalSoftwareWindow>,
    window: ui::AppWindow,
    face: Rc<RefCell<Face>>,
    replies: Receiver<Reply>,
    pixels: Vec<Rgb565Pixel>,
    size: (u32, u32),
    layout: Layout,
}

struct InMemory {
    surface: Rc<MinimalSoftwareWindow>,
    began: Instant,
}

impl Platform for InMemory {
    fn create_window_adapter(&self) -> Result<Rc<dyn WindowAdapter>, PlatformError> {
        Ok(self.surface.clone())
    }

    fn duration_since_start(&self) -> Duration {
        self.began.elapsed()
    }
}

impl Stage {
    /// Opens a till on `dir`. Once per thread.
    pub fn open(dir: &Path, config: Config, size: (u32, u32)) -> Outcome<Self> {
        let surface = MinimalSoftwareWindow::new(RepaintBufferType::ReusedBuffer);
        slint::platform::set_platform(Box::new(InMemory { surface: surface.clone(), began: Instant::now() }))?;
        let window = ui::AppWindow::new()?;
        surface.set_size(PhysicalSize::new(size.0, size.1));
        window.show()?;
        let start = Start { dir: dir.to_path_buf(), config, seed: [7; 32] };
        let (sender, replies) = channel();
        let asks = Backroom::open(start, Clock::of_machine())?.work(move |reply| drop(sender.send(reply)));
        let face = Face::new(&window, Link::Thread(asks), false);
        let pixels = vec![Rgb565Pixel::default(); usize::try_from(size.0 * size.1)?];
        let stage = Self { surface, window, face, replies, pixels, size, layout: Layout::of(size) };
        stage.face.borrow_mut().ask(Ask::Look);
        let (_, reply) = stage.next()?;
        stage.take(reply);
        Ok(stage)
    }

    /// Signs in, starts a trip, opens a shift.
    pub fn ready_to_sell(&mut self) -> Outcome<()> {
        self.command(Command::SignIn { crew: "101".into(), pin: "1101".into() })?;
        let operating_day = "2026-10-05".parse().map_err(|_| "no day")?;
        self.command(Command::StartTrip { train: "171".into(), operating_day })?;
        self.command(Command::OpenShift(FLOAT))?;
        if ui::Stage::get(&self.window).get_view() == ui::View::Sell { Ok(()) } else { Err("the till does not sell".into()) }
    }

    /// Carries out a command and waits until its frame stands.
    pub fn command(&mut self, command: Command) -> Outcome<()> {
        self.face.borrow_mut().ask(Ask::Command(command));
        let (_, reply) = self.reply()?;
        if let Told::Did(command, Err(wrong)) = &reply.told {
            return Err(format!("{command:?}: {wrong:?}").into());
        }
        self.take(reply);
        self.still();
        Ok(())
    }

    /// The answer to a command, and how long it was waited for. What devices tell meanwhile goes to the screen.
    pub fn reply(&mut self) -> Outcome<(Duration, Reply)> {
        let mut waited = Duration::ZERO;
        loop {
            let (took, reply) = self.next()?;
            waited += took;
            if matches!(reply.told, Told::Did(..)) {
                return Ok((waited, reply));
            }
            self.take(reply);
        }
    }

    fn next(&self) -> Outcome<(Duration, Reply)> {
        let began = Instant::now();
        let reply = self.replies.recv_timeout(PATIENCE)?;
        Ok((began.elapsed(), reply))
    }

    /// Gives the face an answer.
    pub fn take(&self, reply: Reply) {
        self.face.borrow_mut().take(reply);
    }

    /// Does something and draws what it changed.
    pub fn frame(&mut self, act: impl FnOnce(&Self)) -> Frame {
        let began = Instant::now();
        act(self);
        update_timers_and_animations();
        let stride = self.size.0 as usize;
        let mut dirty = (0, 0);
        self.surface.draw_if_needed(|renderer| {
            let region = renderer.render(&mut self.pixels, stride);
            let size = region.bounding_box_size();
            dirty = (size.width, size.height);
        });
        let took = began.elapsed();
        Frame { took, dirty, floor: self.fill(dirty) }
    }

    /// What so many pixels cost at the least. The picture is another one: the screen's stays as it was drawn.
    fn fill(&self, (width, height): (u32, u32)) -> Duration {
        let mut other = vec![Rgb565Pixel(1); (width * height) as usize];
        let began = Instant::now();
        other.fill(std::hint::black_box(Rgb565Pixel(7)));
        std::hint::black_box(&mut other);
        began.elapsed()
    }

    /// Finger down.
    pub fn press(&mut self, position: Place) -> Frame {
        self.still();
        thread::sleep(PAUSE);
        let button = PointerEventButton::Left;
        self.frame(|stage| stage.window.window().dispatch_event(WindowEvent::PointerPressed { position, button }))
    }

    /// Finger up.
    pub fn release(&mut self, position: Place) -> Frame {
        let button = PointerEventButton::Left;
        self.frame(|stage| stage.window.window().dispatch_event(WindowEvent::PointerReleased { position, button }))
    }

    /// Down and up.
    pub fn tap(&mut self, place: Place) -> Outcome<()> {
        self.press(place);
        self.release(place);
        self.still();
        Ok(())
    }

    /// The tiles of this page that put something into the sale: not those that are sold out.
    pub fn tiles_that_sell(&mut self, count: u32) -> Outcome<Vec<Place>> {
        let mut tiles = Vec::new();
        let shown = u32::try_from(ui::Sell::get(&self.window).get_products().row_count())?;
        for number in 0..count.min(shown) {
            let place = self.layout.tile(number);
            let product = ui::Sell::get(&self.window).get_products().row_data(number as usize);
            if product.is_some_and(|product| !product.sold_out) {
                tiles.push(place);
            }
        }
        if tiles.is_empty() { Err("nothing to sell on this page".into()) } else { Ok(tiles) }
    }

    /// The middle of a category's tab.
    pub fn tab(&self, number: u32, tabs: u32) -> Place {
        self.layout.tab(number, tabs)
    }

    /// The categories on the screen.
    pub fn categories(&self) -> ModelRc<ui::Category> {
        ui::Sell::get(&self.window).get_categories()
    }

    /// The chosen category.
    pub fn category(&self) -> String {
        ui::Sell::get(&self.window).get_category().into()
    }

    /// Lets devices speak and draws until nothing changes.
    fn still(&mut self) {
        for _ in 0..STILL_AFTER {
            while let Ok(reply) = self.replies.try_recv() {
                self.take(reply);
            }
            self.frame(|_| ());
        }
    }
}

/// Where things are: the measures of `theme.slint` and `sell_screen.slint`. A tap that misses is an error, so a drift is noticed.
pub struct Layout {
    touch: f32,
    pad: f32,
    edge: f32,
    left_w: f32,
    products_h: f32,
}

/// Between tiles.
const GAP: f32 = 8.0;
/// Between tabs.
const TAB_GAP: f32 = 4.0;

impl Layout {
    /// The layout of a lying screen.
    #[expect(clippy::cast_precision_loss, reason = "a screen has few pixels")]
    pub fn of((width, height): (u32, u32)) -> Self {
        let compact = width.min(height) < 600;
        let (touch, pad, edge, cart_w) = if compact { (64.0, 8.0, 4.0, 280.0) } else { (72.0, 16.0, 16.0, 432.0) };
        let left_w = width as f32 - cart_w - 3.0 * pad;
        let products_h = height as f32 - touch - 2.0 * edge - 2.0 * (touch + GAP);
        Self { touch, pad, edge, left_w, products_h }
    }

    /// The middle of a tile: four in a row, three rows.
    #[expect(clippy::cast_precision_loss, reason = "a page has few tiles")]
    pub fn tile(&self, number: u32) -> Place {
        let (width, height) = ((self.left_w - 3.0 * GAP) / 4.0, (self.products_h - 2.0 * GAP) / 3.0);
        let (column, row) = ((number % 4) as f32, (number / 4) as f32);
        let top = self.touch + self.edge + self.touch + GAP;
        Place::new(self.pad + column * (width + GAP) + width / 2.0, top + row * (height + GAP) + height / 2.0)
    }

    /// The middle of a tab: the first as wide as a finger, the others share the rest.
    #[expect(clippy::cast_precision_loss, reason = "a screen has few tabs")]
    pub fn tab(&self, number: u32, tabs: u32) -> Place {
        let others = tabs.saturating_sub(1).max(1) as f32;
        let width = (self.left_w - self.touch - others * TAB_GAP) / others;
        let y = self.touch + self.edge + self.touch / 2.0;
        if number == 0 {
            return Place::new(self.pad + self.touch / 2.0, y);
        }
        let before = self.touch + TAB_GAP + (number - 1) as f32 * (width + TAB_GAP);
        Place::new(self.pad + before + width / 2.0, y)
    }
}

/// For the table.
pub fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
