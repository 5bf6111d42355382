//! From keys to a sale: three people, a root, a changed price list, signatures, and a till that sells by it from its next trip on.
//! No network and no hub anywhere.

use chrono::NaiveDate;
use domain::{Currency, Money, catalogue::Sku};
use journal::ClockTrust;
use store::{Options, Store};
use till::{Answer, Command, Now, Setup, Till, data::Provision};

use crate::bench::{Bench, NOW_S};

const DAY: NaiveDate = NaiveDate::from_ymd_opt(2026, 6, 15).expect("a day");

struct Unit {
    dir: tempfile::TempDir,
    till: Till,
    uptime_ms: u64,
}

impl Unit {
    fn new() -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let till = Self::start(&dir, 1_000);
        Self { dir, till, uptime_ms: 1_000 }
    }

    fn start(dir: &tempfile::TempDir, uptime_ms: u64) -> Till {
        let (store, opened) = Store::open(dir.path(), Options::default()).expect("a store");
        let setup = Setup::nordic(Provision::demo(), "till 0", "0142");
        Till::start(store, opened, setup, [7; 32], now(uptime_ms)).expect("a till")
    }

    fn restart(self) -> Self {
        let Self { dir, till, uptime_ms } = self;
        drop(till);
        let till = Self::start(&dir, uptime_ms);
        Self { dir, till, uptime_ms }
    }

    #[track_caller]
    fn does(&mut self, command: Command) -> Answer {
        self.uptime_ms += 1_000;
        let shown = format!("{command:?}").chars().take(60).collect::<String>();
        self.till.handle(command, now(self.uptime_ms)).unwrap_or_else(|wrong| panic!("{shown}: {} ({wrong})", wrong.code()))
    }

    fn start_trip(&mut self) {
        self.does(Command::StartTrip { train: "171".into(), operating_day: DAY });
    }

    fn coffee(&mut self) -> i64 {
        self.does(Command::Add { sku: Sku::new("1001").expect("a SKU"), qty: 1 });
        match self.does(Command::PayCash(Money::new(50_000, Currency::Sek))) {
            Answer::Paid(paid) => paid.total.minor(),
            other => panic!("{other:?}"),
        }
    }
}

fn now(uptime_ms: u64) -> Now {
    Now { wall_s: NOW_S + i64::try_from(uptime_ms / 1_000).expect("small"), uptime_ms, trust: ClockTrust::Network }
}

#[test]
fn a_price_signed_at_the_depot_is_what_the_next_trip_sells_at() {
    let depot = Bench::ready();
    let mut unit = Unit::new();
    unit.does(Command::PinRoot(depot.read("root.bundle")));
    unit.does(Command::SignIn { crew: "101".into(), pin: "1101".into() });
    unit.start_trip();
    unit.does(Command::OpenShift(Money::new(100_000, Currency::Sek)));
    assert_eq!(unit.coffee(), 2_900);
    depot.change("list/catalogue.json", "\"SEK\": \"29.00\"", "\"SEK\": \"32.00\"");
    depot.does("sign --role prices list --root root.bundle --first --key bertil.key --yes --out prices.bundle");
    assert!(depot.does("inspect prices.bundle --root root.bundle").contains("a key of the role"));
    unit.does(Command::InstallBundle(depot.read("prices.bundle")));
    assert_eq!(unit.coffee(), 2_900, "the running trip keeps its prices");
    unit.does(Command::EndTrip);
    unit.start_trip();
    assert_eq!(unit.coffee(), 3_200);
    let mut unit = unit.restart();
    assert_eq!(unit.coffee(), 3_200, "a restart keeps the list");
}

#[test]
fn after_a_theft_the_next_root_is_all_it_takes() {
    let depot = Bench::ready();
    let mut unit = Unit::new();
    unit.does(Command::PinRoot(depot.read("root.bundle")));
    // The thief signs the highest version that there is.
    depot.change("list/catalogue.json", "\"version\": 1,", "\"version\": 4294967295,");
    depot.does("sign --role prices list --root root.bundle --first --key anna.key --yes --out stolen.bundle");
    unit.does(Command::InstallBundle(depot.read("stolen.bundle")));
    depot.does("root rotate root.bundle --remove prices=anna.pub --restart prices --out next.bundle");
    depot.does("root sign next.bundle --root root.bundle --key bertil.key --yes");
    depot.does("root sign next.bundle --root root.bundle --key cecilia.key --yes");
    unit.does(Command::InstallBundle(depot.read("next.bundle")));
    depot.change("list/catalogue.json", "\"version\": 4294967295,", "\"version\": 2,");
    depot.does("sign --role prices list --root next.bundle --first --key bertil.key --yes --out good.bundle");
    unit.does(Command::InstallBundle(depot.read("good.bundle")));
    let mut unit = unit.restart();
    let refused = unit.till.handle(Command::InstallBundle(depot.read("stolen.bundle")), now(9_000)).expect_err("refused");
    assert_eq!(refused.code(), "bundle.below_threshold");
    assert_eq!(unit.till.bundles_in_force()[0], Some(2));
}

/// Rule 5, from the till's side: what a hub could make up with all that it has.
#[test]
fn a_hub_in_an_enemys_hands_makes_nothing_that_a_till_takes() {
    let depot = Bench::ready();
    let mut unit = Unit::new();
    unit.does(Command::PinRoot(depot.read("root.bundle")));
    depot.does("draft --role prices list --root root.bundle --first --out own.draft");
    depot.does("keygen --out . --name mallory --no-passphrase");
    let draft = depot.read("own.draft");
    let holders = "--root mallory.pub --root mallory.pub --prices mallory.pub --staff mallory.pub --threshold root=1 --threshold image=1";
    depot.does(&format!("root init --operator Demo {holders} --out own.bundle"));
    depot.does("root sign own.bundle --key mallory.key --yes");
    depot.does("sign own.draft --root own.bundle --first --key mallory.key --yes --out signed.bundle");
    let mut refuses = |command: Command, code: &str| {
        let refused = unit.till.handle(command, now(9_000)).expect_err("refused");
        assert_eq!(refused.code(), code);
    };
    refuses(Command::InstallBundle(draft), "bundle.unsigned");
    refuses(Command::InstallBundle(depot.read("signed.bundle")), "bundle.below_threshold");
    refuses(Command::InstallBundle(depot.read("own.bundle")), "bundle.below_threshold");
    refuses(Command::PinRoot(depot.read("own.bundle")), "bundle.root_pinned");
}
