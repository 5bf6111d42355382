//! A document that owns what it says, and a builder to write it with.

use std::string::String;
use std::vec::Vec;

use super::ean::Ean13;
use super::{Align, Element, QR_BYTES_MAX, Style};
use crate::raster::BitmapBuf;

/// A document that owns its elements. Builds from top to bottom; `center`, `bold`, `double` and their like change the element before them.
///
/// ```
/// use hw::document::DocumentBuf;
/// let mut receipt = DocumentBuf::new();
/// receipt.text("Bistro Exempel AB").center().double();
/// receipt.row("Kaffe", "32,00").rule().row("ATT BETALA", "32,00").bold().cut();
/// assert!(receipt.to_text(20).contains("Kaffe          32,00"));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DocumentBuf {
    elements: Vec<Owned>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Owned {
    Text { text: String, style: Style },
    Row { left: String, right: String, style: Style },
    Rule,
    Logo(BitmapBuf),
    Qr(Vec<u8>),
    Ean13(Ean13),
    Feed(u8),
    Cut,
    DrawerPulse,
}

impl DocumentBuf {
    /// An empty document.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a paragraph at the left margin.
    pub fn text(&mut self, text: impl Into<String>) -> &mut Self {
        self.push(Owned::Text { text: text.into(), style: Style::PLAIN })
    }

    /// Adds a line with text at both margins.
    pub fn row(&mut self, left: impl Into<String>, right: impl Into<String>) -> &mut Self {
        self.push(Owned::Row { left: left.into(), right: right.into(), style: Style::PLAIN })
    }

    /// Adds a line from margin to margin.
    pub fn rule(&mut self) -> &mut Self {
        self.push(Owned::Rule)
    }

    /// Adds a picture.
    pub fn logo(&mut self, picture: BitmapBuf) -> &mut Self {
        self.push(Owned::Logo(picture))
    }

    /// Adds a QR code of at most [`QR_BYTES_MAX`] bytes.
    ///
    /// # Panics
    /// With more bytes than any QR code holds: the caller's mistake, found before it is on paper.
    pub fn qr(&mut self, bytes: impl Into<Vec<u8>>) -> &mut Self {
        let bytes = bytes.into();
        assert!(bytes.len() <= QR_BYTES_MAX, "a QR code holds at most {QR_BYTES_MAX} bytes");
        self.push(Owned::Qr(bytes))
    }

    /// Adds an EAN-13 barcode with its digits below.
    pub fn ean13(&mut self, code: Ean13) -> &mut Self {
        self.push(Owned::Ean13(code))
    }

    /// Adds empty lines.
    pub fn feed(&mut self, lines: u8) -> &mut Self {
        self.push(Owned::Feed(lines))
    }

    /// Cuts the paper.
    pub fn cut(&mut self) -> &mut Self {
        self.push(Owned::Cut)
    }

    /// Opens the cash drawer.
    pub fn drawer_pulse(&mut self) -> &mut Self {
        self.push(Owned::DrawerPulse)
    }

    /// Puts the last text in the middle.
    pub fn center(&mut self) -> &mut Self {
        self.restyle(|style| style.align = Align::Center)
    }

    /// Puts the last text at the right margin.
    pub fn right(&mut self) -> &mut Self {
        self.restyle(|style| style.align = Align::Right)
    }

    /// Makes the last text bold.
    pub fn bold(&mut self) -> &mut Self {
        self.restyle(|style| style.bold = true)
    }

    /// Makes the last text twice as wide and twice as high.
    /// The marks of a copy, of training and of a pro forma are set so, and amounts are never enlarged:
    /// SKVFS 2014:9 ch. 5 § 5 wants the mark at least twice as large as the amounts.
    pub fn double(&mut self) -> &mut Self {
        self.size(2, 2)
    }

    /// Makes the last text twice as high.
    pub fn tall(&mut self) -> &mut Self {
        self.size(1, 2)
    }

    /// Enlarges the last text, 1 to 8 times in each direction.
    pub fn size(&mut self, width_scale: u8, height_scale: u8) -> &mut Self {
        self.restyle(|style| *style = Style { width_scale, height_scale, ..*style }.clamped())
    }

    /// Adds everything of another document.
    pub fn append(&mut self, other: &Self) -> &mut Self {
        self.elements.extend_from_slice(&other.elements);
        self
    }

    /// Adds everything of another document above.
    pub fn prepend(&mut self, other: &Self) -> &mut Self {
        self.elements.splice(0..0, other.elements.iter().cloned());
        self
    }

    /// Whether there is nothing to print.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.elements.is_empty()
    }

    /// The elements from top to bottom, as the codec wants them.
    pub fn elements(&self) -> impl Iterator<Item = Element<'_>> + Clone {
        self.elements.iter().map(|element| match element {
            Owned::Text { text, style } => Element::Text { text, style: *style },
            Owned::Row { left, right, style } => Element::Row { left, right, style: *style },
            Owned::Rule => Element::Rule,
            Owned::Logo(picture) => Element::Logo(picture.as_bitmap()),
            Owned::Qr(bytes) => Element::Qr(bytes),
            Owned::Ean13(code) => Element::Ean13(*code),
            Owned::Feed(lines) => Element::Feed(*lines),
            Owned::Cut => Element::Cut,
            Owned::DrawerPulse => Element::DrawerPulse,
        })
    }

    /// The document as plain text, as the printer would set it at so many columns: same wrapping, same transliteration.
    /// Pictures and QR codes stand as a line in brackets, enlarged text is spaced out as wide as it will be.
    #[must_use]
    pub fn to_text(&self, columns: usize) -> String {
        super::text::render(self.elements(), columns)
    }

    fn push(&mut self, element: Owned) -> &mut Self {
        self.elements.push(element);
        self
    }

    fn restyle(&mut self, change: impl FnOnce(&mut Style)) -> &mut Self {
        if let Some(Owned::Text { style, .. } | Owned::Row { style, .. }) = self.elements.last_mut() {
            change(style);
        }
        self
    }
}
