use super::*;
use crate::control::RecordKind;

fn record() -> ReceiptRecord {
    ReceiptRecord {
        at: [2026, 10, 1, 12, 30],
        org_no: "5566778899".try_into().expect("ten"),
        register: "POS1".try_into().expect("short"),
        number: 42,
        kind: RecordKind::Normal,
        returned_minor: 0,
        sold_minor: 12_700,
        vat: [(2500, 700), (1200, 986)].into_iter().collect(),
    }
}

fn check_bytes(message: &Message, expected: &str) {
    assert_eq!(core::str::from_utf8(&message.to_bytes()), Ok(expected));
}

#[test]
fn frames_are_those_of_the_facts() {
    check_bytes(&Message::identity(), "#!#00D#IQ#7D\r");
    check_bytes(&Message::status(CleanCashVersion::V2), "#!#00E#SIQ#2F\r");
    check_bytes(
        &Message::register(1, &record()).expect("good"),
        "#!#05C#RR#1#202610011230#42#POS1#5566778899#127,00#0,00#normal#25,00;7,00#12,00;9,86# # #38\r",
    );
}
