//! Any bytes on the line of a scanner: a scan is clean text within its limit, whatever stands around it.
#![no_main]

use hw::scanner::{AFFIX_CHARS_MAX, SCAN_CHARS_MAX, ScanDecoder, ScannerSettings};
use libfuzzer_sys::fuzz_target;

// A prefix and a suffix, each behind its length, then the line.
fuzz_target!(|bytes: &[u8]| {
    let Some((prefix, rest)) = affix(bytes) else { return };
    let Some((suffix, line)) = affix(rest) else { return };
    let Some(settings) = ScannerSettings::new(prefix, suffix) else { return };
    let mut decoder = ScanDecoder::new(settings);
    let mut told = 0;
    for byte in line {
        if let Some(scan) = decoder.push(*byte) {
            let text = scan.as_str();
            assert!(!text.is_empty() && text.len() <= SCAN_CHARS_MAX && !text.contains(char::is_control), "{text:?}");
            assert!(!decoder.is_within());
            told += text.len();
        }
    }
    assert!(told <= line.len(), "{told} bytes out of {}", line.len());
    // What comes after a line's end is not spoilt by what came before it.
    let _ = decoder.push(b'\n');
    let clean = b"952000000001".iter().chain(b"\r").find_map(|byte| decoder.push(*byte));
    assert!(clean.is_some_and(|scan| "952000000001".contains(scan.as_str())));
});

fn affix(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let (length, rest) = bytes.split_first()?;
    let (text, rest) = rest.split_at_checked(usize::from(*length) % (AFFIX_CHARS_MAX + 1))?;
    Some((std::str::from_utf8(text).ok()?, rest))
}
