//! The service screen: every device and how it is, who this till is.

use domain::crew::Language;
use hw::{position::Fix, printer::Paper};
use till::words;

use super::figure;
use crate::{
    devices::Listed,
    screen::backroom::{Snapshot, StoreFound},
};

/// Which test runs, and what the last one came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tests {
    /// The device under test.
    pub running: Option<String>,
    /// The device that was tested last, well or not.
    pub ended: Option<(String, bool)>,
}

/// A row for each device. Two scanners share one: what is scanned with either is shown.
#[must_use]
pub fn devices(shot: &Snapshot, language: Language, tests: &Tests) -> Vec<ui::Device> {
    let mut rows: Vec<ui::Device> = Vec::new();
    for listed in &shot.devices {
        if rows.iter().all(|row| row.id != listed.device) {
            rows.push(row(listed, shot, language, tests));
        }
    }
    rows.push(store(shot, language, tests));
    rows
}

fn row(listed: &Listed, shot: &Snapshot, language: Language, tests: &Tests) -> ui::Device {
    let device = listed.device;
    let testing = tests.running.as_deref() == Some(device);
    let ended = tests.ended.as_ref().filter(|(tested, _)| tested == device).map(|(_, well)| *well);
    let scanned = shot.states.scanned_in_test.as_deref().filter(|_| device == "scanner" && !testing);
    let (detail, level) = match (listed.state, scanned) {
        ("ok" | "unknown", _) if testing && device == "scanner" => {
            (pick(language, "Skanna något nu", "Scan something now"), ui::Level::Off)
        }
        ("ok", Some(text)) => (format!("{}: {text}", pick(language, "Läst", "Read")), ui::Level::Good),
        ("ok", None) if device == "printer" && shot.states.printer.paper == Paper::NearEnd => {
            (pick(language, "Redo · lite papper", "Ready · paper low"), ui::Level::Warn)
        }
        ("ok", None) if device == "gps" => match shot.states.fix {
            None => (pick(language, "Ingen position ännu", "No position yet"), ui::Level::Off),
            Some(fix) => (place(fix, shot), ui::Level::Good),
        },
        ("ok", None) => match ended {
            None => (well(device, shot, language), ui::Level::Good),
            Some(true) => (pick(language, "Testet gick bra", "The test went well"), ui::Level::Good),
            Some(false) => (pick(language, "Testet misslyckades", "The test failed"), ui::Level::Bad),
        },
        ("unknown", _) => (pick(language, "Inte hörd ännu", "Not heard yet"), ui::Level::Off),
        (code, _) => (says(code, language), if is_needed(device) { ui::Level::Bad } else { ui::Level::Warn }),
    };
    ui::Device { id: device.into(), kind: kind(device), detail: detail.into(), level, testing, can_test: can_test(device) }
}

/// What a device that is well says of itself.
fn well(device: &str, shot: &Snapshot, language: Language) -> String {
    let ready = pick(language, "Redo", "Ready");
    match &shot.control_unit {
        Some(number) if device == "control" => format!("{ready} · {number}"),
        _ => ready,
    }
}

/// Where the receiver was last, and when, local time: `59,0664° N 15,1103° E · 14:12`.
fn place(fix: Fix, shot: &Snapshot) -> String {
    const UDEG_PER_DEG: u32 = 1_000_000;
    let degrees = |udeg: i32, letters: [char; 2]| {
        let (whole, part) = (udeg.unsigned_abs() / UDEG_PER_DEG, udeg.unsigned_abs() % UDEG_PER_DEG / 100);
        format!("{whole},{part:04}° {}", letters[usize::from(udeg < 0)])
    };
    let at = super::clock(fix.utc_s, shot.wall.1);
    format!("{} {} · {at}", degrees(fix.latitude_udeg, ['N', 'S']), degrees(fix.longitude_udeg, ['E', 'W']))
}

fn store(shot: &Snapshot, language: Language, tests: &Tests) -> ui::Device {
    let (detail, level) = match (shot.store, tests.ended.as_ref().filter(|(tested, _)| tested == "store")) {
        (_, Some((_, true))) => (pick(language, "Alla poster är hela", "Every entry is whole"), ui::Level::Good),
        (_, Some((_, false))) => (pick(language, "Testet misslyckades", "The test failed"), ui::Level::Bad),
        (StoreFound::Whole, None) => (pick(language, "Redo", "Ready"), ui::Level::Good),
        (StoreFound::Repaired, None) => (says("store.repaired", language), ui::Level::Warn),
        (StoreFound::SetAside, None) => (says("store.set_aside", language), ui::Level::Warn),
    };
    let testing = tests.running.as_deref() == Some("store");
    ui::Device { id: "store".into(), kind: ui::DeviceKind::Store, detail: detail.into(), level, testing, can_test: true }
}

fn says(code: &str, language: Language) -> String {
    words::message(language, code).map(|message| message.plain().happened).unwrap_or_default()
}

fn pick(language: Language, sv: &str, en: &str) -> String {
    match language {
        Language::Sv => sv.to_owned(),
        Language::En => en.to_owned(),
    }
}

fn kind(device: &str) -> ui::DeviceKind {
    match device {
        "printer" => ui::DeviceKind::Printer,
        "drawer" => ui::DeviceKind::Drawer,
        "terminal" => ui::DeviceKind::Terminal,
        "display" => ui::DeviceKind::Display,
        "scanner" => ui::DeviceKind::Scanner,
        "control" => ui::DeviceKind::ControlUnit,
        "gps" => ui::DeviceKind::Receiver,
        _ => ui::DeviceKind::Supply,
    }
}

/// Sales go on without the others as if nothing were missing.
fn is_needed(device: &str) -> bool {
    !matches!(device, "display" | "scanner" | "gps")
}

fn can_test(device: &str) -> bool {
    till::desk::Device::named(device).is_some()
}

/// Versions, log and entries.
#[must_use]
pub fn figures(shot: &Snapshot, language: Language) -> Vec<ui::Figure> {
    let paper = words::paper(language);
    vec![
        figure(paper.program, shot.setup.program.as_str(), false),
        figure(if language == Language::Sv { "Sortiment" } else { "Catalogue" }, shot.setup.catalogue.version().to_string(), false),
        figure(paper.register, shot.books.register.as_str(), false),
        figure(paper.journal_hash, format!("{} · {}", shot.seq, shot.log.get(..8).unwrap_or_default()), false),
        figure(paper.receipts, shot.books.receipt_no.to_string(), true),
    ]
}
