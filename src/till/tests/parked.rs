//! A parked sale keeps the terms it was opened under, whatever changes before it is taken up again.

mod common;

use chrono::NaiveDate;
use common::{Bench, DAY, add, cash, sek};
use domain::{sale::LineNo, vat::Country};
use till::{
    Answer, Command,
    data::{DEMO, Provision, Sources},
};

fn start(bench: &mut Bench, train: &str, day: NaiveDate) {
    bench.does(Command::StartTrip { train: train.into(), operating_day: day });
}

/// The demo with other words in its catalogue.
fn demo_with(changes: &[(&str, &str)]) -> Provision {
    let mut catalogue = DEMO.catalogue.to_owned();
    for (from, to) in changes {
        assert!(catalogue.contains(from), "{from}");
        catalogue = catalogue.replace(from, to);
    }
    Provision::read(Sources { catalogue: &catalogue, ..DEMO }).expect("the changed demo reads")
}

#[test]
fn a_sale_parked_in_norway_owes_the_vat_of_the_place_and_day_it_is_paid() {
    let mut bench = Bench::new();
    bench.does(common::sign_in());
    // 08:00 in Stockholm, between Moss and Halden.
    bench.wall_s -= 4 * 3_600 + 1_800;
    bench.does(Command::SetClock(bench.wall_s));
    start(&mut bench, "391", DAY);
    bench.does(Command::OpenShift(sek(0)));
    bench.does(add("1001", 1));
    let terms = bench.till().open_sale().expect("a sale").terms;
    assert_eq!(terms.country, Country::No);
    let rate = bench.till().open_sale().expect("a sale").lines[0].rate;
    bench.does(Command::Park);
    bench.does(Command::EndTrip);
    bench.wait(8 * 3_600);
    bench.restart();
    let tomorrow = DAY.succ_opt().expect("a day");
    start(&mut bench, "171", tomorrow);
    bench.does(add("1001", 1));
    assert_eq!(bench.till().open_sale().expect("a sale").terms.country, Country::Se);
    bench.does(cash(2_900));
    bench.does(Command::Resume(1));
    bench.does(add("1001", 1));
    let sale = bench.till().open_sale().expect("a sale");
    assert_eq!((sale.terms.country, sale.terms.on), (Country::Se, tomorrow));
    assert_ne!(sale.lines[0].rate, rate, "15 % in Norway, 6 % in Sweden");
    assert_eq!((sale.lines.len(), sale.lines[0].qty), (1, 2));
    bench.does(cash(5_800));
    let (_, closed) = bench.till().receipt(false, 2).expect("the receipt");
    assert_eq!(closed.country, Country::Se);
    bench.till().store().verify().expect("chain and projections hold");
}

#[test]
fn a_line_that_was_parked_keeps_its_price_beside_a_new_one() {
    let mut bench = Bench::selling();
    bench.does(add("1002", 2));
    bench.does(Command::Park);
    bench.provision = demo_with(&[(
        "\"SEK\": \"36.00\", \"DKK\": \"24.00\", \"NOK\": \"37.00\"}], \"favourite\"",
        "\"SEK\": \"40.00\"}], \"favourite\"",
    )]);
    bench.restart();
    bench.does(Command::Resume(1));
    let Answer::Line(second) = bench.does(add("1002", 1)) else { panic!("a line") };
    let sale = bench.till().open_sale().expect("a sale");
    assert_eq!((second, sale.total()), (LineNo(2), sek(2 * 3_600 + 4_000)));
}

#[test]
fn a_deposit_with_a_new_price_makes_a_line_of_its_own_and_each_line_keeps_its_count() {
    let mut bench = Bench::selling();
    bench.does(add("2004", 2));
    bench.does(Command::Park);
    bench.provision = demo_with(&[(
        "{\"from\": \"2026-01-01\", \"SEK\": \"2.00\", \"DKK\": \"1.50\"",
        "{\"from\": \"2026-01-01\", \"SEK\": \"3.00\", \"DKK\": \"1.50\"",
    )]);
    bench.restart();
    bench.does(Command::Resume(1));
    bench.does(add("2004", 1));
    let told = |bench: &Bench| -> Vec<(u32, i64, i64)> {
        bench.till().open_sale().expect("a sale").lines.iter().map(|line| (line.no.0, line.qty, line.unit_minor)).collect()
    };
    assert_eq!(told(&bench), [(1, 2, 3_000), (2, 2, 200), (3, 1, 3_000), (4, 1, 300)]);
    bench.does(Command::SetQty(LineNo(1), 5));
    assert_eq!(told(&bench), [(1, 5, 3_000), (2, 5, 200), (3, 1, 3_000), (4, 1, 300)]);
    bench.does(add("2004", 1));
    assert_eq!(told(&bench), [(1, 5, 3_000), (2, 5, 200), (3, 2, 3_000), (4, 2, 300)]);
}
