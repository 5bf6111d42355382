use proptest::prelude::*;

use super::*;

/// The waits after each of `count` wrong PINs in a row, each given as soon as it may be.
fn waits(count: usize) -> Vec<u32> {
    let mut attempts = PinAttempts::default();
    let mut now_s = 1_000_000;
    (0..count)
        .map(|_| {
            assert_eq!(attempts.may_try(now_s), Ok(()));
            attempts.wrong(now_s);
            let wait_s = attempts.may_try(now_s).err().unwrap_or(0);
            now_s += i64::from(wait_s);
            wait_s
        })
        .collect()
}

fn after_wrong(count: u32, now_s: i64) -> PinAttempts {
    PinAttempts { wrong: count, last_wrong_s: now_s }
}

#[test]
fn the_third_wrong_pin_costs_half_a_minute_and_each_further_one_twice_as_much() {
    assert_eq!(waits(10), [0, 0, 30, 60, 120, 240, 480, 900, 900, 900]);
}

#[test]
fn the_wait_ends_with_its_last_second() {
    let mut attempts = after_wrong(3, 1000);
    assert_eq!(attempts.may_try(1000), Err(30));
    assert_eq!(attempts.may_try(1029), Err(1));
    assert_eq!(attempts.may_try(1030), Ok(()));
}

#[test]
fn waiting_does_not_forgive() {
    let mut attempts = after_wrong(3, 1000);
    assert_eq!(attempts.may_try(1_000_000), Ok(()));
    attempts.wrong(1_000_000);
    assert_eq!(attempts.may_try(1_000_000), Err(60));
}

#[test]
fn the_right_pin_forgives_all() {
    let mut attempts = after_wrong(7, 1000);
    attempts.right();
    assert_eq!(attempts, PinAttempts::default());
    attempts.wrong(1001);
    attempts.wrong(1002);
    assert_eq!(attempts.may_try(1002), Ok(()));
}

#[test]
fn a_clock_that_goes_back_costs_one_more_delay_and_no_more() {
    let mut attempts = after_wrong(4, 1_000_000);
    assert_eq!(attempts.may_try(5000), Err(60), "the door does not open");
    assert_eq!(attempts.may_try(5059), Err(1));
    assert_eq!(attempts.may_try(5060), Ok(()), "nobody waits for the old time to come again");
}

#[test]
fn a_clock_that_keeps_going_back_does_not_open_the_door() {
    let mut attempts = after_wrong(4, 1_000_000);
    for now_s in (0..100).rev() {
        assert_eq!(attempts.may_try(now_s), Err(60));
    }
}

#[test]
fn a_clock_that_jumps_ahead_buys_one_try() {
    let mut attempts = after_wrong(4, 1000);
    assert_eq!(attempts.may_try(i64::MAX), Ok(()));
    attempts.wrong(i64::MAX);
    assert_eq!(attempts.may_try(i64::MAX), Err(120));
}

#[test]
fn nobody_waits_before_the_third_wrong_pin_whatever_the_clock_says() {
    for wrong in 0..3 {
        for now_s in [i64::MIN, -1, 0, 1, i64::MAX] {
            assert_eq!(after_wrong(wrong, 500).may_try(now_s), Ok(()), "{wrong} wrong at {now_s}");
        }
    }
}

#[test]
fn the_count_ends_without_overflow() {
    let mut attempts = after_wrong(u32::MAX, i64::MAX);
    attempts.wrong(i64::MAX);
    assert_eq!(attempts.wrong, u32::MAX);
    assert_eq!(attempts.may_try(i64::MAX), Err(900));
    assert_eq!(attempts.may_try(i64::MIN), Err(900));
}

#[test]
fn crew_may_do_all_but_close_the_shift_of_another() {
    for right in Right::ALL {
        assert_eq!(Role::Crew.may(right), right != Right::CloseShiftOfOther, "{right:?}");
        assert!(Role::Manager.may(right), "{right:?}");
    }
    assert_eq!(Role::Crew.require(Right::CloseShiftOfOther), Err(Refusal::RoleForbids));
    assert_eq!(Role::Manager.require(Right::CloseShiftOfOther), Ok(()));
}

#[test]
fn depot_staff_never_touch_money_on_their_own() {
    let may = Right::ALL.into_iter().filter(|right| Role::DepotStaff.may(*right)).collect::<Vec<_>>();
    assert_eq!(may, [Right::CloseShiftOfOther, Right::Training, Right::Service]);
    assert_eq!(Role::DepotStaff.require(Right::Sell), Err(Refusal::RoleForbids));
}

#[test]
fn crew_numbers_are_short_and_plain() {
    assert_eq!(CrewId::parse("1001").map(|id| id.to_string()), Ok("1001".to_owned()));
    assert!(CrewId::parse("123456789012").is_ok());
    for text in ["", "1234567890123", "10 1", "10\n", "å"] {
        assert_eq!(CrewId::parse(text), Err(Refusal::CrewUnknown), "{text}");
    }
}

#[test]
fn codes_of_roles_and_languages_read_back() {
    for role in Role::ALL {
        assert_eq!(Role::from_code(role.code()), Some(role));
    }
    for language in Language::ALL {
        assert_eq!(Language::from_code(language.code()), Some(language));
    }
    assert_eq!(Role::from_code("admin"), None);
    assert_eq!(Language::from_code("de"), None);
}

proptest! {
    /// Whatever the clock does, whoever keeps the till alone for the longest delay may try again, and nobody waits longer.
    #[test]
    fn whatever_the_clock_does_the_wait_has_an_end(
        jumps in prop::collection::vec((any::<bool>(), -100_000..100_000_i64), 1..30),
        start_s in -1_000_000..1_000_000_i64,
    ) {
        let mut attempts = PinAttempts::default();
        let mut now_s = start_s;
        for (tries, jump_s) in jumps {
            now_s += jump_s;
            match attempts.may_try(now_s) {
                Ok(()) if tries => attempts.wrong(now_s),
                Ok(()) => (),
                Err(wait_s) => {
                    prop_assert!((1..=attempts.delay_s()).contains(&wait_s));
                    let mut later = attempts;
                    prop_assert_eq!(later.may_try(now_s + i64::from(wait_s)), Ok(()));
                    prop_assert!(later.may_try(now_s + i64::from(wait_s) - 1).is_err());
                }
            }
        }
        prop_assert_eq!(attempts.may_try(now_s + i64::from(PinAttempts::DELAY_MAX_S)), Ok(()));
    }

    /// Real seconds must pass between two tries, whatever steps back the clock makes in between.
    #[test]
    fn steps_back_never_shorten_a_wait(steps in prop::collection::vec((0..20_i64, 0..100_000_i64), 1..30), wrong in 3..12_u32) {
        let mut attempts = after_wrong(wrong, 10_000_000);
        let mut now_s = 10_000_000;
        let mut passed_s = 0;
        for (pass_s, back_s) in steps {
            passed_s += pass_s;
            now_s += pass_s - back_s;
            if attempts.may_try(now_s).is_ok() {
                prop_assert!(passed_s >= i64::from(attempts.delay_s()));
            }
        }
    }
}
