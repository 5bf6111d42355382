//! The fiscal control unit: where the law wants it, nothing is closed without its code.
//!
//! A settled sale is two facts, as a card payment is. The request, with number, time and amounts, is committed before the unit is asked,
//! and the settled sale is kept with it; the code and the receipt are committed together. In between nothing else can close, and after a
//! restart the very same record is asked for again.

use chrono::{DateTime, Datelike as _, FixedOffset, Timelike as _};
use domain::{
    Refusal,
    crew::Right,
    sale::{ClosedSale, Control, OpenSale, TenderKind, VatSum},
    vat::Country,
};
use hw::control::{
    ControlCode, ControlState, ControlTrouble, RATES_MAX, ReceiptRecord, RecordKind,
    fields::{self, RecordError},
};
use journal::{ControlKind, ControlPending, ControlRequest, Fact};

use crate::{
    command::{Answer, Effect, Wrong},
    setup::ControlRule,
    till::{Doing, Till},
};

/// Under this name the store keeps the sale that is settled and waits for its code.
pub(crate) const KEPT_SETTLED: &str = "settled_sale";
/// Digits of an organisation number. Source: SKVFS 2009:2.
pub const ORG_NO_CHARS: usize = 10;
/// The most characters of a register designation. Source: SKVFS 2009:2.
const REGISTER_CHARS_MAX: usize = 16;

/// What this run of the till knows of the control unit.
#[derive(Debug, Default)]
pub(crate) struct ControlWatch {
    /// The unit's last word; none before it spoke.
    seen: Option<Result<ControlState, ControlTrouble>>,
    /// The unit was asked about the waiting receipt and has not answered.
    asked: bool,
    /// The unit may have recorded the waiting receipt.
    doubted: bool,
    /// Its last answer about the waiting receipt.
    trouble: Option<ControlTrouble>,
    /// It refused the last receipt for good, whatever it says of its state: no card is charged before it has recorded one again.
    refuses: Option<ControlTrouble>,
}

impl Till {
    /// What the control unit said last; `None` before it was heard.
    #[must_use]
    pub const fn control_seen_last(&self) -> Option<&Result<ControlState, ControlTrouble>> {
        self.control.seen.as_ref()
    }

    /// What keeps the receipt that waits for the control unit; `None` while the unit is being asked, or when nothing waits.
    #[must_use]
    pub fn control_trouble(&self) -> Option<ControlTrouble> {
        self.control.trouble.filter(|_| self.books().control.is_some() && !self.control.asked)
    }

    /// Whether the receipt that waits for the control unit can be given up.
    ///
    /// # Errors
    /// [`Refusal::ControlNotPending`], [`Refusal::ControlPending`] while the unit is being asked, [`Refusal::ControlCardPaid`].
    pub fn may_give_up_control(&self) -> Result<(), Refusal> {
        let pending = self.books().control.as_ref().ok_or(Refusal::ControlNotPending)?;
        if self.control.asked {
            return Err(Refusal::ControlPending);
        }
        if pending.request.kind == ControlKind::Receipt && self.card_paid() {
            return Err(Refusal::ControlCardPaid);
        }
        Ok(())
    }

    /// Before money moves: whether the unit would record a receipt of this sum and VAT now, where it has to.
    pub(crate) fn may_register(&self, country: Country, (owed_minor, vat): (i64, &[VatSum]), training: bool) -> Result<(), Wrong> {
        if !self.setup.control.wants_code(country) {
            return Ok(());
        }
        if vat.len() > RATES_MAX {
            return Err(Refusal::ControlRates.into());
        }
        let kind = if training { ControlKind::Training } else { ControlKind::Receipt };
        let planned = self.control_request(self.next_receipt_no(training), kind, owed_minor, vat);
        let (at_s, offset_min) = self.wall(self.now());
        match fields::check(&record(&planned, at_s, offset_min)) {
            Ok(_) => {}
            Err(RecordError::Date) => return Err(Refusal::ControlClock.into()),
            Err(RecordError::Vat(_)) => return Err(Refusal::ControlRates.into()),
            Err(_) => return Err(Wrong::Control(ControlTrouble::Refused(0))),
        }
        match &self.control.seen {
            None => Err(Refusal::ControlUnheard.into()),
            Some(Err(trouble)) => Err(Wrong::Control(*trouble)),
            Some(Ok(state)) if !state.is_ready => Err(Wrong::Control(ControlTrouble::Busy)),
            Some(Ok(_)) => Ok(()),
        }
    }

    pub(crate) fn refuse_while_control_pending(&self) -> Result<(), Refusal> {
        if self.books().control.is_some() { Err(Refusal::ControlPending) } else { Ok(()) }
    }

    /// Commits what the unit is to record, and the settled sale with it, then has the unit asked.
    pub(crate) fn ask_control_unit(&mut self, settled: &ClosedSale, sale: Option<OpenSale>, doing: Doing) -> Result<Answer, Wrong> {
        let kind = if settled.training { ControlKind::Training } else { ControlKind::Receipt };
        let request = self.control_request(settled.receipt_no, kind, settled.owed_minor(), &settled.vat);
        self.request_control(request, doing.sale(sale).keep(KEPT_SETTLED, journal::encode_closed(settled)))
    }

    /// As [`Till::ask_control_unit`], for the one copy of a receipt.
    pub(crate) fn ask_for_copy(&mut self, sale: &ClosedSale) -> Result<Answer, Wrong> {
        if sale.training {
            // Practice has no running number of its own for copies that the unit could tell from real ones.
            return Err(Refusal::TrainingForbids.into());
        }
        self.may_register(sale.country, (sale.owed_minor(), &sale.vat), false)?;
        let request = self.control_request(sale.receipt_no, ControlKind::Copy, sale.owed_minor(), &sale.vat);
        self.request_control(request, Doing::default())
    }

    pub(crate) fn ask_control_again(&mut self) -> Result<Answer, Wrong> {
        let pending = self.books().control.as_ref().ok_or(Refusal::ControlNotPending)?;
        let (number, record) = (pending.request.number, record_of(pending));
        // The unit answers each question once; a second one waits for that.
        if !core::mem::replace(&mut self.control.asked, true) {
            self.effects.push(Effect::Register(Box::new(record)));
        }
        Ok(Answer::ControlAsked(number))
    }

    /// At the start: what became of the receipt is not known, so the same is asked again.
    pub(crate) fn resume_control(&mut self) -> Result<(), Wrong> {
        let Some(pending) = self.books().control.clone() else { return Ok(()) };
        self.control.doubted = true;
        match self.setup.control {
            ControlRule::Sweden => self.ask_control_again()?,
            ControlRule::None => self.close_pending(&pending, None)?,
        };
        Ok(())
    }

    pub(crate) fn control_answered(
        &mut self,
        answered: &ReceiptRecord,
        result: Result<ControlCode, ControlTrouble>,
    ) -> Result<Answer, Wrong> {
        let pending = self.books().control.clone().filter(|pending| record_of(pending) == *answered).ok_or(Refusal::ControlNotPending)?;
        let result = match result {
            Ok(code) if self.is_code_of_another(pending.request.number, &code)? => Err(ControlTrouble::Garbled),
            result => result,
        };
        self.control.asked = false;
        self.control.refuses = result.as_ref().err().copied().filter(|trouble| refuses_for_good(*trouble));
        self.control.trouble = result.as_ref().err().copied();
        self.control.doubted |= result.as_ref().err().is_none_or(|trouble| trouble.may_be_recorded());
        match result {
            Ok(code) => {
                let control = Control { unit: code.unit.as_str().into(), code: code.code.as_str().into(), at_s: pending.at_s };
                self.close_pending(&pending, Some(control))
            }
            Err(trouble) => Ok(Answer::ControlTrouble(pending.request.number, trouble)),
        }
    }

    /// A unit's memory of its last answer can be longer than the till's of its last question: a code stands for one receipt.
    fn is_code_of_another(&self, number: u64, code: &ControlCode) -> Result<bool, Wrong> {
        let last_no = self.books().receipt_no;
        if code.code.is_empty() || last_no == 0 || last_no == number {
            return Ok(false);
        }
        match self.receipt(false, last_no) {
            Ok((_, last)) => Ok(last.control.is_some_and(|control| *control.code == *code.code)),
            // A burned number has no receipt.
            Err(Wrong::Refused(_)) => Ok(false),
            Err(wrong) => Err(wrong),
        }
    }

    /// Before a card is charged: a unit that has just refused would refuse this one too, and a card is not given back by hand.
    pub(crate) fn may_charge(&self, country: Country) -> Result<(), Wrong> {
        match self.control.refuses.filter(|_| self.setup.control.wants_code(country)) {
            Some(trouble) => Err(Wrong::Control(trouble)),
            None => Ok(()),
        }
    }

    /// The unit told how it is. When it can work again, it is asked again about what waits.
    pub(crate) fn control_seen(&mut self, state: Result<ControlState, ControlTrouble>) -> Result<Answer, Wrong> {
        let is_ready = state.as_ref().is_ok_and(|state| state.is_ready);
        if self.control.seen.as_ref().is_some_and(Result::is_err) {
            // It was away: somebody saw to it.
            self.control.refuses = None;
        }
        self.control.seen = Some(state);
        if is_ready && self.books().control.is_some() { self.ask_control_again() } else { Ok(Answer::Done) }
    }

    /// The receipt does not come about. Where the unit may have recorded it, its number is never used again.
    pub(crate) fn give_up_control(&mut self) -> Result<Answer, Wrong> {
        self.require(Right::Sell)?;
        self.may_give_up_control()?;
        let pending = self.books().control.clone().ok_or(Refusal::ControlNotPending)?;
        let ControlRequest { number, kind, .. } = pending.request;
        let burned = self.control.doubted;
        let mut sale = self.open_sale.clone();
        // A copy leaves the sale alone that stands open beside it.
        let paid = sale.as_mut().filter(|_| kind != ControlKind::Copy);
        let tenders = paid.map(|sale| core::mem::take(&mut sale.tenders)).unwrap_or_default();
        let back = tenders.iter().filter(|_| kind == ControlKind::Receipt).map(|tender| tender.amount_minor).sum();
        let fact = Fact::ControlGivenUp { number, kind, burned };
        self.commit(Doing::fact(fact).sale(sale).forget(KEPT_SETTLED))?;
        self.control.trouble = None;
        Ok(Answer::ControlGivenUp { number, burned, back: self.money(back) })
    }

    /// Closes what waits, with the unit's proof; without one where the law has ceased to ask for it.
    fn close_pending(&mut self, pending: &ControlPending, control: Option<Control>) -> Result<Answer, Wrong> {
        let answer = match (pending.request.kind, self.settled(pending)?) {
            (ControlKind::Copy, _) => {
                let (_, sale) = self.receipt(false, pending.request.number)?;
                self.commit_copy(&sale, control.map(Box::new))
            }
            (_, Some(settled)) => self.commit_closed(ClosedSale { control, ..settled }, Doing::default().forget(KEPT_SETTLED)),
            (kind, None) => {
                // Only a store that lost what it kept gets here: the number is the unit's, and the journal says so.
                let fact = Fact::ControlGivenUp { number: pending.request.number, kind, burned: true };
                self.commit(Doing::fact(fact).sale(self.open_sale.clone())).map(|_| Answer::Done)
            }
        };
        if answer.is_ok() {
            self.control.trouble = None;
        }
        answer
    }

    /// The sale that is settled and waits, if the store still has it.
    fn settled(&self, pending: &ControlPending) -> Result<Option<ClosedSale>, Wrong> {
        let kept = self.store.kept(KEPT_SETTLED)?;
        let settled = kept.and_then(|bytes| journal::decode_closed(&bytes).ok());
        Ok(settled.filter(|settled| is_asked_for(settled, &pending.request)))
    }

    /// A card has paid, in whole or in part, what waits for the unit.
    fn card_paid(&self) -> bool {
        let pending = self.books().control.as_ref();
        let settled = pending.and_then(|pending| self.settled(pending).ok().flatten());
        let open = self.open_sale.iter().flat_map(|sale| &sale.tenders);
        open.chain(settled.iter().flat_map(|settled| &settled.tenders)).any(|tender| tender.kind == TenderKind::Card)
    }

    fn control_request(&self, number: u64, kind: ControlKind, owed_minor: i64, vat: &[VatSum]) -> ControlRequest {
        ControlRequest {
            number,
            kind,
            org_no: self.setup.operator.org_no.chars().filter(char::is_ascii_digit).collect(),
            register: self.books().register.clone(),
            returned_minor: owed_minor.min(0).saturating_neg(),
            sold_minor: owed_minor.max(0),
            vat: vat.iter().map(|sum| (sum.rate, sum.vat_minor)).collect(),
        }
    }

    fn request_control(&mut self, request: ControlRequest, doing: Doing) -> Result<Answer, Wrong> {
        self.commit(doing.and(Fact::ControlRequested(Box::new(request))))?;
        self.control.doubted = false;
        self.control.asked = false;
        self.control.trouble = None;
        self.ask_control_again()
    }
}

fn record_of(pending: &ControlPending) -> ReceiptRecord {
    record(&pending.request, pending.at_s, pending.offset_min)
}

/// The record as the unit gets it: made of committed facts alone, so it is the same however often it is asked for.
fn record(request: &ControlRequest, at_s: i64, offset_min: i16) -> ReceiptRecord {
    ReceiptRecord {
        at: local_minute(at_s, offset_min),
        org_no: short(&request.org_no, ORG_NO_CHARS),
        register: short(&request.register, REGISTER_CHARS_MAX),
        number: request.number,
        kind: match request.kind {
            ControlKind::Receipt => RecordKind::Normal,
            ControlKind::Copy => RecordKind::Copy,
            ControlKind::Training => RecordKind::Training,
        },
        returned_minor: request.returned_minor,
        sold_minor: request.sold_minor,
        vat: request.vat.iter().take(RATES_MAX).map(|(rate, minor)| (rate.basis_points(), *minor)).collect(),
    }
}

/// Whether this is the sale that the request was made of. Company and register do not matter: they may have been set up anew since.
fn is_asked_for(settled: &ClosedSale, request: &ControlRequest) -> bool {
    let vat = settled.vat.iter().map(|sum| (sum.rate, sum.vat_minor));
    settled.receipt_no == request.number
        && settled.training == (request.kind == ControlKind::Training)
        && settled.owed_minor() == request.sold_minor.saturating_sub(request.returned_minor)
        && vat.eq(request.vat.iter().copied())
}

/// Troubles that a unit says of receipts and not of itself: asked how it is, it goes on saying that it is well.
const fn refuses_for_good(trouble: ControlTrouble) -> bool {
    match trouble {
        ControlTrouble::Refused(_) | ControlTrouble::NotEnrolled(_) | ControlTrouble::StorageFull | ControlTrouble::Fault(_) => true,
        ControlTrouble::Unplugged | ControlTrouble::Silent | ControlTrouble::Garbled | ControlTrouble::Busy => false,
    }
}

fn local_minute(wall_s: i64, offset_min: i16) -> [u16; 5] {
    let offset = FixedOffset::east_opt(i32::from(offset_min) * 60);
    let Some(at) = DateTime::from_timestamp(wall_s, 0).zip(offset).map(|(utc, offset)| utc.with_timezone(&offset)) else { return [0; 5] };
    let small = |number: u32| u16::try_from(number).unwrap_or(0);
    [u16::try_from(at.year()).unwrap_or(0), small(at.month()), small(at.day()), small(at.hour()), small(at.minute())]
}

/// As much of the text as the record has room for.
fn short<T: for<'a> TryFrom<&'a str> + Default>(text: &str, chars_max: usize) -> T {
    let text: String = text.chars().take(chars_max).collect();
    T::try_from(&text).unwrap_or_default()
}
