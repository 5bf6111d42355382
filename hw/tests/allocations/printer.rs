//! Nothing is allocated between a receipt and the printer's line, nor between its answer and what it means.

use crate::allocations;
use hw::document::{Align, Document, Element, Style};
use hw::printer::escpos::{Encoder, encode};
use hw::printer::profile::Profile;
use hw::printer::reply::{Demultiplexer, Reply};
use hw::raster::Bitmap;

/// Room for a receipt with a picture.
const RECEIPT_BYTES_MAX: usize = 32 * 1024;
const PICTURE: [u8; 8 * 32] = [0x5a; 8 * 32];

/// A receipt with everything that a document can hold.
fn elements<'a>(qr: &'a [u8], picture: Bitmap<'a>) -> [Element<'a>; 10] {
    let centered = Style { align: Align::Center, ..Style::PLAIN };
    let double = Style { bold: true, width_scale: 2, height_scale: 2, ..centered };
    [
        Element::Logo(picture),
        Element::Text { text: "KVITTO", style: double },
        Element::Text {
            text: "Bistro Exempel AB · Räksmörgåsar och andra långa ord som bryts på mer än en rad av papperet",
            style: centered,
        },
        Element::Rule,
        Element::Row { left: "Smörgås med skagenröra, dill och citron på rågbröd", right: "89,00 €", style: Style::PLAIN },
        Element::Row { left: "ATT BETALA", right: "89,00", style: Style { bold: true, ..Style::PLAIN } },
        Element::Qr(qr),
        Element::Feed(2),
        Element::DrawerPulse,
        Element::Cut,
    ]
}

#[test]
fn a_receipt_becomes_bytes_without_an_allocation_on_every_model() {
    let picture = Bitmap::new(64, 32, &PICTURE).expect("its own size");
    let elements = elements(b"TROLLEY1:0142-3:1042:SEK:18300", picture);
    let mut bytes = Box::new(heapless::Vec::<u8, RECEIPT_BYTES_MAX>::new());
    for profile in Profile::ALL {
        bytes.clear();
        let count = allocations(|| {
            assert!(encode(profile, Document { elements: &elements }, &mut *bytes).is_ok());
            let proven = Encoder::begin(profile, &mut *bytes).and_then(|mut encoder| encoder.proof(*b"AB12"));
            assert!(proven.is_ok());
        });
        assert!(bytes.len() > 600, "{}: {} bytes", profile.name, bytes.len());
        assert_eq!(count, 0, "{}", profile.name);
    }
}

#[test]
fn a_document_that_is_longer_than_its_buffer_is_an_error_and_no_allocation() {
    let elements = [Element::Text { text: "Ett kvitto som inte ryms", style: Style::PLAIN }; 4];
    let mut bytes = heapless::Vec::<u8, 64>::new();
    let count = allocations(|| assert!(encode(&Profile::ALL[0], Document { elements: &elements }, &mut bytes).is_err()));
    assert_eq!(count, 0);
}

#[test]
fn every_reply_of_a_printer_is_taken_apart_without_an_allocation() {
    let line = b"\x12\x10\x00\x0c\x00\x37\x22AB12\x00\x11\x13\x00\x5fTM-T88V\x00\xff\x37\x25\x00";
    let count = allocations(|| {
        let mut ear = Demultiplexer::new();
        let replies = || line.iter().cycle().take(100 * line.len());
        let ids = replies().filter_map(|byte| ear.take(*byte)).filter(|reply| reply.process_id() == Some(*b"AB12")).count();
        assert_eq!(ids, 100);
        assert!((0..10_000).all(|_| !matches!(ear.take(b'7'), Some(Reply::Block { .. }))));
    });
    assert_eq!(count, 0);
}
