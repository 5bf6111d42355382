//! What a till told of itself last, and what follows from it.

use journal::LogId;
use wire::{BundleHeld, Report};

use super::{alert_code as code, cut, raise, settle};
use crate::{
    Fault, HubStore,
    engine::{Row, Tx},
    params,
};

/// How far a till's clock may be off before people hear of it, in seconds.
pub const CLOCK_OFF_S_MAX: i64 = 15 * 60;
/// How long a till may be heard from without getting all its entries through before people hear of it, in seconds.
pub const BEHIND_S_MAX: i64 = 15 * 60;
/// The most bundles and the most troubles that are kept of a report.
const LISTED_MAX: usize = 32;
/// Who settles what is over by itself.
const BY_HUB: &str = "hub";

/// What a log told last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LastReport {
    /// When it was heard from, by the hub's clock.
    pub seen_s: Option<i64>,
    /// Its wall clock at its last report.
    pub wall_s: Option<i64>,
    /// How far it trusts its clock, by its place in `journal::ClockTrust::ALL`.
    pub clock_trust: u8,
    /// Program and version.
    pub program: String,
    /// The last entry it has.
    pub last_seq: u64,
    /// Sales that were still to come.
    pub sales_unsent: u64,
    /// The bundles it holds.
    pub bundles: Vec<BundleHeld>,
    /// Version of its card image.
    pub image: Option<String>,
    /// Where it stood.
    pub place: Option<String>,
    /// What is wrong with its devices, as codes.
    pub troubles: Vec<String>,
    /// Since when it has entries that the hub has not, while it is heard from.
    pub behind_since_s: Option<i64>,
    /// By how much its clock is ahead of the hub's; negative when it is behind.
    pub clock_off_s: Option<i64>,
    /// From what kind of address it was heard.
    pub address: Option<String>,
}

/// A log under its lock.
pub(crate) struct Known {
    pub unit: String,
    pub confirmed: bool,
    pub revoked: bool,
    pub sealed: bool,
    behind_since_s: Option<i64>,
    clock_was_off: bool,
}

impl HubStore {
    /// A till was heard from without posting: it asked for a bundle, say. `address` is the kind of address it came from.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn seen(&self, log: &LogId, address: Option<&str>, now_s: i64) -> Result<(), Fault> {
        let mut tx = self.engine.write()?;
        let sql = "UPDATE reports SET seen_at = $1, address = COALESCE($2, address) WHERE log_id = $3";
        tx.execute(sql, params![now_s, address.map(cut), log.0])?;
        tx.commit()
    }

    /// What a log told last; none when it is not known.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn last_report(&self, log: &LogId) -> Result<Option<LastReport>, Fault> {
        let sql = format!("SELECT {COLUMNS} FROM reports WHERE log_id = $1");
        self.engine.read()?.query(&sql, params![log.0])?.first().map(|row| report(row, 0)).transpose()
    }
}

pub(super) const COLUMNS: &str = "seen_at, wall_at, clock_trust, program, last_seq, sales_unsent, bundles, image, place, troubles, \
     behind_since, clock_off_s, address";

/// The report in a row, from column `from`.
pub(super) fn report(row: &Row, from: usize) -> Result<LastReport, Fault> {
    let owned = |column| row.maybe_text(from + column).map(|text| text.map(str::to_owned));
    let bundle = |text: &str| {
        let (role, version) = text.split_once('=')?;
        Some(BundleHeld { role: role.to_owned(), version: version.parse().ok()? })
    };
    Ok(LastReport {
        seen_s: row.maybe_int(from)?,
        wall_s: row.maybe_int(from + 1)?,
        clock_trust: u8::try_from(row.int(from + 2)?).unwrap_or(0),
        program: row.text(from + 3)?.to_owned(),
        last_seq: row.count(from + 4)?,
        sales_unsent: row.count(from + 5)?,
        bundles: row.text(from + 6)?.lines().filter_map(bundle).collect(),
        image: owned(7)?,
        place: owned(8)?,
        troubles: row.text(from + 9)?.lines().map(str::to_owned).collect(),
        behind_since_s: row.maybe_int(from + 10)?,
        clock_off_s: row.maybe_int(from + 11)?,
        address: owned(12)?,
    })
}

/// A log and what of it an append needs, locked until the end of the transaction.
pub(crate) fn lock_log(tx: &mut dyn Tx, log: &LogId) -> Result<Option<Known>, Fault> {
    let sql = "SELECT l.unit, l.confirmed_at, l.revoked_at, l.forked_at, r.behind_since, r.clock_off_s, \
               CASE WHEN l.succeeded_by IS NULL THEN 0 ELSE 1 END \
               FROM logs l JOIN reports r ON r.log_id = l.log_id WHERE l.log_id = $1 {FOR UPDATE}";
    let rows = tx.query(sql, params![log.0])?;
    let known = |row: &Row| {
        Ok(Known {
            unit: row.text(0)?.to_owned(),
            confirmed: row.maybe_int(1)?.is_some(),
            revoked: row.maybe_int(2)?.is_some(),
            sealed: row.maybe_int(3)?.is_some() || row.int(6)? != 0,
            behind_since_s: row.maybe_int(4)?,
            clock_was_off: row.maybe_int(5)?.is_some_and(far_off),
        })
    };
    rows.first().map(known).transpose()
}

fn far_off(off_s: i64) -> bool {
    off_s.unsigned_abs() > CLOCK_OFF_S_MAX.unsigned_abs()
}

/// Keeps a report, in the transaction of the append that it came with. `at` is how far the hub has the till's branch; none when nothing of
/// the post could be placed.
pub(crate) fn heard(tx: &mut dyn Tx, log: &LogId, known: &Known, report: &Report, at: Option<u64>, now_s: i64) -> Result<(), Fault> {
    let caught_up = at.is_some_and(|at| at >= report.last_seq);
    let behind_since = (!caught_up).then(|| known.behind_since_s.unwrap_or(now_s));
    let off_s = report.wall_s.saturating_sub(now_s);
    let listed = |each: &mut dyn Iterator<Item = String>| each.take(LISTED_MAX).collect::<Vec<_>>().join("\n");
    let bundles = listed(&mut report.bundles.iter().map(|held| format!("{}={}", cut(&held.role), held.version)));
    let troubles = listed(&mut report.troubles.iter().map(|trouble| cut(trouble)));
    let capped = |count: u64| count.min(u64::from(u32::MAX) << 20);
    let sql = "UPDATE reports SET seen_at = $1, wall_at = $2, clock_trust = $3, program = $4, last_seq = $5, sales_unsent = $6, \
               bundles = $7, image = $8, place = $9, troubles = $10, behind_since = $11, clock_off_s = $12 WHERE log_id = $13";
    let values = params![
        now_s,
        report.wall_s,
        u32::from(report.clock_trust),
        cut(&report.program),
        capped(report.last_seq),
        capped(report.sales_unsent),
        bundles,
        report.image.as_deref().map(cut),
        report.place.as_deref().map(cut),
        troubles,
        behind_since,
        off_s,
        log.0
    ];
    tx.execute(sql, values)?;
    let was_late = known.behind_since_s.is_some_and(|since| now_s - since > BEHIND_S_MAX);
    if was_late && caught_up {
        settle(tx, code::BEHIND, log, BY_HUB, now_s)?;
    } else if was_late {
        raise(tx, code::BEHIND, log, &known.unit, &format!("last_seq={} sales={}", report.last_seq, report.sales_unsent), now_s)?;
    }
    if far_off(off_s) {
        raise(tx, code::CLOCK, log, &known.unit, &format!("off_s={off_s}"), now_s)?;
    } else if known.clock_was_off {
        settle(tx, code::CLOCK, log, BY_HUB, now_s)?;
    }
    Ok(())
}
