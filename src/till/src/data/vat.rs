//! `vat.json`: dated VAT rates, where a bundle brings its own.

use domain::vat::{Country, Supply, VatClass, VatRate, VatRow, VatTable};
use serde::Deserialize;

use super::{DataFault, date, parse};

pub(super) const FILE: &str = "vat.json";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct VatFile {
    #[serde(default, rename = "note")]
    _note: String,
    rows: Vec<RateRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RateRow {
    country: String,
    class: String,
    supply: Option<String>,
    rate: String,
    from: String,
    until: Option<String>,
}

/// Reads a `vat.json`.
///
/// # Errors
/// The first [`DataFault`] found.
pub fn read_vat(json: &str) -> Result<VatTable, DataFault> {
    let file: VatFile = parse(FILE, json)?;
    let mut rows = Vec::with_capacity(file.rows.len());
    for (index, one) in file.rows.iter().enumerate() {
        let item = || format!("row {} ({} {})", index + 1, one.country, one.class);
        rows.push(row(one).map_err(|(what, todo)| DataFault { file: FILE, item: item(), what, todo })?);
    }
    VatTable::new(rows).map_err(|error| DataFault {
        file: FILE,
        item: "the table".to_owned(),
        what: error.to_string(),
        todo: "Correct the rows that are named.",
    })
}

/// Writes a table as a `vat.json`, for somebody to begin with.
#[must_use]
pub fn write_vat(table: &VatTable) -> String {
    let rows: Vec<String> = table
        .rows()
        .iter()
        .map(|row| {
            let supply = row.supply.map_or_else(String::new, |supply| format!(r#", "supply": "{}""#, supply.code()));
            let until = row.until.map_or_else(String::new, |until| format!(r#", "until": "{until}""#));
            let (country, class) = (row.country.code(), row.class.code());
            format!(r#"    {{"country": "{country}", "class": "{class}"{supply}, "rate": "{}", "from": "{}"{until}}}"#, row.rate, row.from)
        })
        .collect();
    format!("{{\n  \"rows\": [\n{}\n  ]\n}}\n", rows.join(",\n"))
}

fn row(row: &RateRow) -> Result<VatRow, (String, &'static str)> {
    let day = |text: &String| date(text).ok_or_else(|| (format!("{text:?} is no date"), "Write it like \"2026-04-01\"."));
    Ok(VatRow {
        country: Country::from_code(&row.country)
            .ok_or_else(|| (format!("country {:?} is not known", row.country), "Write SE, DK, NO, DE or FI."))?,
        class: VatClass::from_code(&row.class).ok_or_else(|| {
            (format!("class {:?} is not known", row.class), "Write food, drink, milk_drink, tap_water, light_beer, alcohol or standard.")
        })?,
        supply: match &row.supply {
            None => None,
            Some(code) => Some(
                Supply::from_code(code)
                    .ok_or_else(|| (format!("supply {code:?} is not known"), "Write served or take_away, or leave it out for both."))?,
            ),
        },
        rate: rate(&row.rate).ok_or_else(|| (format!("rate {:?} is no rate", row.rate), "Write per cent like \"12\" or \"25.5\"."))?,
        from: day(&row.from)?,
        until: row.until.as_ref().map(day).transpose()?,
    })
}

/// Per cent with at most two decimals.
fn rate(text: &str) -> Option<VatRate> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let plain = |part: &str, most: usize| part.len() <= most && part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !plain(whole, 3) || !plain(decimals, 2) || text.ends_with('.') {
        return None;
    }
    let basis_points: u32 = format!("{whole}{decimals:0<2}").parse().ok()?;
    (basis_points <= VatRate::BASIS_POINTS_MAX).then(|| VatRate::from_basis_points(basis_points))
}
