//! A till with its real screen, without a display: buttons are pressed by their ids, pictures are taken of what the window draws.
//!
//! **Entry point.** [`Rig::start`].

use std::{
    cell::RefCell,
    path::{Path, PathBuf},
    rc::Rc,
    time::Duration,
};

use i_slint_backend_testing::{ElementHandle, ElementQuery, TestingBackend, TestingBackendOptions};
use slint::{ComponentHandle as _, LogicalSize, WindowSize};
use till_app::{
    clock::Clock,
    config::Config,
    screen::{
        backroom::{Ask, Backroom},
        face::{Face, Link},
    },
    start::Start,
};

/// The log's key in every run: a test key.
pub const TEST_SEED: [u8; 32] = [7; 32];

/// The longest wait for what devices do.
const PATIENCE: Duration = Duration::from_secs(5);
const STEP: Duration = Duration::from_millis(20);

/// A till, its screen and its simulated devices.
pub struct Rig {
    /// The window.
    pub window: ui::AppWindow,
    /// Its face.
    pub face: Rc<RefCell<Face>>,
}

impl Rig {
    /// Starts the demo till on the data in `dir`, with the clock at `wall_s` (seconds since 1970, UTC) where one is given.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn start(dir: &Path, size: (f32, f32), night: bool, wall_s: Option<i64>) -> Self {
        platform();
        let start = Start { dir: dir.to_path_buf(), config: Config::default(), seed: TEST_SEED };
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
        let rig = Self { window, face };
        rig.settle();
        rig.settle();
        rig
    }

    /// Presses the button with this id.
    ///
    /// # Panics
    /// When there is no such button, or it cannot be pressed.
    pub fn tap(&self, id: &str) {
        let element = self.find(id).unwrap_or_else(|| panic!("no {id} on the screen; there are {:?}", self.ids()));
        assert!(element.accessible_enabled().unwrap_or(true), "{id} cannot be pressed now");
        element.invoke_accessible_default_action();
        self.settle();
    }

    /// Presses one button after another.
    pub fn taps(&self, ids: &[&str]) {
        ids.iter().for_each(|id| self.tap(id));
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

    /// A barcode from the scanner.
    pub fn scan(&self, code: &str) {
        use slint::platform::{Key, WindowEvent};
        for letter in code.chars().map(slint::SharedString::from).chain([Key::Return.into()]) {
            self.window.window().dispatch_event(WindowEvent::KeyPressed { text: letter.clone() });
            self.window.window().dispatch_event(WindowEvent::KeyReleased { text: letter });
        }
        self.settle();
    }

    /// Lets the window's timers and change handlers run.
    pub fn settle(&self) {
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
