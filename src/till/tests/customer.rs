//! What passengers read on the customer display, from the greeting to the change.

mod common;

use std::sync::mpsc::{Receiver, Sender, channel};

use common::{BOOT, DAY, NOON_S, add, approved, card, cash, declined, sek, sign_in, z};
use domain::sale::LineNo;
use hw::{
    control::{ControlCode, ControlState, ControlTrouble, ControlUnit, ReceiptRecord},
    display::{CustomerDisplay, DisplayLost, Page},
    terminal::{AbortHandle, CardTerminal, PaymentAnswer, PaymentReference, TerminalState},
};
use journal::ClockTrust;
use store::{Options, Store};
use tempfile::TempDir;
use till::{
    Answer, Command, ControlRule, Counter, Happened, Now, Setup, Till,
    data::Provision,
    desk::{Desk, Devices, Event, QUEUE_MAX},
};

/// Pages that may be seen on the way to the one that is waited for.
const PAGES_ON_THE_WAY_MAX: usize = 12;

/// What a display does with its next page instead of showing it at once.
enum Does {
    Lose,
    /// Shows it when it is released.
    Hang(Receiver<()>),
}

/// A display that tells what it shows.
struct Telling {
    shows: Sender<String>,
    script: Receiver<Does>,
}

impl CustomerDisplay for Telling {
    fn show(&mut self, page: &Page<'_>) -> Result<(), DisplayLost> {
        match self.script.try_recv() {
            Ok(Does::Lose) => return Err(DisplayLost),
            Ok(Does::Hang(release)) => drop(release.recv()),
            Err(_) => {}
        }
        let text = [page.top_left, page.top_right, page.bottom_left, page.bottom_right].join("|").replace('\u{a0}', " ");
        drop(self.shows.send(text));
        Ok(())
    }
}

/// A terminal that answers when the test answers.
struct Waiting(Receiver<PaymentAnswer>);

impl Waiting {
    fn answer(&self) -> PaymentAnswer {
        self.0.recv().unwrap_or(PaymentAnswer::Unknown)
    }
}

impl CardTerminal for Waiting {
    fn pay(&mut self, _: &PaymentReference, _: i64, _: &str) -> PaymentAnswer {
        self.answer()
    }

    fn refund(&mut self, _: &PaymentReference, _: &PaymentReference, _: i64, _: &str) -> PaymentAnswer {
        self.answer()
    }

    fn status(&mut self, _: &PaymentReference) -> PaymentAnswer {
        self.answer()
    }

    fn abort_handle(&self) -> AbortHandle {
        AbortHandle::default()
    }

    fn state(&mut self) -> TerminalState {
        TerminalState::Ready
    }
}

/// A control unit that ponders over a receipt.
struct Pondering(Receiver<()>);

impl ControlUnit for Pondering {
    fn register(&mut self, _: &ReceiptRecord) -> Result<ControlCode, ControlTrouble> {
        let _ = self.0.recv();
        Err(ControlTrouble::Silent)
    }

    fn state(&mut self) -> Result<ControlState, ControlTrouble> {
        Ok(ControlState { unit: "DEMO0001".try_into().expect("short"), is_ready: true, storage_low: false })
    }
}

struct Shop {
    counter: Counter,
    events: Receiver<Event>,
    pages: Receiver<String>,
    answers: Sender<PaymentAnswer>,
    script: Sender<Does>,
    _dir: TempDir,
}

const NOW: Now = Now { wall_s: NOON_S, uptime_ms: 1_000, trust: ClockTrust::Rtc };

impl Shop {
    fn open() -> Self {
        Self::with(ControlRule::None, None)
    }

    fn with(control: ControlRule, unit: Option<Box<dyn ControlUnit>>) -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let (store, opened) = Store::open(dir.path(), Options::default()).expect("the store opens");
        let setup = Setup { machine_boot: BOOT.to_vec(), control, ..Setup::nordic(Provision::demo(), "trolley 0.1.0", "0042") };
        let till = Till::start(store, opened, setup, [7; 32], NOW).expect("the till starts");
        let ((shows, pages), (script, todo), (answers, told)) = (channel(), channel(), channel());
        let devices = Devices {
            display: Some(Box::new(Telling { shows, script: todo })),
            terminal: Some(Box::new(Waiting(told))),
            control: unit,
            ..Devices::default()
        };
        let (tell, events) = channel();
        let desk = Desk::open(devices, move |event| drop(tell.send(event)));
        let mut shop = Self { counter: Counter::open(till, desk), events, pages, answers, script, _dir: dir };
        shop.does(sign_in());
        shop.does(Command::StartTrip { train: "171".into(), operating_day: DAY });
        shop.does(Command::OpenShift(sek(100_000)));
        shop
    }

    fn does(&mut self, command: Command) -> Answer {
        self.counter.command(command, NOW).expect("the command is carried out")
    }

    /// The passenger comes to read this.
    #[track_caller]
    fn reads(&self, wanted: &str) {
        let mut seen = Vec::new();
        while seen.len() < PAGES_ON_THE_WAY_MAX {
            let page = self.pages.recv().expect("the display shows");
            if page == wanted {
                return;
            }
            seen.push(page);
        }
        panic!("{wanted:?} is not among {seen:?}");
    }

    /// The terminal answers, and the till has taken it in.
    fn terminal_says(&mut self, answer: PaymentAnswer) {
        self.answers.send(answer).expect("the terminal listens");
        loop {
            let event = self.events.recv().expect("the devices speak");
            if matches!(self.counter.event(event, NOW).expect("the event is taken in"), Happened::Answered(..)) {
                return;
            }
        }
    }
}

#[test]
fn a_sale_shows_its_line_its_total_and_its_change_until_the_next_one_begins() {
    let mut shop = Shop::open();
    shop.reads("Demo Tågservering AB||Välkommen!|");
    shop.does(add("1001", 1));
    shop.reads("Bryggkaffe|29,00|Totalt|29,00 kr");
    shop.does(add("1003", 2));
    shop.reads("2 × Cappuccino|84,00|Totalt|113,00 kr");
    shop.does(Command::SetQty(LineNo(1), 3));
    shop.reads("3 × Bryggkaffe|87,00|Totalt|171,00 kr");
    shop.does(cash(20_000));
    shop.reads("Totalt|171,00 kr|Åter|29,00 kr");
    // A reading changes nothing for the passenger, who still counts the change.
    shop.does(Command::XReport);
    shop.reads("Totalt|171,00 kr|Åter|29,00 kr");
    shop.does(add("1005", 1));
    shop.reads("Espresso|30,00|Totalt|30,00 kr");
    shop.does(Command::Abandon);
    shop.reads("Demo Tågservering AB||Välkommen!|");
}

#[test]
fn while_the_control_unit_is_waited_for_the_customer_reads_what_goes_back_and_no_debt_below_zero() {
    let (_silence, answer) = channel();
    let mut shop = Shop::with(ControlRule::Sweden, Some(Box::new(Pondering(answer))));
    let ready = shop.events.iter().find(|event| matches!(event, Event::Control(_))).expect("the unit is heard");
    assert!(shop.counter.event(ready, NOW).is_ok());
    shop.does(add("1001", 1));
    shop.reads("Bryggkaffe|29,00|Totalt|29,00 kr");
    assert_eq!(shop.does(cash(5_000)), Answer::ControlAsked(1));
    shop.reads("Betalt|50,00 kr|Åter|21,00 kr");
}

#[test]
fn a_deposit_never_hides_the_bottle_it_belongs_to() {
    let mut shop = Shop::open();
    shop.does(add("2004", 1));
    shop.reads("Cola 33 cl|30,00|Totalt|32,00 kr");
    shop.does(add("1001", 1));
    shop.does(Command::VoidLine(LineNo(3)));
    shop.reads("Cola 33 cl|30,00|Totalt|32,00 kr");
}

#[test]
fn even_money_is_thanked_for_and_a_part_leaves_the_rest() {
    let mut shop = Shop::open();
    shop.does(add("1001", 2));
    shop.does(cash(5_000));
    shop.reads("Betalt|50,00 kr|Kvar|8,00 kr");
    shop.does(cash(800));
    shop.reads("Betalt|58,00 kr|Tack!|");
    shop.does(z(105_800));
    shop.reads("Demo Tågservering AB||Välkommen!|");
}

#[test]
fn the_card_terminals_prompt_stands_until_it_has_answered() {
    let mut shop = Shop::open();
    shop.does(add("1001", 1));
    shop.does(card(2_900));
    shop.reads("Följ kortterminalen||Kort|29,00 kr");
    shop.terminal_says(declined());
    shop.reads("Ej betalt med kort||Totalt|29,00 kr");
    shop.does(add("1001", 1));
    shop.reads("2 × Bryggkaffe|58,00|Totalt|58,00 kr");
    shop.does(card(5_800));
    shop.terminal_says(PaymentAnswer::Unknown);
    shop.reads("Ett ögonblick||Kort|58,00 kr");
    shop.does(Command::AskCardAgain);
    shop.terminal_says(approved(5_800));
    shop.reads("Betalt|58,00 kr|Tack!|");
}

#[test]
fn what_is_taken_back_says_what_goes_back() {
    let mut shop = Shop::open();
    shop.does(add("1001", 1));
    shop.does(cash(2_900));
    shop.does(Command::Void(1));
    shop.reads("Retur||Åter|29,00 kr");
}

#[test]
fn in_training_nothing_stands_without_its_mark() {
    let mut shop = Shop::open();
    shop.does(Command::Training(true));
    shop.reads("Demo Tågservering AB||ÖVNING|");
    shop.does(add("1001", 1));
    shop.reads("Bryggkaffe|29,00|ÖVNING|29,00 kr");
    shop.does(cash(5_000));
    shop.reads("ÖVNING|29,00 kr|Åter|21,00 kr");
    shop.does(add("1001", 1));
    shop.does(card(2_900));
    shop.reads("ÖVNING|29,00 kr|Tack!|");
}

#[test]
fn a_display_that_was_away_comes_back_with_what_stands_now() {
    let mut shop = Shop::open();
    shop.reads("Demo Tågservering AB||Välkommen!|");
    shop.script.send(Does::Lose).expect("the display listens");
    shop.does(add("1001", 1));
    // No further command: the desk tries by itself.
    shop.reads("Bryggkaffe|29,00|Totalt|29,00 kr");
    let mut seen = Vec::new();
    while seen.last() != Some(&true) || !seen.contains(&false) {
        let event = shop.events.recv().expect("the devices speak");
        if let Event::Display(there) = event {
            seen.push(there);
        }
    }
}

#[test]
fn a_display_that_hangs_delays_no_sale_and_shows_the_newest_in_the_end() {
    let mut shop = Shop::open();
    shop.reads("Demo Tågservering AB||Välkommen!|");
    let (release, held) = channel();
    shop.script.send(Does::Hang(held)).expect("the display listens");
    // More than wait before a device at most.
    for _ in 0..2 * QUEUE_MAX {
        shop.does(add("1001", 1));
    }
    shop.does(cash(100_000));
    release.send(()).expect("the display listens");
    // Until the newest page has found room, quiet moments pass it on.
    let mut page = String::new();
    while page != "Totalt|928,00 kr|Åter|72,00 kr" {
        page = shop.pages.recv().expect("the display shows");
        shop.counter.settle().expect("the store settles");
    }
}
