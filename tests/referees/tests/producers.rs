//! Receipts that other programs encoded, on the paper of our simulated printer.

use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use hw::printer::profile::EPSON_80MM;
use hw::sim::{PaperEnd, PaperStrip, PrinterSimulator};
use referees::{ENCODINGS, Encoding, Referees, Sample, codes_on, sample};

const SCRATCH: &str = env!("CARGO_TARGET_TMPDIR");

/// A producer's receipt after our simulator has printed it.
struct Printed {
    name: String,
    strips: Vec<PaperStrip>,
    printer: PrinterSimulator,
}

fn printed(referees: &Referees, encoding: &Encoding) -> Printed {
    let mut printer = PrinterSimulator::new(EPSON_80MM);
    for slice in referees.produce(encoding).chunks(64) {
        assert_eq!(printer.receive(slice), slice.len());
    }
    let name = format!("{}-{}", encoding.script.split('.').next().unwrap_or_default(), encoding.arguments.join("-"));
    Printed { name, strips: printer.strips().to_vec(), printer }
}

impl Printed {
    fn picture(&self) -> PathBuf {
        let path = PathBuf::from(SCRATCH).join(format!("{}.png", self.name));
        fs::write(&path, self.strips[0].png()).expect("a picture beside the tests");
        path
    }

    fn lines(&self) -> Vec<&str> {
        self.strips[0].text().lines().map(str::trim_end).collect()
    }
}

/// Each producer is started once for all tests; nothing where none is installed.
static RECEIPTS: LazyLock<Vec<Printed>> = LazyLock::new(|| {
    Referees::find(SCRATCH).map_or_else(Vec::new, |referees| ENCODINGS.iter().map(|encoding| printed(&referees, encoding)).collect())
});

fn every_receipt(check: impl Fn(&Printed, &Sample)) {
    RECEIPTS.iter().for_each(|printed| check(printed, &sample()));
}

#[test]
fn a_receipt_is_one_strip_that_was_cut_and_opens_the_drawer_once() {
    every_receipt(|printed, _| {
        let ends: Vec<PaperEnd> = printed.strips.iter().map(PaperStrip::end).collect();
        assert_eq!(ends, [PaperEnd::Cut], "{}", printed.name);
        assert_eq!(printed.printer.drawer_pulses(), 1, "{}", printed.name);
    });
}

#[test]
fn no_command_of_a_producer_is_unknown() {
    every_receipt(|printed, _| {
        let unknown: Vec<String> = printed.printer.unknown_commands().iter().map(|command| format!("{command:02x?}")).collect();
        assert!(unknown.is_empty(), "{}: {}", printed.name, unknown.join(", "));
    });
}

#[test]
fn every_letter_and_every_amount_stands_on_its_line() {
    every_receipt(|printed, sample| {
        let lines = printed.lines();
        assert!(lines.iter().any(|line| line.replace(' ', "") == sample.title), "{}: {lines:#?}", printed.name);
        for text in &sample.texts {
            assert!(lines.iter().any(|line| line.trim() == text), "{}: {text}: {lines:#?}", printed.name);
        }
        for [left, right] in &sample.rows {
            let width = usize::from(EPSON_80MM.columns) - left.chars().count();
            assert!(lines.iter().any(|line| *line == format!("{left}{right:>width$}")), "{}: {left}: {lines:#?}", printed.name);
        }
    });
}

#[test]
fn the_picture_is_on_the_paper_dot_for_dot() {
    every_receipt(|printed, sample| {
        let paper = printed.strips[0].bitmap().expect("a strip has its dots");
        let [width, height] = sample.picture_dots;
        let is_triangle = |left: u32, top: u32| // From below: there it is black.
            (0..height).rev().all(|y| (0..width).all(|x| paper.is_black(left + x, top + y) == (x * height < y * width)));
        let places = (0..paper.height_dots() - height).flat_map(|top| (0..paper.width_dots() - width).map(move |left| (left, top)));
        assert_eq!(places.filter(|&(left, top)| is_triangle(left, top)).count(), 1, "{}", printed.name);
    });
}

#[test]
fn a_reader_reads_both_codes_off_the_paper() {
    every_receipt(|printed, sample| {
        let Some(codes) = codes_on(&printed.picture()) else { return };
        assert_eq!(codes, [format!("EAN-13:{}", sample.ean), format!("QR-Code:{}", sample.qr)], "{}", printed.name);
    });
}
