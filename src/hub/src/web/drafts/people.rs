//! Somebody of the crew in the draft: to see, to change, to take out.

use std::sync::Arc;

use askama::Template;
use axum::{
    Form,
    extract::{Query, State},
    http::StatusCode,
    response::Response,
};
use bundle::Role;
use domain::crew::CrewId;
use serde::Deserialize;

use super::{change, text};
use crate::{
    Hub,
    answer::No,
    bundles::{
        self, Texts,
        csv::{pin_hash, pin_is_good},
        edit::{self, CrewEdit},
    },
    web::{
        page::{Page, Wrong, show},
        rights::Right,
        route::{Pages, query_safe},
        words::BundleWords,
    },
};

const CREW: &str = "crew.json";

pub(super) fn pages() -> Pages {
    Pages::default().get("/bundles/person", Right::Edit, person).post("/bundles/person", Right::Edit, set).post(
        "/bundles/person/remove",
        Right::Edit,
        remove,
    )
}

/// Somebody as the draft's page shows them.
pub(super) struct Line {
    pub(super) crew: String,
    pub(super) href: String,
    pub(super) name: String,
    pub(super) initials: String,
    pub(super) role: String,
    pub(super) language: String,
}

pub(super) fn lines(texts: &Texts) -> Result<Vec<Line>, No> {
    let line = |row: &serde_json::Map<String, serde_json::Value>| Line {
        crew: edit::text(row, "crew").to_owned(),
        href: format!("/bundles/person?crew={}", query_safe(edit::text(row, "crew"))),
        name: edit::text(row, "name").to_owned(),
        initials: edit::text(row, "initials").to_owned(),
        role: edit::text(row, "role").to_owned(),
        language: edit::text(row, "language").to_owned(),
    };
    Ok(edit::rows(text(texts, CREW), "crew")?.iter().map(line).collect())
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    crew: String,
}

#[derive(Template)]
#[template(path = "bundles/person.html")]
struct PersonPage {
    page: Page,
    f: &'static BundleWords,
    is_new: bool,
    line: Line,
}

async fn person(page: Page, State(hub): State<Arc<Hub>>, Query(asked): Query<Asked>) -> Result<Response, Wrong> {
    let texts = hub.ask(|store| bundles::draft(store, Role::Staff)).await?;
    let found = lines(&texts)?.into_iter().find(|line| line.crew == asked.crew);
    if !asked.crew.is_empty() && found.is_none() {
        return Err(Wrong::missing());
    }
    let is_new = found.is_none();
    let none = String::new;
    let line = found.unwrap_or_else(|| Line {
        crew: none(),
        href: none(),
        name: none(),
        initials: none(),
        role: "crew".into(),
        language: "sv".into(),
    });
    show(&PersonPage { f: BundleWords::of(page.lang), is_new, line, page })
}

#[derive(Deserialize)]
struct Sent {
    crew: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    initials: String,
    #[serde(default)]
    role: String,
    #[serde(default)]
    language: String,
    #[serde(default)]
    pin: String,
}

async fn set(page: Page, State(hub): State<Arc<Hub>>, Form(sent): Form<Sent>) -> Result<Response, Wrong> {
    let wrong = |what: &str, todo: &str| Wrong::new(StatusCode::BAD_REQUEST, "draft.person", what, todo);
    let crew = sent.crew.trim().to_owned();
    if CrewId::parse(&crew).is_err() {
        return Err(wrong("This is no crew number.", "Use up to 12 letters and digits."));
    }
    if !sent.pin.is_empty() && !pin_is_good(&sent.pin, &sent.role) {
        return Err(wrong("This is no PIN for the role.", "Write 4 to 12 digits, for a manager at least 6."));
    }
    change(&hub, &page, Role::Staff, move |texts| {
        let hash = if sent.pin.is_empty() { String::new() } else { pin_hash(&sent.pin) };
        let edit = CrewEdit {
            crew,
            name: sent.name.trim().to_owned(),
            initials: sent.initials.trim().to_owned(),
            role: sent.role,
            language: sent.language,
            pin_hash: hash,
        };
        let after = edit::with_crew(text(texts, CREW), &[edit])?;
        texts.insert(CREW.into(), after);
        Ok(())
    })
    .await
}

#[derive(Deserialize)]
struct Removed {
    crew: String,
}

async fn remove(page: Page, State(hub): State<Arc<Hub>>, Form(removed): Form<Removed>) -> Result<Response, Wrong> {
    change(&hub, &page, Role::Staff, move |texts| {
        let after = edit::without_crew(text(texts, CREW), &removed.crew)?;
        texts.insert(CREW.into(), after);
        Ok(())
    })
    .await
}
