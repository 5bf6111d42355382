//! QR codes: their size on paper, and as a raster for printers that cannot draw them.

use qrcodegen_no_heap::{QrCode, QrCodeEcc, Version};

use crate::document::QR_BYTES_MAX;

const BUFFER_BYTES: usize = Version::MAX.buffer_len();
/// Modules along version 40, and the bytes that a row of them takes.
const SIDE_MODULES_MAX: usize = 177;
const STRIDE_BYTES: usize = SIDE_MODULES_MAX.div_ceil(8);
/// White modules around the code on each side. Paper beside it is white too, so half of the standard's four do.
const QUIET_MODULES: u32 = 2;
/// Modules larger than this waste paper.
const MODULE_DOTS_MAX: u32 = 8;
/// A code wider than this share of the paper, in percent, gets smaller modules.
const WIDTH_SHARE_PERCENT_MAX: u32 = 62;
/// Modules smaller than this do not scan reliably; the share gives way before.
const MODULE_DOTS_MIN: u32 = 4;

/// How much damage a code survives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Correction {
    /// About 7 %; only for payloads that fit no other way.
    Low,
    /// About 15 %.
    Medium,
}

/// The most bytes that each version, from 1 to 40, holds with medium correction, and with low. Source: ISO/IEC 18004, byte mode.
const BYTES_MAX: [(usize, usize); 40] = [
    (14, 17),
    (26, 32),
    (42, 53),
    (62, 78),
    (84, 106),
    (106, 134),
    (122, 154),
    (152, 192),
    (180, 230),
    (213, 271),
    (251, 321),
    (287, 367),
    (331, 425),
    (362, 458),
    (412, 520),
    (450, 586),
    (504, 644),
    (560, 718),
    (624, 792),
    (666, 858),
    (711, 929),
    (779, 1003),
    (857, 1091),
    (911, 1171),
    (997, 1273),
    (1059, 1367),
    (1125, 1465),
    (1190, 1528),
    (1264, 1628),
    (1370, 1732),
    (1452, 1840),
    (1538, 1952),
    (1628, 2068),
    (1722, 2188),
    (1809, 2303),
    (1911, 2431),
    (1989, 2563),
    (2099, 2699),
    (2213, 2809),
    (2331, 2953),
];

/// What a code will be like: known from the count of its bytes alone, thousands of times sooner than the code itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Modules along one side, without the quiet zone.
    pub side_modules: u32,
    /// Its error correction.
    pub correction: Correction,
}

impl Size {
    /// The size of the code of so many bytes; nothing when they are more than [`QR_BYTES_MAX`].
    #[must_use]
    pub fn of(byte_count: usize) -> Option<Self> {
        let sides = || (21_u32..).step_by(4).zip(BYTES_MAX);
        let medium = sides().find(|(_, (medium, _))| byte_count <= *medium).map(|(side, _)| (side, Correction::Medium));
        let low = || sides().find(|(_, (_, low))| byte_count <= *low).map(|(side, _)| (side, Correction::Low));
        medium.or_else(low).map(|(side_modules, correction)| Self { side_modules, correction })
    }

    /// Dots along a module on paper of so many dots: as large as looks well, an even number, at least 2.
    #[must_use]
    pub fn module_dots(self, width_dots: u16) -> u32 {
        let side = self.side_modules + 2 * QUIET_MODULES;
        let comely = u32::from(width_dots) * WIDTH_SHARE_PERCENT_MAX / 100 / side;
        let possible = u32::from(width_dots) / side;
        (comely.max(MODULE_DOTS_MIN).min(possible).min(MODULE_DOTS_MAX) & !1).max(2)
    }
}

/// A QR code made of bytes, without an allocator. Large: about 4 kB.
pub struct Code {
    side_modules: u32,
    modules: [u8; SIDE_MODULES_MAX * STRIDE_BYTES],
    /// Its error correction.
    pub correction: Correction,
}

impl Code {
    /// The code of these bytes; nothing when they are more than [`QR_BYTES_MAX`].
    #[must_use]
    pub fn of(bytes: &[u8]) -> Option<Self> {
        if bytes.len() > QR_BYTES_MAX {
            return None;
        }
        [(QrCodeEcc::Medium, Correction::Medium), (QrCodeEcc::Low, Correction::Low)].into_iter().find_map(|(level, correction)| {
            let mut scratch = [0; BUFFER_BYTES];
            let mut drawn = [0; BUFFER_BYTES];
            scratch.get_mut(..bytes.len())?.copy_from_slice(bytes);
            let code = QrCode::encode_binary(&mut scratch, bytes.len(), &mut drawn, level, Version::MIN, Version::MAX, None, false).ok()?;
            let mut modules = [0; SIDE_MODULES_MAX * STRIDE_BYTES];
            for (y, row) in (0..code.size()).zip(modules.chunks_exact_mut(STRIDE_BYTES)) {
                for (x, at) in (0..code.size()).zip(0_usize..) {
                    row[at / 8] |= u8::from(code.get_module(x, y)) << (7 - at % 8);
                }
            }
            Some(Self { side_modules: u32::try_from(code.size()).ok()?, modules, correction })
        })
    }

    /// Modules along one side, without the quiet zone.
    #[must_use]
    pub const fn side_modules(&self) -> u32 {
        self.side_modules
    }

    /// Whether a module is black. Outside is white.
    #[must_use]
    pub fn is_black(&self, x: u32, y: u32) -> bool {
        let inside = x < self.side_modules && y < self.side_modules;
        inside && self.modules[y as usize * STRIDE_BYTES + x as usize / 8] & (0x80 >> (x % 8)) != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_size_is_that_of_the_code_itself() {
        let edges = BYTES_MAX.iter().flat_map(|&(medium, low)| [medium, medium + 1, low, low + 1]);
        for byte_count in edges.filter(|&count| count <= QR_BYTES_MAX).chain([0, 1]) {
            let bytes = [b'7'; QR_BYTES_MAX];
            let code = Code::of(&bytes[..byte_count]).expect("within the limit");
            let size = Size { side_modules: code.side_modules(), correction: code.correction };
            assert_eq!(Size::of(byte_count), Some(size), "{byte_count} bytes");
        }
        assert_eq!(Size::of(QR_BYTES_MAX + 1), None);
    }
}
