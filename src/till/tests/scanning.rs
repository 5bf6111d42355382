//! What a scanner reads: labels of a scale, and the till's own receipts.

mod common;

use common::{Bench, add, cash, rest, sek, sku};
use domain::sale::LineNo;
use hw::document::{DocumentBuf, Element};
use till::{
    Answer, Command,
    data::{Provision, read_catalogue},
    paper::{QR_PREFIX, read_proof},
};

/// Cheese by weight, sandwiches with a price on each, and a roll that any scale may number as it likes.
const SHOP: &str = r#"{
  "note": "Invented data of a test.", "version": 1,
  "categories": [{"id": "food", "name": {"sv": "Mat", "en": "Food"}, "article_group": 6}],
  "products": [
    {"sku": "CHEESE", "item_key": "23000117", "name": {"sv": "Ost", "en": "Cheese"}, "category": "food", "vat_class": "food", "prices": [{"from": "2026-01-01", "SEK": "189.00"}]},
    {"sku": "SANDWICH", "item_key": "20123401", "name": {"sv": "Smörgås", "en": "Sandwich"}, "category": "food", "vat_class": "food", "prices": [{"from": "2026-01-01", "SEK": "50.00"}]},
    {"sku": "ROLL", "gtin": "2600001000009", "name": {"sv": "Bulle", "en": "Roll"}, "category": "food", "vat_class": "food", "prices": [{"from": "2026-01-01", "SEK": "20.00"}]},
    {"sku": "SODA", "gtin": "036000291452", "name": {"sv": "Läsk", "en": "Soda"}, "category": "food", "vat_class": "food", "prices": [{"from": "2026-01-01", "SEK": "30.00"}]}
  ]
}"#;

fn shop() -> Bench {
    let mut bench = Bench::new();
    bench.provision = Provision { catalogue: read_catalogue(SHOP).expect("a catalogue"), ..Provision::demo() };
    bench.restart();
    bench.does(common::sign_in());
    bench.does(Command::StartTrip { train: "171".into(), operating_day: common::DAY });
    bench.does(Command::OpenShift(sek(100_000)));
    bench
}

fn scan(text: &str) -> Command {
    Command::Scan(text.to_owned())
}

/// The digits with their check digit.
fn label(body: &str) -> Command {
    let found = (0..10).map(|check| format!("{body}{check}")).find(|code| domain::catalogue::Gtin::parse(code).is_ok());
    scan(&found.expect("one of ten is right"))
}

/// Name, pieces and price of each line.
fn lines(bench: &Bench) -> Vec<(String, i64, i64)> {
    let lines = bench.till().open_sale().map(|sale| sale.lines.clone()).unwrap_or_default();
    lines.iter().map(|line| (line.name.to_string(), line.qty, line.unit_minor)).collect()
}

fn line(name: &str, qty: i64, unit_minor: i64) -> (String, i64, i64) {
    (name.to_owned(), qty, unit_minor)
}

#[test]
fn a_price_label_sells_one_piece_at_the_price_on_it() {
    let mut bench = shop();
    assert_eq!(bench.does(scan("2012340112907")), Answer::Line(LineNo(1)));
    assert_eq!(lines(&bench), [line("Smörgås", 1, 1290)]);
    // The same label is one more of the same; another price is another line.
    bench.does(scan("2012340112907"));
    bench.does(label("201234011500"));
    assert_eq!(lines(&bench), [line("Smörgås", 2, 1290), line("Smörgås", 1, 1500)]);
}

#[test]
fn a_weight_label_sells_its_part_of_a_kilogram_and_the_receipt_shows_weight_and_price() {
    let mut bench = shop();
    bench.does(label("230001170345"));
    assert_eq!(lines(&bench), [line("Ost 0,345 kg à 189,00/kg", 1, 6521)], "65.205 is rounded half up");
    bench.does(label("230001171000"));
    assert_eq!(lines(&bench)[1], line("Ost 1,000 kg à 189,00/kg", 1, 18_900));
    let Answer::Paid(paid) = bench.does(cash(30_000)) else { panic!("it is paid") };
    assert_eq!(paid.total, sek(25_421));
    let text = document(&bench, paid.receipt_no).to_text(42);
    let row = text.lines().find(|row| row.contains("0,345 kg")).expect("the weight stands on the receipt");
    assert!(row.starts_with("Ost 0,345 kg à 189,00/kg") && row.contains("65,21"), "{text}");
    // And it comes back at what it cost.
    bench.does(rest(paid.receipt_no));
    let (_, back) = bench.till().receipt(false, paid.receipt_no + 1).expect("the refund");
    assert_eq!(back.total_minor(), -25_421);
}

#[test]
fn two_weights_of_one_price_stay_two_lines() {
    let mut bench = shop();
    // 1 g and 2 g of something at 189.00 differ; 0.19 and 0.38. So the same price needs the same weight, unless it is rounded away.
    bench.provision.catalogue = read_catalogue(&SHOP.replace("189.00", "0.40")).expect("a catalogue");
    bench.restart();
    bench.does(label("230001170100"));
    bench.does(label("230001170110"));
    bench.does(label("230001170110"));
    assert_eq!(lines(&bench), [line("Ost 0,100 kg à 0,40/kg", 1, 4), line("Ost 0,110 kg à 0,40/kg", 2, 4)]);
}

#[test]
fn a_label_of_nothing_of_an_unknown_item_or_by_hand_sells_nothing() {
    let mut bench = shop();
    bench.refuses(label("201234010000"), "amount.not_positive");
    bench.refuses(label("230001170000"), "amount.not_positive");
    bench.refuses(label("209999991290"), "product.unknown_gtin");
    bench.refuses(label("280000011290"), "product.unknown_gtin");
    bench.refuses(scan("2012340112908"), "product.unreadable_gtin");
    bench.refuses(Command::Add { sku: sku("CHEESE"), qty: 1 }, "product.label_only");
    assert_eq!(lines(&bench), []);
}

#[test]
fn a_number_in_the_price_list_goes_before_any_meaning_of_its_digits_and_zeros_in_front_do_not_count() {
    let mut bench = shop();
    bench.does(scan("2600001000009"));
    bench.does(scan("036000291452"));
    bench.does(scan("0036000291452"));
    bench.does(scan("00036000291452"));
    assert_eq!(lines(&bench), [line("Bulle", 1, 2000), line("Läsk", 3, 3000)]);
}

#[test]
fn a_price_list_with_a_wrong_or_doubled_item_key_is_refused_with_its_row() {
    let wrong = read_catalogue(&SHOP.replace("23000117", "13000117")).expect_err("it is refused");
    assert_eq!(wrong.item, "product 1 (sku CHEESE)");
    let twice = read_catalogue(&SHOP.replace("23000117", "20123401")).expect_err("it is refused");
    assert_eq!(twice.item, "product 2 (sku SANDWICH)");
    assert!(twice.what.contains("20123401"), "{twice}");
}

fn document(bench: &Bench, receipt_no: u64) -> DocumentBuf {
    bench.till().receipt_document(bench.books().training, receipt_no, 42).expect("the receipt")
}

fn qr(document: &DocumentBuf) -> String {
    let code = document.elements().find_map(|element| match element {
        Element::Qr(bytes) => Some(String::from_utf8(bytes.to_vec()).expect("text")),
        _ => None,
    });
    code.expect("a code on the receipt")
}

/// A till that has sold twice, and the codes of its receipts.
fn sold() -> (Bench, [String; 2]) {
    let mut bench = Bench::selling();
    for _ in 0..2 {
        bench.does(add("1001", 1));
        bench.does(cash(2_900));
    }
    bench.effects.clear();
    let codes = [1, 2].map(|receipt_no| qr(&document(&bench, receipt_no)));
    (bench, codes)
}

#[test]
fn the_code_of_an_own_receipt_finds_it_and_changes_nothing() {
    let (mut bench, codes) = sold();
    let seq = bench.till().store().seq();
    for (code, receipt_no) in codes.iter().zip(1..) {
        assert_eq!(bench.does(scan(code)), Answer::ReceiptFound(receipt_no));
    }
    assert_eq!((bench.till().store().seq(), bench.till().open_sale()), (seq, None));
    // In the middle of a sale as well: the sale stays.
    bench.does(add("1002", 1));
    assert_eq!(bench.does(scan(&codes[0])), Answer::ReceiptFound(1));
    assert_eq!(lines(&bench).len(), 1);
}

#[test]
fn a_code_that_is_damaged_forged_or_of_another_till_is_refused_with_its_own_word() {
    let (mut bench, [first, second]) = sold();
    bench.refuses(scan(&first[..first.len() - 1]), "receipt.code_unreadable");
    bench.refuses(scan(QR_PREFIX), "receipt.code_unreadable");
    let mut forged = read_proof(&first).expect("a proof");
    forged.signature = read_proof(&second).expect("a proof").signature;
    bench.refuses(scan(&written(&forged)), "receipt.forged");
    // A true signature of the same key over a head that this journal does not have.
    let own = journal::LogKey::from_seed(&[7; 32]);
    let other_head = own.sign(forged.seq, &journal::Head([1; 32]));
    assert!(other_head.holds() && other_head.public == forged.public);
    bench.refuses(scan(&written(&other_head)), "receipt.forged");
    bench.refuses(scan(&written(&own.sign(u64::MAX, &forged.head))), "receipt.forged");
    let stranger = journal::LogKey::from_seed(&[8; 32]).sign(forged.seq, &forged.head);
    bench.refuses(scan(&written(&stranger)), "receipt.other_log");
    // What stands there and is no receipt.
    let head = bench.till().store().head_at(1).expect("the store reads").expect("the first entry");
    bench.refuses(scan(&written(&own.sign(1, &head))), "receipt.unknown");
}

#[test]
fn a_receipt_of_practice_is_not_found_while_the_till_sells() {
    let (mut bench, [sold, _]) = sold();
    bench.does(Command::Training(true));
    bench.refuses(scan(&sold), "receipt.unknown");
}

#[test]
fn nobody_finds_a_receipt_before_they_have_signed_in_or_while_the_terminal_owes_an_answer() {
    let (mut bench, [code, _]) = sold();
    bench.does(add("1001", 1));
    bench.does(common::card(2_900));
    bench.refuses(scan(&code), "card.pending");
    bench.refuses(scan("9520000020019"), "card.pending");
    bench.card(common::declined());
    bench.does(Command::Abandon);
    bench.does(Command::SignOut);
    bench.refuses(scan(&code), "crew.not_signed_in");
    bench.refuses(scan("9520000020019"), "crew.not_signed_in");
}

fn written(proof: &journal::Proof) -> String {
    let bytes = [&proof.public[..], &proof.seq.to_be_bytes(), &proof.head.0, &proof.signature].concat();
    format!("{QR_PREFIX}{}", data_encoding::BASE32_NOPAD.encode(&bytes))
}
