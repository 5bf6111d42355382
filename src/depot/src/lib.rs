//! The depot's tool: keys, roots and signatures, without a network and without a hub.
//!
//! **Invariant.** Nothing is signed that was not shown, and nothing that a till would refuse. A secret key is read, used and forgotten; it is
//! written once, by `keygen`, readable by its owner alone. No file that is there already is overwritten, except the one that gains a signature.
//!
//! **Entry point.** [`run`] with the words of the command line and somebody to [`Talk`] to.

mod cli;
pub mod drill;
mod error;
mod files;
pub mod help;
mod keys;
mod root;
mod show;
mod sign;
mod talk;

pub(crate) use cli::Cli;
pub use error::Failure;
pub use talk::{Talk, Terminal, plain};

use std::ffi::OsString;

/// Does what the command line asks for.
///
/// # Errors
/// [`Failure`], with what to do.
pub fn run(args: impl IntoIterator<Item = OsString>, talk: &mut dyn Talk) -> Result<(), Failure> {
    let mut args = args.into_iter().peekable();
    let talk: &mut dyn Talk = &mut talk::Plain(talk);
    if args.next_if(|verb| verb == "drill").is_some() {
        return drill::drill(args, talk);
    }
    let cli = Cli::parse(args)?;
    let words: Vec<&str> = cli.verbs.iter().map(String::as_str).collect();
    match words[..] {
        ["help"] => help::HELP.trim_end().lines().for_each(|line| talk.say(line)),
        ["version"] => talk.say(concat!("depot ", env!("CARGO_PKG_VERSION"))),
        ["keygen"] => return keygen(&cli, talk),
        ["root", "init"] => return root::init(&cli, talk),
        ["root", "add"] => return root::add(&cli, talk),
        ["root", "rotate"] => return root::rotate(&cli, talk),
        ["root", "sign"] | ["sign"] => return sign::sign(&cli, talk),
        ["draft"] => return sign::draft(&cli, talk),
        ["inspect"] => return sign::inspect(&cli, talk),
        ["verify"] => return sign::check(&cli, talk),
        ["unpack"] => return sign::unpack_into(&cli, talk),
        [] => return Err(Failure::Usage("what should be done?".into())),
        _ => return Err(Failure::Usage(format!("depot cannot {:?}", words.join(" ")))),
    }
    Ok(())
}

fn keygen(cli: &Cli, talk: &mut dyn Talk) -> Result<(), Failure> {
    let name = cli.name.clone().ok_or_else(|| Failure::Usage("--name NAME is missing".into()))?;
    let out = cli.out()?;
    let passphrase = match (&cli.passphrase_file, cli.no_passphrase) {
        (_, true) => None,
        (Some(path), false) => {
            let text = String::from_utf8_lossy(&files::read(path, 4096)?).trim_end_matches(['\r', '\n']).to_owned();
            talk::check_passphrase(&text)?;
            Some(text)
        }
        (None, false) => Some(talk::new_passphrase(talk)?),
    };
    let id = keys::born(out, &name, passphrase.as_deref())?;
    talk.say(&format!("{name}'s key is {id}"));
    talk.say(&format!("{name}.key stays on a stick that {name} keeps; {name}.pub is for everybody"));
    if passphrase.is_none() {
        talk.say("the key has no passphrase: whoever has the stick has the key");
    }
    Ok(())
}
