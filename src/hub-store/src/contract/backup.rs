use std::fs;

use super::*;
use crate::RestoreRefusal;

/// Everything that a hub keeps, as a backup's bytes: equal states have equal ones.
fn state(store: &HubStore) -> Vec<u8> {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("state");
    store.backup_to(&path).expect("backed up");
    fs::read(path).expect("read")
}

/// An empty database of each engine.
fn empties(dir: &std::path::Path) -> [HubStore; 2] {
    let postgres = HubStore::postgres(&testing::shared().database()).expect("PostgreSQL opens");
    [HubStore::sqlite(&dir.join("empty")).expect("SQLite opens"), postgres]
}

#[test]
fn a_backup_is_restored_on_either_engine_and_is_equal() {
    on_both(|store| {
        let mut till = Till::new(1, 560);
        till.enrol(store, "0142");
        for from in 0..560 {
            taken(store.append(&till.batch(from, from + 1), NOW_S).expect("appended"));
        }
        till.entries.truncate(400);
        till.sell("other", 5);
        taken(store.append(&till.batch(400, 405), NOW_S).expect("appended"));
        store.set_setting("name", &[0, 255, 7]).expect("set");
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("backup");
        let held = store.backup_to(&path).expect("backed up");
        assert_eq!(held.batches, 561);
        for empty in empties(dir.path()) {
            assert_eq!(empty.restore_from(&path, false).expect("restored"), held);
            assert!(state(&empty) == fs::read(&path).expect("read"), "byte for byte");
            assert_eq!(entries(&empty, &till, 1), till.entries);
            assert!(matches!(empty.restore_from(&path, false), Err(RestoreRefusal::NotEmpty)));
            assert_eq!(empty.restore_from(&path, true).expect("restored"), held);
        }
    });
}

#[test]
fn after_yesterdays_backup_tills_send_again_what_is_missing_and_all_is_as_before() {
    on_both(|store| {
        let mut tills = [Till::new(1, 30), Till::new(2, 20)];
        tills[0].enrol(store, "0142");
        tills[1].enrol(store, "0143");
        for till in &tills {
            taken(store.append(&till.all(), NOW_S).expect("appended"));
        }
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("yesterday");
        store.backup_to(&path).expect("backed up");
        for till in &mut tills {
            let from = till.entries.len();
            till.sell("today", 12);
            taken(store.append(&till.batch(from, from + 12), NOW_S + 60).expect("appended"));
        }
        let before = state(store);
        store.restore_from(&path, true).expect("restored");
        assert!(state(store) != before);
        for till in &tills {
            let all = till.entries.len();
            let mut cursor = behind(store.append(&till.batch(all, all), NOW_S + 50).expect("answered"));
            assert_eq!((cursor.seq, cursor.head), (all as u64 - 12, Bytes32(till.head(all - 12).0)));
            while cursor.seq < all as u64 {
                let from = usize::try_from(cursor.seq).expect("small");
                cursor = taken(store.append(&till.batch(from, all), NOW_S + 60).expect("appended"));
            }
        }
        assert!(state(store) == before, "nothing is missing, nothing is twice");
    });
}

#[test]
fn a_file_that_is_no_whole_backup_is_refused_and_changes_nothing() {
    on_both(|store| {
        let till = Till::new(1, 3);
        till.enrol(store, "0142");
        taken(store.append(&till.all(), NOW_S).expect("appended"));
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("backup");
        store.backup_to(&path).expect("backed up");
        let whole = fs::read(&path).expect("read");
        for at in (0..whole.len()).step_by(97) {
            let mut damaged = whole.clone();
            damaged[at] ^= 0x10;
            for bytes in [&whole[..at], &damaged] {
                fs::write(&path, bytes).expect("written");
                let refused = store.restore_from(&path, true);
                assert!(matches!(refused, Err(RestoreRefusal::NotABackup(_))), "{at}: {refused:?}");
            }
        }
        assert!(state(store) == whole);
        assert!(store.restore_from(&dir.path().join("nowhere"), true).is_err());
    });
}

#[test]
fn a_backup_can_be_read_by_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    on_both(|store| {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("backup");
        store.backup_to(&path).expect("backed up");
        assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
        let missing = dir.path().join("no/such/folder");
        assert!(matches!(store.backup_to(&missing), Err(crate::Fault::Unwritable { .. })));
    });
}

#[test]
fn a_backup_takes_the_place_of_a_file_and_of_nothing_else() {
    on_both(|store| {
        let dir = tempfile::tempdir().expect("a folder");
        let [file, link, folder] = ["file", "link", "folder"].map(|name| dir.path().join(name));
        fs::write(&file, "kept").expect("a file");
        std::os::unix::fs::symlink(&file, &link).expect("a link");
        fs::create_dir(&folder).expect("a folder");
        let _socket = std::os::unix::net::UnixListener::bind(dir.path().join("socket")).expect("a socket");
        for path in [&link, &folder, &dir.path().join("socket")] {
            let before = fs::symlink_metadata(path).expect("there").file_type();
            let refused = store.backup_to(path).expect_err("refused");
            assert!(refused.to_string().contains("is no file"), "{refused}");
            assert_eq!(fs::symlink_metadata(path).expect("there").file_type(), before);
        }
        assert_eq!(fs::read(&file).expect("read"), b"kept");
        assert_eq!(fs::read_dir(dir.path()).expect("a folder").count(), 4, "nothing is left beside");
        store.backup_to(&file).expect("an earlier backup is replaced");
        assert_ne!(fs::read(&file).expect("read"), b"kept");
    });
}

#[test]
fn a_restored_hub_makes_the_same_tables_anew_on_either_engine() {
    on_both(|store| {
        let mut till = crate::made::MadeTill::new(1, "0042");
        till.begin("171");
        till.sell(&[(0, 2), (1, 1)], 0);
        till.refund(1);
        till.z();
        till.enrol(store);
        till.send_all(store);
        assert!(store.project(1_000).expect("projected").done);
        let before = store.dump_projections().expect("a dump");
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("backup");
        store.backup_to(&path).expect("backed up");
        for restored in empties(dir.path()).iter().chain([store]) {
            restored.restore_from(&path, true).expect("restored");
            assert_eq!(restored.projection_lag().expect("asked"), till.seq(), "nothing is projected yet");
            assert!(restored.project(1_000).expect("projected").done);
            assert_eq!(restored.dump_projections().expect("a dump"), before);
        }
    });
}
