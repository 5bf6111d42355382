//! What sales cost on the wire, with a till's own entries.

mod common;
#[path = "common/sales.rs"]
mod sales;

use sales::batch_of;
use till::ControlRule;
use wire::Batch;

#[test]
fn two_hundred_sales_cost_at_most_25_bytes_each() {
    for (sales, control) in [(20, ControlRule::None), (200, ControlRule::None), (1000, ControlRule::None), (20, ControlRule::Sweden), (200, ControlRule::Sweden)] {
    let batch = batch_of(sales, control, 1);
    let plain: usize = batch.entries.iter().map(Vec::len).sum();
    let packed = batch.encode();
    let z = zstd::bulk::compress(&batch.entries.concat(), 19).unwrap().len();
    println!("{sales} {control:?}: {} entries, plain {}, packed {} = {:.2}/sale, zstd {:.2}", batch.entries.len(), plain / sales as usize, packed.len(), packed.len() as f64 / f64::from(sales), z as f64/f64::from(sales));
    assert!(Batch::decode(&packed) == Ok(batch));
    }
}
