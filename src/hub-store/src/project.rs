//! Tables made from the journal: sales, trips, Z reports, and sums that pages read.
//!
//! **Invariant.** A projection is a function of the raw batches alone: whatever the order in which logs arrived and were taken in, by however
//! many hubs, the tables are equal, and [`HubStore::rebuild`] makes them anew. An entry that cannot be read is shelved and the next one follows.
//! Entries on a branch above 0 are in quarantine: they have rows, and no part in the sums over everybody.

pub(crate) mod rows;
mod sums;
pub(crate) mod tables;
#[cfg(test)]
pub(crate) mod tests;

use std::collections::BTreeMap;

use journal::LogId;

use crate::{
    Fault, HubStore,
    engine::{Row, Tx, Value},
    params,
};
pub use rows::{Measure, Place, day_date, day_number, leg_name};
use rows::{Rows, RunningTrip, State, SumKey, take_in};

pub(crate) use tables::SCHEMA;

/// The most branches that one call looks at.
const BRANCHES_MAX: i64 = 256;
/// Entries read at once while a branch is followed back to its beginning.
const REPLAY_ENTRIES: usize = 4096;

/// How far a call of [`HubStore::project`] came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Projected {
    /// Entries taken in.
    pub entries: u64,
    /// Sales and returns among them, practice left out.
    pub sales: u64,
    /// Nothing is left to take in.
    pub done: bool,
}

/// One branch's next entries, as rows that wait to be written.
struct Work {
    place: Place,
    /// How far the projection was when the entries were read.
    from_seq: u64,
    begins: bool,
    state: State,
    rows: Rows,
}

impl HubStore {
    /// Takes in up to `entries_max` entries that are committed and not yet projected. Safe to call from several hubs at once, and again after
    /// any stop: what is written is written together with how far it reaches.
    ///
    /// # Errors
    /// [`Fault`]; nothing of this call is then there.
    pub fn project(&self, entries_max: usize) -> Result<Projected, Fault> {
        let (mut work, mut left) = (Vec::new(), entries_max);
        let behind = self.behind()?;
        let mut done = behind.len() < usize::try_from(BRANCHES_MAX).unwrap_or(usize::MAX);
        for (place, first_own_seq, last_seq) in behind {
            if left == 0 {
                done = false;
                break;
            }
            let next = self.read_ahead(place, first_own_seq, left)?;
            left = left.saturating_sub(usize::try_from(next.rows.entries).unwrap_or(usize::MAX));
            done &= next.state.seq >= last_seq;
            work.push(next);
        }
        if work.is_empty() {
            return Ok(Projected { done, ..Projected::default() });
        }
        let mut tx = self.engine.write()?;
        let mut day_sums = BTreeMap::new();
        let mut projected = Projected { done, ..Projected::default() };
        for next in &work {
            if claim(&mut *tx, next)? {
                write(&mut *tx, next)?;
                sums::merge(&mut day_sums, &next.rows.day_sums);
                projected.entries += next.rows.entries;
                projected.sales += next.rows.sales;
            } else {
                // Another hub was quicker, and may not be at the end.
                projected.done = false;
            }
        }
        // Last and in order, so that hubs that add to the same sums never wait for each other in a ring.
        sums::add_day_sums(&mut *tx, &day_sums)?;
        tx.commit()?;
        Ok(projected)
    }

    /// Throws all projections away and makes them anew from the raw batches. Answers what was taken in.
    ///
    /// # Errors
    /// [`Fault`]; calling again goes on.
    pub fn rebuild(&self) -> Result<Projected, Fault> {
        const ENTRIES_AT_ONCE: usize = 20_000;
        let mut tx = self.engine.write()?;
        for table in tables::ALL {
            tx.execute(&format!("DELETE FROM {table}"), &[])?;
        }
        tx.commit()?;
        let mut all = Projected::default();
        while !all.done {
            let next = self.project(ENTRIES_AT_ONCE)?;
            all.entries += next.entries;
            all.sales += next.sales;
            all.done = next.done;
        }
        Ok(all)
    }

    /// How many entries are committed and not projected.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn projection_lag(&self) -> Result<u64, Fault> {
        let sql = "SELECT CAST(COALESCE(SUM(b.last_seq - COALESCE(p.seq, b.first_own_seq - 1)), 0) AS BIGINT) FROM branches b \
                   LEFT JOIN projected p ON p.log_id = b.log_id AND p.branch = b.branch";
        let rows = self.engine.read()?.query(sql, &[])?;
        rows.first().map_or(Ok(0), |row| row.count(0))
    }

    /// All projections as text, the same for the same raw batches. For comparing.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn dump_projections(&self) -> Result<String, Fault> {
        use core::fmt::Write as _;
        let mut tx = self.engine.read()?;
        let mut text = String::new();
        for table in tables::ALL {
            let columns = sums::columns_of(table);
            for row in tx.query(&format!("SELECT {} FROM {table}", columns.join(", ")), &[])?.into_iter().collect::<Sorted>().0 {
                let written = writeln!(text, "{table}: {row}");
                assert!(written.is_ok(), "writing to memory does not fail");
            }
        }
        Ok(text)
    }

    /// Branches with entries that are not projected: where, the first entry of their own, and the last.
    fn behind(&self) -> Result<Vec<(Place, u64, u64)>, Fault> {
        let sql = "SELECT b.log_id, b.branch, b.first_own_seq, b.last_seq FROM branches b \
                   LEFT JOIN projected p ON p.log_id = b.log_id AND p.branch = b.branch \
                   WHERE b.last_seq > COALESCE(p.seq, b.first_own_seq - 1) ORDER BY b.log_id, b.branch LIMIT $1";
        let rows = self.engine.read()?.query(sql, params![BRANCHES_MAX])?;
        rows.iter().map(|row| Ok((Place { log_id: row.fixed(0)?, branch: row.count(1)? }, row.count(2)?, row.count(3)?))).collect()
    }

    /// Reads a branch's next entries and folds them, before any lock.
    fn read_ahead(&self, place: Place, first_own_seq: u64, entries_max: usize) -> Result<Work, Fault> {
        let known = state_of(&mut *self.engine.read()?, place)?;
        let begins = known.is_none();
        let mut state = match known {
            Some(state) => state,
            None => self.state_before(place, first_own_seq)?,
        };
        let from_seq = state.seq;
        let mut rows = Rows::default();
        for (seq, bytes) in self.entries(&LogId(place.log_id), place.branch, from_seq + 1, entries_max)? {
            take_in(place, seq, &bytes, &mut state, &mut rows);
        }
        Ok(Work { place, from_seq, begins, state, rows })
    }

    /// What the entries before a branch's own add up to.
    fn state_before(&self, place: Place, first_own_seq: u64) -> Result<State, Fault> {
        let mut state = State::default();
        while state.seq + 1 < first_own_seq {
            let left = usize::try_from(first_own_seq - 1 - state.seq).unwrap_or(usize::MAX);
            let entries = self.entries(&LogId(place.log_id), place.branch, state.seq + 1, left.min(REPLAY_ENTRIES))?;
            if entries.is_empty() {
                return Err(Fault::Damaged(format!("the entries before {first_own_seq} are missing")));
            }
            for (seq, bytes) in entries {
                take_in(place, seq, &bytes, &mut state, &mut Rows::default());
            }
        }
        // What happened before is the other branch's.
        (state.sales, state.gross_minor, state.shelved) = (0, 0, 0);
        Ok(state)
    }
}

/// Rows as lines, in order.
struct Sorted(Vec<String>);

impl FromIterator<Row> for Sorted {
    fn from_iter<T: IntoIterator<Item = Row>>(rows: T) -> Self {
        let text = |value: &Value| match value {
            Value::Null => "-".to_owned(),
            Value::Int(int) => int.to_string(),
            Value::Text(text) => format!("{text:?}"),
            Value::Bytes(bytes) => data_encoding::HEXLOWER.encode(bytes),
        };
        let mut lines: Vec<String> = rows.into_iter().map(|row| row.0.iter().map(text).collect::<Vec<_>>().join(" ")).collect();
        lines.sort_unstable();
        Self(lines)
    }
}

/// Takes hold of a log, and tells whether its branch still stands where it was read.
fn claim(tx: &mut dyn Tx, work: &Work) -> Result<bool, Fault> {
    let log_id = work.place.log_id;
    // The row of branch 0 is the log's lock: findings look across its branches.
    insert_new(tx, Place { log_id, branch: 0 }, 0)?;
    tx.query("SELECT seq FROM projected WHERE log_id = $1 AND branch = 0 {FOR UPDATE}", params![log_id])?;
    if work.begins {
        insert_new(tx, work.place, work.from_seq)?;
    }
    let rows = tx.query("SELECT seq FROM projected WHERE log_id = $1 AND branch = $2", params![log_id, work.place.branch])?;
    let at = rows.first().map(|row| row.count(0)).transpose()?;
    Ok(at == Some(work.from_seq))
}

fn insert_new(tx: &mut dyn Tx, place: Place, seq: u64) -> Result<(), Fault> {
    let columns = PROJECTED.join(", ");
    let places: Vec<String> = (1..=PROJECTED.len()).map(|place| format!("${place}")).collect();
    let sql = format!("INSERT INTO projected ({columns}) VALUES ({}) ON CONFLICT (log_id, branch) DO NOTHING", places.join(", "));
    let state = State { seq, ..State::default() };
    tx.execute(&sql, &[vec![place.log_id.into(), place.branch.into()], values_of(&state)].concat())?;
    Ok(())
}

/// The rows of one branch, and how far they reach.
fn write(tx: &mut dyn Tx, work: &Work) -> Result<(), Fault> {
    let Work { place, state, rows, .. } = work;
    for (table, rows) in tables::ADDED.into_iter().zip(&rows.tables) {
        if !rows.is_empty() {
            tx.insert_many(table.name, table.columns, rows)?;
        }
    }
    for (trip, change) in &rows.trips {
        let sql = "UPDATE trips SET ended_s = COALESCE($1, ended_s), last_seq = $2 WHERE log_id = $3 AND branch = $4 AND seq = $5";
        tx.execute(sql, params![change.ended_s, change.last_seq, place.log_id, place.branch, *trip])?;
    }
    sums::add_trip_sums(tx, *place, &rows.trip_sums)?;
    sums::find(tx, *place, rows)?;
    let set: Vec<String> = PROJECTED[2..].iter().zip(1..).map(|(column, place)| format!("{column} = ${place}")).collect();
    let keys = set.len();
    let sql = format!("UPDATE projected SET {} WHERE log_id = ${} AND branch = ${}", set.join(", "), keys + 1, keys + 2);
    tx.execute(&sql, &[values_of(state), vec![place.log_id.into(), place.branch.into()]].concat())?;
    Ok(())
}

const PROJECTED: [&str; 19] = [
    "log_id",
    "branch",
    "seq",
    "unit",
    "register",
    "program",
    "trip",
    "train",
    "trip_day",
    "calls",
    "receipt_no",
    "shift_no",
    "shift_seq",
    "shift_receipts",
    "shift_net_minor",
    "shift_cash_minor",
    "sales",
    "gross_minor",
    "shelved",
];

/// The columns of `projected` behind its key.
fn values_of(state: &State) -> Vec<Value> {
    vec![
        state.seq.into(),
        state.unit.as_str().into(),
        state.register.as_str().into(),
        state.program.as_str().into(),
        state.trip.seq.into(),
        state.trip.train.as_str().into(),
        state.trip.day.into(),
        state.trip.calls.join("\n").into(),
        Value::Int(i64::try_from(state.receipt_no).unwrap_or(i64::MAX)),
        state.shift_no.into(),
        state.shift_seq.into(),
        state.shift_receipts.into(),
        state.shift_net_minor.into(),
        state.shift_cash_minor.into(),
        state.sales.into(),
        state.gross_minor.into(),
        state.shelved.into(),
    ]
}

fn state_of(tx: &mut dyn Tx, place: Place) -> Result<Option<State>, Fault> {
    let sql = format!("SELECT {} FROM projected WHERE log_id = $1 AND branch = $2", PROJECTED[2..].join(", "));
    let rows = tx.query(&sql, params![place.log_id, place.branch])?;
    let state = |row: &Row| {
        let calls = row.text(7)?;
        Ok(State {
            seq: row.count(0)?,
            unit: row.text(1)?.to_owned(),
            register: row.text(2)?.to_owned(),
            program: row.text(3)?.to_owned(),
            trip: RunningTrip {
                seq: row.count(4)?,
                train: row.text(5)?.to_owned(),
                day: row.int(6)?,
                calls: if calls.is_empty() { Vec::new() } else { calls.split('\n').map(str::to_owned).collect() },
            },
            receipt_no: row.count(8)?,
            shift_no: u32::try_from(row.count(9)?).unwrap_or(u32::MAX),
            shift_seq: row.count(10)?,
            shift_receipts: row.count(11)?,
            shift_net_minor: row.int(12)?,
            shift_cash_minor: row.int(13)?,
            sales: row.count(14)?,
            gross_minor: row.int(15)?,
            shelved: row.count(16)?,
        })
    };
    rows.first().map(state).transpose()
}
