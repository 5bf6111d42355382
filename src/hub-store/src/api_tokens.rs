//! Tokens that programs show to read what the pages show. Only their hashes are kept.

use sha2::{Digest as _, Sha256};

use crate::{
    Fault, HubStore,
    audit::{self, Note},
    params,
};

/// The longest name of a token.
pub const NAME_CHARS_MAX: usize = 60;

pub(crate) const SCHEMA: &[&str] =
    &["CREATE TABLE IF NOT EXISTS api_tokens (hash {BLOB} PRIMARY KEY, name TEXT NOT NULL UNIQUE, made_at BIGINT NOT NULL)"];

/// A token as people see it: never the token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiTokenSeen {
    /// Its name.
    pub name: String,
    /// When it was made.
    pub made_s: i64,
}

impl HubStore {
    /// Keeps a token under a name, and who made it. `false` when the name is taken.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn keep_api_token(&self, name: &str, token: &str, by: &str, now_s: i64) -> Result<bool, Fault> {
        let mut tx = self.engine.write()?;
        let sql = "INSERT INTO api_tokens (hash, name, made_at) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING";
        let made = tx.execute(sql, params![hash(token), name, now_s])?;
        if made == 1 {
            audit::note(&mut *tx, &Note::new(by, "api-token", name, ""), now_s)?;
        }
        tx.commit()?;
        Ok(made == 1)
    }

    /// The name of a token that is good.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn api_token_name(&self, token: &str) -> Result<Option<String>, Fault> {
        let rows = self.engine.read()?.query("SELECT name FROM api_tokens WHERE hash = $1", params![hash(token)])?;
        rows.first().map(|row| row.text(0).map(str::to_owned)).transpose()
    }

    /// All tokens, by name.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn api_tokens(&self) -> Result<Vec<ApiTokenSeen>, Fault> {
        let rows = self.engine.read()?.query("SELECT name, made_at FROM api_tokens ORDER BY name", params![])?;
        rows.iter().map(|row| Ok(ApiTokenSeen { name: row.text(0)?.to_owned(), made_s: row.int(1)? })).collect()
    }

    /// Makes a token worthless. `false` when there is none of this name.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn forget_api_token(&self, name: &str, by: &str, now_s: i64) -> Result<bool, Fault> {
        let mut tx = self.engine.write()?;
        let gone = tx.execute("DELETE FROM api_tokens WHERE name = $1", params![name])?;
        if gone == 1 {
            audit::note(&mut *tx, &Note::new(by, "api-token-forget", name, ""), now_s)?;
        }
        tx.commit()?;
        Ok(gone == 1)
    }
}

fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_good_until_it_is_forgotten_and_its_name_is_one_token() {
        let dir = tempfile::tempdir().expect("a folder");
        let store = HubStore::sqlite(dir.path()).expect("a store");
        assert!(store.keep_api_token("report", "one", "console", 5).expect("kept"));
        assert!(!store.keep_api_token("report", "two", "console", 6).expect("asked"), "a name is taken once");
        assert_eq!(store.api_token_name("one").expect("read").as_deref(), Some("report"));
        assert_eq!(store.api_token_name("two").expect("read"), None);
        assert_eq!(store.api_tokens().expect("read"), [ApiTokenSeen { name: "report".into(), made_s: 5 }]);
        assert!(store.forget_api_token("report", "console", 7).expect("gone"));
        assert!(!store.forget_api_token("report", "console", 8).expect("asked"));
        assert_eq!(store.api_token_name("one").expect("read"), None);
        let notes = store.notes_about("report").expect("read");
        let notes: Vec<_> = notes.iter().map(|noted| (noted.at, &*noted.note.who, &*noted.note.action)).collect();
        assert_eq!(notes, [(5, "console", "api-token"), (7, "console", "api-token-forget")], "what was refused changes and notes nothing");
    }
}
