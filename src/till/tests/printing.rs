//! The print queue: a receipt comes out once, or again with a mark, or a person is asked.

mod common;

use common::{Bench, add, cash};
use hw::{
    document::{Element, Style},
    printer::{PrintOutcome, PrinterTrouble},
};
use journal::Fact;
use store::{JobId, JobState};
use till::{Command, Effect, PRINT_AGAIN_MAX};

fn sold(times: usize) -> Bench {
    let mut bench = Bench::selling();
    for _ in 0..times {
        bench.does(add("1001", 1));
        bench.does(cash(2_900));
    }
    bench
}

fn ends(job: u64, outcome: PrintOutcome) -> Command {
    Command::JobEnded { job_id: JobId(job), outcome }
}

fn begins(bench: &mut Bench, job: u64) {
    bench.till_mut().job_begins(JobId(job)).expect("the job begins");
}

fn state(bench: &Bench, job: u64) -> (JobState, u32) {
    let job = bench.till().store().job(JobId(job)).expect("the store reads").expect("the job is there");
    (job.state, job.attempt)
}

/// The style of the mark that says that this is not the first paper.
fn mark(bench: &Bench, job: u64) -> Option<Style> {
    let document = bench.till().job_document(JobId(job), 42).expect("a document");
    document.elements().find_map(|element| match element {
        Element::Text { text: "Utskrivet på nytt", style } => Some(style),
        _ => None,
    })
}

fn prints(effects: &[Effect]) -> Vec<u64> {
    let print = |effect: &Effect| match effect {
        Effect::Print(job_id) => Some(job_id.0),
        _ => None,
    };
    effects.iter().filter_map(print).collect()
}

fn reprints(bench: &Bench) -> usize {
    bench.count(|fact| matches!(fact, Fact::ReceiptReprinted(..)))
}

const PAPER_OUT: PrinterTrouble = PrinterTrouble::PaperOut;

#[test]
fn a_job_goes_from_queued_to_printed_and_ends_once() {
    let mut bench = sold(1);
    assert_eq!(prints(&bench.effects()), [1]);
    assert_eq!(state(&bench, 1), (JobState::Queued, 0));
    begins(&mut bench, 1);
    assert_eq!(state(&bench, 1), (JobState::Sending, 0));
    assert_eq!(bench.till_mut().job_begins(JobId(1)).expect_err("it is under way").code(), "print.unknown_job");
    bench.does(ends(1, PrintOutcome::Printed));
    assert_eq!(state(&bench, 1), (JobState::Printed, 0));
    for outcome in [
        PrintOutcome::Printed,
        PrintOutcome::NotPrinted { why: PAPER_OUT, started: true },
        PrintOutcome::NotPrinted { why: PAPER_OUT, started: false },
        PrintOutcome::Uncertain { why: PAPER_OUT },
    ] {
        bench.refuses(ends(1, outcome), "print.unknown_job");
        assert_eq!(state(&bench, 1), (JobState::Printed, 0), "a second word about a job changes nothing");
    }
}

#[test]
fn a_receipt_that_broke_off_comes_out_again_marked_and_noted() {
    let mut bench = sold(1);
    begins(&mut bench, 1);
    assert_eq!(mark(&bench, 1), None);
    bench.does(ends(1, PrintOutcome::NotPrinted { why: PAPER_OUT, started: true }));
    assert_eq!(state(&bench, 1), (JobState::Queued, 1));
    assert_eq!(reprints(&bench), 1);
    let mark = mark(&bench, 1).expect("the second paper is marked");
    assert_eq!((mark.width_scale, mark.height_scale), (2, 2));
    bench.till().store().verify().expect("chain and projections hold");
}

#[test]
fn a_printer_that_never_finishes_asks_the_crew_after_some_tries() {
    let mut bench = sold(1);
    for _ in 0..=PRINT_AGAIN_MAX {
        begins(&mut bench, 1);
        bench.does(ends(1, PrintOutcome::NotPrinted { why: PrinterTrouble::Cutter, started: true }));
    }
    assert_eq!(state(&bench, 1), (JobState::Uncertain, PRINT_AGAIN_MAX));
    assert_eq!(reprints(&bench), PRINT_AGAIN_MAX as usize, "the journal does not fill up");
}

#[test]
fn what_waited_for_paper_comes_out_in_order() {
    let mut bench = sold(3);
    begins(&mut bench, 1);
    bench.does(ends(1, PrintOutcome::NotPrinted { why: PAPER_OUT, started: false }));
    bench.effects.clear();
    bench.does(Command::PrinterReady);
    assert_eq!(prints(&bench.effects()), [1, 2, 3]);
    assert_eq!((reprints(&bench), state(&bench, 1)), (0, (JobState::Queued, 0)), "nothing was on paper, so nothing is marked");
}

#[test]
fn an_uncertain_job_waits_for_the_crew() {
    let mut bench = sold(2);
    for job in 1..=2 {
        begins(&mut bench, job);
        bench.does(ends(job, PrintOutcome::Uncertain { why: PrinterTrouble::Silent }));
    }
    bench.effects.clear();
    bench.does(Command::PrinterReady);
    assert_eq!(prints(&bench.effects()), Vec::<u64>::new(), "never again by itself");
    let doubted: Vec<u64> = bench.till().doubted_jobs().expect("the jobs").iter().map(|job| job.job_id.0).collect();
    assert_eq!(doubted, [1, 2]);
    bench.does(Command::JobDecided { job_id: JobId(1), came_out: true });
    assert_eq!((state(&bench, 1).0, reprints(&bench)), (JobState::Printed, 0));
    bench.does(Command::JobDecided { job_id: JobId(2), came_out: false });
    assert_eq!(prints(&bench.effects()), [2]);
    assert_eq!((state(&bench, 2), reprints(&bench)), ((JobState::Queued, 1), 1));
    assert!(mark(&bench, 2).is_some());
    bench.refuses(Command::JobDecided { job_id: JobId(1), came_out: false }, "print.unknown_job");
    bench.refuses(Command::JobDecided { job_id: JobId(2), came_out: false }, "print.unknown_job");
}

#[test]
fn after_a_restart_of_the_program_a_job_under_way_asks_and_a_waiting_one_goes_on() {
    let mut bench = sold(2);
    begins(&mut bench, 1);
    bench.effects.clear();
    bench.restart();
    assert_eq!(state(&bench, 1), (JobState::Uncertain, 0));
    assert_eq!(prints(&bench.effects()), [2], "nothing of it was sent: the program's end loses no note");
}

#[test]
fn after_a_power_cut_a_waiting_job_asks_too() {
    for boot in [&b"boot-2"[..], b""] {
        let mut bench = sold(1);
        bench.effects.clear();
        bench.boot = boot.to_vec();
        bench.restart();
        assert_eq!(prints(&bench.effects()), Vec::<u64>::new(), "the note of its sending may be lost");
        assert_eq!(state(&bench, 1), (JobState::Uncertain, 0));
    }
}

#[test]
fn a_report_is_printed_again_without_a_fact() {
    let mut bench = Bench::selling();
    bench.does(Command::XReport);
    begins(&mut bench, 1);
    bench.does(ends(1, PrintOutcome::NotPrinted { why: PAPER_OUT, started: true }));
    assert_eq!((state(&bench, 1), reprints(&bench)), ((JobState::Queued, 1), 0));
}

#[test]
fn jobs_that_are_not_there_are_refused() {
    let mut bench = sold(1);
    for job in [0, 2, 1_000_000] {
        bench.refuses(ends(job, PrintOutcome::Printed), "print.unknown_job");
        bench.refuses(Command::JobDecided { job_id: JobId(job), came_out: true }, "print.unknown_job");
        assert_eq!(bench.till().job_document(JobId(job), 42).expect_err("no such job").code(), "print.unknown_job");
    }
    bench.refuses(ends(1, PrintOutcome::Printed), "print.unknown_job");
}

#[test]
fn a_copy_that_is_said_not_to_come_out_is_marked_journaled_and_not_printed_for_ever() {
    let mut bench = Bench::selling();
    bench.does(add("1001", 1));
    bench.does(cash(2_900));
    bench.does(Command::Copy(1));
    let job_id = JobId(2);
    let mut printed = 0;
    for _ in 0..20 {
        if bench.till_mut().job_begins(job_id).is_err() {
            break;
        }
        printed += 1;
        let paper = bench.till().job_document(job_id, 42).expect("a document").to_text(42).replace(' ', "");
        assert!(paper.contains("KOPIA") && paper.contains("Utskrivetpånytt") == (printed > 1), "{paper}");
        bench.does(Command::JobEnded { job_id, outcome: PrintOutcome::Uncertain { why: PrinterTrouble::CannotConfirm } });
        bench.does(Command::JobDecided { job_id, came_out: false });
    }
    assert_eq!(printed, 1 + PRINT_AGAIN_MAX);
    assert_eq!(bench.count(|fact| matches!(fact, Fact::ReceiptReprinted(false, 1))), usize::try_from(PRINT_AGAIN_MAX).expect("few"));
}
