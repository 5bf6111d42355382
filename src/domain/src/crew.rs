//! Crew: who sells, what they may do, and how often a PIN may be tried.

use core::fmt;

use crate::Refusal;

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "a test may panic on overflow")]
mod tests;

/// The number a crew member signs in with.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CrewId(String);

impl CrewId {
    /// The most characters a crew number has.
    pub const LEN_MAX: usize = 12;

    /// Reads a crew number: 1 to [`CrewId::LEN_MAX`] ASCII letters and digits.
    ///
    /// # Errors
    /// [`Refusal::CrewUnknown`]: nobody can have such a number.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let readable = (1..=Self::LEN_MAX).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if readable { Ok(Self(text.to_owned())) } else { Err(Refusal::CrewUnknown) }
    }

    /// The number.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CrewId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What somebody is on board or at the depot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Sells on the train.
    Crew,
    /// Purser: sells, and answers for the others' drawers.
    Manager,
    /// Looks after the unit; does not sell.
    DepotStaff,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 3] = [Self::Crew, Self::Manager, Self::DepotStaff];

    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Crew => "crew",
            Self::Manager => "manager",
            Self::DepotStaff => "depot_staff",
        }
    }

    /// The role with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.code() == code)
    }

    /// Whether the role has a right.
    ///
    /// Crew are often alone on a train, so they may do whatever a sale and their own drawer need; each step stands in the journal with their
    /// name. Closing somebody else's shift needs a purser or the depot. Depot staff may try a unit out, but never sell.
    #[must_use]
    pub const fn may(self, right: Right) -> bool {
        match self {
            Self::Manager => true,
            Self::Crew => !matches!(right, Right::CloseShiftOfOther),
            Self::DepotStaff => matches!(right, Right::CloseShiftOfOther | Right::Training | Right::Service),
        }
    }

    /// The right, or why not.
    ///
    /// # Errors
    /// [`Refusal::RoleForbids`].
    pub const fn require(self, right: Right) -> Result<(), Refusal> {
        if self.may(right) { Ok(()) } else { Err(Refusal::RoleForbids) }
    }
}

/// Something a role may do or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Right {
    /// Sell, park, void lines and abandon sales.
    Sell,
    /// Print a receipt's one copy.
    CopyReceipt,
    /// Reverse a sale of the same shift.
    Void,
    /// Take back something sold.
    Refund,
    /// Open a shift of one's own.
    OpenShift,
    /// Count and close one's own shift.
    CloseShift,
    /// Count and close somebody else's shift.
    CloseShiftOfOther,
    /// Take cash out of the drawer to the safe.
    CashDrop,
    /// Put cash into the drawer without a sale.
    PaidIn,
    /// Pay cash from the drawer without a sale.
    PaidOut,
    /// Open the drawer without a sale.
    NoSale,
    /// Enter and leave training mode.
    Training,
    /// See the devices' states and run their self tests.
    Service,
}

impl Right {
    /// Every right.
    pub const ALL: [Self; 13] = [
        Self::Sell,
        Self::CopyReceipt,
        Self::Void,
        Self::Refund,
        Self::OpenShift,
        Self::CloseShift,
        Self::CloseShiftOfOther,
        Self::CashDrop,
        Self::PaidIn,
        Self::PaidOut,
        Self::NoSale,
        Self::Training,
        Self::Service,
    ];
}

/// The language a crew member's screen speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    /// Swedish.
    #[default]
    Sv,
    /// English.
    En,
}

impl Language {
    /// Every language.
    pub const ALL: [Self; 2] = [Self::Sv, Self::En];

    /// The ISO 639 letters.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Sv => "sv",
            Self::En => "en",
        }
    }

    /// The language with these ISO 639 letters.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.code() == code)
    }
}

/// Somebody who may sign in. The PIN's hash is not part of it: nothing here can check a PIN.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CrewMember {
    /// Their number.
    pub id: CrewId,
    /// Their name, as it stands on receipts.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// What their screen speaks.
    pub language: Language,
}

/// Wrong PINs of one crew member in a row, and the delay they cost.
///
/// Three wrong PINs cost 30 seconds, each further one twice as much, never more than 15 minutes.
/// Only the right PIN forgives. Nobody is locked out for ever, and nothing here expires.
///
/// **The clock.** Where it has gone back behind the last wrong PIN, the delay starts again from now, in full: the door does not open, and the
/// wait is never longer than one delay. A clock that jumps ahead can shorten one wait and buys one try, since the count stays.
/// The value must be kept over restarts, after [`PinAttempts::may_try`] as well as after the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct PinAttempts {
    /// Wrong PINs since the last right one.
    pub wrong: u32,
    /// When the delay began, in seconds since 1970 UTC; without meaning while `wrong` is 0.
    pub last_wrong_s: i64,
}

impl PinAttempts {
    /// Wrong PINs that cost nothing yet.
    pub const WRONG_FREE_MAX: u32 = 2;
    /// The first delay.
    pub const DELAY_FIRST_S: u32 = 30;
    /// The longest delay.
    pub const DELAY_MAX_S: u32 = 15 * 60;

    /// Whether a PIN may be tried now.
    ///
    /// # Errors
    /// The whole seconds to wait, 1 to [`PinAttempts::DELAY_MAX_S`].
    pub fn may_try(&mut self, now_s: i64) -> Result<(), u32> {
        if self.delay_s() == 0 {
            return Ok(());
        }
        if now_s < self.last_wrong_s {
            self.last_wrong_s = now_s;
        }
        let passed_s = now_s.saturating_sub(self.last_wrong_s);
        let left_s = i64::from(self.delay_s()).saturating_sub(passed_s);
        match u32::try_from(left_s) {
            Ok(0) | Err(_) => Ok(()),
            Ok(left_s) => Err(left_s),
        }
    }

    /// A wrong PIN was given. The delay begins now.
    pub const fn wrong(&mut self, now_s: i64) {
        self.wrong = self.wrong.saturating_add(1);
        self.last_wrong_s = now_s;
    }

    /// The right PIN was given. All is forgiven.
    pub const fn right(&mut self) {
        self.wrong = 0;
        self.last_wrong_s = 0;
    }

    /// The whole delay that the wrong PINs so far cost, in seconds.
    #[must_use]
    pub const fn delay_s(&self) -> u32 {
        let Some(doublings) = self.wrong.checked_sub(Self::WRONG_FREE_MAX + 1) else { return 0 };
        let delay_s = Self::DELAY_FIRST_S.saturating_mul(2_u32.saturating_pow(doublings));
        if delay_s < Self::DELAY_MAX_S { delay_s } else { Self::DELAY_MAX_S }
    }
}
