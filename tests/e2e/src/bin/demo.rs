//! A trip on the demo till without a display: every button is pressed on the real screen, pictures are left of what there is to see.
//!
//! Usage: `demo FOLDER`. The folder gets the till's data and the pictures; it must not exist yet.

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use e2e::Rig;

const WIDE: (f32, f32) = (1280.0, 800.0);
const SMALL: (f32, f32) = (800.0, 480.0);

fn main() -> ExitCode {
    let Some(folder) = std::env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("usage: demo FOLDER");
        return ExitCode::FAILURE;
    };
    if folder.exists() {
        eprintln!("{} is there already; name another folder, or remove it", folder.display());
        return ExitCode::FAILURE;
    }
    let pictures = folder.join("pictures");
    fs::create_dir_all(&pictures).expect("the folder can be made");
    let mut album = Album { pictures, count: 0 };
    first_half(&folder.join("data"), &mut album);
    second_half(&folder.join("data"), &mut album);
    small_and_dark(&folder.join("data"), &mut album);
    println!("\n{} pictures are in {}", album.count, album.pictures.display());
    ExitCode::SUCCESS
}

/// Pictures, numbered as they are taken.
struct Album {
    pictures: PathBuf,
    count: u32,
}

impl Album {
    fn take(&mut self, rig: &Rig, what: &str) {
        self.keep(what, &rig.picture());
    }

    fn keep(&mut self, what: &str, png: &[u8]) {
        self.count += 1;
        let name = format!("{:02}-{}.png", self.count, what.replace(' ', "-"));
        fs::write(self.pictures.join(&name), png).expect("the picture can be written");
        println!("   {name}");
    }

    fn paper(&mut self, rig: &Rig, what: &str) {
        rig.wait_for_paper();
        let strip = rig.face.borrow_mut().backroom().and_then(|backroom| backroom.simulated().printer.strips().last().cloned());
        if let Some(strip) = strip {
            self.keep(what, &strip.png());
        }
    }
}

fn say(what: &str) {
    println!("{what}");
}

fn first_half(data: &Path, album: &mut Album) {
    say("The till starts on an empty folder. Demo Alva (101) signs in with PIN 1101.");
    let rig = Rig::start(data, WIDE, false, None);
    album.take(&rig, "sign in");
    rig.tap("signin.crew.101");
    rig.keys("signin", "1101");
    rig.tap("signin.enter");
    say("She takes train 171 and opens a shift with 1 000 kr in the drawer.");
    rig.tap("trip.train.171");
    album.take(&rig, "trip");
    rig.tap("trip.start");
    album.take(&rig, "open shift");
    rig.tap("open-shift.open");
    say("A coffee and a sandwich, paid with a 200 kr note.");
    rig.taps(&["sell.tile.1001", "sell.category.food", "sell.tile.3001"]);
    album.take(&rig, "sell");
    let display = rig.face.borrow_mut().backroom().map(|backroom| backroom.simulated().display.png());
    album.keep("customer display", &display.unwrap_or_default());
    rig.tap("sell.pay");
    album.take(&rig, "pay");
    rig.tap("pay.cash.note.20000");
    rig.wait_for_paper();
    album.take(&rig, "done");
    album.paper(&rig, "receipt 1");
    say("The next customer drinks the coffee at the counter: served, so 12 % VAT instead of 6. Paid by card.");
    rig.taps(&["done.next", "sell.category.fav", "sell.tile.1001", "sell.serve", "sell.pay", "pay.card"]);
    rig.wait_until("the terminal approves", |backroom| backroom.counter().till().books().receipt_no == 2);
    album.paper(&rig, "receipt 2");
    say("Two coffees are on the next sale when somebody pulls the plug.");
    rig.taps(&["done.next", "sell.tile.1001", "sell.tile.1001"]);
    album.take(&rig, "before the cut");
}

fn second_half(data: &Path, album: &mut Album) {
    say("The till starts again: crew, trip, shift and the open sale are where they were.");
    let rig = Rig::start(data, WIDE, false, None);
    album.take(&rig, "after the cut");
    rig.tap("sell.exact");
    album.paper(&rig, "receipt 3");
    say("The first customer brings the sandwich back.");
    rig.taps(&["done.next", "strip.menu", "menu.receipts", "receipts.row.1"]);
    album.take(&rig, "receipts");
    rig.taps(&["receipts.refund", "receipts.refund.more.2"]);
    album.take(&rig, "refund");
    rig.taps(&["receipts.refund.go", "receipts.reason.quality"]);
    album.paper(&rig, "receipt 4 refund");
    say("The shift is counted and closed; every line behind the difference is shown.");
    rig.taps(&["strip.menu", "menu.shift"]);
    album.take(&rig, "shift");
    rig.taps(&["shift.count", "shift.count.50000", "shift.count.keypad.2"]);
    album.take(&rig, "count");
    rig.tap("shift.close");
    album.take(&rig, "z report");
    album.paper(&rig, "z report on paper");
}

fn small_and_dark(data: &Path, album: &mut Album) {
    say("The same till on a seven inch screen, at night, in English.");
    let rig = Rig::start(data, SMALL, true, None);
    rig.taps(&["open-shift.open", "strip.menu", "menu.service", "service.language", "strip.menu", "menu.sell"]);
    rig.taps(&["sell.tile.1002", "sell.tile.1003"]);
    album.take(&rig, "small and dark");
    let verified = rig.face.borrow_mut().backroom().map(|backroom| backroom.counter().till().store().verify().map(|all| all.entries));
    match verified {
        Some(Ok(entries)) => println!("The journal holds: {entries} entries, chain and books verified from nothing."),
        other => panic!("the journal does not verify: {other:?}"),
    }
}
