//! The read-model rows that an entry causes, for a store to keep beside it.

use crate::{ControlKind, Entry, Fact, entry::code_of};
use domain::sale::SaleKind;

/// A line of the receipt list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReceiptRow {
    /// Practice only: a series of its own.
    pub training: bool,
    /// Number in its series.
    pub receipt_no: u64,
    /// Place of the kind among [`SaleKind::ALL`].
    pub kind: u8,
    /// Gross total in minor units.
    pub total_minor: i64,
    /// When, in seconds since 1970, UTC.
    pub wall_s: i64,
}

/// What one entry adds to the read models.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    /// A new receipt.
    pub receipt: Option<ReceiptRow>,
    /// An older receipt that this entry speaks of (copy, reprint, refund, void, copy given up): training or not, number.
    pub refers_to: Option<(bool, u64)>,
}

/// The rows of `entry`.
#[must_use]
pub fn rows(entry: &Entry) -> Rows {
    match &entry.fact {
        Fact::SaleClosed(sale) => Rows {
            receipt: Some(ReceiptRow {
                training: sale.training,
                receipt_no: sale.receipt_no,
                kind: code_of(&SaleKind::ALL, sale.kind),
                total_minor: sale.total_minor(),
                wall_s: entry.stamp.wall_s,
            }),
            refers_to: sale.corrects.map(|receipt_no| (sale.training, receipt_no)),
        },
        Fact::CopyPrinted(training, receipt_no, ..) | Fact::ReceiptReprinted(training, receipt_no) => {
            Rows { receipt: None, refers_to: Some((*training, *receipt_no)) }
        }
        // The unit may hold a copy of this receipt, and the law allows one.
        Fact::ControlGivenUp { number, kind: ControlKind::Copy, burned: true } => Rows { receipt: None, refers_to: Some((false, *number)) },
        _ => Rows::default(),
    }
}
