//! Documents as ESC/POS bytes. Pure, without an allocator.
//!
//! A printer acts on real-time commands (`10 04`, `10 05`, `10 14`) wherever they stand, even inside a picture.
//! No output of this module contains one unless it is meant: texts carry no control bytes, a picture in which one would arise gets one
//! more black dot beside a black dot (the second byte is OR-ed with `08`), and a QR payload with one is drawn as a picture.

use super::profile::{Cutter, Profile, Proof};
use super::qr::{Code, Correction, Size};
use crate::document::ean::{EAN13_MODULES, Ean13};
use crate::document::layout::{paragraph, row};
use crate::document::{Align, Element, Style};
use crate::raster::Bitmap;

/// Asks for automatic status, of everything; the printer answers with the present one.
pub const STATUS_ENABLE: [u8; 3] = [0x1d, 0x61, 0xff];
/// Asks for an answer from within the stream: what came before was read.
pub const IN_LINE_STATUS: [u8; 3] = [0x1d, 0x72, 0x01];
/// Throws all buffers away, at once; the printer answers `37 25 00`, and nothing may be sent until then.
pub const CLEAR: [u8; 10] = [0x10, 0x14, 0x08, 0x01, 0x03, 0x14, 0x01, 0x06, 0x02, 0x08];

/// Time that the drawer's coil is on after the real-time pulse, in units of 100 ms.
const PULSE_ON_100MS: u8 = 0x01;
/// Dots to feed between the last line and the cut.
const CUT_FEED_DOTS: u8 = 0x08;
/// Lines to feed so that the last one is past the tear bar.
const TEAR_FEED_LINES: u8 = 0x04;

/// A barcode: dots of the narrowest bar, height, and white paper above.
const BAR_MODULE_DOTS: u8 = 3;
const BAR_HEIGHT_DOTS: u8 = 80;
const BAR_GAP_DOTS: u8 = 8;

/// White paper above and below a QR code.
const QUIET_DOTS: u8 = 0x18;

/// Takes bytes.
pub trait Sink {
    /// Why it takes no more.
    type Error;

    /// Takes all of these bytes or fails.
    ///
    /// # Errors
    /// When it takes no more; what is in it is then incomplete.
    fn put(&mut self, bytes: &[u8]) -> Result<(), Self::Error>;
}

/// The sink is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full;

impl<const N: usize> Sink for heapless::Vec<u8, N> {
    type Error = Full;

    fn put(&mut self, bytes: &[u8]) -> Result<(), Full> {
        self.extend_from_slice(bytes).map_err(|_| Full)
    }
}

#[cfg(feature = "std")]
impl Sink for Vec<u8> {
    type Error = core::convert::Infallible;

    fn put(&mut self, bytes: &[u8]) -> Result<(), Self::Error> {
        self.extend_from_slice(bytes);
        Ok(())
    }
}

/// A whole document: what [`Encoder::begin`] sends, then each element.
///
/// # Errors
/// Those of the sink.
pub fn encode<'a, S: Sink>(profile: &Profile, elements: impl IntoIterator<Item = Element<'a>>, sink: &mut S) -> Result<(), S::Error> {
    let mut encoder = Encoder::begin(profile, sink)?;
    for element in elements {
        encoder.element(&element)?;
    }
    Ok(())
}

/// Asks for the printer's own mark that everything before is on paper; it answers `37 22`, the id, `00`.
/// Each character of the id is `20..=7E`.
#[must_use]
pub const fn process_id_request(id: [u8; 4]) -> [u8; 11] {
    [0x1d, 0x28, 0x48, 0x06, 0x00, 0x30, 0x30, id[0], id[1], id[2], id[3]]
}

/// Asks for status `n` (1 to 4) at once, even when the printer is offline.
#[must_use]
pub const fn real_time_request(n: u8) -> [u8; 3] {
    [0x10, 0x04, n]
}

/// Opens the drawer at once.
#[must_use]
pub const fn real_time_pulse(pin: u8) -> [u8; 5] {
    [0x10, 0x14, 0x01, pin & 1, PULSE_ON_100MS]
}

/// Opens the drawer when the printer comes to it.
#[must_use]
pub const fn pulse(profile: &Profile) -> [u8; 5] {
    [0x1b, 0x70, profile.drawer_pin & 1, profile.drawer_on_2ms, profile.drawer_off_2ms]
}

/// Asks who it is: 65 firmware, 66 maker, 67 model, 68 serial number. It answers `5F`, the text, `00`.
#[must_use]
pub const fn identity_request(n: u8) -> [u8; 3] {
    [0x1d, 0x49, n]
}

/// Writes elements, and remembers what the printer's style is.
pub struct Encoder<'s, S> {
    profile: Profile,
    sink: &'s mut S,
    set: Style,
}

impl<'s, S: Sink> Encoder<'s, S> {
    /// Puts the printer into a known state: initialise, leave double-byte mode, choose the code page.
    ///
    /// # Errors
    /// Those of the sink.
    pub fn begin(profile: &Profile, sink: &'s mut S) -> Result<Self, S::Error> {
        sink.put(&[0x1b, 0x40, 0x1c, 0x2e, 0x1b, 0x74, profile.page_number])?;
        Ok(Self { profile: *profile, sink, set: Style::PLAIN })
    }

    /// Writes one element.
    ///
    /// # Errors
    /// Those of the sink.
    pub fn element(&mut self, element: &Element<'_>) -> Result<(), S::Error> {
        let page = self.profile.page;
        match *element {
            Element::Text { text, style } => {
                let columns = self.restyle(style)?;
                paragraph(page, text, columns, |line| put_line(self.sink, line))
            }
            Element::Row { left, right, style } => {
                let columns = self.restyle(Style { align: Align::Left, ..style })?;
                row(page, left, right, columns, |line| put_line(self.sink, line))
            }
            Element::Rule => self.rule(),
            Element::Logo(picture) => self.picture(&picture),
            Element::Qr(bytes) => self.qr(bytes),
            Element::Ean13(code) => self.ean13(code),
            Element::Feed(0) => Ok(()),
            Element::Feed(lines) => {
                self.restyle(Style::PLAIN)?;
                self.sink.put(&[0x1b, 0x64, lines])
            }
            Element::Cut => self.cut(),
            Element::DrawerPulse => self.sink.put(&pulse(&self.profile)),
        }
    }

    /// What has taken the bytes so far.
    #[must_use]
    pub const fn sink(&self) -> &S {
        self.sink
    }

    /// Writes bytes as they are.
    ///
    /// # Errors
    /// Those of the sink.
    pub fn raw(&mut self, bytes: &[u8]) -> Result<(), S::Error> {
        self.sink.put(bytes)
    }

    /// Writes what asks for proof in the way of this printer; nothing where there is none.
    ///
    /// # Errors
    /// Those of the sink.
    pub fn proof(&mut self, id: [u8; 4]) -> Result<(), S::Error> {
        encode_proof(&self.profile, id, self.sink)
    }

    /// Sends what differs from the printer's present style; the columns a line then has.
    fn restyle(&mut self, style: Style) -> Result<usize, S::Error> {
        let style = style.clamped();
        if style.align != self.set.align {
            let align = match style.align {
                Align::Left => 0,
                Align::Center => 1,
                Align::Right => 2,
            };
            self.sink.put(&[0x1b, 0x61, align])?;
        }
        if style.bold != self.set.bold {
            self.sink.put(&[0x1b, 0x45, u8::from(style.bold)])?;
        }
        if (style.width_scale, style.height_scale) != (self.set.width_scale, self.set.height_scale) {
            self.sink.put(&[0x1d, 0x21, (style.width_scale - 1) << 4 | (style.height_scale - 1)])?;
        }
        self.set = style;
        Ok(usize::from((self.profile.columns / style.width_scale).max(1)))
    }

    fn rule(&mut self) -> Result<(), S::Error> {
        let columns = self.restyle(Style::PLAIN)?;
        let mut encoded = self.profile.page.encode("─");
        let stroke = encoded.next().unwrap_or(b'-');
        for _ in 0..columns {
            self.sink.put(&[stroke])?;
        }
        self.sink.put(b"\n")
    }

    fn cut(&mut self) -> Result<(), S::Error> {
        self.restyle(Style::PLAIN)?;
        match self.profile.cutter {
            Cutter::TearBar => self.sink.put(&[0x1b, 0x64, TEAR_FEED_LINES]),
            Cutter::Partial => self.sink.put(&[0x1d, 0x56, 0x42, CUT_FEED_DOTS]),
            Cutter::Full => self.sink.put(&[0x1d, 0x56, 0x41, CUT_FEED_DOTS]),
        }
    }

    fn picture(&mut self, picture: &Bitmap<'_>) -> Result<(), S::Error> {
        let width_dots = picture.width_dots().min(u32::from(self.profile.width_dots));
        self.raster(width_dots, picture.height_dots(), 1, |x, y| picture.is_black(x, y))
    }

    fn qr(&mut self, bytes: &[u8]) -> Result<(), S::Error> {
        let Some(size) = Size::of(bytes.len()) else {
            debug_assert!(false, "a document holds a QR code that is too large");
            return Ok(());
        };
        let module_dots = size.module_dots(self.profile.width_dots);
        self.sink.put(&[0x1b, 0x4a, QUIET_DOTS])?;
        if self.profile.has_qr && !is_hazardous_qr(bytes) {
            return self.native_qr(bytes, size.correction, module_dots);
        }
        let Some(code) = Code::of(bytes) else { return Ok(()) };
        // Half the dots, which the printer doubles: a quarter of the bytes.
        let dots = module_dots / 2;
        let side_dots = code.side_modules() * dots;
        self.raster(side_dots, side_dots, 2, |x, y| code.is_black(x / dots, y / dots))?;
        self.sink.put(&[0x1b, 0x4a, QUIET_DOTS])
    }

    /// The bars, and below them the digits as text, for the day when no reader reads the bars.
    fn ean13(&mut self, code: Ean13) -> Result<(), S::Error> {
        self.restyle(Style { align: Align::Center, ..Style::PLAIN })?;
        self.sink.put(&[0x1b, 0x4a, BAR_GAP_DOTS])?;
        if self.profile.has_barcode {
            self.sink.put(&[0x1d, 0x48, 0, 0x1d, 0x68, BAR_HEIGHT_DOTS, 0x1d, 0x77, BAR_MODULE_DOTS])?;
            self.sink.put(&[0x1d, 0x6b, 0x43, 13])?;
            self.sink.put(code.digits().as_bytes())?;
        } else {
            let module_dots = u32::from(BAR_MODULE_DOTS);
            let width_dots = EAN13_MODULES * module_dots;
            self.raster(width_dots, u32::from(BAR_HEIGHT_DOTS), 1, |x, _| code.is_black(x / module_dots))?;
        }
        self.sink.put(code.digits().as_bytes())?;
        self.sink.put(b"\n")
    }

    fn native_qr(&mut self, bytes: &[u8], correction: Correction, module_dots: u32) -> Result<(), S::Error> {
        let size = u8::try_from(module_dots.clamp(1, 16)).unwrap_or(4);
        let level = match correction {
            Correction::Low => 0x30,
            Correction::Medium => 0x31,
        };
        self.restyle(Style { align: Align::Center, ..Style::PLAIN })?;
        self.sink.put(&[0x1d, 0x28, 0x6b, 0x04, 0x00, 0x31, 0x41, 0x32, 0x00])?;
        self.sink.put(&[0x1d, 0x28, 0x6b, 0x03, 0x00, 0x31, 0x43, size])?;
        self.sink.put(&[0x1d, 0x28, 0x6b, 0x03, 0x00, 0x31, 0x45, level])?;
        let [low, high] = qr_length(bytes);
        self.sink.put(&[0x1d, 0x28, 0x6b, low, high, 0x31, 0x50, 0x30])?;
        self.sink.put(bytes)?;
        self.sink.put(&[0x1d, 0x28, 0x6b, 0x03, 0x00, 0x31, 0x51, 0x30])?;
        self.sink.put(&[0x1b, 0x4a, QUIET_DOTS])
    }

    /// Writes a picture in slices, in the middle; `scale` 2 has the printer double each dot both ways.
    fn raster(&mut self, width_dots: u32, height_dots: u32, scale: u8, is_black: impl Fn(u32, u32) -> bool) -> Result<(), S::Error> {
        self.restyle(Style { align: Align::Center, ..Style::PLAIN })?;
        let stride = width_dots.div_ceil(8);
        if stride == 0 {
            return Ok(());
        }
        let [width_low, width_high, ..] = stride.to_le_bytes();
        // The printer puts whole bytes in the middle; the picture stands in the middle of them.
        let indent_dots = (stride * 8 - width_dots) / 2;
        let mut top = 0;
        while top < height_dots {
            let rows = (height_dots - top).min(u32::from(self.profile.raster_rows_max.max(1)));
            let [rows_low, rows_high, ..] = rows.to_le_bytes();
            let mode = if scale == 2 { 3 } else { 0 };
            self.sink.put(&[0x1d, 0x76, 0x30, mode, width_low, width_high, rows_low, rows_high])?;
            let mut before = 0;
            for y in top..top + rows {
                for column in 0..stride {
                    let mut byte = 0;
                    for bit in 0..8 {
                        let x = (column * 8 + bit).checked_sub(indent_dots);
                        byte |= u8::from(x.is_some_and(|x| x < width_dots && is_black(x, y))) << (7 - bit);
                    }
                    let byte = if is_real_time(before, byte) { byte | 0x08 } else { byte };
                    self.sink.put(&[byte])?;
                    before = byte;
                }
            }
            top += rows;
        }
        Ok(())
    }
}

fn put_line<S: Sink>(sink: &mut S, line: &[u8]) -> Result<(), S::Error> {
    sink.put(line)?;
    sink.put(b"\n")
}

/// Whether a printer would act on these two bytes wherever they stand.
#[must_use]
pub const fn is_real_time(first: u8, second: u8) -> bool {
    first == 0x10 && matches!(second, 0x04 | 0x05 | 0x14)
}

fn qr_length(bytes: &[u8]) -> [u8; 2] {
    let length = u16::try_from(bytes.len() + 3).unwrap_or(u16::MAX);
    length.to_le_bytes()
}

/// Whether the store command of this payload would hold a real-time command.
fn is_hazardous_qr(bytes: &[u8]) -> bool {
    let [low, high] = qr_length(bytes);
    is_real_time(low, high) || bytes.windows(2).any(|pair| is_real_time(pair[0], pair[1]))
}

/// What tells code pages apart: a printer with the right page prints exactly this.
pub const PAGE_SAMPLE: &str = "åäö ÅÄÖ éüæø€";

/// The sample under each page of [`Profile::page_lines`], numbered from 1, so that a person can say which line reads right.
/// Each line names the page's number for `ESC t` and the encoding that the sample was written in.
///
/// # Errors
/// Those of the sink.
pub fn encode_page_test<S: Sink>(profile: &Profile, sink: &mut S) -> Result<(), S::Error> {
    let mut encoder = Encoder::begin(profile, sink)?;
    encoder.element(&Element::Text { text: profile.name, style: Style::PLAIN })?;
    encoder.element(&Element::Text { text: PAGE_QUESTION, style: Style::PLAIN })?;
    for (page, line) in profile.page_lines().zip(1_u8..) {
        encoder.raw(&[0x1b, 0x74, page.number])?;
        encoder.raw(&right_aligned(line)[1..])?;
        encoder.raw(b") ")?;
        encoder.raw(&right_aligned(page.number))?;
        encoder.raw(b" ")?;
        let name = page.page.name().as_bytes();
        encoder.raw(name)?;
        encoder.raw(&b"        "[name.len().min(7)..])?;
        for byte in page.page.encode(PAGE_SAMPLE) {
            encoder.raw(&[byte])?;
        }
        encoder.raw(b"\n")?;
    }
    encoder.raw(&[0x1b, 0x74, profile.page_number])?;
    encoder.element(&Element::Cut)
}

/// Asks for what this model can tell about what was sent before: [`Encoder::proof`] without the beginning of a document.
///
/// # Errors
/// When the sink takes no more.
pub fn encode_proof<S: Sink>(profile: &Profile, id: [u8; 4], sink: &mut S) -> Result<(), S::Error> {
    match profile.proof {
        Proof::ProcessId => sink.put(&process_id_request(id)),
        Proof::StatusInLine => sink.put(&IN_LINE_STATUS),
        Proof::Nothing => Ok(()),
    }
}

/// In letters that every page has.
const PAGE_QUESTION: &str = "Which line has every letter right, and the euro?";

fn right_aligned(number: u8) -> [u8; 3] {
    let digit = |value: u8, is_shown: bool| if is_shown { b'0' + value % 10 } else { b' ' };
    [digit(number / 100, number >= 100), digit(number / 10, number >= 10), digit(number, true)]
}

/// What ends the remains of a print that broke off: it marks them as void and cuts them away, so that they hang on no later receipt.
/// Leaves the printer's modes alone but for style, and is written in letters that every page has.
///
/// # Errors
/// Those of the sink.
pub fn encode_void<S: Sink>(profile: &Profile, sink: &mut S) -> Result<(), S::Error> {
    sink.put(b"\n\x1b!\0\x1ba\0")?;
    sink.put(VOID_MARK.as_bytes())?;
    sink.put(b"\n")?;
    let mut encoder = Encoder { profile: *profile, sink, set: Style::PLAIN };
    encoder.cut()
}

/// What stands below a print that broke off.
pub const VOID_MARK: &str = "^^^ AVBRUTET / VOID ^^^";

#[cfg(all(test, feature = "std"))]
#[path = "escpos_tests.rs"]
mod tests;
