//! What till and hub say to each other.
//!
//! **Invariant.** Entries travel verbatim: what [`Batch::decode`] gives back is byte for byte what went into [`Batch::encode`]. Nothing that a
//! hub can answer is more than an acknowledgement, news of bundles, or a refusal. Every size has a limit that is checked before it is believed.
//!
//! **Entry points.** [`Batch`] from till to hub, [`Ack`] and [`Refused`] back, [`EnrolRequest`] and [`EnrolAnswer`] once in a log's life,
//! [`Token`] for people.
//!
//! | request | body | answers |
//! |---|---|---|
//! | `POST /v1/enrol` | [`EnrolRequest`], JSON | 200 [`EnrolAnswer`]; 4xx [`Refused`] |
//! | `POST /v1/logs/{log_id}/append` | [`Batch`], [`BATCH_TYPE`] | 200 or 409 [`Ack`]; other 4xx and 5xx [`Refused`] |
//! | `GET /v1/bundles/{role}/{version}` | | 200 the signed bundle, `Range` understood; 404 [`Refused`] |

mod batch;
mod hex;
mod message;
mod token;

pub use batch::{
    BATCH_BYTES_MAX, BATCH_ENTRIES_MAX, BATCH_TYPE, BATCH_UNPACKED_BYTES_MAX, Batch, BundleHeld, ENTRY_BYTES_MAX, Report, Successor,
    Unreadable,
};
pub use hex::Bytes32;
pub use message::{ANSWER_BYTES_MAX, Ack, BundleNews, EnrolAnswer, EnrolRequest, Refused};
pub use token::{Token, TokenUnreadable};
