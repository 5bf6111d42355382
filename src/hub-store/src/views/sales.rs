//! Sales one by one, page after page.

use core::{fmt, str::FromStr};

use data_encoding::HEXLOWER;
use journal::LogId;

use crate::{
    Fault, HubStore,
    engine::{Row, Value},
};

/// The most sales of one page.
pub const SALES_MAX: usize = 1_000;

/// Where a sale stands. As text, for a link to the next page: `LOG.BRANCH.SEQ`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SaleAt {
    /// The log.
    pub log: LogId,
    /// The branch of it; above 0 it is in quarantine.
    pub branch: u64,
    /// The entry.
    pub seq: u64,
}

impl fmt::Display for SaleAt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.log, self.branch, self.seq)
    }
}

/// Text that says nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("write LOG.BRANCH.SEQ")]
pub struct Nowhere;

impl FromStr for SaleAt {
    type Err = Nowhere;

    fn from_str(text: &str) -> Result<Self, Nowhere> {
        let mut parts = text.split('.');
        let (Some(log), Some(branch), Some(seq), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
            return Err(Nowhere);
        };
        let log = HEXLOWER.decode(log.as_bytes()).ok().and_then(|bytes| bytes.try_into().ok()).ok_or(Nowhere)?;
        let number = |text: &str| text.parse::<i64>().ok().and_then(|number| u64::try_from(number).ok()).ok_or(Nowhere);
        Ok(Self { log: LogId(log), branch: number(branch)?, seq: number(seq)? })
    }
}

/// Which sales.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SalesFilter {
    /// Of this unit alone.
    pub unit: Option<String>,
    /// Behind this one.
    pub after: Option<SaleAt>,
    /// So many, at most [`SALES_MAX`].
    pub limit: usize,
}

/// A sale, refund, void or practice receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SaleRow {
    /// The log.
    pub log: LogId,
    /// The branch of it; above 0 the sale is in quarantine and in no sum.
    pub branch: u64,
    /// The entry.
    pub seq: u64,
    /// The unit that the log belongs to.
    pub unit: String,
    /// The register designation on the receipt.
    pub register: String,
    /// Number of the receipt in the log's series; practice has a series of its own.
    pub receipt_no: u64,
    /// `sale`, `refund` or `void`.
    pub kind: String,
    /// The receipt that it takes back.
    pub corrects: Option<u64>,
    /// Practice: no money.
    pub training: bool,
    /// Gross in minor units, before cash rounding; negative when it goes back.
    pub total_minor: i64,
    /// VAT contained in it.
    pub vat_minor: i64,
    /// Currency, as `SEK`.
    pub currency: String,
    /// How it was paid: `cash`, `card`, `mixed`, `none`.
    pub payment: String,
    /// The operating day, as 20260601.
    pub day: i64,
    /// When, seconds since 1970, UTC, by the till's clock.
    pub wall_s: i64,
    /// What to add for local time, in minutes.
    pub offset_min: i64,
    /// Whether that clock could be believed.
    pub trusted: bool,
    /// `seq` of the trip's start, 0 for none.
    pub trip: u64,
    /// The leg, from 0; -1 for none.
    pub leg: i64,
    /// Who sold.
    pub crew: String,
}

impl SaleRow {
    /// Where it stands.
    #[must_use]
    pub const fn at(&self) -> SaleAt {
        SaleAt { log: self.log, branch: self.branch, seq: self.seq }
    }
}

/// The columns that [`sale_row`] reads, for a query on `sales s JOIN logs l JOIN projected p`.
pub(super) const SALE_COLUMNS: &str = "s.log_id, s.branch, s.seq, l.unit, p.register, s.receipt_no, s.kind, s.corrects, s.training, \
     s.total_minor, s.vat_minor, s.currency, s.payment, s.day, s.wall_s, s.offset_min, s.trusted, s.trip, s.leg, s.crew";
/// Where they come from.
pub(super) const SALE_TABLES: &str =
    "sales s JOIN logs l ON l.log_id = s.log_id JOIN projected p ON p.log_id = s.log_id AND p.branch = s.branch";

pub(super) fn sale_row(row: &Row) -> Result<SaleRow, Fault> {
    Ok(SaleRow {
        log: LogId(row.fixed(0)?),
        branch: row.count(1)?,
        seq: row.count(2)?,
        unit: row.text(3)?.to_owned(),
        register: row.text(4)?.to_owned(),
        receipt_no: row.count(5)?,
        kind: row.text(6)?.to_owned(),
        corrects: row.maybe_int(7)?.and_then(|no| u64::try_from(no).ok()),
        training: row.int(8)? != 0,
        total_minor: row.int(9)?,
        vat_minor: row.int(10)?,
        currency: row.text(11)?.to_owned(),
        payment: row.text(12)?.to_owned(),
        day: row.int(13)?,
        wall_s: row.int(14)?,
        offset_min: row.int(15)?,
        trusted: row.int(16)? != 0,
        trip: row.count(17)?,
        leg: row.int(18)?,
        crew: row.text(19)?.to_owned(),
    })
}

impl HubStore {
    /// Sales in the order of log, branch and entry, practice among them, as far as they are projected.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn sales(&self, filter: &SalesFilter) -> Result<Vec<SaleRow>, Fault> {
        let mut values: Vec<Value> = Vec::new();
        let mut conditions = Vec::new();
        if let Some(after) = filter.after {
            values.extend([after.log.0.into(), after.branch.into(), after.seq.into()]);
            conditions.push("(s.log_id, s.branch, s.seq) > ($1, $2, $3)".to_owned());
        }
        if let Some(unit) = &filter.unit {
            values.push(unit.as_str().into());
            conditions.push(format!("s.log_id IN (SELECT log_id FROM logs WHERE unit = ${})", values.len()));
        }
        let condition = if conditions.is_empty() { String::new() } else { format!(" WHERE {}", conditions.join(" AND ")) };
        values.push((filter.limit.min(SALES_MAX) as u64).into());
        let sql = format!("SELECT {SALE_COLUMNS} FROM {SALE_TABLES}{condition} ORDER BY s.log_id, s.branch, s.seq LIMIT ${}", values.len());
        self.engine.read()?.query(&sql, &values)?.iter().map(sale_row).collect()
    }
}
