//! Power and clock: debounce, watchdog, backlight and clock chip, on files of a temporary folder.

use std::fs;
use std::path::Path;
use std::time::Duration;

use hw::power::{
    Backlight, CHIP_SKEW_S_MAX, Debounce, FAILING_AFTER, Heartbeat, Pulse, STEADY_AFTER, Supply, SupplyInput, SupplyLost, SupplyMonitor,
    SupplySettings, Watchdog, chip_proves, chip_time_s,
};
use hw::sim::SupplySimulator;

const MS: Duration = Duration::from_millis(1);

#[test]
fn a_gap_that_is_short_is_no_failure() {
    let mut debounce = Debounce::new();
    assert_eq!(debounce.see(Supply::Steady, Duration::ZERO), None);
    assert_eq!(debounce.due(), Some(STEADY_AFTER));
    assert_eq!(debounce.see(Supply::Steady, STEADY_AFTER), Some(Supply::Steady));
    assert_eq!(debounce.due(), None);
    let gap = STEADY_AFTER + MS;
    assert_eq!(debounce.see(Supply::Failing, gap), None);
    assert_eq!(debounce.due(), Some(gap + FAILING_AFTER));
    assert_eq!(debounce.see(Supply::Steady, gap + FAILING_AFTER - MS), None, "the gap was short");
    assert_eq!(debounce.see(Supply::Steady, gap + STEADY_AFTER * 2), None, "and steady is no news");
}

#[test]
fn a_failure_is_told_once_and_its_end_after_a_while() {
    let mut debounce = Debounce::new();
    assert_eq!(debounce.see(Supply::Failing, MS), None);
    assert_eq!(debounce.see(Supply::Failing, MS + FAILING_AFTER), Some(Supply::Failing));
    assert_eq!(debounce.see(Supply::Failing, MS * 500), None);
    assert_eq!(debounce.see(Supply::Steady, MS * 600), None);
    // It bounces: the time begins anew.
    assert_eq!(debounce.see(Supply::Failing, MS * 601), None);
    assert_eq!(debounce.see(Supply::Steady, MS * 602), None);
    assert_eq!(debounce.see(Supply::Steady, MS * 601 + STEADY_AFTER), None);
    assert_eq!(debounce.see(Supply::Steady, MS * 602 + STEADY_AFTER), Some(Supply::Steady));
}

#[test]
fn a_chip_that_is_none_is_a_lost_input() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("gpiochip");
    fs::write(&file, "").expect("a file");
    for chip in [file, folder.path().join("nothing")] {
        let mut input = SupplyInput::new(SupplySettings { chip, line: 4, active_low: true });
        assert_eq!(input.next(Duration::ZERO), Err(SupplyLost));
        assert_eq!(input.next(Duration::ZERO), Err(SupplyLost));
    }
}

#[test]
fn a_simulated_supply_tells_every_change_once() {
    let mains = SupplySimulator::new();
    let mut monitor = mains.clone();
    assert_eq!(monitor.next(Duration::ZERO), Ok(Some(Supply::Steady)));
    assert_eq!(monitor.next(Duration::ZERO), Ok(None));
    mains.set(Supply::Failing);
    assert_eq!(monitor.next(Duration::ZERO), Ok(Some(Supply::Failing)));
    mains.set_unplugged(true);
    assert_eq!(monitor.next(Duration::ZERO), Err(SupplyLost));
    mains.set_unplugged(false);
    assert_eq!(monitor.next(Duration::ZERO), Ok(Some(Supply::Failing)), "after a loss nothing is known, so it is told again");
    assert_eq!(monitor.next(Duration::ZERO), Ok(None));
}

#[test]
fn a_pulse_is_felt_only_while_the_heart_beats() {
    let (heart, mut pulse) = (Heartbeat::default(), Pulse::default());
    assert!(!pulse.moved(heart.count()), "it has not begun");
    heart.beat();
    heart.clone().beat();
    assert!(pulse.moved(heart.count()));
    assert!(!pulse.moved(heart.count()), "it stopped");
    heart.beat();
    assert!(pulse.moved(heart.count()));
}

fn written(path: &Path) -> Vec<u8> {
    fs::read(path).expect("the file")
}

/// Waits for the watchdog's thread to have done something; a machine that is busy may take its time.
fn until(mut done: impl FnMut() -> bool) {
    for _ in 0..10_000 {
        if done() {
            return;
        }
        std::thread::park_timeout(MS);
    }
    panic!("it never happened");
}

#[test]
fn a_watchdog_is_kicked_while_the_heart_beats_and_told_of_an_orderly_end() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("watchdog");
    fs::write(&path, "").expect("a file");
    let heart = Heartbeat::default();
    let watchdog = Watchdog::start(&path, heart.clone(), MS).expect("a thread");
    until(|| {
        heart.beat();
        written(&path).len() >= 3
    });
    watchdog.end();
    let bytes = written(&path);
    let (last, kicks) = bytes.split_last().expect("kicks");
    assert_eq!(*last, b'V');
    assert!(kicks.iter().all(|&byte| byte == 0), "nothing else disarms it by accident");
}

#[test]
fn a_watchdog_gets_no_more_kicks_than_the_heart_has_beats() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("watchdog");
    fs::write(&path, "").expect("a file");
    let heart = Heartbeat::default();
    let watchdog = Watchdog::start(&path, heart.clone(), MS).expect("a thread");
    for kicks in 1..=3 {
        heart.beat();
        until(|| written(&path).len() >= kicks);
    }
    // The till hangs: the thread looks again and again, and leaves the dog alone.
    std::thread::park_timeout(MS * 20);
    assert_eq!(written(&path).len(), 3);
    watchdog.end();
}

#[test]
fn a_till_that_crashes_leaves_the_watchdog_armed() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("watchdog");
    fs::write(&path, "").expect("a file");
    let heart = Heartbeat::default();
    let watchdog = Watchdog::start(&path, heart.clone(), MS).expect("a thread");
    heart.beat();
    until(|| written(&path).len() == 1);
    drop(watchdog);
    std::thread::park_timeout(MS * 20);
    assert!(!written(&path).contains(&b'V'));
}

#[test]
fn a_watchdog_that_is_not_there_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    assert!(Watchdog::start(&folder.path().join("watchdog"), Heartbeat::default(), MS).is_err());
}

#[test]
fn a_backlight_has_steps_of_its_own() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("max_brightness"), "31\n").expect("a file");
    fs::write(folder.path().join("brightness"), "31\n").expect("a file");
    let mut light = Backlight::open(folder.path()).expect("a light");
    assert_eq!(light.percent().expect("a number"), 100);
    for (percent, steps) in [(100, "31"), (200, "31"), (50, "16"), (1, "1"), (0, "0")] {
        light.set_percent(percent).expect("a file");
        assert_eq!(fs::read_to_string(folder.path().join("brightness")).expect("a file"), steps);
    }
}

#[test]
fn a_folder_without_light_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    assert!(Backlight::open(folder.path()).is_err());
    for nonsense in ["", "0", "-3", "bright", "99999999999"] {
        fs::write(folder.path().join("max_brightness"), nonsense).expect("a file");
        assert!(Backlight::open(folder.path()).is_err(), "{nonsense:?}");
    }
}

#[test]
fn a_clock_chip_proves_the_time_only_when_it_agrees_and_never_lost_it() {
    let (now_s, earliest_s) = (1_795_437_120, 1_577_836_800);
    let folder = tempfile::tempdir().expect("a folder");
    let chip = |text: &str| fs::write(folder.path().join("since_epoch"), text).expect("a file");
    assert_eq!(chip_time_s(folder.path()), None);
    assert!(!chip_proves(folder.path(), now_s, earliest_s), "no chip");
    chip("1795437121\n");
    assert_eq!(chip_time_s(folder.path()), Some(now_s + 1));
    assert!(chip_proves(folder.path(), now_s, earliest_s));
    let skew_s = i64::try_from(CHIP_SKEW_S_MAX).expect("small");
    assert!(chip_proves(folder.path(), now_s + 1 + skew_s, earliest_s));
    assert!(!chip_proves(folder.path(), now_s + 2 + skew_s, earliest_s), "the system went its own way");
    for battery_gone in ["0\n", "946684805\n", "", "hello"] {
        chip(battery_gone);
        assert!(!chip_proves(folder.path(), 946_684_805, earliest_s), "{battery_gone:?}");
    }
}

#[test]
fn the_kernel_answers_whether_the_network_holds_its_clock() {
    // Which of the two it is depends on the machine; asking twice in a row gives one answer.
    assert_eq!(hw::power::network_time_holds(), hw::power::network_time_holds());
}
