//! Pages as the bytes of a pole display: Epson DM-D110 commands, 20 columns and 2 lines. Pure, without an allocator.
//!
//! Source: Epson, command reference of the DM-D110. The same commands are understood by most pole displays that are sold as ESC/POS.

use super::Page;
use crate::printer::code_page::CodePage;
use crate::printer::escpos::Sink;

/// Characters of a line.
pub const COLUMNS: usize = 20;
/// Lines.
pub const ROWS: usize = 2;
/// The most bytes that [`frame`] writes.
pub const FRAME_BYTES_MAX: usize = 72;

/// Stands in for an amount that is wider than the display: no amount is better than a part of one.
const TOO_WIDE: u8 = b'*';

/// From here on bytes are for the display only.
const TO_DISPLAY: [u8; 3] = [0x1b, 0x3d, 0x02];
/// From here on bytes are for the printer only.
const TO_PRINTER: [u8; 3] = [0x1b, 0x3d, 0x01];
/// A display that stopped within a command takes the two for its parameters; any other clears its screen. Then: initialise.
const GREETING: [u8; 4] = [0x0c, 0x0c, 0x1b, 0x40];

/// How bright the characters are, of four steps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u8)]
pub enum Brightness {
    /// For the night.
    Dimmest = 1,
    /// A step up.
    Dim = 2,
    /// A step below full.
    Bright = 3,
    /// Full.
    #[default]
    Brightest = 4,
}

impl Brightness {
    /// The step of that number, 1 to 4.
    #[must_use]
    pub const fn step(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::Dimmest),
            2 => Some(Self::Dim),
            3 => Some(Self::Bright),
            4 => Some(Self::Brightest),
            _ => None,
        }
    }
}

/// What one pole display is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoleSettings {
    /// The code page to write in.
    pub page: CodePage,
    /// Its number for `ESC t` on this model.
    pub page_number: u8,
    /// How bright it is.
    pub brightness: Brightness,
    /// The display hangs on the printer's line: each frame says that it is for the display, and gives the line back to the printer.
    pub pass_through: bool,
}

impl Default for PoleSettings {
    /// Code page 858 under Epson's number, full brightness, a line of its own.
    fn default() -> Self {
        Self { page: CodePage::Pc858, page_number: 19, brightness: Brightness::default(), pass_through: false }
    }
}

/// Every character of the display, in its code page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Screen(pub [[u8; COLUMNS]; ROWS]);

impl Screen {
    /// Sets a page: left texts from the left edge and cut short where room is needed, right texts whole at the right edge,
    /// a lone greeting in the middle.
    #[must_use]
    pub fn of(page: &Page<'_>, code_page: CodePage) -> Self {
        if page.is_greeting() {
            return Self([in_the_middle(code_page, page.top_left), in_the_middle(code_page, page.bottom_left)]);
        }
        Self([row(code_page, page.top_left, page.top_right), row(code_page, page.bottom_left, page.bottom_right)])
    }
}

/// The bytes that show a whole screen. `first` after power-on and after the line was lost; else nothing flickers.
///
/// The modes go with each frame, so that a display that was switched off and on is right again with the next one.
///
/// # Errors
/// Those of the sink.
pub fn frame<S: Sink>(settings: &PoleSettings, screen: &Screen, first: bool, sink: &mut S) -> Result<(), S::Error> {
    if settings.pass_through {
        sink.put(&TO_DISPLAY)?;
    }
    if first {
        sink.put(&GREETING)?;
    }
    // Overwrite mode: a full line must not scroll the other one away. No cursor, no national variant of ASCII.
    sink.put(&[0x1f, 0x01, 0x1f, 0x43, 0x00, 0x1b, 0x52, 0x00])?;
    sink.put(&[0x1b, 0x74, settings.page_number, 0x1f, 0x58, settings.brightness as u8])?;
    for (line, row) in (1..).zip(&screen.0) {
        sink.put(&[0x1f, 0x24, 0x01, line])?;
        sink.put(row)?;
    }
    if settings.pass_through {
        sink.put(&TO_PRINTER)?;
    }
    Ok(())
}

fn row(code_page: CodePage, left: &str, right: &str) -> [u8; COLUMNS] {
    let mut row = [b' '; COLUMNS];
    let right_columns = characters(code_page, right).count();
    if right_columns > COLUMNS {
        return [TOO_WIDE; COLUMNS];
    }
    let right_start = COLUMNS - right_columns;
    let gap = usize::from(right_columns > 0);
    fill(&mut row[..right_start.saturating_sub(gap)], characters(code_page, left));
    fill(&mut row[right_start..], characters(code_page, right));
    row
}

fn in_the_middle(code_page: CodePage, text: &str) -> [u8; COLUMNS] {
    let mut row = [b' '; COLUMNS];
    let start = COLUMNS.saturating_sub(characters(code_page, text).count()) / 2;
    fill(&mut row[start..], characters(code_page, text));
    row
}

fn fill(cells: &mut [u8], characters: impl Iterator<Item = u8>) {
    for (cell, character) in cells.iter_mut().zip(characters) {
        *cell = character;
    }
}

/// The text's bytes. A no-break space is a space here: displays show its byte as a block.
fn characters(code_page: CodePage, text: &str) -> impl Iterator<Item = u8> + '_ {
    code_page.encode(text).map(move |byte| if code_page.decode(byte) == '\u{a0}' { b' ' } else { byte })
}

#[cfg(all(test, feature = "std"))]
mod tests {
    use super::*;

    fn check(page: Page<'_>, expected: [&str; 2]) {
        let screen = Screen::of(&page, CodePage::Pc858);
        let shown = screen.0.map(|row| row.iter().map(|&byte| CodePage::Pc858.decode(byte)).collect::<String>());
        assert_eq!(shown, expected);
    }

    #[test]
    fn a_line_and_a_total_stand_at_both_edges() {
        let page = Page { top_left: "2 × Bryggkaffe", top_right: "64,00", bottom_left: "Totalt", bottom_right: "1\u{a0}064,00\u{a0}€" };
        check(page, ["2 × Bryggkaffe 64,00", "Totalt    1 064,00 €"]);
    }

    #[test]
    fn the_left_text_gives_way_and_the_amount_never() {
        let page =
            Page { top_left: "Smörgås med skagenröra", top_right: "89,00", bottom_left: "", bottom_right: "12345678901234567,00" };
        check(page, ["Smörgås med sk 89,00", "12345678901234567,00"]);
    }

    #[test]
    fn an_amount_that_is_too_wide_is_not_shown_in_part() {
        let page = Page { top_right: "1", bottom_left: "Totalt", bottom_right: "123456789012345678,00", ..Page::default() };
        check(page, ["                   1", "********************"]);
    }

    #[test]
    fn a_greeting_stands_in_the_middle() {
        check(
            Page { top_left: "Bistro Exempel", bottom_left: "Välkommen!", ..Page::default() },
            ["   Bistro Exempel   ", "     Välkommen!     "],
        );
        check(Page { top_left: "Ett ganska långt företagsnamn", ..Page::default() }, ["Ett ganska långt för", "                    "]);
    }

    #[test]
    fn a_frame_is_as_the_manual_has_it() {
        let mut bytes = heapless::Vec::<u8, FRAME_BYTES_MAX>::new();
        let settings = PoleSettings { pass_through: true, brightness: Brightness::Dim, ..PoleSettings::default() };
        let screen = Screen::of(&Page { top_left: "å", top_right: "€", ..Page::default() }, settings.page);
        assert_eq!(frame(&settings, &screen, true, &mut bytes), Ok(()));
        let mut expected = vec![0x1b, 0x3d, 0x02, 0x0c, 0x0c, 0x1b, 0x40, 0x1f, 0x01, 0x1f, 0x43, 0x00, 0x1b, 0x52, 0x00];
        expected.extend([0x1b, 0x74, 0x13, 0x1f, 0x58, 0x02, 0x1f, 0x24, 0x01, 0x01, 0x86]);
        expected.extend([0x20; 18]);
        expected.extend([0xd5, 0x1f, 0x24, 0x01, 0x02]);
        expected.extend([0x20; 20]);
        expected.extend([0x1b, 0x3d, 0x01]);
        assert_eq!(bytes, expected[..]);
        assert_eq!(bytes.len(), FRAME_BYTES_MAX);
    }
}
