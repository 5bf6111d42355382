//! What only servers do: start together, die, and be replaced.
#![expect(clippy::disallowed_methods, reason = "a test: it waits for real servers")]

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use super::*;
use crate::{
    Fault,
    engine::{Postgres, Value},
    params,
};

/// How long a hub may take to find the server that took over.
const TAKE_OVER: Duration = Duration::from_secs(60);

#[test]
fn hubs_that_start_at_the_same_moment_on_an_empty_database_all_start() {
    on_two(|open| {
        let together = Barrier::new(6);
        std::thread::scope(|scope| {
            for number in 0..6 {
                let together = &together;
                scope.spawn(move || {
                    together.wait();
                    open().set_setting(&format!("name {number}"), b"value").expect("set");
                });
            }
        });
        assert_eq!(open().setting("name 5").expect("read"), Some(b"value".to_vec()));
    });
}

#[test]
fn the_file_with_the_hubs_secrets_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = tempfile::tempdir().expect("a folder");
    let store = HubStore::sqlite(dir.path()).expect("opened");
    store.set_setting("name", b"value").expect("set");
    for file in std::fs::read_dir(dir.path()).expect("a folder") {
        let file = file.expect("a file");
        assert_eq!(file.metadata().expect("there").permissions().mode() & 0o777, 0o600, "{:?}", file.file_name());
    }
}

#[test]
fn a_program_that_is_older_than_the_database_says_so_and_changes_nothing() {
    on_two(|open| {
        let store = open();
        let mut tx = store.engine.write().expect("begun");
        tx.execute("UPDATE schema_versions SET version = 99", &[]).expect("changed");
        tx.execute("DROP TABLE incidents", &[]).expect("changed");
        tx.commit().expect("committed");
        let HubStore { engine, .. } = store;
        let refused = HubStore::on(engine).map(drop).expect_err("refused");
        assert!(matches!(refused, Fault::Newer { found: 99, .. }), "{refused}");
        assert!(refused.to_string().contains("start the newer program"));
    });
}

#[test]
fn many_rows_go_in_by_the_quickest_way_with_every_kind_of_value() {
    on_both(|store| {
        let rows: Vec<Vec<Value>> = (0..3_000_i64)
            .map(|row| {
                let text = if row % 3 == 0 { Value::Null } else { Value::from(format!("å {row}")) };
                vec![Value::from(row), text, Value::from(vec![0, 255, u8::try_from(row % 251).expect("small")])]
            })
            .collect();
        let mut tx = store.engine.write().expect("begun");
        tx.execute("CREATE TABLE many (id BIGINT PRIMARY KEY, text TEXT, bytes {BLOB} NOT NULL)", &[]).expect("made");
        tx.insert_many("many", &["id", "text", "bytes"], &rows).expect("inserted");
        tx.commit().expect("committed");
        let read = store.engine.read().expect("begun").query("SELECT id, text, bytes FROM many ORDER BY id", &[]).expect("read");
        assert!(read.into_iter().map(|row| row.0).eq(rows));
    });
}

#[test]
fn a_transaction_that_failed_or_was_dropped_has_never_been() {
    on_both(|store| {
        let insert = "INSERT INTO settings (name, value) VALUES ($1, $2)";
        let mut tx = store.engine.write().expect("begun");
        tx.execute(insert, params!["dropped", vec![1_u8]]).expect("inserted");
        drop(tx);
        let mut tx = store.engine.write().expect("begun");
        tx.execute(insert, params!["failed", vec![1_u8]]).expect("inserted");
        tx.execute(insert, params!["failed", vec![2_u8]]).expect_err("there is one");
        drop(tx);
        assert_eq!(store.setting("dropped").expect("read"), None);
        assert_eq!(store.setting("failed").expect("read"), None);
        let mut read = store.engine.read().expect("begun");
        assert!(read.execute(insert, params!["read", vec![1_u8]]).is_err());
    });
}

#[test]
fn a_hub_whose_connections_were_cut_goes_on() {
    let server = testing::shared();
    let url = server.database();
    let store = HubStore::postgres(&url).expect("opened");
    store.set_setting("name", b"before").expect("set");
    let name = url.rsplit('/').next().expect("a name");
    server.sql(&format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"));
    assert_eq!(store.setting("name").expect("a new connection"), Some(b"before".to_vec()));
}

#[test]
fn more_calls_at_once_than_connections_take_their_turns() {
    let url = testing::shared().database();
    let store = HubStore::postgres(&url).expect("opened");
    std::thread::scope(|scope| {
        for number in 0..3 * crate::engine::CONNECTIONS_MAX {
            let store = &store;
            scope.spawn(move || store.set_setting(&format!("name {number}"), b"value").expect("set"));
        }
    });
    let open = testing::shared()
        .sql(&format!("SELECT COUNT(*) FROM pg_stat_activity WHERE datname = '{}'", url.rsplit('/').next().expect("a name")));
    assert!(open.parse::<usize>().expect("a number") <= crate::engine::CONNECTIONS_MAX);
}

#[test]
fn a_url_that_is_none_and_a_server_that_is_away_are_told_apart() {
    assert!(matches!(Postgres::open("nonsense").map(drop), Err(Fault::Postgres(_))));
    assert!(matches!(Postgres::open("postgres://trolley@127.0.0.1:1/hub").map(drop), Err(Fault::Busy(_))));
}

/// The primary dies in the middle of ingest and its standby takes over: what was acknowledged is there, and once.
#[test]
fn nothing_acknowledged_is_lost_when_the_primary_is_killed_and_the_standby_promoted() {
    let primary = testing::Server::start(&[]);
    let store = HubStore::postgres(&primary.url("postgres")).expect("opened");
    let tills: Vec<Till> = (0..4).map(|number| Till::new(10 + number, 400)).collect();
    for till in &tills {
        till.enrol(&store, "0142");
    }
    drop(store);
    let standby = primary.standby();
    let url = format!("postgres://trolley@127.0.0.1:{},127.0.0.1:{}/postgres", primary.port, standby.port);
    let store = HubStore::postgres(&url).expect("opened");
    let (killed, begun) = (AtomicBool::new(false), std::sync::atomic::AtomicU64::new(0));
    std::thread::scope(|scope| {
        for till in &tills {
            let (store, killed, begun) = (&store, &killed, &begun);
            scope.spawn(move || post_all(store, till, killed, begun));
        }
        while begun.load(Ordering::SeqCst) < 40 {
            std::thread::yield_now();
        }
        killed.store(true, Ordering::SeqCst);
        primary.kill();
        standby.promote();
    });
    for till in &tills {
        assert_eq!(entries(&store, till, 0), till.entries, "all of it, once, in order");
        assert_eq!(store.branches(&till.log()).expect("read").len(), 1);
    }
    assert_eq!(standby.sql("SELECT pg_is_in_recovery()"), "f");
    assert_eq!(standby.sql("SELECT CAST(SUM(last_seq - first_seq + 1) AS BIGINT) FROM batches"), "1600");
}

/// Posts batch after batch, as a till does: what was acknowledged is not sent again, what was not is.
fn post_all(store: &HubStore, till: &Till, killed: &AtomicBool, begun: &std::sync::atomic::AtomicU64) {
    let mut acknowledged = 0;
    let mut cut_s = Instant::now();
    while acknowledged < till.entries.len() {
        let to = (acknowledged + 5).min(till.entries.len());
        match store.append(&till.batch(acknowledged, to), NOW_S) {
            Ok(appended) => {
                let cursor = taken(appended);
                assert_eq!(cursor.head, Bytes32(till.head(to).0), "the hub goes on from what it acknowledged");
                acknowledged = to;
                begun.fetch_add(1, Ordering::SeqCst);
                cut_s = Instant::now();
            }
            Err(Fault::Busy(_)) => {
                assert!(killed.load(Ordering::SeqCst), "nothing fails before");
                assert!(cut_s.elapsed() < TAKE_OVER, "nobody took over");
                std::thread::sleep(Duration::from_millis(20));
            }
            Err(other) => panic!("{other}"),
        }
    }
}
