//! The selling screen: categories, tiles, lines, parked sales.

use std::sync::Arc;

use chrono::NaiveDate;
use domain::{
    catalogue::{Category, CategoryId, Product, ProductKind},
    crew::Language,
    sale::{Line, OpenSale},
    vat::Supply,
};
use till::Setup;

use super::{bare, money, named};
use crate::screen::backroom::Snapshot;

/// The category of what is sold most.
pub const FAVOURITES: &str = "fav";
/// Results of a search that are shown.
const FOUND_MAX: usize = 24;

/// What is sold on a day, in a language. A tile is made when somebody looks at it: a page shows a dozen, a till may sell thousands.
#[derive(Clone, Debug)]
pub struct Wares {
    setup: Arc<Setup>,
    day: NaiveDate,
    language: Language,
}

impl Wares {
    /// The wares as things stand.
    #[must_use]
    pub fn of(shot: &Snapshot, language: Language) -> Self {
        let day = shot.books.trip.as_ref().map_or_else(|| super::crew::today(shot), |trip| trip.started.trip.operating_day());
        Self { setup: shot.setup.clone(), day, language }
    }

    /// Whether the tiles of `other` are the same, without looking at any.
    #[must_use]
    pub fn same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.setup, &other.setup) && self.day == other.day && self.language == other.language
    }

    /// The categories that have something to sell, favourites first.
    #[must_use]
    pub fn categories(&self) -> Vec<ui::Category> {
        let sells = |category: &&Category| self.offered().any(|(_, product)| product.category == category.id);
        let own = self.setup.catalogue.categories().iter().filter(sells);
        let favourites = ui::Category { id: FAVOURITES.into(), name: "".into(), hue: 6 };
        let category = |category: &Category| ui::Category {
            id: category.id.0.as_ref().into(),
            name: named(&category.name, self.language).into(),
            hue: self.hue(&category.id),
        };
        core::iter::once(favourites).chain(own.map(category)).collect()
    }

    /// The places of a category's products in the catalogue.
    #[must_use]
    pub fn shelf(&self, category: &str) -> Vec<usize> {
        let shown = |product: &Product| if category == FAVOURITES { product.favourite } else { product.category.0.as_ref() == category };
        self.offered().filter(|(_, product)| shown(product)).map(|(place, _)| place).collect()
    }

    /// The places of the products whose name or SKU holds `query`.
    #[must_use]
    pub fn found(&self, query: &str) -> Vec<usize> {
        let query = query.trim().to_lowercase();
        if query.is_empty() {
            return Vec::new();
        }
        let holds = |product: &Product| {
            product.name.sv.to_lowercase().contains(&query)
                || product.name.en.to_lowercase().contains(&query)
                || product.sku.as_str().to_lowercase().starts_with(&query)
        };
        self.offered().filter(|(_, product)| holds(product)).take(FOUND_MAX).map(|(place, _)| place).collect()
    }

    /// The tile of the product at a place of the catalogue.
    #[must_use]
    pub fn tile(&self, place: usize) -> Option<ui::Product> {
        let product = self.setup.catalogue.products().get(place)?;
        let price = product.price(self.setup.operator.currency, self.day);
        Some(ui::Product {
            id: product.sku.as_str().into(),
            name: named(&product.name, self.language).into(),
            price: price.map(|price| bare(price.minor(), price.currency())).unwrap_or_default().into(),
            hue: self.hue(&product.category),
            left: "".into(),
            sold_out: product.sold_out || price.is_err(),
            allergens: allergens(product.allergens.contains, self.language).into(),
            age: product.age_limit.map(|age| age.to_string()).unwrap_or_default().into(),
        })
    }

    /// What a person can pick: deposits come by themselves.
    fn offered(&self) -> impl Iterator<Item = (usize, &Product)> {
        self.setup.catalogue.products().iter().enumerate().filter(|(_, product)| product.kind != ProductKind::Deposit)
    }

    fn hue(&self, id: &CategoryId) -> i32 {
        let place = self.setup.catalogue.categories().iter().position(|category| category.id == *id);
        place.and_then(|place| i32::try_from(place % 7).ok()).unwrap_or(0)
    }
}

/// The lines of the open sale. A deposit stands under the line it belongs to.
#[must_use]
pub fn lines(shot: &Snapshot, sale: &OpenSale, language: Language) -> Vec<ui::SaleLine> {
    let own = sale.lines.iter().filter(|line| line.linked_to.is_none());
    own.map(|line| line_row(shot, sale, line, language)).collect()
}

/// The parked sales.
#[must_use]
pub fn parked(shot: &Snapshot, language: Language) -> Vec<ui::ParkedSale> {
    let row = |(ticket, parked): (&u32, &journal::Parked)| {
        let names: Vec<String> =
            parked.sale.lines.iter().filter(|line| line.linked_to.is_none()).map(|line| line_name(shot, line, language)).collect();
        ui::ParkedSale {
            id: ticket.to_string().into(),
            title: format!("{ticket} · {}", super::clock(parked.parked_s, shot.wall.1)).into(),
            detail: names.join(", ").into(),
            amount: money(parked.sale.total().minor(), parked.sale.terms.currency).into(),
        }
    };
    shot.books.parked.iter().map(row).collect()
}

/// A line's name in the crew's language; the receipt's own when the catalogue does not know it, and for a labelled piece, whose weight
/// stands in it.
#[must_use]
pub fn line_name(shot: &Snapshot, line: &Line, language: Language) -> String {
    let known = shot.setup.catalogue.by_sku(&line.sku).ok().filter(|product| product.item_key.is_none());
    known.map_or_else(|| line.name.to_string(), |product| named(&product.name, language))
}

/// Pieces on a sale, deposits apart.
#[must_use]
pub fn pieces(sale: &OpenSale) -> i32 {
    let pieces = sale.lines.iter().filter(|line| line.linked_to.is_none()).fold(0_i64, |sum, line| sum + line.qty);
    i32::try_from(pieces).unwrap_or(i32::MAX)
}

fn line_row(shot: &Snapshot, sale: &OpenSale, line: &Line, language: Language) -> ui::SaleLine {
    let linked = sale.lines.iter().filter(|other| other.linked_to == Some(line.no));
    let deposit_minor = linked.fold(0_i64, |sum, other| sum + other.gross_minor());
    let currency = sale.terms.currency;
    let mut notes = Vec::new();
    if line.qty > 1 {
        notes.push(format!("à {}", bare(line.unit_minor, currency)));
    }
    if deposit_minor != 0 {
        notes.push(format!("+ {} {}", till::words::paper(language).deposit.to_lowercase(), bare(deposit_minor, currency)));
    }
    ui::SaleLine {
        id: line.no.0.to_string().into(),
        name: line_name(shot, line, language).into(),
        note: notes.join(" · ").into(),
        quantity: line.qty.to_string().into(),
        amount: bare(line.gross_minor() + deposit_minor, currency).into(),
        serve: line.supply == Supply::Served,
    }
}

/// Short marks, each beginning with a capital so that they need no space, of the 14 allergens, in the order of Regulation (EU) 1169/2011, Annex II.
fn allergens(set: u16, language: Language) -> String {
    const SV: [&str; 14] = ["G", "Kr", "Ä", "F", "J", "So", "M", "N", "Se", "Sp", "Ss", "Su", "Lu", "Bl"];
    const EN: [&str; 14] = ["G", "Cr", "E", "F", "P", "So", "M", "N", "Ce", "Mu", "Ss", "Su", "Lu", "Mo"];
    let marks = if language == Language::Sv { SV } else { EN };
    let present: Vec<&str> = marks.into_iter().enumerate().filter(|(bit, _)| set & (1 << bit) != 0).map(|(_, mark)| mark).collect();
    present.concat()
}
