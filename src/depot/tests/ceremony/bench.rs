//! A depot in a folder, and a person at its keyboard.

use std::{
    collections::VecDeque,
    fs,
    path::{Path, PathBuf},
};

use depot::{Failure, Talk};
use tempfile::TempDir;

/// The day on which everything here happens.
pub const NOW_S: i64 = 1_781_519_400;

/// Answers in the order in which they are asked for, and everything that was shown.
#[derive(Default)]
pub struct Person {
    pub answers: VecDeque<String>,
    pub shown: String,
}

impl Talk for Person {
    fn say(&mut self, line: &str) {
        self.shown += line;
        self.shown += "\n";
    }

    fn ask(&mut self, question: &str) -> Result<String, Failure> {
        self.say(question);
        Ok(self.answers.pop_front().unwrap_or_else(|| panic!("nobody expected the question {question:?}")))
    }

    fn ask_hidden(&mut self, question: &str) -> Result<String, Failure> {
        self.ask(question)
    }

    fn now_s(&self) -> i64 {
        NOW_S
    }
}

pub struct Bench {
    dir: TempDir,
}

impl Bench {
    pub fn new() -> Self {
        Self { dir: tempfile::tempdir().expect("a folder") }
    }

    /// Three people, a root that the first two have signed, and the demo's files in `list` and `crew`.
    pub fn ready() -> Self {
        let bench = Self::new();
        for name in ["anna", "bertil", "cecilia"] {
            bench.does(&format!("keygen --out . --name {name} --no-passphrase"));
        }
        let root = "--root anna.pub --root bertil.pub --root cecilia.pub";
        let lists = "--prices anna.pub --prices bertil.pub --staff anna.pub --staff bertil.pub";
        bench.does(&format!("root init --operator Demo {root} {lists} --out root.bundle"));
        bench.does("root sign root.bundle --key anna.key --yes");
        bench.does("root sign root.bundle --key bertil.key --yes");
        bench.put("list/catalogue.json", till::data::DEMO.catalogue);
        bench.put("list/timetable.json", till::data::DEMO.timetable);
        bench.put("list/operator.json", till::data::DEMO.operator);
        bench.put("crew/crew.json", till::data::DEMO.crew);
        bench
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn put(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }

    pub fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).expect("a file")
    }

    /// Changes a file, which has what is to be changed.
    pub fn change(&self, name: &str, from: &str, to: &str) {
        let text = String::from_utf8(self.read(name)).expect("text");
        assert!(text.contains(from), "{name} has no {from}");
        self.put(name, &text.replace(from, to));
    }

    /// Runs a command line; words that name something in the folder are paths in it.
    pub fn run(&self, line: &str, answers: &[&str]) -> (Result<(), Failure>, String) {
        let in_folder = |word: &str| {
            let (role, file) = word.split_once('=').map_or(("", word), |(role, file)| (role, file));
            let is_path = file == "." || [".pub", ".key", ".bundle", ".txt", ".draft"].iter().any(|end| file.ends_with(end));
            let is_folder = is_path || ["list", "crew", "out"].contains(&file);
            let path = || self.path(file).to_string_lossy().into_owned();
            match (is_folder, role) {
                (false, _) => word.to_owned(),
                (true, "") => path(),
                (true, role) => format!("{role}={}", path()),
            }
        };
        let args = line.split_whitespace().map(|word| in_folder(word).into());
        let mut person = Person { answers: answers.iter().map(|answer| (*answer).to_owned()).collect(), shown: String::new() };
        let done = depot::run(args.collect::<Vec<_>>(), &mut person);
        (done, person.shown)
    }

    #[track_caller]
    pub fn does(&self, line: &str) -> String {
        let (done, shown) = self.run(line, &[]);
        if let Err(failure) = done {
            panic!("{line}: {failure}");
        }
        shown
    }

    /// The command fails, says this, and leaves every file as it was.
    #[track_caller]
    pub fn refuses(&self, line: &str, says: &str) {
        let before = self.all();
        let (done, _) = self.run(line, &["no"]);
        let said = done.expect_err(&format!("{line} is refused")).to_string();
        assert!(said.contains(says), "{line}: {said}");
        assert!(self.all() == before, "{line} changed a file");
    }

    fn all(&self) -> Vec<(PathBuf, Vec<u8>)> {
        fn walk(dir: &Path, found: &mut Vec<(PathBuf, Vec<u8>)>) {
            let mut paths: Vec<_> = fs::read_dir(dir).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
            paths.sort();
            for path in paths {
                if path.is_dir() {
                    walk(&path, found);
                } else {
                    found.push((path.clone(), fs::read(&path).expect("a file")));
                }
            }
        }
        let mut found = Vec::new();
        walk(self.dir.path(), &mut found);
        found
    }
}
