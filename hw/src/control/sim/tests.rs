//! The simulated unit by itself: what it takes, what it refuses, what it remembers.

use std::time::Duration;

use super::*;
use crate::control::ccsp::Message;
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
