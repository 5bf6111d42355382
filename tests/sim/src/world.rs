//! The scheduler: what happens next is a throw of dice.

use std::collections::{BTreeMap, BTreeSet};

use hub_store::raw::{Plan, Post, plan_append};
use journal::{Head, LogId};
use powercut::cut::Dice;
use store::crash::Disk;
use till::{
    desk::{Appended, UplinkTrouble},
    sync::Next,
};
use wire::{Ack, Batch};

use crate::{
    audit::{Auditor, at_hub},
    disk::{self, Folder},
    hub::{Answer, Hub},
    unit::Unit,
};

/// Units at the beginning.
const UNITS: usize = 6;
/// Clones, restored cards and new hubs keep to these limits, so that a run stays a fleet.
const UNITS_MAX: usize = 10;
const RESTORES_MAX: usize = 4;
/// The most packets that are under way; more are lost.
const PACKETS_MAX: usize = 40;
/// How far a clock jumps: five years.
const JUMP_S: i64 = 5 * 365 * 24 * 60 * 60;
/// One batch in so many goes through its bytes; packing takes longer than all the rest.
const ENCODED_ONE_IN: usize = 64;
/// At the end each unit gets so many turns, each so much later.
const LAST_TURNS_MAX: usize = 20_000;
const TURN_MS: u64 = 20_000;
/// So many turns nothing must be left to send before the fleet is at rest: more than two hours, for sealed logs are asked about hourly, and a
/// unit may have heard last from the other hub.
const CALM_TURNS: usize = 400;

/// A wrong way to do it, which a run must catch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mutant {
    /// A hub answers before it has committed.
    AckBeforeCommit,
    /// A hub takes an entry that differs from a known one for the known one.
    ConflictIsNothing,
    /// A till remembers what it has sent instead of what the hub has.
    SentIsAFlag,
}

/// What a run came to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    /// Throws of dice.
    pub steps: u64,
    /// Sales that were acknowledged.
    pub sales: usize,
    /// Power cuts of units and hubs.
    pub cuts: u64,
    /// Packets that were lost, doubled or cut.
    pub hurt: u64,
    /// Cards that were cloned or put back.
    pub cards: u64,
    /// Hubs that were put back.
    pub hubs: u64,
    /// Logs that were sealed.
    pub seals: u64,
}

enum Packet {
    Up { unit: usize, request: u64, hub: usize, batch: Box<Batch> },
    Down { unit: usize, request: u64, log: LogId, answer: Answer },
}

/// A fleet.
pub struct World {
    dice: Dice,
    units: Vec<Unit>,
    hubs: Vec<Hub>,
    packets: Vec<Packet>,
    backups: BTreeMap<usize, (Disk, Folder)>,
    old_cards: BTreeMap<usize, (Disk, LogId, u64)>,
    auditor: Auditor,
    logs: BTreeSet<LogId>,
    requests: u64,
    hub_s: i64,
    mutant: Option<Mutant>,
    tally: Tally,
}

impl World {
    /// Runs a fleet for so many steps, then lets it come to rest, and has everything audited.
    ///
    /// # Errors
    /// What the auditor found, with the seed.
    pub fn run(seed: u64, steps: u64, mutant: Option<Mutant>) -> Result<Tally, String> {
        disk::begin(seed);
        let mut dice = Dice(seed);
        let mut auditor = Auditor::default();
        let hubs = vec![Hub::new("hub-0"), Hub::new("hub-1")];
        let units: Vec<Unit> = (0..UNITS).map(|number| Unit::new(&format!("{number:04}"), &mut dice, &mut auditor)).collect();
        let mut world = Self {
            dice,
            units,
            hubs,
            packets: Vec::new(),
            backups: BTreeMap::new(),
            old_cards: BTreeMap::new(),
            auditor,
            logs: BTreeSet::new(),
            requests: 0,
            hub_s: 1_790_000_000,
            mutant,
            tally: Tally::default(),
        };
        world.enrol();
        let lived = (0..steps).try_for_each(|_| world.step()).and_then(|()| world.come_to_rest());
        lived.map_err(|why| format!("seed {seed}, step {}: {why}", world.tally.steps))?;
        world.tally.sales = world.auditor.sales();
        Ok(world.tally)
    }

    fn enrol(&mut self) {
        for unit in 0..self.units.len() {
            let mut secret = [0; 16];
            secret.fill_with(|| self.dice.roll().to_le_bytes()[0]);
            let label = format!("{unit:04}");
            for hub in &self.hubs {
                hub.enrol(&label, self.units[unit].public(), secret, self.hub_s);
            }
            self.logs.insert(self.units[unit].log());
        }
        for hub in 0..self.hubs.len() {
            self.back_up(hub);
        }
    }

    fn step(&mut self) -> Result<(), String> {
        self.tally.steps += 1;
        let unit = self.dice.below(self.units.len());
        match self.dice.below(10_000) {
            0..4_000 => self.sell(unit),
            4_000..6_500 => self.let_send(unit),
            6_500..9_400 => self.deliver()?,
            9_400..9_600 => self.hurt_a_packet(),
            9_600..9_900 => self.pass(unit),
            9_900..9_950 => self.cut_unit(unit),
            9_950..9_970 => self.cut_hub()?,
            9_970..9_980 => self.jump(unit),
            9_980..9_984 => self.keep_a_card(unit),
            9_984..9_988 => {
                let hub = self.dice.below(self.hubs.len());
                self.back_up(hub);
            }
            9_988..9_989 => self.restore_hub(),
            9_989..9_990 => self.clone_card(unit),
            9_990..9_991 => self.put_an_old_card_back(unit)?,
            _ => self.units[unit].keep_cursors(),
        }
        if self.tally.steps.is_multiple_of(64) {
            self.sweep();
        }
        Ok(())
    }

    fn sweep(&mut self) {
        let folders = self.units.iter_mut().map(|unit| &mut unit.folder).chain(self.hubs.iter_mut().map(|hub| &mut hub.folder));
        disk::sweep(folders, &mut self.dice);
    }

    fn sell(&mut self, unit: usize) {
        self.units[unit].wall_s += 30;
        self.units[unit].uptime_ms += 30_000;
        self.units[unit].sell(&mut self.dice, &mut self.auditor);
    }

    fn pass(&mut self, unit: usize) {
        let unit = &mut self.units[unit];
        let seconds = [1, 10, 60, 600, 7_200][self.dice.below(5)];
        unit.uptime_ms += seconds * 1_000;
        unit.wall_s += i64::try_from(seconds).unwrap_or(0);
        self.hub_s += 1;
    }

    fn jump(&mut self, unit: usize) {
        self.units[unit].wall_s += if self.dice.tenths(5) { JUMP_S } else { -JUMP_S };
    }

    /// The engine gets a turn. While faults are about, a request may reach either hub.
    fn let_send(&mut self, unit: usize) {
        let hub = usize::from(self.dice.below(20) == 0);
        self.let_send_to(unit, hub);
    }

    fn let_send_to(&mut self, number: usize, hub: usize) {
        if self.mutant == Some(Mutant::SentIsAFlag) {
            return self.send_by_flag(number, hub);
        }
        let unit = &mut self.units[number];
        if unit.asking.is_some() {
            return;
        }
        let jitter = u32::try_from(self.dice.below(1_000)).unwrap_or(0);
        let station = self.dice.tenths(3);
        let now_ms = unit.uptime_ms;
        let mut sync = core::mem::take(&mut unit.sync);
        let next = sync.next(now_ms, station, jitter, unit.logs());
        unit.sync = sync;
        match next {
            Next::Append { log, first_seq, entries_max, bytes_max } => {
                let Some(batch) = unit.batch(&log, first_seq, entries_max, bytes_max) else {
                    unit.sync.not_sent(now_ms);
                    return;
                };
                unit.sync.sent(log, first_seq, batch.last_seq(), now_ms);
                self.requests += 1;
                unit.asking = Some(self.requests);
                let packet = Packet::Up { unit: number, request: self.requests, hub, batch: Box::new(batch) };
                self.post(packet);
            }
            Next::Fetch(_) => {
                unit.sync.fetched(Some(UplinkTrouble::Away), now_ms);
            }
            Next::Wait(_) => unit.uptime_ms += 500,
        }
    }

    fn send_by_flag(&mut self, number: usize, hub: usize) {
        let unit = &mut self.units[number];
        let (log, first_seq) = (unit.log(), unit.flagged + 1);
        if first_seq > unit.seq() {
            return;
        }
        let Some(batch) = unit.batch(&log, first_seq, 40, 16_384) else { return };
        unit.flagged = batch.last_seq();
        let packet = Packet::Up { unit: number, request: 0, hub, batch: Box::new(batch) };
        self.post(packet);
    }

    fn post(&mut self, packet: Packet) {
        if self.packets.len() >= PACKETS_MAX {
            let lost = self.dice.below(self.packets.len());
            self.lose(lost);
        }
        self.packets.push(packet);
    }

    fn lose(&mut self, place: usize) {
        self.tally.hurt += 1;
        let (unit, request, log) = match self.packets.swap_remove(place) {
            Packet::Up { unit, request, batch, .. } => (unit, request, log_of(&batch)),
            Packet::Down { unit, request, log, .. } => (unit, request, log),
        };
        self.answer(unit, request, log, Err(UplinkTrouble::TimedOut));
    }

    /// Loss, duplication, a cut in the middle, and a till that stops waiting while its request still travels.
    fn hurt_a_packet(&mut self) {
        if self.packets.is_empty() {
            return;
        }
        let place = self.dice.below(self.packets.len());
        let kind = self.dice.below(3);
        if kind == 0 {
            return self.lose(place);
        }
        let Packet::Up { unit, request, hub, batch } = &self.packets[place] else { return self.lose(place) };
        let (unit, request, hub, batch) = (*unit, *request, *hub, batch.clone());
        self.tally.hurt += 1;
        if kind == 1 {
            return self.post(Packet::Up { unit, request, hub, batch });
        }
        self.answer(unit, request, log_of(&batch), Err(UplinkTrouble::TimedOut));
    }

    /// Any packet, so that they overtake each other.
    fn deliver(&mut self) -> Result<(), String> {
        if self.packets.is_empty() {
            return Ok(());
        }
        let place = self.dice.below(self.packets.len());
        match self.packets.swap_remove(place) {
            Packet::Up { unit, request, hub, batch } => self.arrive(unit, request, hub, *batch),
            Packet::Down { unit, request, log, answer } => {
                let answer = match answer {
                    Answer::Taken(ack) => Ok(Appended::Taken(ack)),
                    Answer::Behind(ack) => Ok(Appended::Behind(ack)),
                    Answer::Refused(refused) => Err(UplinkTrouble::Refused(refused)),
                };
                self.answer(unit, request, log, answer);
                Ok(())
            }
        }
    }

    fn arrive(&mut self, unit: usize, request: u64, hub: usize, batch: Batch) -> Result<(), String> {
        self.hub_s += 1;
        let log = log_of(&batch);
        let batch = if self.dice.below(ENCODED_ONE_IN) == 0 {
            let mut bytes = batch.encode();
            if self.dice.tenths(5) {
                // Cut at any byte: that is no batch any more.
                bytes.truncate(self.dice.below(bytes.len()));
                if let Ok(half) = Batch::decode(&bytes)
                    && half.entries != batch.entries
                    && !matches!(self.hubs[hub].append(&half, self.hub_s), Answer::Refused(_))
                {
                    return Err("half a batch was taken in".into());
                }
                self.answer(unit, request, log, Err(UplinkTrouble::TimedOut));
                return Ok(());
            }
            let arrived = Batch::decode(&bytes).map_err(|error| error.to_string())?;
            if arrived != batch {
                return Err("a batch came out differently from how it went in".into());
            }
            arrived
        } else {
            batch
        };
        let answer = self.ask_hub(hub, &batch);
        if let Answer::Taken(ack) = &answer {
            self.auditor.promised(hub, log, ack.seq, Head(ack.head.0));
        }
        if !matches!(answer, Answer::Refused(_)) && hub == 0 {
            self.logs.insert(log);
        }
        self.post(Packet::Down { unit, request, log, answer });
        Ok(())
    }

    fn ask_hub(&mut self, hub: usize, batch: &Batch) -> Answer {
        match self.mutant {
            Some(Mutant::AckBeforeCommit) if self.dice.below(50) == 0 => {
                self.sweep();
                let before = self.hubs[hub].backup();
                let answer = self.hubs[hub].append(batch, self.hub_s);
                // The answer is out, and then the program ends before it has committed.
                let from = self.hubs[hub].folder.clone();
                self.hubs[hub].restore(&before, &from);
                answer
            }
            Some(Mutant::ConflictIsNothing) if self.forks(hub, batch) => {
                let head = batch.head;
                Answer::Taken(Ack { seq: batch.last_seq(), head, sealed: false, confirmed: true, hub_s: self.hub_s, bundles: Vec::new() })
            }
            _ => self.hubs[hub].append(batch, self.hub_s),
        }
    }

    fn forks(&self, hub: usize, batch: &Batch) -> bool {
        let (store, log) = (self.hubs[hub].store(), log_of(batch));
        let branches = store.branches(&log).unwrap_or_default();
        if branches.is_empty() {
            return false;
        }
        let mut heads = vec![Head(batch.prev.0)];
        for entry in &batch.entries {
            let next = heads[heads.len() - 1].next(entry);
            heads.push(next);
        }
        let known = |branch: &hub_store::raw::Branch, seq: u64| -> Result<Head, String> {
            let entries = store.entries(&log, branch.branch, 1, usize::try_from(seq).unwrap_or(0)).map_err(|fault| fault.to_string())?;
            Ok(entries.iter().fold(Head::of_log(&log), |head, (_, entry)| head.next(entry)))
        };
        let plan = plan_append(&branches, &Post { first_seq: batch.first_seq, heads }, known);
        matches!(plan, Ok(Plan::Fork { .. }))
    }

    fn answer(&mut self, number: usize, request: u64, log: LogId, answer: Result<Appended, UplinkTrouble>) {
        let unit = &mut self.units[number];
        if unit.asking != Some(request) {
            return;
        }
        unit.asking = None;
        let mut sync = core::mem::take(&mut unit.sync);
        sync.answered(log, answer, unit.uptime_ms, unit.logs());
        let claim = sync.claim();
        unit.sync = sync;
        if claim.is_some() {
            let old = unit.log();
            unit.begin_log(&mut self.dice, &mut self.auditor);
            self.auditor.sealed(old);
            self.tally.seals += 1;
            let mut sync = core::mem::take(&mut unit.sync);
            sync.sealed(unit.logs());
            unit.sync = sync;
        }
    }

    fn cut_unit(&mut self, unit: usize) {
        self.sweep();
        self.tally.cuts += 1;
        self.units[unit].cut(&mut self.dice);
    }

    fn cut_hub(&mut self) -> Result<(), String> {
        self.sweep();
        self.tally.cuts += 1;
        let hub = self.dice.below(self.hubs.len());
        self.hubs[hub].cut(&mut self.dice);
        self.auditor.look_at_promises(hub, self.hubs[hub].store())
    }

    fn back_up(&mut self, hub: usize) {
        self.backups.insert(hub, (self.hubs[hub].backup(), self.hubs[hub].folder.clone()));
    }

    /// Yesterday's backup takes the hub's place.
    fn restore_hub(&mut self) {
        self.sweep();
        let hub = self.dice.below(self.hubs.len());
        let Some((files, from)) = self.backups.get(&hub) else { return };
        self.tally.hubs += 1;
        self.hubs[hub].restore(files, from);
        self.auditor.hub_restored(hub);
    }

    fn keep_a_card(&mut self, unit: usize) {
        let kept = (self.units[unit].folder.files(), self.units[unit].log(), self.units[unit].seq());
        self.old_cards.insert(unit, kept);
    }

    /// A card is copied and put into another unit; both sell on.
    fn clone_card(&mut self, unit: usize) {
        if self.units.len() >= UNITS_MAX {
            return;
        }
        self.sweep();
        self.tally.cards += 1;
        self.auditor.troubled(self.units[unit].log());
        let clone = Unit::clone_of(&self.units[unit], &format!("{:04}", self.units.len()));
        self.units.push(clone);
    }

    /// A card from another time takes the place of the one in the unit, which is thrown away.
    fn put_an_old_card_back(&mut self, unit: usize) -> Result<(), String> {
        let Some((files, log, seq)) = self.old_cards.remove(&unit) else { return Ok(()) };
        if usize::try_from(self.tally.cards).unwrap_or(0) >= UNITS_MAX + RESTORES_MAX {
            return Ok(());
        }
        self.sweep();
        self.tally.cards += 1;
        // What was on the thrown card alone is gone; what is on clones of it is theirs.
        let mut there = at_hub(self.hubs[0].store(), &log)?;
        for (number, other) in self.units.iter().enumerate().filter(|(number, _)| *number != unit) {
            debug_assert_ne!(number, unit);
            there.extend(other.entries_of(&log));
        }
        let gone: Vec<LogId> = self.units[unit].all_logs();
        self.units[unit].restore(&files);
        let left = self.units[unit].all_logs();
        self.auditor.troubled(log);
        self.auditor.card_gone(log, seq, &there);
        for gone in gone.into_iter().filter(|gone| !left.contains(gone)) {
            let mut there = at_hub(self.hubs[0].store(), &gone)?;
            for other in &self.units {
                there.extend(other.entries_of(&gone));
            }
            self.auditor.card_gone(gone, 0, &there);
        }
        Ok(())
    }

    /// No more faults: everything that can be sent is sent, to the one hub that stays.
    fn come_to_rest(&mut self) -> Result<(), String> {
        while !self.packets.is_empty() {
            self.deliver()?;
        }
        let mut calm = 0;
        for _ in 0..LAST_TURNS_MAX {
            calm = if (0..self.units.len()).all(|unit| self.is_done(unit)) { calm + 1 } else { 0 };
            if calm > CALM_TURNS {
                return self.auditor.settle(self.hubs[0].store(), &self.known_logs());
            }
            for unit in 0..self.units.len() {
                self.units[unit].uptime_ms += TURN_MS;
                self.let_send_to(unit, 0);
                while !self.packets.is_empty() {
                    self.deliver()?;
                }
            }
            self.sweep();
        }
        let restless: Vec<String> = self.units.iter().filter_map(Unit::restless).collect();
        Err(format!("the fleet did not come to rest: {restless:?}"))
    }

    fn known_logs(&self) -> BTreeSet<LogId> {
        self.logs.iter().copied().filter(|log| self.hubs[0].knows(log)).collect()
    }

    fn is_done(&self, unit: usize) -> bool {
        let unit = &self.units[unit];
        if self.mutant == Some(Mutant::SentIsAFlag) {
            return unit.flagged >= unit.seq();
        }
        unit.asking.is_none() && unit.all_logs().iter().all(|log| unit.is_sent(log))
    }
}

fn log_of(batch: &Batch) -> LogId {
    journal::Proof { public: batch.public, seq: 0, head: Head([0; 32]), signature: [0; 64] }.log_id()
}
