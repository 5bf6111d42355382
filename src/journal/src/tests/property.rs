//! What holds for every fact and every order of facts.

use proptest::prelude::*;

use super::{
    fixtures::SEED,
    strategies::{entry, log, open_sale},
};
use crate::{Books, Entry, Fact, LogKey, decode_draft, encode_draft, rows, verify};

fn folded<'a>(mut books: Books, entries: impl IntoIterator<Item = &'a Entry>) -> Books {
    entries.into_iter().for_each(|entry| books.apply(entry));
    books
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn an_entry_reads_as_it_was_written(entry in any::<u64>().prop_flat_map(entry)) {
        let bytes = entry.encode();
        prop_assert!(bytes.len() <= Entry::BYTES_MAX);
        prop_assert_eq!(Entry::decode(&bytes), Ok(entry.clone()));
        prop_assert_eq!(Entry::decode(&bytes).map(|entry| entry.encode()), Ok(bytes));
    }

    #[test]
    fn an_open_sale_reads_as_it_was_written(sale in open_sale()) {
        prop_assert_eq!(decode_draft(&encode_draft(&sale)), Ok(sale));
    }

    #[test]
    fn any_bytes_are_an_entry_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        if let Ok(entry) = Entry::decode(&bytes) {
            let again = Entry::decode(&entry.encode());
            prop_assert_eq!(again, Ok(entry));
        }
        let _ = decode_draft(&bytes).map(|sale| encode_draft(&sale));
        let _ = Books::decode(&bytes).map(|books| books.encode());
    }

    #[test]
    fn a_snapshot_gives_the_books_back_and_folding_goes_on_from_there(entries in log(25), part in any::<prop::sample::Index>()) {
        let whole = folded(Books::default(), &entries);
        let (before, after) = entries.split_at(part.index(entries.len().saturating_add(1)));
        let half = folded(Books::default(), before);
        let restored = Books::decode(&half.encode());
        prop_assert_eq!(&restored, &Ok(half));
        prop_assert_eq!(folded(restored.expect("equal"), after), whole);
    }

    #[test]
    fn a_log_verifies_to_its_own_books(entries in log(12)) {
        let bytes: Vec<Vec<u8>> = entries.iter().map(Entry::encode).collect();
        let log = LogKey::from_seed(&SEED).log_id();
        let (books, _) = verify(&log, bytes.iter().map(Vec::as_slice)).expect("a sound log");
        prop_assert_eq!(books.seq, u64::try_from(entries.len()).expect("a small log"));
        prop_assert_eq!(books, folded(Books::default(), &entries));
    }

    #[test]
    fn every_receipt_is_a_row(entry in entry(1)) {
        let rows = rows(&entry);
        match &entry.fact {
            Fact::SaleClosed(sale) => {
                let row = rows.receipt.expect("a row");
                prop_assert_eq!((row.training, row.receipt_no, row.total_minor), (sale.training, sale.receipt_no, sale.total_minor()));
                prop_assert_eq!(rows.refers_to, sale.corrects.map(|no| (sale.training, no)));
            }
            Fact::CopyPrinted(training, no, ..) | Fact::ReceiptReprinted(training, no) => {
                prop_assert_eq!((rows.receipt, rows.refers_to), (None, Some((*training, *no))));
            }
            Fact::ControlGivenUp { number, kind: crate::ControlKind::Copy, burned: true } => {
                prop_assert_eq!((rows.receipt, rows.refers_to), (None, Some((false, *number))));
            }
            _ => prop_assert_eq!(rows, crate::Rows::default()),
        }
    }
}
