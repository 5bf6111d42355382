//! Signed bundles and the drafts that they are made of: what is handed out, who holds what, and the next price list or staff list.

mod people;
mod products;

use std::{collections::BTreeMap, sync::Arc};

use askama::Template;
use axum::{
    Extension,
    extract::{Multipart, Path, State, multipart::MultipartRejection},
    http::{StatusCode, header},
    response::{IntoResponse as _, Redirect, Response},
};
use bundle::Role;
use hub_store::{HubStore, bundles::BundleSeen, drafts::DraftChange, fleet::UnitRow};

use super::{
    page::{Page, Wrong, show},
    rights::Right,
    route::{Pages, SessionId, prove},
    secret,
    words::{BundleWords, fill},
};
use crate::{
    Hub,
    answer::No,
    bundles::{self, Texts, csv},
};

/// The most labels of units that are shown for one version.
const LABELS_SHOWN: usize = 20;
/// The most changes of the history that are shown.
const HISTORY_SHOWN: u32 = 50;
/// The most bytes of a file that is sent, form included.
const UPLOAD_BYTES_MAX: usize = 5 * 1024 * 1024;

/// The pages here.
pub(super) fn pages() -> Pages {
    Pages::default()
        .get("/bundles", Right::See, list)
        // The second factor is asked for inside: a file's form cannot carry it where the guard looks.
        .upload("/bundles/upload", Right::Upload, UPLOAD_BYTES_MAX, upload)
        .get("/bundles/draft/{role}", Right::Edit, draft)
        .get("/bundles/draft/{role}/export", Right::Edit, export)
        .get("/bundles/draft/{role}/csv", Right::Edit, csv_out)
        .upload("/bundles/draft/{role}/csv", Right::Edit, UPLOAD_BYTES_MAX, csv_in)
        .get("/bundles/draft/{role}/file/{name}", Right::Edit, file_out)
        .upload("/bundles/draft/{role}/file/{name}", Right::Edit, UPLOAD_BYTES_MAX, file_in)
        .merge(products::pages())
        .merge(people::pages())
}

/// A bundle as the list shows it.
struct Published {
    role: String,
    version: u64,
    units: String,
    made: String,
    stale: String,
    is_stale: bool,
    uploaded: String,
    by: String,
    held: u64,
}

/// A version and who holds it.
struct Holding {
    role: String,
    version: Option<u64>,
    n: usize,
    labels: String,
}

/// A draft in a line.
struct DraftLine {
    name: &'static str,
    role: String,
    summary: String,
}

#[derive(Template)]
#[template(path = "bundles/list.html")]
struct ListPage {
    page: Page,
    f: &'static BundleWords,
    has_root: bool,
    published: Vec<Published>,
    holdings: Vec<Holding>,
    drafts: Vec<DraftLine>,
}

async fn list(page: Page, State(hub): State<Arc<Hub>>) -> Result<Response, Wrong> {
    let (now_s, may_edit) = (page.now_s, page.may(Right::Edit));
    let f = BundleWords::of(page.lang);
    let read = hub.ask(move |store| {
        let drafts = if may_edit { bundles::DRAFTED.to_vec() } else { Vec::new() };
        let drafts = drafts.into_iter().map(|role| Ok((role, against_published(store, role)?))).collect::<Result<Vec<_>, No>>()?;
        Ok::<_, No>((bundles::trust(store)?.is_some(), store.bundles()?, store.fleet(now_s)?.units, drafts))
    });
    let (has_root, seen, units, drafts) = read.await?;
    let published = seen.iter().map(|seen| published(&page, f, seen, &units)).collect();
    let drafts =
        drafts.into_iter().map(|(role, state)| DraftLine { name: role.name(), role: f.role_word(role.name()), summary: state.first(f) });
    let drafts = drafts.collect();
    show(&ListPage { f, has_root, published, holdings: holdings(f, &units), drafts, page })
}

fn published(page: &Page, f: &BundleWords, seen: &BundleSeen, units: &[UnitRow]) -> Published {
    let is_held = |unit: &&UnitRow| unit.report.bundles.iter().any(|held| held.role == seen.role && held.version == seen.version);
    Published {
        role: f.role_word(&seen.role),
        version: seen.version,
        units: if seen.units.is_empty() { f.units_all.to_owned() } else { fill(f.units_some, &[("units", &seen.units.join(", "))]) },
        made: page.clock(seen.created_s),
        stale: page.clock(seen.stale_s),
        is_stale: page.now_s > seen.stale_s,
        uploaded: page.clock(seen.uploaded_s),
        by: seen.uploaded_by.clone(),
        held: units.iter().filter(is_held).count() as u64,
    }
}

/// For each role, which version how many hold. The figures of a role add up to the fleet.
fn holdings(f: &BundleWords, units: &[UnitRow]) -> Vec<Holding> {
    let mut lines = Vec::new();
    for role in [Role::Prices, Role::Staff, Role::Root] {
        let mut by_version: BTreeMap<Option<u64>, Vec<&str>> = BTreeMap::new();
        for unit in units {
            let version = unit.report.bundles.iter().find(|held| held.role == role.name()).map(|held| held.version);
            by_version.entry(version).or_default().push(&unit.unit);
        }
        for (version, labels) in by_version.into_iter().rev() {
            let more = if labels.len() > LABELS_SHOWN { " …" } else { "" };
            let shown = labels.iter().take(LABELS_SHOWN).copied().collect::<Vec<_>>().join(" ") + more;
            lines.push(Holding { role: f.role_word(role.name()), version, n: labels.len(), labels: shown });
        }
    }
    lines
}

/// How a draft stands against what is published.
pub(super) enum Against {
    /// Nothing is published.
    First,
    /// What changes, a line each; none where they are equal.
    Changes(Vec<String>),
    /// One of the two does not read.
    Unreadable(String),
}

impl Against {
    fn first(&self, f: &BundleWords) -> String {
        match self {
            Self::First => f.draft_first.to_owned(),
            Self::Changes(lines) => lines.first().cloned().unwrap_or_else(|| f.draft_same.to_owned()),
            Self::Unreadable(what) => what.clone(),
        }
    }

    fn lines(&self) -> &[String] {
        match self {
            Self::Changes(lines) => lines,
            Self::First | Self::Unreadable(_) => &[],
        }
    }
}

pub(super) fn against_published(store: &HubStore, role: Role) -> Result<Against, No> {
    let (draft, published) = (bundles::draft(store, role)?, bundles::published(store, role)?);
    let Some(published) = published else { return Ok(Against::First) };
    Ok(match bundles::differences(role, Some(&published), &draft) {
        Ok(lines) => Against::Changes(lines),
        Err(no) => Against::Unreadable(no.refused.what),
    })
}

async fn upload(
    page: Page,
    State(hub): State<Arc<Hub>>,
    Extension(SessionId(id)): Extension<SessionId>,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Response, Wrong> {
    let mut parts = parts(form).await?;
    if !page.proven {
        let now_s = page.now_s;
        let session = hub.ask(move |store| store.session(secret::hashed(&id), now_s)).await?;
        let session = session.ok_or_else(|| Wrong::say(StatusCode::UNAUTHORIZED, "account.sign-in"))?;
        let code = String::from_utf8_lossy(&parts.remove("code").unwrap_or_default()).into_owned();
        prove(&hub, &session, id, code, now_s).await?;
    }
    let bytes = parts.remove("file").filter(|bytes| !bytes.is_empty()).ok_or_else(no_file)?;
    let (by, now_s) = (page.login().to_owned(), page.now_s);
    hub.ask(move |store| bundles::take(store, &bytes, &by, now_s)).await?;
    Ok(Redirect::to("/bundles").into_response())
}

#[derive(Template)]
#[template(path = "bundles/draft.html")]
struct DraftPage {
    page: Page,
    f: &'static BundleWords,
    name: &'static str,
    role: String,
    first: String,
    lines: Vec<String>,
    files: Vec<String>,
    vat_none: bool,
    products: Vec<products::Line>,
    people: Vec<people::Line>,
    history: Vec<(String, DraftChange)>,
    has_root: bool,
}

async fn draft(page: Page, State(hub): State<Arc<Hub>>, Path(role): Path<String>) -> Result<Response, Wrong> {
    let role = drafted(&role)?;
    let read = hub.ask(move |store| {
        let texts = bundles::draft(store, role)?;
        let history = store.draft_changes(role.name(), HISTORY_SHOWN)?;
        Ok::<_, No>((texts, against_published(store, role)?, history, bundles::trust(store)?.is_some()))
    });
    let (texts, against, history, has_root) = read.await?;
    let f = BundleWords::of(page.lang);
    let today = chrono::DateTime::from_timestamp(page.now_s, 0).unwrap_or_default().date_naive();
    let history = history.into_iter().map(|change| (page.clock(change.at), change)).collect();
    show(&DraftPage {
        name: role.name(),
        role: f.role_word(role.name()),
        first: against.first(f),
        lines: against.lines().iter().skip(1).cloned().collect(),
        files: texts.keys().cloned().collect(),
        vat_none: role == Role::Prices && !texts.contains_key("vat.json"),
        products: if role == Role::Prices { products::lines(&texts, f, today)? } else { Vec::new() },
        people: if role == Role::Staff { people::lines(&texts)? } else { Vec::new() },
        history,
        has_root,
        f,
        page,
    })
}

async fn export(page: Page, State(hub): State<Arc<Hub>>, Path(role): Path<String>) -> Result<Response, Wrong> {
    let role = drafted(&role)?;
    let now_s = page.now_s;
    let (version, bytes) = hub.ask(move |store| bundles::export(store, role, now_s)).await?;
    Ok(file(bytes, "application/octet-stream", &format!("{}-{version}.draft", role.name())))
}

async fn csv_out(_page: Page, State(hub): State<Arc<Hub>>, Path(role): Path<String>) -> Result<Response, Wrong> {
    let role = drafted(&role)?;
    let texts = hub.ask(move |store| bundles::draft(store, role)).await?;
    let csv = match role {
        Role::Staff => csv::export_crew(text(&texts, "crew.json"))?,
        _ => csv::export_products(text(&texts, "catalogue.json"))?,
    };
    Ok(file(csv.into_bytes(), "text/csv; charset=utf-8", &format!("{}.csv", role.name())))
}

#[derive(Template)]
#[template(path = "bundles/csv-bad.html")]
struct CsvBadPage {
    page: Page,
    f: &'static BundleWords,
    name: &'static str,
    lead: String,
    cells: Vec<csv::BadCell>,
}

async fn csv_in(
    page: Page,
    State(hub): State<Arc<Hub>>,
    Path(role): Path<String>,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Response, Wrong> {
    let role = drafted(&role)?;
    let bytes = parts(form).await?.remove("file").filter(|bytes| !bytes.is_empty()).ok_or_else(no_file)?;
    let (by, now_s) = (page.login().to_owned(), page.now_s);
    let done = hub.ask(move |store| {
        let mut texts = bundles::draft(store, role)?;
        let (name, after) = match role {
            Role::Staff => ("crew.json", csv::import_crew(text(&texts, "crew.json"), &bytes)),
            _ => ("catalogue.json", csv::import_products(text(&texts, "catalogue.json"), &bytes)),
        };
        let after = match after {
            Ok(after) => after,
            Err(bad) => return Ok(Some(bad)),
        };
        texts.insert(name.to_owned(), after);
        bundles::change(store, role, &texts, &by, now_s)?;
        Ok::<_, No>(None)
    });
    match done.await? {
        None => Ok(Redirect::to(&format!("/bundles/draft/{}", role.name())).into_response()),
        Some(bad) => {
            let f = BundleWords::of(page.lang);
            let lead = fill(f.csv_bad_lead, &[("n", &bad.count.to_string())]);
            let mut drawn = show(&CsvBadPage { page, f, name: role.name(), lead, cells: bad.cells })?;
            *drawn.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
            Ok(drawn)
        }
    }
}

async fn file_out(_page: Page, State(hub): State<Arc<Hub>>, Path((role, name)): Path<(String, String)>) -> Result<Response, Wrong> {
    let role = drafted(&role)?;
    let texts = hub.ask(move |store| bundles::draft(store, role)).await?;
    let text = match texts.get(&name) {
        Some(text) => text.clone(),
        None if role == Role::Prices && name == "vat.json" => till::data::write_vat(&domain::vat::VatTable::nordic_2026()),
        None => return Err(Wrong::missing()),
    };
    Ok(file(text.into_bytes(), "application/json", &name))
}

async fn file_in(
    page: Page,
    State(hub): State<Arc<Hub>>,
    Path((role, name)): Path<(String, String)>,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Response, Wrong> {
    let role = drafted(&role)?;
    if !role.files().contains(&name.as_str()) {
        return Err(Wrong::missing());
    }
    let bytes = parts(form).await?.remove("file").filter(|bytes| !bytes.is_empty()).ok_or_else(no_file)?;
    let text = String::from_utf8(bytes)
        .map_err(|_| Wrong::new(StatusCode::BAD_REQUEST, "draft.unreadable", "The file is no text in UTF-8.", "Save it as UTF-8."))?;
    change(&hub, &page, role, move |texts| {
        texts.insert(name, text);
        Ok(())
    })
    .await
}

/// Changes a draft and leads back to it.
pub(super) async fn change(
    hub: &Arc<Hub>,
    page: &Page,
    role: Role,
    act: impl FnOnce(&mut Texts) -> Result<(), No> + Send + 'static,
) -> Result<Response, Wrong> {
    let (by, now_s) = (page.login().to_owned(), page.now_s);
    let done = hub.ask(move |store| {
        let mut texts = bundles::draft(store, role)?;
        act(&mut texts)?;
        bundles::change(store, role, &texts, &by, now_s)
    });
    done.await?;
    Ok(Redirect::to(&format!("/bundles/draft/{}", role.name())).into_response())
}

/// A file of a draft; empty where there is none, which no reader takes.
pub(super) fn text<'a>(texts: &'a Texts, name: &str) -> &'a str {
    texts.get(name).map_or("", String::as_str)
}

fn drafted(role: &str) -> Result<Role, Wrong> {
    bundles::DRAFTED.into_iter().find(|drafted| drafted.name() == role).ok_or_else(Wrong::missing)
}

/// The fields of a form with a file.
async fn parts(form: Result<Multipart, MultipartRejection>) -> Result<BTreeMap<String, Vec<u8>>, Wrong> {
    let unreadable = || Wrong::say(StatusCode::BAD_REQUEST, "page.form");
    let mut form = form.map_err(|_| unreadable())?;
    let mut parts = BTreeMap::new();
    while let Some(field) = form.next_field().await.map_err(|_| unreadable())? {
        let name = field.name().unwrap_or_default().to_owned();
        let bytes = field.bytes().await.map_err(|_| Wrong::say(StatusCode::PAYLOAD_TOO_LARGE, "page.form"))?;
        parts.insert(name, bytes.to_vec());
    }
    Ok(parts)
}

fn no_file() -> Wrong {
    Wrong::new(StatusCode::BAD_REQUEST, "page.form", "No file was chosen.", "Choose the file and send it again.")
}

fn file(bytes: Vec<u8>, media: &'static str, name: &str) -> Response {
    let headers = [(header::CONTENT_TYPE, media.to_owned()), (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\""))];
    (headers, bytes).into_response()
}
