use super::*;

#[test]
fn the_third_wrong_pin_costs_half_a_minute() {
    let mut attempts = PinAttempts::default();
    for _ in 0..3 {
        assert_eq!(attempts.may_try(1000), Ok(()));
        attempts.wrong(1000);
    }
    assert_eq!(attempts.may_try(1000), Err(30));
    assert_eq!(attempts.may_try(1029), Err(1));
    assert_eq!(attempts.may_try(1030), Ok(()));
}
