use argon2::{
    Argon2,
    password_hash::{PasswordVerifier, phc::PasswordHash},
};
use chrono::NaiveDate;
use domain::{
    Currency, Refusal,
    catalogue::{Gtin, ProductKind, Sku},
    crew::CrewId,
    trip::TrainNo,
    vat::{Country, VatTable},
};

use super::*;

fn day(text: &str) -> NaiveDate {
    date(text).expect("a date")
}

/// The fault of the demo catalogue after one change.
#[track_caller]
fn fault_after(from: &str, to: &str) -> DataFault {
    let changed = DEMO.catalogue.replacen(from, to, 1);
    assert_ne!(changed, DEMO.catalogue, "nothing to change");
    read_catalogue(&changed).expect_err("the catalogue must be refused")
}

#[test]
fn the_demo_sells_in_every_category_and_currency_and_every_product_has_a_vat_rate() {
    let provision = Provision::demo();
    let catalogue = &provision.catalogue;
    let table = VatTable::nordic_2026();
    let on = day("2026-07-01");
    assert!(catalogue.products().iter().filter(|product| product.kind == ProductKind::Goods).count() >= 60);
    for category in catalogue.categories() {
        assert!(catalogue.products().iter().any(|product| product.category == category.id), "{category:?} is empty");
    }
    for product in catalogue.products() {
        for currency in [Currency::Sek, Currency::Dkk, Currency::Nok] {
            product.price(currency, on).unwrap_or_else(|refusal| panic!("{}: {refusal:?}", product.sku));
        }
        for country in [Country::Se, Country::Dk, Country::No] {
            table
                .rate(country, product.vat_class, product.supply, on)
                .unwrap_or_else(|refusal| panic!("{} in {}: {refusal:?}", product.sku, country.code()));
        }
    }
}

#[test]
fn alcohol_has_an_age_limit_and_cans_have_a_deposit() {
    let catalogue = Provision::demo().catalogue;
    let lager = catalogue.by_sku(&Sku::new("5001").expect("a SKU")).expect("the lager");
    assert_eq!(lager.age_limit, Some(18));
    assert_eq!(lager.deposit.as_ref().map(Sku::as_str), Some("9002"));
    assert_eq!(lager.allergens.contains, 0b1);
    let scanned = catalogue.by_gtin(lager.gtin.expect("a barcode")).expect("the barcode is known");
    assert_eq!(scanned.sku, lager.sku);
    assert!(lager.gtin.expect("a barcode").to_string().starts_with("952"), "the GS1 prefix for demonstrations");
}

#[test]
fn the_price_follows_the_date() {
    let catalogue = Provision::demo().catalogue;
    let sandwich = catalogue.by_sku(&Sku::new("3001").expect("a SKU")).expect("the sandwich");
    assert_eq!(sandwich.price(Currency::Sek, day("2026-03-31")).map(Money::minor), Ok(6900));
    assert_eq!(sandwich.price(Currency::Sek, day("2026-04-01")).map(Money::minor), Ok(6500));
    assert_eq!(sandwich.price(Currency::Sek, day("2025-12-31")), Err(Refusal::PriceMissing));
}

#[test]
fn the_written_down_pins_open_the_demo_tills() {
    let roster = Provision::demo().roster;
    for (number, pin) in [("101", "1101"), ("102", "1202"), ("103", "1303"), ("900", "909090")] {
        let entry = roster.find(&CrewId::parse(number).expect("a number")).expect("on the roster");
        let hash = PasswordHash::new(&entry.pin_hash).expect("a hash");
        assert!(Argon2::default().verify_password(pin.as_bytes(), &hash).is_ok(), "{number}");
        assert!(Argon2::default().verify_password(b"0000", &hash).is_err(), "{number}");
        assert!(DEMO.crew.contains(&format!("{number} has {pin}")), "the file's note says so");
    }
}

#[test]
fn a_train_runs_on_its_days_only_and_the_night_train_passes_midnight() {
    let timetable = Provision::demo().timetable;
    let train = |number: &str| TrainNo::parse(number).expect("a number");
    let (monday, sunday) = (day("2026-11-23"), day("2026-11-22"));
    assert!(timetable.trip(&train("172"), monday).is_ok());
    assert_eq!(timetable.trip(&train("172"), sunday).err(), Some(Refusal::TripUnknown));
    assert_eq!(timetable.trip(&train("9999"), monday).err(), Some(Refusal::TripUnknown));
    let night = timetable.trip(&train("95"), monday).expect("it runs daily");
    let arrival = night.calls().last().and_then(|call| call.arrival).expect("an arrival");
    assert_eq!(arrival.minutes(), 30 * 60 + 4);
}

#[test]
fn the_way_to_copenhagen_is_swedish_and_the_way_back_is_danish() {
    let timetable = Provision::demo().timetable;
    let trip = |number: &str| timetable.trip(&TrainNo::parse(number).expect("a number"), day("2026-11-23")).expect("it runs daily");
    let countries = |number: &str| (0..trip(number).leg_count()).map(|leg| trip(number).vat_country(leg).code()).collect::<Vec<_>>();
    assert_eq!(countries("391").last(), Some(&"SE"));
    assert_eq!(countries("391").first(), Some(&"NO"));
    assert_eq!(countries("392").first(), Some(&"DK"));
}

#[test]
fn a_fault_names_file_row_and_remedy() {
    let fault = fault_after("\"29.00\"", "\"29.00 kr\"");
    assert_eq!(fault.to_string(), "catalogue.json, product 1 (sku 1001): SEK price \"29.00 kr\" is no amount. Write it like \"29.00\".");
}

#[test]
fn each_kind_of_bad_row_is_refused_by_name() {
    let gtin = |sku: &str| {
        let catalogue = Provision::demo().catalogue;
        let product = catalogue.by_sku(&Sku::new(sku).expect("a SKU")).expect("a product").clone();
        product.gtin.as_ref().map(Gtin::to_string).expect("a barcode")
    };
    let (first, second) = (gtin("2001"), gtin("2002"));
    let wrong_check = format!("{}{}", &first[..12], (first.as_bytes()[12] - b'0' + 1) % 10);
    for (from, to, item, what) in [
        ("\"1002\"", "\"1001\"", "product 2 (sku 1001)", "twice"),
        (second.as_str(), first.as_str(), "product 13 (sku 2002)", "twice"),
        (first.as_str(), wrong_check.as_str(), "product 12 (sku 2001)", "check digit"),
        ("\"category\": \"hot\"", "\"category\": \"warm\"", "product 1 (sku 1001)", "category \"warm\""),
        ("\"deposit\": \"9002\"", "\"deposit\": \"1001\"", "product 12 (sku 2001)", "deposit 1001"),
        ("\"vat_class\": \"drink\"", "\"vat_class\": \"tea\"", "product 1 (sku 1001)", "vat_class"),
        ("2026-01-01", "2026-13-01", "product 1 (sku 1001)", "no date"),
        ("\"contains\": [7]", "\"contains\": [15]", "product 3 (sku 1003)", "allergen 15"),
        ("\"-1.00\"", "\"1.00\"", "product 69 (sku 9101)", "sign"),
        ("Bryggkaffe", "Ett väldigt långt namn på kaffe", "product 1 (sku 1001)", "too many"),
        ("\"supply\"", "\"suply\"", "line ", "unknown field"),
    ] {
        let fault = fault_after(from, to);
        assert!(fault.item.starts_with(item), "{to}: {fault}");
        assert!(fault.what.contains(what), "{to}: {fault}");
    }
}

#[test]
fn a_price_list_of_twenty_thousand_products_is_read_whole() {
    let rows: Vec<String> = (0..20_000)
        .map(|number| {
            format!(
                "{{\"sku\":\"{number}\",\"name\":{{\"sv\":\"Vara {number}\",\"en\":\"Item {number}\"}},\"category\":\"c\",\
                 \"vat_class\":\"food\",\"prices\":[{{\"from\":\"2026-01-01\",\"SEK\":\"10.00\"}}]}}"
            )
        })
        .collect();
    let json = format!(
        "{{\"version\":1,\"categories\":[{{\"id\":\"c\",\"name\":{{\"sv\":\"C\",\"en\":\"C\"}},\"article_group\":6}}],\"products\":[{}]}}",
        rows.join(",")
    );
    let catalogue = read_catalogue(&json).expect("a good catalogue");
    assert_eq!(catalogue.products().len(), 20_000);
    assert!(catalogue.by_sku(&Sku::new("19999").expect("a SKU")).is_ok());
}

#[test]
fn stations_may_have_places_and_bad_ones_are_refused() {
    let demo = Provision::demo().timetable;
    let calls = demo.trains().iter().flat_map(|train| &train.calls);
    assert!(calls.clone().count() > 40);
    assert!(calls.into_iter().all(|call| demo.site(&call.station).is_some()), "every station of the demo has a place");
    let hallsberg = r#"{"code": "H", "latitude": "59.066", "longitude": "15.110"}"#;
    let fault = |row: &str| {
        let timetable = DEMO.timetable.replace(hallsberg, row);
        assert_ne!(timetable, DEMO.timetable);
        Provision::read(Sources { timetable: &timetable, ..DEMO }).expect_err(row).to_string()
    };
    for bad in ["", "north", "59,066", "59.", ".066", "+59.066", "--59", "91", "-90.000001", "59.0660001", "1059.0"] {
        let said = fault(&hallsberg.replace("59.066", bad));
        assert!(said.starts_with(&format!("timetable.json, station 4 (H): latitude {bad:?} is none. Write degrees like")), "{said}");
    }
    assert!(fault(&hallsberg.replace("15.110", "180.1")).contains("longitude \"180.1\" is none"));
    assert!(fault(&hallsberg.replace("\"H\"", "\"Hx\"")).contains("no train calls there"));
    assert!(fault(&hallsberg.replace("\"H\"", "\"Cst\"")).contains("stands there twice"));
    let swapped = fault(&hallsberg.replace("59.066", "15.110").replace("\"15.110\"}", "\"59.066\"}"));
    assert!(swapped.contains("Katrineholm C and Hallsberg are") && swapped.contains("too far for the time between them"), "{swapped}");
}

#[test]
fn a_text_that_a_terminal_would_obey_is_refused_in_every_file_and_its_row_is_named() {
    let product = fault_after("Bryggkaffe", "Brygg\\u001b[2Kkaffe");
    assert_eq!(product.item, "product 1 (sku 1001)");
    assert!(product.what.starts_with("name.sv \"Brygg\\u{1b}[2Kkaffe\" has a control character"), "{product}");
    for hidden in ["\\u0000", "\\r", "\\n", "\\u009b", "\\u202e", "\\u2066", "\u{202e}"] {
        let company = DEMO.operator.replacen("\"company\": \"", &format!("\"company\": \"{hidden}"), 1);
        let fault = read_operator(&company).expect_err("the company is refused");
        assert!(fault.item == "the operator" && fault.what.starts_with("company "), "{fault}");
        assert!(fault.to_string().chars().all(|char| !char.is_control() && char != '\u{202e}'), "{fault}");
        let address = DEMO.operator.replacen("\"address\": [\"", &format!("\"address\": [\"{hidden}"), 1);
        assert!(read_operator(&address).expect_err("the address is refused").what.starts_with("address "), "{hidden}");
        let crew = DEMO.crew.replacen("\"name\": \"", &format!("\"name\": \"{hidden}"), 1);
        let fault = Roster::read(&crew).expect_err("the name is refused");
        assert!(fault.item.starts_with("crew member 1 (") && fault.what.starts_with("name "), "{fault}");
        let calls = DEMO.timetable.replacen("\"station\": \"", &format!("\"station\": \"{hidden}"), 1);
        let fault = Timetable::read(&calls).expect_err("the station is refused");
        assert!(fault.item.starts_with("train 1 (") && fault.what.starts_with("calls.station "), "{fault}");
    }
    let unknown = fault_after("\"version\"", "\"ver\\u001bsion\"");
    assert!(unknown.what.contains("a field is named \"ver\\u{1b}sion\""), "{unknown}");
}
