//! The face: what the window remembers between two snapshots, and how it answers replies.

use std::{cell::RefCell, collections::BTreeMap, rc::Rc, time::Duration};

use domain::{
    Money, Refusal,
    crew::Language,
    sale::{LineNo, TenderKind},
};
use slint::{ComponentHandle as _, Global as _, Weak};
use till::{Answer, Command, Paid, Wrong, words};

use super::{
    backroom::{Ask, Asks, Backroom, Receipt, Reply, Snapshot, Told},
    entry::Typed,
    list::List,
    present::service::Tests,
};

mod intents;
mod light;
mod message;
mod shelf;
mod show;

pub(in crate::screen) use intents::because;
pub use light::Light;
pub use message::Act;

/// The window's way to the till: over a channel, or at once on the same thread.
pub enum Link {
    /// The till works in its own thread.
    Thread(Asks),
    /// The till answers at once; for tests and pictures.
    Direct(Box<Backroom>),
}

/// Where a card payment stands on the pay screen.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct CardFace {
    pub state: ui::CardState,
    pub amount: Option<Money>,
}

impl Default for CardFace {
    fn default() -> Self {
        Self { state: ui::CardState::Idle, amount: None }
    }
}

/// What was just paid.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct DoneFace {
    pub paid: Paid,
    pub given: Vec<(TenderKind, i64)>,
}

/// Every list of every view.
#[derive(Default)]
pub(super) struct Lists {
    pub crew: List<ui::CrewFace>,
    pub trains: List<ui::Train>,
    pub calls: List<ui::Call>,
    pub sections: List<ui::VatSection>,
    pub float_figures: List<ui::Figure>,
    pub usual_floats: List<ui::Note>,
    pub shelf: shelf::Shelf,
    pub lines: List<ui::SaleLine>,
    pub parked: List<ui::ParkedSale>,
    pub tenders: List<ui::Tender>,
    pub notes: List<ui::Note>,
    pub done: List<ui::Figure>,
    pub receipts: List<ui::ReceiptRow>,
    pub paper: List<ui::PaperLine>,
    pub refund: List<ui::RefundLine>,
    pub report: List<ui::Figure>,
    pub denominations: List<ui::Denomination>,
    pub behind: List<ui::Figure>,
    pub devices: List<ui::Device>,
    pub service: List<ui::Figure>,
}

/// What the window remembers.
pub struct Face {
    window: Weak<ui::AppWindow>,
    link: Link,
    pub(super) shot: Option<Rc<Snapshot>>,
    /// Seconds since `shot` was taken.
    pub(super) shot_age_s: i64,
    pub(super) lists: Lists,
    pub(super) language: Option<Language>,
    pub(super) crew: String,
    pub(super) pin: Typed,
    pub(super) pin_note: ui::PinNote,
    pub(super) pin_until_s: i64,
    pub(super) train: String,
    pub(super) typed: Typed,
    pub(super) category: String,
    pub(super) query: String,
    pub(super) line: String,
    pub(super) line_shown: String,
    pub(super) given: Vec<(TenderKind, i64)>,
    pub(super) notice: (String, ui::Level),
    pub(super) undo: Option<Command>,
    pub(super) card: CardFace,
    pub(super) done: Option<DoneFace>,
    pub(super) receipts: Vec<store::Receipt>,
    pub(super) receipt: Option<Receipt>,
    /// The receipt to open once the list is there.
    wanted: Option<u64>,
    pub(super) find: Typed,
    pub(super) refund: BTreeMap<LineNo, i64>,
    pub(super) counts: BTreeMap<i64, Typed>,
    pub(super) message: Option<message::Shown>,
    pub(super) told: Vec<String>,
    pub(super) tests: Tests,
    pub(super) evidence: String,
    pub(super) light: Light,
    pub(super) listed_seq: u64,
}

impl Face {
    /// The face of `window`.
    #[must_use]
    pub fn new(window: &ui::AppWindow, link: Link, night: bool) -> Rc<RefCell<Self>> {
        let face = Rc::new(RefCell::new(Self {
            window: window.as_weak(),
            link,
            shot: None,
            shot_age_s: 0,
            lists: Lists::default(),
            language: None,
            crew: String::new(),
            pin: Typed::default(),
            pin_note: ui::PinNote::None,
            pin_until_s: 0,
            train: String::new(),
            typed: Typed::default(),
            category: super::present::sell::FAVOURITES.into(),
            query: String::new(),
            line: String::new(),
            line_shown: String::new(),
            given: Vec::new(),
            notice: (String::new(), ui::Level::Good),
            undo: None,
            card: CardFace::default(),
            done: None,
            receipts: Vec::new(),
            receipt: None,
            wanted: None,
            find: Typed::default(),
            refund: BTreeMap::new(),
            counts: BTreeMap::new(),
            message: None,
            told: Vec::new(),
            tests: Tests::default(),
            evidence: String::new(),
            light: Light::default(),
            listed_seq: 0,
        }));
        face.borrow().bind(window);
        ui::Theme::get(window).set_night(night);
        super::wire::wire(window, &face);
        face
    }

    /// A second has passed. The till is asked only when the screen would show it: a till that nobody touches does next to nothing.
    pub fn tick(&mut self) {
        self.shot_age_s += 1;
        self.second_idle();
        let Some(shot) = &self.shot else { return };
        let minute_over = (shot.wall.0 + self.shot_age_s).div_euclid(60) != shot.wall.0.div_euclid(60);
        if minute_over || self.pin_note == ui::PinNote::Wait {
            self.ask(Ask::Look);
        }
    }

    /// Asks the till. Without a thread between them the reply is taken at once.
    pub fn ask(&mut self, ask: Ask) {
        let reply = match &mut self.link {
            Link::Thread(asks) => {
                asks.ask(ask);
                return;
            }
            Link::Direct(backroom) => backroom.answer(ask),
        };
        self.take(reply);
    }

    /// Takes in what devices told meanwhile, for a face without a thread. Waits up to `patience` for the first.
    pub fn pump(&mut self, patience: Duration) {
        let Link::Direct(backroom) = &mut self.link else { return };
        for reply in backroom.events(patience) {
            self.take(reply);
        }
    }

    /// The till on this thread, if it is on this thread.
    pub fn backroom(&mut self) -> Option<&mut Backroom> {
        match &mut self.link {
            Link::Thread(_) => None,
            Link::Direct(backroom) => Some(backroom),
        }
    }

    /// Takes in a reply.
    pub fn take(&mut self, reply: Reply) {
        let first = self.shot.is_none();
        let was = self.home();
        self.shot = Some(Rc::new(reply.snapshot));
        self.shot_age_s = 0;
        match reply.told {
            Told::Nothing => {}
            Told::Did(command, Ok(answer)) => self.did(&command, answer),
            Told::Did(command, Err(wrong)) => self.refused(&command, &wrong),
            Told::Card(answer) => self.card_told(answer),
            Told::Heard(text) => self.scanned(&text),
            Told::Receipts(receipts) => self.list_receipts(receipts),
            Told::Receipt(receipt) => {
                self.refund.clear();
                self.receipt = Some(*receipt);
            }
            Told::Tested(device, well) => self.tested(device, well),
            Told::TestRefused(_, wrong) => {
                self.tests = Tests::default();
                self.tell_wrong(&wrong);
            }
            Told::Evidence(path) => self.evidence = super::present::service::saved(&path),
            Told::Fault(wrong) => self.tell_wrong(&wrong),
        }
        if first {
            self.go(self.home());
            self.tell_start();
        } else if self.home() != was && !matches!(self.view(), ui::View::Service | ui::View::Shift) {
            self.go(self.home());
        }
        self.tell_doubted();
        self.show();
    }

    /// Where a crew member stands before anything is chosen: sign in, trip, shift, sell.
    fn home(&self) -> ui::View {
        match &self.shot {
            Some(shot) if shot.books.crew.is_some() => match (&shot.books.trip, &shot.books.shift) {
                (None, _) => ui::View::Trip,
                (_, None) => ui::View::OpenShift,
                _ => ui::View::Sell,
            },
            _ => ui::View::SignIn,
        }
    }

    pub(super) fn window(&self) -> Option<ui::AppWindow> {
        self.window.upgrade()
    }

    pub(super) fn view(&self) -> ui::View {
        self.window().map_or(ui::View::SignIn, |window| ui::Stage::get(&window).get_view())
    }

    /// Another screen. What was typed on the last one is void, and so is what lay open there.
    pub(super) fn go(&mut self, view: ui::View) {
        self.typed.clear();
        self.undo = None;
        if core::mem::take(&mut self.tests).running.is_some() {
            self.ask(Ask::EndTest);
        }
        let view = self.unless_device_waits(view);
        if let Some(window) = self.window() {
            ui::Stage::get(&window).set_view(view);
            ui::Stage::get(&window).set_menu_open(false);
            ui::Sell::get(&window).set_search_open(false);
            ui::Sell::get(&window).set_parked_open(false);
            ui::Shift::get(&window).set_panel(ui::ShiftPanel::Report);
            ui::Receipts::get(&window).set_panel(ui::ReceiptPanel::Paper);
            let currency = self.shot.as_ref().map(|shot| shot.setup.operator.currency);
            let largest = currency.and_then(|currency| domain::cash::denominations(currency).first().copied());
            ui::Shift::get(&window).set_counting(largest.map(|value| value.to_string()).unwrap_or_default().into());
        }
        match view {
            ui::View::OpenShift => {
                let float = self.shot.as_ref().map(|shot| shot.setup.operator.opening_float.minor() / 100);
                float.into_iter().for_each(|float| self.typed.suggest(&float.to_string()));
            }
            ui::View::Receipts => {
                self.receipt = None;
                self.refund.clear();
                self.ask(Ask::Receipts);
            }
            _ => {}
        }
    }

    /// While terminal or control unit owe an answer nothing can be sold, and the pay screen is the one that can do something about it.
    fn unless_device_waits(&mut self, view: ui::View) -> ui::View {
        if view == ui::View::Sell && self.shot.as_ref().is_some_and(|shot| shot.books.control.is_some()) {
            return ui::View::Pay;
        }
        let waiting = self.shot.as_ref().and_then(|shot| shot.books.card.as_ref()).map(|card| card.unknown);
        match (view, waiting) {
            (ui::View::Sell, Some(unknown)) => {
                let state = if unknown { ui::CardState::Unknown } else { ui::CardState::Asking };
                self.card = CardFace { state, amount: self.card_amount() };
                ui::View::Pay
            }
            _ => view,
        }
    }

    /// The language of whoever is signed in, unless another was chosen.
    pub(super) fn language(&self) -> Language {
        let crew = self.shot.as_ref().and_then(|shot| {
            let id = shot.books.crew.as_deref()?;
            shot.setup.roster.entries().iter().find(|entry| entry.member.id.as_str() == id).map(|entry| entry.member.language)
        });
        self.language.or(crew).unwrap_or_default()
    }

    fn did(&mut self, command: &Command, answer: Answer) {
        let command = if let Command::Because(_, inner) = command { inner } else { command };
        match (command, answer) {
            (Command::SignIn { .. }, _) => {
                self.pin.clear();
                self.pin_note = ui::PinNote::None;
                self.language = None;
                self.go(self.home());
            }
            (Command::SignOut, _) => {
                self.crew.clear();
                self.go(ui::View::SignIn);
            }
            (_, Answer::Paid(paid)) => self.paid(paid),
            (_, Answer::Due(_)) => self.typed.clear(),
            (_, answer @ (Answer::ControlAsked(_) | Answer::ControlTrouble(..))) => self.control_told(&answer),
            (_, Answer::ControlGivenUp { back, .. }) => self.given_up(back),
            (Command::PayCard(_) | Command::AskCardAgain, Answer::CardAsked(_)) => self.card.state = ui::CardState::Asking,
            (Command::CardSettled(_), answer) | (_, answer @ Answer::CardNotPaid { .. }) => self.card_told(answer),
            (_, Answer::CardAsked(_)) => {
                // A refund to a card waits where a payment waits.
                self.card = CardFace { state: ui::CardState::Asking, amount: self.card_amount() };
                self.go(ui::View::Pay);
            }
            (Command::Park, Answer::Parked(ticket)) => {
                let says = match self.language() {
                    Language::Sv => format!("Parkerad som nr {ticket}"),
                    Language::En => format!("Parked as no. {ticket}"),
                };
                self.notice = (says, ui::Level::Good);
            }
            (Command::Copy(receipt_no), _) => self.ask(Ask::Receipt(*receipt_no)),
            (Command::ZReport { .. }, _) => {
                self.counts.clear();
                if let Some(window) = self.window() {
                    ui::Shift::get(&window).set_panel(ui::ShiftPanel::Closed);
                }
            }
            (Command::CashDrop(_) | Command::PaidIn(_) | Command::PaidOut(_) | Command::NoSale | Command::XReport, _) => {
                self.typed.clear();
                if let Some(window) = self.window() {
                    ui::Shift::get(&window).set_panel(ui::ShiftPanel::Report);
                }
            }
            (Command::Add { .. } | Command::Scan(_), Answer::Line(no)) => self.added(no),
            (_, Answer::ReceiptFound(receipt_no)) => {
                self.wanted = Some(receipt_no);
                self.go(ui::View::Receipts);
            }
            (Command::Abandon | Command::Resume(_), _) => {
                self.undo = None;
                self.notice.0.clear();
            }
            _ => {}
        }
    }

    /// A line was added: it is the one that the buttons act on, and the step can be taken back.
    fn added(&mut self, no: LineNo) {
        self.line = no.0.to_string();
        let Some(line) = self.shot.as_ref().and_then(|shot| shot.open_sale.as_ref()?.lines.iter().find(|line| line.no == no).cloned())
        else {
            return;
        };
        self.undo = Some(if line.qty > 1 { Command::SetQty(no, line.qty - 1) } else { Command::VoidLine(no) });
        self.notice.0.clear();
    }

    fn paid(&mut self, paid: Paid) {
        let given = core::mem::take(&mut self.given);
        self.done = Some(DoneFace { paid, given });
        self.card = CardFace::default();
        self.line.clear();
        self.go(ui::View::Done);
        if paid.total.minor() < 0 {
            self.receipt = None;
        }
    }

    /// Remembers what is being given, for the done screen.
    pub(super) fn giving(&mut self, kind: TenderKind, minor: i64) {
        let Some(shot) = &self.shot else { return };
        let Some(sale) = &shot.open_sale else { return };
        let mut given: Vec<(TenderKind, i64)> = sale.tenders.iter().map(|tender| (tender.kind, tender.amount_minor)).collect();
        given.push((kind, minor));
        self.given = given;
    }

    /// A receipt waits for the control unit. A copy is waited for where it was asked for, unless something is wrong.
    fn control_told(&mut self, answer: &Answer) {
        self.card = CardFace::default();
        let pending = self.shot.as_ref().and_then(|shot| shot.books.control.as_ref());
        let copy = pending.is_some_and(|pending| pending.request.kind == journal::ControlKind::Copy);
        if !copy || matches!(answer, Answer::ControlTrouble(..)) {
            self.go(ui::View::Pay);
        }
    }

    /// The receipt was given up: the sale is open again, and cash goes back.
    fn given_up(&mut self, back: Money) {
        self.given.clear();
        let home = if self.nothing_to_pay() { ui::View::Receipts } else { ui::View::Sell };
        self.go(home);
        let amount = words::amount(back);
        let values: &[(&str, &str)] = if back.minor() == 0 { &[] } else { &[("amount", &amount)] };
        self.tell("control.given_up", ui::Level::Warn, values);
    }

    /// The copy has its code and is being printed.
    fn copied(&mut self, receipt_no: u64) {
        if self.view() == ui::View::Pay {
            self.go(ui::View::Receipts);
        }
        self.ask(Ask::Receipt(receipt_no));
    }

    fn card_told(&mut self, answer: Answer) {
        match answer {
            Answer::ControlAsked(_) | Answer::ControlTrouble(..) => self.control_told(&answer),
            Answer::Copying(receipt_no) => self.copied(receipt_no),
            Answer::Paid(paid) => self.paid(paid),
            Answer::CardNotPaid { declined: false } => {
                self.card = CardFace::default();
                self.tell("terminal.away", ui::Level::Warn, &[]);
            }
            Answer::CardNotPaid { declined: true } => self.card.state = ui::CardState::Declined,
            Answer::CardUnknown(_) => {
                self.card = CardFace { state: ui::CardState::Unknown, amount: self.card_amount() };
                self.go(ui::View::Pay);
            }
            _ => self.card = CardFace::default(),
        }
    }

    fn card_amount(&self) -> Option<Money> {
        let shot = self.shot.as_ref()?;
        let card = shot.books.card.as_ref()?;
        Some(Money::new(card.amount_minor, shot.setup.operator.currency))
    }

    fn list_receipts(&mut self, receipts: Vec<store::Receipt>) {
        self.listed_seq = self.shot.as_ref().map_or(0, |shot| shot.seq);
        let chosen = self.receipt.as_ref().map(|receipt| receipt.sale.receipt_no);
        let newest = receipts.first().map(|receipt| receipt.receipt_no);
        self.receipts = receipts;
        if let Some(receipt_no) = self.wanted.take().or(chosen).or(newest) {
            self.ask(Ask::Receipt(receipt_no));
        }
    }

    /// Small things are said where they happen; the rest lies over the screen until somebody has read it.
    fn refused(&mut self, command: &Command, wrong: &Wrong) {
        match (command, wrong) {
            (Command::SignIn { .. }, Wrong::Refused(Refusal::PinWrong)) => {
                self.pin.clear();
                self.pin_note = ui::PinNote::Wrong;
            }
            (Command::SignIn { .. }, Wrong::PinDelayed { wait_s }) => {
                self.pin.clear();
                self.pin_note = ui::PinNote::Wait;
                self.pin_until_s = self.shot.as_ref().map_or(0, |shot| shot.wall.0) + i64::from(*wait_s);
            }
            // Money may hang on a receipt that is not genuine: that is no small thing.
            (Command::Scan(text), _) if intents::is_receipt(text) => self.tell_wrong(wrong),
            (_, Wrong::Refused(refusal)) if self.view() == ui::View::Sell => {
                self.undo = None;
                let says = words::message(self.language(), refusal.code()).map(|message| message.plain().happened);
                self.notice = (says.unwrap_or_else(|| refusal.code().to_owned()), ui::Level::Warn);
            }
            (Command::SignOut, Wrong::Refused(_)) => {
                self.go(self.home());
                self.tell_wrong(wrong);
            }
            _ => self.tell_wrong(wrong),
        }
    }
}
