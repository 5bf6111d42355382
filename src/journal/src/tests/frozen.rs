//! Format version 1, frozen: these bytes are on cards, and every later program must read them.

use data_encoding::HEXLOWER;

use super::fixtures::{SEED, card_sale, entry, every_kind, open_sale};
use crate::{Entry, Fact, Head, LogKey, encode_draft};

/// One entry a line: the kind's number, its name, the bytes. It is data, not an expectation that a test run can bless.
const FROZEN_V1: &str = include_str!("frozen_v1.txt");
/// So many entries were frozen first; head and signature are theirs.
const FIRST_FROZEN: usize = 36;
/// Computed a second time by another implementation of SHA-256 and Ed25519.
const LOG_ID_V1: &str = "fe812c12f3ab4ce6ac5db69ac352f906cb1b11ef43fb33e252ef7ff552263889";
const HEAD_V1: &str = "784853765a02f02d985db1be070281823e188663a041c430e1596cce7447e251";
const SIGNATURE_V1: &str =
    "664701ab84c5f542f1ce0cb04ac27ff59cb184d87e6da89795fff0d137716331d6ad7bff5f9b40b5b8cd2f9ff8b242bd8c97aa44b73d322fcc4a586a23edda0c";
const DRAFT_V1: &str = concat!(
    "a4021a000b49b80582a700010166434f46464545026a42727967676b616666650363686f7405190b86081904b009",
    "02a70002016742554e2d43494e026a4b616e656c62756c6c650363686f7405190dac081904b0090106800903"
);

fn frozen() -> Vec<(u16, &'static str, Vec<u8>)> {
    let parse = |line: &'static str| {
        let mut words = line.split(' ');
        let mut next = || words.next().expect("three words");
        (next().parse().expect("a number"), next(), HEXLOWER.decode(next().as_bytes()).expect("hexadecimal"))
    };
    FROZEN_V1.lines().map(parse).collect()
}

#[test]
fn today_writes_the_bytes_that_version_1_wrote() {
    let now: String =
        every_kind().iter().map(|one| format!("{} {} {}\n", one.fact.kind(), one.fact.name(), HEXLOWER.encode(&one.encode()))).collect();
    assert!(now == FROZEN_V1, "the bytes of an entry changed; what is on cards stays as it is. Now:\n{now}");
}

#[test]
fn today_reads_what_version_1_wrote_and_writes_it_again() {
    for ((kind, name, bytes), expected) in frozen().into_iter().zip(every_kind()) {
        let entry = Entry::decode(&bytes).expect("a frozen entry is readable");
        assert_eq!(entry, expected);
        assert_eq!((entry.version, entry.fact.kind(), entry.fact.name()), (1, kind, name));
        assert_eq!(HEXLOWER.encode(&entry.encode()), HEXLOWER.encode(&bytes), "{name}");
    }
}

#[test]
fn log_id_head_and_signature_of_the_frozen_log_are_frozen() {
    let key = LogKey::from_seed(&SEED);
    let all = frozen();
    let frozen = all.get(..FIRST_FROZEN).expect("the entries that were frozen first");
    let head = frozen.iter().fold(Head::of_log(&key.log_id()), |head, (_, _, bytes)| head.next(bytes));
    let proof = key.sign(u64::try_from(frozen.len()).expect("a small log"), &head);
    assert_eq!(HEXLOWER.encode(&proof.public), "ea4a6c63e29c520abef5507b132ec5f9954776aebebe7b92421eea691446d22c");
    assert_eq!(key.log_id().to_string(), LOG_ID_V1);
    assert_eq!(head.to_string(), HEAD_V1);
    assert_eq!(head.short(), HEAD_V1.get(..8).expect("eight digits"));
    assert_eq!(HEXLOWER.encode(&proof.signature), SIGNATURE_V1);
    assert!(proof.holds());
}

#[test]
fn an_open_sale_on_the_card_is_frozen_too() {
    assert_eq!(HEXLOWER.encode(&encode_draft(&open_sale(false))), DRAFT_V1);
    let bytes = HEXLOWER.decode(DRAFT_V1.as_bytes()).expect("hexadecimal");
    assert_eq!(crate::decode_draft(&bytes), Ok(open_sale(false)));
}

#[test]
fn a_sale_of_two_lines_on_a_card_stays_small() {
    let bytes = entry(4_711, Fact::SaleClosed(Box::new(card_sale(1_180)))).encode().len();
    assert!(bytes <= 330, "{bytes} bytes");
}
