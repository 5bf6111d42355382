//! How a unit reads the fields of a receipt. Written apart from how the driver writes them, so that one mistake does not hide the other.

use crate::control::RecordKind;

/// One receipt in the unit's memory. Amounts are öre.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// Register designation.
    pub register: String,
    /// The receipt's running number.
    pub number: u64,
    /// What kind of receipt.
    pub kind: RecordKind,
    /// `YYYYMMDDhhmm`
    pub at: String,
    /// Organisation number.
    pub org_no: String,
    /// Sum of returns, not negative.
    pub returned_minor: i64,
    /// Sum of sales, not negative.
    pub sold_minor: i64,
    /// VAT at 25, 12, 6 and 0 per cent.
    pub vat_minor: [i64; 4],
    /// The code that was given for it.
    pub code: String,
}

/// The rates as they stand on the line.
pub(super) const RATE_WORDS: [&str; 4] = ["25,00", "12,00", "6,00", "0,00"];

/// An amount with a decimal comma and exactly two decimals, at most fourteen characters, in öre.
pub(super) fn read_amount(word: &str) -> Option<i64> {
    if word.len() > 14 {
        return None;
    }
    let (sign, size) = word.strip_prefix('-').map_or((1, word), |size| (-1, size));
    let (kronor, ore) = size.split_once(',')?;
    let is_plain = kronor == "0" || !kronor.starts_with('0');
    if !is_plain || ore.len() != 2 {
        return None;
    }
    Some(sign * (100 * digits(kronor)?.parse::<i64>().ok()? + digits(ore)?.parse::<i64>().ok()?))
}

/// A text of one or more digits.
pub(super) fn digits(word: &str) -> Option<&str> {
    (!word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit())).then_some(word)
}

/// A date and time that there can be.
pub(super) fn read_stamp(word: &str) -> Option<String> {
    digits(word).filter(|word| word.len() == 12)?;
    let part = |from: usize, to: usize| word[from..to].parse::<u32>().unwrap_or(u32::MAX);
    let good = (1..=12).contains(&part(4, 6)) && (1..=31).contains(&part(6, 8)) && part(8, 10) < 24 && part(10, 12) < 60;
    good.then(|| word.to_owned())
}

/// Ten digits.
pub(super) fn read_org_no(word: &str) -> Option<String> {
    digits(word).filter(|word| word.len() == 10).map(str::to_owned)
}

/// One to sixteen letters, digits and hyphens.
pub(super) fn read_register(word: &str) -> Option<String> {
    let good = (1..=16).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    good.then(|| word.to_owned())
}

/// At most twelve digits.
pub(super) fn read_number(word: &str) -> Option<u64> {
    digits(word).filter(|word| word.len() <= 12)?.parse().ok()
}

/// The kind of that word.
pub(super) fn read_kind(word: &str) -> Option<RecordKind> {
    Some(match word {
        "normal" => RecordKind::Normal,
        "kopia" => RecordKind::Copy,
        "ovning" => RecordKind::Training,
        "profo" => RecordKind::ProForma,
        _ => return None,
    })
}

/// VAT in this place: its rate must be the place's own.
pub(super) fn read_vat(word: &str, place: usize) -> Option<i64> {
    let (rate, amount) = word.split_once(';')?;
    if rate == RATE_WORDS[place] { read_amount(amount) } else { None }
}
