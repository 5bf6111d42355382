//! A till on a store in a folder of its own, and clocks that a test moves.
#![allow(dead_code, reason = "each test file uses a part of it")]

use chrono::NaiveDate;
use domain::{
    Currency, Money,
    catalogue::Sku,
    sale::{LineNo, RefundScope},
    vat::Supply,
};
use hw::{
    control::{ControlCode, ControlState, ControlTrouble, ReceiptRecord},
    printer::PrintOutcome,
    terminal::{Approval, PaymentAnswer},
};
use journal::{Books, ClockTrust, Entry, Fact};
use store::{JobState, Options, Store};
use tempfile::TempDir;
use till::{Answer, Command, ControlRule, Effect, Now, Setup, Till, Wrong, data::Provision};

/// The operating day of the trip.
pub const DAY: NaiveDate = NaiveDate::from_ymd_opt(2026, 6, 15).expect("a day");
/// Half past twelve in Stockholm on that day.
pub const NOON_S: i64 = 1_781_519_400;
/// The machine's run.
pub const BOOT: &[u8] = b"boot-1";

/// A till and its world.
pub struct Bench {
    dir: TempDir,
    till: Option<Till>,
    pub wall_s: i64,
    pub uptime_ms: u64,
    pub trust: ClockTrust,
    pub boot: Vec<u8>,
    pub provision: Provision,
    pub control: ControlRule,
    /// Effects seen and not yet looked at.
    pub effects: Vec<Effect>,
}

impl Bench {
    pub fn new() -> Self {
        Self::new_at(NOON_S)
    }

    /// A till that is born at this time.
    pub fn new_at(wall_s: i64) -> Self {
        let mut bench = Self {
            dir: tempfile::tempdir().expect("a folder"),
            till: None,
            wall_s,
            uptime_ms: 5_000,
            trust: ClockTrust::Rtc,
            boot: BOOT.to_vec(),
            provision: Provision::demo(),
            control: ControlRule::None,
            effects: Vec::new(),
        };
        bench.restart();
        bench
    }

    /// As [`Bench::selling`], where the law wants the code of a control unit, which is ready.
    pub fn controlled() -> Self {
        let mut bench = Self::selling();
        bench.control = ControlRule::Sweden;
        bench.restart();
        bench.does(unit_ready());
        bench.effects.clear();
        bench
    }

    /// A till with a signed-in crew member, a trip and a shift.
    pub fn selling() -> Self {
        let mut bench = Self::new();
        bench.does(sign_in());
        bench.does(Command::StartTrip { train: "171".into(), operating_day: DAY });
        bench.does(Command::OpenShift(sek(100_000)));
        bench.effects.clear();
        bench
    }

    /// The program stops and starts again. The machine goes on, unless `boot` was changed.
    pub fn restart(&mut self) {
        self.till = None;
        self.uptime_ms = 1_000;
        let (store, opened) = Store::open(self.dir.path(), Options::default()).expect("the store opens");
        let control = self.control;
        let setup = Setup { machine_boot: self.boot.clone(), control, ..Setup::nordic(self.provision.clone(), "trolley 0.1.0", "0042") };
        let mut till = Till::start(store, opened, setup, [7; 32], self.now()).expect("the till starts");
        self.effects.extend(till.take_effects());
        self.till = Some(till);
    }

    pub fn now(&self) -> Now {
        Now { wall_s: self.wall_s, uptime_ms: self.uptime_ms, trust: self.trust }
    }

    pub fn wait(&mut self, seconds: u32) {
        self.wall_s += i64::from(seconds);
        self.uptime_ms += u64::from(seconds) * 1000;
    }

    pub fn till(&self) -> &Till {
        self.till.as_ref().expect("the till runs")
    }

    pub fn till_mut(&mut self) -> &mut Till {
        self.till.as_mut().expect("the till runs")
    }

    pub fn books(&self) -> &Books {
        self.till().books()
    }

    pub fn tells(&mut self, command: Command) -> Result<Answer, Wrong> {
        let now = self.now();
        let answer = self.till_mut().handle(command, now);
        let effects = self.till_mut().take_effects();
        self.effects.extend(effects);
        answer
    }

    /// The command is carried out.
    #[track_caller]
    pub fn does(&mut self, command: Command) -> Answer {
        let shown = format!("{command:?}");
        match self.tells(command) {
            Ok(answer) => answer,
            Err(wrong) => panic!("{shown} was refused: {}", wrong.code()),
        }
    }

    /// The command is refused with this code, and nothing is different afterwards.
    #[track_caller]
    pub fn refuses(&mut self, command: Command, code: &str) {
        let shown = format!("{command:?}");
        let (seq, books, sale, effects) =
            (self.till().store().seq(), self.books().clone(), self.till().open_sale().cloned(), self.effects.len());
        let wrong = self.tells(command).expect_err(&format!("{shown} is refused"));
        assert_eq!(wrong.code(), code, "{shown}");
        if code != "crew.pin_wrong" {
            assert_eq!(self.till().store().seq(), seq, "{shown} writes nothing");
            assert_eq!(self.books(), &books, "{shown} changes nothing");
        }
        assert_eq!(self.till().open_sale(), sale.as_ref(), "{shown} leaves the sale alone");
        assert_eq!(self.effects.len(), effects, "{shown} moves no device");
    }

    /// The effects since the last look.
    pub fn effects(&mut self) -> Vec<Effect> {
        core::mem::take(&mut self.effects)
    }

    /// The pending card payment is answered.
    #[track_caller]
    pub fn card(&mut self, answer: PaymentAnswer) -> Answer {
        let reference = self.books().card.as_ref().expect("a card payment is pending").reference.clone();
        self.does(Command::CardAnswered { reference, answer })
    }

    /// What the control unit was asked to record since the last look, the last of it.
    #[track_caller]
    pub fn asked(&mut self) -> ReceiptRecord {
        let mut asked = self.effects().into_iter().filter_map(|effect| match effect {
            Effect::Register(record) => Some(*record),
            _ => None,
        });
        asked.next_back().expect("the control unit is asked")
    }

    /// The control unit gives its code for what it was asked.
    #[track_caller]
    pub fn unit_codes(&mut self, record: ReceiptRecord) -> Answer {
        let result = Ok(code(&record));
        self.does(Command::ControlAnswered { record: Box::new(record), result })
    }

    /// The control unit is in trouble about what it was asked.
    #[track_caller]
    pub fn unit_fails(&mut self, record: &ReceiptRecord, trouble: ControlTrouble) -> Answer {
        self.does(Command::ControlAnswered { record: Box::new(record.clone()), result: Err(trouble) })
    }

    /// Everything that waits for paper comes out.
    pub fn print_all(&mut self) -> usize {
        let jobs = self.till().store().unfinished_jobs().expect("the jobs are read");
        let queued: Vec<_> = jobs.into_iter().filter(|job| job.state == JobState::Queued).map(|job| job.job_id).collect();
        for job_id in &queued {
            self.till_mut().job_begins(*job_id).expect("the job begins");
            self.does(Command::JobEnded { job_id: *job_id, outcome: PrintOutcome::Printed });
        }
        queued.len()
    }

    pub fn entries(&self) -> Vec<Entry> {
        let stored = self.till().store().entries(1, 100_000).expect("the entries are read");
        stored.iter().map(|(_, bytes)| Entry::decode(bytes).expect("an entry")).collect()
    }

    pub fn count(&self, which: impl Fn(&Fact) -> bool) -> usize {
        self.entries().iter().filter(|entry| which(&entry.fact)).count()
    }
}

pub fn sek(minor: i64) -> Money {
    Money::new(minor, Currency::Sek)
}

pub fn sku(text: &str) -> Sku {
    Sku::new(text).expect("a SKU")
}

pub fn add(text: &str, qty: i64) -> Command {
    Command::Add { sku: sku(text), qty }
}

pub fn cash(minor: i64) -> Command {
    Command::PayCash(sek(minor))
}

pub fn card(minor: i64) -> Command {
    Command::PayCard(sek(minor))
}

pub fn sign_in() -> Command {
    Command::SignIn { crew: "101".into(), pin: "1101".into() }
}

pub fn served() -> Command {
    Command::Serve(Supply::Served)
}

pub fn part(receipt_no: u64, line: u32, qty: i64) -> Command {
    Command::Refund(receipt_no, RefundScope::line(LineNo(line), qty))
}

pub fn rest(receipt_no: u64) -> Command {
    Command::Refund(receipt_no, RefundScope::Rest)
}

pub fn z(minor: i64) -> Command {
    Command::ZReport { counted: sek(minor), pieces: Vec::new() }
}

/// The control unit works.
pub fn unit_ready() -> Command {
    let unit = "DEMO0000000000001".try_into().expect("a number");
    Command::ControlSeen(Ok(ControlState { unit, is_ready: true, storage_low: false }))
}

/// A code that no other receipt has.
pub fn code(record: &ReceiptRecord) -> ControlCode {
    let code = format!("KOD{:?}{}", record.kind, record.number);
    ControlCode { code: code.as_str().try_into().expect("a code"), unit: "DEMO0000000000001".try_into().expect("a number") }
}

pub fn approved(amount_minor: i64) -> PaymentAnswer {
    PaymentAnswer::Approved(Approval {
        amount_minor,
        currency: "SEK".into(),
        terminal_transaction: "T1".into(),
        authorisation_code: "A1B2C3".into(),
        masked_pan: "************1234".into(),
        scheme: "Demo Card".into(),
        offline: false,
    })
}

pub fn declined() -> PaymentAnswer {
    PaymentAnswer::Declined { reason: "no funds".into() }
}
