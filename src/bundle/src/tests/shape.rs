use data_encoding::HEXLOWER;
use proptest::prelude::*;

use super::*;
use crate::{Envelope, Refusal, unpack};

/// A bundle of today, byte for byte. It is on sticks and cards, and every later till must read it.
const FROZEN: &str = include_str!("frozen_v1.txt");

#[test]
fn version_1_of_the_envelope_is_frozen() {
    let depot = Depot::new();
    let payload = b"payload";
    let header = Header { units: vec!["0142".into()], large_change: true, ..header(7) };
    let bytes = signed(&seal(&header, payload).expect("a bundle"), &[&depot.keys[0], &depot.keys[1]]);
    assert_eq!(HEXLOWER.encode(&bytes), FROZEN.trim());
    let frozen = HEXLOWER.decode(FROZEN.trim().as_bytes()).expect("hexadecimal");
    assert_eq!(verify(&frozen, &depot.trust, held(6)).expect("believed").header(), &header);
}

#[test]
fn every_code_is_listed_once() {
    let codes = Refusal::CODES;
    for (place, code) in codes.iter().enumerate() {
        assert!(code.starts_with("bundle.") && !codes[..place].contains(code), "{code}");
    }
}

#[test]
fn a_secret_key_shows_itself_to_nobody() {
    let key = SecretKey::from_seed(&[7; 32]);
    assert_eq!(format!("{key:?}"), format!("SecretKey({})", key.public().id()));
}

proptest! {
    #[test]
    fn any_bytes_are_refused_without_harm(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let depot = Depot::new();
        prop_assert!(verify(&bytes, &depot.trust, Reader::default()).is_err());
        prop_assert!(Trust::pin(&bytes).is_err());
        prop_assert!(unpack(Role::Prices, &bytes).is_err() || bytes.len() > 8);
    }

    #[test]
    fn any_tail_behind_the_magic_is_refused_without_harm(tail in prop::collection::vec(any::<u8>(), 0..600), role in 1_u8..=4) {
        let bytes = [&b"TRBUNDL1"[..], &[role], &tail].concat();
        if let Ok(envelope) = Envelope::read(&bytes) {
            prop_assert!(envelope.payload.len() <= bytes.len());
        }
        prop_assert!(verify(&bytes, &Depot::new().trust, Reader::default()).is_err());
    }

    #[test]
    fn files_come_out_as_they_went_in(bytes in prop::collection::vec(any::<u8>(), 0..4000), more in prop::collection::vec(any::<u8>(), 0..40)) {
        let files = Files::from([("catalogue.json".to_owned(), bytes), ("vat.json".to_owned(), more)]);
        prop_assert_eq!(unpack(Role::Prices, &pack(Role::Prices, &files).expect("packed")), Ok(files));
    }
}
