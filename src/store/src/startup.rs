//! What a start checks, and how projections are rebuilt.

use journal::{Books, Entry, Head, LogId, LogKey, rows};
use rusqlite::{Connection, OptionalExtension as _, params};

use crate::{Fault, Store, commit, reads, reads::JobId, store::Log};

/// So many of the newest entries are checked at each start: hash, shape, rows.
pub(crate) const TAIL_CHECKED_ENTRIES: u64 = 128;
/// Raised whenever the books or the rows are folded in another way than before: stored ones are then rebuilt.
const PROJECTIONS_VERSION: u8 = 1;

/// Reads the state of a log and checks its tail. Rebuilds projections that do not match, and says why.
pub(crate) fn load(store: &mut Store) -> Result<Option<Fault>, Fault> {
    let connection = &store.connection;
    let attempt = "read the journal's tail";
    let last: u64 =
        connection.query_row("SELECT coalesce(max(seq), 0) FROM journal", [], |row| row.get(0)).map_err(Fault::database(attempt))?;
    let job_last = connection.query_row("SELECT coalesce(max(job_id), 0) FROM jobs", [], |row| row.get(0));
    store.job_last = JobId(job_last.map_err(Fault::database("read the print jobs"))?);
    let Some(log) = read_log(connection)? else {
        return if last == 0 { Ok(None) } else { Err(Fault::Key) };
    };
    let first = last.saturating_sub(TAIL_CHECKED_ENTRIES - 1).max(1);
    let mut head = match first {
        1 => Head::of_log(&log.log_id),
        _ => head_at(connection, first - 1)?,
    };
    if last == 0 {
        return Err(Fault::Chain { seq: 1 });
    }
    let tail = check_chain(connection, first, last, &mut head)?;
    (store.seq, store.head) = (last, head);
    store.log = Some(log);
    let wrong = match read_snapshot(store, &tail) {
        Ok(()) => check_rows(store, &tail).err(),
        Err(fault) => Some(fault),
    };
    match wrong {
        None => Ok(None),
        Some(why @ Fault::Projection { .. }) => {
            rebuild(store)?;
            Ok(Some(why))
        }
        Some(fault) => Err(fault),
    }
}

/// Throws the projections away and folds the whole journal, in one transaction.
pub(crate) fn rebuild(store: &mut Store) -> Result<(), Fault> {
    let attempt = "rebuild the receipt list";
    let transaction = store.transaction().map_err(Fault::database(attempt))?;
    transaction.execute_batch("DELETE FROM receipts; DELETE FROM links; DELETE FROM books;").map_err(Fault::database(attempt))?;
    let mut books = Books::default();
    each_entry(&transaction, 1, |seq, _, bytes| {
        let entry = decode(seq, bytes)?;
        books.apply(&entry);
        commit::insert_rows(&transaction, seq, &rows(&entry)).map_err(Fault::database(attempt))
    })?;
    write_snapshot(&transaction, store.head, &books).map_err(Fault::database(attempt))?;
    transaction.commit().map_err(Fault::database(attempt))?;
    store.snapshot_seq = books.seq;
    store.books = books;
    Ok(())
}

/// Stores the books as they stand at `head`.
pub(crate) fn write_snapshot(connection: &Connection, head: Head, books: &Books) -> rusqlite::Result<()> {
    let bytes = books.encode();
    let mark = snapshot_mark(head, &bytes);
    connection.prepare_cached("INSERT OR REPLACE INTO books VALUES (1, ?1, ?2, ?3)")?.execute(params![books.seq, mark.0, bytes])?;
    Ok(())
}

/// Calls `visit` with place, head and bytes of each entry from `from` on.
pub(crate) fn each_entry(
    connection: &Connection,
    from: u64,
    mut visit: impl FnMut(u64, Head, &[u8]) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let attempt = "read the journal";
    let select = "SELECT seq, head, bytes FROM journal WHERE seq >= ?1 ORDER BY seq";
    let mut select = connection.prepare_cached(select).map_err(Fault::database(attempt))?;
    let mut found = select.query([from]).map_err(Fault::database(attempt))?;
    while let Some(row) = found.next().map_err(Fault::database(attempt))? {
        let seq: u64 = row.get(0).map_err(Fault::database(attempt))?;
        let head: [u8; 32] = row.get(1).map_err(Fault::database(attempt))?;
        let bytes = row.get_ref(2).map_err(Fault::database(attempt))?;
        let bytes = bytes.as_blob().map_err(|_| Fault::Chain { seq })?;
        visit(seq, Head(head), bytes)?;
    }
    Ok(())
}

pub(crate) fn decode(seq: u64, bytes: &[u8]) -> Result<Entry, Fault> {
    match Entry::decode(bytes) {
        Ok(entry) if entry.seq == seq => Ok(entry),
        Ok(_) => Err(Fault::Chain { seq }),
        Err(malformed) => Err(Fault::Entry { seq, malformed }),
    }
}

/// Whether the stored rows of one entry are what the entry causes.
pub(crate) fn check_rows_of(connection: &Connection, entry: &Entry) -> Result<(), Fault> {
    let wanted = rows(entry);
    let attempt = "compare the receipt list with the journal";
    if let Some(receipt) = wanted.receipt {
        let mut select = connection
            .prepare_cached("SELECT * FROM receipts WHERE training = ?1 AND receipt_no = ?2")
            .map_err(Fault::database(attempt))?;
        let stored = select.query_row(params![receipt.training, receipt.receipt_no], reads::receipt).optional();
        let stored = stored.map_err(Fault::database(attempt))?;
        let same = stored.is_some_and(|stored| {
            stored.seq == entry.seq
                && stored.kind == receipt.kind
                && stored.total_minor == receipt.total_minor
                && stored.wall_s == receipt.wall_s
        });
        if !same {
            return Err(Fault::Projection { table: "receipts", seq: entry.seq });
        }
    }
    if let Some((training, receipt_no)) = wanted.refers_to {
        let select = "SELECT 1 FROM links WHERE training = ?1 AND receipt_no = ?2 AND seq = ?3";
        let mut select = connection.prepare_cached(select).map_err(Fault::database(attempt))?;
        if !select.exists(params![training, receipt_no, entry.seq]).map_err(Fault::database(attempt))? {
            return Err(Fault::Projection { table: "links", seq: entry.seq });
        }
    }
    Ok(())
}

pub(crate) fn read_log(connection: &Connection) -> Result<Option<Log>, Fault> {
    let found = connection
        .query_row("SELECT log_id, seed FROM log", [], |row| Ok((row.get::<_, [u8; 32]>(0)?, row.get::<_, [u8; 32]>(1)?)))
        .optional()
        .map_err(Fault::database("read the log's key"))?;
    let Some((log_id, seed)) = found else { return Ok(None) };
    let key = LogKey::from_seed(&seed);
    let log_id = LogId(log_id);
    if key.log_id() == log_id { Ok(Some(Log { log_id, key })) } else { Err(Fault::Key) }
}

fn head_at(connection: &Connection, seq: u64) -> Result<Head, Fault> {
    let found = connection.query_row("SELECT head FROM journal WHERE seq = ?1", [seq], |row| row.get(0)).optional();
    found.map_err(Fault::database("read the journal's tail"))?.map(Head).ok_or(Fault::Chain { seq })
}

fn check_chain(connection: &Connection, first: u64, last: u64, head: &mut Head) -> Result<Vec<Entry>, Fault> {
    let mut tail = Vec::new();
    let mut due = first;
    each_entry(connection, first, |seq, stored, bytes| {
        *head = head.next(bytes);
        if seq != due || stored != *head {
            return Err(Fault::Chain { seq: due });
        }
        due += 1;
        tail.push(decode(seq, bytes)?);
        Ok(())
    })?;
    if due == last + 1 { Ok(tail) } else { Err(Fault::Chain { seq: due }) }
}

/// Takes up the stored books and folds what came after them.
fn read_snapshot(store: &mut Store, tail: &[Entry]) -> Result<(), Fault> {
    let behind = || Fault::Projection { table: "books", seq: store.seq };
    let attempt = "read the books";
    let stored = store
        .connection
        .query_row("SELECT seq, mark, bytes FROM books", [], |row| {
            Ok((row.get::<_, u64>(0)?, row.get::<_, [u8; 32]>(1)?, row.get::<_, Vec<u8>>(2)?))
        })
        .optional()
        .map_err(Fault::database(attempt))?;
    let (seq, mark, bytes) = stored.ok_or_else(behind)?;
    let first = tail.first().map_or(u64::MAX, |entry| entry.seq);
    if seq == 0 || seq > store.seq || seq + 1 < first || snapshot_mark(head_at(&store.connection, seq)?, &bytes) != Head(mark) {
        return Err(behind());
    }
    let mut books = Books::decode(&bytes).map_err(|_| behind())?;
    if books.seq != seq {
        return Err(behind());
    }
    tail.iter().filter(|entry| entry.seq > seq).for_each(|entry| books.apply(entry));
    store.books = books;
    store.snapshot_seq = seq;
    Ok(())
}

fn check_rows(store: &Store, tail: &[Entry]) -> Result<(), Fault> {
    let attempt = "compare the receipt list with the journal";
    for training in [false, true] {
        let select = "SELECT seq FROM receipts WHERE training = ?1 ORDER BY training DESC, receipt_no DESC LIMIT 1";
        let newest: Option<u64> =
            store.connection.query_row(select, [training], |row| row.get(0)).optional().map_err(Fault::database(attempt))?;
        if newest.is_some_and(|seq| seq > store.seq) {
            return Err(Fault::Projection { table: "receipts", seq: store.seq });
        }
    }
    tail.iter().try_for_each(|entry| check_rows_of(&store.connection, entry))
}

/// Ties stored books to their bytes, to the place in the log and to the way of folding: SQLite itself does not check what it reads.
fn snapshot_mark(head: Head, bytes: &[u8]) -> Head {
    head.next(&[PROJECTIONS_VERSION]).next(bytes)
}
