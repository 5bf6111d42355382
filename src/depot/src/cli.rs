//! The command line.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use bundle::{OPERATOR_BYTES_MAX, Role, Trust, UNIT_BYTES_MAX};

use crate::{error::Failure, root};

/// What was asked for.
#[derive(Default)]
pub(crate) struct Cli {
    pub verbs: Vec<String>,
    file: Option<PathBuf>,
    pub out: Option<PathBuf>,
    pub name: Option<String>,
    pub operator: Option<String>,
    pub key: Option<PathBuf>,
    pub root: Option<PathBuf>,
    pub previous: Option<PathBuf>,
    pub first: bool,
    pub role: Option<Role>,
    pub grants: Vec<(Role, PathBuf)>,
    pub removals: Vec<(Role, String)>,
    pub restarts: Vec<Role>,
    pub thresholds: Vec<(Role, u8)>,
    pub units: Vec<String>,
    pub version: Option<u64>,
    pub valid_days: Option<i64>,
    pub large_change: bool,
    pub json: bool,
    pub yes: bool,
    pub passphrase_file: Option<PathBuf>,
    pub no_passphrase: bool,
}

/// The longest time that a bundle may be good without a warning.
const VALID_DAYS_MAX: i64 = 20 * 365;

impl Cli {
    pub(crate) fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Self, Failure> {
        use lexopt::prelude::*;
        let usage = |error: lexopt::Error| Failure::Usage(error.to_string());
        let mut parser = lexopt::Parser::from_args(args);
        let mut cli = Self::default();
        while let Some(arg) = parser.next().map_err(usage)? {
            let long = match arg {
                Value(word) => {
                    cli.word(word)?;
                    continue;
                }
                Short('h') | Long("help") => "help",
                Long(long) => long,
                other @ Short(_) => return Err(usage(other.unexpected())),
            }
            .to_owned();
            match long.as_str() {
                word @ ("help" | "version") => {
                    cli.verbs = vec![word.to_owned()];
                    return Ok(cli);
                }
                "large-change" => cli.large_change = true,
                "first" => cli.first = true,
                "json" => cli.json = true,
                "yes" => cli.yes = true,
                "no-passphrase" => cli.no_passphrase = true,
                // With sign it says what the file is; with rotate it has a value.
                "add" if !cli.is_root() => {}
                other => {
                    let value = parser.value().map_err(usage)?;
                    cli.option(other, value)?;
                }
            }
        }
        Ok(cli)
    }

    /// The file or folder that the verb is about.
    pub(crate) fn file(&self) -> Result<&Path, Failure> {
        self.file.as_deref().ok_or_else(|| Failure::Usage("the FILE is missing".into()))
    }

    /// Where to write.
    pub(crate) fn out(&self) -> Result<&Path, Failure> {
        self.out.as_deref().ok_or_else(|| Failure::Usage("--out is missing".into()))
    }

    /// The root to judge by.
    pub(crate) fn trust(&self) -> Result<Trust, Failure> {
        root::read(self.root.as_deref().ok_or_else(|| Failure::Usage("--root FILE is missing: the root bundle to judge by".into()))?)
    }

    /// Somebody says against what the bundle is compared: the published one, or nothing, in so many words.
    pub(crate) fn check_compared(&self) -> Result<(), Failure> {
        match (&self.previous, self.first) {
            (None, false) => Err(Failure::Usage(
                "--previous FILE is missing: the bundle that tills have now, to show what changes. Where there is none yet, say --first"
                    .into(),
            )),
            (Some(_), true) => Err(Failure::Usage("--previous and --first contradict each other".into())),
            _ => Ok(()),
        }
    }

    fn is_root(&self) -> bool {
        self.verbs.first().is_some_and(|verb| verb == "root")
    }

    fn word(&mut self, word: OsString) -> Result<(), Failure> {
        let text = word.to_string_lossy().into_owned();
        if self.verbs.is_empty() || (self.is_root() && self.verbs.len() == 1) {
            self.verbs.push(text);
        } else if let Some((role, path)) = text.split_once('=').filter(|_| self.is_root()) {
            self.grants.push((named(role)?, path.into()));
        } else if self.file.is_none() {
            self.file = Some(word.into());
        } else {
            return Err(Failure::Usage(format!("{text:?} is one word too many")));
        }
        Ok(())
    }

    fn option(&mut self, name: &str, value: OsString) -> Result<(), Failure> {
        let path = PathBuf::from(&value);
        let text = value.to_string_lossy().into_owned();
        match name {
            "out" => self.out = Some(path),
            "name" => self.name = Some(text),
            "operator" => self.operator = Some(fitting("operator", text, OPERATOR_BYTES_MAX)?),
            "key" => self.key = Some(path),
            "previous" => self.previous = Some(path),
            "passphrase-file" => self.passphrase_file = Some(path),
            "role" => self.role = Some(named(&text)?),
            "unit" => self.units.push(fitting("unit", text, UNIT_BYTES_MAX)?),
            "version-number" => self.version = Some(number(name, &text)?),
            "valid-days" => {
                let days = number(name, &text)?;
                if !(1..=VALID_DAYS_MAX).contains(&days) {
                    return Err(Failure::Usage(format!("--valid-days takes 1 to {VALID_DAYS_MAX}, not {days}")));
                }
                self.valid_days = Some(days);
            }
            "restart" => self.restarts.push(named(&text)?),
            "threshold" => {
                let (role, count) = pair(name, &text)?;
                self.thresholds.push((role, number(name, count)?));
            }
            "add" => {
                let (role, key) = pair(name, &text)?;
                self.grants.push((role, key.into()));
            }
            "remove" => {
                let (role, who) = pair(name, &text)?;
                self.removals.push((role, who.to_owned()));
            }
            // In `root init` it grants a key, elsewhere it is the root to judge by.
            "root" if self.verbs != ["root", "init"] => self.root = Some(path),
            "root" | "prices" | "staff" | "image" => self.grants.push((named(name)?, path)),
            other => return Err(Failure::Usage(format!("there is no --{other}"))),
        }
        Ok(())
    }
}

fn named(role: &str) -> Result<Role, Failure> {
    Role::named(role).ok_or_else(|| Failure::Usage(format!("{role:?} is no role: root, prices, staff or image")))
}

fn pair<'a>(name: &str, text: &'a str) -> Result<(Role, &'a str), Failure> {
    let (role, value) = text.split_once('=').ok_or_else(|| Failure::Usage(format!("--{name} is written --{name} ROLE=VALUE")))?;
    Ok((named(role)?, value))
}

fn number<T: std::str::FromStr>(name: &str, text: &str) -> Result<T, Failure> {
    text.parse().map_err(|_| Failure::Usage(format!("--{name} takes a number, not {text:?}")))
}

fn fitting(name: &str, text: String, bytes_max: usize) -> Result<String, Failure> {
    if text.is_empty() || text.len() > bytes_max {
        return Err(Failure::Usage(format!("--{name} takes 1 to {bytes_max} letters, not {text:?}")));
    }
    Ok(text)
}
