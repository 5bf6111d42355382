//! A hub in an enemy's hands, or somebody else in its place, costs the till nothing but the wait.
//!
//! Each case stands for rules 2, 3, 8 and 9 of the checklist in the design: a real server says or does something on the way, and the till gets
//! no more out of it than a trouble, sells on, forgets nothing, and gives everything to an honest hub afterwards.
#![allow(clippy::disallowed_methods, reason = "tests run servers and the program")]

#[path = "../common/mod.rs"]
mod common;
#[path = "../common/hub.rs"]
mod hub;

mod driven;
mod enrol;
mod traced;
mod transport;
