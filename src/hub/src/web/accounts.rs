//! Signing in and out, taking an invitation, one's own account.

use std::sync::Arc;

use askama::Template;
use axum::{
    Extension, Form,
    extract::{Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{AppendHeaders, IntoResponse as _, Redirect, Response},
};
use data_encoding::{BASE32_NOPAD, HEXLOWER};
use hub_store::{
    Fault, HubStore,
    accounts::{Account, CONSOLE, Invite, NewAccount, Role, Session, Slowing, Taken},
    audit::Note,
};
use qrcodegen_no_heap::{QrCode, QrCodeEcc, Version};
use serde::Deserialize;

use super::{
    page::{Lang, Look, Page, Wrong, show},
    route::{Need, Origin, Pages, SessionId, cookie_name, local, prove, set_cookie},
    secret,
};
use crate::Hub;

/// How wrong passwords for one name slow down the next try.
const LOGIN_SLOWING: Slowing = Slowing { free: 4, wait_s_max: 300 };
/// How wrong passwords from one address do: an office may share one.
const ADDRESS_SLOWING: Slowing = Slowing { free: 20, wait_s_max: 900 };
/// How long the console's code is good, in seconds. Each start of the hub makes a new one until somebody has taken it.
const FIRST_CODE_S: i64 = 24 * 60 * 60;
/// The most characters of a name.
pub(super) const NAME_CHARS_MAX: usize = 60;
/// The most modules along a QR code of ours.
const QR_VERSION_MAX: Version = Version::new(12);
/// How long a browser remembers language and look, in seconds.
const LOOK_S: i64 = 400 * 24 * 60 * 60;

/// The pages here.
pub(super) fn pages() -> Pages {
    Pages::default()
        .get("/sign-in", Need::Nobody, sign_in_page)
        .post("/sign-in", Need::Nobody, sign_in)
        .post("/sign-out", Need::Somebody, sign_out)
        .get("/welcome", Need::Nobody, welcome_page)
        .post("/welcome", Need::Nobody, welcome)
        .post("/welcome/account", Need::Nobody, make_account)
        .post("/look", Need::Nobody, look)
        .get("/account", Need::Somebody, account_page)
        .post("/account/password", Need::Somebody, password)
        .post("/account/totp", Need::Somebody, totp)
}

/// The code with which the first account is made, where there is none yet. The hub shows it on its console; it is kept as a hash, is used once
/// and replaces the one before.
///
/// # Errors
/// [`Fault`].
pub fn first_code(store: &HubStore, now_s: i64) -> Result<Option<String>, Fault> {
    let code = secret::people_code();
    let expires_at = now_s + FIRST_CODE_S;
    let invite = Invite { name: CONSOLE.into(), role: Role::Admin, totp: secret::totp_secret(), made_by: CONSOLE.into(), expires_at };
    Ok(store.invite(secret::people_code_hash(&code), &invite, now_s)?.then_some(code))
}

/// A code with which somebody who lost password or phone sets both anew, where there is such an account. It is used once, on the page that
/// makes accounts.
///
/// # Errors
/// [`Fault`].
pub fn code_back(store: &HubStore, login: &str, now_s: i64) -> Result<Option<String>, Fault> {
    let code = secret::people_code();
    let back = store.invite_back(secret::people_code_hash(&code), login, &secret::totp_secret(), now_s + FIRST_CODE_S, now_s)?;
    Ok(back.then_some(code))
}

#[derive(Deserialize)]
struct To {
    to: Option<String>,
}

#[derive(Template)]
#[template(path = "accounts/sign-in.html")]
struct SignInPage {
    page: Page,
    to: String,
    /// What was typed before, and why it did not do.
    login: String,
    wrong: Option<String>,
}

async fn sign_in_page(page: Page, Query(query): Query<To>) -> Result<Response, Wrong> {
    let to = query.to.unwrap_or_else(|| "/".into());
    if page.account.is_some() {
        return Ok(Redirect::to(local(&to)).into_response());
    }
    show(&SignInPage { page, to, login: String::new(), wrong: None })
}

#[derive(Deserialize)]
struct SignIn {
    login: String,
    password: String,
    code: String,
    #[serde(default)]
    to: String,
}

async fn sign_in(
    page: Page,
    Extension(origin): Extension<Origin>,
    Extension(SessionId(was)): Extension<SessionId>,
    State(hub): State<Arc<Hub>>,
    Form(form): Form<SignIn>,
) -> Result<Response, Wrong> {
    let (login, now_s) = (form.login.trim().to_lowercase(), page.now_s);
    if login.chars().count() > NAME_CHARS_MAX {
        return Err(Wrong::say(StatusCode::BAD_REQUEST, "page.form"));
    }
    let from = origin.ip.to_string();
    let tries = [(format!("login {login}"), LOGIN_SLOWING), (format!("address {from}"), ADDRESS_SLOWING)];
    let asked = login.clone();
    let (wait_s, secrets) = hub.ask(move |store| Ok::<_, Fault>((store.attempt(&tries, now_s)?, store.secrets(&asked)?))).await?;
    if let Some(wait_s) = wait_s {
        let wrong = super::words::fill(page.w.slow, &[("n", &wait_s.to_string())]);
        let drawn = show(&SignInPage { page, to: form.to, login, wrong: Some(wrong) })?;
        return Ok((StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, wait_s)], drawn).into_response());
    }
    let right = secret::password_matches(form.password, secrets.as_ref().map(|secrets| secrets.password.clone())).await;
    let id: [u8; 32] = secret::random();
    let signed_in = match secrets {
        Some(secrets) if right => match secret::totp_step(&secrets.totp, &form.code, now_s) {
            Some(step) => {
                let (was, id, from) = (secret::hashed(&was), secret::hashed(&id), from.clone());
                hub.ask(move |store| store.sign_in(&secrets.account, step, Some(was), id, &from, now_s)).await?
            }
            None => false,
        },
        _ => false,
    };
    if !signed_in {
        let note = Note::new(&login, "sign-in-failed", &login, &from);
        hub.ask(move |store| store.add_note(&note, now_s)).await?;
        let wrong = Some(page.w.sign_in_wrong.to_owned());
        let drawn = show(&SignInPage { page, to: form.to, login, wrong })?;
        return Ok((StatusCode::UNAUTHORIZED, drawn).into_response());
    }
    let cookie = set_cookie(cookie_name(origin.secure), &HEXLOWER.encode(&id), origin.secure, None);
    Ok((AppendHeaders([(header::SET_COOKIE, cookie)]), Redirect::to(local(&form.to))).into_response())
}

async fn sign_out(
    page: Page,
    Extension(origin): Extension<Origin>,
    Extension(SessionId(id)): Extension<SessionId>,
    State(hub): State<Arc<Hub>>,
) -> Result<Response, Wrong> {
    let account = signed_in(&page)?;
    hub.ask(move |store| store.sign_out(secret::hashed(&id), &account, page.now_s)).await?;
    let gone = set_cookie(cookie_name(origin.secure), "", origin.secure, Some(0));
    Ok((AppendHeaders([(header::SET_COOKIE, gone)]), Redirect::to("/sign-in")).into_response())
}

#[derive(Template)]
#[template(path = "accounts/welcome.html")]
struct WelcomePage {
    page: Page,
    wrong: Option<String>,
}

async fn welcome_page(page: Page) -> Result<Response, Wrong> {
    show(&WelcomePage { page, wrong: None })
}

#[derive(Deserialize)]
struct Welcome {
    invite: String,
}

#[derive(Template)]
#[template(path = "accounts/welcome-account.html")]
struct WelcomeAccountPage {
    page: Page,
    invite: String,
    role: &'static str,
    secret: String,
    qr: Qr,
    login: String,
    name: String,
    wrong: Option<String>,
}

async fn welcome(
    page: Page,
    Extension(origin): Extension<Origin>,
    State(hub): State<Arc<Hub>>,
    Form(form): Form<Welcome>,
) -> Result<Response, Wrong> {
    let invite = invited(&hub, &origin, &form.invite, page.now_s).await?;
    let login = invite.back_into().unwrap_or_default().to_owned();
    show(&account_form(page, form.invite, &invite, login.clone(), login, None))
}

fn account_form(page: Page, code: String, invite: &Invite, login: String, name: String, wrong: Option<String>) -> WelcomeAccountPage {
    let role = page.w.role(invite.role);
    let (qr, secret) = (Qr::of(&invite.totp, &login), secret::grouped(&BASE32_NOPAD.encode(&invite.totp)));
    WelcomeAccountPage { page, invite: code, role, secret, qr, login, name, wrong }
}

/// The invitation of a code; who guesses is slowed down as who guesses passwords.
async fn invited(hub: &Hub, origin: &Origin, code: &str, now_s: i64) -> Result<Invite, Wrong> {
    let (hash, tries) = (secret::people_code_hash(code), [(format!("address {}", origin.ip), ADDRESS_SLOWING)]);
    let asked = hub.ask(move |store| Ok::<_, Fault>((store.invited(hash, now_s)?, store.attempt(&tries, now_s)?)));
    match asked.await? {
        (_, Some(_)) => Err(Wrong::say(StatusCode::TOO_MANY_REQUESTS, "account.slow")),
        (None, None) => Err(Wrong::say(StatusCode::NOT_FOUND, "account.invite")),
        (Some(invite), None) => Ok(invite),
    }
}

#[derive(Deserialize)]
struct MakeAccount {
    invite: String,
    login: String,
    name: String,
    password: String,
    code: String,
}

async fn make_account(
    page: Page,
    Extension(origin): Extension<Origin>,
    State(hub): State<Arc<Hub>>,
    Form(form): Form<MakeAccount>,
) -> Result<Response, Wrong> {
    let (login, name, now_s) = (form.login.trim().to_lowercase(), form.name.trim().to_owned(), page.now_s);
    let invite = invited(&hub, &origin, &form.invite, now_s).await?;
    let step = secret::totp_step(&invite.totp, &form.code, now_s);
    let wrong = if !is_login(&login) || name.is_empty() || name.chars().count() > NAME_CHARS_MAX {
        Some(page.w.login_wrong)
    } else if !is_password(&form.password) {
        Some(page.w.password_wrong)
    } else if step.is_none() {
        Some(page.w.code_wrong)
    } else {
        None
    };
    let (Some(totp_step), None) = (step, wrong) else {
        let wrong = wrong.unwrap_or(page.w.code_wrong).to_owned();
        let drawn = show(&account_form(page, form.invite, &invite, login, name, Some(wrong)))?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, drawn).into_response());
    };
    let password = secret::password_hash(form.password).await;
    let id = HEXLOWER.encode(&secret::random::<8>());
    let new = NewAccount { id, login: login.clone(), name: name.clone(), lang: Some(page.lang.code().into()), password, totp_step };
    let hash = secret::people_code_hash(&form.invite);
    match hub.ask(move |store| store.take_invite(hash, &new, now_s)).await? {
        Taken::Made(_) => show(&MadePage { page }),
        Taken::NoInvite => Err(Wrong::say(StatusCode::NOT_FOUND, "account.invite")),
        Taken::LoginTaken => {
            let wrong = Some(page.w.login_taken.to_owned());
            let drawn = show(&account_form(page, form.invite, &invite, login, name, wrong))?;
            Ok((StatusCode::CONFLICT, drawn).into_response())
        }
    }
}

#[derive(Template)]
#[template(path = "accounts/made.html")]
struct MadePage {
    page: Page,
}

fn is_login(login: &str) -> bool {
    let good = |char: char| char.is_ascii_alphanumeric() || matches!(char, '.' | '-' | '_');
    (2..=NAME_CHARS_MAX).contains(&login.chars().count()) && login.chars().all(good) && login != CONSOLE
}

fn is_password(password: &str) -> bool {
    password.chars().count() >= secret::PASSWORD_CHARS_MIN && password.len() <= secret::PASSWORD_BYTES_MAX
}

#[derive(Deserialize)]
struct Chosen {
    lang: Option<String>,
    look: Option<String>,
    to: Option<String>,
}

/// Language and look, chosen in the head of any page.
async fn look(
    page: Page,
    Extension(origin): Extension<Origin>,
    State(hub): State<Arc<Hub>>,
    Form(form): Form<Chosen>,
) -> Result<Response, Wrong> {
    let mut headers = HeaderMap::new();
    if let Some(lang) = form.lang.as_deref().and_then(Lang::parse) {
        headers.append(header::SET_COOKIE, set_cookie("lang", lang.code(), origin.secure, Some(LOOK_S)));
        if let Some(account) = page.account {
            hub.ask(move |store| store.set_lang(&account, lang.code())).await?;
        }
    }
    if let Some(look) = form.look {
        headers.append(header::SET_COOKIE, set_cookie("look", Look::parse(&look).name(), origin.secure, Some(LOOK_S)));
    }
    Ok((headers, Redirect::to(local(form.to.as_deref().unwrap_or("/")))).into_response())
}

#[derive(Template)]
#[template(path = "accounts/account.html")]
struct AccountPage {
    page: Page,
    role: &'static str,
    new_secret: String,
    secret: String,
    qr: Qr,
    saved: bool,
}

#[derive(Deserialize)]
struct Saved {
    saved: Option<u8>,
}

async fn account_page(page: Page, Query(query): Query<Saved>) -> Result<Response, Wrong> {
    let account = signed_in(&page)?;
    let new = secret::totp_secret();
    let new_secret = BASE32_NOPAD.encode(&new);
    let (role, secret, qr) = (page.w.role(account.role), secret::grouped(&new_secret), Qr::of(&new, &account.login));
    show(&AccountPage { page, role, new_secret, secret, qr, saved: query.saved.is_some() })
}

#[derive(Deserialize)]
struct NewPassword {
    password: String,
    new: String,
    code: String,
}

async fn password(
    page: Page,
    Extension(SessionId(id)): Extension<SessionId>,
    State(hub): State<Arc<Hub>>,
    Form(form): Form<NewPassword>,
) -> Result<Response, Wrong> {
    let account = signed_in(&page)?;
    prove(&hub, &Session { account: account.clone(), proven_at: 0 }, id, form.code, page.now_s).await?;
    let (login, now_s) = (account.login.clone(), page.now_s);
    let secrets = hub.ask(move |store| store.secrets(&login)).await?;
    let right = secret::password_matches(form.password, secrets.map(|secrets| secrets.password)).await;
    if !right || !is_password(&form.new) {
        return Err(Wrong::say(StatusCode::FORBIDDEN, "account.password"));
    }
    let hash = secret::password_hash(form.new).await;
    hub.ask(move |store| store.set_password(&account, &hash, secret::hashed(&id), now_s)).await?;
    Ok(Redirect::to("/account?saved=1").into_response())
}

#[derive(Deserialize)]
struct NewTotp {
    secret: String,
    code: String,
    new_code: String,
}

async fn totp(
    page: Page,
    Extension(SessionId(id)): Extension<SessionId>,
    State(hub): State<Arc<Hub>>,
    Form(form): Form<NewTotp>,
) -> Result<Response, Wrong> {
    let (account, now_s) = (signed_in(&page)?, page.now_s);
    let new = BASE32_NOPAD.decode(form.secret.as_bytes()).ok().filter(|new| new.len() == secret::totp_secret().len());
    let new = new.ok_or_else(|| Wrong::say(StatusCode::BAD_REQUEST, "page.form"))?;
    let step = secret::totp_step(&new, &form.new_code, now_s).ok_or_else(|| Wrong::say(StatusCode::FORBIDDEN, "account.code"))?;
    prove(&hub, &Session { account: account.clone(), proven_at: 0 }, id, form.code, now_s).await?;
    hub.ask(move |store| store.set_totp(&account, &new, step, secret::hashed(&id), now_s)).await?;
    Ok(Redirect::to("/account?saved=1").into_response())
}

/// Who is signed in, on a route that only they reach.
pub(super) fn signed_in(page: &Page) -> Result<Account, Wrong> {
    page.account.clone().ok_or_else(|| Wrong::say(StatusCode::UNAUTHORIZED, "account.sign-in"))
}

/// A QR code as one path of an SVG.
struct Qr {
    /// Modules along it, with the quiet zone.
    size: i32,
    path: String,
}

impl Qr {
    fn of(totp: &[u8], login: &str) -> Self {
        let text = secret::totp_uri(totp, if login.is_empty() { "hub" } else { login });
        let (mut room, mut out) = (vec![0; QR_VERSION_MAX.buffer_len()], vec![0; QR_VERSION_MAX.buffer_len()]);
        let made = QrCode::encode_text(&text, &mut room, &mut out, QrCodeEcc::Medium, Version::MIN, QR_VERSION_MAX, None, true);
        let Ok(code) = made else { return Self { size: 0, path: String::new() } };
        let (quiet, mut path) = (4, String::new());
        for y in 0..code.size() {
            for x in (0..code.size()).filter(|x| code.get_module(*x, y)) {
                path.push_str(&format!("M{} {}h1v1h-1z", x + quiet, y + quiet));
            }
        }
        Self { size: code.size() + 2 * quiet, path }
    }
}
