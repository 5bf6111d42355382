//! Every code has its words.

use domain::Refusal;
use till::words::{FAULT_CODES, Language, message};

#[test]
fn every_code_has_three_sentences_in_every_language() {
    for language in Language::ALL {
        for code in Refusal::ALL.iter().map(|refusal| refusal.code()).chain(FAULT_CODES.iter().copied()) {
            let message = message(language, code);
            let message = message.unwrap_or_else(|| panic!("{code} has no message: write one in words/{}.rs", language.code()));
            let parts = [message.happened, message.safe, message.todo];
            assert!(parts.iter().all(|part| !part.trim().is_empty()), "{code} lacks a sentence in words/{}.rs", language.code());
        }
    }
}
