//! Every sale survives a cut at every write.
//!
//! The counts below are of states: disks that were left behind by a cut, opened by a store, verified from nothing and sold on from.
//! On a failure the seed stands in the message; `Recording::of` with it gives the same trip and the same cuts.

use powercut::{
    cut::{Card, Dice},
    proof::{Counts, Recording},
    shortage::Stops,
};
use store::Mutant;

/// States that the four tests of an honest till have to look at, together.
const STATES_MIN: u64 = 100_000;
const HONEST_STATES_MIN: u64 = 50_000;
const GARBAGE_STATES_MIN: u64 = 28_000;
const TWICE_STATES_MIN: u64 = 20_000;
const SHORT_STATES_MIN: u64 = 6_000;
const _: () = assert!(HONEST_STATES_MIN + GARBAGE_STATES_MIN + TWICE_STATES_MIN + SHORT_STATES_MIN >= STATES_MIN);

fn check(what: &str, counts: &Counts, states_min: u64) {
    println!("{what}: {counts}");
    assert_eq!(counts.bad(), 0, "{what}: {counts}");
    assert!(counts.states >= states_min, "{what}: {counts}");
    assert!(counts.kept_though_unacked > 0, "{what}: a proof that never cuts between the write and the answer proves little");
}

#[test]
fn an_honest_card_loses_nothing_whatever_write_is_cut() {
    let mut counts = Counts::default();
    for seed in 1..=4 {
        counts.add(Recording::of(seed, None, false).cut_everywhere(Card::Honest, 10));
    }
    check("one cut", &counts, HONEST_STATES_MIN);
}

#[test]
fn sectors_full_of_garbage_lose_nothing() {
    let mut counts = Counts::default();
    for seed in 11..=13 {
        counts.add(Recording::of(seed, None, false).cut_everywhere(Card::Garbage, 8));
    }
    check("garbage in dropped sectors", &counts, GARBAGE_STATES_MIN);
}

#[test]
fn a_second_cut_during_recovery_loses_nothing() {
    let mut counts = Counts::default();
    for seed in 21..=22 {
        counts.add(Recording::of(seed, None, false).cut_twice(Card::Honest, 7, 1));
        counts.add(Recording::of(seed, None, false).cut_twice(Card::Garbage, 11, 1));
    }
    check("two cuts", &counts, TWICE_STATES_MIN);
}

#[test]
fn a_full_disk_or_a_failed_flush_refuses_whole_steps_and_the_store_sells_on() {
    let stops = Stops::of(31, 5);
    let mut dice = Dice(31);
    let mut counts = Counts::default();
    let refused = (0..600).filter(|_| stops.run_short(&mut dice, 10, &mut counts)).count();
    println!("room ran out in {refused} of 600 runs");
    assert!(refused > 300, "room ran out only {refused} times");
    check("no room", &counts, SHORT_STATES_MIN);
}

fn check_caught(what: &str, counts: &Counts) {
    println!("mutant {what}: {counts}");
    assert!(counts.bad() > 0, "the proof does not find {what}: {counts}");
}

#[test]
fn a_till_that_does_not_flush_each_commit_is_caught() {
    let counts = Recording::of(41, Some(Mutant::WalNormal), false).cut_everywhere(Card::Honest, 1);
    check_caught("WAL with synchronous=NORMAL", &counts);
    assert!(counts.lost > 0 && counts.lost_sales_max > 1, "{counts}");
}

#[test]
fn a_till_that_never_flushes_is_caught() {
    let counts = Recording::of(42, Some(Mutant::WalOff), false).cut_everywhere(Card::Honest, 1);
    check_caught("WAL with synchronous=OFF", &counts);
    assert!(counts.lost > 0, "{counts}");
}

#[test]
fn a_till_that_leaves_its_deleted_journal_to_chance_is_caught() {
    let counts = Recording::of(43, Some(Mutant::DeleteFull), false).cut_everywhere(Card::Honest, 2);
    check_caught("a rollback journal with synchronous=FULL", &counts);
    assert!(counts.lost > 0, "{counts}");
}

#[test]
fn a_till_that_writes_outside_a_transaction_is_caught() {
    let counts = Recording::of(44, Some(Mutant::NoTransaction), false).cut_everywhere(Card::Honest, 1);
    check_caught("no transaction", &counts);
    assert!(counts.torn + counts.stale > 0, "{counts}");
}

#[test]
fn a_till_that_acknowledges_before_it_commits_is_caught() {
    let counts = Recording::of(45, None, true).cut_everywhere(Card::Honest, 1);
    check_caught("acknowledging before the commit", &counts);
    assert!(counts.lost > 0, "{counts}");
}

/// A card that lies cannot be beaten, but it can be found out: no sale is ever half there without the store noticing.
#[test]
fn a_bad_card_may_lose_sales_but_never_hides_half_of_one() {
    for (card, seed) in [(Card::Lying, 51), (Card::Neighbour, 52)] {
        let counts = Recording::of(seed, None, false).cut_everywhere(card, 1);
        println!("{card:?}: {counts}");
        assert!(counts.lost + counts.damaged > 0, "{card:?} does harm: {counts}");
        assert_eq!((counts.doubled, counts.torn), (0, 0), "{card:?}: {counts}");
    }
}

#[test]
fn one_seed_gives_one_trip_and_the_same_writes() {
    let (first, second) = (Recording::of(61, None, false), Recording::of(61, None, false));
    assert_eq!(first.trip.accounts, second.trip.accounts);
    assert_eq!(first.trace.len(), second.trace.len());
    assert!(first.trace.len() > 1000, "a trip is more than {} writes", first.trace.len());
}
