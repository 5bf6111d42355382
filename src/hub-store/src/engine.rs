//! One face for both engines: texts of SQL with `$1, $2 …`, values in, rows out.
//!
//! A text keeps to what both understand: `BIGINT` and `TEXT` for columns (and `{BLOB}` where bytes stand), 0 and 1 for no and yes,
//! `CAST(SUM(x) AS BIGINT)` for sums, `ON CONFLICT`, no sequences, no triggers. `{FOR UPDATE}` at the end of a query locks its rows where
//! writers do not already take turns. Parameters first appear in the order of their numbers.

mod postgres;
mod sqlite;

pub use postgres::{CONNECTIONS_MAX, Postgres};
pub(crate) use postgres::{made_by_another, passes, sentence};
pub use sqlite::Sqlite;

use crate::Fault;

/// What a column holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Nothing.
    Null,
    /// A whole number.
    Int(i64),
    /// Text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
}

/// One row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row(pub Vec<Value>);

/// Which engine it is, for the few places that must know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// SQLite: one file, one writer at a time.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

/// A database.
pub trait Engine: Send + Sync {
    /// Which one.
    fn dialect(&self) -> Dialect;
    /// A transaction that may write. On SQLite it waits for the writer before it.
    ///
    /// # Errors
    /// [`Fault`].
    fn write(&self) -> Result<Box<dyn Tx + '_>, Fault>;
    /// A transaction that reads one state of things.
    ///
    /// # Errors
    /// [`Fault`].
    fn read(&self) -> Result<Box<dyn Tx + '_>, Fault>;
}

/// A transaction. Dropped without [`Tx::commit`] it has never been.
pub trait Tx {
    /// Runs a text that changes something. Answers how many rows.
    ///
    /// # Errors
    /// [`Fault`].
    fn execute(&mut self, sql: &str, params: &[Value]) -> Result<u64, Fault>;
    /// Runs a query.
    ///
    /// # Errors
    /// [`Fault`].
    fn query(&mut self, sql: &str, params: &[Value]) -> Result<Vec<Row>, Fault>;
    /// Inserts many rows in the engine's quickest way. No conflict is expected.
    ///
    /// # Errors
    /// [`Fault`].
    fn insert_many(&mut self, table: &str, columns: &[&str], rows: &[Vec<Value>]) -> Result<(), Fault>;
    /// Makes it durable.
    ///
    /// # Errors
    /// [`Fault`]; then nobody knows whether it is, and asking again is the answer.
    fn commit(self: Box<Self>) -> Result<(), Fault>;
}

impl Row {
    /// The whole number in a column, from 0.
    ///
    /// # Errors
    /// [`Fault::Damaged`].
    pub fn int(&self, column: usize) -> Result<i64, Fault> {
        match self.0.get(column) {
            Some(Value::Int(int)) => Ok(*int),
            other => Err(Fault::Damaged(format!("column {column} is {other:?} and should be a number"))),
        }
    }

    /// The number in a column that counts something.
    ///
    /// # Errors
    /// [`Fault::Damaged`].
    pub fn count(&self, column: usize) -> Result<u64, Fault> {
        u64::try_from(self.int(column)?).map_err(|_| Fault::Damaged(format!("column {column} is negative")))
    }

    /// The text in a column.
    ///
    /// # Errors
    /// [`Fault::Damaged`].
    pub fn text(&self, column: usize) -> Result<&str, Fault> {
        match self.0.get(column) {
            Some(Value::Text(text)) => Ok(text),
            other => Err(Fault::Damaged(format!("column {column} is {other:?} and should be text"))),
        }
    }

    /// The bytes in a column.
    ///
    /// # Errors
    /// [`Fault::Damaged`].
    pub fn bytes(&self, column: usize) -> Result<&[u8], Fault> {
        match self.0.get(column) {
            Some(Value::Bytes(bytes)) => Ok(bytes),
            other => Err(Fault::Damaged(format!("column {column} is {other:?} and should be bytes"))),
        }
    }

    /// Bytes of a fixed length.
    ///
    /// # Errors
    /// [`Fault::Damaged`].
    pub fn fixed<const N: usize>(&self, column: usize) -> Result<[u8; N], Fault> {
        self.bytes(column)?.try_into().map_err(|_| Fault::Damaged(format!("column {column} should have {N} bytes")))
    }

    /// The number in a column, if there is one.
    ///
    /// # Errors
    /// [`Fault::Damaged`].
    pub fn maybe_int(&self, column: usize) -> Result<Option<i64>, Fault> {
        if self.is_null(column) { Ok(None) } else { self.int(column).map(Some) }
    }

    /// The text in a column, if there is one.
    ///
    /// # Errors
    /// [`Fault::Damaged`].
    pub fn maybe_text(&self, column: usize) -> Result<Option<&str>, Fault> {
        if self.is_null(column) { Ok(None) } else { self.text(column).map(Some) }
    }

    fn is_null(&self, column: usize) -> bool {
        matches!(self.0.get(column), Some(Value::Null))
    }
}

impl From<i64> for Value {
    fn from(int: i64) -> Self {
        Self::Int(int)
    }
}

impl From<u32> for Value {
    fn from(int: u32) -> Self {
        Self::Int(int.into())
    }
}

/// Counts stay far below the sign; one that does not is a bug.
impl From<u64> for Value {
    fn from(count: u64) -> Self {
        let int = i64::try_from(count);
        assert!(int.is_ok(), "a count fits 63 bits");
        Self::Int(int.unwrap_or_default())
    }
}

impl From<bool> for Value {
    fn from(yes: bool) -> Self {
        Self::Int(yes.into())
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&[u8]> for Value {
    fn from(bytes: &[u8]) -> Self {
        Self::Bytes(bytes.to_vec())
    }
}

impl<const N: usize> From<[u8; N]> for Value {
    fn from(bytes: [u8; N]) -> Self {
        Self::Bytes(bytes.to_vec())
    }
}

impl From<Vec<u8>> for Value {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// Parameters of a text: `params![log, seq]`.
#[macro_export]
macro_rules! params {
    ($($value:expr),* $(,)?) => { &[$($crate::engine::Value::from($value)),*] };
}
