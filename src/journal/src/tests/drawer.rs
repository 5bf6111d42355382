//! What should lie in the drawer, line by line.

use domain::{
    Currency, Money,
    sale::{RefundScope, SaleKind, refund},
};
use proptest::prelude::*;

use super::fixtures::{MORNING_S, card_sale, cash_sale, log, open_sale, settle_in_cash};
use crate::{Books, DrawerCause, DrawerLine, DrawerOpening, Entry, Fact, drawer_lines};

fn drawer_minor(entries: &[Entry]) -> i64 {
    let mut books = Books::default();
    entries.iter().for_each(|entry| books.apply(entry));
    books.totals.drawer_minor()
}

fn sum(lines: &[DrawerLine]) -> i64 {
    lines.iter().map(|line| line.minor).sum()
}

#[test]
fn a_drawer_is_its_float_and_every_movement_of_cash() {
    let void = refund(&cash_sale(2, false), &[], RefundScope::Rest, SaleKind::Void, 3, "").expect("a void");
    let entries = log([
        Fact::ShiftOpened(1, 50_000),
        Fact::SaleClosed(Box::new(card_sale(1))),
        Fact::SaleClosed(Box::new(cash_sale(2, false))),
        Fact::SaleClosed(Box::new(cash_sale(1, true))),
        Fact::DrawerOpened(DrawerOpening::NoSale),
        Fact::SaleClosed(Box::new(void)),
        Fact::CashDropped(30_000),
        Fact::PaidIn(2_000),
        Fact::PaidOut(700),
    ]);
    let line = |seq: u64, cause, minor| DrawerLine { seq, wall_s: MORNING_S + i64::try_from(seq).expect("small") * 60, cause, minor };
    let lines = drawer_lines(&entries);
    assert_eq!(
        lines,
        [
            line(1, DrawerCause::Float, 50_000),
            line(3, DrawerCause::Receipt(2), 9_500),
            line(6, DrawerCause::Receipt(3), -9_500),
            line(7, DrawerCause::Drop, -30_000),
            line(8, DrawerCause::PaidIn, 2_000),
            line(9, DrawerCause::PaidOut, -700),
        ]
    );
    assert_eq!((sum(&lines), drawer_minor(&entries)), (21_300, 21_300));
}

#[test]
fn a_sale_paid_half_by_card_and_half_in_cash_puts_only_the_cash_in_the_drawer() {
    let mut sale = open_sale(false);
    let half = Money::new(4_400, Currency::Sek);
    sale.tender_card(half, "r", "slip").expect("a part by card");
    let entries = log([Fact::ShiftOpened(1, 0), Fact::SaleClosed(Box::new(settle_in_cash(sale, 10_000, 1)))]);
    assert_eq!(sum(&drawer_lines(&entries)), 5_000);
    assert_eq!(drawer_minor(&entries), 5_000);
}

fn shift() -> impl Strategy<Value = Vec<Entry>> {
    let minor = 1..10_000_000_i64;
    let movement = prop_oneof![
        minor.clone().prop_map(Fact::CashDropped),
        minor.clone().prop_map(Fact::PaidIn),
        minor.prop_map(Fact::PaidOut),
        Just(Fact::DrawerOpened(DrawerOpening::Service)),
        (any::<bool>(), 10_000..200_000_i64).prop_map(|(training, given_minor)| Fact::SaleClosed(Box::new(settle_in_cash(
            open_sale(training),
            given_minor,
            1
        )))),
        Just(Fact::SaleClosed(Box::new(card_sale(1)))),
        (1..9_400_i64, any::<bool>()).prop_map(|(card_minor, training)| {
            let mut sale = open_sale(training);
            sale.tender_card(Money::new(card_minor, Currency::Sek), "r", "slip").expect("a part by card");
            let sale = settle_in_cash(sale, 10_000, 1);
            let goes_back = !training && card_minor % 2 == 0;
            let sale = if goes_back { refund(&sale, &[], RefundScope::Rest, SaleKind::Refund, 2, "r").expect("a refund") } else { sale };
            Fact::SaleClosed(Box::new(sale))
        }),
    ];
    (0..1_000_000_i64, proptest::collection::vec(movement, 0..30)).prop_map(|(float_minor, mut facts)| {
        facts.insert(0, Fact::ShiftOpened(1, float_minor));
        log(facts)
    })
}

proptest! {
    #[test]
    fn the_lines_behind_a_drawer_add_up_to_it(entries in shift()) {
        prop_assert_eq!(sum(&drawer_lines(&entries)), drawer_minor(&entries));
    }
}
