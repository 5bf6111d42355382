//! Making a bundle of a folder, showing what it changes, and signing it.

use std::path::Path;

use bundle::{Envelope, Files, Header, Reader, Refusal, Role, Root, Trust, pack, seal, unpack, verify};
use till::data::{PriceList, check_files, excess, read_catalogue};

use crate::{Cli, error::Failure, files, keys, root, show, talk::Talk};

/// A bundle is stale after so many days where nobody says otherwise.
const VALID_DAYS: i64 = 90;
const DAY_S: i64 = 24 * 60 * 60;
/// What has to be typed.
const YES: &str = "yes";

/// `depot draft`: a bundle of a folder, not signed by anybody yet.
pub(crate) fn draft(cli: &Cli, talk: &mut dyn Talk) -> Result<(), Failure> {
    let out = cli.out()?;
    let trust = cli.trust()?;
    cli.check_compared()?;
    let (bytes, _) = of_folder(cli, cli.file()?, &trust, talk)?;
    show_all(cli, cli.file()?, &bytes, Some(&trust), talk)?;
    files::write_new(out, &bytes, false)?;
    talk.say(&format!("{} is written; nobody has signed it", out.display()));
    Ok(())
}

/// `depot sign`: shows what changes, asks, signs. Of a folder it makes a bundle first.
pub(crate) fn sign(cli: &Cli, talk: &mut dyn Talk) -> Result<(), Failure> {
    let path = cli.file()?;
    let key_path = cli.key.as_deref().ok_or_else(|| Failure::Usage("--key FILE is missing".into()))?;
    if path.is_dir() {
        let out = cli.out()?;
        let trust = cli.trust()?;
        cli.check_compared()?;
        let (bytes, _) = of_folder(cli, path, &trust, talk)?;
        let signed = ask_and_sign(cli, path, &bytes, Some(&trust), key_path, talk)?;
        files::write_new(out, &signed, false)?;
        return told(out, &signed, Some(&trust), talk);
    }
    let bytes = read_any(path)?;
    let envelope = Envelope::read(&bytes).map_err(|refusal| Failure::bundle(path, refusal))?;
    // A root is judged by itself, and by the one before it when that is named.
    let is_root = envelope.header.role == Role::Root;
    let trust = if is_root && cli.root.is_none() { None } else { Some(cli.trust()?) };
    if let Some(role) = cli.role.filter(|role| *role != envelope.header.role) {
        return Err(Failure::bundle(path, Refusal::WrongRole { asked: role, found: envelope.header.role }));
    }
    if !is_root {
        cli.check_compared()?;
        check_previous_version(cli, &envelope.header, trust.as_ref())?;
        limits(cli, path, &bytes, trust.as_ref())?;
    }
    let signed = ask_and_sign(cli, path, &bytes, trust.as_ref(), key_path, talk)?;
    let written = files::write_out(cli.out.as_deref(), path, &signed)?;
    told(&written, &signed, trust.as_ref(), talk)
}

/// `depot inspect`.
pub(crate) fn inspect(cli: &Cli, talk: &mut dyn Talk) -> Result<(), Failure> {
    let path = cli.file()?;
    let bytes = read_any(path)?;
    let envelope = Envelope::read(&bytes).map_err(|refusal| Failure::bundle(path, refusal))?;
    if cli.json {
        let is_root = envelope.header.role == Role::Root;
        let files = if is_root { None } else { Some(files_of(path, &envelope)?) };
        let root = if is_root { Some(Root::of(&envelope).map_err(|refusal| Failure::bundle(path, refusal))?) } else { None };
        talk.say(&show::json(&envelope, files.as_ref(), root.as_ref()).to_string());
        return Ok(());
    }
    let trust = cli.root.as_deref().map(root::read).transpose()?;
    show_all(cli, path, &bytes, trust.as_ref(), talk)
}

/// `depot verify`: as a till would.
pub(crate) fn check(cli: &Cli, talk: &mut dyn Talk) -> Result<(), Failure> {
    let path = cli.file()?;
    let bytes = read_any(path)?;
    let trust = cli.trust()?;
    let wrong = |refusal| Failure::bundle(path, refusal);
    let envelope = Envelope::read(&bytes).map_err(wrong)?;
    if envelope.header.role == Role::Root {
        // The root itself, or the one that follows it.
        let own = Trust::pin(&bytes).map_err(wrong)?;
        if own.root() != trust.root() {
            trust.step(&bytes).map_err(wrong)?;
        }
        talk.say(&format!("good: root {}, signed by enough of its keys", envelope.header.version));
        return Ok(());
    }
    let verified =
        verify(&bytes, &trust, Reader { role: cli.role, unit: cli.units.first().map(String::as_str), held: None }).map_err(wrong)?;
    let files = verified.files().map_err(wrong)?;
    check_files(envelope.header.role, &files).map_err(Failure::Data)?;
    limits(cli, path, &bytes, Some(&trust))?;
    let stale = if verified.is_stale(talk.now_s()) { "; past its date, so tills warn" } else { "" };
    talk.say(&format!(
        "good: {} {}, signed by enough keys of root {}{stale}",
        envelope.header.role,
        envelope.header.version,
        trust.root().version
    ));
    Ok(())
}

/// `depot unpack`: the files of a bundle into a folder, to begin a draft with.
pub(crate) fn unpack_into(cli: &Cli, talk: &mut dyn Talk) -> Result<(), Failure> {
    let (path, out) = (cli.file()?, cli.out()?);
    let bytes = read_any(path)?;
    let envelope = Envelope::read(&bytes).map_err(|refusal| Failure::bundle(path, refusal))?;
    let files = files_of(path, &envelope)?;
    std::fs::create_dir_all(out).map_err(|error| Failure::file(out, &error))?;
    for (name, bytes) in &files {
        files::write_new(&out.join(name), bytes, false)?;
    }
    talk.say(&format!("{} files of {} {} are in {}", files.len(), envelope.header.role, envelope.header.version, out.display()));
    Ok(())
}

/// Packs a folder under a header, when a till would take it.
fn of_folder(cli: &Cli, folder: &Path, trust: &Trust, talk: &dyn Talk) -> Result<(Vec<u8>, Files), Failure> {
    let role = cli.role.ok_or_else(|| Failure::Usage("--role prices or --role staff is missing".into()))?;
    if !matches!(role, Role::Prices | Role::Staff) {
        return Err(Failure::unfit(format!("a folder makes no {role} bundle"), "Roots are made by `depot root`."));
    }
    let files = files::of_folder(role, folder)?;
    check_files(role, &files).map_err(Failure::Data)?;
    let previous = previous(cli, role, trust)?.filter(|old| old.counts(trust)).map(|old| old.header.version);
    let now_s = talk.now_s();
    let header = Header {
        role,
        version: version(cli, role, &files, previous)?,
        created_s: now_s,
        stale_after_s: now_s.saturating_add(cli.valid_days.unwrap_or(VALID_DAYS).saturating_mul(DAY_S)),
        min_root: trust.root().version,
        large_change: cli.large_change,
        operator: trust.root().operator.clone(),
        units: cli.units.clone(),
    };
    let packed = pack(role, &files).and_then(|packed| seal(&header, &packed)).map_err(|refusal| Failure::bundle(folder, refusal))?;
    limits(cli, folder, &packed, Some(trust))?;
    Ok((packed, files))
}

/// The version: that of the catalogue for prices, so that every sale names it; otherwise the one after the published one.
fn version(cli: &Cli, role: Role, files: &Files, previous: Option<u64>) -> Result<u64, Failure> {
    let next = previous.unwrap_or(0) + 1;
    if role != Role::Prices {
        return Ok(cli.version.unwrap_or(next));
    }
    let text = files.get("catalogue.json").map(|bytes| String::from_utf8_lossy(bytes)).unwrap_or_default();
    let version = read_catalogue(&text).map_err(Failure::Data)?.version();
    if version < next || cli.version.is_some_and(|asked| asked != version) {
        let next = cli.version.unwrap_or(next);
        return Err(Failure::unfit(
            format!("catalogue.json says version {version}, and version {next} is next"),
            format!("Write \"version\": {next} in catalogue.json."),
        ));
    }
    Ok(version)
}

/// The bundle that tills have now.
struct Previous {
    header: Header,
    files: Files,
    /// Why the root does not believe it any more, since its keys or the role's beginning have changed.
    doubt: Option<Refusal>,
}

impl Previous {
    /// Whether versions go on from it; where the role began anew, they begin anew.
    fn counts(&self, trust: &Trust) -> bool {
        trust.root().grant(self.header.role).is_none_or(|grant| self.header.min_root >= grant.since_root)
    }
}

/// The bundle that is published, unpacked. One that an older root believed is good to compare with: the person is told.
fn previous(cli: &Cli, role: Role, trust: &Trust) -> Result<Option<Previous>, Failure> {
    let Some(path) = cli.previous.as_deref() else { return Ok(None) };
    let wrong = |refusal| Failure::bundle(path, refusal);
    let bytes = read_any(path)?;
    let envelope = Envelope::read(&bytes).map_err(wrong)?;
    let doubt = match verify(&bytes, trust, Reader { role: Some(role), ..Reader::default() }) {
        Ok(_) => None,
        Err(doubt @ (Refusal::BelowThreshold { .. } | Refusal::BeforeRestart { .. }))
            if envelope.header.min_root < trust.root().version && !envelope.signatures.is_empty() =>
        {
            Some(doubt)
        }
        Err(refusal) => return Err(wrong(refusal)),
    };
    let header = envelope.header.clone();
    if header.role != role {
        return Err(wrong(Refusal::WrongRole { asked: role, found: header.role }));
    }
    if header.operator != trust.root().operator {
        return Err(wrong(Refusal::WrongOperator { asked: trust.root().operator.clone(), found: header.operator }));
    }
    envelope.check_payload().map_err(wrong)?;
    let files = files_of(path, &envelope)?;
    Ok(Some(Previous { header, files, doubt }))
}

fn check_previous_version(cli: &Cli, header: &Header, trust: Option<&Trust>) -> Result<(), Failure> {
    let Some(trust) = trust else { return Ok(()) };
    let Some(published) = previous(cli, header.role, trust)?.filter(|old| old.counts(trust)).map(|old| old.header) else { return Ok(()) };
    if header.version > published.version {
        return Ok(());
    }
    let (held, found) = (published.version, header.version);
    Err(Failure::unfit(
        format!("version {found} is not newer than the published version {held}"),
        "Tills would refuse it. Raise the version.",
    ))
}

/// What no till would take is not worth a signature.
fn limits(cli: &Cli, path: &Path, bytes: &[u8], trust: Option<&Trust>) -> Result<(), Failure> {
    let envelope = Envelope::read(bytes).map_err(|refusal| Failure::bundle(path, refusal))?;
    let header = &envelope.header;
    let files = files_of(path, &envelope)?;
    check_files(header.role, &files).map_err(Failure::Data)?;
    if header.role != Role::Prices {
        return Ok(());
    }
    let list = PriceList::of_files(&files).map_err(Failure::Data)?;
    if list.catalogue.version() != header.version {
        let what = format!("the envelope says version {} and the catalogue {}", header.version, list.catalogue.version());
        return Err(Failure::unfit(what, "Make the bundle again from its folder."));
    }
    let old = match trust {
        Some(trust) => previous(cli, header.role, trust)?,
        None => None,
    };
    let old = old.map(|old| PriceList::of_files(&old.files).map_err(Failure::Data)).transpose()?;
    if let Some(old) = old.as_ref().filter(|old| old.operator.currency != list.operator.currency) {
        let what = format!("the currency changes from {} to {}", old.operator.currency.code(), list.operator.currency.code());
        return Err(Failure::unfit(what, "The books of a till have one currency. Tills with another one begin new logs."));
    }
    match excess(old.as_ref(), &list) {
        Some(excess) if !excess.is_allowed_to_root() => Err(Failure::Change { excess, todo: "Correct the price; no till takes it." }),
        Some(excess) if !header.large_change => Err(Failure::Change {
            excess,
            todo: "Correct it; or make it with --large-change, and let the holders of the root sign it too.",
        }),
        _ => Ok(()),
    }
}

fn ask_and_sign(cli: &Cli, path: &Path, bytes: &[u8], trust: Option<&Trust>, key: &Path, talk: &mut dyn Talk) -> Result<Vec<u8>, Failure> {
    show_all(cli, path, bytes, trust, talk)?;
    let envelope = Envelope::read(bytes).map_err(|refusal| Failure::bundle(path, refusal))?;
    let passphrase_file = cli.passphrase_file.as_deref();
    let key = keys::read_secret(key, |name| match passphrase_file {
        Some(path) => Ok(String::from_utf8_lossy(&files::read(path, 4096)?).trim_end_matches(['\r', '\n']).to_owned()),
        None => talk.ask_hidden(&format!("The passphrase of {name}'s key:")),
    })?;
    let own = if envelope.header.role == Role::Root { Root::of(&envelope).ok() } else { None };
    let id = key.key.public().id();
    let roles = if envelope.header.large_change { vec![envelope.header.role, Role::Root] } else { vec![envelope.header.role] };
    let may = |root: &Root| roles.iter().any(|role| root.grant(*role).is_some_and(|grant| grant.keys.contains(&id)));
    if !trust.map(Trust::root).into_iter().chain(own.as_ref()).any(may) {
        let what = format!("{}'s key ({}) may not sign {} bundles", key.name, show::short(&id.to_string()), envelope.header.role);
        return Err(Failure::unfit(what, "Take a key of that role; `depot inspect ROOT` shows which there are."));
    }
    let is_sure = cli.yes || talk.ask(&format!("Sign this with {}'s key? Type {YES}:", key.name))?.trim() == YES;
    if !is_sure {
        return Err(Failure::NotSigned);
    }
    bundle::sign(bytes, &key.key).map_err(|refusal| Failure::bundle(path, refusal))
}

fn show_all(cli: &Cli, path: &Path, bytes: &[u8], trust: Option<&Trust>, talk: &mut dyn Talk) -> Result<(), Failure> {
    let wrong = |refusal| Failure::bundle(path, refusal);
    let envelope = Envelope::read(bytes).map_err(wrong)?;
    show::header(&envelope.header, talk);
    show::signatures(&envelope, trust.map(Trust::root), talk);
    if envelope.header.role == Role::Root {
        show::root(&Root::of(&envelope).map_err(wrong)?, talk);
        return Ok(());
    }
    let files = files_of(path, &envelope)?;
    let old = match (trust, cli.previous.as_deref()) {
        (Some(trust), _) => {
            let old = previous(cli, envelope.header.role, trust)?;
            if let Some((old, doubt)) = old.as_ref().and_then(|old| Some((old, old.doubt.as_ref()?))) {
                let (role, version, root) = (old.header.role, old.header.version, trust.root().version);
                talk.say(&format!("  compared with {role} {version}, which root {root} does not believe any more: {doubt}"));
                talk.say("  make sure that it is the one that tills have");
            }
            old.map(|old| old.files)
        }
        (None, Some(path)) => {
            let bytes = read_any(path)?;
            Some(files_of(path, &Envelope::read(&bytes).map_err(|refusal| Failure::bundle(path, refusal))?)?)
        }
        (None, None) => None,
    };
    show::content(envelope.header.role, &files, old.as_ref(), talk)
}

/// Says whether it is enough now.
fn told(path: &Path, bytes: &[u8], trust: Option<&Trust>, talk: &mut dyn Talk) -> Result<(), Failure> {
    let envelope = Envelope::read(bytes).map_err(|refusal| Failure::bundle(path, refusal))?;
    let enough = match (envelope.header.role, trust) {
        (Role::Root, None) => Trust::pin(bytes).map(|_| ()),
        (Role::Root, Some(trust)) => trust.step(bytes).map(|_| ()),
        (_, Some(trust)) => verify(bytes, trust, Reader::default()).map(|_| ()),
        (_, None) => Ok(()),
    };
    match enough {
        Ok(()) => talk.say(&format!("{} is signed, and that is enough", path.display())),
        Err(refusal) => talk.say(&format!("{} is signed; not enough yet: {refusal}", path.display())),
    }
    Ok(())
}

/// Unpacks for a person to look at: what is shown is what would be signed, whoever has signed it so far.
fn files_of(path: &Path, envelope: &Envelope<'_>) -> Result<Files, Failure> {
    unpack(envelope.header.role, envelope.payload).map_err(|refusal| Failure::bundle(path, refusal))
}

fn read_any(path: &Path) -> Result<Vec<u8>, Failure> {
    let max = Role::ALL.into_iter().map(Role::bytes_max).max().unwrap_or_default();
    files::read(path, max)
}
