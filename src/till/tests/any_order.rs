//! Commands in any order, with restarts between: numbers stay unbroken, sums stay right, and a refusal changes nothing.

mod common;

use std::collections::BTreeMap;

use common::{Bench, add, approved, card, cash, code, declined, part, rest, sek, served, unit_ready, z};
use domain::sale::{LineNo, SaleKind};
use hw::{
    control::{ControlTrouble, ReceiptRecord},
    terminal::PaymentAnswer,
};
use journal::{ControlKind, Fact, drawer_lines};
use proptest::prelude::*;
use till::{Command, ControlRule, Effect, Wrong};

#[derive(Clone, Debug)]
enum Act {
    Tell(Command),
    CardSays(PaymentAnswer),
    UnitSays(Result<(), ControlTrouble>),
    UnitIs(Result<(), ControlTrouble>),
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
        1 => Just(Command::AskControlAgain),
        2 => Just(Command::GiveUpControl),
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
        12 => Just(Act::UnitSays(Ok(()))),
        2 => trouble().prop_map(|trouble| Act::UnitSays(Err(trouble))),
        2 => Just(Act::UnitIs(Ok(()))),
        1 => trouble().prop_map(|trouble| Act::UnitIs(Err(trouble))),
        1 => Just(Act::Restart),
        1 => Just(Act::Print),
        1 => (1_u32..600).prop_map(Act::Wait),
    ]
}

fn trouble() -> impl Strategy<Value = ControlTrouble> {
    use ControlTrouble::{Busy, Fault, Garbled, NotEnrolled, Refused, Silent, StorageFull, Unplugged};
    prop::sample::select(vec![Unplugged, Silent, Garbled, Busy, Refused(2), NotEnrolled(3), StorageFull, Fault(4)])
}

/// The unit's memory: each register, kind and number with one content.
type Recorded = BTreeMap<(u64, String), ReceiptRecord>;

/// The unit says something about what it was asked last. Where it gives a code, or may have recorded it unheard, it remembers.
fn unit_says(bench: &mut Bench, recorded: &mut Recorded, result: Result<(), ControlTrouble>) {
    let asked = bench.effects.iter().rev().find_map(|effect| match effect {
        Effect::Register(record) => Some((**record).clone()),
        _ => None,
    });
    let Some(record) = asked.filter(|_| bench.books().control.is_some()) else { return };
    use ControlTrouble::{Fault, Garbled, Silent};
    if matches!(result, Ok(()) | Err(Silent | Garbled | Fault(_))) {
        let known = recorded.entry((record.number, format!("{:?}", record.kind))).or_insert_with(|| record.clone());
        assert_eq!(*known, record, "one number with one content");
    }
    let result = result.map(|()| code(&record));
    tell(bench, Command::ControlAnswered { record: Box::new(record), result });
}

fn tell(bench: &mut Bench, command: Command) {
    let before = (bench.till().store().seq(), bench.books().clone(), bench.till().open_sale().cloned());
    let shown = format!("{command:?}");
    match bench.tells(command) {
        Ok(_) => {}
        Err(Wrong::Refused(_) | Wrong::Control(_)) => {
            let after = (bench.till().store().seq(), bench.books().clone(), bench.till().open_sale().cloned());
            assert_eq!(before, after, "{shown} was refused and changed something");
        }
        Err(wrong) => panic!("{shown}: {wrong:?}"),
    }
}

fn play(mut bench: Bench, acts: Vec<Act>) -> (Bench, Recorded) {
    let mut recorded = Recorded::new();
    for act in acts {
        match act {
            Act::Tell(command) => tell(&mut bench, command),
            Act::CardSays(answer) => {
                if let Some(reference) = bench.books().card.as_ref().map(|card| card.reference.clone()) {
                    tell(&mut bench, Command::CardAnswered { reference, answer });
                }
            }
            Act::UnitSays(result) => unit_says(&mut bench, &mut recorded, result),
            Act::UnitIs(Ok(())) => tell(&mut bench, unit_ready()),
            Act::UnitIs(Err(trouble)) => tell(&mut bench, Command::ControlSeen(Err(trouble))),
            Act::Restart => {
                let state = |bench: &Bench| {
                    let books = bench.books();
                    (bench.till().open_sale().cloned(), books.totals.clone(), books.card.clone(), books.control.clone())
                };
                let before = state(&bench);
                bench.restart();
                let after = state(&bench);
                if bench.control == ControlRule::Sweden {
                    tell(&mut bench, unit_ready());
                }
                assert_eq!(before, after, "a restart changes nothing");
            }
            Act::Print => drop(bench.print_all()),
            Act::Wait(seconds) => bench.wait(seconds),
        }
    }
    (bench, recorded)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_crew_does_the_books_are_right(controlled in any::<bool>(), acts in prop::collection::vec(act(), 20..120)) {
        let start = if controlled { Bench::controlled() } else { Bench::selling() };
        let (mut bench, mut recorded) = play(start, acts);
        bench.till().store().verify().expect("chain and projections hold");
        let entries = bench.entries();
        for training in [false, true] {
            let sales: Vec<_> = entries.iter().filter_map(|entry| match &entry.fact {
                Fact::SaleClosed(sale) if sale.training == training => Some(sale),
                _ => None,
            }).collect();
            prop_assert!(sales.iter().all(|sale| sale.control.is_some() == controlled), "a code where the law wants it");
            let kind = if training { ControlKind::Training } else { ControlKind::Receipt };
            let numbers: Vec<u64> = entries.iter().filter_map(|entry| match &entry.fact {
                Fact::SaleClosed(sale) if sale.training == training => Some(sale.receipt_no),
                Fact::ControlGivenUp { number, kind: of, burned: true } if *of == kind => Some(*number),
                _ => None,
            }).collect();
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

        for entry in &entries {
            // What is on paper is in the unit, with the same amounts.
            if let Fact::SaleClosed(sale) = &entry.fact && controlled {
                let kind = if sale.training { "Training" } else { "Normal" };
                let record = recorded.get(&(sale.receipt_no, kind.into())).expect("the unit recorded it");
                prop_assert_eq!(record.sold_minor - record.returned_minor, sale.owed_minor());
            }
        }

        // The way out is open, whatever happened: settle the card, pay or park what is open, leave training, close the shift.
        if bench.books().card.is_some() {
            let reference = bench.books().card.as_ref().map(|card| card.reference.clone()).unwrap_or_default();
            bench.does(Command::CardAnswered { reference, answer: PaymentAnswer::NotFound });
        }
        if controlled {
            bench.does(unit_ready());
            unit_says(&mut bench, &mut recorded, Ok(()));
        }
        if let Some(sale) = bench.till().open_sale().cloned() && !sale.lines.is_empty() {
            bench.does(Command::PayCash(sale.due_in_cash().plus(sek(100_000)).expect("an amount")));
            unit_says(&mut bench, &mut recorded, Ok(()));
        }
        bench.does(Command::Training(false));
        bench.does(z(0));
        bench.does(Command::EndTrip);
        bench.does(Command::SignOut);
        bench.till().store().verify().expect("chain and projections hold");
    }
}
