//! Named bytes: the hub's own keys and counters.

use crate::{
    Fault, HubStore,
    audit::{self, Note},
    params,
};

pub(crate) const SCHEMA: &[&str] = &["CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value {BLOB} NOT NULL)"];

impl HubStore {
    /// The bytes under a name.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn setting(&self, name: &str) -> Result<Option<Vec<u8>>, Fault> {
        let rows = self.engine.read()?.query("SELECT value FROM settings WHERE name = $1", params![name])?;
        rows.first().map(|row| row.bytes(0).map(<[u8]>::to_vec)).transpose()
    }

    /// Keeps bytes under a name.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn set_setting(&self, name: &str, value: &[u8]) -> Result<(), Fault> {
        let mut tx = self.engine.write()?;
        let sql = "INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
        tx.execute(sql, params![name, value])?;
        tx.commit()
    }

    /// Keeps bytes under a name, or forgets them, and notes who did it.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn change_setting(&self, name: &str, value: Option<&[u8]>, about: &Note, now_s: i64) -> Result<(), Fault> {
        let mut tx = self.engine.write()?;
        tx.execute("DELETE FROM settings WHERE name = $1", params![name])?;
        if let Some(value) = value {
            tx.execute("INSERT INTO settings (name, value) VALUES ($1, $2)", params![name, value])?;
        }
        audit::note(&mut *tx, about, now_s)?;
        tx.commit()
    }

    /// What is under a name, or else keeps these bytes there. Whoever comes first decides, also among several hubs.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn setting_or(&self, name: &str, value: &[u8]) -> Result<Vec<u8>, Fault> {
        let mut tx = self.engine.write()?;
        tx.execute("INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING", params![name, value])?;
        let rows = tx.query("SELECT value FROM settings WHERE name = $1", params![name])?;
        let kept = rows.first().map(|row| row.bytes(0).map(<[u8]>::to_vec)).transpose()?;
        tx.commit()?;
        kept.ok_or_else(|| Fault::Damaged(format!("the setting {name} was kept and is not there")))
    }

    /// Forgets what is under a name.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn forget_setting(&self, name: &str) -> Result<(), Fault> {
        let mut tx = self.engine.write()?;
        tx.execute("DELETE FROM settings WHERE name = $1", params![name])?;
        tx.commit()
    }
}
