//! Everything, recomputed from nothing.

use journal::{Books, Head};

use crate::{
    Fault, Store,
    startup::{check_rows_of, decode, each_entry},
};

/// What a full verification counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Entries in the chain.
    pub entries: u64,
    /// Receipts in the list.
    pub receipts: u64,
    /// References to receipts.
    pub links: u64,
    /// Print jobs that are still known.
    pub jobs: u64,
}

impl Store {
    /// Recomputes the chain from the log's identity on, and every projection from nothing, and lets SQLite check its file.
    ///
    /// # Errors
    /// [`Fault`] with the first entry that is wrong.
    pub fn verify(&self) -> Result<Verified, Fault> {
        let outcome = self.verify_all();
        self.suspect_on_damage(outcome)
    }

    fn verify_all(&self) -> Result<Verified, Fault> {
        let attempt = "check the database file";
        let found: String =
            self.connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0)).map_err(Fault::database(attempt))?;
        if found != "ok" {
            return Err(Fault::Integrity { what: found });
        }
        let mut head = self.log.as_ref().map_or(Head([0; 32]), |log| Head::of_log(&log.log_id));
        let mut books = Books::default();
        let mut verified = Verified { entries: 0, receipts: 0, links: 0, jobs: 0 };
        each_entry(&self.connection, 1, |seq, stored, bytes| {
            verified.entries += 1;
            head = head.next(bytes);
            if seq != verified.entries || stored != head {
                return Err(Fault::Chain { seq: verified.entries });
            }
            let entry = decode(seq, bytes)?;
            books.apply(&entry);
            let rows = journal::rows(&entry);
            verified.receipts += u64::from(rows.receipt.is_some());
            verified.links += u64::from(rows.refers_to.is_some());
            check_rows_of(&self.connection, &entry)
        })?;
        if verified.entries != self.seq || (self.log.is_some() && head != self.head) {
            return Err(Fault::Chain { seq: verified.entries + 1 });
        }
        for (table, wanted) in [("receipts", verified.receipts), ("links", verified.links)] {
            if self.count(table)? != wanted {
                return Err(Fault::Projection { table, seq: self.seq });
            }
        }
        if books != self.books {
            return Err(Fault::Projection { table: "books", seq: self.seq });
        }
        verified.jobs = self.count("jobs")?;
        let beyond = "SELECT count(*) FROM jobs WHERE seq > ?1 OR job_id > ?2";
        let beyond: u64 = self
            .connection
            .query_row(beyond, [self.seq, self.job_last.0], |row| row.get(0))
            .map_err(Fault::database("count print jobs"))?;
        if beyond > 0 {
            return Err(Fault::Integrity { what: format!("{beyond} print jobs for entries that are not there") });
        }
        Ok(verified)
    }

    fn count(&self, table: &'static str) -> Result<u64, Fault> {
        let count = self.connection.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0));
        count.map_err(Fault::database("count rows"))
    }
}
