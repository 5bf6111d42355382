//! A whole counter and a hub: sales come home, a log that somebody else writes is sealed in the middle of a shift, and crew sell on.

mod common;
#[path = "common/depot.rs"]
mod depot;
#[path = "common/hub.rs"]
mod hub;

use std::{
    path::Path,
    sync::mpsc::{Receiver, channel},
    time::Duration,
};

use common::{BOOT, DAY, NOON_S, add, cash, sek, sign_in, z};
use depot::Depot;
use hub::Hub;
use journal::{ClockTrust, Context, Entry, Fact, LogId, LogSealed, SealCause, Stamp};
use store::{Batch, Durability, Opened, Options, Store};
use tempfile::TempDir;
use till::{
    Answer, Command, Counter, Happened, Now, Setup, Till,
    data::Provision,
    desk::{Desk, Devices, Event, UplinkTrouble},
    sync::{Round, SyncTrouble},
};
use wire::{BundleHeld, BundleNews, Bytes32};

/// The longest wait for an answer of the hub's thread.
const PATIENCE: Duration = Duration::from_secs(20);

/// A till on train 171 with a way to a hub, and no other devices.
struct Train {
    dir: TempDir,
    counter: Option<Counter>,
    events: Receiver<Event>,
    hub: Hub,
    now: Now,
    starts: u8,
}

fn start(dir: &Path, seed: u8, now: Now) -> Till {
    let (store, opened) = Store::open(dir, Options { pregrow_pages: 16, ..Options::default() }).expect("the store opens");
    let setup = Setup { machine_boot: BOOT.to_vec(), ..Setup::nordic(Provision::demo(), "trolley 0.1.0", "0042") };
    Till::start(store, opened, setup, [seed; 32], now).expect("the till starts")
}

impl Train {
    fn new() -> Self {
        let now = Now { wall_s: NOON_S, uptime_ms: 1_000, trust: ClockTrust::Rtc };
        let dir = tempfile::tempdir().expect("a folder");
        let mut train = Self { dir, counter: None, events: channel().1, hub: Hub::default(), now, starts: 0 };
        train.restart();
        train.does(sign_in());
        train.does(Command::StartTrip { train: "171".into(), operating_day: DAY });
        train.does(Command::OpenShift(sek(100_000)));
        train
    }

    fn restart(&mut self) {
        self.counter = None;
        self.starts += 1;
        let till = start(self.dir.path(), self.starts, self.now);
        let (tell, events) = channel();
        let devices = Devices { uplink: Some(Box::new(self.hub.clone())), ..Devices::default() };
        let mut counter = Counter::open(till, Desk::open(devices, move |event| drop(tell.send(event))));
        counter.reserve([100 + self.starts; 32]);
        (self.counter, self.events) = (Some(counter), events);
    }

    fn counter(&mut self) -> &mut Counter {
        self.counter.as_mut().expect("the till runs")
    }

    fn till(&self) -> &Till {
        self.counter.as_ref().expect("the till runs").till()
    }

    fn does(&mut self, command: Command) -> Answer {
        let now = self.now;
        self.counter().command(command, now).expect("the command is carried out")
    }

    fn pass(&mut self, seconds: u32) {
        self.now.wall_s += i64::from(seconds);
        self.now.uptime_ms += u64::from(seconds) * 1_000;
    }

    fn sells(&mut self) -> u64 {
        self.pass(5);
        self.does(add("1001", 1));
        let Answer::Paid(paid) = self.does(cash(2_900)) else { panic!("it is paid") };
        paid.receipt_no
    }

    /// A full round, with everything that follows from it.
    fn syncs(&mut self) -> Round {
        let now = self.now;
        let mut round = self.counter().sync_now(now).expect("no fault");
        while round.is_none() {
            let event = self.events.recv_timeout(PATIENCE).expect("the hub's thread answers");
            if let Happened::Synced(ended) = self.counter().event(event, now).expect("no fault") {
                round = Some(ended);
            }
        }
        round.expect("a round ended")
    }

    fn log(&self) -> LogId {
        self.till().store().log().expect("a log").log_id
    }

    fn entries(&self) -> Vec<Vec<u8>> {
        self.till().store().entries(1, 10_000).expect("the journal").into_iter().map(|(_, bytes)| bytes).collect()
    }

    fn facts(&self) -> Vec<Fact> {
        self.entries().iter().map(|bytes| Entry::decode(bytes).expect("an entry").fact).collect()
    }

    /// Somebody with a copy of the card wrote the log on, and the hub heard that first.
    fn is_cloned(&mut self) {
        let seq = self.entries().len();
        let stamp = Stamp { wall_s: self.now.wall_s, ..Stamp::default() };
        self.hub.hear_clone(self.log(), seq, &Entry::new(seq as u64 + 1, stamp, Context::default(), Fact::TripEnded).encode());
    }
}

#[test]
fn sales_come_home_and_the_till_knows_what_is_only_here() {
    let mut train = Train::new();
    train.sells();
    train.pass(600);
    train.sells();
    let state = train.counter().sync_state(Now { wall_s: NOON_S, uptime_ms: 9_000, trust: ClockTrust::Rtc });
    assert_eq!((state.code, state.here.sales, state.here.oldest_s), ("sync.only_here", 2, Some(NOON_S + 5)));
    let round = train.syncs();
    assert_eq!((round.entries, round.trouble), (train.entries().len() as u64, None));
    assert_eq!(train.hub.has(&train.log()), train.entries());
    let now = train.now;
    let state = train.counter().sync_state(now);
    assert_eq!((state.code, state.here.sales, state.here.entries, state.contact_ms), ("sync.all_sent", 0, 0, Some(0)));
    assert_eq!((state.cursor.seq, state.cursor.head), (train.till().store().seq(), train.till().store().head()));
    train.sells();
    let state = train.counter().sync_state(now);
    assert_eq!((state.code, state.here.sales), ("sync.only_here", 1));
}

#[test]
fn a_batch_tells_how_the_till_is() {
    let mut train = Train::new();
    train.sells();
    train.syncs();
    let report = train.hub.shelf().reports.last().cloned().expect("a report");
    assert_eq!((report.program.as_str(), report.last_seq, report.sales_unsent), ("trolley 0.1.0", train.till().store().seq(), 0));
    assert_eq!(ClockTrust::ALL.get(usize::from(report.clock_trust)), Some(&ClockTrust::Rtc));
    assert_eq!((report.wall_s, report.successor), (train.now.wall_s, None));
    train.now.trust = ClockTrust::NotProven;
    train.now.wall_s -= 1_000_000;
    train.restart();
    train.syncs();
    let report = train.hub.shelf().reports.last().cloned().expect("a report");
    assert_eq!((report.clock_trust, report.troubles), (0, vec!["clock.suspect".to_owned()]));
}

#[test]
fn after_a_restart_the_till_goes_on_where_the_hub_was() {
    let mut train = Train::new();
    train.sells();
    train.syncs();
    let before = train.till().store().seq();
    train.restart();
    train.sells();
    train.hub.shelf().batches.clear();
    train.syncs();
    let first = train.hub.shelf().batches[0];
    assert_eq!(first, (before + 1, train.till().store().seq()));
}

#[test]
fn trouble_is_told_by_its_code_and_sales_go_on() {
    let mut train = Train::new();
    let refused = wire::Refused { code: "log.revoked".into(), what: "The log is revoked.".into(), todo: "Hand it in.".into() };
    let troubles = [
        (UplinkTrouble::NotEnrolled, "sync.not_enrolled", true),
        (UplinkTrouble::Away, "sync.away", false),
        (UplinkTrouble::TimedOut, "sync.timed_out", false),
        (UplinkTrouble::OtherHub, "sync.other_hub", true),
        (UplinkTrouble::Refused(refused), "log.revoked", true),
        (UplinkTrouble::Unreadable, "sync.unreadable", false),
    ];
    for (trouble, code, needs_hands) in troubles {
        train.hub.shelf().trouble = Some(trouble.clone());
        assert_eq!(train.syncs().trouble, Some(SyncTrouble::Uplink(trouble)));
        let now = train.now;
        let state = train.counter().sync_state(now);
        assert_eq!((state.code, state.needs_hands), (code, needs_hands));
        assert_eq!(state.refused.is_some(), code == "log.revoked");
        train.sells();
    }
    train.hub.shelf().trouble = None;
    assert_eq!(train.syncs().trouble, None);
    assert_eq!(train.hub.has(&train.log()), train.entries());
}

#[test]
fn a_till_without_a_way_to_a_hub_says_so_at_once() {
    let dir = tempfile::tempdir().expect("a folder");
    let now = Now { wall_s: NOON_S, uptime_ms: 1_000, trust: ClockTrust::Rtc };
    let mut counter = Counter::open(start(dir.path(), 1, now), Desk::open(Devices::default(), |_| {}));
    let round = counter.sync_now(now).expect("no fault").expect("it ends at once");
    assert_eq!(round.trouble, Some(SyncTrouble::Uplink(UplinkTrouble::NotEnrolled)));
    assert_eq!(counter.sync_state(now).code, "sync.not_enrolled");
}

#[test]
fn what_the_hub_says_of_the_time_is_not_believed() {
    let mut train = Train::new();
    train.sells();
    train.syncs();
    train.sells();
    assert_eq!(train.till().clock_trust(), ClockTrust::Rtc);
    assert!(train.counter().take_time_heard().is_none());
    assert!(!train.facts().iter().any(|fact| matches!(fact, Fact::ClockChanged(_))));
}

#[test]
fn a_cloned_log_is_sealed_in_mid_shift_and_crew_sell_on() {
    let mut train = Train::new();
    train.sells();
    train.sells();
    train.syncs();
    train.is_cloned();
    train.sells();
    let old = train.log();
    let old_entries = train.entries();
    train.syncs();
    assert_ne!(train.log(), old, "another log goes on");
    let books = train.till().books().clone();
    assert_eq!((books.register.as_str(), books.crew.as_deref()), ("0042-2", Some("101")));
    assert_eq!(books.trip.as_ref().map(|trip| trip.started.trip.train().as_str().to_owned()), Some("171".into()));
    assert_eq!(books.shift.as_ref().map(|shift| shift.crew.as_str()), Some("101"));
    assert_eq!(books.totals.float_minor, 100_000 + 3 * 2_900, "the drawer's cash is the new float");
    assert_eq!(train.sells(), 1, "receipts count anew under the new designation");
    train.does(z(100_000 + 4 * 2_900));
    let Some(Fact::ZClosed(closed)) = train.facts().pop() else { panic!("the shift is closed") };
    assert_eq!((closed.expected_minor, closed.counted_minor), (100_000 + 4 * 2_900, 100_000 + 4 * 2_900), "no cash is lost or made");

    train.syncs();
    assert_eq!(train.hub.has(&train.log()), train.entries());
    let shelf = train.hub.shelf();
    let branch = shelf.logs[&old].last().cloned().expect("the till's own branch");
    assert_eq!(branch[..old_entries.len()], old_entries, "every sale of the sealed log is home");
    let Fact::LogSealed(sealed) = Entry::decode(branch.last().expect("an entry")).expect("an entry").fact else { panic!("the seal") };
    assert_eq!((sealed.why, sealed.expected_minor), (SealCause::Told, 100_000 + 3 * 2_900));
    assert_eq!(sealed.shift.map(|shift| shift.totals.sales.count), Some(3));
    assert!(shelf.vouched.contains(&(old, train.log())), "the old log vouches for the new one");
}

#[test]
fn nothing_is_sealed_while_something_is_half_done() {
    let mut train = Train::new();
    train.sells();
    train.syncs();
    train.is_cloned();
    let old = train.log();
    train.does(add("1001", 1));
    for _ in 0..5 {
        train.pass(600);
        train.syncs();
        assert_eq!(train.log(), old, "a sale is open");
    }
    train.does(cash(2_900));
    train.pass(600);
    train.syncs();
    assert_ne!(train.log(), old);
}

#[test]
fn parked_sales_and_training_go_along() {
    let mut train = Train::new();
    train.sells();
    train.syncs();
    train.does(add("1001", 2));
    let Answer::Parked(ticket) = train.does(Command::Park) else { panic!("it is parked") };
    train.is_cloned();
    train.does(Command::Training(true));
    let old = train.log();
    train.syncs();
    assert_ne!(train.log(), old);
    assert!(train.till().books().training);
    train.does(Command::Training(false));
    train.does(Command::Resume(ticket));
    assert!(matches!(train.does(cash(5_800)), Answer::Paid(_)));
}

#[test]
fn a_hub_that_cries_wolf_seals_once_a_day_and_is_shown() {
    let mut train = Train::new();
    train.sells();
    train.hub.shelf().cries_wolf = true;
    train.syncs();
    assert_eq!(train.till().books().register, "0042-2");
    for hour in 1..24 {
        train.pass(3_000);
        train.sells();
        train.syncs();
        assert_eq!(train.till().books().register, "0042-2", "hour {hour}");
    }
    let now = train.now;
    let state = train.counter().sync_state(now);
    assert_eq!((state.code, state.needs_hands, state.sealed_logs), ("sync.contradicts", true, 1));
    train.restart();
    train.syncs();
    train.syncs();
    assert_eq!(train.till().books().register, "0042-2", "a restart is no way around it");
    train.pass(24 * 3_600);
    train.syncs();
    train.syncs();
    assert_eq!(train.till().books().register, "0042-3");
    train.sells();
    train.hub.shelf().cries_wolf = false;
    train.syncs();
    assert_eq!(train.hub.has(&train.log()), train.entries());
    assert_eq!(train.hub.shelf().logs.len(), 3, "all three logs came home");
}

/// A till that was cut off right after the log was sealed.
fn cut_after_the_seal() -> (Train, u64) {
    let mut train = Train::new();
    train.sells();
    train.syncs();
    train.counter = None;
    let seq = seal_by_hand(train.dir.path(), train.now.wall_s);
    (train, seq)
}

/// The last entry of a log that nothing follows yet.
fn seal_by_hand(dir: &Path, wall_s: i64) -> u64 {
    let (mut store, _) = Store::open(dir, Options::default()).expect("the store opens");
    let seq = store.seq() + 1;
    let sealed = LogSealed { why: SealCause::Told, foreign_seq: 1, foreign_head: [1; 32], shift: None, expected_minor: 0 };
    let stamp = Stamp { wall_s, boot: 1, ..Stamp::default() };
    let entry = Entry::new(seq, stamp, Context::default(), Fact::LogSealed(Box::new(sealed))).encode();
    store.commit(&Batch { entries: vec![entry], ..Batch::default() }, Durability::Durable).expect("a commit");
    seq
}

#[test]
fn a_cut_in_the_middle_of_a_seal_is_carried_through_at_the_next_start() {
    for moved in [false, true] {
        let (mut train, _) = cut_after_the_seal();
        if moved {
            let (mut store, _) = Store::open(train.dir.path(), Options::default()).expect("the store opens");
            store.set_sealed_aside().expect("it moves");
        }
        train.restart();
        let books = train.till().books();
        assert_eq!((books.register.as_str(), books.crew.as_deref(), books.totals.float_minor), ("0042-2", Some("101"), 102_900));
        assert!(books.trip.is_some() && books.shift.is_some());
        assert_eq!(train.sells(), 1);
        train.syncs();
        assert_eq!(train.hub.shelf().logs.len(), 2, "moved before the cut: {moved}");
        let log = train.log();
        train.restart();
        assert_eq!(train.log(), log, "it is done once");
        assert!(matches!(train.till().opened(), Opened::Whole));
        train.till().store().verify().expect("a sound log");
    }
}

#[test]
fn a_fresh_card_of_a_known_unit_numbers_its_registers_above_the_earlier_ones() {
    let dir = tempfile::tempdir().expect("a folder");
    let now = Now { wall_s: NOON_S, uptime_ms: 1_000, trust: ClockTrust::Rtc };
    let register = |registers_before: u32, seed: u8| {
        let (store, opened) = Store::open(dir.path(), Options::default()).expect("the store opens");
        let setup = Setup { registers_before, ..Setup::nordic(Provision::demo(), "trolley 0.1.0", "0142") };
        Till::start(store, opened, setup, [seed; 32], now).expect("the till starts").books().register.clone()
    };
    assert_eq!(register(1, 1), "0142-2", "the unit's first card printed 0142-1");
    assert_eq!(register(7, 2), "0142-2", "a log that is born keeps its designation");
    seal_by_hand(dir.path(), NOON_S);
    assert_eq!(register(1, 3), "0142-3", "its successor counts on from it");
    seal_by_hand(dir.path(), NOON_S);
    assert_eq!(register(7, 4), "0142-8", "and from what the hub has counted since");
}

#[test]
fn a_sealed_log_that_goes_on_for_another_brings_that_ones_word() {
    let mut train = Train::new();
    let mut logs = vec![train.log()];
    for _ in 0..2 {
        train.sells();
        train.counter = None;
        seal_by_hand(train.dir.path(), train.now.wall_s);
        train.restart();
        logs.push(train.log());
    }
    train.syncs();
    for pair in logs.windows(2) {
        assert!(train.hub.shelf().vouched.contains(&(pair[0], pair[1])), "{pair:?}");
    }
}

#[test]
fn a_report_counts_the_unsent_sales_of_every_log() {
    let mut train = Train::new();
    train.sells();
    train.sells();
    train.counter = None;
    seal_by_hand(train.dir.path(), train.now.wall_s);
    train.restart();
    train.sells();
    train.syncs();
    let told: Vec<_> = train.hub.shelf().reports.iter().map(|report| report.sales_unsent).collect();
    assert_eq!((told.first(), told.last()), (Some(&2), Some(&0)), "the log that is written comes first: {told:?}");
}

#[test]
fn nothing_is_written_behind_a_seal() {
    let (mut train, last_seq) = cut_after_the_seal();
    // The next store cannot be made: a file stands in its way.
    std::fs::write(train.dir.path().join("store-next"), b"").expect("written");
    let (store, opened) = Store::open(train.dir.path(), Options::default()).expect("the store opens");
    let setup = Setup::nordic(Provision::demo(), "trolley 0.1.0", "0042");
    assert!(Till::start(store, opened, setup, [9; 32], train.now).is_err());
    let (store, _) = Store::open(train.dir.path(), Options::default()).expect("the store opens");
    assert_eq!(store.seq(), last_seq);
    drop(store);
    std::fs::remove_file(train.dir.path().join("store-next")).expect("gone");
    train.restart();
    assert_eq!(train.till().books().register, "0042-2");
}

#[test]
fn a_seal_that_cannot_be_made_stops_nothing_and_is_tried_again_later() {
    let mut train = Train::new();
    train.sells();
    train.syncs();
    train.is_cloned();
    std::fs::write(train.dir.path().join("store-next"), b"").expect("written");
    let old = train.log();
    for receipt_no in 2..5 {
        assert_eq!(train.sells(), receipt_no);
        train.syncs();
        assert_eq!(train.log(), old);
    }
    let now = train.now;
    assert_eq!(train.counter().sync_state(now).code, "sync.contradicts");
    std::fs::remove_file(train.dir.path().join("store-next")).expect("gone");
    train.pass(600);
    train.syncs();
    assert_ne!(train.log(), old);
    assert!(!train.facts().iter().any(|fact| matches!(fact, Fact::LogSealed(_))), "the seal stands in the old log alone");
    assert_eq!(train.till().books().totals.float_minor, 100_000 + 4 * 2_900);
}

#[test]
fn no_seal_without_randomness_for_a_key() {
    let mut train = Train::new();
    train.sells();
    train.syncs();
    train.is_cloned();
    train.sells();
    let till = start_again(&mut train);
    let (tell, events) = channel();
    let devices = Devices { uplink: Some(Box::new(train.hub.clone())), ..Devices::default() };
    (train.counter, train.events) = (Some(Counter::open(till, Desk::open(devices, move |event| drop(tell.send(event))))), events);
    let old = train.log();
    train.syncs();
    train.syncs();
    assert_eq!(train.log(), old);
    let now = train.now;
    assert_eq!(train.counter().sync_state(now).code, "sync.contradicts");
    train.sells();
}

fn start_again(train: &mut Train) -> Till {
    train.counter = None;
    start(train.dir.path(), 77, train.now)
}

#[test]
fn a_signed_bundle_is_installed_between_sales_told_of_and_carried_into_the_log_that_goes_on() {
    let mut train = Train::new();
    let depot = Depot::new();
    train.does(Command::PinRoot(depot.root(1)));
    let news = |bytes: &[u8], version| BundleNews { role: "prices".into(), version, bytes: bytes.len() as u64, sha256: Bytes32([7; 32]) };
    let (good, forged) = (depot.prices(7, "32.00"), Depot::of([7, 8, 9]).prices(8, "33.00"));
    train.hub.shelf().bundles = vec![(news(&good, 7), good.clone()), (news(&forged, 8), forged.clone())];
    train.does(add("1001", 1));
    train.syncs();
    let now = train.now;
    train.counter().tick(now).expect("no fault");
    assert_eq!(train.till().bundles_held().len(), 1, "a sale is open");
    train.does(cash(2_900));
    train.counter().tick(now).expect("no fault");
    let held = |train: &Train| train.till().bundles_held().into_iter().map(|held| (held.role, held.version)).collect::<Vec<_>>();
    let both = [("root".to_owned(), 1), ("prices".to_owned(), 7)];
    assert_eq!(held(&train), both);
    assert_eq!(train.counter().bundle_wrong().map(till::BundleWrong::code), Some("bundle.below_threshold"));
    train.pass(60);
    train.syncs();
    let report = train.hub.shelf().reports.last().cloned().expect("a report");
    assert_eq!(report.bundles.len(), 2);
    assert!(report.troubles.iter().any(|code| code == "bundle.below_threshold"), "{report:?}");
    let old = train.log();
    train.is_cloned();
    train.sells();
    train.syncs();
    train.syncs();
    assert_ne!(train.log(), old, "the log is sealed");
    assert_eq!(held(&train), both, "the log that goes on has them too");
    train.does(Command::EndTrip);
    train.does(Command::StartTrip { train: "171".into(), operating_day: DAY });
    train.does(add("1001", 1));
    let Answer::Paid(paid) = train.does(cash(50_000)) else { panic!("it is paid") };
    assert_eq!(paid.total, sek(3_200));
}

#[test]
fn bundles_come_after_sales_once_each_and_unverified() {
    let mut train = Train::new();
    train.sells();
    let news = |version| BundleNews { role: "prices".into(), version, bytes: 3, sha256: Bytes32([1; 32]) };
    train.hub.shelf().bundles = vec![(news(4), vec![1, 2, 3])];
    train.syncs();
    assert!(train.counter().take_bundles().is_empty(), "nobody said what the till holds");
    train.counter().hold_bundles(vec![BundleHeld { role: "prices".into(), version: 4 }]);
    train.syncs();
    assert!(train.counter().take_bundles().is_empty(), "it holds this one");
    train.hub.shelf().bundles = vec![(news(5), vec![1, 2, 3])];
    train.syncs();
    assert_eq!(train.counter().take_bundles(), [(news(5), vec![1, 2, 3])]);
    train.syncs();
    assert!(train.counter().take_bundles().is_empty(), "it came once");
    assert_eq!(train.hub.shelf().reports.last().map(|report| report.bundles.len()), Some(1));
}
