//! The drivers of control units against simulated units: one suite for every protocol, on lines in the process and on pseudo-terminals.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hw::control::{
    CleanCash, CleanCashVersion, ControlCode, ControlTrouble, ControlUnit, ReceiptRecord, RecordKind, Skattedosan, UnitDeadlines,
};
use hw::port::{FarEnd, Flow, PipePort, Port, PtyLine, SerialPort, SerialSettings, Shared};
use hw::sim::{CleanCashSimulator, ControlFault, SimulatedUnit, SkattedosanSimulator};

const PROTOCOLS: [Protocol; 3] =
    [Protocol::CleanCash(CleanCashVersion::V1), Protocol::CleanCash(CleanCashVersion::V2), Protocol::Skattedosan];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Protocol {
    CleanCash(CleanCashVersion),
    Skattedosan,
}

impl Protocol {
    fn driver(self, port: impl Port + 'static, deadlines: UnitDeadlines) -> Box<dyn ControlUnit> {
        match self {
            Self::CleanCash(version) => Box::new(CleanCash::with_deadlines(port, version, deadlines)),
            Self::Skattedosan => Box::new(Skattedosan::with_deadlines(port, deadlines)),
        }
    }
}

/// A simulated unit on a line, and drivers for it: a new one stands for a till that was started again.
struct Bench {
    name: String,
    protocol: Protocol,
    unit: SimulatedUnit,
    make: Box<dyn Fn() -> Box<dyn ControlUnit>>,
    _line: Option<(PtyLine, tempfile::TempDir)>,
}

impl Bench {
    fn pipe(protocol: Protocol) -> Self {
        Self::pipe_of(protocol, SimulatedUnit::new())
    }

    fn pipe_of(protocol: Protocol, unit: SimulatedUnit) -> Self {
        match protocol {
            Protocol::CleanCash(version) => Self::over_pipe(protocol, unit.clone(), share(CleanCashSimulator::new(version, unit))),
            Protocol::Skattedosan => Self::over_pipe(protocol, unit.clone(), share(SkattedosanSimulator::new(unit))),
        }
    }

    fn over_pipe<F: FarEnd + 'static>(protocol: Protocol, unit: SimulatedUnit, far: Shared<F>) -> Self {
        let make = move || protocol.driver(PipePort::new(Arc::clone(&far)), UnitDeadlines::default());
        Self { name: format!("{protocol:?}, pipe"), protocol, unit, make: Box::new(make), _line: None }
    }

    fn pty(protocol: Protocol) -> Self {
        let unit = SimulatedUnit::new();
        match protocol {
            Protocol::CleanCash(version) => Self::over_pty(protocol, unit.clone(), share(CleanCashSimulator::new(version, unit))),
            Protocol::Skattedosan => Self::over_pty(protocol, unit.clone(), share(SkattedosanSimulator::new(unit))),
        }
    }

    fn over_pty<F: FarEnd + 'static>(protocol: Protocol, unit: SimulatedUnit, far: Shared<F>) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let baud = far.lock().expect("alone").baud();
        let line = PtyLine::start(far, folder.path().join("unit")).expect("a pseudo-terminal");
        let settings = SerialSettings { path: line.path().to_path_buf(), baud, flow: Flow::None };
        let make = move || protocol.driver(SerialPort::new(settings.clone()), QUICK);
        Self { name: format!("{protocol:?}, pty"), protocol, unit, make: Box::new(make), _line: Some((line, folder)) }
    }

    fn driver(&self) -> Box<dyn ControlUnit> {
        (self.make)()
    }

    /// Hands over the same receipt until there is a code: a line that was away takes a moment to open again.
    fn register_in_the_end(&self, driver: &mut dyn ControlUnit, record: &ReceiptRecord) -> ControlCode {
        for _ in 0..10 {
            if let Ok(code) = driver.register(record) {
                return code;
            }
            if self._line.is_some() {
                pause();
            }
        }
        panic!("{}: the unit is well and does not record", self.name);
    }

    /// That the unit holds this receipt once, as it was handed over, under the code that the till was given.
    fn check_recorded_once(&self, record: &ReceiptRecord, code: &ControlCode) {
        let recorded = self.unit.recorded();
        let mine: Vec<_> = recorded.iter().filter(|receipt| receipt.number == record.number && receipt.kind == record.kind).collect();
        assert_eq!(mine.len(), 1, "{}: {recorded:?}", self.name);
        let receipt = mine[0];
        let vat = record.vat.iter().fold([0; 4], |mut vat, &(rate, minor)| {
            vat[match rate {
                2500 => 0,
                1200 => 1,
                600 => 2,
                _ => 3,
            }] = minor;
            vat
        });
        let [year, month, day, hour, minute] = record.at;
        assert_eq!(receipt.at, format!("{year}{month:02}{day:02}{hour:02}{minute:02}"));
        assert_eq!((receipt.org_no.as_str(), receipt.register.as_str()), (record.org_no.as_str(), record.register.as_str()));
        assert_eq!((receipt.returned_minor, receipt.sold_minor, receipt.vat_minor), (record.returned_minor, record.sold_minor, vat));
        let has_code = self.protocol != Protocol::CleanCash(CleanCashVersion::V1)
            || !matches!(record.kind, RecordKind::Training | RecordKind::ProForma);
        assert_eq!(code.code.as_str(), if has_code { receipt.code.as_str() } else { "" }, "{}", self.name);
        assert_eq!(code.unit.as_str(), "SIM0001");
    }
}

/// Deadlines for lines in real time: shorter, with room for a busy machine.
const QUICK: UnitDeadlines = UnitDeadlines {
    send: Duration::from_secs(1),
    answer: Duration::from_secs(1),
    record: Duration::from_secs(1),
    quiet: Duration::from_millis(100),
    quiet_wait: Duration::from_millis(500),
    attempts: 2,
};

#[expect(clippy::disallowed_methods, reason = "a line that opens itself again does so in real time")]
fn pause() {
    std::thread::sleep(Duration::from_millis(250));
}

fn share<F>(far: F) -> Shared<F> {
    Arc::new(Mutex::new(far))
}

fn sale(number: u64) -> ReceiptRecord {
    ReceiptRecord {
        at: [2026, 10, 1, 12, 30],
        org_no: "5560000000".try_into().expect("ten digits"),
        register: "0142-3".try_into().expect("short"),
        number,
        kind: RecordKind::Normal,
        returned_minor: 0,
        sold_minor: 18_300,
        vat: [(2500, 700), (1200, 986)].into_iter().collect(),
    }
}

fn refund(number: u64) -> ReceiptRecord {
    ReceiptRecord { returned_minor: 9_050, sold_minor: 0, vat: [(600, -512)].into_iter().collect(), ..sale(number) }
}

fn of_kind(number: u64, kind: RecordKind) -> ReceiptRecord {
    ReceiptRecord { kind, ..sale(number) }
}

/// What a till hands over on a day, all kinds and shapes of it.
fn day() -> Vec<ReceiptRecord> {
    vec![
        sale(1),
        refund(2),
        of_kind(1, RecordKind::Copy),
        of_kind(3, RecordKind::Training),
        of_kind(4, RecordKind::ProForma),
        ReceiptRecord { vat: [(2500, 700), (1200, 986), (600, 5), (0, 0)].into_iter().collect(), ..sale(5) },
        ReceiptRecord { vat: heapless::Vec::new(), sold_minor: 0, ..sale(6) },
        ReceiptRecord { number: 999_999_999_999, sold_minor: 999_999_999_999, vat: [(600, 1)].into_iter().collect(), ..sale(0) },
        sale(7),
    ]
}

fn check_a_day(bench: &Bench) {
    let mut driver = bench.driver();
    for record in day() {
        let code = driver.register(&record).unwrap_or_else(|why| panic!("{}: {why:?} for {record:?}", bench.name));
        bench.check_recorded_once(&record, &code);
    }
    assert_eq!(bench.unit.recorded().len(), day().len());
}

#[test]
fn a_day_of_receipts_is_recorded() {
    PROTOCOLS.map(Bench::pipe).iter().for_each(check_a_day);
}

#[test]
fn a_day_of_receipts_is_recorded_over_a_pseudo_terminal() {
    PROTOCOLS.map(Bench::pty).iter().for_each(check_a_day);
}

fn check_lost_answer(bench: &Bench) {
    let mut driver = bench.driver();
    driver.register(&sale(1)).expect("well");
    bench.unit.set_fault(ControlFault::LostAnswer);
    assert_eq!(driver.register(&sale(2)), Err(ControlTrouble::Silent), "{}", bench.name);
    bench.unit.set_fault(ControlFault::Ok);
    let code = bench.register_in_the_end(&mut *driver, &sale(2));
    bench.check_recorded_once(&sale(2), &code);
    let code = driver.register(&sale(3)).expect("well");
    bench.check_recorded_once(&sale(3), &code);
}

#[test]
fn after_a_lost_answer_the_same_receipt_has_the_same_code() {
    PROTOCOLS.map(Bench::pipe).iter().for_each(check_lost_answer);
}

#[test]
fn after_a_lost_answer_the_same_receipt_has_the_same_code_over_a_pseudo_terminal() {
    PROTOCOLS.map(Bench::pty).iter().for_each(check_lost_answer);
}

/// `before` receipts, one whose answer is lost, a new driver, the same receipt and one more.
fn check_restart(bench: &Bench, before: u64) {
    let mut driver = bench.driver();
    for number in 1..=before {
        driver.register(&sale(number)).expect("well");
    }
    bench.unit.set_fault(ControlFault::LostAnswer);
    assert_eq!(driver.register(&sale(50)), Err(ControlTrouble::Silent), "{}", bench.name);
    bench.unit.set_fault(ControlFault::Ok);
    drop(driver);
    let mut driver = bench.driver();
    for number in [50, 51] {
        let code = bench.register_in_the_end(&mut *driver, &sale(number));
        bench.check_recorded_once(&sale(number), &code);
    }
}

#[test]
fn a_driver_that_is_started_again_finishes_what_was_asked() {
    for before in 0..4 {
        PROTOCOLS.map(Bench::pipe).iter().for_each(|bench| check_restart(bench, before));
    }
}

#[test]
fn a_driver_that_is_started_again_finishes_what_was_asked_over_a_pseudo_terminal() {
    PROTOCOLS.map(Bench::pty).iter().for_each(|bench| check_restart(bench, 1));
}

#[test]
fn a_unit_that_was_without_power_goes_on() {
    for bench in PROTOCOLS.map(Bench::pipe).iter().chain(&PROTOCOLS.map(Bench::pty)) {
        let mut driver = bench.driver();
        for number in 1..=5 {
            bench.unit.set_fault(ControlFault::Unplugged);
            if bench._line.is_some() {
                pause();
            }
            assert_eq!(driver.register(&sale(number)), Err(ControlTrouble::Unplugged), "{}", bench.name);
            bench.unit.set_fault(ControlFault::Ok);
            let code = bench.register_in_the_end(&mut *driver, &sale(number));
            bench.check_recorded_once(&sale(number), &code);
        }
    }
}

fn expected(protocol: Protocol, fault: ControlFault) -> Result<(), ControlTrouble> {
    let dosan = protocol == Protocol::Skattedosan;
    Err(match fault {
        ControlFault::Ok | ControlFault::StorageLow | ControlFault::PowerFail => return Ok(()),
        ControlFault::Busy if dosan => ControlTrouble::Silent,
        ControlFault::Silent | ControlFault::LostAnswer => ControlTrouble::Silent,
        ControlFault::Garbled => ControlTrouble::Garbled,
        ControlFault::Busy => ControlTrouble::Busy,
        ControlFault::StorageFull => ControlTrouble::StorageFull,
        ControlFault::NotEnrolled => ControlTrouble::NotEnrolled(if dosan { 4 } else { 7 }),
        ControlFault::Refused => ControlTrouble::Refused(if dosan { 9 } else { 3 }),
        ControlFault::Fatal => ControlTrouble::Fault(if dosan { 15 } else { 6 }),
        ControlFault::Unplugged => ControlTrouble::Unplugged,
    })
}

#[test]
fn every_fault_has_its_trouble_and_is_over_when_it_is_mended() {
    for protocol in PROTOCOLS {
        for &(name, fault) in ControlFault::NAMED {
            assert_eq!(ControlFault::named(name), Some(fault));
            let bench = Bench::pipe(protocol);
            let mut driver = bench.driver();
            bench.unit.set_fault(fault);
            let result = driver.register(&sale(42));
            assert_eq!(result.clone().map(|_| ()), expected(protocol, fault), "{protocol:?} {name}");
            if let Err(why) = result {
                assert!(why.may_be_recorded() || bench.unit.recorded().is_empty(), "{protocol:?} {name}");
            }
            bench.unit.set_fault(ControlFault::Ok);
            let code = driver.register(&sale(42)).expect("mended");
            bench.check_recorded_once(&sale(42), &code);
        }
    }
}

/// Where in a receipt a fault strikes: bytes that the unit heard, probe and repetitions included.
const POINTS: usize = 260;

#[test]
fn a_fault_at_any_byte_leaves_one_record_and_no_false_certainty() {
    println!("| fault, at any byte of a receipt | CleanCash 1 | CleanCash 2 | Skattedosan |\n|---|---|---|---|");
    for &(name, fault) in ControlFault::NAMED {
        let mut row = format!("| {name} |");
        for protocol in PROTOCOLS {
            let mut outcomes = BTreeSet::new();
            for point in 0..POINTS {
                let bench = Bench::pipe(protocol);
                let mut driver = bench.driver();
                bench.unit.set_fault_after(point, fault);
                let outcome = driver.register(&sale(42));
                let recorded = bench.unit.recorded().len();
                match &outcome {
                    Ok(code) => bench.check_recorded_once(&sale(42), code),
                    Err(why) => assert!(why.may_be_recorded() || recorded == 0, "{protocol:?} {name} after {point} bytes: {why:?}"),
                }
                outcomes.insert(outcome.map_or_else(|why| why.code().trim_start_matches("control."), |_| "recorded"));
                bench.unit.set_fault(ControlFault::Ok);
                let code = driver.register(&sale(42)).expect("mended");
                bench.check_recorded_once(&sale(42), &code);
                assert_eq!(bench.unit.recorded().len(), 1);
            }
            row += &format!(" {} |", outcomes.into_iter().collect::<Vec<_>>().join(", "));
        }
        println!("{row}");
    }
}

#[test]
fn what_one_asking_left_open_no_later_trouble_closes() {
    for protocol in PROTOCOLS {
        for fault in
            [ControlFault::Unplugged, ControlFault::StorageFull, ControlFault::Refused, ControlFault::NotEnrolled, ControlFault::Busy]
        {
            let bench = Bench::pipe(protocol);
            let mut driver = bench.driver();
            bench.unit.set_fault(ControlFault::LostAnswer);
            assert_eq!(driver.register(&sale(42)), Err(ControlTrouble::Silent));
            bench.unit.set_fault(fault);
            match driver.register(&sale(42)) {
                // A full storage still knows what it holds.
                Ok(code) => bench.check_recorded_once(&sale(42), &code),
                Err(why) => assert!(why.may_be_recorded(), "{protocol:?} {fault:?}: {why:?}"),
            }
        }
    }
}

#[test]
fn another_receipt_under_a_recorded_number_is_refused() {
    for protocol in PROTOCOLS {
        let bench = Bench::pipe(protocol);
        let mut driver = bench.driver();
        let code = driver.register(&sale(42)).expect("well");
        let other = ReceiptRecord { sold_minor: 18_301, ..sale(42) };
        assert!(matches!(driver.register(&other), Err(ControlTrouble::Refused(_))), "{protocol:?}");
        bench.check_recorded_once(&sale(42), &code);
        // The same number of another kind is another receipt.
        driver.register(&of_kind(42, RecordKind::Copy)).expect("well");
        assert_eq!(bench.unit.recorded().len(), 2);
    }
}

#[test]
fn what_no_unit_could_take_is_refused_without_a_word() {
    let good = || sale(42);
    let vat = |rows: &[(u32, i64)]| rows.iter().copied().collect();
    let bad = [
        (ReceiptRecord { returned_minor: 1, ..good() }, 21),
        (ReceiptRecord { returned_minor: -1, ..good() }, 8),
        (ReceiptRecord { sold_minor: -1, ..good() }, 9),
        (ReceiptRecord { sold_minor: 1_000_000_000_000, ..good() }, 9),
        (ReceiptRecord { number: 1_000_000_000_000, ..good() }, 5),
        (ReceiptRecord { at: [2026, 13, 1, 0, 0], ..good() }, 2),
        (ReceiptRecord { org_no: "556000-000".try_into().expect("ten"), ..good() }, 3),
        (ReceiptRecord { register: "kassa 1".try_into().expect("short"), ..good() }, 4),
        (ReceiptRecord { register: heapless::String::new(), ..good() }, 4),
        (ReceiptRecord { vat: vat(&[(1200, 1), (2500, 1)]), ..good() }, 10),
        (ReceiptRecord { vat: vat(&[(2500, 1), (2500, 1)]), ..good() }, 10),
        (ReceiptRecord { vat: vat(&[(1500, 1)]), ..good() }, 10),
    ];
    for protocol in PROTOCOLS {
        for (record, code) in &bad {
            let bench = Bench::pipe(protocol);
            let code = if protocol == Protocol::Skattedosan { *code } else { 3 };
            assert_eq!(bench.driver().register(record), Err(ControlTrouble::Refused(code)), "{protocol:?} {record:?}");
            assert!(bench.unit.recorded().is_empty());
        }
    }
}

#[test]
fn a_late_answer_is_never_taken_for_another_receipts() {
    for protocol in PROTOCOLS {
        for delay_ms in (50..14_000).step_by(50) {
            let bench = Bench::pipe(protocol);
            let mut driver = bench.driver();
            bench.unit.set_delay(Duration::from_millis(delay_ms));
            let first = driver.register(&sale(1));
            if let Ok(code) = &first {
                bench.check_recorded_once(&sale(1), code);
            }
            bench.unit.set_delay(Duration::ZERO);
            for number in 2..5 {
                if let Ok(code) = driver.register(&sale(number)) {
                    bench.check_recorded_once(&sale(number), &code);
                }
            }
        }
    }
}

/// Hears what the till says and passes it on.
struct Tapped {
    far: CleanCashSimulator,
    heard: Vec<u8>,
}

impl FarEnd for Tapped {
    fn receive(&mut self, bytes: &[u8]) -> usize {
        self.heard.extend(bytes);
        self.far.receive(bytes)
    }

    fn take_replies(&mut self, count_max: usize) -> Vec<u8> {
        self.far.take_replies(count_max)
    }

    fn baud(&self) -> u32 {
        self.far.baud()
    }

    fn pass(&mut self, time: Duration) {
        self.far.pass(time);
    }
}

#[test]
fn the_same_receipt_keeps_its_message_number_and_another_has_the_next() {
    let unit = SimulatedUnit::new();
    let far = share(Tapped { far: CleanCashSimulator::new(CleanCashVersion::V2, unit.clone()), heard: Vec::new() });
    let mut driver = CleanCash::new(PipePort::new(Arc::clone(&far)), CleanCashVersion::V2);
    for (number, fault) in [(7, ControlFault::Ok), (8, ControlFault::LostAnswer), (8, ControlFault::Ok), (9, ControlFault::Ok)] {
        unit.set_fault(fault);
        let _ = driver.register(&sale(number));
    }
    let heard = String::from_utf8(far.lock().expect("alone").heard.clone()).expect("ASCII");
    let numbers: Vec<_> =
        heard.split('\r').filter_map(|frame| frame.split_once("#RR#")?.1.split_once('#')).map(|(number, _)| number).collect();
    // The lost answer is asked for three times, and once more when the till asks again.
    assert_eq!(numbers, ["1", "2", "2", "2", "2", "3"]);
}

#[test]
fn the_state_says_who_and_how_the_unit_is() {
    for protocol in PROTOCOLS {
        let dosan = protocol == Protocol::Skattedosan;
        let bench = Bench::pipe(protocol);
        let mut driver = bench.driver();
        let mut state = |fault| {
            bench.unit.set_fault(fault);
            driver.state()
        };
        let well = state(ControlFault::Ok).expect("well");
        assert_eq!((well.unit.as_str(), well.is_ready, well.storage_low), ("SIM0001", true, false));
        assert_eq!(state(ControlFault::Busy).expect("heard").is_ready, dosan);
        assert_eq!(state(ControlFault::Fatal).expect("heard").is_ready, dosan);
        assert_eq!(state(ControlFault::Unplugged), Err(ControlTrouble::Unplugged));
        assert_eq!(state(ControlFault::Silent), Err(ControlTrouble::Silent));
        assert_eq!(state(ControlFault::Garbled), Err(ControlTrouble::Garbled));
        bench.unit.set_fault(ControlFault::StorageLow);
        driver.register(&sale(1)).expect("room enough");
        assert_eq!(driver.state().expect("heard").storage_low, !dosan, "{protocol:?}");
    }
}

#[test]
fn a_memory_in_a_file_outlives_the_process() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("unit");
    let remembered = || SimulatedUnit::with_memory(&file).expect("a memory");
    for protocol in PROTOCOLS {
        let bench = Bench::pipe_of(protocol, remembered());
        let code = bench.driver().register(&refund(42)).expect("well");
        let bench = Bench::pipe_of(protocol, remembered());
        // Every protocol finds what the first one recorded.
        assert_eq!(bench.unit.recorded().len(), 1);
        assert_eq!(bench.driver().register(&refund(42)), Ok(code.clone()));
        bench.check_recorded_once(&refund(42), &code);
    }
    // A line that a power cut tore was never answered for.
    let whole = std::fs::read_to_string(&file).expect("text");
    std::fs::write(&file, format!("{whole}0142-3 43 normal 20261")).expect("written");
    assert_eq!(remembered().recorded().len(), 1);
    assert_eq!(std::fs::read_to_string(&file).expect("text"), whole);
    std::fs::write(&file, "something else\n").expect("written");
    assert!(SimulatedUnit::with_memory(&file).is_err());
}
