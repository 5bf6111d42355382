//! Where the train is, and what power does, on a whole counter: hints reach people, and never a sale.

mod common;

use std::{
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    time::Duration,
};

use common::{BOOT, DAY, NOON_S, add, cash, sek, sign_in};
use hw::{
    position::Fix,
    power::{Supply, SupplyLost, SupplyMonitor},
};
use journal::{ClockTrust, Entry};
use store::{Options, Store};
use tempfile::TempDir;
use till::{
    Answer, Command, Counter, Now, Setup, Till,
    data::Provision,
    desk::{Desk, Devices, Event},
    place::{Basis, Place},
};

const HALLSBERG: (i32, i32) = (59_066_000, 15_110_000);
const OSLO: (i32, i32) = (59_911_000, 10_753_000);

/// A till on train 171, without devices.
struct Train {
    counter: Counter,
    now: Now,
    _dir: TempDir,
}

impl Train {
    fn new() -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let now = Now { wall_s: NOON_S, uptime_ms: 1_000, trust: ClockTrust::Rtc };
        let (store, opened) = Store::open(dir.path(), Options::default()).expect("the store opens");
        let setup = Setup { machine_boot: BOOT.to_vec(), ..Setup::nordic(Provision::demo(), "trolley 0.1.0", "0042") };
        let till = Till::start(store, opened, setup, [7; 32], now).expect("the till starts");
        let mut train = Self { counter: Counter::open(till, Desk::open(Devices::default(), |_| {})), now, _dir: dir };
        train.does(sign_in());
        train.does(Command::StartTrip { train: "171".into(), operating_day: DAY });
        train.does(Command::OpenShift(sek(100_000)));
        train
    }

    fn does(&mut self, command: Command) -> Answer {
        self.counter.command(command, self.now).expect("the command is carried out")
    }

    fn pass(&mut self, seconds: u32) {
        self.now.wall_s += i64::from(seconds);
        self.now.uptime_ms += u64::from(seconds) * 1_000;
    }

    /// Seconds pass, with a fix in each; and what the edge does with a time that is proven.
    fn fixes(&mut self, seconds: u32, (latitude_udeg, longitude_udeg): (i32, i32), speed_mmps: u32, ahead_s: i64) {
        for _ in 0..seconds {
            self.pass(1);
            let fix = Fix { latitude_udeg, longitude_udeg, speed_mmps, utc_s: self.now.wall_s + ahead_s };
            self.counter.event(Event::Fixed(fix), self.now).expect("a fix is taken in");
            if let Some((utc_s, source)) = self.counter.take_time_heard() {
                self.does(Command::ClockHeard { utc_s, source });
            }
        }
    }

    fn sells(&mut self) {
        self.pass(5);
        self.does(add("1001", 1));
        self.does(add("3001", 2));
        assert!(matches!(self.does(cash(200_000)), Answer::Paid(_)));
    }

    fn entries(&self) -> Vec<Entry> {
        let store = self.counter.till().store();
        let entries = store.entries(1, 1_000).expect("the journal");
        entries.into_iter().map(|(_, bytes)| Entry::decode(&bytes).expect("an entry")).collect()
    }
}

/// The journal of a day on which the receiver tells these places; trust aside, as bytes.
fn journal_with(places: Option<&[(i32, i32)]>, ahead_s: i64) -> (Vec<Vec<u8>>, ClockTrust) {
    let mut train = Train::new();
    for turn in 0..4 {
        match places {
            Some(places) => train.fixes(20, places[turn % places.len()], 0, ahead_s),
            None => train.pass(20),
        }
        train.sells();
    }
    let trust = train.counter.till().clock_trust();
    let bytes = |mut entry: Entry| {
        entry.stamp.trust = ClockTrust::Rtc;
        entry.encode()
    };
    (train.entries().into_iter().map(bytes).collect(), trust)
}

#[test]
fn the_same_sales_give_the_same_journal_wherever_the_receiver_says_the_train_is() {
    let (plain, trust) = journal_with(None, 0);
    assert_eq!(trust, ClockTrust::Rtc);
    assert!(plain.len() > 7);
    // Where the plan has it, in another country, at the other end of the world, jumping.
    let denmark = (55_673_000, 12_565_000);
    for places in [&[HALLSBERG][..], &[denmark], &[(-33_000_000, 151_000_000)], &[HALLSBERG, OSLO, denmark, (0, 0)]] {
        let (told, trust) = journal_with(Some(places), 0);
        assert_eq!(told, plain, "{places:?}");
        assert_eq!(trust, ClockTrust::Gps, "the time alone was taken");
        // A receiver that lies about time as well.
        assert_eq!(journal_with(Some(places), -90_000), (plain.clone(), ClockTrust::Rtc), "{places:?}");
    }
}

#[test]
fn a_counter_tells_where_its_train_stands() {
    let mut train = Train::new();
    assert_eq!(train.counter.place(train.now).by, Basis::Timetable);
    train.fixes(16, HALLSBERG, 0, 0);
    let sensed = train.counter.place(train.now);
    assert_eq!(sensed.by, Basis::Satellites);
    assert!(matches!(&sensed.place, Place::At { station, until: Some(until) } if station.code == "H" && until.to_string() == "13:36"));
    train.does(cash_nothing_open());
    train.does(Command::EndTrip);
    assert_eq!(train.counter.place(train.now).place, Place::Unknown);
}

/// The shift ends before its trip does.
fn cash_nothing_open() -> Command {
    Command::ZReport { counted: sek(100_000), pieces: Vec::new() }
}

#[test]
fn one_fix_or_the_same_second_again_proves_no_time() {
    let mut train = Train::new();
    let at = |utc_s| Fix { latitude_udeg: HALLSBERG.0, longitude_udeg: HALLSBERG.1, speed_mmps: 0, utc_s };
    for _ in 0..20 {
        train.counter.event(Event::Fixed(at(NOON_S)), train.now).expect("a fix");
        assert_eq!(train.counter.take_time_heard(), None, "no time passes");
    }
    // A receiver that is stuck, one that runs away, and one that was held up and tells many seconds at once.
    for (step_s, pass_s) in [(0, 1), (10, 1), (1, 0)] {
        let mut utc_s = NOON_S;
        for _ in 0..20 {
            utc_s += step_s;
            train.pass(pass_s);
            train.counter.event(Event::Fixed(at(utc_s)), train.now).expect("a fix");
        }
        assert_eq!(train.counter.take_time_heard(), None, "{step_s} {pass_s}");
    }
    train.fixes(30, HALLSBERG, 0, 1);
    assert_eq!(train.counter.till().clock_trust(), ClockTrust::Gps);
}

#[test]
fn when_the_supply_fails_everything_is_made_durable_at_once_and_nothing_is_refused() {
    let mut train = Train::new();
    train.does(add("1001", 1));
    assert!(train.counter.till().is_unsettled(), "it waits for a quiet moment");
    train.counter.event(Event::Supply(Supply::Failing), train.now).expect("the store settles");
    assert!(!train.counter.till().is_unsettled());
    train.does(add("3001", 1));
    assert!(!train.counter.till().is_unsettled(), "nor does anything wait from then on");
    assert!(matches!(train.does(cash(200_000)), Answer::Paid(_)));
    train.counter.event(Event::Supply(Supply::Steady), train.now).expect("it goes on");
    assert_eq!(train.counter.states().supply, Some(Supply::Steady));
    train.does(add("1001", 1));
    assert!(train.counter.till().is_unsettled());
    train.counter.event(Event::Supply(Supply::Failing), train.now).expect("the store settles");
    train.counter.event(Event::SupplyLost, train.now).expect("nothing to do");
    train.does(add("1001", 1));
    assert!(train.counter.till().is_unsettled(), "what nobody knows is no reason to hurry");
}

/// A supply that changes when the test says so.
struct Scripted(Receiver<Supply>);

impl SupplyMonitor for Scripted {
    fn next(&mut self, wait: Duration) -> Result<Option<Supply>, SupplyLost> {
        match self.0.recv_timeout(wait) {
            Ok(supply) => Ok(Some(supply)),
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(RecvTimeoutError::Disconnected) => Err(SupplyLost),
        }
    }
}

#[test]
fn the_desk_tells_when_the_supply_fails() {
    let (mains, supply) = channel();
    let (tell, events) = channel();
    let devices = Devices { supply: Some(Box::new(Scripted(supply))), ..Devices::default() };
    let desk = Desk::open(devices, move |event| drop(tell.send(event)));
    for supply in [Supply::Steady, Supply::Failing] {
        mains.send(supply).expect("the desk listens");
        assert_eq!(events.recv(), Ok(Event::Supply(supply)));
    }
    drop(mains);
    assert_eq!(events.recv(), Ok(Event::SupplyLost), "and when nobody can tell any more");
    drop(desk);
}
