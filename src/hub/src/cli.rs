//! The command line, understood.

use std::{net::SocketAddr, path::PathBuf};

use crate::{DATA_DEFAULT, failure::Failure, loadgen::Load};

/// Where `hub serve` listens when nothing is said.
const LISTEN_DEFAULT: &str = "127.0.0.1:8443";

/// What the command line asks for.
#[derive(Debug, PartialEq, Eq)]
pub enum Asked {
    /// What there is.
    Help,
    /// Which one it is.
    Version,
    /// Something to do with a hub's database.
    Do(Place, Task),
}

/// Which hub.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Its folder, where one was named.
    pub data: Option<PathBuf>,
    /// Its PostgreSQL, where it has one.
    pub postgres: Option<String>,
}

impl Place {
    /// Its folder.
    #[must_use]
    pub fn dir(&self) -> PathBuf {
        self.data.clone().unwrap_or_else(|| DATA_DEFAULT.into())
    }
}

/// What to do.
#[derive(Debug, PartialEq, Eq)]
pub enum Task {
    /// Be the hub.
    Serve {
        /// Where.
        listen: SocketAddr,
    },
    /// A one-time token for a till.
    Token {
        /// The unit's label.
        unit: String,
    },
    /// A token for a program.
    ApiToken {
        /// Its name.
        name: String,
        /// Make it worthless instead.
        forget: bool,
    },
    /// The names of the tokens for programs.
    ApiTokens,
    /// All projections anew.
    Rebuild,
    /// The database into a file.
    Backup {
        /// The file.
        file: PathBuf,
    },
    /// The database from a file.
    Restore {
        /// The file.
        file: PathBuf,
        /// Also over one that holds something.
        replace: bool,
    },
    /// The one-time code for the first account, or one that leads back into an account.
    FirstAccount {
        /// Back into this one.
        login: Option<String>,
    },
    /// A fleet that is not there, against a hub of its own.
    Loadgen(Load),
    /// The public root that signed bundles are judged by.
    Root {
        /// The file; which one there is, when none.
        file: Option<PathBuf>,
    },
    /// Where alerts are posted.
    Webhook {
        /// There; nowhere when none.
        url: Option<String>,
    },
}

/// Understands the arguments, the program's name left out.
///
/// # Errors
/// [`Failure::Usage`].
pub fn asked(parser: lexopt::Parser) -> Result<Asked, Failure> {
    let words = Words::read(parser)?;
    words.understood()
}

fn text(parser: &mut lexopt::Parser) -> Result<String, Failure> {
    let value = parser.value().and_then(lexopt::ValueExt::string);
    value.map_err(|error| Failure::Usage(error.to_string()))
}

/// What `hub loadgen` knows.
const LOAD_WORDS: [&str; 5] = ["tills", "sales", "batch", "rate", "lines"];

#[derive(Default)]
struct Words {
    verb: Option<String>,
    file: Option<PathBuf>,
    place: Place,
    listen: Option<String>,
    unit: Option<String>,
    name: Option<String>,
    login: Option<String>,
    url: Option<String>,
    load: [Option<u32>; LOAD_WORDS.len()],
    replace: bool,
    forget: bool,
    list: bool,
    off: bool,
    help: bool,
    version: bool,
}

impl Words {
    fn read(mut parser: lexopt::Parser) -> Result<Self, Failure> {
        use lexopt::prelude::*;
        let usage = |error: lexopt::Error| Failure::Usage(error.to_string());
        let mut words = Self::default();
        while let Some(arg) = parser.next().map_err(usage)? {
            match arg {
                Long("help") | Short('h') => words.help = true,
                Long("version") => words.version = true,
                Long("data") => words.place.data = Some(text(&mut parser)?.into()),
                Long("postgres") => words.place.postgres = Some(text(&mut parser)?),
                Long("listen") => words.listen = Some(text(&mut parser)?),
                Long("unit") => words.unit = Some(text(&mut parser)?),
                Long("name") => words.name = Some(text(&mut parser)?),
                Long("login") => words.login = Some(text(&mut parser)?),
                Long("url") => words.url = Some(text(&mut parser)?),
                Long(word) if let Some(place) = LOAD_WORDS.iter().position(|known| *known == word) => {
                    words.load[place] = Some(parser.value().and_then(|value| value.parse()).map_err(usage)?);
                }
                Long("replace") => words.replace = true,
                Long("forget") => words.forget = true,
                Long("list") => words.list = true,
                Long("off") => words.off = true,
                Value(word) if words.verb.is_none() => words.verb = Some(word.to_string_lossy().into_owned()),
                Value(word) if words.file.is_none() => words.file = Some(word.into()),
                other => return Err(usage(other.unexpected())),
            }
        }
        Ok(words)
    }

    fn understood(mut self) -> Result<Asked, Failure> {
        if self.help {
            return Ok(Asked::Help);
        }
        if self.version {
            return Ok(Asked::Version);
        }
        let Some(verb) = self.verb.take() else { return Err(Failure::Usage("what should the hub do?".into())) };
        let task = self.task(&verb)?;
        self.nothing_left(&verb)?;
        Ok(Asked::Do(self.place, task))
    }

    /// Takes the words that the verb knows.
    fn task(&mut self, verb: &str) -> Result<Task, Failure> {
        let missing = |what: &str| Failure::Usage(format!("hub {verb} needs {what}"));
        Ok(match verb {
            "serve" => {
                let listen = self.listen.take().unwrap_or_else(|| LISTEN_DEFAULT.into());
                let listen = listen.parse().map_err(|_| Failure::Usage(format!("--listen is like 0.0.0.0:8443, not {listen:?}")))?;
                Task::Serve { listen }
            }
            "token" => Task::Token { unit: self.unit.take().ok_or_else(|| missing("--unit LABEL"))? },
            "api-token" if std::mem::take(&mut self.list) => Task::ApiTokens,
            "api-token" => {
                let name = self.name.take().ok_or_else(|| missing("--name NAME, or --list"))?;
                Task::ApiToken { name, forget: std::mem::take(&mut self.forget) }
            }
            "rebuild" => Task::Rebuild,
            "backup" => Task::Backup { file: self.file.take().ok_or_else(|| missing("a FILE"))? },
            "restore" => {
                let file = self.file.take().ok_or_else(|| missing("a FILE"))?;
                Task::Restore { file, replace: std::mem::take(&mut self.replace) }
            }
            "first-account" => Task::FirstAccount { login: self.login.take() },
            "loadgen" => {
                let [tills, sales, batch, rate, lines] = std::mem::take(&mut self.load);
                let usual = Load::default();
                Task::Loadgen(Load {
                    tills: tills.unwrap_or(usual.tills),
                    sales: sales.unwrap_or(usual.sales),
                    batch: batch.unwrap_or(usual.batch),
                    rate,
                    lines: lines.unwrap_or(usual.lines),
                })
            }
            "root" => Task::Root { file: self.file.take() },
            "webhook" => match (self.url.take(), std::mem::take(&mut self.off)) {
                (None, true) => Task::Webhook { url: None },
                (Some(url), false) => Task::Webhook { url: Some(url) },
                _ => return Err(missing("--url URL, or --off")),
            },
            other => return Err(Failure::Usage(format!("hub cannot {other:?}"))),
        })
    }

    /// What another verb would know is a mistake here.
    fn nothing_left(&self, verb: &str) -> Result<(), Failure> {
        let left = [
            ("--listen", self.listen.is_some()),
            ("--unit", self.unit.is_some()),
            ("--name", self.name.is_some()),
            ("--login", self.login.is_some()),
            ("--url", self.url.is_some()),
            ("--replace", self.replace),
            ("--forget", self.forget),
            ("--list", self.list),
            ("--off", self.off),
            ("the size of a fleet", self.load.iter().any(Option::is_some)),
            ("a further word", self.file.is_some()),
        ];
        match left.iter().find(|(_, is_left)| *is_left) {
            Some((name, _)) => Err(Failure::Usage(format!("hub {verb} does not know {name}"))),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
