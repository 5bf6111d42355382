//! Draws every screen in each size, theme and language, and measures what can be measured without an eye:
//! nothing tappable is too small, cut off by the window, or under another one.
//!
//! The pictures go to `PICTURES_OUT`, else to `target/pictures`. Look at them.

use std::collections::BTreeSet;
use std::path::PathBuf;

use i_slint_backend_testing::{AccessibleRole, ElementQuery, TestingBackend, TestingBackendOptions};
use slint::{ComponentHandle, Global, LogicalSize, WindowSize};
use ui::*;

struct Size {
    name: &'static str,
    width: f32,
    height: f32,
    /// The smallest side of anything tappable.
    touch: f32,
}

const SMALL: Size = Size { name: "800x480", width: 800.0, height: 480.0, touch: 64.0 };
const WIDE: Size = Size { name: "1280x800", width: 1280.0, height: 800.0, touch: 72.0 };
// The letters of the search panel stand eleven in a row; a portrait panel leaves them 54 px.
const TALL: Size = Size { name: "720x1280", width: 720.0, height: 1280.0, touch: 54.0 };

type Dress = fn(&AppWindow);

/// Every state worth a picture: a name, and what puts the window into it.
const SCREENS: [(&str, Dress); 36] = [
    ("sign-in", |w| show(w, View::SignIn)),
    ("sign-in-wait", |w| {
        show(w, View::SignIn);
        SignIn::get(w).set_note(PinNote::Wait);
    }),
    ("trip", |w| show(w, View::Trip)),
    ("trip-running", |w| {
        show(w, View::Trip);
        Trip::get(w).set_running(true);
    }),
    ("open-shift", |w| show(w, View::OpenShift)),
    ("sell", |w| show(w, View::Sell)),
    ("sell-empty", |w| {
        show(w, View::Sell);
        Sell::get(w).set_lines(Default::default());
        Sell::get(w).set_total("0,00 kr".into());
        Sell::get(w).set_can_pay(false);
        Sell::get(w).set_can_park(false);
        Sell::get(w).set_parked(Default::default());
    }),
    ("sell-notice", |w| {
        show(w, View::Sell);
        Sell::get(w).set_notice("Räksmörgås på danskt rågbröd".into());
        Sell::get(w).set_can_undo(true);
    }),
    ("sell-search", |w| {
        show(w, View::Sell);
        let sell = Sell::get(w);
        sell.set_query("ka".into());
        sell.set_found(sell.get_products());
        sell.set_search_open(true);
    }),
    ("sell-parked", |w| {
        show(w, View::Sell);
        Sell::get(w).set_parked_open(true);
    }),
    ("sell-training", |w| {
        show(w, View::Sell);
        Strip::get(w).set_training(true);
    }),
    ("pay", |w| show(w, View::Pay)),
    ("pay-first", |w| {
        show(w, View::Pay);
        let pay = Pay::get(w);
        pay.set_tenders(Default::default());
        pay.set_rest("393,00 kr".into());
        pay.set_exact("393,00 kr".into());
        pay.set_card_amount("393,00 kr".into());
        pay.set_entered("500,00 kr".into());
    }),
    ("pay-card-asking", |w| card(w, CardState::Asking)),
    ("pay-card-approved", |w| card(w, CardState::Approved)),
    ("pay-card-declined", |w| card(w, CardState::Declined)),
    ("pay-card-unknown", |w| card(w, CardState::Unknown)),
    ("pay-control-asking", |w| control(w, ControlWait::Asking)),
    ("pay-control-trouble", |w| control(w, ControlWait::Trouble)),
    ("pay-control-card", |w| {
        control(w, ControlWait::Trouble);
        Pay::get(w).set_control_happened("Kontrollenheten är upptagen med något annat.".into());
        Pay::get(w).set_control_can_give_up(false);
    }),
    ("done", |w| show(w, View::Done)),
    ("pay-training", |w| {
        show(w, View::Pay);
        Strip::get(w).set_training(true);
    }),
    ("done-card", |w| {
        show(w, View::Done);
        Done::get(w).set_change("".into());
        Done::get(w).set_figures(Default::default());
        Done::get(w).set_print(PrintState::Waiting);
    }),
    ("receipts", |w| show(w, View::Receipts)),
    ("receipts-find", |w| receipts(w, ReceiptPanel::Find)),
    ("receipts-refund", |w| receipts(w, ReceiptPanel::Refund)),
    ("receipts-reason", |w| receipts(w, ReceiptPanel::Reason)),
    ("shift", |w| shift(w, ShiftPanel::Report)),
    ("shift-drop", |w| shift(w, ShiftPanel::Drop)),
    ("shift-paid-out", |w| shift(w, ShiftPanel::PaidOut)),
    ("shift-no-sale", |w| shift(w, ShiftPanel::NoSale)),
    ("shift-count", |w| shift(w, ShiftPanel::Count)),
    ("shift-closed", |w| shift(w, ShiftPanel::Closed)),
    ("service", |w| {
        show(w, View::Service);
        Strip::get(w).set_printer(PrinterState::PaperLow);
        Strip::get(w).set_terminal(TerminalState::Silent);
        Strip::get(w).set_sync(SyncState::Stuck);
        Strip::get(w).set_time_trusted(false);
    }),
    ("service-evidence", |w| {
        show(w, View::Service);
        Service::get(w).set_evidence("14:12:07".into());
        Service::get(w).set_training(true);
    }),
    ("menu", |w| {
        show(w, View::Sell);
        Stage::get(w).set_menu_open(true);
    }),
];

/// Lies over the rest, so what is under it is not reachable and not measured against it.
const OVERLAYS: [(&str, Dress); 2] = [
    ("message", |w| {
        show(w, View::Done);
        Message::get(w).set_open(true);
    }),
    ("message-one", |w| {
        show(w, View::Sell);
        let message = Message::get(w);
        message.set_level(Level::Warn);
        message.set_second("".into());
        message.set_first("OK".into());
        message.set_open(true);
    }),
];

#[test]
fn every_screen_stands_on_seven_inches() {
    draw_all(&SMALL);
}

#[test]
fn every_screen_stands_on_ten_inches() {
    draw_all(&WIDE);
}

#[test]
fn every_screen_stands_upright() {
    draw_all(&TALL);
}

/// `PICTURES_ONLY` narrows the run to pictures whose name contains it, for whoever is drawing.
#[expect(clippy::disallowed_methods, reason = "which pictures to draw is the asker's wish")]
fn draw_all(size: &Size) {
    let only = std::env::var("PICTURES_ONLY").unwrap_or_default();
    let mut faults = BTreeSet::new();
    for (name, dress) in SCREENS.iter().chain(&OVERLAYS) {
        let layered = ["menu", "sell-search", "sell-parked", "message", "message-one"].contains(name);
        for language in Language::ALL {
            for night in [false, true] {
                let theme = if night { "night" } else { "day" };
                let title = format!("{name}-{}-{theme}-{}", size.name, language.code());
                if !title.contains(&only) {
                    continue;
                }
                let window = open(size);
                speak(language);
                Theme::get(&window).set_night(night);
                dress(&window);
                settle();
                draw(&window, size, &title);
                faults.extend(faults_of(&window, size, layered).into_iter().map(|fault| format!("{title}: {fault}")));
            }
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.into_iter().collect::<Vec<_>>().join("\n"));
}

fn open(size: &Size) -> AppWindow {
    static_platform();
    let window = AppWindow::new().expect("the testing backend has a window");
    window.window().set_size(WindowSize::Logical(LogicalSize::new(size.width, size.height)));
    window.show().expect("the window shows");
    settle();
    settle();
    window
}

fn static_platform() {
    thread_local!(static READY: () = {
        let backend = TestingBackend::new(TestingBackendOptions {
            mock_time: true,
            threading: false,
            renderer_name: Some("software".into()),
        });
        slint::platform::set_platform(Box::new(backend)).expect("the first platform of this thread");
    });
    READY.with(|()| ());
}

/// Lets change handlers, timers and repeaters run.
fn settle() {
    i_slint_backend_testing::mock_elapsed_time(std::time::Duration::from_millis(20));
}

fn show(window: &AppWindow, view: View) {
    Stage::get(window).set_view(view);
    if view == View::SignIn {
        Stage::get(window).set_signed_in(false);
        Strip::get(window).set_crew("".into());
    }
}

fn card(window: &AppWindow, state: CardState) {
    show(window, View::Pay);
    Pay::get(window).set_card_state(state);
}

fn control(window: &AppWindow, wait: ControlWait) {
    show(window, View::Pay);
    Pay::get(window).set_control(wait);
    let face = if wait == ControlWait::Asking { ControlFace::Busy } else { ControlFace::Away };
    Strip::get(window).set_control(face);
}

fn receipts(window: &AppWindow, panel: ReceiptPanel) {
    show(window, View::Receipts);
    Receipts::get(window).set_panel(panel);
}

fn shift(window: &AppWindow, panel: ShiftPanel) {
    show(window, View::Shift);
    Shift::get(window).set_panel(panel);
}

#[expect(clippy::disallowed_methods, reason = "where pictures go is the asker's wish")]
fn folder() -> PathBuf {
    let folder = std::env::var_os("PICTURES_OUT")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target/pictures"), PathBuf::from);
    std::fs::create_dir_all(&folder).expect("the folder for the pictures");
    folder
}

fn draw(window: &AppWindow, size: &Size, title: &str) {
    let picture = window.window().take_snapshot().expect("the software renderer draws");
    assert_eq!((picture.width() as f32, picture.height() as f32), (size.width, size.height), "{title}");
    let colours: BTreeSet<[u8; 4]> = picture.as_bytes().chunks_exact(4).map(|p| [p[0], p[1], p[2], p[3]]).take(1 << 20).collect();
    assert!(colours.len() > 16, "{title} is blank: {} colours", colours.len());
    let file = std::fs::File::create(folder().join(format!("{title}.png"))).expect("a file for the picture");
    let mut encoder = png::Encoder::new(std::io::BufWriter::new(file), picture.width(), picture.height());
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Fast);
    let mut writer = encoder.write_header().expect("a PNG header");
    writer.write_image_data(picture.as_bytes()).expect("the pixels");
}

struct Area {
    id: String,
    left: f32,
    top: f32,
    right: f32,
    bottom: f32,
}

fn faults_of(window: &AppWindow, size: &Size, layered: bool) -> Vec<String> {
    let mut faults = Vec::new();
    let areas: Vec<Area> = ElementQuery::from_root(window)
        .match_accessible_role(AccessibleRole::Button)
        .find_all()
        .into_iter()
        .map(|button| {
            let (place, side) = (button.absolute_position(), button.size());
            let id = button.accessible_id().unwrap_or_default().to_string();
            if id.is_empty() {
                faults.push(format!("a button without an id: {:?}", button.accessible_label()));
            }
            if button.accessible_label().is_none_or(|label| label.is_empty()) {
                faults.push(format!("{id} has no label"));
            }
            Area { id, left: place.x, top: place.y, right: place.x + side.width, bottom: place.y + side.height }
        })
        .collect();
    assert!(areas.len() >= 2, "no buttons found: is the debug information missing?");
    // A pixel of rounding is no fault.
    let slack = 0.6;
    for area in &areas {
        let (width, height) = (area.right - area.left, area.bottom - area.top);
        if width < size.touch - slack || height < size.touch - slack {
            faults.push(format!("{} is {width:.0}x{height:.0}, smaller than {}", area.id, size.touch));
        }
        if area.left < -slack || area.top < -slack || area.right > size.width + slack || area.bottom > size.height + slack {
            faults.push(format!("{} leaves the window: {:.0},{:.0} to {:.0},{:.0}", area.id, area.left, area.top, area.right, area.bottom));
        }
    }
    if !layered {
        for (index, one) in areas.iter().enumerate() {
            for two in &areas[index + 1..] {
                let across = one.right.min(two.right) - one.left.max(two.left);
                let down = one.bottom.min(two.bottom) - one.top.max(two.top);
                if across > slack && down > slack {
                    faults.push(format!("{} and {} overlap by {across:.0}x{down:.0}", one.id, two.id));
                }
            }
        }
    }
    faults
}
