//! An incident for others to keep: every step with its moment, its person and the log that shows it.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    http::{HeaderName, header},
    response::{IntoResponse as _, Response},
};
use data_encoding::HEXLOWER;
use hub_store::{
    Fault,
    audit::Noted,
    incidents::{IncidentBoard, StepTaken},
};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::{
    Hub,
    web::page::{Page, Wrong},
};

#[derive(Serialize)]
struct Evidence<'a> {
    incident: About<'a>,
    counts: Counts,
    units: Vec<Unit<'a>>,
    audit: Vec<Row<'a>>,
    /// SHA-256 of the CSV file about the same state.
    csv_sha256: String,
    written_at: i64,
    written_by: &'a str,
}

#[derive(Serialize)]
struct About<'a> {
    id: &'a str,
    title: &'a str,
    note: &'a str,
    opened_at: i64,
    opened_by: &'a str,
    closed_at: Option<i64>,
    closed_by: Option<&'a str>,
}

#[derive(Serialize)]
struct Counts {
    affected: u64,
    reimaged: u64,
    tested: u64,
    done: u64,
    aside: u64,
    total: u64,
    left: u64,
}

#[derive(Serialize)]
struct Unit<'a> {
    unit: &'a str,
    at: &'static str,
    steps: Vec<Taken<'a>>,
}

#[derive(Serialize)]
struct Taken<'a> {
    step: &'static str,
    at: i64,
    by: &'a str,
    log: Option<String>,
    detail: &'a str,
}

#[derive(Serialize)]
struct Row<'a> {
    seq: i64,
    at: i64,
    who: &'a str,
    action: &'a str,
    detail: &'a str,
    hash: String,
}

/// The incident as JSON, with the rows of the audit log about it and their hashes.
pub(super) async fn json(page: Page, State(hub): State<Arc<Hub>>, Path(id): Path<String>) -> Result<Response, Wrong> {
    let (board, notes) = read(&hub, id, page.now_s).await?;
    let incident = &board.incident;
    let counts = incident.counts;
    let evidence = Evidence {
        incident: About {
            id: &incident.id,
            title: &incident.title,
            note: &incident.note,
            opened_at: incident.opened_s,
            opened_by: &incident.opened_by,
            closed_at: incident.closed.as_ref().map(|closed| closed.0),
            closed_by: incident.closed.as_ref().map(|closed| &*closed.1),
        },
        counts: Counts {
            affected: counts.affected,
            reimaged: counts.reimaged,
            tested: counts.tested,
            done: counts.done,
            aside: counts.aside,
            total: counts.total(),
            left: counts.left(),
        },
        units: board
            .units
            .iter()
            .map(|unit| Unit { unit: &unit.unit, at: unit.at.name(), steps: unit.steps.iter().map(taken).collect() })
            .collect(),
        audit: notes.iter().map(row).collect(),
        csv_sha256: HEXLOWER.encode(&Sha256::digest(table(&board)?)),
        written_at: page.now_s,
        written_by: page.login(),
    };
    let bytes = serde_json::to_vec_pretty(&evidence).map_err(|error| Fault::Damaged(error.to_string()))?;
    Ok(file(bytes, "application/json", &format!("incident-{}.json", incident.id)))
}

/// The same steps as a table.
pub(super) async fn csv(page: Page, State(hub): State<Arc<Hub>>, Path(id): Path<String>) -> Result<Response, Wrong> {
    let (board, _) = read(&hub, id, page.now_s).await?;
    Ok(file(table(&board)?, "text/csv; charset=utf-8", &format!("incident-{}.csv", board.incident.id)))
}

async fn read(hub: &Hub, id: String, now_s: i64) -> Result<(IncidentBoard, Vec<Noted>), Wrong> {
    let read = hub.ask(move |store| {
        store.advance_incidents(now_s)?;
        let board = store.incident(&id, now_s)?;
        Ok::<_, Fault>(board.map(|board| (board, store.notes_about(&id))))
    });
    let (board, notes) = read.await?.ok_or_else(Wrong::missing)?;
    Ok((board, notes?))
}

fn taken(taken: &StepTaken) -> Taken<'_> {
    let log = taken.log.map(|log| log.to_string());
    Taken { step: taken.step.name(), at: taken.at_s, by: &taken.by, log, detail: &taken.detail }
}

fn row(noted: &Noted) -> Row<'_> {
    let note = &noted.note;
    Row { seq: noted.seq, at: noted.at, who: &note.who, action: &note.action, detail: &note.detail, hash: HEXLOWER.encode(&noted.hash) }
}

fn table(board: &IncidentBoard) -> Result<Vec<u8>, Wrong> {
    let fault = |error: csv::Error| Wrong::from(Fault::Damaged(error.to_string()));
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record(["unit", "at", "step", "time", "by", "log", "detail"]).map_err(fault)?;
    for unit in &board.units {
        for taken in &unit.steps {
            let log = taken.log.map_or_else(String::new, |log| log.to_string());
            let time = chrono::DateTime::from_timestamp(taken.at_s, 0).unwrap_or_default().to_rfc3339();
            let cells = [&unit.unit, unit.at.name(), taken.step.name(), &time, &plain(&taken.by), &log, &plain(&taken.detail)];
            csv.write_record(cells).map_err(fault)?;
        }
    }
    csv.into_inner().map_err(|error| Fault::Damaged(error.to_string()).into())
}

/// A text that no spreadsheet takes for a formula.
fn plain(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

fn file(bytes: Vec<u8>, media: &'static str, name: &str) -> Response {
    let sha256 = HEXLOWER.encode(&Sha256::digest(&bytes));
    let headers = [
        (header::CONTENT_TYPE, media.to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        (HeaderName::from_static("x-sha256"), sha256),
    ];
    (headers, bytes).into_response()
}
