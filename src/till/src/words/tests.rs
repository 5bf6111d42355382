use domain::{Currency, Money, Refusal};

use super::*;

/// Letters of code page 858 that the words of paper may use beside ASCII.
const PAPER_LETTERS: &str = "åäöÅÄÖéüæøÆØ";

fn codes() -> impl Iterator<Item = &'static str> {
    Refusal::ALL.iter().map(|refusal| refusal.code()).chain(FAULT_CODES.iter().copied())
}

#[test]
fn every_code_speaks_every_language_in_three_sentences() {
    for language in Language::ALL {
        for code in codes() {
            let message = message(language, code).unwrap_or_else(|| panic!("{code} has no message in {}", language.code()));
            let sentences = message.plain();
            for part in [sentences.happened, sentences.safe, sentences.todo] {
                assert!(part.ends_with('.') && part.len() > 5, "{code} in {}: {part:?}", language.code());
                assert!(!part.contains(['[', ']', '{', '}']), "{code} in {}: {part:?}", language.code());
                assert!(part.chars().count() <= 90, "{code} in {} is too long for a glance: {part:?}", language.code());
            }
        }
    }
}

#[test]
fn no_message_is_left_over_and_none_stands_twice() {
    for language in Language::ALL {
        let table = || tables(language).into_iter().flatten();
        for (code, _) in table() {
            assert!(codes().any(|known| known == *code), "{code} is no code");
            assert_eq!(table().filter(|(other, _)| other == code).count(), 1, "{code}");
        }
    }
}

#[test]
fn both_languages_use_the_same_known_placeholders() {
    let names = |message: &Message| {
        let text = [message.happened, message.safe, message.todo].concat();
        text.split('{').skip(1).map(|rest| rest.split('}').next().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    for (code, swedish) in tables(Language::Sv).into_iter().flatten() {
        let english = message(Language::En, code).expect("a message");
        assert_eq!(names(swedish), names(english), "{code}");
        assert!(names(swedish).iter().all(|name| Message::PLACEHOLDERS.contains(&name.as_str())), "{code}");
    }
}

#[test]
fn a_piece_stands_with_its_value_and_falls_without() {
    let message = message(Language::En, "printer.paper_out").expect("a message");
    assert_eq!(message.with(&[("receipt_no", "1042")]).safe, "Sale 1042 is saved. Receipts wait in the queue.");
    assert_eq!(message.plain().safe, "Receipts wait in the queue.");
}

#[test]
fn a_value_is_never_read_as_a_placeholder() {
    let message = message(Language::En, "receipt.unknown").expect("a message");
    assert_eq!(message.with(&[("receipt_no", "[{crew}]")]).happened, "Receipt [{crew}] is not in this till.");
}

#[test]
fn the_words_of_paper_can_be_printed_and_fit_the_narrow_paper() {
    for language in Language::ALL {
        for word in paper(language).all() {
            assert!((1..=26).contains(&word.chars().count()), "{word:?}");
            assert!(word.chars().all(|letter| letter.is_ascii() || PAPER_LETTERS.contains(letter)), "{word:?}");
        }
    }
    assert_eq!((Regime::SWEDEN.mark_copy, Regime::SWEDEN.mark_training, Regime::SWEDEN.mark_pro_forma), ("KOPIA", "ÖVNING", "EJ KVITTO"));
}

#[test]
fn the_words_for_the_customer_fit_the_narrowest_display() {
    for language in Language::ALL {
        for word in customer(language).all() {
            assert!((1..=20).contains(&word.chars().count()), "{word:?}");
            assert!(word.chars().all(|letter| letter.is_ascii() || PAPER_LETTERS.contains(letter)), "{word:?}");
        }
    }
}

#[test]
fn amounts_look_swedish() {
    let sek = |minor| Money::new(minor, Currency::Sek);
    assert_eq!(amount(sek(123_450)), "1\u{a0}234,50\u{a0}kr");
    assert_eq!(amount(sek(-300)), "\u{2212}3,00\u{a0}kr");
    assert_eq!(amount(Money::new(100_000_000, Currency::Eur)), "1\u{a0}000\u{a0}000,00\u{a0}€");
    assert_eq!(amount_short(sek(2900)), "29");
    assert_eq!(amount_short(sek(2905)), "29,05");
    assert_eq!(amount_with_code(Money::new(99_900, Currency::Dkk)), "999,00\u{a0}DKK");
    assert_eq!(paper_amount(sek(-123_450)), "-1 234,50");
    assert_eq!([percent(1200), percent(2550), percent(25), percent(0)].join("|"), "12\u{a0}%|25,5\u{a0}%|0,25\u{a0}%|0\u{a0}%");
    assert_eq!(quantity(2), "2\u{a0}×");
}
