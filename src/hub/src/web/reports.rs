//! What was sold: sums, trips, receipts, Z reports, and what does not add up.

mod csv;
mod findings;
mod paper;
mod receipts;
mod sales;
#[cfg(test)]
mod tests;
mod trips;
mod zs;

use axum::http::StatusCode;
use chrono::{DateTime, NaiveDate, TimeDelta};
use domain::{Currency, Money};
use hub_store::{
    Fault, HubStore,
    project::{day_date, day_number},
};
use serde::Deserialize;

use super::{
    page::{Page, Wrong},
    route::{Pages, query_safe},
    words::{ReportWords, fill},
};

/// The longest period of one page, in days.
const DAYS_MAX: i64 = 731;
/// The period when nobody asks for one, in days.
const DAYS_SHOWN: i64 = 7;

/// The pages here.
pub(super) fn pages() -> Pages {
    Pages::default().merge(sales::pages()).merge(trips::pages()).merge(receipts::pages()).merge(zs::pages()).merge(findings::pages())
}

/// What the filters of a page say; empty for all.
#[derive(Clone, Debug, Default, Deserialize)]
struct Asked {
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
    #[serde(default)]
    train: String,
    #[serde(default)]
    unit: String,
    #[serde(default)]
    payment: String,
    #[serde(default)]
    by: String,
    #[serde(default)]
    differing: String,
}

/// Days, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Period {
    from: NaiveDate,
    to: NaiveDate,
}

impl Period {
    /// What was asked for, or the last days with sales.
    fn of(asked: &Asked, last_day: Option<i64>, page: &Page) -> Result<Self, Wrong> {
        let w = ReportWords::of(page.lang);
        let read = |text: &str| {
            let wrong = |_| Wrong::new(StatusCode::BAD_REQUEST, "report.day", w.day_wrong, w.day_todo);
            if text.is_empty() { Ok(None) } else { NaiveDate::parse_from_str(text, "%Y-%m-%d").map(Some).map_err(wrong) }
        };
        let today = DateTime::from_timestamp(page.now_s, 0).unwrap_or_default().date_naive();
        let (from, to) = (read(&asked.from)?, read(&asked.to)?);
        let to = to.or_else(|| from.map(|from| from.max(today))).or_else(|| last_day.and_then(day_date)).unwrap_or(today);
        let from = from.unwrap_or_else(|| back(to, DAYS_SHOWN - 1));
        let (from, to) = (from.min(to), from.max(to));
        if from < back(to, DAYS_MAX - 1) {
            let todo = fill(w.period_todo, &[("n", &DAYS_MAX.to_string())]);
            return Err(Wrong::new(StatusCode::BAD_REQUEST, "report.period", w.period_wrong, todo));
        }
        Ok(Self { from, to })
    }

    fn first_day(self) -> i64 {
        day_number(self.from)
    }

    fn last_day(self) -> i64 {
        day_number(self.to)
    }
}

fn back(day: NaiveDate, days: i64) -> NaiveDate {
    day.checked_sub_signed(TimeDelta::days(days)).unwrap_or(day)
}

/// Text that was given, or none.
fn given(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// The filters as a page shows them.
struct Filter {
    action: &'static str,
    from: String,
    to: String,
    trains: Vec<String>,
    train: String,
    unit: String,
    /// Code and word of each way to pay; empty where a page has no such filter.
    payments: Vec<(&'static str, &'static str)>,
    payment: String,
    by: String,
    has_train: bool,
    /// Whether only what differs is wanted; none where a page has no such filter.
    differing: Option<bool>,
}

impl Filter {
    fn new(action: &'static str, asked: &Asked, period: Period, trains: Vec<String>) -> Self {
        Self {
            action,
            from: period.from.to_string(),
            to: period.to.to_string(),
            trains,
            train: asked.train.clone(),
            unit: asked.unit.clone(),
            payments: Vec::new(),
            payment: asked.payment.clone(),
            by: String::new(),
            has_train: true,
            differing: None,
        }
    }

    /// The same filters on another path, with more behind.
    fn link(&self, path: &str, by: &str) -> String {
        let mut link = format!("{path}?from={}&to={}", self.from, self.to);
        let differing = if self.differing == Some(true) { "1" } else { "" };
        for (name, value) in
            [("train", &*self.train), ("unit", &self.unit), ("payment", &self.payment), ("by", by), ("differing", differing)]
        {
            if !value.is_empty() {
                link.push_str(&format!("&{name}={}", query_safe(value)));
            }
        }
        link
    }
}

/// The trains of a period, for the filter.
fn trains(store: &HubStore, period: Period) -> Result<Vec<String>, Fault> {
    store.trains(period.first_day(), period.last_day())
}

/// An amount as people read it: `1 234,50 kr`.
fn money(minor: i64, currency: &str) -> String {
    Currency::from_code(currency).map_or_else(
        || csv::decimal(minor),
        |currency| {
            let sum = Money::new(minor, currency);
            till::words::amount(sum)
        },
    )
}

/// A day as a number in people's way of writing it.
fn day_text(day: i64) -> String {
    day_date(day).map_or_else(|| day.to_string(), |date| date.to_string())
}

/// A till's wall clock, date first.
fn wall(wall_s: i64, offset_min: i64) -> String {
    let local = wall_s.checked_add(offset_min.saturating_mul(60)).and_then(|local_s| DateTime::from_timestamp(local_s, 0));
    local.map_or_else(|| wall_s.to_string(), |local| local.format("%Y-%m-%d %H:%M").to_string())
}

/// A till's wall clock, without the date.
fn wall_time(wall_s: i64, offset_min: i64) -> String {
    wall(wall_s, offset_min).split_off(11.min(wall(wall_s, offset_min).len()))
}

/// Text, or a dash for none.
fn or_dash(text: &str) -> String {
    if text.is_empty() { "–".to_owned() } else { text.to_owned() }
}
