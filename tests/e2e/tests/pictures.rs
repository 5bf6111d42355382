//! Every screen with what the till really shows on it, in two sizes, by day and by night, in both languages.
//!
//! They land in `PICTURES_OUT`, else in `target/pictures`. The test sees that no picture is blank and nothing failed on the way; the rest is
//! for eyes.

use e2e::Rig;
use slint::Global as _;

/// 2026-10-05 14:00 in Sweden.
const WALL_S: i64 = 1_791_201_600;
/// A picture of fewer colours than this shows nothing.
const COLOURS_MIN: usize = 12;

/// A till and what its pictures are called.
struct Album {
    rig: Rig,
    name: String,
}

impl Album {
    /// Takes a picture, and looks whether anything is on it.
    fn take(&self, screen: &str) {
        let png = self.rig.picture();
        let name = format!("{screen}-{}", self.name);
        assert!(colours(&png) >= COLOURS_MIN, "{name} is blank");
        e2e::keep(&name, &png);
    }
}

fn colours(png: &[u8]) -> usize {
    let mut reader = png::Decoder::new(std::io::Cursor::new(png)).read_info().expect("a PNG");
    let mut bytes = vec![0; reader.output_buffer_size().expect("a size")];
    reader.next_frame(&mut bytes).expect("pixels");
    bytes.chunks_exact(4).step_by(7).collect::<std::collections::BTreeSet<_>>().len()
}

fn every_screen(size: (u16, u16), night: bool, swedish: bool) {
    let dir = tempfile::tempdir().expect("a folder");
    let rig = Rig::start(dir.path(), (size.0.into(), size.1.into()), night, Some(WALL_S));
    let theme = if night { "night" } else { "day" };
    let name = format!("{}x{}-{theme}-{}", size.0, size.1, if swedish { "sv" } else { "en" });
    let album = Album { rig, name };
    sign_in(&album, swedish);
    sell(&album);
    pay(&album);
    look_back(&album);
    practise(&album);
    close(&album);
}

fn sign_in(album: &Album, swedish: bool) {
    let rig = &album.rig;
    let (crew, pin) = if swedish { ("101", "1101") } else { ("103", "1303") };
    rig.tap(&format!("signin.crew.{crew}"));
    rig.keys("signin", &pin[..3]);
    if !swedish {
        ui::speak(ui::Language::English);
    }
    album.take("sign-in");
    rig.keys("signin", &pin[3..]);
    rig.tap("signin.enter");
    rig.tap("trip.train.391");
    album.take("trip-border");
    rig.tap("trip.train.171");
    album.take("trip");
    rig.tap("trip.start");
    album.take("open-shift");
    rig.tap("open-shift.open");
    album.take("sell-empty");
}

fn sell(album: &Album) {
    let rig = &album.rig;
    rig.taps(&["sell.tile.1003", "sell.park", "sell.dismiss"]);
    rig.taps(&["sell.tile.1001", "sell.tile.1001", "sell.tile.2004", "sell.category.food", "sell.tile.3008", "sell.tile.3002"]);
    album.take("sell");
    rig.taps(&["sell.category.bar", "sell.tile.5001"]);
    album.take("sell-bar");
    rig.tap("sell.search");
    ["k", "a"].iter().for_each(|letter| rig.tap(&format!("sell.search.key.{letter}")));
    album.take("search");
    rig.taps(&["sell.search.close", "lines.line.5", "lines.void.5"]);
    album.take("sell-undo");
    rig.taps(&["sell.dismiss", "sell.parked"]);
    album.take("parked");
    rig.tap("sell.parked.close");
}

fn pay(album: &Album) {
    let rig = &album.rig;
    let pay = |state| assert_eq!(ui::Pay::get(&rig.window).get_card_state(), state);
    rig.tap("sell.pay");
    rig.keys("pay", "50");
    rig.tap("pay.cash");
    album.take("pay");
    rig.break_device("terminal", "decline");
    rig.tap("pay.card");
    pay(ui::CardState::Asking);
    album.take("card-asking");
    rig.wait_until("the card is declined", |backroom| backroom.counter().till().books().card.is_none());
    pay(ui::CardState::Declined);
    album.take("card-declined");
    rig.break_device("terminal", "silent-after-approval");
    rig.tap("pay.card.retry");
    rig.wait_until("the answer is lost", |backroom| backroom.counter().till().books().card.as_ref().is_some_and(|card| card.unknown));
    pay(ui::CardState::Unknown);
    album.take("card-unknown");
    rig.break_device("terminal", "ok");
    rig.poke("pay.card.ask-again");
    rig.wait_until("the terminal remembers", |backroom| backroom.counter().till().books().card.is_none());
    rig.wait_for_paper();
    rig.tap("done.next");
    rig.taps(&["sell.category.fav", "sell.tile.1001", "sell.tile.4001", "sell.pay", "pay.cash.note.10000"]);
    rig.wait_for_paper();
    album.take("done");
    rig.tap("done.next");
}

fn look_back(album: &Album) {
    let rig = &album.rig;
    rig.menu("receipts");
    album.take("receipts");
    rig.tap("receipts.find");
    album.take("receipts-find");
    rig.keys("receipts", "1");
    rig.tap("receipts.find.go");
    rig.taps(&["receipts.refund", "receipts.refund.more.1"]);
    album.take("refund");
    rig.tap("receipts.refund.go");
    album.take("refund-reason");
    rig.taps(&["receipts.reason.close", "strip.menu"]);
    album.take("menu");
    rig.taps(&["menu.shift", "shift.x"]);
    album.take("shift");
    rig.tap("shift.paid-out");
    rig.keys("shift", "50");
    rig.tap("shift.reason.purchase");
    album.take("paid-out");
    rig.taps(&["shift.paid-out.go", "shift.no-sale"]);
    album.take("no-sale");
    rig.menu("trip");
    album.take("trip-running");
}

fn practise(album: &Album) {
    let rig = &album.rig;
    rig.menu("service");
    album.take("service");
    rig.tap("service.training");
    rig.menu("sell");
    rig.tap("sell.tile.1001");
    album.take("sell-training");
    rig.tap("sell.abandon");
    rig.menu("service");
    rig.tap("service.training");
    rig.tap("strip.sync");
    album.take("message");
    rig.tap("message.first");
    rig.break_device("printer", "paper-out");
    rig.tap("service.test.printer");
    rig.wait_until("the printer says so", |backroom| backroom.counter().states().printer.trouble().is_some());
    album.take("service-fault");
    rig.tap("service.evidence");
    album.take("service-evidence");
    rig.tap("strip.printer");
    album.take("message-fault");
    rig.tap("message.first");
    rig.break_device("printer", "ok");
    rig.tap("service.test.printer");
    rig.wait_until("the printer is well", |backroom| backroom.counter().states().printer.is_ready());
}

fn close(album: &Album) {
    let rig = &album.rig;
    rig.menu("sell");
    rig.taps(&["sell.parked", "sell.resume.1", "sell.abandon"]);
    rig.menu("shift");
    rig.taps(&["shift.count", "shift.count.50000"]);
    rig.keys("shift.count", "2");
    rig.tap("shift.count.2000");
    rig.keys("shift.count", "3");
    album.take("count");
    rig.tap("shift.close");
    rig.wait_for_paper();
    assert_eq!(rig.message(), "");
    album.take("z-closed");
}

#[test]
fn pictures_of_the_small_screen_by_day() {
    every_screen((800, 480), false, true);
    every_screen((800, 480), false, false);
}

#[test]
fn pictures_of_the_small_screen_by_night() {
    every_screen((800, 480), true, true);
    every_screen((800, 480), true, false);
}

#[test]
fn pictures_of_the_large_screen_by_day() {
    every_screen((1280, 800), false, true);
    every_screen((1280, 800), false, false);
}

#[test]
fn pictures_of_the_large_screen_by_night() {
    every_screen((1280, 800), true, true);
    every_screen((1280, 800), true, false);
}
