//! Signed bundles in a till: what is believed, when it takes effect, and that it is still there after a restart.

mod common;
#[path = "common/depot.rs"]
mod depot;

use bundle::{Files, Header, Role, SecretKey, pack, seal, sign};
use common::{Bench, DAY, NOON_S, add, cash, sek, sign_in};
use depot::Depot;
use journal::Fact;
use till::{Answer, Command, data::DEMO};

fn pinned(mut bench: Bench) -> (Bench, Depot) {
    let depot = Depot::new();
    let answer = bench.does(Command::PinRoot(depot.root(1)));
    assert_eq!(answer, Answer::BundleInstalled { role: Role::Root, version: 1, in_force: true });
    (bench, depot)
}

fn start_trip() -> Command {
    Command::StartTrip { train: "171".into(), operating_day: DAY }
}

/// Sells one coffee and says what it cost.
#[track_caller]
fn coffee_costs(bench: &mut Bench) -> i64 {
    bench.does(add("1001", 1));
    match bench.does(cash(50_000)) {
        Answer::Paid(paid) => paid.total.minor(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_price_list_takes_effect_with_the_next_trip_and_never_in_the_running_one() {
    let (mut bench, depot) = pinned(Bench::selling());
    bench.does(add("1001", 1));
    let answer = bench.does(Command::InstallBundle(depot.prices(7, "32.00")));
    assert_eq!(answer, Answer::BundleInstalled { role: Role::Prices, version: 7, in_force: false });
    assert_eq!(bench.till().open_sale().expect("the open sale").total().minor(), 2_900, "the open sale keeps its price");
    bench.does(cash(2_900));
    assert_eq!(coffee_costs(&mut bench), 2_900);
    bench.restart();
    assert_eq!(coffee_costs(&mut bench), 2_900, "a restart does not end the trip");
    assert_eq!(bench.till().bundles_in_force(), [None, None]);
    bench.does(Command::EndTrip);
    bench.does(start_trip());
    assert_eq!(coffee_costs(&mut bench), 3_200);
    assert_eq!(bench.books().trip.as_ref().expect("a trip").started.catalogue_version, 7, "every sale names its list through the trip");
    bench.restart();
    assert_eq!(coffee_costs(&mut bench), 3_200);
    assert_eq!(bench.till().bundles_in_force(), [Some(7), None]);
}

#[test]
fn a_trip_keeps_its_list_however_many_come_while_it_runs() {
    let (mut bench, depot) = pinned(Bench::new());
    bench.does(Command::InstallBundle(depot.prices(7, "32.00")));
    bench.does(sign_in());
    bench.does(start_trip());
    bench.does(Command::OpenShift(sek(100_000)));
    bench.does(Command::InstallBundle(depot.prices(8, "33.00")));
    bench.does(Command::InstallBundle(depot.prices(9, "34.00")));
    bench.restart();
    assert_eq!(coffee_costs(&mut bench), 3_200);
    assert_eq!(bench.till().store().bundles().expect("read").iter().filter(|bundle| bundle.role == "prices").count(), 2);
    bench.does(Command::EndTrip);
    bench.does(start_trip());
    assert_eq!(coffee_costs(&mut bench), 3_400);
}

#[test]
fn installing_is_a_fact_and_is_told_to_the_hub() {
    let (mut bench, depot) = pinned(Bench::new());
    let bytes = depot.prices(7, "32.00");
    bench.does(Command::InstallBundle(bytes.clone()));
    let facts = bench.entries().into_iter().filter_map(|entry| match entry.fact {
        Fact::BundleInstalled(installed) => Some((installed.role, installed.version, installed.sha256)),
        _ => None,
    });
    let facts: Vec<_> = facts.collect();
    assert_eq!(facts.iter().map(|(role, version, _)| (role.as_str(), *version)).collect::<Vec<_>>(), [("root", 1), ("prices", 7)]);
    assert_eq!(bench.till().bundle_sha256(Role::Prices), Some(facts[1].2));
    assert_eq!(bench.till().bundle_bytes(Role::Prices).expect("read"), Some(bytes), "whoever asks gets the bytes that were signed");
    let held: Vec<_> = bench.till().bundles_held().into_iter().map(|held| (held.role, held.version)).collect();
    assert_eq!(held, [("root".to_owned(), 1), ("prices".to_owned(), 7)]);
}

#[test]
fn without_a_root_nothing_is_believed() {
    let mut bench = Bench::new();
    let depot = Depot::new();
    bench.refuses(Command::InstallBundle(depot.prices(7, "32.00")), "bundle.no_root");
    bench.refuses(Command::InstallBundle(depot.root(1)), "bundle.no_root");
    bench.refuses(Command::PinRoot(b"hello".to_vec()), "bundle.cut_off");
}

#[test]
fn a_pinned_root_changes_by_signed_steps_alone() {
    let (mut bench, depot) = pinned(Bench::new());
    bench.does(Command::PinRoot(depot.root(1)));
    let stranger = Depot { keys: [7, 8, 9].map(|seed| SecretKey::from_seed(&[seed; 32])) };
    bench.refuses(Command::PinRoot(stranger.root(1)), "bundle.root_pinned");
    bench.refuses(Command::PinRoot(stranger.root(2)), "bundle.below_threshold");
    bench.refuses(Command::InstallBundle(depot.root(3)), "bundle.root_skipped");
    bench.does(Command::InstallBundle(depot.root(2)));
    bench.restart();
    assert_eq!(bench.till().root_version(), Some(2));
    bench.refuses(Command::InstallBundle(depot.root(1)), "bundle.older");
    bench.refuses(Command::InstallBundle(stranger.prices(7, "32.00")), "bundle.below_threshold");
}

#[test]
fn an_older_list_never_comes_back_not_even_after_a_restart() {
    let (mut bench, depot) = pinned(Bench::new());
    bench.does(Command::InstallBundle(depot.prices(7, "32.00")));
    bench.restart();
    bench.refuses(Command::InstallBundle(depot.prices(6, "29.00")), "bundle.older");
    bench.refuses(Command::InstallBundle(depot.prices(7, "32.00")), "bundle.known");
}

#[test]
fn two_lists_of_one_version_contradict_each_other_and_one_more_signature_does_not() {
    let (mut bench, depot) = pinned(Bench::new());
    let held = depot.prices(7, "32.00");
    bench.does(Command::InstallBundle(held.clone()));
    for restarted in [false, true] {
        if restarted {
            bench.restart();
        }
        bench.refuses(Command::InstallBundle(depot.prices(7, "33.00")), "bundle.conflict");
        bench.refuses(Command::InstallBundle(sign(&held, &depot.keys[1]).expect("a signature")), "bundle.known");
        assert_eq!(bench.till().bundles_in_force()[0], Some(7));
    }
    bench.does(Command::InstallBundle(depot.staff(3)));
    let other = Header { stale_after_s: NOON_S + 1, ..Depot::header(Role::Staff, 3) };
    let files: Files = [("crew.json".to_owned(), DEMO.crew.into())].into();
    let other = depot.signed(&seal(&other, &pack(Role::Staff, &files).expect("files")).expect("a bundle"), 1);
    bench.refuses(Command::InstallBundle(other), "bundle.conflict");
    bench.refuses(Command::InstallBundle(depot.staff(3)), "bundle.known");
}

#[test]
fn what_no_till_could_sell_by_is_refused_whole() {
    let (mut bench, depot) = pinned(Bench::selling());
    let install = Command::InstallBundle;
    let header = |version| Depot::header(Role::Prices, version);
    bench.refuses(install(depot.list(&header(7), |list| list.replace("\"drink\"", "\"drunk\""))), "bundle.data");
    bench.refuses(install(depot.list(&header(7), |list| list.replace("\"version\": 7", "\"version\": 8"))), "bundle.data");
    bench.refuses(install(depot.prices(7, "32000.00")), "bundle.change");
    bench.refuses(install(depot.list(&Header { units: vec!["0043".into()], ..header(7) }, |list| list)), "bundle.unit");
    let image = pack(Role::Image, &[("image.json".to_owned(), b"{}".to_vec())].into()).expect("files");
    let image = depot.signed(&seal(&Depot::header(Role::Image, 7), &image).expect("a bundle"), 2);
    bench.refuses(install(image), "bundle.role");
    assert_eq!(coffee_costs(&mut bench), 2_900, "it sells on");
}

#[test]
fn a_large_change_is_taken_from_the_root_alone() {
    let (mut bench, depot) = pinned(Bench::new());
    bench.does(Command::InstallBundle(depot.prices(7, "32.00")));
    bench.refuses(Command::InstallBundle(depot.prices(8, "64.00")), "bundle.change");
    let large = Header { large_change: true, ..Depot::header(Role::Prices, 8) };
    let bytes = depot.list(&large, |list| list.replace("\"SEK\": \"29.00\"", "\"SEK\": \"64.00\""));
    bench.refuses(Command::InstallBundle(bytes.clone()), "bundle.below_threshold");
    bench.does(Command::InstallBundle(sign(&bytes, &depot.keys[1]).expect("a second signature")));
}

#[test]
fn another_currency_is_refused_once_there_are_books() {
    let (mut bench, depot) = pinned(Bench::selling());
    let danish = |depot: &Depot| {
        let files = [
            ("catalogue.json", DEMO.catalogue.replace("\"version\": 1,", "\"version\": 7,")),
            ("timetable.json", DEMO.timetable.into()),
            ("operator.json", DEMO.operator.replace("\"SEK\"", "\"DKK\"")),
        ];
        let files: Files = files.map(|(name, text): (&str, String)| (name.to_owned(), text.into_bytes())).into();
        depot.signed(&seal(&Depot::header(Role::Prices, 7), &pack(Role::Prices, &files).expect("files")).expect("a bundle"), 1)
    };
    bench.refuses(Command::InstallBundle(danish(&depot)), "bundle.currency");
    let (mut fresh, depot) = pinned(Bench::new());
    fresh.does(Command::InstallBundle(danish(&depot)));
}

#[test]
fn a_staff_list_takes_effect_when_nobody_is_signed_in() {
    let (mut bench, depot) = pinned(Bench::new());
    let cleo = || Command::SignIn { crew: "103".into(), pin: "1303".into() };
    bench.does(cleo());
    let answer = bench.does(Command::InstallBundle(depot.staff(1)));
    assert_eq!(answer, Answer::BundleInstalled { role: Role::Staff, version: 1, in_force: false });
    bench.restart();
    assert!(bench.till().crew().is_some(), "whoever is signed in stays, over a restart too");
    bench.does(Command::SignOut);
    bench.refuses(cleo(), "crew.unknown");
    bench.does(sign_in());
    bench.restart();
    assert_eq!(bench.till().bundles_in_force(), [None, Some(1)]);
    assert!(bench.till().crew().is_some());
}

#[test]
fn a_stale_list_is_told_and_sold_by() {
    let (mut bench, depot) = pinned(Bench::new());
    bench.does(Command::InstallBundle(depot.prices(7, "32.00")));
    let stale = |bench: &Bench| bench.till().stale_bundle(bench.now());
    assert_eq!(stale(&bench), None);
    bench.wait(86_401);
    assert_eq!(stale(&bench), Some((Role::Prices, NOON_S + 86_400)));
    bench.does(sign_in());
    bench.does(start_trip());
    bench.does(Command::OpenShift(sek(100_000)));
    assert_eq!(coffee_costs(&mut bench), 3_200);
    let words = till::words::message(till::words::Language::Sv, "bundle.stale").expect("words");
    assert!(words.todo.starts_with("Sälj vidare"));
}

#[test]
fn every_refusal_of_a_bundle_has_its_words() {
    for code in bundle::Refusal::CODES.iter().chain(&till::BundleWrong::CODES) {
        for language in till::words::Language::ALL {
            assert!(till::words::message(language, code).is_some(), "{code} in {}", language.code());
        }
    }
}
