//! A unit: real stores on a card that loses power, and the till's engine.

use std::{collections::BTreeSet, path::Path};

use domain::sale::ClosedSale;
use journal::{ClockTrust, Context, Entry, Fact, Head, LogId, LogKey, LogOpened, Stamp};
use powercut::{cut::Dice, trip};
use store::{Batch, Durability, KeptChange, Options, Store, crash};
use till::sync::{Cursor, Logs, Sync, Unread, decode_cursors, encode_cursors};
use wire::{Bytes32, Report, Successor};

use crate::{audit::Auditor, disk::Folder};

/// Under this name the store keeps the cursors.
const KEPT_CURSORS: &str = "cursors";
const CHECKPOINT_PAGES: u32 = 60;
const PREGROW_PAGES: u32 = 10;

/// A unit.
pub struct Unit {
    /// Its card.
    pub folder: Folder,
    /// What sends.
    pub sync: Sync,
    /// Since the last start, in milliseconds.
    pub uptime_ms: u64,
    /// Its clock, which may be years wrong.
    pub wall_s: i64,
    /// The number of its request that is under way.
    pub asking: Option<u64>,
    /// Where a mutant thinks that it has sent everything up to.
    pub flagged: u64,
    name: String,
    logs: Stores,
    boot: u32,
}

/// The stores of a unit; the first is written, the others are sealed.
pub struct Stores(Vec<Store>);

impl Stores {
    fn find(&self, log: &LogId) -> Option<&Store> {
        self.0.iter().find(|store| store.log().is_some_and(|own| own.log_id == *log))
    }
}

impl Logs for Stores {
    fn ids(&self) -> Vec<LogId> {
        self.0.iter().filter_map(|store| store.log().map(|log| log.log_id)).collect()
    }

    fn last_seq(&self, log: &LogId) -> u64 {
        self.find(log).map_or(0, Store::seq)
    }

    fn head_at(&self, log: &LogId, seq: u64) -> Result<Option<Head>, Unread> {
        let Some(store) = self.find(log) else { return Ok(None) };
        if seq == 0 {
            return Ok(Some(Head::of_log(log)));
        }
        store.head_at(seq).map_err(|_| Unread)
    }
}

impl Unit {
    /// A unit with a new card.
    #[must_use]
    pub fn new(name: &str, dice: &mut Dice, auditor: &mut Auditor) -> Self {
        let mut unit = Self {
            folder: Folder::new(name),
            sync: Sync::default(),
            uptime_ms: 0,
            wall_s: 1_790_000_000,
            asking: None,
            flagged: 0,
            name: name.to_owned(),
            logs: Stores(Vec::new()),
            boot: 1,
        };
        unit.begin_log(dice, auditor);
        unit
    }

    /// The unit that another card with the same content is put into.
    #[must_use]
    pub fn clone_of(original: &Self, name: &str) -> Self {
        let mut clone = Self {
            folder: Folder::new(name),
            sync: Sync::default(),
            uptime_ms: 0,
            wall_s: original.wall_s,
            asking: None,
            flagged: original.flagged,
            name: name.to_owned(),
            logs: Stores(Vec::new()),
            boot: original.boot,
        };
        clone.folder.replace(&original.folder.files(), &original.folder);
        clone.start();
        clone
    }

    /// Its logs.
    #[must_use]
    pub const fn logs(&self) -> &Stores {
        &self.logs
    }

    /// The log that is written.
    ///
    /// # Panics
    /// When there is none: a unit has a log from the beginning.
    #[must_use]
    pub fn log(&self) -> LogId {
        self.current().log().unwrap_or_else(|| panic!("{} has a log", self.name)).log_id
    }

    /// Its public key.
    #[must_use]
    pub fn public(&self) -> [u8; 32] {
        self.current().log().unwrap_or_else(|| panic!("{} has a log", self.name)).key.public()
    }

    /// All its logs, the written one first.
    #[must_use]
    pub fn all_logs(&self) -> Vec<LogId> {
        self.logs.ids()
    }

    /// Whether the hub has all of a log, as far as the unit knows.
    #[must_use]
    pub fn is_sent(&self, log: &LogId) -> bool {
        self.sync.cursor(log).seq >= self.logs.last_seq(log)
    }

    /// What it still has to send and why it does not, in words.
    #[must_use]
    pub fn restless(&self) -> Option<String> {
        let log = self.all_logs().into_iter().find(|log| !self.is_sent(log))?;
        let (cursor, last) = (self.sync.cursor(&log).seq, self.logs.last_seq(&log));
        Some(format!("{}: {log} at {cursor} of {last}, {:?}, one of {} logs", self.name, self.sync.trouble(), self.all_logs().len()))
    }

    /// What its card holds of a log, by place and head.
    #[must_use]
    pub fn entries_of(&self, log: &LogId) -> BTreeSet<(u64, [u8; 32])> {
        let head = |seq| self.logs.head_at(log, seq).ok().flatten().map(|head| (seq, head.0));
        (1..=self.logs.last_seq(log)).filter_map(head).collect()
    }

    /// The place of its last entry.
    #[must_use]
    pub fn seq(&self) -> u64 {
        self.current().seq()
    }

    fn current(&self) -> &Store {
        &self.logs.0[0]
    }

    fn open(&self, number: usize) -> Store {
        let options = Options {
            vfs: Some(crash::VFS.into()),
            pregrow_pages: PREGROW_PAGES,
            checkpoint_pages: CHECKPOINT_PAGES,
            ..Options::default()
        };
        let folder = format!("{}/log-{number}", self.name);
        Store::open(Path::new(&folder), options).unwrap_or_else(|fault| panic!("{folder}: {fault}")).0
    }

    /// A new log in front of the others, with a key of its own.
    pub fn begin_log(&mut self, dice: &mut Dice, auditor: &mut Auditor) {
        let mut seed = [0; 32];
        seed.fill_with(|| dice.roll().to_le_bytes()[0]);
        let number = self.logs.0.len() + 1;
        let previous = self.logs.0.first().and_then(|store| Some((store.log()?.log_id.0, store.seq())));
        let key = LogKey::from_seed(&seed);
        let opened = LogOpened {
            public: key.public(),
            unit: self.name.clone(),
            register: format!("{}-{number}", self.name),
            program: "sim".into(),
            previous,
        };
        let entry = self.entry(1, Fact::LogOpened(opened));
        auditor.begins(key.log_id(), 1, Head::of_log(&key.log_id()).next(&entry));
        let mut store = self.open(number);
        store.begin_log(seed, &entry).unwrap_or_else(|fault| panic!("{}: {fault}", self.name));
        self.logs.0.insert(0, store);
    }

    fn entry(&self, seq: u64, fact: Fact) -> Vec<u8> {
        let stamp = Stamp { wall_s: self.wall_s, offset_min: 60, boot: self.boot, uptime_ms: self.uptime_ms, trust: ClockTrust::Rtc };
        Entry::new(seq, stamp, Context { crew: Some("101".into()), ..Context::default() }, fact).encode()
    }

    /// Sells something: committed, then acknowledged.
    pub fn sell(&mut self, dice: &mut Dice, auditor: &mut Auditor) {
        let log = self.log();
        let seq = self.seq() + 1;
        let sale: ClosedSale = trip::sale(self.current().books().receipt_no + 1, 1 + dice.below(2), dice);
        let total_minor = sale.total_minor();
        let entry = self.entry(seq, Fact::SaleClosed(Box::new(sale)));
        let head = self.current().head().next(&entry);
        auditor.begins(log, seq, head);
        let batch = Batch { entries: vec![entry], ..Batch::default() };
        self.logs.0[0].commit(&batch, Durability::Durable).unwrap_or_else(|fault| panic!("{}: {fault}", self.name));
        auditor.acked(log, seq, head, total_minor);
    }

    /// Keeps the cursors, as a hint: not flushed.
    pub fn keep_cursors(&mut self) {
        let bytes = encode_cursors(&self.sync.cursors());
        let kept = vec![KeptChange { name: KEPT_CURSORS, bytes: Some(bytes) }];
        let kept = self.logs.0[0].commit(&Batch { kept, ..Batch::default() }, Durability::Relaxed);
        kept.unwrap_or_else(|fault| panic!("{}: {fault}", self.name));
    }

    /// The power goes and comes back.
    pub fn cut(&mut self, dice: &mut Dice) {
        self.stop();
        self.folder.cut(dice);
        self.start();
    }

    /// The card is replaced by what was on it at another time.
    pub fn restore(&mut self, files: &crash::Disk) {
        self.stop();
        let from = self.folder.clone();
        self.folder.replace(files, &from);
        self.start();
    }

    fn stop(&mut self) {
        self.logs.0.clear();
        self.asking = None;
    }

    fn start(&mut self) {
        let files = self.folder.files();
        let has = |number: usize| files.files.contains_key(&format!("{}/log-{number}/store/till.db", self.name));
        let numbers: Vec<usize> = (1..).take_while(|number| has(*number)).collect();
        self.logs = Stores(numbers.into_iter().rev().map(|number| self.open(number)).filter(|store| store.log().is_some()).collect());
        let kept = self.current().kept(KEPT_CURSORS).unwrap_or_default();
        let cursors: Vec<Cursor> = kept.map(|bytes| decode_cursors(&bytes)).unwrap_or_default();
        self.sync = Sync::new(&cursors);
        self.uptime_ms = 0;
        self.boot += 1;
    }

    /// The batch that the engine wants to send.
    #[must_use]
    pub fn batch(&self, log: &LogId, first_seq: u64, entries_max: usize, bytes_max: usize) -> Option<wire::Batch> {
        let store = self.logs.find(log)?;
        let key = &store.log()?.key;
        let prev = self.logs.head_at(log, first_seq - 1).ok()??;
        let mut bytes = 0;
        let mut entries = Vec::new();
        for (_, entry) in store.entries(first_seq, entries_max).ok()? {
            bytes += entry.len();
            if bytes > bytes_max && !entries.is_empty() {
                break;
            }
            entries.push(entry);
        }
        let last_seq = first_seq + entries.len() as u64 - 1;
        let head = self.logs.head_at(log, last_seq).ok()??;
        let place = self.logs.ids().iter().position(|id| id == log)?;
        let successor = self.logs.0.get(place + 1).and_then(|old| {
            let old = &old.log()?.key;
            Some(Successor { public: old.public(), signature: old.vouch(log) })
        });
        let report = Report { wall_s: self.wall_s, program: "sim".into(), last_seq: store.seq(), successor, ..Report::default() };
        Some(wire::Batch {
            public: key.public(),
            first_seq,
            prev: Bytes32(prev.0),
            entries,
            head: Bytes32(head.0),
            signature: key.sign(last_seq, &head).signature,
            report,
        })
    }
}
