//! Editing the files of a draft: a product by its SKU, a member of the crew by their number. What comes out is the same file, and nothing in it
//! is touched that was not named. Whether it makes sense is for the till's readers to say.

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use crate::answer::No;

/// The currencies of prices, in the order in which they are shown.
pub const CURRENCIES: [&str; 4] = ["SEK", "DKK", "NOK", "EUR"];

/// What is to change about a product. An empty text leaves it as it is; a single hyphen takes it away where it may be missing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProductEdit {
    /// Which; one that is not there is added.
    pub sku: String,
    /// Swedish and English name.
    pub name: [String; 2],
    /// The category's identity.
    pub category: String,
    /// `goods`, `service`, `deposit`, `deposit_return`.
    pub kind: String,
    /// VAT class.
    pub vat_class: String,
    /// `served`, `take_away`.
    pub supply: String,
    /// The first day of the prices.
    pub from: String,
    /// Prices, in the order of [`CURRENCIES`].
    pub prices: [String; 4],
    /// Barcode.
    pub gtin: String,
    /// SKU of the deposit.
    pub deposit: String,
    /// Years; 0 takes the limit away.
    pub age_limit: Option<u8>,
    /// Nothing left; `None` leaves it.
    pub sold_out: Option<bool>,
    /// Among the favourites; `None` leaves it.
    pub favourite: Option<bool>,
}

/// What is to change about a member of the crew. An empty text leaves it as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CrewEdit {
    /// Which; one that is not there is added.
    pub crew: String,
    /// Name.
    pub name: String,
    /// Initials.
    pub initials: String,
    /// `crew`, `manager`, `depot_staff`.
    pub role: String,
    /// `sv`, `en`.
    pub language: String,
    /// The hash of a new PIN.
    pub pin_hash: String,
}

/// A catalogue with another version.
///
/// # Errors
/// [`No`] for text that is no catalogue.
pub fn with_version(catalogue: &str, version: u64) -> Result<String, No> {
    let mut file = parsed(catalogue)?;
    file.insert("version".into(), json!(version));
    Ok(written(file))
}

/// A catalogue with products changed or added.
///
/// # Errors
/// [`No`] for text that is no catalogue.
pub fn with_products(catalogue: &str, edits: &[ProductEdit]) -> Result<String, No> {
    let mut file = parsed(catalogue)?;
    let rows = rows_of(&mut file, "products")?;
    for edit in edits {
        set_product(row_of(rows, "sku", &edit.sku), edit);
    }
    Ok(written(file))
}

/// A catalogue without a product.
///
/// # Errors
/// [`No`] for text that is no catalogue, or one without that product.
pub fn without_product(catalogue: &str, sku: &str) -> Result<String, No> {
    without(catalogue, "products", "sku", sku)
}

/// A roster with people changed or added.
///
/// # Errors
/// [`No`] for text that is no roster.
pub fn with_crew(roster: &str, edits: &[CrewEdit]) -> Result<String, No> {
    let mut file = parsed(roster)?;
    let rows = rows_of(&mut file, "crew")?;
    for edit in edits {
        let row = row_of(rows, "crew", &edit.crew);
        let texts = [&edit.name, &edit.initials, &edit.role, &edit.language, &edit.pin_hash];
        for (name, value) in ["name", "initials", "role", "language", "pin"].into_iter().zip(texts).filter(|(_, value)| !value.is_empty()) {
            row.insert(name.into(), json!(value));
        }
    }
    Ok(written(file))
}

/// A roster without somebody.
///
/// # Errors
/// [`No`] for text that is no roster, or one without them.
pub fn without_crew(roster: &str, crew: &str) -> Result<String, No> {
    without(roster, "crew", "crew", crew)
}

/// The rows of a list in a file, to show.
///
/// # Errors
/// [`No`] for text that has no such list.
pub fn rows(text: &str, list: &str) -> Result<Vec<Map<String, Value>>, No> {
    let mut file = parsed(text)?;
    Ok(rows_of(&mut file, list)?.iter().filter_map(Value::as_object).cloned().collect())
}

/// A text of a row, empty where it has none.
#[must_use]
pub fn text<'a>(row: &'a Map<String, Value>, name: &str) -> &'a str {
    row.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn set_product(row: &mut Map<String, Value>, edit: &ProductEdit) {
    for (name, value) in [("category", &edit.category), ("kind", &edit.kind), ("vat_class", &edit.vat_class), ("supply", &edit.supply)] {
        if !value.is_empty() {
            row.insert(name.into(), json!(value));
        }
    }
    for (name, value) in [("gtin", &edit.gtin), ("deposit", &edit.deposit)] {
        set_or_take(row, name, value);
    }
    for (name, value) in ["sv", "en"].into_iter().zip(&edit.name) {
        if !value.is_empty() {
            object(row.entry("name").or_insert_with(|| json!({}))).insert(name.into(), json!(value));
        }
    }
    match edit.age_limit {
        None => {}
        Some(0) => drop(row.remove("age_limit")),
        Some(years) => drop(row.insert("age_limit".into(), json!(years))),
    }
    for (name, value) in [("sold_out", edit.sold_out), ("favourite", edit.favourite)] {
        if let Some(value) = value {
            row.insert(name.into(), json!(value));
        }
    }
    if edit.prices.iter().any(|price| !price.is_empty()) {
        set_prices(row.entry("prices").or_insert_with(|| json!([])), &edit.from, &edit.prices);
    }
}

/// Prices from a day on, in the order of days.
fn set_prices(prices: &mut Value, from: &str, amounts: &[String; 4]) {
    if !prices.is_array() {
        *prices = json!([]);
    }
    let Some(rows) = prices.as_array_mut() else { return };
    let row = row_of(rows, "from", from);
    for (currency, amount) in CURRENCIES.into_iter().zip(amounts) {
        set_or_take(row, currency, amount);
    }
    rows.sort_by_key(|row| row.get("from").and_then(Value::as_str).unwrap_or_default().to_owned());
}

fn set_or_take(row: &mut Map<String, Value>, name: &str, value: &str) {
    match value {
        "" => {}
        "-" => drop(row.remove(name)),
        value => drop(row.insert(name.into(), json!(value))),
    }
}

fn without(text: &str, list: &str, name: &str, value: &str) -> Result<String, No> {
    let mut file = parsed(text)?;
    let rows = rows_of(&mut file, list)?;
    let before = rows.len();
    rows.retain(|row| row.get(name).and_then(Value::as_str) != Some(value));
    if rows.len() == before {
        return Err(No::new(StatusCode::NOT_FOUND, "draft.no-such-row", format!("There is no {name} {value:?}."), "Choose from the list."));
    }
    Ok(written(file))
}

fn parsed(text: &str) -> Result<Map<String, Value>, No> {
    match serde_json::from_str(text) {
        Ok(Value::Object(file)) => Ok(file),
        _ => Err(unreadable("The file is no JSON object.")),
    }
}

fn written(file: Map<String, Value>) -> String {
    let text = serde_json::to_string_pretty(&Value::Object(file));
    text.unwrap_or_else(|error| panic!("writing JSON does not fail: {error}")) + "\n"
}

fn rows_of<'a>(file: &'a mut Map<String, Value>, list: &str) -> Result<&'a mut Vec<Value>, No> {
    file.get_mut(list).and_then(Value::as_array_mut).ok_or_else(|| unreadable(&format!("The file has no list {list:?}.")))
}

/// The row with this value, at the end when it is new.
fn row_of<'a>(rows: &'a mut Vec<Value>, name: &str, value: &str) -> &'a mut Map<String, Value> {
    let place = rows.iter().position(|row| row.get(name).and_then(Value::as_str) == Some(value));
    let place = place.unwrap_or_else(|| {
        rows.push(json!({name: value}));
        rows.len() - 1
    });
    object(&mut rows[place])
}

fn object(value: &mut Value) -> &mut Map<String, Value> {
    if !value.is_object() {
        *value = json!({});
    }
    match value {
        Value::Object(object) => object,
        _ => panic!("it was made an object just now"),
    }
}

fn unreadable(what: &str) -> No {
    No::new(StatusCode::BAD_REQUEST, "draft.unreadable", what, "Begin again with the published files.")
}
