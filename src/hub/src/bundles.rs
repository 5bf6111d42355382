//! Signed bundles at the hub: verified with the public root it was given, kept, handed out. And drafts: what the next one is made of.
//!
//! **Invariant.** The hub has no key. What it hands out was signed elsewhere; what it makes itself is a draft that no till takes.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use bundle::{Envelope, Files, Header, Held, Reader, Refusal, Role, Trust, pack, seal, unpack, verify};
use hub_store::{
    Fault, HubStore,
    bundles::{BundleSeen, NewBundle},
    drafts::DRAFT_FILE_BYTES_MAX,
};
use till::data::{self, Changes, DataFault, PriceList, Roster, check_files, excess, staff_changes};

use crate::answer::No;

pub mod csv;
pub mod edit;

/// Files of a draft by name, as text.
pub type Texts = BTreeMap<String, String>;

/// The roles whose drafts are written here.
pub const DRAFTED: [Role; 2] = [Role::Prices, Role::Staff];
/// A draft is good for so many days from its export; whoever signs may say otherwise.
const VALID_S: i64 = 90 * 24 * 60 * 60;

/// The root that the hub goes by, if somebody gave it one.
///
/// # Errors
/// [`No`] when the database fails.
pub fn trust(store: &HubStore) -> Result<Option<Trust>, No> {
    let Some(root) = store.newest_bundle(Role::Root.name())? else { return Ok(None) };
    let bytes = store.bundle(Role::Root.name(), root.version)?.unwrap_or_default();
    Trust::pin(&bytes).map(Some).map_err(|refusal| No::from(Fault::Damaged(format!("the root: {refusal}"))))
}

/// The first root, brought by somebody at the hub's console; or the next one.
///
/// # Errors
/// [`No`].
pub fn take_root(store: &HubStore, bytes: &[u8], by: &str, now_s: i64) -> Result<BundleSeen, No> {
    match trust(store)? {
        None => {
            Trust::pin(bytes).map_err(|refusal| refused(&refusal))?;
            keep(store, bytes, by, now_s)
        }
        Some(_) => take(store, bytes, by, now_s),
    }
}

/// A signed bundle that somebody uploads. It is verified as a till verifies it, and newer than what the hub has.
///
/// # Errors
/// [`No`]; nothing has changed then.
pub fn take(store: &HubStore, bytes: &[u8], by: &str, now_s: i64) -> Result<BundleSeen, No> {
    let trust = trust(store)?.ok_or_else(no_root)?;
    let envelope = Envelope::read(bytes).map_err(|refusal| refused(&refusal))?;
    let role = envelope.header.role;
    match role {
        Role::Root => {
            trust.step(bytes).map_err(|refusal| refused(&refusal))?;
        }
        Role::Image => return Err(refused(&Refusal::WrongRole { asked: Role::Prices, found: role })),
        Role::Prices | Role::Staff => {
            // A list for some units stands beside the list for all: each is newer than what those units have.
            let units = &envelope.header.units;
            let newest = newest_for(store, role, units)?;
            let held = newest.as_ref().map(|seen| Held { version: seen.version, min_root: seen.min_root });
            let verified = verify(bytes, &trust, Reader { role: Some(role), unit: None, held }).map_err(|refusal| refused(&refusal))?;
            let files = verified.files().map_err(|refusal| refused(&refusal))?;
            check_files(role, &files).map_err(|fault| unreadable(&fault))?;
            if role == Role::Prices {
                check_change(store, newest.as_ref(), &files, verified.header())?;
            }
        }
    }
    keep(store, bytes, by, now_s)
}

/// The newest bundle that any of these units would have to give up; without units, the newest for anybody.
fn newest_for(store: &HubStore, role: Role, units: &[String]) -> Result<Option<BundleSeen>, No> {
    let all = store.bundles()?;
    Ok(all.into_iter().find(|seen| seen.role == role.name() && (units.is_empty() || units.iter().any(|unit| seen.is_for(unit)))))
}

fn check_change(store: &HubStore, newest: Option<&BundleSeen>, files: &Files, header: &Header) -> Result<(), No> {
    let new = PriceList::of_files(files).map_err(|fault| unreadable(&fault))?;
    if new.catalogue.version() != header.version {
        let what = format!("The envelope says version {} and the catalogue {}.", header.version, new.catalogue.version());
        return Err(No::new(StatusCode::BAD_REQUEST, "bundle.data", what, "Make the bundle again from its draft."));
    }
    let old = match newest {
        Some(seen) => published_files(store, Role::Prices, seen)?.and_then(|files| PriceList::of_files(&files).ok()),
        None => None,
    };
    match excess(old.as_ref(), &new) {
        Some(excess) if !(header.large_change && excess.is_allowed_to_root()) => {
            let todo = "Correct the prices, or let the holders of the root sign it as a large change.";
            Err(No::new(StatusCode::BAD_REQUEST, "bundle.change", format!("{excess}."), todo))
        }
        _ => Ok(()),
    }
}

fn keep(store: &HubStore, bytes: &[u8], by: &str, now_s: i64) -> Result<BundleSeen, No> {
    let header = Envelope::read(bytes).map_err(|refusal| refused(&refusal))?.header;
    let new = NewBundle {
        role: header.role.name().into(),
        version: header.version,
        min_root: header.min_root,
        created_s: header.created_s,
        stale_s: header.stale_after_s,
        units: header.units,
        bytes: bytes.to_vec(),
    };
    Ok(store.keep_bundle(&new, by, now_s)?)
}

fn published_files(store: &HubStore, role: Role, seen: &BundleSeen) -> Result<Option<Files>, No> {
    let bytes = store.bundle(role.name(), seen.version)?.unwrap_or_default();
    let files = Envelope::read(&bytes).and_then(|envelope| unpack(role, envelope.payload));
    Ok(files.ok())
}

/// The files of the newest published bundle of a role, as text.
///
/// # Errors
/// [`No`] when the database fails.
pub fn published(store: &HubStore, role: Role) -> Result<Option<Texts>, No> {
    let Some(seen) = store.newest_bundle(role.name())? else { return Ok(None) };
    Ok(published_files(store, role, &seen)?.map(|files| texts(&files)))
}

/// The draft of a role; where nobody has begun one, what is published; where nothing is, the invented demo.
///
/// # Errors
/// [`No`] when the database fails.
pub fn draft(store: &HubStore, role: Role) -> Result<Texts, No> {
    let begun = store.draft(role.name())?;
    if !begun.is_empty() {
        return Ok(begun);
    }
    let text = |name: &str, text: &str| (name.to_owned(), text.to_owned());
    Ok(published(store, role)?.unwrap_or_else(|| match role {
        Role::Staff => [text("crew.json", data::DEMO.crew)].into(),
        _ => [
            text("catalogue.json", data::DEMO.catalogue),
            text("timetable.json", data::DEMO.timetable),
            text("operator.json", data::DEMO.operator),
        ]
        .into(),
    }))
}

/// Changes a draft: checked as a till checks it, with what it changes as its history.
///
/// # Errors
/// [`No`]: data that no till could use, or somebody else who was quicker. Nothing has changed then.
pub fn change(store: &HubStore, role: Role, after: &Texts, who: &str, now_s: i64) -> Result<Vec<String>, No> {
    if let Some((name, _)) = after.iter().find(|(_, text)| text.len() > DRAFT_FILE_BYTES_MAX) {
        let what = format!("{name} has more than {DRAFT_FILE_BYTES_MAX} bytes.");
        return Err(No::new(StatusCode::PAYLOAD_TOO_LARGE, "draft.large", what, "Take out what is not needed."));
    }
    check_files(role, &files(after)).map_err(|fault| unreadable(&fault))?;
    let (stands, before) = (store.draft(role.name())?, draft(store, role)?);
    let what = differences(role, Some(&before), after)?;
    let line = if what.is_empty() { "no difference".to_owned() } else { what.join("\n") };
    if *after == stands {
        return Ok(Vec::new());
    }
    match store.change_draft(role.name(), &stands, after, &line, who, now_s)? {
        true => Ok(what),
        false => Err(No::new(
            StatusCode::CONFLICT,
            "draft.quicker",
            "Somebody else changed the draft meanwhile.",
            "Load the page again and make the change anew.",
        )),
    }
}

/// What changes between two states, a line each.
///
/// # Errors
/// [`No`] for files that do not read.
pub fn differences(role: Role, before: Option<&Texts>, after: &Texts) -> Result<Vec<String>, No> {
    let wrong = |fault: DataFault| unreadable(&fault);
    let Some(before) = before else { return Ok(Vec::new()) };
    Ok(match role {
        Role::Staff => staff_changes(&Roster::of_files(&files(before)).map_err(wrong)?, &Roster::of_files(&files(after)).map_err(wrong)?),
        _ => {
            let (old, new) = (PriceList::of_files(&files(before)).map_err(wrong)?, PriceList::of_files(&files(after)).map_err(wrong)?);
            let changes = Changes::between(&old, &new);
            if changes.is_empty() { Vec::new() } else { std::iter::once(changes.summary()).chain(changes.lines()).collect() }
        }
    })
}

/// The draft as a bundle that nobody has signed, for the depot's tool. A price list gets the version that follows the published one.
///
/// # Errors
/// [`No`]: no root was given, or the draft does not read.
pub fn export(store: &HubStore, role: Role, now_s: i64) -> Result<(u64, Vec<u8>), No> {
    let trust = trust(store)?.ok_or_else(no_root)?;
    let version = store.newest_bundle(role.name())?.map_or(0, |seen| seen.version) + 1;
    let mut texts = draft(store, role)?;
    if role == Role::Prices
        && let Some(catalogue) = texts.get_mut("catalogue.json")
    {
        *catalogue = edit::with_version(catalogue, version)?;
    }
    let files = files(&texts);
    check_files(role, &files).map_err(|fault| unreadable(&fault))?;
    let header = Header {
        role,
        version,
        created_s: now_s,
        stale_after_s: now_s.saturating_add(VALID_S),
        min_root: trust.root().version,
        large_change: false,
        operator: trust.root().operator.clone(),
        units: Vec::new(),
    };
    let sealed = pack(role, &files).and_then(|packed| seal(&header, &packed)).map_err(|refusal| refused(&refusal))?;
    Ok((version, sealed))
}

/// Text as the files of a bundle.
#[must_use]
pub fn files(texts: &Texts) -> Files {
    texts.iter().map(|(name, text)| (name.clone(), text.clone().into_bytes())).collect()
}

fn texts(files: &Files) -> Texts {
    files.iter().map(|(name, bytes)| (name.clone(), String::from_utf8_lossy(bytes).into_owned())).collect()
}

fn no_root() -> No {
    No::new(
        StatusCode::CONFLICT,
        "bundle.no_root",
        "The hub was given no root, so it cannot tell whose signatures are good.",
        "Bring the public root to the hub's console: hub root FILE.",
    )
}

/// A refusal of a bundle, on its way out.
#[must_use]
pub fn refused(refusal: &Refusal) -> No {
    let todo = match refusal {
        Refusal::Known(_) | Refusal::Older { .. } => "Nothing needs to be done, or sign a newer version.",
        Refusal::Unsigned | Refusal::BelowThreshold { .. } => "Let enough holders of the role's keys sign it with the depot tool.",
        Refusal::RootBehind { .. } | Refusal::RootSkipped { .. } => "Upload the roots in between first.",
        _ => "Upload the file that the depot tool wrote, unchanged.",
    };
    No::new(StatusCode::BAD_REQUEST, refusal.code(), format!("The bundle is refused: {refusal}."), todo)
}

fn unreadable(fault: &DataFault) -> No {
    No::new(StatusCode::BAD_REQUEST, "bundle.data", format!("{}, {}: {}.", fault.file, fault.item, fault.what), fault.todo)
}

#[cfg(test)]
mod tests;
