//! The whole till before a hostile hub: it sells on, and afterwards an honest hub has every sale once.

use std::{path::Path, sync::Arc, thread, time::Duration};

use serde_json::Value;
use wire::{Ack, Batch, BundleNews, Bytes32};

use crate::{
    common::{Till, path, run},
    hub::{Behaviour, Honest, Request, Server, Stream, http, refusal},
};

/// A till that is enrolled at an honest hub, with a shift open.
struct Rig {
    till: Till,
    server: Server,
    hub: Honest,
    sold: usize,
    _dir: tempfile::TempDir,
}

impl Rig {
    fn new() -> Self {
        let (hub, dir) = (Honest::default(), tempfile::tempdir().expect("a folder"));
        let server = Server::start(hub.behaviour());
        enrol(dir.path(), &server, &hub);
        let mut till = Till::demo(dir.path());
        till.ready_to_sell();
        Self { till, server, hub, sold: 0, _dir: dir }
    }

    fn sell(&mut self) {
        self.till.ok("add 1001");
        self.till.ok("pay cash 29.00");
        self.sold += 1;
    }

    /// Everything that the till has is at the honest hub, once.
    fn everything_arrives(&mut self) {
        self.server.becomes(self.hub.behaviour());
        let done = self.till.ok("sync");
        let status = self.till.ok("status");
        let log = status["log"].as_str().expect("a log");
        let (seq, head) = self.hub.stands(log);
        assert_eq!((status["seq"].as_u64(), status["head"].as_str()), (Some(seq), Some(head.as_str())), "{done}");
        assert_eq!((done["cursor"]["seq"].as_u64(), done["cursor"]["head"].as_str()), (Some(seq), Some(head.as_str())));
        assert_eq!(self.hub.sales(), self.sold, "every sale, once");
        assert_eq!(self.till.ok("hub")["trouble"], Value::Null);
        self.till.ok("verify");
    }
}

fn enrol(dir: &Path, server: &Server, hub: &Honest) {
    let output = run(&["enrol", "--data", path(dir), "--hub", &server.url(), "--token", &hub.token(server, 1)]);
    assert!(output.status.success(), "{output:?}");
}

/// Sells before, while and after the server behaves so.
fn survived(what: &str, behaviour: Behaviour) -> Value {
    let mut rig = Rig::new();
    rig.sell();
    rig.till.ok("sync");
    rig.sell();
    rig.server.becomes(behaviour);
    let told = rig.till.ask("sync");
    assert!(told["ok"].is_object() || told["refused"]["code"].is_string(), "{what}: {told}");
    rig.sell();
    let again = rig.till.ask("sync");
    assert!(again["ok"].is_object() || again["refused"]["code"].is_string(), "{what}: {again}");
    rig.sell();
    rig.till.ok("no-sale");
    rig.till.ok("x");
    rig.everything_arrives();
    told
}

fn says(bytes: Vec<u8>) -> Behaviour {
    Arc::new(move |stream, _| {
        drop(stream.write_all(&bytes).and_then(|()| stream.flush()));
        stream.cut();
    })
}

/// Answers each batch with an acknowledgement made from it.
fn acks(status: &'static str, make: impl Fn(&Batch) -> Ack + Send + Sync + 'static) -> Behaviour {
    Arc::new(move |stream: &mut dyn Stream, request: &Request| {
        let batch = Batch::decode(&request.body).expect("a batch");
        let body = serde_json::to_vec(&make(&batch)).expect("JSON");
        drop(stream.write_all(&http(status, "", &body)).and_then(|()| stream.flush()));
    })
}

fn ack(seq: u64, head: Bytes32) -> Ack {
    Ack { seq, head, sealed: false, confirmed: true, hub_s: 0, bundles: Vec::new() }
}

#[test]
fn noise_portals_redirects_and_cuts_cost_no_sale() {
    for (what, answer) in [
        ("noise", vec![0xa7; 5000]),
        ("a portal", http("200 OK", "content-type: text/html\r\n", b"<html>Welcome on board</html>")),
        ("a redirect", http("307 Temporary Redirect", "location: http://127.0.0.1:9/\r\n", b"")),
        ("a cut", Vec::new()),
        ("a fault", http("500 Internal Server Error", "", b"")),
    ] {
        let told = survived(what, says(answer));
        assert!(told["refused"]["code"].as_str().is_some_and(|code| code.starts_with("sync.")), "{what}: {told}");
    }
}

#[test]
fn a_refusal_is_told_with_its_code_and_costs_no_sale() {
    for code in ["log.revoked", "log.unknown"] {
        let told = survived(code, says(refusal("403 Forbidden", code)));
        assert_eq!(told["refused"]["code"], code);
    }
    let told = survived("another refusal", says(refusal("429 Too Many Requests", "hub.busy")));
    assert_eq!(told["refused"]["code"], "sync.refused");
}

#[test]
fn an_answer_of_ten_gigabytes_costs_no_sale() {
    let told = survived(
        "10 GB",
        Arc::new(|stream, _| {
            let mut said = stream.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
            while said.is_ok() {
                said =
                    stream.write_all(b"4000\r\n").and_then(|()| stream.write_all(&[b'['; 0x4000])).and_then(|()| stream.write_all(b"\r\n"));
            }
        }),
    );
    assert_eq!(told["refused"]["code"], "sync.unreadable");
}

#[test]
fn a_hub_that_drips_costs_the_wait_and_no_sale() {
    let mut rig = Rig::new();
    rig.sell();
    rig.server.becomes(Arc::new(|stream, _| {
        while stream.write_all(b"H").and_then(|()| stream.flush()).is_ok() {
            thread::sleep(Duration::from_millis(100));
        }
    }));
    // The till does not wait for the hub: while one batch is dripped at, it sells.
    rig.sell();
    rig.sell();
    let told = rig.till.ask("sync");
    assert!(told["refused"]["code"].is_string(), "{told}");
    rig.everything_arrives();
}

#[test]
fn acknowledgements_that_lie_cost_no_sale() {
    type Make = fn(&Batch) -> Ack;
    let lies: [(&str, &str, Make); 9] = [
        ("far beyond", "200 OK", |_| ack(1 << 40, Bytes32([9; 32]))),
        ("the end of numbers", "200 OK", |_| ack(u64::MAX, Bytes32([9; 32]))),
        ("nothing", "200 OK", |batch| {
            ack(
                0,
                Bytes32(<[u8; 32]>::from(sha2::Digest::finalize(sha2::Digest::chain_update(
                    <sha2::Sha256 as sha2::Digest>::new(),
                    batch.public,
                )))),
            )
        }),
        ("lower, with another head", "200 OK", |batch| ack(batch.first_seq.saturating_sub(1), Bytes32([9; 32]))),
        ("as sent, with another head", "200 OK", |batch| ack(batch.last_seq(), Bytes32([9; 32]))),
        ("kept, without keeping it", "200 OK", |batch| ack(batch.last_seq(), batch.head)),
        ("behind, for ever", "409 Conflict", |batch| ack(batch.first_seq.saturating_sub(1), batch.prev)),
        ("sealed", "200 OK", |batch| Ack { sealed: true, ..ack(batch.last_seq(), batch.head) }),
        ("with news that no till wants", "200 OK", |batch| {
            let news = |role: &str, bytes| BundleNews { role: role.into(), version: u64::MAX, bytes, sha256: Bytes32([1; 32]) };
            let bundles = vec![news("../../etc/passwd", 10), news("prices", u64::MAX), news("root", 10), news("", 0)];
            Ack { bundles, ..ack(batch.last_seq(), batch.head) }
        }),
    ];
    for (what, status, make) in lies {
        survived(what, acks(status, make));
    }
}

#[test]
fn a_hub_that_was_wiped_gets_every_sale_back() {
    let mut rig = Rig::new();
    for _ in 0..5 {
        rig.sell();
    }
    rig.everything_arrives();
    rig.hub.logs.lock().expect("logs").values_mut().for_each(|kept| *kept = Default::default());
    rig.sell();
    rig.everything_arrives();
}

#[test]
fn a_log_that_a_restored_hub_does_not_know_is_let_in_by_the_word_of_the_one_before() {
    let mut rig = Rig::new();
    rig.sell();
    rig.everything_arrives();
    let first = rig.till.ok("status")["log"].clone();
    rig.server.becomes(acks("200 OK", |batch| Ack { sealed: true, ..ack(batch.last_seq(), batch.head) }));
    rig.sell();
    rig.till.ask("sync");
    rig.till.ask("sync");
    let status = rig.till.status_until("another log, which the hub says it has", |status| status["log"] != first && status["unsent"] == 0);
    assert_eq!(status["sync"]["sealed_logs"], 1);
    // As far as this hub goes back, the first log was never sealed.
    rig.sell();
    rig.server.becomes(rig.hub.behaviour());
    rig.till.ok("sync");
    // The next round asks about the sealed log too.
    rig.everything_arrives();
    assert_eq!(rig.hub.logs.lock().expect("logs").len(), 2);
}

#[test]
fn a_till_that_is_not_enrolled_or_has_no_network_says_so_and_sells() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut till = Till::demo(dir.path());
    till.ready_to_sell();
    till.refused("sync", "sync.not_enrolled");
    assert_eq!(till.ok("hub")["url"], Value::Null);
    till.ok("add 1001");
    till.ok("pay cash 29.00");
    let mut rig = Rig::new();
    for (fault, code) in
        [("away", "sync.away"), ("captive", "sync.other_hub"), ("silent", "sync.timed_out"), ("garbled", "sync.unreadable")]
    {
        rig.till.ok(&format!("device uplink {fault}"));
        rig.sell();
        rig.till.refused("sync", code);
        assert_eq!(rig.till.ok("hub")["trouble"], code);
    }
    rig.till.refused("device uplink warp", "device.unknown");
    rig.till.ok("device uplink ok");
    rig.everything_arrives();
}

#[test]
fn the_word_hub_tells_where_the_till_stands() {
    let mut rig = Rig::new();
    rig.sell();
    let done = rig.till.ok("sync");
    assert_eq!(done["sales"], 1, "{done}");
    assert!(done["sent"].as_u64() >= Some(1), "{done}");
    let hub = rig.till.ok("hub");
    assert_eq!((&hub["url"], &hub["unit"], &hub["short_code"]), (&rig.server.url().into(), &"0142".into(), &"271828".into()));
    assert_eq!((&hub["confirmed"], &hub["trouble"]), (&true.into(), &Value::Null), "{hub}");
    assert_eq!(hub["cursor"], done["cursor"]);
    assert_eq!(rig.till.ok("status")["unsent"], 0);
}

#[test]
fn a_hub_that_has_moved_is_found_by_the_configuration_and_still_known_by_its_key() {
    let (hub, dir) = (Honest::default(), tempfile::tempdir().expect("a folder"));
    let data = dir.path().join("data");
    let server = Server::start(hub.behaviour());
    enrol(&data, &server, &hub);
    let moved = server.moved(hub.behaviour());
    let other = Server::start(hub.behaviour());
    let config = dir.path().join("till.toml");
    let start = |url: String| {
        std::fs::write(&config, format!("[hub]\nurl = \"{url}\"\n")).expect("a file");
        Till::start(&["drive", "--data", path(&data), "--config", path(&config)])
    };
    let mut till = start(other.url());
    till.ready_to_sell();
    till.ok("add 1001");
    till.ok("pay cash 29.00");
    till.refused("sync", "sync.other_hub");
    assert_eq!(hub.sales(), 0, "another key is told nothing, whatever the configuration says");
    till.end();
    let mut till = start(moved.url());
    till.ok("sync");
    assert_eq!((hub.sales(), till.ok("status")["unsent"].as_u64()), (1, Some(0)));
}
