//! What does not add up is found, and what lies in quarantine stays out of every sum.

use journal::Fact;

use super::*;
use crate::views::{Finding, FindingKind, ReceiptQuery};

fn of(findings: &[Finding], kind: FindingKind) -> Vec<(u64, i64, i64)> {
    findings.iter().filter(|finding| finding.kind == kind).map(|finding| (finding.no, finding.minor, finding.other_minor)).collect()
}

#[test]
fn a_branch_is_counted_apart_and_a_refund_on_both_sides_is_found() {
    on_both(|store| {
        let mut one = MadeTill::new(6, "0047");
        one.begin("171");
        one.sell(&[(2, 1)], 0);
        let mut clone = one.clone();
        let shared = one.seq();
        one.refund(1);
        clone.wall_s += 5;
        clone.refund(1);
        clone.sell(&[(3, 1)], 0);
        projected(store, &one);
        clone.send(store, shared + 1, clone.seq());
        store.project(100).expect("projected");

        let day = store.totals(&all(), By::Day).expect("sums");
        assert_eq!((day[0].measure.sales, day[0].measure.returns, day[0].measure.gross_minor), (1, 1, 0));
        let apart = store.totals(&TotalsFilter { quarantine: true, ..all() }, By::Day).expect("sums");
        assert_eq!((apart[0].measure.sales, apart[0].measure.returns, apart[0].measure.gross_minor), (1, 1, -6_900 + 5_025));

        let findings = store.findings().expect("findings");
        assert_eq!(of(&findings, FindingKind::RefundExceeds), [(1, 13_800, 6_900)]);
        assert_eq!(of(&findings, FindingKind::ReceiptDoubled), [(2, 2, -13_800)]);
        assert_eq!(of(&findings, FindingKind::Forked), [(0, 2, -1_875)]);
        let found = store.find_receipts(&ReceiptQuery::Number { register: Some("0047-1".into()), receipt_no: 2 }).expect("receipts");
        assert_eq!(found.iter().map(|sale| sale.branch).collect::<Vec<_>>(), [1, 0]);
        let receipt = store.receipt(&found[0].at()).expect("a receipt").expect("is there");
        assert_eq!(receipt.doubles, found[1..]);
        assert_eq!(receipt.trip.expect("the trip began before the branch").train, "171");
    });
}

#[test]
fn two_logs_with_one_designation_a_gap_and_a_report_that_lies_are_found() {
    on_both(|store| {
        let mut honest = MadeTill::new(7, "0048");
        honest.begin("171");
        honest.sell(&[(0, 1)], 0);
        projected(store, &honest);
        let mut other = MadeTill::new(8, "0048");
        other.begin("171");
        other.sell(&[(0, 1)], 0);
        let mut sale = other.sales[0].clone();
        sale.receipt_no = 5;
        other.tell(Fact::SaleClosed(Box::new(sale)));
        other.books.totals.sales.minor += 100;
        other.z();
        projected(store, &other);
        let findings = store.findings().expect("findings");
        assert_eq!(of(&findings, FindingKind::RegisterDoubled), [(0, 2, 0), (0, 2, 0)]);
        assert_eq!(of(&findings, FindingKind::ReceiptGap), [(2, 3, 0)]);
        assert_eq!(of(&findings, FindingKind::ZDiffers), [(1, 6_000, 5_900)]);
        let differing = ZsFilter { from_day: DAY, to_day: DAY, unit: None, differing: true };
        assert_eq!(store.z_reports(&differing).expect("Z reports").len(), 1);
    });
}

#[test]
fn a_receipt_is_found_by_number_by_entry_and_by_amount_and_its_head_is_the_logs() {
    on_both(|store| {
        let till = shift();
        projected(store, &till);
        let by_number = store.find_receipts(&ReceiptQuery::Number { register: None, receipt_no: 2 }).expect("receipts");
        let by_entry = store.find_receipts(&ReceiptQuery::Entry(till.log(), by_number[0].seq)).expect("receipts");
        let amount = ReceiptQuery::Amount { minor: 6_900, from_day: DAY, to_day: DAY };
        let by_amount = store.find_receipts(&amount).expect("receipts");
        assert_eq!((&by_entry, &by_amount), (&by_number, &by_number));
        assert_eq!(store.find_receipts(&ReceiptQuery::Number { register: Some("0043-1".into()), receipt_no: 2 }).expect("none"), []);
        assert_eq!(store.find_receipts(&ReceiptQuery::Number { register: None, receipt_no: u64::MAX }).expect("none"), []);
        let receipt = store.receipt(&by_number[0].at()).expect("a receipt").expect("is there");
        let entries = &till.entries[..usize::try_from(receipt.sale.seq).expect("small")];
        assert_eq!(receipt.head, entries.iter().fold(journal::Head::of_log(&till.log()), |head, bytes| head.next(bytes)));
        assert_eq!(&receipt.entry, entries.last().expect("an entry"));
        let first = store.find_receipts(&ReceiptQuery::Number { register: None, receipt_no: 1 }).expect("receipts");
        let sold = first.iter().find(|sale| !sale.training).expect("the sale");
        let taken_back = store.receipt(&sold.at()).expect("a receipt").expect("is there").taken_back;
        assert_eq!(taken_back.iter().map(|sale| sale.receipt_no).collect::<Vec<_>>(), [3]);
    });
}
