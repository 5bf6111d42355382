//! Adding to sums, and looking at receipts that a fork or a refund has touched.

use std::collections::{BTreeMap, BTreeSet};

use super::{Measure, Place, Rows, SumKey, tables};
use crate::{
    Fault,
    engine::{Row, Tx, Value},
    params,
};

/// Rows of sums that go into one text of SQL.
const ROWS_AT_ONCE: usize = 40;
/// The most receipts of a forked log that are looked at when it grows.
const DOUBLED_MAX: i64 = 10_000;

const MEASURES: [&str; 5] = ["sales", "returns", "qty", "gross_minor", "vat_minor"];
const DAY_KEY: [&str; 6] = ["dim", "day", "item", "name", "payment", "currency"];
const TRIP_KEY: [&str; 9] = ["log_id", "branch", "day", "trip", "dim", "item", "name", "payment", "currency"];

pub(super) fn merge(into: &mut BTreeMap<SumKey, Measure>, from: &BTreeMap<SumKey, Measure>) {
    for (key, measure) in from {
        into.entry(key.clone()).or_default().add(measure);
    }
}

pub(super) fn add_day_sums(tx: &mut dyn Tx, sums: &BTreeMap<SumKey, Measure>) -> Result<(), Fault> {
    let row = |(key, measure): (&SumKey, &Measure)| {
        let SumKey { dim, day, item, name, payment, currency, .. } = key;
        let mut row: Vec<Value> = vec![(*dim).into(), (*day).into(), item.as_str().into(), name.as_str().into(), (*payment).into()];
        row.push((*currency).into());
        row.extend(values_of(measure));
        row
    };
    add(tx, "day_sums", &DAY_KEY, &sums.iter().map(row).collect::<Vec<_>>())
}

pub(super) fn add_trip_sums(tx: &mut dyn Tx, place: Place, sums: &BTreeMap<SumKey, Measure>) -> Result<(), Fault> {
    let row = |(key, measure): (&SumKey, &Measure)| {
        let SumKey { dim, day, trip, item, name, payment, currency } = key;
        let mut row: Vec<Value> = vec![place.log_id.into(), place.branch.into(), (*day).into(), (*trip).into(), (*dim).into()];
        row.extend([item.as_str().into(), name.as_str().into(), (*payment).into(), (*currency).into()]);
        row.extend(values_of(measure));
        row
    };
    add(tx, "trip_sums", &TRIP_KEY, &sums.iter().map(row).collect::<Vec<_>>())
}

fn values_of(measure: &Measure) -> [Value; MEASURES.len()] {
    let Measure { sales, returns, qty, gross_minor, vat_minor } = *measure;
    [sales, returns, qty, gross_minor, vat_minor].map(Value::Int)
}

fn add(tx: &mut dyn Tx, table: &str, key: &[&str], rows: &[Vec<Value>]) -> Result<(), Fault> {
    let (whole, rest) = rows.split_at(rows.len() - rows.len() % ROWS_AT_ONCE);
    let text = |rows: usize| {
        let columns = key.len() + MEASURES.len();
        let row = |row: usize| {
            let places: Vec<String> = (1..=columns).map(|column| format!("${}", row * columns + column)).collect();
            format!("({})", places.join(", "))
        };
        let values: Vec<String> = (0..rows).map(row).collect();
        let set: Vec<String> = MEASURES.iter().map(|name| format!("{name} = {table}.{name} + excluded.{name}")).collect();
        let (columns, key) = ([key, &MEASURES].concat().join(", "), key.join(", "));
        format!("INSERT INTO {table} ({columns}) VALUES {} ON CONFLICT ({key}) DO UPDATE SET {}", values.join(", "), set.join(", "))
    };
    if !whole.is_empty() {
        let sql = text(ROWS_AT_ONCE);
        for rows in whole.chunks(ROWS_AT_ONCE) {
            tx.execute(&sql, &rows.concat())?;
        }
    }
    let sql = text(1);
    rest.iter().try_for_each(|row| tx.execute(&sql, row).map(drop))
}

/// One thing that somebody should look at.
struct Finding<'a> {
    place: Place,
    kind: &'a str,
    no: u64,
    seq: u64,
    currency: &'a str,
    minor: i64,
    other_minor: i64,
}

/// Writes down what does not add up: numbers missing or twice, more taken back than was sold, Z reports that differ from their receipts.
pub(super) fn find(tx: &mut dyn Tx, place: Place, rows: &Rows) -> Result<(), Fault> {
    for (no, count, seq) in &rows.gaps {
        let count = i64::try_from(*count).unwrap_or(i64::MAX);
        let gap = Finding { place, kind: "receipt.gap", no: *no, seq: *seq, currency: "", minor: count, other_minor: 0 };
        put(tx, &gap)?;
    }
    for (z_no, seq, currency, minor, other_minor) in &rows.differing {
        put(tx, &Finding { place, kind: "z.differs", no: *z_no, seq: *seq, currency, minor: *minor, other_minor: *other_minor })?;
    }
    let log_id = place.log_id;
    let mut taken_back: BTreeSet<u64> = rows.taken_back.iter().copied().collect();
    let mut doubled: BTreeSet<u64> = rows.doubled.iter().copied().collect();
    let forked = "SELECT branch FROM projected WHERE log_id = $1 AND branch > 0 LIMIT 1";
    if !tx.query(forked, params![log_id])?.is_empty() {
        let numbers = |rows: Vec<Row>| rows.iter().map(|row| row.count(0)).collect::<Result<Vec<_>, _>>();
        let sql = "SELECT corrects FROM corrections WHERE log_id = $1 GROUP BY corrects ORDER BY corrects LIMIT $2";
        taken_back.extend(numbers(tx.query(sql, params![log_id, DOUBLED_MAX])?)?);
        let sql = "SELECT receipt_no FROM sales WHERE log_id = $1 AND training = 0 GROUP BY receipt_no HAVING COUNT(*) > 1 \
                   ORDER BY receipt_no LIMIT $2";
        doubled.extend(numbers(tx.query(sql, params![log_id, DOUBLED_MAX])?)?);
    }
    for no in taken_back {
        look_at_refunds(tx, log_id, no)?;
    }
    for no in doubled {
        look_at_number(tx, log_id, no)?;
    }
    Ok(())
}

/// All that was taken back of a receipt, on every branch, against all that was sold under its number.
fn look_at_refunds(tx: &mut dyn Tx, log_id: [u8; 32], no: u64) -> Result<(), Fault> {
    let sql = "SELECT currency, CAST(SUM(minor) AS BIGINT), MAX(seq) FROM corrections WHERE log_id = $1 AND corrects = $2 \
               GROUP BY currency ORDER BY currency LIMIT 1";
    let back = tx.query(sql, params![log_id, within(no)])?;
    let Some(back) = back.first() else { return Ok(()) };
    let sql = "SELECT CAST(COALESCE(SUM(total_minor), 0) AS BIGINT) FROM sales \
               WHERE log_id = $1 AND receipt_no = $2 AND training = 0 AND kind = 'sale'";
    let sold = tx.query(sql, params![log_id, within(no)])?.first().map_or(Ok(0), |row| row.int(0))?;
    let place = Place { log_id, branch: 0 };
    let (currency, minor, seq) = (back.text(0)?, back.int(1)?, back.count(2)?);
    let finding = Finding { place, kind: "refund.exceeds", no, seq, currency, minor, other_minor: sold };
    if minor > sold { put(tx, &finding) } else { take_away(tx, &finding) }
}

fn look_at_number(tx: &mut dyn Tx, log_id: [u8; 32], no: u64) -> Result<(), Fault> {
    let sql = "SELECT COUNT(*), MAX(seq), CAST(SUM(total_minor) AS BIGINT), MAX(currency) FROM sales \
               WHERE log_id = $1 AND receipt_no = $2 AND training = 0";
    let found = tx.query(sql, params![log_id, within(no)])?;
    let Some(found) = found.first().filter(|row| row.int(0).is_ok_and(|count| count > 1)) else { return Ok(()) };
    let place = Place { log_id, branch: 0 };
    let (count, seq, currency) = (found.int(0)?, found.count(1)?, found.text(3)?);
    put(tx, &Finding { place, kind: "receipt.doubled", no, seq, currency, minor: count, other_minor: found.int(2)? })
}

fn put(tx: &mut dyn Tx, finding: &Finding<'_>) -> Result<(), Fault> {
    let Finding { place, kind, no, seq, currency, minor, other_minor } = finding;
    let sql = "INSERT INTO findings (log_id, branch, kind, no, seq, currency, minor, other_minor) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
               ON CONFLICT (log_id, branch, kind, no) DO UPDATE SET seq = excluded.seq, currency = excluded.currency, \
               minor = excluded.minor, other_minor = excluded.other_minor";
    let values = params![place.log_id, place.branch, *kind, within(*no), within(*seq), *currency, *minor, *other_minor];
    tx.execute(sql, values).map(drop)
}

fn take_away(tx: &mut dyn Tx, finding: &Finding<'_>) -> Result<(), Fault> {
    let Finding { place, kind, no, .. } = finding;
    let sql = "DELETE FROM findings WHERE log_id = $1 AND branch = $2 AND kind = $3 AND no = $4";
    tx.execute(sql, params![place.log_id, place.branch, *kind, within(*no)]).map(drop)
}

/// Receipt numbers are stored like this too.
fn within(no: u64) -> i64 {
    i64::try_from(no).unwrap_or(i64::MAX)
}

/// The columns of a projection, in order.
pub(super) fn columns_of(table: &str) -> Vec<&'static str> {
    let added = tables::ADDED.into_iter().find(|added| added.name == table);
    match (added, table) {
        (Some(added), _) => added.columns.to_vec(),
        (None, "day_sums") => [&DAY_KEY[..], &MEASURES].concat(),
        (None, "trip_sums") => [&TRIP_KEY[..], &MEASURES].concat(),
        (None, "findings") => vec!["log_id", "branch", "kind", "no", "seq", "currency", "minor", "other_minor"],
        (None, _) => super::PROJECTED.to_vec(),
    }
}
