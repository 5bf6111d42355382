//! The demonstration's mark: a trolley and its name.

use embedded_graphics::pixelcolor::BinaryColor;
use embedded_graphics::prelude::*;
use embedded_graphics::primitives::{
    Circle, Line, Polyline, PrimitiveStyle, PrimitiveStyleBuilder, Rectangle, RoundedRectangle, StrokeAlignment,
};

/// Width of the mark in dots.
pub const LOGO_WIDTH_DOTS: u32 = 272;
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
        draw_word(target, Point::new(86, 26))
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

/// Height of the letters, their width, the step to the next one, and the weight of their strokes.
const LETTER_HEIGHT: i32 = 34;
const LETTER_WIDTH: i32 = 20;
const LETTER_STEP: i32 = 26;
const STROKE_DOTS: u32 = 5;

/// The word TROLLEY in letters made of strokes.
fn draw_word<D: DrawTarget<Color = BinaryColor>>(target: &mut D, origin: Point) -> Result<(), D::Error> {
    let mut left = origin;
    for letter in "TROLLEY".chars() {
        draw_letter(target, letter, left)?;
        left.x += LETTER_STEP;
    }
    Ok(())
}

fn draw_letter<D: DrawTarget<Color = BinaryColor>>(target: &mut D, letter: char, at: Point) -> Result<(), D::Error> {
    let (right, bottom, center, middle) = (LETTER_WIDTH, LETTER_HEIGHT, LETTER_WIDTH / 2, LETTER_HEIGHT / 2 - 1);
    let strokes: &[[(i32, i32); 2]] = match letter {
        'T' => &[[(0, 0), (right, 0)], [(center, 0), (center, bottom)]],
        'R' => &[[(0, 0), (0, bottom)], [(8, middle + 2), (right, bottom)]],
        'L' => &[[(0, 0), (0, bottom)], [(0, bottom), (right, bottom)]],
        'E' => &[[(0, 0), (0, bottom)], [(0, 0), (right, 0)], [(0, middle), (right - 3, middle)], [(0, bottom), (right, bottom)]],
        'Y' => &[[(0, 0), (center, middle)], [(right, 0), (center, middle)], [(center, middle), (center, bottom)]],
        _ => &[],
    };
    let pen = PrimitiveStyle::with_stroke(BinaryColor::On, STROKE_DOTS);
    let cap = PrimitiveStyle::with_fill(BinaryColor::On);
    for &[(from_x, from_y), (to_x, to_y)] in strokes {
        let (from, to) = (at + Point::new(from_x, from_y), at + Point::new(to_x, to_y));
        Line::new(from, to).into_styled(pen).draw(target)?;
        for end in [from, to] {
            Circle::with_center(end, STROKE_DOTS).into_styled(cap).draw(target)?;
        }
    }
    let bowl = match letter {
        'R' => Size::new(21, 20),
        'O' => Size::new(21, 35),
        _ => return Ok(()),
    };
    let style = PrimitiveStyleBuilder::new()
        .stroke_color(BinaryColor::On)
        .stroke_width(STROKE_DOTS)
        .stroke_alignment(StrokeAlignment::Center)
        .build();
    RoundedRectangle::with_equal_corners(Rectangle::new(at, bowl), Size::new(9, 9)).into_styled(style).draw(target)
}
