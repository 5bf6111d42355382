//! No room on the disk, at any write; a flush that fails, at any flush.

use std::path::Path;

use store::{
    FaultKind, Store,
    crash::{self, Disk, Shortage},
};

use crate::{
    cut::{Card, Dice, Player},
    proof::{Counts, FOLDER, Progress, Recording, options},
    trip::{Account, Trip},
};

/// Steps that a run takes after it began.
const STEPS: usize = 12;
/// A till does not ask for the same thing more often than this in a test.
const ATTEMPTS_MAX: usize = 200;

/// A trip, and the disk as it was at several of its steps.
pub struct Stops {
    recording: Recording,
    disks: Vec<(usize, Disk)>,
}

impl Stops {
    /// Rides a trip and keeps the disk after every `every`th step.
    ///
    /// # Panics
    /// When the trip does not work with room enough.
    #[must_use]
    pub fn of(seed: u64, every: usize) -> Self {
        let recording = Recording::of(seed, None, false);
        crash::put(Disk::default());
        let opened = Store::open(Path::new(FOLDER), options(None));
        let (mut store, _) = opened.unwrap_or_else(|fault| panic!("a first boot: {fault}"));
        let mut disks = Vec::new();
        for (place, step) in recording.trip.steps.iter().enumerate() {
            step.take(&mut store).unwrap_or_else(|fault| panic!("step {place}: {fault}"));
            if place % every == 0 {
                disks.push((place + 1, crash::disk()));
            }
        }
        Self { recording, disks }
    }

    /// Lets room run out at a random write of a random stretch, or a flush fail, sees that each step is taken wholly or not at all and that the same store
    /// works on when there is room again, then cuts the power at `cuts` places of the same stretch.
    ///
    /// # Panics
    /// When a step fails for another reason than room, or leaves a trace.
    pub fn run_short(&self, dice: &mut Dice, cuts: usize, counts: &mut Counts) -> bool {
        let trip = &self.recording.trip;
        let (start, disk) = &self.disks[dice.below(self.disks.len())];
        crash::put(disk.clone());
        crash::record(true);
        let opened = Store::open(Path::new(FOLDER), options(None));
        let (mut store, _) = opened.unwrap_or_else(|fault| panic!("with room: {fault}"));
        let shortage = Shortage { after_writes: dice.roll() % 40, failing_writes: 1 + dice.roll() % 12, only_growth: dice.tenths(3) };
        if dice.tenths(5) {
            crash::run_short(Some(shortage));
        } else {
            crash::fail_flush(Some(dice.roll() % 6));
        }
        let mut refused = false;
        for place in (*start..trip.steps.len()).take(STEPS) {
            refused |= insist(trip, &mut store, place, dice, shortage);
        }
        crash::run_short(None);
        crash::fail_flush(None);
        store.verify().unwrap_or_else(|fault| panic!("{shortage:?}: {fault}"));
        drop(store);
        crash::record(false);
        counts.states += 1;
        self.cut_stretch(disk, *start, cuts, dice, counts);
        refused
    }

    fn cut_stretch(&self, disk: &Disk, start: usize, cuts: usize, dice: &mut Dice, counts: &mut Counts) {
        let trace = crash::take_trace();
        let places: Vec<usize> = (0..cuts).map(|_| dice.below(trace.len())).collect();
        let mut player = Player::new(Card::Honest, disk.clone());
        let mut progress = Progress { acked: start, begun: start };
        for (place, op) in trace.iter().enumerate() {
            player.play(op, dice);
            progress.note(op);
            if places.contains(&place) {
                let cut = player.cut(dice);
                self.recording.judge(cut, progress, place, dice, counts);
            }
        }
    }
}

/// Takes a step, again and again until there is room. Returns whether room was missing.
fn insist(trip: &Trip, store: &mut Store, place: usize, dice: &mut Dice, shortage: Shortage) -> bool {
    let step = &trip.steps[place];
    let number = place + 1;
    crash::mark(crash::Op::Begin(number));
    for attempt in 0..ATTEMPTS_MAX {
        match step.take(store) {
            Ok(()) => {
                if step.is_durable() {
                    crash::mark(crash::Op::Ack(number));
                }
                return attempt > 0;
            }
            Err(fault) => {
                assert_eq!(fault.kind(), FaultKind::NeedsHands, "{shortage:?}, step {number}: {fault}");
                let account = Account::of(store).unwrap_or_else(|fault| panic!("{shortage:?}: {fault}"));
                assert_eq!(account, trip.accounts[place], "{shortage:?}: a refused step leaves no trace");
                if dice.tenths(2) {
                    crash::run_short(None);
                }
            }
        }
    }
    panic!("{shortage:?}: step {number} does not work after {ATTEMPTS_MAX} attempts");
}
