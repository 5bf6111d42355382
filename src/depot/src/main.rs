//! The program `depot`.

fn main() {}
