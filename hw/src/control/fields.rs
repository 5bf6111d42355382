//! The fields of a receipt as both protocols write them.
//!
//! Source: SKVFS 2009:2, table of receipt data.

use core::fmt::Write;

use super::{RATES_MAX, ReceiptRecord, RecordKind};

/// The rates that the protocols have places for, in hundredths of a per cent, in the order of the places.
pub const RATES: [u32; RATES_MAX] = [2500, 1200, 600, 0];
/// The largest running number: twelve digits.
pub const NUMBER_MAX: u64 = 999_999_999_999;
/// The largest amount in öre: with comma and sign it fills the fourteen characters of its field.
pub const AMOUNT_MINOR_MAX: i64 = 999_999_999_999;

/// Why no unit could take a record. Nothing is sent then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordError {
    /// The date or time is none.
    Date,
    /// The organisation number is not ten digits.
    OrgNo,
    /// The register's designation is empty or holds other signs than letters, digits and hyphens.
    Register,
    /// The running number has more than twelve digits.
    Number,
    /// The sum of returns is negative or too large.
    Returned,
    /// The sum of sales is negative or too large.
    Sold,
    /// Sales and returns in one receipt.
    Mixed,
    /// A rate that has no place, comes twice or out of order, or an amount that is too large; which place, from zero.
    Vat(u8),
}

/// The word for a kind of receipt.
#[must_use]
pub const fn kind_word(kind: RecordKind) -> &'static str {
    match kind {
        RecordKind::Normal => "normal",
        RecordKind::Copy => "kopia",
        RecordKind::Training => "ovning",
        RecordKind::ProForma => "profo",
    }
}

/// The kind of that word.
#[must_use]
pub fn kind_named(word: &str) -> Option<RecordKind> {
    [RecordKind::Normal, RecordKind::Copy, RecordKind::Training, RecordKind::ProForma].into_iter().find(|&kind| kind_word(kind) == word)
}

/// Looks a record over and puts its VAT into the four places.
///
/// # Errors
/// The first thing that no unit could take.
pub fn check(record: &ReceiptRecord) -> Result<[Option<i64>; RATES_MAX], RecordError> {
    let [year, month, day, hour, minute] = record.at;
    if !(2000..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 23 || minute > 59 {
        return Err(RecordError::Date);
    }
    if record.org_no.len() != 10 || !record.org_no.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(RecordError::OrgNo);
    }
    if record.register.is_empty() || !record.register.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
        return Err(RecordError::Register);
    }
    if record.number > NUMBER_MAX {
        return Err(RecordError::Number);
    }
    if !(0..=AMOUNT_MINOR_MAX).contains(&record.returned_minor) {
        return Err(RecordError::Returned);
    }
    if !(0..=AMOUNT_MINOR_MAX).contains(&record.sold_minor) {
        return Err(RecordError::Sold);
    }
    if record.returned_minor > 0 && record.sold_minor > 0 {
        return Err(RecordError::Mixed);
    }
    place_vat(record)
}

fn place_vat(record: &ReceiptRecord) -> Result<[Option<i64>; RATES_MAX], RecordError> {
    let mut places = [None; RATES_MAX];
    let mut free = 0;
    for (row, &(rate, vat_minor)) in record.vat.iter().enumerate() {
        let error = RecordError::Vat(u8::try_from(row).unwrap_or(u8::MAX));
        let place = RATES.iter().position(|&known| known == rate).ok_or(error)?;
        if place < free || vat_minor.unsigned_abs() > AMOUNT_MINOR_MAX.unsigned_abs() {
            return Err(error);
        }
        places[place] = Some(vat_minor);
        free = place + 1;
    }
    Ok(places)
}

/// Writes `YYYYMMDDhhmm`.
pub(super) fn write_stamp(out: &mut impl Write, at: [u16; 5]) -> core::fmt::Result {
    let [year, month, day, hour, minute] = at;
    write!(out, "{year:04}{month:02}{day:02}{hour:02}{minute:02}")
}

/// Writes öre as kronor with a decimal comma and always two decimals; rates in hundredths of a per cent look the same.
pub(super) fn write_amount(out: &mut impl Write, minor: i64) -> core::fmt::Result {
    let sign = if minor < 0 { "-" } else { "" };
    let size = minor.unsigned_abs();
    write!(out, "{sign}{},{:02}", size / 100, size % 100)
}
