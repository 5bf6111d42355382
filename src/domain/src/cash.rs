//! Cash: what rounding does to it, and what it is made of.

use crate::{Currency, Money, Refusal};

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "a test may panic on overflow")]
mod tests;

/// The smallest amount that can be paid in cash where Finland's rule for the euro holds: 0.05, in minor units.
pub const STEP_MINOR_EUR_FINLAND: i64 = 5;

/// The smallest amount that can be paid in cash by default, in minor units; 1 where nothing is rounded.
///
/// Sweden: the krona (Act 1970:1029). Norway: the krone (Norges Bank). Denmark: 50 øre (unverified). Euro: no rounding, as in Germany.
#[must_use]
pub const fn step_minor(currency: Currency) -> i64 {
    match currency {
        Currency::Sek | Currency::Nok => 100,
        Currency::Dkk => 50,
        Currency::Eur => 1,
    }
}

/// The rounding line for what is left to pay in cash, by the currency's default rule: rounded minus due, without VAT.
///
/// Only the part that is paid in cash is rounded. See [`rounding_to`] for halves and negative amounts.
#[must_use]
pub fn rounding(currency: Currency, due: Money) -> Money {
    rounding_to(step_minor(currency), due)
}

/// The rounding line that takes `due` to a multiple of `step_minor`, in the currency of `due`. A step of 1 or less rounds nothing.
///
/// A half goes away from zero: 0.50 kr up to 1 kr, and -0.50 kr to -1 kr, so that a refund is the mirror of its sale.
#[must_use]
pub fn rounding_to(step_minor: i64, due: Money) -> Money {
    if step_minor <= 1 {
        return Money::zero(due.currency());
    }
    let size = i128::from(due.minor()).saturating_abs();
    let step = i128::from(step_minor);
    let over = size.rem_euclid(step);
    let change = if over.saturating_mul(2) >= step { step.saturating_sub(over) } else { over.saturating_neg() };
    let change = i64::try_from(change).expect("a rounding is smaller than its step");
    Money::new(if due.minor() < 0 { change.saturating_neg() } else { change }, due.currency())
}

/// The notes and coins in use, in minor units, largest first.
///
/// Denmark's 1000-krone note ended in May 2025. The 500-euro note is no longer issued but still legal tender.
#[must_use]
pub const fn denominations(currency: Currency) -> &'static [i64] {
    match currency {
        Currency::Sek => &[100_000, 50_000, 20_000, 10_000, 5_000, 2_000, 1_000, 500, 200, 100],
        Currency::Dkk => &[50_000, 20_000, 10_000, 5_000, 2_000, 1_000, 500, 200, 100, 50],
        Currency::Nok => &[100_000, 50_000, 20_000, 10_000, 5_000, 2_000, 1_000, 500, 100],
        Currency::Eur => &[50_000, 20_000, 10_000, 5_000, 2_000, 1_000, 500, 200, 100, 50, 20, 10, 5, 2, 1],
    }
}

/// What was counted in a drawer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CashCount {
    /// The currency of all pieces.
    pub currency: Currency,
    /// Pairs of a denomination in minor units and how many pieces of it there are. A denomination may stand more than once.
    pub pieces: Vec<(i64, u32)>,
}

impl CashCount {
    /// What the pieces are worth together.
    ///
    /// # Errors
    /// [`Refusal::DenominationUnknown`] for a piece that is not among the currency's [`denominations`], even where there are none of it;
    /// [`Refusal::AmountTooLarge`].
    pub fn total(&self) -> Result<Money, Refusal> {
        self.pieces.iter().try_fold(Money::zero(self.currency), |total, (denomination_minor, pieces)| {
            if !denominations(self.currency).contains(denomination_minor) {
                return Err(Refusal::DenominationUnknown);
            }
            total.plus(Money::new(*denomination_minor, self.currency).times(i64::from(*pieces))?)
        })
    }
}
