//! The fleet on one board: every unit is good, bad or not heard from, and the three add up.

use std::collections::HashMap;

use journal::LogId;

use super::{
    Alert, LogRow, SILENT_DAYS, SILENT_DAYS_SETTING,
    alerts::{self, code},
    heard::{self, LastReport},
    log_row,
};
use crate::{Fault, HubStore, engine::Row};

const DAY_S: i64 = 24 * 60 * 60;

/// Where a unit stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UnitState {
    /// Heard from lately, and nothing is wrong.
    Good,
    /// Heard from lately, and somebody must look.
    Bad,
    /// Not heard from lately, or never: nobody knows.
    NotHeardFrom,
}

/// Why a unit is not good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// No log has been enrolled for it.
    NoLog,
    /// Enrolled and never heard from.
    NeverHeard,
    /// Silent for longer than the setting allows.
    Silent,
    /// Two cards write one log.
    Forked,
    /// Its only key is revoked, or a revoked key posts.
    Revoked,
    /// More than one of its logs is in use.
    TwoLogs,
    /// Its key waits for a clerk.
    Unconfirmed,
    /// Its log was let in because another vouched for it, and nobody has looked yet.
    Vouched,
    /// A post came that was not its own, or broken.
    BadPost,
    /// Heard from, and yet its entries do not come through.
    Behind,
    /// Its clock is far off.
    Clock,
    /// A device is in trouble.
    Device,
    /// It is heard from although it is not expected.
    NotExpected,
    /// Another alert stands open.
    Alert,
}

impl Reason {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoLog => "unit.no-log",
            Self::NeverHeard => "unit.never-heard",
            Self::Silent => "unit.silent",
            Self::Forked => "log.forked",
            Self::Revoked => "log.revoked",
            Self::TwoLogs => "unit.two-logs",
            Self::Unconfirmed => "log.unconfirmed",
            Self::Vouched => "log.vouched",
            Self::BadPost => "batch.refused",
            Self::Behind => "till.behind",
            Self::Clock => "till.clock",
            Self::Device => "till.device",
            Self::NotExpected => "unit.not-expected",
            Self::Alert => "unit.alert",
        }
    }
}

/// A unit on the board.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitRow {
    /// Its label.
    pub unit: String,
    /// Its depot.
    pub depot: String,
    /// A note.
    pub note: String,
    /// Whether it should be there.
    pub expected: bool,
    /// Where it stands.
    pub state: UnitState,
    /// Why it is not good, the weightiest first; empty when it is.
    pub reasons: Vec<Reason>,
    /// The log that it writes now.
    pub log: Option<LogRow>,
    /// How many logs it has had.
    pub logs: u64,
    /// How far the hub has its log.
    pub seq: u64,
    /// What it told last; empty when it never did.
    pub report: LastReport,
    /// Its alerts that stand open.
    pub alerts: Vec<Alert>,
}

/// How many, and they add up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FleetCounts {
    /// Good units.
    pub good: u64,
    /// Bad ones.
    pub bad: u64,
    /// Those that nobody has heard from lately.
    pub not_heard_from: u64,
}

impl FleetCounts {
    /// The fleet.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.good + self.bad + self.not_heard_from
    }
}

/// The board.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FleetBoard {
    /// The units by label.
    pub units: Vec<UnitRow>,
    /// How many of them are what.
    pub counts: FleetCounts,
}

struct UnitLog {
    row: LogRow,
    seq: u64,
    report: LastReport,
}

impl HubStore {
    /// The fleet as of now: every unit that is expected, and every other that is heard from all the same.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn fleet(&self, now_s: i64) -> Result<FleetBoard, Fault> {
        let silent_s = self.silent_days()?.saturating_mul(DAY_S);
        let mut tx = self.engine.read()?;
        let mut logs: HashMap<String, Vec<UnitLog>> = HashMap::new();
        let columns = super::LOG_COLUMNS.split(", ").map(|column| format!("l.{column}")).collect::<Vec<_>>().join(", ");
        let reported = heard::COLUMNS.split(", ").map(|column| format!("r.{column}")).collect::<Vec<_>>().join(", ");
        let sql = format!(
            "SELECT {columns}, {reported}, b.last_seq FROM logs l JOIN reports r ON r.log_id = l.log_id \
             JOIN (SELECT log_id, CAST(MAX(last_seq) AS BIGINT) AS last_seq FROM branches GROUP BY log_id) b ON b.log_id = l.log_id \
             ORDER BY l.enrolled_at, l.log_id"
        );
        for row in &tx.query(&sql, &[])? {
            let log = UnitLog { row: log_row(row)?, report: heard::report(row, 13)?, seq: row.count(26)? };
            logs.entry(log.row.unit.clone()).or_default().push(log);
        }
        let mut open: HashMap<String, Vec<Alert>> = HashMap::new();
        for alert in alerts::open(&mut *tx)? {
            open.entry(alert.unit.clone()).or_default().push(alert);
        }
        let mut board = FleetBoard::default();
        for row in &tx.query("SELECT unit, depot, note, expected FROM units ORDER BY unit", &[])? {
            let unit = row.text(0)?;
            let row = unit_row(row, logs.remove(unit).unwrap_or_default(), open.remove(unit).unwrap_or_default(), now_s, silent_s)?;
            if row.expected || row.reasons.contains(&Reason::NotExpected) {
                *match row.state {
                    UnitState::Good => &mut board.counts.good,
                    UnitState::Bad => &mut board.counts.bad,
                    UnitState::NotHeardFrom => &mut board.counts.not_heard_from,
                } += 1;
                board.units.push(row);
            }
        }
        Ok(board)
    }

    /// Days without contact after which a unit counts as not heard from.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn silent_days(&self) -> Result<i64, Fault> {
        let kept = self.setting(SILENT_DAYS_SETTING)?;
        let days = kept.and_then(|digits| String::from_utf8(digits).ok()?.parse::<u16>().ok());
        Ok(days.map_or(SILENT_DAYS.cast_signed(), i64::from))
    }
}

fn unit_row(row: &Row, logs: Vec<UnitLog>, alerts: Vec<Alert>, now_s: i64, silent_s: i64) -> Result<UnitRow, Fault> {
    let expected = row.int(3)? != 0;
    let count = logs.len() as u64;
    let lately = |log: &UnitLog| log.report.seen_s.is_some_and(|seen| now_s - seen <= silent_s);
    let live = |log: &UnitLog| log.row.revoked.is_none() && log.row.succeeded_by.is_none();
    let heard = logs.iter().any(&lately);
    let in_use = logs.iter().filter(|log| live(log) && lately(log)).count();
    let last = logs.iter().rposition(live).or_else(|| logs.len().checked_sub(1));
    let current = last.and_then(|last| logs.into_iter().nth(last));
    let mut reasons = Vec::new();
    match &current {
        None => reasons.push(Reason::NoLog),
        Some(log) => {
            if !heard {
                reasons.push(if log.report.seen_s.is_none() && count == 1 { Reason::NeverHeard } else { Reason::Silent });
            }
            let wrong = [
                (log.row.revoked.is_some(), Reason::Revoked),
                (in_use > 1, Reason::TwoLogs),
                (log.row.revoked.is_none() && log.row.confirmed.is_none(), Reason::Unconfirmed),
                (!log.report.troubles.is_empty(), Reason::Device),
                (heard && !expected, Reason::NotExpected),
            ];
            reasons.extend(wrong.into_iter().filter_map(|(wrong, reason)| wrong.then_some(reason)));
        }
    }
    reasons.extend(alerts.iter().map(|alert| reason_of(&alert.code)));
    reasons.sort_unstable();
    reasons.dedup();
    let state = match (heard, reasons.is_empty()) {
        (false, _) => UnitState::NotHeardFrom,
        (true, true) => UnitState::Good,
        (true, false) => UnitState::Bad,
    };
    let (log, seq, report) = current.map_or((None, 0, LastReport::default()), |log| (Some(log.row), log.seq, log.report));
    let text = |column| row.text(column).map(str::to_owned);
    Ok(UnitRow { unit: text(0)?, depot: text(1)?, note: text(2)?, expected, state, reasons, log, logs: count, seq, report, alerts })
}

fn reason_of(alert: &str) -> Reason {
    match alert {
        code::FORK => Reason::Forked,
        code::REVOKED => Reason::Revoked,
        code::UNCONFIRMED => Reason::Unconfirmed,
        code::VOUCHED => Reason::Vouched,
        code::SIGNATURE | code::CHAIN => Reason::BadPost,
        code::BEHIND => Reason::Behind,
        code::CLOCK => Reason::Clock,
        _ => Reason::Alert,
    }
}

impl UnitRow {
    /// The log that it writes now.
    #[must_use]
    pub fn log_id(&self) -> Option<LogId> {
        self.log.as_ref().map(|log| log.log)
    }
}
