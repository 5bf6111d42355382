//! What a till can be told, and what it says back.

use bundle::Role;
use domain::{
    Money, Refusal,
    catalogue::Sku,
    sale::{LineNo, RefundScope},
    vat::Supply,
};
use hw::{
    control::{ControlCode, ControlState, ControlTrouble, ReceiptRecord},
    printer::PrintOutcome,
    terminal::PaymentAnswer,
};

use chrono::NaiveDate;
use journal::ClockTrust;
use store::{Fault, FaultKind, JobId};

use crate::bundles::BundleWrong;

/// The clocks as the edge reads them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// Wall time in seconds since 1970, UTC.
    pub wall_s: i64,
    /// Time since the program was started, in milliseconds.
    pub uptime_ms: u64,
    /// Where the wall time comes from.
    pub trust: ClockTrust,
}

/// One thing a till is told. Intents of people and answers of devices alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// A crew member with their PIN.
    SignIn {
        /// Crew number.
        crew: String,
        /// The PIN as typed.
        pin: String,
    },
    /// Whoever is signed in leaves.
    SignOut,
    /// Begin the trip of a train of the timetable.
    StartTrip {
        /// Train number.
        train: String,
        /// The railway's date.
        operating_day: NaiveDate,
    },
    /// End the trip.
    EndTrip,
    /// Open a shift with this much in the drawer.
    OpenShift(Money),
    /// Add a product.
    Add {
        /// Which.
        sku: Sku,
        /// How many.
        qty: i64,
    },
    /// A barcode: add its product. The code of one of this till's receipts: find it.
    Scan(String),
    /// Set the quantity of a line.
    SetQty(LineNo, i64),
    /// Take a line away.
    VoidLine(LineNo),
    /// Serve or take away, for the whole sale.
    Serve(Supply),
    /// Serve or take away, for one line.
    ServeLine(LineNo, Supply),
    /// Put the sale aside.
    Park,
    /// Take up a parked sale.
    Resume(u32),
    /// Give the sale up.
    Abandon,
    /// Cash was given.
    PayCash(Money),
    /// Give the cash tender at this place back.
    VoidTender(usize),
    /// Ask the card terminal for this much.
    PayCard(Money),
    /// The terminal's answer to a reference.
    CardAnswered {
        /// Our reference.
        reference: String,
        /// The answer.
        answer: PaymentAnswer,
    },
    /// Ask the terminal again what became of the open card payment.
    AskCardAgain,
    /// The terminal stays silent and the crew read the outcome off its display: it took the money, or not.
    CardSettled(bool),
    /// The control unit's answer for a receipt.
    ControlAnswered {
        /// The receipt as the unit was asked to record it.
        record: Box<ReceiptRecord>,
        /// Its code, or what is in the way.
        result: Result<ControlCode, ControlTrouble>,
    },
    /// How the control unit is.
    ControlSeen(Result<ControlState, ControlTrouble>),
    /// Ask the control unit again about the receipt that waits for it.
    AskControlAgain,
    /// Give up the receipt that waits for the control unit: cash goes back and the sale is open again.
    GiveUpControl,
    /// Reverse a sale of this shift.
    Void(u64),
    /// Take back a sale, or one line of it.
    Refund(u64, RefundScope),
    /// Print the one copy of a receipt.
    Copy(u64),
    /// Cash to the safe.
    CashDrop(Money),
    /// Cash in that is no sale.
    PaidIn(Money),
    /// Cash out that is no return.
    PaidOut(Money),
    /// Open the drawer without a sale.
    NoSale,
    /// Open the drawer to see whether it does.
    TestDrawer,
    /// Read an X report.
    XReport,
    /// Close the shift with what was counted.
    ZReport {
        /// The sum counted.
        counted: Money,
        /// Notes and coins: value in minor units and pieces. Empty when only the sum was given.
        pieces: Vec<(i64, u32)>,
    },
    /// Training mode on or off.
    Training(bool),
    /// What became of a print job.
    JobEnded {
        /// The job.
        job_id: JobId,
        /// What became of it.
        outcome: PrintOutcome,
    },
    /// The crew's answer to "did the whole receipt come out?".
    JobDecided {
        /// The job.
        job_id: JobId,
        /// It did.
        came_out: bool,
    },
    /// Another command, and why: a short code that its entries carry.
    Because(String, Box<Self>),
    /// The printer says that it can print.
    PrinterReady,
    /// A crew member confirmed or set date and time: seconds since 1970, UTC.
    SetClock(i64),
    /// Satellites or the network tell date and time. What cannot be true changes nothing.
    ClockHeard {
        /// Seconds since 1970, UTC.
        utc_s: i64,
        /// Who says so: [`ClockTrust::Gps`] or [`ClockTrust::Network`].
        source: ClockTrust,
    },
    /// A signed bundle came, over the network or on a stick.
    InstallBundle(Vec<u8>),
    /// The root that a person put on the card: whose bundles this till takes.
    PinRoot(Vec<u8>),
}

/// What a finished payment comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paid {
    /// The receipt.
    pub receipt_no: u64,
    /// Practice only.
    pub training: bool,
    /// Gross total before cash rounding.
    pub total: Money,
    /// What cash rounding added.
    pub rounding: Money,
    /// What goes back.
    pub change: Money,
    /// The entry it stands in.
    pub seq: u64,
}

/// What a command did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is done.
    Done,
    /// The till goes by this time from here on: seconds since 1970, UTC. The edge is to set its clock by it.
    ClockSet(i64),
    /// A line was added or found.
    Line(LineNo),
    /// The receipt that was scanned, by its number.
    ReceiptFound(u64),
    /// A sale was parked under this ticket.
    Parked(u32),
    /// A payment was taken and this much is still due.
    Due(Money),
    /// A sale, refund or void was closed.
    Paid(Paid),
    /// The card terminal is being asked; the answer comes as [`Command::CardAnswered`].
    CardAsked(String),
    /// The terminal does not say what became of the payment.
    CardUnknown(String),
    /// No money was taken: the terminal declined, or never heard of the payment.
    CardNotPaid {
        /// It declined.
        declined: bool,
    },
    /// The control unit is being asked about the receipt with this number; the answer comes as [`Command::ControlAnswered`].
    ControlAsked(u64),
    /// The control unit did not give its code for the receipt with this number. The receipt waits.
    ControlTrouble(u64, ControlTrouble),
    /// The receipt was given up and the sale, if it was one, is open again.
    ControlGivenUp {
        /// The number it would have had.
        number: u64,
        /// The unit may have recorded it, so the number is not used again.
        burned: bool,
        /// Cash to hand back.
        back: Money,
    },
    /// A shift was opened under this number.
    Shift(u32),
    /// The one copy is being printed.
    Copying(u64),
    /// A bundle is installed.
    BundleInstalled {
        /// What for.
        role: Role,
        /// Its version.
        version: u64,
        /// The till goes by it already; otherwise as soon as nothing runs by the one before.
        in_force: bool,
    },
    /// A Z report closed the shift.
    Closed {
        /// Its running number.
        z_no: u64,
        /// What should have been in the drawer.
        expected: Money,
        /// Counted less expected.
        variance: Money,
    },
}

/// Something for a device to do, after the commit that caused it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// A print job waits.
    Print(JobId),
    /// Open the drawer.
    OpenDrawer,
    /// Ask the terminal to take or give back this much.
    AskTerminal {
        /// Our reference.
        reference: String,
        /// Minor units, negative towards the customer.
        amount_minor: i64,
        /// The payment that a refund takes back.
        original: Option<String>,
        /// ISO 4217.
        currency: &'static str,
    },
    /// Ask the terminal what became of a reference.
    AskTerminalStatus(String),
    /// Have the control unit record a receipt.
    Register(Box<ReceiptRecord>),
}

/// Why a command was not carried out. Nothing has changed then.
#[derive(Debug, thiserror::Error)]
pub enum Wrong {
    /// The rules say no.
    #[error("{}", .0.code())]
    Refused(Refusal),
    /// The crew member must wait before trying a PIN again.
    #[error("{}", Refusal::PinDelayed.code())]
    PinDelayed {
        /// How long.
        wait_s: u32,
    },
    /// The control unit would not record a receipt, so no money is taken.
    #[error("{}", .0.code())]
    Control(ControlTrouble),
    /// A bundle is not installed.
    #[error("{0}")]
    Bundle(BundleWrong),
    /// The world failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl Wrong {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Refused(refusal) => refusal.code(),
            Self::PinDelayed { .. } => Refusal::PinDelayed.code(),
            Self::Control(trouble) => trouble.code(),
            Self::Bundle(wrong) => wrong.code(),
            Self::Fault(fault) => fault_code(fault),
        }
    }
}

impl From<Refusal> for Wrong {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// The stable code of a fault of the store.
#[must_use]
pub fn fault_code(fault: &Fault) -> &'static str {
    if fault.is_damage() {
        return "store.damaged";
    }
    match fault.kind() {
        FaultKind::Transient => "store.in_use",
        _ if fault.is_disk_full() => "store.full",
        _ => "store.write_failed",
    }
}
