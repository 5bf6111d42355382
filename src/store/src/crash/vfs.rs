//! The C side: a `sqlite3_vfs` over this thread's drive.
//!
//! Methods of version 1: no shared memory and no memory map, so a write-ahead log needs exclusive locking. Locks do nothing, since a
//! disk has one store at a time; clock and randomness are fixed.

use core::{
    ffi::{CStr, c_char, c_int, c_void},
    ptr, slice,
};
use std::sync::{Arc, Once};

use rusqlite::ffi;

use super::{Content, DRIVE, Drive, Op};

/// The name to open a store with.
pub const VFS: &str = "trolley-crash";

const SECTOR_BYTES: c_int = 4096;
const PATH_BYTES_MAX: c_int = 512;

/// What SQLite holds of an open file; its own part comes first.
#[repr(C)]
struct OpenFile {
    base: ffi::sqlite3_file,
    /// Made by `Box::into_raw` in `open` and freed in `close`.
    name: *mut Arc<str>,
    keeps_wal: c_int,
    temporary: bool,
}

static METHODS: ffi::sqlite3_io_methods = ffi::sqlite3_io_methods {
    iVersion: 1,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(lock),
    xCheckReservedLock: Some(check_reserved_lock),
    xFileControl: Some(file_control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(device_characteristics),
    xShmMap: None,
    xShmLock: None,
    xShmBarrier: None,
    xShmUnmap: None,
    xFetch: None,
    xUnfetch: None,
};

/// Makes the file system known to SQLite under [`VFS`]. May be called any number of times.
pub fn register() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let vfs = Box::new(ffi::sqlite3_vfs {
            iVersion: 1,
            szOsFile: c_int::try_from(size_of::<OpenFile>()).unwrap_or(c_int::MAX),
            mxPathname: PATH_BYTES_MAX,
            pNext: ptr::null_mut(),
            zName: c"trolley-crash".as_ptr(),
            pAppData: ptr::null_mut(),
            xOpen: Some(open),
            xDelete: Some(delete),
            xAccess: Some(access),
            xFullPathname: Some(full_pathname),
            xDlOpen: None,
            xDlError: None,
            xDlSym: None,
            xDlClose: None,
            xRandomness: Some(randomness),
            xSleep: Some(sleep),
            xCurrentTime: Some(current_time),
            xGetLastError: None,
            xCurrentTimeInt64: None,
            xSetSystemCall: None,
            xGetSystemCall: None,
            xNextSystemCall: None,
        });
        // SAFETY: SQLite keeps the pointer for ever, and the box is never freed.
        let result = unsafe { ffi::sqlite3_vfs_register(Box::leak(vfs), 0) };
        assert!(result == ffi::SQLITE_OK, "SQLite takes a file system in memory");
    });
}

/// Starts SQLite's random numbers anew, so that one seed gives the same salts in a write-ahead log twice. They are shared by all threads.
pub fn seed_salts(seed: u16) {
    register();
    let no_database: *mut ffi::sqlite3 = ptr::null_mut();
    // SAFETY: this control takes an int and a database or none.
    unsafe { ffi::sqlite3_test_control(ffi::SQLITE_TESTCTRL_PRNG_SEED, c_int::from(seed) + 1, no_database) };
}

/// The file behind SQLite's pointer, and its content in the drive.
///
/// # Safety
/// `file` comes from SQLite and was opened by `open` here.
unsafe fn with_file<T>(file: *mut ffi::sqlite3_file, act: impl FnOnce(&mut Drive, &Arc<str>, &OpenFile) -> T) -> T {
    // SAFETY: SQLite gave `open` this many bytes at this address, and `open` filled them.
    let (open, name) = unsafe {
        let open = &*file.cast::<OpenFile>();
        (open, &*open.name)
    };
    DRIVE.with_borrow_mut(|drive| act(drive, name, open))
}

/// # Safety
/// `name` is a C string that lives through the call.
unsafe fn text(name: *const c_char) -> Arc<str> {
    // SAFETY: as promised by the caller.
    unsafe { CStr::from_ptr(name) }.to_string_lossy().into()
}

unsafe extern "C" fn open(
    _: *mut ffi::sqlite3_vfs,
    name: ffi::sqlite3_filename,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    out_flags: *mut c_int,
) -> c_int {
    let temporary = name.is_null();
    // SAFETY: SQLite passes a C string or null, and room for an `OpenFile`, as `szOsFile` asks.
    unsafe {
        (*file).pMethods = ptr::null();
        let name = DRIVE.with_borrow_mut(|drive| {
            if temporary {
                drive.temporary += 1;
                return Some(Arc::from(format!("temporary-{}", drive.temporary)));
            }
            let name = text(name);
            if !drive.disk.files.contains_key(&*name) {
                if flags & ffi::SQLITE_OPEN_CREATE == 0 {
                    return None;
                }
                drive.note(|| Op::Create(Arc::clone(&name)));
                drive.disk.files.insert(name.to_string(), Content::default());
            }
            Some(name)
        });
        let Some(name) = name else { return ffi::SQLITE_CANTOPEN };
        let base = ffi::sqlite3_file { pMethods: &raw const METHODS };
        file.cast::<OpenFile>().write(OpenFile { base, name: Box::into_raw(Box::new(name)), keeps_wal: 0, temporary });
        if !out_flags.is_null() {
            *out_flags = flags;
        }
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn close(file: *mut ffi::sqlite3_file) -> c_int {
    // SAFETY: SQLite closes each file once; the name was made by `Box::into_raw` in `open`.
    unsafe {
        with_file(file, |drive, name, open| {
            if open.temporary {
                drive.disk.files.remove(&**name);
            }
        });
        drop(Box::from_raw((*file.cast::<OpenFile>()).name));
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn read(file: *mut ffi::sqlite3_file, into: *mut c_void, amount: c_int, at: ffi::sqlite3_int64) -> c_int {
    let (Ok(amount), Ok(at)) = (usize::try_from(amount), usize::try_from(at)) else { return ffi::SQLITE_IOERR_READ };
    // SAFETY: SQLite passes an open file and a buffer of `amount` bytes.
    unsafe {
        let into = slice::from_raw_parts_mut(into.cast::<u8>(), amount);
        let there = with_file(file, |drive, name, _| drive.disk.files.get(&**name).map(|content| content.read(at, into)));
        match there {
            Some(there) if there == amount => ffi::SQLITE_OK,
            Some(_) => ffi::SQLITE_IOERR_SHORT_READ,
            None => {
                into.fill(0);
                ffi::SQLITE_IOERR_SHORT_READ
            }
        }
    }
}

unsafe extern "C" fn write(file: *mut ffi::sqlite3_file, from: *const c_void, amount: c_int, at: ffi::sqlite3_int64) -> c_int {
    let (Ok(amount), Ok(at)) = (usize::try_from(amount), usize::try_from(at)) else { return ffi::SQLITE_IOERR_WRITE };
    // SAFETY: SQLite passes an open file and `amount` bytes.
    unsafe {
        let bytes = slice::from_raw_parts(from.cast::<u8>(), amount);
        with_file(file, |drive, name, open| {
            let length = drive.disk.files.get(&**name).map_or(0, Content::length);
            if !open.temporary && !drive.has_room(at + amount > length) {
                return ffi::SQLITE_FULL;
            }
            if !open.temporary {
                drive.note(|| Op::Write(Arc::clone(name), at, bytes.into()));
            }
            drive.disk.files.entry(name.to_string()).or_default().write(at, bytes);
            ffi::SQLITE_OK
        })
    }
}

unsafe extern "C" fn truncate(file: *mut ffi::sqlite3_file, length: ffi::sqlite3_int64) -> c_int {
    let Ok(length) = usize::try_from(length) else { return ffi::SQLITE_IOERR_TRUNCATE };
    // SAFETY: SQLite passes an open file.
    unsafe {
        with_file(file, |drive, name, _| {
            drive.note(|| Op::Truncate(Arc::clone(name), length));
            drive.disk.files.entry(name.to_string()).or_default().resize(length);
        });
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn sync(file: *mut ffi::sqlite3_file, _: c_int) -> c_int {
    // SAFETY: SQLite passes an open file.
    unsafe {
        with_file(file, |drive, name, _| {
            if drive.flushes() {
                drive.note(|| Op::Sync(Arc::clone(name)));
                ffi::SQLITE_OK
            } else {
                drive.note(|| Op::FailedSync(Arc::clone(name)));
                ffi::SQLITE_IOERR_FSYNC
            }
        })
    }
}

unsafe extern "C" fn file_size(file: *mut ffi::sqlite3_file, size: *mut ffi::sqlite3_int64) -> c_int {
    // SAFETY: SQLite passes an open file and room for the size.
    unsafe {
        let length = with_file(file, |drive, name, _| drive.disk.files.get(&**name).map_or(0, Content::length));
        *size = ffi::sqlite3_int64::try_from(length).unwrap_or(ffi::sqlite3_int64::MAX);
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn lock(_: *mut ffi::sqlite3_file, _: c_int) -> c_int {
    ffi::SQLITE_OK
}

unsafe extern "C" fn check_reserved_lock(_: *mut ffi::sqlite3_file, out: *mut c_int) -> c_int {
    // SAFETY: SQLite passes room for an int.
    unsafe { *out = 0 };
    ffi::SQLITE_OK
}

unsafe extern "C" fn file_control(file: *mut ffi::sqlite3_file, what: c_int, argument: *mut c_void) -> c_int {
    if what != ffi::SQLITE_FCNTL_PERSIST_WAL {
        return ffi::SQLITE_NOTFOUND;
    }
    // SAFETY: this control passes an int: negative asks, anything else sets. The file is open, and nobody else holds it now.
    unsafe {
        let (open, argument) = (&mut *file.cast::<OpenFile>(), &mut *argument.cast::<c_int>());
        if *argument >= 0 {
            open.keeps_wal = *argument;
        }
        *argument = open.keeps_wal;
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn sector_size(_: *mut ffi::sqlite3_file) -> c_int {
    SECTOR_BYTES
}

unsafe extern "C" fn device_characteristics(_: *mut ffi::sqlite3_file) -> c_int {
    ffi::SQLITE_IOCAP_POWERSAFE_OVERWRITE
}

unsafe extern "C" fn delete(_: *mut ffi::sqlite3_vfs, name: *const c_char, sync_folder: c_int) -> c_int {
    // SAFETY: SQLite passes a C string.
    let name = unsafe { text(name) };
    DRIVE.with_borrow_mut(|drive| {
        if drive.disk.files.remove(&*name).is_none() {
            return ffi::SQLITE_IOERR_DELETE_NOENT;
        }
        drive.note(|| Op::Delete(name, sync_folder != 0));
        ffi::SQLITE_OK
    })
}

unsafe extern "C" fn access(_: *mut ffi::sqlite3_vfs, name: *const c_char, _: c_int, out: *mut c_int) -> c_int {
    // SAFETY: SQLite passes a C string and room for an int.
    unsafe {
        let name = text(name);
        let there = DRIVE.with_borrow(|drive| drive.disk.files.get(&*name).is_some_and(|content| content.length() > 0));
        *out = c_int::from(there);
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn full_pathname(_: *mut ffi::sqlite3_vfs, name: *const c_char, room: c_int, out: *mut c_char) -> c_int {
    // SAFETY: SQLite passes a C string and `room` bytes for its copy.
    unsafe {
        let bytes = CStr::from_ptr(name).to_bytes_with_nul();
        if usize::try_from(room).is_ok_and(|room| bytes.len() > room) {
            return ffi::SQLITE_CANTOPEN;
        }
        ptr::copy_nonoverlapping(bytes.as_ptr().cast(), out, bytes.len());
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn randomness(_: *mut ffi::sqlite3_vfs, amount: c_int, out: *mut c_char) -> c_int {
    // SAFETY: SQLite passes `amount` bytes of room.
    unsafe { ptr::write_bytes(out, 0x5a, usize::try_from(amount).unwrap_or(0)) };
    amount
}

unsafe extern "C" fn sleep(_: *mut ffi::sqlite3_vfs, microseconds: c_int) -> c_int {
    microseconds
}

unsafe extern "C" fn current_time(_: *mut ffi::sqlite3_vfs, out: *mut f64) -> c_int {
    // SAFETY: SQLite passes room for a number. The day is a Julian one.
    unsafe { *out = 2_461_041.5 };
    ffi::SQLITE_OK
}
