//! The built-in rows: the Nordic countries and Germany in 2026.
//!
//! The order of a country's rows gives its rates their letters, so new rows go to the end of their country.

use chrono::NaiveDate;

use super::{Country, Supply, VatClass, VatRate, VatRow};

/// The first day the table answers for. Older sales are in older journals, with their rates.
const TABLE_FROM: NaiveDate = day(2025, 1, 1);
/// Sweden's lower rate on food as goods begins (SFS 2026:118, ML 9:19).
const SE_FOOD_CUT_FROM: NaiveDate = day(2026, 4, 1);
/// And ends (SFS 2026:119).
const SE_FOOD_CUT_UNTIL: NaiveDate = day(2027, 12, 31);
/// Germany's lower rate on restaurant food begins (§ 12(2) no. 15 UStG), and so do the Finnish rates the table knows.
const YEAR_2026: NaiveDate = day(2026, 1, 1);

const SERVED: Option<Supply> = Some(Supply::Served);
const TAKE_AWAY: Option<Supply> = Some(Supply::TakeAway);

/// Dated rows. Rates without a note are from the tax authority or the law; "unverified" ones are to be confirmed before use.
pub(super) const ROWS: &[VatRow] = &[
    // Sweden, the standard rate: goods, spirits, wine, strong beer, and tap water that is sold (ML 9:2).
    row(Country::Se, VatClass::Standard, None, 2500, TABLE_FROM, None),
    row(Country::Se, VatClass::Alcohol, None, 2500, TABLE_FROM, None),
    row(Country::Se, VatClass::TapWater, None, 2500, TABLE_FROM, None),
    // Sweden, restaurant and catering service.
    row(Country::Se, VatClass::Food, SERVED, 1200, TABLE_FROM, None),
    row(Country::Se, VatClass::Drink, SERVED, 1200, TABLE_FROM, None),
    row(Country::Se, VatClass::MilkDrink, SERVED, 1200, TABLE_FROM, None),
    row(Country::Se, VatClass::LightBeer, SERVED, 1200, TABLE_FROM, None),
    // Sweden, food as goods: 12 % before and after the cut, 6 % within it.
    row(Country::Se, VatClass::Food, TAKE_AWAY, 1200, TABLE_FROM, Some(day(2026, 3, 31))),
    row(Country::Se, VatClass::Food, TAKE_AWAY, 600, SE_FOOD_CUT_FROM, Some(SE_FOOD_CUT_UNTIL)),
    row(Country::Se, VatClass::Food, TAKE_AWAY, 1200, day(2028, 1, 1), None),
    row(Country::Se, VatClass::Drink, TAKE_AWAY, 1200, TABLE_FROM, Some(day(2026, 3, 31))),
    row(Country::Se, VatClass::Drink, TAKE_AWAY, 600, SE_FOOD_CUT_FROM, Some(SE_FOOD_CUT_UNTIL)),
    row(Country::Se, VatClass::Drink, TAKE_AWAY, 1200, day(2028, 1, 1), None),
    row(Country::Se, VatClass::MilkDrink, TAKE_AWAY, 1200, TABLE_FROM, Some(day(2026, 3, 31))),
    row(Country::Se, VatClass::MilkDrink, TAKE_AWAY, 600, SE_FOOD_CUT_FROM, Some(SE_FOOD_CUT_UNTIL)),
    row(Country::Se, VatClass::MilkDrink, TAKE_AWAY, 1200, day(2028, 1, 1), None),
    row(Country::Se, VatClass::LightBeer, TAKE_AWAY, 1200, TABLE_FROM, Some(day(2026, 3, 31))),
    row(Country::Se, VatClass::LightBeer, TAKE_AWAY, 600, SE_FOOD_CUT_FROM, Some(SE_FOOD_CUT_UNTIL)),
    row(Country::Se, VatClass::LightBeer, TAKE_AWAY, 1200, day(2028, 1, 1), None),
    // Denmark has one rate. Unverified: whether goods eaten on board are exempt (directive art. 37(3)).
    row(Country::Dk, VatClass::Standard, None, 2500, TABLE_FROM, None),
    row(Country::Dk, VatClass::Food, None, 2500, TABLE_FROM, None),
    row(Country::Dk, VatClass::Drink, None, 2500, TABLE_FROM, None),
    row(Country::Dk, VatClass::MilkDrink, None, 2500, TABLE_FROM, None),
    row(Country::Dk, VatClass::TapWater, None, 2500, TABLE_FROM, None),
    row(Country::Dk, VatClass::LightBeer, None, 2500, TABLE_FROM, None),
    row(Country::Dk, VatClass::Alcohol, None, 2500, TABLE_FROM, None),
    // Norway: food as goods 15 %, as part of a serving 25 % like the rest (Skatteetaten). Unverified: light beer as alcohol.
    row(Country::No, VatClass::Standard, None, 2500, TABLE_FROM, None),
    row(Country::No, VatClass::Alcohol, None, 2500, TABLE_FROM, None),
    row(Country::No, VatClass::LightBeer, None, 2500, TABLE_FROM, None),
    row(Country::No, VatClass::TapWater, None, 2500, TABLE_FROM, None),
    row(Country::No, VatClass::Food, SERVED, 2500, TABLE_FROM, None),
    row(Country::No, VatClass::Drink, SERVED, 2500, TABLE_FROM, None),
    row(Country::No, VatClass::MilkDrink, SERVED, 2500, TABLE_FROM, None),
    row(Country::No, VatClass::Food, TAKE_AWAY, 1500, TABLE_FROM, None),
    row(Country::No, VatClass::Drink, TAKE_AWAY, 1500, TABLE_FROM, None),
    row(Country::No, VatClass::MilkDrink, TAKE_AWAY, 1500, TABLE_FROM, None),
    // Germany: drinks at the standard rate, served or not; food 7 %, in a restaurant since 2026.
    row(Country::De, VatClass::Standard, None, 1900, TABLE_FROM, None),
    row(Country::De, VatClass::Drink, None, 1900, TABLE_FROM, None),
    row(Country::De, VatClass::LightBeer, None, 1900, TABLE_FROM, None),
    row(Country::De, VatClass::Alcohol, None, 1900, TABLE_FROM, None),
    row(Country::De, VatClass::Food, None, 700, YEAR_2026, None),
    row(Country::De, VatClass::MilkDrink, SERVED, 1900, TABLE_FROM, None),
    row(Country::De, VatClass::MilkDrink, TAKE_AWAY, 700, TABLE_FROM, None),
    row(Country::De, VatClass::TapWater, SERVED, 1900, TABLE_FROM, None),
    row(Country::De, VatClass::TapWater, TAKE_AWAY, 700, TABLE_FROM, None),
    // Finland, unverified. There is no row for tap water because its rate is not known.
    row(Country::Fi, VatClass::Standard, None, 2550, YEAR_2026, None),
    row(Country::Fi, VatClass::LightBeer, None, 2550, YEAR_2026, None),
    row(Country::Fi, VatClass::Alcohol, None, 2550, YEAR_2026, None),
    row(Country::Fi, VatClass::Food, None, 1350, YEAR_2026, None),
    row(Country::Fi, VatClass::Drink, None, 1350, YEAR_2026, None),
    row(Country::Fi, VatClass::MilkDrink, None, 1350, YEAR_2026, None),
];

const fn row(
    country: Country,
    class: VatClass,
    supply: Option<Supply>,
    basis_points: u32,
    from: NaiveDate,
    until: Option<NaiveDate>,
) -> VatRow {
    VatRow { country, class, supply, rate: VatRate::from_basis_points(basis_points), from, until }
}

const fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).expect("a day of the calendar")
}
