//! The program `hub`.

fn main() {}
