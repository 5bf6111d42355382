//! .

pub mod data;
