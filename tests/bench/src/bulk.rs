//! A till in this process: many sales quickly, and the Z report over them.

use std::{fs, path::Path, time::Instant};

use domain::{Currency, Money, catalogue::Sku};
use hw::printer::PrintOutcome;
use serde_json::{Value, json};
use store::{JobId, Options, Store};
use till::{Answer, Command, Till};
use till_app::{clock::Clock, config::Config};

use crate::{
    Outcome, Scale,
    durable::{median, millis},
    table::Table,
};

/// Where sales are made whose durability is not what is measured.
const MEMORY: &str = "/dev/shm";
/// Plenty for one sale.
const GIVEN: Money = Money::new(50_000, Currency::Sek);
/// The drawer's first content.
const FLOAT: Money = Money::new(100_000, Currency::Sek);

/// A till without devices, ready to sell.
pub struct Seller {
    till: Till,
    clock: Clock,
    products: u32,
    job: u64,
}

impl Seller {
    /// A till on `dir` with a catalogue of so many products, signed in, on a trip, with an open shift.
    pub fn open(dir: &Path, products: u32) -> Outcome<Self> {
        let config = Config::read(&write_config(dir, products)?)?;
        let clock = Clock::of_machine();
        let (store, opened) = Store::open(&dir.join("data"), Options::default())?;
        let till = Till::start(store, opened, config.setup()?, [7; 32], clock.now())?;
        let mut seller = Self { till, clock, products, job: 0 };
        seller.tell(Command::SignIn { crew: "101".into(), pin: "1101".into() })?;
        let operating_day = "2026-10-05".parse().map_err(|_| "no day")?;
        seller.tell(Command::StartTrip { train: "171".into(), operating_day })?;
        seller.tell(Command::OpenShift(FLOAT))?;
        Ok(seller)
    }

    fn tell(&mut self, command: Command) -> Outcome<Answer> {
        Ok(self.till.handle(command, self.clock.now())?)
    }

    /// One product, or two in every second sale.
    pub fn add(&mut self, turn: u32) -> Outcome<()> {
        for step in 0..=turn % 2 {
            let sku = Sku::new(&sku((turn + step) % self.products)).map_err(|refusal| refusal.code())?;
            self.tell(Command::Add { sku, qty: 1 })?;
        }
        Ok(())
    }

    /// Pays the open sale in cash.
    pub fn pay(&mut self) -> Outcome<()> {
        match self.tell(Command::PayCash(GIVEN))? {
            Answer::Paid(_) => Ok(()),
            other => Err(format!("a sale came to {other:?}").into()),
        }
    }

    /// Has the receipt printed: its states, without a printer.
    pub fn print(&mut self) -> Outcome<()> {
        self.till.take_effects();
        self.job += 1;
        let job_id = JobId(self.job);
        self.till.job_begins(job_id)?;
        self.tell(Command::JobEnded { job_id, outcome: PrintOutcome::Printed })?;
        Ok(())
    }

    fn sell(&mut self, sales: u32) -> Outcome<()> {
        for turn in 0..sales {
            self.add(turn)?;
            self.pay()?;
            self.print()?;
        }
        Ok(())
    }

    fn z_report(&mut self) -> Outcome<()> {
        self.tell(Command::ZReport { counted: FLOAT, pieces: Vec::new() })?;
        Ok(())
    }
}

/// Median time of a Z report over a shift.
pub fn z_report(dir: &Path, scale: Scale, table: &mut Table) -> Outcome<()> {
    let mut seller = Seller::open(&dir.join("z"), 60)?;
    let mut times = Vec::new();
    for _ in 0..scale.repeats {
        seller.sell(scale.shift_sales)?;
        let began = Instant::now();
        seller.z_report()?;
        times.push(began.elapsed());
        seller.job += 1;
        seller.tell(Command::OpenShift(FLOAT))?;
    }
    let what = format!("Z report over {} sales, median of {}", scale.shift_sales, scale.repeats);
    table.shown(what, millis(median(&mut times)), "one durable commit", "< 100 ms");
    Ok(())
}

/// Makes a folder `data` with so many entries below `dir`, and a configuration with so many products beside it.
pub fn large_store(dir: &Path, scale: Scale) -> Outcome<()> {
    let fast = if Path::new(MEMORY).is_dir() { Some(tempfile::tempdir_in(MEMORY)?) } else { None };
    let place = fast.as_ref().map_or(dir, |fast| fast.path());
    let mut seller = Seller::open(place, scale.products)?;
    let mut turn = 0;
    while seller.till.store().seq() < scale.entries {
        seller.add(turn)?;
        seller.pay()?;
        seller.print()?;
        turn += 1;
    }
    seller.till.settle()?;
    drop(seller);
    if fast.is_some() {
        copy(place, dir)?;
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Outcome<()> {
    fs::create_dir_all(to)?;
    for item in fs::read_dir(from)? {
        let item = item?;
        let target = to.join(item.file_name());
        if item.file_type()?.is_dir() {
            copy(&item.path(), &target)?;
        } else {
            fs::copy(item.path(), &target)?;
            fs::File::open(&target)?.sync_all()?;
        }
    }
    Ok(())
}

fn sku(number: u32) -> String {
    format!("B{number:06}")
}

/// Writes a catalogue of invented products and a configuration that names it.
pub fn write_config(dir: &Path, products: u32) -> Outcome<std::path::PathBuf> {
    const CATEGORIES: u32 = 6;
    let named = |name: String| json!({"sv": name, "en": name});
    let category =
        |number: u32| json!({"id": format!("c{number}"), "name": named(format!("Category {number}")), "article_group": number + 1});
    let product = |number: u32| {
        json!({
            "sku": sku(number), "name": named(format!("Product {number}")), "category": format!("c{}", number % CATEGORIES), "vat_class": "food",
            "gtin": gtin(number), "prices": [{"from": "2026-01-01", "SEK": format!("{}.00", 10 + number % 90)}],
        })
    };
    let catalogue: Value = json!({
        "version": 1,
        "categories": (0..CATEGORIES).map(category).collect::<Vec<_>>(),
        "products": (0..products).map(product).collect::<Vec<_>>(),
    });
    fs::create_dir_all(dir)?;
    fs::write(dir.join("catalogue.json"), catalogue.to_string())?;
    let config = dir.join("config.toml");
    fs::write(&config, "catalogue = \"catalogue.json\"\n")?;
    Ok(config)
}

/// A barcode with the prefix that GS1 keeps for demonstrations.
fn gtin(number: u32) -> String {
    let digits = format!("952{number:09}");
    let sum: u32 = digits.bytes().zip([1, 3].into_iter().cycle()).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    format!("{digits}{}", (10 - sum % 10) % 10)
}
