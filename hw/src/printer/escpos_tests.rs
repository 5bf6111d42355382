use proptest::prelude::*;

use super::*;
use crate::document::DocumentBuf;
use crate::logo::trolley;
use crate::printer::profile::{BIXOLON, EPSON_80MM, GENERIC_58MM};
use crate::raster::BitmapBuf;

fn bytes(profile: &Profile, document: &DocumentBuf) -> Vec<u8> {
    let mut bytes = Vec::new();
    match encode(profile, document.elements(), &mut bytes) {
        Ok(()) => bytes,
    }
}

/// What follows the opening commands.
fn body(profile: &Profile, build: impl FnOnce(&mut DocumentBuf)) -> Vec<u8> {
    let mut document = DocumentBuf::new();
    build(&mut document);
    bytes(profile, &document).split_off(7)
}

#[test]
fn a_job_opens_with_a_known_state() {
    assert_eq!(bytes(&EPSON_80MM, &DocumentBuf::new()), [0x1b, 0x40, 0x1c, 0x2e, 0x1b, 0x74, 19]);
}

#[test]
fn styles_are_sent_when_they_change_and_only_then() {
    let sent = body(&EPSON_80MM, |document| {
        document.text("KOPIA").center().bold().double().text("KOPIA").center().bold().double().text("Åre");
    });
    let mut expected = b"\x1b\x61\x01\x1b\x45\x01\x1d\x21\x11KOPIA\nKOPIA\n".to_vec();
    expected.extend(b"\x1b\x61\x00\x1b\x45\x00\x1d\x21\x00\x8fre\n");
    assert_eq!(sent, expected);
}

#[test]
fn a_row_fills_the_line_to_the_margin() {
    let sent = body(&GENERIC_58MM, |document| {
        document.row("Kaffe", "32,00 €");
    });
    assert_eq!(sent, b"Kaffe                    32,00 \xd5\n");
}

#[test]
fn drawer_feed_and_cut_have_their_commands() {
    let sent = body(&EPSON_80MM, |document| {
        document.drawer_pulse().feed(3).cut();
    });
    assert_eq!(sent, [0x1b, 0x70, 0, 0x19, 0xfa, 0x1b, 0x64, 3, 0x1d, 0x56, 0x42, 8]);
    let torn = body(&GENERIC_58MM, |document| {
        document.cut();
    });
    assert_eq!(torn, [0x1b, 0x64, 4], "without a cutter the paper is fed past the tear bar");
}

#[test]
fn a_picture_goes_in_slices() {
    let sent = body(&EPSON_80MM, |document| {
        document.logo(BitmapBuf::white(16, 300));
    });
    let slice = |rows: u8| [0x1d, 0x76, 0x30, 0, 2, 0, rows, 0];
    assert_eq!(sent[3..11], slice(128));
    assert_eq!(sent[11 + 256..19 + 256], slice(128));
    assert_eq!(sent[19 + 512..27 + 512], slice(44));
    assert_eq!(sent.len(), 3 + 3 * 8 + 600);
}

#[test]
fn a_qr_code_is_drawn_by_the_printer_where_it_can() {
    let sent = body(&EPSON_80MM, |document| {
        document.qr(*b"TROLLEY");
    });
    let mut expected =
        vec![0x1b, 0x4a, 24, 0x1b, 0x61, 1, 0x1d, 0x28, 0x6b, 4, 0, 0x31, 0x41, 0x32, 0, 0x1d, 0x28, 0x6b, 3, 0, 0x31, 0x43, 8];
    expected.extend([0x1d, 0x28, 0x6b, 3, 0, 0x31, 0x45, 0x31, 0x1d, 0x28, 0x6b, 10, 0, 0x31, 0x50, 0x30]);
    expected.extend(b"TROLLEY");
    expected.extend([0x1d, 0x28, 0x6b, 3, 0, 0x31, 0x51, 0x30, 0x1b, 0x4a, 24]);
    assert_eq!(sent, expected);
    let drawn = body(&GENERIC_58MM, |document| {
        document.qr(*b"TROLLEY");
    });
    assert_eq!(drawn[6..10], [0x1d, 0x76, 0x30, 3]);
}

#[test]
fn a_qr_payload_with_a_real_time_command_is_drawn_as_a_picture() {
    let sent = body(&EPSON_80MM, |document| {
        document.qr(*b"\x10\x14\x08");
    });
    assert_eq!(sent[6..9], [0x1d, 0x76, 0x30]);
}

#[test]
fn proof_is_asked_for_in_the_way_of_the_printer() {
    let asked = |profile: &Profile| {
        let mut bytes = Vec::new();
        match Encoder::begin(profile, &mut bytes).and_then(|mut encoder| encoder.proof(*b"001A")) {
            Ok(()) => bytes.split_off(7),
        }
    };
    assert_eq!(asked(&EPSON_80MM), [0x1d, 0x28, 0x48, 6, 0, 0x30, 0x30, b'0', b'0', b'1', b'A']);
    assert_eq!(asked(&GENERIC_58MM), [0x1d, 0x72, 1]);
}

#[test]
fn encodes_into_a_fixed_buffer_and_says_when_it_is_full() {
    let elements = [Element::Text { text: "Hej", style: Style::PLAIN }, Element::Cut];
    let mut enough = heapless::Vec::<u8, 32>::new();
    assert_eq!(encode(&EPSON_80MM, elements, &mut enough), Ok(()));
    assert!(enough.ends_with(&[0x1d, 0x56, 0x42, 8]));
    let mut scarce = heapless::Vec::<u8, 8>::new();
    assert_eq!(encode(&EPSON_80MM, elements, &mut scarce), Err(Full));
}

#[test]
fn the_demonstration_logo_needs_no_changed_dot() {
    let logo = trolley();
    let view = logo.as_bitmap();
    let rows: Vec<u8> = (0..view.height_dots()).flat_map(|y| view.row(y).to_vec()).collect();
    let sent = body(&EPSON_80MM, |document| {
        document.logo(logo.clone());
    });
    assert!(sent.windows(rows.len()).any(|window| window == rows));
}

#[test]
fn a_barcode_is_drawn_by_the_printer_where_it_can_and_its_digits_stand_below() {
    let code = Ean13::new("4006381333931").expect("a right check digit");
    let sent = body(&EPSON_80MM, |document| {
        document.ean13(code);
    });
    let mut expected = vec![0x1b, 0x61, 1, 0x1b, 0x4a, 8, 0x1d, 0x48, 0, 0x1d, 0x68, 80, 0x1d, 0x77, 3, 0x1d, 0x6b, 0x43, 13];
    expected.extend(b"40063813339314006381333931\n");
    assert_eq!(sent, expected);
    let drawn = body(&GENERIC_58MM, |document| {
        document.ean13(code);
    });
    assert_eq!(drawn[6..14], [0x1d, 0x76, 0x30, 0, 36, 0, 80, 0]);
    assert!(drawn.ends_with(b"4006381333931\n"));
}

#[test]
fn every_initialise_is_followed_by_leaving_double_byte_mode() {
    let document = |document: &mut DocumentBuf| {
        document.text("Åre").logo(trolley()).qr(*b"TROLLEY").cut();
    };
    for profile in Profile::ALL {
        let mut receipt = DocumentBuf::new();
        document(&mut receipt);
        let mut pages = Vec::new();
        match encode_page_test(profile, &mut pages) {
            Ok(()) => {}
        }
        for sent in [bytes(profile, &receipt), pages] {
            let at: Vec<usize> = sent.windows(2).enumerate().filter(|(_, pair)| *pair == [0x1b, 0x40]).map(|(at, _)| at).collect();
            assert_eq!(at, [0], "{}: at the start, where it eats no other job", profile.name);
            assert_eq!(sent[2..4], [0x1c, 0x2e]);
        }
    }
}

#[test]
fn the_drawer_pulse_is_the_profiles_own() {
    let profile = Profile { drawer_pin: 1, drawer_on_2ms: 50, drawer_off_2ms: 100, ..EPSON_80MM };
    assert_eq!(pulse(&profile), [0x1b, 0x70, 1, 50, 100]);
    assert_eq!(pulse(&EPSON_80MM), [0x1b, 0x70, 0, 0x19, 0xfa]);
}

#[test]
fn remains_are_marked_in_letters_that_every_page_has() {
    let mut sent = Vec::new();
    match encode_void(&EPSON_80MM, &mut sent) {
        Ok(()) => {}
    }
    assert!(VOID_MARK.is_ascii() && VOID_MARK.len() <= 32);
    assert!(sent.windows(VOID_MARK.len()).any(|window| window == VOID_MARK.as_bytes()));
    assert!(sent.ends_with(&[0x1d, 0x56, 0x42, 8]) && !sent.contains(&0x40), "cut, and nothing initialised: that could throw lines away");
}

fn has_real_time(bytes: &[u8]) -> bool {
    bytes.windows(2).any(|pair| is_real_time(pair[0], pair[1]))
}

fn wild_byte() -> impl Strategy<Value = u8> {
    prop_oneof![Just(0x10), Just(0x04), Just(0x05), Just(0x14), any::<u8>()]
}

proptest! {
    // Each case draws QR codes, which is slow without optimisation.
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn no_picture_holds_a_real_time_command(bits in proptest::collection::vec(wild_byte(), 3 * 200)) {
        let picture = BitmapBuf::over(24, 200, bits.clone()).expect("sizes agree");
        let sent = body(&EPSON_80MM, |document| { document.logo(picture); });
        prop_assert!(!has_real_time(&sent));
        // Dots are only ever added, and only where a command would arise.
        let drawn: Vec<u8> = sent[11..11 + 384].iter().chain(&sent[19 + 384..19 + 600]).copied().collect();
        for (index, (&was, &is)) in bits.iter().zip(&drawn).enumerate() {
            prop_assert!(is == was || is == was | 0x08);
            prop_assert!(is == was || drawn[index - 1] == 0x10);
        }
    }

    #[test]
    fn no_document_holds_a_real_time_command(
        text in any::<String>(),
        right in any::<String>(),
        payload in proptest::collection::vec(wild_byte(), 0..300),
        lines in any::<u8>(),
        width in 0_u8..20,
    ) {
        // One profile for each way to draw, each height of a slice and each proof.
        for profile in [EPSON_80MM, BIXOLON, GENERIC_58MM] {
            let sent = body(&profile, |document| {
                document.text(text.clone()).size(width, 3).row(text.clone(), right.clone()).bold().qr(payload.clone()).feed(lines).rule().cut();
            });
            prop_assert!(!has_real_time(&sent));
        }
    }

    #[test]
    fn no_barcode_and_no_page_test_holds_a_real_time_command(digits in "[0-9]{12}") {
        let code = Ean13::of_twelve(&digits).expect("twelve digits");
        for profile in Profile::ALL {
            let sent = body(profile, |document| { document.ean13(code).drawer_pulse().cut(); });
            prop_assert!(!has_real_time(&sent));
            let mut pages = Vec::new();
            match encode_page_test(profile, &mut pages) { Ok(()) => {} }
            prop_assert!(!has_real_time(&pages));
        }
    }
}
