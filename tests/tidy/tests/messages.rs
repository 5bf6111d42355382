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

#[test]
fn every_code_written_in_the_source_has_its_words() {
    // `"subject.reason"` in code, unless the reason is the ending of a file's name.
    const FILE_ENDINGS: &[&str] = &["cddl", "csv", "db", "json", "jsonl", "key", "log", "png", "rs", "slint", "toml", "txt"];
    let known: Vec<&str> = Refusal::ALL.iter().map(|refusal| refusal.code()).chain(FAULT_CODES.iter().copied()).collect();
    let mut found = 0;
    for path in tidy::files() {
        let is_source = path.ends_with(".rs") && (path.starts_with("src/") || path.starts_with("hw/src/"));
        // The hub and the depot's tool speak to office and depot, with words of their own.
        let is_ashore = ["src/hub", "src/depot/"].iter().any(|folder| path.starts_with(folder));
        if !is_source || is_ashore || path.contains("/tests") || path.contains("/words") {
            continue;
        }
        for literal in tidy::text(&path).unwrap_or_default().split('"') {
            let Some((subject, reason)) = literal.split_once('.') else { continue };
            let is_word = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
            let is_subject = known.iter().any(|code| code.split('.').next() == Some(subject));
            if is_subject && is_word(reason) && !FILE_ENDINGS.contains(&reason) {
                assert!(known.contains(&literal), "{path} has the code {literal}: add it to words::FAULT_CODES and to both tables");
                found += 1;
            }
        }
    }
    assert!(found > 50, "the scan found only {found} codes and has gone blind");
}
