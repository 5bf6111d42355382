//! Whatever the order in which things arrive and are taken in, by however many hubs.

use journal::{Fact, UnknownFact};
use proptest::prelude::*;

use crate::{HubStore, contract::on_two, made::MadeTill};

/// Posts of several tills, each till's in their order: two that sell, one that is cloned and writes on as two.
fn posts() -> Vec<Vec<(MadeTill, u64, u64)>> {
    let mut plain = MadeTill::new(11, "0101");
    plain.begin("171");
    for piece in 0..8 {
        plain.sell(&[(piece % 4, 1)], if piece % 2 == 0 { 0 } else { 100_000 });
    }
    plain.refund(3);
    plain.z();
    let mut strange = MadeTill::new(12, "0102");
    strange.begin("172");
    strange.sell(&[(0, 1)], 0);
    strange.tell(Fact::Unknown(UnknownFact { kind: 900, body: vec![0x01] }));
    strange.garble();
    strange.sell(&[(1, 2)], 2_000);
    strange.end_trip();
    let mut one = MadeTill::new(13, "0103");
    one.begin("171");
    one.sell(&[(2, 1)], 0);
    let mut clone = one.clone();
    one.refund(1);
    one.sell(&[(2, 2)], 0);
    one.z();
    clone.sell(&[(3, 1)], 0);
    clone.refund(1);
    clone.sell(&[(1, 1)], 0);
    let pieces = |till: &MadeTill, from: u64| {
        let ends: Vec<u64> = (from..=till.seq()).filter(|seq| seq % 3 == 0 || *seq == till.seq()).collect();
        let mut next = from;
        let mut posts = Vec::new();
        for end in ends {
            posts.push((till.clone(), next, end));
            next = end + 1;
        }
        posts
    };
    let forked = [pieces(&one, 1), pieces(&clone, 6)].concat();
    vec![pieces(&plain, 1), pieces(&strange, 1), forked]
}

/// Sends everything in this order and projects in between; then what is left.
fn play(open: &dyn Fn() -> HubStore, order: &[(usize, usize, bool)]) -> HubStore {
    let (one, two) = (open(), open());
    let mut waiting = posts();
    for posts in &waiting {
        posts[0].0.enrol(&one);
    }
    for (which, entries_max, by_two) in order {
        let queue = which % waiting.len();
        if !waiting[queue].is_empty() {
            let (till, first, last) = waiting[queue].remove(0);
            till.send(&one, first, last);
        }
        if *entries_max > 0 {
            if *by_two { &two } else { &one }.project(*entries_max).expect("projected");
        }
    }
    for (till, first, last) in waiting.into_iter().flatten() {
        till.send(&one, first, last);
    }
    while !one.project(3).expect("projected").done {}
    one
}

fn check(open: &dyn Fn() -> HubStore, expected: &str, order: &[(usize, usize, bool)]) {
    let store = play(open, order);
    assert_eq!(store.dump_projections().expect("a dump"), expected);
    store.rebuild().expect("rebuilt");
    assert_eq!(store.dump_projections().expect("a dump"), expected);
}

fn at_once() -> String {
    let dir = tempfile::tempdir().expect("a folder");
    let store = play(&|| HubStore::sqlite(dir.path()).expect("a store"), &[]);
    let dump = store.dump_projections().expect("a dump");
    assert!(dump.contains("refund.exceeds") && dump.contains("receipt.doubled") && dump.contains("shelved: "), "{dump}");
    dump
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    #[test]
    fn any_order_gives_the_same_tables(order in prop::collection::vec((0_usize..3, 0_usize..9, any::<bool>()), 0..40)) {
        let dir = tempfile::tempdir().expect("a folder");
        check(&|| HubStore::sqlite(dir.path()).expect("a store"), &at_once(), &order);
    }
}

#[test]
fn both_engines_have_the_same_tables_in_any_order() {
    let expected = at_once();
    let orders = [
        vec![],
        vec![(0, 1, false); 30],
        (0..40).map(|step| (step, step % 5, step % 2 == 0)).collect(),
        (0..40).map(|step| (2 - step % 3, 2, step % 3 == 0)).collect(),
    ];
    for order in orders {
        on_two(|open| check(open, &expected, &order));
    }
}

#[test]
fn two_hubs_at_once_take_everything_in_once() {
    let expected = at_once();
    on_two(|open| {
        let store = open();
        for posts in posts() {
            posts[0].0.enrol(&store);
            posts.iter().for_each(|(till, first, last)| till.send(&store, *first, *last));
        }
        let hubs = [open(), open()];
        std::thread::scope(|scope| {
            for (place, hub) in hubs.iter().enumerate() {
                scope.spawn(move || {
                    let mut done = false;
                    while !done {
                        // The one that lost a race begins again.
                        done = match hub.project(place + 2) {
                            Ok(projected) => projected.done,
                            Err(crate::Fault::Busy(_)) => false,
                            Err(fault) => panic!("{fault}"),
                        };
                    }
                });
            }
        });
        assert_eq!(store.dump_projections().expect("a dump"), expected);
    });
}
