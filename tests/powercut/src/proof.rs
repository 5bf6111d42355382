//! Cuts a recorded trip everywhere and judges what is left.

use std::{fmt, path::Path};

use store::{
    Durability, Fault, Mutant, Options, Store,
    crash::{self, Disk, Op},
};

use crate::{
    cut::{Card, Dice, Player},
    trip::{Account, Step, Trip},
};

/// The folder on the disk in memory.
pub const FOLDER: &str = "data";
/// Small enough that a trip runs through several rounds of the write-ahead log, with old frames behind the live ones.
const CHECKPOINT_PAGES: u32 = 60;
const PREGROW_PAGES: u32 = 40;
/// One state in so many is sold on to the end of the trip; the others take one more step.
const TO_THE_END_ONE_IN: usize = 64;

/// How the store under test is opened.
#[must_use]
pub fn options(mutant: Option<Mutant>) -> Options {
    Options { vfs: Some(crash::VFS.into()), pregrow_pages: PREGROW_PAGES, checkpoint_pages: CHECKPOINT_PAGES, mutant, ..Options::default() }
}

/// What was found in all the states.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Disks that were opened and judged.
    pub states: u64,
    /// An acknowledged step was gone.
    pub lost: u64,
    /// The most closed sales that were gone at once.
    pub lost_sales_max: u64,
    /// A sale stood there twice, or one that was never made.
    pub doubled: u64,
    /// A step was there in part, and the store did not notice.
    pub torn: u64,
    /// Every entry stood whole, but the draft or the print jobs beside it were older. Only a bad card does that.
    pub stale: u64,
    /// The store found the database damaged, or could not sell on.
    pub damaged: u64,
    /// A step was kept that had not been acknowledged yet. That is allowed.
    pub kept_though_unacked: u64,
    /// The store repaired projections.
    pub repaired: u64,
    /// The first failure in words.
    pub first: Option<String>,
}

impl Counts {
    /// States that break the promise.
    #[must_use]
    pub const fn bad(&self) -> u64 {
        self.lost + self.doubled + self.torn + self.stale + self.damaged
    }

    /// Adds another count to this one.
    pub fn add(&mut self, other: Self) {
        self.states += other.states;
        self.lost += other.lost;
        self.lost_sales_max = self.lost_sales_max.max(other.lost_sales_max);
        self.doubled += other.doubled;
        self.torn += other.torn;
        self.stale += other.stale;
        self.damaged += other.damaged;
        self.kept_though_unacked += other.kept_though_unacked;
        self.repaired += other.repaired;
        if self.first.is_none() {
            self.first = other.first;
        }
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} states: {} lost (at most {} sales), {} doubled, {} torn, {} stale, {} damaged; {} kept though unacknowledged, {} repaired",
            self.states,
            self.lost,
            self.lost_sales_max,
            self.doubled,
            self.torn,
            self.stale,
            self.damaged,
            self.kept_though_unacked,
            self.repaired
        )?;
        self.first.as_ref().map_or(Ok(()), |first| write!(f, "\n  first: {first}"))
    }
}

/// How far the till had come at a cut, in steps.
#[derive(Clone, Copy, Debug, Default)]
pub struct Progress {
    /// So many steps were acknowledged as durable.
    pub acked: usize,
    /// So many were begun.
    pub begun: usize,
}

impl Progress {
    /// Takes note of a mark.
    pub fn note(&mut self, op: &Op) {
        match op {
            Op::Ack(steps) => self.acked = self.acked.max(*steps),
            Op::Begin(steps) => self.begun = self.begun.max(*steps),
            _ => {}
        }
    }
}

/// A trip as it was written to the disk.
pub struct Recording {
    /// The trip.
    pub trip: Trip,
    /// The disk before.
    pub base: Disk,
    /// Every write, and marks for what was begun and acknowledged.
    pub trace: Vec<Op>,
    options: Options,
    seed: u64,
}

impl Recording {
    /// Rides a trip on an empty disk, from the first boot on.
    ///
    /// # Panics
    /// When the trip does not work even without a cut.
    #[must_use]
    pub fn of(seed: u64, mutant: Option<Mutant>, ack_early: bool) -> Self {
        crash::register();
        crash::seed_salts(u16::try_from(seed % 60_000).unwrap_or(0));
        crash::put(Disk::default());
        crash::record(true);
        let trip = Trip::ride(seed);
        let options = options(mutant);
        let opened = Store::open(Path::new(FOLDER), options.clone());
        let (mut store, _) = opened.unwrap_or_else(|fault| panic!("seed {seed}: a first boot: {fault}"));
        for (number, step) in (1..).zip(&trip.steps) {
            let taken = take_marked(&mut store, step, number, ack_early);
            taken.unwrap_or_else(|fault| panic!("seed {seed}: step {number}: {fault}"));
        }
        let found = Account::of(&store).unwrap_or_else(|fault| panic!("seed {seed}: {fault}"));
        assert_eq!(Some(&found), trip.accounts.last(), "seed {seed}: the trip adds up without a cut");
        drop(store);
        crash::record(false);
        Self { trip, base: Disk::default(), trace: crash::take_trace(), options, seed }
    }

    /// Cuts at every write, `draws` times each, and judges what is left.
    #[must_use]
    pub fn cut_everywhere(&self, card: Card, draws: usize) -> Counts {
        let mut counts = Counts::default();
        let mut dice = Dice(self.seed ^ 0x00c0_ffee);
        let mut player = Player::new(card, self.base.clone());
        let mut progress = Progress::default();
        for (place, op) in self.trace.iter().enumerate() {
            player.play(op, &mut dice);
            progress.note(op);
            if matches!(op, Op::Begin(_)) {
                continue;
            }
            for _ in 0..draws {
                let disk = player.cut(&mut dice);
                self.judge(disk, progress, place, &mut dice, &mut counts);
            }
        }
        counts
    }

    /// Cuts at every `every`th write, lets the till recover, sell and close, and cuts that everywhere too.
    ///
    /// # Panics
    /// When a till does not come up after the first cut.
    #[must_use]
    pub fn cut_twice(&self, card: Card, every: usize, draws: usize) -> Counts {
        let mut counts = Counts::default();
        let mut dice = Dice(self.seed ^ 0xdead_beef);
        let mut player = Player::new(card, self.base.clone());
        let mut progress = Progress::default();
        for (place, op) in self.trace.iter().enumerate() {
            player.play(op, &mut dice);
            progress.note(op);
            if place % every != self.phase(every) {
                continue;
            }
            let first = player.cut(&mut dice);
            crash::put(first.clone());
            crash::record(true);
            self.recover(progress);
            crash::record(false);
            let trace = crash::take_trace();
            let mut second = Player::new(card, first);
            let mut later = progress;
            for op in &trace {
                second.play(op, &mut dice);
                later.note(op);
                for _ in 0..draws {
                    let disk = second.cut(&mut dice);
                    self.judge(disk, later, place, &mut dice, &mut counts);
                }
            }
        }
        counts
    }

    fn phase(&self, every: usize) -> usize {
        usize::try_from(self.seed).unwrap_or(0) % every
    }

    /// What a till does after a cut: it starts, sells on, tidies up and is switched off.
    fn recover(&self, progress: Progress) {
        let opened = Store::open(Path::new(FOLDER), self.options.clone());
        let (mut store, _) = opened.unwrap_or_else(|fault| panic!("seed {}: after the first cut: {fault}", self.seed));
        let account = Account::of(&store).unwrap_or_else(|fault| panic!("seed {}: {fault}", self.seed));
        let Some(at) = self.place_of(&account, progress) else { return };
        for (number, step) in (at + 1..).zip(self.trip.steps.iter().skip(at).take(3)) {
            let taken = take_marked(&mut store, step, number, false);
            taken.unwrap_or_else(|fault| panic!("seed {}: step {number} after the first cut: {fault}", self.seed));
        }
        store.checkpoint().unwrap_or_else(|fault| panic!("seed {}: {fault}", self.seed));
    }

    /// The number of steps after which the trip stood exactly so, if a cut at `progress` may leave that behind.
    fn place_of(&self, account: &Account, progress: Progress) -> Option<usize> {
        (progress.acked..=progress.begun).rev().find(|&at| self.trip.accounts[at] == *account)
    }

    /// Opens a disk as a till would, judges it, and sells on.
    pub fn judge(&self, disk: Disk, progress: Progress, place: usize, dice: &mut Dice, counts: &mut Counts) {
        counts.states += 1;
        crash::put(disk);
        let note = |counts: &mut Counts, what: String| {
            counts.first.get_or_insert_with(|| format!("seed {}, cut after write {place}, {progress:?}: {what}", self.seed));
        };
        match self.inspect(progress, dice, counts) {
            Ok(Finding::Sound(at)) => counts.kept_though_unacked += u64::from(at > progress.acked),
            Ok(Finding::Behind(at)) => {
                counts.lost += 1;
                let sales = self.trip.accounts[progress.acked].sales.saturating_sub(self.trip.accounts[at].sales);
                counts.lost_sales_max = counts.lost_sales_max.max(sales);
                note(counts, format!("the store stands after step {at}"));
            }
            Ok(Finding::Ahead(account)) => {
                counts.doubled += 1;
                note(counts, format!("more than was begun: {account:?}"));
            }
            Ok(Finding::Stale(account)) => {
                counts.stale += 1;
                note(counts, format!("whole entries, but an old draft or old print jobs: {account:?}"));
            }
            Ok(Finding::Torn(account)) => {
                counts.torn += 1;
                note(counts, format!("no step of the trip: {account:?}"));
            }
            Err(fault) => {
                counts.damaged += 1;
                note(counts, fault.to_string());
            }
        }
    }

    fn inspect(&self, progress: Progress, dice: &mut Dice, counts: &mut Counts) -> Result<Finding, Fault> {
        let (mut store, opened) = Store::open(Path::new(FOLDER), self.options.clone())?;
        counts.repaired += u64::from(matches!(opened, store::Opened::Repaired { .. }));
        store.verify()?;
        let account = Account::of(&store)?;
        let Some(at) = self.place_of(&account, progress) else {
            let begun = &self.trip.accounts[progress.begun];
            if account.seq > begun.seq || account.sales > begun.sales || account.job_last > begun.job_last {
                return Ok(Finding::Ahead(Box::new(account)));
            }
            let behind = self.trip.accounts[..progress.acked].iter().rposition(|earlier| *earlier == account);
            if let Some(at) = behind {
                return Ok(Finding::Behind(at));
            }
            // The journal itself has been verified: what is left to be wrong are the things beside it.
            let whole = self.trip.accounts[..=progress.begun].iter().any(|known| known.head == account.head);
            return Ok(if whole { Finding::Stale(Box::new(account)) } else { Finding::Torn(Box::new(account)) });
        };
        let more = if dice.below(TO_THE_END_ONE_IN) == 0 { usize::MAX } else { 1 };
        let mut now = at;
        for step in self.trip.steps.iter().skip(at).take(more) {
            step.take(&mut store)?;
            now += 1;
        }
        if more > 1 {
            store.verify()?;
        }
        let account = Account::of(&store)?;
        if account != self.trip.accounts[now] {
            return Ok(Finding::Torn(Box::new(account)));
        }
        Ok(Finding::Sound(at))
    }
}

enum Finding {
    Sound(usize),
    Behind(usize),
    Ahead(Box<Account>),
    Stale(Box<Account>),
    Torn(Box<Account>),
}

/// Takes a step with marks around it. A till that acknowledges early is a mutant.
fn take_marked(store: &mut Store, step: &Step, number: usize, ack_early: bool) -> Result<(), Fault> {
    crash::mark(Op::Begin(number));
    let early = ack_early && matches!(step, Step::Commit(_, Durability::Durable));
    if early {
        crash::mark(Op::Ack(number));
    }
    step.take(store)?;
    if step.is_durable() && !early {
        crash::mark(Op::Ack(number));
    }
    Ok(())
}
