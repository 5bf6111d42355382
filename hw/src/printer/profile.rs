//! What one model of printer can do. Comes from configuration, never from trying: an unknown command may be printed as text.

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
    /// Whether it tells changes of its state by itself.
    pub has_automatic_status: bool,
    /// How it proves printing.
    pub proof: Proof,
    /// Whether it knows the real-time command that throws its buffers away.
    pub has_clear: bool,
    /// Whether it knows the real-time drawer pulse.
    pub has_real_time_pulse: bool,
    /// What cuts.
    pub cutter: Cutter,
    /// Whether it draws QR codes itself.
    pub has_qr: bool,
    /// Drawer connector: 0 is pin 2, 1 is pin 5.
    pub drawer_pin: u8,
    /// The level of the drawer's switch when the drawer is open; nothing if there is no switch.
    pub drawer_open_level_high: Option<bool>,
}

/// 80 mm paper, Epson TM-T88 and TM-T20 class, 42 columns.
pub const EPSON_80MM: Profile = Profile {
    name: "epson-80mm",
    columns: 42,
    width_dots: 512,
    page: CodePage::Pc858,
    page_number: 19,
    has_automatic_status: true,
    proof: Proof::ProcessId,
    has_clear: true,
    has_real_time_pulse: true,
    cutter: Cutter::Partial,
    has_qr: true,
    drawer_pin: 0,
    drawer_open_level_high: Some(true),
};

/// 58 mm paper, generic, 32 columns: no automatic status, no process ids, no clearing, no QR of its own, a bar to tear at.
pub const GENERIC_58MM: Profile = Profile {
    name: "generic-58mm",
    columns: 32,
    width_dots: 384,
    page: CodePage::Pc858,
    page_number: 19,
    has_automatic_status: false,
    proof: Proof::StatusInLine,
    has_clear: false,
    has_real_time_pulse: false,
    cutter: Cutter::TearBar,
    has_qr: false,
    drawer_pin: 0,
    drawer_open_level_high: None,
};

impl Profile {
    /// The profiles that configuration can name.
    pub const ALL: &'static [Self] = &[EPSON_80MM, GENERIC_58MM];

    /// The profile of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|profile| profile.name == name)
    }
}
