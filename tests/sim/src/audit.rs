//! The auditor: what was acknowledged, and whether it is where it should be.

use std::collections::{BTreeMap, BTreeSet};

use hub_store::{HubStore, SaleRow, SalesFilter, raw::LogEvidence, views::SALES_MAX};
use journal::{Head, LogId};

/// A sale that a till has shown as done.
#[derive(Clone, Copy, Debug)]
struct Acked {
    head: Head,
    total_minor: i64,
}

/// Books that nobody but the scheduler writes.
#[derive(Debug, Default)]
pub struct Auditor {
    /// By log, place and head: what was begun. A clone writes other heads at the same places.
    begun: BTreeSet<(LogId, u64, [u8; 32])>,
    acked: BTreeMap<(LogId, u64, [u8; 32]), Acked>,
    /// What a hub acknowledged, by hub: log, place and head.
    promised: BTreeMap<usize, BTreeSet<(LogId, u64, [u8; 32])>>,
    /// Logs that somebody else may write too, or that lost their end.
    troubled: BTreeSet<LogId>,
    /// Logs that a till sealed.
    sealed: BTreeSet<LogId>,
}

impl Auditor {
    /// A till begins to write an entry.
    pub fn begins(&mut self, log: LogId, seq: u64, head: Head) {
        self.begun.insert((log, seq, head.0));
    }

    /// A till has shown a sale as done.
    pub fn acked(&mut self, log: LogId, seq: u64, head: Head, total_minor: i64) {
        self.acked.insert((log, seq, head.0), Acked { head, total_minor });
    }

    /// A hub has answered that it has a log up to here.
    pub fn promised(&mut self, hub: usize, log: LogId, seq: u64, head: Head) {
        if seq > 0 {
            self.promised.entry(hub).or_default().insert((log, seq, head.0));
        }
    }

    /// A hub was replaced by an older state: what it promised since is nobody's fault.
    pub fn hub_restored(&mut self, hub: usize) {
        self.promised.remove(&hub);
    }

    /// Two cards write this log from now on, or its end was lost with a card.
    pub fn troubled(&mut self, log: LogId) {
        self.troubled.insert(log);
    }

    /// A card was thrown away: what was on it alone beyond `last_seq` went with it.
    pub fn card_gone(&mut self, log: LogId, last_seq: u64, there: &BTreeSet<(u64, [u8; 32])>) {
        self.acked.retain(|(acked, seq, head), _| *acked != log || *seq <= last_seq || there.contains(&(*seq, *head)));
    }

    /// A till sealed its log.
    pub fn sealed(&mut self, log: LogId) {
        self.sealed.insert(log);
    }

    /// Sales that were acknowledged.
    #[must_use]
    pub fn sales(&self) -> usize {
        self.acked.len()
    }

    /// After a hub came up again: everything that it promised is there.
    ///
    /// # Errors
    /// What is not.
    pub fn look_at_promises(&self, hub: usize, store: &HubStore) -> Result<(), String> {
        let Some(promised) = self.promised.get(&hub) else { return Ok(()) };
        let logs: BTreeSet<LogId> = promised.iter().map(|(log, ..)| *log).collect();
        for log in logs {
            let there = entries_of(&evidence(store, &log)?);
            let mut of_log = promised.iter().filter(|(promised, ..)| *promised == log);
            if let Some((_, seq, _)) = of_log.find(|(_, seq, head)| !there.contains_key(&(*seq, *head))) {
                return Err(format!("hub {hub} acknowledged entry {seq} of {log} and does not have it"));
            }
        }
        Ok(())
    }

    /// At the end, when everything that could be sent was sent.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn settle(&self, store: &HubStore, logs: &BTreeSet<LogId>) -> Result<(), String> {
        let mut at_hub = BTreeSet::new();
        for log in logs {
            for ((seq, head), times) in entries_of(&evidence(store, log)?) {
                if times != 1 {
                    return Err(format!("entry {seq} of {log} is {times} times at the hub"));
                }
                if !self.begun.contains(&(*log, seq, head)) {
                    return Err(format!("entry {seq} of {log} is at the hub, and no till wrote it"));
                }
                at_hub.insert((*log, seq, head));
            }
        }
        if let Some((log, seq, _)) = self.acked.keys().find(|acked| !at_hub.contains(*acked)) {
            return Err(format!("the sale in entry {seq} of {log} was acknowledged on the till and is not at the hub"));
        }
        if let Some(log) = self.sealed.iter().find(|log| !self.troubled.contains(*log)) {
            return Err(format!("{log} was sealed, and nobody else wrote it"));
        }
        self.compare_sums(store)
    }

    /// The hub's projections show each acknowledged sale once, at its place and with its total.
    fn compare_sums(&self, store: &HubStore) -> Result<(), String> {
        loop {
            let projected = store.project(10_000).map_err(|fault| fault.to_string())?;
            if projected.done {
                break;
            }
        }
        let mut own: BTreeMap<(LogId, u64, i64), usize> = BTreeMap::new();
        for ((log, seq, _), acked) in &self.acked {
            debug_assert_ne!(acked.head, Head::of_log(log));
            *own.entry((*log, *seq, acked.total_minor)).or_default() += 1;
        }
        let mut filter = SalesFilter { unit: None, after: None, limit: SALES_MAX };
        loop {
            let page = store.sales(&filter).map_err(|fault| fault.to_string())?;
            for row in &page {
                strike(&mut own, row)?;
            }
            let Some(last) = page.last() else { break };
            filter.after = Some(last.at());
        }
        own.retain(|_, times| *times > 0);
        own.first_key_value()
            .map_or(Ok(()), |((log, seq, total), _)| Err(format!("no page shows the sale of {total} in entry {seq} of {log}")))
    }
}

/// Takes a shown sale off the books. One that was cut off before its acknowledgement may be shown or not.
fn strike(own: &mut BTreeMap<(LogId, u64, i64), usize>, row: &SaleRow) -> Result<(), String> {
    match own.get_mut(&(row.log, row.seq, row.total_minor)) {
        Some(0) => Err(format!("entry {} of {} is shown more often than it was sold", row.seq, row.log)),
        Some(times) => {
            *times -= 1;
            Ok(())
        }
        None => Ok(()),
    }
}

fn evidence(store: &HubStore, log: &LogId) -> Result<LogEvidence, String> {
    let found = store.export_log(log).map_err(|fault| fault.to_string())?;
    found.ok_or_else(|| format!("the hub does not know {log}"))
}

/// Every entry that is kept, by place and head, and how often. Hashed again here.
fn entries_of(evidence: &LogEvidence) -> BTreeMap<(u64, [u8; 32]), usize> {
    let mut found = BTreeMap::new();
    for batch in &evidence.batches {
        let mut head = batch.prev;
        for (seq, entry) in (batch.first_seq..).zip(&batch.entries) {
            head = head.next(entry);
            *found.entry((seq, head.0)).or_default() += 1;
        }
    }
    found
}

/// What of a log is at a hub.
///
/// # Errors
/// The database's fault in words.
pub fn at_hub(store: &HubStore, log: &LogId) -> Result<BTreeSet<(u64, [u8; 32])>, String> {
    match store.export_log(log).map_err(|fault| fault.to_string())? {
        Some(evidence) => Ok(entries_of(&evidence).into_keys().collect()),
        None => Ok(BTreeSet::new()),
    }
}
