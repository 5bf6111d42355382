//! What a shift adds up to: the figures of X and Z reports.
//!
//! Fields follow SKVFS 2014:9 chapter 7 (Sweden) and the cash register SAF-T event report (Norway).

use std::collections::BTreeMap;

use crate::{
    catalogue::{CategoryId, ProductKind},
    sale::{ClosedSale, SaleKind, TenderKind, VatSum},
    vat::{Country, VatRate},
};

#[cfg(test)]
mod tests;

/// How many, and how much in minor units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many.
    pub count: u64,
    /// How much, in minor units.
    pub minor: i64,
}

impl Tally {
    /// One more of `minor`.
    pub const fn add(&mut self, minor: i64) {
        self.count = self.count.saturating_add(1);
        self.minor = self.minor.saturating_add(minor);
    }
}

/// Sums that no report ever resets. Source: SKVFS 2014:9, 2:4.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GrandTotals {
    /// All sales, without regard to returns.
    pub sales_minor: i64,
    /// All returns, as a positive amount.
    pub returns_minor: i64,
}

impl GrandTotals {
    /// Sales less returns.
    #[must_use]
    pub const fn net_minor(self) -> i64 {
        self.sales_minor.saturating_sub(self.returns_minor)
    }
}

/// The running sums of one shift. Amounts are minor units of the till's currency.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// The opening float.
    pub float_minor: i64,
    /// Sales, gross, without returns.
    pub sales: Tally,
    /// Refunds, as positive amounts.
    pub refunds: Tally,
    /// Voids of closed sales, as positive amounts.
    pub voids: Tally,
    /// Goods sold, returns taken off.
    pub goods_count: i64,
    /// Services sold, returns taken off.
    pub services_count: i64,
    /// Gross and VAT per country and rate, returns taken off.
    pub vat: BTreeMap<(Country, VatRate), (i64, i64)>,
    /// Pieces and gross per category (main group, article group), returns taken off.
    pub categories: BTreeMap<CategoryId, (i64, i64)>,
    /// Net of change and returns, per means of payment.
    pub tenders: BTreeMap<TenderKind, i64>,
    /// What cash rounding added.
    pub rounding_minor: i64,
    /// Receipt copies.
    pub copies: Tally,
    /// Training receipts.
    pub training: Tally,
    /// Times the drawer was opened.
    pub drawer_openings: u64,
    /// Of these, without any sale or movement.
    pub no_sales: u64,
    /// Receipt numbers that a control unit may hold and no receipt bears.
    pub burned_numbers: u64,
    /// Discounts given.
    pub discounts: Tally,
    /// Lines taken away before closing.
    pub voided_lines: Tally,
    /// Sales abandoned before closing.
    pub abandoned: Tally,
    /// Cash taken to the safe.
    pub cash_drops: Tally,
    /// Cash put in that is no sale.
    pub paid_in: Tally,
    /// Cash taken out that is no return.
    pub paid_out: Tally,
}

impl Totals {
    /// A shift that begins with this float.
    #[must_use]
    pub fn opened(float_minor: i64) -> Self {
        Self { float_minor, ..Self::default() }
    }

    /// Takes in a closed sale, refund, void or training receipt.
    pub fn add(&mut self, sale: &ClosedSale) {
        if sale.training {
            self.training.add(sale.total_minor().saturating_abs());
            return;
        }
        match sale.kind {
            SaleKind::Sale => self.sales.add(sale.total_minor()),
            SaleKind::Refund => self.refunds.add(sale.total_minor().saturating_neg()),
            SaleKind::Void => self.voids.add(sale.total_minor().saturating_neg()),
        }
        for line in &sale.lines {
            match line.kind {
                ProductKind::Goods => self.goods_count = self.goods_count.saturating_add(line.qty),
                ProductKind::Service => self.services_count = self.services_count.saturating_add(line.qty),
                ProductKind::Deposit | ProductKind::DepositReturn => {}
            }
            let category = self.categories.entry(line.category.clone()).or_default();
            category.0 = category.0.saturating_add(line.qty);
            category.1 = category.1.saturating_add(line.gross_minor());
        }
        for VatSum { rate, gross_minor, vat_minor } in &sale.vat {
            let sum = self.vat.entry((sale.country, *rate)).or_default();
            sum.0 = sum.0.saturating_add(*gross_minor);
            sum.1 = sum.1.saturating_add(*vat_minor);
        }
        self.tender(TenderKind::Cash, sale.cash_minor());
        self.tender(TenderKind::Card, sale.tendered_minor(TenderKind::Card));
        if sale.tenders.iter().any(|tender| tender.kind == TenderKind::Cash) {
            self.drawer_openings = self.drawer_openings.saturating_add(1);
        }
        self.rounding_minor = self.rounding_minor.saturating_add(sale.rounding_minor);
        self.voided_lines.count = self.voided_lines.count.saturating_add(u64::from(sale.voided.count));
        self.voided_lines.minor = self.voided_lines.minor.saturating_add(sale.voided.gross_minor);
    }

    /// Takes in a drawer opening, with or without a movement of cash.
    pub const fn open_drawer(&mut self) {
        self.drawer_openings = self.drawer_openings.saturating_add(1);
    }

    /// Refunds and voids together, as a positive amount.
    #[must_use]
    pub const fn returns(&self) -> Tally {
        Tally { count: self.refunds.count.saturating_add(self.voids.count), minor: self.refunds.minor.saturating_add(self.voids.minor) }
    }

    /// Sales less returns.
    #[must_use]
    pub const fn net_minor(&self) -> i64 {
        self.sales.minor.saturating_sub(self.returns().minor)
    }

    /// All receipts of the shift: sales, refunds and voids.
    #[must_use]
    pub const fn receipts(&self) -> u64 {
        self.sales.count.saturating_add(self.returns().count)
    }

    /// What should lie in the drawer.
    #[must_use]
    pub fn drawer_minor(&self) -> i64 {
        let moved = self.paid_in.minor.saturating_sub(self.paid_out.minor).saturating_sub(self.cash_drops.minor);
        let cash = self.tenders.get(&TenderKind::Cash).copied().unwrap_or(0);
        self.float_minor.saturating_add(cash).saturating_add(moved)
    }

    fn tender(&mut self, kind: TenderKind, minor: i64) {
        if minor != 0 {
            let sum = self.tenders.entry(kind).or_default();
            *sum = sum.saturating_add(minor);
        }
    }
}
