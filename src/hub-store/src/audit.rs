//! Who did what: rows that are only ever added, each bound to the one before by its hash.

use sha2::{Digest as _, Sha256};

use crate::{
    Fault, HubStore,
    engine::{Row, Tx},
    params,
};

pub(crate) const SCHEMA: &[&str] = &[
    "CREATE TABLE IF NOT EXISTS audit (seq BIGINT PRIMARY KEY, at BIGINT NOT NULL, who TEXT NOT NULL, action TEXT NOT NULL,
        subject TEXT NOT NULL, detail TEXT NOT NULL, hash {BLOB} NOT NULL)",
    "CREATE TABLE IF NOT EXISTS audit_head (one BIGINT PRIMARY KEY, seq BIGINT NOT NULL, hash {BLOB} NOT NULL)",
];

/// The longest text of a note, in characters; what is longer is cut.
const TEXT_CHARS_MAX: usize = 500;

/// Something that somebody did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Who: an account's login, or `console`.
    pub who: String,
    /// What: `sign-in`, `confirm`, `revoke` …
    pub action: String,
    /// To whom or what: a unit, a log, an account.
    pub subject: String,
    /// Whatever else is worth knowing: a reason, an address.
    pub detail: String,
}

/// A note at its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Noted {
    /// From 1, without gaps.
    pub seq: i64,
    /// When, seconds since 1970.
    pub at: i64,
    /// The note.
    pub note: Note,
    /// SHA-256 over the hash before and this row.
    pub hash: [u8; 32],
}

impl Note {
    /// A note.
    #[must_use]
    pub fn new(who: &str, action: &str, subject: &str, detail: &str) -> Self {
        let cut = |text: &str| text.chars().take(TEXT_CHARS_MAX).collect();
        Self { who: cut(who), action: cut(action), subject: cut(subject), detail: cut(detail) }
    }
}

/// Adds a note inside a transaction, so that the deed and the note about it are durable together.
pub(crate) fn note(tx: &mut dyn Tx, note: &Note, now_s: i64) -> Result<(), Fault> {
    tx.execute("INSERT INTO audit_head (one, seq, hash) VALUES (1, 0, $1) ON CONFLICT (one) DO NOTHING", params![[0_u8; 32]])?;
    let rows = tx.query("SELECT seq, hash FROM audit_head WHERE one = 1 {FOR UPDATE}", &[])?;
    let head = rows.first().ok_or_else(|| Fault::Damaged("the audit log has no head".into()))?;
    let (seq, before) = (head.int(0)? + 1, head.fixed(1)?);
    let hash = hash(before, seq, now_s, note);
    let sql = "INSERT INTO audit (seq, at, who, action, subject, detail, hash) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let (who, action) = (note.who.as_str(), note.action.as_str());
    tx.execute(sql, params![seq, now_s, who, action, note.subject.as_str(), note.detail.as_str(), hash])?;
    tx.execute("UPDATE audit_head SET seq = $1, hash = $2 WHERE one = 1", params![seq, hash])?;
    Ok(())
}

impl HubStore {
    /// Adds a note about something that happened elsewhere.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn add_note(&self, about: &Note, now_s: i64) -> Result<(), Fault> {
        let mut tx = self.engine.write()?;
        note(&mut *tx, about, now_s)?;
        tx.commit()
    }

    /// Notes before `before`, the newest first.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn notes(&self, before: i64, limit: u32) -> Result<Vec<Noted>, Fault> {
        let sql = "SELECT seq, at, who, action, subject, detail, hash FROM audit WHERE seq < $1 ORDER BY seq DESC LIMIT $2";
        self.engine.read()?.query(sql, params![before, limit])?.iter().map(noted).collect()
    }

    /// Notes about one subject, the oldest first.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn notes_about(&self, subject: &str) -> Result<Vec<Noted>, Fault> {
        let sql = "SELECT seq, at, who, action, subject, detail, hash FROM audit WHERE subject = $1 ORDER BY seq";
        self.engine.read()?.query(sql, params![subject])?.iter().map(noted).collect()
    }

    /// Follows the chain from its beginning. Answers the place of the first note that is not what was written, or is missing.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn audit_broken_at(&self) -> Result<Option<i64>, Fault> {
        let mut tx = self.engine.read()?;
        let (mut before, mut next) = ([0; 32], 1);
        loop {
            let sql = "SELECT seq, at, who, action, subject, detail, hash FROM audit WHERE seq >= $1 ORDER BY seq LIMIT 1000";
            let rows = tx.query(sql, params![next])?;
            if rows.is_empty() {
                break;
            }
            for row in &rows {
                let noted = noted(row)?;
                if noted.seq != next || noted.hash != hash(before, noted.seq, noted.at, &noted.note) {
                    return Ok(Some(next));
                }
                (before, next) = (noted.hash, next + 1);
            }
        }
        let head = tx.query("SELECT seq, hash FROM audit_head WHERE one = 1", &[])?;
        let end = head.first().map_or(Ok((0, [0; 32])), |row| Ok::<_, Fault>((row.int(0)?, row.fixed(1)?)))?;
        Ok((end != (next - 1, before)).then_some(next))
    }
}

fn noted(row: &Row) -> Result<Noted, Fault> {
    let text = |column| row.text(column).map(str::to_owned);
    let note = Note { who: text(2)?, action: text(3)?, subject: text(4)?, detail: text(5)? };
    Ok(Noted { seq: row.int(0)?, at: row.int(1)?, note, hash: row.fixed(6)? })
}

/// Every text with its length before it, so that no two notes have the same bytes.
fn hash(before: [u8; 32], seq: i64, at: i64, note: &Note) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(b"trolley-audit-1");
    hash.update(before);
    hash.update(seq.to_be_bytes());
    hash.update(at.to_be_bytes());
    for text in [&note.who, &note.action, &note.subject, &note.detail] {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text);
    }
    hash.finalize().into()
}
