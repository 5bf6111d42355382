//! What a till is given before it sells: catalogue, timetable, roster and operator, read from JSON.
//!
//! **Invariant.** What comes out of here is whole: a file with one bad row is refused, and the [`DataFault`] names the file, the row, what is
//! wrong and what to do. No row is guessed at or left out.
//!
//! **Entry points.** [`Provision::demo`] for the built-in demo, [`Provision::read`] for files. Only this module knows their JSON.

mod catalogue;
mod changes;
mod plain;
mod price_list;
mod roster;
mod timetable;
mod vat;

use domain::{Currency, Money, catalogue::Catalogue, catalogue::Name, vat::Country};
use serde::{Deserialize, de::DeserializeOwned};

pub use changes::{CHANGE_PERCENT_MAX, Changes, Excess, GONE_PERCENT_MAX, PRICE_MINOR_MAX, PriceChange, excess, staff_changes};
pub use price_list::{PriceList, check_files};
pub use roster::{Roster, RosterEntry};
pub use timetable::{Site, Timetable, TimetabledTrain, udeg};
pub use vat::{read_vat, write_vat};

/// A file of the till's data cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}, {item}: {what}. {todo}")]
pub struct DataFault {
    /// The name by which the file is known here, such as `catalogue.json`, wherever it was read from.
    pub file: &'static str,
    /// The row, by its own number and place: `product 17 (sku 1004)`.
    pub item: String,
    /// What is wrong with it.
    pub what: String,
    /// What to do.
    pub todo: &'static str,
}

impl DataFault {
    /// The stable code; its sentences stand in [`crate::words`].
    pub const CODE: &'static str = "data.unreadable";
}

/// The names by which the four files are known: catalogue, timetable, crew, operator.
pub const FILES: [&str; 4] = [catalogue::FILE, timetable::FILE, roster::FILE, OPERATOR];

/// The text of the four files.
#[derive(Clone, Copy, Debug)]
pub struct Sources<'a> {
    /// `catalogue.json`.
    pub catalogue: &'a str,
    /// `timetable.json`.
    pub timetable: &'a str,
    /// `crew.json`.
    pub crew: &'a str,
    /// `operator.json`.
    pub operator: &'a str,
}

/// The invented train bistro that ships with the till.
pub const DEMO: Sources<'static> = Sources {
    catalogue: include_str!("../demo/catalogue.json"),
    timetable: include_str!("../demo/timetable.json"),
    crew: include_str!("../demo/crew.json"),
    operator: include_str!("../demo/operator.json"),
};

/// Everything a till is given before it sells.
#[derive(Clone, Debug)]
pub struct Provision {
    /// What can be sold.
    pub catalogue: Catalogue,
    /// The trains.
    pub timetable: Timetable,
    /// Who may sign in.
    pub roster: Roster,
    /// Whose till it is.
    pub operator: Operator,
}

/// The company that sells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operator {
    /// Its name, as it stands on receipts.
    pub company: String,
    /// Its organisation number, as it stands on receipts.
    pub org_no: String,
    /// Address lines, as they stand on receipts.
    pub address: Vec<String>,
    /// Its home country.
    pub country: Country,
    /// The currency of its books.
    pub currency: Currency,
    /// The float a shift normally begins with.
    pub opening_float: Money,
    /// The last line of a receipt.
    pub receipt_footer: Name,
}

impl Provision {
    /// Reads the four files.
    ///
    /// # Errors
    /// The first [`DataFault`] found.
    pub fn read(sources: Sources<'_>) -> Result<Self, DataFault> {
        Ok(Self {
            catalogue: catalogue::read(sources.catalogue)?,
            timetable: Timetable::read(sources.timetable)?,
            roster: Roster::read(sources.crew)?,
            operator: read_operator(sources.operator)?,
        })
    }

    /// The built-in demo.
    ///
    /// # Panics
    /// Never: the tests read the same built-in text.
    #[must_use]
    pub fn demo() -> Self {
        Self::read(DEMO).unwrap_or_else(|fault| panic!("the built-in demo is damaged: {fault}"))
    }
}

/// Reads a `catalogue.json` alone.
///
/// # Errors
/// The first [`DataFault`] found.
pub fn read_catalogue(json: &str) -> Result<Catalogue, DataFault> {
    catalogue::read(json)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OperatorFile {
    #[serde(default, rename = "note")]
    _note: String,
    company: String,
    org_no: String,
    address: Vec<String>,
    country: String,
    currency: String,
    opening_float: String,
    receipt_footer: Text,
}

/// Text in every language of the catalogue.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    sv: Box<str>,
    en: Box<str>,
}

impl From<Text> for Name {
    fn from(text: Text) -> Self {
        Self { sv: text.sv, en: text.en }
    }
}

const OPERATOR: &str = "operator.json";

/// Reads an `operator.json` alone.
///
/// # Errors
/// The first [`DataFault`] found.
pub fn read_operator(json: &str) -> Result<Operator, DataFault> {
    let file: OperatorFile = parse(OPERATOR, json)?;
    let fault = |what: String, todo| DataFault { file: OPERATOR, item: "the operator".to_owned(), what, todo };
    let currency = Currency::from_code(&file.currency)
        .ok_or_else(|| fault(format!("currency {:?} is not known", file.currency), "Write SEK, DKK, NOK or EUR."))?;
    Ok(Operator {
        country: Country::from_code(&file.country)
            .ok_or_else(|| fault(format!("country {:?} is not known", file.country), "Write SE, DK, NO, DE or FI."))?,
        currency,
        opening_float: Money::parse(&file.opening_float, currency)
            .map_err(|_| fault(format!("opening_float {:?} is no amount", file.opening_float), "Write it like \"1000.00\"."))?,
        company: file.company,
        org_no: file.org_no,
        address: file.address,
        receipt_footer: file.receipt_footer.into(),
    })
}

/// Reads JSON in which every text is plain; a fault names the row, or line and column.
fn parse<T: DeserializeOwned>(file: &'static str, json: &str) -> Result<T, DataFault> {
    let wrong = |error: serde_json::Error| DataFault {
        file,
        item: format!("line {} column {}", error.line(), error.column()),
        what: error.to_string(),
        todo: "Correct the file at that place; nothing of it is used before.",
    };
    // First, so that no other fault repeats a text that a terminal would obey.
    plain::check(file, &serde_json::from_str(json).map_err(wrong)?)?;
    serde_json::from_str(json).map_err(wrong)
}

/// Reads a date as `2026-04-01`.
fn date(text: &str) -> Option<chrono::NaiveDate> {
    chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()
}

#[cfg(test)]
mod tests;
