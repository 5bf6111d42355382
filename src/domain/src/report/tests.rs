use super::*;
use crate::{
    Currency,
    catalogue::Sku,
    sale::{Line, LineNo, RefundScope, Tender, Voided, refund, vat_sums},
    vat::{Supply, VatClass},
};

fn line(no: u32, kind: ProductKind, category: &str, qty: i64, unit_minor: i64, basis_points: u32) -> Line {
    Line {
        no: LineNo(no),
        sku: Sku::new("it").expect("a SKU"),
        name: "It".into(),
        category: CategoryId(category.into()),
        kind,
        qty,
        unit_minor,
        vat_class: VatClass::Food,
        supply: Supply::TakeAway,
        rate: VatRate::from_basis_points(basis_points),
        linked_to: None,
    }
}

fn tender(kind: TenderKind, amount_minor: i64) -> Tender {
    Tender { kind, amount_minor, reference: "".into(), slip: "".into() }
}

/// Two buns, a bottle with deposit and a service: 120.50, paid with 50.00 by card and 100.00 in cash, 0.50 rounded up and 29.00 back.
fn sale(training: bool) -> ClosedSale {
    let lines = vec![
        line(1, ProductKind::Goods, "food", 2, 2_500, 1200),
        line(2, ProductKind::Goods, "drink", 1, 3_050, 600),
        line(3, ProductKind::Deposit, "deposit", 1, 200, 600),
        line(4, ProductKind::Service, "other", 1, 3_800, 2500),
    ];
    let closed = ClosedSale {
        receipt_no: 1,
        training,
        kind: SaleKind::Sale,
        corrects: None,
        currency: Currency::Sek,
        country: Country::Se,
        vat: vat_sums(&lines),
        lines,
        rounding_minor: 50,
        tenders: vec![tender(TenderKind::Card, 5_000), tender(TenderKind::Cash, 10_000)],
        change_minor: 2_900,
        voided: Voided { count: 2, gross_minor: 4_500 },
        control: None,
    };
    assert!(closed.balances());
    closed
}

fn back(kind: SaleKind) -> ClosedSale {
    refund(&sale(false), &[], RefundScope::Rest, kind, 2, "R").expect("it goes back")
}

#[test]
fn a_sale_is_counted_in_every_figure() {
    let mut totals = Totals::opened(20_000);
    totals.add(&sale(false));
    assert_eq!(totals.sales, Tally { count: 1, minor: 12_050 });
    assert_eq!((totals.goods_count, totals.services_count), (3, 1), "a deposit is neither");
    assert_eq!(totals.categories.get(&CategoryId("food".into())), Some(&(2, 5_000)));
    assert_eq!(totals.categories.get(&CategoryId("deposit".into())), Some(&(1, 200)));
    let vat = |basis_points| totals.vat.get(&(Country::Se, VatRate::from_basis_points(basis_points))).copied();
    assert_eq!((vat(600), vat(1200), vat(2500)), (Some((3_250, 184)), Some((5_000, 536)), Some((3_800, 760))));
    assert_eq!(totals.tenders.get(&TenderKind::Cash), Some(&7_100), "less change");
    assert_eq!(totals.tenders.get(&TenderKind::Card), Some(&5_000));
    assert_eq!((totals.rounding_minor, totals.drawer_openings, totals.receipts()), (50, 1, 1));
    assert_eq!(totals.voided_lines, Tally { count: 2, minor: 4_500 });
    assert_eq!((totals.net_minor(), totals.drawer_minor()), (12_050, 27_100));
    assert_eq!(totals.tenders.values().sum::<i64>(), totals.net_minor() + totals.rounding_minor);
}

#[test]
fn what_goes_back_takes_all_of_it_off_and_stands_as_a_return() {
    for kind in [SaleKind::Refund, SaleKind::Void] {
        let mut totals = Totals::opened(20_000);
        totals.add(&sale(false));
        totals.add(&back(kind));
        assert_eq!(totals.returns(), Tally { count: 1, minor: 12_050 });
        let (refunds, voids) = if kind == SaleKind::Void { (0, 1) } else { (1, 0) };
        assert_eq!((totals.refunds.count, totals.voids.count, totals.sales.count), (refunds, voids, 1));
        assert_eq!((totals.goods_count, totals.services_count, totals.rounding_minor), (0, 0, 0));
        assert!(totals.vat.values().all(|sums| *sums == (0, 0)), "{:?}", totals.vat);
        assert!(totals.categories.values().all(|sums| *sums == (0, 0)));
        assert!(totals.tenders.values().all(|sum| *sum == 0));
        assert_eq!((totals.net_minor(), totals.drawer_minor(), totals.receipts()), (0, 20_000, 2));
    }
}

#[test]
fn training_is_counted_apart_and_touches_nothing_else() {
    let mut totals = Totals::opened(20_000);
    totals.add(&sale(true));
    assert_eq!(totals.training, Tally { count: 1, minor: 12_050 });
    assert_eq!(Totals { training: Tally::default(), ..totals }, Totals::opened(20_000));
}

#[test]
fn the_drawer_holds_float_and_cash_and_what_was_moved() {
    let mut totals = Totals::opened(20_000);
    totals.add(&sale(false));
    totals.cash_drops.add(15_000);
    totals.paid_in.add(300);
    totals.paid_out.add(70);
    assert_eq!(totals.drawer_minor(), 20_000 + 7_100 - 15_000 + 300 - 70);
}

#[test]
fn grand_totals_keep_both_sides() {
    let grand = GrandTotals { sales_minor: 30_600, returns_minor: 24_100 };
    assert_eq!(grand.net_minor(), 6_500);
}

#[test]
fn sums_stop_at_the_end_of_the_number_line_and_never_turn_over() {
    let mut tally = Tally { count: u64::MAX, minor: i64::MAX };
    tally.add(i64::MAX);
    assert_eq!(tally, Tally { count: u64::MAX, minor: i64::MAX });
}
