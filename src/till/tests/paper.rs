//! What comes out on paper, letter by letter, on both widths of paper.

mod common;

use common::{Bench, add, approved, card, cash, rest, sek, served};
use expect_test::{Expect, expect};
use hw::document::{DocumentBuf, Element};
use store::JobId;
use till::{Command, paper};

/// A sale with everything on it: served and taken away, deposits, alcohol, several pieces, card and rounded cash.
fn mixed() -> Bench {
    let mut bench = Bench::selling();
    bench.does(add("1001", 2));
    bench.does(served());
    bench.does(add("3001", 1));
    bench.does(Command::Serve(domain::vat::Supply::TakeAway));
    bench.does(Command::ServeLine(domain::sale::LineNo(1), domain::vat::Supply::Served));
    bench.does(add("2004", 3));
    bench.does(add("5001", 1));
    bench.does(add("6002", 1));
    bench.does(card(10_030));
    bench.card(approved(10_030));
    bench.does(cash(50_000));
    bench
}

fn job(bench: &Bench, job: u64, columns: usize) -> DocumentBuf {
    bench.till().job_document(JobId(job), columns).expect("a document")
}

fn check(bench: &Bench, number: u64, columns: usize, expected: Expect) {
    let text = job(bench, number, columns).to_text(columns);
    for line in text.lines() {
        assert!(line.chars().count() <= columns, "{line:?} is wider than the paper");
    }
    // The head depends on every byte of the journal before it; that it is the right one is tested below.
    let line = |line: &str| match line.trim_end().split_once(" · ") {
        Some((before, head)) if before.trim_start().starts_with("Journal") => format!("{before} · {}", "#".repeat(head.len())),
        _ => line.trim_end().to_owned(),
    };
    expected.assert_eq(&text.lines().map(line).collect::<Vec<_>>().join("\n"));
}

#[test]
fn a_receipt_on_wide_paper() {
    check(
        &mixed(),
        1,
        42,
        expect![[r#"
                              [logo]
                       Demo Tågservering AB
                          Exempelgatan 1
                         000 00 Demostad
                        Org.nr 556000-0000

                              Kvitto
            Kvitto nr                                1
            Datum, tid             2026-06-15 12:30:00
            Kassabeteckning                     0042-1
            Tillverkningsnr           fe812c12f3ab4ce6
            Tåg                                    171
            Kassör                           Demo Alva
            ──────────────────────────────────────────
            Bryggkaffe                         58,00 B
              2 × 29,00  Serveras
            Ost & skinka                       65,00 C
            Cola 33 cl                         90,00 C
              3 × 30,00
              Pant 2 kr                         6,00 C
                3 × 2,00
            Ljus lager 5,0 % 33 cl             69,00 A
              Pant 2 kr                         2,00 A
            Laddkabel USB-C                   149,00 A
            ──────────────────────────────────────────
            Totalt                              439,00
            Öresavrundning                        0,30
            Att betala SEK                      439,30

            Kort                                100,30
              Demo Card ************1234 A1B2C3
            Kontant                             500,00
            Växel                               161,00

            Moms SE        Moms      Netto      Brutto
            A 25 %        44,00     176,00      220,00
            B 12 %         6,21      51,79       58,00
            C 6 %          9,11     151,89      161,00
            Varav moms                           59,32

                  Tack för att du reser med oss!

                               [QR]
                       Journal 8 · ########"#]],
    );
}

#[test]
fn a_receipt_on_narrow_paper() {
    check(
        &mixed(),
        1,
        32,
        expect![[r#"
                         [logo]
                  Demo Tågservering AB
                     Exempelgatan 1
                    000 00 Demostad
                   Org.nr 556000-0000

                         Kvitto
            Kvitto nr                      1
            Datum, tid   2026-06-15 12:30:00
            Kassabeteckning           0042-1
            Tillverkningsnr fe812c12f3ab4ce6
            Tåg                          171
            Kassör                 Demo Alva
            ────────────────────────────────
            Bryggkaffe               58,00 B
              2 × 29,00  Serveras
            Ost & skinka             65,00 C
            Cola 33 cl               90,00 C
              3 × 30,00
              Pant 2 kr               6,00 C
                3 × 2,00
            Ljus lager 5,0 % 33 cl   69,00 A
              Pant 2 kr               2,00 A
            Laddkabel USB-C         149,00 A
            ────────────────────────────────
            Totalt                    439,00
            Öresavrundning              0,30
            Att betala SEK            439,30

            Kort                      100,30
              Demo Card ************1234
              A1B2C3
            Kontant                   500,00
            Växel                     161,00

            Moms SE    Moms   Netto   Brutto
            A 25 %    44,00  176,00   220,00
            B 12 %     6,21   51,79    58,00
            C 6 %      9,11  151,89   161,00
            Varav moms                 59,32

             Tack för att du reser med oss!

                          [QR]
                  Journal 8 · ########"#]],
    );
}

#[test]
fn a_return_receipt() {
    let mut bench = mixed();
    bench.does(rest(1));
    bench.card(approved(-10_030));
    check(
        &bench,
        2,
        42,
        expect![[r#"
                              [logo]
                       Demo Tågservering AB
                          Exempelgatan 1
                         000 00 Demostad
                        Org.nr 556000-0000

                           Returkvitto
            Returkvitto nr                           2
            Retur av kvitto                          1
            Datum, tid             2026-06-15 12:30:00
            Kassabeteckning                     0042-1
            Tillverkningsnr           fe812c12f3ab4ce6
            Tåg                                    171
            Kassör                           Demo Alva
            ──────────────────────────────────────────
            Bryggkaffe                        -58,00 B
              -2 × 29,00  Serveras
            Ost & skinka                      -65,00 C
            Cola 33 cl                        -90,00 C
              -3 × 30,00
              Pant 2 kr                        -6,00 C
                -3 × 2,00
            Ljus lager 5,0 % 33 cl            -69,00 A
              Pant 2 kr                        -2,00 A
            Laddkabel USB-C                  -149,00 A
            ──────────────────────────────────────────
            Totalt                             -439,00
            Öresavrundning                       -0,30
            Att återfå SEK                      439,30

            Kort                               -100,30
            Kontant                            -339,00

            Moms SE        Moms      Netto      Brutto
            A 25 %       -44,00    -176,00     -220,00
            B 12 %        -6,21     -51,79      -58,00
            C 6 %         -9,11    -151,89     -161,00
            Varav moms                          -59,32

                  Tack för att du reser med oss!

                               [QR]
                      Journal 11 · ########"#]],
    );
}

#[test]
fn a_training_receipt() {
    let mut bench = Bench::selling();
    bench.does(Command::Training(true));
    bench.does(add("1001", 1));
    bench.does(cash(2_900));
    check(
        &bench,
        1,
        32,
        expect![[r#"
                         [logo]
                  Demo Tågservering AB
                     Exempelgatan 1
                    000 00 Demostad
                   Org.nr 556000-0000

                      Ö V N I N G
                   E J   K V I T T O

                         Kvitto
            Kvitto nr                      1
            Datum, tid   2026-06-15 12:30:00
            Kassabeteckning           0042-1
            Tillverkningsnr fe812c12f3ab4ce6
            Tåg                          171
            Kassör                 Demo Alva
            ────────────────────────────────
            Bryggkaffe               29,00 C
            ────────────────────────────────
            Att betala SEK             29,00

            Kontant                    29,00

            Moms SE    Moms   Netto   Brutto
            C 6 %      1,64   27,36    29,00
            Varav moms                  1,64

                   E J   K V I T T O

             Tack för att du reser med oss!

                          [QR]
                  Journal 7 · ########"#]],
    );
}

fn shift_with_everything() -> Bench {
    let mut bench = mixed();
    bench.does(Command::Copy(1));
    bench.does(add("1001", 1));
    bench.does(cash(2_900));
    bench.does(Command::Void(2));
    bench.does(add("6005", 1));
    bench.does(add("1001", 1));
    bench.does(Command::VoidLine(domain::sale::LineNo(1)));
    bench.does(Command::Abandon);
    bench.does(add("3014", 1));
    bench.does(Command::Park);
    bench.does(Command::CashDrop(sek(20_000)));
    bench.does(Command::NoSale);
    bench
}

#[test]
fn an_x_report() {
    let mut bench = shift_with_everything();
    bench.does(Command::XReport);
    check(
        &bench,
        5,
        32,
        expect![[r#"
                         [logo]
                  Demo Tågservering AB
                     Exempelgatan 1
                    000 00 Demostad
                   Org.nr 556000-0000

                      X-dagrapport
            Arbetspass                     1
            Datum, tid   2026-06-15 12:30:00
            Kassabeteckning           0042-1
            Tillverkningsnr fe812c12f3ab4ce6
            Tåg                          171
            Kassör                 Demo Alva
            ────────────────────────────────
            Total försäljning SEK     439,00
            Försäljning per huvudgrupp
              Varma drycker (2)        58,00
              Kalla drycker (3)        90,00
              Mat (1)                  65,00
              Öl & vin (1)             69,00
              Övrigt (1)              149,00
              Pant (4)                  8,00
            ────────────────────────────────
            Moms per skattesats
              Moms SE 25 %             44,00
                Netto                 176,00
                Brutto                220,00
              Moms SE 12 %              6,21
                Netto                  51,79
                Brutto                 58,00
              Moms SE 6 %               9,11
                Netto                 151,89
                Brutto                161,00
            ────────────────────────────────
            Försäljning per betalsätt
              Kontant                 339,00
              Kort                    100,30
            Öresavrundning              0,30
            ────────────────────────────────
            Växelkassa              1 000,00
            Tömning (1)               200,00
            Insättning (0)              0,00
            Uttag (0)                   0,00
            ────────────────────────────────
            Antal sålda varor              8
            Antal sålda tjänster           0
            Antal kvitton                  3
            Antal lådöppningar             5
              utan försäljning             1
            ────────────────────────────────
            Kvittokopior (1)          439,00
            Övningskvitton (0)          0,00
            Returer (1)                29,00
              varav makulerade (1)     29,00
            Rabatter (0)                0,00
            Borttagna rader (1)       199,00
            Övriga minskningar (0)      0,00
            Oavslutade förs. (2)       44,00
              varav parkerade (1)      15,00
            Ej kvitto (0)               0,00
            Prisfrågor (0)              0,00
            Övriga rättelser (0)        0,00
            Utlämningskvitton (0)       0,00
            ────────────────────────────────
            Grand total försäljning   468,00
            Grand total retur          29,00
            Grand total netto         439,00
            ────────────────────────────────
            Modellbeteckning      Trolley SE
            Program            trolley 0.1.0
            Journal                       16"#]],
    );
}

#[test]
fn a_z_report() {
    let mut bench = shift_with_everything();
    bench.does(Command::ZReport { counted: sek(107_100), pieces: vec![(100_000, 1), (5_000, 1), (2_000, 1), (100, 1)] });
    check(
        &bench,
        5,
        42,
        expect![[r#"
                              [logo]
                       Demo Tågservering AB
                          Exempelgatan 1
                         000 00 Demostad
                        Org.nr 556000-0000

                           Z-dagrapport
            Löpnummer                                1
            Arbetspass                               1
            Datum, tid             2026-06-15 12:30:00
            Kassabeteckning                     0042-1
            Tillverkningsnr           fe812c12f3ab4ce6
            Tåg                                    171
            Kassör                           Demo Alva
            ──────────────────────────────────────────
            Total försäljning SEK               439,00
            Försäljning per huvudgrupp
              Varma drycker (2)                  58,00
              Kalla drycker (3)                  90,00
              Mat (1)                            65,00
              Öl & vin (1)                       69,00
              Övrigt (1)                        149,00
              Pant (4)                            8,00
            ──────────────────────────────────────────
            Moms per skattesats
              Moms SE 25 %                       44,00
                Netto                           176,00
                Brutto                          220,00
              Moms SE 12 %                        6,21
                Netto                            51,79
                Brutto                           58,00
              Moms SE 6 %                         9,11
                Netto                           151,89
                Brutto                          161,00
            ──────────────────────────────────────────
            Försäljning per betalsätt
              Kontant                           339,00
              Kort                              100,30
            Öresavrundning                        0,30
            ──────────────────────────────────────────
            Växelkassa                        1 000,00
            Tömning (1)                         200,00
            Insättning (0)                        0,00
            Uttag (0)                             0,00
            ──────────────────────────────────────────
            Antal sålda varor                        8
            Antal sålda tjänster                     0
            Antal kvitton                            3
            Antal lådöppningar                       5
              utan försäljning                       1
            ──────────────────────────────────────────
            Kvittokopior (1)                    439,00
            Övningskvitton (0)                    0,00
            Returer (1)                          29,00
              varav makulerade (1)               29,00
            Rabatter (0)                          0,00
            Borttagna rader (1)                 199,00
            Övriga minskningar (0)                0,00
            Oavslutade förs. (2)                 44,00
              varav parkerade (1)                15,00
            Ej kvitto (0)                         0,00
            Prisfrågor (0)                        0,00
            Övriga rättelser (0)                  0,00
            Utlämningskvitton (0)                 0,00
            ──────────────────────────────────────────
            Grand total försäljning             468,00
            Grand total retur                    29,00
            Grand total netto                   439,00
            ──────────────────────────────────────────
            1 × 1 000,00                      1 000,00
            1 × 50,00                            50,00
            1 × 20,00                            20,00
            1 × 1,00                              1,00
            Räknade kontanter                 1 071,00
            Kontanter enligt kassan           1 139,00
            Differens                           -68,00
            ──────────────────────────────────────────
            Modellbeteckning                Trolley SE
            Program                      trolley 0.1.0
            Journal                                 16"#]],
    );
}

#[test]
fn large_amounts_never_run_into_each_other() {
    let mut bench = Bench::selling();
    bench.does(add("6005", 999));
    bench.does(card(19_880_100));
    bench.card(approved(19_880_100));
    let table = |columns| {
        let text = job(&bench, 1, columns).to_text(columns);
        assert!(text.lines().all(|line| line.chars().count() <= columns), "{text}");
        text.lines().map(str::trim_end).skip_while(|line| !line.contains("Moms")).take(3).collect::<Vec<_>>().join("\n")
    };
    expect![[r#"
        Moms SE        Moms      Netto      Brutto
        A 25 %    39 760,20 159 040,80  198 801,00
        Varav moms                       39 760,20"#]]
    .assert_eq(&table(42));
    expect![[r#"
        A 25 % Moms SE         39 760,20
          Netto               159 040,80
          Brutto              198 801,00"#]]
    .assert_eq(&table(32));
}

fn scales_of(document: &DocumentBuf, wanted: &str) -> Vec<(u8, u8)> {
    let scale = |element| match element {
        Element::Text { text, style } if text == wanted => Some((style.width_scale, style.height_scale)),
        _ => None,
    };
    document.elements().filter_map(scale).collect()
}

#[test]
fn marks_are_twice_as_large_as_amounts() {
    let mut bench = mixed();
    bench.does(Command::Copy(1));
    bench.does(Command::Training(true));
    bench.does(add("1001", 1));
    bench.does(cash(2_900));
    for columns in [42, 32] {
        for (number, marks) in [(2, &["KOPIA"][..]), (3, &["ÖVNING", "EJ KVITTO"])] {
            let document = job(&bench, number, columns);
            let largest_amount = document.elements().filter_map(|element| match element {
                Element::Row { style, .. } => Some(style),
                _ => None,
            });
            let (width, height) =
                largest_amount.fold((1, 1), |(width, height), style| (width.max(style.width_scale), height.max(style.height_scale)));
            for mark in marks {
                let scales = scales_of(&document, mark);
                assert!(!scales.is_empty(), "{mark} stands on the paper");
                for (mark_width, mark_height) in scales {
                    assert!(
                        mark_width >= 2 * width && mark_height >= 2 * height,
                        "{mark}: {mark_width}×{mark_height} beside {width}×{height}"
                    );
                }
            }
        }
    }
}

fn qr(document: &DocumentBuf) -> String {
    let codes: Vec<String> = document
        .elements()
        .filter_map(|element| match element {
            Element::Qr(bytes) => Some(String::from_utf8(bytes.to_vec()).expect("text")),
            _ => None,
        })
        .collect();
    let [code] = &codes[..] else { panic!("one code on each receipt") };
    code.clone()
}

#[test]
fn the_code_on_a_receipt_proves_its_entry_in_the_journal() {
    let bench = mixed();
    let (entry, _) = bench.till().receipt(false, 1).expect("the receipt");
    let text = qr(&job(&bench, 1, 42));
    let proof = paper::read_proof(&text).expect("a proof");
    assert!(proof.holds());
    assert_eq!(proof.seq, entry.seq);
    assert_eq!(Some(proof.head), bench.till().store().head_at(entry.seq).expect("the store reads"));
    assert_eq!(Some(proof.log_id()), bench.till().store().log().map(|log| log.log_id));
    let mut other = proof.clone();
    other.seq += 1;
    assert!(!other.holds(), "a proof of another entry does not hold");
    for broken in [&text[1..], &text[..text.len() - 1], &text.replace('A', "1"), ""] {
        assert_eq!(paper::read_proof(broken), None, "{broken}");
    }
    assert!(job(&bench, 1, 42).to_text(42).contains(&proof.head.short()), "and for people the beginning of the head");
}

#[test]
fn the_vat_on_a_receipt_adds_up() {
    let mut bench = mixed();
    bench.does(rest(1));
    bench.card(approved(-10_030));
    for receipt_no in 1..=2 {
        let (_, sale) = bench.till().receipt(false, receipt_no).expect("the receipt");
        assert_eq!(sale.vat.iter().map(|vat| vat.gross_minor).sum::<i64>(), sale.total_minor());
        assert_eq!(domain::sale::line_vat_minor(&sale.lines).iter().sum::<i64>(), sale.vat_minor());
        for vat in &sale.vat {
            let rate = i64::from(vat.rate.basis_points());
            let exact = vat.gross_minor * rate * 2;
            assert!((exact - vat.vat_minor * 2 * (10_000 + rate)).abs() <= 10_000 + rate, "{vat:?} is rounded to the nearest öre");
        }
    }
    let (_, sold) = bench.till().receipt(false, 1).expect("the receipt");
    let (_, back) = bench.till().receipt(false, 2).expect("the receipt");
    assert_eq!((sold.vat_minor(), sold.rounding_minor), (-back.vat_minor(), -back.rounding_minor));
}

#[test]
fn only_cash_is_rounded() {
    let mut bench = mixed();
    let rounding = "Öresavrundning";
    assert!(job(&bench, 1, 42).to_text(42).contains(rounding));
    bench.does(add("1001", 1));
    bench.does(card(2_900));
    bench.card(approved(2_900));
    assert!(!job(&bench, 2, 42).to_text(42).contains(rounding));
}
