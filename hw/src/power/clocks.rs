//! Whether the machine's wall clock can be believed: what its clock chip says, and whether the network set it.

use std::fs;
use std::path::Path;

/// A clock chip and the system that was set from it at boot are no further apart, seconds.
pub const CHIP_SKEW_S_MAX: u64 = 5;

/// What the clock chip of this folder, such as `/sys/class/rtc/rtc0`, shows: seconds since 1970, UTC.
/// `None` when there is no chip, or it says itself that it lost its battery.
#[must_use]
pub fn chip_time_s(folder: &Path) -> Option<i64> {
    fs::read_to_string(folder.join("since_epoch")).ok()?.trim().parse().ok()
}

/// Whether the chip and the system show the same time, and the chip is not at its own beginning (`earliest_s`).
#[must_use]
pub fn chip_proves(folder: &Path, system_s: i64, earliest_s: i64) -> bool {
    chip_time_s(folder).is_some_and(|chip_s| chip_s >= earliest_s && chip_s.abs_diff(system_s) <= CHIP_SKEW_S_MAX)
}

/// Whether the kernel says that a network time service holds its clock. Needs no rights; changes nothing.
#[cfg(feature = "port")]
#[must_use]
#[expect(unsafe_code, reason = "no safe crate of this workspace asks the kernel for its clock's state")]
pub fn network_time_holds() -> bool {
    use nix::libc::{STA_UNSYNC, TIME_ERROR, adjtimex, timex};
    // SAFETY: `timex` is plain numbers, for which all zeros is a value; with `modes` zero the kernel only fills it in.
    let (state, status) = unsafe {
        let mut asked: timex = core::mem::zeroed();
        (adjtimex(&raw mut asked), asked.status)
    };
    state >= 0 && state != TIME_ERROR && status & STA_UNSYNC == 0
}
