//! Texts that show as what they are: no text of a data file has a character that a terminal, a printer or a page obeys.

use serde_json::Value;

use super::{DataFault, OPERATOR};

/// The field that is for readers of the file alone.
const NOTE: &str = "note";

/// Looks at every text and every field name.
pub(super) fn check(file: &'static str, json: &Value) -> Result<(), DataFault> {
    let Value::Object(fields) = json else { return Ok(()) };
    for (field, value) in fields {
        let whole = || if file == OPERATOR { "the operator".to_owned() } else { "the file".to_owned() };
        if !is_plain(field) {
            return Err(fault(file, whole(), "a field is named", field));
        }
        match value {
            _ if field == NOTE => {}
            Value::Array(rows) if rows.iter().any(Value::is_object) => {
                for (index, row) in rows.iter().enumerate() {
                    unplain("", row).map_or(Ok(()), |(at, text)| Err(fault(file, item(field, index, row), &at, text)))?;
                }
            }
            value => unplain(field, value).map_or(Ok(()), |(at, text)| Err(fault(file, whole(), &at, text)))?,
        }
    }
    Ok(())
}

/// Whether a text has no control character and none that turns the direction of writing.
fn is_plain(text: &str) -> bool {
    !text.chars().any(|char| char.is_control() || matches!(char, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
}

/// The first text that is not plain, and the field in which it stands.
fn unplain<'a>(at: &str, value: &'a Value) -> Option<(String, &'a str)> {
    match value {
        Value::String(text) => (!is_plain(text)).then(|| (at.to_owned(), text.as_str())),
        Value::Array(values) => values.iter().find_map(|value| unplain(at, value)),
        Value::Object(fields) => fields.iter().find_map(|(field, value)| {
            if !is_plain(field) {
                return Some(("a field is named".to_owned(), field.as_str()));
            }
            let within = if at.is_empty() { field.clone() } else { format!("{at}.{field}") };
            unplain(&within, value)
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

fn fault(file: &'static str, item: String, at: &str, text: &str) -> DataFault {
    // Written as a program would write it, so that the fault itself is plain.
    let what = format!("{at} {text:?} has a control character");
    DataFault { file, item, what, todo: "Write it again by hand; it was copied together with something that does not show." }
}

/// The row as other faults name it.
fn item(list: &str, index: usize, row: &Value) -> String {
    let (name, key) = match list {
        "categories" => ("category", "id"),
        "products" => ("product", "sku"),
        "trains" => ("train", "train"),
        "stations" => ("station", "code"),
        "crew" => ("crew member", "crew"),
        _ => ("row", "country"),
    };
    let number = index + 1;
    match row.get(key).and_then(Value::as_str).filter(|text| is_plain(text)) {
        Some(text) if list == "products" => format!("{name} {number} (sku {text})"),
        Some(text) => format!("{name} {number} ({text})"),
        None => format!("{name} {number}"),
    }
}
