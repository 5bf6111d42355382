//! Any bytes of a receiver of satellites: a fix lies on the globe, and no sentence is told twice.
#![no_main]

use hw::position::sentence::{Heard, SentenceReader};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut reader = SentenceReader::new();
    let heard: Vec<Heard> = bytes.iter().filter_map(|byte| reader.push(*byte)).collect();
    let begun = bytes.iter().filter(|byte| **byte == b'$').count();
    assert!(heard.len() <= begun, "{} sentences of {begun}", heard.len());
    for told in heard {
        if let Heard::Fix(fix) = told {
            assert!(fix.latitude_udeg.abs() <= 90_000_000 && fix.longitude_udeg.abs() <= 180_000_000, "{fix:?}");
        }
    }
});
