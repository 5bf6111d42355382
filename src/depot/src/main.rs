//! The program `depot`.

use std::process::ExitCode;

fn main() -> ExitCode {
    match depot::run(std::env::args_os().skip(1), &mut depot::Terminal) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            // A failure may repeat a text of a file; of it, only line breaks are obeyed.
            failure.to_string().lines().enumerate().for_each(|(no, line)| {
                eprintln!("{}{}", if no == 0 { "depot: " } else { "" }, depot::plain(line));
            });
            ExitCode::FAILURE
        }
    }
}
