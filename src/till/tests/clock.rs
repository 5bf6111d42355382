//! The clock: what cannot be believed is marked, nothing goes back in time, and nobody gains or loses a PIN delay by it.

mod common;

use chrono::NaiveDate;
use common::{Bench, DAY, NOON_S, add, cash, sek, sign_in};
use journal::{ClockTrust, Fact};
use till::{CLOCK_AHEAD_S_MAX, CLOCK_SET_S_MAX, CLOCK_SET_S_MIN, Command};

fn wrong_pin() -> Command {
    Command::SignIn { crew: "101".into(), pin: "0000".into() }
}

fn sell(bench: &mut Bench) -> u64 {
    bench.does(add("1001", 1));
    bench.does(cash(2_900));
    bench.books().receipt_no
}

fn receipt(bench: &Bench, receipt_no: u64) -> String {
    bench.till().receipt_document(false, receipt_no, 42).expect("the receipt").to_text(42)
}

const DOUBT: &str = "Tiden är inte säkerställd";

#[test]
fn a_clock_behind_the_last_entry_is_marked_until_somebody_sets_it() {
    let mut bench = Bench::selling();
    let before_s = bench.wall_s;
    bench.wall_s -= 3_600;
    bench.restart();
    assert_eq!(bench.till().clock_trust(), ClockTrust::NotProven);
    let started = bench.entries().pop().expect("the start");
    assert!(matches!(started.fact, Fact::TillStarted(started) if started.clock_suspect));
    assert_eq!((started.stamp.trust, started.stamp.wall_s), (ClockTrust::NotProven, before_s));
    let first = sell(&mut bench);
    assert!(receipt(&bench, first).contains(DOUBT));

    bench.wall_s = before_s + 600;
    bench.does(Command::SetClock(bench.wall_s));
    assert_eq!(bench.till().clock_trust(), ClockTrust::Crew);
    let second = sell(&mut bench);
    assert!(!receipt(&bench, second).contains(DOUBT));
    assert!(receipt(&bench, first).contains(DOUBT), "what was printed stays as it was");
    let last = bench.entries().pop().expect("the sale").stamp;
    assert_eq!((last.wall_s, last.trust), (before_s + 600, ClockTrust::Crew));
}

#[test]
fn a_clock_more_than_thirty_days_ahead_is_not_believed() {
    for (ahead_s, trust) in [(CLOCK_AHEAD_S_MAX, ClockTrust::Rtc), (CLOCK_AHEAD_S_MAX + 1, ClockTrust::NotProven)] {
        let mut bench = Bench::selling();
        bench.wall_s += ahead_s;
        bench.restart();
        assert_eq!(bench.till().clock_trust(), trust);
    }
}

#[test]
fn the_clock_can_be_set_right_when_it_is_right_but_not_proven() {
    let mut bench = Bench::selling();
    bench.wall_s -= till::CLOCK_STEP_S_MAX;
    bench.restart();
    assert_eq!(bench.till().clock_trust(), ClockTrust::Rtc, "two seconds are no reason to ask anybody");
    bench.wall_s -= 1;
    bench.restart();
    assert_eq!(bench.till().clock_trust(), ClockTrust::NotProven);
    bench.wall_s += till::CLOCK_STEP_S_MAX + 1;
    bench.does(Command::SetClock(bench.wall_s));
    assert_eq!(bench.till().clock_trust(), ClockTrust::Crew);
    let seq = bench.till().store().seq();
    bench.does(Command::SetClock(bench.wall_s + 1));
    assert_eq!(bench.till().store().seq(), seq, "a second is no step");
}

#[test]
fn entries_never_go_back_in_time_within_a_run() {
    let mut bench = Bench::selling();
    for step_s in [60, -600, 30, -86_400, 7, 700] {
        bench.wall_s += step_s;
        bench.uptime_ms += 1_000;
        sell(&mut bench);
    }
    let walls: Vec<i64> = bench.entries().iter().map(|entry| entry.stamp.wall_s).collect();
    assert!(walls.is_sorted(), "{walls:?}");
}

#[test]
fn a_clock_set_back_on_purpose_is_the_measure_from_then_on() {
    let mut bench = Bench::selling();
    bench.wall_s += 10 * 86_400;
    sell(&mut bench);
    bench.wall_s = NOON_S + 60;
    bench.does(Command::SetClock(bench.wall_s));
    sell(&mut bench);
    assert_eq!(bench.entries().pop().expect("the sale").stamp.wall_s, NOON_S + 60);
    bench.restart();
    assert_eq!(bench.till().clock_trust(), ClockTrust::Rtc, "the earlier future does not count any more");
    bench.till().store().verify().expect("chain and projections hold");
}

#[test]
fn absurd_times_are_refused() {
    let mut bench = Bench::selling();
    for wall_s in [i64::MIN, -1, 0, CLOCK_SET_S_MIN - 1, CLOCK_SET_S_MAX + 1, i64::MAX] {
        bench.refuses(Command::SetClock(wall_s), "command.time_unreadable");
        assert_eq!(bench.till().clock_trust(), ClockTrust::Rtc);
    }
}

#[test]
fn the_night_train_sells_after_midnight_under_its_operating_day() {
    let mut bench = Bench::new();
    let new_year_eve = NaiveDate::from_ymd_opt(2026, 12, 31).expect("a day");
    // 18:40 in Stockholm, in winter time.
    bench.wall_s = NOON_S + (new_year_eve - DAY).num_seconds() + 7 * 3_600 + 600;
    bench.restart();
    bench.does(Command::SetClock(bench.wall_s));
    bench.does(sign_in());
    bench.does(Command::StartTrip { train: "95".into(), operating_day: new_year_eve });
    bench.does(Command::OpenShift(sek(0)));
    assert_eq!(bench.till().leg(bench.now()), Some(0));
    // 01:10 on New Year's Day, between Gävle and Sundsvall; filter coffee costs 30.00 from that day on.
    bench.wait(6 * 3_600 + 1_800);
    assert_eq!(bench.till().leg(bench.now()), Some(5));
    bench.does(add("1001", 1));
    let sale = bench.till().open_sale().expect("a sale");
    assert_eq!((sale.terms.on, sale.total()), (new_year_eve, sek(2_900)));
    bench.does(cash(2_900));
    assert!(receipt(&bench, 1).contains("2027-01-01"), "the receipt shows the time it is");
    assert_eq!(bench.entries().pop().expect("the sale").context.leg, Some(5));
}

#[test]
fn no_clock_shortens_a_pin_delay() {
    let mut bench = Bench::new();
    for _ in 0..3 {
        bench.refuses(wrong_pin(), "crew.pin_wrong");
    }
    bench.refuses(sign_in(), "crew.pin_delayed");
    bench.does(Command::SetClock(bench.wall_s + 86_400));
    bench.wall_s += 86_400;
    bench.refuses(sign_in(), "crew.pin_delayed");
    bench.wall_s += 86_400;
    bench.refuses(sign_in(), "crew.pin_delayed");
    bench.does(Command::SetClock(NOON_S));
    bench.wall_s = NOON_S;
    bench.refuses(sign_in(), "crew.pin_delayed");
    bench.wait(30);
    bench.does(sign_in());
}

#[test]
fn a_delay_survives_a_restart_and_starts_again_with_it() {
    let mut bench = Bench::new();
    for _ in 0..3 {
        bench.refuses(wrong_pin(), "crew.pin_wrong");
    }
    bench.wait(20);
    bench.restart();
    bench.refuses(sign_in(), "crew.pin_delayed");
    bench.wait(10);
    // Neither pulling the plug nor setting the clock buys a try.
    bench.does(Command::SetClock(bench.wall_s + 86_400));
    bench.wall_s += 86_400;
    bench.refuses(sign_in(), "crew.pin_delayed");
    bench.wait(20);
    bench.does(sign_in());
    bench.does(Command::SignOut);
    bench.refuses(wrong_pin(), "crew.pin_wrong");
    bench.does(sign_in());
}

#[test]
fn nobody_is_locked_out_for_ever_by_a_clock_that_went_back() {
    let mut bench = Bench::new();
    bench.wall_s += 20 * 365 * 86_400;
    for _ in 0..3 {
        bench.refuses(wrong_pin(), "crew.pin_wrong");
    }
    // The clock is right again, twenty years before the last entry.
    bench.wall_s = NOON_S;
    bench.restart();
    bench.refuses(sign_in(), "crew.pin_delayed");
    bench.wait(30);
    bench.does(sign_in());
}
