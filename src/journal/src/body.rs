//! Bodies of entries as CBOR maps with integer keys. The types here are the wire's own; the rest of the crate speaks the domain's.

use minicbor::{Decode, Encode, bytes::ByteArray};

use chrono::{Datelike as _, NaiveDate};
use domain::{
    Currency,
    sale::{ClosedSale, LineNo, OpenSale, RefundScope, SaleKind, Voided},
    trip::{Call, DayTime, Exchange, Station, TrainNo, Trip},
    vat::Country,
};

use crate::{
    BundleInstalled, CardAnswer, CardPurpose, ClockChanged, ControlKind, DrawerOpening, Fact, LogOpened, Malformed, ShiftClosed,
    TillStarted, TripStarted, UnknownFact,
    entry::{code_of, with_code},
};

pub(crate) mod control;
pub(crate) mod report;
pub(crate) mod sale;
pub(crate) mod seal;

use control::{ControlBody, ControlRequestBody, CopyBody};
use report::{GrandBody, TallyBody, TotalsBody};
use sale::{ClosedBody, DraftBody};
use seal::{LogSealedBody, LogSucceededBody};

/// The bytes of an open sale, for a store to keep until it is closed.
#[must_use]
pub fn encode_draft(sale: &OpenSale) -> Vec<u8> {
    to_vec(&DraftBody::of(sale))
}

/// Reads what [`encode_draft`] wrote.
///
/// # Errors
/// [`Malformed`] for bytes that are no open sale or trail behind one.
pub fn decode_draft(bytes: &[u8]) -> Result<OpenSale, Malformed> {
    whole::<DraftBody>(bytes)?.into_domain()
}

/// The bytes of a settled sale, for a store to keep until the control unit has answered for it.
#[must_use]
pub fn encode_closed(sale: &ClosedSale) -> Vec<u8> {
    to_vec(&ClosedBody::of(sale))
}

/// Reads what [`encode_closed`] wrote.
///
/// # Errors
/// [`Malformed`] for bytes that are no closed sale or trail behind one.
pub fn decode_closed(bytes: &[u8]) -> Result<ClosedSale, Malformed> {
    whole::<ClosedBody>(bytes)?.into_domain()
}

#[derive(Encode, Decode)]
#[cbor(map)]
struct One<T>(#[n(0)] T);

#[derive(Encode, Decode)]
#[cbor(map)]
struct Two<T, U>(#[n(0)] T, #[n(1)] U);

#[derive(Encode, Decode)]
#[cbor(map)]
struct Three<T, U, V>(#[n(0)] T, #[n(1)] U, #[n(2)] V);

#[derive(Encode, Decode)]
#[cbor(map)]
struct Empty {}

#[derive(Encode, Decode)]
#[cbor(map)]
struct LogOpenedBody {
    #[n(0)]
    public: ByteArray<32>,
    #[n(1)]
    unit: String,
    #[n(2)]
    register: String,
    #[n(3)]
    program: String,
    #[n(4)]
    previous_log: Option<ByteArray<32>>,
    #[n(5)]
    previous_entries: Option<u64>,
}

#[derive(Encode, Decode)]
#[cbor(map)]
struct CallBody {
    #[n(0)]
    code: String,
    #[n(1)]
    name: String,
    #[n(2)]
    country: u8,
    #[n(3)]
    arrival_min: Option<i32>,
    #[n(4)]
    departure_min: Option<i32>,
    #[n(5)]
    exchange: u8,
}

#[derive(Encode, Decode)]
#[cbor(map)]
struct TripBody {
    #[n(0)]
    train: String,
    #[n(1)]
    operating_day: i32,
    #[n(2)]
    catalogue_version: u64,
    #[n(3)]
    calls: Vec<CallBody>,
}

#[derive(Encode, Decode)]
#[cbor(map)]
struct ShiftClosedBody {
    #[n(0)]
    z_no: u64,
    #[n(1)]
    shift_no: u32,
    #[n(2)]
    totals: TotalsBody,
    #[n(3)]
    grand: GrandBody,
    #[n(4)]
    counted_minor: i64,
    #[n(5)]
    expected_minor: i64,
    #[n(6)]
    pieces: Vec<(i64, u32)>,
    #[n(7)]
    currency: u8,
    #[n(8)]
    parked: TallyBody,
}

#[derive(Encode, Decode)]
#[cbor(map)]
pub(crate) struct ShiftReadBody {
    #[n(0)]
    shift_no: u32,
    #[n(1)]
    totals: TotalsBody,
    #[n(2)]
    grand: GrandBody,
    #[n(3)]
    parked: TallyBody,
    #[n(4)]
    currency: u8,
}

#[derive(Encode, Decode)]
#[cbor(map)]
struct AbandonedBody {
    #[n(0)]
    lines: u32,
    #[n(1)]
    gross_minor: i64,
    #[n(2)]
    voided_count: u32,
    #[n(3)]
    voided_minor: i64,
    #[n(4)]
    training: bool,
}

/// What a card payment is for. Without a receipt number it is for the open sale; without lines it is for the rest of the receipt.
#[derive(Encode, Decode)]
#[cbor(map)]
pub(crate) struct CardRequestBody {
    #[n(0)]
    pub(crate) reference: String,
    #[n(1)]
    pub(crate) amount_minor: i64,
    #[n(2)]
    receipt_no: Option<u64>,
    #[n(3)]
    lines: Option<Vec<(u32, i64)>>,
    #[n(4)]
    kind: Option<u8>,
}

impl CardRequestBody {
    pub(crate) fn of(reference: &str, amount_minor: i64, purpose: &CardPurpose) -> Self {
        let mut body = Self { reference: reference.into(), amount_minor, receipt_no: None, lines: None, kind: None };
        if let CardPurpose::Refund { receipt_no, scope, kind } = purpose {
            body.receipt_no = Some(*receipt_no);
            body.kind = Some(code_of(&SaleKind::ALL, *kind));
            if let RefundScope::Lines(lines) = scope {
                body.lines = Some(lines.iter().map(|(no, qty)| (no.0, *qty)).collect());
            }
        }
        body
    }

    pub(crate) fn purpose(&self) -> Result<CardPurpose, Malformed> {
        let Some(receipt_no) = self.receipt_no else { return Ok(CardPurpose::Sale) };
        let scope = match &self.lines {
            Some(lines) => RefundScope::Lines(lines.iter().map(|(no, qty)| (LineNo(*no), *qty)).collect()),
            None => RefundScope::Rest,
        };
        let kind = wire(&SaleKind::ALL, self.kind.unwrap_or(u8::MAX), "kind of sale")?;
        Ok(CardPurpose::Refund { receipt_no, scope, kind })
    }
}

const ANSWER_APPROVED: u8 = 0;
const ANSWER_DECLINED: u8 = 1;
const ANSWER_UNKNOWN: u8 = 2;
const ANSWER_NOT_FOUND: u8 = 3;

pub(crate) fn encode(fact: &Fact) -> Vec<u8> {
    match fact {
        Fact::LogOpened(opened) => to_vec(&LogOpenedBody {
            public: opened.public.into(),
            unit: opened.unit.clone(),
            register: opened.register.clone(),
            program: opened.program.clone(),
            previous_log: opened.previous.map(|(log, _)| log.into()),
            previous_entries: opened.previous.map(|(_, entries)| entries),
        }),
        Fact::TillStarted(started) => to_vec(&Three(&started.program, started.catalogue_version, started.clock_suspect)),
        Fact::ClockChanged(change) => to_vec(&Two(change.old_s, change.new_s)),
        Fact::CrewSignedIn(crew) | Fact::CrewSignedOut(crew) | Fact::PinRefused(crew) => to_vec(&One(crew)),
        Fact::TripStarted(trip) => to_vec(&trip_body(trip)),
        Fact::TripEnded => to_vec(&Empty {}),
        Fact::XRead(read) => to_vec(&ShiftReadBody::of(read)),
        Fact::ShiftOpened(shift_no, float_minor) => to_vec(&Two(shift_no, float_minor)),
        Fact::CashDropped(minor) | Fact::PaidIn(minor) | Fact::PaidOut(minor) => to_vec(&One(minor)),
        Fact::DrawerOpened(cause) => to_vec(&One(code_of(&DrawerOpening::ALL, *cause))),
        Fact::ZClosed(closed) => to_vec(&ShiftClosedBody {
            z_no: closed.z_no,
            shift_no: closed.shift_no,
            totals: TotalsBody::of(&closed.totals),
            grand: GrandBody::of(closed.grand),
            counted_minor: closed.counted_minor,
            expected_minor: closed.expected_minor,
            pieces: closed.pieces.clone(),
            currency: code_of(&Currency::ALL, closed.currency),
            parked: TallyBody::of(closed.parked),
        }),
        Fact::SaleClosed(sale) => to_vec(&ClosedBody::of(sale)),
        Fact::SaleParked(ticket, sale) => to_vec(&Two(ticket, DraftBody::of(sale))),
        Fact::SaleResumed(ticket) => to_vec(&One(ticket)),
        Fact::SaleAbandoned { lines, gross_minor, voided, training } => to_vec(&AbandonedBody {
            lines: *lines,
            gross_minor: *gross_minor,
            voided_count: voided.count,
            voided_minor: voided.gross_minor,
            training: *training,
        }),
        Fact::CardRequested(reference, minor, purpose) => to_vec(&CardRequestBody::of(reference, *minor, purpose)),
        Fact::CardAnswered(reference, answer) => match answer {
            CardAnswer::Approved(slip) => to_vec(&Three(reference, ANSWER_APPROVED, Some(slip))),
            CardAnswer::Declined => to_vec(&Two(reference, ANSWER_DECLINED)),
            CardAnswer::Unknown => to_vec(&Two(reference, ANSWER_UNKNOWN)),
            CardAnswer::NotFound => to_vec(&Two(reference, ANSWER_NOT_FOUND)),
        },
        Fact::ControlRequested(request) => to_vec(&ControlRequestBody::of(request)),
        Fact::ControlGivenUp { number, kind, burned } => to_vec(&Three(number, code_of(&ControlKind::ALL, *kind), burned)),
        Fact::CopyPrinted(training, receipt_no, minor, control) => to_vec(&CopyBody {
            training: *training,
            receipt_no: *receipt_no,
            minor: *minor,
            control: control.as_deref().map(ControlBody::of),
        }),
        Fact::ReceiptReprinted(training, receipt_no) => to_vec(&Two(training, receipt_no)),
        Fact::TrainingSwitched(on) => to_vec(&One(on)),
        Fact::LogSealed(sealed) => to_vec(&LogSealedBody::of(sealed)),
        Fact::LogSucceeded(from) => to_vec(&LogSucceededBody::of(from)),
        Fact::BundleInstalled(installed) => to_vec(&Three(&installed.role, installed.version, ByteArray::from(installed.sha256))),
        Fact::Unknown(unknown) => unknown.body.clone(),
    }
}

pub(crate) fn decode(kind: u16, bytes: &[u8]) -> Result<Fact, Malformed> {
    Ok(match kind {
        1 => {
            let body: LogOpenedBody = minicbor::decode(bytes)?;
            let previous = body.previous_log.map(|log| (*log, body.previous_entries.unwrap_or(0)));
            Fact::LogOpened(LogOpened { public: *body.public, unit: body.unit, register: body.register, program: body.program, previous })
        }
        2 => {
            let Three(program, catalogue_version, clock_suspect) = minicbor::decode(bytes)?;
            Fact::TillStarted(TillStarted { program, catalogue_version, clock_suspect })
        }
        3 => {
            let Two(old_s, new_s) = minicbor::decode(bytes)?;
            Fact::ClockChanged(ClockChanged { old_s, new_s })
        }
        10 => Fact::CrewSignedIn(one(bytes)?),
        11 => Fact::CrewSignedOut(one(bytes)?),
        12 => Fact::PinRefused(one(bytes)?),
        20 => Fact::TripStarted(trip(minicbor::decode(bytes)?)?),
        21 => Fact::TripEnded,
        30 => {
            let Two(shift_no, float_minor) = minicbor::decode(bytes)?;
            Fact::ShiftOpened(shift_no, float_minor)
        }
        31 => Fact::CashDropped(one(bytes)?),
        32 => Fact::PaidIn(one(bytes)?),
        33 => Fact::PaidOut(one(bytes)?),
        34 => Fact::DrawerOpened(wire(&DrawerOpening::ALL, one(bytes)?, "cause")?),
        35 => Fact::XRead(Box::new(minicbor::decode::<ShiftReadBody>(bytes)?.into_domain()?)),
        36 => Fact::ZClosed(Box::new(shift_closed(minicbor::decode(bytes)?)?)),
        40 => Fact::SaleClosed(Box::new(minicbor::decode::<ClosedBody>(bytes)?.into_domain()?)),
        41 => {
            let Two(ticket, draft): Two<u32, DraftBody> = minicbor::decode(bytes)?;
            Fact::SaleParked(ticket, Box::new(draft.into_domain()?))
        }
        42 => Fact::SaleResumed(one(bytes)?),
        43 => {
            let body: AbandonedBody = minicbor::decode(bytes)?;
            let voided = Voided { count: body.voided_count, gross_minor: body.voided_minor };
            Fact::SaleAbandoned { lines: body.lines, gross_minor: body.gross_minor, voided, training: body.training }
        }
        50 => {
            let body: CardRequestBody = minicbor::decode(bytes)?;
            let purpose = body.purpose()?;
            Fact::CardRequested(body.reference, body.amount_minor, purpose)
        }
        51 => card_answered(bytes)?,
        52 => Fact::ControlRequested(Box::new(minicbor::decode::<ControlRequestBody>(bytes)?.into_domain()?)),
        53 => {
            let Three(number, kind, burned) = minicbor::decode(bytes)?;
            Fact::ControlGivenUp { number, kind: wire(&ControlKind::ALL, kind, "kind of receipt")?, burned }
        }
        60 => {
            let body: CopyBody = minicbor::decode(bytes)?;
            let control = body.control.map(|control| Box::new(control.into_domain()));
            Fact::CopyPrinted(body.training, body.receipt_no, body.minor, control)
        }
        61 => {
            let Two(training, receipt_no) = minicbor::decode(bytes)?;
            Fact::ReceiptReprinted(training, receipt_no)
        }
        70 => Fact::TrainingSwitched(one(bytes)?),
        80 => Fact::LogSealed(Box::new(minicbor::decode::<LogSealedBody>(bytes)?.into_domain()?)),
        81 => Fact::LogSucceeded(Box::new(minicbor::decode::<LogSucceededBody>(bytes)?.into_domain())),
        90 => {
            let Three(role, version, sha256): Three<String, u64, ByteArray<32>> = minicbor::decode(bytes)?;
            Fact::BundleInstalled(BundleInstalled { role, version, sha256: *sha256 })
        }
        kind => Fact::Unknown(UnknownFact { kind, body: bytes.to_vec() }),
    })
}

fn card_answered(bytes: &[u8]) -> Result<Fact, Malformed> {
    let Three(reference, code, slip): Three<String, u8, Option<String>> = minicbor::decode(bytes)?;
    let answer = match code {
        ANSWER_APPROVED => CardAnswer::Approved(slip.unwrap_or_default()),
        ANSWER_DECLINED => CardAnswer::Declined,
        ANSWER_NOT_FOUND => CardAnswer::NotFound,
        _ => CardAnswer::Unknown,
    };
    Ok(Fact::CardAnswered(reference, answer))
}

fn shift_closed(body: ShiftClosedBody) -> Result<ShiftClosed, Malformed> {
    Ok(ShiftClosed {
        z_no: body.z_no,
        shift_no: body.shift_no,
        totals: body.totals.into_domain()?,
        grand: body.grand.into_domain(),
        counted_minor: body.counted_minor,
        expected_minor: body.expected_minor,
        pieces: body.pieces,
        parked: body.parked.into_domain(),
        currency: wire(&Currency::ALL, body.currency, "currency")?,
    })
}

fn trip_body(started: &TripStarted) -> TripBody {
    let call = |call: &Call| CallBody {
        code: call.station.code.clone(),
        name: call.station.name.clone(),
        country: code_of(&Country::ALL, call.country),
        arrival_min: call.arrival.map(DayTime::minutes),
        departure_min: call.departure.map(DayTime::minutes),
        exchange: code_of(&Exchange::ALL, call.exchange),
    };
    TripBody {
        train: started.trip.train().as_str().into(),
        operating_day: started.trip.operating_day().num_days_from_ce(),
        catalogue_version: started.catalogue_version,
        calls: started.trip.calls().iter().map(call).collect(),
    }
}

fn trip(body: TripBody) -> Result<TripStarted, Malformed> {
    let call = |call: CallBody| {
        Ok(Call {
            station: Station { code: call.code, name: call.name },
            country: wire(&Country::ALL, call.country, "country")?,
            arrival: call.arrival_min.map(DayTime::from_minutes),
            departure: call.departure_min.map(DayTime::from_minutes),
            exchange: wire(&Exchange::ALL, call.exchange, "exchange")?,
        })
    };
    let calls = body.calls.into_iter().map(call).collect::<Result<_, Malformed>>()?;
    let train = TrainNo::parse(&body.train).map_err(|_| Malformed(format!("train {:?}", body.train)))?;
    let trip = Trip::new(train, day(body.operating_day)?, calls).map_err(|error| Malformed(format!("trip: {error:?}")))?;
    Ok(TripStarted { trip, catalogue_version: body.catalogue_version })
}

/// A trip's bytes on their own, for the books.
pub(crate) fn encode_trip(trip: &TripStarted) -> Vec<u8> {
    to_vec(&trip_body(trip))
}

pub(crate) fn decode_trip(bytes: &[u8]) -> Result<TripStarted, Malformed> {
    trip(whole(bytes)?)
}

/// Reads a value that fills all of `bytes`.
pub(crate) fn whole<'b, T: Decode<'b, ()>>(bytes: &'b [u8]) -> Result<T, Malformed> {
    let mut decoder = minicbor::Decoder::new(bytes);
    let value = decoder.decode()?;
    match bytes.len().saturating_sub(decoder.position()) {
        0 => Ok(value),
        trailing => Err(Malformed(format!("{trailing} bytes trail behind"))),
    }
}

pub(crate) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

pub(crate) fn day(days: i32) -> Result<NaiveDate, Malformed> {
    NaiveDate::from_num_days_from_ce_opt(days).ok_or_else(|| Malformed(format!("day {days} does not exist")))
}

pub(crate) fn wire<T: Copy>(all: &[T], code: u8, what: &str) -> Result<T, Malformed> {
    with_code(all, code).ok_or_else(|| Malformed(format!("{what} {code} does not exist")))
}

pub(crate) fn to_vec<T: Encode<()>>(body: &T) -> Vec<u8> {
    let mut bytes = Vec::new();
    let written = minicbor::encode(body, &mut bytes);
    assert!(written.is_ok(), "writing to memory does not fail");
    bytes
}

fn one<'b, T: Decode<'b, ()>>(bytes: &'b [u8]) -> Result<T, Malformed> {
    Ok(minicbor::decode::<One<T>>(bytes)?.0)
}
