//! A million steps, and the mutants that they must catch.

use sim::world::{Mutant, Tally, World};

/// Steps of one run. Many short histories find more than one long one, and each step stays cheap.
const STEPS: u64 = 10_000;
/// Runs of one half; the two halves together make a million steps.
const RUNS: u64 = 50;

fn run(seeds: core::ops::Range<u64>) -> Tally {
    let mut sum = Tally::default();
    for seed in seeds {
        let tally = World::run(seed, STEPS, None).unwrap_or_else(|why| panic!("{why}"));
        sum.steps += tally.steps;
        sum.sales += tally.sales;
        sum.cuts += tally.cuts;
        sum.hurt += tally.hurt;
        sum.cards += tally.cards;
        sum.hubs += tally.hubs;
        sum.seals += tally.seals;
    }
    sum
}

/// Every acknowledged sale is at the hub exactly once in the end, sums agree, and nothing was sealed without a cause.
fn is_whole(seeds: core::ops::Range<u64>) {
    let tally = run(seeds);
    println!("{tally:?}");
    assert!(tally.cuts > 2_000 && tally.hurt > 5_000 && tally.cards > 20 && tally.hubs > 20 && tally.seals > 20, "too tame: {tally:?}");
}

#[test]
fn every_acknowledged_sale_is_at_the_hub_exactly_once_in_the_end() {
    is_whole(1..1 + RUNS);
}

#[test]
fn and_so_it_is_in_another_half_million_steps() {
    is_whole(1_000..1_000 + RUNS);
}

/// A history long enough that logs grow over many batches and forks lie deep in them.
#[test]
fn deep_forks_come_home_too() {
    let tally = World::run(1, 5 * STEPS, None).unwrap_or_else(|why| panic!("{why}"));
    assert!(tally.seals > 2 && tally.cards > 2, "too tame: {tally:?}");
}

fn is_caught(mutant: Mutant) {
    let why = (100..110).find_map(|seed| World::run(seed, 2 * STEPS, Some(mutant)).err());
    println!("{mutant:?}: {}", why.as_deref().unwrap_or("not caught"));
    assert!(why.is_some(), "{mutant:?} was not caught");
}

#[test]
fn a_hub_that_answers_before_it_commits_is_caught() {
    is_caught(Mutant::AckBeforeCommit);
}

#[test]
fn a_hub_that_drops_what_conflicts_is_caught() {
    is_caught(Mutant::ConflictIsNothing);
}

#[test]
fn a_till_that_flags_what_it_sent_is_caught() {
    is_caught(Mutant::SentIsAFlag);
}

#[test]
fn one_seed_gives_one_run() {
    let one = World::run(7, 5_000, None);
    assert_eq!(format!("{one:?}"), format!("{:?}", World::run(7, 5_000, None)));
}
