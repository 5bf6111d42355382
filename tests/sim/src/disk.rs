//! One disk in memory, of which each machine has a folder that loses power by itself.

use powercut::cut::{Card, Dice, Player};
use store::crash::{self, Disk, Op};

/// A machine's card: all files whose names begin with its folder.
#[derive(Clone, Debug)]
pub struct Folder {
    prefix: String,
    player: Player,
}

impl Folder {
    /// An empty folder.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self { prefix: format!("{name}/"), player: Player::new(Card::Honest, Disk::default()) }
    }

    /// Whether a file lies in it.
    #[must_use]
    pub fn holds(&self, file: &str) -> bool {
        file.starts_with(&self.prefix)
    }

    /// Its files as they are now, written or only under way.
    #[must_use]
    pub fn files(&self) -> Disk {
        let mut disk = crash::disk();
        disk.files.retain(|name, _| self.holds(name));
        disk
    }

    /// The power goes: what is left of its files is on the disk. No store may be open in it.
    pub fn cut(&mut self, dice: &mut Dice) {
        let left = self.player.cut(dice);
        self.lay(left);
    }

    /// Replaces its files by those of another time or machine, under its own name. No store may be open in it.
    pub fn replace(&mut self, files: &Disk, from: &Self) {
        let renamed = files.files.iter().filter_map(|(name, content)| {
            let rest = name.strip_prefix(&from.prefix)?;
            Some((format!("{}{rest}", self.prefix), content.clone()))
        });
        let files = Disk { files: renamed.collect() };
        self.lay(files);
    }

    fn lay(&mut self, files: Disk) {
        let mut disk = crash::disk();
        disk.files.retain(|name, _| !self.holds(name));
        disk.files.extend(files.files.iter().map(|(name, content)| (name.clone(), content.clone())));
        crash::put(disk);
        crash::record(true);
        self.player = Player::new(Card::Honest, files);
    }
}

/// Tells every folder what was written since the last call. To be called before a cut, and often enough that the trace stays short.
pub fn sweep<'a>(folders: impl Iterator<Item = &'a mut Folder>, dice: &mut Dice) {
    let mut folders: Vec<&mut Folder> = folders.collect();
    for op in crash::take_trace() {
        let name = match &op {
            Op::Create(name)
            | Op::Write(name, ..)
            | Op::Truncate(name, _)
            | Op::Sync(name)
            | Op::FailedSync(name)
            | Op::Delete(name, _) => name,
            Op::Ack(_) | Op::Begin(_) => continue,
        };
        if let Some(folder) = folders.iter_mut().find(|folder| folder.holds(name)) {
            folder.player.play(&op, dice);
        }
    }
}

/// Begins with an empty disk.
pub fn begin(seed: u64) {
    crash::register();
    crash::seed_salts(u16::try_from(seed % 60_000).unwrap_or(0));
    crash::put(Disk::default());
    crash::record(true);
}
