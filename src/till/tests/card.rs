//! A card payment is two facts: asked, and answered. Whatever is cut in between, money and receipt meet exactly once.

mod common;

use common::{Bench, add, approved, card, cash, declined, rest, sek};
use hw::terminal::PaymentAnswer;
use journal::{CardAnswer, Fact};
use till::{Answer, Command, Effect};

fn asked() -> (Bench, String) {
    let mut bench = Bench::selling();
    bench.does(add("1001", 2));
    let Answer::CardAsked(reference) = bench.does(card(5_800)) else { panic!("the terminal is asked") };
    (bench, reference)
}

fn sales(bench: &Bench) -> usize {
    bench.count(|fact| matches!(fact, Fact::SaleClosed(_)))
}

fn answered(reference: &str, answer: PaymentAnswer) -> Command {
    Command::CardAnswered { reference: reference.into(), answer }
}

#[test]
fn the_request_is_committed_before_the_terminal_is_asked() {
    let (mut bench, reference) = asked();
    let last = bench.entries().pop().expect("an entry");
    assert!(matches!(&last.fact, Fact::CardRequested(of, 5_800, _) if *of == reference));
    let [Effect::AskTerminal { reference: told, amount_minor: 5_800, original: None, currency: "SEK" }] = &bench.effects()[..] else {
        panic!("the terminal is asked once")
    };
    assert_eq!(*told, reference);
}

#[test]
fn an_approved_payment_closes_the_sale_in_the_same_commit() {
    let (mut bench, _) = asked();
    let before = bench.till().store().seq();
    let Answer::Paid(paid) = bench.card(approved(5_800)) else { panic!("the sale is paid") };
    assert_eq!((paid.receipt_no, paid.seq, paid.rounding), (1, before + 2, sek(0)));
    let (_, sale) = bench.till().receipt(false, 1).expect("the receipt");
    assert_eq!(&*sale.tenders[0].slip, "Demo Card ************1234 A1B2C3");
    assert!(!bench.effects().contains(&Effect::OpenDrawer), "no cash, no drawer");
}

#[test]
fn a_declined_payment_leaves_the_sale_open_and_another_way_to_pay() {
    let (mut bench, _) = asked();
    assert_eq!(bench.card(declined()), Answer::CardNotPaid { declined: true });
    assert_eq!(bench.till().open_sale().expect("the sale is open").due(), sek(5_800));
    assert!(matches!(bench.does(cash(5_800)), Answer::Paid(_)));
}

#[test]
fn nothing_can_be_done_to_a_sale_while_its_payment_is_unknown() {
    let (mut bench, reference) = asked();
    assert_eq!(bench.card(PaymentAnswer::Unknown), Answer::CardUnknown(reference.clone()));
    let seq = bench.till().store().seq();
    assert_eq!(bench.card(PaymentAnswer::Unknown), Answer::CardUnknown(reference), "not known a second time");
    assert_eq!(bench.till().store().seq(), seq, "the same doubt is not written twice");
    bench.effects.clear();
    for command in [add("1001", 1), cash(5_800), card(100), Command::Park, Command::Abandon, Command::SignOut, Command::EndTrip] {
        bench.refuses(command, "card.pending");
    }
    bench.refuses(Command::Resume(1), "card.pending");
    bench.refuses(rest(1), "card.pending");
    bench.refuses(Command::Training(true), "training.busy");
    bench.refuses(common::z(0), "card.pending");
}

#[test]
fn an_unknown_payment_that_was_approved_closes_the_sale_once_after_a_restart() {
    for restarts in 1..=3 {
        let (mut bench, reference) = asked();
        bench.card(PaymentAnswer::Unknown);
        for _ in 0..restarts {
            bench.effects.clear();
            bench.restart();
            assert!(bench.effects.contains(&Effect::AskTerminalStatus(reference.clone())), "the terminal is asked what became of it");
            assert!(!bench.effects.iter().any(|effect| matches!(effect, Effect::AskTerminal { .. })), "and not to pay again");
        }
        assert!(matches!(bench.card(approved(5_800)), Answer::Paid(_)));
        bench.refuses(answered(&reference, approved(5_800)), "card.not_pending");
        bench.restart();
        bench.refuses(answered(&reference, approved(5_800)), "card.not_pending");
        assert_eq!((sales(&bench), bench.books().receipt_no), (1, 1));
        assert_eq!(bench.till().open_sale(), None);
    }
}

#[test]
fn a_payment_that_the_terminal_never_heard_of_opens_the_sale_again() {
    let (mut bench, _) = asked();
    bench.card(PaymentAnswer::Unknown);
    bench.restart();
    assert_eq!(bench.card(PaymentAnswer::NotFound), Answer::CardNotPaid { declined: false });
    bench.does(add("1001", 1));
    let Answer::CardAsked(second) = bench.does(card(8_700)) else { panic!("the terminal is asked") };
    assert!(matches!(bench.card(approved(8_700)), Answer::Paid(_)));
    assert_eq!(bench.count(|fact| matches!(fact, Fact::CardRequested(reference, ..) if *reference == second)), 1, "a new reference");
    assert_eq!(sales(&bench), 1);
}

#[test]
fn a_late_answer_to_an_earlier_reference_does_nothing_to_a_later_one() {
    let (mut bench, first) = asked();
    bench.card(declined());
    bench.does(card(5_800));
    bench.effects.clear();
    bench.refuses(answered(&first, approved(5_800)), "card.not_pending");
    bench.refuses(answered("", approved(5_800)), "card.not_pending");
    bench.refuses(answered("made-up", declined()), "card.not_pending");
    assert_eq!(sales(&bench), 0);
}

#[test]
fn a_part_paid_by_card_survives_a_restart_and_the_rest_is_paid_in_cash() {
    let mut bench = Bench::selling();
    bench.does(add("1001", 2));
    bench.does(card(2_750));
    assert_eq!(bench.card(approved(2_750)), Answer::Due(sek(3_050)));
    bench.restart();
    bench.refuses(Command::Abandon, "sale.partly_paid");
    let Answer::Paid(paid) = bench.does(cash(3_100)) else { panic!("the sale is paid") };
    assert_eq!((paid.rounding, paid.change), (sek(50), sek(0)));
}

#[test]
fn a_terminal_that_approves_less_leaves_the_rest_to_pay() {
    let (mut bench, _) = asked();
    assert_eq!(bench.card(approved(4_000)), Answer::Due(sek(1_800)));
    assert!(matches!(bench.does(cash(1_800)), Answer::Paid(_)));
    let (_, sale) = bench.till().receipt(false, 1).expect("the receipt");
    assert_eq!((sale.tendered_minor(domain::sale::TenderKind::Card), sale.cash_minor()), (4_000, 1_800));
}

#[test]
fn a_refund_to_a_card_stands_even_if_the_drawer_was_emptied_meanwhile() {
    let mut bench = Bench::selling();
    bench.does(add("1001", 2));
    bench.does(card(2_800));
    bench.card(approved(2_800));
    bench.does(cash(3_000));
    bench.effects.clear();
    bench.does(rest(1));
    let original = bench.count(|fact| matches!(fact, Fact::CardAnswered(_, CardAnswer::Approved(_))));
    assert_eq!(original, 1);
    assert!(
        matches!(&bench.effects()[..], [Effect::AskTerminal { amount_minor: -2_800, original: Some(_), .. }]),
        "the terminal gives back what it took"
    );
    bench.does(Command::CashDrop(sek(103_000)));
    let Answer::Paid(paid) = bench.card(approved(-2_800)) else { panic!("the refund is closed") };
    assert_eq!((paid.receipt_no, paid.total), (2, sek(-5_800)));
    bench.till().store().verify().expect("chain and projections hold");
}

#[test]
fn a_declined_refund_gives_nothing_back_and_may_be_tried_again() {
    let mut bench = Bench::selling();
    bench.does(add("1001", 1));
    bench.does(card(2_900));
    bench.card(approved(2_900));
    bench.does(rest(1));
    assert_eq!(bench.card(declined()), Answer::CardNotPaid { declined: true });
    assert_eq!(sales(&bench), 1);
    bench.does(rest(1));
    assert!(matches!(bench.card(approved(-2_900)), Answer::Paid(_)));
    bench.refuses(rest(1), "refund.exceeds_sold");
}

#[test]
fn the_crew_settles_a_payment_only_while_the_terminal_does_not_tell() {
    let (mut bench, reference) = asked();
    bench.effects.clear();
    bench.refuses(Command::CardSettled(true), "card.pending");
    bench.card(PaymentAnswer::Unknown);
    assert!(matches!(bench.does(Command::CardSettled(true)), Answer::Paid(_)));
    bench.effects.clear();
    bench.refuses(answered(&reference, approved(5_800)), "card.not_pending");
    bench.refuses(Command::CardSettled(true), "card.not_pending");
    assert_eq!(sales(&bench), 1);
}

#[test]
fn a_sale_on_two_cards_is_not_paid_back_to_one_of_them() {
    let mut bench = Bench::selling();
    bench.does(add("1001", 2));
    bench.does(card(2_000));
    bench.card(approved(2_000));
    bench.does(card(3_800));
    bench.card(approved(3_800));
    bench.effects();
    let seq = bench.till().store().seq();
    bench.refuses(rest(1), "refund.several_cards");
    assert_eq!(bench.till().store().seq(), seq);
    assert!(bench.effects().is_empty(), "no terminal was asked");
}
