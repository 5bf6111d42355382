//! Value added tax: which rate a line has on a day, and how much of an amount is tax.
//!
//! Rates are dated rows of data, never constants in a rule.
//! The tax point picks the row, not the payment.
//! A receipt sums its gross per rate, takes the VAT of each sum once ([`vat_in_gross`]) and spreads it over the lines ([`vat_of_lines`]),
//! so that the VAT of the lines adds up to the VAT on the paper.

use core::fmt;

use chrono::NaiveDate;

use crate::Refusal;

mod nordic;

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "a test may panic on overflow")]
mod tests;

/// A country whose VAT a till may owe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Country {
    /// Sweden.
    Se,
    /// Denmark.
    Dk,
    /// Norway, outside the EU.
    No,
    /// Germany.
    De,
    /// Finland.
    Fi,
}

impl Country {
    /// Every country, in the order of their codes on the wire.
    pub const ALL: [Self; 5] = [Self::Se, Self::Dk, Self::No, Self::De, Self::Fi];

    /// The ISO 3166 letters.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Se => "SE",
            Self::Dk => "DK",
            Self::No => "NO",
            Self::De => "DE",
            Self::Fi => "FI",
        }
    }

    /// The country with these ISO 3166 letters.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|country| country.code() == code)
    }

    /// Whether the country is in the EU's VAT area, where the place of departure decides for the whole section.
    #[must_use]
    pub const fn is_in_eu(self) -> bool {
        !matches!(self, Self::No)
    }
}

/// What a product is in the eyes of VAT law. A deposit has the class of what is in the container.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum VatClass {
    /// Something to eat.
    Food,
    /// An alcohol-free drink, bottled water among them.
    Drink,
    /// A drink that is mostly milk, which Germany treats as food when taken away.
    MilkDrink,
    /// Water from the tap, sold.
    TapWater,
    /// Beer of at most 3.5 % (lättöl, folköl), which Sweden treats as food.
    LightBeer,
    /// Spirits, wine, strong beer, and cider above the limit.
    Alcohol,
    /// Everything that is not eaten or drunk.
    Standard,
}

impl VatClass {
    /// Every class, in the order of their codes on the wire.
    pub const ALL: [Self; 7] = [Self::Food, Self::Drink, Self::MilkDrink, Self::TapWater, Self::LightBeer, Self::Alcohol, Self::Standard];

    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Food => "food",
            Self::Drink => "drink",
            Self::MilkDrink => "milk_drink",
            Self::TapWater => "tap_water",
            Self::LightBeer => "light_beer",
            Self::Alcohol => "alcohol",
            Self::Standard => "standard",
        }
    }

    /// The class with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.code() == code)
    }
}

/// Whether the guest is served (tables, china, carrying) or takes the goods away. It is decided per line at the till.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Supply {
    /// A restaurant or catering service.
    Served,
    /// Goods.
    TakeAway,
}

impl Supply {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Served, Self::TakeAway];

    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Served => "served",
            Self::TakeAway => "take_away",
        }
    }

    /// The supply with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|supply| supply.code() == code)
    }
}

/// A VAT rate in basis points of the net: 1200 is 12 %.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VatRate(u32);

impl VatRate {
    /// The highest rate a table may hold: 100 %.
    pub const BASIS_POINTS_MAX: u32 = 10_000;

    /// A rate of `basis_points`.
    #[must_use]
    pub const fn from_basis_points(basis_points: u32) -> Self {
        Self(basis_points)
    }

    /// The rate in basis points.
    #[must_use]
    pub const fn basis_points(self) -> u32 {
        self.0
    }
}

/// Per cent with a dot, without trailing zeros and without a sign: `12`, `25.5`.
impl fmt::Display for VatRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, hundredths) = (self.0.div_euclid(100), self.0.rem_euclid(100));
        match (hundredths, hundredths.rem_euclid(10)) {
            (0, _) => write!(f, "{whole}"),
            (_, 0) => write!(f, "{whole}.{}", hundredths.div_euclid(10)),
            _ => write!(f, "{whole}.{hundredths:02}"),
        }
    }
}

/// The letter that stands for a rate on a receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VatCode(char);

impl VatCode {
    /// The code of a rate the table does not hold, as on a receipt from another table's days.
    pub const UNLISTED: Self = Self('-');

    /// The letter.
    #[must_use]
    pub const fn letter(self) -> char {
        self.0
    }
}

impl fmt::Display for VatCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// One rate with the days it is valid on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct VatRow {
    /// Whose law.
    pub country: Country,
    /// For what.
    pub class: VatClass,
    /// For which supply; `None` where the law makes no difference, so that the switch is locked.
    pub supply: Option<Supply>,
    /// The rate.
    pub rate: VatRate,
    /// The first valid day.
    pub from: NaiveDate,
    /// The last valid day; `None` until further notice.
    pub until: Option<NaiveDate>,
}

impl VatRow {
    /// Whether the row holds on this day.
    #[must_use]
    pub fn is_valid_on(&self, day: NaiveDate) -> bool {
        self.from <= day && self.until.is_none_or(|until| day <= until)
    }

    fn overlaps(&self, other: &Self) -> bool {
        let same_supply = match (self.supply, other.supply) {
            (Some(one), Some(two)) => one == two,
            _ => true,
        };
        let same_days = self.until.is_none_or(|until| other.from <= until) && other.until.is_none_or(|until| self.from <= until);
        self.country == other.country && self.class == other.class && same_supply && same_days
    }
}

/// Why rows make no table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VatTableError {
    /// Two rows answer the same question on the same day.
    Overlap(VatRow, VatRow),
    /// A row ends before it begins.
    Backwards(VatRow),
    /// A rate above [`VatRate::BASIS_POINTS_MAX`].
    RateTooHigh(VatRow),
    /// A country has more rates than there are letters ([`VatTable::RATES_PER_COUNTRY_MAX`]).
    TooManyRates(Country),
    /// More rows than [`VatTable::ROWS_MAX`].
    TooManyRows,
}

impl fmt::Display for VatTableError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |row: &VatRow| format!("{} {} {} % from {}", row.country.code(), row.class.code(), row.rate, row.from);
        match self {
            Self::Overlap(one, two) => write!(f, "VAT rows overlap: {} and {}", name(one), name(two)),
            Self::Backwards(row) => write!(f, "VAT row ends before it begins: {}", name(row)),
            Self::RateTooHigh(row) => write!(f, "VAT rate above 100 %: {}", name(row)),
            Self::TooManyRates(country) => write!(f, "more VAT rates than letters for {}", country.code()),
            Self::TooManyRows => write!(f, "more VAT rows than {}", VatTable::ROWS_MAX),
        }
    }
}

impl core::error::Error for VatTableError {}

/// The dated VAT rates of all countries the trains run in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VatTable {
    rows: Vec<VatRow>,
}

impl VatTable {
    /// The most rows a table may have.
    pub const ROWS_MAX: usize = 1000;
    /// The most different rates a country may have over all days: one per letter.
    pub const RATES_PER_COUNTRY_MAX: usize = LETTERS.len();

    /// A table of these rows. Their order gives the letters: a country's first rate is `A`, its next new one `B`.
    ///
    /// # Errors
    /// [`VatTableError`], above all where two rows would answer for the same day.
    pub fn new(rows: Vec<VatRow>) -> Result<Self, VatTableError> {
        if rows.len() > Self::ROWS_MAX {
            return Err(VatTableError::TooManyRows);
        }
        for (index, row) in rows.iter().enumerate() {
            if row.until.is_some_and(|until| until < row.from) {
                return Err(VatTableError::Backwards(*row));
            }
            if row.rate.basis_points() > VatRate::BASIS_POINTS_MAX {
                return Err(VatTableError::RateTooHigh(*row));
            }
            if let Some(earlier) = rows.iter().take(index).find(|earlier| earlier.overlaps(row)) {
                return Err(VatTableError::Overlap(*earlier, *row));
            }
        }
        let table = Self { rows };
        match Country::ALL.into_iter().find(|country| table.rates(*country).len() > Self::RATES_PER_COUNTRY_MAX) {
            Some(country) => Err(VatTableError::TooManyRates(country)),
            None => Ok(table),
        }
    }

    /// The rates of the Nordic countries and Germany as known in 2026, from 2025-01-01 where a rate is that old.
    ///
    /// Each row's source stands beside it in the module `nordic`.
    /// A day, country and class without a row is refused by [`VatTable::rate`], not guessed.
    ///
    /// # Panics
    /// Never: a test builds it.
    #[must_use]
    pub fn nordic_2026() -> Self {
        Self::new(nordic::ROWS.to_vec()).expect("the built-in rows do not overlap")
    }

    /// The rows, in their order.
    #[must_use]
    pub fn rows(&self) -> &[VatRow] {
        &self.rows
    }

    /// The rate of a class of goods, supplied like this, on the day of the tax point.
    ///
    /// # Errors
    /// [`Refusal::VatRateMissing`] where no row holds.
    pub fn rate(&self, country: Country, class: VatClass, supply: Supply, on: NaiveDate) -> Result<VatRate, Refusal> {
        self.valid_rows(country, class, on)
            .find(|row| row.supply.is_none_or(|of_row| of_row == supply))
            .map(|row| row.rate)
            .ok_or(Refusal::VatRateMissing)
    }

    /// Whether the law has one rate for this class on this day however it is supplied, so that the serve / take-away switch is locked.
    #[must_use]
    pub fn locked(&self, country: Country, class: VatClass, on: NaiveDate) -> bool {
        self.valid_rows(country, class, on).any(|row| row.supply.is_none())
    }

    /// The letter of a rate on a receipt under this country's VAT; [`VatCode::UNLISTED`] for a rate the table does not hold.
    #[must_use]
    pub fn code(&self, country: Country, rate: VatRate) -> VatCode {
        self.rates(country)
            .into_iter()
            .position(|known| known == rate)
            .and_then(|index| LETTERS.get(index))
            .map_or(VatCode::UNLISTED, |letter| VatCode(char::from(*letter)))
    }

    /// The country's different rates over all days, in the order of their letters.
    #[must_use]
    pub fn rates(&self, country: Country) -> Vec<VatRate> {
        let mut rates = Vec::new();
        for row in self.rows.iter().filter(|row| row.country == country) {
            if !rates.contains(&row.rate) {
                rates.push(row.rate);
            }
        }
        rates
    }

    fn valid_rows(&self, country: Country, class: VatClass, on: NaiveDate) -> impl Iterator<Item = &VatRow> {
        self.rows.iter().filter(move |row| row.country == country && row.class == class && row.is_valid_on(on))
    }
}

/// The VAT inside a gross amount, both in minor units: gross × r / (100 % + r), a half rounded away from zero.
///
/// A refund is the mirror of its sale: the VAT of `-gross` is minus the VAT of `gross`.
#[must_use]
pub fn vat_in_gross(gross_minor: i64, rate: VatRate) -> i64 {
    let rounded = half_away_from_zero(exact_vat_numerator(gross_minor, rate), exact_vat_denominator(rate));
    i64::try_from(rounded).expect("the VAT inside an amount is never more than the amount")
}

/// The VAT of each line of one rate, in minor units, adding up to the [`vat_in_gross`] of their sum.
///
/// Each line's VAT is within one minor unit of its exact VAT; what rounding leaves goes by largest remainder, the earlier line first.
/// Lines of both signs may stand together, as when a deposit comes back in a sale. The mirror of the lines has the mirror of the VAT.
///
/// # Panics
/// Where the lines add up to more than an `i64`; amounts within [`Money::MINOR_MAX`](crate::Money::MINOR_MAX) are far from it.
#[must_use]
pub fn vat_of_lines(gross_minor: &[i64], rate: VatRate) -> Vec<i64> {
    let gross_sum = sum(gross_minor);
    let total = vat_in_gross(i64::try_from(gross_sum).expect("the lines add up to an amount"), rate);
    let sign = sign_of(gross_sum, gross_minor);
    let numerators = gross_minor.iter().map(|gross| exact_vat_numerator(*gross, rate).saturating_mul(sign)).collect::<Vec<_>>();
    let shares = largest_remainder(i128::from(total).saturating_mul(sign), &numerators, exact_vat_denominator(rate));
    narrow(shares, sign)
}

/// Shares of `total` in proportion to `weights`, adding up to `total` exactly, each within one of its exact share.
///
/// What rounding leaves goes by largest remainder, the earlier share first, so the same input always gives the same shares.
/// A weight of zero has a share of zero. Where the weights add up to nothing, all shares are equal but for the remainder.
/// The shares of `-total` are the mirror of those of `total`. No weights, no shares: there is nobody to give `total` to.
///
/// # Panics
/// Where weights of both signs blow a share up beyond an `i64`; amounts within [`Money::MINOR_MAX`](crate::Money::MINOR_MAX) cannot.
#[must_use]
pub fn spread(total: i64, weights: &[i64]) -> Vec<i64> {
    let weight_sum = sum(weights);
    let equal = weight_sum == 0;
    let (weight_of, denominator): (fn(i64) -> i128, i128) =
        if equal { (|_| 1, i128::try_from(weights.len()).expect("a length fits")) } else { (i128::from, weight_sum) };
    // The denominator is kept positive; its sign moves to the weights.
    let turn = denominator.signum();
    let sign = if total < 0 { -1 } else { 1 };
    let size = i128::from(total.unsigned_abs());
    let numerators = weights.iter().map(|weight| size.saturating_mul(weight_of(*weight)).saturating_mul(turn)).collect::<Vec<_>>();
    narrow(largest_remainder(size, &numerators, denominator.saturating_mul(turn)), sign)
}

/// The letters of the codes.
const LETTERS: [u8; 26] = *b"ABCDEFGHIJKLMNOPQRSTUVWXYZ";

fn exact_vat_numerator(gross_minor: i64, rate: VatRate) -> i128 {
    i128::from(gross_minor).saturating_mul(i128::from(rate.basis_points()))
}

fn exact_vat_denominator(rate: VatRate) -> i128 {
    i128::from(rate.basis_points()).saturating_add(10_000)
}

fn half_away_from_zero(numerator: i128, denominator: i128) -> i128 {
    let doubled = numerator.saturating_abs().saturating_mul(2).saturating_add(denominator);
    doubled.div_euclid(denominator.saturating_mul(2)).saturating_mul(numerator.signum())
}

/// Every fraction rounded down, then one more to those with the largest remainders until the total is met.
fn largest_remainder(total: i128, numerators: &[i128], denominator: i128) -> Vec<i128> {
    if numerators.is_empty() {
        return Vec::new();
    }
    let mut shares = numerators.iter().map(|numerator| numerator.div_euclid(denominator)).collect::<Vec<_>>();
    let missing = shares.iter().fold(total, |rest, share| rest.saturating_sub(*share));
    let mut by_remainder = numerators.iter().map(|numerator| numerator.rem_euclid(denominator)).enumerate().collect::<Vec<_>>();
    // The sort is stable, so an equal remainder leaves the earlier one first.
    by_remainder.sort_by_key(|(_, remainder)| core::cmp::Reverse(*remainder));
    for (index, _) in by_remainder.into_iter().take(usize::try_from(missing).unwrap_or(0)) {
        if let Some(share) = shares.get_mut(index) {
            *share = share.saturating_add(1);
        }
    }
    shares
}

fn sum(amounts: &[i64]) -> i128 {
    amounts.iter().fold(0_i128, |sum, amount| sum.saturating_add(i128::from(*amount)))
}

/// The sign to work in, so that mirrored lines give mirrored results even where they add up to nothing.
fn sign_of(sum: i128, amounts: &[i64]) -> i128 {
    let sign = if sum == 0 { i128::from(amounts.iter().find(|amount| **amount != 0).copied().unwrap_or(1)) } else { sum };
    if sign < 0 { -1 } else { 1 }
}

fn narrow(shares: Vec<i128>, sign: i128) -> Vec<i64> {
    shares.into_iter().map(|share| i64::try_from(share.saturating_mul(sign)).expect("a share is an amount")).collect()
}
