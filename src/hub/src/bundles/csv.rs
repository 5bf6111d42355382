//! Products and people as CSV, there and back. A file with one bad cell changes nothing; each bad cell is told with its line and column.

use std::rc::Rc;

use argon2::{Algorithm, Argon2, Params, Version, password_hash::PasswordHasher as _};
use chrono::NaiveDate;
use csv::{ReaderBuilder, StringRecord, WriterBuilder};
use domain::{
    Currency, Money,
    catalogue::{Gtin, Sku},
    crew::{CrewId, Language, Role},
    vat::{Supply, VatClass},
};
use serde_json::Value;
use till::data::DataFault;

use super::edit::{self, CURRENCIES, CrewEdit, ProductEdit};
use crate::answer::No;

/// The most bytes of a CSV file.
pub const CSV_BYTES_MAX: usize = 2 * 1024 * 1024;
/// The most rows of one.
pub const CSV_ROWS_MAX: usize = 20_000;
/// So many bad cells are told; the rest is counted.
pub const ERRORS_MAX: usize = 100;
/// The most new PINs in one file: each takes a moment to hash.
const PINS_MAX: usize = 500;
/// What a till spends on a PIN: it has a small machine. Source: facts, PINs.
const PIN_KIB: u32 = 8 * 1024;
const PIN_PASSES: u32 = 2;
/// The fewest digits of a PIN, and of a manager's.
const PIN_DIGITS_MIN: usize = 4;
const MANAGER_PIN_DIGITS_MIN: usize = 6;
const PIN_DIGITS_MAX: usize = 12;
/// As many as a tile holds.
const NAME_CHARS_MAX: usize = 24;
/// The kinds of products.
const KINDS: [&str; 4] = ["goods", "service", "deposit", "deposit_return"];

/// The columns of products.
pub const PRODUCT_COLUMNS: [&str; 17] = [
    "sku",
    "name_sv",
    "name_en",
    "category",
    "kind",
    "vat_class",
    "supply",
    "from",
    "SEK",
    "DKK",
    "NOK",
    "EUR",
    "gtin",
    "deposit",
    "age_limit",
    "favourite",
    "sold_out",
];
/// The columns of people. A PIN is written, never read back.
pub const CREW_COLUMNS: [&str; 6] = ["crew", "name", "initials", "role", "language", "pin"];

/// A cell that cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadCell {
    /// Its line in the file, from 1.
    pub line: u64,
    /// Its column; empty where it is the line.
    pub column: String,
    /// What is wrong.
    pub what: String,
    /// What to do.
    pub todo: String,
}

/// What is wrong with a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BadFile {
    /// The first [`ERRORS_MAX`] bad cells.
    pub cells: Vec<BadCell>,
    /// How many there are.
    pub count: usize,
}

/// A catalogue with the rows of a CSV file in it. Products that the file does not name stay as they are.
///
/// # Errors
/// [`BadFile`].
pub fn import_products(catalogue: &str, csv: &[u8]) -> Result<String, BadFile> {
    let mut bad = BadFile::default();
    let rows = read(csv, &PRODUCT_COLUMNS, "sku").map_err(BadFile::of)?;
    let known = edit::rows(catalogue, "products").map_err(|no| BadFile::whole(&no))?;
    let mut skus: Vec<&str> = known.iter().map(|row| edit::text(row, "sku")).collect();
    let mut edits = Vec::with_capacity(rows.len());
    for row in &rows {
        if !skus.contains(&row.cell("sku")) {
            needs_all(row, &mut bad);
            skus.push(row.cell("sku"));
        }
        edits.push(product(row, &mut bad));
    }
    if bad.count > 0 {
        return Err(bad);
    }
    let after = edit::with_products(catalogue, &edits).map_err(|no| BadFile::whole(&no))?;
    till::data::read_catalogue(&after).map_err(|fault| BadFile::of_data(&fault))?;
    Ok(after)
}

/// A roster with the rows of a CSV file in it. People that the file does not name stay as they are.
///
/// # Errors
/// [`BadFile`].
pub fn import_crew(roster: &str, csv: &[u8]) -> Result<String, BadFile> {
    let mut bad = BadFile::default();
    let known = edit::rows(roster, "crew").map_err(|no| BadFile::whole(&no))?;
    let rows = read(csv, &CREW_COLUMNS, "crew").map_err(BadFile::of)?;
    let mut edits = Vec::new();
    for row in &rows {
        let before = known.iter().find(|known| edit::text(known, "crew") == row.cell("crew"));
        let role = if row.cell("role").is_empty() { before.map_or("", |before| edit::text(before, "role")) } else { row.cell("role") };
        check_pin(row, role, before.is_none(), &mut bad);
        edits.push((crew(row, before.is_none(), &mut bad), row.cell("pin")));
    }
    if edits.iter().filter(|(_, pin)| !pin.is_empty()).count() > PINS_MAX {
        bad.add(1, "pin", format!("more than {PINS_MAX} new PINs"), "Bring them in several files.");
    }
    if bad.count > 0 {
        return Err(bad);
    }
    let hash = |pin: &str| if pin.is_empty() { String::new() } else { pin_hash(pin) };
    let hashed: Vec<CrewEdit> = edits.into_iter().map(|(edit, pin)| CrewEdit { pin_hash: hash(pin), ..edit }).collect();
    edit::with_crew(roster, &hashed).map_err(|no| BadFile::whole(&no))
}

/// The products of a catalogue, a line for each day on which a price begins.
///
/// # Errors
/// [`No`] for text that is no catalogue.
pub fn export_products(catalogue: &str) -> Result<String, No> {
    let mut lines = vec![PRODUCT_COLUMNS.map(str::to_owned).to_vec()];
    for row in edit::rows(catalogue, "products")? {
        let text = |name: &str| edit::text(&row, name).to_owned();
        let name = |lang: &str| row.get("name").and_then(|name| name.get(lang)).and_then(Value::as_str).unwrap_or_default().to_owned();
        let yes = |name: &str| if row.get(name).and_then(Value::as_bool).unwrap_or(false) { "yes" } else { "no" }.to_owned();
        let years = row.get("age_limit").and_then(Value::as_u64).map_or_else(String::new, |years| years.to_string());
        let prices = row.get("prices").and_then(Value::as_array).cloned().unwrap_or_default();
        for price in &prices {
            let cell = |name: &str| price.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
            let mut line = vec![text("sku"), name("sv"), name("en"), text("category"), text("kind"), text("vat_class"), text("supply")];
            line.push(cell("from"));
            line.extend(CURRENCIES.map(cell));
            line.extend([text("gtin"), text("deposit"), years.clone(), yes("favourite"), yes("sold_out")]);
            lines.push(line);
        }
    }
    Ok(written(&lines))
}

/// The people of a roster. The column of PINs is empty: nobody can read them back.
///
/// # Errors
/// [`No`] for text that is no roster.
pub fn export_crew(roster: &str) -> Result<String, No> {
    let mut lines = vec![CREW_COLUMNS.map(str::to_owned).to_vec()];
    for row in edit::rows(roster, "crew")? {
        lines.push(CREW_COLUMNS.map(|column| if column == "pin" { String::new() } else { edit::text(&row, column).to_owned() }).to_vec());
    }
    Ok(written(&lines))
}

/// The hash of a PIN as a till checks it.
#[must_use]
pub fn pin_hash(pin: &str) -> String {
    let mut salt = [0; 16];
    assert!(getrandom::fill(&mut salt).is_ok(), "the machine gives random numbers");
    let params = Params::new(PIN_KIB, PIN_PASSES, 1, None).unwrap_or(Params::DEFAULT);
    let hash = Argon2::new(Algorithm::Argon2id, Version::V0x13, params).hash_password_with_salt(pin.as_bytes(), &salt);
    hash.map_or_else(|error| panic!("hashing does not fail: {error}"), |hash| hash.to_string())
}

/// Whether a PIN is one for this role.
#[must_use]
pub fn pin_is_good(pin: &str, role: &str) -> bool {
    let least = if role == Role::Manager.code() { MANAGER_PIN_DIGITS_MIN } else { PIN_DIGITS_MIN };
    (least..=PIN_DIGITS_MAX).contains(&pin.len()) && pin.bytes().all(|byte| byte.is_ascii_digit())
}

impl BadFile {
    fn of(cell: BadCell) -> Self {
        Self { cells: vec![cell], count: 1 }
    }

    fn whole(no: &No) -> Self {
        Self::of(BadCell { line: 1, column: String::new(), what: no.refused.what.clone(), todo: no.refused.todo.clone() })
    }

    /// What shows only between rows.
    fn of_data(fault: &DataFault) -> Self {
        Self::of(BadCell { line: 1, column: String::new(), what: format!("{}: {}", fault.item, fault.what), todo: fault.todo.into() })
    }

    fn add(&mut self, line: u64, column: &str, what: impl Into<String>, todo: impl Into<String>) {
        self.count += 1;
        if self.cells.len() < ERRORS_MAX {
            self.cells.push(BadCell { line, column: column.into(), what: what.into(), todo: todo.into() });
        }
    }
}

/// A row with its place.
struct Row {
    line: u64,
    columns: Rc<[String]>,
    cells: StringRecord,
}

impl Row {
    fn cell(&self, column: &str) -> &str {
        self.columns.iter().position(|known| known == column).and_then(|place| self.cells.get(place)).unwrap_or_default().trim()
    }

    /// The cell, when it is empty or `is` says that it is right.
    fn checked(&self, column: &str, bad: &mut BadFile, todo: &str, is: impl Fn(&str) -> bool) -> String {
        let text = self.cell(column);
        if !text.is_empty() && !is(text) {
            bad.add(self.line, column, format!("{text:?} is none"), todo);
        }
        text.to_owned()
    }

    fn yes_or_no(&self, column: &str, bad: &mut BadFile) -> Option<bool> {
        match self.cell(column).to_lowercase().as_str() {
            "" => None,
            "yes" | "ja" | "true" | "1" | "x" => Some(true),
            "no" | "nej" | "false" | "0" => Some(false),
            other => {
                bad.add(self.line, column, format!("{other:?} is neither yes nor no"), "Write yes or no, or leave it empty.");
                None
            }
        }
    }
}

/// Reads a file: comma, semicolon or tab between cells, whichever stands in its first line.
fn read(csv: &[u8], known: &[&str], key: &str) -> Result<Vec<Row>, BadCell> {
    let bad = |line: u64, column: &str, what: String, todo: &str| BadCell { line, column: column.into(), what, todo: todo.into() };
    if csv.len() > CSV_BYTES_MAX {
        return Err(bad(1, "", format!("the file has more than {CSV_BYTES_MAX} bytes"), "Bring it in several files."));
    }
    let text = core::str::from_utf8(csv).map_err(|_| bad(1, "", "the file is no text in UTF-8".into(), "Save it as CSV UTF-8."))?;
    let text = text.trim_start_matches('\u{feff}');
    let first = text.lines().next().unwrap_or_default();
    let delimiter = [b';', b'\t', b','].into_iter().max_by_key(|delimiter| first.bytes().filter(|byte| byte == delimiter).count());
    let mut reader = ReaderBuilder::new().delimiter(delimiter.unwrap_or(b',')).flexible(true).from_reader(text.as_bytes());
    let todo = format!("Write the columns in the first line: {}.", known.join(", "));
    let header = reader.headers().map_err(|error| bad(1, "", error.to_string(), &todo))?.clone();
    let columns: Rc<[String]> = header.iter().map(|column| column.trim().to_owned()).collect();
    for (place, column) in columns.iter().enumerate() {
        if !known.contains(&column.as_str()) {
            return Err(bad(1, column, "there is no such column".into(), &todo));
        }
        if columns.iter().take(place).any(|earlier| earlier == column) {
            return Err(bad(1, column, "the column stands there twice".into(), "Take one of them out."));
        }
    }
    if !columns.iter().any(|column| column == key) {
        return Err(bad(1, key, "the column is missing".into(), &todo));
    }
    let mut rows = Vec::new();
    for record in reader.into_records() {
        let cells = record.map_err(|error| {
            let line = error.position().map_or(1, csv::Position::line);
            bad(line, "", error.to_string(), "Mend that line.")
        })?;
        let line = cells.position().map_or(1, csv::Position::line);
        if cells.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        if cells.len() > columns.len() {
            return Err(bad(
                line,
                "",
                format!("the line has {} cells, and there are {} columns", cells.len(), columns.len()),
                "Put cells with commas in quotes.",
            ));
        }
        rows.push(Row { line, columns: Rc::clone(&columns), cells });
        if rows.len() > CSV_ROWS_MAX {
            return Err(bad(line, "", format!("there are more than {CSV_ROWS_MAX} rows"), "Bring them in several files."));
        }
    }
    if rows.is_empty() {
        return Err(bad(1, "", "there is no row".into(), "Write a line for each product or person."));
    }
    Ok(rows)
}

fn product(row: &Row, bad: &mut BadFile) -> ProductEdit {
    let sku = row.cell("sku");
    if Sku::new(sku).is_err() {
        bad.add(row.line, "sku", format!("{sku:?} is no SKU"), "Use up to 24 letters, digits, dots and hyphens.");
    }
    let name = |column: &str, bad: &mut BadFile| {
        row.checked(column, bad, "Write a name of 1 to 24 characters.", |text| text.chars().count() <= NAME_CHARS_MAX)
    };
    let from = row.checked("from", bad, "Write it like 2026-04-01.", |text| NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok());
    let prices = CURRENCIES.map(|code| price(row, code, bad));
    if from.is_empty() && prices.iter().any(|price| !price.is_empty()) {
        bad.add(row.line, "from", "a price has no first day", "Write the day from which it holds, like 2026-04-01.");
    }
    let years = row.cell("age_limit");
    let age_limit = if years == "-" { Some(0) } else { years.parse().ok() };
    if !years.is_empty() && age_limit.is_none() {
        bad.add(row.line, "age_limit", format!("{years:?} is no age"), "Write years, 1 to 25, or a hyphen for none.");
    }
    ProductEdit {
        sku: sku.to_owned(),
        name: [name("name_sv", bad), name("name_en", bad)],
        category: row.cell("category").to_owned(),
        kind: row.checked("kind", bad, "Write goods, service, deposit or deposit_return.", |text| KINDS.contains(&text)),
        vat_class: row.checked("vat_class", bad, "Write food, drink, milk_drink, tap_water, light_beer, alcohol or standard.", |text| {
            VatClass::from_code(text).is_some()
        }),
        supply: row.checked("supply", bad, "Write served or take_away.", |text| Supply::from_code(text).is_some()),
        from,
        prices,
        gtin: row
            .checked("gtin", bad, "Scan the package again, or write a hyphen for none.", |text| text == "-" || Gtin::parse(text).is_ok()),
        deposit: row.checked("deposit", bad, "Name the SKU of a deposit, or write a hyphen for none.", |text| {
            text == "-" || Sku::new(text).is_ok()
        }),
        age_limit,
        sold_out: row.yes_or_no("sold_out", bad),
        favourite: row.yes_or_no("favourite", bad),
    }
}

/// Somebody who adds a product says all that a till must know of it.
fn needs_all(row: &Row, bad: &mut BadFile) {
    for column in ["name_sv", "name_en", "category", "vat_class"] {
        if row.cell(column).is_empty() {
            bad.add(row.line, column, "a new product needs one", "Fill the cell.");
        }
    }
    if CURRENCIES.iter().all(|code| row.cell(code).is_empty()) {
        bad.add(row.line, CURRENCIES[0], "a new product needs a price", "Write it like 29.00, with its first day in the column from.");
    }
}

/// An amount with a dot or a comma, as a till reads it.
fn price(row: &Row, code: &str, bad: &mut BadFile) -> String {
    let text = row.cell(code).replace(',', ".");
    let currency = Currency::from_code(code).unwrap_or(Currency::Sek);
    if !text.is_empty() && text != "-" && Money::parse(&text, currency).is_err() {
        bad.add(row.line, code, format!("{text:?} is no amount"), "Write it like 29.00, or a hyphen for none.");
    }
    text
}

fn crew(row: &Row, is_new: bool, bad: &mut BadFile) -> CrewEdit {
    let number = row.cell("crew");
    if CrewId::parse(number).is_err() {
        bad.add(row.line, "crew", format!("{number:?} is no crew number"), "Use up to 12 letters and digits.");
    }
    for column in ["name", "initials", "role", "language"].into_iter().filter(|_| is_new) {
        if row.cell(column).is_empty() {
            bad.add(row.line, column, "somebody new needs one", "Fill the cell.");
        }
    }
    CrewEdit {
        crew: number.to_owned(),
        name: row.cell("name").to_owned(),
        initials: row.cell("initials").to_owned(),
        role: row.checked("role", bad, "Write crew, manager or depot_staff.", |text| Role::from_code(text).is_some()),
        language: row.checked("language", bad, "Write sv or en.", |text| Language::from_code(text).is_some()),
        pin_hash: String::new(),
    }
}

/// A PIN never shows in what is told.
fn check_pin(row: &Row, role: &str, is_new: bool, bad: &mut BadFile) {
    let pin = row.cell("pin");
    if pin.is_empty() && is_new {
        bad.add(row.line, "pin", "somebody new needs a PIN", "Write 4 to 12 digits, for a manager at least 6.");
    } else if !pin.is_empty() && !pin_is_good(pin, role) {
        bad.add(row.line, "pin", "this is no PIN for the role", "Write 4 to 12 digits, for a manager at least 6.");
    }
}

fn written(lines: &[Vec<String>]) -> String {
    let mut writer = WriterBuilder::new().from_writer(Vec::new());
    for line in lines {
        let written = writer.write_record(line);
        assert!(written.is_ok(), "writing to memory does not fail");
    }
    writer.into_inner().ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
}
