//! The disk at the moment of a cut.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use store::crash::{Content, Disk, Op};

/// A sector is written whole or not at all.
const SECTOR_BYTES: usize = 512;
/// What a bad card destroys around the last write.
const NEIGHBOURHOOD_BYTES: usize = 16 * 1024;

/// How a card behaves when the power goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Card {
    /// What was flushed is there; of the rest, sectors are kept, dropped or reordered.
    Honest,
    /// And a dropped sector may hold anything.
    Garbage,
    /// Every second flush silently does nothing.
    Lying,
    /// The 16 KiB around the last flushed write are gone, older bytes among them.
    Neighbour,
}

/// Numbers from a seed (SplitMix64).
#[derive(Clone, Debug)]
pub struct Dice(pub u64);

impl Dice {
    /// The next number.
    pub const fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.roll() % end).unwrap_or(0)
    }

    /// True so many times out of ten.
    pub fn tenths(&mut self, tenths: usize) -> bool {
        self.below(10) < tenths
    }
}

#[derive(Clone, Debug)]
enum Queued {
    Write(usize, Arc<[u8]>),
    Truncate(usize),
}

/// Plays a trace and knows at each place what is safely on the card and what is under way.
#[derive(Clone, Debug)]
pub struct Player {
    card: Card,
    durable: Disk,
    queues: BTreeMap<Arc<str>, Vec<Queued>>,
    /// Made, but never flushed.
    unborn: BTreeSet<Arc<str>>,
    /// Deleted without flushing the folder.
    ghosts: BTreeMap<Arc<str>, Content>,
    last_flushed: Option<(Arc<str>, usize)>,
}

impl Player {
    /// A player over what is durable at the beginning.
    #[must_use]
    pub const fn new(card: Card, durable: Disk) -> Self {
        Self { card, durable, queues: BTreeMap::new(), unborn: BTreeSet::new(), ghosts: BTreeMap::new(), last_flushed: None }
    }

    /// Goes one step on.
    pub fn play(&mut self, op: &Op, dice: &mut Dice) {
        match op {
            Op::Create(name) => {
                self.ghosts.remove(name);
                self.unborn.insert(Arc::clone(name));
                self.queues.entry(Arc::clone(name)).or_default();
            }
            Op::Write(name, at, bytes) => {
                self.queues.entry(Arc::clone(name)).or_default().push(Queued::Write(*at, Arc::clone(bytes)));
            }
            Op::Truncate(name, length) => self.queues.entry(Arc::clone(name)).or_default().push(Queued::Truncate(*length)),
            Op::Sync(name) => {
                if self.card == Card::Lying && dice.tenths(5) {
                    return;
                }
                self.flush(name);
            }
            Op::FailedSync(name) => {
                if let Some(queue) = self.queues.get_mut(name) {
                    queue.retain(|_| dice.tenths(5));
                }
            }
            Op::Delete(name, folder_flushed) => {
                self.queues.remove(name);
                let unborn = self.unborn.remove(name);
                let old = self.durable.files.remove(&**name);
                if let (Some(old), false, false) = (old, unborn, *folder_flushed) {
                    self.ghosts.insert(Arc::clone(name), old);
                }
            }
            Op::Ack(_) | Op::Begin(_) => {}
        }
    }

    /// One of the disks that a cut here may leave behind.
    #[must_use]
    pub fn cut(&self, dice: &mut Dice) -> Disk {
        let mut disk = self.durable.clone();
        for (name, old) in &self.ghosts {
            if dice.tenths(5) {
                disk.files.insert(name.to_string(), old.clone());
            }
        }
        for (name, queue) in &self.queues {
            let unborn = self.unborn.contains(name);
            if unborn && dice.tenths(4) {
                continue;
            }
            if queue.is_empty() && !unborn {
                continue;
            }
            let content = disk.files.entry(name.to_string()).or_default();
            apply_some(content, queue, self.card, dice);
        }
        if let (Card::Neighbour, Some((name, at))) = (self.card, &self.last_flushed)
            && let Some(content) = disk.files.get_mut(&**name)
        {
            let start = at / NEIGHBOURHOOD_BYTES * NEIGHBOURHOOD_BYTES;
            let end = (start + NEIGHBOURHOOD_BYTES).min(content.length());
            content.write(start, &vec![0xff; end.saturating_sub(start)]);
        }
        disk
    }

    fn flush(&mut self, name: &Arc<str>) {
        self.unborn.remove(name);
        let content = self.durable.files.entry(name.to_string()).or_default();
        for queued in self.queues.remove(name).unwrap_or_default() {
            match queued {
                Queued::Write(at, bytes) => {
                    content.write(at, &bytes);
                    self.last_flushed = Some((Arc::clone(name), at));
                }
                Queued::Truncate(length) => content.resize(length),
            }
        }
    }
}

/// What of a queue reached the card.
#[derive(Clone, Copy)]
enum Kept {
    /// The first so many writes.
    Prefix(usize),
    /// The first so many, and the next one torn.
    TornPrefix(usize),
    /// Each sector by itself, so many times out of ten.
    Sectors(usize),
}

fn apply_some(content: &mut Content, queue: &[Queued], card: Card, dice: &mut Dice) {
    let kept = match dice.below(4) {
        0 => Kept::Prefix(dice.below(queue.len() + 1)),
        1 => Kept::TornPrefix(dice.below(queue.len() + 1)),
        2 => Kept::Sectors(5),
        _ => Kept::Sectors(9),
    };
    for (place, queued) in queue.iter().enumerate() {
        match queued {
            Queued::Truncate(length) => {
                if dice.tenths(5) {
                    content.resize(*length);
                }
            }
            Queued::Write(at, bytes) => {
                let mut from = 0;
                while from < bytes.len() {
                    let taken = (SECTOR_BYTES - (at + from) % SECTOR_BYTES).min(bytes.len() - from);
                    let sector = &bytes[from..from + taken];
                    let arrives = match kept {
                        Kept::Prefix(length) => place < length,
                        Kept::TornPrefix(length) => place < length || (place == length && dice.tenths(5)),
                        Kept::Sectors(tenths) => dice.tenths(tenths),
                    };
                    if arrives {
                        content.write(at + from, sector);
                    } else if card == Card::Garbage && dice.tenths(2) {
                        let garbage: Vec<u8> = sector.iter().map(|_| dice.roll().to_le_bytes()[0]).collect();
                        content.write(at + from, &garbage);
                    }
                    from += taken;
                }
            }
        }
    }
}
