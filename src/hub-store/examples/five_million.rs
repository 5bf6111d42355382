//! How long pages ask when the hub holds five million sales: `cargo run --package hub-store --example five_million -- FOLDER [SALES]`.
//!
//! Writes sales, trips and sums as 333 tills would have left them in 30 days, in SQLite, without lines and tenders (no page reads them), then
//! asks what each page asks, five times, and prints the slowest. The folder is cleared afterwards; it takes about 1.5 GB for five million.

use std::{collections::BTreeMap, path::Path, time::Instant};

use hub_store::{
    Fault, HubStore,
    engine::{Engine, Sqlite, Value},
    project::day_number,
    views::{By, ReceiptQuery, SalesFilter, TotalsFilter, TripsFilter, ZsFilter},
};

const SALES: u64 = 5_000_000;
const DAYS: u64 = 30;
const SALES_PER_DAY: u64 = 500;
const PRODUCTS: u64 = 40;
const LEGS: u64 = 8;
const TIMES: usize = 5;

/// Sums under their keys: receipts, pieces, gross.
type Sums = BTreeMap<Key, (i64, i64, i64)>;
/// What a sum is over: kind, day, item, payment.
type Key = (String, i64, String, &'static str);

fn main() -> Result<(), Fault> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().unwrap_or_else(|| panic!("name a folder that may be filled and cleared"));
    let sales = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(SALES);
    let folder = Path::new(&folder);
    let store = HubStore::sqlite(folder)?;
    let begun = now();
    let tills = (sales / (DAYS * SALES_PER_DAY)).max(1);
    fill(&folder.join("hub.db"), tills)?;
    let made = tills * DAYS * SALES_PER_DAY;
    let bytes = std::fs::metadata(folder.join("hub.db"))?.len();
    println!("{made} sales of {tills} tills in {DAYS} days: {} s to fill, {} MB", begun.elapsed().as_secs(), bytes / 1_000_000);
    ask(&store)?;
    drop(store);
    for file in ["hub.db", "hub.db-wal", "hub.db-shm"] {
        drop(std::fs::remove_file(folder.join(file)));
    }
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "a bench measures time")]
fn now() -> Instant {
    Instant::now()
}

fn day(of: u64) -> i64 {
    let first = chrono::NaiveDate::from_ymd_opt(2026, 6, 1).unwrap_or_default();
    day_number(first + chrono::TimeDelta::days(i64::try_from(of).unwrap_or(0)))
}

fn log_of(till: u64) -> [u8; 32] {
    let mut log = [0; 32];
    // Spread, as hashes are.
    log[..8].copy_from_slice(&till.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
    log
}

fn fill(file: &Path, tills: u64) -> Result<(), Fault> {
    let engine = Sqlite::open(file)?;
    let mut overall = Sums::new();
    let mut logs: Vec<u64> = (0..tills).collect();
    logs.sort_by_key(|till| log_of(*till));
    for (place, till) in logs.into_iter().enumerate() {
        let mut tx = engine.write()?;
        one_till(&mut *tx, till, &mut overall)?;
        tx.commit()?;
        if place % 50 == 0 {
            println!("{place} of {tills} tills");
        }
    }
    let mut tx = engine.write()?;
    let columns = ["dim", "day", "item", "name", "payment", "currency", "sales", "returns", "qty", "gross_minor", "vat_minor"];
    let rows: Vec<Vec<Value>> =
        overall.into_iter().map(|(key, sum)| [vec![Value::from(key.0.as_str()), key.1.into()], rest(&key, sum)].concat()).collect();
    tx.insert_many("day_sums", &columns, &rows)?;
    tx.commit()
}

fn rest((dim, _, item, payment): &Key, (sales, pieces, gross): (i64, i64, i64)) -> Vec<Value> {
    let name = if dim == "sku" { format!("Demo product {item}") } else { String::new() };
    vec![
        item.as_str().into(),
        name.into(),
        (*payment).into(),
        "SEK".into(),
        sales.into(),
        0_i64.into(),
        pieces.into(),
        gross.into(),
        (gross / 9).into(),
    ]
}

fn one_till(tx: &mut dyn hub_store::engine::Tx, till: u64, overall: &mut Sums) -> Result<(), Fault> {
    let (log, unit) = (log_of(till), format!("{till:04}"));
    let log_text: String = log.iter().map(|byte| format!("{byte:02x}")).collect();
    let unit_values = ["INSERT INTO units (unit, depot, note, expected, made_at) VALUES ($1, $2, '', 1, 0)"];
    tx.execute(unit_values[0], &[unit.as_str().into(), format!("Demo depot {}", till % 5).into()])?;
    let sql = "INSERT INTO logs (log_id, public, unit, program, enrolled_at) VALUES ($1, $2, $3, 'demo', 0)";
    tx.execute(sql, &[log.into(), log.into(), unit.as_str().into()])?;
    let sql = "INSERT INTO projected (log_id, branch, seq, unit, register, program, trip, train, trip_day, calls, receipt_no, shift_no, shift_seq, \
               shift_receipts, shift_net_minor, shift_cash_minor, sales, gross_minor, shelved) \
               VALUES ($1, 0, 1, $2, $3, '', 0, '', 0, '', 0, 0, 0, 0, 0, 0, 0, 0, 0)";
    tx.execute(sql, &[log.into(), unit.as_str().into(), format!("{unit}-1").into()])?;
    let calls: Vec<String> = (0..=LEGS).map(|call| format!("Demo station {call}")).collect();
    let (mut seq, mut receipt_no) = (0_u64, 0_u64);
    for of in 0..DAYS {
        let day = day(of);
        let mut sums = Sums::new();
        let mut sales = Vec::new();
        seq += 1;
        let (trip, train) = (seq, format!("{}", 100 + till % 150));
        for sale in 0..SALES_PER_DAY {
            seq += 1;
            receipt_no += 1;
            let payment = if sale % 4 == 0 { "cash" } else { "card" };
            let (leg, product, pieces) = (sale * LEGS / SALES_PER_DAY, (sale * 7 + till) % PRODUCTS, 1 + sale % 3);
            let gross = i64::try_from((2_000 + product * 150) * pieces).unwrap_or(0);
            let crew = format!("{}", 100 + till);
            let trip_dims = [
                ("all", String::new()),
                ("leg", format!("{} – {}", calls[usize::try_from(leg).unwrap_or(0)], calls[usize::try_from(leg).unwrap_or(0) + 1])),
                ("crew", crew.clone()),
                ("sku", format!("{}", 1_000 + product)),
                ("category", format!("group {}", product % 6)),
                ("vat", "SE 01200".to_owned()),
            ];
            for (dim, item) in trip_dims {
                let sum = sums.entry((dim.to_owned(), day, item, payment)).or_default();
                *sum = (sum.0 + 1, sum.1 + i64::try_from(pieces).unwrap_or(0), sum.2 + gross);
            }
            let (cash, card) = if payment == "cash" { (gross, 0) } else { (0, gross) };
            sales.push(vec![
                log.into(),
                0_i64.into(),
                seq.into(),
                receipt_no.into(),
                0_i64.into(),
                "sale".into(),
                Value::Null,
                day.into(),
                i64::try_from(1_780_000_000 + of * 86_400 + sale * 60).unwrap_or(0).into(),
                120_i64.into(),
                1_i64.into(),
                trip.into(),
                leg.into(),
                (of + 1).into(),
                crew.into(),
                payment.into(),
                "SEK".into(),
                "SE".into(),
                gross.into(),
                0_i64.into(),
                (gross / 9).into(),
                cash.into(),
                card.into(),
            ]);
        }
        let columns = [
            "log_id",
            "branch",
            "seq",
            "receipt_no",
            "training",
            "kind",
            "corrects",
            "day",
            "wall_s",
            "offset_min",
            "trusted",
            "trip",
            "leg",
            "shift_no",
            "crew",
            "payment",
            "currency",
            "country",
            "total_minor",
            "rounding_minor",
            "vat_minor",
            "cash_minor",
            "card_minor",
        ];
        tx.insert_many("sales", &columns, &sales)?;
        let sql = "INSERT INTO trips (log_id, branch, seq, train, day, calls, started_s, last_seq) VALUES ($1, 0, $2, $3, $4, $5, 0, $6)";
        tx.execute(sql, &[log.into(), trip.into(), train.as_str().into(), day.into(), calls.join("\n").into(), seq.into()])?;
        let columns = [
            "log_id",
            "branch",
            "day",
            "trip",
            "dim",
            "item",
            "name",
            "payment",
            "currency",
            "sales",
            "returns",
            "qty",
            "gross_minor",
            "vat_minor",
        ];
        let row = |(key, sum): (&Key, &(i64, i64, i64))| {
            [vec![log.into(), 0_i64.into(), day.into(), trip.into(), key.0.as_str().into()], rest(key, *sum)].concat()
        };
        tx.insert_many("trip_sums", &columns, &sums.iter().map(row).collect::<Vec<_>>())?;
        for ((dim, day, item, payment), sum) in sums {
            let own = (dim == "all").then(|| [("train", train.clone()), ("log", log_text.clone())]);
            for (dim, item) in own.into_iter().flatten().map(|(dim, item)| (dim.to_owned(), item)).chain([(dim, item)]) {
                let all = overall.entry((dim, day, item, payment)).or_default();
                *all = (all.0 + sum.0, all.1 + sum.1, all.2 + sum.2);
            }
        }
    }
    Ok(())
}

fn ask(store: &HubStore) -> Result<(), Fault> {
    let (from_day, to_day) = (day(0), day(DAYS - 1));
    let month = TotalsFilter { from_day, to_day, train: None, unit: None, payment: None, quarantine: false };
    let of_train = TotalsFilter { train: Some("117".into()), ..month.clone() };
    let of_unit = TotalsFilter { unit: Some("0017".into()), ..month.clone() };
    let by_card = TotalsFilter { payment: Some("card".into()), ..month.clone() };
    for by in By::ALL {
        time(&format!("sums over a month by {}", by.code()), || store.totals(&month, by).map(|rows| rows.len()))?;
    }
    for by in [By::Day, By::Leg, By::Product, By::Trip] {
        time(&format!("one train, by {}", by.code()), || store.totals(&of_train, by).map(|rows| rows.len()))?;
        time(&format!("one unit, by {}", by.code()), || store.totals(&of_unit, by).map(|rows| rows.len()))?;
    }
    time("by card, by product", || store.totals(&by_card, By::Product).map(|rows| rows.len()))?;
    time("quarantine", || store.totals(&TotalsFilter { quarantine: true, ..month.clone() }, By::Payment).map(|rows| rows.len()))?;
    let week = TripsFilter { from_day: day(DAYS - 7), to_day, train: None, unit: None };
    time("trips of a week", || store.trips(&week).map(|rows| rows.len()))?;
    time("a trip's ledger", || store.trip_ledger("117", to_day).map(|ledger| ledger.legs.len()))?;
    time("trains", || store.trains(from_day, to_day).map(|rows| rows.len()))?;
    time("receipt by register and number", || {
        let query = ReceiptQuery::Number { register: Some("0017-1".into()), receipt_no: 7_000 };
        store.find_receipts(&query).map(|rows| rows.len())
    })?;
    time("receipt by number alone", || {
        store.find_receipts(&ReceiptQuery::Number { register: None, receipt_no: 7_000 }).map(|rows| rows.len())
    })?;
    time("receipt by amount and day", || {
        store.find_receipts(&ReceiptQuery::Amount { minor: 2_000, from_day: to_day, to_day }).map(|rows| rows.len())
    })?;
    let zs = ZsFilter { from_day, to_day, unit: None, differing: false };
    time("Z reports", || store.z_reports(&zs).map(|rows| rows.len()))?;
    time("findings", || store.findings().map(|rows| rows.len()))?;
    let unit = SalesFilter { unit: Some("0017".into()), after: None, limit: 1_000 };
    time("1000 sales of a unit for the API", || store.sales(&unit).map(|rows| rows.len()))?;
    time("the fleet board", || store.fleet(1_783_000_000).map(|board| board.units.len()))
}

fn time(what: &str, ask: impl Fn() -> Result<usize, Fault>) -> Result<(), Fault> {
    let mut slowest = std::time::Duration::ZERO;
    let mut rows = 0;
    for _ in 0..TIMES {
        let begun = now();
        rows = ask()?;
        slowest = slowest.max(begun.elapsed());
    }
    println!("{what:40} {:7.1} ms  {rows} rows", slowest.as_secs_f64() * 1_000.0);
    Ok(())
}
