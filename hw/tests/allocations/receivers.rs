//! Nothing is allocated between a scanner's or a receiver's line and what it says.

use core::time::Duration;

use crate::allocations;
use hw::position::sentence::{Heard, SentenceReader};
use hw::scanner::{Debounce, KeyDecoder, KeyEvent, ScanDecoder, ScannerSettings};

const ENTER: u16 = 28;
/// The key of the digit 1; 2 to 9 follow.
const ONE: u16 = 2;

#[test]
fn a_scan_is_read_from_a_line_without_an_allocation() {
    let settings = ScannerSettings::new("]C1", "#").expect("short");
    let count = allocations(|| {
        let mut decoder = ScanDecoder::new(settings);
        let mut debounce = Debounce::default();
        let scans = b"]C19520000000011#\r\n\xff\r9520000000028\r".iter().filter_map(|byte| decoder.push(*byte));
        assert_eq!(scans.filter(|scan| debounce.admits(scan, Duration::ZERO)).count(), 2);
        assert!((0..10_000).all(|_| decoder.push(b'9').is_none()));
        assert!(decoder.push(b'\r').is_none() && decoder.dropped() == 2);
    });
    assert_eq!(count, 0);
}

#[test]
fn a_scan_is_read_from_keys_without_an_allocation() {
    let count = allocations(|| {
        let mut decoder = KeyDecoder::new(ScannerSettings::default());
        let keys = (ONE..ONE + 8).chain([ENTER]).flat_map(|key| [KeyEvent::Down(key), KeyEvent::Up(key)]);
        let scan = keys.filter_map(|event| decoder.push(event)).next();
        assert!(scan.is_some_and(|scan| scan.as_str() == "12345678"));
    });
    assert_eq!(count, 0);
}

#[test]
fn a_position_is_read_without_an_allocation() {
    let line = b"$GPRMC,121530.00,A,5919.7900,N,01803.5200,E,54.21,203.4,231126,,,A*5F\r\n$GPRMC,x*00\r\n";
    let check = line[1..].split(|byte| *byte == b'*').next().map(|body| body.iter().fold(0, |sum, byte| sum ^ byte));
    assert_eq!(check, Some(0x5f), "the sentence's own check");
    let mut fixes = 0;
    let count = allocations(|| {
        let mut reader = SentenceReader::new();
        let heard = line.iter().cycle().take(50 * line.len()).filter_map(|byte| reader.push(*byte));
        fixes = heard.filter(|heard| matches!(heard, Heard::Fix(_))).count();
    });
    assert_eq!((fixes, count), (50, 0));
}
