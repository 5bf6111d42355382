use super::*;
use crate::contract::{NOW_S, Till, on_both};

const ID: &str = "demo";

fn units(store: &HubStore, count: u8) -> Vec<String> {
    let labels: Vec<String> = (1..=count).map(|n| format!("01{n:02}")).collect();
    for label in &labels {
        store.set_unit(label, "", "", true, NOW_S).expect("a unit");
    }
    labels
}

fn board(store: &HubStore, now_s: i64) -> IncidentBoard {
    store.advance_incidents(now_s).expect("advanced");
    store.incident(ID, now_s).expect("asked").expect("there")
}

fn steps(store: &HubStore, now_s: i64) -> Vec<Step> {
    let mut units = board(store, now_s).units;
    units.sort_by(|one, other| one.unit.cmp(&other.unit));
    units.iter().map(|unit| unit.at).collect()
}

/// Enrols at a moment, unlike the contract's tills.
fn enrol(store: &HubStore, till: &Till, secret: u8, unit: &str, at_s: i64) {
    store.new_token(unit, &[secret; 16], "anna", at_s).expect("a token");
    store.enrol(&till.enrol_request(secret), at_s).expect("enrolled");
}

#[test]
fn a_unit_goes_from_affected_to_done_by_what_is_seen() {
    on_both(|store| {
        let labels = units(store, 2);
        let old = Till::new(1, 3);
        enrol(store, &old, 1, "0101", NOW_S - 10);
        assert_eq!(store.open_incident(ID, "Demo", "", &labels, "anna", NOW_S).expect("opened"), 2);
        store.append(&old.all(), NOW_S + 1).expect("appended");
        assert_eq!(steps(store, NOW_S + 2), [Step::Affected, Step::Affected], "what the old card sends proves nothing");
        let new = Till::new(2, 3);
        enrol(store, &new, 2, "0101", NOW_S + 100);
        assert_eq!(steps(store, NOW_S + 100), [Step::Reimaged, Step::Affected]);
        let mut sick = new.all();
        sick.report.troubles = vec!["printer.no-paper".into()];
        store.append(&sick, NOW_S + 150).expect("appended");
        assert_eq!(steps(store, NOW_S + 150), [Step::Reimaged, Step::Affected], "a till with a device in trouble has not tested itself");
        store.append(&new.all(), NOW_S + 200).expect("appended");
        assert_eq!(steps(store, NOW_S + 200), [Step::Tested, Step::Affected]);
        store.confirm(&new.log(), "berit", NOW_S + 300).expect("confirmed");
        assert_eq!(steps(store, NOW_S + 300), [Step::Done, Step::Affected]);
        let unit = board(store, NOW_S + 300).units.into_iter().find(|unit| unit.unit == "0101").expect("there");
        let taken: Vec<(Step, i64, &str)> = unit.steps.iter().map(|taken| (taken.step, taken.at_s, taken.by.as_str())).collect();
        assert_eq!(
            taken,
            [
                (Step::Affected, NOW_S, "anna"),
                (Step::Reimaged, NOW_S + 100, "hub"),
                (Step::Tested, NOW_S + 150, "hub"),
                (Step::Done, NOW_S + 300, "berit"),
            ]
        );
        assert_eq!(unit.steps[3].log, Some(new.log()), "with the log that shows it");
    });
}

#[test]
fn an_incident_ends_when_none_is_left_and_not_before() {
    on_both(|store| {
        let labels = units(store, 2);
        store.open_incident(ID, "Demo", "", &labels, "anna", NOW_S).expect("opened");
        assert!(matches!(store.close_incident(ID, "anna", NOW_S), Err(IncidentRefusal::Left(2))));
        assert!(matches!(store.set_aside(ID, "0101", " ", "anna", NOW_S), Err(IncidentRefusal::Text)), "a reason is needed");
        store.set_aside(ID, "0101", "scrapped", "anna", NOW_S).expect("aside");
        assert!(matches!(store.set_aside(ID, "0101", "again", "anna", NOW_S), Err(IncidentRefusal::NoUnit)));
        store.take_back(ID, "0101", "anna", NOW_S).expect("back");
        assert_eq!(board(store, NOW_S).incident.counts.left(), 2);
        store.set_aside(ID, "0101", "scrapped", "anna", NOW_S).expect("aside");
        store.set_aside(ID, "0102", "scrapped", "anna", NOW_S).expect("aside");
        store.close_incident(ID, "anna", NOW_S + 5).expect("closed");
        assert!(matches!(store.mark_units(ID, &labels, "anna", NOW_S), Err(IncidentRefusal::Closed)));
        let told: Vec<String> = store.notes_about(ID).expect("asked").into_iter().map(|noted| noted.note.action).collect();
        let all = ["incident-open", "incident-aside", "incident-take-back", "incident-aside", "incident-aside", "incident-close"];
        assert_eq!(told, all);
    });
}

#[test]
fn what_is_no_unit_of_ours_begins_no_incident() {
    on_both(|store| {
        units(store, 1);
        let strangers = ["0999", "0101", "O101", "0999"].map(str::to_owned);
        let unknown = |refused: Result<u64, IncidentRefusal>| match refused {
            Err(IncidentRefusal::UnknownUnits(labels)) => labels,
            other => panic!("{other:?}"),
        };
        assert_eq!(unknown(store.open_incident(ID, "Demo", "", &strangers, "anna", NOW_S)), ["0999", "O101"]);
        assert!(matches!(store.open_incident(ID, "Demo", "", &[], "anna", NOW_S), Err(IncidentRefusal::Units)));
        assert!(store.incidents().expect("asked").is_empty(), "and leaves nothing behind");
    });
}

#[test]
fn a_mistyped_label_marks_none_of_the_others() {
    on_both(|store| {
        let labels = units(store, 3);
        store.open_incident(ID, "Demo", "", &labels[..1], "anna", NOW_S).expect("opened");
        let typed = [labels[1].clone(), "01O3".to_owned()];
        let refused = store.mark_units(ID, &typed, "anna", NOW_S).expect_err("a label is mistyped");
        assert_eq!((refused.code(), refused.to_string()), ("incident.unknown-unit", "the hub knows no unit named 01O3".to_owned()));
        assert_eq!(board(store, NOW_S).units.len(), 1, "nothing has changed");
        assert_eq!(store.mark_units(ID, &labels, "anna", NOW_S).expect("marked"), 2);
    });
}

#[test]
fn the_forecast_follows_what_was_done_lately() {
    on_both(|store| {
        let labels = units(store, 6);
        store.open_incident(ID, "Demo", "", &labels, "anna", NOW_S).expect("opened");
        assert_eq!(board(store, NOW_S + 60).forecast_s(), None, "nothing done, nothing to tell");
        for (unit, key) in [("0101", 1), ("0102", 2)] {
            let till = Till::new(key, 1);
            enrol(store, &till, key, unit, NOW_S + 600);
            store.append(&till.all(), NOW_S + 700).expect("appended");
            store.confirm(&till.log(), "anna", NOW_S + 1_800).expect("confirmed");
        }
        let board = board(store, NOW_S + 3_600);
        assert_eq!((board.rate_tenths_per_hour(), board.forecast_s()), (20, Some(7_200)), "two in an hour: four more in two");
    });
}

/// Whatever happens in whatever order, every marked unit stands at one step, and the counts add up.
#[test]
fn the_counts_always_add_up() {
    for seed in 1..=6_u64 {
        let dir = tempfile::tempdir().expect("a folder");
        let store = HubStore::sqlite(dir.path()).expect("a store");
        let labels = units(&store, 12);
        store.open_incident(ID, "Demo", "", &labels[..4], "anna", NOW_S).expect("opened");
        let mut dice = seed;
        let mut roll = |sides: u64| {
            dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (dice >> 33) % sides
        };
        let (mut tills, mut marked) = (Vec::<Till>::new(), 4);
        for turn in 0..60 {
            let now_s = NOW_S + 10 * (turn + 1);
            let unit = labels[usize::try_from(roll(12)).expect("small")].clone();
            let some = usize::try_from(roll(64)).expect("small");
            match roll(6) {
                0 => marked += store.mark_units(ID, std::slice::from_ref(&unit), "anna", now_s).expect("marked"),
                1 => drop(store.set_aside(ID, &unit, "demo", "anna", now_s)),
                2 => drop(store.take_back(ID, &unit, "anna", now_s)),
                3 => {
                    let key = u8::try_from(tills.len() + 1).expect("few");
                    let till = Till::new(key, 2);
                    enrol(&store, &till, key, &unit, now_s);
                    tills.push(till);
                }
                4 if !tills.is_empty() => drop(store.append(&tills[some % tills.len()].all(), now_s)),
                5 if !tills.is_empty() => drop(store.confirm(&tills[some % tills.len()].log(), "anna", now_s)),
                _ => {}
            }
            let board = board(&store, now_s);
            let counts = board.incident.counts;
            assert_eq!(counts.total(), marked, "seed {seed}, turn {turn}");
            assert_eq!(counts.total(), board.units.len() as u64);
            for step in Step::ALL {
                assert_eq!(counts.at(step), board.units.iter().filter(|unit| unit.at == step).count() as u64, "seed {seed}, turn {turn}");
            }
            assert_eq!(store.advance_incidents(now_s).expect("again"), 0, "looking twice takes no step twice");
        }
    }
}
