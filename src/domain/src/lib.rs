//! The rules of selling on a train.
//!
//! **Invariant.** Nothing here reads a file, a clock or a network; time is an argument, money is an integer, and a rule that says no
//! answers with a [`Refusal`], never with a guess.
//!
//! **Entry points.** [`sale::OpenSale`] for selling, [`vat::VatTable`] for rates, [`trip::Trip`] for where the train is in the eyes of the
//! law, [`report::Totals`] for what a shift adds up to.
//!
//! # Words
//!
//! | say | means |
//! |---|---|
//! | till, hub, depot, unit | one sales device; the depot's computer; its place and tool; the physical box |
//! | card terminal, payment | the payment device; its answer: approved, declined, **unknown** |
//! | sale, line, tender, change due | open, parked, closed or abandoned; product × quantity at price and VAT rate; what was given; what goes back |
//! | void line, abandon sale / void / refund | before closing / reversing in the same shift / own sale with own number later |
//! | shift, opening float, cash drop, paid in, paid out, no sale, cash count, variance | one person answerable for one drawer, and its movements |
//! | X report, Z report | reading; closing with a running number, a journal entry never recomputed |
//! | SKU, PLU, GTIN | stock identity, key on the till, barcode: three types |
//! | VAT rate, VAT code, gross, net, vat | basis points with validity dates, letter on the receipt; always say which amount |
//! | trip, leg, call, operating day | one run of a train, between two calls, a stop, the railway's date |
//! | crew member, coach | who sells; a carriage of the train |
#![deny(clippy::float_arithmetic, clippy::as_conversions, clippy::arithmetic_side_effects, clippy::indexing_slicing)]
#![forbid(unsafe_code)]

pub mod cash;
pub mod catalogue;
pub mod crew;
pub mod money;
pub mod refusal;
pub mod report;
pub mod sale;
pub mod trip;
pub mod vat;

pub use money::{Currency, Money};
pub use refusal::Refusal;
