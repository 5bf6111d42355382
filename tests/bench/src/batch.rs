//! What a batch of sales costs: bytes on the wire, and the time to make and to read it.

use std::{hint::black_box, time::Instant};

use till::ControlRule;
use wire::Batch;

use crate::{
    Outcome, Scale,
    durable::{median, millis},
    sales::batch_of,
    table::Table,
};

/// The most bytes per sale in a batch of 200 without control codes.
const BYTES_MOST: f64 = 25.0;
/// What a code of 59 characters out of 32 cannot be packed below.
const CODE_BYTES: f64 = 59.0 * 5.0 / 8.0;
/// As hard as zstd packs.
const ZSTD_LEVEL: i32 = 19;

/// Bytes per sale in small and large batches, beside the same entries in zstd, and the time for 200 sales.
pub fn sizes(scale: Scale, table: &mut Table) -> Outcome<()> {
    for (sales, control) in [20, 200, 1000].into_iter().flat_map(|sales| [(sales, ControlRule::None), (sales, ControlRule::Sweden)]) {
        let batch = batch_of(sales, control, 1);
        let each = |bytes: usize| bytes as f64 / f64::from(sales);
        let (plain, packed) = (each(batch.entries.iter().map(Vec::len).sum()), each(batch.encode().len()));
        let zstd = each(zstd::bulk::compress(&batch.entries.concat(), ZSTD_LEVEL)?.len());
        let entries = each(batch.entries.len());
        let floor = format!("{plain:.0} B plain, {zstd:.1} B by zstd {ZSTD_LEVEL}, {entries:.2} entries");
        let what = format!("Bytes per sale on the wire, {sales} in a batch, everything counted");
        match control {
            ControlRule::None if sales == 200 => table.counted(&what, (packed, " B"), floor, BYTES_MOST),
            ControlRule::None => table.shown(what, format!("{packed:.1} B"), floor, ""),
            ControlRule::Sweden => {
                let floor = format!("{floor}; {CODE_BYTES:.1} B of chance in a code");
                table.shown(format!("{what}, with control codes"), format!("{packed:.1} B"), floor, "");
            }
        }
    }
    times(scale, table)
}

fn times(scale: Scale, table: &mut Table) -> Outcome<()> {
    let batch = batch_of(200, ControlRule::None, 1);
    let bytes = batch.encode();
    let timed = |what: &dyn Fn()| {
        let mut times: Vec<_> = (0..scale.repeats)
            .map(|_| {
                let began = Instant::now();
                what();
                began.elapsed()
            })
            .collect();
        millis(median(&mut times))
    };
    let packing = timed(&|| drop(black_box(batch.encode())));
    let reading = timed(&|| drop(black_box(Batch::decode(&bytes))));
    table.shown("To make a batch of 200 sales, median", packing, "", "");
    table.shown("To read a batch of 200 sales, median", reading, "", "");
    let hostile = hostile(&batch);
    let reading = timed(&|| drop(black_box(Batch::decode(&hostile))));
    table.shown(format!("To read a hostile batch of {} kB, median", hostile.len() / 1024), reading, "", "");
    Ok(())
}

/// As much work for a reader as a batch may hold: nothing in it is foretold.
fn hostile(like: &Batch) -> Vec<u8> {
    let mut dice = crate::sales::Dice(1);
    let entry = |dice: &mut crate::sales::Dice| {
        let items = (0..8_000).flat_map(|_| [0x61, dice.below(1 << 7).to_le_bytes()[0]]);
        [0x99, 0x1f, 0x40].into_iter().chain(items).collect()
    };
    Batch { entries: (0..60).map(|_| entry(&mut dice)).collect(), ..like.clone() }.encode()
}
