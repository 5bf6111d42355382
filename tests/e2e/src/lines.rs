//! The devices of a whole counter on serial lines: pseudo-terminals, with a simulated device at the far end of each.

use std::{
    fs,
    path::Path,
    sync::{Arc, Mutex},
};

use hw::{
    control::CleanCashVersion,
    port::PtyLine,
    printer::profile::EPSON_80MM,
    scanner::ScannerSettings,
    sim::{CleanCashSimulator, SimulatedPole, SimulatedPrinter, SimulatedScanner, SimulatedUnit},
};
use till_app::config::Config;

/// Printer with drawer, scanner, customer display and control unit, each at the end of a line that the till knows only by its path.
#[derive(Debug)]
pub struct Lines {
    /// The receipt printer.
    pub printer: SimulatedPrinter,
    /// The scanner.
    pub scanner: SimulatedScanner,
    /// The customer display.
    pub pole: SimulatedPole,
    /// The control unit.
    pub unit: SimulatedUnit,
    _lines: [PtyLine; 4],
}

impl Lines {
    /// Puts the devices on lines in `dir`, and what a till is told of them into a configuration file there.
    ///
    /// # Panics
    /// When the system gives no pseudo-terminals or the till does not understand the file.
    #[must_use]
    pub fn start(dir: &Path) -> (Self, Config) {
        fs::create_dir_all(dir).expect("a folder for the lines");
        let (printer, pole, unit) = (SimulatedPrinter::new(EPSON_80MM), SimulatedPole::new(), SimulatedUnit::new());
        let scanner = SimulatedScanner::new(ScannerSettings::default());
        let cleancash = Arc::new(Mutex::new(CleanCashSimulator::new(CleanCashVersion::V2, unit.clone())));
        let lines = [
            PtyLine::start(printer.far_end(), dir.join("printer")),
            PtyLine::start(scanner.far_end(), dir.join("scanner")),
            PtyLine::start(pole.far_end(), dir.join("pole")),
            PtyLine::start(cleancash, dir.join("control")),
        ];
        let lines = lines.map(|line| line.expect("a pseudo-terminal"));
        let [printer_path, scanner_path, pole_path, control_path] =
            [0, 1, 2, 3].map(|line: usize| lines[line].path().display().to_string());
        let config = dir.join("till.toml");
        let text = format!(
            r#"[printer]
port = "{printer_path}"
flow = "none"
profile = "epson-80mm"

[[scanner]]
port = "{scanner_path}"

[display]
kind = "pole"
port = "{pole_path}"

[control]
unit = "cleancash-2"
port = "{control_path}"
rule = "sweden"
"#
        );
        fs::write(&config, text).expect("a configuration file");
        let config = Config::read(&config).expect("a configuration that is understood");
        (Self { printer, scanner, pole, unit, _lines: lines }, config)
    }

    /// Whether the customer display shows this, and in which line.
    #[must_use]
    pub fn shows(&self, text: &str) -> bool {
        self.pole.lines().iter().any(|line| line.replace('\u{a0}', " ").contains(text))
    }
}
