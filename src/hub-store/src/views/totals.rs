//! Sums over days, trains, trips, legs, products, crew, payments.
//!
//! Without a train, a unit or a trip the sums over everybody answer, otherwise the sums per trip of the trips in question.

use std::{cmp::Reverse, collections::BTreeMap};

use data_encoding::HEXLOWER;

use super::ledger::{SUMS, measure};
use crate::{
    Fault, HubStore,
    engine::{Row, Value},
    project::Measure,
};

/// The most rows of one answer.
pub const TOTALS_MAX: usize = 5_000;
/// The most logs whose sums are added up to those of units.
const LOGS_MAX: usize = 1_000_000;

/// What sums are over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Operating days.
    Day,
    /// Trains, all their days together.
    Train,
    /// Trips: one train on one day, by one till.
    Trip,
    /// Legs, as a pair of stations.
    Leg,
    /// Products.
    Product,
    /// Categories.
    Category,
    /// Who sold.
    Crew,
    /// How it was paid.
    Payment,
    /// Units.
    Unit,
    /// Depots.
    Depot,
    /// VAT rates per country.
    Vat,
}

impl By {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Day,
        Self::Train,
        Self::Trip,
        Self::Leg,
        Self::Product,
        Self::Category,
        Self::Crew,
        Self::Payment,
        Self::Unit,
        Self::Depot,
        Self::Vat,
    ];

    /// The stable code, as in links.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Train => "train",
            Self::Trip => "trip",
            Self::Leg => "leg",
            Self::Product => "product",
            Self::Category => "category",
            Self::Crew => "crew",
            Self::Payment => "payment",
            Self::Unit => "unit",
            Self::Depot => "depot",
            Self::Vat => "vat",
        }
    }

    /// The one with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|by| by.code() == code)
    }
}

/// Which sales add up. Days are as 20260601, both included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TotalsFilter {
    /// The first day.
    pub from_day: i64,
    /// The last day.
    pub to_day: i64,
    /// Of this train alone.
    pub train: Option<String>,
    /// Of this unit alone.
    pub unit: Option<String>,
    /// Paid like this: `cash`, `card`, `mixed`, `none`.
    pub payment: Option<String>,
    /// What lies in quarantine on branches, instead of what counts.
    pub quarantine: bool,
}

/// One sum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Total {
    /// Which: a day, a train, a SKU …; for a trip its day. Empty where there is none, as for sales outside any trip.
    pub item: String,
    /// Its name: of a product; the train of a trip.
    pub name: String,
    /// The currency.
    pub currency: String,
    /// The sum.
    pub measure: Measure,
}

impl HubStore {
    /// Sums, at most [`TOTALS_MAX`]: days and trips in their order, everything else by size.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn totals(&self, filter: &TotalsFilter, by: By) -> Result<Vec<Total>, Fault> {
        let narrow = filter.train.is_some() || filter.unit.is_some() || filter.quarantine || by == By::Trip;
        let (sql, values) = if narrow { per_trip(filter, by) } else { over_everybody(filter, by) };
        let mut tx = self.engine.read()?;
        let totals = tx.query(&sql, &values)?.iter().map(total).collect::<Result<Vec<_>, _>>()?;
        if narrow || !matches!(by, By::Unit | By::Depot) {
            return Ok(totals);
        }
        let sql = "SELECT l.log_id, l.unit, COALESCE(u.depot, '') FROM logs l LEFT JOIN units u ON u.unit = l.unit";
        let mut owners = BTreeMap::new();
        for row in tx.query(sql, &[])? {
            let owner = row.text(if by == By::Unit { 1 } else { 2 })?.to_owned();
            owners.insert(HEXLOWER.encode(row.bytes(0)?), owner);
        }
        Ok(of_owners(totals, &owners))
    }
}

/// Sums of logs as sums of what they belong to, the largest first.
fn of_owners(totals: Vec<Total>, owners: &BTreeMap<String, String>) -> Vec<Total> {
    let mut sums: BTreeMap<(String, String), Measure> = BTreeMap::new();
    for total in totals {
        let owner = owners.get(&total.item).cloned().unwrap_or_default();
        sums.entry((owner, total.currency)).or_default().add(&total.measure);
    }
    let total = |((item, currency), measure)| Total { item, name: String::new(), currency, measure };
    let mut totals: Vec<Total> = sums.into_iter().map(total).collect();
    totals.sort_by_key(|total| Reverse(total.measure.gross_minor));
    totals
}

/// The kind of sum, which column tells one from another, and its name.
fn question(by: By) -> (&'static str, &'static str, &'static str) {
    match by {
        By::Day => ("all", "CAST(s.day AS TEXT)", "''"),
        By::Train => ("train", "s.item", "''"),
        By::Trip => ("all", "CAST(s.day AS TEXT)", "COALESCE(t.train, '')"),
        By::Leg => ("leg", "s.item", "''"),
        By::Product => ("sku", "s.item", "s.name"),
        By::Category => ("category", "s.item", "''"),
        By::Crew => ("crew", "s.item", "''"),
        By::Payment => ("all", "s.payment", "''"),
        // Over everybody these are logs, whose units are looked up afterwards.
        By::Unit | By::Depot => ("log", "s.item", "''"),
        By::Vat => ("vat", "s.item", "''"),
    }
}

fn over_everybody(filter: &TotalsFilter, by: By) -> (String, Vec<Value>) {
    let (dim, item, name) = question(by);
    let mut values: Vec<Value> = vec![dim.into(), filter.from_day.into(), filter.to_day.into()];
    let mut condition = "s.dim = $1 AND s.day BETWEEN $2 AND $3".to_owned();
    if let Some(payment) = &filter.payment {
        values.push(payment.as_str().into());
        condition.push_str(" AND s.payment = $4");
    }
    let from = format!("day_sums s WHERE {condition}");
    (finish(by, item, name, &from, &mut values), values)
}

fn per_trip(filter: &TotalsFilter, by: By) -> (String, Vec<Value>) {
    let (dim, item, name) = question(by);
    // Per trip, the train and the till are the trip's own.
    let (dim, item) = match by {
        By::Train => ("all", "COALESCE(t.train, '')"),
        By::Unit => ("all", "l.unit"),
        By::Depot => ("all", "COALESCE(u.depot, '')"),
        _ => (dim, item),
    };
    // Few logs are forked; theirs are looked at and no others.
    let branches =
        if filter.quarantine { "s.branch > 0 AND s.log_id IN (SELECT log_id FROM branches WHERE branch > 0)" } else { "s.branch = 0" };
    let mut values: Vec<Value> = Vec::new();
    let mut put = |value: Value| {
        values.push(value);
        format!("${}", values.len())
    };
    let mut from = "trip_sums s LEFT JOIN trips t ON t.log_id = s.log_id AND t.branch = s.branch AND t.seq = s.trip \
                    JOIN logs l ON l.log_id = s.log_id LEFT JOIN units u ON u.unit = l.unit"
        .to_owned();
    let mut conditions = vec![branches.to_owned()];
    match (&filter.train, &filter.unit) {
        (Some(train), unit) => {
            // From the few trips of the train to their sums.
            from = "trips t JOIN trip_sums s ON s.log_id = t.log_id AND s.branch = t.branch AND s.day = t.day AND s.trip = t.seq \
                    JOIN logs l ON l.log_id = s.log_id LEFT JOIN units u ON u.unit = l.unit"
                .to_owned();
            conditions.push(format!("t.train = {}", put(train.as_str().into())));
            conditions.push(format!("t.day BETWEEN {} AND {}", put(filter.from_day.into()), put(filter.to_day.into())));
            if let Some(unit) = unit {
                conditions.push(format!("l.unit = {}", put(unit.as_str().into())));
            }
        }
        (None, unit) => {
            if let Some(unit) = unit {
                conditions.push(format!("s.log_id IN (SELECT log_id FROM logs WHERE unit = {})", put(unit.as_str().into())));
            }
            conditions.push(format!("s.day BETWEEN {} AND {}", put(filter.from_day.into()), put(filter.to_day.into())));
        }
    }
    conditions.push(format!("s.dim = {}", put(dim.into())));
    if let Some(payment) = &filter.payment {
        conditions.push(format!("s.payment = {}", put(payment.as_str().into())));
    }
    let from = format!("{from} WHERE {}", conditions.join(" AND "));
    (finish(by, item, name, &from, &mut values), values)
}

fn finish(by: By, item: &str, name: &str, from: &str, values: &mut Vec<Value>) -> String {
    let order = match by {
        By::Day => "1, 3",
        By::Trip => "1 DESC, 2, 3",
        _ => "7 DESC, 1, 2, 3",
    };
    // Logs are added up to units before the answer is cut.
    let rows_max = if item == "s.item" && matches!(by, By::Unit | By::Depot) { LOGS_MAX } else { TOTALS_MAX };
    values.push((rows_max as u64).into());
    format!("SELECT {item}, {name}, s.currency, {SUMS} FROM {from} GROUP BY 1, 2, 3 ORDER BY {order} LIMIT ${}", values.len())
}

fn total(row: &Row) -> Result<Total, Fault> {
    Ok(Total { item: row.text(0)?.to_owned(), name: row.text(1)?.to_owned(), currency: row.text(2)?.to_owned(), measure: measure(row, 3)? })
}
