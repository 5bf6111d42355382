//! The things that SQLite offers only through its C interface.
#![expect(unsafe_code, reason = "rusqlite wraps neither file controls nor the sync of a single file")]

use core::{
    ffi::{c_char, c_int, c_void},
    ptr,
    sync::atomic::{AtomicI32, Ordering},
};

use rusqlite::{Connection, ffi};

use crate::Fault;

/// Keeps the write-ahead log when the connection closes. SQLite would delete it, and with it the space grown beforehand.
pub(crate) fn keep_wal(connection: &Connection) -> Result<(), Fault> {
    let mut on: c_int = 1;
    // SAFETY: the handle lives as long as `connection`, the name is a C string, and this file control reads and writes one int.
    let result =
        unsafe { ffi::sqlite3_file_control(connection.handle(), c"main".as_ptr(), ffi::SQLITE_FCNTL_PERSIST_WAL, (&raw mut on).cast()) };
    if result == ffi::SQLITE_OK && on == 1 { Ok(()) } else { Err(Fault::Setting { setting: "a lasting WAL", found: result.to_string() }) }
}

/// Flushes the write-ahead log: what was committed relaxed is durable afterwards. One flush, not a byte.
pub(crate) fn sync_wal(connection: &Connection) -> Result<(), Fault> {
    with_wal(connection, |file, methods| {
        let sync = methods.xSync.ok_or(ffi::SQLITE_MISUSE)?;
        // SAFETY: `file` is open, and nobody else uses the connection: it is not shared between threads.
        as_result(unsafe { sync(file, ffi::SQLITE_SYNC_NORMAL) })
    })
}

/// Writes the write-ahead log once more over itself and flushes it.
///
/// After a flush that failed, the system counts the bytes as written though they may never have reached the card, and the next flush
/// says yes without them. Only writing them again helps.
pub(crate) fn rewrite_wal(connection: &Connection) -> Result<(), Fault> {
    with_wal(connection, |file, methods| {
        let (Some(size), Some(read), Some(write), Some(sync)) = (methods.xFileSize, methods.xRead, methods.xWrite, methods.xSync) else {
            return Err(ffi::SQLITE_MISUSE);
        };
        let mut length = 0;
        let mut bytes = [0_u8; REWRITE_BYTES];
        // SAFETY: `file` is open, `length` has room for the size, and no call is given more than `bytes` holds.
        unsafe {
            as_result(size(file, &raw mut length))?;
            let mut at = 0;
            while at < length {
                let rest = usize::try_from(length - at).unwrap_or(REWRITE_BYTES).min(REWRITE_BYTES);
                let amount = c_int::try_from(rest).unwrap_or(0);
                as_result(read(file, bytes.as_mut_ptr().cast(), amount, at))?;
                as_result(write(file, bytes.as_ptr().cast(), amount, at))?;
                at += i64::from(amount);
            }
            as_result(sync(file, ffi::SQLITE_SYNC_NORMAL))
        }
    })
}

/// Counts the frames in the write-ahead log into `frames` after each commit, in place of SQLite's own checkpoints, whose failures it hides.
///
/// `frames` must live as long as the connection: the store drops the connection first.
pub(crate) fn count_frames(connection: &Connection, frames: &AtomicI32) {
    let counter = ptr::from_ref(frames).cast_mut().cast();
    // SAFETY: the handle lives as long as `connection`, and the counter as long as the store that owns both.
    unsafe { ffi::sqlite3_wal_hook(connection.handle(), Some(note_frames), counter) };
}

unsafe extern "C" fn note_frames(counter: *mut c_void, _: *mut ffi::sqlite3, _: *const c_char, frames: c_int) -> c_int {
    // SAFETY: the pointer is the counter that `count_frames` was given.
    unsafe { &*counter.cast::<AtomicI32>() }.store(frames, Ordering::Relaxed);
    ffi::SQLITE_OK
}

const REWRITE_BYTES: usize = 16 * 1024;

fn as_result(code: c_int) -> Result<(), c_int> {
    if code == ffi::SQLITE_OK { Ok(()) } else { Err(code) }
}

fn with_wal(
    connection: &Connection,
    act: impl FnOnce(*mut ffi::sqlite3_file, &ffi::sqlite3_io_methods) -> Result<(), c_int>,
) -> Result<(), Fault> {
    let mut file: *mut ffi::sqlite3_file = ptr::null_mut();
    // SAFETY: the handle lives as long as `connection`, and this file control writes one pointer to a file that the connection owns.
    let result = unsafe {
        ffi::sqlite3_file_control(connection.handle(), c"main".as_ptr(), ffi::SQLITE_FCNTL_JOURNAL_POINTER, (&raw mut file).cast())
    };
    // SAFETY: SQLite hands out its own file or none, and a file's method table lives as long as the program.
    let methods = unsafe { file.as_ref().and_then(|open| open.pMethods.as_ref()) };
    let (ffi::SQLITE_OK, Some(methods)) = (result, methods) else {
        return Err(Fault::Setting { setting: "a WAL to flush", found: result.to_string() });
    };
    let failed = |code| Fault::Database {
        attempt: "flush the write-ahead log",
        source: rusqlite::Error::SqliteFailure(ffi::Error::new(code), None),
    };
    act(file, methods).map_err(failed)
}
