//! Roots: who may sign what, made and changed by people.

use std::path::{Path, PathBuf};

use bundle::{Envelope, Grant, KeyId, PublicKey, Role, Root, Trust};

use crate::{Cli, error::Failure, files, keys, show, talk::Talk};

/// A root is stale after so many days where nobody says otherwise: five years.
const VALID_DAYS: i64 = 5 * 365;
const DAY_S: i64 = 24 * 60 * 60;

/// Reads a root bundle and believes it: the person at the keyboard says that it is theirs.
pub(crate) fn read(path: &Path) -> Result<Trust, Failure> {
    Trust::pin(&files::read(path, Role::Root.bytes_max())?).map_err(|refusal| Failure::bundle(path, refusal))
}

/// `depot root init`.
pub(crate) fn init(cli: &Cli, talk: &mut dyn Talk) -> Result<(), Failure> {
    let operator = cli.operator.clone().ok_or_else(|| Failure::Usage("--operator NAME is missing".into()))?;
    let out = cli.out()?;
    let mut root = Root { version: 1, operator, keys: Vec::new(), grants: Vec::new() };
    root.grants =
        Role::ALL.into_iter().map(|role| Grant { role, threshold: default_threshold(role), keys: Vec::new(), since_root: 1 }).collect();
    for (role, path) in &cli.grants {
        grant(&mut root, *role, keys::read_public(path)?.key);
    }
    if !cli.grants.iter().any(|(role, _)| *role == Role::Image) {
        let holders = keys_of(&root, Role::Root);
        grant_of(&mut root, Role::Image).keys = holders;
    }
    thresholds(&mut root, cli);
    write_draft(&root, cli, out, talk)
}

/// `depot root add`: one more key in a root that nobody has signed yet.
pub(crate) fn add(cli: &Cli, talk: &mut dyn Talk) -> Result<(), Failure> {
    let path = cli.file()?;
    let bytes = files::read(path, Role::Root.bytes_max())?;
    let envelope = Envelope::read(&bytes).map_err(|refusal| Failure::bundle(path, refusal))?;
    if !envelope.signatures.is_empty() {
        return Err(Failure::unfit(
            "this root is signed already",
            "Make the next one: depot root rotate OLD --add ROLE=KEY.pub --out NEW.",
        ));
    }
    let mut root = Root::of(&envelope).map_err(|refusal| Failure::bundle(path, refusal))?;
    for (role, key) in &cli.grants {
        grant(&mut root, *role, keys::read_public(key)?.key);
    }
    thresholds(&mut root, cli);
    let bytes = seal(&root, cli, talk)?;
    let written = files::write_out(cli.out.as_deref(), path, &bytes)?;
    tell_draft(&root, &written, talk);
    Ok(())
}

/// `depot root rotate`: the next root, from the one that is in force.
pub(crate) fn rotate(cli: &Cli, talk: &mut dyn Talk) -> Result<(), Failure> {
    let out = cli.out()?;
    let mut root = read(cli.file()?)?.root().clone();
    root.version += 1;
    for (role, key) in &cli.grants {
        grant(&mut root, *role, keys::read_public(key)?.key);
    }
    for (role, who) in &cli.removals {
        let id = named_key(&root, who)?;
        let grant = grant_of(&mut root, *role);
        if !grant.keys.contains(&id) {
            return Err(Failure::unfit(format!("{who} holds no key of {role}"), "Look with `depot inspect` who holds which."));
        }
        grant.keys.retain(|known| *known != id);
    }
    for role in &cli.restarts {
        let version = root.version;
        grant_of(&mut root, *role).since_root = version;
    }
    thresholds(&mut root, cli);
    let used: Vec<KeyId> = root.grants.iter().flat_map(|grant| grant.keys.clone()).collect();
    root.keys.retain(|key| used.contains(&key.id()));
    write_draft(&root, cli, out, talk)
}

fn write_draft(root: &Root, cli: &Cli, out: &Path, talk: &mut dyn Talk) -> Result<(), Failure> {
    let bytes = seal(root, cli, talk)?;
    files::write_new(out, &bytes, false)?;
    tell_draft(root, out, talk);
    Ok(())
}

fn tell_draft(root: &Root, path: &Path, talk: &mut dyn Talk) {
    show::root(root, talk);
    talk.say(&format!(
        "{} is written; it counts when enough people have signed it: depot root sign {} --key KEY",
        path.display(),
        path.display()
    ));
}

fn seal(root: &Root, cli: &Cli, talk: &dyn Talk) -> Result<Vec<u8>, Failure> {
    let now_s = talk.now_s();
    let stale_after_s = now_s.saturating_add(cli.valid_days.unwrap_or(VALID_DAYS).saturating_mul(DAY_S));
    root.seal(now_s, stale_after_s).map_err(|refusal| {
        Failure::unfit(
            refusal.to_string(),
            "Each role needs keys, and no more signatures than it has keys: --root, --prices, --staff, --threshold.",
        )
    })
}

fn grant(root: &mut Root, role: Role, key: PublicKey) {
    if root.key(&key.id()).is_none() {
        root.keys.push(key);
        root.keys.sort_by_key(PublicKey::id);
    }
    let keys = &mut grant_of(root, role).keys;
    if let Err(place) = keys.binary_search(&key.id()) {
        keys.insert(place, key.id());
    }
}

fn thresholds(root: &mut Root, cli: &Cli) {
    for (role, threshold) in &cli.thresholds {
        grant_of(root, *role).threshold = *threshold;
    }
}

fn grant_of(root: &mut Root, role: Role) -> &mut Grant {
    let place = root.grants.iter().position(|grant| grant.role == role);
    assert!(place.is_some(), "a root has a grant for each role");
    &mut root.grants[place.unwrap_or_default()]
}

fn keys_of(root: &Root, role: Role) -> Vec<KeyId> {
    root.grant(role).map_or_else(Vec::new, |grant| grant.keys.clone())
}

/// A key by its public file, or by the beginning of its identity.
fn named_key(root: &Root, who: &str) -> Result<KeyId, Failure> {
    let path = PathBuf::from(who);
    if path.exists() {
        return Ok(keys::read_public(&path)?.key.id());
    }
    let mut found = root.keys.iter().map(PublicKey::id).filter(|id| who.len() >= 8 && id.to_string().starts_with(who));
    match (found.next(), found.next()) {
        (Some(id), None) => Ok(id),
        _ => Err(Failure::unfit(format!("{who} names no key of this root"), "Name its .pub file, or at least eight digits of its id.")),
    }
}

const fn default_threshold(role: Role) -> u8 {
    match role {
        Role::Root | Role::Image => 2,
        Role::Prices | Role::Staff => 1,
    }
}
