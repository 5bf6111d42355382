//! What is wrong although nobody posts.

use journal::LogId;

use super::{BEHIND_S_MAX, alert_code as code, raise};
use crate::{Fault, HubStore, params};

/// The most alerts of one look; the next look goes on.
const RAISED_MAX: u32 = 1_000;

impl HubStore {
    /// Raises an alert for every till that was heard from with entries that have not come since, too long ago. Answers how many are new.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn watch(&self, now_s: i64) -> Result<u64, Fault> {
        let sql = "SELECT l.log_id, l.unit, r.last_seq, r.sales_unsent FROM reports r JOIN logs l ON l.log_id = r.log_id \
                   WHERE r.behind_since < $1 AND l.revoked_at IS NULL AND l.succeeded_by IS NULL AND NOT EXISTS \
                   (SELECT 1 FROM alerts a WHERE a.log_id = l.log_id AND a.code = $2 AND a.unit = l.unit AND a.settled_at IS NULL) LIMIT $3";
        let late = self.engine.read()?.query(sql, params![now_s - BEHIND_S_MAX, code::BEHIND, RAISED_MAX])?;
        if late.is_empty() {
            return Ok(0);
        }
        let mut tx = self.engine.write()?;
        for row in &late {
            let details = format!("last_seq={} sales={}", row.int(2)?, row.int(3)?);
            raise(&mut *tx, code::BEHIND, &LogId(row.fixed(0)?), row.text(1)?, &details, now_s)?;
        }
        tx.commit()?;
        Ok(late.len() as u64)
    }
}
