//! Control units made of software: they check what they are sent, remember what they recorded, and break on demand.
//!
//! [`SimulatedUnit`] is the box: its memory, its faults, a handle that a test, a till and a person at a prompt share.
//! [`CleanCashSimulator`] and [`SkattedosanSimulator`] are what it says on a line. The codes that it gives are recognisable as simulated by the unit's number.

mod cleancash;
mod memory;
mod receipt;
mod skattedosan;

pub use cleancash::CleanCashSimulator;
pub use memory::RECORDED_MAX;
pub use receipt::Recorded;
pub use skattedosan::SkattedosanSimulator;

use std::collections::VecDeque;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use super::ccsp::CleanCashVersion;
use super::cleancash::CleanCash;
use super::skattedosan_driver::Skattedosan;
use super::{ControlCode, ControlState, ControlTrouble, ControlUnit, ReceiptRecord};
use crate::port::far_end::lock;
use crate::port::{PipePort, Shared};
use memory::{Memory, NotRecorded};

/// The number of a simulated unit: recognisable as one.
pub const UNIT: &str = "SIM0001";

/// What is wrong with the unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ControlFault {
    /// Nothing.
    #[default]
    Ok,
    /// Hears, does nothing, says nothing.
    Silent,
    /// Does what it is told, and its answers are spoiled on the way.
    Garbled,
    /// At work with something else. Skattedosan has no word for that and is silent.
    Busy,
    /// Storage full. What is recorded is still known.
    StorageFull,
    /// Storage nearly full. Skattedosan does not tell.
    StorageLow,
    /// Knows no such register.
    NotEnrolled,
    /// The next receipt is cut off by a power failure; then it is well again.
    PowerFail,
    /// Records, and the answer to the receipt is lost.
    LostAnswer,
    /// Refuses every receipt.
    Refused,
    /// Broken.
    Fatal,
    /// Cable and power are pulled.
    Unplugged,
}

impl ControlFault {
    /// Every fault with the name by which configuration and a person at a prompt call it.
    pub const NAMED: &'static [(&'static str, Self)] = &[
        ("ok", Self::Ok),
        ("silent", Self::Silent),
        ("garbled", Self::Garbled),
        ("busy", Self::Busy),
        ("storage-full", Self::StorageFull),
        ("storage-low", Self::StorageLow),
        ("not-enrolled", Self::NotEnrolled),
        ("power-fail", Self::PowerFail),
        ("lost-answer", Self::LostAnswer),
        ("refused", Self::Refused),
        ("fatal", Self::Fatal),
        ("unplugged", Self::Unplugged),
    ];

    /// The fault of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::NAMED.iter().find(|(known, _)| *known == name).map(|&(_, fault)| fault)
    }
}

/// A handle to a simulated unit; clones share it.
#[derive(Clone, Debug)]
pub struct SimulatedUnit(Arc<Mutex<Unit>>);

#[derive(Debug)]
struct Unit {
    number: String,
    fault: ControlFault,
    planned: Option<(usize, ControlFault)>,
    delay: Duration,
    /// How often power was gone. A line that finds another count begins its talk anew.
    power_cuts: u32,
    memory: Memory,
}

impl Unit {
    fn enter(&mut self, fault: ControlFault) {
        if matches!(fault, ControlFault::Unplugged) || matches!(self.fault, ControlFault::PowerFail) {
            self.power_cuts += 1;
        }
        self.fault = fault;
    }
}

impl Default for SimulatedUnit {
    fn default() -> Self {
        Self::new()
    }
}

impl SimulatedUnit {
    /// A unit with an empty memory.
    #[must_use]
    pub fn new() -> Self {
        Self::of(Memory::default())
    }

    /// A unit whose memory lives in a file: it does not forget when the till is cut.
    ///
    /// # Errors
    /// When the file cannot be read or written, or is not such a memory.
    pub fn with_memory(file: impl AsRef<Path>) -> io::Result<Self> {
        Memory::open(file.as_ref()).map(Self::of)
    }

    fn of(memory: Memory) -> Self {
        let unit = Unit { number: UNIT.to_owned(), fault: ControlFault::Ok, planned: None, delay: Duration::ZERO, power_cuts: 0, memory };
        Self(Arc::new(Mutex::new(unit)))
    }

    /// Breaks or mends it, now.
    pub fn set_fault(&self, fault: ControlFault) {
        let mut unit = self.lock();
        unit.planned = None;
        unit.enter(fault);
    }

    /// Breaks or mends it when it has heard so many more bytes.
    pub fn set_fault_after(&self, bytes: usize, fault: ControlFault) {
        self.lock().planned = Some((bytes, fault));
    }

    /// Lets answers wait for so long from now on.
    pub fn set_delay(&self, delay: Duration) {
        self.lock().delay = delay;
    }

    /// What is wrong at present.
    #[must_use]
    pub fn fault(&self) -> ControlFault {
        self.lock().fault
    }

    /// The unit's manufacturing number.
    #[must_use]
    pub fn number(&self) -> String {
        self.lock().number.clone()
    }

    /// Every receipt that it recorded, in order: what an auditor of the till compares with.
    #[must_use]
    pub fn recorded(&self) -> Vec<Recorded> {
        self.lock().memory.recorded().to_vec()
    }

    fn lock(&self) -> MutexGuard<'_, Unit> {
        lock(&self.0)
    }

    /// Counts a byte that was heard; a planned fault may strike after it.
    fn count_byte(&self) {
        let mut unit = self.lock();
        match unit.planned {
            Some((0 | 1, fault)) => {
                unit.planned = None;
                unit.enter(fault);
            }
            Some((left, fault)) => unit.planned = Some((left - 1, fault)),
            None => {}
        }
    }

    /// The power has just failed: the receipt is lost, and the unit starts again.
    fn fail_power(&self) {
        self.set_fault(ControlFault::Ok);
    }

    /// Whether this receipt could be recorded, or is.
    fn look(&self, receipt: &Recorded) -> Result<(), NotRecorded> {
        let unit = self.lock();
        unit.memory.look(receipt, unit.fault == ControlFault::StorageFull).map(|_| ())
    }

    /// Records a receipt, or finds it recorded. A full storage still knows what it holds.
    fn record(&self, receipt: Recorded) -> Result<String, NotRecorded> {
        let mut unit = self.lock();
        let is_full = unit.fault == ControlFault::StorageFull;
        let number = unit.number.clone();
        unit.memory.record(receipt, &number, is_full)
    }
}

/// Answers on their way to the till.
#[derive(Debug, Default)]
struct Outbox {
    now: Duration,
    waiting: VecDeque<(Duration, Vec<u8>)>,
    ready: VecDeque<u8>,
}

impl Outbox {
    fn put(&mut self, answer: &[u8], delay: Duration) {
        self.waiting.push_back((self.now + delay, answer.to_vec()));
        self.pass(Duration::ZERO);
    }

    fn pass(&mut self, time: Duration) {
        self.now += time;
        while self.waiting.front().is_some_and(|(due, _)| *due <= self.now) {
            if let Some((_, answer)) = self.waiting.pop_front() {
                self.ready.extend(answer);
            }
        }
    }

    fn take(&mut self, count_max: usize) -> Vec<u8> {
        let count = count_max.min(self.ready.len());
        self.ready.drain(..count).collect()
    }

    fn clear(&mut self) {
        self.waiting.clear();
        self.ready.clear();
    }
}

/// Spoils an answer by one bit, somewhere in the middle.
fn spoil(answer: &mut [u8]) {
    let middle = answer.len() / 2;
    if let Some(byte) = answer.get_mut(middle) {
        *byte ^= 1;
    }
}

/// A control unit for demonstrations and tests of a till: the real driver on a line within the process to a simulated unit.
pub struct SimulatedControl(Box<dyn ControlUnit>);

impl SimulatedControl {
    /// A CleanCash unit of that version.
    #[must_use]
    pub fn cleancash(version: CleanCashVersion, unit: &SimulatedUnit) -> Self {
        let far: Shared<_> = Arc::new(Mutex::new(CleanCashSimulator::new(version, unit.clone())));
        Self(Box::new(CleanCash::new(PipePort::new(far), version)))
    }

    /// A Skattedosan.
    #[must_use]
    pub fn skattedosan(unit: &SimulatedUnit) -> Self {
        let far: Shared<_> = Arc::new(Mutex::new(SkattedosanSimulator::new(unit.clone())));
        Self(Box::new(Skattedosan::new(PipePort::new(far))))
    }
}

impl std::fmt::Debug for SimulatedControl {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("SimulatedControl")
    }
}

impl ControlUnit for SimulatedControl {
    fn register(&mut self, record: &ReceiptRecord) -> Result<ControlCode, ControlTrouble> {
        self.0.register(record)
    }

    fn state(&mut self) -> Result<ControlState, ControlTrouble> {
        self.0.state()
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
