//! A durable sale beside the least that makes bytes durable: an append to a file that was written before, and `fdatasync`.

use std::{
    fs::{File, OpenOptions},
    os::unix::fs::FileExt as _,
    path::Path,
    time::{Duration, Instant},
};

use crate::{Outcome, Scale, bulk::Seller, table::Table};

/// What a sale's entry weighs, generously.
const APPEND_BYTES: usize = 300;
/// Sales before the first that counts: caches fill, the file system settles.
const WARM_UP: u32 = 20;

/// Median time of a sale over that of an append, in turns on the same file system.
pub fn ratio(dir: &Path, scale: Scale, table: &mut Table) -> Outcome<()> {
    let mut seller = Seller::open(&dir.join("durable"), 60)?;
    let raw = Raw::new(&dir.join("raw"), scale.sales + WARM_UP)?;
    let (mut paid, mut whole, mut appended) = (Vec::new(), Vec::new(), Vec::new());
    for turn in 0..scale.sales + WARM_UP {
        let began = Instant::now();
        seller.add(turn)?;
        let added = began.elapsed();
        let began = Instant::now();
        seller.pay()?;
        let pay = began.elapsed();
        let began = Instant::now();
        seller.print()?;
        let print = began.elapsed();
        let append = raw.append(turn)?;
        if turn >= WARM_UP {
            paid.push(pay);
            whole.push(added + pay + print);
            appended.push(append);
        }
    }
    let floor = median(&mut appended);
    let times =
        |times: &mut Vec<Duration>| format!("{:.2} × ({})", median(times).as_secs_f64() / floor.as_secs_f64(), millis(median(times)));
    let beside = format!("{}: append {APPEND_BYTES} B + fdatasync", millis(floor));
    table.shown("Durable sale: payment to commit, median", times(&mut paid), beside.clone(), "≤ 1.5 ×");
    table.shown("The same with its adds and print states, median", times(&mut whole), beside, "");
    Ok(())
}

/// A file that is already there, from end to end.
struct Raw {
    file: File,
}

impl Raw {
    fn new(path: &Path, appends: u32) -> Outcome<Self> {
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
        file.write_all_at(&vec![0; APPEND_BYTES * usize::try_from(appends)?], 0)?;
        file.sync_all()?;
        Ok(Self { file })
    }

    fn append(&self, turn: u32) -> Outcome<Duration> {
        let began = Instant::now();
        self.file.write_all_at(&[7; APPEND_BYTES], u64::from(turn) * u64::try_from(APPEND_BYTES)?)?;
        self.file.sync_data()?;
        Ok(began.elapsed())
    }
}

/// The middle one.
pub fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// For the table.
pub fn millis(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1000.0)
}
