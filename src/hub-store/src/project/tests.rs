//! Projections of made-up tills.

pub(crate) mod made;

use made::{DAY, MadeTill};

use super::*;
use crate::SalesFilter;

fn hub() -> (tempfile::TempDir, HubStore) {
    let dir = tempfile::tempdir().expect("a folder");
    let store = HubStore::sqlite(dir.path()).expect("a store");
    (dir, store)
}

#[test]
fn what_a_till_sold_is_listed_and_again_the_same_after_a_rebuild() {
    let (_dir, store) = hub();
    let mut till = MadeTill::new(1, "0042");
    till.begin("171");
    till.sell(&[(0, 2), (1, 1)], 0);
    till.sell(&[(2, 1)], 6_900);
    till.refund(1);
    till.practice = true;
    till.sell(&[(3, 1)], 0);
    till.practice = false;
    till.z();
    till.enrol(&store);
    till.send_all(&store);
    let projected = store.project(1_000).expect("projected");
    assert_eq!(projected, Projected { entries: till.seq(), sales: 3, done: true });
    let filter = SalesFilter { unit: Some("0042".into()), after: None, limit: 10 };
    let sales = store.sales(&filter).expect("sales");
    let seen: Vec<_> = sales.iter().map(|sale| (sale.receipt_no, sale.kind.as_str(), sale.total_minor, sale.training)).collect();
    assert_eq!(seen, [(1, "sale", 9_450, false), (2, "sale", 6_900, false), (3, "refund", -9_450, false), (1, "sale", 5_025, true)]);
    assert!(sales.iter().all(|sale| sale.register == "0042-1" && sale.unit == "0042" && sale.day == DAY && sale.trip != 0));
    let next = SalesFilter { after: Some(sales[1].at()), ..filter };
    assert_eq!(store.sales(&next).expect("sales"), sales[2..]);
    assert_eq!(sales[1].at().to_string().parse(), Ok(sales[1].at()));

    let before = store.dump_projections().expect("a dump");
    assert!(before.lines().count() > 20, "{before}");
    assert_eq!(store.project(1_000).expect("again").entries, 0);
    assert_eq!(store.rebuild().expect("rebuilt").entries, till.seq());
    assert_eq!(store.dump_projections().expect("a dump"), before);
}
