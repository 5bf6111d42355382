//! Any line on the headless till's standard input: understood or refused, the same way each time.
#![no_main]

use domain::Currency;
use libfuzzer_sys::fuzz_target;
use till_app::drive::word::{LINE_BYTES_MAX, parse};

fuzz_target!(|line: &str| {
    for currency in Currency::ALL {
        let word = parse(line, currency);
        assert_eq!(word, parse(line, currency));
        assert!(line.len() <= LINE_BYTES_MAX || word.is_err());
        // Blanks around a line, and a line's end, say nothing.
        if line.len() + 4 <= LINE_BYTES_MAX {
            assert_eq!(word, parse(&format!("  {line} \n"), currency));
        }
    }
});
