//! The program `till`.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use till_app::{
    clock::Clock,
    config::{Config, is_unit},
    drive::{self, Drive, Input},
    enrol::{Enrolment, NotEnrolled, TokenFile},
    error::Failure,
    help::HELP,
    look::{self, Look},
    start::Start,
    uplink::{HubAddress, Limits},
};
use wire::Token;

/// What the command line asks for.
enum Asked {
    Help,
    Version,
    Drive(Flags),
    Run(Flags),
    Devices(Flags),
    Enrol(Flags),
}

#[derive(Default)]
struct Flags {
    data: Option<PathBuf>,
    demo: bool,
    config: Option<PathBuf>,
    size: Option<(u32, u32)>,
    night: bool,
    json: bool,
    set_up_page: bool,
    root: Option<PathBuf>,
    hub: Option<String>,
    token: Option<String>,
    token_file: Option<PathBuf>,
    unit: Option<String>,
}

fn main() -> ExitCode {
    let done = asked().and_then(|asked| match asked {
        Asked::Help => {
            print!("{HELP}");
            Ok(())
        }
        Asked::Version => {
            println!("till {}", env!("CARGO_PKG_VERSION"));
            Ok(())
        }
        Asked::Drive(flags) => drive(&flags),
        Asked::Run(flags) => run(&flags),
        Asked::Devices(flags) => devices(&flags),
        Asked::Enrol(flags) => enrol(flags),
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("till: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn asked() -> Result<Asked, Failure> {
    use lexopt::prelude::*;
    let usage = |error: lexopt::Error| Failure::Usage(error.to_string());
    let mut parser = lexopt::Parser::from_env();
    let mut flags = Flags::default();
    let mut verb = None;
    while let Some(arg) = parser.next().map_err(usage)? {
        match arg {
            Long("help") | Short('h') => return Ok(Asked::Help),
            Long("version") => return Ok(Asked::Version),
            Long("data") => flags.data = Some(parser.value().map_err(usage)?.into()),
            Long("demo") => flags.demo = true,
            Long("config") => flags.config = Some(parser.value().map_err(usage)?.into()),
            Long("size") => flags.size = Some(size(&parser.value().map_err(usage)?.to_string_lossy())?),
            Long("night") => flags.night = true,
            Long("json") => flags.json = true,
            Long("set-up-page") => flags.set_up_page = true,
            Long("root") => flags.root = Some(parser.value().map_err(usage)?.into()),
            Long("hub") => flags.hub = Some(parser.value().map_err(usage)?.to_string_lossy().into_owned()),
            Long("token") => flags.token = Some(parser.value().map_err(usage)?.to_string_lossy().into_owned()),
            Long("token-file") => flags.token_file = Some(parser.value().map_err(usage)?.into()),
            Long("unit") => flags.unit = Some(parser.value().map_err(usage)?.to_string_lossy().into_owned()),
            Value(word) if verb.is_none() => verb = Some(word.to_string_lossy().into_owned()),
            other => return Err(usage(other.unexpected())),
        }
    }
    match verb.as_deref() {
        Some("drive") => Ok(Asked::Drive(flags)),
        Some("run") => Ok(Asked::Run(flags)),
        Some("devices") => Ok(Asked::Devices(flags)),
        Some("enrol") => Ok(Asked::Enrol(flags)),
        Some(other) => Err(Failure::Usage(format!("till cannot {other:?}"))),
        None => Err(Failure::Usage("what should the till do?".into())),
    }
}

fn size(text: &str) -> Result<(u32, u32), Failure> {
    let parsed = text.split_once('x').and_then(|(width, height)| Some((width.parse().ok()?, height.parse().ok()?)));
    parsed.ok_or_else(|| Failure::Usage(format!("a size is like 1280x800, not {text:?}")))
}

fn start(flags: &Flags) -> Result<Start, Failure> {
    let dir = flags.data.clone().ok_or_else(|| Failure::Usage("--data DIR is missing".into()))?;
    let config = match &flags.config {
        Some(path) => Config::read(path)?,
        None if flags.demo => Config::demo(),
        None => return Err(Failure::Usage("say what to sell with --config FILE, or try --demo".into())),
    };
    Start::new(dir, config)
}

fn devices(flags: &Flags) -> Result<(), Failure> {
    let config = flags.config.as_deref().map_or_else(|| Ok(Config::default()), Config::read)?;
    if flags.set_up_page {
        look::print_set_up_page(&config).map_err(Failure::Devices)?;
        println!("the page is printed");
        return Ok(());
    }
    let look = Look::of(flags.root.as_deref().unwrap_or(Path::new("/")), &config);
    match flags.json {
        true => println!("{}", look.json()),
        false => print!("{}", look.text()),
    }
    // A till with these devices and without what to sell does not start either.
    config.setup()?;
    if look.is_usable() { Ok(()) } else { Err(Failure::Devices("a configured device cannot be used; the list says why".into())) }
}

fn enrol(flags: Flags) -> Result<(), Failure> {
    let missing = |what: &str| Failure::Usage(format!("{what} is missing"));
    let file = flags.token_file.as_deref().map(TokenFile::read).transpose()?;
    let (file_hub, file_token, file_unit) =
        file.map_or((None, None, None), |TokenFile { hub, token, unit }| (Some(hub), Some(token), unit));
    let mut config = flags.config.as_deref().map_or_else(|| Ok(Config::default()), Config::read)?;
    if let Some(unit) = flags.unit.or(file_unit) {
        config.unit = Some(Some(unit.clone()).filter(|unit| is_unit(unit)).ok_or(NotEnrolled::Unit(unit))?);
    }
    let hub = flags.hub.or(file_hub).ok_or_else(|| missing("--hub URL"))?;
    let token = flags.token.or(file_token).ok_or_else(|| missing("--token T"))?;
    let enrolment = Enrolment {
        dir: flags.data.ok_or_else(|| missing("--data DIR"))?,
        config,
        hub: HubAddress::parse(&hub)?,
        token: Token::parse(&token).map_err(NotEnrolled::from)?,
        limits: Limits::default(),
    };
    let outcome = enrolment.run()?;
    println!("{}", if flags.json { outcome.json() } else { outcome.to_string() });
    if let Some(path) = &flags.token_file
        && let Err(error) = std::fs::remove_file(path)
    {
        eprintln!("till: {} cannot be deleted ({error}). The token in it is used up; delete it by hand.", path.display());
    }
    Ok(())
}

fn drive(flags: &Flags) -> Result<(), Failure> {
    let clock = Clock::of_machine();
    let (sender, inputs) = drive::inputs();
    let events = sender.clone();
    let (counter, simulated) = start(flags)?.counter(&clock, move |event| drop(events.send(Input::Event(event))))?;
    drive::read_stdin(sender);
    Drive::new(counter, simulated, clock, inputs, std::io::stdout().lock()).run()
}

#[cfg(feature = "screen")]
fn run(flags: &Flags) -> Result<(), Failure> {
    till_app::screen::run(start(flags)?, flags.size, flags.night)
}

#[cfg(not(feature = "screen"))]
fn run(flags: &Flags) -> Result<(), Failure> {
    let (Some(_) | None, true | false) = (flags.size, flags.night);
    Err(Failure::Screen("this till was built without one".into()))
}
