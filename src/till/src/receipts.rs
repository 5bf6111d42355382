//! Receipts after the sale: the one copy, voids, refunds.

use domain::{
    Refusal,
    crew::Right,
    sale::{ClosedSale, Control, RefundScope, SaleKind, TenderKind, refund},
};
use journal::{CardPurpose, Entry, Fact};
use store::Fault;

use crate::{
    command::{Answer, Wrong},
    printing::JobKind,
    till::{Doing, Till},
};

impl Till {
    /// A closed sale by its number, with the entry it stands in.
    ///
    /// # Errors
    /// [`Refusal::ReceiptUnknown`], or a fault of the store.
    pub fn receipt(&self, training: bool, receipt_no: u64) -> Result<(Entry, ClosedSale), Wrong> {
        // The store counts as far as SQLite does.
        i64::try_from(receipt_no).map_err(|_| Refusal::ReceiptUnknown)?;
        let row = self.store.receipt(training, receipt_no)?.ok_or(Refusal::ReceiptUnknown)?;
        let entry = self.entry(row.seq)?;
        match &entry.fact {
            Fact::SaleClosed(sale) => {
                let sale = (**sale).clone();
                Ok((entry, sale))
            }
            _ => Err(Refusal::ReceiptUnknown.into()),
        }
    }

    /// The entries that speak of a receipt: its copy, reprints, refunds and voids.
    ///
    /// # Errors
    /// A fault of the store.
    pub fn mentions(&self, training: bool, receipt_no: u64) -> Result<Vec<Entry>, Wrong> {
        self.store.links(training, receipt_no)?.into_iter().map(|seq| self.entry(seq)).collect()
    }

    /// One entry.
    ///
    /// # Errors
    /// A fault of the store, also when the bytes there are no entry.
    pub fn entry(&self, seq: u64) -> Result<Entry, Wrong> {
        let bytes = self.store.entry_bytes(seq)?.ok_or(Fault::Chain { seq })?;
        Ok(Entry::decode(&bytes).map_err(|malformed| Fault::Entry { seq, malformed })?)
    }

    pub(crate) fn copy(&mut self, receipt_no: u64) -> Result<Answer, Wrong> {
        self.require(Right::CopyReceipt)?;
        let training = self.books().training;
        self.refuse_while_control_pending()?;
        let (_, sale) = self.receipt(training, receipt_no)?;
        let copied = |entry: &Entry| matches!(entry.fact, Fact::CopyPrinted(..) | Fact::ControlGivenUp { .. });
        if self.mentions(training, receipt_no)?.iter().any(copied) {
            return Err(Refusal::CopyAlreadyPrinted.into());
        }
        if self.setup.control.wants_code(sale.country) { self.ask_for_copy(&sale) } else { self.commit_copy(&sale, None) }
    }

    /// The copy is a fact and a print job, in one transaction.
    pub(crate) fn commit_copy(&mut self, sale: &ClosedSale, control: Option<Box<Control>>) -> Result<Answer, Wrong> {
        let fact = Fact::CopyPrinted(sale.training, sale.receipt_no, sale.total_minor(), control);
        self.commit(Doing::fact(fact).print(JobKind::Copy))?;
        Ok(Answer::Copying(sale.receipt_no))
    }

    pub(crate) fn void(&mut self, receipt_no: u64) -> Result<Answer, Wrong> {
        self.require(Right::Void)?;
        self.take_back(receipt_no, RefundScope::Rest, SaleKind::Void)
    }

    pub(crate) fn refund(&mut self, receipt_no: u64, scope: RefundScope) -> Result<Answer, Wrong> {
        self.require(Right::Refund)?;
        self.take_back(receipt_no, scope, SaleKind::Refund)
    }

    fn take_back(&mut self, receipt_no: u64, scope: RefundScope, kind: SaleKind) -> Result<Answer, Wrong> {
        self.terms()?;
        self.refuse_while_selling()?;
        let training = self.books().training;
        let (entry, original) = self.receipt(training, receipt_no)?;
        if kind == SaleKind::Void && entry.context.shift != self.books().shift.as_ref().map(|shift| shift.no) {
            return Err(Refusal::VoidOutsideShift.into());
        }
        let planned = self.plan_refund(receipt_no, scope.clone(), kind, "")?;
        self.may_register(planned.country, (planned.owed_minor(), &planned.vat), training)?;
        // Before any money moves. After a card was paid back, the refund stands whatever the drawer holds.
        if !training && -planned.cash_minor() > self.books().totals.drawer_minor() {
            return Err(Refusal::DrawerShort.into());
        }
        let to_card = planned.tendered_minor(TenderKind::Card);
        if to_card != 0 && !training {
            self.may_charge(planned.country)?;
            let mut cards = original.tenders.iter().filter(|tender| tender.kind == TenderKind::Card);
            let original = cards.next().map(|tender| tender.reference.to_string());
            if cards.next().is_some() {
                // Each card would have to get its own part back, and each part can fail on its own.
                return Err(Refusal::RefundSeveralCards.into());
            }
            return self.ask_terminal(to_card, CardPurpose::Refund { receipt_no, scope, kind }, original);
        }
        self.close_refund(receipt_no, scope, kind, ("", ""), Doing::default())
    }

    /// Closes a refund or void, together with what `doing` holds already. A card payment back has its reference and slip.
    pub(crate) fn close_refund(
        &mut self,
        receipt_no: u64,
        scope: RefundScope,
        kind: SaleKind,
        (reference, slip): (&str, &str),
        doing: Doing,
    ) -> Result<Answer, Wrong> {
        let mut closed = self.plan_refund(receipt_no, scope, kind, reference)?;
        for tender in closed.tenders.iter_mut().filter(|tender| tender.kind == TenderKind::Card) {
            tender.slip = slip.into();
        }
        self.finish(closed, None, doing)
    }

    fn plan_refund(&self, receipt_no: u64, scope: RefundScope, kind: SaleKind, reference: &str) -> Result<ClosedSale, Wrong> {
        let training = self.books().training;
        let (_, original) = self.receipt(training, receipt_no)?;
        let before = self.refunds_of(receipt_no)?;
        Ok(refund(&original, &before, scope, kind, self.next_receipt_no(training), reference)?)
    }

    fn refunds_of(&self, receipt_no: u64) -> Result<Vec<ClosedSale>, Wrong> {
        let closed = |entry: Entry| match entry.fact {
            Fact::SaleClosed(sale) => Some(*sale),
            _ => None,
        };
        Ok(self.mentions(self.books().training, receipt_no)?.into_iter().filter_map(closed).collect())
    }
}
