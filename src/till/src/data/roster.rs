//! `crew.json`.

use argon2::password_hash::phc::PasswordHash;
use domain::crew::{CrewId, CrewMember, Language, Role};
use serde::Deserialize;

use super::{DataFault, parse};

pub(super) const FILE: &str = "crew.json";

/// Who may sign in.
#[derive(Clone, Debug, Default)]
pub struct Roster {
    entries: Vec<RosterEntry>,
}

/// A crew member with what signing in needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RosterEntry {
    /// Who it is.
    pub member: CrewMember,
    /// Two or three letters for their tile.
    pub initials: String,
    /// The hash of their PIN as a PHC string, argon2id.
    pub pin_hash: String,
}

impl Roster {
    pub(super) fn read(json: &str) -> Result<Self, DataFault> {
        let file: CrewFile = parse(FILE, json)?;
        let mut entries: Vec<RosterEntry> = Vec::with_capacity(file.crew.len());
        for (index, row) in file.crew.into_iter().enumerate() {
            let item = format!("crew member {} ({})", index + 1, row.crew);
            let entry = entry(row).map_err(|(what, todo)| DataFault { file: FILE, item: item.clone(), what, todo })?;
            if entries.iter().any(|known| known.member.id == entry.member.id) {
                let what = "the number stands there twice".to_owned();
                return Err(DataFault { file: FILE, item, what, todo: "Give each crew member a number of their own." });
            }
            entries.push(entry);
        }
        Ok(Self { entries })
    }

    /// The crew member with this number.
    #[must_use]
    pub fn find(&self, id: &CrewId) -> Option<&RosterEntry> {
        self.entries.iter().find(|entry| entry.member.id == *id)
    }

    /// Everybody, in the order of the file.
    #[must_use]
    pub fn entries(&self) -> &[RosterEntry] {
        &self.entries
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CrewFile {
    #[serde(default, rename = "note")]
    _note: String,
    crew: Vec<CrewRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CrewRow {
    crew: String,
    name: String,
    initials: String,
    role: String,
    language: String,
    pin: String,
}

fn entry(row: CrewRow) -> Result<RosterEntry, (String, &'static str)> {
    let id = CrewId::parse(&row.crew).map_err(|_| (format!("{:?} is no crew number", row.crew), "Use up to 12 letters and digits."))?;
    let role =
        Role::from_code(&row.role).ok_or_else(|| (format!("role {:?} is not known", row.role), "Write crew, manager or depot_staff."))?;
    let language =
        Language::from_code(&row.language).ok_or_else(|| (format!("language {:?} is not known", row.language), "Write sv or en."))?;
    let argon2id = PasswordHash::new(&row.pin).is_ok_and(|hash| hash.algorithm.as_str() == "argon2id" && hash.hash.is_some());
    if !argon2id {
        return Err(("the PIN is no argon2id hash".to_owned(), "Let the depot set the PIN again."));
    }
    Ok(RosterEntry { member: CrewMember { id, name: row.name, role, language }, initials: row.initials, pin_hash: row.pin })
}
