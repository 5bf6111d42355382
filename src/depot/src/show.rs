//! What a bundle is, for people and for programs.

use bundle::{Envelope, Files, Header, Role, Root};
use chrono::DateTime;
use data_encoding::HEXLOWER;
use serde_json::{Value, json};
use till::data::{Changes, PriceList, Roster, staff_changes};

use crate::{error::Failure, talk::Talk};

/// So many digits of a key's identity are shown.
const ID_CHARS: usize = 16;
/// So many lines of changes are shown; the summary counts all of them.
const LINES_MAX: usize = 200;

/// Shows a root.
pub(crate) fn root(root: &Root, talk: &mut dyn Talk) {
    talk.say(&format!("root {} of {}, {} keys", root.version, root.operator, root.keys.len()));
    for grant in &root.grants {
        let keys: Vec<String> = grant.keys.iter().map(|id| short(&id.to_string())).collect();
        let since = if grant.since_root > 1 { format!(", anew since root {}", grant.since_root) } else { String::new() };
        talk.say(&format!("  {:<7} {} of {}: {}{since}", grant.role.name(), grant.threshold, grant.keys.len(), keys.join(" ")));
    }
}

/// Shows a header.
pub(crate) fn header(header: &Header, talk: &mut dyn Talk) {
    let units = if header.units.is_empty() { "all units".to_owned() } else { format!("units {}", header.units.join(", ")) };
    talk.say(&format!("{} {} of {}, for {units}", header.role, header.version, header.operator));
    talk.say(&format!("  made {}, stale after {}, under root {}", day(header.created_s), day(header.stale_after_s), header.min_root));
    if header.large_change {
        talk.say("  LARGE CHANGE: takes the signatures of the root too");
    }
}

/// Shows who has signed, and whether the root knows them.
pub(crate) fn signatures(envelope: &Envelope<'_>, known: Option<&Root>, talk: &mut dyn Talk) {
    if envelope.signatures.is_empty() {
        talk.say("  nobody has signed it");
    }
    for signed in &envelope.signatures {
        let holds = |root: &Root| root.grant(envelope.header.role).is_some_and(|grant| grant.keys.contains(&signed.key));
        let note = match known {
            None => "",
            Some(root) if holds(root) => ", a key of the role",
            Some(_) => ", no key of the role",
        };
        talk.say(&format!("  signed by {}{note}", short(&signed.key.to_string())));
    }
}

/// Shows what changes against the published one, or what is in it where there is none.
pub(crate) fn content(role: Role, files: &Files, previous: Option<&Files>, talk: &mut dyn Talk) -> Result<(), Failure> {
    match role {
        Role::Prices => {
            let list = PriceList::of_files(files).map_err(Failure::Data)?;
            match previous {
                None => talk.say(&format!(
                    "  the first one: {} products, {} trains, VAT {}",
                    list.catalogue.products().len(),
                    list.timetable.trains().len(),
                    if list.vat.is_some() { "by its own table" } else { "by the table built into the tills" }
                )),
                Some(previous) => {
                    let changes = Changes::between(&PriceList::of_files(previous).map_err(Failure::Data)?, &list);
                    tell(&changes.summary(), &changes.lines(), talk);
                }
            }
        }
        Role::Staff => {
            let roster = Roster::of_files(files).map_err(Failure::Data)?;
            match previous {
                None => talk.say(&format!("  the first one: {} people", roster.entries().len())),
                Some(previous) => {
                    let lines = staff_changes(&Roster::of_files(previous).map_err(Failure::Data)?, &roster);
                    tell(&format!("{} changes", lines.len()), &lines, talk);
                }
            }
        }
        Role::Root | Role::Image => {}
    }
    Ok(())
}

/// The same for programs.
pub(crate) fn json(envelope: &Envelope<'_>, files: Option<&Files>, root: Option<&Root>) -> Value {
    let header = &envelope.header;
    let grants = |root: &Root| -> Vec<Value> {
        let keys = |keys: &[bundle::KeyId]| keys.iter().map(ToString::to_string).collect::<Vec<_>>();
        let one = |grant: &bundle::Grant| json!({"role": grant.role.name(), "threshold": grant.threshold, "keys": keys(&grant.keys), "since_root": grant.since_root});
        root.grants.iter().map(one).collect()
    };
    json!({
        "role": header.role.name(),
        "version": header.version,
        "created_s": header.created_s,
        "stale_after_s": header.stale_after_s,
        "min_root": header.min_root,
        "large_change": header.large_change,
        "operator": header.operator,
        "units": header.units,
        "payload_bytes": envelope.payload.len(),
        "payload_sha256": HEXLOWER.encode(&envelope.payload_sha256),
        "signed_by": envelope.signatures.iter().map(|signed| signed.key.to_string()).collect::<Vec<_>>(),
        "files": files.map(|files| files.iter().map(|(name, bytes)| (name.clone(), json!(bytes.len()))).collect::<serde_json::Map<_, _>>()),
        "grants": root.map(grants),
    })
}

pub(crate) fn short(id: &str) -> String {
    id.chars().take(ID_CHARS).collect()
}

fn tell(summary: &str, lines: &[String], talk: &mut dyn Talk) {
    talk.say(&format!("  {summary}"));
    for line in lines.iter().take(LINES_MAX) {
        talk.say(&format!("    {line}"));
    }
    if lines.len() > LINES_MAX {
        talk.say(&format!("    … and {} more", lines.len() - LINES_MAX));
    }
}

fn day(seconds: i64) -> String {
    DateTime::from_timestamp(seconds, 0).map_or_else(|| seconds.to_string(), |at| at.format("%Y-%m-%d").to_string())
}
