//! The books: what the entries of a log add up to. A fold from nothing always gives the same books.

use std::collections::BTreeMap;

use minicbor::{Decode, Encode};

use domain::{
    report::{GrandTotals, Totals},
    sale::{ClosedSale, Line, OpenSale, TenderKind},
};

use crate::{
    CardAnswer, CardPurpose, ControlKind, ControlRequest, Entry, Fact, Malformed, Stamp, TripStarted,
    body::{
        CardRequestBody,
        control::ControlRequestBody,
        decode_draft, decode_trip, encode_draft, encode_trip,
        report::{GrandBody, TotalsBody},
        to_vec, whole,
    },
};

/// The trip that is running.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunningTrip {
    /// `seq` of its start.
    pub seq: u64,
    /// How it began.
    pub started: TripStarted,
}

/// The shift that is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenShift {
    /// Running number in this log.
    pub no: u32,
    /// `seq` of its opening.
    pub seq: u64,
    /// Who answers for it.
    pub crew: String,
    /// When it was opened, seconds since 1970, UTC.
    pub opened_s: i64,
}

/// A sale that was put aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parked {
    /// When, seconds since 1970, UTC.
    pub parked_s: i64,
    /// The sale.
    pub sale: OpenSale,
}

/// A card payment whose outcome is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardRequest {
    /// Our reference.
    pub reference: String,
    /// The amount in minor units, negative towards the customer.
    pub amount_minor: i64,
    /// What it is for.
    pub purpose: CardPurpose,
    /// The terminal was asked and did not tell.
    pub unknown: bool,
}

/// A receipt that waits for the control unit's code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ControlPending {
    /// What the unit is asked to record.
    pub request: ControlRequest,
    /// The receipt's time, seconds since 1970, UTC.
    pub at_s: i64,
    /// What to add for local time, in minutes.
    pub offset_min: i16,
}

/// Wrong PINs of one crew member since the last right one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct PinState {
    /// How many.
    #[n(0)]
    pub wrong: u32,
    /// The last of them, seconds since 1970, UTC.
    #[n(1)]
    pub last_wrong_s: i64,
}

/// The state of a till as its journal tells it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Books {
    /// The last entry taken in.
    pub seq: u64,
    /// How many times the till was started in this log.
    pub boot: u32,
    /// The latest wall time seen, seconds since 1970, UTC.
    pub last_wall_s: i64,
    /// The unit's label.
    pub unit: String,
    /// The register designation on receipts.
    pub register: String,
    /// Who is signed in.
    pub crew: Option<String>,
    /// Wrong PINs.
    pub pins: BTreeMap<String, PinState>,
    /// The running trip.
    pub trip: Option<RunningTrip>,
    /// The open shift.
    pub shift: Option<OpenShift>,
    /// Its sums.
    pub totals: Totals,
    /// The sums that never start again.
    pub grand: GrandTotals,
    /// Number of the last receipt.
    pub receipt_no: u64,
    /// Number of the last training receipt.
    pub training_no: u64,
    /// Number of the last Z report.
    pub z_no: u64,
    /// Number of the last shift.
    pub shift_no: u32,
    /// Number of the last ticket of a parked sale.
    pub ticket_no: u32,
    /// Sales put aside, by ticket.
    pub parked: BTreeMap<u32, Parked>,
    /// A card payment under way.
    pub card: Option<CardRequest>,
    /// A receipt that waits for the control unit.
    pub control: Option<ControlPending>,
    /// Training mode.
    pub training: bool,
    /// The log is sealed: nothing follows.
    pub sealed: bool,
}

impl Books {
    /// Takes in the next entry.
    pub fn apply(&mut self, entry: &Entry) {
        self.seq = entry.seq;
        self.last_wall_s = self.last_wall_s.max(entry.stamp.wall_s);
        match &entry.fact {
            Fact::LogOpened(opened) => {
                self.unit.clone_from(&opened.unit);
                self.register.clone_from(&opened.register);
            }
            Fact::TillStarted(_) => self.boot = entry.stamp.boot,
            // A clock that was set back on purpose is the new measure of what came last.
            // Nobody waits longer for a clock that went back.
            Fact::ClockChanged(change) => {
                self.last_wall_s = change.new_s;
                for pin in self.pins.values_mut() {
                    pin.last_wrong_s = pin.last_wrong_s.min(change.new_s);
                }
            }
            Fact::CrewSignedIn(crew) => {
                self.pins.remove(crew);
                self.crew = Some(crew.clone());
            }
            Fact::CrewSignedOut(_) => self.crew = None,
            Fact::PinRefused(crew) => {
                let pin = self.pins.entry(crew.clone()).or_default();
                pin.wrong = pin.wrong.saturating_add(1);
                pin.last_wrong_s = entry.stamp.wall_s;
            }
            Fact::TripStarted(started) => self.trip = Some(RunningTrip { seq: entry.seq, started: started.clone() }),
            Fact::TripEnded => self.trip = None,
            Fact::TrainingSwitched(on) => self.training = *on,
            Fact::ControlRequested(_) | Fact::ControlGivenUp { .. } | Fact::CopyPrinted(..) => self.apply_control(entry),
            Fact::LogSealed(_) => self.sealed = true,
            Fact::ReceiptReprinted(..) | Fact::XRead(_) | Fact::LogSucceeded(_) | Fact::BundleInstalled(_) | Fact::Unknown(_) => {}
            Fact::ShiftOpened(..)
            | Fact::CashDropped(_)
            | Fact::PaidIn(_)
            | Fact::PaidOut(_)
            | Fact::DrawerOpened(_)
            | Fact::ZClosed(_) => self.apply_drawer(entry),
            Fact::SaleClosed(_)
            | Fact::SaleParked(..)
            | Fact::SaleResumed(_)
            | Fact::SaleAbandoned { .. }
            | Fact::CardRequested(..)
            | Fact::CardAnswered(..) => self.apply_sale(entry),
        }
    }

    /// The bytes of the books, for a snapshot beside the journal.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        to_vec(&BooksBody::of(self))
    }

    /// Reads what [`Books::encode`] wrote.
    ///
    /// # Errors
    /// [`Malformed`]; the books are then folded anew.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        whole::<BooksBody>(bytes)?.into_books()
    }

    fn apply_drawer(&mut self, entry: &Entry) {
        match &entry.fact {
            Fact::ShiftOpened(no, float_minor) => {
                self.shift_no = *no;
                let crew = entry.context.crew.clone().unwrap_or_default();
                self.shift = Some(OpenShift { no: *no, seq: entry.seq, crew, opened_s: entry.stamp.wall_s });
                self.totals = Totals::opened(*float_minor);
                self.totals.open_drawer();
                return;
            }
            Fact::ZClosed(closed) => {
                self.z_no = closed.z_no;
                self.shift = None;
                self.totals = Totals::default();
                return;
            }
            Fact::CashDropped(minor) => self.totals.cash_drops.add(*minor),
            Fact::PaidIn(minor) => self.totals.paid_in.add(*minor),
            Fact::PaidOut(minor) => self.totals.paid_out.add(*minor),
            _ => self.totals.no_sales = self.totals.no_sales.saturating_add(1),
        }
        self.totals.open_drawer();
    }

    /// Neither sum ever falls: what comes back, bottles among it, is a return.
    fn add_grand(&mut self, sale: &ClosedSale) {
        let (sold, back): (Vec<&Line>, Vec<&Line>) = sale.lines.iter().partition(|line| line.gross_minor() >= 0);
        let sum = |lines: &[&Line]| lines.iter().fold(0_i64, |sum, line| sum.saturating_add(line.gross_minor()));
        self.grand.sales_minor = self.grand.sales_minor.saturating_add(sum(&sold));
        self.grand.returns_minor = self.grand.returns_minor.saturating_sub(sum(&back));
    }

    fn apply_control(&mut self, entry: &Entry) {
        self.control = None;
        match &entry.fact {
            Fact::ControlRequested(request) => {
                let Stamp { wall_s, offset_min, .. } = entry.stamp;
                self.control = Some(ControlPending { request: (**request).clone(), at_s: wall_s, offset_min });
            }
            Fact::CopyPrinted(false, _, minor, _) => self.totals.copies.add(minor.saturating_abs()),
            // The unit must never see one number with two contents.
            Fact::ControlGivenUp { number, kind: ControlKind::Receipt, burned: true } => {
                self.receipt_no = *number;
                self.totals.burned_numbers = self.totals.burned_numbers.saturating_add(1);
            }
            Fact::ControlGivenUp { number, kind: ControlKind::Training, burned: true } => self.training_no = *number,
            _ => {}
        }
    }

    fn apply_sale(&mut self, entry: &Entry) {
        match &entry.fact {
            Fact::SaleClosed(sale) => {
                self.control = None;
                self.totals.add(sale);
                if sale.training {
                    self.training_no = sale.receipt_no;
                } else {
                    self.receipt_no = sale.receipt_no;
                    self.add_grand(sale);
                }
            }
            Fact::SaleParked(ticket, sale) => {
                self.ticket_no = *ticket;
                self.parked.insert(*ticket, Parked { parked_s: entry.stamp.wall_s, sale: (**sale).clone() });
            }
            Fact::SaleResumed(ticket) => {
                self.parked.remove(ticket);
            }
            Fact::SaleAbandoned { gross_minor, voided, training: false, .. } => {
                self.totals.abandoned.add(*gross_minor);
                self.totals.voided_lines.count = self.totals.voided_lines.count.saturating_add(u64::from(voided.count));
                self.totals.voided_lines.minor = self.totals.voided_lines.minor.saturating_add(voided.gross_minor);
            }
            Fact::CardRequested(reference, amount_minor, purpose) => {
                let purpose = purpose.clone();
                self.card = Some(CardRequest { reference: reference.clone(), amount_minor: *amount_minor, purpose, unknown: false });
            }
            // An answer to another reference says nothing about the payment under way.
            Fact::CardAnswered(reference, answer) => match &mut self.card {
                Some(card) if card.reference == *reference => {
                    if *answer == CardAnswer::Unknown {
                        card.unknown = true;
                    } else {
                        self.card = None;
                    }
                }
                _ => {}
            },
            _ => {}
        }
    }
}

/// What moved cash in the drawer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DrawerCause {
    /// The opening float.
    Float,
    /// A sale, refund or void with this receipt number.
    Receipt(u64),
    /// Cash to the safe.
    Drop,
    /// Cash in that is no sale.
    PaidIn,
    /// Cash out that is no return.
    PaidOut,
}

/// One line behind a drawer's expected sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DrawerLine {
    /// The entry it stands in.
    pub seq: u64,
    /// When, seconds since 1970, UTC.
    pub wall_s: i64,
    /// What it was.
    pub cause: DrawerCause,
    /// What it put into the drawer in minor units, negative when it took out.
    pub minor: i64,
}

/// Every line that moved cash among `entries`, in their order.
pub fn drawer_lines<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> Vec<DrawerLine> {
    let line = |entry: &Entry| {
        let (cause, minor) = match &entry.fact {
            Fact::ShiftOpened(_, minor) => (DrawerCause::Float, *minor),
            Fact::CashDropped(minor) => (DrawerCause::Drop, minor.saturating_neg()),
            Fact::PaidIn(minor) => (DrawerCause::PaidIn, *minor),
            Fact::PaidOut(minor) => (DrawerCause::PaidOut, minor.saturating_neg()),
            Fact::SaleClosed(sale) if !sale.training && sale.tenders.iter().any(|tender| tender.kind == TenderKind::Cash) => {
                (DrawerCause::Receipt(sale.receipt_no), sale.cash_minor())
            }
            _ => return None,
        };
        Some(DrawerLine { seq: entry.seq, wall_s: entry.stamp.wall_s, cause, minor })
    };
    entries.into_iter().filter_map(line).collect()
}

#[derive(Encode, Decode)]
#[cbor(map)]
struct BooksBody {
    #[n(0)]
    seq: u64,
    #[n(1)]
    boot: u32,
    #[n(2)]
    last_wall_s: i64,
    #[n(3)]
    unit: String,
    #[n(4)]
    register: String,
    #[n(5)]
    crew: Option<String>,
    #[n(6)]
    pins: BTreeMap<String, PinState>,
    #[n(7)]
    trip: Option<(u64, minicbor::bytes::ByteVec)>,
    #[n(8)]
    shift: Option<(u32, u64, String, i64)>,
    #[n(9)]
    totals: TotalsBody,
    #[n(10)]
    grand: GrandBody,
    #[n(11)]
    receipt_no: u64,
    #[n(12)]
    training_no: u64,
    #[n(13)]
    z_no: u64,
    #[n(14)]
    shift_no: u32,
    #[n(15)]
    ticket_no: u32,
    #[n(16)]
    parked: Vec<(u32, i64, minicbor::bytes::ByteVec)>,
    #[n(17)]
    card: Option<CardRequestBody>,
    #[n(18)]
    card_unknown: bool,
    #[n(19)]
    training: bool,
    #[n(20)]
    control: Option<(ControlRequestBody, i64, i16)>,
    #[n(21)]
    sealed: Option<bool>,
}

impl BooksBody {
    fn of(books: &Books) -> Self {
        let shift = |shift: &OpenShift| (shift.no, shift.seq, shift.crew.clone(), shift.opened_s);
        Self {
            seq: books.seq,
            boot: books.boot,
            last_wall_s: books.last_wall_s,
            unit: books.unit.clone(),
            register: books.register.clone(),
            crew: books.crew.clone(),
            pins: books.pins.clone(),
            trip: books.trip.as_ref().map(|trip| (trip.seq, encode_trip(&trip.started).into())),
            shift: books.shift.as_ref().map(shift),
            totals: TotalsBody::of(&books.totals),
            grand: GrandBody::of(books.grand),
            receipt_no: books.receipt_no,
            training_no: books.training_no,
            z_no: books.z_no,
            shift_no: books.shift_no,
            ticket_no: books.ticket_no,
            parked: books.parked.iter().map(|(ticket, parked)| (*ticket, parked.parked_s, encode_draft(&parked.sale).into())).collect(),
            card: books.card.as_ref().map(|card| CardRequestBody::of(&card.reference, card.amount_minor, &card.purpose)),
            card_unknown: books.card.as_ref().is_some_and(|card| card.unknown),
            training: books.training,
            control: books.control.as_ref().map(|pending| (ControlRequestBody::of(&pending.request), pending.at_s, pending.offset_min)),
            sealed: books.sealed.then_some(true),
        }
    }

    fn into_books(self) -> Result<Books, Malformed> {
        let trip = |(seq, bytes): (u64, minicbor::bytes::ByteVec)| Ok::<_, Malformed>(RunningTrip { seq, started: decode_trip(&bytes)? });
        let card = |body: CardRequestBody| {
            let purpose = body.purpose()?;
            Ok::<_, Malformed>(CardRequest {
                reference: body.reference,
                amount_minor: body.amount_minor,
                purpose,
                unknown: self.card_unknown,
            })
        };
        let control = |(body, at_s, offset_min): (ControlRequestBody, i64, i16)| {
            Ok::<_, Malformed>(ControlPending { request: body.into_domain()?, at_s, offset_min })
        };
        let parked = |(ticket, parked_s, bytes): (u32, i64, minicbor::bytes::ByteVec)| {
            Ok((ticket, Parked { parked_s, sale: decode_draft(&bytes)? }))
        };
        Ok(Books {
            seq: self.seq,
            boot: self.boot,
            last_wall_s: self.last_wall_s,
            unit: self.unit,
            register: self.register,
            crew: self.crew,
            pins: self.pins,
            trip: self.trip.map(trip).transpose()?,
            shift: self.shift.map(|(no, seq, crew, opened_s)| OpenShift { no, seq, crew, opened_s }),
            totals: self.totals.into_domain()?,
            grand: self.grand.into_domain(),
            receipt_no: self.receipt_no,
            training_no: self.training_no,
            z_no: self.z_no,
            shift_no: self.shift_no,
            ticket_no: self.ticket_no,
            parked: self.parked.into_iter().map(parked).collect::<Result<_, Malformed>>()?,
            card: self.card.map(card).transpose()?,
            control: self.control.map(control).transpose()?,
            training: self.training,
            sealed: self.sealed.unwrap_or(false),
        })
    }
}
