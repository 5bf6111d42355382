//! Putting a product on a line.

use super::{LINES_MAX, Line, LineNo, Offer, OpenSale, valid_qty};
use crate::{
    Refusal,
    catalogue::Product,
    vat::{Supply, VatRate},
};

/// How a line is called and what one of it costs.
pub(super) struct Priced {
    pub(super) name: Box<str>,
    pub(super) unit_minor: i64,
}

impl OpenSale {
    /// Adds a product under this name and price, or leaves the sale as it was.
    pub(super) fn put(&mut self, offer: Offer<'_>, product: &Product, qty: i64, priced: Priced) -> Result<LineNo, Refusal> {
        self.refuse_when_partly_paid()?;
        if product.sold_out {
            return Err(Refusal::SoldOut);
        }
        let mut next = self.clone();
        let kept = next.supply_and_rate(offer.vat, product.vat_class, product.supply)?;
        valid_qty(qty)?;
        let no = next.put_like(offer, product, qty, priced, kept)?;
        next.checked_total()?;
        *self = next;
        Ok(no)
    }

    /// Puts a product on the line of its like, or on a new one; its deposit with it.
    fn put_like(
        &mut self,
        offer: Offer<'_>,
        product: &Product,
        qty: i64,
        priced: Priced,
        (supply, rate): (Supply, VatRate),
    ) -> Result<LineNo, Refusal> {
        let deposit = product.deposit.as_ref().map(|deposit| offer.catalogue.by_sku(deposit)).transpose()?;
        let deposit_minor = deposit.map(|deposit| self.price(deposit)).transpose()?;
        // A deposit with another price than before makes another line: the deposit of a line has one price and the line's quantity.
        let deposited = |no| self.lines.iter().find(|line| line.linked_to == Some(no)).map(|line| (&line.sku, line.unit_minor));
        let like = |line: &&Line| {
            line.sku == product.sku
                && line.unit_minor == priced.unit_minor
                && line.name == priced.name
                && line.supply == supply
                && line.rate == rate
                && line.linked_to.is_none()
                && deposited(line.no) == deposit.map(|deposit| &deposit.sku).zip(deposit_minor)
        };
        if let Some(no) = self.lines.iter().find(like).map(|line| line.no) {
            for line in self.lines.iter_mut().filter(|line| line.no == no || line.linked_to == Some(no)) {
                line.qty = line.qty.saturating_add(qty);
                valid_qty(line.qty)?;
            }
            return Ok(no);
        }
        let no = self.put_new(product, qty, priced, (supply, rate), None)?;
        if let Some((deposit, unit_minor)) = deposit.zip(deposit_minor) {
            let priced = Priced { name: deposit.name.sv.clone(), unit_minor };
            self.put_new(deposit, qty, priced, (supply, rate), Some(no))?;
        }
        Ok(no)
    }

    fn put_new(
        &mut self,
        product: &Product,
        qty: i64,
        priced: Priced,
        (supply, rate): (Supply, VatRate),
        linked_to: Option<LineNo>,
    ) -> Result<LineNo, Refusal> {
        if self.lines.len() >= LINES_MAX {
            return Err(Refusal::SaleTooLong);
        }
        let no = LineNo(self.next_line);
        self.next_line = self.next_line.saturating_add(1);
        self.lines.push(Line {
            no,
            sku: product.sku.clone(),
            name: priced.name,
            category: product.category.clone(),
            kind: product.kind,
            qty,
            unit_minor: priced.unit_minor,
            vat_class: product.vat_class,
            supply,
            rate,
            linked_to,
        });
        Ok(no)
    }
}
