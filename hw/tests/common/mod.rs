//! Receipts that the tests print. Everything on them is invented.
#![allow(dead_code, reason = "each test program uses its own part")]

use hw::document::DocumentBuf;
use hw::printer::profile::Profile;
use hw::printer::sim::PrinterSimulator;
use hw::printer::{EscPosPrinter, ReceiptPrinter};
use hw::sim::{PaperStrip, PipePort, SimulatedPrinter};

/// The payload of the sample's QR code.
pub const QR_PAYLOAD: &str = "TROLLEY1:0142-3:1042:2026-11-23T19:28:39+01:00:SEK:18300:\
    5WHNQZ3TD6Q0Z7V1E0M2P3KX8R9S4T5U6V7W8X9Y0Z1A2B3C4D5E6F7G8H9J0K1L2M3N4P5Q6R7S8T9U0V1W2X3Y4Z5A6B7C8D9E0F1G2H3J4K5L6M7N8P9Q0R";

/// A receipt with all that one can have on it.
pub fn receipt() -> DocumentBuf {
    let mut receipt = DocumentBuf::new();
    receipt.logo(hw::logo::trolley()).feed(1);
    receipt.text("Bistro Exempel AB").center().bold();
    receipt.text("Org.nr 556000-0000 · Tåg 421 Göteborg–Stockholm").center();
    receipt.text("Exempelgatan 1, 111 11 Exempelstad").center().feed(1);
    receipt.text("KVITTO").center().double().feed(1);
    receipt.row("2026-11-23 19:28", "Kvitto 1042").row("Kassa 0142-3", "Säljare 7").rule();
    receipt.row("2 × Bryggkaffe", "64,00").row("Smörgås med skagenröra, dill och citron på rågbröd", "89,00");
    receipt.row("Läsk 33 cl", "28,00").row("  + pant", "2,00").rule();
    receipt.row("ATT BETALA", "183,00 SEK").bold().row("Kort", "183,00").feed(1);
    receipt.row("Moms 12 % av 161,61", "19,39").row("Moms 25 % av 1,60", "0,40").rule();
    receipt.text("Kontrollenhet DEMO0001\nKod 7QX2-0M4K-PL1Z").center();
    receipt.qr(QR_PAYLOAD).text("Tack & trevlig resa! Åäö ÅÄÖ é ü æ ø €").center().feed(1).cut();
    receipt
}

/// A receipt of sixty articles.
pub fn long_receipt() -> DocumentBuf {
    let mut receipt = DocumentBuf::new();
    receipt.text("KVITTO").center().double().rule();
    for line in 1..=60 {
        receipt.row(format!("Artikel nummer {line}"), format!("{line},00"));
    }
    receipt.rule().row("ATT BETALA", "1830,00").bold().cut();
    receipt
}

/// A receipt of two articles.
pub fn short_receipt() -> DocumentBuf {
    let mut receipt = DocumentBuf::new();
    receipt.text("KVITTO").center().double().row("Kaffe", "32,00").row("Te", "28,00").row("ATT BETALA", "60,00").bold().cut();
    receipt
}

/// The text without the words that stand for pictures.
pub fn words(text: &str) -> String {
    text.lines().filter(|line| !line.trim().starts_with('[')).map(|line| format!("{line}\n")).collect()
}

/// Another receipt than [`short_receipt`], to print after it.
pub fn other_receipt() -> DocumentBuf {
    let mut receipt = DocumentBuf::new();
    receipt.text("KVITTO").center().row("Juice", "30,00").row("ATT BETALA", "30,00").cut();
    receipt
}

/// The word on a receipt that is printed again.
const AGAIN: &str = "UTSKRIFT IGEN";

/// The document with the mark of a second print.
pub fn marked(document: &DocumentBuf) -> DocumentBuf {
    let mut again = DocumentBuf::new();
    again.text(AGAIN).center().append(document);
    again
}

/// Whether the mark of a second print is on this paper.
pub fn is_marked(text: &str) -> bool {
    text.contains(AGAIN)
}

/// Whether the whole document is on this paper and counts: all its lines one after the other, and nothing below that makes it void.
pub fn whole_on(text: &str, document: &DocumentBuf, columns: usize) -> bool {
    let on_paper = words(text);
    on_paper.find(&words(&document.to_text(columns))).is_some()
}

/// A simulated printer and its driver, on any line.
pub struct Rig<P> {
    pub simulated: SimulatedPrinter,
    pub printer: EscPosPrinter<P>,
    pub columns: usize,
}

impl Rig<PipePort<PrinterSimulator>> {
    /// On a line in the process.
    pub fn pipe(profile: Profile) -> Self {
        let simulated = SimulatedPrinter::new(profile);
        let mut printer = EscPosPrinter::new(simulated.port(), profile);
        // The first greeting of a run also clears what an earlier run left.
        let _ = ReceiptPrinter::state(&mut printer);
        Self { simulated, printer, columns: usize::from(profile.columns) }
    }
}

impl<P> Rig<P> {
    /// Whole receipts without a mark that left the printer or hang in it.
    pub fn unmarked(&self, document: &DocumentBuf) -> usize {
        let hanging = self.simulated.strip_in_progress();
        let strips = self.simulated.strips();
        let texts = strips.iter().chain(&hanging).map(PaperStrip::text);
        texts.filter(|text| whole_on(text, document, self.columns) && !is_marked(text)).count()
    }
}
