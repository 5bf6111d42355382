//! One contract of a scanner, kept by the same simulator on a line within the process and on a pseudo-terminal.

use std::time::Duration;

use hw::port::{Flow, Port, SerialPort, SerialSettings};
use hw::scanner::{LineScanner, Scanner, ScannerLost, ScannerSettings};
use hw::sim::{PtyLine, ScannerFault, SimulatedScanner};

/// One look, as the till's thread has it.
const LOOK: Duration = Duration::from_millis(200);
/// Looks without anything before a test gives up.
const LOOKS_MAX: u32 = 100;

fn settings() -> ScannerSettings {
    ScannerSettings::new("]E0", "").expect("a short prefix")
}

/// What comes next, however long it takes.
fn next(scanner: &mut dyn Scanner) -> Result<String, ScannerLost> {
    for _ in 0..LOOKS_MAX {
        if let Some(scan) = scanner.next(LOOK)? {
            return Ok(scan.as_str().to_owned());
        }
    }
    panic!("nothing came");
}

/// Looks until nothing has come for longer than any moment or silence that the scanner knows.
fn nothing_more(scanner: &mut dyn Scanner) {
    for _ in 0..8 {
        assert_eq!(scanner.next(LOOK), Ok(None));
    }
}

fn contract(simulated: &SimulatedScanner, scanner: &mut dyn Scanner) {
    nothing_more(scanner);
    codes_come_in_order(simulated, scanner);
    noise_drops_the_code_whole(simulated, scanner);
    slow_bytes_make_the_code(simulated, scanner);
    unplugged_is_told_and_mends(simulated, scanner);
}

fn codes_come_in_order(simulated: &SimulatedScanner, scanner: &mut dyn Scanner) {
    let codes: Vec<String> = (0..40).map(|number| format!("73108650{number:05}")).collect();
    for code in &codes {
        simulated.scan(code);
    }
    for code in &codes {
        assert_eq!(next(scanner).as_deref(), Ok(code.as_str()));
        // The caller is slow: it has other things to do between two looks.
        std::thread::yield_now();
    }
    nothing_more(scanner);
    let long = "TROLLEY1:".to_owned() + &"A".repeat(230);
    simulated.scan(&long);
    assert_eq!(next(scanner), Ok(long));
}

fn once_when_sent_twice(simulated: &SimulatedScanner, scanner: &mut dyn Scanner) {
    simulated.set_fault(ScannerFault::Double);
    simulated.scan("12345670");
    assert_eq!(next(scanner).as_deref(), Ok("12345670"));
    nothing_more(scanner);
    simulated.set_fault(ScannerFault::None);
    // The same thing again later is another one.
    simulated.scan("12345670");
    assert_eq!(next(scanner).as_deref(), Ok("12345670"));
}

fn noise_drops_the_code_whole(simulated: &SimulatedScanner, scanner: &mut dyn Scanner) {
    simulated.set_fault(ScannerFault::Garbage);
    simulated.scan("12345670");
    nothing_more(scanner);
    simulated.set_fault(ScannerFault::None);
    simulated.scan("7310865004703");
    assert_eq!(next(scanner).as_deref(), Ok("7310865004703"));
}

fn slow_bytes_make_the_code(simulated: &SimulatedScanner, scanner: &mut dyn Scanner) {
    simulated.set_fault(ScannerFault::Dribbling);
    simulated.scan("40170725");
    assert_eq!(next(scanner).as_deref(), Ok("40170725"));
    simulated.set_fault(ScannerFault::None);
}

fn unplugged_is_told_and_mends(simulated: &SimulatedScanner, scanner: &mut dyn Scanner) {
    simulated.send(b"]E0731086");
    assert_eq!(scanner.next(LOOK), Ok(None));
    simulated.set_fault(ScannerFault::Unplugged);
    simulated.scan("12345670");
    let lost = (0..LOOKS_MAX).any(|_| scanner.next(LOOK) == Err(ScannerLost));
    assert!(lost, "a pulled cable is told");
    simulated.set_fault(ScannerFault::None);
    let mut mended = false;
    for _ in 0..LOOKS_MAX {
        mended = scanner.next(LOOK).is_ok();
        if mended {
            break;
        }
        rest();
    }
    assert!(mended, "the line opens again by itself");
    simulated.scan("40170725");
    assert_eq!(next(scanner).as_deref(), Ok("40170725"), "without the half code from before");
}

#[expect(clippy::disallowed_methods, reason = "a line that is away has a back-off in real time")]
fn rest() {
    std::thread::sleep(LOOK);
}

#[test]
fn a_scanner_within_the_process_keeps_the_contract() {
    let simulated = SimulatedScanner::new(settings());
    let mut scanner = LineScanner::new(simulated.port(), settings());
    contract(&simulated, &mut scanner);
    // Here time is the line's own; a machine that stalls would make two of the two on a real one, and rightly so.
    once_when_sent_twice(&simulated, &mut scanner);
}

#[test]
fn a_scanner_on_a_serial_line_keeps_the_contract() {
    let folder = tempfile::tempdir().expect("a folder");
    let simulated = SimulatedScanner::new(settings());
    let line = PtyLine::start(simulated.far_end(), folder.path().join("scanner")).expect("a pseudo-terminal");
    let port = SerialPort::new(SerialSettings { path: line.path().into(), baud: 9_600, flow: Flow::None });
    contract(&simulated, &mut LineScanner::new(port, settings()));
}

#[test]
fn a_listening_thread_on_a_line_in_wall_time_hears_a_code() {
    let simulated = SimulatedScanner::new(ScannerSettings::default());
    let port = simulated.wall_port();
    assert_eq!(port.now(), Duration::ZERO);
    let mut scanner = LineScanner::new(port, ScannerSettings::default());
    simulated.scan("12345670");
    assert_eq!(next(&mut scanner).as_deref(), Ok("12345670"));
}

/// How often this thread has gone to sleep so far.
fn rests() -> u64 {
    let status = std::fs::read_to_string("/proc/thread-self/status").expect("the kernel tells");
    let count = status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
    count.and_then(|count| count.trim().parse().ok()).expect("a count")
}

#[test]
fn a_listening_thread_on_a_line_in_wall_time_sleeps_until_there_is_something() {
    const WAKES_MAX: u64 = 5;
    let simulated = SimulatedScanner::new(ScannerSettings::default());
    let mut port = simulated.wall_port();
    let before = rests();
    assert_eq!(port.read(&mut [0; 8], Duration::from_millis(600)), Ok(0));
    assert!(rests() - before <= WAKES_MAX, "it slept and woke {} times", rests() - before);
    assert!(port.now() >= Duration::from_millis(600));
    let listening = std::thread::spawn(move || port.read(&mut [0; 8], Duration::from_secs(600)));
    simulated.send(b"x");
    assert_eq!(listening.join().expect("no panic"), Ok(1), "what comes wakes it");
    let mut port = simulated.wall_port();
    let listening = std::thread::spawn(move || port.read(&mut [0; 8], Duration::from_secs(600)));
    simulated.set_fault(ScannerFault::Unplugged);
    assert_eq!(listening.join().expect("no panic"), Err(hw::port::PortTrouble::Lost), "and so does a pulled cable");
}
