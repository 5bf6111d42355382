use super::*;

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

fn price(from: &str, minor: i64, currency: Currency) -> PriceRow {
    PriceRow { from: day(from), price: Money::new(minor, currency) }
}

fn product(sku: &str, kind: ProductKind, prices: Vec<PriceRow>) -> Product {
    Product {
        sku: Sku::new(sku).expect("a SKU"),
        gtin: None,
        item_key: None,
        name: Name { sv: sku.into(), en: sku.into() },
        category: CategoryId("all".into()),
        kind,
        vat_class: VatClass::Food,
        supply: Supply::TakeAway,
        prices,
        deposit: None,
        allergens: Allergens::default(),
        age_limit: None,
        sold_out: false,
        favourite: false,
    }
}

fn bun() -> Product {
    product("bun", ProductKind::Goods, vec![price("2026-01-01", 2500, Currency::Sek)])
}

fn category() -> Category {
    Category { id: CategoryId("all".into()), name: Name { sv: "Allt".into(), en: "All".into() }, article_group: 14 }
}

fn flaw(products: Vec<Product>) -> Option<CatalogueFlaw> {
    Catalogue::new(1, vec![category()], products).err()
}

fn sku(text: &str) -> Sku {
    Sku::new(text).expect("a SKU")
}

#[test]
fn the_newest_price_that_has_begun_holds_in_whatever_order_the_rows_stand() {
    let mut rows = vec![
        price("2026-01-01", 3200, Currency::Sek),
        price("2026-04-01", 3000, Currency::Sek),
        price("2026-01-01", 2200, Currency::Dkk),
        price("2027-01-01", 3100, Currency::Sek),
    ];
    for _ in 0..rows.len() {
        rows.rotate_left(1);
        let soda = product("soda", ProductKind::Goods, rows.clone());
        let sek = |on| soda.price(Currency::Sek, day(on)).map(Money::minor);
        assert_eq!(sek("2026-01-01"), Ok(3200));
        assert_eq!(sek("2026-03-31"), Ok(3200));
        assert_eq!(sek("2026-04-01"), Ok(3000), "the first day counts");
        assert_eq!(sek("2026-12-31"), Ok(3000));
        assert_eq!(sek("2099-01-01"), Ok(3100));
        assert_eq!(sek("2025-12-31"), Err(Refusal::PriceMissing));
        assert_eq!(soda.price(Currency::Dkk, day("2030-01-01")).map(Money::minor), Ok(2200), "each currency has its own rows");
        assert_eq!(soda.price(Currency::Eur, day("2026-06-01")), Err(Refusal::PriceCurrency));
        assert_eq!(soda.price(Currency::Eur, day("2025-06-01")), Err(Refusal::PriceMissing));
    }
}

#[test]
fn a_barcode_needs_a_right_length_and_check_digit() {
    for good in ["40170725", "012345678905", "4006381333931", "00012345678905"] {
        assert_eq!(Gtin::parse(good).expect("a barcode").to_string(), good, "leading zeros stay");
    }
    let valid = "4006381333931";
    for place in 0..valid.len() {
        for digit in '0'..='9' {
            let other = |(at, letter)| if at == place { digit } else { letter };
            let text: String = valid.chars().enumerate().map(other).collect();
            assert_eq!(Gtin::parse(&text).is_ok(), text == valid, "one wrong digit is always found: {text}");
        }
    }
    for bad in ["", "0", "400638133393", "40063813339311", "4006381333931 ", "400638133393x", "４００６３８１３３３９３１", "-006381333931"]
    {
        assert_eq!(Gtin::parse(bad), Err(Refusal::GtinUnreadable), "{bad:?}");
    }
}

#[test]
fn zeros_in_front_make_no_other_barcode_and_a_case_is_another() {
    let gtin = |text: &str| Gtin::parse(text).expect("a barcode");
    for (short, long) in [
        ("012345678905", "0012345678905"),
        ("036000291452", "00036000291452"),
        ("4006381333931", "04006381333931"),
        ("40170725", "00000040170725"),
    ] {
        assert_eq!(gtin(short), gtin(long));
        let catalogue = Catalogue::new(1, vec![category()], vec![Product { gtin: Some(gtin(short)), ..bun() }]).expect("a catalogue");
        assert_eq!(catalogue.by_gtin(gtin(long)).map(|found| &found.sku), Ok(&sku("bun")));
        let twice = vec![Product { gtin: Some(gtin(short)), ..bun() }, Product { gtin: Some(gtin(long)), sku: sku("roll"), ..bun() }];
        assert_eq!(flaw(twice), Some(CatalogueFlaw::DuplicateGtin(gtin(long))));
    }
    // The case of what 4006381333931 is one piece of.
    let catalogue = Catalogue::new(1, vec![category()], vec![Product { gtin: Some(gtin("4006381333931")), ..bun() }]).expect("a catalogue");
    assert_eq!(catalogue.by_gtin(gtin("14006381333938")), Err(Refusal::GtinUnknown));
}

#[test]
fn two_products_cannot_have_the_same_item_on_their_labels() {
    let item_key = ItemKey::parse("20123401").ok();
    let twice = vec![Product { item_key, ..bun() }, Product { item_key, sku: sku("roll"), ..bun() }];
    assert_eq!(flaw(twice), Some(CatalogueFlaw::DuplicateItemKey(item_key.expect("a key"))));
    let catalogue = Catalogue::new(1, vec![category()], vec![Product { item_key, ..bun() }]).expect("a catalogue");
    assert_eq!(catalogue.by_item(item_key.expect("a key")).map(|found| &found.sku), Ok(&sku("bun")));
    assert_eq!(catalogue.by_item(ItemKey::parse("20123402").expect("a key")), Err(Refusal::GtinUnknown));
}

#[test]
fn a_sku_is_short_and_plain() {
    for good in ["1", "1001", "a-b.C9", "x".repeat(Sku::BYTES_MAX).as_str()] {
        assert_eq!(Sku::new(good).expect("a SKU").as_str(), good);
    }
    for bad in ["", " ", "å", "a b", "a/b", "x".repeat(Sku::BYTES_MAX + 1).as_str()] {
        assert_eq!(Sku::new(bad), Err(Refusal::SkuUnknown), "{bad:?}");
    }
}

#[test]
fn products_are_found_by_sku_and_barcode() {
    let gtin = Gtin::parse("4006381333931").expect("a barcode");
    let scanned = Product { gtin: Some(gtin), ..bun() };
    let catalogue = Catalogue::new(7, vec![category()], vec![scanned]).expect("a catalogue");
    assert_eq!(catalogue.version(), 7);
    assert_eq!(catalogue.by_gtin(gtin).map(|found| &found.sku), Ok(&sku("bun")));
    assert_eq!(catalogue.by_sku(&sku("bun")).map(|found| found.gtin), Ok(Some(gtin)));
    assert_eq!(catalogue.by_sku(&sku("roll")), Err(Refusal::SkuUnknown));
    assert_eq!(catalogue.by_gtin(Gtin::parse("40170725").expect("a barcode")), Err(Refusal::GtinUnknown));
}

#[test]
fn products_that_contradict_each_other_make_no_catalogue() {
    let gtin = Gtin::parse("40170725").ok();
    assert_eq!(flaw(vec![bun()]), None);
    assert_eq!(flaw(vec![bun(), bun()]), Some(CatalogueFlaw::DuplicateSku(sku("bun"))));
    let twice = vec![Product { gtin, ..bun() }, Product { gtin, sku: sku("roll"), ..bun() }];
    assert_eq!(flaw(twice), Some(CatalogueFlaw::DuplicateGtin(gtin.expect("a barcode"))));
    let elsewhere = CategoryId("none".into());
    assert_eq!(flaw(vec![Product { category: elsewhere.clone(), ..bun() }]), Some(CatalogueFlaw::CategoryUnknown(sku("bun"), elsewhere)));
    for deposit in ["bun", "none"] {
        let flawed = Product { deposit: Some(sku(deposit)), ..bun() };
        assert_eq!(flaw(vec![flawed]), Some(CatalogueFlaw::DepositUnknown(sku("bun"), sku(deposit))), "goods are no deposit");
    }
}

#[test]
fn only_deposits_that_come_back_have_a_price_below_zero() {
    let cases = [
        (ProductKind::Goods, -1, true),
        (ProductKind::Service, -1, true),
        (ProductKind::Deposit, -1, true),
        (ProductKind::DepositReturn, 1, true),
        (ProductKind::DepositReturn, -200, false),
        (ProductKind::DepositReturn, 0, false),
        (ProductKind::Goods, 0, false),
        (ProductKind::Deposit, 200, false),
    ];
    for (kind, minor, flawed) in cases {
        let found = flaw(vec![product("it", kind, vec![price("2026-01-01", minor, Currency::Sek)])]);
        assert_eq!(found, flawed.then(|| CatalogueFlaw::PriceSign(sku("it"))), "{kind:?} at {minor}");
    }
}
