//! What one model of printer can do. Comes from configuration, never from trying: an unknown command may be printed as text.
//!
//! Sources: the makers' command references and the public capability databases, none of it tried on a printer of ours.
//! Where a maker's word was not found, a profile claims less: a claim that is too small costs time or asks the crew, never a receipt.

mod models;

pub use models::{
    BIXOLON, CITIZEN, CUSTOM_VKP80II, EPSON_80MM, EPSON_TM_T20, EPSON_TM_T70, EPSON_TM_T70II, EPSON_TM_T88, EPSON_TM_T88III, GENERIC_58MM,
    GENERIC_58MM_MUTE, GENERIC_80MM, GENERIC_80MM_MUTE, STAR_ESCPOS,
};

use super::code_page::CodePage;

/// How a printer can prove that it printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// `GS ( H`: the printer echoes our id when what came before is on paper.
    ProcessId,
    /// `GS r 1`: it answers when it has read what came before; at most about a line may be missing.
    StatusInLine,
    /// Nothing. Each job ends uncertain.
    Nothing,
}

/// What cuts the paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cutter {
    /// A bar to tear at: the paper is fed past it.
    TearBar,
    /// A cutter that leaves a bridge.
    Partial,
    /// A cutter that leaves nothing.
    Full,
}

/// How a model usually says that it wants no more bytes; its switches and the cable decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlowHint {
    /// By a wire: the printer's DTR or RTS on the computer's CTS.
    Wire,
    /// By XON and XOFF, where the cable has three wires.
    XonXoff,
}

/// A code page and its number for `ESC t`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NumberedPage {
    /// What follows `ESC t`.
    pub number: u8,
    /// What the printer then prints.
    pub page: CodePage,
}

/// What one model of printer can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Profile {
    /// For people and configuration.
    pub name: &'static str,
    /// Columns of font A.
    pub columns: u8,
    /// Printable dots across.
    pub width_dots: u16,
    /// The code page to write in.
    pub page: CodePage,
    /// Its number for `ESC t` on this model.
    pub page_number: u8,
    /// Pages that printers of this kind may have under other numbers than Epson's; the page test prints them too.
    pub other_pages: &'static [NumberedPage],
    /// Whether it answers `DLE EOT`, at once and even when it is offline.
    pub has_real_time_status: bool,
    /// Whether it tells changes of its state by itself (`GS a`).
    pub has_automatic_status: bool,
    /// How it proves printing.
    pub proof: Proof,
    /// Whether it knows the real-time command that throws its buffers away.
    pub has_clear: bool,
    /// Whether it knows the real-time drawer pulse.
    pub has_real_time_pulse: bool,
    /// Whether it says who it is (`GS I`).
    pub has_identity: bool,
    /// What cuts.
    pub cutter: Cutter,
    /// Whether it draws QR codes itself.
    pub has_qr: bool,
    /// Whether it draws EAN-13 barcodes itself; otherwise they are sent as a picture.
    pub has_barcode: bool,
    /// Rows of one raster command, 128 to 256. Longer ones overrun receive buffers and keep real-time commands waiting.
    pub raster_rows_max: u16,
    /// Drawer connector: 0 is pin 2, 1 is pin 5.
    pub drawer_pin: u8,
    /// How long the drawer's coil is on, in units of 2 ms.
    pub drawer_on_2ms: u8,
    /// How long it then rests, in units of 2 ms; not less than it was on.
    pub drawer_off_2ms: u8,
    /// The level of the drawer's switch when the drawer is open; nothing if there is no switch.
    /// Depends on the drawer more than on the printer: a setting.
    pub drawer_open_level_high: Option<bool>,
    /// How it usually says that it wants no more bytes.
    pub flow: FlowHint,
}

/// Lines that a page test has at most.
pub const PAGE_LINES_MAX: usize = 24;

/// Epson's numbers of the pages that write Nordic languages; most makers took them over.
pub const EPSON_PAGES: [NumberedPage; 5] = [
    NumberedPage { number: 0, page: CodePage::Pc437 },
    NumberedPage { number: 2, page: CodePage::Pc850 },
    NumberedPage { number: 5, page: CodePage::Pc865 },
    NumberedPage { number: 16, page: CodePage::Windows1252 },
    NumberedPage { number: 19, page: CodePage::Pc858 },
];

impl Profile {
    /// The profiles that configuration can name.
    pub const ALL: &'static [Self] = models::ALL;

    /// The profile of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|profile| profile.name == name)
    }

    /// The lines of the page test: line 1 is the first. Epson's numbers first, then those that this kind of printer may have.
    pub fn page_lines(&self) -> impl Iterator<Item = NumberedPage> + use<> {
        let own = NumberedPage { number: self.page_number, page: self.page };
        let mut lines = heapless::Vec::<NumberedPage, PAGE_LINES_MAX>::new();
        for candidate in EPSON_PAGES.iter().chain(core::iter::once(&own)).chain(self.other_pages) {
            if !lines.contains(candidate) {
                let _ = lines.push(*candidate);
            }
        }
        lines.into_iter()
    }

    /// The page that a line of the page test stands for, counted from 1 as it is printed.
    #[must_use]
    pub fn page_line(&self, line: u8) -> Option<NumberedPage> {
        self.page_lines().nth(usize::from(line.checked_sub(1)?))
    }

    /// The same printer with the page of which a person said that it reads right.
    #[must_use]
    pub const fn with_page(self, page: NumberedPage) -> Self {
        Self { page: page.page, page_number: page.number, ..self }
    }

    /// The same printer on a cable that brings nothing back: nothing is asked, and each job ends uncertain.
    #[must_use]
    pub const fn mute(self) -> Self {
        Self {
            has_real_time_status: false,
            has_automatic_status: false,
            proof: Proof::Nothing,
            has_clear: false,
            has_identity: false,
            drawer_open_level_high: None,
            ..self
        }
    }

    /// Whether it answers anything at all.
    #[must_use]
    pub const fn is_mute(&self) -> bool {
        !self.has_real_time_status && !self.has_automatic_status && matches!(self.proof, Proof::Nothing)
    }

    /// The bytes of the longest raster command that is sent to it.
    #[must_use]
    pub const fn raster_bytes_max(&self) -> usize {
        self.width_dots.div_ceil(8) as usize * self.raster_rows_max as usize
    }
}

#[cfg(all(test, feature = "std"))]
mod tests;
