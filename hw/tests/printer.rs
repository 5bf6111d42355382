//! The driver against the simulated printer, on a line in the process and on a pseudo-terminal.

mod common;

use std::thread;
use std::time::Duration;

use common::{long_receipt, receipt, short_receipt, words};
use hw::document::DocumentBuf;
use hw::drawer::{CashDrawer, DrawerState};
use hw::port::{Flow, Port, SerialPort, SerialSettings};
use hw::printer::escpos::VOID_MARK;
use hw::printer::profile::{
    BIXOLON, EPSON_80MM, EPSON_TM_T88III, GENERIC_58MM, GENERIC_58MM_MUTE, GENERIC_80MM, GENERIC_80MM_MUTE, Profile, Proof,
};
use hw::printer::{
    Contact, Cover, Deadlines, EscPosPrinter, JobId, Paper, PrintOutcome, PrinterState, PrinterTrouble, ReceiptPrinter, SharedPrinter,
};
use hw::sim::{PaperEnd, PaperStrip, PrinterFault, PtyLine, SimulatedPrinter};

const JOB: JobId = JobId(1042);

/// Whole receipts only: what a passenger would be given, even where the roll ended just after them.
fn whole(strips: &[PaperStrip], document: &DocumentBuf, columns: usize) -> usize {
    let wanted = words(&document.to_text(columns));
    strips.iter().filter(|strip| strip.end() != PaperEnd::Torn && words(strip.text()).ends_with(&wanted)).count()
}

fn pipe(profile: Profile) -> (SimulatedPrinter, impl ReceiptPrinter + CashDrawer) {
    let simulated = SimulatedPrinter::new(profile);
    let mut printer = EscPosPrinter::new(simulated.port(), profile);
    // The first greeting of a run also clears what an earlier run left.
    let _ = ReceiptPrinter::state(&mut printer);
    (simulated, printer)
}

/// Somewhat shorter deadlines than usual: tests that wait for silence wait for real, and a busy machine must not look like silence.
const QUICK: Deadlines = Deadlines {
    answer: Duration::from_secs(1),
    no_progress: Duration::from_secs(4),
    proof: Duration::from_secs(4),
    cut: Duration::from_secs(4),
    clear: Duration::from_secs(3),
    drawer: Duration::from_millis(500),
    flush_bytes: 1024,
};

struct Pty {
    simulated: SimulatedPrinter,
    printer: EscPosPrinter<SerialPort>,
    _line: PtyLine,
    _folder: tempfile::TempDir,
}

fn pty(profile: Profile) -> Pty {
    let folder = tempfile::tempdir().expect("a folder");
    let simulated = SimulatedPrinter::new(profile);
    let line = PtyLine::start(simulated.far_end(), folder.path().join("printer")).expect("a pseudo-terminal");
    let settings = SerialSettings { path: line.path().to_path_buf(), baud: 115_200, flow: Flow::None };
    let printer = EscPosPrinter::with_deadlines(SerialPort::new(settings), profile, QUICK);
    Pty { simulated, printer, _line: line, _folder: folder }
}

/// Where in a job a fault strikes: bytes after the greeting.
const POINTS: [usize; 8] = [3, 10, 11, 200, 700, 1500, 2500, 4000];

/// Prints with a fault after so many bytes, mends, prints again if told so, and counts receipts.
fn strike(
    simulated: &SimulatedPrinter,
    printer: &mut impl ReceiptPrinter,
    document: &DocumentBuf,
    fault: PrinterFault,
    point: usize,
) -> (PrintOutcome, usize) {
    simulated.set_fault_after(point, fault);
    let outcome = printer.print(JOB, document);
    simulated.set_fault(PrinterFault::Ok);
    if let PrintOutcome::NotPrinted { .. } = outcome {
        let mut again = DocumentBuf::new();
        again.text("UTSKRIFT IGEN").center().double().append(document);
        assert_eq!(printer.print(JobId(JOB.0 + 1), &again), PrintOutcome::Printed, "{fault:?} after {point} bytes, mended");
    }
    (outcome, whole(&simulated.strips(), document, printer.columns()))
}

fn check_stop(outcome: PrintOutcome, receipts: usize, why: PrinterTrouble, point: usize) {
    assert_eq!(receipts, 1, "{why:?} after {point} bytes: exactly one whole receipt");
    assert!(
        outcome == PrintOutcome::Printed || outcome == PrintOutcome::NotPrinted { why, started: point > 3 },
        "{why:?} after {point} bytes: {outcome:?}"
    );
}

#[test]
fn a_printer_that_stops_in_the_middle_gives_one_whole_receipt_in_the_end() {
    for (fault, why) in [(PrinterFault::PaperOut, PrinterTrouble::PaperOut), (PrinterFault::CoverOpen, PrinterTrouble::CoverOpen)] {
        for point in POINTS {
            let (simulated, mut printer) = pipe(EPSON_80MM);
            let (outcome, receipts) = strike(&simulated, &mut printer, &long_receipt(), fault, point);
            check_stop(outcome, receipts, why, point);
        }
    }
}

#[test]
fn every_byte_is_a_good_place_for_the_paper_to_end() {
    let document = short_receipt();
    // The whole job is about 220 bytes.
    for point in 0..250 {
        let (simulated, mut printer) = pipe(EPSON_80MM);
        let (outcome, receipts) = strike(&simulated, &mut printer, &document, PrinterFault::PaperOut, point);
        let strips = simulated.strips();
        let marked = strips.iter().filter(|strip| strip.text().contains("I G E N")).count();
        assert!(receipts >= 1, "nothing is lost after {point} bytes: {outcome:?}");
        // When the roll ends between the last line and the printer's word that it is on paper, the second one bears the mark.
        assert!(receipts == 1 || receipts == 2 && marked == 1, "after {point} bytes: {receipts} receipts, {outcome:?}");
        assert!(strips.iter().filter(|strip| strip.end() == PaperEnd::Cut).count() <= 1, "after {point} bytes: {outcome:?}");
    }
}

#[test]
fn a_deaf_printer_is_sent_nothing() {
    let (simulated, mut printer) = pipe(EPSON_80MM);
    simulated.set_fault(PrinterFault::Deaf);
    assert_eq!(printer.print(JOB, &receipt()), PrintOutcome::NotPrinted { why: PrinterTrouble::Silent, started: false });
    assert_eq!((simulated.strips().len(), simulated.strip_in_progress()), (0, None));
}

#[test]
fn a_printer_that_goes_deaf_in_the_middle_is_never_taken_for_good() {
    for profile in [EPSON_80MM, GENERIC_58MM] {
        for point in POINTS.into_iter().filter(|&point| (4..2000).contains(&point)) {
            let (simulated, mut printer) = pipe(profile);
            simulated.set_fault_after(point, PrinterFault::Deaf);
            let outcome = printer.print(JOB, &long_receipt());
            // Where the cut waits for proof, what hangs from the printer is no receipt; elsewhere nobody knows.
            let honest = match profile.proof {
                Proof::ProcessId => matches!(outcome, PrintOutcome::NotPrinted { why: PrinterTrouble::Silent, .. }),
                _ => matches!(
                    outcome,
                    PrintOutcome::Uncertain { why: PrinterTrouble::Silent }
                        | PrintOutcome::NotPrinted { why: PrinterTrouble::Silent, started: false }
                ),
            };
            assert!(honest, "{} deaf after {point} bytes: {outcome:?}", profile.name);
        }
    }
}

#[test]
fn deafness_over_a_pseudo_terminal_ends_in_time_and_is_told() {
    let mut pty = pty(EPSON_80MM);
    pty.simulated.set_fault(PrinterFault::Deaf);
    assert_eq!(pty.printer.print(JOB, &receipt()), PrintOutcome::NotPrinted { why: PrinterTrouble::Silent, started: false });
    pty.simulated.set_fault(PrinterFault::Ok);
    pty.simulated.set_fault_after(1500, PrinterFault::Deaf);
    assert_eq!(pty.printer.print(JobId(2), &receipt()), PrintOutcome::NotPrinted { why: PrinterTrouble::Silent, started: true });
}

#[test]
fn a_cable_pulled_in_the_middle_leaves_no_receipt_and_one_marked_reprint_follows() {
    for point in POINTS.into_iter().filter(|&point| (4..2000).contains(&point)) {
        let (simulated, mut printer) = pipe(EPSON_80MM);
        simulated.set_fault_after(point, PrinterFault::Unplugged);
        let broken = PrintOutcome::NotPrinted { why: PrinterTrouble::Unplugged, started: true };
        assert_eq!(printer.print(JOB, &long_receipt()), broken, "after {point} bytes");
        assert_eq!(
            printer.print(JobId(2), &long_receipt()),
            PrintOutcome::NotPrinted { why: PrinterTrouble::Unplugged, started: false },
            "while pulled"
        );
        simulated.set_fault(PrinterFault::Ok);
        assert_eq!(printer.print(JobId(3), &long_receipt()), PrintOutcome::Printed);
    }
}

#[test]
fn a_page_test_is_on_paper_when_it_is_said_to_be_and_the_line_may_close() {
    for profile in [EPSON_80MM, GENERIC_80MM, GENERIC_58MM_MUTE] {
        let Pty { simulated, mut printer, _line, _folder } = pty(profile);
        assert_eq!(printer.print_page_test(), Ok(()), "{}", profile.name);
        drop(printer);
        let strips = simulated.strips();
        let strip = strips.last().cloned().or_else(|| simulated.strip_in_progress());
        let lines = strip.as_ref().map_or(0, |strip| strip.text().lines().filter(|line| line.contains(") ")).count());
        assert_eq!(lines, profile.page_lines().count(), "{}", profile.name);
    }
}

#[test]
fn a_page_test_that_stops_in_the_middle_is_not_said_to_be_printed() {
    for profile in [EPSON_80MM, GENERIC_80MM] {
        let simulated = SimulatedPrinter::new(profile);
        let mut printer = EscPosPrinter::new(simulated.port(), profile);
        let _ = ReceiptPrinter::state(&mut printer);
        simulated.set_fault_after(200, PrinterFault::PaperOut);
        assert_eq!(printer.print_page_test(), Err(PrinterTrouble::PaperOut), "{}", profile.name);
    }
}

#[test]
fn what_an_earlier_run_left_uncut_is_marked_void_when_it_is_said_so() {
    let (simulated, mut printer) = pipe(EPSON_80MM);
    simulated.set_fault_after(700, PrinterFault::CableOut);
    let _ = printer.print(JOB, &long_receipt());
    drop(printer);
    simulated.set_fault(PrinterFault::Ok);
    let mut next_run = EscPosPrinter::new(simulated.port(), EPSON_80MM);
    next_run.broke_off();
    assert_eq!(next_run.print(JOB, &short_receipt()), PrintOutcome::Printed);
    let strips = simulated.strips();
    let [half, receipt] = &strips[..] else { panic!("{} strips", strips.len()) };
    assert!(half.text().contains(VOID_MARK) && !receipt.text().contains(VOID_MARK), "{}", half.text());
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the cable comes back on the wall clock")]
fn a_pseudo_terminal_that_vanishes_is_found_again() {
    let mut pty = pty(EPSON_80MM);
    pty.simulated.set_fault_after(700, PrinterFault::Unplugged);
    assert_eq!(pty.printer.print(JOB, &long_receipt()), PrintOutcome::NotPrinted { why: PrinterTrouble::Unplugged, started: true });
    assert_eq!(ReceiptPrinter::state(&mut pty.printer).contact, Contact::Unplugged);
    pty.simulated.set_fault(PrinterFault::Ok);
    let mut outcome = pty.printer.print(JobId(2), &receipt());
    for _ in 0..100 {
        if outcome == PrintOutcome::Printed {
            break;
        }
        assert_eq!(outcome, PrintOutcome::NotPrinted { why: PrinterTrouble::Unplugged, started: false });
        thread::sleep(Duration::from_millis(50));
        outcome = pty.printer.print(JobId(2), &receipt());
    }
    assert_eq!(outcome, PrintOutcome::Printed);
}

#[test]
fn a_missing_device_is_unplugged_and_not_silent() {
    let settings = SerialSettings { path: "/nonexistent/printer".into(), baud: 19_200, flow: Flow::Hardware };
    let mut printer = EscPosPrinter::new(SerialPort::new(settings), EPSON_80MM);
    assert_eq!(printer.print(JOB, &receipt()), PrintOutcome::NotPrinted { why: PrinterTrouble::Unplugged, started: false });
    let state = ReceiptPrinter::state(&mut printer);
    assert_eq!((state.contact, state.paper, state.cover, state.is_ready()), (Contact::Unplugged, Paper::Unknown, Cover::Unknown, false));
}

#[test]
fn sixty_lines_on_a_slow_line_come_out_whole() {
    let mut pty = pty(EPSON_80MM);
    pty.simulated.set_fault(PrinterFault::Slow { baud: 9_600 });
    assert_eq!(pty.printer.print(JOB, &long_receipt()), PrintOutcome::Printed);
    assert_eq!(whole(&pty.simulated.strips(), &long_receipt(), 42), 1);
    let (simulated, mut printer) = pipe(GENERIC_58MM);
    simulated.set_fault(PrinterFault::Slow { baud: 1_200 });
    assert_eq!(printer.print(JOB, &long_receipt()), PrintOutcome::Printed);
}

#[test]
fn a_printer_without_clearing_is_uncertain_when_paper_ends_and_holds_up_nothing() {
    for (profile, columns) in [(GENERIC_58MM, 32), (GENERIC_80MM, 48), (EPSON_TM_T88III, 42), (BIXOLON, 42)] {
        let (simulated, mut printer) = pipe(profile);
        simulated.set_fault_after(700, PrinterFault::PaperOut);
        let paper_out = PrinterTrouble::PaperOut;
        assert_eq!(printer.print(JOB, &long_receipt()), PrintOutcome::Uncertain { why: paper_out }, "{}", profile.name);
        let refused = PrintOutcome::NotPrinted { why: paper_out, started: false };
        assert_eq!(printer.print(JobId(2), &short_receipt()), refused, "{}: nothing is added to what it holds", profile.name);
        simulated.set_fault(PrinterFault::Ok);
        assert_eq!(printer.print(JobId(2), &short_receipt()), PrintOutcome::Printed, "{}: as soon as there is paper", profile.name);
        simulated.tear();
        let strips = simulated.strips();
        let texts: Vec<&str> = strips.iter().map(PaperStrip::text).collect();
        assert!(texts.iter().rev().nth(1).is_some_and(|remains| remains.contains(VOID_MARK)), "{}: {texts:#?}", profile.name);
        let last = words(texts.last().expect("a strip"));
        assert!(last.starts_with(&words(&short_receipt().to_text(columns))), "{}: the receipt hangs alone: {last}", profile.name);
    }
}

#[test]
fn switching_a_printer_off_and_on_throws_the_remains_away() {
    let (simulated, mut printer) = pipe(GENERIC_80MM);
    simulated.set_fault_after(700, PrinterFault::PaperOut);
    assert_eq!(printer.print(JOB, &long_receipt()), PrintOutcome::Uncertain { why: PrinterTrouble::PaperOut });
    simulated.set_fault(PrinterFault::PowerOff);
    simulated.set_fault(PrinterFault::Ok);
    assert_eq!(printer.print(JobId(2), &short_receipt()), PrintOutcome::Printed);
    let texts: Vec<String> = simulated.strips().iter().map(|strip| strip.text().to_owned()).collect();
    assert_eq!(texts.len(), 3, "the old roll's end, the mark, the receipt: {texts:#?}");
    assert_eq!(texts[1].trim(), VOID_MARK, "nothing of the first receipt is left");
}

#[test]
fn a_printer_without_any_proof_prints_and_is_always_uncertain() {
    for profile in [Profile { proof: Proof::Nothing, ..GENERIC_58MM }, GENERIC_58MM_MUTE, GENERIC_80MM_MUTE, EPSON_80MM.mute()] {
        let (simulated, mut printer) = pipe(profile);
        for number in 1..=2 {
            assert_eq!(printer.print(JobId(number), &receipt()), PrintOutcome::Uncertain { why: PrinterTrouble::CannotConfirm });
        }
        simulated.tear();
        let strips = simulated.strips();
        assert_eq!(strips.len(), 2, "{}: each job once", profile.name);
        for strip in strips {
            assert!(words(strip.text()).starts_with(&words(&receipt().to_text(printer.columns()))), "{}", strip.text());
        }
    }
}

#[test]
fn a_mute_printer_is_ready_for_jobs_and_nothing_is_known_of_it() {
    let (simulated, mut printer) = pipe(GENERIC_58MM_MUTE);
    let state = ReceiptPrinter::state(&mut printer);
    assert_eq!(state, PrinterState { contact: Contact::Mute, ..PrinterState::default() });
    assert!(state.is_ready() && !state.online && state.paper == Paper::Unknown);
    assert_eq!((printer.open_and_look(), simulated.drawer_pulses()), (Ok(DrawerState::Unknown), 1));
    simulated.set_fault(PrinterFault::Unplugged);
    assert_eq!(ReceiptPrinter::state(&mut printer).trouble(), Some(PrinterTrouble::Unplugged));
    assert_eq!(printer.print(JOB, &receipt()), PrintOutcome::NotPrinted { why: PrinterTrouble::Unplugged, started: false });
}

#[test]
fn a_mute_printer_that_takes_no_more_bytes_is_uncertain_and_holds_up_nothing() {
    let (simulated, mut printer) = pipe(GENERIC_80MM_MUTE);
    simulated.set_fault_after(10_500, PrinterFault::PowerOff);
    assert_eq!(printer.print(JOB, &long_receipt()), PrintOutcome::Uncertain { why: PrinterTrouble::Stalled });
    let again = PrintOutcome::NotPrinted { why: PrinterTrouble::Stalled, started: false };
    assert_eq!(printer.print(JobId(2), &long_receipt()), again, "it takes nothing, so nothing is on its way");
    simulated.set_fault(PrinterFault::Ok);
    assert_eq!(printer.print(JobId(3), &long_receipt()), PrintOutcome::Uncertain { why: PrinterTrouble::CannotConfirm });
    let ends: Vec<bool> = simulated.strips().iter().map(|strip| strip.text().contains(VOID_MARK)).collect();
    assert_eq!(ends, [true, false], "the first half is marked as void and cut off");
    assert_eq!(whole(&simulated.strips(), &long_receipt(), 48), 1);
}

#[test]
fn what_a_crashed_job_left_unfinished_does_not_eat_the_next_receipt() {
    let simulated = SimulatedPrinter::new(EPSON_80MM);
    let mut crashed = simulated.port();
    // A raster of 64 bytes by 100 rows, of which only the beginning was sent.
    let mut bytes = vec![0x1b, 0x40, 0x1d, 0x76, 0x30, 0, 64, 0, 100, 0];
    bytes.extend([0xaa; 500]);
    assert_eq!(crashed.write(&bytes, Duration::ZERO), Ok(bytes.len()));
    let mut printer = EscPosPrinter::new(simulated.port(), EPSON_80MM);
    assert_eq!(printer.print(JOB, &long_receipt()), PrintOutcome::Printed);
    assert_eq!(whole(&simulated.strips(), &long_receipt(), 42), 1);
}

#[test]
fn the_state_is_what_the_printer_says_and_silence_is_never_good() {
    for profile in [EPSON_80MM, GENERIC_58MM] {
        let (simulated, mut printer) = pipe(profile);
        let mut state = |fault| {
            simulated.set_fault(fault);
            ReceiptPrinter::state(&mut printer)
        };
        assert!(state(PrinterFault::Ok).is_ready());
        assert_eq!(state(PrinterFault::PaperOut).trouble(), Some(PrinterTrouble::PaperOut));
        assert_eq!(state(PrinterFault::CoverOpen).cover, Cover::Open);
        assert!(state(PrinterFault::Ok).is_ready());
        let silent = PrinterState { contact: Contact::Silent, ..PrinterState::default() };
        assert_eq!(state(PrinterFault::Deaf), silent);
        assert!(!silent.is_ready() && silent.paper == Paper::Unknown);
        assert_eq!(state(PrinterFault::Unplugged).contact, Contact::Unplugged);
        assert!(state(PrinterFault::Ok).is_ready());
    }
}

#[test]
fn the_drawer_opens_through_the_printer_even_without_paper() {
    let (simulated, printer) = pipe(EPSON_80MM);
    let mut queue = SharedPrinter::new(printer);
    let mut drawer: Box<dyn CashDrawer> = Box::new(queue.clone());
    assert_eq!(drawer.open(), Ok(()));
    simulated.set_fault(PrinterFault::PaperOut);
    assert_eq!((drawer.open(), simulated.drawer_pulses()), (Ok(()), 2));
    assert_eq!(drawer.state(), DrawerState::Open);
    simulated.set_fault(PrinterFault::Deaf);
    assert_eq!(drawer.open(), Err(PrinterTrouble::Silent));
    simulated.set_fault(PrinterFault::Ok);
    let mut document = DocumentBuf::new();
    document.drawer_pulse().text("KVITTO").cut();
    let pulses = simulated.drawer_pulses();
    assert_eq!(queue.print(JOB, &document), PrintOutcome::Printed);
    assert_eq!(simulated.drawer_pulses(), pulses + 1);
}

#[test]
fn a_drawer_never_opens_later_by_itself() {
    let (simulated, mut printer) = pipe(GENERIC_58MM);
    simulated.set_fault(PrinterFault::PaperOut);
    assert_eq!(printer.open(), Err(PrinterTrouble::PaperOut));
    simulated.set_fault(PrinterFault::Ok);
    assert_eq!(simulated.drawer_pulses(), 0);
    assert_eq!((printer.open(), simulated.drawer_pulses()), (Ok(()), 1));
}

#[test]
fn devices_cross_threads() {
    fn is_send<T: Send + ?Sized>() {}
    is_send::<Box<dyn ReceiptPrinter>>();
    is_send::<Box<dyn CashDrawer>>();
    is_send::<Box<dyn hw::terminal::CardTerminal>>();
    is_send::<Box<dyn hw::display::CustomerDisplay>>();
    is_send::<Box<dyn Port>>();
    is_send::<SharedPrinter<EscPosPrinter<SerialPort>>>();
}
