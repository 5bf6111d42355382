//! The chain: no byte changes unseen.

use super::fixtures::{MORNING_S, SEED, entry, every_kind, log};
use crate::{Broken, ClockChanged, DrawerOpening, Entry, Fact, Head, LogId, LogKey, verify};

fn key() -> LogKey {
    LogKey::from_seed(&SEED)
}

fn small_log() -> Vec<Vec<u8>> {
    let facts = [
        Fact::CrewSignedIn("demo-anna".into()),
        Fact::ShiftOpened(1, 50_000),
        Fact::DrawerOpened(DrawerOpening::NoSale),
        Fact::ClockChanged(ClockChanged { old_s: 0, new_s: MORNING_S }),
        Fact::CrewSignedOut("demo-anna".into()),
    ];
    log(facts).iter().map(Entry::encode).collect()
}

fn check(entries: &[Vec<u8>]) -> Result<Head, Broken> {
    verify(&key().log_id(), entries.iter().map(Vec::as_slice)).map(|(_, head)| head)
}

#[test]
fn every_flipped_byte_of_a_log_is_found() {
    let sound = small_log();
    let head = check(&sound).expect("a sound log");
    let proof = key().sign(5, &head);
    for (place, bytes) in sound.iter().enumerate() {
        for byte in 0..bytes.len() {
            for flip in 1..=u8::MAX {
                let mut log = sound.clone();
                *log.get_mut(place).and_then(|bytes| bytes.get_mut(byte)).expect("a byte") ^= flip;
                if let Ok(changed) = check(&log) {
                    assert_ne!(changed, head, "entry {place}, byte {byte}, flip {flip:02x}");
                    assert!(!crate::Proof { head: changed, ..proof.clone() }.holds());
                }
            }
        }
    }
}

#[test]
fn a_wrong_entry_is_named() {
    let sound = small_log();
    let mut twice = sound.clone();
    twice.insert(2, sound.get(1).expect("an entry").clone());
    assert_eq!(check(&twice), Err(Broken { seq: 3, malformed: None }));
    let mut lost = sound.clone();
    lost.remove(0);
    assert_eq!(check(&lost), Err(Broken { seq: 1, malformed: None }));
    let mut swapped = sound.clone();
    swapped.swap(2, 3);
    assert_eq!(check(&swapped), Err(Broken { seq: 3, malformed: None }));
    let mut torn = sound;
    torn.get_mut(3).expect("an entry").pop();
    let Err(broken) = check(&torn) else { panic!("a torn entry") };
    assert_eq!((broken.seq, broken.malformed.is_some(), broken.to_string()), (4, true, "entry 4 is broken".into()));
}

#[test]
fn the_head_depends_on_the_log_and_on_the_order() {
    let [one, two] = [entry(1, Fact::TripEnded).encode(), entry(2, Fact::TripEnded).encode()];
    let head = Head::of_log(&key().log_id());
    assert_eq!(head.0, key().log_id().0);
    assert_ne!(head.next(&one).next(&two), head.next(&two).next(&one));
    assert_ne!(head.next(&one).next(&two), head.next(&[one.clone(), two].concat()));
    assert_ne!(head.next(&one), Head::of_log(&LogId([0; 32])).next(&one));
}

#[test]
fn the_books_of_a_verified_log_are_those_of_its_entries() {
    let entries = every_kind();
    let bytes: Vec<Vec<u8>> = entries.iter().map(Entry::encode).collect();
    let (books, _) = verify(&key().log_id(), bytes.iter().map(Vec::as_slice)).expect("a sound log");
    let mut folded = crate::Books::default();
    entries.iter().for_each(|entry| folded.apply(entry));
    assert_eq!(books, folded);
}

#[test]
fn a_signature_speaks_of_one_log_one_place_and_one_head_only() {
    let head = Head::of_log(&key().log_id()).next(b"entry");
    let proof = key().sign(7, &head);
    assert!(proof.holds());
    assert_eq!(proof.log_id(), key().log_id());
    let mut forged = [proof.clone(), proof.clone(), proof.clone(), proof];
    let [seq, other_head, public, signature] = &mut forged;
    seq.seq = 8;
    other_head.head = head.next(b"more");
    public.public = LogKey::from_seed(&[8; 32]).public();
    signature.signature = LogKey::from_seed(&[8; 32]).sign(7, &head).signature;
    for forged in forged {
        assert!(!forged.holds(), "{forged:?}");
    }
}

#[test]
fn a_key_shows_its_log_and_never_its_secret() {
    let shown = format!("{:?}", key());
    assert_eq!(shown, format!("LogKey({})", key().log_id()));
    assert!(!shown.contains("0707"));
}

#[test]
fn a_log_vouches_for_one_successor_and_no_other() {
    let [next, stranger] = [[8; 32], [9; 32]].map(|seed| LogKey::from_seed(&seed).log_id());
    let signature = key().vouch(&next);
    assert!(crate::vouched(&key().public(), &next, &signature));
    assert!(!crate::vouched(&key().public(), &stranger, &signature));
    assert!(!crate::vouched(&LogKey::from_seed(&[9; 32]).public(), &next, &signature));
    let head = Head(next.0);
    assert!(!crate::vouched(&key().public(), &next, &key().sign(1, &head).signature), "a signed head is no word for a successor");
}

#[test]
fn a_key_grows_again_from_its_secret() {
    assert_eq!(LogKey::from_seed(&key().secret()).log_id(), key().log_id());
}
