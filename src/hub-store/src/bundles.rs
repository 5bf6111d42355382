//! Signed bundles as they were uploaded, each version for ever. Whoever calls has verified them: to this module they are bytes with a name.
//!
//! There is no key in here that could sign one.

use sha2::{Digest as _, Sha256};
use wire::{BundleNews, Bytes32};

use crate::{
    Fault, HubStore,
    audit::{self, Note},
    engine::Row,
    params,
};

pub(crate) const SCHEMA: &[&str] = &[
    "CREATE TABLE IF NOT EXISTS bundles (no BIGINT PRIMARY KEY, role TEXT NOT NULL, version BIGINT NOT NULL, min_root BIGINT NOT NULL,
        created_at BIGINT NOT NULL, stale_at BIGINT NOT NULL, units TEXT NOT NULL, sha256 {BLOB} NOT NULL, size BIGINT NOT NULL,
        uploaded_at BIGINT NOT NULL, uploaded_by TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS bundle_bytes (no BIGINT PRIMARY KEY, bytes {BLOB} NOT NULL)",
];

/// The role whose bundles come one after the other.
const ROOT: &str = "root";
/// So many of the newest roots are told of, so that a till that missed some takes them one at a time.
const ROOTS_TOLD: usize = 5;
const COLUMNS: &str = "no, role, version, min_root, created_at, stale_at, units, sha256, size, uploaded_at, uploaded_by";

/// A signed bundle on its way in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewBundle {
    /// Its role.
    pub role: String,
    /// Its version.
    pub version: u64,
    /// The root it was made under.
    pub min_root: u64,
    /// When it was made, seconds since 1970, UTC.
    pub created_s: i64,
    /// From when on it warns.
    pub stale_s: i64,
    /// The units that it is for; empty for all.
    pub units: Vec<String>,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// A bundle that the hub has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BundleSeen {
    /// Its place in the order of arrival.
    pub no: u64,
    /// Its role.
    pub role: String,
    /// Its version.
    pub version: u64,
    /// The root it was made under.
    pub min_root: u64,
    /// When it was made, seconds since 1970, UTC.
    pub created_s: i64,
    /// From when on it warns.
    pub stale_s: i64,
    /// The units that it is for; empty for all.
    pub units: Vec<String>,
    /// SHA-256 of its bytes.
    pub sha256: [u8; 32],
    /// How many bytes.
    pub size: u64,
    /// When it was uploaded.
    pub uploaded_s: i64,
    /// By whom.
    pub uploaded_by: String,
}

impl BundleSeen {
    /// Whether it is for a unit.
    #[must_use]
    pub fn is_for(&self, unit: &str) -> bool {
        self.units.is_empty() || self.units.iter().any(|known| known == unit)
    }
}

impl HubStore {
    /// Keeps a bundle, with a note of who brought it.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn keep_bundle(&self, bundle: &NewBundle, by: &str, now_s: i64) -> Result<BundleSeen, Fault> {
        let mut tx = self.engine.write()?;
        let rows = tx.query("SELECT CAST(COALESCE(MAX(no), 0) AS BIGINT) FROM bundles", &[])?;
        let no = rows.first().map_or(Ok(0), |row| row.count(0))? + 1;
        let sha256: [u8; 32] = Sha256::digest(&bundle.bytes).into();
        let size = bundle.bytes.len() as u64;
        let sql = format!("INSERT INTO bundles ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)");
        let values = params![
            no,
            bundle.role.as_str(),
            bundle.version,
            bundle.min_root,
            bundle.created_s,
            bundle.stale_s,
            bundle.units.join("\n"),
            sha256,
            size,
            now_s,
            by
        ];
        tx.execute(&sql, values)?;
        tx.execute("INSERT INTO bundle_bytes (no, bytes) VALUES ($1, $2)", params![no, bundle.bytes.as_slice()])?;
        let subject = format!("{} {}", bundle.role, bundle.version);
        audit::note(&mut *tx, &Note::new(by, "bundle-upload", &subject, &Bytes32(sha256).to_string()), now_s)?;
        tx.commit()?;
        let NewBundle { role, version, min_root, created_s, stale_s, units, .. } = bundle.clone();
        Ok(BundleSeen { no, role, version, min_root, created_s, stale_s, units, sha256, size, uploaded_s: now_s, uploaded_by: by.into() })
    }

    /// All bundles, newest first.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn bundles(&self) -> Result<Vec<BundleSeen>, Fault> {
        let rows = self.engine.read()?.query(&format!("SELECT {COLUMNS} FROM bundles ORDER BY no DESC"), &[])?;
        rows.iter().map(seen).collect()
    }

    /// The newest bundle of a role, whatever units it is for.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn newest_bundle(&self, role: &str) -> Result<Option<BundleSeen>, Fault> {
        let sql = format!("SELECT {COLUMNS} FROM bundles WHERE role = $1 ORDER BY no DESC LIMIT 1");
        let rows = self.engine.read()?.query(&sql, params![role])?;
        rows.first().map(seen).transpose()
    }

    /// The bytes of a version; of two with one number, which a role that began anew may have, the newer.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn bundle(&self, role: &str, version: u64) -> Result<Option<Vec<u8>>, Fault> {
        let sql = "SELECT y.bytes FROM bundles b JOIN bundle_bytes y ON y.no = b.no WHERE b.role = $1 AND b.version = $2 ORDER BY b.no DESC LIMIT 1";
        // A number beyond what a column holds names nothing.
        let Ok(version) = i64::try_from(version) else { return Ok(None) };
        let rows = self.engine.read()?.query(sql, params![role, version])?;
        rows.first().map(|row| row.bytes(0).map(<[u8]>::to_vec)).transpose()
    }

    /// What there is for a unit: the newest of each role that is meant for it, and the newest roots, oldest first.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn bundle_news(&self, unit: &str) -> Result<Vec<BundleNews>, Fault> {
        let all = self.bundles()?;
        let news = |seen: &BundleSeen| BundleNews {
            role: seen.role.clone(),
            version: seen.version,
            bytes: seen.size,
            sha256: Bytes32(seen.sha256),
        };
        let mut told: Vec<BundleNews> = all.iter().filter(|seen| seen.role == ROOT).take(ROOTS_TOLD).map(news).collect();
        told.reverse();
        let mut roles: Vec<&str> = Vec::new();
        for seen in all.iter().filter(|seen| seen.role != ROOT && seen.is_for(unit)) {
            if !roles.contains(&seen.role.as_str()) {
                roles.push(&seen.role);
                told.push(news(seen));
            }
        }
        Ok(told)
    }
}

fn seen(row: &Row) -> Result<BundleSeen, Fault> {
    Ok(BundleSeen {
        no: row.count(0)?,
        role: row.text(1)?.to_owned(),
        version: row.count(2)?,
        min_root: row.count(3)?,
        created_s: row.int(4)?,
        stale_s: row.int(5)?,
        units: row.text(6)?.lines().map(str::to_owned).collect(),
        sha256: row.fixed(7)?,
        size: row.count(8)?,
        uploaded_s: row.int(9)?,
        uploaded_by: row.text(10)?.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::on_both;

    fn new(role: &str, version: u64, units: &[&str]) -> NewBundle {
        let bytes = format!("{role} {version} {units:?}").into_bytes();
        let units = units.iter().map(|unit| (*unit).to_owned()).collect();
        NewBundle { role: role.into(), version, min_root: 1, created_s: 5, stale_s: 9, units, bytes }
    }

    #[test]
    fn every_version_is_kept_as_it_came() {
        on_both(|store| {
            let first = store.keep_bundle(&new("prices", 7, &["0142", "0143"]), "anna", 10).expect("kept");
            store.keep_bundle(&new("prices", 8, &[]), "anna", 11).expect("kept");
            assert_eq!(store.bundles().expect("read").iter().map(|seen| seen.version).collect::<Vec<_>>(), [8, 7]);
            assert_eq!(store.bundles().expect("read").last(), Some(&first));
            assert_eq!(store.bundle("prices", 7).expect("read").as_deref(), Some(&new("prices", 7, &["0142", "0143"]).bytes[..]));
            assert_eq!(store.bundle("prices", 9).expect("read"), None);
            assert_eq!(store.bundle("prices", u64::MAX).expect("read"), None);
            assert_eq!(store.newest_bundle("staff").expect("read"), None);
        });
    }

    #[test]
    fn a_unit_hears_of_what_is_meant_for_it_and_of_roots_one_after_the_other() {
        on_both(|store| {
            for bundle in
                [new("root", 1, &[]), new("prices", 7, &[]), new("prices", 8, &["0143"]), new("root", 2, &[]), new("staff", 3, &[])]
            {
                store.keep_bundle(&bundle, "anna", 10).expect("kept");
            }
            let told = |unit: &str| -> Vec<(String, u64)> {
                store.bundle_news(unit).expect("read").into_iter().map(|news| (news.role, news.version)).collect()
            };
            let role = |role: &str, version| (role.to_owned(), version);
            assert_eq!(told("0142"), [role("root", 1), role("root", 2), role("staff", 3), role("prices", 7)]);
            assert_eq!(told("0143"), [role("root", 1), role("root", 2), role("staff", 3), role("prices", 8)]);
        });
    }

    #[test]
    fn whoever_uploads_is_noted() {
        on_both(|store| {
            store.keep_bundle(&new("prices", 7, &[]), "anna", 10).expect("kept");
            let notes = store.notes(i64::MAX, 10).expect("read");
            assert!(
                notes
                    .iter()
                    .any(|noted| noted.note.who == "anna" && noted.note.action == "bundle-upload" && noted.note.subject == "prices 7")
            );
        });
    }

    #[test]
    fn no_table_has_room_for_a_key_that_signs() {
        let tables = crate::store::TABLES.iter().copied().flatten().copied().collect::<String>().to_lowercase();
        assert!(tables.contains("bundles"), "the tables were read");
        for word in ["seed", "secret_key", "private", "signing"] {
            assert!(!tables.contains(word), "a table speaks of {word}");
        }
    }
}
