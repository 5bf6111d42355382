//! A made-up till for tests and benches, whose entries are told one by one. Its books are the till's own fold of them.

use chrono::NaiveDate;
use domain::{
    Currency, Money,
    catalogue::{CategoryId, ProductKind, Sku},
    sale::{ClosedSale, Line, LineNo, OpenSale, RefundScope, SaleKind, Tendered, Terms, refund},
    trip::{Call, DayTime, Exchange, Station, TrainNo, Trip},
    vat::{Country, Supply, VatClass, VatRate},
};
use journal::{Books, Context, Entry, Fact, Head, LogId, LogKey, LogOpened, ShiftClosed, Stamp, TripStarted};
use wire::{Batch, Bytes32, EnrolRequest, Report, Token};

use crate::{Appended, HubStore};

/// 2026-06-15, half past twelve in Stockholm.
pub const NOON_S: i64 = 1_781_519_400;
/// The operating day of its trips, as a number that reads as a date.
pub const DAY: i64 = 20_260_615;
const OFFSET_MIN: i16 = 120;

/// What it sells: SKU, name, price, rate, category.
pub const PRODUCTS: [(&str, &str, i64, u32, &str); 4] = [
    ("1001", "Demo coffee", 2_950, 1_200, "hot"),
    ("1002", "Demo bun", 3_550, 1_200, "food"),
    ("2001", "Demo beer", 6_900, 2_500, "bar"),
    ("9001", "Demo map", 5_025, 600, "other"),
];

/// A made-up till.
#[derive(Clone)]
pub struct MadeTill {
    seed: [u8; 32],
    /// The unit's label.
    pub unit: String,
    /// The bytes of its entries.
    pub entries: Vec<Vec<u8>>,
    /// What they add up to.
    pub books: Books,
    /// Its clock, a minute further with each entry.
    pub wall_s: i64,
    /// The leg it is on.
    pub leg: Option<u16>,
    /// What it sold.
    pub sales: Vec<ClosedSale>,
    /// Training mode.
    pub practice: bool,
    /// The hub's clock when it sends.
    pub received_s: i64,
}

impl MadeTill {
    /// A till that has written its first entry.
    #[must_use]
    pub fn new(seed: u8, unit: &str) -> Self {
        let mut till = Self {
            seed: [seed; 32],
            unit: unit.into(),
            entries: Vec::new(),
            books: Books::default(),
            wall_s: NOON_S,
            leg: None,
            sales: Vec::new(),
            practice: false,
            received_s: NOON_S,
        };
        let public = till.key().public();
        let (register, program) = (format!("{unit}-1"), "till made-up".to_owned());
        till.tell(Fact::LogOpened(LogOpened { public, unit: unit.into(), register, program, previous: None }));
        till
    }

    /// Its key.
    #[must_use]
    pub fn key(&self) -> LogKey {
        LogKey::from_seed(&self.seed)
    }

    /// Its log.
    #[must_use]
    pub fn log(&self) -> LogId {
        self.key().log_id()
    }

    /// Its last entry.
    #[must_use]
    pub fn seq(&self) -> u64 {
        self.entries.len() as u64
    }

    /// Writes a fact. Answers its place.
    pub fn tell(&mut self, fact: Fact) -> u64 {
        self.wall_s += 60;
        let stamp = Stamp { wall_s: self.wall_s, offset_min: OFFSET_MIN, boot: 1, uptime_ms: 1, trust: journal::ClockTrust::Network };
        let context = Context {
            trip: self.books.trip.as_ref().map(|trip| trip.seq),
            leg: self.leg,
            shift: self.books.shift.as_ref().map(|shift| shift.no),
            crew: self.books.crew.clone(),
            reason: None,
        };
        let entry = Entry::new(self.seq() + 1, stamp, context, fact);
        if let Fact::SaleClosed(sale) = &entry.fact {
            self.sales.push((**sale).clone());
        }
        self.books.apply(&entry);
        self.entries.push(entry.encode());
        self.seq()
    }

    /// Bytes that are no entry, in its place.
    ///
    /// # Panics
    /// Beyond 255 entries.
    pub fn garble(&mut self) {
        self.entries.push(vec![0xff, u8::try_from(self.seq()).expect("a short log")]);
    }

    /// Signs in, starts a trip, opens a shift.
    pub fn begin(&mut self, train: &str) {
        self.tell(Fact::CrewSignedIn("101".into()));
        self.start_trip(train);
        self.tell(Fact::ShiftOpened(self.books.shift_no + 1, 100_000));
    }

    /// Starts a trip of three calls.
    ///
    /// # Panics
    /// For a train that cannot be.
    pub fn start_trip(&mut self, train: &str) {
        let stations = [("A", "Aby"), ("B", "Boda"), ("C", "Charlottenberg")];
        let call = |(place, (code, name)): (i32, (&str, &str))| Call {
            station: Station { code: code.into(), name: name.into() },
            country: Country::Se,
            arrival: Some(DayTime::from_minutes(600 + place * 60)),
            departure: Some(DayTime::from_minutes(605 + place * 60)),
            exchange: Exchange::Both,
        };
        let calls = (0..).zip(stations).map(call).collect();
        let day = NaiveDate::from_ymd_opt(2026, 6, 15).expect("a day");
        let trip = Trip::new(TrainNo::parse(train).expect("a train"), day, calls).expect("a trip");
        self.tell(Fact::TripStarted(TripStarted { trip, catalogue_version: 1 }));
        self.leg = Some(0);
    }

    /// Ends it.
    pub fn end_trip(&mut self) {
        self.tell(Fact::TripEnded);
        self.leg = None;
    }

    /// Sells pieces of [`PRODUCTS`]; so much of it by card, the rest in cash.
    ///
    /// # Panics
    /// When that is no sale.
    pub fn sell(&mut self, lines: &[(usize, i64)], card_minor: i64) -> u64 {
        let day = NaiveDate::from_ymd_opt(2026, 6, 15).expect("a day");
        let mut sale = OpenSale::new(Terms { currency: Currency::Sek, country: Country::Se, on: day, training: self.practice });
        for (no, (product, qty)) in (1..).zip(lines) {
            let (sku, name, unit_minor, rate, category) = PRODUCTS[*product];
            sale.lines.push(Line {
                no: LineNo(no),
                sku: Sku::new(sku).expect("a SKU"),
                name: name.into(),
                category: CategoryId(category.into()),
                kind: ProductKind::Goods,
                qty: *qty,
                unit_minor,
                vat_class: VatClass::Food,
                supply: Supply::TakeAway,
                rate: VatRate::from_basis_points(rate),
                linked_to: None,
            });
        }
        sale.next_line = u32::try_from(lines.len()).expect("few lines") + 1;
        let total = sale.total().minor();
        let mut settled = (Money::zero(Currency::Sek), Money::zero(Currency::Sek));
        if card_minor > 0 {
            sale.tender_card(Money::new(card_minor.min(total), Currency::Sek), "made-up-1", "Demo VISA 1234").expect("a card pays");
        }
        if sale.due().minor() > 0 {
            let given = Money::new((sale.due().minor() + 9_999) / 10_000 * 10_000, Currency::Sek);
            if let Tendered::Settled { rounding, change } = sale.tender_cash(given).expect("cash pays") {
                settled = (rounding, change);
            }
        }
        let number = if self.practice { self.books.training_no } else { self.books.receipt_no } + 1;
        let closed = sale.close(number, settled.0, settled.1);
        self.tell(Fact::SaleClosed(Box::new(closed)))
    }

    /// Takes a receipt back, in full, as far as this till knows.
    pub fn refund(&mut self, receipt_no: u64) -> Option<u64> {
        let original = self.sales.iter().find(|sale| sale.receipt_no == receipt_no && !sale.training)?.clone();
        let before: Vec<ClosedSale> = self.sales.iter().filter(|sale| sale.corrects == Some(receipt_no)).cloned().collect();
        let back = refund(&original, &before, RefundScope::Rest, SaleKind::Refund, self.books.receipt_no + 1, "made-up-2").ok()?;
        Some(self.tell(Fact::SaleClosed(Box::new(back))))
    }

    /// Closes the shift with a count that fits.
    pub fn z(&mut self) -> u64 {
        let totals = self.books.totals.clone();
        let closed = ShiftClosed {
            z_no: self.books.z_no + 1,
            shift_no: self.books.shift_no,
            counted_minor: totals.drawer_minor(),
            expected_minor: totals.drawer_minor(),
            totals,
            grand: self.books.grand,
            parked: domain::report::Tally::default(),
            pieces: Vec::new(),
            currency: Currency::Sek,
        };
        self.tell(Fact::ZClosed(Box::new(closed)))
    }

    /// Makes the log known to the hub.
    ///
    /// # Panics
    /// When the hub says no.
    pub fn enrol(&self, store: &HubStore) {
        let token = Token { secret: self.seed[..16].try_into().expect("half a seed"), pin: [0; 16] };
        store.new_token(&self.unit, &token.secret, "test", NOON_S).expect("a token");
        let public = Bytes32(self.key().public());
        let request = EnrolRequest { token: token.to_string(), public, unit: None, board: None, program: "till made-up".into() };
        store.enrol(&request, NOON_S).expect("enrolled");
    }

    /// Sends the entries from `first_seq` to `last_seq`.
    ///
    /// # Panics
    /// When the hub says no.
    pub fn send(&self, store: &HubStore, first_seq: u64, last_seq: u64) {
        let at = |seq: u64| usize::try_from(seq).expect("small");
        let follow = |head: Head, entries: &[Vec<u8>]| entries.iter().fold(head, |head, bytes| head.next(bytes));
        let prev = follow(Head::of_log(&self.log()), &self.entries[..at(first_seq - 1)]);
        let entries = self.entries[at(first_seq - 1)..at(last_seq)].to_vec();
        let head = follow(prev, &entries);
        let signature = self.key().sign(last_seq, &head).signature;
        let (prev, head) = (Bytes32(prev.0), Bytes32(head.0));
        let batch = Batch { public: self.key().public(), first_seq, prev, entries, head, signature, report: Report::default() };
        let appended = store.append(&batch, self.received_s).expect("the hub takes it");
        assert!(matches!(appended, Appended::Taken(_)), "{appended:?}");
    }

    /// Sends everything.
    ///
    /// # Panics
    /// When the hub says no.
    pub fn send_all(&self, store: &HubStore) {
        self.send(store, 1, self.seq());
    }
}
