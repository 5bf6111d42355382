//! The evidence file: what this till is, how its devices are, and the last events on every line, as text for whoever has to find out.
//!
//! It holds no PINs, no keys and no card numbers: no line that is traced carries any.

use std::{
    fmt, fs,
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use hw::find;
use store::Fault;
use till::{Counter, Now};

use crate::{
    devices::{Simulated, list},
    drive::show,
};

/// Below the data folder.
const FOLDER: &str = "evidence";
/// Files kept; the oldest goes first.
const FILES_MAX: usize = 20;
/// Digits of a file's number, which stands first in its name.
const NUMBER_DIGITS: usize = 4;
/// Digits of the time that stands second: 20261005141200.
const TIME_DIGITS: usize = 14;
/// A file is its owner's alone.
const FILE_MODE: u32 = 0o600;

/// Writes a new evidence file below the data folder and says where it is.
///
/// # Errors
/// When the folder cannot be written.
pub fn save(counter: &Counter, simulated: &Simulated, now: Now) -> Result<PathBuf, Fault> {
    let folder = simulated.dir.join(FOLDER);
    let fault = |source| Fault::Disk { attempt: "save evidence in", path: folder.clone(), source };
    fs::create_dir_all(&folder).map_err(fault)?;
    let (wall_s, offset_min) = counter.till().wall(now);
    let time: String = show::time(wall_s, offset_min).chars().filter(char::is_ascii_digit).take(TIME_DIGITS).collect();
    let mut files = files(&folder).map_err(fault)?;
    let number = files.last().map_or(0, |&(number, _)| number).saturating_add(1);
    let path = folder.join(format!("{number:0NUMBER_DIGITS$}-{time}.txt"));
    let mut text = String::new();
    let written = write(&mut text, counter, simulated, now);
    assert!(written.is_ok(), "writing to memory does not fail");
    let file = fs::OpenOptions::new().write(true).create_new(true).mode(FILE_MODE).open(&path);
    file.and_then(|mut file| file.write_all(text.as_bytes())).map_err(fault)?;
    files.truncate((files.len() + 1).saturating_sub(FILES_MAX));
    for (_, old) in files {
        drop(fs::remove_file(old));
    }
    Ok(path)
}

/// Evidence files that were saved here, by number, oldest first. The clock may have been wrong, so their times say nothing about their order;
/// and whatever else lies in the folder is somebody's own.
fn files(folder: &Path) -> io::Result<Vec<(u32, PathBuf)>> {
    let paths = fs::read_dir(folder)?.filter_map(|entry| Some(entry.ok()?.path()));
    let mut files: Vec<(u32, PathBuf)> = paths.filter_map(|path| Some((number(path.file_name()?.to_str()?)?, path))).collect();
    files.sort();
    Ok(files)
}

/// The number of an evidence file by its name; `None` for any other file.
fn number(name: &str) -> Option<u32> {
    let (number, time) = name.strip_suffix(".txt")?.split_once('-')?;
    let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    (number.len() >= NUMBER_DIGITS && are_digits(number) && time.len() == TIME_DIGITS && are_digits(time)).then(|| number.parse().ok())?
}

fn write(out: &mut impl fmt::Write, counter: &Counter, simulated: &Simulated, now: Now) -> fmt::Result {
    let till = counter.till();
    let (wall_s, offset_min) = till.wall(now);
    let head = [
        ("evidence of", till.setup().program.clone()),
        ("unit", till.setup().unit.clone()),
        ("register", till.books().register.clone()),
        ("log", till.store().log().map(|log| log.log_id.to_string()).unwrap_or_default()),
        ("entries", till.store().seq().to_string()),
        ("head", till.store().head().to_string()),
        ("prices", till.setup().catalogue.version().to_string()),
        ("time", format!("{} (trust {:?})", show::time(wall_s, offset_min), till.clock_trust())),
        ("hub", simulated.enrolled.as_ref().map(|enrolled| format!("{} (unit {})", enrolled.hub, enrolled.unit)).unwrap_or_default()),
        ("sync", counter.sync_state(now).code.to_owned()),
        ("running for", format!("{} s", now.uptime_ms / 1000)),
        ("store", format!("{:?}", till.opened())),
    ];
    for (label, value) in head {
        writeln!(out, "{label:<14}{value}")?;
    }
    writeln!(out, "\nDEVICES")?;
    for listed in list(simulated, counter) {
        writeln!(out, "{:<14}{:<24}{}", listed.device, listed.state, listed.place)?;
    }
    writeln!(out, "\nATTACHED")?;
    for attached in find::attached(Path::new("/")) {
        writeln!(out, "{:<14}{:<64}{}", attached.sort.name(), attached.path.display(), attached.name)?;
    }
    for traced in &simulated.traces {
        writeln!(out, "\nLINE OF {} ({}), seconds since it was made", traced.device.to_uppercase(), traced.place)?;
        write!(out, "{}", traced.trace)?;
    }
    Ok(())
}
