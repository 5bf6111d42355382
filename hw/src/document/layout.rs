//! Sets text and rows into lines of a fixed number of columns.
//!
//! Works on bytes of the printer's code page, one byte one column, after transliteration: what is counted is what is printed.

use heapless::Vec;

use super::Align;
use crate::printer::code_page::CodePage;

/// The widest paper: 80 mm in the small font has 64 columns.
pub const COLUMNS_MAX: usize = 64;
/// Continuation lines of a row's left text stand this far in.
const CONTINUATION_INDENT: usize = 2;
/// A left column narrower than this is not worth having: the right text gets its own line.
const LEFT_COLUMNS_MIN: usize = 8;

/// One line in the bytes of a code page.
pub type Line = Vec<u8, COLUMNS_MAX>;

/// Wraps a paragraph between words into lines of at most `columns` and hands each to `out`, without trailing spaces.
/// A word longer than a line is cut, because it has to be. Empty text is one empty line.
pub fn paragraph<E>(page: CodePage, text: &str, columns: usize, mut out: impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
    for part in text.split('\n') {
        wrap(page, part, |_| columns.clamp(1, COLUMNS_MAX), |_, line| out(line))?;
    }
    Ok(())
}

/// Sets a row: the right text at the right margin of the first line, the left text wrapped beside it, continued below and indented.
/// Where the paper leaves no decent left column, the right text stands below on its own line.
pub fn row<E>(page: CodePage, left: &str, right: &str, columns: usize, mut out: impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
    let columns = columns.clamp(1, COLUMNS_MAX);
    let right_columns = page.encode(right).count();
    let left_columns = page.encode(left).count();
    let beside = columns.saturating_sub(right_columns + 1);
    if right_columns == 0 {
        return wrap(page, left, |index| indented(columns, index), |index, line| out(&placed(line, b"", columns, index)));
    }
    if (left_columns > beside && beside < LEFT_COLUMNS_MIN) || right_columns > columns {
        wrap(page, left, |index| indented(columns, index), |index, line| out(&placed(line, b"", columns, index)))?;
        return paragraph(page, right, columns, |line| out(&aligned(line, Align::Right, columns)));
    }
    let mut right_line = Line::new();
    right_line.extend(page.encode(right).take(columns));
    wrap(
        page,
        left,
        |index| if index == 0 { beside.max(1) } else { indented(beside, index) },
        |index, line| out(&placed(line, if index == 0 { &right_line } else { b"" }, columns, index)),
    )
}

/// The line padded with spaces at the left, so that it stands where `align` says on paper of `columns`.
#[must_use]
pub fn aligned(line: &[u8], align: Align, columns: usize) -> Line {
    let free = columns.min(COLUMNS_MAX).saturating_sub(line.len());
    let indent = match align {
        Align::Left => 0,
        Align::Center => free / 2,
        Align::Right => free,
    };
    let mut set = Line::new();
    set.extend(core::iter::repeat_n(b' ', indent).chain(line.iter().copied()).take(COLUMNS_MAX));
    set
}

fn indented(columns: usize, index: usize) -> usize {
    if index == 0 || columns <= LEFT_COLUMNS_MIN { columns.max(1) } else { columns - CONTINUATION_INDENT }
}

fn placed(left: &[u8], right: &[u8], columns: usize, index: usize) -> Line {
    let indent = if index == 0 || left.len() + CONTINUATION_INDENT > columns { 0 } else { CONTINUATION_INDENT };
    let gap = if right.is_empty() { 0 } else { columns.saturating_sub(indent + left.len() + right.len()) };
    let mut set = Line::new();
    set.extend(
        core::iter::repeat_n(b' ', indent)
            .chain(left.iter().copied())
            .chain(core::iter::repeat_n(b' ', gap))
            .chain(right.iter().copied())
            .take(COLUMNS_MAX),
    );
    set
}

/// Greedy wrapping; `width(index)` is the room in the line of that index.
fn wrap<E>(
    page: CodePage,
    text: &str,
    width: impl Fn(usize) -> usize,
    mut out: impl FnMut(usize, &[u8]) -> Result<(), E>,
) -> Result<(), E> {
    let mut line = Line::new();
    let mut index = 0;
    // Spaces before the first word of a paragraph are the author's indent; between words they are kept unless the line breaks there.
    let mut spaces = 0;
    let mut rest = text;
    while !rest.is_empty() {
        let word_end = rest.find(' ').unwrap_or(rest.len());
        let (word, after) = rest.split_at(word_end);
        if word.is_empty() {
            spaces += 1;
            rest = &after[1..];
            continue;
        }
        rest = after;
        let word_columns = page.encode(word).count();
        if !line.is_empty() && line.len() + spaces + word_columns > width(index) {
            out(index, &line)?;
            line.clear();
            index += 1;
            spaces = 0;
        }
        let room = width(index).saturating_sub(line.len() + word_columns.min(width(index)));
        line.extend(core::iter::repeat_n(b' ', spaces.min(room)));
        spaces = 0;
        for byte in page.encode(word) {
            if line.len() >= width(index) || line.push(byte).is_err() {
                out(index, &line)?;
                line.clear();
                index += 1;
                let _ = line.push(byte);
            }
        }
    }
    if !line.is_empty() || index == 0 {
        out(index, &line)?;
    }
    Ok(())
}
