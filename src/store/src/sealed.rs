//! Sealed logs: stores that are whole, closed for ever, and still read while the hub lacks something of them.

use std::path::Path;

use journal::{Books, Head, LogId, LogKey};
use rusqlite::{Connection, OpenFlags, OptionalExtension as _, params};

use crate::{Fault, HeldBundle, Store, bundles, set_aside, startup, store::WAL_LENGTH};

/// The most sealed logs a data folder holds. A hub that lies cannot fill a card with empty stores.
pub const SEALED_MAX: usize = 32;

/// A log that ends with [`journal::Fact::LogSealed`], read-only, with its key.
#[derive(Debug)]
pub struct SealedLog {
    number: u64,
    connection: Connection,
    log_id: LogId,
    key: LogKey,
    seq: u64,
    head: Head,
}

impl SealedLog {
    /// Opens `sealed-<number>` below a data folder. Nothing in it is touched.
    ///
    /// # Errors
    /// [`Fault`] when it cannot be read.
    pub fn open(dir: &Path, number: u64) -> Result<Self, Fault> {
        let attempt = "open a sealed log";
        let path = set_aside::database_of(&set_aside::sealed(dir, number));
        // Immutable: SQLite takes no lock and makes no file. The write-ahead log is wholly in the database before a store is set aside.
        let uri = format!("file:{}?immutable=1", escaped(&path.to_string_lossy()));
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
        let connection = Connection::open_with_flags(uri, flags).map_err(Fault::database(attempt))?;
        connection.execute_batch("PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON;").map_err(Fault::database(attempt))?;
        let log = startup::read_log(&connection)?.ok_or(Fault::Key)?;
        let last = connection
            .query_row("SELECT seq, head FROM journal ORDER BY seq DESC LIMIT 1", [], |row| Ok((row.get(0)?, Head(row.get(1)?))))
            .optional()
            .map_err(Fault::database(attempt))?;
        let (seq, head) = last.ok_or(Fault::Chain { seq: 1 })?;
        Ok(Self { number, connection, log_id: log.log_id, key: log.key, seq, head })
    }

    /// The number at the end of its folder's name.
    #[must_use]
    pub const fn number(&self) -> u64 {
        self.number
    }

    /// Its identity.
    #[must_use]
    pub const fn log_id(&self) -> LogId {
        self.log_id
    }

    /// Its key.
    #[must_use]
    pub const fn key(&self) -> &LogKey {
        &self.key
    }

    /// The place of its last entry.
    #[must_use]
    pub const fn seq(&self) -> u64 {
        self.seq
    }

    /// The head after it.
    #[must_use]
    pub const fn head(&self) -> Head {
        self.head
    }

    /// What its journal adds up to, folded from nothing.
    ///
    /// # Errors
    /// [`Fault`] with the first entry that does not fit.
    pub fn books(&self) -> Result<Books, Fault> {
        let mut books = Books::default();
        let mut head = Head::of_log(&self.log_id);
        startup::each_entry(&self.connection, 1, |seq, stored, bytes| {
            head = head.next(bytes);
            if seq != books.seq + 1 || stored != head {
                return Err(Fault::Chain { seq: books.seq + 1 });
            }
            books.apply(&startup::decode(seq, bytes)?);
            Ok(())
        })?;
        Ok(books)
    }

    /// At most `limit` entries from place `from` on: place and bytes.
    ///
    /// # Errors
    /// [`Fault::Database`].
    pub fn entries(&self, from: u64, limit: usize) -> Result<Vec<(u64, Vec<u8>)>, Fault> {
        let select = || -> rusqlite::Result<Vec<(u64, Vec<u8>)>> {
            let mut select = self.connection.prepare_cached("SELECT seq, bytes FROM journal WHERE seq >= ?1 ORDER BY seq LIMIT ?2")?;
            select.query_map(params![from, limit], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
        };
        select().map_err(Fault::database("read entries of a sealed log"))
    }

    /// The head after entry `seq`; before the first that is the log's identity.
    ///
    /// # Errors
    /// [`Fault::Database`].
    pub fn head_at(&self, seq: u64) -> Result<Option<Head>, Fault> {
        if seq == 0 {
            return Ok(Some(Head::of_log(&self.log_id)));
        }
        let select = "SELECT head FROM journal WHERE seq = ?1";
        let found = self.connection.query_row(select, [seq], |row| Ok(Head(row.get(0)?))).optional();
        found.map_err(Fault::database("read a head of a sealed log"))
    }

    /// What is kept beside the log, by name.
    fn kept(&self) -> Result<Vec<(String, Vec<u8>)>, Fault> {
        let read = || -> rusqlite::Result<_> {
            let mut select = self.connection.prepare("SELECT name, bytes FROM kept WHERE name <> ?1")?;
            select.query_map([WAL_LENGTH], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
        };
        read().map_err(Fault::database("read what was kept beside a sealed log"))
    }

    /// The bundles that its till held.
    fn bundles(&self) -> Result<Vec<(HeldBundle, Vec<u8>)>, Fault> {
        bundles::all(&self.connection).map_err(Fault::database("read the bundles beside a sealed log"))
    }

    /// The sales above entry `seq`: how many, and when the oldest was closed, seconds since 1970, UTC.
    ///
    /// # Errors
    /// [`Fault::Database`].
    pub fn sales_above(&self, seq: u64) -> Result<(u64, Option<i64>), Fault> {
        let select = "SELECT count(*), min(wall_s) FROM receipts WHERE training = 0 AND seq > ?1";
        let found = self.connection.query_row(select, [seq], |row| Ok((row.get(0)?, row.get(1)?)));
        found.map_err(Fault::database("count sales of a sealed log"))
    }
}

impl Store {
    /// The sealed logs of this data folder that can be read, oldest first. One that cannot is left for people and a card reader.
    ///
    /// # Errors
    /// [`Fault`] when the folder cannot be listed.
    pub fn sealed_logs(&self) -> Result<Vec<SealedLog>, Fault> {
        let Some(dir) = &self.dir else { return Ok(Vec::new()) };
        let numbers = set_aside::sealed_numbers(dir)?;
        Ok(numbers.into_iter().filter_map(|number| SealedLog::open(dir, number).ok()).collect())
    }

    /// Makes the store that [`Store::set_sealed_aside`] will stand on, with its tables and its room on the card: what can fail has failed
    /// before a log is sealed.
    ///
    /// # Errors
    /// [`Fault`] when there is no room, or no folder.
    pub fn prepare_successor(&self) -> Result<(), Fault> {
        let dir = self.dir.as_ref().ok_or_else(unsupported)?;
        if !self.has_room_to_grow() {
            let full = rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_FULL), None);
            return Err(Fault::database("make another store")(full));
        }
        let next = set_aside::make_next(dir)?;
        Self::open_database(&set_aside::database_of(&next), self.options.clone()).map(drop)
    }

    /// Sets the whole store aside as `sealed-<n>` and stands on an empty one afterwards, which waits for [`Store::begin_successor`].
    ///
    /// The folder moves in one step. A cut before it finds the sealed log in its old place, and the till does this again; a cut after it
    /// finds it in its new one, and [`Store::open`] says [`Opened::Sealed`](crate::Opened::Sealed).
    ///
    /// # Errors
    /// [`Fault`]; then everything stands as before.
    ///
    /// # Panics
    /// When the log is not sealed, or the folder moves neither on nor back: the next start goes on from either.
    pub fn set_sealed_aside(&mut self) -> Result<SealedLog, Fault> {
        assert!(self.books.sealed, "only a sealed log is set aside");
        let dir = self.dir.clone().ok_or_else(unsupported)?;
        self.checkpoint_whole()?;
        if !set_aside::has_next(&dir) {
            self.prepare_successor()?;
        }
        let number = set_aside::move_sealed(&dir)?;
        let opened = SealedLog::open(&dir, number).and_then(|sealed| Ok((sealed, Self::open_trusted(&dir, &self.options)?.0)));
        match opened {
            Ok((sealed, fresh)) => {
                *self = fresh;
                Ok(sealed)
            }
            Err(fault) => {
                assert!(set_aside::move_sealed_back(&dir, number).is_ok(), "the sealed store stands between two places");
                Err(fault)
            }
        }
    }

    /// Begins the log that goes on for `sealed`: its entries, its bundles, and what was kept beside it under names that `keeps` says yes to,
    /// in one durable transaction.
    ///
    /// # Errors
    /// [`Fault`]; then there is still no log, and the same call may be repeated.
    ///
    /// # Panics
    /// When there is a log already.
    pub fn begin_successor(
        &mut self,
        seed: [u8; 32],
        entries: Vec<Vec<u8>>,
        sealed: &SealedLog,
        keeps: impl Fn(&str) -> bool,
    ) -> Result<Head, Fault> {
        let kept = sealed.kept()?.into_iter().filter(|(name, _)| keeps(name)).collect();
        self.begin_log_with(seed, entries, kept, sealed.bundles()?)
    }

    /// Moves all of the write-ahead log into the database, so that the database alone is the log.
    fn checkpoint_whole(&mut self) -> Result<(), Fault> {
        self.mend()?;
        let attempt = "move the write-ahead log into the database";
        let moved = self
            .connection
            .query_row("PRAGMA wal_checkpoint(FULL)", [], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?)));
        let (busy, frames, done) = self.note_flush(moved.map_err(Fault::database(attempt)))?;
        if busy == 0 && frames == done {
            return Ok(());
        }
        let waits = rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY), None);
        Err(Fault::database(attempt)(waits))
    }

    /// How many sales above entry `seq` there are among receipts from number `from_no` on, when the oldest was closed, and its number.
    ///
    /// # Errors
    /// [`Fault::Database`].
    pub fn sales_above(&self, seq: u64, from_no: u64) -> Result<(u64, Option<i64>, Option<u64>), Fault> {
        let select = "SELECT count(*), min(wall_s), min(receipt_no) FROM receipts WHERE training = 0 AND receipt_no >= ?1 AND seq > ?2";
        let mut select = self.connection.prepare_cached(select).map_err(Fault::database("count sales"))?;
        let found = select.query_row(params![from_no, seq], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
        found.map_err(Fault::database("count sales"))
    }
}

fn unsupported() -> Fault {
    Fault::Batch { what: "a store in memory is never set aside".into() }
}

/// A path as a URI names it.
fn escaped(path: &str) -> String {
    path.replace('%', "%25").replace('?', "%3f").replace('#', "%23")
}

#[cfg(test)]
mod tests;
