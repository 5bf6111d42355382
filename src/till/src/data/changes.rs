//! What changes from one price list or roster to the next, for whoever signs it, and how much of it a till takes from one signature.

use std::{collections::BTreeSet, fmt};

use chrono::NaiveDate;
use domain::{
    Currency, Money,
    catalogue::{Catalogue, Product},
};

use super::{PriceList, Roster};

/// No product costs more, in minor units of any currency, whoever signs it.
pub const PRICE_MINOR_MAX: i64 = 1_000_000;
/// A price that goes up or down by more per cent than this in one version is a large change.
pub const CHANGE_PERCENT_MAX: i64 = 50;
/// More per cent of all products gone in one version are a large change.
pub const GONE_PERCENT_MAX: usize = 50;

/// One product's price in one currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceChange {
    /// The product: what its tile says in Swedish, and its SKU.
    pub product: String,
    /// From this day on, where the change is largest.
    pub from: NaiveDate,
    /// Before; `None` where it had no price.
    pub old: Option<Money>,
    /// After; `None` where it has no price any more.
    pub new: Option<Money>,
}

/// What changes from one price list to the next.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Prices, largest change first.
    pub prices: Vec<PriceChange>,
    /// Products that are new.
    pub new: Vec<String>,
    /// Products that are gone.
    pub gone: Vec<String>,
    /// Products that stay and change in something else than their price: a name, a VAT class, a barcode.
    pub other: Vec<String>,
    /// VAT rows, with a plus or a minus.
    pub vat: Vec<String>,
    /// Trains, with a plus or a minus.
    pub trains: Vec<String>,
    /// What changes about the operator.
    pub operator: Vec<String>,
}

/// More than a till takes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Excess {
    /// A price that no signature makes good.
    #[error("{product} would cost {price}; no product may cost more than {max}")]
    Price {
        /// The product.
        product: String,
        /// Its price.
        price: Money,
        /// The most.
        max: Money,
    },
    /// A price that goes too far in one version.
    #[error("{0}; more than {CHANGE_PERCENT_MAX} % in one version is a large change")]
    Change(String),
    /// Too many products gone.
    #[error("{gone} of {all} products would be gone; more than {GONE_PERCENT_MAX} % in one version is a large change")]
    Gone {
        /// How many.
        gone: usize,
        /// Of how many.
        all: usize,
    },
}

impl Excess {
    /// Whether the keys of the root can allow it.
    #[must_use]
    pub const fn is_allowed_to_root(&self) -> bool {
        !matches!(self, Self::Price { .. })
    }
}

impl PriceChange {
    /// How far it goes, in per cent of the old price; `None` where there is no old or no new one, or the old one is zero.
    #[must_use]
    pub fn percent(&self) -> Option<i64> {
        let (old, new) = (self.old?.minor(), self.new?.minor());
        let hundredfold = i128::from(new - old) * 100;
        if old == 0 { None } else { i64::try_from(hundredfold / i128::from(old.abs())).ok() }
    }

    /// Whether it goes too far in one version. Per cent are rounded towards zero, so the comparison takes amounts.
    fn is_large(&self) -> bool {
        let (Some(old), Some(new)) = (self.old, self.new) else { return false };
        let (old, new) = (i128::from(old.minor()), i128::from(new.minor()));
        (new - old).abs() * 100 > old.abs() * i128::from(CHANGE_PERCENT_MAX)
    }

    fn weight(&self) -> i64 {
        self.percent().map_or(i64::MAX, i64::abs)
    }
}

impl fmt::Display for PriceChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let amount = |money: Option<Money>| money.map_or_else(|| "no price".to_owned(), |money| money.to_string());
        let currency = self.new.or(self.old).map_or("", |money| money.currency().code());
        let percent = self.percent().map_or_else(String::new, |percent| format!(" ({percent:+} %)"));
        write!(f, "{} {} → {} {currency}{percent} from {}", self.product, amount(self.old), amount(self.new), self.from)
    }
}

impl Changes {
    /// What changes from `old` to `new`.
    #[must_use]
    pub fn between(old: &PriceList, new: &PriceList) -> Self {
        let mut changes = Self::default();
        let (was, is) = (&old.catalogue, &new.catalogue);
        for product in is.products() {
            let Ok(before) = was.by_sku(&product.sku) else {
                changes.new.push(shown(product));
                continue;
            };
            changes.prices.extend(price_changes(before, product));
            if (Product { prices: Vec::new(), ..before.clone() }) != (Product { prices: Vec::new(), ..product.clone() }) {
                changes.other.push(shown(product));
            }
        }
        changes.gone = gone(was, is).map(shown).collect();
        changes.prices.sort_by_key(|change| core::cmp::Reverse(change.weight()));
        changes.vat = vat_changes(old, new);
        changes.trains = train_changes(old, new);
        changes.operator = operator_changes(old, new);
        changes
    }

    /// Whether nothing changes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// One line for a person who is about to sign.
    #[must_use]
    pub fn summary(&self) -> String {
        let largest = self.prices.first().map_or_else(String::new, |change| {
            let amount = |money: Option<Money>| money.map_or_else(|| "none".to_owned(), |money| money.to_string().replace('.', ","));
            let percent = change.percent().map_or_else(String::new, |percent| format!("{percent:+} % "));
            format!(", largest {percent}({} {} → {})", change.product, amount(change.old), amount(change.new))
        });
        let prices = format!("{} {}{largest}", self.prices.len(), if self.prices.len() == 1 { "price changes" } else { "prices change" });
        let new = format!("{} {} new", self.new.len(), if self.new.len() == 1 { "product" } else { "products" });
        let count = |lines: &[String]| if lines.is_empty() { "none".to_owned() } else { lines.len().to_string() };
        format!(
            "{prices}, {new}, {} gone, {} otherwise changed; VAT: {}; trains: {}; operator: {}",
            self.gone.len(),
            self.other.len(),
            count(&self.vat),
            count(&self.trains),
            count(&self.operator)
        )
    }

    /// Everything, a line each.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.prices.iter().map(|change| format!("price     {change}")).collect();
        for (what, list) in [
            ("new       ", &self.new),
            ("gone      ", &self.gone),
            ("changed   ", &self.other),
            ("VAT       ", &self.vat),
            ("train     ", &self.trains),
            ("operator  ", &self.operator),
        ] {
            lines.extend(list.iter().map(|line| format!("{what}{line}")));
        }
        lines
    }
}

/// What of a price list is more than a till takes, compared with the one before it, if there was one.
#[must_use]
pub fn excess(old: Option<&PriceList>, new: &PriceList) -> Option<Excess> {
    for product in new.catalogue.products() {
        if let Some(row) = product.prices.iter().find(|row| row.price.minor().abs() > PRICE_MINOR_MAX) {
            let max = Money::new(PRICE_MINOR_MAX, row.price.currency());
            return Some(Excess::Price { product: shown(product), price: row.price, max });
        }
    }
    let old = old?;
    let far = new.catalogue.products().iter().find_map(|product| {
        let before = old.catalogue.by_sku(&product.sku).ok()?;
        price_changes(before, product).into_iter().find(PriceChange::is_large)
    });
    if let Some(change) = far {
        return Some(Excess::Change(change.to_string()));
    }
    let (gone, all) = (gone(&old.catalogue, &new.catalogue).count(), old.catalogue.products().len());
    (gone * 100 > all * GONE_PERCENT_MAX).then_some(Excess::Gone { gone, all })
}

/// What changes from one roster to the next, a line each. PINs show as changed, never as themselves.
#[must_use]
pub fn staff_changes(old: &Roster, new: &Roster) -> Vec<String> {
    let mut lines = Vec::new();
    for entry in new.entries() {
        let shown = format!("{} {}", entry.member.id, entry.member.name);
        let Some(before) = old.find(&entry.member.id) else {
            lines.push(format!("new       {shown}, {}", entry.member.role.code()));
            continue;
        };
        if before.member.role != entry.member.role {
            lines.push(format!("role      {shown}: {} → {}", before.member.role.code(), entry.member.role.code()));
        }
        if before.pin_hash != entry.pin_hash {
            lines.push(format!("PIN       {shown}"));
        }
        if (&before.member.name, before.member.language, &before.initials) != (&entry.member.name, entry.member.language, &entry.initials) {
            lines.push(format!("changed   {shown}"));
        }
    }
    let gone = old.entries().iter().filter(|entry| new.find(&entry.member.id).is_none());
    lines.extend(gone.map(|entry| format!("gone      {} {}", entry.member.id, entry.member.name)));
    lines
}

fn shown(product: &Product) -> String {
    format!("{} [{}]", product.name.sv, product.sku)
}

fn gone<'a>(was: &'a Catalogue, is: &Catalogue) -> impl Iterator<Item = &'a Product> {
    was.products().iter().filter(|product| is.by_sku(&product.sku).is_err())
}

/// For each currency, the largest change over all days on which either list has a new price.
fn price_changes(before: &Product, after: &Product) -> Vec<PriceChange> {
    let days: BTreeSet<NaiveDate> = before.prices.iter().chain(&after.prices).map(|row| row.from).collect();
    let changes = Currency::ALL.into_iter().filter_map(|currency| {
        let on_days = days.iter().filter_map(|day| {
            let (old, new) = (before.price(currency, *day).ok(), after.price(currency, *day).ok());
            (old != new).then(|| PriceChange { product: shown(after), from: *day, old, new })
        });
        // Of equal ones the first day counts.
        on_days.fold(None, |largest: Option<PriceChange>, next| match largest {
            Some(largest) if largest.weight() >= next.weight() => Some(largest),
            _ => Some(next),
        })
    });
    changes.collect()
}

fn vat_changes(old: &PriceList, new: &PriceList) -> Vec<String> {
    let rows = |list: &PriceList| -> Vec<String> {
        let table = list.vat.clone().unwrap_or_else(domain::vat::VatTable::nordic_2026);
        let until = |row: &domain::vat::VatRow| row.until.map_or_else(String::new, |until| format!(" until {until}"));
        let line = |row: &domain::vat::VatRow| {
            let supply = row.supply.map_or("", domain::vat::Supply::code);
            format!("{} {} {supply} {} % from {}{}", row.country.code(), row.class.code(), row.rate, row.from, until(row))
        };
        table.rows().iter().map(line).collect()
    };
    plus_minus(&rows(old), &rows(new))
}

fn train_changes(old: &PriceList, new: &PriceList) -> Vec<String> {
    let rows = |list: &PriceList| -> Vec<String> {
        let line = |train: &super::TimetabledTrain| {
            let calls: Vec<String> = train
                .calls
                .iter()
                .map(|call| {
                    let time = call.departure.or(call.arrival).map_or_else(String::new, |time| format!(" {}", time.minutes()));
                    format!("{}{time}", call.station.code)
                })
                .collect();
            let days: String = (1..).zip(train.weekdays).filter(|(_, runs)| *runs).map(|(day, _): (u8, bool)| day.to_string()).collect();
            format!("{} {}–{} days {days}: {}", train.train, train.from, train.to, calls.join(", "))
        };
        list.timetable.trains().iter().map(line).collect()
    };
    plus_minus(&rows(old), &rows(new))
}

fn operator_changes(old: &PriceList, new: &PriceList) -> Vec<String> {
    let rows = |list: &PriceList| {
        let operator = &list.operator;
        vec![
            format!("company {}", operator.company),
            format!("org_no {}", operator.org_no),
            format!("address {}", operator.address.join(", ")),
            format!("country {}", operator.country.code()),
            format!("currency {}", operator.currency.code()),
            format!("opening_float {}", operator.opening_float),
            format!("receipt_footer {}", operator.receipt_footer.sv),
        ]
    };
    plus_minus(&rows(old), &rows(new))
}

fn plus_minus(old: &[String], new: &[String]) -> Vec<String> {
    let (was, is): (BTreeSet<&String>, BTreeSet<&String>) = (old.iter().collect(), new.iter().collect());
    let minus = old.iter().filter(|line| !is.contains(line)).map(|line| format!("− {line}"));
    minus.chain(new.iter().filter(|line| !was.contains(line)).map(|line| format!("+ {line}"))).collect()
}
