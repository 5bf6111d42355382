//! The headless face: one command per line in, one JSON object per line out, on the real store and simulated devices.
//!
//! An answer is written and flushed at once, and where something was committed only after the commit.

use std::{
    collections::VecDeque,
    io::{self, BufRead, Read as _, Write},
    sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel},
    thread,
    time::Duration,
};

use domain::Refusal;
use hw::{
    control::{ControlState, ControlTrouble},
    printer::{Contact, PrintOutcome, PrinterState, PrinterTrouble},
};
use serde_json::{Value, json};
use till::{Answer, Command, Counter, Happened, Wrong, desk::Event, words};

use crate::{clock::Clock, devices::Simulated, error::Failure};

mod service;
pub mod show;
mod sync;
pub mod word;

use show::amount;
use word::{LINE_BYTES_MAX, Word};

/// The most lines and events that wait.
const INPUTS_MAX: usize = 256;
/// After this much quiet, what is not flushed is flushed.
const QUIET: Duration = Duration::from_millis(500);
/// The longest wait for the answer of a card terminal or control unit; their drivers give up earlier and say so.
const DEVICE_WAIT: Duration = Duration::from_secs(150);
/// The longest wait for what comes of a test; later it comes as news.
const TEST_WAIT: Duration = Duration::from_secs(10);
/// The longest wait at the end for paper that is on its way.
const LAST_PAPER_WAIT: Duration = Duration::from_secs(3);
/// The most entries in one answer to `journal`.
const JOURNAL_ENTRIES_MAX: usize = 1000;
/// The most receipts in one answer to `receipts`.
const RECEIPTS_MAX: usize = 1000;

/// What the loop waits for.
#[derive(Debug)]
pub enum Input {
    /// A line of standard input, without its end.
    Line(Result<String, Refusal>),
    /// A device told something.
    Event(Event),
    /// Standard input is over.
    End,
}

/// The channel between the readers and the loop.
#[must_use]
pub fn inputs() -> (SyncSender<Input>, Receiver<Input>) {
    sync_channel(INPUTS_MAX)
}

/// Reads lines until the end.
pub fn read_lines(mut from: impl BufRead + Send + 'static, inputs: SyncSender<Input>) {
    let reader = thread::Builder::new().name("lines".into()).spawn(move || {
        while let Some(line) = read_line(&mut from) {
            if inputs.send(Input::Line(line)).is_err() {
                return;
            }
        }
        drop(inputs.send(Input::End));
    });
    assert!(reader.is_ok(), "the reading thread starts");
}

/// One line, at most [`LINE_BYTES_MAX`] long; a longer one is read over and refused.
fn read_line(from: &mut impl BufRead) -> Option<Result<String, Refusal>> {
    let mut bytes = Vec::new();
    let limit = u64::try_from(LINE_BYTES_MAX + 1).unwrap_or(u64::MAX);
    if from.by_ref().take(limit).read_until(b'\n', &mut bytes).ok()? == 0 {
        return None;
    }
    if bytes.last() != Some(&b'\n') && bytes.len() > LINE_BYTES_MAX {
        let mut rest = Vec::new();
        while from.by_ref().take(limit).read_until(b'\n', &mut rest).is_ok_and(|read| read > 0) && rest.last() != Some(&b'\n') {
            rest.clear();
        }
        return Some(Err(Refusal::CommandUnreadable));
    }
    if bytes.last() == Some(&b'\n') {
        bytes.pop();
    }
    Some(String::from_utf8(bytes).map_err(|_| Refusal::CommandUnreadable))
}

/// The headless face at work.
pub struct Drive<W> {
    counter: Counter,
    simulated: Simulated,
    clock: Clock,
    inputs: Receiver<Input>,
    waiting: VecDeque<Input>,
    /// Lines about what devices did by themselves, not yet written.
    news: Vec<Value>,
    out: W,
}

impl<W: Write> Drive<W> {
    /// A till at its counter, whose devices tell into `inputs`.
    pub const fn new(counter: Counter, simulated: Simulated, clock: Clock, inputs: Receiver<Input>, out: W) -> Self {
        Self { counter, simulated, clock, inputs, waiting: VecDeque::new(), news: Vec::new(), out }
    }

    /// Works until standard input is over.
    ///
    /// # Errors
    /// [`Failure`] when nobody reads the answers any more.
    pub fn run(mut self) -> Result<(), Failure> {
        if let Some(pending) = &self.counter.till().books().control {
            // What waited for its code when the till stopped is closed before the next line is read.
            let asked = Answer::ControlAsked(pending.request.number);
            drop(self.answered(asked));
        }
        loop {
            match self.next(QUIET) {
                Some(Input::Line(line)) => {
                    let answer = self.line(line);
                    // News came before the answer was there.
                    self.tell_news()?;
                    answer.map_or(Ok(()), |answer| self.say(&answer))?;
                }
                Some(Input::Event(event)) => self.event(event),
                Some(Input::End) => break,
                None => drop(self.counter.settle()),
            }
            // A fault here is not lost: the next command meets the same store.
            drop(self.counter.tick(self.clock.now()));
            self.tell_news()?;
        }
        self.let_paper_come_out();
        self.tell_news()?;
        drop(self.counter.settle());
        Ok(())
    }

    fn next(&mut self, patience: Duration) -> Option<Input> {
        if let Some(input) = self.waiting.pop_front() {
            return Some(input);
        }
        match self.inputs.recv_timeout(patience) {
            Ok(input) => Some(input),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => Some(Input::End),
        }
    }

    /// Writes a line, in one piece: an answer that is cut off would look like one that was given.
    fn say(&mut self, value: &Value) -> Result<(), Failure> {
        let line = format!("{value}\n");
        self.out.write_all(line.as_bytes()).and_then(|()| self.out.flush()).map_err(Failure::Answer)
    }

    fn tell_news(&mut self) -> Result<(), Failure> {
        core::mem::take(&mut self.news).iter().try_for_each(|news| self.say(news))
    }

    /// A fault here is not lost: the next command meets the same store.
    fn event(&mut self, event: Event) {
        let printed = matches!(event, Event::JobEnded(_, PrintOutcome::Printed));
        let happened = self.counter.event(event, self.clock.now());
        self.news.extend(happened.as_ref().ok().and_then(|happened| self.test_news(happened)));
        if let Ok(Happened::Scanned(text, done)) = happened {
            let mut news = done.and_then(|answer| self.answer(answer)).unwrap_or_else(|wrong| said(&wrong));
            news["event"] = json!("scan");
            news["text"] = json!(text);
            self.news.push(news);
        }
        drop(self.clock.keep(&mut self.counter));
        // More may wait than the printer's queue held, and a busy script leaves no quiet moment in which to send it.
        if printed && !self.counter.paper_under_way() {
            drop(self.counter.command(Command::PrinterReady, self.clock.now()));
        }
    }

    fn line(&mut self, line: Result<String, Refusal>) -> Option<Value> {
        let currency = self.counter.till().setup().operator.currency;
        let word = match line {
            Ok(line) if line.trim().is_empty() || line.trim_start().starts_with('#') => return None,
            Ok(line) => word::parse(&line, currency),
            Err(refusal) => Err(refusal),
        };
        let answer = word.map_err(Wrong::from).and_then(|word| self.word(word));
        Some(answer.unwrap_or_else(|wrong| said(&wrong)))
    }

    fn word(&mut self, word: Word) -> Result<Value, Wrong> {
        match word {
            Word::Till(command) => {
                let is_x = command == Command::XReport;
                let answer = self.command(command)?;
                if is_x { self.x_figures() } else { self.answer(answer) }
            }
            Word::Paper(job_id, came_out) => {
                let answer = self.command(Command::JobDecided { job_id: store::JobId(job_id), came_out })?;
                self.answer(answer)
            }
            Word::Time(wall_s) => {
                self.counter.command(Command::SetClock(wall_s), self.clock.now())?;
                self.clock.set(wall_s);
                Ok(ok(json!({"time": self.time()})))
            }
            Word::Fix(fix, has_time) => {
                let now = self.clock.now();
                let fix = if has_time { fix } else { hw::position::Fix { utc_s: now.wall_s, ..fix } };
                self.counter.event(Event::Fixed(fix), now)?;
                self.clock.keep(&mut self.counter)?;
                Ok(ok(json!({"place": self.place(), "clock_trust": format!("{:?}", self.counter.till().clock_trust())})))
            }
            Word::Device(device, fault) => {
                self.simulated.set(&device, &fault)?;
                self.counter.desk().look();
                Ok(ok(json!({"device": device, "state": fault})))
            }
            Word::HoldUp(code) => {
                self.simulated.scanner.scan(&code);
                Ok(ok(json!({"device": "scanner", "text": code})))
            }
            Word::Devices => Ok(self.devices()),
            Word::Test(device) => self.test(device),
            Word::Evidence => self.evidence(),
            Word::InstallBundle(path) => self.install_bundle(&path),
            Word::Sync => self.sync(),
            Word::Hub => Ok(ok(self.hub())),
            Word::Sale => Ok(ok(self.counter.till().open_sale().map_or_else(|| json!({"lines": [], "to_pay": "0.00"}), show::open_sale))),
            Word::Products => Ok(ok(json!({"products": self.products()}))),
            Word::Receipts(before) => Ok(ok(json!({"receipts": self.receipts(before)?}))),
            Word::Status => Ok(ok(self.status()?)),
            Word::Journal(from) => Ok(ok(json!({"entries": self.journal(from)?}))),
            Word::Verify => {
                let verified = self.counter.till().store().verify()?;
                Ok(ok(
                    json!({"entries": verified.entries, "receipts": verified.receipts, "head": self.counter.till().store().head().to_string()}),
                ))
            }
            Word::Receipt(receipt_no) => {
                let till = self.counter.till();
                let document = till.receipt_document(till.books().training, receipt_no, self.counter.desk().columns())?;
                Ok(ok(json!({"receipt_no": receipt_no, "text": self.simulated.as_printed(&document)})))
            }
        }
    }

    /// Carries a command out and, when it asks the card terminal or the control unit, waits for the answer.
    fn command(&mut self, command: Command) -> Result<Answer, Wrong> {
        let first = self.counter.command(command.clone(), self.clock.now());
        let answer = match first {
            Err(Wrong::Refused(Refusal::ControlUnheard)) => {
                self.hear_control_unit();
                self.counter.command(command, self.clock.now())?
            }
            told => told?,
        };
        self.answered(answer)
    }

    /// Waits until the devices that are being asked have answered.
    fn answered(&mut self, mut answer: Answer) -> Result<Answer, Wrong> {
        let mut later = VecDeque::new();
        let result = loop {
            let asked = match &answer {
                Answer::CardAsked(reference) => reference.clone(),
                Answer::ControlAsked(number) => number.to_string(),
                _ => break Ok(answer),
            };
            let event = match self.inputs.recv_timeout(DEVICE_WAIT) {
                Ok(Input::Event(event)) => event,
                Ok(input) => {
                    later.push_back(input);
                    continue;
                }
                Err(_) => break Ok(unanswered(answer)),
            };
            // What another device tells meanwhile is no answer to this line, not even when it goes wrong.
            if !matches!(event, Event::CardAnswered(..) | Event::ControlAnswered(..)) {
                self.event(event);
                continue;
            }
            match self.counter.event(event, self.clock.now()) {
                Ok(Happened::Answered(reference, told)) if reference == asked => answer = told,
                Ok(_) => {}
                Err(wrong) => break Err(wrong),
            }
        };
        self.waiting.append(&mut later);
        result
    }

    /// Right after the start the control unit may not have been heard yet.
    fn hear_control_unit(&mut self) {
        let mut later = VecDeque::new();
        while self.counter.till().control_seen_last().is_none() {
            match self.inputs.recv_timeout(DEVICE_WAIT) {
                Ok(Input::Event(event)) => self.event(event),
                Ok(input) => later.push_back(input),
                Err(_) => break,
            }
        }
        self.waiting.append(&mut later);
    }

    fn answer(&self, answer: Answer) -> Result<Value, Wrong> {
        let till = self.counter.till();
        let seq = till.store().seq();
        Ok(match answer {
            Answer::Done | Answer::ClockSet(_) => ok(self.state(json!({"seq": seq}))),
            Answer::Line(no) => ok(self.state(json!({"line": no.0}))),
            Answer::ReceiptFound(receipt_no) => ok(json!({"receipt_no": receipt_no})),
            Answer::Parked(ticket) => ok(json!({"ticket": ticket, "seq": seq})),
            Answer::Due(due) => ok(json!({"due": due.to_string(), "to_pay": due.to_string()})),
            Answer::Paid(paid) => ok(json!({
                "receipt_no": paid.receipt_no,
                "total": paid.total.to_string(),
                "rounding": paid.rounding.to_string(),
                "change": paid.change.to_string(),
                "seq": paid.seq,
                "training": paid.training,
            })),
            Answer::CardAsked(reference) | Answer::CardUnknown(reference) => {
                let mut refused = said(&Wrong::Refused(Refusal::CardUnknown));
                refused["refused"]["reference"] = json!(reference);
                refused
            }
            Answer::CardNotPaid { declined } => {
                said(&Wrong::Refused(if declined { Refusal::CardDeclined } else { Refusal::CardTerminalAway }))
            }
            Answer::ControlAsked(number) => waits(number, &Wrong::Refused(Refusal::ControlPending)),
            Answer::ControlTrouble(number, trouble) => waits(number, &Wrong::Control(trouble)),
            Answer::ControlGivenUp { number, burned, back } => {
                ok(self.state(json!({"given_up": number, "burned": burned, "back": back.to_string(), "seq": seq})))
            }
            Answer::Shift(no) => ok(json!({"shift": no, "float": amount(till.books().totals.float_minor), "seq": seq})),
            Answer::Copying(receipt_no) => ok(json!({"receipt_no": receipt_no, "seq": seq})),
            Answer::BundleInstalled { role, version, in_force } => {
                ok(json!({"bundle": role.name(), "version": version, "in_force": in_force, "seq": seq}))
            }
            Answer::Closed { z_no, expected, variance } => {
                ok(json!({"z_no": z_no, "expected": expected.to_string(), "variance": variance.to_string(), "seq": seq}))
            }
        })
    }

    /// Adds what is to pay, where a sale is open.
    fn state(&self, mut answer: Value) -> Value {
        if let Some(sale) = self.counter.till().open_sale() {
            answer["to_pay"] = json!(sale.due().to_string());
        }
        answer
    }

    /// The figures of the X report that was just read.
    fn x_figures(&self) -> Result<Value, Wrong> {
        let till = self.counter.till();
        let entry = till.entry(till.store().seq())?;
        let mut answer = json!({"seq": entry.seq});
        if let journal::Fact::XRead(read) = &entry.fact {
            answer["x"] = show::shift_read(read);
        }
        Ok(ok(self.state(answer)))
    }

    fn products(&self) -> Vec<Value> {
        let till = self.counter.till();
        let setup = till.setup();
        let trip = till.books().trip.as_ref().map(|trip| &trip.started.trip);
        let wall_s = till.wall(self.clock.now()).0;
        let today = chrono::DateTime::from_timestamp(wall_s, 0).map(|at| at.date_naive()).unwrap_or_default();
        let on = trip.map_or(today, domain::trip::Trip::operating_day);
        let country = trip.map_or(setup.operator.country, |trip| trip.vat_country(till.leg(self.clock.now()).unwrap_or(0)));
        let product = |product: &domain::catalogue::Product| {
            let price =
                |product: &domain::catalogue::Product| product.price(setup.operator.currency, on).ok().map(|price| price.to_string());
            let deposit = product.deposit.as_ref().and_then(|sku| setup.catalogue.by_sku(sku).ok());
            json!({
                "sku": product.sku.as_str(),
                "name": product.name.sv,
                "name_en": product.name.en,
                "category": product.category.0,
                "price": price(product),
                "vat_rate": setup.vat.rate(country, product.vat_class, product.supply, on).ok().map(show::rate),
                "gtin": product.gtin.map(|gtin| gtin.to_string()),
                "item_key": product.item_key.map(|item| item.to_string()),
                "deposit": deposit.and_then(price),
                "age_limit": product.age_limit,
                "allergens": allergens(product.allergens.contains),
                "may_contain": allergens(product.allergens.may_contain),
                "sold_out": product.sold_out,
            })
        };
        setup.catalogue.products().iter().map(product).collect()
    }

    fn receipts(&self, before: Option<u64>) -> Result<Vec<Value>, Wrong> {
        let till = self.counter.till();
        let rows = till.store().receipts(till.books().training, before, RECEIPTS_MAX)?;
        let row = |row: &store::Receipt| {
            let kind = domain::sale::SaleKind::ALL.get(usize::from(row.kind)).copied().map(show::sale_kind);
            json!({"receipt_no": row.receipt_no, "total": amount(row.total_minor), "kind": kind, "seq": row.seq, "training": row.training})
        };
        Ok(rows.iter().map(row).collect())
    }

    fn journal(&self, from: u64) -> Result<Vec<Value>, Wrong> {
        let till = self.counter.till();
        let entries = till.store().entries(from, JOURNAL_ENTRIES_MAX)?;
        entries.into_iter().map(|(seq, _)| till.entry(seq).map(|entry| show::entry(&entry))).collect()
    }

    fn status(&self) -> Result<Value, Wrong> {
        let till = self.counter.till();
        let books = till.books();
        let states = self.counter.states();
        let sync = self.counter.sync_state(self.clock.now());
        let doubted: Vec<u64> = till.doubted_jobs()?.iter().map(|job| job.job_id.0).collect();
        let waiting = till.store().unfinished_jobs()?.len() - doubted.len();
        Ok(json!({
            "seq": till.store().seq(),
            "head": till.store().head().to_string(),
            "log": till.store().log().map(|log| log.log_id.to_string()),
            "register": books.register,
            "unsent": sync.here.entries,
            "sync": show::sync(&sync),
            "crew": books.crew,
            "trip": books.trip.as_ref().map(|trip| json!({
                "train": trip.started.trip.train().as_str(), "operating_day": trip.started.trip.operating_day().to_string(),
                "leg": till.leg(self.clock.now()),
            })),
            "place": self.place(),
            "shift": books.shift.as_ref().map(|shift| shift.no),
            "open_sale": till.open_sale().map(show::open_sale),
            "parked": books.parked.iter().map(|(ticket, parked)| json!({"ticket": ticket, "total": parked.sale.total().to_string()})).collect::<Vec<_>>(),
            "card": books.card.as_ref().map(|card| json!({"reference": card.reference, "amount": amount(card.amount_minor), "unknown": card.unknown})),
            "control": books.control.as_ref().map(|pending| json!({
                "receipt_no": pending.request.number, "kind": show::control_kind(pending.request.kind),
                "trouble": till.control_trouble().map(ControlTrouble::code),
            })),
            "training": books.training,
            "time": self.time(),
            "clock_trust": format!("{:?}", till.clock_trust()),
            "devices": {
                "printer": printer(states.printer),
                "terminal": states.terminal.map(|state| format!("{state:?}").to_lowercase()),
                "drawer": if states.drawer_failed { "failed" } else { "ok" },
                "display": states.display,
                "scanner": states.scanner,
                "control": till.control_seen_last().map(control),
                "position": states.position,
                "supply": match states.supply_lost {
                    true => Some("away".to_owned()),
                    false => states.supply.map(|supply| format!("{supply:?}").to_lowercase()),
                },
            },
            "paper": {"waiting": waiting, "doubted": doubted},
            "versions": {"program": till.setup().program, "catalogue": till.setup().catalogue.version()},
            "store": match till.opened() {
                store::Opened::Fresh => "fresh",
                store::Opened::Whole => "whole",
                store::Opened::Repaired { .. } => "repaired",
                store::Opened::SetAside(_) => "set_aside",
                store::Opened::Sealed(_) => "sealed",
            },
        }))
    }

    fn place(&self) -> Value {
        show::place(&self.counter.place(self.clock.now()))
    }

    fn time(&self) -> String {
        let (wall_s, offset_min) = self.counter.till().wall(self.clock.now());
        show::time(wall_s, offset_min)
    }

    fn let_paper_come_out(&mut self) {
        let mut patience = LAST_PAPER_WAIT;
        const STEP: Duration = Duration::from_millis(50);
        while self.counter.paper_under_way() && !patience.is_zero() {
            match self.inputs.recv_timeout(STEP) {
                Ok(Input::Event(event)) => self.event(event),
                Ok(_) => {}
                Err(_) => patience = patience.saturating_sub(STEP),
            }
        }
    }
}

/// A printer that was not heard yet is neither well nor in trouble.
fn printer(state: PrinterState) -> Value {
    match state.contact {
        Contact::Unasked => Value::Null,
        _ => json!(state.trouble().map_or("ok", PrinterTrouble::code)),
    }
}

/// What the control unit said of itself.
fn control(seen: &Result<ControlState, ControlTrouble>) -> Value {
    json!(match seen {
        Ok(state) if !state.is_ready => "control.busy",
        Ok(state) if state.storage_low => "control.storage_low",
        Ok(_) => "ok",
        Err(trouble) => trouble.code(),
    })
}

/// Nobody answered within [`DEVICE_WAIT`].
fn unanswered(asked: Answer) -> Answer {
    match asked {
        Answer::CardAsked(reference) => Answer::CardUnknown(reference),
        other => other,
    }
}

/// The receipt is settled and waits for the control unit.
fn waits(receipt_no: u64, why: &Wrong) -> Value {
    let mut refused = said_with(why, &[("receipt_no", &receipt_no.to_string())]);
    refused["refused"]["waits"] = json!(receipt_no);
    refused
}

fn ok(value: Value) -> Value {
    json!({"ok": value})
}

/// What is wrong, for people: what happened and what to do.
fn said(wrong: &Wrong) -> Value {
    match wrong {
        Wrong::PinDelayed { wait_s } => said_with(wrong, &[("seconds", &wait_s.to_string())]),
        _ => said_with(wrong, &[]),
    }
}

fn said_with(wrong: &Wrong, values: &[(&str, &str)]) -> Value {
    let mut told = worded(wrong.code(), values);
    match wrong {
        Wrong::Fault(fault) => {
            told["detail"] = json!(fault.to_string());
            json!({"fault": told})
        }
        _ => json!({"refused": told}),
    }
}

/// A refusal by its code alone.
fn code_said(code: &str) -> Value {
    json!({"refused": worded(code, &[])})
}

fn worded(code: &str, values: &[(&str, &str)]) -> Value {
    let message = words::message(words::Language::En, code).map(|message| message.with(values));
    let (says, safe, todo) = message.map_or_else(Default::default, |message| (message.happened, message.safe, message.todo));
    json!({"code": code, "says": says, "safe": safe, "do": todo})
}

/// Numbers of the allergens in a set.
fn allergens(set: u16) -> Vec<u16> {
    (1..=14).filter(|number| set & (1 << (number - 1)) != 0).collect()
}

/// Lines of standard input.
pub fn read_stdin(inputs: SyncSender<Input>) {
    read_lines(io::BufReader::new(io::stdin()), inputs);
}
