//! X and Z reports.

use core::cmp::Reverse;

use domain::{
    Currency,
    catalogue::Catalogue,
    report::{GrandTotals, Tally, Totals},
    sale::TenderKind,
};
use hw::document::DocumentBuf;
use journal::{ShiftClosed, ShiftRead};

use super::{MODEL, PAPER_LANGUAGE, PaperHead, REGIME, amount, letterhead, particulars, tender_name};
use crate::words::{self, Paper, percent};

/// An X report: a reading that resets nothing and has no number.
#[must_use]
pub fn x_report(head: &PaperHead<'_>, read: &ShiftRead, catalogue: &Catalogue) -> DocumentBuf {
    let paper = words::paper(PAPER_LANGUAGE);
    let mut doc = DocumentBuf::new();
    letterhead(&mut doc, head);
    doc.text(REGIME.x_report).center().bold().tall();
    doc.row(paper.shift, read.shift_no.to_string());
    particulars(&mut doc, paper, head);
    figures(&mut doc, paper, &read.totals, read.grand, read.parked, read.currency, catalogue);
    software(&mut doc, paper, head);
    doc.cut();
    doc
}

/// A Z report: the shift is closed, the figures stand.
#[must_use]
pub fn z_report(head: &PaperHead<'_>, closed: &ShiftClosed, catalogue: &Catalogue) -> DocumentBuf {
    let paper = words::paper(PAPER_LANGUAGE);
    let mut doc = DocumentBuf::new();
    letterhead(&mut doc, head);
    doc.text(REGIME.z_report).center().bold().tall();
    doc.row(paper.z_no, closed.z_no.to_string());
    doc.row(paper.shift, closed.shift_no.to_string());
    particulars(&mut doc, paper, head);
    figures(&mut doc, paper, &closed.totals, closed.grand, closed.parked, closed.currency, catalogue);
    doc.rule();
    let sum = |minor| amount(minor, closed.currency);
    for (value, pieces) in &closed.pieces {
        doc.row(format!("{pieces} × {}", sum(*value)), sum(value.saturating_mul(i64::from(*pieces))));
    }
    doc.row(paper.counted_cash, sum(closed.counted_minor));
    doc.row(paper.expected_cash, sum(closed.expected_minor));
    doc.row(paper.variance, sum(closed.counted_minor - closed.expected_minor)).bold();
    software(&mut doc, paper, head);
    doc.cut();
    doc
}

fn figures(
    doc: &mut DocumentBuf,
    paper: &Paper,
    totals: &Totals,
    grand: GrandTotals,
    parked: Tally,
    currency: Currency,
    catalogue: &Catalogue,
) {
    let sum = |minor| amount(minor, currency);
    doc.rule();
    doc.row(format!("{} {}", paper.sales_total, currency.code()), sum(totals.net_minor())).bold();
    doc.text(paper.sales_by_group);
    for category in catalogue.categories() {
        if let Some((pieces, gross)) = totals.categories.get(&category.id) {
            doc.row(format!("  {} ({pieces})", category.name.sv), sum(*gross));
        }
    }
    doc.rule();
    doc.text(paper.vat_by_rate);
    let mut vats: Vec<_> = totals.vat.iter().collect();
    // As on receipts: highest rate first.
    vats.sort_by_key(|((country, rate), _)| (*country, Reverse(*rate)));
    for ((country, rate), (gross, vat)) in vats {
        let rate = percent(rate.basis_points()).replace('\u{a0}', " ");
        doc.row(format!("  {} {} {rate}", paper.vat, country.code()), sum(*vat));
        doc.row(format!("    {}", paper.net), sum(gross - vat));
        doc.row(format!("    {}", paper.gross), sum(*gross));
    }
    doc.rule();
    doc.text(paper.sales_by_tender);
    for kind in TenderKind::ALL {
        doc.row(format!("  {}", tender_name(paper, kind)), sum(totals.tenders.get(&kind).copied().unwrap_or(0)));
    }
    doc.row(paper.rounding, sum(totals.rounding_minor));
    doc.rule();
    doc.row(paper.opening_float, sum(totals.float_minor));
    movement(doc, paper.cash_drop, totals.cash_drops, currency);
    movement(doc, paper.paid_in, totals.paid_in, currency);
    movement(doc, paper.paid_out, totals.paid_out, currency);
    doc.rule();
    doc.row(paper.goods_sold, totals.goods_count.to_string());
    doc.row(paper.services_sold, totals.services_count.to_string());
    doc.row(paper.receipts, totals.receipts().to_string());
    doc.row(paper.drawer_openings, totals.drawer_openings.to_string());
    doc.row(format!("  {}", paper.no_sales), totals.no_sales.to_string());
    doc.rule();
    movement(doc, paper.copies, totals.copies, currency);
    movement(doc, paper.training, totals.training, currency);
    movement(doc, paper.returns, totals.returns(), currency);
    movement(doc, &format!("  {}", paper.voids), totals.voids, currency);
    movement(doc, paper.discounts, totals.discounts, currency);
    movement(doc, paper.voided_lines, totals.voided_lines, currency);
    movement(doc, paper.other_reductions, Tally::default(), currency);
    let unfinished = Tally { count: totals.abandoned.count + parked.count, minor: totals.abandoned.minor + parked.minor };
    movement(doc, paper.unfinished_sales, unfinished, currency);
    movement(doc, &format!("  {}", paper.parked_sales), parked, currency);
    if totals.burned_numbers > 0 {
        doc.row(paper.burned_numbers, totals.burned_numbers.to_string());
    }
    // Norway asks for these, too. This till has no such functions, so there are none.
    for label in [paper.pro_forma, paper.price_look_ups, paper.other_corrections, paper.delivery_receipts] {
        movement(doc, label, Tally::default(), currency);
    }
    doc.rule();
    doc.row(paper.grand_total_sales, sum(grand.sales_minor));
    doc.row(paper.grand_total_returns, sum(grand.returns_minor));
    doc.row(paper.grand_total_net, sum(grand.net_minor()));
}

fn movement(doc: &mut DocumentBuf, label: &str, tally: Tally, currency: Currency) {
    doc.row(format!("{label} ({})", tally.count), amount(tally.minor, currency));
}

fn software(doc: &mut DocumentBuf, paper: &Paper, head: &PaperHead<'_>) {
    doc.rule();
    doc.row(paper.model, MODEL);
    doc.row(paper.program, head.program.as_str());
    doc.row(paper.journal_hash, head.seq.to_string());
}
