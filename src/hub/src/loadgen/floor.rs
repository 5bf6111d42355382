//! The least that the engine needs for the same bytes: the hub's own rows, written once more without anything around them.

use std::time::{Duration, Instant};

use hub_store::{
    Fault,
    engine::{Engine, Value},
};

const COLUMNS: [&str; 9] = ["log_id", "branch", "first_seq", "last_seq", "prev", "head", "signature", "raw", "received_at"];

/// What the hub holds, and how long the plain ways took for it.
pub(super) struct Floor {
    pub(super) batches: usize,
    /// Bytes of all columns.
    pub(super) bytes: usize,
    /// Entries that are there.
    pub(super) entries: u64,
    /// A commit for each batch, one after the other, as durable as the hub's.
    pub(super) each: Duration,
    /// All in one commit, by the engine's quickest way.
    pub(super) bulk: Duration,
}

/// Reads what the hub holds and writes it again, in both ways, into tables without keys.
pub(super) fn measure(engine: &dyn Engine) -> Result<Floor, Fault> {
    let rows: Vec<Vec<Value>> = {
        let mut tx = engine.read()?;
        let rows = tx.query(&format!("SELECT {} FROM batches", COLUMNS.join(", ")), &[])?;
        rows.into_iter().map(|row| row.0).collect()
    };
    for table in ["floor_each", "floor_bulk"] {
        create(engine, table)?;
    }
    let begun = now();
    for row in &rows {
        let mut tx = engine.write()?;
        tx.insert_many("floor_each", &COLUMNS, core::slice::from_ref(row))?;
        tx.commit()?;
    }
    let each = begun.elapsed();
    let begun = now();
    let mut tx = engine.write()?;
    tx.insert_many("floor_bulk", &COLUMNS, &rows)?;
    tx.commit()?;
    let bulk = begun.elapsed();
    let entries = rows.iter().map(|row| if let (Value::Int(first), Value::Int(last)) = (&row[2], &row[3]) { last - first + 1 } else { 0 });
    Ok(Floor {
        batches: rows.len(),
        bytes: rows.iter().flatten().map(size).sum(),
        entries: entries.sum::<i64>().unsigned_abs(),
        each,
        bulk,
    })
}

fn create(engine: &dyn Engine, table: &str) -> Result<(), Fault> {
    let mut tx = engine.write()?;
    tx.execute(&format!("DROP TABLE IF EXISTS {table}"), &[])?;
    let columns = "log_id {BLOB}, branch BIGINT, first_seq BIGINT, last_seq BIGINT, prev {BLOB}, head {BLOB}, signature {BLOB}, raw {BLOB}, \
                   received_at BIGINT";
    tx.execute(&format!("CREATE TABLE {table} ({columns})"), &[])?;
    tx.commit()
}

fn size(value: &Value) -> usize {
    match value {
        Value::Null => 0,
        Value::Int(_) => 8,
        Value::Text(text) => text.len(),
        Value::Bytes(bytes) => bytes.len(),
    }
}

#[expect(clippy::disallowed_methods, reason = "an edge: it measures")]
fn now() -> Instant {
    Instant::now()
}
