//! The models. Figures without a remark are the maker's own; "unknown" means that no source was found and the profile claims nothing.

use super::{Cutter, FlowHint, NumberedPage, Profile, Proof};
use crate::printer::code_page::CodePage;

pub(super) const ALL: &[Profile] = &[
    EPSON_80MM,
    EPSON_TM_T20,
    EPSON_TM_T70,
    EPSON_TM_T70II,
    EPSON_TM_T88,
    EPSON_TM_T88III,
    STAR_ESCPOS,
    BIXOLON,
    CUSTOM_VKP80II,
    CITIZEN,
    GENERIC_80MM,
    GENERIC_58MM,
    GENERIC_80MM_MUTE,
    GENERIC_58MM_MUTE,
];

/// Coil times that open the drawers on the market: 50 ms on, 500 ms off.
const DRAWER_ON_2MS: u8 = 0x19;
const DRAWER_OFF_2MS: u8 = 0xfa;

/// 80 mm paper, Epson with process ids, set to 42 columns: right for the whole class.
pub const EPSON_80MM: Profile = Profile {
    name: "epson-80mm",
    columns: 42,
    width_dots: 512,
    page: CodePage::Pc858,
    page_number: 19,
    other_pages: &[],
    has_real_time_status: true,
    has_automatic_status: true,
    proof: Proof::ProcessId,
    has_clear: true,
    has_real_time_pulse: true,
    has_identity: true,
    cutter: Cutter::Partial,
    has_qr: true,
    has_barcode: true,
    raster_rows_max: 128,
    drawer_pin: 0,
    drawer_on_2ms: DRAWER_ON_2MS,
    drawer_off_2ms: DRAWER_OFF_2MS,
    drawer_open_level_high: Some(true),
    flow: FlowHint::Wire,
};

/// Epson TM-T20, T20II, T20III: 203 dots per inch, 48 columns.
pub const EPSON_TM_T20: Profile = Profile { name: "epson-tm-t20", columns: 48, width_dots: 576, ..EPSON_80MM };

/// Epson TM-T70: 180 dots per inch, 42 columns. Whether it draws QR codes is unknown for the first one, so they are sent as pictures.
pub const EPSON_TM_T70: Profile = Profile { name: "epson-tm-t70", has_qr: false, ..EPSON_80MM };

/// Epson TM-T70II.
pub const EPSON_TM_T70II: Profile = Profile { name: "epson-tm-t70ii", ..EPSON_80MM };

/// Epson TM-T88IV and later: 180 dots per inch, 42 columns.
pub const EPSON_TM_T88: Profile = Profile { name: "epson-tm-t88", ..EPSON_80MM };

/// Epson TM-T88III and T88II: no process ids, no QR. Whether it clears is unknown. The T88II may lack page 19: the page test tells.
pub const EPSON_TM_T88III: Profile =
    Profile { name: "epson-tm-t88iii", proof: Proof::StatusInLine, has_clear: false, has_qr: false, ..EPSON_80MM };

/// Star in ESC/POS emulation, 80 mm: 203 dots per inch. Automatic status, clearing, real-time pulse, identity and QR are unknown.
pub const STAR_ESCPOS: Profile = Profile { name: "star-escpos", ..GENERIC_80MM };

/// Bixolon SRP-350 class. Its manual has `GS a`, `GS r` and `GS I`; clearing is unknown. Older ones lack page 16.
/// The 350 has 180 dots per inch as the TM-T88.
pub const BIXOLON: Profile = Profile {
    name: "bixolon",
    columns: 42,
    width_dots: 512,
    has_automatic_status: true,
    has_identity: true,
    has_barcode: true,
    ..GENERIC_80MM
};

/// Custom VKP80II, a kiosk printer that cuts fully. No page 16; the euro is page 19, byte D5.
/// Its head is wider than the 576 dots used here; automatic status and clearing are unknown.
pub const CUSTOM_VKP80II: Profile = Profile { name: "custom-vkp80ii", cutter: Cutter::Full, drawer_open_level_high: None, ..GENERIC_80MM };

/// Citizen CT-S: clears as Epson's do (CT-S300, 310, 2000, 4000). Sources disagree about the numbers of pages 858 and 1252.
pub const CITIZEN: Profile = Profile {
    name: "citizen",
    has_clear: true,
    other_pages: &[NumberedPage { number: 2, page: CodePage::Pc858 }, NumberedPage { number: 9, page: CodePage::Windows1252 }],
    ..GENERIC_80MM
};

/// Page numbers of printers that count differently: one brand each.
const STRAY_PAGES: &[NumberedPage] = &[
    NumberedPage { number: 20, page: CodePage::Pc858 },
    NumberedPage { number: 17, page: CodePage::Windows1252 },
    NumberedPage { number: 14, page: CodePage::Pc858 },
    NumberedPage { number: 11, page: CodePage::Windows1252 },
    NumberedPage { number: 6, page: CodePage::Pc858 },
    NumberedPage { number: 6, page: CodePage::Windows1252 },
    NumberedPage { number: 8, page: CodePage::Windows1252 },
    NumberedPage { number: 1, page: CodePage::Pc850 },
];

/// 80 mm paper, generic, 203 dots per inch, 48 columns, a cutter; answers `DLE EOT` and `GS r`, and no more is claimed.
pub const GENERIC_80MM: Profile = Profile {
    name: "generic-80mm",
    columns: 48,
    width_dots: 576,
    other_pages: STRAY_PAGES,
    has_automatic_status: false,
    proof: Proof::StatusInLine,
    has_clear: false,
    has_real_time_pulse: false,
    has_identity: false,
    has_qr: false,
    has_barcode: false,
    ..EPSON_80MM
};

/// 58 mm paper, generic, 32 columns: no automatic status, no process ids, no clearing, no QR of its own, a bar to tear at.
pub const GENERIC_58MM: Profile = Profile {
    name: "generic-58mm",
    columns: 32,
    width_dots: 384,
    cutter: Cutter::TearBar,
    raster_rows_max: 192,
    drawer_open_level_high: None,
    ..GENERIC_80MM
};

/// 80 mm paper on a cable that brings nothing back.
pub const GENERIC_80MM_MUTE: Profile = Profile { name: "generic-80mm-mute", ..GENERIC_80MM.mute() };

/// 58 mm paper on a cable that brings nothing back.
pub const GENERIC_58MM_MUTE: Profile = Profile { name: "generic-58mm-mute", ..GENERIC_58MM.mute() };
