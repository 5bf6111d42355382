use proptest::prelude::*;

use super::*;

fn batch(entries: Vec<Vec<u8>>) -> Batch {
    let report = Report { wall_s: 1_790_000_000, program: "Trolley".into(), last_seq: 9, ..Report::default() };
    Batch { public: [1; 32], first_seq: 4, prev: Bytes32([2; 32]), entries, head: Bytes32([3; 32]), signature: [4; 64], report }
}

proptest! {
    #[test]
    fn entries_come_out_as_they_went_in(entries in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 0..40)) {
        let batch = batch(entries);
        prop_assert_eq!(Batch::decode(&batch.encode()), Ok(batch));
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        drop(Batch::decode(&bytes));
    }
}

#[test]
fn a_batch_that_unpacks_to_too_much_is_refused() {
    let bomb = zstd::bulk::compress(&vec![0; BATCH_UNPACKED_BYTES_MAX + 1], 9).expect("packed");
    assert!(bomb.len() < 2_000);
    assert!(Batch::decode(&bomb).is_err());
}
