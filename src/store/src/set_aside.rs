//! Files and folders around the database: where it stands, and where a damaged one goes.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use journal::{Head, LogId};
use nix::{
    fcntl::{FcntlArg, fcntl},
    libc,
};

use crate::{Fault, Salvage, carve::carve};

/// A damaged store that was set aside.
#[derive(Debug)]
pub struct Aside {
    /// The folder that holds it, exactly as it was found.
    pub damaged: PathBuf,
    /// What could be read of it; `None` when there was no room to write it. The next start tries again until a log has begun.
    pub salvage: Option<PathBuf>,
    /// The log that stood there, when it can still be told.
    pub old_log: Option<LogId>,
    /// How many entries could be read.
    pub entries_readable: u64,
    /// The highest place among them.
    pub seq_last: u64,
    /// The head stored with that entry.
    pub old_head: Option<Head>,
    /// What was wrong; `None` when an earlier start found it.
    pub why: Option<Fault>,
}

const FOLDER: &str = "store";
const DATABASE: &str = "till.db";
const SUSPECT: &str = "suspect";
const DAMAGED: &str = "damaged-";
const SEALED: &str = "sealed-";
/// Where the store after a sealed one is made. It never holds a log.
const NEXT: &str = "store-next";
/// Where SQLite locks a database file, and over how many bytes: its file format, section 1.4.
const LOCK_BYTE: libc::off_t = 0x4000_0000;
const LOCK_BYTES: libc::off_t = 512;

/// Where the database stands below a data folder.
pub(crate) fn database(dir: &Path) -> PathBuf {
    database_of(&dir.join(FOLDER))
}

/// Where the database stands in a store's own folder.
pub(crate) fn database_of(folder: &Path) -> PathBuf {
    folder.join(DATABASE)
}

/// Where a sealed store stands below a data folder.
pub(crate) fn sealed(dir: &Path, number: u64) -> PathBuf {
    dir.join(format!("{SEALED}{number}"))
}

/// Makes the folders.
pub(crate) fn prepare(dir: &Path) -> Result<(), Fault> {
    let folder = dir.join(FOLDER);
    if !folder.is_dir() {
        fs::create_dir_all(&folder).map_err(Fault::disk("make the folder", &folder))?;
        sync_folder(dir)?;
    }
    Ok(())
}

/// Sees that no other till runs on the store: what looks like damage may be its writing.
///
/// # Errors
/// [`Fault`] of kind [`FaultKind::Transient`](crate::FaultKind::Transient) when one does.
pub(crate) fn check_unused(dir: &Path) -> Result<(), Fault> {
    let wanted = || -> Option<libc::flock> {
        Some(libc::flock {
            l_type: libc::F_WRLCK.try_into().ok()?,
            l_whence: libc::SEEK_SET.try_into().ok()?,
            l_start: LOCK_BYTE,
            l_len: LOCK_BYTES,
            l_pid: 0,
        })
    };
    let (Ok(file), Some(mut lock)) = (fs::File::open(database(dir)), wanted()) else { return Ok(()) };
    let asked = fcntl(&file, FcntlArg::F_GETLK(&mut lock)).is_ok();
    if !asked || i32::from(lock.l_type) == libc::F_UNLCK {
        return Ok(());
    }
    let busy = rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY), None);
    Err(Fault::database("open the database")(busy))
}

/// Moves the store away, whole and at once: a cut leaves it in one place or the other, never torn between them.
pub(crate) fn move_aside(dir: &Path) -> Result<(), Fault> {
    let place = dir.join(format!("{DAMAGED}{}", last_number(dir)? + 1));
    fs::rename(dir.join(FOLDER), &place).map_err(Fault::disk("set the damaged database aside as", &place))?;
    sync_folder(dir)?;
    trust(dir)
}

/// The store that was set aside last, with its salvage file, which is made when it is missing.
pub(crate) fn latest(dir: &Path, why: Option<Fault>) -> Result<Option<Aside>, Fault> {
    let number = last_number(dir)?;
    let damaged = dir.join(format!("{DAMAGED}{number}"));
    if number == 0 || !damaged.is_dir() {
        return Ok(None);
    }
    Ok(Some(aside(dir, damaged, number, why)))
}

/// A sealed store that does not open any more is as good as a damaged one.
pub(crate) fn sealed_as_damaged(dir: &Path, number: u64, why: Fault) -> Aside {
    aside(dir, sealed(dir, number), number, Some(why))
}

fn aside(dir: &Path, damaged: PathBuf, number: u64, why: Option<Fault>) -> Aside {
    let path = dir.join(format!("salvage-{number}.journal"));
    let (salvage, written) = match Salvage::read(&path) {
        Ok(salvage) if !salvage.torn => (salvage, true),
        _ => {
            let salvage = carve(&damaged.join(DATABASE));
            let written = salvage.write(&path).is_ok() && sync_folder(dir).is_ok();
            (salvage, written)
        }
    };
    let last = salvage.entries.last();
    Aside {
        damaged,
        salvage: written.then_some(path),
        old_log: salvage.log_id,
        entries_readable: u64::try_from(salvage.entries.len()).unwrap_or(u64::MAX),
        seq_last: last.map_or(0, |entry| entry.seq),
        old_head: last.map(|entry| entry.head),
        why,
    }
}

/// Notes that a running till met damage. Best effort: the fault itself is reported anyway.
pub(crate) fn suspect(dir: &Path) {
    drop(fs::write(dir.join(SUSPECT), []));
    drop(sync_folder(dir));
}

pub(crate) fn is_suspect(dir: &Path) -> bool {
    dir.join(SUSPECT).exists()
}

pub(crate) fn trust(dir: &Path) -> Result<(), Fault> {
    let note = dir.join(SUSPECT);
    match fs::remove_file(&note) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Fault::disk("remove", note)(error)),
        _ => Ok(()),
    }
}

/// Makes an empty folder for the store after a sealed one. What an earlier attempt left there never held a log.
pub(crate) fn make_next(dir: &Path) -> Result<PathBuf, Fault> {
    let next = dir.join(NEXT);
    match fs::remove_dir_all(&next) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(Fault::disk("remove", &next)(error)),
        _ => {}
    }
    fs::create_dir_all(&next).map_err(Fault::disk("make the folder", &next))?;
    Ok(next)
}

/// Whether the store after a sealed one was made.
pub(crate) fn has_next(dir: &Path) -> bool {
    database_of(&dir.join(NEXT)).exists()
}

/// Moves the sealed store away and the next one into its place. A cut between the two leaves no store there, and the next start makes one.
pub(crate) fn move_sealed(dir: &Path) -> Result<u64, Fault> {
    let number = last_number(dir)? + 1;
    let place = sealed(dir, number);
    let (store, next) = (dir.join(FOLDER), dir.join(NEXT));
    fs::rename(&store, &place).map_err(Fault::disk("set the sealed store aside as", &place))?;
    let moved = fs::rename(&next, &store).map_err(Fault::disk("take up", &next)).and_then(|()| sync_folder(dir));
    match moved {
        Ok(()) => Ok(number),
        Err(fault) => {
            move_sealed_back(dir, number)?;
            Err(fault)
        }
    }
}

/// Undoes [`move_sealed`].
pub(crate) fn move_sealed_back(dir: &Path, number: u64) -> Result<(), Fault> {
    let (store, next) = (dir.join(FOLDER), dir.join(NEXT));
    if store.exists() {
        fs::rename(&store, &next).map_err(Fault::disk("move away", &store))?;
    }
    fs::rename(sealed(dir, number), &store).map_err(Fault::disk("move back to", &store))?;
    sync_folder(dir)
}

/// The number of the store that was set aside last, when that was a sealed one.
pub(crate) fn latest_sealed(dir: &Path) -> Result<Option<u64>, Fault> {
    let number = last_number(dir)?;
    Ok(sealed(dir, number).is_dir().then_some(number))
}

/// The numbers of all sealed stores, ascending.
pub(crate) fn sealed_numbers(dir: &Path) -> Result<Vec<u64>, Fault> {
    let mut numbers: Vec<u64> = numbers(dir)?.into_iter().filter_map(|(prefix, number)| (prefix == SEALED).then_some(number)).collect();
    numbers.sort_unstable();
    Ok(numbers)
}

/// Damaged and sealed stores share their numbers, so that no register designation is used twice.
fn last_number(dir: &Path) -> Result<u64, Fault> {
    Ok(numbers(dir)?.into_iter().map(|(_, number)| number).max().unwrap_or(0))
}

fn numbers(dir: &Path) -> Result<Vec<(&'static str, u64)>, Fault> {
    let attempt = "list";
    let mut numbers = Vec::new();
    for item in fs::read_dir(dir).map_err(Fault::disk(attempt, dir))? {
        let name = item.map_err(Fault::disk(attempt, dir))?.file_name();
        let number_behind = |prefix: &'static str| Some((prefix, name.to_str()?.strip_prefix(prefix)?.parse().ok()?));
        numbers.extend([DAMAGED, SEALED].into_iter().find_map(number_behind));
    }
    Ok(numbers)
}

fn sync_folder(dir: &Path) -> Result<(), Fault> {
    fs::File::open(dir).and_then(|folder| folder.sync_all()).map_err(Fault::disk("flush the folder", dir))
}
