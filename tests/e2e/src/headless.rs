//! The headless face in this process: a line in, an answer out, one after the other.

use std::{
    io::{self, Write},
    path::Path,
    sync::mpsc::{Receiver, Sender, SyncSender, channel},
    thread::{self, JoinHandle},
    time::Duration,
};

use serde_json::Value;
use till_app::{
    clock::Clock,
    config::Config,
    drive::{Drive, Input, inputs},
    start::Start,
};

use crate::TEST_SEED;

/// A till that has not answered after this hangs. Nothing here measures time.
const HANGS_AFTER: Duration = Duration::from_secs(120);

/// A till that is spoken to in words.
pub struct Headless {
    lines: SyncSender<Input>,
    answers: Receiver<Value>,
    working: Option<JoinHandle<()>>,
}

/// Takes answers line by line.
struct Answers(Sender<Value>);

impl Write for Answers {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let answer = serde_json::from_slice(bytes).map_err(io::Error::other)?;
        self.0.send(answer).map_err(io::Error::other)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Headless {
    /// Starts the demo till on the data in `dir`, with the clock at `wall_s` (seconds since 1970, UTC).
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn start(dir: &Path, wall_s: i64) -> Self {
        let start = Start { dir: dir.to_path_buf(), config: Config::demo(), seed: TEST_SEED };
        let mut clock = Clock::of_machine();
        clock.set(wall_s);
        let (lines, waiting) = inputs();
        let events = lines.clone();
        let tell = move |event| drop(events.send(Input::Event(event)));
        let (counter, simulated) = start.counter(&clock, tell).expect("the till starts");
        let (sender, answers) = channel();
        let drive = Drive::new(counter, simulated, clock, waiting, Answers(sender));
        let working = thread::spawn(move || drive.run().expect("somebody reads the answers"));
        Self { lines, answers, working: Some(working) }
    }

    /// Says a line and waits for its answer.
    ///
    /// # Panics
    /// When there is none.
    pub fn say(&self, line: &str) -> Value {
        self.lines.send(Input::Line(Ok(line.to_owned()))).expect("the till listens");
        self.answers.recv_timeout(HANGS_AFTER).unwrap_or_else(|_| panic!("no answer to {line}"))
    }

    /// Says a line that must be done; what stands under `ok`.
    ///
    /// # Panics
    /// When it is refused.
    pub fn ok(&self, line: &str) -> Value {
        let answer = self.say(line);
        assert!(answer["ok"].is_object(), "{line}: {answer}");
        answer["ok"].clone()
    }

    /// Says a line that must be refused with this code.
    ///
    /// # Panics
    /// When it is not.
    pub fn refused(&self, line: &str, code: &str) {
        let answer = self.say(line);
        assert_eq!(answer["refused"]["code"], code, "{line}: {answer}");
    }

    /// Every entry of the journal.
    ///
    /// # Panics
    /// When it cannot be read.
    #[must_use]
    pub fn journal(&self) -> Vec<Value> {
        self.ok("journal")["entries"].as_array().expect("entries").clone()
    }
}

impl Drop for Headless {
    fn drop(&mut self) {
        drop(self.lines.send(Input::End));
        if let Some(working) = self.working.take() {
            drop(working.join());
        }
    }
}
