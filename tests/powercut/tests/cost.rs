//! What a sale costs the card, counted in the writes and flushes that SQLite asks for.

use std::path::Path;

use powercut::{
    proof::FOLDER,
    trip::{SALES, Step, Trip},
};
use store::{
    Durability, Options, Store,
    crash::{self, Disk, Op},
};

const BYTES_PER_SALE_MAX: usize = 24_000;
const FLUSHES_PER_SALE_MAX_TENTHS: usize = 13;

#[derive(Debug, Default)]
struct Cost {
    bytes: usize,
    flushes: usize,
}

/// Which steps of a trip are counted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Counted {
    /// All of them: drafts, card requests, sales, print jobs, shift, checkpoints.
    All,
    /// What a cash sale consists of: its drafts, the closed sale, the states of its print job, and the checkpoints.
    Sales,
    /// The commits that close a sale.
    Closing,
}

fn ride(page_bytes: u32, counted: Counted) -> Cost {
    crash::register();
    crash::put(Disk::default());
    let options = Options { vfs: Some(crash::VFS.into()), page_bytes, ..Options::default() };
    let (mut store, _) = Store::open(Path::new(FOLDER), options).expect("a first boot");
    let trip = Trip::ride(7);
    let mut cost = Cost::default();
    for step in &trip.steps {
        let counts = match step {
            Step::Commit(batch, Durability::Durable) => counted == Counted::All || !batch.new_jobs.is_empty(),
            Step::Commit(_, Durability::Relaxed) | Step::Settle | Step::Checkpoint => counted != Counted::Closing,
            Step::Begin(..) => false,
        };
        crash::record(counts);
        step.take(&mut store).expect("a step");
        crash::record(false);
    }
    for op in crash::take_trace() {
        match op {
            Op::Write(_, _, bytes) => cost.bytes += bytes.len(),
            Op::Sync(_) => cost.flushes += 1,
            _ => {}
        }
    }
    cost
}

#[test]
fn a_sale_writes_little_and_flushes_once() {
    for page_bytes in [1024, 2048, 4096] {
        for (what, counted) in [("all of the trip", Counted::All), ("cash sales", Counted::Sales), ("closing commits", Counted::Closing)] {
            let cost = ride(page_bytes, counted);
            let flushes = cost.flushes * 100 / SALES;
            println!(
                "pages of {page_bytes}, {what}: {} bytes and {}.{:02} flushes per sale",
                cost.bytes / SALES,
                flushes / 100,
                flushes % 100
            );
        }
    }
    let cost = ride(Options::default().page_bytes, Counted::Sales);
    assert!(cost.bytes / SALES <= BYTES_PER_SALE_MAX, "{cost:?} over {SALES} sales");
    assert!(cost.flushes * 10 / SALES <= FLUSHES_PER_SALE_MAX_TENTHS, "{cost:?} over {SALES} sales");
}
