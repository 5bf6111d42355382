//! Labels that a scale prints: barcodes that carry a price or a weight.
//!
//! Their numbers are the shop's own, and each country's GS1 organisation says what they mean there.

use super::Gtin;
use crate::{Money, Refusal, vat::Country};

/// Digits of a barcode that can be such a label, the check digit among them.
const DIGITS: u8 = 13;

/// What the value of a label is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Value {
    /// Major units of the country's currency, with so many decimals.
    Price { decimals: u32 },
    /// Kilograms, with so many decimals.
    Weight { decimals: u32 },
}

/// One form of label: `prefix` begins the barcode, `value_digits` stand before the check digit, and all before them is the item key.
#[derive(Clone, Copy, Debug)]
struct Form {
    prefix: u64,
    value_digits: u32,
    value: Value,
}

const fn form(prefix: u64, value: Value) -> Form {
    Form { prefix, value_digits: 4, value }
}

/// Sweden. Source: GS1 Sweden, weight and price labels. 26 to 29 say nothing.
const SWEDEN: &[Form] = &[
    form(20, Value::Price { decimals: 2 }),
    form(21, Value::Price { decimals: 1 }),
    form(22, Value::Price { decimals: 0 }),
    form(23, Value::Weight { decimals: 3 }),
    form(24, Value::Weight { decimals: 2 }),
    form(25, Value::Weight { decimals: 1 }),
];

/// The forms of a country. Where none is known a label is a barcode like any other, and no price is guessed from it.
const fn forms(country: Country) -> &'static [Form] {
    match country {
        Country::Se => SWEDEN,
        Country::Dk | Country::No | Country::De | Country::Fi => &[],
    }
}

/// Which item a label is on: the digits before its value, prefix and all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ItemKey(u64);

impl ItemKey {
    /// How many digits a key has.
    pub const DIGITS: usize = 8;

    /// Reads a key as a price list writes it: eight digits, the first a 2.
    ///
    /// # Errors
    /// [`Refusal::GtinUnreadable`] for any other text.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        if text.len() != Self::DIGITS || !text.starts_with('2') || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Refusal::GtinUnreadable);
        }
        text.parse().map(Self).map_err(|_| Refusal::GtinUnreadable)
    }
}

impl core::fmt::Display for ItemKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{:0width$}", self.0, width = Self::DIGITS)
    }
}

/// What a label says of the one piece that it is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Labelled {
    /// What it costs, in minor units of the country's currency.
    PriceMinor(i64),
    /// What it weighs, in grams. The item's list price is that of a kilogram.
    WeightG(i64),
}

impl Labelled {
    /// What the piece costs where a kilogram costs `per_kg`. Half an öre is rounded up.
    ///
    /// # Errors
    /// [`Refusal::AmountNotPositive`] for a label without price or weight, [`Refusal::AmountTooLarge`].
    pub fn price(self, per_kg: Money) -> Result<Money, Refusal> {
        let minor = match self {
            Self::PriceMinor(minor) => minor,
            Self::WeightG(grams) => {
                let thousandth = per_kg.minor().checked_mul(grams).and_then(|product| product.checked_add(G_PER_KG.div_euclid(2)));
                if grams == 0 {
                    return Err(Refusal::AmountNotPositive);
                }
                thousandth.ok_or(Refusal::AmountTooLarge)?.div_euclid(G_PER_KG)
            }
        };
        if minor <= 0 && matches!(self, Self::PriceMinor(_)) {
            return Err(Refusal::AmountNotPositive);
        }
        Money::checked(minor, per_kg.currency())
    }
}

const G_PER_KG: i64 = 1000;

/// A label, read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Label {
    /// Which item.
    pub item: ItemKey,
    /// What it says of this piece.
    pub says: Labelled,
}

impl Label {
    /// Reads a barcode as `country`'s shops label. `None` when it is no label there.
    #[must_use]
    pub fn read(gtin: Gtin, country: Country) -> Option<Self> {
        if gtin.digits != DIGITS {
            return None;
        }
        let body = gtin.number.div_euclid(10);
        let prefix = body.div_euclid(10_u64.pow(10));
        let form = forms(country).iter().find(|form| form.prefix == prefix)?;
        let split = 10_u64.pow(form.value_digits);
        let value = i64::try_from(body.rem_euclid(split)).ok()?;
        let says = match form.value {
            Value::Price { decimals } => Labelled::PriceMinor(scaled(value, 2_u32.checked_sub(decimals)?)?),
            Value::Weight { decimals } => Labelled::WeightG(scaled(value, 3_u32.checked_sub(decimals)?)?),
        };
        Some(Self { item: ItemKey(body.div_euclid(split)), says })
    }
}

fn scaled(value: i64, zeros: u32) -> Option<i64> {
    10_i64.checked_pow(zeros).and_then(|factor| value.checked_mul(factor))
}

#[cfg(test)]
mod tests;
