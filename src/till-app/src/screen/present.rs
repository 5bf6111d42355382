//! What the window shows of how everything stands: pure functions from a snapshot to finished strings.

pub mod checkout;
pub mod crew;
pub mod drawer;
pub mod sell;
pub mod service;
pub mod strip;

use chrono::{DateTime, FixedOffset};
use domain::{Currency, Money, crew::Language};
use till::words;

use super::backroom::Snapshot;

/// An amount with its unit: `1 234,50 kr`.
#[must_use]
pub fn money(minor: i64, currency: Currency) -> String {
    words::amount(Money::new(minor, currency))
}

/// An amount without its unit: `1 234,50`.
#[must_use]
pub fn bare(minor: i64, currency: Currency) -> String {
    let whole = words::amount(Money::new(minor, currency));
    whole.rsplit_once('\u{a0}').map_or(whole.clone(), |(digits, _)| digits.to_owned())
}

/// Hours and minutes of a wall time, local.
#[must_use]
pub fn clock(wall_s: i64, offset_min: i16) -> String {
    local(wall_s, offset_min).map_or_else(|| "--:--".into(), |at| at.format("%H:%M").to_string())
}

/// A wall time as the people of its place read it.
#[must_use]
pub fn local(wall_s: i64, offset_min: i16) -> Option<DateTime<FixedOffset>> {
    Some(DateTime::from_timestamp(wall_s, 0)?.with_timezone(&FixedOffset::east_opt(i32::from(offset_min) * 60)?))
}

/// A name in the crew's language.
#[must_use]
pub fn named(name: &domain::catalogue::Name, language: Language) -> String {
    let name = match language {
        Language::Sv => &name.sv,
        Language::En => &name.en,
    };
    unbroken(name)
}

/// `50 cl` stays on one line.
fn unbroken(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        let joins = letter == ' ' && out.ends_with(|last: char| last.is_ascii_digit());
        out.push(if joins { '\u{a0}' } else { letter });
    }
    out
}

/// A figure: a word and its value.
#[must_use]
pub fn figure(label: impl Into<slint::SharedString>, value: impl Into<slint::SharedString>, strong: bool) -> ui::Figure {
    ui::Figure { label: label.into(), value: value.into(), strong }
}

/// The currency of a till.
#[must_use]
pub fn currency(shot: &Snapshot) -> Currency {
    shot.setup.operator.currency
}
