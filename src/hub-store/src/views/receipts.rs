//! Finding a receipt, and everything that is known of it.

use journal::{Head, LogId};

use super::{
    Conditions, SaleAt,
    ledger::{TripRow, trip_row},
    sales::{SALE_COLUMNS, SALE_TABLES, SaleRow, sale_row},
};
use crate::{Fault, HubStore, params, raw};

/// The most receipts of one answer.
pub const RECEIPTS_MAX: usize = 200;

/// What is known of a receipt that somebody looks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReceiptQuery {
    /// Its number, and the register designation where it can be read.
    Number {
        /// As `0142-3`.
        register: Option<String>,
        /// The number.
        receipt_no: u64,
    },
    /// The entry that its QR code names.
    Entry(LogId, u64),
    /// Its total in minor units, on one of these days, as 20260601, both included.
    Amount {
        /// The total; that of a refund is negative.
        minor: i64,
        /// The first day.
        from_day: i64,
        /// The last day.
        to_day: i64,
    },
}

/// A receipt with its entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredReceipt {
    /// The row.
    pub sale: SaleRow,
    /// The entry's bytes, as the till wrote them.
    pub entry: Vec<u8>,
    /// The head of the log after it.
    pub head: Head,
    /// The program that the log was written by last.
    pub program: String,
    /// The trip that it was sold on.
    pub trip: Option<TripRow>,
    /// When it reached the hub, seconds since 1970, UTC.
    pub received_s: Option<i64>,
    /// Refunds and voids of it, on every branch of its log.
    pub taken_back: Vec<SaleRow>,
    /// Other sales of its log under the same number.
    pub doubles: Vec<SaleRow>,
}

impl HubStore {
    /// Receipts that fit, the latest first, at most [`RECEIPTS_MAX`]; practice and quarantine among them.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn find_receipts(&self, query: &ReceiptQuery) -> Result<Vec<SaleRow>, Fault> {
        let mut conditions = Conditions::default();
        match query {
            ReceiptQuery::Number { register, receipt_no } => {
                let Ok(receipt_no) = i64::try_from(*receipt_no) else { return Ok(Vec::new()) };
                if let Some(register) = register {
                    conditions.with("p.register = {}", register.as_str());
                }
                conditions.with("s.receipt_no = {}", receipt_no);
            }
            ReceiptQuery::Entry(log, seq) => {
                let Ok(seq) = i64::try_from(*seq) else { return Ok(Vec::new()) };
                conditions.with("s.log_id = {}", log.0);
                conditions.with("s.seq = {}", seq);
            }
            ReceiptQuery::Amount { minor, from_day, to_day } => {
                conditions.between("s.day", *from_day, *to_day);
                conditions.with("s.total_minor = {}", *minor);
            }
        }
        self.found(&mut conditions)
    }

    /// A receipt with everything that is known of it; none where there is none.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn receipt(&self, at: &SaleAt) -> Result<Option<StoredReceipt>, Fault> {
        let mut conditions = Conditions::default();
        conditions.with("s.log_id = {}", at.log.0);
        conditions.with("s.branch = {}", at.branch);
        conditions.with("s.seq = {}", at.seq);
        let Some(sale) = self.found(&mut conditions)?.pop() else { return Ok(None) };
        let Some((_, entry)) = self.entries(&at.log, at.branch, at.seq, 1)?.pop() else { return Ok(None) };
        let mut conditions = Conditions::default();
        conditions.with("s.log_id = {}", at.log.0);
        conditions.with("s.training = {}", sale.training);
        conditions.with("s.corrects = {}", sale.receipt_no);
        let taken_back = self.found(&mut conditions)?;
        let mut conditions = Conditions::default();
        conditions.with("s.log_id = {}", at.log.0);
        conditions.with("s.training = {}", sale.training);
        conditions.with("s.receipt_no = {}", sale.receipt_no);
        let doubles = self.found(&mut conditions)?.into_iter().filter(|other| other.at() != *at).collect();
        let mut tx = self.engine.read()?;
        let branches = raw::branches(&mut *tx, &at.log)?;
        let head = raw::head_at(&mut *tx, &at.log, &branches, at.branch, at.seq)?;
        let sql = "SELECT program FROM projected WHERE log_id = $1 AND branch = $2";
        let program = tx.query(sql, params![at.log.0, at.branch])?.first().map_or(Ok(""), |row| row.text(0))?.to_owned();
        let sql = "SELECT t.log_id, t.branch, t.seq, l.unit, t.train, t.day, t.calls, t.started_s, t.ended_s, t.last_seq \
                   FROM trips t JOIN logs l ON l.log_id = t.log_id WHERE t.log_id = $1 AND t.seq = $2 AND t.branch <= $3 ORDER BY t.branch DESC LIMIT 1";
        let trip = tx.query(sql, params![at.log.0, sale.trip, at.branch])?.first().map(trip_row).transpose()?;
        let sql = "SELECT received_at FROM batches WHERE log_id = $1 AND branch = $2 AND first_seq <= $3 AND last_seq >= $3 LIMIT 1";
        let received_s = tx.query(sql, params![at.log.0, at.branch, at.seq])?.first().map(|row| row.int(0)).transpose()?;
        Ok(Some(StoredReceipt { sale, entry, head, program, trip, received_s, taken_back, doubles }))
    }

    fn found(&self, conditions: &mut Conditions) -> Result<Vec<SaleRow>, Fault> {
        let limit = conditions.value(RECEIPTS_MAX as u64);
        let order = "ORDER BY s.wall_s DESC, s.log_id, s.branch, s.seq";
        let sql = format!("SELECT {SALE_COLUMNS} FROM {SALE_TABLES} WHERE {} {order} LIMIT {limit}", conditions.text());
        self.engine.read()?.query(&sql, &conditions.values)?.iter().map(sale_row).collect()
    }
}
