use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::*;

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day in the test")
}

/// Calls an hour apart from 10:00, ten minutes each. `NO Oslo` is a call, `>` in front of the country only for boarding, `<` only for alighting.
fn calls(text: &str) -> Vec<Call> {
    let mut calls = Vec::new();
    for (hour, word) in (10..).zip(text.split(" - ")) {
        let (exchange, word) = match word.strip_prefix('>') {
            Some(rest) => (Exchange::Boarding, rest),
            None => word.strip_prefix('<').map_or((Exchange::Both, word), |rest| (Exchange::Alighting, rest)),
        };
        let (country, name) = word.split_once(' ').expect("a country and a name");
        calls.push(Call {
            station: Station { code: name.to_uppercase(), name: name.to_owned() },
            country: Country::from_code(country).expect("a country"),
            arrival: Some(DayTime::from_hm(hour, 0)),
            departure: Some(DayTime::from_hm(hour, 10)),
            exchange,
        });
    }
    calls
}

fn trip(text: &str) -> Trip {
    Trip::new(TrainNo::parse("541").expect("a number"), day("2026-05-01"), calls(text)).expect("a trip")
}

/// The VAT country of each leg between its two stations.
fn check_vat(text: &str, expect: &Expect) {
    let trip = trip(text);
    let legs = (0..trip.leg_count()).map(|leg| {
        let name = |index: usize| trip.calls().get(index).map_or("", |call| call.station.name.as_str());
        format!("{}-{} {}", name(leg), name(leg + 1), trip.vat_country(leg).code())
    });
    expect.assert_eq(&legs.collect::<Vec<_>>().join(", "));
}

#[test]
fn from_oslo_swedish_vat_begins_at_the_first_swedish_stop_and_lasts_to_copenhagen() {
    check_vat(
        "NO Oslo - NO Halden - SE Göteborg - SE Malmö - DK Kastrup - DK København",
        &expect!["Oslo-Halden NO, Halden-Göteborg NO, Göteborg-Malmö SE, Malmö-Kastrup SE, Kastrup-København SE"],
    );
}

#[test]
fn from_copenhagen_danish_vat_lasts_to_the_last_swedish_stop() {
    check_vat(
        "DK København - DK Kastrup - SE Malmö - SE Göteborg - NO Halden - NO Oslo",
        &expect!["København-Kastrup DK, Kastrup-Malmö DK, Malmö-Göteborg DK, Göteborg-Halden NO, Halden-Oslo NO"],
    );
}

#[test]
fn inside_the_eu_the_country_of_departure_decides_all_the_way() {
    check_vat("SE Stockholm - SE Malmö - DK København", &expect!["Stockholm-Malmö SE, Malmö-København SE"]);
    check_vat("DK København - SE Malmö - SE Stockholm", &expect!["København-Malmö DK, Malmö-Stockholm DK"]);
    check_vat("SE Malmö - DK København", &expect!["Malmö-København SE"]);
    check_vat(
        "SE Stockholm - DK København - DE Hamburg - DE Berlin",
        &expect!["Stockholm-København SE, København-Hamburg SE, Hamburg-Berlin SE"],
    );
    check_vat(
        "DE Berlin - DE Hamburg - DK København - SE Stockholm",
        &expect!["Berlin-Hamburg DE, Hamburg-København DE, København-Stockholm DE"],
    );
}

#[test]
fn trips_inside_one_country_owe_its_vat() {
    check_vat("SE Stockholm - SE Linköping - SE Malmö", &expect!["Stockholm-Linköping SE, Linköping-Malmö SE"]);
    check_vat("NO Oslo - NO Bergen", &expect!["Oslo-Bergen NO"]);
    check_vat("FI Helsinki - FI Turku", &expect!["Helsinki-Turku FI"]);
}

#[test]
fn only_stops_where_passengers_may_board_begin_the_section_in_the_eu() {
    check_vat("NO Oslo - <SE Ed - SE Göteborg - DK København", &expect!["Oslo-Ed NO, Ed-Göteborg NO, Göteborg-København SE"]);
    check_vat("NO Oslo - <SE Göteborg - <SE Malmö - DK København", &expect!["Oslo-Göteborg NO, Göteborg-Malmö NO, Malmö-København NO"]);
    check_vat("NO Oslo - <SE Malmö - DK Kastrup - DK København", &expect!["Oslo-Malmö NO, Malmö-Kastrup NO, Kastrup-København DK"]);
}

#[test]
fn only_stops_where_passengers_may_alight_end_the_section_in_the_eu() {
    check_vat("DK København - SE Göteborg - >SE Ed - NO Oslo", &expect!["København-Göteborg DK, Göteborg-Ed NO, Ed-Oslo NO"]);
}

#[test]
fn a_single_stop_in_the_eu_is_no_section() {
    check_vat("NO Oslo - SE Ed - NO Halden", &expect!["Oslo-Ed NO, Ed-Halden NO"]);
    check_vat("SE Strömstad - NO Halden - NO Oslo", &expect!["Strömstad-Halden NO, Halden-Oslo NO"]);
    check_vat("NO Oslo - NO Halden - SE Strömstad", &expect!["Oslo-Halden NO, Halden-Strömstad NO"]);
}

#[test]
fn a_stop_outside_the_eu_begins_a_new_section_after_it() {
    check_vat(
        "DK Aarhus - SE Malmö - SE Charlottenberg - NO Kongsvinger - SE Storlien - SE Östersund",
        &expect!["Aarhus-Malmö DK, Malmö-Charlottenberg DK, Charlottenberg-Kongsvinger NO, Kongsvinger-Storlien NO, Storlien-Östersund SE"],
    );
}

#[test]
fn a_leg_beyond_the_last_counts_as_the_last() {
    let trip = trip("NO Oslo - SE Göteborg - SE Malmö");
    assert_eq!([0, 1, 2, usize::MAX].map(|leg| trip.vat_country(leg)), [Country::No, Country::Se, Country::Se, Country::Se]);
}

#[test]
fn a_leg_begins_with_the_arrival_at_its_first_call() {
    let trip = trip("SE A - SE B - SE C");
    let mut lines = String::new();
    for (hour, minute) in [(-1, 0), (9, 59), (10, 10), (10, 59), (11, 0), (11, 10), (11, 59), (12, 0), (30, 0)] {
        let time = DayTime::from_hm(hour, minute);
        let next = trip.next_call_at(time).map_or("-", |call| call.station.name.as_str());
        lines.push_str(&format!("{time} leg {} next {next}\n", trip.leg_at(time)));
    }
    expect![[r#"
        23:00 leg 0 next B
        09:59 leg 0 next B
        10:10 leg 0 next B
        10:59 leg 0 next B
        11:00 leg 1 next C
        11:10 leg 1 next C
        11:59 leg 1 next C
        12:00 leg 1 next -
        30:00 leg 1 next -
    "#]]
    .assert_eq(&lines.replace("06:00", "30:00"));
}

#[test]
fn a_trip_past_midnight_stays_on_its_operating_day() {
    let mut night = calls("SE Malmö - SE Lund - SE Stockholm");
    for call in &mut night {
        call.arrival = call.arrival.map(|time| DayTime::from_minutes(time.minutes() + 13 * 60));
        call.departure = call.departure.map(|time| DayTime::from_minutes(time.minutes() + 13 * 60));
    }
    let trip = Trip::new(TrainNo::parse("2").expect("a number"), day("2026-12-31"), night).expect("a trip");
    assert_eq!(trip.operating_day(), day("2026-12-31"));
    let departure = trip.calls().get(1).and_then(|call| call.departure).expect("a departure");
    assert_eq!(departure, DayTime::from_hm(24, 10));
    assert_eq!(departure.to_string(), "00:10");
    assert_eq!(departure.wall(trip.operating_day()).expect("a time").to_string(), "2027-01-01 00:10:00");

    // 2026-12-31T23:30:00Z is half past midnight by the winter clock, and Lund is behind.
    let time = DayTime::of(trip.operating_day(), 1_798_759_800, 3600);
    assert_eq!(time, DayTime::from_hm(24, 30));
    assert_eq!(trip.leg_at(time), 1);
    assert_eq!(trip.next_call_at(time).map(|call| call.station.name.as_str()), Some("Stockholm"));
}

#[test]
fn wall_time_follows_the_offset_that_is_given() {
    // 2026-07-01T00:00:00Z.
    let at_s = 1_782_864_000;
    assert_eq!(DayTime::of(day("2026-07-01"), at_s, 0), DayTime::from_minutes(0));
    assert_eq!(DayTime::of(day("2026-07-01"), at_s, 7200), DayTime::from_hm(2, 0));
    assert_eq!(DayTime::of(day("2026-06-30"), at_s, 7200), DayTime::from_hm(26, 0));
    assert_eq!(DayTime::of(day("2026-07-01"), at_s, -3600), DayTime::from_hm(-1, 0));
    assert_eq!(DayTime::of(day("2026-07-01"), at_s + 59, 0), DayTime::from_minutes(0), "a minute counts when it has passed");
    assert_eq!(DayTime::of(day("2026-07-01"), at_s - 1, 0), DayTime::from_minutes(-1));
    assert_eq!(DayTime::from_hm(26, 0).at_s(day("2026-06-30"), 7200), at_s);
}

#[test]
fn times_too_far_away_stop_at_the_end_of_the_scale() {
    assert_eq!(DayTime::of(day("2026-07-01"), i64::MAX, 7200), DayTime::from_minutes(i32::MAX));
    assert_eq!(DayTime::of(day("2026-07-01"), i64::MIN, -7200), DayTime::from_minutes(i32::MIN));
    let trip = trip("SE A - SE B - SE C");
    assert_eq!(trip.leg_at(DayTime::from_minutes(i32::MIN)), 0);
    assert_eq!(trip.leg_at(DayTime::from_minutes(i32::MAX)), 1);
}

fn refused(change: impl FnOnce(&mut Vec<Call>)) -> Option<TripError> {
    let mut calls = calls("SE A - SE B - SE C");
    change(&mut calls);
    Trip::new(TrainNo::parse("541").expect("a number"), day("2026-05-01"), calls).err()
}

fn call(calls: &mut [Call], index: usize) -> &mut Call {
    calls.get_mut(index).expect("a call of the test")
}

#[test]
fn calls_that_make_no_trip_are_refused() {
    assert_eq!(refused(|_| ()), None);
    assert_eq!(refused(|calls| calls.truncate(2)), None);
    assert_eq!(refused(|calls| calls.truncate(1)), Some(TripError::TooFewCalls));
    assert_eq!(refused(Vec::clear), Some(TripError::TooFewCalls));
    assert_eq!(refused(|calls| call(calls, 0).arrival = None), None);
    assert_eq!(refused(|calls| call(calls, 2).departure = None), None);
    assert_eq!(refused(|calls| call(calls, 0).departure = None), Some(TripError::TimeMissing(0)));
    assert_eq!(refused(|calls| call(calls, 1).departure = None), Some(TripError::TimeMissing(1)));
    assert_eq!(refused(|calls| call(calls, 1).arrival = None), Some(TripError::TimeMissing(1)));
    assert_eq!(refused(|calls| call(calls, 2).arrival = None), Some(TripError::TimeMissing(2)));
    assert_eq!(refused(|calls| call(calls, 1).arrival = Some(DayTime::from_hm(10, 9))), Some(TripError::TimeOrder(1)));
    assert_eq!(refused(|calls| call(calls, 1).departure = Some(DayTime::from_hm(10, 59))), Some(TripError::TimeOrder(1)));
    assert_eq!(refused(|calls| call(calls, 0).arrival = Some(DayTime::from_minutes(-1))), Some(TripError::TimeOrder(0)));
    assert_eq!(refused(|calls| call(calls, 2).departure = Some(DayTime::from_hm(72, 0))), None);
    assert_eq!(refused(|calls| call(calls, 2).departure = Some(DayTime::from_hm(72, 1))), Some(TripError::TimeOrder(2)));
    assert_eq!(refused(|calls| call(calls, 0).exchange = Exchange::Alighting), Some(TripError::NoBoarding));
    assert_eq!(refused(|calls| call(calls, 2).exchange = Exchange::Boarding), Some(TripError::NoAlighting));
}

#[test]
fn a_trip_has_at_most_a_hundred_calls() {
    let many = |count: usize| {
        refused(|calls| {
            let mut first = call(calls, 0).clone();
            first.departure = first.arrival;
            *calls = vec![first; count];
        })
    };
    assert_eq!(many(100), None);
    assert_eq!(many(101), Some(TripError::TooManyCalls));
}

#[test]
fn train_numbers_are_short_and_plain() {
    assert_eq!(TrainNo::parse("ic392").map(|train| train.to_string()), Ok("IC392".to_owned()));
    assert!(TrainNo::parse("12345678").is_ok());
    for text in ["", "123456789", "54 1", "5-1", "å1"] {
        assert_eq!(TrainNo::parse(text), Err(Refusal::TripUnknown), "{text}");
    }
}

#[test]
fn codes_of_exchanges_read_back() {
    for exchange in Exchange::ALL {
        assert_eq!(Exchange::from_code(exchange.code()), Some(exchange));
    }
    assert_eq!(Exchange::from_code("none"), None);
}

fn any_call() -> impl Strategy<Value = (Country, Exchange)> {
    let country = prop_oneof![Just(Country::Se), Just(Country::Dk), Just(Country::No), Just(Country::No), Just(Country::De)];
    (country, prop::sample::select(&Exchange::ALL[..]))
}

fn any_trip() -> impl Strategy<Value = Trip> {
    prop::collection::vec(any_call(), 2..12).prop_map(|kinds| {
        let mut calls = calls(&vec!["SE A"; kinds.len()].join(" - "));
        for (call, (country, exchange)) in calls.iter_mut().zip(kinds) {
            (call.country, call.exchange) = (country, exchange);
        }
        for end in [0, calls.len() - 1] {
            call(&mut calls, end).exchange = Exchange::Both;
        }
        Trip::new(TrainNo::parse("541").expect("a number"), day("2026-05-01"), calls).expect("a trip")
    })
}

proptest! {
    #[test]
    fn every_leg_owes_the_vat_of_the_eus_boarding_stop_before_it_or_of_a_country_outside(trip in any_trip()) {
        let calls = trip.calls();
        let outside = |call: &Call| !call.country.is_in_eu();
        for leg in 0..trip.leg_count() {
            // Asked per leg: is there, in the EU run around it, a boarding stop at or before it and an alighting stop after it?
            let (behind, ahead) = calls.split_at(leg + 1);
            let boarding = behind.iter().rev().take_while(|call| !outside(call)).filter(|call| call.exchange != Exchange::Alighting).last();
            let alighting = ahead.iter().take_while(|call| !outside(call)).any(|call| call.exchange != Exchange::Boarding);
            let expected = boarding.filter(|_| alighting).map_or(Country::No, |call| call.country);
            prop_assert_eq!(trip.vat_country(leg), expected, "leg {}", leg);
        }
    }

    #[test]
    fn legs_only_go_forward_and_the_next_call_ends_the_leg(trip in any_trip(), one in 0..2000_i32, other in 0..2000_i32) {
        let (early, late) = (DayTime::from_minutes(one.min(other)), DayTime::from_minutes(one.max(other)));
        prop_assert!(trip.leg_at(early) <= trip.leg_at(late));
        prop_assert!(trip.leg_at(late) < trip.leg_count());
        if let Some(next) = trip.next_call_at(early) {
            prop_assert_eq!(Some(next), trip.calls().get(trip.leg_at(early) + 1));
            prop_assert!(next.arrival > Some(early));
        } else {
            prop_assert!(trip.calls().last().and_then(|call| call.arrival) <= Some(early));
        }
    }

    #[test]
    fn a_time_of_the_operating_day_comes_back_from_utc(minutes in -10_000..10_000_i32, offset_s in -43_200..43_200_i32, seconds in 0..60_i64) {
        let on = day("2026-03-29");
        let time = DayTime::from_minutes(minutes);
        prop_assert_eq!(DayTime::of(on, time.at_s(on, offset_s) + seconds, offset_s), time);
    }
}
