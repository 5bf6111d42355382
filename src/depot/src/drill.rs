//! A drill: how long a fleet takes until every unit sells again, counted step by step before anybody is tired.
//!
//! A bare card goes into a reader, is written and read back; it is carried to a unit, swapped in, and the unit boots and tests itself while
//! the person does something else; an old card with unsent sales is rescued before it is wiped. Machines work by themselves, hands one after
//! another: whoever is free ends a unit that waits for them, then feeds the readers, then goes to the next unit.
//!
//! **Invariant.** Every unit ends exactly once, a reader holds one card, a person does one thing. The same plan gives the same hours.
//!
//! **Entry point.** [`Plan::run`]; the command line is in `drill/words.rs`.

mod words;

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, VecDeque},
};

pub(crate) use words::drill;

/// Units in one drill.
pub const UNITS_MAX: u32 = 100_000;
/// People in one drill.
pub const PEOPLE_MAX: u32 = 1_000;
/// Card readers at one person's place.
pub const READERS_MAX: u32 = 64;

/// How long each step takes, in tenths of a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    /// Writing a card, and reading it back. The reader is busy, hands are not.
    pub write: u64,
    /// Reading an old card's sales. The reader is busy, hands are not.
    pub rescue: u64,
    /// From power to the sign-in screen. The unit is busy.
    pub boot: u64,
    /// The self test of a unit, without the taps. The unit is busy.
    pub self_test: u64,
    /// Hands: a card into a reader, or out of it with its sticker.
    pub insert: u64,
    /// Hands: fetch a unit or walk to it.
    pub fetch: u64,
    /// Hands: open, swap the card, close, switch on.
    pub swap: u64,
    /// Hands: the tap that the self test asks for, the look at its result and at the slip.
    pub look: u64,
    /// Hands: compare the six digits on the hub's page and confirm.
    pub confirm: u64,
    /// How many of a thousand old cards hold sales that the hub does not have.
    pub unsent_per_mille: u32,
}

/// What is to be done, by how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Units to bring back.
    pub units: u32,
    /// People at work.
    pub people: u32,
    /// Card readers for each of them.
    pub readers: u32,
    /// Units that one person has open at the same time.
    pub open: u32,
    /// How long the steps take.
    pub times: Times,
}

/// How it went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Until the last unit was confirmed, in tenths of a second.
    pub end: u64,
    /// Until half of the units were.
    pub half: u64,
    /// Units confirmed.
    pub confirmed: u32,
    /// Old cards that were rescued.
    pub rescued: u32,
    /// Of a thousand tenths of a person's time, how many the hands were at work.
    pub hands_per_mille: u32,
    /// The same of a reader's time.
    pub readers_per_mille: u32,
}

/// Hands' work that waits for somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Confirm,
    Look,
    Swap,
    RescueOut,
    CardOut,
    RescueIn,
    CardIn,
}

/// What has just ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Ended {
    Hands { place: u32, step: Step, unit: u32 },
    Written { place: u32 },
    Rescued { place: u32 },
    Booted { place: u32, unit: u32 },
}

/// One person with readers, cards that are ready and units that are open.
#[derive(Clone, Debug, Default)]
struct Place {
    at_work: bool,
    readers_free: u32,
    cards_ready: u32,
    written_out: u32,
    rescued_out: u32,
    booted: VecDeque<u32>,
    looked: VecDeque<u32>,
    old_cards: u32,
    units_open: u32,
}

impl Plan {
    /// Units that one person brings back in one hour, in hundredths, from an outcome of this plan.
    #[must_use]
    pub fn per_person_hour_hundredths(&self, outcome: &Outcome) -> u64 {
        u64::from(self.units) * 36_000 * 100 / (u64::from(self.people) * outcome.end.max(1))
    }

    /// Runs the drill.
    ///
    /// # Panics
    /// When a unit were to end twice, or a step had nobody to do it: a fault of the drill itself.
    #[must_use]
    pub fn run(&self) -> Outcome {
        let mut room = Room::new(*self);
        room.hand_out();
        while let Some(Reverse((at, _, ended))) = room.coming.pop() {
            room.now = at;
            room.take(ended);
            room.hand_out();
        }
        assert_eq!(room.confirmed, self.units, "every unit ends exactly once");
        let all = |count: u32| (room.now * u64::from(count)).max(1);
        let per_mille = |part: u64, count: u32| u32::try_from(part * 1_000 / all(count)).unwrap_or(1_000);
        Outcome {
            end: room.now,
            half: room.half,
            confirmed: room.confirmed,
            rescued: room.rescued,
            hands_per_mille: per_mille(room.hands, self.people),
            readers_per_mille: per_mille(room.reading, self.people * self.readers),
        }
    }
}

/// The drill while it runs.
struct Room {
    plan: Plan,
    now: u64,
    places: Vec<Place>,
    /// By time; equal times in the order in which they were planned.
    coming: BinaryHeap<Reverse<(u64, u64, Ended)>>,
    planned: u64,
    cards_left: u32,
    units_left: u32,
    confirmed: u32,
    rescued: u32,
    half: u64,
    hands: u64,
    reading: u64,
}

impl Room {
    fn new(plan: Plan) -> Self {
        let place = Place { readers_free: plan.readers, ..Place::default() };
        Self {
            plan,
            now: 0,
            places: vec![place; plan.people as usize],
            coming: BinaryHeap::new(),
            planned: 0,
            cards_left: plan.units,
            units_left: plan.units,
            confirmed: 0,
            rescued: 0,
            half: 0,
            hands: 0,
            reading: 0,
        }
    }

    fn plan(&mut self, after: u64, ended: Ended) {
        self.planned += 1;
        self.coming.push(Reverse((self.now + after, self.planned, ended)));
    }

    /// Gives every free person a step that waits for them.
    fn hand_out(&mut self) {
        for no in 0..self.plan.people {
            if self.places[no as usize].at_work {
                continue;
            }
            let Some((step, unit)) = self.next(no) else { continue };
            let times = self.plan.times;
            let hands = match step {
                Step::Confirm => times.confirm,
                Step::Look => times.look,
                Step::Swap => times.fetch + times.swap,
                Step::RescueOut | Step::CardOut | Step::RescueIn | Step::CardIn => times.insert,
            };
            self.places[no as usize].at_work = true;
            self.hands += hands;
            self.plan(hands, Ended::Hands { place: no, step, unit });
        }
    }

    /// The step that the person at a place does next. What it needs is taken.
    fn next(&mut self, no: u32) -> Option<(Step, u32)> {
        let open_max = self.plan.open;
        let place = &mut self.places[no as usize];
        if let Some(unit) = place.looked.pop_front() {
            return Some((Step::Confirm, unit));
        }
        if let Some(unit) = place.booted.pop_front() {
            return Some((Step::Look, unit));
        }
        // The short steps at the readers come before the long way to a unit: a reader that waits helps nobody.
        if place.rescued_out > 0 {
            place.rescued_out -= 1;
            return Some((Step::RescueOut, 0));
        }
        if place.written_out > 0 {
            place.written_out -= 1;
            return Some((Step::CardOut, 0));
        }
        // A card that was swapped out is rescued before a reader takes a blank one: sales first.
        if place.old_cards > 0 && place.readers_free > 0 {
            place.old_cards -= 1;
            place.readers_free -= 1;
            return Some((Step::RescueIn, 0));
        }
        if self.cards_left > 0 && place.readers_free > 0 {
            self.cards_left -= 1;
            place.readers_free -= 1;
            return Some((Step::CardIn, 0));
        }
        if place.cards_ready > 0 && place.units_open < open_max && self.units_left > 0 {
            place.cards_ready -= 1;
            place.units_open += 1;
            self.units_left -= 1;
            return Some((Step::Swap, self.plan.units - self.units_left));
        }
        None
    }

    fn take(&mut self, ended: Ended) {
        let times = self.plan.times;
        match ended {
            Ended::Hands { place: no, step, unit } => {
                self.places[no as usize].at_work = false;
                match step {
                    Step::CardIn => {
                        self.reading += times.write;
                        self.plan(times.write, Ended::Written { place: no });
                    }
                    Step::RescueIn => {
                        self.reading += times.rescue;
                        self.plan(times.rescue, Ended::Rescued { place: no });
                    }
                    Step::CardOut => {
                        let place = &mut self.places[no as usize];
                        place.readers_free += 1;
                        place.cards_ready += 1;
                    }
                    Step::RescueOut => {
                        self.places[no as usize].readers_free += 1;
                        self.rescued += 1;
                    }
                    Step::Swap => {
                        if has_unsent(unit, times.unsent_per_mille) {
                            self.places[no as usize].old_cards += 1;
                        }
                        self.plan(times.boot + times.self_test, Ended::Booted { place: no, unit });
                    }
                    Step::Look => self.places[no as usize].looked.push_back(unit),
                    Step::Confirm => {
                        self.places[no as usize].units_open -= 1;
                        self.confirmed += 1;
                        if self.confirmed == self.plan.units.div_ceil(2) {
                            self.half = self.now;
                        }
                    }
                }
            }
            Ended::Written { place } => self.places[place as usize].written_out += 1,
            Ended::Rescued { place } => self.places[place as usize].rescued_out += 1,
            Ended::Booted { place, unit } => self.places[place as usize].booted.push_back(unit),
        }
    }
}

/// Spreads the old cards with unsent sales evenly: `per_mille` of each thousand units.
fn has_unsent(unit: u32, per_mille: u32) -> bool {
    let before = |units: u32| u64::from(units) * u64::from(per_mille) / 1_000;
    before(unit) > before(unit - 1)
}

#[cfg(test)]
mod tests;
