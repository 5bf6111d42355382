//! A sale under other terms: VAT is owed where and when a sale is paid, not where its first line was taken.

use super::{LineNo, OpenSale, Terms};
use crate::{
    Refusal,
    vat::{VatRate, VatTable},
};

impl OpenSale {
    /// Puts the sale under `terms`. Prices stay as agreed; the rates become those of the new country and day, deposits follow their
    /// contents. A sale on which money was given stays as it is.
    ///
    /// # Errors
    /// [`Refusal::VatRateMissing`], [`Refusal::CurrencyMismatch`]. The sale is then as it was.
    pub fn move_to(&mut self, terms: Terms, vat: &VatTable) -> Result<(), Refusal> {
        if self.terms == terms || !self.tenders.is_empty() {
            return Ok(());
        }
        if self.terms.currency != terms.currency {
            return Err(Refusal::CurrencyMismatch);
        }
        let mut next = self.clone();
        next.terms = terms;
        let mut rates: Vec<(LineNo, VatRate)> = Vec::new();
        for line in next.lines.iter_mut().filter(|line| line.linked_to.is_none()) {
            line.rate = vat.rate(terms.country, line.vat_class, line.supply, terms.on)?;
            rates.push((line.no, line.rate));
        }
        for line in &mut next.lines {
            if let Some((_, rate)) = rates.iter().find(|(no, _)| Some(*no) == line.linked_to) {
                line.rate = *rate;
            }
        }
        *self = next;
        Ok(())
    }
}
