//! Money: an integer of minor units in a currency.

use core::fmt;

use crate::Refusal;

#[cfg(test)]
mod tests;

/// A currency the till can take. All of them have two decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Currency {
    /// Swedish krona.
    Sek,
    /// Danish krone.
    Dkk,
    /// Norwegian krone.
    Nok,
    /// Euro.
    Eur,
}

impl Currency {
    /// Every currency, in the order of their codes on the wire.
    pub const ALL: [Self; 4] = [Self::Sek, Self::Dkk, Self::Nok, Self::Eur];

    /// The ISO 4217 letters.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Sek => "SEK",
            Self::Dkk => "DKK",
            Self::Nok => "NOK",
            Self::Eur => "EUR",
        }
    }

    /// The currency with these ISO 4217 letters.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|currency| currency.code() == code)
    }
}

/// An amount in minor units (öre, øre, cent) of one currency. Negative amounts are money that goes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Money {
    minor: i64,
    currency: Currency,
}

impl Money {
    /// The largest amount the till works with, in minor units: ten million in major units, far below overflow in any sum of a sale.
    pub const MINOR_MAX: i64 = 1_000_000_000;

    /// `minor` minor units of `currency`.
    #[must_use]
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Nothing, in `currency`.
    #[must_use]
    pub const fn zero(currency: Currency) -> Self {
        Self::new(0, currency)
    }

    /// The amount in minor units.
    #[must_use]
    pub const fn minor(self) -> i64 {
        self.minor
    }

    /// The currency.
    #[must_use]
    pub const fn currency(self) -> Currency {
        self.currency
    }

    /// The sum.
    ///
    /// # Errors
    /// [`Refusal::CurrencyMismatch`] and [`Refusal::AmountTooLarge`].
    pub fn plus(self, other: Self) -> Result<Self, Refusal> {
        if self.currency != other.currency {
            return Err(Refusal::CurrencyMismatch);
        }
        self.minor.checked_add(other.minor).ok_or(Refusal::AmountTooLarge).and_then(|minor| Self::checked(minor, self.currency))
    }

    /// The difference.
    ///
    /// # Errors
    /// [`Refusal::CurrencyMismatch`] and [`Refusal::AmountTooLarge`].
    pub fn minus(self, other: Self) -> Result<Self, Refusal> {
        self.plus(other.negated())
    }

    /// The amount `count` times.
    ///
    /// # Errors
    /// [`Refusal::AmountTooLarge`].
    pub fn times(self, count: i64) -> Result<Self, Refusal> {
        self.minor.checked_mul(count).ok_or(Refusal::AmountTooLarge).and_then(|minor| Self::checked(minor, self.currency))
    }

    /// The amount with the other sign.
    #[must_use]
    pub const fn negated(self) -> Self {
        Self::new(self.minor.saturating_neg(), self.currency)
    }

    /// An amount within the till's limit.
    ///
    /// # Errors
    /// [`Refusal::AmountTooLarge`] beyond ± [`Money::MINOR_MAX`].
    pub fn checked(minor: i64, currency: Currency) -> Result<Self, Refusal> {
        if minor.checked_abs().is_some_and(|size| size <= Self::MINOR_MAX) {
            Ok(Self::new(minor, currency))
        } else {
            Err(Refusal::AmountTooLarge)
        }
    }

    /// Reads a decimal amount as people type it: `49`, `49.00`, `49,5`, `-3.50`. At most two decimals.
    ///
    /// # Errors
    /// [`Refusal::AmountUnreadable`] and [`Refusal::AmountTooLarge`].
    pub fn parse(text: &str, currency: Currency) -> Result<Self, Refusal> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (major, decimals) = digits.split_once(['.', ',']).unwrap_or((digits, "0"));
        let only_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if !only_digits(major) || !only_digits(decimals) || decimals.len() > 2 {
            return Err(Refusal::AmountUnreadable);
        }
        let major: i64 = major.parse().map_err(|_| Refusal::AmountTooLarge)?;
        let minor_digits: i64 = decimals.parse().map_err(|_| Refusal::AmountUnreadable)?;
        let minor = if decimals.len() == 1 { minor_digits.saturating_mul(10) } else { minor_digits };
        let size = major.checked_mul(100).and_then(|size| size.checked_add(minor)).ok_or(Refusal::AmountTooLarge)?;
        Self::checked(if negative { size.saturating_neg() } else { size }, currency)
    }
}

/// Plain decimal notation with a dot and no currency: `-1234.50`.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.minor < 0 { "-" } else { "" };
        let size = self.minor.unsigned_abs();
        write!(f, "{sign}{}.{:02}", size.div_euclid(100), size.rem_euclid(100))
    }
}
