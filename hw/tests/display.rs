//! One contract for every customer display, simulated behind a line, behind a pseudo-terminal and behind an I2C bus; and what they look like.

use std::fs;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use embedded_hal::i2c::I2c;
use expect_test::expect_file;
use hw::display::pole::{Brightness, PoleSettings};
use hw::display::{CustomerDisplay, DisplayLost, OLED_ADDRESS, Oled, OledPanel, Page, PoleDisplay};
use hw::port::{Flow, Port, SerialPort, SerialSettings};
use hw::raster::BitmapBuf;
use hw::sim::{OledFault, PoleFault, PtyLine, SimulatedOled, SimulatedPole};
use proptest::prelude::*;

const GREETING: Page<'_> = Page { top_left: "Bistro Exempel AB", top_right: "", bottom_left: "Välkommen!", bottom_right: "" };
const SALE: Page<'_> =
    Page { top_left: "2\u{a0}× Smörgås med räkor", top_right: "178,00", bottom_left: "Totalt", bottom_right: "1\u{a0}206,00\u{a0}kr" };
const CHANGE: Page<'_> = Page { top_left: "Totalt", top_right: "183,00 kr", bottom_left: "Åter", bottom_right: "17,00 kr" };
const CARD: Page<'_> = Page { top_left: "Följ kortterminalen", top_right: "", bottom_left: "Kort", bottom_right: "183,00 kr" };
const TRAINING: Page<'_> = Page { top_left: "Rødgrød", top_right: "5,00", bottom_left: "ÖVNING", bottom_right: "12,50 €" };
const PAGES: [(&str, Page<'_>); 5] = [("greeting", GREETING), ("sale", SALE), ("change", CHANGE), ("card", CARD), ("training", TRAINING)];

/// What a display under test is to the contract: its driver, its faults, and what a person sees.
trait Rig {
    fn display(&mut self) -> &mut dyn CustomerDisplay;
    fn unplug(&self, is_unplugged: bool);
    fn dip(&self);
    fn stall(&self, is_stalled: bool);
    fn seen(&self) -> BitmapBuf;
    fn received(&self) -> u64;
    fn unknown(&self) -> Vec<Vec<u8>>;
    /// Whether an error comes with the very call: a pseudo-terminal has a queue between.
    fn tells_at_once(&self) -> bool {
        true
    }
}

struct PoleRig<P> {
    simulated: SimulatedPole,
    display: PoleDisplay<P>,
    line: Option<(PtyLine, tempfile::TempDir)>,
}

impl<P: Port> Rig for PoleRig<P> {
    fn display(&mut self) -> &mut dyn CustomerDisplay {
        &mut self.display
    }
    fn unplug(&self, is_unplugged: bool) {
        self.simulated.set_fault(if is_unplugged { PoleFault::Unplugged } else { PoleFault::Ok });
    }
    fn dip(&self) {
        self.simulated.switch_off();
    }
    fn stall(&self, is_stalled: bool) {
        self.simulated.set_fault(if is_stalled { PoleFault::Deaf } else { PoleFault::Ok });
    }
    fn seen(&self) -> BitmapBuf {
        self.simulated.dots()
    }
    fn received(&self) -> u64 {
        self.simulated.received()
    }
    fn unknown(&self) -> Vec<Vec<u8>> {
        self.simulated.unknown_commands()
    }
    fn tells_at_once(&self) -> bool {
        self.line.is_none()
    }
}

struct OledRig(SimulatedOled, Oled<SimulatedOled>);

impl Rig for OledRig {
    fn display(&mut self) -> &mut dyn CustomerDisplay {
        &mut self.1
    }
    fn unplug(&self, is_unplugged: bool) {
        self.0.set_fault(if is_unplugged { OledFault::Unplugged } else { OledFault::Ok });
    }
    fn dip(&self) {
        self.0.switch_off();
    }
    fn stall(&self, is_stalled: bool) {
        self.0.set_fault(if is_stalled { OledFault::AwayAfter { bytes: 100 } } else { OledFault::Ok });
    }
    fn seen(&self) -> BitmapBuf {
        self.0.dots()
    }
    fn received(&self) -> u64 {
        self.0.received()
    }
    fn unknown(&self) -> Vec<Vec<u8>> {
        self.0.unknown_commands()
    }
}

fn pipe() -> PoleRig<impl Port> {
    let simulated = SimulatedPole::new();
    PoleRig { display: PoleDisplay::new(simulated.port(), PoleSettings::default()), simulated, line: None }
}

fn pty() -> PoleRig<SerialPort> {
    let folder = tempfile::tempdir().expect("a folder");
    let simulated = SimulatedPole::new();
    let line = PtyLine::start(simulated.far_end(), folder.path().join("display")).expect("a pseudo-terminal");
    let settings = SerialSettings { path: line.path().to_path_buf(), baud: 9_600, flow: Flow::None };
    let display = PoleDisplay::new(SerialPort::new(settings), PoleSettings::default());
    PoleRig { simulated, display, line: Some((line, folder)) }
}

fn oled(panel: OledPanel) -> OledRig {
    let simulated = SimulatedOled::new(panel);
    OledRig(simulated.clone(), Oled::new(simulated, OLED_ADDRESS, panel))
}

/// Every display under test, each in its own state of being new.
fn rigs() -> Vec<(&'static str, Box<dyn Rig>)> {
    vec![
        ("pole on a pipe", Box::new(pipe())),
        ("pole on a pseudo-terminal", Box::new(pty())),
        ("oled, tall", Box::new(oled(OledPanel::Tall))),
        ("oled, flat", Box::new(oled(OledPanel::Flat))),
    ]
}

/// What a new and sound display of this kind shows of a page.
fn expected(name: &str, page: &Page<'_>) -> BitmapBuf {
    let mut rig: Box<dyn Rig> = match name {
        "oled, tall" => Box::new(oled(OledPanel::Tall)),
        "oled, flat" => Box::new(oled(OledPanel::Flat)),
        _ => Box::new(pipe()),
    };
    rig.display().show(page).expect("a sound display shows");
    rig.seen()
}

/// Looks again until it is so. What is behind a pseudo-terminal happens in its own thread.
#[expect(clippy::disallowed_methods, reason = "the device lives in another thread and in real time")]
fn until(name: &str, mut is_so: impl FnMut() -> bool) {
    for _ in 0..4_000 {
        if is_so() {
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    panic!("{name}: it never came to that");
}

#[test]
fn every_page_is_seen_and_every_command_is_known() {
    for (name, mut rig) in rigs() {
        for (_, page) in PAGES {
            // A line that has just been made may still be opening.
            until(name, || rig.display().show(&page).is_ok());
            let wanted = expected(name, &page);
            until(name, || rig.seen() == wanted);
        }
        rig.display().clear().expect("it is there");
        let dark = expected(name, &Page::default());
        until(name, || rig.seen() == dark);
        assert_eq!(rig.unknown(), Vec::<Vec<u8>>::new(), "{name}");
    }
}

#[test]
fn the_same_page_again_sends_nothing_worth_mentioning() {
    for (name, mut rig) in rigs() {
        until(name, || rig.display().show(&SALE).is_ok());
        let wanted = expected(name, &SALE);
        until(name, || rig.seen() == wanted);
        let before = rig.received();
        for _ in 0..10 {
            rig.display().show(&SALE).expect("it is there");
        }
        let sent = rig.received() - before;
        assert!(sent <= 20, "{name}: {sent} bytes, more than a sign of life each");
    }
}

#[test]
fn an_unplugged_display_is_told_even_when_nothing_changes_and_comes_back_with_its_page() {
    for (name, mut rig) in rigs() {
        until(name, || rig.display().show(&SALE).is_ok());
        let wanted = expected(name, &SALE);
        until(name, || rig.seen() == wanted);
        rig.unplug(true);
        if rig.tells_at_once() {
            assert_eq!(rig.display().show(&SALE), Err(DisplayLost), "{name}");
        }
        until(name, || rig.display().show(&SALE) == Err(DisplayLost));
        assert_eq!(rig.display().show(&CHANGE), Err(DisplayLost), "{name}");
        rig.unplug(false);
        until(name, || rig.display().show(&CHANGE).is_ok());
        let wanted = expected(name, &CHANGE);
        until(name, || rig.seen() == wanted);
        assert_eq!(rig.unknown(), Vec::<Vec<u8>>::new(), "{name}");
    }
}

#[test]
fn a_supply_that_dips_unseen_is_mended_by_the_next_page() {
    for (name, mut rig) in rigs() {
        until(name, || rig.display().show(&SALE).is_ok());
        let wanted = expected(name, &SALE);
        until(name, || rig.seen() == wanted);
        rig.dip();
        rig.display().show(&TRAINING).expect("nobody has noticed");
        let wanted = expected(name, &TRAINING);
        until(name, || rig.seen() == wanted);
    }
}

#[test]
fn a_display_that_stops_in_the_middle_of_a_page_shows_the_next_one_whole() {
    for (name, mut rig) in rigs() {
        until(name, || rig.display().show(&SALE).is_ok());
        rig.stall(true);
        if rig.tells_at_once() {
            assert_eq!(rig.display().show(&CHANGE), Err(DisplayLost), "{name}");
        }
        rig.stall(false);
        until(name, || rig.display().show(&CARD).is_ok());
        let wanted = expected(name, &CARD);
        until(name, || rig.seen() == wanted);
    }
}

/// A line that hands over only so many bytes and then stops.
struct Stops<P>(P, usize);

impl<P: Port> Port for Stops<P> {
    fn now(&self) -> Duration {
        self.0.now()
    }
    fn write(&mut self, bytes: &[u8], wait: Duration) -> Result<usize, hw::port::PortTrouble> {
        let count = bytes.len().min(self.1);
        self.1 -= count;
        if count == 0 { Ok(0) } else { self.0.write(&bytes[..count], wait) }
    }
    fn read(&mut self, into: &mut [u8], wait: Duration) -> Result<usize, hw::port::PortTrouble> {
        self.0.read(into, wait)
    }
    fn write_urgent(&mut self, bytes: &[u8]) -> Result<(), hw::port::PortTrouble> {
        self.0.write_urgent(bytes)
    }
}

#[test]
fn wherever_a_frame_breaks_off_the_next_one_is_whole() {
    for pass_through in [false, true] {
        let settings = PoleSettings { pass_through, ..PoleSettings::default() };
        for stop in 0..=66 {
            let simulated = SimulatedPole::new();
            let mut broken = PoleDisplay::new(Stops(simulated.port(), stop), settings);
            let broke = broken.show(&SALE);
            assert!(broke.is_err() || !pass_through && stop >= 66, "after {stop} bytes");
            PoleDisplay::new(simulated.port(), settings).show(&CHANGE).expect("it is there");
            assert_eq!(simulated.lines(), ["Totalt     183,00 kr", "Åter        17,00 kr"], "after {stop} bytes");
        }
    }
}

#[test]
fn on_the_printers_line_the_printer_gets_its_own_bytes_and_no_others() {
    let simulated = SimulatedPole::new();
    let mut display = PoleDisplay::new(simulated.port(), PoleSettings { pass_through: true, ..PoleSettings::default() });
    let mut printer = simulated.port();
    for (page, receipt) in [(SALE, &b"\x1b@Kvitto\n"[..]), (CHANGE, b"\x1dV\x42\x00")] {
        display.show(&page).expect("it is there");
        let seen = simulated.lines();
        assert_eq!(printer.write(receipt, Duration::ZERO), Ok(receipt.len()));
        assert_eq!(simulated.lines(), seen, "a receipt is not for the display");
    }
    assert_eq!(simulated.passed(), b"\x1b@Kvitto\n\x1dV\x42\x00");
    assert_eq!(simulated.unknown_commands(), Vec::<Vec<u8>>::new());
}

#[test]
fn brightness_follows_at_the_next_page() {
    let simulated = SimulatedPole::new();
    let mut display = PoleDisplay::new(simulated.port(), PoleSettings::default());
    display.show(&SALE).expect("it is there");
    assert_eq!(simulated.brightness(), 4);
    display.set_brightness(Brightness::Dimmest);
    display.show(&SALE).expect("it is there");
    assert_eq!((simulated.brightness(), simulated.lines()[1].as_str()), (1, "Totalt   1 206,00 kr"));
}

#[test]
fn a_module_at_another_address_is_not_ours() {
    let simulated = SimulatedOled::new(OledPanel::Tall);
    let mut display = Oled::new(simulated.clone(), 0x3d, OledPanel::Tall);
    assert_eq!(display.show(&SALE), Err(DisplayLost));
    assert_eq!(simulated.received(), 0);
}

#[test]
fn a_bus_that_is_not_there_is_a_lost_display() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut display = hw::display::open_oled(folder.path().join("i2c-9"), OLED_ADDRESS, OledPanel::Tall);
    assert_eq!(display.show(&SALE), Err(DisplayLost));
    let mut display = PoleDisplay::new(
        SerialPort::new(SerialSettings { path: folder.path().join("ttyUSB9"), baud: 9_600, flow: Flow::None }),
        PoleSettings::default(),
    );
    assert_eq!(display.show(&SALE), Err(DisplayLost));
}

#[test]
fn displays_look_as_their_pictures() {
    for (name, page) in PAGES {
        let mut pole = pipe();
        pole.display.show(&page).expect("it is there");
        keep(&format!("pole-{name}.png"), &pole.simulated.png());
        expect_file![format!("display/pole-{name}.txt")].assert_eq(&art(&pole.seen()));
        for (panel, height) in [(OledPanel::Tall, 64), (OledPanel::Flat, 32)] {
            let mut rig = oled(panel);
            rig.1.show(&page).expect("it is there");
            keep(&format!("oled-{height}-{name}.png"), &rig.0.png());
            expect_file![format!("display/oled-{height}-{name}.txt")].assert_eq(&art(&rig.seen()));
        }
    }
}

#[test]
fn no_letter_is_a_question_mark() {
    let every = (' '..='\u{17f}').chain('\u{2000}'..='\u{2212}').filter(|&character| character != '?');
    let mut display = oled(OledPanel::Tall);
    let mut shown = |text: &str| {
        display.1.show(&Page { bottom_left: "x", bottom_right: text, ..Page::default() }).expect("it is there");
        display.seen()
    };
    let question = shown("?");
    for character in every {
        assert!(shown(character.encode_utf8(&mut [0; 4])) != question, "{character:?}");
    }
}

#[test]
fn an_amount_that_is_too_wide_is_not_drawn_in_part() {
    let drawn = |bottom_right: &str| {
        let mut rig = oled(OledPanel::Tall);
        rig.1.show(&Page { bottom_left: "Totalt", bottom_right, ..Page::default() }).expect("it is there");
        rig.seen()
    };
    assert_eq!(drawn("123456789012345678901,00"), drawn("***"));
    assert_ne!(drawn("12345678901234567,00"), drawn("***"));
}

proptest! {
    #[test]
    fn an_amount_stands_whole_whatever_stands_beside_it(left in "\\PC{0,60}", right in "-?[0-9 ]{1,15},[0-9]{2}( kr| €)?") {
        let simulated = SimulatedPole::new();
        let mut display = PoleDisplay::new(simulated.port(), PoleSettings::default());
        display.show(&Page { bottom_left: &left, bottom_right: &right, ..Page::default() }).expect("it is there");
        let line = simulated.lines()[1].clone();
        let whole = right.chars().count() <= 20;
        prop_assert!(if whole { line.ends_with(&right) } else { line == "*".repeat(20) }, "{line:?}");
        prop_assert_eq!(simulated.unknown_commands(), Vec::<Vec<u8>>::new());
        let mut module = oled(OledPanel::Flat);
        module.1.show(&Page { bottom_left: &left, bottom_right: &right, ..Page::default() }).expect("it is there");
        prop_assert_eq!(module.unknown(), Vec::<Vec<u8>>::new());
    }

    #[test]
    fn no_bytes_stop_a_simulated_display(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        let simulated = SimulatedPole::new();
        prop_assert_eq!(simulated.port().write(&bytes, Duration::ZERO), Ok(bytes.len()));
        prop_assert!(simulated.lines().iter().all(|line| line.chars().count() == 20));
        let mut module = SimulatedOled::new(OledPanel::Tall);
        for chunk in bytes.chunks(17) {
            prop_assert_eq!(module.write(OLED_ADDRESS, chunk), Ok(()));
        }
        prop_assert_eq!(module.dots().as_bitmap().width_dots(), 128);
    }
}

#[test]
fn a_display_can_be_sent_to_its_thread() {
    let (sender, receiver): (_, Receiver<Box<dyn CustomerDisplay>>) = channel();
    sender.send(Box::new(oled(OledPanel::Tall).1)).expect("somebody listens");
    sender.send(Box::new(pty().display)).expect("somebody listens");
    assert_eq!(receiver.try_iter().count(), 2);
}

/// Leaves a picture beside the tests for people to look at.
fn keep(name: &str, png: &[u8]) {
    fs::write(PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name), png).expect("a picture beside the tests");
}

/// Dots as text, two rows to a line.
fn art(dots: &BitmapBuf) -> String {
    let view = dots.as_bitmap();
    let mut art = String::new();
    for y in (0..view.height_dots()).step_by(2) {
        let line: String = (0..view.width_dots())
            .map(|x| match (view.is_black(x, y), view.is_black(x, y + 1)) {
                (false, false) => ' ',
                (true, false) => '▀',
                (false, true) => '▄',
                (true, true) => '█',
            })
            .collect();
        art.push_str(line.trim_end());
        art.push('\n');
    }
    art
}
