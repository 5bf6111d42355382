//! Talking with the person at the keyboard.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

use crate::{error::Failure, keys::PASSPHRASE_CHARS_MIN};

/// Where answers come from and where text goes: a terminal, or a test.
pub trait Talk {
    /// Shows a line.
    fn say(&mut self, line: &str);
    /// Asks and reads a line.
    ///
    /// # Errors
    /// [`Failure`] when nobody can answer.
    fn ask(&mut self, question: &str) -> Result<String, Failure>;
    /// Asks for something that is not shown while it is typed.
    ///
    /// # Errors
    /// [`Failure`] when nobody can answer.
    fn ask_hidden(&mut self, question: &str) -> Result<String, Failure>;
    /// Seconds since 1970, UTC.
    fn now_s(&self) -> i64;
}

/// Somebody to talk with, who sees every text as what it is.
///
/// What is shown comes from files that strangers may have made: a text that a terminal obeys could paint another text over it.
pub(crate) struct Plain<'a>(pub &'a mut dyn Talk);

impl Talk for Plain<'_> {
    fn say(&mut self, line: &str) {
        self.0.say(&plain(line));
    }

    fn ask(&mut self, question: &str) -> Result<String, Failure> {
        self.0.ask(&plain(question))
    }

    fn ask_hidden(&mut self, question: &str) -> Result<String, Failure> {
        self.0.ask_hidden(&plain(question))
    }

    fn now_s(&self) -> i64 {
        self.0.now_s()
    }
}

/// A text on one line with everything that does not show written as JSON writes it: `\u001b`.
#[must_use]
pub fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for char in text.chars() {
        if is_unseen(char) {
            for unit in char.encode_utf16(&mut [0; 2]) {
                plain += &format!("\\u{unit:04x}");
            }
        } else {
            plain.push(char);
        }
    }
    plain
}

/// Control characters, and those that only turn, join or hide what stands beside them.
const fn is_unseen(char: char) -> bool {
    matches!(
        char,
        '\0'..='\u{1f}'
            | '\u{7f}'..='\u{9f}'
            | '\u{ad}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{e0000}'..='\u{e007f}'
    )
}

/// The terminal.
pub struct Terminal;

impl Talk for Terminal {
    fn say(&mut self, line: &str) {
        // A pipe that nobody reads any more is no reason to stop in the middle of writing a file.
        drop(writeln!(io::stdout(), "{line}"));
    }

    fn ask(&mut self, question: &str) -> Result<String, Failure> {
        drop(write!(io::stderr(), "{question} "));
        drop(io::stderr().flush());
        let mut line = String::new();
        io::stdin().lock().read_line(&mut line).map_err(|error| Failure::unfit(format!("nobody answers: {error}"), "Try again."))?;
        Ok(line.trim_end_matches(['\r', '\n']).to_owned())
    }

    fn ask_hidden(&mut self, question: &str) -> Result<String, Failure> {
        if !io::stdin().is_terminal() {
            return Err(Failure::unfit("a passphrase is needed and there is no keyboard", "Use --passphrase-file FILE."));
        }
        let hidden = Hidden::begin();
        let answer = self.ask(question);
        drop(hidden);
        drop(writeln!(io::stderr()));
        answer
    }

    #[expect(clippy::disallowed_methods, reason = "an edge: the tool's one look at the clock")]
    fn now_s(&self) -> i64 {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        since.ok().and_then(|since| i64::try_from(since.as_secs()).ok()).unwrap_or_default()
    }
}

/// A passphrase that somebody chose just now, typed twice.
pub(crate) fn new_passphrase(talk: &mut dyn Talk) -> Result<String, Failure> {
    let first = talk.ask_hidden(&format!("A passphrase for the key, at least {PASSPHRASE_CHARS_MIN} characters:"))?;
    check_passphrase(&first)?;
    if talk.ask_hidden("The same again:")? == first { Ok(first) } else { Err(Failure::unfit("the two are not the same", "Begin again.")) }
}

pub(crate) fn check_passphrase(passphrase: &str) -> Result<(), Failure> {
    if passphrase.chars().count() >= PASSPHRASE_CHARS_MIN {
        return Ok(());
    }
    let what = format!("the passphrase has fewer than {PASSPHRASE_CHARS_MIN} characters");
    Err(Failure::unfit(what, "Take four words that have nothing to do with each other."))
}

/// The terminal shows nothing of what is typed while this lives.
struct Hidden(Option<nix::sys::termios::Termios>);

impl Hidden {
    fn begin() -> Self {
        use nix::sys::termios::{LocalFlags, SetArg, tcgetattr, tcsetattr};
        let Ok(before) = tcgetattr(io::stdin()) else { return Self(None) };
        let mut quiet = before.clone();
        quiet.local_flags.remove(LocalFlags::ECHO);
        // Where that does not work, what is typed shows; it works nevertheless.
        let _ = tcsetattr(io::stdin(), SetArg::TCSANOW, &quiet);
        Self(Some(before))
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        if let Some(before) = &self.0 {
            let _ = nix::sys::termios::tcsetattr(io::stdin(), nix::sys::termios::SetArg::TCSANOW, before);
        }
    }
}
