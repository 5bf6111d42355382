use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::*;
use crate::Money;

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day in the test")
}

fn rate(basis_points: u32) -> VatRate {
    VatRate::from_basis_points(basis_points)
}

fn row(from: &str, until: Option<&str>, supply: Option<Supply>, basis_points: u32) -> VatRow {
    VatRow { country: Country::Se, class: VatClass::Food, supply, rate: rate(basis_points), from: day(from), until: until.map(day) }
}

/// All classes of a country on a day: served / taken away, `=` where the law locks the switch, `-` where no rate is known.
fn check_rates(country: Country, on: &str, expect: &Expect) {
    let table = VatTable::nordic_2026();
    let shown = |class, supply| table.rate(country, class, supply, day(on)).map_or("-".to_owned(), |rate| rate.to_string());
    let mut lines = String::new();
    for class in VatClass::ALL {
        let locked = if table.locked(country, class, day(on)) { " =" } else { "" };
        let (served, take_away) = (shown(class, Supply::Served), shown(class, Supply::TakeAway));
        lines.push_str(&format!("{}: {served} / {take_away}{locked}\n", class.code()));
    }
    expect.assert_eq(&lines);
}

#[test]
fn sweden_taxes_food_as_goods_lower_from_april_2026_to_2027() {
    let normal = expect![[r#"
        food: 12 / 12
        drink: 12 / 12
        milk_drink: 12 / 12
        tap_water: 25 / 25 =
        light_beer: 12 / 12
        alcohol: 25 / 25 =
        standard: 25 / 25 =
    "#]];
    let cut = expect![[r#"
        food: 12 / 6
        drink: 12 / 6
        milk_drink: 12 / 6
        tap_water: 25 / 25 =
        light_beer: 12 / 6
        alcohol: 25 / 25 =
        standard: 25 / 25 =
    "#]];
    check_rates(Country::Se, "2026-03-31", &normal);
    check_rates(Country::Se, "2026-04-01", &cut);
    check_rates(Country::Se, "2027-12-31", &cut);
    check_rates(Country::Se, "2028-01-01", &normal);
}

#[test]
fn denmark_has_one_rate() {
    check_rates(
        Country::Dk,
        "2026-06-01",
        &expect![[r#"
            food: 25 / 25 =
            drink: 25 / 25 =
            milk_drink: 25 / 25 =
            tap_water: 25 / 25 =
            light_beer: 25 / 25 =
            alcohol: 25 / 25 =
            standard: 25 / 25 =
        "#]],
    );
}

#[test]
fn norway_taxes_a_serving_higher_than_goods() {
    check_rates(
        Country::No,
        "2026-06-01",
        &expect![[r#"
            food: 25 / 15
            drink: 25 / 15
            milk_drink: 25 / 15
            tap_water: 25 / 25 =
            light_beer: 25 / 25 =
            alcohol: 25 / 25 =
            standard: 25 / 25 =
        "#]],
    );
}

#[test]
fn germany_taxes_drinks_as_standard_and_milk_as_food_when_taken_away() {
    check_rates(
        Country::De,
        "2026-06-01",
        &expect![[r#"
            food: 7 / 7 =
            drink: 19 / 19 =
            milk_drink: 19 / 7
            tap_water: 19 / 7
            light_beer: 19 / 19 =
            alcohol: 19 / 19 =
            standard: 19 / 19 =
        "#]],
    );
}

#[test]
fn finland_has_no_known_rate_for_tap_water() {
    check_rates(
        Country::Fi,
        "2026-06-01",
        &expect![[r#"
            food: 13.5 / 13.5 =
            drink: 13.5 / 13.5 =
            milk_drink: 13.5 / 13.5 =
            tap_water: - / -
            light_beer: 25.5 / 25.5 =
            alcohol: 25.5 / 25.5 =
            standard: 25.5 / 25.5 =
        "#]],
    );
}

#[test]
fn a_missing_rate_is_refused_and_not_guessed() {
    let table = VatTable::nordic_2026();
    let food = |country, on| table.rate(country, VatClass::Food, Supply::Served, day(on));
    assert_eq!(food(Country::De, "2025-12-31"), Err(Refusal::VatRateMissing));
    assert_eq!(food(Country::De, "2026-01-01"), Ok(rate(700)));
    assert_eq!(food(Country::Se, "2024-12-31"), Err(Refusal::VatRateMissing));
    assert_eq!(food(Country::Se, "2025-01-01"), Ok(rate(1200)));
    assert_eq!(table.rate(Country::Fi, VatClass::TapWater, Supply::TakeAway, day("2026-06-01")), Err(Refusal::VatRateMissing));
}

#[test]
fn a_class_without_a_rate_is_not_locked() {
    assert!(!VatTable::nordic_2026().locked(Country::Fi, VatClass::TapWater, day("2026-06-01")));
    assert!(!VatTable::nordic_2026().locked(Country::Se, VatClass::Alcohol, day("2024-12-31")));
}

#[test]
fn every_known_class_and_day_has_an_answer_for_both_supplies() {
    let table = VatTable::nordic_2026();
    let mut answers = 0;
    for month in 0..48 {
        let on = day("2026-01-01").checked_add_months(chrono::Months::new(month)).expect("a day");
        for (country, class) in Country::ALL.into_iter().flat_map(|country| VatClass::ALL.map(|class| (country, class))) {
            let known = Supply::ALL.map(|supply| table.rate(country, class, supply, on).is_ok());
            let expected = (country, class) != (Country::Fi, VatClass::TapWater);
            assert_eq!(known, [expected; 2], "{country:?} {class:?} {on}");
            answers += 2;
        }
    }
    assert_eq!(answers, 48 * 5 * 7 * 2);
}

#[test]
fn codes_are_letters_in_the_order_of_the_table() {
    let table = VatTable::nordic_2026();
    let mut lines = String::new();
    for country in Country::ALL {
        let codes = table.rates(country).into_iter().map(|rate| format!("{} {rate} %", table.code(country, rate)));
        lines.push_str(&format!("{}: {}\n", country.code(), codes.collect::<Vec<_>>().join(", ")));
    }
    expect![[r#"
        SE: A 25 %, B 12 %, C 6 %
        DK: A 25 %
        NO: A 25 %, B 15 %
        DE: A 19 %, B 7 %
        FI: A 25.5 %, B 13.5 %
    "#]]
    .assert_eq(&lines);
    assert_eq!(table.code(Country::Dk, rate(600)), VatCode::UNLISTED);
}

#[test]
fn overlapping_rows_make_no_table() {
    let overlap = |one: VatRow, two: VatRow| {
        let answer = VatTable::new(vec![one, two]);
        match answer {
            Ok(_) => false,
            Err(error) => {
                assert_eq!(error, VatTableError::Overlap(one, two));
                true
            }
        }
    };
    let open = row("2026-01-01", None, None, 1200);
    let served = row("2026-01-01", None, Some(Supply::Served), 1200);
    let take_away = row("2026-01-01", None, Some(Supply::TakeAway), 600);
    let until_june = row("2026-01-01", Some("2026-06-30"), None, 1200);
    let from_july = row("2026-07-01", None, None, 600);
    let from_june = row("2026-06-30", None, None, 600);
    assert!(overlap(open, open));
    assert!(overlap(open, served), "a row for both supplies answers for each of them");
    assert!(overlap(take_away, open));
    assert!(overlap(until_june, from_june), "the last valid day is valid");
    assert!(overlap(from_june, until_june));
    assert!(!overlap(served, take_away));
    assert!(!overlap(until_june, from_july));
    assert!(!overlap(from_july, until_june));
    assert!(!overlap(open, VatRow { class: VatClass::Drink, ..open }));
    assert!(!overlap(open, VatRow { country: Country::Dk, ..open }));
}

#[test]
fn a_row_may_last_one_day_but_not_end_before_it_begins() {
    let one_day = row("2026-01-02", Some("2026-01-02"), None, 1200);
    let table = VatTable::new(vec![one_day]).expect("a table");
    let on = |text| table.rate(Country::Se, VatClass::Food, Supply::Served, day(text));
    assert_eq!(on("2026-01-01"), Err(Refusal::VatRateMissing));
    assert_eq!(on("2026-01-02"), Ok(rate(1200)));
    assert_eq!(on("2026-01-03"), Err(Refusal::VatRateMissing));
    let backwards = row("2026-01-02", Some("2026-01-01"), None, 1200);
    assert_eq!(VatTable::new(vec![backwards]), Err(VatTableError::Backwards(backwards)));
}

#[test]
fn the_limits_of_a_table_are_kept() {
    let high = row("2026-01-01", None, None, VatRate::BASIS_POINTS_MAX + 1);
    assert_eq!(VatTable::new(vec![high]), Err(VatTableError::RateTooHigh(high)));
    assert!(VatTable::new(vec![VatRow { rate: rate(VatRate::BASIS_POINTS_MAX), ..high }]).is_ok());

    let first_day = day("2026-01-01");
    let rows = |count: u64, rate_of: fn(u64) -> u64| {
        (0..count)
            .map(|index| {
                let on = first_day.checked_add_days(chrono::Days::new(index)).expect("a day");
                let rate = rate(u32::try_from(rate_of(index)).expect("a rate"));
                VatRow { rate, from: on, until: Some(on), ..high }
            })
            .collect::<Vec<_>>()
    };
    assert!(VatTable::new(rows(26, |index| index)).is_ok());
    assert_eq!(VatTable::new(rows(27, |index| index)), Err(VatTableError::TooManyRates(Country::Se)));
    assert!(VatTable::new(rows(1000, |_| 600)).is_ok());
    assert_eq!(VatTable::new(rows(1001, |_| 600)), Err(VatTableError::TooManyRows));
}

#[test]
fn rates_are_written_without_needless_digits() {
    let shown = [0, 600, 1200, 2550, 1275, 1205, 10_000].map(|points| rate(points).to_string());
    assert_eq!(shown, ["0", "6", "12", "25.5", "12.75", "12.05", "100"]);
}

#[test]
fn codes_on_the_wire_read_back_and_differ() {
    for country in Country::ALL {
        assert_eq!(Country::from_code(country.code()), Some(country));
    }
    for class in VatClass::ALL {
        assert_eq!(VatClass::from_code(class.code()), Some(class));
    }
    for supply in Supply::ALL {
        assert_eq!(Supply::from_code(supply.code()), Some(supply));
    }
    assert_eq!(Country::from_code("se"), None);
    assert_eq!(VatClass::from_code("Food"), None);
    assert_eq!(Supply::from_code(""), None);
}

#[test]
fn the_vat_in_two_kronor_of_deposit_follows_the_contents() {
    assert_eq!(vat_in_gross(200, rate(2500)), 40);
    assert_eq!(vat_in_gross(200, rate(1200)), 21);
    assert_eq!(vat_in_gross(200, rate(600)), 11);
}

#[test]
fn half_a_minor_unit_of_vat_goes_away_from_zero() {
    // At 100 % half of the gross is VAT, so odd amounts have a half.
    let all = rate(10_000);
    assert_eq!([1, 3, -1, -3, 2, -2, 0].map(|gross| vat_in_gross(gross, all)), [1, 2, -1, -2, 1, -1, 0]);
    assert_eq!(vat_in_gross(4900, rate(0)), 0);
}

#[test]
fn three_lines_at_six_per_cent_owe_the_vat_of_their_sum_and_not_the_sum_of_their_vat() {
    let rate = rate(600);
    assert_eq!(vat_in_gross(2990, rate).saturating_mul(3), 507);
    assert_eq!(vat_in_gross(3 * 2990, rate), 508);
    assert_eq!(vat_of_lines(&[2990, 2990, 2990], rate), [170, 169, 169]);
}

#[test]
fn a_deposit_coming_back_takes_its_own_vat_with_it() {
    // 49.00 and 2.00 of deposit sold, 3 × 2.00 of deposit coming back, at 12 %.
    assert_eq!(vat_of_lines(&[4900, 200, -600], rate(1200)), [525, 21, -64]);
    assert_eq!(vat_in_gross(4500, rate(1200)), 525 + 21 - 64);
    // Lines that cancel out owe nothing together, and still what they owe alone.
    assert_eq!(vat_of_lines(&[200, -200], rate(2500)), [40, -40]);
    assert_eq!(vat_of_lines(&[-200, 200], rate(2500)), [-40, 40]);
}

#[test]
fn spreading_gives_the_rest_to_the_largest_remainder_and_then_to_the_earlier_share() {
    assert_eq!(spread(10, &[1, 1, 1]), [4, 3, 3]);
    assert_eq!(spread(11, &[1, 1, 1]), [4, 4, 3]);
    assert_eq!(spread(-10, &[1, 1, 1]), [-4, -3, -3]);
    // Exact shares 3.3, 6.6 and 0.1.
    assert_eq!(spread(10, &[33, 66, 1]), [3, 7, 0]);
    assert_eq!(spread(100, &[0, 1, 0, 1]), [0, 50, 0, 50]);
    assert_eq!(spread(0, &[5, 7]), [0, 0]);
}

#[test]
fn spreading_over_weights_that_add_up_to_nothing_is_equal() {
    assert_eq!(spread(7, &[0, 0, 0]), [3, 2, 2]);
    assert_eq!(spread(-7, &[0, 0, 0]), [-3, -2, -2]);
    assert_eq!(spread(7, &[5, -5]), [4, 3]);
    assert_eq!(spread(7, &[]), Vec::<i64>::new());
}

#[test]
fn spreading_over_negative_weights_turns_both_signs() {
    assert_eq!(spread(10, &[-1, -1, -1]), [4, 3, 3]);
    assert_eq!(spread(90, &[100, -10]), [100, -10]);
    assert_eq!(spread(90, &[-100, 10]), [100, -10]);
}

fn amounts() -> impl Strategy<Value = i64> {
    prop_oneof![-2000..2000_i64, -Money::MINOR_MAX..=Money::MINOR_MAX]
}

fn rates() -> impl Strategy<Value = VatRate> {
    prop_oneof![Just(600), Just(700), Just(1200), Just(1350), Just(1500), Just(1900), Just(2500), Just(2550), 0..=10_000_u32].prop_map(rate)
}

/// Whether `share` is less than one away from `numerator / denominator`, in whole numbers.
fn is_within_one(share: i64, numerator: i128, denominator: i128) -> bool {
    let distance = i128::from(share) * denominator - numerator;
    distance.abs() < denominator.abs()
}

proptest! {
    #[test]
    fn net_and_vat_make_the_gross_and_vat_is_that_part_of_the_net(gross in amounts(), rate in rates()) {
        let vat = vat_in_gross(gross, rate);
        let net = gross - vat;
        // Independently of the division: vat = net × r, but for half a minor unit of gross × r / (1 + r).
        let points = i128::from(rate.basis_points());
        let off = 2 * (i128::from(vat) * 10_000 - i128::from(net) * points);
        prop_assert!(off.abs() <= 10_000 + points, "net {net} vat {vat}");
        prop_assert!(vat.signum() == 0 || vat.signum() == gross.signum());
        prop_assert!(vat.abs() <= gross.abs());
        // A half goes away from zero: the amount is never rounded down from one.
        prop_assert!(off * i128::from(gross.signum()) > -(10_000 + points) || gross == 0);
    }

    #[test]
    fn the_vat_of_a_refund_mirrors_its_sale(gross in prop::collection::vec(amounts(), 0..20), rate in rates()) {
        let mirrored = gross.iter().map(|gross| -gross).collect::<Vec<_>>();
        let back = vat_of_lines(&mirrored, rate).into_iter().map(|vat| -vat).collect::<Vec<_>>();
        prop_assert_eq!(vat_of_lines(&gross, rate), back);
    }

    #[test]
    fn the_vat_of_lines_adds_up_and_stays_by_each_line(gross in prop::collection::vec(amounts(), 0..20), rate in rates()) {
        let vat = vat_of_lines(&gross, rate);
        prop_assert_eq!(vat.len(), gross.len());
        prop_assert_eq!(vat.iter().sum::<i64>(), vat_in_gross(gross.iter().sum(), rate));
        let points = i128::from(rate.basis_points());
        for (vat, gross) in vat.iter().zip(&gross) {
            prop_assert!(is_within_one(*vat, i128::from(*gross) * points, 10_000 + points), "{vat} of {gross}");
        }
    }

    #[test]
    fn shares_add_up_and_stay_by_their_weights(total in amounts(), weights in prop::collection::vec(0..100_000_i64, 1..20)) {
        let shares = spread(total, &weights);
        prop_assert_eq!(shares.len(), weights.len());
        prop_assert_eq!(shares.iter().sum::<i64>(), total);
        let weight_sum = i128::from(weights.iter().sum::<i64>());
        for (share, weight) in shares.iter().zip(&weights).filter(|_| weight_sum != 0) {
            prop_assert!(is_within_one(*share, i128::from(total) * i128::from(*weight), weight_sum), "{share} for {weight}");
        }
        let mirrored = spread(-total, &weights).into_iter().map(|share| -share).collect::<Vec<_>>();
        prop_assert_eq!(shares, mirrored);
    }

    #[test]
    fn shares_of_mixed_weights_add_up(total in amounts(), weights in prop::collection::vec(-5000..5000_i64, 1..20)) {
        prop_assert_eq!(spread(total, &weights).iter().sum::<i64>(), total);
    }

    #[test]
    fn a_larger_weight_never_gets_less(total in 0..1_000_000_i64, weights in prop::collection::vec(0..1000_i64, 2..10)) {
        let shares = spread(total, &weights);
        for (one, share) in weights.iter().zip(&shares) {
            for (other, other_share) in weights.iter().zip(&shares) {
                prop_assert!(one <= other || share >= other_share || weights.iter().all(|weight| *weight == 0));
            }
        }
    }
}
