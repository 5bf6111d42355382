//! A till with its real screen, without a display: buttons are pressed by their ids, pictures are taken of what the window draws.
//!
//! **Entry points.** [`Rig::start`] for the screen, [`Headless::start`] for the same till without one.

use std::{
    cell::RefCell,
    path::{Path, PathBuf},
    rc::Rc,
    time::Duration,
};

use i_slint_backend_testing::{ElementHandle, ElementQuery, TestingBackend, TestingBackendOptions};
use slint::{ComponentHandle as _, Global as _, LogicalSize, WindowSize};
use till_app::{
    clock::Clock,
    config::Config,
    screen::{
        backroom::{Ask, Backroom},
        face::{Face, Link},
    },
    start::Start,
};

mod headless;
mod lines;

pub use headless::Headless;
pub use lines::Lines;

/// The log's key in every run: a test key.
pub const TEST_SEED: [u8; 32] = [7; 32];

/// The longest wait for what devices do.
const PATIENCE: Duration = Duration::from_secs(30);
const STEP: Duration = Duration::from_millis(20);

/// A till, its screen and its simulated devices.
pub struct Rig {
    /// The window.
    pub window: ui::AppWindow,
    /// Its face.
    pub face: Rc<RefCell<Face>>,
    /// Its devices, where they are on lines.
    pub lines: Option<Lines>,
}

impl Rig {
    /// Starts the demo till on the data in `dir`, with the clock at `wall_s` (seconds since 1970, UTC) where one is given.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn start(dir: &Path, size: (f32, f32), night: bool, wall_s: Option<i64>) -> Self {
        Self::with(dir, Config::demo(), None, size, night, wall_s)
    }

    /// The same with a configuration of one's own.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn start_as(dir: &Path, config: Config, size: (f32, f32), wall_s: Option<i64>) -> Self {
        Self::with(dir, config, None, size, false, wall_s)
    }

    /// The same with every device that can be on a line on a pseudo-terminal in `lines_dir`.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn start_on_lines(dir: &Path, lines_dir: &Path, size: (f32, f32), wall_s: Option<i64>) -> Self {
        let (lines, config) = Lines::start(lines_dir);
        Self::with(dir, config, Some(lines), size, false, wall_s)
    }

    fn with(dir: &Path, config: Config, lines: Option<Lines>, size: (f32, f32), night: bool, wall_s: Option<i64>) -> Self {
        platform();
        let start = Start { dir: dir.to_path_buf(), config, seed: TEST_SEED };
        let mut clock = Clock::of_machine();
        if let Some(wall_s) = wall_s {
            clock.set(wall_s);
        }
        let backroom = Backroom::open(start, clock).expect("the till starts");
        let window = ui::AppWindow::new().expect("the testing backend has a window");
        window.window().set_size(WindowSize::Logical(LogicalSize::new(size.0, size.1)));
        window.show().expect("the window shows");
        let face = Face::new(&window, Link::Direct(Box::new(backroom)), night);
        face.borrow_mut().ask(Ask::Look);
        let rig = Self { window, face, lines };
        rig.settle();
        rig.settle();
        // Nothing can be paid before the control unit was heard; what waits from before the restart is looked at first.
        let waits = rig.with_till(|till| till.books().card.is_some() || till.books().control.is_some());
        if waits {
            return rig;
        }
        rig.wait_until("the control unit is heard", |backroom| backroom.counter().till().control_seen_last().is_some());
        rig
    }

    /// Presses the button with this id.
    ///
    /// # Panics
    /// When there is no such button, it cannot be pressed, or a message or the menu lies over it.
    pub fn tap(&self, id: &str) {
        let message = ui::Message::get(&self.window);
        assert!(!message.get_open() || id.starts_with("message."), "{id} lies under the message {}", message.get_code());
        let over = ["menu.", "message.", "strip."];
        let covered = ui::Stage::get(&self.window).get_menu_open() && !over.iter().any(|over| id.starts_with(over));
        assert!(!covered, "{id} lies under the menu");
        let element = self.find(id).unwrap_or_else(|| panic!("no {id} on the screen; there are {:?}", self.ids()));
        assert!(element.accessible_enabled().unwrap_or(true), "{id} cannot be pressed now");
        element.invoke_accessible_default_action();
        self.settle();
    }

    /// Presses one button after another.
    pub fn taps(&self, ids: &[&str]) {
        ids.iter().for_each(|id| self.tap(id));
    }

    /// A tap that a person can always make, wherever it lands: on a button that is shut it does nothing.
    pub fn poke(&self, id: &str) {
        if let Some(element) = self.find(id) {
            element.invoke_accessible_default_action();
            self.settle();
        }
    }

    /// Signs a crew member in.
    pub fn sign_in(&self, crew: &str, pin: &str) {
        self.tap(&format!("signin.crew.{crew}"));
        self.keys("signin", pin);
        self.tap("signin.enter");
    }

    /// Signs crew member 101 in, starts train 171 and opens a shift with the usual float.
    pub fn ready_to_sell(&self) {
        self.sign_in("101", "1101");
        self.taps(&["trip.train.171", "trip.start", "open-shift.open"]);
    }

    /// Another screen by the menu.
    pub fn menu(&self, screen: &str) {
        self.taps(&["strip.menu", &format!("menu.{screen}")]);
    }

    /// Which screen is up.
    #[must_use]
    pub fn view(&self) -> ui::View {
        ui::Stage::get(&self.window).get_view()
    }

    /// The code of the message that lies over the screen; empty without one.
    #[must_use]
    pub fn message(&self) -> String {
        let message = ui::Message::get(&self.window);
        if message.get_open() { message.get_code().into() } else { String::new() }
    }

    /// Every entry of the journal as the headless face shows it.
    ///
    /// # Panics
    /// When one cannot be read.
    #[must_use]
    pub fn journal(&self) -> Vec<serde_json::Value> {
        self.with_till(|till| {
            let entries = till.store().entries(1, 1000).expect("the journal");
            entries.iter().map(|(seq, _)| till_app::drive::show::entry(&till.entry(*seq).expect("an entry"))).collect()
        })
    }

    /// Looks at the till behind the screen.
    ///
    /// # Panics
    /// When it works in a thread of its own, which it does not here.
    pub fn with_till<T>(&self, look: impl FnOnce(&till::Till) -> T) -> T {
        look(self.face.borrow_mut().backroom().expect("the till is on this thread").counter().till())
    }

    /// Breaks or mends a simulated device, without anybody noticing before it is used.
    ///
    /// # Panics
    /// For a device or fault that is not simulated.
    pub fn break_device(&self, device: &str, fault: &str) {
        let mut face = self.face.borrow_mut();
        face.backroom().expect("the till is on this thread").simulated().set(device, fault).expect("a fault that is simulated");
    }

    /// What the printer has printed, oldest first.
    ///
    /// # Panics
    /// When the till works in a thread of its own.
    #[must_use]
    pub fn strips(&self) -> Vec<hw::sim::PaperStrip> {
        match &self.lines {
            Some(lines) => lines.printer.strips(),
            None => self.face.borrow_mut().backroom().expect("the till is on this thread").simulated().printer.strips(),
        }
    }

    /// Types on a keypad.
    pub fn keys(&self, keypad: &str, digits: &str) {
        digits.chars().for_each(|digit| self.tap(&format!("{keypad}.keypad.{digit}")));
    }

    /// Whether a button is there and can be pressed.
    #[must_use]
    pub fn can_tap(&self, id: &str) -> bool {
        self.find(id).is_some_and(|element| element.accessible_enabled().unwrap_or(true))
    }

    /// What a button is called.
    ///
    /// # Panics
    /// When there is no such button.
    #[must_use]
    pub fn label(&self, id: &str) -> String {
        let element = self.find(id).unwrap_or_else(|| panic!("no {id} on the screen"));
        element.accessible_label().map(|label| label.to_string()).unwrap_or_default()
    }

    /// The ids of everything on the screen that has one.
    #[must_use]
    pub fn ids(&self) -> Vec<String> {
        let named =
            ElementQuery::from_root(&self.window).match_predicate(|element| element.accessible_id().is_some_and(|id| !id.is_empty()));
        named.find_all().iter().filter_map(|element| element.accessible_id().map(|id| id.to_string())).collect()
    }

    /// Lets devices work until `done` says so.
    ///
    /// # Panics
    /// When it never does.
    pub fn wait_until(&self, what: &str, mut done: impl FnMut(&mut Backroom) -> bool) {
        let mut waited = Duration::ZERO;
        loop {
            self.face.borrow_mut().pump(STEP);
            self.settle();
            if self.face.borrow_mut().backroom().is_some_and(&mut done) {
                return;
            }
            waited += STEP;
            assert!(waited < PATIENCE, "never happened: {what}");
        }
    }

    /// Waits until no paper is under way.
    pub fn wait_for_paper(&self) {
        self.wait_until("the paper comes out", |backroom| !backroom.counter().paper_under_way());
        self.face.borrow_mut().ask(Ask::Look);
        self.settle();
    }

    /// A barcode from the scanner on its line, or from one that types like a keyboard. It changes the open sale.
    ///
    /// # Panics
    /// When it changes nothing.
    pub fn scan(&self, code: &str) {
        if let Some(lines) = &self.lines {
            let before = ui::Sell::get(&self.window).get_items();
            lines.scanner.scan(code);
            return self.wait_until("the scan reaches the sale", |_| ui::Sell::get(&self.window).get_items() != before);
        }
        use slint::platform::{Key, WindowEvent};
        for letter in code.chars().map(slint::SharedString::from).chain([Key::Return.into()]) {
            self.window.window().dispatch_event(WindowEvent::KeyPressed { text: letter.clone() });
            self.window.window().dispatch_event(WindowEvent::KeyReleased { text: letter });
        }
        self.settle();
    }

    /// Lets the window's timers and change handlers run, and the control unit give its code.
    pub fn settle(&self) {
        let mut waited = Duration::ZERO;
        while self.with_till(|till| till.books().control.is_some() && till.control_trouble().is_none()) {
            self.face.borrow_mut().pump(STEP);
            waited += STEP;
            assert!(waited < PATIENCE, "the control unit never answers");
        }
        i_slint_backend_testing::mock_elapsed_time(STEP);
    }

    /// A picture of the window, PNG.
    ///
    /// # Panics
    /// When the window cannot be drawn.
    #[must_use]
    pub fn picture(&self) -> Vec<u8> {
        self.settle();
        let picture = self.window.window().take_snapshot().expect("the software renderer draws");
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, picture.width(), picture.height());
        encoder.set_color(png::ColorType::Rgba);
        encoder.set_depth(png::BitDepth::Eight);
        let mut writer = encoder.write_header().expect("a PNG header");
        writer.write_image_data(picture.as_bytes()).expect("the pixels");
        drop(writer);
        bytes
    }

    /// Puts a picture of the window into the folder for pictures.
    ///
    /// # Panics
    /// When the file cannot be written.
    pub fn keep_picture(&self, name: &str) {
        keep(name, &self.picture());
    }

    fn find(&self, id: &str) -> Option<ElementHandle> {
        let wanted = id.to_owned();
        let found =
            ElementQuery::from_root(&self.window).match_predicate(move |element| element.accessible_id().is_some_and(|id| id == wanted));
        found.find_first()
    }
}

/// Puts a PNG into the folder for pictures: `PICTURES_OUT`, else `target/pictures`.
///
/// # Panics
/// When the file cannot be written.
#[expect(clippy::disallowed_methods, reason = "where pictures go is the caller's wish, not the till's")]
pub fn keep(name: &str, png: &[u8]) {
    let folder = std::env::var_os("PICTURES_OUT")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../target/pictures"), PathBuf::from);
    std::fs::create_dir_all(&folder).expect("the folder for pictures");
    std::fs::write(folder.join(format!("{name}.png")), png).expect("the picture is written");
}

fn platform() {
    thread_local!(static READY: () = {
        let options = TestingBackendOptions { mock_time: true, threading: false, renderer_name: Some("software".into()) };
        slint::platform::set_platform(Box::new(TestingBackend::new(options))).expect("the first platform of this thread");
    });
    READY.with(|()| ());
}
