//! EAN-13: digits, check digit and bars. Source: ISO/IEC 15420.

use core::fmt;

/// Bars and gaps of an EAN-13, without the white at its sides.
pub const EAN13_MODULES: u32 = 95;

/// An EAN-13 whose check digit is right.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ean13([u8; 13]);

/// The left half's patterns with an odd number of black modules, highest bit first.
/// The right half's are their complement, the even ones the mirror image of those.
const ODD: [u8; 10] =
    [0b000_1101, 0b001_1001, 0b001_0011, 0b011_1101, 0b010_0011, 0b011_0001, 0b010_1111, 0b011_1011, 0b011_0111, 0b000_1011];
/// Which of the left half's six digits are even, by the first digit, which has no bars of its own.
const EVEN_OF: [u8; 10] = [0b00_0000, 0b00_1011, 0b00_1101, 0b00_1110, 0b01_0011, 0b01_1001, 0b01_1100, 0b01_0101, 0b01_0110, 0b01_1010];

impl Ean13 {
    /// Thirteen digits; nothing if they are not that, or the last is not the check digit.
    #[must_use]
    pub fn new(digits: &str) -> Option<Self> {
        let all: [u8; 13] = digits.as_bytes().try_into().ok()?;
        let (first, check) = (all.first_chunk::<12>()?, all[12]);
        (all.iter().all(u8::is_ascii_digit) && check_digit(first) == check).then_some(Self(all))
    }

    /// The code of twelve digits, with the check digit that belongs to them; nothing if they are not that.
    #[must_use]
    pub fn of_twelve(digits: &str) -> Option<Self> {
        let twelve: [u8; 12] = digits.as_bytes().try_into().ok()?;
        if !twelve.iter().all(u8::is_ascii_digit) {
            return None;
        }
        let mut all = [0; 13];
        all[..12].copy_from_slice(&twelve);
        all[12] = check_digit(&twelve);
        Some(Self(all))
    }

    /// Its thirteen digits.
    #[must_use]
    pub fn digits(&self) -> &str {
        core::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// Whether a module is black, 0 to [`EAN13_MODULES`] from the left. Beside them is white.
    #[must_use]
    pub fn is_black(&self, module: u32) -> bool {
        let digit = |at: u32| usize::from(self.0.get(at as usize).map_or(0, |digit| digit - b'0'));
        let pattern = |pattern: u8, at: u32| pattern >> (6 - at % 7) & 1 != 0;
        match module {
            0 | 2 | 46 | 48 | 92 | 94 => true,
            3..=44 => {
                let at = (module - 3) / 7;
                let odd = ODD[digit(1 + at)];
                let is_even = EVEN_OF[digit(0)] >> (5 - at) & 1 != 0;
                // The even pattern is the right half's, mirrored.
                pattern(if is_even { (!odd & 0x7f).reverse_bits() >> 1 } else { odd }, module - 3)
            }
            50..=91 => pattern(!ODD[digit(7 + (module - 50) / 7)] & 0x7f, module - 50),
            _ => false,
        }
    }
}

impl fmt::Debug for Ean13 {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Ean13({})", self.digits())
    }
}

fn check_digit(twelve: &[u8; 12]) -> u8 {
    let sum: u32 = twelve.iter().zip([1, 3].into_iter().cycle()).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    b'0' + u8::try_from((10 - sum % 10) % 10).unwrap_or(0)
}

#[cfg(all(test, feature = "std"))]
mod tests {
    use super::*;

    #[test]
    fn only_a_right_check_digit_makes_a_code() {
        assert_eq!(Ean13::new("4006381333931").map(|code| code.digits().to_owned()).as_deref(), Some("4006381333931"));
        assert_eq!(Ean13::of_twelve("400638133393"), Ean13::new("4006381333931"));
        for wrong in ["4006381333932", "400638133393", "40063813339311", "400638133393x", "", "٤٠٠٦٣٨"] {
            assert_eq!(Ean13::new(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn the_bars_are_those_of_the_standard() {
        // The check value that textbooks draw.
        let code = Ean13::new("4003994155486").expect("a right check digit");
        let bars: String = (0..EAN13_MODULES).map(|module| if code.is_black(module) { '1' } else { '0' }).collect();
        let expected = concat!(
            "101", "0001101", "0100111", "0111101", "0001011", "0010111", "0011101", "01010", "1100110", "1001110", "1001110", "1011100",
            "1001000", "1010000", "101"
        );
        assert_eq!(bars, expected);
        assert!(!code.is_black(EAN13_MODULES) && !code.is_black(u32::MAX));
    }
}
