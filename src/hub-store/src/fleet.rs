//! The fleet: units, their logs, what they told of themselves last, and who may join.
//!
//! A unit is a label; its logs come one after another. What a till reports is kept with each append, in the same transaction.

mod alerts;
mod board;
mod enrol;
mod heard;
mod watch;

pub use alerts::{Alert, code as alert_code};
pub use board::{FleetBoard, FleetCounts, Reason, UnitRow, UnitState};
pub use enrol::{EnrolRefusal, Enrolled, REGISTERS_MAX, TOKEN_S};
pub use heard::{BEHIND_S_MAX, CLOCK_OFF_S_MAX, LastReport};

pub(crate) use alerts::{raise, settle};
pub(crate) use enrol::log_of;
pub(crate) use heard::{Known, heard, lock_log};

use journal::LogId;
use wire::Bytes32;

use crate::{
    Fault, HubStore,
    audit::{self, Note},
    engine::{Row, Tx},
    params,
};

/// Days without contact after which a unit counts as not heard from, unless the setting says otherwise.
pub const SILENT_DAYS: u64 = 3;
/// The setting's name; its value is digits.
pub const SILENT_DAYS_SETTING: &str = "fleet.silent_days";
/// The most characters of a unit's label: as many as a till prints.
pub const UNIT_CHARS_MAX: usize = 10;
/// The most characters of a note, a reason or a name.
pub const TEXT_CHARS_MAX: usize = 400;

pub(crate) const SCHEMA: &[&str] = &[
    "CREATE TABLE IF NOT EXISTS units (unit TEXT PRIMARY KEY, depot TEXT NOT NULL, note TEXT NOT NULL, expected BIGINT NOT NULL, \
     made_at BIGINT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS tokens (secret_hash {BLOB} PRIMARY KEY, unit TEXT NOT NULL, made_by TEXT NOT NULL, made_at BIGINT NOT NULL, \
     expires_at BIGINT NOT NULL, used_at BIGINT, used_by {BLOB})",
    "CREATE TABLE IF NOT EXISTS reports (log_id {BLOB} PRIMARY KEY, seen_at BIGINT, wall_at BIGINT, clock_trust BIGINT NOT NULL, \
     program TEXT NOT NULL, last_seq BIGINT NOT NULL, sales_unsent BIGINT NOT NULL, bundles TEXT NOT NULL, image TEXT, place TEXT, \
     troubles TEXT NOT NULL, behind_since BIGINT, clock_off_s BIGINT, address TEXT)",
    "CREATE TABLE IF NOT EXISTS alerts (log_id {BLOB} NOT NULL, code TEXT NOT NULL, raised_at BIGINT NOT NULL, unit TEXT NOT NULL, \
     details TEXT NOT NULL, count BIGINT NOT NULL, last_at BIGINT NOT NULL, settled_at BIGINT, settled_by TEXT, \
     PRIMARY KEY (log_id, code, unit, raised_at))",
    "CREATE INDEX IF NOT EXISTS alerts_open ON alerts (settled_at, unit)",
    "CREATE TABLE IF NOT EXISTS refusals (log_id {BLOB} NOT NULL, code TEXT NOT NULL, count BIGINT NOT NULL, first_at BIGINT NOT NULL, \
     last_at BIGINT NOT NULL, last_details TEXT NOT NULL, PRIMARY KEY (log_id, code))",
];

/// Why something about the fleet is not done.
#[derive(Debug, thiserror::Error)]
pub enum FleetRefusal {
    /// The label is empty, too long, or has other characters than ASCII letters and digits: no till could print it.
    #[error("a unit's label has 1 to {UNIT_CHARS_MAX} letters a-z and digits, as it stands on receipts")]
    UnitLabel,
    /// There is no such unit.
    #[error("there is no such unit")]
    UnitUnknown,
    /// There is no such log.
    #[error("there is no such log")]
    LogUnknown,
    /// The log's key has been revoked; that is not taken back.
    #[error("this log's key has been revoked, and that is not taken back")]
    LogRevoked,
    /// A text is longer than it may be.
    #[error("a text here has at most {TEXT_CHARS_MAX} characters")]
    TextLong,
    /// The database failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// A log that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogRow {
    /// Its identity.
    pub log: LogId,
    /// Its public key.
    pub public: [u8; 32],
    /// The unit that it belongs to.
    pub unit: String,
    /// The board's serial number, where it has one.
    pub board: Option<String>,
    /// When it was enrolled.
    pub enrolled_s: i64,
    /// When its key was confirmed, and by whom.
    pub confirmed: Option<(i64, String)>,
    /// When its key was revoked, by whom and why.
    pub revoked: Option<(i64, String, String)>,
    /// When its first fork was seen.
    pub forked_s: Option<i64>,
    /// The log whose place it took.
    pub succeeds: Option<Bytes32>,
    /// The log that took its place.
    pub succeeded_by: Option<Bytes32>,
}

pub(crate) const LOG_COLUMNS: &str = "log_id, public, unit, board, enrolled_at, confirmed_at, confirmed_by, revoked_at, revoked_by, \
     revoked_why, forked_at, succeeds, succeeded_by";

impl HubStore {
    /// Adds a unit, or changes what is said of it. An expected unit counts in the fleet whether or not it has ever been heard from.
    ///
    /// # Errors
    /// [`FleetRefusal::UnitLabel`], [`FleetRefusal::TextLong`].
    pub fn set_unit(&self, unit: &str, depot: &str, note: &str, expected: bool, now_s: i64) -> Result<(), FleetRefusal> {
        check_label(unit)?;
        check_text(depot)?;
        check_text(note)?;
        let mut tx = self.engine.write()?;
        let sql = "INSERT INTO units (unit, depot, note, expected, made_at) VALUES ($1, $2, $3, $4, $5) \
                   ON CONFLICT (unit) DO UPDATE SET depot = excluded.depot, note = excluded.note, expected = excluded.expected";
        tx.execute(sql, params![unit, depot, note, expected, now_s])?;
        Ok(tx.commit()?)
    }

    /// A log.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn log(&self, log: &LogId) -> Result<Option<LogRow>, Fault> {
        let sql = format!("SELECT {LOG_COLUMNS} FROM logs WHERE log_id = $1");
        self.engine.read()?.query(&sql, params![log.0])?.first().map(log_row).transpose()
    }

    /// The logs of a unit, oldest first.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn logs_of(&self, unit: &str) -> Result<Vec<LogRow>, Fault> {
        let sql = format!("SELECT {LOG_COLUMNS} FROM logs WHERE unit = $1 ORDER BY enrolled_at, log_id");
        self.engine.read()?.query(&sql, params![unit])?.iter().map(log_row).collect()
    }

    /// A clerk has compared the short codes. Answers whether it was new.
    ///
    /// # Errors
    /// [`FleetRefusal::LogUnknown`], [`FleetRefusal::LogRevoked`], [`FleetRefusal::TextLong`].
    pub fn confirm(&self, log: &LogId, by: &str, now_s: i64) -> Result<bool, FleetRefusal> {
        check_text(by)?;
        let mut tx = self.engine.write()?;
        let known = lock_log(&mut *tx, log)?.ok_or(FleetRefusal::LogUnknown)?;
        if known.revoked {
            return Err(FleetRefusal::LogRevoked);
        }
        let sql = "UPDATE logs SET confirmed_at = $1, confirmed_by = $2 WHERE log_id = $3 AND confirmed_at IS NULL";
        let new = tx.execute(sql, params![now_s, by, log.0])? > 0;
        settle(&mut *tx, alert_code::UNCONFIRMED, log, by, now_s)?;
        settle(&mut *tx, alert_code::VOUCHED, log, by, now_s)?;
        if new {
            audit::note(&mut *tx, &Note::new(by, "confirm", &known.unit, &log.to_string()), now_s)?;
        }
        tx.commit()?;
        Ok(new)
    }

    /// From now on nothing that this key signs is taken. Answers whether it was new.
    ///
    /// # Errors
    /// [`FleetRefusal::LogUnknown`], [`FleetRefusal::TextLong`].
    pub fn revoke(&self, log: &LogId, by: &str, why: &str, now_s: i64) -> Result<bool, FleetRefusal> {
        check_text(by)?;
        check_text(why)?;
        let mut tx = self.engine.write()?;
        let known = lock_log(&mut *tx, log)?.ok_or(FleetRefusal::LogUnknown)?;
        let sql = "UPDATE logs SET revoked_at = $1, revoked_by = $2, revoked_why = $3 WHERE log_id = $4 AND revoked_at IS NULL";
        let new = tx.execute(sql, params![now_s, by, why, log.0])? > 0;
        for over in [alert_code::UNCONFIRMED, alert_code::VOUCHED, alert_code::BEHIND, alert_code::CLOCK] {
            settle(&mut *tx, over, log, by, now_s)?;
        }
        if new {
            audit::note(&mut *tx, &Note::new(by, "revoke", &known.unit, &format!("{log} {why}")), now_s)?;
        }
        tx.commit()?;
        Ok(new)
    }
}

pub(crate) fn check_label(unit: &str) -> Result<(), FleetRefusal> {
    let fits = (1..=UNIT_CHARS_MAX).contains(&unit.len());
    let plain = unit.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if fits && plain { Ok(()) } else { Err(FleetRefusal::UnitLabel) }
}

fn check_text(text: &str) -> Result<(), FleetRefusal> {
    if text.chars().count() > TEXT_CHARS_MAX { Err(FleetRefusal::TextLong) } else { Ok(()) }
}

/// A text from outside, cut to what is kept of it.
fn cut(text: &str) -> String {
    text.chars().filter(|char| !char.is_control()).take(TEXT_CHARS_MAX).collect()
}

/// Writes a log that is new: its row, its branch 0, an empty report. Answers whether it was new.
pub(crate) fn add_log(tx: &mut dyn Tx, new: &NewLog<'_>, now_s: i64) -> Result<bool, Fault> {
    let log = new.log;
    let sql = "INSERT INTO logs (log_id, public, unit, board, program, enrolled_at, succeeds) VALUES ($1, $2, $3, $4, $5, $6, $7) \
               ON CONFLICT (log_id) DO NOTHING";
    let succeeds = new.succeeds.map(|log| log.0);
    if tx.execute(sql, params![log.0, *new.public, new.unit, new.board.map(cut), cut(new.program), now_s, succeeds])? == 0 {
        return Ok(false);
    }
    let sql = "INSERT INTO branches (log_id, branch, parent, first_own_seq, last_seq, head, begun_at) VALUES ($1, 0, NULL, 1, 0, $2, $3)";
    tx.execute(sql, params![log.0, log.0, now_s])?;
    let sql =
        "INSERT INTO reports (log_id, clock_trust, program, last_seq, sales_unsent, bundles, troubles) VALUES ($1, 0, $2, 0, 0, '', '')";
    tx.execute(sql, params![log.0, cut(new.program)])?;
    raise(tx, alert_code::UNCONFIRMED, log, new.unit, "", now_s)?;
    Ok(true)
}

/// A log to be added.
pub(crate) struct NewLog<'a> {
    pub log: &'a LogId,
    pub public: &'a [u8; 32],
    pub unit: &'a str,
    pub board: Option<&'a str>,
    pub program: &'a str,
    pub succeeds: Option<LogId>,
}

pub(crate) fn log_row(row: &Row) -> Result<LogRow, Fault> {
    let text = |column| row.maybe_text(column).map(|text| text.unwrap_or_default().to_owned());
    let bytes = |column: usize| match row.0.get(column) {
        Some(crate::engine::Value::Null) => Ok(None),
        _ => row.fixed(column).map(|bytes| Some(Bytes32(bytes))),
    };
    Ok(LogRow {
        log: LogId(row.fixed(0)?),
        public: row.fixed(1)?,
        unit: row.text(2)?.to_owned(),
        board: row.maybe_text(3)?.map(str::to_owned),
        enrolled_s: row.int(4)?,
        confirmed: row.maybe_int(5)?.map(|at| Ok::<_, Fault>((at, text(6)?))).transpose()?,
        revoked: row.maybe_int(7)?.map(|at| Ok::<_, Fault>((at, text(8)?, text(9)?))).transpose()?,
        forked_s: row.maybe_int(10)?,
        succeeds: bytes(11)?,
        succeeded_by: bytes(12)?,
    })
}
