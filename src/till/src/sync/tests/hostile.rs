//! Hubs that lie. They cost the wait and nothing else.

use journal::Head;
use wire::{Ack, Bytes32, Refused};

use super::{
    super::{Cursor, SyncTrouble},
    world::{Card, Cards, Hub, Sender},
};
use crate::desk::{Appended, UplinkTrouble};

const HOUR_S: u64 = 3_600;
/// What a till may send in an hour to a hub that brings it no further: two a minute, and a few more.
const TRIES_AN_HOUR_MAX: usize = 150;

fn ack(seq: u64, head: Head) -> Ack {
    Ack { seq, head: Bytes32(head.0), sealed: false, confirmed: false, hub_s: i64::MAX, bundles: Vec::new() }
}

fn card_of(entries: u64) -> Cards {
    Cards(vec![Card::new(1, entries)])
}

/// The till survives an hour of this and sends everything to an honest hub afterwards.
fn survives(what: &str, answer: impl Fn(&Cards, usize) -> Result<Appended, UplinkTrouble>) -> Sender {
    let cards = card_of(300);
    let mut till = Sender::new(&[]);
    let mut turn = 0;
    till.work(HOUR_S, &cards, |_| {
        turn += 1;
        answer(&cards, turn)
    });
    assert!(till.sent <= TRIES_AN_HOUR_MAX, "{what}: {} batches in an hour", till.sent);
    let mut hub = Hub::default();
    till.work(HOUR_S, &cards, |batch| hub.append(batch));
    assert_eq!(hub.has(&cards.log()), cards.0[0].entries, "{what}");
    till
}

#[test]
fn a_hub_that_is_behind_for_ever_costs_the_wait() {
    survives("nothing, again and again", |cards, _| Ok(Appended::Behind(ack(0, Head::of_log(&cards.log())))));
    survives("yes, and nothing more", |cards, _| Ok(Appended::Taken(ack(0, Head::of_log(&cards.log())))));
}

#[test]
fn a_hub_that_claims_more_than_there_is_costs_the_wait() {
    for seq in [301, u64::MAX, i64::MAX as u64] {
        survives("more than there is", |_, _| Ok(Appended::Taken(ack(seq, Head([7; 32])))));
    }
}

#[test]
fn a_hub_that_makes_up_heads_costs_the_wait() {
    survives("other heads", |_, turn| Ok(Appended::Taken(ack(turn as u64 % 300 + 1, Head([turn.to_be_bytes()[7]; 32])))));
}

#[test]
fn a_hub_that_refuses_or_babbles_costs_the_wait() {
    let refused = || Refused { code: "x".repeat(100), what: "\u{202e}".into(), todo: String::new() };
    survives("refusals", |_, _| Err(UplinkTrouble::Refused(refused())));
    survives("babble", |_, _| Err(UplinkTrouble::Unreadable));
    survives("all of it", |cards, turn| match turn % 4 {
        0 => Err(UplinkTrouble::Unreadable),
        1 => Ok(Appended::Behind(ack(0, Head::of_log(&cards.log())))),
        2 => Ok(Appended::Taken(ack(5, Head([1; 32])))),
        _ => Err(UplinkTrouble::Refused(refused())),
    });
}

#[test]
fn a_hub_that_forgets_again_and_again_gets_one_batch_a_minute() {
    let cards = card_of(2_000);
    let mut till = Sender::new(&[]);
    let mut sent_bytes = 0;
    // It takes one entry a batch, and from time to time it has nothing.
    let mut has = 0_u64;
    till.work(HOUR_S, &cards, |batch| {
        sent_bytes += batch.entries.iter().map(Vec::len).sum::<usize>();
        has = if has >= 200 { 0 } else { batch.first_seq };
        let head = cards.0[0].head(has).expect("a head");
        Ok(if has == 0 { Appended::Behind(ack(has, head)) } else { Appended::Taken(ack(has, head)) })
    });
    // Three times 200 at full speed, then sixty in an hour.
    assert!(till.sent < 800, "{} batches in an hour", till.sent);
    assert!(sent_bytes < 800 * 400 * 12, "{sent_bytes} bytes");
}

#[test]
fn a_hub_that_contradicts_itself_seals_nothing() {
    let cards = card_of(10);
    let mut till = Sender::new(&[]);
    let mut turn = 0;
    till.work(HOUR_S, &cards, |batch| {
        turn += 1;
        let honest = ack(batch.last_seq(), Head(batch.head.0));
        Ok(Appended::Taken(if turn % 2 == 0 { Ack { sealed: true, ..honest } } else { honest }))
    });
    assert_eq!(till.sync.claim(), None);
    assert!(till.sent <= TRIES_AN_HOUR_MAX, "{} batches in an hour", till.sent);
}

#[test]
fn a_lie_about_one_log_moves_no_other() {
    let cards = Cards(vec![Card::new(2, 5), Card::new(1, 9)]);
    let (written, sealed) = (cards.log(), cards.0[1].key.log_id());
    let mut hub = Hub::default();
    let mut till = Sender::new(&[]);
    till.work(HOUR_S, &cards, |batch| {
        if batch.public == cards.0[1].key.public() { Ok(Appended::Taken(ack(99, Head([7; 32])))) } else { hub.append(batch) }
    });
    assert_eq!(till.sync.cursor(&written).seq, 5);
    // It said 200 to all nine entries, so they count as taken until it is asked again; what it says beyond them moves nothing.
    assert_eq!((till.sync.cursor(&sealed).seq, till.sync.claim()), (9, None));
    assert_eq!(till.sync.trouble(), None, "the written log is well");
    assert!(till.sent <= TRIES_AN_HOUR_MAX, "{} batches in an hour", till.sent);
}

#[test]
fn an_answer_that_nobody_waits_for_changes_nothing() {
    let cards = card_of(10);
    let mut till = Sender::new(&[]);
    let batch = till.due(&cards).expect("a batch");
    let stranger = Card::new(9, 1).key.log_id();
    let said = || Ok(Appended::Taken(ack(10, cards.0[0].head(10).expect("a head"))));
    till.sync.answered(stranger, said(), till.now_ms, &cards);
    assert_eq!(till.sync.cursor(&cards.log()), Cursor::none(cards.log()));
    till.hear(&batch, said(), &cards);
    assert_eq!(till.sync.cursor(&cards.log()).seq, 10);
    till.hear(&batch, Ok(Appended::Taken(ack(3, Head([1; 32])))), &cards);
    assert_eq!((till.sync.cursor(&cards.log()).seq, till.sync.claim(), till.sync.trouble()), (10, None, None::<&SyncTrouble>));
}
