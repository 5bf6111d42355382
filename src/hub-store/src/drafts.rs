//! Drafts: the files that the next bundle of a role is to be made of, and who changed what in them.

use std::collections::BTreeMap;

use crate::{
    Fault, HubStore,
    audit::{self, Note},
    params,
};

pub(crate) const SCHEMA: &[&str] = &[
    "CREATE TABLE IF NOT EXISTS draft_files (role TEXT NOT NULL, name TEXT NOT NULL, content TEXT NOT NULL, PRIMARY KEY (role, name))",
    "CREATE TABLE IF NOT EXISTS draft_changes (no BIGINT PRIMARY KEY, role TEXT NOT NULL, name TEXT NOT NULL, at BIGINT NOT NULL,
        who TEXT NOT NULL, what TEXT NOT NULL)",
];

/// The most bytes of one file of a draft.
pub const DRAFT_FILE_BYTES_MAX: usize = 4 * 1024 * 1024;
/// The most characters that are kept of what a change did.
const WHAT_CHARS_MAX: usize = 8_000;

/// A change of a draft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftChange {
    /// Its place, from 1 over all roles.
    pub no: i64,
    /// The file.
    pub name: String,
    /// When, seconds since 1970, UTC.
    pub at: i64,
    /// Who.
    pub who: String,
    /// What it did, a line each.
    pub what: String,
}

impl HubStore {
    /// The files of a draft by name; empty where nobody has begun one.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn draft(&self, role: &str) -> Result<BTreeMap<String, String>, Fault> {
        let rows = self.engine.read()?.query("SELECT name, content FROM draft_files WHERE role = $1 ORDER BY name", params![role])?;
        rows.iter().map(|row| Ok((row.text(0)?.to_owned(), row.text(1)?.to_owned()))).collect()
    }

    /// Changes files of a draft, all or none, with a line of history for each. `before` is what the change was made from: `false`, and nothing
    /// changes, when somebody else was quicker.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn change_draft(
        &self,
        role: &str,
        before: &BTreeMap<String, String>,
        after: &BTreeMap<String, String>,
        what: &str,
        who: &str,
        now_s: i64,
    ) -> Result<bool, Fault> {
        let mut tx = self.engine.write()?;
        let rows = tx.query("SELECT name, content FROM draft_files WHERE role = $1 ORDER BY name {FOR UPDATE}", params![role])?;
        let stands =
            rows.iter().map(|row| Ok((row.text(0)?.to_owned(), row.text(1)?.to_owned()))).collect::<Result<BTreeMap<_, _>, Fault>>()?;
        if stands != *before {
            return Ok(false);
        }
        let rows = tx.query("SELECT CAST(COALESCE(MAX(no), 0) AS BIGINT) FROM draft_changes", &[])?;
        let mut no = rows.first().map_or(Ok(0), |row| row.int(0))?;
        let what: String = what.chars().take(WHAT_CHARS_MAX).collect();
        for (name, content) in after.iter().filter(|(name, content)| before.get(*name) != Some(*content)) {
            no += 1;
            let sql = "INSERT INTO draft_files (role, name, content) VALUES ($1, $2, $3)
                ON CONFLICT (role, name) DO UPDATE SET content = excluded.content";
            tx.execute(sql, params![role, name.as_str(), content.as_str()])?;
            let sql = "INSERT INTO draft_changes (no, role, name, at, who, what) VALUES ($1, $2, $3, $4, $5, $6)";
            tx.execute(sql, params![no, role, name.as_str(), now_s, who, what.as_str()])?;
            audit::note(
                &mut *tx,
                &Note::new(who, "draft-change", &format!("{role} {name}"), what.lines().next().unwrap_or_default()),
                now_s,
            )?;
        }
        for name in before.keys().filter(|name| !after.contains_key(*name)) {
            tx.execute("DELETE FROM draft_files WHERE role = $1 AND name = $2", params![role, name.as_str()])?;
        }
        tx.commit()?;
        Ok(true)
    }

    /// The newest changes of a draft.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn draft_changes(&self, role: &str, limit: u32) -> Result<Vec<DraftChange>, Fault> {
        let sql = "SELECT no, name, at, who, what FROM draft_changes WHERE role = $1 ORDER BY no DESC LIMIT $2";
        let rows = self.engine.read()?.query(sql, params![role, limit])?;
        let change = |row: &crate::engine::Row| {
            let text = |column| row.text(column).map(str::to_owned);
            Ok(DraftChange { no: row.int(0)?, name: text(1)?, at: row.int(2)?, who: text(3)?, what: text(4)? })
        };
        rows.iter().map(change).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, content)| ((*name).to_owned(), (*content).to_owned())).collect()
    }

    #[test]
    fn a_change_is_whole_with_its_history_or_not_at_all() {
        crate::contract::on_both(|store| {
            let (none, one, two) = (files(&[]), files(&[("a.json", "1"), ("b.json", "1")]), files(&[("a.json", "2"), ("b.json", "1")]));
            assert!(store.change_draft("prices", &none, &one, "begun", "anna", 5).expect("changed"));
            assert!(store.change_draft("prices", &one, &two, "coffee dearer", "bo", 6).expect("changed"));
            assert!(!store.change_draft("prices", &one, &none, "late", "cleo", 7).expect("asked"), "somebody else was quicker");
            assert_eq!(store.draft("prices").expect("read"), two);
            assert_eq!(store.draft("staff").expect("read"), none);
            let told: Vec<_> =
                store.draft_changes("prices", 10).expect("read").into_iter().map(|one| (one.name, one.who, one.what)).collect();
            let line = |name: &str, who: &str, what: &str| (name.to_owned(), who.to_owned(), what.to_owned());
            assert_eq!(told, [line("a.json", "bo", "coffee dearer"), line("b.json", "anna", "begun"), line("a.json", "anna", "begun")]);
        });
    }
}
