//! What does not add up, and what could not be read.

use journal::LogId;

use crate::{Fault, HubStore, engine::Row, params};

/// The most findings, and the most shelved entries, of one list.
pub const FINDINGS_MAX: usize = 500;

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FindingKind {
    /// More was taken back of a receipt than was sold: `minor` back, `other_minor` sold.
    RefundExceeds,
    /// A receipt number stands there more than once: `minor` times, `other_minor` altogether.
    ReceiptDoubled,
    /// Two logs print the same register designation on their receipts: `minor` logs.
    RegisterDoubled,
    /// The log is written by two: `minor` sales on the branch, `other_minor` altogether, in no sum.
    Forked,
    /// A Z report says something else than its receipts: `minor` the report, `other_minor` the receipts.
    ZDiffers,
    /// Receipt numbers are missing: `minor` of them from `no` on.
    ReceiptGap,
}

impl FindingKind {
    /// All of them, the gravest first.
    pub const ALL: [Self; 6] =
        [Self::RefundExceeds, Self::ReceiptDoubled, Self::RegisterDoubled, Self::Forked, Self::ZDiffers, Self::ReceiptGap];

    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::RefundExceeds => "refund.exceeds",
            Self::ReceiptDoubled => "receipt.doubled",
            Self::RegisterDoubled => "register.doubled",
            Self::Forked => "log.forked",
            Self::ZDiffers => "z.differs",
            Self::ReceiptGap => "receipt.gap",
        }
    }
}

/// One thing that somebody should look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What is wrong.
    pub kind: FindingKind,
    /// The log.
    pub log: LogId,
    /// The branch.
    pub branch: u64,
    /// The entry where it was seen.
    pub seq: u64,
    /// The unit.
    pub unit: String,
    /// The register designation.
    pub register: String,
    /// The number of the receipt or the Z report.
    pub no: u64,
    /// The currency of amounts; empty for counts.
    pub currency: String,
    /// See [`FindingKind`].
    pub minor: i64,
    /// See [`FindingKind`].
    pub other_minor: i64,
}

/// An entry that could not be understood, or not wholly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shelved {
    /// The log.
    pub log: LogId,
    /// The branch.
    pub branch: u64,
    /// The entry.
    pub seq: u64,
    /// The unit.
    pub unit: String,
    /// The operating day, as 20260601, as far as it is known.
    pub day: i64,
    /// The number of its kind, where it could be read.
    pub kind: Option<i64>,
    /// Its bytes.
    pub length: u64,
    /// Why.
    pub why: String,
}

impl HubStore {
    /// What does not add up, the gravest first, at most [`FINDINGS_MAX`] of each kind.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn findings(&self) -> Result<Vec<Finding>, Fault> {
        let mut tx = self.engine.read()?;
        let limit = FINDINGS_MAX as u64;
        let mut findings = Vec::new();
        for kind in FindingKind::ALL {
            let rows = match kind {
                FindingKind::RegisterDoubled => {
                    let sql = "SELECT p.log_id, p.branch, CAST(0 AS BIGINT), l.unit, p.register, CAST(0 AS BIGINT), '', d.logs, CAST(0 AS BIGINT) FROM projected p \
                               JOIN logs l ON l.log_id = p.log_id \
                               JOIN (SELECT register, COUNT(*) AS logs FROM projected WHERE branch = 0 AND register <> '' \
                               GROUP BY register HAVING COUNT(*) > 1) d ON d.register = p.register \
                               WHERE p.branch = 0 ORDER BY p.register, p.log_id LIMIT $1";
                    tx.query(sql, params![limit])?
                }
                FindingKind::Forked => {
                    let sql = "SELECT b.log_id, b.branch, b.first_own_seq, l.unit, COALESCE(p.register, ''), CAST(0 AS BIGINT), '', COALESCE(p.sales, 0), \
                               COALESCE(p.gross_minor, 0) FROM branches b JOIN logs l ON l.log_id = b.log_id \
                               LEFT JOIN projected p ON p.log_id = b.log_id AND p.branch = b.branch \
                               WHERE b.branch > 0 ORDER BY b.log_id, b.branch LIMIT $1";
                    tx.query(sql, params![limit])?
                }
                _ => {
                    let sql = "SELECT f.log_id, f.branch, f.seq, l.unit, COALESCE(p.register, ''), f.no, f.currency, f.minor, f.other_minor \
                               FROM findings f JOIN logs l ON l.log_id = f.log_id \
                               LEFT JOIN projected p ON p.log_id = f.log_id AND p.branch = f.branch \
                               WHERE f.kind = $1 ORDER BY f.log_id, f.branch, f.no LIMIT $2";
                    tx.query(sql, params![kind.code(), limit])?
                }
            };
            for row in &rows {
                findings.push(finding(kind, row)?);
            }
        }
        Ok(findings)
    }

    /// Entries that could not be understood, at most [`FINDINGS_MAX`].
    ///
    /// # Errors
    /// [`Fault`].
    pub fn shelved(&self) -> Result<Vec<Shelved>, Fault> {
        let sql = "SELECT s.log_id, s.branch, s.seq, l.unit, s.day, s.kind, s.length, s.why FROM shelved s JOIN logs l ON l.log_id = s.log_id \
                   ORDER BY s.day DESC, s.log_id, s.branch, s.seq LIMIT $1";
        let rows = self.engine.read()?.query(sql, params![FINDINGS_MAX as u64])?;
        let shelved = |row: &Row| {
            Ok(Shelved {
                log: LogId(row.fixed(0)?),
                branch: row.count(1)?,
                seq: row.count(2)?,
                unit: row.text(3)?.to_owned(),
                day: row.int(4)?,
                kind: row.maybe_int(5)?,
                length: row.count(6)?,
                why: row.text(7)?.to_owned(),
            })
        };
        rows.iter().map(shelved).collect()
    }
}

fn finding(kind: FindingKind, row: &Row) -> Result<Finding, Fault> {
    Ok(Finding {
        kind,
        log: LogId(row.fixed(0)?),
        branch: row.count(1)?,
        seq: row.count(2)?,
        unit: row.text(3)?.to_owned(),
        register: row.text(4)?.to_owned(),
        no: row.count(5)?,
        currency: row.text(6)?.to_owned(),
        minor: row.int(7)?,
        other_minor: row.int(8)?,
    })
}
