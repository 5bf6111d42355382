//! Why the program could not do what it was started for. Each says what to do.

use std::{io, path::PathBuf};

use till::data::DataFault;

/// A start that failed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Words on the command line that mean nothing.
    #[error("{0}\nTry: till --help")]
    Usage(String),
    /// The configuration cannot be read.
    #[error("the configuration {}: {why}\nMend that file; till.example.toml shows every key.", path.display())]
    Config {
        /// Which file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// Catalogue, timetable, crew or operator cannot be read, or not be used here.
    #[error("{}: {why}\nThe configuration names that file: is its path right, seen from the configuration's folder, and what stands in it?", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// A row of catalogue, timetable, crew or operator makes no sense.
    #[error("{}, {}: {}. {}", path.display(), fault.item, fault.what, fault.todo)]
    Data {
        /// Which file.
        path: PathBuf,
        /// Which row, what is wrong with it, and what to do.
        fault: DataFault,
    },
    /// The store cannot be opened or written.
    #[error("the store in {}: {fault}\nIs another till running on it, is the folder writable, is there room?", dir.display())]
    Store {
        /// The data folder.
        dir: PathBuf,
        /// Why.
        fault: store::Fault,
    },
    /// The till could not be started on its store.
    #[error("the till did not start: {0}")]
    Till(#[from] till::Wrong),
    /// The system gave no random bytes.
    #[error("no random bytes for the log's key: {0}")]
    Random(String),
    /// A simulated device could not be made.
    #[error("a simulated device: {0}")]
    Simulator(io::Error),
    /// Nobody reads the answers any more.
    #[error("cannot write an answer: {0}")]
    Answer(io::Error),
    /// `till devices` found something that cannot be used.
    #[error("{0}")]
    Devices(String),
    /// An address that is none.
    #[error("{0:?} is no address of a hub: write https://host:port")]
    HubAddress(String),
    /// The till is not enrolled.
    #[error("{0}")]
    Enrol(#[from] crate::enrol::NotEnrolled),
    /// The screen could not be opened.
    #[error("no screen: {0}\nWithout one, use: till drive")]
    Screen(String),
}
