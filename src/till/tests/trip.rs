//! A whole trip by commands, once in one go and once with a restart after every command.

mod common;

use common::{Bench, DAY, add, approved, card, cash, declined, part, rest, sek, served, sign_in, z};
use domain::{
    sale::{LineNo, TenderKind},
    vat::Supply,
};
use hw::terminal::PaymentAnswer;
use journal::{Entry, Fact};
use till::{Answer, Command, Effect};

enum Step {
    Do(Command),
    Refused(Command, &'static str),
    Card(PaymentAnswer),
    Print,
    Wait(u32),
    Check(fn(&Bench)),
}

use Step::{Card, Check, Do, Print, Refused, Wait};

fn sign_in_and_open() -> Vec<Step> {
    let wrong = || Refused(Command::SignIn { crew: "101".into(), pin: "0000".into() }, "crew.pin_wrong");
    vec![
        Refused(add("1001", 1), "crew.not_signed_in"),
        wrong(),
        wrong(),
        wrong(),
        Refused(sign_in(), "crew.pin_delayed"),
        Wait(28),
        Refused(sign_in(), "crew.pin_delayed"),
        Wait(2),
        wrong(),
        Wait(58),
        Refused(sign_in(), "crew.pin_delayed"),
        Wait(2),
        Do(sign_in()),
        Refused(add("1001", 1), "trip.not_started"),
        Refused(Command::StartTrip { train: "172".into(), operating_day: DAY.pred_opt().expect("a Sunday") }, "trip.unknown"),
        Do(Command::StartTrip { train: "171".into(), operating_day: DAY }),
        Refused(add("1001", 1), "shift.not_open"),
        Do(Command::OpenShift(sek(100_000))),
    ]
}

fn sales() -> Vec<Step> {
    vec![
        // Receipt 1: 90.00 in cash, served.
        Do(add("1001", 2)),
        Do(Command::Scan("9520000020040".into())),
        Check(|bench| {
            let sale = bench.till().open_sale().expect("a sale is open");
            assert_eq!(sale.lines.iter().map(|line| line.rate.basis_points()).collect::<Vec<_>>(), [600, 600, 600]);
            assert_eq!(sale.lines[2].linked_to, Some(sale.lines[1].no), "the deposit hangs on the bottle");
        }),
        Do(served()),
        Check(|bench| {
            let sale = bench.till().open_sale().expect("a sale is open");
            assert_eq!(sale.lines.iter().map(|line| line.rate.basis_points()).collect::<Vec<_>>(), [1200, 1200, 1200]);
        }),
        Do(cash(10_000)),
        Print,
        // Receipt 2: 136.00, card and cash, with alcohol whose rate is locked.
        Do(add("5001", 1)),
        Do(add("3001", 1)),
        Refused(Command::ServeLine(LineNo(1), Supply::TakeAway), "vat.locked"),
        Refused(card(13_601), "tender.exceeds_due"),
        Do(card(10_030)),
        Refused(add("1001", 1), "card.pending"),
        Refused(cash(1_000), "card.pending"),
        Card(approved(10_030)),
        Refused(Command::Abandon, "sale.partly_paid"),
        Refused(Command::Park, "sale.partly_paid"),
        Do(cash(4_000)),
        Check(|bench| {
            let (_, sale) = bench.till().receipt(false, 2).expect("receipt 2");
            assert_eq!((sale.rounding_minor, sale.change_minor, sale.cash_minor()), (30, 400, 3_600));
        }),
        // Receipt 3 is sold while another sale is parked; receipt 4 is that one, less a line.
        Do(add("1002", 1)),
        Do(add("6002", 1)),
        Do(Command::Park),
        Do(add("3014", 1)),
        Refused(Command::Resume(1), "sale.open"),
        Do(cash(1_500)),
        Refused(Command::Resume(2), "sale.parked_unknown"),
        Do(Command::Resume(1)),
        Do(Command::VoidLine(LineNo(2))),
        Do(card(3_600)),
        Card(declined()),
        Do(card(3_600)),
        Card(PaymentAnswer::Unknown),
        Refused(Command::VoidLine(LineNo(1)), "card.pending"),
        Card(approved(3_600)),
        Do(add("6005", 1)),
        Do(Command::Abandon),
        Print,
    ]
}

fn after_sales() -> Vec<Step> {
    vec![
        Do(Command::Void(3)),
        Refused(Command::Void(3), "refund.exceeds_sold"),
        Refused(rest(3), "refund.exceeds_sold"),
        Refused(rest(5), "refund.not_refundable"),
        Refused(rest(99), "receipt.unknown"),
        Do(part(1, 1, 1)),
        Refused(part(1, 1, 2), "refund.exceeds_sold"),
        Refused(part(1, 3, 1), "line.linked"),
        Refused(part(1, 9, 1), "line.unknown"),
        Do(rest(1)),
        Refused(rest(1), "refund.exceeds_sold"),
        // The card gets back what it gave; only then the rest in cash.
        Do(rest(2)),
        Refused(rest(2), "card.pending"),
        Card(approved(-10_030)),
        Refused(rest(2), "refund.exceeds_sold"),
        Do(Command::Copy(2)),
        Refused(Command::Copy(2), "receipt.copied"),
        Do(Command::CashDrop(sek(50_000))),
        Do(Command::PaidIn(sek(5_000))),
        Do(Command::PaidOut(sek(2_000))),
        Do(Command::NoSale),
        Refused(Command::CashDrop(sek(53_001)), "shift.drawer_short"),
        Print,
    ]
}

fn training() -> Vec<Step> {
    vec![
        Do(add("1001", 1)),
        Refused(Command::Training(true), "training.busy"),
        Do(Command::Abandon),
        Do(Command::Training(true)),
        Do(add("1001", 1)),
        Do(cash(3_000)),
        Do(add("1001", 3)),
        Do(card(8_700)),
        Do(rest(1)),
        Refused(rest(1), "refund.exceeds_sold"),
        Refused(Command::NoSale, "training.forbids"),
        Refused(Command::CashDrop(sek(100)), "training.forbids"),
        Refused(z(0), "training.forbids"),
        Do(Command::Training(false)),
        Refused(rest(9), "receipt.unknown"),
        Print,
    ]
}

fn closing() -> Vec<Step> {
    vec![
        Do(Command::XReport),
        Do(Command::XReport),
        Refused(Command::ZReport { counted: sek(52_900), pieces: vec![(50_000, 1), (100, 28)] }, "cash.count_unequal"),
        Refused(Command::ZReport { counted: sek(52_900), pieces: vec![(52_900, 1)] }, "cash.denomination"),
        Do(Command::ZReport { counted: sek(52_900), pieces: vec![(50_000, 1), (100, 29)] }),
        Refused(z(0), "shift.not_open"),
        Do(Command::OpenShift(sek(20_000))),
        Refused(Command::Void(4), "void.other_shift"),
        Do(add("1001", 1)),
        Do(cash(2_900)),
        Do(z(22_900)),
        Print,
        Do(Command::EndTrip),
        Do(Command::SignOut),
        Refused(Command::SignOut, "crew.not_signed_in"),
    ]
}

fn whole_trip() -> Vec<Step> {
    [sign_in_and_open(), sales(), after_sales(), training(), closing()].into_iter().flatten().collect()
}

/// Runs the steps. `after` is called after each of them.
fn run(after: impl Fn(&mut Bench)) -> Bench {
    let mut bench = Bench::new();
    for step in whole_trip() {
        match step {
            Do(command) => {
                bench.does(command);
            }
            Refused(command, code) => bench.refuses(command, code),
            Card(answer) => {
                bench.card(answer);
            }
            Print => {
                bench.print_all();
            }
            Wait(seconds) => bench.wait(seconds),
            Check(check) => check(&bench),
        }
        after(&mut bench);
        bench.till().store().verify().expect("chain and projections hold");
    }
    bench
}

fn z_reports(bench: &Bench) -> Vec<journal::ShiftClosed> {
    let closed = |entry: Entry| match entry.fact {
        Fact::ZClosed(closed) => Some(*closed),
        _ => None,
    };
    bench.entries().into_iter().filter_map(closed).collect()
}

#[test]
fn a_trip_adds_up() {
    let bench = run(|_| {});
    let [first, second] = &z_reports(&bench)[..] else { panic!("two shifts were closed") };
    let totals = &first.totals;
    assert_eq!((totals.sales.count, totals.sales.minor), (4, 27_700));
    assert_eq!((totals.voids.count, totals.voids.minor), (1, 1_500));
    assert_eq!((totals.refunds.count, totals.refunds.minor), (3, 22_600));
    assert_eq!(totals.rounding_minor, 0, "the refund gave the rounding back");
    assert_eq!(totals.tenders.get(&TenderKind::Card), Some(&3_600), "10 030 came and went");
    assert_eq!((totals.copies.count, totals.abandoned.count, totals.abandoned.minor), (1, 2, 22_800));
    assert_eq!((totals.voided_lines.count, totals.voided_lines.minor), (1, 14_900));
    assert_eq!((totals.training.count, totals.no_sales), (3, 1));
    // The shift's opening; cash sales 1, 2, 3; void of 3; two parts of 1; cash part of 2; drop, in, out, no sale. The card sale opened nothing.
    assert_eq!(totals.drawer_openings, 12);
    assert_eq!((first.expected_minor, first.counted_minor), (53_000, 52_900));
    assert_eq!(totals.vat.values().map(|(gross, _)| gross).sum::<i64>(), totals.net_minor());
    assert_eq!(totals.categories.values().map(|(_, gross)| gross).sum::<i64>(), totals.net_minor());
    assert_eq!((first.z_no, second.z_no, second.shift_no), (1, 2, 2));
    assert_eq!((first.grand.sales_minor, first.grand.returns_minor), (27_700, 24_100));
    assert_eq!((second.grand.sales_minor, second.grand.returns_minor), (30_600, 24_100), "no Z ever resets the grand totals");
    assert_eq!((bench.books().receipt_no, bench.books().training_no), (9, 3), "training has a series of its own");
    assert_eq!((second.expected_minor, second.totals.training.count), (22_900, 0));
}

#[test]
fn training_moves_no_device_but_the_printer() {
    let mut bench = Bench::selling();
    bench.does(Command::Training(true));
    bench.does(add("1001", 1));
    bench.does(cash(3_000));
    bench.does(add("1001", 1));
    assert!(matches!(bench.does(card(2_900)), Answer::Paid(paid) if paid.training && paid.receipt_no == 2));
    bench.does(rest(1));
    let effects = bench.effects();
    assert_eq!(effects.len(), 3);
    assert!(effects.iter().all(|effect| matches!(effect, Effect::Print(_))), "{effects:?}");
    assert_eq!(bench.books().totals.drawer_minor(), 100_000);
    assert_eq!(bench.books().grand, domain::report::GrandTotals::default());
}

#[test]
fn a_till_that_restarts_after_every_command_writes_the_same_journal() {
    let whole = journal_without_starts(&run(|_| {}));
    // A PIN delay starts again with the till, so nobody restarts it while somebody waits.
    let cut = journal_without_starts(&run(|bench| {
        if bench.books().pins.is_empty() {
            bench.restart();
        }
    }));
    assert_eq!(whole.len(), cut.len());
    for (whole, cut) in whole.iter().zip(&cut) {
        assert_eq!(whole, cut);
    }
}

/// Everything but starts, order numbers, keys and clocks that restart.
fn journal_without_starts(bench: &Bench) -> Vec<String> {
    let entries = bench.entries();
    let references: Vec<String> = entries
        .iter()
        .filter_map(|entry| match &entry.fact {
            Fact::CardRequested(reference, ..) => Some(reference.clone()),
            _ => None,
        })
        .collect();
    let kept = entries.iter().filter(|entry| !matches!(entry.fact, Fact::TillStarted(_)));
    kept.map(|entry| {
        let (context, stamp) = (&entry.context, entry.stamp);
        let told = format!(
            "{} {:?} {:?} {:?} {:?} {:?}",
            stamp.wall_s,
            context.trip.is_some(),
            context.leg,
            context.shift,
            context.crew,
            entry.fact
        );
        // Longest first: one reference may begin another.
        references
            .iter()
            .enumerate()
            .rev()
            .fold(told, |told, (place, reference)| told.replace(&format!("\"{reference}\""), &format!("card {place}")))
    })
    .collect()
}
