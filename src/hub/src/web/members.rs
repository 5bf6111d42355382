//! Who has an account, and who did what.

use std::sync::Arc;

use askama::Template;
use axum::{
    Form,
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use hub_store::{
    Fault,
    accounts::{Account, Invite, Role},
    audit::Noted,
};
use serde::Deserialize;

use super::{
    accounts::NAME_CHARS_MAX,
    page::{Page, Wrong, show},
    rights::Right,
    route::Pages,
    secret,
    words::{IncidentWords, fill},
};
use crate::Hub;

/// How long an invitation is good, in seconds.
const INVITE_S: i64 = 7 * 24 * 60 * 60;
/// Notes on one page.
const NOTES_SHOWN: u32 = 200;

/// The pages here.
pub(super) fn pages() -> Pages {
    Pages::default()
        .get("/accounts", Right::Accounts, list)
        .post("/accounts/invite", Right::Accounts, invite)
        .post("/accounts/{login}/shut", Right::Accounts, shut)
        .post("/accounts/{login}/open", Right::Accounts, open)
        .get("/audit", Right::Audit, audit)
}

#[derive(Template)]
#[template(path = "accounts/list.html")]
struct ListPage {
    page: Page,
    f: &'static IncidentWords,
    accounts: Vec<Account>,
    invited: Option<(String, String)>,
}

async fn list(page: Page, State(hub): State<Arc<Hub>>) -> Result<Response, Wrong> {
    let accounts = hub.ask(|store| store.accounts()).await?;
    show(&ListPage { f: IncidentWords::of(page.lang), page, accounts, invited: None })
}

#[derive(Deserialize)]
struct Invited {
    name: String,
    role: String,
}

async fn invite(page: Page, State(hub): State<Arc<Hub>>, Form(form): Form<Invited>) -> Result<Response, Wrong> {
    let (name, role) = (form.name.trim().to_owned(), Role::parse(&form.role));
    let fits = (1..=NAME_CHARS_MAX).contains(&name.chars().count());
    let (true, Some(role)) = (fits, role) else { return Err(Wrong::say(StatusCode::UNPROCESSABLE_ENTITY, "page.form")) };
    let (code, now_s) = (secret::people_code(), page.now_s);
    let invite =
        Invite { name: name.clone(), role, totp: secret::totp_secret(), made_by: page.login().to_owned(), expires_at: now_s + INVITE_S };
    let hash = secret::people_code_hash(&code);
    let accounts = hub.ask(move |store| {
        store.invite(hash, &invite, now_s)?;
        store.accounts()
    });
    let accounts = accounts.await?;
    let f = IncidentWords::of(page.lang);
    show(&ListPage { f, page, accounts, invited: Some((fill(f.invite_code, &[("name", &name)]), code)) })
}

async fn shut(page: Page, State(hub): State<Arc<Hub>>, Path(login): Path<String>) -> Result<Response, Wrong> {
    if login == page.login() {
        return Err(Wrong::say(StatusCode::CONFLICT, "account.self"));
    }
    set_disabled(page, &hub, login, true).await
}

async fn open(page: Page, State(hub): State<Arc<Hub>>, Path(login): Path<String>) -> Result<Response, Wrong> {
    set_disabled(page, &hub, login, false).await
}

async fn set_disabled(page: Page, hub: &Hub, login: String, disabled: bool) -> Result<Response, Wrong> {
    let (by, now_s) = (page.login().to_owned(), page.now_s);
    if !hub.ask(move |store| store.set_disabled(&login, disabled, &by, now_s)).await? {
        return Err(Wrong::missing());
    }
    Ok(Redirect::to("/accounts").into_response())
}

#[derive(Template)]
#[template(path = "accounts/audit.html")]
struct AuditPage {
    page: Page,
    f: &'static IncidentWords,
    notes: Vec<Noted>,
    broken: Option<String>,
    older: Option<i64>,
}

#[derive(Deserialize)]
struct Before {
    before: Option<i64>,
}

async fn audit(page: Page, State(hub): State<Arc<Hub>>, Query(asked): Query<Before>) -> Result<Response, Wrong> {
    let before = asked.before.unwrap_or(i64::MAX);
    let (notes, broken) = hub.ask(move |store| Ok::<_, Fault>((store.notes(before, NOTES_SHOWN)?, store.audit_broken_at()?))).await?;
    let f = IncidentWords::of(page.lang);
    let older = notes.last().map(|noted| noted.seq).filter(|seq| *seq > 1);
    let broken = broken.map(|seq| fill(f.audit_broken, &[("n", &seq.to_string())]));
    show(&AuditPage { page, f, notes, broken, older })
}
