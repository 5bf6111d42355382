//! When tills must be made anew: which are affected, and how far each has come until none is left.
//!
//! What can be seen is seen, not ticked off: a new log after the mark says that a card was made anew, its first entries without a trouble say
//! that the till tested itself and works, a clerk's look at its key says that it is done. By hand a unit can only be set aside, with a reason.

use std::collections::BTreeMap;

use journal::LogId;

use crate::{
    Fault, HubStore,
    audit::{self, Note},
    engine::{Row, Tx, Value},
    params,
};

pub(crate) const SCHEMA: &[&str] = &[
    "CREATE TABLE IF NOT EXISTS incidents (id TEXT PRIMARY KEY, title TEXT NOT NULL, note TEXT NOT NULL, opened_at BIGINT NOT NULL, \
     opened_by TEXT NOT NULL, closed_at BIGINT, closed_by TEXT)",
    "CREATE TABLE IF NOT EXISTS incident_units (incident TEXT NOT NULL, unit TEXT NOT NULL, marked_at BIGINT NOT NULL, \
     marked_by TEXT NOT NULL, PRIMARY KEY (incident, unit))",
    "CREATE TABLE IF NOT EXISTS incident_steps (incident TEXT NOT NULL, unit TEXT NOT NULL, step TEXT NOT NULL, at BIGINT NOT NULL, \
     who TEXT NOT NULL, log_id {BLOB}, detail TEXT NOT NULL, PRIMARY KEY (incident, unit, step))",
];

/// The most units that are marked in one incident.
pub const INCIDENT_UNITS_MAX: usize = 20_000;
/// The most characters of a title or a reason.
pub const INCIDENT_TEXT_CHARS_MAX: usize = 200;
/// The most characters of a note.
pub const INCIDENT_NOTE_CHARS_MAX: usize = 2_000;
/// Over how long the rate is taken, in seconds; less while the incident is younger.
pub const RATE_S: i64 = 2 * 60 * 60;
/// Who takes the steps that are seen.
const BY_HUB: &str = "hub";

/// How far a unit has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// Marked, nothing seen yet.
    Affected,
    /// It has a new log, so a new card.
    Reimaged,
    /// The new log's first entries came, and no device is in trouble.
    Tested,
    /// A clerk has compared and confirmed its key.
    Done,
    /// Set aside by hand, with a reason.
    Aside,
}

impl Step {
    /// In the order in which a unit goes, and set aside.
    pub const ALL: [Self; 5] = [Self::Affected, Self::Reimaged, Self::Tested, Self::Done, Self::Aside];

    /// Its name in tables and exports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Affected => "affected",
            Self::Reimaged => "reimaged",
            Self::Tested => "tested",
            Self::Done => "done",
            Self::Aside => "aside",
        }
    }

    /// The step of a name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.name() == name)
    }
}

/// An incident.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incident {
    /// Random, stays.
    pub id: String,
    /// What people call it.
    pub title: String,
    /// What happened, what to do.
    pub note: String,
    /// When it began.
    pub opened_s: i64,
    /// Who began it.
    pub opened_by: String,
    /// When it was over, and who said so.
    pub closed: Option<(i64, String)>,
    /// How many units are how far.
    pub counts: IncidentCounts,
}

/// How many, and they add up to the units that are marked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IncidentCounts {
    /// Still as they were.
    pub affected: u64,
    /// With a new card.
    pub reimaged: u64,
    /// Heard from in good health.
    pub tested: u64,
    /// Confirmed.
    pub done: u64,
    /// Set aside.
    pub aside: u64,
}

impl IncidentCounts {
    /// All that are marked.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.left() + self.done + self.aside
    }

    /// Those that still need somebody.
    #[must_use]
    pub const fn left(&self) -> u64 {
        self.affected + self.reimaged + self.tested
    }

    /// How many stand at a step.
    #[must_use]
    pub const fn at(&self, step: Step) -> u64 {
        match step {
            Step::Affected => self.affected,
            Step::Reimaged => self.reimaged,
            Step::Tested => self.tested,
            Step::Done => self.done,
            Step::Aside => self.aside,
        }
    }

    const fn add(&mut self, step: Step) {
        match step {
            Step::Affected => self.affected += 1,
            Step::Reimaged => self.reimaged += 1,
            Step::Tested => self.tested += 1,
            Step::Done => self.done += 1,
            Step::Aside => self.aside += 1,
        }
    }
}

/// A step that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepTaken {
    /// Which.
    pub step: Step,
    /// When.
    pub at_s: i64,
    /// Who: an account, or `hub` where it was seen.
    pub by: String,
    /// The log that shows it.
    pub log: Option<LogId>,
    /// A reason.
    pub detail: String,
}

/// A marked unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IncidentUnit {
    /// Its label.
    pub unit: String,
    /// How far it is.
    pub at: Step,
    /// Each step with its moment, the mark first.
    pub steps: Vec<StepTaken>,
}

/// An incident with its units, those that need somebody first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IncidentBoard {
    /// The incident and its counts.
    pub incident: Incident,
    /// Its units by how far they are, then by label.
    pub units: Vec<IncidentUnit>,
    /// Units done within `rate_window_s`.
    pub rate_done: u64,
    /// Over how long they were counted, in seconds; at least 1.
    pub rate_window_s: i64,
}

impl IncidentBoard {
    /// Seconds until none is left if it goes on like this. None where nothing is left, or nothing was done lately.
    #[must_use]
    pub fn forecast_s(&self) -> Option<i64> {
        let (left, done) = (i64::try_from(self.incident.counts.left()).ok()?, i64::try_from(self.rate_done).ok()?);
        (left > 0 && done > 0).then(|| left.saturating_mul(self.rate_window_s) / done)
    }

    /// Tenths of a unit per hour.
    #[must_use]
    pub fn rate_tenths_per_hour(&self) -> i64 {
        i64::try_from(self.rate_done).unwrap_or(i64::MAX).saturating_mul(36_000) / self.rate_window_s
    }
}

/// Why something about an incident is not done.
#[derive(Debug, thiserror::Error)]
pub enum IncidentRefusal {
    /// There is no such incident.
    #[error("there is no such incident")]
    Unknown,
    /// It is over.
    #[error("this incident is closed")]
    Closed,
    /// Some units still need somebody.
    #[error("{0} units are not done and not set aside")]
    Left(u64),
    /// There is no such unit in it, or it is done.
    #[error("there is no such unit in this incident that could be set aside")]
    NoUnit,
    /// A text is empty or too long.
    #[error("a title and a reason have 1 to {INCIDENT_TEXT_CHARS_MAX} characters, a note at most {INCIDENT_NOTE_CHARS_MAX}")]
    Text,
    /// More units than an incident has room for, or none.
    #[error("an incident has 1 to {INCIDENT_UNITS_MAX} units that the hub knows")]
    Units,
    /// Labels that no unit of ours has, in the order in which they came.
    #[error("the hub knows no unit named {}", .0.join(", "))]
    UnknownUnits(Vec<String>),
    /// The database failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl IncidentRefusal {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "incident.unknown",
            Self::Closed => "incident.closed",
            Self::Left(_) => "incident.left",
            Self::NoUnit => "incident.no-unit",
            Self::Text => "incident.text",
            Self::Units => "incident.units",
            Self::UnknownUnits(_) => "incident.unknown-unit",
            Self::Fault(_) => "hub.store",
        }
    }
}

impl HubStore {
    /// Begins an incident with these units marked. One label that is no unit of ours, or no unit at all, and there is no incident.
    /// Answers how many are marked.
    ///
    /// # Errors
    /// [`IncidentRefusal`].
    pub fn open_incident(&self, id: &str, title: &str, note: &str, units: &[String], by: &str, now_s: i64) -> Result<u64, IncidentRefusal> {
        check_text(title)?;
        if note.chars().count() > INCIDENT_NOTE_CHARS_MAX {
            return Err(IncidentRefusal::Text);
        }
        let mut tx = self.engine.write()?;
        let sql = "INSERT INTO incidents (id, title, note, opened_at, opened_by) VALUES ($1, $2, $3, $4, $5)";
        tx.execute(sql, params![id, title, note, now_s, by])?;
        let marked = mark(&mut *tx, id, units, by, now_s)?;
        if marked == 0 {
            return Err(IncidentRefusal::Units);
        }
        audit::note(&mut *tx, &Note::new(by, "incident-open", id, &format!("{title}; units={marked}")), now_s)?;
        tx.commit()?;
        Ok(marked)
    }

    /// Marks further units: all, or none where a label is no unit of ours. Answers how many were not marked before.
    ///
    /// # Errors
    /// [`IncidentRefusal`].
    pub fn mark_units(&self, id: &str, units: &[String], by: &str, now_s: i64) -> Result<u64, IncidentRefusal> {
        let mut tx = self.engine.write()?;
        open(&mut *tx, id)?;
        let marked = mark(&mut *tx, id, units, by, now_s)?;
        if marked > 0 {
            audit::note(&mut *tx, &Note::new(by, "incident-mark", id, &format!("units={marked}")), now_s)?;
        }
        tx.commit()?;
        Ok(marked)
    }

    /// A unit needs no further care here, for a reason: scrapped, on its way to the workshop.
    ///
    /// # Errors
    /// [`IncidentRefusal`].
    pub fn set_aside(&self, id: &str, unit: &str, why: &str, by: &str, now_s: i64) -> Result<(), IncidentRefusal> {
        check_text(why)?;
        let mut tx = self.engine.write()?;
        open(&mut *tx, id)?;
        let sql = "SELECT u.unit FROM incident_units u WHERE u.incident = $1 AND u.unit = $2 AND NOT EXISTS \
                   (SELECT 1 FROM incident_steps s WHERE s.incident = u.incident AND s.unit = u.unit AND s.step IN ('done', 'aside'))";
        if tx.query(sql, params![id, unit])?.is_empty() {
            return Err(IncidentRefusal::NoUnit);
        }
        add_step(&mut *tx, id, unit, &StepTaken { step: Step::Aside, at_s: now_s, by: by.into(), log: None, detail: why.into() })?;
        audit::note(&mut *tx, &Note::new(by, "incident-aside", id, &format!("unit={unit}; {why}")), now_s)?;
        Ok(tx.commit()?)
    }

    /// A unit that was set aside needs care after all.
    ///
    /// # Errors
    /// [`IncidentRefusal`].
    pub fn take_back(&self, id: &str, unit: &str, by: &str, now_s: i64) -> Result<(), IncidentRefusal> {
        let mut tx = self.engine.write()?;
        open(&mut *tx, id)?;
        let sql = "DELETE FROM incident_steps WHERE incident = $1 AND unit = $2 AND step = 'aside'";
        if tx.execute(sql, params![id, unit])? == 0 {
            return Err(IncidentRefusal::NoUnit);
        }
        audit::note(&mut *tx, &Note::new(by, "incident-take-back", id, &format!("unit={unit}")), now_s)?;
        Ok(tx.commit()?)
    }

    /// An incident is over: no unit is left.
    ///
    /// # Errors
    /// [`IncidentRefusal`].
    pub fn close_incident(&self, id: &str, by: &str, now_s: i64) -> Result<(), IncidentRefusal> {
        let mut tx = self.engine.write()?;
        open(&mut *tx, id)?;
        let units = units_of(&mut *tx, id)?;
        let left = counts_of(&units).left();
        if left > 0 {
            return Err(IncidentRefusal::Left(left));
        }
        tx.execute("UPDATE incidents SET closed_at = $1, closed_by = $2 WHERE id = $3", params![now_s, by, id])?;
        audit::note(&mut *tx, &Note::new(by, "incident-close", id, &format!("units={}", units.len())), now_s)?;
        Ok(tx.commit()?)
    }

    /// Takes every step that can be seen. Answers how many were new. Harmless to repeat; the pages call it before they show.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn advance_incidents(&self, now_s: i64) -> Result<u64, Fault> {
        let new = new_steps(&mut *self.engine.read()?, now_s)?;
        if new.is_empty() {
            return Ok(0);
        }
        let mut tx = self.engine.write()?;
        let mut taken = 0;
        for (incident, unit, step) in &new {
            taken += add_step(&mut *tx, incident, unit, step)?;
        }
        tx.commit()?;
        Ok(taken)
    }

    /// All incidents, the newest first.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn incidents(&self) -> Result<Vec<Incident>, Fault> {
        let mut tx = self.engine.read()?;
        let rows = tx.query(&format!("SELECT {COLUMNS} FROM incidents ORDER BY opened_at DESC, id"), &[])?;
        let mut incidents = rows.iter().map(incident).collect::<Result<Vec<_>, _>>()?;
        for incident in &mut incidents {
            incident.counts = counts_of(&units_of(&mut *tx, &incident.id)?);
        }
        Ok(incidents)
    }

    /// An incident with its units.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn incident(&self, id: &str, now_s: i64) -> Result<Option<IncidentBoard>, Fault> {
        let mut tx = self.engine.read()?;
        let rows = tx.query(&format!("SELECT {COLUMNS} FROM incidents WHERE id = $1"), params![id])?;
        let Some(row) = rows.first() else { return Ok(None) };
        let mut incident = incident(row)?;
        let mut units = units_of(&mut *tx, id)?;
        units.sort_by(|one, other| (one.at, &one.unit).cmp(&(other.at, &other.unit)));
        incident.counts = counts_of(&units);
        let until_s = incident.closed.as_ref().map_or(now_s, |closed| closed.0);
        let rate_window_s = (until_s - incident.opened_s).clamp(1, RATE_S);
        let lately = |taken: &StepTaken| taken.step == Step::Done && taken.at_s > until_s - rate_window_s && taken.at_s <= until_s;
        let rate_done = units.iter().filter(|unit| unit.at == Step::Done && unit.steps.iter().any(lately)).count() as u64;
        Ok(Some(IncidentBoard { incident, units, rate_done, rate_window_s }))
    }
}

const COLUMNS: &str = "id, title, note, opened_at, opened_by, closed_at, closed_by";

fn check_text(text: &str) -> Result<(), IncidentRefusal> {
    if (1..=INCIDENT_TEXT_CHARS_MAX).contains(&text.trim().chars().count()) { Ok(()) } else { Err(IncidentRefusal::Text) }
}

fn incident(row: &Row) -> Result<Incident, Fault> {
    let text = |column| row.text(column).map(str::to_owned);
    let closed = row.maybe_int(5)?.map(|at| Ok::<_, Fault>((at, row.maybe_text(6)?.unwrap_or_default().to_owned()))).transpose()?;
    let counts = IncidentCounts::default();
    Ok(Incident { id: text(0)?, title: text(1)?, note: text(2)?, opened_s: row.int(3)?, opened_by: text(4)?, closed, counts })
}

/// The incident is there and not over. Its row stays locked, so that closing and marking take turns.
fn open(tx: &mut dyn Tx, id: &str) -> Result<(), IncidentRefusal> {
    let rows = tx.query("SELECT closed_at FROM incidents WHERE id = $1 {FOR UPDATE}", params![id])?;
    let row = rows.first().ok_or(IncidentRefusal::Unknown)?;
    if row.maybe_int(0)?.is_some() { Err(IncidentRefusal::Closed) } else { Ok(()) }
}

fn mark(tx: &mut dyn Tx, id: &str, units: &[String], by: &str, now_s: i64) -> Result<u64, IncidentRefusal> {
    if units.len() > INCIDENT_UNITS_MAX {
        return Err(IncidentRefusal::Units);
    }
    let mut unknown = Vec::new();
    for unit in units {
        if tx.query("SELECT 1 FROM units WHERE unit = $1", params![unit.as_str()])?.is_empty() && !unknown.contains(unit) {
            unknown.push(unit.clone());
        }
    }
    if !unknown.is_empty() {
        return Err(IncidentRefusal::UnknownUnits(unknown));
    }
    let mut marked = 0;
    for unit in units {
        let sql = "INSERT INTO incident_units (incident, unit, marked_at, marked_by) SELECT $1, unit, CAST($2 AS BIGINT), $3 FROM units \
                   WHERE unit = $4 ON CONFLICT (incident, unit) DO NOTHING";
        marked += tx.execute(sql, params![id, now_s, by, unit.as_str()])?;
    }
    Ok(marked)
}

fn add_step(tx: &mut dyn Tx, incident: &str, unit: &str, taken: &StepTaken) -> Result<u64, Fault> {
    let sql = "INSERT INTO incident_steps (incident, unit, step, at, who, log_id, detail) VALUES ($1, $2, $3, $4, $5, $6, $7) \
               ON CONFLICT (incident, unit, step) DO NOTHING";
    let (step, log) = (taken.step.name(), taken.log.map(|log| log.0));
    tx.execute(sql, params![incident, unit, step, taken.at_s, taken.by.as_str(), log, taken.detail.as_str()])
}

fn units_of(tx: &mut dyn Tx, id: &str) -> Result<Vec<IncidentUnit>, Fault> {
    let mut units: BTreeMap<String, IncidentUnit> = BTreeMap::new();
    for row in &tx.query("SELECT unit, marked_at, marked_by FROM incident_units WHERE incident = $1 ORDER BY unit", params![id])? {
        let by = row.text(2)?.to_owned();
        let marked = StepTaken { step: Step::Affected, at_s: row.int(1)?, by, log: None, detail: String::new() };
        let unit = row.text(0)?.to_owned();
        units.insert(unit.clone(), IncidentUnit { unit, at: Step::Affected, steps: vec![marked] });
    }
    let sql = "SELECT unit, step, at, who, log_id, detail FROM incident_steps WHERE incident = $1 ORDER BY unit, at, step";
    for row in &tx.query(sql, params![id])? {
        let Some(unit) = units.get_mut(row.text(0)?) else { continue };
        let step = Step::parse(row.text(1)?).ok_or_else(|| Fault::Damaged("a step of an incident has no known name".into()))?;
        let log = if row.0.get(4) == Some(&Value::Null) { None } else { Some(LogId(row.fixed(4)?)) };
        let taken = StepTaken { step, at_s: row.int(2)?, by: row.text(3)?.to_owned(), log, detail: row.text(5)?.to_owned() };
        unit.at = unit.at.max(step);
        unit.steps.push(taken);
    }
    for unit in units.values_mut() {
        unit.steps.sort_by_key(|taken| taken.step);
    }
    Ok(units.into_values().collect())
}

fn counts_of(units: &[IncidentUnit]) -> IncidentCounts {
    let mut counts = IncidentCounts::default();
    for unit in units {
        counts.add(unit.at);
    }
    counts
}

/// The steps that can be seen and are not taken yet. A log that another vouched for comes from the same card: it is no new one.
fn new_steps(tx: &mut dyn Tx, now_s: i64) -> Result<Vec<(String, String, StepTaken)>, Fault> {
    let sql = "SELECT u.incident, u.unit, l.log_id, l.enrolled_at, l.confirmed_at, l.confirmed_by, r.troubles, \
               (SELECT MIN(b.received_at) FROM batches b WHERE b.log_id = l.log_id), \
               (SELECT COUNT(*) FROM incident_steps s WHERE s.incident = u.incident AND s.unit = u.unit AND s.step = 'reimaged'), \
               (SELECT COUNT(*) FROM incident_steps s WHERE s.incident = u.incident AND s.unit = u.unit AND s.step = 'tested'), \
               (SELECT COUNT(*) FROM incident_steps s WHERE s.incident = u.incident AND s.unit = u.unit AND s.step = 'done') \
               FROM incidents i JOIN incident_units u ON u.incident = i.id \
               JOIN logs l ON l.unit = u.unit AND l.enrolled_at > u.marked_at AND l.succeeds IS NULL AND l.revoked_at IS NULL \
               JOIN reports r ON r.log_id = l.log_id WHERE i.closed_at IS NULL ORDER BY u.incident, u.unit, l.enrolled_at, l.log_id";
    let mut steps = Vec::new();
    for row in &tx.query(sql, &[])? {
        let (incident, unit, log) = (row.text(0)?, row.text(1)?, Some(LogId(row.fixed(2)?)));
        let mut take = |step, at_s, by: &str| {
            steps.push((incident.to_owned(), unit.to_owned(), StepTaken { step, at_s, by: by.into(), log, detail: String::new() }));
        };
        if row.int(8)? == 0 {
            take(Step::Reimaged, row.int(3)?, BY_HUB);
        }
        // What came, came when it came; that no device is in trouble is seen now.
        let (first_s, well) = (row.maybe_int(7)?, row.text(6)?.is_empty());
        let was_tested = row.int(9)? > 0;
        if let (Some(first_s), true, false) = (first_s, well, was_tested) {
            take(Step::Tested, first_s, BY_HUB);
        }
        if let (Some(first_s), Some(confirmed_s), 0) = (first_s, row.maybe_int(4)?, row.int(10)?)
            && (well || was_tested)
        {
            take(Step::Done, confirmed_s.max(first_s).min(now_s), row.maybe_text(5)?.unwrap_or(BY_HUB));
        }
    }
    Ok(steps)
}

#[cfg(test)]
mod tests;
