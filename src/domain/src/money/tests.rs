use proptest::prelude::*;

use super::*;

fn parse(text: &str) -> Result<i64, Refusal> {
    Money::parse(text, Currency::Sek).map(Money::minor)
}

#[test]
fn amounts_are_read_as_people_type_them() {
    for (text, minor) in
        [("49", 4900), ("49.00", 4900), ("49,5", 4950), ("49,05", 4905), ("-3.50", -350), ("0", 0), ("-0", 0), ("007", 700), ("0,01", 1)]
    {
        assert_eq!(parse(text), Ok(minor), "{text}");
    }
}

#[test]
fn what_is_no_amount_is_refused_and_never_guessed() {
    for text in
        ["", "-", ".", ",", "1.", ".5", "1.234", "1,2,3", "1.2.3", "1 000", "1e3", "+5", "--5", "5-", "0x10", "５", "1.-5", "kr 5", "1.5\n"]
    {
        assert_eq!(parse(text), Err(Refusal::AmountUnreadable), "{text:?}");
    }
}

#[test]
fn the_limit_is_ten_million_on_both_sides() {
    assert_eq!(parse("10000000.00"), Ok(Money::MINOR_MAX));
    assert_eq!(parse("-10000000.00"), Ok(-Money::MINOR_MAX));
    for text in ["10000000.01", "-10000000.01", "92233720368547758.07", "99999999999999999999999999"] {
        assert_eq!(parse(text), Err(Refusal::AmountTooLarge), "{text}");
    }
    for minor in [i64::MIN, i64::MAX, Money::MINOR_MAX + 1, -Money::MINOR_MAX - 1] {
        assert_eq!(Money::checked(minor, Currency::Eur), Err(Refusal::AmountTooLarge));
    }
}

#[test]
fn arithmetic_refuses_what_does_not_belong_together_or_does_not_fit() {
    let sek = |minor| Money::new(minor, Currency::Sek);
    let most = sek(Money::MINOR_MAX);
    assert_eq!(sek(100).plus(Money::new(100, Currency::Nok)), Err(Refusal::CurrencyMismatch));
    assert_eq!(sek(100).minus(Money::new(100, Currency::Dkk)), Err(Refusal::CurrencyMismatch));
    assert_eq!(most.plus(sek(1)), Err(Refusal::AmountTooLarge));
    assert_eq!(most.negated().minus(sek(1)), Err(Refusal::AmountTooLarge));
    assert_eq!(most.minus(most), Ok(sek(0)));
    assert_eq!(sek(i64::MAX).plus(sek(1)), Err(Refusal::AmountTooLarge));
    assert_eq!(sek(2).times(i64::MAX), Err(Refusal::AmountTooLarge));
    assert_eq!(sek(-150).times(-3), Ok(sek(450)));
    assert_eq!(sek(i64::MIN).negated().minor(), i64::MAX, "no overflow, whatever comes in");
}

#[test]
fn every_currency_is_found_by_its_letters_only() {
    for currency in Currency::ALL {
        assert_eq!(Currency::from_code(currency.code()), Some(currency));
        assert_eq!(Currency::from_code(&currency.code().to_lowercase()), None);
    }
    assert_eq!(Currency::from_code("USD"), None);
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(minor in -Money::MINOR_MAX..=Money::MINOR_MAX) {
        let money = Money::new(minor, Currency::Dkk);
        prop_assert_eq!(Money::parse(&money.to_string(), Currency::Dkk), Ok(money));
        prop_assert_eq!(Money::parse(&money.to_string().replace('.', ","), Currency::Dkk), Ok(money));
    }

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC*") {
        if let Ok(money) = Money::parse(&text, Currency::Sek) {
            prop_assert!(money.minor().abs() <= Money::MINOR_MAX);
        }
    }

    #[test]
    fn taking_away_undoes_adding(a in -1_000_000_i64..1_000_000, b in -1_000_000_i64..1_000_000) {
        let (a, b) = (Money::new(a, Currency::Sek), Money::new(b, Currency::Sek));
        prop_assert_eq!(a.plus(b).and_then(|sum| sum.minus(b)), Ok(a));
    }
}
