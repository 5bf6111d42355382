//! Any bytes and any keys from a scanner, and whatever text they make: a barcode, a label of a scale, the code of a receipt.
#![no_main]

use domain::{
    Currency, Money,
    catalogue::{Gtin, Label},
    vat::Country,
};
use hw::scanner::{KeyDecoder, KeyEvent, SCAN_CHARS_MAX, Scan, ScanDecoder, ScannerSettings};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let settings = ScannerSettings::new("]E", "#").expect("short ones");
    let mut line = ScanDecoder::new(settings.clone());
    let read: Vec<Scan> = bytes.iter().filter_map(|byte| line.push(*byte)).collect();
    read.iter().for_each(means);
    line.reset();
    assert!(!line.is_within());
    // What came before a reset is forgotten: the same bytes mean the same again.
    let again: Vec<Scan> = bytes.iter().filter_map(|byte| line.push(*byte)).collect();
    assert_eq!(again, read);

    let mut keys = KeyDecoder::new(settings);
    let event = |pair: &[u8; 2]| match pair {
        [motion, key] if motion % 3 == 0 => KeyEvent::Down(u16::from(*key)),
        [motion, key] if motion % 3 == 1 => KeyEvent::Up(u16::from(*key)),
        _ => KeyEvent::Missed,
    };
    bytes.as_chunks().0.iter().filter_map(|pair| keys.push(event(pair))).for_each(|scan| means(&scan));
});

fn means(scan: &Scan) {
    let text = scan.as_str();
    assert!(!text.is_empty() && text.len() <= SCAN_CHARS_MAX && !text.contains(char::is_control), "{text:?}");
    if let Some(proof) = till::paper::read_proof(text) {
        let _ = proof.holds();
    }
    let Ok(gtin) = Gtin::parse(text) else { return };
    assert_eq!(gtin.to_string(), text);
    for country in Country::ALL {
        let Some(label) = Label::read(gtin, country) else { continue };
        assert!(text.starts_with(&label.item.to_string()));
        if let Ok(price) = label.says.price(Money::new(18_900, Currency::Sek)) {
            assert!(price.minor() >= 0);
        }
    }
}
