//! What the simulators show: pictures of paper and of the customer display, and QR codes that a reader reads.

mod common;

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use common::{QR_PAYLOAD, receipt};
use hw::display::{CustomerDisplay, DisplayLost, Page};
use hw::document::DocumentBuf;
use hw::document::ean::Ean13;
use hw::printer::profile::{CITIZEN, EPSON_80MM, GENERIC_58MM, Profile};
use hw::printer::{EscPosPrinter, JobId, PrintOutcome, ReceiptPrinter};
use hw::sim::{DisplaySimulator, SimulatedPrinter};

fn write(name: &str, png: &[u8]) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, png).expect("a picture beside the tests");
    path
}

fn print(profile: Profile) -> Vec<u8> {
    let simulated = SimulatedPrinter::new(profile);
    let mut printer = EscPosPrinter::new(simulated.port(), profile);
    assert_eq!(printer.print(JobId(1), &receipt()), PrintOutcome::Printed);
    simulated.tear();
    simulated.strips()[0].png()
}

/// The size that a PNG file says it has.
fn size(png: &[u8]) -> (u32, u32) {
    let number = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().expect("four bytes"));
    assert_eq!(&png[1..4], b"PNG");
    (number(16), number(20))
}

#[test]
fn a_receipt_has_a_picture_as_wide_as_its_paper() {
    for (profile, width) in [(EPSON_80MM, 512 + 64), (GENERIC_58MM, 384 + 64)] {
        let png = print(profile);
        write(&format!("receipt-{}.png", profile.name), &png);
        let (picture_width, height) = size(&png);
        assert_eq!(picture_width, width);
        assert!((900..3000).contains(&height), "{height} dots");
    }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the reader is a program of its own")]
fn a_reader_reads_the_qr_code_off_the_paper() {
    for profile in [EPSON_80MM, GENERIC_58MM] {
        let path = write(&format!("qr-{}.png", profile.name), &print(profile));
        let Ok(read) = Command::new("zbarimg").args(["--raw", "-q"]).arg(&path).output() else {
            println!("zbarimg is not installed: the QR code was not read back");
            return;
        };
        assert_eq!(String::from_utf8_lossy(&read.stdout).trim_end(), QR_PAYLOAD, "{}", profile.name);
    }
}

#[test]
fn the_page_test_has_a_picture() {
    let simulated = SimulatedPrinter::new(CITIZEN);
    let mut printer = EscPosPrinter::new(simulated.port(), CITIZEN);
    assert_eq!(printer.print_page_test(), Ok(()));
    assert_eq!(simulated.strips()[0].text().lines().count(), 2 + CITIZEN.page_lines().count());
    write("page-test.png", &simulated.strips()[0].png());
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the reader is a program of its own")]
fn a_reader_reads_the_barcode_off_the_paper() {
    // The first digit stands in the pattern of the next six: each has its own.
    for first in 0..10 {
        let code = Ean13::of_twelve(&format!("{first}73108650047")).expect("twelve digits");
        for profile in [EPSON_80MM, GENERIC_58MM] {
            let mut slip = DocumentBuf::new();
            slip.text("PANT").center().double().ean13(code).feed(1).cut();
            let simulated = SimulatedPrinter::new(profile);
            let mut printer = EscPosPrinter::new(simulated.port(), profile);
            assert_eq!(printer.print(JobId(1), &slip), PrintOutcome::Printed);
            simulated.tear();
            let strip = &simulated.strips()[0];
            assert!(strip.text().contains(code.digits()), "people read the digits: {}", strip.text());
            let path = write(&format!("ean-{first}-{}.png", profile.name), &strip.png());
            let Ok(read) = Command::new("zbarimg").args(["--raw", "-q", "-S*.enable=0", "-Sean13.enable=1"]).arg(&path).output() else {
                println!("zbarimg is not installed: the barcode was not read back");
                return;
            };
            assert_eq!(String::from_utf8_lossy(&read.stdout).trim_end(), code.digits(), "{}", profile.name);
        }
    }
}

#[test]
fn the_display_shows_a_line_and_a_total() {
    let page = Page { top_left: "Smörgås med räkor", top_right: "89,00", bottom_left: "Totalt", bottom_right: "183,00 €" };
    let greeting = Page { top_left: "Välkommen ombord", bottom_left: "Tåg 421 till Göteborg", ..Page::default() };
    for (width, height) in [(256, 64), (128, 64)] {
        let mut display = DisplaySimulator::new(width, height);
        let dark = display.dots();
        assert_eq!(display.show(&greeting), Ok(()));
        write(&format!("display-{width}-greeting.png"), &display.png());
        let greeted = display.dots();
        assert_eq!(display.show(&page), Ok(()));
        write(&format!("display-{width}.png"), &display.png());
        assert_eq!(display.texts()[3], "183,00 €");
        assert!(display.dots() != dark && display.dots() != greeted);
        assert_eq!(display.clear(), Ok(()));
        assert_eq!(display.dots(), dark);
        display.set_unplugged(true);
        assert_eq!(display.show(&page), Err(DisplayLost));
    }
}

#[test]
fn the_displays_letters_exist_in_its_fonts() {
    let shown = |text: &str| {
        let mut display = DisplaySimulator::default();
        assert_eq!(display.show(&Page { bottom_left: "x", bottom_right: text, ..Page::default() }), Ok(()));
        display.dots()
    };
    // A letter that a font lacks is drawn as a question mark.
    for letter in ["å", "ä", "ö", "Å", "Ä", "Ö", "é", "ü", "æ", "ø", "€"] {
        assert_ne!(shown(letter), shown("?"), "{letter}");
    }
}
