//! A trip, leg by leg. A sale belongs to the leg that its own entry names, however late it arrives.

use journal::LogId;

use super::{
    Conditions,
    sales::{SALE_COLUMNS, SALE_TABLES, SaleRow, sale_row},
};
use crate::{
    Fault, HubStore,
    engine::{Row, Tx},
    params,
    project::{Measure, leg_name},
};

/// The most trips of one list.
pub const TRIPS_MAX: usize = 500;
/// The most sales of one ledger.
pub const LEDGER_SALES_MAX: usize = 5_000;
/// A sale that reached the hub so many seconds after it was made is late.
pub const LATE_S: i64 = 6 * 3_600;

/// Which trips. Days are as 20260601, both included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TripsFilter {
    /// The first day.
    pub from_day: i64,
    /// The last day.
    pub to_day: i64,
    /// Of this train alone.
    pub train: Option<String>,
    /// By this unit alone.
    pub unit: Option<String>,
}

/// A trip as one till ran it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TripRow {
    /// The log.
    pub log: LogId,
    /// The branch; above 0 it is in quarantine.
    pub branch: u64,
    /// The entry of its start.
    pub seq: u64,
    /// The unit.
    pub unit: String,
    /// The train.
    pub train: String,
    /// The operating day, as 20260601.
    pub day: i64,
    /// Names of the calls.
    pub calls: Vec<String>,
    /// When it was started, seconds since 1970, UTC.
    pub started_s: i64,
    /// When it ended; none while it runs, or while the end has not arrived.
    pub ended_s: Option<i64>,
    /// The last entry in it that is known to matter.
    pub last_seq: u64,
    /// Its sums per currency.
    pub sums: Vec<(String, Measure)>,
}

/// A train's day: every till on it, leg by leg.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TripLedger {
    /// The tills' trips.
    pub trips: Vec<TripRow>,
    /// The legs in the order of travel; then what was sold on none.
    pub legs: Vec<LedgerLeg>,
    /// There are more sales than [`LEDGER_SALES_MAX`]; the sums hold all of them.
    pub is_cut: bool,
}

/// A leg.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LedgerLeg {
    /// From where to where; empty for sales on no leg.
    pub name: String,
    /// Its sums per currency.
    pub sums: Vec<(String, Measure)>,
    /// Its sales, by time.
    pub sales: Vec<LedgerSale>,
}

/// A sale in a ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerSale {
    /// The sale.
    pub sale: SaleRow,
    /// When it reached the hub, seconds since 1970, UTC.
    pub received_s: Option<i64>,
}

impl LedgerSale {
    /// It came long after it was made.
    #[must_use]
    pub fn is_late(&self) -> bool {
        self.received_s.is_some_and(|received_s| received_s - self.sale.wall_s > LATE_S)
    }
}

const TRIP_COLUMNS: &str = "t.log_id, t.branch, t.seq, l.unit, t.train, t.day, t.calls, t.started_s, t.ended_s, t.last_seq";

impl HubStore {
    /// Trips that count, the latest day first, at most [`TRIPS_MAX`].
    ///
    /// # Errors
    /// [`Fault`].
    pub fn trips(&self, filter: &TripsFilter) -> Result<Vec<TripRow>, Fault> {
        let mut conditions = Conditions::default();
        conditions.between("t.day", filter.from_day, filter.to_day);
        if let Some(train) = &filter.train {
            conditions.with("t.train = {}", train.as_str());
        }
        if let Some(unit) = &filter.unit {
            conditions.with("l.unit = {}", unit.as_str());
        }
        let limit = conditions.value(TRIPS_MAX as u64);
        let sql = format!(
            "SELECT {TRIP_COLUMNS} FROM trips t JOIN logs l ON l.log_id = t.log_id WHERE t.branch = 0 AND {} \
             ORDER BY t.day DESC, t.train, t.started_s, t.log_id LIMIT {limit}",
            conditions.text()
        );
        trips(&mut *self.engine.read()?, &sql, &conditions)
    }

    /// The trains that ran on these days, in the order of their numbers.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn trains(&self, from_day: i64, to_day: i64) -> Result<Vec<String>, Fault> {
        let sql =
            "SELECT item FROM day_sums WHERE dim = 'train' AND day BETWEEN $1 AND $2 AND item <> '' GROUP BY item ORDER BY item LIMIT $3";
        let rows = self.engine.read()?.query(sql, params![from_day, to_day, TRIPS_MAX as u64])?;
        rows.iter().map(|row| row.text(0).map(str::to_owned)).collect()
    }

    /// The last operating day with sales, as 20260601.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn last_day(&self) -> Result<Option<i64>, Fault> {
        let rows = self.engine.read()?.query("SELECT MAX(day) FROM day_sums WHERE dim = 'all'", &[])?;
        rows.first().map_or(Ok(None), |row| row.maybe_int(0))
    }

    /// A train's day, leg by leg.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn trip_ledger(&self, train: &str, day: i64) -> Result<TripLedger, Fault> {
        let mut tx = self.engine.read()?;
        let mut conditions = Conditions::default();
        conditions.with("t.train = {}", train);
        conditions.with("t.day = {}", day);
        let limit = conditions.value(TRIPS_MAX as u64);
        let sql = format!(
            "SELECT {TRIP_COLUMNS} FROM trips t JOIN logs l ON l.log_id = t.log_id WHERE t.branch = 0 AND {} \
             ORDER BY t.started_s, t.log_id LIMIT {limit}",
            conditions.text()
        );
        let mut ledger = TripLedger { trips: trips(&mut *tx, &sql, &conditions)?, ..TripLedger::default() };
        let mut legs: Vec<LedgerLeg> = Vec::new();
        for trip in &ledger.trips {
            for leg in (0..trip.calls.len().saturating_sub(1)).filter_map(|leg| u16::try_from(leg).ok()) {
                place_of(&mut legs, &leg_name(&trip.calls, leg));
            }
        }
        let mut left = LEDGER_SALES_MAX;
        for trip in &ledger.trips {
            for (name, currency, measure) in leg_sums(&mut *tx, trip)? {
                let place = place_of(&mut legs, &name);
                add(&mut legs[place].sums, &currency, &measure);
            }
            let sales = sales_of(&mut *tx, trip, left + 1)?;
            ledger.is_cut |= sales.len() > left;
            for sale in sales.into_iter().take(left) {
                left -= 1;
                let name = u16::try_from(sale.sale.leg).map(|leg| leg_name(&trip.calls, leg)).unwrap_or_default();
                let place = place_of(&mut legs, &name);
                legs[place].sales.push(sale);
            }
        }
        for leg in &mut legs {
            leg.sales.sort_by_key(|sale| (sale.sale.wall_s, sale.sale.at()));
        }
        // What was sold on no leg comes last.
        legs.sort_by_key(|leg| leg.name.is_empty());
        ledger.legs = legs;
        Ok(ledger)
    }
}

fn place_of(legs: &mut Vec<LedgerLeg>, name: &str) -> usize {
    legs.iter().position(|leg| leg.name == name).unwrap_or_else(|| {
        legs.push(LedgerLeg { name: name.to_owned(), ..LedgerLeg::default() });
        legs.len() - 1
    })
}

fn add(sums: &mut Vec<(String, Measure)>, currency: &str, measure: &Measure) {
    match sums.iter_mut().find(|(known, _)| known == currency) {
        Some((_, sum)) => sum.add(measure),
        None => sums.push((currency.to_owned(), *measure)),
    }
}

fn trips(tx: &mut dyn Tx, sql: &str, conditions: &Conditions) -> Result<Vec<TripRow>, Fault> {
    let mut trips = tx.query(sql, &conditions.values)?.iter().map(trip_row).collect::<Result<Vec<_>, _>>()?;
    for trip in &mut trips {
        let sql = format!(
            "SELECT currency, {SUMS} FROM trip_sums s WHERE log_id = $1 AND branch = $2 AND day = $3 AND trip = $4 \
                           AND dim = 'all' GROUP BY currency ORDER BY currency"
        );
        for row in tx.query(&sql, params![trip.log.0, trip.branch, trip.day, trip.seq])? {
            trip.sums.push((row.text(0)?.to_owned(), measure(&row, 1)?));
        }
    }
    Ok(trips)
}

fn leg_sums(tx: &mut dyn Tx, trip: &TripRow) -> Result<Vec<(String, String, Measure)>, Fault> {
    let sql = format!(
        "SELECT item, currency, {SUMS} FROM trip_sums s WHERE log_id = $1 AND branch = $2 AND day = $3 AND trip = $4 \
                       AND dim = 'leg' GROUP BY item, currency ORDER BY item, currency"
    );
    let rows = tx.query(&sql, params![trip.log.0, trip.branch, trip.day, trip.seq])?;
    rows.iter().map(|row| Ok((row.text(0)?.to_owned(), row.text(1)?.to_owned(), measure(row, 2)?))).collect()
}

fn sales_of(tx: &mut dyn Tx, trip: &TripRow, limit: usize) -> Result<Vec<LedgerSale>, Fault> {
    let sql = format!(
        "SELECT {SALE_COLUMNS} FROM {SALE_TABLES} WHERE s.log_id = $1 AND s.branch = $2 AND s.seq BETWEEN $3 AND $4 AND s.trip = $3 AND s.training = 0 \
         ORDER BY s.seq LIMIT $5"
    );
    let rows = tx.query(&sql, params![trip.log.0, trip.branch, trip.seq, trip.last_seq, limit as u64])?;
    let sql = "SELECT first_seq, last_seq, received_at FROM batches WHERE log_id = $1 AND branch = $2 AND last_seq >= $3 AND first_seq <= $4 \
               ORDER BY first_seq";
    let batches = tx.query(sql, params![trip.log.0, trip.branch, trip.seq, trip.last_seq])?;
    let batches: Vec<(u64, u64, i64)> =
        batches.iter().map(|row| Ok((row.count(0)?, row.count(1)?, row.int(2)?))).collect::<Result<_, Fault>>()?;
    let received = |seq: u64| batches.iter().find(|(first, last, _)| (*first..=*last).contains(&seq)).map(|(_, _, received_s)| *received_s);
    let sale = |row: &Row| sale_row(row).map(|sale| LedgerSale { received_s: received(sale.seq), sale });
    rows.iter().map(sale).collect()
}

/// Sums of `trip_sums s` or `day_sums s`, in the order of [`measure`].
pub(super) const SUMS: &str = "CAST(SUM(s.sales) AS BIGINT), CAST(SUM(s.returns) AS BIGINT), CAST(SUM(s.qty) AS BIGINT), \
     CAST(SUM(s.gross_minor) AS BIGINT), CAST(SUM(s.vat_minor) AS BIGINT)";

pub(super) fn measure(row: &Row, from: usize) -> Result<Measure, Fault> {
    Ok(Measure {
        sales: row.int(from)?,
        returns: row.int(from + 1)?,
        qty: row.int(from + 2)?,
        gross_minor: row.int(from + 3)?,
        vat_minor: row.int(from + 4)?,
    })
}

pub(super) fn trip_row(row: &Row) -> Result<TripRow, Fault> {
    Ok(TripRow {
        log: LogId(row.fixed(0)?),
        branch: row.count(1)?,
        seq: row.count(2)?,
        unit: row.text(3)?.to_owned(),
        train: row.text(4)?.to_owned(),
        day: row.int(5)?,
        calls: row.text(6)?.split('\n').map(str::to_owned).collect(),
        started_s: row.int(7)?,
        ended_s: row.maybe_int(8)?,
        last_seq: row.count(9)?,
        sums: Vec::new(),
    })
}
