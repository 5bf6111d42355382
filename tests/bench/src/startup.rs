//! Starting with much to sell and much sold.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    time::Instant,
};

use crate::{
    Outcome, Scale, bulk,
    driven::{Driven, megabytes},
    durable::{median, millis},
    table::Table,
};

/// Time from the start of the process to its first answer, and its memory then.
pub fn cold(till: &Path, dir: &Path, scale: Scale, table: &mut Table) -> Outcome<()> {
    let place = dir.join("large");
    bulk::large_store(&place, scale)?;
    let mut command = Command::new(till);
    command.arg("drive").arg("--data").arg(place.join("data")).arg("--config").arg(place.join("config.toml"));
    let (mut starts, mut memory_kb, mut seq) = (Vec::new(), 0, 0);
    for _ in 0..scale.repeats {
        let began = Instant::now();
        let mut driven = Driven::start(&mut command)?;
        let status = driven.ok("status")?;
        starts.push(began.elapsed());
        if status["store"] != "whole" {
            return Err(format!("the large store is {}", status["store"]).into());
        }
        seq = status["seq"].as_u64().unwrap_or_default();
        memory_kb = driven.memory_kb()?;
        driven.end()?;
    }
    let mut floors = Vec::new();
    for _ in 0..scale.repeats {
        let began = Instant::now();
        Command::new(till).arg("--version").stdout(Stdio::null()).status()?;
        floors.push(began.elapsed());
    }
    let what =
        format!("Start of `till drive` to its first answer, {} products, {seq} entries, median of {}", scale.products, scale.repeats);
    let floor = format!("{}: a process that says its version", millis(median(&mut floors)));
    table.shown(what, millis(median(&mut starts)), floor, "< 300 ms");
    let catalogue_kb = fs::metadata(place.join("catalogue.json"))?.len() / 1024;
    let what = format!("Memory of `till drive`, {} products", scale.products);
    table.shown(
        what,
        format!("{:.1} MB", megabytes(memory_kb)),
        format!("{:.1} MB: the price list as a file", megabytes(catalogue_kb)),
        "",
    );
    Ok(())
}

/// How large the program is.
pub fn size(till: &Path, table: &mut Table) -> Outcome<()> {
    let kilobytes = fs::metadata(till)?.len() / 1024;
    table.shown("Program without a screen", format!("{:.1} MB", megabytes(kilobytes)), "", "");
    Ok(())
}
