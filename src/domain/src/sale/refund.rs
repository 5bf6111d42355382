//! Taking a sale back: in whole or in part, never above what was sold, never twice.

use super::{ClosedSale, Line, LineNo, SaleKind, Tender, TenderKind, VatSum, Voided, valid_qty, vat_sums};
use crate::{Money, Refusal, cash, catalogue::ProductKind, vat::vat_in_gross};

/// How much of a sale goes back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefundScope {
    /// Everything that has not gone back yet.
    Rest,
    /// This many of each of these lines, and their deposits with them.
    Lines(Vec<(LineNo, i64)>),
}

impl RefundScope {
    /// This many of one line.
    #[must_use]
    pub fn line(no: LineNo, qty: i64) -> Self {
        Self::Lines(vec![(no, qty)])
    }
}

/// The closed sale that takes `original` back, under its own number.
///
/// `before` are the refunds and voids of `original` so far. Money goes back the way it came: to the card first, up to what the card
/// paid and has not got back, the rest in cash, rounded as cash is, all refunds of
/// a sale together. The card tender's reference is `card_reference`. What takes back a training receipt is a training receipt itself.
///
/// # Errors
/// [`Refusal::ReceiptNotRefundable`] for anything but a sale, for one that paid money out, and for bottles that came in; [`Refusal::RefundExceedsSold`], [`Refusal::LineUnknown`],
/// [`Refusal::LineLinked`], [`Refusal::QuantityInvalid`] also for a line that is named twice.
pub fn refund(
    original: &ClosedSale,
    before: &[ClosedSale],
    scope: RefundScope,
    kind: SaleKind,
    receipt_no: u64,
    card_reference: &str,
) -> Result<ClosedSale, Refusal> {
    assert!(kind != SaleKind::Sale, "a refund or a void takes back");
    let sold_minor = original.total_minor();
    if original.kind != SaleKind::Sale || sold_minor <= 0 {
        return Err(Refusal::ReceiptNotRefundable);
    }
    if let RefundScope::Lines(wanted) = &scope {
        for (place, (no, qty)) in wanted.iter().enumerate() {
            valid_qty(*qty)?;
            let line = original.lines.iter().find(|line| line.no == *no).ok_or(Refusal::LineUnknown)?;
            if line.linked_to.is_some() {
                return Err(Refusal::LineLinked);
            }
            // A bottle that came in was not sold.
            if line.kind == ProductKind::DepositReturn {
                return Err(Refusal::ReceiptNotRefundable);
            }
            if wanted.iter().take(place).any(|(before, _)| before == no) {
                return Err(Refusal::QuantityInvalid);
            }
        }
    }
    let mut lines = Vec::new();
    for line in &original.lines {
        let left = left_of(line.no, line.qty, before);
        let qty = match &scope {
            RefundScope::Rest => left,
            RefundScope::Lines(wanted) => {
                let own = |(no, _): &&(LineNo, i64)| line.no == *no || line.linked_to == Some(*no);
                wanted.iter().find(own).map_or(0, |(_, qty)| *qty)
            }
        };
        if qty > left {
            return Err(Refusal::RefundExceedsSold);
        }
        if qty > 0 {
            let mut back = line.clone();
            back.qty = qty.saturating_neg();
            lines.push(back);
        }
    }
    if lines.is_empty() {
        return Err(Refusal::RefundExceedsSold);
    }
    let vat = vat_back(&lines, before);
    let total_minor = vat.iter().fold(0_i64, |sum, vat| sum.saturating_add(vat.gross_minor));
    // Never more money than was paid, also where bottles paid a part.
    let back_minor = before.iter().fold(total_minor, |sum, refund| sum.saturating_add(refund.total_minor()));
    if total_minor >= 0 || sold_minor.saturating_add(back_minor) < 0 {
        return Err(Refusal::RefundExceedsSold);
    }
    let (tenders, rounding_minor) = pay_back(original, before, total_minor, card_reference);
    let refund = ClosedSale {
        receipt_no,
        training: original.training,
        kind,
        corrects: Some(original.receipt_no),
        currency: original.currency,
        country: original.country,
        lines,
        vat,
        rounding_minor,
        tenders,
        change_minor: 0,
        voided: Voided::default(),
        control: None,
    };
    assert!(refund.balances(), "a refund balances");
    Ok(refund)
}

/// VAT per rate of what goes back now: the VAT of all that has gone back by then, less what went back before. So a sale taken back piece
/// by piece gives back the VAT it was sold with, to the öre.
fn vat_back(lines: &[Line], before: &[ClosedSale]) -> Vec<VatSum> {
    let mut sums = vat_sums(lines);
    for sum in &mut sums {
        let earlier = before.iter().flat_map(|refund| &refund.vat).filter(|earlier| earlier.rate == sum.rate);
        let (gross, vat) = earlier.fold((0_i64, 0_i64), |(gross, vat), earlier| {
            (gross.saturating_add(earlier.gross_minor), vat.saturating_add(earlier.vat_minor))
        });
        sum.vat_minor = vat_in_gross(gross.saturating_add(sum.gross_minor), sum.rate).saturating_sub(vat);
    }
    sums
}

fn left_of(no: LineNo, sold: i64, before: &[ClosedSale]) -> i64 {
    let back = before.iter().flat_map(|refund| &refund.lines).filter(|line| line.no == no);
    back.fold(sold, |left, line| left.saturating_add(line.qty))
}

fn pay_back(original: &ClosedSale, before: &[ClosedSale], total_minor: i64, card_reference: &str) -> (Vec<Tender>, i64) {
    let card_back = before.iter().fold(0_i64, |sum, refund| sum.saturating_add(refund.tendered_minor(TenderKind::Card)));
    let card_left = original.tendered_minor(TenderKind::Card).saturating_add(card_back).max(0);
    let to_card = card_left.min(total_minor.saturating_neg()).max(0);
    let cash_part = Money::new(total_minor.saturating_add(to_card), original.currency);
    // All refunds together are rounded as one, so that many small ones never pay out more than one large one.
    let (paid_back, rounded_before) = before.iter().fold((0_i64, 0_i64), |(paid, rounded), refund| {
        (paid.saturating_add(refund.cash_minor()), rounded.saturating_add(refund.rounding_minor))
    });
    let all_parts = Money::new(cash_part.minor().saturating_add(paid_back).saturating_sub(rounded_before), original.currency);
    let all_cash = all_parts.minor().saturating_add(cash::rounding(original.currency, all_parts).minor());
    let cash_minor = all_cash.saturating_sub(paid_back);
    let rounding_minor = cash_minor.saturating_sub(cash_part.minor());
    let mut tenders = Vec::new();
    if to_card > 0 {
        tenders.push(Tender {
            kind: TenderKind::Card,
            amount_minor: to_card.saturating_neg(),
            reference: card_reference.into(),
            slip: "".into(),
        });
    }
    if cash_minor != 0 || tenders.is_empty() {
        tenders.push(Tender { kind: TenderKind::Cash, amount_minor: cash_minor, reference: "".into(), slip: "".into() });
    }
    (tenders, rounding_minor)
}
