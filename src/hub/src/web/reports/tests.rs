//! Pages of sales, as somebody who is signed in gets them.

use std::sync::{Arc, Mutex};

use axum::{
    body::{Body, to_bytes},
    http::{Request, StatusCode},
};
use data_encoding::HEXLOWER;
use hub_store::{
    HubStore,
    accounts::{Invite, NewAccount, Role, Taken},
    made::{DAY, MadeTill, NOON_S},
    views::{ReceiptQuery, SaleRow},
};
use journal::{Fact, UnknownFact};
use tower::ServiceExt as _;

use super::{
    csv::{Cell, Csv},
    day_text, money,
};
use crate::{Clock, Hub, web};

/// A hub in a folder of its own, and somebody who may see reports.
struct Bench {
    hub: Arc<Hub>,
    session: String,
    _dir: tempfile::TempDir,
    /// One at a time, so that a page is a page.
    asked: Mutex<()>,
}

impl Bench {
    fn new() -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let store = HubStore::sqlite(dir.path()).expect("a store");
        let (code, id) = ([1; 32], [2; 32]);
        let invite =
            Invite { name: "Demo".into(), role: Role::Viewer, totp: vec![7; 20], made_by: "console".into(), expires_at: NOON_S + 60 };
        assert!(store.invite(code, &invite, NOON_S).expect("an invitation"));
        let (login, password) = ("demo".to_owned(), "never checked here".to_owned());
        let new = NewAccount { id: "1".into(), login, name: "Demo".into(), lang: Some("sv".into()), password, totp_step: 0 };
        let Taken::Made(account) = store.take_invite(code, &new, NOON_S).expect("an account") else { panic!("the account is made") };
        let signed_in = store.sign_in(&account, 1, None, web::secret::hashed(&id), "test", NOON_S).expect("a session");
        assert!(signed_in);
        let hub = Hub::new(store, dir.path().into(), Clock::told_by(|| NOON_S + 60));
        Self { hub, session: HEXLOWER.encode(&id), _dir: dir, asked: Mutex::new(()) }
    }

    fn with(till: &MadeTill) -> Self {
        let bench = Self::new();
        till.enrol(&bench.hub.store);
        till.send_all(&bench.hub.store);
        assert!(bench.hub.store.project(10_000).expect("projected").done);
        bench
    }

    fn ask(&self, path: &str, session: &str) -> (StatusCode, String, Vec<u8>) {
        let _one = self.asked.lock().expect("one at a time");
        let request = Request::get(path).header("cookie", format!("trolley={session}")).header("host", "hub").body(Body::empty());
        let router = web::routes().with_state(Arc::clone(&self.hub));
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let answer = router.oneshot(request.expect("a request")).await.expect("an answer");
            let (parts, body) = answer.into_parts();
            let media = parts.headers.get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
            (parts.status, media, to_bytes(body, 10_000_000).await.expect("a body").to_vec())
        })
    }

    #[track_caller]
    fn page(&self, path: &str) -> String {
        let (status, media, body) = self.ask(path, &self.session);
        let body = String::from_utf8(body).expect("text");
        assert_eq!((status, media.starts_with("text/")), (StatusCode::OK, true), "{path}: {body}");
        body
    }

    fn receipt(&self, receipt_no: u64) -> SaleRow {
        let query = ReceiptQuery::Number { register: None, receipt_no };
        self.hub.store.find_receipts(&query).expect("receipts").into_iter().find(|sale| !sale.training).expect("a receipt")
    }
}

fn till() -> MadeTill {
    let mut till = MadeTill::new(21, "0142");
    till.begin("171");
    till.sell(&[(0, 2), (1, 1)], 0);
    till.leg = Some(1);
    till.sell(&[(2, 20)], 200_000);
    till.refund(1);
    till.practice = true;
    till.sell(&[(3, 1)], 0);
    till.practice = false;
    till.z();
    till
}

const PAGES: [&str; 8] = ["/sales", "/sales?by=product", "/sales/csv", "/trips", "/z", "/z/csv", "/receipts", "/findings"];

#[test]
fn nobody_sees_a_report_without_signing_in() {
    let bench = Bench::with(&till());
    let at = bench.receipt(1).at();
    let more =
        [format!("/receipts/{at}"), format!("/receipts/{at}/paper.png"), format!("/trips/{}/171", day_text(DAY)), "/sales/chart".into()];
    for path in PAGES.iter().map(|path| (*path).to_owned()).chain(more) {
        let (status, ..) = bench.ask(&path, "");
        assert_eq!(status, StatusCode::SEE_OTHER, "{path}");
    }
}

#[test]
fn an_empty_hub_says_what_to_do() {
    let bench = Bench::new();
    for (path, words) in [("/sales", "Skriv in en kassa under Flottan"), ("/trips", "Skriv in en kassa"), ("/findings", "Inget avviker")] {
        assert!(bench.page(path).contains(words), "{path}");
    }
    let z = bench.page("/z");
    assert!(z.contains("när personalen stänger passet"), "{z}");
}

#[test]
fn sales_are_shown_in_swedish_money_each_way() {
    let bench = Bench::with(&till());
    let page = bench.page("/sales");
    assert!(page.contains("1\u{a0}380,00\u{a0}kr"), "{page}");
    for (by, text) in [
        ("train", "171"),
        ("trip", "/trips/2026-06-15/171"),
        ("leg", "Boda – Charlottenberg"),
        ("product", "Demo beer"),
        ("category", "bar"),
        ("crew", "101"),
        ("payment", "Kort"),
        ("unit", "/units/0142"),
        ("vat", "SE 25\u{a0}%"),
    ] {
        let page = bench.page(&format!("/sales?by={by}"));
        assert!(page.contains(text), "by {by}: {page}");
    }
    // Two lines are one sale, however the table is broken down.
    assert!(bench.page("/sales?by=product").contains("<b>2</b>Köp"));
    let narrow = bench.page("/sales?train=172");
    assert!(narrow.contains("Inget passar"), "{narrow}");
    assert_eq!(bench.ask("/sales?from=yesterday", &bench.session).0, StatusCode::BAD_REQUEST);
}

#[test]
fn a_table_for_other_programs_has_stable_names_and_dots() {
    let bench = Bench::with(&till());
    let csv = bench.page("/sales/csv?by=product");
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines[0], "product,name,currency,sales,returns,pieces,gross,vat,net");
    assert_eq!(lines[1], "2001,Demo beer,SEK,1,0,20,1380.00,276.00,1104.00");
    let trip = bench.page("/trips/csv?day=2026-06-15&train=171");
    assert_eq!(trip.lines().count(), 4, "{trip}");
    assert!(trip.contains("Aby – Boda,") && trip.contains(",refund,1,101,cash,SEK,-94.50,"), "{trip}");
}

#[test]
fn no_cell_is_a_formula_and_quotes_are_doubled() {
    let mut csv = Csv::new(&["a", "b", "c"]);
    for text in ["=1+1", "+46", "-2", "@cmd", "\tx", "say \"hi\", you", "two\nlines"] {
        csv.row(&[Cell::Text(text), Cell::Minor(-5), Cell::Int(-3)]);
    }
    let text = String::from_utf8(csv.bytes()).expect("text");
    let rows = "a,b,c\r\n'=1+1,-0.05,-3\r\n'+46,-0.05,-3\r\n'-2,-0.05,-3\r\n'@cmd,-0.05,-3\r\n'\tx,-0.05,-3\r\n\
                \"say \"\"hi\"\", you\",-0.05,-3\r\n\"two\nlines\",-0.05,-3\r\n";
    assert_eq!(text, rows);
}

#[test]
fn a_trip_shows_each_leg_and_a_z_report_each_line_of_its_drawer() {
    let bench = Bench::with(&till());
    let ledger = bench.page("/trips/2026-06-15/171");
    assert!(ledger.contains("Aby – Boda") && ledger.contains("Boda – Charlottenberg"), "{ledger}");
    assert_eq!(bench.ask("/trips/2026-06-15/999", &bench.session).0, StatusCode::NOT_FOUND);
    let zs = bench.page("/z");
    let href = zs.split("href=\"/z/").nth(1).or_else(|| zs.split("/z/").nth(1)).and_then(|rest| rest.split('"').next()).expect("a link");
    let link = zs.match_indices("/z/").map(|(at, _)| &zs[at + 3..]).filter_map(|rest| rest.split('"').next()).find(|id| id.len() > 64);
    let page = bench.page(&format!("/z/{}", link.unwrap_or(href)));
    assert!(page.contains("Växelkassa") && page.contains("Kvitto 1") && page.contains("säger samma sak"), "{page}");
    assert_eq!(bench.ask("/z/nowhere", &bench.session).0, StatusCode::NOT_FOUND);
}

#[test]
fn a_receipt_is_found_and_drawn_as_the_till_draws_it() {
    let bench = Bench::with(&till());
    let sold = bench.receipt(1);
    for path in [
        "/receipts?no=1",
        "/receipts?no=0142-1%201",
        "/receipts?register=0142-1&no=1",
        "/receipts?amount=94,50&from=2026-06-15&to=2026-06-15",
    ] {
        let found = bench.page(path);
        assert!(found.contains(&format!("/receipts/{}", sold.at())), "{path}: {found}");
    }
    let page = bench.page(&format!("/receipts/{}", sold.at()));
    for text in ["Demo coffee", "Demo bun", "Att betala SEK", "94,50", "95,00", "0142-1"] {
        assert!(page.contains(text), "{text}: {page}");
    }
    let (status, media, png) = bench.ask(&format!("/receipts/{}/paper.png", sold.at()), &bench.session);
    assert_eq!((status, &*media, &png[..4]), (StatusCode::OK, "image/png", &b"\x89PNG"[..]));
    for (path, status) in [
        ("/receipts?no=many", StatusCode::BAD_REQUEST),
        ("/receipts?qr=TROLLEY1:ABC", StatusCode::BAD_REQUEST),
        ("/receipts?amount=x", StatusCode::BAD_REQUEST),
    ] {
        assert_eq!(bench.ask(path, &bench.session).0, status, "{path}");
    }
}

#[test]
fn what_does_not_add_up_and_what_is_not_understood_is_shown() {
    let mut till = till();
    till.tell(Fact::ShiftOpened(2, 0));
    let mut sale = till.sales[0].clone();
    sale.receipt_no = 9;
    till.tell(Fact::SaleClosed(Box::new(sale)));
    till.tell(Fact::Unknown(UnknownFact { kind: 4_000, body: vec![0xa0] }));
    let bench = Bench::with(&till);
    let page = bench.page("/findings");
    assert!(page.contains("Nummer saknas") && page.contains("5 nummer från 4") && page.contains("Slag 4000"), "{page}");
}

#[test]
fn what_a_till_wrote_is_text_on_a_page_and_nothing_else() {
    let mut till = MadeTill::new(22, "0143");
    till.tell(Fact::CrewSignedIn("<script>alert(1)</script>".into()));
    till.start_trip("171");
    till.tell(Fact::ShiftOpened(1, 0));
    till.sell(&[(0, 1)], 0);
    let bench = Bench::with(&till);
    let at = bench.receipt(1).at();
    for path in ["/sales?by=crew".to_owned(), format!("/receipts/{at}"), "/receipts?no=1".into(), "/trips/2026-06-15/171".into()] {
        assert!(!bench.page(&path).contains("<script>alert"), "{path}");
    }
}

#[test]
fn amounts_are_as_people_write_them() {
    assert_eq!(money(123_450, "SEK"), "1\u{a0}234,50\u{a0}kr");
    assert_eq!(money(-5, "XYZ"), "-0.05");
}
