//! What the till says to people: messages by stable code, the words of receipts and reports, and how numbers look.
//!
//! **Invariant.** Every refusal and every fault has a [`Message`] in every [`Language`], and every word of paper exists in every language:
//! the first is guarded by tests, the second by the compiler.
//!
//! **Entry points.** [`message`] for a code, [`paper`] for receipts and reports, [`customer`] for the customer display, [`Regime`] for the words a law fixes, and [`amount`] and its
//! neighbours for numbers.

mod amounts;
mod bundles;
mod customer;
mod en;
mod paper;
mod sv;

pub use domain::crew::Language;

pub use amounts::{amount, amount_short, amount_with_code, paper_amount, percent, quantity};
pub use customer::{CustomerWords, customer};
pub use paper::{Paper, Regime, paper};

/// Three short sentences for a person in a moving train.
///
/// A part may hold pieces in square brackets with a `{placeholder}` inside; [`Message::with`] keeps a piece when it knows the value and
/// drops it otherwise, so that a sentence is whole either way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message {
    /// What happened.
    pub happened: &'static str,
    /// What is safe, or what did not change.
    pub safe: &'static str,
    /// What to do now.
    pub todo: &'static str,
}

/// A [`Message`] with its values filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentences {
    /// What happened.
    pub happened: String,
    /// What is safe, or what did not change.
    pub safe: String,
    /// What to do now.
    pub todo: String,
}

impl Message {
    /// The names that may stand in braces.
    pub const PLACEHOLDERS: &'static [&'static str] = &["amount", "crew", "device", "file", "receipt_no", "seconds", "sku", "train"];

    /// Fills in `values`, pairs of placeholder name and text.
    #[must_use]
    pub fn with(&self, values: &[(&str, &str)]) -> Sentences {
        Sentences { happened: filled(self.happened, values), safe: filled(self.safe, values), todo: filled(self.todo, values) }
    }

    /// The sentences without any value.
    #[must_use]
    pub fn plain(&self) -> Sentences {
        self.with(&[])
    }
}

/// Codes of faults and states of the world, beside those of [`domain::Refusal`].
pub const FAULT_CODES: &[&str] = &[
    "bundle.before_restart",
    "bundle.below_threshold",
    "bundle.bomb",
    "bundle.change",
    "bundle.conflict",
    "bundle.currency",
    "bundle.cut_off",
    "bundle.data",
    "bundle.files",
    "bundle.known",
    "bundle.no_root",
    "bundle.older",
    "bundle.operator",
    "bundle.payload",
    "bundle.role",
    "bundle.root",
    "bundle.root_behind",
    "bundle.root_pinned",
    "bundle.root_skipped",
    "bundle.signature",
    "bundle.signed_twice",
    "bundle.stale",
    "bundle.too_large",
    "bundle.trailing",
    "bundle.unit",
    "bundle.unreadable",
    "bundle.unsigned",
    "bundle.version",
    "clock.ok",
    "clock.suspect",
    "control.busy",
    "control.fault",
    "control.garbled",
    "control.given_up",
    "control.not_enrolled",
    "control.ok",
    "control.refused",
    "control.silent",
    "control.storage_full",
    "control.storage_low",
    "control.unplugged",
    "data.unreadable",
    "display.away",
    "drawer.away",
    "drawer.left_open",
    "gps.away",
    "journal.broken",
    "log.revoked",
    "log.unknown",
    "mirror.away",
    "printer.away",
    "printer.cannot_confirm",
    "printer.cover_open",
    "printer.cutter",
    "printer.deaf",
    "printer.fault",
    "printer.offline",
    "printer.ok",
    "printer.paper_low",
    "printer.paper_out",
    "printer.queue_full",
    "printer.silent",
    "printer.stalled",
    "printer.uncertain",
    "printer.unplugged",
    "scanner.away",
    "store.behind",
    "store.damaged",
    "store.full",
    "store.in_use",
    "store.repaired",
    "store.set_aside",
    "store.write_failed",
    "supply.away",
    "supply.failing",
    "sync.all_sent",
    "sync.away",
    "sync.contradicts",
    "sync.none_waits",
    "sync.not_enrolled",
    "sync.only_here",
    "sync.other_hub",
    "sync.refused",
    "sync.sending",
    "sync.stalls",
    "sync.timed_out",
    "sync.unreadable",
    "terminal.away",
    "terminal.busy",
    "terminal.ok",
    "terminal.silent",
    "till.resumed",
];

/// What to say about `code` in `language`; `None` when nobody has written it down, which the tests exclude for every code of the till.
#[must_use]
pub fn message(language: Language, code: &str) -> Option<&'static Message> {
    tables(language).into_iter().flatten().find(|(known, _)| *known == code).map(|(_, message)| message)
}

/// The tables of a language.
const fn tables(language: Language) -> [&'static [(&'static str, Message)]; 2] {
    match language {
        Language::Sv => [sv::MESSAGES, bundles::SV],
        Language::En => [en::MESSAGES, bundles::EN],
    }
}

/// A row of the tables.
const fn says(code: &'static str, happened: &'static str, safe: &'static str, todo: &'static str) -> (&'static str, Message) {
    (code, Message { happened, safe, todo })
}

/// `text` with its bracketed pieces kept or dropped and its placeholders replaced.
fn filled(text: &str, values: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('[') {
        out.push_str(before);
        let (piece, behind) = after.split_once(']').unwrap_or((after, ""));
        if let Some(piece) = piece_filled(piece, values) {
            out.push_str(&piece);
        }
        rest = behind;
    }
    out.push_str(rest);
    out
}

/// A piece with every placeholder replaced, or `None` when a value is missing.
fn piece_filled(piece: &str, values: &[(&str, &str)]) -> Option<String> {
    let mut out = String::with_capacity(piece.len());
    let mut rest = piece;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, behind) = after.split_once('}')?;
        let (_, value) = values.iter().find(|(known, _)| *known == name)?;
        out.push_str(before);
        out.push_str(value);
        rest = behind;
    }
    out.push_str(rest);
    Some(out)
}

#[cfg(test)]
mod tests;
