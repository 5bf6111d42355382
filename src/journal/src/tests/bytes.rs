//! Bytes as they should not be: cut, lengthened, nested, boastful, from the future.

use super::fixtures::{bare_entry, every_kind, open_sale};
use crate::{Books, Entry, Fact, Malformed, UnknownFact, decode_draft, encode_draft, verify};

/// A map head of CBOR that claims 2^62 pairs, and its like for arrays, byte strings and texts.
const BOASTS: [u8; 4] = [0xbb, 0x9b, 0x5b, 0x7b];

/// An entry of this kind around this body, with one more key in front of the body.
fn raw(kind: u16, key: &[u8], value: &[u8], body: &[u8]) -> Vec<u8> {
    let kind = kind.to_be_bytes();
    [&[0xa5, 0x00, 0x01, 0x01, 0x18, 0x2a, 0x02, 0x19], kind.as_slice(), key, value, &[0x0c], body].concat()
}

#[test]
fn an_entry_cut_anywhere_is_refused() {
    for entry in every_kind() {
        let bytes = entry.encode();
        for length in 0..bytes.len() {
            let cut = bytes.get(..length).expect("a part");
            assert!(Entry::decode(cut).is_err(), "{} cut to {length} bytes", entry.fact.name());
        }
    }
}

#[test]
fn a_draft_or_snapshot_cut_anywhere_is_refused() {
    let (books, _) = books();
    for length in 0..encode_draft(&open_sale(true)).len() {
        assert!(decode_draft(encode_draft(&open_sale(true)).get(..length).expect("a part")).is_err());
    }
    for length in 0..books.encode().len() {
        assert!(Books::decode(books.encode().get(..length).expect("a part")).is_err());
    }
}

#[test]
fn a_byte_behind_the_end_is_refused() {
    for entry in every_kind() {
        for trailing in [0x00, 0xa0, 0xff] {
            let bytes = [entry.encode(), vec![trailing]].concat();
            assert_eq!(Entry::decode(&bytes), Err(Malformed("1 bytes trail behind the entry".into())));
        }
    }
    assert!(decode_draft(&[encode_draft(&open_sale(false)), vec![0]].concat()).is_err());
    assert!(Books::decode(&[books().0.encode(), vec![0]].concat()).is_err());
}

#[test]
fn no_changed_byte_makes_the_decoder_or_the_books_panic() {
    for entry in every_kind() {
        let bytes = entry.encode();
        for place in 0..bytes.len() {
            for value in 0..=u8::MAX {
                let mut changed = bytes.clone();
                *changed.get_mut(place).expect("a place") = value;
                if let Ok(entry) = Entry::decode(&changed) {
                    Books::default().apply(&entry);
                }
            }
        }
    }
}

#[test]
fn a_kind_from_a_newer_till_keeps_its_body_to_the_byte() {
    // Not the shortest way to write 1: what we do not know we do not tidy up.
    let body = [0xbf, 0x19, 0x00, 0x01, 0x5f, 0x41, 0x78, 0xff, 0xc1, 0x00, 0xfa, 0x00, 0x00, 0x00, 0x00, 0xff];
    let bytes = raw(999, &[0x0b], &[0x61, b'x'], &body);
    let entry = Entry::decode(&bytes).expect("an unknown kind is no error");
    assert_eq!(entry.fact, Fact::Unknown(UnknownFact { kind: 999, body: body.into() }));
    assert_eq!(entry.seq, 42);
    assert!(entry.encode().ends_with(&body));
    let again = Entry::decode(&entry.encode()).expect("what we wrote is readable");
    assert_eq!(again, entry);
}

#[test]
fn a_key_from_a_newer_till_is_passed_over() {
    // Keys 14, 200, 300 and 2^32 of the entry; key 99 of a body.
    for key in [&[0x0e][..], &[0x18, 200], &[0x19, 0x01, 0x2c], &[0x1b, 0, 0, 0, 1, 0, 0, 0, 0]] {
        let bytes = raw(31, key, &[0x82, 0xf6, 0x61, b'x'], &[0xa2, 0x00, 0x0a, 0x18, 0x63, 0x81, 0xa0]);
        assert_eq!(Entry::decode(&bytes).map(|entry| entry.fact), Ok(Fact::CashDropped(10)));
    }
}

#[test]
fn a_trust_in_the_clock_from_a_newer_till_proves_nothing() {
    let entry = Entry::decode(&raw(21, &[0x07], &[0x17], &[0xa0])).expect("readable");
    assert_eq!(entry.stamp.trust, crate::ClockTrust::NotProven);
}

#[test]
fn an_entry_without_version_seq_kind_or_body_is_refused() {
    let whole = [0xa4, 0x00, 0x01, 0x01, 0x01, 0x02, 0x15, 0x0c, 0xa0];
    assert_eq!(Entry::decode(&whole), Ok(bare_entry(1, Fact::TripEnded)));
    for missing in 0..4_usize {
        let mut bytes = vec![0xa3];
        let pairs = whole.get(1..).expect("pairs").chunks(2).enumerate();
        bytes.extend(pairs.filter(|(place, _)| *place != missing).flat_map(|(_, pair)| pair));
        let Err(Malformed(why)) = Entry::decode(&bytes) else { panic!("pair {missing} is missing") };
        assert!(why.ends_with("is missing"), "{why}");
    }
}

#[test]
fn codes_that_do_not_exist_are_refused() {
    // The cause of a drawer opening; the kind of a closed sale; half a line to refund.
    for (kind, body) in [
        (34, &[0xa1, 0x00, 0x02][..]),
        (40, &[0xa5, 0x00, 0x01, 0x01, 0x03, 0x06, 0x80, 0x07, 0x80, 0x09, 0x80]),
        (50, &[0xa5, 0x00, 0x61, b'r', 0x01, 0x01, 0x02, 0x01, 0x03, 0x01, 0x05, 0x01]),
    ] {
        assert!(Entry::decode(&raw(kind, &[0x0e], &[0xf6], body)).is_err(), "kind {kind}");
    }
}

#[test]
fn bytes_that_claim_to_be_endless_are_refused_at_once() {
    let known = every_kind();
    for boast in BOASTS {
        let claim = [[boast].as_slice(), &(1_u64 << 62).to_be_bytes()].concat();
        let modest = [[boast].as_slice(), &(1_u64 << 40).to_be_bytes()].concat();
        for claim in [claim, modest] {
            assert!(Entry::decode(&claim).is_err());
            assert!(decode_draft(&claim).is_err());
            assert!(Books::decode(&claim).is_err());
            for kind in known.iter().map(|entry| entry.fact.kind()) {
                assert!(Entry::decode(&raw(kind, &[0x0e], &[0xf6], &claim)).is_err(), "kind {kind}");
                for field in 0..20 {
                    let body = [&[0xa1, field], claim.as_slice()].concat();
                    assert!(Entry::decode(&raw(kind, &[0x0e], &[0xf6], &body)).is_err(), "kind {kind}, field {field}");
                }
            }
        }
    }
}

#[test]
fn deep_nesting_costs_no_stack() {
    let depth = Entry::BYTES_MAX.saturating_sub(64);
    // Arrays of one, tags, maps under key 0, arrays and maps of unknown length.
    for opener in [&[0x81][..], &[0xc1], &[0xa1, 0x00], &[0x9f], &[0xbf, 0x00]] {
        let nest = opener.repeat(depth.checked_div(opener.len()).expect("an opener"));
        let small_stack = std::thread::Builder::new().stack_size(128 * 1024);
        let done = small_stack.spawn(move || {
            for kind in [999, 40, 20] {
                let body = [&[0xa1, 0x18, 0x63], nest.as_slice()].concat();
                assert!(Entry::decode(&raw(kind, &[0x0e], &[0xf6], &body)).is_err());
                assert!(Entry::decode(&raw(kind, &[0x0e], &nest, &[0xa0])).is_err());
            }
            assert!(decode_draft(&nest).is_err());
        });
        done.expect("a thread").join().expect("no overflow");
    }
}

#[test]
fn nesting_that_ends_is_kept() {
    let nest = [[0x81].repeat(100_000), vec![0xf6]].concat();
    let entry = Entry::decode(&raw(999, &[0x0e], &[0xf6], &nest)).expect("deep, and well-formed");
    assert_eq!(entry.fact, Fact::Unknown(UnknownFact { kind: 999, body: nest }));
}

#[test]
fn an_entry_may_not_exceed_its_limit() {
    let body = |length: usize| {
        let declared = u32::try_from(length).expect("small").to_be_bytes();
        raw(999, &[0x0e], &[0xf6], &[[0x5a].as_slice(), &declared, &vec![0; length]].concat())
    };
    let around = body(0).len();
    let largest = body(Entry::BYTES_MAX.saturating_sub(around));
    assert_eq!(largest.len(), Entry::BYTES_MAX);
    assert!(Entry::decode(&largest).is_ok());
    let Err(Malformed(why)) = Entry::decode(&body(Entry::BYTES_MAX.saturating_sub(around).saturating_add(1))) else { panic!("too large") };
    assert_eq!(why, "262145 bytes, at most 262144 are allowed");
}

fn books() -> (Books, crate::Head) {
    let bytes: Vec<Vec<u8>> = every_kind().iter().map(Entry::encode).collect();
    verify(&crate::LogKey::from_seed(&super::fixtures::SEED).log_id(), bytes.iter().map(Vec::as_slice)).expect("a sound log")
}
