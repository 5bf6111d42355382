//! The driver of ESC/POS printers: sends a job, and finds out what became of it.
//!
//! A job begins only after the printer said that it can print, and ends with the best proof that the model has ([`Proof`]):
//! its own mark that all is on paper; or an answer from behind the last line, one more question whether it stopped since, and only then the
//! cut; or nothing, and the crew is asked after each job. A printer that is known to say nothing is sent its jobs all the same.
//!
//! When the printer stops in the middle, its buffers are cleared, and only its word that they are makes the job `NotPrinted`:
//! otherwise the rest could still come out on the next roll.
//! A printer that cannot be cleared never holds up the till: its job ends `Uncertain` within the deadlines, and what is in its memory stays.
//! It goes on with that when hands have put in paper, and is sent nothing before; switching it off and on throws the remains away.
//! Before the next receipt remains are marked as void and cut off, so that no receipt hangs together with half of another one.

mod ask;
mod drawer;
mod identity;

pub use identity::Identity;

use std::time::Duration;

use super::escpos::{CLEAR, Encoder, encode_page_test, encode_proof, encode_void};
use super::profile::{Profile, Proof};
use super::reply::Demultiplexer;
use super::{JobId, PrintOutcome, PrinterState, PrinterTrouble, ReceiptPrinter};
use crate::document::{DocumentBuf, Element};
use crate::port::Port;

/// Bytes handed to the line at once: short enough that a status is seen between two.
const SLICE_BYTES: usize = 128;
/// How long one look at the line lasts.
const LOOK: Duration = Duration::from_millis(20);
/// The slowest printer that deadlines reckon with: an impact printer, about 200 bytes a second.
const SLOWEST_BYTE: Duration = Duration::from_millis(5);
/// The number of no job of the queue: those count from 1.
const PAGE_TEST: JobId = JobId(0);

/// How long the driver waits for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadlines {
    /// For the answer to one question.
    pub answer: Duration,
    /// For the line to take another byte.
    pub no_progress: Duration,
    /// For proof after the last byte, above what the slowest printer needs for the job.
    pub proof: Duration,
    /// For the cut, after proof that the text is on paper.
    pub cut: Duration,
    /// For the word that buffers are cleared.
    pub clear: Duration,
    /// For the drawer to spring open after its pulse.
    pub drawer: Duration,
    /// Zero bytes that end what a crashed job left unfinished: at least one raster command of the model.
    pub flush_bytes: usize,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self {
            answer: Duration::from_secs(1),
            no_progress: Duration::from_secs(5),
            proof: Duration::from_secs(10),
            cut: Duration::from_secs(4),
            clear: Duration::from_secs(3),
            drawer: Duration::from_millis(500),
            flush_bytes: 10_240,
        }
    }
}

/// A receipt printer behind a line.
#[derive(Debug)]
pub struct EscPosPrinter<P> {
    port: P,
    profile: Profile,
    deadlines: Deadlines,
    demultiplexer: Demultiplexer,
    state: PrinterState,
    heard: Heard,
    attempt: u8,
    /// In-line questions without an answer yet. A late answer must not pass for the answer to a later question.
    in_line_due: u8,
    /// Whether the printer may wait for the rest of a command: after a job that broke off, and before the first one.
    is_unfinished: bool,
    remains: Remains,
    /// The text that it answered last.
    text: Option<String>,
}

/// What of earlier jobs may hang in the printer, or still be in its memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Remains {
    Nothing,
    /// A whole receipt that was perhaps not cut.
    Uncut,
    /// A part of a receipt that does not count.
    Broken,
}

/// What was heard since the last question.
#[derive(Clone, Copy, Debug, Default)]
struct Heard {
    status: bool,
    real_time: Option<u8>,
    in_line: Option<u8>,
    process_id: Option<[u8; 4]>,
    text_proof: Option<[u8; 4]>,
    cleared: bool,
    /// It read the job to its end, and whether it then printed all of it is not known.
    read_all: bool,
}

/// A job on its way.
struct Job {
    bytes: Vec<u8>,
    /// The last cut and what follows, where it is held back until all before it is proven:
    /// a printer that goes on by itself with a receipt that broke off then cuts nothing off that looks like one.
    held_back: Vec<u8>,
    text_id: [u8; 4],
    cut_id: [u8; 4],
}

impl<P: Port> EscPosPrinter<P> {
    /// A printer of this model on this line, with the usual deadlines.
    pub fn new(port: P, profile: Profile) -> Self {
        Self::with_deadlines(port, profile, Deadlines::default())
    }

    /// The same with deadlines of one's own.
    pub fn with_deadlines(port: P, profile: Profile, deadlines: Deadlines) -> Self {
        Self {
            port,
            profile,
            deadlines,
            demultiplexer: Demultiplexer::new(),
            state: PrinterState::default(),
            heard: Heard::default(),
            attempt: 0,
            in_line_due: 0,
            is_unfinished: true,
            remains: Remains::Nothing,
            text: None,
        }
    }

    /// What this model can do.
    pub const fn profile(&self) -> &Profile {
        &self.profile
    }

    /// Prints the sample letters under each page of [`Profile::page_lines`], numbered, and asks which line reads right.
    /// [`Profile::page_line`] turns the answer into a page, [`Profile::with_page`] puts it into the profile.
    /// The line may be closed as soon as this returns: the printer has said that it is through, or, if it never says anything, was given
    /// the time that the slowest one needs.
    ///
    /// # Errors
    /// What is in the way.
    pub fn print_page_test(&mut self) -> Result<(), PrinterTrouble> {
        match self.begin_and_carry_out(|printer| printer.encode_page_test()) {
            PrintOutcome::Printed => Ok(()),
            PrintOutcome::Uncertain { why: PrinterTrouble::CannotConfirm } => self.let_it_print(),
            PrintOutcome::NotPrinted { why, .. } | PrintOutcome::Uncertain { why } => Err(why),
        }
    }

    fn begin_and_carry_out(&mut self, encode: impl FnOnce(&Self) -> Job) -> PrintOutcome {
        let not_started = |why| PrintOutcome::NotPrinted { why, started: false };
        match self.greet(true) {
            Ok(None) => {}
            Ok(Some(why)) | Err(why) => return not_started(why),
        }
        if let Err(why) = self.end_remains() {
            return not_started(why);
        }
        self.attempt = self.attempt.wrapping_add(1);
        let job = encode(self);
        self.heard = Heard::default();
        let mut sent = 0;
        let ended = self.send_and_prove(&job, &mut sent);
        match ended.or_else(|why| self.unless_text_proven(&job, why)) {
            Ok(()) if self.profile.proof == Proof::Nothing => PrintOutcome::Uncertain { why: PrinterTrouble::CannotConfirm },
            Ok(()) => PrintOutcome::Printed,
            Err(why) if sent == 0 => not_started(why),
            Err(why) => self.salvage(&job, why),
        }
    }

    /// A page test is a job like any other, so that its end is proven too.
    fn encode_page_test(&self) -> Job {
        let [text_id, cut_id] = [b'A', b'B'].map(|part| process_id(PAGE_TEST, self.attempt, part));
        let mut bytes = Vec::new();
        let encoded = encode_page_test(&self.profile, &mut bytes).and_then(|()| encode_proof(&self.profile, cut_id, &mut bytes));
        match encoded {
            Ok(()) => {}
        }
        Job { bytes, held_back: Vec::new(), text_id, cut_id }
    }

    /// As long as the slowest printer needs for a page test.
    fn let_it_print(&mut self) -> Result<(), PrinterTrouble> {
        let bytes = u32::try_from(self.encode_page_test().bytes.len()).unwrap_or(u32::MAX);
        let deadline = self.port.now() + SLOWEST_BYTE.saturating_mul(bytes);
        while self.port.now() < deadline {
            self.listen(LOOK)?;
        }
        Ok(())
    }

    /// The bytes of a job: all of it up to the last cut, id A, the cut and what follows, id B.
    fn encode(&self, job: JobId, document: &DocumentBuf) -> Job {
        let text_id = process_id(job, self.attempt, b'A');
        let cut_id = process_id(job, self.attempt, b'B');
        let last_cut = document.elements().enumerate().filter(|(_, element)| matches!(element, Element::Cut)).last().map(|(at, _)| at);
        let mut bytes = Vec::new();
        let mut text_bytes = None;
        let encoded = Encoder::begin(&self.profile, &mut bytes).and_then(|mut encoder| {
            for (at, element) in document.elements().enumerate() {
                if Some(at) == last_cut {
                    encoder.proof(text_id)?;
                    text_bytes = Some(encoder.sink().len());
                }
                encoder.element(&element)?;
            }
            encoder.proof(cut_id)
        });
        match encoded {
            Ok(()) => {}
        }
        let held_back = match (self.profile.proof, text_bytes) {
            (Proof::StatusInLine | Proof::ProcessId, Some(count)) => bytes.split_off(count),
            (Proof::Nothing, _) | (_, None) => Vec::new(),
        };
        Job { bytes, held_back, text_id, cut_id }
    }

    fn send_and_prove(&mut self, job: &Job, sent: &mut usize) -> Result<(), PrinterTrouble> {
        let mut progress_at = self.port.now();
        while *sent < job.bytes.len() {
            let slice = &job.bytes[*sent..job.bytes.len().min(*sent + SLICE_BYTES)];
            let taken = self.port.write(slice, LOOK).map_err(|trouble| self.lost(trouble))?;
            *sent += taken;
            if *sent == job.bytes.len() && self.profile.proof == Proof::StatusInLine {
                // Whatever looked like an answer before was none.
                self.in_line_due = self.in_line_due.saturating_add(1);
            }
            self.listen(Duration::ZERO)?;
            self.note_text_proof(job);
            if let Some(trouble) = self.state.trouble() {
                return Err(trouble);
            }
            if taken > 0 {
                progress_at = self.port.now();
            } else if self.port.now() - progress_at >= self.deadlines.no_progress {
                return Err(PrinterTrouble::Stalled);
            }
        }
        self.await_proof(job)
    }

    fn await_proof(&mut self, job: &Job) -> Result<(), PrinterTrouble> {
        let bytes = u32::try_from(job.bytes.len()).unwrap_or(u32::MAX);
        let mut deadline = self.port.now() + self.deadlines.proof + SLOWEST_BYTE.saturating_mul(bytes);
        let tells_by_itself = self.profile.has_automatic_status || !self.profile.has_real_time_status;
        let mut ask_at = self.port.now() + self.deadlines.answer;
        let mut text_proven = false;
        loop {
            match self.profile.proof {
                Proof::Nothing => return Ok(()),
                Proof::StatusInLine if self.in_line_due == 0 => return self.well_to_the_end(job),
                Proof::ProcessId if self.heard.process_id == Some(job.cut_id) => return Ok(()),
                Proof::StatusInLine | Proof::ProcessId => {}
            }
            if !text_proven && self.heard.text_proof == Some(job.text_id) {
                text_proven = true;
                self.send_all(&job.held_back)?;
                deadline = self.port.now() + self.deadlines.cut;
            }
            if let Some(trouble) = self.state.trouble() {
                return Err(trouble);
            }
            if self.port.now() >= deadline {
                // The question may be the first sign of a printer that never tells by itself.
                let trouble = if text_proven { None } else { self.ask_real_time()? };
                return Err(trouble.unwrap_or(PrinterTrouble::Silent));
            }
            if !tells_by_itself && self.port.now() >= ask_at {
                let before = self.state;
                match self.ask_real_time()? {
                    Some(PrinterTrouble::Silent) => self.state = before,
                    Some(trouble) => return Err(trouble),
                    None => {}
                }
                ask_at = self.port.now() + self.deadlines.answer;
            }
            self.listen(LOOK)?;
            self.note_text_proof(job);
        }
    }

    /// It read all; that the paper did not end in the last line is one more question. Then it may cut.
    fn well_to_the_end(&mut self, job: &Job) -> Result<(), PrinterTrouble> {
        self.heard.read_all = true;
        if self.profile.has_real_time_status
            && let Some(trouble) = self.ask_real_time()?
        {
            return Err(trouble);
        }
        if !job.held_back.is_empty() {
            // The receipt is whole; what goes wrong now leaves it uncut.
            let is_cut = self.send_all(&job.held_back).is_ok() && self.await_cut();
            self.remains = if is_cut { Remains::Nothing } else { Remains::Uncut };
        }
        Ok(())
    }

    fn await_cut(&mut self) -> bool {
        self.in_line_due = self.in_line_due.saturating_add(1);
        let deadline = self.port.now() + self.deadlines.cut;
        while self.in_line_due > 0 {
            if self.port.now() >= deadline || self.state.trouble().is_some() || self.listen(LOOK).is_err() {
                return false;
            }
        }
        true
    }

    /// Marks and cuts away what an earlier job left in the printer.
    fn end_remains(&mut self) -> Result<(), PrinterTrouble> {
        let mut bytes = Vec::new();
        let encoded = match self.remains {
            Remains::Nothing => return Ok(()),
            Remains::Uncut => Encoder::begin(&self.profile, &mut bytes).and_then(|mut encoder| encoder.element(&Element::Cut)),
            Remains::Broken => encode_void(&self.profile, &mut bytes),
        };
        match encoded {
            Ok(()) => self.send_all(&bytes)?,
        }
        self.remains = Remains::Nothing;
        Ok(())
    }

    /// All that matters is on paper once the text is: what comes after can at worst leave the receipt uncut.
    fn unless_text_proven(&mut self, job: &Job, trouble: PrinterTrouble) -> Result<(), PrinterTrouble> {
        self.note_text_proof(job);
        if self.heard.text_proof != Some(job.text_id) {
            return Err(trouble);
        }
        self.remains = Remains::Uncut;
        Ok(())
    }

    fn note_text_proof(&mut self, job: &Job) {
        if matches!(self.heard.process_id, Some(id) if id == job.text_id || id == job.cut_id) {
            self.heard.text_proof = Some(job.text_id);
        }
    }

    /// The job stopped in the middle: have the printer forget the rest, or admit that nobody knows.
    fn salvage(&mut self, job: &Job, why: PrinterTrouble) -> PrintOutcome {
        // Without its cut it is no receipt yet: what hangs from the printer is marked void before the next job.
        let is_uncut = self.profile.proof == Proof::ProcessId && !job.held_back.is_empty();
        let unproven = if is_uncut { PrintOutcome::NotPrinted { why, started: true } } else { PrintOutcome::Uncertain { why } };
        self.is_unfinished = true;
        self.remains = if self.heard.read_all { Remains::Uncut } else { Remains::Broken };
        if self.heard.read_all || why == PrinterTrouble::Unplugged {
            return unproven;
        }
        self.demultiplexer.reset();
        self.heard.cleared = false;
        if !self.profile.has_clear {
            // What the line has not sent yet need not be sent.
            let _ = self.port.write_urgent(&[]);
            return unproven;
        }
        if self.port.write_urgent(&CLEAR).is_err() {
            return unproven;
        }
        let deadline = self.port.now() + self.deadlines.clear;
        while !self.heard.cleared && self.port.now() < deadline {
            if self.listen(LOOK).is_err() {
                return unproven;
            }
            self.note_text_proof(job);
        }
        if self.heard.cleared {
            (self.in_line_due, self.is_unfinished) = (0, false);
        }
        if self.heard.text_proof == Some(job.text_id) {
            self.remains = Remains::Uncut;
            PrintOutcome::Printed
        } else if self.heard.cleared {
            if why == PrinterTrouble::PaperOut {
                // What was printed leaves with the old roll.
                self.remains = Remains::Nothing;
            }
            PrintOutcome::NotPrinted { why, started: true }
        } else {
            unproven
        }
    }
}

impl<P: Port> ReceiptPrinter for EscPosPrinter<P> {
    fn print(&mut self, job: JobId, document: &DocumentBuf) -> PrintOutcome {
        self.begin_and_carry_out(|printer| printer.encode(job, document))
    }

    fn broke_off(&mut self) {
        (self.remains, self.is_unfinished) = (Remains::Broken, true);
    }

    fn state(&mut self) -> PrinterState {
        // A line that fails has put its own news into the state.
        let _ = self.greet(false);
        self.state
    }

    fn columns(&self) -> usize {
        usize::from(self.profile.columns)
    }
}

/// Four characters that no other attempt of the recent past has: job, attempt, part. Ascending within a job.
fn process_id(job: JobId, attempt: u8, part: u8) -> [u8; 4] {
    let digit = |number: u64| b'0' + u8::try_from(number % 64).unwrap_or(0);
    [digit(job.0 / 64), digit(job.0), digit(u64::from(attempt)), part]
}
