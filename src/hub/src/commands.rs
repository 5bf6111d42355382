//! What the words of the command line do.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::Path,
};

use hub_store::{HubStore, RestoreRefusal, SQLITE_FILE, audit::Note, fleet::FleetRefusal, project::Projected};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};
use wire::Token;

use crate::{
    Clock, Hub, Limits, bundles,
    cli::{Place, Task},
    failure::Failure,
    loadgen,
    log::Level,
    serve,
    tls::Identity,
    web, webhook,
};

/// Which engine holds the hub's database, in its folder, so that a word without `--postgres` does not begin another database beside it.
const ENGINE_FILE: &str = "database";
/// Locked by whoever serves from the folder, and alone by whoever replaces what is in it.
const LOCK_FILE: &str = "serving.lock";
/// Who made a token at the console.
const CONSOLE: &str = "console";
/// Threads for the database. More than there is to gain, few enough to count.
const DATABASE_THREADS_MAX: usize = 32;

/// Does it.
///
/// # Errors
/// [`Failure`].
pub fn run(place: &Place, task: Task) -> Result<(), Failure> {
    let clock = Clock::of_machine();
    match task {
        Task::Serve { listen } => {
            let store = open(place, true)?;
            let _serving = hold(&place.dir(), Held::Serving)?;
            let ready = Ready::new(store, &place.dir(), &clock)?;
            let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().max_blocking_threads(DATABASE_THREADS_MAX).build()?;
            runtime.block_on(serve_until_told(ready, &place.dir(), listen, clock))
        }
        Task::Token { unit } => token(place, &unit, &clock),
        Task::ApiToken { name, forget: false } => api_token(place, &name, &clock),
        Task::ApiToken { name, forget: true } => match open(place, false)?.forget_api_token(&name, CONSOLE, clock.now_s())? {
            true => {
                println!("The token {name} is worthless from now on.");
                Ok(())
            }
            false => Err(Failure::Refused(format!("There is no token named {name}. See `hub api-token --list`."))),
        },
        Task::ApiTokens => {
            open(place, false)?.api_tokens()?.iter().for_each(|token| println!("{}", token.name));
            Ok(())
        }
        Task::Loadgen(load) => loadgen::run(place, load),
        Task::Webhook { url } => set_webhook(&open(place, false)?, url.as_deref(), &clock),
        Task::Rebuild => {
            let made = rebuild(&open(place, false)?, &clock)?;
            println!("{} entries are projected anew, {} sales and returns among them.", made.entries, made.sales);
            Ok(())
        }
        Task::FirstAccount { login: Some(login) } => code_back(place, &login.trim().to_lowercase(), &clock),
        Task::FirstAccount { login: None } => match web::accounts::first_code(&open(place, false)?, clock.now_s())? {
            Some(code) => {
                println!("{code}");
                Ok(())
            }
            None => Err(Failure::Refused(
                "There is an account. Whoever may manage accounts makes further ones on the page; --login NAME leads back into one.".into(),
            )),
        },
        Task::Root { file } => root(place, file.as_deref(), &clock),
        Task::Backup { file } => {
            let held = open(place, false)?.backup_to(&file)?;
            println!("{} holds {} batches in {} rows.", file.display(), held.batches, held.rows);
            Ok(())
        }
        Task::Restore { file, replace } => restore(place, &file, replace, &clock),
    }
}

/// Opens the hub's database. Only `serve`, `restore` and a `token` for a folder that is named begin a new one: one that was mistyped is no
/// new hub.
fn open(place: &Place, begin: bool) -> Result<HubStore, Failure> {
    let dir = place.dir();
    let marker = dir.join(ENGINE_FILE);
    let known = fs::read_to_string(&marker).unwrap_or_default();
    let engine = if place.postgres.is_some() { "postgres" } else { "sqlite" };
    if known.trim() == "postgres" && engine == "sqlite" {
        let what = format!("The database of the hub in {} is PostgreSQL: name it with --postgres URL or HUB_POSTGRES.", dir.display());
        return Err(Failure::Refused(what));
    }
    if place.postgres.is_none() && !begin && !dir.join(SQLITE_FILE).exists() {
        let dir = dir.display();
        let what = format!("There is no hub in {dir}: start `hub serve --data {dir}` once, or name the folder of a hub that is there.");
        return Err(Failure::Refused(what));
    }
    // The database and its write-ahead log hold secrets: only the hub's own user looks into the folder.
    DirBuilder::new().recursive(true).mode(0o700).create(&dir)?;
    let store = match &place.postgres {
        Some(url) => HubStore::postgres(url)?,
        None => HubStore::sqlite(&dir)?,
    };
    if known.trim() != engine {
        fs::write(&marker, format!("{engine}\n"))?;
    }
    Ok(store)
}

/// Prints the code that leads back into an account.
fn code_back(place: &Place, login: &str, clock: &Clock) -> Result<(), Failure> {
    let code = web::accounts::code_back(&open(place, false)?, login, clock.now_s())?;
    println!("{}", code.ok_or_else(|| Failure::Refused(format!("There is no account {login:?}.")))?);
    Ok(())
}

/// What a folder is held for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Held {
    /// Several may serve.
    Serving,
    /// Only where nobody serves.
    Replacing,
}

/// Holds the hub's folder until the answer is dropped.
fn hold(dir: &Path, held: Held) -> Result<File, Failure> {
    let file = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(dir.join(LOCK_FILE))?;
    let locked = match held {
        Held::Serving => file.try_lock_shared(),
        Held::Replacing => file.try_lock(),
    };
    let dir = dir.display();
    match (locked, held) {
        (Ok(()), _) => Ok(file),
        (Err(TryLockError::Error(error)), _) => Err(error.into()),
        (Err(TryLockError::WouldBlock), Held::Serving) => {
            Err(Failure::Refused(format!("The hub in {dir} is being restored. Start it when that is done.")))
        }
        (Err(TryLockError::WouldBlock), Held::Replacing) => {
            Err(Failure::Refused(format!("A hub serves from {dir}. Stop it first. Nothing has been changed.")))
        }
    }
}

/// What a hub asks its database before it serves: PostgreSQL is not to be asked on a thread that runs connections.
struct Ready {
    store: HubStore,
    identity: Identity,
    /// The code for the first account, while there is none.
    first: Option<String>,
}

impl Ready {
    fn new(store: HubStore, dir: &Path, clock: &Clock) -> Result<Self, Failure> {
        let identity = Identity::of_hub(&store, dir)?;
        let first = web::accounts::first_code(&store, clock.now_s())?;
        Ok(Self { store, identity, first })
    }
}

async fn serve_until_told(ready: Ready, dir: &Path, listen: std::net::SocketAddr, clock: Clock) -> Result<(), Failure> {
    let Ready { store, identity, first } = ready;
    let listener = TcpListener::bind(listen).await.map_err(|error| {
        Failure::Refused(format!("The hub cannot listen on {listen}: {error}. Choose another with --listen ADDR:PORT."))
    })?;
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let hub = Hub::new(store, dir.to_owned(), clock);
    let running = serve::start(&hub, &identity, listener, Limits::default())?;
    // The one line for people and scripts on standard output: where it is, port chosen by the system included.
    println!("hub listens on https://{}", running.addr);
    if let Some(code) = first {
        println!("make the first account at https://{}/welcome with the code {code}", running.addr);
    }
    let pin = data_encoding::HEXLOWER.encode(&identity.pin());
    hub.log.line(Level::Info, "the hub listens", &[("address", running.addr.to_string().into()), ("pin", pin.into())]);
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    hub.log.line(Level::Info, "the hub stops", &[]);
    running.stop().await;
    Ok(())
}

/// Gives the hub the root that it judges bundles by, or says which one it has.
fn root(place: &Place, file: Option<&Path>, clock: &Clock) -> Result<(), Failure> {
    let store = open(place, false)?;
    let said = |no: crate::answer::No| Failure::Refused(format!("{} ({}) {}", no.refused.what, no.refused.code, no.refused.todo));
    if let Some(file) = file {
        let size = fs::metadata(file)?.len();
        let bytes_max = bundle::Role::Root.bytes_max();
        if usize::try_from(size).map_or(true, |size| size > bytes_max) {
            return Err(Failure::Refused(format!("{} has {size} bytes, more than the {bytes_max} of a root.", file.display())));
        }
        bundles::take_root(&store, &fs::read(file)?, CONSOLE, clock.now_s()).map_err(said)?;
    }
    match bundles::trust(&store).map_err(said)? {
        Some(trust) => println!("root {} of {}", trust.root().version, trust.root().operator),
        None => println!("The hub has no root. Bring it one: hub root FILE"),
    }
    Ok(())
}

fn token(place: &Place, unit: &str, clock: &Clock) -> Result<(), Failure> {
    // A script may make the token while the hub that it has just started begins its database.
    let store = open(place, place.data.is_some())?;
    let identity = Identity::of_hub(&store, &place.dir())?;
    let token = new_token(&store, &identity, unit, clock)?;
    println!("{token}");
    Ok(())
}

/// A one-time token for a unit.
///
/// # Errors
/// [`Failure`], a label that no unit may have among them.
pub fn new_token(store: &HubStore, identity: &Identity, unit: &str, clock: &Clock) -> Result<Token, Failure> {
    let secret = random()?;
    store.new_token(unit, &secret, CONSOLE, clock.now_s()).map_err(|refusal| match refusal {
        FleetRefusal::Fault(fault) => fault.into(),
        other => Failure::Refused(format!("{unit:?}: {other}.")),
    })?;
    let mut pin = [0; 16];
    pin.copy_from_slice(&identity.pin()[..16]);
    Ok(Token { secret, pin })
}

fn api_token(place: &Place, name: &str, clock: &Clock) -> Result<(), Failure> {
    let store = open(place, false)?;
    println!("{}", new_api_token(&store, name, clock)?);
    Ok(())
}

/// A token for a program; the text is shown this once.
///
/// # Errors
/// [`Failure`], a name that is taken among them.
pub fn new_api_token(store: &HubStore, name: &str, clock: &Clock) -> Result<String, Failure> {
    let fits = (1..=hub_store::NAME_CHARS_MAX).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    if !fits {
        return Err(Failure::Refused(format!("A token's name has 1 to {} characters.", hub_store::NAME_CHARS_MAX)));
    }
    let token = data_encoding::BASE64URL_NOPAD.encode(&random::<32>()?);
    match store.keep_api_token(name, &token, CONSOLE, clock.now_s())? {
        true => Ok(token),
        false => Err(Failure::Refused(format!("There is a token named {name}. Make it worthless with --forget, or choose another name."))),
    }
}

/// Projects everything anew. That it begins is noted, so that one which was broken off is known too.
fn rebuild(store: &HubStore, clock: &Clock) -> Result<Projected, Failure> {
    store.add_note(&Note::new(CONSOLE, "rebuild", "projections", ""), clock.now_s())?;
    Ok(store.rebuild()?)
}

fn restore(place: &Place, file: &Path, replace: bool, clock: &Clock) -> Result<(), Failure> {
    let store = open(place, true)?;
    let _alone = hold(&place.dir(), Held::Replacing)?;
    let held = store.restore_from(file, replace).map_err(|refusal| match refusal {
        RestoreRefusal::Fault(fault) => fault.into(),
        RestoreRefusal::NotEmpty => {
            Failure::Refused("The database holds a fleet. Restore into an empty folder, or say --replace to lose what it holds.".into())
        }
        other => Failure::Refused(format!("{}: {other}. Nothing has been changed.", file.display())),
    })?;
    // The notes of the backup are restored too; this one follows them.
    let detail = format!("{}; batches={}; rows={}; replace={replace}", file.display(), held.batches, held.rows);
    store.add_note(&Note::new(CONSOLE, "restore", "database", &detail), clock.now_s())?;
    println!("{} batches in {} rows are restored. What tills sent since, they send again by themselves.", held.batches, held.rows);
    Ok(())
}

fn random<const N: usize>() -> Result<[u8; N], Failure> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| Failure::Refused(format!("This machine has no random numbers: {error}.")))?;
    Ok(bytes)
}

fn set_webhook(store: &HubStore, url: Option<&str>, clock: &Clock) -> Result<(), Failure> {
    // What follows the host may be a secret of the receiver.
    let host = url.map_or_else(|| "none".to_owned(), |url| url.split('/').take(3).collect::<Vec<_>>().join("/"));
    let about = Note::new(CONSOLE, "webhook", "alerts", &host);
    match url {
        Some(url) => {
            webhook::check(url)?;
            store.change_setting(webhook::URL_SETTING, Some(url.as_bytes()), &about, clock.now_s())?;
            println!("Alerts are posted to {url}.");
        }
        None => {
            store.change_setting(webhook::URL_SETTING, None, &about, clock.now_s())?;
            println!("Alerts are posted nowhere.");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_done_at_the_console_is_noted() {
        let dir = tempfile::tempdir().expect("a folder");
        let store = HubStore::sqlite(&dir.path().join("a")).expect("a store");
        let clock = Clock::told_by(|| 5);
        new_api_token(&store, "report", &clock).expect("a token");
        set_webhook(&store, Some("http://alerts.example/secret"), &clock).expect("set");
        set_webhook(&store, None, &clock).expect("forgotten");
        rebuild(&store, &clock).expect("rebuilt");
        let file = dir.path().join("backup");
        store.backup_to(&file).expect("a backup");
        let place = Place { data: Some(dir.path().join("b")), postgres: None };
        restore(&place, &file, false, &clock).expect("restored");
        let other = HubStore::sqlite(&dir.path().join("b")).expect("a store");
        let mut notes = other.notes(i64::MAX, 10).expect("read");
        notes.reverse();
        let done: Vec<_> = notes.iter().map(|noted| (&*noted.note.who, &*noted.note.action, &*noted.note.subject)).collect();
        let subjects =
            [("api-token", "report"), ("webhook", "alerts"), ("webhook", "alerts"), ("rebuild", "projections"), ("restore", "database")];
        assert_eq!(done, subjects.map(|(action, subject)| (CONSOLE, action, subject)));
        assert_eq!([&*notes[1].note.detail, &*notes[2].note.detail], ["http://alerts.example", "none"], "and no secret of the receiver");
    }
}
