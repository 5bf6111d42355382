use super::*;
use crate::Currency;

/// The text with its right check digit behind it.
fn with_check(body: &str) -> Gtin {
    let found = (0..10).find_map(|check| Gtin::parse(&format!("{body}{check}")).ok());
    found.expect("one of ten check digits is right")
}

fn read(body: &str) -> Option<(String, Labelled)> {
    Label::read(with_check(body), Country::Se).map(|label| (label.item.to_string(), label.says))
}

#[test]
fn the_example_of_gs1_sweden_reads_as_twelve_kronor_ninety() {
    let gtin = Gtin::parse("2012340112907").expect("the check digit is right");
    let label = Label::read(gtin, Country::Se).expect("a label");
    assert_eq!(label, Label { item: ItemKey::parse("20123401").expect("a key"), says: Labelled::PriceMinor(1290) });
}

#[test]
fn every_form_of_sweden_has_its_decimals() {
    let says = |prefix: &str| read(&format!("{prefix}1234561290")).map(|(_, says)| says);
    for (prefix, expected) in [
        ("20", Labelled::PriceMinor(1290)),
        ("21", Labelled::PriceMinor(12_900)),
        ("22", Labelled::PriceMinor(129_000)),
        ("23", Labelled::WeightG(1290)),
        ("24", Labelled::WeightG(12_900)),
        ("25", Labelled::WeightG(129_000)),
    ] {
        assert_eq!(says(prefix), Some(expected), "{prefix}");
        assert_eq!(read(&format!("{prefix}1234561290")).map(|(item, _)| item), Some(format!("{prefix}123456")), "{prefix}");
    }
    for prefix in ["26", "27", "28", "29", "02", "12", "73"] {
        assert_eq!(says(prefix), None, "{prefix} is no label in Sweden");
    }
}

#[test]
fn other_lengths_and_other_countries_make_no_label() {
    let gtin = with_check("201234011290");
    for country in Country::ALL.into_iter().filter(|country| *country != Country::Se) {
        assert_eq!(Label::read(gtin, country), None, "{}", country.code());
    }
    assert_eq!(Label::read(with_check("2012345"), Country::Se), None, "eight digits");
    assert_eq!(Label::read(with_check("20123401129"), Country::Se), None, "twelve digits");
    assert_eq!(Label::read(with_check("0201234011290"), Country::Se), None, "fourteen digits");
}

#[test]
fn a_weight_costs_its_part_of_a_kilogram_with_half_an_ore_rounded_up() {
    let price = |grams, per_kg| Labelled::WeightG(grams).price(Money::new(per_kg, Currency::Sek)).map(Money::minor);
    assert_eq!(price(345, 18_900), Ok(6521), "65.205 is half an öre");
    assert_eq!(price(345, 18_899), Ok(6520), "65.20155");
    assert_eq!(price(1000, 18_900), Ok(18_900));
    assert_eq!(price(1, 499), Ok(0), "a crumb");
    assert_eq!(price(1, 500), Ok(1));
    assert_eq!(price(0, 18_900), Err(Refusal::AmountNotPositive));
    assert_eq!(price(999_900, Money::MINOR_MAX), Err(Refusal::AmountTooLarge));
}

#[test]
fn the_price_of_a_weight_is_never_off_by_more_than_half_an_ore() {
    for grams in (1..10_000).step_by(7) {
        for per_kg in [1, 999, 12_345, 18_900, 100_000] {
            let minor = Labelled::WeightG(grams).price(Money::new(per_kg, Currency::Sek)).expect("a price").minor();
            let off = minor * 1000 - grams * per_kg;
            assert!((-499..=500).contains(&off), "{grams} g at {per_kg}: {minor}");
        }
    }
}

#[test]
fn a_price_on_a_label_holds_whatever_the_list_says() {
    let list = Money::new(5000, Currency::Sek);
    assert_eq!(Labelled::PriceMinor(1290).price(list), Ok(Money::new(1290, Currency::Sek)));
    assert_eq!(Labelled::PriceMinor(0).price(list), Err(Refusal::AmountNotPositive));
}

#[test]
fn an_item_key_is_eight_digits_that_begin_with_two() {
    assert_eq!(ItemKey::parse("20123401").expect("a key").to_string(), "20123401");
    for bad in ["", "2012340", "201234011", "10123401", "2012340x", "２０１２３４０１"] {
        assert_eq!(ItemKey::parse(bad), Err(Refusal::GtinUnreadable), "{bad:?}");
    }
}
