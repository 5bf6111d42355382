//! One printer for several hands: the print queue and the cash drawer.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{JobId, PrintOutcome, PrinterState, PrinterTrouble, ReceiptPrinter};
use crate::document::DocumentBuf;
use crate::drawer::{CashDrawer, DrawerState};

/// A handle to a printer; clones share it. Each call waits for the one before it.
#[derive(Debug)]
pub struct SharedPrinter<P>(Arc<Mutex<P>>);

impl<P> SharedPrinter<P> {
    /// Shares a printer.
    pub fn new(printer: P) -> Self {
        Self(Arc::new(Mutex::new(printer)))
    }

    fn lock(&self) -> MutexGuard<'_, P> {
        // A driver that panicked has lost at most its own job; the next one greets the printer anew.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<P> Clone for SharedPrinter<P> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<P: ReceiptPrinter> ReceiptPrinter for SharedPrinter<P> {
    fn print(&mut self, job: JobId, document: &DocumentBuf) -> PrintOutcome {
        self.lock().print(job, document)
    }

    fn state(&mut self) -> PrinterState {
        self.lock().state()
    }

    fn columns(&self) -> usize {
        self.lock().columns()
    }
}

impl<P: CashDrawer> CashDrawer for SharedPrinter<P> {
    fn open(&mut self) -> Result<(), PrinterTrouble> {
        self.lock().open()
    }

    fn open_and_look(&mut self) -> Result<DrawerState, PrinterTrouble> {
        self.lock().open_and_look()
    }

    fn state(&mut self) -> DrawerState {
        CashDrawer::state(&mut *self.lock())
    }
}
