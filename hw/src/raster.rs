//! Black and white pictures, packed as printers want them: rows of whole bytes, the leftmost dot in the highest bit, 1 is black.

use core::convert::Infallible;

use embedded_graphics::pixelcolor::BinaryColor;
use embedded_graphics::prelude::*;

/// The largest picture either way, in dots.
pub const DOTS_MAX: u32 = 4096;

/// A picture that borrows its bits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Bitmap<'a> {
    width_dots: u32,
    height_dots: u32,
    bits: &'a [u8],
}

impl<'a> Bitmap<'a> {
    /// A picture over packed bits, `ceil(width / 8) * height` bytes.
    /// Nothing if the sizes do not agree or go beyond [`DOTS_MAX`].
    #[must_use]
    pub fn new(width_dots: u32, height_dots: u32, bits: &'a [u8]) -> Option<Self> {
        let fits = width_dots <= DOTS_MAX && height_dots <= DOTS_MAX && bytes_len(width_dots, height_dots) == bits.len();
        fits.then_some(Self { width_dots, height_dots, bits })
    }

    /// Width in dots.
    #[must_use]
    pub const fn width_dots(&self) -> u32 {
        self.width_dots
    }

    /// Height in dots.
    #[must_use]
    pub const fn height_dots(&self) -> u32 {
        self.height_dots
    }

    /// Whether the dot is black; outside is white.
    #[must_use]
    pub fn is_black(&self, x: u32, y: u32) -> bool {
        x < self.width_dots && y < self.height_dots && bit(self.bits, self.width_dots, x, y)
    }

    /// The packed bytes of one row; empty below the picture.
    #[must_use]
    pub fn row(&self, y: u32) -> &'a [u8] {
        let stride = stride_bytes(self.width_dots);
        let start = y as usize * stride;
        self.bits.get(start..start + stride).unwrap_or(&[])
    }
}

impl core::fmt::Debug for Bitmap<'_> {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(formatter, "Bitmap({}x{})", self.width_dots, self.height_dots)
    }
}

/// A picture to draw on, over any storage of bytes: an array without an allocator, a `Vec` with one.
/// `BinaryColor::On` is black.
#[derive(Clone, PartialEq, Eq)]
pub struct Canvas<S> {
    width_dots: u32,
    height_dots: u32,
    bits: S,
}

/// A picture that owns its bits.
#[cfg(feature = "std")]
pub type BitmapBuf = Canvas<Vec<u8>>;

impl<S: AsRef<[u8]>> Canvas<S> {
    /// A canvas over storage of exactly `ceil(width / 8) * height` bytes, with what is in it.
    #[must_use]
    pub fn over(width_dots: u32, height_dots: u32, bits: S) -> Option<Self> {
        Bitmap::new(width_dots, height_dots, bits.as_ref())?;
        Some(Self { width_dots, height_dots, bits })
    }

    /// The picture, borrowed.
    #[must_use]
    pub fn as_bitmap(&self) -> Bitmap<'_> {
        Bitmap { width_dots: self.width_dots, height_dots: self.height_dots, bits: self.bits.as_ref() }
    }
}

#[cfg(feature = "std")]
impl BitmapBuf {
    /// A white picture; sizes beyond [`DOTS_MAX`] are cut to it.
    #[must_use]
    pub fn white(width_dots: u32, height_dots: u32) -> Self {
        let (width_dots, height_dots) = (width_dots.min(DOTS_MAX), height_dots.min(DOTS_MAX));
        Self { width_dots, height_dots, bits: std::vec![0; bytes_len(width_dots, height_dots)] }
    }

    /// A picture of anything that draws itself in black and white.
    #[must_use]
    pub fn of(width_dots: u32, height_dots: u32, drawing: &impl Drawable<Color = BinaryColor>) -> Self {
        let mut canvas = Self::white(width_dots, height_dots);
        match drawing.draw(&mut canvas) {
            Ok(_) => canvas,
        }
    }
}

impl<S: AsMut<[u8]>> Canvas<S> {
    /// Sets one dot; outside nothing happens.
    pub fn set(&mut self, x: u32, y: u32, black: bool) {
        if x >= self.width_dots || y >= self.height_dots {
            return;
        }
        let index = y as usize * stride_bytes(self.width_dots) + x as usize / 8;
        let mask = 0x80 >> (x % 8);
        if let Some(byte) = self.bits.as_mut().get_mut(index) {
            if black { *byte |= mask } else { *byte &= !mask }
        }
    }
}

impl<S: AsRef<[u8]>> core::fmt::Debug for Canvas<S> {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.as_bitmap().fmt(formatter)
    }
}

impl<S> OriginDimensions for Canvas<S> {
    fn size(&self) -> Size {
        Size::new(self.width_dots, self.height_dots)
    }
}

impl<S: AsMut<[u8]>> DrawTarget for Canvas<S> {
    type Color = BinaryColor;
    type Error = Infallible;

    fn draw_iter<I: IntoIterator<Item = Pixel<BinaryColor>>>(&mut self, pixels: I) -> Result<(), Infallible> {
        for Pixel(point, color) in pixels {
            if let (Ok(x), Ok(y)) = (u32::try_from(point.x), u32::try_from(point.y)) {
                self.set(x, y, color.is_on());
            }
        }
        Ok(())
    }
}

/// Bytes in a row of so many dots.
#[must_use]
pub const fn stride_bytes(width_dots: u32) -> usize {
    width_dots.div_ceil(8) as usize
}

/// Bytes in a picture.
#[must_use]
pub const fn bytes_len(width_dots: u32, height_dots: u32) -> usize {
    stride_bytes(width_dots) * height_dots as usize
}

fn bit(bits: &[u8], width_dots: u32, x: u32, y: u32) -> bool {
    let index = y as usize * stride_bytes(width_dots) + x as usize / 8;
    bits.get(index).is_some_and(|byte| byte & (0x80 >> (x % 8)) != 0)
}
