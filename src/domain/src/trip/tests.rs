use super::*;

#[test]
fn a_time_after_midnight_belongs_to_its_operating_day() {
    let day = NaiveDate::from_ymd_opt(2026, 5, 1).expect("a day");
    assert_eq!(DayTime::from_hm(25, 10).wall(day).expect("a time").to_string(), "2026-05-02 01:10:00");
}
