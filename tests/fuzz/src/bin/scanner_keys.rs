//! Any keys of a scanner that poses as a keyboard, and any gaps between them.
#![no_main]

use hw::scanner::{KeyDecoder, KeyEvent, SCAN_CHARS_MAX, ScannerSettings};
use libfuzzer_sys::fuzz_target;

// Three bytes an event: what happened, and the key.
fuzz_target!(|bytes: &[u8]| {
    let mut decoder = KeyDecoder::new(ScannerSettings::default());
    let mut presses = 0;
    for event in bytes.chunks_exact(3) {
        let key = u16::from_le_bytes([event[1], event[2]]);
        let event = match event[0] % 8 {
            0 => KeyEvent::Up(key),
            1 => KeyEvent::Missed,
            _ => KeyEvent::Down(key % 128),
        };
        presses += usize::from(matches!(event, KeyEvent::Down(_)));
        if let Some(scan) = decoder.push(event) {
            let text = scan.as_str();
            assert!(!text.is_empty() && text.len() <= SCAN_CHARS_MAX && text.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{text:?}");
            assert!(text.len() < presses, "{} characters of {presses} keys", text.len());
            presses = 0;
        }
    }
});
