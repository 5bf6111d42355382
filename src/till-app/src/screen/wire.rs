//! From the window's callbacks to the face. Callbacks hold no strong handle of the window.

use std::{cell::RefCell, rc::Rc};

use slint::{ComponentHandle as _, Global as _};
use till::Command;

use super::{
    backroom::Ask,
    face::{Face, because},
};

/// Answers every callback of every view.
pub(super) fn wire(window: &ui::AppWindow, face: &Rc<RefCell<Face>>) {
    let on = On(face);
    stage(window, on);
    crew(window, on);
    sell(window, on);
    pay(window, on);
    receipts(window, on);
    shift(window, on);
    service(window, on);
}

#[derive(Clone, Copy)]
struct On<'a>(&'a Rc<RefCell<Face>>);

impl On<'_> {
    /// Something without words.
    fn act(self, act: impl Fn(&mut Face) + 'static) -> impl Fn() + 'static {
        let face = Rc::downgrade(self.0);
        move || {
            if let Some(face) = face.upgrade() {
                let mut face = face.borrow_mut();
                act(&mut face);
                face.show();
            }
        }
    }

    /// Something that changes nothing that is shown.
    fn act_unseen(self, act: impl Fn(&mut Face) + 'static) -> impl Fn() + 'static {
        let face = Rc::downgrade(self.0);
        move || {
            if let Some(face) = face.upgrade() {
                act(&mut face.borrow_mut());
            }
        }
    }

    /// Something with one word.
    fn word(self, act: impl Fn(&mut Face, &str) + 'static) -> impl Fn(slint::SharedString) + 'static {
        let face = Rc::downgrade(self.0);
        move |word| {
            if let Some(face) = face.upgrade() {
                let mut face = face.borrow_mut();
                act(&mut face, &word);
                face.show();
            }
        }
    }

    /// Something with two words.
    fn words(self, act: impl Fn(&mut Face, &str, &str) + 'static) -> impl Fn(slint::SharedString, slint::SharedString) + 'static {
        let face = Rc::downgrade(self.0);
        move |one, two| {
            if let Some(face) = face.upgrade() {
                let mut face = face.borrow_mut();
                act(&mut face, &one, &two);
                face.show();
            }
        }
    }
}

fn stage(window: &ui::AppWindow, on: On<'_>) {
    let stage = ui::Stage::get(window);
    let face = Rc::downgrade(on.0);
    stage.on_go(move |view| {
        if let Some(face) = face.upgrade() {
            let mut face = face.borrow_mut();
            face.go(view);
            face.show();
        }
    });
    ui::Touch::get(window).on_touched(on.act_unseen(Face::touched));
    stage.on_wake(on.act(Face::wake));
    stage.on_sign_out(on.act(|face| face.command(Command::SignOut)));
    ui::Scan::get(window).on_typed(on.word(|face, code| {
        face.wake();
        face.scanned(code);
    }));
    ui::Strip::get(window).on_explain(on.word(Face::explain));
    ui::Message::get(window).on_answer_first(on.word(|face, code| face.answer(code, true)));
    ui::Message::get(window).on_answer_second(on.word(|face, code| face.answer(code, false)));
}

fn crew(window: &ui::AppWindow, on: On<'_>) {
    let sign_in = ui::SignIn::get(window);
    sign_in.on_choose(on.word(Face::choose_crew));
    sign_in.on_key(on.word(Face::pin_key));
    sign_in.on_enter(on.act(Face::sign_in));
    let trip = ui::Trip::get(window);
    trip.on_choose(on.word(|face, train| face.train = train.to_owned()));
    trip.on_start(on.word(Face::start_trip));
    trip.on_end(on.act(|face| face.command(Command::EndTrip)));
    let open_shift = ui::OpenShift::get(window);
    open_shift.on_key(on.word(|face, key| face.typed.key(key)));
    open_shift.on_choose_usual(on.word(|face, units| face.typed.suggest(units)));
    open_shift.on_open(on.act(Face::open_shift));
}

fn sell(window: &ui::AppWindow, on: On<'_>) {
    let view = ui::Sell::get(window);
    view.on_choose_category(on.word(|face, category| face.category = category.to_owned()));
    view.on_add(on.word(Face::add));
    view.on_more(on.word(|face, line| face.step_line(line, 1)));
    view.on_fewer(on.word(|face, line| face.step_line(line, -1)));
    view.on_void_line(on.word(Face::void_line));
    view.on_serve_line(on.word(Face::serve_line));
    view.on_pay(on.act(|face| face.go(ui::View::Pay)));
    view.on_pay_exact(on.act(Face::pay_exact));
    let face = Rc::downgrade(on.0);
    view.on_set_serve(move |served| {
        if let Some(face) = face.upgrade() {
            let supply = if served { domain::vat::Supply::Served } else { domain::vat::Supply::TakeAway };
            face.borrow_mut().command(Command::Serve(supply));
        }
    });
    view.on_park(on.act(|face| face.command(Command::Park)));
    view.on_resume(on.word(|face, ticket| {
        if let Ok(ticket) = ticket.parse() {
            face.command(Command::Resume(ticket));
        }
    }));
    view.on_abandon(on.act(|face| face.command(Command::Abandon)));
    view.on_undo(on.act(Face::undo));
    view.on_dismiss(on.act(|face| face.notice.0.clear()));
    view.on_search_key(on.word(Face::search_key));
}

fn pay(window: &ui::AppWindow, on: On<'_>) {
    let view = ui::Pay::get(window);
    view.on_key(on.word(|face, key| face.typed.key(key)));
    view.on_cash(on.act(Face::pay_typed));
    view.on_cash_exact(on.act(Face::pay_exact));
    view.on_cash_note(on.word(Face::pay_note));
    view.on_card(on.act(Face::pay_card));
    view.on_card_cancel(on.act(|face| face.ask(Ask::AbortCard)));
    view.on_card_retry(on.act(Face::retry_card));
    view.on_card_ask_again(on.act(|face| face.command(Command::AskCardAgain)));
    let face = Rc::downgrade(on.0);
    view.on_card_settle(move |paid| {
        if let Some(face) = face.upgrade() {
            face.borrow_mut().command(Command::CardSettled(paid));
        }
    });
    view.on_card_other_way(on.act(Face::other_way));
    view.on_control_ask_again(on.act(|face| face.command(Command::AskControlAgain)));
    view.on_control_give_up(on.act(|face| face.command(Command::GiveUpControl)));
    view.on_void_tender(on.word(Face::void_tender));
    view.on_back(on.act(|face| face.go(ui::View::Sell)));
    let done = ui::Done::get(window);
    done.on_next(on.act(|face| face.go(ui::View::Sell)));
    done.on_copy(on.act(|face| {
        if let Some(receipt_no) = face.done.as_ref().map(|done| done.paid.receipt_no) {
            face.command(Command::Copy(receipt_no));
        }
    }));
}

fn receipts(window: &ui::AppWindow, on: On<'_>) {
    let view = ui::Receipts::get(window);
    view.on_choose(on.word(|face, receipt_no| {
        if let Ok(receipt_no) = receipt_no.parse() {
            face.ask(Ask::Receipt(receipt_no));
        }
    }));
    view.on_copy(on.word(|face, receipt_no| {
        if let Ok(receipt_no) = receipt_no.parse() {
            face.command(Command::Copy(receipt_no));
        }
    }));
    view.on_void_receipt(on.words(|face, receipt_no, reason| {
        if let Ok(receipt_no) = receipt_no.parse() {
            face.because(reason, Command::Void(receipt_no));
        }
    }));
    view.on_find_key(on.word(|face, key| face.find.key(key)));
    view.on_find(on.act(Face::find_receipt));
    view.on_refund_more(on.word(|face, line| face.step_refund(line, 1)));
    view.on_refund_fewer(on.word(|face, line| face.step_refund(line, -1)));
    view.on_refund_all(on.act(Face::refund_all));
    view.on_refund(on.words(Face::refund));
}

fn shift(window: &ui::AppWindow, on: On<'_>) {
    let view = ui::Shift::get(window);
    view.on_print_x(on.act(|face| face.command(Command::XReport)));
    view.on_key(on.word(|face, key| face.typed.key(key)));
    view.on_clear(on.act(|face| face.typed.clear()));
    view.on_cash_drop(on.act(|face| face.with_typed(Command::CashDrop)));
    view.on_paid_in(on.word(|face, reason| face.with_typed(|amount| because(reason, Command::PaidIn(amount)))));
    view.on_paid_out(on.word(|face, reason| face.with_typed(|amount| because(reason, Command::PaidOut(amount)))));
    view.on_no_sale(on.word(|face, reason| face.because(reason, Command::NoSale)));
    view.on_count_key(on.words(Face::count_key));
    view.on_close_shift(on.act(Face::close_shift));
    view.on_hand_over(on.act(|face| face.command(Command::SignOut)));
    view.on_sign_out(on.act(|face| face.command(Command::SignOut)));
}

fn service(window: &ui::AppWindow, on: On<'_>) {
    let view = ui::Service::get(window);
    view.on_test(on.word(Face::test));
    view.on_save_evidence(on.act(|face| face.ask(Ask::Evidence)));
    let face = Rc::downgrade(on.0);
    view.on_set_training(move |training| {
        if let Some(face) = face.upgrade() {
            face.borrow_mut().command(Command::Training(training));
        }
    });
    view.on_next_language(on.act(Face::next_language));
    let themed = window.as_weak();
    view.on_set_night(move |night| {
        if let Some(window) = themed.upgrade() {
            ui::Theme::get(&window).set_night(night);
        }
    });
    view.on_dimmer(on.act(|face| face.step_brightness(-20)));
    view.on_brighter(on.act(|face| face.step_brightness(20)));
}
