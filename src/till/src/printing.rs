//! The print queue: what is to be printed, how far it has come, and what to make of it after a restart.

use domain::Refusal;
use hw::{document::DocumentBuf, printer::PrintOutcome};
use journal::{Entry, Fact};
use store::{Job, JobId, JobState};

use crate::{
    command::{Answer, Effect, Wrong},
    paper,
    till::{Doing, Till},
};

/// How often a job that broke off is printed again by itself.
pub const PRINT_AGAIN_MAX: u32 = 5;

/// Characters of the register's manufacturing number; at most 17 are allowed.
const MAKER_NO_LEN: usize = 16;

/// What a print job prints of its entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobKind {
    /// The receipt of a sale, refund or void.
    Receipt,
    /// The one copy of a receipt.
    Copy,
    /// An X report.
    XReport,
    /// A Z report.
    ZReport,
}

impl JobKind {
    /// All of them, in the order of their numbers in the store.
    pub const ALL: [Self; 4] = [Self::Receipt, Self::Copy, Self::XReport, Self::ZReport];

    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Receipt => 0,
            Self::Copy => 1,
            Self::XReport => 2,
            Self::ZReport => 3,
        }
    }
}

impl Till {
    /// The document of a print job as it is to come out now.
    ///
    /// # Errors
    /// [`Refusal::JobUnknown`], or a fault of the store.
    pub fn job_document(&self, job_id: JobId, columns: usize) -> Result<DocumentBuf, Wrong> {
        let job = self.job(job_id)?.ok_or(Refusal::JobUnknown)?;
        let entry = self.entry(job.seq)?;
        let again = job.attempt > 0;
        let document = match (&entry.fact, JobKind::ALL.get(usize::from(job.kind))) {
            (Fact::SaleClosed(sale), Some(JobKind::Receipt)) => {
                let mark = if again { paper::Mark::Reprint } else { paper::Mark::None };
                return self.sale_document(&entry, sale, mark, columns);
            }
            (Fact::CopyPrinted(training, receipt_no, _, control), Some(JobKind::Copy)) => {
                let (original, sale) = self.receipt(*training, *receipt_no)?;
                self.sale_document(&original, &sale, paper::Mark::Copy(control.as_deref()), columns)?
            }
            (Fact::XRead(read), _) => paper::x_report(&self.paper_head(&entry, columns), read, &self.setup.catalogue),
            (Fact::ZClosed(closed), _) => paper::z_report(&self.paper_head(&entry, columns), closed, &self.setup.catalogue),
            _ => return Err(Refusal::JobUnknown.into()),
        };
        Ok(if again { paper::printed_again(document) } else { document })
    }

    /// The receipt with this number as it was first printed.
    ///
    /// # Errors
    /// [`Refusal::ReceiptUnknown`], or a fault of the store.
    pub fn receipt_document(&self, training: bool, receipt_no: u64, columns: usize) -> Result<DocumentBuf, Wrong> {
        let (entry, sale) = self.receipt(training, receipt_no)?;
        self.sale_document(&entry, &sale, paper::Mark::None, columns)
    }

    fn sale_document(
        &self,
        entry: &Entry,
        sale: &domain::sale::ClosedSale,
        mark: paper::Mark<'_>,
        columns: usize,
    ) -> Result<DocumentBuf, Wrong> {
        let head = self.store.head_at(entry.seq)?.ok_or(store::Fault::Chain { seq: entry.seq })?;
        let proof = self.store.log().map(|log| log.key.sign(entry.seq, &head));
        let mut paper_head = self.paper_head(entry, columns);
        if let Some(control) = &sale.control {
            // The unit and the paper tell the same time, also where the code came later.
            paper_head.wall_s = control.at_s;
            paper_head.offset_min = self.offset_min(control.at_s);
        }
        Ok(paper::receipt(&paper_head, sale, mark, &self.setup.vat, proof.as_ref()))
    }

    fn paper_head(&self, entry: &Entry, columns: usize) -> paper::PaperHead<'_> {
        let crew = entry.context.crew.as_deref().and_then(|id| self.member(id));
        paper::PaperHead {
            operator: &self.setup.operator,
            register: self.books().register.clone(),
            program: self.setup.program.clone(),
            maker_no: self.store.log().map(|log| log.log_id.to_string()).unwrap_or_default().chars().take(MAKER_NO_LEN).collect(),
            train: self.train_of(entry),
            crew: crew.map(|member| member.name.clone()),
            wall_s: entry.stamp.wall_s,
            offset_min: entry.stamp.offset_min,
            time_proven: entry.stamp.trust != journal::ClockTrust::NotProven,
            seq: entry.seq,
            columns,
        }
    }

    fn train_of(&self, entry: &Entry) -> Option<String> {
        let started = self.entry(entry.context.trip?).ok()?;
        match started.fact {
            Fact::TripStarted(started) => Some(started.trip.train().as_str().to_owned()),
            _ => None,
        }
    }

    /// Before a job's bytes go to the printer.
    ///
    /// # Errors
    /// [`Refusal::JobUnknown`] for a job that is under way or done, or a fault of the store.
    pub fn job_begins(&mut self, job_id: JobId) -> Result<(), Wrong> {
        let job = self.queued(job_id)?;
        self.keep(Doing::default().job(job_id, JobState::Sending, job.attempt))
    }

    pub(crate) fn job_ended(&mut self, job_id: JobId, outcome: PrintOutcome) -> Result<Answer, Wrong> {
        // A job ends once: a second word about it, or one about a job that the crew was asked about, changes nothing.
        let job = self.job(job_id)?.filter(|job| job.state == JobState::Sending).ok_or(Refusal::JobUnknown)?;
        let (state, attempt) = match outcome {
            PrintOutcome::Printed => (JobState::Printed, job.attempt),
            PrintOutcome::NotPrinted { started: false, .. } => (JobState::Queued, job.attempt),
            // A printer that breaks off again and again would fill the journal: the crew looks at it.
            PrintOutcome::NotPrinted { started: true, .. } if job.attempt >= PRINT_AGAIN_MAX => (JobState::Uncertain, job.attempt),
            PrintOutcome::NotPrinted { started: true, .. } => return self.print_again(job, false),
            PrintOutcome::Uncertain { .. } => (JobState::Uncertain, job.attempt),
        };
        self.keep(Doing::default().job(job_id, state, attempt))?;
        Ok(Answer::Done)
    }

    pub(crate) fn job_decided(&mut self, job_id: JobId, came_out: bool) -> Result<Answer, Wrong> {
        let job = self.job(job_id)?.filter(|job| job.state == JobState::Uncertain).ok_or(Refusal::JobUnknown)?;
        // However often the crew says no, one receipt does not become many.
        let ended = if job.attempt >= PRINT_AGAIN_MAX { Some(JobState::Failed) } else { came_out.then_some(JobState::Printed) };
        if let Some(state) = ended {
            self.keep(Doing::default().job(job_id, state, job.attempt))?;
            return Ok(Answer::Done);
        }
        self.print_again(job, true)
    }

    /// The printer can print again: everything that waits for it goes out.
    pub(crate) fn printer_ready(&mut self) -> Result<Answer, Wrong> {
        let waiting = self.store.unfinished_jobs()?.into_iter().filter(|job| job.state == JobState::Queued);
        self.effects.extend(waiting.map(|job| Effect::Print(job.job_id)));
        Ok(Answer::Done)
    }

    /// Print jobs that ask the crew whether the paper came out, oldest first.
    ///
    /// # Errors
    /// A fault of the store.
    pub fn doubted_jobs(&self) -> Result<Vec<Job>, Wrong> {
        Ok(self.store.unfinished_jobs()?.into_iter().filter(|job| job.state == JobState::Uncertain).collect())
    }

    /// At the start: a job that was on its way when the till stopped may be on paper, so the crew is asked. So is one that was queued
    /// before a power cut, since the note of its sending may be lost. A card payment without an answer is asked for again, and so is
    /// a receipt without the control unit's code.
    pub(crate) fn resume_devices(&mut self) -> Result<(), Wrong> {
        let mut doing = Doing::default();
        for job in self.store.unfinished_jobs()? {
            match job.state {
                JobState::Queued if self.same_boot => doing = doing.then(Effect::Print(job.job_id)),
                JobState::Queued | JobState::Sending | JobState::AwaitProof => {
                    self.paper_broke_off = true;
                    doing = doing.job(job.job_id, JobState::Uncertain, job.attempt);
                }
                JobState::Printed | JobState::Uncertain | JobState::Failed => {}
            }
        }
        if let Some(card) = &self.books().card {
            doing = doing.then(Effect::AskTerminalStatus(card.reference.clone()));
        }
        self.keep(doing)?;
        self.resume_control()
    }

    fn job(&self, job_id: JobId) -> Result<Option<Job>, Wrong> {
        if i64::try_from(job_id.0).is_ok() { Ok(self.store.job(job_id)?) } else { Ok(None) }
    }

    fn queued(&self, job_id: JobId) -> Result<Job, Wrong> {
        Ok(self.job(job_id)?.filter(|job| job.state == JobState::Queued).ok_or(Refusal::JobUnknown)?)
    }

    /// Back into the queue, to come out whole and marked. For a receipt that is a fact of its own.
    fn print_again(&mut self, job: Job, now: bool) -> Result<Answer, Wrong> {
        let mut doing = match self.entry(job.seq)?.fact {
            Fact::SaleClosed(sale) => Doing::fact(Fact::ReceiptReprinted(sale.training, sale.receipt_no)),
            Fact::CopyPrinted(training, receipt_no, ..) => Doing::fact(Fact::ReceiptReprinted(training, receipt_no)),
            _ => Doing::default(),
        };
        doing = doing.job(job.job_id, JobState::Queued, job.attempt + 1);
        if now {
            doing = doing.then(Effect::Print(job.job_id));
        }
        if doing.has_facts() {
            self.commit(doing)?;
        } else {
            self.keep(doing)?;
        }
        Ok(Answer::Done)
    }
}
