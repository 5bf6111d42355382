//! What the JSON API answers. These are its own types: nothing that the database or the journal renames renames a key here.

use chrono::{FixedOffset, TimeZone as _};
use hub_store::{
    SaleRow,
    fleet::{self, FleetBoard, LogRow, UnitRow, UnitState},
    raw,
};
use serde::Serialize;
use utoipa::ToSchema;

/// No, and why.
#[derive(Serialize, ToSchema)]
pub(super) struct Refused {
    /// The stable code.
    code: String,
    /// What is wrong, a sentence.
    what: String,
    /// What to do, a sentence.
    todo: String,
}

/// The fleet; good, bad and not heard from add up to the total.
#[derive(Serialize, ToSchema)]
pub(super) struct Fleet {
    good: u64,
    bad: u64,
    not_heard_from: u64,
    total: u64,
    units: Vec<Unit>,
}

impl Fleet {
    pub(super) fn of(board: &FleetBoard) -> Self {
        let counts = board.counts;
        Self {
            good: counts.good,
            bad: counts.bad,
            not_heard_from: counts.not_heard_from,
            total: counts.total(),
            units: board.units.iter().map(Unit::of).collect(),
        }
    }
}

/// A unit, and what its till told last. Times are seconds since 1970, UTC.
#[derive(Serialize, ToSchema)]
pub(super) struct Unit {
    /// Its label.
    unit: String,
    depot: String,
    /// Whether it should be there.
    expected: bool,
    /// `good`, `bad` or `not_heard_from`.
    state: &'static str,
    /// Why it is not good, as stable codes.
    reasons: Vec<&'static str>,
    /// The log that it writes now.
    log: Option<String>,
    /// Whether a clerk has confirmed that log's key.
    confirmed: bool,
    /// The last entry that the hub has.
    seq: u64,
    /// The last entry that the till has, as far as it told.
    last_seq: u64,
    /// Sales that the till had still to send.
    sales_unsent: u64,
    /// When it was heard from.
    seen_at: Option<i64>,
    /// By how many seconds its clock is ahead.
    clock_off_s: Option<i64>,
    /// Program and version.
    program: String,
    /// Version of its card image.
    image: Option<String>,
    /// Where it stood.
    place: Option<String>,
    /// What is wrong with its devices, as codes.
    troubles: Vec<String>,
    bundles: Vec<Bundle>,
}

/// A bundle that a till holds.
#[derive(Serialize, ToSchema)]
pub(super) struct Bundle {
    role: String,
    version: u64,
}

impl Unit {
    pub(super) fn of(row: &UnitRow) -> Self {
        let report = &row.report;
        Self {
            unit: row.unit.clone(),
            depot: row.depot.clone(),
            expected: row.expected,
            state: match row.state {
                UnitState::Good => "good",
                UnitState::Bad => "bad",
                UnitState::NotHeardFrom => "not_heard_from",
            },
            reasons: row.reasons.iter().map(|reason| reason.code()).collect(),
            log: row.log_id().map(|log| log.to_string()),
            confirmed: row.log.as_ref().is_some_and(|log| log.confirmed.is_some()),
            seq: row.seq,
            last_seq: report.last_seq.max(row.seq),
            sales_unsent: report.sales_unsent,
            seen_at: report.seen_s,
            clock_off_s: report.clock_off_s,
            program: report.program.clone(),
            image: report.image.clone(),
            place: report.place.clone(),
            troubles: report.troubles.clone(),
            bundles: report.bundles.iter().map(|held| Bundle { role: held.role.clone(), version: held.version }).collect(),
        }
    }
}

/// A unit with its logs, oldest first, and its alerts, newest first.
#[derive(Serialize, ToSchema)]
pub(super) struct UnitPage {
    pub(super) unit: Unit,
    pub(super) logs: Vec<Log>,
    pub(super) alerts: Vec<Alert>,
}

/// A log.
#[derive(Serialize, ToSchema)]
pub(super) struct Log {
    /// Its identity.
    log: String,
    /// The board's serial number.
    board: Option<String>,
    enrolled_at: i64,
    confirmed_at: Option<i64>,
    revoked_at: Option<i64>,
    forked_at: Option<i64>,
    /// The log whose place it took.
    succeeds: Option<String>,
    /// The log that took its place.
    succeeded_by: Option<String>,
    branches: Vec<Branch>,
}

/// A branch of a log; 0 is the first seen.
#[derive(Serialize, ToSchema)]
pub(super) struct Branch {
    branch: u64,
    /// The branch that it left.
    parent: Option<u64>,
    /// The first entry that is its own.
    first_own_seq: u64,
    last_seq: u64,
    /// The head after the last entry.
    head: String,
}

impl Log {
    pub(super) fn of(log: &LogRow, branches: &[raw::Branch]) -> Self {
        Self {
            log: log.log.to_string(),
            board: log.board.clone(),
            enrolled_at: log.enrolled_s,
            confirmed_at: log.confirmed.as_ref().map(|(at, _)| *at),
            revoked_at: log.revoked.as_ref().map(|(at, _, _)| *at),
            forked_at: log.forked_s,
            succeeds: log.succeeds.map(|log| log.to_string()),
            succeeded_by: log.succeeded_by.map(|log| log.to_string()),
            branches: branches
                .iter()
                .map(|branch| Branch {
                    branch: branch.branch,
                    parent: branch.parent,
                    first_own_seq: branch.first_own_seq,
                    last_seq: branch.last_seq,
                    head: branch.head.to_string(),
                })
                .collect(),
        }
    }
}

/// Sales.
#[derive(Serialize, ToSchema)]
pub(super) struct Sales {
    pub(super) sales: Vec<Sale>,
    /// `after` of the next question, where this answer is full.
    pub(super) next: Option<String>,
}

/// A sale, or what takes one back.
#[derive(Serialize, ToSchema)]
pub(super) struct Sale {
    unit: String,
    log: String,
    /// The branch of the log; above 0 the sale is in quarantine and in no sum.
    branch: u64,
    /// The entry.
    seq: u64,
    /// The register designation on the receipt.
    register: String,
    receipt_no: u64,
    /// `sale`, `refund` or `void`.
    kind: String,
    /// The receipt that it takes back.
    corrects: Option<u64>,
    /// Practice: no money.
    training: bool,
    /// Gross before cash rounding, a decimal: `45.00`; negative when it goes back.
    total: String,
    /// VAT contained in it, a decimal.
    vat: String,
    /// As `SEK`.
    currency: String,
    /// `cash`, `card`, `mixed` or `none`.
    payment: String,
    /// The operating day: `2026-10-05`.
    day: String,
    /// When, by the till's clock, with its offset: `2026-10-05T14:05:00+02:00`.
    at: String,
    /// Whether that clock could be believed.
    clock_trusted: bool,
    /// `seq` of the trip's start in the same log.
    trip: Option<u64>,
    /// The leg of the trip, from 0.
    leg: Option<i64>,
    /// Who sold.
    crew: String,
}

impl Sale {
    pub(super) fn of(sale: &SaleRow) -> Self {
        Self {
            unit: sale.unit.clone(),
            log: sale.log.to_string(),
            branch: sale.branch,
            seq: sale.seq,
            register: sale.register.clone(),
            receipt_no: sale.receipt_no,
            kind: sale.kind.clone(),
            corrects: sale.corrects,
            training: sale.training,
            total: decimal(sale.total_minor),
            vat: decimal(sale.vat_minor),
            currency: sale.currency.clone(),
            payment: sale.payment.clone(),
            day: format!("{:04}-{:02}-{:02}", sale.day / 10_000, sale.day / 100 % 100, sale.day % 100),
            at: local_time(sale.wall_s, sale.offset_min),
            clock_trusted: sale.trusted,
            trip: Some(sale.trip).filter(|trip| *trip > 0),
            leg: Some(sale.leg).filter(|leg| *leg >= 0),
            crew: sale.crew.clone(),
        }
    }
}

/// Every currency that is sold in has two decimals.
fn decimal(minor: i64) -> String {
    let sign = if minor < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", minor.unsigned_abs() / 100, minor.unsigned_abs() % 100)
}

/// Empty for a time that no calendar has.
fn local_time(wall_s: i64, offset_min: i64) -> String {
    let offset = i32::try_from(offset_min * 60).ok().and_then(FixedOffset::east_opt);
    let at = offset.and_then(|offset| offset.timestamp_opt(wall_s, 0).single());
    at.map_or_else(String::new, |at| at.to_rfc3339())
}

/// Alerts.
#[derive(Serialize, ToSchema)]
pub(super) struct Alerts {
    pub(super) alerts: Vec<Alert>,
}

/// Something to look at.
#[derive(Serialize, ToSchema)]
pub(super) struct Alert {
    /// What, a stable code.
    code: String,
    unit: Option<String>,
    log: Option<String>,
    /// When it began.
    raised_at: i64,
    /// When it was seen last.
    last_at: i64,
    /// How often.
    count: u64,
    /// More, as `key=value` pairs.
    details: String,
    settled_at: Option<i64>,
}

impl Alert {
    pub(super) fn of(alert: &fleet::Alert) -> Self {
        Self {
            code: alert.code.clone(),
            unit: Some(alert.unit.clone()).filter(|unit| !unit.is_empty()),
            log: alert.log.map(|log| log.to_string()),
            raised_at: alert.raised_s,
            last_at: alert.last_s,
            count: alert.count,
            details: alert.details.clone(),
            settled_at: alert.settled.as_ref().map(|(at, _)| *at),
        }
    }
}

/// Entries of a branch.
#[derive(Serialize, ToSchema)]
pub(super) struct Entries {
    pub(super) log: String,
    /// The log's public key, Ed25519.
    pub(super) public: String,
    pub(super) branch: u64,
    pub(super) entries: Vec<Entry>,
    /// `from` of the next answer, where this one is full.
    pub(super) next: Option<u64>,
}

/// An entry as the till wrote it.
#[derive(Serialize, ToSchema)]
pub(super) struct Entry {
    pub(super) seq: u64,
    /// Base64 of its CBOR.
    pub(super) bytes: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_and_times_are_texts_that_say_all() {
        assert_eq!(["45.00", "0.05", "-0.05", "-12.30"], [4500, 5, -5, -1230].map(decimal)[..]);
        assert_eq!(local_time(0, 120), "1970-01-01T02:00:00+02:00");
        assert_eq!(local_time(i64::MAX, 0), "");
        assert_eq!(local_time(0, i64::MAX / 60), "");
    }
}
