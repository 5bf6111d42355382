//! What sales cost on the wire, with a till's own entries.

mod common;
#[path = "common/sales.rs"]
mod sales;

use sales::batch_of;
use till::ControlRule;
use wire::Batch;

/// Bytes of an encoded batch of so many sales, which reads as it was.
fn packed(sales: u32, control: ControlRule) -> u32 {
    let batch = batch_of(sales, control, 1);
    let packed = batch.encode();
    assert_eq!(Batch::decode(&packed), Ok(batch), "entries travel verbatim");
    packed.len().try_into().expect("a batch is small")
}

#[test]
fn two_hundred_sales_cost_at_most_25_bytes_each() {
    let bytes = packed(200, ControlRule::None);
    assert!(bytes <= 25 * 200, "{bytes} bytes");
}

#[test]
fn codes_of_a_control_unit_cost_little_more_than_the_chance_in_them() {
    /// 59 characters of 32.
    const CODE_BITS: u32 = 59 * 5;
    let bytes = packed(200, ControlRule::Sweden);
    assert!(bytes <= (25 + CODE_BITS / 8 + 5) * 200, "{bytes} bytes");
}
