//! Z reports, and every line behind their drawer.

use journal::{DrawerLine, Entry, Fact, LogId, ShiftClosed, drawer_lines};

use super::{Conditions, SaleAt};
use crate::{Fault, HubStore, engine::Row};

/// The most Z reports of one list.
pub const ZS_MAX: usize = 500;
/// The most entries of a shift that are read for its lines.
const SHIFT_ENTRIES_MAX: usize = 50_000;

/// Which reports. Days are as 20260601, both included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZsFilter {
    /// The first day.
    pub from_day: i64,
    /// The last day.
    pub to_day: i64,
    /// By this unit alone.
    pub unit: Option<String>,
    /// Only those whose drawer or sums do not fit.
    pub differing: bool,
}

/// A Z report in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZRow {
    /// The log.
    pub log: LogId,
    /// The branch; above 0 it is in quarantine.
    pub branch: u64,
    /// The entry.
    pub seq: u64,
    /// The unit.
    pub unit: String,
    /// The register designation.
    pub register: String,
    /// Its running number in the log.
    pub z_no: u64,
    /// The shift.
    pub shift_no: u64,
    /// The entry that opened the shift; 0 when it is not known.
    pub shift_seq: u64,
    /// The operating day, as 20260601.
    pub day: i64,
    /// When, seconds since 1970, UTC.
    pub wall_s: i64,
    /// What to add for local time, in minutes.
    pub offset_min: i64,
    /// Who closed it.
    pub crew: String,
    /// The currency of all amounts.
    pub currency: String,
    /// Sales, refunds and voids, as the report says.
    pub receipts: i64,
    /// Sales less returns, as the report says, in minor units.
    pub net_minor: i64,
    /// What they put into the drawer, as the report says.
    pub cash_minor: i64,
    /// What lay in the drawer by count.
    pub counted_minor: i64,
    /// What should have lain there.
    pub expected_minor: i64,
    /// How many receipts of the shift the hub has.
    pub hub_receipts: i64,
    /// What they add up to.
    pub hub_net_minor: i64,
    /// What they put into the drawer.
    pub hub_cash_minor: i64,
}

impl ZRow {
    /// Count less expectation.
    #[must_use]
    pub const fn variance_minor(&self) -> i64 {
        self.counted_minor.saturating_sub(self.expected_minor)
    }

    /// The report says what its receipts add up to.
    #[must_use]
    pub const fn fits_receipts(&self) -> bool {
        self.receipts == self.hub_receipts && self.net_minor == self.hub_net_minor && self.cash_minor == self.hub_cash_minor
    }
}

/// A Z report with everything behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZReport {
    /// The row.
    pub row: ZRow,
    /// The figures as the till wrote them.
    pub closed: ShiftClosed,
    /// Every line that moved cash in the shift.
    pub lines: Vec<DrawerLine>,
}

const COLUMNS: &str = "z.log_id, z.branch, z.seq, l.unit, p.register, z.z_no, z.shift_no, z.shift_seq, z.day, z.wall_s, z.offset_min, z.crew, \
     z.currency, z.receipts, z.net_minor, z.cash_minor, z.counted_minor, z.expected_minor, z.hub_receipts, z.hub_net_minor, z.hub_cash_minor";
const TABLES: &str = "z_reports z JOIN logs l ON l.log_id = z.log_id JOIN projected p ON p.log_id = z.log_id AND p.branch = z.branch";

impl HubStore {
    /// Z reports, the latest day first, at most [`ZS_MAX`]; those in quarantine among them.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn z_reports(&self, filter: &ZsFilter) -> Result<Vec<ZRow>, Fault> {
        let mut conditions = Conditions::default();
        conditions.between("z.day", filter.from_day, filter.to_day);
        if let Some(unit) = &filter.unit {
            conditions.with("l.unit = {}", unit.as_str());
        }
        if filter.differing {
            let differs = "(z.counted_minor <> z.expected_minor OR z.receipts <> z.hub_receipts OR z.net_minor <> z.hub_net_minor \
                           OR z.cash_minor <> z.hub_cash_minor)";
            conditions.texts.push(differs.to_owned());
        }
        let limit = conditions.value(ZS_MAX as u64);
        let order = "ORDER BY z.day DESC, z.wall_s DESC, z.log_id, z.branch, z.seq";
        let sql = format!("SELECT {COLUMNS} FROM {TABLES} WHERE {} {order} LIMIT {limit}", conditions.text());
        self.engine.read()?.query(&sql, &conditions.values)?.iter().map(z_row).collect()
    }

    /// One Z report; none where there is none.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn z_report(&self, at: &SaleAt) -> Result<Option<ZReport>, Fault> {
        let mut conditions = Conditions::default();
        conditions.with("z.log_id = {}", at.log.0);
        conditions.with("z.branch = {}", at.branch);
        conditions.with("z.seq = {}", at.seq);
        let sql = format!("SELECT {COLUMNS} FROM {TABLES} WHERE {}", conditions.text());
        let rows = self.engine.read()?.query(&sql, &conditions.values)?;
        let Some(row) = rows.first().map(z_row).transpose()? else { return Ok(None) };
        let from = if row.shift_seq == 0 { row.seq } else { row.shift_seq };
        let count = usize::try_from(row.seq - from + 1).unwrap_or(usize::MAX).min(SHIFT_ENTRIES_MAX);
        let entries = self.entries(&row.log, row.branch, from, count)?;
        let entries: Vec<Entry> = entries.iter().filter_map(|(_, bytes)| Entry::decode(bytes).ok()).collect();
        let closed = entries.iter().rev().find_map(|entry| match &entry.fact {
            Fact::ZClosed(closed) if entry.seq == row.seq => Some((**closed).clone()),
            _ => None,
        });
        Ok(closed.map(|closed| ZReport { row, closed, lines: drawer_lines(&entries) }))
    }
}

fn z_row(row: &Row) -> Result<ZRow, Fault> {
    Ok(ZRow {
        log: LogId(row.fixed(0)?),
        branch: row.count(1)?,
        seq: row.count(2)?,
        unit: row.text(3)?.to_owned(),
        register: row.text(4)?.to_owned(),
        z_no: row.count(5)?,
        shift_no: row.count(6)?,
        shift_seq: row.count(7)?,
        day: row.int(8)?,
        wall_s: row.int(9)?,
        offset_min: row.int(10)?,
        crew: row.text(11)?.to_owned(),
        currency: row.text(12)?.to_owned(),
        receipts: row.int(13)?,
        net_minor: row.int(14)?,
        cash_minor: row.int(15)?,
        counted_minor: row.int(16)?,
        expected_minor: row.int(17)?,
        hub_receipts: row.int(18)?,
        hub_net_minor: row.int(19)?,
        hub_cash_minor: row.int(20)?,
    })
}
