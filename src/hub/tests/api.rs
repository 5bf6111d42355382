//! Programs against a real hub, and what it tells its machine.
#![expect(clippy::disallowed_methods, reason = "a test: it is the receiver of alerts")]

mod common;

use common::{NOW_S, TestHub, exchange, plain};
use std::io::{Read as _, Write as _};

#[test]
fn the_api_answers_whoever_shows_a_good_token_and_nobody_else() {
    let dir = tempfile::tempdir().expect("a folder");
    let hub = TestHub::on(dir.path());
    let token = hub.api_token("report");
    for path in ["/api/v1/fleet", "/api/v1/sales", "/api/v1/alerts", "/api/v1/units/0142", "/api/v1/entries?log=00"] {
        assert_eq!(hub.get(path, None).refused(), (401, "api.token".into()), "{path}");
        assert_eq!(hub.get(path, Some("made up")).refused(), (401, "api.token".into()), "{path}");
        assert_ne!(hub.get(path, Some(&token)).status, 401, "{path}");
    }
    assert!(hub.hub.store.forget_api_token("report", "test", NOW_S).expect("asked"));
    assert_eq!(hub.get("/api/v1/fleet", Some(&token)).refused(), (401, "api.token".into()));
}

#[test]
fn the_fleet_adds_up_and_entries_are_evidence() {
    let dir = tempfile::tempdir().expect("a folder");
    let hub = TestHub::on(dir.path());
    let token = hub.api_token("report");
    let get = |path: &str| hub.get(path, Some(&token)).json();
    let mut till = hub.enrolled(1, "0142");
    let _ = hub.token("0143");
    till.writes(&["one", "two", "three"]);
    assert_eq!(till.append(hub.addr, &till.batch(1)).status, 200);
    let fleet = get("/api/v1/fleet");
    let counts = ["good", "bad", "not_heard_from", "total"].map(|key| fleet[key].as_u64().expect("a count"));
    assert_eq!(counts, [0, 1, 1, 2], "a key waits to be confirmed, a unit was never heard");
    hub.hub.store.confirm(&till.key.log_id(), "clerk", NOW_S).expect("confirmed");
    assert_eq!(get("/api/v1/fleet")["good"], 1);
    let unit = get("/api/v1/units/0142");
    assert_eq!((&unit["unit"]["seq"], &unit["logs"][0]["log"]), (&3.into(), &till.log().into()));
    let page = get(&format!("/api/v1/entries?log={}&from=2&limit=1", till.log()));
    assert_eq!((&page["entries"][0]["seq"], &page["entries"][0]["bytes"], &page["next"]), (&2.into(), &"dHdv".into(), &3.into()));
    assert_eq!(get("/api/v1/alerts?all=true")["alerts"][0]["code"], "log.unconfirmed");
    assert_eq!(get("/api/v1/alerts")["alerts"].as_array().map(Vec::len), Some(0), "it is settled");
}

#[test]
fn a_question_that_is_not_understood_is_answered_with_what_is() {
    let dir = tempfile::tempdir().expect("a folder");
    let hub = TestHub::on(dir.path());
    let token = hub.api_token("report");
    let refused = |path: &str| hub.get(path, Some(&token)).refused();
    assert_eq!(refused("/api/v1/units/0199"), (404, "unit.unknown".into()));
    assert_eq!(refused("/api/v1/sales?limit=many"), (422, "api.query".into()));
    assert_eq!(refused("/api/v1/sales?unti=0142"), (422, "api.query".into()));
    assert_eq!(refused("/api/v1/sales?after=there"), (422, "api.query".into()));
    assert_eq!(refused("/api/v1/entries"), (422, "api.query".into()));
    assert_eq!(refused("/api/v1/entries?log=zz"), (422, "api.query".into()));
    assert_eq!(refused(&format!("/api/v1/entries?log={}", "0".repeat(64))), (404, "log.unknown".into()));
    assert_eq!(refused("/api/v1/sail"), (404, "hub.no-such-page".into()));
    assert_eq!(refused("/v1/enrol"), (405, "hub.method".into()));
}

#[test]
fn what_no_handler_read_is_refused_in_words_and_counted_once() {
    let dir = tempfile::tempdir().expect("a folder");
    let hub = TestHub::on(dir.path());
    let token = hub.api_token("report");
    assert_eq!(hub.get("/api/v1/units/%ff", Some(&token)).refused(), (400, "request.unreadable".into()));
    assert_eq!(hub.get("/assets/none.css", None).refused(), (404, "hub.no-such-page".into()));
    let browser = |path: &str| {
        let head = format!("GET {path} HTTP/1.1\r\nHost: hub\r\nAccept: text/html,*/*\r\nConnection: close\r\n\r\n");
        exchange(plain(hub.addr), head.as_bytes())
    };
    let page = browser("/nowhere");
    assert_eq!(page.status, 404);
    assert!(page.text().contains("page.missing") && page.text().contains("<html"), "{page:?}");
    assert_eq!(browser("/v1/nowhere").refused(), (404, "hub.no-such-page".into()), "a till's path is no page");
    let metrics = hub.get("/metrics", None).text();
    for line in ["{code=\"request.unreadable\"} 1\n", "{code=\"page.missing\"} 1\n", "{code=\"hub.no-such-page\"} 2\n"] {
        assert!(metrics.contains(line), "{line} is not in {metrics}");
    }
}

#[test]
fn every_answer_forbids_what_no_page_needs() {
    let dir = tempfile::tempdir().expect("a folder");
    let hub = TestHub::on(dir.path());
    for path in ["/health", "/api/v1/openapi.json", "/nowhere"] {
        let head = hub.get(path, None).head.to_lowercase();
        for header in
            ["content-security-policy: default-src 'none'", "x-content-type-options: nosniff", "x-frame-options: deny", "referrer-policy: "]
        {
            assert!(head.contains(header), "{path} lacks {header}: {head}");
        }
        assert!(!head.contains("unsafe-inline"), "{path}");
    }
}

#[test]
fn a_hub_that_is_well_says_so_and_counts_its_fleet() {
    let dir = tempfile::tempdir().expect("a folder");
    let hub = TestHub::on(dir.path());
    assert_eq!(hub.get("/health", None).json()["ok"], true);
    let mut till = hub.enrolled(1, "0142");
    till.writes(&["one"]);
    let mut batch = till.batch(1);
    batch.report.sales_unsent = 7;
    batch.report.wall_s = NOW_S + 5;
    batch.report.bundles = vec![wire::BundleHeld { role: "prices".into(), version: 3 }];
    assert_eq!(till.append(hub.addr, &batch).status, 200);
    let metrics = hub.get("/metrics", None).text();
    for line in [
        "hub_append_batches_total{result=\"appended\"} 1",
        "hub_append_seconds_count 1",
        "hub_units{state=\"bad\"} 1",
        "till_unsent_sales{unit=\"0142\"} 7",
        "till_clock_skew_seconds{unit=\"0142\"} 5",
        "till_bundle_version{unit=\"0142\",role=\"prices\"} 3",
    ] {
        assert!(metrics.lines().any(|there| there == line), "{line} is not in\n{metrics}");
    }
    assert!(metrics.contains(&format!("till_last_sync_timestamp_seconds{{unit=\"0142\"}} {NOW_S}\n")));
    assert!(metrics.contains("process_resident_memory_bytes "));
}

#[test]
fn an_alert_is_posted_until_it_is_taken_and_then_no_more() {
    let dir = tempfile::tempdir().expect("a folder");
    let hub = TestHub::on(dir.path());
    let receiver = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/alerts", receiver.local_addr().expect("an address"));
    hub.hub.store.set_setting("webhook.url", url.as_bytes()).expect("set");
    drop(hub.enrolled(1, "0142"));
    let next = |answer: &str| {
        let (mut stream, _) = receiver.accept().expect("a post");
        let mut bytes = vec![0; 4096];
        let mut read = 0;
        while !bytes[..read].ends_with(b"}") {
            read += stream.read(&mut bytes[read..]).expect("more");
        }
        stream.write_all(answer.as_bytes()).expect("answered");
        String::from_utf8(bytes[..read].to_vec()).expect("text")
    };
    let refused = next("HTTP/1.1 503 Later\r\n\r\n");
    assert!(refused.starts_with("POST /alerts HTTP/1.1\r\n") && refused.contains("\"code\":\"log.unconfirmed\""), "{refused}");
    let taken = next("HTTP/1.1 204 Thanks\r\n\r\n");
    assert_eq!(refused, taken, "the same again");
    drop(hub.enrolled(2, "0143"));
    let another = next("HTTP/1.1 200 OK\r\n\r\n");
    assert!(another.contains("\"unit\":\"0143\""), "what was taken does not come again: {another}");
}
