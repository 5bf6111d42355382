//! NMEA 0183 sentences, one byte at a time: where a line begins and ends is decided here, what stands in it by the crate `nmea`.
//!
//! Only RMC tells position, speed, date and time together, so only RMC becomes a [`Fix`].
//! A receiver that is not sure (status V, or a mode that is estimated, typed in or simulated) still tells a time; none of it is used.

use nmea::sentences::{FaaMode, RmcData, rmc::RmcStatusOfFix};
use nmea::{ParseResult, parse_bytes};

use super::Fix;

/// The longest sentence, from `$` to the checksum. The standard allows 80; some receivers send more.
pub const SENTENCE_BYTES_MAX: usize = 100;
/// `*` and two hexadecimal digits.
const CHECKSUM_BYTES: usize = 3;
/// Millimetres a second in a knot, times 1000.
const UMPS_PER_KNOT: f64 = 514_444.444;
/// No fix is older: 2024-01-01, before any till of this kind.
/// A receiver without a clock of its own, and one whose count of weeks has run over, tells an earlier time.
pub const FIX_S_MIN: i64 = 1_704_067_200;
/// No fix is younger: 2039-01-01. Within these fifteen years no count of weeks, 19.6 years long, is a whole turn off.
pub const FIX_S_MAX: i64 = 2_177_452_800;
/// No receiver on a train moves faster, knots.
const KNOTS_MAX: f64 = 2_000.0;

/// What a whole and correct sentence tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// The receiver knows where it is and what time it is.
    Fix(Fix),
    /// The receiver speaks, and this sentence tells nothing that can be used.
    Alive,
}

/// Puts bytes together to sentences. What is overlong, garbled or interrupted is dropped; the next `$` begins anew.
#[derive(Clone, Debug, Default)]
pub struct SentenceReader {
    line: heapless::Vec<u8, SENTENCE_BYTES_MAX>,
}

impl SentenceReader {
    /// A reader that waits for a `$`.
    #[must_use]
    pub const fn new() -> Self {
        Self { line: heapless::Vec::new() }
    }

    /// Takes one byte; answers when it ends a sentence with the right checksum.
    pub fn push(&mut self, byte: u8) -> Option<Heard> {
        match byte {
            b'$' => {
                self.line.clear();
                let _ = self.line.push(byte);
                None
            }
            b'\r' | b'\n' => {
                let heard = sentence(&self.line);
                self.line.clear();
                heard
            }
            // Before a `$` nothing is kept, and an overlong line waits for the next one.
            _ => {
                if self.line.is_empty() || self.line.push(byte).is_err() {
                    self.line.clear();
                }
                None
            }
        }
    }
}

/// Reads a line without its end. `None` unless it is whole and its checksum right.
fn sentence(line: &[u8]) -> Option<Heard> {
    let star = line.iter().position(|&byte| byte == b'*')?;
    let digits = line.get(star + 1..)?;
    if digits.len() + 1 != CHECKSUM_BYTES || !digits.iter().all(u8::is_ascii_hexdigit) || !line.iter().all(u8::is_ascii) {
        return None;
    }
    // The crate does not know every sentence there is, so the checksum is counted here: a receiver that says something unknown speaks.
    let sum = line.get(1..star)?.iter().fold(0, |sum, byte| sum ^ byte);
    let told = u8::from_str_radix(core::str::from_utf8(digits).ok()?, 16).ok()?;
    if sum != told {
        return None;
    }
    match parse_bytes(line) {
        Ok(ParseResult::RMC(rmc)) => Some(fix(&rmc).map_or(Heard::Alive, Heard::Fix)),
        _ => Some(Heard::Alive),
    }
}

fn fix(rmc: &RmcData) -> Option<Fix> {
    let measured = matches!(
        rmc.faa_mode,
        None | Some(FaaMode::Autonomous | FaaMode::Differential | FaaMode::FloatRtk | FaaMode::FixedRtk | FaaMode::Precise)
    );
    if rmc.status_of_fix == RmcStatusOfFix::Invalid || !measured {
        return None;
    }
    let utc_s = rmc.fix_date?.and_time(rmc.fix_time?).and_utc().timestamp();
    if !(FIX_S_MIN..FIX_S_MAX).contains(&utc_s) {
        return None;
    }
    let knots = f64::from(rmc.speed_over_ground?);
    if !(0.0..=KNOTS_MAX).contains(&knots) {
        return None;
    }
    Some(Fix {
        latitude_udeg: udeg(rmc.lat?, 90.0)?,
        longitude_udeg: udeg(rmc.lon?, 180.0)?,
        speed_mmps: u32::try_from(whole(knots * UMPS_PER_KNOT / 1000.0)?).ok()?,
        utc_s,
    })
}

/// Degrees in millionths, if they are on the globe.
fn udeg(degrees: f64, most: f64) -> Option<i32> {
    if (-most..=most).contains(&degrees) { whole(degrees * 1_000_000.0) } else { None }
}

/// The nearest whole number.
#[expect(clippy::cast_possible_truncation, reason = "the value is checked to fit, and its fraction is meant to go")]
fn whole(value: f64) -> Option<i32> {
    let rounded = if value < 0.0 { value - 0.5 } else { value + 0.5 };
    (f64::from(i32::MIN)..=f64::from(i32::MAX)).contains(&rounded).then_some(rounded as i32)
}
