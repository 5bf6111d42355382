//! A card terminal made of software. It remembers what it took, as a real one does: after a silence, ask it by reference.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{AbortHandle, Approval, CardTerminal, PaymentAnswer, PaymentReference, TerminalState};

/// Payments that the terminal remembers; the oldest references go first.
pub const REMEMBERED_MAX: usize = 10_000;

/// How the terminal behaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TerminalMode {
    /// Approves.
    #[default]
    Approve,
    /// Approves without asking the issuer.
    ApproveOffline,
    /// Declines.
    Decline,
    /// Hears the request, forgets it and says nothing.
    Silent,
    /// Approves, and the answer is lost on the way.
    SilentAfterApproval,
    /// The line is not there.
    Unplugged,
}

impl TerminalMode {
    /// Every mode with the name by which configuration and `till drive` call it.
    pub const NAMED: &'static [(&'static str, Self)] = &[
        ("ok", Self::Approve),
        ("approve-offline", Self::ApproveOffline),
        ("decline", Self::Decline),
        ("silent", Self::Silent),
        ("silent-after-approval", Self::SilentAfterApproval),
        ("unplugged", Self::Unplugged),
    ];

    /// The mode of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::NAMED.iter().find(|(known, _)| *known == name).map(|&(_, mode)| mode)
    }
}

/// A handle to a simulated terminal; clones share it, so that one hand pays and another sets the mode.
#[derive(Clone, Debug)]
pub struct TerminalSimulator {
    memory: Arc<Mutex<Memory>>,
    abort: AbortHandle,
}

#[derive(Debug, Default)]
struct Memory {
    mode: TerminalMode,
    taken: BTreeMap<PaymentReference, Payment>,
    order: Vec<PaymentReference>,
    file: Option<PathBuf>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Payment {
    amount_minor: i64,
    currency: String,
    is_approved: bool,
    offline: bool,
    number: usize,
}

impl Default for TerminalSimulator {
    fn default() -> Self {
        Self::new()
    }
}

impl TerminalSimulator {
    /// A terminal that approves and remembers nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self { memory: Arc::new(Mutex::new(Memory::default())), abort: AbortHandle::default() }
    }

    /// A terminal whose memory lives in a file, so that it survives the process, as a terminal survives a till.
    ///
    /// # Errors
    /// When the file is there and cannot be read, or is not such a memory.
    pub fn with_memory(file: impl AsRef<Path>) -> io::Result<Self> {
        let file = file.as_ref().to_path_buf();
        let mut memory = Memory::default();
        match fs::read_to_string(&file) {
            Ok(text) => {
                for line in text.lines() {
                    let (reference, payment) =
                        read_line(line, memory.order.len() + 1).ok_or_else(|| io::Error::other("not a terminal's memory"))?;
                    memory.remember(reference, payment);
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        memory.file = Some(file);
        Ok(Self { memory: Arc::new(Mutex::new(memory)), abort: AbortHandle::default() })
    }

    /// Sets how it behaves from now on.
    pub fn set_mode(&self, mode: TerminalMode) {
        self.lock().mode = mode;
    }

    /// How it behaves.
    #[must_use]
    pub fn mode(&self) -> TerminalMode {
        self.lock().mode
    }

    /// What it took in all, less what it gave back, in minor units of that currency: what an auditor of the till compares with.
    #[must_use]
    pub fn taken_minor(&self, currency: &str) -> i64 {
        let memory = self.lock();
        let approved = memory.taken.values().filter(|payment| payment.is_approved && payment.currency == currency);
        approved.map(|payment| payment.amount_minor).fold(0, i64::saturating_add)
    }

    fn lock(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn settle(&self, reference: &PaymentReference, amount_minor: i64, currency: &str) -> PaymentAnswer {
        self.abort.rearm();
        let mut memory = self.lock();
        if matches!(memory.mode, TerminalMode::Silent | TerminalMode::Unplugged) {
            return PaymentAnswer::Unknown;
        }
        if memory.taken.contains_key(reference) {
            return memory.answer(reference);
        }
        let number = memory.order.len() + 1;
        let payment = Payment {
            amount_minor,
            currency: currency.to_owned(),
            is_approved: memory.mode != TerminalMode::Decline,
            offline: memory.mode == TerminalMode::ApproveOffline,
            number,
        };
        memory.remember(reference.clone(), payment);
        if memory.save().is_err() {
            // A terminal that cannot write down what it does must not take money.
            memory.forget(reference);
            return PaymentAnswer::Unknown;
        }
        memory.answer(reference)
    }
}

impl CardTerminal for TerminalSimulator {
    fn pay(&mut self, reference: &PaymentReference, amount_minor: i64, currency: &str) -> PaymentAnswer {
        match refused(amount_minor, currency) {
            Some(reason) => PaymentAnswer::Declined { reason: reason.to_owned() },
            None => self.settle(reference, amount_minor, currency),
        }
    }

    fn refund(&mut self, reference: &PaymentReference, original: &PaymentReference, amount_minor: i64, currency: &str) -> PaymentAnswer {
        if let Some(reason) = refused(amount_minor, currency) {
            return PaymentAnswer::Declined { reason: reason.to_owned() };
        }
        let known = self.lock().taken.get(original).is_some_and(|payment| payment.is_approved && payment.currency == currency);
        if !known && !matches!(self.mode(), TerminalMode::Silent | TerminalMode::Unplugged) {
            return PaymentAnswer::Declined { reason: "no such payment".to_owned() };
        }
        self.settle(reference, -amount_minor, currency)
    }

    fn status(&mut self, reference: &PaymentReference) -> PaymentAnswer {
        let memory = self.lock();
        match memory.mode {
            TerminalMode::Silent | TerminalMode::SilentAfterApproval | TerminalMode::Unplugged => PaymentAnswer::Unknown,
            _ => memory.answer(reference),
        }
    }

    fn abort_handle(&self) -> AbortHandle {
        self.abort.clone()
    }

    fn state(&mut self) -> TerminalState {
        match self.mode() {
            TerminalMode::Unplugged => TerminalState::Unplugged,
            TerminalMode::Silent | TerminalMode::SilentAfterApproval => TerminalState::Silent,
            _ => TerminalState::Ready,
        }
    }
}

impl Memory {
    fn answer(&self, reference: &PaymentReference) -> PaymentAnswer {
        if self.mode == TerminalMode::SilentAfterApproval {
            return PaymentAnswer::Unknown;
        }
        match self.taken.get(reference) {
            None => PaymentAnswer::NotFound,
            Some(payment) if !payment.is_approved => PaymentAnswer::Declined { reason: "simulated decline".to_owned() },
            Some(payment) => PaymentAnswer::Approved(Approval {
                amount_minor: payment.amount_minor.saturating_abs(),
                currency: payment.currency.clone(),
                terminal_transaction: format!("SIM{:06}", payment.number),
                authorisation_code: format!("{:06}", payment.number % 1_000_000),
                masked_pan: "************0000".to_owned(),
                scheme: "DEMO CARD".to_owned(),
                offline: payment.offline,
            }),
        }
    }

    fn remember(&mut self, reference: PaymentReference, payment: Payment) {
        if self.order.len() >= REMEMBERED_MAX {
            let oldest = self.order.remove(0);
            self.taken.remove(&oldest);
        }
        self.order.push(reference.clone());
        self.taken.insert(reference, payment);
    }

    fn forget(&mut self, reference: &PaymentReference) {
        self.taken.remove(reference);
        self.order.retain(|known| known != reference);
    }

    /// Writes the whole memory beside the old one and swaps them, so that a cut leaves one of the two.
    fn save(&self) -> io::Result<()> {
        let Some(file) = &self.file else { return Ok(()) };
        let mut text = String::new();
        for reference in &self.order {
            if let Some(payment) = self.taken.get(reference) {
                let _ =
                    writeln!(text, "{reference} {} {} {} {}", payment.amount_minor, payment.currency, payment.is_approved, payment.offline);
            }
        }
        let beside = file.with_extension("new");
        fs::write(&beside, text)?;
        fs::File::open(&beside)?.sync_all()?;
        fs::rename(&beside, file)
    }
}

fn refused(amount_minor: i64, currency: &str) -> Option<&'static str> {
    if amount_minor <= 0 {
        return Some("the amount is not above zero");
    }
    let good = currency.len() == 3 && currency.bytes().all(|byte| byte.is_ascii_uppercase());
    (!good).then_some("not a currency")
}

fn read_line(line: &str, number: usize) -> Option<(PaymentReference, Payment)> {
    let mut words = line.split(' ');
    let reference = PaymentReference::new(words.next()?)?;
    let payment = Payment {
        amount_minor: words.next()?.parse().ok()?,
        currency: words.next()?.to_owned(),
        is_approved: words.next()?.parse().ok()?,
        offline: words.next()?.parse().ok()?,
        number,
    };
    words.next().is_none().then_some((reference, payment))
}

#[cfg(test)]
#[path = "sim_tests.rs"]
mod tests;
