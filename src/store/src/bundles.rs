//! Signed bundles, kept whole beside the journal. What is in them is the till's business.

use rusqlite::{Connection, OptionalExtension as _, Row, params};

use crate::{Fault, Store};

/// The most bytes of one bundle.
pub const BUNDLE_BYTES_MAX: usize = 2 * 1024 * 1024;

/// A bundle that is installed with a batch: it is there when the batch's entries are, and not before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewBundle {
    /// Its role.
    pub role: &'static str,
    /// Its version.
    pub version: u64,
    /// The root it was made under.
    pub min_root: u64,
    /// When it came, seconds since 1970, UTC.
    pub installed_at: i64,
    /// SHA-256 of its bytes.
    pub sha256: [u8; 32],
    /// Its bytes, verbatim.
    pub bytes: Vec<u8>,
    /// Earlier bundles of the role that are kept because something still goes by them; the others are forgotten.
    pub keeps: Vec<u64>,
}

/// A bundle that is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldBundle {
    /// Its place in the order of arrival.
    pub no: u64,
    /// Its role.
    pub role: String,
    /// Its version.
    pub version: u64,
    /// The root it was made under.
    pub min_root: u64,
    /// When it came, seconds since 1970, UTC.
    pub installed_at: i64,
    /// SHA-256 of its bytes.
    pub sha256: [u8; 32],
}

impl Store {
    /// The bundles that are held, in the order of arrival: the last one of a role is the newest.
    ///
    /// # Errors
    /// [`Fault::Database`].
    pub fn bundles(&self) -> Result<Vec<HeldBundle>, Fault> {
        self.read("list the bundles", || {
            let select = "SELECT no, role, version, min_root, installed_at, sha256 FROM bundles ORDER BY no";
            self.connection.prepare_cached(select)?.query_map([], held)?.collect()
        })
    }

    /// The bytes of a bundle.
    ///
    /// # Errors
    /// [`Fault::Database`].
    pub fn bundle_bytes(&self, no: u64) -> Result<Option<Vec<u8>>, Fault> {
        self.read("read a bundle", || {
            self.connection.prepare_cached("SELECT bytes FROM bundles WHERE no = ?1")?.query_row([no], |row| row.get(0)).optional()
        })
    }
}

pub(crate) fn write(connection: &Connection, bundle: &NewBundle) -> rusqlite::Result<()> {
    let no: u64 = connection.query_row("SELECT coalesce(max(no), 0) + 1 FROM bundles", [], |row| row.get(0))?;
    let older: Vec<u64> = connection
        .prepare_cached("SELECT no FROM bundles WHERE role = ?1")?
        .query_map([bundle.role], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for gone in older.iter().filter(|no| !bundle.keeps.contains(no)) {
        connection.prepare_cached("DELETE FROM bundles WHERE no = ?1")?.execute([gone])?;
    }
    connection.prepare_cached("INSERT INTO bundles VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?.execute(params![
        no,
        bundle.role,
        bundle.version,
        bundle.min_root,
        bundle.installed_at,
        bundle.sha256,
        bundle.bytes
    ])?;
    Ok(())
}

/// Every bundle with its bytes; none on a card from before there were any.
pub(crate) fn all(connection: &Connection) -> rusqlite::Result<Vec<(HeldBundle, Vec<u8>)>> {
    let known = connection.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'bundles'")?.exists([])?;
    if !known {
        return Ok(Vec::new());
    }
    let mut select = connection.prepare("SELECT no, role, version, min_root, installed_at, sha256, bytes FROM bundles ORDER BY no")?;
    select.query_map([], |row| Ok((held(row)?, row.get(6)?)))?.collect()
}

/// Writes a bundle as it stood beside another log.
pub(crate) fn carry(connection: &Connection, held: &HeldBundle, bytes: &[u8]) -> rusqlite::Result<()> {
    let mut insert = connection.prepare_cached("INSERT INTO bundles VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?;
    insert.execute(params![held.no, held.role, held.version, held.min_root, held.installed_at, held.sha256, bytes])?;
    Ok(())
}

fn held(row: &Row<'_>) -> rusqlite::Result<HeldBundle> {
    Ok(HeldBundle {
        no: row.get(0)?,
        role: row.get(1)?,
        version: row.get(2)?,
        min_root: row.get(3)?,
        installed_at: row.get(4)?,
        sha256: row.get(5)?,
    })
}
