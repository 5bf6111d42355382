//! The evidence file: what this till is, how its devices are, and the last events on every line, as text for whoever has to find out.
//!
//! It holds no PINs, no keys and no card numbers: no line that is traced carries any.

use std::{
    fmt, fs, io,
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

/// Writes a new evidence file below the data folder and says where it is.
///
/// # Errors
/// When the folder cannot be written.
pub fn save(counter: &Counter, simulated: &Simulated, now: Now) -> Result<PathBuf, Fault> {
    let folder = simulated.dir.join(FOLDER);
    let fault = |source| Fault::Disk { attempt: "save evidence in", path: folder.clone(), source };
    fs::create_dir_all(&folder).map_err(fault)?;
    let (wall_s, offset_min) = counter.till().wall(now);
    let stem: String = show::time(wall_s, offset_min).chars().filter(char::is_ascii_digit).take("20261005141200".len()).collect();
    let mut files = files(&folder).map_err(fault)?;
    let mut path = folder.join(format!("{stem}.txt"));
    for again in 2.. {
        if !path.exists() {
            break;
        }
        path = folder.join(format!("{stem}_{again}.txt"));
    }
    let mut text = String::new();
    let written = write(&mut text, counter, simulated, now);
    assert!(written.is_ok(), "writing to memory does not fail");
    fs::write(&path, text).map_err(fault)?;
    files.truncate((files.len() + 1).saturating_sub(FILES_MAX));
    for old in files {
        drop(fs::remove_file(old));
    }
    Ok(path)
}

/// Evidence files, oldest first: their names are times.
fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder)?.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "txt"));
    files.sort();
    Ok(files)
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
