//! What comes back: pieces of a sale, and bottles.

mod common;

use common::{Bench, add, approved, card, cash, part};

#[test]
fn a_sale_taken_back_piece_by_piece_gives_back_its_vat_to_the_ore() {
    let mut bench = Bench::selling();
    bench.does(add("1002", 20));
    bench.does(card(72_000));
    bench.card(approved(72_000));
    for _ in 0..20 {
        bench.does(part(1, 1, 1));
        bench.card(approved(3_600));
    }
    assert!(bench.books().totals.vat.values().all(|sums| *sums == (0, 0)), "{:?}", bench.books().totals.vat);
    bench.refuses(part(1, 1, 1), "refund.exceeds_sold");
}

#[test]
fn bottles_that_come_back_never_lower_what_was_sold_nor_overdraw_the_drawer() {
    let mut bench = Bench::selling();
    bench.does(add("9102", 5));
    bench.does(cash(0));
    let grand = bench.books().grand;
    assert_eq!((grand.sales_minor, grand.returns_minor), (0, 1_000));
    bench.refuses(common::rest(1), "refund.not_refundable");
    let held = bench.books().totals.drawer_minor();
    bench.does(add("9102", held / 200 + 1));
    bench.refuses(cash(0), "shift.drawer_short");
    assert_eq!(bench.books().totals.drawer_minor(), held);
}
