use proptest::prelude::*;

use super::*;
use crate::printer::profile::{BIXOLON, EPSON_80MM, GENERIC_58MM, GENERIC_58MM_MUTE};

/// What is on the paper and what came back.
fn feed(profile: Profile, bytes: &[u8]) -> (String, Vec<u8>, PrinterSimulator) {
    let mut printer = PrinterSimulator::new(profile);
    assert_eq!(printer.receive(bytes), bytes.len());
    let replies = printer.take_replies(usize::MAX);
    printer.tear();
    let text = printer.strips().iter().map(PaperStrip::text).collect();
    (text, replies, printer)
}

#[test]
fn text_comes_out_in_the_page_that_was_chosen() {
    let (text, ..) = feed(EPSON_80MM, b"\x1b@\x1c.\x1bt\x13Sm\x94rg\x86s \xd5\n\x1bt\x10Sm\xf6rg\xe5s \x80\n\x1bt\x00\x86\x84\x94\n");
    assert_eq!(text, "Smörgås €\nSmörgås €\nåäö\n");
}

#[test]
fn letters_of_an_unknown_page_are_boxes_and_never_wrong_letters() {
    let (text, _, printer) = feed(EPSON_80MM, b"\x1bt\x13\x86\x1bt\x21\xd5 a\n");
    assert_eq!(text, "å\u{fffd} a\n");
    assert_eq!(printer.unknown_commands(), [b"\x1bt\x21".to_vec()]);
}

#[test]
fn questions_are_answered_as_the_manual_says() {
    let (_, replies, _) = feed(EPSON_80MM, b"\x10\x04\x01\x10\x04\x02\x10\x04\x04\x1d\x61\xff\x1d\x72\x01\x1d\x49\x42");
    assert_eq!(replies, b"\x12\x12\x12\x10\0\0\0\0\x5fTROLLEY\0");
    let mut printer = PrinterSimulator::new(EPSON_80MM);
    printer.set_fault(PrinterFault::PaperOut);
    assert_eq!(printer.receive(b"\x10\x04\x02\x10\x04\x04\x1d\x72\x01"), 9);
    assert_eq!(printer.take_replies(usize::MAX), [0x32, 0x7e], "an offline printer answers real-time questions alone");
}

#[test]
fn automatic_status_comes_when_something_changes() {
    let mut printer = PrinterSimulator::new(EPSON_80MM);
    assert_eq!(printer.receive(b"\x1d\x61\xff"), 3);
    printer.set_fault(PrinterFault::PaperOut);
    printer.set_fault(PrinterFault::CoverOpen);
    printer.set_fault(PrinterFault::Ok);
    let expected = [[0x10, 0, 0, 0], [0x18, 0, 0x0c, 0], [0x38, 0, 0, 0], [0x10, 0, 0, 0]].concat();
    assert_eq!(printer.take_replies(usize::MAX), expected);
}

/// The questions of the npm program `receiptio`, which asks an Epson so, and the answers that it takes.
#[test]
fn an_independent_hosts_exchange_goes_as_it_expects() {
    let mut printer = PrinterSimulator::new(EPSON_80MM);
    let mut ask = |fault: PrinterFault, bytes: &[u8]| {
        printer.set_fault(fault);
        assert_eq!(printer.receive(bytes), bytes.len());
        printer.take_replies(usize::MAX)
    };
    let hello = [0x10, 0x04, 0x02, 0x1b, 0x06, 0x01, 0x1b, 0x40];
    assert_eq!(ask(PrinterFault::Ok, &hello), [0x12]);
    assert_eq!(ask(PrinterFault::Ok, &[0x1d, 0x49, 0x42, 0x1d, 0x49, 0x43]), b"\x5fTROLLEY\0\x5fepson-80mm\0");
    assert_eq!(ask(PrinterFault::Ok, &[0x1b, 0x40, 0x1d, 0x61, 0xff]), [0x10, 0, 0, 0]);
    assert_eq!(ask(PrinterFault::Ok, b"Kaffe\n\x1d\x72\x01"), [0x00]);
    assert_eq!(ask(PrinterFault::PaperOut, &hello[..3]), [0x18, 0x00, 0x0c, 0x00, 0x32], "it tells by itself, then answers");
    assert_eq!(ask(PrinterFault::CoverOpen, &hello[..3]), [0x38, 0x00, 0x00, 0x00, 0x16]);
}

#[test]
fn a_printer_answers_what_its_model_answers_and_nothing_else() {
    let questions = b"\x10\x04\x01\x1d\x61\xff\x1d\x72\x01\x1d\x49\x42\x1d\x28\x48\x06\x00\x30\x30001A";
    assert_eq!(feed(GENERIC_58MM_MUTE, questions).1, b"");
    assert_eq!(feed(GENERIC_58MM, questions).1, b"\x12\x00");
    assert_eq!(feed(BIXOLON, questions).1, b"\x12\x10\0\0\0\x00\x5fTROLLEY\0");
}

#[test]
fn a_low_roll_and_an_open_drawer_are_told_in_every_way() {
    let mut printer = PrinterSimulator::new(EPSON_80MM);
    printer.set_fault(PrinterFault::PaperNearEnd);
    assert_eq!(printer.receive(b"\x10\x04\x04\x1d\x61\xff\x1d\x72\x01\x1b\x70\x00\x19\xfa\x1d\x72\x02\x10\x04\x01"), 20);
    assert_eq!(printer.take_replies(usize::MAX), b"\x1e\x10\0\x03\0\x03\x14\0\x03\0\x01\x16");
    printer.close_drawer();
    assert_eq!(printer.take_replies(usize::MAX), [0x10, 0, 0x03, 0]);
    let mut low = PrinterSimulator::new(Profile { drawer_open_level_high: Some(false), ..EPSON_80MM });
    assert_eq!(low.receive(b"\x10\x04\x01\x1b\x70\x00\x19\xfa\x10\x04\x01"), 11);
    assert_eq!(low.take_replies(usize::MAX), [0x16, 0x12], "the other kind of switch");
}

#[test]
fn a_switched_off_printer_forgets_and_one_without_its_cable_does_not() {
    for (fault, expected) in [(PrinterFault::PowerOff, ""), (PrinterFault::CableOut, "first half\n")] {
        let mut printer = PrinterSimulator::new(EPSON_80MM);
        assert_eq!(printer.receive(b"\x1d\x61\xfffirst"), 8);
        printer.set_fault(fault);
        assert_eq!((printer.receive(b"x"), printer.take_replies(usize::MAX)), (0, vec![]), "{fault:?}");
        printer.set_fault(PrinterFault::Ok);
        let told = !printer.take_replies(usize::MAX).is_empty();
        assert!(!told || fault == PrinterFault::CableOut, "{fault:?}: automatic status is off again");
        assert_eq!(printer.receive(b" half\n"), 6);
        let text = printer.strip_in_progress().map(|strip| strip.text().to_owned()).unwrap_or_default();
        assert_eq!(text.trim_start_matches(" half\n"), expected, "{fault:?}");
    }
}

#[test]
fn other_producers_barcodes_are_drawn_with_their_digits() {
    for barcode in [b"\x1dH\x02\x1dk\x024006381333931\0".as_slice(), b"\x1dH\x02\x1dk\x43\x0c400638133393"] {
        let (text, _, printer) = feed(EPSON_80MM, barcode);
        assert!(text.contains("[barcode]") && text.contains("4006381333931"), "{text}");
        assert_eq!(printer.unknown_commands(), Vec::<Vec<u8>>::new());
    }
}

#[test]
fn a_process_id_comes_back_when_what_was_before_it_is_on_paper() {
    let job = b"Kaffe\n\x1d\x28\x48\x06\x00\x30\x30001A";
    assert_eq!(feed(EPSON_80MM, job).1, b"\x37\x22001A\0");
    let (_, replies, printer) = feed(GENERIC_58MM, job);
    assert_eq!((replies.len(), printer.unknown_commands().len()), (0, 1), "a generic printer does not know it");
    let mut dry = PrinterSimulator::new(EPSON_80MM);
    dry.set_fault_after(3, PrinterFault::PaperOut);
    assert_eq!(dry.receive(job), job.len());
    assert_eq!(dry.take_replies(usize::MAX), b"");
}

#[test]
fn a_printer_that_is_not_cleared_goes_on_with_half_a_receipt() {
    let mut printer = PrinterSimulator::new(EPSON_80MM);
    printer.set_fault_after(6, PrinterFault::PaperOut);
    assert_eq!(printer.receive(b"first\nsecond\n"), 13);
    printer.set_fault(PrinterFault::Ok);
    assert_eq!(printer.strips().len(), 1);
    assert_eq!((printer.strips()[0].text(), printer.strips()[0].end()), ("first\n", PaperEnd::RollEnd));
    assert_eq!(printer.strip_in_progress().map(|strip| strip.text().to_owned()).as_deref(), Some("second\n"));
}

#[test]
fn clearing_forgets_the_rest_and_says_so() {
    let mut printer = PrinterSimulator::new(EPSON_80MM);
    printer.set_fault_after(6, PrinterFault::PaperOut);
    assert_eq!(printer.receive(b"first\nsecond\n"), 13);
    assert_eq!(printer.receive(&crate::printer::escpos::CLEAR), 10);
    assert_eq!(printer.take_replies(usize::MAX), [0x37, 0x25, 0x00]);
    printer.set_fault(PrinterFault::Ok);
    assert_eq!(printer.strip_in_progress(), None);
}

#[test]
fn a_real_time_command_inside_a_picture_acts_all_the_same() {
    let mut picture = b"\x1d\x76\x30\x00\x05\x00\x01\x00".to_vec();
    picture.extend(b"\x10\x14\x01\x00\x01");
    let (_, _, printer) = feed(EPSON_80MM, &picture);
    assert_eq!(printer.drawer_pulses(), 1);
}

#[test]
fn each_cut_begins_a_new_strip_and_each_pulse_is_counted() {
    let (_, _, printer) = feed(EPSON_80MM, b"a\n\x1dVB\x08b\n\x1dV\x00\x1bp\x00\x19\xfac\n\x1bi");
    let ends: Vec<(&str, PaperEnd)> = printer.strips().iter().map(|strip| (strip.text(), strip.end())).collect();
    assert_eq!(ends, [("a\n", PaperEnd::Cut), ("b\n", PaperEnd::Cut), ("c\n", PaperEnd::Cut)]);
    assert_eq!(printer.drawer_pulses(), 1);
}

#[test]
fn other_producers_bytes_are_read() {
    // Double height by ESC !, bit image by ESC *, stored graphics by GS ( L, a barcode, a long line that wraps.
    let mut bytes = b"\x1b@\x1b!\x10Tall\n\x1b!\x00\x1b*\x21\x02\x00abcdef\n".to_vec();
    bytes.extend(b"\x1d(L\x0b\x000p0\x01\x011\x08\x00\x01\x00\xff\x1d(L\x02\x0002");
    bytes.extend(b"\x1dk\x0412345\x00");
    bytes.extend([b'x'; 50]);
    bytes.push(b'\n');
    let (text, _, printer) = feed(EPSON_80MM, &bytes);
    let wrapped = format!("{}\n{}\n", "x".repeat(42), "x".repeat(8));
    assert!(text.starts_with("Tall\n"), "{text}");
    assert!(text.contains("[logo]") && text.contains("[barcode]") && text.ends_with(&wrapped), "{text}");
    assert_eq!(printer.unknown_commands(), Vec::<Vec<u8>>::new());
}

#[test]
fn text_stands_where_it_was_put_in_the_line() {
    let (text, ..) = feed(EPSON_80MM, b"Te\x1b$\xf0\x0028,00\n\x1b\\\x18\x00a\x1b\\\xe8\xffb\n");
    assert_eq!(text, "Te                  28,00\n  ab\n");
}

#[test]
fn unknown_commands_are_noted_and_do_not_stop_the_printer() {
    let (text, _, printer) = feed(EPSON_80MM, b"\x1b\x01a\n\x1d\xffb\n");
    assert_eq!(text, "a\nb\n");
    assert_eq!(printer.unknown_commands(), [vec![0x1b, 0x01], vec![0x1d, 0xff]]);
}

#[test]
fn a_full_buffer_takes_no_more() {
    let mut printer = PrinterSimulator::new(EPSON_80MM);
    printer.set_fault(PrinterFault::PaperOut);
    assert_eq!(printer.receive(&[b'x'; RECEIVE_BYTES_MAX + 100]), RECEIVE_BYTES_MAX);
    assert_eq!(printer.room(), 0);
}

proptest! {
    #[test]
    fn garbage_never_panics_and_never_deafens(bytes in proptest::collection::vec(prop_oneof![
        Just(0x1b), Just(0x1d), Just(0x1c), Just(0x10), Just(b'('), Just(b'k'), Just(b'L'), Just(b'\n'), any::<u8>(),
    ], 0..600)) {
        let mut printer = PrinterSimulator::new(EPSON_80MM);
        let _ = printer.receive(&bytes);
        let _ = printer.take_replies(usize::MAX);
        let _ = printer.receive(&[0x10, 0x04, 0x01]);
        // Garbage may have opened the drawer.
        prop_assert_eq!(printer.take_replies(usize::MAX).last().map(|answer| answer & !0x04), Some(0x12));
        printer.tear();
    }

    #[test]
    fn any_split_prints_the_same(bytes in proptest::collection::vec(any::<u8>(), 0..300), cut in 0_usize..300) {
        let (whole, whole_replies, _) = feed(EPSON_80MM, &bytes);
        let cut = cut.min(bytes.len());
        let mut printer = PrinterSimulator::new(EPSON_80MM);
        let _ = printer.receive(&bytes[..cut]);
        let _ = printer.receive(&bytes[cut..]);
        prop_assert_eq!(printer.take_replies(usize::MAX), whole_replies);
        printer.tear();
        let text: String = printer.strips().iter().map(PaperStrip::text).collect();
        prop_assert_eq!(text, whole);
    }
}
