//! The protocol, row by row.

use journal::{Head, SealCause};
use wire::Bytes32;

use super::{
    super::{BATCH_ENTRIES_MAX, Cursor, FIRST_BATCH_ENTRIES_MAX, GATHER_MS, IDLE_MS, Next, SyncTrouble, decode_cursors, encode_cursors},
    world::{Card, Cards, Hub, Sender},
};
use crate::desk::{Appended, UplinkTrouble};

fn till(entries: u64) -> (Cards, Hub, Sender) {
    (Cards(vec![Card::new(1, entries)]), Hub::default(), Sender::new(&[]))
}

/// A hub that has the first `seq` entries of the card, as the till knows.
fn synced(entries: u64, seq: u64) -> (Cards, Hub, Sender) {
    let (cards, mut hub, _) = till(entries);
    hub.append(&cards.0[0].batch(1, usize::try_from(seq).expect("small"))).expect("taken");
    let cursor = Cursor { log: cards.log(), seq, head: cards.0[0].head(seq).expect("a head") };
    hub.batches = 0;
    (cards, hub, Sender::new(&[cursor]))
}

#[test]
fn the_first_batch_goes_out_at_once_from_the_kept_cursor_and_asks_nothing_before() {
    let (cards, _, mut till) = synced(30, 12);
    let batch = till.due(&cards).expect("a batch");
    assert_eq!((batch.first_seq, batch.last_seq()), (13, 30));
}

#[test]
fn a_batch_that_continues_the_head_moves_the_cursor() {
    let (cards, mut hub, mut till) = till(5);
    till.work(1, &cards, |batch| hub.append(batch));
    assert_eq!(till.sync.cursor(&cards.log()), Cursor { log: cards.log(), seq: 5, head: cards.0[0].head(5).expect("a head") });
    assert_eq!((till.sync.trouble(), till.sync.claim()), (None, None));
}

#[test]
fn the_first_batch_after_trouble_is_small_and_the_next_ones_are_not() {
    let (cards, mut hub, mut till) = till(2_000);
    let mut sizes = Vec::new();
    till.work(10, &cards, |batch| {
        sizes.push(batch.entries.len());
        hub.append(batch)
    });
    assert_eq!(sizes[..3], [FIRST_BATCH_ENTRIES_MAX, BATCH_ENTRIES_MAX, BATCH_ENTRIES_MAX]);
    assert_eq!(hub.has(&cards.log()), cards.0[0].entries);
}

#[test]
fn each_batch_counts_alone_so_a_window_that_is_cut_brings_something_home() {
    let (cards, mut hub, mut till) = till(2_000);
    let mut window = 3;
    till.work(30, &cards, |batch| {
        window -= 1;
        if window >= 0 { hub.append(batch) } else { Err(UplinkTrouble::TimedOut) }
    });
    let home = (FIRST_BATCH_ENTRIES_MAX + 2 * BATCH_ENTRIES_MAX) as u64;
    assert_eq!(till.sync.cursor(&cards.log()).seq, home);
    assert_eq!(till.sync.trouble(), Some(&SyncTrouble::Uplink(UplinkTrouble::TimedOut)));
}

#[test]
fn a_batch_whose_answer_was_lost_is_sent_again_and_stands_there_once() {
    let (cards, mut hub, mut till) = till(9);
    let mut lost = false;
    till.work(5, &cards, |batch| {
        let said = hub.append(batch);
        if core::mem::replace(&mut lost, true) { said } else { Err(UplinkTrouble::TimedOut) }
    });
    assert_eq!(hub.has(&cards.log()), cards.0[0].entries);
    assert!(!hub.logs[&cards.log()].forked);
    assert_eq!(till.sync.cursor(&cards.log()).seq, 9);
}

#[test]
fn an_overlap_goes_on_where_it_ends() {
    let (mut cards, mut hub, _) = synced(12, 12);
    cards.0[0].write("more");
    let cursor = Cursor { log: cards.log(), seq: 4, head: cards.0[0].head(4).expect("a head") };
    let mut till = Sender::new(&[cursor]);
    till.work(3, &cards, |batch| hub.append(batch));
    assert_eq!(hub.has(&cards.log()), cards.0[0].entries);
    assert_eq!((till.sent, till.sync.cursor(&cards.log()).seq, till.sync.claim()), (1, 13, None));
}

#[test]
fn a_hub_that_was_restored_gets_the_rest_again_without_an_alarm() {
    let (mut cards, mut hub, mut till) = synced(40, 40);
    till.work(2, &cards, |batch| hub.append(batch));
    hub.logs.get_mut(&cards.log()).expect("a log").branches[0].truncate(7);
    cards.0[0].write("more");
    till.work(5, &cards, |batch| hub.append(batch));
    assert_eq!(hub.has(&cards.log()), cards.0[0].entries);
    assert_eq!((till.sync.claim(), till.sync.trouble()), (None, None));
}

#[test]
fn a_hub_that_was_wiped_gets_everything_back() {
    let (mut cards, mut hub, mut till) = synced(900, 900);
    cards.0[0].write("more");
    hub = Hub { batches: hub.batches, ..Hub::default() };
    till.work(20, &cards, |batch| hub.append(batch));
    assert_eq!(hub.has(&cards.log()), cards.0[0].entries);
    assert_eq!(till.sync.claim(), None);
}

#[test]
fn another_entry_at_the_same_place_seals_after_it_was_said_twice() {
    let (cards, _, mut till) = synced(8, 8);
    let mut hub = Hub::default();
    let mut clone = cards.0[0].clone();
    clone.entries.truncate(6);
    clone.write("of the other till");
    clone.write("of the other till");
    hub.append(&clone.batch(1, 100)).expect("taken");
    let batch = till.due(&cards).expect("a batch");
    let said = hub.append(&batch);
    till.hear(&batch, said, &cards);
    assert_eq!(till.sync.claim(), None, "said once");
    let batch = till.due(&cards).expect("it asks again");
    let said = hub.append(&batch);
    till.hear(&batch, said, &cards);
    let claim = till.sync.claim().expect("said twice");
    assert_eq!((claim.why, claim.seq), (SealCause::Fork, 8));
}

#[test]
fn entries_that_this_card_lost_seal_it() {
    let (mut cards, mut hub, _) = synced(20, 20);
    cards.0[0].entries.truncate(15);
    let cursor = Cursor { log: cards.log(), seq: 15, head: cards.0[0].head(15).expect("a head") };
    let mut till = Sender::new(&[cursor]);
    till.work(2, &cards, |batch| hub.append(batch));
    let claim = till.sync.claim().expect("said twice");
    assert_eq!((claim.why, claim.seq), (SealCause::Ahead, 20));
}

#[test]
fn a_restored_card_that_sold_on_is_branched_and_told_and_nothing_is_lost() {
    let (mut cards, mut hub, _) = synced(20, 20);
    cards.0[0].entries.truncate(15);
    cards.0[0].write("sold again");
    let cursor = Cursor { log: cards.log(), seq: 15, head: cards.0[0].head(15).expect("a head") };
    let mut till = Sender::new(&[cursor]);
    till.work(2, &cards, |batch| hub.append(batch));
    assert_eq!(till.sync.claim().expect("said twice").why, SealCause::Told);
    let shelf = &hub.logs[&cards.log()];
    assert_eq!((shelf.branches[0].len(), &shelf.branches[1]), (20, &cards.0[0].entries));
}

#[test]
fn after_a_seal_both_logs_come_home_each_with_its_own_key() {
    let (mut cards, mut hub, _) = synced(20, 20);
    cards.0[0].entries.truncate(15);
    cards.0[0].write("sold again");
    let cursor = Cursor { log: cards.log(), seq: 15, head: cards.0[0].head(15).expect("a head") };
    let mut till = Sender::new(&[cursor]);
    till.work(2, &cards, |batch| hub.append(batch));
    let old = cards.log();
    cards.0[0].write("the seal");
    cards.0.insert(0, Card::new(2, 3));
    till.sync.sealed(&cards);
    till.work(5, &cards, |batch| hub.append(batch));
    assert_eq!(hub.has(&cards.log()), cards.0[0].entries);
    assert_eq!(hub.logs[&old].branches[1], cards.0[1].entries);
    assert_eq!(till.sync.claim(), None, "the new log is nobody else's");
    assert_eq!(till.sync.cursor(&old).seq, 17);
}

#[test]
fn a_sealed_log_finds_its_common_point_although_its_cursor_is_lost() {
    let (cards, mut hub, _) = synced(20, 20);
    let mut sealed = cards.0[0].clone();
    sealed.entries.truncate(15);
    (0..9).for_each(|_| sealed.write("sold again"));
    let mut till = Sender::new(&[]);
    let cards = Cards(vec![Card::new(2, 1), sealed.clone()]);
    till.work(10, &cards, |batch| hub.append(batch));
    assert!(hub.logs[&sealed.key.log_id()].branches.contains(&sealed.entries));
}

#[test]
fn a_hub_that_was_wiped_gets_sealed_logs_back_too() {
    let mut cards = Cards(vec![Card::new(2, 3), Card::new(1, 9)]);
    let mut till = Sender::new(&[]);
    let mut hub = Hub::default();
    till.work(10, &cards, |batch| hub.append(batch));
    hub = Hub { batches: hub.batches, ..Hub::default() };
    cards.0[0].write("sold on");
    till.work(300, &cards, |batch| hub.append(batch));
    assert_eq!(hub.has(&cards.0[1].key.log_id()), cards.0[1].entries);
    assert_eq!(hub.has(&cards.log()), cards.0[0].entries);
}

#[test]
fn a_refused_log_waits_and_says_why_and_keeps_everything() {
    let (cards, mut hub, mut till) = till(5);
    hub.revoked.push(cards.log());
    till.work(600, &cards, |batch| hub.append(batch));
    assert_eq!(till.sync.trouble().map(SyncTrouble::code), Some("log.revoked"));
    assert_eq!(till.sync.cursor(&cards.log()).seq, 0);
    assert!(till.sent < 20, "{} batches in ten minutes", till.sent);
    hub.revoked.clear();
    till.work(300, &cards, |batch| hub.append(batch));
    assert_eq!(hub.has(&cards.log()), cards.0[0].entries);
}

#[test]
fn a_refused_sealed_log_does_not_hold_up_the_written_one() {
    let mut cards = Cards(vec![Card::new(2, 1), Card::new(1, 9)]);
    let mut hub = Hub { revoked: vec![cards.0[1].key.log_id()], ..Hub::default() };
    let mut till = Sender::new(&[]);
    till.work(30, &cards, |batch| hub.append(batch));
    cards.0[0].write("sold on");
    till.work(5, &cards, |batch| hub.append(batch));
    assert_eq!(hub.has(&cards.log()), cards.0[0].entries);
    assert_eq!(till.sync.trouble(), None);
}

#[test]
fn with_nothing_to_send_an_empty_batch_asks_how_things_stand() {
    let (cards, mut hub, mut till) = synced(5, 5);
    let batch = till.due(&cards).expect("a batch");
    assert!(batch.entries.is_empty());
    let said = hub.append(&batch);
    till.hear(&batch, said, &cards);
    assert_eq!(till.sync.next(till.now_ms, false, 0, &cards), Next::Wait(till.now_ms + IDLE_MS));
}

#[test]
fn a_new_entry_waits_a_moment_for_company() {
    let (mut cards, mut hub, mut till) = synced(5, 5);
    till.work(3, &cards, |batch| hub.append(batch));
    cards.0[0].write("more");
    assert_eq!(till.sync.next(till.now_ms, false, 0, &cards), Next::Wait(till.now_ms + GATHER_MS));
    till.now_ms += GATHER_MS;
    assert_eq!(till.due(&cards).expect("a batch").entries.len(), 1);
}

#[test]
fn somebody_who_asks_waits_for_nothing_and_hears_how_it_ended() {
    let (mut cards, mut hub, mut till) = synced(5, 5);
    till.work(3, &cards, |_| Err(UplinkTrouble::Away));
    drop(till.sync.take_ended());
    cards.0[0].write("more");
    till.sync.ask();
    till.work(1, &cards, |batch| hub.append(batch));
    let round = till.sync.take_ended().expect("a round ended");
    assert_eq!((round.entries, round.trouble), (1, None));
    till.sync.ask();
    till.work(1, &cards, |_| Err(UplinkTrouble::OtherHub));
    assert_eq!(till.sync.take_ended().expect("a round ended").trouble, Some(SyncTrouble::Uplink(UplinkTrouble::OtherHub)));
}

#[test]
fn the_back_off_stays_short_at_a_station_and_grows_elsewhere() {
    for (at_station, most_s) in [(true, 5), (false, 120)] {
        let (cards, _, mut till) = till(3);
        till.at_station = at_station;
        let mut tries = Vec::new();
        for _ in 0..3_600 {
            if let Some(batch) = till.due(&cards) {
                tries.push(till.now_ms / 1_000);
                till.hear(&batch, Err(UplinkTrouble::Away), &cards);
            }
            till.now_ms += 1_000;
        }
        let longest = tries.windows(2).map(|pair| pair[1] - pair[0]).max();
        assert_eq!(longest, Some(most_s), "at a station: {at_station}");
    }
}

#[test]
fn a_train_that_comes_to_stand_tries_soon() {
    let (cards, mut hub, mut till) = till(3);
    till.work(1_000, &cards, |_| Err(UplinkTrouble::Away));
    till.at_station = true;
    till.work(2, &cards, |batch| hub.append(batch));
    assert_eq!(hub.has(&cards.log()), cards.0[0].entries);
}

#[test]
fn an_entry_that_the_hub_cannot_read_holds_up_nothing() {
    let (mut cards, mut hub, mut till) = till(2);
    cards.0[0].entries.push(vec![0xff; 9]);
    cards.0[0].write("more");
    till.work(3, &cards, |batch| hub.append(batch));
    assert_eq!(hub.has(&cards.log()).len(), 4, "to the engine entries are bytes");
}

#[test]
fn cursors_are_kept_whole_and_what_is_torn_is_left_out() {
    let cursors: Vec<Cursor> =
        (0..3).map(|seed| Cursor { log: Card::new(seed, 0).key.log_id(), seq: u64::from(seed) << 40, head: Head([seed; 32]) }).collect();
    let bytes = encode_cursors(&cursors);
    assert_eq!(decode_cursors(&bytes), cursors);
    assert_eq!(decode_cursors(&bytes[..bytes.len() - 1]), cursors[..2]);
}

#[test]
fn a_kept_cursor_from_elsewhere_is_no_place_to_start() {
    let cards = Cards(vec![Card::new(1, 5)]);
    let mut hub = Hub::default();
    for (seq, head) in [(3, Head([9; 32])), (77, Head([9; 32]))] {
        let mut till = Sender::new(&[Cursor { log: cards.log(), seq, head }]);
        till.work(3, &cards, |batch| hub.append(batch));
        assert_eq!((hub.has(&cards.log()), till.sync.claim()), (&cards.0[0].entries[..], None));
    }
}

#[test]
fn a_log_without_entries_at_the_hub_has_its_own_name_for_a_head() {
    let (cards, _, mut till) = till(3);
    let batch = till.due(&cards).expect("a batch");
    let ack = wire::Ack { seq: 0, head: Bytes32([3; 32]), sealed: false, confirmed: false, hub_s: 0, bundles: Vec::new() };
    till.hear(&batch, Ok(Appended::Behind(ack)), &cards);
    assert_eq!(till.sync.trouble(), Some(&SyncTrouble::Uplink(UplinkTrouble::Unreadable)));
}
