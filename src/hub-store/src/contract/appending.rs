use super::*;
use crate::{Fault, fleet::alert_code};

#[test]
fn what_was_appended_is_read_back_verbatim_after_opening_again() {
    on_two(|open| {
        let till = Till::new(1, 5);
        let store = open();
        till.enrol(&store, "0142");
        let cursor = taken(store.append(&till.batch(0, 3), NOW_S).expect("appended"));
        assert_eq!((cursor.seq, cursor.head, cursor.new_entries), (3, Bytes32(till.head(3).0), 3));
        assert_eq!((cursor.unit.as_str(), cursor.sealed, cursor.confirmed), ("0142", false, false));
        drop(store);
        let store = open();
        taken(store.append(&till.batch(3, 5), NOW_S).expect("appended"));
        assert_eq!(entries(&store, &till, 0), till.entries);
        assert_eq!(store.entries(&till.log(), 0, 3, 2).expect("read"), [(3, till.entries[2].clone()), (4, till.entries[3].clone())]);
        assert_eq!(store.entries(&till.log(), 0, 6, 2).expect("read"), []);
    });
}

#[test]
fn the_same_post_again_changes_nothing_and_has_the_same_answer() {
    on_both(|store| {
        let till = Till::new(1, 5);
        till.enrol(store, "0142");
        let first = taken(store.append(&till.all(), NOW_S).expect("appended"));
        let again = taken(store.append(&till.all(), NOW_S + 9).expect("appended"));
        assert_eq!(again, Cursor { new_entries: 0, ..first });
        let part = taken(store.append(&till.batch(1, 3), NOW_S + 9).expect("appended"));
        assert_eq!((part.seq, part.new_entries, part.sealed), (5, 0, false));
        assert_eq!(store.export_log(&till.log()).expect("read").expect("known").batches.len(), 1);
    });
}

#[test]
fn a_post_that_overlaps_what_is_known_adds_the_rest() {
    on_both(|store| {
        let till = Till::new(1, 9);
        till.enrol(store, "0142");
        taken(store.append(&till.batch(0, 4), NOW_S).expect("appended"));
        let cursor = taken(store.append(&till.batch(2, 9), NOW_S).expect("appended"));
        assert_eq!((cursor.seq, cursor.new_entries, cursor.branch), (9, 5, 0));
        assert_eq!(entries(store, &till, 0), till.entries);
        let evidence = store.export_log(&till.log()).expect("read").expect("known");
        for batch in &evidence.batches {
            let last = batch.first_seq + batch.entries.len() as u64 - 1;
            let proof = journal::Proof { public: evidence.public, seq: last, head: batch.head, signature: batch.signature };
            let head = batch.entries.iter().fold(batch.prev, |head, entry| head.next(entry));
            assert!(proof.holds() && head == batch.head, "each batch is proven by the signature it came under");
        }
    });
}

#[test]
fn a_post_from_beyond_the_head_is_told_where_the_hub_is_and_changes_nothing() {
    on_both(|store| {
        let till = Till::new(1, 9);
        till.enrol(store, "0142");
        taken(store.append(&till.batch(0, 4), NOW_S).expect("appended"));
        let cursor = behind(store.append(&till.batch(6, 9), NOW_S).expect("answered"));
        assert_eq!((cursor.seq, cursor.head, cursor.sealed), (4, Bytes32(till.head(4).0), false));
        assert_eq!(entries(store, &till, 0), till.entries[..4]);
        let cursor = taken(store.append(&till.batch(4, 9), NOW_S).expect("appended"));
        assert_eq!(cursor.seq, 9);
    });
}

#[test]
fn an_empty_post_asks_how_far_the_hub_is() {
    on_both(|store| {
        let till = Till::new(1, 4);
        till.enrol(store, "0142");
        assert_eq!(taken(store.append(&till.batch(0, 0), NOW_S).expect("answered")).seq, 0);
        assert_eq!(behind(store.append(&till.batch(4, 4), NOW_S).expect("answered")).seq, 0);
        taken(store.append(&till.all(), NOW_S).expect("appended"));
        assert_eq!(taken(store.append(&till.batch(4, 4), NOW_S).expect("answered")).seq, 4);
    });
}

#[test]
fn an_entry_that_differs_begins_a_branch_and_both_are_kept() {
    on_both(|store| {
        let mut till = Till::new(1, 6);
        till.enrol(store, "0142");
        taken(store.append(&till.batch(0, 4), NOW_S).expect("appended"));
        let mut clone = till.clone();
        clone.entries.truncate(2);
        clone.sell("other", 3);
        let cursor = taken(store.append(&clone.batch(1, 5), NOW_S).expect("appended"));
        assert_eq!((cursor.branch, cursor.seq, cursor.head, cursor.new_entries), (1, 5, Bytes32(clone.head(5).0), 3));
        assert!(cursor.sealed);
        till.sell("sale", 2);
        let cursor = taken(store.append(&till.batch(4, 8), NOW_S).expect("appended"));
        assert_eq!((cursor.branch, cursor.seq, cursor.sealed), (0, 8, true));
        clone.sell("other", 4);
        let cursor = taken(store.append(&clone.batch(5, 9), NOW_S).expect("appended"));
        assert_eq!((cursor.branch, cursor.seq), (1, 9));
        assert_eq!(entries(store, &till, 0), till.entries);
        assert_eq!(entries(store, &clone, 1), clone.entries);
        let again = taken(store.append(&clone.batch(1, 5), NOW_S).expect("answered"));
        assert_eq!((again.branch, again.seq, again.new_entries), (1, 9, 0));
        let alerts = store.alerts(true, 9).expect("read");
        let fork = alerts.iter().find(|alert| alert.code == alert_code::FORK).expect("an alert");
        assert_eq!((fork.log, fork.details.as_str(), fork.count), (Some(till.log()), "branch=1 parent=0 seq=3", 1));
    });
}

#[test]
fn a_branch_of_a_branch_is_found_and_read_whole() {
    on_both(|store| {
        let first = Till::new(1, 6);
        first.enrol(store, "0142");
        taken(store.append(&first.all(), NOW_S).expect("appended"));
        let mut second = first.clone();
        second.entries.truncate(2);
        second.sell("second", 6);
        let mut third = second.clone();
        third.entries.truncate(5);
        third.sell("third", 2);
        assert_eq!(taken(store.append(&second.all(), NOW_S).expect("appended")).branch, 1);
        assert_eq!(taken(store.append(&third.batch(4, 7), NOW_S).expect("appended")).branch, 2);
        for (branch, till) in [(0, &first), (1, &second), (2, &third)] {
            assert_eq!(entries(store, till, branch), till.entries);
        }
        let parents: Vec<_> = store.branches(&first.log()).expect("read").iter().map(|one| (one.parent, one.first_own_seq)).collect();
        assert_eq!(parents, [(None, 1), (Some(0), 3), (Some(1), 6)]);
    });
}

#[test]
fn a_forked_till_far_ahead_finds_the_place_where_it_parted() {
    on_both(|store| {
        let till = Till::new(1, 40);
        till.enrol(store, "0142");
        let mut clone = till.clone();
        clone.entries.truncate(11);
        clone.sell("other", 60);
        taken(store.append(&till.all(), NOW_S).expect("appended"));
        let mut from = 50;
        let mut posts = 0;
        let cursor = loop {
            posts += 1;
            match store.append(&clone.batch(from, clone.entries.len()), NOW_S).expect("answered") {
                Appended::Behind(cursor) => from = usize::try_from(cursor.seq).expect("small"),
                other => break taken(other),
            }
        };
        assert_eq!((cursor.branch, cursor.seq, cursor.new_entries), (1, 71, 60));
        assert!(posts <= 5, "half way back each time: {posts}");
        assert_eq!(entries(store, &clone, 1), clone.entries);
    });
}

#[test]
fn a_bad_chain_and_a_bad_signature_are_refused_counted_and_change_nothing() {
    on_both(|store| {
        let till = Till::new(1, 4);
        till.enrol(store, "0142");
        let mut cut = till.all();
        cut.entries[1].push(b'!');
        assert_eq!(refused(store.append(&cut, NOW_S).expect("answered")), AppendRefusal::Chain);
        let mut forged = till.all();
        forged.signature = Till { seed: [2; 32], ..till.clone() }.all().signature;
        assert_eq!(refused(store.append(&forged, NOW_S).expect("answered")), AppendRefusal::Signature);
        assert_eq!(refused(store.append(&forged, NOW_S).expect("answered")), AppendRefusal::Signature);
        let mut elsewhere = till.batch(0, 4);
        elsewhere.prev = Bytes32([1; 32]);
        assert_eq!(refused(store.append(&elsewhere, NOW_S).expect("answered")), AppendRefusal::Chain);
        let counted: Vec<_> = store.refusals().expect("read").into_iter().map(|one| (one.code, one.count, one.log)).collect();
        assert!(counted.contains(&("batch.signature".into(), 2, Some(till.log()))), "{counted:?}");
        assert!(counted.contains(&("batch.chain".into(), 2, Some(till.log()))), "{counted:?}");
        assert_eq!(store.branches(&till.log()).expect("read")[0].last_seq, 0);
    });
}

#[test]
fn an_unknown_log_and_a_revoked_one_are_refused() {
    on_both(|store| {
        let till = Till::new(1, 4);
        assert_eq!(refused(store.append(&till.all(), NOW_S).expect("answered")), AppendRefusal::Unknown);
        till.enrol(store, "0142");
        taken(store.append(&till.batch(0, 2), NOW_S).expect("appended"));
        assert!(store.revoke(&till.log(), "anna", "stolen", NOW_S).expect("revoked"));
        assert_eq!(refused(store.append(&till.all(), NOW_S).expect("answered")), AppendRefusal::Revoked);
        assert_eq!(entries(store, &till, 0), till.entries[..2]);
        let codes: Vec<_> = store.alerts(true, 9).expect("read").into_iter().map(|alert| (alert.code, alert.unit)).collect();
        assert!(codes.contains(&("log.unknown".into(), String::new())), "{codes:?}");
        assert!(codes.contains(&("log.revoked".into(), "0142".into())), "{codes:?}");
    });
}

/// Posts from several hubs at once, each until it is answered.
fn at_once(open: &dyn Fn() -> HubStore, posts: &[Batch]) -> Vec<Appended> {
    let hubs: Vec<HubStore> = posts.iter().map(|_| open()).collect();
    let together = Barrier::new(posts.len());
    let post = |(hub, batch): (HubStore, &Batch)| {
        together.wait();
        loop {
            match hub.append(batch, NOW_S) {
                Err(Fault::Busy(_)) => {}
                answered => return answered.expect("answered"),
            }
        }
    };
    std::thread::scope(|scope| {
        let running: Vec<_> = hubs.into_iter().zip(posts).map(|both| scope.spawn(|| post(both))).collect();
        running.into_iter().map(|one| one.join().expect("no panic")).collect()
    })
}

#[test]
fn two_clones_that_post_at_the_same_moment_to_two_hubs_lose_nothing() {
    on_two(|open| {
        for round in 0..8 {
            let till = Till::new(10 + round, 3);
            till.enrol(&open(), "0142");
            let clones: Vec<Till> = (0..4)
                .map(|number| {
                    let mut clone = till.clone();
                    clone.sell(&format!("clone {number}"), 5);
                    clone
                })
                .collect();
            let posts: Vec<Batch> = clones.iter().map(Till::all).collect();
            let mut branches: Vec<u64> = at_once(open, &posts).into_iter().map(|answer| taken(answer).branch).collect();
            let store = open();
            for (clone, branch) in clones.iter().zip(&branches) {
                assert_eq!(entries(&store, clone, *branch), clone.entries);
            }
            branches.sort_unstable();
            assert_eq!(branches, [0, 1, 2, 3]);
        }
    });
}

#[test]
fn one_till_that_repeats_itself_at_two_hubs_at_once_is_kept_once() {
    on_two(|open| {
        for round in 0..8 {
            let till = Till::new(10 + round, 30);
            till.enrol(&open(), "0142");
            let posts = [till.batch(0, 30), till.batch(0, 20), till.batch(0, 30), till.batch(0, 10)];
            let new: u64 = at_once(open, &posts).into_iter().map(|answer| taken(answer).new_entries).sum();
            let store = open();
            assert_eq!((new, store.branches(&till.log()).expect("read").len()), (30, 1));
            assert_eq!(entries(&store, &till, 0), till.entries);
        }
    });
}

pub(super) fn succeeding(old: &Till, new: &Till) -> Batch {
    let mut batch = new.all();
    batch.report.successor = Some(wire::Successor { public: old.key().public(), signature: old.key().vouch(&new.log()) });
    batch
}

#[test]
fn a_log_that_a_known_one_vouches_for_is_let_in_unconfirmed_and_people_hear_of_it() {
    on_both(|store| {
        let (old, new, stranger) = (Till::new(1, 4), Till::new(2, 3), Till::new(3, 3));
        assert_eq!(refused(store.append(&succeeding(&old, &new), NOW_S).expect("answered")), AppendRefusal::Unknown);
        old.enrol(store, "0142");
        store.confirm(&old.log(), "anna", NOW_S).expect("confirmed");
        taken(store.append(&old.all(), NOW_S).expect("appended"));
        let mut lying = succeeding(&old, &stranger);
        lying.report.successor = succeeding(&old, &new).report.successor;
        assert_eq!(refused(store.append(&lying, NOW_S).expect("answered")), AppendRefusal::Unknown);
        let cursor = taken(store.append(&succeeding(&old, &new), NOW_S).expect("appended"));
        assert_eq!((cursor.unit.as_str(), cursor.seq, cursor.confirmed, cursor.sealed), ("0142", 3, false, false));
        assert_eq!(entries(store, &new, 0), new.entries);
        let row = store.log(&new.log()).expect("read").expect("known");
        assert_eq!((row.unit.as_str(), row.succeeds, row.confirmed), ("0142", Some(Bytes32(old.log().0)), None));
        assert!(taken(store.append(&old.batch(4, 4), NOW_S).expect("answered")).sealed, "another has taken its place");
        let open = |code: &str| store.alerts(true, 99).expect("read").iter().filter(|alert| alert.code == code).count();
        assert_eq!(open(alert_code::VOUCHED), 1);
        store.confirm(&new.log(), "anna", NOW_S).expect("confirmed");
        assert_eq!(open(alert_code::VOUCHED), 0);
        taken(store.append(&succeeding(&old, &new), NOW_S).expect("the same again"));
        assert_eq!(store.logs_of("0142").expect("read").len(), 2);
    });
}

#[test]
fn a_revoked_key_vouches_for_nobody() {
    on_both(|store| {
        let (old, new) = (Till::new(1, 4), Till::new(2, 3));
        old.enrol(store, "0142");
        store.revoke(&old.log(), "anna", "stolen", NOW_S).expect("revoked");
        assert_eq!(refused(store.append(&succeeding(&old, &new), NOW_S).expect("answered")), AppendRefusal::Unknown);
        assert_eq!(store.log(&new.log()).expect("read"), None);
    });
}

/// A log whose second entry bears the word of the one in whose place it goes on.
fn going_on(old: &Till, key: u8) -> Till {
    let mut new = Till::new(key, 1);
    let word = journal::LogSucceeded { public: old.key().public(), signature: old.key().vouch(&new.log()), seq: 4, head: old.head(4).0 };
    let fact = journal::Fact::LogSucceeded(Box::new(word));
    new.entries.push(journal::Entry::new(2, journal::Stamp::default(), journal::Context::default(), fact).encode());
    new.sell("sale", 2);
    new
}

#[test]
fn a_hub_that_lost_its_database_takes_the_sealed_logs_of_a_till_that_is_enrolled_again() {
    on_both(|store| {
        let first = Till::new(1, 4);
        let second = going_on(&first, 2);
        let third = going_on(&second, 3);
        let mut lying = going_on(&first, 4);
        lying.entries[1] = second.entries[1].clone();
        for till in [&third, &lying] {
            till.enrol(store, "0142");
        }
        store.confirm(&third.log(), "anna", NOW_S).expect("confirmed");
        taken(store.append(&lying.all(), NOW_S).expect("appended"));
        assert_eq!(refused(store.append(&second.all(), NOW_S).expect("answered")), AppendRefusal::Unknown);
        taken(store.append(&third.batch(0, 1), NOW_S).expect("appended"));
        taken(store.append(&third.batch(1, 4), NOW_S).expect("appended"));
        assert_eq!(
            refused(store.append(&first.all(), NOW_S).expect("answered")),
            AppendRefusal::Unknown,
            "nobody known bears its word yet"
        );
        for (sealed, later) in [(&second, &third), (&first, &second)] {
            let cursor = taken(store.append(&sealed.all(), NOW_S).expect("appended"));
            assert_eq!((cursor.unit.as_str(), cursor.confirmed, cursor.sealed), ("0142", false, true));
            assert_eq!(entries(store, sealed, 0), sealed.entries);
            let row = store.log(&sealed.log()).expect("read").expect("known");
            assert_eq!(row.succeeded_by, Some(Bytes32(later.log().0)));
            assert_eq!(store.log(&later.log()).expect("read").expect("known").succeeds, Some(Bytes32(sealed.log().0)));
            let alerts = store.alerts(true, 99).expect("read");
            assert!(alerts.iter().any(|alert| alert.code == alert_code::VOUCHED && alert.log == Some(sealed.log())), "{alerts:?}");
        }
    });
}

#[test]
fn a_revoked_log_brings_no_sealed_one_along() {
    on_both(|store| {
        let old = Till::new(1, 4);
        let new = going_on(&old, 2);
        new.enrol(store, "0142");
        taken(store.append(&new.all(), NOW_S).expect("appended"));
        store.revoke(&new.log(), "anna", "stolen", NOW_S).expect("revoked");
        assert_eq!(refused(store.append(&old.all(), NOW_S).expect("answered")), AppendRefusal::Unknown);
    });
}

#[test]
fn posts_that_meet_in_one_transaction_each_get_their_own_answer() {
    on_both(|store| {
        let tills: Vec<Till> = (0..24).map(|number| Till::new(60 + number, 12)).collect();
        for till in &tills[..20] {
            till.enrol(store, "0142");
            taken(store.append(&till.batch(0, 4), NOW_S).expect("appended"));
        }
        let clone = |till: &Till| {
            let mut clone = till.clone();
            clone.entries.truncate(2);
            clone.sell("other", 4);
            clone
        };
        let together = Barrier::new(tills.len());
        std::thread::scope(|scope| {
            for (number, till) in tills.iter().enumerate() {
                let together = &together;
                scope.spawn(move || {
                    let batch = match number % 4 {
                        0 => till.batch(4, 12),
                        1 => till.batch(2, 12),
                        2 => clone(till).batch(1, 6),
                        _ => till.batch(9, 12),
                    };
                    together.wait();
                    let answer = store.append(&batch, NOW_S).expect("answered");
                    match (number >= 20, number % 4) {
                        (true, _) => assert_eq!(refused(answer), AppendRefusal::Unknown),
                        (false, 0 | 1) => assert_eq!((taken(answer).seq, number), (12, number)),
                        (false, 2) => assert!(taken(answer).forked_now),
                        _ => assert_eq!(behind(answer).seq, 4),
                    }
                });
            }
        });
        for (number, till) in tills[..20].iter().enumerate() {
            match number % 4 {
                0 | 1 => assert_eq!(entries(store, till, 0), till.entries),
                2 => assert_eq!(entries(store, &clone(till), 1), clone(till).entries),
                _ => assert_eq!(entries(store, till, 0), till.entries[..4]),
            }
        }
        let unknown = store.refusals().expect("read").into_iter().find(|one| one.code == "log.unknown").expect("counted");
        assert_eq!((unknown.count, unknown.log), (4, None));
    });
}
