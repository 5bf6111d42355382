//! Reads ESC/POS byte by byte, from any producer: what is unknown is noted and skipped, never fatal.

use super::barcode;
use super::pages::Page;
use super::{PrinterFault, PrinterSimulator};
use crate::document::Align;
use crate::printer::profile::Proof;
use crate::printer::qr::{Code, Size};

/// The longest command that is collected whole; longer ones are read and thrown away.
const COMMAND_BYTES_MAX: usize = 96 * 1024;

/// What has been read of the command at hand.
#[derive(Clone, Debug, Default)]
pub(super) struct Interpreter {
    command: Vec<u8>,
    /// Bytes to swallow of a command that is too long.
    skip: usize,
    qr: QrStore,
    graphics: Option<Raster>,
    bar_code: barcode::Look,
}

#[derive(Clone, Debug)]
struct QrStore {
    module_dots: u32,
    bytes: Vec<u8>,
}

impl Default for QrStore {
    fn default() -> Self {
        Self { module_dots: 3, bytes: Vec::new() }
    }
}

#[derive(Clone, Debug)]
struct Raster {
    stride: usize,
    scale_x: u32,
    scale_y: u32,
    bits: Vec<u8>,
}

/// How long a command is.
enum Length {
    /// So many bytes in all.
    Known(usize),
    /// Until a zero byte.
    Zero,
    /// More bytes are needed to tell.
    More,
    /// Nobody knows.
    Unknown,
}

/// Takes the next byte.
pub(super) fn take(printer: &mut PrinterSimulator, byte: u8) {
    let interpreter = &mut printer.interpreter;
    if interpreter.skip > 0 {
        interpreter.skip -= 1;
        return;
    }
    if interpreter.command.is_empty() {
        match byte {
            b'\n' => printer.press.line_feed(),
            b'\t' => printer.press.tab(),
            0x10 | 0x1b | 0x1c | 0x1d => interpreter.command.push(byte),
            0x20.. => printer.press.print(byte),
            _ => {}
        }
        return;
    }
    interpreter.command.push(byte);
    let whole = match length(&interpreter.command) {
        Length::Known(length) if length > COMMAND_BYTES_MAX => {
            interpreter.skip = length - interpreter.command.len();
            let start = core::mem::take(&mut interpreter.command);
            return printer.note_unknown(&start);
        }
        Length::Known(length) => interpreter.command.len() >= length,
        Length::Zero => byte == 0 && interpreter.command.len() > 3 || interpreter.command.len() > COMMAND_BYTES_MAX,
        Length::More => false,
        Length::Unknown => {
            let start = core::mem::take(&mut interpreter.command);
            return printer.note_unknown(&start);
        }
    };
    if whole {
        let command = core::mem::take(&mut printer.interpreter.command);
        execute(printer, &command);
    }
}

fn word(low: u8, high: u8) -> usize {
    usize::from(low) | usize::from(high) << 8
}

fn length(command: &[u8]) -> Length {
    match command[0] {
        0x10 => length_real_time(command),
        0x1b => length_esc(command),
        0x1c => match command[1] {
            b'.' | b'&' => Length::Known(2),
            b'!' | b'-' | b'C' | b'W' => Length::Known(3),
            b'S' | b'p' => Length::Known(4),
            b'(' => length_parenthesis(command),
            _ => Length::Unknown,
        },
        _ => length_gs(command),
    }
}

/// Real-time commands have acted when they arrived; here they are only stepped over.
fn length_real_time(command: &[u8]) -> Length {
    match command {
        [_, 0x04 | 0x05, ..] => Length::Known(3),
        [_, 0x14] => Length::More,
        [_, 0x14, 0x08, ..] => Length::Known(10),
        [_, 0x14, 0x07, ..] => Length::Known(4),
        [_, 0x14, ..] => Length::Known(5),
        _ => Length::Unknown,
    }
}

fn length_esc(command: &[u8]) -> Length {
    match command[1] {
        b'@' | b'2' | b'L' | b'S' | b'i' | b'm' | b'v' | b'<' | 0x0c => Length::Known(2),
        b'!' | b'-' | b'E' | b'G' | b'M' | b'R' | b't' | b'a' | b'd' | b'J' | b'3' | b'V' | b'{' | b'r' | b' ' | b'=' | b'T' | b'U'
        | b'%' | b'?' | b'u' | b'e' | b'K' => Length::Known(3),
        b'$' | b'\\' | b'c' => Length::Known(4),
        b'p' => Length::Known(5),
        b'W' => Length::Known(10),
        b'D' => Length::Zero,
        b'*' => match command {
            [_, _, mode, low, high, ..] => Length::Known(5 + word(*low, *high) * if *mode >= 32 { 3 } else { 1 }),
            _ => Length::More,
        },
        b'(' => length_parenthesis(command),
        _ => Length::Unknown,
    }
}

fn length_gs(command: &[u8]) -> Length {
    match command[1] {
        b':' | b'c' => Length::Known(2),
        b'!' | b'B' | b'a' | b'r' | b'I' | b'H' | b'h' | b'w' | b'f' | b'b' | b'/' | b'E' | b'T' => Length::Known(3),
        b'L' | b'W' | b'P' | b'$' | b'\\' => Length::Known(4),
        b'^' => Length::Known(5),
        b'V' => match command {
            [_, _, mode, ..] => Length::Known(if matches!(mode, 0 | 1 | 48 | 49) { 3 } else { 4 }),
            _ => Length::More,
        },
        b'k' => match command {
            [_, _, 0..=6, ..] => Length::Zero,
            [_, _, _, count, ..] => Length::Known(4 + usize::from(*count)),
            _ => Length::More,
        },
        b'v' => match command {
            [_, _, _, _, x_low, x_high, y_low, y_high, ..] => Length::Known(8 + word(*x_low, *x_high) * word(*y_low, *y_high)),
            _ => Length::More,
        },
        b'*' => match command {
            [_, _, x, y, ..] => Length::Known(4 + usize::from(*x) * usize::from(*y) * 8),
            _ => Length::More,
        },
        b'8' => match command {
            [_, _, _, a, b, c, d, ..] => usize::try_from(u32::from_le_bytes([*a, *b, *c, *d]))
                .map_or(Length::Unknown, |count| Length::Known(count.saturating_add(7))),
            _ => Length::More,
        },
        b'(' => length_parenthesis(command),
        _ => Length::Unknown,
    }
}

fn length_parenthesis(command: &[u8]) -> Length {
    match command {
        [_, _, _, low, high, ..] => Length::Known(5 + word(*low, *high)),
        _ => Length::More,
    }
}

fn execute(printer: &mut PrinterSimulator, command: &[u8]) {
    match *command {
        [0x10, ..] => {}
        [0x1b, b'@'] => printer.initialise(),
        [0x1b, b'!', bits] => {
            printer.press.set_bold(bits & 0x08 != 0);
            printer.press.set_scale(if bits & 0x20 != 0 { 2 } else { 1 }, if bits & 0x10 != 0 { 2 } else { 1 });
        }
        [0x1b, b'E' | b'G', bits] => printer.press.set_bold(bits & 1 != 0),
        [0x1b, b'-', n] => printer.press.set_underline(n % 48 != 0),
        [0x1b, b't', number] => {
            let page = Page::numbered(printer.profile.page, printer.profile.page_number, number);
            if page.is_none() {
                printer.note_unknown(command);
            }
            printer.press.set_page(page);
        }
        [0x1b, b'a', n] => printer.press.set_align(match n % 48 {
            1 => Align::Center,
            2 => Align::Right,
            _ => Align::Left,
        }),
        [0x1b, b'd', lines] => printer.press.feed_lines(lines),
        [0x1b, b'J', dots] => printer.press.feed_dots(u32::from(dots)),
        [0x1b, b'3', dots] => printer.press.set_spacing(Some(u32::from(dots))),
        [0x1b, b'2'] => printer.press.set_spacing(None),
        [0x1b, b'$', low, high] => printer.press.move_to(u32::from(u16::from_le_bytes([low, high]))),
        [0x1b, b'\\', low, high] => printer.press.move_by(i16::from_le_bytes([low, high])),
        [0x1b, b'p', ..] => printer.pulse_drawer(),
        [0x1b, b'i' | b'm'] => printer.cut(0),
        [0x1d, b'!', bits] => printer.press.set_scale(u32::from(bits >> 4 & 7) + 1, u32::from(bits & 7) + 1),
        [0x1d, b'B', bits] => printer.press.set_reverse(bits & 1 != 0),
        [0x1d, b'V', 0 | 1 | 48 | 49] => printer.cut(0),
        [0x1d, b'V', _, feed] => printer.cut(u32::from(feed)),
        [0x1d, b'a', mask] => enable_status(printer, mask),
        [0x1d, b'r', n] => in_line_status(printer, n),
        [0x1d, b'I', n] => identify(printer, n),
        [0x1d, b'v', _, mode, x_low, x_high, _, _, ref bits @ ..] => {
            let (scale_x, scale_y) = (if mode & 1 != 0 { 2 } else { 1 }, if mode & 2 != 0 { 2 } else { 1 });
            draw(printer, &Raster { stride: word(x_low, x_high), scale_x, scale_y, bits: bits.to_vec() });
        }
        [0x1b, b'*', mode, _, _, ref columns @ ..] => printer.press.print_columns(mode, columns),
        [0x1d, b'L', low, high] => printer.press.set_margin(u32::from(u16::from_le_bytes([low, high]))),
        [0x1d, b'W', low, high] => printer.press.set_width(u32::from(u16::from_le_bytes([low, high]))),
        [0x1d, b'h', dots] => printer.interpreter.bar_code.height_dots = u32::from(dots.max(1)),
        [0x1d, b'w', dots] => printer.interpreter.bar_code.module_dots = u32::from(dots.clamp(1, 6)),
        [0x1d, b'H', n] => {
            printer.interpreter.bar_code.is_captioned_above = n & 1 != 0;
            printer.interpreter.bar_code.is_captioned_below = n & 2 != 0;
        }
        [0x1d, b'k', kind @ 0..=6, ref data @ .., 0] | [0x1d, b'k', kind @ 65..=255, _, ref data @ ..] => bar_code(printer, kind, data),
        [0x1d, b'(', b'k', _, _, ref body @ ..] => qr(printer, body),
        [0x1d, b'(', b'H', _, _, ref body @ ..] => process_id(printer, command, body),
        [0x1d, b'(', b'L', _, _, ref body @ ..] | [0x1d, b'8', b'L', _, _, _, _, ref body @ ..] => graphics(printer, command, body),
        // Known, and without effect on this paper: fonts, margins, page mode, counters, other settings.
        [0x1b | 0x1c, ..] => {}
        [0x1d, b'P' | b'$' | b'\\' | b'f' | b'b' | b'/' | b'E' | b'T' | b':' | b'^' | b'c', ..] => {}
        _ => printer.note_unknown(command),
    }
}

fn in_line_status(printer: &mut PrinterSimulator, n: u8) {
    let is_low = printer.fault == PrinterFault::PaperNearEnd;
    match n % 48 {
        _ if printer.profile.proof == Proof::Nothing => {}
        2 => printer.reply(&[u8::from(printer.is_drawer_pin_high())]),
        _ => printer.reply(&[if is_low { 0x03 } else { 0x00 }]),
    }
}

fn enable_status(printer: &mut PrinterSimulator, mask: u8) {
    if printer.profile.has_automatic_status {
        printer.status_mask = mask;
        if mask != 0 {
            printer.report();
        }
    }
}

fn identify(printer: &mut PrinterSimulator, n: u8) {
    match n {
        1..=3 | 49..=51 => printer.reply(&[0x02]),
        _ if !printer.profile.has_identity => {}
        65 => printer.reply(b"\x5f1.00 DEMO\0"),
        66 => printer.reply(b"\x5fTROLLEY\0"),
        68 => printer.reply(b"\x5fDEMO0001\0"),
        67 => {
            let mut reply = vec![0x5f];
            reply.extend(printer.profile.name.bytes());
            reply.push(0);
            printer.reply(&reply);
        }
        _ => printer.reply(b"\x5f0\0"),
    }
}

fn process_id(printer: &mut PrinterSimulator, command: &[u8], body: &[u8]) {
    match *body {
        _ if printer.profile.proof != Proof::ProcessId => printer.note_unknown(command),
        [0x30, 0x30, a, b, c, d] => printer.reply(&[0x37, 0x22, a, b, c, d, 0x00]),
        [0x31, 0x30, ..] => {}
        _ => printer.note_unknown(command),
    }
}

fn qr(printer: &mut PrinterSimulator, body: &[u8]) {
    let store = &mut printer.interpreter.qr;
    match *body {
        [0x31, 0x43, size] => store.module_dots = u32::from(size.clamp(1, 16)),
        [0x31, 0x50, 0x30, ref bytes @ ..] => store.bytes = bytes.to_vec(),
        [0x31, 0x51, ..] => {
            let module_dots = store.module_dots;
            // A code that is wider than the paper is not printed, by real printers either.
            let fits =
                Size::of(store.bytes.len()).is_some_and(|size| size.side_modules * module_dots <= u32::from(printer.profile.width_dots));
            if let Some(code) = Some(&store.bytes).filter(|_| fits).and_then(|bytes| Code::of(bytes)) {
                printer
                    .press
                    .draw(code.side_modules(), code.side_modules(), (module_dots, module_dots), "[QR]", |x, y| code.is_black(x, y));
            }
        }
        _ => {}
    }
}

fn bar_code(printer: &mut PrinterSimulator, kind: u8, data: &[u8]) {
    let look = printer.interpreter.bar_code;
    let Some(code) = barcode::article_number(kind, data) else { return printer.press.mark("[barcode]") };
    let width = u32::try_from(code.modules.len()).unwrap_or(0);
    if look.is_captioned_above {
        printer.press.caption(&code.digits, width * look.module_dots);
    }
    printer.press.draw(width, 1, (look.module_dots, look.height_dots), "[barcode]", |x, _| code.modules[x as usize]);
    if look.is_captioned_below {
        printer.press.caption(&code.digits, width * look.module_dots);
    }
}

fn graphics(printer: &mut PrinterSimulator, command: &[u8], body: &[u8]) {
    match *body {
        [_, 0x70, _, scale_x, scale_y, _, x_low, x_high, _, _, ref bits @ ..] => {
            printer.interpreter.graphics = Some(Raster {
                stride: word(x_low, x_high).div_ceil(8),
                scale_x: u32::from(scale_x.clamp(1, 2)),
                scale_y: u32::from(scale_y.clamp(1, 2)),
                bits: bits.to_vec(),
            });
        }
        [_, 0x02 | 0x32] => {
            if let Some(raster) = printer.interpreter.graphics.take() {
                draw(printer, &raster);
            }
        }
        _ => printer.note_unknown(command),
    }
}

fn draw(printer: &mut PrinterSimulator, raster: &Raster) {
    if raster.stride == 0 {
        return;
    }
    let count = |number: usize| u32::try_from(number).unwrap_or(0);
    let rows = count(raster.bits.len() / raster.stride);
    printer.press.draw(count(raster.stride * 8), rows, (raster.scale_x, raster.scale_y), "[logo]", |x, y| {
        let byte = raster.bits[y as usize * raster.stride + x as usize / 8];
        byte & (0x80 >> (x % 8)) != 0
    });
}
