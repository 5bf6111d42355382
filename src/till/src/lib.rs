//! .

pub mod data;
pub mod words;
