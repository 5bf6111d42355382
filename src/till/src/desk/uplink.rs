//! The way to the hub: a thread of its own, so that a hub that stalls delays nothing but itself.

use std::sync::mpsc::Receiver;

use journal::{LogId, LogKey};
use wire::{Ack, Batch, BundleNews, Refused};

use super::Event;

/// What carries bytes to the hub and back. An edge implements it.
///
/// It pins the hub's key, follows no redirect, reads no more than the limits in `wire`, and gives up after some 13 seconds: 3 to connect and
/// 10 for the answer.
pub trait Uplink: Send {
    /// Sends one encoded [`wire::Batch`] of the log that `key` writes. The connection proves itself with that key.
    ///
    /// # Errors
    /// [`UplinkTrouble`]; the hub may have taken the batch all the same.
    fn append(&mut self, key: &LogKey, batch: &[u8]) -> Result<Appended, UplinkTrouble>;

    /// The bytes of a signed bundle: no more than `news.bytes`, and no more than the limit for a bundle.
    ///
    /// # Errors
    /// [`UplinkTrouble`].
    fn fetch(&mut self, key: &LogKey, news: &BundleNews) -> Result<Vec<u8>, UplinkTrouble>;
}

/// The hub's answer to a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Appended {
    /// Committed (200).
    Taken(Ack),
    /// The batch begins beyond what the hub has (409).
    Behind(Ack),
}

/// Why there is no answer that helps. Nothing is lost by any of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UplinkTrouble {
    /// No hub is known: the till was never enrolled.
    NotEnrolled,
    /// No way there: no route, no name, a refused connection.
    Away,
    /// No answer in time, or the connection was cut.
    TimedOut,
    /// Somebody else answered: another key than the pinned one, a captive portal, plain text.
    OtherHub,
    /// The hub said no (4xx or 5xx), and why.
    Refused(Refused),
    /// An answer that makes no sense: too long, redirected, no acknowledgement.
    Unreadable,
}

/// What came of an order to the uplink.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Uplinked {
    /// A batch of this log.
    Appended(LogId, Result<Appended, UplinkTrouble>),
    /// The bytes of this bundle.
    Fetched(BundleNews, Result<Vec<u8>, UplinkTrouble>),
}

pub(super) enum UplinkOrder {
    Append { key: LogKey, batch: Box<Batch> },
    Fetch { key: LogKey, news: BundleNews },
}

pub(super) fn run_uplink(mut uplink: Box<dyn Uplink>, orders: &Receiver<UplinkOrder>, tell: &dyn Fn(Event)) {
    while let Ok(order) = orders.recv() {
        let told = match order {
            // Packing takes its time, so it is done here and not where the till sells.
            UplinkOrder::Append { key, batch } => Uplinked::Appended(key.log_id(), uplink.append(&key, &batch.encode())),
            UplinkOrder::Fetch { key, news } => {
                let bytes = uplink.fetch(&key, &news);
                Uplinked::Fetched(news, bytes)
            }
        };
        tell(Event::Uplink(Box::new(told)));
    }
}
