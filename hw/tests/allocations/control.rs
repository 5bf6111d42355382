//! Nothing is allocated between a receipt and the bytes of a control unit's line, either way.

use crate::allocations;
use hw::control::ccsp::{self, Answer, CleanCashVersion, Message};
use hw::control::skattedosan::{self, Words, read_registered, read_version};
use hw::control::{ReceiptRecord, RecordKind};

fn record() -> ReceiptRecord {
    ReceiptRecord {
        at: [2026, 10, 1, 12, 30],
        org_no: "5560000000".try_into().expect("ten digits"),
        register: "REGISTER-0142-3X".try_into().expect("sixteen"),
        number: 999_999_999_999,
        kind: RecordKind::Training,
        returned_minor: 999_999_999_999,
        sold_minor: 0,
        vat: [2500, 1200, 600, 0].into_iter().map(|rate| (rate, -999_999_999_999)).collect(),
    }
}

#[test]
fn cleancash_is_spoken_and_heard_without_an_allocation() {
    let record = record();
    let answers = ["IR#SIM0001#2#FIRMWARE", "SIR#0#0000", "RRR#ABCDEFGHIJKLMNOPQRSTUVWXYZ#SIM0001#0#0", "NAK#011", "SR#ABCDEF", "ACK"];
    let count = allocations(|| {
        let mut decoder = ccsp::Decoder::new();
        let receipts = [Message::register(u32::MAX, &record), Message::header(&record)];
        for message in receipts.into_iter().flatten().chain([Message::status(CleanCashVersion::V1)]) {
            assert!(message.to_bytes().iter().filter_map(|&byte| decoder.push(byte)).all(|heard| heard.as_ref() == Ok(&message)));
        }
        for answer in answers.into_iter().filter_map(Message::new) {
            let heard = answer.to_bytes().iter().find_map(|&byte| decoder.push(byte));
            assert!(heard.and_then(Result::ok).and_then(|message| Answer::read(&message)).is_some());
        }
        assert!((0..10_000).all(|_| decoder.push(b'#').is_none()));
    });
    assert_eq!(count, 0);
}

#[test]
fn skattedosan_is_spoken_and_heard_without_an_allocation() {
    let record = record();
    let count = allocations(|| {
        let mut decoder = skattedosan::Decoder::new();
        let request = Words::register(&record).expect("good").to_request();
        assert!(request.iter().find_map(|&byte| decoder.push(byte)).is_some_and(|heard| heard.is_ok()));
        for (words, is_code) in [("0 ABCDEFGHIJKLMNOPQRSTUVWXYZ 1", true), ("0 a b c d SIM0001", false)] {
            let line = Words::new(words).map(|words| words.to_answer()).unwrap_or_default();
            let heard = line.iter().find_map(|&byte| decoder.push(byte)).and_then(Result::ok).expect("a line");
            assert_eq!((read_registered(&heard).is_some(), read_version(&heard).is_some()), (is_code, !is_code));
        }
        assert!((0..10_000).all(|_| decoder.push(b'0').is_none()));
    });
    assert_eq!(count, 0);
}
