//! The shift: its figures, the count, and every line behind a difference.

use std::collections::BTreeMap;

use domain::{cash, crew::Language, report::Tally, sale::TenderKind};
use journal::{DrawerCause, DrawerLine, ShiftClosed};
use till::words;

use super::{currency, figure, money};
use crate::screen::{backroom::Snapshot, entry::Typed};

/// The figures of the open shift.
#[must_use]
pub fn report(shot: &Snapshot, language: Language) -> Vec<ui::Figure> {
    let paper = words::paper(language);
    let totals = &shot.books.totals;
    let sum = |minor: i64| money(minor, currency(shot));
    let tally = |tally: Tally| format!("{} · {}", tally.count, money(tally.minor, currency(shot)));
    let mut rows =
        vec![figure(paper.sales_total, sum(totals.net_minor()), true), figure(paper.receipts, totals.receipts().to_string(), false)];
    for kind in TenderKind::ALL {
        let minor = totals.tenders.get(&kind).copied().unwrap_or(0);
        rows.push(figure(super::checkout::tender_name(kind, language), sum(minor), false));
    }
    for ((country, rate), (_, vat)) in &totals.vat {
        rows.push(figure(format!("{} {} {}", paper.vat, country.code(), words::percent(rate.basis_points())), sum(*vat), false));
    }
    rows.extend([
        figure(paper.returns, tally(totals.returns()), false),
        figure(paper.voided_lines, tally(totals.voided_lines), false),
        figure(paper.opening_float, sum(totals.float_minor), false),
        figure(paper.cash_drop, tally(totals.cash_drops), false),
        figure(paper.grand_total_net, sum(shot.books.grand.net_minor()), false),
    ]);
    rows
}

/// Notes and coins with what was counted.
#[must_use]
pub fn denominations(shot: &Snapshot, counts: &BTreeMap<i64, Typed>) -> Vec<ui::Denomination> {
    let row = |value: &i64| {
        let pieces = counts.get(value).and_then(Typed::number);
        let sum = pieces.and_then(|pieces| i64::try_from(pieces).ok()).map(|pieces| pieces.saturating_mul(*value));
        ui::Denomination {
            id: value.to_string().into(),
            name: words::amount_short(domain::Money::new(*value, currency(shot))).into(),
            count: pieces.map(|pieces| pieces.to_string()).unwrap_or_default().into(),
            sum: sum.map(|minor| words::amount_short(domain::Money::new(minor, currency(shot)))).unwrap_or_default().into(),
        }
    };
    cash::denominations(currency(shot)).iter().map(row).collect()
}

/// What was counted: pieces of each value.
#[must_use]
pub fn pieces(counts: &BTreeMap<i64, Typed>) -> Vec<(i64, u32)> {
    let piece = |(value, typed): (&i64, &Typed)| Some((*value, u32::try_from(typed.number()?).ok()?));
    counts.iter().rev().filter_map(piece).filter(|(_, pieces)| *pieces > 0).collect()
}

/// Their sum in minor units.
#[must_use]
pub fn counted_minor(counts: &BTreeMap<i64, Typed>) -> i64 {
    pieces(counts).iter().fold(0, |sum, (value, pieces)| sum + value * i64::from(*pieces))
}

/// Every line behind the drawer's expected sum; many sales in one line each would be a wall, so they are summed.
#[must_use]
pub fn behind(shot: &Snapshot, closed: &ShiftClosed, lines: &[DrawerLine], language: Language) -> Vec<ui::Figure> {
    let paper = words::paper(language);
    let sum = |minor: i64| money(minor, closed.currency);
    let mut rows = Vec::new();
    for line in lines {
        let at = super::clock(line.wall_s, shot.wall.1);
        let label = match line.cause {
            DrawerCause::Float => format!("{at} {}", paper.opening_float),
            DrawerCause::Receipt(receipt_no) => format!("{at} {} {receipt_no}", paper.receipt_no),
            DrawerCause::Drop => format!("{at} {}", paper.cash_drop),
            DrawerCause::PaidIn => format!("{at} {}", paper.paid_in),
            DrawerCause::PaidOut => format!("{at} {}", paper.paid_out),
        };
        rows.push(figure(label, sum(line.minor), false));
    }
    rows.push(figure(paper.expected_cash, sum(closed.expected_minor), true));
    rows.push(figure(paper.counted_cash, sum(closed.counted_minor), true));
    rows
}
