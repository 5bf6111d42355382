//! Selling: lines, parking, cash.

use domain::{
    Money, Refusal,
    crew::Right,
    sale::{ClosedSale, LineNo, Offer, OpenSale, SaleKind, TenderKind, Tendered, vat_sums},
};
use journal::Fact;

use crate::{
    command::{Answer, Effect, Paid, Wrong},
    printing::JobKind,
    till::{Doing, Till},
};

/// The most sales that may be parked at once.
pub const PARKED_MAX: usize = 50;

impl Till {
    /// Changes the open sale, or opens one.
    pub(crate) fn sell<T>(&mut self, act: impl FnOnce(&mut OpenSale, Offer<'_>) -> Result<T, Refusal>) -> Result<T, Wrong> {
        let terms = self.terms()?;
        self.refuse_while_pending()?;
        let mut sale = match self.open_sale.clone() {
            // Serve or take away can be chosen before the first line; the terms are those of the first line.
            Some(sale) if sale.lines.is_empty() => OpenSale { terms, ..sale },
            Some(sale) => self.at_terms(sale)?,
            None => OpenSale::new(terms),
        };
        let out = act(&mut sale, self.offer())?;
        self.keep(Doing::default().sale(Some(sale)))?;
        Ok(out)
    }

    /// Changes the open sale. A sale whose last line is taken away is given up.
    pub(crate) fn correct(&mut self, act: impl FnOnce(&mut OpenSale, Offer<'_>) -> Result<(), Refusal>) -> Result<Answer, Wrong> {
        if self.open_sale.is_none() {
            self.terms()?;
            return Err(Refusal::SaleNotOpen.into());
        }
        let mut emptied = false;
        self.sell(|sale, offer| {
            act(sale, offer)?;
            emptied = sale.lines.is_empty();
            Ok(())
        })?;
        if emptied { self.abandon() } else { Ok(Answer::Done) }
    }

    pub(crate) fn void_line(&mut self, no: LineNo) -> Result<Answer, Wrong> {
        self.correct(|sale, _| sale.void_line(no))
    }

    pub(crate) fn set_qty(&mut self, no: LineNo, qty: i64) -> Result<Answer, Wrong> {
        self.correct(|sale, _| if qty == 0 { sale.void_line(no) } else { sale.set_qty(no, qty) })
    }

    pub(crate) fn park(&mut self) -> Result<Answer, Wrong> {
        let sale = self.payable_sale()?;
        if !sale.tenders.is_empty() {
            return Err(Refusal::SalePartlyPaid.into());
        }
        if self.books().parked.len() >= PARKED_MAX {
            return Err(Refusal::ParkedTooMany.into());
        }
        let ticket = self.books().ticket_no + 1;
        self.commit(Doing::fact(Fact::SaleParked(ticket, Box::new(sale))).sale(None))?;
        Ok(Answer::Parked(ticket))
    }

    pub(crate) fn resume(&mut self, ticket: u32) -> Result<Answer, Wrong> {
        let terms = self.terms()?;
        self.refuse_while_selling()?;
        let parked = self.books().parked.get(&ticket).ok_or(Refusal::ParkedUnknown)?;
        if parked.sale.terms.training != terms.training {
            return Err(Refusal::TrainingBusy.into());
        }
        let sale = self.at_terms(parked.sale.clone())?;
        self.commit(Doing::fact(Fact::SaleResumed(ticket)).sale(Some(sale)))?;
        Ok(Answer::Done)
    }

    pub(crate) fn abandon(&mut self) -> Result<Answer, Wrong> {
        self.require(Right::Sell)?;
        self.refuse_while_pending()?;
        let sale = self.open_sale.as_ref().ok_or(Refusal::SaleNotOpen)?;
        if sale.tenders.iter().any(|tender| tender.kind == TenderKind::Card) {
            return Err(Refusal::SalePartlyPaid.into());
        }
        if sale.lines.is_empty() && sale.voided.count == 0 {
            // Nothing was ever on it.
            self.keep(Doing::default().sale(None))?;
            return Ok(Answer::Done);
        }
        let fact = Fact::SaleAbandoned {
            lines: u32::try_from(sale.lines.len()).unwrap_or(u32::MAX),
            gross_minor: sale.total().minor(),
            voided: sale.voided,
            training: sale.terms.training,
        };
        self.commit(Doing::fact(fact).sale(None))?;
        Ok(Answer::Done)
    }

    pub(crate) fn pay_cash(&mut self, amount: Money) -> Result<Answer, Wrong> {
        let mut sale = self.payable_sale()?;
        self.may_register(sale.terms.country, (sale.total().minor(), &vat_sums(&sale.lines)), sale.terms.training)?;
        let given: i64 = sale.tenders.iter().filter(|tender| tender.kind == TenderKind::Cash).map(|tender| tender.amount_minor).sum();
        let tendered = sale.tender_cash(amount)?;
        if let Tendered::Settled { change, .. } = tendered
            && !sale.terms.training
            && change.minor() - amount.minor() - given > self.books().totals.drawer_minor()
        {
            return Err(Refusal::DrawerShort.into());
        }
        match tendered {
            Tendered::Due(due) => {
                // Money changed hands: this draft is worth a flush.
                self.keep(Doing::default().sale(Some(sale)))?;
                self.settle()?;
                Ok(Answer::Due(due))
            }
            Tendered::Settled { rounding, change } => self.close(sale, rounding, change, Doing::default()),
        }
    }

    pub(crate) fn void_tender(&mut self, place: usize) -> Result<Answer, Wrong> {
        let mut sale = self.payable_sale()?;
        sale.void_tender(place)?;
        self.keep(Doing::default().sale(Some(sale)))?;
        self.settle()?;
        Ok(Answer::Done)
    }

    /// Closes a settled sale, together with what `doing` holds already.
    pub(crate) fn close(&mut self, sale: OpenSale, rounding: Money, change: Money, doing: Doing) -> Result<Answer, Wrong> {
        let receipt_no = self.next_receipt_no(sale.terms.training);
        let settled = sale.clone().close(receipt_no, rounding, change);
        self.finish(settled, Some(sale), doing)
    }

    /// Closes what is settled. Where the law wants the control unit's code, the code comes first, and `sale` stays open until then.
    pub(crate) fn finish(&mut self, settled: ClosedSale, sale: Option<OpenSale>, doing: Doing) -> Result<Answer, Wrong> {
        if self.setup.control.wants_code(settled.country) {
            self.ask_control_unit(&settled, sale, doing)
        } else {
            self.commit_closed(settled, doing)
        }
    }

    /// The sale, refund or void is a fact, and its receipt a print job, in one transaction.
    pub(crate) fn commit_closed(&mut self, closed: ClosedSale, doing: Doing) -> Result<Answer, Wrong> {
        let paid = Paid {
            receipt_no: closed.receipt_no,
            training: closed.training,
            total: self.money(closed.total_minor()),
            rounding: self.money(closed.rounding_minor),
            change: self.money(closed.change_minor),
            seq: 0,
        };
        let cash = match closed.kind {
            SaleKind::Sale => closed.tenders.iter().any(|tender| tender.kind == TenderKind::Cash),
            SaleKind::Refund | SaleKind::Void => closed.cash_minor() != 0,
        };
        // After a refund nothing but a choice to serve or take away can be open; it was made for a sale that did not come.
        let mut doing = doing.and(Fact::SaleClosed(Box::new(closed))).print(JobKind::Receipt).sale(None);
        if cash && !paid.training {
            doing = doing.then(Effect::OpenDrawer);
        }
        let seq = self.commit(doing)?;
        Ok(Answer::Paid(Paid { seq, ..paid }))
    }

    pub(crate) fn next_receipt_no(&self, training: bool) -> u64 {
        let books = self.books();
        if training { books.training_no + 1 } else { books.receipt_no + 1 }
    }

    /// The open sale, when nothing stands in the way of paying or parking it.
    pub(crate) fn payable_sale(&self) -> Result<OpenSale, Refusal> {
        self.terms()?;
        self.refuse_while_pending()?;
        let sale = self.open_sale.clone().ok_or(Refusal::SaleNotOpen)?;
        if sale.lines.is_empty() { Err(Refusal::SaleEmpty) } else { self.at_terms(sale) }
    }

    /// A sale as it is sold here and now: its VAT is that of the place and day of payment.
    fn at_terms(&self, mut sale: OpenSale) -> Result<OpenSale, Refusal> {
        sale.move_to(self.terms()?, &self.setup.vat)?;
        Ok(sale)
    }

    /// Neither a card payment nor a receipt waits for its answer.
    pub(crate) fn refuse_while_pending(&self) -> Result<(), Refusal> {
        if self.books().card.is_some() { Err(Refusal::CardPending) } else { self.refuse_while_control_pending() }
    }

    /// Nothing is under way: no sale, no card payment, no receipt that waits.
    pub(crate) fn refuse_while_selling(&self) -> Result<(), Refusal> {
        self.refuse_while_pending()?;
        if self.open_sale.as_ref().is_some_and(|sale| !sale.lines.is_empty()) { Err(Refusal::SaleOpen) } else { Ok(()) }
    }
}
