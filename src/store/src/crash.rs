//! A disk in memory that can be cut at every write, under the real SQLite. For tests only.
//!
//! **Invariant.** One disk per thread; what SQLite writes is kept in order in a trace, from which a test plays the power cut back.
//! Nothing here knows what a store is.
//!
//! **Entry points.** [`register`], then [`put`] a [`Disk`] and open a store with [`VFS`]; [`record`] and [`take_trace`] for what happened.
//! Source of the behaviour that SQLite relies on: its documentation of `sqlite3_io_methods` and `sqlite3_vfs`.

use std::{cell::RefCell, collections::BTreeMap, sync::Arc};

mod content;
#[expect(unsafe_code, reason = "SQLite calls a file system through C function pointers, and rusqlite wraps none of it")]
mod vfs;

pub use content::Content;
pub use vfs::{VFS, register, seed_salts};

/// The files of a disk by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Disk {
    /// Name to content.
    pub files: BTreeMap<String, Content>,
}

/// One thing that happened on a disk, in order.
#[derive(Clone, Debug)]
pub enum Op {
    /// A file was made.
    Create(Arc<str>),
    /// Bytes were written at a place.
    Write(Arc<str>, usize, Arc<[u8]>),
    /// A file was cut to a length.
    Truncate(Arc<str>, usize),
    /// A file was flushed.
    Sync(Arc<str>),
    /// A flush failed. The system may have forgotten some of what was to be flushed, and a later flush will not bring it back.
    FailedSync(Arc<str>),
    /// A file was deleted, and whether its folder was flushed.
    Delete(Arc<str>, bool),
    /// The workload says that it acknowledged its step with this number.
    Ack(usize),
    /// The workload says that it begins its step with this number.
    Begin(usize),
}

/// A time without room on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shortage {
    /// So many writes still succeed.
    pub after_writes: u64,
    /// Then so many fail.
    pub failing_writes: u64,
    /// Only writes that make a file longer fail, as on a file system that overwrites in place.
    pub only_growth: bool,
}

#[derive(Default)]
struct Drive {
    disk: Disk,
    recording: bool,
    trace: Vec<Op>,
    shortage: Option<Shortage>,
    /// So many flushes succeed before one fails.
    flushes_left: Option<u64>,
    temporary: u64,
}

thread_local! {
    static DRIVE: RefCell<Drive> = RefCell::default();
}

/// Puts a disk into this thread's drive, without a trace and with room. No store may be open on the one before.
pub fn put(disk: Disk) {
    DRIVE.with_borrow_mut(|drive| *drive = Drive { disk, ..Drive::default() });
}

/// The disk as it is now.
#[must_use]
pub fn disk() -> Disk {
    DRIVE.with_borrow(|drive| drive.disk.clone())
}

/// Starts or stops keeping a trace.
pub fn record(on: bool) {
    DRIVE.with_borrow_mut(|drive| drive.recording = on);
}

/// Takes the trace out.
#[must_use]
pub fn take_trace() -> Vec<Op> {
    DRIVE.with_borrow_mut(|drive| std::mem::take(&mut drive.trace))
}

/// Writes a mark of the workload into the trace.
pub fn mark(op: Op) {
    DRIVE.with_borrow_mut(|drive| drive.note(|| op));
}

/// Lets room run out, or come back with `None`.
pub fn run_short(shortage: Option<Shortage>) {
    DRIVE.with_borrow_mut(|drive| drive.shortage = shortage);
}

/// Lets one flush fail after so many that succeed.
pub fn fail_flush(after: Option<u64>) {
    DRIVE.with_borrow_mut(|drive| drive.flushes_left = after);
}

impl Drive {
    /// Whether a flush succeeds.
    fn flushes(&mut self) -> bool {
        match self.flushes_left {
            Some(0) => {
                self.flushes_left = None;
                false
            }
            left => {
                self.flushes_left = left.map(|left| left - 1);
                true
            }
        }
    }

    fn note(&mut self, op: impl FnOnce() -> Op) {
        if self.recording {
            self.trace.push(op());
        }
    }

    /// Whether a write finds room.
    fn has_room(&mut self, grows: bool) -> bool {
        let Some(shortage) = &mut self.shortage else { return true };
        if shortage.after_writes > 0 {
            shortage.after_writes -= 1;
            return true;
        }
        if shortage.failing_writes == 0 || (shortage.only_growth && !grows) {
            return true;
        }
        shortage.failing_writes -= 1;
        false
    }
}
