//! Posts that arrive at the same time share a transaction, and so one flush of the disk. That is for the engine with one writer; PostgreSQL
//! flushes once for many connections by itself.
//!
//! Whoever comes first leads: takes in its own post and those that wait, commits once, and hands out the answers. Whatever goes wrong on the
//! way, each post is then tried by itself, so that none suffers for another.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use wire::Batch;

use super::{
    AppendRefusal, Appended,
    intake::{Placed, Verified, proof_of, verify},
};
use crate::{
    Fault, HubStore,
    engine::{Dialect, Engine},
};

/// The most posts in one transaction.
const TOGETHER_MAX: usize = 64;

/// Where posts meet.
#[derive(Default)]
pub struct Together {
    waiting: Mutex<Vec<Arc<Waiting>>>,
    leading: Mutex<()>,
}

struct Waiting {
    post: Verified,
    answer: Mutex<Option<Answer>>,
}

/// What a leader says to one that waited.
enum Answer {
    /// Committed, or refused.
    Done(Appended),
    /// Nobody knows whether the commit was.
    Unsure(String),
    /// To be tried by itself.
    Alone,
}

impl HubStore {
    /// Takes in a batch: verified, placed, committed, and only then answered.
    ///
    /// # Errors
    /// [`Fault`]; then it may or may not be there, and the same post again tells.
    pub fn append(&self, batch: &Batch, received_s: i64) -> Result<Appended, Fault> {
        let appended = match verify(batch, received_s)? {
            Err(refusal) => Appended::Refused(refusal),
            Ok(post) => {
                let mine = Arc::new(Waiting { post, answer: Mutex::new(None) });
                let answer = match self.engine.dialect() {
                    Dialect::Sqlite => self.together.pass(&*self.engine, &mine),
                    Dialect::Postgres => Answer::Alone,
                };
                match answer {
                    Answer::Done(appended) => appended,
                    Answer::Unsure(why) => return Err(Fault::Busy(why)),
                    Answer::Alone => alone(&*self.engine, &mine.post, batch)?,
                }
            }
        };
        if let Appended::Refused(refusal) = &appended {
            self.refused(batch, *refusal, received_s)?;
        }
        Ok(appended)
    }

    fn refused(&self, batch: &Batch, refusal: AppendRefusal, received_s: i64) -> Result<(), Fault> {
        let log = proof_of(batch).log_id();
        self.count_refusal(refusal.code(), Some(&log), &refusal.to_string(), received_s).map(drop)
    }
}

impl Together {
    /// Waits to lead, unless another leader has answered meanwhile.
    fn pass(&self, engine: &dyn Engine, mine: &Arc<Waiting>) -> Answer {
        locked(&self.waiting).push(Arc::clone(mine));
        let leading = locked(&self.leading);
        if let Some(answer) = locked(&mine.answer).take() {
            return answer;
        }
        let group = self.take_group(mine);
        lead(engine, &group);
        drop(leading);
        locked(&mine.answer).take().unwrap_or(Answer::Alone)
    }

    /// My post and the first of the others.
    fn take_group(&self, mine: &Arc<Waiting>) -> Vec<Arc<Waiting>> {
        let mut waiting = locked(&self.waiting);
        waiting.retain(|other| !Arc::ptr_eq(other, mine));
        let count = waiting.len().min(TOGETHER_MAX - 1);
        let mut group: Vec<_> = waiting.drain(..count).collect();
        group.push(Arc::clone(mine));
        group
    }
}

fn lead(engine: &dyn Engine, group: &[Arc<Waiting>]) {
    let answers = match place_all(engine, group) {
        Ok(answers) => answers,
        // What went wrong may be about one of them alone.
        Err(_) => group.iter().map(|_| Answer::Alone).collect(),
    };
    for (waiting, answer) in group.iter().zip(answers) {
        *locked(&waiting.answer) = Some(answer);
    }
}

fn place_all(engine: &dyn Engine, group: &[Arc<Waiting>]) -> Result<Vec<Answer>, Fault> {
    let mut tx = engine.write()?;
    let mut answers = Vec::with_capacity(group.len());
    for waiting in group {
        answers.push(match waiting.post.place(&mut *tx, None)? {
            Placed::Done(appended) => Answer::Done(appended),
            Placed::NeedsEntries => Answer::Alone,
        });
    }
    Ok(match tx.commit() {
        Ok(()) => answers,
        Err(fault) => answers.iter().map(|_| Answer::Unsure(fault.to_string())).collect(),
    })
}

/// A transaction for one post.
fn alone(engine: &dyn Engine, post: &Verified, batch: &Batch) -> Result<Appended, Fault> {
    let mut tx = engine.write()?;
    match post.place(&mut *tx, Some(&batch.entries))? {
        Placed::Done(refused @ Appended::Refused(_)) => Ok(refused),
        Placed::Done(appended) => tx.commit().map(|()| appended),
        Placed::NeedsEntries => Err(Fault::Damaged("a post that has its entries needs them".into())),
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
