//! The hub's sums are the receipts' sums, the till's own books, and the Z reports.

use std::collections::BTreeMap;

use journal::Fact;
use proptest::prelude::*;

use super::*;

/// Something a crew does.
#[derive(Clone, Copy, Debug)]
enum Act {
    Sell { product: usize, qty: i64, card_minor: i64 },
    Refund(u64),
    NextLeg,
    Crew(u8),
    Practice,
    CashDrop(i64),
    Trip(u8),
    Z,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        8 => (0_usize..4, 1_i64..4, prop::sample::select(vec![0_i64, 0, 2_000, 1_000_000]))
            .prop_map(|(product, qty, card_minor)| Act::Sell { product, qty, card_minor }),
        2 => (1_u64..8).prop_map(Act::Refund),
        2 => Just(Act::NextLeg),
        1 => (0_u8..3).prop_map(Act::Crew),
        1 => Just(Act::Practice),
        1 => (1_i64..500).prop_map(Act::CashDrop),
        1 => (0_u8..3).prop_map(Act::Trip),
        1 => Just(Act::Z),
    ]
}

fn played(seed: u8, acts: &[Act]) -> MadeTill {
    let mut till = MadeTill::new(seed, &format!("00{seed}"));
    till.begin("171");
    for act in acts {
        match *act {
            Act::Sell { product, qty, card_minor } => {
                till.sell(&[(product, qty), ((product + 1) % 4, 1)], card_minor);
            }
            Act::Refund(receipt_no) => {
                till.refund(receipt_no);
            }
            Act::NextLeg => till.leg = till.leg.map(|leg| (leg + 1) % 2),
            Act::Crew(crew) => {
                till.tell(Fact::CrewSignedIn(format!("10{crew}")));
            }
            Act::Practice => till.practice = !till.practice,
            Act::CashDrop(minor) => {
                till.tell(Fact::CashDropped(minor));
            }
            Act::Trip(train) => {
                till.end_trip();
                till.start_trip(&format!("17{train}"));
            }
            Act::Z => {
                till.z();
                till.tell(Fact::ShiftOpened(till.books.shift_no + 1, 10_000));
            }
        }
    }
    till.z();
    till
}

fn total(store: &HubStore, filter: &TotalsFilter, by: By) -> (i64, i64, i64, i64) {
    let mut sum = Measure::default();
    store.totals(filter, by).expect("sums").iter().for_each(|total| sum.add(&total.measure));
    (sum.sales, sum.returns, sum.gross_minor, sum.vat_minor)
}

fn check(store: &HubStore, tills: &[MadeTill]) {
    tills.iter().for_each(|till| projected(store, till));
    let money: Vec<_> = tills.iter().flat_map(|till| &till.sales).filter(|sale| !sale.training).collect();
    let sales = money.iter().filter(|sale| sale.corrects.is_none()).count();
    let count = |count: usize| i64::try_from(count).expect("few");
    let gross: i64 = money.iter().map(|sale| sale.total_minor()).sum();
    let vat: i64 = money.iter().map(|sale| sale.vat_minor()).sum();
    let receipts = (count(sales), count(money.len() - sales), gross, vat);
    let books: i64 = tills.iter().map(|till| till.books.grand.net_minor()).sum();
    assert_eq!(books, gross, "the tills' own books");
    for by in [By::Day, By::Train, By::Trip, By::Leg, By::Crew, By::Payment, By::Unit, By::Depot] {
        assert_eq!(total(store, &all(), by), receipts, "over everybody by {}", by.code());
        let mut units = (0, 0, 0, 0);
        for till in tills {
            let filter = TotalsFilter { unit: Some(till.unit.clone()), ..all() };
            let (sales, returns, gross, vat) = total(store, &filter, by);
            units = (units.0 + sales, units.1 + returns, units.2 + gross, units.3 + vat);
        }
        assert_eq!(units, receipts, "unit by unit by {}", by.code());
        let ways =
            ["cash", "card", "mixed", "none"].map(|payment| total(store, &TotalsFilter { payment: Some(payment.into()), ..all() }, by));
        assert_eq!(ways.iter().map(|way| way.2).sum::<i64>(), gross, "payment by payment by {}", by.code());
    }
    let by_money = |by: By| {
        let (_, _, gross, vat) = total(store, &all(), by);
        (gross, vat)
    };
    for by in [By::Product, By::Category, By::Vat] {
        assert_eq!(by_money(by), (gross, vat), "by {}", by.code());
    }
    let mut trains = 0;
    for train in store.trains(DAY, DAY).expect("trains") {
        let filter = TotalsFilter { train: Some(train.clone()), ..all() };
        let of_train = total(store, &filter, By::Leg).2;
        let ledger = store.trip_ledger(&train, DAY).expect("a ledger");
        let legs: i64 = ledger.legs.iter().flat_map(|leg| &leg.sums).map(|(_, sum)| sum.gross_minor).sum();
        let one_by_one: i64 = ledger.legs.iter().flat_map(|leg| &leg.sales).map(|sale| sale.sale.total_minor).sum();
        assert_eq!((legs, one_by_one), (of_train, of_train), "train {train}");
        trains += of_train;
    }
    assert_eq!(trains, gross, "train by train");
    let zs = store.z_reports(&ZsFilter { from_day: DAY, to_day: DAY, unit: None, differing: false }).expect("Z reports");
    assert_eq!(zs.iter().map(|z| z.net_minor).sum::<i64>(), gross, "the Z reports");
    assert!(zs.iter().all(|z| z.fits_receipts() && z.variance_minor() == 0));
    let mut products: BTreeMap<&str, i64> = BTreeMap::new();
    for line in money.iter().flat_map(|sale| &sale.lines) {
        *products.entry(line.sku.as_str()).or_default() += line.qty;
    }
    for product in store.totals(&all(), By::Product).expect("sums") {
        assert_eq!(Some(&product.measure.qty), products.get(product.item.as_str()), "{}", product.name);
    }
    assert_eq!(store.findings().expect("findings"), []);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]
    #[test]
    fn every_way_to_add_up_gives_what_the_receipts_say(
        one in prop::collection::vec(act(), 0..30),
        two in prop::collection::vec(act(), 0..30),
    ) {
        let dir = tempfile::tempdir().expect("a folder");
        check(&HubStore::sqlite(dir.path()).expect("a store"), &[played(1, &one), played(2, &two)]);
    }
}

#[test]
fn both_engines_add_up_alike() {
    let sell = |product, qty, card_minor| Act::Sell { product, qty, card_minor };
    let one = [sell(0, 2, 0), Act::NextLeg, sell(1, 1, 2_000), Act::Refund(1), Act::Z, sell(3, 1, 1_000_000), Act::Trip(2), sell(2, 1, 0)];
    let two = [Act::Practice, sell(1, 1, 0), Act::Practice, Act::Crew(2), sell(1, 3, 0), Act::CashDrop(100), Act::Refund(1)];
    on_both(|store| check(store, &[played(1, &one), played(2, &two)]));
}

#[test]
fn sales_that_arrive_days_later_fall_into_their_own_leg() {
    on_both(|store| {
        let mut till = MadeTill::new(5, "0046");
        till.begin("171");
        till.sell(&[(0, 1)], 0);
        till.leg = Some(1);
        let early = till.seq();
        till.sell(&[(1, 1)], 0);
        till.leg = Some(0);
        till.sell(&[(2, 1)], 0);
        till.end_trip();
        till.start_trip("172");
        till.sell(&[(3, 1)], 0);
        till.enrol(store);
        till.send(store, 1, early);
        store.project(100).expect("projected");
        let before = store.trip_ledger("171", DAY).expect("a ledger");
        assert_eq!(before.legs.iter().map(|leg| leg.sales.len()).collect::<Vec<_>>(), [1, 0]);
        till.received_s = made::NOON_S + 3 * 86_400;
        till.send(store, early + 1, till.seq());
        store.project(100).expect("projected");
        let after = store.trip_ledger("171", DAY).expect("a ledger");
        let legs: Vec<_> = after.legs.iter().map(|leg| (leg.name.as_str(), leg.sums[0].1.gross_minor, leg.sales.len())).collect();
        assert_eq!(legs, [("Aby – Boda", 2_950 + 6_900, 2), ("Boda – Charlottenberg", 3_550, 1)]);
        let late: Vec<_> = after.legs.iter().flat_map(|leg| &leg.sales).map(|sale| (sale.sale.receipt_no, sale.is_late())).collect();
        assert_eq!(late, [(1, false), (3, true), (2, true)]);
    });
}
