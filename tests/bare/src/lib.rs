//! Every codec of `hw` in a library for a machine without an operating system: no standard library, no allocator.
//!
//! A crate below it that asked for an allocator would end the build: "no global memory allocator found but one is required".
//! `tests/tidy` builds it.
#![no_std]

use core::panic::PanicInfo;

use embedded_hal::i2c::I2c;
use heapless::Vec;
use hw::control::{ReceiptRecord, ccsp, skattedosan};
use hw::display::{OLED_ADDRESS, Oled, OledPanel, Page, pole};
use hw::document::Document;
use hw::position::sentence::{Heard, SentenceReader};
use hw::printer::{escpos, profile::Profile, reply::Demultiplexer};
use hw::scanner::{KeyDecoder, KeyEvent, ScanDecoder, ScannerSettings};

/// Bytes for a line.
pub type Line = Vec<u8, 4096>;

#[panic_handler]
fn stop(_: &PanicInfo<'_>) -> ! {
    loop {}
}

/// A receipt for a printer; false when it is longer than the line.
pub fn print(profile: &Profile, document: Document<'_>, line: &mut Line) -> bool {
    escpos::encode(profile, document, line).is_ok()
}

/// Whether a printer says that what came before is on paper.
pub fn is_proof(ear: &mut Demultiplexer, byte: u8) -> bool {
    ear.take(byte).is_some_and(|reply| reply.process_id().is_some())
}

/// A page on a pole display.
pub fn show(page: &Page<'_>, line: &mut Line) -> bool {
    let settings = pole::PoleSettings::default();
    pole::frame(&settings, &pole::Screen::of(page, settings.page), true, line).is_ok()
}

/// A page on an OLED.
pub fn light(page: &Page<'_>, bus: impl I2c) -> bool {
    Oled::new(bus, OLED_ADDRESS, OledPanel::Tall).show(page).is_ok()
}

/// A receipt for either control unit, and what either hears.
pub fn register(record: &ReceiptRecord, line: &mut Line, byte: u8) -> bool {
    let clean_cash = ccsp::Message::register(1, record).map(|message| message.to_bytes());
    let skattedosan = skattedosan::Words::register(record).map(|words| words.to_request());
    let is_written = clean_cash.is_ok_and(|bytes| line.extend_from_slice(&bytes).is_ok());
    let is_written = is_written && skattedosan.is_ok_and(|bytes| line.extend_from_slice(&bytes).is_ok());
    let heard = ccsp::Decoder::new().push(byte).and_then(Result::ok).and_then(|message| ccsp::Answer::read(&message));
    is_written && heard.is_some() && skattedosan::Decoder::new().push(byte).is_some()
}

/// Whether a scan ends with this byte or this key.
pub fn is_scan(settings: &ScannerSettings, byte: u8, key: u16) -> bool {
    ScanDecoder::new(settings.clone()).push(byte).is_some() || KeyDecoder::new(settings.clone()).push(KeyEvent::Down(key)).is_some()
}

/// Whether a receiver knows where it is.
pub fn is_fix(reader: &mut SentenceReader, byte: u8) -> bool {
    matches!(reader.push(byte), Some(Heard::Fix(_)))
}
