//! A million steps, and the mutants that they must catch.

use sim::world::{Mutant, Tally, World};

/// Steps of one run. A run carries at most so much history that each step stays cheap.
const STEPS: u64 = 50_000;

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

#[test]
fn every_acknowledged_sale_is_at_the_hub_exactly_once_in_the_end() {
    let tally = run(1..3);
    println!("{tally:?}");
    assert!(tally.cuts > 100 && tally.hurt > 500 && tally.cards > 2 && tally.hubs > 2 && tally.seals > 2, "too tame: {tally:?}");
}

fn is_caught(mutant: Mutant) {
    let why = (100..110).find_map(|seed| World::run(seed, STEPS, Some(mutant)).err());
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
