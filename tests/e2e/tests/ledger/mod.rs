//! The books that the test keeps by itself, with nothing of the till's own arithmetic.

use std::{collections::BTreeMap, io::Write as _, process::Command};

/// Gross and VAT in minor units by rate in per cent.
pub type Vat = BTreeMap<i64, (i64, i64)>;

/// A receipt as it should be.
pub struct Receipt {
    pub no: u64,
    pub kind: &'static str,
    pub total: i64,
    pub cash: i64,
    pub card: i64,
    pub vat: Vat,
}

/// What a trip should come to, in minor units.
pub struct Ledger {
    pub receipts: Vec<Receipt>,
    pub drawer: i64,
    pub voided: i64,
    pub abandoned: i64,
}

impl Ledger {
    pub fn new(float: i64) -> Self {
        Self { receipts: Vec::new(), drawer: float, voided: 0, abandoned: 0 }
    }

    /// A sale: gross and rate of each line, and what was paid how.
    pub fn sale(&mut self, lines: &[(i64, i64)], cash: i64, card: i64) {
        self.receipt("sale", lines, cash, card);
    }

    /// Money back in cash.
    pub fn back(&mut self, kind: &'static str, lines: &[(i64, i64)], cash: i64) {
        self.receipt(kind, lines, cash, 0);
    }

    fn receipt(&mut self, kind: &'static str, lines: &[(i64, i64)], cash: i64, card: i64) {
        let total: i64 = lines.iter().map(|(gross, _)| gross).sum();
        assert_eq!(total, cash + card, "the test's own sums");
        let mut vat = Vat::new();
        for (gross, rate) in lines {
            vat.entry(*rate).or_default().0 += gross;
        }
        for (rate, (gross, vat)) in &mut vat {
            *vat = vat_within(*gross, *rate);
        }
        self.drawer += cash;
        self.receipts.push(Receipt { no: self.receipts.len() as u64 + 1, kind, total, cash, card, vat });
    }

    /// Sales less returns.
    pub fn net(&self) -> i64 {
        self.receipts.iter().map(|receipt| receipt.total).sum()
    }

    /// VAT of all receipts: the sum of what each receipt says.
    pub fn vat(&self) -> Vat {
        let mut all = Vat::new();
        for (rate, (gross, vat)) in self.receipts.iter().flat_map(|receipt| &receipt.vat) {
            let sum = all.entry(*rate).or_default();
            *sum = (sum.0 + gross, sum.1 + vat);
        }
        all
    }
}

/// VAT once per rate and receipt, a half away from zero.
fn vat_within(gross: i64, rate: i64) -> i64 {
    let (numerator, denominator) = (gross.abs() * rate * 2 + 100 + rate, 2 * (100 + rate));
    gross.signum() * (numerator / denominator)
}

/// An amount as the screen writes it.
pub fn kr(minor: i64) -> String {
    let sign = if minor < 0 { "\u{2212}" } else { "" };
    format!("{sign}{},{:02}\u{a0}kr", grouped(minor.abs() / 100, '\u{a0}'), minor.abs() % 100)
}

/// An amount as paper has it.
pub fn on_paper(minor: i64) -> String {
    format!("{},{:02}", grouped(minor / 100, ' '), minor % 100)
}

fn grouped(units: i64, gap: char) -> String {
    let digits = units.to_string();
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            out.push(gap);
        }
        out.push(digit);
    }
    out
}

/// What a document's QR code says, if this is one.
pub fn qr_of(element: &hw::document::Element<'_>) -> Option<String> {
    match element {
        hw::document::Element::Qr(bytes) => String::from_utf8(bytes.to_vec()).ok(),
        _ => None,
    }
}

/// What an independent reader makes of the QR code in a picture; `None` where none is installed.
#[expect(clippy::disallowed_methods, reason = "an independent reader of QR codes is a program of its own")]
pub fn zbarimg(png: &[u8]) -> Option<String> {
    let mut file = tempfile::Builder::new().suffix(".png").tempfile().expect("a file");
    file.write_all(png).expect("the picture");
    match Command::new("zbarimg").args(["--quiet", "--raw"]).arg(file.path()).output() {
        Ok(read) => Some(String::from_utf8(read.stdout).expect("text")),
        Err(error) => {
            println!("zbarimg is not here, so nobody else reads the QR codes: {error}");
            None
        }
    }
}
