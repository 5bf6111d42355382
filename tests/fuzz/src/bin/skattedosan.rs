//! Any bytes on the line of a Skattedosan, in both directions: lines that are found are whole, and the simulated unit records nothing twice.
#![no_main]

use std::collections::BTreeSet;

use hw::control::fields::kind_word;
use hw::control::skattedosan::{Decoder, Words, read_registered, read_version};
use hw::port::FarEnd;
use hw::sim::{SimulatedUnit, SkattedosanSimulator};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    for words in found(bytes) {
        let _ = (read_version(&words), read_registered(&words));
        // Words are written with one space after each, however they came.
        let again = found(&words.to_answer());
        assert_eq!(again.len(), 1, "a line is read as it was written: {words:?}");
        assert!(again[0].words().eq(words.words()));
    }
    let unit = SimulatedUnit::new();
    let mut far = SkattedosanSimulator::new(unit.clone());
    for slice in bytes.chunks(7) {
        let _ = far.receive(slice);
        far.pass(std::time::Duration::from_millis(50));
        let _ = far.take_replies(usize::MAX);
    }
    let recorded = unit.recorded();
    let receipts: BTreeSet<_> = recorded.iter().map(|receipt| (&receipt.register, receipt.number, kind_word(receipt.kind))).collect();
    assert_eq!(receipts.len(), recorded.len(), "a receipt was recorded twice");
});

fn found(bytes: &[u8]) -> Vec<Words> {
    let mut decoder = Decoder::new();
    bytes.iter().filter_map(|byte| decoder.push(*byte)).filter_map(Result::ok).collect()
}
