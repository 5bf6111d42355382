//! Trips: where the train is by its plan, and whose VAT is owed there.
//!
//! The VAT country is a property of the service, its direction and the section it is on, never of a position.
//! The train's own journey decides, not the passenger's (directive 2006/112/EC art. 37 and 57, regulation 282/2011 art. 15).

use core::fmt;

use chrono::{NaiveDate, NaiveDateTime, TimeDelta};

use crate::Refusal;
use crate::vat::Country;

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "a test may panic on overflow")]
mod tests;

/// The number of a train, as the timetable and the crew write it: `541`, `IC392`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TrainNo(String);

impl TrainNo {
    /// The most characters a train number has.
    pub const LEN_MAX: usize = 8;

    /// Reads a train number: 1 to [`TrainNo::LEN_MAX`] ASCII letters and digits, letters in capitals from then on.
    ///
    /// # Errors
    /// [`Refusal::TripUnknown`]: no train can have such a number.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let readable = (1..=Self::LEN_MAX).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if readable { Ok(Self(text.to_ascii_uppercase())) } else { Err(Refusal::TripUnknown) }
    }

    /// The number.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TrainNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A station.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Station {
    /// The timetable's short code.
    pub code: String,
    /// The name people know.
    pub name: String,
}

/// A time on an operating day: minutes by the wall clock since that day's midnight. 25:10 is ten past one in the night that follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DayTime(i32);

impl DayTime {
    /// The latest time a timetable may hold: two nights after the operating day began.
    pub const MINUTES_MAX: i32 = 3 * MINUTES_PER_DAY;

    /// `minutes` after the operating day's midnight; negative before it.
    #[must_use]
    pub const fn from_minutes(minutes: i32) -> Self {
        Self(minutes)
    }

    /// `hours`:`minutes` after the operating day's midnight, hours above 23 for the following day.
    #[must_use]
    pub const fn from_hm(hours: i32, minutes: i32) -> Self {
        Self(hours.saturating_mul(60).saturating_add(minutes))
    }

    /// The time on `operating_day` at `at_s` seconds since 1970 UTC, where the wall clock is `offset_s` seconds ahead of UTC.
    ///
    /// Whole minutes have passed in full. Times too far away to count stop at the end of the scale.
    #[must_use]
    pub fn of(operating_day: NaiveDate, at_s: i64, offset_s: i32) -> Self {
        let since_s = at_s.saturating_add(i64::from(offset_s)).saturating_sub(midnight_s(operating_day));
        let minutes = since_s.div_euclid(60);
        Self(i32::try_from(minutes).unwrap_or(if minutes < 0 { i32::MIN } else { i32::MAX }))
    }

    /// Seconds since 1970 UTC at which the time begins on `operating_day`, where the wall clock is `offset_s` seconds ahead of UTC.
    #[must_use]
    pub fn at_s(self, operating_day: NaiveDate, offset_s: i32) -> i64 {
        midnight_s(operating_day).saturating_add(i64::from(self.0).saturating_mul(60)).saturating_sub(i64::from(offset_s))
    }

    /// What calendar and wall clock show at this time of `operating_day`; `None` beyond the calendar.
    #[must_use]
    pub fn wall(self, operating_day: NaiveDate) -> Option<NaiveDateTime> {
        operating_day.and_hms_opt(0, 0, 0)?.checked_add_signed(TimeDelta::minutes(i64::from(self.0)))
    }

    /// The minutes after the operating day's midnight.
    #[must_use]
    pub const fn minutes(self) -> i32 {
        self.0
    }
}

/// What the wall clock shows, without the day: 25:10 is `01:10`.
impl fmt::Display for DayTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of_day = self.0.rem_euclid(MINUTES_PER_DAY);
        write!(f, "{:02}:{:02}", of_day.div_euclid(60), of_day.rem_euclid(60))
    }
}

/// Who may get on and off at a call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Exchange {
    /// Passengers board and alight.
    #[default]
    Both,
    /// Passengers only board.
    Boarding,
    /// Passengers only alight.
    Alighting,
}

impl Exchange {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Both, Self::Boarding, Self::Alighting];

    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Both => "both",
            Self::Boarding => "boarding",
            Self::Alighting => "alighting",
        }
    }

    /// The kind with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|exchange| exchange.code() == code)
    }

    const fn boards(self) -> bool {
        matches!(self, Self::Both | Self::Boarding)
    }

    const fn alights(self) -> bool {
        matches!(self, Self::Both | Self::Alighting)
    }
}

/// A stop of a train.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Call {
    /// Where.
    pub station: Station,
    /// The country the station lies in.
    pub country: Country,
    /// The scheduled arrival; the first call needs none.
    pub arrival: Option<DayTime>,
    /// The scheduled departure; the last call needs none.
    pub departure: Option<DayTime>,
    /// Who gets on and off.
    pub exchange: Exchange,
}

/// Why calls make no trip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TripError {
    /// Fewer than two calls.
    TooFewCalls,
    /// More calls than [`Trip::CALLS_MAX`].
    TooManyCalls,
    /// The call with this index lacks a time: the first its departure, the last its arrival, another one both.
    TimeMissing(usize),
    /// The call with this index lies before the one in front of it, departs before it arrives, or is outside 0 to [`DayTime::MINUTES_MAX`].
    TimeOrder(usize),
    /// Nobody may board at the first call.
    NoBoarding,
    /// Nobody may alight at the last call.
    NoAlighting,
}

impl fmt::Display for TripError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooFewCalls => write!(f, "a trip has at least two calls"),
            Self::TooManyCalls => write!(f, "a trip has at most {} calls", Trip::CALLS_MAX),
            Self::TimeMissing(index) => write!(f, "call {index} of the trip has no time"),
            Self::TimeOrder(index) => write!(f, "call {index} of the trip is out of order in time"),
            Self::NoBoarding => write!(f, "nobody may board at the trip's first call"),
            Self::NoAlighting => write!(f, "nobody may alight at the trip's last call"),
        }
    }
}

impl core::error::Error for TripError {}

/// One run of a train on one operating day. All of it belongs to that day, also what runs after midnight.
///
/// Leg `i` lies between the calls `i` and `i + 1`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trip {
    train: TrainNo,
    operating_day: NaiveDate,
    calls: Vec<Call>,
    vat_countries: Vec<Country>,
}

impl Trip {
    /// The most calls a trip may have.
    pub const CALLS_MAX: usize = 100;

    /// A trip of at least two calls in the order of travel.
    ///
    /// # Errors
    /// [`TripError`].
    pub fn new(train: TrainNo, operating_day: NaiveDate, calls: Vec<Call>) -> Result<Self, TripError> {
        check_calls(&calls)?;
        let vat_countries = vat_countries(&calls);
        Ok(Self { train, operating_day, calls, vat_countries })
    }

    /// The train's number.
    #[must_use]
    pub const fn train(&self) -> &TrainNo {
        &self.train
    }

    /// The railway's date of the trip.
    #[must_use]
    pub const fn operating_day(&self) -> NaiveDate {
        self.operating_day
    }

    /// The calls in the order of travel, at least two.
    #[must_use]
    pub fn calls(&self) -> &[Call] {
        &self.calls
    }

    /// How many legs there are: one less than calls.
    #[must_use]
    pub fn leg_count(&self) -> usize {
        self.calls.len().saturating_sub(1)
    }

    /// The leg the train is on by its plan, 0 to `leg_count() - 1`.
    ///
    /// A leg begins with the arrival at its first call: who boards there is on the leg already.
    /// Before the first departure it is the first leg, after the last arrival still the last.
    #[must_use]
    pub fn leg_at(&self, time: DayTime) -> usize {
        let between = self.calls.iter().skip(1).take(self.leg_count().saturating_sub(1));
        between.take_while(|call| call.arrival.is_some_and(|arrival| arrival <= time)).count()
    }

    /// The call at the end of the leg the train is on; `None` once the train has arrived at its last call.
    #[must_use]
    pub fn next_call_at(&self, time: DayTime) -> Option<&Call> {
        let next = self.calls.get(self.leg_at(time).saturating_add(1))?;
        next.arrival.is_none_or(|arrival| time < arrival).then_some(next)
    }

    /// The country whose VAT is owed on a leg. A number beyond the last leg counts as the last.
    ///
    /// - Between the first call inside the EU where passengers may board and the last one where they may alight,
    ///   it is the country of that first call, in whatever EU country the train runs.
    ///   A stop outside the EU ends such a section; a new one may begin after it.
    /// - Everywhere else it is the country outside the EU.
    ///   The leg across the EU's border therefore counts as outside in both directions.
    ///   That is a choice: the stretch between the border and the stop inside lies on EU ground, but only a position could tell, and the plan
    ///   has to give one answer. Unverified with the authorities.
    #[must_use]
    pub fn vat_country(&self, leg: usize) -> Country {
        let last = self.vat_countries.len().saturating_sub(1);
        self.vat_countries.get(leg.min(last)).copied().expect("a trip has at least one leg")
    }
}

const MINUTES_PER_DAY: i32 = 24 * 60;
const SECONDS_PER_DAY: i64 = 24 * 60 * 60;

fn midnight_s(day: NaiveDate) -> i64 {
    day.signed_duration_since(NaiveDate::default()).num_days().saturating_mul(SECONDS_PER_DAY)
}

fn check_calls(calls: &[Call]) -> Result<(), TripError> {
    let (Some(first), Some(last)) = (calls.first(), calls.last()) else { return Err(TripError::TooFewCalls) };
    if calls.len() < 2 {
        return Err(TripError::TooFewCalls);
    }
    if calls.len() > Trip::CALLS_MAX {
        return Err(TripError::TooManyCalls);
    }
    let last_index = calls.len().saturating_sub(1);
    let mut latest = DayTime::from_minutes(0);
    for (index, call) in calls.iter().enumerate() {
        if (index > 0 && call.arrival.is_none()) || (index < last_index && call.departure.is_none()) {
            return Err(TripError::TimeMissing(index));
        }
        for time in [call.arrival, call.departure].into_iter().flatten() {
            if time < latest || time.minutes() > DayTime::MINUTES_MAX {
                return Err(TripError::TimeOrder(index));
            }
            latest = time;
        }
    }
    if !first.exchange.boards() {
        return Err(TripError::NoBoarding);
    }
    if !last.exchange.alights() {
        return Err(TripError::NoAlighting);
    }
    Ok(())
}

/// The VAT country of each leg, by the rule that [`Trip::vat_country`] states.
fn vat_countries(calls: &[Call]) -> Vec<Country> {
    let mut countries = Vec::with_capacity(calls.len());
    let mut before: Option<Country> = None;
    let mut rest = calls;
    while let Some(first) = rest.first() {
        let is_in_eu = first.country.is_in_eu();
        let length = rest.iter().take_while(|call| call.country.is_in_eu() == is_in_eu).count();
        let (run, after) = rest.split_at(length);
        let outside = after.first().map(|call| call.country);
        if is_in_eu {
            push_eu_run(&mut countries, run, before, outside);
        } else {
            // One entry per call: the leg that leaves it, the one into the EU among them.
            countries.extend(run.iter().map(|call| call.country));
        }
        before = run.last().map(|call| call.country);
        rest = after;
    }
    // The last call has no leg.
    countries.truncate(calls.len().saturating_sub(1));
    countries
}

/// One entry per call of an unbroken run of EU calls: the VAT country of the leg that leaves it.
fn push_eu_run(countries: &mut Vec<Country>, run: &[Call], before: Option<Country>, after: Option<Country>) {
    let departure = run.iter().position(|call| call.exchange.boards());
    let arrival = run.iter().rposition(|call| call.exchange.alights());
    for (index, call) in run.iter().enumerate() {
        let country = match (departure, arrival) {
            (Some(departure), Some(arrival)) if (departure..arrival).contains(&index) => run.get(departure).map(|call| call.country),
            (Some(departure), _) if index < departure => before.or(after),
            _ => after.or(before),
        };
        countries.push(country.unwrap_or(call.country));
    }
}
