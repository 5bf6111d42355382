//! Keys of a scanner that poses as a keyboard, into scans. The scanner is set to the United States' layout; what the till is set to is no matter.

use super::{Scan, ScanDecoder, ScannerSettings};

/// One thing that a keyboard told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyEvent {
    /// A key went down. The number is Linux's (`input-event-codes.h`).
    Down(u16),
    /// A key came up.
    Up(u16),
    /// Keys are missing here.
    Missed,
}

/// Stands for a key that has no character: the scan that it stands in is dropped.
const NO_CHARACTER: u8 = 0x1a;

const LEFT_CTRL: u16 = 29;
const LEFT_SHIFT: u16 = 42;
const RIGHT_SHIFT: u16 = 54;
const CAPS_LOCK: u16 = 58;
const NUM_LOCK: u16 = 69;
const RIGHT_CTRL: u16 = 97;

/// Characters of the keys from number 2 on, plain and with shift.
const KEYS: [(u8, u8); 52] = [
    (b'1', b'!'),
    (b'2', b'@'),
    (b'3', b'#'),
    (b'4', b'$'),
    (b'5', b'%'),
    (b'6', b'^'),
    (b'7', b'&'),
    (b'8', b'*'),
    (b'9', b'('),
    (b'0', b')'),
    (b'-', b'_'),
    (b'=', b'+'),
    (NO_CHARACTER, NO_CHARACTER), // backspace
    (b'\t', b'\t'),
    (b'q', b'Q'),
    (b'w', b'W'),
    (b'e', b'E'),
    (b'r', b'R'),
    (b't', b'T'),
    (b'y', b'Y'),
    (b'u', b'U'),
    (b'i', b'I'),
    (b'o', b'O'),
    (b'p', b'P'),
    (b'[', b'{'),
    (b']', b'}'),
    (b'\r', b'\r'),
    (NO_CHARACTER, NO_CHARACTER), // left ctrl
    (b'a', b'A'),
    (b's', b'S'),
    (b'd', b'D'),
    (b'f', b'F'),
    (b'g', b'G'),
    (b'h', b'H'),
    (b'j', b'J'),
    (b'k', b'K'),
    (b'l', b'L'),
    (b';', b':'),
    (b'\'', b'"'),
    (b'`', b'~'),
    (NO_CHARACTER, NO_CHARACTER), // left shift
    (b'\\', b'|'),
    (b'z', b'Z'),
    (b'x', b'X'),
    (b'c', b'C'),
    (b'v', b'V'),
    (b'b', b'B'),
    (b'n', b'N'),
    (b'm', b'M'),
    (b',', b'<'),
    (b'.', b'>'),
    (b'/', b'?'),
];
const FIRST_KEY: u16 = 2;

/// Which of the keys that change others are down.
#[derive(Clone, Copy, Debug, Default)]
struct Held {
    left_shift: bool,
    right_shift: bool,
    left_ctrl: bool,
    right_ctrl: bool,
    caps_lock: bool,
}

/// Puts scans together from keys.
#[derive(Clone, Debug, Default)]
pub struct KeyDecoder {
    held: Held,
    line: ScanDecoder,
}

impl KeyDecoder {
    /// A decoder with no key down.
    #[must_use]
    pub fn new(settings: ScannerSettings) -> Self {
        Self { held: Held::default(), line: ScanDecoder::new(settings) }
    }

    /// Takes one event; a scan when this event ends one.
    pub fn push(&mut self, event: KeyEvent) -> Option<Scan> {
        let (key, down) = match event {
            KeyEvent::Down(key) => (key, true),
            KeyEvent::Up(key) => (key, false),
            KeyEvent::Missed => {
                // What is held down is not known either; a scanner presses shift anew for each character.
                self.held = Held::default();
                self.line.spoil();
                return None;
            }
        };
        match key {
            LEFT_SHIFT => self.held.left_shift = down,
            RIGHT_SHIFT => self.held.right_shift = down,
            LEFT_CTRL => self.held.left_ctrl = down,
            RIGHT_CTRL => self.held.right_ctrl = down,
            CAPS_LOCK => self.held.caps_lock ^= down,
            NUM_LOCK => {}
            key if down => return self.line.push(self.character(key)),
            _ => {}
        }
        None
    }

    /// Forgets the scan under way.
    pub fn reset(&mut self) {
        self.line.reset();
    }

    /// The keyboard is another one now, or the same from its beginning.
    pub fn restart(&mut self) {
        self.held = Held::default();
        self.line.reset();
    }

    /// How many scans were dropped whole so far.
    #[must_use]
    pub const fn dropped(&self) -> u32 {
        self.line.dropped()
    }

    fn character(&self, key: u16) -> u8 {
        let Held { left_shift, right_shift, left_ctrl, right_ctrl, caps_lock } = self.held;
        let place = usize::from(key.wrapping_sub(FIRST_KEY));
        let (plain, shifted) = KEYS.get(place).copied().unwrap_or_else(|| {
            let character = more_keys(key);
            (character, character)
        });
        let shift = (left_shift || right_shift) != (caps_lock && plain.is_ascii_lowercase());
        let character = if shift { shifted } else { plain };
        // Scanners send control characters as the key of the letter with ctrl.
        if left_ctrl || right_ctrl { character & 0x1f } else { character }
    }
}

/// Space, and the block of digits.
const fn more_keys(key: u16) -> u8 {
    match key {
        55 => b'*',
        57 => b' ',
        71 => b'7',
        72 => b'8',
        73 => b'9',
        74 => b'-',
        75 => b'4',
        76 => b'5',
        77 => b'6',
        78 => b'+',
        79 => b'1',
        80 => b'2',
        81 => b'3',
        82 => b'0',
        83 => b'.',
        96 => b'\r',
        98 => b'/',
        _ => NO_CHARACTER,
    }
}
