use super::*;
use crate::fleet::{BEHIND_S_MAX, EnrolRefusal, FleetRefusal, Reason, TOKEN_S, UnitState, alert_code};

const DAY_S: i64 = 24 * 60 * 60;

fn state(store: &HubStore, unit: &str, now_s: i64) -> (UnitState, Vec<Reason>) {
    let board = store.fleet(now_s).expect("read");
    assert_eq!(board.counts.total(), board.units.len() as u64, "the counts add up");
    let row = board.units.into_iter().find(|row| row.unit == unit).expect("on the board");
    (row.state, row.reasons)
}

#[test]
fn a_token_is_good_once_for_one_key_and_not_for_ever() {
    on_both(|store| {
        let (till, other) = (Till::new(1, 0), Till::new(2, 0));
        store.new_token("0142", &[5; 16], "anna", NOW_S).expect("a token");
        assert!(matches!(store.enrol(&till.enrol_request(6), NOW_S), Err(EnrolRefusal::TokenUnknown)));
        assert!(matches!(store.enrol(&till.enrol_request(5), NOW_S + TOKEN_S + 1), Err(EnrolRefusal::TokenExpired)));
        let enrolled = store.enrol(&till.enrol_request(5), NOW_S).expect("enrolled");
        assert_eq!(store.enrol(&till.enrol_request(5), NOW_S + TOKEN_S + 1).expect("the same again"), enrolled);
        assert!(matches!(store.enrol(&other.enrol_request(5), NOW_S), Err(EnrolRefusal::TokenUsed)));
        store.new_token("0143", &[7; 16], "anna", NOW_S).expect("a token");
        assert!(matches!(store.enrol(&till.enrol_request(7), NOW_S), Err(EnrolRefusal::KeyTaken)));
        assert_eq!(store.logs_of("0142").expect("read").len(), 1);
        for label in ["", "two words", "kök12", "0142-1", "a.b", "elevenchars"] {
            let made = store.new_token(label, &[8; 16], "anna", NOW_S);
            assert!(matches!(made, Err(FleetRefusal::UnitLabel)), "no till prints {label:?}");
        }
        store.new_token("Kiosk00142", &[8; 16], "anna", NOW_S).expect("a till prints it");
    });
}

#[test]
fn a_key_is_confirmed_once_and_revoked_for_good() {
    on_both(|store| {
        let till = Till::new(1, 2);
        till.enrol(store, "0142");
        assert!(store.confirm(&till.log(), "anna", NOW_S).expect("confirmed"));
        assert!(!store.confirm(&till.log(), "bo", NOW_S).expect("known"));
        assert!(taken(store.append(&till.all(), NOW_S).expect("appended")).confirmed);
        assert!(store.revoke(&till.log(), "anna", "stolen", NOW_S).expect("revoked"));
        assert!(matches!(store.confirm(&till.log(), "bo", NOW_S), Err(FleetRefusal::LogRevoked)));
        let row = store.log(&till.log()).expect("read").expect("known");
        assert_eq!(row.confirmed, Some((NOW_S, "anna".into())));
        assert_eq!(row.revoked, Some((NOW_S, "anna".into(), "stolen".into())));
        assert!(matches!(store.confirm(&Till::new(9, 0).log(), "bo", NOW_S), Err(FleetRefusal::LogUnknown)));
    });
}

#[test]
fn every_unit_is_good_bad_or_not_heard_from_and_they_add_up() {
    on_both(|store| {
        store.set_unit("0140", "Malmö", "", true, NOW_S).expect("set");
        store.set_unit("0139", "Malmö", "scrapped", false, NOW_S).expect("set");
        let (good, new, silent) = (Till::new(1, 2), Till::new(2, 2), Till::new(3, 2));
        for (till, unit, now_s) in [(&good, "0141", NOW_S), (&new, "0142", NOW_S), (&silent, "0143", NOW_S - 4 * DAY_S)] {
            till.enrol(store, unit);
            let mut batch = till.all();
            batch.report.wall_s = now_s;
            taken(store.append(&batch, now_s).expect("appended"));
        }
        for till in [&good, &silent] {
            store.confirm(&till.log(), "anna", NOW_S).expect("confirmed");
        }
        assert_eq!(state(store, "0140", NOW_S), (UnitState::NotHeardFrom, vec![Reason::NoLog]));
        assert_eq!(state(store, "0141", NOW_S), (UnitState::Good, vec![]));
        assert_eq!(state(store, "0142", NOW_S), (UnitState::Bad, vec![Reason::Unconfirmed]));
        assert_eq!(state(store, "0143", NOW_S), (UnitState::NotHeardFrom, vec![Reason::Silent]));
        let counts = store.fleet(NOW_S).expect("read").counts;
        assert_eq!((counts.good, counts.bad, counts.not_heard_from, counts.total()), (1, 1, 2, 4));
        store.set_setting(crate::fleet::SILENT_DAYS_SETTING, b"5").expect("set");
        assert_eq!(state(store, "0143", NOW_S), (UnitState::Good, vec![]));
    });
}

#[test]
fn a_card_that_is_imaged_again_hears_how_many_registers_its_unit_had() {
    on_both(|store| {
        let cards = [(1, "0142"), (2, "0142"), (3, "0143"), (4, "0142")].map(|(key, unit)| {
            store.new_token(unit, &[key; 16], "anna", NOW_S).expect("a token");
            store.enrol(&Till::new(key, 0).enrol_request(key), NOW_S).expect("enrolled").logs
        });
        assert_eq!(cards, [0, 1, 0, 2]);
    });
}

#[test]
fn what_a_till_reports_is_kept_with_the_append() {
    on_both(|store| {
        let till = Till::new(1, 4);
        till.enrol(store, "0142");
        store.confirm(&till.log(), "anna", NOW_S).expect("confirmed");
        let mut batch = till.batch(0, 2);
        batch.report.place = Some("Hässleholm C".into());
        batch.report.troubles = vec!["printer.no-paper".into()];
        batch.report.bundles = vec![wire::BundleHeld { role: "prices".into(), version: 7 }];
        batch.report.sales_unsent = 2;
        taken(store.append(&batch, NOW_S + 5).expect("appended"));
        let report = store.last_report(&till.log()).expect("read").expect("known");
        assert_eq!((report.seen_s, report.wall_s, report.clock_off_s), (Some(NOW_S + 5), Some(NOW_S), Some(-5)));
        assert_eq!((report.place.as_deref(), report.troubles.as_slice()), (Some("Hässleholm C"), &["printer.no-paper".to_owned()][..]));
        assert_eq!((report.bundles.as_slice(), report.sales_unsent), (batch.report.bundles.as_slice(), 2));
        assert_eq!((report.last_seq, report.behind_since_s), (4, Some(NOW_S + 5)));
        assert_eq!(state(store, "0142", NOW_S + 5), (UnitState::Bad, vec![Reason::Device]));
        taken(store.append(&till.all(), NOW_S + 9).expect("appended"));
        assert_eq!(state(store, "0142", NOW_S + 9), (UnitState::Good, vec![]));
        store.seen(&till.log(), Some("wifi"), NOW_S + 20).expect("seen");
        let report = store.last_report(&till.log()).expect("read").expect("known");
        assert_eq!((report.seen_s, report.address.as_deref(), report.behind_since_s), (Some(NOW_S + 20), Some("wifi"), None));
    });
}

#[test]
fn a_till_that_is_heard_from_but_not_at_its_cursor_raises_one_alert_until_it_is() {
    on_both(|store| {
        let till = Till::new(1, 9);
        till.enrol(store, "0142");
        store.confirm(&till.log(), "anna", NOW_S).expect("confirmed");
        let late_s = NOW_S + BEHIND_S_MAX + 1;
        let at = |batch: Batch, now_s: i64| {
            let report = Report { wall_s: now_s, ..batch.report.clone() };
            store.append(&Batch { report, ..batch }, now_s).expect("answered")
        };
        taken(at(till.batch(0, 2), NOW_S));
        assert_eq!(state(store, "0142", NOW_S).0, UnitState::Good);
        behind(at(till.batch(5, 6), late_s));
        behind(at(till.batch(5, 6), late_s + 1));
        assert_eq!(state(store, "0142", late_s + 1), (UnitState::Bad, vec![Reason::Behind]));
        let alert = store.alerts(true, 9).expect("read").remove(0);
        assert_eq!((alert.code.as_str(), alert.count, alert.raised_s), (alert_code::BEHIND, 2, late_s));
        taken(at(till.batch(2, 9), late_s + 2));
        assert_eq!(state(store, "0142", late_s + 2), (UnitState::Good, vec![]));
        let settled = store.alerts(false, 9).expect("read").into_iter().find(|one| one.code == alert_code::BEHIND).expect("kept");
        assert_eq!(settled.settled, Some((late_s + 2, "hub".into())));
    });
}

#[test]
fn a_clock_that_is_far_off_raises_an_alert_until_it_is_right() {
    on_both(|store| {
        let till = Till::new(1, 2);
        till.enrol(store, "0142");
        store.confirm(&till.log(), "anna", NOW_S).expect("confirmed");
        let year_s = 365 * DAY_S;
        taken(store.append(&till.batch(0, 1), NOW_S + year_s).expect("appended"));
        assert_eq!(state(store, "0142", NOW_S + year_s).1, [Reason::Clock]);
        taken(store.append(&till.all(), NOW_S + 60).expect("appended"));
        assert!(store.alerts(true, 9).expect("read").is_empty());
    });
}

#[test]
fn a_clerk_settles_an_alert_and_it_can_be_raised_again() {
    on_both(|store| {
        let raise = |now_s| store.raise_alert("stock.variance", None, "0142", "sku=1", now_s).expect("raised");
        raise(NOW_S);
        raise(NOW_S + 1);
        assert!(store.settle_alert("stock.variance", None, "0142", "anna", NOW_S + 1).expect("settled"));
        assert!(!store.settle_alert("stock.variance", None, "0142", "anna", NOW_S + 1).expect("asked"));
        raise(NOW_S + 1);
        store.raise_alert("stock.variance", None, "0143", "sku=1", NOW_S + 1).expect("raised");
        let open: Vec<_> = store.alerts(true, 9).expect("read").into_iter().map(|alert| (alert.unit, alert.count)).collect();
        assert!(open.contains(&("0142".into(), 1)) && open.contains(&("0143".into(), 1)), "{open:?}");
        assert_eq!(store.alerts(false, 9).expect("read").len(), 3);
        assert_eq!(store.alerts_of("0142", 9).expect("read").len(), 2);
    });
}

/// A cloned card, from the fork to the day when nothing is left of it.
#[test]
fn a_cloned_unit_is_bad_until_one_log_is_confirmed_the_other_revoked_and_the_fork_settled() {
    on_both(|store| {
        let mut till = Till::new(1, 4);
        till.enrol(store, "0142");
        store.confirm(&till.log(), "anna", NOW_S).expect("confirmed");
        taken(store.append(&till.all(), NOW_S).expect("appended"));
        assert_eq!(state(store, "0142", NOW_S), (UnitState::Good, vec![]));
        let mut clone = till.clone();
        till.sell("sale", 2);
        clone.sell("other", 3);
        taken(store.append(&till.all(), NOW_S).expect("appended"));
        assert!(taken(store.append(&clone.all(), NOW_S).expect("appended")).forked_now);
        assert_eq!(state(store, "0142", NOW_S), (UnitState::Bad, vec![Reason::Forked]));
        let (next, other) = (Till::new(2, 2), Till::new(3, 2));
        for new in [&next, &other] {
            taken(store.append(&appending::succeeding(&till, new), NOW_S).expect("appended"));
        }
        let reasons = state(store, "0142", NOW_S).1;
        assert_eq!(reasons, [Reason::Forked, Reason::TwoLogs, Reason::Unconfirmed, Reason::Vouched]);
        store.revoke(&other.log(), "anna", "a cloned card", NOW_S).expect("revoked");
        store.confirm(&next.log(), "anna", NOW_S).expect("confirmed");
        assert_eq!(state(store, "0142", NOW_S).1, [Reason::Forked]);
        assert!(store.settle_alert(alert_code::FORK, Some(&till.log()), "0142", "anna", NOW_S).expect("settled"));
        assert_eq!(state(store, "0142", NOW_S), (UnitState::Good, vec![]));
        assert_eq!(refused(store.append(&other.all(), NOW_S).expect("answered")), AppendRefusal::Revoked);
        assert_eq!(state(store, "0142", NOW_S), (UnitState::Bad, vec![Reason::Revoked]));
    });
}

#[test]
fn a_unit_that_is_not_expected_and_posts_all_the_same_is_on_the_board() {
    on_both(|store| {
        let till = Till::new(1, 2);
        till.enrol(store, "0142");
        store.confirm(&till.log(), "anna", NOW_S).expect("confirmed");
        store.set_unit("0142", "Malmö", "sold", false, NOW_S).expect("set");
        assert!(store.fleet(NOW_S).expect("read").units.is_empty());
        taken(store.append(&till.all(), NOW_S).expect("appended"));
        assert_eq!(state(store, "0142", NOW_S), (UnitState::Bad, vec![Reason::NotExpected]));
    });
}

#[test]
fn what_a_hostile_till_reports_is_cut_to_what_is_kept() {
    on_both(|store| {
        let till = Till::new(1, 1);
        till.enrol(store, "0142");
        let mut batch = till.all();
        batch.report = Report {
            wall_s: i64::MIN,
            clock_trust: 255,
            program: "\0\u{7}x".repeat(1_000),
            last_seq: u64::MAX,
            sales_unsent: u64::MAX,
            bundles: vec![wire::BundleHeld { role: "a\nb=c".repeat(99), version: u64::MAX }; 999],
            image: Some("\0".into()),
            place: Some("\u{202e}<script>".repeat(99)),
            troubles: vec!["x\ny".into(); 999],
            successor: None,
        };
        taken(store.append(&batch, NOW_S).expect("appended"));
        let report = store.last_report(&till.log()).expect("read").expect("known");
        assert_eq!((report.program.len(), report.troubles.len(), report.clock_trust), (400, 32, 255));
        assert_eq!(report.troubles[0], "xy");
        assert_eq!(state(store, "0142", NOW_S).0, UnitState::Bad);
    });
}
