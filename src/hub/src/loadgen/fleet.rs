//! Tills that are not there: keys, and entries as a till writes them, chained and signed.

use chrono::NaiveDate;
use domain::{
    Currency, Money,
    catalogue::{ProductKind, Sku},
    sale::{ClosedSale, Offer, OpenSale, Tendered, Terms},
    trip::TrainNo,
    vat::{Country, VatTable},
};
use journal::{CardAnswer, CardPurpose, ClockTrust, Context, Entry, Fact, Head, LogKey, LogOpened, Stamp, TillStarted, TripStarted};
use sha2::{Digest as _, Sha256};
use till::data::Provision;
use wire::{Batch, Bytes32, Report};

use crate::failure::Failure;

const PROGRAM: &str = concat!("loadgen ", env!("CARGO_PKG_VERSION"));
const TRAIN: &str = "171";
const CREW: &str = "101";
/// The day that all of it is sold on.
const DAY: NaiveDate = NaiveDate::from_ymd_opt(2026, 6, 15).expect("a day");
/// Six in the morning in Stockholm on that day.
const MORNING_S: i64 = 1_781_496_000;
const SUMMER_MIN: i16 = 120;
const FLOAT_MINOR: i64 = 100_000;
/// The most seconds between two customers.
const PAUSE_S: u64 = 90;

/// What every till sells by.
pub(super) struct Goods {
    provision: Provision,
    vat: VatTable,
    skus: Vec<Sku>,
}

impl Goods {
    /// The built-in demo's.
    pub(super) fn demo() -> Self {
        let provision = Provision::demo();
        // What is not weighed, and what nobody asks an age for.
        let plain = provision
            .catalogue
            .products()
            .iter()
            .filter(|product| product.kind == ProductKind::Goods && product.item_key.is_none() && !product.sold_out);
        let skus = plain.filter(|product| product.age_limit.is_none()).map(|product| product.sku.clone()).collect();
        Self { provision, vat: VatTable::nordic_2026(), skus }
    }
}

/// One till.
pub(super) struct Till {
    pub(super) unit: String,
    pub(super) key: LogKey,
    dice: Dice,
    seq: u64,
    wall_ms: u64,
    receipts: u64,
    head: Head,
    trip: Option<u64>,
}

impl Till {
    /// The till with this number in a fleet that grew from `seed`.
    pub(super) fn new(number: u32, seed: &[u8; 32]) -> Self {
        let seed: [u8; 32] = Sha256::new().chain_update(seed).chain_update(number.to_be_bytes()).finalize().into();
        let key = LogKey::from_seed(&seed);
        let head = Head::of_log(&key.log_id());
        let dice = Dice(seed.iter().take(8).fold(0, |number, byte| (number << 8) | u64::from(*byte)));
        let wall_ms = MORNING_S.unsigned_abs() * 1000;
        Self { unit: format!("load{number:05}"), key, dice, seq: 0, wall_ms, receipts: 0, head, trip: None }
    }

    /// The next batch of so many sales, encoded. The first one also says how the day began.
    pub(super) fn batch(&mut self, goods: &Goods, sales: u32) -> Result<Prepared, Failure> {
        let (first_seq, prev) = (self.seq + 1, self.head);
        let mut entries = Vec::new();
        if self.seq == 0 {
            self.morning(goods, &mut entries)?;
        }
        for _ in 0..sales {
            self.sell(goods, &mut entries)?;
        }
        let plain_bytes = entries.iter().map(Vec::len).sum();
        let count = entries.len();
        let proof = self.key.sign(self.seq, &self.head);
        let report = Report {
            wall_s: self.wall_s(),
            clock_trust: 3,
            program: PROGRAM.into(),
            last_seq: self.seq,
            place: Some("Demo".into()),
            ..Report::default()
        };
        let (prev, head) = (Bytes32(prev.0), Bytes32(self.head.0));
        let batch = Batch { public: proof.public, first_seq, prev, entries, head, signature: proof.signature, report };
        Ok(Prepared { bytes: batch.encode(), last_seq: self.seq, sales, entries: count, plain_bytes })
    }

    fn wall_s(&self) -> i64 {
        i64::try_from(self.wall_ms / 1000).unwrap_or(i64::MAX)
    }

    fn write(&mut self, fact: Fact, entries: &mut Vec<Vec<u8>>) {
        self.seq += 1;
        let morning_ms = MORNING_S.unsigned_abs() * 1000;
        let uptime_ms = self.wall_ms - morning_ms + 5_000;
        let stamp = Stamp { wall_s: self.wall_s(), offset_min: SUMMER_MIN, boot: 1, uptime_ms, trust: ClockTrust::Rtc };
        let context = Context {
            trip: self.trip,
            leg: self.trip.map(|_| 0),
            shift: self.trip.map(|_| 1),
            crew: self.trip.map(|_| CREW.into()),
            reason: None,
        };
        let bytes = Entry::new(self.seq, stamp, context, fact).encode();
        self.head = self.head.next(&bytes);
        entries.push(bytes);
    }

    fn morning(&mut self, goods: &Goods, entries: &mut Vec<Vec<u8>>) -> Result<(), Failure> {
        let unit = self.unit.clone();
        let register = format!("{unit}-1");
        let opened = LogOpened { public: self.key.public(), unit, register, program: PROGRAM.into(), previous: None };
        let train = TrainNo::parse(TRAIN).map_err(|_| fault("train"))?;
        let trip = goods.provision.timetable.trip(&train, DAY).map_err(|refusal| fault(refusal.code()))?;
        self.write(Fact::LogOpened(opened), entries);
        self.write(Fact::TillStarted(TillStarted { program: PROGRAM.into(), catalogue_version: 1, clock_suspect: false }), entries);
        self.write(Fact::CrewSignedIn(CREW.into()), entries);
        self.write(Fact::TripStarted(TripStarted { trip, catalogue_version: 1 }), entries);
        self.trip = Some(self.seq);
        self.write(Fact::ShiftOpened(1, FLOAT_MINOR), entries);
        Ok(())
    }

    /// One customer: one to four lines, six in ten by card.
    fn sell(&mut self, goods: &Goods, entries: &mut Vec<Vec<u8>>) -> Result<(), Failure> {
        self.wall_ms += 5_000 + self.dice.below(PAUSE_S * 1000);
        let terms = Terms { currency: Currency::Sek, country: Country::Se, on: DAY, training: false };
        let mut sale = OpenSale::new(terms);
        let offer = Offer { catalogue: &goods.provision.catalogue, vat: &goods.vat };
        for _ in 0..self.dice.below(4) + 1 {
            let place = usize::try_from(self.dice.below(goods.skus.len() as u64)).unwrap_or_default();
            sale.add(offer, &goods.skus[place], 1).map_err(|refusal| fault(refusal.code()))?;
        }
        self.receipts += 1;
        let closed = if self.dice.below(10) < 6 { self.by_card(sale, entries) } else { self.in_cash(sale) }?;
        self.write(Fact::SaleClosed(Box::new(closed)), entries);
        Ok(())
    }

    fn in_cash(&mut self, mut sale: OpenSale) -> Result<ClosedSale, Failure> {
        let due = sale.due_in_cash().minor();
        let note = 10_000;
        let given = if self.dice.below(2) == 0 { due } else { (due / note + 1) * note };
        let tendered = sale.tender_cash(Money::new(given, Currency::Sek));
        settle(sale, tendered, self.receipts)
    }

    fn by_card(&mut self, mut sale: OpenSale, entries: &mut Vec<Vec<u8>>) -> Result<ClosedSale, Failure> {
        let amount = sale.due();
        let log = self.key.log_id().to_string();
        let reference = format!("{}-{}", log.get(..8).unwrap_or_default(), self.seq + 1);
        self.write(Fact::CardRequested(reference.clone(), amount.minor(), CardPurpose::Sale), entries);
        self.wall_ms += 2_000 + self.dice.below(7_000);
        let slip = format!("Demo Card ************{:04} {}", self.dice.below(10_000), self.dice.letters(6));
        self.write(Fact::CardAnswered(reference.clone(), CardAnswer::Approved(slip.clone())), entries);
        let tendered = sale.tender_card(amount, &reference, &slip);
        settle(sale, tendered, self.receipts)
    }
}

fn settle(sale: OpenSale, tendered: Result<Tendered, domain::Refusal>, receipt_no: u64) -> Result<ClosedSale, Failure> {
    match tendered.map_err(|refusal| fault(refusal.code()))? {
        Tendered::Settled { rounding, change } => Ok(sale.close(receipt_no, rounding, change)),
        Tendered::Due(_) => Err(fault("still due")),
    }
}

fn fault(what: &str) -> Failure {
    Failure::Refused(format!("The demo's goods cannot be sold: {what}."))
}

/// A batch ready to be sent.
pub(super) struct Prepared {
    /// Encoded.
    pub(super) bytes: Vec<u8>,
    /// What the hub is to acknowledge.
    pub(super) last_seq: u64,
    pub(super) sales: u32,
    pub(super) entries: usize,
    /// The entries as the till keeps them.
    pub(super) plain_bytes: usize,
}

/// Numbers that look random, from a seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit
    }

    fn letters(&mut self, count: usize) -> String {
        (0..count)
            .map(|_| char::from_digit(u32::try_from(self.below(36)).unwrap_or_default(), 36).unwrap_or('0').to_ascii_uppercase())
            .collect()
    }
}
