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

#[test]
fn the_check_values_of_the_facts_hold() {
    assert_eq!(crc16(b"123456789"), 0x31c3);
    assert_eq!(Words::version().to_request().as_slice(), b"ver 0x5F2E\r\n");
}

fn check_request(record: &ReceiptRecord, expected: &str) {
    let request = Words::register(record).expect("good").to_request();
    let request = core::str::from_utf8(&request).expect("ASCII");
    assert_eq!(request, format!("{expected} 0x{:04X}\r\n", crc16(format!("{expected} ").as_bytes())));
}

#[test]
fn a_receipt_always_has_its_four_rates() {
    check_request(&record(), "kd 202610011230 5566778899 POS1 42 normal 0,00 127,00 25,00;7,00 12,00;9,86 6,00;0,00 0,00;0,00");
    let vat = [(600, -5)].into_iter().collect();
    let refund = ReceiptRecord { kind: RecordKind::Training, returned_minor: 905, sold_minor: 0, vat, ..record() };
    check_request(&refund, "kd 202610011230 5566778899 POS1 42 ovning 9,05 0,00 25,00;0,00 12,00;0,00 6,00;-0,05 0,00;0,00");
}

fn hear(bytes: &[u8]) -> std::vec::Vec<Result<Words, LineError>> {
    let mut decoder = Decoder::new();
    bytes.iter().filter_map(|&byte| decoder.push(byte)).collect()
}

#[test]
fn lines_are_found_in_any_stream() {
    let answer = Words::new("0 CODE 1").expect("printable");
    let line = answer.to_answer();
    assert_eq!(hear(&[&line[..], b"\n", &line[..]].concat()), [Ok(answer.clone()), Ok(answer.clone())]);
    assert_eq!(hear(&[b"\r\n\r", &line[..]].concat()), [Ok(answer.clone())]);
    assert_eq!(hear(&[&[b'x'; 1000][..], b"\r", &line[..]].concat()), [Err(LineError::Shape), Ok(answer)]);
    assert_eq!(hear(b"0x0000\r"), [Err(LineError::Shape)]);
    assert_eq!(hear(b"ver 0x5F2F\r"), [Err(LineError::Crc)]);
    assert_eq!(hear(b"ver 0x5f2e\r"), [Err(LineError::Crc)]);
}

#[test]
fn every_flipped_bit_and_every_lost_byte_is_found() {
    let line = Words::register(&record()).expect("good").to_request();
    for at in 0..line.len() - 2 {
        for bit in 0..8 {
            let mut bytes = line.clone();
            bytes[at] ^= 1 << bit;
            assert!(hear(&bytes).iter().all(Result::is_err), "bit {bit} of byte {at}");
        }
        let bytes = [&line[..at], &line[at + 1..]].concat();
        assert!(hear(&bytes).iter().all(Result::is_err), "byte {at}");
    }
}

#[test]
fn an_answer_to_another_question_is_none() {
    let words = |text: &str| Words::new(text).expect("printable");
    let version = words("0 Skattedosan simulator 1 0 SIM0001");
    let registered = words("0 ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    assert_eq!(read_version(&version).and_then(Result::ok).as_deref(), Some("SIM0001"));
    assert_eq!(read_registered(&registered).and_then(Result::ok).as_deref(), Some("ABCDEFGHIJKLMNOPQRSTUVWXYZ"));
    assert_eq!((read_version(&registered), read_registered(&version)), (None, None));
    assert_eq!(read_registered(&words("-2")), Some(Err(ReturnCode::CRC)));
    assert_eq!(read_version(&words("24 x")), Some(Err(ReturnCode::LOG_FULL)));
    assert_eq!(read_version(&words("x")), None);
    assert_eq!(read_registered(&words("")), None);
}
