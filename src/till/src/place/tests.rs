use chrono::NaiveDate;
use domain::trip::{DayTime, TrainNo, Trip};
use hw::position::Fix;

use super::{Basis, CONFIRMING_FIXES, FIX_AGE_MS_MAX, Place, PlaceSense, STANDING_S_MIN, UPLINK_AGE_MS_MAX, distance_m};
use crate::data::{Provision, Timetable};

const SÖDERTÄLJE: (i32, i32) = (59_162_000, 17_646_000);
const HALLSBERG: (i32, i32) = (59_066_000, 15_110_000);
const SKÖVDE: (i32, i32) = (58_391_000, 13_853_000);
/// 100 km/h.
const FAST_MMPS: u32 = 27_778;

/// Train 171 of the demo, and clocks that a test moves.
struct Ride {
    sense: PlaceSense,
    trip: Trip,
    timetable: Timetable,
    utc_s: i64,
    uptime_ms: u64,
}

impl Ride {
    fn new() -> Self {
        let timetable = Provision::demo().timetable;
        let day = NaiveDate::from_ymd_opt(2026, 11, 23).expect("a day");
        let trip = timetable.trip(&TrainNo::parse("171").expect("a number"), day).expect("it runs");
        let mut ride = Self { sense: PlaceSense::default(), trip, timetable, utc_s: 1_795_437_120, uptime_ms: 1_000 };
        ride.begin(7);
        ride
    }

    fn begin(&mut self, seq: u64) {
        self.sense.follow(Some((seq, &self.trip)), |station| self.timetable.site(station));
    }

    fn pass(&mut self, seconds: u32) {
        self.utc_s += i64::from(seconds);
        self.uptime_ms += u64::from(seconds) * 1_000;
    }

    fn fix(&mut self, (latitude_udeg, longitude_udeg): (i32, i32), speed_mmps: u32) {
        self.pass(1);
        self.sense.fixed(Fix { latitude_udeg, longitude_udeg, speed_mmps, utc_s: self.utc_s }, self.uptime_ms);
    }

    /// So many fixes in as many seconds.
    fn fixes(&mut self, count: u8, place: (i32, i32), speed_mmps: u32) {
        (0..count).for_each(|_| self.fix(place, speed_mmps));
    }

    fn stands(&mut self, place: (i32, i32)) {
        let seconds = u8::try_from(STANDING_S_MIN).expect("few");
        self.fixes(seconds + CONFIRMING_FIXES, place, 0);
    }

    fn at(&self, hours: i32, minutes: i32) -> (String, Basis) {
        let sensed = self.sense.place(&self.trip, DayTime::from_hm(hours, minutes), self.uptime_ms);
        let said = match sensed.place {
            Place::Unknown => "unknown".to_owned(),
            Place::At { station, until: Some(until) } => format!("at {} until {until}", station.code),
            Place::At { station, until: None } => format!("at {}", station.code),
            Place::Between { from, to } => format!("{} to {}", from.code, to.code),
        };
        (said, sensed.by)
    }

    #[track_caller]
    fn check(&self, (hours, minutes): (i32, i32), by: Basis, expected: &str) {
        assert_eq!(self.at(hours, minutes), (expected.to_owned(), by));
    }
}

/// North of a place by so many metres.
const fn north((latitude_udeg, longitude_udeg): (i32, i32), metres: i32) -> (i32, i32) {
    (latitude_udeg + metres * 9, longitude_udeg)
}

#[test]
fn the_timetable_alone_tells_stations_and_legs() {
    let ride = Ride::new();
    let by = Basis::Timetable;
    ride.check((11, 0), by, "at Cst until 12:10");
    ride.check((12, 9), by, "at Cst until 12:10");
    ride.check((12, 10), by, "Cst to Söö");
    ride.check((13, 32), by, "at H until 13:36");
    ride.check((13, 36), by, "H to Sk");
    ride.check((15, 26), by, "at G");
    ride.check((23, 0), by, "at G");
}

#[test]
fn a_train_that_stands_near_a_station_for_ten_seconds_is_there() {
    let mut ride = Ride::new();
    ride.fixes(CONFIRMING_FIXES, north(HALLSBERG, 1_000), FAST_MMPS);
    ride.pass(20);
    for second in 0..STANDING_S_MIN {
        ride.fix(north(HALLSBERG, 390), 1_000);
        assert!(!ride.at(13, 40).0.starts_with("at H"), "{second}");
    }
    ride.fix(north(HALLSBERG, 390), 1_000);
    // It is late: the plan had it leave at 13:36.
    ride.check((13, 40), Basis::Satellites, "at H");
    ride.check((13, 33), Basis::Satellites, "at H until 13:36");
}

#[test]
fn a_train_that_passes_a_station_or_stands_in_the_fields_is_at_none() {
    let mut ride = Ride::new();
    ride.fixes(30, HALLSBERG, FAST_MMPS);
    ride.check((13, 33), Basis::Satellites, "H to Sk");
    let mut ride = Ride::new();
    ride.fixes(60, north(HALLSBERG, 450), 0);
    ride.check((13, 33), Basis::Satellites, "K to H");
}

#[test]
fn a_stop_in_between_begins_the_ten_seconds_anew() {
    let mut ride = Ride::new();
    ride.fixes(CONFIRMING_FIXES, HALLSBERG, FAST_MMPS);
    for _ in 0..5 {
        ride.fixes(9, HALLSBERG, 0);
        ride.fix(HALLSBERG, 3_000);
    }
    assert!(!ride.at(13, 33).0.starts_with("at"));
    // Nor do two fixes with a gap between them add up.
    ride.fix(HALLSBERG, 0);
    ride.pass(20);
    ride.fix(HALLSBERG, 0);
    assert!(!ride.at(13, 33).0.starts_with("at"));
}

#[test]
fn a_train_leaves_by_speed_or_distance_and_not_by_a_wobble() {
    let mut ride = Ride::new();
    ride.stands(HALLSBERG);
    ride.fixes(30, north(HALLSBERG, 490), 2_000);
    ride.check((13, 33), Basis::Satellites, "at H until 13:36");
    ride.fix(north(HALLSBERG, 510), 2_000);
    ride.check((13, 33), Basis::Satellites, "H to Sk");
    let mut ride = Ride::new();
    ride.stands(HALLSBERG);
    ride.fix(HALLSBERG, 6_000);
    ride.check((13, 33), Basis::Satellites, "H to Sk");
}

#[test]
fn a_late_train_is_where_it_is_and_not_where_the_plan_has_it() {
    let mut ride = Ride::new();
    ride.stands(SÖDERTÄLJE);
    ride.check((13, 50), Basis::Satellites, "at Söö");
    ride.pass(20);
    ride.fixes(3, north(SÖDERTÄLJE, 600), FAST_MMPS);
    ride.check((14, 0), Basis::Satellites, "Söö to K");
}

#[test]
fn a_jump_that_no_train_makes_is_not_believed() {
    let mut ride = Ride::new();
    ride.stands(HALLSBERG);
    for _ in 0..20 {
        ride.fix(SKÖVDE, 0);
        ride.fix(HALLSBERG, 0);
    }
    ride.check((13, 33), Basis::Satellites, "at H until 13:36");
    ride.fixes(CONFIRMING_FIXES - 1, SKÖVDE, 0);
    ride.check((13, 33), Basis::Satellites, "at H until 13:36");
    // One that stays is believed in the end, and the train must stand there for its ten seconds.
    ride.stands(SKÖVDE);
    ride.check((14, 13), Basis::Satellites, "at Sk until 14:15");
}

#[test]
fn a_speed_that_no_train_has_is_not_believed() {
    let mut ride = Ride::new();
    ride.stands(HALLSBERG);
    ride.fixes(40, HALLSBERG, 100_000);
    assert_eq!(ride.at(13, 33).0, "at H until 13:36", "nothing of it counts");
    assert_eq!(ride.at(13, 33).1, Basis::Timetable, "and the last good fix is old");
}

#[test]
fn a_receiver_whose_time_runs_backwards_is_doubted() {
    let mut ride = Ride::new();
    ride.stands(HALLSBERG);
    ride.utc_s -= 3_600;
    ride.fixes(CONFIRMING_FIXES - 1, HALLSBERG, FAST_MMPS);
    ride.check((13, 33), Basis::Satellites, "at H until 13:36");
}

#[test]
fn a_cold_start_counts_after_some_fixes_that_agree() {
    let mut ride = Ride::new();
    ride.fixes(CONFIRMING_FIXES - 1, HALLSBERG, FAST_MMPS);
    ride.check((12, 20), Basis::Timetable, "Cst to Söö");
    ride.fix(HALLSBERG, FAST_MMPS);
    ride.check((12, 20), Basis::Satellites, "H to Sk");
}

#[test]
fn in_a_tunnel_the_timetable_answers_and_never_goes_back() {
    let mut ride = Ride::new();
    ride.stands(HALLSBERG);
    ride.pass(u32::try_from(FIX_AGE_MS_MAX / 1_000).expect("few"));
    ride.check((13, 20), Basis::Satellites, "at H until 13:36");
    ride.pass(1);
    // It was seen at Hallsberg, so it is not before it, whatever the plan says.
    ride.check((13, 20), Basis::Timetable, "H to Sk");
    ride.check((14, 13), Basis::Timetable, "at Sk until 14:15");
    ride.check((14, 20), Basis::Timetable, "Sk to F");
    // Out of the tunnel, far along the line: minutes have passed, so a train can be there.
    ride.pass(1_500);
    ride.stands(SKÖVDE);
    ride.check((14, 13), Basis::Satellites, "at Sk until 14:15");
}

#[test]
fn an_answer_of_the_depot_near_a_scheduled_stop_is_a_hint_for_a_minute() {
    let mut ride = Ride::new();
    ride.check((13, 38), Basis::Timetable, "H to Sk");
    ride.sense.uplinked(ride.uptime_ms);
    ride.check((13, 38), Basis::Uplink, "at H");
    ride.check((13, 28), Basis::Uplink, "at H until 13:36");
    ride.check((13, 50), Basis::Timetable, "H to Sk");
    ride.uptime_ms += UPLINK_AGE_MS_MAX + 1;
    ride.check((13, 38), Basis::Timetable, "H to Sk");
}

#[test]
fn a_new_trip_forgets_the_calls_of_the_last_and_the_same_trip_nothing() {
    let mut ride = Ride::new();
    ride.stands(HALLSBERG);
    ride.begin(7);
    ride.check((13, 33), Basis::Satellites, "at H until 13:36");
    ride.begin(8);
    ride.check((11, 0), Basis::Satellites, "unknown");
    ride.stands((59_330_000, 18_058_000));
    ride.check((11, 0), Basis::Satellites, "at Cst until 12:10");
}

#[test]
fn a_timetable_without_places_is_enough() {
    let mut ride = Ride::new();
    ride.sense.follow(Some((9, &ride.trip)), |_| None);
    ride.stands(HALLSBERG);
    ride.check((13, 33), Basis::Timetable, "at H until 13:36");
}

#[test]
fn distances_are_right_to_a_hundredth() {
    // Great circle distances of a sphere of 6371 km.
    for (one, other, metres) in [
        (HALLSBERG, HALLSBERG, 0),
        (HALLSBERG, SKÖVDE, 104_000),
        ((57_709_000, 11_973_000), (59_330_000, 18_058_000), 397_600),
        ((0, 179_900_000), (0, -179_900_000), 22_239),
        ((-33_000_000, 18_000_000), (-34_000_000, 18_000_000), 111_195),
    ] {
        let counted = distance_m(one, other);
        assert!(counted.abs_diff(metres) <= metres / 100, "{one:?} {other:?}: {counted}, not {metres}");
        assert_eq!(counted, distance_m(other, one));
    }
}
