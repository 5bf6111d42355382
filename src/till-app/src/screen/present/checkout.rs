//! Paying, done, receipts.

use std::collections::BTreeMap;

use domain::{
    Currency, Refusal,
    crew::Language,
    sale::{ClosedSale, LineNo, OpenSale, SaleKind, TenderKind},
};
use hw::document::{Align, DocumentBuf, Element};
use journal::ControlKind;
use till::{Paid, words};

use super::{bare, clock, currency, figure, money};
use crate::screen::backroom::{Receipt, Snapshot};

/// What waits for the control unit, as the pay screen shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct ControlView {
    /// Nothing waits, the unit is being asked, or it is in trouble.
    pub wait: ui::ControlWait,
    /// Number and amount.
    pub what: String,
    /// What is wrong.
    pub happened: String,
    /// What is safe and what to do.
    pub says: String,
    /// It can be given up.
    pub can_give_up: bool,
    /// It is a sale.
    pub is_sale: bool,
}

/// What waits for the control unit.
#[must_use]
pub fn control(shot: &Snapshot, language: Language) -> Option<ControlView> {
    let request = &shot.books.control.as_ref()?.request;
    let trouble = shot.control.trouble;
    let number = request.number.to_string();
    let sentences = |code| words::message(language, code).map(|message| message.with(&[("receipt_no", &number)]));
    let told = trouble.and_then(|trouble| sentences(trouble.code()));
    let (happened, safe, todo) = told.map(|told| (told.happened, told.safe, told.todo)).unwrap_or_default();
    let card_paid = sentences(Refusal::ControlCardPaid.code()).map(|told| told.happened).unwrap_or_default();
    let can_give_up = shot.control.can_give_up;
    Some(ControlView {
        wait: if trouble.is_some() { ui::ControlWait::Trouble } else { ui::ControlWait::Asking },
        what: format!("{number} · {}", money(request.sold_minor.max(request.returned_minor), currency(shot))),
        happened,
        says: [safe.as_str(), todo.as_str(), if can_give_up { "" } else { &card_paid }].join(" "),
        can_give_up,
        is_sale: request.returned_minor == 0 && request.kind != ControlKind::Copy,
    })
}

/// Notes that the pay screen offers, in minor units.
const NOTES: [i64; 6] = [2000, 5000, 10_000, 20_000, 50_000, 100_000];

/// The note buttons.
#[must_use]
pub fn notes(currency: Currency) -> Vec<ui::Note> {
    NOTES
        .map(|minor| ui::Note { id: minor.to_string().into(), text: words::amount_short(domain::Money::new(minor, currency)).into() })
        .into()
}

/// What was given so far.
#[must_use]
pub fn tenders(sale: &OpenSale, language: Language) -> Vec<ui::Tender> {
    let row = |(place, tender): (usize, &domain::sale::Tender)| ui::Tender {
        id: place.to_string().into(),
        name: tender_name(tender.kind, language).into(),
        amount: money(tender.amount_minor, sale.terms.currency).into(),
    };
    sale.tenders.iter().enumerate().map(row).collect()
}

/// A means of payment in words.
#[must_use]
pub fn tender_name(kind: TenderKind, language: Language) -> &'static str {
    let paper = words::paper(language);
    match kind {
        TenderKind::Cash => paper.cash,
        TenderKind::Card => paper.card,
    }
}

/// The figures under the change.
#[must_use]
pub fn done_figures(paid: &Paid, given: &[(TenderKind, i64)], language: Language) -> Vec<ui::Figure> {
    let paper = words::paper(language);
    let currency = paid.total.currency();
    let back = paid.total.minor() < 0;
    let mut rows = vec![figure(if back { paper.to_return } else { paper.to_pay }, money(paid.total.minor().abs(), currency), true)];
    if paid.rounding.minor() != 0 {
        rows.push(figure(paper.rounding, money(paid.rounding.minor(), currency), false));
    }
    rows.extend(given.iter().map(|(kind, minor)| figure(tender_name(*kind, language), money(*minor, currency), false)));
    rows
}

/// The list of receipts.
#[must_use]
pub fn receipt_rows(shot: &Snapshot, receipts: &[store::Receipt], language: Language) -> Vec<ui::ReceiptRow> {
    let paper = words::paper(language);
    let row = |receipt: &store::Receipt| {
        let tag = match SaleKind::ALL.get(usize::from(receipt.kind)) {
            Some(SaleKind::Refund) => paper.returns,
            Some(SaleKind::Void) => paper.voids,
            _ => "",
        };
        ui::ReceiptRow {
            id: receipt.receipt_no.to_string().into(),
            number: receipt.receipt_no.to_string().into(),
            time: clock(receipt.wall_s, shot.wall.1).into(),
            total: money(receipt.total_minor, currency(shot)).into(),
            tag: tag.into(),
        }
    };
    receipts.iter().map(row).collect()
}

/// A document in words, for a panel too small for its picture.
#[must_use]
pub fn paper_lines(document: &DocumentBuf) -> Vec<ui::PaperLine> {
    let blank = || ui::PaperLine { left: "".into(), right: "".into(), centred: false, strong: false, rule: false };
    let mut lines: Vec<ui::PaperLine> = Vec::new();
    for element in document.elements() {
        match element {
            Element::Text { text, style } => lines.push(ui::PaperLine {
                left: text.into(),
                centred: style.align == Align::Center,
                strong: style.bold || style.height_scale > 1,
                ..blank()
            }),
            Element::Row { left, right, style } => {
                lines.push(ui::PaperLine {
                    left: left.into(),
                    right: right.into(),
                    strong: style.bold || style.height_scale > 1,
                    ..blank()
                });
            }
            Element::Rule => lines.iter_mut().last().into_iter().for_each(|line| line.rule = true),
            Element::Feed(_) => lines.push(blank()),
            _ => {}
        }
    }
    lines
}

/// How many of each line are still to take back.
#[must_use]
pub fn left_to_refund(receipt: &Receipt) -> BTreeMap<LineNo, i64> {
    let own = receipt.sale.lines.iter().filter(|line| line.linked_to.is_none());
    let left = |no: LineNo, sold: i64| {
        let back = receipt.before.iter().flat_map(|refund: &ClosedSale| &refund.lines).filter(|line| line.no == no);
        back.fold(sold, |left, line| left + line.qty)
    };
    own.map(|line| (line.no, left(line.no, line.qty))).collect()
}

/// The lines of a receipt that can be taken back, with how many are chosen.
#[must_use]
pub fn refund_lines(shot: &Snapshot, receipt: &Receipt, chosen: &BTreeMap<LineNo, i64>, language: Language) -> Vec<ui::RefundLine> {
    let left = left_to_refund(receipt);
    let row = |line: &domain::sale::Line| {
        let linked = receipt.sale.lines.iter().filter(|other| other.linked_to == Some(line.no));
        let unit = linked.fold(line.unit_minor, |sum, other| sum + other.unit_minor);
        let count = |map: &BTreeMap<LineNo, i64>| i32::try_from(map.get(&line.no).copied().unwrap_or(0)).unwrap_or(0);
        ui::RefundLine {
            id: line.no.0.to_string().into(),
            name: super::sell::line_name(shot, line, language).into(),
            amount: bare(unit, receipt.sale.currency).into(),
            chosen: count(chosen),
            most: count(&left),
        }
    };
    receipt.sale.lines.iter().filter(|line| line.linked_to.is_none()).map(row).collect()
}

/// What the chosen lines come to, in minor units.
#[must_use]
pub fn refund_minor(receipt: &Receipt, chosen: &BTreeMap<LineNo, i64>) -> i64 {
    let of = |line: &domain::sale::Line| {
        let no = line.linked_to.unwrap_or(line.no);
        line.unit_minor * chosen.get(&no).copied().unwrap_or(0)
    };
    receipt.sale.lines.iter().map(of).sum()
}
