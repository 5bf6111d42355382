//! Measures the till and prints a table in Markdown: each figure beside its floor, the least that the machine needs for the same.
//!
//! Times are medians or ratios within one run; counts are exact. Started by `scripts/bench`, which builds what is measured.
#![allow(clippy::disallowed_methods, reason = "an edge: it reads the clock and runs the program that it measures")]

mod batch;
mod bulk;
#[path = "../../../src/till/tests/common/mod.rs"]
mod common;
mod driven;
mod durable;
mod paper;
#[path = "../../../src/till/tests/common/sales.rs"]
mod sales;
#[cfg(feature = "screen")]
mod screen;
mod startup;
mod table;

use std::{path::PathBuf, process::ExitCode};

use table::Table;

/// How much is measured.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    /// Sales counted and timed.
    pub sales: u32,
    /// Products of the large catalogue.
    pub products: u32,
    /// Entries of the large store.
    pub entries: u64,
    /// Sales before a Z report.
    pub shift_sales: u32,
    /// Starts and Z reports.
    pub repeats: u32,
}

const FULL: Scale = Scale { sales: 500, products: 20_000, entries: 50_000, shift_sales: 1000, repeats: 10 };
/// Enough for the counts, too little for times.
const QUICK: Scale = Scale { sales: 150, products: 500, entries: 400, shift_sales: 50, repeats: 2 };

/// What went wrong, in words.
pub type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// What the command line says.
struct Asked {
    till: PathBuf,
    dir: PathBuf,
    quick: bool,
    screen: bool,
    /// Only what a batch costs on the wire.
    batch: bool,
    /// Where the other encoder is installed.
    referees: Option<PathBuf>,
    /// The program as it ships on a card, to weigh it.
    #[cfg_attr(not(feature = "screen"), expect(dead_code, reason = "only a measured screen has a card's program beside it"))]
    card: Option<PathBuf>,
}

fn main() -> ExitCode {
    match asked().and_then(|asked| measure(&asked)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => {
            eprintln!("bench: a count is above its target; times are not judged here");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}

fn asked() -> Outcome<Asked> {
    use lexopt::prelude::*;
    let (mut till, mut dir, mut quick, mut screen, mut batch, mut referees, mut card) = (None, None, false, false, false, None, None);
    let mut parser = lexopt::Parser::from_env();
    while let Some(arg) = parser.next()? {
        match arg {
            Long("till") => till = Some(parser.value()?.into()),
            Long("dir") => dir = Some(parser.value()?.into()),
            Long("quick") => quick = true,
            Long("screen") => screen = true,
            Long("batch") => batch = true,
            Long("referees") => referees = Some(parser.value()?.into()),
            Long("card") => card = Some(parser.value()?.into()),
            other => return Err(other.unexpected().into()),
        }
    }
    let missing = |name| move || format!("{name} is missing: start this with scripts/bench");
    Ok(Asked {
        till: till.ok_or_else(missing("--till PROGRAM"))?,
        dir: dir.ok_or_else(missing("--dir DIR"))?,
        quick,
        screen,
        batch,
        referees,
        card,
    })
}

/// `false` when a count is above its target.
fn measure(asked: &Asked) -> Outcome<bool> {
    let scale = if asked.quick { QUICK } else { FULL };
    let folder = tempfile::tempdir_in(&asked.dir)?;
    let mut table = Table::new(asked.quick);
    if asked.screen {
        screen(asked, folder.path(), &mut table)?;
        print!("{table}");
        return Ok(table.counts_hold());
    }
    batch::sizes(scale, &mut table)?;
    if asked.batch {
        print!("{table}");
        return Ok(table.counts_hold());
    }
    driven::counts(&asked.till, folder.path(), scale, &mut table)?;
    durable::ratio(folder.path(), scale, &mut table)?;
    driven::answers(&asked.till, folder.path(), scale, &mut table)?;
    paper::encoding(asked.referees.as_deref(), scale, &mut table)?;
    paper::first_byte(&asked.till, folder.path(), scale, &mut table)?;
    bulk::z_report(folder.path(), scale, &mut table)?;
    startup::cold(&asked.till, folder.path(), scale, &mut table)?;
    startup::size(&asked.till, &mut table)?;
    print!("{table}");
    Ok(table.counts_hold())
}

#[cfg(feature = "screen")]
fn screen(asked: &Asked, dir: &std::path::Path, table: &mut Table) -> Outcome<()> {
    screen::measure(&asked.till, dir, asked.quick, table)?;
    if let Some(card) = &asked.card {
        let kilobytes = std::fs::metadata(card)?.len() / 1024;
        table.shown("Program as on a card, `kms-software`, stripped", format!("{:.1} MB", driven::megabytes(kilobytes)), "", "< 12 MB");
    }
    Ok(())
}

#[cfg(not(feature = "screen"))]
fn screen(_: &Asked, _: &std::path::Path, _: &mut Table) -> Outcome<()> {
    Err("built without the feature `screen`: start this with scripts/bench".into())
}
