//! What people want, turned into commands.

use domain::{
    Money, Refusal,
    catalogue::Sku,
    crew::Language,
    sale::{LineNo, RefundScope, TenderKind},
    vat::Supply,
};
use slint::Global as _;
use till::Command;

use super::{CardFace, Face};
use crate::screen::{
    backroom::Ask,
    present::{checkout, crew, currency, drawer, sell, service::Tests},
};

/// Whether a scanned text is the code of a receipt.
pub(in crate::screen) fn is_receipt(text: &str) -> bool {
    text.trim_start().starts_with(till::paper::QR_PREFIX)
}

/// A command with its reason, where one was given.
pub(in crate::screen) fn because(reason: &str, command: Command) -> Command {
    if reason.is_empty() { command } else { Command::Because(reason.to_owned(), Box::new(command)) }
}

impl Face {
    pub(in crate::screen) fn command(&mut self, command: Command) {
        self.ask(Ask::Command(command));
    }

    pub(in crate::screen) fn because(&mut self, reason: &str, command: Command) {
        self.command(because(reason, command));
    }

    pub(in crate::screen) fn choose_crew(&mut self, id: &str) {
        self.crew = id.to_owned();
        self.pin.clear();
        self.pin_note = ui::PinNote::None;
    }

    pub(in crate::screen) fn pin_key(&mut self, key: &str) {
        self.pin.any_key(key);
        if self.pin_note == ui::PinNote::Wrong {
            self.pin_note = ui::PinNote::None;
        }
    }

    pub(in crate::screen) fn sign_in(&mut self) {
        if !self.crew.is_empty() && !self.pin.as_str().is_empty() {
            self.command(Command::SignIn { crew: self.crew.clone(), pin: self.pin.as_str().to_owned() });
        }
    }

    pub(in crate::screen) fn start_trip(&mut self, train: &str) {
        let Some(shot) = &self.shot else { return };
        let operating_day = crew::today(shot);
        self.command(Command::StartTrip { train: train.to_owned(), operating_day });
    }

    pub(in crate::screen) fn open_shift(&mut self) {
        if let Some(float) = self.typed_amount() {
            self.command(Command::OpenShift(float));
        }
    }

    pub(in crate::screen) fn add(&mut self, sku: &str) {
        if let Ok(sku) = Sku::new(sku) {
            self.command(Command::Add { sku, qty: 1 });
        }
    }

    /// What a scanner read goes into the sale, wherever the crew stands, and the code of a receipt opens it. In the middle of something
    /// else nothing is done with it, and the screen says so.
    pub(in crate::screen) fn scanned(&mut self, text: &str) {
        if self.message.is_some() {
            // What lies over the screen is read first, and it lies over everything.
            return;
        }
        if self.is_in_the_middle(is_receipt(text)) {
            self.tell(Refusal::ScanNotNow.code(), ui::Level::Warn, &[]);
            self.show();
            return;
        }
        let selling = self.shot.as_ref().is_some_and(|shot| shot.books.shift.is_some() && shot.books.crew.is_some());
        if selling && !is_receipt(text) && !matches!(self.view(), ui::View::Pay | ui::View::Sell) {
            self.go(ui::View::Sell);
        }
        self.command(Command::Scan(text.to_owned()));
    }

    /// Whether the crew is at something that a scan would tear them from: a panel, a refund, a count, and with a receipt's code a payment.
    /// A product that comes while they take payment goes on the sale, as long as the till says that it may.
    fn is_in_the_middle(&self, is_receipt: bool) -> bool {
        let Some(window) = self.window() else { return false };
        match self.view() {
            _ if ui::Stage::get(&window).get_menu_open() => true,
            ui::View::Pay => is_receipt,
            ui::View::Sell => ui::Sell::get(&window).get_search_open() || ui::Sell::get(&window).get_parked_open(),
            ui::View::Receipts => matches!(ui::Receipts::get(&window).get_panel(), ui::ReceiptPanel::Refund | ui::ReceiptPanel::Reason),
            ui::View::Shift => !matches!(ui::Shift::get(&window).get_panel(), ui::ShiftPanel::Report | ui::ShiftPanel::Closed),
            _ => false,
        }
    }

    pub(in crate::screen) fn step_line(&mut self, id: &str, step: i64) {
        let Some((no, qty)) = self.line_of(id) else { return };
        self.undo = None;
        self.line = id.to_owned();
        self.command(Command::SetQty(no, qty + step));
    }

    pub(in crate::screen) fn void_line(&mut self, id: &str) {
        let Some(shot) = &self.shot else { return };
        let Some((no, qty)) = self.line_of(id) else { return };
        let line = shot.open_sale.as_ref().and_then(|sale| sale.lines.iter().find(|line| line.no == no));
        let Some((sku, name)) = line.map(|line| (line.sku.clone(), sell::line_name(shot, line, self.language()))) else { return };
        // A labelled piece comes back by its label alone.
        let by_hand = shot.setup.catalogue.by_sku(&sku).is_ok_and(|product| product.item_key.is_none());
        self.command(Command::VoidLine(no));
        self.undo = by_hand.then_some(Command::Add { sku, qty });
        let says = match self.language() {
            Language::Sv => format!("Borttagen: {name}"),
            Language::En => format!("Removed: {name}"),
        };
        self.notice = (says, ui::Level::Good);
    }

    pub(in crate::screen) fn serve_line(&mut self, id: &str) {
        self.line = id.to_owned();
        let Some(shot) = &self.shot else { return };
        let Some((no, _)) = self.line_of(id) else { return };
        let line = shot.open_sale.as_ref().and_then(|sale| sale.lines.iter().find(|line| line.no == no));
        let supply = match line.map(|line| line.supply) {
            Some(Supply::TakeAway) => Supply::Served,
            _ => Supply::TakeAway,
        };
        self.command(Command::ServeLine(no, supply));
    }

    pub(in crate::screen) fn undo(&mut self) {
        if let Some(command) = self.undo.take() {
            self.notice.0.clear();
            self.command(command);
        }
    }

    pub(in crate::screen) fn search_key(&mut self, key: &str) {
        match key {
            "back" => {
                self.query.pop();
            }
            "clear" => self.query.clear(),
            "space" => self.query.push(' '),
            letter => self.query.push_str(letter),
        }
    }

    pub(in crate::screen) fn pay_exact(&mut self) {
        let Some(due) = self.shot.as_ref().and_then(|shot| shot.open_sale.as_ref()).map(|sale| sale.due_in_cash()) else { return };
        self.pay_cash(due);
    }

    pub(in crate::screen) fn pay_cash(&mut self, amount: Money) {
        self.giving(TenderKind::Cash, amount.minor());
        self.command(Command::PayCash(amount));
    }

    pub(in crate::screen) fn pay_note(&mut self, id: &str) {
        let Some(shot) = &self.shot else { return };
        if let Ok(minor) = id.parse() {
            self.pay_cash(Money::new(minor, currency(shot)));
        }
    }

    pub(in crate::screen) fn pay_typed(&mut self) {
        if let Some(amount) = self.typed_amount() {
            self.pay_cash(amount);
        }
    }

    pub(in crate::screen) fn pay_card(&mut self) {
        let Some(due) = self.shot.as_ref().and_then(|shot| shot.open_sale.as_ref()).map(|sale| sale.due()) else { return };
        let amount = self.typed_amount().unwrap_or(due);
        self.giving(TenderKind::Card, amount.minor());
        self.card = CardFace { state: ui::CardState::Idle, amount: Some(amount) };
        self.command(Command::PayCard(amount));
    }

    pub(in crate::screen) fn retry_card(&mut self) {
        let amount = self.card.amount;
        self.card = CardFace::default();
        if self.nothing_to_pay() {
            return self.go(ui::View::Receipts);
        }
        if let Some(amount) = amount {
            self.giving(TenderKind::Card, amount.minor());
            self.card.amount = Some(amount);
            self.command(Command::PayCard(amount));
        }
    }

    pub(in crate::screen) fn other_way(&mut self) {
        self.card = CardFace::default();
        if self.nothing_to_pay() {
            self.go(ui::View::Receipts);
        }
    }

    /// A refund to a card was declined: there is no sale whose payment could be tried again.
    pub(super) fn nothing_to_pay(&self) -> bool {
        self.shot.as_ref().is_none_or(|shot| shot.open_sale.as_ref().is_none_or(|sale| sale.lines.is_empty()))
    }

    pub(in crate::screen) fn void_tender(&mut self, id: &str) {
        if let Ok(place) = id.parse() {
            self.command(Command::VoidTender(place));
        }
    }

    pub(in crate::screen) fn find_receipt(&mut self) {
        if let Some(receipt_no) = self.find.number() {
            self.find.clear();
            self.ask(Ask::Receipt(receipt_no));
        }
    }

    pub(in crate::screen) fn step_refund(&mut self, id: &str, step: i64) {
        let Some(receipt) = &self.receipt else { return };
        let Some(no) = id.parse().ok().map(LineNo) else { return };
        let most = checkout::left_to_refund(receipt).get(&no).copied().unwrap_or(0);
        let chosen = self.refund.entry(no).or_default();
        *chosen = (*chosen + step).clamp(0, most);
    }

    pub(in crate::screen) fn refund_all(&mut self) {
        if let Some(receipt) = &self.receipt {
            self.refund = checkout::left_to_refund(receipt);
        }
    }

    pub(in crate::screen) fn refund(&mut self, receipt_no: &str, reason: &str) {
        let Some(receipt) = &self.receipt else { return };
        let Ok(receipt_no) = receipt_no.parse::<u64>() else { return };
        let left = checkout::left_to_refund(receipt);
        let chosen: Vec<(LineNo, i64)> = self.refund.iter().map(|(no, qty)| (*no, *qty)).filter(|(_, qty)| *qty > 0).collect();
        let all = left.iter().filter(|(_, left)| **left > 0).all(|(no, left)| self.refund.get(no) == Some(left));
        let scope = if all { RefundScope::Rest } else { RefundScope::Lines(chosen) };
        self.because(reason, Command::Refund(receipt_no, scope));
    }

    pub(in crate::screen) fn count_key(&mut self, id: &str, key: &str) {
        let (Some(shot), Some(window)) = (&self.shot, self.window()) else { return };
        let Ok(value) = id.parse::<i64>() else { return };
        if key == "next" {
            let values: Vec<i64> = domain::cash::denominations(currency(shot)).to_vec();
            let place = values.iter().position(|one| *one == value).unwrap_or(0);
            let next = values.get((place + 1) % values.len()).copied().unwrap_or(value);
            ui::Shift::get(&window).set_counting(next.to_string().into());
            return;
        }
        self.counts.entry(value).or_default().key(key);
    }

    pub(in crate::screen) fn close_shift(&mut self) {
        let Some(shot) = &self.shot else { return };
        let counted = Money::new(drawer::counted_minor(&self.counts), currency(shot));
        let pieces = drawer::pieces(&self.counts);
        self.command(Command::ZReport { counted, pieces });
    }

    pub(in crate::screen) fn with_typed(&mut self, command: impl FnOnce(Money) -> Command) {
        if let Some(amount) = self.typed_amount() {
            self.command(command(amount));
        }
    }

    pub(in crate::screen) fn test(&mut self, device: &str) {
        self.tests = Tests { running: Some(device.to_owned()), ended: None };
        self.ask(Ask::Test(device.to_owned()));
    }

    /// A test that was overtaken by another says nothing any more.
    pub(in crate::screen) fn tested(&mut self, device: String, well: bool) {
        if self.tests.running.as_deref() == Some(device.as_str()) {
            self.tests = Tests { running: None, ended: Some((device, well)) };
        }
    }

    pub(in crate::screen) fn next_language(&mut self) {
        self.language = Some(match self.language() {
            Language::Sv => Language::En,
            Language::En => Language::Sv,
        });
    }

    /// What is wrong, what is safe, what to do, about one word of the strip.
    pub(in crate::screen) fn explain(&mut self, what: &str) {
        use crate::screen::present::strip;
        let Some(shot) = &self.shot else { return };
        let view = strip::view(shot);
        match what {
            "printer" => {
                let code = shot.states.printer.trouble().filter(|_| view.printer != ui::PrinterState::Ok).map(|trouble| trouble.code());
                self.tell(code.unwrap_or("printer.ok"), if code.is_some() { ui::Level::Bad } else { ui::Level::Good }, &[]);
            }
            "terminal" => match view.terminal {
                ui::TerminalState::Ok => self.tell("terminal.ok", ui::Level::Good, &[]),
                ui::TerminalState::Busy => self.tell("terminal.busy", ui::Level::Warn, &[]),
                ui::TerminalState::Silent => self.tell("terminal.silent", ui::Level::Bad, &[]),
                ui::TerminalState::Off => self.tell("terminal.away", ui::Level::Bad, &[]),
            },
            "control" => {
                let level = match view.control {
                    ui::ControlFace::Away => ui::Level::Bad,
                    ui::ControlFace::Busy | ui::ControlFace::Low => ui::Level::Warn,
                    ui::ControlFace::Ok | ui::ControlFace::None => ui::Level::Good,
                };
                self.tell(strip::control_code(shot), level, &[]);
            }
            "sync" if view.supply_failing => self.tell("supply.failing", ui::Level::Bad, &[]),
            "clock" if view.time_trusted => self.tell("clock.ok", ui::Level::Good, &[]),
            "clock" => self.tell_clock(),
            "sync" => {
                let level = if view.sync == ui::SyncState::Stuck { ui::Level::Warn } else { ui::Level::Good };
                self.tell(strip::sync_code(shot), level, &[]);
            }
            "trip" if shot.books.crew.is_some() => self.go(ui::View::Trip),
            "crew" if shot.books.crew.is_some() => self.go(ui::View::Shift),
            _ => {}
        }
    }

    fn typed_amount(&self) -> Option<Money> {
        self.typed.amount(currency(self.shot.as_ref()?))
    }

    fn line_of(&self, id: &str) -> Option<(LineNo, i64)> {
        let no = LineNo(id.parse().ok()?);
        let line = self.shot.as_ref()?.open_sale.as_ref()?.lines.iter().find(|line| line.no == no)?;
        Some((no, line.qty))
    }
}
