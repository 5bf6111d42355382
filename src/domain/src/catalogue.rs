//! What can be sold: products, prices by date, deposits, allergens.

use core::fmt;
use std::collections::HashMap;

use chrono::NaiveDate;

use crate::{
    Currency, Money, Refusal,
    vat::{Supply, VatClass},
};

mod label;
#[cfg(test)]
mod tests;

pub use label::{ItemKey, Label, Labelled};

/// Stock identity of a product.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sku(Box<str>);

impl Sku {
    /// The most bytes a SKU may have.
    pub const BYTES_MAX: usize = 24;

    /// A SKU of 1 to [`Sku::BYTES_MAX`] letters, digits, dots and hyphens.
    ///
    /// # Errors
    /// [`Refusal::SkuUnknown`] for any other text.
    pub fn new(text: &str) -> Result<Self, Refusal> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.';
        if text.is_empty() || text.len() > Self::BYTES_MAX || !text.bytes().all(plain) {
            return Err(Refusal::SkuUnknown);
        }
        Ok(Self(text.into()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Sku {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A barcode number of 8, 12, 13 or 14 digits whose check digit is right. Source: GS1 General Specifications, section 7.9.
///
/// Zeros in front are no part of the number: twelve digits and the same with a zero before them are one barcode, as GS1 has it.
/// A case of a product begins with 1 to 8 in fourteen digits and has another number, so it never passes for one piece.
#[derive(Clone, Copy, Debug)]
pub struct Gtin {
    number: u64,
    digits: u8,
}

impl PartialEq for Gtin {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
    }
}

impl Eq for Gtin {}

impl core::hash::Hash for Gtin {
    fn hash<H: core::hash::Hasher>(&self, state: &mut H) {
        self.number.hash(state);
    }
}

impl Gtin {
    /// Reads a barcode number.
    ///
    /// # Errors
    /// [`Refusal::GtinUnreadable`] for other lengths, other characters or a wrong check digit.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let digits = u8::try_from(text.len()).map_err(|_| Refusal::GtinUnreadable)?;
        if !matches!(digits, 8 | 12 | 13 | 14) || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Refusal::GtinUnreadable);
        }
        let weighted = text.bytes().rev().enumerate().fold(0_u32, |sum, (place, byte)| {
            let weight = if place.is_multiple_of(2) { 1 } else { 3 };
            sum.saturating_add(u32::from(byte.saturating_sub(b'0')).saturating_mul(weight))
        });
        if !weighted.is_multiple_of(10) {
            return Err(Refusal::GtinUnreadable);
        }
        let number = text.parse().map_err(|_| Refusal::GtinUnreadable)?;
        Ok(Self { number, digits })
    }
}

impl fmt::Display for Gtin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:0width$}", self.number, width = usize::from(self.digits))
    }
}

/// Text for people, in the two languages every catalogue has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// Swedish, and what a receipt shows.
    pub sv: Box<str>,
    /// English.
    pub en: Box<str>,
}

/// Identity of a category.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CategoryId(pub Box<str>);

/// A group of products on the screen and in the reports (main group, article group).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Category {
    /// Identity.
    pub id: CategoryId,
    /// Text for people.
    pub name: Name,
    /// Norway's article group code, `04xxx` without the list number. Source: Skatteetaten's code lists.
    pub article_group: u16,
}

/// What a line of a product is in the eyes of the law.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProductKind {
    /// A thing.
    Goods,
    /// Work done.
    Service,
    /// Deposit on a package. It follows the product that it belongs to, at the rate of the contents.
    Deposit,
    /// Deposit paid back. Its price is negative.
    DepositReturn,
}

impl ProductKind {
    /// All of them, in the order of their codes on the wire.
    pub const ALL: [Self; 4] = [Self::Goods, Self::Service, Self::Deposit, Self::DepositReturn];
}

/// The 14 allergens of Regulation (EU) 1169/2011, Annex II, as bits 0..14 for numbers 1..=14.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Allergens {
    /// The product contains these.
    pub contains: u16,
    /// The product may contain traces of these.
    pub may_contain: u16,
}

/// A price and the first day it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PriceRow {
    /// First day.
    pub from: NaiveDate,
    /// Gross price of one.
    pub price: Money,
}

/// One thing that can be sold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Product {
    /// Stock identity.
    pub sku: Sku,
    /// Barcode.
    pub gtin: Option<Gtin>,
    /// The item on the labels of a scale. Such a product is sold by its labels alone; where they carry a weight, its price is that of a kilogram.
    pub item_key: Option<ItemKey>,
    /// Text for people.
    pub name: Name,
    /// Where it stands on the screen and in the reports.
    pub category: CategoryId,
    /// What it is in the eyes of the law.
    pub kind: ProductKind,
    /// Which VAT rows it falls under.
    pub vat_class: VatClass,
    /// How it is normally handed over.
    pub supply: Supply,
    /// Prices, in any order.
    pub prices: Vec<PriceRow>,
    /// The deposit that goes with each of it.
    pub deposit: Option<Sku>,
    /// Allergens.
    pub allergens: Allergens,
    /// The buyer's lowest age in years.
    pub age_limit: Option<u8>,
    /// Nothing left.
    pub sold_out: bool,
    /// Shown among the favourites.
    pub favourite: bool,
}

impl Product {
    /// The gross price of one on `on`: the newest row that has begun.
    ///
    /// # Errors
    /// [`Refusal::PriceCurrency`] when the product has a price that day, but not in `currency`; [`Refusal::PriceMissing`] when it has none.
    pub fn price(&self, currency: Currency, on: NaiveDate) -> Result<Money, Refusal> {
        let begun = || self.prices.iter().filter(|row| row.from <= on);
        match begun().filter(|row| row.price.currency() == currency).max_by_key(|row| row.from) {
            Some(row) => Ok(row.price),
            None if begun().next().is_some() => Err(Refusal::PriceCurrency),
            None => Err(Refusal::PriceMissing),
        }
    }
}

/// Why products do not make a catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CatalogueFlaw {
    /// Two products have this SKU.
    DuplicateSku(Sku),
    /// Two products have this barcode.
    DuplicateGtin(Gtin),
    /// Two products have this item on their labels.
    DuplicateItemKey(ItemKey),
    /// A product names a category that is not there.
    CategoryUnknown(Sku, CategoryId),
    /// A product names a deposit that is not there or is no deposit.
    DepositUnknown(Sku, Sku),
    /// The sign of a price does not fit the kind of product.
    PriceSign(Sku),
}

/// All that can be sold, as of one version.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalogue {
    version: u64,
    categories: Vec<Category>,
    products: Vec<Product>,
    by_sku: HashMap<Sku, usize>,
    by_gtin: HashMap<Gtin, usize>,
    by_item: HashMap<ItemKey, usize>,
}

impl Catalogue {
    /// Puts a catalogue together.
    ///
    /// # Errors
    /// The first [`CatalogueFlaw`] found.
    pub fn new(version: u64, categories: Vec<Category>, products: Vec<Product>) -> Result<Self, CatalogueFlaw> {
        let mut by_sku = HashMap::with_capacity(products.len());
        let mut by_gtin = HashMap::with_capacity(products.len());
        let mut by_item = HashMap::new();
        for (index, product) in products.iter().enumerate() {
            if by_sku.insert(product.sku.clone(), index).is_some() {
                return Err(CatalogueFlaw::DuplicateSku(product.sku.clone()));
            }
            if let Some(gtin) = product.gtin
                && by_gtin.insert(gtin, index).is_some()
            {
                return Err(CatalogueFlaw::DuplicateGtin(gtin));
            }
            if let Some(item) = product.item_key
                && by_item.insert(item, index).is_some()
            {
                return Err(CatalogueFlaw::DuplicateItemKey(item));
            }
        }
        for product in &products {
            if !categories.iter().any(|category| category.id == product.category) {
                return Err(CatalogueFlaw::CategoryUnknown(product.sku.clone(), product.category.clone()));
            }
            if let Some(deposit) = &product.deposit {
                let found = by_sku.get(deposit).and_then(|index| products.get(*index));
                if found.is_none_or(|found| found.kind != ProductKind::Deposit) {
                    return Err(CatalogueFlaw::DepositUnknown(product.sku.clone(), deposit.clone()));
                }
            }
            let returned = product.kind == ProductKind::DepositReturn;
            if product.prices.iter().any(|row| (row.price.minor() < 0) != returned && row.price.minor() != 0) {
                return Err(CatalogueFlaw::PriceSign(product.sku.clone()));
            }
        }
        Ok(Self { version, categories, products, by_sku, by_gtin, by_item })
    }

    /// The version of the price list.
    #[must_use]
    pub const fn version(&self) -> u64 {
        self.version
    }

    /// The categories in the order of the screen.
    #[must_use]
    pub fn categories(&self) -> &[Category] {
        &self.categories
    }

    /// The products in the order of the screen.
    #[must_use]
    pub fn products(&self) -> &[Product] {
        &self.products
    }

    /// The product with this SKU.
    ///
    /// # Errors
    /// [`Refusal::SkuUnknown`].
    pub fn by_sku(&self, sku: &Sku) -> Result<&Product, Refusal> {
        self.by_sku.get(sku).and_then(|index| self.products.get(*index)).ok_or(Refusal::SkuUnknown)
    }

    /// The product with this barcode.
    ///
    /// # Errors
    /// [`Refusal::GtinUnknown`].
    pub fn by_gtin(&self, gtin: Gtin) -> Result<&Product, Refusal> {
        self.by_gtin.get(&gtin).and_then(|index| self.products.get(*index)).ok_or(Refusal::GtinUnknown)
    }

    /// The product with this item on its labels.
    ///
    /// # Errors
    /// [`Refusal::GtinUnknown`].
    pub fn by_item(&self, item: ItemKey) -> Result<&Product, Refusal> {
        self.by_item.get(&item).and_then(|index| self.products.get(*index)).ok_or(Refusal::GtinUnknown)
    }
}
