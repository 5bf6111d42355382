use super::*;
use crate::contract::{NOW_S, on_both};

const LOGIN: Slowing = Slowing { free: 3, wait_s_max: 300 };

fn invite(by: &str) -> Invite {
    Invite { name: "Demo".into(), role: Role::Admin, totp: vec![7; 20], made_by: by.into(), expires_at: NOW_S + 100 }
}

fn account(store: &HubStore, login: &str, hash: u8) -> Account {
    store.invite([hash; 32], &invite("demo"), NOW_S).expect("invited");
    let new = NewAccount { id: login.into(), login: login.into(), name: login.into(), lang: None, password: "phc".into(), totp_step: 1 };
    match store.take_invite([hash; 32], &new, NOW_S).expect("taken") {
        Taken::Made(account) => account,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_consoles_code_makes_one_account_and_no_more() {
    on_both(|store| {
        assert!(store.invite([1; 32], &invite(CONSOLE), NOW_S).expect("invited"));
        assert!(store.invite([2; 32], &invite(CONSOLE), NOW_S).expect("invited again"));
        assert_eq!(
            store.invited([1; 32], NOW_S).expect("asked").map(|invite| invite.made_by),
            None,
            "a new code takes the old one's place"
        );
        let new = |login: &str| NewAccount {
            id: login.into(),
            login: login.into(),
            name: login.into(),
            lang: None,
            password: "phc".into(),
            totp_step: 1,
        };
        assert!(matches!(store.take_invite([2; 32], &new("one"), NOW_S).expect("taken"), Taken::Made(_)));
        assert_eq!(store.take_invite([2; 32], &new("two"), NOW_S).expect("asked"), Taken::NoInvite, "a code is good once");
        assert!(!store.invite([3; 32], &invite(CONSOLE), NOW_S).expect("asked"), "there is an account already");
    });
}

#[test]
fn an_invitation_that_is_too_old_is_none() {
    on_both(|store| {
        store.invite([1; 32], &invite("demo"), NOW_S).expect("invited");
        assert!(store.invited([1; 32], NOW_S + 99).expect("asked").is_some());
        assert!(store.invited([1; 32], NOW_S + 100).expect("asked").is_none());
    });
}

#[test]
fn a_code_is_good_once_and_so_is_no_earlier_one() {
    on_both(|store| {
        let who = account(store, "anna", 1);
        assert!(store.sign_in(&who, 10, None, [1; 32], "here", NOW_S).expect("signed in"));
        assert!(!store.sign_in(&who, 10, None, [2; 32], "here", NOW_S).expect("asked"), "the same code again");
        assert!(!store.sign_in(&who, 9, None, [2; 32], "here", NOW_S).expect("asked"), "an earlier one");
        assert!(!store.prove([1; 32], &who, 10, NOW_S).expect("asked"), "nor to prove oneself");
        assert!(store.prove([1; 32], &who, 11, NOW_S + 5).expect("proven"));
        assert_eq!(store.session([1; 32], NOW_S + 5).expect("asked").map(|session| session.proven_at), Some(NOW_S + 5));
        assert_eq!(store.session([2; 32], NOW_S).expect("asked"), None);
    });
}

#[test]
fn a_session_ends_by_idling_by_age_by_signing_in_anew_and_with_its_account() {
    on_both(|store| {
        let who = account(store, "anna", 1);
        let there = |id: u8, at_s| store.session([id; 32], at_s).expect("asked").is_some();
        store.sign_in(&who, 10, None, [1; 32], "here", NOW_S).expect("signed in");
        assert!(there(1, NOW_S + SESSION_IDLE_S - 1));
        assert!(there(1, NOW_S + 2 * SESSION_IDLE_S - 2), "looking keeps it open");
        assert!(!there(1, NOW_S + 3 * SESSION_IDLE_S));
        store.sign_in(&who, 11, Some([1; 32]), [2; 32], "here", NOW_S).expect("signed in");
        assert!(!there(1, NOW_S), "the session before is over");
        for minute in 0..SESSION_S_MAX / 60 {
            assert!(there(2, NOW_S + minute * 60), "minute {minute}");
        }
        assert!(!there(2, NOW_S + SESSION_S_MAX), "however busy it was");
        store.sign_in(&who, 12, None, [3; 32], "here", NOW_S).expect("signed in");
        assert!(store.set_disabled("anna", true, "boss", NOW_S).expect("shut"));
        assert!(!there(3, NOW_S));
        assert!(!store.sign_in(&who, 13, None, [4; 32], "here", NOW_S).expect("asked"), "a shut account lets nobody in");
    });
}

#[test]
fn tries_are_slowed_down_more_and_more_and_a_restart_forgets_nothing() {
    crate::contract::on_two(|open| {
        let tries = [("login anna".to_owned(), LOGIN)];
        let store = open();
        for _ in 0..3 {
            assert_eq!(store.attempt(&tries, NOW_S).expect("asked"), None);
        }
        assert_eq!(store.attempt(&tries, NOW_S).expect("asked"), None);
        drop(store);
        let store = open();
        assert_eq!(store.attempt(&tries, NOW_S).expect("asked"), Some(2), "the fifth waits, also after a restart");
        let mut at_s = NOW_S;
        let mut waits = Vec::new();
        for _ in 0..10 {
            match store.attempt(&tries, at_s).expect("asked") {
                None => {}
                Some(wait_s) => {
                    waits.push(wait_s);
                    at_s += wait_s;
                    assert_eq!(store.attempt(&tries, at_s).expect("asked"), None, "whoever waited may try");
                }
            }
        }
        assert_eq!(waits, [2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
        assert_eq!(store.attempt(&[("login berit".to_owned(), LOGIN)], at_s).expect("asked"), None, "others are not slowed");
        assert_eq!(store.attempt(&tries, at_s - 400 * 24 * 3_600).expect("asked"), Some(300), "a clock set back shuts nobody out for ever");
    });
}

#[test]
fn a_new_password_ends_all_other_sessions() {
    on_both(|store| {
        let who = account(store, "anna", 1);
        store.sign_in(&who, 10, None, [1; 32], "here", NOW_S).expect("signed in");
        store.sign_in(&who, 11, None, [2; 32], "there", NOW_S).expect("signed in");
        store.set_password(&who, "new", [2; 32], NOW_S).expect("set");
        assert!(store.session([1; 32], NOW_S).expect("asked").is_none());
        assert!(store.session([2; 32], NOW_S).expect("asked").is_some());
        assert_eq!(store.secrets("anna").expect("asked").map(|secrets| secrets.password), Some("new".into()));
    });
}

#[test]
fn the_audit_log_shows_a_row_that_was_changed_taken_away_or_cut_off() {
    on_both(|store| {
        for n in 0..5 {
            store.add_note(&Note::new("anna", "confirm", "0142", &n.to_string()), NOW_S + n).expect("noted");
        }
        assert_eq!(store.audit_broken_at().expect("asked"), None);
        let told: Vec<i64> = store.notes(i64::MAX, 3).expect("asked").iter().map(|noted| noted.seq).collect();
        assert_eq!(told, [5, 4, 3]);
        for (sql, back, at) in [
            ("UPDATE audit SET who = 'berit' WHERE seq = 3", "UPDATE audit SET who = 'anna' WHERE seq = 3", 3),
            ("UPDATE audit SET seq = 50 WHERE seq = 2", "UPDATE audit SET seq = 2 WHERE seq = 50", 2),
            ("UPDATE audit SET seq = 0 WHERE seq = 5", "UPDATE audit SET seq = 5 WHERE seq = 0", 5),
        ] {
            let change = |sql: &str| {
                let mut tx = store.engine.write().expect("a transaction");
                tx.execute(sql, &[]).expect("changed by hand");
                tx.commit().expect("committed");
            };
            change(sql);
            assert_eq!(store.audit_broken_at().expect("asked"), Some(at), "{sql}");
            change(back);
            assert_eq!(store.audit_broken_at().expect("asked"), None);
        }
    });
}
