//! Any bytes on a CleanCash unit's line, in both directions: frames that are found are whole, and the simulated unit records nothing twice.
#![no_main]

use std::collections::BTreeSet;

use hw::control::ccsp::{Answer, CleanCashVersion, Decoder, FRAME_BYTES_MAX, Message};
use hw::control::fields::kind_word;
use hw::port::FarEnd;
use hw::sim::{CleanCashSimulator, SimulatedUnit};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    for message in found(bytes) {
        let _ = Answer::read(&message);
        let frame = message.to_bytes();
        assert!(frame.len() <= FRAME_BYTES_MAX);
        assert_eq!(found(&frame), [message], "a frame is read as it was written");
    }
    for version in [CleanCashVersion::V1, CleanCashVersion::V2] {
        let unit = SimulatedUnit::new();
        let mut far = CleanCashSimulator::new(version, unit.clone());
        for slice in bytes.chunks(7) {
            let _ = far.receive(slice);
            far.pass(std::time::Duration::from_millis(50));
            let _ = far.take_replies(usize::MAX);
        }
        let recorded = unit.recorded();
        let receipts: BTreeSet<_> = recorded.iter().map(|receipt| (&receipt.register, receipt.number, kind_word(receipt.kind))).collect();
        assert_eq!(receipts.len(), recorded.len(), "a receipt was recorded twice");
    }
});

fn found(bytes: &[u8]) -> Vec<Message> {
    let mut decoder = Decoder::new();
    bytes.iter().filter_map(|byte| decoder.push(*byte)).filter_map(Result::ok).collect()
}
