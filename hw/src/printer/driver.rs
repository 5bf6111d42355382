//! The driver of ESC/POS printers: sends a job, and finds out what became of it.
//!
//! A job begins only after the printer said that it can print. It ends with the printer's own mark that all of it is on paper.
//! When the printer stops in the middle, its buffers are cleared, and only its word that they are makes the job `NotPrinted`:
//! otherwise the rest could still come out on the next roll.

use std::time::Duration;

use super::escpos::{CLEAR, Encoder, IN_LINE_STATUS, STATUS_ENABLE, pulse, real_time_pulse, real_time_request};
use super::profile::{Profile, Proof};
use super::reply::{Demultiplexer, Reply, Status};
use super::{Contact, Cover, JobId, Paper, PrintOutcome, PrinterState, PrinterTrouble, ReceiptPrinter};
use crate::document::{DocumentBuf, Element};
use crate::drawer::{CashDrawer, DrawerState};
use crate::port::{Port, PortTrouble};

/// Bytes handed to the line at once: short enough that a status is seen between two.
const SLICE_BYTES: usize = 128;
/// How long one look at the line lasts.
const LOOK: Duration = Duration::from_millis(20);
/// The slowest line that deadlines reckon with: 9600 baud, with a tenth to spare.
const SLOWEST_BYTE: Duration = Duration::from_micros(1_150);

/// How long the driver waits for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadlines {
    /// For the answer to one question.
    pub answer: Duration,
    /// For the line to take another byte.
    pub no_progress: Duration,
    /// For proof after the last byte, above what the slowest line needs for the job.
    pub proof: Duration,
    /// For the cut, after proof that the text is on paper.
    pub cut: Duration,
    /// For the word that buffers are cleared.
    pub clear: Duration,
    /// Zero bytes that end what a crashed job left unfinished.
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
            flush_bytes: 8192,
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
}

/// What was heard since the last question.
#[derive(Clone, Copy, Debug, Default)]
struct Heard {
    status: bool,
    real_time: Option<u8>,
    in_line: u8,
    process_id: Option<[u8; 4]>,
    text_proof: Option<[u8; 4]>,
    cleared: bool,
}

/// A job on its way.
struct Job {
    bytes: Vec<u8>,
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
        }
    }

    /// What this model can do.
    pub const fn profile(&self) -> &Profile {
        &self.profile
    }

    /// Prints the letters of each code page, to find a printer's right one.
    ///
    /// # Errors
    /// What is in the way.
    pub fn print_page_test(&mut self) -> Result<(), PrinterTrouble> {
        if let Some(trouble) = self.greet(true)? {
            return Err(trouble);
        }
        let mut bytes = Vec::new();
        match super::escpos::encode_page_test(&self.profile, &mut bytes) {
            Ok(()) => {}
        }
        self.send_all(&bytes)
    }

    fn print_job(&mut self, job: JobId, document: &DocumentBuf) -> PrintOutcome {
        let not_started = |why| PrintOutcome::NotPrinted { why, started: false };
        match self.greet(true) {
            Ok(None) => {}
            Ok(Some(why)) | Err(why) => return not_started(why),
        }
        self.attempt = self.attempt.wrapping_add(1);
        let job = self.encode(job, document);
        self.heard = Heard::default();
        self.in_line_due = u8::from(self.profile.proof == Proof::StatusInLine);
        let mut sent = 0;
        match self.send_and_prove(&job, &mut sent) {
            Ok(()) if self.profile.proof == Proof::Nothing => PrintOutcome::Uncertain { why: PrinterTrouble::CannotConfirm },
            Ok(()) => PrintOutcome::Printed,
            Err(why) if sent == 0 => not_started(why),
            Err(why) => self.salvage(&job, why),
        }
    }

    /// The bytes of a job: all of it up to the last cut, id A, the cut and what follows, id B.
    fn encode(&self, job: JobId, document: &DocumentBuf) -> Job {
        let text_id = process_id(job, self.attempt, b'A');
        let cut_id = process_id(job, self.attempt, b'B');
        let last_cut = document.elements().enumerate().filter(|(_, element)| matches!(element, Element::Cut)).last().map(|(at, _)| at);
        let mut bytes = Vec::new();
        let encoded = Encoder::begin(&self.profile, &mut bytes).and_then(|mut encoder| {
            for (at, element) in document.elements().enumerate() {
                if Some(at) == last_cut && self.profile.proof == Proof::ProcessId {
                    encoder.proof(text_id)?;
                }
                encoder.element(&element)?;
            }
            encoder.proof(cut_id)
        });
        match encoded {
            Ok(()) => Job { bytes, text_id, cut_id },
        }
    }

    fn send_and_prove(&mut self, job: &Job, sent: &mut usize) -> Result<(), PrinterTrouble> {
        let mut progress_at = self.port.now();
        while *sent < job.bytes.len() {
            let slice = &job.bytes[*sent..job.bytes.len().min(*sent + SLICE_BYTES)];
            let taken = self.port.write(slice, LOOK).map_err(|trouble| self.lost(trouble))?;
            *sent += taken;
            self.listen(Duration::ZERO)?;
            self.note_text_proof(job);
            if let Some(trouble) = self.state.trouble() {
                return self.unless_text_proven(job, trouble);
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
        let mut text_proven = false;
        loop {
            match self.profile.proof {
                Proof::Nothing => return Ok(()),
                Proof::StatusInLine if self.in_line_due == 0 => return Ok(()),
                Proof::ProcessId if self.heard.process_id == Some(job.cut_id) => return Ok(()),
                Proof::StatusInLine | Proof::ProcessId => {}
            }
            if !text_proven && self.heard.text_proof == Some(job.text_id) {
                text_proven = true;
                deadline = self.port.now() + self.deadlines.cut;
            }
            if let Some(trouble) = self.state.trouble() {
                return self.unless_text_proven(job, trouble);
            }
            if self.port.now() >= deadline {
                // The question may be the first sign of a printer that never tells by itself.
                let trouble = if text_proven { None } else { self.ask_real_time()? };
                return self.unless_text_proven(job, trouble.unwrap_or(PrinterTrouble::Silent));
            }
            self.listen(LOOK)?;
            self.note_text_proof(job);
        }
    }

    /// All that matters is on paper once the text is: what comes after can at worst leave the receipt uncut.
    fn unless_text_proven(&self, job: &Job, trouble: PrinterTrouble) -> Result<(), PrinterTrouble> {
        if self.heard.text_proof == Some(job.text_id) { Ok(()) } else { Err(trouble) }
    }

    fn note_text_proof(&mut self, job: &Job) {
        if matches!(self.heard.process_id, Some(id) if id == job.text_id || id == job.cut_id) {
            self.heard.text_proof = Some(job.text_id);
        }
    }

    /// The job stopped in the middle: have the printer forget the rest, or admit that nobody knows.
    fn salvage(&mut self, job: &Job, why: PrinterTrouble) -> PrintOutcome {
        let uncertain = PrintOutcome::Uncertain { why };
        if !self.profile.has_clear || why == PrinterTrouble::Unplugged {
            return uncertain;
        }
        self.demultiplexer.reset();
        self.heard.cleared = false;
        if self.port.write_urgent(&CLEAR).is_err() {
            return uncertain;
        }
        let deadline = self.port.now() + self.deadlines.clear;
        while !self.heard.cleared && self.port.now() < deadline {
            if self.listen(LOOK).is_err() {
                return uncertain;
            }
            self.note_text_proof(job);
        }
        if self.heard.text_proof == Some(job.text_id) {
            PrintOutcome::Printed
        } else if self.heard.cleared {
            PrintOutcome::NotPrinted { why, started: true }
        } else {
            uncertain
        }
    }

    /// Asks whether the printer can print. `insist` also ends what a crashed job left unfinished.
    fn greet(&mut self, insist: bool) -> Result<Option<PrinterTrouble>, PrinterTrouble> {
        self.empty_input()?;
        // A printer that said it is offline reads no ordinary commands; only a real-time question reaches it.
        let was_offline = self.state.contact == Contact::Heard && !self.state.online;
        if was_offline && self.ask_real_time()?.is_some() {
            return Ok(self.state.trouble());
        }
        if self.ask_in_stream()? {
            return Ok(self.state.trouble());
        }
        let trouble = self.ask_real_time()?;
        if !insist || matches!(trouble, Some(trouble) if trouble != PrinterTrouble::Silent) {
            return Ok(trouble);
        }
        self.flush_unfinished()?;
        if self.ask_in_stream()? {
            return Ok(self.state.trouble());
        }
        self.state = PrinterState { contact: Contact::Silent, ..PrinterState::default() };
        Ok(Some(PrinterTrouble::Silent))
    }

    /// A question that is read in its turn, so its answer proves that the printer reads commands.
    fn ask_in_stream(&mut self) -> Result<bool, PrinterTrouble> {
        self.heard = Heard::default();
        if self.profile.has_automatic_status {
            self.send_all(&STATUS_ENABLE)?;
            return self.listen_until(|heard| heard.status);
        }
        self.in_line_due = self.in_line_due.saturating_add(1);
        self.send_all(&IN_LINE_STATUS)?;
        let due = self.in_line_due;
        if !self.listen_until(|heard| heard.in_line >= due)? && self.heard.in_line == 0 {
            return Ok(false);
        }
        // Answers that did not come in a whole period of listening were lost with the power.
        self.in_line_due = 0;
        self.ask_real_time()?;
        Ok(self.state.contact == Contact::Heard)
    }

    /// Asks at once, one question at a time; sets the state; what is in the way.
    fn ask_real_time(&mut self) -> Result<Option<PrinterTrouble>, PrinterTrouble> {
        let mut answers = [None; 4];
        for (answer, n) in answers.iter_mut().zip(1..) {
            self.heard.real_time = None;
            self.send_all(&real_time_request(n))?;
            self.listen_until(|heard| heard.real_time.is_some())?;
            *answer = self.heard.real_time;
            if answer.is_none() {
                self.state = PrinterState { contact: Contact::Silent, ..PrinterState::default() };
                return Ok(Some(PrinterTrouble::Silent));
            }
        }
        let [general, offline, error, paper] = answers.map(|answer| answer.unwrap_or(0xff));
        self.state = PrinterState {
            contact: Contact::Heard,
            online: general & 0x08 == 0,
            paper: if paper & 0x60 != 0 || offline & 0x20 != 0 {
                Paper::Out
            } else if paper & 0x0c != 0 {
                Paper::NearEnd
            } else {
                Paper::Present
            },
            cover: if offline & 0x04 != 0 { Cover::Open } else { Cover::Closed },
            cutter_stuck: error & 0x08 != 0,
            fault: error & 0x60 != 0,
            drawer_pin_high: Some(general & 0x04 != 0),
        };
        Ok(self.state.trouble())
    }

    /// Zero bytes complete a picture that a crashed job began, and print nothing elsewhere.
    fn flush_unfinished(&mut self) -> Result<(), PrinterTrouble> {
        let zeros = [0; SLICE_BYTES];
        let mut left = self.deadlines.flush_bytes;
        let mut progress_at = self.port.now();
        while left > 0 {
            let taken = self.port.write(&zeros[..left.min(SLICE_BYTES)], LOOK).map_err(|trouble| self.lost(trouble))?;
            left -= taken;
            if taken > 0 {
                progress_at = self.port.now();
            } else if self.port.now() - progress_at >= self.deadlines.answer {
                return Ok(());
            }
        }
        Ok(())
    }

    fn send_all(&mut self, bytes: &[u8]) -> Result<(), PrinterTrouble> {
        let mut sent = 0;
        let mut progress_at = self.port.now();
        while sent < bytes.len() {
            let end = bytes.len().min(sent + SLICE_BYTES);
            let taken = self.port.write(&bytes[sent..end], LOOK).map_err(|trouble| self.lost(trouble))?;
            sent += taken;
            if taken > 0 {
                progress_at = self.port.now();
            } else if self.port.now() - progress_at >= self.deadlines.answer {
                self.state = PrinterState { contact: Contact::Silent, ..PrinterState::default() };
                return Err(PrinterTrouble::Stalled);
            }
        }
        Ok(())
    }

    fn listen_until(&mut self, done: impl Fn(&Heard) -> bool) -> Result<bool, PrinterTrouble> {
        let deadline = self.port.now() + self.deadlines.answer;
        while !done(&self.heard) {
            if self.port.now() >= deadline {
                return Ok(false);
            }
            self.listen(LOOK)?;
        }
        Ok(true)
    }

    /// A late answer belongs to an older question: hear it out before the next one is put.
    fn empty_input(&mut self) -> Result<(), PrinterTrouble> {
        while self.listen(Duration::ZERO)? {}
        self.demultiplexer.reset();
        self.heard = Heard::default();
        Ok(())
    }

    /// Reads what is there; whether there was anything.
    fn listen(&mut self, wait: Duration) -> Result<bool, PrinterTrouble> {
        let mut bytes = [0; 64];
        let count = self.port.read(&mut bytes, wait).map_err(|trouble| self.lost(trouble))?;
        for &byte in &bytes[..count.min(64)] {
            if let Some(reply) = self.demultiplexer.take(byte) {
                self.note(&reply);
            }
        }
        Ok(count > 0)
    }

    fn note(&mut self, reply: &Reply) {
        match reply {
            Reply::Status(status) => {
                self.heard.status = true;
                self.state = state_of(*status);
            }
            Reply::RealTime(answer) => self.heard.real_time = Some(*answer),
            Reply::InLine(_) => {
                self.heard.in_line = self.heard.in_line.saturating_add(1);
                self.in_line_due = self.in_line_due.saturating_sub(1);
            }
            Reply::Block { .. } => {
                self.heard.process_id = reply.process_id().or(self.heard.process_id);
                self.heard.cleared |= reply.is_cleared();
            }
            Reply::Resume | Reply::Pause | Reply::Garbage(_) => {}
        }
    }

    fn lost(&mut self, _trouble: PortTrouble) -> PrinterTrouble {
        self.demultiplexer.reset();
        self.in_line_due = 0;
        self.state = PrinterState { contact: Contact::Unplugged, ..PrinterState::default() };
        PrinterTrouble::Unplugged
    }
}

impl<P: Port> ReceiptPrinter for EscPosPrinter<P> {
    fn print(&mut self, job: JobId, document: &DocumentBuf) -> PrintOutcome {
        self.print_job(job, document)
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

impl<P: Port> CashDrawer for EscPosPrinter<P> {
    fn open(&mut self) -> Result<(), PrinterTrouble> {
        self.empty_input()?;
        let trouble = self.ask_real_time()?;
        if self.profile.has_real_time_pulse {
            // The drawer opens even while the printer waits for paper.
            self.send_all(&real_time_pulse(self.profile.drawer_pin))?;
            return if self.state.contact == Contact::Heard { Ok(()) } else { Err(PrinterTrouble::Silent) };
        }
        if let Some(trouble) = trouble {
            // The pulse would wait in the buffer and open the drawer when nobody expects it.
            return Err(trouble);
        }
        self.send_all(&pulse(self.profile.drawer_pin))
    }

    fn state(&mut self) -> DrawerState {
        let state = ReceiptPrinter::state(self);
        match (self.profile.drawer_open_level_high, state.drawer_pin_high) {
            (Some(open_level), Some(level)) if open_level == level => DrawerState::Open,
            (Some(_), Some(_)) => DrawerState::Closed,
            _ => DrawerState::Unknown,
        }
    }
}

const fn state_of(status: Status) -> PrinterState {
    PrinterState {
        contact: Contact::Heard,
        online: !status.is_offline(),
        paper: if status.is_paper_out() {
            Paper::Out
        } else if status.is_paper_near_end() {
            Paper::NearEnd
        } else {
            Paper::Present
        },
        cover: if status.is_cover_open() { Cover::Open } else { Cover::Closed },
        cutter_stuck: status.is_cutter_stuck(),
        fault: status.is_fault(),
        drawer_pin_high: Some(status.is_drawer_pin_high()),
    }
}

/// Four characters that no other attempt of the recent past has: job, attempt, part. Ascending within a job.
fn process_id(job: JobId, attempt: u8, part: u8) -> [u8; 4] {
    let digit = |number: u64| b'0' + u8::try_from(number % 64).unwrap_or(0);
    [digit(job.0 / 64), digit(job.0), digit(u64::from(attempt)), part]
}
