//! The words of the customer display: a missing one does not compile.

use super::Language;

/// What passengers read on the customer display. None is wider than a pole display, which has 20 characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CustomerWords {
    /// Between sales, below the name of the company.
    pub welcome: &'static str,
    /// Total of the sale.
    pub total: &'static str,
    /// What has been paid.
    pub paid: &'static str,
    /// What is still to pay.
    pub left: &'static str,
    /// Money back.
    pub back: &'static str,
    /// Something was taken back.
    pub refund: &'static str,
    /// After a payment.
    pub thanks: &'static str,
    /// Payment by card.
    pub card: &'static str,
    /// The terminal wants a card, a PIN or a yes.
    pub follow_terminal: &'static str,
    /// The terminal does not say yet what became of the payment.
    pub wait: &'static str,
    /// No money was taken from the card.
    pub card_not_paid: &'static str,
}

/// The words of `language`.
#[must_use]
pub const fn customer(language: Language) -> &'static CustomerWords {
    match language {
        Language::Sv => &SV,
        Language::En => &EN,
    }
}

const SV: CustomerWords = CustomerWords {
    welcome: "Välkommen!",
    total: "Totalt",
    paid: "Betalt",
    left: "Kvar",
    back: "Åter",
    refund: "Retur",
    thanks: "Tack!",
    card: "Kort",
    follow_terminal: "Följ kortterminalen",
    wait: "Ett ögonblick",
    card_not_paid: "Ej betalt med kort",
};

const EN: CustomerWords = CustomerWords {
    welcome: "Welcome!",
    total: "Total",
    paid: "Paid",
    left: "To pay",
    back: "Change",
    refund: "Refund",
    thanks: "Thank you!",
    card: "Card",
    follow_terminal: "Follow the terminal",
    wait: "One moment",
    card_not_paid: "Not paid by card",
};

impl CustomerWords {
    /// Every word.
    #[cfg(test)]
    pub(super) const fn all(&self) -> [&'static str; 11] {
        let Self { welcome, total, paid, left, back, refund, thanks, card, follow_terminal, wait, card_not_paid } = *self;
        [welcome, total, paid, left, back, refund, thanks, card, follow_terminal, wait, card_not_paid]
    }
}
