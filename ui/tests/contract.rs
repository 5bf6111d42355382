//! What the program sees of a tap: one intent, with the right id. And what a scanner types arrives whole.

use std::cell::RefCell;
use std::rc::Rc;

use i_slint_backend_testing::{ElementHandle, ElementQuery, init_no_event_loop, mock_elapsed_time};
use slint::platform::{Key, WindowEvent};
use slint::{ComponentHandle, Global, LogicalSize, PlatformError, SharedString, WindowSize};
use ui::*;

/// Intents in the order in which they came out.
type Heard = Rc<RefCell<Vec<String>>>;

fn window(view: View) -> Result<(AppWindow, Heard), PlatformError> {
    thread_local!(static READY: () = init_no_event_loop());
    READY.with(|()| ());
    let window = AppWindow::new()?;
    window.window().set_size(WindowSize::Logical(LogicalSize::new(1280.0, 800.0)));
    window.show()?;
    Stage::get(&window).set_view(view);
    mock_elapsed_time(std::time::Duration::from_millis(20));
    mock_elapsed_time(std::time::Duration::from_millis(20));
    Ok((window, Heard::default()))
}

fn element(window: &AppWindow, id: &str) -> ElementHandle {
    let wanted = SharedString::from(id);
    let found = ElementQuery::from_root(window).match_predicate(move |e| e.accessible_id() == Some(wanted.clone())).find_all();
    assert_eq!(found.len(), 1, "elements named {id}");
    found.into_iter().next().expect("one element")
}

fn tap(window: &AppWindow, id: &str) {
    element(window, id).invoke_accessible_default_action();
    mock_elapsed_time(std::time::Duration::from_millis(20));
}

fn note(heard: &Heard, word: &'static str) -> impl Fn(SharedString) + 'static {
    let heard = Rc::clone(heard);
    move |id| heard.borrow_mut().push(format!("{word} {id}"))
}

#[test]
fn a_coffee_is_paid_with_two_taps() -> Result<(), PlatformError> {
    let (window, heard) = window(View::Sell)?;
    Sell::get(&window).on_add(note(&heard, "add"));
    let exact = note(&heard, "exact");
    Sell::get(&window).on_pay_exact(move || exact("".into()));
    tap(&window, "sell.tile.1001");
    tap(&window, "sell.exact");
    assert_eq!(*heard.borrow(), ["add 1001", "exact "]);
    Ok(())
}

#[test]
fn what_is_sold_out_cannot_be_added() -> Result<(), PlatformError> {
    let (window, heard) = window(View::Sell)?;
    Sell::get(&window).on_add(note(&heard, "add"));
    assert_eq!(element(&window, "sell.tile.2003").accessible_enabled(), Some(false));
    tap(&window, "sell.tile.2003");
    assert!(heard.borrow().is_empty());
    Ok(())
}

#[test]
fn the_line_buttons_act_on_the_line_last_touched() -> Result<(), PlatformError> {
    let (window, heard) = window(View::Sell)?;
    let sell = Sell::get(&window);
    sell.on_more(note(&heard, "more"));
    sell.on_fewer(note(&heard, "fewer"));
    sell.on_void_line(note(&heard, "void"));
    sell.on_serve_line(note(&heard, "serve"));
    tap(&window, "lines.line.4");
    for id in ["lines.more.4", "lines.fewer.4", "lines.serve.4", "lines.void.4"] {
        tap(&window, id);
    }
    assert_eq!(*heard.borrow(), ["more 4", "fewer 4", "serve 4", "void 4"]);
    Ok(())
}

#[test]
fn every_note_and_key_of_the_pay_screen_says_its_own_name() -> Result<(), PlatformError> {
    let (window, heard) = window(View::Pay)?;
    Pay::get(&window).on_cash_note(note(&heard, "note"));
    Pay::get(&window).on_key(note(&heard, "key"));
    for id in ["pay.cash.note.500", "pay.keypad.7", "pay.keypad.00", "pay.keypad.back"] {
        tap(&window, id);
    }
    assert_eq!(*heard.borrow(), ["note 500", "key 7", "key 00", "key back"]);
    Ok(())
}

#[test]
fn a_scanned_code_arrives_whole_on_any_screen() -> Result<(), PlatformError> {
    for view in [View::SignIn, View::Sell, View::Pay, View::Receipts, View::Service] {
        let (window, heard) = window(view)?;
        Scan::get(&window).on_typed(note(&heard, "scan"));
        type_keys(&window, "7310865004703");
        type_keys(&window, &SharedString::from(Key::Return));
        assert_eq!(*heard.borrow(), ["scan 7310865004703"], "{view:?}");
    }
    Ok(())
}

#[test]
fn half_a_code_is_forgotten_before_the_next() -> Result<(), PlatformError> {
    let (window, heard) = window(View::Sell)?;
    Scan::get(&window).on_typed(note(&heard, "scan"));
    type_keys(&window, "731086");
    mock_elapsed_time(std::time::Duration::from_millis(20));
    mock_elapsed_time(std::time::Duration::from_secs(1));
    type_keys(&window, "4006381333931");
    type_keys(&window, &SharedString::from(Key::Return));
    assert_eq!(*heard.borrow(), ["scan 4006381333931"]);
    Ok(())
}

fn type_keys(window: &AppWindow, text: &str) {
    for character in text.chars() {
        let text = SharedString::from(character);
        window.window().dispatch_event(WindowEvent::KeyPressed { text: text.clone() });
        window.window().dispatch_event(WindowEvent::KeyReleased { text });
    }
}

#[test]
fn a_message_is_answered_with_its_own_code() -> Result<(), PlatformError> {
    let (window, heard) = window(View::Done)?;
    let message = Message::get(&window);
    message.on_answer_first(note(&heard, "first"));
    message.on_answer_second(note(&heard, "second"));
    message.set_code("printer.cover-open".into());
    message.set_open(true);
    mock_elapsed_time(std::time::Duration::from_millis(20));
    tap(&window, "message.second");
    tap(&window, "message.first");
    assert_eq!(*heard.borrow(), ["second printer.cover-open", "first printer.cover-open"]);
    Ok(())
}

#[test]
fn the_menu_goes_where_it_says_and_closes() -> Result<(), PlatformError> {
    let (window, heard) = window(View::Sell)?;
    let inner = Rc::clone(&heard);
    Stage::get(&window).on_go(move |view| inner.borrow_mut().push(format!("{view:?}")));
    for id in ["menu.receipts", "menu.shift", "menu.service"] {
        tap(&window, "strip.menu");
        tap(&window, id);
        assert!(!Stage::get(&window).get_menu_open());
    }
    assert_eq!(*heard.borrow(), ["Receipts", "Shift", "Service"]);
    Ok(())
}

#[test]
fn a_void_names_the_receipt_and_the_reason() -> Result<(), PlatformError> {
    let (window, heard) = window(View::Receipts)?;
    let inner = Rc::clone(&heard);
    Receipts::get(&window).on_void_receipt(move |receipt, reason| inner.borrow_mut().push(format!("{receipt} {reason}")));
    tap(&window, "receipts.row.1040");
    tap(&window, "receipts.void");
    tap(&window, "receipts.reason.wrong-item");
    assert_eq!(*heard.borrow(), ["1040 wrong-item"]);
    Ok(())
}

#[test]
fn a_line_count_that_grows_shows_its_newest_line() -> Result<(), PlatformError> {
    let (window, _) = window(View::Sell)?;
    let lines: Vec<SaleLine> =
        (0..30).map(|n| SaleLine { id: n.to_string().into(), name: "Kanelbulle".into(), ..Default::default() }).collect();
    Sell::get(&window).set_lines(Rc::new(slint::VecModel::from(lines)).into());
    mock_elapsed_time(std::time::Duration::from_millis(20));
    element(&window, "lines.line.29");
    tap(&window, "lines.page.back");
    mock_elapsed_time(std::time::Duration::from_millis(20));
    assert!(ElementQuery::from_root(&window).match_predicate(|e| e.accessible_id() == Some("lines.line.29".into())).find_all().is_empty());
    Ok(())
}
