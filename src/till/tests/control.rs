//! Where the law wants a control unit's code, a receipt is two facts: asked, and closed with the code. Whatever is cut in between, the
//! unit sees one number with one content, and the sale closes once.

mod common;

use common::{Bench, add, approved, card, cash, code, declined, part, rest, sek, served, unit_ready, z};
use domain::{
    sale::SaleKind,
    vat::{Country, Supply},
};
use hw::control::{ControlState, ControlTrouble, ReceiptRecord, RecordKind};
use journal::{ControlKind, Fact};
use till::{Answer, Command, ControlRule, Effect, JobKind};

/// Two coffees, paid in cash; the unit is asked.
fn asked() -> (Bench, ReceiptRecord) {
    let mut bench = Bench::controlled();
    bench.does(add("1001", 2));
    assert_eq!(bench.does(cash(10_000)), Answer::ControlAsked(1));
    let record = bench.asked();
    (bench, record)
}

fn sold(bench: &mut Bench, minor: i64) -> u64 {
    let Answer::ControlAsked(number) = bench.does(cash(minor)) else { panic!("the unit is asked") };
    let record = bench.asked();
    assert!(matches!(bench.unit_codes(record), Answer::Paid(paid) if paid.receipt_no == number));
    number
}

fn sales(bench: &Bench) -> usize {
    bench.count(|fact| matches!(fact, Fact::SaleClosed(_)))
}

fn answered(record: &ReceiptRecord, result: Result<(), ControlTrouble>) -> Command {
    Command::ControlAnswered { record: Box::new(record.clone()), result: result.map(|()| code(record)) }
}

const NOT_RECORDED: [ControlTrouble; 5] = [
    ControlTrouble::Unplugged,
    ControlTrouble::Busy,
    ControlTrouble::Refused(17),
    ControlTrouble::NotEnrolled(4),
    ControlTrouble::StorageFull,
];
const MAY_BE_RECORDED: [ControlTrouble; 3] = [ControlTrouble::Silent, ControlTrouble::Garbled, ControlTrouble::Fault(9)];

#[test]
fn the_request_is_committed_with_the_settled_sale_before_the_unit_is_asked() {
    let mut bench = Bench::controlled();
    bench.does(add("1001", 2));
    bench.does(cash(10_000));
    let last = bench.entries().pop().expect("an entry");
    let Fact::ControlRequested(request) = &last.fact else { panic!("the request is the last fact") };
    assert_eq!((request.number, request.kind, request.sold_minor, request.returned_minor), (1, ControlKind::Receipt, 5_800, 0));
    let effects = bench.effects();
    let [Effect::Register(record)] = &effects[..] else { panic!("the unit is asked, and neither paper nor drawer move: {effects:?}") };
    assert_eq!((record.at, record.kind, record.number), ([2026, 6, 15, 12, 30], RecordKind::Normal, 1));
    assert_eq!((&*record.org_no, &*record.register), ("5560000000", "0042-1"));
    assert_eq!((record.sold_minor, record.returned_minor, &record.vat[..]), (5_800, 0, &[(600, 328)][..]));
    assert_eq!((sales(&bench), bench.books().receipt_no), (0, 0));
}

#[test]
fn the_code_closes_the_sale_prints_it_and_opens_the_drawer_in_one_commit() {
    let (mut bench, record) = asked();
    let seq = bench.till().store().seq();
    let Answer::Paid(paid) = bench.unit_codes(record.clone()) else { panic!("the sale is paid") };
    assert_eq!((paid.receipt_no, paid.total, paid.change, paid.seq), (1, sek(5_800), sek(4_200), seq + 1));
    assert!(matches!(&bench.effects()[..], [Effect::OpenDrawer, Effect::Print(_)]));
    let (_, sale) = bench.till().receipt(false, 1).expect("the receipt");
    let control = sale.control.expect("the unit's proof");
    assert_eq!((&*control.unit, &*control.code, control.at_s), ("DEMO0000000000001", "KODNormal1", common::NOON_S));
    assert_eq!((bench.books().control.clone(), bench.till().open_sale()), (None, None));
    let paper = bench.till().receipt_document(false, 1, 42).expect("a document").to_text(42);
    assert!(paper.contains("Kontrollenhet            DEMO0000000000001"), "{paper}");
    assert!(paper.contains("KODNormal1"), "{paper}");
    bench.till().store().verify().expect("chain and projections hold");
}

#[test]
fn wherever_the_till_is_cut_the_same_is_asked_again_and_the_sale_closes_once() {
    for answer_first in [None, Some(ControlTrouble::Silent), Some(ControlTrouble::Unplugged)] {
        for restarts in 1..=3 {
            let (mut bench, record) = asked();
            if let Some(trouble) = answer_first {
                assert_eq!(bench.unit_fails(&record, trouble), Answer::ControlTrouble(1, trouble));
            }
            for _ in 0..restarts {
                bench.wait(3_600);
                bench.effects.clear();
                bench.restart();
                let again: Vec<_> = bench.effects.iter().filter(|effect| matches!(effect, Effect::Register(_))).cloned().collect();
                assert_eq!(again, [Effect::Register(Box::new(record.clone()))], "the same record, time and all");
            }
            assert!(matches!(bench.unit_codes(record.clone()), Answer::Paid(paid) if paid.receipt_no == 1 && paid.change == sek(4_200)));
            bench.effects.clear();
            bench.refuses(answered(&record, Ok(())), "control.not_pending");
            bench.restart();
            bench.refuses(answered(&record, Ok(())), "control.not_pending");
            assert_eq!((sales(&bench), bench.books().receipt_no, bench.till().open_sale()), (1, 1, None));
            let paper = bench.till().receipt_document(false, 1, 42).expect("a document").to_text(42);
            assert!(paper.contains("2026-06-15 12:30:00"), "unit and paper tell the same time: {paper}");
        }
    }
}

#[test]
fn a_restart_after_the_close_asks_nothing_and_prints_once() {
    let (mut bench, record) = asked();
    bench.unit_codes(record);
    bench.effects.clear();
    bench.restart();
    assert!(!bench.effects.iter().any(|effect| matches!(effect, Effect::Register(_))));
    let jobs = bench.till().store().unfinished_jobs().expect("the jobs");
    assert_eq!(jobs.len(), 1);
    assert_eq!(JobKind::ALL[usize::from(jobs[0].kind)], JobKind::Receipt);
}

#[test]
fn nothing_else_is_sold_or_moved_while_a_receipt_waits() {
    let mut bench = Bench::controlled();
    bench.does(add("1001", 1));
    sold(&mut bench, 2_900);
    bench.does(add("1001", 1));
    bench.does(Command::Park);
    bench.does(add("1001", 2));
    bench.does(cash(5_800));
    bench.effects.clear();
    for command in [
        add("1001", 1),
        Command::Scan("9520000020040".into()),
        served(),
        Command::Serve(Supply::TakeAway),
        Command::Park,
        Command::Resume(1),
        Command::Abandon,
        Command::VoidTender(0),
        cash(5_800),
        card(5_800),
        rest(1),
        part(1, 1, 1),
        Command::Void(1),
        Command::Copy(1),
        Command::SignOut,
        Command::EndTrip,
        z(0),
        Command::CashDrop(sek(100)),
        Command::PaidOut(sek(100)),
        Command::PaidIn(sek(100)),
    ] {
        bench.refuses(command, "control.pending");
    }
    bench.refuses(Command::Training(true), "training.busy");
    bench.refuses(Command::GiveUpControl, "control.pending");
    bench.does(Command::XReport);
}

#[test]
fn no_money_is_taken_before_the_unit_was_heard_and_is_ready() {
    let mut bench = Bench::controlled();
    bench.does(add("1001", 1));
    sold(&mut bench, 2_900);
    bench.does(add("1001", 1));
    bench.restart();
    bench.effects.clear();
    let not_ready = ControlState { unit: "DEMO0000000000001".try_into().expect("a number"), is_ready: false, storage_low: false };
    let mut states = vec![(None, "control.unheard"), (Some(Ok(not_ready)), "control.busy")];
    states.extend(NOT_RECORDED.into_iter().chain(MAY_BE_RECORDED).map(|trouble| (Some(Err(trouble)), trouble.code())));
    for (state, why) in states {
        if let Some(state) = state {
            bench.does(Command::ControlSeen(state));
        }
        for command in [cash(2_900), cash(100), card(2_900), card(100)] {
            bench.refuses(command, why);
        }
        // What was registered stays, and more can be added: it is the closing that needs the unit.
        bench.does(add("1001", 1));
        let ticket = bench.books().ticket_no + 1;
        assert_eq!(bench.does(Command::Park), Answer::Parked(ticket));
        for command in [rest(1), part(1, 1, 1), Command::Void(1), Command::Copy(1)] {
            bench.refuses(command, why);
        }
        bench.does(Command::Resume(ticket));
    }
    bench.does(unit_ready());
    assert_eq!(bench.does(cash(100_000)), Answer::ControlAsked(2));
}

#[test]
fn a_card_payment_closes_only_with_the_code_and_cannot_be_given_up() {
    let mut bench = Bench::controlled();
    bench.does(add("1001", 2));
    bench.does(card(5_800));
    assert_eq!(bench.card(approved(5_800)), Answer::ControlAsked(1), "the money is taken, the receipt waits");
    let record = bench.asked();
    for trouble in NOT_RECORDED.into_iter().chain(MAY_BE_RECORDED) {
        bench.unit_fails(&record, trouble);
        bench.refuses(Command::GiveUpControl, "control.card_paid");
        bench.does(Command::AskControlAgain);
        assert_eq!(bench.asked(), record);
    }
    bench.restart();
    let record = bench.asked();
    bench.unit_fails(&record, ControlTrouble::Silent);
    bench.refuses(Command::GiveUpControl, "control.card_paid");
    bench.does(Command::AskControlAgain);
    let again = bench.asked();
    assert!(matches!(bench.unit_codes(again), Answer::Paid(paid) if paid.receipt_no == 1));
    assert_eq!(sales(&bench), 1);
}

#[test]
fn a_declined_card_asks_no_unit() {
    let mut bench = Bench::controlled();
    bench.does(add("1001", 2));
    bench.does(card(5_800));
    bench.effects.clear();
    bench.card(declined());
    assert!(bench.effects().is_empty());
    assert_eq!(bench.books().control, None);
}

#[test]
fn what_the_unit_surely_did_not_record_is_given_up_and_its_number_used_again() {
    for trouble in NOT_RECORDED {
        let (mut bench, record) = asked();
        bench.unit_fails(&record, trouble);
        assert_eq!(bench.till().control_trouble(), Some(trouble));
        assert_eq!(bench.does(Command::GiveUpControl), Answer::ControlGivenUp { number: 1, burned: false, back: sek(10_000) });
        let sale = bench.till().open_sale().expect("the sale is open again");
        assert_eq!((sale.lines.len(), sale.tenders.len(), sale.due()), (1, 0, sek(5_800)));
        bench.refuses(answered(&record, Ok(())), "control.not_pending");
        bench.restart();
        bench.does(unit_ready());
        bench.does(add("1001", 1));
        assert_eq!(sold(&mut bench, 8_700), 1);
        bench.till().store().verify().expect("chain and projections hold");
    }
}

#[test]
fn what_the_unit_may_have_recorded_burns_its_number() {
    for trouble in MAY_BE_RECORDED {
        // What came first stays in doubt, whatever comes later.
        for later in [None, Some(ControlTrouble::Unplugged), Some(ControlTrouble::Refused(17))] {
            let (mut bench, record) = asked();
            bench.unit_fails(&record, trouble);
            if let Some(later) = later {
                bench.does(Command::AskControlAgain);
                bench.unit_fails(&record, later);
            }
            assert_eq!(bench.does(Command::GiveUpControl), Answer::ControlGivenUp { number: 1, burned: true, back: sek(10_000) });
            bench.restart();
            assert_eq!(bench.till().open_sale().expect("the sale outlives the restart").due(), sek(5_800));
            bench.does(unit_ready());
            assert_eq!(sold(&mut bench, 5_800), 2, "the unit never sees one number with two contents");
            assert_eq!(bench.count(|fact| matches!(fact, Fact::ControlGivenUp { number: 1, burned: true, .. })), 1);
            bench.till().store().verify().expect("chain and projections hold");
            bench.does(Command::XReport);
            let jobs = bench.till().store().unfinished_jobs().expect("the jobs");
            let paper = bench.till().job_document(jobs.last().expect("a job").job_id, 42).expect("a document").to_text(42);
            assert!(paper.contains("Kvittonummer utan kvitto                 1"), "{paper}");
        }
    }
}

#[test]
fn after_a_restart_nothing_is_sure_so_giving_up_burns_the_number() {
    let (mut bench, record) = asked();
    bench.restart();
    bench.refuses(Command::GiveUpControl, "control.pending");
    bench.unit_fails(&record, ControlTrouble::Unplugged);
    assert_eq!(bench.does(Command::GiveUpControl), Answer::ControlGivenUp { number: 1, burned: true, back: sek(10_000) });
}

#[test]
fn the_unit_is_asked_once_at_a_time_and_again_by_itself_when_it_is_ready() {
    let (mut bench, record) = asked();
    bench.does(Command::AskControlAgain);
    bench.does(unit_ready());
    assert!(bench.effects().is_empty(), "it has not answered yet");
    bench.unit_fails(&record, ControlTrouble::Silent);
    bench.does(Command::ControlSeen(Err(ControlTrouble::Silent)));
    assert!(bench.effects().is_empty());
    assert_eq!(bench.does(unit_ready()), Answer::ControlAsked(1));
    assert_eq!(bench.asked(), record);
}

#[test]
fn refunds_voids_and_returned_bottles_are_return_records() {
    let mut bench = Bench::controlled();
    bench.does(add("1001", 2));
    sold(&mut bench, 5_800);
    bench.does(part(1, 1, 1));
    let refund = bench.asked();
    assert_eq!((refund.number, refund.sold_minor, refund.returned_minor, &refund.vat[..]), (2, 0, 2_900, &[(600, -164)][..]));
    assert!(matches!(bench.unit_codes(refund), Answer::Paid(paid) if paid.total == sek(-2_900)));
    bench.does(rest(1));
    let record = bench.asked();
    assert!(matches!(bench.unit_codes(record), Answer::Paid(_)));
    bench.does(add("9102", 2));
    let due = bench.till().open_sale().expect("a sale").due();
    assert!(due.minor() < 0, "bottles pay");
    bench.does(cash(0));
    let bottles = bench.asked();
    assert_eq!((bottles.number, bottles.sold_minor, bottles.returned_minor), (4, 0, -due.minor()));
    assert!(matches!(bench.unit_codes(bottles), Answer::Paid(_)));
    let kinds: Vec<SaleKind> = (1..=4).map(|no| bench.till().receipt(false, no).expect("a receipt").1.kind).collect();
    assert_eq!(kinds, [SaleKind::Sale, SaleKind::Refund, SaleKind::Refund, SaleKind::Sale]);
}

#[test]
fn a_refund_in_cash_that_is_given_up_gave_nothing_back() {
    let mut bench = Bench::controlled();
    bench.does(add("1001", 1));
    sold(&mut bench, 2_900);
    let drawer = bench.books().totals.drawer_minor();
    bench.does(rest(1));
    let record = bench.asked();
    bench.unit_fails(&record, ControlTrouble::Busy);
    assert_eq!(bench.does(Command::GiveUpControl), Answer::ControlGivenUp { number: 2, burned: false, back: sek(0) });
    assert_eq!((bench.books().totals.drawer_minor(), bench.till().open_sale()), (drawer, None));
    bench.does(rest(1));
    let record = bench.asked();
    assert!(matches!(bench.unit_codes(record), Answer::Paid(_)));
    bench.refuses(rest(1), "refund.exceeds_sold");
}

#[test]
fn a_refund_to_a_card_waits_until_the_unit_answers() {
    let mut bench = Bench::controlled();
    bench.does(add("1001", 1));
    bench.does(card(2_900));
    bench.card(approved(2_900));
    let record = bench.asked();
    bench.unit_codes(record);
    bench.does(rest(1));
    assert_eq!(bench.card(approved(-2_900)), Answer::ControlAsked(2));
    let record = bench.asked();
    bench.unit_fails(&record, ControlTrouble::Silent);
    bench.refuses(Command::GiveUpControl, "control.card_paid");
    bench.restart();
    let record = bench.asked();
    let Answer::Paid(paid) = bench.unit_codes(record) else { panic!("the refund is closed") };
    let (_, refund) = bench.till().receipt(false, paid.receipt_no).expect("the receipt");
    assert_eq!(&*refund.tenders[0].slip, "Demo Card ************1234 A1B2C3");
}

#[test]
fn the_one_copy_has_a_code_of_its_own() {
    let mut bench = Bench::controlled();
    bench.does(add("1001", 1));
    sold(&mut bench, 2_900);
    bench.wait(600);
    // A sale that stands open beside it is left alone.
    bench.does(add("1001", 3));
    assert_eq!(bench.does(Command::Copy(1)), Answer::ControlAsked(1));
    let record = bench.asked();
    assert_eq!((record.kind, record.number, record.at), (RecordKind::Copy, 1, [2026, 6, 15, 12, 40]));
    bench.unit_fails(&record, ControlTrouble::Unplugged);
    assert_eq!(bench.does(Command::GiveUpControl), Answer::ControlGivenUp { number: 1, burned: false, back: sek(0) });
    assert_eq!(bench.till().open_sale().expect("the sale").due(), sek(8_700));
    bench.does(Command::Copy(1));
    bench.restart();
    let record = bench.asked();
    assert_eq!(bench.unit_codes(record), Answer::Copying(1));
    let jobs = bench.till().store().unfinished_jobs().expect("the jobs");
    let paper = bench.till().job_document(jobs.last().expect("a job").job_id, 42).expect("a document").to_text(42);
    assert!(paper.contains("KODNormal1") && paper.contains("KODCopy1"), "{paper}");
    bench.does(unit_ready());
    bench.refuses(Command::Copy(1), "receipt.copied");
    assert_eq!(bench.books().receipt_no, 1);
}

#[test]
fn a_copy_that_the_unit_may_hold_is_not_made_a_second_time() {
    let mut bench = Bench::controlled();
    bench.does(add("1001", 1));
    sold(&mut bench, 2_900);
    bench.does(Command::Copy(1));
    let record = bench.asked();
    bench.unit_fails(&record, ControlTrouble::Silent);
    assert_eq!(bench.does(Command::GiveUpControl), Answer::ControlGivenUp { number: 1, burned: true, back: sek(0) });
    bench.refuses(Command::Copy(1), "receipt.copied");
    bench.does(add("1001", 1));
    assert_eq!(sold(&mut bench, 2_900), 2, "the numbers of receipts go on");
}

#[test]
fn practice_goes_to_the_unit_as_practice() {
    let mut bench = Bench::controlled();
    bench.does(Command::Training(true));
    for pay in [cash(2_900), card(2_900)] {
        bench.does(add("1001", 1));
        bench.does(pay);
        let record = bench.asked();
        assert_eq!((record.kind, record.number), (RecordKind::Training, bench.books().training_no + 1));
        assert!(matches!(bench.unit_codes(record), Answer::Paid(paid) if paid.training));
        assert!(!bench.effects().contains(&Effect::OpenDrawer));
    }
    bench.refuses(Command::Copy(1), "training.forbids");
    bench.does(add("1001", 1));
    bench.does(card(2_900));
    let record = bench.asked();
    bench.unit_fails(&record, ControlTrouble::Silent);
    let given_up = bench.does(Command::GiveUpControl);
    assert_eq!(given_up, Answer::ControlGivenUp { number: 3, burned: true, back: sek(0) }, "nobody paid with a real card");
    assert_eq!((bench.books().training_no, bench.books().receipt_no), (3, 0));
}

#[test]
fn what_waited_closes_without_a_code_where_the_rule_was_taken_away() {
    let (mut bench, _) = asked();
    bench.control = ControlRule::None;
    bench.restart();
    assert_eq!((sales(&bench), bench.books().receipt_no, bench.books().control.clone(), bench.till().open_sale()), (1, 1, None, None));
}

#[test]
fn without_a_rule_no_unit_is_asked() {
    let mut bench = Bench::selling();
    bench.does(add("1001", 1));
    assert!(matches!(bench.does(cash(2_900)), Answer::Paid(_)));
    assert!(!bench.effects.iter().any(|effect| matches!(effect, Effect::Register(_))));
    bench.refuses(Command::AskControlAgain, "control.not_pending");
    bench.refuses(Command::GiveUpControl, "control.not_pending");
}

#[test]
fn where_another_country_is_owed_the_vat_no_code_is_asked_for() {
    let mut bench = Bench::controlled();
    bench.does(z(100_000));
    bench.does(Command::EndTrip);
    // 08:00 in Stockholm, between Moss and Halden.
    bench.wait(19 * 3_600 + 1_800);
    bench.does(Command::StartTrip { train: "391".into(), operating_day: common::DAY.succ_opt().expect("a day") });
    bench.does(Command::OpenShift(sek(10_000)));
    bench.does(add("1001", 1));
    let terms = bench.till().open_sale().expect("a sale").terms;
    assert_eq!(terms.country, Country::No);
    assert!(matches!(bench.does(cash(2_900)), Answer::Paid(_)), "15 % is no rate that a Swedish unit knows");
    assert!(bench.till().receipt(false, 1).expect("the receipt").1.control.is_none());
    assert!(matches!(bench.does(Command::Copy(1)), Answer::Copying(1)));
    assert!(matches!(bench.does(rest(1)), Answer::Paid(_)));
}

#[test]
fn a_clock_that_no_unit_would_take_is_refused_before_any_money() {
    // A machine without a clock chip, on the first start of its life.
    let mut bench = Bench::new_at(3_600);
    bench.control = ControlRule::Sweden;
    bench.restart();
    bench.does(unit_ready());
    bench.does(common::sign_in());
    bench.does(Command::StartTrip { train: "171".into(), operating_day: common::DAY });
    bench.does(Command::OpenShift(sek(100_000)));
    bench.does(add("1001", 1));
    for pay in [cash(2_900), card(2_900)] {
        bench.refuses(pay, "control.clock");
    }
    assert_eq!(bench.count(|fact| matches!(fact, Fact::ControlRequested(_) | Fact::CardRequested(..))), 0);
}

#[test]
fn a_unit_that_has_just_refused_gets_no_card_charged_until_it_records_again() {
    let (mut bench, record) = asked();
    bench.does(answered(&record, Err(ControlTrouble::StorageFull)));
    bench.does(Command::GiveUpControl);
    bench.does(unit_ready());
    bench.refuses(card(5_800), "control.storage_full");
    // Cash can be handed back, so it may try.
    sold(&mut bench, 5_800);
    bench.does(add("1001", 1));
    assert!(matches!(bench.does(card(2_900)), Answer::CardAsked(_)));
}

#[test]
fn the_code_of_another_receipt_proves_nothing() {
    let mut bench = Bench::controlled();
    bench.does(add("1001", 1));
    sold(&mut bench, 2_900);
    bench.restart();
    bench.does(unit_ready());
    bench.does(add("1001", 2));
    bench.does(cash(5_800));
    let record = bench.asked();
    let (_, before) = bench.till().receipt(false, 1).expect("the first receipt");
    let stale = before.control.expect("its code").code.to_string();
    let code = hw::control::ControlCode { code: stale.as_str().try_into().expect("short"), ..code(&record) };
    let answer = bench.does(Command::ControlAnswered { record: Box::new(record.clone()), result: Ok(code) });
    assert_eq!(answer, Answer::ControlTrouble(2, ControlTrouble::Garbled));
    assert!(matches!(bench.unit_codes(record), Answer::Paid(paid) if paid.receipt_no == 2));
}
