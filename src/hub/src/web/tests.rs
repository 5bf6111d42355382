//! The pages behind their guard, without a network.

mod doors;
mod drafts;
mod refusals;
mod signing;

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Method, Request, StatusCode, header},
    response::Response,
};
use data_encoding::HEXLOWER;
use hub_store::{
    HubStore,
    accounts::{Account, Invite, NewAccount, Role, Taken},
};
use tower::ServiceExt as _;

use super::{
    accounts::first_code,
    route::{form_field, query_safe},
    secret,
};
use crate::{Clock, Hub};

/// A moment in 2026, at the beginning of a code's half minute.
const NOW_S: i64 = 1_790_000_010;
const HOST: &str = "hub.example";
const PASSWORD: &str = "en mening som lösenord";

struct Bench {
    hub: Arc<Hub>,
    router: Router,
    now_s: Arc<AtomicI64>,
    dir: tempfile::TempDir,
}

impl Bench {
    fn new() -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let now_s = Arc::new(AtomicI64::new(NOW_S));
        let hub = Self::hub(&dir, &now_s);
        Self { router: crate::router(Arc::clone(&hub)), hub, now_s, dir }
    }

    fn hub(dir: &tempfile::TempDir, now_s: &Arc<AtomicI64>) -> Arc<Hub> {
        let told = Arc::clone(now_s);
        let clock = Clock::told_by(move || told.load(Ordering::SeqCst));
        let hub = Hub::new(HubStore::sqlite(dir.path()).expect("a store"), dir.path().to_path_buf(), clock);
        hub.spki.set(b"a key".to_vec()).expect("set once");
        hub
    }

    /// The same hub after a restart.
    fn restart(&mut self) {
        self.hub = Self::hub(&self.dir, &self.now_s);
        self.router = crate::router(Arc::clone(&self.hub));
    }

    fn now_s(&self) -> i64 {
        self.now_s.load(Ordering::SeqCst)
    }

    fn pass(&self, s: i64) {
        self.now_s.fetch_add(s, Ordering::SeqCst);
    }

    /// An account with its secret, made past the pages.
    async fn account(&self, login: &str, role: Role) -> (Account, Vec<u8>) {
        let (totp, hash) = (secret::totp_secret(), secret::random());
        let invite = Invite { name: login.into(), role, totp: totp.clone(), made_by: "test".into(), expires_at: i64::MAX };
        self.hub.store.invite(hash, &invite, NOW_S).expect("invited");
        let password = secret::password_hash(PASSWORD.into()).await;
        let new = NewAccount { id: login.into(), login: login.into(), name: login.into(), lang: None, password, totp_step: 0 };
        match self.hub.store.take_invite(hash, &new, NOW_S).expect("taken") {
            Taken::Made(account) => (account, totp),
            other => panic!("{other:?}"),
        }
    }

    /// A browser that is signed in, its second factor just shown, past the pages.
    fn signed_in(&self, account: &Account, step: i64) -> Visitor<'_> {
        let id: [u8; 32] = secret::random();
        assert!(self.hub.store.sign_in(account, step, None, secret::hashed(&id), "test", self.now_s()).expect("signed in"));
        Visitor { bench: self, cookies: vec![("trolley".into(), HEXLOWER.encode(&id))] }
    }

    fn visitor(&self) -> Visitor<'_> {
        Visitor { bench: self, cookies: Vec::new() }
    }
}

/// A browser with its cookies.
struct Visitor<'a> {
    bench: &'a Bench,
    cookies: Vec<(String, String)>,
}

impl Visitor<'_> {
    fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    async fn send(&mut self, mut request: Request<Body>) -> Response {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        request.headers_mut().insert(header::HOST, HOST.parse().expect("a host"));
        request.headers_mut().insert(header::COOKIE, cookies.join("; ").parse().expect("cookies"));
        let response = self.bench.router.clone().oneshot(request).await.expect("answered");
        for set in response.headers().get_all(header::SET_COOKIE) {
            let set = set.to_str().expect("text");
            let (name, value) = set.split(';').next().and_then(|pair| pair.split_once('=')).expect("a cookie");
            self.cookies.retain(|(known, _)| known != name);
            if !set.contains("Max-Age=0") {
                self.cookies.push((name.into(), value.into()));
            }
        }
        response
    }

    async fn get(&mut self, path: &str) -> Response {
        self.send(Request::get(path).body(Body::empty()).expect("a request")).await
    }

    /// The token that a page's forms carry.
    async fn csrf(&mut self) -> String {
        let page = text(self.get("/account").await).await;
        let page = if page.is_empty() { text(self.get("/sign-in").await).await } else { page };
        let (_, rest) = page.split_once("name=\"csrf\" value=\"").expect("a form");
        rest.split('"').next().expect("a token").to_owned()
    }

    async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Response {
        let csrf = self.csrf().await;
        let mut all = vec![("csrf", csrf.as_str())];
        all.extend(fields);
        self.send(form(path, &all, Some(&format!("https://{HOST}")))).await
    }

    async fn sign_in(&mut self, login: &str, password: &str, code: &str) -> Response {
        self.post("/sign-in", &[("login", login), ("password", password), ("code", code), ("to", "/alerts")]).await
    }
}

fn form(path: &str, fields: &[(&str, &str)], origin: Option<&str>) -> Request<Body> {
    let body: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", query_safe(value))).collect();
    let request = Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let request = match origin {
        Some(origin) => request.header(header::ORIGIN, origin),
        None => request,
    };
    request.body(Body::from(body.join("&"))).expect("a request")
}

async fn text(response: Response) -> String {
    String::from_utf8(to_bytes(response.into_body(), usize::MAX).await.expect("a body").to_vec()).expect("text")
}

/// Status and stable code of a refusal.
async fn refusal(response: Response) -> (StatusCode, String) {
    let status = response.status();
    let page = text(response).await;
    let code = page.split_once("muted code\">").and_then(|(_, rest)| rest.split('<').next()).unwrap_or_default();
    (status, code.to_owned())
}
