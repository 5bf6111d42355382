//! The people of a depot at work: keys, a root, a changed price list, signatures. All of it through the command line, none of it with a network.

mod bench;
mod keys;
mod lists;
mod roots;
mod till;
