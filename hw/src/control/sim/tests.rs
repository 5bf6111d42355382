//! The simulated unit by itself: what it takes, what it refuses, what it remembers.

use std::time::Duration;

use super::*;
use crate::control::ccsp::Message;
use crate::control::skattedosan::Words;
use crate::port::FarEnd;

fn cleancash(version: CleanCashVersion) -> (SimulatedUnit, CleanCashSimulator) {
    let unit = SimulatedUnit::new();
    (unit.clone(), CleanCashSimulator::new(version, unit))
}

fn say(unit: &mut CleanCashSimulator, payload: &str) -> String {
    unit.receive(&Message::new(payload).expect("printable").to_bytes());
    unit.pass(Duration::from_millis(1));
    let answer = String::from_utf8(unit.take_replies(usize::MAX)).expect("ASCII");
    answer.get(7..answer.len().saturating_sub(4)).unwrap_or_default().to_owned()
}

const GOOD: &str = "202610011230#42#POS1#5566778899#127,00#0,00#normal#25,00;7,00#12,00;9,86# # ";

#[test]
fn it_records_a_good_receipt_once() {
    let (unit, mut line) = cleancash(CleanCashVersion::V2);
    let first = say(&mut line, &format!("RR#1#{GOOD}"));
    assert!(first.starts_with("RRR#") && first.ends_with("#SIM0001#0#0"), "{first}");
    assert_eq!(say(&mut line, &format!("RR#1#{GOOD}")), first);
    assert_eq!(unit.recorded().len(), 1);
    assert_eq!(unit.recorded()[0].code.len(), 59);
    assert_eq!(unit.recorded()[0].vat_minor, [700, 986, 0, 0]);
}

#[test]
fn it_refuses_what_the_rules_refuse() {
    let wrong = [
        ("127,00", "127.00", "003"),
        ("127,00", "127,0", "003"),
        ("#0,00", "#5,00", "003"),
        ("normal", "annat", "003"),
        ("25,00;7,00#12,00;9,86", "12,00;9,86#25,00;7,00", "003"),
        ("5566778899", "556677889", "003"),
        ("202610011230", "202613011230", "003"),
        ("POS1", "POS 1", "007"),
        ("POS1", "POS12345678901234", "007"),
        ("#42#", "#1234567890123#", "003"),
        ("# # ", "# # # ", "003"),
    ];
    for (good, bad, code) in wrong {
        let (unit, mut line) = cleancash(CleanCashVersion::V2);
        assert_eq!(say(&mut line, &format!("RR#1#{}", GOOD.replacen(good, bad, 1))), format!("NAK#{code}"), "{bad}");
        assert!(unit.recorded().is_empty(), "{bad}");
    }
}

fn say_words(unit: &mut SkattedosanSimulator, words: &str) -> String {
    unit.receive(&Words::new(words).expect("printable").to_request());
    let answer = String::from_utf8(unit.take_replies(usize::MAX)).expect("ASCII");
    answer.get(..answer.len().saturating_sub(8)).unwrap_or_default().to_owned()
}

const GOOD_WORDS: &str = "kd 202610011230 5566778899 POS1 42 normal 0,00 127,00 25,00;7,00 12,00;9,86 6,00;0,00 0,00;0,00";

#[test]
fn skattedosan_answers_with_the_codes_of_the_real_one() {
    let wrong = [
        ("kd ", "ke ", "-3"),
        (" 0,00;0,00", "", "1"),
        ("202610", "202600", "2"),
        ("5566778899", "55667788990", "3"),
        ("POS1", "POS_1", "4"),
        (" 42 ", " 4B ", "5"),
        ("normal", "NORMAL", "6"),
        (" 0,00 ", " -1,00 ", "8"),
        ("127,00", "127.00", "9"),
        ("25,00;", "24,00;", "10"),
        ("9,86", "9,8", "11"),
        ("6,00;0,00", "6,00", "12"),
        (" 0,00;0,00", " 6,00;0,00", "13"),
        (" 0,00 ", " 1,00 ", "21"),
    ];
    for (good, bad, code) in wrong {
        let unit = SimulatedUnit::new();
        let mut line = SkattedosanSimulator::new(unit.clone());
        assert_eq!(say_words(&mut line, &GOOD_WORDS.replacen(good, bad, 1)), code, "{bad}");
        assert!(unit.recorded().is_empty(), "{bad}");
        assert!(say_words(&mut line, GOOD_WORDS).starts_with("0 "));
        assert_eq!(unit.recorded().len(), 1);
    }
    let mut line = SkattedosanSimulator::new(SimulatedUnit::new());
    line.receive(b"ver 0x5F2F\r\n");
    assert!(line.take_replies(usize::MAX).starts_with(b"-2 0x"));
    line.receive(&[b'x'; 400]);
    line.receive(b"\r\n");
    assert!(line.take_replies(usize::MAX).starts_with(b"-1 0x"));
}

#[test]
fn cleancash_counts_messages() {
    let (unit, mut line) = cleancash(CleanCashVersion::V2);
    let numbered = |sequence: u32, number: u32| format!("RR#{sequence}#{}", GOOD.replacen("#42#", &format!("#{number}#"), 1));
    assert_eq!(say(&mut line, &numbered(2, 1)), "NAK#011", "a count begins at 1");
    assert!(say(&mut line, &numbered(1, 1)).starts_with("RRR"));
    assert!(say(&mut line, &numbered(2, 2)).starts_with("RRR"));
    assert!(say(&mut line, &numbered(2, 2)).starts_with("RRR"), "the same again");
    assert_eq!(say(&mut line, &numbered(2, 3)), "NAK#011", "another with the same number");
    assert_eq!(say(&mut line, &numbered(4, 3)), "NAK#011", "one is missing");
    assert!(say(&mut line, &numbered(3, 3)).starts_with("RRR"));
    unit.set_fault(ControlFault::Unplugged);
    unit.set_fault(ControlFault::Ok);
    assert_eq!(say(&mut line, &numbered(4, 4)), "NAK#011", "the count is forgotten");
    assert!(say(&mut line, &numbered(1, 4)).starts_with("RRR"), "and may begin again");
}

#[test]
fn version_1_takes_a_receipt_in_its_order_only() {
    let (unit, mut line) = cleancash(CleanCashVersion::V1);
    let header = format!("RH#{}", GOOD.replacen("#POS1#", "#POS1# # #", 1));
    assert_eq!(say(&mut line, "SQ"), "NAK#004");
    assert_eq!(say(&mut line, &header), "NAK#004");
    assert_eq!(say(&mut line, "ST"), "ACK");
    assert_eq!(say(&mut line, "SQ"), "NAK#004");
    assert_eq!(say(&mut line, "ST"), "ACK");
    assert_eq!(say(&mut line, &header), "ACK");
    assert!(unit.recorded().is_empty(), "not before the code is asked for");
    assert_eq!(say(&mut line, "SQ"), format!("SR#{}", unit.recorded()[0].code));
    assert_eq!(say(&mut line, "SQ"), "NAK#004");
    assert_eq!(say(&mut line, "RR#1"), "NAK#002");
    let practice = header.replacen("normal", "ovning", 1);
    assert_eq!((say(&mut line, "ST"), say(&mut line, &practice)), ("ACK".to_owned(), "ACK".to_owned()));
    assert_eq!(unit.recorded().len(), 2);
    assert_eq!(say(&mut line, "SQ"), "NAK#004", "practice has no code");
}
