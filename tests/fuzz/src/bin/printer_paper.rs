//! Any bytes to the simulated printer: the same paper for every split, and replies that our own driver's ear takes apart.
#![no_main]

use hw::printer::profile::{EPSON_80MM, GENERIC_58MM};
use hw::printer::reply::Demultiplexer;
use hw::sim::{PaperStrip, PrinterSimulator};
use libfuzzer_sys::fuzz_target;

/// More than this is paper by the metre, and time.
const BYTES_MAX: usize = 4096;

fuzz_target!(|bytes: &[u8]| {
    let (profile, bytes) = match bytes {
        [0, rest @ ..] => (GENERIC_58MM, rest),
        bytes => (EPSON_80MM, bytes),
    };
    let bytes = &bytes[..bytes.len().min(BYTES_MAX)];
    let [mut whole, split] = [bytes.len().max(1), 5].map(|slice| {
        let mut printer = PrinterSimulator::new(profile);
        for slice in bytes.chunks(slice) {
            assert_eq!(printer.receive(slice), slice.len(), "a printer that is well takes everything");
        }
        printer
    });
    assert_eq!(texts(&whole), texts(&split));
    assert_eq!(whole.unknown_commands(), split.unknown_commands());
    let mut ear = Demultiplexer::new();
    whole.take_replies(usize::MAX).iter().for_each(|byte| drop(ear.take(*byte)));
});

fn texts(printer: &PrinterSimulator) -> Vec<String> {
    let hanging = printer.strip_in_progress();
    printer.strips().iter().chain(&hanging).map(PaperStrip::text).map(str::to_owned).collect()
}
