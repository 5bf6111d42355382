//! What every line to a printer keeps: the same tests on a line in the process and on a pseudo-terminal.

mod common;

use std::time::Duration;

use common::{Rig, long_receipt, marked, receipt, short_receipt, whole_on, words};
use hw::document::DocumentBuf;
use hw::drawer::{CashDrawer, DrawerState};
use hw::port::{Flow, Port, SerialPort, SerialSettings};
use hw::printer::profile::{BIXOLON, EPSON_TM_T20, EPSON_TM_T88, EPSON_TM_T88III, GENERIC_58MM, GENERIC_58MM_MUTE, GENERIC_80MM, Profile};
use hw::printer::{Deadlines, EscPosPrinter, Identity, JobId, Paper, PrintOutcome, PrinterTrouble, ReceiptPrinter};
use hw::sim::{PrinterFault, PtyLine, SimulatedPrinter};

/// Shorter than usual: silence is waited for in real time on a pseudo-terminal. Long enough that a busy machine does not look like silence.
const QUICK: Deadlines = Deadlines {
    answer: Duration::from_secs(1),
    no_progress: Duration::from_secs(3),
    proof: Duration::from_secs(4),
    cut: Duration::from_secs(4),
    clear: Duration::from_secs(3),
    drawer: Duration::from_millis(200),
    flush_bytes: 1024,
};

/// A pseudo-terminal with its printer. The line ends when this is dropped.
struct OnPty {
    rig: Rig<SerialPort>,
    _line: PtyLine,
    _folder: tempfile::TempDir,
}

impl OnPty {
    fn new(profile: Profile) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let simulated = SimulatedPrinter::new(profile);
        let line = PtyLine::start(simulated.far_end(), folder.path().join("printer")).expect("a pseudo-terminal");
        let settings = SerialSettings { path: line.path().to_path_buf(), baud: 115_200, flow: Flow::None };
        let printer = EscPosPrinter::with_deadlines(SerialPort::new(settings), profile, QUICK);
        let rig = Rig { simulated, printer, columns: usize::from(profile.columns) };
        Self { rig, _line: line, _folder: folder }
    }
}

/// Each function runs on both lines, with each of the profiles.
macro_rules! contract {
    ($($name:ident: $profiles:expr;)*) => {
        mod in_process {
            use super::*;
            $(#[test] fn $name() {
                for profile in $profiles { super::$name(&mut Rig::pipe(profile)); }
            })*
        }
        mod on_a_pseudo_terminal {
            use super::*;
            $(#[test] fn $name() {
                for profile in $profiles { super::$name(&mut OnPty::new(profile).rig); }
            })*
        }
    };
}

contract! {
    a_receipt_comes_out_once_as_it_was_set: [EPSON_TM_T20, EPSON_TM_T88III, GENERIC_58MM, GENERIC_80MM];
    a_mute_printer_gets_its_receipt_and_the_crew_is_asked: [GENERIC_58MM_MUTE];
    what_stops_in_the_middle_gives_one_marked_reprint: [EPSON_TM_T88];
    paper_that_ends_in_the_middle_asks_the_crew_where_nothing_clears: [BIXOLON, GENERIC_58MM];
    a_printer_switched_off_in_the_middle_prints_all_of_it_again_when_it_is_back: [EPSON_TM_T88];
    a_printer_without_paper_is_sent_nothing: [EPSON_TM_T88, GENERIC_80MM];
    a_low_roll_still_prints_and_says_so: [EPSON_TM_T88, GENERIC_80MM];
    a_stuck_cutter_does_not_make_a_receipt_come_out_twice: [EPSON_TM_T88, EPSON_TM_T88III, GENERIC_80MM];
    the_drawer_is_seen_to_open_and_to_be_stuck: [EPSON_TM_T88, GENERIC_80MM];
    a_printer_says_who_it_is: [EPSON_TM_T88];
    the_page_test_asks_which_line_reads_right: [GENERIC_80MM];
}

fn check_whole<P>(rig: &Rig<P>, document: &DocumentBuf, count: usize) {
    rig.simulated.tear();
    let strips = rig.simulated.strips();
    let found = strips.iter().filter(|strip| whole_on(strip.text(), document, rig.columns)).count();
    let texts: Vec<&str> = strips.iter().map(hw::sim::PaperStrip::text).collect();
    assert_eq!(found, count, "{texts:#?}");
}

fn a_receipt_comes_out_once_as_it_was_set<P: Port>(rig: &mut Rig<P>) {
    for number in 1..=2 {
        assert_eq!(rig.printer.print(JobId(number), &receipt()), PrintOutcome::Printed);
    }
    rig.simulated.tear();
    let strips = rig.simulated.strips();
    assert_eq!(strips.len(), 2);
    for strip in strips {
        assert_eq!(words(strip.text()).trim_end(), words(&receipt().to_text(rig.columns)).trim_end());
    }
    assert_eq!(rig.simulated.unknown_commands(), Vec::<Vec<u8>>::new());
}

fn a_mute_printer_gets_its_receipt_and_the_crew_is_asked<P: Port>(rig: &mut Rig<P>) {
    let asked = PrintOutcome::Uncertain { why: PrinterTrouble::CannotConfirm };
    assert_eq!(rig.printer.print(JobId(1), &short_receipt()), asked);
    // On a real line the last bytes are still on their way.
    assert_eq!(rig.printer.print(JobId(2), &long_receipt()), asked);
    wait_for(|| rig.simulated.strip_in_progress().is_some_and(|strip| whole_on(strip.text(), &long_receipt(), rig.columns)));
    check_whole(rig, &short_receipt(), 1);
    check_whole(rig, &long_receipt(), 1);
}

/// Lets a real line bring what it has.
#[expect(clippy::disallowed_methods, reason = "a pseudo-terminal lives on the wall clock")]
fn wait_for(done: impl Fn() -> bool) {
    for _ in 0..1000 {
        if done() {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("it never came");
}

fn what_stops_in_the_middle_gives_one_marked_reprint<P: Port>(rig: &mut Rig<P>) {
    let faults = [(PrinterFault::PaperOut, PrinterTrouble::PaperOut), (PrinterFault::CoverOpen, PrinterTrouble::CoverOpen)];
    for ((fault, why), number) in faults.into_iter().zip(1..) {
        rig.simulated.set_fault_after(700, fault);
        assert_eq!(rig.printer.print(JobId(number), &long_receipt()), PrintOutcome::NotPrinted { why, started: true });
        rig.simulated.set_fault(PrinterFault::Ok);
        assert_eq!(rig.printer.print(JobId(10 + number), &marked(&long_receipt())), PrintOutcome::Printed);
        assert_eq!(rig.unmarked(&long_receipt()), 0);
        check_whole(rig, &long_receipt(), usize::try_from(number).expect("a small number"));
    }
}

fn paper_that_ends_in_the_middle_asks_the_crew_where_nothing_clears<P: Port>(rig: &mut Rig<P>) {
    rig.simulated.set_fault_after(700, PrinterFault::PaperOut);
    assert_eq!(rig.printer.print(JobId(1), &long_receipt()), PrintOutcome::Uncertain { why: PrinterTrouble::PaperOut });
    rig.simulated.set_fault(PrinterFault::Ok);
    assert_eq!(rig.printer.print(JobId(2), &marked(&long_receipt())), PrintOutcome::Printed);
    check_whole(rig, &long_receipt(), 1);
}

fn a_printer_switched_off_in_the_middle_prints_all_of_it_again_when_it_is_back<P: Port>(rig: &mut Rig<P>) {
    rig.simulated.set_fault_after(700, PrinterFault::PowerOff);
    let outcome = rig.printer.print(JobId(1), &long_receipt());
    let honest = matches!(outcome, PrintOutcome::NotPrinted { why: PrinterTrouble::Stalled | PrinterTrouble::Silent, started: true });
    assert!(honest, "{outcome:?}");
    rig.simulated.set_fault(PrinterFault::Ok);
    assert_eq!(rig.printer.print(JobId(2), &marked(&long_receipt())), PrintOutcome::Printed);
    check_whole(rig, &long_receipt(), 1);
}

fn a_printer_without_paper_is_sent_nothing<P: Port>(rig: &mut Rig<P>) {
    rig.simulated.set_fault(PrinterFault::PaperOut);
    let refused = PrintOutcome::NotPrinted { why: PrinterTrouble::PaperOut, started: false };
    assert_eq!(rig.printer.print(JobId(1), &short_receipt()), refused);
    rig.simulated.set_fault(PrinterFault::Ok);
    assert_eq!(rig.printer.print(JobId(1), &short_receipt()), PrintOutcome::Printed);
    check_whole(rig, &short_receipt(), 1);
}

fn a_low_roll_still_prints_and_says_so<P: Port>(rig: &mut Rig<P>) {
    rig.simulated.set_fault(PrinterFault::PaperNearEnd);
    assert_eq!(rig.printer.print(JobId(1), &short_receipt()), PrintOutcome::Printed);
    let state = ReceiptPrinter::state(&mut rig.printer);
    assert_eq!((state.paper, state.is_ready()), (Paper::NearEnd, true));
}

fn a_stuck_cutter_does_not_make_a_receipt_come_out_twice<P: Port>(rig: &mut Rig<P>) {
    rig.simulated.set_fault(PrinterFault::CutterStuck);
    assert_eq!(rig.printer.print(JobId(1), &short_receipt()), PrintOutcome::Printed);
    let refused = PrintOutcome::NotPrinted { why: PrinterTrouble::Cutter, started: false };
    assert_eq!(rig.printer.print(JobId(2), &long_receipt()), refused);
    rig.simulated.set_fault(PrinterFault::Ok);
    assert_eq!(rig.printer.print(JobId(2), &long_receipt()), PrintOutcome::Printed);
    let strips = rig.simulated.strips();
    assert_eq!(strips.len(), 2, "what the cutter left hanging is cut off before the next receipt");
    assert_eq!(words(strips[0].text()).trim_end(), words(&short_receipt().to_text(rig.columns)).trim_end());
}

fn the_drawer_is_seen_to_open_and_to_be_stuck<P: Port>(rig: &mut Rig<P>) {
    assert_eq!(CashDrawer::state(&mut rig.printer), DrawerState::Closed);
    assert_eq!(rig.printer.open_and_look(), Ok(DrawerState::Open));
    rig.simulated.close_drawer();
    assert_eq!(CashDrawer::state(&mut rig.printer), DrawerState::Closed);
    rig.simulated.set_fault(PrinterFault::DrawerStuck);
    assert_eq!((rig.printer.open_and_look(), rig.simulated.drawer_pulses()), (Ok(DrawerState::Closed), 2));
    rig.simulated.set_fault(PrinterFault::Deaf);
    assert_eq!(CashDrawer::state(&mut rig.printer), DrawerState::Unknown);
}

fn a_printer_says_who_it_is<P: Port>(rig: &mut Rig<P>) {
    let said = |text: &str| Some(text.to_owned());
    let expected = Identity { maker: said("TROLLEY"), model: said("epson-tm-t88"), firmware: said("1.00 DEMO"), serial: said("DEMO0001") };
    assert_eq!(rig.printer.identify(), Ok(expected));
    rig.simulated.set_fault(PrinterFault::Deaf);
    assert_eq!(rig.printer.identify(), Err(PrinterTrouble::Silent));
}

fn the_page_test_asks_which_line_reads_right<P: Port>(rig: &mut Rig<P>) {
    assert_eq!(rig.printer.print_page_test(), Ok(()));
    wait_for(|| !rig.simulated.strips().is_empty());
    let strips = rig.simulated.strips();
    let lines: Vec<&str> = strips[0].text().lines().skip(2).collect();
    assert_eq!(lines[4], " 5)  19 PC858   åäö ÅÄÖ éüæø€");
    assert_eq!(lines[0], " 1)   0 PC437   åäö ÅÄÖ éüæoEUR", "what a page lacks is spelled");
    let pages: Vec<_> = rig.printer.profile().page_lines().collect();
    assert_eq!(lines.len(), pages.len());
    for (line, page) in lines.iter().zip(1_u8..) {
        let page = rig.printer.profile().page_line(page).expect("a line that was printed");
        assert!(line.contains(&format!(") {:>3} {:<7} ", page.number, page.page.name())), "{line}");
        assert!(line.chars().count() <= 32, "it fits the narrowest paper: {line}");
    }
}
