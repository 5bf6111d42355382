//! Amounts and numbers as they are typed on a keypad.

use domain::{Currency, Money};

/// The most digits of an amount: a million kronor is more than any drawer holds.
pub const DIGITS_MAX: usize = 6;

/// Digits typed so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Typed {
    digits: String,
    suggested: bool,
}

impl Typed {
    /// One key: a digit, "00", or "back".
    pub fn key(&mut self, key: &str) {
        match key {
            "back" => {
                self.digits.pop();
                self.suggested = false;
            }
            digits if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                if core::mem::take(&mut self.suggested) {
                    self.digits.clear();
                }
                let room = self.digits.len() + digits.len() <= DIGITS_MAX;
                let leading_zero = self.digits.is_empty() && digits.starts_with('0');
                self.digits.push_str(if room && !leading_zero { digits } else { "" });
            }
            _ => {}
        }
    }

    /// Digits to begin with; the first digit that is typed replaces them.
    pub fn suggest(&mut self, digits: &str) {
        self.clear();
        self.key(digits);
        self.suggested = true;
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.digits.clear();
        self.suggested = false;
    }

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.digits
    }

    /// Whole units of money, if anything was typed.
    #[must_use]
    pub fn amount(&self, currency: Currency) -> Option<Money> {
        let units: i64 = self.digits.parse().ok()?;
        Money::checked(units * 100, currency).ok()
    }

    /// A number, if anything was typed.
    #[must_use]
    pub fn number(&self) -> Option<u64> {
        self.digits.parse().ok()
    }

    /// One key of a number whose leading zeros count, such as a PIN.
    pub fn any_key(&mut self, key: &str) {
        if key == "back" {
            self.digits.pop();
        } else if key.len() == 1 && key.bytes().all(|byte| byte.is_ascii_digit()) && self.digits.len() < DIGITS_MAX {
            self.digits.push_str(key);
        }
    }
}
