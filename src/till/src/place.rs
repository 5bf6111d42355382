//! Where the train is: satellites, timetable and uplink fused into one answer for people, and for sync.
//!
//! **Invariant.** A hint and nothing more: no rule, VAT rate, leg or entry asks this module. Whole numbers only.

use domain::trip::{DayTime, Station, Trip};
use hw::position::Fix;

use crate::data::Site;

/// A train is at a station within this distance of its point. Trains are up to 400 m long and points are rounded to some 100 m.
pub const NEAR_M_MAX: u64 = 400;
/// A train that was at a station has left it beyond this distance.
pub const LEFT_M_MIN: u64 = 500;
/// Slower than this it may be standing: 5 km/h.
pub const STANDING_MMPS_MAX: u32 = 1_389;
/// Faster than this it has left: 20 km/h.
pub const LEFT_MMPS_MIN: u32 = 5_556;
/// It stands once it has been slow for so long.
pub const STANDING_S_MIN: i64 = 10;
/// No train is faster: 350 km/h. A fix that says so, or lies too far from the last one, is not believed at once.
pub const TRAIN_MMPS_MAX: u32 = 97_222;
/// A first fix, or one that contradicts the last, is believed after so many in a row that agree with each other.
pub const CONFIRMING_FIXES: u8 = 5;
/// After so long without a fix there is a tunnel, and the timetable answers.
pub const FIX_AGE_MS_MAX: u64 = 30_000;
/// An answer of the depot counts as a hint for so long.
pub const UPLINK_AGE_MS_MAX: u64 = 60_000;
/// So many minutes around a scheduled stop an answer of the depot says that the train stands there.
pub const UPLINK_MINUTES_MAX: i32 = 5;
/// Fixes further apart than this do not add up to standing.
const GAP_S_MAX: i64 = 15;
/// So long after a fix a train may have gone anywhere that it can reach; longer counts as so long.
const REACH_S_MAX: i64 = 600;
/// What satellites are off by, at worst, between two fixes of a train that stands.
const WOBBLE_M: u64 = 200;
/// Metres in a degree of a great circle.
const DEGREE_M: i64 = 111_195;
const UDEG: i64 = 1_000_000;

/// Where the train is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Place {
    /// Nobody knows.
    #[default]
    Unknown,
    /// At a station.
    At {
        /// Which.
        station: Station,
        /// Until about then, by the timetable; `None` when that is past, or the trip ends there.
        until: Option<DayTime>,
    },
    /// On its way.
    Between {
        /// The call it left.
        from: Station,
        /// The call it comes to.
        to: Station,
    },
}

/// What a [`Place`] rests on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Basis {
    /// The plan alone.
    #[default]
    Timetable,
    /// The depot answered near a scheduled stop.
    Uplink,
    /// Fixes.
    Satellites,
}

/// Where the train is, and who says so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sensed {
    /// Where.
    pub place: Place,
    /// Who says so.
    pub by: Basis,
}

/// Takes in hints and tells where the train is. Knows one trip at a time.
#[derive(Clone, Debug, Default)]
pub struct PlaceSense {
    /// Which trip: the entry that began it.
    trip_seq: Option<u64>,
    sites: Vec<Option<Site>>,
    /// The last fix that was believed, and when it came.
    last: Option<(Fix, u64)>,
    /// Fixes that are not believed yet: the newest, and how many agree with it.
    doubted: Option<(Fix, u8)>,
    /// The call the train is slow at, and the receiver's time since when.
    slow: Option<(usize, i64)>,
    at: Option<usize>,
    /// The last call it stood at or passed.
    passed: Option<usize>,
    uplink_ms: Option<u64>,
}

impl PlaceSense {
    /// From here on the train runs this trip, told apart from others by the entry that began it.
    /// `site` tells where a station is.
    pub fn follow<'a>(&mut self, trip: Option<(u64, &Trip)>, site: impl Fn(&Station) -> Option<&'a Site>) {
        let trip_seq = trip.map(|(seq, _)| seq);
        if self.trip_seq == trip_seq {
            return;
        }
        let sites = trip.map(|(_, trip)| trip.calls().iter().map(|call| site(&call.station).copied()).collect());
        // What satellites say of place and speed stays true; which calls it meant does not.
        *self = Self { trip_seq, sites: sites.unwrap_or_default(), last: self.last, uplink_ms: self.uplink_ms, ..Self::default() };
    }

    /// The depot has just answered.
    pub const fn uplinked(&mut self, uptime_ms: u64) {
        self.uplink_ms = Some(uptime_ms);
    }

    /// The receiver tells where it is.
    pub fn fixed(&mut self, fix: Fix, uptime_ms: u64) {
        if fix.speed_mmps > TRAIN_MMPS_MAX {
            return;
        }
        if !self.last.is_some_and(|(last, _)| reaches(&last, &fix)) {
            let agreeing = match self.doubted {
                Some((doubted, count)) if reaches(&doubted, &fix) => count.saturating_add(1),
                _ => 1,
            };
            self.doubted = Some((fix, agreeing));
            if agreeing < CONFIRMING_FIXES {
                return;
            }
            self.slow = None;
        }
        self.doubted = None;
        let gap_s = self.last.map_or(i64::MAX, |(last, _)| fix.utc_s.saturating_sub(last.utc_s));
        self.last = Some((fix, uptime_ms));
        self.step(&fix, gap_s);
    }

    /// Where the train is at this time of its operating day.
    #[must_use]
    pub fn place(&self, trip: &Trip, time: DayTime, uptime_ms: u64) -> Sensed {
        let sees = self.last.is_some_and(|(_, at_ms)| uptime_ms.saturating_sub(at_ms) <= FIX_AGE_MS_MAX);
        let uplink = self.uplink_ms.is_some_and(|at_ms| uptime_ms.saturating_sub(at_ms) <= UPLINK_AGE_MS_MAX);
        let planned = planned(trip, time);
        if sees && self.sites.iter().any(Option::is_some) {
            return Sensed { place: self.seen(trip, time, planned), by: Basis::Satellites };
        }
        if uplink && let Some(call) = stop_around(trip, time) {
            return Sensed { place: at(trip, call, time), by: Basis::Uplink };
        }
        // The plan is never behind what was seen: a train does not go back.
        let place = match (planned, self.passed) {
            (Plan::At(call), Some(passed)) | (Plan::Left(call), Some(passed)) if call < passed => left(trip, passed),
            (Plan::At(call), _) => at(trip, call, time),
            (Plan::Left(call), _) => left(trip, call),
        };
        Sensed { place, by: Basis::Timetable }
    }

    /// Whether this fix makes the train stand, leave or pass.
    fn step(&mut self, fix: &Fix, gap_s: i64) {
        let nearest = self.nearest(fix);
        if let Some(call) = self.at {
            let away = self.distance_m(call, fix).is_none_or(|distance_m| distance_m > LEFT_M_MIN);
            if away || fix.speed_mmps > LEFT_MMPS_MIN {
                self.at = None;
                self.slow = None;
            } else {
                return;
            }
        }
        let Some((call, distance_m)) = nearest else { return };
        if distance_m > NEAR_M_MAX {
            self.slow = None;
            return;
        }
        self.passed = Some(call);
        if fix.speed_mmps >= STANDING_MMPS_MAX {
            self.slow = None;
            return;
        }
        let since_s = match self.slow {
            Some((slow, since_s)) if slow == call && (0..=GAP_S_MAX).contains(&gap_s) => since_s,
            _ => fix.utc_s,
        };
        self.slow = Some((call, since_s));
        if fix.utc_s.saturating_sub(since_s) >= STANDING_S_MIN {
            self.at = Some(call);
        }
    }

    fn seen(&self, trip: &Trip, time: DayTime, planned: Plan) -> Place {
        match (self.at, self.passed, planned) {
            (Some(call), ..) => at(trip, call, time),
            (None, Some(passed), _) => left(trip, passed),
            // It is not where the plan has it: more often late than early.
            (None, None, Plan::At(0)) => Place::Unknown,
            (None, None, Plan::At(call)) => left(trip, call.saturating_sub(1)),
            (None, None, Plan::Left(call)) => left(trip, call),
        }
    }

    /// The call whose station is the nearest; where a train calls twice at one, the one that comes next.
    fn nearest(&self, fix: &Fix) -> Option<(usize, u64)> {
        let next = self.passed.unwrap_or_default();
        (0..self.sites.len())
            .filter_map(|call| Some((call, self.distance_m(call, fix)?)))
            .min_by_key(|&(call, distance_m)| (distance_m, call < next, call))
    }

    fn distance_m(&self, call: usize, fix: &Fix) -> Option<u64> {
        let site = self.sites.get(call)?.as_ref()?;
        Some(distance_m((site.latitude_udeg, site.longitude_udeg), (fix.latitude_udeg, fix.longitude_udeg)))
    }
}

/// Where the plan has the train.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Plan {
    At(usize),
    Left(usize),
}

fn planned(trip: &Trip, time: DayTime) -> Plan {
    let calls = trip.calls();
    let departed = calls.iter().take_while(|call| call.departure.is_some_and(|departure| departure <= time)).count();
    match calls.get(departed) {
        Some(call) if departed == 0 || call.arrival.is_some_and(|arrival| arrival <= time) => Plan::At(departed),
        _ => Plan::Left(departed.saturating_sub(1)),
    }
}

/// The scheduled stop that is no further away than [`UPLINK_MINUTES_MAX`].
fn stop_around(trip: &Trip, time: DayTime) -> Option<usize> {
    let minutes = |from: DayTime, to: DayTime| to.minutes().saturating_sub(from.minutes());
    let away = |call: &domain::trip::Call| {
        let early = call.arrival.or(call.departure).map_or(0, |arrival| minutes(time, arrival));
        let late = call.departure.or(call.arrival).map_or(0, |departure| minutes(departure, time));
        early.max(late).max(0)
    };
    let nearest = trip.calls().iter().map(away).enumerate().min_by_key(|&(_, minutes)| minutes)?;
    (nearest.1 <= UPLINK_MINUTES_MAX).then_some(nearest.0)
}

fn at(trip: &Trip, call: usize, time: DayTime) -> Place {
    let Some(call) = trip.calls().get(call) else { return Place::Unknown };
    Place::At { station: call.station.clone(), until: call.departure.filter(|departure| *departure >= time) }
}

fn left(trip: &Trip, call: usize) -> Place {
    let station = |call: usize| trip.calls().get(call).map(|call| call.station.clone());
    match (station(call), station(call.saturating_add(1))) {
        (Some(from), Some(to)) => Place::Between { from, to },
        // Beyond the last call it is on its way to nowhere that this till knows.
        _ => Place::Unknown,
    }
}

/// Whether a train can come from one fix to the other.
fn reaches(from: &Fix, to: &Fix) -> bool {
    let seconds = to.utc_s.saturating_sub(from.utc_s);
    if seconds < 0 {
        return false;
    }
    let way_m = u64::from(TRAIN_MMPS_MAX).saturating_mul(seconds.min(REACH_S_MAX).unsigned_abs()) / 1_000;
    let distance_m = distance_m((from.latitude_udeg, from.longitude_udeg), (to.latitude_udeg, to.longitude_udeg));
    distance_m <= way_m.saturating_add(WOBBLE_M)
}

/// Metres between two points, latitude and longitude in millionths of a degree. Good to 1 % over the distances that matter here.
#[must_use]
pub fn distance_m(one: (i32, i32), other: (i32, i32)) -> u64 {
    let north_udeg = i64::from(one.0) - i64::from(other.0);
    let around = (i64::from(one.1) - i64::from(other.1)).rem_euclid(360 * UDEG);
    let east_udeg = around.min(360 * UDEG - around);
    // The cosine of the mean latitude by Bhaskara's formula, good to 0.2 %, in millionths.
    let latitude_mdeg = (i64::from(one.0) + i64::from(other.0)) / 2 / 1_000;
    let square = latitude_mdeg * latitude_mdeg / UDEG;
    let cosine = (32_400 - 4 * square) * UDEG / (32_400 + square);
    let north_m = north_udeg * DEGREE_M / UDEG;
    let east_m = east_udeg * DEGREE_M / UDEG * cosine / UDEG;
    (north_m * north_m + east_m * east_m).unsigned_abs().isqrt()
}

#[cfg(test)]
mod tests;
