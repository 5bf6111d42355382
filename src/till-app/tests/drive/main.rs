//! The contract of `till drive`, checked as a user of it would: the real program, its pipes, its folder.
#![allow(clippy::disallowed_methods, reason = "tests run the program and wait for it")]

#[path = "../common/mod.rs"]
mod common;

mod bundles;
mod control;
mod damage;
mod devices;
mod garbage;
mod plugged;
mod scan;
mod service;
mod start;
mod words;
