//! The journal: what a till did, written once and never changed.
//!
//! **Invariant.** Bytes once written are handled verbatim: hashed, stored, sent and kept as they are, never re-encoded. Every version of
//! the shape stays readable for ever; `journal.cddl` in this crate writes it down and frozen-bytes tests hold it.
//!
//! **Entry points.** [`Entry::encode`] and [`Entry::decode`] for bytes, [`Head`] and [`LogKey`] for the chain and its signature,
//! [`Books::apply`] for the state that the entries add up to, [`rows`] for the read models of a store, [`verify`] for all of it at once.
#![deny(clippy::float_arithmetic, clippy::as_conversions, clippy::arithmetic_side_effects, clippy::indexing_slicing)]
#![forbid(unsafe_code)]

mod body;
mod books;
mod chain;
mod entry;
mod fact;
mod rows;

pub use body::{decode_closed, decode_draft, encode_closed, encode_draft};
pub use books::{Books, CardRequest, ControlPending, DrawerCause, DrawerLine, OpenShift, Parked, PinState, RunningTrip, drawer_lines};
pub use chain::{Head, LogId, LogKey, Proof, vouched};
pub use entry::{ClockTrust, Context, Entry, FORMAT_VERSION, Malformed, Stamp};
pub use fact::{
    BundleInstalled, CardAnswer, CardPurpose, ClockChanged, ControlKind, ControlRequest, DrawerOpening, Fact, LogOpened, LogSealed,
    LogSucceeded, SealCause, ShiftClosed, ShiftRead, TillStarted, TripStarted, UnknownFact,
};
pub use rows::{ReceiptRow, Rows, rows};

/// Recomputes a log from nothing: decodes every entry, checks that `seq` runs 1, 2, 3 …, and returns the books and the head.
///
/// # Errors
/// [`Broken`] with the first `seq` that is wrong.
pub fn verify<'a>(log: &LogId, entries: impl IntoIterator<Item = &'a [u8]>) -> Result<(Books, Head), Broken> {
    let mut books = Books::default();
    let mut head = Head::of_log(log);
    for bytes in entries {
        let seq = books.seq.saturating_add(1);
        let entry = Entry::decode(bytes).map_err(|malformed| Broken { seq, malformed: Some(malformed) })?;
        if entry.seq != seq {
            return Err(Broken { seq, malformed: None });
        }
        books.apply(&entry);
        head = head.next(bytes);
    }
    Ok((books, head))
}

/// A log that does not hold together.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("entry {seq} is broken")]
pub struct Broken {
    /// The first place that is wrong.
    pub seq: u64,
    /// Why its bytes cannot be read; `None` when they belong somewhere else.
    pub malformed: Option<Malformed>,
}

#[cfg(test)]
mod tests;
