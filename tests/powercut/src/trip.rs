//! A trip's worth of work, and what it must add up to.

use chrono::NaiveDate;
use domain::{
    Currency,
    catalogue::{CategoryId, ProductKind, Sku},
    report::GrandTotals,
    sale::{ClosedSale, Line, LineNo, SaleKind, Tender, TenderKind, Voided, vat_sums},
    trip::{Call, DayTime, Exchange, Station, TrainNo},
    vat::{Country, Supply, VatClass, VatRate},
};
use journal::{
    BundleInstalled, CardAnswer, CardPurpose, ClockTrust, Context, DrawerOpening, Entry, Fact, Head, LogId, LogKey, LogOpened, ShiftClosed,
    Stamp, TillStarted, TripStarted,
};
use store::{Batch, Durability, Fault, Job, JobChange, JobId, JobState, KeptChange, NewBundle, NewJob, Store};

use crate::cut::Dice;

/// The name under which the till keeps the sale that is being made.
pub const OPEN_SALE: &str = "open_sale";
/// Sales of a trip.
pub const SALES: usize = 36;

/// One thing that the till asks of its store.
#[derive(Clone, Debug)]
pub enum Step {
    /// A log is begun.
    Begin([u8; 32], Vec<u8>),
    /// A batch is committed.
    Commit(Batch, Durability),
    /// What is relaxed is flushed.
    Settle,
    /// The write-ahead log moves into the database.
    Checkpoint,
}

impl Step {
    /// Whether everything up to here must survive once the call has returned.
    #[must_use]
    pub const fn is_durable(&self) -> bool {
        matches!(self, Self::Begin(..) | Self::Commit(_, Durability::Durable) | Self::Settle)
    }

    /// Does it.
    ///
    /// # Errors
    /// The store's [`Fault`].
    pub fn take(&self, store: &mut Store) -> Result<(), Fault> {
        match self {
            Self::Begin(seed, entry) => store.begin_log(*seed, entry).map(|_| ()),
            Self::Commit(batch, durability) => store.commit(batch, *durability).map(|_| ()),
            Self::Settle => store.settle(),
            Self::Checkpoint => store.checkpoint(),
        }
    }
}

/// What a store must hold, kept beside it and never read from it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// The last entry.
    pub seq: u64,
    /// The head after it; `None` before the log began.
    pub head: Option<Head>,
    /// Closed sales among the entries.
    pub sales: u64,
    /// The sale being made.
    pub open_sale: Option<Vec<u8>>,
    /// The last print job.
    pub job_last: u64,
    /// Print jobs that are not printed.
    pub jobs: Vec<Job>,
    /// Bundles that are held: version and bytes.
    pub bundles: Vec<(u64, Vec<u8>)>,
}

impl Account {
    /// What a store says of itself.
    ///
    /// # Errors
    /// The store's [`Fault`].
    pub fn of(store: &Store) -> Result<Self, Fault> {
        let mut found = Self { seq: store.seq(), head: store.log().map(|_| store.head()), ..Self::default() };
        found.open_sale = store.kept(OPEN_SALE)?;
        let books = store.books();
        found.sales = books.receipt_no;
        found.job_last = store.job_last().0;
        found.jobs = store.unfinished_jobs()?;
        for bundle in store.bundles()? {
            found.bundles.push((bundle.version, store.bundle_bytes(bundle.no)?.unwrap_or_default()));
        }
        Ok(found)
    }

    fn take(&mut self, step: &Step) {
        match step {
            Step::Begin(seed, entry) => {
                let head = Head::of_log(&log_of(seed)).next(entry);
                (self.seq, self.head) = (1, Some(head));
            }
            Step::Commit(batch, _) => self.take_batch(batch),
            Step::Settle | Step::Checkpoint => {}
        }
    }

    fn take_batch(&mut self, batch: &Batch) {
        for bytes in &batch.entries {
            self.seq += 1;
            self.head = self.head.map(|head| head.next(bytes));
            let fact = Entry::decode(bytes).map(|entry| entry.fact);
            self.sales += u64::from(matches!(fact, Ok(Fact::SaleClosed(_))));
        }
        for job in &batch.new_jobs {
            self.job_last += 1;
            let job_id = JobId(self.job_last);
            self.jobs.push(Job { job_id, seq: job.seq, kind: job.kind, state: JobState::Queued, attempt: 0 });
        }
        for change in &batch.job_changes {
            for job in self.jobs.iter_mut().filter(|job| job.job_id == change.job_id) {
                (job.state, job.attempt) = (change.state, change.attempt);
            }
        }
        self.jobs.retain(|job| job.state != JobState::Printed);
        for change in batch.kept.iter().filter(|change| change.name == OPEN_SALE) {
            self.open_sale.clone_from(&change.bytes);
        }
        if let Some(bundle) = &batch.bundle {
            self.bundles = vec![(bundle.version, bundle.bytes.clone())];
        }
    }
}

fn log_of(seed: &[u8; 32]) -> LogId {
    LogKey::from_seed(seed).log_id()
}

/// Steps, and the account after each of them.
#[derive(Clone, Debug)]
pub struct Trip {
    /// What happens.
    pub steps: Vec<Step>,
    /// `accounts[n]` stands after the first `n` steps.
    pub accounts: Vec<Account>,
}

impl Trip {
    /// A trip from a seed: sign-in, train, shift, sales with drafts and print jobs, a checkpoint under way, a Z report.
    #[must_use]
    pub fn ride(seed: u64) -> Self {
        let mut writer = Writer { seq: 0, jobs: 0, dice: Dice(seed), steps: Vec::new(), receipt_no: 0 };
        writer.set_out();
        for sale in 0..SALES {
            match sale {
                9 | 27 => writer.steps.push(Step::Checkpoint),
                14 => writer.fact(Fact::CashDropped(50_000)),
                20 => writer.fact(Fact::DrawerOpened(DrawerOpening::NoSale)),
                12 => writer.bundle(7),
                23 => writer.copy(),
                25 => writer.bundle(8),
                _ => {}
            }
            writer.sale(sale);
        }
        writer.arrive();
        let mut accounts = vec![Account::default()];
        for step in &writer.steps {
            let mut next = accounts.last().cloned().unwrap_or_default();
            next.take(step);
            accounts.push(next);
        }
        Self { steps: writer.steps, accounts }
    }
}

struct Writer {
    seq: u64,
    jobs: u64,
    receipt_no: u64,
    dice: Dice,
    steps: Vec<Step>,
}

impl Writer {
    fn entry(&mut self, fact: Fact) -> Vec<u8> {
        self.seq += 1;
        entry(self.seq, fact)
    }

    fn durable(&mut self, batch: Batch) {
        self.steps.push(Step::Commit(batch, Durability::Durable));
    }

    fn relaxed(&mut self, batch: Batch) {
        self.steps.push(Step::Commit(batch, Durability::Relaxed));
    }

    fn fact(&mut self, fact: Fact) {
        let entries = vec![self.entry(fact)];
        self.durable(Batch { entries, ..Batch::default() });
    }

    fn set_out(&mut self) {
        let mut seed = [0; 32];
        seed.fill_with(|| self.dice.roll().to_le_bytes()[0]);
        let public = LogKey::from_seed(&seed).public();
        let opened = LogOpened { public, unit: "0142".into(), register: "0142-1".into(), program: "powercut 1".into(), previous: None };
        let first = self.entry(Fact::LogOpened(opened));
        self.steps.push(Step::Begin(seed, first));
        self.fact(Fact::TillStarted(TillStarted { program: "powercut 1".into(), catalogue_version: 7, clock_suspect: false }));
        self.fact(Fact::PinRefused("astrid".into()));
        self.fact(Fact::CrewSignedIn("astrid".into()));
        self.fact(Fact::TripStarted(TripStarted { trip: a_trip(), catalogue_version: 7 }));
        self.fact(Fact::ShiftOpened(1, 50_000));
    }

    fn arrive(&mut self) {
        self.steps.push(Step::Settle);
        let closed = ShiftClosed {
            parked: domain::report::Tally::default(),
            z_no: 1,
            shift_no: 1,
            totals: domain::report::Totals::default(),
            grand: GrandTotals::default(),
            counted_minor: 80_000,
            expected_minor: 80_000,
            pieces: vec![(10_000, 8)],
            currency: Currency::Sek,
        };
        let entries = vec![self.entry(Fact::ZClosed(Box::new(closed)))];
        let new_jobs = vec![NewJob { seq: self.seq, kind: 2 }];
        self.jobs += 1;
        self.durable(Batch { entries, new_jobs, ..Batch::default() });
        self.fact(Fact::TripEnded);
        self.fact(Fact::CrewSignedOut("astrid".into()));
    }

    /// Drafts, a payment, the closed sale with its print job, and what the printer makes of it.
    fn sale(&mut self, number: usize) {
        let lines = 1 + self.dice.below(5);
        for line in 1..=lines {
            let mut draft = format!("draft {number} with {line} lines ").into_bytes();
            draft.resize(draft.len() + 90 * line, b'.');
            self.relaxed(Batch { kept: vec![KeptChange { name: OPEN_SALE, bytes: Some(draft) }], ..Batch::default() });
        }
        let card = self.dice.tenths(4);
        let reference = format!("ref-{number}");
        if card {
            self.fact(Fact::CardRequested(reference.clone(), 4_900, CardPurpose::Sale));
            self.fact(Fact::CardAnswered(reference, CardAnswer::Approved("**** 4242 auth 001122".into())));
        }
        self.receipt_no += 1;
        let mut sale = sale(self.receipt_no, lines, &mut self.dice);
        if number > 5 && number.is_multiple_of(11) {
            take_back(&mut sale, self.receipt_no - 3);
        }
        let entries = vec![self.entry(Fact::SaleClosed(Box::new(sale)))];
        let new_jobs = vec![NewJob { seq: self.seq, kind: 1 }];
        let kept = vec![KeptChange { name: OPEN_SALE, bytes: None }];
        self.durable(Batch { entries, new_jobs, kept, ..Batch::default() });
        self.jobs += 1;
        for state in [JobState::Sending, JobState::AwaitProof, JobState::Printed] {
            let job_changes = vec![JobChange { job_id: JobId(self.jobs), state, attempt: 1 }];
            self.relaxed(Batch { job_changes, ..Batch::default() });
        }
    }

    /// A bundle of several pages takes the place of the one before it.
    fn bundle(&mut self, version: u64) {
        let bytes = version.to_be_bytes().repeat(1_100);
        let sha256 = [7; 32];
        let entries = vec![self.entry(Fact::BundleInstalled(BundleInstalled { role: "prices".into(), version, sha256 }))];
        let bundle = NewBundle { role: "prices", version, min_root: 1, installed_at: 0, sha256, bytes, keeps: Vec::new() };
        self.durable(Batch { entries, bundle: Some(bundle), ..Batch::default() });
    }

    fn copy(&mut self) {
        let receipt_no = self.receipt_no - 1;
        let entries = vec![self.entry(Fact::CopyPrinted(false, receipt_no, 4_900, None))];
        let new_jobs = vec![NewJob { seq: self.seq, kind: 3 }];
        self.jobs += 1;
        self.durable(Batch { entries, new_jobs, ..Batch::default() });
    }
}

/// An entry at a place, with times that follow from it.
#[must_use]
pub fn entry(seq: u64, fact: Fact) -> Vec<u8> {
    let seconds = i64::try_from(seq).unwrap_or(0) * 40;
    let stamp = Stamp { wall_s: 1_780_000_000 + seconds, offset_min: 120, boot: 1, uptime_ms: seq * 40_000, trust: ClockTrust::Network };
    let context = Context { trip: Some(5), leg: Some(0), shift: Some(1), crew: Some("astrid".into()), reason: None };
    Entry::new(seq, stamp, context, fact).encode()
}

/// A closed sale of some lines.
#[must_use]
pub fn sale(receipt_no: u64, lines: usize, dice: &mut Dice) -> ClosedSale {
    let products = [("COFFEE", "Coffee, brewed", 2_900), ("SANDWICH-CHEESE", "Cheese sandwich", 5_900), ("WATER-50", "Water 50 cl", 2_400)];
    let lines: Vec<Line> = (1..)
        .take(lines)
        .map(|no| {
            let (sku, name, unit_minor) = products[dice.below(products.len())];
            Line {
                no: LineNo(no),
                sku: Sku::new(sku).unwrap_or_else(|refusal| panic!("{sku}: {refusal:?}")),
                name: name.into(),
                category: CategoryId("food".into()),
                kind: ProductKind::Goods,
                qty: 1 + i64::try_from(dice.below(3)).unwrap_or(0),
                unit_minor,
                vat_class: VatClass::Food,
                supply: Supply::TakeAway,
                rate: VatRate::from_basis_points(600),
                linked_to: None,
            }
        })
        .collect();
    let total: i64 = lines.iter().map(Line::gross_minor).sum();
    let tender = Tender { kind: TenderKind::Cash, amount_minor: total + 100, reference: "".into(), slip: "".into() };
    ClosedSale {
        receipt_no,
        training: false,
        kind: SaleKind::Sale,
        corrects: None,
        currency: Currency::Sek,
        country: Country::Se,
        vat: vat_sums(&lines),
        lines,
        rounding_minor: 0,
        tenders: vec![tender],
        change_minor: 100,
        voided: Voided::default(),
        control: None,
    }
}

/// Makes a sale the refund of another.
pub fn take_back(sale: &mut ClosedSale, corrects: u64) {
    sale.kind = SaleKind::Refund;
    sale.corrects = Some(corrects);
    sale.lines.iter_mut().for_each(|line| line.qty = -line.qty);
    sale.vat = vat_sums(&sale.lines);
    sale.tenders.iter_mut().for_each(|tender| tender.amount_minor = sale.lines.iter().map(Line::gross_minor).sum());
    sale.change_minor = 0;
}

fn a_trip() -> domain::trip::Trip {
    let call = |station: &str, arrival, departure| Call {
        station: Station { code: station.to_lowercase(), name: station.into() },
        country: Country::Se,
        arrival,
        departure,
        exchange: Exchange::Both,
    };
    let calls = vec![call("Alby C", None, Some(DayTime::from_hm(7, 10))), call("Borgvik", Some(DayTime::from_hm(9, 40)), None)];
    let day = NaiveDate::from_ymd_opt(2026, 6, 1).unwrap_or_default();
    let train = TrainNo::parse("421").unwrap_or_else(|refusal| panic!("a train number: {refusal:?}"));
    domain::trip::Trip::new(train, day, calls).unwrap_or_else(|error| panic!("a trip of two calls: {error}"))
}
