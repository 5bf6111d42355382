//! The light of the screen, by the kernel's files.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A backlight: a folder of `/sys/class/backlight` with the files `brightness` and `max_brightness`.
#[derive(Clone, Debug)]
pub struct Backlight {
    brightness: PathBuf,
    most: u32,
}

impl Backlight {
    /// The backlight of this folder.
    ///
    /// # Errors
    /// When the folder is none, or its light has no steps.
    pub fn open(folder: &Path) -> io::Result<Self> {
        let most = number(&folder.join("max_brightness"))?;
        if most == 0 {
            return Err(io::ErrorKind::InvalidData.into());
        }
        Ok(Self { brightness: folder.join("brightness"), most })
    }

    /// How bright it is, 0 to 100.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn percent(&self) -> io::Result<u8> {
        let percent = u64::from(number(&self.brightness)?) * 100 / u64::from(self.most);
        Ok(u8::try_from(percent.min(100)).unwrap_or(100))
    }

    /// Makes it so bright; more than 100 counts as 100. Only 0 is dark: of every other value at least one step is left.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn set_percent(&mut self, percent: u8) -> io::Result<()> {
        let percent = u64::from(percent.min(100));
        let steps = (u64::from(self.most) * percent).div_ceil(100);
        fs::write(&self.brightness, steps.to_string())
    }
}

fn number(path: &Path) -> io::Result<u32> {
    fs::read_to_string(path)?.trim().parse().map_err(|_| io::ErrorKind::InvalidData.into())
}
