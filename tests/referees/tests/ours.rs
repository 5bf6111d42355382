//! What our own driver puts on paper, read by a reader of codes.

use std::fs;
use std::path::PathBuf;

use hw::document::{DocumentBuf, ean::Ean13};
use hw::printer::profile::Profile;
use hw::printer::{EscPosPrinter, JobId, PrintOutcome, PrinterTrouble, ReceiptPrinter};
use hw::sim::SimulatedPrinter;
use referees::{codes_on, sample};

/// The payload of a receipt's code at its longest: number, time, amount and a signature.
const PAYLOAD: &str = "TROLLEY1:0142-3:1042:2026-11-23T19:28:39+01:00:SEK:18300:\
    5WHNQZ3TD6Q0Z7V1E0M2P3KX8R9S4T5U6V7W8X9Y0Z1A2B3C4D5E6F7G8H9J0K1L2M3N4P5Q6R7S8T9U0V1W2X3Y4Z5A6B7C8D9E0F1G2H3J4K5L6M7N8P9Q0R";

fn read_back(profile: Profile, name: &str, receipt: &DocumentBuf) -> Option<Vec<String>> {
    let simulated = SimulatedPrinter::new(profile);
    let mut printer = EscPosPrinter::new(simulated.port(), profile);
    // A printer that says nothing cannot say that either.
    let proven = if profile.is_mute() { PrintOutcome::Uncertain { why: PrinterTrouble::CannotConfirm } } else { PrintOutcome::Printed };
    assert_eq!(printer.print(JobId(1), receipt), proven, "{}", profile.name);
    simulated.tear();
    assert_eq!(simulated.unknown_commands(), Vec::<Vec<u8>>::new(), "{}", profile.name);
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("ours-{name}-{}.png", profile.name));
    fs::write(&path, simulated.strips()[0].png()).expect("a picture beside the tests");
    codes_on(&path)
}

#[test]
fn the_code_of_a_receipt_says_the_same_on_every_paper() {
    for payload in [PAYLOAD, &sample().qr] {
        let mut receipt = DocumentBuf::new();
        receipt.text("KVITTO").center().double().rule().row("ATT BETALA", "183,00 SEK").bold();
        receipt.qr(payload).text("Tack & trevlig resa!").center().cut();
        for &profile in Profile::ALL {
            let Some(codes) = read_back(profile, "qr", &receipt) else { return };
            assert_eq!(codes, [format!("QR-Code:{payload}")], "{}", profile.name);
        }
    }
}

#[test]
fn a_barcode_of_ours_says_the_same_on_every_paper() {
    let sample = sample();
    let mut receipt = DocumentBuf::new();
    receipt.text("TILLGODOKVITTO").center().double().rule();
    receipt.ean13(Ean13::new(&sample.ean).expect("a number with its check digit")).text("Gäller ombord").center().cut();
    for &profile in Profile::ALL {
        let Some(codes) = read_back(profile, "ean", &receipt) else { return };
        assert_eq!(codes, [format!("EAN-13:{}", sample.ean)], "{}", profile.name);
    }
}
