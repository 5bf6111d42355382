//! Amounts and numbers as they are typed on a keypad.

use domain::{Currency, Money};

/// The most digits of an amount: a million kronor is more than any drawer holds.
pub const DIGITS_MAX: usize = 6;

/// Digits typed so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Typed(String);

impl Typed {
    /// One key: a digit, "00", or "back".
    pub fn key(&mut self, key: &str) {
        match key {
            "back" => {
                self.0.pop();
            }
            digits if digits.bytes().all(|byte| byte.is_ascii_digit()) && self.takes(digits) => self.0.push_str(digits),
            _ => {}
        }
    }

    /// Whether there is room, and no leading zero.
    fn takes(&self, digits: &str) -> bool {
        self.0.len() + digits.len() <= DIGITS_MAX && !(self.0.is_empty() && digits.starts_with('0'))
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whole units of money, if anything was typed.
    #[must_use]
    pub fn amount(&self, currency: Currency) -> Option<Money> {
        let units: i64 = self.0.parse().ok()?;
        Money::checked(units * 100, currency).ok()
    }

    /// A number, if anything was typed.
    #[must_use]
    pub fn number(&self) -> Option<u64> {
        self.0.parse().ok()
    }
}

impl Typed {
    /// One key of a number whose leading zeros count, such as a PIN.
    pub fn any_key(&mut self, key: &str) {
        if key == "back" {
            self.0.pop();
        } else if key.len() == 1 && key.bytes().all(|byte| byte.is_ascii_digit()) && self.0.len() < DIGITS_MAX {
            self.0.push_str(key);
        }
    }
}
