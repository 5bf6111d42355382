use proptest::prelude::*;

use super::*;

/// Pairs of an amount due and what is paid in cash for it, both in minor units. The mirror of each is checked too.
fn check(currency: Currency, pairs: &[(i64, i64)]) {
    for (due_minor, paid_minor) in pairs {
        for sign in [1, -1] {
            let due = Money::new(due_minor * sign, currency);
            let paid = due.plus(rounding(currency, due)).expect("a small amount");
            assert_eq!(paid, Money::new(paid_minor * sign, currency), "{due} {}", currency.code());
        }
    }
}

#[test]
fn swedish_and_norwegian_cash_is_whole_kronor_with_the_half_up() {
    for currency in [Currency::Sek, Currency::Nok] {
        check(currency, &[(0, 0), (1, 0), (49, 0), (50, 100), (99, 100), (100, 100), (4949, 4900), (4950, 5000), (4900, 4900)]);
    }
}

#[test]
fn danish_cash_is_half_kroner_with_the_half_up() {
    check(Currency::Dkk, &[(0, 0), (24, 0), (25, 50), (50, 50), (74, 50), (75, 100), (99, 100), (4925, 4950), (4950, 4950)]);
}

#[test]
fn euro_cash_is_not_rounded_by_default() {
    check(Currency::Eur, &[(0, 0), (1, 1), (2, 2), (3, 3), (4999, 4999)]);
}

#[test]
fn finnish_cash_is_rounded_to_five_cents() {
    for (due_minor, rounding_minor) in [(0, 0), (1, -1), (2, -2), (3, 2), (4, 1), (5, 0), (1207, -2), (1208, 2), (-3, -2), (-2, 2)] {
        let due = Money::new(due_minor, Currency::Eur);
        assert_eq!(rounding_to(STEP_MINOR_EUR_FINLAND, due), Money::new(rounding_minor, Currency::Eur), "{due}");
    }
}

#[test]
fn a_step_of_nothing_rounds_nothing() {
    for step_minor in [1, 0, -100, i64::MIN] {
        assert_eq!(rounding_to(step_minor, Money::new(4949, Currency::Sek)), Money::zero(Currency::Sek));
    }
}

#[test]
fn the_ends_of_the_scale_are_rounded_without_overflow() {
    assert_eq!(rounding(Currency::Sek, Money::new(i64::MIN, Currency::Sek)).minor(), 8);
    assert_eq!(rounding(Currency::Sek, Money::new(i64::MAX, Currency::Sek)).minor(), -7);
}

#[test]
fn denominations_are_sorted_and_can_pay_every_rounded_amount() {
    for currency in Currency::ALL {
        let denominations = denominations(currency);
        assert!(denominations.is_sorted_by(|larger, smaller| larger > smaller), "{}", currency.code());
        assert_eq!(denominations.last(), Some(&step_minor(currency)), "the smallest coin is what cash is rounded to");
        assert!(denominations.iter().all(|minor| minor % step_minor(currency) == 0), "{}", currency.code());
    }
}

#[test]
fn a_count_adds_up_its_pieces() {
    let count = CashCount { currency: Currency::Sek, pieces: vec![(50_000, 2), (2_000, 3), (100, 7), (100, 1), (500, 0)] };
    assert_eq!(count.total(), Ok(Money::new(106_800, Currency::Sek)));
    let nothing = CashCount { currency: Currency::Nok, pieces: Vec::new() };
    assert_eq!(nothing.total(), Ok(Money::zero(Currency::Nok)));
}

#[test]
fn a_count_refuses_pieces_that_do_not_exist() {
    let total = |currency, piece| CashCount { currency, pieces: vec![(100, 1), piece] }.total();
    assert_eq!(total(Currency::Sek, (50, 1)), Err(Refusal::DenominationUnknown), "50 öre ended in 2010");
    assert_eq!(total(Currency::Dkk, (50, 1)), Ok(Money::new(150, Currency::Dkk)));
    assert_eq!(total(Currency::Sek, (-100, 1)), Err(Refusal::DenominationUnknown));
    assert_eq!(total(Currency::Sek, (0, 1)), Err(Refusal::DenominationUnknown));
    assert_eq!(total(Currency::Nok, (200, 0)), Err(Refusal::DenominationUnknown), "even where there are none of it");
}

#[test]
fn a_count_beyond_the_tills_limit_is_refused() {
    let total = |pieces| CashCount { currency: Currency::Sek, pieces }.total();
    assert_eq!(total(vec![(100_000, 10_000)]), Ok(Money::new(Money::MINOR_MAX, Currency::Sek)));
    assert_eq!(total(vec![(100_000, 10_001)]), Err(Refusal::AmountTooLarge));
    assert_eq!(total(vec![(100_000, 10_000), (100, 1)]), Err(Refusal::AmountTooLarge));
    assert_eq!(total(vec![(100_000, u32::MAX)]), Err(Refusal::AmountTooLarge));
}

proptest! {
    #[test]
    fn rounded_cash_is_a_multiple_of_the_step_and_at_most_half_a_step_away(
        due_minor in -Money::MINOR_MAX..=Money::MINOR_MAX,
        currency in prop::sample::select(&Currency::ALL[..]),
        step in prop_oneof![Just(None), Just(Some(5_i64)), (2..1000_i64).prop_map(Some)],
    ) {
        let due = Money::new(due_minor, currency);
        let (step_minor, line) = match step {
            Some(step_minor) => (step_minor, rounding_to(step_minor, due)),
            None => (step_minor(currency), rounding(currency, due)),
        };
        prop_assert_eq!(line.currency(), currency);
        prop_assert_eq!((due_minor + line.minor()) % step_minor, 0);
        prop_assert!(line.minor().abs() * 2 <= step_minor);
        // Exactly half a step goes away from zero.
        prop_assert!(line.minor().abs() * 2 < step_minor || line.minor().signum() == due_minor.signum() || step_minor == 1);
        let mirror = if let Some(step_minor) = step { rounding_to(step_minor, due.negated()) } else { rounding(currency, due.negated()) };
        prop_assert_eq!(mirror, line.negated());
    }
}
