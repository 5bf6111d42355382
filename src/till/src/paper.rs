//! Receipts and reports as documents for a printer.
//!
//! Fields follow SKVFS 2014:9, 7:1 (receipt) and 7:2-3 (reports), as its 2021:17 wording has them. Marks (copy, training, not a receipt)
//! are fixed and twice as large as amounts: 5:5.

use chrono::{DateTime, FixedOffset};
use domain::{
    Currency, Money,
    catalogue::ProductKind,
    sale::{ClosedSale, Control, Line, SaleKind, TenderKind, VatSum},
    vat::{Supply, VatTable},
};
use hw::document::DocumentBuf;
use journal::Proof;

use crate::{
    data::Operator,
    words::{self, Language, Paper, Regime, paper_amount, percent},
};

mod qr;
mod report;

pub use qr::{QR_PREFIX, read_proof};
pub use report::{x_report, z_report};

/// What a receipt is marked as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark<'a> {
    /// An original.
    None,
    /// The one copy, and what the control unit answered for it.
    Copy(Option<&'a Control>),
    /// Printed again because the first paper did not come out whole.
    Reprint,
}

/// What stands on every document: who, where, when.
#[derive(Clone, Debug)]
pub struct PaperHead<'a> {
    /// Who sells.
    pub operator: &'a Operator,
    /// The register designation.
    pub register: String,
    /// Program and version.
    pub program: String,
    /// The register's manufacturing number: the beginning of its log's identity, since the program is tied to no hardware.
    pub maker_no: String,
    /// Train number, while a trip ran.
    pub train: Option<String>,
    /// Who was signed in.
    pub crew: Option<String>,
    /// Wall time in seconds since 1970, UTC.
    pub wall_s: i64,
    /// What to add for local time, in minutes.
    pub offset_min: i16,
    /// Whether the clock could be believed.
    pub time_proven: bool,
    /// The entry it documents.
    pub seq: u64,
    /// Columns of the paper.
    pub columns: usize,
}

/// The receipt of a sale, refund or void.
#[must_use]
pub fn receipt(head: &PaperHead<'_>, sale: &ClosedSale, mark: Mark<'_>, vat: &VatTable, proof: Option<&Proof>) -> DocumentBuf {
    let paper = words::paper(PAPER_LANGUAGE);
    let mut doc = DocumentBuf::new();
    letterhead(&mut doc, head);
    marks(&mut doc, paper, sale.training, mark);
    let back = sale.kind != SaleKind::Sale;
    doc.text(if back { REGIME.return_receipt } else { REGIME.receipt }).center().bold();
    doc.row(if back { paper.return_receipt_no } else { paper.receipt_no }, sale.receipt_no.to_string());
    if let Some(of) = sale.corrects {
        doc.row(if sale.kind == SaleKind::Void { paper.void_of } else { paper.refund_of }, of.to_string());
    }
    particulars(&mut doc, paper, head);
    doc.rule();
    for line in &sale.lines {
        item(&mut doc, paper, line, sale, vat);
    }
    doc.rule();
    let owed_minor = sale.total_minor().saturating_add(sale.rounding_minor);
    // What goes back is what the customer gets: no sign.
    let owed = Money::new(if back { owed_minor.saturating_neg() } else { owed_minor }, sale.currency);
    if sale.rounding_minor != 0 {
        doc.row(paper.total, amount(sale.total_minor(), sale.currency));
        doc.row(paper.rounding, amount(sale.rounding_minor, sale.currency));
    }
    let label = if back { paper.to_return } else { paper.to_pay };
    let sum = doc.row(format!("{label} {}", sale.currency.code()), paper_amount(owed)).bold();
    // Beside a mark the sum stays small, so that the mark is twice as large as every amount.
    if !sale.training && mark == Mark::None {
        sum.tall();
    }
    doc.feed(1);
    tenders(&mut doc, paper, sale);
    vat_table(&mut doc, paper, sale, vat, head.columns);
    control(&mut doc, paper, sale, mark);
    if sale.training {
        doc.feed(1);
        doc.text(REGIME.mark_pro_forma).center().double();
    }
    foot(&mut doc, paper, head, proof, sale.kind == SaleKind::Sale);
    doc.cut();
    doc
}

/// From so many columns on, the VAT table has wide columns.
const COLUMNS_WIDE: usize = 40;

/// Whose law words the paper: the register stands in Sweden, wherever the train runs.
pub(crate) const REGIME: &Regime = &Regime::SWEDEN;
/// Receipts are in Swedish, the language of the register's law.
pub(crate) const PAPER_LANGUAGE: Language = Language::Sv;

/// Model designation. In Sweden it holds the letters SE. Source: SKVFS 2014:9, chapter 4.
pub(crate) const MODEL: &str = "Trolley SE";

/// The company, its number and address.
pub(crate) fn letterhead(doc: &mut DocumentBuf, head: &PaperHead<'_>) {
    doc.logo(hw::logo::trolley());
    doc.text(head.operator.company.as_str()).center().bold();
    for line in &head.operator.address {
        doc.text(line.as_str()).center();
    }
    let paper = words::paper(PAPER_LANGUAGE);
    doc.text(format!("{} {}", paper.org_no, head.operator.org_no)).center();
    doc.feed(1);
}

/// When, where, who.
pub(crate) fn particulars(doc: &mut DocumentBuf, paper: &Paper, head: &PaperHead<'_>) {
    doc.row(paper.date_time, local_time(head));
    if !head.time_proven {
        doc.text(paper.time_not_proven);
    }
    doc.row(paper.register, head.register.as_str());
    doc.row(paper.maker_no, head.maker_no.as_str());
    if let Some(train) = &head.train {
        doc.row(paper.train, train.as_str());
    }
    if let Some(crew) = &head.crew {
        doc.row(paper.crew_member, crew.as_str());
    }
}

pub(crate) fn local_time(head: &PaperHead<'_>) -> String {
    local(head.wall_s, head.offset_min)
}

/// A wall time as paper shows it.
pub(crate) fn local(wall_s: i64, offset_min: i16) -> String {
    let offset = FixedOffset::east_opt(i32::from(offset_min) * 60);
    let local = DateTime::from_timestamp(wall_s, 0).zip(offset).map(|(utc, offset)| utc.with_timezone(&offset));
    local.map_or_else(|| wall_s.to_string(), |local| local.format("%Y-%m-%d %H:%M:%S").to_string())
}

pub(crate) fn amount(minor: i64, currency: Currency) -> String {
    paper_amount(Money::new(minor, currency))
}

/// A document that is not a receipt, or a copy of one, once more.
pub(crate) fn printed_again(mut document: DocumentBuf) -> DocumentBuf {
    let mut mark = DocumentBuf::new();
    mark.text(words::paper(PAPER_LANGUAGE).printed_again).center().double();
    mark.feed(1);
    document.prepend(&mark);
    document
}

/// Large, first, and not to be overlooked.
fn marks(doc: &mut DocumentBuf, paper: &Paper, training: bool, mark: Mark<'_>) {
    if training {
        doc.text(REGIME.mark_training).center().double();
        doc.text(REGIME.mark_pro_forma).center().double();
    }
    match mark {
        Mark::None => {}
        Mark::Copy(_) => {
            doc.text(REGIME.mark_copy).center().double();
        }
        Mark::Reprint => {
            doc.text(paper.printed_again).center().double();
        }
    }
    if training || mark != Mark::None {
        doc.feed(1);
    }
}

fn item(doc: &mut DocumentBuf, paper: &Paper, line: &Line, sale: &ClosedSale, vat: &VatTable) {
    let code = vat.code(sale.country, line.rate).letter();
    let gross = format!("{} {code}", amount(line.gross_minor(), sale.currency));
    let indent = if line.linked_to.is_some() { "  " } else { "" };
    doc.row(format!("{indent}{}", line.name), gross);
    let each = (line.qty.abs() != 1).then(|| format!("{} × {}", line.qty, amount(line.unit_minor, sale.currency)));
    let way = match (line.supply, line.kind) {
        (Supply::Served, ProductKind::Goods | ProductKind::Service) => Some(paper.served),
        _ => None,
    };
    let detail = [each.as_deref(), way].into_iter().flatten().collect::<Vec<_>>().join("  ");
    if !detail.is_empty() {
        doc.text(format!("{indent}  {detail}"));
    }
}

fn tenders(doc: &mut DocumentBuf, paper: &Paper, sale: &ClosedSale) {
    for tender in &sale.tenders {
        doc.row(tender_name(paper, tender.kind), amount(tender.amount_minor, sale.currency));
        if !tender.slip.is_empty() {
            // As a row, so that what does not fit goes on indented.
            doc.row(format!("  {}", tender.slip), "");
        }
    }
    if sale.change_minor != 0 {
        doc.row(paper.change, amount(sale.change_minor, sale.currency));
    }
}

pub(crate) const fn tender_name(paper: &Paper, kind: TenderKind) -> &'static str {
    match kind {
        TenderKind::Cash => paper.cash,
        TenderKind::Card => paper.card,
    }
}

/// The control unit's number and its code: the law asks for the number, inspectors for the code.
fn control(doc: &mut DocumentBuf, paper: &Paper, sale: &ClosedSale, mark: Mark<'_>) {
    let copy = if let Mark::Copy(control) = mark { control } else { None };
    for (label, control) in [(paper.control_code, sale.control.as_ref()), (paper.control_code_of_copy, copy)] {
        let Some(control) = control else { continue };
        doc.feed(1);
        doc.row(paper.control_unit, control.unit.as_ref());
        // Some units make no code for practice.
        if !control.code.is_empty() {
            doc.text(label);
            // As a row, so that a code that does not fit goes on below.
            doc.row(format!("  {}", control.code), "");
        }
    }
}

/// VAT per rate: code, rate, VAT, net, gross, each in a column of its own; below each other where the columns are too narrow.
fn vat_table(doc: &mut DocumentBuf, paper: &Paper, sale: &ClosedSale, vat: &VatTable, columns: usize) {
    let widths = if columns >= COLUMNS_WIDE { [9, 10, 11, 12] } else { [7, 8, 8, 9] };
    let heading = [format!("{} {}", paper.vat, sale.country.code()), paper.vat.into(), paper.net.into(), paper.gross.into()];
    let row = |sum: &VatSum| {
        let code = vat.code(sale.country, sum.rate).letter();
        let [vat, net, gross] = [sum.vat_minor, sum.net_minor(), sum.gross_minor].map(|minor| amount(minor, sale.currency));
        [format!("{code} {}", percent(sum.rate.basis_points()).replace('\u{a0}', " ")), vat, net, gross]
    };
    let rows: Vec<[String; 4]> = sale.vat.iter().map(row).collect();
    // A gap before each amount, or two of them would read as one.
    let fits = rows.iter().all(|row| row.iter().zip(widths).skip(1).all(|(cell, width)| cell.chars().count() < width));
    doc.feed(1);
    if fits {
        for row in core::iter::once(&heading).chain(&rows) {
            let ([first, a, b, c], [w, x, y, z]) = (row, widths);
            doc.text(format!("{first:<w$}{a:>x$}{b:>y$}{c:>z$}"));
        }
    } else {
        for [rate, vat, net, gross] in &rows {
            doc.row(format!("{rate} {}", heading[0]), vat.as_str());
            doc.row(format!("  {}", paper.net), net.as_str());
            doc.row(format!("  {}", paper.gross), gross.as_str());
        }
    }
    doc.row(paper.of_which_vat, amount(sale.vat_minor(), sale.currency));
}

/// The journal's proof, as text and as a QR code, and a word of thanks.
fn foot(doc: &mut DocumentBuf, paper: &Paper, head: &PaperHead<'_>, proof: Option<&Proof>, thanks: bool) {
    doc.feed(1);
    if thanks {
        doc.text(head.operator.receipt_footer.sv.as_ref()).center();
    }
    if let Some(proof) = proof {
        doc.feed(1);
        doc.qr(qr::write_proof(proof).into_bytes());
        doc.text(format!("{} {} · {}", paper.journal_hash, head.seq, proof.head.short())).center();
    }
}
