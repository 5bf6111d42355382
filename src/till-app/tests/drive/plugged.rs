//! Real drivers by configuration, on pseudo-terminals with simulated devices at the far ends: what is pulled and put back works again,
//! without a restart.

use std::{
    path::Path,
    sync::{Arc, Mutex},
};

use hw::{
    control::CleanCashVersion,
    scanner::ScannerSettings,
    sim::{
        CleanCashSimulator, ControlFault, PoleFault, PrinterFault, PtyLine, ScannerFault, SimulatedPole, SimulatedPrinter,
        SimulatedScanner, SimulatedUnit,
    },
};
use serde_json::{Value, json};

use crate::common::{Till, path, run};

/// A counter with four devices, each on a pseudo-terminal.
struct Counter {
    dir: tempfile::TempDir,
    printer: SimulatedPrinter,
    pole: SimulatedPole,
    scanner: SimulatedScanner,
    unit: SimulatedUnit,
    _lines: [PtyLine; 4],
}

impl Counter {
    fn new() -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let (printer, pole, scanner, unit) = (
            SimulatedPrinter::new(hw::printer::profile::EPSON_80MM),
            SimulatedPole::new(),
            SimulatedScanner::new(ScannerSettings::default()),
            SimulatedUnit::new(),
        );
        let at = |name: &str| dir.path().join(name);
        let box_on_line = Arc::new(Mutex::new(CleanCashSimulator::new(CleanCashVersion::V1, unit.clone())));
        let lines = [
            PtyLine::start(printer.far_end(), at("printer")),
            PtyLine::start(pole.far_end(), at("display")),
            PtyLine::start(scanner.far_end(), at("scanner")),
            PtyLine::start(box_on_line, at("control")),
        ]
        .map(|line| line.expect("a pseudo-terminal"));
        let section = |head: &str, name: &str, more: &str| format!("{head}\nport = \"{}\"\n{more}\n", at(name).display());
        let text = [
            "unit = \"0142\"\n".to_owned(),
            section("[printer]", "printer", "flow = \"none\""),
            section("[[scanner]]", "scanner", ""),
            section("[display]", "display", "kind = \"pole\""),
            section("[control]", "control", "unit = \"cleancash-1\"\nrule = \"sweden\""),
        ]
        .concat();
        std::fs::write(at("till.toml"), text).expect("a file");
        Self { printer, pole, scanner, unit, _lines: lines, dir }
    }

    fn config(&self) -> String {
        path(&self.dir.path().join("till.toml")).to_owned()
    }

    fn till(&self) -> Till {
        let data = self.dir.path().join("data");
        let mut till = Till::start(&["drive", "--data", path(&data), "--config", &self.config()]);
        till.ready_to_sell();
        till
    }
}

fn devices_until(till: &mut Till, wanted: &str, is_so: impl Fn(&Value) -> bool) {
    // A line that is away is looked for with growing pauses, so this can take some seconds.
    for _ in 0..600 {
        let devices = till.ok("devices");
        if is_so(&devices["devices"]) {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("{wanted} never came to be: {}", till.ok("devices"));
}

fn state(devices: &Value, device: &str) -> Value {
    let row = devices.as_array().expect("a list").iter().find(|row| row["device"] == device);
    row.map_or(Value::Null, |row| row["state"].clone())
}

const ON_LINES: [&str; 4] = ["printer", "display", "scanner", "control"];

#[test]
fn every_device_that_is_unplugged_and_plugged_in_again_works_without_a_restart() {
    let counter = Counter::new();
    let mut till = counter.till();
    let all_well = |devices: &Value| ON_LINES.iter().all(|device| state(devices, device) == "ok");
    devices_until(&mut till, "everything well", all_well);
    till.ok("add 1001");
    assert_eq!(till.ok("pay cash 29.00")["receipt_no"], 1);
    till.status_until("the receipt is printed", |status| status["paper"] == json!({"waiting": 0, "doubted": []}));

    counter.printer.set_fault(PrinterFault::Unplugged);
    counter.pole.set_fault(PoleFault::Unplugged);
    counter.scanner.set_fault(ScannerFault::Unplugged);
    counter.unit.set_fault(ControlFault::Unplugged);
    devices_until(&mut till, "everything gone", |devices| {
        ON_LINES.iter().all(|device| !["ok", "unknown"].contains(&state(devices, device).as_str().unwrap_or_default()))
    });

    counter.printer.set_fault(PrinterFault::Ok);
    counter.pole.set_fault(PoleFault::Ok);
    counter.scanner.set_fault(ScannerFault::None);
    counter.unit.set_fault(ControlFault::Ok);
    devices_until(&mut till, "everything back", all_well);
    counter.scanner.scan("7300000010018");
    let news = till.answer().expect("the scanner is heard by itself");
    assert_eq!((&news["event"], &news["text"]), (&json!("scan"), &json!("7300000010018")), "{news}");
    till.ok("add 1001");
    assert_eq!(till.ok("pay cash 29.00")["receipt_no"], 2, "the control unit gave its code");
    assert_eq!(counter.unit.recorded().len(), 2);
    till.status_until("the receipt is printed", |status| status["paper"] == json!({"waiting": 0, "doubted": []}));
    assert_eq!(counter.printer.strips().len(), 2, "printed once each");
    till.ok("test display");
    devices_until(&mut till, "the display shows its test page again", |_| counter.pole.lines()[0].contains("ÅÄÖ"));

    let evidence = till.ok("evidence")["evidence"].as_str().expect("a path").to_owned();
    let text = std::fs::read_to_string(evidence).expect("the evidence");
    for device in ["PRINTER", "DISPLAY", "SCANNER", "CONTROL"] {
        let trace = text.split(&format!("LINE OF {device}")).nth(1).unwrap_or_else(|| panic!("{device} has a trace"));
        let trace = trace.split("LINE OF").next().unwrap_or_default();
        assert!(trace.contains("-- lost") && trace.contains("-- opened again"), "{device}:\n{trace}");
    }
}

fn devices(arguments: &[&str]) -> (bool, String) {
    let output = run(&[&["devices"], arguments].concat());
    (output.status.success(), String::from_utf8(output.stdout).expect("UTF-8"))
}

#[test]
fn till_devices_asks_what_is_configured_and_says_what_is_missing() {
    let counter = Counter::new();
    let config = counter.config();
    let (usable, text) = devices(&["--config", &config]);
    assert!(usable, "{text}");
    assert!(text.contains("is ready: TROLLEY"), "the printer says who made it: {text}");
    assert!(text.contains(&format!("is ready: unit {}", counter.unit.number())), "{text}");
    counter.printer.set_fault(PrinterFault::CoverOpen);
    counter.unit.set_fault(ControlFault::Silent);
    let (usable, text) = devices(&["--config", &config, "--json"]);
    assert!(!usable, "{text}");
    let json: Value = serde_json::from_str(&text).expect("JSON");
    let told = |device: &str| {
        let rows = json["configured"].as_array().expect("a list");
        rows.iter().find(|row| row["device"] == device).expect("the device").clone()
    };
    assert_eq!(
        (&told("printer")["is_usable"], &told("control")["is_usable"], &told("display")["is_usable"]),
        (&json!(false), &json!(false), &json!(true))
    );
    assert!(told("printer")["says"].as_str().is_some_and(|says| says.contains("cover")), "{text}");
}

#[test]
fn till_devices_shows_which_configured_device_uses_what_is_attached() {
    let dir = tempfile::tempdir().expect("a folder");
    let root = dir.path();
    let file = |at: &str, text: &str| {
        let at = root.join(at);
        std::fs::create_dir_all(at.parent().expect("a parent")).expect("a folder");
        std::fs::write(at, text).expect("a file");
    };
    file("dev/ttyUSB0", "");
    file("dev/ttyUSB1", "");
    std::fs::create_dir_all(root.join("dev/serial/by-id")).expect("a folder");
    std::os::unix::fs::symlink("../../ttyUSB0", root.join("dev/serial/by-id/usb-Demo_Cable_A1-if00")).expect("a link");
    file("sys/class/input/event0/device/capabilities/key", "fffffffffffffffe\n");
    file("sys/class/input/event0/device/name", "Demo Scanner\n");
    file("sys/class/input/event0/device/id/vendor", "05e0\n");
    file("sys/class/input/event0/device/id/product", "1200\n");
    file("sys/class/backlight/demo/max_brightness", "10\n");
    file(
        "till.toml",
        "[printer]\nport = \"/dev/serial/by-id/usb-Demo_Cable_A1-if00\"\n[[scanner]]\nusb = \"05e0:1200\"\n\
         [power]\nbacklight = \"/sys/class/backlight/demo\"\n",
    );
    let (usable, text) = devices(&["--config", path(&root.join("till.toml")), "--root", path(root)]);
    assert!(!usable, "the printer's port is in that folder only: {text}");
    let lines: Vec<String> = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    for wanted in [
        "serial /dev/serial/by-id/usb-Demo_Cable_A1-if00 printer",
        "serial /dev/ttyUSB1 - this path may change when it is plugged in again",
        "keyboard /dev/input/event0 scanner Demo Scanner, usb 05e0:1200, this path may change when it is plugged in again",
        "backlight /sys/class/backlight/demo backlight",
        "scanner usb 05e0:1200 usable is attached: Demo Scanner",
    ] {
        assert!(lines.iter().any(|line| line == wanted), "{wanted:?} is missing in\n{text}");
    }
    assert!(lines.iter().any(|line| line.starts_with("printer") && line.contains("NOT USABLE is not there")), "{text}");
    assert!(devices(&["--root", path(Path::new("/nowhere"))]).0, "a till on simulated devices can be used");
}
