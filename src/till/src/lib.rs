//! .

pub mod words;
