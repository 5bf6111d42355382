//! What is attached, read from a tree that looks like a small computer's.

use std::os::unix::fs::symlink;

use super::*;

/// A computer made of folders.
struct Machine(tempfile::TempDir);

impl Machine {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn file(&self, path: &str, text: &str) -> &Self {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, text).expect("a file");
        self
    }

    fn link(&self, path: &str, target: &str) -> &Self {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        symlink(target, path).expect("a link");
        self
    }

    fn attached(&self) -> Vec<Attached> {
        attached(self.0.path())
    }
}

#[test]
fn a_computer_without_anything_has_nothing() {
    assert_eq!(Machine::new().attached(), []);
    assert_eq!(attached(Path::new("/nowhere/at/all")), []);
}

#[test]
fn a_usb_line_is_named_by_what_it_says_it_is_and_found_by_a_path_that_stays() {
    let machine = Machine::new();
    let usb = "sys/devices/platform/soc/usb1/1-1/1-1.2";
    machine
        .file("dev/ttyUSB0", "")
        .link("dev/serial/by-id/usb-Demo_Printer_Cable_A1-if00-port0", "../../ttyUSB0")
        .link("dev/serial/by-path/platform-soc-usb-0:1.2:1.0-port0", "../../ttyUSB0")
        .file(&format!("{usb}/idVendor"), "0403\n")
        .file(&format!("{usb}/idProduct"), "6001\n")
        .file(&format!("{usb}/manufacturer"), "Demo\n")
        .file(&format!("{usb}/product"), "Printer Cable\u{7}\n")
        .file(&format!("{usb}/1-1.2:1.0/ttyUSB0/port_number"), "0\n")
        .link("sys/class/tty/ttyUSB0/device", "../../../devices/platform/soc/usb1/1-1/1-1.2/1-1.2:1.0/ttyUSB0");
    let found = machine.attached();
    assert_eq!(found.len(), 1);
    let line = &found[0];
    assert_eq!(line.path, Path::new("/dev/serial/by-id/usb-Demo_Printer_Cable_A1-if00-port0"));
    assert_eq!(
        (line.sort, line.is_stable, line.name.as_str(), line.usb),
        (Sort::Serial, true, "Demo Printer Cable", Some((0x0403, 0x6001)))
    );
    for path in ["/dev/ttyUSB0", "/dev/serial/by-path/platform-soc-usb-0:1.2:1.0-port0"] {
        assert!(line.is_at(Path::new(path)), "{path} leads there too");
    }
    assert!(!line.is_at(Path::new("/dev/ttyUSB1")));
}

#[test]
fn a_usb_line_without_links_is_said_to_move() {
    let machine = Machine::new();
    machine.file("dev/ttyACM3", "").file("dev/ttyACM", "").file("dev/ttyUSBx", "").file("dev/tty7", "");
    let found = machine.attached();
    assert_eq!(found.iter().map(|line| (line.path.as_path(), line.is_stable)).collect::<Vec<_>>(), [(Path::new("/dev/ttyACM3"), false)]);
}

#[test]
fn a_soldered_line_stays_and_its_alias_leads_to_it_but_a_port_without_wires_is_none() {
    let machine = Machine::new();
    machine
        .file("dev/ttyAMA0", "")
        .link("dev/serial0", "ttyAMA0")
        .file("dev/ttyS0", "")
        .file("sys/class/tty/ttyS0/type", "0\n")
        .file("dev/ttyS1", "")
        .file("sys/class/tty/ttyS1/type", "4\n");
    let found = machine.attached();
    assert_eq!(found.iter().map(|line| line.path.to_str().expect("UTF-8")).collect::<Vec<_>>(), ["/dev/ttyAMA0", "/dev/ttyS1"]);
    assert!(found[0].is_stable && found[0].is_at(Path::new("/dev/serial0")));
}

#[test]
fn only_what_types_digits_can_be_a_scanner() {
    let machine = Machine::new();
    let device = |node: &str, keys: &str, name: &str| {
        let device = format!("sys/class/input/{node}/device");
        machine.file(&format!("{device}/capabilities/key"), keys).file(&format!("{device}/name"), name);
        machine.file(&format!("{device}/id/vendor"), "05e0\n").file(&format!("{device}/id/product"), "1200\n");
        machine.file(&format!("{device}/phys"), "usb-0000:01:00.0-1.2/input0\n");
    };
    device("event0", "1000000000007 ff9f207ac14057ff febeffdfffefffff fffffffffffffffe\n", "Demo Scanner\n");
    device("event1", "8000 100000 0\n", "Power Button\n");
    device("event2", "", "Touch Screen\n");
    machine.link("dev/input/by-id/usb-Demo_Scanner-event-kbd", "../event0");
    let found = machine.attached();
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].sort, found[0].name.as_str(), found[0].usb), (Sort::Keyboard, "Demo Scanner", Some((0x05e0, 0x1200))));
    assert_eq!(found[0].physical.as_deref(), Some("usb-0000:01:00.0-1.2/input0"));
    assert_eq!(found[0].path, Path::new("/dev/input/by-id/usb-Demo_Scanner-event-kbd"));
    assert!(found[0].is_at(Path::new("/dev/input/event0")));
}

#[test]
fn chips_are_listed_with_their_names() {
    let machine = Machine::new();
    machine
        .file("dev/i2c-1", "")
        .file("sys/class/i2c-dev/i2c-1/name", "demo-i2c\n")
        .file("dev/gpiochip0", "")
        .file("dev/rtc0", "")
        .file("sys/class/rtc/rtc0/name", "rtc-ds3231 1-0068\n")
        .file("dev/watchdog", "")
        .file("dev/watchdog0", "")
        .file("sys/class/watchdog/watchdog0/identity", "Demo Watchdog\n")
        .file("sys/class/backlight/demo_backlight/type", "raw\n");
    let found = machine.attached();
    let told: Vec<_> = found.iter().map(|chip| (chip.sort.name(), chip.path.to_str().expect("UTF-8"), chip.name.as_str())).collect();
    let expected = [
        ("i2c", "/dev/i2c-1", "demo-i2c"),
        ("gpio", "/dev/gpiochip0", ""),
        ("clock", "/dev/rtc0", "rtc-ds3231 1-0068"),
        ("watchdog", "/dev/watchdog", ""),
        ("watchdog", "/dev/watchdog0", "Demo Watchdog"),
        ("backlight", "/sys/class/backlight/demo_backlight", "raw"),
    ];
    assert_eq!(told, expected);
}
