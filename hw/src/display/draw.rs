//! Draws a page on any black and white screen: the simulator's and an OLED's alike.

use embedded_graphics::mono_font::iso_8859_15::{FONT_5X8, FONT_6X13, FONT_7X13, FONT_9X18_BOLD, FONT_10X20};
use embedded_graphics::mono_font::{MonoFont, MonoTextStyle};
use embedded_graphics::pixelcolor::BinaryColor;
use embedded_graphics::prelude::*;
use embedded_graphics::primitives::{Line, PrimitiveStyle};
use embedded_graphics::text::{Alignment, Baseline, Text, TextStyleBuilder};

use super::Page;
use crate::printer::code_page::stand_in;

/// The most bytes of a text that are drawn: more than any display of 256 dots holds.
const TEXT_BYTES_MAX: usize = 192;
/// Stands in for an amount that is wider than the display: no amount is better than a part of one.
const TOO_WIDE: &str = "***";

const MARGIN_DOTS: i32 = 2;
/// Room between the left and the right text of a line.
const GAP_DOTS: u32 = 8;

/// Clears the screen and draws the page: first line above, second line below a rule, a lone greeting in the middle.
///
/// # Errors
/// Those of the screen.
pub fn draw_page<D: DrawTarget<Color = BinaryColor>>(page: &Page<'_>, target: &mut D) -> Result<(), D::Error> {
    target.clear(BinaryColor::Off)?;
    let texts = [page.top_left, page.top_right, page.bottom_left, page.bottom_right].map(spelled);
    let page = &Page { top_left: &texts[0], top_right: &texts[1], bottom_left: &texts[2], bottom_right: &texts[3] };
    let area = target.bounding_box();
    let half = i32::try_from(area.size.height / 2).unwrap_or(0);
    let has_top = !(page.top_left.is_empty() && page.top_right.is_empty());
    let has_bottom = !(page.bottom_left.is_empty() && page.bottom_right.is_empty());
    if page.is_greeting() {
        let (first, second) = if has_bottom { (half / 2 + half / 8, half + half / 2 - half / 16) } else { (half, half) };
        in_the_middle(target, page.top_left, first, &[&FONT_10X20, &FONT_9X18_BOLD, &FONT_7X13, &FONT_6X13, &FONT_5X8])?;
        return if has_bottom { in_the_middle(target, page.bottom_left, second, &[&FONT_7X13, &FONT_6X13, &FONT_5X8]) } else { Ok(()) };
    }
    if has_top {
        line(target, page.top_left, page.top_right, half / 2, &[&FONT_9X18_BOLD, &FONT_7X13, &FONT_6X13])?;
    }
    if has_top && has_bottom {
        let right = i32::try_from(area.size.width).unwrap_or(0) - 1 - MARGIN_DOTS;
        Line::new(Point::new(MARGIN_DOTS, half), Point::new(right, half))
            .into_styled(PrimitiveStyle::with_stroke(BinaryColor::On, 1))
            .draw(target)?;
    }
    if has_bottom {
        // Not the largest font: its comma reads as a point.
        line(target, page.bottom_left, page.bottom_right, half + half / 2 + 1, &[&FONT_9X18_BOLD, &FONT_7X13, &FONT_6X13])?;
    }
    Ok(())
}

/// One line around `middle`, in the largest of the fonts that holds both texts; in the smallest the left text is cut short.
fn line<D: DrawTarget<Color = BinaryColor>>(
    target: &mut D,
    left: &str,
    right: &str,
    middle: i32,
    fonts: &[&MonoFont<'_>],
) -> Result<(), D::Error> {
    let room = target.bounding_box().size.width.saturating_sub(2 * MARGIN_DOTS.unsigned_abs());
    let width = |font: &MonoFont<'_>, text: &str| u32::try_from(text.chars().count()).unwrap_or(u32::MAX).saturating_mul(step(font));
    let right = if fonts.last().is_some_and(|smallest| width(smallest, right) <= room) { right } else { TOO_WIDE };
    let fits = |font: &&&MonoFont<'_>| width(font, left).saturating_add(width(font, right)).saturating_add(GAP_DOTS) <= room;
    let Some(font) = fonts.iter().find(fits).or(fonts.last()) else { return Ok(()) };
    let room_left = room.saturating_sub(width(font, right) + if right.is_empty() { 0 } else { GAP_DOTS });
    let columns_left = usize::try_from(room_left / step(font)).unwrap_or(0);
    let end = left.char_indices().nth(columns_left).map_or(left.len(), |(at, _)| at);
    put(target, &left[..end], Point::new(MARGIN_DOTS, middle), Alignment::Left, font)?;
    let right_edge = i32::try_from(target.bounding_box().size.width).unwrap_or(0) - 1 - MARGIN_DOTS;
    put(target, right, Point::new(right_edge, middle), Alignment::Right, font)
}

/// One text in the middle, in the largest of the fonts that holds it; in the smallest its end is cut off.
fn in_the_middle<D: DrawTarget<Color = BinaryColor>>(
    target: &mut D,
    text: &str,
    middle: i32,
    fonts: &[&MonoFont<'_>],
) -> Result<(), D::Error> {
    let room = target.bounding_box().size.width;
    let columns = u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
    let Some(font) = fonts.iter().find(|font| columns.saturating_mul(step(font)) <= room).or(fonts.last()) else { return Ok(()) };
    let columns_max = usize::try_from(room / step(font)).unwrap_or(0);
    let end = text.char_indices().nth(columns_max).map_or(text.len(), |(at, _)| at);
    put(target, &text[..end], Point::new(i32::try_from(room / 2).unwrap_or(0), middle), Alignment::Center, font)
}

fn put<D: DrawTarget<Color = BinaryColor>>(
    target: &mut D,
    text: &str,
    at: Point,
    alignment: Alignment,
    font: &MonoFont<'_>,
) -> Result<(), D::Error> {
    let set = TextStyleBuilder::new().alignment(alignment).baseline(Baseline::Middle).build();
    Text::with_text_style(text, at, MonoTextStyle::new(font, BinaryColor::On), set).draw(target).map(|_| ())
}

/// The text in letters that the fonts have; the rest is spelled out, never a question mark.
fn spelled(text: &str) -> heapless::String<TEXT_BYTES_MAX> {
    let mut spelled = heapless::String::new();
    for character in text.chars() {
        let pushed = match character {
            '\u{a0}' => spelled.push(' '),
            _ if is_latin_9(character) => spelled.push(character),
            _ => spelled.push_str(stand_in(character)),
        };
        if pushed.is_err() {
            break;
        }
    }
    spelled
}

/// Whether ISO 8859-15 has the character.
const fn is_latin_9(character: char) -> bool {
    match character {
        '¤' | '¦' | '¨' | '´' | '¸' | '¼' | '½' | '¾' | '\u{ad}' => false,
        '€' | 'Š' | 'š' | 'Ž' | 'ž' | 'Œ' | 'œ' | 'Ÿ' => true,
        ' '..='~' | '\u{a1}'..='\u{ff}' => true,
        _ => false,
    }
}

const fn step(font: &MonoFont<'_>) -> u32 {
    font.character_size.width + font.character_spacing
}
