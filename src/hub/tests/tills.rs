//! Tills against a real hub, over real TLS.

mod common;

use common::{NOW_S, TestHub, Till, exchange, plain, post, try_exchange};
use hub::tls::Identity;
use hub_store::{HubStore, testing};
use journal::LogId;
use std::{
    io::{Read as _, Write as _},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use wire::BATCH_BYTES_MAX;

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

#[test]
fn a_till_is_let_in_and_its_entries_are_there_byte_for_byte() {
    let dir = folder();
    let hub = TestHub::on(dir.path());
    let mut till = hub.enrolled(1, "0142");
    till.writes(&["one", "two"]);
    let answer = till.append(hub.addr, &till.batch(1));
    assert_eq!((answer.status, answer.seq()), (200, 2));
    let ack = answer.json();
    assert_eq!(ack["head"], till.head(2).to_string());
    assert_eq!((&ack["sealed"], &ack["confirmed"], &ack["hub_s"]), (&false.into(), &false.into(), &NOW_S.into()));
    let log = till.key.log_id();
    let kept = hub.hub.store.entries(&log, 0, 1, 9).expect("read");
    assert_eq!(kept, [(1, b"one".to_vec()), (2, b"two".to_vec())]);
    hub.hub.store.confirm(&log, "clerk", NOW_S).expect("confirmed");
    assert_eq!(till.append(hub.addr, &till.batch(3)).json()["confirmed"], true, "an empty batch asks");
}

#[test]
fn the_same_batch_again_is_answered_alike_and_kept_once() {
    let dir = folder();
    let hub = TestHub::on(dir.path());
    let mut till = hub.enrolled(1, "0142");
    till.writes(&["one", "two"]);
    let batch = till.batch(1);
    let first = till.append(hub.addr, &batch);
    let again = till.append(hub.addr, &batch);
    assert_eq!((first.status, first.json()), (again.status, again.json()));
    assert_eq!(hub.hub.store.branches(&till.key.log_id()).expect("read").len(), 1);
    assert!(hub.get("/metrics", None).text().contains("hub_append_entries_total 2\n"));
}

#[test]
fn a_batch_that_begins_beyond_what_the_hub_has_is_told_where_it_stands() {
    let dir = folder();
    let hub = TestHub::on(dir.path());
    let mut till = hub.enrolled(1, "0142");
    till.writes(&["one", "two", "three"]);
    let answer = till.append(hub.addr, &till.batch(3));
    assert_eq!((answer.status, answer.seq()), (409, 0));
    assert_eq!(till.append(hub.addr, &till.batch(1)).seq(), 3);
}

#[test]
fn two_cards_with_one_key_lose_nothing_and_are_told_to_seal() {
    let dir = folder();
    let hub = TestHub::on(dir.path());
    let mut till = hub.enrolled(1, "0142");
    till.writes(&["one"]);
    assert_eq!(till.append(hub.addr, &till.batch(1)).status, 200);
    let mut other = till.clone_of();
    till.writes(&["two"]);
    other.writes(&["another two"]);
    assert_eq!(till.append(hub.addr, &till.batch(2)).json()["sealed"], false);
    let forked = other.append(hub.addr, &other.batch(2)).json();
    assert_eq!((&forked["sealed"], &forked["head"]), (&true.into(), &other.head(2).to_string().into()));
    let log = till.key.log_id();
    let of = |branch| hub.hub.store.entries(&log, branch, 2, 9).expect("read");
    assert_eq!((of(0), of(1)), (vec![(2, b"two".to_vec())], vec![(2, b"another two".to_vec())]));
    assert!(hub.hub.store.alerts(true, 9).expect("read").iter().any(|alert| alert.code == "log.forked"));
    assert!(hub.get("/metrics", None).text().contains("hub_log_forks_total 1\n"));
}

#[test]
fn two_cards_with_one_key_that_post_at_the_same_moment_are_both_kept() {
    let dir = folder();
    let hub = TestHub::on(dir.path());
    let till = hub.enrolled(1, "0142");
    let addr = hub.addr;
    let posts: Vec<_> = (0..6)
        .map(|card| {
            let mut till = till.clone_of();
            till.writes(&[&format!("of card {card}")]);
            std::thread::spawn(move || till.append(addr, &till.batch(1)).status)
        })
        .collect();
    assert!(posts.into_iter().all(|post| post.join().expect("posted") == 200));
    let log = till.key.log_id();
    let mut kept: Vec<_> =
        (0..6).flat_map(|branch| hub.hub.store.entries(&log, branch, 1, 9).expect("read")).map(|(_, entry)| entry).collect();
    kept.sort();
    let expected: Vec<_> = (0..6).map(|card| format!("of card {card}").into_bytes()).collect();
    assert_eq!(kept, expected);
}

#[test]
fn a_token_lets_in_one_key_and_only_for_whoever_proves_it() {
    let dir = folder();
    let hub = TestHub::on(dir.path());
    let token = hub.token("0142");
    let (till, thief) = (Till::new(1, &hub.identity), Till::new(2, &hub.identity));
    let request =
        |key: &Till| format!("{{\"token\":\"{token}\",\"public\":\"{}\",\"program\":\"x\"}}", wire::Bytes32(key.key.public())).into_bytes();
    let stolen = thief.post(hub.addr, "/v1/enrol", &request(&till));
    assert_eq!(stolen.refused(), (403, "enrol.not-yours".into()), "a key must be proven");
    assert_eq!(exchange(plain(hub.addr), &post("/v1/enrol", &request(&till))).refused(), (401, "till.no-key".into()));
    let first = till.enrol(hub.addr, &token);
    let code = first.json()["short_code"].as_str().expect("a code").to_owned();
    assert_eq!(code, hub::short_code(&hub.identity.spki(), &till.key.public()));
    assert_eq!(code.len(), 6);
    assert_eq!(till.enrol(hub.addr, &token).json(), first.json(), "an answer that was lost can be asked for again");
    assert_eq!(thief.enrol(hub.addr, &token).refused(), (403, "token.used".into()));
    let made_up = wire::Token { secret: [9; 16], pin: [0; 16] };
    assert_eq!(thief.enrol(hub.addr, &made_up).refused(), (403, "token.unknown".into()));
    assert_eq!(thief.post(hub.addr, "/v1/enrol", b"{}").refused(), (400, "enrol.unreadable".into()));
    assert_eq!(thief.post(hub.addr, "/v1/enrol", &[b' '; 10_000]).status, 413);
}

#[test]
fn rule_11_a_till_writes_its_own_log_and_nothing_else() {
    let dir = folder();
    let hub = TestHub::on(dir.path());
    let (mut till, mut thief) = (hub.enrolled(1, "0142"), hub.enrolled(2, "0143"));
    till.writes(&["mine"]);
    thief.writes(&["not yours"]);
    let path = format!("/v1/logs/{}/append", till.log());
    assert_eq!(thief.post(hub.addr, &path, &till.batch(1).encode()).refused(), (403, "batch.not-yours".into()));
    assert_eq!(thief.append(hub.addr, &till.batch(1)).refused(), (403, "batch.not-yours".into()), "an inner key counts as well");
    assert_eq!(exchange(plain(hub.addr), &post(&path, &till.batch(1).encode())).refused(), (401, "till.no-key".into()));
    let mut forged = till.batch(1);
    forged.signature = thief.key.sign(1, &till.head(1)).signature;
    assert_eq!(till.append(hub.addr, &forged).refused(), (422, "batch.signature".into()));
    let mut broken = till.batch(1);
    broken.entries[0] = b"swapped".to_vec();
    assert_eq!(till.append(hub.addr, &broken).refused(), (422, "batch.chain".into()));
    assert_eq!(hub.hub.store.entries(&till.key.log_id(), 0, 1, 9).expect("read"), [], "nothing has changed");
    for path in ["/api/v1/sales", "/api/v1/fleet", "/api/v1/entries?log=00"] {
        let request = format!("GET {path} HTTP/1.1\r\nHost: hub\r\nConnection: close\r\n\r\n");
        assert_eq!(exchange(thief.stream(hub.addr), request.as_bytes()).status, 401, "a till's key reads nobody's {path}");
    }
}

#[test]
fn who_is_unknown_or_revoked_is_refused_and_keeps_its_entries() {
    let dir = folder();
    let hub = TestHub::on(dir.path());
    let mut stranger = Till::new(3, &hub.identity);
    stranger.writes(&["one"]);
    assert_eq!(stranger.append(hub.addr, &stranger.batch(1)).refused(), (403, "log.unknown".into()));
    let mut till = hub.enrolled(1, "0142");
    till.writes(&["one"]);
    assert_eq!(till.append(hub.addr, &till.batch(1)).status, 200);
    hub.hub.store.revoke(&till.key.log_id(), "clerk", "stolen", NOW_S).expect("revoked");
    till.writes(&["two"]);
    assert_eq!(till.append(hub.addr, &till.batch(2)).refused(), (403, "log.revoked".into()));
    assert_eq!(hub.hub.store.entries(&till.key.log_id(), 0, 1, 9).expect("read").len(), 1);
    let metrics = hub.get("/metrics", None).text();
    assert!(metrics.contains("hub_refusals_total{code=\"log.revoked\"} 1\n"), "{metrics}");
    assert!(metrics.contains("hub_append_batches_total{result=\"refused\"} 2\n"), "{metrics}");
}

#[test]
fn no_bytes_bring_the_hub_down() {
    let dir = folder();
    let hub = TestHub::on(dir.path());
    let mut till = hub.enrolled(1, "0142");
    till.writes(&["one", "two", "three"]);
    let good = till.batch(1).encode();
    let path = format!("/v1/logs/{}/append", till.log());
    let mut random: u64 = 7;
    let mut next = || {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(random >> 40).expect("a place")
    };
    for round in 0..40 {
        let mut bad = good.clone();
        match round % 3 {
            0 => bad.truncate(next() % good.len()),
            1 => bad[next() % good.len()] ^= 1 << (next() % 8),
            _ => bad = (0..next() % 3000).map(|_| next().to_le_bytes()[0]).collect(),
        }
        let answer = till.post(hub.addr, &path, &bad);
        assert!(matches!(answer.status, 400 | 403 | 413 | 422), "round {round}: {answer:?}");
        answer.refused();
    }
    for raw in [
        &b"\0\0\0\0\r\n\r\n"[..],
        b"GET / HTTP/9\r\n\r\n",
        b"\x16\x03\x01\x00\x05hello",
        b"\x16",
        b"POST /v1/enrol HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
    ] {
        let stream = plain(hub.addr);
        (&stream).write_all(raw).expect("sent");
        stream.shutdown(std::net::Shutdown::Write).expect("half shut");
        drop(try_exchange(stream, b""));
    }
    for path in ["/v1/logs/zz/append", "/v1/logs/%00/append"] {
        assert_eq!(till.post(hub.addr, path, &good).refused(), (404, "log.unreadable".into()));
    }
    assert_eq!(hub.hub.store.entries(&till.key.log_id(), 0, 1, 9).expect("read"), [], "nothing has changed");
    assert_eq!(till.append(hub.addr, &till.batch(1)).seq(), 3, "and what is good is taken");
}

#[test]
fn a_batch_that_is_too_large_is_told_so() {
    let dir = folder();
    let hub = TestHub::on(dir.path());
    let till = hub.enrolled(1, "0142");
    let path = format!("/v1/logs/{}/append", till.log());
    let large = vec![7; BATCH_BYTES_MAX + 1];
    assert_eq!(till.post(hub.addr, &path, &large).refused(), (413, "batch.too-large".into()));
    assert_eq!(till.post(hub.addr, &path, &large[1..]).refused(), (400, "batch.unreadable".into()), "the limit itself is not too large");
}

#[test]
fn who_is_silent_or_slow_is_cut_off_and_others_are_served() {
    let short = Duration::from_millis(300);
    let limits = hub::Limits { handshake_max: short, head_max: short, body_max: short, ..hub::Limits::default() };
    let dir = folder();
    let hub = TestHub::with(HubStore::sqlite(dir.path()).expect("a store"), dir.path(), limits);
    let mut till = hub.enrolled(1, "0142");
    till.writes(&["one"]);
    assert!(try_exchange(plain(hub.addr), b"").is_none(), "silence");
    assert!(try_exchange(plain(hub.addr), b"\x16\x03").is_none(), "half a handshake");
    let half_a_head = try_exchange(plain(hub.addr), b"GET /health HT");
    assert!(half_a_head.is_none_or(|answer| answer.status == 408), "half a head");
    let whole = post(&format!("/v1/logs/{}/append", till.log()), &till.batch(1).encode());
    let half_a_body = try_exchange(till.stream(hub.addr), &whole[..whole.len() - 1]).expect("an answer");
    assert_eq!(half_a_body.refused(), (408, "batch.slow".into()));
    assert_eq!(till.append(hub.addr, &till.batch(1)).seq(), 1);
}

#[test]
fn whoever_has_proven_no_key_is_refused_before_a_body_comes_and_cannot_take_all_places() {
    let limits =
        hub::Limits { connections_max: 4, kept_for_keys: 2, stranger_body_max: Duration::from_millis(300), ..hub::Limits::default() };
    let dir = folder();
    let hub = TestHub::with(HubStore::sqlite(dir.path()).expect("a store"), dir.path(), limits);
    let mut till = hub.enrolled(1, "0142");
    till.writes(&["one"]);
    for path in ["/v1/enrol".to_owned(), format!("/v1/logs/{}/append", till.log())] {
        let head = format!("POST {path} HTTP/1.1\r\nHost: hub\r\nContent-Length: 4000\r\n\r\n");
        let answer = exchange(plain(hub.addr), head.as_bytes());
        assert_eq!(answer.refused(), (401, "till.no-key".into()), "{path}: and hung up on, since this read to the end");
    }
    let form = b"POST /sign-in HTTP/1.1\r\nHost: hub\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 9\r\n\r\nlogin";
    assert_eq!(exchange(plain(hub.addr), form).status, 408, "a form that does not end");

    let health = b"GET /health HTTP/1.1\r\nHost: hub\r\n\r\n";
    let held: Vec<_> = (0..2)
        .map(|_| {
            let mut stream = plain(hub.addr);
            stream.write_all(health).expect("sent");
            let mut some = [0; 12];
            stream.read_exact(&mut some).expect("an answer");
            assert_eq!(&some, b"HTTP/1.1 200");
            stream
        })
        .collect();
    assert!(try_exchange(plain(hub.addr), health).is_none(), "strangers have their places and no more");
    assert_eq!(till.append(hub.addr, &till.batch(1)).seq(), 1, "a till finds its own");
    drop(held);
    let closing = b"GET /health HTTP/1.1\r\nHost: hub\r\nConnection: close\r\n\r\n";
    hub.wait_until("a stranger's place", |hub| try_exchange(plain(hub.addr), closing).is_some_and(|answer| answer.status == 200));
}

#[test]
fn an_incident_goes_on_while_nobody_looks_at_its_page() {
    let dir = folder();
    let hub = TestHub::on(dir.path());
    let old = hub.enrolled(1, "0142");
    let open = hub.hub.store.open_incident("fire", "Fire", "", &["0142".to_owned()], "clerk", NOW_S - 100);
    assert_eq!(open.expect("opened"), 1);
    assert_eq!(old.append(hub.addr, &old.batch(1)).status, 200);
    hub.stop();
    let hub = TestHub::on(dir.path());
    let reimaged = |hub: &TestHub| hub.hub.store.incidents().expect("read")[0].counts.affected == 0;
    hub.wait_until("a step", reimaged);
}

#[test]
fn rule_8_and_21_a_hub_from_yesterday_gets_everything_again() {
    let (dir, other) = (folder(), folder());
    let backup = dir.path().join("backup");
    let hub = TestHub::on(dir.path());
    let mut till = hub.enrolled(1, "0142");
    till.writes(&["one"]);
    assert_eq!(till.append(hub.addr, &till.batch(1)).seq(), 1);
    hub.hub.store.backup_to(&backup).expect("a backup, while the hub runs");
    till.writes(&["two", "three"]);
    assert_eq!(till.append(hub.addr, &till.batch(2)).seq(), 3, "acknowledged, and lost with the hub");
    let pin = hub.identity.pin();
    hub.stop();

    let store = HubStore::sqlite(other.path()).expect("a store");
    store.restore_from(&backup, false).expect("restored");
    drop(store);
    let hub = TestHub::on(other.path());
    assert_eq!(hub.identity.pin(), pin, "tills know the restored hub");
    till.writes(&["four"]);
    let behind = till.append(hub.addr, &till.batch(4));
    assert_eq!((behind.status, behind.seq()), (409, 1));
    assert_eq!(till.append(hub.addr, &till.batch(behind.seq() + 1)).seq(), 4);
    let kept = hub.hub.store.entries(&till.key.log_id(), 0, 1, 9).expect("read");
    assert_eq!(kept.into_iter().map(|(_, entry)| entry).collect::<Vec<_>>(), till.entries);
    assert_eq!(hub.hub.store.branches(&till.key.log_id()).expect("read").len(), 1, "and there is no alarm");
}

#[test]
fn what_was_acknowledged_is_there_when_the_hub_is_stopped_in_the_middle() {
    let dir = folder();
    let hub = TestHub::on(dir.path());
    let stopping = Arc::new(AtomicBool::new(false));
    let tills: Vec<_> = (1..=4).map(|seed| hub.enrolled(seed, &format!("014{seed}"))).collect();
    let addr = hub.addr;
    let posts: Vec<_> = tills
        .into_iter()
        .map(|mut till| {
            let stopping = Arc::clone(&stopping);
            std::thread::spawn(move || {
                let mut acknowledged = 0;
                for number in 0..10_000 {
                    till.writes(&[&format!("entry {number}")]);
                    let path = format!("/v1/logs/{}/append", till.log());
                    let request = post(&path, &till.batch(acknowledged + 1).encode());
                    let sent = till.try_stream(addr).and_then(|stream| try_exchange(stream, &request));
                    match sent {
                        Some(answer) if answer.status == 200 => acknowledged = answer.seq(),
                        _ if stopping.load(Ordering::SeqCst) => break,
                        other => panic!("{other:?}"),
                    }
                }
                (till, acknowledged)
            })
        })
        .collect();
    hub.wait_until("some entries", |hub| !hub.get("/metrics", None).text().contains("hub_append_entries_total 0\n"));
    stopping.store(true, Ordering::SeqCst);
    hub.stop();
    let store = HubStore::sqlite(dir.path()).expect("a store");
    for post in posts {
        let (till, acknowledged) = post.join().expect("posted");
        let log = till.key.log_id();
        let kept = store.entries(&log, 0, 1, 100_000).expect("read");
        assert!(kept.len() as u64 >= acknowledged, "{} of {acknowledged}", kept.len());
        assert!(kept.iter().zip(&till.entries).all(|((_, kept), sent)| kept == sent));
    }
}

#[test]
fn rule_5_what_a_hub_has_in_its_hands_can_sign_nothing_that_a_till_obeys() {
    let dir = folder();
    let hub = TestHub::on(dir.path());
    let mut till = hub.enrolled(1, "0142");
    till.writes(&["one"]);
    assert_eq!(till.append(hub.addr, &till.batch(1)).status, 200);
    hub.stop();
    let mut files: Vec<_> = std::fs::read_dir(dir.path()).expect("a folder").map(|file| file.expect("a file").file_name()).collect();
    files.retain(|name| !matches!(name.to_str(), Some("hub.db" | "hub.db-wal" | "hub.db-shm")));
    files.sort();
    assert_eq!(files, ["tls.crt", "tls.key"], "the only secret is the one that TLS needs");
    let key = std::fs::read_to_string(dir.path().join("tls.key")).expect("the key");
    let pair = rcgen::KeyPair::from_pem(&key).expect("a key");
    assert!(pair.is_compatible(&rcgen::PKCS_ECDSA_P256_SHA256), "bundles are signed by Ed25519, and this key cannot");
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(dir.path().join("tls.key")).expect("a file").permissions());
    assert_eq!(mode & 0o077, 0, "nobody else reads it");
}

#[test]
fn hubs_on_one_postgresql_are_one_hub_to_a_till() {
    let url = testing::shared().database();
    let (dir_a, dir_b) = (folder(), folder());
    let open = |dir: &tempfile::TempDir| TestHub::with(HubStore::postgres(&url).expect("a store"), dir.path(), hub::Limits::default());
    let (a, b) = (open(&dir_a), open(&dir_b));
    assert_eq!(a.identity.pin(), b.identity.pin());
    let mut till = Till::new(1, &a.identity);
    assert_eq!(till.enrol(b.addr, &a.token("0142")).status, 200, "a token of one hub is good at the other");
    till.writes(&["one"]);
    assert_eq!(till.append(a.addr, &till.batch(1)).seq(), 1);
    till.writes(&["two"]);
    assert_eq!(till.append(b.addr, &till.batch(2)).seq(), 2);
    let addrs = [a.addr, b.addr];
    let posts: Vec<_> = (0..8)
        .map(|card| {
            let mut till = till.clone_of();
            till.writes(&[&format!("of card {card}")]);
            std::thread::spawn(move || {
                (0..3).find_map(|_| Some(till.append(addrs[card % 2], &till.batch(3))).filter(|answer| answer.status == 200))
            })
        })
        .collect();
    assert!(posts.into_iter().all(|post| post.join().expect("posted").is_some()));
    let log: LogId = till.key.log_id();
    let branches = a.hub.store.branches(&log).expect("read");
    assert_eq!(branches.len(), 8, "each card's entry is on a branch of its own");
    assert_eq!(a.get("/health", None).json()["database"], "postgres");
    a.stop();
    till.writes(&["of card 0"]);
    assert_eq!(till.append(b.addr, &till.batch(3)).status, 200, "the other goes on");
}

#[test]
fn a_folder_with_another_hubs_key_is_not_this_hubs_folder() {
    let (dir, other) = (folder(), folder());
    let store = HubStore::sqlite(dir.path()).expect("a store");
    let pin = Identity::of_hub(&store, dir.path()).expect("an identity").pin();
    assert_eq!(Identity::of_hub(&store, dir.path()).expect("an identity").pin(), pin, "it is kept");
    std::fs::remove_file(dir.path().join("tls.key")).expect("gone");
    assert_eq!(Identity::of_hub(&store, dir.path()).expect("an identity").pin(), pin, "the database has it too");
    drop(Identity::of_hub(&HubStore::sqlite(other.path()).expect("a store"), other.path()).expect("another"));
    let refused = Identity::of_hub(&store, other.path()).err().expect("refused").to_string();
    assert!(refused.contains("another hub"), "{refused}");
}
