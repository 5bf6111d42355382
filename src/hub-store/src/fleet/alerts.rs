//! What people must look at: raised once, counted while it lasts, settled when it is over. And what was refused, counted.

use journal::LogId;

use crate::{
    Fault, HubStore,
    engine::{Row, Tx},
    params,
};

/// The stable codes.
pub mod code {
    /// Two cards write one log.
    pub const FORK: &str = "log.forked";
    /// A key waits for a clerk.
    pub const UNCONFIRMED: &str = "log.unconfirmed";
    /// A log came that another vouched for.
    pub const VOUCHED: &str = "log.vouched";
    /// A key that nobody enrolled posts.
    pub const UNKNOWN: &str = "log.unknown";
    /// A revoked key posts.
    pub const REVOKED: &str = "log.revoked";
    /// A post came under a signature that is not the log's.
    pub const SIGNATURE: &str = "batch.signature";
    /// A post's head does not follow from its entries.
    pub const CHAIN: &str = "batch.chain";
    /// A till is heard from and yet does not get its entries through.
    pub const BEHIND: &str = "till.behind";
    /// A till's clock is far off.
    pub const CLOCK: &str = "till.clock";
}

/// Refusals of these codes are also alerts.
const ALARMING: [&str; 4] = [code::UNKNOWN, code::REVOKED, code::SIGNATURE, code::CHAIN];
/// Where no known log is concerned.
const NO_LOG: LogId = LogId([0; 32]);

/// Something to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// The log; none where no known log is concerned.
    pub log: Option<LogId>,
    /// What, one of [`code`].
    pub code: String,
    /// When it began.
    pub raised_s: i64,
    /// The unit; empty where none is concerned.
    pub unit: String,
    /// More, as `key=value` pairs.
    pub details: String,
    /// How often it was seen.
    pub count: u64,
    /// When it was seen last.
    pub last_s: i64,
    /// When it was over, and who said so; `hub` for the hub itself.
    pub settled: Option<(i64, String)>,
}

/// A kind of refusal, counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusalCount {
    /// The log; none where no known log is concerned.
    pub log: Option<LogId>,
    /// The refusal's stable code.
    pub code: String,
    /// How often.
    pub count: u64,
    /// The first time.
    pub first_s: i64,
    /// The last time.
    pub last_s: i64,
    /// What the last one was about.
    pub last_details: String,
}

impl HubStore {
    /// Raises an alert, or counts it where it stands open.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn raise_alert(&self, code: &str, log: Option<&LogId>, unit: &str, details: &str, now_s: i64) -> Result<(), Fault> {
        let mut tx = self.engine.write()?;
        raise(&mut *tx, code, log.unwrap_or(&NO_LOG), unit, details, now_s)?;
        tx.commit()
    }

    /// An alert is over: all that stand open under this code for this log (and unit, where there is no log). Answers whether there was one.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn settle_alert(&self, code: &str, log: Option<&LogId>, unit: &str, by: &str, now_s: i64) -> Result<bool, Fault> {
        let mut tx = self.engine.write()?;
        let sql = "UPDATE alerts SET settled_at = $1, settled_by = $2 WHERE log_id = $3 AND code = $4 AND unit = $5 AND settled_at IS NULL";
        let settled = tx.execute(sql, params![now_s, by, log.unwrap_or(&NO_LOG).0, code, unit])? > 0;
        tx.commit()?;
        Ok(settled)
    }

    /// Alerts, newest first: those that stand open, or all; at most `limit`.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn alerts(&self, open_only: bool, limit: u32) -> Result<Vec<Alert>, Fault> {
        let which = if open_only { "WHERE settled_at IS NULL" } else { "" };
        let sql = format!("SELECT {COLUMNS} FROM alerts {which} ORDER BY last_at DESC, log_id, code LIMIT $1");
        self.engine.read()?.query(&sql, params![limit])?.iter().map(alert).collect()
    }

    /// Alerts of one unit, newest first, at most `limit`.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn alerts_of(&self, unit: &str, limit: u32) -> Result<Vec<Alert>, Fault> {
        let sql = format!("SELECT {COLUMNS} FROM alerts WHERE unit = $1 ORDER BY last_at DESC, log_id, code LIMIT $2");
        self.engine.read()?.query(&sql, params![unit, limit])?.iter().map(alert).collect()
    }

    /// Counts a refusal, and raises an alert where its code asks for one. Answers how often it has happened: 1 is worth a line in the log.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn count_refusal(&self, code: &str, log: Option<&LogId>, details: &str, now_s: i64) -> Result<u64, Fault> {
        let mut tx = self.engine.write()?;
        let known = match log {
            Some(log) => tx.query("SELECT unit FROM logs WHERE log_id = $1", params![log.0])?,
            None => Vec::new(),
        };
        // Anybody can make keys, so what unknown ones do is counted in one row.
        let (key, unit) = match (known.first(), log) {
            (Some(row), Some(log)) => (*log, row.text(0)?.to_owned()),
            _ => (NO_LOG, String::new()),
        };
        let details = match log {
            Some(log) if key == NO_LOG => format!("log={log} {}", super::cut(details)),
            _ => super::cut(details),
        };
        let sql = "INSERT INTO refusals (log_id, code, count, first_at, last_at, last_details) VALUES ($1, $2, 1, $3, $3, $4) \
                   ON CONFLICT (log_id, code) DO UPDATE \
                   SET count = refusals.count + 1, last_at = excluded.last_at, last_details = excluded.last_details \
                   RETURNING count";
        let rows = tx.query(sql, params![key.0, code, now_s, details.as_str()])?;
        let count = rows.first().map_or(Ok(0), |row| row.count(0))?;
        if ALARMING.contains(&code) {
            raise(&mut *tx, code, &key, &unit, &details, now_s)?;
        }
        tx.commit()?;
        Ok(count)
    }

    /// All refusals, counted.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn refusals(&self) -> Result<Vec<RefusalCount>, Fault> {
        let sql = "SELECT log_id, code, count, first_at, last_at, last_details FROM refusals ORDER BY last_at DESC, log_id, code";
        let count = |row: &Row| {
            Ok(RefusalCount {
                log: known(row.fixed(0)?),
                code: row.text(1)?.to_owned(),
                count: row.count(2)?,
                first_s: row.int(3)?,
                last_s: row.int(4)?,
                last_details: row.text(5)?.to_owned(),
            })
        };
        self.engine.read()?.query(sql, &[])?.iter().map(count).collect()
    }
}

const COLUMNS: &str = "log_id, code, raised_at, unit, details, count, last_at, settled_at, settled_by";

fn known(log: [u8; 32]) -> Option<LogId> {
    (log != NO_LOG.0).then_some(LogId(log))
}

pub(super) fn alert(row: &Row) -> Result<Alert, Fault> {
    Ok(Alert {
        log: known(row.fixed(0)?),
        code: row.text(1)?.to_owned(),
        raised_s: row.int(2)?,
        unit: row.text(3)?.to_owned(),
        details: row.text(4)?.to_owned(),
        count: row.count(5)?,
        last_s: row.int(6)?,
        settled: row.maybe_int(7)?.map(|at| Ok::<_, Fault>((at, row.maybe_text(8)?.unwrap_or_default().to_owned()))).transpose()?,
    })
}

/// All that stand open.
pub(super) fn open(tx: &mut dyn Tx) -> Result<Vec<Alert>, Fault> {
    tx.query(&format!("SELECT {COLUMNS} FROM alerts WHERE settled_at IS NULL ORDER BY raised_at"), &[])?.iter().map(alert).collect()
}

/// Raises an alert, or counts it where it stands open.
pub(crate) fn raise(tx: &mut dyn Tx, code: &str, log: &LogId, unit: &str, details: &str, now_s: i64) -> Result<(), Fault> {
    let sql = "UPDATE alerts SET count = count + 1, last_at = $1, details = $2 \
               WHERE log_id = $3 AND code = $4 AND unit = $5 AND settled_at IS NULL";
    if tx.execute(sql, params![now_s, details, log.0, code, unit])? > 0 {
        return Ok(());
    }
    let sql = "INSERT INTO alerts (log_id, code, raised_at, unit, details, count, last_at) VALUES ($1, $2, $3, $4, $5, 1, $3) \
               ON CONFLICT (log_id, code, unit, raised_at) DO UPDATE \
               SET count = alerts.count + 1, details = excluded.details, settled_at = NULL, settled_by = NULL";
    tx.execute(sql, params![log.0, code, now_s, unit, details]).map(drop)
}

/// The alert of this log is over.
pub(crate) fn settle(tx: &mut dyn Tx, code: &str, log: &LogId, by: &str, now_s: i64) -> Result<(), Fault> {
    let sql = "UPDATE alerts SET settled_at = $1, settled_by = $2 WHERE log_id = $3 AND code = $4 AND settled_at IS NULL";
    tx.execute(sql, params![now_s, by, log.0, code]).map(drop)
}
