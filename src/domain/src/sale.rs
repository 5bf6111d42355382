//! A sale from the first line to the last öre.
//!
//! An [`OpenSale`] takes lines and tenders. When a tender settles it, [`OpenSale::close`] makes the [`ClosedSale`] that is journaled and
//! printed, and that nothing changes any more. [`refund`] makes the closed sale that takes one back.

use chrono::NaiveDate;

use crate::{
    Currency, Money, Refusal, cash,
    catalogue::{Catalogue, CategoryId, Gtin, Label, Product, ProductKind, Sku},
    vat::{Country, Supply, VatClass, VatRate, VatTable, vat_in_gross, vat_of_lines},
};

mod label;
mod put;
mod refund;
mod terms;

use put::Priced;
pub use refund::{RefundScope, refund};

/// The most lines a sale may have.
pub const LINES_MAX: usize = 200;
/// The most of one product on one line.
pub const LINE_QTY_MAX: u32 = 999;
/// The most tenders one sale may have.
pub const TENDERS_MAX: usize = 20;

/// Number of a line within its sale, from 1, never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LineNo(pub u32);

/// Product × quantity at price and VAT rate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Number within the sale.
    pub no: LineNo,
    /// What is sold.
    pub sku: Sku,
    /// Its name as the receipt shows it.
    pub name: Box<str>,
    /// Where it counts in the reports.
    pub category: CategoryId,
    /// What it is in the eyes of the law.
    pub kind: ProductKind,
    /// How many, from 1. Negative only in a refund.
    pub qty: i64,
    /// Gross price of one, in minor units of the sale's currency.
    pub unit_minor: i64,
    /// The VAT class, for a later change of supply.
    pub vat_class: VatClass,
    /// How it is handed over.
    pub supply: Supply,
    /// The rate that follows.
    pub rate: VatRate,
    /// The line whose deposit this is.
    pub linked_to: Option<LineNo>,
}

impl Line {
    /// Gross amount in minor units.
    #[must_use]
    pub const fn gross_minor(&self) -> i64 {
        self.unit_minor.saturating_mul(self.qty)
    }
}

/// The gross and the VAT of everything at one rate on one receipt, in minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VatSum {
    /// The rate.
    pub rate: VatRate,
    /// Gross amount.
    pub gross_minor: i64,
    /// VAT contained in it.
    pub vat_minor: i64,
}

impl VatSum {
    /// The amount without VAT, in minor units.
    #[must_use]
    pub const fn net_minor(&self) -> i64 {
        self.gross_minor.saturating_sub(self.vat_minor)
    }
}

/// VAT once per rate per receipt, highest rate first.
#[must_use]
pub fn vat_sums(lines: &[Line]) -> Vec<VatSum> {
    let mut rates: Vec<VatRate> = lines.iter().map(|line| line.rate).collect();
    rates.sort_unstable_by(|a, b| b.cmp(a));
    rates.dedup();
    let sum = |rate| {
        let gross_minor = lines.iter().filter(|line| line.rate == rate).fold(0_i64, |sum, line| sum.saturating_add(line.gross_minor()));
        VatSum { rate, gross_minor, vat_minor: vat_in_gross(gross_minor, rate) }
    };
    rates.into_iter().map(sum).collect()
}

/// The VAT of each line, in the order of `lines`: the receipt's VAT per rate, spread by largest remainder, so that lines add up exactly.
#[must_use]
pub fn line_vat_minor(lines: &[Line]) -> Vec<i64> {
    let mut vat = vec![0; lines.len()];
    for sum in vat_sums(lines) {
        let (places, gross): (Vec<usize>, Vec<i64>) =
            lines.iter().enumerate().filter(|(_, line)| line.rate == sum.rate).map(|(place, line)| (place, line.gross_minor())).unzip();
        for (place, share) in places.into_iter().zip(vat_of_lines(&gross, sum.rate)) {
            if let Some(slot) = vat.get_mut(place) {
                *slot = share;
            }
        }
    }
    vat
}

/// What was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TenderKind {
    /// Notes and coins.
    Cash,
    /// A card payment that the terminal approved.
    Card,
}

impl TenderKind {
    /// All of them, in the order of their codes on the wire.
    pub const ALL: [Self; 2] = [Self::Cash, Self::Card];
}

/// One payment towards a sale. In a refund the amount is negative.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tender {
    /// The means.
    pub kind: TenderKind,
    /// What was given, before change, in minor units of the sale's currency.
    pub amount_minor: i64,
    /// Our reference of the card payment; empty for cash.
    pub reference: Box<str>,
    /// What the terminal said for the receipt (masked number, authorisation); empty for cash.
    pub slip: Box<str>,
}

/// Lines taken away before the sale was closed: the law wants them counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Voided {
    /// How many times a line was taken away or made smaller.
    pub count: u32,
    /// Their gross sum in minor units.
    pub gross_minor: i64,
}

/// The conditions of a sale, fixed when it is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// The currency of all amounts.
    pub currency: Currency,
    /// Whose VAT it is.
    pub country: Country,
    /// The operating day: it picks prices and rates.
    pub on: NaiveDate,
    /// Practice only.
    pub training: bool,
}

/// What a sale needs from the price list to take a line.
#[derive(Clone, Copy, Debug)]
pub struct Offer<'a> {
    /// Products.
    pub catalogue: &'a Catalogue,
    /// Rates.
    pub vat: &'a VatTable,
}

/// A sale that still takes lines and tenders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenSale {
    /// Its conditions.
    pub terms: Terms,
    /// Serve or take away for every line that the law leaves free; the products' own way when not set.
    pub supply: Option<Supply>,
    /// The lines.
    pub lines: Vec<Line>,
    /// What was given so far.
    pub tenders: Vec<Tender>,
    /// What was taken away.
    pub voided: Voided,
    /// The number of the next line.
    pub next_line: u32,
}

/// What a tender did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tendered {
    /// This much is still to pay.
    Due(Money),
    /// Paid. The rounding line and the change due, both in the sale's currency.
    Settled {
        /// What cash rounding adds to the total.
        rounding: Money,
        /// What goes back.
        change: Money,
    },
}

impl OpenSale {
    /// A sale without lines.
    #[must_use]
    pub const fn new(terms: Terms) -> Self {
        Self { terms, supply: None, lines: Vec::new(), tenders: Vec::new(), voided: Voided { count: 0, gross_minor: 0 }, next_line: 1 }
    }

    /// Gross total of all lines.
    #[must_use]
    pub fn total(&self) -> Money {
        let minor = self.lines.iter().fold(0_i64, |sum, line| sum.saturating_add(line.gross_minor()));
        Money::new(minor, self.terms.currency)
    }

    /// What is still to pay, before any cash rounding.
    #[must_use]
    pub fn due(&self) -> Money {
        let given = self.tenders.iter().fold(0_i64, |sum, tender| sum.saturating_add(tender.amount_minor));
        Money::new(self.total().minor().saturating_sub(given), self.terms.currency)
    }

    /// What is still to pay if it is paid in cash.
    #[must_use]
    pub fn due_in_cash(&self) -> Money {
        let due = self.due();
        due.plus(cash::rounding(self.terms.currency, due)).unwrap_or(due)
    }

    /// Adds `qty` of a product, and its deposit with it. Equal products share a line.
    ///
    /// # Errors
    /// [`Refusal::SkuUnknown`], [`Refusal::SoldOut`], [`Refusal::LabelOnly`], [`Refusal::QuantityInvalid`], price and VAT refusals, [`Refusal::SaleTooLong`],
    /// [`Refusal::SalePartlyPaid`], [`Refusal::AmountTooLarge`]. The sale is then as it was.
    pub fn add(&mut self, offer: Offer<'_>, sku: &Sku, qty: i64) -> Result<LineNo, Refusal> {
        let product = offer.catalogue.by_sku(sku)?;
        if product.item_key.is_some() {
            return Err(Refusal::LabelOnly);
        }
        let unit_minor = self.price(product)?;
        self.put(offer, product, qty, Priced { name: product.name.sv.clone(), unit_minor })
    }

    /// Adds one of the product with this barcode. A label of `country`'s shops that carries price or weight adds the piece that it is on.
    ///
    /// # Errors
    /// As [`OpenSale::add`], [`Refusal::GtinUnknown`], and [`Refusal::AmountNotPositive`] for a label of nothing.
    pub fn scan(&mut self, offer: Offer<'_>, gtin: Gtin, country: Country) -> Result<LineNo, Refusal> {
        match (offer.catalogue.by_gtin(gtin), Label::read(gtin, country)) {
            (Ok(product), _) => self.add(offer, &product.sku, 1),
            (Err(_), Some(label)) => self.add_labelled(offer, label),
            (Err(unknown), None) => Err(unknown),
        }
    }

    /// Sets the quantity of a line; its deposit follows. Less than before counts as a correction.
    ///
    /// # Errors
    /// [`Refusal::LineUnknown`], [`Refusal::LineLinked`], [`Refusal::QuantityInvalid`], [`Refusal::SalePartlyPaid`], [`Refusal::AmountTooLarge`].
    pub fn set_qty(&mut self, no: LineNo, qty: i64) -> Result<(), Refusal> {
        self.refuse_when_partly_paid()?;
        self.own_line(no)?;
        valid_qty(qty)?;
        let mut next = self.clone();
        let mut less_minor = 0_i64;
        for line in next.lines.iter_mut().filter(|line| line.no == no || line.linked_to == Some(no)) {
            less_minor = less_minor.saturating_add(line.unit_minor.saturating_mul(line.qty.saturating_sub(qty)));
            line.qty = qty;
        }
        if self.lines.iter().any(|line| line.no == no && line.qty > qty) {
            next.note_voided(less_minor);
        }
        next.checked_total()?;
        *self = next;
        Ok(())
    }

    /// Takes a line away, and its deposit with it.
    ///
    /// # Errors
    /// [`Refusal::LineUnknown`], [`Refusal::LineLinked`], [`Refusal::SalePartlyPaid`].
    pub fn void_line(&mut self, no: LineNo) -> Result<(), Refusal> {
        self.refuse_when_partly_paid()?;
        self.own_line(no)?;
        let goes = |line: &Line| line.no == no || line.linked_to == Some(no);
        let gross_minor = self.lines.iter().filter(|line| goes(line)).fold(0_i64, |sum, line| sum.saturating_add(line.gross_minor()));
        self.lines.retain(|line| !goes(line));
        self.note_voided(gross_minor);
        Ok(())
    }

    /// Serve or take away for one line.
    ///
    /// # Errors
    /// [`Refusal::VatLocked`] where the law fixes the rate, [`Refusal::LineUnknown`], [`Refusal::LineLinked`], [`Refusal::SalePartlyPaid`],
    /// [`Refusal::VatRateMissing`].
    pub fn serve_line(&mut self, vat: &VatTable, no: LineNo, supply: Supply) -> Result<(), Refusal> {
        self.refuse_when_partly_paid()?;
        let vat_class = self.own_line(no)?.vat_class;
        if vat.locked(self.terms.country, vat_class, self.terms.on) {
            return Err(Refusal::VatLocked);
        }
        let rate = vat.rate(self.terms.country, vat_class, supply, self.terms.on)?;
        for line in self.lines.iter_mut().filter(|line| line.no == no || line.linked_to == Some(no)) {
            line.supply = supply;
            line.rate = rate;
        }
        Ok(())
    }

    /// Serve or take away for the whole sale: all lines that the law leaves free, and those to come.
    ///
    /// # Errors
    /// [`Refusal::SalePartlyPaid`], [`Refusal::VatRateMissing`]. The sale is then as it was.
    pub fn serve(&mut self, vat: &VatTable, supply: Supply) -> Result<(), Refusal> {
        self.refuse_when_partly_paid()?;
        let mut next = self.clone();
        next.supply = Some(supply);
        let own: Vec<LineNo> = next.lines.iter().filter(|line| line.linked_to.is_none()).map(|line| line.no).collect();
        for no in own {
            match next.serve_line(vat, no, supply) {
                Ok(()) | Err(Refusal::VatLocked) => {}
                Err(refusal) => return Err(refusal),
            }
        }
        *self = next;
        Ok(())
    }

    /// Takes cash. Cash may exceed what is due; the rest is change. Only the cash remainder is rounded.
    ///
    /// # Errors
    /// [`Refusal::SaleEmpty`], [`Refusal::CurrencyMismatch`], [`Refusal::AmountNotPositive`], [`Refusal::AmountTooLarge`],
    /// [`Refusal::SaleTooLong`] beyond [`TENDERS_MAX`].
    pub fn tender_cash(&mut self, amount: Money) -> Result<Tendered, Refusal> {
        self.may_tender(amount)?;
        let due = self.due();
        let rounding = cash::rounding(self.terms.currency, due);
        let change = amount.minus(due.plus(rounding)?)?;
        if amount.minor() <= 0 && change.minor() < 0 {
            return Err(Refusal::AmountNotPositive);
        }
        self.tenders.push(Tender { kind: TenderKind::Cash, amount_minor: amount.minor(), reference: "".into(), slip: "".into() });
        if change.minor() < 0 { Ok(Tendered::Due(self.due())) } else { Ok(Tendered::Settled { rounding, change }) }
    }

    /// Gives a cash tender back.
    ///
    /// # Errors
    /// [`Refusal::LineUnknown`] when there is no tender at that place, [`Refusal::SalePartlyPaid`] for a card payment: it goes back as a
    /// refund of the closed sale.
    pub fn void_tender(&mut self, place: usize) -> Result<(), Refusal> {
        match self.tenders.get(place).map(|tender| tender.kind) {
            None => Err(Refusal::LineUnknown),
            Some(TenderKind::Card) => Err(Refusal::SalePartlyPaid),
            Some(TenderKind::Cash) => {
                self.tenders.remove(place);
                Ok(())
            }
        }
    }

    /// Whether a card payment of `amount` may be asked for.
    ///
    /// # Errors
    /// [`Refusal::SaleEmpty`], [`Refusal::AmountNotPositive`], [`Refusal::TenderExceedsDue`], [`Refusal::CurrencyMismatch`],
    /// [`Refusal::SaleTooLong`].
    pub fn may_tender_card(&self, amount: Money) -> Result<(), Refusal> {
        self.may_tender(amount)?;
        if amount.minor() <= 0 {
            return Err(Refusal::AmountNotPositive);
        }
        if amount.minor() > self.due().minor() {
            return Err(Refusal::TenderExceedsDue);
        }
        Ok(())
    }

    /// Takes a card payment that the terminal approved. Card amounts are never rounded.
    ///
    /// # Errors
    /// As [`OpenSale::may_tender_card`].
    pub fn tender_card(&mut self, amount: Money, reference: &str, slip: &str) -> Result<Tendered, Refusal> {
        self.may_tender_card(amount)?;
        self.tenders.push(Tender { kind: TenderKind::Card, amount_minor: amount.minor(), reference: reference.into(), slip: slip.into() });
        let due = self.due();
        let zero = Money::zero(self.terms.currency);
        if due.minor() == 0 { Ok(Tendered::Settled { rounding: zero, change: zero }) } else { Ok(Tendered::Due(due)) }
    }

    /// The closed sale, once a tender has settled it.
    #[must_use]
    pub fn close(self, receipt_no: u64, rounding: Money, change: Money) -> ClosedSale {
        let closed = ClosedSale {
            receipt_no,
            training: self.terms.training,
            kind: SaleKind::Sale,
            corrects: None,
            currency: self.terms.currency,
            country: self.terms.country,
            vat: vat_sums(&self.lines),
            lines: self.lines,
            rounding_minor: rounding.minor(),
            tenders: self.tenders,
            change_minor: change.minor(),
            voided: self.voided,
            control: None,
        };
        assert!(closed.balances(), "a settled sale balances");
        closed
    }

    fn refuse_when_partly_paid(&self) -> Result<(), Refusal> {
        if self.tenders.is_empty() { Ok(()) } else { Err(Refusal::SalePartlyPaid) }
    }

    fn own_line(&self, no: LineNo) -> Result<&Line, Refusal> {
        let line = self.lines.iter().find(|line| line.no == no).ok_or(Refusal::LineUnknown)?;
        if line.linked_to.is_some() { Err(Refusal::LineLinked) } else { Ok(line) }
    }

    fn supply_and_rate(&self, vat: &VatTable, class: VatClass, own: Supply) -> Result<(Supply, VatRate), Refusal> {
        let supply = self.supply.unwrap_or(own);
        Ok((supply, vat.rate(self.terms.country, class, supply, self.terms.on)?))
    }

    fn price(&self, product: &Product) -> Result<i64, Refusal> {
        product.price(self.terms.currency, self.terms.on).map(Money::minor)
    }

    fn checked_total(&self) -> Result<(), Refusal> {
        Money::checked(self.total().minor(), self.terms.currency).map(|_| ())
    }

    const fn note_voided(&mut self, gross_minor: i64) {
        self.voided.count = self.voided.count.saturating_add(1);
        self.voided.gross_minor = self.voided.gross_minor.saturating_add(gross_minor);
    }

    fn may_tender(&self, amount: Money) -> Result<(), Refusal> {
        if self.lines.is_empty() {
            return Err(Refusal::SaleEmpty);
        }
        if self.tenders.len() >= TENDERS_MAX {
            return Err(Refusal::SaleTooLong);
        }
        if amount.currency() != self.terms.currency {
            return Err(Refusal::CurrencyMismatch);
        }
        if amount.minor() < 0 {
            return Err(Refusal::AmountNotPositive);
        }
        Money::checked(amount.minor(), amount.currency()).map(|_| ())
    }
}

/// How a closed sale came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SaleKind {
    /// Something was sold.
    Sale,
    /// Something comes back later, under its own number.
    Refund,
    /// A sale of the same shift is reversed.
    Void,
}

impl SaleKind {
    /// All of them, in the order of their codes on the wire.
    pub const ALL: [Self; 3] = [Self::Sale, Self::Refund, Self::Void];
}

/// What the fiscal control unit answered for a receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Control {
    /// The manufacturing number of the unit.
    pub unit: Box<str>,
    /// Its code, opaque.
    pub code: Box<str>,
    /// The receipt's time as the unit recorded it, seconds since 1970, UTC.
    pub at_s: i64,
}

/// A sale that is over. Amounts are in minor units of its currency; in a refund or void they are negative.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClosedSale {
    /// Number in the log's unbroken series; training receipts have a series of their own.
    pub receipt_no: u64,
    /// Practice only.
    pub training: bool,
    /// How it came about.
    pub kind: SaleKind,
    /// The receipt that this one takes back.
    pub corrects: Option<u64>,
    /// The currency of all amounts.
    pub currency: Currency,
    /// Whose VAT it is.
    pub country: Country,
    /// The lines.
    pub lines: Vec<Line>,
    /// VAT per rate, highest rate first.
    pub vat: Vec<VatSum>,
    /// What cash rounding added to the total.
    pub rounding_minor: i64,
    /// What was given.
    pub tenders: Vec<Tender>,
    /// What went back in cash.
    pub change_minor: i64,
    /// What was taken away before closing.
    pub voided: Voided,
    /// The control unit's proof, where the law asks for one.
    pub control: Option<Control>,
}

impl ClosedSale {
    /// Gross total before cash rounding.
    #[must_use]
    pub fn total_minor(&self) -> i64 {
        self.lines.iter().fold(0, |sum, line| sum.saturating_add(line.gross_minor()))
    }

    /// What is to be paid, cash rounding included; negative when it is paid back.
    #[must_use]
    pub fn owed_minor(&self) -> i64 {
        self.total_minor().saturating_add(self.rounding_minor)
    }

    /// All VAT.
    #[must_use]
    pub fn vat_minor(&self) -> i64 {
        self.vat.iter().fold(0, |sum, vat| sum.saturating_add(vat.vat_minor))
    }

    /// What this sale put into the drawer; negative when it took cash out.
    #[must_use]
    pub fn cash_minor(&self) -> i64 {
        self.tendered_minor(TenderKind::Cash).saturating_sub(self.change_minor)
    }

    /// The sum of one means of payment, change not yet taken off.
    #[must_use]
    pub fn tendered_minor(&self, kind: TenderKind) -> i64 {
        self.tenders.iter().filter(|tender| tender.kind == kind).fold(0, |sum, tender| sum.saturating_add(tender.amount_minor))
    }

    /// Tenders less change equal total and rounding.
    #[must_use]
    pub fn balances(&self) -> bool {
        let given = self.tenders.iter().fold(0_i64, |sum, tender| sum.saturating_add(tender.amount_minor));
        given.saturating_sub(self.change_minor) == self.total_minor().saturating_add(self.rounding_minor)
    }
}

pub(crate) fn valid_qty(qty: i64) -> Result<(), Refusal> {
    if (1..=i64::from(LINE_QTY_MAX)).contains(&qty) { Ok(()) } else { Err(Refusal::QuantityInvalid) }
}
