//! The two things that SQLite offers only through its C interface.
#![expect(unsafe_code, reason = "rusqlite wraps neither file controls nor the sync of a single file")]

use core::{ffi::c_int, ptr};

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
    let mut file: *mut ffi::sqlite3_file = ptr::null_mut();
    // SAFETY: the handle lives as long as `connection`, and this file control writes one pointer to a file that the connection owns.
    let result = unsafe {
        ffi::sqlite3_file_control(connection.handle(), c"main".as_ptr(), ffi::SQLITE_FCNTL_JOURNAL_POINTER, (&raw mut file).cast())
    };
    // SAFETY: SQLite hands out its own file or none, and a file's method table lives as long as the program.
    let sync = unsafe { file.as_ref().and_then(|open| open.pMethods.as_ref()) }.and_then(|methods| methods.xSync);
    let (ffi::SQLITE_OK, Some(sync)) = (result, sync) else {
        return Err(Fault::Setting { setting: "a WAL to flush", found: result.to_string() });
    };
    // SAFETY: `file` is open, since its method table is there, and nobody else uses the connection: it is not shared between threads.
    let result = unsafe { sync(file, ffi::SQLITE_SYNC_NORMAL) };
    if result == ffi::SQLITE_OK {
        return Ok(());
    }
    Err(Fault::Database { attempt: "flush the write-ahead log", source: rusqlite::Error::SqliteFailure(ffi::Error::new(result), None) })
}
