//! The demonstration's mark: a trolley and its name.

use embedded_graphics::mono_font::MonoTextStyle;
use embedded_graphics::mono_font::iso_8859_15::FONT_10X20;
use embedded_graphics::pixelcolor::BinaryColor;
use embedded_graphics::prelude::*;
use embedded_graphics::primitives::{
    Circle, Line, Polyline, PrimitiveStyle, PrimitiveStyleBuilder, Rectangle, RoundedRectangle, StrokeAlignment,
};

/// Width of the mark in dots.
pub const LOGO_WIDTH_DOTS: u32 = 264;
/// Height of the mark in dots.
pub const LOGO_HEIGHT_DOTS: u32 = 72;

/// A service trolley beside the word TROLLEY, [`LOGO_WIDTH_DOTS`] × [`LOGO_HEIGHT_DOTS`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TrolleyLogo;

impl Drawable for TrolleyLogo {
    type Color = BinaryColor;
    type Output = ();

    fn draw<D: DrawTarget<Color = BinaryColor>>(&self, target: &mut D) -> Result<(), D::Error> {
        draw_trolley(target)?;
        draw_word(target, "TROLLEY", Point::new(84, 20), 2)
    }
}

/// The mark as a picture for a document.
#[cfg(feature = "std")]
#[must_use]
pub fn trolley() -> crate::raster::BitmapBuf {
    crate::raster::BitmapBuf::of(LOGO_WIDTH_DOTS, LOGO_HEIGHT_DOTS, &TrolleyLogo)
}

fn draw_trolley<D: DrawTarget<Color = BinaryColor>>(target: &mut D) -> Result<(), D::Error> {
    let stroke =
        PrimitiveStyleBuilder::new().stroke_color(BinaryColor::On).stroke_width(4).stroke_alignment(StrokeAlignment::Inside).build();
    let thin = PrimitiveStyle::with_stroke(BinaryColor::On, 3);
    let black = PrimitiveStyle::with_fill(BinaryColor::On);
    let white = PrimitiveStyle::with_fill(BinaryColor::Off);
    // Body with two drawers, and the handle towards the word.
    let body = Rectangle::new(Point::new(6, 18), Size::new(52, 40));
    RoundedRectangle::with_equal_corners(body, Size::new(7, 7)).into_styled(stroke).draw(target)?;
    Line::new(Point::new(8, 37), Point::new(55, 37)).into_styled(thin).draw(target)?;
    for top in [27, 46] {
        RoundedRectangle::with_equal_corners(Rectangle::new(Point::new(23, top), Size::new(18, 4)), Size::new(2, 2))
            .into_styled(black)
            .draw(target)?;
    }
    Polyline::new(&[Point::new(56, 28), Point::new(66, 22), Point::new(66, 10), Point::new(72, 10)]).into_styled(thin).draw(target)?;
    // A cup on top, with steam.
    RoundedRectangle::with_equal_corners(Rectangle::new(Point::new(18, 7), Size::new(18, 12)), Size::new(3, 3))
        .into_styled(black)
        .draw(target)?;
    Circle::new(Point::new(32, 8), 9).into_styled(PrimitiveStyle::with_stroke(BinaryColor::On, 2)).draw(target)?;
    for x in [22, 29] {
        Line::new(Point::new(x, 4), Point::new(x + 2, 0)).into_styled(PrimitiveStyle::with_stroke(BinaryColor::On, 2)).draw(target)?;
    }
    for left in [11, 41] {
        Circle::new(Point::new(left, 57), 13).into_styled(black).draw(target)?;
        Circle::new(Point::new(left + 4, 61), 5).into_styled(white).draw(target)?;
    }
    Ok(())
}

/// The word in enlarged letters with a heavy stroke, drawn without an intermediate picture.
fn draw_word<D: DrawTarget<Color = BinaryColor>>(target: &mut D, word: &str, origin: Point, scale: u32) -> Result<(), D::Error> {
    use embedded_graphics::text::{Baseline, Text};
    let mut enlarged = Enlarged { target, origin, scale };
    let style = MonoTextStyle::new(&FONT_10X20, BinaryColor::On);
    let step = i32::try_from(FONT_10X20.character_size.width).unwrap_or(0);
    for (index, start) in word.char_indices().map(|(start, _)| start).enumerate() {
        let letter = &word[start..=start];
        let x = i32::try_from(index).unwrap_or(0) * (step + 3);
        for shift in [0, 1] {
            Text::with_baseline(letter, Point::new(x + shift, 0), style, Baseline::Top).draw(&mut enlarged)?;
        }
    }
    Ok(())
}

struct Enlarged<'a, D> {
    target: &'a mut D,
    origin: Point,
    scale: u32,
}

impl<D: DrawTarget<Color = BinaryColor>> Dimensions for Enlarged<'_, D> {
    fn bounding_box(&self) -> Rectangle {
        self.target.bounding_box()
    }
}

impl<D: DrawTarget<Color = BinaryColor>> DrawTarget for Enlarged<'_, D> {
    type Color = BinaryColor;
    type Error = D::Error;

    fn draw_iter<I: IntoIterator<Item = Pixel<BinaryColor>>>(&mut self, pixels: I) -> Result<(), D::Error> {
        let step = i32::try_from(self.scale).unwrap_or(1);
        for Pixel(point, color) in pixels {
            self.target.fill_solid(&Rectangle::new(self.origin + point * step, Size::new_equal(self.scale)), color)?;
        }
        Ok(())
    }
}
