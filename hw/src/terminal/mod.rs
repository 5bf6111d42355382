//! The card terminal. Message model after nexo Retailer: the till makes a reference, saves it, then asks; a lost answer is asked for by reference.

#[cfg(feature = "sim")]
pub mod sim;

use std::fmt;
use std::string::String;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The longest reference in bytes.
pub const REFERENCE_BYTES_MAX: usize = 64;

/// The till's own name for one payment, saved before the terminal is asked. Never used twice.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PaymentReference(String);

impl PaymentReference {
    /// A reference of 1 to [`REFERENCE_BYTES_MAX`] printable ASCII characters without spaces; nothing for other text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Option<Self> {
        let text = text.into();
        let good = (1..=REFERENCE_BYTES_MAX).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        good.then_some(Self(text))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PaymentReference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// What the terminal tells about an approved payment. Never a full card number, never a PIN.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// What was approved, in minor units.
    pub amount_minor: i64,
    /// ISO 4217, three letters.
    pub currency: String,
    /// The terminal's own number for the payment.
    pub terminal_transaction: String,
    /// The issuer's code.
    pub authorisation_code: String,
    /// At most the first 6 and last 4 digits.
    pub masked_pan: String,
    /// Card scheme.
    pub scheme: String,
    /// Approved by chip or terminal without asking the issuer.
    pub offline: bool,
}

/// What became of a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PaymentAnswer {
    /// The money is taken.
    Approved(Approval),
    /// No money is taken, and the terminal said so.
    Declined {
        /// The terminal's reason, for the log; people get a sentence of the till's.
        reason: String,
    },
    /// The terminal did not say. Money may be taken. Ask by reference until it answers.
    Unknown,
    /// The terminal said that it has never heard of the reference: no money is taken.
    NotFound,
}

/// Whether the terminal can be heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TerminalState {
    /// It answered.
    Ready,
    /// The line is there, the terminal says nothing.
    Silent,
    /// The line is not there.
    Unplugged,
}

/// Asks a payment under way to stop, from any thread. The payment's own answer says whether it did.
#[derive(Clone, Debug, Default)]
pub struct AbortHandle(Arc<AtomicBool>);

impl AbortHandle {
    /// Asks for the stop. A payment that begins later is not touched by it.
    pub fn abort(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// Whether a stop was asked for.
    #[must_use]
    pub fn is_aborted(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }

    /// Forgets an earlier stop; drivers call it when a payment begins.
    pub fn rearm(&self) {
        self.0.store(false, Ordering::SeqCst);
    }
}

/// A card terminal. Calls block, within the driver's own deadlines: give it a thread.
/// A timeout is `Unknown`, never `Declined`.
pub trait CardTerminal: Send {
    /// Takes `amount_minor` (above zero, minor units of the ISO 4217 `currency`) from the card that is presented.
    /// Idempotent by `reference`: the same one again answers what became of it and takes nothing more.
    fn pay(&mut self, reference: &PaymentReference, amount_minor: i64, currency: &str) -> PaymentAnswer;

    /// Gives `amount_minor` back to the card of the payment `original`. Idempotent by `reference` like [`pay`](Self::pay).
    fn refund(&mut self, reference: &PaymentReference, original: &PaymentReference, amount_minor: i64, currency: &str) -> PaymentAnswer;

    /// What became of a payment or refund. `Unknown` when the terminal does not answer.
    fn status(&mut self, reference: &PaymentReference) -> PaymentAnswer;

    /// A handle with which another thread can stop a payment under way.
    fn abort_handle(&self) -> AbortHandle;

    /// Asks the terminal whether it is there.
    fn state(&mut self) -> TerminalState;
}
