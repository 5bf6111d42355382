//! The tables, their versions, and the settings that durability rests on.

use rusqlite::{Connection, OptionalExtension as _};

use crate::{Fault, file_control, store::Options};

/// Marks the file as a till's database: "TRLY".
pub(crate) const APPLICATION_ID: i32 = 0x5452_4c59;
/// Half of what a page usually has: a sale touches few rows, and each touched page is written whole (measured by the cost test of `powercut`: 23 kB per cash sale with all its drafts, against 45 kB with 4096).
pub(crate) const PAGE_BYTES: u32 = 2048;
/// One script per schema version; the database's `user_version` counts those that have run. Scripts are added, never changed.
const MIGRATIONS: [&str; 2] = [SCHEMA_1, SCHEMA_2];

// `head` stands before `bytes`, so that a long entry overflows without it and a damaged file can still be read entry by entry.
const SCHEMA_1: &str = "
CREATE TABLE log(one INTEGER PRIMARY KEY CHECK (one = 1), log_id BLOB NOT NULL, seed BLOB NOT NULL) STRICT;
CREATE TABLE journal(seq INTEGER PRIMARY KEY, head BLOB NOT NULL, bytes BLOB NOT NULL) STRICT;
CREATE TABLE books(one INTEGER PRIMARY KEY CHECK (one = 1), seq INTEGER NOT NULL, mark BLOB NOT NULL, bytes BLOB NOT NULL) STRICT;
CREATE TABLE receipts(training INTEGER NOT NULL, receipt_no INTEGER NOT NULL, seq INTEGER NOT NULL, kind INTEGER NOT NULL, \
total_minor INTEGER NOT NULL, wall_s INTEGER NOT NULL, PRIMARY KEY (training, receipt_no)) STRICT, WITHOUT ROWID;
CREATE TABLE links(training INTEGER NOT NULL, receipt_no INTEGER NOT NULL, seq INTEGER NOT NULL, \
PRIMARY KEY (training, receipt_no, seq)) STRICT, WITHOUT ROWID;
CREATE TABLE jobs(job_id INTEGER PRIMARY KEY, seq INTEGER NOT NULL, kind INTEGER NOT NULL, state INTEGER NOT NULL, \
attempt INTEGER NOT NULL) STRICT;
CREATE TABLE kept(name TEXT PRIMARY KEY, bytes BLOB NOT NULL) STRICT, WITHOUT ROWID;
";

const SCHEMA_2: &str = "
CREATE TABLE bundles(no INTEGER PRIMARY KEY, role TEXT NOT NULL, version INTEGER NOT NULL, min_root INTEGER NOT NULL, \
installed_at INTEGER NOT NULL, sha256 BLOB NOT NULL, bytes BLOB NOT NULL) STRICT;
";

/// Sets the connection up. `locking_mode` must stand before `journal_mode`: only then does SQLite do without shared memory.
pub(crate) fn settle_connection(connection: &Connection, options: &Options) -> Result<(), Fault> {
    let attempt = "set the connection up";
    let ways = options.ways();
    // EXTRA, because a new database takes up its write-ahead log in a rollback transaction: when that one's journal is deleted and the folder
    // not flushed, a power cut much later may bring it back, and SQLite would roll everything back to an empty file.
    let pragmas = format!(
        "PRAGMA page_size={}; PRAGMA mmap_size=0; PRAGMA temp_store=MEMORY; PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON; \
         PRAGMA locking_mode={}; PRAGMA synchronous=EXTRA;",
        options.page_bytes, ways.locking
    );
    connection.execute_batch(&pragmas).map_err(Fault::database(attempt))?;
    let journal: String = connection
        .query_row(&format!("PRAGMA journal_mode={}", ways.journal), [], |row| row.get(0))
        .map_err(Fault::database("start the write-ahead log"))?;
    if journal != ways.journal {
        return Err(Fault::Setting { setting: "journal_mode", found: journal });
    }
    let pragmas = format!("PRAGMA synchronous={}; PRAGMA wal_autocheckpoint=0;", ways.durable);
    connection.execute_batch(&pragmas).map_err(Fault::database(attempt))?;
    if ways.journal == "wal" { file_control::keep_wal(connection) } else { Ok(()) }
}

/// Brings the tables to today's shape and checks that they are what this till makes.
pub(crate) fn migrate(connection: &Connection) -> Result<(), Fault> {
    let attempt = "read the schema's version";
    let found: i64 = pragma(connection, "user_version").map_err(Fault::database(attempt))?;
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    let application: i32 = pragma(connection, "application_id").map_err(Fault::database(attempt))?;
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).map_err(Fault::database("read the schema"))?;
    let ours = if found == 0 { application == 0 && tables == 0 } else { application == APPLICATION_ID };
    if !ours {
        return Err(Fault::Shape { what: format!("application {application:#x} with {tables} tables at version {found}") });
    }
    if found > known || found < 0 {
        return Err(Fault::Shape { what: format!("written by a newer till: version {found}, this one knows {known}") });
    }
    for (version, script) in (1_i64..).zip(MIGRATIONS).skip(usize::try_from(found).unwrap_or(0)) {
        let stamped = format!("BEGIN IMMEDIATE; {script} PRAGMA application_id={APPLICATION_ID}; PRAGMA user_version={version}; COMMIT;");
        if let Err(error) = connection.execute_batch(&stamped) {
            // The first failure is the one to report; a transaction that SQLite has already given up leaves nothing to roll back.
            drop(connection.execute_batch("ROLLBACK"));
            return Err(Fault::database("make the tables")(error));
        }
    }
    check_shape(connection)
}

/// Reads a pragma that answers with one value.
pub(crate) fn pragma<T: rusqlite::types::FromSql>(connection: &Connection, name: &str) -> rusqlite::Result<T> {
    connection.query_row(&format!("PRAGMA {name}"), [], |row| row.get(0))
}

fn check_shape(connection: &Connection) -> Result<(), Fault> {
    let statements = MIGRATIONS.iter().flat_map(|script| script.split(';')).map(str::trim).filter(|statement| !statement.is_empty());
    for statement in statements {
        let found: Option<String> = connection
            .query_row("SELECT name FROM sqlite_schema WHERE sql = ?1", [statement], |row| row.get(0))
            .optional()
            .map_err(Fault::database("read the schema"))?;
        if found.is_none() {
            return Err(Fault::Shape { what: format!("not found: {statement}") });
        }
    }
    Ok(())
}
