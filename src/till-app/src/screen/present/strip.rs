//! The status strip: the train, the time, who, printer, card terminal, and the honest line about what only this till has.

use domain::{Refusal, trip::DayTime};
use hw::{
    control::ControlTrouble,
    power::Supply,
    printer::{Contact, Cover, Paper},
    terminal::TerminalState,
};
use journal::ClockTrust;
use till::{
    ControlRule,
    place::{Basis, Place},
};

use super::{super::backroom::Snapshot, clock};

/// The strip's words.
#[derive(Clone, Debug, PartialEq)]
pub struct StripView {
    /// Train number; empty without a trip.
    pub train: String,
    /// The next call and its time.
    pub next: (String, String),
    /// The train stands at that call, and leaves at that time.
    pub standing: bool,
    /// The machine runs on what is stored.
    pub supply_failing: bool,
    /// Nothing waits to become durable.
    pub saved: bool,
    /// Wall time.
    pub time: String,
    /// The clock is believed.
    pub time_trusted: bool,
    /// Who is signed in.
    pub crew: String,
    /// The printer.
    pub printer: ui::PrinterState,
    /// The card terminal.
    pub terminal: ui::TerminalState,
    /// The control unit.
    pub control: ui::ControlFace,
    /// Sales that only this till has.
    pub unsent: i32,
    /// How long the oldest of them has waited.
    pub oldest: String,
    /// How sync stands.
    pub sync: ui::SyncState,
    /// The next station and its time, where there may be a network; empty when nobody knows.
    pub chance: String,
    /// Training mode.
    pub training: bool,
}

/// The strip for `shot`.
#[must_use]
pub fn view(shot: &Snapshot) -> StripView {
    let (wall_s, offset_min) = shot.wall;
    let trip = shot.books.trip.as_ref().map(|trip| &trip.started.trip);
    // The plan alone knows no delay: it tells the next call, and only what was seen says that the train stands.
    let seen = (shot.place.by != Basis::Timetable).then_some(&shot.place.place);
    let planned = trip.and_then(|trip| {
        let time = DayTime::of(trip.operating_day(), wall_s, i32::from(offset_min) * 60);
        let call = trip.next_call_at(time)?;
        Some((call.station.name.clone(), call.arrival.map(|arrival| arrival.to_string()).unwrap_or_default()))
    });
    let (next, standing) = match seen {
        Some(Place::At { station, until }) => {
            (Some((station.name.clone(), until.map(|until| until.to_string()).unwrap_or_default())), true)
        }
        Some(Place::Between { to, .. }) => (trip.and_then(|trip| arrival(trip, &to.code)), false),
        Some(Place::Unknown) | None => (planned, false),
    };
    let crew = shot.books.crew.as_deref().and_then(|id| member(shot, id));
    StripView {
        train: trip.map(|trip| trip.train().as_str().to_owned()).unwrap_or_default(),
        next: next.unwrap_or_default(),
        standing,
        supply_failing: shot.states.supply == Some(Supply::Failing),
        saved: shot.saved,
        time: clock(wall_s, offset_min),
        time_trusted: shot.trust != ClockTrust::NotProven,
        crew: crew.unwrap_or_default(),
        printer: printer(shot),
        terminal: terminal(shot),
        control: control(shot),
        unsent: i32::try_from(shot.sync.here.sales).unwrap_or(i32::MAX),
        oldest: waited(wall_s - shot.sync.here.oldest_s.unwrap_or(wall_s)),
        sync: sync(shot),
        chance: chance(shot),
        training: shot.books.training,
    }
}

/// The call at a station and its arrival.
fn arrival(trip: &domain::trip::Trip, code: &str) -> Option<(String, String)> {
    let call = trip.calls().iter().find(|call| call.station.code == code)?;
    Some((call.station.name.clone(), call.arrival.map(|arrival| arrival.to_string()).unwrap_or_default()))
}

/// A crew member's name.
#[must_use]
pub fn member(shot: &Snapshot, id: &str) -> Option<String> {
    shot.setup.roster.entries().iter().find(|entry| entry.member.id.as_str() == id).map(|entry| entry.member.name.clone())
}

/// The printer in a word. What was not heard is never good news; before the first question it is given the benefit of the doubt.
#[must_use]
pub fn printer(shot: &Snapshot) -> ui::PrinterState {
    let state = &shot.states.printer;
    match (state.contact, state.cover, state.paper) {
        (Contact::Unplugged, ..) => ui::PrinterState::Off,
        (Contact::Silent, ..) => ui::PrinterState::Silent,
        (_, Cover::Open, _) => ui::PrinterState::CoverOpen,
        (_, _, Paper::Out) => ui::PrinterState::PaperOut,
        (Contact::Heard, _, _) if !state.is_ready() => ui::PrinterState::Silent,
        (_, _, Paper::NearEnd) => ui::PrinterState::PaperLow,
        _ => ui::PrinterState::Ok,
    }
}

fn terminal(shot: &Snapshot) -> ui::TerminalState {
    match shot.states.terminal {
        _ if shot.books.card.as_ref().is_some_and(|card| !card.unknown) => ui::TerminalState::Busy,
        Some(TerminalState::Unplugged) => ui::TerminalState::Off,
        Some(TerminalState::Silent) => ui::TerminalState::Silent,
        Some(TerminalState::Ready) | None => ui::TerminalState::Ok,
    }
}

/// Sync in a word. A till that no hub knows of waits for nobody's hands: its sales go by card.
fn sync(shot: &Snapshot) -> ui::SyncState {
    let state = &shot.sync;
    match state.code {
        "sync.not_enrolled" => ui::SyncState::Waiting,
        _ if state.needs_hands => ui::SyncState::Stuck,
        "sync.all_sent" => ui::SyncState::AllSent,
        "sync.sending" => ui::SyncState::Sending,
        _ => ui::SyncState::Waiting,
    }
}

/// No chance is promised to a till that no hub knows of.
fn chance(shot: &Snapshot) -> String {
    match &shot.sync.chance {
        Some((station, time)) if shot.sync.code != "sync.not_enrolled" => format!("{station} {time}"),
        _ => String::new(),
    }
}

/// The code of what to say about sync.
#[must_use]
pub fn sync_code(shot: &Snapshot) -> &'static str {
    match shot.sync.code {
        "sync.not_enrolled" | "sync.only_here" if shot.sync.here.sales == 0 => "sync.none_waits",
        "sync.not_enrolled" => "sync.only_here",
        code => code,
    }
}

/// The control unit in a word; none where the law asks for none. Before it was heard it is given the benefit of the doubt.
fn control(shot: &Snapshot) -> ui::ControlFace {
    match &shot.control.seen {
        _ if shot.setup.control == ControlRule::None => ui::ControlFace::None,
        Some(Err(_)) => ui::ControlFace::Away,
        _ if shot.books.control.is_some() && shot.control.trouble.is_none() => ui::ControlFace::Busy,
        Some(Ok(state)) if !state.is_ready => ui::ControlFace::Busy,
        Some(Ok(state)) if state.storage_low => ui::ControlFace::Low,
        _ if shot.control.trouble.is_some() => ui::ControlFace::Away,
        _ => ui::ControlFace::Ok,
    }
}

/// The code of what to say about the control unit.
#[must_use]
pub fn control_code(shot: &Snapshot) -> &'static str {
    match (&shot.control.seen, shot.control.trouble) {
        (Some(Err(trouble)), _) => trouble.code(),
        (_, Some(trouble)) => trouble.code(),
        (None, _) => Refusal::ControlUnheard.code(),
        (Some(Ok(state)), _) if !state.is_ready => ControlTrouble::Busy.code(),
        (Some(Ok(state)), _) if state.storage_low => "control.storage_low",
        _ => "control.ok",
    }
}

/// How long, short.
#[must_use]
pub fn waited(seconds: i64) -> String {
    match seconds.max(0) / 60 {
        minutes @ 0..60 => format!("{minutes} min"),
        minutes @ 60..2880 => format!("{} h", minutes / 60),
        minutes => format!("{} d", minutes / 1440),
    }
}
