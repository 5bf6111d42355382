//! The configuration file: the example is understood, and what is wrong is said with what to write.

use std::path::Path;

use hw::{
    port::Flow,
    printer::{code_page::CodePage, profile::Profile},
};

use super::*;

fn plan(text: &str) -> Plan {
    Config::understand(text).unwrap_or_else(|why| panic!("{text}: {why}")).plan
}

#[test]
fn the_example_is_understood_and_leaves_nothing_simulated() {
    let config = Config::understand(EXAMPLE).expect("the example");
    assert_eq!(config.unit.as_deref(), Some("0142"));
    assert_eq!(config.hub.map(|hub| hub.to_string()).as_deref(), Some("https://hub.demo.example:8443"));
    let plan = config.plan;
    let lines: Vec<_> = plan.serial_lines().map(|(name, settings)| (name, settings.baud)).collect();
    assert_eq!(lines, [("printer", 38_400), ("display", 9_600), ("control", 9_600), ("gps", 9_600), ("scanner", 9_600)]);
    assert_eq!(plan.scanners[1].at, ScannerAt::Usb(0x05e0, 0x1200));
    assert!(plan.control.is_required);
    let supply = SupplyPlan { chip: "/dev/gpiochip0".into(), line: 17, active_low: true };
    assert_eq!((plan.power.supply, plan.power.dim_after_s), (Some(supply), Some(120)));
}

#[test]
fn the_example_names_every_key_that_there_is() {
    // What the parser would have accepted instead is the list of keys.
    for section in ["", "[printer]", "[[scanner]]", "[display]", "[control]", "[gps]", "[power]", "[power.supply]"] {
        let why = Config::understand(&format!("{section}\nnothing_such = 1")).expect_err("an unknown key");
        let keys: Vec<&str> = why.split('`').skip(3).step_by(2).collect();
        assert!(keys.len() >= 2, "{section}: {why}");
        for key in keys {
            assert!(EXAMPLE.contains(&format!("{key} =")) || EXAMPLE.contains(&format!("{key}]")), "{section} {key} is not in the example");
        }
    }
}

#[test]
fn without_a_file_everything_is_simulated_and_nothing_is_required() {
    let plan = plan("");
    assert_eq!(plan, Plan::default());
    assert_eq!(plan.serial_lines().count(), 0);
    assert!(!plan.control.is_required);
}

#[test]
fn a_port_called_simulated_keeps_the_simulator_and_the_rest_of_the_section() {
    let plan = plan("[printer]\nport = \"simulated\"\nprofile = \"generic-58mm\"\n[gps]\nport = \"simulated\"");
    assert_eq!((plan.printer.line, plan.printer.profile.name), (Line::Simulated, "generic-58mm"));
    assert_eq!(plan.gps, Line::Simulated);
}

#[test]
fn the_file_corrects_the_profile_of_a_printer() {
    let plan = plan("[printer]\nport = \"/dev/ttyUSB0\"\nflow = \"software\"\npage = \"pc865\"\npage_number = 5\ndrawer_open_high = false");
    let profile = plan.printer.profile;
    assert_eq!((profile.page, profile.page_number, profile.drawer_open_level_high), (CodePage::Pc865, 5, Some(false)));
    let line = Profile::named("epson-80mm").and_then(|profile| profile.page_line(1)).expect("a first line");
    let by_line = self::plan("[printer]\npage_line = 1").printer.profile;
    assert_eq!((by_line.page, by_line.page_number), (line.page, line.number));
    let Line::Serial(settings) = plan.printer.line else { panic!("a serial line") };
    assert_eq!((settings.path.as_path(), settings.flow), (Path::new("/dev/ttyUSB0"), Flow::Software));
}

#[test]
fn a_control_unit_is_required_unless_the_file_says_otherwise() {
    let on = "[control]\nunit = \"cleancash-2\"\nport = \"/dev/ttyUSB1\"\n";
    assert!(plan(on).control.is_required);
    assert!(!plan(&format!("{on}rule = \"none\"")).control.is_required);
    assert!(!plan("[control]\nunit = \"none\"").control.is_required);
}

#[test]
fn what_is_wrong_is_named_with_what_to_write_instead() {
    let cases = [
        ("unit = \"kitchen 1\"", "unit = \"kitchen 1\": write the unit's label"),
        ("[printer]\nflow = \"rts\"", "[printer] flow = \"rts\": write \"hardware\", \"software\" or \"none\""),
        ("[printer]\nprofile = \"tm\"", "[printer] profile = \"tm\": write one of epson-80mm"),
        ("[printer]\npage = \"utf-8\"", "[printer] page = \"utf-8\": write one of pc437"),
        ("[printer]\npage = \"pc865\"", "[printer] page_number is missing: write"),
        ("[printer]\npage_line = 0", "[printer] page_line = 0: write the number of a line of its set-up page"),
        ("[printer]\npage_line = 1\npage = \"pc858\"\npage_number = 19", "leave page and page_number out"),
        ("[printer]\nbaud = 9600", "[printer] baud without a port: write port too"),
        ("[printer]\nflow = \"none\"", "[printer] flow without a port: write port too"),
        ("[gps]\nbaud = 4800", "[gps] baud without a port: write port too"),
        ("[[scanner]]\nbaud = 9600", "[scanner] baud without a port: write port too"),
        ("[scanner]\nport = \"/dev/a\"", "[scanner]: write [[scanner]]"),
        ("[[scanner]]\nusb = \"+5e0:1200\"", "[scanner] usb = \"+5e0:1200\": write maker and product"),
        ("[[scanner]]\nport = \"/dev/a\"\n[[scanner]]\nport = \"/dev/a\"", "two [[scanner]] with port = \"/dev/a\": leave one out"),
        ("[[scanner]]\nusb = \"05e0:1200\"\n[[scanner]]\nusb = \"05E0:1200\"", "two [[scanner]] with usb = \"05e0:1200\": leave one out"),
        ("[[scanner]]\nphysical = \"a/0\"\n[[scanner]]\nphysical = \"a/0\"", "two [[scanner]] with physical = \"a/0\": leave one out"),
        ("[printer]\nbaud = 0", "[printer] baud = 0: write the speed"),
        ("[printer]\nport = \"ttyUSB0\"", "[printer] port = \"ttyUSB0\": write a whole path"),
        ("[[scanner]]\nprefix = \"x\"", "[[scanner]] has no place: write port"),
        ("[[scanner]]\nport = \"/dev/a\"\nusb = \"05e0:1200\"", "more than one of port, usb and physical: write one"),
        ("[[scanner]]\nusb = \"5e0:1200\"", "[scanner] usb = \"5e0:1200\": write maker and product"),
        ("[[scanner]]\nphysical = \"\"", "[scanner] physical = \"\": write the place"),
        (
            "[[scanner]]\nusb = \"05e0:1200\"\nprefix = \"much too long for any scanner\"",
            "[scanner] prefix and suffix = [\"much too long for any scanner\", \"\"]: write at most",
        ),
        ("[[scanner]]\nusb = \"05e0:1200\"\nbaud = 9600", "[[scanner]] baud: a scanner that types has none; leave it out"),
        ("[display]\nport = \"/dev/a\"", "[display] kind = \"\": write \"pole\""),
        ("[display]\nkind = \"pole\"", "[display] port is missing: write"),
        (
            "[display]\nkind = \"pole\"\nport = \"/dev/a\"\nbus = \"/dev/i2c-1\"",
            "[display] bus, address and rows are an OLED's: leave them out",
        ),
        ("[display]\nkind = \"pole\"\nport = \"/dev/a\"\npage = \"pc865\"", "[display] page_number is missing: write the number"),
        ("[display]\nkind = \"pole\"\nport = \"/dev/a\"\nrows = 32", "[display] bus, address and rows are an OLED's: leave them out"),
        ("[display]\nkind = \"oled\"\nbus = \"/dev/i2c-1\"\npage_number = 5", "page and page_number are a pole's: leave them out"),
        ("[display]\nkind = \"none\"\npage_number = 5", "[display] kind = \"none\": write \"pole\""),
        ("[display]\nkind = \"oled\"\nbus = \"1\"", "[display] bus = \"1\": write a whole path, such as \"/dev/i2c-1\""),
        ("[display]\nkind = \"oled\"\nbus = \"/dev/i2c-1\"\nrows = 48", "[display] rows = 48: write 64 or 32"),
        ("[display]\nkind = \"oled\"", "[display] bus is missing: write"),
        ("[display]\nkind = \"oled\"\nbus = \"/dev/i2c-1\"\naddress = 0", "[display] address = 0: write an I2C address"),
        ("[display]\nkind = \"oled\"\nbus = \"/dev/i2c-1\"\nport = \"/dev/a\"", "are a pole's: leave them out"),
        ("[display]\nkind = \"none\"\nport = \"/dev/a\"", "[display] kind = \"none\": write \"pole\""),
        ("[control]\nunit = \"box\"", "[control] unit = \"box\": write \"cleancash-1\""),
        ("[control]\nunit = \"skattedosan\"", "[control] port is missing: write"),
        ("[control]\nunit = \"none\"\nport = \"/dev/a\"", "[control] unit = \"none\": write the unit on that port"),
        ("[control]\nunit = \"none\"\nrule = \"sweden\"", "[control] rule = \"sweden\": write which unit too"),
        ("[control]\nunit = \"simulated\"\nrule = \"norway\"", "[control] rule = \"norway\": write \"sweden\" or \"none\""),
        ("[gps]\nport = \"\"", "[gps] port = \"\": write a whole path"),
        ("[power]\ndim_after_s = 0", "[power] dim_after_s = 0: write seconds"),
        ("[power]\ndim_after_s = 9", "[power] backlight is missing: write"),
        ("[power]\nwatchdog = \"\"", "[power] watchdog = \"\": write a whole path, such as \"/dev/watchdog\""),
        ("[power]\nrtc = \"rtc7\"", "[power] rtc = \"rtc7\": write a whole path, such as \"/dev/rtc0\""),
        ("[power]\nbacklight = \"rpi\"", "[power] backlight = \"rpi\": write a whole path"),
        ("[power.supply]\nchip = \"gpiochip0\"\nline = 1", "[power.supply] chip = \"gpiochip0\": write a whole path"),
        ("[power.supply]\nchip = \"/dev/gpiochip0\"", "missing field `line`"),
        ("[printer]\nport = \"/dev/a\"\n[gps]\nport = \"/dev/a\"", "[gps] port = \"/dev/a\": that is the port of the printer"),
        ("[gps]\nbauds = 9600", "unknown field `bauds`, expected `port` or `baud`"),
        ("[gbs]\nbaud = 9600", "unknown field `gbs`"),
    ];
    for (text, expected) in cases {
        let why = Config::understand(text).map(|config| config.plan).expect_err(text);
        assert!(why.contains(expected), "{text}\nsays   {why}\nwanted {expected}");
    }
}

#[test]
fn a_matrix_of_dots_is_64_rows_high_or_32() {
    let panel = |rows: &str| match plan(&format!("[display]\nkind = \"oled\"\nbus = \"/dev/i2c-1\"\n{rows}")).display {
        DisplayPlan::Oled { panel, .. } => panel.height_dots(),
        other => panic!("{other:?}"),
    };
    assert_eq!([panel(""), panel("rows = 64"), panel("rows = 32")], [64, 64, 32]);
}

#[test]
fn a_counter_has_four_scanners_at_most() {
    let scanner = |number: usize| format!("[[scanner]]\nport = \"/dev/scanner{number}\"\n");
    let text: String = (0..=SCANNERS_MAX).map(scanner).collect();
    assert!(Config::understand(&text).expect_err("too many").contains("write at most 4"));
}

#[test]
fn a_hub_whose_address_is_none_is_refused_by_name() {
    for text in ["[hub]\nurl = \"hub/path\"", "[hub]\nurl = 5", "[hub]", "[hub]\nurl = \"hub:1\"\ntoken = \"t\""] {
        let why = Config::understand(text).expect_err("no hub");
        assert!(why.contains("hub") || why.contains("url"), "{text}: {why}");
    }
}
