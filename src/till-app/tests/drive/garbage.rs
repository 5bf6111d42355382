//! Whatever comes in: a refusal goes out, and the next line still works.

use serde_json::Value;

use crate::common::{Till, assert_said, drive_over};

/// Lines that no till can carry out.
const GARBAGE: &[&str] = &[
    "bogus",
    "ADD 1001",
    "add",
    "add 1001 2 3",
    "add 1001 0",
    "add 1001 -1",
    "add 1001 x",
    "add 1001 1.5",
    "add 1001 NaN",
    "add 1001 9223372036854775808",
    "add 1001 9223372036854775807",
    "add 1001 1000000",
    "add nosuch",
    "add ../../etc/passwd",
    "add 1001\u{0}",
    "add \u{202e}1001",
    "add åäö",
    "scan",
    "scan x",
    "scan 0000000000000",
    "scan 9520000020018",
    "scan 99999999999999999999999999",
    "pay",
    "pay cash",
    "pay cash x",
    "pay cash 1e9",
    "pay cash NaN",
    "pay cash inf",
    "pay cash --5",
    "pay cash -5",
    "pay cash -0.01",
    "pay cash 0",
    "pay cash 0.00",
    "pay cash +5",
    "pay cash 5.",
    "pay cash .5",
    "pay cash 5.001",
    "pay cash 5.0.0",
    "pay cash 10000000.01",
    "pay cash 99999999999999999999999999",
    "pay cash 0x10",
    "pay cash ٣",
    "pay cash 1_000",
    "pay cash 1 000",
    "pay cheque 29.00",
    "pay card 0",
    "pay card -1",
    "pay card 29.01",
    "pay card 1e3",
    "pay card 10000000000",
    "void",
    "void x",
    "void 0",
    "void -1",
    "void 18446744073709551616",
    "refund 1 1",
    "refund 1 1 0",
    "refund 1 1 -1",
    "refund 18446744073709551615",
    "refund 1 -1 1",
    "refund 1 1 99999999999999999999",
    "copy 0",
    "copy copy",
    "receipt 0",
    "receipt -1",
    "journal x",
    "journal 18446744073709551615",
    "receipt 18446744073709551615",
    "journal -1",
    "journal 18446744073709551616",
    "serve",
    "serve maybe",
    "serve ON",
    "serve-line 99 on",
    "serve-line x on",
    "void-line 0",
    "void-line -1",
    "void-line 99999999999",
    "set-qty 1 -1",
    "set-qty 1 99999999999999999999",
    "set-qty 9 1",
    "resume",
    "resume 0",
    "resume -1",
    "resume 4294967296",
    "training",
    "training maybe",
    "open-shift",
    "open-shift -1",
    "open-shift 1e9",
    "cash-drop 0",
    "cash-drop -1",
    "cash-drop 99999999",
    "paid-in 0",
    "paid-in -3",
    "paid-out 0",
    "paid-out 999999",
    "z",
    "z -1",
    "z x",
    "sign-in",
    "sign-in 101",
    "sign-in 101 1101 1101",
    "start-trip",
    "start-trip 171",
    "start-trip 171 yesterday",
    "start-trip 171 2026-02-30",
    "time",
    "time x",
    "device",
    "device printer",
    "device printer on-fire",
    "device toaster ok",
    "device drawer silent",
    "device display deaf",
    "paper 1",
    "paper 1 maybe",
    "paper 99 yes",
    "paper -1 no",
    "paper 18446744073709551615 yes",
    "status now",
    "products all",
    "verify --all",
    "sale 1",
    "{\"add\": \"1001\"}",
    "add 1001; pay cash 29.00",
    "' OR 1=1 --",
    "%s%n%x",
    "$(reboot)",
];

#[test]
fn garbage_is_refused_with_words_and_changes_nothing() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut till = Till::demo(dir.path());
    till.ready_to_sell();
    till.ok("add 1001");
    let (sale, seq) = (till.ok("sale"), till.ok("status")["seq"].clone());
    for line in GARBAGE {
        let answer = till.ask(line);
        assert!(answer["refused"].is_object(), "{line:?} is refused, not {answer}");
        assert_said(&answer);
        assert_eq!(till.ok("sale"), sale, "after {line:?}");
    }
    assert_eq!(till.ok("status")["seq"], seq, "nothing was written");
    assert_eq!(till.ok("pay cash 29.00")["receipt_no"], 1);
    till.ok("verify");
}

#[test]
fn bytes_that_are_no_text_are_refused_one_line_at_a_time() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut till = Till::demo(dir.path());
    till.ready_to_sell();
    let long = vec![b'a'; 1 << 20];
    let words = "add ".repeat(1000).into_bytes();
    let binary: Vec<u8> = (0..=255).filter(|byte| *byte != b'\n').collect();
    let lines: [&[u8]; 9] = [b"\xff\xfe\x00", b"add \xc3\x28", b"\xf0\x9f", b"\x00", b"\x1b[2J", b"\xed\xa0\x80", &binary, &long, &words];
    for line in lines {
        assert!(till.tell(line), "the till still reads");
        let answer = till.answer().expect("an answer");
        assert_eq!(answer["refused"]["code"], "command.unreadable");
        assert_said(&answer);
        till.ok("status");
    }
    till.ok("add 1001");
    till.ok("pay cash 29.00");
}

#[test]
fn empty_lines_and_remarks_are_passed_over() {
    let dir = tempfile::tempdir().expect("a folder");
    let answers = drive_over(dir.path(), b"\n\n   \n\t\n# a remark\n  # another\n\r\nstatus\r\n  status  \nstatus");
    assert_eq!(answers.len(), 3, "{answers:?}");
    assert!(answers.iter().all(|answer| answer["ok"]["seq"] == 2));
}

#[test]
fn a_line_just_within_the_limit_is_read_and_one_just_beyond_is_refused_whole() {
    let dir = tempfile::tempdir().expect("a folder");
    for length in [4090, 4095, 4096, 4097, 4098, 8191, 8192, 8193, 8194, 12_289] {
        let mut input = b"status".to_vec();
        input.resize(length, b' ');
        input.extend_from_slice(b"\nstatus\n");
        let answers = drive_over(dir.path(), &input);
        assert_eq!(answers.len(), 2, "a line of {length} bytes has one answer: {answers:?}");
        assert_eq!(answers[0]["ok"].is_object(), length <= 4096, "{length} bytes");
        assert!(answers[1]["ok"].is_object(), "the line after {length} bytes");
    }
}

#[test]
fn answers_come_one_by_one_while_the_input_stays_open() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut till = Till::demo(dir.path());
    for _ in 0..20 {
        assert!(till.ask("status")["ok"].is_object());
        assert!(till.ask("nonsense")["refused"].is_object());
    }
}

#[test]
fn a_thousand_lines_at_once_get_a_thousand_answers_in_order() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut input = String::from("sign-in 101 1101\nstart-trip 171 2026-10-05\nopen-shift 1000.00\n");
    for turn in 0..500 {
        input += if turn % 2 == 0 { "add 1001\npay cash 29.00\n" } else { "add 1001 0\nsale\n" };
    }
    let answers = drive_over(dir.path(), input.as_bytes());
    assert_eq!(answers.len(), 1003);
    let numbers: Vec<u64> = answers.iter().filter_map(|answer| answer["ok"]["receipt_no"].as_u64()).collect();
    assert_eq!(numbers, (1..=250).collect::<Vec<_>>());
    let refused = answers.iter().filter(|answer| answer["refused"]["code"] == "line.quantity").count();
    assert_eq!(refused, 250);
}

#[test]
fn nothing_sells_before_somebody_is_signed_in_on_a_trip_with_a_shift() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut till = Till::demo(dir.path());
    for line in [
        "add 1001",
        "park",
        "abandon",
        "pay cash 1.00",
        "void 1",
        "x",
        "z 1.00",
        "no-sale",
        "training on",
        "open-shift 1.00",
        "end-trip",
        "copy 1",
    ] {
        let answer = till.ask(line);
        assert_eq!(answer["refused"]["code"], "crew.not_signed_in", "{line}: {answer}");
    }
    till.ok("sign-in 101 1101");
    till.refused("add 1001", "trip.not_started");
    till.ok("start-trip 171 2026-10-05");
    till.refused("add 1001", "shift.not_open");
    assert_eq!(till.ok("status")["open_sale"], Value::Null);
}
