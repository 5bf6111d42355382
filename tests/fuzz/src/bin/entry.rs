//! Any bytes: an entry, or refused. What is read can be written, read again, and taken into the books.
#![no_main]

use journal::{Books, Entry, drawer_lines, rows};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(entry) = Entry::decode(bytes) else { return };
    assert_eq!(Entry::decode(&entry.encode()).as_ref(), Ok(&entry));
    let mut books = Books::default();
    books.apply(&entry);
    assert_eq!(Books::decode(&books.encode()), Ok(books));
    let _ = (rows(&entry), drawer_lines([&entry]), entry.fact.name());
});
