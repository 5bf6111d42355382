//! `timetable.json`.

use chrono::{Datelike, NaiveDate};
use domain::{
    Refusal,
    catalogue::Name,
    trip::{Call, DayTime, Exchange, Station, TrainNo, Trip},
    vat::Country,
};
use serde::Deserialize;

use super::{DataFault, Text, date, parse};

const FILE: &str = "timetable.json";

/// The trains a till may travel on.
#[derive(Clone, Debug, Default)]
pub struct Timetable {
    trains: Vec<TimetabledTrain>,
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
        Ok(Self { trains })
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
    trains: Vec<TrainRow>,
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

fn day_time(text: &str) -> Option<DayTime> {
    let (hours, minutes) = text.split_once(':')?;
    let number =
        |part: &str| if part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit()) { part.parse::<i32>().ok() } else { None };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    (minutes < 60).then(|| DayTime::from_hm(hours, minutes))
}
