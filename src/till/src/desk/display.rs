//! The customer display's thread.

use std::{
    sync::mpsc::{Receiver, RecvTimeoutError},
    time::Duration,
};

use hw::display::{CustomerDisplay, DisplayLost, Page};

use super::{Device, Event, POLL_EVERY, Shown};

/// How long a test page stays, when nothing else is to be shown.
const TEST_SHOWN: Duration = Duration::from_secs(3);

pub(super) enum DisplayOrder {
    Show(Shown),
    Test(Shown),
}

pub(super) fn run_display(mut display: Box<dyn CustomerDisplay>, orders: &Receiver<DisplayOrder>, tell: &dyn Fn(Event)) {
    let mut there = None;
    let mut shown = Shown::default();
    let mut is_testing = false;
    loop {
        let result = match orders.recv_timeout(if is_testing { TEST_SHOWN } else { POLL_EVERY }) {
            Ok(next) => {
                let (test, was_asked) = latest(next, orders, &mut shown);
                is_testing = test.is_some();
                let result = show(&mut *display, test.as_ref().unwrap_or(&shown));
                if was_asked {
                    tell(Event::Tested(Device::Display, result.is_ok()));
                }
                result
            }
            // A display that went is missed although nothing has changed; one that came back shows what it should, and so does one
            // that has shown its test page long enough.
            Err(RecvTimeoutError::Timeout) if there.is_some() => {
                is_testing = false;
                show(&mut *display, &shown)
            }
            Err(RecvTimeoutError::Timeout) => continue,
            Err(RecvTimeoutError::Disconnected) => return,
        };
        let works = result.is_ok();
        if there != Some(works) {
            there = Some(works);
            tell(Event::Display(works));
        }
    }
}

/// Takes in every order that waits; the test page, if the last of them asks for one, and whether any asked:
/// a test whose page gave way at once is answered too, by how the other page was shown.
fn latest(next: DisplayOrder, orders: &Receiver<DisplayOrder>, shown: &mut Shown) -> (Option<Shown>, bool) {
    let mut test = None;
    let mut was_asked = false;
    for order in core::iter::once(next).chain(orders.try_iter()) {
        match order {
            DisplayOrder::Show(page) => {
                *shown = page;
                test = None;
            }
            DisplayOrder::Test(page) => {
                test = Some(page);
                was_asked = true;
            }
        }
    }
    (test, was_asked)
}

fn show(display: &mut dyn CustomerDisplay, shown: &Shown) -> Result<(), DisplayLost> {
    display.show(&Page { top_left: &shown.top.0, top_right: &shown.top.1, bottom_left: &shown.bottom.0, bottom_right: &shown.bottom.1 })
}

#[cfg(test)]
mod tests {
    use std::{
        sync::mpsc::{Sender, channel, sync_channel},
        thread,
    };

    use super::*;

    struct Recording(Sender<String>);

    impl CustomerDisplay for Recording {
        fn show(&mut self, page: &Page<'_>) -> Result<(), DisplayLost> {
            self.0.send(page.top_left.to_owned()).map_err(|_| DisplayLost)
        }
    }

    #[test]
    fn a_test_whose_page_gives_way_before_it_was_shown_is_answered() {
        let (record, shown) = channel();
        let (sender, orders) = sync_channel(4);
        let (tell, told) = channel();
        let page = |text: &str| Shown { top: (text.into(), String::new()), ..Shown::default() };
        for order in [DisplayOrder::Test(page("test")), DisplayOrder::Show(page("sale"))] {
            sender.send(order).expect("there is room");
        }
        drop(sender);
        run_display(Box::new(Recording(record)), &orders, &|event| drop(tell.send(event)));
        drop(tell);
        assert_eq!(shown.iter().collect::<Vec<_>>(), ["sale"]);
        assert_eq!(told.iter().collect::<Vec<_>>(), [Event::Tested(Device::Display, true), Event::Display(true)]);
    }

    #[test]
    fn a_test_page_gives_way_to_a_sale_and_goes_by_itself() {
        let (record, shown) = channel();
        let (sender, orders) = sync_channel(4);
        let (tell, told) = channel();
        let page = |text: &str| Shown { top: (text.into(), String::new()), ..Shown::default() };
        let display = thread::spawn(move || run_display(Box::new(Recording(record)), &orders, &|event| drop(tell.send(event))));
        let order = |order| sender.send(order).expect("the display's thread runs");
        // A page may be shown again meanwhile, to see whether the display is still there.
        let mut last = String::new();
        let mut sees = |text: &str| {
            let next = shown.iter().find(|page| *page != last).expect("the display's thread runs");
            assert_eq!(next, text);
            last = next;
        };
        order(DisplayOrder::Show(page("first sale")));
        sees("first sale");
        order(DisplayOrder::Test(page("test")));
        sees("test");
        order(DisplayOrder::Show(page("next sale")));
        sees("next sale");
        order(DisplayOrder::Test(page("test again")));
        sees("test again");
        sees("next sale");
        drop(sender);
        display.join().expect("it ends with the desk");
        assert_eq!(
            told.iter().collect::<Vec<_>>(),
            [Event::Display(true), Event::Tested(Device::Display, true), Event::Tested(Device::Display, true)]
        );
    }
}
