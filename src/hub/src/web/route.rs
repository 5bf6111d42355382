//! How a page is reached: each route names what it needs, and one guard looks before any handler runs.

use std::{net::IpAddr, pin::Pin, sync::Arc};

use askama::Template;
use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{DefaultBodyLimit, Request},
    handler::Handler,
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header, request::Parts},
    response::{IntoResponse as _, Redirect, Response},
    routing::{self, MethodFilter},
};
use data_encoding::HEXLOWER;
use hub_store::{
    accounts::{Session, Slowing},
    audit::Note,
};
use wire::Refused;

use super::{
    page::{Lang, Look, PROVEN_S, Page, Wrong, show},
    rights::Right,
    secret,
    words::{Words, wrong},
};
use crate::{
    Hub,
    answer::{No, Told, is_bare},
    patient,
};

/// The most bytes of a form.
const FORM_BYTES_MAX: usize = 64 * 1024;
/// Nothing but what the hub itself hands out; no script and no style inside a page.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; \
    form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
/// How wrong codes of somebody who is signed in slow down the next.
const CODE_SLOWING: Slowing = Slowing { free: 4, wait_s_max: 300 };

/// Whom a route lets in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// Anybody: signing in must begin somewhere.
    Nobody,
    /// Whoever is signed in.
    Somebody,
    /// Whoever has this right.
    Right(Right),
}

impl From<Right> for Need {
    fn from(right: Right) -> Self {
        Self::Right(right)
    }
}

/// A route, for the test that tries each of them with each role.
#[derive(Clone, Debug)]
pub(crate) struct Listed {
    pub(crate) method: Method,
    pub(crate) path: &'static str,
    #[cfg_attr(not(test), expect(dead_code, reason = "for the test that tries every door"))]
    pub(crate) need: Need,
}

/// Routes under the guard.
#[derive(Default)]
pub(crate) struct Pages {
    router: Router<Arc<Hub>>,
    listed: Vec<Listed>,
}

impl Pages {
    /// A page to look at.
    pub(crate) fn get<T: 'static>(self, path: &'static str, need: impl Into<Need>, handler: impl Handler<T, Arc<Hub>>) -> Self {
        self.add(Method::GET, MethodFilter::GET, path, need.into(), handler, FORM_BYTES_MAX)
    }

    /// A form that is sent. It has the fields `csrf`, and `code` where the right wants proof and `page.proven` is false.
    pub(crate) fn post<T: 'static>(self, path: &'static str, need: impl Into<Need>, handler: impl Handler<T, Arc<Hub>>) -> Self {
        self.add(Method::POST, MethodFilter::POST, path, need.into(), handler, FORM_BYTES_MAX)
    }

    /// A file that is sent, of at most so many bytes: `multipart/form-data`, whose form says `action="/path?csrf={{ page.csrf }}"`.
    pub(crate) fn upload<T: 'static>(
        self,
        path: &'static str,
        need: impl Into<Need>,
        bytes_max: usize,
        handler: impl Handler<T, Arc<Hub>>,
    ) -> Self {
        self.add(Method::POST, MethodFilter::POST, path, need.into(), handler, bytes_max)
    }

    /// Further pages.
    pub(crate) fn merge(mut self, other: Self) -> Self {
        self.listed.extend(other.listed);
        Self { router: self.router.merge(other.router), listed: self.listed }
    }

    /// What there is.
    pub(crate) fn listed(&self) -> &[Listed] {
        &self.listed
    }

    /// The router, guarded.
    pub(crate) fn into_router(self) -> Router<Arc<Hub>> {
        self.router
    }

    fn add<T: 'static>(
        mut self,
        method: Method,
        filter: MethodFilter,
        path: &'static str,
        need: Need,
        handler: impl Handler<T, Arc<Hub>>,
        bytes_max: usize,
    ) -> Self {
        self.listed.push(Listed { method, path, need });
        let guarded = Guarded { need, bytes_max, handler };
        self.router = self.router.route(path, routing::on(filter, guarded).layer(DefaultBodyLimit::max(bytes_max)));
        self
    }
}

/// A session whose id the browser showed. Handlers of routes that need somebody find it among the extensions.
#[derive(Clone, Copy)]
pub(crate) struct SessionId(pub(crate) [u8; 32]);

/// Where a request comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Origin {
    /// The address: the peer's, or what a proxy on this machine says.
    pub(crate) ip: IpAddr,
    /// Whether nobody between can read along.
    pub(crate) secure: bool,
}

#[derive(Clone)]
struct Guarded<H> {
    need: Need,
    bytes_max: usize,
    handler: H,
}

impl<T: 'static, H: Handler<T, Arc<Hub>>> Handler<T, Arc<Hub>> for Guarded<H> {
    type Future = Pin<Box<dyn Future<Output = Response> + Send>>;

    fn call(self, request: Request, hub: Arc<Hub>) -> Self::Future {
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            let method = parts.method.clone();
            let mut seen = match Seen::of(&parts, &hub).await {
                Ok(seen) => seen,
                Err(wrong) => return wrong.0.into_response(),
            };
            let answered = match self.guard(Request::from_parts(parts, body), &hub, &mut seen).await {
                Ok(request) => in_words(&method, self.handler.call(request, hub).await),
                Err(response) => response,
            };
            seen.finish(answered)
        })
    }
}

/// What a handler's parts could not read is said as every other refusal is.
fn in_words(method: &Method, answered: Response) -> Response {
    let code = match answered.status() {
        StatusCode::NOT_FOUND => "page.missing",
        _ if method == Method::GET => "page.address",
        _ => "page.form",
    };
    if is_bare(&answered) { Wrong::say(answered.status(), code).into_response() } else { answered }
}

/// The page that says that there is none.
pub(super) async fn missing(request: &Parts, hub: &Hub) -> Response {
    match Seen::of(request, hub).await {
        Ok(seen) => seen.finish(Wrong::missing().into_response()),
        Err(wrong) => wrong.0.into_response(),
    }
}

impl<H> Guarded<H> {
    async fn guard(&self, request: Request, hub: &Hub, seen: &mut Seen) -> Result<Request, Response> {
        let changes = !matches!(*request.method(), Method::GET | Method::HEAD);
        let lets_in = match self.need {
            Need::Nobody => true,
            Need::Somebody => seen.session.is_some(),
            Need::Right(right) => seen.session.as_ref().is_some_and(|session| right.of(session.account.role)),
        };
        if !lets_in && seen.session.is_none() {
            if changes || request.headers().contains_key("hx-request") {
                return Err(Wrong::say(StatusCode::UNAUTHORIZED, "account.sign-in").into_response());
            }
            return Err(Redirect::to(&format!("/sign-in?to={}", query_safe(&seen.page.path))).into_response());
        }
        if !lets_in {
            return Err(Wrong::say(StatusCode::FORBIDDEN, "account.right").into_response());
        }
        let mut request = request;
        if changes {
            request = self.look_at_form(request, hub, seen).await.map_err(Wrong::into_response)?;
        }
        let extensions = request.extensions_mut();
        extensions.insert(seen.page.clone());
        extensions.insert(seen.origin);
        extensions.insert(SessionId(seen.id));
        Ok(request)
    }

    /// A form must come from a page of ours and carry its token; where the right wants it, the second factor as well.
    async fn look_at_form(&self, request: Request, hub: &Hub, seen: &mut Seen) -> Result<Request, Wrong> {
        let (parts, body) = request.into_parts();
        let media = parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let is_form = media.starts_with("application/x-www-form-urlencoded");
        let (fields, body) = if is_form {
            let bytes = to_bytes(body, self.bytes_max.min(FORM_BYTES_MAX)).await;
            let bytes = bytes.map_err(|error| match patient::is_time_up(&error) {
                true => Wrong::say(StatusCode::REQUEST_TIMEOUT, "page.form"),
                false => Wrong::say(StatusCode::PAYLOAD_TOO_LARGE, "page.form"),
            })?;
            (bytes.to_vec(), Body::from(bytes))
        } else {
            (parts.uri.query().unwrap_or_default().as_bytes().to_vec(), body)
        };
        let field = |name: &str| form_field(&fields, name).unwrap_or_default();
        let ours = comes_from_here(&parts.headers) && secret::equal(&field("csrf"), &seen.page.csrf);
        if !ours {
            return Err(Wrong::say(StatusCode::FORBIDDEN, "page.csrf"));
        }
        if has_control(&fields) {
            return Err(Wrong::say(StatusCode::UNPROCESSABLE_ENTITY, "page.control"));
        }
        if let (Need::Right(right), Some(session)) = (self.need, &seen.session)
            && right.wants_proof()
            && !seen.page.proven
        {
            prove(hub, session, seen.id, field("code"), seen.page.now_s).await?;
            seen.page.proven = true;
        }
        Ok(Request::from_parts(parts, body))
    }
}

/// Checks a one-time code of somebody who is signed in, and burns it.
pub(crate) async fn prove(hub: &Hub, session: &Session, id: [u8; 32], code: String, now_s: i64) -> Result<(), Wrong> {
    let account = session.account.clone();
    let proven = hub.ask(move |store| {
        let tries = [(format!("code {}", account.login), CODE_SLOWING)];
        if store.attempt(&tries, now_s)?.is_some() {
            return Ok::<_, Wrong>(Err("account.slow"));
        }
        let secrets = store.secrets(&account.login)?;
        let step = secrets.and_then(|secrets| secret::totp_step(&secrets.totp, &code, now_s));
        let good = match step {
            Some(step) => store.prove(secret::hashed(&id), &account, step, now_s)?,
            None => false,
        };
        if !good {
            store.add_note(&Note::new(&account.login, "code-wrong", &account.login, ""), now_s)?;
        }
        Ok(if good { Ok(()) } else { Err("account.code") })
    });
    proven.await?.map_err(|code| Wrong::say(StatusCode::FORBIDDEN, code))
}

/// What the guard found out about a request.
struct Seen {
    page: Page,
    origin: Origin,
    session: Option<Session>,
    /// The session's id, or that of the cookie that stands in for one before signing in.
    id: [u8; 32],
    /// A cookie to set: nobody is signed in and the browser has none.
    fresh: bool,
}

impl Seen {
    async fn of(request: &Parts, hub: &Hub) -> Result<Self, Wrong> {
        let (headers, now_s) = (&request.headers, hub.clock.now_s());
        let origin = Origin::of(request);
        let shown = cookie(headers, cookie_name(origin.secure)).and_then(id_of);
        let session = match shown {
            Some(id) => hub.ask(move |store| store.session(secret::hashed(&id), now_s)).await?,
            None => None,
        };
        let before = cookie(headers, BEFORE).and_then(id_of);
        let fresh = session.is_none() && before.is_none();
        let id = session.as_ref().and(shown).or(before).unwrap_or_else(secret::random);
        let account = session.as_ref().map(|session| session.account.clone());
        let chosen = account.as_ref().and_then(|account| account.lang.as_deref()).or_else(|| cookie(headers, "lang"));
        let lang = chosen.and_then(Lang::parse).unwrap_or_else(|| Lang::accepted(headers));
        let page = Page {
            lang,
            w: Words::of(lang),
            look: Look::parse(cookie(headers, "look").unwrap_or_default()),
            account,
            proven: session.as_ref().is_some_and(|session| (0..PROVEN_S).contains(&(now_s - session.proven_at))),
            csrf: secret::csrf(&id),
            path: request.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned(),
            now_s,
        };
        Ok(Self { page, origin, session, id, fresh })
    }

    /// Draws what went wrong, and puts on every page what keeps it from being misused.
    fn finish(self, mut response: Response) -> Response {
        if let Some(mut refused) = response.extensions_mut().remove::<Refused>() {
            let status = response.status();
            if let Some([what, todo]) = wrong::said(&refused.code, self.page.lang) {
                (refused.what, refused.todo) = (what.to_owned(), todo.to_owned());
            }
            let told = response.extensions_mut().remove::<Told>();
            let drawn = show(&WrongPage { page: self.page, refused: refused.clone() });
            response = drawn.unwrap_or_else(|_| No { status, refused, about: None }.into_response());
            *response.status_mut() = status;
            told.map(|told| response.extensions_mut().insert(told));
        }
        let headers = response.headers_mut();
        let all = [
            (header::CONTENT_SECURITY_POLICY, POLICY),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (header::X_FRAME_OPTIONS, "DENY"),
            (header::REFERRER_POLICY, "same-origin"),
            (header::CACHE_CONTROL, "no-store"),
            (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        ];
        for (name, value) in all {
            headers.insert(name, HeaderValue::from_static(value));
        }
        if self.fresh {
            headers.append(header::SET_COOKIE, set_cookie(BEFORE, &HEXLOWER.encode(&self.id), self.origin.secure, None));
        }
        response
    }
}

/// The cookie before signing in; it opens nothing and ties the form to the browser.
const BEFORE: &str = "before";

/// The session's cookie. Over TLS its name lets no other host and no unencrypted page set it.
pub(crate) const fn cookie_name(secure: bool) -> &'static str {
    if secure { "__Host-trolley" } else { "trolley" }
}

/// A cookie that scripts cannot read and other sites cannot send.
pub(crate) fn set_cookie(name: &str, value: &str, secure: bool, age_s: Option<i64>) -> HeaderValue {
    let secure = if secure { "; Secure" } else { "" };
    let age = age_s.map_or_else(String::new, |age_s| format!("; Max-Age={age_s}"));
    let text = format!("{name}={value}; Path=/; HttpOnly; SameSite=Strict{secure}{age}");
    HeaderValue::from_str(&text).unwrap_or_else(|_| panic!("a cookie of ours is plain text"))
}

impl Origin {
    fn of(request: &Parts) -> Self {
        let peer = request.extensions.get::<crate::Peer>();
        let (ip, tls) = peer.map_or((IpAddr::from([127, 0, 0, 1]), false), |peer| (peer.addr.ip().to_canonical(), peer.tls));
        // Only a proxy on this machine may speak for others.
        if !ip.is_loopback() || tls {
            return Self { ip, secure: tls };
        }
        let said = |name: &str| request.headers.get(name).and_then(|value| value.to_str().ok());
        let forwarded = said("x-forwarded-for").and_then(|list| list.rsplit(',').next()?.trim().parse().ok());
        Self { ip: forwarded.unwrap_or(ip), secure: said("x-forwarded-proto") == Some("https") }
    }
}

/// The value of a cookie.
fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    all.flat_map(|line| line.split(';')).find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='))
}

fn id_of(text: &str) -> Option<[u8; 32]> {
    HEXLOWER.decode(text.as_bytes()).ok()?.try_into().ok()
}

/// Whether a page of this host sent it, by what browsers say and scripts cannot.
fn comes_from_here(headers: &HeaderMap) -> bool {
    let said = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    match (said(header::ORIGIN), said(header::HOST)) {
        (Some(origin), Some(host)) => origin.split_once("://").is_some_and(|(_, from)| from == host),
        (None, Some(_)) => said(HeaderName::from_static("sec-fetch-site")) == Some("same-origin"),
        (_, None) => false,
    }
}

/// A field of a form.
pub(crate) fn form_field(form: &[u8], name: &str) -> Option<String> {
    let form = std::str::from_utf8(form).ok()?;
    let value = form.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))?;
    Some(unescaped(value))
}

/// Whether a field has a character that a database, a terminal or a page would obey. Lines and tabs are what people write.
fn has_control(form: &[u8]) -> bool {
    let obeyed = |char: char| match char {
        '\t' | '\n' | '\r' => false,
        char => char.is_control() || matches!(char, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'),
    };
    unescaped(&String::from_utf8_lossy(form)).chars().any(obeyed)
}

fn unescaped(text: &str) -> String {
    let (mut bytes, mut rest) = (Vec::new(), text.as_bytes());
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match (byte, after.get(..2).and_then(|hex| data_encoding::HEXUPPER_PERMISSIVE.decode(hex).ok())) {
            (b'%', Some(hex)) => {
                bytes.extend(hex);
                rest = after.get(2..).unwrap_or_default();
            }
            (b'+', _) => bytes.push(b' '),
            _ => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A text as a value in a query.
pub(crate) fn query_safe(text: &str) -> String {
    let mut safe = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => safe.push(char::from(byte)),
            _ => safe.push_str(&format!("%{byte:02X}")),
        }
    }
    safe
}

/// A path on this hub, whatever a query says: nobody is led away.
pub(crate) fn local(path: &str) -> &str {
    let inside = path.starts_with('/') && !path.starts_with("//") && !path.contains('\\') && path.chars().all(|char| !char.is_control());
    if inside { path } else { "/" }
}

#[derive(Template)]
#[template(path = "wrong.html")]
struct WrongPage {
    page: Page,
    refused: Refused,
}
