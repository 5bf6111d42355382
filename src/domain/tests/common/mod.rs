//! A small shop for the tests of a sale: four products whose VAT follows different rules, and checks that keep their own books.

use chrono::NaiveDate;
use domain::{
    Currency, Money,
    catalogue::{Allergens, Catalogue, Category, CategoryId, Name, PriceRow, Product, ProductKind, Sku},
    sale::{ClosedSale, Line, OpenSale, SaleKind, TenderKind, Terms, line_vat_minor, vat_sums},
    vat::{Country, Supply, VatClass, VatTable},
};

/// A day on which Sweden taxes served and taken away food differently.
pub const DAY: NaiveDate = NaiveDate::from_ymd_opt(2026, 6, 1).expect("a day");
/// Food at 29.90, which never meets a whole krona alone.
pub const BUN: &str = "BUN";
/// A drink at 24.50 with 2.00 of deposit.
pub const SODA: &str = "SODA";
/// Alcohol at 79.00, whose VAT the law fixes.
pub const WINE: &str = "WINE";
/// The deposit of a drink.
pub const DEPOSIT: &str = "PANT2";
/// A deposit paid back: -2.00.
pub const BOTTLE_BACK: &str = "PANT2-BACK";

fn product(sku: &str, price_minor: i64, kind: ProductKind, vat_class: VatClass, deposit: Option<&str>) -> Product {
    Product {
        sku: Sku::new(sku).expect("a SKU"),
        gtin: None,
        item_key: None,
        name: Name { sv: sku.into(), en: sku.into() },
        category: CategoryId("all".into()),
        kind,
        vat_class,
        supply: Supply::TakeAway,
        prices: vec![PriceRow { from: DAY, price: Money::new(price_minor, Currency::Sek) }],
        deposit: deposit.map(|sku| Sku::new(sku).expect("a SKU")),
        allergens: Allergens::default(),
        age_limit: None,
        sold_out: false,
        favourite: false,
    }
}

/// The shop's products.
pub fn catalogue() -> Catalogue {
    let categories = vec![Category { id: CategoryId("all".into()), name: Name { sv: "Allt".into(), en: "All".into() }, article_group: 6 }];
    let products = vec![
        product(BUN, 2990, ProductKind::Goods, VatClass::Food, None),
        product(SODA, 2450, ProductKind::Goods, VatClass::Drink, Some(DEPOSIT)),
        product(WINE, 7900, ProductKind::Goods, VatClass::Alcohol, None),
        product(DEPOSIT, 200, ProductKind::Deposit, VatClass::Drink, None),
        product(BOTTLE_BACK, -200, ProductKind::DepositReturn, VatClass::Drink, None),
    ];
    Catalogue::new(1, categories, products).expect("a catalogue")
}

/// A sale in Sweden on [`DAY`].
pub fn sale() -> OpenSale {
    OpenSale::new(Terms { currency: Currency::Sek, country: Country::Se, on: DAY, training: false })
}

/// What one piece of a product costs with its deposit, from the test's own list.
pub fn price_minor(sku: &str) -> i64 {
    match sku {
        BUN => 2990,
        SODA => 2450 + 200,
        WINE => 7900,
        DEPOSIT => 200,
        BOTTLE_BACK => -200,
        _ => panic!("no price for {sku}"),
    }
}

/// The rate a line must have in basis points, from the test's own list.
fn rate_basis_points(line: &Line) -> u32 {
    match (line.sku.as_str(), line.supply) {
        (WINE, _) => 2500,
        (_, Supply::Served) => 1200,
        (_, Supply::TakeAway) => 600,
    }
}

/// VAT per rate is right to half an öre, lines add up to it, and every line has the rate it must have.
pub fn check_vat(lines: &[Line], vat: &VatTable) {
    for line in lines {
        assert_eq!(line.rate.basis_points(), rate_basis_points(line), "{line:?}");
        assert!(vat.rates(Country::Se).contains(&line.rate));
    }
    let shares = line_vat_minor(lines);
    assert_eq!(shares.len(), lines.len());
    for (line, share) in lines.iter().zip(&shares) {
        let rate = i64::from(line.rate.basis_points());
        let off = share * (10_000 + rate) - line.unit_minor * line.qty * rate;
        assert!(off.abs() < 10_000 + rate, "{share} is not the VAT of {line:?}");
    }
    let sums = vat_sums(lines);
    for sum in &sums {
        let of_rate = || lines.iter().zip(&shares).filter(|(line, _)| line.rate == sum.rate);
        assert_eq!(sum.gross_minor, of_rate().map(|(line, _)| line.unit_minor * line.qty).sum::<i64>());
        assert_eq!(sum.vat_minor, of_rate().map(|(_, share)| *share).sum::<i64>(), "{lines:?}");
        assert_eq!(sum.net_minor() + sum.vat_minor, sum.gross_minor);
        let rate = i64::from(sum.rate.basis_points());
        let off_doubled = 2 * (sum.vat_minor * (10_000 + rate) - sum.gross_minor * rate);
        assert!(off_doubled.abs() <= 10_000 + rate, "{sum:?}");
    }
    assert_eq!(sums.iter().map(|sum| sum.gross_minor).sum::<i64>(), lines.iter().map(|line| line.unit_minor * line.qty).sum::<i64>());
    assert!(sums.is_sorted_by(|higher, lower| higher.rate > lower.rate), "each rate once, the highest first");
}

/// The money of a closed sale: tenders − change = total + rounding, and only cash is rounded.
pub fn check_closed(closed: &ClosedSale) {
    let given = closed.tenders.iter().map(|tender| tender.amount_minor).sum::<i64>();
    assert_eq!(given - closed.change_minor, closed.total_minor() + closed.rounding_minor, "{closed:?}");
    let is_rounded = closed.cash_minor() % 100 == 0;
    let is_card_alone = closed.cash_minor() == 0 && closed.rounding_minor == 0;
    assert!(is_rounded || is_card_alone, "cash is whole kronor: {closed:?}");
    let exact_cash_minor = closed.total_minor() - closed.tendered_minor(TenderKind::Card);
    assert_eq!(closed.cash_minor(), exact_cash_minor + closed.rounding_minor, "only the cash part is rounded: {closed:?}");
    // Refunds of one sale are rounded together, so one of them alone may be off by more than half a krona.
    let rounding_minor_max = if closed.kind == SaleKind::Sale { 50 } else { 99 };
    assert!(closed.rounding_minor.abs() <= rounding_minor_max, "{closed:?}");
    assert!(closed.change_minor >= 0);
    // The VAT of refunds is that of all of them together.
    if closed.kind == SaleKind::Sale {
        assert_eq!(closed.vat, vat_sums(&closed.lines));
    }
    assert_eq!(closed.vat_minor(), closed.vat.iter().map(|sum| sum.vat_minor).sum::<i64>());
}
