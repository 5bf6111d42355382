//! Any bytes: a batch, or refused. What is read can be written and read again; and any bytes as entries come out as they went in.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wire::{Batch, Bytes32, Report};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(batch) = Batch::decode(bytes) {
        assert_eq!(Batch::decode(&batch.encode()), Ok(batch));
    }
    let zero = Bytes32([0; 32]);
    let entries = entries(bytes);
    let batch = Batch { public: [0; 32], first_seq: 1, prev: zero, entries, head: zero, signature: [0; 64], report: Report::default() };
    assert_eq!(Batch::decode(&batch.encode()), Ok(batch));
});

/// Each behind its length in two bytes.
fn entries(mut bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut entries = Vec::new();
    while let Some((length, rest)) = bytes.split_first_chunk::<2>()
        && entries.len() < wire::BATCH_ENTRIES_MAX
    {
        let (entry, behind) = rest.split_at(usize::from(u16::from_be_bytes(*length)).min(rest.len()));
        entries.push(entry.to_vec());
        bytes = behind;
    }
    entries
}
