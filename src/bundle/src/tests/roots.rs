use super::*;
use crate::{PublicKey, Refusal};

#[test]
fn the_first_root_is_believed_only_with_its_own_threshold() {
    let keys = [1, 2, 3].map(|seed| SecretKey::from_seed(&[seed; 32]));
    let bytes = root(1, &keys).seal(NOW_S, STALE_S).expect("a root");
    assert_eq!(Trust::pin(&bytes).expect_err("refused").code(), "bundle.unsigned");
    assert_eq!(Trust::pin(&signed(&bytes, &[&keys[0]])).expect_err("refused").code(), "bundle.below_threshold");
    assert!(Trust::pin(&signed(&bytes, &[&keys[0], &keys[2]])).is_ok());
}

#[test]
fn a_new_root_needs_the_thresholds_of_both() {
    let depot = Depot::new();
    let fresh = [4, 5, 6].map(|seed| SecretKey::from_seed(&[seed; 32]));
    let next = root(2, &fresh).seal(NOW_S, STALE_S).expect("a root");
    let (a, b) = (&depot.keys[0], &depot.keys[1]);
    assert_eq!(depot.trust.step(&signed(&next, &[a, b])).expect_err("refused").code(), "bundle.below_threshold");
    assert_eq!(depot.trust.step(&signed(&next, &[&fresh[0], &fresh[1]])).expect_err("refused").code(), "bundle.below_threshold");
    assert_eq!(depot.trust.step(&signed(&next, &[a, &fresh[0], &fresh[1]])).expect_err("refused").code(), "bundle.below_threshold");
    let trust = depot.trust.step(&signed(&next, &[a, b, &fresh[0], &fresh[1]])).expect("both thresholds");
    assert_eq!(trust.root().version, 2);
    assert_eq!(verify(&depot.prices(9), &trust, held(1)).expect_err("refused").code(), "bundle.below_threshold", "the old keys are gone");
}

#[test]
fn root_skip_rollback_and_replay_are_refused() {
    let depot = Depot::new();
    let at = |version: u64| {
        let root = Root { version, ..root(version, &depot.keys) };
        signed(&root.seal(NOW_S, STALE_S).expect("a root"), &[&depot.keys[0], &depot.keys[1]])
    };
    assert_eq!(depot.trust.step(&at(3)), Err(Refusal::RootSkipped { held: 1, found: 3 }));
    assert_eq!(depot.trust.step(&at(1)), Err(Refusal::Known(1)));
    let second = depot.trust.step(&at(2)).expect("one step");
    assert_eq!(second.step(&at(1)), Err(Refusal::Older { held: 2, found: 1 }));
    assert_eq!(second.step(&at(3)).expect("one step").root().version, 3);
}

#[test]
fn another_operators_root_does_not_follow() {
    let depot = Depot::new();
    let next = depot.next_root(|root| root.operator = "Demo Buffet AB".into()).seal(NOW_S, STALE_S).expect("a root");
    let bytes = signed(&next, &[&depot.keys[0], &depot.keys[1]]);
    assert_eq!(depot.trust.step(&bytes).expect_err("refused").code(), "bundle.operator");
}

#[test]
fn fast_forward_is_undone_by_a_new_root() {
    let depot = Depot::new();
    let (a, b) = (&depot.keys[0], &depot.keys[1]);
    // A stolen prices key signs the highest version there is, and nothing newer can follow.
    let stolen = Held { version: crate::VERSION_MAX, min_root: 1 };
    let reader = Reader { held: Some(stolen), ..Reader::default() };
    assert_eq!(depot.refuses(&depot.prices(8), reader), "bundle.older");
    // The next root takes the key away and lets prices begin anew.
    let next = depot.next_root(|root| {
        let grant = root.grants.iter_mut().find(|grant| grant.role == Role::Prices).expect("prices");
        (grant.keys, grant.since_root) = (ids(&[b]), 2);
    });
    let trust = depot.trust.step(&signed(&next.seal(NOW_S, STALE_S).expect("a root"), &[a, b])).expect("a step");
    let good = signed(&sealed(&Header { min_root: 2, ..header(8) }), &[b]);
    assert!(verify(&good, &trust, reader).is_ok(), "versions count anew");
    let old = signed(&sealed(&header(7)), &[b]);
    assert_eq!(verify(&old, &trust, reader), Err(Refusal::BeforeRestart { since: 2, found: 1 }), "and nothing from before comes back");
    let again = Reader { held: Some(Held { version: 8, min_root: 2 }), ..Reader::default() };
    assert_eq!(verify(&good, &trust, again), Err(Refusal::Known(8)));
    assert_eq!(verify(&good, &depot.trust, reader), Err(Refusal::RootBehind { needed: 2, held: 1 }), "the root comes first");
}

#[test]
fn key_id_collision_cannot_be_written() {
    let keys = [1, 2, 3].map(|seed| SecretKey::from_seed(&[seed; 32]));
    let unusable = |change: &dyn Fn(&mut Root)| {
        let mut root = root(1, &keys);
        change(&mut root);
        root.seal(NOW_S, STALE_S).expect_err("refused").code()
    };
    let collisions: [&dyn Fn(&mut Root); 8] = [
        &|root| root.keys.insert(0, root.keys[0]),
        &|root| root.keys.swap(0, 1),
        &|root| root.grants[0].keys = vec![root.grants[0].keys[0]; 2],
        &|root| root.grants[0].threshold = 0,
        &|root| root.grants[0].threshold = 4,
        &|root| root.grants[1].keys = vec![KeyId([7; 32])],
        &|root| root.grants[1].since_root = 2,
        &|root| root.grants.truncate(3),
    ];
    for change in collisions {
        assert_eq!(unusable(change), "bundle.root");
    }
}

#[test]
fn a_key_that_anybody_can_sign_for_or_that_is_spelt_twice_is_none() {
    let mut identity = [0; 32];
    identity[0] = 1;
    assert!(PublicKey::from_bytes(&identity).is_err(), "a point of small order");
    // The same point with p added to its coordinate: a second spelling.
    let mut second = [0xff; 32];
    (second[0], second[31]) = (0xee, 0x7f);
    assert!(PublicKey::from_bytes(&second).is_err());
    let key = SecretKey::from_seed(&[1; 32]).public();
    assert_eq!(PublicKey::from_bytes(&key.to_bytes()), Ok(key));
}

#[test]
fn a_role_does_not_move_back_behind_its_beginning() {
    let depot = Depot::new();
    let (a, b) = (&depot.keys[0], &depot.keys[1]);
    let restart = depot.next_root(|root| root.grants[1].since_root = 2);
    let second = depot.trust.step(&signed(&restart.seal(NOW_S, STALE_S).expect("a root"), &[a, b])).expect("a step");
    let mut back = restart;
    (back.version, back.grants[1].since_root) = (3, 1);
    let bytes = signed(&back.seal(NOW_S, STALE_S).expect("a root"), &[a, b]);
    assert_eq!(second.step(&bytes).expect_err("refused").code(), "bundle.root");
}
