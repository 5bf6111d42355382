//! How far the hub has a log.

use journal::{Head, LogId};

use super::Logs;

/// The most cursors that are kept: the written log and its sealed forerunners.
pub const KEPT_CURSORS_MAX: usize = store::SEALED_MAX + 1;
const KEPT_BYTES: usize = 32 + 8 + 32;

/// How far the hub has a log: a hint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The log.
    pub log: LogId,
    /// The last entry that the hub has.
    pub seq: u64,
    /// The head after it.
    pub head: Head,
}

impl Cursor {
    /// The hub has nothing.
    #[must_use]
    pub const fn none(log: LogId) -> Self {
        Self { log, seq: 0, head: Head::of_log(&log) }
    }
}

/// The bytes to keep of cursors.
#[must_use]
pub fn encode_cursors(cursors: &[Cursor]) -> Vec<u8> {
    let bytes = |cursor: &Cursor| [&cursor.log.0[..], &cursor.seq.to_be_bytes(), &cursor.head.0].concat();
    cursors.iter().take(KEPT_CURSORS_MAX).flat_map(bytes).collect()
}

/// Reads what [`encode_cursors`] wrote; what cannot be read is left out, and the hub says where it stands.
#[must_use]
pub fn decode_cursors(bytes: &[u8]) -> Vec<Cursor> {
    let cursor = |bytes: &[u8]| {
        let (log, rest) = bytes.split_first_chunk::<32>()?;
        let (seq, head) = rest.split_first_chunk::<8>()?;
        Some(Cursor { log: LogId(*log), seq: u64::from_be_bytes(*seq), head: Head(head.try_into().ok()?) })
    };
    bytes.chunks_exact(KEPT_BYTES).take(KEPT_CURSORS_MAX).filter_map(cursor).collect()
}

/// A log on its way.
#[derive(Clone, Debug)]
pub(super) struct Track {
    pub(super) cursor: Cursor,
    /// Answers in a row that brought nothing further.
    pub(super) stalls: u8,
    /// How far to go back for a common point; doubles.
    pub(super) back_step: u64,
    /// The hub refused this log: it is not offered before this uptime, in milliseconds.
    pub(super) hold_until_ms: u64,
    /// When the hub last agreed, in milliseconds of uptime.
    pub(super) heard_ms: Option<u64>,
    /// As far as the hub ever was.
    high_seq: u64,
}

impl Track {
    pub(super) const fn at(cursor: Cursor) -> Self {
        Self { cursor, stalls: 0, back_step: 0, hold_until_ms: 0, heard_ms: None, high_seq: 0 }
    }

    /// Entries above the cursor.
    pub(super) fn unsent(&self, logs: &impl Logs) -> u64 {
        logs.last_seq(&self.cursor.log).saturating_sub(self.cursor.seq)
    }

    /// The hub has the log so far.
    pub(super) fn move_to(&mut self, seq: u64, head: Head) {
        self.cursor = Cursor { log: self.cursor.log, seq, head };
        self.high_seq = self.high_seq.max(seq);
        self.back_step = 0;
    }

    /// As far as the hub ever was.
    pub(super) const fn high_seq(&self) -> u64 {
        self.high_seq
    }

    /// Whether the hub once had more than it has.
    pub(super) const fn is_behind_itself(&self) -> bool {
        self.cursor.seq < self.high_seq
    }

    /// Whether the cursor is a place in the log: a kept one may come from elsewhere.
    pub(super) fn fits(&self, logs: &impl Logs) -> bool {
        self.cursor.seq <= logs.last_seq(&self.cursor.log) && logs.head_at(&self.cursor.log, self.cursor.seq) == Ok(Some(self.cursor.head))
    }

    /// Goes back to look for a place that hub and till agree on. At the beginning every hub agrees.
    pub(super) fn step_back(&mut self, logs: &impl Logs) {
        self.back_step = self.back_step.saturating_mul(2).max(1);
        let seq = self.cursor.seq.saturating_sub(self.back_step);
        let head = logs.head_at(&self.cursor.log, seq).ok().flatten();
        self.cursor = head.map_or_else(|| Cursor::none(self.cursor.log), |head| Cursor { seq, head, ..self.cursor });
    }
}
