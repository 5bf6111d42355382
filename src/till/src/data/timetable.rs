//! `timetable.json`.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};
use domain::{
    Refusal,
    catalogue::Name,
    trip::{Call, DayTime, Exchange, Station, TrainNo, Trip},
    vat::Country,
};
use serde::Deserialize;

use super::{DataFault, Text, date, parse};
use crate::place::{TRAIN_MMPS_MAX, distance_m};

pub(super) const FILE: &str = "timetable.json";

/// The trains a till may travel on.
#[derive(Clone, Debug, Default)]
pub struct Timetable {
    trains: Vec<TimetabledTrain>,
    sites: BTreeMap<String, Site>,
}

/// Where a station is, WGS 84.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Site {
    /// Millionths of a degree north.
    pub latitude_udeg: i32,
    /// Millionths of a degree east.
    pub longitude_udeg: i32,
}

/// A train with the days it runs on.
#[derive(Clone, Debug)]
pub struct TimetabledTrain {
    /// Its number.
    pub train: TrainNo,
    /// What people call it.
    pub name: Name,
    /// First operating day.
    pub from: NaiveDate,
    /// Last operating day.
    pub to: NaiveDate,
    /// The days of the week it runs on, Monday first.
    pub weekdays: [bool; 7],
    /// Where it calls.
    pub calls: Vec<Call>,
}

impl TimetabledTrain {
    /// Whether it runs on an operating day.
    #[must_use]
    pub fn runs_on(&self, day: NaiveDate) -> bool {
        let weekday = usize::try_from(day.weekday().num_days_from_monday()).unwrap_or_default();
        (self.from..=self.to).contains(&day) && self.weekdays.get(weekday).copied().unwrap_or_default()
    }
}

impl Timetable {
    pub(super) fn read(json: &str) -> Result<Self, DataFault> {
        let file: TimetableFile = parse(FILE, json)?;
        let mut trains: Vec<TimetabledTrain> = Vec::with_capacity(file.trains.len());
        for (index, row) in file.trains.into_iter().enumerate() {
            let item = format!("train {} ({})", index + 1, row.train);
            let train = timetabled(row).map_err(|(what, todo)| DataFault { file: FILE, item: item.clone(), what, todo })?;
            if trains.iter().any(|known| known.train == train.train && known.from <= train.to && train.from <= known.to) {
                let what = "the train stands there twice for the same days".to_owned();
                return Err(DataFault { file: FILE, item, what, todo: "Remove one of them or part their dates." });
            }
            trains.push(train);
        }
        let sites = sites(&file.stations, &trains)?;
        Ok(Self { trains, sites })
    }

    /// Where a station is, if the file says so.
    #[must_use]
    pub fn site(&self, station: &Station) -> Option<&Site> {
        self.sites.get(&station.code)
    }

    /// The trains that run on an operating day, in the order of the file.
    pub fn trains_on(&self, day: NaiveDate) -> impl Iterator<Item = &TimetabledTrain> {
        self.trains.iter().filter(move |train| train.runs_on(day))
    }

    /// Every train.
    #[must_use]
    pub fn trains(&self) -> &[TimetabledTrain] {
        &self.trains
    }

    /// The run of a train on an operating day.
    ///
    /// # Errors
    /// [`Refusal::TripUnknown`] when it does not run that day.
    pub fn trip(&self, train: &TrainNo, day: NaiveDate) -> Result<Trip, Refusal> {
        let found = self.trains_on(day).find(|row| row.train == *train).ok_or(Refusal::TripUnknown)?;
        Trip::new(found.train.clone(), day, found.calls.clone()).map_err(|_| Refusal::TripUnknown)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TimetableFile {
    #[serde(default, rename = "note")]
    _note: String,
    /// Where stations are. One that is missing is found by the timetable alone.
    #[serde(default)]
    stations: Vec<SiteRow>,
    trains: Vec<TrainRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SiteRow {
    code: String,
    latitude: String,
    longitude: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TrainRow {
    train: String,
    name: Text,
    from: String,
    to: String,
    weekdays: String,
    calls: Vec<CallRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CallRow {
    code: String,
    station: String,
    country: String,
    arrives: Option<String>,
    departs: Option<String>,
    exchange: Option<String>,
}

/// What is wrong with a row and what to do about it.
type Flaw = (String, &'static str);

fn timetabled(row: TrainRow) -> Result<TimetabledTrain, Flaw> {
    let train =
        TrainNo::parse(&row.train).map_err(|_| (format!("{:?} is no train number", row.train), "Use up to 8 letters and digits."))?;
    let day = |text: &str| date(text).ok_or_else(|| (format!("{text:?} is no date"), "Write it like \"2026-12-13\"."));
    let (from, to) = (day(&row.from)?, day(&row.to)?);
    let mut weekdays = [false; 7];
    for letter in row.weekdays.chars() {
        let place = letter.to_digit(10).and_then(|number| usize::try_from(number).ok()?.checked_sub(1));
        *place
            .and_then(|place| weekdays.get_mut(place))
            .ok_or_else(|| (format!("weekdays {:?} has {letter:?}", row.weekdays), "Write digits, 1 for Monday to 7 for Sunday."))? = true;
    }
    let calls = row.calls.into_iter().map(call).collect::<Result<Vec<_>, _>>()?;
    Trip::new(train.clone(), from, calls.clone()).map_err(|error| (error.to_string(), "Correct the calls; they are counted from 0."))?;
    Ok(TimetabledTrain { train, name: row.name.into(), from, to, weekdays, calls })
}

fn call(row: CallRow) -> Result<Call, Flaw> {
    let time = |text: &Option<String>| match text {
        None => Ok(None),
        Some(text) => day_time(text).map(Some).ok_or_else(|| {
            (format!("time {text:?} at {} is no time", row.station), "Write it like \"14:05\"; 25:10 is in the night after.")
        }),
    };
    Ok(Call {
        arrival: time(&row.arrives)?,
        departure: time(&row.departs)?,
        country: Country::from_code(&row.country)
            .ok_or_else(|| (format!("country {:?} of {} is not known", row.country, row.station), "Write SE, DK, NO, DE or FI."))?,
        exchange: match &row.exchange {
            None => Exchange::Both,
            Some(code) => Exchange::from_code(code)
                .ok_or_else(|| (format!("exchange {code:?} at {} is not known", row.station), "Write both, boarding or alighting."))?,
        },
        station: Station { code: row.code, name: row.station },
    })
}

fn sites(rows: &[SiteRow], trains: &[TimetabledTrain]) -> Result<BTreeMap<String, Site>, DataFault> {
    let mut sites = BTreeMap::new();
    for (index, row) in rows.iter().enumerate() {
        let flaw = |what: String, todo| DataFault { file: FILE, item: format!("station {} ({})", index + 1, row.code), what, todo };
        let degrees = |what: &str, text: &str, most: i32| {
            let udeg = udeg(text).filter(|udeg| udeg.unsigned_abs() <= most.unsigned_abs() * 1_000_000);
            udeg.ok_or_else(|| {
                flaw(format!("{what} {text:?} is none"), "Write degrees like \"59.066\", north and east, with a minus for south and west.")
            })
        };
        let site =
            Site { latitude_udeg: degrees("latitude", &row.latitude, 90)?, longitude_udeg: degrees("longitude", &row.longitude, 180)? };
        if !trains.iter().any(|train| train.calls.iter().any(|call| call.station.code == row.code)) {
            return Err(flaw("no train calls there".to_owned(), "Correct the code or remove the row."));
        }
        if sites.insert(row.code.clone(), site).is_some() {
            return Err(flaw("the station stands there twice".to_owned(), "Remove one of them."));
        }
    }
    for train in trains {
        check_reach(train, &sites)?;
    }
    Ok(sites)
}

/// Latitude and longitude that were swapped, or a sign that was lost, put stations where no train comes in time.
fn check_reach(train: &TimetabledTrain, sites: &BTreeMap<String, Site>) -> Result<(), DataFault> {
    let known = train.calls.iter().filter_map(|call| Some((call, sites.get(&call.station.code)?)));
    let known: Vec<(&Call, &Site)> = known.collect();
    for ((from, here), (to, there)) in known.iter().zip(known.iter().skip(1)) {
        let (Some(departure), Some(arrival)) = (from.departure, to.arrival) else { continue };
        // Times are whole minutes, so one more may have passed.
        let seconds = u64::from((arrival.minutes() - departure.minutes() + 1).unsigned_abs()) * 60;
        let distance_m = distance_m((here.latitude_udeg, here.longitude_udeg), (there.latitude_udeg, there.longitude_udeg));
        if distance_m * 1_000 > seconds * u64::from(TRAIN_MMPS_MAX) {
            let km = distance_m / 1_000;
            return Err(DataFault {
                file: FILE,
                item: format!("train {}", train.train),
                what: format!("{} and {} are {km} km apart, too far for the time between them", from.station.name, to.station.name),
                todo: "Correct the latitude and longitude of one of them.",
            });
        }
    }
    Ok(())
}

/// Reads degrees with at most six decimals, `59.066` or `-0.5`, as millionths of a degree. `None` for anything else.
#[must_use]
pub fn udeg(text: &str) -> Option<i32> {
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |digits| (true, digits));
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
    let plain = |part: &str, most: usize| part.len() <= most && part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !plain(whole, 3) || !plain(decimals, 6) || digits.ends_with('.') {
        return None;
    }
    let udeg: i32 = format!("{whole}{decimals:0<6}").parse().ok()?;
    Some(if negative { -udeg } else { udeg })
}

fn day_time(text: &str) -> Option<DayTime> {
    let (hours, minutes) = text.split_once(':')?;
    let number =
        |part: &str| if part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit()) { part.parse::<i32>().ok() } else { None };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    (minutes < 60).then(|| DayTime::from_hm(hours, minutes))
}
