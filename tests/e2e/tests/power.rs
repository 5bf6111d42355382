//! Where the train is, what time it is, and what power does: on the strip, in the light of the screen, and in words.

use std::fs;

use e2e::{Headless, Rig};
use hw::{position::Fix, power::Backlight, power::Supply};
use i_slint_backend_testing::ElementQuery;
use slint::{
    ComponentHandle as _, Global as _, LogicalPosition, SharedString,
    platform::{PointerEventButton, WindowEvent},
};
use till::place::Place;

/// 2026-10-05 13:33 in Sweden: train 171 is at Hallsberg.
const WALL_S: i64 = 1_791_199_980;
const SIZE: (f32, f32) = (1280.0, 800.0);
const HALLSBERG: (i32, i32) = (59_066_000, 15_110_000);

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

fn selling(dir: &std::path::Path) -> Rig {
    let rig = Rig::start(dir, SIZE, false, Some(WALL_S));
    rig.ready_to_sell();
    rig
}

/// A finger on the glass, wherever that lands.
fn touch(rig: &Rig, id: &str) {
    let wanted = SharedString::from(id);
    let found = ElementQuery::from_root(&rig.window).match_predicate(move |element| element.accessible_id() == Some(wanted.clone()));
    let element = found.find_first().expect("it is on the screen");
    let (corner, size) = (element.absolute_position(), element.size());
    let position = LogicalPosition::new(corner.x + size.width / 2.0, corner.y + size.height / 2.0);
    let button = PointerEventButton::Left;
    rig.window.window().dispatch_event(WindowEvent::PointerMoved { position });
    rig.window.window().dispatch_event(WindowEvent::PointerPressed { position, button });
    rig.window.window().dispatch_event(WindowEvent::PointerReleased { position, button });
    rig.settle();
}

fn seconds(rig: &Rig, count: u32) {
    (0..count).for_each(|_| rig.face.borrow_mut().tick());
    rig.settle();
}

fn asleep(rig: &Rig) -> bool {
    ui::Stage::get(&rig.window).get_asleep()
}

#[test]
fn a_screen_that_nobody_touches_dims_and_the_first_touch_only_wakes_it() {
    let dir = folder();
    let rig = selling(dir.path());
    let light = |rig: &Rig| 1.0 - ui::Stage::get(&rig.window).get_dim();
    let items = |rig: &Rig| ui::Sell::get(&rig.window).get_items();
    seconds(&rig, 1_000);
    assert!(!asleep(&rig), "nothing was said about dimming");
    rig.face.borrow_mut().dim(Some(30), None);
    rig.face.borrow_mut().tick();
    assert!(asleep(&rig), "the seconds before count");
    assert!(light(&rig) < 0.2);
    touch(&rig, "sell.tile.1001");
    assert!(!asleep(&rig) && light(&rig) > 0.99);
    assert_eq!(items(&rig), 0, "the first touch sold nothing");
    touch(&rig, "sell.tile.1001");
    assert_eq!(items(&rig), 1, "the second did");
    seconds(&rig, 29);
    assert!(!asleep(&rig));
    touch(&rig, "strip.menu");
    seconds(&rig, 29);
    assert!(!asleep(&rig), "every touch counts");
    seconds(&rig, 1);
    assert!(asleep(&rig));
    rig.scan("9520000020019");
    assert!(!asleep(&rig), "whoever scans is there");
}

#[test]
fn a_panel_with_a_light_of_its_own_is_dimmed_by_it() {
    let (dir, panel) = (folder(), folder());
    fs::write(panel.path().join("max_brightness"), "255").expect("a file");
    fs::write(panel.path().join("brightness"), "255").expect("a file");
    let shines = || fs::read_to_string(panel.path().join("brightness")).expect("a file");
    let rig = selling(dir.path());
    rig.face.borrow_mut().dim(Some(5), Some(Backlight::open(panel.path()).expect("a light")));
    seconds(&rig, 5);
    assert!(asleep(&rig));
    assert_eq!((shines().as_str(), ui::Stage::get(&rig.window).get_dim()), ("26", 0.0));
    touch(&rig, "sell.tile.1001");
    assert_eq!(shines(), "255");
    // A panel that is gone is shaded.
    fs::remove_dir_all(panel.path()).expect("it goes");
    seconds(&rig, 5);
    assert!(ui::Stage::get(&rig.window).get_dim() > 0.8);
}

#[test]
fn when_the_supply_fails_the_strip_warns_the_screen_dims_and_selling_goes_on() {
    let dir = folder();
    let rig = selling(dir.path());
    rig.tap("sell.tile.1001");
    rig.break_device("supply", "failing");
    rig.wait_until("the supply fails", |backroom| backroom.counter().states().supply == Some(Supply::Failing));
    let strip = ui::Strip::get(&rig.window);
    assert!(strip.get_supply_failing() && strip.get_saved());
    assert!(rig.with_till(|till| !till.is_unsettled()));
    assert_eq!(rig.label("strip.sync"), "Strömmen försvinner");
    assert!(ui::Stage::get(&rig.window).get_dim() > 0.5);
    rig.keep_picture("supply-failing");
    rig.tap("strip.sync");
    assert_eq!(rig.message(), "supply.failing");
    rig.taps(&["message.first", "sell.exact"]);
    assert_eq!(rig.view(), ui::View::Done);
    rig.break_device("supply", "ok");
    rig.wait_until("it is steady again", |backroom| backroom.counter().states().supply == Some(Supply::Steady));
    assert!(!strip.get_supply_failing());
    assert!(ui::Stage::get(&rig.window).get_dim() < 0.01);
}

#[test]
fn the_strip_says_at_which_station_the_train_stands() {
    let dir = folder();
    let rig = selling(dir.path());
    let strip = ui::Strip::get(&rig.window);
    assert!(!strip.get_standing());
    for second in 0..20 {
        let fix = Fix { latitude_udeg: HALLSBERG.0, longitude_udeg: HALLSBERG.1, speed_mmps: 0, utc_s: WALL_S + second };
        rig.face.borrow_mut().backroom().expect("the till").simulated().position.feed(fix);
    }
    rig.wait_until("the train stands", |backroom| {
        let now = backroom.clock().now();
        matches!(backroom.counter().place(now).place, Place::At { .. })
    });
    rig.wait_until("the strip says so", |_| strip.get_standing());
    assert_eq!((strip.get_next_call().as_str(), strip.get_next_time().as_str()), ("Hallsberg", "13:36"));
    rig.keep_picture("at-a-station");
}

#[test]
fn the_headless_face_takes_fixes_and_tells_the_place() {
    let dir = folder();
    let till = Headless::start(dir.path(), WALL_S);
    assert!(till.ok("status")["place"].is_null(), "without a trip there is no place");
    till.ok("sign-in 101 1101");
    till.ok("start-trip 171 2026-10-05");
    let place = till.ok("status")["place"].clone();
    assert_eq!(
        (place["at"].as_str(), place["until"].as_str(), place["by"].as_str()),
        (Some("Hallsberg"), Some("13:36"), Some("timetable"))
    );
    for second in 0..20 {
        till.ok(&format!("fix 58.391 13.853 4 2026-10-05T11:33:{second:02}Z"));
    }
    let place = till.ok("status")["place"].clone();
    assert_eq!(
        (place["at"].as_str(), place["until"].as_str(), place["by"].as_str()),
        (Some("Skövde C"), Some("14:15"), Some("satellites"))
    );
    till.ok("fix 58.400 13.853 120 2026-10-05T11:33:40Z");
    let place = till.ok("status")["place"].clone();
    assert_eq!((place["from"].as_str(), place["to"].as_str()), (Some("Skövde C"), Some("Falköping C")));
    for wrong in ["fix 91 13 0", "fix 58 181 0", "fix x 13 0", "fix 58 13 -1", "fix 58 13", "fix 58,4 13 0"] {
        till.refused(wrong, "command.unreadable");
    }
    till.refused("fix 58 13 0 noon", "command.time_unreadable");
    // Many seconds in one are no time that anybody believes.
    assert_eq!(till.ok("status")["clock_trust"], "Crew");
    let steady = |fault: &str| {
        till.ok(&format!("device supply {fault}"));
    };
    steady("failing");
    steady("ok");
    till.refused("device supply gone", "device.unknown");
}
