//! Serial lines, on pseudo-terminals.

use std::fs;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hw::port::{Flow, Port, PortTrouble, SerialPort, SerialSettings};
use hw::printer::profile::EPSON_80MM;
use hw::sim::{FarEnd, PrinterFault, PtyLine, SimulatedPrinter};

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

/// A device that says stop, and keeps what it gets all the same.
#[derive(Default)]
struct Gate {
    got: Vec<u8>,
    says: Vec<u8>,
}

impl FarEnd for Gate {
    fn receive(&mut self, bytes: &[u8]) -> usize {
        self.got.extend(bytes);
        bytes.len()
    }

    fn take_replies(&mut self, _count_max: usize) -> Vec<u8> {
        std::mem::take(&mut self.says)
    }

    fn baud(&self) -> u32 {
        115_200
    }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a pseudo-terminal lives on the wall clock")]
fn a_line_with_software_flow_control_is_busy_between_xoff_and_xon() {
    let folder = tempfile::tempdir().expect("a folder");
    let gate = Arc::new(Mutex::new(Gate::default()));
    let line = PtyLine::start(Arc::clone(&gate), folder.path().join("gate")).expect("a pseudo-terminal");
    let mut port = SerialPort::new(SerialSettings { path: line.path().to_path_buf(), baud: 115_200, flow: Flow::Software });
    let say = |byte: u8| gate.lock().expect("no test panics with it").says.push(byte);
    let got = || gate.lock().expect("no test panics with it").got.clone();
    assert_eq!(port.write(b"first", Duration::from_millis(500)), Ok(5));
    say(0x13);
    // Until the stop has come through, a byte may still pass.
    let mut passed = 0;
    while port.write(b"x", Duration::from_millis(200)).expect("the line is there") > 0 {
        passed += 1;
        assert!(passed < 1000, "nobody stops it");
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(port.write(b"later", Duration::from_millis(50)), Ok(0), "stopped is busy, not lost");
    say(0x11);
    let mut answer = [0; 8];
    assert_eq!(port.read(&mut answer, Duration::from_millis(50)), Ok(0), "stop and go are the line's own, no answer");
    while port.write(b"z", Duration::from_millis(500)).expect("the line is there") == 0 {}
    for _ in 0..500 {
        if got().ends_with(b"z") {
            break;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let expected = [b"first".as_slice(), &vec![b'x'; passed], b"z"].concat();
    assert_eq!(String::from_utf8_lossy(&got()), String::from_utf8_lossy(&expected), "nothing is lost and nothing comes twice");
}
