//! SQLite: one file beside the hub, no server.

use std::{
    fs::OpenOptions,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use rusqlite::{Connection, OpenFlags, params_from_iter, types::ValueRef};

use super::{Dialect, Engine, Row, Tx, Value};
use crate::Fault;

/// Readers that are kept open.
const READERS_KEPT: usize = 8;
/// How long one program waits for another that holds the file, in milliseconds.
const BUSY_MS: u64 = 10_000;
/// How often the file is switched to WAL while other programs do the same.
const WAL_TRIES_MAX: usize = 20;
/// EXTRA until the write-ahead log is there, because a new database takes it up in a rollback transaction: when that one's journal is deleted
/// and the folder is not flushed, a power cut can bring the journal back, and everything since is rolled back with it.
const BEFORE_WAL: &str = "PRAGMA synchronous = EXTRA";
const SETTINGS: &str = "PRAGMA synchronous = FULL; PRAGMA foreign_keys = OFF; PRAGMA cache_size = -16000";

/// SQLite in WAL mode, every commit flushed.
pub struct Sqlite {
    path: PathBuf,
    /// One connection for everything, on a file system that knows no locks.
    alone: bool,
    writer: Mutex<Connection>,
    readers: Mutex<Vec<Connection>>,
}

impl Sqlite {
    /// Opens or makes the file.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn open(path: &Path) -> Result<Self, Fault> {
        // There are secrets in it: it is its owner's alone, and so are the files that SQLite puts beside it.
        OpenOptions::new().create(true).append(true).mode(0o600).open(path)?;
        let writer = Connection::open(path)?;
        writer.busy_timeout(core::time::Duration::from_millis(BUSY_MS))?;
        writer.execute_batch(BEFORE_WAL)?;
        to_wal(&writer)?;
        writer.execute_batch(SETTINGS)?;
        Ok(Self { path: path.to_path_buf(), alone: false, writer: Mutex::new(writer), readers: Mutex::default() })
    }

    /// Opens or makes the file on a registered file system, for tests. One program and one connection have it.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn open_alone(path: &Path, vfs: &str) -> Result<Self, Fault> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let vfs = std::ffi::CString::new(vfs).map_err(|error| Fault::Damaged(error.to_string()))?;
        let writer = Connection::open_with_flags_and_vfs(path, flags, vfs.as_c_str())?;
        writer.execute_batch("PRAGMA locking_mode = EXCLUSIVE")?;
        writer.execute_batch(BEFORE_WAL)?;
        to_wal(&writer)?;
        writer.execute_batch(SETTINGS)?;
        Ok(Self { path: path.to_path_buf(), alone: true, writer: Mutex::new(writer), readers: Mutex::default() })
    }

    fn reader(&self) -> Result<Connection, Fault> {
        if let Some(reader) = self.readers.lock().unwrap_or_else(PoisonError::into_inner).pop() {
            return Ok(reader);
        }
        let reader = Connection::open_with_flags(&self.path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        reader.busy_timeout(core::time::Duration::from_millis(BUSY_MS))?;
        Ok(reader)
    }
}

impl Engine for Sqlite {
    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

    fn write(&self) -> Result<Box<dyn Tx + '_>, Fault> {
        let connection = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        connection.execute_batch("BEGIN IMMEDIATE")?;
        Ok(Box::new(Writing { connection, open: true }))
    }

    fn read(&self) -> Result<Box<dyn Tx + '_>, Fault> {
        if self.alone {
            return self.write();
        }
        let connection = self.reader()?;
        connection.execute_batch("BEGIN")?;
        Ok(Box::new(Reading { connection: Some(connection), home: &self.readers }))
    }
}

struct Writing<'a> {
    connection: MutexGuard<'a, Connection>,
    open: bool,
}

impl Tx for Writing<'_> {
    fn execute(&mut self, sql: &str, params: &[Value]) -> Result<u64, Fault> {
        let mut statement = self.connection.prepare_cached(&own(sql))?;
        Ok(statement.execute(params_from_iter(params))? as u64)
    }

    fn query(&mut self, sql: &str, params: &[Value]) -> Result<Vec<Row>, Fault> {
        query(&self.connection, sql, params)
    }

    fn insert_many(&mut self, table: &str, columns: &[&str], rows: &[Vec<Value>]) -> Result<(), Fault> {
        let places: Vec<String> = (1..=columns.len()).map(|place| format!("?{place}")).collect();
        let sql = format!("INSERT INTO {table} ({}) VALUES ({})", columns.join(", "), places.join(", "));
        let mut statement = self.connection.prepare_cached(&sql)?;
        for row in rows {
            statement.execute(params_from_iter(row))?;
        }
        Ok(())
    }

    fn commit(mut self: Box<Self>) -> Result<(), Fault> {
        self.connection.execute_batch("COMMIT")?;
        self.open = false;
        Ok(())
    }
}

impl Drop for Writing<'_> {
    fn drop(&mut self) {
        if self.open {
            drop(self.connection.execute_batch("ROLLBACK"));
        }
    }
}

struct Reading<'a> {
    connection: Option<Connection>,
    home: &'a Mutex<Vec<Connection>>,
}

impl Tx for Reading<'_> {
    fn execute(&mut self, _: &str, _: &[Value]) -> Result<u64, Fault> {
        Err(Fault::Damaged("a transaction that reads was told to write".into()))
    }

    fn query(&mut self, sql: &str, params: &[Value]) -> Result<Vec<Row>, Fault> {
        let connection = self.connection.as_ref().ok_or_else(|| Fault::Damaged("the transaction is over".into()))?;
        query(connection, sql, params)
    }

    fn insert_many(&mut self, table: &str, _: &[&str], _: &[Vec<Value>]) -> Result<(), Fault> {
        self.execute(table, &[]).map(|_| ())
    }

    fn commit(self: Box<Self>) -> Result<(), Fault> {
        Ok(())
    }
}

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else { return };
        let mut home = self.home.lock().unwrap_or_else(PoisonError::into_inner);
        if home.len() < READERS_KEPT && connection.execute_batch("COMMIT").is_ok() {
            home.push(connection);
        }
    }
}

/// Switches the file to WAL. SQLite does not wait when another program is switching it too, but it does wait to write: after that it is done.
fn to_wal(writer: &Connection) -> Result<(), Fault> {
    for _ in 0..WAL_TRIES_MAX {
        match writer.execute_batch("PRAGMA journal_mode = WAL").map_err(Fault::from) {
            Err(Fault::Busy(_)) => writer.execute_batch("BEGIN IMMEDIATE; COMMIT")?,
            done => return done,
        }
    }
    Err(Fault::Busy("other programs are opening the file".into()))
}

/// The text as SQLite wants it: `$1` is a name there, and numbered by where it first appears.
fn own(sql: &str) -> String {
    sql.replace(" {FOR UPDATE}", "").replace("{BLOB}", "BLOB").replace('$', "?")
}

fn query(connection: &Connection, sql: &str, params: &[Value]) -> Result<Vec<Row>, Fault> {
    let mut statement = connection.prepare_cached(&own(sql))?;
    let columns = statement.column_count();
    let mut found = statement.query(params_from_iter(params))?;
    let mut rows = Vec::new();
    while let Some(row) = found.next()? {
        let values = (0..columns).map(|column| {
            Ok(match row.get_ref(column)? {
                ValueRef::Null => Value::Null,
                ValueRef::Integer(int) => Value::Int(int),
                ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text).into_owned()),
                ValueRef::Blob(bytes) => Value::Bytes(bytes.to_vec()),
                ValueRef::Real(_) => return Err(Fault::Damaged(format!("column {column} is a fraction"))),
            })
        });
        rows.push(Row(values.collect::<Result<_, Fault>>()?));
    }
    Ok(rows)
}

impl rusqlite::ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        let value = match self {
            Self::Null => ValueRef::Null,
            Self::Int(int) => ValueRef::Integer(*int),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
        };
        Ok(rusqlite::types::ToSqlOutput::Borrowed(value))
    }
}
