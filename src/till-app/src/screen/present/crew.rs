//! Who may sign in, which trains run, what a shift opens with.

use chrono::{Datelike as _, NaiveDate};
use domain::{
    crew::Language,
    trip::{DayTime, Trip},
    vat::VatClass,
};
use till::data::TimetabledTrain;

use super::{figure, local, money, named};
use crate::screen::backroom::Snapshot;

/// Hues of the faces, in turn.
const HUES: i32 = 7;

/// The faces of the sign-in screen.
#[must_use]
pub fn faces(shot: &Snapshot) -> Vec<ui::CrewFace> {
    let face = |(hue, entry): (i32, &till::data::RosterEntry)| ui::CrewFace {
        id: entry.member.id.as_str().into(),
        name: entry.member.name.as_str().into(),
        initials: entry.initials.as_str().into(),
        hue: hue % HUES,
    };
    (1..).zip(shot.setup.roster.entries()).map(face).collect()
}

/// The operating day that the trip screen offers: today, as the clock has it.
#[must_use]
pub fn today(shot: &Snapshot) -> NaiveDate {
    local(shot.wall.0, shot.wall.1).map(|at| at.date_naive()).unwrap_or_default()
}

/// A day in words.
#[must_use]
pub fn day_in_words(day: NaiveDate, language: Language) -> String {
    const DAYS: [[&str; 7]; 2] = [
        ["Måndag", "Tisdag", "Onsdag", "Torsdag", "Fredag", "Lördag", "Söndag"],
        ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
    ];
    const MONTHS: [[&str; 12]; 2] = [
        ["januari", "februari", "mars", "april", "maj", "juni", "juli", "augusti", "september", "oktober", "november", "december"],
        ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"],
    ];
    let which = usize::from(language == Language::En);
    let weekday = usize::try_from(day.weekday().num_days_from_monday()).unwrap_or(0);
    let month = usize::try_from(day.month0()).unwrap_or(0);
    format!("{} {} {}", DAYS[which][weekday], day.day(), MONTHS[which][month])
}

/// The trains of the day.
#[must_use]
pub fn trains(shot: &Snapshot, language: Language) -> Vec<ui::Train> {
    let train = |train: &TimetabledTrain| ui::Train {
        id: train.train.as_str().into(),
        number: train.train.as_str().into(),
        line: named(&train.name, language).into(),
        time: train.calls.first().and_then(|call| call.departure).map(|time| time.to_string()).unwrap_or_default().into(),
        note: "".into(),
    };
    in_order(shot).into_iter().map(train).collect()
}

/// The trains of the day, the earliest first.
fn in_order(shot: &Snapshot) -> Vec<&TimetabledTrain> {
    let mut trains: Vec<_> = shot.setup.timetable.trains_on(today(shot)).collect();
    trains.sort_by_key(|train| train.calls.first().and_then(|call| call.departure));
    trains
}

/// The train that is most likely meant: the first that has not arrived, else the last.
#[must_use]
pub fn likely(shot: &Snapshot) -> String {
    let now = DayTime::of(today(shot), shot.wall.0, i32::from(shot.wall.1) * 60);
    let trains = in_order(shot);
    let runs = |train: &&&TimetabledTrain| train.calls.last().and_then(|call| call.arrival).is_some_and(|arrival| arrival > now);
    trains.iter().find(runs).or(trains.last()).map(|train| train.train.as_str().to_owned()).unwrap_or_default()
}

/// The trip that the screen speaks of: the running one, else the chosen train's.
#[must_use]
pub fn trip(shot: &Snapshot, chosen: &str) -> Option<Trip> {
    match &shot.books.trip {
        Some(running) => Some(running.started.trip.clone()),
        None => {
            let train = domain::trip::TrainNo::parse(chosen).ok()?;
            shot.setup.timetable.trip(&train, today(shot)).ok()
        }
    }
}

/// Its calls.
#[must_use]
pub fn calls(shot: &Snapshot, trip: &Trip) -> Vec<ui::Call> {
    let now = DayTime::of(trip.operating_day(), shot.wall.0, i32::from(shot.wall.1) * 60);
    let running = shot.books.trip.is_some();
    let next = trip.next_call_at(now).map(|call| call.station.code.clone());
    let mut gone = running;
    let mut rows = Vec::new();
    for call in trip.calls() {
        let here = running && next.as_deref() == Some(call.station.code.as_str());
        gone &= !here;
        let time = call.departure.or(call.arrival).map(|time| time.to_string()).unwrap_or_default();
        rows.push(ui::Call { name: call.station.name.as_str().into(), time: time.into(), here, gone });
    }
    rows
}

/// The stretches of the trip under one country's VAT.
#[must_use]
pub fn sections(shot: &Snapshot, trip: &Trip) -> Vec<ui::VatSection> {
    let mut sections: Vec<(domain::vat::Country, usize, usize)> = Vec::new();
    for leg in 0..trip.leg_count() {
        let country = trip.vat_country(leg);
        match sections.last_mut() {
            Some((last, _, end)) if *last == country => *end = leg + 1,
            _ => sections.push((country, leg, leg + 1)),
        }
    }
    let name = |call: usize| trip.calls().get(call).map(|call| call.station.name.as_str()).unwrap_or_default();
    let section = |(country, from, to): (domain::vat::Country, usize, usize)| {
        let mut rates: Vec<_> = VatClass::ALL
            .into_iter()
            .flat_map(|class| domain::vat::Supply::ALL.map(|supply| shot.setup.vat.rate(country, class, supply, trip.operating_day())))
            .flatten()
            .collect();
        rates.sort_unstable();
        rates.dedup();
        let rates: Vec<String> = rates.into_iter().map(|rate| till::words::percent(rate.basis_points())).collect();
        ui::VatSection {
            country: country.code().into(),
            stretch: format!("{} – {}", name(from), name(to)).into(),
            rates: rates.join(" · ").into(),
        }
    };
    sections.into_iter().map(section).collect()
}

/// What the shift screen knows before it opens one.
#[must_use]
pub fn before_shift(shot: &Snapshot, language: Language) -> Vec<ui::Figure> {
    let paper = till::words::paper(language);
    let crew = shot.books.crew.as_deref().and_then(|id| super::strip::member(shot, id)).unwrap_or_default();
    let train = shot.books.trip.as_ref().map(|trip| trip.started.trip.train().as_str().to_owned()).unwrap_or_default();
    vec![
        figure(paper.crew_member, crew, false),
        figure(paper.train, train, false),
        figure(paper.register, shot.books.register.as_str(), false),
    ]
}

/// The usual float.
#[must_use]
pub fn usual_float(shot: &Snapshot) -> String {
    money(shot.setup.operator.opening_float.minor(), super::currency(shot))
}
