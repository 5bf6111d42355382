//! The receipt printer: trait, ESC/POS codec, driver, simulator.

pub mod code_page;
pub mod escpos;
pub mod profile;
pub mod qr;
pub mod reply;

#[cfg(feature = "std")]
mod driver;
#[cfg(feature = "std")]
mod shared;
#[cfg(feature = "sim")]
pub mod sim;

#[cfg(feature = "std")]
pub use driver::{Deadlines, EscPosPrinter, Identity};
#[cfg(feature = "std")]
pub use shared::SharedPrinter;

/// Which print job: ascending numbers from the print queue. The printer echoes a part of it as proof of printing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobId(pub u64);

/// What became of a print job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrintOutcome {
    /// The printer said that all of it is on paper.
    Printed,
    /// Nothing of it counts: nothing was sent, or the printer stopped and threw the rest away.
    /// What may be on paper ends before the cut, and before the printer's word that it is whole.
    /// Print the whole document again, and mark it if this print had started.
    NotPrinted {
        /// What is in the way.
        why: PrinterTrouble,
        /// Whether a first part of it can be on paper: then the next print carries a mark.
        started: bool,
    },
    /// It may be on paper, whole or in part, or not. Ask the crew; never print again by itself, a second receipt is a copy in law.
    Uncertain {
        /// What is in the way of knowing.
        why: PrinterTrouble,
    },
}

/// What keeps a printer from printing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrinterTrouble {
    /// The roll is used up.
    PaperOut,
    /// The cover is open.
    CoverOpen,
    /// The cutter is stuck.
    Cutter,
    /// An error that the printer cannot leave by itself, or a head that is too hot.
    Fault,
    /// Offline for a reason it does not tell, such as the feed button.
    Offline,
    /// Nothing was heard from it in time.
    Silent,
    /// It takes no more bytes.
    Stalled,
    /// The port is not there: unplugged, switched off, or wrongly configured.
    Unplugged,
    /// This printer has no way to confirm.
    CannotConfirm,
}

impl PrinterTrouble {
    /// A stable code for messages and logs.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::PaperOut => "printer.paper_out",
            Self::CoverOpen => "printer.cover_open",
            Self::Cutter => "printer.cutter",
            Self::Fault => "printer.fault",
            Self::Offline => "printer.offline",
            Self::Silent => "printer.silent",
            Self::Stalled => "printer.stalled",
            Self::Unplugged => "printer.unplugged",
            Self::CannotConfirm => "printer.cannot_confirm",
        }
    }
}

/// Whether the printer can be heard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Contact {
    /// Nothing was asked yet.
    #[default]
    Unasked,
    /// It answered the last question.
    Heard,
    /// The port is there, the printer says nothing.
    Silent,
    /// The port is not there.
    Unplugged,
    /// The port is there, and this printer is known to tell nothing: it is sent its jobs, and each ends uncertain.
    Mute,
}

/// How much paper there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Paper {
    /// Not heard.
    #[default]
    Unknown,
    /// Enough.
    Present,
    /// The roll ends soon.
    NearEnd,
    /// None.
    Out,
}

/// Whether the cover is closed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cover {
    /// Not heard.
    #[default]
    Unknown,
    /// Closed.
    Closed,
    /// Open.
    Open,
}

/// What is known about a printer. Whatever was not heard is `Unknown`, never good news.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PrinterState {
    /// Whether it can be heard.
    pub contact: Contact,
    /// It said that it is online. `false` when it said otherwise or nothing.
    pub online: bool,
    /// Paper.
    pub paper: Paper,
    /// Cover.
    pub cover: Cover,
    /// The cutter is stuck.
    pub cutter_stuck: bool,
    /// Another error, recoverable or not.
    pub fault: bool,
    /// The level of the drawer's switch, if heard; what it means depends on the drawer.
    pub drawer_pin_high: Option<bool>,
}

impl PrinterState {
    /// What is in the way of printing now; nothing when it said that all is well, or is known to say nothing ever ([`Contact::Mute`]).
    #[must_use]
    pub const fn trouble(&self) -> Option<PrinterTrouble> {
        match self.contact {
            Contact::Unplugged => return Some(PrinterTrouble::Unplugged),
            Contact::Unasked | Contact::Silent => return Some(PrinterTrouble::Silent),
            Contact::Mute => return None,
            Contact::Heard => {}
        }
        if matches!(self.cover, Cover::Open) {
            Some(PrinterTrouble::CoverOpen)
        } else if matches!(self.paper, Paper::Out) {
            Some(PrinterTrouble::PaperOut)
        } else if self.cutter_stuck {
            Some(PrinterTrouble::Cutter)
        } else if self.fault {
            Some(PrinterTrouble::Fault)
        } else if !self.online {
            Some(PrinterTrouble::Offline)
        } else {
            None
        }
    }

    /// Whether it can be sent a job: it said that it can print, or is known to say nothing ever.
    #[must_use]
    pub const fn is_ready(&self) -> bool {
        self.trouble().is_none()
    }
}

/// A receipt printer. Calls block, within the driver's own deadlines: give it a thread.
#[cfg(feature = "std")]
pub trait ReceiptPrinter: Send {
    /// Prints a document and finds out what became of it. Not idempotent: call it again only after `NotPrinted`.
    fn print(&mut self, job: JobId, document: &crate::document::DocumentBuf) -> PrintOutcome;

    /// An earlier run of the program broke off in the middle of a job: what may hang from the printer is marked void before the next
    /// job, so that no other receipt hangs together with it.
    fn broke_off(&mut self) {}

    /// Asks the printer how it is.
    fn state(&mut self) -> PrinterState;

    /// Columns of a line in the printer's normal type.
    fn columns(&self) -> usize;
}
