//! What can happen on a till, in the past tense.

use domain::{
    Currency,
    report::{GrandTotals, Tally, Totals},
    sale::{ClosedSale, Control, OpenSale, RefundScope, SaleKind, Voided},
    trip::Trip,
    vat::VatRate,
};

use crate::{Malformed, body};

/// A log was born.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogOpened {
    /// The log's public key.
    pub public: [u8; 32],
    /// The unit's label.
    pub unit: String,
    /// The register designation on receipts: unit and how many logs it has had.
    pub register: String,
    /// Program and version.
    pub program: String,
    /// The log that stood on the card before, when one could be read, and how many of its entries.
    pub previous: Option<([u8; 32], u64)>,
}

/// The till was started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TillStarted {
    /// Program and version.
    pub program: String,
    /// Version of the price list in force.
    pub catalogue_version: u64,
    /// The clock had to be doubted at the start.
    pub clock_suspect: bool,
}

/// The wall clock was set or stepped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClockChanged {
    /// What it showed, seconds since 1970, UTC.
    pub old_s: i64,
    /// What it shows.
    pub new_s: i64,
}

/// A trip began, with the timetable it runs by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TripStarted {
    /// The train, its operating day and its calls.
    pub trip: Trip,
    /// The price list it sells by.
    pub catalogue_version: u64,
}

/// Why the drawer opened without a sale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DrawerOpening {
    /// A crew member asked for it.
    NoSale,
    /// A test from the service screen.
    Service,
}

impl DrawerOpening {
    /// All of them, in the order of their codes on the wire.
    pub const ALL: [Self; 2] = [Self::NoSale, Self::Service];
}

/// What a card payment is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CardPurpose {
    /// Towards the open sale.
    Sale,
    /// Back to the customer of this receipt.
    Refund {
        /// The receipt taken back.
        receipt_no: u64,
        /// How much of it.
        scope: RefundScope,
        /// Refund or void.
        kind: SaleKind,
    },
}

/// What the terminal said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CardAnswer {
    /// Paid; what the receipt shows of it.
    Approved(String),
    /// Not paid.
    Declined,
    /// Not known. The request stays open.
    Unknown,
    /// The terminal never heard of it.
    NotFound,
}

/// What the control unit is to record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ControlKind {
    /// The receipt of a sale, refund or void.
    Receipt,
    /// The copy of a receipt.
    Copy,
    /// A training receipt.
    Training,
}

impl ControlKind {
    /// All of them, in the order of their codes on the wire.
    pub const ALL: [Self; 3] = [Self::Receipt, Self::Copy, Self::Training];
}

/// A receipt as the control unit is asked to record it. With the entry's time and offset it is whole: after a restart the same is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ControlRequest {
    /// The receipt's number; that of the original for a copy.
    pub number: u64,
    /// What kind of receipt.
    pub kind: ControlKind,
    /// Organisation number, digits only.
    pub org_no: String,
    /// Register designation.
    pub register: String,
    /// What is paid back, not negative.
    pub returned_minor: i64,
    /// What is to be paid, not negative.
    pub sold_minor: i64,
    /// VAT per rate in minor units, highest rate first.
    pub vat: Vec<(VatRate, i64)>,
}

/// An X report was read: the shift's sums as they stood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShiftRead {
    /// The shift.
    pub shift_no: u32,
    /// Its sums.
    pub totals: Totals,
    /// The sums that never start again.
    pub grand: GrandTotals,
    /// Sales that stood parked.
    pub parked: Tally,
    /// The currency of all amounts.
    pub currency: Currency,
}

/// The shift was closed by a Z report. The figures stand here and are never computed again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShiftClosed {
    /// Running number of the Z report in this log.
    pub z_no: u64,
    /// The shift.
    pub shift_no: u32,
    /// Its sums.
    pub totals: Totals,
    /// The sums that never start again.
    pub grand: GrandTotals,
    /// Sales that stood parked.
    pub parked: Tally,
    /// What lay in the drawer by count, in minor units.
    pub counted_minor: i64,
    /// What should have lain there.
    pub expected_minor: i64,
    /// Notes and coins as they were counted: value in minor units and pieces. Empty when only the sum was given.
    pub pieces: Vec<(i64, u32)>,
    /// The currency of all amounts.
    pub currency: Currency,
}

/// Why a log ends before its card does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SealCause {
    /// The hub says that somebody else writes it too.
    Told,
    /// The hub has entries of it that this card does not have.
    Ahead,
    /// The hub has another entry at a place where this card has one.
    Fork,
}

impl SealCause {
    /// All of them, in the order of their codes on the wire.
    pub const ALL: [Self; 3] = [Self::Told, Self::Ahead, Self::Fork];
}

/// The log ends here: nothing follows. What was under way goes on in another log, with another key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogSealed {
    /// Why.
    pub why: SealCause,
    /// How far the hub said that it has the log.
    pub foreign_seq: u64,
    /// The head that it named there.
    pub foreign_head: [u8; 32],
    /// The open shift, as an X report would show it.
    pub shift: Option<ShiftRead>,
    /// What should lie in the drawer of that shift, minor units; 0 without one. The next log's shift begins with it.
    pub expected_minor: i64,
}

/// This log goes on in the place of a sealed one, and that one says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogSucceeded {
    /// The sealed log's public key.
    pub public: [u8; 32],
    /// Its signature under this log's identity, see [`LogKey::vouch`](crate::LogKey::vouch).
    pub signature: [u8; 64],
    /// The sealed log's last entry.
    pub seq: u64,
    /// The head after it.
    pub head: [u8; 32],
}

/// A signed bundle was installed. What it brings takes effect when nothing runs by the one before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BundleInstalled {
    /// Its role: `root`, `prices`, `staff`.
    pub role: String,
    /// Its version.
    pub version: u64,
    /// SHA-256 of its bytes.
    pub sha256: [u8; 32],
}

/// A kind from a newer till: kept as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownFact {
    /// The kind's number.
    pub kind: u16,
    /// The body's CBOR.
    pub body: Vec<u8>,
}

/// Everything that can happen. Amounts are minor units of the till's currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// A log was born.
    LogOpened(LogOpened),
    /// The till was started.
    TillStarted(TillStarted),
    /// The wall clock was set or stepped.
    ClockChanged(ClockChanged),
    /// Somebody signed in.
    CrewSignedIn(String),
    /// Somebody signed out.
    CrewSignedOut(String),
    /// A wrong PIN for this crew member.
    PinRefused(String),
    /// A trip began.
    TripStarted(TripStarted),
    /// The trip ended.
    TripEnded,
    /// A shift was opened: its number and float.
    ShiftOpened(u32, i64),
    /// Cash went to the safe.
    CashDropped(i64),
    /// Cash came in that is no sale.
    PaidIn(i64),
    /// Cash went out that is no return.
    PaidOut(i64),
    /// The drawer was opened without a sale.
    DrawerOpened(DrawerOpening),
    /// An X report was read.
    XRead(Box<ShiftRead>),
    /// A Z report closed the shift.
    ZClosed(Box<ShiftClosed>),
    /// A sale, refund, void or training receipt was closed.
    SaleClosed(Box<ClosedSale>),
    /// A sale was put aside under this ticket number.
    SaleParked(u32, Box<OpenSale>),
    /// A parked sale was taken up again.
    SaleResumed(u32),
    /// A sale was given up before closing: its lines and their sum, and what had been voided before.
    SaleAbandoned {
        /// Lines that stood on it.
        lines: u32,
        /// Their gross sum.
        gross_minor: i64,
        /// Lines taken away earlier.
        voided: Voided,
        /// Practice only.
        training: bool,
    },
    /// The terminal is to be asked: our reference and the amount, negative towards the customer.
    CardRequested(String, i64, CardPurpose),
    /// The terminal's answer to a reference.
    CardAnswered(String, CardAnswer),
    /// The control unit is to be asked for its code. The receipt follows when it has answered.
    ControlRequested(Box<ControlRequest>),
    /// The receipt that the control unit was asked about is given up.
    ControlGivenUp {
        /// Its number.
        number: u64,
        /// What it was.
        kind: ControlKind,
        /// The unit may have recorded it, so the number is never used again.
        burned: bool,
    },
    /// A copy of this receipt was printed: training or not, number, total, and the control unit's proof of the copy.
    CopyPrinted(bool, u64, i64, Option<Box<Control>>),
    /// A receipt was printed once more, marked, because the first paper did not come out whole.
    ReceiptReprinted(bool, u64),
    /// Training mode on or off.
    TrainingSwitched(bool),
    /// The log ends here.
    LogSealed(Box<LogSealed>),
    /// The log goes on for a sealed one.
    LogSucceeded(Box<LogSucceeded>),
    /// A signed bundle was installed.
    BundleInstalled(BundleInstalled),
    /// From a newer till.
    Unknown(UnknownFact),
}

impl Fact {
    /// The kind's number on the wire. A number is never used again for something else.
    #[must_use]
    pub const fn kind(&self) -> u16 {
        match self {
            Self::LogOpened(_) => 1,
            Self::TillStarted(_) => 2,
            Self::ClockChanged(_) => 3,
            Self::CrewSignedIn(_) => 10,
            Self::CrewSignedOut(_) => 11,
            Self::PinRefused(_) => 12,
            Self::TripStarted(_) => 20,
            Self::TripEnded => 21,
            Self::ShiftOpened(..) => 30,
            Self::CashDropped(_) => 31,
            Self::PaidIn(_) => 32,
            Self::PaidOut(_) => 33,
            Self::DrawerOpened(_) => 34,
            Self::XRead(_) => 35,
            Self::ZClosed(_) => 36,
            Self::SaleClosed(_) => 40,
            Self::SaleParked(..) => 41,
            Self::SaleResumed(_) => 42,
            Self::SaleAbandoned { .. } => 43,
            Self::CardRequested(..) => 50,
            Self::CardAnswered(..) => 51,
            Self::ControlRequested(_) => 52,
            Self::ControlGivenUp { .. } => 53,
            Self::CopyPrinted(..) => 60,
            Self::ReceiptReprinted(..) => 61,
            Self::TrainingSwitched(_) => 70,
            Self::LogSealed(_) => 80,
            Self::LogSucceeded(_) => 81,
            Self::BundleInstalled(_) => 90,
            Self::Unknown(unknown) => unknown.kind,
        }
    }

    /// The fact's name in documents and answers.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::LogOpened(_) => "LogOpened",
            Self::TillStarted(_) => "TillStarted",
            Self::ClockChanged(_) => "ClockChanged",
            Self::CrewSignedIn(_) => "CrewSignedIn",
            Self::CrewSignedOut(_) => "CrewSignedOut",
            Self::PinRefused(_) => "PinRefused",
            Self::TripStarted(_) => "TripStarted",
            Self::TripEnded => "TripEnded",
            Self::ShiftOpened(..) => "ShiftOpened",
            Self::CashDropped(_) => "CashDropped",
            Self::PaidIn(_) => "PaidIn",
            Self::PaidOut(_) => "PaidOut",
            Self::DrawerOpened(_) => "DrawerOpened",
            Self::XRead(_) => "XRead",
            Self::ZClosed(_) => "ZClosed",
            Self::SaleClosed(_) => "SaleClosed",
            Self::SaleParked(..) => "SaleParked",
            Self::SaleResumed(_) => "SaleResumed",
            Self::SaleAbandoned { .. } => "SaleAbandoned",
            Self::CardRequested(..) => "CardRequested",
            Self::CardAnswered(..) => "CardAnswered",
            Self::ControlRequested(_) => "ControlRequested",
            Self::ControlGivenUp { .. } => "ControlGivenUp",
            Self::CopyPrinted(..) => "CopyPrinted",
            Self::ReceiptReprinted(..) => "ReceiptReprinted",
            Self::TrainingSwitched(_) => "TrainingSwitched",
            Self::LogSealed(_) => "LogSealed",
            Self::LogSucceeded(_) => "LogSucceeded",
            Self::BundleInstalled(_) => "BundleInstalled",
            Self::Unknown(_) => "Unknown",
        }
    }

    pub(crate) fn encode_body(&self) -> Vec<u8> {
        body::encode(self)
    }

    pub(crate) fn decode_body(kind: u16, bytes: &[u8]) -> Result<Self, Malformed> {
        body::decode(kind, bytes)
    }
}
