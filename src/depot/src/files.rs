//! Files, carefully: what is there is never overwritten unless somebody said so.

use std::{
    fs,
    io::Write as _,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use bundle::{Files, Role};

use crate::error::Failure;

/// Readable by its owner alone.
const SECRET: u32 = 0o600;
/// Readable by everybody.
const PUBLIC: u32 = 0o644;

/// Reads a file of at most `bytes_max`.
pub(crate) fn read(path: &Path, bytes_max: usize) -> Result<Vec<u8>, Failure> {
    let size = fs::metadata(path).map_err(|error| Failure::file(path, &error))?.len();
    if size > u64::try_from(bytes_max).unwrap_or(u64::MAX) {
        return Err(Failure::File { path: path.to_path_buf(), why: format!("it has {size} bytes, more than the {bytes_max} it may have") });
    }
    fs::read(path).map_err(|error| Failure::file(path, &error))
}

/// Writes a file that is not there yet.
pub(crate) fn write_new(path: &Path, bytes: &[u8], is_secret: bool) -> Result<(), Failure> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true).mode(if is_secret { SECRET } else { PUBLIC });
    let written = options.open(path).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    match written {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Err(Failure::Exists(path.to_path_buf())),
        other => other.map_err(|error| Failure::file(path, &error)),
    }
}

/// Replaces a file whole: a stick that is pulled out keeps the old one or has the new one.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let beside: PathBuf = path.with_file_name(name);
    drop(fs::remove_file(&beside));
    write_new(&beside, bytes, false)?;
    fs::rename(&beside, path).map_err(|error| Failure::file(path, &error))
}

/// Writes where somebody said, or in place of what was read.
pub(crate) fn write_out(out: Option<&Path>, read_from: &Path, bytes: &[u8]) -> Result<PathBuf, Failure> {
    match out {
        Some(out) if out != read_from => write_new(out, bytes, false).map(|()| out.to_path_buf()),
        _ => replace(read_from, bytes).map(|()| read_from.to_path_buf()),
    }
}

/// The files of a role that stand in a folder.
pub(crate) fn of_folder(role: Role, folder: &Path) -> Result<Files, Failure> {
    let mut files = Files::new();
    for name in role.files() {
        let path = folder.join(name);
        if path.exists() {
            files.insert((*name).to_owned(), read(&path, role.unpacked_bytes_max())?);
        }
    }
    let entries = fs::read_dir(folder).map_err(|error| Failure::file(folder, &error))?;
    for entry in entries.filter_map(Result::ok) {
        let name = entry.file_name();
        let is_known = role.files().iter().any(|known| *known == name) || name.as_encoded_bytes().starts_with(b".");
        if !is_known {
            return Err(Failure::unfit(
                format!("{} holds {}, which is no file of a {role} bundle", folder.display(), name.display()),
                format!("Leave only {} in the folder.", role.files().join(", ")),
            ));
        }
    }
    Ok(files)
}
