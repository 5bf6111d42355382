//! Any bytes on the printer's line: taken apart one by one, nothing made up, nothing kept beyond its limit.
#![no_main]

use hw::printer::reply::{BLOCK_BYTES_MAX, Demultiplexer, Reply};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut demultiplexer = Demultiplexer::new();
    let replies: Vec<Reply> = bytes.iter().filter_map(|byte| demultiplexer.take(*byte)).collect();
    let told: usize = replies.iter().map(length).sum();
    assert!(told <= bytes.len(), "{told} bytes out of {}", bytes.len());
    demultiplexer.reset();
    assert!(!demultiplexer.is_open());
    // What came before a reset is forgotten: the same bytes mean the same again.
    let again: Vec<Reply> = bytes.iter().filter_map(|byte| demultiplexer.take(*byte)).collect();
    assert_eq!(again, replies);
});

/// How many bytes a reply stands for, at least.
fn length(reply: &Reply) -> usize {
    let _ = (reply.process_id(), reply.is_cleared());
    match reply {
        Reply::Status(status) => {
            let _ = (status.is_offline(), status.is_cover_open(), status.is_drawer_pin_high(), status.is_cutter_stuck());
            let _ = (status.is_fault(), status.is_paper_near_end(), status.is_paper_out());
            4
        }
        Reply::Block { body, .. } => {
            assert!(body.len() <= BLOCK_BYTES_MAX);
            body.len() + 2
        }
        _ => 1,
    }
}
