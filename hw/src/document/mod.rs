//! What a receipt printer is asked to print, without a word about how.

#[cfg(feature = "std")]
mod buf;
pub mod ean;
pub mod layout;
#[cfg(feature = "std")]
mod text;

#[cfg(feature = "std")]
pub use buf::DocumentBuf;

use crate::raster::Bitmap;

/// The largest factor a character can be enlarged by, in each direction.
pub const SCALE_MAX: u8 = 8;
/// The longest QR payload in bytes: what version 40 holds at the lowest error correction.
pub const QR_BYTES_MAX: usize = 2953;

/// Where a line stands between the margins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Align {
    /// At the left margin.
    #[default]
    Left,
    /// In the middle.
    Center,
    /// At the right margin.
    Right,
}

/// How characters look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Where the line stands.
    pub align: Align,
    /// Heavier strokes.
    pub bold: bool,
    /// Width factor, 1 to [`SCALE_MAX`].
    pub width_scale: u8,
    /// Height factor, 1 to [`SCALE_MAX`].
    pub height_scale: u8,
}

impl Style {
    /// Left, light, 1 × 1.
    pub const PLAIN: Self = Self { align: Align::Left, bold: false, width_scale: 1, height_scale: 1 };

    /// The same with both factors inside their limits.
    #[must_use]
    pub fn clamped(self) -> Self {
        Self { width_scale: self.width_scale.clamp(1, SCALE_MAX), height_scale: self.height_scale.clamp(1, SCALE_MAX), ..self }
    }
}

impl Default for Style {
    fn default() -> Self {
        Self::PLAIN
    }
}

/// One piece of a document, from top to bottom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Element<'a> {
    /// A paragraph; wrapped between words, and at each `\n`.
    Text {
        /// Any text; control characters become spaces.
        text: &'a str,
        /// How it looks.
        style: Style,
    },
    /// Text at the left margin and text at the right margin, the line filled to the width.
    /// Left text that is too long continues below, indented, the right text stays in the first line.
    Row {
        /// At the left margin.
        left: &'a str,
        /// At the right margin, kept in one piece when it fits the paper.
        right: &'a str,
        /// How both look; the alignment is not used.
        style: Style,
    },
    /// A line from margin to margin.
    Rule,
    /// A picture, in the middle.
    Logo(Bitmap<'a>),
    /// A QR code of these bytes, in the middle; at most [`QR_BYTES_MAX`].
    Qr(&'a [u8]),
    /// An EAN-13 barcode in the middle, its digits below.
    Ean13(ean::Ean13),
    /// Empty lines.
    Feed(u8),
    /// Cut the paper; feeds what is needed for that by itself.
    Cut,
    /// Open the cash drawer.
    DrawerPulse,
}

/// A document that borrows its elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Document<'a> {
    /// From top to bottom.
    pub elements: &'a [Element<'a>],
}

impl<'a> IntoIterator for Document<'a> {
    type Item = Element<'a>;
    type IntoIter = core::iter::Copied<core::slice::Iter<'a, Element<'a>>>;

    fn into_iter(self) -> Self::IntoIter {
        self.elements.iter().copied()
    }
}

#[cfg(all(test, feature = "std"))]
mod tests;
