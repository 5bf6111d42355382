//! Every sale survives a cut at every write.

use powercut::{
    cut::Card,
    proof::{Counts, Recording},
};

fn check(name: &str, counts: &Counts) {
    println!("{name}: {counts}");
}

#[test]
fn an_honest_card_loses_nothing_whatever_is_cut() {
    let recording = Recording::of(1, None, false);
    println!("{} ops", recording.trace.len());
    let counts = recording.cut_everywhere(Card::Honest, 4);
    check("honest", &counts);
    assert_eq!(counts.bad(), 0);
}
