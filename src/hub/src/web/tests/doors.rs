//! Who comes through which door, and what every page carries.

use std::fs;

use super::*;
use crate::web::{
    page::PROVEN_S,
    pages,
    rights::Right,
    route::{Listed, Need},
};

/// A path with something in each of its places.
fn filled(path: &str) -> String {
    let log = "ab".repeat(32);
    path.replace("{unit}", "0101")
        .replace("{log}", &log)
        .replace("{login}", "nobody")
        .split('/')
        .map(|part| if part.starts_with('{') { "1" } else { part })
        .collect::<Vec<_>>()
        .join("/")
}

async fn knock(visitor: &mut Visitor<'_>, route: &Listed) -> (StatusCode, String) {
    let path = filled(route.path);
    let response = if route.method == Method::GET { visitor.get(&path).await } else { visitor.post(&path, &[]).await };
    let status = response.status();
    if status.is_client_error() { refusal(response).await } else { (status, String::new()) }
}

#[tokio::test]
async fn every_door_opens_for_its_roles_and_no_other() {
    let bench = Bench::new();
    let all = pages();
    assert!(all.listed().len() > 30, "the routes are listed");
    let mut step = 1;
    for role in Role::ALL {
        let (account, _) = bench.account(role.name(), role).await;
        for route in all.listed() {
            step += 1;
            let mut visitor = bench.signed_in(&account, step);
            let (status, code) = knock(&mut visitor, route).await;
            let may = match route.need {
                Need::Right(right) => right.of(role),
                Need::Nobody | Need::Somebody => true,
            };
            let shut = (status, code.as_str()) == (StatusCode::FORBIDDEN, "account.right");
            assert_eq!(shut, !may, "{role:?} at {} {}: {status} {code}", route.method, route.path);
            assert!(!status.is_server_error(), "{role:?} at {} {}: {status}", route.method, route.path);
        }
    }
    for route in all.listed() {
        let (status, code) = knock(&mut bench.visitor(), route).await;
        match (route.need, &route.method) {
            (Need::Nobody, _) => assert_ne!(code, "account.sign-in", "{}", route.path),
            (_, &Method::GET) => assert_eq!(status, StatusCode::SEE_OTHER, "{}", route.path),
            _ => assert_eq!((status, code.as_str()), (StatusCode::UNAUTHORIZED, "account.sign-in"), "{}", route.path),
        }
    }
}

#[test]
fn what_anybody_may_reach_is_a_short_list() {
    let all = pages();
    let open: Vec<&str> = all.listed().iter().filter(|route| route.need == Need::Nobody).map(|route| route.path).collect();
    assert_eq!(open, ["/sign-in", "/sign-in", "/welcome", "/welcome", "/welcome/account", "/look"]);
    let changing = all.listed().iter().filter(|route| route.method != Method::GET);
    for route in changing {
        assert!(!matches!(route.need, Need::Right(Right::See | Right::Reports | Right::Audit)), "{} changes something", route.path);
    }
}

#[test]
fn the_table_of_rights_is_this() {
    let row = |role: Role| Right::ALL.map(|right| if right.of(role) { 'x' } else { '.' }).iter().collect::<String>();
    assert_eq!(Role::ALL.map(row), ["xx........", "xxxxxx....", "xx....x...", "xxxxxxxxxx"]);
}

#[tokio::test]
async fn a_form_from_elsewhere_changes_nothing() {
    let bench = Bench::new();
    let (account, _) = bench.account("anna", Role::Admin).await;
    let mut visitor = bench.signed_in(&account, 1);
    let csrf = visitor.csrf().await;
    let (ours, fields) = (format!("https://{HOST}"), [("csrf", csrf.as_str()), ("unit", "0142")]);
    let mut other = bench.signed_in(&account, 2);
    let foreign = other.csrf().await;
    for (what, request) in [
        ("another origin", form("/enrol", &fields, Some("https://evil.example"))),
        ("no origin", form("/enrol", &fields, None)),
        ("an opaque origin", form("/enrol", &fields, Some("null"))),
        ("a host that only begins like ours", form("/enrol", &fields, Some(&format!("{ours}.evil.example")))),
        ("no token", form("/enrol", &[("unit", "0142")], Some(&ours))),
        ("another session's token", form("/enrol", &[("csrf", &foreign), ("unit", "0142")], Some(&ours))),
        ("an empty token", form("/enrol", &[("csrf", ""), ("unit", "0142")], Some(&ours))),
    ] {
        assert_eq!(refusal(visitor.send(request).await).await, (StatusCode::FORBIDDEN, "page.csrf".into()), "{what}");
    }
    assert!(bench.hub.store.fleet(NOW_S).expect("asked").units.is_empty());
    assert_eq!(visitor.send(form("/enrol", &fields, Some(&ours))).await.status(), StatusCode::OK, "ours is taken");
    assert_eq!(bench.hub.store.fleet(NOW_S).expect("asked").units.len(), 1);
}

#[tokio::test]
async fn keys_need_a_code_that_was_shown_a_short_while_ago() {
    let bench = Bench::new();
    let (account, totp) = bench.account("anna", Role::Depot).await;
    let mut visitor = bench.signed_in(&account, 1);
    assert_eq!(visitor.post("/enrol", &[("unit", "0142")]).await.status(), StatusCode::OK, "just signed in");
    bench.pass(PROVEN_S);
    assert!(text(visitor.get("/enrol").await).await.contains("name=\"code\""), "the form asks for it");
    for wrong in [&[("unit", "0143")][..], &[("unit", "0143"), ("code", "000000")]] {
        assert_eq!(refusal(visitor.post("/enrol", wrong).await).await, (StatusCode::FORBIDDEN, "account.code".into()));
    }
    let code = secret::totp(&totp, bench.now_s() / 30);
    assert_eq!(visitor.post("/enrol", &[("unit", "0143"), ("code", &code)]).await.status(), StatusCode::OK);
    assert_eq!(visitor.post("/enrol", &[("unit", "0144")]).await.status(), StatusCode::OK, "and is not asked again at once");
    let units: Vec<String> = bench.hub.store.fleet(NOW_S).expect("asked").units.into_iter().map(|row| row.unit).collect();
    assert_eq!(units, ["0142", "0143", "0144"]);
}

#[tokio::test]
async fn every_page_forbids_what_is_not_its_own() {
    let bench = Bench::new();
    let (account, _) = bench.account("anna", Role::Admin).await;
    let mut visitor = bench.signed_in(&account, 1);
    for path in ["/", "/incidents", "/alerts", "/accounts", "/audit", "/account", "/enrol", "/units/none", "/sign-in"] {
        let response = visitor.get(path).await;
        let policy = response.headers()[header::CONTENT_SECURITY_POLICY].to_str().expect("text").to_owned();
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{path}: {policy}");
        assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store", "{path}");
        assert_eq!(response.headers()[header::X_FRAME_OPTIONS], "DENY", "{path}");
    }
}

/// The policy would refuse them in a browser; here they fail earlier.
#[test]
fn templates_have_no_script_style_or_handler_inside_and_name_no_other_host() {
    let mut folders = vec![std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("templates")];
    let mut seen = 0;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("templates") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            seen += 1;
            let text = fs::read_to_string(&path).expect("text");
            for bad in [
                "<style",
                " style=",
                "<script>",
                " onclick=",
                " onchange=",
                " onsubmit=",
                "javascript:",
                "src=\"http",
                "href=\"http",
                "hx-on",
            ] {
                assert!(!text.contains(bad), "{} has {bad}", path.display());
            }
        }
    }
    assert!(seen > 10);
}

#[tokio::test]
async fn files_are_named_by_what_they_hold_and_kept_for_ever() {
    let bench = Bench::new();
    let page = text(bench.visitor().get("/sign-in").await).await;
    let paths: Vec<&str> = page.split('"').filter(|part| part.starts_with("/assets/")).collect();
    assert_eq!(paths.len(), 4, "{paths:?}");
    for path in paths {
        let response = bench.visitor().get(path).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert!(response.headers()[header::CACHE_CONTROL].to_str().expect("text").contains("immutable"), "{path}");
        let bytes = to_bytes(response.into_body(), usize::MAX).await.expect("a body");
        assert!(path.contains(&HEXLOWER.encode(&secret::hashed(&bytes)[..8])), "{path}");
    }
    assert_eq!(bench.visitor().get("/assets/style.css").await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn pages_speak_what_the_browser_likes_until_the_account_has_chosen() {
    let bench = Bench::new();
    let mut visitor = bench.visitor();
    for (wanted, lang) in [("sv-SE,sv;q=0.9,en;q=0.8", "sv"), ("en;q=0.9,sv;q=0.4", "en"), ("fi,de", "en"), ("de,sv;q=0.1", "sv")] {
        let request = Request::get("/sign-in").header(header::ACCEPT_LANGUAGE, wanted).body(Body::empty()).expect("a request");
        assert!(text(visitor.send(request).await).await.contains(&format!("<html lang=\"{lang}\"")), "{wanted}");
    }
    let (account, _) = bench.account("anna", Role::Viewer).await;
    let mut visitor = bench.signed_in(&account, 1);
    visitor.post("/look", &[("lang", "sv"), ("to", "/alerts")]).await;
    assert!(text(bench.signed_in(&account, 2).get("/").await).await.contains("<html lang=\"sv\""), "also in another browser");
}

#[tokio::test]
async fn an_incidents_evidence_carries_the_sum_of_its_table() {
    let bench = Bench::new();
    let (account, _) = bench.account("anna", Role::Depot).await;
    let mut visitor = bench.signed_in(&account, 1);
    for n in 0..800 {
        bench.hub.store.set_unit(&format!("{n:04}"), "", "", true, NOW_S).expect("a unit");
    }
    let opened = visitor.post("/incidents", &[("title", "Demo"), ("which", "all")]).await;
    let here = opened.headers()[header::LOCATION].to_str().expect("text").to_owned();
    assert!(text(visitor.get(&here).await).await.contains("<b id=\"step-sum\">800</b>"));
    let csv = to_bytes(visitor.get(&format!("{here}/evidence.csv")).await.into_body(), usize::MAX).await.expect("a body");
    assert_eq!(csv.iter().filter(|byte| **byte == b'\n').count(), 801);
    let json: serde_json::Value = serde_json::from_str(&text(visitor.get(&format!("{here}/evidence.json")).await).await).expect("JSON");
    assert_eq!(json["csv_sha256"], HEXLOWER.encode(&secret::hashed(&csv)));
    assert_eq!((&json["counts"]["total"], &json["counts"]["left"]), (&800.into(), &800.into()));
    assert_eq!(json["audit"][0]["action"], "incident-open");
    assert_eq!(form_field(b"a=1&title=%C3%A5+b", "title").as_deref(), Some("å b"));
}
