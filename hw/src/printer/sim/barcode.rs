//! The bar codes that a printer draws by itself, as bars and spaces.

/// What the printer keeps for the next bar code.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look {
    /// Width of the narrowest bar.
    pub(super) module_dots: u32,
    /// Height of the bars.
    pub(super) height_dots: u32,
    /// Whether the digits stand above.
    pub(super) is_captioned_above: bool,
    /// Whether the digits stand below.
    pub(super) is_captioned_below: bool,
}

impl Default for Look {
    fn default() -> Self {
        Self { module_dots: 3, height_dots: 162, is_captioned_above: false, is_captioned_below: false }
    }
}

/// A bar code: black and white modules, and the digits that they stand for.
pub(super) struct BarCode {
    pub(super) modules: Vec<bool>,
    pub(super) digits: String,
}

/// Digits of the left half of an EAN, odd parity; even parity is the right half's backwards, the right half's is this inverted.
const ODD: [u8; 10] = [0b0001101, 0b0011001, 0b0010011, 0b0111101, 0b0100011, 0b0110001, 0b0101111, 0b0111011, 0b0110111, 0b0001011];
/// Which digits of the left half have even parity, for each first digit of an EAN-13.
const EVEN: [u8; 10] = [0b000000, 0b001011, 0b001101, 0b001110, 0b010011, 0b011001, 0b011100, 0b010101, 0b010110, 0b011010];

/// The bars of an article number behind `GS k`; nothing for another kind of code, or for what is no such number.
/// A number without its check digit is given one; one with a wrong check digit is drawn as it is, as printers do.
pub(super) fn article_number(kind: u8, data: &[u8]) -> Option<BarCode> {
    let mut digits: Vec<u8> = data.iter().map(|byte| byte.checked_sub(b'0').filter(|digit| *digit <= 9)).collect::<Option<_>>()?;
    let count = match kind {
        0 | 65 => 12,
        2 | 67 => 13,
        3 | 68 => 8,
        _ => return None,
    };
    if digits.len() + 1 == count {
        digits.push(check_digit(&digits));
    }
    if digits.len() != count {
        return None;
    }
    let text = digits.iter().map(|digit| char::from(b'0' + digit)).collect();
    if count == 12 {
        // A UPC-A is an EAN-13 with a leading zero.
        digits.insert(0, 0);
    }
    Some(BarCode { modules: if count == 8 { ean_8(&digits) } else { ean_13(&digits) }, digits: text })
}

fn check_digit(digits: &[u8]) -> u8 {
    let sum: u32 = digits.iter().rev().enumerate().map(|(place, digit)| u32::from(*digit) * if place % 2 == 0 { 3 } else { 1 }).sum();
    u8::try_from((10 - sum % 10) % 10).unwrap_or_default()
}

fn ean_13(digits: &[u8]) -> Vec<bool> {
    let even = EVEN[usize::from(digits[0])];
    let left = digits[1..7].iter().enumerate().map(|(place, digit)| left_bits(*digit, even >> (5 - place) & 1 == 1));
    framed(left, digits[7..].iter())
}

fn ean_8(digits: &[u8]) -> Vec<bool> {
    framed(digits[..4].iter().map(|digit| left_bits(*digit, false)), digits[4..].iter())
}

fn left_bits(digit: u8, is_even: bool) -> u8 {
    let odd = ODD[usize::from(digit)];
    // Even parity is the right half's pattern read backwards.
    if is_even { (!odd & 0x7f).reverse_bits() >> 1 } else { odd }
}

/// Both halves between their guards.
fn framed<'a>(left: impl Iterator<Item = u8>, right: impl Iterator<Item = &'a u8>) -> Vec<bool> {
    let mut modules = vec![true, false, true];
    let mut push = |bits: u8| modules.extend((0..7).rev().map(|place| bits >> place & 1 == 1));
    left.for_each(&mut push);
    modules.extend([false, true, false, true, false]);
    let mut push = |bits: u8| modules.extend((0..7).rev().map(|place| bits >> place & 1 == 1));
    right.for_each(|digit| push(!ODD[usize::from(*digit)] & 0x7f));
    modules.extend([true, false, true]);
    modules
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_without_its_check_digit_is_given_one() {
        for (kind, data, digits) in [(67, "201234567890", "2012345678903"), (3, "7351353", "73513537"), (65, "03600029145", "036000291452")]
        {
            assert_eq!(article_number(kind, data.as_bytes()).map(|code| code.digits).as_deref(), Some(digits));
        }
    }

    #[test]
    fn a_code_is_as_wide_as_its_symbology_says() {
        let modules = |kind, data: &str| article_number(kind, data.as_bytes()).map(|code| code.modules.len());
        assert_eq!(modules(2, "2012345678903"), Some(95));
        assert_eq!(modules(68, "73513537"), Some(67));
        assert_eq!(modules(67, "20123456789X3"), None);
        assert_eq!(modules(73, "2012345678903"), None);
        assert_eq!(modules(67, "2012"), None);
    }
}
