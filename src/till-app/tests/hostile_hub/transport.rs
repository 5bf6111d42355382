//! What the transport makes of every kind of answer.

use std::{
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::{Arc, atomic::Ordering},
    thread,
    time::Duration,
};

use journal::{Head, LogKey};
use till::desk::{Appended, Uplink as _, UplinkTrouble};
use till_app::uplink::{HttpUplink, HubAddress, Limits};
use wire::{Ack, Batch, BundleNews, Bytes32, Report};

use crate::hub::{Behaviour, Honest, Server, Stream, http, refusal};

/// For servers that are to be waited for in vain.
const SHORT: Limits =
    Limits { connect: Duration::from_millis(500), handshake: Duration::from_millis(700), whole: Duration::from_millis(1500) };

fn key() -> LogKey {
    LogKey::from_seed(&[7; 32])
}

fn uplink(server: &Server, limits: Limits) -> HttpUplink {
    HttpUplink::new(HubAddress::parse(&server.url()).expect("an address"), server.pin, limits)
}

/// A batch of the log of `key`, from the beginning.
fn batch(key: &LogKey, entries: &[&[u8]]) -> Vec<u8> {
    let prev = Head::of_log(&key.log_id());
    let head = entries.iter().fold(prev, |head, entry| head.next(entry));
    let proof = key.sign(entries.len() as u64, &head);
    let batch = Batch {
        public: key.public(),
        first_seq: 1,
        prev: Bytes32(prev.0),
        entries: entries.iter().map(|entry| entry.to_vec()).collect(),
        head: Bytes32(head.0),
        signature: proof.signature,
        report: Report::default(),
    };
    batch.encode()
}

/// An honest hub that knows the log of [`key`].
fn honest() -> Honest {
    let hub = Honest::default();
    hub.logs.lock().expect("logs").insert(key().log_id().0, Default::default());
    hub
}

/// Says these bytes to every request, and ends the connection.
fn says(bytes: impl Into<Vec<u8>>) -> Behaviour {
    let bytes = bytes.into();
    Arc::new(move |stream, _| {
        drop(stream.write_all(&bytes).and_then(|()| stream.flush()));
        stream.cut();
    })
}

/// Goes on saying this until nobody listens any more.
fn says_without_end(first: &'static [u8], then: &'static [u8]) -> Behaviour {
    Arc::new(move |stream, _| {
        let mut said = stream.write_all(first);
        while said.is_ok() {
            said = stream.write_all(then).and_then(|()| stream.flush());
        }
    })
}

/// The answer to one batch when the server behaves so, and then that of an honest hub in its place, which must have everything.
fn tried(behaviour: Behaviour, limits: Limits) -> Result<Appended, UplinkTrouble> {
    let server = Server::start(behaviour);
    let mut uplink = uplink(&server, limits);
    let entries = batch(&key(), &[b"one", b"two"]);
    let told = uplink.append(&key(), &entries);
    let hub = honest();
    server.becomes(hub.behaviour());
    let after = HttpUplink::append(&mut uplink, &key(), &entries);
    assert!(matches!(after, Ok(Appended::Taken(Ack { seq: 2, .. }))), "afterwards an honest hub has everything: {after:?}");
    told
}

#[test]
fn an_honest_hub_gets_the_batch_over_the_logs_own_connection() {
    let hub = honest();
    let server = Server::start(hub.behaviour());
    let mut uplink = uplink(&server, Limits::default());
    let taken = uplink.append(&key(), &batch(&key(), &[b"one", b"two", b"three"]));
    assert_eq!(taken, Ok(Appended::Taken(hub.ack_of(&key().log_id().0))));
    assert_eq!(hub.logs.lock().expect("logs")[&key().log_id().0].entries, [b"one".to_vec(), b"two".to_vec(), b"three".to_vec()]);
    let again = uplink.append(&key(), &batch(&key(), &[b"one", b"two", b"three"]));
    assert_eq!(again, taken, "the same batch again changes nothing");
    assert_eq!(server.connections.load(Ordering::SeqCst), 1, "one connection serves a window");
}

#[test]
fn an_unknown_log_is_refused_with_code_and_sentences() {
    let server = Server::start(Honest::default().behaviour());
    let told = uplink(&server, Limits::default()).append(&key(), &batch(&key(), &[b"one"]));
    let Err(UplinkTrouble::Refused(refused)) = told else { panic!("{told:?}") };
    assert_eq!((refused.code.as_str(), refused.todo.as_str()), ("log.unknown", "Do this."));
}

#[test]
fn a_hub_that_is_behind_says_how_far_it_is() {
    let hub = honest();
    let server = Server::start(says(http("409 Conflict", "", &serde_json::to_vec(&hub.ack_of(&key().log_id().0)).expect("JSON"))));
    let told = uplink(&server, Limits::default()).append(&key(), &batch(&key(), &[b"one"]));
    assert!(matches!(told, Ok(Appended::Behind(Ack { seq: 0, .. }))), "{told:?}");
}

#[test]
fn nobody_there_is_away() {
    let port = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port that is free again").port();
    let address = HubAddress::parse(&format!("127.0.0.1:{port}")).expect("an address");
    let told = HttpUplink::new(address, [0; 16], SHORT).append(&key(), &batch(&key(), &[b"one"]));
    assert_eq!(told, Err(UplinkTrouble::Away));
}

#[test]
fn another_key_than_the_pinned_one_is_another_hub_and_is_told_nothing() {
    let hub = honest();
    let (server, other) = (Server::start(hub.behaviour()), Server::start(says("")));
    let address = HubAddress::parse(&server.url()).expect("an address");
    let told = HttpUplink::new(address, other.pin, Limits::default()).append(&key(), &batch(&key(), &[b"one"]));
    assert_eq!(told, Err(UplinkTrouble::OtherHub));
    assert!(hub.logs.lock().expect("logs")[&key().log_id().0].entries.is_empty());
}

#[test]
fn plain_text_in_the_place_of_tls_is_another_hub() {
    for text in [
        http("200 OK", "", b"<html>Welcome on board! Sign in.</html>"),
        http("302 Found", "location: http://portal/\r\n", b""),
        vec![0; 400],
    ] {
        let server = Server::plain(says(text));
        assert_eq!(uplink(&server, SHORT).append(&key(), &batch(&key(), &[b"one"])), Err(UplinkTrouble::OtherHub));
    }
}

#[test]
fn who_takes_the_connection_and_says_nothing_is_given_up() {
    let server = Server::plain(Arc::new(|stream: &mut dyn Stream, _| {
        let mut rest = Vec::new();
        drop(stream.read_to_end(&mut rest));
    }));
    assert_eq!(uplink(&server, SHORT).append(&key(), &batch(&key(), &[b"one"])), Err(UplinkTrouble::TimedOut));
}

#[test]
fn an_answer_that_makes_no_sense_is_no_acknowledgement() {
    let mut noise: u32 = 1;
    let random: Vec<u8> = std::iter::repeat_with(|| {
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        noise.to_be_bytes()[0]
    })
    .take(100_000)
    .collect();
    let ack = br#"{"seq":2,"head":"00","hub_s":1}"#;
    let deep = "[".repeat(60_000);
    for (what, answer) in [
        ("random bytes", random.clone()),
        ("random bytes in HTTP", http("200 OK", "", &random[..50_000])),
        ("HTML", http("200 OK", "content-type: text/html\r\n", b"<html><body>Welcome! Sign in to our Wi-Fi.</body></html>")),
        ("nothing", http("200 OK", "", b"")),
        ("no content", http("204 No Content", "", b"")),
        ("half an acknowledgement", http("200 OK", "", br#"{"seq":2"#)),
        ("a short head", http("200 OK", "", ack)),
        ("deep JSON", http("200 OK", "", deep.as_bytes())),
        ("a negative seq", http("200 OK", "", &ack_json("-1"))),
        ("a huge seq", http("200 OK", "", &ack_json("99999999999999999999999"))),
        ("a refusal that is none", http("200 OK", "", br#"{"code":"log.unknown","what":"w","todo":"t"}"#)),
        ("a code that moves the cursor", http("403 Forbidden", "", b"{\"code\":\"\\u001b[2J\",\"what\":\"w\",\"todo\":\"t\"}")),
        ("gzip", http("200 OK", "content-encoding: gzip\r\n", &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1, 2, 3])),
        ("zstd", http("200 OK", "content-encoding: zstd\r\n", &[0x28, 0xb5, 0x2f, 0xfd, 4, 0, 1, 2])),
        ("500 with HTML", http("500 Internal Server Error", "", b"<h1>Oops</h1>")),
        ("an old HTTP", b"HTTP/0.9 200 OK\r\n\r\n".to_vec()),
        ("two lengths", b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}".to_vec()),
        ("a length that is none", b"HTTP/1.1 200 OK\r\ncontent-length: -5\r\n\r\n{}".to_vec()),
        ("chunks that are none", b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n".to_vec()),
    ] {
        let told = tried(says(answer), Limits::default());
        assert!(matches!(told, Err(UplinkTrouble::Unreadable | UplinkTrouble::TimedOut)), "{what}: {told:?}");
    }
}

fn ack_json(seq: &str) -> Vec<u8> {
    format!("{{\"seq\":{seq},\"head\":\"{}\",\"hub_s\":1}}", "0".repeat(64)).into_bytes()
}

#[test]
fn a_redirect_is_not_followed() {
    let elsewhere = Server::start(honest().behaviour());
    for status in ["301 Moved Permanently", "302 Found", "303 See Other", "307 Temporary Redirect", "308 Permanent Redirect"] {
        for target in
            [elsewhere.url(), format!("http://127.0.0.1:{}/", elsewhere.port), "/v1/elsewhere".into(), "file:///etc/passwd".into()]
        {
            let told = tried(says(http(status, &format!("location: {target}\r\n"), b"")), Limits::default());
            assert_eq!(told, Err(UplinkTrouble::Unreadable), "{status} {target}");
        }
    }
    assert_eq!(elsewhere.connections.load(Ordering::SeqCst), 0, "nobody went there");
}

#[test]
fn an_answer_without_end_is_cut_off() {
    const CHUNK: &[u8] = &[b'{'; 16 * 1024];
    let ten_gb = b"HTTP/1.1 200 OK\r\ncontent-length: 10000000000\r\n\r\n";
    assert_eq!(tried(says_without_end(ten_gb, CHUNK), Limits::default()), Err(UplinkTrouble::Unreadable));
    let chunked = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    assert_eq!(tried(says_without_end(chunked, b"8\r\n{{{{{{{{\r\n"), Limits::default()), Err(UplinkTrouble::Unreadable));
    let refusal = b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 10000000000\r\n\r\n";
    assert_eq!(tried(says_without_end(refusal, CHUNK), Limits::default()), Err(UplinkTrouble::Unreadable));
}

#[test]
fn headers_without_end_are_cut_off() {
    assert_eq!(tried(says_without_end(b"HTTP/1.1 200 OK\r\n", b"x-more: and more\r\n"), SHORT), Err(UplinkTrouble::Unreadable));
    assert_eq!(tried(says_without_end(b"HTTP/1.1 200 OK\r\nx: ", &[b'y'; 4096]), SHORT), Err(UplinkTrouble::Unreadable));
}

#[test]
fn continue_without_end_is_given_up() {
    let told = tried(says_without_end(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), SHORT);
    assert!(matches!(told, Err(UplinkTrouble::TimedOut | UplinkTrouble::Unreadable)), "{told:?}");
    let told = tried(says_without_end(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"), SHORT);
    assert!(matches!(told, Err(UplinkTrouble::TimedOut | UplinkTrouble::Unreadable)), "{told:?}");
}

/// A byte every 100 ms, for as long as somebody listens.
fn drips(bytes: Vec<u8>) -> Behaviour {
    Arc::new(move |stream, _| {
        for byte in bytes.iter().chain(std::iter::repeat(&b' ')) {
            if stream.write_all(&[*byte]).and_then(|()| stream.flush()).is_err() {
                return;
            }
            thread::sleep(Duration::from_millis(100));
        }
    })
}

#[test]
fn a_hub_that_drips_is_given_up_by_the_tills_own_clock() {
    assert_eq!(tried(drips(b"HTTP/1.1 200 OK\r\ncontent-length: 5000\r\n\r\n{".to_vec()), SHORT), Err(UplinkTrouble::TimedOut));
    assert_eq!(tried(drips(b"HTTP/1.1 200 OK\r\nx-slow: ".to_vec()), SHORT), Err(UplinkTrouble::TimedOut));
}

#[test]
fn a_handshake_that_drips_is_given_up_by_the_tills_own_clock() {
    // The beginning of a record that would be a server's hello.
    let server = Server::plain(drips(vec![0x16, 3, 3, 0x10, 0]));
    assert_eq!(uplink(&server, SHORT).append(&key(), &batch(&key(), &[b"one"])), Err(UplinkTrouble::TimedOut));
}

#[test]
fn an_answer_cut_at_any_byte_is_no_acknowledgement_and_the_batch_goes_again() {
    let hub = honest();
    let server = Server::start(hub.behaviour());
    let entries = batch(&key(), &[b"one", b"two"]);
    let mut uplink = uplink(&server, Limits::default());
    let whole = hub.answer(&crate::hub::Request {
        line: format!("POST /v1/logs/{}/append HTTP/1.1", key().log_id()),
        headers: String::new(),
        body: entries.clone(),
        client: Some(key().public()),
    });
    for length in 0..whole.len() {
        server.becomes(says(&whole[..length]));
        let told = uplink.append(&key(), &entries);
        assert!(matches!(told, Err(UplinkTrouble::TimedOut | UplinkTrouble::Unreadable)), "cut after {length} bytes: {told:?}");
    }
    server.becomes(says(whole));
    assert!(matches!(uplink.append(&key(), &entries), Ok(Appended::Taken(Ack { seq: 2, .. }))));
}

fn news(bytes: &[u8]) -> BundleNews {
    use sha2::Digest as _;
    BundleNews { role: "prices".into(), version: 7, bytes: bytes.len() as u64, sha256: Bytes32(sha2::Sha256::digest(bytes).into()) }
}

#[test]
fn a_bundle_comes_whole_also_when_it_is_cut_off_on_the_way() {
    let bundle: Vec<u8> = (0..100_000_u32).map(|n| n.to_le_bytes()[1]).collect();
    let sent = bundle.clone();
    let asked = Arc::new(std::sync::Mutex::new(Vec::new()));
    let heard = asked.clone();
    let server = Server::start(Arc::new(move |stream, request| {
        let range = request.headers.lines().find_map(|line| line.to_lowercase().strip_prefix("range: bytes=").map(str::to_owned));
        let from: usize = range.and_then(|range| range.trim_end_matches('-').parse().ok()).unwrap_or(0);
        heard.lock().expect("a list").push((request.line.clone(), from));
        let head = match from {
            0 => format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", sent.len()),
            _ => format!(
                "HTTP/1.1 206 Partial Content\r\ncontent-range: bytes {from}-{}/{}\r\ncontent-length: {}\r\n\r\n",
                sent.len() - 1,
                sent.len(),
                sent.len() - from
            ),
        };
        let until = sent.len().min(from + 30_000);
        drop(stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&sent[from..until])).and_then(|()| stream.flush()));
        stream.cut();
    }));
    let mut uplink = uplink(&server, Limits::default());
    assert_eq!(uplink.fetch(&key(), &news(&bundle)), Err(UplinkTrouble::TimedOut), "three pieces are not the whole");
    assert_eq!(uplink.fetch(&key(), &news(&bundle)), Ok(bundle), "the next call goes on from there");
    let asked = asked.lock().expect("a list").clone();
    assert_eq!(asked.iter().map(|(_, from)| *from).collect::<Vec<_>>(), [0, 30_000, 60_000, 90_000]);
    assert!(asked.iter().all(|(line, _)| line == "GET /v1/bundles/prices/7 HTTP/1.1"), "{asked:?}");
}

#[test]
fn a_bundle_that_is_not_what_was_told_is_thrown_away() {
    let bundle = vec![5; 1000];
    for (what, answer) in [
        ("larger than told", http("200 OK", "", &vec![5; 1001])),
        ("other bytes", http("200 OK", "", &vec![6; 1000])),
        ("a part that nobody asked for", http("206 Partial Content", "content-range: bytes 500-999/1000\r\n", &vec![5; 500])),
        ("a redirect", http("302 Found", "location: /elsewhere\r\n", &bundle)),
    ] {
        let server = Server::start(says(answer));
        assert_eq!(uplink(&server, Limits::default()).fetch(&key(), &news(&bundle)), Err(UplinkTrouble::Unreadable), "{what}");
    }
    let server = Server::start(says_without_end(b"HTTP/1.1 200 OK\r\ncontent-length: 10000000000\r\n\r\n", &[5; 4096]));
    assert_eq!(uplink(&server, Limits::default()).fetch(&key(), &news(&bundle)), Err(UplinkTrouble::Unreadable), "without end");
    let server = Server::start(says(refusal("404 Not Found", "bundle.unknown")));
    assert!(matches!(uplink(&server, Limits::default()).fetch(&key(), &news(&bundle)), Err(UplinkTrouble::Refused(_))));
}

#[test]
fn news_that_no_till_wants_are_not_fetched() {
    let server = Server::start(says(""));
    let good = news(&[5; 10]);
    for news in [
        BundleNews { role: "../../etc".into(), ..good.clone() },
        BundleNews { role: String::new(), ..good.clone() },
        BundleNews { role: "programs".into(), ..good.clone() },
        BundleNews { role: "a".repeat(500), ..good.clone() },
        BundleNews { bytes: 0, ..good.clone() },
        BundleNews { bytes: bundle::Role::Prices.bytes_max() as u64 + 1, ..good },
    ] {
        assert_eq!(uplink(&server, Limits::default()).fetch(&key(), &news), Err(UplinkTrouble::Unreadable), "{news:?}");
    }
    assert_eq!(server.connections.load(Ordering::SeqCst), 0, "nobody was asked");
}

/// What passed between till and hub: how often the line turned round, and bytes in both directions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Passed {
    turns: u64,
    up: u64,
    down: u64,
}

/// Passes bytes on one direction at a time, and only when who speaks has nothing more to say: it must hear the other side first.
fn relay(port: u16) -> (u16, thread::JoinHandle<Passed>) {
    const NOTHING_MORE: Duration = Duration::from_millis(400);
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let relay_port = listener.local_addr().expect("an address").port();
    let counting = thread::spawn(move || {
        let (mut till, _) = listener.accept().expect("a till");
        let mut hub = TcpStream::connect(("127.0.0.1", port)).expect("a hub");
        let mut passed = Passed { turns: 0, up: 0, down: 0 };
        let mut bytes = vec![0; 256 * 1024];
        loop {
            let mut until_quiet = |from: &mut TcpStream, to: &mut TcpStream| {
                from.set_read_timeout(Some(NOTHING_MORE)).expect("a time-out");
                let mut said = Vec::new();
                while let Ok(read @ 1..) = from.read(&mut bytes) {
                    said.extend_from_slice(&bytes[..read]);
                }
                drop(to.write_all(&said));
                said.len() as u64
            };
            let up = until_quiet(&mut till, &mut hub);
            let down = until_quiet(&mut hub, &mut till);
            if up == 0 && down == 0 {
                return passed;
            }
            passed = Passed { turns: passed.turns + 1, up: passed.up + up, down: passed.down + down };
        }
    });
    (relay_port, counting)
}

#[test]
fn a_cold_start_takes_three_round_trips_and_few_bytes_beside_the_batch() {
    let hub = honest();
    let server = Server::start(hub.behaviour());
    let (port, counting) = relay(server.port);
    let mut uplink = HttpUplink::new(HubAddress::parse(&format!("127.0.0.1:{port}")).expect("an address"), server.pin, Limits::default());
    let entries = batch(&key(), &[b"one", b"two", b"three"]);
    assert!(matches!(uplink.append(&key(), &entries), Ok(Appended::Taken(Ack { seq: 3, .. }))));
    drop(uplink);
    let passed = counting.join().expect("counted");
    println!("cold start: {passed:?} beside TCP's own, of which the batch is {} bytes", entries.len());
    // One for TCP, which the relay does not see, one for TLS, one for the batch.
    assert_eq!(1 + passed.turns, 3, "{passed:?}");
    const BESIDE_THE_BATCH_MAX: u64 = 2048;
    assert!(passed.up - (entries.len() as u64) < BESIDE_THE_BATCH_MAX && passed.down < BESIDE_THE_BATCH_MAX, "{passed:?}");
}

#[test]
fn a_connection_that_was_closed_between_two_batches_costs_no_round() {
    let hub = honest();
    let answers = hub.behaviour();
    // Answers as HTTP/1.1 does that means to go on, and hangs up all the same.
    let server = Server::start(Arc::new(move |stream, request| {
        answers(stream, request);
        stream.cut();
    }));
    let mut uplink = uplink(&server, Limits::default());
    for _ in 0..20 {
        let told = uplink.append(&key(), &batch(&key(), &[b"one", b"two"]));
        assert!(matches!(told, Ok(Appended::Taken(Ack { seq: 2, .. }))), "{told:?}");
    }
}
