//! Strings into the window. Called after every reply and every key; lists change by difference.

use slint::{Global as _, Image, Rgba8Pixel, SharedPixelBuffer, SharedString};

use domain::{crew::Language, sale::OpenSale, vat::Supply};

use super::Face;
use crate::screen::{
    backroom::Snapshot,
    present::{checkout, crew, currency, drawer, money, sell, service, strip},
};

impl Face {
    /// Gives the window the lists once; from then on they change in place.
    pub(super) fn bind(&self, window: &ui::AppWindow) {
        let lists = &self.lists;
        ui::SignIn::get(window).set_crew(lists.crew.model());
        ui::Trip::get(window).set_trains(lists.trains.model());
        ui::Trip::get(window).set_calls(lists.calls.model());
        ui::Trip::get(window).set_sections(lists.sections.model());
        ui::OpenShift::get(window).set_figures(lists.float_figures.model());
        ui::OpenShift::get(window).set_usual(lists.usual_floats.model());
        let view = ui::Sell::get(window);
        view.set_categories(lists.shelf.categories.model());
        view.set_products(lists.shelf.products.model());
        view.set_found(lists.shelf.found.model());
        view.set_lines(lists.lines.model());
        view.set_parked(lists.parked.model());
        ui::Pay::get(window).set_tenders(lists.tenders.model());
        ui::Pay::get(window).set_notes(lists.notes.model());
        ui::Done::get(window).set_figures(lists.done.model());
        ui::Receipts::get(window).set_rows(lists.receipts.model());
        ui::Receipts::get(window).set_paper(lists.paper.model());
        ui::Receipts::get(window).set_refund_lines(lists.refund.model());
        ui::Shift::get(window).set_report(lists.report.model());
        ui::Shift::get(window).set_denominations(lists.denominations.model());
        ui::Shift::get(window).set_behind(lists.behind.model());
        ui::Service::get(window).set_devices(lists.devices.model());
        ui::Service::get(window).set_figures(lists.service.model());
        ui::Stage::get(window).set_view(ui::View::SignIn);
        ui::Message::get(window).set_open(false);
        ui::Sell::get(window).set_category(sell::FAVOURITES.into());
    }

    /// Shows how everything stands.
    pub(in crate::screen) fn show(&mut self) {
        let (Some(window), Some(shot)) = (self.window(), self.shot.clone()) else { return };
        let language = self.language();
        let spoken = match language {
            Language::Sv => ui::Language::Swedish,
            Language::En => ui::Language::English,
        };
        if self.told.first().map(String::as_str) != Some(language.code()) {
            self.told = vec![language.code().to_owned()];
            ui::speak(spoken);
        }
        let stage = ui::Stage::get(&window);
        stage.set_signed_in(shot.books.crew.is_some());
        self.show_light(&window);
        self.show_strip(&window, &shot);
        self.show_message(&window);
        match stage.get_view() {
            ui::View::SignIn => self.show_sign_in(&window, &shot),
            ui::View::Trip => self.show_trip(&window, &shot, language),
            ui::View::OpenShift => self.show_open_shift(&window, &shot, language),
            ui::View::Sell => self.show_sell(&window, &shot, language),
            ui::View::Pay => self.show_pay(&window, &shot, language),
            ui::View::Done => self.show_done(&window, &shot, language),
            ui::View::Receipts => self.show_receipts(&window, &shot, language),
            ui::View::Shift => self.show_shift(&window, &shot, language),
            ui::View::Service => self.show_service(&window, &shot, language, spoken),
        }
    }

    fn show_strip(&self, window: &ui::AppWindow, shot: &Snapshot) {
        let view = strip::view(shot);
        let strip = ui::Strip::get(window);
        strip.set_train(view.train.into());
        strip.set_next_call(view.next.0.into());
        strip.set_next_time(view.next.1.into());
        strip.set_standing(view.standing);
        strip.set_supply_failing(view.supply_failing);
        strip.set_saved(view.saved);
        strip.set_time(view.time.into());
        strip.set_time_trusted(view.time_trusted);
        strip.set_crew(view.crew.into());
        strip.set_printer(view.printer);
        strip.set_terminal(view.terminal);
        strip.set_control(view.control);
        strip.set_sync(view.sync);
        strip.set_unsent(view.unsent);
        strip.set_oldest(view.oldest.into());
        strip.set_chance(view.chance.into());
        strip.set_training(view.training);
    }

    fn show_message(&self, window: &ui::AppWindow) {
        let view = ui::Message::get(window);
        if let Some(shown) = &self.message {
            view.set_code(shown.code.as_str().into());
            view.set_level(shown.level);
            view.set_happened(shown.sentences.happened.as_str().into());
            view.set_safe(shown.sentences.safe.as_str().into());
            view.set_todo(shown.sentences.todo.as_str().into());
            view.set_first(shown.first.0.as_str().into());
            view.set_second(shown.second.as_ref().map(|(text, _)| text.as_str()).unwrap_or_default().into());
        }
        view.set_open(self.message.is_some());
    }

    fn show_sign_in(&mut self, window: &ui::AppWindow, shot: &Snapshot) {
        let view = ui::SignIn::get(window);
        let wait_s = self.pin_until_s - shot.wall.0;
        if self.pin_note == ui::PinNote::Wait && wait_s <= 0 {
            self.pin_note = ui::PinNote::None;
        }
        self.lists.crew.show(crew::faces(shot));
        view.set_chosen(self.crew.as_str().into());
        view.set_chosen_name(strip::member(shot, &self.crew).unwrap_or_default().into());
        view.set_digits(i32::try_from(self.pin.as_str().len()).unwrap_or(0));
        view.set_note(self.pin_note);
        view.set_wait(format!("{}:{:02}", wait_s.max(0) / 60, wait_s.max(0) % 60).into());
        let wrong = shot.books.pins.get(&self.crew).map_or(0, |pin| pin.wrong);
        let free = domain::crew::PinAttempts::WRONG_FREE_MAX + 1;
        view.set_attempts_left(i32::try_from(free.saturating_sub(wrong)).unwrap_or(0));
    }

    fn show_trip(&mut self, window: &ui::AppWindow, shot: &Snapshot, language: Language) {
        let view = ui::Trip::get(window);
        let trains = crew::trains(shot, language);
        if self.train.is_empty() || !trains.iter().any(|train| train.id == self.train) {
            self.train = crew::likely(shot);
        }
        view.set_day(crew::day_in_words(crew::today(shot), language).into());
        self.lists.trains.show(trains);
        view.set_chosen(self.train.as_str().into());
        let trip = crew::trip(shot, &self.train);
        let ends = |trip: &domain::trip::Trip| {
            let name = |call: Option<&domain::trip::Call>| call.map(|call| call.station.name.clone()).unwrap_or_default();
            format!("{} {} – {}", trip.train().as_str(), name(trip.calls().first()), name(trip.calls().last()))
        };
        view.set_title(trip.as_ref().map(ends).unwrap_or_default().into());
        self.lists.calls.show(trip.as_ref().map(|trip| crew::calls(shot, trip)).unwrap_or_default());
        self.lists.sections.show(trip.as_ref().map(|trip| crew::sections(shot, trip)).unwrap_or_default());
        let running = shot.books.trip.is_some();
        view.set_running(running);
        view.set_can_start(!running && trip.is_some());
        view.set_can_end(running && shot.open_sale.is_none());
    }

    fn show_open_shift(&self, window: &ui::AppWindow, shot: &Snapshot, language: Language) {
        let view = ui::OpenShift::get(window);
        let typed = self.typed.amount(currency(shot));
        view.set_entered(typed.map(till::words::amount).unwrap_or_default().into());
        view.set_can_open(typed.is_some());
        self.lists.float_figures.show(crew::before_shift(shot, language));
        let usual = [500, 1000, 2000].map(|units: i64| ui::Note {
            id: units.to_string().into(),
            text: till::words::amount_short(domain::Money::new(units * 100, currency(shot))).into(),
        });
        self.lists.usual_floats.show(usual.into());
    }

    fn show_sell(&mut self, window: &ui::AppWindow, shot: &Snapshot, language: Language) {
        let view = ui::Sell::get(window);
        self.lists.shelf.show(sell::Wares::of(shot, language), &self.category, &self.query);
        view.set_category(self.category.as_str().into());
        view.set_query(self.query.as_str().into());
        let sale = shot.open_sale.as_ref();
        self.lists.lines.show(sale.map(|sale| sell::lines(shot, sale, language)).unwrap_or_default());
        self.choose_line(&view, sale);
        let zero = || money(0, currency(shot));
        view.set_total(sale.map_or_else(zero, |sale| money(sale.due().minor(), currency(shot))).into());
        view.set_items(sale.map_or(0, sell::pieces));
        let payable = sale.is_some_and(|sale| !sale.lines.is_empty()) && shot.books.card.is_none();
        view.set_can_pay(payable);
        view.set_can_park(payable && sale.is_some_and(|sale| sale.tenders.is_empty()));
        view.set_serve(sale.and_then(|sale| sale.supply) == Some(Supply::Served));
        view.set_serve_locked(sale.is_some_and(|sale| !sale.tenders.is_empty()));
        self.lists.parked.show(sell::parked(shot, language));
        view.set_notice(self.notice.0.as_str().into());
        view.set_notice_level(self.notice.1);
        view.set_can_undo(self.undo.is_some());
    }

    /// The line that the buttons act on: the one the till has just touched, else the one that was tapped, else the last.
    fn choose_line(&mut self, view: &ui::Sell<'_>, sale: Option<&OpenSale>) {
        if self.line == self.line_shown {
            self.line = view.get_selected().into();
        }
        let own = || sale.into_iter().flat_map(|sale| sale.lines.iter().filter(|line| line.linked_to.is_none()));
        if !own().any(|line| line.no.0.to_string() == self.line) {
            self.line = own().last().map(|line| line.no.0.to_string()).unwrap_or_default();
        }
        self.line_shown.clone_from(&self.line);
        view.set_selected(self.line.as_str().into());
    }

    fn show_pay(&self, window: &ui::AppWindow, shot: &Snapshot, language: Language) {
        let view = ui::Pay::get(window);
        let sum = |minor: i64| SharedString::from(money(minor, currency(shot)));
        let sale = shot.open_sale.as_ref();
        let due = sale.map_or(0, |sale| sale.due().minor());
        view.set_to_pay(sum(sale.map_or(0, |sale| sale.total().minor())));
        view.set_rest(sum(due));
        self.lists.tenders.show(sale.map(|sale| checkout::tenders(sale, language)).unwrap_or_default());
        self.lists.notes.show(checkout::notes(currency(shot)));
        let typed = self.typed.amount(currency(shot));
        view.set_entered(typed.map(till::words::amount).unwrap_or_default().into());
        view.set_exact(sum(sale.map_or(0, |sale| sale.due_in_cash().minor())));
        let card = if self.card.state == ui::CardState::Idle {
            typed.map(domain::Money::minor).unwrap_or(due)
        } else {
            self.card.amount.map_or(due, domain::Money::minor)
        };
        view.set_card_amount(sum(card));
        view.set_card_possible(sale.is_some_and(|sale: &OpenSale| sale.may_tender_card(domain::Money::new(card, currency(shot))).is_ok()));
        view.set_card_state(self.card.state);
        view.set_card_says("".into());
        view.set_card_can_cancel(self.card.state == ui::CardState::Asking);
        Self::show_control(window, shot, language);
    }

    fn show_control(window: &ui::AppWindow, shot: &Snapshot, language: Language) {
        let view = ui::Pay::get(window);
        let Some(control) = checkout::control(shot, language) else {
            view.set_control(ui::ControlWait::None);
            return;
        };
        view.set_control(control.wait);
        // What was paid is no longer owed, and change is told when the receipt is there.
        view.set_rest(money(0, currency(shot)).into());
        view.set_control_what(control.what.into());
        view.set_control_happened(control.happened.into());
        view.set_control_says(control.says.into());
        view.set_control_can_give_up(control.can_give_up);
        view.set_control_is_sale(control.is_sale);
    }

    fn show_done(&self, window: &ui::AppWindow, shot: &Snapshot, language: Language) {
        let view = ui::Done::get(window);
        let Some(done) = &self.done else { return };
        let paid = &done.paid;
        let change = if paid.total.minor() < 0 { -(paid.total.minor() + paid.rounding.minor()) } else { paid.change.minor() };
        view.set_change(if change == 0 { "".into() } else { money(change, paid.total.currency()).into() });
        view.set_receipt_no(paid.receipt_no.to_string().into());
        view.set_total(money(paid.total.minor() + paid.rounding.minor(), paid.total.currency()).into());
        self.lists.done.show(checkout::done_figures(paid, &done.given, language));
        let doubted = shot.doubted.iter().any(|(_, receipt_no)| *receipt_no == Some(paid.receipt_no));
        let stuck = !matches!(strip::printer(shot), ui::PrinterState::Ok | ui::PrinterState::PaperLow);
        view.set_print(match shot.paper_waiting {
            _ if doubted => ui::PrintState::Failed,
            0 => ui::PrintState::Printed,
            _ if stuck => ui::PrintState::Waiting,
            _ => ui::PrintState::Printing,
        });
        let copied = self.receipt.as_ref().is_some_and(|receipt| receipt.sale.receipt_no == paid.receipt_no && receipt.copied);
        view.set_can_copy(!copied);
    }

    fn show_receipts(&self, window: &ui::AppWindow, shot: &Snapshot, language: Language) {
        let view = ui::Receipts::get(window);
        self.lists.receipts.show(checkout::receipt_rows(shot, &self.receipts, language));
        view.set_query(self.find.as_str().into());
        let Some(receipt) = &self.receipt else {
            view.set_can_copy(false);
            view.set_can_void(false);
            view.set_can_refund(false);
            view.set_picture(Image::default());
            view.set_chosen("".into());
            self.lists.paper.show(Vec::new());
            return;
        };
        view.set_chosen(receipt.sale.receipt_no.to_string().into());
        let compact = ui::Screen::get(window).get_compact();
        let picture = if compact { None } else { picture(&receipt.picture) };
        view.set_picture(picture.unwrap_or_default());
        self.lists.paper.show(checkout::paper_lines(&receipt.document));
        let whole = checkout::left_to_refund(receipt).values().any(|left| *left > 0) && receipt.sale.corrects.is_none();
        let in_shift = receipt.entry.context.shift == shot.books.shift.as_ref().map(|shift| shift.no);
        view.set_can_copy(!receipt.copied);
        view.set_can_void(whole && in_shift && receipt.before.is_empty());
        view.set_can_refund(whole && shot.books.shift.is_some());
        self.lists.refund.show(checkout::refund_lines(shot, receipt, &self.refund, language));
        let minor = checkout::refund_minor(receipt, &self.refund);
        view.set_refund_total(money(minor, receipt.sale.currency).into());
        view.set_can_confirm_refund(self.refund.values().any(|qty| *qty > 0));
    }

    fn show_shift(&self, window: &ui::AppWindow, shot: &Snapshot, language: Language) {
        let view = ui::Shift::get(window);
        let paper = till::words::paper(language);
        let since = shot.books.shift.as_ref().map(|shift| crate::screen::present::clock(shift.opened_s, shot.wall.1)).unwrap_or_default();
        view.set_title(format!("{} {} · {since}", paper.shift, shot.books.shift_no).into());
        self.lists.report.show(drawer::report(shot, language));
        let typed = self.typed.amount(currency(shot));
        view.set_entered(typed.map(till::words::amount).unwrap_or_default().into());
        view.set_can_confirm(typed.is_some());
        self.lists.denominations.show(drawer::denominations(shot, &self.counts));
        view.set_counted(money(drawer::counted_minor(&self.counts), currency(shot)).into());
        if let Some(closed) = &shot.closed {
            let (closed, lines) = closed.as_ref();
            let variance = closed.counted_minor - closed.expected_minor;
            let name = if language == Language::Sv { till::words::Regime::SWEDEN.z_report } else { "Z report" };
            view.set_z_title(format!("{name} {}", closed.z_no).into());
            view.set_variance(money(variance, closed.currency).into());
            view.set_variance_none(variance == 0);
            self.lists.behind.show(drawer::behind(shot, closed, lines, language));
        }
    }

    fn show_service(&self, window: &ui::AppWindow, shot: &Snapshot, language: Language, spoken: ui::Language) {
        let view = ui::Service::get(window);
        self.lists.devices.show(service::devices(shot, language, &self.tests));
        self.lists.service.show(service::figures(shot, language));
        view.set_training(shot.books.training);
        view.set_can_train(shot.open_sale.is_none() && shot.books.card.is_none() && shot.books.crew.is_some());
        view.set_evidence(self.evidence.as_str().into());
        view.set_language(spoken.own_name().into());
        view.set_brightness(format!("{} %", self.light.percent()).into());
    }
}

/// Dots of paper beside each other that become one of the screen.
const HALF: u32 = 2;

/// A PNG as a picture for the window, at half its size: dots of a printer are too fine for a screen, and what is thinned out is not read.
fn picture(png: &[u8]) -> Option<Image> {
    let mut reader = png::Decoder::new(std::io::Cursor::new(png)).read_info().ok()?;
    let mut bytes = vec![0; reader.output_buffer_size()?];
    let frame = reader.next_frame(&mut bytes).ok()?;
    let channels = frame.color_type.samples();
    let (width, height) = (frame.width / HALF, frame.height / HALF);
    let mut pixels = SharedPixelBuffer::<Rgba8Pixel>::new(width, height);
    let light = |x: u32, y: u32, channel: usize| {
        let place = usize::try_from(y * frame.width + x).ok()? * channels + channel.min(channels - 1);
        bytes.get(place).map(|light| u32::from(*light))
    };
    for (place, pixel) in (0..).zip(pixels.make_mut_slice()) {
        let (x, y) = (place % width * HALF, place / width * HALF);
        let of = |channel: usize| {
            let sum: u32 = (0..HALF * HALF).filter_map(|at| light(x + at % HALF, y + at / HALF, channel)).sum();
            u8::try_from(sum / (HALF * HALF)).unwrap_or(u8::MAX)
        };
        *pixel = if channels >= 3 { Rgba8Pixel::new(of(0), of(1), of(2), u8::MAX) } else { Rgba8Pixel::new(of(0), of(0), of(0), u8::MAX) };
    }
    Some(Image::from_rgba8(pixels))
}
