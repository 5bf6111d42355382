//! Everything that cannot be made anew, in one file that either engine can read back.
//!
//! The file is `trolley-hub-backup-1`, the version of the tables, then table after table in chunks of rows, then an end, then the SHA-256 of
//! all before it. It holds secrets as the database does: it is made readable by its owner alone.

mod format;

use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufReader, BufWriter},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

use crate::{
    Fault, HubStore,
    engine::{Dialect, Row, Tx, Value},
    params,
    store::{MADE_ANEW, TABLES, VERSION},
};
use format::{Part, Reading, Writing};

/// Rows that are read at once.
const ROWS_AT_ONCE: i64 = 500;

/// What a backup holds, or what was restored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// Raw batches.
    pub batches: u64,
    /// Rows of all tables.
    pub rows: u64,
}

/// Why a file is not restored. Nothing has been changed.
#[derive(Debug, thiserror::Error)]
pub enum RestoreRefusal {
    /// The file is no backup, or not whole.
    #[error("this file is no whole backup: {0}")]
    NotABackup(String),
    /// The database is in use.
    #[error("the database is not empty, and a restore replaces all that is in it")]
    NotEmpty,
    /// A newer program made it.
    #[error("a newer program made this backup, for tables of version {found}; this one knows versions up to {known}")]
    Newer {
        /// The backup's version.
        found: i64,
        /// The newest that is known.
        known: i64,
    },
    /// The database failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// The backup takes the place of what stands there, and that may be an earlier backup and nothing else.
fn refuse_what_is_no_file(path: &Path) -> Result<(), Fault> {
    match fs::symlink_metadata(path) {
        Ok(found) if !found.is_file() => Err(Fault::Unwritable { path: path.to_path_buf(), why: "what stands there is no file".into() }),
        _ => Ok(()),
    }
}

/// What a cut left of an earlier try goes first; nothing that stands in the way is followed or written through.
fn begin_part(part: &Path) -> io::Result<File> {
    if fs::symlink_metadata(part).is_ok_and(|found| found.is_file()) {
        fs::remove_file(part)?;
    }
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(part)
}

fn not_written(path: &Path, error: &io::Error) -> Fault {
    Fault::Unwritable { path: path.to_path_buf(), why: error.to_string() }
}

/// A table as the database has it.
struct Table {
    name: String,
    columns: Vec<String>,
    key: Vec<String>,
}

impl HubStore {
    /// Writes one state of everything that cannot be made anew to a file, while the hub works on. The file is there whole or not at all.
    ///
    /// # Errors
    /// [`Fault`]; [`Fault::Unwritable`] when the file cannot be written, or what stands there is a folder, a device, a link: no file.
    pub fn backup_to(&self, path: &Path) -> Result<Held, Fault> {
        refuse_what_is_no_file(path)?;
        let mut name = path.as_os_str().to_owned();
        name.push(".part");
        let part = Path::new(&name);
        let file = begin_part(part).map_err(|error| not_written(part, &error))?;
        let held = self.write_backup(file);
        let held = held.and_then(|(held, file)| {
            file.sync_all()?;
            fs::rename(part, path).map_err(|error| not_written(path, &error))?;
            File::open(path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new(".")))?.sync_all()?;
            Ok(held)
        });
        if held.is_err() {
            drop(fs::remove_file(part));
        }
        held
    }

    fn write_backup(&self, file: File) -> Result<(Held, File), Fault> {
        let mut to = Writing::begin(BufWriter::new(file), VERSION)?;
        let mut tx = self.engine.read()?;
        let mut held = Held::default();
        for table in tables(&mut *tx, self.engine.dialect())? {
            to.table(&table.name, &table.columns)?;
            let mut last: Option<Row> = None;
            loop {
                let rows = page(&mut *tx, &table, last.as_ref())?;
                if rows.is_empty() {
                    break;
                }
                to.rows(&rows)?;
                held.rows += rows.len() as u64;
                held.batches += if table.name == "batches" { rows.len() as u64 } else { 0 };
                last = rows.into_iter().last();
            }
        }
        let file = to.end()?.into_inner().map_err(|error| Fault::Folder(error.into_error()))?;
        Ok((held, file))
    }

    /// Reads a backup into this database, of whichever engine, in one transaction. What is made anew from raw batches is empty afterwards.
    /// What tills sent since, they send again by themselves. With `replace`, whatever is in the database goes.
    ///
    /// # Errors
    /// [`RestoreRefusal`].
    pub fn restore_from(&self, path: &Path, replace: bool) -> Result<Held, RestoreRefusal> {
        let open = || Ok::<_, Fault>(BufReader::new(File::open(path)?));
        let found = format::check(open()?).map_err(not_a_backup)?;
        if found > VERSION {
            return Err(RestoreRefusal::Newer { found, known: VERSION });
        }
        let mut tx = self.engine.write()?;
        let dialect = self.engine.dialect();
        let known = tables(&mut *tx, dialect)?;
        let used = ["logs", "units", "tokens"].into_iter().filter(|_| !replace);
        for table in used {
            if !tx.query(&format!("SELECT 1 FROM {table} LIMIT 1"), &[])?.is_empty() {
                return Err(RestoreRefusal::NotEmpty);
            }
        }
        for name in all_tables(&mut *tx, dialect)?.iter().filter(|name| *name != "schema_versions") {
            tx.execute(&format!("DELETE FROM {name}"), &[])?;
        }
        let held = fill(&mut *tx, Reading::begin(open()?).map_err(not_a_backup)?, &known)?;
        tx.commit()?;
        Ok(held)
    }
}

fn not_a_backup(error: io::Error) -> RestoreRefusal {
    RestoreRefusal::NotABackup(error.to_string())
}

fn fill(tx: &mut dyn Tx, mut from: Reading, known: &[Table]) -> Result<Held, RestoreRefusal> {
    let mut held = Held::default();
    let mut into: Option<(String, Vec<String>)> = None;
    loop {
        match from.next().map_err(not_a_backup)? {
            Part::Table { name, columns } => {
                let table = known.iter().find(|table| table.name == name);
                let fits = table.is_some_and(|table| columns.iter().all(|column| table.columns.contains(column)));
                if !fits {
                    return Err(RestoreRefusal::NotABackup(format!("this program has no table {name} with these columns")));
                }
                into = Some((name, columns));
            }
            Part::Rows(rows) => {
                let Some((name, columns)) = &into else { return Err(RestoreRefusal::NotABackup("rows without a table".into())) };
                let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
                held.rows += rows.len() as u64;
                held.batches += if name == "batches" { rows.len() as u64 } else { 0 };
                tx.insert_many(name, &columns, &rows)?;
            }
            Part::End => return Ok(held),
        }
    }
}

/// The next rows of a table, in the order of its key.
fn page(tx: &mut dyn Tx, table: &Table, last: Option<&Row>) -> Result<Vec<Row>, Fault> {
    let (columns, key) = (table.columns.join(", "), table.key.join(", "));
    let Some(last) = last else {
        let sql = format!("SELECT {columns} FROM {} ORDER BY {key} LIMIT {ROWS_AT_ONCE}", table.name);
        return tx.query(&sql, &[]);
    };
    let places: Vec<String> = (1..=table.key.len()).map(|place| format!("${place}")).collect();
    let sql = format!("SELECT {columns} FROM {} WHERE ({key}) > ({}) ORDER BY {key} LIMIT {ROWS_AT_ONCE}", table.name, places.join(", "));
    let value = |column: &String| table.columns.iter().position(|one| one == column).and_then(|place| last.0.get(place).cloned());
    let values: Option<Vec<Value>> = table.key.iter().map(value).collect();
    tx.query(&sql, &values.unwrap_or_default())
}

/// The tables that are backed up, as the database has them.
fn tables(tx: &mut dyn Tx, dialect: Dialect) -> Result<Vec<Table>, Fault> {
    let texts = TABLES.iter().copied().flatten().filter(|sql| !MADE_ANEW.iter().copied().flatten().any(|anew| anew == *sql));
    let names = texts.filter_map(|sql| sql.strip_prefix("CREATE TABLE IF NOT EXISTS ")?.split([' ', '(']).next());
    names
        .map(|name| {
            let (columns, key) = match dialect {
                Dialect::Sqlite => (
                    "SELECT name FROM pragma_table_info($1) ORDER BY cid",
                    "SELECT name FROM pragma_table_info($1) WHERE pk > 0 ORDER BY pk",
                ),
                Dialect::Postgres => (
                    "SELECT CAST(column_name AS TEXT) FROM information_schema.columns \
                     WHERE table_schema = current_schema() AND table_name = CAST($1 AS TEXT) ORDER BY ordinal_position",
                    "SELECT CAST(k.column_name AS TEXT) FROM information_schema.key_column_usage k \
                     JOIN information_schema.table_constraints c ON c.constraint_name = k.constraint_name \
                     AND c.table_schema = k.table_schema AND c.table_name = k.table_name \
                     WHERE c.constraint_type = 'PRIMARY KEY' AND k.table_schema = current_schema() \
                     AND k.table_name = CAST($1 AS TEXT) ORDER BY k.ordinal_position",
                ),
            };
            let (columns, key) = (texts_of(tx, columns, params![name])?, texts_of(tx, key, params![name])?);
            if columns.is_empty() || key.is_empty() {
                return Err(Fault::Damaged(format!("the table {name} is missing, or has no key")));
            }
            Ok(Table { name: name.to_owned(), columns, key })
        })
        .collect()
}

/// Every table there is, those that are made anew included.
fn all_tables(tx: &mut dyn Tx, dialect: Dialect) -> Result<Vec<String>, Fault> {
    let sql = match dialect {
        Dialect::Sqlite => "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
        Dialect::Postgres => {
            "SELECT CAST(table_name AS TEXT) FROM information_schema.tables \
             WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'"
        }
    };
    texts_of(tx, sql, &[])
}

fn texts_of(tx: &mut dyn Tx, sql: &str, params: &[Value]) -> Result<Vec<String>, Fault> {
    tx.query(sql, params)?.iter().map(|row| row.text(0).map(str::to_owned)).collect()
}
