//! Any bytes to the simulated pole display: two full lines at every moment, the same for every split, and nothing kept without end.
#![no_main]

use hw::sim::PoleSimulator;
use libfuzzer_sys::fuzz_target;

/// What it keeps at most: commands that it does not know, bytes for a printer behind it.
const UNKNOWN_MAX: usize = 64;
const PASSED_BYTES_MAX: usize = 4096;

fuzz_target!(|bytes: &[u8]| {
    let mut whole = PoleSimulator::default();
    assert_eq!(whole.receive(bytes), bytes.len());
    let mut split = PoleSimulator::default();
    for slice in bytes.chunks(3) {
        assert_eq!(split.receive(slice), slice.len());
        assert!(split.lines().iter().all(|line| line.chars().count() == 20));
    }
    assert_eq!(whole.lines(), split.lines());
    assert_eq!(whole.passed(), split.passed());
    assert!(whole.passed().len() <= PASSED_BYTES_MAX && whole.unknown_commands().len() <= UNKNOWN_MAX);
    assert!((1..=4).contains(&whole.brightness()));
});
