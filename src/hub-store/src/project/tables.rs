//! The tables that are made from the journal, and can be made again.
//!
//! Every key begins with the log. `day` is the operating day as a number that reads as a date: 20260601.

/// A table of rows that are only ever added.
pub(crate) struct Table {
    /// Its name.
    pub(crate) name: &'static str,
    /// Its columns, in the order in which rows are built.
    pub(crate) columns: &'static [&'static str],
}

pub(crate) const SALES: Table = Table {
    name: "sales",
    columns: &[
        "log_id",
        "branch",
        "seq",
        "receipt_no",
        "training",
        "kind",
        "corrects",
        "day",
        "wall_s",
        "offset_min",
        "trusted",
        "trip",
        "leg",
        "shift_no",
        "crew",
        "payment",
        "currency",
        "country",
        "total_minor",
        "rounding_minor",
        "vat_minor",
        "cash_minor",
        "card_minor",
    ],
};
pub(crate) const SALE_LINES: Table = Table {
    name: "sale_lines",
    columns: &[
        "log_id",
        "branch",
        "seq",
        "line",
        "day",
        "sku",
        "name",
        "category",
        "qty",
        "unit_minor",
        "gross_minor",
        "rate_bp",
        "vat_minor",
        "served",
    ],
};
pub(crate) const TENDERS: Table =
    Table { name: "tenders", columns: &["log_id", "branch", "seq", "place", "day", "kind", "amount_minor", "reference", "slip"] };
pub(crate) const TRIPS: Table =
    Table { name: "trips", columns: &["log_id", "branch", "seq", "train", "day", "calls", "started_s", "ended_s", "last_seq"] };
pub(crate) const Z_REPORTS: Table = Table {
    name: "z_reports",
    columns: &[
        "log_id",
        "branch",
        "seq",
        "z_no",
        "shift_no",
        "shift_seq",
        "day",
        "wall_s",
        "offset_min",
        "crew",
        "currency",
        "receipts",
        "net_minor",
        "cash_minor",
        "counted_minor",
        "expected_minor",
        "hub_receipts",
        "hub_net_minor",
        "hub_cash_minor",
    ],
};
pub(crate) const CASH_MOVES: Table =
    Table { name: "cash_moves", columns: &["log_id", "branch", "seq", "day", "wall_s", "shift_no", "kind", "minor", "crew", "reason"] };
pub(crate) const CORRECTIONS: Table =
    Table { name: "corrections", columns: &["log_id", "branch", "seq", "day", "kind", "receipt_no", "corrects", "currency", "minor"] };
pub(crate) const SHELVED: Table = Table { name: "shelved", columns: &["log_id", "branch", "seq", "day", "kind", "length", "why"] };

/// Tables to which rows are only added, in the order of [`super::rows::Rows::tables`].
pub(crate) const ADDED: [&Table; 8] = [&SALES, &SALE_LINES, &TENDERS, &TRIPS, &Z_REPORTS, &CASH_MOVES, &CORRECTIONS, &SHELVED];

/// All projections.
pub(crate) const ALL: [&str; 12] = [
    "sales",
    "sale_lines",
    "tenders",
    "trips",
    "z_reports",
    "cash_moves",
    "corrections",
    "shelved",
    "day_sums",
    "trip_sums",
    "findings",
    "projected",
];

pub(crate) const SCHEMA: &[&str] = &[
    "CREATE TABLE IF NOT EXISTS sales (log_id {BLOB} NOT NULL, branch BIGINT NOT NULL, seq BIGINT NOT NULL, receipt_no BIGINT NOT NULL, \
     training BIGINT NOT NULL, kind TEXT NOT NULL, corrects BIGINT, day BIGINT NOT NULL, wall_s BIGINT NOT NULL, offset_min BIGINT NOT NULL, \
     trusted BIGINT NOT NULL, trip BIGINT NOT NULL, leg BIGINT NOT NULL, shift_no BIGINT NOT NULL, crew TEXT NOT NULL, payment TEXT NOT NULL, \
     currency TEXT NOT NULL, country TEXT NOT NULL, total_minor BIGINT NOT NULL, rounding_minor BIGINT NOT NULL, vat_minor BIGINT NOT NULL, \
     cash_minor BIGINT NOT NULL, card_minor BIGINT NOT NULL, PRIMARY KEY (log_id, branch, seq))",
    "CREATE INDEX IF NOT EXISTS sales_by_receipt ON sales (receipt_no, log_id)",
    "CREATE INDEX IF NOT EXISTS sales_by_day ON sales (day, total_minor)",
    "CREATE TABLE IF NOT EXISTS sale_lines (log_id {BLOB} NOT NULL, branch BIGINT NOT NULL, seq BIGINT NOT NULL, line BIGINT NOT NULL, \
     day BIGINT NOT NULL, sku TEXT NOT NULL, name TEXT NOT NULL, category TEXT NOT NULL, qty BIGINT NOT NULL, unit_minor BIGINT NOT NULL, \
     gross_minor BIGINT NOT NULL, rate_bp BIGINT NOT NULL, vat_minor BIGINT NOT NULL, served BIGINT NOT NULL, \
     PRIMARY KEY (log_id, branch, seq, line))",
    "CREATE TABLE IF NOT EXISTS tenders (log_id {BLOB} NOT NULL, branch BIGINT NOT NULL, seq BIGINT NOT NULL, place BIGINT NOT NULL, \
     day BIGINT NOT NULL, kind TEXT NOT NULL, amount_minor BIGINT NOT NULL, reference TEXT NOT NULL, slip TEXT NOT NULL, \
     PRIMARY KEY (log_id, branch, seq, place))",
    "CREATE TABLE IF NOT EXISTS trips (log_id {BLOB} NOT NULL, branch BIGINT NOT NULL, seq BIGINT NOT NULL, train TEXT NOT NULL, \
     day BIGINT NOT NULL, calls TEXT NOT NULL, started_s BIGINT NOT NULL, ended_s BIGINT, last_seq BIGINT NOT NULL, \
     PRIMARY KEY (log_id, branch, seq))",
    "CREATE INDEX IF NOT EXISTS trips_by_train ON trips (train, day)",
    "CREATE INDEX IF NOT EXISTS trips_by_day ON trips (day, train)",
    "CREATE TABLE IF NOT EXISTS z_reports (log_id {BLOB} NOT NULL, branch BIGINT NOT NULL, seq BIGINT NOT NULL, z_no BIGINT NOT NULL, \
     shift_no BIGINT NOT NULL, shift_seq BIGINT NOT NULL, day BIGINT NOT NULL, wall_s BIGINT NOT NULL, offset_min BIGINT NOT NULL, \
     crew TEXT NOT NULL, currency TEXT NOT NULL, receipts BIGINT NOT NULL, net_minor BIGINT NOT NULL, cash_minor BIGINT NOT NULL, \
     counted_minor BIGINT NOT NULL, expected_minor BIGINT NOT NULL, hub_receipts BIGINT NOT NULL, hub_net_minor BIGINT NOT NULL, \
     hub_cash_minor BIGINT NOT NULL, PRIMARY KEY (log_id, branch, seq))",
    "CREATE INDEX IF NOT EXISTS z_reports_by_day ON z_reports (day)",
    "CREATE TABLE IF NOT EXISTS cash_moves (log_id {BLOB} NOT NULL, branch BIGINT NOT NULL, seq BIGINT NOT NULL, day BIGINT NOT NULL, \
     wall_s BIGINT NOT NULL, shift_no BIGINT NOT NULL, kind TEXT NOT NULL, minor BIGINT NOT NULL, crew TEXT NOT NULL, reason TEXT NOT NULL, \
     PRIMARY KEY (log_id, branch, seq))",
    "CREATE TABLE IF NOT EXISTS corrections (log_id {BLOB} NOT NULL, branch BIGINT NOT NULL, seq BIGINT NOT NULL, day BIGINT NOT NULL, \
     kind TEXT NOT NULL, receipt_no BIGINT NOT NULL, corrects BIGINT NOT NULL, currency TEXT NOT NULL, minor BIGINT NOT NULL, \
     PRIMARY KEY (log_id, branch, seq))",
    "CREATE INDEX IF NOT EXISTS corrections_by_receipt ON corrections (log_id, corrects)",
    "CREATE TABLE IF NOT EXISTS shelved (log_id {BLOB} NOT NULL, branch BIGINT NOT NULL, seq BIGINT NOT NULL, day BIGINT NOT NULL, \
     kind BIGINT, length BIGINT NOT NULL, why TEXT NOT NULL, PRIMARY KEY (log_id, branch, seq))",
    "CREATE TABLE IF NOT EXISTS day_sums (day BIGINT NOT NULL, dim TEXT NOT NULL, item TEXT NOT NULL, name TEXT NOT NULL, \
     payment TEXT NOT NULL, currency TEXT NOT NULL, sales BIGINT NOT NULL, returns BIGINT NOT NULL, qty BIGINT NOT NULL, \
     gross_minor BIGINT NOT NULL, vat_minor BIGINT NOT NULL, PRIMARY KEY (dim, day, item, name, payment, currency))",
    "CREATE TABLE IF NOT EXISTS trip_sums (log_id {BLOB} NOT NULL, branch BIGINT NOT NULL, day BIGINT NOT NULL, trip BIGINT NOT NULL, \
     dim TEXT NOT NULL, item TEXT NOT NULL, name TEXT NOT NULL, payment TEXT NOT NULL, currency TEXT NOT NULL, sales BIGINT NOT NULL, \
     returns BIGINT NOT NULL, qty BIGINT NOT NULL, gross_minor BIGINT NOT NULL, vat_minor BIGINT NOT NULL, \
     PRIMARY KEY (log_id, branch, day, trip, dim, item, name, payment, currency))",
    "CREATE TABLE IF NOT EXISTS findings (log_id {BLOB} NOT NULL, branch BIGINT NOT NULL, kind TEXT NOT NULL, no BIGINT NOT NULL, \
     seq BIGINT NOT NULL, currency TEXT NOT NULL, minor BIGINT NOT NULL, other_minor BIGINT NOT NULL, PRIMARY KEY (log_id, branch, kind, no))",
    "CREATE TABLE IF NOT EXISTS projected (log_id {BLOB} NOT NULL, branch BIGINT NOT NULL, seq BIGINT NOT NULL, unit TEXT NOT NULL, \
     register TEXT NOT NULL, program TEXT NOT NULL, trip BIGINT NOT NULL, train TEXT NOT NULL, trip_day BIGINT NOT NULL, calls TEXT NOT NULL, \
     receipt_no BIGINT NOT NULL, shift_no BIGINT NOT NULL, shift_seq BIGINT NOT NULL, shift_receipts BIGINT NOT NULL, \
     shift_net_minor BIGINT NOT NULL, shift_cash_minor BIGINT NOT NULL, sales BIGINT NOT NULL, gross_minor BIGINT NOT NULL, \
     shelved BIGINT NOT NULL, PRIMARY KEY (log_id, branch))",
];
