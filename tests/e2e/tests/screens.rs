//! What the screen does when the world is not as it should be, each in a sentence.

use e2e::Rig;
use hw::printer::profile::Profile;
use slint::{ComponentHandle as _, Global as _};
use till_app::config::Config;

/// 2026-10-05 14:00 in Sweden: train 171 is between Hallsberg and Skövde.
const WALL_S: i64 = 1_791_201_600;
const SIZE: (f32, f32) = (800.0, 480.0);
const DAY_S: i64 = 24 * 60 * 60;

fn start(dir: &std::path::Path) -> Rig {
    Rig::start(dir, SIZE, false, Some(WALL_S))
}

/// The same till a minute later.
fn start_again(dir: &std::path::Path) -> Rig {
    Rig::start(dir, SIZE, false, Some(WALL_S + 60))
}

fn selling(dir: &std::path::Path) -> Rig {
    let rig = start(dir);
    rig.ready_to_sell();
    rig
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

fn total(rig: &Rig) -> String {
    ui::Sell::get(&rig.window).get_total().replace('\u{a0}', " ")
}

/// Lets the printer thread notice a fault, or that it is gone.
fn printer_noticed(rig: &Rig, well: bool) {
    rig.face.borrow_mut().backroom().expect("the till").counter().desk().look();
    rig.wait_until("the printer is heard", |backroom| {
        let state = backroom.counter().states().printer;
        state.contact != hw::printer::Contact::Unasked && state.is_ready() == well
    });
}

#[test]
fn after_a_restart_in_the_middle_of_a_sale_everything_stands_as_it_was() {
    let dir = folder();
    let rig = selling(dir.path());
    rig.taps(&["sell.tile.1001", "sell.tile.2004"]);
    drop(rig);
    let rig = start_again(dir.path());
    assert_eq!((rig.message(), rig.view()), (String::new(), ui::View::Sell));
    assert_eq!(total(&rig), "61,00 kr");
    let strip = ui::Strip::get(&rig.window);
    assert_eq!((strip.get_train().as_str(), strip.get_crew().as_str()), ("171", "Demo Alva"));
    rig.tap("sell.exact");
    assert_eq!(ui::Done::get(&rig.window).get_receipt_no(), "1");
}

#[test]
fn what_is_sold_out_cannot_be_pressed() {
    let dir = folder();
    let rig = Rig::start(dir.path(), (1280.0, 800.0), false, Some(WALL_S));
    rig.ready_to_sell();
    rig.taps(&["sell.category.food", "sell.more"]);
    assert!(!rig.can_tap("sell.tile.3012") && rig.can_tap("sell.tile.3014"));
    rig.poke("sell.tile.3012");
    assert_eq!(ui::Sell::get(&rig.window).get_items(), 0);
}

#[test]
fn three_wrong_pins_cost_a_wait_that_counts_down_and_ends() {
    let dir = folder();
    let rig = start(dir.path());
    rig.tap("signin.crew.101");
    for left in [2, 1, 0] {
        assert!(left == 2 || ui::SignIn::get(&rig.window).get_attempts_left() == left + 1);
        rig.keys("signin", "0000");
        rig.tap("signin.enter");
    }
    rig.keys("signin", "0000");
    rig.poke("signin.enter");
    let sign_in = ui::SignIn::get(&rig.window);
    assert_eq!(sign_in.get_note(), ui::PinNote::Wait);
    let wait = sign_in.get_wait();
    assert!(wait == "0:30" || wait == "0:29", "{wait}");
    assert!(!rig.can_tap("signin.enter") && !rig.can_tap("signin.keypad.1"));
    rig.tap("signin.crew.102");
    rig.keys("signin", "1202");
    rig.tap("signin.enter");
    assert_eq!(rig.view(), ui::View::Trip, "one person's wait is nobody else's");
}

#[test]
fn a_printer_without_paper_stops_no_sale_and_prints_again_marked() {
    let dir = folder();
    let rig = selling(dir.path());
    // In the middle of the receipt: some of its bytes are through.
    rig.face.borrow_mut().backroom().expect("the till").simulated().printer.set_fault_after(900, hw::sim::PrinterFault::PaperOut);
    rig.taps(&["sell.tile.1001", "sell.exact"]);
    assert_eq!(rig.view(), ui::View::Done);
    rig.wait_for_paper();
    printer_noticed(&rig, false);
    assert_eq!(ui::Strip::get(&rig.window).get_printer(), ui::PrinterState::PaperOut);
    rig.tap("strip.printer");
    assert_eq!(rig.message(), "printer.paper_out");
    rig.taps(&["message.first", "done.next", "sell.tile.1001", "sell.exact"]);
    assert_eq!(ui::Done::get(&rig.window).get_receipt_no(), "2", "selling goes on");
    assert_eq!(ui::Done::get(&rig.window).get_print(), ui::PrintState::Waiting);
    rig.break_device("printer", "ok");
    printer_noticed(&rig, true);
    rig.wait_until("both receipts come out", |backroom| {
        backroom.counter().till().store().unfinished_jobs().is_ok_and(|jobs| jobs.is_empty())
    });
    assert_eq!(rig.message(), "");
    let texts: Vec<String> = rig.strips().iter().map(|strip| strip.text().to_owned()).collect();
    let marked: Vec<&String> = texts.iter().filter(|text| is_marked(text)).collect();
    assert_eq!(marked.len(), 1, "the one that broke off comes out whole and marked: {texts:#?}");
    assert_eq!(texts.iter().filter(|text| text.contains("Att betala")).count() - marked.len(), 1, "the other as ever: {texts:#?}");
}

/// Whether a strip says that it was printed again, in letters twice as wide.
fn is_marked(text: &str) -> bool {
    let words = till::words::paper(till::words::Language::Sv).printed_again.replace(' ', "");
    text.replace(' ', "").contains(&words)
}

/// A till whose printer took a receipt and never said whether it came out.
fn in_doubt(dir: &std::path::Path) -> Rig {
    // A printer without process ids: when it falls silent, nobody knows.
    let mut config = Config::demo();
    config.plan.printer.profile = Profile::named("generic-80mm").expect("a profile");
    let rig = Rig::start_as(dir, config, SIZE, Some(WALL_S));
    rig.ready_to_sell();
    rig.face.borrow_mut().backroom().expect("the till").simulated().printer.set_fault_after(900, hw::sim::PrinterFault::Deaf);
    rig.taps(&["sell.tile.1001", "sell.exact"]);
    rig.wait_for_paper();
    rig.wait_until("the till asks", |backroom| backroom.counter().till().doubted_jobs().is_ok_and(|jobs| !jobs.is_empty()));
    rig.settle();
    assert_eq!(rig.message(), "printer.uncertain");
    rig.break_device("printer", "ok");
    rig
}

#[test]
fn a_receipt_in_doubt_that_came_out_is_not_printed_again() {
    let dir = folder();
    let rig = in_doubt(dir.path());
    let before = rig.strips().len();
    rig.tap("message.second");
    assert_eq!(rig.message(), "");
    rig.wait_for_paper();
    assert_eq!(rig.strips().len(), before);
    assert!(rig.with_till(|till| till.store().unfinished_jobs().expect("jobs").is_empty()));
}

#[test]
fn a_receipt_in_doubt_that_did_not_come_out_is_printed_again_and_marked() {
    let dir = folder();
    let rig = in_doubt(dir.path());
    printer_noticed(&rig, true);
    rig.tap("message.first");
    rig.wait_until("it comes out", |backroom| backroom.counter().till().store().unfinished_jobs().is_ok_and(|jobs| jobs.is_empty()));
    assert_eq!(rig.message(), "");
    let last = rig.strips().last().expect("paper").text().to_owned();
    assert!(is_marked(&last), "{last}");
    let reprinted = rig.journal().iter().filter(|entry| entry["kind"] == "ReceiptReprinted").count();
    assert_eq!(reprinted, 1, "and the journal knows");
}

#[test]
fn a_damaged_store_is_said_at_the_start_and_selling_goes_on() {
    let dir = folder();
    let rig = selling(dir.path());
    rig.taps(&["sell.tile.1001", "sell.exact"]);
    drop(rig);
    for file in ["till.db", "till.db-wal"] {
        let file = std::fs::OpenOptions::new().write(true).open(dir.path().join("store").join(file)).expect("the store");
        file.set_len(5000).expect("cut short");
    }
    let rig = start(dir.path());
    assert_eq!((rig.message(), rig.view()), ("store.set_aside".to_owned(), ui::View::SignIn));
    rig.tap("message.first");
    rig.ready_to_sell();
    rig.taps(&["sell.tile.1001", "sell.exact"]);
    assert_eq!(ui::Done::get(&rig.window).get_receipt_no(), "1", "in a new series");
}

#[test]
fn the_language_changes_labels_products_and_messages_at_once() {
    let dir = folder();
    let rig = selling(dir.path());
    rig.tap("sell.tile.1001");
    let tile = |rig: &Rig| rig.label("sell.tile.1001");
    assert_eq!((tile(&rig), rig.label("sell.pay")), ("Bryggkaffe".into(), "Betala".into()));
    rig.menu("service");
    rig.tap("service.language");
    rig.menu("sell");
    assert_eq!((tile(&rig), rig.label("sell.pay")), ("Filter coffee".into(), "Pay".into()));
    rig.tap("strip.sync");
    assert_eq!(ui::Message::get(&rig.window).get_happened(), "No sales are waiting to be sent.");
    rig.tap("message.first");
    rig.menu("service");
    rig.tap("service.language");
    rig.tap("strip.sync");
    assert_eq!(ui::Message::get(&rig.window).get_happened(), "Inga försäljningar väntar på att sändas.");
}

#[test]
fn a_scan_in_a_test_is_shown_and_not_sold_and_leaving_ends_the_test() {
    let dir = folder();
    let rig = selling(dir.path());
    let rows = |rig: &Rig| {
        let devices = ui::Service::get(&rig.window).get_devices();
        slint::Model::iter(&devices).map(|row| (row.id.to_string(), row.detail.to_string())).collect::<Vec<_>>()
    };
    let detail = |rig: &Rig, id: &str| rows(rig).into_iter().find(|(row, _)| row == id).map(|(_, detail)| detail).unwrap_or_default();
    rig.wait_until("the scanner is heard", |backroom| backroom.counter().states().scanner == Some(true));
    rig.menu("service");
    let ids: Vec<String> = rows(&rig).into_iter().map(|(id, _)| id).collect();
    assert_eq!(ids, ["printer", "drawer", "terminal", "display", "scanner", "control", "gps", "supply", "store"]);
    ui::Service::get(&rig.window).invoke_test("scanner".into());
    rig.settle();
    assert_eq!(detail(&rig, "scanner"), "Skanna något nu");
    rig.face.borrow_mut().backroom().expect("the till is on this thread").simulated().scanner.scan("9520000020019");
    rig.wait_until("it is read", |backroom| backroom.counter().states().scanned_in_test.is_some());
    assert_eq!(detail(&rig, "scanner"), "Läst: 9520000020019");
    rig.with_till(|till| assert!(till.open_sale().is_none(), "what was scanned in a test is not sold"));
    ui::Service::get(&rig.window).invoke_test("scanner".into());
    rig.menu("sell");
    rig.face.borrow_mut().backroom().expect("the till is on this thread").simulated().scanner.scan("9520000020026");
    rig.wait_until("it is sold", |backroom| backroom.counter().till().open_sale().is_some());
}

#[test]
fn evidence_is_one_tap_and_its_time_is_shown() {
    let dir = folder();
    let rig = selling(dir.path());
    rig.menu("service");
    rig.tap("service.evidence");
    let time = ui::Service::get(&rig.window).get_evidence().replace(':', "");
    let files = std::fs::read_dir(dir.path().join("evidence")).expect("the folder");
    let file = files.filter_map(Result::ok).find(|file| file.file_name().to_string_lossy().contains(&time)).expect("a file of that time");
    let text = std::fs::read_to_string(file.path()).expect("text");
    assert!(text.contains("DEVICES") && text.contains("LINE OF PRINTER"), "{text}");
}

#[test]
fn night_is_one_tap_and_darker() {
    let dir = folder();
    let rig = selling(dir.path());
    rig.menu("service");
    assert!(!ui::Theme::get(&rig.window).get_night());
    let light = |rig: &Rig| -> u64 {
        let shot = rig.window.window().take_snapshot().expect("a picture");
        shot.as_bytes().iter().map(|byte| u64::from(*byte)).sum()
    };
    let day = light(&rig);
    rig.tap("service.night");
    assert!(ui::Theme::get(&rig.window).get_night());
    assert!(light(&rig) * 3 < day * 2, "the night is darker than the day");
    rig.tap("service.night");
    assert_eq!(light(&rig), day);
}

#[test]
fn a_clock_that_nobody_believes_is_marked_until_somebody_confirms_it() {
    let dir = folder();
    drop(selling(dir.path()));
    let rig = Rig::start(dir.path(), SIZE, false, Some(WALL_S - DAY_S));
    assert_eq!(rig.message(), "clock.suspect");
    assert!(!ui::Strip::get(&rig.window).get_time_trusted());
    rig.tap("message.second");
    assert_eq!(rig.message(), "", "later");
    rig.tap("strip.clock");
    assert_eq!(rig.message(), "clock.suspect");
    rig.tap("message.first");
    assert_eq!(rig.message(), "");
    assert!(ui::Strip::get(&rig.window).get_time_trusted(), "somebody said that it is right");
    assert!(rig.journal().iter().any(|entry| entry["kind"] == "ClockChanged"), "and the journal knows who");
}

#[test]
fn every_item_of_the_strip_explains_itself_in_whole_sentences() {
    let dir = folder();
    let rig = selling(dir.path());
    rig.wait_until("the printer is heard", |backroom| backroom.counter().states().printer.is_ready());
    for item in ["strip.printer", "strip.terminal", "strip.sync"] {
        rig.tap(item);
        explained(&rig, item);
    }
    for fault in ["paper-out", "cover-open", "unplugged"] {
        rig.break_device("printer", fault);
        printer_noticed(&rig, false);
        rig.tap("strip.printer");
        explained(&rig, fault);
        rig.break_device("printer", "ok");
        printer_noticed(&rig, true);
    }
    rig.tap("strip.clock");
    assert_eq!(rig.view(), ui::View::Shift, "who is signed in: their shift");
    rig.tap("strip.trip");
    assert_eq!(rig.view(), ui::View::Trip);
}

fn explained(rig: &Rig, what: &str) {
    let message = ui::Message::get(&rig.window);
    for sentence in [message.get_happened(), message.get_safe(), message.get_todo()] {
        assert!(sentence.ends_with('.') && sentence.contains(' '), "{what}: {} says {sentence:?}", message.get_code());
    }
    rig.tap("message.first");
}

#[test]
fn a_scan_goes_into_the_sale_from_wherever_the_crew_stands() {
    let dir = folder();
    let rig = selling(dir.path());
    rig.scan("9520000040017");
    rig.tap("sell.pay");
    rig.scan("9520000040017");
    assert_eq!((rig.view(), ui::Pay::get(&rig.window).get_rest().replace('\u{a0}', " ")), (ui::View::Pay, "66,00 kr".to_owned()));
    rig.tap("pay.cash.exact");
    assert_eq!(rig.view(), ui::View::Done);
    rig.scan("9520000040017");
    assert_eq!((rig.view(), total(&rig)), (ui::View::Sell, "33,00 kr".to_owned()), "the next guest is already here");
    for screen in ["receipts", "shift", "service", "trip"] {
        rig.menu(screen);
        rig.scan("9520000040017");
        assert_eq!(rig.view(), ui::View::Sell);
    }
    assert_eq!(total(&rig), "165,00 kr");
    rig.scan("4006381333931");
    assert!(!ui::Sell::get(&rig.window).get_notice().is_empty(), "a barcode that nobody knows is said, not guessed");
    assert_eq!(total(&rig), "165,00 kr");
}

#[test]
fn a_scan_before_anybody_signed_in_sells_nothing() {
    let dir = folder();
    let rig = start(dir.path());
    rig.scan("9520000040017");
    assert_eq!(rig.message(), "crew.not_signed_in");
    rig.tap("message.first");
    assert!(rig.with_till(|till| till.open_sale().is_none()));
}

#[test]
fn double_taps_and_taps_on_what_is_shut_do_nothing_bad() {
    let dir = folder();
    let rig = selling(dir.path());
    for shut in ["sell.pay", "sell.exact", "sell.park", "sell.parked", "sell.abandon", "lines.more.", "lines.void."] {
        rig.poke(shut);
    }
    assert_eq!((rig.message(), rig.view()), (String::new(), ui::View::Sell));
    rig.tap("sell.tile.1001");
    rig.tap("sell.exact");
    rig.poke("sell.exact");
    rig.poke("done.next");
    rig.poke("done.next");
    rig.tap("sell.tile.1001");
    rig.tap("sell.pay");
    rig.tap("pay.cash.note.5000");
    rig.poke("pay.cash.note.5000");
    assert_eq!((rig.view(), ui::Done::get(&rig.window).get_receipt_no().as_str()), (ui::View::Done, "2"));
    rig.wait_for_paper();
    rig.tap("done.copy");
    rig.poke("done.copy");
    assert_eq!(rig.message(), "");
    let kinds: Vec<String> = rig.journal().iter().map(|entry| entry["kind"].as_str().unwrap_or_default().to_owned()).collect();
    let count = |kind: &str| kinds.iter().filter(|one| *one == kind).count();
    assert_eq!((count("SaleClosed"), count("CopyPrinted")), (2, 1), "each once");
}

#[test]
fn the_tapped_line_stays_the_one_that_the_buttons_act_on() {
    let dir = folder();
    let rig = selling(dir.path());
    rig.taps(&["sell.tile.1001", "sell.tile.4001", "lines.line.1", "lines.more.1", "lines.more.1"]);
    rig.face.borrow_mut().ask(till_app::screen::backroom::Ask::Look);
    rig.settle();
    assert_eq!(ui::Sell::get(&rig.window).get_selected(), "1", "whatever the clock does meanwhile");
    assert_eq!(total(&rig), "120,00 kr");
    rig.taps(&["lines.void.1"]);
    assert_eq!(ui::Sell::get(&rig.window).get_selected(), "2", "a line that is gone leaves its place to the last one");
}

#[test]
fn a_usual_float_is_replaced_by_what_is_typed() {
    let dir = folder();
    let rig = start(dir.path());
    rig.sign_in("101", "1101");
    rig.taps(&["trip.train.171", "trip.start", "open-shift.usual.2000"]);
    rig.keys("open-shift", "750");
    assert_eq!(ui::OpenShift::get(&rig.window).get_entered(), "750,00\u{a0}kr");
}

#[test]
fn every_screen_can_be_reached_and_left() {
    let dir = folder();
    let rig = selling(dir.path());
    let screens = [
        ("sell", ui::View::Sell),
        ("receipts", ui::View::Receipts),
        ("trip", ui::View::Trip),
        ("shift", ui::View::Shift),
        ("service", ui::View::Service),
    ];
    for (from, _) in screens {
        for (to, view) in screens {
            rig.menu(from);
            rig.menu(to);
            assert_eq!((rig.view(), rig.message()), (view, String::new()), "from {from} to {to}");
        }
    }
    rig.taps(&["strip.menu", "strip.menu"]);
    assert!(!ui::Stage::get(&rig.window).get_menu_open());
    rig.menu("sign-out");
    assert_eq!(rig.view(), ui::View::SignIn);
    assert!(!rig.can_tap("strip.menu"), "nobody is signed in");
}

#[test]
fn a_silent_terminal_leaves_no_dead_end() {
    let dir = folder();
    let rig = selling(dir.path());
    rig.break_device("terminal", "silent-after-approval");
    rig.taps(&["sell.tile.1001", "sell.pay", "pay.card"]);
    let unknown = |backroom: &mut till_app::screen::backroom::Backroom| {
        backroom.counter().till().books().card.as_ref().is_some_and(|card| card.unknown)
    };
    rig.wait_until("the answer is lost", unknown);
    rig.menu("service");
    rig.menu("sell");
    assert_eq!(rig.view(), ui::View::Pay, "back to what waits");
    assert_eq!(ui::Pay::get(&rig.window).get_card_state(), ui::CardState::Unknown);
    drop(rig);
    let rig = start_again(dir.path());
    assert!(matches!(rig.view(), ui::View::Pay | ui::View::Done), "also after a restart, when the terminal may have answered already");
    rig.wait_until("the terminal remembers", |backroom| backroom.counter().till().books().receipt_no == 1);
    assert_eq!(rig.view(), ui::View::Done);
    let card: Vec<_> = rig.journal().into_iter().filter(|entry| entry["kind"] == "SaleClosed").collect();
    assert_eq!(card.len(), 1, "paid once");
}

#[test]
fn a_receipt_whose_code_was_lost_waits_on_the_pay_screen_and_comes_with_another_try() {
    let dir = folder();
    let rig = selling(dir.path());
    rig.break_device("control", "lost-answer");
    rig.taps(&["sell.tile.1001", "sell.pay", "pay.cash.note.5000"]);
    let pay = ui::Pay::get(&rig.window);
    assert_eq!((rig.view(), pay.get_control()), (ui::View::Pay, ui::ControlWait::Trouble));
    assert!(pay.get_control_says().contains("kvitto 1"), "{}", pay.get_control_says());
    assert!(!rig.can_tap("pay.back") && rig.can_tap("pay.control.give-up"));
    rig.keep_picture("control-waits");
    rig.menu("service");
    rig.menu("sell");
    assert_eq!(rig.view(), ui::View::Pay, "nothing can be sold meanwhile");
    rig.break_device("control", "ok");
    rig.tap("pay.control.ask-again");
    assert_eq!((rig.view(), ui::Done::get(&rig.window).get_receipt_no().as_str()), (ui::View::Done, "1"));
    assert_eq!(ui::Done::get(&rig.window).get_change(), "21,00\u{a0}kr");
}

#[test]
fn a_receipt_that_the_unit_refuses_can_be_given_up_and_the_cash_goes_back() {
    let dir = folder();
    let rig = selling(dir.path());
    rig.break_device("control", "refused");
    rig.taps(&["sell.tile.1001", "sell.pay", "pay.cash.note.5000", "pay.control.give-up"]);
    assert_eq!((rig.view(), rig.message().as_str()), (ui::View::Sell, "control.given_up"));
    assert!(ui::Message::get(&rig.window).get_todo().contains("50,00"));
    rig.break_device("control", "ok");
    rig.taps(&["message.first", "sell.exact"]);
    assert_eq!(ui::Done::get(&rig.window).get_receipt_no(), "1");
}

#[test]
fn no_money_is_taken_on_the_screen_while_the_control_unit_is_away() {
    let dir = folder();
    let rig = selling(dir.path());
    rig.break_device("control", "unplugged");
    rig.face.borrow_mut().backroom().expect("the till").counter().desk().look();
    rig.wait_until("the till notices", |backroom| matches!(backroom.counter().till().control_seen_last(), Some(Err(_))));
    assert_eq!(ui::Strip::get(&rig.window).get_control(), ui::ControlFace::Away);
    rig.taps(&["sell.tile.1001", "sell.exact"]);
    assert_eq!(rig.message(), "control.unplugged");
    rig.taps(&["message.first", "strip.control"]);
    assert_eq!(rig.message(), "control.unplugged");
    rig.tap("message.first");
    assert_eq!(rig.with_till(|till| till.books().receipt_no), 0);
}

#[test]
fn a_declined_refund_to_a_card_leads_back_to_the_receipts() {
    let dir = folder();
    let rig = selling(dir.path());
    rig.taps(&["sell.tile.1001", "sell.pay", "pay.card"]);
    rig.wait_until("the card is approved", |backroom| backroom.counter().till().books().receipt_no == 1);
    rig.wait_for_paper();
    rig.tap("done.next");
    for answer in ["pay.card.other", "pay.card.retry"] {
        rig.menu("receipts");
        rig.break_device("terminal", "decline");
        rig.taps(&["receipts.void", "receipts.reason.other"]);
        rig.wait_until("it is declined", |backroom| backroom.counter().till().books().card.is_none());
        assert_eq!(ui::Pay::get(&rig.window).get_card_state(), ui::CardState::Declined);
        rig.break_device("terminal", "ok");
        rig.tap(answer);
        assert_eq!((rig.view(), rig.message()), (ui::View::Receipts, String::new()));
    }
    rig.taps(&["receipts.void", "receipts.reason.other"]);
    rig.wait_until("the money is back", |backroom| backroom.counter().till().books().receipt_no == 2);
    let taken = rig.face.borrow_mut().backroom().expect("the till").simulated().terminal.taken_minor("SEK");
    assert_eq!((rig.view(), taken), (ui::View::Done, 0));
}

#[test]
fn a_scanned_receipt_opens_that_receipt() {
    let dir = folder();
    let rig = selling(dir.path());
    for _ in 0..2 {
        rig.taps(&["sell.tile.1001", "sell.exact", "done.next"]);
    }
    let code = rig.with_till(|till| {
        let document = till.receipt_document(false, 1, 42).expect("a receipt");
        let found = document.elements().find_map(|element| match element {
            hw::document::Element::Qr(bytes) => Some(String::from_utf8(bytes.to_vec()).expect("text")),
            _ => None,
        });
        found.expect("a QR code")
    });
    rig.scan(&code);
    assert_eq!((rig.view(), rig.message()), (ui::View::Receipts, String::new()));
    assert_eq!(ui::Receipts::get(&rig.window).get_chosen(), "1");
}
