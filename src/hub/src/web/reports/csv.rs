//! Tables for other programs: commas, a dot in amounts, one line of stable names, nothing that a spreadsheet would run.

use axum::{
    http::{HeaderValue, header},
    response::{IntoResponse as _, Response},
};

/// A table that is being written.
pub(super) struct Csv {
    writer: csv::Writer<Vec<u8>>,
}

/// A cell.
pub(super) enum Cell<'a> {
    /// From a till or a person.
    Text(&'a str),
    /// A whole number.
    Int(i64),
    /// An amount in minor units.
    Minor(i64),
}

impl Csv {
    /// A table with these columns.
    pub(super) fn new(columns: &[&str]) -> Self {
        let mut csv = Self { writer: csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new()) };
        csv.put(columns.iter().map(|column| (*column).to_owned()));
        csv
    }

    /// One more row.
    pub(super) fn row(&mut self, cells: &[Cell<'_>]) {
        let text = |cell: &Cell<'_>| match cell {
            Cell::Text(text) => harmless(text),
            Cell::Int(int) => int.to_string(),
            Cell::Minor(minor) => decimal(*minor),
        };
        self.put(cells.iter().map(text));
    }

    /// As a file of this name.
    pub(super) fn answer(self, name: &str) -> Response {
        let bytes = self.bytes();
        let mut response = bytes.into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
        if let Ok(disposition) = HeaderValue::from_str(&format!("attachment; filename=\"{name}.csv\"")) {
            headers.insert(header::CONTENT_DISPOSITION, disposition);
        }
        response
    }

    pub(super) fn bytes(self) -> Vec<u8> {
        self.writer.into_inner().unwrap_or_else(|error| panic!("writing to memory does not fail: {error}"))
    }

    fn put(&mut self, row: impl Iterator<Item = String>) {
        let written = self.writer.write_record(row);
        assert!(written.is_ok(), "writing to memory does not fail, and each row has the columns of the first");
    }
}

/// Text that no spreadsheet takes for a formula.
fn harmless(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) { format!("'{text}") } else { text.to_owned() }
}

/// Minor units with a dot: `-94.50`.
pub(super) fn decimal(minor: i64) -> String {
    let size = minor.unsigned_abs();
    format!("{}{}.{:02}", if minor < 0 { "-" } else { "" }, size / 100, size % 100)
}
