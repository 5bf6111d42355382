//! Any bytes: an open sale, or refused. What is read can be added up, written and read again.
#![no_main]

use journal::{decode_draft, encode_draft};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(sale) = decode_draft(bytes) else { return };
    assert_eq!(decode_draft(&encode_draft(&sale)).as_ref(), Ok(&sale));
    let _ = (sale.total(), sale.due(), sale.due_in_cash());
});
