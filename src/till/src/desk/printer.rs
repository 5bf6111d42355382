//! The printer's thread, and the drawer's with it.

use std::sync::mpsc::{Receiver, RecvTimeoutError};

use hw::{
    document::DocumentBuf,
    drawer::DrawerState,
    printer::{JobId, PrintOutcome, PrinterState, ReceiptPrinter},
};

use super::{Device, Event, POLL_EVERY, PrinterWithDrawer};

pub(super) enum PrinterOrder {
    Print(store::JobId, DocumentBuf),
    BrokeOff,
    Test(DocumentBuf),
    OpenDrawer,
    TestDrawer,
    Look,
}

/// The number of no job of the store: those count from 1.
const TEST_JOB: JobId = JobId(0);

pub(super) fn run_printer(mut printer: Box<dyn PrinterWithDrawer>, orders: &Receiver<PrinterOrder>, tell: &dyn Fn(Event)) {
    let mut last: Option<PrinterState> = None;
    let mut drawer_unreached = false;
    loop {
        match orders.recv_timeout(POLL_EVERY) {
            Ok(PrinterOrder::Print(job_id, document)) => {
                let outcome = printer.print(JobId(job_id.0), &document);
                tell(Event::JobEnded(job_id, outcome));
            }
            Ok(PrinterOrder::Test(page)) => {
                // A printer that cannot confirm has done what it can; whether it came out is seen by who asked for it.
                let outcome = printer.print(TEST_JOB, &page);
                tell(Event::Tested(Device::Printer, matches!(outcome, PrintOutcome::Printed | PrintOutcome::Uncertain { .. })));
            }
            Ok(PrinterOrder::BrokeOff) => {
                printer.broke_off();
                continue;
            }
            Ok(order @ (PrinterOrder::OpenDrawer | PrinterOrder::TestDrawer)) => {
                let opened = printer.open_and_look();
                drawer_unreached = opened.is_err();
                // Where the drawer has a switch, it says whether it opened.
                let well = !matches!(opened, Err(_) | Ok(DrawerState::Closed));
                tell(Event::Drawer(well));
                if matches!(order, PrinterOrder::TestDrawer) {
                    tell(Event::Tested(Device::Drawer, well));
                }
                if well {
                    continue;
                }
            }
            Ok(PrinterOrder::Look) | Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        let state = ReceiptPrinter::state(&mut *printer);
        if drawer_unreached && state.is_ready() && last.is_some_and(|last| !last.is_ready()) {
            // The drawer hangs on the printer's cable: with the printer it is within reach again.
            drawer_unreached = false;
            tell(Event::Drawer(true));
        }
        if last != Some(state) {
            last = Some(state);
            tell(Event::Printer(state));
        }
    }
}
