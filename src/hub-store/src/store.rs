//! Opening the database and bringing its tables up to date.

use std::{fs, path::Path};

use crate::{
    Fault, accounts, api_tokens, audit, bundles, drafts,
    engine::{Dialect, Engine, Postgres, Sqlite, made_by_another},
    fleet, incidents, params, project,
    raw::{self, Together},
    settings,
};

/// The name of the file in the hub's folder.
pub const SQLITE_FILE: &str = "hub.db";

/// The tables of each concern, in the order in which they are made.
pub(crate) const TABLES: &[&[&str]] = &[
    settings::SCHEMA,
    raw::SCHEMA,
    fleet::SCHEMA,
    api_tokens::SCHEMA,
    project::SCHEMA,
    accounts::SCHEMA,
    audit::SCHEMA,
    incidents::SCHEMA,
    bundles::SCHEMA,
    drafts::SCHEMA,
];

/// Those among them that are made anew from raw batches, and so are in no backup.
pub(crate) const MADE_ANEW: &[&[&str]] = &[project::SCHEMA];

/// The version of the tables that this program makes.
pub(crate) const VERSION: i64 = 1;
/// What older tables need, by the version that it brings them to. Tables that are only new need nothing here.
const MIGRATIONS: &[(i64, &[&str])] = &[];
/// How often a start is tried while other hubs make the same tables.
const START_TRIES_MAX: usize = 8;

/// The hub's database.
pub struct HubStore {
    pub(crate) engine: Box<dyn Engine>,
    pub(crate) together: Together,
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

    /// A database on a PostgreSQL server; of several hosts in the URL the one that takes writes. The connection has no TLS of its own: the
    /// server is on the same machine, in a network that is trusted, or behind a tunnel.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn postgres(url: &str) -> Result<Self, Fault> {
        Self::on(Box::new(Postgres::open(url)?))
    }

    /// A database on any engine; missing tables are made. Several hubs may start on one at once.
    ///
    /// # Errors
    /// [`Fault`]; [`Fault::Newer`] when a newer program has been here, and then nothing is changed.
    pub fn on(engine: Box<dyn Engine>) -> Result<Self, Fault> {
        for _ in 0..START_TRIES_MAX {
            match bring_up(&*engine) {
                Err(Fault::Postgres(error)) if made_by_another(&error) => {}
                Err(Fault::Busy(_)) => {}
                done => return done.map(|()| Self { together: Together::default(), engine }),
            }
        }
        Err(Fault::Busy("other hubs are starting".into()))
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

fn bring_up(engine: &dyn Engine) -> Result<(), Fault> {
    let mut tx = engine.write()?;
    tx.execute("CREATE TABLE IF NOT EXISTS schema_versions (name TEXT PRIMARY KEY, version BIGINT NOT NULL)", &[])?;
    let rows = tx.query("SELECT version FROM schema_versions WHERE name = 'hub' {FOR UPDATE}", &[])?;
    let found = rows.first().map(|row| row.int(0)).transpose()?;
    if let Some(found) = found.filter(|found| *found > VERSION) {
        return Err(Fault::Newer { found, known: VERSION });
    }
    for sql in TABLES.iter().copied().flatten() {
        tx.execute(sql, &[])?;
    }
    for (_, texts) in MIGRATIONS.iter().filter(|(to, _)| found.is_some_and(|found| found < *to)) {
        for sql in *texts {
            tx.execute(sql, &[])?;
        }
    }
    let sql = "INSERT INTO schema_versions (name, version) VALUES ('hub', $1) ON CONFLICT (name) DO UPDATE SET version = excluded.version";
    tx.execute(sql, params![VERSION])?;
    tx.commit()
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
