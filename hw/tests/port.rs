//! Serial lines, on pseudo-terminals.

use std::fs;
use std::time::Duration;

use hw::port::{Flow, Port, PortTrouble, SerialPort, SerialSettings};
use hw::printer::profile::EPSON_80MM;
use hw::sim::{PrinterFault, PtyLine, SimulatedPrinter};

fn port(path: impl Into<std::path::PathBuf>, baud: u32) -> SerialPort {
    SerialPort::new(SerialSettings { path: path.into(), baud, flow: Flow::None })
}

#[test]
fn a_missing_a_held_and_an_unusable_line_are_told_apart() {
    let folder = tempfile::tempdir().expect("a folder");
    let simulated = SimulatedPrinter::new(EPSON_80MM);
    let line = PtyLine::start(simulated.far_end(), folder.path().join("printer")).expect("a pseudo-terminal");
    let mut first = port(line.path(), 19_200);
    assert_eq!(first.read(&mut [0; 4], Duration::ZERO), Ok(0));
    let answer = |path: &std::path::Path, baud| port(path, baud).write(b"x", Duration::ZERO);
    assert_eq!(answer(line.path(), 19_200), Err(PortTrouble::Held));
    assert_eq!(answer(&folder.path().join("nothing"), 19_200), Err(PortTrouble::NotFound));
    let file = folder.path().join("file");
    fs::write(&file, "").expect("a file");
    assert_eq!(answer(&file, 19_200), Err(PortTrouble::Unusable));
    assert_eq!(answer(line.path(), 0), Err(PortTrouble::Unusable));
}

#[test]
fn a_write_that_nobody_takes_ends_in_time() {
    let folder = tempfile::tempdir().expect("a folder");
    let simulated = SimulatedPrinter::new(EPSON_80MM);
    let line = PtyLine::start(simulated.far_end(), folder.path().join("printer")).expect("a pseudo-terminal");
    simulated.set_fault(PrinterFault::PaperOut);
    let mut port = port(line.path(), 115_200);
    let mut written = 0;
    loop {
        let taken = port.write(&[b'x'; 1000], Duration::from_millis(300)).expect("the line is there");
        written += taken;
        if taken == 0 {
            break;
        }
        assert!(written < 200_000, "somebody takes everything");
    }
    assert!(written >= 8192, "the printer's buffer filled first: {written}");
}
