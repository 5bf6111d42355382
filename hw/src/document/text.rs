//! A document as plain text.

use core::convert::Infallible;
use std::string::String;

use super::layout::{COLUMNS_MAX, aligned, paragraph, row};
use super::{Align, Element};
use crate::printer::code_page::CodePage;

/// The text of `elements` at so many columns, each line ended by `\n`.
pub(super) fn render<'a>(elements: impl Iterator<Item = Element<'a>>, columns: usize) -> String {
    let columns = columns.clamp(1, COLUMNS_MAX);
    let page = CodePage::Pc858;
    let mut text = String::new();
    let put = |text: &mut String, line: &[u8], align: Align, scale: usize| {
        let mut wide = super::layout::Line::new();
        for &byte in line {
            let _ = wide.push(byte);
            wide.extend(core::iter::repeat_n(b' ', (scale - 1).min(COLUMNS_MAX - wide.len())));
        }
        let set: String = aligned(&wide, align, columns).iter().map(|&byte| page.decode(byte)).collect();
        text.push_str(set.trim_end());
        text.push('\n');
        Ok::<(), Infallible>(())
    };
    for element in elements {
        let done = match element {
            Element::Text { text: words, style } => {
                let scale = usize::from(style.clamped().width_scale);
                paragraph(page, words, columns / scale, |line| put(&mut text, line, style.align, scale))
            }
            Element::Row { left, right, style } => {
                let scale = usize::from(style.clamped().width_scale);
                row(page, left, right, columns / scale, |line| put(&mut text, line, Align::Left, scale))
            }
            Element::Rule => {
                text.extend(core::iter::repeat_n('─', columns));
                text.push('\n');
                Ok(())
            }
            Element::Logo(_) => put(&mut text, b"[logo]", Align::Center, 1),
            Element::Qr(_) => put(&mut text, b"[QR]", Align::Center, 1),
            Element::Ean13(code) => {
                let _ = put(&mut text, b"[EAN]", Align::Center, 1);
                put(&mut text, code.digits().as_bytes(), Align::Center, 1)
            }
            Element::Feed(lines) => {
                text.extend(core::iter::repeat_n('\n', usize::from(lines)));
                Ok(())
            }
            Element::Cut | Element::DrawerPulse => Ok(()),
        };
        match done {
            Ok(()) => {}
        }
    }
    text
}
