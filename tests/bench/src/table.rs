//! The table as the README shows it.

use std::fmt;

/// One line of the table.
struct Row {
    what: String,
    measured: String,
    floor: String,
    target: String,
    /// Only counts are judged: times depend on who else uses the machine.
    exceeds: bool,
}

/// Figures with their floors and targets.
pub struct Table {
    rows: Vec<Row>,
    quick: bool,
}

impl Table {
    /// No figures yet.
    pub const fn new(quick: bool) -> Self {
        Self { rows: Vec::new(), quick }
    }

    /// A time or a size: shown, not judged.
    pub fn shown(&mut self, what: impl Into<String>, measured: impl Into<String>, floor: impl Into<String>, target: &str) {
        let row = Row { what: what.into(), measured: measured.into(), floor: floor.into(), target: target.into(), exceeds: false };
        self.rows.push(row);
    }

    /// A count: judged in every run.
    pub fn counted(&mut self, what: &str, (measured, unit): (f64, &str), floor: impl Into<String>, most: f64) {
        let row = Row {
            what: what.into(),
            measured: format!("{measured:.2}{unit}"),
            floor: floor.into(),
            target: format!("≤ {most}{unit}"),
            exceeds: measured > most,
        };
        self.rows.push(row);
    }

    /// Whether no count is above its target.
    pub fn counts_hold(&self) -> bool {
        self.rows.iter().all(|row| !row.exceeds)
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.quick {
            writeln!(f, "A quick run: the counts are true, the times are not worth reading.\n")?;
        }
        writeln!(f, "| what | measured | floor | target |\n|---|---|---|---|")?;
        for row in &self.rows {
            let over = if row.exceeds { " **over**" } else { "" };
            writeln!(f, "| {} | {}{over} | {} | {} |", row.what, row.measured, row.floor, row.target)?;
        }
        Ok(())
    }
}
