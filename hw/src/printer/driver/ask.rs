//! Questions to the printer and what it says, asked or not.

use std::time::Duration;

use super::{EscPosPrinter, Heard, LOOK, SLICE_BYTES};
use crate::port::{Port, PortTrouble};
use crate::printer::escpos::{CLEAR, IN_LINE_STATUS, STATUS_ENABLE, real_time_request};
use crate::printer::profile::Proof;
use crate::printer::reply::{Reply, Status};
use crate::printer::{Contact, Cover, Paper, PrinterState, PrinterTrouble};

impl<P: Port> EscPosPrinter<P> {
    /// Asks whether the printer can print. `insist` also ends what a crashed job left unfinished.
    pub(super) fn greet(&mut self, insist: bool) -> Result<Option<PrinterTrouble>, PrinterTrouble> {
        self.empty_input()?;
        if self.profile.proof == Proof::Nothing {
            return self.greet_unproven(insist);
        }
        // A printer that said it is offline reads no ordinary commands; only a real-time question reaches it.
        let was_offline = self.state.contact == Contact::Heard && !self.state.online;
        if was_offline && self.ask_real_time()?.is_some() {
            return Ok(self.state.trouble());
        }
        if self.is_unfinished && self.profile.has_clear {
            // Half a command would take the next question for its own length.
            self.send_all(&CLEAR)?;
            self.listen_for(self.deadlines.clear, |heard| heard.cleared)?;
        }
        if self.ask_in_stream()? {
            self.is_unfinished = false;
            return Ok(self.state.trouble());
        }
        let trouble = self.ask_real_time()?;
        if !insist || matches!(trouble, Some(trouble) if trouble != PrinterTrouble::Silent) {
            return Ok(trouble);
        }
        self.flush_unfinished()?;
        if self.ask_in_stream()? {
            self.is_unfinished = false;
            return Ok(self.state.trouble());
        }
        self.state = PrinterState { contact: Contact::Silent, ..PrinterState::default() };
        Ok(Some(PrinterTrouble::Silent))
    }

    /// A printer that proves nothing is sent its jobs unless it says that it cannot print. Its silence says nothing, good or bad.
    fn greet_unproven(&mut self, insist: bool) -> Result<Option<PrinterTrouble>, PrinterTrouble> {
        if insist && self.is_unfinished {
            self.flush_unfinished()?;
            self.is_unfinished = false;
        }
        if self.profile.has_real_time_status {
            match self.ask_real_time()? {
                None => return Ok(None),
                Some(trouble) if trouble != PrinterTrouble::Silent => return Ok(Some(trouble)),
                Some(_) => {}
            }
        }
        self.state = PrinterState { contact: Contact::Mute, ..PrinterState::default() };
        Ok(None)
    }

    /// A question that is read in its turn, so its answer proves that the printer reads commands.
    fn ask_in_stream(&mut self) -> Result<bool, PrinterTrouble> {
        self.heard = Heard::default();
        let mut has_state = false;
        if self.profile.has_automatic_status {
            self.send_all(&STATUS_ENABLE)?;
            has_state = self.listen_until(|heard| heard.status)?;
        }
        if self.profile.proof == Proof::ProcessId || has_state && self.in_line_due == 0 {
            return Ok(has_state);
        }
        self.in_line_due = self.in_line_due.saturating_add(1);
        self.send_all(&IN_LINE_STATUS)?;
        if !self.hear_out()? {
            return Ok(false);
        }
        if has_state {
            return Ok(true);
        }
        if self.profile.has_real_time_status {
            self.ask_real_time()?;
        } else {
            let paper = self.heard.in_line.map_or(Paper::Unknown, in_line_paper);
            self.state = PrinterState { contact: Contact::Heard, online: true, paper, ..PrinterState::default() };
        }
        Ok(self.state.contact == Contact::Heard)
    }

    /// Waits for the answers to all in-line questions, older ones too; whether there was one.
    /// Those that did not come in a whole period of silence after another one were lost on the line or with the power.
    fn hear_out(&mut self) -> Result<bool, PrinterTrouble> {
        loop {
            let due = self.in_line_due;
            if due == 0 {
                return Ok(true);
            }
            let deadline = self.port.now() + self.deadlines.answer;
            while self.in_line_due == due {
                if self.port.now() >= deadline {
                    let was_heard = self.heard.in_line.is_some();
                    if was_heard {
                        self.in_line_due = 0;
                    }
                    return Ok(was_heard);
                }
                self.listen(LOOK)?;
            }
        }
    }

    /// Asks at once, one question at a time; sets the state; what is in the way.
    pub(super) fn ask_real_time(&mut self) -> Result<Option<PrinterTrouble>, PrinterTrouble> {
        if !self.profile.has_real_time_status {
            return Ok(self.state.trouble());
        }
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

    pub(super) fn send_all(&mut self, bytes: &[u8]) -> Result<(), PrinterTrouble> {
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

    pub(super) fn listen_until(&mut self, done: impl Fn(&Heard) -> bool) -> Result<bool, PrinterTrouble> {
        self.listen_for(self.deadlines.answer, done)
    }

    fn listen_for(&mut self, time: Duration, done: impl Fn(&Heard) -> bool) -> Result<bool, PrinterTrouble> {
        let deadline = self.port.now() + time;
        while !done(&self.heard) {
            if self.port.now() >= deadline {
                return Ok(false);
            }
            self.listen(LOOK)?;
        }
        Ok(true)
    }

    /// A late answer belongs to an older question: hear it out before the next one is put.
    pub(super) fn empty_input(&mut self) -> Result<(), PrinterTrouble> {
        while self.listen(Duration::ZERO)? {}
        self.demultiplexer.reset();
        self.heard = Heard::default();
        Ok(())
    }

    /// Reads what is there; whether there was anything.
    pub(super) fn listen(&mut self, wait: Duration) -> Result<bool, PrinterTrouble> {
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
            Reply::InLine(answer) => {
                self.heard.in_line = Some(*answer);
                self.in_line_due = self.in_line_due.saturating_sub(1);
            }
            Reply::Block { .. } => {
                self.heard.process_id = reply.process_id().or(self.heard.process_id);
                self.heard.cleared |= reply.is_cleared();
                self.text = reply.text().or(self.text.take());
            }
            Reply::Resume | Reply::Pause | Reply::Garbage(_) => {}
        }
    }

    pub(super) fn lost(&mut self, _trouble: PortTrouble) -> PrinterTrouble {
        self.demultiplexer.reset();
        self.is_unfinished = true;
        self.state = PrinterState { contact: Contact::Unplugged, ..PrinterState::default() };
        PrinterTrouble::Unplugged
    }
}

/// What `GS r 1` says about paper.
const fn in_line_paper(answer: u8) -> Paper {
    if answer & 0x0c != 0 {
        Paper::Out
    } else if answer & 0x03 != 0 {
        Paper::NearEnd
    } else {
        Paper::Present
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
