//! receiptio prints on our simulated printer, as it would on a real one in the network.

use hw::printer::profile::EPSON_80MM;
use hw::sim::{PaperEnd, PrinterFault, SimulatedPrinter};
use referees::{NetworkPrinter, Referees};

const SCRATCH: &str = env!("CARGO_TARGET_TMPDIR");

/// Told which language the printer speaks, and left to find it out by asking.
const WAYS: &[&[&str]] = &[&["-p", "escpos"], &[]];

/// How that begins.
const STAR_QUESTION: &[u8] = &[0x1b, 0x06];

const DOCUMENT: &str =
    "^KVITTO\n\nBryggkaffe | 64,00\nRäksmörgås | 89,00\n-\n^SUMMA | ^153,00 €\n{code:2012345678903;option:ean,3,72,hri}\n";

/// What receiptio says of each way of printing on a printer that was set up like this, and the printer afterwards.
fn every_way(set_up: impl Fn(&SimulatedPrinter), check: impl Fn(&str, &SimulatedPrinter)) {
    let Some(referees) = Referees::find(SCRATCH) else { return };
    for way in WAYS {
        let printer = SimulatedPrinter::new(EPSON_80MM);
        set_up(&printer);
        let network = NetworkPrinter::start(&printer);
        let address = network.address();
        let fixed = ["-d", &address, "-c", "42", "-l", "sv"];
        let word = referees.receiptio(&[&fixed[..], way].concat(), DOCUMENT);
        check(&word, &printer);
    }
}

#[test]
fn a_document_is_printed_and_its_host_told_so() {
    every_way(
        |_| {},
        |word, printer| {
            assert_eq!(word, "success");
            // Whoever finds the language out asks in Star's first.
            assert!(printer.unknown_commands().iter().all(|command| command == STAR_QUESTION), "{:?}", printer.unknown_commands());
            let strips = printer.strips();
            assert_eq!(strips.iter().map(hw::sim::PaperStrip::end).collect::<Vec<_>>(), [PaperEnd::Cut]);
            let lines: Vec<&str> = strips[0].text().lines().map(str::trim).collect();
            for [left, right] in [["Bryggkaffe", "64,00"], ["Räksmörgås", "89,00"]] {
                assert!(lines.iter().any(|line| line.starts_with(left) && line.ends_with(right)), "{left}: {lines:#?}");
            }
            assert!(lines.contains(&"─".repeat(42).as_str()) && lines.contains(&"2012345678903"), "{lines:#?}");
        },
    );
}

#[test]
fn a_host_hears_that_the_paper_is_out_and_prints_nothing() {
    every_way(
        |printer| printer.set_fault(PrinterFault::PaperOut),
        |word, printer| {
            assert_eq!(word, "paperempty");
            assert_eq!((printer.strips().len(), printer.strip_in_progress()), (0, None));
        },
    );
}

#[test]
fn a_host_hears_that_the_cover_is_open_and_prints_nothing() {
    every_way(
        |printer| printer.set_fault(PrinterFault::CoverOpen),
        |word, printer| {
            assert_eq!(word, "coveropen");
            assert_eq!((printer.strips().len(), printer.strip_in_progress()), (0, None));
        },
    );
}

#[test]
fn a_host_hears_that_the_paper_ran_out_in_the_middle() {
    // Beyond the greetings, within the document.
    every_way(
        |printer| printer.set_fault_after(200, PrinterFault::PaperOut),
        |word, printer| {
            assert_eq!(word, "paperempty");
            assert_eq!(printer.strips().len(), 0);
            let begun = printer.strip_in_progress().map(|strip| strip.text().to_owned()).unwrap_or_default();
            assert!(begun.contains("K V I T T O") && !begun.contains("S U M M A"), "{begun}");
        },
    );
}
