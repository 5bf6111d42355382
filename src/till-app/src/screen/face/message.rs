//! What lies over the screen: what happened, what is safe, what to do, and one obvious button.

use till::{Command, Wrong, words};

use super::Face;
use crate::screen::backroom::{Ask, StoreFound};

/// What a button of a message does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Nothing but going away.
    Close,
    /// The till is asked.
    Ask(Box<Command>),
    /// The clock is right as it is.
    ClockIsRight,
}

/// A message that is up.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::screen) struct Shown {
    pub code: String,
    pub level: ui::Level,
    pub sentences: words::Sentences,
    pub first: (String, Act),
    pub second: Option<(String, Act)>,
}

impl Face {
    /// Says what `code` stands for.
    pub(in crate::screen) fn tell(&mut self, code: &str, level: ui::Level, values: &[(&str, &str)]) {
        let understood = self.button("OK", "OK");
        self.tell_with(code, level, values, (understood, Act::Close), None);
    }

    pub(super) fn tell_wrong(&mut self, wrong: &Wrong) {
        let level = if matches!(wrong, Wrong::Fault(_)) { ui::Level::Bad } else { ui::Level::Warn };
        self.tell(wrong.code(), level, &[]);
    }

    /// Print jobs that may or may not have come out: the crew is asked, one at a time.
    pub(super) fn tell_doubted(&mut self) {
        let Some(shot) = &self.shot else { return };
        if self.message.is_some() || shot.books.crew.is_none() {
            return;
        }
        let Some((job_id, receipt_no)) = shot.doubted.first().copied() else { return };
        let number = receipt_no.map(|receipt_no| receipt_no.to_string());
        let values: Vec<(&str, &str)> = number.iter().map(|number| ("receipt_no", number.as_str())).collect();
        let again =
            (self.button("Nej, skriv ut igen", "No, print again"), Act::Ask(Box::new(Command::JobDecided { job_id, came_out: false })));
        let whole = (self.button("Ja, hela", "Yes, all of it"), Act::Ask(Box::new(Command::JobDecided { job_id, came_out: true })));
        self.tell_with("printer.uncertain", ui::Level::Warn, &values, again, Some(whole));
    }

    /// What a start found out.
    pub(super) fn tell_start(&mut self) {
        let Some(shot) = &self.shot else { return };
        if shot.store == StoreFound::SetAside {
            self.tell("store.set_aside", ui::Level::Warn, &[]);
        } else if shot.trust == journal::ClockTrust::NotProven {
            self.tell_clock();
        }
    }

    pub(in crate::screen) fn tell_clock(&mut self) {
        let right = (self.button("Tiden stämmer", "The time is right"), Act::ClockIsRight);
        let later = (self.button("Senare", "Later"), Act::Close);
        self.tell_with("clock.suspect", ui::Level::Warn, &[], right, Some(later));
    }

    /// A button of the message with this code was pressed. A late tap cannot answer a newer message.
    pub(in crate::screen) fn answer(&mut self, code: &str, first: bool) {
        let Some(shown) = self.message.take_if(|shown| shown.code == code) else { return };
        let act = if first { Some(shown.first.1) } else { shown.second.map(|(_, act)| act) };
        match act {
            Some(Act::Ask(command)) => self.ask(Ask::Command(*command)),
            Some(Act::ClockIsRight) => {
                let wall_s = self.shot.as_ref().map_or(0, |shot| shot.wall.0 + self.shot_age_s);
                self.ask(Ask::SetClock(wall_s));
            }
            Some(Act::Close) | None => {}
        }
        self.show();
    }

    fn tell_with(&mut self, code: &str, level: ui::Level, values: &[(&str, &str)], first: (String, Act), second: Option<(String, Act)>) {
        let message = words::message(self.language(), code).map(|message| message.with(values));
        let nothing = || words::Sentences { happened: code.to_owned(), safe: String::new(), todo: String::new() };
        let sentences = message.unwrap_or_else(nothing);
        self.wake();
        self.message = Some(Shown { code: code.to_owned(), level, sentences, first, second });
    }

    fn button(&self, sv: &str, en: &str) -> String {
        match self.language() {
            domain::crew::Language::Sv => sv.to_owned(),
            domain::crew::Language::En => en.to_owned(),
        }
    }
}
