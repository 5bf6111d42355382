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

fn check_payload(message: Result<Message, RecordError>, expected: &str) {
    assert_eq!(message.as_ref().map(Message::payload), Ok(expected));
}

#[test]
fn version_1_has_two_blank_fields_after_the_register() {
    check_payload(Message::header(&record()), "RH#202610011230#42#POS1# # #5566778899#127,00#0,00#normal#25,00;7,00#12,00;9,86# # ");
}

#[test]
fn a_return_has_a_negative_total_and_says_it_again_without_a_sign() {
    let vat = [(600, -5), (0, 0)].into_iter().collect();
    let refund = ReceiptRecord { kind: RecordKind::Copy, returned_minor: 905, sold_minor: 0, vat, ..record() };
    check_payload(Message::register(7, &refund), "RR#7#202610011230#42#POS1#5566778899#-9,05#9,05#kopia# # #6,00;-0,05#0,00;0,00");
}

#[test]
fn the_longest_receipt_fits() {
    let longest = ReceiptRecord {
        register: "REGISTER-0142-3X".try_into().expect("sixteen"),
        number: 999_999_999_999,
        returned_minor: 999_999_999_999,
        sold_minor: 0,
        vat: RATES.into_iter().map(|rate| (rate, -999_999_999_999)).collect(),
        ..record()
    };
    let message = Message::header(&longest).expect("good");
    assert!(message.payload().ends_with("0,00;-9999999999,99"), "{}", message.payload());
    let message = Message::register(u32::MAX, &longest).expect("good");
    assert!(message.payload().ends_with("0,00;-9999999999,99"), "{}", message.payload());
}

fn hear(bytes: &[u8]) -> std::vec::Vec<Result<std::string::String, FrameError>> {
    let mut decoder = Decoder::new();
    let heard = bytes.iter().filter_map(|&byte| decoder.push(byte));
    heard.map(|heard| heard.map(|message| message.payload().to_owned())).collect()
}

#[test]
fn a_frame_is_found_after_any_garbage_that_does_not_end_a_line() {
    let frame = Message::new("IR#SIM0001#2#X").expect("printable").to_bytes();
    for garbage in [&b""[..], b"\n", b"\0\xff#!#", b"#!#00D#IQ#7", &[b'#'; 5000], &[0xaa; 900]] {
        assert_eq!(hear(&[garbage, &frame].concat()), [Ok("IR#SIM0001#2#X".to_owned())]);
    }
    assert_eq!(hear(b"\r\n\r"), []);
}

#[test]
fn every_flipped_bit_and_every_lost_byte_is_found() {
    let frame = Message::register(1, &record()).expect("good").to_bytes();
    for at in 0..frame.len() - 1 {
        for bit in 0..8 {
            let mut bytes = frame.clone();
            bytes[at] ^= 1 << bit;
            assert!(hear(&bytes).iter().all(Result::is_err), "bit {bit} of byte {at}");
        }
        let bytes = [&frame[..at], &frame[at + 1..]].concat();
        assert!(hear(&bytes).iter().all(Result::is_err), "byte {at}");
    }
}

#[test]
fn answers_are_read_field_by_field() {
    let read = |payload: &str| Answer::read(&Message::new(payload).expect("printable"));
    let text = |text: &str| text.try_into().expect("short");
    assert_eq!(read("IR#SE123#2#1.0"), Some(Answer::Identity { unit: text("SE123"), protocol: "2".try_into().expect("short") }));
    assert_eq!(read("SRX#4#4006"), Some(Answer::Status { main: MainStatus::Fatal, condition: "4006".try_into().expect("short") }));
    assert_eq!(read("SIR#1"), Some(Answer::Status { main: MainStatus::Warning, condition: String::new() }));
    let registered = |main, storage| Answer::Registered { code: "CODE".try_into().expect("short"), unit: text("SE123"), main, storage };
    assert_eq!(read("RRR#CODE#SE123#0#1"), Some(registered(Some(MainStatus::Ok), Some(Storage::High))));
    assert_eq!(read("RRR#CODE#SE123"), Some(registered(None, None)));
    assert_eq!(read("SR#CODE"), Some(Answer::Signature { code: "CODE".try_into().expect("short") }));
    assert_eq!(read("ACK"), Some(Answer::Accepted));
    assert_eq!(read("NAK#011"), Some(Answer::Refused(Nak::SEQUENCE)));
    for senseless in ["", "IR", "IR# ", "SIR#9", "RRR#CODE", "RRR# #SE123", "SR#", "NAK", "NAK#x", "OK"] {
        assert_eq!(read(senseless), None, "{senseless:?}");
    }
    let too_long = "C".repeat(CODE_CHARS_MAX + 1);
    assert_eq!(read(&format!("SR#{too_long}")), None);
}
