//! Commands in any order, with restarts between: numbers stay unbroken, sums stay right, and a refusal changes nothing.

mod common;

use common::{Bench, add, approved, card, cash, declined, part, rest, sek, served, z};
use domain::sale::{LineNo, SaleKind};
use hw::terminal::PaymentAnswer;
use journal::{Fact, drawer_lines};
use proptest::prelude::*;
use till::{Command, Wrong};

#[derive(Clone, Debug)]
enum Act {
    Tell(Command),
    CardSays(PaymentAnswer),
    Restart,
    Print,
    Wait(u32),
}

fn command() -> impl Strategy<Value = Command> {
    let product = prop::sample::select(vec!["1001", "2004", "3001", "3008", "5001", "6002", "9102", "3012", "0000"]);
    let receipt = 0_u64..8;
    prop_oneof![
        8 => (product, 0_i64..5).prop_map(|(product, qty)| add(product, qty)),
        6 => (0_i64..120).prop_map(|kronor| cash(kronor * 1_000)),
        3 => (0_i64..40).prop_map(|part| card(part * 725)),
        1 => (0_usize..3).prop_map(Command::VoidTender),
        2 => (0_u32..6, -1_i64..6).prop_map(|(no, qty)| Command::SetQty(LineNo(no), qty)),
        2 => (0_u32..6).prop_map(|no| Command::VoidLine(LineNo(no))),
        1 => Just(served()),
        1 => Just(Command::Park),
        1 => (0_u32..4).prop_map(Command::Resume),
        1 => Just(Command::Abandon),
        2 => receipt.clone().prop_map(Command::Void),
        2 => receipt.clone().prop_map(rest),
        3 => (receipt.clone(), 0_u32..6, 0_i64..3).prop_map(|(of, line, qty)| part(of, line, qty)),
        1 => receipt.prop_map(Command::Copy),
        1 => (-1_i64..300).prop_map(|kronor| Command::CashDrop(sek(kronor * 100))),
        1 => (-1_i64..300).prop_map(|kronor| Command::PaidIn(sek(kronor * 100))),
        1 => (-1_i64..300).prop_map(|kronor| Command::PaidOut(sek(kronor * 100))),
        1 => Just(Command::NoSale),
        1 => Just(Command::XReport),
        1 => any::<bool>().prop_map(Command::Training),
        1 => Just(Command::AskCardAgain),
        1 => any::<bool>().prop_map(Command::CardSettled),
        1 => (1_u64..8).prop_map(|of| Command::Because("test.reason".into(), Box::new(rest(of)))),
    ]
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        20 => command().prop_map(Act::Tell),
        3 => Just(Act::CardSays(approved(0))),
        1 => Just(Act::CardSays(declined())),
        1 => Just(Act::CardSays(PaymentAnswer::Unknown)),
        1 => Just(Act::CardSays(PaymentAnswer::NotFound)),
        1 => Just(Act::Restart),
        1 => Just(Act::Print),
        1 => (1_u32..600).prop_map(Act::Wait),
    ]
}

fn tell(bench: &mut Bench, command: Command) {
    let before = (bench.till().store().seq(), bench.books().clone(), bench.till().open_sale().cloned());
    let shown = format!("{command:?}");
    match bench.tells(command) {
        Ok(_) => {}
        Err(Wrong::Refused(_)) => {
            let after = (bench.till().store().seq(), bench.books().clone(), bench.till().open_sale().cloned());
            assert_eq!(before, after, "{shown} was refused and changed something");
        }
        Err(wrong) => panic!("{shown}: {wrong:?}"),
    }
}

fn play(acts: Vec<Act>) -> Bench {
    let mut bench = Bench::selling();
    for act in acts {
        match act {
            Act::Tell(command) => tell(&mut bench, command),
            Act::CardSays(answer) => {
                if let Some(reference) = bench.books().card.as_ref().map(|card| card.reference.clone()) {
                    tell(&mut bench, Command::CardAnswered { reference, answer });
                }
            }
            Act::Restart => {
                let before = (bench.till().open_sale().cloned(), bench.books().totals.clone(), bench.books().card.clone());
                bench.restart();
                let after = (bench.till().open_sale().cloned(), bench.books().totals.clone(), bench.books().card.clone());
                assert_eq!(before, after, "a restart changes nothing");
            }
            Act::Print => drop(bench.print_all()),
            Act::Wait(seconds) => bench.wait(seconds),
        }
    }
    bench
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_crew_does_the_books_are_right(acts in prop::collection::vec(act(), 20..120)) {
        let mut bench = play(acts);
        bench.till().store().verify().expect("chain and projections hold");
        let entries = bench.entries();
        for training in [false, true] {
            let sales: Vec<_> = entries.iter().filter_map(|entry| match &entry.fact {
                Fact::SaleClosed(sale) if sale.training == training => Some(sale),
                _ => None,
            }).collect();
            let numbers: Vec<u64> = sales.iter().map(|sale| sale.receipt_no).collect();
            prop_assert_eq!(&numbers, &(1..=numbers.len() as u64).collect::<Vec<_>>(), "one unbroken series each");
            for sale in &sales {
                prop_assert!(sale.balances());
                let back: i64 = sales.iter().filter(|other| other.corrects == Some(sale.receipt_no)).map(|other| -other.total_minor()).sum();
                if sale.kind == SaleKind::Sale && sale.lines.iter().all(|line| line.unit_minor > 0) {
                    prop_assert!(back <= sale.total_minor(), "never more back than was sold");
                }
            }
        }
        let drawer: i64 = drawer_lines(&entries).iter().map(|line| line.minor).sum();
        prop_assert_eq!(drawer, bench.books().totals.drawer_minor(), "every line behind the drawer's sum");
        prop_assert!(drawer >= 0);
        let grand = bench.books().grand;
        let counted = bench.books().totals.clone();
        prop_assert_eq!(grand.net_minor(), counted.net_minor());

        // The way out is open, whatever happened: settle the card, pay or park what is open, leave training, close the shift.
        if bench.books().card.is_some() {
            let reference = bench.books().card.as_ref().map(|card| card.reference.clone()).unwrap_or_default();
            bench.does(Command::CardAnswered { reference, answer: PaymentAnswer::NotFound });
        }
        if let Some(sale) = bench.till().open_sale().cloned() && !sale.lines.is_empty() {
            bench.does(Command::PayCash(sale.due_in_cash().plus(sek(100_000)).expect("an amount")));
        }
        bench.does(Command::Training(false));
        bench.does(z(0));
        bench.does(Command::EndTrip);
        bench.does(Command::SignOut);
        bench.till().store().verify().expect("chain and projections hold");
    }
}
