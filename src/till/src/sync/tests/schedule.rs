//! Loss, doubles, disorder, cut answers and restored hubs in any order: in the end the hub has every entry once.

use proptest::prelude::*;

use super::world::{Card, Cards, Hub, Sender};
use crate::desk::UplinkTrouble;

#[derive(Clone, Copy, Debug)]
enum Fate {
    Arrives,
    LostOnTheWay,
    AnswerLost,
    Doubled,
    /// The connection breaks, and the batch arrives behind later ones.
    Late,
    HubRestored(u8),
    Sold(u8),
    TillRestarts {
        keeps_cursor: bool,
    },
    Waits(u16),
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        4 => Just(Fate::Arrives),
        2 => Just(Fate::LostOnTheWay),
        2 => Just(Fate::AnswerLost),
        2 => Just(Fate::Doubled),
        2 => Just(Fate::Late),
        1 => any::<u8>().prop_map(Fate::HubRestored),
        3 => any::<u8>().prop_map(Fate::Sold),
        1 => any::<bool>().prop_map(|keeps_cursor| Fate::TillRestarts { keeps_cursor }),
        3 => any::<u16>().prop_map(Fate::Waits),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn in_the_end_the_hub_has_every_entry_once(fates in prop::collection::vec(fate(), 0..60), sealed in 0_u64..30) {
        let mut cards = Cards(vec![Card::new(1, 3), Card::new(2, sealed)]);
        if sealed == 0 {
            cards.0.truncate(1);
        }
        let mut hub = Hub::default();
        let mut till = Sender::new(&[]);
        let mut late = Vec::new();
        for fate in fates {
            match fate {
                Fate::Sold(count) => (0..count % 9).for_each(|_| cards.0[0].write("sale")),
                Fate::Waits(ms) => till.now_ms += u64::from(ms),
                Fate::TillRestarts { keeps_cursor } => {
                    let cursors = till.sync.cursors();
                    till = Sender { now_ms: till.now_ms, ..Sender::new(if keeps_cursor { &cursors } else { &[] }) };
                }
                Fate::HubRestored(share) => {
                    for shelf in hub.logs.values_mut() {
                        let kept = shelf.branches[0].len() * usize::from(share) / 255;
                        shelf.branches[0].truncate(kept);
                    }
                }
                fate => {
                    let Some(batch) = till.due(&cards) else { continue };
                    let cut = Err(UplinkTrouble::TimedOut);
                    let said = match fate {
                        Fate::Arrives => hub.append(&batch),
                        Fate::AnswerLost => {
                            prop_assert!(hub.append(&batch).is_ok());
                            cut
                        }
                        Fate::Doubled => {
                            prop_assert!(hub.append(&batch).is_ok());
                            hub.append(&batch)
                        }
                        Fate::Late => {
                            late.push(batch.clone());
                            cut
                        }
                        _ => cut,
                    };
                    till.hear(&batch, said, &cards);
                }
            }
            if late.len() > 2 {
                let batch = late.remove(0);
                prop_assert!(hub.append(&batch).is_ok(), "a late batch is taken or known");
            }
            prop_assert_eq!(till.sync.claim(), None, "nobody else writes these logs");
        }
        // Quiet again: some hours later everything is there.
        till.work(4 * 3_600, &cards, |batch| hub.append(batch));
        for card in &cards.0 {
            prop_assert_eq!(hub.has(&card.key.log_id()), &card.entries[..]);
            prop_assert_eq!(hub.logs[&card.key.log_id()].branches.len(), 1);
            prop_assert_eq!(till.sync.cursor(&card.key.log_id()).seq, card.last_seq());
        }
    }
}
