//! The program `depot`.

use std::process::ExitCode;

fn main() -> ExitCode {
    match depot::run(std::env::args_os().skip(1), &mut depot::Terminal) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("depot: {failure}");
            ExitCode::FAILURE
        }
    }
}
