//! What pages and the API read from projections.

mod sales;

pub use sales::{Nowhere, SALES_MAX, SaleAt, SaleRow, SalesFilter};
