//! `catalogue.json`.

use domain::{
    Currency, Money,
    catalogue::{Allergens, Catalogue, CatalogueFlaw, Category, CategoryId, Gtin, ItemKey, PriceRow, Product, ProductKind, Sku},
    vat::{Supply, VatClass},
};
use serde::Deserialize;

use super::{DataFault, Text, date, parse};

pub(super) const FILE: &str = "catalogue.json";
/// The most characters of a name: two lines on a tile.
const NAME_CHARS_MAX: usize = 24;
/// The allergens of Regulation (EU) 1169/2011 are numbered 1 to this.
const ALLERGEN_MAX: u8 = 14;
/// The highest age limit that makes sense; beyond it somebody mistyped.
const AGE_LIMIT_MAX: u8 = 25;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CatalogueFile {
    #[serde(default, rename = "note")]
    _note: String,
    version: u64,
    categories: Vec<CategoryRow>,
    products: Vec<ProductRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CategoryRow {
    id: Box<str>,
    name: Text,
    article_group: u16,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProductRow {
    sku: String,
    name: Text,
    category: Box<str>,
    #[serde(default)]
    kind: Kind,
    gtin: Option<String>,
    item_key: Option<String>,
    vat_class: String,
    supply: Option<String>,
    prices: Vec<PricesRow>,
    deposit: Option<String>,
    age_limit: Option<u8>,
    #[serde(default)]
    allergens: AllergensRow,
    #[serde(default)]
    favourite: bool,
    #[serde(default)]
    sold_out: bool,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    #[default]
    Goods,
    Service,
    Deposit,
    DepositReturn,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PricesRow {
    from: String,
    #[serde(rename = "SEK")]
    sek: Option<String>,
    #[serde(rename = "DKK")]
    dkk: Option<String>,
    #[serde(rename = "NOK")]
    nok: Option<String>,
    #[serde(rename = "EUR")]
    eur: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct AllergensRow {
    #[serde(default)]
    contains: Vec<u8>,
    #[serde(default)]
    may_contain: Vec<u8>,
}

/// The barcode of a product, and the item on its labels.
type Codes = (Option<Gtin>, Option<ItemKey>);
/// What is wrong with a row and what to do about it.
type Flaw = (String, &'static str);

pub(super) fn read(json: &str) -> Result<Catalogue, DataFault> {
    let file: CatalogueFile = parse(FILE, json)?;
    let categories: Vec<Category> = file
        .categories
        .into_iter()
        .map(|row| Category { id: CategoryId(row.id), name: row.name.into(), article_group: row.article_group })
        .collect();
    for (index, category) in categories.iter().enumerate() {
        if categories.iter().take(index).any(|earlier| earlier.id == category.id) {
            let what = format!("category {:?} stands there twice", category.id.0);
            return Err(DataFault { file: FILE, item: format!("category {}", index + 1), what, todo: "Remove one of them." });
        }
    }
    let mut products = Vec::with_capacity(file.products.len());
    for (index, row) in file.products.into_iter().enumerate() {
        let sku = row.sku.clone();
        let product = product(row).map_err(|(what, todo)| fault(index, &sku, what, todo))?;
        products.push(product);
    }
    let places: Vec<Sku> = products.iter().map(|product: &Product| product.sku.clone()).collect();
    let codes: Vec<Codes> = products.iter().map(|product| (product.gtin, product.item_key)).collect();
    Catalogue::new(file.version, categories, products).map_err(|flaw| catalogue_fault(&flaw, &places, &codes))
}

fn product(row: ProductRow) -> Result<Product, Flaw> {
    let sku =
        Sku::new(&row.sku).map_err(|_| (format!("sku {:?} is no SKU", row.sku), "Use up to 24 letters, digits, dots and hyphens."))?;
    for name in [&row.name.sv, &row.name.en] {
        if name.trim().is_empty() || name.chars().count() > NAME_CHARS_MAX {
            return Err((format!("name {name:?} has no or too many characters"), "Write a name of 1 to 24 characters."));
        }
    }
    let gtin = match row.gtin {
        None => None,
        Some(text) => Some(Gtin::parse(&text).map_err(|_| {
            (format!("gtin {text:?} has a wrong length or check digit"), "Scan the package again, or leave the barcode out.")
        })?),
    };
    let item_key = row.item_key.map(|text| {
        ItemKey::parse(&text).map_err(|_| {
            (format!("item_key {text:?} is no item of a label"), "Write the first eight digits of its label, of which the first is a 2.")
        })
    });
    let vat_class = VatClass::from_code(&row.vat_class)
        .ok_or_else(|| (format!("vat_class {:?} is not known", row.vat_class), "Write food, drink, light_beer, alcohol or standard."))?;
    let supply = match row.supply {
        None => Supply::TakeAway,
        Some(code) => Supply::from_code(&code).ok_or_else(|| (format!("supply {code:?} is not known"), "Write served or take_away."))?,
    };
    if row.age_limit.is_some_and(|years| years == 0 || years > AGE_LIMIT_MAX) {
        return Err((format!("age_limit {:?} is no age limit", row.age_limit), "Write years, 1 to 25, or leave it out."));
    }
    let deposit =
        row.deposit.map(|text| Sku::new(&text).map_err(|_| (format!("deposit {text:?} is no SKU"), "Name the SKU of a deposit.")));
    Ok(Product {
        sku,
        gtin,
        item_key: item_key.transpose()?,
        name: row.name.into(),
        category: CategoryId(row.category),
        kind: match row.kind {
            Kind::Goods => ProductKind::Goods,
            Kind::Service => ProductKind::Service,
            Kind::Deposit => ProductKind::Deposit,
            Kind::DepositReturn => ProductKind::DepositReturn,
        },
        vat_class,
        supply,
        prices: prices(&row.prices)?,
        deposit: deposit.transpose()?,
        allergens: Allergens { contains: allergen_bits(&row.allergens.contains)?, may_contain: allergen_bits(&row.allergens.may_contain)? },
        age_limit: row.age_limit,
        sold_out: row.sold_out,
        favourite: row.favourite,
    })
}

fn prices(rows: &[PricesRow]) -> Result<Vec<PriceRow>, Flaw> {
    let mut prices: Vec<PriceRow> = Vec::with_capacity(rows.len() * 3);
    for row in rows {
        let from = date(&row.from).ok_or_else(|| (format!("price date {:?} is no date", row.from), "Write it like \"2026-04-01\"."))?;
        let amounts = [(Currency::Sek, &row.sek), (Currency::Dkk, &row.dkk), (Currency::Nok, &row.nok), (Currency::Eur, &row.eur)];
        for (currency, text) in amounts {
            let Some(text) = text else { continue };
            let price = Money::parse(text, currency)
                .map_err(|_| (format!("{} price {text:?} is no amount", currency.code()), "Write it like \"29.00\"."))?;
            if prices.iter().any(|known| known.from == from && known.price.currency() == currency) {
                return Err((format!("two {} prices begin on {from}", currency.code()), "Remove one of them."));
            }
            prices.push(PriceRow { from, price });
        }
    }
    if prices.is_empty() { Err(("it has no price".to_owned(), "Give it at least one dated price.")) } else { Ok(prices) }
}

fn allergen_bits(numbers: &[u8]) -> Result<u16, Flaw> {
    numbers.iter().try_fold(0_u16, |bits, number| match number {
        1..=ALLERGEN_MAX => Ok(bits | 1 << (number - 1)),
        _ => Err((format!("allergen {number} is not known"), "Use the numbers 1 to 14 of Regulation (EU) 1169/2011, Annex II.")),
    })
}

fn fault(index: usize, sku: &str, what: String, todo: &'static str) -> DataFault {
    DataFault { file: FILE, item: format!("product {} (sku {sku})", index + 1), what, todo }
}

/// Names the row of a flaw that shows only between rows. Of two equal ones it is the second.
fn catalogue_fault(flaw: &CatalogueFlaw, skus: &[Sku], codes: &[Codes]) -> DataFault {
    let second = |is: &dyn Fn(&Codes) -> bool| codes.iter().rposition(is).unwrap_or_default();
    let sku_at = |index: usize| skus.get(index).map_or("", Sku::as_str);
    let (sku, what, todo) = match flaw {
        CatalogueFlaw::DuplicateSku(sku) => (sku, "the SKU stands there twice".to_owned(), "Give each product a SKU of its own."),
        CatalogueFlaw::DuplicateGtin(gtin) => {
            let index = second(&|(known, _)| known.as_ref() == Some(gtin));
            return fault(index, sku_at(index), format!("gtin {gtin} stands there twice"), "Scan both packages and correct one.");
        }
        CatalogueFlaw::DuplicateItemKey(item) => {
            let index = second(&|(_, known)| known.as_ref() == Some(item));
            return fault(index, sku_at(index), format!("item_key {item} stands there twice"), "Read both labels and correct one.");
        }
        CatalogueFlaw::CategoryUnknown(sku, category) => {
            (sku, format!("category {:?} is not known", category.0), "Add the category or name one that is there.")
        }
        CatalogueFlaw::DepositUnknown(sku, deposit) => {
            (sku, format!("deposit {deposit} is not there or is no deposit"), "Name the SKU of a product of kind deposit.")
        }
        CatalogueFlaw::PriceSign(sku) => {
            (sku, "the sign of a price does not fit".to_owned(), "Only what is paid back, kind deposit_return, has prices below zero.")
        }
    };
    let index = skus.iter().rposition(|known| known == sku).unwrap_or_default();
    fault(index, sku.as_str(), what, todo)
}
