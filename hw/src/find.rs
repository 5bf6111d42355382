//! What is attached to this computer, and by which path a device is found again after it was unplugged.
//!
//! Reads names of files below `/dev` and `/sys` and opens no device, so looking disturbs nobody.

#[cfg(test)]
mod tests;

use std::fs;
use std::path::{Path, PathBuf};

/// The most things listed; a machine of a till has fewer.
pub const ATTACHED_MAX: usize = 256;
/// The most characters of a name.
const NAME_CHARS_MAX: usize = 80;
/// Folders between a line and the USB device that it belongs to, at most.
const USB_DEPTH_MAX: usize = 6;
/// The keys 1 to 0 in the lowest word of a keyboard's key map. Source: `linux/input-event-codes.h`.
const DIGIT_KEYS: u64 = 0x0ffc;

/// What sort of thing it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sort {
    /// A serial line, where a printer, a pole display, a scanner, a control unit or a receiver of satellites may be.
    Serial,
    /// Something that types, where a scanner may be.
    Keyboard,
    /// A bus of small chips, where an OLED may be.
    I2c,
    /// Inputs and outputs of single wires.
    Gpio,
    /// A clock chip.
    Clock,
    /// A watchdog.
    Watchdog,
    /// The light of a screen.
    Backlight,
}

impl Sort {
    /// A word for lists.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Serial => "serial",
            Self::Keyboard => "keyboard",
            Self::I2c => "i2c",
            Self::Gpio => "gpio",
            Self::Clock => "clock",
            Self::Watchdog => "watchdog",
            Self::Backlight => "backlight",
        }
    }
}

/// One attached thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attached {
    /// What sort of thing.
    pub sort: Sort,
    /// The path to write into a configuration: the one that stays the same after unplugging, where there is one.
    pub path: PathBuf,
    /// Whether that path stays the same after unplugging.
    pub is_stable: bool,
    /// Every path that leads to it, `path` included.
    pub paths: Vec<PathBuf>,
    /// What it says it is; empty when it says nothing.
    pub name: String,
    /// USB maker and product.
    pub usb: Option<(u16, u16)>,
    /// The socket that a keyboard is in.
    pub physical: Option<String>,
}

impl Attached {
    /// Whether this path leads here.
    #[must_use]
    pub fn is_at(&self, path: &Path) -> bool {
        self.paths.iter().any(|known| known == path)
    }
}

/// What is attached, as the tree below `root` shows it: `/`, or a tree that a test made. Sorted by sort and path.
#[must_use]
pub fn attached(root: &Path) -> Vec<Attached> {
    let tree = Tree { root };
    let mut found = Vec::new();
    tree.serial_lines(&mut found);
    tree.keyboards(&mut found);
    tree.chips(&mut found);
    found.sort_by(|a, b| (a.sort, &a.path).cmp(&(b.sort, &b.path)));
    found.truncate(ATTACHED_MAX);
    found
}

struct Tree<'a> {
    root: &'a Path,
}

impl Tree<'_> {
    fn serial_lines(&self, found: &mut Vec<Attached>) {
        let links = [self.links("/dev/serial/by-id"), self.links("/dev/serial/by-path")].concat();
        let aliases = self.links("/dev");
        for node in self.names("/dev") {
            let is_soldered = is_numbered(&node, "ttyAMA") || (is_numbered(&node, "ttyS") && self.is_wired(&node));
            if !is_soldered && !is_numbered(&node, "ttyUSB") && !is_numbered(&node, "ttyACM") {
                continue;
            }
            let device = Path::new("/dev").join(&node);
            let leading = |links: &[(PathBuf, String)]| -> Vec<PathBuf> {
                links.iter().filter(|(_, target)| *target == node).map(|(link, _)| link.clone()).collect()
            };
            let mut paths = leading(&links);
            let is_stable = is_soldered || !paths.is_empty();
            paths.push(device);
            paths.extend(leading(&aliases));
            let usb = self.usb_device(&format!("/sys/class/tty/{node}/device"));
            let name = usb.as_deref().map(|folder| self.usb_name(folder)).unwrap_or_default();
            let ids = usb.as_deref().and_then(|folder| self.ids(folder, "idVendor", "idProduct"));
            found.push(Attached { sort: Sort::Serial, path: paths[0].clone(), is_stable, paths, name, usb: ids, physical: None });
        }
    }

    /// Machines announce serial ports that they have no wires for; those are of type 0.
    fn is_wired(&self, node: &str) -> bool {
        self.text(&format!("/sys/class/tty/{node}/type")).is_some_and(|kind| kind != "0")
    }

    fn keyboards(&self, found: &mut Vec<Attached>) {
        let links = [self.links("/dev/input/by-id"), self.links("/dev/input/by-path")].concat();
        for node in self.names("/sys/class/input").into_iter().filter(|node| is_numbered(node, "event")) {
            let device = format!("/sys/class/input/{node}/device");
            let keys = self.text(&format!("{device}/capabilities/key")).unwrap_or_default();
            let lowest = keys.split_whitespace().last().and_then(|word| u64::from_str_radix(word, 16).ok());
            if lowest.unwrap_or(0) & DIGIT_KEYS != DIGIT_KEYS {
                continue;
            }
            let mut paths: Vec<PathBuf> = links.iter().filter(|(_, target)| *target == node).map(|(link, _)| link.clone()).collect();
            let is_stable = !paths.is_empty();
            paths.push(Path::new("/dev/input").join(&node));
            found.push(Attached {
                sort: Sort::Keyboard,
                path: paths[0].clone(),
                is_stable,
                paths,
                name: self.text(&format!("{device}/name")).unwrap_or_default(),
                usb: self.ids(&device, "id/vendor", "id/product"),
                physical: self.text(&format!("{device}/phys")).filter(|physical| !physical.is_empty()),
            });
        }
    }

    /// Things that are soldered in and keep their names.
    fn chips(&self, found: &mut Vec<Attached>) {
        let sorts = [
            (Sort::I2c, "/dev", "i2c-", "/sys/class/i2c-dev/", "/name"),
            (Sort::Gpio, "/dev", "gpiochip", "/sys/bus/gpio/devices/", "/label"),
            (Sort::Clock, "/dev", "rtc", "/sys/class/rtc/", "/name"),
            (Sort::Watchdog, "/dev", "watchdog", "/sys/class/watchdog/", "/identity"),
            (Sort::Backlight, "/sys/class/backlight", "", "/sys/class/backlight/", "/type"),
        ];
        for (sort, folder, prefix, described, file) in sorts {
            for node in self.names(folder) {
                let is_one = sort == Sort::Backlight || is_numbered(&node, prefix) || (sort == Sort::Watchdog && node == prefix);
                if !is_one {
                    continue;
                }
                let path = Path::new(folder).join(&node);
                let name = self.text(&format!("{described}{node}{file}")).unwrap_or_default();
                found.push(Attached { sort, paths: vec![path.clone()], path, is_stable: true, name, usb: None, physical: None });
            }
        }
    }

    /// The folder of the USB device that a line belongs to.
    fn usb_device(&self, folder: &str) -> Option<String> {
        let mut folder = fs::canonicalize(self.under(folder)).ok()?;
        for _ in 0..USB_DEPTH_MAX {
            if folder.join("idVendor").exists() {
                let root = fs::canonicalize(self.root).ok()?;
                return Some(Path::new("/").join(folder.strip_prefix(root).ok()?).to_string_lossy().into_owned());
            }
            folder = folder.parent()?.to_path_buf();
        }
        None
    }

    fn usb_name(&self, folder: &str) -> String {
        let words = ["manufacturer", "product", "serial"].map(|file| self.text(&format!("{folder}/{file}")).unwrap_or_default());
        words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
    }

    fn ids(&self, folder: &str, vendor: &str, product: &str) -> Option<(u16, u16)> {
        let id = |file: &str| u16::from_str_radix(&self.text(&format!("{folder}/{file}"))?, 16).ok();
        Some((id(vendor)?, id(product)?)).filter(|ids| *ids != (0, 0))
    }

    /// Links in a folder: their own paths, and the names of what they lead to.
    fn links(&self, folder: &str) -> Vec<(PathBuf, String)> {
        let link = |name: String| {
            let path = Path::new(folder).join(name);
            let target = fs::read_link(self.under(path.to_str()?)).ok()?;
            Some((path, target.file_name()?.to_str()?.to_owned()))
        };
        self.names(folder).into_iter().filter_map(link).collect()
    }

    /// Names in a folder, sorted. A folder that is not there has none.
    fn names(&self, folder: &str) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.under(folder)) else { return Vec::new() };
        let mut names: Vec<String> = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
        names.sort();
        names
    }

    /// The text of a small file: one line, printable, of bounded length.
    fn text(&self, file: &str) -> Option<String> {
        let bytes = fs::read(self.under(file)).ok()?;
        let text = String::from_utf8_lossy(&bytes);
        Some(text.trim().chars().filter(|letter| !letter.is_control()).take(NAME_CHARS_MAX).collect())
    }

    fn under(&self, path: &str) -> PathBuf {
        self.root.join(path.trim_start_matches('/'))
    }
}

fn is_numbered(name: &str, prefix: &str) -> bool {
    name.strip_prefix(prefix).is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}
