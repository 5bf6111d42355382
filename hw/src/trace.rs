//! The last events on a line to a device, for the person who has to find out what went wrong.
//!
//! A [`Trace`] is a ring of fixed size: after it was made it allocates nothing, however much goes over the line.
//! It keeps the beginning of every stretch of bytes in one direction, and notes such as "opened".
//! A question and answer that only come again, as when an idle device is asked how it is, are counted and take no room:
//! what happened before hours of quiet is still there.
//! The lines that carry one (printer, pole display, scanner, control unit, satellites) know no card numbers, no PINs and no keys;
//! a card terminal's line gets none.

#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::port::{Port, PortTrouble};

/// Events that a trace keeps; the oldest goes first.
pub const EVENTS_MAX: usize = 256;
/// Bytes that an event keeps of its stretch.
pub const BYTES_KEPT: usize = 48;
/// The longest row of events that is counted when it comes again: the questions of one look at a printer and their answers.
pub const REPEAT_EVENTS_MAX: usize = 16;
/// Bytes in the same direction within this time are one event.
const STRETCH: Duration = Duration::from_millis(50);
/// Bytes in a row of the rendered text.
const ROW_BYTES: usize = 16;

/// Which way bytes went, or that none did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// To the device.
    Sent,
    /// From the device.
    Heard,
    /// No bytes: something happened to the line.
    Note(&'static str),
}

/// One event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// When it began, on the line's own clock.
    pub at: Duration,
    /// Which way.
    pub way: Way,
    /// How many bytes in all.
    pub count: usize,
    /// How often it came, in a row with the events beside it that came as often.
    pub times: u32,
    /// When it last came, on the line's own clock.
    pub again_at: Duration,
    kept: [u8; BYTES_KEPT],
    last_at: Duration,
}

impl Event {
    const fn new(at: Duration, way: Way) -> Self {
        Self { at, way, count: 0, times: 1, again_at: at, kept: [0; BYTES_KEPT], last_at: at }
    }

    /// The first bytes, at most [`BYTES_KEPT`].
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.kept[..self.count.min(BYTES_KEPT)]
    }

    fn says_the_same(&self, other: &Self) -> bool {
        (self.way, self.count, self.bytes()) == (other.way, other.count, other.bytes())
    }

    fn extend(&mut self, at: Duration, bytes: &[u8]) {
        if let Some(room) = self.kept.get_mut(self.count..) {
            let taken = bytes.len().min(room.len());
            room[..taken].copy_from_slice(&bytes[..taken]);
        }
        self.count = self.count.saturating_add(bytes.len());
        self.last_at = at;
    }
}

/// The last events of one device. Clones share them.
#[derive(Clone)]
pub struct Trace(Arc<Mutex<Ring>>);

struct Ring {
    events: Box<[Event]>,
    next: usize,
    /// Places in use.
    len: usize,
    /// Events since the beginning, those that were counted or overwritten included.
    seen: u64,
}

impl Default for Trace {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Trace {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Trace").field("seen", &self.with(|ring| ring.seen)).finish_non_exhaustive()
    }
}

impl Trace {
    /// An empty trace, with all the room that it will ever have.
    #[must_use]
    pub fn new() -> Self {
        let events = vec![Event::new(Duration::ZERO, Way::Note("")); EVENTS_MAX].into_boxed_slice();
        Self(Arc::new(Mutex::new(Ring { events, next: 0, len: 0, seen: 0 })))
    }

    /// Bytes went to the device.
    pub fn sent(&self, at: Duration, bytes: &[u8]) {
        self.bytes(at, Way::Sent, bytes);
    }

    /// Bytes came from the device.
    pub fn heard(&self, at: Duration, bytes: &[u8]) {
        self.bytes(at, Way::Heard, bytes);
    }

    /// Something happened to the line.
    pub fn note(&self, at: Duration, what: &'static str) {
        self.with(|ring| ring.push(Event::new(at, Way::Note(what))));
    }

    /// What is kept, oldest first, and how many events there were in all.
    #[must_use]
    pub fn events(&self) -> (Vec<Event>, u64) {
        self.with(|ring| {
            let kept = (1..=ring.len).rev().map(|back| ring.events[ring.place(back)]).collect();
            (kept, ring.seen)
        })
    }

    fn bytes(&self, at: Duration, way: Way, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        self.with(|ring| match ring.last_mut() {
            Some(last) if last.way == way && at.saturating_sub(last.last_at) <= STRETCH => last.extend(at, bytes),
            _ => {
                let mut event = Event::new(at, way);
                event.extend(at, bytes);
                ring.push(event);
            }
        });
    }

    fn with<T>(&self, act: impl FnOnce(&mut Ring) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Ring {
    /// The place of the event so many back; 1 is the last one.
    const fn place(&self, back: usize) -> usize {
        (self.next + EVENTS_MAX - back) % EVENTS_MAX
    }

    fn last_mut(&mut self) -> Option<&mut Event> {
        if self.len == 0 { None } else { self.events.get_mut(self.place(1)) }
    }

    fn push(&mut self, event: Event) {
        // The last event is whole only now.
        self.count_repeat();
        self.events[self.next] = event;
        self.next = (self.next + 1) % EVENTS_MAX;
        self.len = (self.len + 1).min(EVENTS_MAX);
        self.seen = self.seen.saturating_add(1);
    }

    /// Where the last events say what those before them said, those are counted once more and the last ones make room.
    fn count_repeat(&mut self) {
        let Some(row) = (1..=REPEAT_EVENTS_MAX.min(self.len / 2)).find(|&row| self.repeats(row)) else { return };
        for back in 1..=row {
            let again_at = self.events[self.place(back)].at;
            let before = self.place(back + row);
            let before = &mut self.events[before];
            (before.times, before.again_at) = (before.times.saturating_add(1), again_at);
        }
        self.next = self.place(row);
        self.len -= row;
    }

    fn repeats(&self, row: usize) -> bool {
        let times = self.events[self.place(row + 1)].times;
        (1..=row).all(|back| {
            let (last, before) = (&self.events[self.place(back)], &self.events[self.place(back + row)]);
            last.times == 1 && before.times == times && last.says_the_same(before)
        })
    }
}

/// One event in a line or more: time in seconds, way, bytes as hexadecimal and as letters; and how often it came, if more than once.
impl fmt::Display for Trace {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (events, seen) = self.events();
        let lost = seen.saturating_sub(events.iter().map(|event| u64::from(event.times)).sum());
        if lost > 0 {
            writeln!(formatter, "({lost} earlier events are not kept)")?;
        }
        for event in &events {
            let at = format!("{:>6}.{:03}", event.at.as_secs(), event.at.subsec_millis());
            match event.way {
                Way::Note(what) => writeln!(formatter, "{at} -- {what}")?,
                Way::Sent => write_bytes(formatter, &at, ">>", event)?,
                Way::Heard => write_bytes(formatter, &at, "<<", event)?,
            }
            if event.times > 1 {
                let again_at = event.again_at;
                writeln!(formatter, "{:>10}    x {}, last at {}.{:03}", "", event.times, again_at.as_secs(), again_at.subsec_millis())?;
            }
        }
        Ok(())
    }
}

fn write_bytes(formatter: &mut fmt::Formatter<'_>, at: &str, arrow: &str, event: &Event) -> fmt::Result {
    for (row, bytes) in event.bytes().chunks(ROW_BYTES).enumerate() {
        let hex: Vec<String> = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
        let letters: String = bytes.iter().map(|&byte| if (0x20..0x7f).contains(&byte) { char::from(byte) } else { '.' }).collect();
        let (at, arrow) = if row == 0 { (at, arrow) } else { ("", "") };
        writeln!(formatter, "{at:>10} {arrow:2} {:<width$}  |{letters}|", hex.join(" "), width = 3 * ROW_BYTES - 1)?;
    }
    if event.count > BYTES_KEPT {
        writeln!(formatter, "{:>10}    and {} bytes more", "", event.count - BYTES_KEPT)?;
    }
    Ok(())
}

/// A line that keeps a trace of itself.
#[derive(Debug)]
pub struct Traced<P> {
    port: P,
    trace: Trace,
    standing: Option<Result<(), PortTrouble>>,
}

impl<P: Port> Traced<P> {
    /// A line whose events go to `trace`.
    pub const fn new(port: P, trace: Trace) -> Self {
        Self { port, trace, standing: None }
    }

    /// Notes it when the line came or went; a line that stays away is noted once.
    fn stand<T>(&mut self, result: Result<T, PortTrouble>) -> Result<T, PortTrouble> {
        let standing = result.as_ref().map(|_| ()).map_err(|&trouble| trouble);
        if self.standing != Some(standing) {
            let what = match (standing, self.standing) {
                (Ok(()), Some(Err(_))) => "opened again",
                (Ok(()), _) => "opened",
                (Err(PortTrouble::NotFound), _) => "not found",
                (Err(PortTrouble::Held), _) => "held by another program",
                (Err(PortTrouble::Lost), _) => "lost",
                (Err(PortTrouble::Unusable), _) => "unusable",
            };
            self.trace.note(self.port.now(), what);
            self.standing = Some(standing);
        }
        result
    }
}

impl<P: Port> Port for Traced<P> {
    fn now(&self) -> Duration {
        self.port.now()
    }

    fn write(&mut self, bytes: &[u8], wait: Duration) -> Result<usize, PortTrouble> {
        let result = self.port.write(bytes, wait);
        let count = self.stand(result)?;
        self.trace.sent(self.port.now(), &bytes[..count.min(bytes.len())]);
        Ok(count)
    }

    fn read(&mut self, into: &mut [u8], wait: Duration) -> Result<usize, PortTrouble> {
        let result = self.port.read(into, wait);
        let count = self.stand(result)?;
        self.trace.heard(self.port.now(), &into[..count.min(into.len())]);
        Ok(count)
    }

    fn write_urgent(&mut self, bytes: &[u8]) -> Result<(), PortTrouble> {
        let result = self.port.write_urgent(bytes);
        self.stand(result)?;
        self.trace.sent(self.port.now(), bytes);
        Ok(())
    }
}
