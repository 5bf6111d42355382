//! A hub: the real database on a disk that loses power, and a network that asks it.

use std::path::Path;

use hub_store::{Appended, Cursor, HubStore, engine::Sqlite};
use journal::LogId;
use powercut::cut::Dice;
use store::crash::{self, Disk};
use wire::{Ack, Batch, Bytes32, EnrolRequest, Refused, Token};

use crate::disk::Folder;

/// A hub.
pub struct Hub {
    /// Its card.
    pub folder: Folder,
    name: String,
    store: Option<HubStore>,
}

/// What a hub answers.
#[derive(Clone, Debug)]
pub enum Answer {
    /// 200.
    Taken(Ack),
    /// 409.
    Behind(Ack),
    /// 403.
    Refused(Refused),
}

impl Hub {
    /// A hub on an empty card.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn new(name: &str) -> Self {
        let mut hub = Self { folder: Folder::new(name), name: name.to_owned(), store: None };
        hub.start();
        hub
    }

    /// Its database.
    ///
    /// # Panics
    /// When it is switched off.
    #[must_use]
    pub fn store(&self) -> &HubStore {
        self.store.as_ref().unwrap_or_else(|| panic!("{} is off", self.name))
    }

    fn start(&mut self) {
        let path = format!("{}/hub.db", self.name);
        let engine = Sqlite::open_alone(Path::new(&path), crash::VFS).unwrap_or_else(|fault| panic!("{path}: {fault}"));
        self.store = Some(HubStore::on(Box::new(engine)).unwrap_or_else(|fault| panic!("{path}: {fault}")));
    }

    /// The power goes and comes back.
    pub fn cut(&mut self, dice: &mut Dice) {
        self.store = None;
        self.folder.cut(dice);
        self.start();
    }

    /// Its files, for a backup.
    #[must_use]
    pub fn backup(&self) -> Disk {
        self.folder.files()
    }

    /// Starts from the files of another time or hub.
    pub fn restore(&mut self, files: &Disk, from: &Folder) {
        self.store = None;
        self.folder.replace(files, from);
        self.start();
    }

    /// A token is made and used.
    ///
    /// # Panics
    /// When the hub refuses.
    pub fn enrol(&self, unit: &str, public: [u8; 32], secret: [u8; 16], now_s: i64) {
        let store = self.store();
        store.new_token(unit, &secret, "sim", now_s).unwrap_or_else(|refusal| panic!("a token: {refusal}"));
        let token = Token { secret, pin: [0; 16] }.to_string();
        let request = EnrolRequest { token, public: Bytes32(public), unit: None, board: None, program: "sim".into() };
        store.enrol(&request, now_s).unwrap_or_else(|refusal| panic!("enrolment: {refusal}"));
    }

    /// A batch comes in.
    ///
    /// # Panics
    /// When the database fails: its disk has room and works.
    #[must_use]
    pub fn append(&self, batch: &Batch, now_s: i64) -> Answer {
        match self.store().append(batch, now_s).unwrap_or_else(|fault| panic!("{}: {fault}", self.name)) {
            Appended::Taken(cursor) => Answer::Taken(ack(&cursor, now_s)),
            Appended::Behind(cursor) => Answer::Behind(ack(&cursor, now_s)),
            Appended::Refused(refusal) => {
                Answer::Refused(Refused { code: refusal.code().into(), what: refusal.to_string(), todo: "sim".into() })
            }
        }
    }

    /// Whether this log is known.
    #[must_use]
    pub fn knows(&self, log: &LogId) -> bool {
        self.store().export_log(log).is_ok_and(|found| found.is_some())
    }
}

fn ack(cursor: &Cursor, hub_s: i64) -> Ack {
    Ack { seq: cursor.seq, head: cursor.head, sealed: cursor.sealed, confirmed: cursor.confirmed, hub_s, bundles: Vec::new() }
}
