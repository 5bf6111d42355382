//! The fiscal control unit: it keeps a sealed record of every receipt and returns the code that proves it.
//!
//! Source of the fields: SKVFS 2009:2; of the operation: fiscal facts, control units.

#[cfg(feature = "std")]
mod asking;
pub mod ccsp;
#[cfg(feature = "std")]
mod cleancash;
pub mod fields;
#[cfg(feature = "sim")]
pub mod sim;
pub mod skattedosan;
#[cfg(feature = "std")]
mod skattedosan_driver;
#[cfg(feature = "std")]
mod wire;

pub use ccsp::CleanCashVersion;
#[cfg(feature = "std")]
pub use cleancash::CleanCash;
#[cfg(feature = "std")]
pub use skattedosan_driver::Skattedosan;
#[cfg(feature = "std")]
pub use wire::UnitDeadlines;

/// The most VAT rates that a unit knows in one receipt.
pub const RATES_MAX: usize = 4;
/// The most characters of a control code, with room for the codes of later units.
pub const CODE_CHARS_MAX: usize = 80;
/// The most characters of a unit's manufacturing number.
pub const UNIT_CHARS_MAX: usize = 48;

/// What kind of receipt the unit records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordKind {
    /// A receipt of a sale or a return.
    Normal,
    /// The copy of a receipt.
    Copy,
    /// Practice.
    Training,
    /// No receipt: an offer of what it would cost.
    ProForma,
}

/// One receipt as the unit records it. Amounts are öre.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceiptRecord {
    /// Local date and time: year, month, day, hour, minute.
    pub at: [u16; 5],
    /// Organisation number, 10 digits.
    pub org_no: heapless::String<10>,
    /// Register designation, at most 16 letters, digits and hyphens.
    pub register: heapless::String<16>,
    /// The receipt's running number.
    pub number: u64,
    /// What kind of receipt.
    pub kind: RecordKind,
    /// The sum of returns, not negative. A receipt holds sales or returns, never both.
    pub returned_minor: i64,
    /// What is to be paid, not negative.
    pub sold_minor: i64,
    /// Rate in hundredths of a per cent and VAT in öre, highest rate first. VAT of a return is negative.
    pub vat: heapless::Vec<(u32, i64), RATES_MAX>,
}

/// The unit's proof that it recorded a receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ControlCode {
    /// The code, opaque. Empty when the unit makes none for such a receipt, as CleanCash version 1 does for practice and offers.
    pub code: heapless::String<CODE_CHARS_MAX>,
    /// The manufacturing number of the unit that made it.
    pub unit: heapless::String<UNIT_CHARS_MAX>,
}

/// What is known of the unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ControlState {
    /// Its manufacturing number.
    pub unit: heapless::String<UNIT_CHARS_MAX>,
    /// Whether it would record a receipt now.
    pub is_ready: bool,
    /// Its storage is filling up: somebody has to see to it before it is full.
    pub storage_low: bool,
}

/// What keeps the unit from recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ControlTrouble {
    /// The port is not there, and nothing of this receipt was sent.
    Unplugged,
    /// Nothing was heard in time, or the line broke after something was sent. The receipt may be recorded: ask with the same number again.
    Silent,
    /// What was heard made no sense, several times. The receipt may be recorded: ask with the same number again.
    Garbled,
    /// It is at work with something else.
    Busy,
    /// It refuses this receipt, by its own code: asking again does not help.
    Refused(i16),
    /// It does not know this register or its licences are used up.
    NotEnrolled(i16),
    /// Its storage is full.
    StorageFull,
    /// It is broken, by its own code.
    Fault(i16),
}

impl ControlTrouble {
    /// A stable code for messages and logs.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unplugged => "control.unplugged",
            Self::Silent => "control.silent",
            Self::Garbled => "control.garbled",
            Self::Busy => "control.busy",
            Self::Refused(_) => "control.refused",
            Self::NotEnrolled(_) => "control.not_enrolled",
            Self::StorageFull => "control.storage_full",
            Self::Fault(_) => "control.fault",
        }
    }

    /// Whether the receipt may be recorded in spite of this. Then only the same record with the same number may be handed over next.
    ///
    /// A driver answers for all its askings: once one of them was left open, it says `Silent` or `Garbled` until the unit gave the code,
    /// whatever is in the way later, as long as no other record is handed over in between. It does not know what an earlier process asked: who starts again holds an asked receipt for open.
    #[must_use]
    pub const fn may_be_recorded(self) -> bool {
        match self {
            Self::Silent | Self::Garbled | Self::Fault(_) => true,
            Self::Unplugged | Self::Busy | Self::Refused(_) | Self::NotEnrolled(_) | Self::StorageFull => false,
        }
    }
}

/// A control unit. Calls block, within the driver's own deadlines: give it a thread.
#[cfg(feature = "std")]
pub trait ControlUnit: Send {
    /// Has a receipt recorded. The same record with the same number may be handed over again after silence, a crash or a power cut.
    ///
    /// # Errors
    /// What is in the way.
    fn register(&mut self, record: &ReceiptRecord) -> Result<ControlCode, ControlTrouble>;

    /// Asks the unit who and how it is.
    ///
    /// # Errors
    /// What is in the way.
    fn state(&mut self) -> Result<ControlState, ControlTrouble>;
}
