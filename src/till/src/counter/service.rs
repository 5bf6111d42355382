//! Self tests of the devices. They change nothing that was sold; opening the drawer stands in the journal.

use domain::crew::Right;
use hw::document::DocumentBuf;

use super::Counter;
use crate::{
    command::{Command, Now, Wrong},
    desk::{Device, Shown},
    paper::{self, PAPER_LANGUAGE, REGIME},
    words,
};

/// Whether a command is something that a person does and no test waits through: what is scanned afterwards is meant to be sold.
pub(super) const fn ends_test(command: &Command) -> bool {
    !matches!(
        command,
        Command::CardAnswered { .. }
            | Command::AskCardAgain
            | Command::ControlAnswered { .. }
            | Command::ControlSeen(_)
            | Command::AskControlAgain
            | Command::JobEnded { .. }
            | Command::PrinterReady
            | Command::ClockHeard { .. }
            | Command::XReport
    )
}

/// Letters that tell a wrong code page at a glance.
const LETTERS: [&str; 3] = ["ABCDEFGHIJKLMNOPQRSTUVWXYZÅÄÖÆØÉÜ", "abcdefghijklmnopqrstuvwxyzåäöæøéü", "0123456789 €£%&/()=?!+-*.,:;"];

impl Counter {
    /// Tests a device. `Some` is what the test came to; with `None` that follows as [`Event::Tested`](crate::desk::Event::Tested).
    /// The scanner's test lasts until something is scanned, which is then not sold, until anybody does something else,
    /// or until [`end_test`](Self::end_test).
    ///
    /// # Errors
    /// [`Refusal::RoleForbids`](domain::Refusal::RoleForbids) and its like for people who may not, or a fault of the store.
    pub fn test(&mut self, device: Device, now: Now) -> Result<Option<bool>, Wrong> {
        self.till.require(Right::Service)?;
        self.end_test();
        let passed_on = match device {
            Device::Drawer => {
                self.drawer_test = true;
                let done = self.command(Command::TestDrawer, now);
                let passed_on = !core::mem::take(&mut self.drawer_test);
                done?;
                passed_on
            }
            Device::Printer => self.desk.test_print(self.test_print(now)),
            Device::Display => self.desk.test_show(self.test_page()),
            Device::Scanner => {
                self.scan_test = true;
                self.states.scanned_in_test = None;
                true
            }
            Device::Terminal | Device::Control => self.desk.test_state(device),
        };
        Ok(if passed_on { None } else { Some(false) })
    }

    /// Ends a test that waits for somebody.
    pub fn end_test(&mut self) {
        self.scan_test = false;
    }

    /// Whether the next thing scanned belongs to a test.
    #[must_use]
    pub const fn waits_for_test_scan(&self) -> bool {
        self.scan_test
    }

    /// Takes what was scanned for a test; `false` when none waits for it.
    pub(super) fn scanned_in_test(&mut self, text: &str) -> bool {
        if self.scan_test {
            self.states.scanned_in_test = Some(text.to_owned());
        }
        core::mem::take(&mut self.scan_test)
    }

    fn test_print(&self, now: Now) -> DocumentBuf {
        let words = words::paper(PAPER_LANGUAGE);
        let (wall_s, offset_min) = self.till.wall(now);
        let setup = self.till.setup();
        let mut doc = DocumentBuf::new();
        doc.text(REGIME.mark_pro_forma).center().double();
        doc.text(words.test_print).center().bold();
        doc.row(words.date_time, paper::local(wall_s, offset_min));
        doc.row(words.register, self.till.books().register.as_str());
        doc.row(words.program, setup.program.as_str());
        doc.rule();
        for letters in LETTERS {
            doc.text(letters);
        }
        doc.rule();
        doc.row("|<-", "->|");
        doc.cut();
        doc
    }

    fn test_page(&self) -> Shown {
        let words = words::paper(PAPER_LANGUAGE);
        Shown { top: ("ÅÄÖ åäö ÆØ æø é €".into(), String::new()), bottom: (words.to_pay.into(), "1 234,50".into()) }
    }
}
