//! Projections of made-up tills, on both engines.

mod found;
mod order;
mod sums;

use journal::{Fact, UnknownFact};

use super::*;
use crate::{
    SalesFilter,
    contract::on_both,
    made::{self, DAY, MadeTill},
    views::{By, Measure, SaleAt, TotalsFilter, ZsFilter},
};

/// Everything on the made-up day.
fn all() -> TotalsFilter {
    TotalsFilter { from_day: DAY, to_day: DAY, train: None, unit: None, payment: None, quarantine: false }
}

/// A shift with two sales, a refund and a practice receipt.
fn shift() -> MadeTill {
    let mut till = MadeTill::new(1, "0042");
    till.begin("171");
    till.sell(&[(0, 2), (1, 1)], 0);
    till.sell(&[(2, 1)], 6_900);
    till.refund(1);
    till.practice = true;
    till.sell(&[(3, 1)], 0);
    till.practice = false;
    till.z();
    till
}

fn projected(store: &HubStore, till: &MadeTill) {
    till.enrol(store);
    till.send_all(store);
    assert!(store.project(100_000).expect("projected").done);
}

#[test]
fn what_a_till_sold_is_listed_and_again_the_same_after_a_rebuild() {
    on_both(|store| {
        let till = shift();
        till.enrol(store);
        till.send_all(store);
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
        assert_eq!(store.sales(&SalesFilter { unit: Some("0043".into()), after: None, limit: 10 }).expect("sales"), []);

        let before = store.dump_projections().expect("a dump");
        assert!(before.lines().count() > 20, "{before}");
        assert_eq!(store.project(1_000).expect("again").entries, 0);
        assert_eq!(store.rebuild().expect("rebuilt").entries, till.seq());
        assert_eq!(store.dump_projections().expect("a dump"), before);
    });
}

#[test]
fn each_table_has_what_its_facts_say() {
    on_both(|store| {
        let mut till = shift();
        till.tell(Fact::ShiftOpened(2, 50_000));
        till.tell(Fact::CashDropped(30_000));
        till.tell(Fact::PaidIn(2_000));
        till.tell(Fact::PaidOut(700));
        till.end_trip();
        projected(store, &till);
        let dump = store.dump_projections().expect("a dump");
        let log = till.log().to_string();
        let rows = |table: &str| {
            let start = format!("{table}: {log} 0 ");
            dump.lines().filter_map(|line| Some(line.strip_prefix(&start)?.to_owned())).collect::<Vec<_>>().join("\n")
        };
        let at = |seq: i64| made::NOON_S + seq * 60;
        // Two coffees and a bun: 101.25 öre of VAT in 94.50 at 12 %, spread over two lines.
        assert_eq!(
            rows("sale_lines"),
            format!(
                "5 1 {DAY} \"1001\" \"Demo coffee\" \"hot\" 2 2950 5900 1200 632 0\n\
                 5 2 {DAY} \"1002\" \"Demo bun\" \"food\" 1 3550 3550 1200 381 0\n\
                 6 1 {DAY} \"2001\" \"Demo beer\" \"bar\" 1 6900 6900 2500 1380 0\n\
                 7 1 {DAY} \"1001\" \"Demo coffee\" \"hot\" -2 2950 -5900 1200 -632 0\n\
                 7 2 {DAY} \"1002\" \"Demo bun\" \"food\" -1 3550 -3550 1200 -381 0"
            )
        );
        assert_eq!(
            rows("tenders"),
            format!(
                "5 1 {DAY} \"cash\" 10000 \"\" \"\"\n6 1 {DAY} \"card\" 6900 \"made-up-1\" \"Demo VISA 1234\"\n\
                 7 1 {DAY} \"cash\" -9450 \"\" \"\""
            )
            .replace("-9450", "-9500")
        );
        assert_eq!(rows("corrections"), format!("7 {DAY} \"refund\" 3 1 \"SEK\" 9450"));
        assert_eq!(rows("trips"), format!("3 \"171\" {DAY} \"Aby\\nBoda\\nCharlottenberg\" {} {} 14", at(3), at(14)));
        assert_eq!(
            rows("cash_moves"),
            format!(
                "10 {DAY} {} 2 \"float\" 50000 \"101\" \"\"\n11 {DAY} {} 2 \"drop\" -30000 \"101\" \"\"\n\
                 12 {DAY} {} 2 \"paid_in\" 2000 \"101\" \"\"\n13 {DAY} {} 2 \"paid_out\" -700 \"101\" \"\"\n\
                 4 {DAY} {} 1 \"float\" 100000 \"101\" \"\"",
                at(10),
                at(11),
                at(12),
                at(13),
                at(4)
            )
        );
        assert_eq!(rows("z_reports"), format!("9 1 1 4 {DAY} {} 120 \"101\" \"SEK\" 3 6900 0 100000 100000 3 6900 0", at(9)));
    });
}

#[test]
fn what_is_not_understood_is_shelved_and_the_rest_goes_on() {
    on_both(|store| {
        let mut till = MadeTill::new(2, "0043");
        till.begin("171");
        let unknown = till.tell(Fact::Unknown(UnknownFact { kind: 4_000, body: vec![0xa0] }));
        till.sell(&[(0, 1)], 0);
        till.garble();
        till.sell(&[(0, 1)], 0);
        projected(store, &till);
        assert_eq!(store.sales(&SalesFilter { unit: None, after: None, limit: 10 }).expect("sales").len(), 2);
        let shelved = store.shelved().expect("the shelf");
        let seen: Vec<_> = shelved.iter().map(|shelved| (shelved.seq, shelved.kind, shelved.unit.as_str())).collect();
        assert_eq!(seen, [(unknown, Some(4_000), "0043"), (unknown + 2, None, "0043")]);
    });
}

#[test]
fn entries_that_are_no_entries_at_all_stop_nothing() {
    on_both(|store| {
        let mut strange = MadeTill::new(3, "0044");
        strange.entries.clear();
        (0..5).for_each(|_| strange.garble());
        projected(store, &strange);
        assert_eq!(store.shelved().expect("the shelf").len(), 5);
        projected(store, &shift());
        assert_eq!(store.totals(&all(), By::Day).expect("sums").len(), 1);
    });
}

#[test]
fn amounts_beyond_all_reason_are_shelved_and_spoil_nobodys_sums() {
    on_both(|store| {
        let mut hostile = MadeTill::new(4, "0045");
        hostile.begin("171");
        hostile.sell(&[(0, 1)], 0);
        let mut sale = hostile.sales[0].clone();
        sale.receipt_no = 2;
        sale.lines[0].unit_minor = i64::MAX;
        sale.vat[0].vat_minor = i64::MIN;
        hostile.tell(Fact::SaleClosed(Box::new(sale.clone())));
        sale.receipt_no = u64::MAX;
        sale.lines[0].unit_minor = 2_950;
        sale.vat[0].vat_minor = 0;
        hostile.tell(Fact::SaleClosed(Box::new(sale)));
        projected(store, &hostile);
        projected(store, &shift());
        assert_eq!(store.shelved().expect("the shelf").len(), 1);
        let day = store.totals(&all(), By::Day).expect("sums");
        assert_eq!((day.len(), day[0].measure.gross_minor), (1, 2 * 2_950 + 6_900));
        assert_eq!(store.sales(&SalesFilter { unit: None, after: None, limit: 10 }).expect("sales").len(), 6);
    });
}

#[test]
fn a_z_report_shows_every_line_behind_its_drawer() {
    on_both(|store| {
        let till = shift();
        projected(store, &till);
        let filter = ZsFilter { from_day: DAY, to_day: DAY, unit: Some("0042".into()), differing: false };
        let zs = store.z_reports(&filter).expect("Z reports");
        assert_eq!((zs.len(), zs[0].net_minor, zs[0].variance_minor(), zs[0].fits_receipts()), (1, 6_900, 0, true));
        assert_eq!(store.z_reports(&ZsFilter { differing: true, ..filter }).expect("Z reports"), []);
        let at = SaleAt { log: till.log(), branch: 0, seq: zs[0].seq };
        let report = store.z_report(&at).expect("a report").expect("is there");
        assert_eq!(report.lines.iter().map(|line| line.minor).collect::<Vec<_>>(), [100_000, 9_500, -9_500]);
        assert_eq!(report.lines.iter().map(|line| line.minor).sum::<i64>(), report.closed.expected_minor);
        assert_eq!(store.z_report(&SaleAt { seq: 1, ..at }).expect("none"), None);
    });
}
