//! Opening the database and bringing its tables up to date.

use std::{fs, path::Path};

use crate::{
    Fault, accounts, api_tokens, audit,
    engine::{Dialect, Engine, Sqlite},
    fleet, project, raw, settings,
};

/// The name of the file in the hub's folder.
pub const SQLITE_FILE: &str = "hub.db";

/// The tables of each concern, in the order in which they are made.
const TABLES: &[&[&str]] =
    &[settings::SCHEMA, raw::SCHEMA, fleet::SCHEMA, api_tokens::SCHEMA, project::SCHEMA, accounts::SCHEMA, audit::SCHEMA];

/// The hub's database.
pub struct HubStore {
    pub(crate) engine: Box<dyn Engine>,
}

impl HubStore {
    /// One file below `dir`, which is made if need be.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn sqlite(dir: &Path) -> Result<Self, Fault> {
        fs::create_dir_all(dir)?;
        Self::on(Box::new(Sqlite::open(&dir.join(SQLITE_FILE))?))
    }

    /// A database on any engine; missing tables are made.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn on(engine: Box<dyn Engine>) -> Result<Self, Fault> {
        let mut tx = engine.write()?;
        for sql in TABLES.iter().copied().flatten() {
            tx.execute(sql, &[])?;
        }
        tx.commit()?;
        Ok(Self { engine })
    }

    /// Asks the database something. Answers which engine it is.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn is_well(&self) -> Result<Dialect, Fault> {
        self.engine.read()?.query("SELECT COUNT(*) FROM settings", &[])?;
        Ok(self.engine.dialect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_is_there_after_opening_again() {
        let dir = tempfile::tempdir().expect("a folder");
        let store = HubStore::sqlite(dir.path()).expect("a store");
        store.set_setting("name", b"one").expect("set");
        store.set_setting("name", b"two").expect("set");
        drop(store);
        let store = HubStore::sqlite(dir.path()).expect("a store");
        assert_eq!(store.setting("name").expect("read").as_deref(), Some(&b"two"[..]));
        assert_eq!(store.setting("other").expect("read"), None);
    }
}
