use super::*;

#[test]
fn half_a_krona_is_rounded_up() {
    assert_eq!(rounding(Currency::Sek, Money::new(50, Currency::Sek)), Money::new(50, Currency::Sek));
}
