use proptest::prelude::*;

use super::*;

fn text(columns: usize, build: impl FnOnce(&mut DocumentBuf)) -> String {
    let mut document = DocumentBuf::new();
    build(&mut document);
    document.to_text(columns)
}

#[test]
fn a_receipt_reads_at_42_columns() {
    let receipt = text(42, |document| {
        document.text("Bistro Exempel AB").center().bold().text("KOPIA").center().double().rule();
        document.row("2 Kaffe", "64,00").row("Smörgås med skagenröra, dill och citron på rågbröd", "89,00");
        document.row("ATT BETALA", "153,00").bold().feed(1).text("Tack för besöket…").right();
    });
    let expected = "            Bistro Exempel AB
                K O P I A
──────────────────────────────────────────
2 Kaffe                              64,00
Smörgås med skagenröra, dill och     89,00
  citron på rågbröd
ATT BETALA                          153,00

                       Tack för besöket...
";
    assert_eq!(receipt, expected);
}

#[test]
fn text_wraps_between_words_and_keeps_its_line_breaks() {
    assert_eq!(text(12, |document| _ = document.text("En kopp kaffe till\nhej")), "En kopp\nkaffe till\nhej\n");
}

#[test]
fn a_word_longer_than_the_paper_is_cut_because_it_must() {
    assert_eq!(text(10, |document| _ = document.text("a Flaggstångsknoppsputs b")), "a\nFlaggstång\nsknoppsput\ns b\n");
}

#[test]
fn an_indent_of_the_author_is_kept() {
    assert_eq!(text(20, |document| _ = document.row("  + pant", "2,00")), "  + pant        2,00\n");
}

#[test]
fn empty_text_is_an_empty_line() {
    assert_eq!(text(20, |document| _ = document.text("").row("", "1").row("a", "")), "\n                   1\na\n");
}

#[test]
fn right_text_that_leaves_no_room_stands_below() {
    let set = text(16, |document| _ = document.row("Kontrollenhet", "TEST0123456789"));
    assert_eq!(set, "Kontrollenhet\n  TEST0123456789\n");
    let wide = text(8, |document| _ = document.row("ab", "0123456789"));
    assert_eq!(wide, "ab\n01234567\n      89\n");
}

#[test]
fn enlarged_text_takes_its_width() {
    assert_eq!(text(8, |document| _ = document.text("ABCDEF").double()), "A B C D\nE F\n");
    assert_eq!(text(8, |document| _ = document.row("A", "B").double()), "A     B\n");
}

#[test]
fn styles_change_the_text_before_them_and_nothing_else() {
    let mut document = DocumentBuf::new();
    document.bold().text("a").rule().bold();
    let elements: Vec<Element<'_>> = document.elements().collect();
    assert_eq!(elements, [Element::Text { text: "a", style: Style::PLAIN }, Element::Rule]);
}

proptest! {
    #[test]
    fn no_line_is_wider_than_the_paper_and_no_word_is_lost(left in "[a-zåäö ]{0,120}", right in "[0-9,]{0,12}", columns in 12_usize..=64) {
        let set = text(columns, |document| _ = document.row(left.clone(), right.clone()));
        for line in set.lines() {
            prop_assert!(line.chars().count() <= columns, "{line:?}");
        }
        let letters = |text: &str| text.chars().filter(|character| character.is_alphabetic()).collect::<String>();
        prop_assert_eq!(letters(&set), letters(&left));
        prop_assert!(right.is_empty() || set.lines().any(|line| line.ends_with(&right)));
    }

    #[test]
    fn any_text_at_any_width_is_set(left in any::<String>(), right in any::<String>(), columns in 0_usize..100, scale in 0_u8..12) {
        let set = text(columns, |document| _ = document.text(left.clone()).size(scale, scale).row(left.clone(), right.clone()).size(scale, 1));
        for line in set.lines() {
            prop_assert!(line.chars().count() <= columns.clamp(1, 64) , "{line:?}");
        }
    }
}
