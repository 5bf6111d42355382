//! The time that satellites and the network tell: it raises trust or corrects the clock, and a liar does neither.

mod common;

use common::{Bench, NOON_S, add, cash};
use journal::{ClockTrust, Entry, Fact};
use till::{Answer, CLOCK_AHEAD_S_MAX, CLOCK_SET_S_MAX, CLOCK_STEP_S_MAX, Command};

fn heard(utc_s: i64) -> Command {
    Command::ClockHeard { utc_s, source: ClockTrust::Gps }
}

fn network(utc_s: i64) -> Command {
    Command::ClockHeard { utc_s, source: ClockTrust::Network }
}

fn sell(bench: &mut Bench) -> Entry {
    bench.does(add("1001", 1));
    bench.does(cash(2_900));
    bench.entries().pop().expect("the sale")
}

/// Nothing is written and nobody is trusted more.
#[track_caller]
fn changes_nothing(bench: &mut Bench, command: Command) {
    let (seq, trust) = (bench.till().store().seq(), bench.till().clock_trust());
    assert_eq!(bench.does(command.clone()), Answer::Done);
    assert_eq!((bench.till().store().seq(), bench.till().clock_trust()), (seq, trust), "{command:?}");
}

#[test]
fn a_clock_that_satellites_agree_with_is_trusted_more_and_nothing_is_written() {
    for off_s in [-CLOCK_STEP_S_MAX, 0, CLOCK_STEP_S_MAX] {
        let mut bench = Bench::selling();
        let seq = bench.till().store().seq();
        assert_eq!(bench.till().clock_trust(), ClockTrust::Rtc);
        assert_eq!(bench.does(heard(bench.wall_s + off_s)), Answer::Done);
        assert_eq!((bench.till().clock_trust(), bench.till().store().seq()), (ClockTrust::Gps, seq));
        assert_eq!(sell(&mut bench).stamp.trust, ClockTrust::Gps);
    }
}

#[test]
fn a_clock_that_lags_is_corrected_and_the_step_is_written_with_its_source() {
    let mut bench = Bench::selling();
    let old_s = bench.wall_s;
    assert_eq!(bench.does(heard(old_s + 3_600)), Answer::ClockSet(old_s + 3_600));
    let entry = bench.entries().pop().expect("the change");
    assert!(matches!(&entry.fact, Fact::ClockChanged(change) if (change.old_s, change.new_s) == (old_s, old_s + 3_600)), "{entry:?}");
    assert_eq!(entry.context.reason.as_deref(), Some("gps"));
    assert_eq!((entry.stamp.trust, entry.stamp.wall_s), (ClockTrust::Gps, old_s + 3_600));
    bench.wall_s = old_s + 3_600;
    assert_eq!(sell(&mut bench).context.reason, None, "the reason was the clock's alone");
}

#[test]
fn after_a_cold_start_with_a_clock_that_fell_back_satellites_put_it_right() {
    let mut bench = Bench::selling();
    let last_s = bench.wall_s;
    bench.wall_s -= 40 * 86_400;
    bench.restart();
    assert_eq!(bench.till().clock_trust(), ClockTrust::NotProven);
    assert_eq!(sell(&mut bench).stamp.trust, ClockTrust::NotProven);
    let true_s = last_s + 7_200;
    assert_eq!(bench.does(heard(true_s)), Answer::ClockSet(true_s));
    bench.wall_s = true_s;
    let sale = sell(&mut bench);
    assert_eq!((sale.stamp.trust, sale.stamp.wall_s), (ClockTrust::Gps, true_s));
}

#[test]
fn after_a_cold_start_with_a_clock_far_ahead_satellites_bring_it_back() {
    let mut bench = Bench::selling();
    let last_s = bench.wall_s;
    bench.wall_s += 400 * 86_400;
    bench.restart();
    sell(&mut bench);
    assert_eq!(bench.till().clock_trust(), ClockTrust::NotProven);
    // What was written since is no measure; what was written before is.
    changes_nothing(&mut bench, heard(last_s - CLOCK_STEP_S_MAX - 1));
    assert_eq!(bench.does(heard(last_s + 600)), Answer::ClockSet(last_s + 600));
    bench.wall_s = last_s + 600;
    let sale = sell(&mut bench);
    assert_eq!((sale.stamp.trust, sale.stamp.wall_s), (ClockTrust::Gps, last_s + 600));
    bench.till().store().verify().expect("chain and projections hold");
}

#[test]
fn a_till_that_lay_unused_for_long_is_proven_by_satellites_that_agree_with_its_clock() {
    let mut bench = Bench::selling();
    bench.wall_s += 60 * 86_400;
    bench.restart();
    assert_eq!(bench.till().clock_trust(), ClockTrust::NotProven);
    // The network set the machine's clock: that is one witness, not two.
    let wall_s = bench.wall_s;
    changes_nothing(&mut bench, network(wall_s));
    bench.does(heard(bench.wall_s + 1));
    assert_eq!(bench.till().clock_trust(), ClockTrust::Gps);
}

#[test]
fn a_receiver_that_lies_raises_no_trust() {
    let mut bench = Bench::selling();
    bench.restart();
    let wall_s = bench.wall_s;
    let rollover_s = 1_024 * 7 * 86_400;
    for lie_s in
        [wall_s - rollover_s, wall_s - 3_600, wall_s - CLOCK_STEP_S_MAX - 1, wall_s + CLOCK_AHEAD_S_MAX + 1, wall_s + rollover_s, 0, -1]
    {
        changes_nothing(&mut bench, heard(lie_s));
    }
    for absurd_s in [CLOCK_SET_S_MAX + 1, i64::MAX, i64::MIN] {
        changes_nothing(&mut bench, heard(absurd_s));
    }
    bench.wall_s -= 86_400;
    bench.restart();
    assert_eq!(bench.till().clock_trust(), ClockTrust::NotProven);
    for lie_s in [wall_s - rollover_s, wall_s - 86_400, wall_s + rollover_s] {
        changes_nothing(&mut bench, heard(lie_s));
    }
}

#[test]
fn entries_never_go_back_in_time_whatever_satellites_say() {
    let mut bench = Bench::selling();
    for (step_s, told_s) in [(60, 90), (60, -300), (5, 3), (5, -1), (700, 60), (1, -2)] {
        bench.wait(step_s);
        if let Answer::ClockSet(utc_s) = bench.does(heard(bench.wall_s + told_s)) {
            bench.wall_s = utc_s;
        }
        sell(&mut bench);
    }
    let walls: Vec<i64> = bench.entries().iter().map(|entry| entry.stamp.wall_s).collect();
    assert!(walls.is_sorted(), "{walls:?}");
    assert!(bench.wall_s > NOON_S);
}

#[test]
fn the_network_beats_satellites_and_both_beat_the_crew() {
    let mut bench = Bench::selling();
    bench.does(Command::SetClock(bench.wall_s + 60));
    bench.wall_s += 60;
    assert_eq!(bench.till().clock_trust(), ClockTrust::Crew);
    bench.wait(30);
    assert_eq!(bench.does(heard(bench.wall_s + 20)), Answer::ClockSet(bench.wall_s + 20));
    bench.wall_s += 20;
    assert_eq!(bench.does(network(bench.wall_s + 7)), Answer::ClockSet(bench.wall_s + 7));
    bench.wall_s += 7;
    assert_eq!(bench.entries().pop().expect("the change").context.reason.as_deref(), Some("network"));
    let wall_s = bench.wall_s;
    changes_nothing(&mut bench, heard(wall_s + 500));
    assert_eq!(bench.till().clock_trust(), ClockTrust::Network);
}

#[test]
fn the_first_run_of_a_log_believes_satellites_over_its_own_clock() {
    let mut bench = Bench::new();
    let true_s = bench.wall_s + 400 * 86_400;
    assert_eq!(bench.does(heard(true_s)), Answer::ClockSet(true_s));
}

#[test]
fn a_new_till_that_was_proven_or_has_sold_follows_no_odd_satellite_into_another_decade() {
    let rollover_s = 1_024 * 7 * 86_400;
    let mut proven = Bench::selling();
    proven.does(heard(proven.wall_s));
    assert_eq!(proven.till().clock_trust(), ClockTrust::Gps);
    let lie_s = proven.wall_s + rollover_s;
    changes_nothing(&mut proven, heard(lie_s));
    let mut sold = Bench::selling();
    sell(&mut sold);
    let lie_s = sold.wall_s + rollover_s;
    changes_nothing(&mut sold, heard(lie_s));
    // The right time is still heard.
    assert_eq!(sold.does(heard(sold.wall_s + 60)), Answer::ClockSet(sold.wall_s + 60));
}

#[test]
fn many_small_steps_lead_no_further_than_one_large_one() {
    let mut bench = Bench::selling();
    bench.restart();
    let step_s = CLOCK_AHEAD_S_MAX - 86_400;
    let true_s = bench.wall_s;
    assert_eq!(bench.does(heard(true_s + step_s)), Answer::ClockSet(true_s + step_s));
    bench.wall_s += step_s;
    // That the clock agrees with the liar who set it proves nothing.
    assert_eq!(bench.does(heard(bench.wall_s)), Answer::Done);
    let next_s = bench.wall_s + step_s;
    changes_nothing(&mut bench, heard(next_s));
    // Time that has passed is no step.
    bench.wait(2 * 86_400);
    assert_eq!(bench.does(heard(bench.wall_s + 60)), Answer::ClockSet(bench.wall_s + 60));
}

#[test]
fn what_a_crew_member_sets_is_refined_by_satellites_even_after_a_long_rest() {
    let mut bench = Bench::selling();
    bench.wall_s += 60 * 86_400;
    bench.restart();
    let set_s = bench.wall_s + 10;
    bench.does(Command::SetClock(set_s));
    bench.wall_s = set_s;
    assert_eq!(bench.does(heard(set_s + 20)), Answer::ClockSet(set_s + 20));
}

#[test]
fn a_correction_leaves_the_open_sale_alone() {
    let mut bench = Bench::selling();
    bench.does(add("1001", 2));
    let sale = bench.till().open_sale().cloned();
    assert!(matches!(bench.does(heard(bench.wall_s + 100)), Answer::ClockSet(_)));
    assert_eq!(bench.till().open_sale().cloned(), sale);
    bench.wall_s += 100;
    bench.does(cash(5_800));
}
