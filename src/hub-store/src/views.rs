//! What pages and the API read from projections.

mod findings;
mod ledger;
mod receipts;
mod sales;
mod totals;
mod zs;

pub use findings::{FINDINGS_MAX, Finding, FindingKind, Shelved};
pub use ledger::{LATE_S, LEDGER_SALES_MAX, LedgerLeg, LedgerSale, TRIPS_MAX, TripLedger, TripRow, TripsFilter};
pub use receipts::{RECEIPTS_MAX, ReceiptQuery, StoredReceipt};
pub use sales::{Nowhere, SALES_MAX, SaleAt, SaleRow, SalesFilter};
pub use totals::{By, TOTALS_MAX, Total, TotalsFilter};
pub use zs::{ZReport, ZRow, ZS_MAX, ZsFilter};

pub use crate::project::Measure;

use crate::engine::Value;

/// Conditions of a query as they come, and the values they name.
#[derive(Default)]
struct Conditions {
    texts: Vec<String>,
    values: Vec<Value>,
}

impl Conditions {
    /// The name of the next value in the text.
    fn value(&mut self, value: impl Into<Value>) -> String {
        self.values.push(value.into());
        format!("${}", self.values.len())
    }

    /// `text` with `{}` for the value.
    fn with(&mut self, text: &str, value: impl Into<Value>) {
        let name = self.value(value);
        self.texts.push(text.replace("{}", &name));
    }

    fn between(&mut self, column: &str, from: i64, to: i64) {
        let (from, to) = (self.value(from), self.value(to));
        self.texts.push(format!("{column} BETWEEN {from} AND {to}"));
    }

    fn text(&self) -> String {
        if self.texts.is_empty() { "1 = 1".to_owned() } else { self.texts.join(" AND ") }
    }
}
