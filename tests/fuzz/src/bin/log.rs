//! Any sequence of entries, each behind its length in two bytes: the fold never panics, a snapshot in the middle changes nothing, and a
//! damaged snapshot is refused or read.
#![no_main]

use journal::{Books, Entry, drawer_lines};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let entries = entries(bytes);
    let (first, second) = entries.split_at(entries.len() / 2);
    let mut books = Books::default();
    first.iter().for_each(|entry| books.apply(entry));
    let snapshot = books.encode();
    let mut restored = Books::decode(&snapshot).expect("our own snapshot");
    assert_eq!(restored, books);
    second.iter().for_each(|entry| books.apply(entry));
    second.iter().for_each(|entry| restored.apply(entry));
    assert_eq!(restored, books);
    drawer_lines(&entries);
    if let [.., high, low, flip] = bytes {
        damage(snapshot, usize::from(u16::from_be_bytes([*high, *low])), *flip);
    }
});

fn entries(mut bytes: &[u8]) -> Vec<Entry> {
    let mut entries = Vec::new();
    while let Some((length, rest)) = bytes.split_first_chunk::<2>() {
        let length = usize::from(u16::from_be_bytes(*length)).min(rest.len());
        let (entry, behind) = rest.split_at(length);
        entries.extend(Entry::decode(entry));
        bytes = behind;
    }
    entries
}

fn damage(mut snapshot: Vec<u8>, place: usize, flip: u8) {
    if let Some(byte) = snapshot.get_mut(place) {
        *byte ^= flip;
    }
    if let Ok(books) = Books::decode(&snapshot) {
        assert_eq!(Books::decode(&books.encode()), Ok(books));
    }
}
