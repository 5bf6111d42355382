//! The program `hub`.

use std::process::ExitCode;

use hub::{
    cli::{self, Asked},
    commands,
    help::HELP,
};

fn main() -> ExitCode {
    let done = cli::asked(lexopt::Parser::from_env()).and_then(|asked| match asked {
        Asked::Help => {
            print!("{HELP}");
            Ok(())
        }
        Asked::Version => {
            println!("hub {}", env!("CARGO_PKG_VERSION"));
            Ok(())
        }
        Asked::Do(mut place, task) => {
            place.postgres = place.postgres.or_else(postgres);
            commands::run(&place, task)
        }
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("hub: {failure}");
            ExitCode::from(failure.exit_code())
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "an edge: an address with a password should not stand on a command line")]
fn postgres() -> Option<String> {
    std::env::var("HUB_POSTGRES").ok().filter(|url| !url.is_empty())
}
